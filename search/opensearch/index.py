"""`search.index.SearchIndex` on an OpenSearch cluster.

The cluster finds, orders and counts; who may read what is part of every question it is asked (`search.opensearch.query_dsl`).
Points of the few hits that are shown are told from their records, by `search.matching` as everywhere.
Nearness of vectors is computed for every record that is left (by the k-NN plugin's exact scoring): a graph of near vectors would
give other answers when records are in it that the reader may not see.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any, Final, TypeVar

from records.record import EntityKind, Record
from records.rights import NOBODY, PUBLIC, Audiences, Rights
from search.bodies import clean
from search.index import Counts, Cut, Histogram, IndexHit, IndexWriter, Named, Page, Vector
from search.matching import score_parts
from search.opensearch.cluster import WRITE_SECONDS, Cluster, Json
from search.opensearch.connection import Connection
from search.opensearch.counting import (
    ENTITY_FACETS,
    Values,
    all_counts,
    among,
    counted,
    facet_aggregations,
    facet_counts,
    facet_values,
    named,
)
from search.opensearch.documents import Documents, record_of
from search.opensearch.generations import Generations, State
from search.opensearch.mapping import vector_field
from search.opensearch.pages import Cursor, cursor_of
from search.opensearch.query_dsl import Asked, Near, Words, both, live, within_bounds
from search.opensearch.values import histogram_of, nearest_of, spread_of
from search.opensearch.vectors import Vectors
from search.opensearch.writing import Writing
from search.query import Facet, QuantityPart, Query, TextPart
from search.ranking import rarity
from search.words import words_of

Element = TypeVar("Element")

WINDOW: Final = 10_000
"""The cluster gives so many hits at once."""
_SHOWN: Final = ["body", "summary", "until", "left_files"]
_REMEMBERED: Final = 256


def _nothing_above(_iri: str) -> Collection[str]:
    return ()


def _title_and_text(record: Record) -> str:
    return f"{record.title}\n{record.text}".strip()


class OpenSearchIndex:
    """`SearchIndex` on a cluster, for use by many threads and processes; one writes at a time.

    What `apply` and `embed` write counts all at once (`search.opensearch.generations`). Nothing is sent before the first use.

    Args:
        cluster: Where it is.
        ancestors: Everything broader than a concept.
        bookkeeping: Concepts left out of the facets ``concept`` and ``role``.
        summary: What is embedded of a record.

    Raises:
        SettingsError: The client is not installed.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        ancestors: Callable[[str], Collection[str]] = _nothing_above,
        bookkeeping: Collection[str] = frozenset(),
        summary: Callable[[Record], str] = _title_and_text,
    ) -> None:
        self._connection = Connection(cluster)
        self._told, self._ask = self._connection.told, self._connection.ask
        self._generations = Generations(self._connection)
        self._vectors = Vectors(self._connection)
        self._documents = Documents(ancestors, bookkeeping, summary)
        self._writing = Writing(self._connection, self._generations, self._vectors, self._documents)
        self._ubiquitous = frozenset(bookkeeping)
        self._remembered: dict[tuple[object, ...], Any] = {}

    # Reading

    @property
    def generation(self) -> str:
        """Name of the newest state."""
        with self._told():
            return str(self._generations.now().generation)

    @property
    def model(self) -> str:
        """Name of the model of the vectors."""
        with self._told():
            return self._generations.now().model

    def search(
        self,
        query: Query,
        audiences: Audiences,
        *,
        vector: Vector | None = None,
        facets: Collection[Facet] = (),
        offset: int = 0,
        limit: int = 10,
        after: str = "",
    ) -> Page:
        """Find records that match every part and no negated one; see `SearchIndex.search`."""
        with self._told():
            state = self._generations.now()
            cursor = cursor_of(after, state)
            generation = state.generation if cursor is None else cursor.generation
            asked = replace(self._asked(query, audiences, state, generation, vector), newest=state.generation)
            words = self._words(asked)
            counting = facet_aggregations(facets, self._ubiquitous, asked.content)
            far = offset + limit > WINDOW
            start = self._skipped(asked, words, cursor, offset) if far else cursor
            skip = 0 if far else offset
            answer = self._ask({**_page(asked, words, start, skip + limit), "aggs": counting, "track_total_hits": True})
            hits = answer["hits"]["hits"][skip:]
            total: int = answer["hits"]["total"]["value"]
            seen = (0 if cursor is None else cursor.seen) + offset + len(hits)
            return Page(
                total=total,
                hits=self._hits(asked, hits, vector, state),
                facets={facet: self._facet(facet, answer, asked, words) for facet in facets},
                relaxed=_relaxed(query) if words is not Words.ALL else (),
                after=str(Cursor(generation, seen, tuple(hits[-1]["sort"]))) if hits and seen < total else "",
                generation=str(generation),
            )

    def get(self, record: str, audiences: Audiences) -> Record | None:
        """The record as these audiences may see it; see `SearchIndex.get`."""
        with self._told():
            found = self._one(record, audiences, self._generations.now())
        return None if found is None else _seen(record_of(found), audiences)

    def count(self, queries: Sequence[Query], audiences: Audiences) -> tuple[int, ...]:
        """How many readable records match each of these queries, nothing relaxed."""
        with self._told():
            generation = self._generations.now().generation
            asked = [Asked(query, audiences, generation).dsl() for query in queries]
            return tuple(chain.from_iterable(self._connection.totals(part) for part in within_bounds(asked)))

    def counter(self, audiences: Audiences) -> Counts:
        """Counts queries for this reader; see `SearchIndex.counter`."""
        return partial(self.count, audiences=audiences)

    def concept_counts(self, audiences: Audiences) -> Mapping[str, int]:
        """How many readable records use each concept or a narrower one."""
        with self._told():
            generation = self._generations.now().generation
            return self._remember(
                ("concepts", generation, audiences),
                lambda: dict(all_counts(Values("concept"), _content_of(audiences, generation), self._ask)),
            )

    def named(self, names: Collection[str], audiences: Audiences) -> tuple[Named, ...]:
        """Which of these folded names readable records have, as what: most records first."""
        wanted = sorted({name for name in names if name and name == " ".join(words_of(name))})  # others are not folded
        if not wanted:
            return ()
        with self._told():
            query = _content_of(audiences, self._generations.now().generation)
            asked = {f"names.{kind}": Values(f"names.{kind}", only=wanted) for kind in EntityKind}
            asked |= {f"told.{kind}": Values(f"told.{kind}", names=wanted) for kind in EntityKind}
            answer = self._ask(_counting(query, asked))
            counts = {name: counted(answer["aggregations"][name], values, query, self._ask) for name, values in asked.items()}
        found = chain.from_iterable(named(kind, counts[f"names.{kind}"], counts[f"told.{kind}"]) for kind in EntityKind)
        return tuple(sorted(found, key=lambda one: (-one.count, one.kind, one.name)))

    def names(self, kind: EntityKind, audiences: Audiences, *, limit: int = 10_000) -> tuple[Named, ...]:
        """The names of this kind that readable records have, most records first."""
        with self._told():
            generation = self._generations.now().generation

            def ask() -> tuple[Named, ...]:
                query = _content_of(audiences, generation)
                counts, spelled = (all_counts(Values(f"{field}.{kind}"), query, self._ask) for field in ("names", "told"))
                return tuple(named(kind, counts, spelled))

            return self._remember(("names", kind, generation, audiences), ask)[:limit]

    def histogram(self, query: Query, quantity: QuantityPart, audiences: Audiences, cut: Cut) -> Histogram | None:
        """How the values of a kind of quantity spread over the hits; see `SearchIndex.histogram`."""
        with self._told():
            found = self._found(query, audiences)
            spread = spread_of(quantity, found, self._ask)
            return None if spread is None else histogram_of(quantity, found, spread, cut, self._ask)

    def nearest_values(self, query: Query, quantity: QuantityPart, audiences: Audiences) -> tuple[float, ...]:
        """Of the records that match, the values nearest below and above the bounds, in the base unit."""
        with self._told():
            return nearest_of(quantity, self._found(query, audiences), self._ask)

    def neighbours(self, vector: Vector, query: Query, audiences: Audiences, *, limit: int = 10) -> tuple[tuple[str, float], ...]:
        """Of the records that match, the ids of those with the nearest vectors, with the cosine: exact, best first."""
        with self._told():
            state = self._generations.now()
            near = _near(state, vector)
            if near is None:
                return ()
            asked = self._asked(query, audiences, state, state.generation, None)
            body = {"query": asked.nearest(self._words(asked), near), "size": min(limit, WINDOW), "_source": ["id"]}
            hits = self._ask({**body, "sort": [{"_score": "desc"}, {"id": "asc"}]})["hits"]["hits"]
        return tuple((hit["_source"]["id"], hit["_score"] - 1) for hit in hits)

    def vector_of(self, record: str, audiences: Audiences) -> Vector | None:
        """The vector of a record whose content these audiences may read."""
        with self._told():
            state = self._generations.now()
            found = self._one(record, audiences, state)
            if found is None or not audiences.intersection(found["read_files"]):
                return None
            return self._vectors.some(state.model, [found["summary"]]).get(found["summary"])

    def unembedded(self, model: str, *, limit: int = 1000) -> Mapping[str, str]:
        """Summaries that have no vector of this model yet, by their hash."""
        with self._told():
            state = self._generations.now()
            missing = {"bool": {"filter": live(state.generation), "must_not": [{"exists": {"field": vector_field(model)}}]}}
            query = missing if model == state.model else both(*live(state.generation))
            found = {
                "query": query,
                "size": min(limit, WINDOW),
                "_source": ["summary", "body"],
                "collapse": {"field": "summary"},
                "sort": [{"summary": "asc"}],
            }
            sources = [hit["_source"] for hit in self._ask(found)["hits"]["hits"]]
        return {source["summary"]: self._documents.summary(record_of(source)) for source in sources}

    def ids(self) -> set[str]:
        """Every record id: for checks and rebuilds by the operator, not for answers."""
        with self._told():
            query = both(*live(self._generations.now().generation))
            return {value for value, _ in all_counts(Values("id"), query, self._ask)}

    # Writing

    def apply(self, records: Sequence[Record], removed: Iterable[str] = ()) -> None:
        """Write these records (replacing older forms) and remove those ids; the next question sees all of it, or nothing.

        Raises:
            StoreBusyError: Another process is writing.
            StoreFullError: The cluster has no space left.
            StoreError: Nothing was changed.
        """
        with self._told():
            self._writing.apply(records, removed)

    def embed(self, model: str, vectors: Mapping[str, Vector]) -> None:
        """Keep vectors of summaries, by their hash.

        Raises:
            StoreError: Nothing was changed; the cluster has no k-NN plugin.
        """
        if vectors:
            with self._told():
                self._writing.embed(model, vectors)

    @contextmanager
    def rebuilding(self) -> Iterator[IndexWriter]:
        """Build the index anew, from nothing, beside the one that answers; see `SearchIndex.rebuilding`."""
        with self._told(), self._writing.rebuilding() as new:
            yield new

    def keep(self) -> None:
        """Merge what many writes left in many small pieces."""
        with self._told():
            name = self._connection.cluster.name
            self._connection.client.indices.forcemerge(index=name, only_expunge_deletes=True, request_timeout=WRITE_SECONDS)

    def close(self) -> None:
        """Let go of the connections."""
        self._connection.client.close()

    # Asking

    def _asked(self, query: Query, audiences: Audiences, state: State, generation: int, vector: Vector | None) -> Asked:
        asked = Asked(query, audiences, generation, near=_near(state, vector))
        return replace(asked, rarities=self._rarities(asked.words, generation)) if asked.words else asked

    def _rarities(self, words: Sequence[TextPart], generation: int) -> Mapping[TextPart, float]:
        """How rare words are among public records."""

        def ask() -> Mapping[TextPart, float]:
            public = Asked(Query("", ()), PUBLIC, generation)
            every = both(*public.readable)
            records, *with_word = self._connection.totals([every, *(both(every, public.word(word)) for word in words)])
            return {word: rarity(number, records) for word, number in zip(words, with_word, strict=True)}

        return self._remember(("rarities", generation, words), ask)

    def _words(self, asked: Asked) -> Words:
        """What can be asked of the words so that something is found."""
        if not asked.words:
            return Words.ALL
        if asked.query.enough:
            return Words.ENOUGH
        has_others = any(not part.negated and not isinstance(part, TextPart) for part in asked.query.parts)
        ways = [Words.ALL, Words.ANY, *([Words.NEAR] if asked.near else []), *([Words.NONE] if has_others else [])]
        return next((words for words in ways if self._finds_any(asked.dsl(words))), Words.ALL)

    def _finds_any(self, query: Json) -> bool:
        answer = self._ask({"query": query, "size": 0, "terminate_after": 1, "track_total_hits": 1})
        return bool(answer["hits"]["total"]["value"])

    def _found(self, query: Query, audiences: Audiences) -> Json:
        """What a question finds of which the content may be read."""
        state = self._generations.now()
        asked = self._asked(query, audiences, state, state.generation, None)
        return among(asked.dsl(self._words(asked)), asked.content)

    def _skipped(self, asked: Asked, words: Words, cursor: Cursor | None, offset: int) -> Cursor | None:
        """Where to go on after more hits than the cluster skips at once."""
        while offset:
            step = min(offset, WINDOW)
            hits = self._ask({**_page(asked, words, cursor, step), "_source": False})["hits"]["hits"]
            if hits:
                cursor = Cursor(asked.generation, 0, tuple(hits[-1]["sort"]))
            offset = offset - step if len(hits) == step else 0
        return cursor

    def _hits(self, asked: Asked, hits: Sequence[Json], vector: Vector | None, state: State) -> tuple[IndexHit, ...]:
        sources = [hit["_source"] for hit in hits]
        is_near = vector is not None and asked.near is not None and bool(asked.words)
        known = self._vectors.some(state.model, (source["summary"] for source in sources)) if is_near else {}
        return tuple(self._hit(asked, source, vector, known) for source in sources)

    def _hit(self, asked: Asked, source: Json, vector: Vector | None, known: Mapping[str, Vector]) -> IndexHit:
        record = _seen(record_of(source), asked.audiences)
        if source["until"] <= asked.newest and asked.audiences.isdisjoint(source["left_files"]):
            record = _seen(replace(record, rights=Rights(record.rights.read_metadata, NOBODY)), asked.audiences)
        own = known.get(source["summary"]) if record.rights.read_files else None
        cosine = None if own is None or vector is None else float(own @ vector)
        points = score_parts(asked.query, record, lambda part: asked.rarities[part], cosine)
        parts = {name: round(point, 6) for name, point in points.items()}
        return IndexHit(record, round(sum(parts.values()), 6), parts)

    def _facet(self, facet: Facet, answer: Mapping[str, Any], asked: Asked, words: Words) -> Any:
        query = asked.dsl(words)
        counts = counted(
            answer["aggregations"][str(facet)]["values"],
            facet_values(facet, self._ubiquitous),
            among(query, asked.content),
            self._ask,
        )
        spelled: list[tuple[str, int]] = []
        if facet in ENTITY_FACETS and counts:
            told_of = Values(f"told.{ENTITY_FACETS[facet]}", names=[name for name, _ in counts])
            spelled = all_counts(told_of, among(query, asked.content), self._ask)
        return facet_counts(facet, counts, spelled)

    def _one(self, record: str, audiences: Audiences, state: State) -> Json | None:
        asked = Asked(Query("", ()), audiences, state.generation)
        query = both(*asked.readable, {"term": {"id": clean(record)}})
        hits = self._ask({"query": query, "size": 1, "_source": ["body", "read_files", "summary"]})["hits"]["hits"]
        return hits[0]["_source"] if hits else None

    def _remember(self, key: tuple[object, ...], ask: Callable[[], Element]) -> Element:
        """The answer to a question about one generation, which never changes."""
        known: Element | None = self._remembered.get(key)
        if known is None:
            known = ask()
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = known
        return known


