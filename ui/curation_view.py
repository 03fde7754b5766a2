"""What a record's page says of its findings and corrections, and the page of causes over all records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates

from access.audiences import LOCAL
from access.identity import Actor
from api.app import ActorOf, Offset, ServicesOf
from api.corrections import SignedIn
from api.errors import told
from api.services import ApiServices
from harvester.corrections import Change, Correction
from harvester.curation import (
    MAX_REASON_CHARS,
    Wanted,
    accept,
    as_read,
    changed_lines,
    edits_of,
    entry_to_correct,
    is_pending,
    may_correct,
    standing_of,
)
from harvester.ledger import Among, CauseReport, Entry
from records.errors import BodyError, VoltagraphError
from records.issues import Issue, Severity, Suggestion
from records.rights import Audiences
from ui.forms import fields_of

PAGE = 50
"""Causes on one page."""
MAX_FORM_BYTES = 50_000
"""Largest form that is read, in bytes."""

_SUGGESTIONS = 3
_MAX_TEXT = 160
_GRAVITY = {Severity.INFO: 0, Severity.WARNING: 1, Severity.VIOLATION: 2}

router = APIRouter(include_in_schema=False)
_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


def curated(services: ApiServices, entry: Entry, audiences: Audiences) -> dict[str, Any]:
    """The document as it was read, its findings, and the corrections of it.

    Args:
        services: What the routes call.
        entry: The record's entry, as its reader may see it.
        audiences: Of who looks: curators are told how to correct.
    """
    payload = services.payloads.read(entry.digest).content
    content = as_read(services.curation, entry).content if entry.corrections else payload
    text = content.decode("utf-8-sig", errors="replace").removesuffix("\n")
    marks: dict[int, str] = dict.fromkeys(changed_lines(payload, content), "corrected") if content != payload else {}
    for issue in sorted(entry.issues, key=lambda issue: _GRAVITY[issue.severity]):
        marks[issue.line] = issue.severity.value + (" corrected" if "corrected" in marks.get(issue.line, "") else "")
    corrections = services.curation.corrections.of(entry.record)
    return {
        "findings": [_finding(services, issue) for issue in entry.issues],
        "max_reason": MAX_REASON_CHARS,
        "corrections": [_correction(correction, entry) for correction in corrections if correction.holds],
        "revoked": [_correction(correction, entry) for correction in corrections if not correction.holds],
        "pending": is_pending(services.curation, entry),
        "patch": f"/api/patches/{quote(entry.record)}",
        "may_correct": may_correct(services.curation, audiences),
        "contexts": entry.contexts,
        # As the reader counts: a lone carriage return ends no line there.
        "lines": [line.rstrip("\r") for line in text.split("\n")],
        "marks": marks,
    }


@router.get("/causes", response_class=HTMLResponse)
def causes_page(
    request: Request,
    services: ServicesOf,
    actor: ActorOf,
    source: Annotated[str, Query(max_length=1_000)] = "",
    community: Annotated[str, Query(max_length=1_000)] = "",
    code: Annotated[str, Query(max_length=1_000)] = "",
    offset: Offset = 0,
) -> HTMLResponse:
    """Causes of findings over what the reader may read, those in most places first."""
    scoped = community if not community or "/" in community else f"{LOCAL}/{community}"
    found = services.ledger.causes(actor.audiences, Among(source, scoped, code), limit=PAGE, offset=offset)
    asked = {name: value for name, value in (("source", source), ("community", scoped), ("code", code)) if value}
    shown = {
        "max_question": services.max_question_chars,
        "report": found,
        "asked": asked,
        "causes": [_cause(services, cause, actor.audiences) for cause in found.causes],
        "previous": _address({**asked, "offset": str(max(0, offset - PAGE))}) if offset else "",
        "next": _address({**asked, "offset": str(offset + PAGE)}) if offset + PAGE < found.total else "",
    }
    return _templates.TemplateResponse(request, "causes.html", shown)


@router.post("/accept", response_class=HTMLResponse)
async def accept_suggestion(request: Request, services: ServicesOf, actor: SignedIn) -> Response:
    """Keep a suggestion of a finding as a correction of its record, and go back to the record."""
    fields = await fields_of(request, MAX_FORM_BYTES)
    record = fields.get("record", "")
    try:
        wanted = Wanted(_number(fields, "finding"), _number(fields, "suggestion"))
        await to_thread.run_sync(lambda: _accepted(services, record, wanted, actor, fields.get("reason", "").strip()))
    except VoltagraphError as error:
        problem = told(error, request.url.path)
        shown = {"message": problem.message, "remedy": problem.remedy, "max_question": services.max_question_chars}
        return _templates.TemplateResponse(request, "problem.html", shown, status_code=problem.status)
    return RedirectResponse(f"/records/{quote(record)}#corrections", 303)


def add_curation_pages(app: FastAPI) -> None:
    """Add the page of causes to the application."""
    app.include_router(router)


def _accepted(services: ApiServices, record: str, wanted: Wanted, actor: Actor, reason: str) -> None:
    if not 0 < len(reason) <= MAX_REASON_CHARS:
        raise BodyError(f"A reason has 1 to {MAX_REASON_CHARS:,} characters.", "Say why, for those who read the record.")
    entry = entry_to_correct(services.curation, record, actor.audiences)
    accept(services.curation, entry, edits_of(entry, wanted), by=actor.name, reason=reason)


def _number(fields: Mapping[str, str], name: str) -> int:
    text = fields.get(name, "")
    if not text.isascii() or not text.isdecimal() or not 0 < len(text) < 10 or int(text) == 0:
        raise BodyError(f"The form has no {name}.", "Use the form of the record's page.")
    return int(text)


def _address(asked: Mapping[str, str]) -> str:
    return "/causes?" + urlencode(asked)


def _finding(services: ApiServices, issue: Issue) -> Mapping[str, Any]:
    return {
        "issue": issue,
        "page": f"/findings/{issue.code}" if issue.code in services.finding_pages else "",
        "suggestions": [_suggestion(issue, suggestion) for suggestion in issue.suggestions[:_SUGGESTIONS]],
    }


def _suggestion(issue: Issue, suggestion: Suggestion) -> Mapping[str, Any]:
    exact = suggestion.replacement is not None
    return {
        "text": suggestion.text,
        "before": _short(issue.value) if exact else "",
        "after": _short(suggestion.replacement or "") if exact else "",
        "certainty": suggestion.certainty.value,
        "changes_value": suggestion.changes_value,
        "can_be_taken": bool(suggestion.edits),
    }


def _correction(correction: Correction, entry: Entry) -> Mapping[str, Any]:
    return {
        "correction": correction,
        "standing": standing_of(correction, entry).value,
        "changes": [_change(change) for change in correction.changes],
    }


def _change(change: Change) -> Mapping[str, str]:
    return {"pointer": change.edit.pointer, "before": _short(change.before), "after": _short(change.edit.content)}


def _cause(services: ApiServices, report: CauseReport, audiences: Audiences) -> Mapping[str, Any]:
    return {
        "report": report,
        "page": f"/findings/{report.cause.code}" if report.cause.code in services.finding_pages else "",
        # What was refused has no page.
        "examples": [
            {"record": record, "href": f"/records/{quote(record)}" if services.ledger.get(record, audiences) else ""}
            for record in report.examples
        ],
        "communities": [
            {"name": name, "records": reach.records, "href": _address({"community": name})}
            for name, reach in report.communities.items()
            if reach.records
        ],
    }


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _MAX_TEXT else f"{flat[: _MAX_TEXT - 1]}…"
