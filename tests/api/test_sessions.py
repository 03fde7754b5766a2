"""Sessions: a cookie in place of a token, worth no more than the token, and of no use to pages of other sites."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from access import sessions
from access.sessions import MAX_OF_TOKEN, Sessions
from api.limits import is_secure, networks
from api.sessions import local_path

SAME = {"Sec-Fetch-Site": "same-origin"}
HIDDEN = "/api/records/lab/community.jsonld"


@pytest.fixture(scope="module")
def place(build: Callable[..., Any], documents: Mapping[str, Any]) -> Any:
    """A home of its own: a token is removed here."""
    return build(documents)


@pytest.fixture(scope="module")
def open_client(place: Any) -> Iterator[Callable[..., TestClient]]:
    """A client of the application with some settings."""
    from app.asgi import create_app
    from app.bootstrap import build_services
    from app.settings import Settings

    opened: list[Any] = []

    def make(**settings: Any) -> TestClient:
        services = build_services(Settings(home=place.path, **{"logins_per_minute": 10_000, **settings}))
        client = TestClient(create_app(services), raise_server_exceptions=False, follow_redirects=False)
        opened.extend((client, services.index, services.ledger, services.corrections, services.query_store))
        return client

    yield make
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def service(open_client: Callable[..., TestClient]) -> TestClient:
    return open_client()


@pytest.fixture
def browser(service: TestClient) -> Iterator[TestClient]:
    """A browser without cookies."""
    service.cookies.clear()
    yield service
    service.cookies.clear()


@pytest.fixture
def alice(browser: TestClient, place: Any) -> TestClient:
    """A browser in which alice logged in."""
    assert browser.post("/session", json={"token": place.tokens["alice"]}, headers=SAME).status_code == 201
    return browser


def test_a_cookie_opens_what_the_token_opens(browser: TestClient, place: Any) -> None:
    assert browser.get(HIDDEN).status_code == 404
    response = browser.post("/session", json={"token": place.tokens["alice"]}, headers=SAME)
    assert response.json() == {"name": "alice", "seconds": 12 * 3600}
    assert browser.get("/session").json() == {"name": "alice"}
    assert browser.get(HIDDEN).status_code == 200
    assert browser.get(HIDDEN).headers["Cache-Control"] == "private, no-store"


def test_the_cookie_is_kept_from_scripts_and_holds_no_token(browser: TestClient, place: Any) -> None:
    response = browser.post("/session", json={"token": place.tokens["alice"]}, headers=SAME)
    cookie = response.headers["set-cookie"]
    secret = re.match(r"voltagraph_session=([\w-]{43});", cookie)
    assert secret
    assert secret[1] not in place.tokens["alice"]
    for attribute in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"):
        assert attribute in cookie
    assert "Secure" not in cookie
    assert "Domain" not in cookie
    assert response.headers["Cache-Control"] == "no-store"
    other = browser.post("/session", json={"token": place.tokens["alice"]}, headers=SAME)
    assert other.headers["set-cookie"] != cookie


def test_the_cookie_is_for_https_where_that_is_spoken(open_client: Callable[..., TestClient], place: Any) -> None:
    client = open_client()
    response = client.post("https://testserver/session", json={"token": place.tokens["alice"]}, headers=SAME)
    assert "Secure" in response.headers["set-cookie"]


@pytest.mark.parametrize(
    ("client", "forwarded", "secure"),
    [("10.0.0.1", "https", True), ("10.0.0.1", "http", False), ("10.0.0.1", "https, http", False), ("192.0.2.1", "https", False)],
)
def test_only_a_trusted_proxy_says_that_https_is_spoken(client: str, forwarded: str, secure: bool) -> None:
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "query_string": b"",
        "server": ("localhost", 80),
        "client": (client, 1),
        "headers": [(b"x-forwarded-proto", forwarded.encode())],
    }
    assert is_secure(Request(scope), networks("10.0.0.0/8")) is secure


def test_logging_out_ends_the_session_at_once(alice: TestClient) -> None:
    secret = alice.cookies["voltagraph_session"]
    assert alice.delete("/session", headers=SAME).status_code == 204
    alice.cookies.set("voltagraph_session", secret)  # somebody kept it
    assert alice.get("/session").json() == {"name": None}
    assert alice.get(HIDDEN).status_code == 404


def test_a_removed_token_ends_its_sessions_at_once(browser: TestClient, place: Any, command: Callable[..., Any]) -> None:
    token = command(place.path, "token", "add", "dora", "--audience", "community:bigmap")["token"]
    browser.post("/session", json={"token": token}, headers=SAME)
    assert browser.get(HIDDEN).status_code == 200
    command(place.path, "token", "remove", "dora")
    assert browser.get(HIDDEN).status_code == 404
    assert browser.get("/session").json() == {"name": None}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://testserver.elsewhere.example"},
        {"Origin": "null"},
        {},
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/queries", {"json": {"name": "a", "title": "a", "text": "ASK {}"}}),
        ("DELETE", "/queries/alice:a", {}),
        ("POST", "/snapshots", {"json": {}}),
        ("POST", "/datasets", {"json": {"query": "SELECT * {}"}}),
        ("POST", "/api/corrections", {"json": {}}),
        ("POST", "/sparql", {"data": {"query": "ASK {}"}}),
        ("POST", "/query/snapshots", {"data": {"note": "a"}}),
        ("POST", "/query/save", {"data": {"name": "a"}}),
        ("POST", "/accept", {"data": {"record": "a"}}),
        ("POST", "/logout", {}),
        ("DELETE", "/session", {}),
    ],
)
def test_another_site_can_change_nothing(
    alice: TestClient, headers: dict[str, str], method: str, path: str, body: dict[str, Any]
) -> None:
    response = alice.request(method, path, headers=headers, **body)
    assert response.status_code == 403
    assert "page of this service" in response.json()["message"]
    assert alice.get("/session").json() == {"name": "alice"}


@pytest.mark.parametrize("headers", [SAME, {"Origin": "http://testserver"}])
def test_its_own_pages_can(alice: TestClient, headers: dict[str, str]) -> None:
    sent = {"name": "mine", "title": "Mine", "text": "ASK {}"}
    assert alice.post("/queries", json=sent, headers=headers).status_code in {200, 201}
    assert alice.delete("/queries/alice:mine", headers=headers).status_code == 204


def test_another_site_cannot_log_somebody_in(browser: TestClient, place: Any) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        assert browser.post("/session", json={"token": place.tokens["carol"]}, headers=headers).status_code == 403
        assert browser.post("/login", data={"token": place.tokens["carol"]}, headers=headers).status_code == 403
    assert not browser.cookies


def test_a_token_in_the_header_goes_before_the_cookie(alice: TestClient, place: Any) -> None:
    headers = {"Authorization": f"Bearer {place.tokens['carol']}"}
    assert alice.get("/session", headers=headers).json() == {"name": "carol"}
    assert alice.get(HIDDEN, headers=headers).status_code == 404
    assert alice.post("/queries", json={}, headers=headers).status_code == 400  # a program, from wherever it is
    assert alice.get("/session", headers={"Authorization": "Bearer nonsense"}).status_code == 401


@pytest.mark.parametrize("secret", ["nonsense", "a" * 5000, "%00", "=", "\u00e9"])
def test_a_cookie_that_stands_for_nothing_is_nobody(browser: TestClient, secret: str) -> None:
    response = browser.get("/session", headers={b"Cookie": b"voltagraph_session=" + secret.encode()})
    assert (response.status_code, response.json()) == (200, {"name": None})


def test_a_wrong_token_is_refused(browser: TestClient) -> None:
    for body, status in (({"token": "vg_nonsense"}, 401), ({"token": ""}, 400), ({}, 400), ({"token": "a", "b": 1}, 400)):
        response = browser.post("/session", json=body, headers=SAME)
        assert response.status_code == status, body
        assert "set-cookie" not in response.headers
    assert browser.post("/session", content=b"{" * 30_000, headers=SAME).status_code == 413


def test_tries_to_log_in_are_counted(open_client: Callable[..., TestClient], place: Any) -> None:
    client = open_client(logins_per_minute=3)
    for _ in range(3):
        assert client.post("/session", json={"token": "vg_wrong"}).status_code == 401
    response = client.post("/session", json={"token": place.tokens["alice"]})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert "3 tries a minute to log in" in response.json()["message"]
    assert client.post("/login", data={"token": place.tokens["alice"]}).status_code == 429
    assert client.get("/api/search?q=cell", headers={"Authorization": f"Bearer {place.tokens['alice']}"}).status_code == 200


# The pages


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/?q=cell",
        "/records/lab/public.jsonld",
        "/validate",
        "/causes",
        "/findings",
        "/query",
        "/query/saved",
        "/query/snapshots",
        "/login",
    ],
)
def test_every_page_says_who_is_logged_in(alice: TestClient, path: str) -> None:
    page = alice.get(path).text
    assert "<span>alice</span>" in page
    assert 'action="/logout"' in page
    alice.cookies.clear()
    page = alice.get(path).text
    assert "alice" not in page
    assert 'href="/login' in page


def test_the_login_page_leads_back(browser: TestClient, place: Any) -> None:
    assert 'name="next" value="/query?snapshot=1"' in browser.get("/login", params={"next": "/query?snapshot=1"}).text
    response = browser.post("/login", data={"token": f" {place.tokens['alice']} ", "next": "/query"}, headers=SAME)
    assert (response.status_code, response.headers["Location"]) == (303, "/query")
    assert browser.get("/session").json() == {"name": "alice"}
    assert browser.post("/logout", headers=SAME).status_code == 303
    assert browser.get("/session").json() == {"name": None}


def test_the_login_page_says_what_is_wrong(browser: TestClient) -> None:
    response = browser.post("/login", data={"token": "vg_nonsense", "next": "/query"}, headers=SAME)
    assert response.status_code == 401
    assert "not known" in response.text
    assert 'value="/query"' in response.text
    assert "vg_nonsense" not in response.text
    assert browser.post("/login", json={"token": "a"}, headers=SAME).status_code == 400


@pytest.mark.parametrize(
    "target",
    [
        "//elsewhere.example",
        "https://elsewhere.example",
        "/\\elsewhere.example",
        "elsewhere",
        "",
        "/a\nb",
        "javascript:alert(1)",
        "//[",
    ],
)
def test_nobody_is_led_elsewhere(target: str) -> None:
    assert local_path(target) == "/"


# What is kept


def test_a_session_ends_after_its_time() -> None:
    now = [0.0]
    kept = Sessions(60, now=lambda: now[0])
    secret = kept.begin("a" * 64)
    now[0] = 59.9
    assert kept.token_of(secret) == "a" * 64
    now[0] = 60.0
    assert kept.token_of(secret) is None


def test_sessions_of_one_token_and_in_all_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Sessions(60, now=lambda: 0.0)
    first = kept.begin("a" * 64)
    others = [kept.begin("a" * 64) for _ in range(MAX_OF_TOKEN)]
    assert kept.token_of(first) is None
    assert all(kept.token_of(secret) for secret in others)
    monkeypatch.setattr(sessions, "MAX_SESSIONS", MAX_OF_TOKEN)
    kept.begin("b" * 64)
    assert [kept.token_of(secret) is None for secret in others] == [True] + [False] * (MAX_OF_TOKEN - 1)
