"""Checking a document that somebody sends: findings and mended text come back, and nothing is kept or logged of it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import partial
from importlib.metadata import version
from threading import BoundedSemaphore
from typing import Annotated, Any, Self, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from api.app import ActorOf, ServicesOf
from api.bodies import schema_of
from api.description import written
from api.errors import error_body
from api.limits import RateLimit, ValidationLimits, address_of, body_of
from api.multipart import is_form, parts_of
from api.services import ApiServices
from harvester.checking import Answer, CheckedFile, Question, SentFile
from records.errors import BodyError, BusyError, MediaTypeError
from records.issues import Edit, Issue, Operation, Severity
from shapes.finding_pages import FindingPages
from shapes.reports.html_report import to_html
from shapes.reports.json_report import to_value
from shapes.reports.junit_report import to_junit
from shapes.reports.report import FileFindings, Report, best_first
from shapes.reports.sarif_report import to_sarif
from shapes.reports.shacl_report import to_shacl

T = TypeVar("T")

MAX_WAITING = 16
"""How many requests may wait for their turn to be checked; more are told to come back."""

MAX_NAME = 200
"""Longest name of a document, in characters."""

UNNAMED = "document.jsonld"
"""What a document is called whose sender does not say."""

_FILE_FIELD = "files.entries."
"""Where an InvenioRDM record has its files, so that an upload form shows the message at its files."""

_CURL = "application/x-www-form-urlencoded"
"""What `curl --data-binary @FILE` calls whatever it sends; such a body is read as a document, too."""

_DOCUMENT_TYPES = frozenset({"application/ld+json", "application/json", "text/plain", _CURL})


_OTHER_TYPES = ("application/sarif+json", "text/turtle", "application/xml", "text/html")


class Form(StrEnum):
    """Forms in which findings are told."""

    JSON = "json"
    ERRORS = "errors"
    SARIF = "sarif"
    SHACL = "shacl"
    JUNIT = "junit"
    HTML = "html"


class Validations:
    """Whatever stands between a request and its check: how often, how much, and a turn of its own.

    Args:
        services: What does the work.
    """

    def __init__(self, services: ApiServices) -> None:
        self.limits: ValidationLimits = services.validation
        self._ask = services.check
        self._rate = RateLimit(self.limits.per_minute)
        # Threads of its own: whoever waits here must not take those that answer searches.
        self._threads = ThreadPoolExecutor(MAX_WAITING, thread_name_prefix="validation")
        self._places = BoundedSemaphore(MAX_WAITING)

    async def admit(self, request: Request) -> bytes:
        """The body of a request that is within the limits.

        Raises:
            RateLimitError: Its address asks too often.
            LimitError: The body is too long, or slow.
            MediaTypeError: The body is compressed.
        """
        self._rate.count(address_of(request, self.limits.proxies))
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise MediaTypeError("The body is compressed, which is not read here.", "Send it as it is.")
        return await body_of(request, self.limits.bytes)

    async def answer(self, question: Question, then: Callable[[Answer], T]) -> T:
        """What is made of the findings of some documents.

        Args:
            question: The documents, and what to do with them.
            then: Makes it.

        Raises:
            BusyError: Too many wait already.
            LimitError: It took too long, or too much memory.
        """
        if not self._places.acquire(blocking=False):
            raise BusyError("Too many documents are being checked just now.", "Try again in a while.", retry_after=10)
        work = self._threads.submit(lambda: then(self._ask(question)))
        work.add_done_callback(lambda _: self._places.release())  # when it ends, also when nobody waits any more
        return await asyncio.wrap_future(work)


def validations_of(request: Request) -> Validations:
    """The one gate of the running application."""
    validations: Validations = request.app.state.validations
    return validations


ValidationsOf = Annotated[Validations, Depends(validations_of)]
Profiles = Annotated[
    tuple[str, ...], Query(max_length=20, description="Profiles to check against; unset: those that the service uses.")
]
FileName = Annotated[str, Query(max_length=MAX_NAME, description="Name of the document, for the answer.")]

router = APIRouter()

_ANY_OBJECT: dict[str, Any] = {"schema": {"type": "object"}}
_DOCUMENT_BODY = {
    "requestBody": {
        "required": True,
        "description": "The document, or a form with files.",
        "content": {
            "application/ld+json": _ANY_OBJECT,
            "application/json": _ANY_OBJECT,
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            },
        },
    }
}


@router.post(
    "/api/validate",
    summary="Find what is wrong with a document, without keeping it",
    openapi_extra=_DOCUMENT_BODY,
    responses=written("application/json", *_OTHER_TYPES),
)
async def post_validate(
    request: Request,
    services: ServicesOf,
    validations: ValidationsOf,
    _actor: ActorOf,
    profile: Profiles = (),
    name: FileName = UNNAMED,
    format: Annotated[Form | None, Query(description="Unset: what the Accept header says, else json.")] = None,  # noqa: A002
    fail_on: Annotated[
        Severity | None,
        Query(description="An error status from this severity on; unset: violation, for `errors` only."),
    ] = None,
) -> Response:
    """Findings with place, reason and suggestions; anonymous, and limited in size, time and number."""
    body = await validations.admit(request)
    files = _sent_files(request.headers.get("content-type", ""), body, name)
    question = Question(files, known_profiles(services, profile))
    form = format or _accepted(request)
    return await validations.answer(question, lambda answer: _told(answer, form, fail_on, services.base_iri))


class SentEdit(BaseModel):
    """One change, as a suggestion of `/api/validate` has it."""

    model_config = ConfigDict(extra="forbid")

    operation: Operation
    pointer: str | None = Field(None, description="JSON Pointer (RFC 6901) into the document as it was sent; not of a `splice`.")
    content: str = Field("", description="JSON text of the new value or key; of `splice` any text.")
    offset: int = Field(0, ge=0, description="First character of a `splice`, from 0.")
    length: int = Field(0, ge=0, description="How many characters a `splice` takes away.")

    @model_validator(mode="after")
    def _has_a_place(self) -> Self:
        if self.pointer is None and self.operation is not Operation.SPLICE:
            raise ValueError("pointer is missing: without it nothing says which value is meant")
        return self

    def to_edit(self) -> Edit:
        """The same in the project's words."""
        return Edit(self.operation, self.pointer or "", self.content, self.offset, self.length)


