"""Pages to ask in SPARQL, for saved queries and for snapshots. They work without scripts."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.templating import Jinja2Templates

from access.identity import ANONYMOUS, Actor
from api.app import ActorOf, ServicesOf
from api.corrections import SignedIn
from api.errors import errors_of, told
from api.saved_queries import address_of_query
from api.services import ApiServices
from api.sparql import Client, EndpointOf, asker_of
from graph.guard import QueryKind, QueryLimits, guard
from graph.parameters import Parameter, ValueType, parameter_of
from graph.queries import QueryRequest
from graph.saved_queries import Draft, SavedQuery, Visibility, bindings, listed, remove, save, version_of, versions_of
from graph.snapshot_file import Visibility as SnapshotVisibility
from graph.snapshot_file import snapshot_json
from graph.snapshots import MAX_NOTE_CHARS
from graph.store import Term
from records.errors import BodyError, CancelledError, QueryLimitError, VoltagraphError
from ui.answer_view import FORMS, PAGE_BYTES, PAGE_ROWS, page_allowance, page_form, shown_answer
from ui.forms import fields_of

PREFIX: Final = "p."
"""What the names of fields for parameters begin with, so that they can be called anything."""
MAX_LINK: Final = 6_000
"""Longest address of a link; what is longer is sent as a form."""
FORM_BYTES: Final = 100_000
"""How long a form may be beyond its query."""
START: Final = """PREFIX schema: <https://schema.org/>

SELECT ?thing ?name WHERE {
  ?thing schema:name ?name
}
ORDER BY ?name
LIMIT 50
"""
"""What stands in the empty editor."""

router = APIRouter(include_in_schema=False)
_templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


# The editor


@router.get("/query", response_class=HTMLResponse)
async def query_page(request: Request, services: ServicesOf, endpoint: EndpointOf, actor: ActorOf) -> HTMLResponse:
    """The editor; with ``query`` the answer to it."""
    fields = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return await _editor(request, services, endpoint, actor, fields)


@router.post("/query", response_class=HTMLResponse)
async def query_page_posted(request: Request, services: ServicesOf, endpoint: EndpointOf, actor: ActorOf) -> HTMLResponse:
    """The same for a query of any length."""
    return await _editor(request, services, endpoint, actor, await _form(request, services))


@router.post("/query/save", response_class=HTMLResponse)
async def save_page(request: Request, services: ServicesOf, actor: SignedIn) -> Response:
    """Keep the query of the editor under a name."""
    fields = await _form(request, services)
    try:
        draft = Draft(
            slug=fields.get("name", "").strip(),
            title=fields.get("title", "").strip() or fields.get("name", ""),
            text=fields.get("query", ""),
            description=fields.get("description", ""),
            parameters=tuple(parameter_of(line.strip()) for line in fields.get("parameters", "").splitlines() if line.strip()),
            visibility=_visibility(fields.get("visibility", "")),
            audiences=tuple(word.strip(",") for word in fields.get("audiences", "").split()),
        )
        kept = await to_thread.run_sync(lambda: save(services.saved_queries, draft, actor).query)
    except VoltagraphError as error:
        shown = _editor_fields(services, actor, fields) | {"saving": True}
        return _page(request, services, "query.html", shown | _problem(request, error, fields.get("query", "")))
    return RedirectResponse(_saved_page(kept), 303)


async def _editor(
    request: Request, services: ApiServices, endpoint: EndpointOf, actor: Actor, fields: Mapping[str, str]
) -> HTMLResponse:
    shown = _editor_fields(services, actor, fields)
    text = fields.get("query", "")
    if not text.strip() or "edit" in fields:
        return _page(request, services, "query.html", shown)
    shown |= await _answer(request, services, endpoint, actor, text, fields.get("snapshot", ""), {})
    if "error" not in shown:
        given = {"query": text, **({"snapshot": fields["snapshot"]} if fields.get("snapshot") else {})}
        shown["downloads"] = _downloads("/sparql", given, shown["kind"])
    return _page(request, services, "query.html", shown)


def _editor_fields(services: ApiServices, actor: Actor, fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        "text": fields.get("query") or START,
        "fields": fields,
        "snapshot": fields.get("snapshot", ""),
        "snapshots": _own_snapshots(services, actor),
        "examples": [_entry(query) for query in services.saved_queries.examples],
        "allowance": services.allowance_of(actor),
        "page_rows": PAGE_ROWS,
        "visibilities": [visibility.value for visibility in Visibility],
    }


# Saved queries


@router.get("/query/saved", response_class=HTMLResponse)
def saved_page(request: Request, services: ServicesOf, actor: ActorOf, find: str = "") -> HTMLResponse:
    """The saved queries that the reader may see."""
    found = listed(services.saved_queries, actor, find[:1_000])
    own = [_entry(query) for query in found if query.owner and query.owner == actor.name]
    shared = [_entry(query) for query in found if query.owner and query.owner != actor.name]
    groups = {"Yours": own, "Of others": shared, "With the program": [_entry(query) for query in found if not query.owner]}
    return _page(request, services, "saved_queries.html", {"find": find, "groups": groups, "number": len(found)})


@router.get("/query/saved/{name}/{version}", response_class=HTMLResponse)
async def saved_query_page(
    request: Request, services: ServicesOf, endpoint: EndpointOf, actor: ActorOf, name: str, version: str
) -> HTMLResponse:
    """One saved query with a form for its parameters, and its answer once the form was sent."""
    fields = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        query = await to_thread.run_sync(lambda: version_of(services.saved_queries, name, version, actor))
    except VoltagraphError as error:
        problem = told(error, request.url.path)
        said = {"message": problem.message, "remedy": problem.remedy}
        return _page(request, services, "problem.html", said, status=problem.status)
    versions = await to_thread.run_sync(lambda: versions_of(services.saved_queries, name, actor))
    given = {key.removeprefix(PREFIX): value for key, value in fields.items() if key.startswith(PREFIX)}
    defaults = {one.name: _default(services, one) for one in query.parameters}
    shown: dict[str, Any] = {
        "query": query,
        "prefix": PREFIX,
        "given": defaults | given,
        "versions": [_entry(one) | {"created": one.created} for one in versions],
        "is_own": query.owner == actor.name != ANONYMOUS.name,
        "editor": "/query?" + urlencode({"query": query.text, "edit": "1"}),
        "api": address_of_query(query),
        "snapshot": fields.get("snapshot", ""),
        "snapshots": _own_snapshots(services, actor),
    }
    if "run" in fields:
        shown |= await _run_saved(request, services, endpoint, actor, query, given, fields.get("snapshot", ""))
    return _page(request, services, "saved_query.html", shown)


@router.post("/query/saved/{name}/{version}/delete")
def delete_saved_page(services: ServicesOf, actor: SignedIn, name: str, version: int) -> Response:
    """Forget one version of a query of one's own."""
    remove(services.saved_queries, name, version, actor)
    return RedirectResponse("/query/saved", 303)


