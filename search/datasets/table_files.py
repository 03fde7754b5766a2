"""Tables as files: read an Arrow stream, add columns, write Parquet, Arrow, CSV or JSON lines, and read again what was written."""

from __future__ import annotations

import csv
import json
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from records.errors import StoreError, StoreFullError

BATCH: Final = 10_000
"""Rows of a table made here that are held at once."""

PIECE: Final = 1_000_000
"""Bytes of a file that are read at once."""


_SAFE: Final = (
    *(("·", "_"), ("/", "_per_"), ("(", ""), (")", ""), ("Ω", "ohm"), ("Θ", "theta"), ("%", "percent")),
    *zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True),
)


class DataForm(StrEnum):
    """Forms of a data file; the value is its ending too."""

    PARQUET = "parquet"
    ARROW = "arrow"
    CSV = "csv"
    JSONL = "jsonl"

    @property
    def media_type(self) -> str:
        """Media type of such a file."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES: Final = {
    DataForm.PARQUET: "application/vnd.apache.parquet",
    DataForm.ARROW: "application/vnd.apache.arrow.file",
    DataForm.CSV: "text/csv",
    DataForm.JSONL: "application/x-ndjson",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Args:
        name: Its name.
        type: ``text``, ``integer``, ``number``, ``boolean``, ``dateTime`` or ``date``.
        unit: Symbol of its unit; ``""`` when there is none.
        meaning: What it holds, for people.
        iri: IRI of what it holds; ``""`` when there is none.
    """

    name: str
    type: str
    unit: str = ""
    meaning: str = ""
    iri: str = ""


@dataclass(frozen=True, slots=True)
class Converted:
    """A column that is added: a value in the base unit.

    Args:
        column: The new column.
        value: Name of the column of numbers.
        unit: Name of the column of units.
        to_base: For each text of a unit: the function to the base unit. Other rows are left empty.
    """

    column: Column
    value: str
    unit: str
    to_base: Mapping[str, Callable[[float], float]]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file that was written and read again.

    Args:
        name: Its name.
        rows: Rows that were read again.
        size: Bytes.
        sha256: Of its bytes, in hex.
    """

    name: str
    rows: int
    size: int
    sha256: str


class Table:
    """A table in a file that holds an Arrow stream; each method reads it from its beginning.

    Args:
        path: The file.

    Raises:
        StoreError: It cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._reader() as reader:
            self._schema = reader.schema

    def count(self) -> int:
        """How many rows it has."""
        return sum(batch.num_rows for batch in self._batches())

    @property
    def columns(self) -> tuple[Column, ...]:
        """Its columns."""
        return tuple(_column(field) for field in self._schema)

    def texts(self, names: Sequence[str]) -> Iterator[Iterator[tuple[str | None, ...]]]:
        """Some columns as text, row by row, in batches."""
        for batch in self._batches():
            yield _texts(batch, names)

    def pairs(self, value: str, unit: str) -> Counter[str | None]:
        """How many rows that have a value have each unit; ``None`` for those without."""
        found: Counter[str | None] = Counter()
        for batch in self._batches():
            values, units = batch.column(value).to_pylist(), batch.column(unit).to_pylist()
            found.update(None if one is None else str(one) for number, one in zip(values, units, strict=True) if number is not None)
        return found

    def write(
        self, folder: Path, form: DataForm, converted: Sequence[Converted], parts: Sequence[str], part_of_row: array[int] | None
    ) -> None:
        """Write the table with more columns, in one file or in one for each part.

        Args:
            folder: Where the files go: ``PART.FORM``.
            form: Their form.
            converted: Columns that are added.
            parts: Names of the parts.
            part_of_row: For each row the position of its part in ``parts``; ``None``: all of them are in the first.

        Raises:
            StoreError: A file cannot be written.
        """
        kept = [_field(_column(field), field.type) for field in self._schema]
        schema = pa.schema([*kept, *(_field(one.column, pa.float64()) for one in converted)])
        with _file_errors(folder), ExitStack() as stack:
            writers = [stack.enter_context(_writer(folder / f"{part}.{form}", form, schema)) for part in parts]
            start = 0
            for batch in self._batches():
                columns = [*batch.columns, *(_converted(batch, one) for one in converted)]
                whole = pa.RecordBatch.from_arrays(columns, schema=schema)
                if part_of_row is None:
                    writers[0](whole)
                else:
                    here = pa.array(part_of_row[start : start + batch.num_rows], pa.uint32())
                    for position, write in enumerate(writers):
                        write(whole.filter(pa.compute.equal(here, position)))
                start += batch.num_rows

    def _batches(self) -> Iterator[pa.RecordBatch]:
        with self._reader() as reader:
            yield from reader

    @contextmanager
    def _reader(self) -> Iterator[pa.RecordBatchStreamReader]:
        with _file_errors(self._path), pa.OSFile(str(self._path), "rb") as file, pa.ipc.open_stream(file) as reader:
            yield reader


def rows_of(stream: bytes) -> list[tuple[str | None, ...]]:
    """The rows of an Arrow stream in memory, as text.

    Raises:
        StoreError: It cannot be read.
    """
    with _file_errors(Path("in memory")), pa.ipc.open_stream(stream) as reader:
        return [row for batch in reader for row in _texts(batch, reader.schema.names)]


