"""What is nearly the same for all cells, large and small: ratios of their quantities."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

from shapes.things import CAPACITY, CURRENTS, ENERGY, LIMITS, MASS, VOLTAGE, Thing

_ROUND: Final = math.log10(math.pi / 4)
Parts = tuple[tuple[int, int], ...]
"""Positions of values in a thing, each with its power."""


def _volume(thing: Thing) -> tuple[Parts, float] | None:
    """A cell's volume, as positions with powers and a constant."""
    diameter, height = thing.role("Diameter"), thing.role("Height", "Length", "Thickness")
    if diameter is not None:
        return None if height is None else (((diameter, 2), (height, 1)), _ROUND)
    length, width, thickness = thing.role("Length"), thing.role("Width"), thing.role("Thickness", "Height")
    if length is None or width is None or thickness is None:
        return None
    return ((length, 1), (width, 1), (thickness, 1)), 0.0


def ratios_of(thing: Thing) -> Iterator[tuple[str, str, Parts, float]]:
    """Name, unit, parts and constant of what is nearly the same for all cells, large and small."""
    mass, capacity, voltage, volume = thing.role(*MASS), thing.role(*CAPACITY), thing.role(*VOLTAGE), _volume(thing)
    if mass is not None and volume is not None:
        yield "mass/volume", "kg/m³", ((mass, 1), *_inverse(volume[0])), -volume[1]
    if capacity is not None:
        if mass is not None:
            yield "capacity/mass", "A·s/kg", ((capacity, 1), (mass, -1)), 0.0
        if volume is not None:
            yield "capacity/volume", "A·s/m³", ((capacity, 1), *_inverse(volume[0])), -volume[1]
        for label in CURRENTS:
            current = thing.role(label)
            if current is not None:
                yield f"{label}/capacity", "1/s", ((current, 1), (capacity, -1)), 0.0
        resistance = thing.role("InternalResistance")
        if resistance is not None:
            yield "resistance·capacity", "V·s", ((resistance, 1), (capacity, 1)), 0.0
    if voltage is not None:
        for label in LIMITS:
            limit = thing.role(label)
            if limit is not None:
                yield f"{label}/voltage", "1", ((limit, 1), (voltage, -1)), 0.0


def energies_of(thing: Thing) -> Iterator[tuple[str, Parts, float]]:
    """Name, parts and constant of what must be about one: energy by capacity times voltage, however it is given."""
    energy, capacity, voltage = thing.role(*ENERGY), thing.role(*CAPACITY), thing.role(*VOLTAGE)
    known: Parts | None = None
    if capacity is not None and voltage is not None:
        known = ((capacity, 1), (voltage, 1))
        if energy is not None:
            yield "energy", ((energy, 1), *_inverse(known)), 0.0
    elif energy is not None:
        known = ((energy, 1),)
    if known is not None:
        mass, volume = thing.role(*MASS), _volume(thing)
        specific, density = thing.role("SpecificEnergy"), thing.role("EnergyDensity")
        if specific is not None and mass is not None:
            yield "specific energy", ((specific, 1), (mass, 1), *_inverse(known)), 0.0
        if density is not None and volume is not None:
            yield "energy density", ((density, 1), *volume[0], *_inverse(known)), volume[1]


def _inverse(parts: Parts) -> Parts:
    return tuple([(place, -power) for place, power in parts])
