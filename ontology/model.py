"""What is known of the ontologies: concepts, units, and where each fact comes from. Frozen values, no logic."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What sort of thing a concept is (OWL 2); ``property`` is an ``rdf:Property`` that no more is said of."""

    CLASS = "class"
    OBJECT_PROPERTY = "object-property"
    DATA_PROPERTY = "data-property"
    ANNOTATION_PROPERTY = "annotation-property"
    PROPERTY = "property"
    INDIVIDUAL = "individual"


class LabelKind(StrEnum):
    """Which property carries a label; ``abbreviation`` and ``formula`` come from our own table, ``term`` from a JSON-LD context."""

    PREF = "prefLabel"
    ALT = "altLabel"
    HIDDEN = "hiddenLabel"
    RDFS = "label"
    ABBREVIATION = "abbreviation"
    FORMULA = "formula"
    TERM = "term"
    IRI = "iri"
    CURIE = "curie"


class Label(NamedTuple):
    """A label with its language tag (``""`` when it has none) and the property that carries it."""

    text: str
    language: str
    kind: LabelKind


class Restriction(NamedTuple):
    """``rdfs:subClassOf [ owl:onProperty property ; owl:someValuesFrom filler ]`` (or another quantifier): parts and roles.

    Args:
        property: IRI of the property; ``^`` before it means its inverse, where the inverse has no name (as in a SPARQL path).
        quantifier: ``some``, ``only``, ``value``, ``min N``, ``max N`` or ``exactly N`` (Manchester syntax,
            https://www.w3.org/TR/owl2-manchester-syntax/).
        filler: IRI of the class or individual.
    """

    property: str
    quantifier: str
    filler: str


class SourceOntology(NamedTuple):
    """An ontology module that facts were taken from."""

    iri: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class Concept:
    """One class or property of the ontologies.

    Args:
        iri: Its IRI.
        kind: Class or kind of property.
        labels: Every label in every language and without one, prefLabels first.
        parents: IRIs of named direct super-classes (or super-properties), sorted.
        restrictions: Parts and roles it declares itself.
        deprecated: Whether ``owl:deprecated true`` is said of it.
        replaced_by: IRI of its replacement; ``""`` when none is named.
        sources: Positions in the list of source ontologies that describe it, sorted.
    """

    iri: str
    kind: Kind
    labels: tuple[Label, ...] = ()
    parents: tuple[str, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    deprecated: bool = False
    replaced_by: str = ""
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class UnitFact:
    """One unit of measurement, with what is needed to convert it.

    Args:
        iri: IRI of its EMMO class, or of the QUDT unit when EMMO has none.
        label: Its prefLabel.
        symbols: Symbols for people, e.g. ``mA⋅h/g``.
        qudt: IRI of the QUDT unit; ``""`` when none is named.
        ucum: UCUM code; ``""`` when none is named.
        expression: The unit in the syntax of the unit library, e.g. ``milliampere * hour / gram``.
        factor: Multiply a value in this unit by it to get the SI coherent unit of the dimension.
        offset: Then add it (temperatures).
        dimension: Exponents of length, mass, time, current, temperature, amount, luminous intensity (and plane angle is 1).
    """

    iri: str
    label: str
    symbols: tuple[str, ...]
    qudt: str
    ucum: str
    expression: str
    factor: float
    offset: float
    dimension: tuple[int, int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is carried over from the ontologies: identifiers, labels, edges, unit factors; no definitions.

    Args:
        sources: The ontology modules, in a stable order.
        concepts: Every class and property, by IRI in sorted order.
        units: Every unit, by IRI in sorted order.
        terms: The current battery context as a term map: term -> (IRI, ``@type`` coercion or ``""``).
        disjoint: Sets of classes of which nothing can be two (``owl:disjointWith``, ``owl:AllDisjointClasses``,
            ``owl:disjointUnionOf``), each sorted, in sorted order.
        domains: Object property -> the classes of what has it (``rdfs:domain``), sorted; it is all of them.
        ranges: Object property -> the classes of its values (``rdfs:range``), sorted; they are all of them.
    """

    sources: tuple[SourceOntology, ...]
    concepts: dict[str, Concept]
    units: dict[str, UnitFact]
    terms: dict[str, tuple[str, str]]
    disjoint: tuple[tuple[str, ...], ...] = ()
    domains: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: dict[str, tuple[str, ...]] = field(default_factory=dict)
