"""From an expanded JSON-LD document to statements without blank nodes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from ontology.expansion import Reading
from records.ntriples import Triples
from records.rdf import RDF_TYPE, XSD_STRING, Iri, Literal, Triple

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_LANG_STRING: Final = f"{_RDF}langString"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_DOUBLE: Final = f"{_XSD}double"
_INTEGER: Final = f"{_XSD}integer"
_BOOLEAN: Final = f"{_XSD}boolean"


@dataclass(frozen=True, slots=True)
class Statements:
    """What a document says, as statements.

    Args:
        triples: Every statement once, in the order of the document; no blank nodes.
        pointers: IRI of a node -> JSON Pointer of where the source document describes it.
    """

    triples: Triples
    pointers: Mapping[str, str]


def to_triples(reading: Reading, base_iri: str) -> Statements:
    """Statements of an expanded document (JSON-LD 1.1 API, section 8).

    Every node of a reading has an IRI; the cells of lists are named by their order, ``BASE#_.0`` and so on, so the same document
    always gives the same statements. As the standard demands, a number without a fraction becomes an ``xsd:integer`` (compare
    numbers by value) and any other an ``xsd:double`` with as many digits as it needs.

    Args:
        reading: The document, expanded.
        base_iri: The same as it was expanded with.
    """
    lists = _Lists(base_iri.partition("#")[0])
    found: list[Triple] = []
    subjects: set[str] = set()
    is_distinct = True
    object_of = lists.object
    for node in reading.nodes:
        expanded = node.expanded
        subject = expanded["@id"]
        is_distinct = is_distinct and subject not in subjects and "@reverse" not in expanded
        subjects.add(subject)
        for predicate, value in expanded.items():
            if predicate[0] != "@":
                if type(value) is not list:
                    found.append(_new(Triple, (subject, predicate, object_of(value))))
                else:
                    found += _distinct([_new(Triple, (subject, predicate, object_of(item))) for item in value])
            elif predicate == "@type":
                found += _distinct([_new(Triple, (subject, RDF_TYPE, _iri(item))) for item in value])
            elif predicate == "@reverse":
                target = Iri(subject)
                found += [Triple(item["@id"], turned, target) for turned, items in value.items() for item in items]
    found += lists.triples
    return Statements(Triples(found if is_distinct else dict.fromkeys(found)), reading.pointers)


def _distinct(triples: list[Triple]) -> Iterable[Triple]:
    return dict.fromkeys(triples) if len(triples) > 1 else triples


# A named tuple's own constructor takes twice as long, and there are a hundred statements in a document.
_new = tuple.__new__
_iri = lru_cache(maxsize=8192)(Iri)


class _Lists:
    """Turns values into objects, and keeps the cells of the lists among them."""

    def __init__(self, stem: str) -> None:
        self._stem = stem
        self._count = 0
        self.triples: list[Triple] = []

    def object(self, value: Any) -> Iri | Literal:
        """The object that a value of an expanded document stands for."""
        kind = type(value)
        if kind is dict:
            iri = value.get("@id")
            if iri is not None:
                return Iri(iri)
            if "@list" in value:
                return self._list(value["@list"])
            return _typed(value["@value"], value.get("@type", ""), value.get("@language", ""))
        if kind is str:
            return _new(Literal, (value, XSD_STRING, ""))
        return _number(value)

    def _list(self, items: Iterable[Any]) -> Iri:
        head = Iri(f"{_RDF}nil")
        for item in reversed([self.object(item) for item in items]):
            cell = Iri(f"{self._stem}#_.{self._count}")
            self._count += 1
            self.triples += [Triple(cell, f"{_RDF}first", item), Triple(cell, f"{_RDF}rest", head)]
            head = cell
        return head


def _typed(value: Any, datatype: str, language: str) -> Literal:
    if datatype == "@json":
        return Literal(_canonical(value), f"{_RDF}JSON")
    if language:
        return Literal(value, _LANG_STRING, language.lower())
    if type(value) is str:
        return Literal(value, datatype or XSD_STRING)
    number = _number(value)
    if datatype == _DOUBLE and type(value) is not bool:
        return Literal(_double(float(value)), _DOUBLE)
    return Literal(number.value, datatype or number.datatype)


def _canonical(value: Any) -> str:
    """A JSON value in its canonical form (RFC 8785): keys in order of their UTF-16 code units, numbers as short as can be."""
    if type(value) is dict:
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_canonical(key)}:{_canonical(value[key])}" for key in keys) + "}"
    if type(value) is list:
        return "[" + ",".join(map(_canonical, value)) + "]"
    if type(value) is float:
        return _shortest(value)
    return json.dumps(value, ensure_ascii=False)


def _shortest(value: float) -> str:
    """A number as ECMAScript writes it, e.g. ``56``, ``5.5``, ``1e-7``."""
    if value == int(value) and abs(value) < 1e21:
        return str(int(value))
    if 1e-6 <= abs(value) < 1e21:
        return format(Decimal(repr(value)), "f")
    digits, _, exponent = repr(value).partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent):+d}".replace("e+0", "") if exponent else digits


@lru_cache(maxsize=4096, typed=True)
def _number(value: bool | int | float) -> Literal:
    if type(value) is bool:
        return Literal("true" if value else "false", _BOOLEAN)
    if abs(value) < 1e21 and value == int(value):
        return Literal(str(int(value)), _INTEGER)
    return Literal(_double(float(value)), _DOUBLE)


def _double(value: float) -> str:
    """The canonical form of a double (XML Schema 1.1 part 2, section 3.3.5), e.g. ``5.5E-1``."""
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    return f"{'-' * sign}{text[0]}.{text[1:] or '0'}E{int(exponent) + len(text) - 1}"
