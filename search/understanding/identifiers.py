"""Identifiers in a question: an ORCID, a DOI, as they are or as an address; addresses of mail."""

from __future__ import annotations

import re
from typing import Final

from search.names import fold_name
from search.query import EitherPart, EntityPart, TextPart
from search.understanding.question import Question

_IDENTIFIERS: Final = (
    (
        re.compile(r"(?:(?:https?://)?orcid\.org/|orcid:?\s*)?(?<![\w-])(?P<id>(?:\d{4}-){3}\d{3}[\dX])(?![\w-])", re.IGNORECASE),
        "orcid.org",
    ),
    (
        re.compile(
            r"(?:(?:https?://)?(?:dx\.)?doi\.org/|doi:?\s*)?(?<![\w/])(?P<id>10\.\d{4,9}/[^\s,;\"<>]*[^\s,;\"<>.?!)])",
            re.IGNORECASE,
        ),
        "doi.org",
    ),
)
_MAIL: Final = re.compile(r"(?<![\w.+-])(?:mailto:)?(?P<id>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)", re.IGNORECASE)
"""See https://support.orcid.org/hc/en-us/articles/360006897674 and https://www.doi.org/doi-handbook/HTML/index.html."""


def read_identifiers(question: Question) -> None:
    """Put a part for every identifier: what has it, as its own or as that of somebody or something in it.

    An address of mail is nobody else's, though somebody has part of it as a name.

    >>> question = Question("cells of doi:10.1149/2.0501913jes", ())
    >>> read_identifiers(question)
    >>> question.placed[0].part.iri
    'https://doi.org/10.1149/2.0501913jes'
    """
    for pattern, host in _IDENTIFIERS:
        for match in pattern.finditer(question.text):
            if question.is_free(*match.span()):
                found = match["id"]
                part = EntityPart(match.group(), None, (fold_name(found),), found, f"https://{host}/{found}", mentioned=(found,))
                question.put(*match.span(), part)
    for match in _MAIL.finditer(question.text):
        question.put(*match.span(), EitherPart(match.group(), ((TextPart(match["id"]),),)))
