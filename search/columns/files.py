"""Files of segments and vectors, derived by one process and mapped into memory by all."""

from __future__ import annotations

import fcntl
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from graph.files import write_whole
from search.columns.arrays import spilled
from search.columns.columns import Columns
from search.columns.segment import Segment
from search.columns.store import Stamp
from search.columns.vectors import Block, Vectors

WORTH_KEEPING: Final = 5_000
"""So many records or vectors that are in no file are written out by whoever derived them."""
_LIST: Final = "segments.json"
_LAYOUT: Final = 1
_STALE: Final = 0.1
"""Vectors are written anew when so many of them, in parts of those in the file, are not there."""
_NOTHING: Final = ("", "", 0, 0)
"""Name of the file of vectors, epoch of their model, number of the last one, how many."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Segments and vectors of one state.

    Args:
        epoch: Of the store.
        change: Number of the last change that is in the segments.
        segments: Segments, oldest first, each with the number of its last change.
        model_epoch: Of the vectors in the store.
        vector_change: Number of the last vector.
        vectors: The vectors.
    """

    epoch: str
    change: int
    segments: tuple[tuple[Segment, int], ...]
    model_epoch: str
    vector_change: int
    vectors: Vectors


class Files:
    """A folder of files, and a list of those that count. Whoever reads finds the old list or the new one, whole.

    Args:
        folder: The folder; made when something is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names: dict[Segment, str] = {}
        self._seen = ""

    def newer(self, known: Kept, stamp: Stamp) -> Kept | None:
        """What is kept here, if it is of this state of the store or an earlier one, and newer than what is known.

        What is missing, damaged or of another layout is as if there was nothing: it is derived anew.
        """
        try:
            text = (self.folder / _LIST).read_text("utf-8")
            told = json.loads(text)
            is_ours = told["layout"] == _LAYOUT and told["epoch"] == stamp.epoch and told["change"] <= stamp.change
            if text == self._seen or not is_ours or (known.segments and told["change"] < known.segments[0][1]):
                return None
            found = self._opened(told, known, stamp)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        self._seen = text
        return found

    def _opened(self, told: dict[str, Any], known: Kept, stamp: Stamp) -> Kept:
        by_name = {name: segment for segment, name in self._names.items()}
        segments = []
        for name, upto in told["segments"]:
            segment = by_name.get(name)
            if segment is None:
                segment, _ = Segment.open(self.folder / name)
                self._names[segment] = name
            segments.append((segment, int(upto)))
        name, model_epoch, vector_change, _ = told["vectors"]
        if known.model_epoch == stamp.model_epoch and known.vector_change >= vector_change:
            model_epoch, vector_change, vectors = known.model_epoch, known.vector_change, known.vectors
        elif name and model_epoch == stamp.model_epoch and vector_change <= stamp.vector_change:
            vectors = Vectors((Block.open(self.folder / name)[0],))
        else:
            model_epoch, vector_change, vectors = "", 0, Vectors()
        return Kept(stamp.epoch, int(told["change"]), tuple(segments), model_epoch, vector_change, vectors)

    def are_behind(self, state: Kept) -> bool:
        """Whether another process would have much to derive again."""
        return sum(segment.size for segment, _ in state.segments if segment not in self._names) > WORTH_KEEPING

    def keep(self, state: Kept) -> Kept:
        """Write what is not here yet, then the list; files of neither the list nor the one before go.

        Where another process is at it, or the disk does not let us, nothing happens: everything here is derived again when needed.

        Returns:
            The same, mapped into memory where it was written.
        """
        with suppress(OSError), self._alone() as alone:
            if alone:
                return self._write(state)
        return state

    def spilled(self, columns: Columns) -> Columns:
        """The columns out of memory if the disk lets us."""
        with suppress(OSError):
            self.folder.mkdir(exist_ok=True)
            return Columns.from_arrays(spilled(columns.to_arrays(), self.folder))
        return columns

    def moved(self, segment: Segment) -> tuple[Segment, str]:
        """A large segment in a file, with the file's name, if the disk lets us; `know` it once it counts."""
        with suppress(OSError):
            return self._written(segment)
        return segment, ""

    def know(self, segment: Segment, name: str) -> None:
        """From now on the segment is one of those that are in files."""
        if name:
            self._names[segment] = name

    def _written(self, segment: Segment) -> tuple[Segment, str]:
        name = f"segment-{secrets.token_hex(8)}"
        self.folder.mkdir(exist_ok=True)
        segment.write(self.folder / name, {})
        mapped, _ = Segment.open(self.folder / name)
        return mapped, name

    def _write(self, state: Kept) -> Kept:
        before = self._listed()
        if before.get("epoch") == state.epoch and before["change"] > state.change:
            return state  # another process knows more
        segments, mapped, names = [], [], {}
        for segment, upto in state.segments:
            name = self._names.get(segment)
            if name is None or not (self.folder / name).is_file():
                segment, name = self._written(segment)
            names[segment] = name
            segments.append([name, upto])
            mapped.append((segment, upto))
        self._names = names
        told: dict[str, Any] = {
            "layout": _LAYOUT,
            "epoch": state.epoch,
            "change": state.change,
            "segments": segments,
            "vectors": self._write_vectors(state, before),
        }
        self._seen = json.dumps(told)
        write_whole(self.folder / _LIST, self._seen)
        counting = {name for listed in (told, before) for name in (*dict(listed["segments"]), listed["vectors"][0])}
        for file in self.folder.glob("*-*"):
            if file.name not in counting:
                file.unlink(missing_ok=True)
        vectors = state.vectors
        if told["vectors"][0] != before["vectors"][0] and told["vectors"][0]:
            vectors = Vectors((Block.open(self.folder / told["vectors"][0])[0],))
        return replace(state, segments=tuple(mapped), vectors=vectors)

    def _write_vectors(self, state: Kept, before: dict[str, Any]) -> list[Any]:
        """Write the vectors, unless nearly all of them are here."""
        name, model_epoch, vector_change, rows = before["vectors"]
        is_current = model_epoch == state.model_epoch and (self.folder / name).is_file()
        if is_current and len(state.vectors) - rows <= rows * _STALE:
            return [name, model_epoch, vector_change, rows]
        if not len(state.vectors):
            return list(_NOTHING)
        name = f"vectors-{secrets.token_hex(8)}"
        state.vectors.whole().write(self.folder / name, {})
        return [name, state.model_epoch, state.vector_change, len(state.vectors)]

    def _listed(self) -> dict[str, Any]:
        """The list as it is; one without anything where there is none that can be read."""
        try:
            told = json.loads((self.folder / _LIST).read_text("utf-8"))
            if told["layout"] == _LAYOUT:
                return {**told, "vectors": [*told["vectors"]], "segments": [*told["segments"]]}
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return {"segments": [], "vectors": list(_NOTHING)}

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process writes here meanwhile."""
        self.folder.mkdir(exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
