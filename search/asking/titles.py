"""Titles inside a question: what has no model is called by its title, *which salt is dissolved in LF100*."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from records.record import EntityKind
from search.asking.phrases import SORT
from search.asking.thing import Thing
from search.asking.things import Things

MAX_WORDS: Final = 20
"""Most words of a title."""
ENOUGH_WORDS: Final = 4
"""Words of a title that are enough, where they are in one title alone."""
MAX_TRIED: Final = 50
"""Most stretches of a question that are tried."""
_WORD: Final = re.compile(r"\S+")
_BEFORE: Final = frozenset(
    """
    compare contrast order rank separate separates sort
    a about an and applied applies are between by can contain contains could cover covers did do does for from governs had has
    have in inside into is measured of on or recorded tested than that the to under up versus vs was were will with within
    """.split()  # noqa: SIM905 - a list of words reads better than quoted ones
)
"""Words after which a title can begin."""
_AFTER: Final = frozenset(
    """
    beat beats cost costs conduct conducts exceed exceeds last lasts melt melts operate operates outlast outlasts separate
    separates work works
    along alongside and apart are as at beside besides better by carried come comes compare compared compares conducted consist
    consists contain contains created dated deliver delivers denser did differ differs do does done except executed for from
    give gives had has have heavier higher hold holds in include includes is less licensed lighter longer lower made make makes
    measured more narrower next of offer offers on or other performed provide provides published reach reaches recorded released
    relies rely run runs shorter side store stores supplied taller than that the thicker thinner to under uploaded use used uses
    versus vs was weigh weighs were wider with written
    """.split()  # noqa: SIM905
)
"""Words before which a title can end."""
_ACCORDING: Final = re.compile(r"\s+(?:according to|as per|as given by|as listed (?:in|by))(?: the)?\s+", re.IGNORECASE)
_RECORD: Final = re.compile(
    rf"{_ACCORDING.pattern}|\b(?:record|document|data ?set|data|parameter set|(?:test )?protocol|test|schema)\Z", re.IGNORECASE
)
"""What is said to be a record, and not what it is of."""
_CELL: Final = re.compile(r"\s+(?:cell|battery|accumulator)\Z", re.IGNORECASE)
_OWN: Final = re.compile(r"['’]s\Z")
_ARTICLES: Final = frozenset(("a", "an", "the", "both", "this", "each"))
_ENDS: Final = " ?!.,;:"


def titles_in(finder: Things, text: str, measured: Callable[[str], int], *, in_part: bool = False) -> list[Thing]:
    """The things whose titles stand in the question as a whole, between words that belong to no title: the longest first.

    Args:
        finder: Tells what has a title.
        text: The question.
        measured: How many characters at the beginning of a text name a quantity.
        in_part: Whether many words of a title are enough, if they are in one title alone.
    """
    found: list[Thing] = []
    for start, end in islice(_stretches(text, measured), MAX_TRIED):
        if any(start < one.end and one.start < end for one in found):
            continue
        thing = _titled_in_part(finder, text[start:end]) if in_part else titled(finder, text[start:end])
        if thing is not None:
            found.append(Thing(start, end, thing.text, thing.label, thing.parts, thing.records))
    return sorted(found, key=lambda one: one.start)


def titled(finder: Things, text: str) -> Thing | None:
    """The thing of this title, with or without what it is said to be: *the LP30 electrolyte*.

    Of what is said to be a record, a part of the title is enough: *the MJ1 GITT dataset*, *silicon according to the anchors*.
    """
    name = text.strip(_ENDS)
    bare = SORT.sub("", _ACCORDING.sub(" ", name))
    if not any(map(finder.is_mentioned, {name, bare, _CELL.sub("", name)})):
        return None
    found = finder.titled(name) or (finder.titled(bare) if bare != name else None) or _cell_titled(finder, name)
    return found or (finder.partly_titled(name) or finder.partly_titled(bare) if _RECORD.search(name) else None)


def _cell_titled(finder: Things, name: str) -> Thing | None:
    """What is called so and is a product: *the Northvolt Lingonberry cell*; an *LFP cell* is no LFP."""
    bare = _CELL.sub("", name)
    found = finder.titled(bare) if bare != name else None
    has_model = found is not None and any(any(one.kind is EntityKind.MODEL for one in each.entities) for each in found.records)
    return found if has_model else None


def _titled_in_part(finder: Things, text: str) -> Thing | None:
    """*Organic lithium manganese dioxide cell*, whose title says *electrochemical cell*."""
    name = text.strip(_ENDS)
    found = finder.partly_titled(name) if len(name.split()) >= ENOUGH_WORDS else None
    return found if found is not None and len({record.title for record in found.records}) == 1 else None


def _stretches(text: str, measured: Callable[[str], int]) -> Iterator[tuple[int, int]]:
    """Where titles can stand, the longest first: between other words, or beside the name of a quantity (*alumina density*)."""
    words = list(_WORD.finditer(text))
    plain = [word.group().lower().strip(_ENDS) for word in words]
    owns = [len(found.group()) if (found := _OWN.search(word.group())) else 0 for word in words]
    lengths = [measured(text[word.start() :]) for word in words]
    behind = {word.start() + length for word, length in zip(words, lengths, strict=True) if length}
    firsts = [
        n
        for n, word in enumerate(plain)
        if word not in _ARTICLES and (n == 0 or words[n - 1].end() in behind or _is_break(words[n - 1].group(), _BEFORE))
    ]
    lasts = [
        n
        for n in range(len(words))
        if n + 1 == len(words)
        or lengths[n + 1]
        or owns[n]
        or words[n].group()[-1] in "?!,;:"
        or words[n + 1].group()[0] == "("
        or plain[n + 1] in _AFTER
    ]
    spans = [(first, last) for first in firsts for last in lasts if 0 <= last - first < MAX_WORDS]
    for first, last in sorted(spans, key=lambda one: (one[0] - one[1], one[0])):
        start, end = words[first].start(), words[last].start() + len(words[last].group().rstrip(_ENDS)) - owns[last]
        if start < end and not {*plain[first : last + 1]} <= _BEFORE | _AFTER:
            yield start, end


def _is_break(word: str, links: frozenset[str]) -> bool:
    return word[-1] in ":,;?" or word.lower() in links
