"""Formats of files: words in titles and texts, of which each is enough, and no methods of that abbreviation.

*GITT data as CSV or parquet* asks for files, not for cathodic stripping voltammetry.
"""

from __future__ import annotations

import re
from typing import Final

from search.query import Part, TextPart
from search.understanding.question import Question

_FORMAT: Final = re.compile(r"csv|tsv|xlsx?|parquet|hdf5|h5|json(?:-ld|ld)?|ndjson", re.IGNORECASE)
_SAID: Final = re.compile(rf"(?<![\w.-])\.?(?P<format>{_FORMAT.pattern})(?![\w-])", re.IGNORECASE)
_AS_FORMAT: Final = re.compile(r"(?<!\w)(?:as|in|into|to|or|and|/|,)\s*\.?\Z", re.IGNORECASE)
_OF_FILES: Final = re.compile(r"\s*(?:files?|formats?|tables?|exports?|or|and|/|,)(?!\w)", re.IGNORECASE)


def read_file_formats(question: Question) -> None:
    """Put a word for every format of files that is named; what is a method as well only where files are spoken of."""
    for match in _SAID.finditer(question.text):
        is_method = any((span.start, span.end) == match.span("format") for span in question.spans)
        is_said = _AS_FORMAT.search(question.text, 0, match.start()) or _OF_FILES.match(question.text, match.end())
        if question.is_free(*match.span()) and (is_said or not is_method):
            question.put(*match.span(), TextPart(match["format"]))


def is_file_format(part: Part) -> bool:
    """Whether it is the word for a format of files."""
    return isinstance(part, TextPart) and _FORMAT.fullmatch(part.text) is not None
