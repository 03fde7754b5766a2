"""Numbers that cannot be right: against what is usual in comparable things, against each other, and against the size code.

What is usual comes from a table that is part of the program (`shapes.ranges`), never from the records of an installation. How it
works and how often it is right: ``docs/plausibility.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple

from ontology.concepts import Concepts
from ontology.expansion import Node, Reading
from ontology.terms import HAS_NUMBER_VALUE, PROPERTY_KINDS, SCHEMA_MODEL, SCHEMA_NAME, SCHEMA_SIZE, SKOS_PREF_LABEL
from ontology.units import Units
from records.issues import Certainty, Edit, Issue, Operation, Severity, Suggestion
from records.record import ConceptUse, Quantity
from shapes.ranges import PART, Observation, Range, Ranges, packaged_ranges
from shapes.reader import Document
from shapes.sizes import Side, Size, size_code, size_in
from shapes.written import Written, shifted

_MAX_CACHED: Final = 8192
_CELLS: Final = frozenset(("coin", "cylindrical", "prismatic", "pouch", "cell"))
_PACK: Final = "pack"
_VAGUE: Final = frozenset(("", "cell"))
# A class, the group of a thing of this class, and the group of what has such a thing. The first that fits counts.
# The documents behind the table are of lithium-ion cells: of other chemistries and of several cells in one case it says nothing.
_OTHER_CHEMISTRIES: Final = (
    *("AlkalineCell", "AluminiumBattery", "CadmiumBattery", "CalciumBattery", "IronBattery", "LeadBattery", "LithiumSulfurBattery"),
    *("MagnesiumBattery", "MetalAirBattery", "MoltenSaltCell", "NickelOxideBattery", "PotassiumBattery", "RedoxFlowBattery"),
    *("SilverBattery", "SilverOxideBattery", "SodiumBattery", "ZincBattery"),
)
_GROUPS: Final = (
    *((label, _PACK, "") for label in ("BatteryModule", "BatteryPack", "MonoblocBattery", *_OTHER_CHEMISTRIES)),
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
_POOLED: Final = dict.fromkeys(("RatedCapacity", "NominalCapacity", "MinimumCapacity"), "capacity")
"""Labels of one quantity, promised in different words: one distribution."""
_ABSOLUTE: Final = frozenset(("K", "1"))
"""Units of quantities that have bounds by nature: temperatures and fractions."""
_GENERIC: Final = frozenset(("TerminationQuantity", "PropertyValue", "PhysicalQuantity"))

_MASS: Final = ("Mass",)
_CAPACITY: Final = ("RatedCapacity", "NominalCapacity", "MinimumCapacity")
_VOLTAGE: Final = ("NominalVoltage",)
_ENERGY: Final = ("RatedEnergy", "NominalEnergy")
_CURRENTS: Final = (
    "ChargingCurrent",
    "DischargingCurrent",
    "MaximumContinuousChargingCurrent",
    "MaximumContinuousDischargingCurrent",
    "MaximumPulseChargingCurrent",
    "MaximumPulseDischargingCurrent",
)
_LIMITS: Final = ("UpperVoltageLimit", "ChargingVoltage", "LowerVoltageLimit")
_ROLE_UNITS: Final = {
    **dict.fromkeys(_MASS, "kg"),
    **dict.fromkeys(_CAPACITY, "A·s"),
    **dict.fromkeys((*_VOLTAGE, *_LIMITS), "V"),
    **dict.fromkeys(_CURRENTS, "A"),
    **dict.fromkeys(_ENERGY, "J"),
    **dict.fromkeys(("Diameter", "Height", "Length", "Width", "Thickness"), "m"),
    "SpecificEnergy": "J/kg",
    "EnergyDensity": "Pa",
    "InternalResistance": "Ω",
}

# What physics and chemistry leave room for, by the nearest class above a quantity; wide, for what no distribution is known of.
_BOUNDS: Final = {
    ("Length", "m"): Range.between(1e-11, 1e3),
    ("Thickness", "m"): Range.between(1e-10, 5),
    ("Diameter", "m"): Range.between(1e-10, 10),
    ("Mass", "kg"): Range.between(1e-12, 1e5),
    ("Capacity", "A·s"): Range.between(1e-6, 1e9),
    ("Voltage", "V"): Range.between(1e-7, 1e4),
    ("ElectricCurrent", "A"): Range.between(1e-14, 1e6),
    ("ElectricResistance", "Ω"): Range.between(1e-7, 1e14),
    ("Energy", "J"): Range.between(1e-15, 1e13),
    ("Power", "W"): Range.between(1e-12, 1e9),
    ("Density", "kg/m³"): Range.between(0.05, 23_000),
    ("SpecificCapacity", "A·s/kg"): Range.between(10, 2e7),
    ("SpecificEnergy", "J/kg"): Range.between(10, 5e7),
    ("MassFraction", "1"): Range.between(1e-12, 1),
    ("VolumeFraction", "1"): Range.between(1e-12, 1),
    ("Porosity", "1"): Range.between(1e-4, 1),
    ("ThermodynamicTemperature", "K"): Range.between(60, 3500),
    ("CelsiusTemperature", "K"): Range.between(60, 3500),
}
_ABOUT: Final = Range.between(0.5, 2)
"""Energy is capacity times voltage, give or take what depends on the current."""

_SLIPS: Final = {3: 0.0, -3: 0.0, 6: 1.0, -6: 1.0, 1: 0.5, -1: 0.5, 2: 0.5, -2: 0.5}
"""Powers of ten by which people err, and what counts against each: prefixes of units are lost more often than decimal points."""

_SLIPS_IN: Final[Mapping[str, Mapping[int, float]]] = {"1": {-2: 0.0}, "K": {}}
"""The same by unit: a fraction may be a percentage, and a power of ten of a temperature says nothing."""

_BELOW: Final = frozenset(("Lower", "Minim", "Nomin"))
"""First five letters of labels that are worth a look, so that all others cost nothing."""
_ABOVE: Final = {
    "LowerVoltageLimit": ("UpperVoltageLimit", "ChargingVoltage", "NominalVoltage"),
    "NominalVoltage": ("UpperVoltageLimit", "ChargingVoltage"),
}
"""What must not be below a quantity, besides the opposite of the same name (MinimumX and MaximumX)."""
_NAMES: Final = (SCHEMA_MODEL, SCHEMA_NAME, SKOS_PREF_LABEL)

_SIDES: Final = frozenset(("Diameter", "Height", "Length", "Width", "Thickness"))
_WORDS: Final = {
    "coin": "coin cells",
    "cylindrical": "cylindrical cells",
    "prismatic": "prismatic cells",
    "pouch": "pouch cells",
    "cell": "battery cells",
    _PACK: "modules, packs and cells of other chemistries than lithium-ion",
    PART: "parts and materials",
}
_ROUND: Final = math.log10(math.pi / 4)


class _Class(NamedTuple):
    """What a class says of the thing that has it, and of what has such a thing."""

    own: str
    above: str
    size: Size | None


_UNSEEN: Final = _Class("", "", None)


class _Value(NamedTuple):
    """A quantity of a thing, with the label of its kind and the logarithm of its base value (none for zero and below)."""

    quantity: Quantity
    kind: str
    label: str
    logarithm: float | None

    def is_same(self, other: _Value) -> bool:
        """Whether both say the same."""
        if self.logarithm is None:
            return self.quantity.value == other.quantity.value
        return self.logarithm == other.logarithm


@dataclass(slots=True)
class _Thing:
    """What quantities are of: a node of the document."""

    pointer: str
    values: list[_Value] = field(default_factory=list)
    group: str = PART
    size: Size | None = None
    labels: dict[str, int] = field(default_factory=dict)

    def add(self, value: _Value) -> None:
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


class _Term(NamedTuple):
    """A quantity, or a product of powers of several, with what is usual of it; positions in the thing's values."""

    name: str
    range: Range
    parts: tuple[tuple[int, int], ...]
    offset: float = 0.0

    @property
    def places(self) -> tuple[int, ...]:
        """Positions of its values."""
        return tuple([place for place, _ in self.parts])

    def at(self, logarithms: Sequence[float]) -> float:
        """Its logarithm."""
        return sum([power * logarithms[place] for place, power in self.parts], self.offset)


