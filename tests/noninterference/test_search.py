"""Nothing that a reader may not read influences what the reader gets: the answers with and without it are equal, byte for byte."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from records.record import ConceptUse, Condition, Quantity, Record, Spread
from records.rights import ANY, Audiences, Rights
from search.embedded_text import SqliteTextIndex
from search.query import ConceptPart, QuantityPart, Query, SourcePart, TextPart

AUDIENCES = [ANY, "bma/auth", "bma/user:1", "bma/community:x", "bma/link:s"]
IRIS = ["urn:a", "urn:b", "urn:c"]
KINDS = ["urn:Capacity", "urn:Mass"]
WORDS = ["panasonic", "pana", "lithium", "18650", "INR18650-MJ1", "cell"]
IDS = [f"bma/{n}" for n in range(6)]

audiences = st.frozensets(st.sampled_from(AUDIENCES), max_size=3)


@st.composite
def rights(draw: st.DrawFn) -> Rights:
    """Any pair of sets that `Rights` allows, and some it does not: the index must stand those too."""
    metadata = draw(audiences)
    files = draw(st.one_of(audiences, st.just(metadata), st.just(frozenset[str]())))
    return Rights(metadata, files)


phrases = st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join)
uses = st.builds(
    ConceptUse, st.sampled_from(IRIS), st.lists(st.just("urn:p"), max_size=2).map(tuple), st.just("/x"), st.integers(1, 3)
)
at_a_temperature = Condition(("urn:hidden-kind",), 25.0, "degC", 298.15, "K", "Θ", "/p/at", 5, "ambient")
numbers = st.builds(
    lambda kind, value, pointer, more: replace(Quantity((kind,), value, "Ah", value * 3600, "A·s", "T·I", pointer, 4), **more),
    st.sampled_from(KINDS),
    st.sampled_from([1.0, 5.0, 100.0]),
    st.sampled_from(["/p/0", "/p/q/0"]),
    st.sampled_from(
        [
            {},
            {"conditions": (at_a_temperature,), "spread": Spread(1.0, 2.0, None, 3600.0, 7200.0)},
            {"value": None, "base_value": None, "spread": Spread(1.0, 100.0, None, 3600.0, 360_000.0)},
        ]
    ),
)
contents = st.fixed_dictionaries(
    {
        "concepts": st.lists(uses, max_size=3).map(tuple),
        "quantities": st.lists(numbers, max_size=2).map(tuple),
        "text": phrases,
        "digest": st.sampled_from(["d1", "d2"]),
    }
)
records = st.builds(
    lambda record_id, title, source, allowed, content: Record(
        record_id, f"urn:{record_id}", title, source, f"{record_id}.json", rights=allowed, **content
    ),
    st.sampled_from(IDS),
    phrases,
    st.sampled_from(["bma", "lab"]),
    rights(),
    contents,
)
parts = st.one_of(
    st.builds(
        lambda iris, words: ConceptPart("c", tuple(sorted(iris)), tuple(sorted(iris)), frozenset(iris), words=tuple(words)),
        st.sets(st.sampled_from(IRIS), min_size=1),
        st.lists(st.sampled_from(WORDS), max_size=1),
    ),
    st.builds(
        lambda kinds, low: QuantityPart("q", kinds, (), low, None, True, False, "Ah", "T·I"),
        st.frozensets(st.sampled_from(KINDS)),
        st.sampled_from([3600.0, 18000.0, 400000.0]),
    ),
    st.sampled_from([*WORDS, "nowhere"]).map(TextPart),
    st.sampled_from(["bma", "lab", "elsewhere"]).map(lambda source: SourcePart(source, source)),
)
queries = st.lists(parts, max_size=3).map(lambda chosen: Query("", tuple(chosen)))


def may_read_metadata(record: Record, reader: Audiences) -> bool:
    return not reader.isdisjoint(record.rights.read_metadata)


def may_read_files(record: Record, reader: Audiences) -> bool:
    return may_read_metadata(record, reader) and not reader.isdisjoint(record.rights.read_files)


def everything_told(index: SqliteTextIndex, query: Query, reader: Audiences) -> str:
    """Every answer that the index gives to this reader, as text."""
    told = {
        "pages": [asdict(index.search(query, reader, offset=offset, limit=limit)) for offset, limit in ((0, 100), (1, 1), (2, 0))],
        "records": [
            asdict(record) if record else None for record in (index.get(record_id, reader) for record_id in [*IDS, "bma/none"])
        ],
        "concepts": sorted(index.concept_counts(reader).items()),
        "counts": index.count([[iri] for iri in IRIS] + [IRIS], reader),
    }
    return json.dumps(told, sort_keys=True, default=sorted)


@settings(max_examples=300, deadline=None)
@given(st.lists(records, max_size=6, unique_by=lambda record: record.id), st.lists(records, max_size=2), audiences, queries)
def test_a_forbidden_record_changes_no_byte_of_any_answer(
    present: list[Record], earlier: list[Record], reader: Audiences, query: Query
) -> None:
    """Also when the forbidden records were written first, between the others, or in an older form that is readable no more."""
    readable = [record for record in present if may_read_metadata(record, reader)]
    whole, alone = SqliteTextIndex(None), SqliteTextIndex(None)
    whole.apply(earlier)
    whole.apply(present, removed=[record.id for record in earlier])
    alone.apply(readable)
    assert everything_told(whole, query, reader) == everything_told(alone, query, reader)
    whole.close()
    alone.close()


@settings(max_examples=300, deadline=None)
@given(st.lists(records, min_size=1, max_size=5, unique_by=lambda record: record.id), contents, audiences, queries)
def test_content_that_may_not_be_read_changes_no_byte_of_any_answer(
    present: list[Record], content: dict[str, object], reader: Audiences, query: Query
) -> None:
    """Who may read metadata alone gets the same whatever stands in the files."""
    changed = [record if may_read_files(record, reader) else replace(record, **content) for record in present]  # type: ignore[arg-type]
    one, other = SqliteTextIndex(None), SqliteTextIndex(None)
    one.apply(present)
    other.apply(changed)
    assert everything_told(one, query, reader) == everything_told(other, query, reader)
    one.close()
    other.close()


@settings(max_examples=100, deadline=None)
@given(records, st.sampled_from(AUDIENCES))
def test_the_rights_of_a_record_name_only_audiences_of_the_reader(record: Record, reader: str) -> None:
    index = SqliteTextIndex(None)
    index.apply([record])
    seen = index.get(record.id, frozenset({reader}))
    if seen is not None:
        assert seen.rights.read_metadata == {reader}
        assert seen.rights.read_files <= {reader}
    index.close()


def test_the_comparison_sees_a_difference() -> None:
    """The two indexes of the tests above differ as soon as the reader may read the record."""
    record = Record("bma/0", "urn:x", "cell", "bma", "x.json", "d", Rights(frozenset({"bma/auth"}), frozenset({"bma/auth"})))
    with_it, without = SqliteTextIndex(None), SqliteTextIndex(None)
    with_it.apply([record])
    nothing_asked = Query("", ())
    assert everything_told(with_it, nothing_asked, frozenset({"bma/auth"})) != everything_told(
        without, nothing_asked, frozenset({"bma/auth"})
    )
    assert everything_told(with_it, nothing_asked, frozenset({ANY})) == everything_told(without, nothing_asked, frozenset({ANY}))
    with_it.close()
    without.close()
