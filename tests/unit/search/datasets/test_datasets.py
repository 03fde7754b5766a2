"""Tables as files, where records come from, and training sets built from a real store by real query processes."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.identity import ANONYMOUS, Actor
from graph.checkpoints import Checkpoints
from graph.embedded import EmbeddedGraphStore
from graph.guard import QueryLimits
from graph.parameters import Values
from graph.queries import Allowance
from graph.query_processes import Folders, QueryProcesses
from graph.results import ResultFormat, write_answer
from graph.saved_queries import QueryCatalogue
from graph.snapshots import SnapshotPolicy, Snapshots
from graph.sqlite_saved_queries import SqliteSavedQueries
from graph.store import GraphChange, Solutions
from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.lookup import Lookup
from ontology.units import Units
from records.errors import BodyError, CancelledError, QueryLimitError, QueryRefusedError, StoreError
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from records.record import Quantity, Record
from records.rights import PUBLIC, Audiences, Rights
from search.columns.index import ColumnIndex
from search.datasets.build import build_dataset
from search.datasets.provenance import Described, licences_of, origins_of
from search.datasets.search_table import SearchWish
from search.datasets.services import DatasetServices, Watch
from search.datasets.table_files import Column, Converted, DataForm, Table, digest_of, read_again, rows_of, write_rows
from search.datasets.wishes import DatasetWish, SplitWish, UnitPair, check_wish
from search.service import SearchServices

SCHEMA = "https://schema.org/"
HOME = "https://a.example/records/lab/"
AMPERE_HOUR = "https://w3id.org/emmo#AmpereHour"
RATED_CAPACITY = "https://w3id.org/emmo/domain/electrochemistry#electrochemistry_9b3b4668_0795_4a35_9965_2af383497a26"
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


# Tables as files


@pytest.mark.parametrize("form", DataForm)
@given(rows=st.lists(st.tuples(st.none() | texts, st.none() | st.floats()), max_size=30))
def test_every_row_is_found_again_in_every_form(
    tmp_path_factory: pytest.TempPathFactory, form: DataForm, rows: list[tuple[str | None, float | None]]
) -> None:
    folder = tmp_path_factory.mktemp("table")
    write_rows(folder / "source", [Column("text", "text"), Column("number", "number")], rows)
    Table(folder / "source").write(folder, form, (), ["data"], None)
    written = read_again(folder / f"data.{form}", form)
    assert (written.rows, written.size) == (len(rows), (folder / written.name).stat().st_size)
    assert written.sha256 == digest_of(folder / written.name)


@pytest.mark.parametrize("form", DataForm)
def test_parts_hold_their_rows_and_empty_parts_are_tables_too(tmp_path: Path, form: DataForm) -> None:
    write_rows(tmp_path / "source", [Column("n", "number")], [(float(number),) for number in range(25_000)])
    part_of_row = array("I", (number % 2 for number in range(25_000)))
    Table(tmp_path / "source").write(tmp_path, form, (), ["even", "odd", "none"], part_of_row)
    assert [read_again(tmp_path / f"{part}.{form}", form).rows for part in ("even", "odd", "none")] == [12_500, 12_500, 0]


def test_a_file_that_was_cut_is_not_taken_for_whole(tmp_path: Path) -> None:
    write_rows(tmp_path / "source", [Column("n", "number")], [(1.0,)] * 1_000)
    table = Table(tmp_path / "source")
    for form in DataForm:
        table.write(tmp_path, form, (), ["data"], None)
        path = tmp_path / f"data.{form}"
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        try:
            assert read_again(path, form).rows < 1_000
        except StoreError:
            continue


def test_numbers_that_json_has_not_are_texts_in_json_lines(tmp_path: Path) -> None:
    write_rows(tmp_path / "source", [Column("n", "number")], [(math.inf,), (-math.inf,), (math.nan,), (None,), (1.5,)])
    Table(tmp_path / "source").write(tmp_path, DataForm.JSONL, (), ["data"], None)
    lines = (tmp_path / "data.jsonl").read_text().splitlines()
    assert [json.loads(line)["n"] for line in lines] == ["INF", "-INF", "NaN", None, 1.5]


def test_a_converted_column_tells_its_unit_in_the_file(tmp_path: Path) -> None:
    write_rows(
        tmp_path / "source", [Column("c", "text"), Column("u", "text")], [("2", "Ah"), ("x", "Ah"), ("3", "?"), (None, "Ah")]
    )
    converted = Converted(Column("c_A_s", "number", "A·s", "charge"), "c", "u", {"Ah": lambda value: value * 3600})
    Table(tmp_path / "source").write(tmp_path, DataForm.PARQUET, [converted], ["data"], None)
    table = pq.read_table(tmp_path / "data.parquet")
    assert table["c_A_s"].to_pylist() == [7200.0, None, None, None]
    assert table.schema.field("c_A_s").metadata[b"voltagraph.unit"].decode() == "A·s"


def test_what_is_no_arrow_stream_is_a_fault_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"nothing of the kind")
    with pytest.raises(StoreError):
        Table(tmp_path / "source")
    with pytest.raises(StoreError):
        rows_of(b"nothing of the kind")


# Where records come from


def graph(record: str) -> str:
    return f"{HOME}{record}#graph"


def node(record: str, name: str = "") -> str:
    return f"{HOME}{record}#{name}"


def origins(records: Mapping[str, list[Triple]], *, changed: bool = False) -> Any:
    store = EmbeddedGraphStore(None)
    store.apply([GraphChange(graph(record), triples, PUBLIC) for record, triples in records.items()])

    def ask(text: str, graphs: Collection[str]) -> list[tuple[str | None, ...]]:
        answer = store.query(text, PUBLIC, default_graphs=(), named_graphs=sorted(graphs), repeatable=True)
        assert isinstance(answer, Solutions)
        return rows_of(b"".join(write_answer(answer, ResultFormat.ARROW)))

    versions = store.versions(PUBLIC)
    today = dict.fromkeys(versions, "another") if changed else versions
    found = origins_of(versions, today, ask, lambda _graph, _audiences: Described("Title", "warning"), PUBLIC)
    return {origin.iri.removeprefix(HOME): origin for origin in found}


def test_licence_and_creator_are_the_records_own_and_not_those_of_works_it_cites() -> None:
    person, cited = node("a", "/creator"), "https://doi.org/10.1000/1"
    found = origins(
        {
            "a": [
                Triple(node("a"), f"{SCHEMA}license", Iri("https://creativecommons.org/licenses/by/4.0/")),
                Triple(node("a"), "http://purl.org/dc/terms/license", Iri(f"{HOME}CC-BY-SA-4.0")),  # was written as a relative IRI
                Triple(node("a"), f"{SCHEMA}creator", Iri(person)),
                Triple(person, f"{SCHEMA}name", Literal("Ada Example")),
                Triple(node("a"), f"{SCHEMA}citation", Iri(cited)),
                Triple(cited, f"{SCHEMA}author", Literal("Another author")),
                Triple(cited, f"{SCHEMA}license", Literal("all rights reserved")),
                Triple(node("a"), "http://purl.org/dc/terms/bibliographicCitation", Literal("Cite me, 2026")),
            ],
            "b": [Triple(node("b"), f"{SCHEMA}name", Literal("nothing is said"))],
        }
    )
    assert set(found["a"].licences) == {"https://creativecommons.org/licenses/by/4.0/", "https://spdx.org/licenses/CC-BY-SA-4.0"}
    assert found["a"].creators == ("Ada Example",)
    assert set(found["a"].citations) == {cited, "Cite me, 2026"}
    assert found["b"].licences == found["b"].creators == found["b"].citations == ()
    assert licences_of(found.values())[1] == 1


def test_findings_of_another_version_are_not_those_of_the_snapshot() -> None:
    records = {"a": [Triple(node("a"), f"{SCHEMA}name", Literal("x"))]}
    assert origins(records)["a"].validation == "warning"
    assert origins(records, changed=True)["a"].validation == "changed"


# Building one


class World:
    """A home with a written store, an index over the same records, and query processes."""

    def __init__(self, home: Path, allowance: Allowance) -> None:
        self.home = home
        checkpoints = Checkpoints(home)
        facts = packaged_facts()
        concepts = Concepts(facts)
        lookup = Lookup(concepts)
        self.index = ColumnIndex(home / "index.sqlite", ancestors=concepts.ancestors, summary=lambda record: record.text)
        self.saved = SqliteSavedQueries(home / "queries.sqlite")
        self.queries = QueryProcesses(Folders(partial(EmbeddedGraphStore)), checkpoints, home / "spool", processes=2)
        self.services = DatasetServices(
            snapshots=Snapshots(home, checkpoints, EmbeddedGraphStore, SnapshotPolicy()),
            queries=self.queries,
            allowance_of=lambda _actor: allowance,
            catalogue=QueryCatalogue((), self.saved, Values(lookup, concepts), QueryLimits(), 10, lambda: datetime.now(UTC)),
            search=SearchServices(self.index, lookup, concepts, Units(facts)),
            describe=lambda _graph, _audiences: Described("Title", "none"),
            limits=QueryLimits(),
            address="https://a.example/",
            program="voltagraph 0",
        )

    def write(self, numbers: range, audiences: Audiences = PUBLIC) -> None:
        store = EmbeddedGraphStore(self.home / "graph")
        store.apply([GraphChange(graph(str(number)), triples(number), audiences) for number in numbers])
        Checkpoints(self.home).publish(store.backup)
        store.close()
        self.index.apply([record(number, audiences) for number in numbers])

    def build(self, wish: DatasetWish, actor: Actor = ANONYMOUS, watch: Watch = Watch()) -> dict[str, Any]:  # noqa: B008
        folder = self.home / "set"
        folder.mkdir()
        build_dataset(self.services, check_wish(self.services, wish, actor), actor, folder, name="set", watch=watch)
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
        return manifest

    def close(self) -> None:
        self.queries.close()
        self.index.close()
        self.saved.close()


def triples(number: int) -> list[Triple]:
    return [
        Triple(node(str(number)), RDF_TYPE, Iri(f"{SCHEMA}Product")),
        Triple(node(str(number)), f"{SCHEMA}value", Literal(str(number), "http://www.w3.org/2001/XMLSchema#integer")),
        Triple(node(str(number)), f"{SCHEMA}unitCode", Iri(AMPERE_HOUR) if number % 5 else Literal("furlong")),
    ]


def record(number: int, audiences: Audiences) -> Record:
    quantity = Quantity((RATED_CAPACITY,), number, "Ah", number * 3600.0, "A·s", "T·I", "", 1)
    return Record(
        f"lab/{number}", f"{HOME}{number}", f"Cell {number}", "lab", f"{number}", "d", Rights(audiences, audiences), (), (quantity,)
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, Allowance(rows=50, seconds=60))
    made.write(range(20))
    yield made
    made.close()


VALUES = f"SELECT ?s ?x ?xUnit {{ ?s <{SCHEMA}value> ?x ; <{SCHEMA}unitCode> ?xUnit }}"


def test_units_are_found_converted_and_what_is_unknown_is_counted(world: World) -> None:
    manifest = world.build(DatasetWish(query=VALUES))
    assert manifest["units"] == [
        {
            "value": "x",
            "unit": "xUnit",
            "column": "x_A_s",
            "base_unit": "A·s",
            "converted": 16,
            "unknown": {"furlong": 4},
            "other_dimension": {},
        }
    ]
    table = pq.read_table(world.home / "set" / "data.parquet").to_pylist()
    assert all(row["x_A_s"] == (row["x"] * 3600 if row["x"] % 5 else None) for row in table)


def test_no_units_means_no_more_columns(world: World) -> None:
    manifest = world.build(DatasetWish(query=VALUES, units=()))
    assert [column["name"] for column in manifest["columns"]] == ["s", "x", "xUnit"]


def test_more_rows_than_allowed_are_an_error_and_no_file(world: World) -> None:
    with pytest.raises(QueryLimitError, match="50 rows"):
        world.build(DatasetWish(query="SELECT * { ?a ?b ?c }"))
    world.write(range(20, 80))
    (world.home / "set").rmdir()
    with pytest.raises(QueryLimitError, match="50 records"):
        world.build(DatasetWish(search=SearchWish("")))


def test_a_search_has_a_column_for_each_kind_of_quantity(world: World) -> None:
    manifest = world.build(DatasetWish(search=SearchWish(""), split=SplitWish("?title", {"a": 0.5, "b": 0.5})))
    rows = [row for part in "ab" for row in pq.read_table(world.home / "set" / f"{part}.parquet").to_pylist()]
    assert sorted(row["title"] for row in rows) == sorted(f"Cell {number}" for number in range(20))
    assert all(row["RatedCapacity_A_s"] == 3600.0 * int(row["title"].split()[1]) for row in rows)
    assert manifest["records"]["count"] == 20


def test_a_search_over_a_snapshot_of_yesterday_is_refused(world: World) -> None:
    from graph.snapshot_file import Visibility

    snapshot = world.services.snapshots.create(ANONYMOUS, Visibility.PUBLIC).snapshot.id
    world.write(range(20, 21))
    with pytest.raises(QueryRefusedError, match="today's records"):
        world.build(DatasetWish(search=SearchWish(""), snapshot=snapshot))


def test_it_ends_between_two_steps_when_it_is_not_wanted_any_more(world: World) -> None:
    seen: list[str] = []
    watch = Watch(lambda stage, _rows: seen.append(stage), lambda: "query" in seen)
    with pytest.raises(CancelledError):
        world.build(DatasetWish(query=VALUES), watch=watch)
    assert seen == ["snapshot", "query"]


@pytest.mark.parametrize(
    "wish",
    [
        DatasetWish(),
        DatasetWish(query=VALUES, search=SearchWish("")),
        DatasetWish(query=VALUES, parameters={"a": "b"}),
        DatasetWish(search=SearchWish(""), units=(UnitPair("a", "b"),)),
        DatasetWish(query=VALUES, split=SplitWish("s", {"all": 1.0})),
        DatasetWish(query=VALUES, units=tuple(UnitPair("a", "b") for _ in range(51))),
    ],
)
def test_a_wish_that_contradicts_itself_is_refused(world: World, wish: DatasetWish) -> None:
    with pytest.raises(BodyError):
        check_wish(world.services, wish, ANONYMOUS)
