"""Training sets: any query or search over a snapshot as data files, with a manifest of what they hold and where it comes from.

Read `build_dataset` from top to bottom. It is complete or it fails: the rows of the answer are counted by whoever answers, and
again in the files that were written.
"""

from __future__ import annotations

import json
import re
import time
import zipfile
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from access.identity import ANONYMOUS, Actor
from graph.guard import QueryKind, QueryLimits, guard
from graph.queries import Allowance, QueryRequest, QueryRunner, WrittenAnswer
from graph.results import ResultFormat
from graph.saved_queries import QueryCatalogue, bindings, version_of
from graph.snapshots import Snapshots, SnapshotView, Visibility
from graph.store import Term
from ontology.units import Unit, Units
from records.errors import BodyError, BusyError, CancelledError, QueryLimitError, QueryRefusedError, StoreError
from search.croissant import croissant
from search.groups import NAMED, GroupKind, group_records
from search.provenance import Describe, Origin, licences_of, origins_of
from search.rocrate import rocrate
from search.search_table import SearchWish, search_table
from search.service import SearchServices
from search.splits import UNGROUPED, Components, Split, check_fractions, split_groups
from search.table_files import Column, Converted, DataFile, DataForm, Table, digest_of, json_of, read_again, rows_of, safe_name

MANIFEST: Final = "manifest.json"
CROISSANT: Final = "croissant.json"
RO_CRATE: Final = "ro-crate-metadata.json"
ARCHIVE: Final = "dataset.zip"

MAX_TITLE_CHARS: Final = 200
"""Longest title of a training set."""
MAX_PAIRS: Final = 50
"""Most pairs of a value and its unit."""
ASKED_AT_ONCE: Final = 1_000
"""Record graphs that one query about their origin is asked of."""
MAX_FOREIGN: Final = 200_000
"""Distinct IRIs of rows for which the records that describe them are looked for; with more, all readable records are named."""
PATIENCE: Final = 120
"""Seconds to wait for a query process, or for the actor's other queries to end."""

_UNIT_ENDS: Final = re.compile(r"(?P<value>.+?)(?:Unit|_unit|_Unit)")


@dataclass(frozen=True, slots=True)
class UnitPair:
    """A column of numbers and the column of their units.

    Args:
        value: Name of the one.
        unit: Name of the other.
        kind: IRI of the kind of quantity, which decides what an ambiguous ``C`` is; ``""``: the C-rate.
    """

    value: str
    unit: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class SplitWish:
    """How the rows are split.

    Args:
        by: A column, or ``cell``, ``batch`` or ``laboratory``: what its rows are kept together by. A column of such a name is
            written ``?cell``.
        fractions: Fraction of the rows of each part.
        seed: Another seed gives another split.
    """

    by: str
    fractions: Mapping[str, float] = field(default_factory=lambda: {"train": 0.8, "validation": 0.1, "test": 0.1})
    seed: int = 0


@dataclass(frozen=True, slots=True)
class DatasetWish:
    """What somebody wants as a training set; exactly one of ``query``, ``saved`` and ``search`` is given.

    Args:
        query: A SELECT query.
        saved: Name and version of a saved one.
        parameters: Values of its parameters.
        search: A search: one row for each record.
        snapshot: Over which snapshot; ``""`` makes one.
        form: Form of the data files.
        units: Columns of values with units; ``None`` finds ``?x`` with ``?xUnit`` or ``?x_unit``.
        split: How the rows are split; ``None``: they are not.
        title: A name for people.
    """

    query: str = ""
    saved: tuple[str, str] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    search: SearchWish | None = None
    snapshot: str = ""
    form: DataForm = DataForm.PARQUET
    units: tuple[UnitPair, ...] | None = None
    split: SplitWish | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A wish that was checked.

    Args:
        wish: The wish.
        text: The query; ``""`` for a search.
        terms: Values that are bound in it.
        saved_version: Which version of a saved query it is.
    """

    wish: DatasetWish
    text: str = ""
    terms: Mapping[str, Term] = field(default_factory=dict)
    saved_version: int = 0


@dataclass(frozen=True)
class DatasetServices:
    """What building a training set uses; `app.bootstrap` makes it.

    Args:
        snapshots: Freezes and finds what is read.
        queries: Answers queries.
        allowance_of: What one query of an actor may take.
        catalogue: Saved queries.
        search: The search flow's services.
        describe: Title and findings of a record today.
        limits: How long and deep a query may be.
        address: Where the service is: ``https://HOST/``.
        program: Name and version of the program.
        clock: The time, in UTC.
    """

    snapshots: Snapshots
    queries: QueryRunner
    allowance_of: Callable[[Actor], Allowance]
    catalogue: QueryCatalogue
    search: SearchServices
    describe: Describe
    limits: QueryLimits
    address: str
    program: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who watches the building.

    Args:
        on_stage: Told what is done next, and how many rows there are (0: not known yet).
        is_cancelled: Asked now and then; once it says yes, the building ends.
    """

    on_stage: Callable[[str, int], None] = lambda _stage, _rows: None
    is_cancelled: Callable[[], bool] = lambda: False

    def stage(self, name: str, rows: int = 0) -> None:
        """Begin the next step.

        Raises:
            CancelledError: It is not wanted any more.
        """
        if self.is_cancelled():
            raise CancelledError("The building was interrupted.", "Send it again.")
        self.on_stage(name, rows)


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


