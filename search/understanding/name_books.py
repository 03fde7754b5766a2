"""The names of one kind that readable records have, so that one is found by a part of it, another spelling or a typing error."""

from __future__ import annotations

import re
import tomllib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import chain
from typing import Final

from rapidfuzz.distance import OSA

from records.record import EntityKind
from search.index import Named
from search.names import fold_name

MAX_SPELLINGS: Final = 200
"""Most names that one part matches."""
MAKERS: Final = (EntityKind.MANUFACTURER, EntityKind.SUPPLIER)
_SHORTEST_CALLED: Final = 3
"""Letters of a short form of a given name: *Greg Offer*, *Tom*."""
_JOINT: Final = re.compile(r"[_/|]")
"""Between two firms under one name."""
_TELLING_DIGITS: Final = 6
"""Digits of the beginning of a model's name that tell it: a size has five."""
_LONG_SLIP: Final = 5
"""Letters of a word with a typing error beside another word of the same name."""
_RUNS: Final = re.compile(r"\d+|[^\W\d_]+")
_LONG_MAKER: Final = 7
"""Letters of a maker's name of which another one with a letter less is a spelling."""


@lru_cache(maxsize=1)
def maker_names() -> Mapping[str, tuple[str, ...]]:
    """Other names of makers, folded -> how their names in records begin (``maker_names.toml``)."""
    content = tomllib.loads(files(__package__).joinpath("maker_names.toml").read_text(encoding="utf-8"))
    return {said: tuple(names) for said, names in content.items()}


def is_code(text: str) -> bool:
    """Whether letters and digits stand together, as in a model."""
    return any(letter.isdigit() for letter in text) and any(letter.isalpha() for letter in text)


def _agree(given: Sequence[str], others: Sequence[str]) -> bool:
    """Whether given names can be those of one person: each the same, or the initial or a short form of the other."""
    return bool(given and others) and all(map(_are_alike, given, others))


