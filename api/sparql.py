"""The SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/) over HTTP, within the reader's rights: `docs/sparql.md`.

An answer is whole before its first byte is sent, and the query behind it is killed as soon as nobody waits for it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from threading import Event
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

import structlog
from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.types import Receive, Scope, Send

from access.identity import ANONYMOUS, Actor
from api.app import ActorOf, ServicesOf
from api.description import written
from api.limits import address_of
from api.negotiation import prefers
from api.services import ApiServices
from api.sparql_request import (
    FORM_TYPE,
    GRAPH_NAMES,
    OFFERS,
    QUERY_TYPE,
    STATEMENTS,
    TABLE_NAMES,
    Asked,
    asked_of,
    pairs_of,
    sent_pairs,
)
from graph.description import Contents, Descriptions, description
from graph.guard import QueryKind, QueryLimits, guard
from graph.queries import QueryRequest, WrittenAnswer
from graph.results import GRAPH_FORMATS, ResultFormat, write_answer
from graph.store import Graph
from records.errors import (
    BodyError,
    BusyError,
    CancelledError,
)

T = TypeVar("T")

MAX_WAITING: Final = 128
"""How many requests may wait for their answer; more are told to come back."""

SEND_SECONDS: Final = 60
"""How long a client may take for one piece of an answer; one that takes nothing any more is left."""

_CLIENT_LEFT: Final = 499  # nobody reads it but the log
_HOST = re.compile(r"[A-Za-z0-9.-]+(?::\d+)?|\[[0-9A-Fa-f:.]+\](?::\d+)?")

_CONTENT_TYPES: Mapping[ResultFormat, str] = {
    ResultFormat.CSV: "text/csv; charset=utf-8; header=present",
    ResultFormat.TSV: "text/tab-separated-values; charset=utf-8",
    ResultFormat.TURTLE: "text/turtle; charset=utf-8",
}
_log = structlog.get_logger("sparql")


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
    "requestBody": {"required": True, "content": {QUERY_TYPE: _TEXT, FORM_TYPE: {"schema": {"type": "object"}}}},
}


@router.head("/sparql", include_in_schema=False)
@router.get(
    "/sparql",
    summary="Answer a SPARQL 1.1 query, or describe the service",
    response_class=Response,
    responses=written(*ResultFormat),
    openapi_extra={"parameters": [_parameter("query", "Without it the service describes itself."), *_PARAMETERS]},
)
async def get_sparql(request: Request, services: ServicesOf, endpoint: EndpointOf, actor: ActorOf) -> Response:
    """The answer within the actor's rights, in the form that is most welcome; `docs/sparql.md` has the whole."""
    asked = asked_of(request, pairs_of(request.scope["query_string"]))
    if asked.query is not None:
        return await answered(request, services, endpoint, actor, asked)
    if asked.snapshot:
        raise BodyError("A snapshot is named, and no query.", "Send the query as `query`.")
    if not asked.formats and prefers(asked.accept, "text/html", [media_type for media_type, _ in STATEMENTS]):
        return RedirectResponse("/query", 303)
    return await _described(request, services, endpoint, actor, asked)


@router.post(
    "/sparql",
    summary="Answer a SPARQL 1.1 query that comes in the body",
    response_class=Response,
    responses=written(*ResultFormat),
    openapi_extra=_POSTED,
)
async def post_sparql(request: Request, services: ServicesOf, endpoint: EndpointOf, actor: ActorOf) -> Response:
    """The same as GET, for queries of any length up to ``max_query_bytes``."""
    pairs = [*pairs_of(request.scope["query_string"]), *await sent_pairs(request, services.max_query_bytes)]
    asked = asked_of(request, pairs)
    if asked.query is None:
        raise BodyError("The form has no query.", "Send it as the field `query`.")
    return await answered(request, services, endpoint, actor, asked)


@router.head("/.well-known/void", include_in_schema=False)
@router.get(
    "/.well-known/void",
    summary="What the SPARQL service holds for this reader",
    response_class=Response,
    responses=written(*GRAPH_FORMATS),
    openapi_extra={"parameters": [_FORMAT]},
)
async def get_void(request: Request, services: ServicesOf, endpoint: EndpointOf, actor: ActorOf) -> Response:
    """The same as ``GET /sparql`` without a query."""
    return await _described(request, services, endpoint, actor, asked_of(request, pairs_of(request.scope["query_string"])))


def add_sparql(app: FastAPI, services: ApiServices) -> None:
    """Add the routes that answer SPARQL.

    Args:
        app: The application.
        services: What the routes call.
    """
    app.state.sparql = Endpoint(services)
    app.include_router(router)


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
    form = asked.form(OFFERS[guarded.kind], GRAPH_NAMES if is_graph else TABLE_NAMES)
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
    form = asked.form(STATEMENTS, GRAPH_NAMES)
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
