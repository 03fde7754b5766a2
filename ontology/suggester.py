"""Names that could be meant where one is not defined: each from the pool that fits its place."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property, lru_cache
from math import isclose
from typing import Final

from ontology.abbreviations import load_abbreviations
from ontology.active_context import ActiveContext, ContextFault
from ontology.concepts import Concepts
from ontology.context_words import KEYWORDS
from ontology.iris import is_absolute
from ontology.model import Kind
from ontology.nearest import Entry, Names, Near, nearest
from ontology.units import Unit, Units
from records.issues import Certainty

_MAX_CACHED: Final = 500
_MAX_ENTRIES: Final = 16_384


class Place(StrEnum):
    """What stands at a place of a document; the value is what a finding says is expected there."""

    PROPERTY = "a property"
    CLASS = "a class"
    UNIT = "a unit of measurement"
    TERM = "a term of the context"
    KEYWORD = "a keyword"


_PROPERTY_KINDS: Final = frozenset((Kind.OBJECT_PROPERTY, Kind.DATA_PROPERTY, Kind.ANNOTATION_PROPERTY, Kind.PROPERTY))
_KEYWORD_NAMES: Final = Names(Entry(keyword, keyword, keyword) for keyword in sorted(KEYWORDS - {"@none"}))
_BARE: Final = frozenset(("context", "graph", "id", "type"))
"""Keywords that people write without their sign; others are words for much else."""


class Suggester:
    """Knows what the terms of a context are for; keeps its pools beside each context.

    Args:
        concepts: Tells classes from properties, and has the labels of both; without it the first letter of a term tells.
        units: Tells units and finds them by symbol.
    """

    def __init__(self, concepts: Concepts | None = None, units: Units | None = None) -> None:
        self._concepts = concepts
        self._units = units
        self._known_units: dict[str, dict[str, tuple[str, float]]] = {}
        # The versions of a context have most terms in common.
        self._places = lru_cache(maxsize=_MAX_ENTRIES)(self._places_of)
        self._entries = lru_cache(maxsize=_MAX_ENTRIES)(self._entries_of)
        self._labels = lru_cache(maxsize=_MAX_ENTRIES)(self._labels_of)

    def near(self, written: str, place: Place, active: ActiveContext) -> tuple[Near, ...]:
        """Terms of the context that may be meant at a place, best first."""
        key = f"{place.name}:{written}"
        known = active.suggestions.get(key)
        if known is None:
            if len(active.suggestions) > _MAX_CACHED:
                active.suggestions.clear()
            known = active.suggestions[key] = self._near(written, place, active)
        return known

    def _near(self, written: str, place: Place, active: ActiveContext) -> tuple[Near, ...]:
        if written.startswith("@"):
            return tuple(near for near in nearest(written, [_KEYWORD_NAMES]) if near.name != written)
        if place is Place.PROPERTY and written in _BARE:
            return (Near(f"@{written}", Certainty.LIKELY),)
        pools = []
        seen: set[str] = set()
        for layer in active.layers():
            if not layer.definitions.keys() <= seen:  # else nothing of it holds any more
                pools.append(self._pool(layer, place))
                seen.update(layer.definitions)
        return nearest(written, pools, stem="has" if place is Place.PROPERTY else "")

    def unit(self, text: str, kind: str | None) -> tuple[str, str]:
        """IRI and name of the unit that a symbol or word stands for; two empty texts when that is not beyond doubt.

        Args:
            text: As written, e.g. ``mAh/g``.
            kind: IRI of the kind of quantity, which decides what ``C`` is.
        """
        if self._units is None or (text == "C" and kind is None):
            return "", ""
        unit = self._units.find(text, kind)
        iri, factor = self._known(unit) if unit is not None else ("", 0.0)
        if unit is None or self._concepts is None or not isclose(unit.factor, factor):
            return "", ""
        return iri, self._concepts.label(iri)

    def is_unit(self, iri: str) -> bool:
        """Whether an IRI is that of a unit."""
        return self._concepts is not None and iri in self._concepts.facts.units

    def is_dimensional(self, kind: str) -> bool:
        """Whether the ontology demands a dimension of this kind of quantity."""
        return self._units is not None and self._units.dimension_of_kind(kind) is not None

    def _known(self, unit: Unit) -> tuple[str, float]:
        """IRI and size of the unit of this symbol and dimension: ``mAh/g`` is not the Ah/kg that is as large."""
        units = self._known_units.get(unit.dimension)
        if units is None:
            units = self._known_units[unit.dimension] = self._units_of(unit.dimension)
        return units.get(unit.name, ("", 0.0))

    def _units_of(self, dimension: str) -> dict[str, tuple[str, float]]:
        """Symbol -> IRI and size of the units of a dimension."""
        found: dict[str, tuple[str, float]] = {}
        iris = self._units.of_dimension(dimension) if self._units is not None else ()
        for iri in sorted(iris, key=lambda iri: ("emmo#" not in iri, len(iri), iri)):
            unit = self._units.find(iri) if self._units is not None else None
            if unit is not None:
                found.setdefault(unit.name, (iri, unit.factor))
        return found

    def _pool(self, layer: ActiveContext, place: Place) -> Names:
        pool = layer.pools.get(place.name)
        if pool is None:
            if not layer.placed:
                layer.placed.update(self._placed(layer))
            pairs = layer.placed[place.name]
            pool = layer.pools[place.name] = Names(entry for name, iri in pairs for entry in self._entries(name, iri))
        return pool

    def _placed(self, layer: ActiveContext) -> dict[str, list[tuple[str, str]]]:
        """Where the terms of a context may stand: place -> terms with their IRIs."""
        found: dict[str, list[tuple[str, str]]] = {place.name: [] for place in Place}
        for name in layer.definitions:
            if ":" in name or name[:1] == "@":
                continue
            iri = _iri_of(layer, name)
            if iri is not None:
                for place in self._places(name, iri):
                    found[place].append((name, iri))
        return found

    def _places_of(self, name: str, iri: str) -> tuple[str, ...]:
        """Where a term may stand, by the names of the places."""
        of_keyword = (Place.PROPERTY.name,) if iri[:1] == "@" else ()
        if not is_absolute(iri) or iri[-1:] in "#/:":
            return of_keyword
        concept = self._concepts.get(iri) if self._concepts is not None else None
        is_property = concept.kind in _PROPERTY_KINDS if concept is not None else _names_a_property(name, iri)
        of_unit = (Place.UNIT.name,) if self.is_unit(iri) else ()
        return (*of_keyword, Place.TERM.name, (Place.PROPERTY if is_property else Place.CLASS).name, *of_unit)

    def _entries_of(self, name: str, iri: str) -> tuple[Entry, ...]:
        """What people may call a term: by its name, by its labels, by the field's abbreviations."""
        return tuple(Entry(text, name, iri) for text in (name, *(label for label in self._labels(iri) if label != name)))

    def _labels_of(self, iri: str) -> tuple[str, ...]:
        concept = self._concepts.get(iri) if self._concepts is not None else None
        if concept is None:
            return ()
        return (*dict.fromkeys(label.text for label in concept.labels), *self._abbreviations.get(iri, ()))

    @cached_property
    def _abbreviations(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in load_abbreviations():
            found.setdefault(row.iri, []).append(row.text)
        return found


def _iri_of(layer: ActiveContext, name: str) -> str | None:
    try:
        return layer.iri_of(name)
    except ContextFault:
        return None  # a circle that the document may not even use


def _names_a_property(name: str, iri: str) -> bool:
    """Vocabularies write properties small; the IRI shows it, unless it is opaque like EMMO's."""
    local = iri.rpartition("#")[2].rpartition("/")[2]
    return (name if "_" in local else local)[:1].islower()


def quoted(names: tuple[Near, ...]) -> str:
    """The names as a sentence lists them.

    >>> from records.issues import Certainty
    >>> quoted((Near("Volt", Certainty.POSSIBLE), Near("Bolt", Certainty.POSSIBLE)))
    "'Volt' or 'Bolt'"
    """
    texts = [repr(near.name) for near in names]
    return " or ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)