class _Slip(NamedTuple):
    """A power of ten that makes a value fit: which value, which power, and how badly things fit with it."""

    excess: float
    distance: float
    place: int
    power: int


class _Fit(NamedTuple):
    """What would make a number fit.

    Args:
        powers: Powers of ten, best first.
        is_sure: Whether there is one alone, and it lands in the middle of what is usual.
        instead: The number that should stand there when no power of ten fits.
    """

    powers: Sequence[int] = ()
    is_sure: bool = False
    instead: str = ""


class Plausibility:
    """Finds numbers that cannot be right. Remembers what it looked up of the ontologies, so one instance serves a whole harvest.

    Args:
        concepts: The concepts of the ontologies.
        units: The units.
        ranges: What is usual; that which comes with the program unless told.
    """

    def __init__(self, concepts: Concepts, units: Units, ranges: Ranges | None = None) -> None:
        self._concepts = concepts
        self._units = units
        self._table = packaged_ranges() if ranges is None else ranges
        self._classes: dict[str, _Class | None] = {}
        self._kinds: dict[tuple[str, ...], tuple[str, str]] = {}
        self._ranges: dict[tuple[str, str, str], Range | None] = {}
        self._written = Written(units, concepts.facts)

    def check(
        self, document: Document, reading: Reading, quantities: Sequence[Quantity], uses: Sequence[ConceptUse]
    ) -> list[Issue]:
        """Findings about the numbers of one document, at most one for each quantity.

        ``size-against-format``: a dimension contradicts the size code; ``implausible-value``: a value lies far outside what is
        usual, alone or together with others of the same thing; ``energy-against-capacity``: an energy is not capacity times
        voltage; ``limits-reversed``: a lower limit lies above the upper one.

        Args:
            document: The document.
            reading: What was read from it.
            quantities: Its numbers with units.
            uses: The concepts it uses.
        """
        told = _Told(document, reading, self._written)
        for thing in self._things(reading, quantities, uses):
            self._sizes(thing, told)
            self._slips(thing, told)
            self._reversed(thing, told)
        return told.issues

    def observe(
        self, name: str, reading: Reading, quantities: Sequence[Quantity], uses: Sequence[ConceptUse]
    ) -> Iterator[Observation]:
        """What one document adds to the table of what is usual.

        Args:
            name: Name of the document; drafts and their final form have the same.
            reading: What was read from it.
            quantities: Its numbers with units.
            uses: The concepts it uses.
        """
        for thing in self._things(reading, quantities, uses):
            logarithms = [value.logarithm or 0.0 for value in thing.values]
            groups = (thing.group, "cell") if thing.group in _CELLS - {"cell"} else (thing.group,)
            for value in thing.values:
                if value.logarithm is not None and value.label:
                    for group in groups:
                        yield Observation(
                            name, _POOLED.get(value.label, value.label), group, value.quantity.base_unit, 10**value.logarithm
                        )
            for ratio, unit, parts, offset in _ratios(thing):
                for group in groups:
                    yield Observation(name, ratio, group, unit, 10 ** _Term(ratio, _ABOUT, parts, offset).at(logarithms))

    def unusual(self, quantities: Sequence[Quantity], uses: Sequence[ConceptUse]) -> dict[str, str]:
        """Pointer of each value that alone lies far outside of what is usual -> what is, in words; without its document.

        Args:
            quantities: The numbers of one record, with units.
            uses: The concepts it uses.
        """
        found = {}
        for thing in self._things(None, quantities, uses):
            for value in thing.values if thing.group in _CELLS else ():
                usual = self._usual(value.kind, value.label, thing.group, value.quantity.base_unit) if value.label else None
                if usual is not None and value.logarithm is not None and usual.excess(value.logarithm):
                    span = self._written.span(*usual.usual, value.quantity)
                    found[value.quantity.pointer] = f"most {_WORDS[thing.group]} have {span}"
        return found

    # Things and their quantities.

    def _things(self, reading: Reading | None, quantities: Sequence[Quantity], uses: Sequence[ConceptUse]) -> list[_Thing]:
        things: dict[str, _Thing] = {}
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
                thing = things[owner] = _Thing(owner)
            base = quantity.base_value
            thing.add(_Value(quantity, kind, label, math.log10(base) if base is not None and base > 0 else None))
        self._sort(things, uses)
        return list(things.values())

    def _sort(self, things: Mapping[str, _Thing], uses: Sequence[ConceptUse]) -> None:
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
            if known.own == _PACK or (so_far in _VAGUE and (known.own != PART or not so_far)):  # a cell of a size is no case
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

    # What is usual.

    def _usual(self, kind: str, label: str, group: str, unit: str) -> Range | None:
        key = (label, group, unit)
        try:
            return self._ranges[key]
        except KeyError:
            found = self._ranges[key] = self._found(kind, label, group, unit)
            return found

    def _found(self, kind: str, label: str, group: str, unit: str) -> Range | None:
        above = (label, *(self._concepts.label(iri) for iri in self._concepts.path_to_root(kind))) if kind else ()
        bounds = next((_BOUNDS[name, unit] for name in above if (name, unit) in _BOUNDS), None)
        if unit in _ABSOLUTE:
            return bounds
        found = self._table.get((_POOLED.get(label, label), group, unit)) if group != _PACK else None
        if found is None and group in _CELLS and (unit == "V" or not kind):
            found = self._table.get((label, "cell", unit))  # what does not depend on the size of a cell
        return found or bounds

    def _terms(self, thing: _Thing, told: _Told) -> list[_Term]:
        terms = []
        for place, value in enumerate(thing.values):
            if value.logarithm is not None and value.label:
                usual = self._usual(value.kind, value.label, thing.group, value.quantity.base_unit)
                if usual is not None:
                    terms.append(_Term(value.label, usual, ((place, 1),)))
        if thing.group in _CELLS:
            for name, unit, parts, offset in _ratios(thing):
                usual = self._usual("", name, thing.group, unit)
                if usual is not None:
                    terms.append(_Term(name, usual, parts, offset))
        terms += [_Term(name, _ABOUT, parts, offset) for name, parts, offset in _energies(thing)]
        if told.is_empty():
            return terms
        return [term for term in terms if not any(told.has(thing.values[place]) for place in term.places)]

    # The rules.

    def _sizes(self, thing: _Thing, told: _Told) -> None:
        """Dimensions that contradict the size code."""
        size = thing.size
        for value in thing.values if thing.group in _CELLS else ():
            if value.label in _SIDES and value.quantity.base_unit == "m":
                size = size or _named_size(told.node(thing.pointer))
                if size is None:
                    return
                side = next((side for side in size.sides if value.label in side.labels), None)
                if side is not None and not side.holds(value.quantity.base_value or 0.0):
                    self._tell_size(value, size, side, told)

    def _tell_size(self, value: _Value, size: Size, side: Side, told: _Told) -> None:
        quantity = value.quantity
        nominal = self._written.span(side.nominal, side.nominal, quantity)
        message = f"{value.label} is {self._written.value(quantity)}, but the size code {size.name} means {nominal}"
        base = quantity.base_value or 0.0
        powers = [power for power in _SLIPS if side.holds(base * 10.0**power)]
        fit = _Fit(powers, is_sure=len(powers) == 1, instead=self._written.number(side.nominal, quantity))
        told.tell("size-against-format", message, quantity, fit, nominal)

    def _slips(self, thing: _Thing, told: _Told) -> None:
        """Values that do not fit, each with the power of ten that would make it fit."""
        terms = self._terms(thing, told)
        logarithms = [value.logarithm or 0.0 for value in thing.values]
        odd = [term for term in terms if not term.range.low <= term.at(logarithms) <= term.range.high]
        while odd:
            slips = _slips_of(thing, terms, odd, logarithms)
            best = slips[0] if slips else None
            if best is None or told.has(thing.values[best.place]):
                break
            if best.excess > sum([term.range.excess(term.at(logarithms)) for term in odd]) / 2:
                break
            involved = [term for term in odd if best.place in term.places]
            powers = [one.power for one in slips if one.place == best.place and one.excess <= best.excess + 0.01]
            before, logarithms[best.place] = logarithms[:], logarithms[best.place] + best.power
            is_near = all(term.range.is_common(term.at(logarithms)) for term in involved)
            self._tell(thing, best.place, involved, before, _Fit(powers, is_sure=is_near and len(powers) == 1), told)
            odd = [term for term in odd if term.range.excess(term.at(logarithms))]
        for term in odd:
            if not any(told.has(thing.values[place]) for place in term.places):
                self._tell(thing, term.parts[0][0], [term], logarithms, _Fit(), told)

    def _tell(self, thing: _Thing, place: int, odd: Sequence[_Term], logarithms: Sequence[float], fit: _Fit, told: _Told) -> None:
        worst = max(odd, key=lambda term: (len(term.parts) == 1, term.range.excess(term.at(logarithms))))
        value = thing.values[place]
        message = f"{value.label} is {self._written.value(value.quantity)}"
        others = [thing.values[other] for other in worst.places if other != place]
        with_what = " and ".join(f"{other.label} {self._written.value(other.quantity)}" for other in others)
        if worst.range is _ABOUT:
            about = (value.quantity.base_value or 0.0) / 10 ** worst.at(logarithms)
            expected = f"about {self._written.span(about, about, value.quantity)}" if (place, 1) in worst.parts else ""
            told.tell("energy-against-capacity", f"{message}, which does not go with {with_what}", value.quantity, fit, expected)
        elif others:
            message += f", which does not go with {with_what} in {_WORDS[thing.group]}"
            told.tell("implausible-value", message, value.quantity, fit)
        else:
            span = self._written.span(*worst.range.usual, value.quantity)
            of = f"half of all {_WORDS[thing.group]} have" if worst.range.count else "what is possible is"
            expected = f"usually {span}" if worst.range.count else span
            told.tell("implausible-value", f"{message}, while {of} {span}", value.quantity, fit, expected)

    def _reversed(self, thing: _Thing, told: _Told) -> None:
        """Lower limits above the upper ones."""
        labels = [label for label, place in thing.labels.items() if place >= 0 and label[:5] in _BELOW]
        labels.sort(key=_is_nominal)  # two limits that were swapped explain a nominal value that lies beyond both
        for label in labels:
            for upper in _uppers(label):
                other = thing.labels.get(upper, -1)
                if other >= 0:
                    self._compare(thing.values[thing.labels[label]], thing.values[other], told)

    def _compare(self, low: _Value, high: _Value, told: _Told) -> None:
        a, b = low.quantity, high.quantity
        is_reversed = (
            a.base_value > b.base_value
            if a.base_value is not None and b.base_value is not None and a.dimension == b.dimension
            else a.unit == b.unit and (a.value or 0.0) > (b.value or 0.0)
        )
        if is_reversed and not told.has(low) and not told.has(high):
            message = f"{low.label} is {self._written.value(a)}, above {high.label}, which is {self._written.value(b)}"
            told.tell_swap(message, a, b)


