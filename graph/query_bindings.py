"""Values bound in a query: each is written, serialised here, over the bytes of its variable."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from tree_sitter import Node

from graph.query_text import CONTROL, QueryText, nodes_of
from graph.store import Term
from records.errors import QueryError, QueryRefusedError
from records.ntriples import iri_text, literal_text
from records.rdf import BlankNode, Iri, Literal


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


class Bindings:
    """Writes values in the place of variables of one query.

    Args:
        query: The query.
        root: Its syntax tree.
    """

    def __init__(self, query: QueryText, root: Node) -> None:
        self._query = query
        self._root = root

    def bound(self, bindings: Mapping[str, Term]) -> tuple[str, tuple[Edit, ...]]:
        """The text with these values in the place of their variables, and where that was."""
        places: dict[str, list[Node]] = {}
        for node, _ in nodes_of(self._root):
            if node.type == "var":
                places.setdefault(self._query.name(node), []).append(node)
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
            parts += [self._query.source[end : node.start_byte].decode(), text]
            end = node.end_byte
            edits.append(Edit(*self._query.position(node), len(self._query.bytes_of(node).decode()), text))
        return "".join(parts) + self._query.source[end:].decode(), tuple(edits)

    def _change(self, node: Node, name: str, term: Term, value: str, names: Collection[str]) -> tuple[Node, str]:
        """What is overwritten, and with what, where a variable gets a value. Spaces keep the value apart from its neighbours."""
        parent = _parent(node)
        if any(child == node for child in parent.children_by_field_name("bound_variable")):
            if parent.type not in {"select_clause", "group_condition"} or _follows(node, "AS"):
                raise self._query.refused(node, f"?{name} cannot be bound, for the query assigns it", "Bind another variable.")
            if parent.type == "group_condition":
                return node, f"({value})"
            column = _fresh(name, names) if self._is_projected_around(parent, name) else name
            return node, f"({value} AS ?{column})"
        if isinstance(term, Literal) and _only_iri(node, parent):
            raise self._query.refused(node, f"?{name} cannot be a literal, for only an IRI may stand here", "Bind an IRI.")
        if parent.type == "build_in_function" and parent.children[0].type.upper() == "BOUND":
            return parent, " true "
        return node, f"({value})" if parent.type == "order_condition" else f" {value} "

    def _is_projected_around(self, clause: Node, name: str) -> bool:
        """Whether a query around that of this SELECT has the column too: it may not be made a second time there."""
        query = _parent(clause).parent
        while query is not None:
            for child in query.named_children:
                if child.type == "select_clause" and any(
                    self._query.name(column) == name for column in child.children_by_field_name("bound_variable")
                ):
                    return True
            query = query.parent
        return False

    def _value(self, name: str, term: Term, place: Node) -> str:
        if isinstance(term, BlankNode):
            raise self._query.refused(place, f"?{name} cannot be a blank node", "Bind an IRI or a literal.")
        try:
            return _term_text(term)
        except ValueError as exc:
            raise self._query.refused(place, f"The value of ?{name} is no RDF term: {exc}", "Mend the value.") from exc

    def _check_minus(self, name: str, places: list[Node]) -> None:
        """MINUS compares by shared variables, so a value in place of one would let it remove nothing."""
        for node in places:
            group = node.parent
            while group is not None:
                if group.type == "minus_graph_pattern" and any(
                    not group.start_byte <= other.start_byte < group.end_byte for other in places
                ):
                    raise self._query.refused(
                        node, f"?{name} cannot be bound, for MINUS compares by it", "Write FILTER NOT EXISTS in the place of MINUS."
                    )
                group = group.parent


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
    return CONTROL.sub(lambda character: f"\\u{ord(character[0]):04X}", literal_text(term))


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


def column_as_sent(edits: tuple[Edit, ...], line: int, column: int) -> int:
    """The column before these edits; within a value it is that of the variable."""
    for edit in edits:
        if edit.line != line or edit.column >= column:
            continue
        column = max(edit.column, column - len(edit.text) + edit.removed)
    return column


def as_sent(error: QueryError, edits: tuple[Edit, ...]) -> QueryError:
    """The same error with its place in the text as it was sent."""
    column = column_as_sent(edits, error.line, error.column)
    message = error.message.replace(f"column {error.column}", f"column {column}")
    return type(error)(message, error.remedy, line=error.line, column=column)


def _parent(node: Node) -> Node:
    if node.parent is None:
        raise TypeError("the root of the tree is no variable")
    return node.parent


def _follows(node: Node, kind: str) -> bool:
    before = node.prev_sibling
    while before is not None and before.type == "comment":
        before = before.prev_sibling
    return before is not None and before.type.upper() == kind
