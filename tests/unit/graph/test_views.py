"""Views of kinds of readers: they answer as the partitions do, to nobody else; made when they pay, few, and never out of date."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graph import views as policy
from graph.checkpoints import Checkpoints
from graph.embedded import EmbeddedGraphStore
from graph.partitions import held_by, readable
from graph.queries import Allowance, QueryRequest, StorePlace
from graph.query_processes import Folders, QueryProcesses
from graph.results import ResultFormat, write_answer
from graph.store import Graph, GraphChange, GraphReader, Solutions
from graph.view_store import ViewStore, ViewTask, build, partitions_at
from graph.views import ViewPlace, Views
from records.errors import QueryLimitError, QueryRefusedError, QuerySyntaxError, StoreDamagedError, StoreError, VoltagraphError
from records.rdf import Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC, Audiences

ONE: Audiences = frozenset({"bma/community:1"})
TWO: Audiences = frozenset({"bma/community:2"})
NAME, SIZE, SHARED = "https://schema.org/name", "https://schema.org/size", "https://shared.example/maker"
ALL = "SELECT * { ?s ?p ?o }"
NOTHING = "SELECT ?s { ?s <urn:none> ?o }"
PATIENCE = 60.0


def graph(number: int) -> str:
    return f"https://archive.example/{number}#graph"


def cell(number: int) -> str:
    return f"https://archive.example/{number}#cell"


def record(number: int, audiences: Audiences, size: int = 1) -> GraphChange:
    """A record; each says the same of the maker that they share."""
    triples = [
        Triple(cell(number), NAME, Literal(f"cell {number}\n .\n<urn:x>")),
        Triple(cell(number), SIZE, Literal("big")),
        Triple(SHARED, NAME, Literal("maker")),
        *(Triple(cell(number), f"urn:p{k}", Iri(f"https://archive.example/{number}#{k}")) for k in range(size)),
    ]
    return GraphChange(graph(number), triples, audiences)


RECORDS = [record(1, ONE), record(2, PUBLIC), record(3, TWO), record(4, ONE | TWO), record(5, NOBODY)]
EMPTY = GraphChange(graph(6), [], ONE)
HIDDEN_EMPTY = GraphChange(graph(7), [], TWO)


def fill(path: Path) -> Path:
    with closing(EmbeddedGraphStore(path)) as store:
        store.set_public_graph("urn:ontology", [Triple("urn:A", "urn:below", Iri("urn:B"))])
        store.apply([*RECORDS, EMPTY, HIDDEN_EMPTY])
    return path


def view(checkpoint: Path, reader: Audiences, target: Path) -> Path:
    build(ViewTask(checkpoint, readable(partitions_at(checkpoint), held_by(reader)), target))
    return target


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("store") / "graph")


@pytest.fixture(scope="module")
def stores(checkpoint: Path) -> Iterator[tuple[EmbeddedGraphStore, ViewStore]]:
    with (
        closing(EmbeddedGraphStore(checkpoint, read_only=True)) as store,
        closing(ViewStore(view(checkpoint, ONE, checkpoint.parent / "view"))) as viewed,
    ):
        yield store, viewed


def found(
    store: GraphReader,
    text: str,
    reader: Audiences = ONE,
    default: tuple[str, ...] | None = None,
    named: tuple[str, ...] | None = None,
) -> list[str]:
    """The answer as a sorted list of texts."""
    answer = store.query(text, reader, default_graphs=default, named_graphs=named)
    if isinstance(answer, Solutions):
        return sorted(map(repr, answer.rows))
    return sorted(map(repr, answer.triples)) if isinstance(answer, Graph) else [repr(answer)]


# --- a view answers as the partitions do


QUERIES = [
    ALL,
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    f"SELECT * {{ ?s <{NAME}> ?n ; <{SIZE}> ?size }}",
    "SELECT ?g { GRAPH ?g {} }",
    "SELECT * { GRAPH ?g { ?s ?p ?o } }",
    f"SELECT * {{ GRAPH <{graph(1)}> {{ ?s ?p ?o }} }}",
    f"SELECT * {{ GRAPH <{graph(3)}> {{ ?s ?p ?o }} }}",
    f"ASK {{ GRAPH <{graph(6)}> {{}} }}",
    f"ASK {{ GRAPH <{graph(7)}> {{}} }}",
    f"SELECT * {{ GRAPH ?g {{ ?s <{NAME}> ?n GRAPH ?h {{ ?t <{SIZE}> ?size }} }} }}",
    f"SELECT * {{ GRAPH ?g {{ ?s <{NAME}> ?n GRAPH <{graph(3)}> {{ ?t <{SIZE}> ?size }} }} }}",
    "SELECT * { GRAPH <urn:ontology> { ?s ?p ?o } }",
    "SELECT * { ?a <urn:below>* <urn:B> }",
    "SELECT * FROM <urn:ontology> { ?s ?p ?o }",
    f"SELECT * FROM <{graph(1)}> {{ ?s ?p ?o }}",
    f"SELECT * FROM <{graph(3)}> {{ ?s ?p ?o }}",
    f"SELECT * FROM <{graph(1)}> FROM <{graph(2)}> FROM <{graph(3)}> {{ ?s ?p ?o }}",
    f"SELECT * FROM NAMED <{graph(1)}> FROM NAMED <{graph(3)}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    f"SELECT * FROM NAMED <{graph(1)}> {{ GRAPH <{graph(2)}> {{ ?s ?p ?o }} }}",
    f"SELECT * FROM <{graph(1)}> FROM <{graph(4)}> FROM NAMED <{graph(2)}> {{ ?s <{NAME}> ?n GRAPH ?g {{ ?t <{NAME}> ?n }} }}",
    f"SELECT * {{ ?s <{SIZE}> ?o MINUS {{ GRAPH ?g {{ ?s <{SIZE}> ?o }} }} }}",
    f"SELECT * {{ ?s <{SIZE}> ?o FILTER NOT EXISTS {{ GRAPH <{graph(1)}> {{ ?s ?p ?o }} }} }}",
    "SELECT ?g ?n { GRAPH ?g { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } }",
    f"DESCRIBE <{cell(1)}>",
    f"DESCRIBE <{cell(3)}>",
    f"CONSTRUCT {{ ?s <urn:is> ?g }} WHERE {{ GRAPH ?g {{ ?s <{NAME}> ?n }} }}",
    "SELECT * { GRAPH <urn:voltagraph:system> { ?s ?p ?o } }",
]


@pytest.mark.parametrize("text", QUERIES)
def test_a_view_answers_as_the_partitions_do(stores: tuple[EmbeddedGraphStore, ViewStore], text: str) -> None:
    partitions, viewed = stores
    assert found(viewed, text) == found(partitions, text)


@pytest.mark.parametrize("named", [(graph(1),), (graph(3),), (graph(1), graph(3)), ("no iri",), ()])
def test_graphs_that_are_named_beside_the_query_are_met_with_the_view(
    stores: tuple[EmbeddedGraphStore, ViewStore], named: tuple[str, ...]
) -> None:
    for text in (ALL, "SELECT * { GRAPH ?g { ?s ?p ?o } }"):
        for default, within in ((named, None), (None, named), (named, named)):
            answers = [found(store, text, default=default, named=within) for store in stores]
            assert answers[0] == answers[1]


def test_a_view_holds_nothing_of_what_its_readers_may_not_read(stores: tuple[EmbeddedGraphStore, ViewStore]) -> None:
    _, viewed = stores
    held = "".join(found(viewed, "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"))
    assert [cell(number) in held for number in range(1, 6)] == [True, True, False, True, False]
    files = b"".join(file.read_bytes() for file in (viewed._path / "store").iterdir())
    assert [text in files for text in (graph(1).encode(), b"cell 1")] == [True, True]
    assert [text in files for text in (graph(3).encode(), b"cell 3")] == [False, False]


def test_a_forbidden_graph_and_one_that_is_not_there_give_the_same_bytes(stores: tuple[EmbeddedGraphStore, ViewStore]) -> None:
    _, viewed = stores

    def answer(text: str) -> bytes:
        return b"".join(write_answer(viewed.query(text, ONE), ResultFormat.JSON))

    for text in ("ASK {{ GRAPH <{0}> {{}} }}", "SELECT * FROM <{0}> {{ ?s ?p ?o }}", "SELECT * {{ GRAPH <{0}> {{ ?s ?p ?o }} }}"):
        assert answer(text.format(graph(3))) == answer(text.format(graph(99)))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("SELECT * {", QuerySyntaxError),
        ("SELECT * { SERVICE <urn:x> { ?s ?p ?o } }", QueryRefusedError),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", QueryRefusedError),
        ("SELECT * { ?s ?p ?o BIND(1 AS ?s) }", QuerySyntaxError),
    ],
)
def test_errors_are_those_of_the_partitions(
    stores: tuple[EmbeddedGraphStore, ViewStore], text: str, error: type[VoltagraphError]
) -> None:
    said = []
    for store in stores:
        with pytest.raises(error) as caught:
            store.query(text, ONE)
        said.append(str(caught.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("reader", [TWO, ONE | TWO, PUBLIC, NOBODY, frozenset({"bma/user:9"})])
def test_a_view_answers_no_reader_of_another_kind(stores: tuple[EmbeddedGraphStore, ViewStore], reader: Audiences) -> None:
    with pytest.raises(StoreError, match="other rights"):
        stores[1].query("ASK {}", reader)


def test_readers_of_one_kind_share_a_view(stores: tuple[EmbeddedGraphStore, ViewStore]) -> None:
    partitions, viewed = stores
    reader = ONE | {"bma/user:9", "any"}
    assert found(viewed, ALL, reader) == found(partitions, ALL, reader)


def test_a_large_store_is_loaded_in_steps(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ViewStore(view(checkpoint, ONE, tmp_path / "whole"))
    monkeypatch.setattr("graph.view_store.LOADED_BYTES", 100)
    stepwise = ViewStore(view(checkpoint, ONE, tmp_path / "stepwise"))
    for text in (ALL, "SELECT * { GRAPH ?g { ?s ?p ?o } }"):
        assert found(whole, text) == found(stepwise, text)


def test_a_damaged_view_is_told(checkpoint: Path, tmp_path: Path) -> None:
    path = view(checkpoint, ONE, tmp_path / "view")
    (path / "readers.json").unlink()
    with pytest.raises(StoreDamagedError):
        ViewStore(path)


# --- which are made, and which go


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Views as soon as somebody asked once."""
    monkeypatch.setattr(policy, "SETTLED_SECONDS", 0.0)
    monkeypatch.setattr(policy, "ASKED", 1)
    monkeypatch.setattr(policy, "_TICK", 0.05)


