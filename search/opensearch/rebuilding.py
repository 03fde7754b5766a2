"""A new index beside the one that answers, to take its place at one blow.

The cluster has indices ``NAME-v1``, ``NAME-v2`` and so on; ``NAME`` is an alias of the one that answers. What is built has an alias
of its own until then, through which alone it is written to: who was taken for dead does not write into another's index.

Meanwhile writers go on with the old one. They see in its state that a new one is being built, and note the id of each record that
they write or remove: a document without ``until``, which no question finds. Before the new one takes the place of the old one, and
while nobody else writes, these records are taken over as they are then.

What a killed process leaves is removed by the next one that rebuilds.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from records.errors import StoreBusyError, StoreError
from records.record import Record
from search.bodies import clean
from search.opensearch import beats
from search.opensearch.cluster import WRITE_SECONDS, Json, patiently
from search.opensearch.connection import Connection
from search.opensearch.documents import record_of
from search.opensearch.generations import STATE, State, state_document
from search.opensearch.mapping import document_id, index_body, vector_field
from search.opensearch.query_dsl import any_of, both, live
from search.opensearch.vectors import Vectors

Fresh = Callable[[Iterable[Record], int, str], Iterator[Json]]
"""Actions that write records, from a generation on, with their vectors of a model."""

OF_ANY_STATE: Final = 0
"""``since`` of what was built: a question that began before the change of indices is answered too."""

COPY_SECONDS: Final = 300.0
"""How long to wait for copies on other nodes."""


@dataclass(slots=True)
class NewIndex:
    """An index that is being built; an `search.index.IndexWriter`.

    Args:
        connection: The cluster.
        name: What it is called.
        model: The model of its vectors; ``""`` for none.
        dimension: Numbers in a vector.
        fresh: Makes its documents.
    """

    connection: Connection
    name: str
    model: str
    dimension: int
    fresh: Fresh

    @property
    def alias(self) -> str:
        """Through which it is written to."""
        return f"{self.name}-new"

    def apply(self, records: Sequence[Record], removed: Iterable[str] = ()) -> None:
        """Write these records and remove those ids."""
        latest = {clean(record.id): record for record in records}
        gone = set(map(clean, removed)).difference(latest)
        self.connection.bulk(({"_op_type": "delete", "_id": document_id(each, OF_ANY_STATE)} for each in gone), self.alias)
        self.connection.bulk(self.fresh(latest.values(), OF_ANY_STATE, self.model), self.alias)

    def take_over(self, began: State, now: State, vectors: Vectors) -> None:
        """Bring over what was written to the old index since then; nobody else writes meanwhile."""
        if now.model and not self.model:
            self.model, self.dimension = now.model, now.dimension
            fields = vectors.fields(now.model, now.dimension)
            self.connection.client.indices.put_mapping(index=self.name, body={"properties": fields})
        noted = {"bool": {"filter": [{"range": {"since": {"gt": began.generation}}}], "must_not": [{"exists": {"field": "until"}}]}}
        for hits in self.connection.every(both({"exists": {"field": "id"}}, noted), ["id"]):
            ids = {hit["_source"]["id"] for hit in hits}
            body = {"query": both(*live(now.generation), any_of("id", ids)), "size": len(ids), "_source": ["body"]}
            records = [record_of(hit["_source"]) for hit in self.connection.ask(body)["hits"]["hits"]]
            self.apply(records, ids)
        self.connection.refresh(self.name)
        if self.model:
            self.connection.bulk(self._embedded_meanwhile(vectors), self.alias)

    def _embedded_meanwhile(self, vectors: Vectors) -> Iterator[Json]:
        """Vectors of documents that were written before there were any for them."""
        field = vector_field(self.model)
        without = {"bool": {"filter": [{"exists": {"field": "summary"}}], "must_not": [{"exists": {"field": field}}]}}
        for hits in self.connection.every(without, ["summary"], self.name):
            known = vectors.some(self.model, (hit["_source"]["summary"] for hit in hits))
            for hit in hits:
                if (vector := known.get(hit["_source"]["summary"])) is not None:
                    yield {"_op_type": "update", "_id": hit["_id"], "doc": {field: vector.tolist()}}

    def put_in_place(self, generation: int) -> None:
        """Let it answer from now on, in a new state of this generation; the old one is removed."""
        from opensearchpy.exceptions import OpenSearchException

        client, alias = self.connection.client, self.connection.cluster.name
        state = State(generation, generation, model=self.model, dimension=self.dimension)
        client.index(index=self.alias, id=STATE, body=state_document(state), require_alias=True)
        self.connection.refresh(self.name)
        before = [{"remove_index": {"index": index}} for index in answering(self.connection)]
        own = [{"add": {"index": self.name, "alias": alias}}, {"remove": {"index": self.name, "alias": self.alias}}]
        try:
            client.indices.update_aliases(body={"actions": [*own, *before]}, request_timeout=WRITE_SECONDS)
        except OpenSearchException:
            if self.name not in answering(self.connection):  # else it was done, and the answer was lost
                raise

    def await_copies(self) -> None:
        """Wait until the copies that other nodes are making of it are whole: from then on a node may be lost."""
        end = time.monotonic() + COPY_SECONDS
        while self._is_copied() and time.monotonic() < end:
            time.sleep(0.1)

    def _is_copied(self) -> bool:
        told: Json = patiently(lambda: self.connection.client.indices.recovery(index=self.name, active_only=True))
        return any(index["shards"] for index in told.values())

    def drop(self) -> None:
        """Remove it, unless it answers; what cannot be removed now is removed by the next rebuild."""
        from opensearchpy.exceptions import OpenSearchException

        try:
            if self.name not in answering(self.connection):
                self.connection.client.indices.delete(index=self.name, ignore=[404])
        except (OpenSearchException, StoreError):
            return


def begun(connection: Connection, model: str, dimension: int, fields: Json, fresh: Fresh) -> NewIndex:
    """A new index, empty; what dead processes have left is removed.

    Args:
        connection: The cluster.
        model: The model of its vectors; ``""`` for none.
        dimension: Numbers in a vector.
        fields: The fields of its vectors.
        fresh: Makes its documents.

    Raises:
        StoreBusyError: Another process is building one.
    """
    from opensearchpy.exceptions import RequestError

    known = _indices(connection)
    left = sorted(set(known) - answering(connection))
    if any(_is_alive(connection, index) for index in left):
        raise _busy(connection)
    name = f"{connection.cluster.name}-v{max(known.values(), default=0) + 1}"
    new = NewIndex(connection, name, model, dimension, fresh)
    body = {**index_body(connection.cluster), "aliases": {new.alias: {}}}
    body["mappings"]["properties"] = {**body["mappings"]["properties"], **fields}
    try:
        connection.client.indices.create(index=name, body=body)
    except RequestError as error:
        raise _busy(connection) if error.error == "resource_already_exists_exception" else error from None
    for index in left:
        connection.client.indices.delete(index=index, ignore=[404])
    return new


def answering(connection: Connection) -> set[str]:
    """The index that the alias stands for, if there is one."""
    alias = connection.cluster.name
    told: Json = patiently(lambda: connection.client.indices.get_alias(index=f"{alias}-v*", ignore=[404]))
    return {index for index in _ours(alias, told) if alias in told[index]["aliases"]}


def _indices(connection: Connection) -> dict[str, int]:
    """The indices that are or were to be the one that answers, with their numbers."""
    alias = connection.cluster.name
    told: Json = patiently(lambda: connection.client.indices.get_alias(index=f"{alias}-v*", ignore=[404]))
    return _ours(alias, told)


def _ours(alias: str, indices: Collection[str]) -> dict[str, int]:
    found = {index: re.fullmatch(rf"{re.escape(alias)}-v(\d+)", index) for index in indices}
    return {index: int(number[1]) for index, number in found.items() if number is not None}


def _is_alive(connection: Connection, index: str) -> bool:
    from opensearchpy.exceptions import TransportError

    try:
        return beats.is_alive(connection.client, index)
    except TransportError:  # it is gone, or so damaged that nobody builds it
        return False


def _busy(connection: Connection) -> StoreBusyError:
    return StoreBusyError(
        f"The search index {connection.cluster.place} is being rebuilt by another process.", "Wait for it to end."
    )
