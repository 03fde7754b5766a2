"""The records that the rows of a training set name, and the groups that keep rows together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from records.errors import BodyError
from search.datasets.groups import NAMED, GroupKind, group_records
from search.datasets.reading import SnapshotReader
from search.datasets.splits import Components
from search.datasets.table_files import Table
from search.datasets.wishes import SplitWish

MAX_FOREIGN: Final = 200_000
"""Distinct IRIs of rows for which the records that describe them are looked for; with more, all readable records are named."""
RowRecords = Callable[[], Iterator[tuple[str, ...]]]
"""Gives for each row the record graphs that it names."""


def named_records(table: Table, versions: Mapping[str, str], reader: SnapshotReader) -> tuple[set[str], RowRecords]:
    """The record graphs that the rows name: by a record's IRI, by that of a node in it, or by that of a thing that it describes."""
    texts = [column.name for column in table.columns if column.type == "text"]
    foreign: set[str] = set()
    for batch in table.texts(texts):
        for row in batch:
            foreign.update(text for text in row if text and "://" in text and len(text) < 2_000 and not _native(text, versions))
    described: dict[str, list[str]] = {}
    if foreign and len(foreign) <= MAX_FOREIGN:
        for graph, thing in reader.rows(NAMED, versions):
            if graph and thing in foreign:
                described.setdefault(str(thing), []).append(graph)

    def rows() -> Iterator[tuple[str, ...]]:
        for batch in table.texts(texts):
            for row in batch:
                found = dict.fromkeys(graph for text in row if text for graph in _graphs_of(text, versions, described))
                yield tuple(found)

    if len(foreign) > MAX_FOREIGN:
        return set(), rows
    return {graph for row in rows() for graph in row}, rows


def _native(text: str, versions: Mapping[str, str]) -> str:
    graph = f"{text.partition('#')[0]}#graph"
    return graph if graph in versions else ""


def _graphs_of(text: str, versions: Mapping[str, str], described: Mapping[str, Sequence[str]]) -> Sequence[str]:
    graph = _native(text, versions)
    return (graph,) if graph else described.get(text, ())


def groups_of_rows(
    table: Table, wish: SplitWish | None, rows: RowRecords, named: set[str], versions: Mapping[str, str], reader: SnapshotReader
) -> list[str | None]:
    """The group of each row; ``None`` where there is none."""
    if wish is None:
        return []
    names = [column.name for column in table.columns]
    if wish.by in tuple(GroupKind):
        if not named:
            raise BodyError(
                f"The rows name no record, so nobody can tell their {wish.by}.",
                "Select the record or the cell, or split by a column.",
            )
        return _record_groups(GroupKind(wish.by), rows, versions, reader)
    column = wish.by.removeprefix("?")
    if column not in names:
        raise BodyError(f"The answer has no column {column!r} to split by.", f"Its columns: {', '.join(names)}.")
    return [row[0] or None for batch in table.texts([column]) for row in batch]


def _record_groups(kind: GroupKind, rows: RowRecords, versions: Mapping[str, str], reader: SnapshotReader) -> list[str | None]:
    group_of = group_records(kind, versions, reader.rows)
    joined = Components[str]()
    for row in rows():
        joined.join([group_of[graph] for graph in row if graph in group_of])  # a row of two cells keeps them together
    first = (next((group_of[graph] for graph in row if graph in group_of), None) for row in rows())
    return [None if group is None else joined.of(group) for group in first]
