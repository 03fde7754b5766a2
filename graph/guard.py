"""What a query may ask: SPARQL 1.1 query and nothing else, its dataset clause taken out to be met with the reader's rights.

The query is parsed by tree-sitter, whose syntax tree knows the bytes of every part. Whatever that parser does not understand is
refused, never passed on. Taken out are FROM and FROM NAMED, in place, so that line and column of all else stay as they are.

Two parsers may disagree on where a string or comment ends, and a disagreement could smuggle something past this one. So the text
is also cut into tokens by the terminals of the grammar (https://www.w3.org/TR/sparql11-query/#sparqlGrammar), and a keyword
that is not offered is refused wherever it stands outside of strings, IRIs and comments, whatever the tree says.

Values are bound by writing each term, serialised here, over the bytes of its variable; the result is then checked as if it had been
sent so.

The rights themselves do not hang on any of this: the store always passes both the default graph and the named graphs.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
from typing import Final, NamedTuple

import pyoxigraph as ox
from tree_sitter import Language, Node, Parser

from graph.query_shape import Triple, is_constant, required_patterns, verbs
from graph.store import Term
from records.errors import LimitError, QueryError, QueryRefusedError, QuerySyntaxError
from records.ntriples import iri_text, literal_text
from records.rdf import RDF_TYPE, BlankNode, Iri, Literal


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
class Edit:
    """A value that was written in the place of a variable; no value holds the end of a line.

    Args:
        line: Line of the variable, from 1.
        column: Column of the variable as sent, from 1.
        removed: How many characters stood there.
        text: What stands there now.
    """

    line: int
    column: int
    removed: int
    text: str


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
        return line, _column_as_sent(self.edits, line, column)


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

# The terminals of the grammar in which a keyword is none, numbers, and words.
_TOKEN = re.compile(
    r"""
      (?P<opaque> <[^<>"{}|^`\\\x00-\x20]*(?:\\[uU][0-9A-Fa-f]+[^<>"{}|^`\\\x00-\x20]*)*>
        | \"\"\"(?:\"{0,2}(?:[^\"\\]|\\.))*\"\"\" | '''(?:'{0,2}(?:[^'\\]|\\.))*'''
        | \"(?:[^\"\\\n\r]|\\.)*\" | '(?:[^'\\\n\r]|\\.)*' )
    | (?P<comment> \#[^\n\r]*)
    | (?P<name> [?$][\w\u00b7\u0300-\u036f\u203f\u2040]+ | @[A-Za-z-]+
        | (?P<prefix> [\w\u00b7\u0300-\u036f\u203f\u2040.-]*):(?:[\w\u00b7\u0300-\u036f\u203f\u2040:.%-]|\\.)* )
    | (?P<escape> \\[uU])
    | [0-9.]+(?:[eE][+-]?[0-9]+)?
    | (?P<word> \w+)
    """,
    re.VERBOSE | re.DOTALL,
)
_REFUSED_WORD = re.compile("SERVICE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|INSERT|DELETE|USING|WITH|LATERAL", re.IGNORECASE)
_WORDS = re.compile("[A-Z_0-9]+")
_KEYWORDS: Final = frozenset(
    _WORDS.findall("""
    BASE PREFIX SELECT DISTINCT REDUCED AS CONSTRUCT WHERE DESCRIBE ASK FROM NAMED GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET
    VALUES OPTIONAL GRAPH UNION MINUS FILTER BIND UNDEF EXISTS NOT IN A TRUE FALSE SEPARATOR
    """)
)
FUNCTIONS: Final = frozenset(
    _WORDS.findall("""
    STR LANG LANGMATCHES DATATYPE BOUND IRI URI BNODE RAND ABS CEIL FLOOR ROUND CONCAT STRLEN UCASE LCASE ENCODE_FOR_URI CONTAINS
    STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ NOW UUID STRUUID MD5 SHA1 SHA256 SHA384
    SHA512 COALESCE IF STRLANG STRDT SAMETERM ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC REGEX SUBSTR REPLACE COUNT SUM MIN MAX AVG
    SAMPLE GROUP_CONCAT
    """)
)
"""Functions and aggregates that SPARQL 1.1 names by a word."""
CHANGING: Final = frozenset({"NOW", "RAND", "UUID", "STRUUID"})
"""Functions whose value is another each time."""
_SPELLINGS: Final = {
    word.upper(): word
    for word in ("GROUP_CONCAT", "sameTerm", "isIRI", "isURI", "isBlank", "isLiteral", "isNumeric", "true", "false")
}
_ESCAPED = re.compile(r"\\\\|\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


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
        raise _as_sent(exc, edits) from exc


@lru_cache(GUARDED_CACHE)
def _guarded(text: str, limits: QueryLimits, repeatable: bool) -> GuardedQuery:
    return _Guard(text, limits, repeatable).result()


class _Guard:
    """One query on its way through the checks."""

    def __init__(self, text: str, limits: QueryLimits, repeatable: bool) -> None:
        self._limits = limits
        self._repeatable = repeatable
        try:
            self._source = text.encode()
        except UnicodeEncodeError as exc:
            line, column = _place(text, exc.start)
            message = f"The query holds half of a surrogate pair, which is no character (line {line}, column {column})."
            raise QuerySyntaxError(message, "Send UTF-8.", line=line, column=column) from exc
        if len(self._source) > limits.bytes:
            raise LimitError(f"The query has {len(self._source)} bytes; {limits.bytes} are allowed.", "Shorten it or ask in parts.")
        self._text = text
        self._check_characters()
        self._root = _parser().parse(self._shadow()).root_node

    def result(self) -> GuardedQuery:
        root = self._root
        if root.has_error:
            raise self._syntax_error(root)
        forms = [child for child in root.named_children if child.type not in _AROUND]
        for form in forms:
            if form.type not in _QUERY_FORMS:
                raise self._refused(form, f"{form.type.replace('_', ' ').upper()} is not offered", "Only queries are answered.")
        if len(forms) != 1:
            line, column = self._position(forms[1]) if forms else (1, 1)
            message = f"This is not one query (line {line}, column {column})."
            raise QuerySyntaxError(message, "Send one SELECT, ASK, CONSTRUCT or DESCRIBE.", line=line, column=column)
        nodes = list(_nodes(root))
        clauses, graphs, functions, groups = self._walk(nodes)
        patterns = [[pattern for pattern in required_patterns(group) if any(map(is_constant, pattern))] for group in groups]
        predicates = verbs(node for node, _ in nodes)
        in_patterns = [node for group in patterns for pattern in group for node in pattern if is_constant(node)]
        names = [*(source for _, source in clauses), *graphs, *functions, *(predicates or ()), *in_patterns]
        terms = self._resolve(names)
        for function in functions:
            if terms[function.id] not in CASTS:
                raise self._refused(function, f"The function <{terms[function.id]}> is not known", "Use those of SPARQL 1.1.")
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
        places: dict[str, list[Node]] = {}
        for node, _ in _nodes(self._root):
            if node.type == "var":
                places.setdefault(self._name(node), []).append(node)
        changes: list[tuple[Node, str]] = []
        for name, term in bindings.items():
            if name not in places:
                message = f"The query has no variable ?{name} to bind (line 1, column 1)."
                raise QueryRefusedError(message, f"Use ?{name} in the query, or give no value for it.", line=1, column=1)
            value = self._value(name, term, places[name][0])
            self._check_minus(name, places[name])
            changes += [self._change(node, name, term, value, places.keys()) for node in places[name]]
        changes.sort(key=lambda change: change[0].start_byte)
        parts: list[str] = []
        edits: list[Edit] = []
        end = 0
        for node, text in changes:
            parts += [self._source[end : node.start_byte].decode(), text]
            end = node.end_byte
            edits.append(Edit(*self._position(node), len(self._bytes(node).decode()), text))
        return "".join(parts) + self._source[end:].decode(), tuple(edits)

    def _change(self, node: Node, name: str, term: Term, value: str, names: Collection[str]) -> tuple[Node, str]:
        """What is overwritten, and with what, where a variable gets a value. Spaces keep the value apart from its neighbours."""
        parent = self._parent(node)
        if any(child == node for child in parent.children_by_field_name("bound_variable")):
            if parent.type not in {"select_clause", "group_condition"} or self._follows(node, "AS"):
                raise self._refused(node, f"?{name} cannot be bound, for the query assigns it", "Bind another variable.")
            if parent.type == "group_condition":
                return node, f"({value})"
            column = _fresh(name, names) if self._is_projected_around(parent, name) else name
            return node, f"({value} AS ?{column})"
        if isinstance(term, Literal) and _only_iri(node, parent):
            raise self._refused(node, f"?{name} cannot be a literal, for only an IRI may stand here", "Bind an IRI.")
        if parent.type == "build_in_function" and parent.children[0].type.upper() == "BOUND":
            return parent, " true "
        return node, f"({value})" if parent.type == "order_condition" else f" {value} "

    def _is_projected_around(self, clause: Node, name: str) -> bool:
        """Whether a query around that of this SELECT has the column too: it may not be made a second time there."""
        query = self._parent(clause).parent
        while query is not None:
            for child in query.named_children:
                if child.type == "select_clause" and any(
                    self._name(column) == name for column in child.children_by_field_name("bound_variable")
                ):
                    return True
            query = query.parent
        return False

    def _value(self, name: str, term: Term, place: Node) -> str:
        if isinstance(term, BlankNode):
            raise self._refused(place, f"?{name} cannot be a blank node", "Bind an IRI or a literal.")
        try:
            return _term_text(term)
        except ValueError as exc:
            raise self._refused(place, f"The value of ?{name} is no RDF term: {exc}", "Mend the value.") from exc

    def _check_minus(self, name: str, places: list[Node]) -> None:
        """MINUS compares by shared variables, so a value in place of one would let it remove nothing."""
        for node in places:
            group = node.parent
            while group is not None:
                if group.type == "minus_graph_pattern" and any(
                    not group.start_byte <= other.start_byte < group.end_byte for other in places
                ):
                    raise self._refused(
                        node, f"?{name} cannot be bound, for MINUS compares by it", "Write FILTER NOT EXISTS in the place of MINUS."
                    )
                group = group.parent

    def _follows(self, node: Node, kind: str) -> bool:
        before = node.prev_sibling
        while before is not None and before.type == "comment":
            before = before.prev_sibling
        return before is not None and before.type.upper() == kind

    def _columns(self, form: Node) -> list[str]:
        clauses = [child for child in form.named_children if child.type == "select_clause"]
        return [self._name(node) for clause in clauses for node in clause.children_by_field_name("bound_variable")]

    def _name(self, variable: Node) -> str:
        return self._bytes(variable)[1:].decode()

    def _parent(self, node: Node) -> Node:
        if node.parent is None:
            raise TypeError("the root of the tree is no variable")
        return node.parent

    def _check_characters(self) -> None:
        """Refuse control characters: where a parser stops reading is no place for surprises."""
        control = _CONTROL.search(self._text)
        if control:
            line, column = _place(self._text, control.start())
            message = f"A control character stands at line {line}, column {column}."
            raise QuerySyntaxError(message, "Remove it.", line=line, column=column)

    def _shadow(self) -> bytes:
        r"""The text for the parser, byte for byte in the same places, once every token has been looked at.

        The parser knows no ``\u00B5`` and not every spelling of keywords that may be written in any case, and takes the
        prefix ``a:`` for the word ``a``.
        """
        return _TOKEN.sub(self._shadow_of, self._text).encode()

    def _shadow_of(self, token: re.Match[str]) -> str:
        text = token[0]
        match token.lastgroup:
            case "opaque":
                return _ESCAPED.sub(lambda escape: "x" * len(escape[0]), text)
            case "escape":
                raise self._syntax(token.start(), "an escape stands outside of strings and IRIs", "Write the character itself.")
            case "name":
                prefix = token["prefix"] or ""
                if prefix[:1].isalpha() and not _REFUSED_WORD.fullmatch(prefix):
                    return "z" * len(prefix.encode()) + text[len(prefix) :]
                return text
            case "word":
                self._check_word(token)
                return _SPELLINGS.get(text.upper(), text) if text.isascii() else text
        return text

    def _check_word(self, token: re.Match[str]) -> None:
        """A word outside of strings, IRIs and names is a keyword of SPARQL 1.1 query, or it is not offered."""
        text = token[0].upper()
        refused = _REFUSED_WORD.search(text)
        if refused:
            raise self._refused_at(
                token.start() + refused.start(), f"{refused[0]} is not offered", "Ask for what this store holds."
            )
        if self._repeatable and text in CHANGING:
            remedy = "Write the value itself, or ask without a snapshot."
            raise self._refused_at(token.start(), f"{text} gives another value each time, which is not offered here", remedy)
        if text in FUNCTIONS or text in _KEYWORDS:
            return
        if self._text[token.end() :].lstrip().startswith("("):
            raise self._refused_at(token.start(), f"The function {token[0]} is not known", "Use those of SPARQL 1.1.")
        remedy = "A variable begins with ?, a name has a prefix, a text stands in quotes."
        raise self._syntax(token.start(), f"{token[0][:40]!r} is not a word of SPARQL", remedy)

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
                raise self._limit(node, f"The query is nested deeper than {self._limits.depth} levels")
            kind = node.type
            if kind in _PARTS:
                parts += node.named_child_count if kind in _CONTAINERS else 1
                if parts > self._limits.parts:
                    raise self._limit(node, f"The query has more than {self._limits.parts} patterns and path steps")
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
                raise self._refused(node, "SERVICE is not offered", "Ask for what this store holds.")
        return clauses, graphs, functions, groups

    def _prefix(self, name: Node) -> bytes:
        return self._bytes(name).partition(b":")[0]

    def _check_prefix(self, name: Node, prefixes: set[bytes]) -> None:
        prefix = self._prefix(name)
        if prefix not in prefixes:
            line, column = self._position(name)
            raise QuerySyntaxError(
                f"The prefix '{prefix.decode()}:' is not declared (line {line}, column {column}).",
                f"Begin the query with PREFIX {prefix.decode()}: and its IRI.",
                line=line,
                column=column,
            )

    def _part(self, node: Node, field: str) -> Node:
        part = node.child_by_field_name(field)
        if part is None:
            raise self._syntax_error(node)
        return part

    def _resolve(self, names: list[Node]) -> dict[int, Iri | Literal]:
        """These terms, their names made absolute IRIs under the query's own BASE and PREFIX."""
        if not names:
            return {}
        texts = [f"<{RDF_TYPE}>" if name.type == "a" else self._bytes(name).decode() for name in names]
        try:
            terms = self._terms(texts)
        except SyntaxError as exc:
            raise self._unresolved(names) from exc
        return {name.id: _of_engine(term) for name, term in zip(names, terms, strict=True)}

    def _terms(self, texts: list[str]) -> list[object]:
        """What these names are under the query's own BASE and PREFIX, told by the engine that will read the query."""
        prologue = b"".join(self._bytes(child) + b"\n" for child in self._root.named_children if child.type == "prologue").decode()
        columns = " ".join(f"({text} AS ?n{number})" for number, text in enumerate(texts))
        answer = _empty_store().query(f"{prologue}SELECT {columns} {{}}")
        if not isinstance(answer, ox.QuerySolutions):
            raise TypeError("a SELECT gives solutions")
        return list(next(answer))

    def _unresolved(self, names: list[Node]) -> QuerySyntaxError:
        """The first name that cannot be resolved; or the prologue itself."""
        for name in names:
            text = self._bytes(name).decode()
            try:
                self._terms([] if name.type == "a" else [text])
            except SyntaxError:
                line, column = self._position(name)
                message = f"{text} is not an IRI here (line {line}, column {column})."
                return QuerySyntaxError(message, "Write the IRI in full.", line=line, column=column)
        message = "BASE or PREFIX cannot be read (line 1, column 1)."
        return QuerySyntaxError(message, "Write each as an absolute IRI.", line=1, column=1)

    def _without(self, clauses: list[Node]) -> str:
        """The text with these clauses, and their FROM, overwritten by blanks."""
        source = bytearray(self._source)
        for clause in clauses:
            node = clause.parent if clause.parent is not None and clause.parent.type == "dataset_clause" else clause
            blank = re.sub(rb"[^\r\n]", b" ", source[node.start_byte : node.end_byte])
            source[node.start_byte : node.end_byte] = blank
        return source.decode()

    def _bytes(self, node: Node) -> bytes:
        return self._source[node.start_byte : node.end_byte]

    def _position(self, node: Node) -> tuple[int, int]:
        return _place(self._text, self._offset(node))

    def _offset(self, node: Node) -> int:
        return len(self._source[: node.start_byte].decode(errors="ignore"))

    def _refused(self, node: Node, message: str, remedy: str) -> QueryRefusedError:
        return self._refused_at(self._offset(node), message, remedy)

    def _refused_at(self, offset: int, message: str, remedy: str) -> QueryRefusedError:
        line, column = _place(self._text, offset)
        return QueryRefusedError(f"{message} (line {line}, column {column}).", remedy, line=line, column=column)

    def _syntax(self, offset: int, what: str, remedy: str) -> QuerySyntaxError:
        line, column = _place(self._text, offset)
        return QuerySyntaxError(
            f"The query does not parse at line {line}, column {column}: {what}.", remedy, line=line, column=column
        )

    def _limit(self, node: Node, message: str) -> LimitError:
        line, column = self._position(node)
        return LimitError(f"{message} (line {line}, column {column}).", "Simplify it or ask in parts.")

    def _syntax_error(self, root: Node) -> QuerySyntaxError:
        faults = [node for node, _ in _nodes(root) if node.is_error or node.is_missing] or [root]
        fault = min(faults, key=lambda node: node.end_byte - node.start_byte)
        offset = self._offset(fault)
        near = self._bytes(fault).decode(errors="replace")
        if fault.is_missing:
            what = f"{fault.type!r} is missing"
        elif 2 * len(near) > len(self._text) and fault.end_byte >= len(
            self._source.rstrip()
        ):  # the parser found no end: what is missing is there
            offset = len(self._text.rstrip())
            what = "it ends too early"
        else:
            what = f"{near.partition(chr(10))[0][:40]!r} is not expected"
        return self._syntax(offset, what, "Mend the query there.")


def _dataset(sources: list[tuple[str, str]]) -> Dataset:
    return Dataset(
        tuple(dict.fromkeys(iri for kind, iri in sources if kind == "default_graph_clause")),
        tuple(dict.fromkeys(iri for kind, iri in sources if kind == "named_graph_clause")),
    )


def _term_text(term: Iri | Literal) -> str:
    r"""The term as SPARQL writes it: nothing in it can end it early.

    Raises:
        ValueError: It is no RDF term.

    >>> _term_text(Literal('say "Ah"\n\a', "https://a.example/type"))
    '"say \\"Ah\\"\\n\\u0007"^^<https://a.example/type>'
    """
    if isinstance(term, Iri):
        ox.NamedNode(term)  # the engine's own rules for IRIs, besides ours
        return iri_text(term)
    if not term.language:
        ox.Literal(term.value, datatype=ox.NamedNode(term.datatype))
    term.value.encode()
    return _CONTROL.sub(lambda character: f"\\u{ord(character[0]):04X}", literal_text(term))


def _only_iri(node: Node, parent: Node) -> bool:
    """Whether no literal may stand where this variable does: subject, predicate, name of a graph, what is described."""
    if parent.type == "triples_same_subject":
        return next(child for child in parent.named_children if child.type != "comment") == node
    return parent.type in {"property", "graph_graph_pattern", "describe_query"}


def _fresh(name: str, names: Collection[str]) -> str:
    number = 1
    while f"{name}_{number}" in names:
        number += 1
    return f"{name}_{number}"


def _column_as_sent(edits: tuple[Edit, ...], line: int, column: int) -> int:
    """The column before these edits; within a value it is that of the variable."""
    for edit in edits:
        if edit.line != line or edit.column >= column:
            continue
        column = max(edit.column, column - len(edit.text) + edit.removed)
    return column


def _as_sent(error: QueryError, edits: tuple[Edit, ...]) -> QueryError:
    """The same error with its place in the text as it was sent."""
    column = _column_as_sent(edits, error.line, error.column)
    message = error.message.replace(f"column {error.column}", f"column {column}")
    return type(error)(message, error.remedy, line=error.line, column=column)


def _nodes(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth, in the order of the text; not recursive, for the text may be deep."""
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend((child, depth + 1) for child in reversed(node.children))


def _place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


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
