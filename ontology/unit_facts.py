"""Unit facts from the EMMO unit classes: names, dimension, and the factor to the SI coherent unit.

EMMO gives names, UCUM codes and dimensions; the unit library (pint) computes factors. UCUM code and label are two witnesses:
they must agree with EMMO's dimension and with each other. EMMO's own multipliers are a third witness only, because some are wrong
(that of mAh/cm² is 3.6e10): such a number does not overrule two witnesses (the symbol may be the second), but excludes what only
one supports.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyoxigraph as ox

from ontology.model import UnitFact
from ontology.unit_grammar import from_symbols, from_words
from ontology.unit_measure import Dimension, Measure, measure
from ontology.unit_table import Expression

EMMO = "https://w3id.org/emmo#"
MEASUREMENT_UNIT = EMMO + "EMMO_b081b346_7279_46ef_9a3d_2c088fcd79f4"  # MeasurementUnit
UCUM_CODE = EMMO + "EMMO_33ae2d07_5526_4555_a0b4_8f4c031b5652"  # ucumCode
QUDT_REFERENCE = EMMO + "EMMO_1f1b164d_ec6a_4faa_8d5e_88bda62316cc"  # qudtReference
UNIT_SYMBOL = EMMO + "EMMO_7f1dec83_d85e_4e1b_b7bd_c9442d4f5a64"  # unitSymbol
UNIT_SYMBOL_VALUE = EMMO + "EMMO_daf7a9b7_18ef_4e73_9fb9_75adfd9800e8"  # unitSymbolValue
DIMENSION_STRING = EMMO + "EMMO_19d925d0_2cf1_40e5_a391_1a99d68409c9"  # hasDimensionString
SI_MULTIPLIER = EMMO + "EMMO_8189b42e_0995_423a_a26c_51168b27c3cf"  # hasSIConversionMultiplier

_PREF_LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"

_ONE_PART = re.compile(r"([TLMIΘNJ])([+-]?\d{1,2})")
_ORDER = "LMTIΘNJ"
_CLOSE = 1e-3
"""Factors nearer than this are the same unit with rounded constants (EMMO rounds to a few digits)."""


def read_dimension(text: str) -> Dimension:
    """Exponents of an EMMO dimension string.

    Raises:
        ValueError: It is not one.

    Example:
        >>> read_dimension("T-3 L+2 M+1 I-1 Θ0 N0 J0")
        (2, 1, -3, -1, 0, 0, 0)
    """
    parts = dict(_ONE_PART.findall(text))
    if len(parts) != len(_ORDER) or len(text.split()) != len(_ORDER):
        raise ValueError(f"{text!r} is not a dimension string")
    length, mass, time, current, temperature, amount, light = (int(parts[letter]) for letter in _ORDER)
    return (length, mass, time, current, temperature, amount, light)


class _Unit(NamedTuple):
    """What the ontologies say of one unit class."""

    iri: str
    label: str
    labels: tuple[str, ...]
    symbols: tuple[str, ...]
    qudt: str
    ucums: tuple[str, ...]
    multipliers: tuple[float, ...]
    dimensions: frozenset[Dimension]


class UnitReport(NamedTuple):
    """Units with what was decided about them.

    Args:
        units: Every unit and every class of units of one dimension, by IRI in sorted order. Where `UnitFact.expression` is empty
            the unit (or class) is known by name and dimension but does not convert; its factor is 0.
        excluded: IRI -> why the unit does not convert.
        doubts: IRI -> what in the ontologies contradicts what was computed; the unit converts all the same.
    """

    units: dict[str, UnitFact]
    excluded: dict[str, str]
    doubts: dict[str, str]


def extract_units(store: ox.Store) -> dict[str, UnitFact]:
    """Every unit class of the loaded ontologies as a fact, by IRI in sorted order; the same for the same triples.

    Args:
        store: The EMMO closure in the default graph (or any graph).

    Returns:
        Units with factor and offset to the SI coherent unit. Units that do not convert, and the classes of units of one dimension
        (what quantity classes refer to), have an empty expression and factor 0.

    Raises:
        ImportError: The unit library is not installed.
    """
    return report_units(store).units


def report_units(store: ox.Store) -> UnitReport:
    """As `extract_units`, with the reasons for what was left out and the doubts about what was kept."""
    units: dict[str, UnitFact] = {}
    excluded: dict[str, str] = {}
    doubts: dict[str, str] = {}
    for unit in _unit_classes(store):
        expression, reason, doubt = _decide(unit)
        dimension = next(iter(unit.dimensions)) if len(unit.dimensions) == 1 else (0,) * 7
        factor = offset = 0.0
        if expression is not None:
            size = measure(expression)
            factor, offset, dimension = float(size.factor), float(size.offset), size.dimension
        if reason:
            excluded[unit.iri] = reason
        if doubt:
            doubts[unit.iri] = doubt
        text = "" if expression is None else str(expression)
        ucum = unit.ucums[0] if unit.ucums else ""
        units[unit.iri] = UnitFact(unit.iri, unit.label, unit.symbols, unit.qudt, ucum, text, factor, offset, dimension)
    return UnitReport(units, excluded, doubts)


class _Reading(NamedTuple):
    """What one of the names of a unit says of its size."""

    expression: Expression
    size: Measure
    from_label: bool


def _decide(unit: _Unit) -> tuple[Expression | None, str, str]:
    """The expression of a unit, or why it has none; and what speaks against it."""
    readings: list[_Reading] = []
    unresolved = ""
    codes = [(from_symbols(code, exact=True), False) for code in unit.ucums]
    for expression, from_label in [*codes, *((from_words(label), True) for label in unit.labels)]:
        if expression is None:
            continue
        try:
            readings.append(_Reading(expression, measure(expression), from_label))
        except ValueError as exc:
            unresolved = unresolved or str(exc)
    if not readings:
        named = unit.ucums or unit.symbols or unit.qudt or unit.multipliers
        unknown = unresolved or "neither its UCUM code nor its label is in our table of unit names"
        return None, unknown if named else "it is a class of units, not a unit", ""
    fitting = [reading for reading in readings if not unit.dimensions or reading.size.dimension in unit.dimensions]
    if not fitting:
        return None, f"its expression {readings[0].expression} has not the dimension that the ontology gives it", ""
    groups: list[list[_Reading]] = []
    for reading in fitting:
        same = next((group for group in groups if _close(group[0], float(reading.size.factor))), None)
        if same is None:
            groups.append([reading])
        else:
            same.append(reading)
    confirmed = [group for group in groups if any(_close(group[0], value) for value in unit.multipliers)]
    if len(groups) > 1 and len(confirmed) != 1:
        return None, "its names mean different sizes: " + ", ".join(str(group[0].expression) for group in groups), ""
    chosen = confirmed[0] if confirmed else groups[0]
    if confirmed or not unit.multipliers:
        return chosen[0].expression, "", ""
    return _despite(unit, chosen)


def _despite(unit: _Unit, chosen: list[_Reading]) -> tuple[Expression | None, str, str]:
    """The ontology's own factor contradicts: the label must have a UCUM code or a symbol as its witness."""
    expression, size, _ = chosen[0]
    contradiction = f"the ontology gives the factor {unit.multipliers[0]:g}, computed is {float(size.factor):g} from {expression}"
    label = any(reading.from_label for reading in chosen)
    code = any(not reading.from_label for reading in chosen)
    if label and (code or any(_close(chosen[0], factor) for factor in _factors(unit.symbols))):
        return expression, "", contradiction
    return None, contradiction, ""


