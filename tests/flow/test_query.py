"""Saved queries on the command line: saved, found, shown, run and deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

TEXT = "SELECT ?cell WHERE { ?cell <https://schema.org/name> ?name } ORDER BY ?cell"


@pytest.fixture
def token(run: Callable[..., Any], run_json: Callable[..., Any]) -> str:
    run("harvest", "app/samples", "--name", "samples")
    return str(run_json("token", "add", "alice", "--audience", "community:bigmap")["token"])


def test_the_life_of_a_saved_query(run: Callable[..., Any], run_json: Callable[..., Any], token: str, tmp_path: Path) -> None:
    mine = {"env": {"VOLTAGRAPH_TOKEN": token}}
    save = ("query", "save", "called", "-", "--title", "Called so", "--parameter", "name:string!", "--keyword", "name")
    first = run_json(*save, stdin=TEXT, **mine)
    assert (first["name"], first["version"], first["new"]) == ("alice:called", 1, True)
    assert run_json(*save, stdin=TEXT, **mine)["new"] is False
    assert [query["name"] for query in run_json("query", "list", "called", **mine)] == ["alice:called"]
    assert run_json("query", "list", "called") == []
    assert "?name" in run("query", "show", "alice:called", **mine).stdout
    answer = run_json("query", "run", "alice:called", "--value", "name=LF304", **mine)
    assert len(answer["results"]["bindings"]) == 1
    assert "LF304" not in run("query", "run", "alice:called", "--value", "name=LF3", "--format", "csv", **mine).stdout
    definition = tmp_path / "called.json"
    definition.write_text(json.dumps(run_json("query", "show", "alice:called", **mine)))
    again = run_json("query", "save", "called", str(definition), "--visibility", "public", **mine)
    assert (again["version"], again["parameters"]) == (2, first["parameters"])
    assert run_json("query", "show", "alice:called")["version"] == 2
    assert run_json("query", "delete", "alice:called", "--version", "2", **mine)["deleted"] is True
    run("query", "show", "alice:called", code=7)
    assert run_json("query", "show", "alice:called", **mine)["version"] == 1


def test_an_example_runs_with_a_label_for_a_concept(run: Callable[..., Any], run_json: Callable[..., Any], token: str) -> None:
    answer = run_json("query", "run", "cells-of-a-class", "--value", "class=PrismaticBattery")
    assert len(answer["results"]["bindings"]) > 3
    assert run("query", "run", "is-there-a-test").stdout == "yes\n"


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("run", "no-such-query"), "no such query", 7),
        (("run", "cells-above-a-capacity", "--value", "minimum"), "no value of a parameter", 7),
        (("run", "cells-above-a-capacity", "--value", "minimum=many"), "'many' is none", 7),
        (("run", "cells-above-a-capacity", "--version", "9"), "no such query", 7),
        (("save", "mine", "absent.rq"), "cannot be read", 7),
        (("save", "mine", "-"), "needs a token", 7),
        (("save", "mine", "-", "--parameter", "x:number"), "describes no parameter", 7),
        (("save", "mine", "-", "--visibility", "nobody"), "nobody", 2),
        (("delete", "manufacturers"), "needs a token", 7),
    ],
)
def test_what_cannot_be_ends_in_one_line(run: Callable[..., Any], arguments: tuple[str, ...], said: str, code: int) -> None:
    done = run("query", *arguments, stdin=TEXT, code=code)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_text_that_does_not_parse_ends_with_its_place(run: Callable[..., Any], token: str) -> None:
    done = run("query", "save", "mine", "-", stdin="SELECT ?s {", env={"VOLTAGRAPH_TOKEN": token}, code=6)
    assert "line 1" in done.stderr
