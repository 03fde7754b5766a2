"""The concept index: labels, parents, children, parts and roles of every concept."""

from __future__ import annotations

from collections.abc import Mapping

from ontology.model import Concept, Facts


class Concepts:
    """Navigation over the concepts of a fact table; multiple inheritance everywhere.

    Args:
        facts: The fact table, from the full ontologies or from the repository.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._by_iri: Mapping[str, Concept] = facts.concepts

    def get(self, iri: str) -> Concept | None:
        """The concept of this IRI, or ``None``."""
        return self._by_iri.get(iri)

    def label(self, iri: str, language: str = "en") -> str:
        """Its prefLabel in this language, else without a language, else any, else the IRI's last part."""
        raise NotImplementedError

    def children(self, iri: str) -> tuple[str, ...]:
        """IRIs of its direct sub-classes, sorted by label."""
        raise NotImplementedError

    def narrower(self, iri: str) -> frozenset[str]:
        """The concept and everything below it."""
        raise NotImplementedError

    def ancestors(self, iri: str) -> frozenset[str]:
        """Everything above it, itself left out."""
        raise NotImplementedError

    def path_to_root(self, iri: str) -> tuple[str, ...]:
        """One shortest chain of IRIs from the concept to a root, itself first; the same chain at every call."""
        raise NotImplementedError
