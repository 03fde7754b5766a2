"""Diffs: what `git apply` and `patch -p1` make of them is exactly the new file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shapes.diffs import unified_diff

NAMES = [
    "a.jsonld",
    "deep/er/a.jsonld",
    "with space.jsonld",
    "größe.jsonld",
    'quo"te.jsonld',
    "back\\slash.jsonld",
    "tab\tin.jsonld",
]
CASES = [
    (b'{\n "a": 1\n}\n', b'{\n "b": 1\n}\n'),
    (b'{"a": 1}', b'{"a": 2}'),
    (b'{"a": 1}', b'{"a": 2}\n'),
    (b'{"a": 1}\n', b'{"a": 2}'),
    (b"{\r\n}\r\n", b'{\r\n"a": 1\r\n}\r\n'),
    (
        b"\n".join(b"%d" % line for line in range(100)),
        b"\n".join(b"%d" % (line * (line not in (5, 50, 99))) for line in range(100)),
    ),
    ("{\u2028\n\x0b}\n".encode(), "{\u2028\n\x0bx}\n".encode()),
    (b"", b"{}\n"),
]


def applied(tool: list[str], folder: Path, diff: bytes) -> None:
    subprocess.run(tool, input=diff, cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("tool", [["git", "apply"], ["patch", "-p1", "--binary"]], ids=["git", "patch"])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_written_so_that_tools_find_the_file(tool: list[str], name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(CASES[0][0])
    applied(tool, tmp_path, unified_diff(name, *CASES[0]))
    assert file.read_bytes() == CASES[0][1]


@pytest.mark.parametrize("tool", [["git", "apply"], ["patch", "-p1", "--binary"]], ids=["git", "patch"])
@pytest.mark.parametrize(("before", "after"), CASES)
def test_applied_it_gives_the_new_file(tool: list[str], before: bytes, after: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(before)
    applied(tool, tmp_path, unified_diff("a.json", before, after))
    assert (tmp_path / "a.json").read_bytes() == after


LINES = st.lists(st.sampled_from(["", "{", "}", "a", " a\r", "é"]), max_size=30).map(lambda lines: "\n".join(lines).encode())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES, LINES)
def test_any_change_is_applied(tmp_path: Path, before: bytes, after: bytes) -> None:
    if not before or not after or before == after:
        return  # made and removed files are no changes of ours
    (tmp_path / "a.json").write_bytes(before)
    applied(["git", "apply", "--unidiff-zero"], tmp_path, unified_diff("a.json", before, after))
    assert (tmp_path / "a.json").read_bytes() == after


def test_no_change_is_no_diff() -> None:
    assert unified_diff("a.json", b"{}", b"{}") == b""
