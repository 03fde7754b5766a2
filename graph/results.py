"""Answers as bytes: tables and yes or no as SPARQL 1.1 results, graphs as RDF; Arrow, Parquet and JSON lines are in `graph.tables`.

See https://www.w3.org/TR/sparql11-results-json/, https://www.w3.org/TR/rdf-sparql-XMLres/,
https://www.w3.org/TR/sparql11-results-csv-tsv/, https://www.w3.org/TR/turtle/, https://www.w3.org/TR/n-triples/,
https://www.w3.org/TR/rdf-syntax-grammar/ and https://www.w3.org/TR/json-ld11/.

Rows go through in batches and column by column: most of the work is then done by functions that are not Python.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from json.encoder import encode_basestring
from typing import Final, TypeAlias, TypeVar

from graph.result_terms import Kept, Labels, Row, Terms
from graph.store import Answer, Boolean, Graph, Solutions, Statement
from records.errors import QueryLimitError, QueryRefusedError, StoreError
from records.rdf import RDF_TYPE, XSD_STRING, Literal

CHUNK: Final = 64_000
"""About how many characters come in one piece."""
BATCH: Final = 256
"""How many rows or statements are read before they are written."""
NODE_STATEMENTS: Final = 1_000
"""A JSON-LD node object holds at most so many statements; the next object goes on with the same subject."""


class ResultFormat(StrEnum):
    """A format, by its media type."""

    JSON = "application/sparql-results+json"
    XML = "application/sparql-results+xml"
    CSV = "text/csv"
    TSV = "text/tab-separated-values"
    ARROW = "application/vnd.apache.arrow.stream"
    PARQUET = "application/vnd.apache.parquet"
    JSON_LINES = "application/x-ndjson"
    TURTLE = "text/turtle"
    N_TRIPLES = "application/n-triples"
    RDF_XML = "application/rdf+xml"
    JSON_LD = "application/ld+json"


TABLE_FORMATS: Final = tuple(list(ResultFormat)[:7])
"""What the answer of a SELECT can be written as, the usual one first."""
YES_NO_FORMATS: Final = (ResultFormat.JSON, ResultFormat.XML)
"""What the answer of an ASK can be written as."""
GRAPH_FORMATS: Final = tuple(list(ResultFormat)[7:])
"""What the answer of a CONSTRUCT or DESCRIBE can be written as."""

_Item = TypeVar("_Item")


@dataclass(slots=True)
class _Count:
    """How many rows there were so far, and may be."""

    most: int | None
    rows: int = 0

    def batches(self, rows: Iterator[_Item]) -> Iterator[list[_Item]]:
        """The rows, many at a time; raises as soon as there are too many."""
        while batch := list(islice(rows, BATCH)):
            if self.most is not None and self.rows + len(batch) > self.most:
                message = f"The answer has more than {self.most} rows."
                raise QueryLimitError(message, "Ask for less, or with LIMIT and OFFSET in parts.", limit="rows", allowed=self.most)
            self.rows += len(batch)
            yield batch


class Written:
    """An answer as bytes: an iterator of its pieces, which come once, with the number of rows that they took.

    Args:
        pieces: The bytes.
        count: Counts the rows while the pieces are made.
    """

    def __init__(self, pieces: Iterator[bytes], count: _Count) -> None:
        self._pieces = pieces
        self._count = count

    @property
    def rows(self) -> int:
        """Rows of a table, statements of a graph, 1 for a yes or no; whole once the last piece has come."""
        return self._count.rows

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)


def write_answer(answer: Answer, result_format: ResultFormat, *, max_rows: int | None = None) -> Written:
    r"""Write an answer piece by piece, as it is read from the store.

    Blank nodes are called ``b0``, ``b1`` and so on, as they come. What does not come to its end is no valid JSON, XML or Parquet;
    in the other formats nothing tells that the end is missing.

    Args:
        answer: Its rows or statements are read once.
        result_format: One of `TABLE_FORMATS`, `YES_NO_FORMATS` or `GRAPH_FORMATS`. Arrow, Parquet and JSON lines come when the last
            row is read (`graph.tables`); the first of them loads a large library.
        max_rows: How many rows or statements it may have; ``None`` for any number.

    Returns:
        An iterator of pieces, most of about `CHUNK` bytes; its `Written.rows` is the number of rows once it has come to its end.

    Raises:
        QueryRefusedError: This kind of answer has no such format (raised at once), or holds what the format cannot write (raised by
            the iterator).
        QueryLimitError: It has more than ``max_rows`` rows; raised by the iterator, with the limit ``rows``.
        StoreError: The store fails while the answer is read; raised by the iterator.

    >>> from records.rdf import BlankNode, Iri
    >>> answer = Solutions(("a", "b"), iter([(Iri("urn:x"), Literal("a, b", language="en")), (None, BlankNode("7f"))]))
    >>> written = write_answer(answer, ResultFormat.CSV)
    >>> b"".join(written), written.rows
    (b'a,b\r\nurn:x,"a, b"\r\n,_:b0\r\n', 2)
    """
    count = _Count(max_rows)
    return Written(_characters(_pieces(answer, result_format, count)), count)


def _pieces(answer: Answer, form: ResultFormat, count: _Count) -> Iterator[bytes]:
    if isinstance(answer, Boolean):
        if form not in YES_NO_FORMATS:
            raise _refused("yes or no", form, YES_NO_FORMATS)
        count.rows = 1
        return iter([_yes_no(answer.value, form).encode()])
    if isinstance(answer, Graph):
        if form not in GRAPH_FORMATS:
            raise _refused("graph", form, GRAPH_FORMATS)
        return _encoded(_GRAPHS[form](count.batches(answer.triples)))
    if form not in TABLE_FORMATS:
        raise _refused("table", form, TABLE_FORMATS)
    if form in _TABLES:
        return _encoded(_TABLES[form](answer.variables, count.batches(answer.rows)))
    return _columns(answer, form, count)


def _columns(solutions: Solutions, form: ResultFormat, count: _Count) -> Iterator[bytes]:
    from graph import tables

    write = {ResultFormat.ARROW: tables.arrow, ResultFormat.PARQUET: tables.parquet, ResultFormat.JSON_LINES: tables.json_lines}[
        form
    ]
    yield from write(solutions.variables, count.batches(solutions.rows), Labels())


def _refused(kind: str, form: ResultFormat, offered: Sequence[ResultFormat]) -> QueryRefusedError:
    remedy = f"Ask for {', '.join(offered[:-1])} or {offered[-1]}."
    return QueryRefusedError(f"A {kind} cannot be written as {form}.", remedy)


def _encoded(pieces: Iterator[str]) -> Iterator[bytes]:
    """The same text in larger pieces."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield "".join(held).encode()
            held.clear()
            size = 0
    if held:
        yield "".join(held).encode()


