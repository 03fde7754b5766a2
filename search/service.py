"""The search flow: a question and a reader in, hits with reasons, counts and help out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, TypeVar

from ontology.concepts import Concepts
from ontology.lookup import Lookup
from ontology.roles import Roles
from ontology.units import Units
from records.errors import BodyError, LimitError
from records.record import EntityKind
from records.rights import Audiences
from search.answer import Answer, Hit, Reach, Suggestion
from search.counts import facet_values, loosened, reaches, spreads
from search.embeddings import Embedder
from search.expansion import brief, concept_part, expanded
from search.facets import ENTITY_KINDS, facet_part
from search.index import Counts, IndexHit, Named, SearchIndex, Vector
from search.names import fold_name
from search.quantity_text import shown_unit
from search.query import ConceptPart, Expansion, Facet, Order, OrderBy, Part, QuantityPart, Query, TextPart, dated_order, merged
from search.ranges import split_range, with_range
from search.reasons import Teller
from search.understanding.described import Described, is_measured
from search.understanding.understand import understand

MAX_LIMIT: Final = 100
"""Most hits on one page."""
MAX_OFFSET: Final = 10_000
"""Deepest position that can be asked for; deeper pages are reached with `Answer.after`."""
MAX_PARTS: Final = 32
"""Most parts of one question."""
MAX_SUGGESTIONS: Final = 20
"""Most concepts and names suggested at once."""

DATES: Final = {one.value: one for one in (OrderBy.DATE, OrderBy.RELEASED)}
"""What hits can be put in order of beside quantities."""

_SUGGESTED: Final = (EntityKind.MANUFACTURER, EntityKind.MODEL, EntityKind.PERSON, EntityKind.INSTITUTION, EntityKind.INSTRUMENT)

P = TypeVar("P", bound=Part)


@dataclass(frozen=True)
class SearchServices:
    """What the search flow uses; `app.bootstrap` makes it.

    Args:
        index: The search index.
        lookup: Names of concepts.
        concepts: The ontologies.
        units: Units and their conversion.
        embedder: The model whose vectors the index holds; ``None`` when there is none.
    """

    index: SearchIndex
    lookup: Lookup
    concepts: Concepts
    units: Units
    embedder: Embedder | None = None

    @cached_property
    def roles(self) -> Roles:
        """As what things stand in other things."""
        return Roles(self.concepts)

    @cached_property
    def meanings(self) -> Described | None:
        """Finds what questions describe; ``None`` without a model that it was measured with."""
        return Described(self.embedder) if self.embedder is not None and is_measured(self.embedder) else None

    @cached_property
    def teller(self) -> Teller:
        """Tells reasons in the words of the ontologies."""
        return Teller(self.concepts, self.units)


@dataclass(frozen=True, slots=True)
class Edits:
    """What a reader changed of a question as it was understood; positions are those of its parts.

    Args:
        chosen: Clicks on facets: each adds a part.
        without: Parts to leave out.
        reach: Another reach for concepts.
        senses: Another sense for ambiguous words: its IRI.
        ranges: Other bounds for numbers (`search.ranges`).
        turned: Parts that must not match instead of must, or the other way round.
        sort: What to put hits in order of, the IRI of a kind of quantity or a key of `DATES`; greatest first with ``-`` before it.
    """

    chosen: tuple[tuple[Facet, str], ...] = ()
    without: tuple[int, ...] = ()
    reach: Mapping[int, Expansion] = field(default_factory=dict)
    senses: Mapping[int, str] = field(default_factory=dict)
    ranges: Mapping[int, str] = field(default_factory=dict)
    turned: tuple[int, ...] = ()
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be told beside the hits.

    Args:
        facets: What to count the hits by.
        spreads: Whether histograms of the asked quantities are made.
        reaches: Whether the steps of the reach of every concept are counted.
        score_parts: Whether the parts of the scores are told.
        expanded: Whether the JSON of the query names all that its concepts reach, also where that follows from the concepts.
    """

    facets: Collection[Facet] = tuple(Facet)
    spreads: bool = True
    reaches: bool = False
    score_parts: bool = False
    expanded: bool = False


