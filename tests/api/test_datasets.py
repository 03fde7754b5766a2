"""Training sets over real connections to a real server: whole or failed, read by others' readers, for their owner alone."""

from __future__ import annotations

import hashlib
import io
import json
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pandas as pd
import pytest

CAPACITIES = """
PREFIX emmo: <https://w3id.org/emmo#>
PREFIX schema: <https://schema.org/>
SELECT ?cell ?name ?capacity ?capacityUnit {
  GRAPH ?g {
    ?cell schema:name ?name ; schema:serialNumber ?serial .
    ?property emmo:EMMO_8ef3cd6d_ae58_4a8d_9fc0_ad8f49015cd0/emmo:EMMO_faf79f53_749d_40b2_807c_d34244c192f4 ?capacity ;
      emmo:EMMO_bed1d005_b04e_4a90_94cf_02bc678a8569 ?capacityUnit
  }
} ORDER BY ?cell"""
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
BIGMAP = {"access": {"record": "restricted", "files": "restricted"}, "parent": {"communities": {"ids": ["bigmap"]}}}
PUBLIC = {"access": {"record": "public", "files": "public"}}
NOBODY = {"access": {"record": "restricted", "files": "restricted"}}
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
LIMITS = """
[query_allowances.auth]
rows = 100
seconds = 20
[query_allowances.any]
rows = 100
seconds = 20
"""


def cell(number: int, unit: str = "https://w3id.org/emmo#AmpereHour", **more: object) -> dict[str, Any]:
    return {
        "@context": "https://w3id.org/emmo/domain/battery/context",
        "@type": "BatteryCell",
        "schema:name": f"Cell {number}, “{number % 3}”\nsecond line",
        "schema:serialNumber": f"S-{number // 2}",
        "hasProperty": {
            "@type": ["RatedCapacity", "ConventionalProperty"],
            "hasNumericalPart": {"@type": "RealData", "hasNumberValue": number + 0.5},
            "hasMeasurementUnit": unit,
        },
        **more,
    }


def documents() -> dict[str, tuple[object, dict[str, Any]]]:
    made: dict[str, tuple[object, dict[str, Any]]] = {f"cell-{number}.jsonld": (cell(number), PUBLIC) for number in range(20)}
    made["milli.jsonld"] = (cell(2500, "https://w3id.org/emmo#MilliAmpereHour"), PUBLIC)
    made["volt.jsonld"] = (cell(4, "https://w3id.org/emmo#Volt"), PUBLIC)
    made["odd.jsonld"] = (cell(5, "https://units.example/furlong"), PUBLIC)
    licensed: dict[str, Any] = {
        "schema:license": {"@id": LICENCE},
        "schema:creator": {"@type": "schema:Person", "schema:name": "Ada Example"},
        "schema:citation": {
            "@type": "schema:CreativeWork",
            "@id": "https://doi.org/10.1000/1",
            "schema:license": "Another's licence",
            "schema:author": "Another author",
        },
    }
    made["licensed.jsonld"] = (cell(30, **licensed), PUBLIC)
    made["members.jsonld"] = (cell(31), BIGMAP)
    made["secret.jsonld"] = (cell(32), NOBODY)
    return made


class Answer:
    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@contextmanager
def serving(home: Path, environment: dict[str, str], repository: Path) -> Iterator[tuple[str, Any]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "--home", str(home), "serve", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        cwd=repository,
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())["url"].rstrip("/"), process
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def place(build: Callable[..., Any]) -> Any:
    home = build(documents())
    (home.path / "voltagraph.toml").write_text(LIMITS)
    return home


@pytest.fixture(scope="module")
def server(place: Any, environment: dict[str, str], repository: Path) -> Iterator[str]:
    with serving(place.path, environment, repository) as (url, _):
        yield url


