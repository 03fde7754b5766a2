"""Snapshots over real connections to a real server: what is frozen, for whom, and what `/sparql` and searches make of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

NAMES = "SELECT ?name { ?s <https://schema.org/name> ?name } ORDER BY ?name"


@pytest.fixture(scope="module")
def place(build: Callable[..., Any], documents: Any) -> Any:
    """A home of its own: these tests change it."""
    return build(documents)


@pytest.fixture(scope="module")
def server(place: Any, environment: dict[str, str], repository: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "--home", str(place.path), "serve", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
        cwd=repository,
    )
    assert process.stdout is not None
    yield json.loads(process.stdout.readline())["url"].rstrip("/")
    process.terminate()
    process.communicate(timeout=60)


class Answer:
    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Ask = Callable[..., Answer]


@pytest.fixture
def ask(server: str, place: Any) -> Ask:
    """Send a request as somebody; ``""`` is nobody."""

    def send(actor: str, method: str, path: str, body: Any = None) -> Answer:
        headers = {"Content-Type": "application/json"}
        if actor:
            headers["Authorization"] = f"Bearer {place.tokens[actor]}"
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = Request(server + path, method=method, data=data, headers=headers)
        try:
            with urlopen(request, timeout=120) as response:
                return Answer(response.status, response.headers, response.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    return send


def sparql(ask: Ask, actor: str, snapshot: str, query: str = NAMES) -> Answer:
    return ask(actor, "GET", f"/sparql?format=csv&snapshot={snapshot}&query={quote(query)}")


def harvest(place: Any, command: Callable[..., Any]) -> None:
    command(place.path, "harvest", str(place.path.parent / "lab"))


def give(place: Any, name: str, rights: object) -> None:
    (place.path.parent / "lab" / f"{name}.rights.json").write_text(json.dumps(rights))


def test_a_snapshot_is_made_once_and_has_an_address(ask: Ask) -> None:
    made = ask("alice", "POST", "/snapshots", {"note": "for the paper"})
    assert made.status == 201, made.body
    assert made.headers["Location"] == f"/snapshots/{made.json['id']}"
    again = ask("alice", "POST", "/snapshots")
    assert (again.status, again.json["id"], again.json["note"]) == (200, made.json["id"], "for the paper")
    shown = ask("alice", "GET", made.headers["Location"]).json
    assert (shown["records"], shown["withheld"], shown["own"]) == (4, 0, True)
    assert [one["id"] for one in ask("alice", "GET", "/snapshots").json["snapshots"]].count(shown["id"]) == 1


def test_its_records_come_in_pages(ask: Ask) -> None:
    snapshot = ask("alice", "POST", "/snapshots", {}).json["id"]
    pages = [ask("alice", "GET", f"/snapshots/{snapshot}/records?limit=3&offset={offset}").json for offset in (0, 3, 6)]
    graphs = [record["graph"] for page in pages for record in page["records"]]
    assert [page["total"] for page in pages] == [4, 4, 4]
    assert graphs == sorted(set(graphs))
    assert len(graphs) == 4


@pytest.mark.parametrize("actor", ["carol", ""])
@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("GET", "/records"), ("DELETE", "")])
def test_for_others_it_does_not_exist(ask: Ask, actor: str, method: str, rest: str) -> None:
    snapshot = ask("alice", "POST", "/snapshots", {}).json["id"]
    unknown = ask(actor, method, f"/snapshots/{'0' * 32}{rest}")
    theirs = ask(actor, method, f"/snapshots/{snapshot}{rest}")
    assert (theirs.status, theirs.body) == (unknown.status, unknown.body)
    assert theirs.status == (401 if method == "DELETE" and not actor else 404)
    assert (sparql(ask, actor, snapshot).status, sparql(ask, actor, snapshot).body) == (
        sparql(ask, actor, "0" * 32).status,
        sparql(ask, actor, "0" * 32).body,
    )


def test_without_a_token_public_records_can_be_frozen_and_used(ask: Ask) -> None:
    assert ask("", "POST", "/snapshots", {}).status == 401
    assert ask("", "GET", "/snapshots").status == 401
    made = ask("", "POST", "/snapshots", {"visibility": "public"})
    assert (made.status, made.json["records"], made.json["own"]) == (201, 2, False)
    assert ask("carol", "GET", f"/snapshots/{made.json['id']}").json["own"] is False
    assert sparql(ask, "", made.json["id"]).status == 200
    assert ask("carol", "DELETE", f"/snapshots/{made.json['id']}").status == 403


@pytest.mark.parametrize(
    "body", [b"{", b"[]", {"visibility": "all"}, {"note": "x" * 1001}, {"other": 1}, b'{"note": "' + b"x" * 20_000]
)
def test_a_body_that_says_something_else_is_refused(ask: Ask, body: Any) -> None:
    refused = ask("alice", "POST", "/snapshots", body)
    assert refused.status in {400, 413}
    assert refused.json["message"]


def test_a_query_over_it_gives_the_same_bytes_while_records_change_and_rights_withdrawn_win(
    ask: Ask, place: Any, command: Callable[..., Any]
) -> None:
    snapshot = ask("alice", "POST", "/snapshots", {"note": "frozen"}).json["id"]
    before = sparql(ask, "alice", snapshot)
    assert before.status == 200, before.body
    assert before.headers["X-Voltagraph-Snapshot"] == snapshot
    assert before.headers["X-Voltagraph-Withheld"] == "0"
    lab = place.path.parent / "lab"
    text = (lab / "public.jsonld").read_text()
    try:
        (lab / "public.jsonld").write_text(text.replace("Cell of everybody", "Cell that changed"))
        harvest(place, command)
        after = sparql(ask, "alice", snapshot)
        assert after.body == before.body
        assert after.headers["X-Voltagraph-SHA256"] == before.headers["X-Voltagraph-SHA256"]
        searched = ask("alice", "GET", f"/api/search?q=cell&snapshot={snapshot}")
        assert searched.status == 403
        assert "today's records" in searched.json["message"]

        give(place, "community.jsonld", {"access": {"record": "restricted", "files": "restricted"}})
        harvest(place, command)
        withheld = sparql(ask, "alice", snapshot)
        assert b"zirconia community" in before.body
        assert b"zirconia community" not in withheld.body
        assert withheld.headers["X-Voltagraph-Withheld"] == "1"
        assert ask("alice", "GET", f"/snapshots/{snapshot}").json["withheld"] == 1
        assert ask("alice", "GET", f"/snapshots/{snapshot}/records").json["total"] == 3
    finally:
        (lab / "public.jsonld").write_text(text)
        give(
            place,
            "community.jsonld",
            {"access": {"record": "restricted", "files": "restricted"}, "parent": {"communities": {"ids": ["bigmap"]}}},
        )
        harvest(place, command)
    assert sparql(ask, "alice", snapshot).body == before.body


def test_functions_that_change_are_refused_over_it(ask: Ask) -> None:
    snapshot = ask("alice", "POST", "/snapshots", {}).json["id"]
    assert sparql(ask, "alice", snapshot, "SELECT (NOW() AS ?now) {}").status == 403


def test_a_search_over_todays_state_is_that_of_the_snapshot(ask: Ask) -> None:
    snapshot = ask("alice", "POST", "/snapshots", {}).json["id"]
    assert ask("alice", "GET", f"/api/search?q=cell&snapshot={snapshot}").body == ask("alice", "GET", "/api/search?q=cell").body
    public = ask("alice", "POST", "/snapshots", {"visibility": "public"}).json["id"]
    assert ask("alice", "GET", f"/api/search?q=cell&snapshot={public}").body == ask("", "GET", "/api/search?q=cell").body
    assert ask("carol", "GET", f"/api/search?q=cell&snapshot={snapshot}").status == 404


def test_its_owner_removes_it(ask: Ask) -> None:
    snapshot = ask("carol", "POST", "/snapshots", {}).json["id"]
    assert ask("carol", "DELETE", f"/snapshots/{snapshot}").status == 204
    assert ask("carol", "GET", f"/snapshots/{snapshot}").status == 404
    assert sparql(ask, "carol", snapshot).status == 404


def test_the_command_line_makes_shows_asks_and_removes_them(
    place: Any, command: Callable[..., Any], environment: dict[str, str], repository: Path
) -> None:
    token = ("--token", place.tokens["alice"])
    made = command(place.path, "snapshot", "create", "--note", "by command", *token)
    assert command(place.path, "snapshot", "create", *token)["new"] is False
    assert made["id"] in [one["id"] for one in command(place.path, "snapshot", "list", *token)["snapshots"]]
    shown = command(place.path, "snapshot", "show", made["id"], *token)
    assert len(shown["versions"]) == shown["records"] == 4
    answer = command(place.path, "sparql", NAMES, "--snapshot", made["id"], *token)
    assert len(answer["results"]["bindings"]) == 4
    assert command(place.path, "snapshot", "delete", made["id"], *token)["removed"] is True
    refused = subprocess.run(
        [sys.executable, "-m", "app.cli", "--home", str(place.path), "snapshot", "show", made["id"], *token],
        capture_output=True,
        text=True,
        env={**environment, "PATH": os.environ["PATH"]},
        cwd=repository,
        timeout=120,
    )
    assert refused.returncode == 7
    assert "no such snapshot" in refused.stderr
