"""The OpenAPI description: what FastAPI finds out, made true for errors, with tokens and with examples."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi

from api.conditional import START
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
_UNCHANGED: Final = {"description": "Nothing has changed since the answer whose `ETag` was sent as `If-None-Match`; no body."}
_ABOUT: Final = (
    "Semantic search for battery research data. A question is answered with hits and the reasons for each, facets with exact "
    "counts, and the question as it was understood, which can be edited and sent back. Everything keeps to what its reader may "
    "read: send `Authorization: Bearer TOKEN` to read more than what is public. HEAD is answered wherever GET is."
)


def describe(app: FastAPI) -> None:
    """Let the application describe itself at ``/api/openapi.json``, made at the first request."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI says: https://fastapi.tiangolo.com/how-to/extending-openapi/


def written(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of an answer that is of one of these media types."""
    names = [media_type.partition(";")[0] for media_type in media_types]
    return {200: {"content": {name: {"schema": {} if name.endswith("json") else _TEXT} for name in names}}}


def _described(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
    examples = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            _complete(operation, examples.get(f"{method} {path}", examples.get(path)))
            if method == "get" and path.startswith(START):
                operation["responses"]["304"] = _UNCHANGED
            for body in operation.get("requestBody", {}).get("content", {}).values():
                schemas.update(body.get("schema", {}).pop("$defs", {}))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = PROBLEM
    schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    schema["security"] = [{}, {"token": []}]
    return schema


def _complete(operation: dict[str, Any], example: object) -> None:
    """Errors as they are answered, not as FastAPI would; answers in our words, with their example.

    Args:
        operation: A method of a path.
        example: Its answer in the first of its media types; or, in a list, several that differ, of which the first is shown.
    """
    responses = operation["responses"]
    if "HTTPValidationError" in json.dumps(responses.get("422", {})):
        del responses["422"]
    for status, response in responses.items():
        if status.startswith("2"):
            response["description"] = operation["description"]
            if example is not None and status != "204":
                _show(response.setdefault("content", {}), example)
    responses["default"] = _ERROR


def _show(content: dict[str, Any], example: object) -> None:
    examples = example if isinstance(example, list) else [example]
    media_type = next(iter(content), "application/json")
    schema = schema_of_all(examples) if media_type == "application/json" else content[media_type]["schema"]
    content[media_type] = {"schema": schema, "example": examples[0]}


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


def schema_of_all(examples: Sequence[object]) -> dict[str, Any]:
    """The JSON schema of values like these: what an example has, others may lack, and have more; ``null`` alone says nothing.

    >>> schema_of_all([{"hits": [{"score": 2.5}, {"score": None}], "order": None}])["properties"]
    {'hits': {'type': 'array', 'items': {'type': 'object', 'properties': {'score': {'type': ['number', 'null']}}}}, 'order': {}}
    """
    types = list(dict.fromkeys(_type_of(example) for example in examples))
    if types in ([], ["null"]):
        return {}
    schema: dict[str, Any] = {"type": types[0] if len(types) == 1 else types}
    if objects := [example for example in examples if isinstance(example, dict)]:
        names = dict.fromkeys(name for one in objects for name in one)
        schema["properties"] = {name: schema_of_all([one[name] for one in objects if name in one]) for name in names}
    if lists := [example for example in examples if isinstance(example, list)]:
        schema["items"] = schema_of_all([item for one in lists for item in one])
    return schema


def _type_of(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
