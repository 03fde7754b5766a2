"""What is counted beside the hits: facets, spreads of values, reaches of concepts, and what each part takes away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ontology.concepts import Concepts
from ontology.units import Unit, Units
from records.rights import Audiences
from search.answer import FacetValue, Loosened, Reach, Spread
from search.bins import Bins, bins_between, limits
from search.expansion import expanded
from search.facets import facet_label, measured, section_of
from search.index import FACET_SIZE, FacetCount, Page, SearchIndex
from search.query import ConceptPart, Expansion, Facet, Part, QuantityPart, Query, merged
from search.ranges import part_unit


def facet_values(page: Page, concepts: Concepts, units: Units) -> dict[str, tuple[FacetValue, ...]]:
    """The counts of a page with labels for people; kinds of quantity that are measured, not all that stands above them."""
    counted = dict(page.facets)
    if Facet.QUANTITY in counted:
        counted[Facet.QUANTITY] = measured(counted[Facet.QUANTITY], concepts, units)[:FACET_SIZE]

    def shown(facet: Facet, one: FacetCount) -> FacetValue:
        section = section_of(one.value, concepts) if facet is Facet.CONCEPT else ""
        return FacetValue(one.value, one.label or facet_label(facet, one.value, concepts), one.count, section)

    return {facet.value: tuple(shown(facet, one) for one in counts) for facet, counts in counted.items()}


def spreads(index: SearchIndex, query: Query, audiences: Audiences, units: Units) -> tuple[Spread, ...]:
    """For every kind of quantity that was asked for: how its values spread over what the other parts find."""
    found = [
        _spread(index, query, position, part, audiences, part_unit(part, units))
        for position, part in enumerate(query.parts)
        if isinstance(part, QuantityPart) and not part.negated and part.kinds
    ]
    return tuple(spread for spread in found if spread is not None)


def _spread(
    index: SearchIndex, query: Query, position: int, part: QuantityPart, audiences: Audiences, unit: Unit | None
) -> Spread | None:
    """The histogram of one part; its bins have bounds that are easy to read in the unit that is shown."""
    unbounded = replace(part, minimum=None, maximum=None)

    def bins(low: float, high: float) -> Bins:
        return bins_between(_in(unit, low), _in(unit, high))

    def cut(low: float, high: float) -> Sequence[float]:
        return limits(unbounded, [edge if unit is None else unit.to_base(edge) for edge in bins(low, high).edges])

    histogram = index.histogram(_with(query, position, unbounded), unbounded, audiences, cut)
    if histogram is None:
        return None
    shown = bins(histogram.low, histogram.high)
    return Spread(
        part=position,
        label=part.labels[0] if part.labels else part.text,
        unit=unit.name if unit is not None else "",
        edges=shown.edges,
        scale=shown.scale,
        counts=histogram.counts,
        records=histogram.records,
        minimum=None if part.minimum is None else _in(unit, part.minimum),
        maximum=None if part.maximum is None else _in(unit, part.maximum),
    )


def reaches(
    index: SearchIndex,
    query: Query,
    understood: Sequence[Part],
    relaxed: Sequence[int],
    audiences: Audiences,
    concepts: Concepts,
) -> tuple[Reach, ...]:
    """For every step of the reach of every concept: how many records the question would find, relaxed words left aside.

    Args:
        index: The search index.
        query: The question.
        understood: Its parts with the reach that they had when they were understood.
        relaxed: Positions of words that need not match.
        audiences: What the reader holds.
        concepts: The ontologies.
    """
    left_out = () if query.enough else relaxed
    steps = [
        (position, step, _with(query, position, expanded(_before(part, position, understood), step, concepts), left_out))
        for position, part in enumerate(query.parts)
        if isinstance(part, ConceptPart)
        for step in Expansion
    ]
    counts = index.count([narrowed for _, _, narrowed in steps], audiences)
    return tuple(Reach(position, step, count) for (position, step, _), count in zip(steps, counts, strict=True))


def _before(part: ConceptPart, position: int, understood: Sequence[Part]) -> ConceptPart:
    before = understood[position] if position < len(understood) else part
    return before if isinstance(before, ConceptPart) and before.concepts == part.concepts else part


def loosened(index: SearchIndex, query: Query, audiences: Audiences, units: Units) -> tuple[Loosened, ...]:
    """For every part of a question that finds nothing: how many records the others find, and which values are near.

    Of a quantity with conditions first how many have it without each of them: few records say at which temperature.
    """
    ways = [way for position, part in enumerate(query.parts) for way in _less(query, position, part)]
    counts = index.count([without for without, _ in ways], audiences)
    found = []
    for (without, one), count in zip(ways, counts, strict=True):
        part = query.parts[one.part]
        nearest: tuple[str, ...] = ()
        if not one.conditions and isinstance(part, QuantityPart) and not part.negated and count:
            unit = part_unit(part, units)
            values = index.nearest_values(without, part, audiences)
            nearest = tuple(f"{_in(unit, value):.6g} {unit.name if unit is not None else ''}".strip() for value in values)
        found.append(replace(one, count=count, nearest=nearest))
    return tuple(found)


def _less(query: Query, position: int, part: Part) -> Iterator[tuple[Query, Loosened]]:
    """The query without each condition of a part, without all of them, then without the part."""
    if isinstance(part, QuantityPart) and part.conditions and not part.negated:
        texts = tuple(dict.fromkeys(condition.text for condition in part.conditions))  # both ends of a range have one
        for some in dict.fromkeys([*((text,) for text in texts), texts]):
            left_out = tuple(number for number, one in enumerate(part.conditions) if one.text in some)
            kept = replace(part, conditions=tuple(one for one in part.conditions if one.text not in some))
            yield _with(query, position, kept), Loosened(position, " and ".join(some), 0, conditions=left_out)
    yield merged(query, (), (position,)), Loosened(position, part.text, 0)


def _with(query: Query, position: int, part: Part | None, left_out: Sequence[int] = ()) -> Query:
    """The query with another part in this place (or none), and without those at some other positions."""
    parts = [
        part if place == position else kept for place, kept in enumerate(query.parts) if place == position or place not in left_out
    ]
    return replace(query, parts=tuple(kept for kept in parts if kept is not None))


def _in(unit: Unit | None, base_value: float) -> float:
    """The number in this unit, without the noise of conversion."""
    return float(f"{base_value if unit is None else unit.from_base(base_value):.10g}")
