"""Nodes of a document as its statements tell them: names and numbers that stand on a node, also in lists."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from ontology import terms
from records.rdf import Iri, Literal

Properties: TypeAlias = Mapping[str, list[Iri | Literal]]
"""Property -> its values, of one node."""
Nodes: TypeAlias = Mapping[str, Properties]

MAX_UNITS: Final = 16
"""Units, and names, looked at of one node."""
MAX_NAME: Final = 100
"""A longer text is not looked up as the name of a quantity."""
NAMES: Final = (terms.SCHEMA_PROPERTY_ID, terms.SCHEMA_NAME, terms.RDFS_LABEL, terms.SKOS_PREF_LABEL)
_FIRST: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#first"
_REST: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#rest"
_LETTERS: Final = re.compile(r"[\s_.-]+")


def first_text(properties: Properties) -> str:
    """What a document calls a node."""
    for predicate in (*NAMES[1:], NAMES[0]):
        for value in properties.get(predicate, ()):
            if type(value) is Literal and value.value.strip():
                return " ".join(value.value.split())[:200]
    return ""


def nodes_among(values: Iterable[Iri | Literal], nodes: Nodes) -> list[Properties]:
    """The nodes of the document among these values."""
    return [nodes[value] for value in values if isinstance(value, Iri) and value in nodes]


def letters(text: str) -> str:
    """A name without case, spaces and hyphens, so that all ways to write it are one."""
    return _LETTERS.sub("", text).casefold()


def numbers_of(properties: Properties, predicates: Iterable[str], nodes: Nodes) -> dict[float, None]:
    """The numbers that a node has for these properties, also in lists, each once and in order."""
    numbers: dict[float, None] = {}
    for predicate in predicates:
        for value in properties.get(predicate, ()):
            for literal in (value,) if type(value) is Literal else _items(str(value), nodes):
                number = _number(literal)
                if number is not None:
                    numbers[number] = None
    return numbers


def first_number(properties: Properties, predicate: str) -> float | None:
    """The first number that stands on a node for this property."""
    found = map(_number, (one for one in properties.get(predicate, [])[:MAX_UNITS] if type(one) is Literal))
    return next((number for number in found if number is not None), None)


def _number(literal: Literal) -> float | None:
    """The number that a literal is; a text that is a number counts."""
    try:
        number = float(literal.value)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in literal.value else None


def _items(head: str, nodes: Nodes) -> Iterator[Literal]:
    """The literals of a list; a list that comes back to itself ends there."""
    seen: set[str] = set()
    while head not in seen and head in nodes:
        seen.add(head)
        yield from (one for one in nodes[head].get(_FIRST, ()) if type(one) is Literal)
        head = next((str(one) for one in nodes[head].get(_REST, ())), "")
