"""The SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/) over HTTP, within the reader's rights: `docs/sparql.md`.

An answer is whole before its first byte is sent, and the query behind it is killed as soon as nobody waits for it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from threading import Event
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import parse_qsl, urlsplit

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.types import Receive, Scope, Send

from access.identity import ANONYMOUS, Actor
from api.app import ActorOf, ServicesOf
from api.limits import address_of, body_of
from api.negotiation import named, negotiate, prefers
from api.services import ApiServices
from graph.description import Contents, Descriptions, description
from graph.guard import QueryKind, QueryLimits, guard
from graph.queries import QueryRequest, WrittenAnswer
from graph.results import ResultFormat, write_answer
from graph.store import Graph, Term
from records.errors import (
    BodyError,
    BusyError,
    CancelledError,
    LimitError,
    MediaTypeError,
    NotAcceptableError,
    QueryRefusedError,
    QuerySyntaxError,
)

T = TypeVar("T")

MAX_WAITING: Final = 128
"""How many requests may wait for their answer; more are told to come back."""

MAX_GRAPHS: Final = 256
"""Graphs that `default-graph-uri` and `named-graph-uri` may name together."""

MAX_PARAMETERS: Final = 512
"""Parameters of a request; more are refused."""

SEND_SECONDS: Final = 60
"""How long a client may take for one piece of an answer; one that takes nothing any more is left."""

FORM_BYTES: Final = 100_000
"""How long a form may be beyond its query."""

_PERCENT_ENCODED: Final = 3  # so many bytes of a form for one of the query, at most
_CLIENT_LEFT: Final = 499  # nobody reads it but the log
_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")

Offers = Sequence[tuple[str, ResultFormat]]

_TABLES: Offers = (
    *((str(form), form) for form in (ResultFormat.JSON, ResultFormat.XML, ResultFormat.CSV, ResultFormat.TSV)),
    *((str(form), form) for form in (ResultFormat.ARROW, ResultFormat.PARQUET, ResultFormat.JSON_LINES)),
    ("application/json", ResultFormat.JSON),
    ("application/xml", ResultFormat.XML),
    ("text/xml", ResultFormat.XML),
)
_TRUTHS: Offers = tuple(offer for offer in _TABLES if offer[1] in {ResultFormat.JSON, ResultFormat.XML})
_STATEMENTS: Offers = (
    *((str(form), form) for form in (ResultFormat.TURTLE, ResultFormat.N_TRIPLES, ResultFormat.JSON_LD, ResultFormat.RDF_XML)),
    ("application/x-turtle", ResultFormat.TURTLE),
    ("text/n3", ResultFormat.TURTLE),  # Turtle is N3
    ("text/rdf+n3", ResultFormat.TURTLE),
    ("text/plain", ResultFormat.N_TRIPLES),
    ("application/json", ResultFormat.JSON_LD),
    ("application/xml", ResultFormat.RDF_XML),
    ("text/xml", ResultFormat.RDF_XML),
)
_OFFERS: Mapping[QueryKind, Offers] = {
    QueryKind.SELECT: _TABLES,
    QueryKind.ASK: _TRUTHS,
    QueryKind.CONSTRUCT: _STATEMENTS,
    QueryKind.DESCRIBE: _STATEMENTS,
}
_TABLE_NAMES: Mapping[str, ResultFormat] = {
    "json": ResultFormat.JSON,
    "xml": ResultFormat.XML,
    "csv": ResultFormat.CSV,
    "tsv": ResultFormat.TSV,
    "arrow": ResultFormat.ARROW,
    "parquet": ResultFormat.PARQUET,
    "jsonl": ResultFormat.JSON_LINES,
}
_GRAPH_NAMES: Mapping[str, ResultFormat] = {
    "turtle": ResultFormat.TURTLE,
    "ttl": ResultFormat.TURTLE,
    "n3": ResultFormat.TURTLE,
    "ntriples": ResultFormat.N_TRIPLES,
    "nt": ResultFormat.N_TRIPLES,
    "jsonld": ResultFormat.JSON_LD,
    "json-ld": ResultFormat.JSON_LD,
    "json": ResultFormat.JSON_LD,
    "rdfxml": ResultFormat.RDF_XML,
    "rdf+xml": ResultFormat.RDF_XML,
    "rdf": ResultFormat.RDF_XML,
    "xml": ResultFormat.RDF_XML,
}
_CONTENT_TYPES: Mapping[ResultFormat, str] = {
    ResultFormat.CSV: "text/csv; charset=utf-8; header=present",
    ResultFormat.TSV: "text/tab-separated-values; charset=utf-8",
    ResultFormat.TURTLE: "text/turtle; charset=utf-8",
}
_log = structlog.get_logger("sparql")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says.

    Args:
        query: The query; ``None`` when there is none.
        default_graphs: ``default-graph-uri``; ``None`` when neither this nor ``named-graph-uri`` is given.
        named_graphs: ``named-graph-uri``.
        formats: Short names of formats, or their media types; without any, the Accept header counts.
        snapshot: Which snapshot is asked; ``""``: the records as they are now.
        accept: The Accept header.
        bindings: Values of variables of the query.
    """

    query: str | None
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    formats: tuple[str, ...]
    snapshot: str
    accept: str
    bindings: Mapping[str, Term] = field(default_factory=dict)

    def form(self, offers: Offers, names: Mapping[str, ResultFormat]) -> ResultFormat:
        """The form of the answer.

        Args:
            offers: Forms that there are of it, by media type.
            names: Their short names.

        Raises:
            NotAcceptableError: None of them is welcome.
        """
        if self.formats:
            found = next((form for name in self.formats if (form := named(name, names, offers)) is not None), None)
        else:
            found = negotiate(self.accept, offers)
        if found is None:
            media_types = dict.fromkeys(str(form) for _, form in offers)
            short = [name for name, form in names.items() if form in {offer for _, offer in offers}]
            raise NotAcceptableError(
                "None of the forms asked for is offered for this kind of query.",
                f"Accept one of {', '.join(media_types)}; or say format= with one of {', '.join(short)}.",
            )
        return found


