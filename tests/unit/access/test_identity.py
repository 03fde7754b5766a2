"""Accounts are read strictly: what is doubtful stops, with its place and without its secrets."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from access.identity import ANONYMOUS, Account, parse_accounts, token_digest
from records.errors import SettingsError

DIGEST = sha256(b"a token").hexdigest()
ENTRY = {"name": "alice", "token_sha256": DIGEST, "audiences": ["community:bigmap", "bma/user:7"]}


def text(*entries: object) -> bytes:
    return json.dumps({"tokens": entries}).encode()


def test_who_has_no_token_holds_what_everybody_holds() -> None:
    assert ANONYMOUS.audiences == {"any"}


def test_an_account_holds_what_it_was_given_and_what_every_account_holds() -> None:
    (account,) = parse_accounts(text(ENTRY))
    assert account.actor.name == "alice"
    assert account.actor.audiences == {"any", "local/auth", "local/user:alice", "local/community:bigmap", "bma/user:7"}


def test_an_account_of_another_source_is_not_logged_in_there() -> None:
    (account,) = parse_accounts(text(ENTRY))
    assert "bma/auth" not in account.actor.audiences


def test_a_name_may_hold_anything_printable() -> None:
    (account,) = parse_accounts(text(ENTRY | {"name": "Jürgen / Ops #1", "audiences": []}))
    assert account.actor.audiences == {"any", "local/auth", "local/user:J%C3%BCrgen%20%2F%20Ops%20%231"}


@pytest.mark.parametrize("content", [b"", b" \n", b'{"tokens": []}'])
def test_an_empty_file_has_no_accounts(content: bytes) -> None:
    assert parse_accounts(content) == ()


def test_the_case_of_a_hash_does_not_matter() -> None:
    assert parse_accounts(text(ENTRY | {"token_sha256": DIGEST.upper()}))[0].token_sha256 == DIGEST


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"tokens": [\n}', r"line 2, column 1: it is not JSON"),
        (b'{"tokens": [], "tokens": []}', r"'tokens' stands twice"),
        (b"\xff", r"not UTF-8"),
        (b"[]", r"one object"),
        (b"{}", r"one object"),
        (b'{"tokens": {}}', r"one object"),
        (b'{"tokens": [], "more": 1}', r"one object"),
        (text(ENTRY, 7), r"tokens\[1\] is not an object"),
        (text({"name": "alice"}), r"tokens\[0\] is not an object of"),
        (text(ENTRY | {"audience": []}), r"tokens\[0\] is not an object of"),
        (text(ENTRY | {"name": ""}), r"tokens\[0\]\.name: a name is"),
        (text(ENTRY | {"name": 7}), r"tokens\[0\]\.name: a name is"),
        (text(ENTRY | {"name": "a\nb"}), r"tokens\[0\]\.name: a name is"),
        (text(ENTRY | {"name": " a"}), r"tokens\[0\]\.name: a name is"),
        (text(ENTRY | {"name": "x" * 201}), r"tokens\[0\]\.name: a name is"),
        (text(ENTRY | {"name": "anonymous"}), r"tokens\[0\]\.name: 'anonymous' is who has no token"),
        (text(ENTRY | {"token_sha256": "abc"}), r"tokens\[0\]\.token_sha256 is not"),
        (text(ENTRY | {"token_sha256": DIGEST[:-1] + "g"}), r"tokens\[0\]\.token_sha256 is not"),
        (text(ENTRY | {"audiences": "any"}), r"tokens\[0\]\.audiences: audiences are a list"),
        (text(ENTRY | {"audiences": [7]}), r"tokens\[0\]\.audiences: audiences are a list"),
        (text(ENTRY | {"audiences": ["group:7"]}), r"tokens\[0\]\.audiences: 'local/group:7' is not"),
        (text(ENTRY, ENTRY | {"token_sha256": "0" * 64}), r"tokens\[1\]\.name is that of tokens\[0\] too"),
        (text(ENTRY, ENTRY | {"name": "bob"}), r"tokens\[1\]\.token_sha256 is that of tokens\[0\] too"),
    ],
)
def test_a_malformed_file_is_refused_with_the_place(content: bytes, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        parse_accounts(content)
    assert DIGEST not in str(caught.value)
    assert caught.value.remedy


def test_a_hash_does_not_show_in_the_text_of_an_account() -> None:
    assert DIGEST not in repr(Account("alice", DIGEST, frozenset()))


def test_any_text_can_be_presented_as_a_token() -> None:
    assert len({token_digest(token) for token in ("", "a", "\ud800", "ü\x00")}) == 4
