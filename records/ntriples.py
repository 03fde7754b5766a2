"""Statements as N-Triples text (https://www.w3.org/TR/n-triples/): what every RDF engine reads, and fast to write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

from records.rdf import RDF_TYPE, XSD_STRING, Iri, Literal, Triple

_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_TO_ESCAPE = re.compile(r'["\\\n\r]')
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"})


class Triples(tuple[Triple, ...]):
    r"""The statements of one document; their lines are written once, however many engines read them.

    >>> Triples([Triple("http://e/a", "http://e/p", Literal('say "Ah"', language="en"))]).lines
    ['<http://e/a> <http://e/p> "say \\"Ah\\""@en']
    """

    @cached_property
    def lines(self) -> list[str]:
        """See `lines_of`."""
        return _lines(self)


def lines_of(triples: Sequence[Triple]) -> list[str]:
    """One line of N-Triples for each statement, without the final dot; nothing in a term can end it early.

    Raises:
        ValueError: An IRI or a language tag is none.
    """
    return triples.lines if isinstance(triples, Triples) else _lines(triples)


def iri_text(iri: str) -> str:
    """The IRI in angle brackets.

    Raises:
        ValueError: It has a character that no IRI may have.

    >>> iri_text("http://e/a")
    '<http://e/a>'
    """
    if _NOT_IN_IRI.search(iri):
        raise ValueError(f"{iri!r} is not an IRI")
    return f"<{iri}>"


def literal_text(literal: Literal) -> str:
    """The literal with its datatype or language.

    Raises:
        ValueError: Its datatype is no IRI, or its language no tag.
    """
    value, datatype, language = literal
    text = value.translate(_ESCAPES) if _TO_ESCAPE.search(value) else value
    if language:
        if not _LANGUAGE.fullmatch(language):
            raise ValueError(f"{language!r} is not a language tag")
        return f'"{text}"@{language}'
    return f'"{text}"' if datatype == XSD_STRING else f'"{text}"^^{iri_text(datatype)}'


_usual = lru_cache(maxsize=8192)(iri_text)
"""For predicates and classes, which all documents have in common."""


class _IriTexts(dict[str, str]):
    """IRIs of one document in angle brackets, each checked once."""

    def __missing__(self, iri: str) -> str:
        text = self[iri] = iri_text(iri)
        return text


def _lines(triples: Iterable[Triple]) -> list[str]:
    iris = _IriTexts()
    return [
        f"{iris[subject]} {_usual(predicate)} {_usual(value)}"
        if predicate == RDF_TYPE and isinstance(value, Iri)
        else f"{iris[subject]} {_usual(predicate)} {iris[value] if isinstance(value, Iri) else literal_text(value)}"
        for subject, predicate, value in triples
    ]
