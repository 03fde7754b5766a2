"""The whole program over a triple store that is a server of its own."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.settings import Settings, load_settings
from graph.sparql_http import Endpoints
from records.errors import SettingsError
from tests.flow.conftest import Run
from tests.servers import sparql
from tests.serving import served

NAMES = "SELECT ?n { ?s <https://schema.org/name> ?n } ORDER BY ?n"
GRAPHS = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    with sparql.oxigraph(tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture
def environment(environment: dict[str, str], oxigraph: Endpoints) -> dict[str, str]:
    """As for every command, with a triple store whose dataset is empty."""
    sparql.clear(oxigraph)
    return environment | {
        "VOLTAGRAPH_GRAPH_STORE_URL": oxigraph.query,
        "VOLTAGRAPH_GRAPH_STORE_UPDATE_URL": oxigraph.update or "",
        "VOLTAGRAPH_GRAPH_STORE_DATA_URL": oxigraph.data or "",
    }


def values(run: Run, query: str, *arguments: str) -> list[str]:
    done = run("sparql", query, "--format", "json", *arguments)
    return [row[name]["value"] for row in json.loads(done.stdout)["results"]["bindings"] for name in row]


def test_the_samples_are_harvested_checked_rebuilt_and_withdrawn(
    run: Run, run_json: Callable[..., Any], repository: Path, home: Path, tmp_path: Path
) -> None:
    samples = repository / "app" / "samples"
    report = run_json("harvest", str(samples), "--name", "samples")
    assert report["loaded"] == report["new"] > 50
    assert values(run, GRAPHS) == [str(report["loaded"])]
    assert not (home / "graph").exists()
    checked = run_json("graph", "check")
    assert (checked["records"], checked["faults"]) == (report["loaded"], [])
    assert run_json("rebuild")["documents"] == report["loaded"]
    assert values(run, GRAPHS) == [str(report["loaded"])]
    assert run_json("harvest", str(samples), "--name", "samples")["unchanged"] == report["loaded"]
    empty = tmp_path / "empty"
    empty.mkdir()
    run("harvest", str(empty), "--name", "samples")
    assert values(run, GRAPHS) == ["0"]
    assert run_json("graph", "check")["faults"] == []


def test_a_reader_gets_what_the_reader_may_read(
    run: Run, run_json: Callable[..., Any], a_cell: Callable[..., str], tmp_path: Path, home: Path, oxigraph: Endpoints
) -> None:
    for name, audience in (("open", "any"), ("closed", "community:one")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cell.json").write_text(a_cell(schema__name=f"{name} cell"))
        run("harvest", str(tmp_path / name), "--name", name, "--audience", audience)
    token = run_json("token", "add", "alice", "--audience", "community:one")["token"]
    assert values(run, NAMES) == ["open cell"]
    assert values(run, NAMES, "--token", token) == ["closed cell", "open cell"]
    assert values(run, GRAPHS) == ["1"]
    settings = Settings(
        home=home,
        graph_store_url=oxigraph.query,
        graph_store_update_url=oxigraph.update,
        graph_store_data_url=oxigraph.data,
        query_processes=3,
    )
    with served(settings) as server:
        for headers, expected in (({}, ["open cell"]), ({"Authorization": f"Bearer {token}"}, ["closed cell", "open cell"])):
            request = urllib.request.Request(
                f"{server.sparql}?{urllib.parse.urlencode({'query': NAMES})}",
                headers={"Accept": "application/sparql-results+json", **headers},
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                rows = json.load(answer)["results"]["bindings"]
            assert [row["n"]["value"] for row in rows] == expected
    run("harvest", str(tmp_path / "closed"), "--name", "closed", "--audience", "any")
    run("harvest", str(tmp_path / "open"), "--name", "open", "--audience", "community:one")
    assert values(run, NAMES) == ["closed cell"]


def test_what_hangs_on_the_embedded_store_says_so(run: Run, run_json: Callable[..., Any], repository: Path, tmp_path: Path) -> None:
    run("harvest", str(repository / "app" / "samples" / "cells"), "--name", "cells")
    for command in (["graph", "rebuild"], ["graph", "backup", str(tmp_path / "backup")]):
        assert "server of its own" in run(*command, code=7).stderr


def test_a_server_that_is_away_is_told_and_a_harvest_goes_on_afterwards(
    run: Run, run_json: Callable[..., Any], repository: Path
) -> None:
    cells = str(repository / "app" / "samples" / "cells")
    away = {"VOLTAGRAPH_GRAPH_STORE_URL": "http://127.0.0.1:1/", "VOLTAGRAPH_GRAPH_STORE_UPDATE_URL": "http://127.0.0.1:1/"}
    done = run("harvest", cells, "--name", "cells", env=away, code=5)
    assert "cannot be reached" in done.stderr
    assert "cannot be reached" in run("sparql", NAMES, env=away, code=5).stderr
    report = run_json("harvest", cells, "--name", "cells")
    assert values(run, GRAPHS) == [str(report["loaded"])]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"graph_store_url": "127.0.0.1:3030/ds"}, "http or https"),
        ({"graph_store_url": "file:///etc/passwd"}, "http or https"),
        ({"graph_store_url": "http://"}, "http or https"),
        ({"graph_store_url": "http://me:secret@127.0.0.1/ds"}, "graph_store_password_file"),
        ({"graph_store_update_url": "http://127.0.0.1/ds"}, "graph_store_url"),
        ({"graph_store_url": "http://127.0.0.1/ds", "graph_store_user": "a:b"}, "name of a user"),
        ({"graph_store_password_file": Path("/nowhere/password")}, "not a file"),
        ({"graph_store_timeout_seconds": 0}, "greater than"),
    ],
)
def test_impossible_settings_are_refused(given: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        load_settings(home=tmp_path, **given)
    assert "secret" not in caught.value.message