HITS_ONLY: Final = Wish(facets=(), spreads=False)
"""For callers who want nothing beside the hits."""


@dataclass(frozen=True)
class Readable:
    """What one reader may know of the records: names and counts of no other record get into a query."""

    index: SearchIndex
    audiences: Audiences

    def named(self, names: Collection[str]) -> Sequence[Named]:
        """Which of these folded names readable records have, as what."""
        return self.index.named(names, self.audiences)

    def names(self, kind: EntityKind) -> Sequence[Named]:
        """The names of this kind that readable records have, most records first."""
        return self.index.names(kind, self.audiences)

    def count(self, queries: Sequence[Query]) -> Sequence[int]:
        """How many readable records match each query."""
        return self._counter(queries)

    @cached_property
    def _counter(self) -> Counts:
        return self.index.counter(self.audiences)


def search(
    services: SearchServices,
    question: str | Query,
    audiences: Audiences,
    *,
    edits: Edits = Edits(),
    wish: Wish = Wish(),
    offset: int = 0,
    limit: int = 10,
    after: str = "",
) -> Answer:
    """Answer a question within the rights of its reader.

    Args:
        services: Index, ontologies and model.
        question: Free words, or a query that was understood (and perhaps edited) before.
        audiences: What the reader holds.
        edits: What the reader changed of the question.
        wish: What shall be told beside the hits.
        offset: How many hits to skip, up to `MAX_OFFSET`.
        limit: Most hits to give, up to `MAX_LIMIT`.
        after: `Answer.after` of the page before, of the same question and edits.

    Raises:
        BodyError: An edit does not fit the question.
        LimitError: Offset, limit or number of parts is out of bounds.
        CursorExpiredError: The state that ``after`` belongs to is no longer kept.
        StoreError: The index cannot be read.
    """
    _check("limit", limit, MAX_LIMIT)
    _check("offset", offset, MAX_OFFSET)
    asked = question if isinstance(question, Query) else understood(services, question, audiences)
    query = edited(services, asked, audiences, edits)
    vector = embedded(services, query)
    page = services.index.search(query, audiences, vector=vector, facets=wish.facets, offset=offset, limit=limit, after=after)
    return Answer(
        query=query,
        told=query if wish.expanded else brief(query, services.concepts, services.roles),
        total=page.total,
        hits=tuple(_hit(services, query, hit) for hit in page.hits),
        facets=facet_values(page, services.concepts, services.units),
        relaxed=page.relaxed,
        offset=offset,
        limit=limit,
        after=page.after,
        model=services.embedder.name if vector is not None and services.embedder is not None else "",
        spreads=spreads(services.index, query, audiences, services.units) if wish.spreads else (),
        reaches=_reaches(services, asked, edits, page.relaxed, audiences) if wish.reaches else (),
        loosened=loosened(services.index, query, audiences, services.units) if page.total == 0 else (),
        has_score_parts=wish.score_parts,
        note=_note(asked),
    )


def _note(asked: Query) -> str:
    """A question without a part finds every record: whoever asked for something must know that it was not looked for."""
    is_blank = not asked.text.strip() or asked.parts or asked.order is not None
    return "" if is_blank else f"“{asked.text.strip()}” says nothing that can be looked for, so it leaves out no record."


def understood(services: SearchServices, question: str, audiences: Audiences, *, every_word: bool = False) -> Query:
    """The question as parts; names and counts are those of records that these audiences may read.

    With *every_word* words of general English stay parts, and no description is read as a name, for who must not pass over any.
    """
    return understand(
        question,
        lookup=services.lookup,
        concepts=services.concepts,
        units=services.units,
        known=Readable(services.index, audiences),
        meanings=None if every_word else services.meanings,
        every_word=every_word,
    )


