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

import re
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from records.errors import StoreBusyError, StoreDamagedError, StoreError
from search.opensearch.cluster import WRITE_SECONDS, Cluster, Json, make_index, patiently
from search.opensearch.mapping import LAYOUT, OPEN, index_body

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

STATE: Final = "state"
"""Id of the state document."""
WRITER: Final = "writer"
"""Id of the document in which a writer says that it lives."""
BEAT_SECONDS: Final = 3.0
"""How often it says so."""
KEPT_SECONDS: Final = 600.0
"""How long an older state can still be asked for, by a page that follows another."""
KEPT_STATES: Final = 100
"""How many older states, at most."""
SILENT_SECONDS: Final = 15.0
"""A writer that has not been heard of for so long has died."""
BUSY_SECONDS: Final = 40.0
"""How long to wait for another writing process."""
BULK_BYTES: Final = 5_000_000
"""One request of many documents has at most so many bytes."""
RETRIES: Final = 6
"""How often documents are sent again that the cluster had no room for."""


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
    """

    generation: int = 1
    oldest: int = 1
    ended: tuple[tuple[int, float], ...] = ()
    model: str = ""
    dimension: int = 0
    writing: int = 0
    writer: str = ""

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

    def __init__(self, client: OpenSearch, cluster: Cluster) -> None:
        self._client = client
        self._cluster = cluster
        self._alias = cluster.name
        self._lock = threading.Lock()
        self._writer = secrets.token_hex(8)
        self._layouts: dict[str, int] = {}

    # Reading

    def now(self) -> State:
        """The newest state.

        Raises:
            StoreDamagedError: The index has another layout.
        """
        seen = self._seen()
        if self._layout(seen.index) != LAYOUT:
            raise StoreDamagedError(
                f"The search index {self._cluster.place} has layout {self._layout(seen.index)}, this program needs {LAYOUT}.",
                "Run `voltagraph harvest` with this program: it makes the index anew while programs of the older one still answer.",
            )
        return seen.state

    def is_outdated(self) -> bool:
        """Whether the index has another layout than this program's."""
        return self._layout(self._seen().index) != LAYOUT

    def _seen(self) -> Seen:
        """The state document; where there is none, the index is made."""
        found = patiently(lambda: self._client.get(index=self._alias, id=STATE, ignore=[404], realtime=True))
        if not found.get("found"):
            self._make_first(found.get("_index"))
            found = patiently(lambda: self._client.get(index=self._alias, id=STATE, realtime=True))
        told = found["_source"]["state"]
        ended = tuple((int(each), float(at)) for each, at in told["ended"])
        return Seen(State(**{**told, "ended": ended}), found["_index"], found["_seq_no"], found["_primary_term"])

    def _layout(self, index: str) -> int:
        if index not in self._layouts:
            mapping = patiently(lambda: self._client.indices.get_mapping(index=index))
            self._layouts[index] = int(mapping[index]["mappings"].get("_meta", {}).get("layout", 0))
        return self._layouts[index]

    def _make_first(self, index: str | None) -> None:
        """Make the index, or what is missing of it; another process may do so at the same time."""
        from opensearchpy.exceptions import ConflictError

        if index is None:
            make_index(self._client, f"{self._alias}-v1", {**index_body(self._cluster), "aliases": {self._alias: {}}})
        try:
            self._client.index(index=self._alias, id=STATE, body=_document(State()), op_type="create", require_alias=True)
        except ConflictError:
            return

    # Writing

    @contextmanager
    def writing(self) -> Iterator[Claim]:
        """The next generation is written; it comes when the block ends well, else nothing of it ever counts.

        Raises:
            StoreBusyError: Another process is writing.
        """
        with self.claimed() as claim:
            yield claim
            self._refresh()
            self._commit(claim)

    @contextmanager
    def claimed(self) -> Iterator[Claim]:
        """Nobody else writes meanwhile; when the block fails, what was written is taken back."""
        with self._lock:
            claim = Claim(self._taken())
            with self._beating():
                try:
                    yield claim
                except BaseException:
                    self._give_up()
                    raise

    def _taken(self) -> Seen:
        """The state with our name in it; what a writer left that died is taken back."""
        end = time.monotonic() + BUSY_SECONDS
        heard, since = "", time.monotonic()
        while True:
            seen = self._seen()
            state = seen.state
            beat = f"{state.writer} {self._last_beat()}"
            if beat != heard:
                heard, since = beat, time.monotonic()
            is_ours = state.writer == self._writer
            if not state.writing or is_ours or time.monotonic() - since > SILENT_SECONDS:
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
                index=seen.index, id=STATE, body=_document(state), if_seq_no=seen.sequence, if_primary_term=seen.term
            )
        except ConflictError:
            again = self._seen()  # our own write may have been done, and its answer lost
            return again if again.state == state else None
        return Seen(state, seen.index, done["_seq_no"], done["_primary_term"])

    @contextmanager
    def _beating(self) -> Iterator[None]:
        """Meanwhile others are told now and then that we live."""
        ended = threading.Event()
        thread = threading.Thread(target=self._beat, args=(ended,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _beat(self, ended: threading.Event) -> None:
        from opensearchpy.exceptions import OpenSearchException

        beats = 0
        while not ended.wait(BEAT_SECONDS):
            beats += 1
            try:
                body = {"state": {"beat": f"{self._writer} {beats}"}}
                self._client.index(index=self._alias, id=WRITER, body=body, require_alias=True)
            except OpenSearchException:
                continue

    def _last_beat(self) -> str:
        found = patiently(lambda: self._client.get(index=self._alias, id=WRITER, ignore=[404]))
        return str(found["_source"]["state"]["beat"]) if found.get("found") else ""

    def _commit(self, claim: Claim) -> None:
        before = claim.seen.state
        after = before.followed_by(claim.generation, time.time())
        if claim.model is not None:
            after = replace(after, model=claim.model[0], dimension=claim.model[1], oldest=claim.generation, ended=())
        if self._replaced(claim.seen, after) is None:
            message = f"The search index {self._cluster.place} was taken over by another process."
            raise StoreBusyError(f"{message} Nothing was changed.", "Wait for it to end, then try again.")
        if after.oldest > before.oldest:
            self._forget(after.oldest)

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
        self._refresh()
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

    def _refresh(self) -> None:
        answer = patiently(lambda: self._client.indices.refresh(index=self._alias, request_timeout=WRITE_SECONDS))
        if answer["_shards"]["failed"]:
            message = f"The search index {self._cluster.place} could not show what was written. Nothing was changed."
            raise StoreError(message, "Look at the health of the cluster, then try again.")

    def bulk(self, actions: Iterable[Json], index: str) -> None:
        """Send many documents; what the cluster has no room for is sent again after a while.

        Raises:
            StoreError: Some were refused.
        """
        from opensearchpy.helpers import streaming_bulk

        sent = streaming_bulk(
            self._client,
            actions,
            index=index,
            max_chunk_bytes=BULK_BYTES,
            raise_on_error=False,
            max_retries=RETRIES,
            initial_backoff=1,
            max_backoff=10,
            yield_ok=False,
            request_timeout=WRITE_SECONDS,
            require_alias=index == self._alias,
        )
        kinds = [_kind_of(answer) for _, answer in sent]
        if kinds:
            message = f"{len(kinds)} documents were not taken by {self._cluster.place}: {', '.join(sorted(set(kinds)))}."
            raise StoreError(f"{message} Nothing was changed.", "Look at the health and the log of the cluster, then try again.")

    # A new index in the place of this one

    def replace_index(self, documents: Iterable[Json], fields: Json, state: State, claim: Claim) -> None:
        """Make a new index of these documents and put it in the place of the old one at one blow; the old one is removed."""
        old = claim.seen.index
        new = _next_name(self._alias, old)
        self._client.indices.delete(index=new, ignore=[404])
        body = index_body(self._cluster)
        body["mappings"]["properties"] = {**body["mappings"]["properties"], **fields}
        self._client.indices.create(index=new, body=body)
        self.bulk(documents, new)
        self._client.index(index=new, id=STATE, body=_document(state))
        self._client.indices.refresh(index=new, request_timeout=WRITE_SECONDS)
        actions = [{"add": {"index": new, "alias": self._alias}}, {"remove_index": {"index": old}}]
        self._client.indices.update_aliases(body={"actions": actions}, request_timeout=WRITE_SECONDS)


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


def _document(state: State) -> Json:
    return {"state": asdict(state)}


def _kind_of(answer: Json) -> str:
    told: dict[str, Any] = next(iter(answer.values()))
    error = told.get("error")
    return str(error.get("type")) if isinstance(error, dict) else f"status {told.get('status')}"


def _next_name(alias: str, index: str) -> str:
    found = re.fullmatch(rf"{re.escape(alias)}-v(\d+)", index)
    return f"{alias}-v{int(found[1]) + 1 if found else 1}"
