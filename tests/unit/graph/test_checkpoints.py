"""What readers open while somebody writes: published, held, pruned, cloned, left by a killed writer, replaced."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from graph import checkpoints
from graph.checkpoints import EMPTY, Checkpoints
from graph.embedded import EmbeddedGraphStore
from graph.process import GraphProcess
from graph.queries import StorePlace
from graph.store import GraphChange
from records.errors import StoreBusyError, StoreDamagedError, StoreError
from records.rdf import Literal, Triple
from records.rights import NOBODY, PUBLIC, Audiences

ONE: Audiences = frozenset({"bma/community:1"})
TWO: Audiences = frozenset({"bma/community:2"})


def graph(number: int) -> str:
    return f"https://archive.example/{number}#graph"


def change(number: int, audiences: Audiences = PUBLIC, *, size: int = 1, version: int = 0) -> GraphChange:
    home = f"https://archive.example/{number}"
    return GraphChange(
        graph(number), [Triple(f"{home}#{k}", "urn:p", Literal(f"{number} {k} {version}")) for k in range(size)], audiences
    )


def read(home: Path) -> dict[str, Audiences]:
    """What a new reader finds: the audiences of each record's graph."""
    states = Checkpoints(home)
    with states.hold(states.current()) as place:
        if place.path is None:
            return {}
        with closing(EmbeddedGraphStore(place.path, read_only=True)) as store:
            return dict(store.audiences_of())


def publish(home: Path, *changes: GraphChange) -> StorePlace:
    with closing(EmbeddedGraphStore(home / "graph")) as store:
        store.apply(changes)
        return Checkpoints(home).publish(store.backup)


def names(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "checkpoints").iterdir())


