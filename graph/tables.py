"""Answers as columns with types: Arrow, Parquet and JSON lines (`docs/answer-tables.md`).

What type a column has is known when its last value is. So the rows are held aside as text, in chunks, in memory or else in a file
that has no name; then each chunk is converted and written. No more than one chunk is ever held as Python objects.
"""

from __future__ import annotations

import io
import json
import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import IO, Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from typing_extensions import Buffer

from graph.result_terms import Labels
from graph.store import Term
from records.errors import QueryLimitError, QueryRefusedError, StoreError
from records.rdf import BlankNode, Iri, Literal

VERSION: Final = "1"
"""Version of this mapping; it stands in the metadata of every table."""
CHUNK_ROWS: Final = 50_000
"""Rows that are converted and written at once."""
CHUNK_CHARACTERS: Final = 64_000_000
"""A chunk whose terms have so many characters, `TERM_CHARACTERS` added for each, is not filled further."""
TERM_CHARACTERS: Final = 100
"""What a term takes beside its text."""
ASIDE_MEMORY: Final = 64_000_000
"""Bytes that are held aside in memory; beyond, they are in a file."""
ASIDE_MAXIMUM: Final = 4_000_000_000
"""Bytes that may be held aside."""

_XSD = "http://www.w3.org/2001/XMLSchema#"
_INTEGERS: Final = frozenset(
    f"{_XSD}{name}"
    for name in (
        *("integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger"),
        *("negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
_NUMBERS: Final = _INTEGERS | {f"{_XSD}decimal", f"{_XSD}double", f"{_XSD}float"}
_DATE_TIMES: Final = frozenset({f"{_XSD}dateTime", f"{_XSD}dateTimeStamp"})

_INTEGER_TEXT: Final = "^[+-]?[0-9]{1,100}$"
_NUMBER_TEXT: Final = r"^([+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN)$"
_BOOLEAN_TEXT: Final = "^(true|false|1|0)$"
_DAY_TEXT: Final = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-[0-9]{2}-[0-9]{2}"
_TIME_TEXT: Final = rf"{_DAY_TEXT}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}})?"
_MOMENT_TEXT: Final = rf"^{_TIME_TEXT}(Z|[+-][0-9]{{2}}:[0-9]{{2}})$"

_Row: TypeAlias = tuple[Term | None, ...]
_Batches: TypeAlias = Iterator[list[_Row]]

TEXT: Final = pa.string()
WHOLE: Final = pa.int64()
NUMBER: Final = pa.float64()
YES_NO: Final = pa.bool_()
MOMENT: Final = pa.timestamp("us", "UTC")
LOCAL_TIME: Final = pa.timestamp("us")
DAY: Final = pa.date32()


def arrow(names: Sequence[str], batches: _Batches, labels: Labels) -> Iterator[bytes]:
    """The table as an Arrow IPC stream.

    Args:
        names: The variables.
        batches: The rows; read to the end before the first piece comes.
        labels: Names the blank nodes.

    Raises:
        QueryLimitError: More than `ASIDE_MAXIMUM` bytes would have to be held aside.
        StoreError: There is no room to hold them.
    """
    with _aside(names, batches, labels) as table:
        sink = _Sink()
        with pa.ipc.new_stream(sink.file, table.schema) as writer:
            yield sink.take()
            for chunk in table.chunks():
                writer.write_batch(chunk)
                yield sink.take()
        yield sink.take()


def parquet(names: Sequence[str], batches: _Batches, labels: Labels) -> Iterator[bytes]:
    """The table as a Parquet file; arguments and errors as for `arrow`.

    Raises:
        QueryRefusedError: It has no columns.
    """
    if not names:
        raise QueryRefusedError("A table without columns cannot be written as Parquet.", "Name variables after SELECT.")
    with _aside(names, batches, labels) as table:
        sink = _Sink()
        with pq.ParquetWriter(sink.file, table.schema, compression="zstd") as writer:
            for chunk in table.chunks():
                writer.write_batch(chunk)
                yield sink.take()
        yield sink.take()


def json_lines(names: Sequence[str], batches: _Batches, labels: Labels) -> Iterator[bytes]:
    """The table as one JSON object a row, each with every variable; arguments and errors as for `arrow`."""
    row = "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:%s" for name in names) + "}\n"
    with _aside(names, batches, labels) as table:
        for chunk in table.texts():
            columns = [
                _json_values(column.to_pylist(), known.type) for column, known in zip(chunk.columns, table.schema, strict=True)
            ]
            rows = zip(*columns, strict=True) if columns else [()] * chunk.num_rows
            yield _one_line("".join([row % values for values in rows])).encode()


# --- held aside


class _Aside:
    """The rows as text, and what is known of their columns."""

    def __init__(self, names: Sequence[str], file: IO[bytes]) -> None:
        self._names = names
        self._file = file
        self._columns = [_Column() for _ in names]
        self._rows = 0
        self.schema = pa.schema([])

    def read(self, batches: _Batches, labels: Labels, most: int) -> None:
        """Take all rows."""
        texts = pa.schema([(name, TEXT) for name in self._names])
        size = 0
        with pa.ipc.new_stream(pa.PythonFile(self._file, "w"), texts) as writer:
            for rows in self._fill(batches, labels):
                chunk = _record_batch([column.take() for column in self._columns], texts, rows)
                self._rows += rows
                size += chunk.nbytes
                if size > most:
                    message = f"The answer holds more than {most} bytes of text, too much to find the types of its columns."
                    raise QueryLimitError(message, "Ask for less, or for CSV.", limit="bytes", allowed=most)
                writer.write_batch(chunk)
        self.schema = pa.schema(
            [
                pa.field(name, column.type(), metadata=column.metadata())
                for name, column in zip(self._names, self._columns, strict=True)
            ],
            metadata={"voltagraph.version": VERSION, "voltagraph.rows": str(self._rows)},
        )

    def _fill(self, batches: _Batches, labels: Labels) -> Iterator[int]:
        """Fill the columns, and give the number of rows each time they hold a chunk."""
        rows = size = 0
        for batch in batches:
            parts = list(zip(*batch, strict=True))
            kinds = [set(map(type, part)) for part in parts]
            if any(BlankNode in found for found in kinds):
                labels.give(batch)
            for column, terms, found in zip(self._columns, parts, kinds, strict=True):
                size += column.add(terms, found, labels)
            rows += len(batch)
            if rows >= CHUNK_ROWS or size >= CHUNK_CHARACTERS:
                yield rows
                rows = size = 0
        if rows:
            yield rows

    def texts(self) -> Iterator[pa.RecordBatch]:
        """The rows as text, chunk by chunk."""
        self._file.seek(0)
        with pa.ipc.open_stream(pa.PythonFile(self._file, "r")) as reader:
            yield from reader

    def chunks(self) -> Iterator[pa.RecordBatch]:
        """The rows with the types of their columns, chunk by chunk."""
        for chunk in self.texts():
            columns = [_converted(column, known.type) for column, known in zip(chunk.columns, self.schema, strict=True)]
            yield _record_batch(columns, self.schema, chunk.num_rows)


@contextmanager
def _aside(names: Sequence[str], batches: _Batches, labels: Labels) -> Iterator[_Aside]:
    try:
        with tempfile.SpooledTemporaryFile(ASIDE_MEMORY) as file:
            table = _Aside(names, file)
            table.read(batches, labels, ASIDE_MAXIMUM)
            yield table
    except OSError as exc:
        raise StoreError(
            f"There is no room for the answer: {exc.strerror or exc}.", "Make room in the folder for temporary files."
        ) from exc


def _record_batch(columns: list[pa.Array], schema: pa.Schema, rows: int) -> pa.RecordBatch:
    if columns:
        return pa.RecordBatch.from_arrays(columns, schema=schema)
    return pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([]))).replace_schema_metadata(schema.metadata)


