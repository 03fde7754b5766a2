"""What people call the properties of things: tables of words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from ontology import terms
from ontology.units import Unit
from records.record import EntityKind
from search.understanding.kinds import kind_names

_PER_UNIT: Final = {
    "L²·T⁻²": "specific energy",
    "L²·T⁻³": "specific power",
    "L⁻¹·M·T⁻²": "energy density",
    "M⁻¹·T·I": "specific capacity",
    "L⁻²·T·I": "areal capacity",
    "L⁻²·M": "mass loading",
    "L⁻³·M": "density",
    "L⁻³·N": "concentration",
    "M·N⁻¹": "molar mass",
    "L⁻³·M⁻¹·T³·I²": "conductivity",
}
"""What is measured in a unit of two with ``/`` between, by its dimension: g/mol, Wh/kg."""
SHORTEST_MENDED: Final = 5
"""Letters of a word that somebody can have mistyped."""
_CAPITAL: Final = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def plain_words(label: str) -> str:
    """A label as a person would write it.

    >>> plain_words("MaximumContinuousDischargingCurrent"), plain_words("DCInternalResistance"), plain_words("R18650")
    ('maximum continuous discharging current', 'DC internal resistance', 'R18650')
    """
    return " ".join(
        word if word.isupper() or any(map(str.isdigit, word)) else word.lower() for word in _CAPITAL.sub(" ", label).split()
    )


def named_by_unit(unit: Unit | None) -> str:
    """The property that a unit of two says by itself; ``""`` for others: a pascal is no energy for a volume.

    >>> named_by_unit(Unit("g/mol", 0.001, 0.0, "M·N⁻¹", "g/mol"))
    'molar mass'
    """
    return _PER_UNIT.get(unit.dimension, "") if unit is not None and "/" in unit.name else ""


VARIANTS: Final[Mapping[str, str]] = {
    "max": "maximum",
    "maximal": "maximum",
    "min": "minimum",
    "minimal": "minimum",
    "discharge": "discharging",
    "charge": "charging",
    "temp": "temperature",
    "temperatures": "temperature",
    "lives": "life",
    **dict.fromkeys(("weight", "weigh", "weighs", "heavy"), "mass"),
    **dict.fromkeys(("thick",), "thickness"),
    **dict.fromkeys(("wide",), "width"),
    **dict.fromkeys(("tall", "high"), "height"),
    **dict.fromkeys(("long",), "length"),
    **dict.fromkeys(("big", "large"), "volume"),
    **dict.fromkeys(("cycles", "lifetime"), "cycle life"),
}
"""How the ontology writes words of longer names, and the kinds that adjectives and verbs stand for."""

_TERMS: Final = (
    *("theoreticalSpecificCapacity", "particleRadius", "maxConcentration", "reactionRateConstant", "compactionDensity"),
    *("stoichiometryMin", "stoichiometryMax"),
)
"""Quantities that BattINFO names and no ontology has a class for."""
LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "standard charging current": ("ChargingCurrent",),
    "standard discharging current": ("DischargingCurrent",),
    "energy": ("NominalEnergy", "Energy"),
    "resistance": ("InternalResistance", "ElectricResistance"),
    "conductivity": ("ElectrolyticConductivity", "ElectricConductivity"),
    "viscosity": ("DynamicViscosity",),
    **{plain_words(name[0].upper() + name[1:]): (f"{terms.BATTINFO}{name}",) for name in _TERMS},
    "minimum stoichiometry": (f"{terms.BATTINFO}stoichiometryMin",),
    "maximum stoichiometry": (f"{terms.BATTINFO}stoichiometryMax",),
    **dict.fromkeys(("charging time", "charge time", "charging duration", "time to charge", "recharging time"), ("ChargingTime",)),
    **dict.fromkeys(("molecular weight", "molecular mass", "molar weight", "formula weight", "formula mass"), ("MolarMass",)),
    "maximum concentration": (f"{terms.BATTINFO}maxConcentration",),
    "areal mass": (f"{terms.BATTINFO}arealMass", "MassLoading"),
    "theoretical capacity": (f"{terms.BATTINFO}theoreticalSpecificCapacity",),
    "theoretical gravimetric capacity": (f"{terms.BATTINFO}theoreticalSpecificCapacity",),
    **dict.fromkeys(
        ("voltage range", "voltage limits", "voltage window", "operating voltage", "operating voltage range", "voltage limit"),
        ("LowerVoltageLimit", "UpperVoltageLimit", "ChargingVoltage"),
    ),
}
"""Kinds of quantity that a question about one thing means, besides `kind_names`: labels of the classes (or IRIs), best first."""

NAMES: Final[Mapping[str, EntityKind]] = {
    **dict.fromkeys(("manufacturer", "maker", "producer", "brand", "company", "vendor"), EntityKind.MANUFACTURER),
    **dict.fromkeys(
        (*("operator", "operators", "experimenter", "experimenters", "researcher", "researchers", "scientist", "scientists"),),
        EntityKind.PERSON,
    ),
    **dict.fromkeys(("model", "model name", "model number", "part number"), EntityKind.MODEL),
    **dict.fromkeys(("author", "authors", "creator", "creators", "person", "people"), EntityKind.PERSON),
    **dict.fromkeys(
        ("publisher", "institution", "laboratory", "lab", "institute", "university", "affiliation"), EntityKind.INSTITUTION
    ),
    **dict.fromkeys(
        ("instrument", "device", "cycler", "potentiostat", "galvanostat", "battery tester", "measuring instrument"),
        EntityKind.INSTRUMENT,
    ),
}
OPERATORS: Final = frozenset(name for name, kind in NAMES.items() if kind is EntityKind.PERSON) - {
    *("author", "authors", "creator", "creators", "person", "people"),
}
"""People who did something, and need not have written its record."""
FORMATS: Final = frozenset(
    (
        *("format", "shape", "form factor", "form", "case", "casing", "housing", "size", "geometry", "size code", "package format"),
        *(f"{one} {kind}" for one in ("case", "casing", "housing") for kind in ("format", "shape", "type", "form")),
    )
)
CHEMISTRIES: Final = frozenset(
    (
        "composition",
        "ingredients",
        "chemistry",
        "cell chemistry",
        "battery chemistry",
        "chemistries",
        "cathode chemistry",
        "cathode material chemistry",
    )
)
_PUBLISHED: Final = ("publication", "manufacturing", "production")
_RELEASED: Final = ("release", "launch", "introduction", "market launch")
SAID: Final[Mapping[str, str]] = {
    **dict.fromkeys(("date", "year", "published", *(f"{one} {when}" for one in _PUBLISHED for when in ("date", "year"))), "date"),
    **dict.fromkeys((f"{when} of {one}" for one in _PUBLISHED for when in ("date", "year")), "date"),
    **dict.fromkeys((f"{one} {when}" for one in _RELEASED for when in ("date", "year")), "release date"),
    **dict.fromkeys((f"{when} of {one}" for one in _RELEASED for when in ("date", "year")), "release date"),
    **dict.fromkeys(("licence", "license", "licences", "licenses", "terms of use", "licensing", "copyright licence"), "licence"),
    **dict.fromkeys((f"{kind}formula" for kind in ("", "chemical ", "molecular ", "sum ", "empirical ")), "formula"),
    **dict.fromkeys(
        (
            "country",
            "countries",
            "countries of origin",
            "country of origin",
            "origin country",
            "origin",
            "country of manufacture",
            "country of production",
        ),
        "country",
    ),
}
"""What a record says of itself -> its kind."""
FORMULA: Final = "formula"
"""What only a substance says of itself, and no record that has it in it."""
OWN_WORDS: Final = frozenset(
    word
    for names in (VARIANTS, LABELS, NAMES, FORMATS, CHEMISTRIES, SAID, kind_names())
    for name in names
    for word in name.split()
    if len(word) >= SHORTEST_MENDED
)
"""Words of names that no label has: of what labels have, the look-up mends errors."""
SUBSTANCES: Final[Mapping[str, tuple[str, ...]]] = {
    "metal": tuple(f"{one}MetalElementalSubstance" for one in ("Alkali", "AlkalineEarth", "Transition", "PostTransition")),
    "element": ("ElementalSubstance",),
    "carbon": ("CarbonElementalSubstance",),
    "polymer": ("PolymerCompound",),
    "plastic": ("PolymerCompound",),
    "salt": ("Salt",),
    "solvent": ("Solvent",),
    **dict.fromkeys(("substance", "material", "compound", "chemical"), ()),
}
"""Kinds of substance that are asked for in a role -> labels of their classes; any, if none: *which metal is the collector*."""
