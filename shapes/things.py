"""What the numbers of a document are of, and which group of comparable things each of these belongs to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ontology.concepts import Concepts
from ontology.expansion import Reading
from ontology.terms import PROPERTY_KINDS
from ontology.units import Units
from records.record import ConceptUse, Quantity
from shapes.ranges import PART
from shapes.sizes import Size, size_code

_MAX_CACHED: Final = 8192
CELLS: Final = frozenset(("coin", "cylindrical", "prismatic", "pouch", "cell"))
"""Groups of cells."""
PACK: Final = "pack"
"""The group of what holds several cells, and of cells of which nothing is known."""
_VAGUE: Final = frozenset(("", "cell"))
# A class, the group of a thing of this class, and the group of what has such a thing. The first that fits counts.
# The documents behind the table are of lithium-ion cells: of other chemistries and of several cells in one case it says nothing.
_OTHER_CHEMISTRIES: Final = (
    *("AlkalineCell", "AluminiumBattery", "CadmiumBattery", "CalciumBattery", "IronBattery", "LeadBattery", "LithiumSulfurBattery"),
    *("MagnesiumBattery", "MetalAirBattery", "MoltenSaltCell", "NickelOxideBattery", "PotassiumBattery", "RedoxFlowBattery"),
    *("SilverBattery", "SilverOxideBattery", "SodiumBattery", "ZincBattery"),
)
_GROUPS: Final = (
    *((label, PACK, "") for label in ("BatteryModule", "BatteryPack", "MonoblocBattery", *_OTHER_CHEMISTRIES)),
    ("CoinCase", PART, "coin"),
    ("CylindricalCase", PART, "cylindrical"),
    ("PrismaticCase", PART, "prismatic"),
    ("PouchCase", PART, "pouch"),
    ("CoinCell", "coin", "coin"),
    ("CylindricalBattery", "cylindrical", "cylindrical"),
    ("PrismaticBattery", "prismatic", "prismatic"),
    ("PouchCell", "pouch", "pouch"),
    ("BatteryCell", "cell", "cell"),
    ("BatteryCellSpecification", "cell", ""),
)
_OF_A_CELL: Final = frozenset(("RatedCapacity", "NominalCapacity", "NominalVoltage", "MinimumCapacity"))
_GENERIC: Final = frozenset(("TerminationQuantity", "PropertyValue", "PhysicalQuantity"))
# Labels of quantities by what they are for a cell.
MASS: Final = ("Mass",)
CAPACITY: Final = ("RatedCapacity", "NominalCapacity", "MinimumCapacity")
VOLTAGE: Final = ("NominalVoltage",)
ENERGY: Final = ("RatedEnergy", "NominalEnergy")
CURRENTS: Final = (
    "ChargingCurrent",
    "DischargingCurrent",
    "MaximumContinuousChargingCurrent",
    "MaximumContinuousDischargingCurrent",
    "MaximumPulseChargingCurrent",
    "MaximumPulseDischargingCurrent",
)
LIMITS: Final = ("UpperVoltageLimit", "ChargingVoltage", "LowerVoltageLimit")
_ROLE_UNITS: Final = {
    **dict.fromkeys(MASS, "kg"),
    **dict.fromkeys(CAPACITY, "A·s"),
    **dict.fromkeys((*VOLTAGE, *LIMITS), "V"),
    **dict.fromkeys(CURRENTS, "A"),
    **dict.fromkeys(ENERGY, "J"),
    **dict.fromkeys(("Diameter", "Height", "Length", "Width", "Thickness"), "m"),
    "SpecificEnergy": "J/kg",
    "EnergyDensity": "Pa",
    "InternalResistance": "Ω",
}


class _Class(NamedTuple):
    """What a class says of the thing that has it, and of what has such a thing."""

    own: str
    above: str
    size: Size | None


_UNSEEN: Final = _Class("", "", None)


class Value(NamedTuple):
    """A quantity of a thing, with the label of its kind and the logarithm of its base value (none for zero and below)."""

    quantity: Quantity
    kind: str
    label: str
    logarithm: float | None

    def is_same(self, other: Value) -> bool:
        """Whether both say the same."""
        if self.logarithm is None:
            return self.quantity.value == other.quantity.value
        return self.logarithm == other.logarithm


@dataclass(slots=True)
class Thing:
    """What quantities are of: a node of the document."""

    pointer: str
    values: list[Value] = field(default_factory=list)
    group: str = PART
    size: Size | None = None
    labels: dict[str, int] = field(default_factory=dict)

    def add(self, value: Value) -> None:
        """Add a quantity; a label that stands for two different values stands for none."""
        place = self.labels.setdefault(value.label, len(self.values))
        if 0 <= place < len(self.values) and not self.values[place].is_same(value):
            self.labels[value.label] = -1
        self.values.append(value)

    def role(self, *labels: str) -> int | None:
        """Position of the first of these labels that the thing has exactly once, in the unit that it must have."""
        for label in labels:
            place = self.labels.get(label, -1)
            if place >= 0:
                value = self.values[place]
                if value.logarithm is not None and value.quantity.base_unit == _ROLE_UNITS.get(label):
                    return place
        return None


class Things:
    """Sorts the quantities of documents by what they are of; remembers what it looked up, so one instance serves a whole harvest.

    Args:
        concepts: The concepts of the ontologies.
        units: The units.
    """

    def __init__(self, concepts: Concepts, units: Units) -> None:
        self._concepts = concepts
        self._units = units
        self._classes: dict[str, _Class | None] = {}
        self._kinds: dict[tuple[str, ...], tuple[str, str]] = {}

    def of(self, reading: Reading | None, quantities: Sequence[Quantity], uses: Sequence[ConceptUse]) -> list[Thing]:
        """The things that these quantities are of, in the order of the document.

        Args:
            reading: What was read from the document; without it nothing is known of references between listed nodes.
            quantities: Its numbers with units.
            uses: The concepts it uses.
        """
        things: dict[str, Thing] = {}
        references: dict[str, str] | None = None
        for quantity in quantities:
            if quantity.value is None:
                continue
            kind, label = self._kind(quantity.kinds)
            owner = _owner(quantity.pointer)
            if not owner and _is_listed(quantity.pointer):
                if references is None:
                    references = _references(reading) if reading is not None else {}
                owner = references.get(quantity.pointer, quantity.pointer)
            thing = things.get(owner)
            if thing is None:
                thing = things[owner] = Thing(owner)
            base = quantity.base_value
            thing.add(Value(quantity, kind, label, math.log10(base) if base is not None and base > 0 else None))
        self._sort(things, uses)
        return list(things.values())

    def _sort(self, things: Mapping[str, Thing], uses: Sequence[ConceptUse]) -> None:
        """Give each thing its group, and its size where a class names one."""
        own: dict[str, str] = {}
        above: dict[str, str] = {}
        for use in uses:
            pointer = use.pointer
            known = self._classes.get(use.concept, _UNSEEN)
            if known is _UNSEEN:
                known = self._classes[use.concept] = self._class(use.concept)
            if known is None:
                own.setdefault(pointer, "")
                continue
            so_far = own.get(pointer, "")
            if known.own == PACK or (so_far in _VAGUE and (known.own != PART or not so_far)):  # a cell of a size is no case
                own[pointer] = known.own
            owner = _owner(pointer)
            if known.above and above.get(owner, "") in _VAGUE:
                above[owner] = known.above
            if known.size is not None:
                for place in (pointer, owner):
                    if place in things:
                        things[place].size = known.size
        for pointer, thing in things.items():
            thing.group = _group(own.get(pointer), above.get(pointer), thing.labels)

    def _class(self, iri: str) -> _Class | None:
        label = self._concepts.label(iri)
        labels = {label, *(self._concepts.label(above) for above in self._concepts.ancestors(iri))}
        found = next(((own, above) for name, own, above in _GROUPS if name in labels), None)
        return None if found is None else _Class(*found, size_code(label))

    def _kind(self, kinds: tuple[str, ...]) -> tuple[str, str]:
        """The class of a quantity that says what it is of, and its label; empty when none does."""
        known = self._kinds.get(kinds)
        if known is None:
            named = [
                (kind, self._concepts.label(kind)) for kind in kinds if kind not in PROPERTY_KINDS and self._concepts.get(kind)
            ]
            named = [(kind, label) for kind, label in named if label not in _GENERIC]
            sized = [one for one in named if self._units.dimension_of_kind(one[0]) is not None]
            if len(self._kinds) >= _MAX_CACHED:
                self._kinds.clear()
            known = self._kinds[kinds] = next(iter(sized or named), ("", ""))
        return known


def _owner(pointer: str) -> str:
    """Pointer of the node that has the one at a pointer."""
    owner, _, step = pointer.rpartition("/")
    return owner.rpartition("/")[0] if step.isdecimal() and owner else owner


def _is_listed(pointer: str) -> bool:
    """Whether a node stands in a list of nodes, and so in none of them."""
    above = pointer.rpartition("/")[0]
    return not above or above.endswith("@graph")


def _references(reading: Reading) -> dict[str, str]:
    """Pointer of a node -> pointer of the first node that refers to it."""
    found: dict[str, str] = {}
    for node in reading.nodes:
        for values in node.expanded.values():
            for value in values if isinstance(values, list) else [values]:
                target = reading.pointers.get(value.get("@id", "")) if isinstance(value, dict) else None
                if target is not None:
                    found.setdefault(target, node.pointer)
    return found


def _group(own: str | None, above: str | None, labels: Mapping[str, int]) -> str:
    if not own:
        return above or ("cell" if own is None and not _OF_A_CELL.isdisjoint(labels) else PART)
    return above if own == "cell" and above else own
