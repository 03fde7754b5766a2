"""Pages for people: the search (`ui/search_page.py`), and one page per record. They work without scripts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException

from api.app import ActorOf, ServicesOf, services_of
from api.conditional import START
from api.negotiation import prefers
from api.services import ApiServices
from records.record import EntityKind, Quantity, Record
from search.aspects import Aspect
from search.quantity_text import condition_texts, label_of, spread_text, unit_of
from ui import search_page
from ui.curation_view import curated
from ui.similar_view import similar_view

_HERE = Path(__file__).parent

router = APIRouter(include_in_schema=False)
_ADDRESSES: Final = ("https://", "http://")
MAX_NAMES: Final = 8
"""Names of one kind that the page of a record shows; the source on the same page has all."""

_templates = Jinja2Templates(directory=_HERE / "templates")
_templates.env.filters["breakable"] = search_page.breakable


@router.get("/records/{record:path}", response_class=HTMLResponse)
def record_page(request: Request, services: ServicesOf, actor: ActorOf, record: str, by: Aspect = Aspect.ALL) -> HTMLResponse:
    """One record: quantities, concepts, records like it in one respect, findings, and its document line by line."""
    found = services.search.index.get(record, actor.audiences)
    if found is None:
        problem = {
            "message": "There is no such record, or you may not read it.",
            "remedy": "Check the address.",
            "max_question": services.max_question_chars,
        }
        return _templates.TemplateResponse(request, "problem.html", problem, status_code=404)
    entry = services.ledger.get(record, actor.audiences)
    shown: dict[str, Any] = {
        "record": found,
        "max_question": services.max_question_chars,
        "api": f"/api/records/{quote(found.id)}",
        "raw": f"/api/files/{quote(found.id)}" if entry else "",
        "content": entry is not None,
    }
    if entry is not None:
        shown |= _content(services, found) | curated(services, entry, actor.audiences)
        shown |= similar_view(services, record, actor.audiences, by)
    return _templates.TemplateResponse(request, "record.html", shown)


def add_pages(app: FastAPI) -> None:
    """Add the pages and their style, script and mark to the application; an address that is none is told browsers as a page."""
    app.include_router(search_page.router)
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    told_to_programs = cast("Callable[[Request, HTTPException], Awaitable[Response]]", app.exception_handlers[HTTPException])

    @app.exception_handler(HTTPException)
    async def told(request: Request, error: HTTPException) -> Response:
        is_browser = prefers(request.headers.get("accept", ""), "text/html", ["application/json"])
        if error.status_code != 404 or not is_browser or request.url.path.startswith(START):
            return await told_to_programs(request, error)
        problem = {
            "message": "There is no such page.",
            "remedy": "Check the address.",
            "max_question": services_of(request).max_question_chars,
        }
        return _templates.TemplateResponse(request, "problem.html", problem, status_code=404)


def _content(services: ApiServices, record: Record) -> dict[str, Any]:
    label = services.concepts.label
    # A condition is told with the quantity that it belongs to.
    conditions = {condition.pointer for quantity in record.quantities for condition in quantity.conditions}
    return {
        "description": next((one for one in record.said if one.kind == "description"), None),
        "about": _about(record),
        "quantities": [_quantity(services, quantity) for quantity in record.quantities if quantity.pointer not in conditions],
        "concepts": [
            {
                "label": label(use.concept),
                "query": urlencode({"q": label(use.concept)}).removeprefix("q="),
                "role": " › ".join(label(step) for step in use.role),
                "line": use.line,
            }
            for use in record.concepts
            if use.concept not in services.bookkeeping
        ],
    }


def _about(record: Record) -> list[dict[str, object]]:
    """Who and what has a name, and when, under which licence and from where the record is, each with its line."""
    rows: dict[str, dict[str, dict[str, object]]] = {}
    for kind in EntityKind:
        for entity in (one for one in record.entities if one.kind is kind):
            address = entity.iri if entity.iri.startswith(_ADDRESSES) else ""
            value = {"text": entity.name, "query": urlencode({"q": entity.name}), "address": address, "line": entity.line}
            rows.setdefault(kind.value, {}).setdefault(entity.name, value)
    for one in record.said:
        if one.kind != "description":
            address = one.text if one.text.startswith(_ADDRESSES) else ""
            rows[one.kind] = {one.text: {"text": one.text, "query": "", "address": address, "line": one.line}}
    return [
        {"label": label, "names": list(names.values())[:MAX_NAMES], "more": max(0, len(names) - MAX_NAMES)}
        for label, names in rows.items()
    ]


def _quantity(services: ApiServices, quantity: Quantity) -> Mapping[str, object]:
    concepts, units = services.concepts, services.search.units
    unit = unit_of(quantity, units)
    converts = quantity.base_value is not None and unit is not None and (unit.factor != 1 or unit.offset)
    deviation = quantity.spread.deviation if quantity.spread is not None else None
    number = "" if quantity.value is None else f"{quantity.value:.10g}"
    return {
        "label": label_of(quantity, concepts) or "a number",
        "value": number if deviation is None else f"{number} ± {deviation:.6g}",
        "unit": unit.name if unit else quantity.unit,
        "base": f"{quantity.base_value:.6g} {quantity.base_unit}" if converts else "",
        "spread": spread_text(quantity, units),
        "conditions": [
            {"text": text, "line": condition.line}
            for text, condition in zip(condition_texts(quantity, concepts, units), quantity.conditions, strict=False)
        ],
        "line": quantity.line,
    }
