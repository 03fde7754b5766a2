"""Generations: how many documents change at once in a store that has no transactions.

A document counts from the generation ``since`` up to ``until``. Writing makes new documents for the next generation, and says of
those they replace that they end there; none of it counts before the one document ``state`` says that the next generation has come.
So a question is answered from one state whatever is written meanwhile, a page can be followed by the next one of the same state,
and what was begun and not ended (a kill, a lost node) never counts: the next writer takes it back.

One process writes at a time: the state document names it, and changes only from what the writer saw (optimistic concurrency). While
it writes it says so in the document ``writer``; after a silence the next writer takes it for dead.
See https://docs.opensearch.org/docs/latest/api-reference/document-apis/index-document/ (``if_seq_no``).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from typing import Final

from records.errors import StoreBusyError, StoreDamagedError, StoreError
from search.opensearch import beats
from search.opensearch.cluster import REBUILD, WRITE_SECONDS, Json, make_index, patiently
from search.opensearch.connection import Connection
from search.opensearch.mapping import LAYOUT, OPEN, index_body, vectors_body, vectors_index

STATE: Final = "state"
"""Id of the state document."""
KEPT_SECONDS: Final = 600.0
"""How long an older state can still be asked for, by a page that follows another."""
KEPT_STATES: Final = 100
"""How many older states, at most."""
BUSY_SECONDS: Final = 40.0
"""How long to wait for another writing process."""


def first_generation() -> int:
    """A number that no generation had before: what is kept or remembered of an index that is gone never fits a new one."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class State:
    """What the state document says.

    Args:
        generation: The newest one.
        oldest: The oldest one that can still be asked for.
        ended: Older generations, with when each was replaced.
        model: The model of the vectors; ``""`` before there are some.
        dimension: Numbers in a vector.
        writing: The generation that is being written; 0 for none.
        writer: Who writes it.
        building: The index that is being built to take the place of this one; ``""`` for none. Meanwhile writers note what they
            write (`search.opensearch.rebuilding`).
    """

    generation: int
    oldest: int
    ended: tuple[tuple[int, float], ...] = ()
    model: str = ""
    dimension: int = 0
    writing: int = 0
    writer: str = ""
    building: str = ""

    @classmethod
    def of(cls, told: Json) -> State:
        """The state that a document tells; what other versions of the program add is left aside."""
        known = {one.name: told[one.name] for one in fields(cls) if one.name in told}
        return cls(**{**known, "ended": tuple((int(each), float(at)) for each, at in known.get("ended", ()))})

    def followed_by(self, generation: int, now: float) -> State:
        """The state when this generation has come: older ones are forgotten by age and number."""
        ended = [(each, at) for each, at in (*self.ended, (self.generation, now)) if at > now - KEPT_SECONDS][-KEPT_STATES:]
        oldest = min((each for each, _ in ended), default=generation)
        return replace(self, generation=generation, oldest=oldest, ended=tuple(ended), writing=0, writer="")


@dataclass(frozen=True, slots=True)
class Seen:
    """A state as it was read: where, and which writing of the document it was."""

    state: State
    index: str
    sequence: int
    term: int


