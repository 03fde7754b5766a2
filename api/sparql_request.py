"""What a request to the SPARQL endpoint says: its query, graphs and forms, from the address, a form or a body.

See https://www.w3.org/TR/sparql11-protocol/#query-operation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from api.limits import body_of
from api.negotiation import named, negotiate
from graph.guard import QueryKind
from graph.results import ResultFormat
from graph.store import Term
from records.errors import (
    BodyError,
    LimitError,
    MediaTypeError,
    NotAcceptableError,
    QueryRefusedError,
    QuerySyntaxError,
)

MAX_GRAPHS: Final = 256
"""Graphs that `default-graph-uri` and `named-graph-uri` may name together."""

MAX_PARAMETERS: Final = 512
"""Parameters of a request; more are refused."""

FORM_BYTES: Final = 100_000
"""How long a form may be beyond its query."""

FORM_TYPE: Final = "application/x-www-form-urlencoded"
QUERY_TYPE: Final = "application/sparql-query"

_PERCENT_ENCODED: Final = 3  # so many bytes of a form for one of the query, at most
_UPDATE: Final = "application/sparql-update"
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")

Offers = Sequence[tuple[str, ResultFormat]]

_TABLES: Offers = (
    *((str(form), form) for form in (ResultFormat.JSON, ResultFormat.XML, ResultFormat.CSV, ResultFormat.TSV)),
    *((str(form), form) for form in (ResultFormat.ARROW, ResultFormat.PARQUET, ResultFormat.JSON_LINES)),
    ("application/json", ResultFormat.JSON),
    ("application/xml", ResultFormat.XML),
    ("text/xml", ResultFormat.XML),
)
_TRUTHS: Offers = tuple(offer for offer in _TABLES if offer[1] in {ResultFormat.JSON, ResultFormat.XML})
STATEMENTS: Offers = (
    *((str(form), form) for form in (ResultFormat.TURTLE, ResultFormat.N_TRIPLES, ResultFormat.JSON_LD, ResultFormat.RDF_XML)),
    ("application/x-turtle", ResultFormat.TURTLE),
    ("text/n3", ResultFormat.TURTLE),  # Turtle is N3
    ("text/rdf+n3", ResultFormat.TURTLE),
    ("text/plain", ResultFormat.N_TRIPLES),
    ("application/json", ResultFormat.JSON_LD),
    ("application/xml", ResultFormat.RDF_XML),
    ("text/xml", ResultFormat.RDF_XML),
)
OFFERS: Mapping[QueryKind, Offers] = {
    QueryKind.SELECT: _TABLES,
    QueryKind.ASK: _TRUTHS,
    QueryKind.CONSTRUCT: STATEMENTS,
    QueryKind.DESCRIBE: STATEMENTS,
}
TABLE_NAMES: Mapping[str, ResultFormat] = {
    "json": ResultFormat.JSON,
    "xml": ResultFormat.XML,
    "csv": ResultFormat.CSV,
    "tsv": ResultFormat.TSV,
    "arrow": ResultFormat.ARROW,
    "parquet": ResultFormat.PARQUET,
    "jsonl": ResultFormat.JSON_LINES,
}
GRAPH_NAMES: Mapping[str, ResultFormat] = {
    "turtle": ResultFormat.TURTLE,
    "ttl": ResultFormat.TURTLE,
    "n3": ResultFormat.TURTLE,
    "ntriples": ResultFormat.N_TRIPLES,
    "nt": ResultFormat.N_TRIPLES,
    "jsonld": ResultFormat.JSON_LD,
    "json-ld": ResultFormat.JSON_LD,
    "json": ResultFormat.JSON_LD,
    "rdfxml": ResultFormat.RDF_XML,
    "rdf+xml": ResultFormat.RDF_XML,
    "rdf": ResultFormat.RDF_XML,
    "xml": ResultFormat.RDF_XML,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says.

    Args:
        query: The query; ``None`` when there is none.
        default_graphs: ``default-graph-uri``; ``None`` when neither this nor ``named-graph-uri`` is given.
        named_graphs: ``named-graph-uri``.
        formats: Short names of formats, or their media types; without any, the Accept header counts.
        snapshot: Which snapshot is asked; ``""``: the records as they are now.
        accept: The Accept header.
        bindings: Values of variables of the query.
    """

    query: str | None
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    formats: tuple[str, ...]
    snapshot: str
    accept: str
    bindings: Mapping[str, Term] = field(default_factory=dict)

    def form(self, offers: Offers, names: Mapping[str, ResultFormat]) -> ResultFormat:
        """The form of the answer.

        Args:
            offers: Forms that there are of it, by media type.
            names: Their short names.

        Raises:
            NotAcceptableError: None of them is welcome.
        """
        if self.formats:
            found = next((form for name in self.formats if (form := named(name, names, offers)) is not None), None)
        else:
            found = negotiate(self.accept, offers)
        if found is None:
            media_types = dict.fromkeys(str(form) for _, form in offers)
            short = [name for name, form in names.items() if form in {offer for _, offer in offers}]
            raise NotAcceptableError(
                "None of the forms asked for is offered for this kind of query.",
                f"Accept one of {', '.join(media_types)}; or say format= with one of {', '.join(short)}.",
            )
        return found


