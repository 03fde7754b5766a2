"""Building a training set. Read `build_dataset` from top to bottom.

It is complete or it fails: the rows of the answer are counted by whoever answers, and again in the files that were written.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from access.identity import ANONYMOUS, Actor
from graph.snapshot_file import Visibility
from records.errors import BodyError, StoreError
from search.datasets.base_units import in_base_units
from search.datasets.manifest import (
    archive_of,
    describe_files,
    file_json,
    meant,
    question_json,
    records_json,
    snapshot_json,
    split_json,
)
from search.datasets.named_records import groups_of_rows, named_records
from search.datasets.provenance import origins_of
from search.datasets.reading import SnapshotReader, keep
from search.datasets.search_table import search_table
from search.datasets.services import DatasetServices, Watch
from search.datasets.splits import UNGROUPED, Split, split_groups
from search.datasets.table_files import DataFile, Table, json_of, read_again
from search.datasets.wishes import Recipe, SplitWish


@dataclass(frozen=True, slots=True)
class Built:
    """A whole training set.

    Args:
        rows: Rows in its data files.
        snapshot: The snapshot that it was made from.
        files: Every file, data files first.
        contributing: Record graphs that may have contributed: who may not read one of them any more may not have the files.
    """

    rows: int
    snapshot: str
    files: tuple[DataFile, ...]
    contributing: tuple[str, ...]


def build_dataset(services: DatasetServices, recipe: Recipe, actor: Actor, folder: Path, *, name: str, watch: Watch) -> Built:
    """Build a training set; what is in the folder after an error is to be thrown away.

    Args:
        services: What it uses.
        recipe: What is wanted, checked.
        actor: For whom.
        folder: Where its files go; there and empty.
        name: Name of the training set.
        watch: Who watches.

    Raises:
        QueryLimitError: It takes more than the actor may have.
        CancelledError: It was interrupted.
        StoreError: What was written is not what was answered, or something cannot be read or written.
        VoltagraphError: The query cannot be answered.
    """
    wish = recipe.wish
    watch.stage("snapshot")
    snapshot = wish.snapshot or services.snapshots.create(actor, _visibility(actor)).snapshot.id
    view = services.snapshots.place(snapshot, actor)
    versions = dict(services.snapshots.records(snapshot, actor))

    watch.stage("query")
    source = folder / "source.part"
    reader = SnapshotReader(services, view, actor, watch)
    generation = view.place.generation
    if wish.search is None:
        with reader.answer(recipe.text, recipe.terms) as answer:
            keep(answer, source)
            expected = answer.rows
    else:
        audiences = services.snapshots.audiences_if_present(snapshot, actor)
        expected = search_table(services.search, wish.search, audiences, versions, services.allowance_of(actor).rows, source)
        services.snapshots.audiences_if_present(snapshot, actor)  # and not while the index was read, either
    table = Table(source)
    if not table.columns:
        raise BodyError("The query names no columns.", "Name variables after SELECT.")

    watch.stage("records", expected)
    converted, conversions = in_base_units(table, wish, services.search.units)
    named, rows_name = named_records(table, versions, reader)
    groups = groups_of_rows(table, wish.split, rows_name, named, versions, reader)

    watch.stage("writing", expected)
    split, part_of_row, parts = _parts(wish.split, groups)
    table.write(folder, wish.form, converted, parts, part_of_row)
    source.unlink()

    watch.stage("verifying", expected)
    files = [read_again(folder / f"{part}.{wish.form}", wish.form) for part in parts]
    rows = sum(file.rows for file in files)
    if rows != expected:
        raise StoreError(f"{rows} rows were written, and the answer has {expected}.", "Send it again; nothing of it was kept.")

    watch.stage("describing", expected)
    origins = origins_of(
        {graph: versions[graph] for graph in named or versions},
        services.snapshots.versions_now(actor),
        reader.rows,
        services.describe,
        actor.audiences,
    )
    columns = [*meant(table.columns, wish), *(one.column for one in converted)]
    manifest = {
        "title": wish.title or f"Training set of {rows} rows",
        "name": name,
        "created": services.clock().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "program": services.program,
        **question_json(recipe),
        "snapshot": snapshot_json(view),
        "generation": generation,
        "expected_rows": expected,
        "rows": rows,
        "columns": [json_of(column) for column in columns],
        "units": conversions,
        "split": split_json(wish.split, split, files),
        "files": [file_json(file, wish.form) for file in files],
        "records": records_json(origins, named=bool(named)),
    }
    files += describe_files(folder, manifest, columns, origins, wish.form, f"{services.address}datasets/{name}")
    files.append(archive_of(folder, [file.name for file in files]))
    contributing = sorted(named) if wish.search is not None else sorted(versions)
    return Built(rows, snapshot, tuple(files), tuple(contributing))


def _visibility(actor: Actor) -> Visibility:
    return Visibility.PUBLIC if actor == ANONYMOUS else Visibility.PRIVATE


def _parts(wish: SplitWish | None, groups: Sequence[str | None]) -> tuple[Split | None, array[int] | None, list[str]]:
    if wish is None:
        return None, None, ["data"]
    split = split_groups(Counter(group for group in groups if group is not None), wish.fractions, wish.seed)
    names = [part.name for part in split.parts]
    if None in groups:
        names.append(UNGROUPED)
    positions = {name: position for position, name in enumerate(names)}
    where = (positions[UNGROUPED if group is None else split.part_of[group]] for group in groups)
    return split, array("I", where), names
