"""Snapshots over a real store with real checkpoints: what they hold, who finds them, what rights of today take out, how they go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from access.identity import ANONYMOUS, Actor
from graph.checkpoints import Checkpoints
from graph.embedded import EmbeddedGraphStore
from graph.snapshot_file import Snapshot, Visibility
from graph.snapshots import SnapshotPolicy, Snapshots, SnapshotView
from graph.store import GraphChange, Solutions
from records.errors import ForbiddenError, IdentityError, LimitError, NotFoundError, NotOfferedError, QueryRefusedError
from records.rdf import Literal, Triple
from records.rights import NOBODY, PUBLIC, Audiences

ALICE = Actor("alice", frozenset({"any", "lab/user:alice", "lab/community:x"}))
BOB = Actor("bob", frozenset({"any", "lab/user:bob", "lab/community:x"}))
X: Audiences = frozenset({"lab/community:x"})
NAMES = "SELECT ?name { ?s <https://schema.org/name> ?name } ORDER BY ?name"


def graph(name: str) -> str:
    return f"https://a.example/{name}#graph"


class Home:
    """A home with a store that is written and published, and a clock that is set."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoints = Checkpoints(path)
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def write(self, name: str, value: str, audiences: Audiences) -> None:
        triples = [Triple(f"https://a.example/{name}#s", "https://schema.org/name", Literal(value))] if value else []
        self._change(lambda store: store.apply([GraphChange(graph(name), triples, audiences)]))

    def set_rights(self, name: str, audiences: Audiences) -> None:
        self._change(lambda store: store.set_rights({graph(name): audiences}))

    def _change(self, change: object) -> None:
        store = EmbeddedGraphStore(self.path / "graph")
        try:
            change(store)  # type: ignore[operator]
            self.checkpoints.publish(store.backup)
        finally:
            store.close()

    def snapshots(self, policy: SnapshotPolicy = SnapshotPolicy(), vocabulary: str = "") -> Snapshots:  # noqa: B008
        return Snapshots(
            self.path, self.checkpoints, EmbeddedGraphStore, policy, vocabulary=lambda: vocabulary, clock=lambda: self.now
        )

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.write("public", "for all", PUBLIC)
    made.write("members", "for members", X)
    made.write("nobody", "for nobody", NOBODY)
    return made


def names(view: SnapshotView, query: str = NAMES) -> list[str]:
    store = EmbeddedGraphStore(view.place.path, read_only=True)
    try:
        answer = store.query(query, view.audiences, repeatable=True)
        assert isinstance(answer, Solutions)
        return [value.value for row in answer.rows if isinstance(value := row[0], Literal)]
    finally:
        store.close()


# What it holds


def test_it_holds_what_its_owner_could_read_and_nothing_else(home: Home) -> None:
    made = home.snapshots().create(ALICE, Visibility.PRIVATE, "for the paper").snapshot
    assert (made.records, made.owner, made.note, made.is_public) == (2, "alice", "for the paper", False)
    assert [one.graph_iri for one in home.snapshots().records(made.id, ALICE)] == [graph("members"), graph("public")]
    view = home.snapshots().place(made.id, ALICE)
    assert (names(view), view.withheld) == (["for all", "for members"], 0)


def test_a_public_one_holds_the_public_records_alone_and_is_for_everyone_with_its_name(home: Home) -> None:
    made = home.snapshots().create(ALICE, Visibility.PUBLIC).snapshot
    for actor in (ALICE, BOB, ANONYMOUS):
        assert names(home.snapshots().place(made.id, actor)) == ["for all"]


def test_its_digest_is_that_of_its_list_of_record_versions(home: Home) -> None:
    from hashlib import sha256

    made = home.snapshots().create(ALICE, Visibility.PRIVATE).snapshot
    listed = "".join(f"{one.graph_iri}\t{one.digest}\n" for one in home.snapshots().records(made.id, ALICE))
    assert sha256(listed.encode()).hexdigest() == made.digest


def test_the_same_state_twice_is_the_same_snapshot(home: Home) -> None:
    first = home.snapshots().create(ALICE, Visibility.PRIVATE)
    again = home.snapshots().create(ALICE, Visibility.PRIVATE)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.snapshot.id == again.snapshot.id


