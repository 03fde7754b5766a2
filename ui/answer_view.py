"""The answer to a query as a page shows it: a table with labels and links, a yes or no, or statements as text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote, urlencode

from api.services import ApiServices
from graph.guard import QueryKind
from graph.queries import Allowance, WrittenAnswer
from graph.results import ResultFormat
from records.rdf import XSD_STRING

SHOWN_ROWS: Final = 200
"""Rows of a table, and lines of a graph, that a page shows; the others are in the downloads."""
PAGE_BYTES: Final = 8_000_000
"""Longest answer that is made for a page; a longer one is for the downloads."""
PAGE_ROWS: Final = 20_000
"""Most rows of an answer that is made for a page."""
FORMS: Final[Mapping[QueryKind, Mapping[str, str]]] = {
    QueryKind.SELECT: {
        "csv": "CSV",
        "tsv": "TSV",
        "json": "JSON",
        "xml": "XML",
        "arrow": "Arrow",
        "parquet": "Parquet",
        "jsonl": "JSON lines",
    },
    QueryKind.ASK: {"json": "JSON", "xml": "XML"},
    QueryKind.CONSTRUCT: {"turtle": "Turtle", "ntriples": "N-Triples", "jsonld": "JSON-LD", "rdfxml": "RDF/XML"},
    QueryKind.DESCRIBE: {"turtle": "Turtle", "ntriples": "N-Triples", "jsonld": "JSON-LD", "rdfxml": "RDF/XML"},
}
"""Forms in which an answer is downloaded, with the names that people know them by."""

_MAX_TEXT = 300
_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = frozenset(f"{_XSD}{name}" for name in ("integer", "decimal", "double", "float", "int", "long"))


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table.

    Args:
        text: What is shown.
        whole: What stands behind it: the whole IRI or the whole text.
        href: Where it leads; ``""`` for nowhere.
        is_number: Whether it is set like one.
        note: Its language, or the name of its type.
    """

    text: str
    whole: str = ""
    href: str = ""
    is_number: bool = False
    note: str = ""


def page_form(kind: QueryKind) -> ResultFormat:
    """The form in which a page reads an answer."""
    return ResultFormat.JSON if kind in {QueryKind.SELECT, QueryKind.ASK} else ResultFormat.TURTLE


def page_allowance(allowance: Allowance) -> Allowance:
    """What an answer for a page may take: no more than a page can show with sense."""
    return replace(allowance, bytes=min(allowance.bytes, PAGE_BYTES), rows=min(allowance.rows, PAGE_ROWS))


def shown_answer(services: ApiServices, answer: WrittenAnswer, kind: QueryKind) -> dict[str, Any]:
    """What the template needs of an answer.

    Args:
        services: For labels and for the addresses of records.
        answer: As `page_form` says.
        kind: Of the query.
    """
    shown: dict[str, Any] = {"rows_total": answer.rows, "seconds": answer.seconds, "generation": answer.generation}
    if kind in {QueryKind.CONSTRUCT, QueryKind.DESCRIBE}:
        lines = answer.read().decode().split("\n")
        return {**shown, "statements": "\n".join(lines[:SHOWN_ROWS]), "cut": max(0, len(lines) - SHOWN_ROWS)}
    said = json.loads(answer.read())
    if kind is QueryKind.ASK:
        return {**shown, "boolean": said["boolean"]}
    columns = said["head"]["vars"]
    rows = said["results"]["bindings"]
    table = [[cell(services, row[column]) if column in row else Cell("") for column in columns] for row in rows[:SHOWN_ROWS]]
    return {**shown, "columns": columns, "table": table, "cut": max(0, len(rows) - SHOWN_ROWS)}


def cell(services: ApiServices, value: Mapping[str, str]) -> Cell:
    """A value of SPARQL JSON as a page shows it: records and concepts by their names, with links."""
    text = value["value"]
    if value["type"] == "bnode":
        return Cell(f"_:{text}")
    if value["type"] != "uri":
        datatype, language = value.get("datatype", XSD_STRING), value.get("xml:lang", "")
        note = language or ("" if datatype in _NUMBERS or datatype == XSD_STRING else services.concepts.compact(datatype))
        return Cell(_short(text), text if len(text) > _MAX_TEXT else "", is_number=datatype in _NUMBERS, note=note)
    if text.startswith(services.base_iri):
        record, _, place = text.removeprefix(services.base_iri).partition("#")
        within = "" if place in {"", "graph"} else f" {place}"
        return Cell(_short(record + within), text, f"/records/{quote(record, safe='/%')}")
    if services.concepts.get(text) is not None:
        label = services.concepts.label(text)
        return Cell(label, text, "/?" + urlencode({"q": label}))
    compact = _short(services.concepts.compact(text))
    return Cell(compact, text, text if text.startswith(("https://", "http://")) else "")


def _short(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…"
