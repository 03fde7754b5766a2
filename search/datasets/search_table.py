"""A search as a table: one row for each record, one column for each kind of quantity, in its base unit."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from records.errors import LimitError, QueryLimitError
from records.record import Quantity, Record
from records.rights import Audiences
from search.datasets.table_files import Column, safe_name, write_rows
from search.query import Facet, Query
from search.service import Edits, SearchServices, edited, embedded

PAGE: Final = 1_000
"""Records that are read from the index at once."""
MAX_KINDS: Final = 1_000
"""Most columns of quantities."""

_FIXED: Final = (
    Column("record", "text", meaning="Id of the record"),
    Column("iri", "text", meaning="IRI of the record"),
    Column("title", "text", meaning="Title of the record"),
    Column("source", "text", meaning="Source of the record"),
    Column("concepts", "text", meaning="Labels of the concepts that the record uses, with ' | ' between them"),
)


@dataclass(frozen=True, slots=True)
class SearchWish:
    """A search whose records are wanted.

    Args:
        text: The question; ``""`` finds every record.
        concepts: IRIs of concepts that must be used as well.
        sources: Names of sources the record must come from as well.
    """

    text: str
    concepts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the manifest has it."""
        return {"text": self.text, "concepts": list(self.concepts), "sources": list(self.sources)}


def search_table(
    services: SearchServices, wish: SearchWish, audiences: Audiences, graphs: Collection[str], most: int, path: Path
) -> int:
    """Write what a search finds as a table.

    Of several quantities of one kind in a record the first in its document is taken; the column's meaning says in how many records.

    Args:
        services: The search flow's services.
        wish: The search.
        audiences: What the reader holds.
        graphs: Record graphs that may be in it: a record of which the reader may read the metadata alone is left out.
        most: Most rows.
        path: The file.

    Returns:
        How many records the index has found and the reader may read, counted before anything is written.

    Raises:
        QueryLimitError: There are more rows than allowed.
        LimitError: There are more than `MAX_KINDS` kinds of quantities.
        StoreError: The index cannot be read, or the file not written.
    """
    chosen = [(Facet.CONCEPT, iri) for iri in wish.concepts] + [(Facet.SOURCE, source) for source in wish.sources]
    query = edited(services, wish.text, audiences, Edits(chosen=tuple(chosen)))
    wanted = [hit for hit in _hits(services, query, audiences) if f"{hit[1]}#graph" in graphs]
    if len(wanted) > most:
        raise QueryLimitError(f"The search finds more than {most:,} records.", "Ask for less.", limit="rows", allowed=most)
    kinds: dict[tuple[str, str], int] = {}
    several: dict[tuple[str, str], int] = {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as aside:
        for record, _ in wanted:
            _set_aside(services, services.index.get(record, audiences), aside, kinds, several)
            if len(kinds) > MAX_KINDS:
                message = f"The records have more than {MAX_KINDS} kinds of quantities."
                raise LimitError(message, "Ask for records of one sort.")
        order = sorted(kinds, key=lambda kind: (-kinds[kind], kind))
        aside.seek(0)
        write_rows(path, [*_FIXED, *_quantity_columns(services, order, several)], _rows(aside, order))
    return len(wanted)


def _hits(services: SearchServices, query: Query, audiences: Audiences) -> list[tuple[str, str]]:
    """Id and IRI of every record that is found, by id."""
    found: dict[str, str] = {}
    vector = embedded(services, query)
    after = ""
    while True:
        page = services.index.search(query, audiences, vector=vector, limit=PAGE, after=after)
        found.update((hit.record.id, hit.record.iri) for hit in page.hits)
        after = page.after
        if not after:
            return sorted(found.items())


def _set_aside(
    services: SearchServices,
    record: Record | None,
    aside: IO[str],
    kinds: dict[tuple[str, str], int],
    several: dict[tuple[str, str], int],
) -> None:
    if record is None:
        return  # gone meanwhile: fewer rows than found are written, and whoever counts them sees it
    values: dict[tuple[str, str], float] = {}
    twice: set[tuple[str, str]] = set()
    for quantity in record.quantities:
        kind = _kind(services, quantity)
        if kind and quantity.base_value is not None:
            if (kind, quantity.base_unit) in values:
                twice.add((kind, quantity.base_unit))
            values.setdefault((kind, quantity.base_unit), quantity.base_value)
    for key in values:
        kinds[key] = kinds.get(key, 0) + 1
    for key in twice:
        several[key] = several.get(key, 0) + 1
    labels = sorted({services.concepts.label(use.concept) for use in record.concepts})
    row = [record.id, record.iri, record.title, record.source, " | ".join(labels)]
    aside.write(json.dumps([row, [[*key, value] for key, value in values.items()]]) + "\n")


def _kind(services: SearchServices, quantity: Quantity) -> str:
    """The class that says most: the first that has a dimension."""
    measured = (kind for kind in quantity.kinds if services.units.dimension_of_kind(kind) is not None)
    return next(measured, None) or next(iter(quantity.kinds), "")


def _rows(aside: IO[str], order: list[tuple[str, str]]) -> Iterator[list[object]]:
    for line in aside:
        row, given = json.loads(line)
        values = {(kind, unit): value for kind, unit, value in given}
        yield [*row, *(values.get(key) for key in order)]


def _quantity_columns(
    services: SearchServices, order: list[tuple[str, str]], several: dict[tuple[str, str], int]
) -> Iterator[Column]:
    taken = {column.name for column in _FIXED}
    for kind, unit in order:
        label = services.concepts.label(kind)
        name = f"{label}_{safe_name(unit)}"
        while name in taken:
            name += "_"
        taken.add(name)
        more = several.get((kind, unit), 0)
        note = f"; the first of several in {more} records" if more else ""
        yield Column(name, "number", unit, f"{label} in {unit}{note}", kind)
