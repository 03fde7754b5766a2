"""Who makes the things of a set, and how many makers there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from records.record import EntityKind, Record
from search.asking.described import MAX_SOURCES, DescribedSet
from search.asking.extremes import first_in_order
from search.asking.reply import Answer, Reply, Source, Value
from search.asking.services import MAX_RECORDS, Asking
from search.asking.telling import counted, listed
from search.asking.things import makers_of
from search.names import fold_name
from search.query import Order

MAX_MAKERS: Final = 50
"""Most makers in a sentence."""


def makers_of_set(asking: Asking, described: DescribedSet, *, is_count: bool) -> Reply:
    """The makers of the records, those of most records first, or how many makers there are."""
    understood = f"Asked {'how many makers there are' if is_count else 'who makes'}: {described.told}."
    if described.query.order is not None and not is_count:
        return _maker_of_first(asking, described, described.query.order)
    total, records = asking.records(described.query)
    if total > len(records):
        return asking.unknown(
            f"{understood} {counted(total)} match, and at most {MAX_RECORDS} are looked at: ask for fewer.", described.query
        )
    named = Counter(name for record in records for name in set(makers_of(record)))
    labels = {fold_name(one.name): one.name for record in records for one in record.entities if one.kind is EntityKind.MANUFACTURER}
    if not named:
        return asking.unknown(f"{understood} No record that you may read says it.", described.query)
    names = sorted(named, key=lambda name: (-named[name], name))
    told = listed([f"{labels[name]} ({named[name]})" for name in names], MAX_MAKERS)
    text = f"{counted(len(names), 'maker')}, with the number of their records: {told}."
    value: Value = len(names) if is_count else tuple(labels[name] for name in names)
    return Reply(understood, Answer(value, "", text), _maker_places(records), described.query)


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
    return replace(found, answer=Answer(names[0] if len(names) == 1 else names, "", f"{listed(names)}. {found.answer.text}"))


def _maker_places(records: Sequence[Record]) -> tuple[Source, ...]:
    return tuple(
        Source(record.id, record.source_file, one.pointer, max(1, one.line))
        for record in records
        for one in record.entities
        if one.kind is EntityKind.MANUFACTURER
    )[:MAX_SOURCES]
