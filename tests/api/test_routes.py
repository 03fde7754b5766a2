"""What each route answers; how it is described: `test_openapi.py`."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

LFP_ELECTRODE = "LithiumIronPhosphateElectrode"


def get(client: TestClient, path: str, **query: object) -> Any:
    response = client.get(path, params={name: value for name, value in query.items() if value is not None})  # type: ignore[misc]
    assert response.status_code == 200, response.text
    return response.json()


def test_search_finds_explains_and_counts(client: TestClient) -> None:
    answer = get(client, "/api/search", q="prismatic LFP cell above 100 Ah")
    assert answer["total"] == 1
    assert [part["type"] for part in answer["query"]["parts"]] == ["concept", "concept", "quantity"]
    [hit] = answer["hits"]
    assert (hit["record"], hit["title"]) == ("lab/public.jsonld", "Cell of everybody")
    assert {reason["part"] for reason in hit["reasons"]} == {0, 1, 2}
    assert any("120 Ah > 100 Ah" in reason["text"] and reason["line"] > 1 for reason in hit["reasons"])
    assert answer["facets"]["source"] == [{"value": "lab", "label": "lab", "count": 1}]


def test_a_search_without_words_finds_everything_readable(client: TestClient) -> None:
    assert get(client, "/api/search")["total"] == 3  # two public records and one of public metadata


def test_pages_of_an_answer_follow_each_other(client: TestClient) -> None:
    whole = get(client, "/api/search", q="cell")["hits"]
    pieces = [get(client, "/api/search", q="cell", limit=1, offset=offset)["hits"] for offset in range(len(whole) + 1)]
    assert [hit for piece in pieces for hit in piece] == whole
    assert len(whole) >= 2
    assert pieces[-1] == []


def test_a_facet_narrows_to_as_many_as_it_said(client: TestClient) -> None:
    facets = get(client, "/api/search", q="cell")["facets"]
    assert facets["concept"]
    for value in facets["concept"]:
        assert get(client, "/api/search", q="cell", concept=value["value"])["total"] == value["count"], value
    for value in facets["source"]:
        assert get(client, "/api/search", q="cell", source=value["value"])["total"] == value["count"], value
    assert get(client, "/api/search", q="cell", source="elsewhere")["total"] == 0


def test_a_part_can_be_left_out(client: TestClient) -> None:
    with_number = get(client, "/api/search", q="LFP above 100 Ah")
    without = get(client, "/api/search", q="LFP above 100 Ah", without=1)
    assert (with_number["total"], without["total"]) == (1, 2)
    assert [part["type"] for part in without["query"]["parts"]] == ["concept"]


def test_suggestions_count_what_the_reader_finds(client: TestClient) -> None:
    found = get(client, "/api/suggest", prefix="lithiumironphos")["suggestions"]
    assert set(found[0]) == {"iri", "label", "matched", "count", "kind"}
    counts = {one["label"]: one["count"] for one in found}
    assert counts[LFP_ELECTRODE] == 2
    assert len(get(client, "/api/suggest", prefix="li", limit=3)["suggestions"]) == 3


def test_concepts_are_found_by_label_and_abbreviation(client: TestClient) -> None:
    [best, *_] = get(client, "/api/concepts", text="LFP")["concepts"]
    assert best["label"] == "LithiumIronPhosphate"
    assert set(best) == {"iri", "label", "score", "matched", "deprecated"}
    assert set(best["matched"]) == {"label", "kind", "language"}
    assert 0 < best["score"] <= 1
    assert get(client, "/api/concepts", text="qqqqzzzzxxxx")["concepts"] == []
    assert len(get(client, "/api/concepts", text="battery", limit=2)["concepts"]) == 2


def test_a_record_shows_what_was_read_with_its_places(client: TestClient) -> None:
    record = get(client, "/api/records/lab/public.jsonld")
    assert (record["title"], record["source"], record["source_file"]) == ("Cell of everybody", "lab", "public.jsonld")
    assert record["iri"].endswith("/lab/public.jsonld")
    [quantity] = record["quantities"]
    assert (quantity["value"], quantity["base_value"], quantity["base_unit"]) == (120.0, 432_000.0, "A·s")
    assert "RatedCapacity" in quantity["labels"]
    [use] = [use for use in record["concepts"] if use["label"] == LFP_ELECTRODE]
    assert use["line"] > 1
    [finding] = [finding for finding in record["findings"] if finding["severity"] == "violation"]
    assert finding["code"] == "undefined-term"
    assert finding["line"] > 1
    [person] = record["entities"]
    assert (person["kind"], person["name"]) == ("person", "Ada Volt")
    [description] = record["said"]
    assert (description["kind"], description["text"]) == ("description", "Large and flat")
    assert description["line"] > 1
    assert [context["address"] for context in record["contexts"]] == ["https://w3id.org/emmo/domain/battery/context"]


def test_a_document_comes_back_byte_for_byte(client: TestClient, world: Any) -> None:
    response = client.get("/api/files/lab/public.jsonld")
    assert response.status_code == 200
    assert response.content == (world.path.parent / "lab" / "public.jsonld").read_bytes()
    assert response.headers["content-type"] == "application/ld+json"
    assert response.headers["content-disposition"] == "attachment"
    digest = sha256(response.content).hexdigest()
    assert response.headers["etag"] == f'"{digest}"'
    assert get(client, "/api/records/lab/public.jsonld")["digest"] == digest


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_a_healthy_service_says_so(client: TestClient, path: str) -> None:
    assert get(client, path) == {"status": "ok" if path == "/health" else "ready"}


HEADERS = ("Content-Length", "Content-Type", "ETag", "Cache-Control", "Vary")


def test_head_gives_the_headers_of_get_and_no_body(client: TestClient, world: Any) -> None:
    """Over a real server in `test_server.py`."""
    alice = {"Authorization": f"Bearer {world.tokens['alice']}"}
    saved = client.post("/api/searches", json={"title": "Head", "q": "LFP"}, headers=alice).json()["id"]
    query = next(one["name"] for one in get(client, "/queries")["queries"] if not any(of["required"] for of in one["parameters"]))
    values = {"{record}": "lab/public.jsonld", "{search}": saved, "{name}": query, "{version}": "latest"}
    asked = {"/api/suggest": {"prefix": "li"}, "/api/concepts": {"text": "li"}}
    paths = [path for path, methods in get(client, "/api/openapi.json")["paths"].items() if "get" in methods]
    for path in (*paths, "/", "/validate", "/login", "/static/voltagraph.css", "/nothing", "/api/nothing"):
        address = path
        for name, value in values.items():
            address = address.replace(name, value) if "datasets" not in path else path
        whole, head = (
            client.request(method, address, params=asked.get(path), headers=alice, follow_redirects=False)
            for method in ("GET", "HEAD")
        )
        assert (head.status_code, head.content) == (whole.status_code, b""), path
        assert [head.headers.get(name) for name in HEADERS] == [whole.headers.get(name) for name in HEADERS], path
        assert whole.status_code == (404 if "{" in address or "nothing" in address else 200), path
    tag = client.head("/api/search?q=LFP").headers["etag"]
    assert client.head("/api/search?q=LFP", headers={"If-None-Match": tag}).status_code == 304
    refused = client.head("/api/ask")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST, OPTIONS")


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=60), path=st.sampled_from(["/api/search?q", "/api/suggest?prefix", "/api/concepts?text", "/?q"]))
def test_no_text_whatever_breaks_a_route(client: TestClient, text: str, path: str) -> None:
    encoded = quote(text.encode("utf-8", "surrogatepass"), safe="")
    assert client.get(f"{path}={encoded}").status_code == 200


@settings(max_examples=60, deadline=None)
@given(name=st.binary(max_size=30), start=st.sampled_from(["/api/records/", "/api/files/", "/records/", "/api/", "/static/"]))
def test_no_path_whatever_breaks_a_route(client: TestClient, name: bytes, start: str) -> None:
    assert client.get(start + quote(name, safe="")).status_code in {200, 404}
