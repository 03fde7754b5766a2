"""Where things stand in a document: within what, by the properties that lead there; and what follows from it by definition.

``hasPositiveElectrode`` → ``hasCoating`` → ``hasActiveMaterial`` → NMC is read as NMC within PositiveElectrode, Coating,
ActiveMaterial.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from harvester.nodes import Nodes
from harvester.quantities import MAX_CACHED
from ontology import terms
from ontology.concepts import Concepts
from ontology.definitions import Definitions, Whole
from ontology.roles import Roles
from records.rdf import RDF_TYPE, Iri
from records.record import ConceptUse

MAX_WITHIN: Final = 64
"""Classes in which a thing stands: a long chain of nodes that lead to each other adds no more."""
MAX_ADDED: Final = 10_000
"""Uses that follow from texts or definitions, looked at of one document."""

_MAKES: Final = {
    terms.WATER: terms.AQUEOUS_ELECTROLYTE,
    terms.LITHIUM_HYDROXIDE: terms.ALKALINE_ELECTROLYTE,
    terms.SODIUM_HYDROXIDE: terms.ALKALINE_ELECTROLYTE,
    terms.POTASSIUM_HYDROXIDE: terms.ALKALINE_ELECTROLYTE,
}
"""What an electrolyte is that has this in it."""
_NO_ROLES: Final[frozenset[str]] = frozenset()
_DESCRIBED: Final = frozenset({"isDescriptionFor", "hasTestObject", "about", "mainEntity"})
"""Labels of the properties that lead from a record to the thing that it is about."""


class RoleReader:
    """Reads roles; remembers what properties and classes mean, so one instance serves a whole harvest.

    Args:
        concepts: The ontologies.
        class_of: Today's class that an IRI stands for, ``""`` when it is none.
    """

    def __init__(self, concepts: Concepts, class_of: Callable[[str], str]) -> None:
        self._concepts = concepts
        self._class_of = class_of
        self.roles = Roles(concepts)
        self.definitions = Definitions(concepts, self.roles)
        self.role_of = lru_cache(maxsize=MAX_CACHED)(self.roles.of_property)
        self._is_described = lru_cache(maxsize=MAX_CACHED)(lambda predicate: concepts.label(predicate) in _DESCRIBED)
        # A role that a node has by its own class. Substances are left out: Solvent has them below it.
        self._standing = self.roles.below - self.definitions.substances
        self._electrodes = concepts.narrower(terms.ELECTRODE)
        self._told_electrodes = frozenset(iri for iri in self._electrodes if self.definitions.implied(iri))
        # Numbers and their kinds have no parts.
        self._no_wholes = frozenset().union(*map(concepts.narrower, (terms.PROPERTY, terms.QUANTITY, terms.NUMERICAL_DATA)))

    def subjects(self, nodes: Nodes, root: str) -> tuple[str, ...]:
        """What the record is about: its root, and what the root says that it describes."""
        found = dict.fromkeys([root])
        queue = deque([root])
        while queue:
            for predicate, values in nodes.get(queue.popleft(), {}).items():
                if self._is_described(predicate):
                    for value in values:
                        if type(value) is Iri and value in nodes and value not in found:
                            found[value] = None
                            queue.append(value)
        return tuple(found)

    def within(self, nodes: Nodes, root: str, subjects: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """In what each node stands, its own classes left out; what the root does not lead to stands in what does."""
        about = frozenset(subjects)
        found: dict[str, tuple[str, ...]] = {}
        self._spread(root, nodes, about, found)
        if len(found) < len(nodes):
            led_to = {
                value for properties in nodes.values() for values in properties.values() for value in values if value in nodes
            }
            for start in (*(node for node in nodes if node not in led_to), *nodes):
                if start not in found:
                    self._spread(start, nodes, about, found)
        return found

    def _spread(self, start: str, nodes: Nodes, about: frozenset[str], found: dict[str, tuple[str, ...]]) -> None:
        """From a node to everything that it leads to and that was not reached before, by the shortest way."""
        found[start] = ()
        queue = deque([start])
        while queue:
            node = queue.popleft()
            for predicate, values in nodes.get(node, {}).items():
                inside: tuple[str, ...] | None = None
                for value in values:
                    if type(value) is Iri and value in nodes and value not in found:
                        if inside is None:
                            inside = self.step(node, predicate, nodes, found[node], node in about or node == start)
                        found[value] = inside
                        queue.append(value)

    def step(self, node: str, predicate: str, nodes: Nodes, within: tuple[str, ...], is_subject: bool) -> tuple[str, ...]:
        """In what the value of a property of a node stands.

        Of what the record is about only those classes count that are a role.

        Args:
            node: The node.
            predicate: The property.
            nodes: The nodes of the document.
            within: In what the node stands.
            is_subject: Whether it is what the record is about.
        """
        classes = [self._class_of(one) for one in nodes.get(node, {}).get(RDF_TYPE, ()) if type(one) is Iri]
        shared = [one for one in classes if one and (one in self._standing if is_subject else one not in self._no_wholes)]
        role = self.role_of(predicate)
        if role:
            shared.append(role)
        elif not is_subject and not within and not any(classes):
            shared.append(terms.PHYSICAL_OBJECT)  # a part without a class: what it has is not the record's own
        return _once((*within, *shared)) if shared and len(within) < MAX_WITHIN else within

    def beside(self, concept: str, classes: Iterable[str], within: tuple[str, ...]) -> tuple[str, ...]:
        """In what a concept stands that is one of several classes of a node, which may be its role: ``["Silicon", "Additive"]``."""
        others = [one for one in classes if one in self._standing and one != concept]
        return _once((*within, *others)) if others else within

    # What follows

    def implied(self, uses: Sequence[ConceptUse], *, is_other: bool = False) -> tuple[ConceptUse, ...]:
        """What follows from the uses of a document by definition, without what they say themselves.

        Args:
            uses: What the document says.
            is_other: Whether it says what it is about in the words of another vocabulary alone: ``schema:Product``.
        """
        wholes = tuple(self._wholes(uses, is_other=is_other))
        return self.added(uses, chain(wholes, self._parts(uses), self._families(wholes), self._side(uses)))

    def added(self, uses: Iterable[ConceptUse], more: Iterable[ConceptUse]) -> tuple[ConceptUse, ...]:
        """Those of *more* that say what *uses* (and those before) do not: another concept, or the same in another role."""
        said: dict[str, set[frozenset[str]]] = {}
        found = []
        for use in islice(more, MAX_ADDED):
            if not said:
                for one in uses:
                    said.setdefault(one.concept, set()).add(self._roles_of(one))
            roles = self._roles_of(use)
            if not any(roles in said[one] for one in self._concepts.narrower(use.concept).intersection(said)):
                found.append(use)
                said.setdefault(use.concept, set()).add(roles)
        return tuple(found)

    def _roles_of(self, use: ConceptUse) -> frozenset[str]:
        return self.roles.classes.intersection(use.within) if use.within else _NO_ROLES

    def _parts(self, uses: Iterable[ConceptUse]) -> Iterator[ConceptUse]:
        """What things of these classes have."""
        for use in uses:
            implied = self.definitions.implied(use.concept)
            if not implied:
                continue
            own = (use.concept,) if use.concept in self._standing else ()
            for one in implied:
                within = _once((*use.within, *own, *one.within)) if one.properties else use.within
                path = (*use.role, *one.properties)
                yield ConceptUse(one.concept, path, use.pointer, use.line, within, implied_by=use.concept)

    def _side(self, uses: Sequence[ConceptUse]) -> Iterator[ConceptUse]:
        """Which electrode of a cell one by itself is, by its class or its active material: that of zinc a negative one."""
        own = [use for use in uses if not use.role]
        if not self._is_electrode(uses) or any(
            use.within or use.concept in (terms.POSITIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE) for use in own
        ):
            return
        telling = [*own, *(use for use in uses if terms.ACTIVE_MATERIAL in use.within)]
        told = [(use, side) for use in telling if (side := self.definitions.sides.get(use.concept))]
        if len({side for _, side in told}) == 1:
            yield replace(own[0], concept=told[0][1], implied_by=told[0][0].concept)
            yield from (replace(use, within=(side, *use.within), implied_by=use.concept) for use, side in told)

    def _is_electrode(self, uses: Iterable[ConceptUse]) -> bool:
        """Whether it is an electrode by itself, and nothing else."""
        own = [use.concept for use in uses if not use.role]
        return bool(own) and self._electrodes.issuperset(own)

    def _families(self, wholes: Iterable[ConceptUse]) -> Iterator[ConceptUse]:
        """What things that were recognised are besides: a primary battery."""
        for use in wholes:
            for one in self.definitions.implied(use.concept):
                if not one.properties:
                    yield replace(use, concept=one.concept, implied_by=use.concept)

    def _wholes(self, uses: Sequence[ConceptUse], *, is_other: bool) -> Iterator[ConceptUse]:
        """What something is that has these: an electrode by its active material, a cell by its case and its electrodes.

        A product that has a case and no electrode is a housing.
        """
        electrodes = []
        for role in (terms.POSITIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE):
            sides = [use for use in uses if use.within and not self.roles.expanded(role).isdisjoint(use.within)]
            # Where the document says which electrode it is, what else is in it makes it no other one.
            is_told = any(use.concept in self._told_electrodes for use in sides)
            materials = [] if is_told else [use for use in sides if terms.ACTIVE_MATERIAL in use.within]
            found = list(self._recognised(self.definitions.electrodes, {terms.ACTIVE_MATERIAL: materials}, inside=role))
            electrodes.append((role, [*sides, *found]))
            yield from found
        is_housing = is_other and not any(sides for _, sides in electrodes)
        cases = [] if is_housing else [use for use in uses if terms.CASE in use.within]
        yield from self._recognised(self.definitions.formats, {terms.CASE: cases})
        yield from self._chemistries(uses, dict(electrodes))
        solutions = tuple(self._solutions(uses))
        yield from solutions
        inside = (use for use in (*uses, *solutions) if terms.ELECTROLYTE in use.within)
        electrolytes = [use for use in inside if use.concept not in self.roles.classes]
        yield from self._recognised(self.definitions.cells, {**dict(electrodes), terms.ELECTROLYTE: electrolytes})

    def _solutions(self, uses: Iterable[ConceptUse]) -> Iterator[ConceptUse]:
        """What electrolytes are by what is in them."""
        electrolytes = self.roles.expanded(terms.ELECTROLYTE)
        for use in uses:
            made = _MAKES.get(use.concept, "")
            if made and not electrolytes.isdisjoint(use.within):
                inside = any(self.role_of(predicate) in electrolytes for predicate in use.role)
                path, within = self._up_to(use.role, terms.ELECTROLYTE) if inside else ((), ())
                yield ConceptUse(made, path, use.pointer, use.line, within, implied_by=use.concept)

    def _chemistries(self, uses: Iterable[ConceptUse], electrodes: Mapping[str, list[ConceptUse]]) -> Iterator[ConceptUse]:
        """Lithium-ion cells by their electrodes; by the negative one only where something else says that it is lithium-ion."""
        lithium_ion = self._concepts.narrower(terms.LITHIUM_ION_BATTERY)
        lithium = {terms.LITHIUM} | self._concepts.narrower(terms.LITHIUM_BASED_ELECTRODE)
        positive, negative = electrodes[terms.POSITIVE_ELECTRODE], electrodes[terms.NEGATIVE_ELECTRODE]
        if self._is_electrode(uses) or any(use.concept in lithium for use in negative):
            return
        found = list(self._recognised(self.definitions.chemistries, {terms.POSITIVE_ELECTRODE: positive}))
        yield from found
        if found or any(use.concept in lithium_ion for use in uses):
            yield from self._recognised(self.definitions.chemistries, {terms.NEGATIVE_ELECTRODE: negative})

    def _recognised(
        self, wholes: Iterable[Whole], parts: Mapping[str, Sequence[ConceptUse]], inside: str = ""
    ) -> Iterator[ConceptUse]:
        """The wholes of which every part is there, each at the place of its first part."""
        if not any(parts.values()):
            return
        have = {
            role: {one: use for use in reversed(uses) for one in self._with_broader(use.concept)} for role, uses in parts.items()
        }
        for whole in wholes:
            evidence = [have.get(role, {}).get(part) for role, part in whole.parts]
            first = evidence[0]
            if first is not None and all(evidence):
                path, within = self._up_to(first.role, inside)
                yield ConceptUse(whole.concept, path, first.pointer, first.line, within, implied_by=first.concept)

    def _with_broader(self, concept: str) -> Iterator[str]:
        yield concept
        yield from self._concepts.ancestors(concept)
        if concept == terms.OXYGEN_ELECTRODE:  # IEC 60086-1 calls zinc-air systems by their oxygen
            yield terms.AIR_ELECTRODE
        for one in self.definitions.implied(concept):
            if not one.properties:
                yield one.concept

    def _up_to(self, path: tuple[str, ...], role: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The way to the whole: up to the first step into this role; for a cell, up to its first part."""
        for number, predicate in enumerate(path):
            if stands_for := self.role_of(predicate):
                if not role:
                    return path[:number], ()
                if stands_for in self.roles.expanded(role):
                    return path[: number + 1], (stands_for,)
        return path, (role,) if role else ()


def _once(classes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(classes))
