"""States of the embedded index: which segments and vectors answer, and how a state follows from the store."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from itertools import islice
from typing import Final

import numpy as np

from search.columns.arrays import Ints, Mask
from search.columns.columns import Columns, from_changes, merged
from search.columns.files import Files, Kept
from search.columns.history import MOST_FORMS, Form, History, Step, forms
from search.columns.rebuilding import columns_of
from search.columns.segment import Segment
from search.columns.store import Change, RecordStore, Snapshot, Stamp
from search.columns.vectors import Block, Vectors

CHUNK: Final = 2_000
"""Records that are made into columns at a time."""
HELD: Final = 25
"""So many of these are held in memory; then they become one, in a file."""
AT_ONCE: Final = 5_000
"""Segments of more records than this are merged beside the questions, not within one."""
_LARGER: Final = 3
"""A segment stays for itself while it is so many times larger than the next one."""


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A segment within a state.

    Args:
        segment: The segment.
        upto: Number of the last change that is in it.
        dead: Documents of which a later segment has another form, or that were removed.
    """

    segment: Segment
    upto: int
    dead: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def alive(self) -> Mask:
        """Documents that count."""
        alive = np.ones(self.segment.size, bool)
        alive[self.dead] = False
        return alive


@dataclass(frozen=True, eq=False)
class State:
    """What a question is answered from; never changes.

    Args:
        stamp: Which state of the store it is.
        parts: Segments, oldest first.
        vectors: Vectors of summaries.
        changed: Ids that have changed since the state before.
        history: What was written lately.
    """

    stamp: Stamp
    parts: tuple[Part, ...] = ()
    vectors: Vectors = field(default_factory=Vectors)
    changed: frozenset[str] = frozenset()
    history: History = field(default_factory=lambda: History(0))

    @cached_property
    def generation(self) -> str:
        """Its name; tells nobody how much was written."""
        return sha256(json.dumps(self.stamp).encode()).hexdigest()[:16]


class States:
    """Derives states from the store, beside files of segments that make it fast and that all processes share.

    Args:
        store: The records.
    """

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._files: Files | None = None
        self._deriving = threading.RLock()
        self._now: State | None = None
        self._merging: threading.Thread | None = None
        self._held: frozenset[Segment] = frozenset()  # being merged beside the questions
        self._closed = False

    def now(self) -> tuple[State, State | None]:
        """The newest state, and the one before when this call made it."""
        state = self._now
        if state is not None and state.stamp == self._store.stamp():
            return state, None
        with self._deriving:
            before = self._now
            with self._store.snapshot() as snapshot:
                if before is not None and before.stamp == snapshot.stamp:
                    return before, None
                folder = None if snapshot.file is None else columns_of(snapshot.file)
                if self._files is None or self._files.folder != folder:
                    self._files = None if folder is None else Files(folder)
                state = self._derive(before, snapshot)
            self._now = state
            if self._files is not None and self._files.are_behind(_kept(state)):
                self._now = state = _mapped(state, self._files.keep(_kept(state)))
            self._merge_beside()
            return state, before

    def keep(self) -> None:
        """Write out what other processes would have to derive again."""
        state, _ = self.now()
        with self._deriving:
            self._now = replace(state, parts=_tidied(state.parts, None, frozenset()))
            if self._files is not None:
                self._now = _mapped(self._now, self._files.keep(_kept(self._now)))

    def close(self) -> None:
        """Wait for what is being merged."""
        self._closed = True
        if self._merging is not None:
            self._merging.join()

    def _derive(self, before: State | None, snapshot: Snapshot) -> State:
        """The state of the store, from the one before, from files or from nothing."""
        stamp = snapshot.stamp
        last = before if before is not None and before.stamp.epoch == stamp.epoch else None
        changed = frozenset() if last is None else snapshot.changed(last.stamp.change)
        known = last
        if known is None:
            model, vectors = (Stamp("", 0, "", "", 0), Vectors()) if before is None else (before.stamp, before.vectors)
            known = State(model._replace(epoch=stamp.epoch, change=0), vectors=vectors)
        before = self._from_files(known, stamp)
        segment = _derived_segment(snapshot.changes(before.stamp.change), self._spilled)
        parts = before.parts
        if segment is not None:
            gone = _names(segment)
            parts = (*(_outdated(part, gone) for part in parts), Part(segment, stamp.change))
        same_model = before.stamp.model_epoch == stamp.model_epoch
        vectors, after = (before.vectors, before.stamp.vector_change) if same_model else (Vectors(), 0)
        if stamp.vector_change > after:
            vectors = vectors.extended(Block.of(snapshot.vectors(after), snapshot.count_vectors(after)))
        history = History(stamp.change) if last is None else _continued(last, parts, changed, stamp.change)
        state = State(stamp, _tidied(parts, AT_ONCE, self._held), vectors, changed, history)
        vectors.keep_known(part.segment for part in state.parts)
        return state

    def _from_files(self, state: State, stamp: Stamp) -> State:
        """The state, with what another process has written out in place of what would have to be derived."""
        kept = None if self._files is None else self._files.newer(_kept(state), stamp)
        if kept is None:
            return state
        parts: list[Part] = []
        for segment, upto in kept.segments:
            gone = _names(segment) if parts else set()
            parts = [*(_outdated(part, gone) for part in parts), Part(segment, upto)]
        stamp = stamp._replace(change=kept.change, model_epoch=kept.model_epoch, vector_change=kept.vector_change)
        return State(stamp, tuple(parts), kept.vectors)

    def _spilled(self, columns: Columns) -> Columns:
        return columns if self._files is None else self._files.spilled(columns)

    def _merge_beside(self) -> None:
        """Merge large segments in a thread of their own; questions go on with the small ones meanwhile."""
        state = self._now
        if state is None or _to_merge(state.parts, None) is None or (self._merging is not None and self._merging.is_alive()):
            return
        self._merging = threading.Thread(target=self._merge_large, name="merge segments", daemon=True)
        self._merging.start()

    def _merge_large(self) -> None:
        while not self._closed:
            with self._deriving:
                state = self._now
                first = None if state is None else _to_merge(state.parts, None)
                if state is None or first is None:
                    return
                run, files = state.parts[first:], self._files
                self._held = frozenset(part.segment for part in run)
            whole, name = _merged_part(run, oldest=first == 0), ""
            if files is not None:
                segment, name = files.moved(whole.segment)
                whole = replace(whole, segment=segment)
            with self._deriving:
                self._held = frozenset()
                state = self._now
                if state is None or [part.segment for part in state.parts[first : first + len(run)]] != [
                    one.segment for one in run
                ]:
                    continue  # everything was dropped or read from files meanwhile
                later = state.parts[first + len(run) :]
                gone = set().union(*(_names(part.segment) for part in later))
                if files is not None:
                    files.know(whole.segment, name)
                self._now = replace(state, parts=(*state.parts[:first], _outdated(whole, gone), *later))