@contextmanager
def another_process(program: str, *arguments: object, cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has said something; it is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=cwd,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield process
        process.kill()


def flip(file: Path, place: int | None = None) -> None:
    """Another byte in the middle, in a file of its own: what shares it by a hard link keeps the old one."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2 if place is None else place] ^= 0xFF
    file.unlink()
    file.write_bytes(content)


# --- publishing and reading


def test_where_nothing_was_written_nothing_is_made_by_reading(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path).current() == EMPTY
    with Checkpoints(tmp_path).hold(StorePlace()) as place:
        assert place == EMPTY
    Checkpoints(tmp_path).probe()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_which_a_writer_is_about_to_begin_is_empty(tmp_path: Path) -> None:
    (tmp_path / "graph").mkdir()
    assert Checkpoints(tmp_path).current() == EMPTY
    assert list((tmp_path / "graph").iterdir()) == []


def test_states_sort_by_age_and_the_newest_alone_is_kept(tmp_path: Path) -> None:
    states = Checkpoints(tmp_path)
    places = [publish(tmp_path, change(number)) for number in range(3)]
    assert sorted(places, key=lambda place: place.generation) == places
    assert len({place.generation for place in places}) == 3
    assert states.current() == places[-1]
    assert names(tmp_path) == [places[-1].generation, "current", "lock", "sums"]
    assert read(tmp_path).keys() == {graph(0), graph(1), graph(2)}


def test_states_sort_also_when_the_clock_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(tmp_path, change(1))
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000)
    assert publish(tmp_path, change(2)).generation > first.generation


def test_what_another_process_published_is_seen_at_once(tmp_path: Path) -> None:
    states = Checkpoints(tmp_path)
    for number in range(5):
        place = publish(tmp_path, change(number))
        assert states.current() == place


def test_what_is_held_in_another_process_stays(tmp_path: Path, repository: Path) -> None:
    holder = """
import sys
from pathlib import Path
from graph.checkpoints import Checkpoints
states = Checkpoints(Path(sys.argv[1]))
with states.hold(states.current()) as place:
    print(place.generation, flush=True)
    sys.stdin.read()
"""
    first = publish(tmp_path, change(1))
    assert first.path is not None
    with another_process(holder, tmp_path, cwd=repository):
        second = publish(tmp_path, change(2))
        assert publish(tmp_path, change(3)) != second
        assert first.path.is_dir()
        assert second.path is not None
        assert not second.path.exists()
        with closing(EmbeddedGraphStore(first.path, read_only=True)) as store:
            assert store.audiences_of().keys() == {graph(1)}
    last = publish(tmp_path, change(4))  # its holder was killed
    assert names(tmp_path) == [last.generation, "current", "lock", "sums"]


def test_what_was_held_is_removed_when_it_is_let_go(tmp_path: Path) -> None:
    states = Checkpoints(tmp_path)
    first = publish(tmp_path, change(1))
    with states.hold(first) as one, states.hold(first) as two:
        last = publish(tmp_path, change(2))
        assert one == two == first
        assert first.generation in names(tmp_path)
    assert names(tmp_path) == [last.generation, "current", "lock", "sums"]


def test_an_open_reader_holds_what_it_reads(tmp_path: Path) -> None:
    first = publish(tmp_path, change(1))
    assert first.path is not None
    with closing(EmbeddedGraphStore(first.path, read_only=True)) as store:
        publish(tmp_path, change(2))
        assert store.audiences_of().keys() == {graph(1)}
        assert first.path.is_dir()


def test_a_state_that_went_before_it_was_held_is_replaced_by_the_newest(tmp_path: Path) -> None:
    first = publish(tmp_path, change(1))
    last = publish(tmp_path, change(2))
    with Checkpoints(tmp_path).hold(first) as place:
        assert place == last
    with pytest.raises(StoreError, match="no store"), Checkpoints(tmp_path).hold(StorePlace(tmp_path / "else" / "where")):
        pass


def test_what_was_not_finished_is_cleaned_up(tmp_path: Path) -> None:
    publish(tmp_path, change(1))
    (tmp_path / "checkpoints" / "0000000000000001.tmp").mkdir()
    (tmp_path / "checkpoints" / "0000000000000001.tmp" / "CURRENT").write_text("x")
    (tmp_path / "checkpoints" / "0000000000000002.lock").touch()
    (tmp_path / "checkpoints" / "current.tmp").touch()
    last = publish(tmp_path, change(2))
    assert names(tmp_path) == [last.generation, "current", "lock", "sums"]


def test_a_file_named_current_that_names_nothing_is_mended(tmp_path: Path) -> None:
    publish(tmp_path, change(1))
    for text in ("", "../../etc", "0000000000000001"):
        (tmp_path / "checkpoints" / "current").write_text(text)
        assert read(tmp_path).keys() == {graph(1)}


def test_readers_find_a_whole_state_while_a_writer_publishes_and_is_killed(tmp_path: Path, repository: Path) -> None:
    writer = """
import sys
from pathlib import Path
from graph.checkpoints import Checkpoints
from graph.embedded import EmbeddedGraphStore
from graph.store import GraphChange
from records.rdf import Literal, Triple
home, number = Path(sys.argv[1]), int(sys.argv[2])
states, store = Checkpoints(home), EmbeddedGraphStore(home / "graph")
while True:
    states.mark_unpublished()
    statement = Triple("urn:s", "urn:p", Literal(str(number)))
    store.apply([GraphChange(f"https://archive.example/{number}#graph", [statement], frozenset({"any"}))])
    states.publish(store.backup)
    print(number, flush=True)
    number += 1
"""
    number = 0
    for attempt in range(4):
        with another_process(writer, tmp_path, number, cwd=repository) as process:
            until = time.monotonic() + 0.3 + 0.07 * attempt
            while time.monotonic() < until:
                assert read(tmp_path)
            process.send_signal(signal.SIGKILL)
            assert process.stdout is not None
            said = process.stdout.read().split()
        number = int(said[-1]) if said else number
        with closing(EmbeddedGraphStore(tmp_path / "graph")) as store:
            assert store.check() == []
        found = read(tmp_path)
        assert graph(number) in found, "what was published is seen"
        with closing(EmbeddedGraphStore(tmp_path / "graph")) as store:
            assert dict(store.audiences_of()) == found, "what was left unpublished is published by the next reader"
        number += 2
    publish(tmp_path, change(1))
    assert [name for name in names(tmp_path) if name.endswith(".tmp")] == []


# --- writers


KILLED = """
import os, signal, sys
from pathlib import Path
from graph.checkpoints import Checkpoints
from graph.embedded import EmbeddedGraphStore
from graph.store import GraphChange
from records.rdf import Literal, Triple
home = Path(sys.argv[1])
store = EmbeddedGraphStore(home / "graph")
Checkpoints(home).mark_unpublished()
store.apply([GraphChange("https://archive.example/9#graph", [Triple("urn:s", "urn:p", Literal("x"))], frozenset({"any"}))])
print("written", flush=True)
sys.stdin.read()
"""


def test_what_a_killed_writer_left_is_published_by_the_next_reader(tmp_path: Path, repository: Path) -> None:
    first = publish(tmp_path, change(1))
    states = Checkpoints(tmp_path)
    with another_process(KILLED, tmp_path, cwd=repository):
        assert states.current() == first, "while it writes, what was published last is read"
    found: list[StorePlace] = []
    readers = [threading.Thread(target=lambda: found.append(states.current())) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert states.current() in found
    assert len({place.generation for place in found} - {first.generation}) == 1, "one of them publishes it"
    assert read(tmp_path).keys() == {graph(1), graph(9)}


def test_a_store_of_which_nothing_is_published_is_busy_while_it_is_written(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "FIRST_SECONDS", 0.1)
    with another_process(KILLED, tmp_path, cwd=repository), pytest.raises(StoreBusyError) as caught:
        Checkpoints(tmp_path).current()
    assert caught.value.remedy
    assert read(tmp_path).keys() == {graph(9)}


def test_a_store_of_an_older_program_is_published_by_its_first_reader(tmp_path: Path) -> None:
    with closing(EmbeddedGraphStore(tmp_path / "graph")) as store:
        store.apply([change(1)])
    assert read(tmp_path).keys() == {graph(1)}


def test_after_a_change_that_takes_something_away_no_new_reader_sees_it(tmp_path: Path) -> None:
    """The bound on revocation: when the writer's call returns, the newest state is without it."""
    with closing(GraphProcess(tmp_path / "graph", home=tmp_path)) as writer:
        writer.apply([change(number, PUBLIC if number % 2 else ONE | TWO) for number in range(20)])
        for number in range(5):
            writer.apply([GraphChange(graph(number), [], NOBODY)])
            assert graph(number) not in read(tmp_path)
        for number in range(5, 10):
            writer.apply([change(number, ONE, version=1)])
            assert read(tmp_path)[graph(number)] == ONE
        for number in range(10, 15):
            writer.set_rights({graph(number): TWO})
            assert read(tmp_path)[graph(number)] == TWO
        writer.apply([change(20), change(15, NOBODY)])
        assert read(tmp_path)[graph(15)] == NOBODY
        writer.clear()
        assert read(tmp_path) == {}


def test_what_is_added_is_seen_soon_while_the_writer_has_nothing_to_do(tmp_path: Path) -> None:
    with closing(GraphProcess(tmp_path / "graph", home=tmp_path)) as writer:
        writer.apply([change(1)])
        until = time.monotonic() + 30
        while not read(tmp_path).keys() & {graph(1)} and time.monotonic() < until:
            time.sleep(0.02)
        assert read(tmp_path).keys() == {graph(1)}
        until = time.monotonic() + 30
        while not (tmp_path / "checkpoints" / "sums").exists() and time.monotonic() < until:
            time.sleep(0.02)
        assert (tmp_path / "checkpoints" / "sums").exists()
        writer.set_rights({graph(1): ONE})
    assert read(tmp_path) == {graph(1): ONE}


def test_what_is_added_is_seen_soon_while_the_writer_goes_on(tmp_path: Path) -> None:
    with closing(GraphProcess(tmp_path / "graph", home=tmp_path)) as writer:
        until = time.monotonic() + 30
        seen: set[str] = set()
        number = 0
        while len(seen) < 3 and time.monotonic() < until:
            writer.apply([change(number)])
            number += 1
            seen.add(Checkpoints(tmp_path).current().generation)
        assert len(seen) >= 3
    assert len(read(tmp_path)) == number


def test_everything_is_published_at_the_end(tmp_path: Path) -> None:
    with closing(GraphProcess(tmp_path / "graph", home=tmp_path)) as writer:
        writer.apply([change(1)])
    assert read(tmp_path).keys() == {graph(1)}
    assert "unpublished" not in names(tmp_path)
    assert Checkpoints(tmp_path).damage(Checkpoints(tmp_path).current()) == []


def test_a_writer_without_a_home_publishes_nothing(tmp_path: Path) -> None:
    with closing(GraphProcess(tmp_path / "graph")) as writer:
        writer.apply([change(1)])
        writer.apply([GraphChange(graph(1), [], NOBODY)])
    assert not (tmp_path / "checkpoints").exists()


def test_a_writer_waits_a_moment_for_another_one(tmp_path: Path) -> None:
    with closing(GraphProcess(tmp_path / "graph", home=tmp_path)) as waiting:
        holding = EmbeddedGraphStore(tmp_path / "graph")
        threading.Timer(0.2, holding.close).start()
        waiting.apply([change(1)])
    with (
        closing(EmbeddedGraphStore(tmp_path / "graph")),
        closing(GraphProcess(tmp_path / "graph", home=tmp_path)) as refused,
        pytest.raises(StoreBusyError),
    ):
        refused.apply([change(2)])


# --- clones


def test_a_clone_is_changed_and_what_it_was_made_from_is_not(tmp_path: Path) -> None:
    publish(tmp_path, change(1, size=40), change(2))
    states = Checkpoints(tmp_path)
    target = tmp_path / "snapshots" / "s"
    (tmp_path / "snapshots" / "s.tmp").mkdir(parents=True)  # left by a kill
    with states.hold(states.current()) as place:
        states.clone(place, target)
        assert place.path is not None
        shared = [file for file in target.glob("*.sst") if file.samefile(place.path / file.name)]
        assert shared
        assert not [file for file in target.iterdir() if file.suffix != ".sst" and file.samefile(place.path / file.name)]
    with closing(EmbeddedGraphStore(target)) as clone:
        clone.apply([GraphChange(graph(1), [], NOBODY), change(2, ONE)])
        assert clone.check() == []
    assert read(tmp_path) == {graph(1): PUBLIC, graph(2): PUBLIC}
    assert states.damage(states.current()) == []
    with pytest.raises(StoreError):
        states.clone(states.current(), target)
    with pytest.raises(StoreError, match="empty"):
        states.clone(EMPTY, tmp_path / "other")


# --- another store in the place of the live one


def other_store(folder: Path, *numbers: int) -> None:
    with closing(EmbeddedGraphStore(folder)) as store:
        store.apply([change(number) for number in numbers])


def refuse(folder: Path) -> None:
    other_store(folder, 2)
    raise StoreError("It is not a graph store.")


def test_another_store_takes_the_place_of_the_live_one(tmp_path: Path) -> None:
    first = publish(tmp_path, change(1))
    states = Checkpoints(tmp_path)
    with states.replacement() as folder:
        other_store(folder, 2)
        assert states.current() == first, "readers go on"
        with pytest.raises(StoreBusyError):
            EmbeddedGraphStore(tmp_path / "graph")
        with pytest.raises(StoreBusyError), Checkpoints(tmp_path).replacement():
            pass
    assert read(tmp_path).keys() == {graph(2)}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoints", "graph", "graph.lock"]
    publish(tmp_path, change(3))
    assert read(tmp_path).keys() == {graph(2), graph(3)}


def test_after_an_error_the_live_store_is_what_it_was(tmp_path: Path) -> None:
    publish(tmp_path, change(1))
    with pytest.raises(StoreError, match="not a graph"), Checkpoints(tmp_path).replacement() as folder:
        refuse(folder)
    assert read(tmp_path).keys() == {graph(1)}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoints", "graph", "graph.lock"]


def test_where_no_store_was_another_one_takes_its_place(tmp_path: Path) -> None:
    with Checkpoints(tmp_path).replacement() as folder:
        other_store(folder, 2)
    assert read(tmp_path).keys() == {graph(2)}


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        ("new beside the live one", {graph(1)}),
        ("new, and the live one put aside", {graph(2)}),
        ("new in place, the old one not yet removed", {graph(2)}),
        ("half removed", {graph(1)}),
    ],
)
def test_a_kill_between_two_steps_leaves_a_whole_store(tmp_path: Path, left: str, expected: set[str]) -> None:
    publish(tmp_path, change(1))
    other_store(tmp_path / "graph.new", 2)
    states = Checkpoints(tmp_path)
    states.mark_unpublished()
    if left == "new, and the live one put aside":
        (tmp_path / "graph").rename(tmp_path / "graph.old")
    elif left == "new in place, the old one not yet removed":
        (tmp_path / "graph").rename(tmp_path / "graph.old")
        (tmp_path / "graph.new").rename(tmp_path / "graph")
    elif left == "half removed":
        (tmp_path / "graph.new" / "CURRENT").unlink()
        (tmp_path / "graph.new").rename(tmp_path / "graph.new.tmp")
    assert read(tmp_path).keys() == expected
    with closing(GraphProcess(tmp_path / "graph", home=tmp_path)) as writer:
        writer.apply([change(3)])
    assert read(tmp_path).keys() == {*expected, graph(3)}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoints", "graph", "graph.lock"]


