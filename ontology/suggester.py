"""Names that could be meant where one is not defined: each from the pool that fits its place."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from math import isclose
from typing import Final

from ontology.abbreviations import load_abbreviations
from ontology.active_context import KEYWORDS, ActiveContext, ContextFault
from ontology.concepts import Concepts
from ontology.iris import is_absolute
from ontology.model import Kind
from ontology.nearest import Entry, Names, Near, nearest
from ontology.units import Units
from records.issues import Certainty

_MAX_CACHED: Final = 500


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
        pools = [self._pool(layer, place) for layer in active.layers() if layer.definitions]
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
        iri, factor = self._known_units.get((unit.name, unit.dimension), ("", 0.0)) if unit is not None else ("", 0.0)
        if unit is None or self._concepts is None or not isclose(unit.factor, factor):
            return "", ""
        return iri, self._concepts.label(iri)

    def is_unit(self, iri: str) -> bool:
        """Whether an IRI is that of a unit."""
        return self._concepts is not None and iri in self._concepts.facts.units

    def is_dimensional(self, kind: str) -> bool:
        """Whether the ontology demands a dimension of this kind of quantity."""
        return self._units is not None and self._units.dimension_of_kind(kind) is not None

    @cached_property
    def _known_units(self) -> dict[tuple[str, str], tuple[str, float]]:
        """Symbol and dimension -> IRI and size: ``mAh/g`` is not the Ah/kg that is as large."""
        found: dict[tuple[str, str], tuple[str, float]] = {}
        if self._concepts is not None and self._units is not None:
            for iri in sorted(self._concepts.facts.units, key=lambda iri: ("emmo#" not in iri, len(iri), iri)):
                unit = self._units.find(iri)
                if unit is not None:
                    found.setdefault((unit.name, unit.dimension), (iri, unit.factor))
        return found

    def _pool(self, layer: ActiveContext, place: Place) -> Names:
        if not layer.pools:
            layer.pools.update(self._pools(layer))
        return layer.pools[place.name]

    def _pools(self, layer: ActiveContext) -> dict[str, Names]:
        entries: dict[Place, list[Entry]] = {place: [] for place in Place}
        for name in layer.definitions:
            iri = _iri_of(layer, name)
            if iri is None or ":" in name or name.startswith("@"):
                continue
            for place in self._places_of(name, iri):
                entries[place] += [Entry(text, name, iri) for text in self._texts(name, iri)]
        return {place.name: Names(found) for place, found in entries.items()}

    def _places_of(self, name: str, iri: str) -> Iterator[Place]:
        """Where a term may stand."""
        if iri.startswith("@"):
            yield Place.PROPERTY
        if not is_absolute(iri) or iri[-1:] in "#/:":
            return
        yield Place.TERM
        concept = self._concepts.get(iri) if self._concepts is not None else None
        is_property = concept.kind in _PROPERTY_KINDS if concept is not None else _names_a_property(name, iri)
        yield Place.PROPERTY if is_property else Place.CLASS
        if self.is_unit(iri):
            yield Place.UNIT

    def _texts(self, name: str, iri: str) -> Iterator[str]:
        """What people may call it: its term, its labels, what the field's abbreviations say."""
        yield name
        concept = self._concepts.get(iri) if self._concepts is not None else None
        if concept is not None:
            yield from dict.fromkeys(label.text for label in concept.labels if label.text != name)
            yield from self._abbreviations.get(iri, ())

    @cached_property
    def _abbreviations(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in load_abbreviations():
            found.setdefault(row.iri, []).append(row.text)
        return found


def _iri_of(layer: ActiveContext, name: str) -> str | None:
    """IRI of a term; most definitions show it without being worked out."""
    raw = layer.definitions[name]
    shown = raw.get("@id") if isinstance(raw, dict) else raw
    if isinstance(shown, str) and "://" in shown:
        return shown
    try:
        return layer.term(name).iri
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
