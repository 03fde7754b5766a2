"""A number over a set: mean, median, range."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median

from ontology.units import Unit
from search.asking.conditions import ConditionAsked
from search.asking.described import MAX_SOURCES, DescribedSet, is_meant
from search.asking.extremes import extreme
from search.asking.form import Ask, Form
from search.asking.properties import QuantityAsked
from search.asking.reply import Answer, Reply
from search.asking.services import MAX_RECORDS, Asking
from search.asking.telling import counted, listed
from search.asking.values import Reading, agreeing, best_reading, round_to
from search.quantity_text import unit_of


def statistic_of(
    asking: Asking,
    described: DescribedSet,
    statistic: str,
    asked: QuantityAsked,
    unit: Unit | None,
    conditions: Sequence[ConditionAsked],
) -> Reply:
    """Reckon with the value of each record.

    Args:
        asking: The question and its reader.
        described: The records.
        statistic: ``mean``, ``median``, ``sum`` or ``range``; ``""``: the value if all agree, else the range.
        asked: The quantity.
        unit: The unit in which it shall be told.
        conditions: What each value must hold under.
    """
    under = f" at {listed([one.text for one in conditions])}" if conditions else ""
    query = replace(described.query, parts=(*described.query.parts, asked.part()))
    understood = f"Asked for the {statistic or 'value'} of {asked.label}{under}: {described.told}."
    total, records = asking.records(query)  # what is of no cell is left out below, value by value
    if total > len(records):
        return _of_many(asking, replace(described, query=query), statistic, asked, unit, understood, total)
    found = (best_reading(record, asked, conditions, asking.services.properties) for record in records)
    readings = [one for one in found if one is not None and one.base is not None and is_meant(asking, described, one)]
    dimension = (
        unit.dimension if unit else Counter(one.quantity.dimension for one in readings).most_common(1)[0][0] if readings else ""
    )
    readings = [one for one in readings if one.quantity.dimension == dimension]
    if not readings:
        return asking.unknown(f"{understood} No record that you may read gives such a value.", query)
    told_in = unit or usual_unit(asking, readings)
    bases = [one.base for one in readings if one.base is not None]
    sources = tuple(one.source for one in readings[:MAX_SOURCES])
    return Reply(
        understood,
        _reckoned(statistic, bases, told_in, f"{asked.label}{under} ({described.told})", agreeing(readings)),
        sources,
        query,
    )


def _of_many(
    asking: Asking, described: DescribedSet, statistic: str, asked: QuantityAsked, unit: Unit | None, understood: str, total: int
) -> Reply:
    """Least and greatest value of so many records that not each is looked at: the index has them in order."""
    most = extreme(asking, described, Form(Ask.SUPERLATIVE, "", asked.label), asked, unit)
    high = most.answer
    told_in = unit or (asking.services.vocabulary.units.find(high.unit) if high and high.unit else None)
    least = extreme(asking, described, Form(Ask.SUPERLATIVE, "", asked.label, descending=False), asked, told_in)
    low = least.answer
    if statistic not in ("", "range") or low is None or high is None or low.unit != high.unit:
        return asking.unknown(
            f"{understood} {counted(total)} match, and at most {MAX_RECORDS} are reckoned with: ask for fewer, or for the range.",
            described.query,
        )
    text = f"{asked.label} ({described.told}), over {counted(total)} that you may read. {low.text} {high.text}"
    values = tuple(value for end in (low, high) for value in (end.value if isinstance(end.value, tuple) else (end.value,)))
    sources = tuple(dict.fromkeys(source for end in (least, most) for source in end.sources))[:MAX_SOURCES]
    return Reply(understood, Answer((values[0], values[-1]), low.unit, text), sources, described.query)


def _reckoned(statistic: str, bases: Sequence[float], unit: Unit, what: str, groups: Sequence[Sequence[Reading]]) -> Answer:
    over = f"over {counted(len(bases))} that you may read"

    def told(base: float) -> float | int:
        return round_to(unit.from_base(base))

    low, high = told(min(bases)), told(max(bases))
    reach = f"from {low:.6g} to {high:.6g} {unit.name}".strip()
    if statistic in ("mean", "median"):
        value = told(fmean(bases) if statistic == "mean" else median(bases))
        return Answer(
            value, unit.name, f"The {statistic} of {what} is {value:.6g} {unit.name}".strip() + f", {over}; they reach {reach}."
        )
    if statistic == "sum":
        value = round_to(sum(bases) / unit.factor)
        return Answer(value, unit.name, f"The sum of {what} is {value:.6g} {unit.name}".strip() + f", {over}.")
    if len(groups) == 1 and not statistic:
        return Answer(low, unit.name, f"It is {low:.6g} {unit.name}".strip() + f": {what}, {over}.")
    return Answer(
        (low, high),
        unit.name,
        f"The {what} reaches {reach}, {over}; the median is {told(median(bases)):.6g} {unit.name}".strip() + ".",
    )


def usual_unit(asking: Asking, readings: Sequence[Reading]) -> Unit:
    """The unit in which most of them are written."""
    units = [unit_of(one.quantity, asking.services.vocabulary.units) for one in readings]
    usual = Counter(unit for unit in units if unit is not None and unit.factor).most_common(1)
    found = usual[0][0] if usual else Unit("", 1.0, 0.0, readings[0].quantity.dimension, "")
    return replace(found, name="") if found.name == "1" else found
