"""Pages for people: the search at `/`, and one page per record. They work without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

from api.app import ActorOf, ServicesOf, checked_question
from api.errors import told
from api.services import ApiServices
from records.errors import VoltagraphError
from records.record import Quantity, Record
from search.quantity_text import condition_texts, label_of, spread_text, unit_of
from search.query import ConceptPart, QuantityPart, SourcePart
from search.query import Part as QueryPart
from search.service import Answer, Reason, narrowed, search
from ui.curation_view import curated

EXAMPLES = (
    "prismatic LFP cell above 100 Ah",
    "NMC pouch cell",
    "21700 cell below 70 g",
    "electrochemical impedance spectroscopy",
    "electrolyte with LiPF6",
)
PAGE = 20

_HERE = Path(__file__).parent
_FACETS = {"concept": "Concepts", "source": "Sources"}

router = APIRouter(include_in_schema=False)
_templates = Jinja2Templates(directory=_HERE / "templates")

Chosen = Annotated[list[str] | None, Query()]


@router.get("/", response_class=HTMLResponse)
def search_page(
    request: Request,
    services: ServicesOf,
    actor: ActorOf,
    q: str = "",
    concept: Chosen = None,
    source: Chosen = None,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> HTMLResponse:
    """The search: question, parts as chips, hits with reasons, facets."""
    shown: dict[str, Any] = {
        "question": q.strip(),
        "max_question": services.max_question_chars,
        "examples": EXAMPLES,
        "error": None,
    }
    concepts, sources = concept or [], source or []
    if not (shown["question"] or concepts or sources):
        return _templates.TemplateResponse(request, "search.html", shown)
    try:
        query = narrowed(services.search, checked_question(q, services), concepts=concepts, sources=sources)
        answer = search(services.search, query, actor.audiences, limit=PAGE, offset=offset)
    except VoltagraphError as error:
        problem = told(error, request.url.path)
        return _templates.TemplateResponse(request, "search.html", {**shown, "error": problem}, status_code=problem.status)
    address = _Address(q, tuple(concepts), tuple(sources))
    shown |= {
        "answer": answer,
        "offset": offset,
        "question": q.strip() or " ",
        "parts": [_chip(part, position, answer, address) for position, part in enumerate(answer.query.parts)],
        "relaxed": [answer.query.parts[position].text for position in answer.relaxed],
        "hits": [_hit(hit.record, hit.title, hit.source_file, hit.reasons) for hit in answer.hits],
        "facets": _facets(answer, address),
        "previous": address.at(max(0, offset - PAGE)) if offset else "",
        "next": address.at(offset + PAGE) if offset + PAGE < answer.total else "",
    }
    return _templates.TemplateResponse(request, "search.html", shown)


@router.get("/records/{record:path}", response_class=HTMLResponse)
def record_page(request: Request, services: ServicesOf, actor: ActorOf, record: str) -> HTMLResponse:
    """One record: quantities, concepts, findings, and its document line by line."""
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
    return _templates.TemplateResponse(request, "record.html", shown)


def add_pages(app: FastAPI) -> None:
    """Add the pages and their style, script and mark to the application."""
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")


class _Address:
    """Addresses of the search page with something added or removed."""

    def __init__(self, q: str, concepts: tuple[str, ...], sources: tuple[str, ...]) -> None:
        self.q, self.concepts, self.sources = q, concepts, sources

    def at(self, offset: int) -> str:
        return self._link(self.q, self.concepts, self.sources, offset)

    def with_value(self, facet: str, value: str) -> str:
        concepts = (*self.concepts, value) if facet == "concept" else self.concepts
        sources = (*self.sources, value) if facet == "source" else self.sources
        return self._link(self.q, tuple(dict.fromkeys(concepts)), tuple(dict.fromkeys(sources)))

    def without_words(self, text: str) -> str:
        return self._link(" ".join(self.q.replace(text, " ", 1).split()), self.concepts, self.sources)

    def without_value(self, value: str) -> str:
        return self._link(
            self.q, tuple(one for one in self.concepts if one != value), tuple(one for one in self.sources if one != value)
        )

    def _link(self, q: str, concepts: Sequence[str], sources: Sequence[str], offset: int = 0) -> str:
        given = [("q", q), *(("concept", one) for one in concepts), *(("source", one) for one in sources)]
        return "/?" + urlencode([*given, ("offset", str(offset))] if offset else given)


def _chip(part: QueryPart, position: int, answer: Answer, address: _Address) -> Mapping[str, str]:
    # Parts that a facet added come after those of the question.
    narrowing = len(address.concepts) + len(address.sources)
    added = position >= len(answer.query.parts) - narrowing
    match part:
        case ConceptPart():
            kind, label = "concept", " / ".join(dict.fromkeys(part.labels[:3]))
            hint = f"{len(part.expanded)} concepts, narrower ones included: " + ", ".join(dict.fromkeys(part.labels))
            value = part.concepts[0]
        case QuantityPart():
            kind, label = "quantity", f"{' / '.join(part.labels[:2])} {part.asked}".strip()
            hint, value = "numbers are compared in one unit, whatever unit a record uses", ""
        case SourcePart():
            kind, label, hint, value = "source", part.source, "records of this source", part.source
        case _:
            kind, label, hint, value = "text", part.text, "not understood as a concept: searched as text", ""
    return {
        "kind": kind,
        "label": label,
        "hint": hint,
        "without": address.without_value(value) if added else address.without_words(part.text),
    }


def _hit(record: str, title: str, source_file: str, reasons: Sequence[Reason]) -> Mapping[str, Any]:
    page = f"/records/{quote(record)}"
    links = [
        {"text": reason.text, "kind": reason.kind, "href": f"{page}#L{reason.line}" if reason.line else ""} for reason in reasons
    ]
    return {"page": page, "title": title, "source_file": source_file, "reasons": links}


def _facets(answer: Answer, address: _Address) -> list[Mapping[str, Any]]:
    return [
        {
            "title": _FACETS[name],
            "rows": [
                {"label": value.label, "count": value.count, "href": address.with_value(name, value.value)} for value in values
            ],
        }
        for name, values in answer.facets.items()
        if values
    ]


def _content(services: ApiServices, record: Record) -> dict[str, Any]:
    label = services.concepts.label
    # A condition is told with the quantity that it belongs to.
    conditions = {condition.pointer for quantity in record.quantities for condition in quantity.conditions}
    return {
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
