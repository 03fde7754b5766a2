"""What of a query's tree tells which graphs can matter for its answer; every doubt means that all of them can.

`graph.guard` asks, `graph.answering` uses it for speed. Neither rights nor answers hang on it: a graph that is left out by it could
have contributed nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from tree_sitter import Node

Triple: TypeAlias = tuple[Node, Node, Node]
"""Subject, verb and object of a triple pattern."""

_CONSTANT: Final = frozenset({"iri_reference", "prefixed_name", "rdf_literal", "integer", "decimal", "double", "boolean_literal"})
_OPTIONAL: Final = frozenset({b"*", b"?"})


def required_patterns(group: Node) -> Iterator[Triple]:
    """The triple patterns with a simple verb without whose match the group has no solution.

    Those that stand in the group itself: neither in OPTIONAL, UNION, MINUS and FILTER, nor in groups of its own. None of a group
    with a sub-select in it: the engine answers that over all named graphs when it does not give back the variable of GRAPH.
    """
    if any(node.type == "sub_select" for node in _below(group)):
        return
    for block in group.named_children:
        if block.type == "triples_block":
            for same_subject in block.named_children:
                if same_subject.type == "triples_same_subject":
                    yield from _triples(same_subject)


def _triples(same_subject: Node) -> Iterator[Triple]:
    subject, *rest = (child for child in same_subject.named_children if child.type != "comment")
    for properties in rest:
        for item in properties.named_children:
            if item.type == "property":
                verb, *objects = (child for child in item.children if child.type not in {"comment", ","})
                simple = _simple(verb)
                if simple is not None:
                    for list_ in objects:
                        yield from ((subject, simple, value) for value in list_.named_children if value.type != "comment")


def _simple(verb: Node) -> Node | None:
    """The verb, when it is an IRI, ``a`` or a variable; ``None`` for a path."""
    if verb.type == "path_element":
        return (
            verb.children[0] if verb.child_count == 1 and verb.children[0].type in {"iri_reference", "prefixed_name", "a"} else None
        )
    return verb if verb.type in {"iri_reference", "prefixed_name", "a", "var"} else None


def is_constant(node: Node) -> bool:
    """Whether the node is a term that stands in the query."""
    return node.type in _CONSTANT or node.type == "a"


def verbs(nodes: Iterator[Node]) -> list[Node] | None:
    """The predicates of all triple patterns and paths of a query; ``None`` when others may matter as well.

    That is so with a variable in their place, with a negated path, with a list, when something is described, and with a path of no
    steps: it begins and ends at any node that the graph has.
    """
    found: list[Node] = []
    for node in nodes:
        if node.type in {"describe_query", "collection"}:
            return None
        if node.type != "property":
            continue
        verb, *_ = (child for child in node.children if child.type != "comment")
        if verb.type == "var":
            return None
        steps = [verb, *_below(verb)]
        if any(step.type == "!" for step in steps):
            return None
        if any(step.type == "path_mod" and step.text in _OPTIONAL for step in steps):
            return None
        found += [step for step in steps if step.type in {"iri_reference", "prefixed_name", "a"}]
    return found


def _below(node: Node) -> Iterator[Node]:
    stack = [*node.children]
    while stack:
        step = stack.pop()
        yield step
        stack.extend(step.children)
