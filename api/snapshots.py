"""Snapshots over HTTP: parse, call one function, render (`docs/training-sets.md`)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api.app import ActorOf, ServicesOf
from api.bodies import parsed, schema_of
from api.corrections import SignedIn
from api.limits import body_of
from graph.snapshot_file import Visibility, snapshot_json
from graph.snapshots import MAX_NOTE_CHARS

MAX_BODY_BYTES: Final = 10_000
"""Largest body that is read, in bytes."""
MAX_RECORDS: Final = 1_000
"""Most records on one page."""

router = APIRouter()


class SentSnapshot(BaseModel):
    """What is frozen, and for whom."""

    model_config = ConfigDict(extra="forbid")

    visibility: Visibility = Field(
        Visibility.PRIVATE,
        description="`private`: what you may read now, for you alone. `public`: the public records, for everyone who has the name.",
    )
    note: str = Field("", max_length=MAX_NOTE_CHARS, description="A few words for whoever may use it.")


async def _sent(request: Request) -> bytes:
    return await body_of(request, MAX_BODY_BYTES)


Body = Annotated[bytes, Depends(_sent)]
Offset = Annotated[int, Query(ge=0, le=2**53, description="Records to leave out first.")]
Records = Annotated[int, Query(ge=1, le=MAX_RECORDS, description="Most records in the answer.")]


@router.post(
    "/snapshots",
    summary="Freeze what you may read now",
    status_code=201,
    responses={200: {}},
    openapi_extra=schema_of(SentSnapshot),
)
def post_snapshot(services: ServicesOf, actor: ActorOf, body: Body) -> Response:
    """201, or 200 when the same state is frozen already; without a token public records alone."""
    sent = parsed(SentSnapshot, body or b"{}")
    made, is_new = services.snapshots.create(actor, sent.visibility, sent.note)
    return JSONResponse(
        snapshot_json(made, actor), status_code=201 if is_new else 200, headers={"Location": f"/snapshots/{made.id}"}
    )


@router.get("/snapshots", summary="Your snapshots, newest first")
def get_snapshots(services: ServicesOf, actor: SignedIn) -> dict[str, Any]:
    """Those of the holder of the token."""
    return {"snapshots": [snapshot_json(one, actor) for one in services.snapshots.own(actor)]}


@router.get("/snapshots/{snapshot}", summary="One snapshot")
def get_snapshot(services: ServicesOf, actor: ActorOf, snapshot: str) -> dict[str, Any]:
    """404 for what is unknown, expired or another's alike; ``withheld``: how many of its records you may not read now."""
    found = services.snapshots.get(snapshot, actor)
    readable = services.snapshots.records(snapshot, actor)
    return snapshot_json(found, actor, found.records - len(readable))


@router.get("/snapshots/{snapshot}/records", summary="The record versions of a snapshot")
def get_snapshot_records(
    services: ServicesOf, actor: ActorOf, snapshot: str, limit: Records = 100, offset: Offset = 0
) -> dict[str, Any]:
    """Graph and digest of each record that you may read now too, by graph."""
    found = services.snapshots.records(snapshot, actor)
    page = found[offset : offset + limit]
    return {"total": len(found), "records": [{"graph": one.graph_iri, "digest": one.digest} for one in page]}


@router.delete("/snapshots/{snapshot}", summary="Remove a snapshot of yours", status_code=204)
def delete_snapshot(services: ServicesOf, actor: SignedIn, snapshot: str) -> Response:
    """For its owner; 404 for what is unknown and for what is another's alike."""
    services.snapshots.delete(snapshot, actor)
    return Response(status_code=204)
