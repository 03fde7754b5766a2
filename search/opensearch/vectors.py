"""Vectors of summaries: kept by the hash of the summary, and written into the documents of the records that have it.

They are compared by the k-NN plugin, which every distribution of OpenSearch brings but the one called ``min``; without it
everything but nearness works. With k-NN 2.19 a shard is lost when its mapping is changed while it has a field of vectors: so
vectors of another model go to a new index, with one such field again.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from records.errors import StoreError
from search.index import Vector
from search.opensearch.cluster import WRITE_SECONDS, Json, make_index
from search.opensearch.connection import Connection
from search.opensearch.documents import batches
from search.opensearch.mapping import OPEN, VECTOR_FIELD, vector_field, vector_id, vectors_body, vectors_index
from search.opensearch.query_dsl import any_of, both

_ASKED: Final = 1_000
_SCRIPT: Final = "ctx._source[params.field] = params.vectors[ctx._source.summary]"


class Vectors:
    """The vectors beside one index; ``index`` is the one that keeps them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._client = connection.client
        self._cluster = connection.cluster
        self.index = vectors_index(connection.cluster.name)

    def some(self, model: str, summaries: Iterable[str]) -> dict[str, Vector]:
        """Those of these summaries that have a vector of this model."""
        wanted = sorted(set(summaries)) if model else []
        found: dict[str, Vector] = {}
        for start in range(0, len(wanted), _ASKED):
            ids = {vector_id(model, summary): summary for summary in wanted[start : start + _ASKED]}
            answer = self._client.mget(index=self.index, body={"ids": list(ids)})
            known = [document for document in answer["docs"] if document.get("found")]
            found |= {ids[one["_id"]]: _from_text(one["_source"]["numbers"]) for one in known}
        return found

    def kept(self, model: str, vectors: Mapping[str, Vector]) -> list[Json]:
        """Actions on `index` that keep these vectors."""
        make_index(self._client, self.index, vectors_body(self._cluster))
        return [
            {"_op_type": "index", "_id": vector_id(model, summary), "_source": {"numbers": _to_text(vector)}}
            for summary, vector in vectors.items()
        ]

    def write_into_documents(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Give every record that has one of these summaries its vector.

        Raises:
            StoreError: The cluster has no k-NN plugin.
        """
        dimension = len(next(iter(vectors.values())))
        self._add_field(model, dimension)
        params = {"field": vector_field(model), "vectors": {summary: vector.tolist() for summary, vector in vectors.items()}}
        body = {
            "query": both(any_of("summary", vectors), {"term": {"until": OPEN}}),
            "script": {"source": _SCRIPT, "params": params},
        }
        self._client.update_by_query(index=self._cluster.name, body=body, request_timeout=WRITE_SECONDS)

    def fields(self, model: str, dimension: int) -> Json:
        """The field of a model's vectors, for the mapping."""
        return {vector_field(model): {"type": "knn_vector", "dimension": dimension}} if model else {}

    def mend(self) -> None:
        """Make the index that keeps them anew where it is gone, or has lost a part."""
        from opensearchpy.exceptions import TransportError

        try:
            self._connection.ask({"size": 0}, self.index)
        except TransportError as error:
            if error.status_code not in (404, 503):
                raise
            self._client.indices.delete(index=self.index, ignore=[404])
            make_index(self._client, self.index, vectors_body(self._cluster))

    def forget(self, model: str) -> None:
        """Forget vectors of other models, and of summaries that no record has; what fails is done another time.

        Nobody else writes meanwhile.
        """
        from opensearchpy.exceptions import OpenSearchException
        from opensearchpy.helpers import scan

        try:
            self._connection.refresh(self.index)
            kept = (hit["_id"] for hit in scan(self._client, index=self.index, size=_ASKED, _source=False))
            for some in batches(kept, _ASKED):
                gone = set(some).difference(self._needed(model, some) if model else ())
                self._connection.bulk(({"_op_type": "delete", "_id": each} for each in gone), self.index, is_alias=False)
        except (OpenSearchException, StoreError):
            return

    def _needed(self, model: str, ids: Iterable[str]) -> set[str]:
        """Those of these vectors that are of this model and of a record."""
        beginning = vector_id(model, "")
        summaries = sorted(each.removeprefix(beginning) for each in ids)
        values = {"terms": {"field": "summary", "include": summaries, "size": _ASKED}}
        answer = self._connection.ask({"size": 0, "aggs": {"needed": values}})
        return {f"{beginning}{bucket['key']}" for bucket in answer["aggregations"]["needed"]["buckets"]}

    def has_others(self, model: str) -> bool:
        """Whether the documents have vectors of another model, and none of this one."""
        fields = self._fields()
        return bool(fields) and vector_field(model) not in fields

    def _fields(self) -> set[str]:
        known = self._client.indices.get_field_mapping(fields=f"{VECTOR_FIELD}*", index=self._cluster.name)
        return {field for index in known.values() for field in index["mappings"]}

    def _add_field(self, model: str, dimension: int) -> None:
        from opensearchpy.exceptions import RequestError

        if self._fields():
            return
        try:
            self._client.indices.put_mapping(index=self._cluster.name, body={"properties": self.fields(model, dimension)})
        except RequestError as error:
            if error.error != "mapper_parsing_exception":
                raise
            message = f"The cluster of {self._cluster.place} cannot compare vectors: it has no k-NN plugin. Nothing was changed."
            raise StoreError(message, "Install opensearch-knn on its nodes, or set embedding_model to none.") from None


def _to_text(vector: Vector) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def _from_text(text: str) -> Vector:
    return np.frombuffer(base64.b64decode(text), "<f4").astype(np.float32)
