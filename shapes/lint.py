"""What no SHACL shape can see because it is about how the document is written: empty values, deprecated classes."""

from __future__ import annotations

import re
from typing import Any

from ontology.concepts import Concepts
from ontology.expansion import MISSING, Node, Reading
from ontology.terms import HAS_NUMBER_VALUE, SCHEMA_VALUE
from records.issues import Issue, Severity
from shapes.reader import Document

_LONGEST = 40
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?")
_VALUE = frozenset((SCHEMA_VALUE, SCHEMA_VALUE.replace("https:", "http:")))


def lint(document: Document, reading: Reading, concepts: Concepts | None = None) -> list[Issue]:
    """Findings about how a document is written, in its order; each has a place.

    ``missing-value``: a text such as ``NaN``, ``n.a.`` or ``""`` stands for a value; ``number-as-text``: a value of schema.org's
    ``value`` is a number in quotes; ``deprecated-class`` and ``deprecated-property``, with their replacement where the ontologies
    name one. What else is to be said of numbers and units, the shapes say.

    Args:
        document: The document.
        reading: What was read from it.
        concepts: The concepts of the ontologies; without them nothing is known to be deprecated.
    """
    issues: list[Issue] = []
    for node in reading.nodes:
        _values(node, document, reading, issues)
        if concepts is not None:
            _deprecated(node, document, reading, concepts, issues)
    return issues


def _values(node: Node, document: Document, reading: Reading, issues: list[Issue]) -> None:
    for key, value in node.source.items():
        kind = type(value)
        if kind is str:
            if len(value) < _LONGEST and key[:1] != "@":
                _value(value, node.pointer, key, "", document, reading, issues)
        elif kind is list:
            for index, item in enumerate(value):
                if type(item) is str and len(item) < _LONGEST and key[:1] != "@":
                    _value(item, node.pointer, key, f"/{index}", document, reading, issues)
        elif kind is dict and type(value.get("@value")) is str and "@type" not in value:
            _value(value["@value"], node.pointer, key, "/@value", document, reading, issues)


def _value(value: str, pointer: str, key: str, below: str, document: Document, reading: Reading, issues: list[Issue]) -> None:
    is_missing = value.strip().lower() in MISSING
    if not is_missing and _NUMBER.fullmatch(value) is None:
        return
    term = reading.terms.term(key)
    if term.iri is None or term.iri in ("@id", "@type", HAS_NUMBER_VALUE):
        return  # told when the document was read, or by a shape
    pointer += term.step + below
    if is_missing:
        code, message = "missing-value", f"{value!r} stands for the value of {key!r}"
        remedy = "leave the property out, or write null"
    elif term.iri in _VALUE:
        code, message = "number-as-text", f"the number {value} of {key!r} stands in quotes"
        remedy = f"write {value.replace(',', '.')} without quotes"
    else:
        return
    line, column = document.place(pointer)
    issues.append(
        Issue(code, message, Severity.WARNING, document.source, pointer, line, column, remedy, path=term.iri, value=value)
    )


def _deprecated(node: Node, document: Document, reading: Reading, concepts: Concepts, issues: list[Issue]) -> None:
    for iri, value in node.expanded.items():
        if iri == "@type":
            for name in value:
                concept = concepts.get(name)
                if concept is not None and concept.deprecated:
                    issues.append(_told("class", name, _type_pointer(node, reading, name), "value", document, node, concepts))
        elif iri[0] != "@":
            concept = concepts.get(iri)
            if concept is not None and concept.deprecated:
                key = next((key for key in node.source if reading.terms.term(key).iri == iri), "")
                pointer = node.pointer + (reading.terms.term(key).step if key else "")
                issues.append(_told("property", iri, pointer, "key", document, node, concepts))


def _told(kind: str, iri: str, pointer: str, of: Any, document: Document, node: Node, concepts: Concepts) -> Issue:
    replacement = concepts.replacement(iri)
    remedy = f"use {concepts.label(replacement)} ({replacement})" if replacement else "see the ontology for what took its place"
    line, column = document.place(pointer, of)
    return Issue(
        f"deprecated-{kind}",
        f"the {kind} {concepts.label(iri)} is deprecated",
        Severity.WARNING,
        document.source,
        pointer,
        line,
        column,
        remedy,
        focus_node=node.expanded["@id"],
        path=iri if kind == "property" else "",
        value=iri,
    )


def _type_pointer(node: Node, reading: Reading, iri: str) -> str:
    for key, value in node.source.items():
        term = reading.terms.term(key)
        if term.iri == "@type":
            names = value if isinstance(value, list) else [value]
            for index, name in enumerate(names):
                if isinstance(name, str) and reading.terms.term(name).iri == iri:
                    return f"{node.pointer}{term.step}/{index}" if isinstance(value, list) else node.pointer + term.step
    return node.pointer