def check_wish(services: DatasetServices, wish: DatasetWish, actor: Actor) -> Recipe:
    """Refuse at once what can never be built.

    Args:
        services: What the building uses.
        wish: What is wanted.
        actor: Who wants it.

    Raises:
        BodyError: The wish contradicts itself; says how.
        QueryError: The query does not parse, or is no SELECT.
        NotFoundError: There is no such saved query or snapshot for this actor.
        LimitError: The query is too long or too deep.
    """
    if sum((bool(wish.query), wish.saved is not None, wish.search is not None)) != 1:
        raise BodyError("A training set is made from one of: a query, a saved query, a search.", "Give exactly one of them.")
    if len(wish.title) > MAX_TITLE_CHARS:
        raise BodyError(f"The title has {len(wish.title)} characters.", f"Write at most {MAX_TITLE_CHARS}.")
    if wish.units is not None and len(wish.units) > MAX_PAIRS:
        raise BodyError(f"{len(wish.units)} columns have units.", f"Name at most {MAX_PAIRS}.")
    if wish.split is not None:
        check_fractions(wish.split.fractions)
    if wish.snapshot:
        services.snapshots.get(wish.snapshot, actor)
    if wish.search is not None:
        if wish.units:
            raise BodyError("The quantities of a search are in base units already.", "Leave `units` out.")
        return Recipe(wish)
    text, terms, version = wish.query, dict[str, Term](), 0
    if wish.saved is not None:
        saved = version_of(services.catalogue, *wish.saved, actor)
        text, terms, version = saved.text, bindings(services.catalogue, saved, wish.parameters), saved.version
    elif wish.parameters:
        raise BodyError("Parameters are values of a saved query.", "Name the saved query, or leave them out.")
    if guard(text, services.limits, bindings=terms, repeatable=True).kind is not QueryKind.SELECT:
        raise QueryRefusedError("Only a SELECT query gives rows.", "Name the columns after SELECT.")
    return Recipe(wish, text, terms, version)


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
    reader = _Reader(services, view, actor, watch)
    generation = view.place.generation
    if wish.search is None:
        with reader.answer(recipe.text, recipe.terms) as answer:
            _keep(answer, source)
            expected = answer.rows
    else:
        audiences = services.snapshots.audiences_if_present(snapshot, actor)
        expected = search_table(services.search, wish.search, audiences, versions, services.allowance_of(actor).rows, source)
        services.snapshots.audiences_if_present(snapshot, actor)  # and not while the index was read, either
    table = Table(source)
    if not table.columns:
        raise BodyError("The query names no columns.", "Name variables after SELECT.")

    watch.stage("records", expected)
    converted, conversions = _conversions(table, wish, services.search.units)
    named, rows_name = _named_records(table, versions, reader)
    groups = _groups(table, wish.split, rows_name, named, versions, reader)

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
    columns = [*_meant(table.columns, wish), *(one.column for one in converted)]
    manifest = {
        "title": wish.title or f"Training set of {rows} rows",
        "name": name,
        "created": services.clock().isoformat(timespec="seconds").replace("+00:00", "Z"),
        "program": services.program,
        **_question(recipe),
        "snapshot": _snapshot_json(view),
        "generation": generation,
        "expected_rows": expected,
        "rows": rows,
        "columns": [json_of(column) for column in columns],
        "units": conversions,
        "split": _split_json(wish.split, split, files),
        "files": [_file_json(file, wish.form) for file in files],
        "records": _records_json(origins, named=bool(named)),
    }
    files += _describe_files(folder, manifest, columns, origins, wish.form, f"{services.address}datasets/{name}")
    files.append(_archive(folder, [file.name for file in files]))
    contributing = sorted(named) if wish.search is not None else sorted(versions)
    return Built(rows, snapshot, tuple(files), tuple(contributing))


def _visibility(actor: Actor) -> Visibility:
    return Visibility.PUBLIC if actor == ANONYMOUS else Visibility.PRIVATE


