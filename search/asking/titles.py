"""Titles inside a question: what has no model is called by its title, *which salt is dissolved in LF100*."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from search.asking.phrases import SORT
from search.asking.thing import Thing
from search.asking.things import Things

MAX_WORDS: Final = 20
"""Most words of a title."""
MAX_TRIED: Final = 50
"""Most stretches of a question that are tried."""
_WORD: Final = re.compile(r"\S+")
_BEFORE: Final = frozenset(
    """
    a about an and applied applies are between by contain contains cover covers did do does for from governs had has have in
    inside into is of on or than that the to under up versus vs was were with within
    """.split()  # noqa: SIM905 - a list of words reads better than quoted ones
)
"""Words after which a title can begin."""
_AFTER: Final = frozenset(
    """
    along alongside and apart are as at beside besides by come comes compare compared compares consist consists contain
    contains created dated did differ differs do does done except for from had has have hold holds in include includes is
    licensed made make makes measured next of on or other performed published recorded released relies rely supplied than that
    to under uploaded use used uses versus vs was weigh weighs were with written
    """.split()  # noqa: SIM905
)
"""Words before which a title can end."""
_ACCORDING: Final = re.compile(r"\s+(?:according to|as per|as given by|as listed (?:in|by))(?: the)?\s+", re.IGNORECASE)
_RECORD: Final = re.compile(
    rf"{_ACCORDING.pattern}|\b(?:record|document|data ?set|data|parameter set|(?:test )?protocol|test|schema)\Z", re.IGNORECASE
)
"""What is said to be a record, and not what it is of."""
_ARTICLES: Final = frozenset(("a", "an", "the", "both", "this", "each"))
_ENDS: Final = " ?!.,;:"


def titles_in(finder: Things, text: str) -> list[Thing]:
    """The things whose titles stand in the question as a whole, between words that belong to no title: the longest first.

    Args:
        finder: Tells what has a title.
        text: The question.
    """
    found: list[Thing] = []
    for start, end in islice(_stretches(text), MAX_TRIED):
        if any(start < one.end and one.start < end for one in found):
            continue
        thing = titled(finder, text[start:end])
        if thing is not None:
            found.append(Thing(start, end, thing.text, thing.label, thing.parts, thing.records))
    return sorted(found, key=lambda one: one.start)


def titled(finder: Things, text: str) -> Thing | None:
    """The thing of this title, with or without what it is said to be: *the LP30 electrolyte*.

    Of what is said to be a record, a part of the title is enough: *the MJ1 GITT dataset*, *silicon according to the anchors*.
    """
    name = text.strip(_ENDS)
    bare = SORT.sub("", _ACCORDING.sub(" ", name))
    if not any(map(finder.is_mentioned, {name, bare})):
        return None
    found = finder.titled(name) or (finder.titled(bare) if bare != name else None)
    return found or (finder.partly_titled(name) or finder.partly_titled(bare) if _RECORD.search(name) else None)


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Where titles can stand, the longest first."""
    words = list(_WORD.finditer(text))
    plain = [word.group().lower().strip(_ENDS) for word in words]
    firsts = [n for n, word in enumerate(plain) if word not in _ARTICLES and (n == 0 or _is_break(words[n - 1].group(), _BEFORE))]
    lasts = [n for n in range(len(words)) if n + 1 == len(words) or words[n].group()[-1] in "?!,;" or plain[n + 1] in _AFTER]
    spans = [(first, last) for first in firsts for last in lasts if 0 <= last - first < MAX_WORDS]
    for first, last in sorted(spans, key=lambda one: (one[0] - one[1], one[0])):
        start, end = words[first].start(), words[last].start() + len(words[last].group().rstrip(_ENDS))
        if start < end and not {*plain[first : last + 1]} <= _BEFORE | _AFTER:
            yield start, end


def _is_break(word: str, links: frozenset[str]) -> bool:
    return word[-1] in ":,;?" or word.lower() in links
