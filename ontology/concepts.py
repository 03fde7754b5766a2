"""The concept index: labels, parents, children, parts and roles of every concept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from ontology.model import Concept, Facts, LabelKind, Restriction, SourceOntology

PREFIXES: Mapping[str, str] = {
    "emmo": "https://w3id.org/emmo#",
    "battery": "https://w3id.org/emmo/domain/battery#",
    "batterymodel": "https://w3id.org/emmo/domain/battery-model-lithium-ion#",
    "electrochemistry": "https://w3id.org/emmo/domain/electrochemistry#",
    "chemical-substance": "https://w3id.org/emmo/domain/chemical-substance#",
    "chameo": "https://w3id.org/emmo/domain/characterisation-methodology/chameo#",
    "manufacturing": "https://w3id.org/emmo/domain/manufacturing#",
    "battinfo": "https://w3id.org/battinfo#",
    "battinfo-record": "https://w3id.org/battinfo/",
    "schema": "https://schema.org/",
    "unit": "http://qudt.org/vocab/unit/",
    "quantitykind": "http://qudt.org/vocab/quantitykind/",
    "qudt": "http://qudt.org/schema/qudt/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "prov": "http://www.w3.org/ns/prov#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "bibo": "http://purl.org/ontology/bibo/",
    "vann": "http://purl.org/vocab/vann/",
}
"""Prefix -> namespace, for reading and writing CURIEs (https://www.w3.org/TR/curie/)."""

_ALIASES: Mapping[str, str] = {
    "echem": PREFIXES["electrochemistry"],
    "chem": PREFIXES["chemical-substance"],
    "substance": PREFIXES["chemical-substance"],
    "mfg": PREFIXES["manufacturing"],
    "sdo": PREFIXES["schema"],
    "dct": PREFIXES["dcterms"],
    "sh": "http://www.w3.org/ns/shacl#",
}


class Concepts:
    """Navigation over the concepts of a fact table; multiple inheritance everywhere.

    Args:
        facts: The fact table, from the full ontologies or from the repository.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._by_iri: Mapping[str, Concept] = facts.concepts
        self._children: dict[str, tuple[str, ...]] | None = None
        self._narrower: dict[str, frozenset[str]] = {}
        self._ancestors: dict[str, frozenset[str]] = {}

    def get(self, iri: str) -> Concept | None:
        """The concept of this IRI, or ``None``."""
        return self._by_iri.get(iri)

    def label(self, iri: str, language: str = "en") -> str:
        """Its prefLabel in this language, else without a language, else any, else the IRI's last part."""
        concept = self._by_iri.get(iri)
        best, best_rank = "", 99
        for label in concept.labels if concept else ():
            if label.kind is LabelKind.PREF:
                rank = 0 if label.language == language else 1 if not label.language else 2 if label.language == "en" else 3
            else:
                rank = 4 + (label.kind is not LabelKind.RDFS)
            if rank < best_rank:
                best, best_rank = label.text, rank
        return best or iri.rstrip("#/").rpartition("#")[2].rpartition("/")[2]

    def children(self, iri: str) -> tuple[str, ...]:
        """IRIs of its direct sub-classes, sorted by label."""
        return self._child_map().get(iri, ())

    def _child_map(self) -> dict[str, tuple[str, ...]]:
        if self._children is None:
            children: dict[str, list[str]] = {}
            for concept in self._by_iri.values():
                for parent in concept.parents:
                    children.setdefault(parent, []).append(concept.iri)
            self._children = {iri: tuple(sorted(below, key=lambda x: (self.label(x), x))) for iri, below in children.items()}
        return self._children

    def narrower(self, iri: str) -> frozenset[str]:
        """The concept and everything below it."""
        known = self._narrower.get(iri)
        if known is None:
            children = self._child_map()
            found = {iri}
            open_ = [iri]
            while open_:
                for child in children.get(open_.pop(), ()):
                    if child not in found:
                        found.add(child)
                        open_.append(child)
            known = self._narrower[iri] = frozenset(found)
        return known

    def ancestors(self, iri: str) -> frozenset[str]:
        """Everything above it, itself left out."""
        known = self._ancestors.get(iri)
        if known is None:
            found: set[str] = set()
            open_ = [iri]
            while open_:
                concept = self._by_iri.get(open_.pop())
                for parent in concept.parents if concept else ():
                    if parent not in found:
                        found.add(parent)
                        open_.append(parent)
            found.discard(iri)
            known = self._ancestors[iri] = frozenset(found)
        return known

    def path_to_root(self, iri: str) -> tuple[str, ...]:
        """One shortest chain of IRIs from the concept to a root, itself first; the same chain at every call."""
        came: dict[str, str] = {iri: ""}
        queue = deque([iri])
        while queue:
            here = queue.popleft()
            concept = self._by_iri.get(here)
            parents = concept.parents if concept else ()
            if not parents:
                path = [here]
                while came[path[-1]]:
                    path.append(came[path[-1]])
                return tuple(reversed(path))
            for parent in parents:
                if parent not in came:
                    came[parent] = here
                    queue.append(parent)
        return (iri,)