def write_rows(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """Write an Arrow stream that `Table` reads.

    Args:
        path: The file.
        columns: Its columns: ``text`` and ``number``.
        rows: Its rows.

    Raises:
        StoreError: It cannot be written.
    """
    schema = pa.schema([_field(column, pa.float64() if column.type == "number" else pa.string()) for column in columns])
    with _file_errors(path), pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as writer:
        held: list[Sequence[object]] = []
        for row in rows:
            held.append(row)
            if len(held) == BATCH:
                writer.write_batch(_batch(held, schema))
                held = []
        if held:
            writer.write_batch(_batch(held, schema))


def read_again(path: Path, form: DataForm) -> DataFile:
    """Count the rows of a file by reading all of it, and take its digest.

    Raises:
        StoreError: It cannot be read.
    """
    with _file_errors(path):
        rows = _COUNTERS[form](path)
        digest = digest_of(path)
        return DataFile(path.name, rows, path.stat().st_size, digest)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()


# --- columns


def _column(field: pa.Field) -> Column:
    metadata = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    return Column(field.name, _type(field.type), *(metadata.get(f"voltagraph.{name}", "") for name in ("unit", "meaning", "iri")))


def _field(column: Column, data_type: pa.DataType) -> pa.Field:
    told = {f"voltagraph.{name}": getattr(column, name) for name in ("unit", "meaning", "iri") if getattr(column, name)}
    return pa.field(column.name, data_type, metadata=told or None)


def _type(data_type: pa.DataType) -> str:
    if pa.types.is_integer(data_type):
        return "integer"
    if pa.types.is_floating(data_type):
        return "number"
    if pa.types.is_boolean(data_type):
        return "boolean"
    if pa.types.is_timestamp(data_type):
        return "dateTime"
    return "date" if pa.types.is_date(data_type) else "text"


def _texts(batch: pa.RecordBatch, names: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
    columns = [[None if value is None else str(value) for value in batch.column(name).to_pylist()] for name in names]
    return zip(*columns, strict=True) if columns else iter([()] * batch.num_rows)


def _batch(rows: Sequence[Sequence[object]], schema: pa.Schema) -> pa.RecordBatch:
    columns = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _converted(batch: pa.RecordBatch, wanted: Converted) -> pa.Array:
    values, units = batch.column(wanted.value).to_pylist(), batch.column(wanted.unit).to_pylist()
    return pa.array(
        [_in_base(value, wanted.to_base.get(str(unit))) for value, unit in zip(values, units, strict=True)], pa.float64()
    )


def _in_base(value: object, to_base: Callable[[float], float] | None) -> float | None:
    number = number_of(value)
    return None if number is None or to_base is None else to_base(number)


def number_of(value: object) -> float | None:
    """The number that a value of a table is, as a text too.

    >>> number_of(3), number_of("2.5"), number_of("much"), number_of(True)
    (3.0, 2.5, None, None)
    """
    if value is None or isinstance(value, bool):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]  # what is no number ends in an error
    except (TypeError, ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


# --- files


class _Write(Protocol):
    def __call__(self, batch: pa.RecordBatch, /) -> None: ...


@contextmanager
def _writer(path: Path, form: DataForm, schema: pa.Schema) -> Iterator[_Write]:
    if form is DataForm.PARQUET:
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            yield lambda batch: writer.write_batch(batch) if batch.num_rows else None
    elif form is DataForm.ARROW:
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as ipc:
            yield lambda batch: ipc.write_batch(batch) if batch.num_rows else None
    elif form is DataForm.CSV:
        with pa.OSFile(str(path), "wb") as file, pa_csv.CSVWriter(file, schema) as table:
            yield lambda batch: table.write_batch(batch) if batch.num_rows else None
    else:
        with path.open("w", encoding="utf-8", newline="\n") as lines:
            yield lambda batch: lines.writelines(f"{json.dumps(row, ensure_ascii=False, default=_text)}\n" for row in _rows(batch))


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, object]]:
    names = batch.schema.names
    for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        yield {name: _plain(value) for name, value in zip(names, values, strict=True)}


def _plain(value: object) -> object:
    """JSON has no infinity and no "not a number": they are texts, as XML Schema writes them."""
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if value != value else "INF" if value > 0 else "-INF"
    return value


def _text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)


def _parquet_rows(path: Path) -> int:
    with pq.ParquetFile(path) as file:
        return sum(batch.num_rows for batch in file.iter_batches())


def _arrow_rows(path: Path) -> int:
    with pa.OSFile(str(path), "rb") as file, pa.ipc.open_file(file) as reader:
        return sum(reader.get_batch(number).num_rows for number in range(reader.num_record_batches))


def _csv_rows(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return max(0, sum(1 for _ in csv.reader(file)) - 1)


def _jsonl_rows(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for line in file if isinstance(json.loads(line), dict))


_COUNTERS: Final[Mapping[DataForm, Callable[[Path], int]]] = {
    DataForm.PARQUET: _parquet_rows,
    DataForm.ARROW: _arrow_rows,
    DataForm.CSV: _csv_rows,
    DataForm.JSONL: _jsonl_rows,
}


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowInvalid, ValueError) as exc:
        if isinstance(exc, OSError) and exc.errno in (28, 122):
            raise StoreFullError(f"No space is left for {path}.", "Make room, then send it again.") from exc
        raise StoreError(f"The table {path} cannot be read or written: {exc}.", "Send it again.") from exc


def safe_name(unit: str) -> str:
    """A unit as a part of a column's name.

    >>> safe_name("A·s"), safe_name("W/(m²·K)"), safe_name("1")
    ('A_s', 'W_per_m2_K', '1')
    """
    for sign, plain in _SAFE:
        unit = unit.replace(sign, plain)
    return unit


def json_of(column: Column) -> dict[str, Any]:
    """A column as the manifest has it; what is empty is left out."""
    told = {"name": column.name, "type": column.type, "unit": column.unit, "meaning": column.meaning, "iri": column.iri}
    return {name: value for name, value in told.items() if value}
