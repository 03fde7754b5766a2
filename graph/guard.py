"""What a query may ask: SPARQL 1.1 query and nothing else, its dataset clause taken out to be met with the reader's rights.

The query is parsed by tree-sitter, whose syntax tree knows the bytes of every part. Whatever that parser does not understand is
refused, never passed on. Taken out are FROM and FROM NAMED, in place, so that line and column of all else stay as they are.

Two parsers may disagree on where a string or comment ends, and a disagreement could smuggle something past this one. So the words
are looked at apart (`graph.query_words`), and a keyword that is not offered is refused whatever the tree says.

Values are bound by writing each term over the bytes of its variable (`graph.query_bindings`); the result is then checked as if it
had been sent so.

The rights themselves do not hang on any of this: the store always passes both the default graph and the named graphs.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final, NamedTuple

import pyoxigraph as ox
from tree_sitter import Language, Node, Parser

from graph.query_bindings import Bindings, Edit, as_sent, column_as_sent
from graph.query_shape import Triple, is_constant, required_patterns, verbs
from graph.query_text import QueryText, nodes_of
from graph.query_words import Words
from graph.store import Term
from records.errors import LimitError, QueryError, QuerySyntaxError
from records.rdf import RDF_TYPE, Iri, Literal


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """How long and how deep a query may be.

    Args:
        bytes: Length of its text in UTF-8.
        depth: Depth of its syntax tree; a nested group is two or three levels, an operator in a chain one.
        parts: Number of its groups, triple patterns and path steps: the time to plan grows faster than their number.
    """

    bytes: int = 64_000
    depth: int = 256
    parts: int = 256


@dataclass(frozen=True, slots=True)
class Dataset:
    """IRIs of the graphs that a query asks for (https://www.w3.org/TR/sparql11-query/#specifyingDataset).

    Args:
        default_graphs: FROM; without any, the default graph is empty.
        named_graphs: FROM NAMED.
    """

    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


class Pattern(NamedTuple):
    """A triple pattern: its terms, and ``None`` for each of its variables."""

    subject: Iri | None
    predicate: Iri | None
    object: Iri | Literal | None

    @property
    def terms(self) -> int:
        """How many of its places are filled."""
        return sum(term is not None for term in self)


class QueryKind(StrEnum):
    """What a query asks for."""

    SELECT = "SELECT"
    ASK = "ASK"
    CONSTRUCT = "CONSTRUCT"
    DESCRIBE = "DESCRIBE"


@dataclass(frozen=True, slots=True)
class GuardedQuery:
    """A query that may be answered.

    Args:
        text: The query without its dataset clause, and with its bindings.
        dataset: What the dataset clause asks for; ``None`` when there is none.
        graphs: IRIs that GRAPH names.
        any_graph: Whether a GRAPH has a variable, so that every named graph counts.
        kind: What it asks for.
        variables: Names of the columns of its table, when it lists them.
        edits: Where bindings were written, in the order of the text.
        predicates: A graph of the default graph without any of these contributes nothing; ``None``: any graph may.
        named_patterns: For each GRAPH with a variable, patterns with a term; a graph without a match of each contributes nothing.
    """

    text: str
    dataset: Dataset | None
    graphs: tuple[str, ...]
    any_graph: bool
    kind: QueryKind
    variables: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    predicates: frozenset[str] | None = None
    named_patterns: tuple[tuple[Pattern, ...], ...] = ()

    def over(self, dataset: Dataset) -> GuardedQuery:
        """The same query over another dataset."""
        return replace(self, dataset=dataset)

    def asked_over(self, default_graphs: Sequence[str] | None, named_graphs: Sequence[str] | None) -> GuardedQuery:
        """The same query over what is named beside it by the SPARQL protocol; ``None`` twice is nothing."""
        if default_graphs is None and named_graphs is None:
            return self
        return self.over(Dataset(tuple(default_graphs or ()), tuple(named_graphs or ())))

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Where a place of ``text`` is in the query as it was sent.

        >>> guard("ASK { ?s ?p 1 ; ?q 2 }", bindings={"s": Iri("urn:a")}).place(1, 24)
        (1, 17)
        """
        return line, column_as_sent(self.edits, line, column)


GUARDED_CACHE: Final = 128
"""Number of queries that are kept checked, by their text; an error is made anew each time."""
CASTS: Final = frozenset(
    f"http://www.w3.org/2001/XMLSchema#{name}"
    for name in (
        *("boolean", "double", "float", "decimal", "integer", "dateTime", "string"),
        *("date", "time", "duration", "dayTimeDuration", "yearMonthDuration"),
    )
)
"""Functions named by an IRI: casts (https://www.w3.org/TR/sparql11-query/#FunctionMapping) and those of other temporal types."""

_QUERY_FORMS: Final = {
    "select_query": QueryKind.SELECT,
    "ask_query": QueryKind.ASK,
    "construct_query": QueryKind.CONSTRUCT,
    "describe_query": QueryKind.DESCRIBE,
}
_AROUND = frozenset({"comment", "prologue", "values_clause"})
_PARTS = frozenset({"group_graph_pattern", "path_element", "property", "object_list", "collection", "blank_node_property_list"})
_CONTAINERS = frozenset({"object_list", "collection"})


def guard(
    text: str, limits: QueryLimits | None = None, bindings: Mapping[str, Term] | None = None, repeatable: bool = False
) -> GuardedQuery:
    """Check a query, bind values, and take its dataset clause out.

    Args:
        text: A SPARQL 1.1 query.
        limits: How long and deep it may be.
        bindings: Values by name of a variable, without ``?``. Each is put in the place of its variable wherever that name stands,
            in sub-selects too; a column ``?x`` becomes the value, and ``SELECT *`` has no such column.
        repeatable: Refuse functions that give another value each time.

    Raises:
        LimitError: It is too long, too deep, or has too many parts.
        QuerySyntaxError: It does not parse; knows the place.
        QueryRefusedError: It is an update, calls a service or an unknown function, or a value cannot be bound; knows the place.

    >>> query = guard("PREFIX a: <https://a.example/> SELECT ?s FROM a:1 { ?s ?p ?o }")
    >>> query.dataset
    Dataset(default_graphs=('https://a.example/1',), named_graphs=())
    >>> query.text
    'PREFIX a: <https://a.example/> SELECT ?s          { ?s ?p ?o }'
    >>> guard("SELECT ?s ?n { ?s ?p ?n FILTER(?n < ?most) }", bindings={"s": Iri("urn:a"), "most": Literal("5")}).text
    'SELECT (<urn:a> AS ?s) ?n {  <urn:a>  ?p ?n FILTER(?n <  "5" ) }'
    >>> guard("ASK { SERVICE <https://b.example> { ?s ?p ?o } }")
    Traceback (most recent call last):
    records.errors.QueryRefusedError: SERVICE is not offered (line 1, column 7). Ask for what this store holds.
    """
    limits = limits or QueryLimits()
    if not bindings:
        return _guarded(text, limits, repeatable)
    sent = _Guard(text, limits, repeatable)
    sent.result()
    bound, edits = sent.bound(bindings)
    try:
        return replace(_guarded(bound, limits, repeatable), edits=edits)
    except QueryError as exc:
        raise as_sent(exc, edits) from exc


@lru_cache(GUARDED_CACHE)
def _guarded(text: str, limits: QueryLimits, repeatable: bool) -> GuardedQuery:
    return _Guard(text, limits, repeatable).result()


class _Guard:
    """One query on its way through the checks."""

    def __init__(self, text: str, limits: QueryLimits, repeatable: bool) -> None:
        self._limits = limits
        self._query = QueryText(text)
        length = len(self._query.source)
        if length > limits.bytes:
            raise LimitError(f"The query has {length} bytes; {limits.bytes} are allowed.", "Shorten it or ask in parts.")
        self._query.check_characters()
        self._root = _parser().parse(Words(self._query, repeatable).shadow()).root_node

    def result(self) -> GuardedQuery:
        root = self._root
        if root.has_error:
            raise self._query.syntax_error(root)
        forms = [child for child in root.named_children if child.type not in _AROUND]
        for form in forms:
            if form.type not in _QUERY_FORMS:
                raise self._query.refused(
                    form, f"{form.type.replace('_', ' ').upper()} is not offered", "Only queries are answered."
                )
        if len(forms) != 1:
            line, column = self._query.position(forms[1]) if forms else (1, 1)
            message = f"This is not one query (line {line}, column {column})."
            raise QuerySyntaxError(message, "Send one SELECT, ASK, CONSTRUCT or DESCRIBE.", line=line, column=column)
        nodes = list(nodes_of(root))
        clauses, graphs, functions, groups = self._walk(nodes)
        patterns = [[pattern for pattern in required_patterns(group) if any(map(is_constant, pattern))] for group in groups]
        predicates = verbs(node for node, _ in nodes)
        in_patterns = [node for group in patterns for pattern in group for node in pattern if is_constant(node)]
        names = [*(source for _, source in clauses), *graphs, *functions, *(predicates or ()), *in_patterns]
        terms = self._resolve(names)
        for function in functions:
            if terms[function.id] not in CASTS:
                raise self._query.refused(function, f"The function <{terms[function.id]}> is not known", "Use those of SPARQL 1.1.")
        return GuardedQuery(
            self._without([clause for clause, _ in clauses]),
            _dataset([(clause.type, str(terms[source.id])) for clause, source in clauses]) if clauses else None,
            tuple(dict.fromkeys(str(terms[graph.id]) for graph in graphs)),
            bool(groups),
            _QUERY_FORMS[forms[0].type],
            tuple(self._columns(forms[0])),
            (),
            None if predicates is None else frozenset(str(terms[verb.id]) for verb in predicates),
            tuple(tuple(_patterns(group, terms)) for group in patterns),
        )

    def bound(self, bindings: Mapping[str, Term]) -> tuple[str, tuple[Edit, ...]]:
        """The text with these values in the place of their variables, and where that was."""
        return Bindings(self._query, self._root).bound(bindings)

    def _columns(self, form: Node) -> list[str]:
        clauses = [child for child in form.named_children if child.type == "select_clause"]
        return [self._query.name(node) for clause in clauses for node in clause.children_by_field_name("bound_variable")]

    def _walk(self, nodes: list[tuple[Node, int]]) -> tuple[list[tuple[Node, Node]], list[Node], list[Node], list[Node]]:
        """The dataset clauses with their IRIs, the constants after GRAPH, the functions, the groups of GRAPH with a variable."""
        clauses: list[tuple[Node, Node]] = []
        graphs: list[Node] = []
        functions: list[Node] = []
        groups: list[Node] = []
        prefixes: set[bytes] = set()
        parts = 0
        for node, depth in nodes:
            if depth > self._limits.depth:
                raise self._query.limit(node, f"The query is nested deeper than {self._limits.depth} levels")
            kind = node.type
            if kind in _PARTS:
                parts += node.named_child_count if kind in _CONTAINERS else 1
                if parts > self._limits.parts:
                    raise self._query.limit(node, f"The query has more than {self._limits.parts} patterns and path steps")
            if kind in {"default_graph_clause", "named_graph_clause"}:
                clauses.append((node, self._part(node, "source_selector")))
            elif kind == "graph_graph_pattern":
                name, group = (child for child in node.named_children if child.type != "comment")
                if name.type == "var":
                    groups.append(group)
                else:
                    graphs.append(name)
            elif kind == "prefixed_name":
                self._check_prefix(node, prefixes)
            elif kind == "prefix_declaration":
                prefixes.add(self._prefix(node.named_children[0]))
            elif kind == "function_call":
                functions.append(self._part(node, "identifier"))
            elif kind == "service_graph_pattern":
                raise self._query.refused(node, "SERVICE is not offered", "Ask for what this store holds.")
        return clauses, graphs, functions, groups

    def _prefix(self, name: Node) -> bytes:
        return self._query.bytes_of(name).partition(b":")[0]

    def _check_prefix(self, name: Node, prefixes: set[bytes]) -> None:
        prefix = self._prefix(name)
        if prefix not in prefixes:
            line, column = self._query.position(name)
            raise QuerySyntaxError(
                f"The prefix '{prefix.decode()}:' is not declared (line {line}, column {column}).",
                f"Begin the query with PREFIX {prefix.decode()}: and its IRI.",
                line=line,
                column=column,
            )

    def _part(self, node: Node, field: str) -> Node:
        part = node.child_by_field_name(field)
        if part is None:
            raise self._query.syntax_error(node)
        return part

    def _resolve(self, names: list[Node]) -> dict[int, Iri | Literal]:
        """These terms, their names made absolute IRIs under the query's own BASE and PREFIX."""
        if not names:
            return {}
        texts = [f"<{RDF_TYPE}>" if name.type == "a" else self._query.bytes_of(name).decode() for name in names]
        try:
            terms = self._terms(texts)
        except SyntaxError as exc:
            raise self._unresolved(names) from exc
        return {name.id: _of_engine(term) for name, term in zip(names, terms, strict=True)}

    def _terms(self, texts: list[str]) -> list[object]:
        """What these names are under the query's own BASE and PREFIX, told by the engine that will read the query."""
        prologue = b"".join(
            self._query.bytes_of(child) + b"\n" for child in self._root.named_children if child.type == "prologue"
        ).decode()
        columns = " ".join(f"({text} AS ?n{number})" for number, text in enumerate(texts))
        answer = _empty_store().query(f"{prologue}SELECT {columns} {{}}")
        if not isinstance(answer, ox.QuerySolutions):
            raise TypeError("a SELECT gives solutions")
        return list(next(answer))

    def _unresolved(self, names: list[Node]) -> QuerySyntaxError:
        """The first name that cannot be resolved; or the prologue itself."""
        for name in names:
            text = self._query.bytes_of(name).decode()
            try:
                self._terms([] if name.type == "a" else [text])
            except SyntaxError:
                line, column = self._query.position(name)
                message = f"{text} is not an IRI here (line {line}, column {column})."
                return QuerySyntaxError(message, "Write the IRI in full.", line=line, column=column)
        message = "BASE or PREFIX cannot be read (line 1, column 1)."
        return QuerySyntaxError(message, "Write each as an absolute IRI.", line=1, column=1)

    def _without(self, clauses: list[Node]) -> str:
        """The text with these clauses, and their FROM, overwritten by blanks."""
        source = bytearray(self._query.source)
        for clause in clauses:
            node = clause.parent if clause.parent is not None and clause.parent.type == "dataset_clause" else clause
            blank = re.sub(rb"[^\r\n]", b" ", source[node.start_byte : node.end_byte])
            source[node.start_byte : node.end_byte] = blank
        return source.decode()


def _dataset(sources: list[tuple[str, str]]) -> Dataset:
    return Dataset(
        tuple(dict.fromkeys(iri for kind, iri in sources if kind == "default_graph_clause")),
        tuple(dict.fromkeys(iri for kind, iri in sources if kind == "named_graph_clause")),
    )


def _of_engine(term: object) -> Iri | Literal:
    if isinstance(term, ox.NamedNode):
        return Iri(term.value)
    if isinstance(term, ox.Literal):
        return Literal(term.value, term.datatype.value, term.language or "")
    raise TypeError("a name is an IRI, and a value a literal")


def _patterns(group: list[Triple], terms: Mapping[int, Iri | Literal]) -> Iterator[Pattern]:
    for nodes in group:
        subject, predicate, value = (terms.get(node.id) if is_constant(node) else None for node in nodes)
        if not isinstance(subject, Literal) and not isinstance(predicate, Literal):
            yield Pattern(subject, predicate, value)


@cache
def _empty_store() -> ox.Store:
    return ox.Store()


@cache
def _language() -> Language:
    """The SPARQL grammar, from the package that has a wheel for this Python."""
    if sys.version_info >= (3, 13):
        from tree_sitter_language_pack import get_language

        language: Language = get_language("sparql")
        return language
    import tree_sitter_sparql

    # This package hands out a bare address, which tree-sitter wants in a capsule.
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype = ctypes.py_object
    capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return Language(capsule(tree_sitter_sparql.language(), b"tree_sitter.Language", None))


def _parser() -> Parser:
    return Parser(_language())