class Server:
    """Checkpoints, views and query processes as `voltagraph serve` has them."""

    def __init__(self, home: Path, *, most: int = 4, most_bytes: int = 1_000_000_000) -> None:
        self.home = home
        self.checkpoints = Checkpoints(home)
        self.views = Views(home / "views", self.checkpoints, most=most, most_bytes=most_bytes)
        make = Folders(EmbeddedGraphStore, ViewStore)
        self.queries = QueryProcesses(make, self.checkpoints, home / "spool", processes=3, views=self.views)
        self.queries.warm()

    def ask(self, text: str, reader: Audiences, *, place: StorePlace | None = None, repeatable: bool = False) -> tuple[str, str]:
        """The answer as CSV, sorted, and the generation."""
        request = QueryRequest(text, reader, ResultFormat.CSV, place=place or StorePlace(), repeatable=repeatable)
        with self.queries.run(request, Allowance(), actor="a") as answer:
            return "\n".join(sorted(answer.read().decode().splitlines())), answer.generation

    def view(self, reader: Audiences) -> ViewPlace | None:
        return self.views.of(self.checkpoints.current(), reader)

    def viewed(self, reader: Audiences) -> ViewPlace:
        """The reader's view, once it is there."""
        self.ask(NOTHING, reader)
        until(lambda: self.view(reader) is not None)
        place = self.view(reader)
        assert place is not None
        return place

    def on_disk(self) -> list[str]:
        folder = self.home / "views"
        return sorted(path.name for path in folder.iterdir() if path.name != "lock") if folder.exists() else []