def pairs_of(encoded: bytes) -> list[tuple[str, str]]:
    """The parameters of an address or a form.

    Raises:
        BodyError: They are not UTF-8, or too many.
    """
    try:
        return parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError as error:
        raise BodyError("A parameter is not UTF-8.", "Encode it as UTF-8, then percent-encode it.") from error
    except ValueError as error:
        raise BodyError(f"There are more than {MAX_PARAMETERS} parameters.", "Send fewer of them.") from error


async def sent_pairs(request: Request, max_query_bytes: int) -> list[tuple[str, str]]:
    """What the body of a POST says, as parameters.

    Raises:
        MediaTypeError: It is of a kind that is not read here.
        QueryRefusedError: It is an update.
        LimitError: It is too long, or slow.
    """
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    media_type = media_type.strip().lower()
    if media_type == _UPDATE:
        raise _no_updates()
    if media_type not in {FORM_TYPE, QUERY_TYPE}:
        shown = f"A body of the kind '{media_type[:100]}'" if media_type else "A body of no kind"
        raise MediaTypeError(f"{shown} is not read here.", f"Send a query as {QUERY_TYPE}, or a form as {FORM_TYPE}.")
    charset = re.search(r"charset\s*=\s*\"?([^\s;\"]*)", parameters, re.IGNORECASE)
    if charset and charset[1].lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise MediaTypeError(f"A body in {charset[1][:40]!r} is not read here.", "Send UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise MediaTypeError("The body is compressed, which is not read here.", "Send it as it is.")
    if media_type == FORM_TYPE:
        return pairs_of(await _body(request, _PERCENT_ENCODED * max_query_bytes + FORM_BYTES))
    body = await _body(request, max_query_bytes)
    try:
        return [("query", body.decode("utf-8-sig"))]
    except UnicodeDecodeError as error:
        before = body[: error.start].decode(errors="replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise QuerySyntaxError(
            f"The query is not UTF-8 (line {line}, column {column}).", "Send UTF-8.", line=line, column=column
        ) from error


async def _body(request: Request, limit: int) -> bytes:
    try:
        return await body_of(request, limit)
    except LimitError as error:
        raise LimitError(error.message, "Shorten the query, or ask in parts.") from error


def asked_of(request: Request, pairs: Sequence[tuple[str, str]]) -> Asked:
    """What the parameters say; those that are not known say nothing.

    Raises:
        QueryRefusedError: There is an update among them.
        BodyError: One is there twice, or is not what it should be.
    """
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    if "update" in values:
        raise _no_updates()
    for name in ("query", "snapshot"):
        if len(values.get(name, ())) > 1:
            raise BodyError(f"`{name}` is there {len(values[name])} times.", "Send it once.")
    default, graphs = (tuple(values.get(name, ())) for name in ("default-graph-uri", "named-graph-uri"))
    has_dataset = bool(default or graphs)
    if len(default) + len(graphs) > MAX_GRAPHS:
        raise LimitError(f"More than {MAX_GRAPHS} graphs are named.", "Name fewer, or take FILTER (?g IN (...)) in the query.")
    for graph in (*default, *graphs):
        if not _ABSOLUTE.fullmatch(graph):
            raise BodyError(f"{graph[:200]!r} is no absolute IRI.", "Name each graph by its whole IRI.")
    return Asked(
        query=values.get("query", [None])[0],
        default_graphs=default if has_dataset else None,
        named_graphs=graphs if has_dataset else None,
        formats=tuple(value for name in ("format", "output") for value in values.get(name, ()) if value),
        snapshot=values.get("snapshot", [""])[0],
        accept=", ".join(request.headers.getlist("accept")),
    )


def _no_updates() -> QueryRefusedError:
    return QueryRefusedError("Updates are not offered.", "Send a SELECT, ASK, CONSTRUCT or DESCRIBE query as `query`.")
