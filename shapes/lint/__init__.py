"""What no SHACL shape can see because it is about how a document is written, or needs the ontologies to say it."""

from __future__ import annotations

from ontology.concepts import Concepts
from ontology.expansion import Node, Reading
from ontology.terms import HAS_MEASUREMENT_UNIT
from ontology.units import Units
from records.issues import Issue
from shapes.lint.page import Page, iris_of
from shapes.lint.terms import check_key, check_types, check_value
from shapes.lint.units import check_units
from shapes.lint.values import check_values
from shapes.lint.words import Words
from shapes.reader import Document

__all__ = ["Linter"]


class Linter:
    """Lints documents; remembers what the ontologies say, so one instance serves a whole harvest; thread-safe.

    - Values: ``missing-value``, ``number-as-text``, ``decimal-comma``.
    - Classes and properties: ``deprecated-class``, ``deprecated-property``, ``class-as-property``, ``property-as-class``,
      ``unknown-concept``.
    - Units: ``wrong-dimension``, ``language-as-unit``, ``not-a-unit``.

    Args:
        concepts: The concepts of the ontologies.
        units: Their units.
    """

    def __init__(self, concepts: Concepts, units: Units) -> None:
        self._words = Words(concepts, units)

    @property
    def words(self) -> Words:
        """What the ontologies say, for the steps that come after."""
        return self._words

    def lint(self, document: Document, reading: Reading) -> list[Issue]:
        """Findings about how a document is written, node by node in its order; each has a place.

        Args:
            document: The document.
            reading: What was read from it.
        """
        page = Page(document, reading, self._words)
        sound = page.words.sound["type"]
        for node in reading.nodes:
            check_values(page, node)
            if not sound.issuperset(node.expanded.get("@type", ())):
                check_types(page, node)
            _check_properties(page, node)
        return page.issues


def _check_properties(page: Page, node: Node) -> None:
    sound_keys, sound_values = page.words.sound["key"], page.words.sound["value"]
    for iri, value in node.expanded.items():
        if iri[0] == "@":
            continue
        if iri not in sound_keys:
            check_key(page, node, iri)
        kind = type(value)
        if kind is not dict and kind is not list:
            continue
        is_told = False
        for item in value if kind is list else (value,):
            if type(item) is dict and len(item) == 1 and "@id" in item and item["@id"] not in sound_values:
                is_told |= check_value(page, node, iri, item["@id"])
        if iri == HAS_MEASUREMENT_UNIT and not is_told:
            check_units(page, node, iris_of(value))
