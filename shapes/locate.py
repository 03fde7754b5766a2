"""From a SHACL result to a finding with a place: focus node and path become pointer, line and column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, TypeAlias
from urllib.parse import unquote

from records.issues import Issue
from shapes.validator import ShaclResult

Place: TypeAlias = Callable[[str, Literal["key", "value"]], tuple[int, int]]
"""Line and column of the value at a pointer, or of the key before it; of the nearest thing around it when nothing is there."""

KeyOf: TypeAlias = Callable[[str, str], str | None]
"""The key by which the node at a pointer writes a property (given as IRI), or ``None`` when it does not write it."""

_FIRST_STEP = re.compile(r"<([^>]*)>")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def to_issues(
    results: Sequence[ShaclResult],
    pointers: Mapping[str, str],
    base_iri: str,
    place: Place,
    source: str,
    key_of: KeyOf | None = None,
) -> list[Issue]:
    """Findings with a place, one for each node, shape, path and value, in the order of the document.

    A node without ``@id`` has the IRI ``base_iri#POINTER`` (RFC 6901 section 6); nodes with an ``@id`` are looked up in *pointers*.
    The place is the value of the property that the result is about, and the node itself when the node does not have that property.
    A node that cannot be found has line 0. A shape's message is split at its first ``"; "`` into what is wrong and the remedy.

    Args:
        results: What a validator found.
        pointers: IRI of a node with an ``@id`` -> its JSON Pointer.
        base_iri: IRI of the document.
        place: Line and column of a pointer, as `shapes.reader.Document.place`.
        source: Path of the document within its source.
        key_of: Key by which a node writes a property; without it every finding is placed at its node.

    >>> from records.issues import Severity
    >>> missing_unit = ShaclResult(
    ...     Severity.WARNING, "The number has no unit; add hasMeasurementUnit.", "http://e/x.jsonld#/hasProperty/3", "", "",
    ...     "https://w3id.org/voltagraph/shapes#MissingUnit", "http://www.w3.org/ns/shacl#OrConstraintComponent",
    ... )
    >>> [issue] = to_issues([missing_unit], {}, "http://e/x.jsonld", lambda pointer, of: (12, 5), "x.jsonld")
    >>> print(issue, issue.pointer)
    x.jsonld:12:5: warning [missing-unit] The number has no unit; add hasMeasurementUnit. /hasProperty/3
    """
    issues: dict[tuple[str, str, str, str], Issue] = {}
    for result in results:
        path = _first_step(result.path)
        value = "" if result.value == result.focus_node else result.value
        pointer, (line, column) = _locate(_pointer(result.focus_node, pointers, base_iri), path, place, key_of)
        message, _, remedy = result.message.partition("; ")
        issues.setdefault(
            (result.focus_node, result.shape or result.component, path, value),
            Issue(
                code=code_of(result.shape or result.component),
                message=message,
                severity=result.severity,
                source=source,
                pointer=pointer,
                line=line,
                column=column,
                remedy=remedy,
                focus_node=result.focus_node,
                path=path,
                value=value,
                shape=result.shape,
            ),
        )
    return sorted(issues.values(), key=lambda issue: (issue.line, issue.column, issue.code, issue.pointer, issue.value))


def code_of(iri: str) -> str:
    """Kind of finding that a shape (or constraint component) raises: the last part of its IRI, in kebab-case.

    >>> code_of("https://w3id.org/voltagraph/shapes#UnitNotIri"), code_of("http://www.w3.org/ns/shacl#MinCountConstraintComponent")
    ('unit-not-iri', 'min-count')
    """
    name = re.split(r"[#/]", iri)[-1].removesuffix("ConstraintComponent")
    return "-".join(word.lower() for word in _WORD.findall(name)) or "shape"


def _first_step(path: str) -> str:
    match = _FIRST_STEP.search(path)
    return match[1] if match else path


def _pointer(node: str, pointers: Mapping[str, str], base_iri: str) -> str | None:
    if (known := pointers.get(node)) is not None:
        return known
    document, has_fragment, fragment = node.partition("#")
    pointer = unquote(fragment)
    if document == base_iri and has_fragment and (not pointer or pointer.startswith("/")):
        return pointer
    return None


def _locate(node: str | None, path: str, place: Place, key_of: KeyOf | None) -> tuple[str, tuple[int, int]]:
    if node is None:
        return "", (0, 0)
    key = key_of(node, path) if key_of and path else None
    pointer = node if key is None else f"{node}/{key.replace('~', '~0').replace('/', '~1')}"
    return pointer, place(pointer, "value")
