"""One document from an address that an operator names: http or https, within a size and a time."""

from __future__ import annotations

import http.client
from time import monotonic
from typing import IO, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from records.errors import FetchError

WAIT_SECONDS: Final = 20.0
"""How long to wait for the server to answer, and for each piece of the answer."""

MAX_SECONDS: Final = 120.0
"""How long the answer may take in all."""

MAX_REDIRECTS: Final = 5
"""How often the server may point elsewhere."""

_CHUNK: Final = 256 * 1024
_SCHEMES: Final = ("http", "https")
_ACCEPT: Final = "application/ld+json, application/json;q=0.9, */*;q=0.1"
_REMEDY: Final = "Check the address, or fetch the file yourself and name that."


def is_address(text: str) -> bool:
    """Whether this is meant as an address and not as a path.

    >>> is_address("https://example.org/a.jsonld"), is_address("a/b.jsonld"), is_address("file:///a.jsonld")
    (True, False, True)
    """
    return "://" in text


def fetch_document(address: str, max_bytes: int, *, wait_seconds: float = WAIT_SECONDS, max_seconds: float = MAX_SECONDS) -> bytes:
    """The bytes at an address.

    Only http and https are spoken, also after a redirect, and never less safely than the operator asked for: what begins with https
    stays so. Nothing but the address is sent.

    Args:
        address: The address.
        max_bytes: Largest document.
        wait_seconds: How long to wait for an answer and for each piece of it.
        max_seconds: How long the answer may take in all.

    Raises:
        FetchError: It could not be had: says why.
    """
    _check(address)
    request = Request(address, headers={"User-Agent": "voltagraph", "Accept": _ACCEPT, "Accept-Encoding": "identity"})  # noqa: S310
    started = monotonic()
    content = bytearray()
    try:
        with _opener().open(request, timeout=wait_seconds) as answer:
            while piece := answer.read1(_CHUNK):
                content += piece
                if len(content) > max_bytes:
                    raise FetchError(
                        f"{address} has more than {max_bytes:,} bytes.", "Fetch it yourself, or raise max_document_bytes."
                    )
                if monotonic() - started > max_seconds:
                    raise TimeoutError(f"it took longer than {max_seconds:g} s")
            if answer.length:
                raise http.client.IncompleteRead(bytes(content), answer.length)
    except HTTPError as exc:
        exc.close()  # it is also the answer, with an open connection
        raise FetchError(f"{address} could not be fetched: the server says {exc.code} {exc.reason}.", _REMEDY) from exc
    except TimeoutError as exc:
        raise FetchError(f"{address} could not be fetched in time: {exc}.", "Try again later, or fetch the file yourself.") from exc
    except (URLError, http.client.HTTPException, OSError, ValueError) as exc:
        raise FetchError(f"{address} could not be fetched: {_reason(exc)}.", _REMEDY) from exc
    return bytes(content)


def _reason(error: Exception) -> object:
    if isinstance(error, http.client.IncompleteRead):
        return f"the connection ended after {len(error.partial):,} bytes"
    reason = getattr(error, "reason", None) or error
    return getattr(reason, "strerror", None) or reason or type(error).__name__


def _check(address: str) -> None:
    try:
        parts = urlsplit(address)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_place = False
    if not has_place or parts.scheme not in _SCHEMES:
        raise FetchError(f"{address!r} is no http or https address.", "Name such an address, a file or a folder.")
    if parts.username or parts.password:
        raise FetchError("An address with a name or password in it is not fetched.", "Fetch the file yourself and name that.")


def _opener() -> OpenerDirector:
    """Speaks http and https and nothing else: no file, no ftp, no data."""
    opener = OpenerDirector()
    for handler in (ProxyHandler(), HTTPHandler(), HTTPSHandler(), HTTPDefaultErrorHandler(), HTTPErrorProcessor(), _Redirects()):
        opener.add_handler(handler)
    return opener


class _Redirects(HTTPRedirectHandler):
    """Follows a few redirects, to http and https alone and never from https to http."""

    max_redirections = MAX_REDIRECTS
    max_repeats = 1

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        """The request that follows, or a refusal."""
        there = urljoin(req.full_url, newurl)
        scheme = urlsplit(there).scheme
        try:
            if scheme != req.type and (req.type, scheme) != ("http", "https"):
                raise URLError(f"it redirects to {there}, which is not followed")
            _check(there)
        except (URLError, FetchError):
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, newurl)
