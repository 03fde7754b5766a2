"""Tokens of a file: found by hash, gone as soon as they are removed, and shown nowhere."""

from __future__ import annotations

import json
import logging
import os
import resource
import stat
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from access.identity import ANONYMOUS, MAX_TOKEN_LENGTH, token_digest
from app import tokens
from app.tokens import MAX_FILE_BYTES, TokenFile, add_token, remove_token
from records.errors import IdentityError, SettingsError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def test_a_new_token_is_known_at_once_and_a_removed_one_is_not(path: Path) -> None:
    identity = TokenFile(path)
    token = add_token(path, "alice", ["community:bigmap", "bma/user:7"])
    assert identity.resolve(token).name == "alice"
    assert identity.resolve(token).audiences == {"any", "local/auth", "local/user:alice", "local/community:bigmap", "bma/user:7"}
    other = add_token(path, "bob", [])
    assert identity.resolve(other).name == "bob"
    remove_token(path, "alice")
    with pytest.raises(IdentityError):
        identity.resolve(token)
    assert identity.resolve(other).name == "bob"


def test_no_token_means_anonymous_even_without_a_file(path: Path) -> None:
    assert TokenFile(path).resolve(None) == ANONYMOUS


@pytest.mark.parametrize("content", [None, b"", b'{"tokens": []}'])
def test_without_accounts_every_token_is_refused(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.write_bytes(content)
    identity = TokenFile(path)
    for token in ("", "x", "x" * (MAX_TOKEN_LENGTH + 1), "\ud800"):
        with pytest.raises(IdentityError, match=r"not known"):
            identity.resolve(token)


def test_neither_the_hash_nor_a_part_of_a_token_is_a_token(path: Path) -> None:
    token = add_token(path, "alice", [])
    identity = TokenFile(path)
    for wrong in (token_digest(token), token[:-1], token + " ", token.lower()):
        with pytest.raises(IdentityError):
            identity.resolve(wrong)


def test_a_change_in_place_with_the_same_size_and_time_is_seen(path: Path) -> None:
    """As a text editor or a fast script may make it, within one tick of the file system's clock."""
    token = add_token(path, "alice", ["community:one"])
    identity = TokenFile(path)
    for community in ("two", "six", "ten"):
        content = path.read_text()
        before = path.stat()
        path.write_text(content.replace(content.split("community:")[1][:3], community))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert f"local/community:{community}" in identity.resolve(token).audiences


def test_a_change_is_seen_where_the_clock_of_the_file_system_ticks_too_slowly_to_tell(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_stamp", lambda status: (0, 0, 0, 0))
    token = add_token(path, "alice", [])
    identity = TokenFile(path)
    identity.resolve(token)
    remove_token(path, "alice")
    with pytest.raises(IdentityError):
        identity.resolve(token)


def test_the_file_is_not_read_again_while_it_does_not_change(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = add_token(path, "alice", [])
    os.utime(path, (1, 1))
    identity = TokenFile(path)
    identity.resolve(token)
    reads: list[Path] = []
    real: Callable[[Path], object] = tokens._read_accounts

    def counting(file: Path) -> object:
        reads.append(file)
        return real(file)

    monkeypatch.setattr(tokens, "_read_accounts", counting)
    identity.resolve(token)
    assert reads == []
    os.utime(path, (2, 2))
    identity.resolve(token)
    assert reads == [path]


def test_a_file_that_goes_away_takes_its_tokens_along(path: Path) -> None:
    token = add_token(path, "alice", [])
    identity = TokenFile(path)
    identity.resolve(token)
    path.unlink()
    with pytest.raises(IdentityError):
        identity.resolve(token)


def test_a_malformed_file_refuses_every_token_and_is_named_with_the_place(path: Path) -> None:
    token = add_token(path, "alice", [])
    identity = TokenFile(path)
    identity.resolve(token)
    path.write_text('{"tokens": [\n 7]}')
    with pytest.raises(SettingsError, match=r"tokens\.json: tokens\[0\] is not an object"):
        identity.resolve(token)
    assert identity.resolve(None) == ANONYMOUS


def test_what_is_no_plain_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(SettingsError, match=r"not a plain file|Is a directory"):
            TokenFile(path).resolve("x")


def test_a_file_too_large_to_be_one_is_not_read(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(SettingsError, match=r"larger than"):
        TokenFile(path).resolve("x")


def test_a_file_others_can_read_is_told(path: Path) -> None:
    add_token(path, "alice", [])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert TokenFile(path).issues() == ()
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        (issue,) = TokenFile(path).issues()
        assert issue.code == "token-file-open"
        assert f"{mode:04o}" in issue.message
        assert issue.remedy == f"chmod 600 {path}"


def test_a_new_token_closes_a_file_that_others_could_read(path: Path) -> None:
    path.write_text('{"tokens": []}')
    path.chmod(0o644)
    add_token(path, "alice", [])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "real.json")
    token = add_token(link, "alice", [])
    assert link.is_symlink()
    assert TokenFile(tmp_path / "real.json").resolve(token).name == "alice"


@pytest.mark.parametrize(
    ("name", "audiences", "message"),
    [
        ("", [], r"a name is"),
        ("anonymous", [], r"is who has no token"),
        ("bob", ["group:7"], r"'local/group:7' is not"),
        ("bob", ["user:a b"], r"must be written 'local/user:a%20b'"),
        ("alice", [], r"has a token for 'alice' already"),
    ],
)
def test_an_impossible_account_is_refused_and_changes_nothing(path: Path, name: str, audiences: list[str], message: str) -> None:
    add_token(path, "alice", [])
    before = path.read_bytes()
    with pytest.raises(SettingsError, match=message):
        add_token(path, name, audiences)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_removing_tells_whether_there_was_an_account(path: Path) -> None:
    assert not remove_token(path, "alice")
    assert not path.exists()
    add_token(path, "alice", [])
    assert remove_token(path, "alice")
    assert not remove_token(path, "alice")


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot be changed: No such file"):
        add_token(tmp_path / "none" / "tokens.json", "alice", [])


def test_a_malformed_file_is_not_written_over(path: Path) -> None:
    path.write_text("{")
    with pytest.raises(SettingsError, match=r"it is not JSON"):
        add_token(path, "alice", [])
    assert path.read_text() == "{"


def _add(path: Path, name: str) -> str:
    return add_token(path, name, [])


def test_processes_that_add_at_the_same_time_lose_nothing(path: Path) -> None:
    names = [f"user{number}" for number in range(12)]
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        made = list(pool.map(_add, [path] * len(names), names))
    identity = TokenFile(path)
    assert [identity.resolve(token).name for token in made] == names
    assert len(set(made)) == len(names)


def test_a_token_shows_nowhere(path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.DEBUG)
    token = add_token(path, "alice", [])
    identity = TokenFile(path)
    actor = identity.resolve(token)
    shown = [repr(identity), str(identity), repr(actor), path.read_text()]
    with pytest.raises(IdentityError) as caught:
        identity.resolve(token + "x")
    shown += [repr(caught.value), "".join(traceback.format_exception(caught.value))]
    path.write_text(json.dumps({"tokens": [{"name": "alice", "token_sha256": token, "audiences": []}]}))
    with pytest.raises(SettingsError) as malformed:
        identity.resolve(token)
    shown += [repr(malformed.value), "".join(traceback.format_exception(malformed.value)), caplog.text, *capfd.readouterr()]
    assert not any(token in text for text in shown)


def test_a_write_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    """The limit on the size of files stands for a full disk."""
    token = add_token(path, "alice", [])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(SettingsError, match=r"cannot be changed: File too large"):
            add_token(path, "bob", [])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert TokenFile(path).resolve(token).name == "alice"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