def _characters(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces; what cannot be UTF-8 is an error of ours."""
    try:
        yield from pieces
    except UnicodeEncodeError as exc:
        raise StoreError("The answer holds half of a surrogate pair, which is no character.", "Mend it in the store.") from exc


# --- tables, and yes or no


def _yes_no(value: bool, form: ResultFormat) -> str:
    if form is ResultFormat.JSON:
        return json.dumps({"head": {}, "boolean": value}, separators=(",", ":"))
    return f"{_XML_HEAD}{_SPARQL_XML}<head/><boolean>{'true' if value else 'false'}</boolean></sparql>"


def _json(names: Sequence[str], batches: Iterator[list[Row]]) -> Iterator[str]:
    terms = Terms(lambda iri: _json_value("uri", iri), lambda label: _json_value("bnode", label), _json_literal)
    keys = [f"{encode_basestring(name)}:" for name in names]
    whole = "{" + ",".join(f"{key}%s" for key in keys) + "}"

    def partial(row: tuple[str, ...]) -> str:
        return "{" + ",".join([key + text for key, text in zip(keys, row, strict=True) if text]) + "}"

    yield f'{{"head":{{"vars":{json.dumps(names, ensure_ascii=False)}}},"results":{{"bindings":['
    separator = ""
    for batch in batches:
        yield separator
        yield ",".join([partial(row) if "" in row else whole % row for row in terms.rows(batch)])
        separator = ","
    yield "]}}"


def _json_value(kind: str, value: str) -> str:
    return f'{{"type":"{kind}","value":{encode_basestring(value)}}}'


def _json_literal(literal: Literal) -> str:
    value, datatype, language = literal
    text = encode_basestring(value)
    if language:
        return f'{{"type":"literal","value":{text},"xml:lang":{encode_basestring(language)}}}'
    if datatype == XSD_STRING:
        return f'{{"type":"literal","value":{text}}}'
    return f'{{"type":"literal","value":{text},"datatype":{encode_basestring(datatype)}}}'


def _xml(names: Sequence[str], batches: Iterator[list[Row]]) -> Iterator[str]:
    terms = Terms(lambda iri: f"<uri>{_xml_text(iri)}</uri>", lambda label: f"<bnode>{label}</bnode>", _xml_literal)
    starts = [f'<binding name="{_xml_text(name)}">' for name in names]
    whole = "<result>" + "".join(f"{start}%s</binding>" for start in starts) + "</result>"

    def partial(row: tuple[str, ...]) -> str:
        return (
            "<result>"
            + "".join([f"{start}{text}</binding>" for start, text in zip(starts, row, strict=True) if text])
            + "</result>"
        )

    head = "".join(f'<variable name="{_xml_text(name)}"/>' for name in names)
    yield f"{_XML_HEAD}{_SPARQL_XML}<head>{head}</head><results>"
    for batch in batches:
        yield "".join([partial(row) if "" in row else whole % row for row in terms.rows(batch)])
    yield "</results></sparql>"


_SPARQL_XML: Final = '<sparql xmlns="http://www.w3.org/2005/sparql-results#">'


def _xml_literal(literal: Literal) -> str:
    value, datatype, language = literal
    text = _xml_text(value)
    if language:
        return f'<literal xml:lang="{_xml_text(language)}">{text}</literal>'
    if datatype == XSD_STRING:
        return f"<literal>{text}</literal>"
    return f'<literal datatype="{_xml_text(datatype)}">{text}</literal>'


def _csv(names: Sequence[str], batches: Iterator[list[Row]]) -> Iterator[str]:
    terms = Terms(_csv_text, lambda label: f"_:{label}", lambda literal: _csv_text(literal.value))
    nothing = '""' if len(names) == 1 else ""  # readers skip an empty line
    yield ",".join(names) + "\r\n"
    for batch in batches:
        yield "".join([f"{','.join(row) or nothing}\r\n" for row in terms.rows(batch)])


_CSV_CARE: Final = re.compile(r'[",\r\n]')


def _csv_text(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _CSV_CARE.search(text) else text


def _tsv(names: Sequence[str], batches: Iterator[list[Row]]) -> Iterator[str]:
    terms = _turtle_terms()
    yield "\t".join(f"?{name}" for name in names) + "\n"
    for batch in batches:
        yield "".join([f"{text}\n" for text in map("\t".join, terms.rows(batch))])


# --- graphs


def _ntriples(batches: Iterator[list[Statement]]) -> Iterator[str]:
    terms = _turtle_terms()
    for batch in batches:
        yield "".join([f"{text} .\n" for text in map(" ".join, terms.rows(batch))])


def _turtle(batches: Iterator[list[Statement]]) -> Iterator[str]:
    """Neighbouring statements of one subject are written together; there are no prefixes, for all must be known at the start."""
    terms = _turtle_terms()
    last = ""
    for batch in batches:
        for subject, predicate, value in terms.rows(batch):
            verb = "a" if predicate == _TURTLE_TYPE else predicate
            if subject == last:
                yield f" ;\n    {verb} {value}"
            else:
                yield f" .\n{subject} {verb} {value}" if last else f"{subject} {verb} {value}"
                last = subject
    if last:
        yield " .\n"


def _turtle_terms() -> Terms:
    """Terms as Turtle, N-Triples and TSV write them: on one line and without a tab."""
    return Terms(lambda iri: f"<{iri}>", lambda label: f"_:{label}", _turtle_literal)


_TURTLE_TYPE: Final = f"<{RDF_TYPE}>"
# Beside what must be escaped: control characters and what some readers take for the end of a line.
_TURTLE_CARE: Final = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2028\u2029]')
_TURTLE_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _turtle_literal(literal: Literal) -> str:
    value, datatype, language = literal
    if _TURTLE_CARE.search(value):
        value = _TURTLE_CARE.sub(lambda found: _TURTLE_SHORT.get(found[0]) or f"\\u{ord(found[0]):04X}", value)
    if language:
        return f'"{value}"@{language}'
    return f'"{value}"' if datatype == XSD_STRING else f'"{value}"^^<{datatype}>'


def _json_ld(batches: Iterator[list[Statement]]) -> Iterator[str]:
    """The expanded form: an array of node objects; neighbouring statements of one subject stand in one object."""
    terms = Terms(lambda iri: f'{{"@id":{encode_basestring(iri)}}}', lambda label: f'{{"@id":"_:{label}"}}', _json_ld_literal)
    yield "["
    separator = ""
    for subject, properties in _nodes(terms, batches):
        parts = [f"{separator}\n{subject[:-1]}"]
        for predicate, values in properties.items():
            if predicate == _JSON_LD_TYPE and not any(value.startswith('{"@value"') for value in values):
                parts.append(f',"@type":[{",".join(value[7:-1] for value in values)}]')
            else:
                parts.append(f",{predicate[7:-1]}:[{','.join(values)}]")
        parts.append("}")
        yield "".join(parts)
        separator = ","
    yield "\n]\n"


def _nodes(terms: Terms, batches: Iterator[list[Statement]]) -> Iterator[tuple[str, dict[str, list[str]]]]:
    last = ""
    properties: dict[str, list[str]] = {}
    size = 0
    for batch in batches:
        for subject, predicate, value in terms.rows(batch):
            if properties and (subject != last or size >= NODE_STATEMENTS):
                yield last, properties
                properties = {}
                size = 0
            last = subject
            properties.setdefault(predicate, []).append(value)
            size += 1
    if properties:
        yield last, properties


_JSON_LD_TYPE: Final = f'{{"@id":"{RDF_TYPE}"}}'


def _json_ld_literal(literal: Literal) -> str:
    value, datatype, language = literal
    text = encode_basestring(value)
    if language:
        return f'{{"@value":{text},"@language":{encode_basestring(language)}}}'
    return f'{{"@value":{text}}}' if datatype == XSD_STRING else f'{{"@value":{text},"@type":{encode_basestring(datatype)}}}'


def _rdf_xml(batches: Iterator[list[Statement]]) -> Iterator[str]:
    """Each property's element names its namespace itself, for all of them cannot be known at the start."""
    terms = Terms(lambda iri: f' rdf:resource="{_xml_text(iri)}"/>', lambda label: f' rdf:nodeID="{label}"/>', _rdf_xml_literal)
    elements = Kept(_element)
    yield f'{_XML_HEAD}<rdf:RDF xmlns:rdf="{_RDF}">'
    last = ""
    for batch in batches:
        for statement, (subject, _, value) in zip(batch, terms.rows(batch), strict=True):
            if subject != last:
                name = subject.removesuffix("/>").replace(" rdf:resource=", " rdf:about=", 1)
                yield f"{_RDF_XML_NODE_END if last else ''}\n<rdf:Description{name}>"
                last = subject
            element = elements[statement.predicate]
            end = "" if value.endswith("/>") else f"</{element.partition(' ')[0]}>"
            yield f"\n  <{element}{value}{end}"
    yield f"{_RDF_XML_NODE_END if last else ''}\n</rdf:RDF>\n"


def _rdf_xml_literal(literal: Literal) -> str:
    value, datatype, language = literal
    if language:
        return f' xml:lang="{_xml_text(language)}">{_xml_text(value)}'
    return f">{_xml_text(value)}" if datatype == XSD_STRING else f' rdf:datatype="{_xml_text(datatype)}">{_xml_text(value)}'


_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDF_XML_NODE_END: Final = "\n</rdf:Description>"
_XMLNS: Final = "http://www.w3.org/2000/xmlns/"
_RDF_XML_RESERVED: Final = frozenset(
    f"{_RDF}{name}"
    for name in (
        *("RDF", "Description", "ID", "about", "parseType", "resource", "nodeID", "datatype", "li"),
        *("aboutEach", "aboutEachPrefix", "bagID"),
    )
)
# The end of an IRI that is a name in every edition of XML, read backwards; what it begins with is looked for in it.
_XML_NAME_END: Final = re.compile(r"[A-Za-z0-9._-]*")
_XML_NAME_START: Final = re.compile(r"[A-Za-z_]")


def _element(predicate: str) -> str:
    """The name of an element for a predicate, with the declaration of its namespace.

    >>> _element("https://schema.org/name")
    'name xmlns="https://schema.org/"'
    """
    end = _XML_NAME_END.match(predicate[::-1])
    place = len(predicate) - (end.end() if end else 0)
    start = _XML_NAME_START.search(predicate, place)
    if start is None or start.start() == 0 or predicate in _RDF_XML_RESERVED or predicate[: start.start()] == _XMLNS:
        raise QueryRefusedError(
            f"The predicate <{predicate}> cannot be written in RDF/XML, where it is no name of an element.",
            f"Ask for {ResultFormat.TURTLE}, {ResultFormat.N_TRIPLES} or {ResultFormat.JSON_LD}.",
        )
    return f'{predicate[start.start() :]} xmlns="{_xml_text(predicate[: start.start()])}"'


# --- XML

_XML_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_XML_CARE: Final = re.compile("[^\t\n\x20!#-%'-;=?-\ufffd\U00010000-\U0010ffff]")
_XML_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}