async def _run_saved(
    request: Request,
    services: ApiServices,
    endpoint: EndpointOf,
    actor: Actor,
    query: SavedQuery,
    given: Mapping[str, str],
    snapshot: str,
) -> dict[str, Any]:
    try:
        bound = await to_thread.run_sync(lambda: bindings(services.saved_queries, query, given))
    except VoltagraphError as error:
        return _problem(request, error, "")
    shown = await _answer(request, services, endpoint, actor, query.text, snapshot, bound)
    if "error" not in shown:
        sent = {name: value for name, value in given.items() if name in bound} | ({"snapshot": snapshot} if snapshot else {})
        shown["downloads"] = _downloads(f"{address_of_query(query)}/run", sent, query.kind)
    return shown


# Snapshots


@router.get("/query/snapshots", response_class=HTMLResponse)
def snapshots_page(request: Request, services: ServicesOf, actor: ActorOf, made: str = "") -> HTMLResponse:
    """The snapshots of who is logged in, and a form that makes one."""
    return _page(request, services, "snapshots.html", {"snapshots": _own_snapshots(services, actor), "made": made})


@router.post("/query/snapshots", response_class=HTMLResponse)
async def make_snapshot_page(request: Request, services: ServicesOf, actor: ActorOf) -> Response:
    """Freeze what may be read now."""
    fields = await _form(request, services)
    is_public = fields.get("visibility") == SnapshotVisibility.PUBLIC
    visibility = SnapshotVisibility.PUBLIC if is_public else SnapshotVisibility.PRIVATE
    note = fields.get("note", "").strip()[:MAX_NOTE_CHARS]
    try:
        made = await to_thread.run_sync(lambda: services.snapshots.create(actor, visibility, note))
    except VoltagraphError as error:
        shown = {"snapshots": _own_snapshots(services, actor), "made": ""}
        return _page(request, services, "snapshots.html", shown | _problem(request, error, ""))
    return RedirectResponse("/query/snapshots?" + urlencode({"made": made.snapshot.id}), 303)


@router.post("/query/snapshots/{snapshot}/delete")
def delete_snapshot_page(services: ServicesOf, actor: SignedIn, snapshot: str) -> Response:
    """Remove a snapshot of one's own."""
    services.snapshots.delete(snapshot, actor)
    return RedirectResponse("/query/snapshots", 303)


def add_query_pages(app: FastAPI) -> None:
    """Add these pages to the application."""
    app.include_router(router)


