"""What it means that a record matches a part of a query, how well, and why. Pure; every index does the same.

A record is looked at as its reader may see it (`SearchIndex.get`): what is not in it cannot match, count or be told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from records.record import ConceptUse, Condition, Entity, Quantity, Record
from search.names import fold_name
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
    SinglePart,
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
    NEAR_ROOT,
    PREFIX,
    QUANTITY,
    RARITY,
    SIMILARITY,
    TEXT_WORD,
    TITLE_WORD,
    WORD,
)
from search.words import Fit, Place, find_word

CONTEXT = 60
"""Characters shown on either side of a word that was found in the text."""


@dataclass(frozen=True, slots=True)
class Match:
    """One reason why a record was found: which part, by which use, where.

    At most one of ``concept``, ``quantity``, ``entity``, ``value`` and ``word`` is set.

    Args:
        part: Position of the part in the query.
        concept: The best use of a concept that matches.
        quantity: The best quantity that matches.
        entity: The first name that matches.
        value: The year, source, community, country, licence or validation level.
        word: The word that matches, as it stands there.
        field: Where the word stands: ``title`` or ``text``.
        context: Some words around it; of a title all of it.
        spans: Where in ``context`` the word stands: start and end.
        way: Of a part with alternatives, a part of the first one that matches.
    """

    part: int
    concept: ConceptUse | None = None
    quantity: Quantity | None = None
    entity: Entity | None = None
    value: str = ""
    word: str = ""
    field: str = ""
    context: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    way: Part | None = None


def matches(part: Part, record: Record) -> bool:
    """Whether the record matches the part; a negated one, whether it does not have what the part asks for."""
    return (not _explain(0, part, record)) == part.negated


def explain(query: Query, record: Record) -> tuple[Match, ...]:
    """The best match of every part that matches, in the order of the parts; a negated part has none to show.

    Of a part with alternatives there is a match for every part of the first one that fits.
    """
    asked = [(position, part) for position, part in enumerate(query.parts) if not part.negated]
    return tuple(match for position, part in asked for match in _explain(position, part, record))


def score_parts(
    query: Query, record: Record, rarity_of: Callable[[TextPart], float], cosine: float | None = None
) -> Mapping[str, float]:
    """What each part of the score adds, by its name in `search.ranking`; the score is their sum.

    Args:
        query: The question.
        record: One that matches, as the reader may see it.
        rarity_of: The `search.ranking.rarity` of what a text part matches, among public records.
        cosine: Nearness of question and record; ``None`` when one of them has no vector.
    """
    parts: dict[str, float] = {}
    for part in query.parts:
        name, points = _points(part, record, rarity_of)
        if points:
            parts[name] = parts.get(name, 0.0) + points
    first = 0.0 if query.first is None else _concept_points(query.first, record)
    if first:
        parts["concept"] = parts.get("concept", 0.0) + first
    if cosine is not None and cosine > 0 and any(isinstance(part, TextPart) and not part.negated for part in query.parts):
        parts["similarity"] = SIMILARITY * cosine
    return parts


def _points(part: Part, record: Record, rarity_of: Callable[[TextPart], float]) -> tuple[str, float]:
    if part.negated:
        return "", 0.0
    match part:
        case ConceptPart():
            return "concept", _concept_points(part, record)
        case QuantityPart():
            quantity = best_quantity(part, record.quantities)
            return "quantity", 0.0 if quantity is None else _quantity_points(part, quantity)
        case TextPart():
            points = max(_word_points(part.text, record), *(_whole_word_points(form, record) for form in part.forms), 0.0)
            return "word", WORD + points + RARITY * rarity_of(part) if points else 0.0
        case EntityPart():
            own = replace(part, mentioned=())
            return "name", NAME if matches(own, record) else MENTIONED if matches(part, record) else 0.0
        case _:
            return "name", NAME if matches(part, record) else 0.0


def _concept_points(part: ConceptPart, record: Record) -> float:
    use = best_use(part, record.concepts)
    worded = max((_word_points(word, record, in_text=part.reads_text) for word in _words(part)), default=0.0)
    if use is None:
        return min(worded, NARROWER_CONCEPT)
    sure = IMPLIED_CONCEPT if use.implied_by else EXACT_CONCEPT if use.concept in part.concepts else NARROWER_CONCEPT
    return max(sure + NEAR_ROOT / (1 + len(use.role)), min(worded, NARROWER_CONCEPT))


def _quantity_points(part: QuantityPart, quantity: Quantity) -> float:
    return (QUANTITY if _is_named(part, quantity) else NARROWER_QUANTITY) + NEAR_ROOT / (1 + nesting(quantity.pointer))


def _is_named(part: QuantityPart, quantity: Quantity) -> bool:
    """Whether it is of a kind that the question names, not only of a narrower one."""
    return not part.named or not part.named.isdisjoint(quantity.kinds)


def _word_points(asked: str, record: Record, *, in_text: bool = True) -> float:
    """Points for where and how a word occurs; 0 where it does not."""
    found = _find_word(asked, record, in_text=in_text)
    if found is None:
        return 0.0
    field, place = found
    return PREFIX if place.fit is Fit.PREFIX else TITLE_WORD if field == "title" else TEXT_WORD


def _whole_word_points(asked: str, record: Record) -> float:
    points = _word_points(asked, record)
    return points if points > PREFIX else 0.0


def has_word(part: TextPart, record: Record) -> bool:
    """Whether the record has the word, or another form of it, as a whole word."""
    return any(_whole_word_points(word, record) for word in (part.text, *part.forms))


def _find_word(asked: str, record: Record, *, in_text: bool = True) -> tuple[str, Place] | None:
    """The best place: as a whole word in the title, then in the text, then as the beginning of one."""
    in_title = find_word(asked, record.title)
    if in_title is not None and in_title.fit is Fit.WHOLE:
        return "title", in_title
    of_text = find_word(asked, record.text) if in_text else None
    if of_text is not None and (in_title is None or of_text.fit is Fit.WHOLE):
        return "text", of_text
    return None if in_title is None else ("title", in_title)


def _explain(position: int, part: Part, record: Record) -> tuple[Match, ...]:
    """What shows that a record matches a part; where nothing but what it lacks does, a match that shows nothing."""
    if not isinstance(part, EitherPart):
        match = _explain_one(position, part, record)
        return () if match is None else (match,)
    fitting = next((way for way in part.ways if all(matches(one, record) for one in way)), None)
    if fitting is None:
        return ()
    shown = ((one, _explain_one(position, one, record)) for one in fitting if not one.negated)
    return tuple(replace(match, way=one) for one, match in shown if match is not None) or (Match(position),)


def _explain_one(position: int, part: SinglePart, record: Record) -> Match | None:
    match part:
        case ConceptPart():
            use = best_use(part, record.concepts)
            if use is not None:
                return Match(position, concept=use)
            return _first_word(position, _words(part), record, in_text=part.reads_text)
        case QuantityPart():
            quantity = best_quantity(part, record.quantities)
            return None if quantity is None else Match(position, quantity=quantity)
        case EntityPart():
            entity = next((one for one in record.entities if entity_matches(part, one)), None)
            return _first_word(position, part.mentioned, record) if entity is None else Match(position, entity=entity)
        case ValuePart():
            return Match(position, value=part.value) if part.value and part.value in values_of(part.facet, record) else None
        case YearPart():
            year = year_of(record.released if part.released else record.date)
            fits = year is not None and (part.first or 0) <= year <= (part.last or math.inf)
            return Match(position, value=str(year)) if fits else None
        case TextPart():
            return _text_match(position, part, record)


def _words(part: ConceptPart) -> tuple[str, ...]:
    """Words that match as well; a word stands in no role."""
    return () if part.roles else part.words


def best_use(part: ConceptPart, uses: Sequence[ConceptUse]) -> ConceptUse | None:
    """The use that matches best: said before implied, asked for before narrower, near the root before deep inside."""
    matching = [use for use in uses if use.concept in part.expanded and stands_in(part.roles, use.within)]
    return min(
        matching,
        key=lambda use: (bool(use.implied_by), use.concept not in part.concepts, len(use.role), use.line, use.pointer),
        default=None,
    )


def best_quantity(part: QuantityPart, quantities: Sequence[Quantity]) -> Quantity | None:
    """The quantity that matches best: of the kind that was named before narrower ones, near the root before deep inside."""
    matching = [quantity for quantity in quantities if quantity_matches(part, quantity)]
    return min(
        matching,
        key=lambda quantity: (not _is_named(part, quantity), nesting(quantity.pointer), quantity.line, quantity.pointer),
        default=None,
    )


def quantity_matches(part: QuantityPart, quantity: Quantity) -> bool:
    """Whether kind, dimension, value, role and every condition fit on this one node; of a range without a value, an end of it."""
    return (
        _amount_matches(part, quantity, quantity.base_values)
        and stands_in(part.roles, quantity.within)
        and all(any(_condition_matches(asked, one) for one in quantity.conditions) for asked in part.conditions)
    )


def _condition_matches(part: QuantityPart, condition: Condition) -> bool:
    return _amount_matches(part, condition, () if condition.base_value is None else (condition.base_value,))


def _amount_matches(part: QuantityPart, quantity: Quantity | Condition, base_values: Sequence[float]) -> bool:
    low, high = part.bounds
    unbounded = part.minimum is None and part.maximum is None
    return (
        part.dimension in ("", quantity.dimension)
        and (not part.kinds or not part.kinds.isdisjoint(quantity.kinds))
        and (unbounded or any(math.isfinite(value) and low <= value <= high for value in base_values))
    )


def stands_in(roles: frozenset[str], within: Sequence[str]) -> bool:
    """Whether something within these classes stands in one of the roles; without roles it may stand anywhere."""
    return not roles or not roles.isdisjoint(within)


def entity_matches(part: EntityPart, entity: Entity) -> bool:
    """Whether it has one of the names (or the IRI) and is of the kind that was asked for."""
    return part.kind in (None, entity.kind) and (
        (bool(part.iri) and entity.iri == part.iri) or (fold_name(entity.name) or None) in part.names
    )


def values_of(facet: Facet, record: Record) -> tuple[str, ...]:
    """What the record has of one of `VALUE_FACETS`; empty strings are no values."""
    values = {
        Facet.SOURCE: (record.source,),
        Facet.COUNTRY: tuple(one.text for one in record.said if one.kind == "country"),
        Facet.LICENCE: (record.licence,),
        Facet.VALIDATION: (record.validation,),
        Facet.COMMUNITY: record.communities,
    }[facet]
    return tuple(value for value in values if value)


def year_of(date: str) -> int | None:
    """The year of a record's date.

    >>> year_of("2021-03")
    2021
    """
    year = date[:4]
    return int(year) if len(year) == 4 and year.isascii() and year.isdigit() else None


def day_of(date: str) -> int | None:
    """A record's date as a number that grows with it; what the date leaves open counts as nothing.

    >>> day_of("2021-03"), day_of("2021-03-15")
    (20210300, 20210315)
    """
    if year_of(date) is None:
        return None
    month, day = (int(part) if part.isascii() and part.isdigit() else 0 for part in (date[5:7], date[8:10]))
    return int(date[:4]) * 10_000 + month * 100 + day


def ordering_date(order: Order, record: Record) -> str:
    """The date by which the record is put in order; ``""`` where it has none, or a quantity decides."""
    dates = {OrderBy.QUANTITY: "", OrderBy.DATE: record.date, OrderBy.RELEASED: record.released}
    return dates[order.by]


def order_value(order: Order, record: Record) -> float | None:
    """What puts the record in order: a day, or the least (or greatest) value in the base unit; ``None`` when it has none."""
    if order.by is not OrderBy.QUANTITY:
        return day_of(ordering_date(order, record))
    values = [value for quantity in record.quantities for value in _values_for(order, quantity)]
    return (max if order.descending else min)(values, default=None)


def ordering_quantity(order: Order, record: Record) -> Quantity | None:
    """The first quantity that has `order_value`; ``None`` when none has."""
    value = order_value(order, record)
    return next((quantity for quantity in record.quantities if value in _values_for(order, quantity)), None)


def _values_for(order: Order, quantity: Quantity) -> list[float]:
    if order.kinds.isdisjoint(quantity.kinds) or order.dimension not in ("", quantity.dimension) or (order.own and quantity.within):
        return []
    if order.roles and order.roles.isdisjoint(quantity.within):
        return []
    return [value for value in quantity.base_values if math.isfinite(value)]


def nesting(pointer: str) -> int:
    """How many objects deep a JSON Pointer goes; positions in arrays do not count.

    >>> nesting("/hasPositiveElectrode/hasProperty/0")
    2
    """
    return sum(not step.isdigit() for step in pointer.split("/")[1:])


def _first_word(position: int, words: Sequence[str], record: Record, *, in_text: bool = True) -> Match | None:
    """The match of the first of these words that occurs."""
    matching = (_word_match(position, word, record, in_text=in_text) for word in words)
    return next((found for found in matching if found is not None), None)


def _text_match(position: int, part: TextPart, record: Record) -> Match | None:
    """The match of the word as it was asked, else of the first other form that occurs as a whole word."""
    form = next((one for one in part.forms if _whole_word_points(one, record)), "")
    asked = part.text if _whole_word_points(part.text, record) or not form else form
    return _word_match(position, asked, record)


def _word_match(position: int, asked: str, record: Record, *, in_text: bool = True) -> Match | None:
    """The best place of the word, with what stands around it."""
    found = _find_word(asked, record, in_text=in_text)
    if found is None:
        return None
    field, (start, end, _) = found
    text = record.title if field == "title" else record.text
    first, last = (0, len(text)) if field == "title" else (max(0, start - CONTEXT), end + CONTEXT)
    before, word, after = (" ".join(piece.split()) for piece in (text[first:start], text[start:end], text[end:last]))
    before += " " if text[first:start][-1:].isspace() and before else ""
    after = (" " if text[end : end + 1].isspace() and after else "") + after
    return Match(
        position,
        word=text[start:end],
        field=field,
        context=before + word + after,
        spans=((len(before), len(before) + len(word)),),
    )