def test_what_its_owner_may_not_read_changes_neither_name_nor_digest(home: Home) -> None:
    first = home.snapshots().create(ALICE, Visibility.PRIVATE)
    home.write("secret", "not for alice", frozenset({"lab/user:bob"}))
    again = home.snapshots().create(ALICE, Visibility.PRIVATE)
    assert again.snapshot == first.snapshot


@pytest.mark.parametrize("change", ["content", "vocabulary", "owner", "visibility"])
def test_another_state_is_another_snapshot(home: Home, change: str) -> None:
    first = home.snapshots().create(ALICE, Visibility.PRIVATE).snapshot
    if change == "content":
        home.write("public", "changed", PUBLIC)
    owner = BOB if change == "owner" else ALICE
    visibility = Visibility.PUBLIC if change == "visibility" else Visibility.PRIVATE
    other = home.snapshots(vocabulary="other" if change == "vocabulary" else "").create(owner, visibility).snapshot
    assert other.id != first.id


def test_later_changes_do_not_show_in_it(home: Home) -> None:
    made = home.snapshots().create(ALICE, Visibility.PRIVATE).snapshot
    home.write("public", "changed", PUBLIC)
    home.write("added", "added", PUBLIC)
    assert names(home.snapshots().place(made.id, ALICE)) == ["for all", "for members"]


def test_a_store_that_nobody_has_written_can_be_frozen(tmp_path: Path) -> None:
    empty = Home(tmp_path)
    made = empty.snapshots().create(ALICE, Visibility.PRIVATE).snapshot
    view = empty.snapshots().place(made.id, ALICE)
    assert (made.records, names(view)) == (0, [])
    empty.write("public", "written later", PUBLIC)
    assert names(empty.snapshots().place(made.id, ALICE)) == []


# Rights of today


@pytest.mark.parametrize("how", ["rights", "withdrawn", "membership"])
def test_what_may_not_be_read_now_is_taken_out(home: Home, how: str) -> None:
    made = home.snapshots().create(ALICE, Visibility.PRIVATE).snapshot
    actor = ALICE
    if how == "rights":
        home.set_rights("members", frozenset({"lab/user:bob"}))
    elif how == "withdrawn":
        home.write("members", "", NOBODY)
    else:
        actor = Actor("alice", PUBLIC)
    view = home.snapshots().place(made.id, actor)
    assert (names(view), view.withheld) == (["for all"], 1)
    assert [one.graph_iri for one in home.snapshots().records(made.id, actor)] == [graph("public")]
    assert names(view, "SELECT ?name { GRAPH ?g { ?s ?p ?name } }") == ["for all"]


def test_what_may_be_read_again_is_there_again(home: Home) -> None:
    snapshots = home.snapshots()
    made = snapshots.create(ALICE, Visibility.PRIVATE).snapshot
    home.set_rights("members", NOBODY)
    assert names(snapshots.place(made.id, ALICE)) == ["for all"]
    home.set_rights("members", X)
    assert names(snapshots.place(made.id, ALICE)) == ["for all", "for members"]


def test_rights_given_later_add_nothing(home: Home) -> None:
    made = home.snapshots().create(ALICE, Visibility.PRIVATE).snapshot
    home.set_rights("nobody", PUBLIC)
    assert names(home.snapshots().place(made.id, ALICE)) == ["for all", "for members"]


def test_a_record_of_a_public_one_that_is_public_no_more_is_for_those_who_may_read_it(home: Home) -> None:
    made = home.snapshots().create(ALICE, Visibility.PUBLIC).snapshot
    home.set_rights("public", X)
    assert names(home.snapshots().place(made.id, BOB)) == ["for all"]
    view = home.snapshots().place(made.id, ANONYMOUS)
    assert (names(view), view.withheld) == ([], 1)


def test_a_statement_that_a_readable_record_makes_too_stays(home: Home) -> None:
    shared = [Triple("https://shared.example/", "https://schema.org/name", Literal("shared"))]

    def add(store: EmbeddedGraphStore) -> None:
        store.apply([GraphChange(graph("one"), shared, PUBLIC), GraphChange(graph("two"), shared, X)])

    home._change(add)
    made = home.snapshots().create(ALICE, Visibility.PRIVATE).snapshot
    home.set_rights("two", NOBODY)
    view = home.snapshots().place(made.id, ALICE)
    assert (names(view), view.withheld) == (["for all", "for members", "shared"], 1)


