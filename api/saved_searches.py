"""Saved searches over HTTP: parse, call one function, render. Another's search is not there (`docs/saved-searches.md`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from access.identity import Actor, token_digest
from api.app import SESSION_COOKIE, ActorOf, ServicesOf, checked_question
from api.bodies import parsed, schema_of
from api.corrections import SignedIn
from api.description import written
from api.limits import body_of
from api.services import ApiServices
from records.errors import BodyError, IdentityError
from search.atom import MEDIA_TYPE, atom_feed
from search.expansion import completed
from search.query_json import query_from_json, query_to_json
from search.saved_searches import (
    EVENTS_KEPT,
    MAX_RECORDS,
    MAX_TITLE_CHARS,
    Change,
    Saved,
    SavedSearch,
    Wish,
    change,
    feed_of,
    readable,
    save,
    search_of,
)
from search.service import understood
from search.webhooks import MAX_ADDRESS_CHARS, check_webhook, event_json, shown_secret

MAX_BODY_BYTES = 1_000_000
"""Largest saved search that is read, in bytes."""

router = APIRouter()


class SentSearch(BaseModel):
    """A search to save: words, or a query as `/api/search` gave it, or records to watch."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(max_length=MAX_TITLE_CHARS, description="A line for lists and feeds.")
    q: str = Field("", description="Free words, understood now and kept so.")
    query: dict[str, Any] | None = Field(None, description="Instead: a query as `/api/search` gives it.")
    records: tuple[Annotated[str, Field(max_length=10_000)], ...] = Field(
        (), max_length=MAX_RECORDS, description="Instead: ids of records that you use."
    )
    webhook: str = Field("", max_length=MAX_ADDRESS_CHARS, description="Address that events are sent to, signed.")


class SentChange(BaseModel):
    """What is to be different of a saved search; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    title: str | None = Field(None, max_length=MAX_TITLE_CHARS, description="Another title.")
    paused: bool | None = Field(None, description="`true`: do not look until I say so; what happens meanwhile is told then.")
    webhook: str | None = Field(
        None,
        max_length=MAX_ADDRESS_CHARS,
        description="Another address, or none (empty); the same one: try again what was given up.",
    )
    new_secret: bool = Field(False, description="Another secret for the webhook; the one before signs as well for a day.")
    new_feed_key: bool = Field(False, description="Another key for the feed; the one before is worth nothing then.")


async def _sent(request: Request, _actor: SignedIn) -> bytes:
    return await body_of(request, MAX_BODY_BYTES)


def _token_sha256(request: Request, services: ServicesOf, _actor: SignedIn) -> str:
    """The token behind a request by somebody."""
    _, _, token = request.headers.get("authorization", "").strip().partition(" ")
    return token_digest(token.strip()) if token else services.sessions.token_of(request.cookies.get(SESSION_COOKIE, "")) or ""


TokenOf = Annotated[str, Depends(_token_sha256)]


@router.get("/api/searches", summary="Your saved searches")
def get_searches(services: ServicesOf, actor: SignedIn) -> dict[str, Any]:
    """Oldest first, with how far their webhooks are."""
    return {"searches": [_search_json(services, search) for search in services.watching.store.of_owner(actor.name)]}


@router.post(
    "/api/searches",
    summary="Save a search, or watch records",
    status_code=201,
    openapi_extra=schema_of(SentSearch, required=True),
)
def post_search(
    request: Request, services: ServicesOf, actor: SignedIn, body: Annotated[bytes, Depends(_sent)], token: TokenOf
) -> JSONResponse:
    """201 with the address of its feed and the secret of its webhook, which are told this once."""
    saved = save_sent(services, parsed(SentSearch, body), actor, token)
    shown = _with_secrets(request, services, saved, before="")
    return JSONResponse(shown, status_code=201, headers={"Location": f"/api/searches/{saved.search.id}"})


@router.get("/api/searches/{search}", summary="A saved search of yours")
def get_saved_search(services: ServicesOf, actor: SignedIn, search: str) -> dict[str, Any]:
    """With its query as it was understood; 404 for what is unknown and for what is another's alike."""
    return _search_json(services, search_of(services.watching, search, actor))


@router.get("/api/searches/{search}/events", summary="What happened to what a search watches")
def get_events(
    services: ServicesOf,
    actor: SignedIn,
    search: str,
    after: Annotated[int, Query(ge=0, le=2**53, description="Only events after this number.")] = 0,
    limit: Annotated[int, Query(ge=1, le=EVENTS_KEPT, description="Most events in the answer.")] = 100,
) -> dict[str, Any]:
    """Oldest first; only of records that you may read now, and that records are gone."""
    found = search_of(services.watching, search, actor)
    events = services.watching.store.events(found.id, after=after, limit=limit)
    return {
        "events": [event_json(event) for event in readable(services.watching, events, actor.audiences)],
        "next": events[-1].number if events else after,
    }


