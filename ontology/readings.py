"""What reading a document gives: its nodes in expanded form, and where each stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias
from typing import Literal as LiteralType

from ontology.active_context import ActiveContext
from records.issues import Issue

Json: TypeAlias = Any
"""A JSON value as ``json`` gives it."""


class Located(Protocol):
    """A JSON document that knows where its parts stand (`shapes.reader.Document`)."""

    @property
    def value(self) -> Json:
        """The JSON value."""

    @property
    def source(self) -> str:
        """The document's path within its source."""

    def place(self, pointer: str, of: LiteralType["value", "key"] = "value") -> tuple[int, int]:
        """Line and column, both from 1."""


class Node(NamedTuple):
    """One node object of a document, as written and as understood.

    Args:
        pointer: JSON Pointer of it in the source document.
        source: As written.
        expanded: In expanded form, with its IRI under ``@id``.
    """

    pointer: str
    source: dict[str, Json]
    expanded: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document says.

    Args:
        value: The document in expanded form (JSON-LD 1.1 API, section 5.1) without contexts: absolute IRIs alone, every node with
            an ``@id``; single values stand without their array, and named graphs are merged into the document.
        subject: IRI of the document's first node.
        nodes: Its node objects, in the order of the document.
        pointers: IRI of a node -> JSON Pointer of where it is described first.
        issues: What was lost or had to be assumed.
        contexts: Address and version name of every remote context used.
        terms: What terms mean at the top of the document.
    """

    value: list[dict[str, Json]]
    subject: str
    nodes: tuple[Node, ...]
    pointers: Mapping[str, str]
    issues: tuple[Issue, ...]
    contexts: tuple[tuple[str, str], ...]
    terms: ActiveContext


def listed(value: Json) -> list[Json]:
    """A value as JSON-LD sees it: an array is its items, ``null`` is nothing."""
    if type(value) is list:
        return value
    return [] if value is None else [value]


def keyed(value: dict[str, Json], keyword: str, active: ActiveContext) -> str:
    """The key of an object that is this keyword or stands for it; ``""`` when there is none."""
    if keyword in value:
        return keyword
    for name in active.keyword_names.get(keyword, ()):
        if name in value:
            return name
    return ""
