"""The page that checks a document, and the pages that explain findings. They work without scripts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from pydantic import TypeAdapter, ValidationError

from api.app import ActorOf, ServicesOf
from api.errors import told
from api.multipart import is_form, parts_of
from api.services import ApiServices
from api.validate import UNNAMED, SentEdit, ValidationsOf, file_name, known_profiles
from harvester.checking import CheckedFile, Question, SentFile
from records.errors import BodyError, MediaTypeError, NotFoundError, VoltagraphError
from records.issues import Certainty, Edit, Issue, Operation, Severity, Suggestion
from shapes.finding_pages import FindingPage, FindingPages
from ui.markdown import to_html
from ui.source_view import source_lines

SHOWN = 20
"""Findings of one kind that are shown at once; the others are folded away."""

_MAX_VALUE = 160
_GROUPS = {
    "In documents: violations": (True, Severity.VIOLATION),
    "In documents: warnings": (True, Severity.WARNING),
    "In documents: notes": (True, Severity.INFO),
    "About files, rights and the installation": (False, None),
}
_NOUNS = {Severity.VIOLATION: "violation", Severity.WARNING: "warning", Severity.INFO: "note"}
_EDITS: TypeAdapter[tuple[SentEdit, ...]] = TypeAdapter(tuple[SentEdit, ...])

router = APIRouter(include_in_schema=False)
_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


@router.get("/validate", response_class=HTMLResponse)
def validate_page(request: Request, services: ServicesOf, _actor: ActorOf, example: str = "") -> HTMLResponse:
    """The empty form, or one with the example document of a kind of finding."""
    page = services.finding_pages.get(example)
    return _form(request, services, text=page.document if page else "", name="cell.jsonld" if page else UNNAMED)


@router.post("/validate", response_class=HTMLResponse)
async def validate_document(request: Request, services: ServicesOf, validations: ValidationsOf, _actor: ActorOf) -> HTMLResponse:
    """The form with what is wrong with its document; with a suggestion taken when one was chosen."""
    try:
        body = await validations.admit(request)
        sent = _sent(request.headers.get("content-type", ""), body)
        question = Question((sent.file,), known_profiles(services, sent.profiles), sent.edits, sent.certain)
        return await validations.answer(question, lambda answer: _form(request, services, sent=sent, checked=answer[0]))
    except VoltagraphError as error:
        problem = told(error, request.url.path)
        return _form(request, services, problem=problem, status=problem.status)


@router.get("/findings", response_class=HTMLResponse)
def findings_page(request: Request, services: ServicesOf, _actor: ActorOf) -> HTMLResponse:
    """Every kind of finding with its first sentence."""
    pages = services.finding_pages.values()
    groups = {
        title: [page for page in pages if page.about_documents == about and (severity is None or page.severity is severity)]
        for title, (about, severity) in _GROUPS.items()
    }
    return _page(request, services, "findings.html", {"groups": groups, "number": len(services.finding_pages)})


@router.get("/findings/{code}", response_class=HTMLResponse)
def finding_page(request: Request, services: ServicesOf, _actor: ActorOf, code: str) -> HTMLResponse:
    """What one kind of finding means and how to mend it."""
    try:
        page = services.finding_pages.page(code)
    except NotFoundError as error:
        near = [services.finding_pages[one] for one in services.finding_pages.near(code)]
        return _page(request, services, "findings.html", {"error": error, "near": near}, status=404)
    return _page(request, services, "finding.html", {"page": page, "text": to_html(page.text)})


def add_validation_pages(app: FastAPI) -> None:
    """Add these pages to the application."""
    app.include_router(router)


# The form


@dataclass(frozen=True, slots=True)
class _Sent:
    """What came with the form."""

    file: SentFile
    profiles: tuple[str, ...]
    edits: tuple[Edit, ...]
    certain: bool


def _sent(content_type: str, body: bytes) -> _Sent:
    if not is_form(content_type):
        raise MediaTypeError("This is no form with a document.", "Use the form of this page, or send documents to /api/validate.")
    texts: dict[str, bytes] = {}
    profiles: list[str] = []
    chosen: SentFile | None = None
    for part in parts_of(content_type, body):
        if part.field == "profile":
            profiles.append(part.content.decode("utf-8", "replace"))
        elif part.filename and part.field in ("file", "document"):
            chosen = SentFile(file_name(part.filename), part.content.replace(b"\r\n", b"\n"))
        else:
            texts[part.field] = part.content
    # A browser sends every line end of a text area as CRLF; in a file they are made alike, as a splice counts characters.
    typed = SentFile(
        file_name(texts.get("name", b"").decode("utf-8", "replace")), texts.get("document", b"").replace(b"\r\n", b"\n")
    )
    return _Sent(chosen or typed, tuple(profiles), _edits(texts.get("edits", b"")), "certain" in texts)


def _edits(sent: bytes) -> tuple[Edit, ...]:
    try:
        return tuple(edit.to_edit() for edit in _EDITS.validate_json(sent)) if sent else ()
    except ValidationError as error:
        raise BodyError("The chosen suggestion cannot be read.", "Check the document again.") from error


def _form(
    request: Request,
    services: ApiServices,
    *,
    text: str = "",
    name: str = UNNAMED,
    sent: _Sent | None = None,
    checked: CheckedFile | None = None,
    problem: object = None,
    status: int = 200,
) -> HTMLResponse:
    shown: dict[str, Any] = {
        "text": text,
        "name": name,
        "profiles": services.profiles,
        "chosen": sent.profiles if sent else (),
        "problem": problem,
        "checked": checked is not None,
    }
    if checked is not None:
        text = checked.file.content.decode("utf-8-sig", "replace")
        shown |= {
            "text": text,
            "name": checked.file.name,
            "mended": bool(sent and (sent.edits or sent.certain)),
            "taken": checked.taken + bool(sent and sent.edits),
            "certain": _certain(checked.issues),
            "summary": _summary(checked),
            "left_out": checked.left_out,
            "groups": _groups(checked.issues, services.finding_pages),
            "lines": source_lines(text, checked.issues) if text.strip() else [],
        }
    return _page(request, services, "validate.html", shown, status=status)


def _page(request: Request, services: ApiServices, template: str, shown: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    common = {"max_question": services.max_question_chars}
    return _templates.TemplateResponse(request, template, {**common, **shown}, status_code=status)


# Findings on the page


@dataclass(frozen=True, slots=True)
class _Step:
    """A suggestion as the page shows it."""

    text: str
    before: str
    after: str
    certain: bool
    changes_value: bool
    edits: str


@dataclass(frozen=True, slots=True)
class _Finding:
    issue: Issue
    steps: Sequence[_Step]


@dataclass(frozen=True, slots=True)
class _Group:
    """The findings of one kind."""

    code: str
    severity: Severity
    summary: str
    has_page: bool
    findings: Sequence[_Finding]
    folded: Sequence[_Finding]


def _groups(issues: Sequence[Issue], pages: FindingPages) -> list[_Group]:
    by_kind: dict[tuple[Severity, str], list[_Finding]] = {}
    for issue in issues:
        by_kind.setdefault((issue.severity, issue.code), []).append(_Finding(issue, _steps(issue)))
    gravity = list(Severity)
    return [
        _Group(code, severity, _summary_of(pages.get(code)), code in pages, found[:SHOWN], found[SHOWN:])
        for (severity, code), found in sorted(by_kind.items(), key=lambda item: gravity.index(item[0][0]))
    ]


def _certain(issues: Sequence[Issue]) -> int:
    """How many findings have a certain first suggestion that changes no value."""
    best = [issue.suggestions[0] for issue in issues if issue.suggestions]
    return sum(one.certainty is Certainty.CERTAIN and bool(one.edits) and not one.changes_value for one in best)


def _summary_of(page: FindingPage | None) -> str:
    return page.summary.replace("`", "") if page else ""


def _steps(issue: Issue) -> list[_Step]:
    suggestions = issue.suggestions or ((Suggestion(issue.remedy),) if issue.remedy else ())
    return [_step(issue, suggestion) for suggestion in suggestions]


def _step(issue: Issue, suggestion: Suggestion) -> _Step:
    adds = bool(suggestion.edits) and all(edit.operation is Operation.ADD for edit in suggestion.edits)
    exact = suggestion.replacement is not None
    return _Step(
        text=suggestion.text,
        before=_short(issue.value) if exact and not adds else "",
        after=_short(suggestion.replacement or "") if exact else "",
        certain=suggestion.certainty is Certainty.CERTAIN,
        changes_value=suggestion.changes_value,
        edits=json.dumps([edit.to_json() for edit in suggestion.edits]) if suggestion.edits else "",
    )


def _short(text: str) -> str:
    return text if len(text) <= _MAX_VALUE else text[:_MAX_VALUE] + "…"


def _summary(checked: CheckedFile) -> str:
    counts = Counter(issue.severity for issue in checked.issues)
    told = [f"{counts[kind]:,} {noun}{'s' if counts[kind] > 1 else ''}" for kind, noun in _NOUNS.items() if counts[kind]]
    return ", ".join(told) or "Nothing to mend"
