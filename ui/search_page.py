"""The search page at `/`: question, parts as chips, hits with reasons, facets. It works without scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from markupsafe import Markup

from access.identity import Actor
from api.app import ActorOf, ServicesOf, checked_question
from api.errors import told
from api.searching import After, EditsOf
from api.services import ApiServices
from records.errors import VoltagraphError
from search.asking.ask import ask
from search.query_json import query_to_json
from search.service import MAX_OFFSET, Wish, search, understood
from ui.addresses import Address
from ui.search_view import answered, chips, help_without, hits, is_worth_showing, lists, plot, sections, sorts

EXAMPLES: Final = (
    "prismatic LFP cell above 100 Ah",
    "NMC pouch cell",
    "21700 cell below 70 g",
    "electrochemical impedance spectroscopy",
    "electrolyte with LiPF6",
)
PAGE: Final = 20
"""Hits on a page."""

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
) -> HTMLResponse:
    """The front page, or what a question finds."""
    shown: dict[str, Any] = {
        "question": q.strip(),
        "max_question": services.max_question_chars,
        "examples": EXAMPLES,
        "error": None,
    }
    if not (q.strip() or edits.chosen):
        return _templates.TemplateResponse(request, "search.html", shown)
    address = Address(" ".join(q.split()), edits, explain, start, after)
    try:
        shown |= _found(services, actor, address)
    except VoltagraphError as error:
        problem = told(error, request.url.path)
        return _templates.TemplateResponse(request, "search.html", {**shown, "error": problem}, status_code=problem.status)
    return _templates.TemplateResponse(request, "search.html", {**shown, "question": q.strip() or " "})


def _found(services: ApiServices, actor: Actor, address: Address) -> dict[str, Any]:
    """What the template shows of an answer."""
    asked = understood(services.search, checked_question(address.question, services), actor.audiences)
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
    is_fresh = address == Address(address.question)  # what was edited is not the question any more
    reply = ask(services.asking, address.question, actor.audiences) if is_fresh else None
    return {
        "answer": answer,
        "query_json": json.dumps(query_to_json(answer.query), ensure_ascii=False),
        "reply": answered(reply) if reply is not None and is_worth_showing(reply) else None,
        "address": address,
        "parts": chips(answer, asked, address),
        "order": answer.query.order,
        "relaxed": [answer.query.parts[position].text for position in answer.relaxed],
        "hits": hits(answer.hits),
        "sections": sections(answer, address, services.concepts),
        "facets": lists(answer, address, services.search),
        "sorts": sorts(answer, address, services.search),
        "plots": [plot(spread) for spread in answer.spreads],
        "loosened": help_without(answer, asked, address) if not answer.total else [],
        "explain": address.explain,
        "explained": address.explained(not address.explain).href,
        "previous": address.page(max(0, start - PAGE)).href if 0 < start <= MAX_OFFSET else "",
        "next": address.page(start + PAGE, answer.after).href if answer.after else "",
    }
