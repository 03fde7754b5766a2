"""Requests that are tried again where that is right, and answers that are whole or an error."""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError

from voltagraph_client.errors import IncompleteAnswerError, UnreachableError, VoltagraphError, service_error

IN_MEMORY = 32_000_000
"""Bytes of an answer that are held in memory; the others are in a file without a name."""
PIECE = 256_000
"""Bytes read at once."""
MAX_WAIT = 60.0
"""Longest wait before another try, in seconds, unless the service asks for more."""
MAX_ASKED_WAIT = 600.0
"""Longest wait that a service may ask for, in seconds."""

_RETRIED = frozenset({429, 503})
_MAX_ERROR_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something is.

    Args:
        stage: What is done: ``download``, or the stage of a training set.
        done: Bytes or rows so far.
        total: Of how many; ``None`` when that is not known.
        name: Of what, a file for instance.
    """

    stage: str
    done: int
    total: int | None = None
    name: str = ""


OnProgress = Callable[[Progress], None]


def show_progress(progress: Progress) -> None:
    """Write how far it is to standard error, on one line."""
    share = f" {progress.done / progress.total:4.0%}" if progress.total else ""
    end = "\n" if progress.total is not None and progress.done >= progress.total else ""
    sys.stderr.write(f"\r{progress.stage} {progress.name}{share} {progress.done:,} {end}")
    sys.stderr.flush()


class Answer:
    """A whole answer, checked against its length and its digest.

    Args:
        media_type: What form it has.
        headers: The headers of the answer.
        body: The bytes, from their start.
        size: How many.
        sha256: Their digest, in hex.
    """

    def __init__(self, media_type: str, headers: Mapping[str, str], body: IO[bytes], size: int, sha256: str) -> None:
        self.media_type = media_type
        self.headers = headers
        self.body = body
        self.size = size
        self.sha256 = sha256

    @property
    def rows(self) -> int | None:
        """How many rows or statements the service says that it has."""
        return _whole(self.headers.get("x-voltagraph-rows"))

    @property
    def generation(self) -> str:
        """Which state of the records it was read from."""
        return self.headers.get("x-voltagraph-generation", "")

    @property
    def withheld(self) -> int | None:
        """How many records of the snapshot may not be read any more; ``None`` without a snapshot of one's own."""
        return _whole(self.headers.get("x-voltagraph-withheld"))

    def read(self) -> bytes:
        """All its bytes."""
        self.body.seek(0)
        return self.body.read()

    def json(self) -> Any:
        """It as JSON.

        Raises:
            IncompleteAnswerError: It is none.
        """
        try:
            return json.loads(self.read())
        except ValueError as error:
            raise IncompleteAnswerError(
                f"The answer is not JSON: {error}.", "Check that the address is that of a Voltagraph service."
            ) from error

    def close(self) -> None:
        """Let go of the bytes."""
        self.body.close()

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


