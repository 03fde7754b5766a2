"""Answers as bytes: SPARQL 1.1 results in JSON, CSV and TSV, graphs in N-Triples and Turtle.

See https://www.w3.org/TR/sparql11-results-json/, https://www.w3.org/TR/sparql11-results-csv-tsv/,
https://www.w3.org/TR/n-triples/ and https://www.w3.org/TR/turtle/.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from graph.store import Answer, Boolean, Graph, Solutions, Statement, Term
from records.errors import QueryRefusedError
from records.rdf import RDF_TYPE, XSD_STRING, BlankNode, Iri, Literal

CHUNK: Final = 64_000
"""About how many characters come in one piece."""


class ResultFormat(StrEnum):
    """A format, by its media type."""

    JSON = "application/sparql-results+json"
    CSV = "text/csv"
    TSV = "text/tab-separated-values"
    N_TRIPLES = "application/n-triples"
    TURTLE = "text/turtle"


def write_answer(answer: Answer, result_format: ResultFormat) -> Iterator[bytes]:
    r"""Write an answer piece by piece, as it is read from the store.

    Args:
        answer: Its rows or statements are read once.
        result_format: JSON, CSV or TSV for solutions, JSON for a yes or no, N-Triples or Turtle for a graph.

    Returns:
        UTF-8 in pieces of about `CHUNK` characters.

    Raises:
        QueryRefusedError: This kind of answer has no such format; raised before the first piece.
        StoreError: The store fails while the answer is read.

    >>> answer = Solutions(("a", "b"), iter([(Iri("urn:x"), Literal("a, b", language="en")), (None, BlankNode("b0"))]))
    >>> b"".join(write_answer(answer, ResultFormat.CSV))
    b'a,b\r\nurn:x,"a, b"\r\n,_:b0\r\n'
    """
    return (piece.encode() for piece in _gathered(_pieces(answer, result_format)))


def _pieces(answer: Answer, result_format: ResultFormat) -> Iterator[str]:
    match answer, result_format:
        case Boolean(), ResultFormat.JSON:
            return iter([json.dumps({"head": {}, "boolean": answer.value}, separators=(",", ":"))])
        case Solutions(), ResultFormat.JSON:
            return _json(answer)
        case Solutions(), ResultFormat.CSV:
            return _csv(answer)
        case Solutions(), ResultFormat.TSV:
            return _tsv(answer)
        case Graph(), ResultFormat.N_TRIPLES:
            return _ntriples(answer.triples)
        case Graph(), ResultFormat.TURTLE:
            return _turtle(answer.triples)
    kind = {Boolean: "yes or no", Solutions: "table", Graph: "graph"}[type(answer)]
    raise QueryRefusedError(f"A {kind} cannot be written as {result_format}.", f"Ask for {_OFFERED[type(answer)]}.")


_OFFERED: Final[dict[type, str]] = {
    Boolean: str(ResultFormat.JSON),
    Solutions: f"{ResultFormat.JSON}, {ResultFormat.CSV} or {ResultFormat.TSV}",
    Graph: f"{ResultFormat.TURTLE} or {ResultFormat.N_TRIPLES}",
}


def _gathered(pieces: Iterator[str]) -> Iterator[str]:
    """The same text in larger pieces."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield "".join(held)
            held.clear()
            size = 0
    if held:
        yield "".join(held)


def _json(solutions: Solutions) -> Iterator[str]:
    yield f'{{"head":{{"vars":{json.dumps(solutions.variables)}}},"results":{{"bindings":['
    separator = ""
    for row in solutions.rows:
        bindings = {name: _json_term(term) for name, term in zip(solutions.variables, row, strict=True) if term is not None}
        yield separator + json.dumps(bindings, ensure_ascii=False, separators=(",", ":"))
        separator = ","
    yield "]}}"


def _json_term(term: Term) -> dict[str, str]:
    if isinstance(term, Literal):
        if term.language:
            return {"type": "literal", "value": term.value, "xml:lang": term.language}
        if term.datatype == XSD_STRING:
            return {"type": "literal", "value": term.value}
        return {"type": "literal", "value": term.value, "datatype": term.datatype}
    return {"type": "bnode" if isinstance(term, BlankNode) else "uri", "value": str(term)}


def _csv(solutions: Solutions) -> Iterator[str]:
    yield ",".join(solutions.variables) + "\r\n"
    for row in solutions.rows:
        yield ",".join(_csv_field(term) for term in row) + "\r\n"


def _csv_field(term: Term | None) -> str:
    if term is None:
        return ""
    text = term.value if isinstance(term, Literal) else f"_:{term}" if isinstance(term, BlankNode) else str(term)
    return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]', text) else text


def _tsv(solutions: Solutions) -> Iterator[str]:
    yield "\t".join(f"?{name}" for name in solutions.variables) + "\n"
    for row in solutions.rows:
        yield "\t".join("" if term is None else _turtle_term(term) for term in row) + "\n"


def _ntriples(statements: Iterator[Statement]) -> Iterator[str]:
    for subject, predicate, value in statements:
        yield f"{_turtle_term(subject)} {_turtle_term(predicate)} {_turtle_term(value)} .\n"


def _turtle(statements: Iterator[Statement]) -> Iterator[str]:
    """Neighbouring statements of one subject are written together; there are no prefixes, for all must be known at the start."""
    last: tuple[type, str] | None = None
    for subject, predicate, value in statements:
        verb = "a" if predicate == RDF_TYPE else _turtle_term(predicate)
        if (type(subject), subject) == last:
            yield f" ;\n    {verb} {_turtle_term(value)}"
        else:
            yield " .\n" if last else ""
            yield f"{_turtle_term(subject)} {verb} {_turtle_term(value)}"
            last = (type(subject), subject)
    if last:
        yield " .\n"


_ESCAPES: Final = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _turtle_term(term: Iri | BlankNode | Literal) -> str:
    """The term as Turtle and N-Triples write it, on one line and without a tab."""
    if isinstance(term, BlankNode):
        return f"_:{term}"
    if isinstance(term, Iri):
        return f"<{term}>"
    text = f'"{term.value.translate(_ESCAPES)}"'
    if term.language:
        return f"{text}@{term.language}"
    return text if term.datatype == XSD_STRING else f"{text}^^<{term.datatype}>"
