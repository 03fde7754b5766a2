"""Saved queries over HTTP: parse, call one function, render. What an actor may not see is not there (`docs/saved-queries.md`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from access.identity import Actor
from api.app import ActorOf, Limit, Offset, ServicesOf
from api.bodies import parsed, schema_of
from api.corrections import SignedIn
from api.description import written
from api.limits import body_of
from api.negotiation import prefers
from api.sparql import EndpointOf, answered
from api.sparql_request import Asked
from graph.parameters import MAX_ALLOWED, MAX_PARAMETERS, MAX_VALUE_CHARS, Parameter, ValueType
from graph.results import ResultFormat
from graph.saved_queries import (
    MAX_AUDIENCES,
    MAX_DESCRIPTION_CHARS,
    MAX_KEYWORDS,
    MAX_TITLE_CHARS,
    Draft,
    SavedQuery,
    Visibility,
    bindings,
    listed,
    remove,
    save,
    version_of,
    versions_of,
)
from records.errors import BodyError

MAX_DEFINITION_BYTES = 1_000_000
"""Largest definition of a query that is read, in bytes."""
PAGES = "/query/saved"
"""Where browsers find the same as pages."""

_Value = Annotated[str, Field(max_length=MAX_VALUE_CHARS)]

router = APIRouter()


class SentParameter(BaseModel):
    """A variable of a query whose value is given when it is run."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=100, description="Name of the variable, without `?`.")
    type: ValueType
    description: str = Field("", max_length=MAX_DESCRIPTION_CHARS)
    default: _Value | None = Field(None, description="Its value when none is given.")
    required: bool = Field(False, description="Whether a value must be given.")
    allowed: tuple[_Value, ...] = Field((), max_length=MAX_ALLOWED, description="The only values that may be given.")

    def to_parameter(self) -> Parameter:
        """The value of this project."""
        return Parameter(self.name, self.type, self.description, self.default, self.required, self.allowed)


class SentQuery(BaseModel):
    """A query to save; when there is one of this name, this is its next version."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=100, description="Its name among yours: small letters, digits and hyphens.")
    title: str = Field(max_length=MAX_TITLE_CHARS, description="A line for lists.")
    text: str = Field(description="SPARQL 1.1.")
    description: str = Field("", max_length=MAX_DESCRIPTION_CHARS, description="What it answers.")
    parameters: tuple[SentParameter, ...] = Field((), max_length=MAX_PARAMETERS)
    keywords: tuple[str, ...] = Field((), max_length=MAX_KEYWORDS, description="Words that find it.")
    visibility: Visibility = Field(Visibility.PRIVATE, description="Who may see and run it.")
    audiences: tuple[str, ...] = Field((), max_length=MAX_AUDIENCES, description="Those of the visibility `audiences`.")

    def to_draft(self) -> Draft:
        """The value of this project."""
        return Draft(
            slug=self.name,
            title=self.title,
            text=self.text,
            description=self.description,
            parameters=tuple(parameter.to_parameter() for parameter in self.parameters),
            keywords=self.keywords,
            visibility=self.visibility,
            audiences=self.audiences,
        )


async def _sent(request: Request, _actor: SignedIn) -> bytes:
    return await body_of(request, MAX_DEFINITION_BYTES)


@router.get("/queries", summary="Saved queries that the actor may see", response_model=None)
def get_queries(
    request: Request,
    services: ServicesOf,
    actor: ActorOf,
    q: Annotated[str, Query(max_length=1_000, description="Words that occur in name, title, description or keywords.")] = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response | dict[str, Any]:
    """The newest version of each, those that come with the program first; `docs/saved-queries.md` has the whole."""
    if _is_browser(request):
        return RedirectResponse(PAGES, 303, headers={"Vary": "Accept"})
    found = listed(services.saved_queries, actor, q)
    return {"total": len(found), "queries": [summary_json(query) for query in found[offset : offset + limit]]}


@router.post(
    "/queries",
    summary="Save a query, or the next version of one",
    status_code=201,
    responses={200: {}},
    openapi_extra=schema_of(SentQuery, required=True),
)
def post_query(services: ServicesOf, actor: SignedIn, body: Annotated[bytes, Depends(_sent)]) -> JSONResponse:
    """201 with the new version; 200 with the newest one when it says the same."""
    draft = parsed(SentQuery, body).to_draft()
    kept, is_new = save(services.saved_queries, draft, actor)
    status = 201 if is_new else 200
    return JSONResponse(query_json(kept, actor), status_code=status, headers={"Location": address_of_query(kept)})


@router.get("/queries/{name}", summary="Versions of a saved query", response_model=None)
def get_query_versions(request: Request, services: ServicesOf, actor: ActorOf, name: str) -> Response | dict[str, Any]:
    """Those that the actor may see, oldest first; 404 for what is unknown and for what is forbidden alike."""
    if _is_browser(request):
        return RedirectResponse(f"{PAGES}/{quote(name, safe=':@')}/latest", 303, headers={"Vary": "Accept"})
    found = versions_of(services.saved_queries, name, actor)
    return {"name": found[-1].name, "versions": [summary_json(query) for query in found]}


@router.get("/queries/{name}/{version}", summary="One version of a saved query", response_model=None)
def get_query(request: Request, services: ServicesOf, actor: ActorOf, name: str, version: str) -> Response | dict[str, Any]:
    """Its text and parameters; the version may be ``latest``."""
    if _is_browser(request):
        return RedirectResponse(f"{PAGES}/{quote(name, safe=':@')}/{quote(version, safe='')}", 303, headers={"Vary": "Accept"})
    return query_json(version_of(services.saved_queries, name, version, actor), actor)


@router.head("/queries/{name}/{version}/run", include_in_schema=False)
@router.get(
    "/queries/{name}/{version}/run",
    summary="Run a saved query with values for its parameters",
    response_class=Response,
    responses=written(*ResultFormat),
    openapi_extra={
        "parameters": [
            {"name": one, "in": "query", "description": text, "schema": {"type": "string"}}
            for one, text in (
                ("format", "Short name of a format, in the place of the Accept header."),
                ("snapshot", "Ask the records as they were in this snapshot."),
            )
        ]
    },
)
async def run_query(
    request: Request, services: ServicesOf, endpoint: EndpointOf, actor: ActorOf, name: str, version: str
) -> Response:
    """The answer within the actor's rights, as ``/sparql`` gives it; every other parameter is one of the query."""
    asked = await endpoint.wait_for(lambda: _asked(request, services, actor, name, version))
    return await answered(request, services, endpoint, actor, asked)