class _Sink(io.RawIOBase):
    """A file that is taken away piece by piece while it is written."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._place = 0
        self.file = pa.PythonFile(self, "w")

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def write(self, data: Buffer) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._place += len(piece)
        return len(piece)

    def take(self) -> bytes:
        """What was written since the last time."""
        piece = b"".join(self._pieces)
        self._pieces.clear()
        return piece


# --- columns


@dataclass(slots=True)
class _Column:
    """What is known of one column so far: kinds of its terms, datatypes and languages of its literals, types it may have."""

    kinds: set[str] = field(default_factory=set)
    datatypes: set[str] = field(default_factory=set)
    languages: set[str] = field(default_factory=set)
    possible: set[pa.DataType] = field(default_factory=lambda: set(_FAMILIES))
    texts: list[str | None] = field(default_factory=list)

    def add(self, terms: Sequence[Term | None], kinds: set[type], labels: Labels) -> int:
        """Learn from these terms and hold their text; how many characters they take is given back."""
        self.kinds |= {_KINDS[kind] for kind in kinds if kind in _KINDS}
        if Literal in kinds:
            literals = [term for term in terms if isinstance(term, Literal)]
            self.datatypes |= {literal.datatype for literal in literals}
            self.languages |= {literal.language for literal in literals}
        texts = [None if term is None else _text(term, labels) for term in terms]
        self.texts += texts
        return sum([TERM_CHARACTERS + len(text) for text in texts if text])

    def take(self) -> pa.Array:
        """The chunk that it holds, which it then holds no more."""
        texts = pa.array(self.texts, TEXT)
        self.texts.clear()
        if self.kinds == {"literal"}:
            self.possible = {kind for kind in self.possible if self.datatypes <= _FAMILIES[kind][0] and _is_possible(texts, kind)}
        return texts

    def type(self) -> pa.DataType:
        """The type of the whole column."""
        if self.kinds != {"literal"}:
            return TEXT
        fitting = [kind for kind, (datatypes, _) in _FAMILIES.items() if self.datatypes <= datatypes]
        # Integers that are too large are text: as numbers they would lose digits.
        chosen = fitting[:1] if fitting[:1] == [WHOLE] else fitting
        return next((kind for kind in chosen if kind in self.possible), TEXT)

    def metadata(self) -> dict[str, str]:
        """Kind, datatype and language, as far as all terms have the same."""
        found = {"kind": next(iter(self.kinds)) if len(self.kinds) == 1 else "mixed"} if self.kinds else {}
        if self.kinds == {"literal"} and self.languages == {""} and len(self.datatypes) == 1:
            found["datatype"] = next(iter(self.datatypes))
        if self.kinds == {"literal"} and self.languages != {""} and len(self.languages) == 1:
            found["language"] = next(iter(self.languages))
        return found


_KINDS: Final[dict[type, str]] = {Iri: "iri", BlankNode: "blank", Literal: "literal"}

_FAMILIES: Final[dict[pa.DataType, tuple[frozenset[str], str]]] = {
    WHOLE: (_INTEGERS, _INTEGER_TEXT),
    NUMBER: (_NUMBERS, _NUMBER_TEXT),
    YES_NO: (frozenset({f"{_XSD}boolean"}), _BOOLEAN_TEXT),
    MOMENT: (_DATE_TIMES, _MOMENT_TEXT),
    LOCAL_TIME: (_DATE_TIMES, f"^{_TIME_TEXT}$"),
    DAY: (frozenset({f"{_XSD}date"}), f"^{_DAY_TEXT}$"),
}
"""For each type but text: the datatypes that may be in its column, and how their values look; the narrower type comes first."""


def _text(term: Term, labels: Labels) -> str:
    if isinstance(term, Literal):
        return term.value
    return f"_:{labels[term]}" if isinstance(term, BlankNode) else term


def _is_possible(texts: pa.Array, kind: pa.DataType) -> bool:
    if pc.all(pc.match_substring_regex(texts, _FAMILIES[kind][1])).as_py() is False:
        return False
    try:
        _converted(texts, kind)
    except pa.ArrowInvalid:
        return False
    return True


def _converted(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """The column with its type.

    >>> _converted(pa.array(["1", "+02", None]), WHOLE).to_pylist()
    [1, 2, None]
    """
    if kind == TEXT:
        return texts
    return pc.cast(pc.utf8_ltrim(texts, "+") if kind == WHOLE else texts, kind)


# --- JSON lines


def _json_values(texts: Sequence[str | None], kind: pa.DataType) -> list[str]:
    write = _JSON_VALUES.get(kind, encode_basestring)
    return ["null" if text is None else write(text) for text in texts]


def _json_number(text: str) -> str:
    """JSON knows no infinity and no NaN: these are text.

    >>> _json_number(".50"), _json_number("-INF")
    ('0.5', '"-INF"')
    """
    number = float(text)
    return repr(number) if math.isfinite(number) else f'"{text}"'


_JSON_VALUES: Final[dict[pa.DataType, Callable[[str], str]]] = {
    WHOLE: lambda text: str(int(text)),
    NUMBER: _json_number,
    YES_NO: {"true": "true", "1": "true", "false": "false", "0": "false"}.__getitem__,
}


def _one_line(text: str) -> str:
    """The same JSON without what some readers take for the end of a line."""
    return text.replace("\x85", "\\u0085").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