@router.get(
    "/api/searches/{search}/feed", summary="The same as an Atom feed", response_class=Response, responses=written(MEDIA_TYPE)
)
def get_feed(
    request: Request,
    services: ServicesOf,
    actor: ActorOf,
    search: str,
    key: Annotated[str, Query(max_length=200, description="Key of the feed, for readers that cannot log in.")] = "",
) -> Response:
    """For its owner, or with its key: what the owner may read now. 304 when nothing changed."""
    found, reader = feed_of(services.watching, search, key) if key else (search_of(services.watching, search, actor), actor)
    events = readable(services.watching, services.watching.store.events(found.id), reader.audiences)
    feed = atom_feed(found, events, _base(request))
    etag = f'"{hashlib.sha256(feed).hexdigest()[:32]}"'
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"ETag": etag})
    return Response(feed, media_type=MEDIA_TYPE, headers={"ETag": etag, "Cache-Control": "private, no-cache"})


@router.patch(
    "/api/searches/{search}",
    summary="Change, pause or resume a saved search of yours",
    openapi_extra=schema_of(SentChange, required=True),
)
def patch_search(
    request: Request, services: ServicesOf, actor: SignedIn, search: str, body: Annotated[bytes, Depends(_sent)], token: TokenOf
) -> dict[str, Any]:
    """As it is then, with the secrets that are new. From now on the token that sends this decides what is told."""
    sent = parsed(SentChange, body)
    found = search_of(services.watching, search, actor)
    webhook = check_webhook(sent.webhook, services.webhook_origins) if sent.webhook else sent.webhook
    wanted = Change(sent.title, sent.paused, webhook, sent.new_secret, sent.new_feed_key)
    saved = change(services.watching, found, wanted, token)
    return _with_secrets(request, services, saved, before=found.webhook_secret)


@router.delete("/api/searches/{search}", summary="Forget a saved search of yours", status_code=204)
def delete_search(services: ServicesOf, actor: SignedIn, search: str) -> Response:
    """With its events; its feed answers 404 then."""
    services.watching.store.remove(search_of(services.watching, search, actor).id, actor.name)
    return Response(status_code=204)


def save_sent(services: ApiServices, sent: SentSearch, actor: Actor, token_sha256: str) -> Saved:
    """Save what was sent.

    Raises:
        VoltagraphError: It cannot be saved; see `search.saved_searches.save` and `search.webhooks.check_webhook`.
    """
    if sent.q and sent.query is not None:
        raise BodyError("Both `q` and `query` were sent.", "Send one of them.", field="query")
    query = None
    if sent.query is not None:
        query = completed(query_from_json(sent.query), services.search.concepts, services.search.roles)
    if sent.q:
        query = understood(services.search, checked_question(sent.q, services), actor.audiences)
    webhook = check_webhook(sent.webhook, services.webhook_origins) if sent.webhook else ""
    return save(services.watching, Wish(sent.title, query, sent.records, webhook), actor, token_sha256)


def sent_search(fields: Mapping[str, str]) -> SentSearch:
    """What a form of our pages says: ``title``, ``q`` or ``query`` (as JSON).

    Raises:
        BodyError: The query cannot be read.
    """
    try:
        query = json.loads(fields["query"]) if fields.get("query") else None
        return SentSearch(title=fields.get("title", ""), q="" if query else fields.get("q", ""), query=query)
    except ValueError as error:
        raise BodyError("The form cannot be read.", "Use the form of the search page.") from error


def address_of_feed(request: Request, saved: Saved) -> str:
    """Address of the feed with its key."""
    return f"{_base(request)}/api/searches/{saved.search.id}/feed?key={saved.feed_key}"


def _with_secrets(request: Request, services: ApiServices, saved: Saved, *, before: str) -> dict[str, Any]:
    """A search with the secrets that its owner does not know yet; *before* is the one of the webhook that is known."""
    shown = _search_json(services, saved.search)
    if saved.feed_key:
        shown["feed"] = address_of_feed(request, saved)
    if saved.search.webhook_secret not in ("", before):
        shown["webhook_secret"] = shown_secret(saved.search.webhook_secret)
    return shown


def _search_json(services: ApiServices, search: SavedSearch) -> dict[str, Any]:
    sending = services.watching.store.sending(search.id)
    shown: dict[str, Any] = {
        "id": search.id,
        "title": search.title,
        "created": search.created,
        "paused": search.paused,
        "asleep": is_asleep(services, search),
    }
    if search.query is not None:
        shown["query"] = query_to_json(search.query)
    else:
        shown["records"] = list(search.records)
    if search.webhook:
        shown["webhook"] = {"url": search.webhook, "sent": sending.sent, "tries": sending.tries, "problem": sending.problem}
    return shown


def is_asleep(services: ApiServices, search: SavedSearch) -> bool:
    """Whether the token with which it was saved is worth nothing any more."""
    try:
        services.watching.holder_of(search.token_sha256)
    except IdentityError:
        return True
    return False


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")
