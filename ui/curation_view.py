"""What a record's page says of its findings and corrections, and the page of causes over all records."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from access.audiences import LOCAL
from api.app import ActorOf, Offset, ServicesOf
from api.services import ApiServices
from harvester.corrections import Change, Correction
from harvester.curation import as_read, changed_lines, is_pending, may_correct, standing_of
from harvester.ledger import Among, CauseReport, Entry
from records.issues import Issue, Severity, Suggestion
from records.rights import Audiences

PAGE = 50
"""Causes on one page."""

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


def add_curation_pages(app: FastAPI) -> None:
    """Add the page of causes to the application."""
    app.include_router(router)


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
