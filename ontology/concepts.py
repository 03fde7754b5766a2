"""The concept index: labels, parents, children, parts and roles of every concept."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from ontology import terms
from ontology.model import Concept, Facts, Kind, LabelKind, Restriction, SourceOntology

PREFIXES: Final[Mapping[str, str]] = {
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
    "sh": "http://www.w3.org/ns/shacl#",
}
"""Prefix -> namespace, for reading and writing CURIEs (https://www.w3.org/TR/curie/)."""

_ALIASES: Final[Mapping[str, str]] = {
    "echem": PREFIXES["electrochemistry"],
    "chem": PREFIXES["chemical-substance"],
    "substance": PREFIXES["chemical-substance"],
    "mfg": PREFIXES["manufacturing"],
    "sdo": PREFIXES["schema"],
    "dct": PREFIXES["dcterms"],
}
_LONGEST_FIRST: Final = tuple(sorted(PREFIXES.items(), key=lambda item: -len(item[1])))


_PARTS: Final = (terms.ELECTRODE, terms.ELECTROLYTE, terms.SEPARATOR, terms.CASE, terms.CURRENT_COLLECTOR)
APART: Final[tuple[tuple[str, ...], ...]] = (
    (terms.PHYSICAL_QUANTITY, terms.PROCESS, terms.PHYSICAL_OBJECT, terms.MEASUREMENT_UNIT),
    (terms.PHYSICAL_QUANTITY, terms.PROCESS, terms.DEVICE, terms.MEASUREMENT_UNIT),
    (terms.PHYSICAL_QUANTITY, terms.PROCESS, terms.ELECTROCHEMICAL_COMPONENT, terms.MEASUREMENT_UNIT),
    *((terms.CHARACTERISATION_TECHNIQUE, other) for other in (terms.PHYSICAL_OBJECT, terms.DEVICE, *_PARTS)),
    *((terms.BATTERY_CELL, part) for part in _PARTS),
    *((solid, other) for solid in (terms.ELECTRODE, terms.CASE, terms.CURRENT_COLLECTOR) for other in _PARTS[1:3]),
)
"""Sets of classes of which nothing is two, though the ontologies leave it open: EMMO hardly tells objects, processes and quantities
apart. No class of the ontologies is below two of one set; a test sees to it. A zinc can is case and electrode, a foil collector and
electrode, a solid electrolyte separator: these are not here."""


class Role(NamedTuple):
    """One class says of itself that it has another one as a part, a property, a participant, ...

    Args:
        whole: IRI of the class that says so.
        property: IRI of the relation, e.g. hasPositiveElectrode; ``^`` before it means its inverse.
        quantifier: ``some``, ``only``, ``value``, ``min N``, ``max N`` or ``exactly N``.
        part: IRI of the class that has the role.
    """

    whole: str
    property: str
    quantifier: str
    part: str


class Disjointness(NamedTuple):
    """Why nothing can be of two classes: each is below (or is) one of a pair that excludes each other.

    Args:
        first: IRI of the class at or above the first one.
        second: IRI of the class at or above the second one.
    """

    first: str
    second: str


class Concepts:
    """Navigation over the concepts of a fact table; multiple inheritance everywhere, and a circle does no harm.

    Args:
        facts: The fact table, from the full ontologies or from the repository.

    >>> from ontology.model import Label
    >>> animal = Concept("https://e.org/1", Kind.CLASS, (Label("Animal", "en", LabelKind.PREF),))
    >>> horse = Concept("https://e.org/2", Kind.CLASS, (Label("Horse", "en", LabelKind.PREF),), parents=("https://e.org/1",))
    >>> concepts = Concepts(Facts((), {"https://e.org/1": animal, "https://e.org/2": horse}, {}, {}))
    >>> [concepts.label(iri) for iri in concepts.path_to_root("https://e.org/2")]
    ['Horse', 'Animal']
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._by_iri: Mapping[str, Concept] = facts.concepts
        self._children: dict[str, tuple[str, ...]] | None = None
        self._twins: dict[str, str] | None = None
        self._roles: dict[str, tuple[Role, ...]] | None = None
        self._narrower: dict[str, frozenset[str]] = {}
        self._ancestors: dict[str, tuple[str, ...]] = {}
        self._groups: dict[str, tuple[int, ...]] | None = None
        self._excluding: dict[str, dict[int, str]] = {}
        self._ranges: dict[str, tuple[str, ...]] = {}
        self._domains: dict[str, tuple[str, ...]] = {}

    def get(self, iri: str) -> Concept | None:
        """The concept of this IRI, or ``None``."""
        return self._by_iri.get(iri)

    def label(self, iri: str, language: str = "en") -> str:
        """Its prefLabel in this language, else without a language, else any, else any other label, else the IRI's last part."""
        concept = self._by_iri.get(iri)
        best, best_rank = "", 9
        for label in concept.labels if concept else ():
            if label.kind is not LabelKind.PREF:
                rank = 4 if label.kind is LabelKind.RDFS else 5
            elif label.language == language:
                return label.text
            else:
                rank = {"": 1, "en": 2}.get(label.language, 3)
            if rank < best_rank:
                best, best_rank = label.text, rank
        return best or iri.rstrip("#/").rpartition("#")[2].rpartition("/")[2]

    def canonical(self, iri: str) -> str:
        """The concept that an IRI stands for: itself, or the one of which it is a known misspelling."""
        return self._twin_map().get(iri, iri)

    def roots(self, kind: Kind = Kind.CLASS) -> tuple[str, ...]:
        """IRIs of the concepts of this kind that have nothing above them, deprecated ones left out, sorted by label."""
        found = [
            iri
            for iri, concept in self._by_iri.items()
            if concept.kind is kind and not concept.deprecated and not self.parents(iri)
        ]
        return tuple(sorted(found, key=self._by_label))

    def children(self, iri: str) -> tuple[str, ...]:
        """IRIs of its direct sub-classes (or sub-properties), sorted by label."""
        return self._child_map().get(iri, ())

    def narrower(self, iri: str) -> frozenset[str]:
        """The concept and everything below it."""
        known = self._narrower.get(iri)
        if known is None:
            children = self._child_map()
            known = self._narrower[iri] = frozenset(_reachable(iri, lambda here: children.get(here, ())))
        return known

    def ancestors(self, iri: str) -> frozenset[str]:
        """Everything above it, itself left out."""
        return frozenset(self._above(iri)[1:])

    def path_to_root(self, iri: str) -> tuple[str, ...]:
        """One shortest chain of IRIs from the concept to a root, itself first; the same chain at every call.

        Where a circle has no root above it, the concept alone.
        """
        below = {iri: ""}
        queue = deque([iri])
        while queue:
            here = queue.popleft()
            parents = self.parents(here)
            if not parents:
                path = []
                while here:
                    path.append(here)
                    here = below[here]
                return tuple(reversed(path))
            for parent in parents:
                if parent not in below:
                    below[parent] = here
                    queue.append(parent)
        return (iri,)

    def parts(self, iri: str) -> tuple[Role, ...]:
        """What a concept has, by its own restrictions and then by those of its ancestors, nearest first."""
        found: dict[Restriction, Role] = {}
        for whole in self._above(iri):
            concept = self._by_iri.get(whole)
            for restriction in concept.restrictions if concept else ():
                found.setdefault(restriction, Role(whole, *restriction))
        return tuple(found.values())

    def roles_of(self, iri: str) -> tuple[Role, ...]:
        """Which classes have the concept, or an ancestor of it, as a part, and through which relation; nearest first.

        A positive electrode, for example, is what a battery cell *hasPositiveElectrode*.
        """
        roles = self._role_map()
        return tuple(role for part in self._above(iri) for role in roles.get(part, ()))

    def used_by(self, iri: str) -> tuple[str, ...]:
        """IRIs of the classes that name this very concept in a restriction, sorted by label."""
        return tuple(sorted({role.whole for role in self._role_map().get(iri, ())}, key=self._by_label))

    def disjoint(self, one: str, other: str) -> Disjointness | None:
        """Why nothing can be of both classes, by the ontologies or by `APART`; ``None`` when nothing rules it out.

        >>> water, fire = (Concept(f"https://e.org/{n}", Kind.CLASS) for n in (1, 2))
        >>> facts = Facts((), {water.iri: water, fire.iri: fire}, {}, {}, disjoint=((water.iri, fire.iri),))
        >>> Concepts(facts).disjoint(water.iri, fire.iri)
        Disjointness(first='https://e.org/1', second='https://e.org/2')
        """
        here, there = self._memberships(one), self._memberships(other)
        if not here or not there:
            return None
        for group, first in here.items():
            second = there.get(group, first)
            if second != first:
                return Disjointness(first, second)
        return None

    def ranges(self, iri: str) -> tuple[str, ...]:
        """Classes that every value of an object property is of, by its own declarations and those of the properties above it."""
        return self._declared(iri, self.facts.ranges, self._ranges)

    def domains(self, iri: str) -> tuple[str, ...]:
        """Classes that everything with an object property is of, by its own declarations and those of the properties above it."""
        return self._declared(iri, self.facts.domains, self._domains)

    def _declared(self, iri: str, facts: Mapping[str, tuple[str, ...]], known: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        if iri not in self._by_iri:
            return ()
        if iri not in known:
            known[iri] = tuple(dict.fromkeys(name for above in self._above(iri) for name in facts.get(above, ())))
        return known[iri]

    def _memberships(self, iri: str) -> dict[int, str]:
        """Sets of disjoint classes that a class is in -> which of them it is (below).

        A class that is two of one set can have no member at all: that is a fault of the ontology, not of who uses it, so such a set
        is left out.
        """
        known = self._excluding.get(iri)
        if known is None:
            if iri not in self._by_iri:
                return {}
            known = {}
            twice = set()
            for above in self._above(iri):
                for group in self._group_map().get(above, ()):
                    if known.setdefault(group, above) != above:
                        twice.add(group)
            for group in twice:
                del known[group]
            self._excluding[iri] = known
        return known

    def _group_map(self) -> dict[str, tuple[int, ...]]:
        """Class -> positions of the sets of disjoint classes that name it."""
        if self._groups is None:
            groups: dict[str, list[int]] = {}
            for number, group in enumerate((*self.facts.disjoint, *APART)):
                for iri in group:
                    groups.setdefault(iri, []).append(number)
            self._groups = {iri: tuple(numbers) for iri, numbers in groups.items()}
        return self._groups

    def replacement(self, iri: str) -> str | None:
        """IRI of the concept that replaces it, over several steps if need be; ``None`` when the ontologies have none."""
        seen = {iri}
        last = None
        concept = self._by_iri.get(iri)
        while concept is not None and concept.replaced_by and concept.replaced_by not in seen:
            seen.add(concept.replaced_by)
            concept = self._by_iri.get(concept.replaced_by)
            last = concept.iri if concept is not None else last
        return last

    def source_of(self, iri: str) -> tuple[SourceOntology, ...]:
        """The ontology modules that describe it; empty when that is not known."""
        concept = self._by_iri.get(iri)
        return tuple(self.facts.sources[place] for place in concept.sources) if concept else ()

    def compact(self, iri: str) -> str:
        """The CURIE of an IRI in a well-known namespace, else the IRI itself.

        >>> Concepts(Facts((), {}, {}, {})).compact("https://w3id.org/emmo#Volt")
        'emmo:Volt'
        """
        for prefix, namespace in _LONGEST_FIRST:
            if iri.startswith(namespace) and len(iri) > len(namespace):
                return f"{prefix}:{iri[len(namespace) :]}"
        return iri

    def expand(self, curie: str) -> str | None:
        """The IRI of a CURIE with a well-known prefix (or another common name of it), else ``None``.

        >>> Concepts(Facts((), {}, {}, {})).expand("echem:C")
        'https://w3id.org/emmo/domain/electrochemistry#C'
        """
        prefix, colon, name = curie.partition(":")
        namespace = PREFIXES.get(prefix) or _ALIASES.get(prefix)
        return namespace + name if colon and namespace is not None else None

    def _by_label(self, iri: str) -> tuple[str, str]:
        return self.label(iri), iri

    def parents(self, iri: str) -> tuple[str, ...]:
        """Its parents that are concepts themselves: a module may refer to what no loaded module describes."""
        concept = self._by_iri.get(iri)
        if concept is None:
            return ()
        twin = self._twin_map().get(iri)
        return tuple(parent for parent in (*concept.parents, *([twin] if twin else ())) if parent in self._by_iri)

    def _twin_map(self) -> dict[str, str]:
        """Concepts without parents that are another one under a slip of the pen: equal label, equal IRI but for ``-`` and ``_``.

        The published contexts write PrismaticBattery so; documents that use it are about the concept that the ontology describes.
        """
        if self._twins is None:
            spelt = {iri.replace("-", "_"): iri for iri in self._by_iri if "-" in iri.rpartition("#")[2]}
            pairs = ((iri, spelt.get(iri)) for iri, concept in self._by_iri.items() if not concept.parents)
            self._twins = {iri: twin for iri, twin in pairs if twin and twin != iri and self.label(twin) == self.label(iri)}
        return self._twins

    def _above(self, iri: str) -> tuple[str, ...]:
        """The concept and everything above it, nearest first."""
        known = self._ancestors.get(iri)
        if known is None:
            known = self._ancestors[iri] = tuple(_reachable(iri, self.parents))
        return known

    def _child_map(self) -> dict[str, tuple[str, ...]]:
        if self._children is None:
            children: dict[str, list[str]] = {}
            for concept in self._by_iri.values():
                for parent in concept.parents:
                    children.setdefault(parent, []).append(concept.iri)
            for slip, twin in self._twin_map().items():
                children.setdefault(twin, []).append(slip)
            self._children = {iri: tuple(sorted(below, key=self._by_label)) for iri, below in children.items()}
        return self._children

    def _role_map(self) -> dict[str, tuple[Role, ...]]:
        """Filler -> the roles it has, sorted by the label of the whole."""
        if self._roles is None:
            roles: dict[str, list[Role]] = {}
            for concept in self._by_iri.values():
                for restriction in concept.restrictions:
                    roles.setdefault(restriction.filler, []).append(Role(concept.iri, *restriction))
            self._roles = {
                iri: tuple(sorted(found, key=lambda role: (self._by_label(role.whole), role))) for iri, found in roles.items()
            }
        return self._roles


def _reachable(start: str, step: Callable[[str], tuple[str, ...]]) -> dict[str, None]:
    """Everything that the steps lead to, the start included, in order of distance."""
    found = {start: None}
    queue = deque([start])
    while queue:
        for there in step(queue.popleft()):
            if there not in found:
                found[there] = None
                queue.append(there)
    return found