def _are_alike(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and (len(shorter) == 1 or len(shorter) >= _SHORTEST_CALLED)


class Book:
    """The names of one kind, so that a part of one is found quickly."""

    def __init__(self, kind: EntityKind, names: Iterable[Named]) -> None:
        self._kind = kind
        self._by_word: dict[str, list[Named]] = {}
        self._squashed: dict[str, list[Named]] = {}
        self._joined: dict[str, list[Named]] = {}  # makers by the first two words in one: *EaglePicher*
        for named in names:
            self._squashed.setdefault(named.name.replace(" ", ""), []).append(named)
            words = named.name.split()
            for word in set(words):
                self._by_word.setdefault(word, []).append(named)
            if kind in MAKERS and len(words) > 1:
                self._joined.setdefault("".join(words[:2]), []).append(named)

    @staticmethod
    def of(kind: EntityKind, names: Sequence[Named]) -> Book:
        """The book of these names; kept while an index gives out the same ones again."""
        kept = _kept.get(id(names))
        if kept is None or kept[0] is not names:
            kept = _kept[id(names)] = (names, Book(kind, names))
            if len(_kept) > _MOST_KEPT:
                _kept.popitem(last=False)
        return kept[1]

    def having(self, folded: str) -> list[Named]:
        """Names that are the same but for spaces (of people also with the surname first), or of which this is a telling part."""
        squashed = folded.replace(" ", "")
        surname, _, given = folded.partition(" ")
        turned = given.replace(" ", "") + surname if self._kind is EntityKind.PERSON and given else ""
        called = self.same_person(folded) if self._kind is EntityKind.PERSON else ()
        return [
            *called,
            *self._squashed.get(squashed, ()),
            *self._joined.get(squashed, ()),
            *self._squashed.get(turned, ()),
            *(named for named in self._with_words(folded) if self._tells(folded, named)),
        ]

    def called(self, folded: str) -> list[Named]:
        """Names that are the same but for spaces."""
        return self._squashed.get(folded.replace(" ", ""), [])

    def same_person(self, name: str) -> list[Named]:
        """Other spellings of a person's name, with fewer or shorter given names: *G. J. Offer* of *Gregory Offer*."""
        *given, surname = name.split()
        return [
            named
            for named in self._by_word.get(surname, ())
            if named.name != name and named.name.endswith(f" {surname}") and _agree(given, named.name.split()[:-1])
        ]

    def misspelt(self, name: str) -> list[Named]:
        """Other spellings of a name, with a letter more or less: records of one maker have *Yinlong* and *Yinglong*."""
        squashed = name.replace(" ", "")
        alike = (
            one
            for one in self._squashed
            if abs(len(one) - len(squashed)) == 1 and max(len(one), len(squashed)) >= _LONG_MAKER and one[0] == squashed[0]
        )
        return [named for one in alike if OSA.distance(one, squashed, score_cutoff=1) == 1 for named in self._squashed[one]]

    def ending(self, part: str, *, after_size: bool) -> list[Named]:
        """Names that end so, perhaps only those with a size before it: *VTC6* of *US18650VTC6*."""
        sized = re.compile(rf".*\d{{5}}{re.escape(part)}") if after_size and part[0].isalpha() else None
        if after_size and sized is None:
            return []
        ending = (name for name in self._squashed if name.endswith(part) and (sized is None or sized.fullmatch(name)))
        return [named for name in ending for named in self._squashed[name]]

    def beginning(self, part: str) -> list[Named]:
        """Names that begin so, where it is more than a size: *SPB58253172* of *SPB 58253172P4*."""
        if sum(letter.isdigit() for letter in part) < _TELLING_DIGITS:
            return []
        squashed = part.replace(" ", "")
        return [named for name, found in self._squashed.items() if name.startswith(squashed) for named in found]

    def begun(self, letters: str) -> list[Named]:
        """Names that begin with these letters: NCR18650B with *NCR*."""
        begun = fold_name(letters).replace(" ", "")
        return [named for name, found in self._squashed.items() if name.startswith(begun) for named in found]

    def of_series(self, called: str) -> list[Named]:
        """Names that belong to a series: LF280K to *LF280*, CA100 to *CA*, CAM72 not.

        Names are read as runs of letters and of digits (*US18650VTC6*: US, 18650, VTC, 6). Those of the series stand in them side
        by side, the last digits perhaps with more after them.
        """
        wanted = _RUNS.findall(fold_name(called))
        return [named for runs, named in self._by_run.get(wanted[0], ()) if _has_runs(wanted, runs)] if wanted else []

    @cached_property
    def _by_run(self) -> Mapping[str, Sequence[tuple[list[str], Named]]]:
        """Each run -> the names with it, with all their runs."""
        found: dict[str, list[tuple[list[str], Named]]] = {}
        for named in chain.from_iterable(self._squashed.values()):
            runs = _RUNS.findall(named.name)
            for run in dict.fromkeys(runs):
                found.setdefault(run, []).append((runs, named))
        return found

    def near(self, written: str, most: int) -> list[tuple[int, Named]]:
        """Names that are, or (of makers) begin with, or (of people) have a word at most so many typing errors away."""
        found = []
        is_whole = " " in written  # joined by a hyphen: Thunder-Skye
        written = written.replace(" ", "")
        for word, names in chain((self._squashed if is_whole else self._by_word).items(), self._joined.items()):
            if abs(len(word) - len(written)) > most or word[0] != written[0]:
                continue
            distance = OSA.distance(word, written, score_cutoff=most)
            if distance <= most:
                told = (named for named in names if is_whole or word in self._joined or self._tells(word, named))
                found += [(distance, named) for named in told if self._forgives(distance)]
        return found

    def near_pair(self, first: str, second: str) -> list[tuple[str, Named]]:
        """Names that begin with two words of which one is right and the other one a typing error away; with that one."""
        found = []
        for right, written, place in ((first, second, 1), (second, first, 0)):
            if len(written) < _LONG_SLIP:
                continue
            for named in self._by_word.get(right, ()):
                words = named.name.split()[:2]
                is_there = len(words) > 1 and words[1 - place] == right and words[place][0] == written[0]
                if is_there and OSA.distance(words[place], written, score_cutoff=1) == 1:
                    found.append((written, named))
        return found

    def _forgives(self, distance: int) -> bool:
        """Whether part of a name may be this far off: the bare beginning of a maker's name is often a plain word (*Advanced*)."""
        return distance > 0 or self._kind is EntityKind.PERSON

    def _with_words(self, folded: str) -> list[Named]:
        words = folded.split()
        return self._by_word.get(max(words, key=len), []) if words else []

    def _tells(self, part: str, named: Named) -> bool:
        name = named.name
        match self._kind:
            case EntityKind.MODEL:
                return is_code(part) and len(part) > 2 and f" {part} " in f" {name} "
            case EntityKind.PERSON:
                return len(part) > 2 and name.endswith(f" {part}") and not name.startswith("http")
            case EntityKind.INSTRUMENT:
                return len(part) > 2 and f" {part} " in f" {name} "
            case _:  # two firms may be written as one: BMZ_Sony
                joint = (fold_name(one) for one in _JOINT.split(named.label)[1:])
                return len(part) > 1 and any(f"{one} ".startswith(f"{part} ") for one in (name, *joint))


def _has_runs(wanted: Sequence[str], runs: Sequence[str]) -> bool:
    """Whether these runs stand side by side; a single letter stands before digits, at the beginning or after the size.

    >>> _has_runs(["lf", "280"], ["lf", "280", "k"]), _has_runs(["e"], ["inr", "21700", "50", "e"])
    (True, False)
    """
    last, size = wanted[-1], len(wanted)
    for at in range(len(runs) - size + 1):
        end = runs[at + size - 1]
        is_last = end == last or (size > 1 and last.isdigit() and end.startswith(last))
        if runs[at : at + size - 1] != wanted[:-1] or not is_last:
            continue
        is_single = size == 1 and len(last) == 1
        if not is_single or (runs[at + 1 : at + 2] and runs[at + 1].isdigit() and (not at or runs[at - 1].isdigit())):
            return True
    return False


_MOST_KEPT: Final = 32
_kept: OrderedDict[int, tuple[Sequence[Named], Book]] = OrderedDict()
"""Books by the identity of their names, which they hold, so that no other names can come to have it."""
