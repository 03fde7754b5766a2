"""The size and dimension of a unit, as the unit library (pint) computes them."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from ontology.unit_table import Expression

if TYPE_CHECKING:
    from pint import UnitRegistry

Dimension = tuple[int, int, int, int, int, int, int]
"""Exponents of length, mass, time, current, temperature, amount of substance and luminous intensity."""
_PINT_ORDER = ("[length]", "[mass]", "[time]", "[current]", "[temperature]", "[substance]", "[luminosity]")
_OFFSET_NAMES = frozenset({"degree_Celsius", "degree_Fahrenheit"})


class Measure(NamedTuple):
    """Size and dimension of an expression, exactly as the unit library computes them."""

    factor: Fraction
    offset: Fraction
    dimension: Dimension


@cache
def _registry() -> UnitRegistry[Fraction]:
    import pint  # heavy, and not needed where the fact table has every factor

    return pint.UnitRegistry(non_int_type=Fraction, cache_folder=None)


def measure(expression: Expression) -> Measure:
    """The size of an expression in SI coherent units, computed by pint with exact fractions.

    Temperatures on a scale keep their offset when they stand alone; inside a product they are differences.

    Raises:
        ValueError: The unit library does not know a name, or an exponent of the dimension is not whole.

    Example:
        >>> from ontology.unit_table import read_expression
        >>> float(measure(read_expression("milliampere * hour")).factor)
        3.6
    """
    import pint

    registry = _registry()
    offset = Fraction(0)
    try:
        quantity = registry.Quantity(expression.coefficient, "")
        for name, power in expression.powers:
            scale = next((n for n in _OFFSET_NAMES if name.endswith(n)), None)
            if scale is None:
                quantity = quantity * registry.Quantity(Fraction(1), name) ** power
                continue
            quantity = quantity * registry.Quantity(Fraction(1), "delta_" + name) ** power
            if expression.powers == ((name, 1),) and name == scale:
                offset = _exact(registry.Quantity(Fraction(0), name).to_base_units().magnitude)
        factor = _exact(quantity.to_base_units().magnitude)
        exponents = {key: _exact(value) for key, value in quantity.dimensionality.items()}
    except (pint.PintError, TypeError, OverflowError, ZeroDivisionError) as exc:
        raise ValueError(f"the unit library cannot resolve {expression}") from exc
    if any(value.denominator != 1 for value in exponents.values()) or not exponents.keys() <= set(_PINT_ORDER):
        raise ValueError(f"{expression} has a dimension outside the SI")
    length, mass, time, current, temperature, amount, light = (int(exponents.get(key, 0)) for key in _PINT_ORDER)
    return Measure(factor, offset, (length, mass, time, current, temperature, amount, light))


def _exact(magnitude: object) -> Fraction:
    return magnitude if isinstance(magnitude, Fraction) else Fraction(str(magnitude))
