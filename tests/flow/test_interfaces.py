"""What scripts and other programs rely on: the shapes of answers, exit codes, one line out for one line in."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.environment import plain_environment

Run = Callable[..., "subprocess.CompletedProcess[str]"]
RunJson = Callable[..., Any]

LFP = "https://w3id.org/emmo/domain/chemical-substance#substance_aa8e9cc4_5f66_4307_b1c8_26fac7653a90"
ISSUE = {"code", "severity", "message", "source", "pointer", "line", "column", "remedy", "focus_node", "path", "value", "shape"}
FINDING = ISSUE | {"expected", "places", "suggestions"}


@pytest.fixture
def command() -> list[str]:
    """The command as it is installed."""
    installed = Path(sys.executable).with_name("voltagraph")
    if not installed.is_file():
        pytest.skip("the command is not installed beside this Python")
    return [str(installed)]


@pytest.fixture
def samples(repository: Path) -> Path:
    return repository / "app" / "samples"


@pytest.fixture(scope="module")
def samples_home(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A home with the samples; read only."""
    home = tmp_path_factory.mktemp("samples") / "home"
    subprocess.run(
        [sys.executable, "-m", "app.cli", "--home", str(home), "harvest", str(repository / "app" / "samples"), "--json"],
        check=True,
        capture_output=True,
        env=plain_environment(),
        cwd=repository,
        timeout=120,
    )
    return home


@pytest.fixture
def with_samples(run: Run, samples_home: Path) -> Run:
    """Run a command over the home with the samples."""
    return lambda *arguments, **options: run(*arguments, "--home", str(samples_home), **options)


def test_harvest_json_has_every_key(run_json: RunJson, tmp_path: Path, a_cell: Callable[..., str]) -> None:
    folder = tmp_path / "cells"
    folder.mkdir()
    (folder / "a.jsonld").write_text(a_cell(hasProperety={}))
    (folder / "b.jsonld").write_text("{")
    report = run_json("harvest", str(folder))
    assert set(report) == {
        *("source", "documents", "loaded", "refused", "new", "changed", "unchanged", "withdrawn"),
        *("quads", "findings", "finding_counts", "issues", "seconds", "note"),
    }
    assert report["findings"] == sum(report["finding_counts"].values()) == 2
    [issue] = report["issues"]
    assert set(issue) == FINDING
    assert [one["text"] for one in issue["suggestions"]] == [issue["remedy"]]
    assert "--audience" in report["note"]
    assert run_json("harvest", str(folder), "--audience", "any")["note"] == ""


def test_concepts_json(run_json: RunJson) -> None:
    found = run_json("concepts", "LFP")
    assert 0 < len(found) <= 10
    for one in found:
        assert {"iri", "label", "score", "matched"} <= set(one)
        assert {"label", "kind"} <= set(one["matched"])
    assert (found[0]["iri"], found[0]["label"]) == (LFP, "LithiumIronPhosphate")
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    assert len(run_json("concepts", "battery", "-n", "3")) == 3
    assert run_json("concepts", "qqqqzzzzxxxx") == []


def test_search_json(with_samples: Run) -> None:
    answer = json.loads(with_samples("search", "prismatic LFP cell above 100 Ah", "--json").stdout)
    assert {"total", "query", "hits", "facets"} <= set(answer)
    assert answer["query"]["text"] == "prismatic LFP cell above 100 Ah"
    assert answer["total"] == len(answer["hits"]) > 0
    for hit in answer["hits"]:
        assert {"record", "title", "source_file", "score", "reasons"} <= set(hit)
        assert hit["record"] == f"samples/{hit['source_file']}"
        for reason in hit["reasons"]:
            assert {"part", "text", "kind"} <= set(reason)
    assert {row["label"] for row in answer["facets"]["source"]} == {"samples"}
    assert all(set(row) - {"section"} == {"value", "label", "count"} for rows in answer["facets"].values() for row in rows)
    few = json.loads(with_samples("search", "cell", "--limit", "2", "--offset", "1", "--json").stdout)
    more = json.loads(with_samples("search", "cell", "--limit", "3", "--json").stdout)
    assert few["hits"] == more["hits"][1:]
    assert few["total"] > 3


def test_a_search_for_people_says_what_was_understood(with_samples: Run) -> None:
    told = with_samples("search", "prismatic LFP cell above 100 Ah").stdout
    assert "Understood as" in told
    assert "> 100 Ah" in told
    assert "(line " in told


LINES = [
    "LFP",
    "",
    "   ",
    "qqqqzzzzxxxx",
    "a" * 1001,
    "graphite\t\x00\x1b[31m",
    '"] } OR 1=1 --',
    "a\rb",
    "a\u2028b\x0cc\x85d",
    "LFP",
]


