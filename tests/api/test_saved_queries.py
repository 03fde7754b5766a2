"""Saved queries over HTTP: who may, what comes back in which form, and that what is hidden and what is absent look the same."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet
import pytest
from starlette.testclient import TestClient

TEXT = """PREFIX schema: <https://schema.org/>
SELECT ?cell ?name WHERE { ?cell schema:name ?name FILTER(CONTAINS(?name, ?word)) } ORDER BY ?cell"""
CELLS = {
    "title": "Cells that are called so",
    "text": TEXT,
    "parameters": [{"name": "word", "type": "string", "default": "Cell"}],
}


@pytest.fixture(scope="module")
def place(build: Callable[..., Any], documents: Mapping[str, Any], command: Callable[..., Any]) -> Any:
    """A home of its own, with anna in alice's community."""
    home = build(documents)
    home.tokens["anna"] = command(home.path, "token", "add", "anna", "--audience", "community:bigmap")["token"]
    return home


@pytest.fixture(scope="module")
def service(place: Any, client_of: Callable[..., TestClient]) -> TestClient:
    return client_of(place)


@pytest.fixture
def ask(service: TestClient, place: Any) -> Callable[..., Any]:
    """Send a request as somebody."""

    def send(actor: str, method: str, path: str, **more: Any) -> Any:
        headers = {"Accept": "application/json", **more.pop("headers", {})}
        if actor != "anonymous":
            headers["Authorization"] = f"Bearer {place.tokens[actor]}"
        return service.request(method, path, headers=headers, follow_redirects=False, **more)

    return send


@pytest.fixture
def slug() -> str:
    """A name that no test used before: numbers of versions are never given again."""
    return f"cells-{uuid4().hex[:8]}"


@pytest.fixture
def name(slug: str) -> str:
    return f"alice:{slug}"


@pytest.fixture
def save(ask: Callable[..., Any], slug: str) -> Iterator[Callable[..., Any]]:
    """Save a query of somebody; forgotten afterwards."""
    made: set[tuple[str, str]] = set()

    def send(actor: str = "alice", **changes: Any) -> Any:
        response = ask(actor, "POST", "/queries", json={"name": slug, **CELLS, **changes})
        assert response.status_code in {200, 201}, response.text
        made.add((actor, response.json()["name"]))
        return response

    yield send
    for actor, name in made:
        ask(actor, "DELETE", f"/queries/{name}")


def names(response: Any) -> list[str]:
    return [query["name"] for query in response.json()["queries"]]


def test_a_query_is_saved_found_shown_and_forgotten(ask: Callable[..., Any], save: Callable[..., Any], name: str) -> None:
    response = save(visibility="public")
    assert (response.status_code, response.headers["Location"]) == (201, f"/queries/{name}/1")
    shown = ask("anonymous", "GET", f"/queries/{name}/1").json()
    assert shown == response.json()
    assert shown["text"] == TEXT
    assert shown["parameters"] == [
        {"name": "word", "type": "string", "description": "", "default": "Cell", "required": False, "allowed": []}
    ]
    assert name in names(ask("carol", "GET", "/queries", params={"q": "called so"}))
    assert ask("carol", "DELETE", f"/queries/{name}").status_code == 404
    assert ask("anonymous", "DELETE", f"/queries/{name}").status_code == 401
    assert ask("alice", "DELETE", f"/queries/{name}").status_code == 204
    assert ask("alice", "GET", f"/queries/{name}").status_code == 404


def test_the_same_again_is_no_new_version_and_a_change_is(ask: Callable[..., Any], save: Callable[..., Any], name: str) -> None:
    save()
    assert save().status_code == 200
    assert save(title="Another").json()["version"] == 2
    versions = ask("alice", "GET", f"/queries/{name}").json()["versions"]
    assert [(one["version"], one["title"]) for one in versions] == [(1, CELLS["title"]), (2, "Another")]
    assert ask("alice", "GET", f"/queries/{name}/latest").json()["title"] == "Another"
    assert ask("alice", "DELETE", f"/queries/{name}/2").status_code == 204
    assert save(title="Another").json()["version"] == 3