def _xml_text(text: str) -> str:
    """The text as it may stand in an element or an attribute."""
    return _XML_CARE.sub(_xml_escape, text) if _XML_CARE.search(text) else text


def _xml_escape(found: re.Match[str]) -> str:
    escape = _XML_ESCAPES.get(found[0])
    if escape is None:
        raise QueryRefusedError(
            f"The answer holds the character U+{ord(found[0]):04X}, which XML cannot hold.",
            f"Ask for {ResultFormat.JSON} if it is a table, or for {ResultFormat.TURTLE} if it is a graph.",
        )
    return escape


_Tables: TypeAlias = Callable[[Sequence[str], Iterator[list[Row]]], Iterator[str]]
_TABLES: Final[dict[ResultFormat, _Tables]] = {
    ResultFormat.JSON: _json,
    ResultFormat.XML: _xml,
    ResultFormat.CSV: _csv,
    ResultFormat.TSV: _tsv,
}
_GRAPHS: Final[dict[ResultFormat, Callable[[Iterator[list[Statement]]], Iterator[str]]]] = {
    ResultFormat.TURTLE: _turtle,
    ResultFormat.N_TRIPLES: _ntriples,
    ResultFormat.RDF_XML: _rdf_xml,
    ResultFormat.JSON_LD: _json_ld,
}