class Fix(BaseModel):
    """A document and the changes to make in it."""

    model_config = ConfigDict(extra="forbid")

    document: str = Field(description="The document as text.")
    edits: tuple[SentEdit, ...] = Field((), max_length=10_000, description="The `edits` of the suggestions to take.")
    certain: bool = Field(False, description="Take every certain suggestion as well that changes no value.")
    name: str = Field(UNNAMED, max_length=MAX_NAME)
    profiles: tuple[str, ...] = Field((), max_length=20)


@router.post(
    "/api/fix",
    summary="Take suggestions: the mended text, and what is still wrong with it",
    openapi_extra=schema_of(Fix, required=True),
)
async def post_fix(request: Request, services: ServicesOf, validations: ValidationsOf, _actor: ActorOf) -> Response:
    """The author's text with the changes in it and every other character as it was, and its findings; nothing is kept."""
    body = await validations.admit(request)
    if _media_type(request.headers.get("content-type", "")) != "application/json":
        raise MediaTypeError("The body is no JSON.", "Send JSON, and say so with Content-Type: application/json.")
    try:
        fix = Fix.model_validate_json(body)
    except ValidationError as error:
        return _invalid(error)
    content = fix.document.encode(errors="surrogatepass")
    file = SentFile(file_name(fix.name), content)
    edits = tuple(edit.to_edit() for edit in fix.edits)
    question = Question((file,), known_profiles(services, fix.profiles), edits, fix.certain)
    return await validations.answer(question, lambda answer: _fixed(answer, services.base_iri))


@router.get("/api/findings/codes", summary="Every kind of finding")
def get_codes(services: ServicesOf, _actor: ActorOf) -> dict[str, Any]:
    """Code, severity, first sentence and page of each."""
    return {"findings": [page.to_json() for page in services.finding_pages.values()]}


def add_validation(app: FastAPI, services: ApiServices) -> None:
    """Add the routes that check documents.

    Args:
        app: The application.
        services: What the routes call.
    """
    app.state.validations = Validations(services)
    app.include_router(router)


