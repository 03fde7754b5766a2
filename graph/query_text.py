"""The text of a query: what stands where, and errors that know their place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from records.errors import LimitError, QueryRefusedError, QuerySyntaxError

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Characters that no query holds."""


class QueryText:
    """A query as it was sent.

    Args:
        text: The query.

    Raises:
        QuerySyntaxError: It cannot be written in UTF-8.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self.source = text.encode()
        except UnicodeEncodeError as exc:
            line, column = self.place(exc.start)
            message = f"The query holds half of a surrogate pair, which is no character (line {line}, column {column})."
            raise QuerySyntaxError(message, "Send UTF-8.", line=line, column=column) from exc

    def check_characters(self) -> None:
        """Refuse control characters: where a parser stops reading is no place for surprises."""
        control = CONTROL.search(self.text)
        if control:
            line, column = self.place(control.start())
            message = f"A control character stands at line {line}, column {column}."
            raise QuerySyntaxError(message, "Remove it.", line=line, column=column)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both from 1."""
        before = self.text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    def name(self, variable: Node) -> str:
        """The name of a variable, without ``?``."""
        return self.bytes_of(variable)[1:].decode()

    def bytes_of(self, node: Node) -> bytes:
        """What a node stands for in the text."""
        return self.source[node.start_byte : node.end_byte]

    def position(self, node: Node) -> tuple[int, int]:
        """Line and column of a node, both from 1."""
        return self.place(self.offset(node))

    def offset(self, node: Node) -> int:
        """How many characters stand before a node."""
        return len(self.source[: node.start_byte].decode(errors="ignore"))

    def refused(self, node: Node, message: str, remedy: str) -> QueryRefusedError:
        """The error that a node is not offered."""
        return self.refused_at(self.offset(node), message, remedy)

    def refused_at(self, offset: int, message: str, remedy: str) -> QueryRefusedError:
        """The error that what begins at a character is not offered."""
        line, column = self.place(offset)
        return QueryRefusedError(f"{message} (line {line}, column {column}).", remedy, line=line, column=column)

    def syntax(self, offset: int, what: str, remedy: str) -> QuerySyntaxError:
        """The error that the query does not parse at a character."""
        line, column = self.place(offset)
        return QuerySyntaxError(
            f"The query does not parse at line {line}, column {column}: {what}.", remedy, line=line, column=column
        )

    def limit(self, node: Node, message: str) -> LimitError:
        """The error that a node is too much."""
        line, column = self.position(node)
        return LimitError(f"{message} (line {line}, column {column}).", "Simplify it or ask in parts.")

    def syntax_error(self, root: Node) -> QuerySyntaxError:
        """The error of the smallest part below a node that does not parse."""
        faults = [node for node, _ in nodes_of(root) if node.is_error or node.is_missing] or [root]
        fault = min(faults, key=lambda node: node.end_byte - node.start_byte)
        offset = self.offset(fault)
        near = self.bytes_of(fault).decode(errors="replace")
        if fault.is_missing:
            what = f"{fault.type!r} is missing"
        elif 2 * len(near) > len(self.text) and fault.end_byte >= len(self.source.rstrip()):
            # The parser found no end: what is missing is there.
            offset = len(self.text.rstrip())
            what = "it ends too early"
        else:
            what = f"{near.partition(chr(10))[0][:40]!r} is not expected"
        return self.syntax(offset, what, "Mend the query there.")


def nodes_of(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth, in the order of the text; not recursive, for the text may be deep."""
    stack = [(root, 0)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        stack.extend((child, depth + 1) for child in reversed(node.children))
