"""Terms of an answer as a format writes them: each kept for the next time, and blank nodes under labels of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeAlias, TypeVar

from graph.store import Statement, Term
from records.rdf import BlankNode, Iri, Literal

KEPT_TERMS: Final = 10_000
"""So many terms of a kind are kept as they were written, for IRIs and values come again and again."""
KEPT_LENGTH: Final = 300
"""Longer terms are not kept."""
Row: TypeAlias = tuple[Term | None, ...]
"""Terms of a row; ``None`` where a variable is unbound."""
_Key = TypeVar("_Key")


@dataclass(slots=True)
class Labels:
    """Labels of the blank nodes of one answer, by their first appearance.

    >>> labels = Labels()
    >>> labels[BlankNode("7f")], labels[BlankNode("03")], labels[BlankNode("7f")]
    ('b0', 'b1', 'b0')
    """

    _labels: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, node: BlankNode) -> str:
        return self._labels.setdefault(node, f"b{len(self._labels)}")

    def give(self, rows: Iterable[Row | Statement]) -> None:
        """Give each blank node of these rows its label: row by row, whatever order they are written in."""
        for row in rows:
            for term in row:
                if isinstance(term, BlankNode):
                    self._labels.setdefault(term, f"b{len(self._labels)}")


class Kept(dict[_Key, str], Generic[_Key]):
    """Terms as they were written."""

    def __init__(self, write: Callable[[_Key], str]) -> None:
        super().__init__()
        self._write = write

    def __missing__(self, key: _Key) -> str:
        text = self._write(key)
        if len(text) <= KEPT_LENGTH:
            if len(self) >= KEPT_TERMS:
                self.clear()
            self[key] = text
        return text


class Terms:
    """Terms as one format writes them; what is unbound is empty.

    Args:
        iri: Writes an IRI.
        blank: Writes the label of a blank node.
        literal: Writes a literal.
    """

    def __init__(self, iri: Callable[[str], str], blank: Callable[[str], str], literal: Callable[[Literal], str]) -> None:
        self._iris = Kept(iri)
        self._literals = Kept(literal)
        self._blank = blank
        self._labels = Labels()

    def rows(self, batch: Sequence[Row | Statement]) -> Iterable[tuple[str, ...]]:
        """The rows with their terms as text."""
        columns = list(zip(*batch, strict=True))
        kinds = [set(map(type, column)) for column in columns]
        if any(BlankNode in found for found in kinds):
            self._labels.give(batch)
        written = [self._column(column, found) for column, found in zip(columns, kinds, strict=True)]
        return zip(*written, strict=True) if written else [()] * len(batch)

    def _column(self, terms: Sequence[Term | None], kinds: set[type]) -> Iterable[str]:
        if kinds == {Iri}:
            return map(self._iris.__getitem__, terms)  # type: ignore[arg-type]  # as its kind says
        if kinds == {Literal}:
            return map(self._literals.__getitem__, terms)  # type: ignore[arg-type]
        return map(self._term, terms)

    def _term(self, term: Term | None) -> str:
        if term is None:
            return ""
        if isinstance(term, Literal):
            return self._literals[term]
        return self._blank(self._labels[term]) if isinstance(term, BlankNode) else self._iris[term]