class Endpoint:
    """What stands behind the routes of this file: threads of their own, and what was counted for descriptions.

    Args:
        services: What does the work.
    """

    def __init__(self, services: ApiServices) -> None:
        self.descriptions = Descriptions(services.queries)
        # Threads of its own: whoever waits here must not take those that answer other routes.
        self._limiter = CapacityLimiter(MAX_WAITING)

    async def wait_for(self, work: Callable[[], T]) -> T:
        """What a function gives that may take long.

        Raises:
            BusyError: Too many wait already.
        """
        if self._limiter.available_tokens < 1:
            raise BusyError("Too many queries wait for their answer just now.", "Try again in a while.", retry_after=2)
        return await to_thread.run_sync(work, limiter=self._limiter)


class Client:
    """Tells whether somebody still waits for the answer to a request.

    Args:
        request: The request; its body was read.
    """

    def __init__(self, request: Request) -> None:
        self._left = Event()
        self._watching = asyncio.create_task(self._watch(request))

    def has_left(self) -> bool:
        """Whether nobody waits any more; may be asked by any thread."""
        return self._left.is_set()

    def leave(self) -> None:
        """Stop watching; whatever still runs for this client is to end."""
        self._watching.cancel()
        self._left.set()

    async def _watch(self, request: Request) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self._left.set()


class WrittenResponse(Response):
    """A whole answer, sent piece by piece as fast as the client takes it; afterwards it is removed, whatever happened.

    Args:
        answer: The answer.
        headers: Its headers.
        client: Who gets it.
    """

    def __init__(self, answer: WrittenAnswer, headers: Mapping[str, str], client: Client) -> None:
        super().__init__(status_code=200, headers=headers)
        self.headers["Content-Length"] = str(answer.size)
        self._answer = answer
        self._client = client

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope["method"] != "HEAD":
                await self._send_pieces(send)
            if not self._client.has_left():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            # The server closes the connection: the body is shorter than its Content-Length says.
            _log.warning("client took nothing", seconds=SEND_SECONDS)
        finally:
            self._client.leave()
            self._answer.close()

    async def _send_pieces(self, send: Send) -> None:
        pieces = self._answer.pieces()
        while not self._client.has_left() and (piece := await to_thread.run_sync(next, pieces, b"")):
            async with asyncio.timeout(SEND_SECONDS):
                await send({"type": "http.response.body", "body": piece, "more_body": True})