def test_a_snapshot_itself_is_never_changed_by_what_is_withheld(home: Home) -> None:
    made = home.snapshots().create(ALICE, Visibility.PRIVATE).snapshot
    store = home.path / "snapshots" / made.id / "store"
    before = {path.name: path.read_bytes() for path in sorted(store.iterdir())}
    home.set_rights("members", NOBODY)
    assert names(home.snapshots().place(made.id, ALICE)) == ["for all"]
    assert {path.name: path.read_bytes() for path in sorted(store.iterdir())} == before


def test_a_search_over_a_snapshot_is_refused_once_the_records_are_others(home: Home) -> None:
    snapshots = home.snapshots()
    made = snapshots.create(ALICE, Visibility.PRIVATE).snapshot
    assert snapshots.audiences_if_present(made.id, ALICE) == ALICE.audiences
    home.write("secret", "not for alice", frozenset({"lab/user:bob"}))
    assert snapshots.audiences_if_present(made.id, ALICE) == ALICE.audiences
    home.write("added", "added", PUBLIC)
    with pytest.raises(QueryRefusedError, match="today's records"):
        snapshots.audiences_if_present(made.id, ALICE)


# Who finds it


@pytest.mark.parametrize("actor", [BOB, ANONYMOUS, Actor("anonymous", frozenset({"any", "lab/user:alice"}))])
def test_another_ones_and_an_unknown_one_are_the_same(home: Home, actor: Actor) -> None:
    snapshots = home.snapshots()
    made = snapshots.create(ALICE, Visibility.PRIVATE).snapshot
    told = set()
    for name in (made.id, "0" * 32, "../" + made.id, "", made.id + "\n"):
        for ask in (snapshots.get, snapshots.place, snapshots.records, snapshots.delete, snapshots.audiences_if_present):
            with pytest.raises(NotFoundError) as error:
                ask(name, actor)
            told.add(str(error.value))
    assert len(told) == 1
    assert snapshots.own(actor) == ()


def test_its_owner_lists_it_and_removes_it(home: Home) -> None:
    snapshots = home.snapshots()
    made = snapshots.create(ALICE, Visibility.PRIVATE).snapshot
    assert snapshots.own(ALICE) == (made,)
    snapshots.delete(made.id, ALICE)
    assert snapshots.own(ALICE) == ()
    with pytest.raises(NotFoundError):
        snapshots.place(made.id, ALICE)
    assert snapshots.create(ALICE, Visibility.PRIVATE).is_new


def test_only_its_owner_removes_a_public_one(home: Home) -> None:
    made = home.snapshots().create(ALICE, Visibility.PUBLIC).snapshot
    with pytest.raises(ForbiddenError):
        home.snapshots().delete(made.id, BOB)


def test_without_a_token_there_are_public_ones_without_a_note_that_nobody_owns(home: Home) -> None:
    snapshots = home.snapshots()
    with pytest.raises(IdentityError):
        snapshots.create(ANONYMOUS, Visibility.PRIVATE)
    with pytest.raises(IdentityError):
        snapshots.create(ANONYMOUS, Visibility.PUBLIC, "a note")
    made = snapshots.create(ANONYMOUS, Visibility.PUBLIC).snapshot
    assert names(snapshots.place(made.id, BOB)) == ["for all"]
    with pytest.raises(ForbiddenError):
        snapshots.delete(made.id, ANONYMOUS)


def test_a_note_has_a_limit_and_a_later_one_takes_its_place(home: Home) -> None:
    snapshots = home.snapshots()
    with pytest.raises(LimitError):
        snapshots.create(ALICE, Visibility.PRIVATE, "x" * 1_001)
    snapshots.create(ALICE, Visibility.PRIVATE, "first")
    assert snapshots.create(ALICE, Visibility.PRIVATE).snapshot.note == "first"
    assert snapshots.create(ALICE, Visibility.PRIVATE, "second").snapshot.note == "second"


def test_there_are_none_over_another_server(home: Home) -> None:
    snapshots = Snapshots(home.path, None, EmbeddedGraphStore, SnapshotPolicy())
    with pytest.raises(NotOfferedError):
        snapshots.create(ALICE, Visibility.PRIVATE)


# How it goes


