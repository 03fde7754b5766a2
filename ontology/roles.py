"""Roles: as what a thing stands in another one, e.g. graphite as the active material of a negative electrode.

A role is a class: *PositiveElectrode*, *ActiveMaterial*, *Binder*. Documents name it by a property (``hasPositiveElectrode``),
people by a word (*cathode*). Which property stands for which class follows from the ontologies: ``has`` and the label of a class,
below ``hasConstituent``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from ontology.model import Kind, LabelKind

_NOT_ROLES: Final = frozenset({"Constituent", "Component", "CharacterisationComponent", "ElectrochemicalCell"})
"""Whatever something is made of is one of these, so they tell nothing."""

_SAME: Final[Mapping[str, tuple[str, ...]]] = {
    terms.POSITIVE_ELECTRODE: (terms.CATHODE,),
    terms.NEGATIVE_ELECTRODE: (terms.ANODE,),
}
"""Role -> classes that mean it, though the ontologies have no such edge: which electrode is the cathode depends on the direction of
the current, but with *cathode* people who work on batteries mean the positive electrode, as it is at discharge."""

_WORDS: Final[Mapping[str, str]] = {
    "cathode": "PositiveElectrode",
    "anode": "NegativeElectrode",
    "salt": "Solute",
    "conducting salt": "Solute",
    "electrolyte salt": "Solute",
    "conductive agent": "ConductiveAdditive",
    "conducting agent": "ConductiveAdditive",
    "conductive carbon": "ConductiveAdditive",
    "collector": "CurrentCollector",
    "casing": "Case",
    "enclosure": "Case",
}
"""What people call a role -> its label; the labels themselves are added from the ontologies."""

_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Roles:
    """Which roles there are, by property, class and word.

    Args:
        concepts: The ontologies.

    >>> from ontology.facts import packaged_facts
    >>> concepts = Concepts(packaged_facts())
    >>> roles = Roles(concepts)
    >>> concepts.label(roles.of_property(terms.HAS_ACTIVE_MATERIAL)), concepts.label(roles.words["cathode"])
    ('ActiveMaterial', 'PositiveElectrode')
    >>> roles.of_property(terms.HAS_PROPERTY)
    ''
    """

    def __init__(self, concepts: Concepts) -> None:
        self._concepts = concepts
        self._expanded: dict[str, frozenset[str]] = {}

    @cached_property
    def by_property(self) -> Mapping[str, str]:
        """Property -> the class that it stands for: ``hasPositiveElectrode`` -> PositiveElectrode."""
        classes: dict[str, list[str]] = {}
        for iri, concept in self._concepts.facts.concepts.items():
            if concept.kind is Kind.CLASS and not concept.deprecated:
                classes.setdefault(self._concepts.label(iri), []).append(iri)
        found = {}
        for iri in sorted(self._concepts.narrower(terms.HAS_CONSTITUENT)):
            name = self._concepts.label(iri).removeprefix("has")
            named = classes.get(name, ())
            if name not in _NOT_ROLES and len(named) == 1:
                found[iri] = named[0]
        return found

    @cached_property
    def classes(self) -> frozenset[str]:
        """The classes that are roles."""
        return frozenset(self.by_property.values())

    @cached_property
    def below(self) -> frozenset[str]:
        """The roles and everything that is narrower or means the same: LithiumIronPhosphateElectrode is an Electrode."""
        return frozenset().union(*map(self.expanded, self.classes))

    @cached_property
    def words(self) -> Mapping[str, str]:
        """What people call a role, in lower case with single spaces -> its class."""
        named: dict[str, str] = {}
        found: dict[str, str] = {}
        for iri in sorted(self.classes):
            concept = self._concepts.get(iri)
            named[self._concepts.label(iri)] = iri
            for label in concept.labels if concept else ():
                if label.kind in (LabelKind.PREF, LabelKind.ALT):
                    found.setdefault(_CAPITAL.sub(" ", label.text).lower(), iri)
        return found | {word: named[label] for word, label in _WORDS.items() if label in named}

    def of_property(self, iri: str) -> str:
        """The class that a property stands for, ``""`` when it stands for no role.

        A class of things that a document uses as a property (``"CellCan": {…}``) stands for itself.
        """
        role = self.by_property.get(iri)
        if role is not None:
            return role
        concept = self._concepts.get(iri)
        is_thing = concept is not None and concept.kind is Kind.CLASS and iri not in self._concepts.narrower(terms.QUANTITY)
        return iri if is_thing else ""

    def expanded(self, role: str) -> frozenset[str]:
        """The role and every class that means it or a narrower one: what `ConceptUse.within` must meet when it is asked for."""
        if role not in _SAME:
            return self._concepts.narrower(role)
        if role not in self._expanded:
            self._expanded[role] = self._concepts.narrower(role).union(*map(self._concepts.narrower, _SAME[role]))
        return self._expanded[role]
