"""Several things beside each other: their values, the difference, which has more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from ontology.units import Unit
from records.record import EntityKind
from search.asking.facts import has_text, named_text, names_of, note_text, readings_of, table_of, value_in
from search.asking.form import Ask, Form
from search.asking.properties import Property, QuantityAsked
from search.asking.reply import Answer, Reply
from search.asking.services import Asking
from search.asking.telling import MAX_PROPERTIES, listed
from search.asking.thing import Thing
from search.asking.values import Reading, agreeing, everyday, round_to
from search.asking.wanted import Wanted
from search.query import EntityPart, Part, TextPart


def compare(asking: Asking, form: Form, wanted: Wanted, asked: QuantityAsked, things: Sequence[Thing]) -> Reply:
    """Compare things in a kind of quantity, in one unit; without a value of each there is no answer."""
    understood = f"Asked to compare: {asked.label} of {listed([named_text(thing) for thing in things])}."
    query = asking.query((_any_of(things), asked.part()))
    found: list[tuple[Thing, Reading]] = []
    for thing in things:
        readings = readings_of(asking, asked, wanted, thing)
        if not readings:
            others = [f"of {one.label} it is {value_in(asking, reading, wanted.unit).text}" for one, reading in found]
            near = f" Known: {listed(others)}." if others else ""
            return asking.unknown(
                f"{understood} No record that you may read gives this value of {thing.label}.{near}{has_text(asking, thing)}", query
            )
        found.append((thing, agreeing(readings)[0][0]))
    bases = [reading.base for _, reading in found]
    unit = wanted.unit or _common_unit(asking, [reading for _, reading in found])
    if unit is None or any(reading.quantity.dimension != unit.dimension for _, reading in found) or None in bases:
        return asking.unknown(f"{understood} The values cannot be converted into one unit.", query)
    numbers = [base for base in bases if base is not None]
    told_in = wanted.unit or everyday(unit, numbers, asking.services.vocabulary.units)
    told = listed([f"{thing.label}: {value_in(asking, reading, told_in).text}" for thing, reading in found])
    sources = tuple(reading.source for _, reading in found)
    answer = _compared(form, asked, [thing.label for thing, _ in found], numbers, unit, told_in, told)
    if answer is None:
        return asking.unknown(f"{understood} There is no such ratio ({told}).", query)
    answer = replace(answer, text=answer.text + note_text(asking, [reading for _, reading in found]))
    return Reply(understood, answer, sources, query)


def _compared(
    form: Form, asked: QuantityAsked, labels: Sequence[str], numbers: Sequence[float], unit: Unit, told_in: Unit, told: str
) -> Answer | None:
    """The values beside each other, their difference, which is more, or whether the first is; in words in the unit *told_in*."""
    same = all(abs(one - numbers[0]) <= 1e-9 * max(abs(one), abs(numbers[0])) for one in numbers)
    values = tuple(round_to(unit.from_base(number)) for number in numbers)
    if form.ask is Ask.COMBINED:
        total = sum(numbers) if form.statistic == "sum" else fmean(numbers)
        value, said = (round_to(total / one.factor if form.statistic == "sum" else one.from_base(total)) for one in (unit, told_in))
        text = f"The {form.statistic} of {asked.label} is {said:.6g} {told_in.name}".strip()
        return Answer(value, unit.name, f"{text} ({told}).")
    if form.ask is Ask.RATIO:
        return _ratio(form, asked, labels, numbers, told)
    if form.ask is Ask.DIFFERENCE:
        apart, said = (round_to(abs(numbers[0] - numbers[1]) / one.factor) for one in (unit, told_in))
        return Answer(apart, unit.name, f"The difference in {asked.label} is {said:.6g} {told_in.name}".strip() + f" ({told}).")
    if form.ask is Ask.COMPARE:
        text = "they are equal" if same else f"{labels[numbers.index(max(numbers))]} has more"
        return Answer(values, unit.name, f"The {asked.label}: {told}; {text}.")
    sign = 1 if form.descending else -1
    if form.is_question:
        right = (
            same is (form.statistic == "same")
            if form.statistic in ("same", "different")
            else not same and sign * numbers[0] >= max(sign * one for one in numbers)
        )
        return Answer("yes" if right else "no", "", f"{'Yes' if right else 'No'}. The {asked.label}: {told}.")
    if same:
        return Answer("equal", "", f"They are equal. The {asked.label}: {told}.")
    best = labels[max(range(len(numbers)), key=lambda position: sign * numbers[position])]
    return Answer(best, "", f"{best}. The {asked.label}: {told}.")


def _ratio(form: Form, asked: QuantityAsked, labels: Sequence[str], numbers: Sequence[float], told: str) -> Answer | None:
    """How many times as much the first has; *how many times lighter* turns it round. Nothing is a multiple of zero."""
    more, less = (0, 1) if form.descending else (1, 0)
    if not numbers[less] or not numbers[1] or len(numbers) > 2:
        return None
    times = round_to(numbers[more] / numbers[less])
    if form.statistic == "percent":
        percent = round_to(100 * abs(numbers[0] - numbers[1]) / numbers[1])
        return Answer(percent, "%", f"The {asked.label} differs by {percent:.6g} % of that of {labels[1]} ({told}).")
    return Answer(times, "", f"The {asked.label} of {labels[more]} is {times:.6g} times that of {labels[less]} ({told}).")


def _common_unit(asking: Asking, readings: Sequence[Reading]) -> Unit | None:
    """The unit in which the first value is written."""
    quantity = readings[0].quantity
    kind = next((one for one in quantity.kinds if asking.services.vocabulary.units.dimension_of_kind(one) is not None), None)
    if not quantity.unit and quantity.dimension == "1":
        return Unit("", 1.0, 0.0, "1", "1")
    unit = asking.services.vocabulary.units.find(quantity.unit, kind)
    return replace(unit, name="") if unit is not None and unit.name == "1" else unit


def _any_of(things: Sequence[Thing]) -> Part:
    """One part that finds the records of all these things."""
    models = [part for thing in things for part in thing.parts if isinstance(part, EntityPart) and part.kind is EntityKind.MODEL]
    names = tuple(dict.fromkeys(name for part in models for name in part.names))
    label = listed([thing.label for thing in things], last="or")
    return EntityPart(label, EntityKind.MODEL, names, label) if names else TextPart(label)


def compare_names(asking: Asking, asked: Property, things: Sequence[Thing]) -> Reply:
    """What each of the things has of a property that is no number."""
    understood = f"Asked to compare: {asked.label} of {listed([named_text(thing) for thing in things])}."
    query = asking.query((_any_of(things),))
    values, sources = [], []
    for thing in things:
        found = [pair for record in thing.records for pair in names_of(asking, asked, record)]
        if not found:
            return asking.unknown(f"{understood} No record that you may read says it of {thing.label}.", query)
        values.append(listed([name for name, _ in found]))
        sources += [source for _, source in found]
    told = listed([f"{thing.label}: {value}" for thing, value in zip(things, values, strict=True)])
    return Reply(understood, Answer(tuple(values), "", f"The {asked.label}: {told}."), tuple(dict.fromkeys(sources)), query)


def compare_all(asking: Asking, things: Sequence[Thing]) -> Reply:
    """Everything that the things have in common, beside each other."""
    tables = [table_of(asking, thing) for thing in things]
    shared = [label for label in tables[0] if all(label in table for table in tables)]
    understood = f"Asked to compare {listed([named_text(thing) for thing in things])} in all that is known of them."
    query = asking.query((_any_of(things),))
    if not shared:
        return asking.unknown(f"{understood} They have no property in common.", query)
    told = {label: [value_in(asking, table[label], None) for table in tables] for label in shared[:MAX_PROPERTIES]}
    lines = [f"{label}: {' / '.join(value.everyday or value.text for value in values)}" for label, values in told.items()]
    text = f"{' / '.join(thing.label for thing in things)}. {'; '.join(lines)}."
    return Reply(
        understood,
        Answer(tuple(lines), "", text),
        tuple(table[label].source for label in shared[:MAX_PROPERTIES] for table in tables),
        query,
    )