def endpoint_of(request: Request) -> Endpoint:
    """The one endpoint of the running application."""
    endpoint: Endpoint = request.app.state.sparql
    return endpoint


EndpointOf = Annotated[Endpoint, Depends(endpoint_of)]

router = APIRouter()


def _parameter(name: str, text: str, *, repeated: bool = False) -> dict[str, Any]:
    one = {"type": "string"}
    return {"name": name, "in": "query", "description": text, "schema": {"type": "array", "items": one} if repeated else one}


_FORMAT = _parameter("format", "Short name of a format, in the place of the Accept header; `output` is the same.")
_PARAMETERS = [
    _parameter("default-graph-uri", "Graphs in the place of FROM.", repeated=True),
    _parameter("named-graph-uri", "Graphs in the place of FROM NAMED.", repeated=True),
    _FORMAT,
    _parameter("snapshot", "Ask the records as they were in this snapshot."),
]
_TEXT = {"schema": {"type": "string"}}
_POSTED = {
    "parameters": _PARAMETERS,
    "requestBody": {"required": True, "content": {_QUERY: _TEXT, _FORM: {"schema": {"type": "object"}}}},
}


@router.head("/sparql", include_in_schema=False)
@router.get(
    "/sparql",
    summary="Answer a SPARQL 1.1 query, or describe the service",
    response_class=Response,
    openapi_extra={"parameters": [_parameter("query", "Without it the service describes itself."), *_PARAMETERS]},
)
async def get_sparql(request: Request, services: ServicesOf, endpoint: EndpointOf, actor: ActorOf) -> Response:
    """The answer within the actor's rights, in the form that is most welcome; `docs/sparql.md` has the whole."""
    asked = _asked(request, _pairs(request.scope["query_string"]))
    if asked.query is not None:
        return await answered(request, services, endpoint, actor, asked)
    if asked.snapshot:
        raise BodyError("A snapshot is named, and no query.", "Send the query as `query`.")
    if not asked.formats and prefers(asked.accept, "text/html", [media_type for media_type, _ in _STATEMENTS]):
        return RedirectResponse("/query", 303)
    return await _described(request, services, endpoint, actor, asked)


@router.post(
    "/sparql",
    summary="Answer a SPARQL 1.1 query that comes in the body",
    response_class=Response,
    openapi_extra=_POSTED,
)
async def post_sparql(request: Request, services: ServicesOf, endpoint: EndpointOf, actor: ActorOf) -> Response:
    """The same as GET, for queries of any length up to ``max_query_bytes``."""
    pairs = [*_pairs(request.scope["query_string"]), *await _sent_pairs(request, services.max_query_bytes)]
    asked = _asked(request, pairs)
    if asked.query is None:
        raise BodyError("The form has no query.", "Send it as the field `query`.")
    return await answered(request, services, endpoint, actor, asked)


@router.head("/.well-known/void", include_in_schema=False)
@router.get(
    "/.well-known/void",
    summary="What the SPARQL service holds for this reader",
    response_class=Response,
    openapi_extra={"parameters": [_FORMAT]},
)
async def get_void(request: Request, services: ServicesOf, endpoint: EndpointOf, actor: ActorOf) -> Response:
    """The same as ``GET /sparql`` without a query."""
    return await _described(request, services, endpoint, actor, _asked(request, _pairs(request.scope["query_string"])))


def add_sparql(app: FastAPI, services: ApiServices) -> None:
    """Add the routes that answer SPARQL.

    Args:
        app: The application.
        services: What the routes call.
    """
    app.state.sparql = Endpoint(services)
    app.include_router(router)


