"""The HTTP API: parse, call one function, render. Every read takes the audiences of who asks."""

from __future__ import annotations

import time
from typing import Annotated, Any, Final
from uuid import uuid4

import structlog
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from access.identity import ANONYMOUS, Actor
from api.conditional import Conditional
from api.cross_origin import CrossOrigin
from api.description import describe, written
from api.errors import add_error_handlers, unforeseen
from api.head import Head
from api.records import record_json
from api.services import ApiServices
from api.similar import MAX_SIMILAR, is_of_id, similar_json
from harvester.curation import corrections_json
from records.errors import ForbiddenError, IdentityError, LimitError, NotFoundError
from search.aspects import Aspect
from search.service import MAX_LIMIT, MAX_OFFSET

_log = structlog.get_logger("http")
_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'self'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def services_of(request: Request) -> ApiServices:
    """The services of the running application."""
    services: ApiServices = request.app.state.services
    return services


def actor_of(request: Request) -> Actor:
    """Who asks: the holder of the Bearer token, else of the session's token, else anonymous.

    Raises:
        IdentityError: The token is not known, or the header has another form.
        ForbiddenError: A page of another site sent a session along with a request that may change something.
    """
    actor = _holder(request)
    request.state.actor = actor  # the pages say who that is
    return actor


def _holder(request: Request) -> Actor:
    header = request.headers.get("authorization", "").strip()
    scheme, _, token = header.partition(" ")
    if header and (scheme.lower() != "bearer" or not token.strip()):
        raise IdentityError("The Authorization header is not 'Bearer TOKEN'.", "Send a token that way, or leave the header out.")
    if not header and request.cookies.get(SESSION_COOKIE):
        return _of_session(request, services_of(request))
    return services_of(request).identity.resolve(token.strip() or None)


def _of_session(request: Request, services: ApiServices) -> Actor:
    """The holder of the token that the session stands for: asked anew, so that a removed token is worth nothing at once."""
    token_sha256 = services.sessions.token_of(request.cookies[SESSION_COOKIE])
    if token_sha256 is None:
        return ANONYMOUS
    try:
        actor = services.identity.holder_of(token_sha256)
    except IdentityError:
        services.sessions.end(request.cookies[SESSION_COOKIE])
        return ANONYMOUS
    if request.method not in _SAFE_METHODS:
        check_same_origin(request, needed=True)
    request.state.has_session = True
    return actor


def check_same_origin(request: Request, *, needed: bool) -> None:
    """Refuse what a page of another site makes a browser send (https://www.w3.org/TR/fetch-metadata/).

    Args:
        request: The request.
        needed: Whether the browser must say where it comes from.

    Raises:
        ForbiddenError: It comes from elsewhere, or does not say.
    """
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
    if site:
        is_same = site == "same-origin"
    elif origin:
        is_same = origin.partition("://")[2] == request.headers.get("host", "")
    else:
        is_same = not needed
    if not is_same:
        raise ForbiddenError("This does not come from a page of this service.", "Use its own pages, or send a token.")


SESSION_COOKIE: Final = "voltagraph_session"
"""Name of the cookie that stands for a token."""

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

