"""A quantity in words for people: ``2.5 ± 0.1 Ah``, ``2.4 to 2.6 Ah``, ``25 °C, C/3``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from ontology.units import Unit, Units
from records.record import Condition, Quantity, Spread

_TELLS_ITSELF: Final = "Θ"
"""A condition of this dimension (temperature) needs no name: its unit tells what it is."""
_C_RATES: Final = frozenset(("C", "A/Ah"))
_PER_TIME: Final = "T⁻¹"


def label_of(quantity: Quantity | Condition, concepts: Concepts) -> str:
    """What it is a quantity of: labels of its classes, else what the document calls it; ``""`` when neither is known."""
    told = [kind for kind in quantity.kinds if kind not in terms.PROPERTY_KINDS]
    if quantity.name:
        return quantity.name
    return ", ".join(concepts.label(kind) for kind in told or quantity.kinds)


def unit_of(quantity: Quantity | Condition, units: Units) -> Unit | None:
    """Its unit, understood by its classes as it was when it was read; ``None`` when it has none or none that is known."""
    if quantity.unit == terms.C and quantity.dimension == _TELLS_ITSELF:
        return units.find("°C")  # the programming language, which people take for degrees: read as such (`harvester.quantities`)
    measured = next((kind for kind in quantity.kinds if units.dimension_of_kind(kind) is not None), None)
    return units.find(quantity.unit, measured) if quantity.unit else None


_READABLE: Final[Mapping[str, str]] = {
    "T·I": "Ah",
    "M": "g",
    "L": "mm",
    "L³": "mL",
    "T": "h",
    "Θ": "°C",
    "L²·M·T⁻²": "Wh",
    "L²·T⁻²": "Wh/kg",
    "M⁻¹·T·I": "mAh/g",
}
"""Dimension -> the unit in which people who work on batteries think of it, where that is not the base unit."""


def shown_unit(asked: str, dimension: str, units: Units) -> Unit | None:
    """The unit in which numbers of a dimension are shown: as asked, else a usual one; ``None`` for pure numbers.

    >>> from ontology.model import Facts
    >>> shown_unit("", "T·I", Units(Facts((), {}, {}, {}))).name
    'Ah'
    """
    unit = units.find(asked) if asked else None
    if unit is not None or dimension in ("", "1"):
        return unit
    named = units.find(_READABLE[dimension]) if dimension in _READABLE else None
    any_unit = next((units.find(iri) for iri in units.of_dimension(dimension)), None)
    return named or (Unit(any_unit.base_unit, 1.0, 0.0, dimension, any_unit.base_unit) if any_unit is not None else None)


def value_text(quantity: Quantity, units: Units) -> str:
    """Value (with its deviation, or the range instead) and unit.

    >>> from ontology.model import Facts
    >>> units = Units(Facts((), {}, {}, {}))
    >>> value_text(Quantity((), 2.5, "Ah", 9000.0, "A·s", "T·I", "", 1, Spread(None, None, 0.1)), units)
    '2.5 ± 0.1 Ah'
    >>> value_text(Quantity((), None, "g", None, "kg", "M", "", 1, Spread(60, 80)), units)
    '60 to 80 g'
    """
    if quantity.value is None:
        return spread_text(quantity, units)
    deviation = quantity.spread.deviation if quantity.spread is not None else None
    number = f"{quantity.value:.6g}" + (f" ± {deviation:.6g}" if deviation is not None else "")
    return f"{number} {_unit_name(quantity, units)}".strip()


def spread_text(quantity: Quantity, units: Units) -> str:
    """The range of values, or ``""``.

    >>> from ontology.model import Facts
    >>> spread_text(Quantity((), 2.5, "Ah", 9000.0, "A·s", "T·I", "", 1, Spread(2.4, None)), Units(Facts((), {}, {}, {})))
    'at least 2.4 Ah'
    """
    bounds = _range(quantity.spread)
    return f"{bounds} {_unit_name(quantity, units)}".strip() if bounds else ""


def condition_texts(quantity: Quantity, concepts: Concepts, units: Units) -> tuple[str, ...]:
    """Its conditions; temperature and C-rate without a name, because their units tell what they are.

    >>> from ontology.model import Facts
    >>> at = (Condition((), 25, "degC", 298.15, "K", "Θ", "", 1), Condition((), 0.1, "C", 0.1, "1/s", "T⁻¹", "", 1))
    >>> facts = Facts((), {}, {}, {})
    >>> condition_texts(Quantity((), 1.0, "", None, "", "", "", 1, None, at), Concepts(facts), Units(facts))
    ('25 °C', 'C/10')
    """
    return tuple(_condition_text(condition, concepts, units) for condition in quantity.conditions)


def _condition_text(condition: Condition, concepts: Concepts, units: Units) -> str:
    unit = unit_of(condition, units)
    if unit is not None and unit.dimension == _PER_TIME and unit.name in _C_RATES:
        return _c_rate(condition.value)
    number = f"{condition.value:.6g} {_unit_name(condition, units)}".strip()
    return number if condition.dimension == _TELLS_ITSELF else f"{label_of(condition, concepts)} {number}".strip()


def _c_rate(value: float) -> str:
    """``C/3`` for a third, as people write it."""
    hours = round(1 / value) if 0 < value < 1 else 0
    return f"C/{hours}" if hours and abs(value * hours - 1) < 0.01 else f"{value:.6g} C"


def _range(spread: Spread | None) -> str:
    if spread is None or (spread.minimum is None and spread.maximum is None):
        return ""
    if spread.maximum is None:
        return f"at least {spread.minimum:.6g}"
    if spread.minimum is None:
        return f"at most {spread.maximum:.6g}"
    return f"{spread.minimum:.6g} to {spread.maximum:.6g}"


def _unit_name(quantity: Quantity | Condition, units: Units) -> str:
    unit = unit_of(quantity, units)
    if unit is None:
        return "" if "://" in quantity.unit or ":" in quantity.unit else quantity.unit
    return "" if unit.name == "1" else unit.name
