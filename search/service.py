"""The search flow: a question and a reader in, hits with reasons and facets out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ontology import terms
from ontology.concepts import Concepts
from ontology.lookup import Lookup
from ontology.units import Units
from records.errors import LimitError
from records.record import Quantity
from records.rights import Audiences
from search.index import IndexHit, Match, TextIndex
from search.quantity_text import condition_texts, spread_text, value_text
from search.query import ConceptPart, Part, QuantityPart, Query, SourcePart, TextPart
from search.understand import concept_part, merged, understand

MAX_LIMIT = 100
"""Most hits on one page."""
MAX_OFFSET = 10_000
"""Deepest position that can be asked for."""
MAX_PARTS = 32
"""Most parts of one question."""
MAX_CONDITIONS = 6
"""Most conditions told in the sentence of one reason."""
MAX_SUGGESTIONS = 20
"""Most concepts suggested at once."""

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


_BOOKKEEPING = (
    terms.QUANTITY,
    terms.PROPERTY,
    terms.CONVENTIONAL_PROPERTY,
    terms.MEASURED_PROPERTY,
    terms.NOMINAL_PROPERTY,
    terms.NUMERICAL_DATA,
    terms.REAL_DATA,
)
_FORMALITIES = tuple(f"https://schema.org/{name}" for name in ("CreativeWork", "Organization", "Person", "PropertyValue"))


def bookkeeping(concepts: Concepts) -> frozenset[str]:
    """Concepts that say how something is described, not what it is: left out of the facet ``concept``.

    Kinds of quantity are among them (nearly every cell has a mass): ask for those with a number.
    """
    return frozenset(_FORMALITIES).union(*(concepts.narrower(iri) for iri in _BOOKKEEPING))


@dataclass(frozen=True, slots=True)
class SearchServices:
    """What the search flow uses; `app.bootstrap` makes it."""

    index: TextIndex
    lookup: Lookup
    concepts: Concepts
    units: Units


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record was found, for one part of the question.

    Args:
        part: Position of the part in the query.
        text: One sentence for people, e.g. ``RatedCapacity 280 Ah > 100 Ah (line 32)``.
        kind: ``concept``, ``quantity``, ``source`` or ``text``.
        label: Label of the concept or of the kind of quantity; the source; the word as it stands there.
        iri: IRI of the concept or of the kind of quantity; ``""`` for the others.
        path: Labels of the properties from the record's root to the place.
        value: The number as written, for quantities.
        unit: Its unit.
        spread: The range that the document gives, e.g. ``2.4 to 2.6 Ah``.
        conditions: Under what the quantity holds, e.g. ``25 °C``, ``C/3``.
        context: The words around a word.
        source_file: Path of the document within its source.
        pointer: JSON Pointer into the document.
        line: Line in the document, from 1; 0 when there is no place.
    """

    part: int
    text: str
    kind: str
    label: str
    iri: str = ""
    path: tuple[str, ...] = ()
    value: float | None = None
    unit: str = ""
    context: str = ""
    source_file: str = ""
    pointer: str = ""
    line: int = 0
    spread: str = ""
    conditions: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """What is known of the reason; empty fields are left out, part, text and kind never."""
        fields: dict[str, Json] = {
            "label": self.label,
            "iri": self.iri,
            "path": list(self.path),
            "value": self.value,
            "unit": self.unit,
            "spread": self.spread,
            "conditions": list(self.conditions),
            "context": self.context,
            "source_file": self.source_file,
            "pointer": self.pointer,
            "line": self.line,
        }
        told: dict[str, Json] = {
            name: value for name, value in fields.items() if value not in ("", [], None) and (value or name == "value")
        }
        return {"part": self.part, "text": self.text, "kind": self.kind, **told}


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found, and why."""

    record: str
    iri: str
    title: str
    source: str
    source_file: str
    score: float
    reasons: tuple[Reason, ...]

    def to_json(self) -> Json:
        """The hit with its reasons."""
        return {
            "record": self.record,
            "iri": self.iri,
            "title": self.title,
            "source": self.source,
            "source_file": self.source_file,
            "score": self.score,
            "reasons": [reason.to_json() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Facet:
    """How many hits one value of a facet has: ``value`` is a concept's IRI or a source's name, ``label`` is for people."""

    value: str
    label: str
    count: int

    def to_json(self) -> Json:
        """Value, label and count."""
        return {"value": self.value, "label": self.label, "count": self.count}


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of an answer.

    Args:
        query: The question as understood.
        total: How many records match.
        hits: The asked slice of them, best first.
        facets: ``concept`` and ``source``: exact counts over all that match.
        relaxed: Positions of the text parts that need not match, because no record has all these words.
        offset: Position of the first hit.
        limit: Most hits on the page.
    """

    query: Query
    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[Facet, ...]]
    relaxed: tuple[int, ...]
    offset: int
    limit: int

    def to_json(self) -> dict[str, Json]:
        """``{total, offset, limit, query: {text, parts}, hits, facets}``."""
        parts: list[Json] = [part_to_json(part, relaxed=position in self.relaxed) for position, part in enumerate(self.query.parts)]
        return {
            "total": self.total,
            "offset": self.offset,
            "limit": self.limit,
            "query": {"text": self.query.text, "parts": parts},
            "hits": [hit.to_json() for hit in self.hits],
            "facets": {name: [facet.to_json() for facet in facets] for name, facets in self.facets.items()},
        }


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A concept to search for, and how many records such a search finds for this reader."""

    iri: str
    label: str
    matched: str
    count: int

    def to_json(self) -> Json:
        """IRI, label, the label that matched, count."""
        return {"iri": self.iri, "label": self.label, "matched": self.matched, "count": self.count}


def search(
    services: SearchServices,
    question: str | Query,
    audiences: Audiences,
    *,
    concepts: Sequence[str] = (),
    sources: Sequence[str] = (),
    without: Sequence[int] = (),
    offset: int = 0,
    limit: int = 10,
) -> Answer:
    """Answer a question within the rights of its reader.

    Args:
        services: Index and ontologies.
        question: Free words, or a query that was understood before.
        audiences: What the reader holds.
        concepts: IRIs of concepts that must be used as well (clicks on the facet ``concept``).
        sources: Names of sources the record must come from as well.
        without: Positions of parts of the question to leave out.
        offset: How many hits to skip, up to `MAX_OFFSET`.
        limit: Most hits to give, up to `MAX_LIMIT`.

    Raises:
        LimitError: Offset, limit or number of parts is out of bounds.
        StoreError: The index cannot be read.
    """
    _check("limit", limit, MAX_LIMIT)
    _check("offset", offset, MAX_OFFSET)
    query = narrowed(services, question, concepts=concepts, sources=sources, without=without)
    _check("number of parts of the question", len(query.parts), MAX_PARTS)
    page = services.index.search(query, audiences, offset=offset, limit=limit)
    hits = tuple(_hit(services, query, hit) for hit in page.hits)
    labels = {"concept": services.concepts.label}
    facets = {
        name: tuple(Facet(one.value, labels.get(name, str)(one.value), one.count) for one in counts)
        for name, counts in page.facets.items()
    }
    return Answer(query, page.total, hits, facets, page.relaxed, offset, limit)


def narrowed(
    services: SearchServices,
    question: str | Query,
    *,
    concepts: Sequence[str] = (),
    sources: Sequence[str] = (),
    without: Sequence[int] = (),
) -> Query:
    """The question as understood, with what was clicked in facets added and the parts at some positions left out; see `search`."""
    query = question if isinstance(question, Query) else _understood(services, question)
    chosen = [concept_part(iri, services.concepts) for iri in concepts]
    return merged(query, [*chosen, *(SourcePart(source, source) for source in sources)], without)


def suggest(services: SearchServices, prefix: str, audiences: Audiences, *, limit: int = 10) -> tuple[Suggestion, ...]:
    """Concepts whose names begin so, those first that find something for this reader.

    Args:
        services: Index and ontologies.
        prefix: What has been typed so far.
        audiences: What the reader holds: only readable records count.
        limit: Most suggestions to give, up to `MAX_SUGGESTIONS`.

    Raises:
        LimitError: The limit is out of bounds.
        StoreError: The index cannot be read.
    """
    _check("limit", limit, MAX_SUGGESTIONS)
    candidates = services.lookup.complete(prefix, limit=4 * limit)
    counts = services.index.count([services.concepts.narrower(candidate.iri) for candidate in candidates], audiences)
    found = [
        Suggestion(candidate.iri, candidate.label, candidate.matched.text, count)
        for candidate, count in zip(candidates, counts, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: one.count == 0)[:limit])


def part_to_json(part: Part, *, relaxed: bool = False) -> Json:
    """A part as readers see it."""
    match part:
        case ConceptPart():
            meant: list[Json] = [{"iri": iri, "label": label} for iri, label in zip(part.concepts, part.labels, strict=True)]
            return {"type": "concept", "text": part.text, "concepts": meant, "words": list(part.words), "score": part.score}
        case QuantityPart():
            return {
                "type": "quantity",
                "text": part.text,
                "kinds": list(part.labels),
                "condition": part.asked,
                "minimum": part.minimum,
                "maximum": part.maximum,
                "unit": part.unit,
                "dimension": part.dimension,
            }
        case SourcePart():
            return {"type": "source", "text": part.text, "source": part.source}
        case TextPart():
            return {"type": "text", "text": part.text, "relaxed": relaxed}


def _check(name: str, value: int, most: int) -> None:
    if not 0 <= value <= most:
        raise LimitError(f"The {name} is {value}.", f"Choose one from 0 to {most}.")


def _understood(services: SearchServices, question: str) -> Query:
    return understand(question, lookup=services.lookup, concepts=services.concepts, units=services.units)


def _hit(services: SearchServices, query: Query, hit: IndexHit) -> Hit:
    reasons = tuple(_reason(services, query.parts[match.part], match, hit) for match in hit.matches)
    return Hit(hit.record, hit.iri, hit.title, hit.source, hit.source_file, hit.score, reasons)


def _reason(services: SearchServices, part: Part, match: Match, hit: IndexHit) -> Reason:
    """Say in one sentence why this part matches."""
    if match.concept is not None and isinstance(part, ConceptPart):
        use = match.concept
        label = services.concepts.label(use.concept)
        path = tuple(services.concepts.label(role) for role in use.role)
        narrower = "" if use.concept in part.concepts else f" (narrower than {part.labels[0]})"
        via = f" via {' / '.join(path)}" if path else ""
        text = f"{label}{narrower}{via}{_line(use.line)}"
        return Reason(match.part, text, "concept", label, use.concept, path, None, "", "", hit.source_file, use.pointer, use.line)
    if match.quantity is not None and isinstance(part, QuantityPart):
        return _quantity_reason(services, part, match.part, match.quantity, hit.source_file)
    if match.word:
        text = (
            f"“{match.word}” in the {match.field}" if match.field == "title" else f"“{match.word}” in the text: … {match.context} …"
        )
        return Reason(match.part, text, "text", match.word, context=match.context)
    return Reason(match.part, f"from {hit.source}", "source", hit.source)


def _quantity_reason(services: SearchServices, part: QuantityPart, position: int, quantity: Quantity, source_file: str) -> Reason:
    kind = _kind(services, part, quantity)
    label = services.concepts.label(kind) if kind else "a number"
    written = services.units.find(quantity.unit, kind or None)
    asked = services.units.find(part.unit) if part.unit else None
    unit = written.name if written is not None and written.dimension != "1" else ""
    shown = value_text(quantity, services.units)
    if asked is not None and written is not None and quantity.base_value is not None and asked.name != written.name:
        shown += f" = {asked.from_base(quantity.base_value):.6g} {asked.name}"
    within = f" within {part.asked}" if "–" in part.asked else f" {part.asked}" if part.asked else ""
    conditions = condition_texts(quantity, services.concepts, services.units)
    under = f", at {', '.join(conditions[:MAX_CONDITIONS])}" if conditions else ""
    return Reason(
        position,
        f"{label} {shown}{within}{under}{_line(quantity.line)}",
        "quantity",
        label,
        kind,
        value=quantity.value,
        unit=unit,
        spread=spread_text(quantity, services.units),
        conditions=conditions,
        source_file=source_file,
        pointer=quantity.pointer,
        line=quantity.line,
    )


def _kind(services: SearchServices, part: QuantityPart, quantity: Quantity) -> str:
    """The class that says most: one that was asked for, else one that has a dimension, else the first."""
    asked = (kind for kind in quantity.kinds if kind in part.kinds)
    measured = (kind for kind in quantity.kinds if services.units.dimension_of_kind(kind) is not None)
    return next(asked, None) or next(measured, None) or next(iter(quantity.kinds), "")


def _line(line: int) -> str:
    return f" (line {line})" if line else ""