def test_it_goes_when_nobody_used_it_for_the_days_of_the_policy(home: Home) -> None:
    snapshots = home.snapshots(SnapshotPolicy(days=10))
    made = snapshots.create(ALICE, Visibility.PRIVATE).snapshot
    home.pass_days(9)
    snapshots.place(made.id, ALICE)  # used: ten days from now on
    home.pass_days(9)
    assert snapshots.get(made.id, ALICE).expires == home.now + timedelta(days=1)
    home.pass_days(1)
    with pytest.raises(NotFoundError):
        snapshots.get(made.id, ALICE)
    assert snapshots.expire(home.now) == (made.id,)
    assert not (home.path / "snapshots" / made.id).exists()


def test_of_too_many_the_one_unused_for_longest_goes_and_others_owners_are_left_alone(home: Home) -> None:
    snapshots = home.snapshots(SnapshotPolicy(per_actor=2))
    of_bob = snapshots.create(BOB, Visibility.PRIVATE).snapshot
    made = []
    for number in range(3):
        home.write("public", f"state {number}", PUBLIC)
        made.append(snapshots.create(ALICE, Visibility.PRIVATE).snapshot)
        home.pass_days(2)
        snapshots.place(made[0].id, ALICE)
    assert {one.id for one in snapshots.own(ALICE)} == {made[0].id, made[2].id}
    assert snapshots.own(BOB)[0].id == of_bob.id


def test_clones_without_withheld_records_go_when_unused_and_are_made_anew(home: Home) -> None:
    snapshots = home.snapshots()
    made = snapshots.create(ALICE, Visibility.PRIVATE).snapshot
    home.set_rights("members", NOBODY)
    place = snapshots.place(made.id, ALICE).place.path
    assert place is not None
    home.now = datetime.now(UTC) + timedelta(days=2)
    snapshots.expire(home.now)
    assert not place.exists()
    assert names(snapshots.place(made.id, ALICE)) == ["for all"]


# Many at once, and kills


def test_many_at_once_make_one(home: Home) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: home.snapshots().create(ALICE, Visibility.PRIVATE), range(16)))
        assert sum(one.is_new for one in made) == 1
        assert len({one.snapshot.id for one in made}) == 1
        home.set_rights("members", NOBODY)
        views = list(pool.map(lambda _: home.snapshots().place(made[0].snapshot.id, ALICE), range(16)))
    assert len({view.place for view in views}) == 1
    assert names(views[0]) == ["for all"]


_MAKE = """
import sys
sys.path[:0] = [sys.argv[2]]
from pathlib import Path
from access.identity import Actor
from graph.checkpoints import Checkpoints
from graph.embedded import EmbeddedGraphStore
from graph.snapshot_file import Visibility
from graph.snapshots import SnapshotPolicy, Snapshots
home = Path(sys.argv[1])
print("ready", flush=True)
for number in range(100000):
    snapshots = Snapshots(home, Checkpoints(home), EmbeddedGraphStore, SnapshotPolicy(), vocabulary=lambda: str(number))
    snapshots.create(Actor("alice", frozenset({"any", "lab/community:x"})), Visibility.PRIVATE)
"""


@pytest.mark.parametrize("wait", [0.0, 0.01, 0.03, 0.07, 0.15])
def test_a_kill_leaves_nothing_half(home: Home, repository: Path, wait: float) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _MAKE, str(home.path), str(repository)], stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(wait)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    snapshots = home.snapshots(SnapshotPolicy(per_actor=1_000))
    home.now = datetime.now(UTC)
    for one in snapshots.own(ALICE):
        assert names(snapshots.place(one.id, ALICE)) == ["for all", "for members"]
    snapshots.expire(home.now)
    left = set(_names(home.path / "snapshots")) - {"lock"} - {one.id for one in snapshots.own(ALICE)}
    assert not left
    assert names(snapshots.place(snapshots.create(ALICE, Visibility.PRIVATE).snapshot.id, ALICE)) == ["for all", "for members"]


def _names(folder: Path) -> Iterator[str]:
    return (path.name for path in folder.iterdir()) if folder.is_dir() else iter(())


def test_every_field_survives_being_written(home: Home) -> None:
    made = home.snapshots().create(ALICE, Visibility.PRIVATE, "Ångström “note”").snapshot
    assert isinstance(made, Snapshot)
    assert home.snapshots().get(made.id, ALICE) == made
