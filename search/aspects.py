"""What a concept or a number of a record tells of it: its chemistry, its design, how it performs, how it was treated."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from records.record import ConceptUse, Quantity


class Aspect(StrEnum):
    """In which respect records can be alike."""

    CHEMISTRY = "chemistry"
    PROTOCOL = "protocol"
    DESIGN = "design"
    PERFORMANCE = "performance"
    PEOPLE = "people"
    ALL = "all"


_PROTOCOL: Final = (terms.PROCESS, terms.PROCEDURE, terms.CHARACTERISATION_TECHNIQUE)
_DESIGN: Final = (terms.CASE, terms.CURRENT_COLLECTOR, terms.SEPARATOR)
_CHEMISTRY: Final = (terms.MATTER, terms.MATERIAL, terms.ELECTRODE, terms.ELECTROLYTE, terms.BATTERY_CELL)
_SIDES: Final = (
    (terms.POSITIVE_ELECTRODE, (terms.POSITIVE_ELECTRODE, terms.CATHODE)),
    (terms.NEGATIVE_ELECTRODE, (terms.NEGATIVE_ELECTRODE, terms.ANODE)),
    (terms.ELECTROLYTE, (terms.ELECTROLYTE,)),
    (terms.SEPARATOR, (terms.SEPARATOR,)),
    (terms.CASE, (terms.CASE,)),
)
_TELLS_NOTHING: Final = frozenset(
    (
        terms.BATTERY_CELL,
        terms.ELECTRODE,
        terms.POSITIVE_ELECTRODE,
        terms.NEGATIVE_ELECTRODE,
        terms.ELECTROLYTE,
        terms.SEPARATOR,
        terms.CASE,
        terms.CURRENT_COLLECTOR,
    )
)
"""Every cell has one of each."""
_OF_SIZE: Final = frozenset("LM·⁻¹²³")


class Aspects:
    """Sorts concepts and numbers by aspect, by where they stand in the ontologies.

    Args:
        concepts: The ontologies.

    >>> from ontology.facts import packaged_facts
    >>> aspects = Aspects(Concepts(packaged_facts()))
    >>> aspects.of_concept(terms.BATTERY_CELL), aspects.of_concept(terms.CASE)
    (None, None)
    """

    def __init__(self, concepts: Concepts) -> None:
        self._concepts = concepts
        self.of_concept = lru_cache(maxsize=None)(self._of_concept)
        self.side = lru_cache(maxsize=4096)(self._side)
        self.common = lru_cache(maxsize=65536)(self._common)

    def of_use(self, use: ConceptUse) -> Aspect | None:
        """The aspect of what a record uses; ``None`` for what tells nothing, such as that a cell is a cell."""
        return self.of_concept(use.concept)

    def of_quantity(self, quantity: Quantity) -> Aspect:
        """Sizes and masses are design, what belongs to a step of a test is protocol, the rest performance."""
        if any(self.of_concept(whole) is Aspect.PROTOCOL for whole in quantity.within):
            return Aspect.PROTOCOL
        return Aspect.DESIGN if quantity.dimension and _OF_SIZE.issuperset(quantity.dimension) else Aspect.PERFORMANCE

    def side_of(self, within: Iterable[str]) -> str:
        """The part of a cell among these classes, e.g. PositiveElectrode; the outermost, ``""`` for none."""
        return next((side for side in map(self.side, within) if side), "")

    def classes_of(self, side: str) -> frozenset[str]:
        """The classes that are this part of a cell."""
        return frozenset().union(*(self._concepts.narrower(root) for root in dict(_SIDES).get(side, ())))

    def _common(self, one: str, other: str) -> tuple[str, ...]:
        """Concepts broader than both, or one of the two."""
        return tuple(sorted({one, *self._concepts.ancestors(one)} & {other, *self._concepts.ancestors(other)}))

    def steps(self, concept: str, broader: str) -> int:
        """How many steps up the shortest way takes."""
        reached, steps = {concept}, 0
        while broader not in reached:
            reached, steps = {parent for iri in reached for parent in self._concepts.parents(iri)}, steps + 1
        return steps

    def _side(self, whole: str) -> str:
        for side, roots in _SIDES:
            if any(whole in self._concepts.narrower(root) for root in roots):
                return side
        return ""

    def _of_concept(self, iri: str) -> Aspect | None:
        if iri in _TELLS_NOTHING:
            return None
        above = self._concepts.ancestors(iri)
        if not above.isdisjoint(_PROTOCOL):
            return Aspect.PROTOCOL
        cases = {part.part for part in self._concepts.parts(iri) if part.property == terms.HAS_CASE} - {terms.CASE}
        if cases or not above.isdisjoint(_DESIGN):  # a kind of cell by its case: prismatic, cylindrical, ...
            return Aspect.DESIGN
        return None if above.isdisjoint(_CHEMISTRY) else Aspect.CHEMISTRY
