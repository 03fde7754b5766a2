"""Audiences as strings: one unambiguous spelling for each, and the few operations on sets of them.

    any                                 everybody, logged in or not
    SOURCE/auth                         everybody logged in at the source
    SOURCE/user:ID                      one user
    SOURCE/role:NAME                    a role or group of the source
    SOURCE/community:ID                 every member of a community
    SOURCE/community:ID#curator         its curators, managers and owners
    SOURCE/link:ID                      whoever presents this share link

An ID is percent-encoded (RFC 3986, UTF-8, upper-case hex) except for letters, digits and ``-._~@``, so it never holds the
separators ``/ : #`` and two different strings are never the same audience.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, unquote

from records.errors import SettingsError
from records.rights import ANY, NOBODY, PUBLIC, Audiences

LOCAL = "local"
"""The source of accounts of this installation."""

MAX_ID_LENGTH = 1000
"""Longest id of a user, role, community or link, in characters."""

CURATING_ROLES = frozenset({"curator", "manager", "owner"})
"""Roles of a community that may curate its records."""

COMMUNITY_ROLES = CURATING_ROLES | {"reader"}
"""Roles of a community that may read its records."""

_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_CURATOR = "#curator"


class Kind(StrEnum):
    """What sort of group an audience is."""

    ANY = "any"
    AUTH = "auth"
    USER = "user"
    ROLE = "role"
    COMMUNITY = "community"
    LINK = "link"


_WITH_ID = frozenset({Kind.USER, Kind.ROLE, Kind.COMMUNITY, Kind.LINK})


@dataclass(frozen=True, slots=True)
class Audience:
    """One audience in parts; ``str()`` gives its only spelling.

    Args:
        kind: What sort of group.
        source: Where the group is defined; ``""`` for ``any`` alone.
        id: The id as the source has it, not encoded; ``""`` for ``any`` and ``auth``.
        curators: Of a community, only its curators, managers and owners.

    Raises:
        ValueError: The parts do not make an audience.

    >>> str(Audience(Kind.USER, "bma", "jane doe@x.org"))
    'bma/user:jane%20doe@x.org'
    """

    kind: Kind
    source: str = ""
    id: str = ""
    curators: bool = False

    def __post_init__(self) -> None:
        if (self.kind is Kind.ANY) != (self.source == ""):
            raise ValueError("every audience but 'any' has a source")
        if self.source and not is_source_name(self.source):
            raise ValueError("a source's name is 1 to 64 letters, digits, '.', '_' or '-', and starts with a letter or digit")
        if (self.kind in _WITH_ID) != (self.id != ""):
            raise ValueError("an id is needed for user, role, community and link, and for nothing else")
        if len(self.id) > MAX_ID_LENGTH:
            raise ValueError(f"an id has at most {MAX_ID_LENGTH} characters")
        if self.curators and self.kind is not Kind.COMMUNITY:
            raise ValueError("only a community has curators")
        try:
            self.id.encode()
        except UnicodeEncodeError:
            raise ValueError("an id is Unicode text; this one holds half a surrogate pair") from None

    def __str__(self) -> str:
        if self.kind is Kind.ANY:
            return ANY
        if self.kind is Kind.AUTH:
            return f"{self.source}/auth"
        return f"{self.source}/{self.kind}:{quote(self.id, safe='@')}{_CURATOR if self.curators else ''}"


def is_source_name(text: str) -> bool:
    """Whether *text* can name a source.

    >>> is_source_name("bma"), is_source_name("a/b")
    (True, False)
    """
    return _SOURCE.fullmatch(text) is not None


def parse_audience(text: str) -> Audience:
    """Read an audience from its spelling.

    Raises:
        ValueError: It is not an audience, or not in its only spelling (the message gives that).

    >>> parse_audience("bma/community:big%2Fmap#curator").id
    'big/map'
    """
    if text == ANY:
        return Audience(Kind.ANY)
    source, slash, group = text.partition("/")
    if not slash:
        raise ValueError(f"{text!r} names no source: write SOURCE/{text}")
    if group == Kind.AUTH:
        return Audience(Kind.AUTH, source)
    name, _, encoded = group.partition(":")
    if name not in _WITH_ID:
        raise ValueError(f"{text!r} is not auth, user:ID, role:NAME, community:ID, community:ID#curator or link:ID of a source")
    curators = name == Kind.COMMUNITY and encoded.endswith(_CURATOR)
    if curators:
        encoded = encoded.removesuffix(_CURATOR)
    try:
        audience = Audience(Kind(name), source, unquote(encoded, errors="strict"), curators)
    except ValueError as error:  # UnicodeDecodeError is one too
        raise ValueError(f"{text!r} is not an audience: {error}") from None
    if str(audience) != text:
        raise ValueError(f"{text!r} must be written {str(audience)!r}: an id is percent-encoded")
    return audience


def is_audience(value: object) -> bool:
    """Whether *value* is an audience in its only spelling.

    >>> is_audience("any"), is_audience("bma/user:7"), is_audience("user:7"), is_audience("bma/user:a b")
    (True, True, False, False)
    """
    if not isinstance(value, str):
        return False
    try:
        parse_audience(value)
    except ValueError:
        return False
    return True


def scope(audience: str, source: str) -> str:
    """The audience with its source, from a setting: one written without a source belongs to *source*.

    Raises:
        SettingsError: It is not an audience.

    >>> scope("community:bigmap", "local"), scope("bma/user:7", "local"), scope("any", "local")
    ('local/community:bigmap', 'bma/user:7', 'any')
    """
    scoped = audience if audience == ANY or "/" in audience else f"{source}/{audience}"
    try:
        return str(parse_audience(scoped))
    except ValueError as error:
        raise SettingsError(f"{error}.", "See docs/rights.md for how audiences are written.") from None


def member_audiences(source: str, community: str, role: str) -> Audiences:
    """The audiences that membership in a community gives; an unknown role gives none.

    >>> sorted(member_audiences("bma", "c1", "manager"))
    ['bma/community:c1', 'bma/community:c1#curator']
    """
    if role not in COMMUNITY_ROLES:
        return NOBODY
    return with_implied({str(Audience(Kind.COMMUNITY, source, community, curators=role in CURATING_ROLES))})


def with_implied(audiences: Iterable[str]) -> Audiences:
    """The audiences together with those they imply: curators of a community are members of it.

    >>> sorted(with_implied({"bma/community:c1#curator"}))
    ['bma/community:c1', 'bma/community:c1#curator']
    """
    held = frozenset(audiences)
    return held | {audience.removesuffix(_CURATOR) for audience in held if audience.endswith(_CURATOR)}


def collapse(audiences: Audiences) -> Audiences:
    """The smallest set that lets the same actors read: where ``any`` is in it, nothing else matters.

    >>> sorted(collapse(frozenset({"any", "bma/user:7"})))
    ['any']
    """
    return PUBLIC if ANY in audiences else audiences


def readable(audiences: Audiences, held: Audiences) -> bool:
    """Whether an actor that holds *held* may read what *audiences* may read. Nobody may read the empty set.

    >>> readable(frozenset({"bma/user:7"}), frozenset({"any", "bma/user:7"}))
    True
    >>> readable(frozenset(), frozenset({"any"}))
    False
    """
    return not audiences.isdisjoint(held)


def partition_key(audiences: Audiences) -> tuple[str, ...]:
    """The canonical name of a set of audiences: equal for sets that let the same actors read.

    >>> partition_key(frozenset({"bma/user:7", "bma/auth"})), partition_key(frozenset({"any", "bma/auth"}))
    (('bma/auth', 'bma/user:7'), ('any',))
    """
    return tuple(sorted(collapse(audiences)))
