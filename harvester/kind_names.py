"""Which kind of quantity a document means by a name of its own: ``ambientTemperature``, ``theoreticalSpecificCapacity``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from harvester.nodes import MAX_NAME, letters
from ontology import terms
from ontology.concepts import Concepts
from ontology.model import LabelKind
from ontology.units import Unit, Units

_CELSIUS: Final = "celsius"
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+")
_PURE: Final = "1"


@dataclass(frozen=True)
class KindNames:
    """The names of all kinds of quantity.

    Args:
        concepts: For the classes and their labels.
        units: For the dimension that a class demands.
    """

    concepts: Concepts
    units: Units

    def named(self, text: str) -> str:
        """The one class of quantities with this label, or ``""``."""
        return self._labels.get(letters(text), "") if len(text) < MAX_NAME else ""

    def like(self, text: str, unit: Unit) -> str:
        """The class of the unit's dimension whose label says all words of a name and fewest others, else ends it; or ``""``.

        ``Charging`` beside minutes is ChargingTime, ``particleD50`` D50ParticleSize; ``storageTemperature`` is a temperature, for
        the ontologies have a least and a greatest one.
        """
        words = [word.lower() for word in _WORD.findall(text)] if len(text) < MAX_NAME else []
        return (self._with_words(frozenset(words), unit.dimension) or self._ending(words, unit.dimension)) if words else ""

    def _with_words(self, words: frozenset[str], dimension: str) -> str:
        found = sorted((len(said), iri) for said, iri in self._of_dimension.get(dimension, ()) if words <= said)
        is_sure = found and (len(found) == 1 or found[0][0] < found[1][0])
        return found[0][1] if is_sure else ""

    def _ending(self, words: list[str], dimension: str) -> str:
        """What a name ends with; of one that is no more than a word, the unit must say as much."""
        ends = ("".join(words[first:]) for first in range(1, len(words)))
        named = ((self._labels.get(end, ""), end == words[-1]) for end in ends)
        return next((iri for iri, is_word in named if iri and self._fits(iri, dimension, is_word=is_word)), "")

    def _fits(self, iri: str, dimension: str, *, is_word: bool) -> bool:
        demanded = self.units.dimension_of_kind(iri)
        return demanded == dimension or (demanded is None and dimension == _PURE and not is_word)

    @cached_property
    def _labels(self) -> dict[str, str]:
        """Label -> class, ``""`` where several have it; what people call a temperature is one in degrees Celsius."""
        names: dict[str, str] = {}
        short: dict[str, str] = {}
        for iri in sorted(self.concepts.narrower(terms.QUANTITY)):
            concept = self.concepts.get(iri)
            for label in concept.labels if concept is not None and not concept.deprecated else ():
                if label.kind in (LabelKind.PREF, LabelKind.ALT):
                    name = letters(label.text)
                    names[name] = iri if names.get(name, iri) == iri else ""
                    if _CELSIUS in name:
                        short.setdefault(name.replace(_CELSIUS, ""), iri)
        return short | names

    @cached_property
    def _of_dimension(self) -> dict[str, list[tuple[frozenset[str], str]]]:
        """Dimension -> the classes that demand it, each with the words of its label."""
        found: dict[str, list[tuple[frozenset[str], str]]] = {}
        for iri in sorted(self.concepts.narrower(terms.QUANTITY)):
            concept, dimension = self.concepts.get(iri), self.units.dimension_of_kind(iri)
            if concept is not None and not concept.deprecated and dimension is not None and dimension != _PURE:
                words = frozenset(word.lower() for word in _WORD.findall(self.concepts.label(iri)))
                found.setdefault(dimension, []).append((words, iri))
        return found
