"""Pages of saved searches: save one, see what happened, forget it. They work without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates

from access.identity import ANONYMOUS, Actor
from api.app import ActorOf, ServicesOf
from api.corrections import SignedIn
from api.errors import told
from api.saved_searches import TokenOf, address_of_feed, is_asleep, save_sent, sent_search
from api.services import ApiServices
from records.errors import VoltagraphError
from search.saved_searches import MAX_TITLE_CHARS, Change, SavedSearch, change, readable, search_of
from ui.chip_view import told as told_parts
from ui.forms import fields_of

EVENTS: Final = 20
"""Events shown of each search, newest first."""
FORM_BYTES: Final = 300_000
"""Longest form, in bytes."""

router = APIRouter(include_in_schema=False)
_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


@router.get("/searches", response_class=HTMLResponse)
def searches_page(request: Request, services: ServicesOf, actor: ActorOf) -> HTMLResponse:
    """The saved searches of who is logged in, and what happened."""
    return _page(request, services, actor, {})


@router.post("/searches", response_class=HTMLResponse)
async def save_search_page(request: Request, services: ServicesOf, actor: SignedIn, token: TokenOf) -> HTMLResponse:
    """Save a search; the page that follows tells the address of its feed, this once."""
    fields = await fields_of(request, FORM_BYTES)
    try:
        sent = sent_search(fields)
        saved = await to_thread.run_sync(lambda: save_sent(services, sent, actor, token))
    except VoltagraphError as error:
        problem = told(error, request.url.path)
        return _page(request, services, actor, {"error": problem}, status=problem.status)
    return _page(request, services, actor, {"made": saved.search, "feed": address_of_feed(request, saved)}, status=201)


@router.post("/searches/{search}", response_class=HTMLResponse)
async def change_search_page(request: Request, services: ServicesOf, actor: SignedIn, search: str, token: TokenOf) -> Response:
    """Rename, pause or resume one; from now on this token decides what is told, so it also wakes one that is asleep."""
    fields = await fields_of(request, FORM_BYTES)
    paused = {"true": True, "false": False}.get(fields.get("paused", ""))
    try:
        await to_thread.run_sync(lambda: _change(services, search, actor, Change(fields.get("title"), paused), token))
    except VoltagraphError as error:
        problem = told(error, request.url.path)
        return _page(request, services, actor, {"error": problem}, status=problem.status)
    return RedirectResponse("/searches", 303)


@router.post("/searches/{search}/delete")
def delete_search_page(services: ServicesOf, actor: SignedIn, search: str) -> Response:
    """Forget a search of one's own."""
    services.watching.store.remove(search_of(services.watching, search, actor).id, actor.name)
    return RedirectResponse("/searches", 303)


def _change(services: ApiServices, search: str, actor: Actor, wanted: Change, token_sha256: str) -> None:
    change(services.watching, search_of(services.watching, search, actor), wanted, token_sha256)


def add_saved_search_pages(app: FastAPI) -> None:
    """Add these pages to the application."""
    app.include_router(router)


def _page(request: Request, services: ApiServices, actor: Actor, shown: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    own = () if actor is ANONYMOUS else services.watching.store.of_owner(actor.name)
    common = {
        "max_question": services.max_question_chars,
        "max_title": MAX_TITLE_CHARS,
        "searches": [_entry(services, search, actor) for search in own],
    }
    return _templates.TemplateResponse(request, "saved_searches.html", {**common, **shown}, status_code=status)


def _entry(services: ApiServices, search: SavedSearch, actor: Actor) -> dict[str, Any]:
    events = readable(services.watching, services.watching.store.events(search.id), actor.audiences)
    sending = services.watching.store.sending(search.id)
    parts = told_parts(search.query) if search.query is not None else ""
    return {
        "search": search,
        "parts": parts,
        "asleep": is_asleep(services, search),
        "events": list(reversed(events))[:EVENTS],
        "more": len(events) - EVENTS,
        "problem": sending.problem,
    }