@pytest.fixture
def home(tmp_path: Path) -> Path:
    publish(tmp_path, *RECORDS)
    return tmp_path


def publish(home: Path, *changes: GraphChange) -> StorePlace:
    with closing(EmbeddedGraphStore(home / "graph")) as store:
        store.apply(changes)
        return Checkpoints(home).publish(store.backup)


@pytest.fixture
def server(home: Path, quick: None) -> Iterator[Server]:
    made = Server(home)
    yield made
    made.queries.close()
    assert made.on_disk() == []


def name(place: StorePlace) -> str:
    return "" if place.path is None else place.path.name


def long_ago(server: Server) -> None:
    """As if nobody had asked the views that there are for an hour."""
    for view in server.views._views.values():
        view.used -= 3600


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def opened_by(path: Path) -> set[int]:
    """Processes of this one that have files of a folder open."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(path) in str(file.readlink()) for file in (process / "fd").iterdir()):
                found.add(int(process.name))
        except OSError:
            continue
    return found


def test_who_asks_gets_a_view_and_the_same_answers(server: Server) -> None:
    before = server.ask(ALL, ONE)
    place = server.viewed(ONE)
    assert server.ask(ALL, ONE) == before
    assert place.path is not None
    assert opened_by(place.path)
    assert place.generation == server.checkpoints.current().generation == before[1]
    assert server.view(TWO) is None


def test_repeatable_queries_and_places_of_their_own_never_use_a_view(server: Server) -> None:
    place = server.viewed(ONE)
    server.ask(ALL, ONE, repeatable=True)
    server.ask(ALL, ONE, place=server.checkpoints.current())
    assert place.path is not None
    assert not opened_by(place.path)


def test_an_old_view_is_not_asked_once_something_newer_is_published_and_goes(server: Server) -> None:
    place = server.viewed(ONE)
    assert cell(1) in server.ask(ALL, ONE)[0]
    newest = publish(server.home, record(1, TWO))
    answer, generation = server.ask(ALL, ONE)
    assert generation == newest.generation
    assert cell(1) not in answer
    assert place.path is not None
    until(lambda: place.path is not None and not place.path.exists())
    assert server.viewed(ONE).generation == newest.generation
    assert cell(1) not in server.ask(ALL, ONE)[0]


def test_who_loses_an_audience_is_of_another_kind_at_once(server: Server) -> None:
    server.viewed(ONE | TWO)
    assert cell(3) in server.ask(ALL, ONE | TWO)[0]
    assert cell(3) not in server.ask(ALL, ONE)[0]


def test_of_too_many_views_the_one_goes_that_was_not_asked_for_longest(home: Path, quick: None) -> None:
    server = Server(home, most=2)
    try:
        kept, oldest = server.viewed(ONE), server.viewed(TWO)
        server.ask(ALL, TWO)
        assert opened_by(oldest.path or home)
        long_ago(server)
        server.ask(ALL, ONE)
        newest = server.viewed(PUBLIC)
        assert server.view(TWO) is None
        until(lambda: set(server.on_disk()) == {name(kept), name(newest)})  # though nobody asks the process that had it open
        assert name(oldest) not in server.on_disk()
        assert cell(3) in server.ask(ALL, TWO)[0]
    finally:
        server.queries.close()


def test_a_view_in_use_does_not_give_way(home: Path, quick: None) -> None:
    server = Server(home, most=1)
    try:
        server.viewed(ONE)
        server.ask(NOTHING, TWO)
        until(lambda: bool(server.views._demand.get(held_by(TWO))))
        time.sleep(0.5)  # ten looks
        assert server.view(ONE) is not None
        assert len(server.on_disk()) == 1
    finally:
        server.queries.close()


def test_a_view_that_takes_too_much_of_the_disk_is_ended_before_it_is_whole(
    home: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[str] = []
    size = policy._size

    def noted(folder: Path) -> int:
        measured.append(folder.name)
        return size(folder)

    monkeypatch.setattr(policy, "_size", noted)
    publish(home, *(record(number, ONE, size=300) for number in range(10, 110)))
    server = Server(home, most_bytes=10_000)
    try:
        server.ask(NOTHING, ONE)
        until(lambda: bool(server.views._not_before))
        until(lambda: server.on_disk() == [])
        assert all(name.endswith(".tmp") for name in measured)
        assert server.view(ONE) is None
        assert cell(1) in server.ask(ALL, ONE)[0]
    finally:
        server.queries.close()


def test_an_unused_view_gives_way_to_one_that_has_no_room_and_does_not_come_back(home: Path, quick: None) -> None:
    first = Server(home)
    size = sum(file.stat().st_size for file in (first.viewed(ONE).path or home).rglob("*"))
    first.queries.close()
    server = Server(home, most_bytes=size * 3 // 2)
    try:
        server.viewed(ONE)
        long_ago(server)
        server.viewed(TWO)
        assert server.view(ONE) is None
        long_ago(server)
        time.sleep(0.5)  # ten looks
        assert server.view(TWO) is not None
    finally:
        server.queries.close()


def test_without_views_none_is_made(home: Path, quick: None) -> None:
    server = Server(home, most=0)
    try:
        server.ask(ALL, ONE)
        assert not server.views._demand
        assert server.on_disk() == []
    finally:
        server.queries.close()


def test_a_view_is_made_for_one_slow_query_or_for_many_and_not_at_once(
    home: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "ASKED", 3)
    views, newest = Views(home / "views", Checkpoints(home)), Checkpoints(home).current()
    assert newest.path is not None
    for _ in range(2):
        views.note(ONE, newest, 0.001)
    assert views._wanted(newest.path) is None
    views.note(ONE, newest, 0.001)
    assert views._wanted(newest.path) is not None
    slow = Views(home / "views", Checkpoints(home))
    slow.note(TWO, newest, policy.SLOW_SECONDS)
    assert slow._wanted(newest.path) is not None
    monkeypatch.setattr(policy, "SETTLED_SECONDS", 1000.0)
    slow._look()
    assert not (home / "views").exists()


def test_readers_with_the_same_rights_count_together_and_nobody_has_none(
    home: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "ASKED", 3)
    views, newest = Views(home / "views", Checkpoints(home)), Checkpoints(home).current()
    assert newest.path is not None
    for number in range(3):
        views.note(ONE | {f"bma/user:{number}"}, newest, 0.001)
        views.note(NOBODY, newest, 1.0)
    wanted = views._wanted(newest.path)
    assert wanted is not None
    assert wanted[1] == readable(partitions_at(newest.path), held_by(ONE))


def test_a_query_that_passes_its_time_counts_as_slow(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "ASKED", 1000)
    runaway = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r . ?s ?t ?u }"
    with pytest.raises(QueryLimitError):
        server.queries.run(QueryRequest(runaway, ONE, ResultFormat.CSV), Allowance(seconds=0.3), actor="a")
    until(lambda: server.view(ONE) is not None)


# --- kills


def builders() -> list[int]:
    """Processes that build views for this one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"graph.view_store" in command and parent == os.getpid():
            found.append(int(process.name))
    return found