def edited(services: SearchServices, question: str | Query, audiences: Audiences, edits: Edits) -> Query:
    """The question as understood, and then as its reader changed it.

    Raises:
        BodyError: An edit does not fit the question.
        LimitError: It has more than `MAX_PARTS` parts.
    """
    query = question if isinstance(question, Query) else understood(services, question, audiences)
    parts = list(query.parts)
    for position, iri in edits.senses.items():
        parts[position] = _in_sense(_kind_at("sense", parts, position, ConceptPart, "concept"), iri, services.concepts)
    for position, reach in edits.reach.items():
        parts[position] = expanded(_kind_at("expand", parts, position, ConceptPart, "concept"), reach, services.concepts)
    for position, bounds in edits.ranges.items():
        number = _kind_at("range", parts, position, QuantityPart, "number")
        with _told_of("range"):
            parts[position] = with_range(number, bounds, services.units)
    for position in edits.turned:
        turned = _part_at("negate", parts, position)
        parts[position] = replace(turned, negated=not turned.negated)
    for position in edits.without:
        _part_at("without", parts, position)
    added = chosen_parts(services, edits.chosen, audiences)
    query = merged(query.with_parts(parts), added, edits.without)
    _check("number of parts of the question", len(query.parts), MAX_PARTS)
    return replace(query, order=_order(services, edits.sort)) if edits.sort else query


def chosen_parts(services: SearchServices, chosen: Sequence[tuple[Facet, str]], audiences: Audiences) -> list[Part]:
    """The parts that these clicks on facets add, one for each; names as most readable records write them.

    Raises:
        BodyError: A facet has no such value, or what follows a kind of quantity is no range.
    """
    folded = {fold_name(value) for facet, value in chosen if facet in ENTITY_KINDS}
    named = services.index.named(folded, audiences) if folded else ()
    labels = {(one.kind, one.name): one.label for one in named}
    parts = []
    for facet, value in chosen:
        label = labels.get((ENTITY_KINDS[facet], fold_name(value)), "") if facet in ENTITY_KINDS else ""
        counted, bounds = split_range(value) if facet is Facet.QUANTITY else (value, "")
        with _told_of(facet.value):
            part = facet_part(facet, counted, services.concepts, label=label)
            parts.append(with_range(part, bounds, services.units) if bounds and isinstance(part, QuantityPart) else part)
    return parts


def embedded(services: SearchServices, query: Query) -> Vector | None:
    """The embedding of the question, where words are left that were not understood.

    ``None`` without a model, and where the index has vectors of another one, which this one's cannot be compared with. Where it has
    none yet, the answer is as if it had some: nobody shall see from it that a record came.
    """
    has_words = any(isinstance(part, TextPart) and not part.negated for part in query.parts)
    if services.embedder is None or not has_words or services.index.model not in ("", services.embedder.name):
        return None
    return services.embedder.embed([query.text])[0]


