"""Adapter of `access.identity.Identity`: accounts of a JSON file that holds hashes of tokens, never tokens."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from access.identity import (
    ANONYMOUS,
    MAX_TOKEN_LENGTH,
    Account,
    Actor,
    check_audiences,
    check_name,
    parse_accounts,
    token_digest,
)
from records.errors import IdentityError, SettingsError
from records.issues import Issue, Severity

MAX_FILE_BYTES = 10_000_000
"""Largest token file that is read, in bytes."""

TOKEN_PREFIX = "vg_"  # noqa: S105 - what tokens begin with, so that secret scanners find a lost one
TOKEN_BYTES = 32
"""Random bytes in a token."""

_SETTLED_NS = 100_000_000
"""A file changed more recently than this may change again without a new time stamp (its clock ticks every few ms)."""

_Stamp = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Accounts:
    """The file as last read; ``stamp`` is ``None`` when it must be read again in any case."""

    stamp: _Stamp | None
    actors: Mapping[str, Actor]
    issues: tuple[Issue, ...]


class TokenFile:
    """Knows the accounts of one file, and reads it again when it changed: a removed token is refused at the next question.

    A missing or empty file has no accounts: everybody is anonymous and every token is refused. A malformed file refuses every token
    with a `SettingsError`, which names the file and the place.

    Args:
        path: The file; see `access.identity.parse_accounts` for its form and `add_token` for how to fill it.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "tokens.json"
    >>> token = add_token(path, "alice", ["community:bigmap"])
    >>> identity = TokenFile(path)
    >>> identity.resolve(token).name, identity.resolve(None).name
    ('alice', 'anonymous')
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._accounts = _Accounts(None, {}, ())

    def __repr__(self) -> str:
        return f"TokenFile({os.fspath(self._path)!r})"

    def resolve(self, token: str | None) -> Actor:
        """The actor of this token; `ANONYMOUS` when no token is presented.

        Raises:
            IdentityError: The token is not known. The message does not hold it.
            SettingsError: The file is malformed or cannot be read.
        """
        if token is None:
            return ANONYMOUS
        # What is compared is the hash of a random token, so how long the look-up takes tells nothing of any token.
        actor = self._read().actors.get(token_digest(token)) if len(token) <= MAX_TOKEN_LENGTH else None
        if actor is None:
            raise IdentityError(
                "This token is not known.", "Ask the operator of this service for a new one, or ask without a token."
            )
        return actor

    def holder_of(self, token_sha256: str) -> Actor:
        """The actor of the token with this SHA-256, in hex.

        Raises:
            IdentityError: There is none any more.
            SettingsError: The file is malformed or cannot be read.
        """
        actor = self._read().actors.get(token_sha256)
        if actor is None:
            raise IdentityError("This token is not known any more.", "Ask the operator of this service for a new one.")
        return actor

    def issues(self) -> tuple[Issue, ...]:
        """What the operator should know about the file: other users of the machine can read it, say.

        Raises:
            SettingsError: The file is malformed or cannot be read.
        """
        return self._read().issues

    def _read(self) -> _Accounts:
        with self._lock:
            known = self._accounts
            if known.stamp is None or known.stamp != _stamp_of(self._path):
                self._accounts = known = _load(self._path)
            return known


def add_token(path: Path, name: str, audiences: Iterable[str]) -> str:
    """Make a new account with a random token, and store its hash. The token is returned this once and kept nowhere.

    Args:
        path: The token file; it is made when missing, readable by its owner alone.
        name: Name of the new account.
        audiences: What it may read; those without a source belong to ``local``.

    Raises:
        SettingsError: The name is taken or impossible, an audience is none, or the file cannot be read or written.
    """
    new_name, held = check_name(name), check_audiences(tuple(audiences))
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    with _alone(path):
        accounts, _ = _read_accounts(path)
        if any(account.name == new_name for account in accounts):
            raise SettingsError(f"{path} has a token for {new_name!r} already.", "Remove that one first, or choose another name.")
        _write(path, (*accounts, Account(new_name, token_digest(token), held)))
    return token


def remove_token(path: Path, name: str) -> bool:
    """Remove the account: its token is refused from the next question on. Returns whether there was one.

    Raises:
        SettingsError: The file cannot be read or written.
    """
    with _alone(path):
        accounts, _ = _read_accounts(path)
        kept = tuple(account for account in accounts if account.name != name)
        if len(kept) < len(accounts):
            _write(path, kept)
    return len(kept) < len(accounts)


def _stamp_of(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return _stamp(status)


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def _load(path: Path) -> _Accounts:
    accounts, status = _read_accounts(path)
    if status is None:
        return _Accounts(None, {}, ())
    settled = time.time_ns() - status.st_mtime_ns > _SETTLED_NS
    return _Accounts(
        _stamp(status) if settled else None,
        {account.token_sha256: account.actor for account in accounts},
        _permission_issues(path, status.st_mode),
    )


def _read_accounts(path: Path) -> tuple[tuple[Account, ...], os.stat_result | None]:
    """The accounts in the file, and the file's status as it was read; ``None`` when it is missing."""
    with _settings_errors(path, "read"):
        try:
            # Not blocking: a named pipe would keep every question waiting.
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except FileNotFoundError:
            return (), None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SettingsError(f"{path} is not a plain file.", "Name a token file.")
            content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise SettingsError(f"{path} is larger than {MAX_FILE_BYTES} bytes.", "Remove tokens that nobody needs.")
    try:
        return parse_accounts(content), status
    except SettingsError as error:
        raise SettingsError(f"{path}: {error.message}", error.remedy) from None


def _permission_issues(path: Path, mode: int) -> tuple[Issue, ...]:
    if not mode & (stat.S_IRWXG | stat.S_IRWXO):
        return ()
    return (
        Issue(
            "token-file-open",
            f"other users of this machine may use {path} (mode {stat.S_IMODE(mode):04o})",
            Severity.WARNING,
            source=os.fspath(path),
            remedy=f"chmod 600 {path}",
        ),
    )


@contextmanager
def _settings_errors(path: Path, action: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SettingsError(f"{path} cannot be {action}: {error.strerror}.", "Check the path and who may use it.") from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keeps others from changing the file at the same time; the lock is on its folder, so no lock file stays behind."""
    with _settings_errors(path, "changed"):
        folder = os.open(path.resolve().parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _write(path: Path, accounts: Iterable[Account]) -> None:
    entries = [
        {"name": account.name, "token_sha256": account.token_sha256, "audiences": sorted(account.audiences)} for account in accounts
    ]
    target = path.resolve()  # a link stays a link
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"tokens": entries}, file, ensure_ascii=False, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    folder = os.open(target.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
