"""Who gets what over HTTP: the matrix actor x record x route, and that nothing forbidden shows in any byte of an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import WORLD, Build, Client, cell

ACTORS = ("anonymous", "carol", "alice")  # carol is of another community
# What each actor may read: nothing, metadata only, or all of it.
MATRIX = {
    "public": {"anonymous": "all", "carol": "all", "alice": "all"},
    "community": {"anonymous": "nothing", "carol": "nothing", "alice": "all"},
    "metadata": {"anonymous": "metadata", "carol": "metadata", "alice": "all"},
    "nobody": {"anonymous": "nothing", "carol": "nothing", "alice": "nothing"},
}
CASES = [(record, actor, may) for record, row in MATRIX.items() for actor, may in row.items()]


def headers(world: Any, actor: str) -> dict[str, str]:
    return {} if actor == "anonymous" else {"Authorization": f"Bearer {world.tokens[actor]}"}


def seen(response: Any) -> tuple[int, bytes, dict[str, str]]:
    """Everything of an answer but its number."""
    return (
        response.status_code,
        response.content,
        {name: value for name, value in response.headers.items() if name != "x-request-id"},
    )


@pytest.mark.parametrize(("record", "actor", "may"), CASES)
def test_a_record_shows_what_its_reader_may_read(client: TestClient, world: Any, record: str, actor: str, may: str) -> None:
    response = client.get(f"/api/records/lab/{record}.jsonld", headers=headers(world, actor))
    assert response.status_code == (404 if may == "nothing" else 200)
    if may == "metadata":
        assert response.json() == {
            "record": "lab/metadata.jsonld",
            "iri": "http://localhost:8000/records/lab/metadata.jsonld",
            "title": "A title for everybody",
            "source": "lab",
            "files": False,
        }
    if may == "all":
        assert response.json()["files"] is True
        assert response.json()["quantities"]


@pytest.mark.parametrize(("record", "actor", "may"), CASES)
def test_the_document_goes_to_those_who_may_read_files(client: TestClient, world: Any, record: str, actor: str, may: str) -> None:
    response = client.get(f"/api/files/lab/{record}.jsonld", headers=headers(world, actor))
    assert response.status_code == (200 if may == "all" else 404)
    if may == "all":
        assert response.content == (world.path.parent / "lab" / f"{record}.jsonld").read_bytes()


@pytest.mark.parametrize(("record", "actor", "may"), CASES)
def test_the_page_shows_what_its_reader_may_read(client: TestClient, world: Any, record: str, actor: str, may: str) -> None:
    response = client.get(f"/records/lab/{record}.jsonld", headers=headers(world, actor))
    assert response.status_code == (404 if may == "nothing" else 200)
    assert ("RatedCapacity" in response.text) == (may == "all")
    assert ("not its files" in response.text) == (may == "metadata")
    assert (f"/api/files/lab/{record}.jsonld" in response.text) == (may == "all")


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("route", ["/api/search?limit=100", "/?q=cell", "/api/search?limit=100&q=cell"])
def test_hits_are_those_the_reader_may_read(client: TestClient, world: Any, actor: str, route: str) -> None:
    text = client.get(route, headers=headers(world, actor)).text
    for record, row in MATRIX.items():
        # Whoever reads metadata alone finds the record by its title, which does not say "cell".
        expected = row[actor] == "all" or (row[actor] == "metadata" and "q=" not in route)
        assert (f"lab/{record}.jsonld" in text) == expected, record


@pytest.mark.parametrize("route", ["/api/records/", "/api/files/", "/records/"])
@pytest.mark.parametrize("actor", ACTORS)
def test_forbidden_and_absent_give_the_same_bytes(client: TestClient, world: Any, route: str, actor: str) -> None:
    absent = seen(client.get(f"{route}lab/absent.jsonld", headers=headers(world, actor)))
    assert absent[0] == 404
    allowed = {"metadata", "all"} if "files" not in route else {"all"}
    tried = [record for record, row in MATRIX.items() if row[actor] not in allowed]
    assert tried
    for record in [*tried, "broken"]:
        assert seen(client.get(f"{route}lab/{record}.jsonld", headers=headers(world, actor))) == absent, record


# --- non-interference: two worlds that differ in what the reader may not read


QUESTIONS = [
    "",
    "cell",
    "zirconia",
    "zirconia community",
    "zirc",
    "cell nobody",
    "LFP",
    "prismatic LFP cell above 100 Ah",
    "above 140 Ah",
    "between 149 and 151 Ah",
    "secret",
    "title",
    "pouch cell",
    "lab/nobody.jsonld",
]
REQUESTS = [
    *((path, {name: text}) for text in QUESTIONS for path, name in (("/api/search", "q"), ("/", "q"))),
    *(
        ("/api/suggest", {"prefix": text})
        for text in ("li", "lithium", "zirc", "pouch", "prism", "cell", "LFP", "lithiumironphosphateel")
    ),
    *(("/api/concepts", {"text": text}) for text in ("LFP", "zirconia", "pouch cell")),
    *(
        (f"{route}lab/{record}.jsonld", {})
        for route in ("/api/records/", "/api/files/", "/records/")
        for record in (*MATRIX, "absent")
    ),
    ("/api/search", {"source": "lab"}),
    ("/api/search", {"source": "hidden"}),
    ("/api/search", {"q": "cell", "offset": "1", "limit": "1"}),
    ("/ready", {}),
]


@pytest.fixture(scope="module")
def poorer(client_of: Callable[..., TestClient], build: Callable[..., Any], documents: Mapping[str, Any]) -> Any:
    """The world without what carol and the anonymous may not read; of the record with public metadata, another content."""
    other: dict[str, Any] = {name: documents[name] for name in documents if name not in {"community.jsonld", "nobody.jsonld"}}
    content = documents["public.jsonld"][0]
    other["metadata.jsonld"] = ({**content, "schema:name": "Quite another thing"}, documents["metadata.jsonld"][1])
    home = build(other)
    return client_of(home), home


@pytest.mark.parametrize("actor", ["anonymous", "carol"])
def test_what_a_reader_may_not_read_changes_no_byte(client: TestClient, world: Any, poorer: Any, actor: str) -> None:
    other_client, other = poorer
    for path, query in REQUESTS:
        here = client.get(path, params=query, headers=headers(world, actor))
        there = other_client.get(path, params=query, headers=headers(other, actor))
        assert seen(here) == seen(there), (path, query)


def test_the_two_worlds_do_differ(client: TestClient, world: Any, poorer: Any) -> None:
    """Else the test above could not fail."""
    other_client, other = poorer
    differing = 0
    for path, query in REQUESTS:
        here = client.get(path, params=query, headers=headers(world, "alice"))
        there = other_client.get(path, params=query, headers=headers(other, "alice"))
        differing += seen(here) != seen(there)
    assert differing > len(REQUESTS) / 3


def test_what_a_record_says_of_itself_goes_to_those_who_may_read_files(build: Build, client_of: Client) -> None:
    about = {"schema:description": "Hush <b>description</b>", "schema:creator": "Hush Person", "dcterms:issued": "1987-06-05"}
    secrets = ("Hush", "1987-06-05")
    world = build({f"{name}.jsonld": (cell("A cell", 20.0, **about), WORLD[f"{name}.jsonld"][1]) for name in MATRIX})
    client = client_of(world)
    for record, actor, may in CASES:
        for route in (f"/records/lab/{record}.jsonld", f"/api/records/lab/{record}.jsonld"):
            text = client.get(route, headers=headers(world, actor)).text
            assert all((secret in text) == (may == "all") for secret in secrets), (route, actor)