def send(url: str, place: Any, actor: str, method: str, path: str, body: Any = None) -> Answer:
    headers = {"Content-Type": "application/json"}
    if actor:
        headers["Authorization"] = f"Bearer {place.tokens[actor]}"
    request = Request(url + path, method=method, data=None if body is None else json.dumps(body).encode(), headers=headers)
    try:
        with urlopen(request, timeout=120) as response:
            return Answer(response.status, response.headers, response.read())
    except HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


Ask = Callable[..., Answer]


@pytest.fixture
def ask(server: str, place: Any) -> Ask:
    return lambda actor, method, path, body=None: send(server, place, actor, method, path, body)


def finished(ask: Ask, actor: str, body: Any) -> Any:
    """Ask for a training set and wait until it is done or failed."""
    sent = ask(actor, "POST", "/datasets", body)
    assert sent.status == 202, sent.body
    assert sent.json["state"] == "queued"
    until = time.monotonic() + 240
    status = sent.json
    while status["state"] in {"queued", "running"}:
        assert time.monotonic() < until, status
        time.sleep(0.1)
        status = ask(actor, "GET", sent.headers["Location"]).json
    return status


def fetched(ask: Ask, actor: str, status: Any, folder: Path) -> Path:
    """All files of a training set, each with the digest and length that its status tells."""
    assert status["state"] == "done", status
    for file in status["files"]:
        got = ask(actor, "GET", file["href"])
        assert got.status == 200
        assert hashlib.sha256(got.body).hexdigest() == file["sha256"] == got.headers["X-Voltagraph-SHA256"]
        assert len(got.body) == file["bytes"] == int(got.headers["Content-Length"])
        (folder / file["name"]).write_bytes(got.body)
    return folder


def manifest_of(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text())


READERS: dict[str, Callable[[Path], Any]] = {
    "parquet": pd.read_parquet,
    "arrow": pd.read_feather,
    "csv": pd.read_csv,
    "jsonl": lambda path: pd.read_json(path, lines=True),
}


@pytest.mark.parametrize("form", READERS)
def test_every_form_holds_every_row_with_units_in_the_base_unit(ask: Ask, tmp_path: Path, form: str) -> None:
    folder = fetched(ask, "alice", finished(ask, "alice", {"query": CAPACITIES, "format": form}), tmp_path)
    manifest = manifest_of(folder)
    table = READERS[form](folder / f"data.{form}")
    assert len(table) == manifest["rows"] == manifest["expected_rows"] == 25
    assert list(table.columns) == [column["name"] for column in manifest["columns"]]
    assert manifest["columns"][-1] | {"meaning": ""} == {"name": "capacity_A_s", "type": "number", "unit": "A·s", "meaning": ""}
    base = dict(zip(table["cell"].str.rpartition("/")[2].str.partition("#")[0], table["capacity_A_s"], strict=True))
    assert base["cell-1.jsonld"] == pytest.approx(1.5 * 3600)
    assert base["milli.jsonld"] == pytest.approx(2500.5 * 3.6)
    assert {name for name, value in base.items() if pd.isna(value)} == {"volt.jsonld", "odd.jsonld"}
    [units] = manifest["units"]
    assert (units["converted"], units["base_unit"]) == (23, "A·s")
    assert sum(units["other_dimension"].values()) == sum(units["unknown"].values()) == 1
    assert table["name"][0].count("\n") == 1
    assert ask("alice", "GET", f"/snapshots/{manifest['snapshot']['id']}").json["digest"] == manifest["snapshot"]["digest"]


def test_the_same_request_over_the_same_snapshot_gives_the_same_data(ask: Ask, tmp_path: Path) -> None:
    first = finished(ask, "alice", {"query": CAPACITIES})
    again = finished(ask, "alice", {"query": CAPACITIES, "snapshot": first["snapshot"]})
    assert first["files"][0]["sha256"] == again["files"][0]["sha256"]


