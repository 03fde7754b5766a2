"""Every error of every route has one body, and tells nothing of this machine."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from starlette.testclient import TestClient

ROUTES = {
    "/api/search": {},
    "/api/suggest": {"prefix": "li"},
    "/api/concepts": {"text": "li"},
    "/api/records/lab/public.jsonld": {},
    "/api/files/lab/public.jsonld": {},
    "/health": {},
    "/ready": {},
    "/api/openapi.json": {},
    "/": {},
    "/records/lab/public.jsonld": {},
    "/api/findings/codes": {},
    "/validate": {},
    "/findings": {},
    "/findings/missing-unit": {},
    "/api/findings": {},
    "/api/corrections/lab/public.jsonld": {},
    "/api/patches/lab/public.jsonld": {},
    "/causes": {},
}
POSTS = {"/api/ask", "/api/search", "/api/validate", "/api/fix", "/validate"}  # see test_{ask,searching,validate}.py
CURATING = {"/api/corrections", "/api/corrections/{correction}/revoke", "/accept"}  # see test_corrections.py, test_sessions.py
ELSEWHERE = {
    *("/sparql", "/.well-known/void"),  # see sparql/
    *("/queries", "/queries/{name}", "/queries/{name}/{version}", "/queries/{name}/{version}/run"),  # see test_saved_queries.py
    *("/snapshots", "/snapshots/{snapshot}", "/snapshots/{snapshot}/records"),  # see test_snapshots.py
    *("/datasets", "/datasets/{dataset}", "/datasets/{dataset}/files/{name}"),  # see test_datasets.py
    *("/api/searches", "/api/searches/{search}", "/api/searches/{search}/events"),  # see test_saved_searches.py
    *("/api/searches/{search}/feed", "/searches", "/searches/{search}", "/searches/{search}/delete"),
    "/api/records/{record:path}/similar",  # see test_similar.py
    *("/session", "/login", "/logout"),  # see test_sessions.py
    *("/query", "/query/save", "/query/saved", "/query/saved/{name}/{version}"),  # see test_query_pages.py
    *("/query/saved/{name}/{version}/delete", "/query/snapshots", "/query/snapshots/{snapshot}/delete"),
}
READS = [path for path in ROUTES if path not in {"/health", "/ready", "/api/openapi.json"}]


def problem(response: Any, status: int) -> dict[str, Any]:
    """The error body, when it is one."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body: dict[str, Any] = response.json()
    assert set(body) == {"status", "message", "remedy", "errors"}
    assert body["status"] == status
    assert body["message"]
    for error in body["errors"]:
        assert set(error) == {"field", "messages"}
        assert error["messages"]
    return body


def test_the_walk_visits_every_route(client: TestClient) -> None:
    """A new route must be added to the list above."""
    paths = {route.path for route in _routes(client.app) if not route.path.startswith("/static")}
    known = {path.replace("lab/public.jsonld", "{record:path}").replace("missing-unit", "{code}") for path in ROUTES}
    assert paths == known | POSTS | CURATING | ELSEWHERE


def _routes(app: Any) -> list[Any]:
    """Routes of the application and of the routers within it."""
    found: list[Any] = []
    for route in app.routes:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        found += inner if inner is not None else [route]
    return found


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, method) for path in ROUTES for method in ("POST", "PUT", "PATCH", "DELETE") if method != "POST" or path not in POSTS],
)
def test_another_method_is_refused_and_the_allowed_one_named(client: TestClient, path: str, method: str) -> None:
    response = client.request(method, path, params=ROUTES[path])
    problem(response, 405)
    assert "GET" in response.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/nothing", "/static/nothing.js", "/docs", "/redoc", "/api/search/x"]
)
def test_an_unknown_path_is_told(client: TestClient, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize("path", ["/api/records/lab/none.jsonld", "/api/files/lab/none.jsonld", "/api/records/lab/broken.jsonld"])
def test_an_unknown_record_is_told_with_a_remedy(client: TestClient, path: str) -> None:
    assert problem(client.get(path), 404)["remedy"]


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("/api/search", {"limit": "0"}, "limit"),
        ("/api/search", {"limit": "101"}, "limit"),
        ("/api/search", {"limit": "ten"}, "limit"),
        ("/api/search", {"offset": "-1"}, "offset"),
        ("/api/search", {"offset": "10001"}, "offset"),
        ("/api/search", {"without": "first"}, "without.0"),
        ("/api/search", {"concept": ["x"] * 21}, "concept"),
        ("/api/search", {"source": ["x"] * 21}, "source"),
        ("/api/suggest", {}, "prefix"),
        ("/api/suggest", {"prefix": "li", "limit": "21"}, "limit"),
        ("/api/concepts", {}, "text"),
        ("/api/concepts", {"text": "li", "limit": "1e3"}, "limit"),
        ("/", {"start": "x"}, "start"),
    ],
)
def test_a_bad_parameter_is_named(client: TestClient, path: str, query: dict[str, Any], field: str) -> None:
    body = problem(client.get(path, params=query), 400)
    assert [error["field"] for error in body["errors"]] == [field]


@pytest.mark.parametrize(("path", "name"), [("/api/search", "q"), ("/api/suggest", "prefix"), ("/api/concepts", "text")])
def test_a_question_of_the_longest_length_is_answered_and_a_longer_one_is_refused(client: TestClient, path: str, name: str) -> None:
    assert client.get(path, params={name: "a" * 1000}).status_code == 200
    assert "1001" in problem(client.get(path, params={name: "a" * 1001}), 413)["message"]


