"""Payloads as files: ``ab/cdef...`` below one directory, named by the SHA-256 of their content, readable by their owner alone."""

from __future__ import annotations

import ctypes
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from graph.files import FULL
from records.errors import StoreDamagedError, StoreError, StoreFullError
from records.record import Payload

_DIGEST = re.compile(r"[0-9a-f]{64}")
_INCOMING = "incoming"
_ABANDONED_S = 3600.0
"""A file that was being written this long ago was left by a process that was killed."""


class FilePayloads:
    """Keeps payloads as files, each written aside and renamed into place: a reader sees all of it or nothing.

    Several processes may keep and read at the same time.

    Args:
        directory: Where; it is made when missing.

    Raises:
        StoreError: The directory cannot be made or used.

    >>> import tempfile
    >>> payloads = FilePayloads(Path(tempfile.mkdtemp()))
    >>> digest = payloads.keep(Payload(b"{}"))
    >>> digest[:8], payloads.read(digest)
    ('44136fa3', Payload(content=b'{}'))
    """

    def __init__(self, directory: Path) -> None:
        self._directory = os.fspath(directory)
        self._incoming = f"{self._directory}/{_INCOMING}"
        self._writer = secrets.token_hex(8)
        self._numbers = count()
        self._unsynced = False
        self._sync = _syncfs()
        with _store_errors(self._directory):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            Path(self._incoming).mkdir(mode=0o700, exist_ok=True)
            self._remove_abandoned()

    def keep(self, payload: Payload) -> str:
        """Keep the payload (once, however often it comes) and return its digest. A damaged copy is replaced.

        Raises:
            StoreFullError: The disk is full; nothing half-written stays.
            StoreError: The directory cannot be written.
        """
        digest = payload.digest
        path = self._path(digest)
        with _store_errors(self._directory):
            if not _holds(path, payload.content):
                self._write(path, payload.content)
        # Also when it was there already: the process that wrote it may have ended before it was safe.
        self._unsynced = True
        return digest

    def read(self, digest: str) -> Payload:
        """The payload of this digest.

        Raises:
            StoreDamagedError: It is missing or its bytes do not give this digest.
            StoreError: It cannot be read.
        """
        remedy = "Harvest its source again."
        if not _DIGEST.fullmatch(digest):
            raise StoreDamagedError(f"{digest[:80]!r} is not a SHA-256 in hex, so no payload has this name.", remedy)
        with _store_errors(self._directory):
            try:
                payload = Payload(_content(self._path(digest)))
            except FileNotFoundError:
                raise StoreDamagedError(f"The payload {digest} is missing in {self._directory}.", remedy) from None
        if payload.digest != digest:
            raise StoreDamagedError(f"The payload {digest} in {self._directory} has other bytes than were kept.", remedy)
        return payload

    def sync(self) -> None:
        """Return once everything kept so far would survive a power cut.

        One request to the file system for all files, 10 ms for 500 of them; one `fsync` each took ten times as long.

        Raises:
            StoreError: The disk could not write it all.
        """
        if not self._unsynced:
            return
        self._unsynced = False  # first: what another thread keeps from now on needs the next sync
        try:
            with _store_errors(self._directory):
                self._sync(self._directory)
        except StoreError:
            self._unsynced = True
            raise

    def _path(self, digest: str) -> str:
        return f"{self._directory}/{digest[:2]}/{digest[2:]}"

    def _write(self, path: str, content: bytes) -> None:
        temporary = f"{self._incoming}/{os.getpid()}-{self._writer}-{next(self._numbers)}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            try:
                written = 0
                while written < len(content):
                    written += os.write(descriptor, memoryview(content)[written:])
            finally:
                os.close(descriptor)
            self._rename(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108 - no Path objects here: this runs for every document
            raise

    def _rename(self, temporary: str, path: str) -> None:
        try:
            os.replace(temporary, path)  # noqa: PTH105
        except FileNotFoundError:
            Path(path).parent.mkdir(mode=0o700, exist_ok=True)
            os.replace(temporary, path)  # noqa: PTH105

    def _remove_abandoned(self) -> None:
        for path in Path(self._incoming).iterdir():
            with suppress(FileNotFoundError):  # another process may finish or remove it
                if time.time() - path.stat().st_mtime > _ABANDONED_S:
                    path.unlink()


def _content(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - see _write
        return file.readall()


def _holds(path: str, content: bytes) -> bool:
    try:
        return os.stat(path).st_size == len(content) and _content(path) == content  # noqa: PTH116
    except FileNotFoundError:
        return False


def _syncfs() -> Callable[[str], None]:
    """How to write out the file system of a directory: ``syncfs(2)``, which tells of errors, where there is one."""
    try:
        syncfs = ctypes.CDLL(None, use_errno=True).syncfs
    except (AttributeError, OSError):
        return lambda _: os.sync()

    def sync(directory: str) -> None:
        descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
        try:
            if syncfs(descriptor) != 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number), directory)
        finally:
            os.close(descriptor)

    return sync


@contextmanager
def _store_errors(directory: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StoreFullError(
                f"No space is left for payloads in {directory} ({error.strerror}).",
                "Make room, then harvest again: it goes on from here.",
            ) from error
        raise StoreError(f"Payloads in {directory} cannot be used: {error.strerror}.", "Check who may write there.") from error
