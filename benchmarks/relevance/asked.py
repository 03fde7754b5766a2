"""Questions that have a value: what is right, computed from the documents, and the verdict on a reply of ``voltagraph ask``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median
from typing import Any

from benchmarks.relevance.documents import fold
from benchmarks.relevance.tables import SYMBOLS, UNITS
from benchmarks.relevance.truth import Row, matching

TOLERANCE = 0.006
"""Relative: replies may round."""
_NUMBER = re.compile(r"-?\d+(?:[., ]?\d{3})*(?:\.\d+)?(?:e[+-]?\d+)?")
_SIGNS = str.maketrans({"·": "", " ": "", "^": "", "²": "2", "³": "3", "µ": "u", "μ": "u", "Ω": "Ohm", "\u2126": "Ohm", "/": "_"})
_WRITTEN = {"": "cycles", "1": "cycles", "°C": "degC", "%": "percent", "Wh_l": "Wh_L", "mol_l": "mol_L"}
"""Units as replies write them, when their signs are put into letters, by their symbols in `tables.SYMBOLS`."""
_WIDER = {"rated_capacity": "capacity"}
"""Kinds of quantity whose wider reading is right as well: a nominal capacity is a maker's rating too."""
_STATISTICS: dict[str, Callable[[list[float]], float]] = {"min": min, "max": max, "mean": fmean, "median": median}


@dataclass(frozen=True)
class Asked:
    """A question for ``ask``.

    Args:
        id: Its name.
        group: What kind of answer it has: ``value``, ``count``, ``superlative``, ...; ``choice`` is the name of one of those that
            the question names; ``unknown`` has none.
        text: As somebody would type it.
        of: Predicate of the records asked about; ``other`` of those that they are compared with.
        near: A wider reading of ``of`` that is right as well, where documents are not sure of their material.
        kind: What of them, by its name in `tables.PROPERTIES`.
        part: What it is of, by its role in `truth.ROLES`, where it is not of the thing itself.
        unit: The unit of the answer, by its symbol in `tables.SYMBOLS`.
        statistic: ``min``, ``max``, ``mean`` or ``median``.
        says: Texts of which the answer has one.
    """

    id: str
    group: str
    text: str
    of: str = ""
    near: str = ""
    other: str = ""
    kind: str = ""
    unit: str = ""
    statistic: str = ""
    says: tuple[str, ...] = ()
    part: str = ""

    @property
    def readings(self) -> tuple[str, ...]:
        """Predicates of the records asked about, each of them right."""
        return (self.of, self.near) if self.near else (self.of,)


def read_asked(path: Path) -> list[Asked]:
    """The questions of a file, in its order."""
    return [
        Asked(
            one["id"],
            one["class"],
            one["text"],
            one.get("of", ""),
            one.get("near", ""),
            one.get("with", ""),
            one.get("property", ""),
            one.get("unit", ""),
            one.get("statistic", ""),
            tuple(one.get("says", ())),
            one.get("part", ""),
        )
        for one in tomllib.loads(path.read_text("utf-8"))["question"]
    ]


def verdict(asked: Asked, reply: dict[str, Any], rows: Sequence[Row]) -> str:
    """``right``, ``wrong``, ``abstained rightly`` or ``abstained wrongly``."""
    if reply["abstained"]:
        return "abstained rightly" if asked.group == "unknown" else "abstained wrongly"
    if asked.group == "unknown":
        return "wrong"
    return "right" if _is_right(asked, reply, rows) else "wrong"


def expected(asked: Asked, rows: Sequence[Row]) -> str:
    """What is right, for people."""
    match asked.group:
        case "unknown":
            return "no answer"
        case "name" | "choice":
            return " or ".join(asked.says)
        case "yes or no":
            return _yes_or_no(asked, rows)
        case "count" | "list":
            return " or ".join(str(number) for number in sorted(_counts(asked, rows)))
        case "comparison":
            return f"{_shown(asked, _values(asked.of, asked, rows))} and {_shown(asked, _values(asked.other, asked, rows))}"
        case "value":
            return _shown(asked, _values(asked.of, asked, rows))
        case "difference":
            return _shown(asked, _differences(asked, rows))
        case _:
            return _shown(asked, _statistics(asked, rows))