class _Told:
    """Takes findings down: one for each quantity, with its place and the edits that would mend it."""

    def __init__(self, document: Document, reading: Reading, written: Written) -> None:
        self.issues: list[Issue] = []
        self._document = document
        self._reading = reading
        self._written = written
        self._quantities: set[int] = set()

    def has(self, value: _Value) -> bool:
        """Whether there is a finding about this quantity already."""
        return id(value.quantity) in self._quantities

    def is_empty(self) -> bool:
        """Whether there is no finding yet."""
        return not self._quantities

    def node(self, pointer: str) -> Node | None:
        """The node of the document at a pointer."""
        return next((node for node in self._reading.nodes if node.pointer == pointer), None)

    def tell(self, code: str, message: str, quantity: Quantity, fit: _Fit, expected: str = "") -> None:
        """Take a finding down.

        Args:
            code: Its code.
            message: What is wrong.
            quantity: What it is about.
            fit: What would make the number fit.
            expected: What should stand there.
        """
        pointer = self._written.number_pointer(self._reading, quantity)
        numbers = [shifted(quantity.value or 0.0, power) for power in fit.powers[:2]]
        numbers = numbers or ([fit.instead] if fit.instead else [])
        unit = self._written.other_unit(self._reading, quantity, fit.powers[0]) if fit.powers else None
        if quantity.base_unit == "K" and (celsius := self._written.as_celsius(self._reading, quantity)):
            numbers, unit = [celsius[0]], celsius[1]
        certainty = Certainty.LIKELY if fit.is_sure else Certainty.POSSIBLE
        mends = [_write(number, pointer, quantity, certainty) for number in numbers if math.isfinite(float(number))]
        if unit is not None:
            text, edit = unit
            mends.insert(1, Suggestion(f"write the unit as {text}", None, certainty, (edit,), changes_value=True))
        self._add_finding(code, message, quantity, pointer, "check the number and its unit", expected, tuple(mends))

    def tell_swap(self, message: str, low: Quantity, high: Quantity) -> None:
        """Take down that two limits are the wrong way round."""
        places = [self._written.number_pointer(self._reading, quantity) for quantity in (low, high)]
        mends: tuple[Suggestion, ...] = ()
        if low.unit == high.unit and all(place != one.pointer for place, one in zip(places, (low, high), strict=True)):
            numbers = [shifted(quantity.value or 0.0, 0) for quantity in (high, low)]
            edits = tuple(Edit(Operation.REPLACE, place, number) for place, number in zip(places, numbers, strict=True))
            text = f"write {numbers[0]} here and {numbers[1]} there"
            mends = (Suggestion(text, numbers[0], Certainty.LIKELY, edits, changes_value=True),)
        self._quantities.add(id(high))
        self._add_finding("limits-reversed", message, low, places[0], "check which of the two is meant", "", mends)

    def _add_finding(
        self, code: str, message: str, quantity: Quantity, pointer: str, remedy: str, expected: str, mends: tuple[Suggestion, ...]
    ) -> None:
        self._quantities.add(id(quantity))
        if mends:
            remedy = " or ".join(mend.text for mend in mends)
        line, column = self._document.place(pointer)
        self.issues.append(
            Issue(
                code,
                message,
                Severity.WARNING,
                self._document.source,
                pointer,
                line,
                column,
                remedy,
                focus_node=self._iri(quantity),
                path=HAS_NUMBER_VALUE,
                value=shifted(quantity.value or 0.0, 0),
                expected=expected,
                suggestions=mends,
            )
        )

    def _iri(self, quantity: Quantity) -> str:
        node = self.node(quantity.pointer)
        return str(node.expanded["@id"]) if node is not None else ""


