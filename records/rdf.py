"""RDF values without blank nodes, as every port of the project speaks them.

Blank nodes are skolemised when a document is read (RDF 1.1 Concepts 3.5), so a subject is always an IRI. Only an answer to a
query can hold blank nodes: those that the query itself makes.
"""

from __future__ import annotations

from typing import NamedTuple

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


class Iri(str):
    """An IRI in object position; a plain ``str`` stands for it as subject and predicate.

    >>> Iri("https://w3id.org/emmo#Volt") == "https://w3id.org/emmo#Volt"
    True
    """

    __slots__ = ()


class BlankNode(str):
    """The label, without ``_:``, of a blank node that a query made; it means something within that answer alone.

    >>> BlankNode("b0")
    'b0'
    """

    __slots__ = ()


class Literal(NamedTuple):
    """A literal: lexical form, datatype IRI, language tag (``""`` when there is none)."""

    value: str
    datatype: str = XSD_STRING
    language: str = ""


class Triple(NamedTuple):
    """One statement: subject IRI, predicate IRI, object."""

    subject: str
    predicate: str
    object: Iri | Literal