def test_the_zip_holds_the_same_files(ask: Ask, tmp_path: Path) -> None:
    status = finished(ask, "alice", {"query": CAPACITIES})
    folder = fetched(ask, "alice", status, tmp_path)
    with zipfile.ZipFile(io.BytesIO((folder / "dataset.zip").read_bytes())) as archive:
        assert sorted(archive.namelist()) == sorted(file["name"] for file in status["files"] if file["name"] != "dataset.zip")
        assert all(archive.read(name) == (folder / name).read_bytes() for name in archive.namelist())
    [told] = [file for file in status["files"] if file["name"] == "dataset.zip"]
    head = ask("alice", "HEAD", told["href"])
    assert (head.status, head.body, int(head.headers["Content-Length"])) == (200, b"", told["bytes"])


def test_the_manifest_tells_where_the_rows_come_from(ask: Ask, tmp_path: Path) -> None:
    manifest = manifest_of(fetched(ask, "alice", finished(ask, "alice", {"query": CAPACITIES}), tmp_path))
    records = manifest["records"]
    assert (records["count"], records["scope"]) == (25, "the records that the rows name")
    assert (records["licences"], records["licence_unknown"]) == ({LICENCE: 1}, 24)
    [licensed] = [one for one in records["list"] if one["iri"].endswith("/licensed.jsonld")]
    assert licensed["licences"] == [LICENCE]
    assert licensed["creators"] == ["Ada Example"]
    assert licensed["citations"] == ["https://doi.org/10.1000/1"]
    assert {one["validation"] for one in records["list"]} <= {"none", "info", "warning", "violation"}
    findings = ask("alice", "GET", "/api/records/lab/odd.jsonld").json["findings"]
    [odd] = [one for one in records["list"] if one["iri"].endswith("/odd.jsonld")]
    levels = {finding["severity"] for finding in findings}
    assert odd["validation"] == next((level for level in ("violation", "warning", "info") if level in levels), "none")
    assert "secret" not in json.dumps(manifest)


def test_rows_that_name_no_record_come_from_all_that_could_be_read(ask: Ask, tmp_path: Path) -> None:
    counting = "SELECT (COUNT(*) AS ?n) { ?s a ?type }"
    manifest = manifest_of(fetched(ask, "alice", finished(ask, "alice", {"query": counting, "format": "csv"}), tmp_path))
    assert manifest["records"]["count"] == manifest["snapshot"]["records"] == 25
    assert "all records" in manifest["records"]["scope"]


