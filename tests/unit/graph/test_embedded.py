"""The store on disk: killed, opened twice, damaged, out of space, and asked while it is written."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from graph import answering
from graph.embedded import BULK_MINIMUM, EmbeddedGraphStore
from graph.store import Boolean, GraphChange, Solutions
from records.errors import StoreBusyError, StoreDamagedError, StoreError
from records.rdf import Literal, Triple
from records.rights import NOBODY, PUBLIC, Audiences

ONE: Audiences = frozenset({"bma/community:1"})
TWO: Audiences = frozenset({"bma/community:2"})
NAME = "https://schema.org/name"
PERSON = "https://orcid.org/0000-0000-0000-0001"


def graph(number: int) -> str:
    return f"https://archive.example/{number}#graph"


def change(number: int, audiences: Audiences, *, size: int = 3, version: int = 0) -> GraphChange:
    own = [Triple(f"https://archive.example/{number}#n{k}", NAME, Literal(f"{number} {k} {version}")) for k in range(size)]
    return GraphChange(graph(number), [*own, Triple(PERSON, NAME, Literal(f"A. Author {number % 3}"))], audiences)


def number_of(store: EmbeddedGraphStore, audiences: Audiences) -> int:
    answer = store.query("SELECT * { ?s ?p ?o }", audiences)
    assert isinstance(answer, Solutions)
    return len(list(answer.rows))


@contextmanager
def opened(path: Path, *, read_only: bool = False) -> Iterator[EmbeddedGraphStore]:
    store = EmbeddedGraphStore(path, read_only=read_only)
    try:
        yield store
    finally:
        store.close()


# A process that changes the store without end; it tells each batch that is done, so that what was acknowledged can be looked for.
WRITER = """
import random, sys
from pathlib import Path
from graph.embedded import EmbeddedGraphStore
from graph.store import GraphChange
from records.rdf import Literal, Triple
rights = [frozenset(), frozenset({"any"}), frozenset({"a"}), frozenset({"b"}), frozenset({"a", "b"})]
store = EmbeddedGraphStore(Path(sys.argv[1]))
choose = random.Random(int(sys.argv[2]))
number = int(sys.argv[3])
def change(n, size):
    home = f"https://archive.example/{n}"
    own = [Triple(f"{home}#{k}", "urn:p", Literal(f"{choose.random()}")) for k in range(size)]
    shared = [Triple(f"https://shared.example/{choose.randrange(9)}", "urn:p", Literal(str(choose.randrange(3)))) for _ in range(5)]
    about = [Triple(f"https://archive.example/{choose.randrange(1, 9)}#0", "urn:about", Literal("x"))]
    return GraphChange(f"{home}#graph", own + shared + about, choose.choice(rights))
while True:
    store.apply([change(number + k, 60) for k in range(30)])
    number += 30
    print(number, flush=True)
    old = [choose.randrange(1, number) for _ in range(10)]
    removed = [GraphChange(f"https://archive.example/{n}#graph", [], frozenset()) for n in old[7:]]
    store.apply([change(n, 20) for n in old[:7]] + removed)
    store.set_public_graph("urn:onto", change(choose.randrange(9), 5).triples)
