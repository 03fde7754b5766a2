"""What each route answers."""

from __future__ import annotations

from collections.abc import Iterator
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


GET, POST, REMOVE = ["get"], ["post"], ["delete", "get"]
METHODS = {
    "/api/ask": POST,
    "/api/search": ["get", "post"],
    "/api/suggest": GET,
    "/api/concepts": GET,
    "/api/records/{record}": GET,
    "/api/records/{record}/similar": GET,
    "/api/searches": ["get", "post"],
    "/api/searches/{search}": ["delete", "get", "patch"],
    "/api/searches/{search}/events": GET,
    "/api/searches/{search}/feed": GET,
    "/api/files/{record}": GET,
    "/api/corrections": POST,
    "/api/corrections/{correction}/revoke": POST,
    "/api/corrections/{record}": GET,
    "/api/findings": GET,
    "/api/findings/codes": GET,
    "/api/patches/{record}": GET,
    "/api/fix": POST,
    "/api/validate": POST,
    "/health": GET,
    "/ready": GET,
    "/sparql": ["get", "post"],
    "/.well-known/void": GET,
    "/session": ["delete", "get", "post"],
    "/queries": ["get", "post"],
    "/queries/{name}": REMOVE,
    "/queries/{name}/{version}": REMOVE,
    "/queries/{name}/{version}/run": GET,
    "/snapshots": ["get", "post"],
    "/snapshots/{snapshot}": REMOVE,
    "/snapshots/{snapshot}/records": GET,
    "/datasets": ["get", "post"],
    "/datasets/{dataset}": REMOVE,
    "/datasets/{dataset}/files/{name}": GET,
}


def test_openapi_describes_every_route_and_nothing_else(client: TestClient) -> None:
    described = get(client, "/api/openapi.json")
    assert described["openapi"].startswith("3.")
    assert {path: sorted(methods) for path, methods in described["paths"].items()} == METHODS
    for path, methods in described["paths"].items():
        assert all(described["summary"] for described in methods.values()), path


def references(value: Any) -> Iterator[str]:
    """All that a description refers to."""
    if isinstance(value, dict):
        yield from (str(inner) for name, inner in value.items() if name == "$ref")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from references(inner)


def test_whatever_openapi_refers_to_is_there(client: TestClient) -> None:
    described = get(client, "/api/openapi.json")
    named = set(references(described))
    assert named
    assert named <= {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}


TYPES: Any = {"string": str, "number": (int, float), "boolean": bool, "array": list, "object": dict, "null": type(None)}


def test_openapi_shows_answers_and_errors_as_they_are(client: TestClient) -> None:
    described = get(client, "/api/openapi.json")
    assert "HTTPValidationError" not in str(described)
    record = "/api/records/lab/public.jsonld"
    real = {
        "/api/search": get(client, "/api/search", q="LFP above 100 Ah", limit=1),
        "/api/suggest": get(client, "/api/suggest", prefix="lith"),
        "/api/concepts": get(client, "/api/concepts", text="LFP"),
        "/api/ask": client.post("/api/ask", json={"question": "How many LFP cells are above 100 Ah?"}).json(),
        "/api/records/{record}": get(client, record),
        "/api/records/{record}/similar": get(client, f"{record}/similar"),
    }
    for path, answer in real.items():
        for operation in described["paths"][path].values():
            content = operation["responses"]["200"]["content"]["application/json"]
            assert set(content["example"]) == set(content["schema"]["properties"]) == set(answer), path
            for shown in (answer, content["example"]):
                for name, schema in content["schema"]["properties"].items():
                    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
                    assert isinstance(shown[name], TYPES[types[0]] if len(types) == 1 else dict | None), (path, name)
    problem = described["components"]["schemas"]["Problem"]
    error = client.get("/api/search", params={"limit": 0}).json()
    assert set(error) == set(problem["required"]) == set(problem["properties"]) == set(problem["example"])
    assert all("default" in one["responses"] for methods in described["paths"].values() for one in methods.values())
    assert described["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_the_query_that_openapi_shows_can_be_sent(client: TestClient) -> None:
    shown = get(client, "/api/openapi.json")["paths"]["/api/search"]["get"]["responses"]["200"]["content"]["application/json"]
    assert client.post("/api/search", json={"query": shown["example"]["query"]}).status_code == 200


def test_the_limits_that_openapi_names_are_those_that_hold(client: TestClient, world: Any) -> None:
    """The largest allowed value is answered and one more is refused."""
    required = {"/api/suggest": {"prefix": "li"}, "/api/concepts": {"text": "li"}}
    tried = 0
    alice = {"Authorization": f"Bearer {world.tokens['alice']}"}
    snapshot = client.post("/snapshots", json={"visibility": "public"}).json()["id"]
    saved = client.post("/api/searches", json={"title": "Limits", "q": "LFP"}, headers=alice).json()["id"]
    for described, methods in get(client, "/api/openapi.json")["paths"].items():
        path = described.replace("{snapshot}", snapshot).replace("{search}", saved).replace("{record}", "lab/public.jsonld")
        for parameter in methods.get("get", {}).get("parameters", ()):
            schema = parameter["schema"]
            if schema.get("type") != "integer" or "maximum" not in schema:
                continue
            tried += 1
            for name, code in (("maximum", 200), ("minimum", 200)):
                asked = {**required.get(path, {}), parameter["name"]: schema[name]}
                assert client.get(path, params=asked, headers=alice).status_code == code, (path, asked)
                asked[parameter["name"]] += 1 if name == "maximum" else -1
                assert client.get(path, params=asked, headers=alice).status_code == 400, (path, asked)
    assert tried == 13


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=60), path=st.sampled_from(["/api/search?q", "/api/suggest?prefix", "/api/concepts?text", "/?q"]))
def test_no_text_whatever_breaks_a_route(client: TestClient, text: str, path: str) -> None:
    encoded = quote(text.encode("utf-8", "surrogatepass"), safe="")
    assert client.get(f"{path}={encoded}").status_code == 200


@settings(max_examples=60, deadline=None)
@given(name=st.binary(max_size=30), start=st.sampled_from(["/api/records/", "/api/files/", "/records/", "/api/", "/static/"]))
def test_no_path_whatever_breaks_a_route(client: TestClient, name: bytes, start: str) -> None:
    assert client.get(start + quote(name, safe="")).status_code in {200, 404}