@pytest.mark.parametrize("by", ["cell", "?name"])
def test_a_split_keeps_groups_together(ask: Ask, tmp_path: Path, by: str) -> None:
    split = {"by": by, "fractions": {"train": 0.6, "test": 0.4}, "seed": 7}
    folder = fetched(ask, "alice", finished(ask, "alice", {"query": CAPACITIES, "split": split}), tmp_path)
    manifest = manifest_of(folder)
    train, test = (pd.read_parquet(folder / f"{name}.parquet") for name in ("train", "test"))
    assert len(train) + len(test) == manifest["rows"] == 25
    assert [part["rows"] for part in manifest["split"]["parts"]] == [len(train), len(test)]
    assert len(train) > len(test) > 0
    if by == "cell":  # two records of each serial number
        serials = [{int(name.split(",")[0].split()[1]) // 2 for name in part["name"]} for part in (train, test)]
        assert not serials[0] & serials[1]


def test_rows_of_no_group_are_in_none_of_the_parts(ask: Ask, tmp_path: Path) -> None:
    query = 'SELECT ?lab ?n { VALUES (?lab ?n) { ("A" 1) ("B" 2) (UNDEF 3) ("A" 4) } }'
    split = {"by": "lab", "fractions": {"train": 0.7, "test": 0.3}}
    folder = fetched(ask, "alice", finished(ask, "alice", {"query": query, "split": split, "format": "csv"}), tmp_path)
    assert manifest_of(folder)["split"]["ungrouped"] == 1
    assert pd.read_csv(folder / "ungrouped.csv")["n"].tolist() == [3]
    batches = finished(ask, "alice", {"query": CAPACITIES, "split": {"by": "batch"}})
    assert [file["name"] for file in batches["files"] if file["rows"]] == ["ungrouped.parquet"]


def test_a_search_gives_one_row_for_each_record_with_its_quantities(ask: Ask, tmp_path: Path) -> None:
    body = {"search": {"text": "cell above 1 Ah"}, "format": "csv"}
    folder = fetched(ask, "alice", finished(ask, "alice", body), tmp_path)
    table = pd.read_csv(folder / "data.csv")
    assert (
        len(table) == ask("alice", "GET", f"/api/search?q={quote('cell above 1 Ah')}").json["total"] == manifest_of(folder)["rows"]
    )
    capacities = dict(zip(table["record"], table["RatedCapacity_A_s"], strict=True))
    assert capacities["lab/milli.jsonld"] == pytest.approx(2500.5 * 3.6)
    assert table["concepts"].str.contains("BatteryCell").all()
    column = next(one for one in manifest_of(folder)["columns"] if one["name"] == "RatedCapacity_A_s")
    assert (column["unit"], column["iri"].startswith("https://w3id.org/emmo")) == ("A·s", True)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_croissant_is_accepted_and_its_records_are_read(ask: Ask, tmp_path: Path, form: str) -> None:
    import mlcroissant

    split = {"by": "cell", "fractions": {"train": 0.5, "test": 0.5}}
    folder = fetched(ask, "alice", finished(ask, "alice", {"query": CAPACITIES, "format": form, "split": split}), tmp_path)
    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    assert not dataset.metadata.ctx.issues.errors
    assert "http://mlcommons.org/croissant/1.1" in dataset.metadata.to_json()["conformsTo"]
    manifest = manifest_of(folder)
    for part in manifest["split"]["parts"]:
        records = list(dataset.records(part["name"]))
        assert len(records) == part["rows"]
        table = READERS[form](folder / f"{part['name']}.{form}")
        assert [record[f"{part['name']}/capacity"] for record in records] == table["capacity"].tolist()


@pytest.mark.filterwarnings("ignore")
def test_croissant_describes_arrow_files_too(ask: Ask, tmp_path: Path) -> None:
    import mlcroissant

    folder = fetched(ask, "alice", finished(ask, "alice", {"query": CAPACITIES, "format": "arrow"}), tmp_path)
    dataset = mlcroissant.Dataset(jsonld=folder / "croissant.json")
    assert not dataset.metadata.ctx.issues.errors


@pytest.mark.filterwarnings("ignore")
def test_the_crate_is_read_with_its_files_records_and_licences(ask: Ask, tmp_path: Path) -> None:
    from rocrate.rocrate import ROCrate

    status = finished(ask, "alice", {"query": CAPACITIES})
    crate = ROCrate(fetched(ask, "alice", status, tmp_path))
    files = {entity.id: entity for entity in crate.data_entities}
    assert set(files) == {file["name"] for file in status["files"]} - {"ro-crate-metadata.json", "dataset.zip"}
    assert files["data.parquet"]["sha256"] == status["files"][0]["sha256"]
    licences = {entity.id for entity in crate.root_dataset["license"]}
    assert LICENCE in licences
    assert any("24 of 25 records name no licence" in crate.get(one)["name"] for one in licences)
    assert len(crate.root_dataset["isBasedOn"]) == 25
    assert str(
        crate.metadata["conformsTo"].id if hasattr(crate.metadata["conformsTo"], "id") else crate.metadata["conformsTo"]
    ).endswith("/1.1")


# What fails


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"query": "SELECT ?a ?b { VALUES ?a { 1 2 3 4 5 } VALUES ?b { 1 2 3 4 5 6 7 8 } VALUES ?c { 1 2 3 } }"},
            "more than 100 rows",
        ),
        ({"query": CAPACITIES, "units": [{"value": "capacity", "unit": "nothing"}]}, "no column 'nothing'"),
        ({"query": CAPACITIES, "split": {"by": "nothing"}}, "no column 'nothing' to split by"),
        ({"query": "SELECT (1 AS ?one) {}", "split": {"by": "cell"}}, "name no record"),
        ({"query": "SELECT * {}"}, "no columns"),
    ],
)
def test_what_cannot_be_whole_fails_with_its_reason_and_without_files(ask: Ask, body: Any, said: str) -> None:
    status = finished(ask, "carol", body)
    assert (status["state"], status["files"]) == ("failed", [])
    assert said in status["error"]["message"]
    assert status["error"]["remedy"]
    assert ask("carol", "GET", f"/datasets/{status['id']}/files/data.parquet").status == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"query": CAPACITIES, "search": {"text": "x"}}, 400),
        ({"query": "SELECT ?x {"}, 400),
        ({"query": "ASK {}"}, 403),
        ({"query": "SELECT (RAND() AS ?x) {}"}, 403),
        ({"query": "INSERT DATA {}"}, 403),
        ({"query": CAPACITIES, "snapshot": "0" * 32}, 404),
        ({"query": CAPACITIES, "format": "xlsx"}, 400),
        ({"query": CAPACITIES, "split": {"by": "cell", "fractions": {"train": 0.9, "test": 0.9}}}, 400),
        ({"saved_query": {"name": "nobody:nothing"}}, 404),
        ({"query": CAPACITIES, "title": "x" * 201}, 400),
        ({"search": {"text": "x" * 5_000}}, 400),
        ({"query": CAPACITIES, "other": 1}, 400),
    ],
)
def test_what_can_never_be_built_is_refused_at_once(ask: Ask, body: Any, status: int) -> None:
    refused = ask("alice", "POST", "/datasets", body)
    assert refused.status == status, refused.body
    assert refused.json["message"]


