"""Columns in base units beside those of numbers and units as they were written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Final

from ontology.units import Unit, Units
from records.errors import BodyError
from search.datasets.table_files import Column, Converted, Table, safe_name
from search.datasets.wishes import DatasetWish, UnitPair

_UNIT_ENDS: Final = re.compile(r"(?P<value>.+?)(?:Unit|_unit|_Unit)")


def in_base_units(table: Table, wish: DatasetWish, units: Units) -> tuple[list[Converted], list[dict[str, Any]]]:
    """The columns to add, and what the manifest says of them."""
    names = [column.name for column in table.columns]
    if wish.search is not None:
        return [], []
    pairs = _pairs(names) if wish.units is None else list(wish.units)
    for pair in pairs:
        for name in (pair.value, pair.unit):
            if name not in names:
                raise BodyError(f"The answer has no column {name!r}.", f"Its columns: {', '.join(names)}.")
    converted, told = [], []
    for pair in pairs:
        found = _conversion(table, pair, units, names)
        if found is None:
            told.append(
                {"value": pair.value, "unit": pair.unit, "column": None, "unknown": _unknown(table.pairs(pair.value, pair.unit))}
            )
            continue
        column, note = found
        names.append(column.column.name)
        converted.append(column)
        told.append(note)
    return converted, told


def _pairs(names: Sequence[str]) -> list[UnitPair]:
    matches = ((name, _UNIT_ENDS.fullmatch(name)) for name in names)
    return [UnitPair(match["value"], name) for name, match in matches if match is not None and match["value"] in names]


def _conversion(table: Table, pair: UnitPair, units: Units, names: Sequence[str]) -> tuple[Converted, dict[str, Any]] | None:
    counted = table.pairs(pair.value, pair.unit)
    known = {text: unit for text in counted if text is not None and (unit := units.find(text, pair.kind or None)) is not None}
    weights: Counter[tuple[str, str]] = Counter()
    for text, unit in known.items():
        weights[unit.dimension, unit.base_unit] += counted[text]
    if not weights:
        return None
    (dimension, base), _ = min(weights.items(), key=lambda one: (-one[1], one[0]))
    fitting: dict[str, Unit] = {text: unit for text, unit in known.items() if unit.dimension == dimension}
    column = Column(_free(f"{pair.value}_{safe_name(base)}", names), "number", base, f"?{pair.value} in {base}, from ?{pair.unit}")
    others = {text: counted[text] for text in known if text not in fitting}
    note = {
        "value": pair.value,
        "unit": pair.unit,
        "column": column.name,
        "base_unit": base,
        "converted": sum(counted[text] for text in fitting),
        "unknown": _unknown(Counter({text: number for text, number in counted.items() if text not in known})),
        "other_dimension": dict(sorted(others.items())),
    }
    return Converted(column, pair.value, pair.unit, {text: unit.to_base for text, unit in fitting.items()}), note


def _unknown(counted: Counter[str | None]) -> dict[str, int]:
    """Rows for each text that is no unit that converts; ``""`` counts those without one."""
    found: Counter[str] = Counter()
    for text, number in counted.items():
        found[text or ""] += number
    return dict(sorted(found.items()))


def _free(name: str, names: Collection[str]) -> str:
    while name in names:
        name += "_"
    return name
