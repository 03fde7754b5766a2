"""A number over a set: mean, median, range."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median

from ontology.units import Unit
from search.asking.conditions import ConditionAsked
from search.asking.described import MAX_SOURCES, DescribedSet, is_meant
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
        statistic: ``mean``, ``median`` or ``range``; ``""``: the value if all agree, else the range.
        asked: The quantity.
        unit: The unit in which it shall be told.
        conditions: What each value must hold under.
    """
    under = f" at {listed([one.text for one in conditions])}" if conditions else ""
    query = replace(described.query, parts=(*described.query.parts, asked.part()))
    understood = f"Asked for the {statistic or 'value'} of {asked.label}{under}: {described.told}."
    total, records = asking.records(query)
    if total > len(records):
        return asking.unknown(
            f"{understood} {counted(total)} match, and at most {MAX_RECORDS} are reckoned with: ask for fewer.", query
        )
    found = (best_reading(record, asked, conditions, asking.services.properties) for record in records)
    readings = [one for one in found if one is not None and one.base is not None and is_meant(asking, described, one)]
    dimension = (
        unit.dimension if unit else Counter(one.quantity.dimension for one in readings).most_common(1)[0][0] if readings else ""
    )
    readings = [one for one in readings if one.quantity.dimension == dimension]
    if not readings:
        return asking.unknown(f"{understood} No record that you may read gives such a value.", query)
    told_in = unit or _usual_unit(asking, readings)
    bases = [one.base for one in readings if one.base is not None]
    sources = tuple(one.source for one in readings[:MAX_SOURCES])
    return Reply(
        understood,
        _reckoned(statistic, bases, told_in, f"{asked.label}{under} ({described.told})", agreeing(readings)),
        sources,
        query,
    )


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
    if len(groups) == 1 and not statistic:
        return Answer(low, unit.name, f"It is {low:.6g} {unit.name}".strip() + f": {what}, {over}.")
    return Answer(
        (low, high),
        unit.name,
        f"The {what} reaches {reach}, {over}; the median is {told(median(bases)):.6g} {unit.name}".strip() + ".",
    )


def _usual_unit(asking: Asking, readings: Sequence[Reading]) -> Unit:
    """The unit in which most of them are written."""
    units = [unit_of(one.quantity, asking.services.vocabulary.units) for one in readings]
    usual = Counter(unit for unit in units if unit is not None and unit.factor).most_common(1)
    found = usual[0][0] if usual else Unit("", 1.0, 0.0, readings[0].quantity.dimension, "")
    return replace(found, name="") if found.name == "1" else found