def test_a_saved_query_is_run_with_its_parameters(ask: Ask, tmp_path: Path) -> None:
    saved = {
        "name": "named",
        "title": "Cells of a name",
        "text": "SELECT ?cell { ?cell <https://schema.org/serialNumber> ?serial }",
        "parameters": [{"name": "serial", "type": "string"}],
    }
    made = ask("alice", "POST", "/queries", saved)
    assert made.status == 201, made.body
    name = made.json["name"]
    body = {"saved_query": {"name": name, "parameters": {"serial": "S-3"}}, "format": "csv"}
    folder = fetched(ask, "alice", finished(ask, "alice", body), tmp_path)
    assert len(pd.read_csv(folder / "data.csv")) == 2
    assert manifest_of(folder)["saved_query"] == {"name": name, "version": 1}
    assert manifest_of(folder)["parameters"] == {"serial": "S-3"}


# Whose it is


def test_it_is_for_its_owner_alone(ask: Ask) -> None:
    status = finished(ask, "alice", {"query": CAPACITIES})
    for method, rest in (("GET", ""), ("GET", "/files/data.parquet"), ("DELETE", "")):
        theirs = ask("carol", method, f"/datasets/{status['id']}{rest}")
        unknown = ask("carol", method, f"/datasets/{'0' * 32}{rest}")
        assert (theirs.status, theirs.body) == (404, unknown.body)
        assert ask("", method, f"/datasets/{status['id']}{rest}").status == 401
    assert ask("", "POST", "/datasets", {"query": CAPACITIES}).status == 401
    assert status["id"] not in [one["id"] for one in ask("carol", "GET", "/datasets").json["datasets"]]
    assert status["id"] in [one["id"] for one in ask("alice", "GET", "/datasets").json["datasets"]]
    assert ask("alice", "GET", f"/datasets/{status['id']}/files/..%2Fdataset.json").status == 404
    assert ask("alice", "DELETE", f"/datasets/{status['id']}").status == 204
    assert ask("alice", "GET", f"/datasets/{status['id']}").status == 404


