"""`/api/search` with all that it can be asked, and `POST /api/search`."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from starlette.testclient import TestClient

from ontology.terms import RATED_CAPACITY
from search.query import Facet


def get(client: TestClient, status: int = 200, **query: Any) -> Any:
    response = client.get("/api/search", params=query)
    assert response.status_code == status, response.text
    return response.json()


def post(client: TestClient, body: object, status: int = 200) -> Any:
    response = client.post("/api/search", content=body if isinstance(body, bytes) else json.dumps(body))
    assert response.status_code == status, response.text
    return response.json()


def test_a_click_on_any_facet_finds_as_many_as_it_counts(client: TestClient) -> None:
    answer = get(client, q="cell", limit=1)
    assert set(answer["facets"]) == set(Facet)
    counted = [(name, one) for name, values in answer["facets"].items() for one in values]
    assert {"concept", "quantity", "source", "validation"} <= {name for name, _ in counted}
    for name, one in counted:
        assert get(client, q="cell", limit=1, **{name: one["value"]})["total"] == one["count"], (name, one)
    sections = {one["label"]: one.get("section") for one in answer["facets"]["concept"]}
    assert sections["PrismaticBattery"] == "format"


def test_only_the_facets_that_are_asked_for_are_counted(client: TestClient) -> None:
    every = get(client, q="cell")
    for facets in (["year"], ["concept", "source"]):
        assert get(client, q="cell", facets=facets)["facets"] == {name: every["facets"][name] for name in facets}
        assert post(client, {"text": "cell", "facets": facets})["facets"] == {name: every["facets"][name] for name in facets}
    bare = get(client, q="cell", facets="none")
    assert (bare["facets"], bare["hits"]) == ({}, every["hits"])
    assert get(client, 400, q="cell", facets="colour")["errors"]


def test_a_score_is_told_in_parts_only_where_it_is_wished(client: TestClient) -> None:
    [hit] = get(client, q="LFP above 100 Ah", explain="true")["hits"]
    assert sum(hit["score_parts"].values()) == pytest.approx(hit["score"])
    assert "score_parts" not in get(client, q="LFP above 100 Ah")["hits"][0]


def test_another_reach_finds_as_many_as_it_says(client: TestClient) -> None:
    answer = get(client, q="case above 100 Ah", expansions="true")
    assert [one["expansion"] for one in answer["expansions"]] == ["exact", "narrower", "synonyms", "parts", "related"]
    for one in answer["expansions"]:
        assert get(client, q="case above 100 Ah", expand=f"0:{one['expansion']}")["total"] == one["count"]
    assert get(client, q="LFP")["expansions"] == []


def test_hits_come_in_the_order_of_a_quantity_with_its_value(client: TestClient) -> None:
    up, down = (get(client, sort=sign + RATED_CAPACITY)["hits"] for sign in ("", "-"))
    assert (
        [hit["record"] for hit in up]
        == [hit["record"] for hit in down][::-1]
        == ["lab/odd names/a b#c?d%41&é.jsonld", "lab/public.jsonld"]
    )
    assert [hit["ordered_by"]["text"].split(" (")[0] for hit in up] == ["RatedCapacity 20 Ah", "RatedCapacity 120 Ah"]
    by_date = get(client, sort="-date")
    assert by_date["query"]["order"]["by"] == "date"
    assert all(hit["ordered_by"]["kind"] == "value" for hit in by_date["hits"])


def test_the_next_page_begins_where_the_last_one_ended(client: TestClient) -> None:
    whole, found, after = get(client)["hits"], [], ""
    for _ in whole:
        page = get(client, limit=1, after=after)
        found += page["hits"]
        after = page["after"]
    assert (found, after) == (whole, "")


@pytest.mark.parametrize("after", ["1.1", "nonsense", "eyJ9", "é" * 50])
def test_a_cursor_that_leads_nowhere_is_gone(client: TestClient, after: str) -> None:
    body = get(client, 410, after=after)
    assert body["status"] == 410
    assert body["remedy"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"expand": "0"}, 400),
        ({"expand": "x:exact"}, 400),
        ({"expand": "0:everything"}, 400),
        ({"expand": "5:exact"}, 400),
        ({"expand": "1:exact"}, 400),
        ({"sense": "0:urn:none"}, 400),
        ({"sense": "²:urn:none"}, 400),
        ({"range": "1:5"}, 400),
        ({"range": "1:5..4 Ah"}, 400),
        ({"range": "1:5..6 kg"}, 400),
        ({"range": "0:5..6 Ah"}, 400),
        ({"range": "7:5..6 Ah"}, 400),
        ({"quantity": f"{RATED_CAPACITY} much"}, 400),
        ({"negate": "7"}, 400),
        ({"negate": "-1"}, 400),
        ({"without": "7"}, 400),
        ({"without": "-1"}, 400),
        ({"role": "urn:x"}, 400),
        ({"concept": "LFP"}, 400),
        ({"quantity": "mass"}, 400),
        ({"sort": "mass"}, 400),
        ({"manufacterer": "Acme"}, 400),
        ({"limits": "3"}, 400),
        ({"year": "soon"}, 400),
        ({"year": ["2020"] * 21}, 400),
        ({"sort": "x" * 2001}, 400),
        ({"after": "x" * 2001}, 400),
        ({"manufacturer": "x" * 2001}, 400),
        ({"explain": "perhaps"}, 400),
    ],
)
def test_what_fits_no_question_is_refused_and_told(client: TestClient, query: dict[str, Any], status: int) -> None:
    body = get(client, status, q="LFP above 100 Ah", **query)
    assert body["message"]
    assert body["remedy"]
    [name] = query
    assert {error["field"].partition(".")[0] for error in body["errors"]} == {name}


def test_a_position_that_does_not_fit_is_told_with_those_that_do(client: TestClient) -> None:
    body = get(client, 400, q="LFP above 100 Ah", range="7:5..6 Ah")
    assert body["message"] == "`range` speaks of part 7, and the question has no such part."
    assert body["remedy"] == "Choose one of: 1 “above 100 Ah”."
    assert get(client, 400, q="LFP above 100 Ah", expand="7:exact")["remedy"] == "Choose one of: 0 “LFP”."
    assert get(client, 400, q="LFP above 100 Ah", without="7")["remedy"] == "Choose one of: 0 “LFP”, 1 “above 100 Ah”."
    body = get(client, 400, q="LFP above 100 Ah", range="0:5..6 Ah")
    assert body["message"] == "`range` speaks of part 0, “LFP”, which is no number."
    assert body["remedy"] == "Choose one of: 1 “above 100 Ah”."
    assert "none" in get(client, 400, q="LFP", range="0:5..6 Ah")["remedy"]


def test_the_query_of_an_answer_can_be_edited_and_asked(client: TestClient) -> None:
    answer = get(client, q="prismatic LFP above 100 Ah")
    assert post(client, {"query": answer["query"]})["hits"] == answer["hits"]
    query = answer["query"]
    query["parts"][2]["negated"] = True
    assert post(client, {"query": query})["total"] == 1
    del query["parts"][2]
    query["parts"][1] |= {"expansion": "parts", "negated": False}
    edited = post(client, {"query": query, "explain": True, "expansions": True, "expanded": True, "limit": 1})
    assert len(edited["query"]["parts"][1]["expanded"]) > 3
    assert (edited["total"], len(edited["hits"]), bool(edited["after"])) == (2, 1, True)
    assert post(client, {"query": query, "after": edited["after"], "limit": 1})["after"] == ""


def test_a_query_names_what_its_concepts_reach_only_where_that_is_wished_and_means_the_same(client: TestClient) -> None:
    asked = "datasets or NMC cathode without LFP, rated capacity of the cathode above 1 mAh"
    short, long = get(client, q=asked), get(client, q=asked, expanded="true")
    reached = [len(part.get("expanded", ())) for part in long["query"]["parts"] if part["type"] == "concept"]
    assert min(reached) > 0
    assert [part for part in short["query"]["parts"] if part["type"] == "concept" and "expanded" not in part]
    assert post(client, {"query": short["query"], "expanded": True}) == post(client, {"query": long["query"], "expanded": True})
    assert post(client, {"query": short["query"], "expanded": True})["query"] == long["query"]


@pytest.mark.parametrize(
    ("bounds", "asked", "total"),
    [
        ("10..30 Ah", "10–30 Ah", 1),
        ("10000..30000 mAh", "10000–30000 mAh", 1),
        ("..120", "≤ 120 Ah", 2),
        ("120.. Ah", "≥ 120 Ah", 1),
        ("..", "", 2),
        ("120..120", "= 120 Ah", 1),
    ],
)
def test_other_bounds_can_be_chosen_for_a_number_and_for_a_kind_of_quantity(
    client: TestClient, bounds: str, asked: str, total: int
) -> None:
    changed = get(client, q="LFP above 100 Ah", range=f"1:{bounds}")
    chosen = get(client, q="LFP", quantity=f"{RATED_CAPACITY} {bounds}")
    assert [changed["query"]["parts"][1]["condition"], chosen["query"]["parts"][1]["condition"]] == [asked, asked]
    assert [changed["total"], chosen["total"]] == [total, total]


def test_a_part_is_turned_into_what_must_not_match_and_back(client: TestClient) -> None:
    assert get(client, q="LFP above 100 Ah", negate="1")["total"] == 1
    assert get(client, q="LFP above 100 Ah", negate="1")["query"]["parts"][1]["negated"]
    [found] = get(client, q="LFP not above 100 Ah", negate="1")["hits"]
    assert found["record"] == get(client, q="LFP above 100 Ah")["hits"][0]["record"]


def test_an_answer_that_is_known_is_not_sent_again(client: TestClient, world: Any) -> None:
    for path in ("/api/search?q=LFP", "/api/records/lab/public.jsonld", "/api/files/lab/public.jsonld", "/api/openapi.json"):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    alice = client.get("/api/search?q=LFP", headers={"Authorization": f"Bearer {world.tokens['alice']}"})
    assert alice.headers["etag"] != client.get("/api/search?q=LFP").headers["etag"]
    missing = client.get("/api/records/none", headers={"If-None-Match": "*"})
    assert (missing.status_code, "etag" in missing.headers) == (404, False)


def test_pages_of_other_sites_may_use_the_api(client: TestClient) -> None:
    origin = {"Origin": "https://archive.example"}
    before = client.options("/api/search", headers={**origin, "Access-Control-Request-Method": "POST"})
    assert before.status_code == 204
    assert {"Authorization", "Content-Type", "If-None-Match"} <= set(before.headers["access-control-allow-headers"].split(", "))
    for answer in (
        client.get("/api/search?q=LFP", headers=origin),
        client.post("/api/search", content="{}", headers=origin),
        client.get("/api/search?limit=0", headers=origin),
    ):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "ETag" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers
    known = client.get("/api/search?q=LFP", headers=origin).headers["etag"]
    assert "access-control-allow-origin" in client.get("/api/search?q=LFP", headers={**origin, "If-None-Match": known}).headers
    assert client.delete("/api/search", headers=origin).headers["allow"] == "GET, HEAD, POST, OPTIONS"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/search", "GET, HEAD, POST, OPTIONS"),
        ("/api/ask", "POST, OPTIONS"),
        ("/api/searches", "GET, HEAD, POST, OPTIONS"),
        ("/api/searches/ab12", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        ("/api/records/lab/public.jsonld/similar", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_page_of_another_site_may_use_the_methods_that_a_route_has(client: TestClient, path: str, methods: str) -> None:
    asked = {"Origin": "https://archive.example", "Access-Control-Request-Method": methods.split(", ")[0]}
    before = client.options(path, headers=asked)
    assert (before.status_code, before.headers["allow"], before.headers["access-control-allow-methods"]) == (204, methods, methods)


def test_where_there_is_nothing_there_are_no_methods(client: TestClient) -> None:
    assert client.options("/api/nothing").status_code == 404


def test_words_can_be_sent_in_a_body_too(client: TestClient) -> None:
    assert post(client, {"text": "prismatic LFP above 100 Ah"}) == get(client, q="prismatic LFP above 100 Ah")
    assert post(client, {})["total"] == 3


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b'{"query": 5}', 400),
        (b'{"query": {"text": "", "parts": [{"type": "none"}]}}', 400),
        (b'{"query": {"text": "", "parts": []}, "text": "LFP"}', 400),
        (b'{"limit": 0}', 400),
        (b'{"limit": 101}', 400),
        (b'{"more": 1}', 400),
        (b'{"after": "nonsense"}', 410),
        (json.dumps({"text": "a" * 1001}).encode(), 413),
        (json.dumps({"query": {"text": "", "parts": [{"type": "text", "text": "a"}] * 33}}).encode(), 413),
        (b'{"text": "' + b"a" * 1_000_001 + b'"}', 413),
    ],
)
def test_a_body_that_is_no_question_is_refused_and_told(client: TestClient, body: bytes, status: int) -> None:
    answer = post(client, body, status)
    assert set(answer) == {"status", "message", "remedy", "errors"}


def test_a_question_that_says_nothing_is_told_so(client: TestClient) -> None:
    every = get(client)
    assert every["note"] == ""
    for question in ("x", "the with", "?"):
        answer = get(client, q=question)
        assert (answer["total"], answer["query"]["parts"]) == (every["total"], [])
        assert answer["note"] == f"“{question}” says nothing that can be looked for, so it leaves out no record."
        assert post(client, {"text": question})["note"] == answer["note"]
    for question in ("LFP", "zeta", "lightest"):
        assert get(client, q=question)["note"] == ""
    assert get(client, q="LFP", without="0")["note"] == ""  # who takes the part out knows


def test_where_nothing_is_found_the_parts_are_told(client: TestClient) -> None:
    answer = get(client, q="LFP above 130 Ah")
    assert answer["total"] == 0
    assert answer["loosened"][1] == {"part": 1, "text": "above 130 Ah", "count": 2, "nearest": ["120 Ah"], "conditions": []}


def test_values_of_an_asked_kind_are_told_as_a_histogram(client: TestClient) -> None:
    [told] = get(client, q="rated capacity above 100 Ah")["histograms"]
    assert (told["label"], told["unit"], told["records"], told["minimum"]) == ("RatedCapacity", "Ah", 2, 100)
    assert sum(told["counts"]) == 2
    assert len(told["edges"]) == len(told["counts"]) + 1
    assert told["scale"] == "linear"
    bins = list(enumerate(zip(pairwise(told["edges"]), told["counts"], strict=True), 1))
    for number, ((first, last), count) in bins:
        bounds = f"{first}..{'' if number == len(bins) else '<'}{last} Ah"
        assert get(client, q="rated capacity above 100 Ah", range=f"0:{bounds}")["total"] == count, bounds
