"""Which records belong to one cell, batch or laboratory, told from their statements: for splits without leakage."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import StrEnum
from typing import Final

from search.datasets.splits import Components


class GroupKind(StrEnum):
    """What rows are kept together by, when it is not a column."""

    CELL = "cell"
    BATCH = "batch"
    LABORATORY = "laboratory"


Ask = Callable[[str, Collection[str]], Sequence[Sequence[str | None]]]
"""Answers a query whose named graphs are these record graphs and no others; each row is graph and key."""

_CELLS: Final = """
PREFIX schema: <https://schema.org/>
PREFIX oldschema: <http://schema.org/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX battery: <https://w3id.org/emmo/domain/battery#>
PREFIX electrochemistry: <https://w3id.org/emmo/domain/electrochemistry#>
SELECT DISTINCT ?g (STR(?name) AS ?key) {
  {
    VALUES ?p {
      battery:battery_da3b3f28_aaad_4d67_b674_df47e109fb8b electrochemistry:electrochemistry_5998f7c1_d8e3_4c55_8170_c358e1b0c93c
      schema:about oldschema:about dcterms:subject dc:subject
    }
    GRAPH ?g { ?s ?p ?name }
    # What a record is about may be a concept; then it is no cell.
    FILTER(ISIRI(?name) && !STRSTARTS(STR(?name), "https://w3id.org/emmo"))
  } UNION {
    VALUES ?p { schema:serialNumber oldschema:serialNumber }
    GRAPH ?g { ?s ?p ?name }
  }
}"""

NAMED: Final = """
SELECT DISTINCT ?g (STR(?s) AS ?key) {
  GRAPH ?g { ?s a ?type }
  FILTER(!STRSTARTS(STR(?s), STRBEFORE(STR(?g), "#graph")))
}"""
"""Things that a record names by an IRI of their own."""

_BATCHES: Final = """
PREFIX schema: <https://schema.org/>
PREFIX battinfo: <https://w3id.org/battinfo/>
SELECT DISTINCT ?g (STR(?name) AS ?key) {
  { GRAPH ?g { ?s battinfo:batchId ?name } }
  UNION
  { GRAPH ?g { ?s schema:propertyID ?kind ; schema:value ?name } FILTER(REGEX(STR(?kind), "batch|lot", "i")) }
}"""

_LABORATORIES: Final = """
PREFIX schema: <https://schema.org/>
PREFIX oldschema: <http://schema.org/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX chameo: <https://w3id.org/emmo/domain/characterisation-methodology/chameo#>
SELECT DISTINCT ?g (COALESCE(STR(?label), STR(?name)) AS ?key) {
  GRAPH ?g {
    { ?s chameo:hasLaboratory|schema:provider|schema:sourceOrganization ?name }
    UNION
    {
      ?s schema:creator|schema:author|schema:contributor|oldschema:creator|dcterms:creator|dc:creator|dc:contributor ?person .
      ?person schema:affiliation|oldschema:affiliation ?name
    }
    OPTIONAL { ?name schema:name|oldschema:name|<http://www.w3.org/2000/01/rdf-schema#label> ?label }
  }
}"""


def group_records(kind: GroupKind, graphs: Collection[str], ask: Ask) -> Mapping[str, str]:
    """The group of each record graph; one without a group is left out.

    Records belong together when they name the same cell (or batch, or laboratory), however many records lie between. A record that
    names no cell is one itself. A batch reaches to all records of its cells.

    Args:
        kind: What they are kept together by.
        graphs: The record graphs.
        ask: Answers queries over them.
    """
    joined = Components[str]()
    if kind is GroupKind.LABORATORY:
        keyed = _join(joined, "laboratory", ask(_LABORATORIES, graphs))
        return {graph: joined.of(graph) for graph in graphs if graph in keyed}
    cells = ask(_CELLS, graphs)
    named = {key for _, key in cells}
    _join(joined, "cell", [*cells, *(row for row in ask(NAMED, graphs) if row[1] in named)])
    if kind is GroupKind.CELL:
        return {graph: joined.of(graph) for graph in graphs}
    keyed = _join(joined, "batch", ask(_BATCHES, graphs))
    with_batch = {joined.of(graph) for graph in keyed}
    return {graph: joined.of(graph) for graph in graphs if joined.of(graph) in with_batch}


def _join(joined: Components[str], kind: str, rows: Sequence[Sequence[str | None]]) -> set[str]:
    keyed = set()
    for graph, key in rows:
        if graph and key:
            joined.join([graph, f"{kind} {key}"])
            keyed.add(graph)
    return keyed