def test_a_builder_that_is_killed_leaves_nothing_and_another_is_started(
    home: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "AGAIN_SECONDS", 0.2)
    publish(home, *(record(number, ONE, size=300) for number in range(10, 110)))
    server = Server(home)
    try:
        server.ask(NOTHING, ONE)
        until(lambda: any(name.endswith(".tmp") for name in server.on_disk()))
        for pid in builders():
            os.kill(pid, signal.SIGKILL)
        until(lambda: bool(server.views._not_before))
        assert cell(1) in server.ask(ALL, ONE)[0]
        until(lambda: server.view(ONE) is not None)
        assert len(server.on_disk()) == 1
        assert cell(109) in server.ask(ALL, ONE)[0]
    finally:
        server.queries.close()


_SERVER = """
import sys, time
from pathlib import Path
from graph import views
from tests.unit.graph.test_views import NOTHING, ONE, Server
views.SETTLED_SECONDS, views.ASKED, views._TICK = 0.0, 1, 0.01
server = Server(Path(sys.argv[1]))
server.ask(NOTHING, ONE)
print("asked", flush=True)
time.sleep(60)
"""


def test_a_server_that_is_killed_while_it_builds_leaves_nothing_that_is_used(home: Path, quick: None, repository: Path) -> None:
    publish(home, *(record(number, ONE, size=300) for number in range(10, 110)))
    killed = subprocess.Popen([sys.executable, "-c", _SERVER, str(home)], stdout=subprocess.PIPE, cwd=repository)
    with killed:
        assert killed.stdout is not None
        killed.stdout.readline()
        until(lambda: (home / "views").exists() and any((home / "views").glob("*.tmp/store")))
        killed.kill()
        killed.wait()
    left = next((home / "views").glob("*.tmp"))
    until(lambda: not opened_by(home / "views"))
    server = Server(home)
    try:
        until(lambda: not left.exists())
        assert server.on_disk() == []
        server.viewed(ONE)
        assert cell(1) in server.ask(ALL, ONE)[0]
    finally:
        server.queries.close()


def test_a_second_server_of_a_home_leaves_the_views_of_the_first_alone(server: Server) -> None:
    place = server.viewed(ONE)
    second = Server(server.home)
    try:
        second.ask(NOTHING, TWO)
        assert second.ask(ALL, ONE) == server.ask(ALL, ONE)
        time.sleep(0.5)  # ten looks
        assert second.view(TWO) is None
        assert place.path is not None
        assert [place.path.name] == server.on_disk()
    finally:
        second.queries.close()
    assert server.view(ONE) == place


def test_a_publication_during_a_build_ends_it(server: Server, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(home, *(record(number, ONE, size=300) for number in range(10, 110)))
    server.ask(NOTHING, ONE)
    until(lambda: any(name.endswith(".tmp") for name in server.on_disk()))
    monkeypatch.setattr(policy, "ASKED", 1000)  # no other is made
    publish(home, record(200, ONE))
    until(lambda: server.on_disk() == [])
    assert server.views._last_build == 0
    assert cell(200) in server.ask(ALL, ONE)[0]
