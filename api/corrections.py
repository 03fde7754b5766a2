"""Causes of findings over the records that a reader may read, and corrections of them: parse, call one function, render."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from access.audiences import LOCAL
from access.identity import ANONYMOUS, Actor
from api.app import ActorOf, Limit, Offset, ServicesOf
from api.bodies import schema_of
from api.description import written
from api.limits import body_of
from api.validate import SentEdit
from harvester.curation import (
    MAX_EDITS,
    MAX_REASON_CHARS,
    Kept,
    PatchForm,
    Wanted,
    accept,
    correction_to_revoke,
    corrections_json,
    edits_of,
    entry_to_correct,
    patch,
    readable_entry,
    revoke,
)
from harvester.ledger import Among
from records.errors import IdentityError

MAX_BODY_BYTES = 4_000_000
"""Largest body that is read of somebody with a token, in bytes."""

_PATCH_TYPES = {PatchForm.PATCH: "text/x-diff; charset=utf-8", PatchForm.JSON_PATCH: "application/json-patch+json"}
_Model = TypeVar("_Model", bound=BaseModel)
_Word = Annotated[str, Query(max_length=1_000)]

router = APIRouter()


class SentCorrection(BaseModel):
    """A suggestion of a finding, or edits, to keep as a correction of a record."""

    model_config = ConfigDict(extra="forbid")

    record: str = Field(max_length=10_000, description="Id of the record.")
    finding: int | None = Field(None, ge=1, description="Number of the finding, from 1, in the `findings` of the record.")
    suggestion: int = Field(1, ge=1, description="Number of its suggestion, from 1.")
    edits: tuple[SentEdit, ...] = Field(
        (), max_length=MAX_EDITS, description="Instead: changes to the document as the record shows it."
    )
    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARS, description="Why, for those who read the record and its owner.")


class SentReason(BaseModel):
    """Why a correction is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARS)


def signed_in(actor: ActorOf) -> Actor:
    """Who asks, if that is somebody.

    Raises:
        IdentityError: No token was sent.
    """
    if actor is ANONYMOUS:
        raise IdentityError("This needs a token.", "Send one as 'Authorization: Bearer TOKEN'.")
    return actor


SignedIn = Annotated[Actor, Depends(signed_in)]


async def sent_by(request: Request, _actor: SignedIn) -> bytes:
    """The body of a request by somebody."""
    return await body_of(request, MAX_BODY_BYTES)


Body = Annotated[bytes, Depends(sent_by)]


@router.get("/api/findings", summary="Causes of findings, those in most places first")
def get_findings(
    services: ServicesOf,
    actor: ActorOf,
    source: _Word = "",
    community: _Word = "",
    code: _Word = "",
    limit: Limit = 20,
    offset: Offset = 0,
) -> dict[str, Any]:
    """Over the records whose files the actor may read: how far each cause reaches, since when, and what mending it unblocks."""
    scoped = community if not community or "/" in community else f"{LOCAL}/{community}"
    return services.ledger.causes(actor.audiences, Among(source, scoped, code), limit=limit, offset=offset).to_json()


@router.get("/api/corrections/{record:path}", summary="Corrections of a record: who, when, why, what")
def get_corrections(services: ServicesOf, actor: ActorOf, record: str) -> dict[str, Any]:
    """For those who may read its files; 404 for what is unknown and for what is forbidden alike."""
    return corrections_json(services.curation, readable_entry(services.curation, record, actor.audiences))


@router.get(
    "/api/patches/{record:path}",
    summary="The corrections of a record as a patch for the owner of its document",
    response_class=Response,
    responses=written(*_PATCH_TYPES.values()),
)
def get_patch(
    services: ServicesOf,
    actor: ActorOf,
    record: str,
    format: PatchForm = PatchForm.PATCH,  # noqa: A002 - the parameter's name
) -> Response:
    """A unified diff, or a JSON Patch (RFC 6902), against the document as harvested; for those who may read its files."""
    entry = readable_entry(services.curation, record, actor.audiences)
    return Response(patch(services.curation, entry, format), media_type=_PATCH_TYPES[format])


@router.post(
    "/api/corrections", summary="Accept a correction", status_code=201, openapi_extra=schema_of(SentCorrection, required=True)
)
def post_correction(services: ServicesOf, actor: SignedIn, body: Body) -> dict[str, Any]:
    """For curators who may read the record's files. The record is read with it at once, or pending while a harvest runs."""
    sent = _parsed(SentCorrection, body)
    if (sent.finding is None) == (not sent.edits):
        message = "Give either the number of a finding or edits"
        raise RequestValidationError([{"loc": ("body", "finding"), "msg": message, "type": "value_error"}])
    entry = entry_to_correct(services.curation, sent.record, actor.audiences)
    wanted = Wanted(sent.finding or 0, sent.suggestion, tuple(edit.to_edit() for edit in sent.edits))
    kept: Kept = accept(services.curation, entry, edits_of(entry, wanted), by=actor.name, reason=sent.reason)
    return kept.to_json()


@router.post(
    "/api/corrections/{correction}/revoke", summary="Take a correction back", openapi_extra=schema_of(SentReason, required=True)
)
def post_revoke(services: ServicesOf, actor: SignedIn, correction: str, body: Body) -> dict[str, Any]:
    """For curators who may read the record's files; the record is read without it at once, unless a harvest runs."""
    sent = _parsed(SentReason, body)
    found = correction_to_revoke(services.curation, correction, actor.audiences)
    return revoke(services.curation, found, by=actor.name, reason=sent.reason).to_json()


def _parsed(model: type[_Model], body: bytes) -> _Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
        raise RequestValidationError([{**problem, "loc": ("body", *problem["loc"])} for problem in told]) from None
