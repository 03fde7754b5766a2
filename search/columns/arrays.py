"""Building blocks of columns: lists of lists in two arrays, sorted strings, and files of arrays."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import zlib
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Generic, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.integer[Any]]
Mask: TypeAlias = NDArray[np.bool_]
Array: TypeAlias = NDArray[Any]

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")
_ALIGNED: Final = 64
_CHECKED_BYTES: Final = 64 << 20
"""Larger arrays are not read through when a file is opened: their size alone is checked."""


class DamagedError(ValueError):
    """A file of arrays is not what its header says."""


class Recent(Generic[_Key, _Value]):
    """Values that were made lately, for as long as what they belong to.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[_Key, _Value] = {}
        self._one_changes = threading.Lock()

    def get(self, key: _Key, make: Callable[[], _Value]) -> _Value:
        """The value of a key, made now if it is not kept."""
        with self._one_changes:
            if key in self._kept:
                self._kept[key] = self._kept.pop(key)  # the last one to go
                return self._kept[key]
        value = make()
        with self._one_changes:
            self._kept[key] = value
            if len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        return value


@dataclass(frozen=True, slots=True)
class Lists:
    """Many lists of numbers: list *n* is ``members[starts[n]:starts[n + 1]]``."""

    starts: Ints
    members: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, position: int) -> Ints:
        return self.members[self.starts[position] : self.starts[position + 1]]

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Lists:
        """From lists.

        >>> Lists.of([[3, 4], [], [5]])[2].tolist()
        [5]
        """
        lengths = np.fromiter((len(one) for one in lists), np.int64, len(lists))
        members = np.fromiter((number for one in lists for number in one), np.int32, int(lengths.sum()))
        return cls(starts_of(lengths), members)

    @property
    def owners(self) -> Ints:
        """For each member, the number of its list."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))

    def take(self, chosen: Ints) -> Lists:
        """These lists, in this order."""
        places, starts = spans(self.starts[chosen], self.starts[np.asarray(chosen) + 1])
        return Lists(starts, self.members[places])


def starts_of(lengths: Ints) -> Ints:
    """Where lists of these lengths begin, and at last where the last one ends."""
    starts = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def spans(firsts: Ints, ends: Ints) -> tuple[Ints, Ints]:
    """All numbers of these ranges one after another, and where each range begins among them.

    >>> [one.tolist() for one in spans(np.array([3, 9]), np.array([5, 10]))]
    [[3, 4, 9], [0, 2, 3]]
    """
    lengths = np.maximum(np.asarray(ends, np.int64) - firsts, 0)
    starts = starts_of(lengths)
    return np.arange(starts[-1]) + np.repeat(firsts - starts[:-1], lengths), starts


def distinct(numbers: Ints) -> Ints:
    """Each of these numbers once, in ascending order; for millions of them much faster than `numpy.unique`, which hashes them.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def inverted(owners: Ints, members: Ints, count: int) -> Lists:
    """For each of *count* members, its owners in ascending order (those of equal members keep their order)."""
    order = np.argsort(members, kind="stable")
    return Lists(starts_of(np.bincount(members, minlength=count)), np.asarray(owners)[order])


