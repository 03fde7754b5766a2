"""Questions about things that are named: a value, a comparison, whether something is so, all that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from search.asking.checking import check_thing
from search.asking.comparing import compare, compare_all, compare_names
from search.asking.facts import has_text, named_text, names_of, note_text, readings_of, table_of, value_in, with_conditions
from search.asking.form import Ask, Form
from search.asking.phrases import HOW_MANY
from search.asking.properties import MaterialAsked, Property, QuantityAsked
from search.asking.reply import Answer, Reply, Source, Value
from search.asking.services import Asking
from search.asking.telling import MAX_PROPERTIES, counted, listed
from search.asking.thing import Thing
from search.asking.values import Reading, agreeing, beside
from search.asking.wanted import Wanted, read_wanted
from search.quantity_text import value_text


def answer_about(asking: Asking, form: Form, things: Sequence[Thing]) -> Reply:
    """Answer a question about things of which readable records have the names.

    Args:
        asking: The question and its reader.
        form: What is wanted.
        things: The things, as they are numbered in the form.
    """
    if form.ask is Ask.KNOWN:
        return _all_known(asking, things[0])
    if form.ask is Ask.UNCLEAR:
        return asking.unknown(f"Asked about {named_text(things[0])}. Not understood what is asked.", asking.query(things[0].parts))
    if form.ask is Ask.COUNT:
        return _records_of(asking, things[0])
    if form.ask is Ask.CHECK:
        return check_thing(asking, form, things[0])
    if form.ask is Ask.PLACE:
        return _place(asking, form, things[0])
    wanted = read_wanted(asking, form, things)
    if wanted.not_known:
        return _unknown_property(asking, wanted.not_known, things)
    if not wanted.properties and form.ask in (Ask.MORE, Ask.RATIO, Ask.COMBINED):
        return asking.unknown(f"Asked which of {listed([named_text(thing) for thing in things])} is more, and not in what.")
    if not wanted.properties:
        return _all_known(asking, things[0]) if len(things) == 1 else compare_all(asking, things)
    if len(things) == 1:
        told = [_value(asking, one, wanted, things[0]) for one in wanted.properties]
    else:
        told = [
            compare(asking, form, wanted, one, things) if isinstance(one, QuantityAsked) else compare_names(asking, one, things)
            for one in wanted.properties
        ]
    return told[0] if len(told) == 1 else _joined(asking, told, wanted, things)


# Values


def _joined(asking: Asking, told: Sequence[Reply], wanted: Wanted, things: Sequence[Thing]) -> Reply:
    """Answers for several properties as one; where one is missing there is none."""
    answers = [reply.answer for reply in told if reply.answer is not None]
    if len(answers) < len(told):
        return asking.unknown(" ".join(reply.understood for reply in told), told[0].query)
    values = tuple(f"{_said(answer.value)} {answer.unit}".strip() for answer in answers)
    text = " ".join(answer.text for answer in answers)
    sources = tuple(dict.fromkeys(source for reply in told for source in reply.sources))
    parts = [part for reply in told for part in reply.query.parts]
    understood = f"Asked for: {listed([one.label for one in wanted.properties])} of {listed([thing.label for thing in things])}."
    return Reply(understood, Answer(values, "", text), sources, asking.query(parts))


def _value(asking: Asking, asked: Property, wanted: Wanted, thing: Thing) -> Reply:
    if isinstance(asked, QuantityAsked):
        return _quantity(asking, asked, wanted, thing)
    understood = f"Asked for: {asked.label} of {named_text(thing)}."
    found = [(value, source) for record in thing.records for value, source in names_of(asking, asked, record)]
    if not found:
        return asking.unknown(
            f"{understood} No record that you may read says it.{has_text(asking, thing)}", asking.query(thing.parts)
        )
    values = tuple(dict.fromkeys(value for value, _ in found))
    sources = tuple(dict.fromkeys(source for _, source in found))
    shorts = [asking.services.properties.short_name(value) if isinstance(asked, MaterialAsked) else "" for value in values]
    told = [f"{value} ({short})" if short else value for value, short in zip(values, shorts, strict=True)]
    text = f"The {asked.label} of {thing.label} is {listed(told)}."
    if HOW_MANY.search(asking.question):
        return Reply(understood, Answer(len(values), "", f"{len(values)}. {text}"), sources, asking.query(thing.parts))
    return Reply(understood, Answer(values[0] if len(values) == 1 else values, "", text), sources, asking.query(thing.parts))


def _quantity(asking: Asking, asked: QuantityAsked, wanted: Wanted, thing: Thing) -> Reply:
    under = f" at {listed([one.text for one in wanted.conditions])}" if wanted.conditions else ""
    in_unit = f", in {wanted.unit.name}" if wanted.unit else ""
    understood = f"Asked for: {asked.label} of {named_text(thing)}{under}{in_unit}."
    query = asking.query((*thing.parts, asked.part()))
    readings = readings_of(asking, asked, wanted, thing)
    if not readings:
        return asking.unknown(f"{understood}{_missing(asking, asked, wanted, thing)}", query)
    if wanted.unit is not None and any(one.quantity.dimension != wanted.unit.dimension for one in readings):
        return asking.unknown(
            f"{understood} It is given as {value_in(asking, readings[0], None).text}, which is not measured in {wanted.unit.name}.",
            query,
        )
    groups = agreeing(readings)
    first = value_in(asking, groups[0][0], wanted.unit)
    text = f"The {_called(asked, groups[0][0])} of {thing.label} is {with_conditions(asking, groups[0][0], first)}"
    text += f", as {counted(len(groups[0]))} say." if len(groups[0]) > 1 else "."
    if len(groups) > 1:
        others = [
            f"{_called(asked, group[0], short=True)}{with_conditions(asking, group[0], value_in(asking, group[0], wanted.unit))} "
            f"in {listed([one.record.id for one in group])}"
            for group in groups[1:]
        ]
        text += f" The sources differ: it is {listed(others)}."
    more = beside(groups[0][0], asked, wanted.conditions, asking.services.properties)
    if more:
        text += f" The record gives other values as well: {listed([value_in(asking, one, wanted.unit).text for one in more])}."
    text += note_text(asking, [group[0] for group in groups])
    sources = tuple(one.source for group in groups for one in group) + tuple(one.source for one in more)
    return Reply(understood, Answer(first.value, first.unit, text), sources, query)


def _called(asked: QuantityAsked, reading: Reading, *, short: bool = False) -> str:
    """What the value is called in the record, where that is not what was asked for."""
    if asked.label == reading.label or not reading.label or asked.role:
        return "" if short else asked.label
    return f"{reading.label} " if short else f"{asked.label} ({reading.label})"


def _missing(asking: Asking, asked: QuantityAsked, wanted: Wanted, thing: Thing) -> str:
    """Why there is no value, and what is near."""
    without = readings_of(asking, asked, replace(wanted, conditions=()), thing) if wanted.conditions else []
    if without:
        told = [with_conditions(asking, one, value_in(asking, one, wanted.unit)) for one in without]
        return f" No record that you may read gives it under this condition. Near: {listed(told)}."
    return f" No record that you may read gives this value.{has_text(asking, thing)}"


def _unknown_property(asking: Asking, phrase: str, things: Sequence[Thing]) -> Reply:
    parts = [part for thing in things[:1] for part in thing.parts]
    about = f"Asked about {listed([thing.label for thing in things])}."
    known = has_text(asking, things[0])
    return asking.unknown(f"{about} “{phrase}” is no property that is known here.{known}", asking.query(parts))


def _said(value: Value) -> str:
    if isinstance(value, tuple):
        return " / ".join(map(_said, value))
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _all_known(asking: Asking, thing: Thing) -> Reply:
    units = asking.services.vocabulary.units
    facts: list[str] = []
    sources: list[Source] = []
    for label, asked in (("made by", "manufacturer"), ("format", "format"), ("chemistry", "chemistry")):
        found = asking.services.properties.find(asked)
        names = [pair for record in thing.records for pair in names_of(asking, found, record)] if found else []
        if names:
            facts.append(f"{label} {listed([name for name, _ in names])}")
            sources.append(names[0][1])
    table = table_of(asking, thing)
    for label, reading in list(table.items())[:MAX_PROPERTIES]:
        facts.append(f"{label} {value_text(reading.quantity, units)}")
        sources.append(reading.source)
    understood = f"Asked for all that is known of {named_text(thing)}: {counted(len(thing.records))}."
    sources = sources or [Source(record.id, record.source_file) for record in thing.records]
    text = f"{thing.label}: {'; '.join(facts)}." if facts else f"{thing.label}: {counted(len(thing.records))}."
    return Reply(
        understood, Answer(tuple(facts) or thing.label, "", text), tuple(dict.fromkeys(sources)), asking.query(thing.parts)
    )


def _place(asking: Asking, form: Form, thing: Thing) -> Reply:
    """Where in the documents the thing, or its properties, are described."""
    wanted = read_wanted(asking, form, (thing,))
    if wanted.not_known:
        return _unknown_property(asking, wanted.not_known, (thing,))
    told = [_value(asking, one, wanted, thing) for one in wanted.properties]
    missing = next((reply for reply in told if reply.answer is None), None)
    if missing is not None:
        return missing
    sources = tuple(dict.fromkeys(source for reply in told for source in reply.sources))
    sources = sources or tuple(Source(record.id, record.source_file) for record in thing.records)
    what = listed([one.label for one in wanted.properties]) or "all that is known"
    places = tuple(f"{one.record}, line {one.line}" if told else one.record for one in sources)
    text = f"{what[0].upper()}{what[1:]} of {thing.label}: {listed(places)}."
    understood = f"Asked where it stands: {what} of {named_text(thing)}."
    value: Value = places[0] if len(places) == 1 else places
    return Reply(understood, Answer(value, "", text), sources, asking.query(thing.parts))


def _records_of(asking: Asking, thing: Thing) -> Reply:
    sources = tuple(Source(record.id, record.source_file) for record in thing.records)
    text = f"{counted(len(sources))} that you may read: {listed([source.record for source in sources])}."
    return Reply(
        f"Asked how many records tell of {named_text(thing)}.", Answer(len(sources), "", text), sources, asking.query(thing.parts)
    )
