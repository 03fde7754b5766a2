"""Sessions of people in browsers: logging in with a token, out again, and who is logged in.

The cookie cannot be read by scripts, is sent by pages of this service alone when something is to change, and is worth nothing once
the token is removed. Requests of programs carry the token itself and need none of this.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from access.identity import ANONYMOUS, MAX_TOKEN_LENGTH, Actor, token_digest
from api.app import SESSION_COOKIE, ActorOf, ServicesOf, check_same_origin
from api.bodies import parsed, schema_of
from api.limits import address_of, body_of, is_secure
from api.services import ApiServices

MAX_BODY_BYTES: Final = 20_000
"""Largest body that is read, in bytes."""

router = APIRouter()


class SentToken(BaseModel):
    """A token to log in with."""

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1, max_length=MAX_TOKEN_LENGTH)


async def _sent(request: Request) -> bytes:
    return await body_of(request, MAX_BODY_BYTES)


@router.post(
    "/session", summary="Log in: a cookie in place of a token", status_code=201, openapi_extra=schema_of(SentToken, required=True)
)
def post_session(request: Request, services: ServicesOf, body: Annotated[bytes, Depends(_sent)]) -> Response:
    """For browsers; programs send their token with each request."""
    actor, secret = log_in(request, services, parsed(SentToken, body).token)
    response = JSONResponse({"name": actor.name, "seconds": round(services.sessions.seconds)}, status_code=201)
    set_cookie(request, services, response, secret)
    return response


@router.get("/session", summary="Who is asking")
def get_session(actor: ActorOf) -> dict[str, Any]:
    """The name of the account; ``null`` for those without."""
    return {"name": None if actor is ANONYMOUS else actor.name}


@router.delete("/session", summary="Log out", status_code=204)
def delete_session(request: Request, services: ServicesOf, _actor: ActorOf) -> Response:
    """The session ends at once; without one nothing happens."""
    response = Response(status_code=204)
    log_out(request, services, response)
    return response


def log_in(request: Request, services: ApiServices, token: str) -> tuple[Actor, str]:
    """Begin a session for the holder of a token.

    Returns:
        The actor, and the secret for the cookie.

    Raises:
        ForbiddenError: The request comes from a page of another site.
        RateLimitError: This address tried too often.
        IdentityError: The token is not known.
    """
    check_same_origin(request, needed=False)
    services.logins.count(address_of(request, services.validation.proxies))
    actor = services.identity.resolve(token.strip())
    return actor, services.sessions.begin(token_digest(token.strip()))


def log_out(request: Request, services: ApiServices, response: Response) -> None:
    """End the session of a request."""
    services.sessions.end(request.cookies.get(SESSION_COOKIE, ""))
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=is_secure(request, services.validation.proxies))


def set_cookie(request: Request, services: ApiServices, response: Response, secret: str) -> None:
    """Give the browser its secret."""
    response.set_cookie(
        SESSION_COOKIE,
        secret,
        max_age=round(services.sessions.seconds),
        httponly=True,
        samesite="lax",  # so that a link from elsewhere opens a page as oneself; changes ask for the same origin besides
        secure=is_secure(request, services.validation.proxies),
    )
    response.headers["Cache-Control"] = "no-store"


def local_path(text: str) -> str:
    r"""Where to go after logging in: a path of this service, else its front page.

    >>> local_path("/query?snapshot=1"), local_path("//elsewhere.example/"), local_path("/\\elsewhere.example")
    ('/query?snapshot=1', '/', '/')
    """
    is_local = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if is_local else "/"