def test_rights_withdrawn_later_take_the_whole_of_it_back(
    ask: Ask, place: Any, command: Callable[..., Any], tmp_path: Path
) -> None:
    status = finished(ask, "alice", {"query": CAPACITIES, "format": "csv"})
    rights = place.path.parent / "lab" / "members.jsonld.rights.json"
    try:
        rights.write_text(json.dumps(NOBODY))
        command(place.path, "harvest", str(rights.parent))
        assert ask("alice", "GET", f"/datasets/{status['id']}").json["withheld"] == 1
        for file in status["files"]:
            refused = ask("alice", "GET", file["href"])
            assert refused.status == 403
            assert "1 of the records" in refused.json["message"]
            assert "again" in refused.json["remedy"]
        body = {"query": CAPACITIES, "format": "csv", "snapshot": status["snapshot"]}
        folder = fetched(ask, "alice", finished(ask, "alice", body), tmp_path)
        assert manifest_of(folder)["snapshot"]["withheld"] == 1
        assert "members" not in (folder / "data.csv").read_text()
    finally:
        rights.write_text(json.dumps(BIGMAP))
        command(place.path, "harvest", str(rights.parent))
    assert ask("alice", "GET", status["files"][0]["href"]).status == 200


def test_what_was_being_built_when_the_server_was_killed_has_failed_and_says_so(
    place: Any, environment: dict[str, str], repository: Path
) -> None:
    with serving(place.path, environment, repository) as (url, process):
        sent = send(url, place, "alice", "POST", "/datasets", {"query": RUNAWAY}).json
        until = time.monotonic() + 60
        while send(url, place, "alice", "GET", f"/datasets/{sent['id']}").json["state"] != "running":
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with serving(place.path, environment, repository) as (url, _):
        status = send(url, place, "alice", "GET", f"/datasets/{sent['id']}").json
    assert status["state"] == "failed"
    assert status["error"] == {"message": "It was interrupted.", "remedy": "Send it again."}
    assert not (place.path / "datasets" / sent["id"] / "building").exists()


def test_few_are_built_at_once_and_a_removed_one_makes_room(place: Any, environment: dict[str, str], repository: Path) -> None:
    with serving(place.path, environment, repository) as (url, _):
        sent = [send(url, place, "carol", "POST", "/datasets", {"query": RUNAWAY}) for _ in range(4)]
        assert [one.status for one in sent] == [202, 202, 202, 429]
        assert sent[-1].headers["Retry-After"]
        for one in sent[:3]:
            assert send(url, place, "carol", "DELETE", f"/datasets/{one.json['id']}").status == 204
        assert send(url, place, "carol", "POST", "/datasets", {"query": RUNAWAY}).status == 202


def test_the_command_line_writes_one_or_nothing(
    place: Any, command: Callable[..., Any], environment: dict[str, str], repository: Path, tmp_path: Path
) -> None:
    token = ("--token", place.tokens["alice"])
    made = command(
        place.path,
        "export",
        CAPACITIES,
        "--output",
        str(tmp_path / "set"),
        "--format",
        "csv",
        "--unit",
        "capacity=capacityUnit",
        *(
            "--split-by",
            "cell",
            "--fraction",
            "train=0.5",
            "--fraction",
            "test=0.5",
            "--seed",
            "3",
            "--title",
            "Capacities",
            *token,
        ),
    )
    manifest = manifest_of(tmp_path / "set")
    assert made["rows"] == manifest["rows"] == 25
    assert manifest["title"] == "Capacities"
    assert {path.name for path in (tmp_path / "set").iterdir()} == {file["name"] for file in made["files"]}
    for query, code in (("SELECT ?x {", 6), (CAPACITIES.replace("?cell schema:name", "?cell ?x"), 0)):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "app.cli",
                "--home",
                str(place.path),
                "export",
                query,
                "-o",
                str(tmp_path / "other"),
                "--unit",
                "capacity=no",
            ],
            capture_output=True,
            text=True,
            env=environment,
            cwd=repository,
            timeout=120,
        )
        assert done.returncode == (code or 7), done.stderr
        assert not list(tmp_path.glob("other*"))
