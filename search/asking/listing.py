"""Names over a set: its makers, its materials and formats, its newest and oldest records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from records.record import EntityKind, Record
from search.asking.described import MAX_SOURCES, DescribedSet, is_of_another_part, is_released, records_meant, with_cells
from search.asking.extremes import first_in_order
from search.asking.facts import names_of
from search.asking.properties import Property, SaidAsked
from search.asking.property_names import FORMULA
from search.asking.reply import Answer, Reply, Source, Value
from search.asking.services import MAX_RECORDS, Asking
from search.asking.telling import counted, listed
from search.asking.thing import label_of, makers_of
from search.index import FACET_SIZE
from search.names import fold_name
from search.query import ConceptPart, Facet, Order, Part

MAX_MAKERS: Final = 50
"""Most makers in a sentence."""


def makers_of_set(asking: Asking, described: DescribedSet, *, is_count: bool, is_most: bool = False) -> Reply:
    """The makers of the records, those of most records first; how many makers there are; or the one of most records."""
    understood = (
        f"Asked {'how many makers there are' if is_count else 'who makes most' if is_most else 'who makes'}: {described.told}."
    )
    if described.query.order is not None and not is_count:
        return _maker_of_first(asking, described, described.query.order)
    named, labels, records, is_cut = _makers_and_records(asking, described)
    if not named:
        return asking.unknown(f"{understood} No record that you may read says it.", described.query)
    if is_cut and not is_most:
        return asking.unknown(f"{understood} There are more than {FACET_SIZE - 1}: ask for fewer.", described.query)
    names = sorted(named, key=lambda name: (-named[name], name))
    told = listed([f"{labels[name]} ({named[name]})" for name in names], MAX_MAKERS)
    text = f"{counted(len(names), 'maker')}, with the number of their records: {told}."
    if is_most:
        others = listed([f"{labels[name]} ({named[name]})" for name in names if named[name] < named[names[0]]])
        names = [name for name in names if named[name] == named[names[0]]]
        text = f"{listed([labels[name] for name in names])}: {counted(named[names[0]])}." + (
            f" After that: {others}." if others else ""
        )
        records = [record for record in records if not set(names).isdisjoint(makers_of(record))]
    value: Value = len(names) if is_count else _one_or_all([labels[name] for name in names])
    return Reply(understood, Answer(value, "", text), _maker_places(records), described.query)


def _makers_and_records(asking: Asking, described: DescribedSet) -> tuple[dict[str, int], dict[str, str], list[Record], bool]:
    """Folded name of each maker -> how many records it has; -> its name as written; records; whether makers are left out.

    The index counts large sets, and no more than its first makers.
    """
    total, records = records_meant(asking, described)
    if total <= len(records):
        is_of_part = any(isinstance(part, ConceptPart) and part.roles for part in described.query.parts)  # *who makes copper foil*
        if is_of_part and not described.only_cells:
            records = [one for one in records if not is_of_another_part(asking, described, one)]
        makers = [one for record in records for one in record.entities if one.kind is EntityKind.MANUFACTURER]
        counts = Counter(name for record in records for name in set(makers_of(record)))
        return counts, {fold_name(one.name): one.name for one in makers}, records, False
    query = with_cells(asking, described)
    page = asking.services.index.search(query, asking.audiences, facets=(Facet.MANUFACTURER,), limit=1)
    facet = page.facets[Facet.MANUFACTURER]
    labels = {one.value: one.label or one.value for one in facet}
    return {one.value: one.count for one in facet}, labels, records[:MAX_SOURCES], len(facet) >= FACET_SIZE


def _maker_of_first(asking: Asking, described: DescribedSet, order: Order) -> Reply:
    """Who makes the first of the records in an order: *who makes the lightest prismatic cell*."""
    found = first_in_order(asking, described, order, None)
    if found.answer is None:
        return found
    records = (asking.services.index.get(source.record, asking.audiences) for source in found.sources)
    names = tuple(
        dict.fromkeys(one.name for record in records if record for one in record.entities if one.kind is EntityKind.MANUFACTURER)
    )
    if not names:
        return asking.unknown(f"{found.understood} No record that you may read says who makes it.", found.query)
    return replace(found, answer=Answer(_one_or_all(names), "", f"{listed(names)}. {found.answer.text}"))


def _maker_places(records: Sequence[Record]) -> tuple[Source, ...]:
    return tuple(
        Source(record.id, record.source_file, one.pointer, max(1, one.line))
        for record in records
        for one in record.entities
        if one.kind is EntityKind.MANUFACTURER
    )[:MAX_SOURCES]


def names_in_set(asking: Asking, described: DescribedSet, asked: Property) -> Reply:
    """What the records of a set have of a property that is no number, what most of them have first: *cathodes of Kokam cells*."""
    understood = f"Asked for: {asked.label} of {described.told}."
    total, records = records_meant(asking, described)
    if total > len(records):
        return asking.unknown(
            f"{understood} {counted(total)} match, and at most {MAX_RECORDS} are looked at: ask for fewer.", described.query
        )
    if isinstance(asked, SaidAsked) and asked.label == FORMULA:
        records = [one for one in records if all(_is_it(asking, part, one) for part in described.query.parts)]
    found = [dict(names_of(asking, asked, record)) for record in records]
    named = Counter(name for names in found for name in names)
    if not named:
        return asking.unknown(f"{understood} No record that you may read says it.", described.query)
    names = sorted(named, key=lambda name: (-named[name], name))
    told = listed([f"{name} ({named[name]})" for name in names], MAX_MAKERS)
    text = f"The {asked.label}, with the number of records: {told}."
    sources = tuple(dict.fromkeys(source for each in found for source in each.values()))[:MAX_SOURCES]
    return Reply(understood, Answer(_one_or_all(names), "", text), sources, described.query)


def _is_it(asking: Asking, part: Part, record: Record) -> bool:
    """Whether the record is itself of a class, and does not only have it in it."""
    return isinstance(part, ConceptPart) and asking.services.properties.is_one_of(record, part.expanded)


def latest(asking: Asking, described: DescribedSet, *, is_newest: bool, wanted: str) -> Reply:
    """The records of a set with the latest (or earliest) date; of cells, that of their release where it is told.

    Args:
        asking: The question and its reader.
        described: The set.
        is_newest: Whether the latest is meant.
        wanted: ``date`` or ``maker`` where that of them is asked for.
    """
    understood = f"Asked for the {'newest' if is_newest else 'oldest'}: {described.told}."
    total, records = records_meant(asking, described)
    if total > len(records):
        return asking.unknown(
            f"{understood} {counted(total)} match, and at most {MAX_RECORDS} are looked at: ask for fewer.", described.query
        )
    records = (described.only_cells and [record for record in records if is_released(record)]) or records
    dates = [record.date for record in records if record.date]
    if not dates:
        return asking.unknown(f"{understood} No record that you may read has a date.", described.query)
    date = max(dates) if is_newest else min(dates)
    found = [record for record in records if record.date == date]
    labels = listed([label_of(record) for record in found])
    text = f"{labels}, dated {date}; {counted(len(dates))} that you may read {'has' if len(dates) == 1 else 'have'} a date."
    dates_of = (next((one for one in record.said if one.kind == "date"), None) for record in found[:MAX_SOURCES])
    sources = tuple(
        Source(record.id, record.source_file, *((date_of.pointer, date_of.line) if date_of else ()))
        for record, date_of in zip(found, dates_of, strict=False)
    )
    if wanted == "maker":
        made_by = dict.fromkeys(one.name for record in found for one in record.entities if one.kind is EntityKind.MANUFACTURER)
        if not made_by:
            return asking.unknown(f"{understood} No record that you may read says who makes it.", described.query)
        return Reply(
            understood, Answer(_one_or_all(list(made_by)), "", f"{listed(list(made_by))}. {text}"), sources, described.query
        )
    value = date if wanted == "date" else _one_or_all(list(dict.fromkeys(map(label_of, found))))
    return Reply(understood, Answer(value, "", text), sources, described.query)


def _one_or_all(names: Sequence[str]) -> Value:
    return names[0] if len(names) == 1 else tuple(names)