def _page(asked: Asked, words: Words, cursor: Cursor | None, size: int) -> Json:
    after = {} if cursor is None else {"search_after": list(cursor.sort)}
    return {"query": asked.dsl(words), "sort": asked.sort(), "size": size, "_source": _SHOWN, **after}


def _relaxed(query: Query) -> tuple[int, ...]:
    return tuple(n for n, part in enumerate(query.parts) if isinstance(part, TextPart) and not part.negated)


def _near(state: State, vector: Vector | None) -> Near | None:
    """The vector of a question, where the index has vectors to compare it with."""
    return Near(vector_field(state.model), vector) if vector is not None and state.dimension == len(vector) else None


def _content_of(audiences: Audiences, generation: int) -> Json:
    """Everything of which these audiences may read the content."""
    asked = Asked(Query("", ()), audiences, generation)
    return both(*asked.readable, asked.content)


def _counting(query: Json, asked: Mapping[str, Values]) -> Json:
    return {"query": query, "size": 0, "aggs": {name: values.aggregation for name, values in asked.items()}}


def _seen(record: Record, audiences: Audiences) -> Record:
    """A record that these audiences may see, as they may see it."""
    rights = Rights(record.rights.read_metadata & audiences, record.rights.read_files & audiences)
    if rights.read_files:
        return replace(record, rights=rights)
    return Record(
        record.id, record.iri, record.title, record.source, record.source_file, "", rights, communities=record.communities
    )
