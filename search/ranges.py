"""Bounds that a reader chooses for a number, from a histogram or in a chip: ``FROM..TO UNIT``, either side open.

``FROM..<TO UNIT`` leaves the upper bound out, as the bins of a histogram do.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Final

from ontology.units import Unit, Units
from records.errors import BodyError
from search.quantity_text import shown_unit
from search.query import QuantityPart

_NUMBER: Final = r"[-+]?(?:\d{1,30}(?:\.\d{1,30})?|\.\d{1,30})(?:[eE][-+]?\d{1,3})?"
_RANGE: Final = re.compile(rf"({_NUMBER})?\.\.(?:(<)?({_NUMBER}))?(?: (.+))?", re.ASCII)


def with_range(part: QuantityPart, text: str, units: Units) -> QuantityPart:
    """The part with these bounds, both included; what it is a number of, its role and its conditions stay.

    Args:
        part: A part that asks for a quantity.
        text: The bounds, e.g. ``2.5..4.2 V``, ``100.. Ah``, ``2..<5 Ah``, ``..50 g``, ``..`` for none. Without a unit: in that
            of `part_unit`.
        units: Units and their conversion.

    Raises:
        BodyError: The text has another form, or its unit does not fit the quantity.

    >>> from ontology.model import Facts
    >>> part = QuantityPart("> 1 Ah", frozenset({"urn:kind"}), ("Capacity",), 3600.0, None, False, False, "Ah", "T·I")
    >>> chosen = with_range(part, "2.5..5000 mAh", Units(Facts((), {}, {}, {})))
    >>> chosen.minimum, chosen.maximum, chosen.asked
    (9.0, 18000.0, '2.5–5000 mAh')
    """
    found = _RANGE.fullmatch(text)
    if found is None:
        raise BodyError(f"“{text}” is no range.", "Write FROM..TO and the unit, e.g. 2.5..4.2 V; either number can be left out.")
    first, below, last, written = found.groups()
    usual = part_unit(part, units)
    unit = units.find(written) if written else usual
    if written and (unit is None or (usual is not None and unit.dimension != usual.dimension)):
        shown = usual.name if usual is not None else "no unit"
        raise BodyError(f"“{written}” is no unit of this quantity.", f"Write one that converts to: {shown}.")
    low, high = (None if side is None else float(side) for side in (first, last))
    if low is not None and high is not None and (low > high or (low == high and below)):
        raise BodyError(f"The range “{text}” ends before it begins.", "Write the lesser number first.")
    return replace(
        part,
        minimum=None if low is None else _in_base(unit, low),
        maximum=None if high is None else _in_base(unit, high),
        minimum_included=low is not None,
        maximum_included=high is not None and not below,
        unit=unit.name if unit is not None else "",
        dimension=unit.dimension if unit is not None else part.dimension,
        asked=_told(low, high, unit, below or ""),
        rule="",
    )


def split_range(value: str) -> tuple[str, str]:
    """A value of the facet ``quantity``: the kind, and the bounds that were chosen for it.

    >>> split_range("urn:kind 2.5..4.2 V")
    ('urn:kind', '2.5..4.2 V')
    """
    kind, _, bounds = value.partition(" ")
    return kind, bounds


def part_unit(part: QuantityPart, units: Units) -> Unit | None:
    """The unit in which the numbers of the part are shown; ``None`` for pure numbers."""
    dimensions = (units.dimension_of_kind(kind) for kind in sorted(part.kinds))
    return shown_unit(part.unit, part.dimension or next((one for one in dimensions if one), ""), units)


def _in_base(unit: Unit | None, value: float) -> float:
    base_value = value if unit is None else unit.to_base(value)
    if not math.isfinite(base_value):
        raise BodyError(f"{value:g} is beyond all that can be measured.", "Write a number of this world.")
    return base_value


def _told(low: float | None, high: float | None, unit: Unit | None, below: str) -> str:
    name = f" {unit.name}" if unit is not None and unit.name else ""
    if low is not None and high is not None:
        return f"{low:.10g}–{below}{high:.10g}{name}" if low < high else f"= {low:.10g}{name}"
    if low is None and high is None:
        return ""
    return f"≥ {low:.10g}{name}" if low is not None else f"{below or '≤'} {high:.10g}{name}"