class Generations:
    """The state of one index, and the one way to write to it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._client = connection.client
        self._cluster = connection.cluster
        self._alias = connection.cluster.name
        self._lock = threading.Lock()
        self._writer = secrets.token_hex(8)
        self._layouts: dict[str, int] = {}

    # Reading

    def now(self) -> State:
        """The newest state.

        Raises:
            StoreDamagedError: The index has another layout, or it is gone or damaged.
        """
        seen = self._seen()
        if self._layout(seen.index) != LAYOUT:
            raise StoreDamagedError(
                f"The search index {self._cluster.place} has layout {self._layout(seen.index)}, this program needs {LAYOUT}.",
                "Run `voltagraph harvest` with this program: it makes the index anew while programs of the older one still answer.",
            )
        return seen.state

    def read(self) -> State:
        """The newest state, whatever its layout.

        Raises:
            StoreDamagedError: The index is gone or damaged.
        """
        return self._seen().state

    def is_outdated(self) -> bool:
        """Whether the index has another layout than this program's."""
        return self._layout(self._seen().index) != LAYOUT

    def _seen(self) -> Seen:
        """The state document; where there has never been one, the index is made."""
        found = self._state_document()
        if not found.get("found"):
            self._make_first(found.get("_index"))
            found = self._state_document()
        try:
            return Seen(State.of(found["_source"]["state"]), found["_index"], found["_seq_no"], found["_primary_term"])
        except (KeyError, TypeError, ValueError):
            raise StoreDamagedError(f"The search index {self._cluster.place} does not say what state it is in.", REBUILD) from None

    def _state_document(self) -> Json:
        document: Json = patiently(lambda: self._client.get(index=self._alias, id=STATE, ignore=[404], realtime=True))
        return document

    def _layout(self, index: str) -> int:
        if index not in self._layouts:
            mapping = patiently(lambda: self._client.indices.get_mapping(index=index))
            self._layouts[index] = int(mapping[index]["mappings"].get("_meta", {}).get("layout", 0))
        return self._layouts[index]

    def _make_first(self, index: str | None) -> None:
        """Make the index, or what is missing of it; another process may do so at the same time.

        Raises:
            StoreDamagedError: There was one before: it is never taken for an empty one.
        """
        from opensearchpy.exceptions import ConflictError

        if index is None:
            if self._client.indices.exists(index=vectors_index(self._alias)):
                raise StoreDamagedError(f"The search index {self._cluster.place} is gone.", REBUILD)
            make_index(self._client, f"{self._alias}-v1", {**index_body(self._cluster), "aliases": {self._alias: {}}})
        elif index == self._alias:
            message = f"{self._cluster.place} is no search index of Voltagraph."
            raise StoreError(message, "Choose another name with search_store_name.")
        elif self._has_documents():
            raise StoreDamagedError(f"The search index {self._cluster.place} has lost its state.", REBUILD)
        make_index(self._client, vectors_index(self._alias), vectors_body(self._cluster))
        state = State(generation := first_generation(), generation)
        try:
            self._client.index(index=self._alias, id=STATE, body=state_document(state), op_type="create", require_alias=True)
        except ConflictError:
            return

    def _has_documents(self) -> bool:
        self._connection.refresh()
        return bool(self._client.count(index=self._alias, body={"query": {"exists": {"field": "id"}}})["count"])

    # Writing

    @contextmanager
    def writing(self) -> Iterator[Claim]:
        """The next generation is written; it comes when the block ends well, else nothing of it ever counts.

        Raises:
            StoreBusyError: Another process is writing.
        """
        with self.claimed() as claim:
            yield claim
            self._connection.refresh()
            self._commit(claim)

    @contextmanager
    def claimed(self) -> Iterator[Claim]:
        """Nobody else writes meanwhile; when the block fails, what was written is taken back."""
        with self._lock:
            claim = Claim(self._taken())
            with beats.beating(self._client, self._alias, self._writer):
                try:
                    yield claim
                except BaseException:
                    self._give_up()
                    raise

    def announce(self, building: str) -> State:
        """Say that an index is being built that will take the place of this one, and give the state.

        Raises:
            StoreBusyError: Another process is writing.
        """
        with self.claimed() as claim:
            state = replace(claim.state, building=building, writing=0, writer="")
            if self._replaced(claim.seen, state) is None:
                raise self._taken_over()
            return state

    def withdraw(self, building: str) -> None:
        """Say that it is no longer built, if that can be said."""
        from opensearchpy.exceptions import OpenSearchException

        try:
            if self.read().building == building:
                self.announce("")
        except (OpenSearchException, StoreError):
            return

    def _taken(self) -> Seen:
        """The state with our name in it; what a writer left that died is taken back."""
        end = time.monotonic() + BUSY_SECONDS
        heard, since = "", time.monotonic()
        while True:
            seen = self._seen()
            state = seen.state
            beat = f"{state.writer} {beats.last_beat(self._client, self._alias)}"
            if beat != heard:
                heard, since = beat, time.monotonic()
            is_ours = state.writer == self._writer
            if not state.writing or is_ours or time.monotonic() - since > beats.SILENT_SECONDS:
                claimed = self._replaced(seen, replace(state, writing=state.generation + 1, writer=self._writer))
                if claimed is not None:
                    if state.writing:
                        self._take_back(state)
                    return claimed
            elif time.monotonic() > end:
                raise StoreBusyError(
                    f"The search index {self._cluster.place} is being written by another process.", "Wait for it to end."
                )
            time.sleep(0.1)

    def _replaced(self, seen: Seen, state: State) -> Seen | None:
        """Write the state; ``None`` when another process wrote it meanwhile."""
        from opensearchpy.exceptions import ConflictError

        try:
            done = self._client.index(
                index=seen.index, id=STATE, body=state_document(state), if_seq_no=seen.sequence, if_primary_term=seen.term
            )
        except ConflictError:
            again = self._seen()  # our own write may have been done, and its answer lost
            return again if again.state == state else None
        return Seen(state, seen.index, done["_seq_no"], done["_primary_term"])

    def _commit(self, claim: Claim) -> None:
        before = claim.seen.state
        after = before.followed_by(claim.generation, time.time())
        if claim.model is not None:
            after = replace(after, model=claim.model[0], dimension=claim.model[1], oldest=claim.generation, ended=())
        if self._replaced(claim.seen, after) is None:
            raise self._taken_over()
        if after.oldest > before.oldest:
            self._forget(after.oldest)

    def _taken_over(self) -> StoreBusyError:
        message = f"The search index {self._cluster.place} was taken over by another process. Nothing was changed."
        return StoreBusyError(message, "Wait for it to end, then try again.")

    def _give_up(self) -> None:
        """Take back what was written, if the cluster can be reached and nobody has done so; else the next writer does."""
        from opensearchpy.exceptions import OpenSearchException

        try:
            seen = self._seen()
            if seen.state.writer == self._writer:
                self._take_back(seen.state)
                self._replaced(seen, replace(seen.state, writing=0, writer=""))
        except (OpenSearchException, StoreError):
            return

    def _take_back(self, state: State) -> None:
        """Remove documents that never counted, and open again those they would have replaced."""
        self._connection.refresh()
        begun, ended = {"range": {"since": {"gt": state.generation}}}, {"range": {"until": {"gt": state.generation, "lt": OPEN}}}
        wait = {"refresh": True, "request_timeout": WRITE_SECONDS}
        self._client.delete_by_query(index=self._alias, body={"query": begun}, conflicts="proceed", **wait)
        script = {"source": "ctx._source.until = params.until", "params": {"until": OPEN}}
        self._client.update_by_query(index=self._alias, body={"query": ended, "script": script}, **wait)

    def _forget(self, oldest: int) -> None:
        """Remove documents that no state that is kept needs; what cannot be removed now is removed another time."""
        from opensearchpy.exceptions import OpenSearchException

        body = {"query": {"range": {"until": {"lte": oldest}}}}
        try:
            self._client.delete_by_query(
                index=self._alias, body=body, conflicts="proceed", refresh=True, request_timeout=WRITE_SECONDS
            )
        except OpenSearchException:
            return


@dataclass(slots=True)
class Claim:
    """The right to write the next generation.

    Args:
        seen: The state before, with our name in it.
        model: The model of the vectors and the numbers in one, where they become others.
    """

    seen: Seen
    model: tuple[str, int] | None = None

    @property
    def state(self) -> State:
        """The state before."""
        return self.seen.state

    @property
    def generation(self) -> int:
        """The one that is written."""
        return self.seen.state.writing


def state_document(state: State) -> Json:
    """The document that tells a state."""
    return {"state": asdict(state)}