@pytest.mark.parametrize("path", ["", "/1", "/latest", "/1/run", "/latest/run?word=x", "/run", "/1/run?wrong=1"])
@pytest.mark.parametrize("actor", ["carol", "anonymous"])
def test_a_hidden_query_and_none_give_the_same_bytes(
    ask: Callable[..., Any], save: Callable[..., Any], actor: str, path: str, name: str
) -> None:
    save(visibility="audiences", audiences=["community:bigmap"])

    def seen(one: str) -> Any:
        response = ask(actor, "GET", f"/queries/{one}{path}")
        return (
            response.status_code,
            response.content,
            {key: value for key, value in response.headers.items() if key != "x-request-id"},
        )

    assert seen(name) == seen("alice:nothing-here") == seen(name.replace("alice", "nobody"))
    assert seen(name)[0] == 404
    if path:
        assert ask("anna", "GET", f"/queries/{name}{path}").status_code != 404 or path == "/run"


def test_audiences_are_told_to_the_owner_alone(ask: Callable[..., Any], save: Callable[..., Any], name: str) -> None:
    save(visibility="audiences", audiences=["community:bigmap"])
    assert ask("alice", "GET", f"/queries/{name}/1").json()["audiences"] == ["local/community:bigmap"]
    assert "audiences" not in ask("anna", "GET", f"/queries/{name}/1").json()


def test_what_is_shown_can_be_saved_again(ask: Callable[..., Any], save: Callable[..., Any]) -> None:
    keys = ("title", "text", "description", "parameters", "keywords", "visibility")
    shown = ask("anonymous", "GET", "/queries/cells-above-a-capacity/latest").json()
    mine = save(name="mine", **{key: shown[key] for key in keys}).json()
    assert {key: mine[key] for key in keys} == {key: shown[key] for key in keys}


# Running


@pytest.mark.parametrize(("actor", "rows"), [("anonymous", 2), ("carol", 2), ("alice", 4)])
def test_an_answer_is_within_the_rights_of_who_runs_it(
    ask: Callable[..., Any], save: Callable[..., Any], actor: str, rows: int, name: str
) -> None:
    """Not within those of its owner."""
    save(visibility="public")
    response = ask(actor, "GET", f"/queries/{name}/1/run?format=csv")
    assert response.status_code == 200
    assert response.headers["x-voltagraph-rows"] == str(rows) == str(len(response.text.splitlines()) - 1)
    assert ("zirconia" in response.text) == (actor == "alice")
    assert response.headers["x-voltagraph-sha256"] == sha256(response.content).hexdigest()


def rows_of(media_type: str, content: bytes) -> list[str]:
    match media_type.partition(";")[0]:
        case "text/csv":
            return [line.split(",")[1] for line in content.decode().split("\r\n")[1:-1]]
        case "application/sparql-results+json":
            return [row["name"]["value"] for row in json.loads(content)["results"]["bindings"]]
        case "application/vnd.apache.arrow.stream":
            return list(pa.ipc.open_stream(content).read_all()["name"].to_pylist())
        case "application/vnd.apache.parquet":
            return list(pa.parquet.read_table(io.BytesIO(content))["name"].to_pylist())
        case "application/x-ndjson":
            return [json.loads(line)["name"] for line in content.splitlines()]
    raise AssertionError(media_type)


@pytest.mark.parametrize("form", ["csv", "json", "arrow", "parquet", "jsonl"])
def test_an_answer_comes_in_the_form_that_is_asked_for(
    ask: Callable[..., Any], save: Callable[..., Any], form: str, name: str
) -> None:
    save()
    by_name = ask("alice", "GET", f"/queries/{name}/1/run?format={form}&word=everybody")
    media_type = by_name.headers["content-type"]
    assert rows_of(media_type, by_name.content) == ["Cell of everybody"]
    negotiated = ask("alice", "GET", f"/queries/{name}/1/run?word=everybody", headers={"Accept": media_type.partition(";")[0]})
    assert negotiated.content == by_name.content


