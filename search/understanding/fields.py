"""What is said outright: ``source: cellinfo``, ``records from cellinfo``, ``validation: none``, ``CC BY 4.0``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from search.query import EitherPart, Facet, Query, TextPart, ValuePart
from search.understanding.question import Question
from search.understanding.vocabulary import Known

_FACETS: Final = {
    "source": Facet.SOURCE,
    "licence": Facet.LICENCE,
    "license": Facet.LICENCE,
    "community": Facet.COMMUNITY,
    "validation": Facet.VALIDATION,
}
_LICENCE_WORD: Final = r"(?:licen[cs]e[ds]?)"
_CREATIVE_COMMONS: Final = re.compile(
    rf"(?<![\w-])(?:{_LICENCE_WORD}\s*(?::|=|under|is)?\s*)?(?:(?:CC|creative\s+commons)[\s-]?"
    r"(?P<kind>0|zero|attribution|BY(?:-(?:NC|SA|ND))*)(?:[\s-]?v?(?P<version>\d\.\d))?|creative\s+commons)"
    rf"(?![\w-])(?:\s+{_LICENCE_WORD})?",
    re.IGNORECASE,
)
_KINDS_OF_COMMONS: Final = ("by", "by-sa", "by-nc", "by-nd", "by-nc-sa", "by-nc-nd", "0")
_COMMONS_IN_WORDS: Final = {"attribution": "by", "zero": "0"}
_FILES: Final = re.compile(
    r"(?<![\w-])(?:(?:in|as)\s+)?(?:(?P<kind>csv|xlsx?|json|hdf5|h5|parquet|mat|bdf)(?:\s+(?:files?|format|data|tables?))?"
    r"|(?:(?:in|as)\s+)?(?P<upper>CSV|XLSX|JSON|HDF5)\s+(?:files?|format|data|tables?|containers?)"
    r"|(?:(?:file|data|container)\s+)?format\s+(?P<named>[A-Z][A-Z0-9-]+))(?![\w-])"
)
"""Kinds of files; *CSV* in capitals is also a method."""
_TIME_SERIES: Final = re.compile(r"(?<![\w-])time[\s-]series(?![\w-])", re.IGNORECASE)
_VERSIONS: Final = ("4.0", "3.0")
_FIELD: Final = re.compile(rf"(?<![\w-])(?P<name>{'|'.join(_FACETS)}):\s*(?P<value>[^\s,;]+)", re.IGNORECASE)
_LICENCE: Final = re.compile(
    rf"(?<![\w-])(?:(?P<before>[A-Za-z][\w.+-]*)[\s-]+{_LICENCE_WORD}|{_LICENCE_WORD}\s+(?:under\s+|as\s+)?(?P<after>[A-Z][\w.+-]*))(?![\w-])",
    re.IGNORECASE,
)
"""A licence by its name, which is looked for where records have one of it: ``MIT licence``, ``licensed under Apache-2.0``."""
_OF_SOURCE: Final = re.compile(
    r"(?<![\w-])(?P<name>[\w/.-]+)\s+(?:(?P<kept>cells|batteries|datasets?|files|documents)|records|entries|collection|source)(?![\w-])",
    re.IGNORECASE,
)
"""``CellInfo records``; *CellInfo cells* are cells, too."""
_IN_SOURCE: Final = re.compile(
    r"(?<![\w-])(?:(?:(?:in|from|of)\s+)?(?:the\s+)?(?P<facet>source|community)\s+(?P<after>[\w/.-]+)"
    r"|from\s+(?:the\s+)?(?P<from>[\w/.-]+)(?:\s+(?:source|collection))?)(?![\w-])",
    re.IGNORECASE,
)


def read_fields(question: Question, known: Known) -> None:
    """Put a part for every value that the question names with its field, and for licences and sources that records have.

    >>> from search.understanding.vocabulary import NothingKnown
    >>> question = Question("LFP source:cellinfo", ())
    >>> read_fields(question, NothingKnown())
    >>> question.placed[0].part
    ValuePart(text='source:cellinfo', facet=<Facet.SOURCE: 'source'>, value='cellinfo', negated=False)
    """
    for match in _CREATIVE_COMMONS.finditer(question.text):
        kind = (match["kind"] or "").lower()
        kinds = (_COMMONS_IN_WORDS.get(kind, kind),) if kind else _KINDS_OF_COMMONS
        names = dict.fromkeys(name for one in kinds for name in _spellings(one, match["version"]))
        said = [ValuePart(match.group(), Facet.LICENCE, name) for name in names]
        counts = known.count([Query("", (part,)) for part in said])
        ways = [(part,) for part, count in zip(said, counts, strict=True) if count] or [(said[0],)]
        question.put(*match.span(), EitherPart(match.group(), tuple(ways)) if len(ways) > 1 else ways[0][0])
    for match in _LICENCE.finditer(question.text):
        name = match["before"] or match["after"]
        said = [ValuePart(match.group(), Facet.LICENCE, spelling) for spelling in _spdx(name)]
        counts = known.count([Query("", (part,)) for part in said])
        ways = [(part,) for part, count in zip(said, counts, strict=True) if count]
        if ways and question.is_free(*match.span()):
            question.put(*match.span(), EitherPart(match.group(), tuple(ways)) if len(ways) > 1 else ways[0][0])
    for match in _FIELD.finditer(question.text):
        if question.is_free(*match.span()):
            question.put(*match.span(), ValuePart(match.group(), _FACETS[match["name"].lower()], match["value"]))
    for match in _FILES.finditer(question.text):
        group = next(name for name in ("kind", "upper", "named") if match[name])
        question.take(*match.span())
        question.put(*match.span(group), TextPart(match[group]))
    for match in _TIME_SERIES.finditer(question.text):
        question.put(*match.span(), TextPart(match.group()))
    for match in _IN_SOURCE.finditer(question.text):
        facet = _FACETS[(match["facet"] or "source").lower()]
        name = match["after"] or match["from"]
        named = [ValuePart(match.group(), facet, one) for one in (name, name.lower())]
        counts = known.count([Query("", (part,)) for part in named])
        found = next((part for part, count in zip(named, counts, strict=True) if count), None)
        if found is not None and question.is_free(*match.span()):
            question.put(*match.span(), found)
    for match in _OF_SOURCE.finditer(question.text):
        named = [ValuePart(match.group(), Facet.SOURCE, name) for name in (match["name"], match["name"].lower())]
        counts = known.count([Query("", (part,)) for part in named])
        source = next((part for part, count in zip(named, counts, strict=True) if count), None)
        if source is not None and question.is_free(*match.span()):
            end = match.end("name") if match["kept"] else match.end()
            question.put(match.start(), end, replace(source, text=question.text[match.start() : end]))


def _spdx(name: str) -> Iterator[str]:
    """How records write a licence by its SPDX identifier; see https://spdx.org/licenses/."""
    for one in dict.fromkeys((name, name.upper(), name.capitalize())):
        address = f"https://spdx.org/licenses/{one}"
        yield from (one, address, f"{address}.html")
        yield from (f"https://opensource.org/licenses/{one}", f"https://opensource.org/license/{one.lower()}")


def _spellings(kind: str, version: str | None) -> Iterator[str]:
    """How records write a licence of Creative Commons: by its SPDX identifier or its address; see https://spdx.org/licenses/."""
    for number in (version,) if version else _VERSIONS:
        name = f"cc-{kind}-{number}" if kind != "0" else "cc0-1.0"
        path = f"licenses/{kind}/{number}" if kind != "0" else "publicdomain/zero/1.0"
        yield from (
            name.upper(),
            name,
            f"https://spdx.org/licenses/{name.upper()}",
            f"https://spdx.org/licenses/{name.upper()}.html",
        )
        yield from (f"https://creativecommons.org/{path}/", f"https://creativecommons.org/{path}")
    if not version:
        yield f"http://opendefinition.org/licenses/cc-{kind}/"
