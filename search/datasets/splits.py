"""Splits of a table into parts without leakage: all rows of one group are in one part."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from typing import Final, Generic, TypeVar

from records.errors import BodyError

MAX_PARTS: Final = 10
"""Most parts of one split."""

MAX_PART_NAME: Final = 40
"""Longest name of a part."""

UNGROUPED: Final = "ungrouped"
"""The part of rows that no group holds: they may be of any group, so they are in none of the parts that were asked for."""

TRIALS: Final = 16
"""Orders of the groups that are tried."""

CLOSE: Final = 0.01
"""A split that misses no fraction by more than this is good enough."""

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a split.

    Args:
        name: Of its file.
        fraction: Of the grouped rows, as asked for.
        rows: Rows in it.
        groups: Groups in it.
    """

    name: str
    fraction: float
    rows: int
    groups: int


@dataclass(frozen=True, slots=True)
class Split:
    """Which group is in which part.

    Args:
        part_of: Part of each group.
        parts: The parts, in the order asked for.
    """

    part_of: Mapping[str, str]
    parts: tuple[Part, ...]


def check_fractions(fractions: Mapping[str, float]) -> None:
    """Refuse what is no split.

    Raises:
        BodyError: Says what is wrong and what is allowed.

    >>> check_fractions({"train": 0.8, "test": 0.3})
    Traceback (most recent call last):
    records.errors.BodyError: The fractions of the split add up to 1.1. They must add up to 1.
    """
    if not 2 <= len(fractions) <= MAX_PARTS:
        raise BodyError(f"A split has {len(fractions)} parts.", f"Name 2 to {MAX_PARTS} parts, such as train and test.")
    for name, fraction in fractions.items():
        if not (0 < len(name) <= MAX_PART_NAME and name.isascii() and name.replace("-", "").isalnum() and name != UNGROUPED):
            raise BodyError(
                f"{name!r} is no name of a part.", f"Use up to {MAX_PART_NAME} letters, digits and hyphens, and not '{UNGROUPED}'."
            )
        if not isfinite(fraction) or not 0 < fraction < 1:
            raise BodyError(f"The fraction of the part {name!r} is {fraction}.", "A fraction is more than 0 and less than 1.")
    if abs(sum(fractions.values()) - 1) > 1e-6:
        raise BodyError(f"The fractions of the split add up to {sum(fractions.values()):g}.", "They must add up to 1.")


def split_groups(sizes: Mapping[str, int], fractions: Mapping[str, float], seed: int) -> Split:
    """Put whole groups into parts, so that each part has its fraction of the rows as well as the groups allow.

    Large groups come first, those of about the same size in an order that the seed decides; each goes to the part that lacks most.
    Where that misses a fraction by more than `CLOSE`, the best of several orders is taken. The order in which groups are given does
    not matter.

    Args:
        sizes: Rows of each group.
        fractions: Fraction of each part.
        seed: Another seed gives another split.

    Raises:
        BodyError: The fractions are no split.

    >>> split = split_groups({"cell 1": 50, "cell 2": 30, "cell 3": 20}, {"train": 0.8, "test": 0.2}, seed=1)
    >>> [(part.name, part.rows, part.groups) for part in split.parts]
    [('train', 80, 2), ('test', 20, 1)]
    """
    check_fractions(fractions)
    total = sum(sizes.values())
    best, best_part_of = float("inf"), dict[str, str]()
    for order in _orders(sizes, seed):
        missing = {name: fraction * total for name, fraction in fractions.items()}
        part_of = {}
        for group in order:
            part = max(missing, key=lambda name: missing[name])
            part_of[group] = part
            missing[part] -= sizes[group]
        worst = max(map(abs, missing.values()))
        if worst < best:
            best, best_part_of = worst, part_of
        if worst <= CLOSE * total:
            break
    rows, groups = dict.fromkeys(fractions, 0), dict.fromkeys(fractions, 0)
    for group, part in best_part_of.items():
        rows[part] += sizes[group]
        groups[part] += 1
    parts = tuple(Part(name, fraction, rows[name], groups[name]) for name, fraction in fractions.items())
    return Split(best_part_of, parts)


def _orders(sizes: Mapping[str, int], seed: int) -> Iterator[list[str]]:
    """Orders in which to try; the last one leaves nothing to the seed but groups of the same size."""
    for trial in range(TRIALS):
        yield sorted(sizes, key=lambda one: (-sizes[one].bit_length(), _chance(f"{seed} {trial}", one), one))
    yield sorted(sizes, key=lambda one: (-sizes[one], _chance(f"{seed}", one), one))


def _chance(seed: str, group: str) -> bytes:
    return sha256(f"{seed}\n{group}".encode("utf-8", "surrogatepass")).digest()


class Components(Generic[_Key]):
    """Things that belong together because something links them, however many links lie between.

    >>> found = Components[str]()
    >>> found.join(["record 1", "cell A"]); found.join(["record 2", "cell A"]); found.join(["record 3"])
    >>> found.of("record 1") == found.of("record 2"), found.of("record 3")
    (True, 'record 3')
    """

    def __init__(self) -> None:
        self._parents: dict[_Key, _Key] = {}

    def join(self, things: Iterable[_Key]) -> None:
        """Say that these belong together."""
        roots = list(dict.fromkeys(self.of(thing) for thing in things))
        for root in roots[1:]:
            self._parents[root] = roots[0]

    def of(self, thing: _Key) -> _Key:
        """One of those that belong together with this one, the same for all of them."""
        parent = self._parents.setdefault(thing, thing)
        while parent != thing:
            grandparent = self._parents[parent]
            self._parents[thing] = grandparent
            thing, parent = parent, grandparent
        return thing
