"""The search page at `/`: question, parts as chips, hits with reasons, facets. It works without scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from markupsafe import Markup

from access.identity import ANONYMOUS, Actor
from api.app import ActorOf, ServicesOf, checked_question
from api.errors import told
from api.searching import After, EditsOf
from api.services import ApiServices
from records.errors import NotFoundError, VoltagraphError
from search.asking.ask import ask
from search.query import Query as SearchQuery
from search.query_json import query_to_json
from search.saved_searches import search_of
from search.service import MAX_OFFSET, Wish, search, understood
from ui.addresses import Address
from ui.chip_view import chips
from ui.search_view import answered, begun, help_without, hits, is_worth_showing, lists, plot, sections, sorts

EXAMPLES: Final = {
    "Find records": (
        "prismatic LFP cell above 100 Ah",
        "NMC cathode, not pouch",
        "21700 cell below 70 g",
        "electrolyte with LiPF6",
    ),
    "Ask for a value": (
        "How many LFP cells are above 100 Ah?",
        "Which prismatic cells weigh less than 2 kg?",
        "lightest cylindrical cell",
    ),
}
PAGE: Final = 20
"""Hits on a page."""

Short = Annotated[str, Query(max_length=2_100)]

router = APIRouter(include_in_schema=False)
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


def breakable(label: str) -> Markup:
    """A label that may go on in a new line where one of its words begins.

    >>> breakable("PrismaticCase & lid")
    Markup('Prismatic<wbr>Case &amp; lid')
    """
    return Markup("<wbr>").join(_CAPITAL.split(label))


_templates.env.filters["breakable"] = breakable


@router.get("/", response_class=HTMLResponse)
def search_page(
    request: Request,
    services: ServicesOf,
    actor: ActorOf,
    edits: EditsOf,
    q: str = "",
    explain: bool = False,
    start: Annotated[int, Query(ge=0)] = 0,
    after: After = "",
    of: Short = "",
    least: Short = "",
    most: Short = "",
    unit: Short = "",
    below: Short = "",
    saved: Short = "",
) -> Response:
    """The front page, or what a question or saved search finds; with *of*, where the form of a number leads: to its new bounds."""
    address = Address("" if saved else " ".join(q.split()), edits, explain, start, after, saved)
    if of:
        return RedirectResponse(address.with_range(of, _range(least, most, unit, below)).href, 303)
    if saved and actor is ANONYMOUS:
        return RedirectResponse(f"/login?{urlencode({'next': address.href})}", 303)
    shown: dict[str, Any] = {
        "question": address.question,
        "max_question": services.max_question_chars,
        "is_front": not (address.question or edits.chosen or saved),
        "error": None,
    }
    try:
        shown |= _front(services, actor) if shown["is_front"] else _found(services, actor, address)
    except VoltagraphError as error:
        problem = told(error, request.url.path)
        return _templates.TemplateResponse(request, "search.html", {**shown, "error": problem}, status_code=problem.status)
    return _templates.TemplateResponse(request, "search.html", shown)


def _range(least: str, most: str, unit: str, below: str) -> str:
    """The bounds of a form as `search.ranges` reads them, also where they were given the wrong way round."""
    try:
        low, high = (least, most) if float(least) <= float(most) else (most, least)
    except ValueError:  # one of them is open
        low, high = least, most
    return f"{low}..{'<' if below and high and low != high else ''}{high} {unit}".strip()


def _front(services: ApiServices, actor: Actor) -> dict[str, Any]:
    """What the template shows before anything is asked: examples, and what there is."""
    everything = search(services.search, "", actor.audiences, limit=0)
    return {
        "examples": EXAMPLES,
        "total": everything.total,
        "beginnings": begun(everything, Address(""), services.search),
    }


def _asked(services: ApiServices, actor: Actor, address: Address) -> SearchQuery:
    """The question as understood, or the query of the saved search as it is kept.

    Raises:
        LimitError: The question is too long.
        NotFoundError: There is no such search of this actor with a query.
    """
    if not address.saved:
        return understood(services.search, checked_question(address.question, services), actor.audiences)
    query = search_of(services.watching, address.saved, actor).query
    if query is None:
        raise NotFoundError("This saved search has no query: it watches records.", "Look at /searches for them.")
    return query


def _found(services: ApiServices, actor: Actor, address: Address) -> dict[str, Any]:
    """What the template shows of an answer."""
    asked = _asked(services, actor, address)
    answer = search(
        services.search,
        asked,
        actor.audiences,
        edits=address.edits,
        wish=Wish(reaches=True, score_parts=True),
        limit=PAGE,
        offset=0 if address.after else min(address.start, MAX_OFFSET),
        after=address.after,
    )
    start = address.start
    parts = chips(answer, asked, address, services.search, actor.audiences)
    is_fresh = address == Address(address.question)  # what was edited is not the question any more
    reply = ask(services.asking, address.question, actor.audiences) if is_fresh else None
    return {
        "question": address.question or asked.text,
        "answer": answer,
        "note": answer.note,
        "query_json": json.dumps(query_to_json(answer.told), ensure_ascii=False),
        "reply": answered(reply) if reply is not None and is_worth_showing(reply) else None,
        "address": address,
        "parts": parts,
        "order": answer.query.order,
        "left_out": [(word, address.quoting(word).href) for word in answer.query.left_out] if is_fresh else [],
        "relaxed": [answer.query.parts[position].text for position in answer.relaxed],
        "hits": hits(answer.hits),
        "sections": sections(answer, address, services.concepts),
        "facets": lists(answer, address, services.search),
        "sorts": sorts(answer, address, services.search),
        "plots": [plot(spread, parts[spread.part], address) for spread in answer.spreads],
        "loosened": help_without(answer, parts, address),
        "explain": address.explain,
        "explained": address.explained(not address.explain).href,
        "previous": address.page(max(0, start - PAGE)).href if 0 < start <= MAX_OFFSET else "",
        "next": address.page(start + PAGE, answer.after).href if answer.after else "",
    }
