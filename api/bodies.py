"""Bodies of requests that are one JSON object."""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)


def parsed(model: type[Model], body: bytes) -> Model:
    """What a body says.

    Raises:
        RequestValidationError: It is no such object; the message names the field and quotes nothing of the body.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
        raise RequestValidationError([{**problem, "loc": ("body", *problem["loc"])} for problem in told]) from None


def schema_of(model: type[BaseModel], *, required: bool = False) -> dict[str, Any]:
    """What OpenAPI says of such a body; `api.description` puts the ``$defs`` of the schema where its references lead."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}
