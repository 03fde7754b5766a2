"""Tables with types are read back by pyarrow and pandas: what type a column has, and that no value is another one."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import tables
from graph.result_terms import Labels
from graph.results import ResultFormat, write_answer
from graph.store import Solutions, Term
from records.errors import QueryLimitError, QueryRefusedError
from records.rdf import BlankNode, Iri, Literal

XSD = "http://www.w3.org/2001/XMLSchema#"
LANGUAGE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"


def table(rows: Sequence[tuple[Term | None, ...]], names: Sequence[str] = ("a",), form: ResultFormat = ResultFormat.ARROW) -> Any:
    body = b"".join(write_answer(Solutions(tuple(names), iter(rows)), form))
    return pa.ipc.open_stream(body).read_all() if form is ResultFormat.ARROW else pq.read_table(BytesIO(body))


def lines(rows: Sequence[tuple[Term | None, ...]], names: Sequence[str] = ("a",)) -> list[Any]:
    body = b"".join(write_answer(Solutions(tuple(names), iter(rows)), ResultFormat.JSON_LINES))
    return [json.loads(line) for line in body.decode().splitlines()]


def column(*texts: str | tuple[str, str]) -> list[tuple[Term | None, ...]]:
    """One column; a pair is a value with its datatype in XSD, a single text is an integer."""
    pairs = [(text, "integer") if isinstance(text, str) else text for text in texts]
    return [(Literal(text, XSD + datatype),) for text, datatype in pairs]


MOMENT = ("2026-02-03T04:05:06.5Z", "dateTime")
LOCAL = ("2026-02-03T04:05:06", "dateTime")


@pytest.mark.parametrize(
    ("rows", "kind", "values"),
    [
        (column("1", "-2", "+003"), pa.int64(), [1, -2, 3]),
        (column(("7", "int"), ("8", "unsignedByte")), pa.int64(), [7, 8]),
        (column("9223372036854775807", "-9223372036854775808"), pa.int64(), [2**63 - 1, -(2**63)]),
        (column("9223372036854775808", "1"), pa.string(), ["9223372036854775808", "1"]),
        (column("1", ("2.5", "decimal"), ("1E3", "double"), (".5", "float")), pa.float64(), [1, 2.5, 1000, 0.5]),
        (column(("INF", "double"), ("-INF", "float")), pa.float64(), [math.inf, -math.inf]),
        (column(("true", "boolean"), ("0", "boolean")), pa.bool_(), [True, False]),
        (column(("2026-02-03", "date"), ("0001-01-01", "date")), pa.date32(), [datetime.date(2026, 2, 3), datetime.date(1, 1, 1)]),
        (
            column(MOMENT, ("2026-02-03T04:05:06+02:00", "dateTimeStamp")),
            pa.timestamp("us", "UTC"),
            [
                datetime.datetime(2026, 2, 3, 4, 5, 6, 500_000, datetime.UTC),
                datetime.datetime(2026, 2, 3, 2, 5, 6, 0, datetime.UTC),
            ],
        ),
        (column(LOCAL), pa.timestamp("us"), [datetime.datetime(2026, 2, 3, 4, 5, 6)]),  # noqa: DTZ001 - that is what it is
        (column(MOMENT, LOCAL), pa.string(), [MOMENT[0], LOCAL[0]]),
        (column("1", ("true", "boolean")), pa.string(), ["1", "true"]),
        (column("1", ("one", "string")), pa.string(), ["1", "one"]),
        ([(Iri("urn:x"),), (None,)], pa.string(), ["urn:x", None]),
        ([(Literal("1", XSD + "integer"),), (None,)], pa.int64(), [1, None]),
        ([(Literal("1", XSD + "integer"),), (Iri("urn:x"),)], pa.string(), ["1", "urn:x"]),
        ([(BlankNode("q"),), (BlankNode("r"),), (BlankNode("q"),)], pa.string(), ["_:b0", "_:b1", "_:b0"]),
        ([(None,), (None,)], pa.string(), [None, None]),
        ([], pa.string(), []),
    ],
)
@pytest.mark.parametrize("form", [ResultFormat.ARROW, ResultFormat.PARQUET])
def test_a_column_has_the_type_of_its_values(rows: Any, kind: Any, values: Sequence[object], form: ResultFormat) -> None:
    read = table(rows, form=form)
    assert read.schema.field("a").type == kind
    assert read["a"].to_pylist() == values


@pytest.mark.parametrize(
    ("text", "datatype"),
    [
        *[("1.0", "integer"), (" 1", "integer"), ("0x10", "integer"), ("", "integer"), ("9" * 5000, "integer")],
        *[("inf", "double"), ("1_0", "double"), ("nan", "double"), ("True", "boolean"), ("2", "boolean")],
        *[("2026-02-30", "date"), ("2026-02-03Z", "date"), ("0000-01-01", "date"), ("20260-01-01", "date")],
        *[("2026-02-03", "dateTime"), ("2026-02-03 04:05:06Z", "dateTime"), ("2026-02-03T24:00:00Z", "dateTime")],
        *[("2026-02-03T04:05:06.1234567Z", "dateTime"), ("-2026-02-03T04:05:06Z", "dateTime")],
    ],
)
def test_a_value_that_its_type_cannot_hold_makes_the_column_text(text: str, datatype: str) -> None:
    good = {"integer": "1", "double": "1", "boolean": "true", "date": "2026-02-03", "dateTime": MOMENT[0]}[datatype]
    rows = column((good, datatype), (text, datatype))
    assert table(rows)["a"].to_pylist() == [good, text]
    assert lines(rows) == [{"a": good}, {"a": text}]


@pytest.mark.parametrize("form", [ResultFormat.ARROW, ResultFormat.PARQUET])
def test_metadata_tells_kind_datatype_and_language_where_they_are_one(form: ResultFormat) -> None:
    rows: list[tuple[Term | None, ...]] = [
        (
            Iri("urn:x"),
            Literal("1", XSD + "int"),
            Literal("Zelle", LANGUAGE, "de"),
            Literal("x"),
            BlankNode("q"),
            Iri("urn:x"),
            None,
        ),
        (Iri("urn:y"), None, Literal("Zellen", LANGUAGE, "de"), Literal("y", LANGUAGE, "en"), None, Literal("x"), None),
    ]
    read = table(rows, "abcdefg", form)
    assert [read.schema.field(name).metadata for name in "abcdefg"] == [
        {b"kind": b"iri"},
        {b"kind": b"literal", b"datatype": f"{XSD}int".encode()},
        {b"kind": b"literal", b"language": b"de"},
        {b"kind": b"literal"},
        {b"kind": b"blank"},
        {b"kind": b"mixed"},
        None,
    ]
    assert read.schema.metadata == {b"voltagraph.version": b"1", b"voltagraph.rows": b"2"}


def test_json_lines_have_every_variable_and_the_types_of_the_columns() -> None:
    rows: list[tuple[Term | None, ...]] = [
        (
            Literal("+01", XSD + "integer"),
            Literal(".50", XSD + "decimal"),
            Literal("1", XSD + "boolean"),
            Literal('"\n\u2028\x85😀\x00'),
        ),
        (None, Literal("-INF", XSD + "double"), None, Literal(LOCAL[0], XSD + "dateTime")),
    ]
    assert lines(rows, "abcd") == [
        {"a": 1, "b": 0.5, "c": True, "d": '"\n\u2028\x85😀\x00'},
        {"a": None, "b": "-INF", "c": None, "d": LOCAL[0]},
    ]


def test_pandas_reads_all_three() -> None:
    rows: list[tuple[Term | None, ...]] = [(Iri(f"urn:{n}"), Literal(str(n), XSD + "integer")) for n in range(5)]

    def body(form: ResultFormat) -> BytesIO:
        return BytesIO(b"".join(write_answer(Solutions(("a", "b"), iter(rows)), form)))

    expected = pd.DataFrame({"a": [f"urn:{n}" for n in range(5)], "b": range(5)})
    pd.testing.assert_frame_equal(pd.read_parquet(body(ResultFormat.PARQUET)), expected)
    pd.testing.assert_frame_equal(pd.read_json(body(ResultFormat.JSON_LINES), lines=True), expected)
    pd.testing.assert_frame_equal(pa.ipc.open_stream(body(ResultFormat.ARROW)).read_pandas(), expected)


@given(
    numbers=st.lists(
        st.one_of(st.none(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=5), st.booleans()), max_size=9
    ),
    chunk=st.integers(1, 4),
)
def test_no_value_changes_however_the_rows_are_cut(numbers: list[object], chunk: int) -> None:
    rows: list[tuple[Term | None, ...]] = [(None if value is None else literal_of(value),) for value in numbers]
    batches: list[list[tuple[Term | None, ...]]] = [rows[start : start + chunk] for start in range(0, len(rows), chunk)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "CHUNK_ROWS", chunk)
        cut = pa.ipc.open_stream(b"".join(tables.arrow(("a",), iter(batches), Labels()))).read_all()
    whole = table(rows)
    assert cut.schema.equals(whole.schema, check_metadata=True)
    assert [comparable(value) for value in cut["a"].to_pylist()] == [comparable(value) for value in whole["a"].to_pylist()]
    kind = whole.schema.field("a").type
    for value, (term,) in zip(whole["a"].to_pylist(), rows, strict=True):
        if not isinstance(term, Literal):
            assert value is None
        elif kind == pa.string():
            assert value == term.value
        elif kind == pa.bool_():
            assert str(value).lower() == term.value
        else:
            assert comparable(value) == comparable(type(value)(term.value))


def literal_of(value: object) -> Literal:
    match value:
        case bool():
            return Literal(str(value).lower(), XSD + "boolean")
        case int():
            return Literal(str(value), XSD + "integer")
        case float():
            text = "NaN" if math.isnan(value) else repr(value) if math.isfinite(value) else "INF" if value > 0 else "-INF"
            return Literal(text, XSD + "double")
    return Literal(str(value))


def comparable(value: object) -> object:
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


def test_many_chunks_and_a_table_that_does_not_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ASIDE_MEMORY", 1000)
    monkeypatch.setattr(tables, "CHUNK_CHARACTERS", 50_000)
    rows: list[tuple[Term | None, ...]] = [(Literal(str(n), XSD + "integer"), Literal("x" * 100)) for n in range(3000)]
    for form in (ResultFormat.ARROW, ResultFormat.PARQUET):
        assert table(rows, "ab", form)["a"].to_pylist() == list(range(3000))
    assert [line["a"] for line in lines(rows, "ab")] == list(range(3000))


def test_more_text_than_may_be_held_aside_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "ASIDE_MAXIMUM", 10_000)
    with pytest.raises(QueryLimitError, match="10000 bytes") as caught:
        table([(Literal("x" * 100),) for _ in range(1000)])
    assert (caught.value.limit, caught.value.allowed) == ("bytes", 10_000)


def test_rows_without_columns() -> None:
    assert table([(), (), ()], ()).num_rows == 3
    assert lines([(), ()], ()) == [{}, {}]
    with pytest.raises(QueryRefusedError, match="without columns"):
        table([()], (), ResultFormat.PARQUET)


def test_the_same_table_has_the_same_bytes() -> None:
    rows = column("1", "2")
    for form in (ResultFormat.ARROW, ResultFormat.PARQUET, ResultFormat.JSON_LINES):
        first, second = (b"".join(write_answer(Solutions(("a",), iter(rows)), form)) for _ in range(2))
        assert first == second


def test_parquet_that_breaks_off_cannot_be_read() -> None:
    body = b"".join(write_answer(Solutions(("a",), iter(column("1", "2"))), ResultFormat.PARQUET))
    for length in (4, len(body) // 2, len(body) - 1):
        with pytest.raises(pa.ArrowInvalid):
            pq.read_table(BytesIO(body[:length]))


def test_an_arrow_stream_that_breaks_off_lacks_rows_that_it_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CHUNK_ROWS", 1)
    pieces = list(tables.arrow(("a",), iter([[row] for row in column("1", "2", "3")]), Labels()))
    read = pa.ipc.open_stream(b"".join(pieces[:3])).read_all()
    assert read.num_rows < int(read.schema.metadata[b"voltagraph.rows"]) == 3