# What they share


async def _answer(
    request: Request,
    services: ApiServices,
    endpoint: EndpointOf,
    actor: Actor,
    text: str,
    snapshot: str,
    bound: Mapping[str, Term],
) -> dict[str, Any]:
    """The answer for the page, or what is wrong."""
    client = Client(request)
    try:
        return await endpoint.wait_for(lambda: _asked(request, services, actor, text, snapshot, bound, client))
    except CancelledError:
        return {}  # nobody sees it
    except VoltagraphError as error:
        return _problem(request, error, text)
    finally:
        client.leave()


def _asked(
    request: Request, services: ApiServices, actor: Actor, text: str, snapshot: str, bound: Mapping[str, Term], client: Client
) -> dict[str, Any]:
    kind = guard(text, QueryLimits(bytes=services.max_query_bytes), bindings=bound).kind
    asked = QueryRequest(text, actor.audiences, page_form(kind), bindings=bound)
    shown: dict[str, Any] = {"kind": kind}
    if snapshot:
        view = services.snapshots.place(snapshot, actor)
        asked = replace(asked, audiences=view.audiences, place=view.place, repeatable=True)
        if view.snapshot.owner == actor.name != ANONYMOUS.name:
            shown["withheld"] = view.withheld
    allowance = page_allowance(services.allowance_of(actor))
    name = asker_of(request, services, actor)
    try:
        with services.queries.run(asked, allowance, actor=name, is_cancelled=client.has_left) as answer:
            return {**shown, "answer": shown_answer(services, answer, kind)}
    except QueryLimitError as error:
        if error.limit in {"bytes", "rows"} and error.allowed in {PAGE_BYTES, PAGE_ROWS}:
            return {**shown, "too_large": True}
        raise


def _problem(request: Request, error: VoltagraphError, text: str) -> dict[str, Any]:
    """What is wrong, with the line of the query where it is. A page that shows a fault of a query is itself in order."""
    problem = told(error, request.url.path)
    shown: dict[str, Any] = {"error": problem, "status": problem.status if problem.status >= 500 else 200}
    places = [one for one in errors_of(error) if "line" in one] if problem.status < 500 else []
    lines = text.split("\n")
    for place in places[:1]:
        line, column = int(str(place["line"])), int(str(place["column"]))
        if line <= len(lines):
            source = lines[line - 1].rstrip("\r")
            shown["place"] = {
                "line": line,
                "column": column,
                "before": source[: column - 1],
                "at": source[column - 1 : column] or " ",
                "after": source[column:],
            }
    return shown


def _downloads(path: str, given: Mapping[str, str], kind: QueryKind) -> dict[str, Any]:
    """Links to the answer in every form; a form when the query is too long for a link."""
    forms = [
        {
            "name": name,
            "label": label,
            "href": f"{path}?{urlencode({**given, 'format': name})}",
            "file": f"answer.{'ttl' if name == 'turtle' else name}",
        }
        for name, label in FORMS[kind].items()
    ]
    is_long = max(len(form["href"]) for form in forms) > MAX_LINK
    return {"forms": forms, "is_long": is_long, "path": path, "given": given}


def _own_snapshots(services: ApiServices, actor: Actor) -> list[dict[str, Any]]:
    return [] if actor is ANONYMOUS else [snapshot_json(one, actor) for one in services.snapshots.own(actor)]


def _default(services: ApiServices, parameter: Parameter) -> str:
    """The default value of a parameter as people write it: a concept by its label, where that is clear."""
    default = parameter.default or ""
    if parameter.type is ValueType.CONCEPT and default:
        label = services.concepts.label(default)
        with suppress(BodyError):
            if services.saved_queries.values.term(parameter, label) == default:
                return label
    return default


def _entry(query: SavedQuery) -> dict[str, Any]:
    return {"query": query, "href": _saved_page(query)}


def _saved_page(query: SavedQuery) -> str:
    return f"/query/saved/{quote(query.name, safe=':@')}/{query.version}"


def _visibility(text: str) -> Visibility:
    try:
        return Visibility(text or Visibility.PRIVATE)
    except ValueError as error:
        raise BodyError(f"{text[:40]!r} is no visibility.", f"Choose {', '.join(Visibility)}.") from error


async def _form(request: Request, services: ApiServices) -> dict[str, str]:
    # Percent-encoded, a byte may be three.
    return await fields_of(request, 3 * services.max_query_bytes + FORM_BYTES)


def _page(request: Request, services: ApiServices, template: str, shown: Mapping[str, Any], status: int = 0) -> HTMLResponse:
    common = {"max_question": services.max_question_chars}
    code = status or int(shown.get("status", 200))
    return _templates.TemplateResponse(request, template, {**common, **shown}, status_code=code)
