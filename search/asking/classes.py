"""Classes of the ontologies by what questions make of them, and what a record is of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from ontology import terms
from ontology.definitions import Definitions
from ontology.model import LabelKind
from records.record import EntityKind, Quantity, Record
from search.asking.property_names import plain_words
from search.facets import SECTIONS
from search.understanding.vocabulary import Vocabulary

SPELT_RIGHT: Final = 0.9
"""Least score of a look-up of what is written as a label."""
_SHORT: Final = 8
"""Characters of an abbreviation or a formula that is told beside a name."""


class Classes:
    """Formats, materials, parts and cells.

    Args:
        vocabulary: The ontologies.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._concepts = vocabulary.concepts
        self._roles = vocabulary.roles

    @cached_property
    def formats(self) -> frozenset[str]:
        """Classes that say what shape or size a cell has."""
        return frozenset().union(*map(self._concepts.narrower, SECTIONS["format"])) - {terms.CASE}

    @cached_property
    def materials(self) -> frozenset[str]:
        """Classes of chemical substances."""
        return frozenset().union(*map(self._concepts.narrower, SECTIONS["material"]))

    @cached_property
    def components(self) -> frozenset[str]:
        """Classes of the parts of a cell: what stands within one of them is not of the cell itself."""
        return self._roles.below

    @cached_property
    def cells(self) -> frozenset[str]:
        """Cells and batteries."""
        return self._concepts.narrower(terms.BATTERY) | self._concepts.narrower(terms.ELECTROCHEMICAL_CELL)

    @cached_property
    def chemistries(self) -> frozenset[str]:
        """Kinds of battery that tell what they are made of: LithiumIonBattery, but not SecondaryBattery or CoinCell."""
        plain = (terms.BATTERY_CELL, self._class("SecondaryBattery"), self._class("PrimaryBattery"))
        return self._concepts.narrower(terms.BATTERY_CELL) - set(plain) - self.formats

    def substance(self, words: str) -> str:
        """The class of a chemical substance of this name; ``""`` for what is none."""
        found = self._vocabulary.lookup.find(words, limit=3)
        return next((one.iri for one in found if one.score >= SPELT_RIGHT and one.iri in self.materials), "")

    def short_name(self, words: str) -> str:
        """The abbreviation or formula of the substance of this name, as the ontologies have it: ``LiFSI``; ``""`` without one."""
        concept = self._concepts.get(self.substance(words))
        labels = [one.text for one in concept.labels if one.kind is LabelKind.ALT] if concept else []
        return next((one for one in labels if len(one) <= _SHORT and one != one.lower() and " " not in one), "")

    def materials_in(self, role: str) -> frozenset[str]:
        """What stands in an electrode by the definition of some battery: other materials than these are elsewhere too."""
        return self._electrodes[role]

    @cached_property
    def _electrodes(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {terms.POSITIVE_ELECTRODE: set(), terms.NEGATIVE_ELECTRODE: set()}
        definitions = Definitions(self._concepts, self._roles)
        for implied in (one for cell in self.cells for one in definitions.implied(cell)):
            for role, materials in found.items():
                if implied.concept in self.materials and not self.roles_of(role).isdisjoint(implied.within):
                    materials |= self._concepts.narrower(implied.concept)
        return {role: frozenset(materials) for role, materials in found.items()}

    @cached_property
    def collectors(self) -> frozenset[str]:
        """Metals of which current collectors are, whatever is coated on them."""
        return frozenset(filter(None, map(self._class, ("Aluminium", "Copper"))))

    def apart_from(self, iri: str) -> frozenset[str]:
        """Kinds of battery that nothing of this kind is as well: rechargeable ones and others, lithium-ion ones and others."""
        secondary, primary, lithium_ion = map(self._class, ("SecondaryBattery", "PrimaryBattery", "LithiumIonBattery"))
        if iri in (secondary, primary):
            return self._concepts.narrower(primary if iri == secondary else secondary)
        is_other = iri in self.chemistries and iri not in self._concepts.narrower(lithium_ion) | self._concepts.ancestors(
            lithium_ion
        )
        return self._concepts.narrower(lithium_ion) if is_other else frozenset()

    @cached_property
    def generic(self) -> frozenset[str]:
        """Roles and what stands above them: that a cathode is an electrode tells nothing."""
        return frozenset().union(*map(self._concepts.ancestors, self._roles.classes)) | self._roles.classes

    def is_own(self, record: Record, quantity: Quantity) -> bool:
        """Whether a quantity is the thing's own, and not that of a part, a spring or a test.

        An electrode has what its coating has, and a test what its steps have.
        """
        within = quantity.within
        if not within:
            return "hasConstituent/" not in quantity.pointer  # of which no class says what it is
        own = {one.concept for one in record.concepts if not one.pointer}
        if self.components.isdisjoint(within):
            return own.isdisjoint(self._things) or own.union(self.cells, self._coatings).issuperset(within)
        if own.isdisjoint(self.components):
            return False
        return self.components.isdisjoint(set(within) - own - self._coatings)

    @cached_property
    def _things(self) -> frozenset[str]:
        return self.cells | self.components | self.materials

    @cached_property
    def _coatings(self) -> frozenset[str]:
        return frozenset(filter(None, map(self._class, ("Coating", "ElectrodeCoating"))))

    def is_cell(self, record: Record) -> bool:
        """Whether the record is about a cell or battery: it has a model, or says so of itself or of what it describes."""
        return any(one.kind is EntityKind.MODEL for one in record.entities) or self.is_one_of(record, self.cells)

    def is_electrolyte(self, record: Record) -> bool:
        """Whether the record is about an electrolyte."""
        return self.is_one_of(record, self.roles_of(self._roles.words["electrolyte"]))

    def is_one_of(self, record: Record, classes: frozenset[str]) -> bool:
        """Whether the record says of itself, or of what it describes, that it is one of these."""
        return any(
            one.concept in classes and not one.implied_by and (not one.role or one.pointer.endswith("isDescriptionFor"))
            for one in record.concepts
        )

    def roles_of(self, role: str) -> frozenset[str]:
        """The role and what is narrower or means the same."""
        return self._roles.expanded(role)

    def words_of(self, iri: str) -> str:
        """The label in plain words: ``rated capacity`` for RatedCapacity."""
        return plain_words(self._concepts.label(iri))

    def label_of(self, quantity: Quantity) -> str:
        """What a quantity of a record is, in plain words."""
        kinds = [kind for kind in quantity.kinds if kind not in terms.PROPERTY_KINDS]
        return plain_words(quantity.name.replace("_", " ")) or (self.words_of(kinds[0]) if kinds else "")

    def _class(self, label: str) -> str:
        return next((one.iri for one in self._vocabulary.lookup.find(label, limit=3) if one.label == label), "")
