"""Log lines: two forms, a least gravity, no secrets, no values of variables."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog

from app.logs import configure_logs


@pytest.fixture(autouse=True)
def _defaults_afterwards() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    out, err = capsys.readouterr()
    assert out == ""  # standard output is for answers
    return err.splitlines()


def test_json_is_one_object_a_line_with_time_and_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "json")
    structlog.get_logger("any").warning("a thing\nhappened", number=3, where="line\nbreak")
    [line] = lines(capsys)
    entry = json.loads(line)
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {"event": "a thing\nhappened", "level": "warning", "number": 3, "where": "line\nbreak"}


def test_text_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("info", "text")
    structlog.get_logger().info("harvested", documents=3)
    [line] = lines(capsys)
    assert "harvested" in line
    assert "documents=3" in line
    assert "\x1b" not in line  # no colours where there is no terminal


@pytest.mark.parametrize(
    ("level", "seen"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_what_is_less_grave_is_left_out(capsys: pytest.CaptureFixture[str], level: str, seen: list[str]) -> None:
    configure_logs(level, "json")
    log = structlog.get_logger()
    for one in ("debug", "info", "warning", "error"):
        getattr(log, one)("said")
    assert [json.loads(line)["level"] for line in lines(capsys)] == seen


@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("key", ["token", "Authorization", "password", "secret", "access_token", "COOKIE"])
def test_secrets_are_hidden(capsys: pytest.CaptureFixture[str], form: str, key: str) -> None:
    configure_logs("debug", form)
    structlog.get_logger().info("request", **{key: "vg_abc123", "path": "/here"})
    with structlog.contextvars.bound_contextvars(**{key: "vg_abc123"}):
        structlog.get_logger().info("request")
    text = "\n".join(lines(capsys))
    assert "vg_abc123" not in text
    assert text.count("(hidden)") == 2
    assert "/here" in text


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_traceback_shows_places_but_no_values_of_variables(capsys: pytest.CaptureFixture[str], form: str) -> None:
    configure_logs("info", form)
    question = " ".join(["what", "nobody", "shall", "see"])
    try:
        raise RuntimeError(f"fault {len(question)}")
    except RuntimeError:
        structlog.get_logger().exception("request failed")
    text = "\n".join(lines(capsys))
    assert "RuntimeError: fault" in text
    assert "test_logs.py" in text
    assert question not in text


def test_the_configuration_of_a_later_call_counts(capsys: pytest.CaptureFixture[str]) -> None:
    log = structlog.get_logger()
    configure_logs("error", "json")
    log.info("before")
    configure_logs("info", "json")
    log.info("after")
    assert [json.loads(line)["event"] for line in lines(capsys)] == ["after"]
