"""Vectors of summaries, in rows: which document has which, and how near they are to another one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.columns.arrays import Array, DamagedError, Ints, open_arrays, write_arrays
from search.columns.segment import Segment
from search.index import Vector

LAYOUT: Final = 1
ROUNDED: Final = 7
"""Decimals of a cosine: what is left of rounding errors is below."""
ERROR: Final = 2e-5
"""How far a cosine in single precision may be off."""
_GATHERED: Final = 32
"""Where fewer than one in so many rows are asked for, they are gathered first."""
_MERGED: Final = 4


class Block(NamedTuple):
    """Vectors next to each other in memory or in a file, with the hash of the summary of each."""

    hashes: Array
    numbers: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: Iterable[tuple[bytes, bytes]], count: int) -> Block:
        """From so many hashes and numbers as bytes."""
        hashes, numbers = np.zeros(count, "S16"), np.zeros((0, 0), np.float32)
        for row, (summary, of_one) in enumerate(vectors):
            if row == 0:
                numbers = np.empty((count, len(of_one) // 4), np.float32)
            hashes[row], numbers[row] = summary[:16], np.frombuffer(of_one, "<f4")
        return cls(hashes, numbers)

    def write(self, path: Path, about: dict[str, Any]) -> None:
        """Write them to a file."""
        write_arrays(path, self._asdict(), {**about, "layout": LAYOUT})

    @classmethod
    def open(cls, path: Path) -> tuple[Block, dict[str, Any]]:
        """The vectors in a file, memory-mapped, and what was said about them.

        Raises:
            DamagedError: It is not as it was written, or of another layout.
            OSError: It cannot be read.
        """
        arrays, about = open_arrays(path)
        if about.get("layout") != LAYOUT:
            raise DamagedError(path)
        return cls(**arrays), about


class Vectors:
    """All vectors of one model; never changes.

    Rows are numbered through all blocks. Where a summary has two rows, the later one counts.

    Args:
        blocks: The vectors, oldest first.
    """

    def __init__(self, blocks: tuple[Block, ...] = ()) -> None:
        self._blocks = blocks
        self._known: dict[Segment, tuple[int, Ints]] = {}

    def __len__(self) -> int:
        return sum(len(block.hashes) for block in self._blocks)

    def extended(self, block: Block) -> Vectors:
        """These and some more. Blocks of like size become one, so that there are few."""
        if not len(block.hashes):
            return self
        blocks = [*self._blocks, block]
        while len(blocks) > 1 and len(blocks[-2].hashes) < _MERGED * len(blocks[-1].hashes):
            last, before = blocks.pop(), blocks.pop()
            blocks.append(Block(np.concatenate([before.hashes, last.hashes]), np.concatenate([before.numbers, last.numbers])))
        larger = Vectors(tuple(blocks))
        larger._known = dict(self._known)
        return larger

    def whole(self) -> Block:
        """All of them in one block."""
        if len(self._blocks) == 1:
            return self._blocks[0]
        return Block(np.concatenate([one.hashes for one in self._blocks]), np.concatenate([one.numbers for one in self._blocks]))

    def keep_known(self, segments: Iterable[Segment]) -> None:
        """Forget the rows of all other segments."""
        self._known = {segment: self._known[segment] for segment in segments if segment in self._known}

    def rows_of(self, segment: Segment, documents: Ints) -> Ints:
        """The row of each of these documents of a segment, -1 for none."""
        hashes, codes = segment.summaries
        covered, rows = self._known.get(segment, (0, np.full(len(hashes), -1, np.int32)))
        if covered < len(self):
            rows, start = rows.copy(), 0
            for block in self._blocks:
                end = start + len(block.hashes)
                if end > covered and len(hashes):
                    fresh = block.hashes[max(covered - start, 0) :]
                    places = np.minimum(np.searchsorted(hashes, fresh), len(hashes) - 1)
                    there = np.flatnonzero(hashes[places] == fresh)
                    rows[places[there]] = there + max(covered, start)
                start = end
            self._known[segment] = (len(self), rows)
        return rows[codes[documents]]

    def row(self, number: int) -> Vector:
        """One vector."""
        for block in self._blocks:
            if number < len(block.hashes):
                return np.array(block.numbers[number])
            number -= len(block.hashes)
        raise IndexError(number)

    def roughly(self, rows: Ints, vector: Vector) -> NDArray[np.float32]:
        """Cosines of these rows, each off by `ERROR` at most."""
        found = np.empty(len(rows), np.float32)
        start = 0
        for block in self._blocks:
            end = start + len(block.hashes)
            ours = (rows >= start) & (rows < end)
            local = rows[ours] - start
            if len(local) * _GATHERED < len(block.hashes):
                found[ours] = block.numbers[local] @ vector
            else:
                found[ours] = (block.numbers @ vector)[local]
            start = end
        return found

    def exactly(self, rows: Ints, vector: Vector) -> NDArray[np.float64]:
        """Cosines of these rows: the same number for the same two vectors, whatever else there is."""
        found = np.empty(len(rows), np.float64)
        start = 0
        for block in self._blocks:
            end = start + len(block.hashes)
            ours = np.flatnonzero((rows >= start) & (rows < end))
            for few in np.array_split(ours, len(ours) // 4096 + 1):
                found[few] = np.einsum("ij,j->i", block.numbers[rows[few] - start].astype(np.float64), vector.astype(np.float64))
            start = end
        return np.round(found, ROUNDED)

    @property
    def dimension(self) -> int:
        """Numbers in a vector; 0 when there is none."""
        return self._blocks[0].numbers.shape[1] if self._blocks else 0
