"""Writing to the index on a cluster: batches that count at one blow, vectors, and a new index in the place of the old one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from types import MappingProxyType
from typing import Final

from records.errors import StoreBusyError, StoreDamagedError
from records.record import Record
from records.rights import DENIED, Rights
from search.bodies import clean
from search.index import Vector
from search.opensearch import beats
from search.opensearch.cluster import Json
from search.opensearch.connection import Connection
from search.opensearch.documents import Documents, batches, record_of
from search.opensearch.generations import KEPT_STATES, Claim, Generations, State, first_generation
from search.opensearch.mapping import OPEN, document_id, vector_field
from search.opensearch.query_dsl import any_of, both, live
from search.opensearch.rebuilding import NewIndex, begun
from search.opensearch.vectors import Vectors

_BATCH: Final = 500
_FORMS: Final = 10_000
"""Most forms of records that are asked for at once."""


class Writing:
    """The one way to write to an index.

    Args:
        connection: The cluster.
        generations: The states of the index.
        vectors: Its vectors.
        documents: Makes documents of records.
    """

    def __init__(self, connection: Connection, generations: Generations, vectors: Vectors, documents: Documents) -> None:
        self._connection = connection
        self._generations = generations
        self._vectors = vectors
        self._documents = documents

    def apply(self, records: Sequence[Record], removed: Iterable[str]) -> None:
        """Write these records and remove those ids; an index of an older layout is made anew first, from what is kept in it."""
        if self._generations.is_outdated():
            self._renew()
        latest = {clean(record.id): record for record in records}
        rights = dict.fromkeys(map(clean, removed), DENIED) | {each: record.rights for each, record in latest.items()}
        with self._generations.writing() as claim:
            fresh = self.fresh(latest.values(), claim.generation, claim.state.model)
            noted = _noted(rights, claim.generation) if claim.state.building else ()
            self._connection.bulk(chain(self._ended(rights, claim), fresh, noted), self._connection.cluster.name)

    def embed(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors of summaries; where the index has those of another model, it is made anew with these."""
        dimension = len(next(iter(vectors.values())))
        if self._vectors.has_others(model):
            self._renew(model, dimension, vectors)
            return
        with self._generations.writing() as claim:
            self._connection.bulk(self._vectors.kept(model, vectors), self._vectors.index, is_alias=False)
            self._vectors.write_into_documents(model, vectors)
            claim.model = (model, dimension)

    @contextmanager
    def rebuilding(self, model: str = "", dimension: int = 0) -> Iterator[NewIndex]:
        """Build the index anew beside the one that answers; see `SearchIndex.rebuilding`.

        Args:
            model: The model of the vectors; ``""`` for the one of the old index.
            dimension: Numbers in a vector of it.

        Raises:
            StoreBusyError: Another process is rebuilding it.
        """
        before = self._before()
        self._vectors.mend()
        if not model and before is not None:
            model, dimension = before.model, before.dimension
        new = begun(self._connection, model, dimension, self._vectors.fields(model, dimension), self.fresh)
        try:
            with beats.beating(self._connection.client, new.alias, new.name):
                began = None if before is None else self._generations.announce(new.name)
                yield new
                self._connection.refresh(new.name)
                new.await_copies()
                self._finish(new, began)
        except BaseException:
            new.drop()
            self._generations.withdraw(new.name)
            raise

    def _before(self) -> State | None:
        """The state of the index that answers; ``None`` when it cannot be used."""
        from opensearchpy.exceptions import TransportError

        try:
            state = self._generations.read()
            self._connection.ask({"size": 0})
        except StoreDamagedError:
            return None
        except TransportError as error:
            if error.status_code != 503:
                raise
            return None  # a part of it is lost
        return state

    def _finish(self, new: NewIndex, began: State | None) -> None:
        """Put the new index in the place of the old one, with what was written to that meanwhile."""
        if began is None:
            if self._before() is not None:
                message = f"The search index {self._connection.cluster.place} can be used again, and may have been written to."
                raise StoreBusyError(f"{message} Nothing was changed.", "Start again.")
            new.put_in_place(first_generation())
            self._vectors.forget(new.model)
        else:
            with self._generations.claimed() as claim:
                if claim.state.building != new.name:
                    message = f"The search index {self._connection.cluster.place} was rebuilt by another process."
                    raise StoreBusyError(f"{message} Nothing was changed.", "Start again if need be.")
                if claim.state.generation > began.generation:
                    new.take_over(began, claim.state, self._vectors)
                new.put_in_place(claim.generation)
                self._vectors.forget(new.model)

    def _renew(self, model: str = "", dimension: int = 0, vectors: Mapping[str, Vector] = MappingProxyType({})) -> None:
        """Make the index anew from the records it keeps, in this program's layout; with vectors of a model, where one is named."""
        if model:
            self._connection.bulk(self._vectors.kept(model, vectors), self._vectors.index, is_alias=False)
        with self.rebuilding(model, dimension) as new:
            query = both(*live(self._generations.read().generation))
            for hits in self._connection.every(query, ["body"]):
                new.apply([record_of(hit["_source"]) for hit in hits])

    # Documents

    def _ended(self, rights: Mapping[str, Rights], claim: Claim) -> Iterator[Json]:
        """For the older forms of these records: they end with this generation, and nobody reads them who may not read it now."""
        for some in batches(sorted(rights), _FORMS // (KEPT_STATES + 2)):
            query = both(any_of("id", some), {"exists": {"field": "until"}})
            body = {"query": query, "size": _FORMS, "_source": ["id", "until", "left_metadata", "left_files"]}
            for hit in self._connection.ask(body)["hits"]["hits"]:
                form = hit["_source"]
                now = rights[form["id"]]
                if form["until"] == OPEN:
                    left = {"left_metadata": sorted(now.read_metadata), "left_files": sorted(now.read_files)}
                    ended = {"until": claim.generation, **left}
                else:
                    ended = {
                        "left_metadata": sorted(now.read_metadata.intersection(form["left_metadata"])),
                        "left_files": sorted(now.read_files.intersection(form["left_files"])),
                    }
                yield {"_op_type": "update", "_id": hit["_id"], "doc": ended}

    def fresh(self, records: Iterable[Record], since: int, model: str) -> Iterator[Json]:
        """Actions that write these records, from a generation on, with the vectors of their summaries."""
        for some in batches(records, _BATCH):
            documents = [self._documents.document(record, since) for record in some]
            known = self._vectors.some(model, (document["summary"] for document in documents))
            for document in documents:
                vector = known.get(document["summary"])
                numbers = {} if vector is None else {vector_field(model): vector.tolist()}
                yield {"_op_type": "index", "_id": document_id(document["id"], since), "_source": {**document, **numbers}}


def _noted(ids: Iterable[str], generation: int) -> Iterator[Json]:
    """Notes for a process that builds a new index (`search.opensearch.rebuilding`)."""
    for each in ids:
        note = {"id": each, "since": generation}
        yield {"_op_type": "index", "_id": f"written-{document_id(each, generation)}", "_source": note}
