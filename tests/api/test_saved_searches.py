"""Saved searches over real connections to a real server that looks by itself: what is told, to whom, and where."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import feedparser
import pytest
from starlette.testclient import TestClient

from tests.api.conftest import COMMUNITY, PUBLIC, cell
from tests.unit.search.test_saved_searches import Receiver, events_of

PATIENCE = 60.0
"""Seconds after which something that should happen is not expected any more."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver().listening() as one:
        yield one


@pytest.fixture(scope="module")
def place(build: Callable[..., Any]) -> Any:
    return build({"first.jsonld": (cell("First cell", 120.0), PUBLIC)})


@pytest.fixture(scope="module")
def server(place: Any, environment: dict[str, str], repository: Path, receiver: Receiver) -> Iterator[str]:
    settings = {"VOLTAGRAPH_WATCH_SECONDS": "0.2", "VOLTAGRAPH_WEBHOOK_ORIGINS": json.dumps([receiver.origin])}
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "--home", str(place.path), "serve", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment | settings,
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

    def send(actor: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
        if actor:
            sent["Authorization"] = f"Bearer {place.tokens[actor]}"
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = Request(path if "://" in path else server + path, method=method, data=data, headers=sent)
        try:
            with urlopen(request, timeout=120) as response:
                return Answer(response.status, response.headers, response.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    return send


@pytest.fixture
def harvest(place: Any, command: Callable[..., Any]) -> Callable[[dict[str, tuple[Any, Any]]], None]:
    """Write documents (``None`` takes one away) and bring the folder in."""

    def bring(documents: dict[str, tuple[Any, Any]]) -> None:
        folder = place.path.parent / "lab"
        for name, (document, rights) in documents.items():
            file = folder / f"{name}.jsonld"
            if document is None:
                file.unlink()
            else:
                file.write_text(json.dumps(document))
                (folder / f"{name}.jsonld.rights.json").write_text(json.dumps(rights))
        command(place.path, "harvest", str(folder))

    return bring


def until(look: Callable[[], Any]) -> Any:
    """What is there at last."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


def test_new_changed_and_gone_are_told_with_reasons(ask: Ask, harvest: Callable[..., None], receiver: Receiver) -> None:
    wish = {"title": "Large LFP cells", "q": "LFP above 100 Ah", "webhook": f"{receiver.origin}/hook"}
    made = ask("alice", "POST", "/api/searches", wish)
    assert made.status == 201, made.body
    where = made.headers["Location"]
    used = ask("alice", "POST", "/api/searches", {"title": "Data I use", "records": ["lab/first.jsonld"]}).json
    harvest(
        {
            "second": (cell("Second cell", 150.0), PUBLIC),
            "third": (cell("Third cell", 50.0), PUBLIC),
            "first": (cell("First cell", 130.0), PUBLIC),
        }
    )
    told = until(lambda: ask("alice", "GET", f"{where}/events").json["events"])
    assert sorted((event["kind"], event["record"]) for event in told) == [
        ("changed", "lab/first.jsonld"),
        ("new", "lab/second.jsonld"),
    ]
    reasons = {event["kind"]: " ".join(event["reasons"]) for event in told}
    assert "150 Ah > 100 Ah" in reasons["new"]
    assert "130 Ah (was 120 Ah)" in reasons["changed"]
    feed = ask("", "GET", made.json["feed"])
    entries = feedparser.parse(feed.body).entries
    assert {entry.title for entry in entries} == {"New: Second cell", "Changed: First cell"}
    assert ask("", "GET", made.json["feed"], If_None_Match=feed.headers["ETag"]).status == 304
    assert sorted(until(lambda: [record for message in receiver.messages for record in events_of(message)])) == [
        "lab/first.jsonld",
        "lab/second.jsonld",
    ]
    harvest({"first": (None, None)})
    gone = until(
        lambda: [one for one in ask("alice", "GET", f"/api/searches/{used['id']}/events").json["events"] if one["kind"] == "gone"]
    )
    assert [(one["record"], one["title"]) for one in gone] == [("lab/first.jsonld", "")]


def test_what_becomes_restricted_leaves_the_feed(ask: Ask, harvest: Callable[..., None]) -> None:
    feeds = {who: ask(who, "POST", "/api/searches", {"title": "All", "q": "prismatic"}).json["feed"] for who in ("alice", "carol")}
    harvest({"fourth": (cell("Fourth cell", 70.0), PUBLIC)})
    until(lambda: b"Fourth cell" in ask("", "GET", feeds["carol"]).body and b"Fourth cell" in ask("", "GET", feeds["alice"]).body)
    harvest({"fourth": (cell("Fourth cell", 70.0), COMMUNITY)})
    assert b"ourth" not in ask("", "GET", feeds["carol"]).body
    assert b"Fourth cell" in ask("", "GET", feeds["alice"]).body


@pytest.mark.parametrize(("method", "rest"), [("GET", ""), ("GET", "/events"), ("GET", "/feed"), ("DELETE", ""), ("PATCH", "")])
def test_for_others_it_does_not_exist(ask: Ask, method: str, rest: str) -> None:
    mine = ask("alice", "POST", "/api/searches", {"title": "Mine", "q": "LFP"}).json["id"]
    body = {"paused": True} if method == "PATCH" else None
    theirs = ask("carol", method, f"/api/searches/{mine}{rest}", body)
    unknown = ask("carol", method, f"/api/searches/{'0' * 32}{rest}", body)
    assert (theirs.status, theirs.body) == (unknown.status, unknown.body)
    assert theirs.status == 404
    nobody = ask("", method, f"/api/searches/{mine}{rest}")
    assert nobody.status == (404 if rest == "/feed" else 401)
    assert mine not in {one["id"] for one in ask("carol", "GET", "/api/searches").json["searches"]}


def test_a_forbidden_record_is_watched_no_more_than_a_missing_one(ask: Ask, harvest: Callable[..., None]) -> None:
    harvest({"secret": (cell("Secret cell", 90.0), COMMUNITY)})
    forbidden = ask("carol", "POST", "/api/searches", {"title": "x", "records": ["lab/secret.jsonld"]})
    missing = ask("carol", "POST", "/api/searches", {"title": "x", "records": ["lab/secrex.jsonld"]})
    assert (forbidden.status, forbidden.body.replace(b"secret", b"secrex")) == (missing.status, missing.body)
    assert missing.status == 404


def test_a_query_is_kept_as_it_was_understood(ask: Ask) -> None:
    query = ask("alice", "GET", "/api/search?q=LFP%20above%20100%20Ah").json["query"]
    made = ask("alice", "POST", "/api/searches", {"title": "As JSON", "query": query})
    assert made.status == 201, made.body
    assert ask("alice", "GET", f"/api/searches/{made.json['id']}").json["query"] == made.json["query"]
    assert ask("alice", "DELETE", f"/api/searches/{made.json['id']}").status == 204
    assert ask("", "GET", made.json["feed"]).status == 404


def test_a_number_beyond_all_events_is_refused(ask: Ask) -> None:
    where = ask("alice", "POST", "/api/searches", {"title": "Mine", "q": "LFP"}).headers["Location"]
    assert ask("alice", "GET", f"{where}/events?after={2**53}").json["events"] == []
    assert ask("alice", "GET", f"{where}/events?after={10**30}").status == 400


def test_its_owner_pauses_renames_and_gives_new_secrets(ask: Ask, receiver: Receiver) -> None:
    made = ask("alice", "POST", "/api/searches", {"title": "Mine", "q": "LFP", "webhook": f"{receiver.origin}/hook"})
    where = made.headers["Location"]
    assert (made.json["paused"], made.json["asleep"]) == (False, False)
    changed = ask("alice", "PATCH", where, {"title": "Ours", "paused": True, "new_secret": True, "new_feed_key": True})
    assert changed.status == 200, changed.body
    assert (changed.json["title"], changed.json["paused"]) == ("Ours", True)
    assert changed.json["webhook_secret"] not in ("", made.json["webhook_secret"])
    assert ask("", "GET", made.json["feed"]).status == 404
    assert ask("", "GET", changed.json["feed"]).status == 200
    rest = ask("alice", "PATCH", where, {"paused": False})
    assert rest.json == {**ask("alice", "GET", where).json, "paused": False}
    assert {"feed", "webhook_secret"}.isdisjoint(rest.json)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"title": " "}, 400),
        ({"surprise": 1}, 400),
        ({"paused": "perhaps"}, 400),
        ({"new_secret": True}, 400),
        ({"webhook": "https://elsewhere.example/"}, 400),
        (b"", 400),
    ],
)
def test_a_bad_change_changes_nothing(ask: Ask, body: Any, status: int) -> None:
    where = ask("alice", "POST", "/api/searches", {"title": "Mine", "q": "LFP"}).headers["Location"]
    before = ask("alice", "GET", where).json
    answer = ask("alice", "PATCH", where, body)
    assert answer.status == status, answer.body
    assert ask("alice", "GET", where).json == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        ({"title": "x"}, 400),
        ({"title": "", "q": "LFP"}, 400),
        ({"title": "x", "q": "LFP", "records": ["lab/first.jsonld"]}, 400),
        ({"title": "x", "query": {"parts": "none"}}, 400),
        ({"title": "x", "q": "LFP", "query": {"text": "", "parts": []}}, 400),
        ({"title": "x", "q": "LFP", "surprise": 1}, 400),
        ({"title": "x", "q": "LFP", "webhook": "https://elsewhere.example/"}, 400),
        ({"title": "x", "q": "LFP", "webhook": "http://["}, 400),
        ({"title": "x", "q": "y" * 100_000}, 413),
    ],
)
def test_bad_bodies_say_what_is_wrong(ask: Ask, body: Any, status: int) -> None:
    answer = ask("alice", "POST", "/api/searches", body)
    assert answer.status == status, answer.body
    assert answer.json["message"]
    assert answer.json["remedy"]
    assert status == 413 or all(error["field"] for error in answer.json["errors"])
    assert ask("", "POST", "/api/searches", {"title": "x", "q": "LFP"}).status == 401


def test_a_body_that_is_too_large_is_refused(client: TestClient, world: Any) -> None:
    """Within this process: over a connection, who still sends while the answer comes may not see it."""
    alice = {"Authorization": f"Bearer {world.tokens['alice']}", "Content-Type": "application/json"}
    refused = client.post("/api/searches", content=b'{"title": "' + b"x" * 2_000_000 + b'"}', headers=alice)
    assert refused.status_code == 413
    assert refused.json()["message"]
