"""The client and the real server over the sample records, as two processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from voltagraph_client import (
    AuthenticationError,
    Client,
    DatasetError,
    LimitError,
    NotFoundError,
    Progress,
    QueryError,
    ServiceError,
    UnreachableError,
    show_progress,
)

REPOSITORY = Path(__file__).resolve().parents[3]
NAMES = "SELECT ?cell ?name WHERE { ?cell <https://schema.org/name> ?name } ORDER BY ?cell ?name"


@dataclass(frozen=True)
class Service:
    """A running service, with a token of alice."""

    url: str
    token: str


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("client") / "home"
    kept = "VOLTAGRAPH_CACHE_DIR"  # what takes seconds to make is made once for all homes of a session
    environment = {name: value for name, value in os.environ.items() if name == kept or not name.startswith("VOLTAGRAPH_")}
    command = [sys.executable, "-m", "app.cli", "--home", str(home)]

    def run(*arguments: str) -> Any:
        done = subprocess.run(
            [*command, *arguments, "--json"], check=True, capture_output=True, env=environment, cwd=REPOSITORY, timeout=300
        )
        return json.loads(done.stdout)

    run("harvest", "app/samples", "--name", "samples")
    token = run("token", "add", "alice", "--audience", "community:bigmap")["token"]
    with subprocess.Popen(
        [*command, "serve", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        cwd=REPOSITORY,
    ) as process:
        assert process.stdout is not None
        try:
            yield Service(json.loads(process.stdout.readline())["url"], token)
        finally:
            process.terminate()


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    with Client(service.url, service.token, retries=2) as opened:
        yield opened


def test_a_query_becomes_a_table_with_types(client: Client) -> None:
    table = client.table("cell-features")
    assert table.num_rows > 10
    assert pa.types.is_floating(table.schema.field("watt_hours_per_kilogram").type)
    assert pa.types.is_string(table.schema.field("name").type)


def test_table_rows_and_data_frame_say_the_same(client: Client) -> None:
    table, rows, frame = client.table(NAMES), client.rows(NAMES), client.dataframe(NAMES)
    assert rows == table.to_pylist()
    assert list(frame["name"]) == table["name"].to_pylist()
    assert len(frame) == table.num_rows > 50


def test_values_are_bound_by_the_service(client: Client) -> None:
    many, few = (client.dataframe("cells-above-a-capacity", minimum=minimum) for minimum in (10, 200.5))
    assert len(many) > len(few) > 0
    assert few["ampere_hours"].min() >= 200.5
    assert client.table("tests-since", since=datetime(2200, 1, 1, tzinfo=UTC)).num_rows == 0
    with pytest.raises(QueryError, match="'minimum' is a decimal"):
        client.table("cells-above-a-capacity", minimum="1) || (1=1")
    with pytest.raises(QueryError, match="'since' is a dateTime"):
        client.table("tests-since", since=date(2026, 1, 1))
    with pytest.raises(ValueError, match="never pasted"):
        client.table(NAMES, minimum=1)


def test_an_answer_without_rows_is_a_table(client: Client) -> None:
    table = client.table("SELECT ?s WHERE { ?s <https://example.org/nothing> ?o }")
    assert (table.num_rows, table.column_names) == (0, ["s"])


def test_yes_no_and_graphs(client: Client) -> None:
    assert client.ask("ASK { ?s ?p ?o }") is True
    assert client.ask("ASK { ?s <https://example.org/nothing> ?o }") is False
    assert client.ask("is-there-a-test") is True
    assert b"hasNumericalPart" not in client.graph("description-of-cells", "ntriples")
    assert client.graph("CONSTRUCT { ?s a ?t } WHERE { ?s a ?t }").startswith(b"<")


def test_a_fault_in_a_query_is_told_with_its_place(client: Client) -> None:
    with pytest.raises(QueryError) as error:
        client.table("SELECT ?cell\nWHERE { ?cell }")
    assert (error.value.status, error.value.line) == (400, 2)
    assert error.value.column
    assert error.value.remedy
    with pytest.raises(QueryError):
        client.table("DROP ALL")


def test_a_limit_is_an_error_and_no_shorter_answer(client: Client) -> None:
    with pytest.raises(LimitError) as error:
        client.table("SELECT * WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }")
    assert error.value.limit in {"seconds", "memory_bytes", "rows", "bytes"}
    assert error.value.allowed


def test_who_asks_is_told_apart(service: Service) -> None:
    with Client(service.url) as anonymous, pytest.raises(AuthenticationError):
        anonymous.save("mine", NAMES)
    with Client(service.url, "vg_nonsense") as unknown, pytest.raises(AuthenticationError):
        unknown.table(NAMES)


def test_queries_are_saved_found_and_run(client: Client, service: Service) -> None:
    text = "SELECT ?cell WHERE { ?cell <https://schema.org/name> ?name } ORDER BY ?cell"
    first = client.save("called", text, parameters=[{"name": "name", "type": "string", "required": True}])
    second = client.save("called", text, title="Another", parameters=[{"name": "name", "type": "string", "required": True}])
    assert (first.name, first.version, second.version) == ("alice:called", 1, 2)
    assert "alice:called" in [query["name"] for query in client.queries("called")]
    assert client.saved("alice:called").version == 2
    assert client.saved("alice:called", 1).told["title"] == "called"
    assert first.rows(name="LF304") == second.rows(name="LF304") != []
    assert len(first.dataframe(name="LF304")) == first.run(name="LF304").num_rows == 1
    with Client(service.url) as anonymous, pytest.raises(NotFoundError):
        anonymous.saved("alice:called")


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl", "arrow"])
def test_an_answer_becomes_a_file(client: Client, tmp_path: Path, form: str) -> None:
    path = client.download("manufacturers", tmp_path / f"manufacturers.{form}")
    expected = client.table("manufacturers")
    match form:
        case "parquet":
            assert pq.read_table(path).num_rows == expected.num_rows
        case "arrow":
            assert pa.ipc.open_stream(path.read_bytes()).read_all().equals(expected)
        case "csv" | "jsonl":
            assert len(path.read_text().splitlines()) == expected.num_rows + (form == "csv")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_snapshot_has_the_same_answer_each_time(client: Client) -> None:
    frozen = client.snapshot("for a test")
    assert frozen.snapshot_id
    with frozen.answer(NAMES, "csv") as one, frozen.answer(NAMES, "csv") as other:
        assert one.read() == other.read()
        assert one.headers["x-voltagraph-snapshot"] == frozen.snapshot_id
        assert one.withheld == 0
    assert frozen.table("manufacturers").equals(frozen.at(None).table("manufacturers"))
    with pytest.raises(NotFoundError):
        client.at("0" * 32).table(NAMES)


def test_a_training_set_is_made_and_downloaded_whole(client: Client, tmp_path: Path) -> None:
    split = {"by": "?record", "fractions": {"train": 0.8, "test": 0.2}}
    dataset = client.snapshot().dataset("cell-features", split=split, directory=tmp_path / "set", title="Cells")
    data = [file for file in dataset.files if file.rows is not None]
    assert len(data) == 2
    assert sum(file.rows or 0 for file in data) == client.table("cell-features").num_rows
    for file in dataset.files:
        if file.name.endswith(".zip"):
            continue
        content = (tmp_path / "set" / file.name).read_bytes()
        assert (len(content), sha256(content).hexdigest()) == (file.size, file.sha256)
    assert sum(pq.read_metadata(tmp_path / "set" / file.name).num_rows for file in data) == sum(file.rows or 0 for file in data)
    assert dataset.manifest()
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "set").iterdir()}
    (tmp_path / "set" / data[0].name).write_bytes(b"damaged")
    dataset.download(tmp_path / "set")
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "set").iterdir()}
    assert [name for name in before if before[name] != after[name]] == [data[0].name]  # what was right was left alone
    dataset.delete()
    dataset.delete()
    with pytest.raises(NotFoundError):
        dataset.manifest()


def test_a_training_set_that_cannot_be_made_says_why(client: Client) -> None:
    with pytest.raises((DatasetError, ServiceError), match=r"\w"):
        client.dataset("SELECT ?s WHERE { ?s }")


def test_progress_is_told(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told: list[Progress] = []
    with Client(service.url, progress=told.append) as client:
        client.download("classes", tmp_path / "classes.csv")
    assert told
    assert told[-1].done == told[-1].total == (tmp_path / "classes.csv").stat().st_size
    show_progress(told[-1])
    assert "100%" in capsys.readouterr().err


def test_no_service_is_an_error_after_all_tries() -> None:
    with Client("http://127.0.0.1:9", retries=1) as client, pytest.raises(UnreachableError):
        client.table(NAMES)


@pytest.mark.parametrize("url", ["search.example.org", "ftp://a.example", "", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="address of a service"):
        Client(url)


def test_the_examples_of_the_readme_run(service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    examples = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert len(examples) == 4
    scope: dict[str, Any] = {"URL": service.url, "TOKEN": service.token}
    for example in examples:
        exec(compile(example, "README.md", "exec"), scope)
    assert (tmp_path / "training-set" / "manifest.json").is_file()
    scope["client"].close()
