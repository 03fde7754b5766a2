"""Audiences have one spelling each, whatever their ids hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.audiences import (
    COMMUNITY_ROLES,
    LOCAL,
    MAX_ID_LENGTH,
    Audience,
    Kind,
    is_audience,
    is_source_name,
    member_audiences,
    parse_audience,
    partition_key,
    readable,
    scope,
    with_implied,
)
from records.errors import SettingsError
from records.rights import ANY, NOBODY, PUBLIC

IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30) | st.sampled_from(
    ["a/b", "a:b", "a#curator", "#curator", "jane doe@x.org", "%2F", "ü", "\n", "\x00", "any", "auth", ".."]
)
SOURCES = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,10}\Z")
AUDIENCES = (
    st.just(Audience(Kind.ANY))
    | st.builds(Audience, st.just(Kind.AUTH), SOURCES)
    | st.builds(Audience, st.sampled_from([Kind.USER, Kind.ROLE, Kind.LINK]), SOURCES, IDS)
    | st.builds(Audience, st.just(Kind.COMMUNITY), SOURCES, IDS, st.booleans())
)


@given(AUDIENCES)
def test_an_audience_is_read_back_from_its_spelling(audience: Audience) -> None:
    assert parse_audience(str(audience)) == audience
    assert is_audience(str(audience))


@given(AUDIENCES, AUDIENCES)
def test_different_audiences_are_spelled_differently(one: Audience, other: Audience) -> None:
    assert (str(one) == str(other)) == (one == other)


@given(st.text(max_size=40) | st.text("bma/user:community#curator%2Fany auth", max_size=40))
def test_what_is_read_at_all_was_in_its_only_spelling(text: str) -> None:
    if is_audience(text):
        assert str(parse_audience(text)) == text
    else:
        with pytest.raises(ValueError):  # noqa: PT011 - whatever the reason
            parse_audience(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Any",
        "auth",
        "user:7",
        "/auth",
        "bma/",
        "bma/any",
        "bma/auth:1",
        "bma/user",
        "bma/user:",
        "bma/user:a b",
        "bma/user:a/b",
        "bma/user:a%2fb",
        "bma/user:%61",
        "bma/user:%FF",
        "bma/user:%",
        "bma/user:7#curator",
        "bma/community:c#owner",
        "bma/community:#curator",
        "bma/group:7",
        "b ma/user:7",
        "-bma/user:7",
        "bma/user:7\n",
        "bma/user:" + "x" * (MAX_ID_LENGTH + 1),
    ],
)
def test_what_is_no_audience_is_refused(text: str) -> None:
    assert not is_audience(text)


def test_no_other_value_is_an_audience() -> None:
    assert not any(is_audience(value) for value in (None, 7, ["any"], b"any"))


def test_the_message_tells_how_an_id_is_written() -> None:
    with pytest.raises(ValueError, match="must be written 'bma/user:a%20b'"):
        parse_audience("bma/user:a b")


def test_an_id_that_is_no_text_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogate"):
        Audience(Kind.USER, "bma", "\ud800")


@pytest.mark.parametrize(
    "parts",
    [
        (Kind.ANY, "bma"),
        (Kind.AUTH, ""),
        (Kind.AUTH, "bma", "7"),
        (Kind.USER, "bma", ""),
        (Kind.USER, "bma", "7", True),
        (Kind.USER, "b/ma", "7"),
    ],
)
def test_parts_that_make_no_audience_are_refused(parts: tuple[Kind, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the reason
        Audience(*parts)


def test_a_source_name_is_at_most_64_characters() -> None:
    assert is_source_name("x" * 64)
    assert not is_source_name("x" * 65)


def test_scope_leaves_what_has_a_source() -> None:
    assert scope("auth", LOCAL) == "local/auth"
    assert scope("bma/auth", LOCAL) == "bma/auth"
    assert scope(ANY, LOCAL) == ANY
    with pytest.raises(SettingsError, match="is not auth, user:ID") as caught:
        scope("a/b/c", LOCAL)
    assert caught.value.remedy


@pytest.mark.parametrize("role", sorted(COMMUNITY_ROLES))
def test_every_member_holds_the_community(role: str) -> None:
    held = member_audiences("bma", "c1", role)
    assert "bma/community:c1" in held
    assert ("bma/community:c1#curator" in held) == (role != "reader")


def test_an_unknown_role_holds_nothing() -> None:
    assert member_audiences("bma", "c1", "visitor") == NOBODY


def test_only_the_curators_of_a_community_imply_another_audience() -> None:
    given_audiences = {"bma/user:x%23curator", "bma/community:c%23curator", "any"}
    assert with_implied(given_audiences) == given_audiences


def test_nobody_reads_the_empty_set_and_who_holds_nothing_reads_nothing() -> None:
    assert not readable(NOBODY, frozenset({ANY, "bma/user:7"}))
    assert not readable(PUBLIC, NOBODY)


@given(st.sets(AUDIENCES.map(str)), st.sets(AUDIENCES.map(str)))
def test_partition_keys_are_equal_only_for_sets_that_let_the_same_actors_read(one: set[str], other: set[str]) -> None:
    first, second = frozenset(one), frozenset(other)
    same = first == second or (ANY in first and ANY in second)
    assert (partition_key(first) == partition_key(second)) == same
    assert list(partition_key(first)) == sorted(partition_key(first))
