"""Questions about records that are described, not named: how many, which, is there one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from records.record import Record
from search.asking.conditions import cut_conditions
from search.asking.described import MAX_SOURCES, DescribedSet, described_set
from search.asking.extremes import extreme, first_in_order
from search.asking.forms import Ask, Form
from search.asking.makers import makers_of_set
from search.asking.properties import QuantityAsked
from search.asking.reply import Answer, Reply
from search.asking.services import Asking, evidence
from search.asking.statistic import statistic_of
from search.asking.telling import counted, listed, near_text, part_text
from search.asking.things import Thing, Things, label_of
from search.asking.values import agreeing, best_reading, shown
from search.asking.wanted import cut_unit
from search.query import TextPart
from search.understanding.vocabulary import SOFT


def answer_of_set(asking: Asking, form: Form, things: Things) -> Reply:
    """Answer a question about a set of records.

    Args:
        asking: The question and its reader.
        form: What is wanted.
        things: Tells what is near a name that is not known.
    """
    rest, unit = cut_unit(asking, form.rest)
    asked = asking.services.properties.find(form.property) if form.property else None
    rest, conditions = cut_conditions(rest, asking.services.vocabulary.units) if form.ask is Ask.STATISTIC else (rest, ())
    described = described_set(asking, rest, is_measured=True) if asked else described_set(asking, form.rest)
    if described.not_understood:
        return _not_understood(asking, described, things)
    match form.ask:
        case Ask.COUNT:
            return _count(asking, described)
        case Ask.CHECK:
            return _exists(asking, described)
        case Ask.MAKERS | Ask.MAKER_COUNT:
            return makers_of_set(asking, described, is_count=form.ask is Ask.MAKER_COUNT)
        case Ask.SUPERLATIVE if isinstance(asked, QuantityAsked):
            return extreme(asking, described, form, asked, unit)
        case Ask.STATISTIC if isinstance(asked, QuantityAsked):
            return statistic_of(asking, described, form.statistic, asked, unit, conditions)
        case _ if described.query.order is not None:
            return first_in_order(asking, described, described.query.order, unit)
        case _:
            return _list(asking, described)


def answer_beyond(asking: Asking, form: Form, thing: Thing, things: Things) -> Reply:
    """Answer which records have more (or less) of a property than a thing.

    Args:
        asking: The question and its reader.
        form: What is wanted; its rest describes the records.
        thing: What they are compared with.
        things: Tells what is near a name that is not known.
    """
    asked = asking.services.properties.find(form.property)
    described = described_set(asking, form.rest)
    if described.not_understood:
        return _not_understood(asking, described, things)
    found = (
        [best_reading(record, asked, (), asking.services.properties) for record in thing.records]
        if isinstance(asked, QuantityAsked)
        else []
    )
    groups = agreeing(one for one in found if one is not None)
    base = groups[0][0].base if groups else None
    if not isinstance(asked, QuantityAsked) or base is None:
        return asking.unknown(
            f"Asked to compare with {thing.label}. No record that you may read gives its “{form.property}”.",
            asking.query(thing.parts),
        )
    sign = ">" if form.descending else "<"
    value = shown(groups[0][0], None, asking.services.vocabulary.units)
    part = replace(
        asked.part(),
        minimum=base if form.descending else None,
        maximum=None if form.descending else base,
        minimum_included=False,
        maximum_included=False,
        unit=value.unit,
        dimension=groups[0][0].quantity.dimension,
        asked=f"{sign} {value.text}",
    )
    others = (one for one in described.query.parts if one.text.lower() not in SOFT)
    query = replace(described.query, parts=(*others, part))
    return _list(asking, DescribedSet(query, f"{described.told}, {asked.label} {sign} {value.text} ({thing.label})", ()))


def _not_understood(asking: Asking, described: DescribedSet, things: Things) -> Reply:
    words = " ".join(described.not_understood)
    likely = things.titled(words) or None
    near = (likely.label,) if likely else things.near(words)
    understood = [part_text(part) for part in described.query.parts if not isinstance(part, TextPart)]
    known = f" Understood: {listed(understood)}." if understood else ""
    return asking.unknown(f"Nothing is known here of “{words}”.{known}{near_text(near)}", described.query)


def _count(asking: Asking, described: DescribedSet) -> Reply:
    total, records = asking.records(described.query, MAX_SOURCES)
    text = f"{_match(total)}: {described.told}."
    return Reply(
        f"Asked how many records have: {described.told}.",
        Answer(total, "", text + _different(total, records)),
        evidence(described.query, records),
        described.query,
    )


def _list(asking: Asking, described: DescribedSet) -> Reply:
    if not described.query.parts and described.query.order is None:
        return asking.unknown("Asked for a list, and nothing was understood that says of what.", described.query)
    total, records = asking.records(described.query, MAX_SOURCES)
    names = f": {listed([label_of(record) for record in records])}." if records else "."
    text = f"{_match(total)} ({described.told}){names}"
    return Reply(
        f"Asked which records have: {described.told}.",
        Answer(total, "", text + _different(total, records)),
        evidence(described.query, records),
        described.query,
    )


def _match(total: int) -> str:
    return f"{counted(total)} that you may read {'matches' if total == 1 else 'match'}"


def _different(total: int, records: Sequence[Record]) -> str:
    """How many different things the records tell of, where it is another number and all were looked at."""
    labels = {label_of(record).lower() for record in records}
    return f" They tell of {counted(len(labels), 'different thing')}." if total == len(records) and 0 < len(labels) < total else ""


def _exists(asking: Asking, described: DescribedSet) -> Reply:
    if not described.query.parts:
        return asking.unknown("Asked whether there is one, and nothing was understood that says of what.", described.query)
    total, records = asking.records(described.query, MAX_SOURCES)
    names = f", such as {listed([label_of(record) for record in records], 3)}" if records else ""
    text = f"{'Yes' if total else 'No'}: {_match(total)} ({described.told}){names}."
    return Reply(
        f"Asked whether a record has: {described.told}.",
        Answer("yes" if total else "no", "", text),
        evidence(described.query, records),
        described.query,
    )