def _mapped(state: State, kept: Kept) -> State:
    """The same state, out of files as far as there are some."""
    parts = tuple(replace(part, segment=segment) for part, (segment, _) in zip(state.parts, kept.segments, strict=True))
    return replace(state, parts=parts, vectors=kept.vectors)


def _kept(state: State) -> Kept:
    segments = tuple((part.segment, part.upto) for part in state.parts)
    stamp = state.stamp
    return Kept(stamp.epoch, stamp.change, segments, stamp.model_epoch, stamp.vector_change, state.vectors)


def _derived_segment(changes: Iterable[Change], spill: Callable[[Columns], Columns]) -> Segment | None:
    """A segment of these changes; ``None`` when there are none.

    Args:
        changes: The changes.
        spill: Moves columns out of memory.
    """
    waiting = iter(changes)
    held: list[Columns] = []
    moved: list[Columns] = []
    while some := list(islice(waiting, CHUNK)):
        held.append(from_changes(some))
        if len(held) == HELD:
            moved.append(spill(_whole(held)))
            held.clear()
    every = [*moved, *held]
    return Segment.of(_whole(every)) if every else None


def _whole(some: Sequence[Columns]) -> Columns:
    return some[0] if len(some) == 1 else merged([(one, np.ones(len(one), bool)) for one in some], forget_removed=False)


def _continued(last: State, parts: Sequence[Part], changed: Collection[str], change: int) -> History:
    """The history of a state up to this one.

    Args:
        last: That state.
        parts: What is answered from now.
        changed: Ids that have changed in between.
        change: Number of the last change.
    """
    if not changed:
        return last.history
    if len(changed) > MOST_FORMS:
        return History(change)
    before, now = ({part.segment: part for part in some} for some in (last.parts, parts))
    gone: list[Form] = []
    for segment, part in before.items():
        docs = now[segment].dead if segment in now else segment.find_all(changed)
        gone += forms(segment, np.setdiff1d(docs, part.dead, assume_unique=True))
    came: list[Form] = []
    for segment, part in now.items():
        if segment not in before:
            came += forms(segment, np.setdiff1d(segment.find_all(changed), part.dead, assume_unique=True))
    return last.history.extended(Step(change, tuple(gone), tuple(came)))


def _names(segment: Segment) -> set[str]:
    """Ids of which the segment says what became of them."""
    return {*segment.columns.ids.all(), *segment.columns.removed.all()}


def _outdated(part: Part, changed: Collection[str]) -> Part:
    """The segment without those that have changed."""
    dead = np.union1d(part.dead, part.segment.find_all(changed)) if changed else part.dead
    return replace(part, dead=dead)


def _to_merge(parts: Sequence[Part], most: int | None, held: Collection[Segment] = ()) -> int | None:
    """From which segment on they are to become one; ``None`` when all is well.

    Args:
        parts: The segments.
        most: Most records of what may be merged now; ``None`` for any number.
        held: Segments to be left alone.
    """
    first = None
    size = 0
    for position in range(len(parts) - 1, 0, -1):
        size += parts[position].segment.size
        before = parts[position - 1].segment.size
        if before >= _LARGER * size or (most is not None and before + size > most) or parts[position - 1].segment in held:
            break
        first = position - 1
    return first


def _tidied(parts: tuple[Part, ...], most: int | None, held: Collection[Segment]) -> tuple[Part, ...]:
    first = _to_merge(parts, most, held)
    return parts if first is None else (*parts[:first], _merged_part(parts[first:], oldest=first == 0))


def _merged_part(run: Sequence[Part], *, oldest: bool) -> Part:
    columns = merged([(part.segment.columns, part.alive) for part in run], forget_removed=oldest)
    return Part(Segment.of(columns), run[-1].upto)
