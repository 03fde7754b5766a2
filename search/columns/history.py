"""What each write took away and brought, in words: counts of names and concepts follow from it, and nothing is counted again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from records.record import EntityKind
from records.rights import Audiences
from search.columns.arrays import Ints
from search.columns.columns import TABLES
from search.columns.segment import Segment

MOST_FORMS: Final = 20_000
"""So many forms of records are remembered; who was here before these counts anew."""


class Spelled(NamedTuple):
    """A folded name that a record has, with the names as written and the IRIs beside it."""

    name: str
    labels: tuple[str, ...]
    iris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What is counted of a record as it is, or was.

    Args:
        metadata: Who may read its metadata.
        files: Who may read its files.
        concepts: Concepts it uses, without broader ones.
        names: Its names.
    """

    metadata: Audiences
    files: Audiences
    concepts: tuple[str, ...]
    names: Mapping[EntityKind, tuple[Spelled, ...]]

    def is_content_for(self, audiences: Audiences) -> bool:
        """Whether these audiences may read its content."""
        return not (self.metadata.isdisjoint(audiences) or self.files.isdisjoint(audiences))


class Step(NamedTuple):
    """From one state to the next.

    Args:
        change: Number of the last change that is in it.
        gone: Forms that do not count any more.
        came: Forms that count from now on.
    """

    change: int
    gone: tuple[Form, ...]
    came: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The last steps to a state; never changes.

    Args:
        since: Number of the last change before them.
        steps: The steps, oldest first.
        forms: How many forms these hold.
    """

    since: int
    steps: tuple[Step, ...] = ()
    forms: int = 0

    def extended(self, step: Step) -> History:
        """With one more step, and without the oldest where there are too many forms."""
        steps, since = (*self.steps, step), self.since
        forms = self.forms + len(step.gone) + len(step.came)
        first = 0
        while forms > MOST_FORMS:
            forms -= len(steps[first].gone) + len(steps[first].came)
            since = steps[first].change
            first += 1
        return History(since, steps[first:], forms)

    def after(self, change: int) -> tuple[Step, ...] | None:
        """The steps after this change; ``None`` where the first of them are forgotten."""
        if change < self.since:
            return None
        first = len(self.steps)
        while first and self.steps[first - 1].change > change:
            first -= 1
        return self.steps[first:]


def forms(segment: Segment, documents: Ints) -> tuple[Form, ...]:
    """What is counted of these documents."""
    columns = segment.columns
    codes = {column: columns.arrays[column][documents].tolist() for column in ("metadata", "files", "uses", *EntityKind)}

    text = cache(columns.terms.__getitem__)

    @cache
    def audiences(row: int) -> Audiences:
        return frozenset(map(text, columns.tables["audiences"][row].tolist()))

    @cache
    def concepts(row: int) -> tuple[str, ...]:
        return tuple({*map(text, columns.tables["uses"][row][:: len(TABLES["uses"])].tolist())})

    @cache
    def names(kind: EntityKind, row: int) -> tuple[Spelled, ...]:
        texts = list(map(text, columns.tables[kind][row].tolist()))
        found: dict[str, tuple[set[str], set[str]]] = {}
        for folded, label, iri in zip(texts[::3], texts[1::3], texts[2::3], strict=True):
            labels, iris = found.setdefault(folded, (set(), set()))
            labels.add(label)
            iris.add(iri)
        return tuple(Spelled(name, tuple(labels - {""}), tuple(iris - {""})) for name, (labels, iris) in found.items() if name)

    return tuple(
        Form(
            audiences(codes["metadata"][n]),
            audiences(codes["files"][n]),
            concepts(codes["uses"][n]),
            {kind: found for kind in EntityKind if (found := names(kind, codes[kind][n]))},
        )
        for n in range(len(documents))
    )