@pytest.mark.parametrize("path", ["/nothing", "/query/nothing/at/all", "/static/nothing.css"])
def test_an_address_that_is_none_is_told_browsers_as_a_page_and_programs_as_json(client: TestClient, path: str) -> None:
    page = client.get(path, headers={"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no such page." in page.text
    for accept in ("*/*", "application/json", ""):
        problem(client.get(path, headers={"Accept": accept}), 404)
    problem(client.get(f"/api{path}", headers={"Accept": "text/html"}), 404)


def test_the_page_tells_a_question_that_is_too_long(client: TestClient) -> None:
    response = client.get("/", params={"q": "a" * 1001})
    assert response.status_code == 413
    assert "1001 characters" in response.text


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Bearer", "Basic YTpi", "wrong", "Bearer \xe9", "Bearer a b"])
def test_whoever_shows_an_unknown_token_is_refused(client: TestClient, path: str, header: str) -> None:
    response = client.get(path, params=ROUTES[path], headers={b"Authorization": header.encode("latin-1")})
    body = problem(response, 401)
    assert response.headers["www-authenticate"] == "Bearer"
    assert "wrong" not in body["message"] + body["remedy"]


def test_a_removed_token_is_refused_at_the_next_question(world: Any, command: Callable[..., Any], client: TestClient) -> None:
    token = command(world.path, "token", "add", "dave", "--audience", "community:bigmap")["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/records/lab/community.jsonld", headers=headers).status_code == 200
    command(world.path, "token", "remove", "dave")
    problem(client.get("/api/records/lab/community.jsonld", headers=headers), 401)


@pytest.mark.parametrize("path", ROUTES)
def test_every_answer_has_security_headers(client: TestClient, path: str) -> None:
    for response in (client.get(path, params=ROUTES[path]), client.post(path), client.get("/nothing")):
        assert "default-src 'self'" in response.headers["content-security-policy"]
        assert "frame-ancestors 'self'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "same-origin"
        assert len(response.headers["x-request-id"]) == 12


def test_each_answer_has_its_own_number(client: TestClient) -> None:
    numbers = {client.get("/health").headers["x-request-id"] for _ in range(20)}
    assert len(numbers) == 20


@pytest.mark.parametrize("path", READS)
def test_answers_for_token_holders_are_kept_by_no_cache(client: TestClient, world: Any, path: str) -> None:
    asked: dict[str, Any] = {"params": ROUTES[path]}
    mine = client.get(path, headers={"Authorization": f"Bearer {world.tokens['alice']}"}, **asked)
    assert mine.headers["cache-control"] == "private, no-store"
    open_to_all = client.get(path, **asked).headers
    if path.startswith("/api/"):
        assert open_to_all["cache-control"] == "no-cache"
        assert {"Authorization", "Cookie"} <= set(open_to_all["vary"].split(", "))
    else:
        assert "cache-control" not in open_to_all


# --- what the operator must mend, and the client must not learn


@pytest.fixture
def spoilt(world: Any, client_of: Callable[..., TestClient], tmp_path: Path) -> tuple[TestClient, Any]:
    """A service over a copy of the home, to be spoilt while it runs."""
    home = type(world)(tmp_path / "secret-place", world.tokens)
    shutil.copytree(world.path, home.path)
    client = client_of(home)
    assert client.get("/ready").status_code == 200
    return client, home


def spoil(path: Path) -> None:
    """Overwrite a database in place, as a failing disk does."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.write(b"\xa5" * size)


@pytest.mark.parametrize("store", ["index.sqlite", "ledger.sqlite"])
def test_a_damaged_store_makes_the_service_unready_and_its_place_stays_here(spoilt: Any, store: str) -> None:
    client, home = spoilt
    spoil(home.path / store)
    ready = client.get("/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "unavailable"})
    assert client.get("/health").status_code == 200
    asked = ["/api/records/lab/public.jsonld", "/records/lab/public.jsonld"]
    asked += ["/api/search?q=cell", "/?q=cell"] if store == "index.sqlite" else ["/api/files/lab/public.jsonld"]
    for path in asked:
        response = client.get(path)
        assert response.status_code == 503, path
        for told in (str(home.path), "secret-place", store, "sqlite", "malformed", "Traceback"):
            assert told not in response.text, (path, told)


def test_a_lost_document_is_the_operators_to_mend(spoilt: Any) -> None:
    client, home = spoilt
    for file in (home.path / "payloads").rglob("*"):
        if file.is_file():
            file.unlink()
    response = client.get("/api/files/lab/public.jsonld")
    problem(response, 503)
    assert "secret-place" not in response.text


def test_a_malformed_token_file_refuses_every_token_and_its_place_stays_here(spoilt: Any) -> None:
    client, home = spoilt
    (home.path / "tokens.json").write_text("{")
    response = client.get("/api/search", headers={"Authorization": f"Bearer {home.tokens['alice']}"})
    assert response.status_code >= 500
    problem(response, response.status_code)
    assert "secret-place" not in response.text
    assert client.get("/api/search").status_code == 200


def test_a_fault_that_nobody_foresaw_ends_in_the_same_body(spoilt: Any) -> None:
    client, _ = spoilt

    def unforeseen(*_: object) -> None:
        raise RuntimeError("a secret of the program")

    client.app.state.services.search.index.get = unforeseen
    with structlog.testing.capture_logs() as lines:
        response = client.get("/api/records/lab/public.jsonld")
    problem(response, 500)
    assert [repr(line["exc_info"]) for line in lines if "exc_info" in line] == ["RuntimeError('a secret of the program')"]
    assert [line["status"] for line in lines if line["event"] == "request"] == [500]
    assert "secret" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"]
