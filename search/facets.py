"""What hits are counted by, what a click on a count adds to the query, and how the values are shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from ontology.units import Units
from records.errors import BodyError
from records.record import EntityKind
from search.expansion import concept_part
from search.index import FacetCount
from search.names import fold_name
from search.query import ConceptPart, EntityPart, Expansion, Facet, Part, QuantityPart, ValuePart, YearPart

ENTITY_KINDS: Final[Mapping[Facet, EntityKind]] = {
    Facet.MANUFACTURER: EntityKind.MANUFACTURER,
    Facet.MODEL: EntityKind.MODEL,
    Facet.PERSON: EntityKind.PERSON,
    Facet.INSTITUTION: EntityKind.INSTITUTION,
    Facet.INSTRUMENT: EntityKind.INSTRUMENT,
}
"""Facets whose values are names, and what the named things are to a record."""

SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "format": (terms.CASE, terms.PRISMATIC_BATTERY, terms.CYLINDRICAL_BATTERY, terms.COIN_CELL, terms.POUCH_CELL),
    "material": (terms.CHEMICAL_SUBSTANCE,),
    "component": (terms.ELECTROCHEMICAL_COMPONENT,),
    "method": (terms.CHARACTERISATION_TECHNIQUE, terms.PROCEDURE, terms.BATTERY_TEST),
    "kind": (terms.BATTERY,),
}
"""Heading of a sub-tree of the facet ``concept`` -> the classes at its top; a concept stands under the first that has it."""

_BOOKKEEPING: Final = (
    terms.QUANTITY,
    terms.PROPERTY,
    terms.CONVENTIONAL_PROPERTY,
    terms.MEASURED_PROPERTY,
    terms.NOMINAL_PROPERTY,
    terms.NUMERICAL_DATA,
    terms.REAL_DATA,
)
_FORMALITIES: Final = tuple(f"https://schema.org/{name}" for name in ("CreativeWork", "Organization", "Person", "PropertyValue"))
_VALIDATION: Final[Mapping[str, str]] = {
    "violation": "with violations",
    "warning": "with warnings",
    "info": "with hints",
    "none": "nothing found wrong",
}
_CREATIVE_COMMONS: Final = re.compile(r"https?://creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/(\d\.\d)", re.IGNORECASE)


@lru_cache(maxsize=4)
def bookkeeping(concepts: Concepts) -> frozenset[str]:
    """Concepts that say how something is described, or that everything is: left out of the facets ``concept`` and ``role``.

    Kinds of quantity are among them (nearly every cell has a mass): they have a facet of their own. So is what stands above the
    classes of `SECTIONS`: that a cell is an object tells nobody anything.
    """
    shown = {iri for roots in SECTIONS.values() for iri in roots}
    above = (concepts.ancestors(iri) for iri in (*shown, *_BOOKKEEPING))
    return frozenset(_FORMALITIES).union(*(concepts.narrower(iri) for iri in _BOOKKEEPING), *above) - shown


def facet_part(facet: Facet, value: str, concepts: Concepts, *, label: str = "") -> Part:
    """What a click on a value of a facet adds to the query: as many records match as were counted (`FacetCount`).

    Args:
        facet: The facet.
        value: The value as the index counts it.
        concepts: The ontologies.
        label: The value for people, where the value does not say it: a name as most records write it.

    Raises:
        BodyError: The facet has no such values.
    """
    if facet in (Facet.CONCEPT, Facet.QUANTITY) and ":" not in value:
        raise BodyError(f"“{value}” is no IRI.", f"Give a value of the facet {facet.value}, or ask for it in words.")
    if facet is Facet.CONCEPT:
        return concept_part(value, concepts)
    if facet is Facet.ROLE:
        role, _, iri = value.partition(" ")
        if not iri:
            raise BodyError(f"“{value}” is no value of the facet role.", "Give two IRIs with a space between: role, then concept.")
        return _role_part(role, iri, concepts)
    if facet is Facet.QUANTITY:
        name = concepts.label(value)
        return QuantityPart(f"has {name}", concepts.narrower(value), (name,), None, None, False, False, "", "")
    if facet is Facet.YEAR:
        if not (len(value) == 4 and value.isascii() and value.isdigit()):
            raise BodyError(f"“{value}” is no year.", "Give four digits.")
        return YearPart(value, int(value), int(value))
    if facet in ENTITY_KINDS:
        return EntityPart(label or value, ENTITY_KINDS[facet], (fold_name(value) or value,), label or value)
    return ValuePart(facet_label(facet, value, concepts), facet, value)


def measured(counts: Iterable[FacetCount], concepts: Concepts, units: Units) -> tuple[FacetCount, ...]:
    """Kinds of quantity that say what is measured: those of a known dimension that is not all that their narrower ones say."""
    found = [one for one in counts if units.dimension_of_kind(one.value) is not None]
    count = {one.value: one.count for one in found}

    def says_more(one: FacetCount) -> bool:
        below = concepts.narrower(one.value) - {one.value}
        return terms.PHYSICAL_QUANTITY in concepts.ancestors(one.value) and all(count.get(iri, 0) < one.count for iri in below)

    return tuple(one for one in found if says_more(one))


def _role_part(role: str, iri: str, concepts: Concepts) -> ConceptPart:
    label, role_label = concepts.label(iri), concepts.label(role)
    return ConceptPart(
        f"{label} as {role_label}",
        (iri,),
        (label,),
        frozenset({iri}),
        role=role,
        role_label=role_label,
        roles=frozenset({role}),
        expansion=Expansion.EXACT,
    )


def facet_label(facet: Facet, value: str, concepts: Concepts) -> str:
    """A value of a facet for people.

    >>> from ontology.facts import packaged_facts
    >>> concepts = Concepts(packaged_facts())
    >>> facet_label(Facet.LICENCE, "https://creativecommons.org/licenses/by/4.0/", concepts)
    'CC BY 4.0'
    >>> facet_label(Facet.COMMUNITY, "bma/community:battery-data", concepts)
    'battery-data (bma)'
    """
    match facet:
        case Facet.CONCEPT | Facet.QUANTITY:
            return concepts.label(value)
        case Facet.ROLE:
            role, _, iri = value.partition(" ")
            return f"{concepts.label(iri)} as {concepts.label(role)}"
        case Facet.LICENCE:
            return _licence_label(value)
        case Facet.COMMUNITY:
            source, _, community = value.partition("/community:")
            return f"{community} ({source})" if community else value
        case Facet.VALIDATION:
            return _VALIDATION.get(value, value)
        case _:
            return value


def _licence_label(value: str) -> str:
    found = _CREATIVE_COMMONS.match(value)
    if found is None:
        return value.rstrip("/").rpartition("/")[2] if "://" in value else value
    kind, version = found.groups()
    return f"CC0 {version}" if kind.lower() == "zero" else f"CC {kind.upper()} {version}"


@dataclass(frozen=True, slots=True)
class Branch:
    """A counted concept with the counted ones below it."""

    value: str
    label: str
    count: int
    children: tuple[Branch, ...] = ()


def section_of(iri: str, concepts: Concepts) -> str:
    """Under which of `SECTIONS` a concept is shown; ``""`` for none of them."""
    for name, roots in SECTIONS.items():
        if any(iri in concepts.narrower(root) for root in roots):
            return name
    return ""


def trees(counts: Iterable[FacetCount], concepts: Concepts) -> dict[str, tuple[Branch, ...]]:
    """The counted concepts of each section as trees, most hits first; a concept stands once, under its nearest counted broader one.

    A class that counts as many hits as its only child is left out: it tells nothing that the child does not.

    Args:
        counts: The facet ``concept``, broader concepts included.
        concepts: The ontologies.
    """
    sections: dict[str, list[FacetCount]] = {}
    for one in counts:
        sections.setdefault(section_of(one.value, concepts), []).append(one)
    return {name: _tree(sections[name], concepts) for name in (*SECTIONS, "") if name in sections}


def _tree(counts: Sequence[FacetCount], concepts: Concepts) -> tuple[Branch, ...]:
    counted = {one.value: one.count for one in counts}
    below: dict[str, list[str]] = {}
    for iri in counted:
        below.setdefault(_nearest_above(iri, counted, concepts), []).append(iri)

    def grown(iri: str) -> Branch:
        children = tuple(grown(child) for child in below.get(iri, ()))
        if len(children) == 1 and children[0].count == counted[iri]:
            return children[0]
        return Branch(iri, concepts.label(iri), counted[iri], children)

    return tuple(grown(iri) for iri in below.get("", ()))


def _nearest_above(iri: str, counted: Mapping[str, int], concepts: Concepts) -> str:
    """The counted concept that is fewest steps above, the one with fewest hits among equals; ``""`` for none."""
    level, seen = [iri], {iri}
    while level:
        level = [parent for here in level for parent in concepts.parents(here) if parent not in seen]
        seen.update(level)
        found = [parent for parent in level if parent in counted]
        if found:
            return min(found, key=lambda parent: (counted[parent], parent))
    return ""
