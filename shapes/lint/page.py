"""One document while it is looked at: where its words stand, how its author writes, and the findings made so far."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final, Literal

from ontology.concepts import PREFIXES
from ontology.expansion import Node, Reading
from ontology.mends import Spot, leave_out, rewritten
from ontology.terms import HAS_MEASUREMENT_UNIT, HAS_NUMERICAL_PART
from records.issues import Certainty, Issue, Severity, Suggestion
from shapes.lint.words import Near, Words
from shapes.reader import Document

_MAX_ISSUES: Final = 1_000
_MAX_SEARCHES: Final = 50


class Page:
    """A document with its reading.

    Args:
        document: The document.
        reading: What was read from it.
        words: What the ontologies say.
    """

    def __init__(self, document: Document, reading: Reading, words: Words) -> None:
        self.document = document
        self.reading = reading
        self.words = words
        self.issues: list[Issue] = []
        self._keys: dict[str, str] = {}
        self._searches = 0

    @cached_property
    def nodes(self) -> dict[str, Node]:
        """The nodes by pointer."""
        return {node.pointer: node for node in self.reading.nodes}

    @cached_property
    def described(self) -> dict[str, Node]:
        """The nodes by IRI, each where it is described first."""
        return {node.expanded["@id"]: node for node in reversed(self.reading.nodes)}

    @cached_property
    def units(self) -> dict[str, list[tuple[str, str]]]:
        """Dimension -> kind and unit of every quantity of the document that has one unit."""
        found: dict[str, list[tuple[str, str]]] = {}
        for node in self.reading.nodes:
            iris = iris_of(node.expanded.get(HAS_MEASUREMENT_UNIT))
            if len(iris) == 1 and HAS_NUMERICAL_PART in node.expanded:
                pairs = ((kind, iris[0]) for kind in node.expanded.get("@type", ("",)))
                found.setdefault(self.words.dimension_of_unit(iris[0]), []).extend(pairs)
        return found

    @cached_property
    def counts(self) -> dict[tuple[str, str], list[str]]:
        """Kind and dimension -> units of that dimension in the document, the most frequent first; ``""`` is any kind."""
        found: dict[tuple[str, str], Counter[str]] = {}
        for dimension, pairs in self.units.items():
            for kind, unit in pairs:
                found.setdefault((kind, dimension), Counter())[unit] += 1
                if kind:
                    found.setdefault(("", dimension), Counter())[unit] += 1
        return {key: [unit for unit, _ in counter.most_common()] for key, counter in found.items()}

    @cached_property
    def unit_texts(self) -> tuple[tuple[str, str], ...]:
        """The first two units that are written differently: pointer, text."""
        found: dict[str, str] = {}
        for node in self.reading.nodes:
            for pointer, text in self.texts_of(node, HAS_MEASUREMENT_UNIT):
                found.setdefault(text, pointer)
            if len(found) > 1:
                break
        return tuple((pointer, text) for text, pointer in found.items())[:2]

    def may_search(self) -> bool:
        """Whether one more nearest word may be looked for: only the first so many of a document are, as it takes time."""
        self._searches += 1
        return self._searches <= _MAX_SEARCHES

    def tell(
        self,
        code: str,
        message: str,
        pointer: str,
        *,
        node: Node,
        remedy: str,
        severity: Severity = Severity.WARNING,
        of: Literal["value", "key"] = "value",
        path: str = "",
        value: str = "",
        expected: str = "",
        suggestions: Sequence[Suggestion] = (),
    ) -> None:
        """Add a finding at a place, unless there are too many; its remedy is the first suggestion when there is one."""
        if len(self.issues) >= _MAX_ISSUES:
            if len(self.issues) == _MAX_ISSUES:
                message = f"there are more than {_MAX_ISSUES:,} issues; no more are listed"
                line, column = self.document.place(pointer, of)
                issue = Issue("too-many-issues", message, Severity.VIOLATION, self.document.source, pointer, line, column)
                self.issues.append(replace(issue, remedy="mend those above first"))
            return
        line, column = self.document.place(pointer, of)
        self.issues.append(
            Issue(
                code,
                message,
                severity,
                self.document.source,
                pointer,
                line,
                column,
                remedy_of(suggestions) or remedy,
                focus_node=node.expanded["@id"],
                path=path,
                value=value,
                expected=expected,
                suggestions=tuple(suggestions),
            )
        )

    # Where words stand

    def meaning(self, key: str) -> str:
        """IRI, or keyword, that a key, a type or a prefixed name stands for; ``""`` for none."""
        return self.reading.terms.term(key).iri or ""

    def keys_of(self, node: Node, iri: str) -> Iterator[tuple[str, str, Any]]:
        """The keys by which a node writes a property or keyword: pointer, key, value."""
        for key, value in node.source.items():
            term = self.reading.terms.term(key)
            if term.iri == iri:
                yield node.pointer + term.step, key, value

    def texts_of(self, node: Node, iri: str) -> Iterator[tuple[str, str]]:
        """Texts and references that a node writes as values of a property or keyword: pointer, text."""
        for pointer, _, value in self.keys_of(node, iri):
            for place, item in items_of(pointer, value):
                if type(item) is str:
                    yield place, item
                elif type(item) is dict:
                    for key, text in item.items():
                        if type(text) is str and self.meaning(key) == "@id":
                            yield f"{place}{self.reading.terms.term(key).step}", text

    def place_of(self, node: Node, iri: str, target: str) -> tuple[str, str]:
        """Pointer and text of the value of a property (or of ``@type``) that means an IRI; the node itself when it is not found."""
        for pointer, text in self.texts_of(node, iri):
            if text == target or self.meaning(text) == target:
                return pointer, text
        return node.pointer, ""

    def unit_place(self, node: Node, iri: str) -> tuple[str, str]:
        """Pointer and text of the unit of a quantity; a text that only stands for a unit (``"V"``) means no IRI in the context."""
        pointer, text = self.place_of(node, HAS_MEASUREMENT_UNIT, iri)
        texts = [] if text else list(self.texts_of(node, HAS_MEASUREMENT_UNIT))
        return texts[0] if len(texts) == 1 else (pointer, text)

    # How the author writes

    def written_as(self, iri: str, like: str) -> str:
        """An IRI in the style of another text: as a term where that is one, as a CURIE, or in full."""
        if "://" in like or not like:
            return iri
        if ":" not in like and (term := self.term_for(iri)):
            return term
        own = like.partition(":")[0]
        for prefix, namespace in ((own, self._namespace(own)), *PREFIXES.items()):
            if namespace and iri.startswith(namespace):
                curie = f"{prefix}:{iri[len(namespace) :]}"
                read = self.reading.terms.term(curie)
                if read.iri == iri and (read.repair is None or prefix == own):
                    return curie
        return iri

    def term_for(self, iri: str) -> str:
        """The word that the document's context has for an IRI; ``""`` for none."""
        concept = self.words.concepts.get(iri)
        labels = [self.words.concepts.label(iri), *(label.text for label in (concept.labels if concept else ()))]
        for label in labels:
            term = self.reading.terms.term(label)
            if term.iri == iri and term.is_defined:
                return label
        return ""

    def key_for(self, iri: str) -> str:
        """A key for a property: as the document writes it elsewhere, as its context calls it, or in full."""
        if iri not in self._keys:
            keys = (key for node in self.reading.nodes if iri in node.expanded for _, key, _ in self.keys_of(node, iri))
            self._keys[iri] = next(keys, "") or self.term_for(iri) or iri
        return self._keys[iri]

    def _namespace(self, prefix: str) -> str:
        return self.meaning(f"{prefix}:_")[:-1] if prefix else ""

    # Suggestions

    def replacing(self, near: Sequence[Near], pointer: str, text: str, *, is_key: bool = False, like: str = "") -> list[Suggestion]:
        """Suggestions to write something else in the place of a text, in its style or that of another text."""
        spot = Spot(pointer, "key" if is_key else "value")
        made = []
        for iri, certainty in near:
            new = self.written_as(iri, like or text)
            edits = rewritten(self.document.value, [spot], new)
            made.append(Suggestion(f"write {self.named(new, iri)}", new, certainty if edits else Certainty.POSSIBLE, edits))
        return made

    def named(self, text: str, iri: str) -> str:
        """What is to be written for an IRI, with its label where nobody could read it."""
        label = self.words.concepts.label(iri)
        return text if label.lower() in text.lower() else f"{text} ({label})"

    def removal(self, pointer: str, text: str, certainty: Certainty, *, changes_value: bool = False) -> Suggestion:
        """A suggestion to leave out what stands at a pointer, with the member whose only value it is."""
        return replace(leave_out(self.document.value, pointer), text=text, certainty=certainty, changes_value=changes_value)


def iris_of(value: object) -> list[str]:
    """IRIs among the values of a property in expanded form."""
    items = value if isinstance(value, list) else [value]
    return [item["@id"] for item in items if type(item) is dict and "@id" in item]


def remedy_of(suggestions: Sequence[Suggestion]) -> str:
    """What the best suggestions say, in one clause; ``""`` without any.

    >>> remedy_of([Suggestion("write 3.0"), Suggestion("write 3.4")])
    'perhaps write 3.0, or write 3.4'
    """
    if not suggestions or suggestions[0].certainty is not Certainty.POSSIBLE:
        return suggestions[0].text if suggestions else ""
    return f"perhaps {', or '.join(one.text for one in suggestions[:2])}"


def items_of(pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A value, or each item of an array, with its pointer."""
    if type(value) is list:
        for index, item in enumerate(value):
            yield f"{pointer}/{index}", item
    else:
        yield pointer, value


def json_text(value: Any) -> str:
    """A value as JSON, letters as they are."""
    return json.dumps(value, ensure_ascii=False)
