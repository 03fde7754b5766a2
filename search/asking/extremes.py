"""The records with most or least of a quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ontology.units import Unit
from records.record import Record
from search.asking.described import DescribedSet, is_meant
from search.asking.facts import names_of, note_text
from search.asking.form import Ask, Form
from search.asking.forms import place_of
from search.asking.properties import Property, QuantityAsked
from search.asking.property_names import plain_words
from search.asking.reply import Answer, Reply
from search.asking.services import MAX_RECORDS, Asking
from search.asking.telling import listed
from search.asking.thing import label_of
from search.asking.values import Reading, agreeing, best_reading, shown
from search.matching import order_value
from search.query import Order, QuantityPart

_PLACES: Final = {1: "", 2: "second ", 3: "third "}


def first_in_order(asking: Asking, described: DescribedSet, order: Order, unit: Unit | None) -> Reply:
    """The first of the records in the order that understanding found in the words."""
    asked = QuantityAsked(" or ".join(map(plain_words, order.labels)), (), order.kinds, order.dimension)
    count, rank = place_of(order.text)
    form = Form(Ask.SUPERLATIVE, "", order.text, order.descending, count, rank)
    return extreme(asking, described, form, asked, unit)


def extreme(asking: Asking, described: DescribedSet, form: Form, asked: QuantityAsked, unit: Unit | None) -> Reply:
    """The records with most (or least) of a quantity, with all that are equal.

    Args:
        asking: The question and its reader.
        described: The records.
        form: Whether most or least is wanted, and how many values.
        asked: The quantity.
        unit: The unit in which it shall be told.
    """
    if any(
        isinstance(part, QuantityPart) and part.minimum is part.maximum is None and part != asked.part()
        for part in described.query.parts
    ):
        return asking.unknown(f"Asked for the most of {asked.label}, and for more: {described.told}.", described.query)
    unit, unit_of_it = (None, unit) if form.of_it and _is_of_it(asking, form.of_it, unit) else (unit, unit)
    order = Order(
        form.property,
        asked.kinds,
        (asked.label,),
        asked.dimension or (unit.dimension if unit else ""),
        unit.name if unit else "",
        form.descending,
    )
    query = replace(described.query, order=order)
    how = f"{_PLACES.get(form.rank, f'{form.rank}th ')}{'highest' if form.descending else 'lowest'}"
    understood = f"Asked for the {how} {asked.label}: {described.told}."
    ranked = _ranked(asking, replace(described, query=query), order, asked, form.rank - 1 + form.count)
    if not ranked or (unit is not None and any(one.quantity.dimension != unit.dimension for one in ranked)):
        return asking.unknown(f"{understood} No record that you may read gives such a value.", query)
    groups = _by_value(ranked)[form.rank - 1 : form.rank - 1 + form.count]
    if not groups:
        return asking.unknown(f"{understood} There are not so many different values.", query)
    lines = []
    for group in groups:
        value = shown(group[0], unit, asking.services.vocabulary.units)
        lines.append(f"{listed([label_of(one.record) for one in group], 5)}: {value.in_full}")
    best = shown(groups[0][0], unit, asking.services.vocabulary.units)
    text = f"The {how} {asked.label} ({described.told}): {'; '.join(lines)}."
    text += note_text(asking, [group[0] for group in groups])
    if form.of_it:
        return _of_it(asking, form.of_it, groups[0], unit_of_it, Reply(understood, Answer("", "", text), (), query))
    sources = tuple(one.source for group in groups for one in group)
    return Reply(understood, Answer(best.value, best.unit, text), sources, query)


def _is_of_it(asking: Asking, words: str, unit: Unit | None) -> bool:
    """Whether a unit is that of what is wanted of the record, and not of that in which it is the first."""
    asked = asking.services.properties.find(words)
    return unit is not None and isinstance(asked, QuantityAsked) and asked.dimension in ("", unit.dimension)


def _of_it(asking: Asking, words: str, found: Sequence[Reading], unit: Unit | None, reply: Reply) -> Reply:
    """A property of the record that was found: *the capacity of the lightest cell*."""
    properties = asking.services.properties
    asked = properties.find(words)
    understood = f"{reply.understood} Of it: {words}."
    if asked is not None and not isinstance(asked, QuantityAsked):
        return _name_of_it(asking, asked, [one.record for one in found], replace(reply, understood=understood))
    readings = [best_reading(one.record, asked, (), properties) for one in found] if asked is not None else []
    groups = agreeing(one for one in readings if one is not None)
    if not groups or reply.answer is None:
        return asking.unknown(f"{understood} No record that you may read gives it.", reply.query)
    value = shown(groups[0][0], unit, asking.services.vocabulary.units)
    text = f"The {words} of {label_of(groups[0][0].record)} is {value.in_full}. {reply.answer.text}"
    others = [
        f"of {label_of(group[0].record)} it is {shown(group[0], unit, asking.services.vocabulary.units).text}"
        for group in groups[1:]
    ]
    text += f" They differ: {listed(others)}." if others else ""
    sources = tuple(one.source for group in groups for one in group)
    return Reply(understood, Answer(value.value, value.unit, text), sources, reply.query)


def _name_of_it(asking: Asking, asked: Property, records: Sequence[Record], reply: Reply) -> Reply:
    """What the records that were found have of a property that is no number: *the chemistry of the heaviest cell*."""
    found = dict(pair for record in records for pair in names_of(asking, asked, record))
    if not found or reply.answer is None:
        return asking.unknown(f"{reply.understood} No record that you may read says it.", reply.query)
    names = tuple(found)
    text = f"The {asked.label} of {label_of(records[0])} is {listed(names)}. {reply.answer.text}"
    return replace(reply, answer=Answer(names[0] if len(names) == 1 else names, "", text), sources=tuple(found.values()))


def _ranked(asking: Asking, described: DescribedSet, order: Order, asked: QuantityAsked, count: int) -> list[Reading]:
    """Readings from the most, so many that those of the first values (with all that are equal) are surely among them.

    The index puts records in order by any quantity of these kinds that they have, also that of a part. So a record's own value is
    never ahead of its place: once so many are found that are ahead of all places to come, nothing can change any more.
    """
    sign = -1.0 if order.descending else 1.0
    found: list[Reading] = []
    after, seen = "", 0
    while seen < MAX_RECORDS:
        page = asking.services.index.search(described.query, asking.audiences, limit=50, after=after)
        if page.relaxed:
            return []
        for hit in page.hits:
            seen += 1
            place = order_value(order, hit.record)
            values = sorted({sign * one.base for one in found if one.base is not None})
            if place is not None and len(values) >= count and sign * place > values[count - 1]:
                return found
            reading = best_reading(hit.record, asked, (), asking.services.properties)
            if reading is not None and reading.base is not None and is_meant(asking, described, reading):
                found.append(reading)
                found.sort(key=lambda one: (sign * (one.base or 0.0), one.record.id))
        after = page.after
        if not after:
            return found
    return found


def _by_value(ranked: Sequence[Reading]) -> list[list[Reading]]:
    groups: list[list[Reading]] = []
    for reading in ranked:
        if groups and groups[-1][0].is_like(reading):
            groups[-1].append(reading)
        else:
            groups.append([reading])
    return groups
