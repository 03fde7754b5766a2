"""What the ontologies rule out: a node of two classes that nothing can be both of, and a role that a class can never fill.

Nothing is concluded from what a document leaves out, so a finding here is rare and sure. EMMO declares little disjoint; what is
held apart besides is `ontology.concepts.APART`. What the rules cannot see, and why: ``docs/plausibility.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations, product
from typing import Any, Final, NamedTuple, TypeVar

from ontology.concepts import Disjointness
from ontology.expansion import Node, Reading
from ontology.model import Kind
from records.issues import Certainty, Issue
from shapes.lint.page import Page
from shapes.lint.words import Words
from shapes.reader import Document

_MAX_CACHED: Final = 8192

_Types = tuple[str, ...]
_Key = TypeVar("_Key")


class _Clash(NamedTuple):
    """Two classes that exclude each other, and why."""

    one: str
    other: str
    why: Disjointness


class Consistency:
    """Finds what the ontologies rule out. Remembers what it compared, so one instance serves a whole harvest; thread-safe.

    Args:
        words: What the ontologies say.
    """

    def __init__(self, words: Words) -> None:
        self._words = words
        self._concepts = words.concepts
        self._is_bound = lru_cache(maxsize=_MAX_CACHED)(lambda iri: bool(words.concepts.ranges(iri) or words.concepts.domains(iri)))
        self._of_types: dict[_Types, _Clash | None] = {}
        self._of_values: dict[tuple[str, _Types], _Clash | None] = {}
        self._of_owners: dict[tuple[str, _Types], _Clash | None] = {}

    def check(self, document: Document, reading: Reading) -> list[Issue]:
        """Findings about the classes of one document, in its order.

        ``disjoint-types``: a node has two classes that nothing can be both of; ``impossible-role``: the value of a property, or
        what has the property, is of a class that the property rules out.

        Args:
            document: The document.
            reading: What was read from it.
        """
        page = Page(document, reading, self._words)
        types: dict[str, _Types] = {}
        for node in reading.nodes:
            own = node.expanded.get("@type")
            if own:
                types[node.expanded["@id"]] = tuple(own)
        for node in reading.nodes:
            own = types.get(node.expanded["@id"], ())
            if len(own) > 1:
                clash = _remembered(self._of_types, own, self._clash_of_types)
                if clash is not None:
                    self._tell_types(page, node, clash)
            for iri, values in node.expanded.items():
                if iri[0] != "@" and self._is_bound(iri):
                    self._check_role(page, node, iri, own, values, types)
        return page.issues

    def _check_role(self, page: Page, node: Node, iri: str, own: _Types, values: Any, types: Mapping[str, _Types]) -> None:
        if own:
            clash = _remembered(self._of_owners, (iri, own), self._clash_of_owner)
            if clash is not None:
                self._tell_owner(page, node, iri, clash)
        for value in values if type(values) is list else (values,):
            target = value.get("@id") if type(value) is dict else None
            if target is not None:
                clash = _remembered(self._of_values, (iri, types.get(target) or (target,)), self._clash_of_value)
                if clash is not None:
                    self._tell_value(page, node, iri, target, clash)

    # What excludes what.

    def _clash_of_types(self, types: _Types) -> _Clash | None:
        return self._first(combinations(self._known(types), 2))

    def _clash_of_value(self, role: tuple[str, _Types]) -> _Clash | None:
        iri, types = role
        return self._first(product(self._known(types), self._concepts.ranges(iri)))

    def _clash_of_owner(self, role: tuple[str, _Types]) -> _Clash | None:
        iri, types = role
        return self._first(product(self._known(types), self._concepts.domains(iri)))

    def _known(self, types: _Types) -> Iterator[str]:
        """The classes among them: an individual, or what no ontology describes, excludes nothing."""
        for iri in types:
            concept = self._concepts.get(iri)
            if concept is not None and concept.kind is Kind.CLASS:
                yield iri

    def _first(self, pairs: Iterable[tuple[str, str]]) -> _Clash | None:
        for one, other in pairs:
            why = self._concepts.disjoint(one, other)
            if why is not None:
                return _Clash(one, other, why)
        return None

    # Findings.

    def _tell_types(self, page: Page, node: Node, clash: _Clash) -> None:
        pointer, text = page.place_of(node, "@type", clash.other)
        suggestions = [
            page.removal(place, f"leave out {written or self._label(iri)}", Certainty.POSSIBLE, changes_value=True)
            for iri in (clash.other, clash.one)
            for place, written in [page.place_of(node, "@type", iri)]
            if place != node.pointer
        ]
        message = f"the node is {self._as(clash.one, clash.why.first)} and {self._as(clash.other, clash.why.second)}"
        page.tell(
            "disjoint-types",
            f"{message}, and nothing can be both",
            pointer,
            node=node,
            remedy="keep the class that is meant",
            value=text,
            suggestions=suggestions,
        )

    def _tell_value(self, page: Page, node: Node, iri: str, target: str, clash: _Clash) -> None:
        pointer, text = page.place_of(node, iri, target)
        if not text:
            there = page.reading.pointers.get(target, "")
            pointer = there if there.startswith(f"{node.pointer}/") else _key_pointer(page, node, iri)
        self._tell_role(page, node, iri, pointer, text, clash, ("leads to", "is for"))

    def _tell_owner(self, page: Page, node: Node, iri: str, clash: _Clash) -> None:
        self._tell_role(page, node, iri, _key_pointer(page, node, iri), "", clash, ("stands at", "belongs to"))

    def _tell_role(self, page: Page, node: Node, iri: str, pointer: str, text: str, clash: _Clash, verbs: tuple[str, str]) -> None:
        here, there = self._as(clash.one, clash.why.first), self._as(clash.other, clash.why.second)
        page.tell(
            "impossible-role",
            f"{self._label(iri)} {verbs[0]} {here}, but {verbs[1]} {there}, and nothing can be both",
            pointer,
            node=node,
            remedy="use the property or the class that is meant",
            of="value" if text else "key",
            path=iri,
            value=text,
            expected=self._label(clash.other),
        )

    def _as(self, iri: str, above: str) -> str:
        """A class, and what it is by that excludes the other."""
        return self._label(iri) if iri == above else f"{self._label(iri)} (a kind of {self._label(above)})"

    def _label(self, iri: str) -> str:
        return self._concepts.label(iri)


def _key_pointer(page: Page, node: Node, iri: str) -> str:
    """Where a node writes a property."""
    return next((pointer for pointer, _, _ in page.keys_of(node, iri)), node.pointer)


def _remembered(known: dict[_Key, _Clash | None], key: _Key, find: Callable[[_Key], _Clash | None]) -> _Clash | None:
    try:
        return known[key]
    except KeyError:
        if len(known) >= _MAX_CACHED:
            known.clear()
        clash = known[key] = find(key)
        return clash
