"""A snapshot answers the same whatever happens to other records, and shows nothing of what its reader may not read.

Corpora, rights and later changes are random; each answer comes from a real store over a real clone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.identity import ANONYMOUS, Actor
from graph.checkpoints import Checkpoints
from graph.embedded import EmbeddedGraphStore
from graph.results import ResultFormat, write_answer
from graph.snapshot_file import Visibility, snapshot_json
from graph.snapshots import SnapshotPolicy, Snapshots
from graph.store import GraphChange
from records.rdf import Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC

HOME = "https://archive.example/"
RECORDS = [f"{HOME}{number}" for number in range(6)]
SUBJECTS = [*RECORDS[:3], *(f"{record}#n" for record in RECORDS[:4]), "https://shared.example/a", "https://shared.example/b"]
PREDICATES = ["https://p.example/p", "https://p.example/q"]
OBJECTS = [*map(Iri, SUBJECTS), Literal("x"), Literal("1", "http://www.w3.org/2001/XMLSchema#integer"), Literal("y", language="en")]
READER = Actor("reader", frozenset({"any", "bma/community:1"}))
OTHER = Actor("other", frozenset({"any", "bma/community:1", "bma/community:2"}))
QUERIES = {
    "all": "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o",
    "unordered": "SELECT * { ?s ?p ?o }",
    "graphs": "SELECT ?g ?s ?o { GRAPH ?g { ?s <https://p.example/p> ?o } }",
    "groups": "SELECT ?p (COUNT(*) AS ?n) (SAMPLE(?s) AS ?one) { ?s ?p ?o } GROUP BY ?p",
    "join": "SELECT DISTINCT ?a ?c { ?a ?p ?b . ?b ?q ?c }",
    "path": "SELECT * { ?a <https://p.example/p>+ ?b } LIMIT 7",
    "minus": "SELECT ?s { ?s <https://p.example/p> ?o MINUS { ?s <https://p.example/q> ?x } }",
}
CONSTRUCT = "CONSTRUCT { ?s <https://p.example/named> [ <https://p.example/o> ?o ] } WHERE { ?s ?p ?o }"

triples = st.builds(Triple, st.sampled_from(SUBJECTS), st.sampled_from(PREDICATES), st.sampled_from(OBJECTS))
audience_sets = st.sampled_from([PUBLIC, NOBODY, *(frozenset({f"bma/community:{n}"}) for n in (1, 2)), frozenset({"bma/user:7"})])
changes = st.builds(
    lambda record, some, audiences: GraphChange(f"{record}#graph", some, audiences),
    st.sampled_from(RECORDS),
    st.lists(triples, min_size=1, max_size=6),
    audience_sets,
)
corpora = st.lists(changes, min_size=1, max_size=8)


def write(home: Path, changes: Sequence[GraphChange]) -> None:
    store = EmbeddedGraphStore(home / "graph")
    try:
        store.apply(changes)
        Checkpoints(home).publish(store.backup)
    finally:
        store.close()


def snapshots_of(home: Path) -> Snapshots:
    """As after a restart: nothing is remembered."""
    return Snapshots(home, Checkpoints(home), EmbeddedGraphStore, SnapshotPolicy())


def answers(home: Path, snapshot: str, actor: Actor) -> dict[str, bytes]:
    view = snapshots_of(home).place(snapshot, actor)
    store = EmbeddedGraphStore(view.place.path, read_only=True)
    try:
        tables = {
            name: b"".join(write_answer(store.query(text, view.audiences, repeatable=True), ResultFormat.JSON))
            for name, text in QUERIES.items()
        }
        made = store.query(CONSTRUCT, view.audiences, repeatable=True)
        return tables | {"construct": b"".join(write_answer(made, ResultFormat.N_TRIPLES))}
    finally:
        store.close()


def rows(answers: dict[str, bytes]) -> dict[str, list[str]]:
    """Rows as multisets, where the query does not leave the choice of rows to the engine."""
    chosen = ("all", "unordered", "graphs", "join", "minus")
    return {name: sorted(map(json.dumps, json.loads(answers[name])["results"]["bindings"])) for name in chosen}


def readable(changes: Sequence[GraphChange], actor: Actor) -> set[str]:
    last = {change.graph_iri: change for change in changes}
    return {graph for graph, change in last.items() if change.audiences & actor.audiences}


@settings(max_examples=25)
@given(corpora, corpora)
def test_changes_that_leave_the_readers_rights_give_the_same_bytes(corpus: list[GraphChange], later: list[GraphChange]) -> None:
    kept = readable(corpus, READER)
    later = [change for change in later if change.graph_iri not in kept or change.audiences & READER.audiences]
    with TemporaryDirectory() as folder:
        home = Path(folder)
        write(home, corpus)
        snapshot = snapshots_of(home).create(READER, Visibility.PRIVATE).snapshot
        before = answers(home, snapshot.id, READER)
        if later:
            write(home, later)  # records change, are added, are withdrawn, and their rights change
        assert answers(home, snapshot.id, READER) == before
        # As `voltagraph graph rebuild` does: another store takes the place of the live one.
        with Checkpoints(home).replacement() as place:
            rebuilt = EmbeddedGraphStore(place)
            rebuilt.apply([*corpus, *later])
            rebuilt.close()
        assert answers(home, snapshot.id, READER) == before


@settings(max_examples=25)
@given(corpora, st.lists(st.sampled_from(RECORDS), min_size=1, max_size=3), st.sampled_from(["rights", "withdrawn"]))
def test_what_is_withheld_leaves_what_it_would_be_without_these_records(
    corpus: list[GraphChange], withheld: list[str], how: str
) -> None:
    gone = {f"{record}#graph" for record in withheld}
    with TemporaryDirectory() as folder, TemporaryDirectory() as other:
        home, truth = Path(folder), Path(other)
        write(home, corpus)
        snapshot = snapshots_of(home).create(READER, Visibility.PRIVATE).snapshot
        last = {change.graph_iri: change for change in corpus}
        write(
            home,
            [
                GraphChange(graph, () if how == "withdrawn" else change.triples, NOBODY)
                for graph, change in last.items()
                if graph in gone
            ]
            or corpus,
        )
        kept = [change for graph, change in last.items() if graph not in gone]
        write(truth, kept or [GraphChange(f"{HOME}none#graph", (), NOBODY)])
        expected = snapshots_of(truth).create(READER, Visibility.PRIVATE).snapshot
        assert rows(answers(home, snapshot.id, READER)) == rows(answers(truth, expected.id, READER))
        assert snapshots_of(home).place(snapshot.id, READER).withheld == len(readable(corpus, READER) & gone)


@settings(max_examples=25)
@given(corpora, corpora)
def test_what_the_reader_may_not_read_leaves_no_trace_in_the_snapshot(corpus: list[GraphChange], others: list[GraphChange]) -> None:
    secret = [
        GraphChange(change.graph_iri.replace(HOME, f"{HOME}secret-"), change.triples, frozenset({"bma/user:7"}))
        for change in others
    ]
    with TemporaryDirectory() as folder, TemporaryDirectory() as other:
        shown = []
        for home, changes in ((Path(folder), [*corpus, *secret]), (Path(other), corpus)):
            write(home, changes)
            snapshots = snapshots_of(home)
            snapshot = snapshots.create(READER, Visibility.PRIVATE).snapshot
            told = snapshot_json(snapshot, READER, snapshots.place(snapshot.id, READER).withheld)
            shown.append(
                (
                    {name: value for name, value in told.items() if name not in {"created", "expires"}},
                    snapshots.records(snapshot.id, READER),
                    {
                        name: sorted(answer)
                        for name, answer in answers(home, snapshot.id, READER).items()
                        if name in {"all", "minus"}
                    },
                )
            )
        assert shown[0] == shown[1]


@pytest.mark.parametrize("seed", range(5))
def test_nothing_of_other_actors_snapshots_is_seen(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    write(tmp_path, [GraphChange(f"{record}#graph", [Triple(record, PREDICATES[0], Literal("x"))], PUBLIC) for record in RECORDS])
    before = _seen(snapshots_of(tmp_path), "0" * 32)
    theirs = []
    for _ in range(3):
        write(
            tmp_path,
            [GraphChange(f"{RECORDS[0]}#graph", [Triple(RECORDS[0], PREDICATES[0], Literal(str(chance.random())))], PUBLIC)],
        )
        theirs.append(snapshots_of(tmp_path).create(OTHER, Visibility.PRIVATE, "a note").snapshot.id)
    for name in theirs:
        assert _seen(snapshots_of(tmp_path), name) == before


def _seen(snapshots: Snapshots, name: str) -> list[object]:
    seen: list[object] = []
    for actor in (READER, ANONYMOUS):
        seen.append(snapshots.own(actor))
        for ask in (snapshots.get, snapshots.records, snapshots.place, snapshots.delete, snapshots.audiences_if_present):
            try:
                seen.append(ask(name, actor))
            except Exception as error:  # noqa: BLE001 - whatever it is, it must be the same
                seen.append((type(error).__name__, str(error)))
    return seen