def _write(number: str, pointer: str, quantity: Quantity, certainty: Certainty) -> Suggestion:
    edits = (Edit(Operation.REPLACE, pointer, number),) if pointer != quantity.pointer else ()
    return Suggestion(f"write {number}", number, certainty, edits, changes_value=True)


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


@cache
def _is_nominal(label: str) -> bool:
    return label.startswith("Nominal")


def _uppers(label: str) -> tuple[str, ...]:
    """Labels of what must not be below a quantity of this label."""
    if label in _ABOVE:
        return _ABOVE[label]
    return (label.replace("Lower", "Upper", 1).replace("Minimum", "Maximum", 1),) if label.startswith(("Lower", "Minimum")) else ()


def _group(own: str | None, above: str | None, labels: Mapping[str, int]) -> str:
    if not own:
        return above or ("cell" if own is None and not _OF_A_CELL.isdisjoint(labels) else PART)
    return above if own == "cell" and above else own


def _named_size(node: Node | None) -> Size | None:
    """The size code in the texts of a node."""
    if node is None:
        return None
    for iri in (SCHEMA_SIZE, *_NAMES):
        values = node.expanded.get(iri, ())
        for value in values if isinstance(values, list) else [values]:
            text = value.get("@value") if isinstance(value, dict) else value
            size = (size_code(text) if iri == SCHEMA_SIZE else size_in(text)) if isinstance(text, str) else None
            if size is not None:
                return size
    return None