"""


def test_record_graphs_and_partitions_agree_after_a_kill_at_any_moment(tmp_path: Path, repository: Path) -> None:
    path = tmp_path / "store"
    number = 1
    for attempt in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(attempt), str(number)], stdout=subprocess.PIPE, text=True, cwd=repository
        )
        assert process.stdout is not None
        first = process.stdout.readline()  # it is at work now
        time.sleep(0.05 + 0.11 * attempt)
        process.kill()
        said = [first, *process.stdout.read().split()]
        process.stdout.close()
        assert process.wait() == -signal.SIGKILL
        acknowledged = int(said[-1])
        with opened(path) as store:
            assert store.check() == []
            known = store.audiences_of()
            assert not [n for n in range(acknowledged - 30, acknowledged) if graph(n) not in known][3:], (
                "at most 3 were removed since"
            )
        number = acknowledged + 30
    assert number > 100


def test_a_store_is_the_same_when_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "made" / "store"
    with opened(path) as store:
        store.apply([change(1, ONE), change(2, NOBODY), change(3, PUBLIC), change(4, ONE | TWO)])
        store.set_public_graph("urn:onto", [Triple("urn:c", NAME, Literal("C"))])
        before = {reader: number_of(store, reader) for reader in (ONE, TWO, PUBLIC)}
        rights = store.audiences_of()
    with opened(path) as store:
        assert {reader: number_of(store, reader) for reader in (ONE, TWO, PUBLIC)} == before
        assert store.audiences_of() == rights
        assert store.count() == 16
        store.apply([change(4, TWO)])
        assert store.check() == []
        with pytest.raises(StoreError):
            store.apply([GraphChange("urn:onto", [], ONE)])


def test_a_shared_triple_is_found_in_a_store_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "store"
    for number, audiences in enumerate((ONE, TWO, ONE, TWO)):
        with opened(path) as store:
            store.apply([change(3 * number, audiences)])
            assert store.check() == []
            assert number_of(store, ONE | TWO) == 3 * (number + 1) + 1


def test_one_process_writes_and_others_wait_their_turn(tmp_path: Path, repository: Path) -> None:
    path = tmp_path / "store"
    again = f"from pathlib import Path; from graph.embedded import EmbeddedGraphStore; EmbeddedGraphStore(Path({str(path)!r}))"
    with opened(path) as store:
        store.apply([change(1, ONE)])
        for read_only in (False, True):
            with pytest.raises(StoreBusyError) as caught:
                EmbeddedGraphStore(path, read_only=read_only)
            assert caught.value.remedy
        other = subprocess.run([sys.executable, "-c", again], capture_output=True, text=True, cwd=repository, check=False)
        assert "StoreBusyError" in other.stderr
    with opened(path):
        pass


def test_readers_share_the_store_and_keep_a_writer_out(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with opened(path) as store:
        store.apply([change(1, ONE)])
    with opened(path, read_only=True) as first, opened(path, read_only=True) as second:
        assert number_of(first, ONE) == number_of(second, ONE) == 4
        assert first.check() == []
        with pytest.raises(StoreBusyError):
            EmbeddedGraphStore(path)
        with pytest.raises(StoreError, match="for reading"):
            first.apply([change(2, ONE)])
        with pytest.raises(StoreError, match="for reading"):
            first.set_public_graph("urn:onto", [])


def test_the_engines_own_lock_is_told_in_the_same_words(tmp_path: Path) -> None:
    """Something that does not know our lock file has it open."""
    path = tmp_path / "store"
    other = ox.Store(path)
    with pytest.raises(StoreBusyError):
        EmbeddedGraphStore(path)
    del other


def test_nothing_is_made_by_reading_where_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no graph store"):
        EmbeddedGraphStore(tmp_path / "store", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", ["CURRENT", "MANIFEST-*", "*.sst"])
def test_a_damaged_store_says_that_it_must_be_rebuilt(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "store"
    with opened(path) as store:
        store.apply([change(1, ONE)])
    for file in path.glob(damage):
        file.write_bytes(b"damage" * 30)
    with pytest.raises(StoreDamagedError) as caught:
        EmbeddedGraphStore(path)
    assert "voltagraph graph rebuild" in caught.value.remedy


def test_another_programs_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store"
    store = ox.Store(path)
    store.update("INSERT DATA { <urn:a> <urn:b> 1 }")
    del store
    with pytest.raises(StoreDamagedError, match="not a graph store of Voltagraph"):
        EmbeddedGraphStore(path)


def test_a_layout_of_another_version_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "store"
    store = ox.Store(path)
    store.update("INSERT DATA { GRAPH <urn:voltagraph:system> { <urn:voltagraph:system> <urn:voltagraph:version> '0' } }")
    del store
    for read_only in (False, True):
        with pytest.raises(StoreDamagedError, match="layout"):
            EmbeddedGraphStore(path, read_only=read_only)


def test_where_no_folder_can_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "store"):
        with pytest.raises(StoreError) as caught:
            EmbeddedGraphStore(path)
        assert caught.value.remedy


FULL = """
import resource, signal, sys
from pathlib import Path
from graph.embedded import EmbeddedGraphStore
from graph.store import GraphChange
from records.errors import StoreFullError
from records.rdf import Literal, Triple
store = EmbeddedGraphStore(Path(sys.argv[1]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
size = int(sys.argv[2])
for number in range(1, 1000):
    triples = [Triple(f"https://archive.example/{number}#{k}", "urn:p", Literal(f"{number} {k}" * 9)) for k in range(size)]
    try:
        store.apply([GraphChange(f"https://archive.example/{number}#graph", triples, frozenset({"any"}))])
    except StoreFullError as exc:
        print(number, exc.remedy)
        break
"""


@pytest.mark.parametrize("size", [20, BULK_MINIMUM])
def test_a_full_disk_is_said_and_what_was_applied_is_kept(tmp_path: Path, repository: Path, size: int) -> None:
    """The limit on the size of a file stands for the end of the disk."""
    path = tmp_path / "store"
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(size)], capture_output=True, text=True, cwd=repository, check=False
    )
    number, _, remedy = done.stdout.partition(" ")
    assert "room" in remedy, done.stderr
    with opened(path) as store:
        assert len(store.audiences_of()) == int(number) - 1
        assert store.check() == []


def test_a_closed_store_answers_nothing(tmp_path: Path) -> None:
    store = EmbeddedGraphStore(tmp_path / "store")
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.query("ASK {}", ONE)
    with pytest.raises(StoreError, match="closed"):
        store.apply([change(1, ONE)])


def test_an_answer_outlives_the_store(tmp_path: Path) -> None:
    store = EmbeddedGraphStore(tmp_path / "store")
    store.apply([change(1, ONE)])
    answer = store.query("SELECT * { ?s ?p ?o }", ONE)
    store.close()
    assert isinstance(answer, Solutions)
    assert len(list(answer.rows)) == 4


def test_empty_partitions_are_forgotten(tmp_path: Path) -> None:
    """A set of audiences that a triple passed through once must not slow every query from then on."""
    path = tmp_path / "store"
    with opened(path) as store:
        for number in range(10):
            store.apply([GraphChange(graph(number), [Triple(PERSON, NAME, Literal("x"))], frozenset({f"bma/user:{number}"}))])
        assert len(store._partitions) <= 10 + 2
        store.apply([GraphChange(graph(number), [], NOBODY) for number in range(10)])
        assert store.check() == []
    with opened(path) as store:
        assert len(store._partitions) == 1


HOME = "https://archive.example/1"
OPEN = GraphChange(f"{HOME}#graph", [Triple(f"{HOME}#n", NAME, Literal("public"))], PUBLIC)
SECRET = GraphChange(f"{HOME}#graph", [Triple(f"{HOME}#n", NAME, Literal("secret"))], ONE)
QUERIES = [
    f"SELECT ?n {{ ?s <{NAME}> ?n }}",
    f"SELECT ?n {{ GRAPH ?g {{ ?s <{NAME}> ?n }} }}",
    f"SELECT ?n {{ GRAPH <{HOME}#graph> {{ ?s <{NAME}> ?n }} }}",
    f"SELECT ?n FROM <{HOME}#graph> {{ ?s <{NAME}> ?n }}",
    f"SELECT ?n FROM <{HOME}#graph> FROM <{graph(2)}> {{ ?s <{NAME}> ?n }}",
]


def found(store: EmbeddedGraphStore, query: str, audiences: Audiences) -> set[str]:
    answer = store.query(query, audiences)
    assert isinstance(answer, Solutions)
    return {value.value for (value,) in answer.rows if isinstance(value, Literal)}


@pytest.mark.parametrize("query", QUERIES)
def test_rights_and_content_change_together_for_whoever_asks_meanwhile(query: str) -> None:
    """The record swaps a public and a secret content; no answer may give the one under the rights of the other."""
    store = EmbeddedGraphStore(None)
    store.apply([OPEN])
    stop = threading.Event()
    seen: set[str] = set()

    def ask() -> None:
        while not stop.is_set():
            seen.update(found(store, query, PUBLIC))

    thread = threading.Thread(target=ask)
    thread.start()
    for _ in range(100):
        store.apply([SECRET])
        store.apply([OPEN])
    stop.set()
    thread.join()
    assert seen <= {"public"}


def just_before(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Do something once, after the graphs are chosen and before the engine takes its snapshot."""
    run = answering.run
    waiting = [act]

    def run_after(*args: Any) -> Any:
        if waiting:
            waiting.pop()()
        return run(*args)

    monkeypatch.setattr(answering, "run", run_after)


@pytest.mark.parametrize("query", QUERIES)
def test_rights_that_change_between_choosing_graphs_and_asking_hold(monkeypatch: pytest.MonkeyPatch, query: str) -> None:
    store = EmbeddedGraphStore(None)
    kept = [Triple("https://archive.example/3", "urn:keeps", Literal("the partition"))]
    store.apply([OPEN, GraphChange(graph(3), kept, ONE)])
    just_before(monkeypatch, lambda: store.apply([SECRET]))
    assert found(store, query, PUBLIC) == set()
    assert found(store, query, ONE) == {"secret"}


def test_a_triple_that_moves_between_choosing_graphs_and_asking_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    store = EmbeddedGraphStore(None)
    shared = [Triple(PERSON, NAME, Literal("A. Author"))]
    store.apply([GraphChange(graph(1), shared, ONE)])
    just_before(monkeypatch, lambda: store.apply([GraphChange(graph(2), shared, TWO)]))
    assert found(store, QUERIES[0], ONE) == {"A. Author"}


def test_a_readable_triple_is_never_missing_while_others_rights_change() -> None:
    """It moves from partition to partition, but is in every answer."""
    store = EmbeddedGraphStore(None)
    shared = [Triple(PERSON, NAME, Literal("A. Author"))]
    store.apply([GraphChange(graph(1), shared, ONE)])
    stop = threading.Event()
    missing = 0

    def ask() -> None:
        nonlocal missing
        while not stop.is_set():
            answer = store.query(f"ASK {{ <{PERSON}> ?p ?o }}", ONE)
            assert isinstance(answer, Boolean)
            missing += not answer.value

    thread = threading.Thread(target=ask)
    thread.start()
    for number in range(300):
        store.apply([GraphChange(graph(2), shared, frozenset({f"bma/user:{number}"}))])
    stop.set()
    thread.join()
    assert missing == 0


SYSTEM = "GRAPH <urn:voltagraph:system>"
NODE = "<https://archive.example/1#n0>"
RECORD = "GRAPH <https://archive.example/1#graph>"
AUDIENCE_OF = "?p <urn:voltagraph:audience> ?a"


@pytest.mark.parametrize(
    "spoil",
    [
        f"DELETE {{ GRAPH ?p {{ {NODE} ?q ?o }} }} WHERE {{ {SYSTEM} {{ {AUDIENCE_OF} }} GRAPH ?p {{ {NODE} ?q ?o }} }}",
        f"DELETE WHERE {{ {RECORD} {{ {NODE} ?p ?o }} }}",
        f"INSERT DATA {{ {RECORD} {{ {NODE} <urn:p> 1 }} }}",
        f"INSERT DATA {{ {RECORD} {{ <urn:foreign> <https://schema.org/name> '1 0 0' }} }}",
        f"INSERT {{ GRAPH ?p {{ ?s <urn:p> 1 }} }} WHERE {{ {SYSTEM} {{ {AUDIENCE_OF} }} GRAPH ?p {{ ?s ?q ?o }} }}",
        "INSERT DATA { GRAPH <urn:other> { <urn:a> <urn:b> 1 } }",
        f"DELETE {{ {SYSTEM} {{ {AUDIENCE_OF} }} }} WHERE {{ {SYSTEM} {{ {AUDIENCE_OF} }} }}",
        f"INSERT {{ {SYSTEM} {{ ?p <urn:voltagraph:audience> 'any' }} }} WHERE {{ {SYSTEM} {{ {AUDIENCE_OF} }} }}",
        f"DELETE WHERE {{ {SYSTEM} {{ ?g <urn:voltagraph:foreign> ?s }} }}",
        f"DELETE WHERE {{ {SYSTEM} {{ ?g <urn:voltagraph:content> ?d }} }}",
        f"INSERT {{ {SYSTEM} {{ ?g <urn:voltagraph:content> '0' }} }} WHERE {{ {SYSTEM} {{ ?g <urn:voltagraph:content> ?d }} }}",
        f"INSERT DATA {{ {SYSTEM} {{ <urn:other> <urn:voltagraph:content> '0' }} }}",
    ],
    ids=[
        "copy",
        "original",
        "own",
        "foreign",
        "partition",
        "other",
        "audience",
        "wider",
        "marks",
        "no-digest",
        "two-digests",
        "stray-digest",
    ],
)
def test_the_check_finds_what_is_wrong(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "store"
    with opened(path) as store:
        store.apply([change(1, ONE), change(2, TWO)])
        assert store.check() == []
    raw = ox.Store(path)
    raw.update(spoil)
    del raw
    with opened(path) as store:
        assert store.check() != []
