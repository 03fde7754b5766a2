"""Similar records over HTTP: who gets what, what is refused. Why records are alike: `tests/unit/search/test_similar.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from records.record import Record
from records.rights import PUBLIC, Rights
from search.aspects import Aspects
from search.columns.index import ColumnIndex
from search.similar import Similar
from tests.api.test_access import CASES, headers, seen


@pytest.mark.parametrize(("record", "actor", "may"), CASES)
def test_only_readers_of_a_record_learn_what_is_like_it(client: TestClient, world: Any, record: str, actor: str, may: str) -> None:
    response = client.get(f"/api/records/lab/{record}.jsonld/similar", headers=headers(world, actor))
    assert response.status_code == (404 if may == "nothing" else 200)
    if may == "all":
        listed = [one["record"] for one in response.json()["similar"]]
        assert listed
        readable = {name for name, who, what in CASES if who == actor and what == "all"} | {"odd names/a b#c?d%41&é"}
        assert set(listed) <= {f"lab/{name}.jsonld" for name in readable}
    if may == "metadata":
        assert response.json()["similar"] == []


def test_forbidden_and_unknown_are_answered_alike(client: TestClient) -> None:
    forbidden = client.get("/api/records/lab/nobody.jsonld/similar")
    assert seen(forbidden) == seen(client.get("/api/records/lab/nothing.jsonld/similar"))


def test_every_similar_record_comes_with_its_reasons(client: TestClient) -> None:
    shown = client.get("/api/records/lab/public.jsonld/similar", params={"by": "design", "limit": 1}).json()
    assert (shown["record"], shown["by"]) == ("lab/public.jsonld", "design")
    (one,) = shown["similar"]
    assert one["score"] == pytest.approx(sum(reason["score"] for reason in one["reasons"]), abs=1e-3)
    assert {reason["kind"] for reason in one["reasons"]} <= {"concept", "related", "value", "name"}


@pytest.mark.parametrize("asked", [{"by": "colour"}, {"limit": 0}, {"limit": 21}, {"limit": "many"}])
def test_what_is_asked_wrongly_is_refused(client: TestClient, asked: dict[str, Any]) -> None:
    assert client.get("/api/records/lab/public.jsonld/similar", params=asked).status_code == 400


def test_the_page_of_a_record_shows_them(client: TestClient) -> None:
    page = client.get("/records/lab/public.jsonld").text
    assert "Similar records" in page
    assert "both have" in page
    assert "zirconia" not in page


def test_a_record_whose_id_ends_as_the_route_does_is_told_too(client: TestClient) -> None:
    """Ids come from sources: there may be a record `a` and a record `a/similar`."""
    services = client.app.state.services  # type: ignore[attr-defined]
    index = ColumnIndex(None, ancestors=services.concepts.ancestors, summary=lambda one: one.title)
    hidden = Rights(frozenset({"local/user:x"}), frozenset({"local/user:x"}))
    index.apply([a_record("a"), a_record("a/similar"), a_record("b/similar"), a_record("c", hidden), a_record("c/similar")])
    index.apply([a_record("d", hidden), a_record("d/similar", hidden)])
    similar = Similar(index, services.concepts, services.search.units, Aspects(services.concepts))
    client.app.state.services = replace(services, similar=similar, search=replace(services.search, index=index))  # type: ignore[attr-defined]
    try:
        told = {
            path: client.get(f"/api/records/lab/{path}").json()
            for path in ("a/similar", "a%2Fsimilar", "a%2fsimilar/similar", "b/similar", "c/similar", "d/similar", "e/similar")
        }
    finally:
        client.app.state.services = services  # type: ignore[attr-defined]
    assert "similar" in told["a/similar"]
    assert (told["a%2Fsimilar"]["record"], told["a%2Fsimilar"]["title"]) == ("lab/a/similar", "a/similar")
    assert told["a%2fsimilar/similar"]["record"] == "lab/a/similar"
    assert "similar" in told["a%2fsimilar/similar"]
    assert [told[path]["title"] for path in ("b/similar", "c/similar")] == ["b/similar", "c/similar"]
    assert told["d/similar"] == told["e/similar"]
    assert told["d/similar"]["status"] == 404


def a_record(name: str, rights: Rights = Rights(PUBLIC, PUBLIC)) -> Record:  # noqa: B008 - frozen
    return Record(f"lab/{name}", f"https://e.org/{name}", name, "lab", name, "", rights)