_Parts = tuple[tuple[int, int], ...]


def _volume(thing: _Thing) -> tuple[_Parts, float] | None:
    """A cell's volume, as positions with powers and a constant."""
    diameter, height = thing.role("Diameter"), thing.role("Height", "Length", "Thickness")
    if diameter is not None:
        return None if height is None else (((diameter, 2), (height, 1)), _ROUND)
    length, width, thickness = thing.role("Length"), thing.role("Width"), thing.role("Thickness", "Height")
    if length is None or width is None or thickness is None:
        return None
    return ((length, 1), (width, 1), (thickness, 1)), 0.0


def _ratios(thing: _Thing) -> Iterator[tuple[str, str, _Parts, float]]:
    """Name, unit, parts and constant of what is nearly the same for all cells, large and small."""
    mass, capacity, voltage, volume = thing.role(*_MASS), thing.role(*_CAPACITY), thing.role(*_VOLTAGE), _volume(thing)
    if mass is not None and volume is not None:
        yield "mass/volume", "kg/m³", ((mass, 1), *_inverse(volume[0])), -volume[1]
    if capacity is not None:
        if mass is not None:
            yield "capacity/mass", "A·s/kg", ((capacity, 1), (mass, -1)), 0.0
        if volume is not None:
            yield "capacity/volume", "A·s/m³", ((capacity, 1), *_inverse(volume[0])), -volume[1]
        for label in _CURRENTS:
            current = thing.role(label)
            if current is not None:
                yield f"{label}/capacity", "1/s", ((current, 1), (capacity, -1)), 0.0
        resistance = thing.role("InternalResistance")
        if resistance is not None:
            yield "resistance·capacity", "V·s", ((resistance, 1), (capacity, 1)), 0.0
    if voltage is not None:
        for label in _LIMITS:
            limit = thing.role(label)
            if limit is not None:
                yield f"{label}/voltage", "1", ((limit, 1), (voltage, -1)), 0.0


