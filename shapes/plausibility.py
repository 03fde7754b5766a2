"""Numbers that cannot be right: against what is usual in comparable things, against each other, and against the size code.

What is usual comes from a table that is part of the program (`shapes.ranges`), never from the records of an installation. How it
works and how often it is right: ``docs/plausibility.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

from ontology.concepts import Concepts
from ontology.expansion import Node, Reading
from ontology.terms import SCHEMA_MODEL, SCHEMA_NAME, SCHEMA_SIZE, SKOS_PREF_LABEL
from ontology.units import Units
from records.issues import Issue
from records.record import ConceptUse, Quantity
from shapes.number_findings import Fit, Told
from shapes.ranges import PART, Observation, Range, Ranges, packaged_ranges
from shapes.ratios import Parts, energies_of, ratios_of
from shapes.reader import Document
from shapes.sizes import Side, Size, size_code, size_in
from shapes.things import CELLS, PACK, Thing, Things, Value
from shapes.written import Written

_POOLED: Final = dict.fromkeys(("RatedCapacity", "NominalCapacity", "MinimumCapacity"), "capacity")
"""Labels of one quantity, promised in different words: one distribution."""
_ABSOLUTE: Final = frozenset(("K", "1"))
"""Units of quantities that have bounds by nature: temperatures and fractions."""

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
    PACK: "modules, packs and cells of other chemistries than lithium-ion",
    PART: "parts and materials",
}


class _Term(NamedTuple):
    """A quantity, or a product of powers of several, with what is usual of it; positions in the thing's values."""

    name: str
    range: Range
    parts: Parts
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