# What a request says


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    """The parameters of an address or a form.

    Raises:
        BodyError: They are not UTF-8, or too many.
    """
    try:
        return parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError as error:
        raise BodyError("A parameter is not UTF-8.", "Encode it as UTF-8, then percent-encode it.") from error
    except ValueError as error:
        raise BodyError(f"There are more than {MAX_PARAMETERS} parameters.", "Send fewer of them.") from error


async def _sent_pairs(request: Request, max_query_bytes: int) -> list[tuple[str, str]]:
    """What the body of a POST says, as parameters.

    Raises:
        MediaTypeError: It is of a kind that is not read here.
        QueryRefusedError: It is an update.
        LimitError: It is too long, or slow.
    """
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    media_type = media_type.strip().lower()
    if media_type == _UPDATE:
        raise _no_updates()
    if media_type not in {_FORM, _QUERY}:
        shown = f"A body of the kind '{media_type[:100]}'" if media_type else "A body of no kind"
        raise MediaTypeError(f"{shown} is not read here.", f"Send a query as {_QUERY}, or a form as {_FORM}.")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]*)", parameters, re.IGNORECASE)
    if charset and charset[1].lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise MediaTypeError(f"A body in {charset[1][:40]!r} is not read here.", "Send UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaTypeError("The body is compressed, which is not read here.", "Send it as it is.")
    if media_type == _FORM:
        return _pairs(await _body(request, _PERCENT_ENCODED * max_query_bytes + FORM_BYTES))
    body = await _body(request, max_query_bytes)
    try:
        return [("query", body.decode("utf-8-sig"))]
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(errors="replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise QuerySyntaxError(
            f"The query is not UTF-8 (line {line}, column {column}).", "Send UTF-8.", line=line, column=column
        ) from error


async def _body(request: Request, limit: int) -> bytes:
    try:
        return await body_of(request, limit)
    except LimitError as error:
        raise LimitError(error.message, "Shorten the query, or ask in parts.") from error


def _asked(request: Request, pairs: Sequence[tuple[str, str]]) -> Asked:
    """What the parameters say; those that are not known say nothing.

    Raises:
        QueryRefusedError: There is an update among them.
        BodyError: One is there twice, or is not what it should be.
    """
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    if "update" in values:
        raise _no_updates()
    for name in ("query", "snapshot"):
        if len(values.get(name, ())) > 1:
            raise BodyError(f"`{name}` is there {len(values[name])} times.", "Send it once.")
    default, graphs = (tuple(values.get(name, ())) for name in ("default-graph-uri", "named-graph-uri"))
    has_dataset = bool(default or graphs)
    if len(default) + len(graphs) > MAX_GRAPHS:
        raise LimitError(f"More than {MAX_GRAPHS} graphs are named.", "Name fewer, or take FILTER (?g IN (...)) in the query.")
    for graph in (*default, *graphs):
        if not _ABSOLUTE.fullmatch(graph):
            raise BodyError(f"{graph[:200]!r} is no absolute IRI.", "Name each graph by its whole IRI.")
    return Asked(
        query=values.get("query", [None])[0],
        default_graphs=default if has_dataset else None,
        named_graphs=graphs if has_dataset else None,
        formats=tuple(value for name in ("format", "output") for value in values.get(name, ()) if value),
        snapshot=values.get("snapshot", [""])[0],
        accept=", ".join(request.headers.getlist("accept")),
    )


def _no_updates() -> QueryRefusedError:
    return QueryRefusedError("Updates are not offered.", "Send a SELECT, ASK, CONSTRUCT or DESCRIBE query as `query`.")


# Its answer


async def answered(request: Request, services: ApiServices, endpoint: Endpoint, actor: Actor, asked: Asked) -> Response:
    """The answer to the query."""
    client = Client(request)
    try:
        answer, headers = await endpoint.wait_for(lambda: _ask(services, actor, asked, asker_of(request, services, actor), client))
    except CancelledError:
        client.leave()
        return Response(status_code=_CLIENT_LEFT)
    except BaseException:
        client.leave()
        raise
    return _response(request, answer, headers, client)


def _response(request: Request, answer: WrittenAnswer, headers: Mapping[str, str], client: Client) -> Response:
    """What is sent of a whole answer: nothing but headers, when the client has it already."""
    is_personal = not {"authorization", "cookie"}.isdisjoint(request.headers.keys())
    sent = {
        **headers,
        "Content-Type": _CONTENT_TYPES.get(answer.form, str(answer.form)),
        "ETag": f'"{answer.sha256}"',
        "Cache-Control": "private, no-store" if is_personal else "no-cache",
        "X-Voltagraph-Rows": str(answer.rows),
        "X-Voltagraph-Generation": answer.generation,
        "X-Voltagraph-SHA256": answer.sha256,
    }
    if request.method in {"GET", "HEAD"} and sent["ETag"] in request.headers.get("if-none-match", ""):
        client.leave()
        answer.close()
        return Response(status_code=304, headers=sent)
    return WrittenResponse(answer, sent, client)


def _ask(services: ApiServices, actor: Actor, asked: Asked, name: str, client: Client) -> tuple[WrittenAnswer, dict[str, str]]:
    """The answer, with the headers that tell of the snapshot; runs in a thread.

    Raises:
        QueryError: The query cannot be answered.
        NotAcceptableError: The kind of query has no form that is welcome.
        NotFoundError: There is no such snapshot for this actor.
        CancelledError: The client left.
    """
    text = asked.query or ""
    guarded = guard(text, QueryLimits(bytes=services.max_query_bytes), bindings=asked.bindings)
    is_graph = guarded.kind in {QueryKind.CONSTRUCT, QueryKind.DESCRIBE}
    form = asked.form(_OFFERS[guarded.kind], _GRAPH_NAMES if is_graph else _TABLE_NAMES)
    request = QueryRequest(text, actor.audiences, form, asked.default_graphs, asked.named_graphs, asked.bindings)
    headers: dict[str, str] = {}
    if asked.snapshot:
        view = services.snapshots.place(asked.snapshot, actor)
        request = replace(request, audiences=view.audiences, place=view.place, repeatable=True)
        headers["X-Voltagraph-Snapshot"] = view.snapshot.id
        if view.snapshot.owner == actor.name != ANONYMOUS.name:
            headers["X-Voltagraph-Withheld"] = str(view.withheld)
    answer = services.queries.run(request, services.allowance_of(actor), actor=name, is_cancelled=client.has_left)
    if client.has_left():
        answer.close()
        raise CancelledError("The client left.")
    return answer, headers


def asker_of(request: Request, services: ApiServices, actor: Actor) -> str:
    """Whose queries this one counts with: one of an account, or of everybody at an address."""
    if actor.name != ANONYMOUS.name:
        return f"account {actor.name}"
    return f"address {address_of(request, services.validation.proxies)}"


async def _described(request: Request, services: ApiServices, endpoint: Endpoint, actor: Actor, asked: Asked) -> Response:
    """The service as this reader sees it."""
    form = asked.form(_STATEMENTS, _GRAPH_NAMES)
    address = f"{_site(request, services.base_iri)}sparql"
    answer = await endpoint.wait_for(lambda: _write(endpoint.descriptions.of(actor.audiences), address, form))
    return _response(request, answer, {}, Client(request))


def _write(contents: Contents, address: str, form: ResultFormat) -> WrittenAnswer:
    written = write_answer(Graph(description(contents, address)), form)
    content = b"".join(written)
    return WrittenAnswer(form, written.rows, len(content), sha256(content).hexdigest(), contents.generation, 0, content)


def _site(request: Request, base_iri: str) -> str:
    """The address of the service: the one of the settings, unless it is reached by another."""
    own = urlsplit(base_iri)
    host = request.headers.get("host", "")
    if host == own.netloc or not _HOST.fullmatch(host):
        return f"{own.scheme}://{own.netloc}/"
    return f"{request.url.scheme}://{host}/"