def known_profiles(services: ApiServices, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The profiles asked for, each once.

    Raises:
        RequestValidationError: One is not known.
    """
    unknown = [profile for profile in asked if profile not in services.profiles]
    if unknown:
        message = f"There is no profile '{unknown[0][:100]}'; there are: {', '.join(services.profiles)}"
        raise RequestValidationError([{"loc": ("query", "profile"), "msg": message, "type": "value_error"}])
    return tuple(dict.fromkeys(asked))


def file_name(sent: str) -> str:
    r"""The last part of a name that a stranger gave, without what no file name has.

    >>> file_name("../a/cell 1.jsonld"), file_name("C:\\data\\b.json"), file_name(" ")
    ('cell 1.jsonld', 'b.json', 'document.jsonld')
    """
    last = re.split(r"[/\\]", sent)[-1]
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", "", last).strip()[:MAX_NAME] or UNNAMED


def _sent_files(content_type: str, body: bytes, name: str) -> tuple[SentFile, ...]:
    if is_form(content_type):
        files = tuple(
            SentFile(file_name(part.filename), part.content) for part in parts_of(content_type, body) if part.filename is not None
        )
        if not files:
            raise BodyError("The form has no file.", "Choose at least one.")
        return files
    media_type = _media_type(content_type)
    if media_type and media_type not in _DOCUMENT_TYPES:
        raise MediaTypeError(
            f"A body of the kind '{media_type[:100]}' is not read here.",
            "Send a document with Content-Type: application/ld+json, or files as multipart/form-data.",
        )
    return (SentFile(file_name(name), body),)


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _accepted(request: Request) -> Form:
    accepted = request.headers.get("accept", "")
    return next((form for media_type, form in _FORMS.items() if media_type in accepted), Form.JSON)


def _invalid(error: ValidationError) -> JSONResponse:
    errors: list[dict[str, object]] = [
        {"field": ".".join(str(part) for part in problem["loc"]), "messages": [problem["msg"]]}
        for problem in error.errors(include_input=False, include_url=False)
    ]
    return error_body(400, "A validation error occurred.", "Mend the named fields.", errors)


# How findings are told


def _told(answer: Answer, form: Form, fail_on: Severity | None, base_iri: str) -> Response:
    report = _report(answer, fail_on or Severity.VIOLATION, base_iri)
    if form is Form.JSON:
        response = _json(_value(answer, report))
    elif form is Form.ERRORS:
        return _json(_errors(report), 400 if report.fails else 200)
    else:
        render, media_type = _RENDERERS[form]
        response = Response(render(report).encode(errors="replace"), media_type=media_type)
    if fail_on is not None and report.fails:
        response.status_code = 422
    if form is Form.HTML:
        # It brings its own style, which our pages may not: it is a file to keep.
        response.headers["Content-Disposition"] = 'attachment; filename="findings.html"'
    return response


def _report(answer: Answer, threshold: Severity, base_iri: str) -> Report:
    files = [
        FileFindings(file.file.name, file.issues, _text(file) if file.issues else "", file.file.name, file.iri) for file in answer
    ]
    return Report(files, threshold, version("voltagraph"), FindingPages(), base_iri.removesuffix("records/") + "findings/")


def _text(file: CheckedFile) -> str:
    return file.file.content.decode("utf-8-sig", "replace")


def _value(answer: Answer, report: Report) -> dict[str, object]:
    """As ``validate --format json`` prints it, with how many findings of each file are left out, where there are any."""
    left_out = {file.file.name: file.left_out for file in answer if file.left_out}
    return {**to_value(report), "left_out": left_out} if left_out else to_value(report)


def _fixed(answer: Answer, base_iri: str) -> Response:
    [checked] = answer
    value = _value(answer, _report(answer, Severity.VIOLATION, base_iri))
    return _json({"document": checked.file.content.decode("utf-8", "replace"), "taken": checked.taken, **value})


def _errors(report: Report) -> dict[str, object]:
    """As InvenioRDM tells what is wrong with a draft: the same keys in the same order, and nothing else."""
    messages: dict[str, list[str]] = {}
    for file in report.files:
        for issue in filter(report.is_failure, file.findings):
            field = f"{_FILE_FIELD}{file.file}" + (f":{issue.pointer}" if issue.pointer else "")
            messages.setdefault(field, []).append(_message(issue))
    errors = [{"field": field, "messages": told} for field, told in messages.items()]
    message = "A validation error occurred." if errors else "No finding of this severity."
    return {"status": 400 if errors else 200, "message": message, "errors": errors}


def _message(issue: Issue) -> str:
    place = f"Line {issue.line}: " if issue.line else ""
    advice = best_first(issue)
    return f"{place}{issue.message}{f'; {advice}' if advice else ''} [{issue.code}]"


def _json(value: object, status: int = 200) -> Response:
    """JSON with InvenioRDM's spaces, because some clients compare the text; half characters, which UTF-8 lacks, are escaped."""
    return Response(json.dumps(value, ensure_ascii=False).encode(errors="backslashreplace"), status, media_type="application/json")


_RENDERERS: Mapping[Form, tuple[Callable[[Report], str], str]] = {
    Form.SARIF: (partial(to_sarif, uri_of=quote), "application/sarif+json"),
    Form.SHACL: (to_shacl, "text/turtle"),
    Form.JUNIT: (to_junit, "application/xml"),
    Form.HTML: (to_html, "text/html"),
}
_FORMS: Mapping[str, Form] = {"application/sarif+json": Form.SARIF, "text/turtle": Form.SHACL}
