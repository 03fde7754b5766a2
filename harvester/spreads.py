"""Between which bounds a quantity lies, and how far it may deviate: as written, and in base units."""

from __future__ import annotations

from typing import Final, NamedTuple

from harvester.nodes import MAX_NAME, MAX_UNITS, NAMES, Properties, letters
from ontology import terms
from ontology.units import Unit
from records.rdf import Literal
from records.record import Spread

DEVIATIONS: Final = (terms.BATTINFO_STANDARD_DEVIATION, terms.HAS_METROLOGICAL_UNCERTAINTY, terms.SCHEMA_MARGIN_OF_ERROR)
_QUALIFIERS: Final = {
    "minvalue": "minimum",
    "minimum": "minimum",
    "maxvalue": "maximum",
    "maximum": "maximum",
    "standarddeviation": "deviation",
    "standarduncertainty": "deviation",
    "uncertainty": "deviation",
    "marginoferror": "deviation",
}
"""Name of a ``valueReference`` -> which field of the spread it is."""


class Bounds(NamedTuple):
    """A spread as written, with the units of those ends that have one of their own."""

    minimum: float | None = None
    maximum: float | None = None
    deviation: float | None = None
    units: tuple[tuple[str, Unit], ...] = ()

    def with_field(self, name: str, number: float | None, unit: Unit | None = None) -> Bounds:
        """The first number of a field counts."""
        if number is None or getattr(self, name) is not None:
            return self
        return self._replace(**{name: number}, units=(*self.units, (name, unit)) if unit is not None else self.units)


def converted(bounds: Bounds, unit: Unit | None) -> Spread | None:
    """The spread in the unit of the quantity and in its base unit; a deviation is a difference, so offsets do not count."""
    if bounds[:3] == (None, None, None):
        return None
    own = dict(bounds.units)
    written: dict[str, float | None] = {}
    base: dict[str, float | None] = {}
    for name, offset in (("minimum", True), ("maximum", True), ("deviation", False)):
        number: float | None = getattr(bounds, name)
        given = own.get(name, unit)
        if number is None or given is None:
            written[name], base[name] = number, None
        elif unit is not None and given.dimension != unit.dimension:
            written[name], base[name] = None, None  # per cent of the value, or a mistake: it is no distance in this unit
        else:
            base[name] = given.to_base(number) if offset else number * given.factor
            written[name] = number if unit is None or given == unit else _back(base[name], unit, offset)
    if all(one is None for one in written.values()):
        return None
    return Spread(written["minimum"], written["maximum"], written["deviation"], base["minimum"], base["maximum"], base["deviation"])


def _back(base: float | None, unit: Unit, offset: bool) -> float | None:
    return None if base is None else unit.from_base(base) if offset else base / unit.factor


def qualifier(properties: Properties) -> str:
    """Which field of a spread a node is, by its name; ``""`` when it is none."""
    for predicate in NAMES:
        for value in properties[predicate][:MAX_UNITS] if predicate in properties else ():
            if type(value) is Literal and (name := _QUALIFIERS.get(letters(value.value[:MAX_NAME]))):
                return name
    return ""
