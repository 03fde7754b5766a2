"""Answers of the API that a reader already has: an ``ETag`` for each, and 304 for who sends it back (RFC 9110, 13.1.2)."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

START: Final = "/api/"
"""Beginning of the paths whose answers can be asked for again."""


class Conditional:
    """Gives what is got under `START` an ``ETag`` over its bytes, and says that it must be asked for anew each time.

    What an answer says can change with every write and with every right, so no time is given for which it holds.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(START):
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        started: Message = {}
        pieces: list[bytes] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
                return
            pieces.append(message.get("body", b""))
            if not message.get("more_body", False):
                body = _checked(started, b"".join(pieces), known)
                await send(started)
                await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, sending)


def _checked(start: Message, body: bytes, known: str) -> bytes:
    """The body that is sent, after its headers are completed: none where the reader has it."""
    headers = MutableHeaders(scope=start)
    headers.setdefault("Cache-Control", "no-cache")
    headers.setdefault("Vary", "Authorization, Cookie")
    if start["status"] != 200:
        return body
    headers.setdefault("ETag", f'"{sha256(body).hexdigest()}"')
    if headers["ETag"] not in known and known.strip() != "*":
        return body
    start["status"] = 304
    for name in ("Content-Length", "Content-Type", "Content-Disposition"):
        if name in headers:
            del headers[name]
    return b""
