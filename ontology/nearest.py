"""Which of the names that would do was meant by one that does not: the slips of people who type terms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA, Indel
from rapidfuzz.process import extract

from records.issues import Certainty

MAX_NEAR: Final = 3
"""Most names that `nearest` gives."""
MAX_NAME: Final = 100
"""Longest text that is compared, in characters."""

_SEPARATORS: Final = re.compile(r"[\s_\-.]+")
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_MANY: Final = 12
_MAX_CACHED: Final = 32_768


class Entry(NamedTuple):
    """A text by which one may be meant: a name itself, or another label of what it names.

    Args:
        text: The text.
        name: The name to write.
        meaning: IRI of what is named: two names of one thing are no rivals.
    """

    text: str
    name: str
    meaning: str


class Near(NamedTuple):
    """A name that may be meant, and how sure that is."""

    name: str
    certainty: Certainty


class Names:
    """Names to choose among, prepared once for many questions.

    Args:
        entries: Their texts, in order of preference among equals.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_letters: dict[str, list[Entry]] = {}
        for entry in entries:
            letters = _letters(entry.text)
            if letters in self._by_letters:
                self._by_letters[letters].append(entry)
            else:
                self._by_letters[letters] = [entry]

    @cached_property
    def _all_letters(self) -> list[str]:
        return list(self._by_letters)

    @cached_property
    def _by_words(self) -> dict[frozenset[str], list[Entry]]:
        found: dict[frozenset[str], list[Entry]] = {}
        for entries in self._by_letters.values():
            for entry in entries:
                if entry.text == entry.name:
                    found.setdefault(_words(entry.text), []).append(entry)
        return found

    def spelt(self, letters: str) -> list[Entry]:
        """Those of these very letters, whatever their case and what stands between them."""
        known = self._by_letters.get(letters, [])
        # A name is not doubtful because it is also a label of something else.
        return [entry for entry in known if entry.text == entry.name] or known

    def slipped(self, letters: str, most: int) -> list[tuple[int, Entry]]:
        """Those at most so many slips away, with the number of slips."""
        near = extract(letters, self._all_letters, scorer=OSA.distance, score_cutoff=most, limit=_MANY)
        return [(int(distance), entry) for text, distance, _ in near for entry in self.spelt(text)]

    def worded(self, words: frozenset[str]) -> list[tuple[int, Entry]]:
        """Those of the same words in another order, and those with one word more or less, with the number of these."""
        fewer, more = {words - {word} for word in words}, len(words) + 1
        return [
            (0 if own == words else 1, entry)
            for own, entries in self._by_words.items()
            if own in fewer or (words <= own and len(own) <= more)
            for entry in entries
        ]