class Plausibility:
    """Finds numbers that cannot be right. Remembers what it looked up of the ontologies, so one instance serves a whole harvest.

    Args:
        concepts: The concepts of the ontologies.
        units: The units.
        ranges: What is usual; that which comes with the program unless told.
    """

    def __init__(self, concepts: Concepts, units: Units, ranges: Ranges | None = None) -> None:
        self._concepts = concepts
        self._table = packaged_ranges() if ranges is None else ranges
        self._things = Things(concepts, units)
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
        told = Told(document, reading, self._written)
        for thing in self._things.of(reading, quantities, uses):
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
        for thing in self._things.of(reading, quantities, uses):
            logarithms = [value.logarithm or 0.0 for value in thing.values]
            groups = (thing.group, "cell") if thing.group in CELLS - {"cell"} else (thing.group,)
            for value in thing.values:
                if value.logarithm is not None and value.label:
                    for group in groups:
                        yield Observation(
                            name, _POOLED.get(value.label, value.label), group, value.quantity.base_unit, 10**value.logarithm
                        )
            for ratio, unit, parts, offset in ratios_of(thing):
                for group in groups:
                    yield Observation(name, ratio, group, unit, 10 ** _Term(ratio, _ABOUT, parts, offset).at(logarithms))

    def unusual(self, quantities: Sequence[Quantity], uses: Sequence[ConceptUse]) -> dict[str, str]:
        """Pointer of each value that alone lies far outside of what is usual -> what is, in words; without its document.

        Args:
            quantities: The numbers of one record, with units.
            uses: The concepts it uses.
        """
        found = {}
        for thing in self._things.of(None, quantities, uses):
            for value in thing.values if thing.group in CELLS else ():
                usual = self._usual(value.kind, value.label, thing.group, value.quantity.base_unit) if value.label else None
                if usual is not None and value.logarithm is not None and usual.excess(value.logarithm):
                    span = self._written.span(*usual.usual, value.quantity)
                    found[value.quantity.pointer] = f"most {_WORDS[thing.group]} have {span}"
        return found

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
        found = self._table.get((_POOLED.get(label, label), group, unit)) if group != PACK else None
        if found is None and group in CELLS and (unit == "V" or not kind):
            found = self._table.get((label, "cell", unit))  # what does not depend on the size of a cell
        return found or bounds

    def _terms(self, thing: Thing, told: Told) -> list[_Term]:
        terms = []
        for place, value in enumerate(thing.values):
            if value.logarithm is not None and value.label:
                usual = self._usual(value.kind, value.label, thing.group, value.quantity.base_unit)
                if usual is not None:
                    terms.append(_Term(value.label, usual, ((place, 1),)))
        if thing.group in CELLS:
            for name, unit, parts, offset in ratios_of(thing):
                usual = self._usual("", name, thing.group, unit)
                if usual is not None:
                    terms.append(_Term(name, usual, parts, offset))
        terms += [_Term(name, _ABOUT, parts, offset) for name, parts, offset in energies_of(thing)]
        if told.is_empty():
            return terms
        return [term for term in terms if not any(told.has(thing.values[place]) for place in term.places)]

    # The rules.

    def _sizes(self, thing: Thing, told: Told) -> None:
        """Dimensions that contradict the size code."""
        size = thing.size
        for value in thing.values if thing.group in CELLS else ():
            if value.label in _SIDES and value.quantity.base_unit == "m":
                size = size or _named_size(told.node(thing.pointer))
                if size is None:
                    return
                side = next((side for side in size.sides if value.label in side.labels), None)
                if side is not None and not side.holds(value.quantity.base_value or 0.0):
                    self._tell_size(value, size, side, told)

    def _tell_size(self, value: Value, size: Size, side: Side, told: Told) -> None:
        quantity = value.quantity
        nominal = self._written.span(side.nominal, side.nominal, quantity)
        message = f"{value.label} is {self._written.value(quantity)}, but the size code {size.name} means {nominal}"
        base = quantity.base_value or 0.0
        powers = [power for power in _SLIPS if side.holds(base * 10.0**power)]
        fit = Fit(powers, is_sure=len(powers) == 1, instead=self._written.number(side.nominal, quantity))
        told.tell("size-against-format", message, quantity, fit, nominal)

    def _slips(self, thing: Thing, told: Told) -> None:
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
            self._tell(thing, best.place, involved, before, Fit(powers, is_sure=is_near and len(powers) == 1), told)
            odd = [term for term in odd if term.range.excess(term.at(logarithms))]
        for term in odd:
            if not any(told.has(thing.values[place]) for place in term.places):
                self._tell(thing, term.parts[0][0], [term], logarithms, Fit(), told)

    def _tell(self, thing: Thing, place: int, odd: Sequence[_Term], logarithms: Sequence[float], fit: Fit, told: Told) -> None:
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

    def _reversed(self, thing: Thing, told: Told) -> None:
        """Lower limits above the upper ones."""
        labels = [label for label, place in thing.labels.items() if place >= 0 and label[:5] in _BELOW]
        labels.sort(key=_is_nominal)  # two limits that were swapped explain a nominal value that lies beyond both
        for label in labels:
            for upper in _uppers(label):
                other = thing.labels.get(upper, -1)
                if other >= 0:
                    self._compare(thing.values[thing.labels[label]], thing.values[other], told)

    def _compare(self, low: Value, high: Value, told: Told) -> None:
        a, b = low.quantity, high.quantity
        is_reversed = (
            a.base_value > b.base_value
            if a.base_value is not None and b.base_value is not None and a.dimension == b.dimension
            else a.unit == b.unit and (a.value or 0.0) > (b.value or 0.0)
        )
        if is_reversed and not told.has(low) and not told.has(high):
            message = f"{low.label} is {self._written.value(a)}, above {high.label}, which is {self._written.value(b)}"
            told.tell_swap(message, a, b)


@cache
def _is_nominal(label: str) -> bool:
    return label.startswith("Nominal")


def _uppers(label: str) -> tuple[str, ...]:
    """Labels of what must not be below a quantity of this label."""
    if label in _ABOVE:
        return _ABOVE[label]
    return (label.replace("Lower", "Upper", 1).replace("Minimum", "Maximum", 1),) if label.startswith(("Lower", "Minimum")) else ()


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


def _slips_of(thing: Thing, terms: Sequence[_Term], odd: Sequence[_Term], logarithms: Sequence[float]) -> list[_Slip]:
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
