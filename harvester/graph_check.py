"""Whether the graph store is what payloads, corrections and rights give."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Final

from graph.canonical import Canonical, digest_of
from graph.partitions import collapse
from graph.store import GraphStore
from harvester.graph_care import Fault, Truth
from harvester.ledger import Entry
from harvester.run import OnProgress, pending
from records.errors import StoreDamagedError
from records.ntriples import lines_of
from records.rights import Audiences

AGAIN: Final = 4
"""How often something that looks wrong is looked at once more: a harvest may have written it a moment ago."""
AGAIN_SECONDS: Final = 1.5
"""How long to wait before: longer than a writer waits before it publishes."""
_STEP = 50
_GRAPH: Final = "Run `voltagraph graph rebuild`."
_ALL: Final = "Run `voltagraph rebuild`."


@dataclass(frozen=True, slots=True)
class Published:
    """A state of the store, as the check reads it.

    Args:
        generation: Its name.
        store: For reading.
        versions: Digest of each record graph, those that nobody may read among them.
        damage: Names of files whose bytes are not those that were written; reads them all.
    """

    generation: str
    store: GraphStore
    versions: Mapping[str, str]
    damage: Callable[[], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Args:
        generation: The state that was checked.
        records: Records that ought to have a graph.
        compared: Of these, how many were derived anew and compared.
        waiting: Records whose corrections changed and that wait to be read with them; they were not derived.
        faults: What is wrong.
        seconds: Time it took.
    """

    generation: str
    records: int
    compared: int
    waiting: int
    faults: tuple[Fault, ...]
    seconds: float

    def to_json(self) -> dict[str, object]:
        """As the command prints it."""
        return {**asdict(self), "seconds": round(self.seconds, 3), "faults": [fault.to_json() for fault in self.faults]}


def check(
    states: Callable[[], AbstractContextManager[Published]],
    truth: Truth,
    *,
    quick: bool = False,
    outdated: bool = False,
    on_progress: OnProgress | None = None,
) -> Checked:
    """Compare the store with itself, and with what payloads, corrections and rights give. A harvest may run meanwhile.

    Args:
        states: Opens the newest state, each time it is called.
        truth: What the store is derived from.
        quick: Compare rights, which graphs are there, and how many statements each has. Only a record whose number differs is
            derived anew: two statements that are written differently may be one in the store.
        outdated: The records were read under other ontologies, contexts or shapes than today's: derive nothing, and say so.
        on_progress: Told now and then.

    Raises:
        StoreError: A store cannot be read.
    """
    started = time.perf_counter()
    check_ = _Check(truth, is_counting=quick and not outdated, is_deriving=not (quick or outdated))
    with states() as state:
        generation = state.generation
        faults = [] if quick else _faults_within(state)
        check_.look(state, truth.loaded(), on_progress)
    for _ in range(AGAIN):
        if not check_.suspects:
            break
        time.sleep(AGAIN_SECONDS)
        suspects = check_.suspects
        check_.suspects = {}
        with states() as state:
            check_.look_again(state, suspects)
    faults += check_.suspects.values()
    if outdated:
        faults.append(Fault("records", "They were read under other ontologies, contexts or shapes than today's.", _ALL))
    return Checked(generation, check_.records, check_.compared, check_.waiting, tuple(faults), time.perf_counter() - started)


def _faults_within(state: Published) -> list[Fault]:
    files = [Fault(name, "This file of the store has other bytes than were written to it.", _GRAPH) for name in state.damage()]
    try:
        return files + [Fault("graph store", problem, _GRAPH) for problem in state.store.check()]
    except StoreDamagedError as error:
        return [*files, Fault("graph store", error.message, _GRAPH)]


@dataclass(slots=True)
class _Check:
    truth: Truth
    is_counting: bool
    is_deriving: bool
    suspects: dict[str, Fault] = field(default_factory=dict)
    records: int = 0
    compared: int = 0
    waiting: int = 0
    canonical: Canonical = field(default_factory=Canonical)

    def look(self, state: Published, loaded: Mapping[str, Entry], on_progress: OnProgress | None) -> None:
        """Look at every graph that is there or should be."""
        self.records = len(loaded)
        known = state.store.audiences_of()
        sizes = self._sizes(state)
        waiting = pending(self.truth.corrections, self.truth.ledger)
        for done, (graph, entry) in enumerate(loaded.items(), 1):
            self._compare(graph, entry, known.get(graph), state.versions.get(graph, ""), sizes, waiting)
            if on_progress and (done % _STEP == 0 or done == len(loaded)):
                on_progress(done, len(loaded))
        for graph in known.keys() - loaded.keys():
            self._suspect(graph, graph, "The store holds a graph of no record that is loaded.")

    def look_again(self, state: Published, graphs: Iterable[str]) -> None:
        """Look at these graphs alone, with what is known of them now."""
        known = state.store.audiences_of()
        sizes = self._sizes(state)
        waiting = pending(self.truth.corrections, self.truth.ledger)
        loaded = self.truth.loaded()
        for graph in graphs:
            if graph in loaded:
                self._compare(graph, loaded[graph], known.get(graph), state.versions.get(graph, ""), sizes, waiting)
            elif graph in known:
                self._suspect(graph, graph, "The store holds a graph of no record that is loaded.")

    def _sizes(self, state: Published) -> Mapping[str, int] | None:
        """Statements of each graph; ``None`` where they are not counted."""
        return state.store.sizes() if self.is_counting else None

    def _compare(
        self,
        graph: str,
        entry: Entry,
        audiences: Audiences | None,
        version: str,
        sizes: Mapping[str, int] | None,
        waiting: set[str],
    ) -> None:
        right = collapse(entry.rights.read_files)
        if audiences is None:
            self._suspect(graph, entry.record, "The record is loaded and has no graph.")
        elif audiences != right:
            self._suspect(graph, entry.record, f"Its graph is for {_named(audiences)}; the record's files are for {_named(right)}.")
        elif not version:
            self._suspect(graph, entry.record, "The store does not say which version of the record its graph is.")
        elif entry.record in waiting:
            self.waiting += 1
        elif self.is_deriving:
            self._compare_content(graph, entry, version)
        elif sizes is not None and sizes.get(graph, 0) != entry.quads:
            self._compare_content(graph, entry, version, sizes.get(graph, 0))

    def _compare_content(self, graph: str, entry: Entry, version: str, size: int | None = None) -> None:
        """Derive a record anew and compare it with the version that the store tells and, where it was counted, with its size."""
        outcome = self.truth.derived(entry)
        self.compared += 1
        if outcome.record is None or outcome.change is None:
            why = next((issue.message for issue in outcome.refused), "it cannot be read")
            self._suspect(graph, entry.record, f"Its payload does not give its graph today: {why}.", _ALL)
            return
        [lines] = self.canonical.graphs([lines_of(outcome.change.triples)])
        if digest_of(lines) != version:
            self._suspect(graph, entry.record, "Its graph holds other statements than its payload and corrections give.")
        elif size not in (None, len(lines)):
            self._suspect(graph, entry.record, f"Its graph has {size} statements; its payload and corrections give {len(lines)}.")

    def _suspect(self, graph: str, subject: str, message: str, remedy: str = _GRAPH) -> None:
        self.suspects[graph] = Fault(subject, message, remedy)


def _named(audiences: Audiences) -> str:
    return ", ".join(sorted(audiences)) or "nobody"