class Transport:
    """Sends requests to one service.

    Args:
        url: Where the service is.
        token: Who asks; ``None``: anonymous.
        timeout: Seconds to wait for a connection, and for the next bytes.
        retries: How often a request is tried again.
        on_progress: Told how far a download is.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None,
        timeout: float,
        retries: int,
        on_progress: OnProgress | None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        parsed = urllib3.util.parse_url(url)
        if parsed.scheme not in {"http", "https"} or not parsed.host:
            raise ValueError(f"{url!r} is not the address of a service, such as https://search.example.org")
        self.url = url.rstrip("/")
        self.on_progress = on_progress
        self._retries = retries
        self._sleep = sleep
        self._headers = {"User-Agent": "voltagraph-client", "Accept-Encoding": "identity"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        # Tries again and redirects are our own affair: a token goes to this address and to no other.
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=min(timeout, 30), read=timeout), retries=False)

    def close(self) -> None:
        """Close every connection."""
        self._pool.clear()

    def ask(
        self,
        method: str,
        path: str,
        *,
        accept: str = "application/json",
        fields: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        body: object = None,
        checked: bool = False,
        repeatable: bool = True,
        name: str = "",
    ) -> Answer:
        """The answer to a request.

        Args:
            method: Of HTTP.
            path: Below the address of the service.
            accept: Media type that is wanted.
            fields: Parameters of the address.
            form: Sent as a form.
            body: Sent as JSON.
            checked: Whether the service must tell the digest of the answer.
            repeatable: Whether the request may be sent again when nobody knows what became of it.
            name: What comes, for progress.

        Raises:
            UnreachableError: There was no answer.
            IncompleteAnswerError: What came is not the whole answer.
            ServiceError: The service refused or failed.
        """
        headers = {**self._headers, "Accept": accept}
        sent: bytes | None = None
        if form is not None:
            sent = _encoded(form)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        elif body is not None:
            sent = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        address = f"{self.url}{path}" + (f"?{_encoded(fields).decode()}" if fields else "")
        for attempt in range(self._retries + 1):
            try:
                return self._once(method, address, headers, sent, checked=checked, name=name)
            except _TryAgainError as error:
                if attempt == self._retries or not (repeatable or error.was_refused):
                    raise error.reason from error.reason.__cause__
                self._sleep(error.wait if error.wait is not None else _backoff(attempt))
        raise AssertionError("unreachable")

    def _once(
        self, method: str, address: str, headers: Mapping[str, str], sent: bytes | None, *, checked: bool, name: str
    ) -> Answer:
        try:
            response = self._pool.request(method, address, body=sent, headers=headers, preload_content=False, redirect=False)
        except (HTTPError, OSError) as error:
            reason = UnreachableError(f"{self.url} did not answer: {error}.", "Check the address and the connection.")
            reason.__cause__ = error
            raise _TryAgainError(reason) from error
        try:
            if 200 <= response.status < 300:
                return self._whole(response, checked=checked, name=name)
            refusal = service_error(response.status, _error_body(response))
            if response.status in _RETRIED:
                raise _TryAgainError(refusal, wait=_asked_wait(response.headers.get("Retry-After")), was_refused=True)
            raise refusal
        finally:
            response.release_conn()

    def _whole(self, response: urllib3.BaseHTTPResponse, *, checked: bool, name: str) -> Answer:
        """The body, once it is known to be whole."""
        announced = _whole(response.headers.get("Content-Length"))
        body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the answer closes it
        try:
            size, sha256 = self._received(response, body, announced, name)
            if announced is not None and size != announced and not response.headers.get("Content-Encoding"):
                raise _cut(size, announced)
            told = response.headers.get("X-Voltagraph-SHA256", "")
            if checked and not told:
                raise IncompleteAnswerError(
                    "The answer comes without its digest, so nobody can tell whether it is whole.",
                    "Check that the address is that of a Voltagraph service, and that no proxy removes X-Voltagraph headers.",
                )
            if told and told != sha256:
                raise IncompleteAnswerError(
                    f"The {size:,} bytes that came are not those that were sent: SHA-256 {sha256[:12]}…, not {told[:12]}….",
                    "Ask again; if it stays so, something between here and the service changes answers.",
                )
        except BaseException:
            body.close()
            raise
        body.seek(0)
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
        return Answer(media_type, {key.lower(): value for key, value in response.headers.items()}, body, size, sha256)

    def _received(self, response: urllib3.BaseHTTPResponse, body: IO[bytes], total: int | None, name: str) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        try:
            for piece in response.stream(PIECE, decode_content=True):
                body.write(piece)
                digest.update(piece)
                size += len(piece)
                if self.on_progress and name:
                    self.on_progress(Progress("download", size, total, name))
        except (HTTPError, OSError) as error:
            cut = _cut(size, total)
            cut.__cause__ = error
            raise _TryAgainError(cut) from error
        return size, digest.hexdigest()


def save(answer: Answer, path: Path) -> Path:
    """Put an answer into a file, which is there whole or not at all."""
    with whole_file(path) as target:
        answer.body.seek(0)
        while piece := answer.body.read(PIECE):
            target.write(piece)
    return path


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which takes its name once it is whole."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as target:
            yield target
        part.replace(path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


class _TryAgainError(Exception):
    """Another try may do: why, after how many seconds, and whether the service surely did nothing."""

    def __init__(self, reason: VoltagraphError, *, wait: float | None = None, was_refused: bool = False) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.wait = wait
        self.was_refused = was_refused


def _cut(size: int, total: int | None) -> IncompleteAnswerError:
    of = f" of {total:,}" if total is not None else ""
    return IncompleteAnswerError(f"The answer ended after {size:,}{of} bytes.", "Ask again.")


def _backoff(attempt: int) -> float:
    """Doubled each time, and not the same for all who were sent away together."""
    return min(MAX_WAIT, 0.5 * float(2**attempt)) * random.uniform(0.5, 1)  # noqa: S311 - nothing is kept secret by it


def _asked_wait(text: str | None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """Seconds that ``Retry-After`` asks for; ``None`` when it says nothing.

    >>> _asked_wait("7"), _asked_wait("soon"), _asked_wait(None)
    (7.0, None, None)
    """
    if text is None:
        return None
    seconds = _whole(text)
    if seconds is None:
        try:
            seconds = max(0, round((parsedate_to_datetime(text) - now()).total_seconds()))
        except (ValueError, TypeError):
            return None
    return min(float(seconds), MAX_ASKED_WAIT)


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None


def _encoded(fields: Mapping[str, str]) -> bytes:
    return urlencode(fields).encode()


def _error_body(response: urllib3.BaseHTTPResponse) -> object:
    try:
        return json.loads(response.read(_MAX_ERROR_BYTES))
    except (ValueError, HTTPError, OSError):
        return None