# --- reading


class _Reader:
    """Asks the snapshot, within the bounds of the actor, and waits when there is no room."""

    def __init__(self, services: DatasetServices, view: SnapshotView, actor: Actor, watch: Watch) -> None:
        self._services = services
        self._view = view
        self._actor = actor
        self._watch = watch

    def answer(self, text: str, terms: Mapping[str, Term], graphs: Sequence[str] | None = None) -> WrittenAnswer:
        """The whole answer as an Arrow stream."""
        request = QueryRequest(
            text=text,
            audiences=self._view.audiences,
            form=ResultFormat.ARROW,
            default_graphs=None if graphs is None else (),
            named_graphs=None if graphs is None else tuple(graphs),
            bindings=terms,
            place=self._view.place,
            repeatable=True,
        )
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self._services.queries.run(
                    request,
                    self._services.allowance_of(self._actor),
                    actor=f"account {self._actor.name}",
                    is_cancelled=self._watch.is_cancelled,
                )
            except BusyError as busy:
                if time.monotonic() > until or self._watch.is_cancelled():
                    raise
                time.sleep(min(1, busy.retry_after))

    def rows(self, text: str, graphs: Collection[str]) -> list[tuple[str | None, ...]]:
        """The rows of an answer over some record graphs, asked in portions."""
        ordered = sorted(graphs)
        portions = [ordered[start : start + ASKED_AT_ONCE] for start in range(0, len(ordered), ASKED_AT_ONCE)]
        found: list[tuple[str | None, ...]] = []
        while portions:
            portion = portions.pop()
            try:
                with self.answer(text, {}, portion) as answer:
                    found += rows_of(answer.read())
            except QueryLimitError:
                if len(portion) == 1:
                    raise
                middle = len(portion) // 2
                portions += [portion[:middle], portion[middle:]]
        return found


def _keep(answer: WrittenAnswer, path: Path) -> None:
    with path.open("wb") as file:
        file.writelines(answer.pieces())
    if digest_of(path) != answer.sha256:
        raise StoreError("The answer was not kept as it came.", "Send it again; nothing of it was kept.")


# --- units


def _conversions(table: Table, wish: DatasetWish, units: Units) -> tuple[list[Converted], list[dict[str, Any]]]:
    """The columns to add, and what the manifest says of them."""
    names = [column.name for column in table.columns]
    if wish.search is not None:
        return [], []
    pairs = _pairs(names) if wish.units is None else list(wish.units)
    for pair in pairs:
        for name in (pair.value, pair.unit):
            if name not in names:
                raise BodyError(f"The answer has no column {name!r}.", f"Its columns: {', '.join(names)}.")
    converted, told = [], []
    for pair in pairs:
        found = _conversion(table, pair, units, names)
        if found is None:
            told.append(
                {"value": pair.value, "unit": pair.unit, "column": None, "unknown": _unknown(table.pairs(pair.value, pair.unit))}
            )
            continue
        column, note = found
        names.append(column.column.name)
        converted.append(column)
        told.append(note)
    return converted, told


def _pairs(names: Sequence[str]) -> list[UnitPair]:
    matches = ((name, _UNIT_ENDS.fullmatch(name)) for name in names)
    return [UnitPair(match["value"], name) for name, match in matches if match is not None and match["value"] in names]


def _conversion(table: Table, pair: UnitPair, units: Units, names: Sequence[str]) -> tuple[Converted, dict[str, Any]] | None:
    counted = table.pairs(pair.value, pair.unit)
    known = {text: unit for text in counted if text is not None and (unit := units.find(text, pair.kind or None)) is not None}
    weights: Counter[tuple[str, str]] = Counter()
    for text, unit in known.items():
        weights[unit.dimension, unit.base_unit] += counted[text]
    if not weights:
        return None
    (dimension, base), _ = min(weights.items(), key=lambda one: (-one[1], one[0]))
    fitting: dict[str, Unit] = {text: unit for text, unit in known.items() if unit.dimension == dimension}
    column = Column(_free(f"{pair.value}_{safe_name(base)}", names), "number", base, f"?{pair.value} in {base}, from ?{pair.unit}")
    others = {text: counted[text] for text in known if text not in fitting}
    note = {
        "value": pair.value,
        "unit": pair.unit,
        "column": column.name,
        "base_unit": base,
        "converted": sum(counted[text] for text in fitting),
        "unknown": _unknown(Counter({text: number for text, number in counted.items() if text not in known})),
        "other_dimension": dict(sorted(others.items())),
    }
    return Converted(column, pair.value, pair.unit, {text: unit.to_base for text, unit in fitting.items()}), note


