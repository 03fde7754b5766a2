"""What follows from definitions: what a class has by its own restrictions, and what something is by what it has.

A *LithiumIonIronPhosphateBattery* ``hasPositiveElectrode some`` *LithiumIronPhosphateElectrode*, and that ``hasActiveMaterial
some`` *LithiumIronPhosphate*. Both directions are read: who says the class says its parts; who says its parts says the class, where
the definition leaves no doubt (a format, an electrode by its active material, a lithium-ion chemistry by its electrodes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

from ontology import terms
from ontology.concepts import Concepts
from ontology.model import Kind
from ontology.roles import Roles

MAX_DEPTH: Final = 3
"""Definitions followed one after another: cell, electrode, active material."""

_COMPOSITION: Final = re.compile(r"(?P<family>\D+)\d{3}")
"""``LithiumNickelManganeseCobaltOxide811``: the ontologies give these no parent."""
_OF_POSITIVE: Final = re.compile(r"(?:Lithium|Sodium)\w+(?:Oxide|Phosphate)Electrode")


_PRIMARY: Final = frozenset(
    """
    LithiumManganeseDioxideBattery LithiumThionylChlorideBattery LithiumCarbonMonofluorideBattery LithiumIronDisulphideBattery
    LithiumCopperOxideBattery ZincCarbonBattery ZincAirBattery
    """.split()  # noqa: SIM905 - a list of labels reads better than quoted ones
)
"""Systems of IEC 60086-1, Primary batteries."""
_SECONDARY: Final = frozenset(
    """
    LithiumIonBattery LithiumIonPolymerBattery LeadAcidBattery NickelMetalHydrideBattery NickelCadmiumBattery SodiumIonBattery
    """.split()  # noqa: SIM905
)
"""Systems of IEC 61960-3, IEC 61951 and IEC 60896, and what is called so after them."""

_KNOWN_BY_PARTS: Final = (
    "LithiumMetalBattery",
    "LithiumManganeseDioxideBattery",
    "LithiumThionylChlorideBattery",
    "LithiumCarbonMonofluorideBattery",
    "LithiumIronDisulphideBattery",
    "LithiumCopperOxideBattery",
    "ZincBattery",
    "ZincCarbonBattery",
    "AlkalineZincManganeseDioxideBattery",
    "ZincAirBattery",
    "AlkalineZincAirBattery",
    "NeutralZincAirBattery",
    "ZincSilverOxideBattery",
    "LeadAcidBattery",
    "NickelCadmiumBattery",
)


class Implied(NamedTuple):
    """What a class has by definition.

    Args:
        concept: IRI of what it has.
        properties: IRIs of the relations that lead there.
        within: IRIs of the classes in which it stands, from outside in, as for `records.record.ConceptUse`.
    """

    concept: str
    properties: tuple[str, ...]
    within: tuple[str, ...]


class Whole(NamedTuple):
    """A class that something is when it has all of these.

    Args:
        concept: IRI of the class.
        parts: What it has, as (role class, IRI of a class).
    """

    concept: str
    parts: tuple[tuple[str, str], ...]


class Definitions:
    """Definitions read in both directions; remembered, so one instance serves a whole harvest.

    Args:
        concepts: The ontologies.
        roles: Which relation stands for which role.

    >>> from ontology.facts import packaged_facts
    >>> concepts = Concepts(packaged_facts())
    >>> definitions = Definitions(concepts, Roles(concepts))
    >>> cells = {concepts.label(iri): iri for iri in concepts.narrower(terms.BATTERY_CELL)}
    >>> for implied in definitions.implied(cells["LithiumIonIronPhosphateBattery"])[:2]:
    ...     print(concepts.label(implied.concept), "in", [concepts.label(one) for one in implied.within])
    LithiumIronPhosphateElectrode in ['PositiveElectrode']
    LithiumIronPhosphate in ['PositiveElectrode', 'LithiumIronPhosphateElectrode', 'ActiveMaterial']
    """

    def __init__(self, concepts: Concepts, roles: Roles) -> None:
        self._concepts = concepts
        self._roles = roles
        self._implied: dict[str, tuple[Implied, ...]] = {}

    def implied(self, iri: str) -> tuple[Implied, ...]:
        """What a class has by its definition, and what that has, `MAX_DEPTH` deep; nothing that every battery has."""
        known = self._implied.get(iri)
        if known is None:
            known = self._implied[iri] = tuple(dict.fromkeys(self._follow(iri, (), (), 0)))
        return known

    def _follow(self, iri: str, properties: tuple[str, ...], within: tuple[str, ...], depth: int) -> Iterator[Implied]:
        for family in filter(None, (self._families.get(iri), self._charging.get(iri))):
            yield Implied(family, properties, within)
        for relation, filler in self._parts(iri) if depth < MAX_DEPTH else ():
            place = (*within, self._roles.by_property[relation])
            yield Implied(filler, (*properties, relation), place)
            yield from self._follow(filler, (*properties, relation), (*place, filler), depth + 1)

    def _parts(self, iri: str) -> Iterator[tuple[str, str]]:
        """Relation and class of what a class has: for each relation only what the nearest of its ancestors says of it."""
        said_by: dict[str, str] = {}
        for whole, relation, quantifier, filler in self._concepts.parts(iri):
            is_role = quantifier == "some" and relation in self._roles.by_property
            if is_role and said_by.setdefault(relation, whole) == whole and filler not in self._general:
                yield relation, filler

    @cached_property
    def _general(self) -> frozenset[str]:
        """Fillers that tell nothing: the roles themselves, what is above them, and what every lithium-ion cell has."""
        roles = self._roles.classes
        wide = {terms.SUBSTANCE, terms.CHEMICAL_SUBSTANCE, terms.NON_AQUEOUS_ELECTROLYTE}
        insertion = self._concepts.narrower(terms.INSERTION_ELECTRODE)
        return roles.union(wide, insertion, *map(self._concepts.ancestors, roles))

    @cached_property
    def _families(self) -> Mapping[str, str]:
        """``LithiumNickelManganeseCobaltOxide811`` -> ``LithiumNickelManganeseCobaltOxide``."""
        substances = {self._concepts.label(iri): iri for iri in self._concepts.narrower(terms.CHEMICAL_SUBSTANCE)}
        found = {}
        for iri, concept in self._concepts.facts.concepts.items():
            if concept.kind is Kind.CLASS and not concept.parents and not concept.deprecated:
                numbered = _COMPOSITION.fullmatch(self._concepts.label(iri))
                if numbered and numbered["family"] in substances:
                    found[iri] = substances[numbered["family"]]
        return found

    @cached_property
    def _charging(self) -> Mapping[str, str]:
        """Chemistries -> whether they are primary or secondary batteries, which the ontologies do not say of all."""
        cells = {self._concepts.label(iri): iri for iri in self._concepts.narrower(terms.BATTERY_CELL)}
        said = self._concepts.narrower(terms.PRIMARY_BATTERY) | self._concepts.narrower(terms.SECONDARY_BATTERY)
        return {
            iri: kind
            for kind, labels in ((terms.PRIMARY_BATTERY, _PRIMARY), (terms.SECONDARY_BATTERY, _SECONDARY))
            for label in labels.intersection(cells)
            for iri in self._concepts.narrower(cells[label]) - said
        }

    @cached_property
    def substances(self) -> frozenset[str]:
        """Every chemical substance, also those that the ontologies put under none."""
        return self._concepts.narrower(terms.CHEMICAL_SUBSTANCE).union(self._families)

    @cached_property
    def electrodes(self) -> tuple[Whole, ...]:
        """Electrodes that are known by their active materials: those that are called after them.

        Of the others the ontologies do not say all that it takes: SiliconOxideGraphiteElectrode has but Graphite.
        """
        found = self._wholes(self._concepts.narrower(terms.ELECTRODE), {terms.HAS_ACTIVE_MATERIAL})
        return tuple(whole for whole in found if self._is_called_after_parts(whole))

    @cached_property
    def formats(self) -> tuple[Whole, ...]:
        """Cells that are known by their cases."""
        return tuple(self._wholes(self._concepts.children(terms.BATTERY_CELL), {terms.HAS_CASE}))

    @cached_property
    def chemistries(self) -> tuple[Whole, ...]:
        """Lithium-ion cells that are known by their electrodes."""
        electrodes = {terms.HAS_POSITIVE_ELECTRODE, terms.HAS_NEGATIVE_ELECTRODE}
        cells = self._concepts.narrower(terms.LITHIUM_ION_BATTERY) - {terms.LITHIUM_ION_BATTERY}
        return tuple(self._wholes(cells, electrodes))

    @cached_property
    def cells(self) -> tuple[Whole, ...]:
        """Other cells that are known by all that they have, of those whose definitions say all that it takes."""
        cells = {self._concepts.label(iri): iri for iri in self._concepts.narrower(terms.BATTERY_CELL)}
        wholes = (Whole(cells[label], tuple(self._roles_and_parts(cells[label]))) for label in _KNOWN_BY_PARTS if label in cells)
        return tuple(whole for whole in wholes if whole.parts)

    @cached_property
    def sides(self) -> Mapping[str, str]:
        """Chemistries, electrodes and active materials -> the role of their electrode, where all definitions agree on it.

        Oxides and phosphates of transition metals, of which the ontologies have no cell, stand in positive electrodes.
        """
        found: dict[str, set[str]] = {}
        for whole in (*self.chemistries, *self.cells):
            standing = [(role, part) for role, part in whole.parts if role in (terms.POSITIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE)]
            for role, part in standing:
                for electrode in self._concepts.narrower(part):
                    materials = (one.concept for one in self.implied(electrode) if one.within[-1:] == (terms.ACTIVE_MATERIAL,))
                    for iri in (electrode, *materials):
                        found.setdefault(iri, set()).add(role)
            if len(standing) == 1:
                found.setdefault(whole.concept, set()).add(standing[0][0])
        for whole in self.electrodes:
            if _OF_POSITIVE.fullmatch(self._concepts.label(whole.concept)):
                for iri in (whole.concept, *(part for _, part in whole.parts)):
                    found.setdefault(iri, {terms.POSITIVE_ELECTRODE})
        for iri, family in self._families.items():
            if family in found:
                found.setdefault(iri, found[family])
        return {iri: role for iri, roles in found.items() if len(roles) == 1 for role in roles}

    def _roles_and_parts(self, iri: str) -> Iterator[tuple[str, str]]:
        for relation, filler in self._parts(iri):
            yield self._roles.by_property[relation], filler

    def _wholes(self, classes: Iterable[str], relations: set[str]) -> Iterator[Whole]:
        """Those of the classes of which the own definition has these relations and no other."""
        for iri in sorted(classes):
            concept = self._concepts.get(iri)
            own = [one for one in concept.restrictions if one.property in self._roles.by_property] if concept else []
            if own and all(one.quantifier == "some" and one.property in relations for one in own):
                parts = tuple((self._roles.by_property[one.property], one.filler) for one in own)
                if not self._general.intersection(filler for _, filler in parts):
                    yield Whole(iri, parts)

    def _is_called_after_parts(self, whole: Whole) -> bool:
        rest = _spelt(self._concepts.label(whole.concept))
        for label in sorted((_spelt(self._concepts.label(part)) for _, part in whole.parts), key=len, reverse=True):
            rest = rest.replace(label, "")
        return rest == "Electrode"


def _spelt(label: str) -> str:
    return label.replace("Aluminum", "Aluminium")
