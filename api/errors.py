"""One table from errors to statuses, and one body for all of them: ``{"status", "message", "remedy", "errors"}``.

``status``, ``message`` and ``errors`` are InvenioRDM's own form, so that clients of an archive understand ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from records.errors import (
    BodyError,
    BusyError,
    CursorExpiredError,
    EditConflictError,
    ForbiddenError,
    IdentityError,
    LimitError,
    MediaTypeError,
    NotAcceptableError,
    NotFoundError,
    NotOfferedError,
    QueryError,
    QueryLimitError,
    QueryRefusedError,
    QuerySyntaxError,
    RateLimitError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    VoltagraphError,
)

STATUSES: Mapping[type[VoltagraphError], int] = {
    IdentityError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    NotAcceptableError: 406,
    CursorExpiredError: 410,
    LimitError: 413,
    NotOfferedError: 501,
    BodyError: 400,
    MediaTypeError: 415,
    BusyError: 503,
    RateLimitError: 429,
    EditConflictError: 409,
    QueryError: 400,
    QuerySyntaxError: 400,
    QueryRefusedError: 403,
    StoreError: 503,
    StoreBusyError: 503,
    StoreDamagedError: 503,
    StoreFullError: 507,
}
_log = structlog.get_logger("api")


@dataclass(frozen=True, slots=True)
class Told:
    """What a client learns of an error."""

    status: int
    message: str
    remedy: str


def told(error: VoltagraphError, path: str) -> Told:
    """What a client at this path learns; of a fault of ours no more than that there is one: the place is in the log."""
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)
    if status < 500 or isinstance(error, BusyError | NotOfferedError):
        return Told(status, error.message, error.remedy)
    _log.error("request failed", path=path, error=str(error))
    return Told(status, "The service cannot answer just now.", "Try again later, or tell its operator.")


def error_body(
    status: int,
    message: str,
    remedy: str = "",
    errors: list[dict[str, object]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The one error body."""
    sent = {**(headers or {}), **({"WWW-Authenticate": "Bearer"} if status == 401 else {})}
    return JSONResponse(
        {"status": status, "message": message, "remedy": remedy, "errors": errors or []}, status_code=status, headers=sent
    )


def errors_of(error: VoltagraphError) -> list[dict[str, object]]:
    """Which field the fault is in, where in a query, or which bound it passed: the ``errors`` of the body.

    >>> errors_of(QueryError("?x is not closed.", "Close it.", line=1, column=7))
    [{'field': 'query', 'messages': ['?x is not closed.'], 'line': 1, 'column': 7}]
    >>> errors_of(BodyError("“5” is no range.", "Write FROM..TO.", field="range"))
    [{'field': 'range', 'messages': ['“5” is no range.']}]
    """
    if isinstance(error, BodyError) and error.field:
        return [{"field": error.field, "messages": [error.message]}]
    found: dict[str, object] = {"field": "query", "messages": [error.message]}
    if isinstance(error, QueryError) and error.line:
        return [{**found, "line": error.line, "column": error.column}]
    if isinstance(error, QueryLimitError) and error.limit:
        return [{**found, "limit": error.limit, "allowed": error.allowed}]
    return []


def unforeseen(error: Exception, path: str) -> JSONResponse:
    """The error body for what no table knows; the log has the place."""
    _log.error("request failed", path=path, exc_info=error)
    return error_body(500, "Something went wrong here.", "Tell the operator; the log has the place.")


def add_error_handlers(app: FastAPI) -> None:
    """Make every expected error of this application end in `error_body`."""

    @app.exception_handler(VoltagraphError)
    async def known(request: Request, error: VoltagraphError) -> JSONResponse:
        shown = told(error, request.url.path)
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, BusyError) else None
        return error_body(shown.status, shown.message, shown.remedy, errors_of(error), headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        errors: list[dict[str, object]] = [
            {"field": ".".join(str(part) for part in problem["loc"][1:] or problem["loc"]), "messages": [problem["msg"]]}
            for problem in error.errors()
        ]
        return error_body(400, "A validation error occurred.", "Mend the named fields.", errors)

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> JSONResponse:
        remedy = "What there is, and how it is asked: /api/openapi.json."
        return error_body(error.status_code, str(error.detail), remedy, headers=error.headers)