@pytest.mark.parametrize("name", ["search", "concepts"])
def test_batch_answers_one_line_for_each_in_order(with_samples: Run, name: str) -> None:
    given = "\n".join(LINES)  # the last line has no end
    printed = with_samples(name, "--batch", stdin=given).stdout
    assert printed.endswith("\n")
    answers = [json.loads(line) for line in printed.removesuffix("\n").split("\n")]
    assert len(answers) == len(LINES)
    assert answers[0] == answers[-1] != answers[3]
    assert answers[0] == json.loads(with_samples(name, "LFP", "--json").stdout)
    assert set(answers[4]) == {"error"}
    assert "1001 characters" in answers[4]["error"]["message"]
    assert answers[4]["error"]["remedy"]
    if name == "search":
        assert [answer["query"]["text"] for answer in answers if "query" in answer] == [
            line.strip() for line in LINES if len(line) <= 1000
        ]
    else:
        assert [len(answer) > 0 for answer in answers[:4]] == [True, False, False, False]


def test_batch_reads_bytes_that_are_no_text(samples_home: Path, command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*command, "--home", str(samples_home), "search", "--batch"],
        input=b"LFP \xff\xfe\r\n\xc3\n" + "é LFP\n".encode(),
        capture_output=True,
        env=environment,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert [answer["query"]["text"] for answer in answers] == ["LFP \ufffd\ufffd", "\ufffd", "é LFP"]


