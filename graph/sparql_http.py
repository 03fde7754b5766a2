"""Requests to a SPARQL 1.1 server: the protocols for query and update, and the Graph Store Protocol for reading.

See https://www.w3.org/TR/sparql11-protocol/ and https://www.w3.org/TR/sparql11-http-rdf-update/. Every answer is bounded in time
and size; redirects are not followed, proxies of the environment not used; nothing secret is in a message.
"""

from __future__ import annotations

import base64
import io
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, NamedTuple, cast
from urllib.parse import urlencode, urlsplit, urlunsplit

import pyoxigraph as ox

from graph.partitions import RESERVED
from records.errors import LimitError, QueryError, QueryLimitError, QuerySyntaxError, StoreBusyError, StoreError, VoltagraphError

if TYPE_CHECKING:
    import urllib3  # importing it opens a socket, to see whether there is IPv6: that waits until a server is spoken to

NOTHING: Final = f"{RESERVED}nothing"
"""Names no graph, ever: it stands for an empty default graph."""

CONNECT_SECONDS: Final = 5.0
"""How long a server may take to accept a connection."""
WRITE_SECONDS: Final = 600.0
"""How long one transaction, and one step of a check, may take."""
ANSWER_BYTES: Final = 1_000_000_000
"""How long an answer of the server may be."""
ERROR_BYTES: Final = 4_000
"""So much of the body is read when the server reports a fault."""
CONNECTIONS: Final = 32
"""Connections that are kept open."""

JSON: Final = "application/sparql-results+json"
N_TRIPLES: Final = "application/n-triples"

