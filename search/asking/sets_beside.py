"""Several sets beside each other, and the share of a set."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import Final

from ontology.units import Unit
from records.record import Record
from search.asking.counting import ALL
from search.asking.described import MAX_SOURCES, DescribedSet, described_set, is_meant, records_meant, why_none
from search.asking.form import Form
from search.asking.properties import QuantityAsked
from search.asking.reply import Answer, Reply
from search.asking.services import MAX_RECORDS, Asking, evidence
from search.asking.statistic import usual_unit
from search.asking.telling import counted, listed
from search.asking.values import Reading, best_reading, round_to
from search.asking.wanted import cut_unit
from search.query import EitherPart

_RECKON: Final[Mapping[str, Callable[[Sequence[float]], float]]] = {"mean": fmean, "median": median}


def share_of_set(asking: Asking, form: Form) -> Reply:
    """How many per cent of the records of a set are so.

    Args:
        asking: The question and its reader.
        form: Its rest describes the set, its first other text what is counted of it.
    """
    whole, only = described_set(asking, form.rest), described_set(asking, form.others[0])
    understood = f"Asked for the share of {only.told} in: {whole.told}."
    unknown = (*whole.not_understood, *only.not_understood)
    if unknown or not only.query.parts or whole.query.order or only.query.order:
        words = f" Not understood: {listed(unknown)}." if unknown else " Not understood what is counted."
        return asking.unknown(f"{understood}{words}", whole.query)
    if not whole.query.parts and not whole.only_cells and not ALL.search(form.rest):
        return asking.unknown(f"{understood} Not understood of what.", only.query)
    query = replace(whole.query, parts=tuple(dict.fromkeys((*whole.query.parts, *only.query.parts))))
    part = replace(whole, query=query)
    every, _ = records_meant(asking, whole, MAX_SOURCES)
    some, records = records_meant(asking, part, MAX_SOURCES)
    if not every or (not some and (why := why_none(asking, part))):
        return asking.unknown(f"{understood}{why if every else ' No record that you may read is in it.'}", query)
    percent = round_to(100 * some / every)
    text = f"{percent:.4g} %: {some} of {counted(every)} that you may read say so ({only.told}; of {whole.told})."
    return Reply(understood, Answer(percent, "%", text), evidence(query, records), query)


def compare_sets(asking: Asking, form: Form) -> Reply:
    """A quantity of several sets beside each other: the mean (or median) of each, in one unit.

    Args:
        asking: The question and its reader.
        form: Its property names the quantity, its other texts describe the sets.
    """
    last, unit = cut_unit(asking, form.others[-1])
    asked = asking.services.properties.find(form.property)
    sets = [described_set(asking, text) for text in (*form.others[:-1], last)]
    told = listed([one.told for one in sets])
    if not isinstance(asked, QuantityAsked) or (unit is not None and asked.dimension not in ("", unit.dimension)):
        return asking.unknown(f"Asked to compare {told}, and not understood in what: “{form.property}”.")
    understood = f"Asked to compare the {form.statistic} of {asked.label}: {told}."
    unknown = [word for one in sets for word in one.not_understood]
    if unknown or not all(_is_described(one) for one in sets):
        return asking.unknown(f"{understood} Not understood: {listed(unknown) or 'of what'}.")
    readings = [_readings(asking, one, asked) for one in sets]
    empty = next((one.told for one, found in zip(sets, readings, strict=True) if not found), "")
    if empty:
        return asking.unknown(f"{understood} No record that you may read gives such a value of: {empty}.")
    told_in = unit or usual_unit(asking, [reading for found in readings for reading in found])
    ways = tuple(tuple(part for part in one.query.parts if not isinstance(part, EitherPart)) for one in sets)
    query = asking.query((EitherPart(told, ways), asked.part()))
    answer = _beside(form.statistic, asked, sets, readings, told_in)
    sources = tuple(one.source for found in readings for one in found)[:MAX_SOURCES]
    return Reply(understood, answer, sources, query)


def _is_described(one: DescribedSet) -> bool:
    """Whether something says of what the set is, in one way and no order."""
    return one.query.order is None and bool(one.query.parts) and not any(isinstance(part, EitherPart) for part in one.query.parts)


def _readings(asking: Asking, described: DescribedSet, asked: QuantityAsked) -> list[Reading]:
    """The value of each record of a set, of the dimension that most of them have; none where there are too many."""
    query = replace(described.query, parts=(*described.query.parts, asked.part()))
    total, records = asking.records(query)
    if total > MAX_RECORDS:
        return []
    found = [one for record in records if (one := _own(asking, described, asked, record)) is not None]
    dimensions = [one.quantity.dimension for one in found]
    usual = max(dimensions, key=dimensions.count, default="")
    return [one for one in found if one.quantity.dimension == usual]


def _own(asking: Asking, described: DescribedSet, asked: QuantityAsked, record: Record) -> Reading | None:
    reading = best_reading(record, asked, (), asking.services.properties)
    return reading if reading is not None and reading.base is not None and is_meant(asking, described, reading) else None


def _beside(
    statistic: str, asked: QuantityAsked, sets: Sequence[DescribedSet], readings: Sequence[Sequence[Reading]], unit: Unit
) -> Answer:
    values, lines = [], []
    for described, found in zip(sets, readings, strict=True):
        bases = [one.base for one in found if one.base is not None]
        low, high = (round_to(unit.from_base(end)) for end in (min(bases), max(bases)))
        values.append(round_to(unit.from_base(_RECKON[statistic](bases))))
        reach = f"from {low:.6g} to {high:.6g} {unit.name}".strip()
        lines.append(f"{described.told}: {values[-1]:.6g} {unit.name}".strip() + f", {reach}, over {counted(len(bases))}")
    return Answer(tuple(values), unit.name, f"The {statistic} of {asked.label}, of what you may read: {'; '.join(lines)}.")