def test_a_form_that_is_not_offered_is_told(ask: Callable[..., Any]) -> None:
    response = ask("anonymous", "GET", "/queries/cells-of-a-class/1/run", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert "text/csv" in response.json()["remedy"]


@pytest.mark.parametrize(
    "value",
    ['"', "\\", "' } UNION { ?cell schema:name ?name", '") || true || CONTAINS("a", "', "a\nb", "${word}", "?name", "é\U0001f50b"],
)
def test_a_value_is_never_read_as_a_part_of_the_query(
    ask: Callable[..., Any], save: Callable[..., Any], value: str, name: str
) -> None:
    save()
    response = ask("alice", "GET", f"/queries/{name}/1/run", params={"word": value, "format": "csv"})
    assert response.status_code == 200, response.text
    assert response.headers["x-voltagraph-rows"] == "0"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("minimum=many", "'minimum' is a decimal, and 'many' is none"),
        ("minimum=1&minimum=2", "'minimum' is given twice"),
        ("maximum=1", "no parameter 'maximum'"),
        ("minimum=" + "1" * 1001, "'minimum' has 1,001 characters"),
    ],
)
def test_a_wrong_value_names_the_parameter_and_what_is_allowed(ask: Callable[..., Any], query: str, said: str) -> None:
    response = ask("anonymous", "GET", f"/queries/cells-above-a-capacity/1/run?{query}")
    assert response.status_code == 400
    assert said in response.json()["message"]
    assert response.json()["remedy"]


def test_an_unknown_snapshot_is_not_found(ask: Callable[..., Any]) -> None:
    response = ask("anonymous", "GET", f"/queries/manufacturers/1/run?snapshot={'0' * 32}")
    assert response.status_code == 404
    assert "snapshot" in response.json()["message"]


def test_an_example_takes_a_label_for_a_concept(ask: Callable[..., Any]) -> None:
    response = ask("alice", "GET", "/queries/cells-of-a-class/latest/run", params={"class": "PrismaticBattery", "format": "csv"})
    assert response.headers["x-voltagraph-rows"] == "4"


# What cannot be saved


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": "Not A Name"}, 400),
        ({"text": "SELECT *"}, 400),
        ({"text": "DROP ALL", "parameters": []}, 403),
        ({"text": "SELECT * { SERVICE <https://b.example> { ?s ?p ?word } }"}, 403),
        ({"parameters": [{"name": "nothing", "type": "string"}]}, 400),
        ({"parameters": [{"name": "word", "type": "nothing"}]}, 400),
        ({"visibility": "audiences", "audiences": ["community:other"]}, 400),
        ({"unknown": 1}, 400),
        ({"title": None}, 400),
    ],
)
def test_what_cannot_be_is_refused(ask: Callable[..., Any], changes: dict[str, Any], status: int, name: str, slug: str) -> None:
    response = ask("alice", "POST", "/queries", json={"name": slug, **CELLS, **changes})
    assert response.status_code == status, response.text
    assert response.json()["message"]
    assert ask("alice", "GET", f"/queries/{name}").status_code == 404


def test_saving_needs_a_token_before_the_body_is_read(ask: Callable[..., Any]) -> None:
    assert ask("anonymous", "POST", "/queries", content=b"{" * 100).status_code == 401
    assert ask("alice", "POST", "/queries", content=b"{" * 100).status_code == 400
    assert ask("alice", "POST", "/queries", content=b" " * 1_000_001).status_code == 413


def test_pages_of_the_list(ask: Callable[..., Any]) -> None:
    whole = ask("anonymous", "GET", "/queries").json()
    assert whole["total"] == len(whole["queries"]) > 15
    part = ask("anonymous", "GET", "/queries?limit=2&offset=1").json()
    assert part["queries"] == whole["queries"][1:3]
    assert part["total"] == whole["total"]


@pytest.mark.parametrize("path", ["/queries", "/queries/manufacturers", "/queries/manufacturers/1"])
def test_browsers_are_sent_to_the_pages(ask: Callable[..., Any], path: str) -> None:
    response = ask("anonymous", "GET", path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/query/saved")


def test_an_account_of_any_name_saves_runs_and_deletes(
    ask: Callable[..., Any], save: Callable[..., Any], place: Any, command: Callable[..., Any]
) -> None:
    account = "M. Müller/Z:1?#%"
    place.tokens[account] = command(place.path, "token", "add", account, "--audience", "community:bigmap")["token"]
    href = save(account, visibility="public").json()["href"]
    assert ask("anonymous", "GET", href).json()["owner"] == account
    assert ask("anonymous", "GET", f"{href}/run?format=csv").headers["x-voltagraph-rows"] == "2"
    page = ask("anonymous", "GET", f"/query{href.replace('queries', 'saved')}")
    assert page.status_code == 200
    assert "M. Müller/Z:1?#%" in page.text
    assert ask(account, "DELETE", href).status_code == 204