def _is_right(asked: Asked, reply: dict[str, Any], rows: Sequence[Row]) -> bool:
    answer = reply["answer"]
    sources = {source["record"] for source in reply["sources"]}
    match asked.group:
        case "value":
            return _states(answer, asked, _values(asked.of, asked, rows))
        case "difference":
            return _states(answer, asked, _differences(asked, rows))
        case "superlative":
            best = _statistics(asked, rows)
            asked_about = matching(asked.readings[-1], rows)
            holders = {row.document.id for row in asked_about if _any_close(_of_row(row, asked), best)}
            return _states(answer, asked, best) and (not sources or not holders.isdisjoint(sources))
        case "statistic":
            return _states(answer, asked, _statistics(asked, rows))
        case "comparison":
            numbers = _numbers(answer["text"], asked)
            return all(_any_close(_values(of, asked, rows), numbers) for of in (asked.of, asked.other))
        case "count":
            return answer["value"] in list(_counts(asked, rows))  # a list as the answer is wrong
        case "list":
            listed = answer["value"]
            counted = len(listed) if isinstance(listed, list) else listed
            return counted in _counts(asked, rows) and sources <= {row.document.id for row in matching(asked.readings[-1], rows)}
        case "name" | "choice":
            # the text of a choice names them all
            said = fold(f"{answer['value']} {'' if asked.group == 'choice' else answer['text']}")
            return any(fold(one) in said for one in asked.says)
        case _:
            said = {True: "yes", False: "no"}.get(answer["value"], answer["value"])
            return str(said).casefold() == _yes_or_no(asked, rows)


def _of_row(row: Row, asked: Asked) -> list[float]:
    """The values of one record, in base units."""
    named = row.of(asked.part, asked.kind) if asked.part else row[asked.kind] or row.anywhere(asked.kind)
    return [number.value for number in named.numbers if not asked.unit or number.dimension == _unit(asked)[1]]


def _values(of: str, asked: Asked, rows: Sequence[Row]) -> list[float]:
    return sorted({value for row in matching(of, rows) for value in _of_row(row, asked)})


def _differences(asked: Asked, rows: Sequence[Row]) -> list[float]:
    """Between any value of the one and any of the other."""
    others = _values(asked.other, asked, rows)
    return sorted({abs(one - other) for one in _values(asked.of, asked, rows) for other in others})


def _statistics(asked: Asked, rows: Sequence[Row]) -> list[float]:
    """Over all records, and over cells where several records describe the same one: both are right."""
    statistic = _STATISTICS[asked.statistic]
    found: list[float] = []
    for of in asked.readings:
        for kind in dict.fromkeys((asked.kind, _WIDER.get(asked.kind, asked.kind))):
            one = replace(asked, kind=kind)
            values = [(row.identity, _of_row(row, one)) for row in matching(of, rows)]
            once = {identity: each for identity, each in values if each}
            found += [
                float(statistic([v for each in some for v in each])) for some in ([each for _, each in values], once.values())
            ]
    return found


def _counts(asked: Asked, rows: Sequence[Row]) -> set[int]:
    """How many records, and how many cells where several records describe the same one: both are right."""
    found = [matching(of, rows) for of in asked.readings]
    return {number for some in found for number in (len(some), len({row.identity for row in some}))}


def _yes_or_no(asked: Asked, rows: Sequence[Row]) -> str:
    if not asked.other:
        return "yes" if matching(asked.of, rows) else "no"
    return "yes" if max(_values(asked.of, asked, rows)) > max(_values(asked.other, asked, rows)) else "no"


def _unit(asked: Asked) -> tuple[float, str]:
    return UNITS[SYMBOLS[asked.unit]]


def _states(answer: dict[str, Any], asked: Asked, right: Iterable[float]) -> bool:
    """The answer's value and unit are one of these values."""
    written = answer["unit"].translate(_SIGNS)
    unit = _WRITTEN.get(written, written)
    if unit not in SYMBOLS or not isinstance(answer["value"], (int, float)) or isinstance(answer["value"], bool):
        return False
    factor, dimension = UNITS[SYMBOLS[unit]]
    return dimension == _unit(asked)[1] and _any_close([answer["value"] * factor], right)


def _numbers(text: str, asked: Asked) -> list[float]:
    """Every number of a text, in every unit of the dimension."""
    factors = {factor for factor, dimension in UNITS.values() if dimension == _unit(asked)[1]}
    numbers = [float(re.sub(r"[, ]", "", one)) for one in _NUMBER.findall(text)]
    return [number * factor for number in numbers for factor in factors]


def _any_close(some: Iterable[float], right: Iterable[float]) -> bool:
    listed = list(right)
    return any(abs(one - other) <= TOLERANCE * abs(other) for one in some for other in listed)


def _shown(asked: Asked, values: Iterable[float]) -> str:
    factor = _unit(asked)[0]
    return " or ".join(dict.fromkeys(f"{value / factor:.6g} {asked.unit}" for value in values))
