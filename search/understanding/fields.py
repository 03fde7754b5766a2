"""What is said outright: ``source: cellinfo``, ``validation: none``, ``community: bma/…``."""

from __future__ import annotations

import re
from typing import Final

from search.query import Facet, ValuePart
from search.understanding.question import Question

_FACETS: Final = {
    "source": Facet.SOURCE,
    "licence": Facet.LICENCE,
    "license": Facet.LICENCE,
    "community": Facet.COMMUNITY,
    "validation": Facet.VALIDATION,
}
_FIELD: Final = re.compile(rf"(?<![\w-])(?P<name>{'|'.join(_FACETS)}):\s*(?P<value>[^\s,;]+)", re.IGNORECASE)


def read_fields(question: Question) -> None:
    """Put a part for every value that the question names with its field.

    >>> question = Question("LFP source:cellinfo", ())
    >>> read_fields(question)
    >>> question.placed[0].part
    ValuePart(text='source:cellinfo', facet=<Facet.SOURCE: 'source'>, value='cellinfo', negated=False)
    """
    for match in _FIELD.finditer(question.text):
        question.put(*match.span(), ValuePart(match.group(), _FACETS[match["name"].lower()], match["value"]))
