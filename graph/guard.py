"""What a query may ask: SPARQL 1.1 query and nothing else, its dataset clause taken out to be met with the reader's rights.

The query is parsed by tree-sitter, whose syntax tree knows the bytes of every part. Whatever that parser does not understand is
refused, never passed on. Taken out are FROM and FROM NAMED, in place, so that line and column of all else stay as they are.

Two parsers may disagree on where a string or comment ends, and a disagreement could smuggle something past this one. So the text
is also cut into tokens by the terminals of the grammar (https://www.w3.org/TR/sparql11-query/#sparqlGrammar), and a keyword
that is not offered is refused wherever it stands outside of strings, IRIs and comments, whatever the tree says.

The rights themselves do not hang on any of this: the store always passes both the default graph and the named graphs.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import pyoxigraph as ox
from tree_sitter import Language, Node, Parser

from records.errors import LimitError, QueryRefusedError, QuerySyntaxError


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


@dataclass(frozen=True, slots=True)
class GuardedQuery:
    """A query that may be answered.

    Args:
        text: The query without its dataset clause.
        dataset: What the dataset clause asks for; ``None`` when there is none.
        graphs: IRIs that GRAPH names.
        any_graph: Whether a GRAPH has a variable, so that every named graph counts.
    """

    text: str
    dataset: Dataset | None
    graphs: tuple[str, ...]
    any_graph: bool

    def over(self, dataset: Dataset) -> GuardedQuery:
        """The same query over another dataset."""
        return replace(self, dataset=dataset)


CASTS: Final = frozenset(
    f"http://www.w3.org/2001/XMLSchema#{name}"
    for name in (
        *("boolean", "double", "float", "decimal", "integer", "dateTime", "string"),
        *("date", "time", "duration", "dayTimeDuration", "yearMonthDuration"),
    )
)
"""Functions named by an IRI: casts (https://www.w3.org/TR/sparql11-query/#FunctionMapping) and those of other temporal types."""

_QUERY_FORMS = frozenset({"select_query", "ask_query", "construct_query", "describe_query"})
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
    | (?P<name> [?$][^\W]+ | @[A-Za-z-]+ | [\w.-]*:(?:[\w:.%-]|\\.)* )
    | [0-9.]+(?:[eE][+-]?[0-9]+)?
    | (?P<word> \w+)
    """,
    re.VERBOSE | re.DOTALL,
)
_REFUSED_WORD = re.compile("SERVICE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|INSERT|DELETE|USING|WITH|LATERAL", re.IGNORECASE)
_SPELLINGS: Final = {
    word.upper(): word
    for word in ("GROUP_CONCAT", "sameTerm", "isIRI", "isURI", "isBlank", "isLiteral", "isNumeric", "true", "false")
}
_ESCAPED = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def guard(text: str, limits: QueryLimits | None = None) -> GuardedQuery:
    """Check a query, and take its dataset clause out.

    Args:
        text: A SPARQL 1.1 query.
        limits: How long and deep it may be.

    Raises:
        LimitError: It is too long, too deep, or has too many parts.
        QuerySyntaxError: It does not parse; knows the place.
        QueryRefusedError: It is an update, calls a service or an unknown function; knows the place.

    >>> query = guard("PREFIX a: <https://a.example/> SELECT ?s FROM a:1 { ?s ?p ?o }")
    >>> query.dataset
    Dataset(default_graphs=('https://a.example/1',), named_graphs=())
    >>> query.text
    'PREFIX a: <https://a.example/> SELECT ?s          { ?s ?p ?o }'
    >>> guard("ASK { SERVICE <https://b.example> { ?s ?p ?o } }")
    Traceback (most recent call last):
    records.errors.QueryRefusedError: SERVICE is not offered (line 1, column 7). Ask for what this store holds.
    """
    return _Guard(text, limits or QueryLimits()).result()


class _Guard:
    """One query on its way through the checks."""

    def __init__(self, text: str, limits: QueryLimits) -> None:
        self._limits = limits
        try:
            self._source = text.encode()
        except UnicodeEncodeError as exc:
            raise QuerySyntaxError("The query holds half of a surrogate pair, which is no character.", "Send UTF-8.") from exc
        if len(self._source) > limits.bytes:
            raise LimitError(f"The query has {len(self._source)} bytes; {limits.bytes} are allowed.", "Shorten it or ask in parts.")
        self._text = text
        self._check_characters()

    def result(self) -> GuardedQuery:
        tree = _parser().parse(self._shadow())
        root = tree.root_node
        if root.has_error:
            raise self._syntax_error(root)
        forms = [child for child in root.named_children if child.type not in _AROUND]
        for form in forms:
            if form.type not in _QUERY_FORMS:
                raise self._refused(form, f"{form.type.replace('_', ' ').upper()} is not offered", "Only queries are answered.")
        if len(forms) != 1:
            raise QuerySyntaxError("This is not one query.", "Send one SELECT, ASK, CONSTRUCT or DESCRIBE.", line=1, column=1)
        clauses, graphs, functions, variable = self._walk(root)
        prologue = b"".join(self._bytes(child) + b"\n" for child in root.named_children if child.type == "prologue")
        iris = self._resolve(prologue, [*(source for _, source in clauses), *graphs, *functions])
        for function in functions:
            if iris[function.id] not in CASTS:
                raise self._refused(function, f"The function <{iris[function.id]}> is not known", "Use those of SPARQL 1.1.")
        return GuardedQuery(
            self._without([clause for clause, _ in clauses]),
            _dataset([(clause.type, iris[source.id]) for clause, source in clauses]) if clauses else None,
            tuple(dict.fromkeys(iris[graph.id] for graph in graphs)),
            variable,
        )

    def _check_characters(self) -> None:
        """Refuse control characters: where a parser stops reading is no place for surprises."""
        control = _CONTROL.search(self._text)
        if control:
            line, column = _place(self._text, control.start())
            message = f"A control character stands at line {line}, column {column}."
            raise QuerySyntaxError(message, "Remove it.", line=line, column=column)

    def _shadow(self) -> bytes:
        r"""The text for the parser, byte for byte in the same places, once every token has been looked at.

        The parser knows no ``\u00B5`` and not every spelling of keywords that may be written in any case.
        """
        return _TOKEN.sub(self._shadow_of, self._text).encode()

    def _shadow_of(self, token: re.Match[str]) -> str:
        text = token[0]
        if token.lastgroup == "opaque":
            return _ESCAPED.sub(lambda escape: "x" * len(escape[0]), text)
        if token.lastgroup != "word":
            return text
        refused = _REFUSED_WORD.search(text)
        if refused:
            word = refused[0].upper()
            line, column = _place(self._text, token.start() + refused.start())
            message = f"{word} is not offered (line {line}, column {column})."
            raise QueryRefusedError(message, "Ask for what this store holds.", line=line, column=column)
        return _SPELLINGS.get(text.upper(), text) if text.isascii() else text

    def _walk(self, root: Node) -> tuple[list[tuple[Node, Node]], list[Node], list[Node], bool]:
        """The dataset clauses with their IRIs, the constants after GRAPH, the functions, and whether a GRAPH has a variable."""
        clauses: list[tuple[Node, Node]] = []
        graphs: list[Node] = []
        functions: list[Node] = []
        prefixes: set[bytes] = set()
        variable = False
        parts = 0
        for node, depth in _nodes(root):
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
                name = next(child for child in node.named_children if child.type != "comment")
                if name.type == "var":
                    variable = True
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
        return clauses, graphs, functions, variable

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

    def _resolve(self, prologue: bytes, names: list[Node]) -> dict[int, str]:
        """The absolute IRIs of these names under the query's own BASE and PREFIX, told by the engine that will read the query."""
        if not names:
            return {}
        columns = " ".join(f"({self._bytes(name).decode()} AS ?n{number})" for number, name in enumerate(names))
        try:
            answer = ox.Store().query(f"{prologue.decode()}SELECT {columns} {{}}")
        except SyntaxError as exc:
            raise self._unresolved(prologue, names) from exc
        if not isinstance(answer, ox.QuerySolutions):
            raise TypeError("a SELECT gives solutions")
        values = next(answer)
        return {name.id: value.value for name, value in zip(names, values, strict=True) if isinstance(value, ox.NamedNode)}

    def _unresolved(self, prologue: bytes, names: list[Node]) -> QuerySyntaxError:
        """The first name that cannot be resolved; or the prologue itself."""
        for name in names:
            try:
                ox.Store().query(f"{prologue.decode()}SELECT ({self._bytes(name).decode()} AS ?n) {{}}")
            except SyntaxError:
                line, column = self._position(name)
                return QuerySyntaxError(
                    f"{self._bytes(name).decode()} is not an IRI here (line {line}, column {column}).",
                    "Write the IRI in full.",
                    line=line,
                    column=column,
                )
        return QuerySyntaxError("BASE or PREFIX cannot be read.", "Write each as an absolute IRI.", line=1, column=1)

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
        return _place(self._text, len(self._source[: node.start_byte].decode(errors="ignore")))

    def _refused(self, node: Node, message: str, remedy: str) -> QueryRefusedError:
        line, column = self._position(node)
        return QueryRefusedError(f"{message} (line {line}, column {column}).", remedy, line=line, column=column)

    def _limit(self, node: Node, message: str) -> LimitError:
        line, column = self._position(node)
        return LimitError(f"{message} (line {line}, column {column}).", "Simplify it or ask in parts.")

    def _syntax_error(self, root: Node) -> QuerySyntaxError:
        faults = [node for node, _ in _nodes(root) if node.is_error or node.is_missing] or [root]
        fault = min(faults, key=lambda node: node.end_byte - node.start_byte)
        line, column = self._position(fault)
        near = self._bytes(fault).decode(errors="replace")
        if fault.is_missing:
            what = f"{fault.type!r} is missing"
        elif 2 * len(near) > len(self._text):  # the parser found no end: what is missing is there
            line, column = _place(self._text, len(self._text.rstrip()))
            what = "it ends too early"
        else:
            near = near.partition("\n")[0][:40]
            what = f"{near!r} is not expected"
        return QuerySyntaxError(
            f"The query does not parse at line {line}, column {column}: {what}.", "Mend the query there.", line=line, column=column
        )


def _dataset(sources: list[tuple[str, str]]) -> Dataset:
    return Dataset(
        tuple(dict.fromkeys(iri for kind, iri in sources if kind == "default_graph_clause")),
        tuple(dict.fromkeys(iri for kind, iri in sources if kind == "named_graph_clause")),
    )


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
