"""The OpenAPI description: what FastAPI finds out, made true for errors, with tokens and with examples."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi

from records.errors import BodyError

_EXAMPLES: Final = Path(__file__).with_name("examples.json")
_TEXT: Final = {"type": "string"}
PROBLEM: Final[Mapping[str, Any]] = {
    "title": "Problem",
    "type": "object",
    "required": ["status", "message", "remedy", "errors"],
    "properties": {
        "status": {"type": "integer", "description": "As the HTTP status."},
        "message": {**_TEXT, "description": "What is wrong."},
        "remedy": {**_TEXT, "description": "What to do."},
        "errors": {
            "type": "array",
            "description": "The fields that are wrong.",
            "items": {
                "type": "object",
                "required": ["field", "messages"],
                "properties": {"field": _TEXT, "messages": {"type": "array", "items": _TEXT}},
            },
        },
    },
    "example": {
        "status": 400,
        "message": "A validation error occurred.",
        "remedy": "Mend the named fields.",
        "errors": [{"field": "limit", "messages": ["Input should be less than or equal to 100"]}],
    },
}
"""The one body of all errors (`api.errors`)."""

_ERROR: Final = {
    "description": "An error: 400 what cannot be, 401 an unknown token, 404 nothing there that you may read, …",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_ABOUT: Final = (
    "Semantic search for battery research data. A question is answered with hits and the reasons for each, facets with exact "
    "counts, and the question as it was understood, which can be edited and sent back. Everything keeps to what its reader may "
    "read: send `Authorization: Bearer TOKEN` to read more than what is public."
)


def describe(app: FastAPI) -> None:
    """Let the application describe itself at ``/api/openapi.json``, made at the first request."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI says: https://fastapi.tiangolo.com/how-to/extending-openapi/


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
    examples = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            _complete(operation["responses"], examples.get(path))
            for body in operation.get("requestBody", {}).get("content", {}).values():
                schemas.update(body.get("schema", {}).pop("$defs", {}))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    schema["security"] = [{}, {"token": []}]
    return schema


def _complete(responses: dict[str, Any], example: Mapping[str, object] | None) -> None:
    """Errors as they are answered, not as FastAPI would; the example with its schema."""
    if "HTTPValidationError" in json.dumps(responses.get("422", {})):
        del responses["422"]
    responses["default"] = _ERROR
    if example is not None:
        schema = schema_like(example)
        responses["200"]["content"] = {"application/json": {"schema": schema, "example": example}}


def check_parameters(request: Request) -> None:
    """Refuse a parameter that the route does not have: a filter that is misspelt would filter nothing, and nobody would know.

    Raises:
        BodyError: There is one.
    """
    described = request.app.openapi()["paths"][request.url.path][request.method.lower()]
    known = [parameter["name"] for parameter in described["parameters"] if parameter["in"] == "query"]
    for name in request.query_params:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            remedy = f"Is “{near[0]}” meant?" if near else f"There are: {', '.join(known)}."
            raise BodyError(f"There is no parameter “{name[:100]}” here.", remedy, field=name[:100])


def schema_like(example: Mapping[str, object]) -> dict[str, Any]:
    """The JSON schema of objects like this one: of what type each key is; an object within it can be ``null``.

    >>> schema_like({"total": 1, "answer": {}})
    {'type': 'object', 'properties': {'total': {'type': 'number'}, 'answer': {'type': ['object', 'null']}}}
    """
    return {"type": "object", "properties": {name: {"type": _type_of(value)} for name, value in example.items()}}


def _type_of(value: object) -> str | list[str]:
    match value:
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return ["object", "null"]