def _factors(symbols: Iterable[str]) -> Iterator[float]:
    for symbol in symbols:
        expression = from_symbols(symbol, exact=True)
        try:
            yield float(measure(expression).factor) if expression is not None else math.nan
        except ValueError:
            continue


def _close(reading: _Reading, factor: float) -> bool:
    return math.isclose(float(reading.size.factor), factor, rel_tol=_CLOSE)


def _unit_classes(store: ox.Store) -> list[_Unit]:
    """Every class below MeasurementUnit that has a name, a code or a dimension of its own, and every class with a UCUM code."""
    parents: dict[str, set[str]] = defaultdict(set)
    children: dict[str, set[str]] = defaultdict(set)
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    restrictions: dict[ox.BlankNode, str] = {}
    for quad in store.quads_for_pattern(None, ox.NamedNode(_RDFS + "subClassOf"), None, None):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            parents[quad.subject.value].add(quad.object.value)
            children[quad.object.value].add(quad.subject.value)
        elif isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.BlankNode):
            restrictions[quad.object] = quad.subject.value
    for node, owner in restrictions.items():
        about = {quad.predicate.value: quad.object for quad in store.quads_for_pattern(node, None, None, None)}
        on, value = about.get(_OWL + "onProperty"), about.get(_OWL + "hasValue")
        if isinstance(on, ox.NamedNode) and isinstance(value, ox.Literal):
            values[owner, on.value].add(value.value)
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    for name in (UCUM_CODE, QUDT_REFERENCE, UNIT_SYMBOL, _PREF_LABEL):
        for quad in store.quads_for_pattern(None, ox.NamedNode(name), None, None):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal | ox.NamedNode):
                values[quad.subject.value, name].add(quad.object.value.strip())
                if name == _PREF_LABEL and isinstance(quad.object, ox.Literal):
                    labels[quad.subject.value][quad.object.language or ""] = quad.object.value
    below = _below(MEASUREMENT_UNIT, children)
    with_code = {owner for (owner, name), found in values.items() if name in (UCUM_CODE, SI_MULTIPLIER) and found}
    units = []
    for iri in sorted(below | with_code):
        unit = _one_class(iri, parents, values, labels.get(iri, {}))
        if unit is not None:
            units.append(unit)
    return units


def _below(root: str, children: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [root]
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
    return seen


def _one_class(
    iri: str, parents: dict[str, set[str]], values: dict[tuple[str, str], set[str]], labels: dict[str, str]
) -> _Unit | None:
    def get(name: str) -> tuple[str, ...]:
        return tuple(sorted(value for value in values.get((iri, name), ()) if value))

    label = labels.get("en") or labels.get("") or min(labels.values(), default="")
    symbols = tuple(dict.fromkeys((*get(UNIT_SYMBOL_VALUE), *get(UNIT_SYMBOL))))
    qudts = [value for value in get(QUDT_REFERENCE) if "qudt.org/vocab/unit/" in value]
    dimensions = set(_dimensions(get(DIMENSION_STRING)))
    own_dimension = bool(dimensions)
    for parent in _below(iri, parents):
        dimensions.update(_dimensions(values.get((parent, DIMENSION_STRING), ())))
    if not (own_dimension or symbols or qudts or get(UCUM_CODE) or get(SI_MULTIPLIER) or dimensions):
        return None
    multipliers = tuple(float(value) for value in get(SI_MULTIPLIER))
    all_labels = tuple(sorted({*labels.values()}))
    return _Unit(iri, label, all_labels, symbols, qudts[0] if qudts else "", get(UCUM_CODE), multipliers, frozenset(dimensions))


def _dimensions(texts: Iterable[str]) -> list[Dimension]:
    found = []
    for text in sorted(texts):
        try:
            found.append(read_dimension(text))
        except ValueError:
            continue  # a fault of the ontology: this text says nothing
    return found
