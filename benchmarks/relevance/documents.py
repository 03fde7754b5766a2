"""A JSON-LD document as a flat row: its nodes with the path to them, and its numbers in base units.

Read with `json` alone. What classes and units mean stands in `tables.py`; predicates over a row are the methods of `truth.Row`.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from benchmarks.relevance.tables import UNITS

_NUMBERS = ("hasNumericalPart", "hasNumericalData")
_VALUES = ("hasNumberValue", "hasNumericalValue")
_WORD = re.compile(r"[^\W_]+")
_KEPT = 1 << 16
"""Names that are read again for each question."""


@dataclass(frozen=True)
class Node:
    """A JSON object of a document.

    Args:
        types: Its classes, without namespace.
        path: The keys from the root to it, without namespace.
        around: The classes of the objects it stands in.
        content: The object itself.
    """

    types: frozenset[str]
    path: tuple[str, ...]
    around: frozenset[str]
    content: dict[str, Any]


@dataclass(frozen=True)
class Number:
    """A quantity: value in the base unit of its dimension (`tables.UNITS`), and the quantities on its node: its conditions."""

    node: Node
    value: float
    dimension: str
    conditions: tuple[Number, ...] = ()


@dataclass(frozen=True)
class Document:
    """One file: ``id`` is ``FOLDER/FILE``, ``words`` all that it says, folded, as one text."""

    id: str
    title: str
    nodes: tuple[Node, ...]
    numbers: tuple[Number, ...]
    words: str

    @property
    def root(self) -> Node:
        return self.nodes[0]


def read_folder(folder: Path) -> list[Document]:
    """Every document of the folders in *folder*; files that are no JSON (empty, or with NaN) are left out."""
    read = (_read(path) for path in sorted(folder.glob("*/*")) if path.is_file())
    return [document for document in read if document is not None]


def _read(path: Path) -> Document | None:
    try:
        content = json.loads(path.read_bytes(), parse_constant=_refuse)
    except ValueError:
        return None
    return make_document(f"{path.parent.name}/{path.name}", content) if isinstance(content, dict) else None


def _refuse(token: str) -> float:
    raise ValueError(token)


def make_document(name: str, content: dict[str, Any]) -> Document:
    """The row of one parsed document."""
    nodes = tuple(_nodes(content, (), frozenset()))
    numbers = tuple(number for node in nodes if (number := _number(node)) is not None)
    return Document(name, _title(content, name), nodes, numbers, f" {fold(' '.join(_strings(content)))} ")


@lru_cache(maxsize=_KEPT)
def local(name: str) -> str:
    """A name without its namespace.

    >>> local("schema:name"), local("https://w3id.org/emmo#Volt"), local("ambigious - LCO")
    ('name', 'Volt', 'ambigious - LCO')
    """
    return re.split(r"[#/:](?=[^#/:]*$)", name)[-1] if " / " not in name else name


@lru_cache(maxsize=_KEPT)
def fold(text: str) -> str:
    """Lower-case words without accents, one space between them.

    >>> fold("LECLANCHÉ GL65 (INR-21700)")
    'leclanche gl65 inr 21700'
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.replace("_", " ")) if not unicodedata.combining(c))
    return " ".join(_WORD.findall(plain.casefold()))


def listed(value: Any) -> list[Any]:
    """A value as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def texts(node: dict[str, Any], *keys: str) -> list[str]:
    """The strings under these keys (named without namespace), and the names of the things under them."""
    found: list[str] = []
    for key, value in node.items():
        if local(key) in keys:
            for one in listed(value):
                if isinstance(one, str):
                    found.append(one)
                elif isinstance(one, dict):
                    found += texts(one, "name", "label", "@value")
    return found


def _nodes(value: Any, path: tuple[str, ...], around: frozenset[str]) -> Iterator[Node]:
    if isinstance(value, list):
        for one in value:
            yield from _nodes(one, path, around)
    elif isinstance(value, dict):
        types = frozenset(local(one) for one in listed(value.get("@type")) if isinstance(one, str))
        yield Node(types, path, around, value)
        for key, below in value.items():
            if key not in ("@context", "@type"):
                yield from _nodes(below, (*path, local(key)), around | types)


def _number(node: Node) -> Number | None:
    """The quantity that a node states, if its unit is known."""
    part = next((one for key in _NUMBERS for one in listed(node.content.get(key)) if isinstance(one, dict)), {})
    value = next((part[key] for key in _VALUES if key in part), None)
    if isinstance(value, str):
        value = float(value) if re.fullmatch(r"-?\d+(\.\d+)?", value.strip()) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    factor, dimension = UNITS.get(_unit(node), (0.0, ""))
    conditions = tuple(number for below in _below(node) if below.types != node.types and (number := _number(below)) is not None)
    return Number(node, value * factor, dimension, conditions) if dimension else None


def _below(node: Node) -> Iterator[Node]:
    """What a quantity holds under."""
    for key in ("hasMeasurementParameter", "hasInput", "hasControlParameter"):
        for found in _nodes(node.content.get(key), (), frozenset()):
            if not found.path:
                yield found


def _unit(node: Node) -> str:
    written = node.content.get("hasMeasurementUnit") or node.content.get("schema:unitText")
    if isinstance(written, dict):
        written = written.get("@id")
    if written is None and "CycleLife" in node.types:
        return "UnitOne"  # the documents of CellInfo leave it out
    if not isinstance(written, str):
        return ""
    return written if written in UNITS else local(written)


def _title(content: dict[str, Any], name: str) -> str:
    tops = [content, *(one for one in listed(content.get("@graph")) if isinstance(one, dict))]
    for keys in (("name",), ("title",), ("label",)):
        for top in tops:
            if found := texts(top, *keys):
                return found[0]
    return Path(name).stem


def _strings(value: Any) -> Iterator[str]:
    """Every text of a document, but its context; class names too, taken apart."""
    if isinstance(value, str):
        yield value
        yield re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", local(value))
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
    elif isinstance(value, dict):
        for key, below in value.items():
            if key != "@context":
                yield from _strings(below)
