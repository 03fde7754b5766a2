"""Questions over HTTP that are answered with a value: parse, call one function, render (`docs/asking.md`)."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from api.app import ActorOf, ServicesOf, checked_question
from api.bodies import parsed, schema_of
from api.limits import body_of
from records.errors import BodyError
from search.asking.ask import ask_json

MAX_BODY_BYTES: Final = 100_000
"""Largest body that is read, in bytes."""

router = APIRouter()


class Asked(BaseModel):
    """A question in plain words."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(json_schema_extra={"pattern": r"\S"}, description="E.g. `What is the rated capacity of the A123 20AH?`.")


async def _sent(request: Request) -> bytes:
    return await body_of(request, MAX_BODY_BYTES)


@router.post("/api/ask", summary="Answer a question with a value and its places", openapi_extra=schema_of(Asked, required=True))
def post_ask(services: ServicesOf, actor: ActorOf, body: Annotated[bytes, Depends(_sent)]) -> dict[str, Any]:
    """A value, count, names or yes and no, over what the actor may read; ``abstained`` when that is not known."""
    question = checked_question(parsed(Asked, body).question, services)
    if not question.strip():
        raise BodyError("The question is empty.", "Ask one: “What is the rated capacity of the A123 20AH?”.", field="question")
    return ask_json(services.asking, question, actor.audiences)