def _energies(thing: _Thing) -> Iterator[tuple[str, _Parts, float]]:
    """Name, parts and constant of what must be about one: energy by capacity times voltage, however it is given."""
    energy, capacity, voltage = thing.role(*_ENERGY), thing.role(*_CAPACITY), thing.role(*_VOLTAGE)
    known: _Parts | None = None
    if capacity is not None and voltage is not None:
        known = ((capacity, 1), (voltage, 1))
        if energy is not None:
            yield "energy", ((energy, 1), *_inverse(known)), 0.0
    elif energy is not None:
        known = ((energy, 1),)
    if known is not None:
        mass, volume = thing.role(*_MASS), _volume(thing)
        specific, density = thing.role("SpecificEnergy"), thing.role("EnergyDensity")
        if specific is not None and mass is not None:
            yield "specific energy", ((specific, 1), (mass, 1), *_inverse(known)), 0.0
        if density is not None and volume is not None:
            yield "energy density", ((density, 1), *volume[0], *_inverse(known)), volume[1]


def _inverse(parts: _Parts) -> _Parts:
    return tuple([(place, -power) for place, power in parts])


def _slips_of(thing: _Thing, terms: Sequence[_Term], odd: Sequence[_Term], logarithms: Sequence[float]) -> list[_Slip]:
    """Every value that an odd term holds with every power of ten, those that make things fit best first."""
    slips = []
    for place in sorted({place for term in odd for place in term.places}):
        for power, against in _SLIPS_IN.get(thing.values[place].quantity.base_unit, _SLIPS).items():
            tried = [*logarithms]
            tried[place] += power
            at = [(term.range, term.at(tried)) for term in terms]
            excess = sum([usual.excess(logarithm) for usual, logarithm in at])
            distance = sum([min(usual.distance(logarithm), 10.0) for usual, logarithm in at]) + against
            slips.append(_Slip(round(excess, 3), distance, place, power))
    return sorted(slips)