# --- damage


def damaged(home: Path, pattern: str, how: str) -> None:
    """Spoil files of the live store and of its checkpoint."""
    for folder in (home / "graph", *(path for path in (home / "checkpoints").iterdir() if path.is_dir())):
        for file in folder.glob(pattern):
            content = file.read_bytes()
            file.unlink()
            if how != "removed":
                file.write_bytes(b"damage" * 30 if how == "garbage" else content[: len(content) // 2])


@pytest.mark.parametrize("pattern", ["*.sst", "MANIFEST-*", "CURRENT"])
@pytest.mark.parametrize("how", ["truncated", "removed", "garbage"])
def test_a_damaged_store_is_noticed_by_readers_and_writers(tmp_path: Path, pattern: str, how: str) -> None:
    publish(tmp_path, *(change(number, size=20) for number in range(100)))
    damaged(tmp_path, pattern, how)
    with pytest.raises(StoreDamagedError, match="damaged") as caught:
        read(tmp_path)
    assert "voltagraph graph rebuild" in caught.value.remedy
    with pytest.raises(StoreDamagedError, match="damaged"):
        Checkpoints(tmp_path).probe()
    with pytest.raises(StoreDamagedError), closing(GraphProcess(tmp_path / "graph", home=tmp_path)) as writer:
        writer.apply([change(1)])
    with Checkpoints(tmp_path).replacement() as folder:
        other_store(folder, 2)
    assert read(tmp_path).keys() == {graph(2)}


@pytest.mark.parametrize("how", ["gone", "emptied"])
def test_a_live_store_that_is_gone_is_not_taken_for_an_empty_one(tmp_path: Path, how: str) -> None:
    publish(tmp_path, change(1))
    for file in (tmp_path / "graph").iterdir():
        file.unlink()
    if how == "gone":
        (tmp_path / "graph").rmdir()
    states = Checkpoints(tmp_path)
    assert read(tmp_path).keys() == {graph(1)}
    with pytest.raises(StoreDamagedError):
        states.probe()
    states.mark_unpublished()
    assert read(tmp_path).keys() == {graph(1)}, "readers go on with what was published"
    with pytest.raises(StoreDamagedError), closing(GraphProcess(tmp_path / "graph", home=tmp_path)) as writer:
        writer.apply([change(1)])


def test_a_layout_that_is_not_known_is_noticed(tmp_path: Path) -> None:
    with closing(EmbeddedGraphStore(tmp_path / "graph")) as store:
        store._store.update("DELETE WHERE { GRAPH ?g { ?s <urn:voltagraph:version> ?v } }")
        store._store.update(
            "INSERT DATA { GRAPH <urn:voltagraph:system> { <urn:voltagraph:system> <urn:voltagraph:version> '0' } }"
        )
    with pytest.raises(StoreDamagedError, match="layout") as caught:
        Checkpoints(tmp_path).current()
    assert "voltagraph graph rebuild" in caught.value.remedy


def test_other_bytes_in_a_file_are_found_wherever_they_are_and_never_answered(tmp_path: Path) -> None:
    """The engine checks each block that it reads; the digests find also what no query reads."""
    publish(tmp_path, *(change(number, size=200) for number in range(100)))
    states = Checkpoints(tmp_path)
    place = states.current()
    assert place.path is not None
    with closing(EmbeddedGraphStore(place.path, read_only=True)) as store:
        expected = dict(store.versions(PUBLIC))
    tables = sorted(place.path.glob("*.sst"), key=lambda file: file.stat().st_size)
    for file in tables:
        whole = file.read_bytes()
        flip(file, 100)
        assert states.damage(place) == [file.name]
        try:
            with closing(EmbeddedGraphStore(place.path, read_only=True)) as store:
                assert dict(store.versions(PUBLIC)) == expected
                assert store.check() == []
        except StoreDamagedError:
            pass
        file.write_bytes(whole)
    assert states.damage(place) == []


def test_a_store_that_cannot_be_published_is_tried_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(tmp_path, change(1))
    states = Checkpoints(tmp_path)
    with closing(EmbeddedGraphStore(tmp_path / "graph")) as store:
        states.mark_unpublished()
        store.apply([change(2)])
    (tmp_path / "graph" / "CURRENT").rename(tmp_path / "kept")
    assert states.current() == first
    (tmp_path / "kept").rename(tmp_path / "graph" / "CURRENT")
    assert states.current() == first, "not at every question"
    monkeypatch.setattr(checkpoints, "AGAIN_SECONDS", 0)
    assert states.current() != first
    assert read(tmp_path).keys() == {graph(1), graph(2)}