def _unknown(counted: Counter[str | None]) -> dict[str, int]:
    """Rows for each text that is no unit that converts; ``""`` counts those without one."""
    found: Counter[str] = Counter()
    for text, number in counted.items():
        found[text or ""] += number
    return dict(sorted(found.items()))


def _free(name: str, names: Collection[str]) -> str:
    while name in names:
        name += "_"
    return name


# --- records and groups


RowRecords = Callable[[], Iterator[tuple[str, ...]]]
"""Gives for each row the record graphs that it names."""


def _named_records(table: Table, versions: Mapping[str, str], reader: _Reader) -> tuple[set[str], RowRecords]:
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


def _groups(
    table: Table, wish: SplitWish | None, rows: RowRecords, named: set[str], versions: Mapping[str, str], reader: _Reader
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


def _record_groups(kind: GroupKind, rows: RowRecords, versions: Mapping[str, str], reader: _Reader) -> list[str | None]:
    group_of = group_records(kind, versions, reader.rows)
    joined = Components[str]()
    for row in rows():
        joined.join([group_of[graph] for graph in row if graph in group_of])  # a row of two cells keeps them together
    first = (next((group_of[graph] for graph in row if graph in group_of), None) for row in rows())
    return [None if group is None else joined.of(group) for group in first]


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


# --- what is told


def _question(recipe: Recipe) -> dict[str, Any]:
    wish = recipe.wish
    if wish.search is not None:
        return {"query": None, "search": wish.search.to_json()}
    saved = {"name": wish.saved[0], "version": recipe.saved_version} if wish.saved else None
    return {"query": recipe.text, "saved_query": saved, "parameters": dict(wish.parameters)}


def _meant(columns: Sequence[Column], wish: DatasetWish) -> list[Column]:
    if wish.search is not None:
        return list(columns)
    return [replace(column, meaning=f"?{column.name} of the query") for column in columns]


def _snapshot_json(view: SnapshotView) -> dict[str, Any]:
    snapshot = view.snapshot
    return {
        "id": snapshot.id,
        "digest": snapshot.digest,
        "created": snapshot.created.isoformat().replace("+00:00", "Z"),
        "records": snapshot.records,
        "withheld": view.withheld,
    }


def _split_json(wish: SplitWish | None, split: Split | None, files: Sequence[DataFile]) -> dict[str, Any] | None:
    if wish is None or split is None:
        return None
    grouped = sum(part.rows for part in split.parts)
    parts = [
        {
            "name": one.name,
            "asked": one.fraction,
            "fraction": one.rows / grouped if grouped else 0.0,
            "rows": one.rows,
            "groups": one.groups,
        }
        for one in split.parts
    ]
    return {"by": wish.by, "seed": wish.seed, "parts": parts, UNGROUPED: sum(file.rows for file in files) - grouped}


def _file_json(file: DataFile, form: DataForm) -> dict[str, Any]:
    return {"name": file.name, "media_type": form.media_type, "rows": file.rows, "bytes": file.size, "sha256": file.sha256}


def _records_json(origins: Sequence[Origin], *, named: bool) -> dict[str, Any]:
    licences, unknown = licences_of(origins)
    return {
        "scope": "the records that the rows name" if named else "all records that could be read, because the rows name none",
        "count": len(origins),
        "licences": dict(licences),
        "licence_unknown": unknown,
        "validation": dict(sorted(Counter(origin.validation for origin in origins).items())),
        "list": [origin.to_json() for origin in origins],
    }


def _describe_files(
    folder: Path, manifest: Mapping[str, Any], columns: Sequence[Column], origins: Sequence[Origin], form: DataForm, address: str
) -> list[DataFile]:
    _write_json(folder / MANIFEST, manifest)
    _write_json(folder / CROISSANT, croissant(manifest, columns, origins, form, address))
    described = [*manifest["files"], *(_told(folder / name) for name in (MANIFEST, CROISSANT))]
    _write_json(folder / RO_CRATE, rocrate(manifest, described, origins, address))
    return [DataFile(name, 0, (folder / name).stat().st_size, digest_of(folder / name)) for name in (MANIFEST, CROISSANT, RO_CRATE)]


def _told(path: Path) -> dict[str, Any]:
    return {"name": path.name, "media_type": "application/json", "bytes": path.stat().st_size, "sha256": digest_of(path)}


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _archive(folder: Path, names: Sequence[str]) -> DataFile:
    """All files as one; the parts of a ZIP are checked by their own sums when it is opened."""
    path = folder / ARCHIVE
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in names:
            archive.write(folder / name, name)
    return DataFile(ARCHIVE, 0, path.stat().st_size, digest_of(path))
