"""`POST /api/ask`: its shape, its errors, and that it tells nothing forbidden."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

KEYS = {"question", "understood", "answer", "abstained", "sources", "query"}


def ask(client: TestClient, question: str, token: str = "") -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = client.post("/api/ask", json={"question": question}, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


def test_an_answer_has_value_unit_text_and_places(client: TestClient) -> None:
    answer = ask(client, 'What is the rated capacity of "Cell of everybody"?')
    assert set(answer) == KEYS
    assert answer["question"] == 'What is the rated capacity of "Cell of everybody"?'
    assert (answer["answer"]["value"], answer["answer"]["unit"]) == (120, "Ah")
    assert set(answer["answer"]) == {"value", "unit", "text"}
    assert answer["abstained"] is False
    [source] = answer["sources"]
    assert set(source) == {"record", "file", "pointer", "line"}
    assert (source["record"], source["pointer"]) == ("lab/public.jsonld", "/hasProperty")
    assert source["line"] > 1
    assert answer["query"]["parts"]


def test_what_is_not_known_is_told(client: TestClient) -> None:
    answer = ask(client, "What is the rated capacity of the Foobar X1?")
    assert set(answer) == KEYS
    assert (answer["answer"], answer["abstained"], answer["sources"]) == (None, True, [])
    assert "Foobar X1" in answer["understood"]


@pytest.mark.parametrize(
    "question",
    [
        'What is the rated capacity of "{}"?',
        'How heavy is "{}"?',
        'What do you know about "{}"?',
        'Is "{}" prismatic?',
        'Compare the rated capacity of "{}" and "Cell of everybody"',
        "What is the rated capacity of {}?",
        "How many cells mention {}?",
    ],
)
@pytest.mark.parametrize("forbidden", ["Cell of the zirconia community", "Cell of nobody, zirconia"])
def test_a_forbidden_thing_and_one_that_is_not_there_look_the_same(client: TestClient, question: str, forbidden: str) -> None:
    """Byte for byte, but for the name as it was asked."""
    missing = forbidden.replace("zirconia", "kaolinit")
    there, not_there = (
        client.post("/api/ask", json={"question": question.format(name)}).content.decode() for name in (forbidden, missing)
    )
    assert there.replace("zirconia", "kaolinit") == not_there


def test_a_member_is_answered_what_others_are_not(client: TestClient, world: Any) -> None:
    question = 'What is the rated capacity of "Cell of the zirconia community"?'
    assert ask(client, question)["abstained"]
    assert ask(client, question, world.tokens["carol"])["abstained"]
    assert ask(client, question, world.tokens["alice"])["answer"]["value"] == 150


def test_a_count_is_that_of_the_reader(client: TestClient, world: Any) -> None:
    question = "How many LFP cells above 100 Ah?"
    assert ask(client, question)["answer"]["value"] == 1
    assert ask(client, question, world.tokens["alice"])["answer"]["value"] == 3


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{}", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"a question"', 400),
        (b"{", 400),
        (b'{"question": 5}', 400),
        (b'{"question": null}', 400),
        (b'{"question": "a", "more": 1}', 400),
        (b"\xff\xfe", 400),
        (b'{"question": ""}', 400),
        (b'{"question": "  "}', 400),
        (b'{"question": "\\ud800"}', 400),
        (b'{"question": ["a"]}', 400),
        (b'{"question": {"a": 1}}', 400),
        (b'{"question": true}', 400),
        (b"[" * 50_000, 400),
        (b'{"question": "' + b"a" * 1001 + b'"}', 413),
        (b'{"question": "' + b"a" * 200_000 + b'"}', 413),
    ],
)
def test_a_bad_body_is_refused_in_the_one_form(client: TestClient, body: bytes, status: int) -> None:
    response = client.post("/api/ask", content=body)
    assert response.status_code == status
    told = response.json()
    assert set(told) == {"status", "message", "remedy", "errors"}
    assert told["status"] == status
    assert told["message"]
    assert told["remedy"]


def test_an_empty_question_is_told_as_such(client: TestClient) -> None:
    told = client.post("/api/ask", json={"question": "  "}).json()
    assert told["message"] == "The question is empty."
    assert told["errors"] == [{"field": "question", "messages": ["The question is empty."]}]


def test_an_unknown_token_is_refused(client: TestClient) -> None:
    response = client.post("/api/ask", json={"question": "How many cells?"}, headers={"Authorization": "Bearer wrong"})
    assert response.status_code == 401


def test_only_posts_are_answered(client: TestClient) -> None:
    response = client.get("/api/ask")
    assert (response.status_code, response.headers["allow"]) == (405, "POST, OPTIONS")
