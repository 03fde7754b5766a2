"""What `docs/sparql.md` says."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

import api.sparql
import api.sparql_request
from app.settings import Settings
from graph.description import ALLOWANCE as COUNTING
from graph.description import MAX_LISTED
from graph.guard import QueryLimits
from graph.queries import Allowance
from graph.results import ResultFormat
from tests.serving import Served, served


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory, command: Callable[..., Any], repository: Path) -> Iterator[Served]:
    """A server over the samples."""
    home = tmp_path_factory.mktemp("samples") / "home"
    command(home, "harvest", str(repository / "app" / "samples"))
    with served(Settings(home=home)) as running:
        yield running


def blocks(repository: Path, language: str) -> list[str]:
    text = (repository / "docs" / "sparql.md").read_text("utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found
    return found


def test_the_queries_of_the_guide_find_something(samples: Served, repository: Path) -> None:
    for query in blocks(repository, "sparql"):
        answer = httpx.get(samples.sparql, params={"query": query}, timeout=60)
        assert answer.json()["results"]["bindings"], query


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_the_programs_of_the_guide_run(samples: Served, repository: Path) -> None:
    found: dict[str, Any] = {}
    for program in blocks(repository, "python"):
        exec(program.replace("http://127.0.0.1:8000", samples.address), found)
    assert len(found["cells"]) > 10
    assert list(found["cells"].columns) == ["cell", "name", "value", "unit"]
    assert found["table"].num_rows == 1000
    assert len(found["names"]) == len(found["rows"]) == 3


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_the_commands_of_the_guide_print_what_it_says(samples: Served, repository: Path) -> None:
    for block in blocks(repository, "console"):
        for line in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            ours, _, said = line.partition("\n")
            done = subprocess.run(
                ["bash", "-c", ours.replace("http://127.0.0.1:8000", samples.address)], capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 0
            assert done.stdout
            if said:
                assert done.stdout.strip() == said.strip()


def test_the_limits_of_the_guide_are_those_of_the_program(repository: Path) -> None:
    text = (repository / "docs" / "sparql.md").read_text("utf-8")
    allowance, limits = Allowance(), QueryLimits()
    settings = Settings.model_fields
    for said in (
        f"| time of a query | {allowance.seconds} seconds |",
        f"| memory of a query | {allowance.memory_bytes // 10**9} GB |",
        f"| rows, or statements | {allowance.rows:,} |".replace(",", " ").replace("rows ", "rows,"),
        f"| length of the answer | {allowance.bytes // 10**6} MB |",
        f"of your network address | {allowance.concurrent} |",
        f"| queries of everybody at once | {settings['query_processes'].default}; then a wait of ",
        f"a wait of {settings['query_wait_seconds'].default} seconds |",
        f"| length of a query | {settings['max_query_bytes'].default:,} bytes |".replace(",", " "),
        f"up to {api.sparql_request.MAX_GRAPHS} |",
        f"no byte for {api.sparql.SEND_SECONDS} seconds",
        f"up to {MAX_LISTED:,} properties".replace(",", " "),
        f"at most {COUNTING.seconds:g} seconds each",
    ):
        assert said in text, said
    assert limits.depth == limits.parts == 256
    for name in ("json", "xml", "csv", "tsv", "arrow", "parquet", "jsonl", "turtle", "ntriples", "jsonld", "rdfxml"):
        assert f"| `{name}`" in text
    for form in ResultFormat:
        assert f"`{form}`" in text