@router.delete("/queries/{name}", summary="Forget a query of one's own", status_code=204)
def delete_query(services: ServicesOf, actor: SignedIn, name: str) -> Response:
    """All its versions; 404 unless the actor owns it."""
    remove(services.saved_queries, name, None, actor)
    return Response(status_code=204)


@router.delete("/queries/{name}/{version}", summary="Forget one version of a query of one's own", status_code=204)
def delete_query_version(services: ServicesOf, actor: SignedIn, name: str, version: str) -> Response:
    """Its number is never given again."""
    remove(services.saved_queries, name, version_of(services.saved_queries, name, version, actor).version, actor)
    return Response(status_code=204)


def address_of_query(query: SavedQuery) -> str:
    """Where a version of a query is."""
    return f"/queries/{quote(query.name, safe=':@')}/{query.version}"


def summary_json(query: SavedQuery) -> dict[str, object]:
    """A query as lists have it: all but its text."""
    shown = {name: value for name, value in query.to_json().items() if name != "text"}
    return {**shown, "href": address_of_query(query)}


def query_json(query: SavedQuery, actor: Actor) -> dict[str, object]:
    """A query as its reader may see it: the audiences are for its owner."""
    shown = {**query.to_json(), "href": address_of_query(query)}
    if query.owner == actor.name and query.visibility is Visibility.AUDIENCES:
        shown["audiences"] = sorted(query.readers)
    return shown


def given_values(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What is given for parameters, each once.

    Raises:
        BodyError: One is given twice.

    >>> given_values([("minimum", "3"), ("format", "csv")])
    {'minimum': '3'}
    """
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in {"format", "snapshot"}:
            continue
        if name in given:
            raise BodyError(f"The parameter {name[:60]!r} is given twice.", "Give it once.")
        given[name] = value
    return given


def _asked(request: Request, services: ServicesOf, actor: Actor, name: str, version: str) -> Asked:
    query = version_of(services.saved_queries, name, version, actor)
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    said: Mapping[str, list[str]] = {word: [value for one, value in pairs if one == word] for word in ("format", "snapshot")}
    return Asked(
        query=query.text,
        default_graphs=None,
        named_graphs=None,
        formats=tuple(filter(None, said["format"])),
        snapshot="".join(said["snapshot"][:1]),
        accept=", ".join(request.headers.getlist("accept")),
        bindings=bindings(services.saved_queries, query, given_values(pairs)),
    )


def _is_browser(request: Request) -> bool:
    return prefers(", ".join(request.headers.getlist("accept")), "text/html", ["application/json"])
