"""Corrections and causes over HTTP: who may, what comes back, and that nothing forbidden shows in any byte of an answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from graph.embedded import EmbeddedGraphStore

ADD_MODEL = [{"operation": "add", "pointer": "/schema:model", "content": '"M50"'}]
READABLE = {  # by whom the files of which record may be read
    "public": {"anonymous", "carol", "alice", "curator", "member"},
    "community": {"alice", "member"},
    "metadata": {"alice", "member"},
    "nobody": set(),
    "broken": set(),
    "absent": set(),
}
CURATORS = {"curator", "member"}


@pytest.fixture(scope="module")
def place(build: Callable[..., Any], documents: Mapping[str, Any], command: Callable[..., Any]) -> Any:
    """A home of its own, with a curator of no community and one of the community."""
    home = build(documents)
    for name, audiences in {"curator": ["role:curator"], "member": ["role:curator", "community:bigmap"]}.items():
        given = [word for audience in audiences for word in ("--audience", audience)]
        home.tokens[name] = command(home.path, "token", "add", name, *given)["token"]
    return home


@pytest.fixture(scope="module")
def service(place: Any, client_of: Callable[..., TestClient]) -> TestClient:
    return client_of(place)


@pytest.fixture
def ask(service: TestClient, place: Any) -> Callable[..., Any]:
    """Send a request as somebody."""

    def send(actor: str, method: str, path: str, **more: Any) -> Any:
        headers = {} if actor == "anonymous" else {"Authorization": f"Bearer {place.tokens[actor]}"}
        return service.request(method, path, headers=headers, **more)

    return send


@pytest.fixture
def accepted(ask: Callable[..., Any]) -> Any:
    """A correction of the public record, taken back afterwards."""
    response = ask("curator", "POST", "/api/corrections", json=wish("public"))
    assert response.status_code == 201, response.text
    yield response.json()
    ask("curator", "POST", f"/api/corrections/{response.json()['id']}/revoke", json={"reason": "the test is over"})


def wish(record: str, **more: Any) -> dict[str, Any]:
    return {"record": f"lab/{record}.jsonld", "edits": ADD_MODEL, "reason": "printed on the cell", **more}


def seen(response: Any) -> tuple[int, bytes, dict[str, str]]:
    return (
        response.status_code,
        response.content,
        {name: value for name, value in response.headers.items() if name != "x-request-id"},
    )


# Who may


@pytest.mark.parametrize("record", READABLE)
@pytest.mark.parametrize("actor", ["anonymous", "carol", "alice", "curator", "member"])
def test_who_may_correct_what(ask: Callable[..., Any], actor: str, record: str) -> None:
    response = ask(actor, "POST", "/api/corrections", json=wish(record))
    if actor == "anonymous":
        expected = 401
    elif actor not in READABLE[record]:
        expected = 404
    else:
        expected = 201 if actor in CURATORS else 403
    assert response.status_code == expected, response.text
    if expected == 201:
        revoked = ask(actor, "POST", f"/api/corrections/{response.json()['id']}/revoke", json={"reason": "a trial"})
        assert revoked.status_code == 200
    else:
        assert set(response.json()) == {"status", "message", "remedy", "errors"}
        assert response.json()["remedy"]


@pytest.mark.parametrize("actor", ["carol", "curator"])
def test_a_forbidden_record_and_an_absent_one_give_the_same_bytes(ask: Callable[..., Any], actor: str) -> None:
    absent = seen(ask(actor, "POST", "/api/corrections", json=wish("absent")))
    for record in ("community", "metadata", "nobody", "broken"):
        assert seen(ask(actor, "POST", "/api/corrections", json=wish(record))) == absent
        for route in ("/api/corrections/", "/api/patches/"):
            assert seen(ask(actor, "GET", f"{route}lab/{record}.jsonld")) == seen(ask(actor, "GET", f"{route}lab/absent.jsonld"))


def test_a_correction_of_a_forbidden_record_cannot_be_told_from_none(ask: Callable[..., Any]) -> None:
    kept = ask("member", "POST", "/api/corrections", json=wish("community")).json()
    revoke = {"json": {"reason": "let me see"}}
    for actor in ("carol", "curator"):
        there = ask(actor, "POST", f"/api/corrections/{kept['id']}/revoke", **revoke)
        assert there.status_code == 404
        assert seen(there) == seen(ask(actor, "POST", "/api/corrections/0000000000000000/revoke", **revoke))
    # Whoever may read the record and is no curator learns that.
    assert ask("alice", "POST", f"/api/corrections/{kept['id']}/revoke", **revoke).status_code == 403
    assert ask("member", "POST", f"/api/corrections/{kept['id']}/revoke", **revoke).status_code == 200


# What is done


def test_a_correction_shows_in_every_answer_about_its_record(ask: Callable[..., Any], place: Any, accepted: dict[str, Any]) -> None:
    assert (accepted["standing"], accepted["pending"], accepted["by"]) == ("applied", False, "curator")
    record = ask("anonymous", "GET", "/api/records/lab/public.jsonld").json()
    assert [one["id"] for one in record["corrections"] if one["standing"] == "applied"] == [accepted["id"]]
    assert ask("anonymous", "GET", "/api/search?q=M50").json()["total"] == 1
    page = ask("anonymous", "GET", "/records/lab/public.jsonld").text
    for told in ("curator", "printed on the cell", accepted["id"], accepted["at"][:10], "&#34;M50&#34;"):
        assert told in page
    assert 'class="corrected">  &#34;schema:model&#34;: &#34;M50&#34;' in page
    # The document itself is what its source gave.
    source = (place.path.parent / "lab" / "public.jsonld").read_bytes()
    assert ask("anonymous", "GET", "/api/files/lab/public.jsonld").content == source
    assert b"M50" not in source


def test_revoking_undoes_it_at_once(ask: Callable[..., Any]) -> None:
    kept = ask("curator", "POST", "/api/corrections", json=wish("public")).json()
    revoked = ask("member", "POST", f"/api/corrections/{kept['id']}/revoke", json={"reason": "it is another cell"}).json()
    assert (revoked["standing"], revoked["pending"], revoked["revoked"]["by"]) == ("revoked", False, "member")
    assert ask("anonymous", "GET", "/api/search?q=M50").json()["total"] == 0
    page = ask("anonymous", "GET", "/records/lab/public.jsonld").text
    assert "it is another cell" in page
    assert 'class="corrected"' not in page


def test_a_suggestion_is_taken_by_the_number_of_its_finding(ask: Callable[..., Any]) -> None:
    findings = ask("curator", "GET", "/api/records/lab/public.jsonld").json()["findings"]
    [number] = [place for place, finding in enumerate(findings, 1) if finding["code"] == "undefined-term"]
    body = {"record": "lab/public.jsonld", "finding": number, "reason": "misspelt"}
    kept = ask("curator", "POST", "/api/corrections", json=body).json()
    assert (kept["codes"], kept["mended"]) == (["undefined-term"], {"undefined-term": 1})
    [change] = kept["changes"]
    assert (change["operation"], change["before"], change["after"]) == ("rename", '"hasActiveMateral"', '"hasActiveMaterial"')
    causes = ask("anonymous", "GET", "/api/findings?code=undefined-term").json()
    assert causes["total"] == 0
    ask("curator", "POST", f"/api/corrections/{kept['id']}/revoke", json={"reason": "a trial"})


def test_the_page_tells_curators_how_to_correct_and_nobody_else(ask: Callable[..., Any]) -> None:
    shown = {actor: ask(actor, "GET", "/records/lab/public.jsonld").text for actor in ("anonymous", "alice", "curator")}
    assert ["POST /api/corrections" in page for page in shown.values()] == [False, False, True]
    for page in shown.values():
        assert '<a href="/findings/undefined-term">undefined-term</a>' in page
        assert "<del>hasActiveMateral</del> → <ins>hasActiveMaterial</ins>" in page


def test_the_owner_gets_a_patch(ask: Callable[..., Any], accepted: dict[str, Any]) -> None:
    patch = ask("anonymous", "GET", "/api/patches/lab/public.jsonld")
    assert patch.headers["content-type"] == "text/x-diff; charset=utf-8"
    assert [line for line in patch.text.splitlines() if line.startswith("+ ")][-1:] == ['+  "schema:model": "M50"']
    operations = ask("anonymous", "GET", "/api/patches/lab/public.jsonld?format=json-patch")
    assert operations.headers["content-type"] == "application/json-patch+json"
    assert operations.json() == [{"op": "add", "path": "/schema:model", "value": "M50"}]
    assert accepted["changes"][0]["before"] == ""


def test_while_a_harvest_writes_a_correction_is_kept_and_pending(
    build: Callable[..., Any], documents: Mapping[str, Any], client_of: Callable[..., TestClient], command: Callable[..., Any]
) -> None:
    home = build({"public.jsonld": documents["public.jsonld"]})
    token = command(home.path, "token", "add", "curator", "--audience", "role:curator")["token"]
    client = client_of(home)
    headers = {"Authorization": f"Bearer {token}"}
    store = EmbeddedGraphStore(home.path / "graph")
    try:
        kept = client.post("/api/corrections", json=wish("public"), headers=headers)
        assert (kept.status_code, kept.json()["standing"], kept.json()["pending"]) == (201, "pending", True)
        assert client.get("/api/corrections/lab/public.jsonld").json()["pending"] is True
        assert "waiting to be read" in client.get("/records/lab/public.jsonld").text
        assert client.get("/api/search?q=M50").json()["total"] == 0
    finally:
        store.close()
    command(home.path, "harvest", str(home.path.parent / "lab"))
    assert client.get("/api/search?q=M50").json()["total"] == 1
    [correction] = client.get("/api/corrections/lab/public.jsonld").json()["corrections"]
    assert correction["standing"] == "applied"


# Bad requests


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, "body"),
        (b"{", 400, "body"),
        (b"[]", 400, "body"),
        (b"{}", 400, "record"),
        (json.dumps(wish("public", reason="")).encode(), 400, "reason"),
        (json.dumps(wish("public", reason="x" * 1001)).encode(), 400, "reason"),
        (json.dumps(wish("public", finding=1)).encode(), 400, "finding"),
        (json.dumps(wish("public", edits=[])).encode(), 400, "finding"),
        (json.dumps(wish("public", edits=[], finding=0)).encode(), 400, "finding"),
        (json.dumps(wish("public", edits=ADD_MODEL * 501)).encode(), 400, "edits"),
        (json.dumps(wish("public", edits=[{"operation": "shred", "pointer": ""}])).encode(), 400, "edits.0.operation"),
        (json.dumps(wish("public", by="somebody else")).encode(), 400, "by"),
        (json.dumps(wish("public", edits=[], finding=99)).encode(), 409, None),
        (json.dumps(wish("public", edits=ADD_MODEL * 2)).encode(), 409, None),
        (json.dumps(wish("public", reason=" \n ")).encode(), 409, None),
        (json.dumps(wish("public", edits=[{"operation": "remove", "pointer": "/none"}])).encode(), 409, None),
        (json.dumps(wish("public", edits=[{"operation": "splice", "offset": 0, "length": 1}])).encode(), 409, None),
        (b'{"record": "lab/public.jsonld", "finding": 1, "reason": "half a pair: \\ud800"}', 400, "body"),
        (b" " * 4_000_001, 413, None),
    ],
)
def test_a_bad_request_is_told_and_nothing_is_kept(ask: Callable[..., Any], body: bytes, status: int, field: str | None) -> None:
    before = ask("curator", "GET", "/api/corrections/lab/public.jsonld").json()
    response = ask("curator", "POST", "/api/corrections", content=body)
    assert response.status_code == status, response.text
    told = response.json()
    assert set(told) == {"status", "message", "remedy", "errors"}
    if field is not None:
        assert field in [error["field"] for error in told["errors"]]
    assert ask("curator", "GET", "/api/corrections/lab/public.jsonld").json() == before


def test_whoever_shows_no_token_is_refused_before_the_body_is_read(ask: Callable[..., Any]) -> None:
    for path in ("/api/corrections", "/api/corrections/0000000000000000/revoke"):
        response = ask("anonymous", "POST", path, content=b"x" * 5_000_000)
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")


# Causes


def test_causes_count_what_the_reader_may_read(ask: Callable[..., Any]) -> None:
    for actor in ("anonymous", "alice"):
        found = ask(actor, "GET", "/api/findings?limit=100").json()
        named = {example for cause in found["causes"] for example in cause["examples"]}
        readable = {f"lab/{record}.jsonld" for record, actors in READABLE.items() if actor in actors}
        assert "lab/public.jsonld" in named
        assert named <= readable | {"lab/broken.jsonld", "lab/odd names/a b#c?d%41&é.jsonld"}
    page = ask("anonymous", "GET", "/causes").text
    assert "the key &#39;hasActiveMateral&#39; is not defined" in page
    assert 'href="/records/lab/public.jsonld"' in page
    # A refused document has no page to lead to.
    assert "lab/broken.jsonld" in page
    assert 'href="/records/lab/broken.jsonld"' not in page


def test_causes_of_one_community(ask: Callable[..., Any]) -> None:
    for community in ("bigmap", "none"):
        told = ask("alice", "GET", "/api/findings", params={"community": f"community:{community}"}).json()
        assert told == ask("alice", "GET", "/api/findings", params={"community": f"local/community:{community}"}).json()
        assert (told["total"] > 0) == (community == "bigmap")
    assert ask("carol", "GET", "/api/findings?community=community:bigmap").json()["total"] == 0


def test_what_a_reader_may_not_read_changes_no_byte(
    client_of: Callable[..., TestClient], build: Callable[..., Any], documents: Mapping[str, Any], command: Callable[..., Any]
) -> None:
    """Not in causes, though times differ: those are compared by their weeks; and not in what is said of corrections."""
    hidden = ("community", "nobody", "metadata")
    richer, poorer = build(documents), build({name: documents[name] for name in documents if not name.startswith(hidden)})
    clients = client_of(richer), client_of(poorer)
    edits = json.dumps(ADD_MODEL)
    file = richer.path / "edits.json"
    file.write_text(edits)
    command(richer.path, "correct", "lab/community.jsonld", "--edits", str(file), "--reason", "printed on the cell")
    for home in (richer, poorer):
        home.tokens["curator"] = command(home.path, "token", "add", "curator", "--audience", "role:curator")["token"]
    requests = [
        "/api/findings?limit=100",
        "/api/findings?limit=1&offset=1",
        "/api/findings?community=community:bigmap",
        "/api/findings?source=lab&code=missing-name",
        "/causes?code=undefined-term",
        "/api/corrections/lab/community.jsonld",
        "/api/patches/lab/nobody.jsonld",
    ]
    for actor in ("anonymous", "curator"):
        for path in requests:
            told = [
                seen(client.get(path, headers={"Authorization": f"Bearer {home.tokens[actor]}"} if actor == "curator" else {}))
                for client, home in zip(clients, (richer, poorer), strict=True)
            ]
            assert without_times(told[0]) == without_times(told[1]), path


def without_times(answer: tuple[int, bytes, dict[str, str]]) -> Any:
    """The answer without the second at which a home was harvested, and what follows from it: the digest of the body, its length."""
    status, content, headers = answer
    if headers["content-type"] == "application/json" and status == 200:
        value = json.loads(content)
        for cause in value["causes"]:
            assert len(cause.pop("first_seen")) == 25
        return status, value, {name: told for name, told in headers.items() if name not in {"content-length", "etag"}}
    return answer


def test_the_home_holds_the_corrections(place: Any) -> None:
    assert (Path(place.path) / "corrections.sqlite").is_file()
