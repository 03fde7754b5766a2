"""What a search answers: hits with reasons, counts, spreads of values, and help where nothing was found. Values and their JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from search.bins import Scale
from search.query import Expansion, Query
from search.query_json import Json, query_to_json


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record was found, for one part of the question.

    Args:
        part: Position of the part in the query.
        text: One sentence for people, e.g. ``RatedCapacity 280 Ah > 100 Ah (line 32)``.
        kind: ``concept``, ``quantity``, ``entity``, ``value`` or ``text``.
        label: Label of the concept or of the kind of quantity; the name; the value; the word as it stands there.
        asked: The words of the question that it answers.
        iri: IRI of the concept, of the kind of quantity or of the named thing.
        path: Labels of the properties from the record's root to the place.
        broader: Labels from the concept that was found up to the one that was asked for.
        implied_by: Label of the class whose definition says so, where the document itself does not.
        value: The number as written, for quantities.
        unit: Its unit.
        converted: The number in the unit of the question.
        converted_unit: That unit.
        spread: The range that the document gives, e.g. ``2.4 to 2.6 Ah``.
        conditions: Under what the quantity holds, e.g. ``25 °C``, ``C/3``.
        context: The words around a word.
        spans: Where the word stands in ``context``: start and end.
        source_file: Path of the document within its source.
        pointer: JSON Pointer into the document.
        line: Line in the document, from 1; 0 when there is no place.
    """

    part: int
    text: str
    kind: str
    label: str
    asked: str = ""
    iri: str = ""
    path: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    implied_by: str = ""
    value: float | None = None
    unit: str = ""
    converted: float | None = None
    converted_unit: str = ""
    spread: str = ""
    conditions: tuple[str, ...] = ()
    context: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    source_file: str = ""
    pointer: str = ""
    line: int = 0

    def to_json(self) -> Json:
        """What is known of the reason; empty fields are left out, part, text and kind never."""
        fields: dict[str, Json] = {
            "label": self.label,
            "asked": self.asked,
            "iri": self.iri,
            "path": list(self.path),
            "broader": list(self.broader),
            "implied_by": self.implied_by,
            "value": self.value,
            "unit": self.unit,
            "converted": self.converted,
            "converted_unit": self.converted_unit,
            "spread": self.spread,
            "conditions": list(self.conditions),
            "context": self.context,
            "spans": [list(span) for span in self.spans],
            "source_file": self.source_file,
            "pointer": self.pointer,
            "line": self.line,
        }
        numbers = ("value", "converted")
        told: dict[str, Json] = {
            name: value for name, value in fields.items() if value not in ("", [], None) and (value or name in numbers)
        }
        return {"part": self.part, "text": self.text, "kind": self.kind, **told}


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found, and why.

    Args:
        record: Its id.
        iri: Its persistent address.
        title: Its title.
        source: Name of its source.
        source_file: Path of the document within the source.
        score: Sum of ``score_parts``.
        reasons: One for every part that matches and can be shown.
        score_parts: What each part of the score adds, by name (`search.ranking`).
        ordered_by: The value that decides the place, where hits are sorted by a quantity.
    """

    record: str
    iri: str
    title: str
    source: str
    source_file: str
    score: float
    reasons: tuple[Reason, ...]
    score_parts: Mapping[str, float] = field(default_factory=dict)
    ordered_by: Reason | None = None

    def to_json(self, *, explain: bool = False) -> Json:
        """The hit with its reasons; with *explain* the parts of its score too."""
        told: dict[str, Json] = {
            "record": self.record,
            "iri": self.iri,
            "title": self.title,
            "source": self.source,
            "source_file": self.source_file,
            "score": self.score,
            "reasons": [reason.to_json() for reason in self.reasons],
        }
        if explain:
            told["score_parts"] = dict(self.score_parts)
        if self.ordered_by is not None:
            told["ordered_by"] = self.ordered_by.to_json()
        return told


@dataclass(frozen=True, slots=True)
class FacetValue:
    """How many hits one value of a facet has.

    Args:
        value: What a click adds (`search.facets.facet_part`).
        label: For people.
        count: Hits that have it: exactly as many are found after the click.
        section: Of a concept: under which heading it is shown (`search.facets.SECTIONS`); ``""`` for none.
    """

    value: str
    label: str
    count: int
    section: str = ""

    def to_json(self) -> Json:
        """Value, label and count."""
        told: dict[str, Json] = {"value": self.value, "label": self.label, "count": self.count}
        return {**told, "section": self.section} if self.section else told


@dataclass(frozen=True, slots=True)
class Spread:
    """How the values of a quantity that was asked for spread over what the rest of the question finds.

    Args:
        part: Position of the part in the query.
        label: Label of the kind of quantity.
        unit: The unit of the numbers below.
        edges: Bounds of the bins, one more than ``counts``; a bin has its lower bound, the last one both.
        scale: Whether they follow each other in steps or in ratios.
        counts: Records in each bin.
        records: Records that have such a value at all.
        minimum: Lower bound that was asked for.
        maximum: Upper bound that was asked for.
    """

    part: int
    label: str
    unit: str
    edges: tuple[float, ...]
    scale: Scale
    counts: tuple[int, ...]
    records: int
    minimum: float | None
    maximum: float | None

    def to_json(self) -> Json:
        """All of it."""
        return {
            "part": self.part,
            "label": self.label,
            "unit": self.unit,
            "edges": list(self.edges),
            "scale": self.scale.value,
            "counts": list(self.counts),
            "records": self.records,
            "minimum": self.minimum,
            "maximum": self.maximum,
        }


@dataclass(frozen=True, slots=True)
class Reach:
    """How many records the whole question would find with another reach of one of its concepts."""

    part: int
    expansion: Expansion
    count: int

    def to_json(self) -> Json:
        """Position of the part, step, count."""
        return {"part": self.part, "expansion": self.expansion.value, "count": self.count}


@dataclass(frozen=True, slots=True)
class Loosened:
    """What would be found without one part of a question that finds nothing, or without one condition of a quantity.

    Args:
        part: Position of the part in the query.
        text: Its words, or those of the condition.
        count: Records that match all else.
        nearest: Of these, the values nearest to the bounds that were asked for, e.g. ``95 Ah``.
        conditions: Positions of the conditions that are left out, e.g. of *at 25 °C*; empty for the whole part.
    """

    part: int
    text: str
    count: int
    nearest: tuple[str, ...] = ()
    conditions: tuple[int, ...] = ()

    def to_json(self) -> Json:
        """All of it."""
        told: dict[str, Json] = {"part": self.part, "text": self.text, "count": self.count, "nearest": list(self.nearest)}
        return {**told, "conditions": list(self.conditions)}


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of an answer.

    Args:
        query: The question as understood.
        told: The same as it is told in JSON: without what follows from the rest, unless that was wished.
        total: How many records match.
        hits: The asked slice of them, best first.
        facets: Exact counts over all that match, by `search.query.Facet`.
        relaxed: Positions of the text parts that need not match, because no record has all these words.
        offset: Hits that were left out first.
        limit: Most hits on the page.
        after: Where the next page begins (`search.service.search`); ``""`` after the last hit.
        model: Name of the model whose vectors took part in finding and ordering; ``""`` when none did.
        spreads: One for every quantity that was asked for with a kind.
        reaches: For every concept of the question, the steps of its reach with their counts; only where it was wished.
        loosened: Where nothing was found, what each part takes away.
        has_score_parts: Whether the parts of the scores are told.
        note: What the reader should know of the question; ``""`` when nothing.
    """

    query: Query
    told: Query
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]
    relaxed: tuple[int, ...]
    offset: int
    limit: int
    after: str = ""
    model: str = ""
    spreads: tuple[Spread, ...] = ()
    reaches: tuple[Reach, ...] = ()
    loosened: tuple[Loosened, ...] = ()
    has_score_parts: bool = False
    note: str = ""

    def to_json(self) -> dict[str, Json]:
        """The answer; ``query`` can be sent back as a question (`search.query_json`)."""
        return {
            "total": self.total,
            "offset": self.offset,
            "limit": self.limit,
            "after": self.after,
            "query": query_to_json(self.told),
            "relaxed": list(self.relaxed),
            "note": self.note,
            "model": self.model,
            "hits": [hit.to_json(explain=self.has_score_parts) for hit in self.hits],
            "facets": {name: [value.to_json() for value in values] for name, values in self.facets.items()},
            "histograms": [spread.to_json() for spread in self.spreads],
            "expansions": [reach.to_json() for reach in self.reaches],
            "loosened": [one.to_json() for one in self.loosened],
        }


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A concept or a name to search for, and how many readable records have it.

    Args:
        iri: IRI of the concept or of the named thing; ``""`` when it has none.
        label: For people, and what a search for it is written like.
        matched: The label that begins as was typed.
        count: Readable records that have it, or a narrower concept.
        kind: ``concept``, else what the named thing is to a record: ``manufacturer``, ``model``, ...
    """

    iri: str
    label: str
    matched: str
    count: int
    kind: str = "concept"

    def to_json(self) -> Json:
        """IRI, label, the label that matched, count, kind."""
        return {"iri": self.iri, "label": self.label, "matched": self.matched, "count": self.count, "kind": self.kind}