@dataclass(frozen=True, slots=True)
class Strings:
    """Distinct strings in ascending order, as one array of bytes."""

    starts: Ints
    blob: NDArray[np.uint8]

    @classmethod
    def of(cls, ordered: Iterable[str]) -> Strings:
        """From strings that are sorted already.

        >>> strings = Strings.of(["alpha", "beta"])
        >>> strings[1], strings.find("beta"), strings.find("gamma")
        ('beta', 1, -1)
        """
        encoded = [text.encode() for text in ordered]
        lengths = np.fromiter((len(text) for text in encoded), np.int64, len(encoded))
        return cls(starts_of(lengths), np.frombuffer(b"".join(encoded), np.uint8))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, position: int) -> str:
        return self._bytes(position).decode()

    def some(self, positions: Iterable[int]) -> list[str]:
        """The strings at these positions."""
        return [self[position] for position in positions]

    def all(self) -> list[str]:
        """All of them."""
        whole, starts = self.blob.tobytes(), self.starts.tolist()
        return [whole[start:end].decode() for start, end in pairwise(starts)]

    def find(self, text: str) -> int:
        """The position of a string, or -1."""
        wanted = text.encode("utf-8", "replace")
        position = self._first_not_below(wanted)
        return position if position < len(self) and self._bytes(position) == wanted else -1

    def beginning_with(self, text: str) -> tuple[int, int]:
        """The range of positions of the strings that begin so."""
        # No byte of UTF-8 is 0xff: whatever begins with the text is below.
        wanted = text.encode("utf-8", "replace")
        return self._first_not_below(wanted), self._first_not_below(wanted + b"\xff")

    def first_above(self, text: str) -> int:
        """The position of the first string behind this one."""
        return self._first_not_below(text.encode("utf-8", "replace") + b"\0")

    def _bytes(self, position: int) -> bytes:
        return self.blob[self.starts[position] : self.starts[position + 1]].tobytes()

    def _first_not_below(self, wanted: bytes) -> int:
        return bisect_left(range(len(self)), wanted, key=self._bytes)


def _raw(array: Array) -> NDArray[np.uint8]:
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def write_arrays(path: Path, arrays: Mapping[str, Array], about: Mapping[str, Any]) -> None:
    """Write a file of arrays, whole on the disk when this returns.

    Raises:
        OSError: It cannot be written.
    """
    entries: dict[str, list[Any]] = {}
    place = 0
    for name, array in arrays.items():
        place = -(-place // _ALIGNED) * _ALIGNED
        entries[name] = [place, array.dtype.str, list(array.shape), zlib.crc32(_raw(array).data)]
        place += array.nbytes
    header = json.dumps({"about": about, "arrays": entries, "bytes": place}).encode()
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + zlib.crc32(header).to_bytes(8, "little") + header)
        base = -(-file.tell() // _ALIGNED) * _ALIGNED
        for name, array in arrays.items():
            file.seek(base + entries[name][0])
            file.write(_raw(array).data)
        file.truncate(base + place)
        file.flush()
        os.fsync(file.fileno())


def spilled(arrays: Mapping[str, Array], folder: Path) -> dict[str, Array]:
    """The same arrays in a file without a name, mapped into memory: it is gone when nobody uses them any more.

    Raises:
        OSError: It cannot be written.
    """
    places = {}
    with tempfile.TemporaryFile(dir=folder) as file:
        for name, array in arrays.items():
            places[name] = file.seek(-(-file.tell() // _ALIGNED) * _ALIGNED)
            file.write(_raw(array).data)
        file.flush()
        mapped = np.asarray(np.memmap(file, np.uint8, "r"))
    return {
        name: mapped[place : place + arrays[name].nbytes].view(arrays[name].dtype).reshape(arrays[name].shape)
        for name, place in places.items()
    }


def open_arrays(path: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays of a file, memory-mapped, and what was said about them.

    Raises:
        DamagedError: It is not as it was written.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        length, checksum = (int.from_bytes(file.read(8), "little") for _ in range(2))
        header = file.read(length) if length < 1 << 24 else b""
        if zlib.crc32(header) != checksum or not header:
            raise DamagedError(path)
        told = json.loads(header)
        base = -(-file.tell() // _ALIGNED) * _ALIGNED
        if file.seek(0, os.SEEK_END) != base + told["bytes"]:
            raise DamagedError(path)
    mapped = np.memmap(path, np.uint8, "r") if told["bytes"] else np.zeros(base, np.uint8)
    arrays = {}
    for name, (place, kind, shape, expected) in told["arrays"].items():
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        raw = np.asarray(mapped[base + place : base + place + size])
        if size <= _CHECKED_BYTES and zlib.crc32(raw.data) != expected:
            raise DamagedError(path)
        arrays[name] = raw.view(kind).reshape(shape)
    return arrays, told["about"]
