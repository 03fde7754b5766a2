"""What a record is about, in under a hundred words: the text of which the embedding is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from ontology.units import Units
from records.record import EntityKind, Quantity, Record
from search.aspects import Aspect, Aspects
from search.quantity_text import label_of, value_text

MOST_WORDS: Final = 95
_VALUES: Final = 8
_NAMES: Final = 4
_CONCEPTS: Final = 6
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MADE_BY: Final = (EntityKind.MANUFACTURER, EntityKind.MODEL, EntityKind.INSTRUMENT)


class Summaries:
    """Summaries of records: the same record the same words; nothing but what its content says.

    Args:
        concepts: For labels.
        units: For numbers as people write them.
        aspects: What concepts and numbers tell.
    """

    def __init__(self, concepts: Concepts, units: Units, aspects: Aspects) -> None:
        self._concepts = concepts
        self._units = units
        self._aspects = aspects

    def __call__(self, record: Record) -> str:
        """Title, what it is, chemistry by part, format, methods, key values with units, makers; at most `MOST_WORDS` words."""
        told = (part for part in self._parts(record) if part)
        return " ".join("; ".join(told).split()[:MOST_WORDS])

    def _parts(self, record: Record) -> Iterator[str]:
        yield record.title
        sides: dict[str, list[str]] = {}
        for use in record.concepts:
            aspect = self._aspects.of_use(use)
            side = self._aspects.side_of(use.within) if aspect is Aspect.CHEMISTRY else ""
            if aspect is not None:
                sides.setdefault(side or aspect, []).append(use.concept)
        for aspect in (Aspect.DESIGN, Aspect.CHEMISTRY):
            yield self._labels(sides.get(aspect, ()))
        for side in (terms.POSITIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE, terms.ELECTROLYTE, terms.SEPARATOR):
            if side in sides:
                yield f"{in_words(self._concepts.label(side))}: {self._labels(sides[side])}"
        yield self._labels(sides.get(Aspect.PROTOCOL, ()))
        names = dict.fromkeys(entity.name for entity in record.entities if entity.kind in _MADE_BY)
        yield ", ".join(list(names)[:_NAMES])
        yield ", ".join(self._values(record))

    def _labels(self, concepts: Iterable[str]) -> str:
        return ", ".join(list(dict.fromkeys(in_words(self._concepts.label(iri)) for iri in concepts))[:_CONCEPTS])

    def _values(self, record: Record) -> list[str]:
        """The first values of the record itself, each kind once."""
        found: dict[str, Quantity] = {}
        for quantity in record.quantities:
            label = label_of(quantity, self._concepts)
            if label and quantity.base_values and not self._aspects.side_of(quantity.within):
                found.setdefault(label, quantity)
        return [f"{in_words(label)} {value_text(quantity, self._units)}" for label, quantity in list(found.items())[:_VALUES]]


def in_words(label: str) -> str:
    """A label as people write it.

    >>> in_words("LithiumIronPhosphate"), in_words("R18650"), in_words("XRayDiffraction")
    ('lithium iron phosphate', 'R18650', 'X ray diffraction')
    """
    return " ".join(
        word.lower() if word.isalpha() and word.istitle() and len(word) > 1 else word for word in _HUMP.sub(" ", label).split()
    )
