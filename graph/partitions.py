"""Lattice partitions: where each distinct triple stands, given who may read the graphs that hold it.

A triple may be in several record graphs. Whoever may read one of them may read the triple, so its audiences are the union of
theirs, and it stands once, in the partition named by exactly that set. A set with ``any`` in it is the set ``{any}``. A reader's
default graph is the partitions whose set meets the reader's: it holds each readable triple once, so joins and counts are right
without removing duplicates.

Nothing here knows the store: a triple is its canonical N-Triples text without the final dot.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from records.rights import ANY, PUBLIC, Audiences

RESERVED: Final = "urn:voltagraph:"
"""IRIs under this prefix name what the store needs for itself; no graph of a record may be named so."""

Holders = Counter[Audiences]
"""How many graphs hold one triple, by their audiences."""


def collapse(audiences: Audiences) -> Audiences:
    """The set that names the same readers: ``{any}`` if everyone is among them.

    >>> sorted(collapse(frozenset({"any", "bma/user:1"})))
    ['any']
    """
    return PUBLIC if ANY in audiences else audiences


def held_by(reader: Audiences) -> Audiences:
    """What a reader holds: everyone holds ``any``, but the empty set is no reader and reads nothing.

    Without it a reader of one of two graphs that share a triple could miss it because the other graph is public.

    >>> sorted(held_by(frozenset({"bma/user:1"}))), sorted(held_by(frozenset()))
    (['any', 'bma/user:1'], [])
    """
    return reader | PUBLIC if reader else reader


def meets(audiences: Audiences, reader: Audiences) -> bool:
    """Whether a reader may read what is under ``audiences``; nobody may read what is under the empty set."""
    return not audiences.isdisjoint(reader)


def readable(partitions: Mapping[str, Audiences], reader: Audiences) -> frozenset[str]:
    """Names of the partitions that a reader may read; readers with the same ones are of one kind."""
    return frozenset(iri for iri, audiences in partitions.items() if meets(audiences, reader))


def partition_iri(audiences: Audiences) -> str:
    """Name of the partition of a collapsed set.

    >>> partition_iri(frozenset({"any"}))
    'urn:voltagraph:partition:6d32f0bd458c89b7b2133cbf8bf3ed2b'
    """
    name = json.dumps(sorted(audiences), ensure_ascii=True, separators=(",", ":"))
    return f"{RESERVED}partition:{sha256(name.encode()).hexdigest()[:32]}"


def audiences_of_triple(holders: Holders) -> Audiences | None:
    """The set of the partition where a triple with these holders stands; ``None`` when no graph holds it.

    >>> holders = Counter({frozenset({"a"}): 2, frozenset({"b"}): 1})
    >>> sorted(audiences_of_triple(holders))
    ['a', 'b']
    """
    present = [audiences for audiences, count in holders.items() if count > 0]
    return collapse(frozenset().union(*present)) if present else None


@dataclass(frozen=True, slots=True)
class Move:
    """One triple leaves a partition, enters one, or both; sets name the partitions, ``None`` is no partition."""

    triple: str
    source: Audiences | None
    target: Audiences | None


@dataclass(slots=True)
class Ledger:
    """Collects what a batch of changes does to single triples, and says which of them change their partition.

    >>> ledger = Ledger()
    >>> ledger.enter("<s> <p> <o>", frozenset({"b"}))
    >>> moves = ledger.moves(lambda triple: Counter({frozenset({"a"}): 1}))
    >>> [(sorted(move.source), sorted(move.target)) for move in moves]
    [(['a'], ['a', 'b'])]
    """

    _changes: dict[str, Counter[Audiences]] = field(default_factory=dict)

    def enter(self, triple: str, audiences: Audiences) -> None:
        """A graph under these audiences now holds the triple."""
        self._change(triple)[audiences] += 1

    def leave(self, triple: str, audiences: Audiences) -> None:
        """A graph under these audiences holds the triple no more."""
        self._change(triple)[audiences] -= 1

    def changes(self) -> Iterator[tuple[str, Counter[Audiences]]]:
        """What changed: each triple with the difference in the number of its holders."""
        yield from self._changes.items()

    def moves(self, holders: Callable[[str], Holders]) -> Iterator[Move]:
        """The triples that change their partition.

        Args:
            holders: Gives the holders of a triple before the batch.
        """
        for triple, change in self._changes.items():
            before = holders(triple)
            after = Counter(before)
            after.update(change)
            source, target = audiences_of_triple(before), audiences_of_triple(after)
            if source != target:
                yield Move(triple, source, target)

    def _change(self, triple: str) -> Counter[Audiences]:
        change = self._changes.get(triple)
        if change is None:
            change = self._changes[triple] = Counter()
        return change