_PLACE = re.compile(r"(?:at |line )(\d+)(?::|, column )(\d+)")
_TIMED_OUT = re.compile("time[d ]*out|too long", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where the server is, and as whom it is spoken to.

    Args:
        query: Address of the SPARQL protocol.
        update: Address of SPARQL Update; ``None``: nothing can be written.
        data: Address of the Graph Store Protocol; ``None``: whole graphs are read by a query.
        user: Name of the user; ``""``: none.
        password: Of the user.
        seconds: How long a query may take, its whole answer included.
    """

    query: str
    update: str | None = None
    data: str | None = None
    user: str = ""
    password: str = ""
    seconds: float = 30.0

    def __repr__(self) -> str:
        return f"Endpoints({shown(self.query)!r})"


class SparqlHttp:
    """The three protocols over one pool of connections."""

    def __init__(self, endpoints: Endpoints) -> None:
        import urllib3

        self._endpoints = endpoints
        self.place = shown(endpoints.query)
        self._headers = _headers(endpoints)
        self._pool = urllib3.PoolManager(maxsize=CONNECTIONS)

    def query(
        self,
        text: str,
        default: Sequence[str] | None,
        named: Sequence[str],
        *,
        accept: str,
        seconds: float | None = None,
        most: int | None = ANSWER_BYTES,
        is_readers: bool = False,
    ) -> Body:
        """Send a query; ``default=None`` asks all graphs and is for our own questions alone."""
        fields = [("query", text)]
        if default is not None:
            fields += [("default-graph-uri", iri) for iri in default or (NOTHING,)]
            fields += [("named-graph-uri", iri) for iri in named]
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": accept}
        bounds = Bounds(seconds or self._endpoints.seconds, most, is_readers)
        return self._checked(self._send("POST", self._endpoints.query, urlencode(fields).encode(), headers, bounds))

    def graph(self, iri: str, most: int | None) -> Body:
        """Fetch a graph; one that is not there is empty."""
        address = self._endpoints.data or ""
        joint = "&" if "?" in address else "?"
        address = f"{address}{joint}{urlencode({'graph': iri})}"
        body = self._send("GET", address, None, {"Accept": N_TRIPLES}, Bounds(WRITE_SECONDS, most))
        if body.status == 404:
            body.discard()
            return body
        return self._checked(body)

    def update(self, text: str) -> None:
        """Send an update: one transaction."""
        if self._endpoints.update is None:
            raise StoreError(f"Nothing can be written to {self.place}.", "Set graph_store_update_url.")
        headers = {"Content-Type": "application/sparql-update; charset=utf-8"}
        body = self._send("POST", self._endpoints.update, text.encode(), headers, Bounds(WRITE_SECONDS, ERROR_BYTES))
        self._checked(body).discard()

    def close(self) -> None:
        """Close every connection."""
        self._pool.clear()

    def _checked(self, body: Body) -> Body:
        if 200 <= body.status < 300:
            return body
        with body:
            said = body.beginning()
        raise (_query_fault if body.bounds.is_readers else _fault)(body.place, body.status, said)

    def _send(self, method: str, address: str, content: bytes | None, headers: Mapping[str, str], bounds: Bounds) -> Body:
        """Send a request; once more when the connection breaks, for each of them does the same twice as once."""
        import urllib3

        deadline = time.monotonic() + bounds.seconds
        for is_last in (False, True):
            try:
                response = self._pool.request(
                    method,
                    address,
                    body=content,
                    headers={**self._headers, **headers},
                    timeout=urllib3.Timeout(connect=min(CONNECT_SECONDS, bounds.seconds), read=bounds.seconds),
                    retries=False,
                    redirect=False,
                    preload_content=False,
                    decode_content=False,
                )
            except urllib3.exceptions.ReadTimeoutError as exc:
                raise bounds.too_long(shown(address)) from exc
            except urllib3.exceptions.ProtocolError as exc:
                if is_last:
                    raise _unreachable(address, exc) from exc
            except urllib3.exceptions.HTTPError as exc:
                raise _unreachable(address, exc) from exc
            else:
                return Body(response, shown(address), deadline, bounds)
        raise AssertionError("the second attempt ends the loop")


class Bounds(NamedTuple):
    """How long and large an answer may be; a reader's query is told of it in other words than our own request."""

    seconds: float
    most: int | None
    is_readers: bool = False

    def too_long(self, place: str) -> VoltagraphError:
        """The error when its time is up."""
        message = f"The triple store at {place} took longer than {self.seconds:g} seconds."
        if self.is_readers:
            return QueryLimitError(message, "Ask for less, or ask later.", limit="seconds", allowed=self.seconds)
        return StoreError(message, "Look whether it works, then run the command again.")

    def too_large(self, place: str) -> VoltagraphError:
        """The error when it is longer than that."""
        message = f"The triple store at {place} gave more than {self.most:,} bytes."
        if self.is_readers:
            return QueryLimitError(message, "Ask for less.", limit="bytes", allowed=self.most or 0)
        return StoreError(message, "Check that its addresses are those of a triple store.")


class Body(io.RawIOBase):
    """The body of a response as a file, which ends with an error when it is too long or takes too long."""

    def __init__(self, response: urllib3.BaseHTTPResponse, place: str, deadline: float, bounds: Bounds) -> None:
        super().__init__()
        self._response = response
        self._deadline = deadline
        self._left = bounds.most
        self._failure: VoltagraphError | None = None
        self.place = place
        self.bounds = bounds
        self.status = response.status

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes; what a parser makes of an error that comes from here is not relied on, see `parsing`."""
        try:
            return self._read(65_536 if size is None or size < 0 else size)
        except VoltagraphError as exc:
            self._failure = exc
            raise

    def _read(self, size: int) -> bytes:
        import urllib3

        if time.monotonic() > self._deadline:
            raise self.bounds.too_long(self.place)
        try:
            data = self._response.read(size)
        except urllib3.exceptions.ReadTimeoutError as exc:
            raise self.bounds.too_long(self.place) from exc
        except urllib3.exceptions.HTTPError as exc:
            raise StoreError(f"The triple store at {self.place} broke off its answer.", "Ask again.") from exc
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise self.bounds.too_large(self.place)
        return data

    @property
    def file(self) -> IO[bytes]:
        """Itself, as those know it who read files."""
        return cast("IO[bytes]", self)

    def triples(self) -> Iterator[ox.Triple]:
        """The statements, when it is N-Triples."""
        with self.parsing():
            for quad in ox.parse(self.file, format=ox.RdfFormat.N_TRIPLES):
                yield quad.triple
            self.discard()

    @contextmanager
    def parsing(self) -> Iterator[None]:
        """Turn what a parser says of this body into our errors."""
        try:
            yield
        except (SyntaxError, ValueError, OSError) as exc:
            if self._failure is not None:
                raise self._failure from exc
            message = f"The triple store at {self.place} gave what is no answer of SPARQL 1.1."
            raise StoreError(message, "Check its address in the settings, and its log.") from exc

    def beginning(self) -> str:
        """The first characters, for a message; all others are left."""
        import urllib3

        try:
            text = self._response.read(ERROR_BYTES).decode(errors="replace")
        except urllib3.exceptions.HTTPError:
            return ""
        return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:300]

    def discard(self) -> None:
        """Read to the end, so that the connection can be used again."""
        while self.read(65_536):
            pass

    def close(self) -> None:
        """Let go of the connection; one whose answer was not read to the end is closed."""
        if not self.closed:
            self._response.close()
        super().close()


def _headers(endpoints: Endpoints) -> dict[str, str]:
    headers = {"User-Agent": "voltagraph", "Accept-Encoding": "identity"}
    if endpoints.user:
        both = f"{endpoints.user}:{endpoints.password}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(both).decode()}"
    return headers


def _fault(place: str, status: int, said: str) -> VoltagraphError:
    """Our error for a status that is none of success."""
    if status in (401, 403):
        return StoreError(
            f"The triple store at {place} refuses us (HTTP {status}).", "Check graph_store_user and its password file."
        )
    if 300 <= status < 400:
        return StoreError(f"The triple store at {place} sends us elsewhere (HTTP {status}).", "Set the address that it answers at.")
    if status in (429, 503):
        return StoreBusyError(f"The triple store at {place} is busy (HTTP {status}).", "Wait and try again.")
    return StoreError(f"The triple store at {place} failed: HTTP {status} {said}".rstrip() + ".", "Look into its log.")


def _query_fault(place: str, status: int, said: str) -> VoltagraphError:
    """The same for a reader's query."""
    if status in (408, 504) or (status >= 500 and _TIMED_OUT.search(said)):
        return QueryLimitError("The triple store ended the query: it took too long.", "Ask for less.", limit="seconds")
    if status == 413:
        return LimitError("The triple store takes no query so large.", "Shorten it or ask in parts.")
    if status == 400:
        found = _PLACE.search(said)
        line, column = (int(found[1]), int(found[2])) if found else (0, 0)
        return QuerySyntaxError(f"The triple store does not read the query: {said}", "Mend the query.", line=line, column=column)
    if 404 < status < 500 and status != 429:
        return QueryError(f"The triple store does not answer the query (HTTP {status}): {said}", "Change the query.")
    return _fault(place, status, said)


def _unreachable(address: str, exc: Exception) -> StoreError:
    # The text of the library names the request, which may hold a query; its class says enough.
    message = f"The triple store at {shown(address)} cannot be reached ({type(exc).__name__})."
    return StoreError(message, "Start it, or check its address in the settings.")


def shown(address: str) -> str:
    """The address without what may be secret in it.

    >>> shown("https://user:secret@store.example:3030/ds/query?key=secret")
    'https://store.example:3030/ds/query'
    """
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