ServicesOf = Annotated[ApiServices, Depends(services_of)]
ActorOf = Annotated[Actor, Depends(actor_of)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Most hits in the answer.")]
Offset = Annotated[int, Query(ge=0, le=MAX_OFFSET, description="Hits to leave out first.")]

router = APIRouter()


@router.get("/api/concepts", summary="Look up concepts of the ontologies")
def get_concepts(services: ServicesOf, _actor: ActorOf, text: str, limit: Limit = 10) -> dict[str, Any]:
    """Candidates for a label, abbreviation, formula, IRI or CURIE, best first."""
    return {
        "concepts": [
            {
                "iri": candidate.iri,
                "label": candidate.label,
                "score": round(candidate.score, 4),
                "matched": {
                    "label": candidate.matched.text,
                    "kind": candidate.matched.kind.value,
                    "language": candidate.matched.language,
                },
                "deprecated": candidate.deprecated,
            }
            for candidate in services.lookup.find(checked_question(text, services), limit=limit)
        ]
    }


@router.get("/api/records/{record:path}/similar", summary="Records that are like a record, with reasons")
def get_similar(
    request: Request,
    services: ServicesOf,
    actor: ActorOf,
    record: str,
    by: Annotated[Aspect, Query(description="In which respect.")] = Aspect.ALL,
    limit: Annotated[int, Query(ge=1, le=MAX_SIMILAR, description="Most records in the answer.")] = 10,
) -> dict[str, Any]:
    """The most alike first, and candidates for the same cell; 404 for what is unknown and for what is forbidden alike.

    A record whose own id ends in `/similar` is told where there is none of the id before that, and always for `%2Fsimilar`.
    """
    found = None if is_of_id(request.scope) else similar_json(services, actor, record, by, limit)
    return found or get_record(services, actor, f"{record}/similar")


@router.get("/api/records/{record:path}", summary="One record as the actor may see it")
def get_record(services: ServicesOf, actor: ActorOf, record: str) -> dict[str, Any]:
    """Title, concepts, quantities and findings; 404 for what is unknown and for what is forbidden alike."""
    found = services.search.index.get(record, actor.audiences)
    if found is None:
        raise NotFoundError("There is no such record, or you may not read it.", "Check the address, or send a token.")
    entry = services.ledger.get(record, actor.audiences)
    shown = record_json(found, entry, services.concepts)
    return {**shown, **corrections_json(services.curation, entry)} if entry else shown


@router.get(
    "/api/files/{record:path}",
    summary="The document of a record, byte for byte",
    response_class=Response,
    responses=written("application/ld+json"),
)
def get_file(services: ServicesOf, actor: ActorOf, record: str) -> Response:
    """The bytes as harvested, for those who may read files."""
    entry = services.ledger.get(record, actor.audiences)
    if entry is None:
        raise NotFoundError("There is no such file, or you may not read it.", "Check the address, or send a token.")
    content = services.payloads.read(entry.digest).content
    return Response(
        content, media_type="application/ld+json", headers={"ETag": f'"{entry.digest}"', "Content-Disposition": "attachment"}
    )


@router.get("/health", summary="Is the process alive?")
def get_health() -> dict[str, str]:
    """Always ok while the process answers."""
    return {"status": "ok"}


@router.get("/ready", summary="Can it answer?", responses={503: {"description": "A store cannot be read; the log says which."}})
def get_ready(services: ServicesOf) -> JSONResponse:
    """200 when every store can be read; 503 when one cannot. The log says which."""
    problems = services.problems()
    for problem in problems:
        _log.error("not ready", problem=problem)
    return JSONResponse({"status": "unavailable" if problems else "ready"}, status_code=503 if problems else 200)


def checked_question(text: str, services: ApiServices) -> str:
    """The text, if it is not too long.

    Raises:
        LimitError: It is longer than the setting ``max_question_chars``.
    """
    if len(text) > services.max_question_chars:
        raise LimitError(
            f"The question has {len(text)} characters; at most {services.max_question_chars} are read.", "Ask in fewer words."
        )
    return text


def create_api(services: ApiServices) -> FastAPI:
    """The application with every route of the API.

    Args:
        services: What the routes call.
    """
    app = FastAPI(title="Voltagraph", version="1", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json")
    app.state.services = services
    app.include_router(router)
    add_error_handlers(app)
    describe(app)
    app.add_middleware(Conditional)
    app.add_middleware(Head)
    app.add_middleware(CrossOrigin, origins=services.cors_origins)
    app.add_middleware(_Watch)  # around everything else
    return app


class _Watch:
    """One log line a request, without query and headers: what people ask and their tokens stay out of logs.

    Plain ASGI: a route below sees at once that its client left, and an answer of any length passes through piece by piece.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        number = uuid4().hex[:12]
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _complete(MutableHeaders(scope=message), Headers(scope=scope), number)
            await send(message)

        with structlog.contextvars.bound_contextvars(request=number):
            try:
                await self._app(scope, receive, sending)
            except Exception as error:  # noqa: BLE001 - the last resort: whatever it was, the client gets the one body
                response = unforeseen(error, scope["path"])
                if not status:
                    await response(scope, receive, sending)
            _log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round((time.perf_counter() - started) * 1000, 1),
            )


def _complete(headers: MutableHeaders, asked: Headers, number: str) -> None:
    """The headers that every answer has."""
    headers["X-Request-ID"] = number
    if "authorization" in asked or SESSION_COOKIE in asked.get("cookie", ""):
        headers["Cache-Control"] = "private, no-store"
    for name, value in _SECURITY_HEADERS.items():
        headers.setdefault(name, value)