def nearest(written: str, pools: Sequence[Names], *, stem: str = "", least: int = 4) -> tuple[Near, ...]:
    """The names that may be meant, best first, at most `MAX_NEAR`.

    Certain is what differs in case, spaces, hyphens and underscores alone, and what is the only one within a slip or two of a word
    long enough. A slip is a letter left out, added or mistaken, or two that changed places.

    Args:
        written: What somebody wrote.
        pools: Names to choose among.
        stem: Letters that names of this kind begin with and that people forget, such as ``has``.
        least: Fewest letters of which a slip is looked for.

    >>> names = Names(Entry(name, name, name) for name in ("hasProperty", "hasPart", "RatedCapacity", "NominalCapacity"))
    >>> nearest("hasProperety", [names])
    (Near(name='hasProperty', certainty=<Certainty.CERTAIN: 'certain'>),)
    >>> [nearest(text, [names], stem="has")[0].name for text in ("rated capacity", "CapacityRated", "property", "hasPrat")]
    ['RatedCapacity', 'RatedCapacity', 'hasProperty', 'hasPart']
    """
    letters = _letters(written) if len(written) <= MAX_NAME else ""
    if not letters:
        return ()
    spelt = [entry for pool in pools for entry in pool.spelt(letters)]
    if spelt:
        return _ranked([(0, entry) for entry in spelt], written, Certainty.CERTAIN)
    for variants, certainty in (
        ((f"{letters}s", letters.removesuffix("s")), Certainty.CERTAIN if len(letters) > least else Certainty.LIKELY),
        ((stem + letters, letters.removeprefix(stem)), Certainty.LIKELY),
    ):
        related = [entry for variant in variants if variant != letters for pool in pools for entry in pool.spelt(variant)]
        if related:
            return _ranked([(1, entry) for entry in related], written, certainty)
    if len(letters) < least:
        return ()
    most = 1 if len(letters) < 6 else 3 if len(letters) > 11 else 2
    slipped = [found for pool in pools for found in pool.slipped(letters, most)]
    if slipped:
        return _ranked(slipped, written, _certainty(slipped, letters))
    slipped = [found for pool in pools for found in pool.slipped(stem + letters, most)] if stem else []
    if slipped:
        return _ranked(slipped, written, Certainty.POSSIBLE)
    words = _WORDS.findall(written)
    if not words:
        return ()
    worded = [found for pool in pools for found in pool.worded(_words(written))]
    # The last word of a name says what it is: a RatedCapacityTest is no RatedCapacity.
    worded = [(more, entry) for more, entry in worded if not more or _WORDS.findall(entry.text)[-1:] == words[-1:]]
    return _ranked(worded, written, Certainty.LIKELY if all(more == 0 for more, _ in worded) else Certainty.POSSIBLE)


def _certainty(slipped: Sequence[tuple[int, Entry]], letters: str) -> Certainty:
    """Certain where the nearest is so near, and the next so far, that no other can be meant."""
    slips = min(count for count, _ in slipped)
    meant = {entry.meaning for count, entry in slipped if count == slips}
    if slips > (2 if len(letters) > 9 else 1):
        return Certainty.POSSIBLE
    is_alone = len(meant) == 1 and all(count > 2 * slips - 1 for count, entry in slipped if entry.meaning not in meant)
    return Certainty.CERTAIN if is_alone else Certainty.LIKELY


def _ranked(found: Iterable[tuple[int, Entry]], written: str, certainty: Certainty) -> tuple[Near, ...]:
    """One name for each meaning, best first; the first has the certainty that it deserves beside the others."""
    best: dict[str, tuple[int, Entry]] = {}
    for slips, entry in sorted(found, key=lambda item: _distance(item[0], item[1], written)):
        best.setdefault(entry.meaning, (slips, entry))
    ranked = [found for found in best.values() if found[0] <= next(iter(best.values()))[0] + 1]
    if len(ranked) > 1 and _rank(ranked[0]) == _rank(ranked[1]):
        certainty = Certainty.POSSIBLE
    names = dict.fromkeys(entry.name for _, entry in ranked)
    return tuple(Near(name, certainty if place == 0 else Certainty.POSSIBLE) for place, name in enumerate(list(names)[:MAX_NEAR]))


def _rank(found: tuple[int, Entry]) -> tuple[int, bool]:
    return found[0], found[1].text != found[1].name


def _distance(slips: int, entry: Entry, written: str) -> tuple[int, bool, int, int, bool, int]:
    """How far a name is from what was written: slips, then labels after names, then what slips are more common."""
    text = entry.text
    return (
        slips,
        text != entry.name,
        OSA.distance(text, written),
        0 if sorted(text.lower()) == sorted(written.lower()) else Indel.distance(text.lower(), written.lower()),
        text[:1].lower() != written[:1].lower(),
        len(text),
    )


# The versions of a context have most texts in common.
@lru_cache(maxsize=_MAX_CACHED)
def _letters(text: str) -> str:
    return (text if text.isalnum() else _SEPARATORS.sub("", text)).casefold()


@lru_cache(maxsize=_MAX_CACHED)
def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORDS.findall(text))