def test_batch_answers_a_line_before_the_next_one_comes(
    samples_home: Path, command: list[str], environment: dict[str, str]
) -> None:
    """One process for a conversation of any length."""
    with subprocess.Popen(
        [*command, "--home", str(samples_home), "search", "--batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for question in ("LFP", "graphite", "NMC"):
            process.stdin.write(question + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["query"]["text"] == question
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_an_empty_batch_is_answered_with_nothing(with_samples: Run) -> None:
    assert with_samples("search", "--batch", stdin="").stdout == ""


SELECT = "SELECT ?n { ?s <https://schema.org/name> ?n FILTER(CONTAINS(?n, 'LTO 66160')) }"
CONSTRUCT = f"CONSTRUCT {{ <urn:a> <urn:b> ?n }} {SELECT.removeprefix('SELECT ?n')}"


def test_sparql_prints_each_form(with_samples: Run) -> None:
    def printed(query: str, form: str) -> str:
        return str(with_samples("sparql", query, "--format", form).stdout)

    name = "LTO 66160 40 Ah"
    answer = json.loads(printed(SELECT, "json"))
    assert answer["head"]["vars"] == ["n"]
    assert answer["results"]["bindings"] == [{"n": {"type": "literal", "value": name}}]
    assert list(csv.reader(io.StringIO(printed(SELECT, "csv")))) == [["n"], [name]]
    assert printed(SELECT, "tsv").splitlines() == ["?n", f'"{name}"']
    assert printed(CONSTRUCT, "ntriples").strip() == f'<urn:a> <urn:b> "{name}" .'
    assert re.sub(r"\s+", " ", printed(CONSTRUCT, "turtle")).strip() == f'<urn:a> <urn:b> "{name}" .'
    assert [json.loads(line) for line in printed(SELECT, "jsonl").splitlines()] == [{"n": name}]
    assert f"<literal>{name}</literal>" in printed(SELECT, "xml")
    assert name in printed(CONSTRUCT, "rdfxml")
    assert name in printed(CONSTRUCT, "jsonld")
    assert name in printed(SELECT, "table")
    assert json.loads(printed("ASK {}", "json"))["boolean"] is True
    assert printed("ASK {}", "table") == "yes\n"


@pytest.mark.parametrize(
    ("form", "read"), [("arrow", lambda file: pa.ipc.open_stream(file).read_all()), ("parquet", pq.read_table)]
)
def test_sparql_prints_files_for_other_programs(
    samples_home: Path, command: list[str], environment: dict[str, str], form: str, read: Callable[[io.BytesIO], Any]
) -> None:
    arguments = ("sparql", SELECT, "--format", form, "--home", str(samples_home))
    done = subprocess.run([*command, *arguments], capture_output=True, env=environment, timeout=300, check=True)
    assert read(io.BytesIO(done.stdout)).to_pylist() == [{"n": "LTO 66160 40 Ah"}]


@pytest.mark.parametrize(("query", "form"), [(SELECT, "turtle"), (CONSTRUCT, "csv"), ("ASK {}", "tsv"), (CONSTRUCT, "json")])
def test_a_form_that_cannot_hold_the_answer_is_refused(with_samples: Run, query: str, form: str) -> None:
    done = with_samples("sparql", query, "--format", form, code=6)
    assert done.stdout == ""
    assert "cannot be written as" in done.stderr


def test_a_query_can_come_from_standard_input(with_samples: Run) -> None:
    assert json.loads(with_samples("sparql", "-", "--json", stdin="ASK {}").stdout)["boolean"] is True


def test_validate_json(run: Run, samples: Path) -> None:
    good, bad = samples / "cells" / "eve-lf105.jsonld", samples / "materials" / "silicon-graphite-half-cell.jsonld"
    report = json.loads(run("validate", str(good), str(bad), "--format", "json", code=1).stdout)
    assert report["files"][0] == {"file": str(good), "findings": []}
    assert report["files"][1]["file"] == str(bad)
    [finding] = report["files"][1]["findings"]
    assert set(finding) == FINDING
    assert (finding["code"], finding["severity"], finding["value"]) == ("undefined-term", "violation", "hasActiveMateral")
    line = bad.read_text().splitlines()[finding["line"] - 1]
    assert line[finding["column"] - 1 :].startswith('"hasActiveMateral"')
    for suggestion in finding["suggestions"]:
        assert set(suggestion) == {"text", "replacement", "certainty", "changes_value", "edits"}
    assert "hasActiveMaterial" in finding["suggestions"][0]["text"]


@pytest.mark.parametrize(
    ("file", "severity"),
    [
        ("cells/eve-lf105.jsonld", None),
        ("cells/yinlong-lto-40ah.jsonld", "warning"),
        ("materials/silicon-graphite-half-cell.jsonld", "violation"),
    ],
)
def test_validate_fails_from_the_chosen_severity_on(run: Run, samples: Path, file: str, severity: str | None) -> None:
    order = ["info", "warning", "violation"]
    for level in order:
        fails = severity is not None and order.index(severity) >= order.index(level)
        run("validate", str(samples / file), "--fail-on", level, code=1 if fails else 0)


def test_validate_for_people_names_file_line_and_column(run: Run, samples: Path) -> None:
    told = run("validate", str(samples), code=1).stdout
    assert re.search(r"silicon-graphite-half-cell\.jsonld:8:\d+: violation .*hasActiveMateral", told)
    assert re.search(r"yinlong-lto-40ah\.jsonld:\d+:\d+: warning", told)
    assert re.search(r"^56 files, \d+ findings$", told, re.MULTILINE)


def test_validate_stores_nothing(run: Run, samples: Path, home: Path) -> None:
    before = sorted(home.rglob("*"))
    run("validate", str(samples / "cells" / "eve-lf105.jsonld"))
    assert sorted(home.rglob("*")) == before


def test_profiles_are_listed_and_one_shows_what_it_asks(run: Run, run_json: RunJson) -> None:
    listed = run_json("profiles", env={"VOLTAGRAPH_SEVERITIES": '{"missing-place": "off"}'})
    assert [one["name"] for one in listed if one["chosen"]] == ["readable", "battinfo-cell", "battinfo-test", "measurement"]
    [experiment] = [profile for profile in listed if profile["name"] == "experiment"]
    [place] = [shape for shape in experiment["shapes"] if shape["code"] == "missing-place"]
    assert (place["severity"], place["message"]) == ("off", "Nothing says where it was done")
    told = run("profiles", "ml-model").stdout
    assert "missing-training-data" in told
    assert "missing-place" not in told
    assert "Choose from readable" in run("profiles", "ml", code=3).stderr


def test_doctor_json(with_samples: Run) -> None:
    checks = json.loads(with_samples("doctor", "--json").stdout)
    assert all(set(check) == {"name", "ok", "found", "remedy"} for check in checks)
    assert all(check["ok"] for check in checks)
    named = {check["name"]: check["found"] for check in checks}
    assert (named["Records"], named["Index"], named["Graph"]) == ("56 loaded", "56 records", "56 record graphs")


def test_ontology_tree_and_show(run_json: RunJson, run: Run) -> None:
    tree = run_json("ontology", "tree", "RatedCapacity", "--depth", "1")
    assert set(tree) == {"iri", "label", "narrower", "children", "path"}
    assert tree["path"][:2] == ["RatedCapacity", "Capacity"]
    assert "NominalCapacity" in [child["label"] for child in tree["children"]]
    assert tree["narrower"] >= len(tree["children"])
    shown = run_json("ontology", "show", tree["iri"])
    assert shown["label"] == "RatedCapacity"
    assert {child["iri"] for child in tree["children"]} == {child["iri"] for child in shown["children"]}
    assert run_json("ontology", "show", shown["curie"]) == shown
    assert "NominalCapacity" in run("ontology", "tree", "RatedCapacity").stdout


def test_rebuild_json(run_json: RunJson, tmp_path: Path, a_cell: Callable[..., str]) -> None:
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / "a.jsonld").write_text(a_cell())
    run_json("harvest", str(tmp_path / "cells"))
    done = run_json("rebuild")
    assert set(done) == {"documents", "refused", "seconds"}
    assert (done["documents"], done["refused"]) == (1, 0)


def test_tokens_come_and_go(run_json: RunJson, run: Run, home: Path) -> None:
    made = run_json("token", "add", "alice", "--audience", "community:bigmap")
    assert set(made) == {"name", "token"}
    assert made["token"] not in (home / "tokens.json").read_text()
    run("token", "add", "alice", "--audience", "community:bigmap", code=3)
    run("token", "add", "bob", "--audience", "no such thing", code=3)
    assert run_json("search", "cell", "--token", made["token"])["total"] == 0
    assert run("search", "cell", "--json", env={"VOLTAGRAPH_TOKEN": made["token"]}).returncode == 0
    assert run_json("token", "remove", "alice") == {"name": "alice", "removed": True}
    assert run_json("token", "remove", "alice") == {"name": "alice", "removed": False}
    run("search", "cell", env={"VOLTAGRAPH_TOKEN": made["token"]}, code=7)


def test_a_token_can_be_made_before_anything_else(run_json: RunJson, home: Path, tmp_path: Path) -> None:
    new = tmp_path / "not" / "there" / "yet"
    assert run_json("token", "add", "alice", "--audience", "any", "--home", str(new))["token"]
    assert run_json("token", "remove", "alice", "--home", str(new))["removed"] is True


def test_demo_shows_hits_the_two_deliberate_mistakes_and_what_one_record_lacks(run_json: RunJson, samples: Path) -> None:
    shown = run_json("demo", "--no-serve")
    assert set(shown) == {"home", "harvest", "searches"}
    assert len(shown["searches"]) == 3
    for answer in shown["searches"]:
        assert answer["hits"], answer["query"]["text"]
        assert all(hit["reasons"] for hit in answer["hits"])
    assert (shown["harvest"]["documents"], shown["harvest"]["loaded"]) == (56, 56)
    assert shown["harvest"]["finding_counts"] == {
        "missing-unit": 1,
        "undefined-term": 1,
        "missing-capacity": 1,
        "missing-nominal-voltage": 1,
    }
    names = re.findall(r"`((?:cells|materials|tests)/\S+\.jsonld)`", (samples / "README.md").read_text())
    report = run_json("validate", str(samples), "--fail-on", "violation", code=1)
    assert sorted(file["file"].removeprefix(f"{samples}/") for file in report["files"] if file["findings"]) == sorted(names)
    assert len(names) == 3
    again = run_json("demo", "--no-serve")
    assert again["harvest"]["unchanged"] == 56


def test_the_home_can_be_said_in_three_ways(run_json: RunJson, command: list[str], environment: dict[str, str], home: Path) -> None:
    def where(*arguments: str, **given: str) -> str:
        done = subprocess.run(
            [*command, *arguments, "--json"], capture_output=True, text=True, env=environment | given, check=True, timeout=60
        )
        return str(next(check["found"] for check in json.loads(done.stdout) if check["name"] == "Home"))

    home.mkdir(exist_ok=True)

    assert (
        where("doctor", VOLTAGRAPH_HOME=str(home)) == where("doctor", "--home", str(home)) == where("--home", str(home), "doctor")
    )
    assert where("doctor", "--home", str(home), VOLTAGRAPH_HOME="/elsewhere") == str(home)


@pytest.mark.parametrize("arguments", [["--help"], ["search", "--help"], ["ontology", "--help"], []])
def test_help_loads_nothing_heavy(arguments: list[str], environment: dict[str, str], repository: Path) -> None:
    program = (
        "import sys\nfrom app.cli import main\nsys.argv = ['voltagraph', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, env=environment, cwd=repository, timeout=60
    )
    assert "Usage" in done.stdout
    loaded = set(done.stderr.split())
    assert "typer" in loaded
    assert not loaded & {"fastapi", "starlette", "pyoxigraph", "shacl", "pint", "uvicorn", "rapidfuzz", "pydantic_settings"}
    assert "pydantic" not in loaded or len(arguments) > 1  # Typer itself loads it for a command's own help
    assert not loaded & {"search", "graph", "ontology", "harvester", "shapes", "api", "ui"}


def test_every_command_has_help(command: list[str], environment: dict[str, str]) -> None:
    for name in ("harvest", "search", "concepts", "validate", "sparql", "serve", "demo", "rebuild", "doctor", "ontology", "token"):
        done = subprocess.run([*command, name, "--help"], capture_output=True, text=True, env=environment, timeout=60)
        assert done.returncode == 0
        assert "--home" in done.stdout or name in {"ontology", "token"}
