"""Pages of other sites: which of them may read the answers of which paths (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATHS: Final = frozenset({"/sparql", "/.well-known/void"})
"""Paths whose answers they may read,"""
START: Final = "/api/"
"""and the beginning of others: an archive's own pages search, suggest and explain with them."""

EXPOSED: Final = (
    *(f"X-Voltagraph-{name}" for name in ("Rows", "Generation", "SHA256", "Snapshot", "Withheld")),
    *("ETag", "Location", "Retry-After", "X-Request-ID"),
)
"""Headers of the answer that they may read besides the usual ones."""

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_PREFLIGHT: Final = {
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class CrossOrigin:
    """Lets pages of other sites read the answers of `PATHS` and under `START`, without credentials; answers what they ask before.

    A browser never sends a session of ours along with such a request: whoever is to see more sends a token.

    Args:
        app: The application.
        origins: Sites whose pages may; ``*`` is every one.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._origins = frozenset(origin.rstrip("/") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or not (scope["path"] in PATHS or scope["path"].startswith(START)):
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if message["status"] == 405:
                    headers["Allow"] = _told(offered_at(scope))
                self._complete(headers, Headers(scope=scope).get("origin", ""))
            await send(message)

        if scope["method"] == "OPTIONS" and (methods := offered_at(scope)):
            answer = Response(status_code=204, headers={"Allow": _told(methods)})
            if self._lets(Headers(scope=scope).get("origin", "")):
                answer.headers.update({"Access-Control-Allow-Methods": _told(methods), **_PREFLIGHT})
            await answer(scope, receive, sending)
        else:
            await self._app(scope, receive, sending)

    def _lets(self, origin: str) -> bool:
        return "*" in self._origins or origin in self._origins

    def _complete(self, headers: MutableHeaders, origin: str) -> None:
        headers.setdefault("Cache-Control", "no-store")
        headers["Vary"] = "Accept, Authorization, Cookie" + ("" if "*" in self._origins else ", Origin")
        if self._lets(origin):
            headers["Access-Control-Allow-Origin"] = "*" if "*" in self._origins else origin
            headers["Access-Control-Expose-Headers"] = ", ".join(EXPOSED)


def methods_at(scope: Scope) -> list[str]:
    """The methods that the application has a route for at the path of this request; none when there is nothing."""
    routes = scope["app"].router.routes
    return [method for method in _METHODS if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)]


def offered_at(scope: Scope) -> list[str]:
    """The methods that are answered at the path of this request: HEAD wherever GET is (`api.head`)."""
    methods = methods_at(scope)
    return [method for method in _METHODS if method in methods or (method == "HEAD" and "GET" in methods)]


def _told(methods: Sequence[str]) -> str:
    return ", ".join([*methods, "OPTIONS"])
