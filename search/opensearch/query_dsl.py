"""From our query to the cluster's query language. Pure; the only place that makes it, of values and never of text put together.

Every clause gives a constant or a number that stands in the document (`search.ranking`); BM25 and its statistics of the corpus are
never asked for. Whatever looks at content is bound to the right to read it, clause by clause: a record whose metadata alone may be
read is found, and left out, by its metadata alone.
See https://docs.opensearch.org/docs/latest/query-dsl/.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from records.record import EntityKind
from records.rights import Audiences
from search.index import Vector
from search.opensearch.cluster import Json
from search.opensearch.documents import WORD_LENGTH
from search.query import (
    ConceptPart,
    EitherPart,
    EntityPart,
    Facet,
    Order,
    OrderBy,
    Part,
    QuantityPart,
    Query,
    TextPart,
    ValuePart,
    YearPart,
)
from search.ranking import (
    EXACT_CONCEPT,
    IMPLIED_CONCEPT,
    MENTIONED,
    NAME,
    NARROWER_CONCEPT,
    NARROWER_QUANTITY,
    NEAR,
    PREFIX,
    QUANTITY,
    RARITY,
    SIMILARITY,
    TEXT_WORD,
    TITLE_WORD,
    WORD,
)
from search.words import prefix_counts, words_of

NOTHING: Final[Json] = {"match_none": {}}
METADATA_FACETS: Final = frozenset({Facet.SOURCE, Facet.COMMUNITY})

_DATES: Final = {OrderBy.DATE: "date", OrderBy.RELEASED: "release_date"}
_MAX_EXPANSIONS: Final = 2**31 - 1
"""A beginning longer than those in the index stands for all words that begin so: with fewer, records would be missed."""
_COSINE: Final = "1.0 + innerProduct(params.vector, doc[params.field])"
_SIMILARITY: Final = "params.weight * Math.max(0, innerProduct(params.vector, doc[params.field]))"


class Words(Enum):
    """What is asked of the words that were not understood."""

    ALL = "all"
    ANY = "any"
    ENOUGH = "enough"  # as many as the query says (`Query.enough`)
    NEAR = "near"  # none of them: a near vector instead
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Near:
    """The vector of a question, and the field of the model's vectors."""

    field: str
    vector: Vector

    def score(self, among: Sequence[Json], script: str, least: float | None = None, **params: float) -> Json:
        """Documents with a vector, with what the script makes of their nearness."""
        arguments = {"field": self.field, "vector": self.vector.tolist(), **params}
        query: Json = {"query": both(*among, {"exists": {"field": self.field}}), "script": {"source": script, "params": arguments}}
        return {"script_score": query if least is None else {**query, "min_score": least}}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a reader about one generation of the index.

    Args:
        query: The question.
        audiences: What the reader holds.
        generation: The state that answers.
        newest: The newest state: what a later one took away is not shown by an older one.
        rarities: `search.ranking.rarity` of the words of the text parts; needed for scores alone.
        near: The vector of the question.
    """

    query: Query
    audiences: Audiences
    generation: int
    newest: int = 0
    rarities: Mapping[TextPart, float] = field(default_factory=dict)
    near: Near | None = None

    @property
    def words(self) -> tuple[TextPart, ...]:
        """The words that were not understood."""
        return self.query.words

    @property
    def readable(self) -> list[Json]:
        """Filters: what counts in this generation and may be read at all."""
        return [*live(self.generation), any_of("read_metadata", self.audiences), *self._left("left_metadata")]

    @property
    def content(self) -> Json:
        """Filter: the content may be read."""
        return both(any_of("read_files", self.audiences), *self._left("left_files"))

    def _left(self, field: str) -> list[Json]:
        if self.newest <= self.generation:
            return []
        unchanged = {"range": {"until": {"gt": self.newest}}}
        return [{"bool": {"should": [unchanged, any_of(field, self.audiences)], "minimum_should_match": 1}}]

    def dsl(self, words: Words = Words.ALL) -> Json:
        """What is found, with its score."""
        words = Words.ENOUGH if self.query.enough else words
        filters, refused, scored = self.readable, [], []
        for part in self.query.parts:
            if part.negated:
                refused.append(self._part(part))
            elif not isinstance(part, TextPart):
                scored.append(self._part(part))
        if self.query.order is not None:
            filters += [self.content, _having_order(self.query.order)]
        asked = [self._part(part) for part in self.words]
        if words is Words.ALL:
            scored += asked
        elif words is Words.ANY and asked:
            scored.append({"bool": {"should": asked, "minimum_should_match": 1}})
        elif words is Words.NEAR:
            filters.append(NOTHING if self.near is None else self.near.score([self.content], _COSINE, math.nextafter(1 + NEAR, 2)))
        elif words is Words.ENOUGH:
            filters.append(self._enough())
        found: Json = {"must": scored, "filter": filters, "must_not": refused}
        wished = [] if self.query.first is None else [self._concept(self.query.first)]
        wished += asked if words is Words.ENOUGH else []
        if self.near is not None and self.words:
            wished.append(self.near.score([self.content], _SIMILARITY, weight=SIMILARITY))
        if wished:
            found |= {"should": wished, "minimum_should_match": 0}
        return {"bool": found}

    def _enough(self) -> Json:
        """What has enough of the words; weights are whole numbers, so that sums are exact."""
        having = (best([self._having(part.text, 1.0, 1.0), *self._forms(part.forms, 1.0, 1.0)]) for part in self.words)
        weighed = [constant(one, part.weight) for one, part in zip(having, self.words, strict=True)]
        counted = {"bool": {"should": weighed or [NOTHING], "minimum_should_match": 1}}
        return {"function_score": {"query": counted, "min_score": self.query.enough}}

    def nearest(self, words: Words, near: Near) -> Json:
        """What is found, by nearness to a vector alone: 1 + cosine."""
        return near.score([self.dsl(words), self.content], _COSINE)

    def sort(self) -> list[Json]:
        """The order of hits."""
        order = self.query.order
        if order is None:
            return [{"_score": "desc"}, {"id": "asc"}]
        direction, mode = ("desc", "max") if order.descending else ("asc", "min")
        if order.by is not OrderBy.QUANTITY:
            return [{_DATES[order.by]: direction}, {"id": "asc"}]
        by_value = {"order": direction, "mode": mode, "nested": {"path": "quantities", "filter": _ordered(order)}}
        return [{"quantities.values": by_value}, {"id": "asc"}]

    def word(self, part: TextPart) -> Json:
        """What has a word."""
        return self._text(part, 1.0, 1.0, 1.0)

    def _part(self, part: Part) -> Json:
        """What has what a part asks for (negated or not)."""
        match part:
            case ConceptPart():
                return self._concept(part)
            case QuantityPart():
                return both(self.content, scored=_quantity(part))
            case EntityPart():
                named = both(self.content, scored=constant(_entity(part), NAME))
                mentioned = [constant(self._worded(word, 1.0, 1.0, 1.0), MENTIONED) for word in part.mentioned]
                return best([named, *mentioned]) if mentioned else named
            case ValuePart():
                return self._value(part)
            case YearPart():
                return both(self.content, scored=constant(_year(part), NAME))
            case TextPart():
                base = WORD + RARITY * self.rarities.get(part, 0.0)
                return self._text(part, base + TITLE_WORD, base + TEXT_WORD, base + PREFIX)
            case EitherPart():
                ways = [self._way(way) for way in part.ways] or [NOTHING]
                return constant({"bool": {"should": ways, "minimum_should_match": 1}}, NAME)

    def _way(self, parts: Sequence[Part]) -> Json:
        """What has all of these parts."""
        asked = [self._part(one) for one in parts if not one.negated]
        return {"bool": {"filter": asked, "must_not": [self._part(one) for one in parts if one.negated]}}

    def _concept(self, part: ConceptPart) -> Json:
        asked, narrower = part.expanded.intersection(part.concepts), part.expanded.difference(part.concepts)

        def used(concepts: Collection[str], *, implied: bool) -> list[Json]:
            within = [any_of("uses.within", part.roles)] if part.roles else []
            return [any_of("uses.concept", concepts), {"term": {"uses.implied": implied}}, *within]

        # A use that was asked for goes before a narrower one even where it stands deeper; that shows among implied ones alone.
        implied_narrower = near_root("uses", used(narrower, implied=True), IMPLIED_CONCEPT)
        implied_asked = nested("uses", *used(asked, implied=True))
        uses = [
            near_root("uses", used(asked, implied=False), EXACT_CONCEPT),
            near_root("uses", used(narrower, implied=False), NARROWER_CONCEPT),
            near_root("uses", used(asked, implied=True), IMPLIED_CONCEPT),
            {"bool": {"must": [implied_narrower], "must_not": [implied_asked]}},
        ]
        words = () if part.roles else part.words
        fields = ("title", "text") if part.reads_text else ("title",)
        worded = [self._worded(word, NARROWER_CONCEPT, NARROWER_CONCEPT, min(PREFIX, NARROWER_CONCEPT), fields) for word in words]
        return best([both(self.content, scored=best(uses)), *worded])

    def _value(self, part: ValuePart) -> Json:
        if not part.value:
            return NOTHING
        has: Json = {"term": {str(part.facet): part.value}}
        scored = constant(has, NAME)
        return scored if part.facet in METADATA_FACETS else both(self.content, scored=scored)

    def _text(self, part: TextPart, title: float, content: float, prefix: float) -> Json:
        return best([self._worded(part.text, title, content, prefix), *self._forms(part.forms, title, content)])

    def _forms(self, forms: Sequence[str], title: float, content: float) -> list[Json]:
        """What has one of these as whole words; single ones together, for a cluster bounds the number of clauses."""
        plain = sorted({form[:WORD_LENGTH] for form in map(_one_word, forms) if form})
        found = [self._having(form, title, content) for form in forms if not _one_word(form)]
        if plain:
            in_text = constant(any_of("text", plain), content)
            found.append(best([constant(any_of("title", plain), title), both(self.content, scored=in_text)]))
        return found

    def _having(self, text: str, title: float, content: float) -> Json:
        """What has this word as a whole word."""
        words = [word[:WORD_LENGTH] for word in words_of(text)]
        if not words:
            return NOTHING
        return best([constant(_whole("title", words), title), both(self.content, scored=constant(_whole("text", words), content))])

    def _worded(self, text: str, title: float, content: float, prefix: float, fields: Sequence[str] = ("title", "text")) -> Json:
        words = [word[:WORD_LENGTH] for word in words_of(text)]
        if not words:
            return NOTHING
        clauses = []
        for field_name, whole in zip(fields, (title, content), strict=False):
            found = [constant(_whole(field_name, words), whole)]
            if prefix_counts(words):
                found.append(constant(_begun(field_name, words), prefix))
            clauses += found if field_name == "title" else [both(self.content, scored=one) for one in found]
        return best(clauses)


_MOST_CLAUSES: Final = 800
"""Clauses of one request; a cluster takes 1 024 unless it is told otherwise, and counts some of ours twice."""
_CONDITIONS: Final = frozenset({"term", "terms", "prefix", "range", "exists", "wildcard", "ids", "match_none", "match_all"})


def live(generation: int) -> list[Json]:
    """Filters: documents that count in this generation."""
    return [{"range": {"since": {"lte": generation}}}, {"range": {"until": {"gt": generation}}}]


def both(*filters: Json, scored: Json | None = None) -> Json:
    """What all of these find, with the score of one of them."""
    return {"bool": {"filter": list(filters), **({} if scored is None else {"must": [scored]})}}


def best(queries: Sequence[Json]) -> Json:
    """What any of these finds, with its best score."""
    return {"dis_max": {"queries": list(queries)}}


def constant(query: Json, points: float) -> Json:
    """What the query finds, for so many points."""
    return {"constant_score": {"filter": query, "boost": points}}


def any_of(name: str, values: Iterable[str]) -> Json:
    """Documents with one of these values."""
    return {"terms": {name: sorted(values)}}


def nested(path: str, *filters: Json) -> Json:
    """Documents of which one node meets all of these."""
    return {"nested": {"path": path, "query": {"bool": {"filter": list(filters)}}}}


def near_root(path: str, filters: Sequence[Json], points: float) -> Json:
    """Documents of which a node meets all of these: points, and what it stands near the root for; the best node counts."""
    added = [{"weight": points}, {"field_value_factor": {"field": f"{path}.near"}}]
    query = {"query": {"bool": {"filter": list(filters)}}, "functions": added, "score_mode": "sum", "boost_mode": "replace"}
    return {"nested": {"path": path, "score_mode": "max", "query": {"function_score": query}}}


def _quantity(part: QuantityPart) -> Json:
    """Documents with such a quantity; one of a kind that the question names goes before one of a narrower kind."""
    asked = amount("quantities", part)
    if not part.named:
        return near_root("quantities", asked, QUANTITY)
    named = near_root("quantities", [*asked, any_of("quantities.kinds", part.named)], QUANTITY)
    return best([named, near_root("quantities", asked, NARROWER_QUANTITY)])


def amount(path: str, part: QuantityPart) -> list[Json]:
    """What one node must meet to be a quantity that was asked for."""
    filters = []
    if part.kinds:
        filters.append(any_of(f"{path}.kinds", part.kinds))
    if part.dimension:
        filters.append({"term": {f"{path}.dimension": part.dimension}})
    if part.minimum is not None or part.maximum is not None:
        low, high = part.bounds
        edges = {"gte": low, "lte": high}
        filters.append({"range": {f"{path}.values": {name: edge for name, edge in edges.items() if math.isfinite(edge)}}})
    if part.roles:
        filters.append(any_of(f"{path}.within", part.roles))
    filters += [nested(f"{path}.conditions", *amount(f"{path}.conditions", condition)) for condition in part.conditions]
    return filters


def _having_order(order: Order) -> Json:
    """What has that by which hits are put in order."""
    return nested("quantities", _ordered(order)) if order.by is OrderBy.QUANTITY else {"exists": {"field": _DATES[order.by]}}


def _ordered(order: Order) -> Json:
    dimension = [{"term": {"quantities.dimension": order.dimension}}] if order.dimension else []
    of_part = [{"exists": {"field": "quantities.within"}}] if order.own else []
    in_role = [any_of("quantities.within", order.roles)] if order.roles else []
    wanted = [any_of("quantities.kinds", order.kinds), *dimension, *in_role, {"exists": {"field": "quantities.values"}}]
    return {"bool": {"filter": wanted, "must_not": of_part}}


def _entity(part: EntityPart) -> Json:
    kinds = list(EntityKind) if part.kind is None else [part.kind]
    ways = [any_of(f"names.{kind}", part.names) for kind in kinds]
    if part.iri:
        ways += [{"term": {f"iris.{kind}": part.iri}} for kind in kinds]
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def _year(part: YearPart) -> Json:
    name = "released" if part.released else "year"
    return {"range": {name: {"gte": part.first or 0, **({"lte": part.last} if part.last else {})}}}


def clauses(query: object) -> int:
    """How many clauses a cluster counts in a query: one for each condition, and for each word of a phrase."""
    if isinstance(query, list):
        return sum(map(clauses, query))
    if not isinstance(query, dict):
        return 0
    return sum(
        len(str(value).split()) if name.startswith("match_phrase") else 1 if name in _CONDITIONS else clauses(value)
        for name, value in query.items()
    )


def within_bounds(queries: Iterable[Json]) -> Iterator[list[Json]]:
    """All of them, as many at once as a cluster takes."""
    some: list[Json] = []
    total = 0
    for query in queries:
        size = clauses(query)
        if some and total + size > _MOST_CLAUSES:
            yield some
            some, total = [], 0
        some.append(query)
        total += size
    if some:
        yield some


def _one_word(form: str) -> str:
    """The form, folded, where it is one word of letters alone; digits may stand within a code."""
    words = words_of(form)
    return words[0] if len(words) == 1 and words[0].isalpha() else ""


def _whole(name: str, words: Sequence[str]) -> Json:
    """The words next to each other in this field; of a number, also within a word."""
    if len(words) > 1:
        return {"match_phrase": {name: " ".join(words)}}
    alone: Json = {"term": {name: words[0]}}
    return _or_code(name, words[0], alone, "term")


def _begun(name: str, words: Sequence[str]) -> Json:
    """The same with more letters or digits at the end of the last word."""
    if len(words) > 1:
        asked = {"query": " ".join(words), "max_expansions": _MAX_EXPANSIONS}
        return {"match_phrase_prefix": {name: asked}}
    return _or_code(name, words[0], {"prefix": {name: words[0]}}, "prefix")


def _or_code(name: str, word: str, query: Json, way: str) -> Json:
    if not word.isdigit():
        return query
    return {"bool": {"should": [query, {way: {f"{name}_codes": word}}], "minimum_should_match": 1}}
