"""Whether a question finds the same when it is said otherwise: prints a Markdown table for RESULTS.md.

    python -m benchmarks.relevance.variants ../shared/data [--half tune|held] [--every N] [--home DIR] [--show]

Each question is asked as it is, then with polite words around it, in other letters, spellings, units and words of comparison that
mean the same. That needs no right answers: what differs is a fault. ``--show`` lists what differs, of the half *tune* alone.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from app.bootstrap import Services
from benchmarks.relevance.__main__ import HALVES, HERE, harvested
from benchmarks.relevance.truth import read_questions
from records.rights import PUBLIC
from search.service import MAX_LIMIT, search

Said = Callable[[str], str]


def _instead(*pairs: tuple[str, str]) -> Said:
    """Whole words in place of others."""

    def said(text: str) -> str:
        for one, other in pairs:
            text = re.sub(rf"(?<![\w-]){one}(?![\w-])", other, text)
        return text

    return said


def _small(text: str) -> str:
    """In small letters, but what has its meaning from its letters: units, formulae, codes, abbreviations."""
    kept = re.compile(r"\d|^\W*[^\W\d_]{1,3}\W*$|[A-Z].*[A-Z]|[^\x00-\x7f]|[/·]")
    return " ".join(word if kept.search(word) else word.lower() for word in text.split())


_UNITS: Final = r"(?:Ah|mAh|Wh|V|kg|g|mm|A|mOhm|µm|°C)"
_HYPHENED: Final = (
    ("lithium", "ion"),
    ("solid", "state"),
    *((one, noun) for one in ("pouch", "coin", "full", "half") for noun in ("cell", "cells")),
)
_SMALL: Final = "((?:milli|centi|micro|nano|kilo)?)"
_AFTER: Final = "(?<=with )|(?<=from )|(?<=by )|(?<=of )|(?<=in )|(?<=for )|(?<=about )|(?<=on )"
_WORD: Final = r"([A-Za-z][\w-]*)"
_MAKERS: Final = "Kokam|Saft|Samsung|Panasonic|EVE|LG|A123|Molicel|Murata|CATL|CALB|Sony|Lishen|Headway|Varta"
VARIANTS: Final[Mapping[str, Said]] = {
    "please show me …": lambda text: f"please show me {text}",
    "I am looking for …": lambda text: f"I am looking for {text}",
    "all records about …": lambda text: f"all records about {text}",
    "do we have …?": lambda text: f"do we have {text.rstrip('?.')}?",
    "… in the archive": lambda text: f"{text.rstrip('?.')} in the archive",
    "with a full stop": lambda text: f"{text.rstrip('?.')}.",
    "I need …": lambda text: f"I need {text}",
    "looking for …": lambda text: f"looking for {text}",
    "search: …": lambda text: f"search: {text}",
    "any …?": lambda text: f"any {text.rstrip('?.')}?",
    "small letters": _small,
    "a capital letter first": lambda text: f"{text[:1].upper()}{text[1:]}",
    "without a hyphen": lambda text: re.sub(r"(?<![\w-])([a-z]{3,})-(?=[a-z]{2,}(?![\w-]))", r"\1 ", text),
    "with a hyphen": _instead(*((f"{one} {other}", f"{one}-{other}") for one, other in _HYPHENED)),
    "one for several": _instead(
        ("cells(?! (?:and|or|are|have|can|from))", "cell"), ("datasets", "dataset"), ("electrolytes", "electrolyte")
    ),
    "several for one": _instead(("(?<!half )(?<!fuel )cell(?= (?:with|from|above|below|over|under|made|by)(?![\\w-]))", "cells")),
    "data set for dataset": _instead(("datasets", "data sets"), ("dataset", "data set")),
    "B or A": lambda text: re.sub(rf"(?:{_AFTER}){_WORD} or {_WORD}\Z", r"\2 or \1", text),
    "B and A": lambda text: re.sub(rf"(?:{_AFTER}){_WORD} and {_WORD}\Z", r"\2 and \1", text),
    "cells by Kokam": lambda text: re.sub(rf"\A({_MAKERS}) (\w+ )?cells", r"\2cells by \1", text),
    "Kokam cells": lambda text: re.sub(rf"\A(\w+ )?cells (?:by|from) ({_MAKERS})(?![\w-]| (?:and|or) )", r"\2 \1cells", text),
    "& for and": lambda text: re.sub(r"(?<=[a-zA-Z]) and (?=[a-zA-Z])", " & ", text),
    "American for British": _instead(
        *(("ageing", "aging"), ("fibre", "fiber"), ("aluminium", "aluminum"), ("sulphuric", "sulfuric"), ("licence", "license")),
        *((rf"(\w{{4,}})is({end})", r"\1iz\2") for end in ("ation", "ations", "ed", "ing")),
        (rf"{_SMALL}(met|lit)re(s?)", r"\1\2er\3"),
        ("behaviour", "behavior"),
    ),
    "British for American": _instead(
        *(("aging", "ageing"), ("fiber", "fibre"), ("aluminum", "aluminium"), ("sulfuric", "sulphuric"), ("license", "licence")),
        *((rf"(\w{{4,}})iz({end})", r"\1is\2") for end in ("ation", "ations", "ed", "ing")),
        (rf"{_SMALL}(met|lit)er(s?)", r"\1\2re\3"),
        ("behavior", "behaviour"),
    ),
    "5Ah for 5 Ah": lambda text: re.sub(rf"(\d) ({_UNITS})(?![\w/])", r"\1\2", text),
    "5 Ah for 5Ah": lambda text: re.sub(rf"(\d)({_UNITS})(?![\w/-])", r"\1 \2", text),
    "over for above": _instead(("above", "over"), ("more than", "over")),
    "under for below": _instead(("below", "under"), ("(?<!no )less than", "under")),
    "> and < for words": _instead(("(?:above|over|more than)(?= \\d)", ">"), ("(?:below|under|(?<!no )less than)(?= \\d)", "<")),
    "at least for ≥": lambda text: re.sub(r"(?:≥|>=) ?(?=\d)", "at least ", re.sub(r"(?:≤|<=) ?(?=\d)", "at most ", text)),
    "≥ for at least": lambda text: re.sub(r"at least (?=\d)", "≥ ", re.sub(r"at most (?=\d)", "≤ ", text)),
    "from A to B": _instead((r"between (\d[\d.]*) and (\d)", r"from \1 to \2")),
    "between A and B": _instead((r"from (\d[\d.]*) to (\d)", r"between \1 and \2")),
    "amp hours for Ah": lambda text: re.sub(r"(?<=\d )Ah(?![\w/])", "amp hours", text),
    "grams for g": lambda text: re.sub(r"(?<=\d )g(?![\w/])", "grams", text),
    "a decimal comma": lambda text: re.sub(r"(?<![\w.-])(\d)\.(\d)(?= ?[A-Za-z])", r"\1,\2", text),
    "degC for °C": lambda text: text.replace("°C", "degC"),
    "battery for cell": _instead(("(?<!half )(?<!fuel )cells", "batteries"), ("(?<!half )(?<!fuel )cell", "battery")),
    "w/ for with": _instead(("with", "w/"), ("without", "w/o")),
    "that have for with": _instead(("cells with", "cells that have"), ("cell with", "cell that has")),
    "a comma before and": lambda text: re.sub(r"(, \S+) and (?=\S+$)", r"\1, and ", text),
}
"""Other ways to say the same; a question that one leaves as it is does not count for it."""


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the data pack")
    parser.add_argument("--half", choices=tuple(HALVES), default="tune")
    parser.add_argument("--every", type=int, default=1, help="ask every Nth question alone")
    parser.add_argument("--home", type=Path, help="harvest into this directory and keep it")
    parser.add_argument("--show", action="store_true", help="list what differs, of the half tune")
    options = parser.parse_args()
    if options.show and options.half != "tune":
        parser.error("--show is for the half tune: the held half is not to be known (README.md)")
    questions = read_questions(HERE / HALVES[options.half][0])[:: options.every]
    with tempfile.TemporaryDirectory() as folder:
        services = harvested(options.home or Path(folder) / "home", options.data)
        plain = {question.text: _found(services, question.text) for question in questions}
        print(f"\n{len(plain)} questions\n\n| said otherwise | questions | the same found |\n|---|---:|---:|")
        for name, said in VARIANTS.items():
            asked = {text: other for text in plain if (other := said(text)) != text}
            differ = {text: found for text, other in asked.items() if (found := _found(services, other)) != plain[text]}
            if asked:
                print(f"| {name} | {len(asked)} | {1 - len(differ) / len(asked):.1%} |", flush=True)
            for text, (total, _) in differ.items() if options.show else ():
                print(f"    {text} => {asked[text]}: {plain[text][0]} before, {total} now")


def _found(services: Services, text: str) -> tuple[int, frozenset[str]]:
    """How many records are found, and the first of them."""
    answer = search(services.search, text, PUBLIC, limit=MAX_LIMIT)
    return answer.total, frozenset(hit.record for hit in answer.hits)


if __name__ == "__main__":
    main()
