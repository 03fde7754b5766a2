"""One table from errors to statuses, and one body for all of them: ``{"status", "message", "remedy", "errors"}``.

``status``, ``message`` and ``errors`` are InvenioRDM's own form, so that clients of an archive understand ours.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from records.errors import (
    IdentityError,
    LimitError,
    NotFoundError,
    QueryError,
    QueryRefusedError,
    QuerySyntaxError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    VoltagraphError,
)

STATUSES: Mapping[type[VoltagraphError], int] = {
    IdentityError: 401,
    NotFoundError: 404,
    LimitError: 413,
    QueryError: 400,
    QuerySyntaxError: 400,
    QueryRefusedError: 403,
    StoreError: 503,
    StoreBusyError: 503,
    StoreDamagedError: 503,
    StoreFullError: 507,
}
_log = structlog.get_logger("api")


def error_body(status: int, message: str, remedy: str = "", errors: list[dict[str, object]] | None = None) -> JSONResponse:
    """The one error body."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(
        {"status": status, "message": message, "remedy": remedy, "errors": errors or []}, status_code=status, headers=headers
    )


def add_error_handlers(app: FastAPI) -> None:
    """Make every error of this application, expected or not, end in `error_body`."""

    @app.exception_handler(VoltagraphError)
    async def known(request: Request, error: VoltagraphError) -> JSONResponse:
        status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)
        if status >= 500:
            # The operator reads the place in the log; the client learns no path of this machine.
            _log.error("request failed", path=request.url.path, error=str(error))
            return error_body(status, "The service cannot answer just now.", "Try again later, or tell its operator.")
        return error_body(status, error.message, error.remedy)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        errors: list[dict[str, object]] = [
            {"field": ".".join(str(part) for part in problem["loc"][1:]), "messages": [problem["msg"]]}
            for problem in error.errors()
        ]
        return error_body(400, "A validation error occurred.", "Mend the named fields.", errors)

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> JSONResponse:
        return error_body(error.status_code, str(error.detail))

    @app.exception_handler(Exception)
    async def unknown(request: Request, error: Exception) -> JSONResponse:
        _log.error("request failed", path=request.url.path, exc_info=error)
        return error_body(500, "Something went wrong here.", "Tell the operator; the log has the place.")