def suggest(services: SearchServices, prefix: str, audiences: Audiences, *, limit: int = 10) -> tuple[Suggestion, ...]:
    """Concepts and names that begin so, those first that find something for this reader.

    Args:
        services: Index and ontologies.
        prefix: What has been typed so far.
        audiences: What the reader holds: only names of readable records are suggested, and only readable records count.
        limit: Most suggestions to give, up to `MAX_SUGGESTIONS`.

    Raises:
        LimitError: The limit is out of bounds.
        StoreError: The index cannot be read.
    """
    _check("limit", limit, MAX_SUGGESTIONS)
    candidates = services.lookup.complete(prefix, limit=4 * limit)
    counts = services.index.concept_counts(audiences)
    concepts = [Suggestion(one.iri, one.label, one.matched.text, counts.get(one.iri, 0)) for one in candidates]
    found, empty = [one for one in concepts if one.count], [one for one in concepts if not one.count]
    names = _suggested_names(services, prefix, audiences)
    shared = max(limit // 2, limit - len(found)) if names else 0  # names never crowd out all concepts, nor concepts all names
    return tuple([*found[: limit - min(shared, len(names))], *names[:shared], *empty][:limit])


def _suggested_names(services: SearchServices, prefix: str, audiences: Audiences) -> list[Suggestion]:
    """Names of which a word begins so; those that begin with it first, then by records."""
    begun = fold_name(prefix)
    if not begun:
        return []
    found = [
        one
        for kind in _SUGGESTED
        for one in services.index.names(kind, audiences)
        if one.name.startswith(begun) or f" {begun}" in one.name
    ]
    found.sort(key=lambda one: (not one.name.startswith(begun), -one.count, one.name, one.kind))
    return [Suggestion(one.iri, one.label, one.label, one.count, one.kind.value) for one in found[:MAX_SUGGESTIONS]]


def _check(name: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise LimitError(f"The {name} is {value}.", f"Choose one from 0 to {most}.")


# The question


def _part_at(field: str, parts: Sequence[Part], position: int) -> Part:
    """The part that a parameter of this name speaks of."""
    if not 0 <= position < len(parts):
        what = f"`{field}` speaks of part {position}, and the question has no such part."
        raise BodyError(what, _positions(enumerate(parts)), field=field)
    return parts[position]


def _kind_at(field: str, parts: Sequence[Part], position: int, kind: type[P], name: str) -> P:
    """The part that a parameter speaks of which is about parts of one kind."""
    if 0 <= position < len(parts) and isinstance(part := parts[position], kind):
        return part
    is_there = 0 <= position < len(parts)
    told = (
        f"{position}, “{parts[position].text}”, which is no {name}."
        if is_there
        else f"{position}, and the question has no such part."
    )
    fitting = ((place, one) for place, one in enumerate(parts) if isinstance(one, kind))
    raise BodyError(f"`{field}` speaks of part {told}", _positions(fitting), field=field)


def _positions(fitting: Iterable[tuple[int, Part]]) -> str:
    told = ", ".join(f"{position} “{part.text}”" for position, part in fitting)
    return f"Choose one of: {told}." if told else "The question has none: leave this out, or ask for one."


@contextmanager
def _told_of(field: str) -> Iterator[None]:
    """Faults in this block are those of this parameter."""
    try:
        yield
    except BodyError as error:
        raise BodyError(error.message, error.remedy, field=field) from error


def _in_sense(part: ConceptPart, iri: str, concepts: Concepts) -> ConceptPart:
    """The part with one sense chosen, which goes first among its senses."""
    chosen = [sense for sense in part.senses if sense.iri == iri]
    if not chosen:
        known = ", ".join(sense.label for sense in part.senses) or "one sense only"
        raise BodyError(f"“{part.text}” has no such sense.", f"It has: {known}.", field="sense")
    meant = concept_part(iri, concepts, text=part.text)
    others = [sense for sense in part.senses if sense.iri != iri]
    return replace(part, concepts=meant.concepts, labels=meant.labels, expanded=meant.expanded, words=(), senses=(*chosen, *others))


def _order(services: SearchServices, sort: str) -> Order:
    iri = sort.removeprefix("-")
    if iri in DATES:
        return dated_order(DATES[iri], sort, descending=sort.startswith("-"))
    if ":" not in iri:
        remedy = f"Give a value of the facet quantity, or {' or '.join(DATES)}, with a minus before it or none."
        raise BodyError(f"“{iri}” is no IRI.", remedy, field="sort")
    label = services.concepts.label(iri)
    dimension = services.units.dimension_of_kind(iri) or ""
    unit = shown_unit("", dimension, services.units)
    return Order(
        f"by {label}",
        services.concepts.narrower(iri),
        (label,),
        dimension,
        unit.name if unit is not None else "",
        descending=sort.startswith("-"),
    )


# The answer


def _hit(services: SearchServices, query: Query, hit: IndexHit) -> Hit:
    record = hit.record
    return Hit(
        record.id,
        record.iri,
        record.title,
        record.source,
        record.source_file,
        hit.score,
        services.teller.reasons(query, record),
        hit.parts,
        services.teller.ordered_by(query.order, record) if query.order is not None else None,
    )


def _reaches(
    services: SearchServices, asked: Query, edits: Edits, relaxed: Sequence[int], audiences: Audiences
) -> tuple[Reach, ...]:
    query = edited(services, asked, audiences, edits)
    before = edited(services, asked, audiences, replace(edits, reach={}))
    return reaches(services.index, query, before.parts, relaxed, audiences, services.concepts)
