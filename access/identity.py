"""Who asks: actors, the port that finds them, and the accounts of a token file. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from access.audiences import LOCAL, Audience, Kind, scope, with_implied
from access.strict_json import JsonFault, loads
from records.errors import SettingsError
from records.rights import ANY, PUBLIC, Audiences

MAX_TOKEN_LENGTH = 4096
"""Longest token that is looked at, in characters."""

MAX_NAME_LENGTH = 200
"""Longest name of an account, in characters."""

_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, as far as rights go.

    Args:
        name: For people and logs.
        audiences: What the actor holds now; ``any`` is always in it.
    """

    name: str
    audiences: Audiences


ANONYMOUS = Actor("anonymous", PUBLIC)


class Identity(Protocol):
    """Finds the actor behind a token, at question time."""

    def resolve(self, token: str | None) -> Actor:
        """The actor of this token; `ANONYMOUS` when no token is presented.

        Raises:
            IdentityError: The token is not known. The message does not hold it.
        """

    def holder_of(self, token_sha256: str) -> Actor:
        """The actor of the token with this SHA-256, in hex.

        Raises:
            IdentityError: There is none any more.
        """


@dataclass(frozen=True, slots=True)
class Account:
    """One entry of a token file.

    Args:
        name: Unique in the file.
        token_sha256: SHA-256 of the token, in lower-case hex; kept out of ``repr``.
        audiences: What the account was given, scoped.
    """

    name: str
    token_sha256: str = field(repr=False)
    audiences: Audiences

    @property
    def actor(self) -> Actor:
        """The actor: what the account was given, and what every local account holds.

        >>> sorted(Account("alice", "0" * 64, frozenset({"local/community:bigmap#curator"})).actor.audiences)
        ['any', 'local/auth', 'local/community:bigmap', 'local/community:bigmap#curator', 'local/user:alice']
        """
        own = {ANY, str(Audience(Kind.AUTH, LOCAL)), str(Audience(Kind.USER, LOCAL, self.name))}
        return Actor(self.name, with_implied(self.audiences | own))


def token_digest(token: str) -> str:
    """SHA-256 of a token, in hex: what is stored instead of it.

    >>> token_digest("secret")[:8]
    '2bb80d53'
    """
    # Whatever a header held can be hashed: an encoding error would quote the token.
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def parse_accounts(content: bytes) -> tuple[Account, ...]:
    """Read a token file: ``{"tokens": [{"name": ..., "token_sha256": ..., "audiences": [...]}]}``; an empty file has no accounts.

    An audience written without a source belongs to ``local``.

    Raises:
        SettingsError: It is malformed; the message tells the place and holds no hash.

    >>> parse_accounts(b'{"tokens": [{"name": "alice", "token_sha256": "%s", "audiences": ["community:bigmap"]}]}' % (b"0" * 64))
    (Account(name='alice', audiences=frozenset({'local/community:bigmap'})),)
    """
    if not content.strip():
        return ()
    try:
        document = loads(content)
    except JsonFault as fault:
        place = f"line {fault.line}, column {fault.column}: " if fault.line else ""
        raise SettingsError(f"{place}{fault}.", "Correct the text.") from None
    entries = document.get("tokens") if isinstance(document, Mapping) else None
    if not isinstance(document, Mapping) or set(document) != {"tokens"} or not isinstance(entries, list):
        raise SettingsError('a token file is one object {"tokens": [...]}.', "Correct the text.")
    accounts = tuple(_account(entry, f"tokens[{place}]") for place, entry in enumerate(entries))
    _refuse_repetition([account.name for account in accounts], "name")
    _refuse_repetition([account.token_sha256 for account in accounts], "token_sha256")
    return accounts


def check_name(name: object) -> str:
    """The name of an account, when it can be one.

    Raises:
        SettingsError: It cannot; the message says why.
    """
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME_LENGTH or not name.isprintable() or name != name.strip():
        raise SettingsError(
            f"a name is 1 to {MAX_NAME_LENGTH} printable characters without space at its ends.", "Choose another name."
        )
    if name == ANONYMOUS.name:
        raise SettingsError(f"{ANONYMOUS.name!r} is who has no token.", "Choose another name.")
    return name


def check_audiences(audiences: object) -> Audiences:
    """The audiences of an account, scoped.

    Raises:
        SettingsError: One of them is none; the message says which.
    """
    if not isinstance(audiences, list | tuple) or not all(isinstance(audience, str) for audience in audiences):
        raise SettingsError("audiences are a list of texts.", "See docs/rights.md for how audiences are written.")
    return frozenset(scope(audience, LOCAL) for audience in audiences)


def _account(entry: object, place: str) -> Account:
    if not isinstance(entry, Mapping) or set(entry) != {"name", "token_sha256", "audiences"}:
        raise SettingsError(f"{place} is not an object of name, token_sha256 and audiences.", "Correct the entry.")
    digest = entry["token_sha256"]
    if not isinstance(digest, str) or len(digest) != sha256().digest_size * 2 or not _HEX.issuperset(digest.lower()):
        raise SettingsError(f"{place}.token_sha256 is not a SHA-256 in hex.", "Remove the entry and make a new token.")
    with _at(f"{place}.name"):
        name = check_name(entry["name"])
    with _at(f"{place}.audiences"):
        audiences = check_audiences(entry["audiences"])
    return Account(name, digest.lower(), audiences)


@contextmanager
def _at(place: str) -> Iterator[None]:
    try:
        yield
    except SettingsError as error:
        raise SettingsError(f"{place}: {error.message}", error.remedy) from None


def _refuse_repetition(values: list[str], what: str) -> None:
    first: dict[str, int] = {}
    for place, value in enumerate(values):
        if value in first:
            raise SettingsError(f"tokens[{place}].{what} is that of tokens[{first[value]}] too.", "Remove one of the two entries.")
        first[value] = place
