"""Splits: no group is in two parts, whatever the groups; the same seed gives the same split; fractions are met as groups allow."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.embedded import EmbeddedGraphStore
from graph.store import GraphChange, Solutions
from records.errors import BodyError
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from records.rights import PUBLIC
from search.datasets.groups import GroupKind, group_records
from search.datasets.splits import MAX_PARTS, UNGROUPED, Components, split_groups

sizes = st.dictionaries(st.text(min_size=1, max_size=8), st.integers(1, 1_000), max_size=60)
fractions = st.lists(st.integers(1, 20), min_size=2, max_size=MAX_PARTS).map(
    lambda weights: {f"part-{position}": weight / sum(weights) for position, weight in enumerate(weights)}
)


@given(sizes, fractions, st.integers(0, 2**53))
def test_every_group_is_in_one_part_and_every_row_is_counted(sizes: dict[str, int], fractions: dict[str, float], seed: int) -> None:
    split = split_groups(sizes, fractions, seed)
    assert split.part_of.keys() == sizes.keys()
    assert set(split.part_of.values()) <= set(fractions)
    for part in split.parts:
        inside = [group for group, name in split.part_of.items() if name == part.name]
        assert (part.groups, part.rows) == (len(inside), sum(sizes[group] for group in inside))
    assert sum(part.rows for part in split.parts) == sum(sizes.values())


@given(sizes, fractions, st.integers(0, 2**53), st.randoms(use_true_random=False))
def test_the_order_of_the_groups_does_not_matter(
    sizes: dict[str, int], fractions: dict[str, float], seed: int, chance: object
) -> None:
    shuffled = list(sizes.items())
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert split_groups(sizes, fractions, seed) == split_groups(dict(shuffled), fractions, seed)


@given(sizes, fractions, st.integers(0, 2**53))
def test_no_part_misses_its_fraction_by_more_than_the_largest_group(
    sizes: dict[str, int], fractions: dict[str, float], seed: int
) -> None:
    total = sum(sizes.values())
    for part in split_groups(sizes, fractions, seed).parts:
        assert part.rows - part.fraction * total <= max(sizes.values(), default=0) + 1e-6


def test_many_small_groups_meet_the_fractions() -> None:
    split = split_groups({f"cell {number}": 10 + number % 7 for number in range(1_000)}, {"train": 0.8, "test": 0.2}, 3)
    total = sum(part.rows for part in split.parts)
    assert [round(part.rows / total, 2) for part in split.parts] == [0.8, 0.2]


def test_another_seed_gives_another_split() -> None:
    cells = {f"cell {number}": 10 for number in range(100)}
    splits = {tuple(sorted(split_groups(cells, {"a": 0.5, "b": 0.5}, seed).part_of.items())) for seed in range(5)}
    assert len(splits) == 5


@pytest.mark.parametrize(
    "fractions",
    [
        {},
        {"train": 1.0},
        {"train": 0.5, "test": 0.4},
        {"train": 1.5, "test": -0.5},
        {"train": float("nan"), "test": 0.5},
        {"../train": 0.5, "test": 0.5},
        {"": 0.5, "test": 0.5},
        {UNGROUPED: 0.5, "test": 0.5},
        {"x" * 41: 0.5, "test": 0.5},
        {str(number): 1 / (MAX_PARTS + 1) for number in range(MAX_PARTS + 1)},
    ],
)
def test_what_is_no_split_is_refused(fractions: dict[str, float]) -> None:
    with pytest.raises(BodyError):
        split_groups({"a": 1}, fractions, 0)


links = st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=4), max_size=30)


@given(links)
def test_what_is_linked_belongs_together_and_nothing_else_does(links: list[list[int]]) -> None:
    found = Components[int]()
    for link in links:
        found.join(link)
    truth: dict[int, set[int]] = {number: {number} for number in range(31)}
    for link in links:
        joined = set().union(*(truth[number] for number in link))
        for number in joined:
            truth[number] = joined
    for one in range(31):
        for other in range(31):
            assert (found.of(one) == found.of(other)) == (other in truth[one])


SCHEMA = "https://schema.org/"
CELL = "https://w3id.org/battinfo/cell/7"
TEST_OBJECT = "https://w3id.org/emmo/domain/battery#battery_da3b3f28_aaad_4d67_b674_df47e109fb8b"
HAS_LABORATORY = "https://w3id.org/emmo/domain/characterisation-methodology/chameo#hasLaboratory"


def graph(record: str) -> str:
    return f"https://a.example/{record}#graph"


def node(record: str, name: str = "") -> str:
    return f"https://a.example/{record}#{name}"


def groups_of(kind: GroupKind, records: dict[str, list[Triple]]) -> dict[str, str]:
    """The groups of records in a real store, by the name of the record."""
    store = EmbeddedGraphStore(None)
    store.apply([GraphChange(graph(record), triples, PUBLIC) for record, triples in records.items()])

    def ask(text: str, graphs: Collection[str]) -> list[tuple[str | None, ...]]:
        answer = store.query(text, PUBLIC, default_graphs=(), named_graphs=sorted(graphs), repeatable=True)
        assert isinstance(answer, Solutions)
        return [tuple(term.value if isinstance(term, Literal) else term for term in row) for row in answer.rows]

    found = group_records(kind, [graph(record) for record in records], ask)
    return {record: found[graph(record)] for record in records if graph(record) in found}


def test_records_of_one_cell_are_one_group_however_they_name_it() -> None:
    groups = groups_of(
        GroupKind.CELL,
        {
            "cell": [
                Triple(CELL, RDF_TYPE, Iri(f"{SCHEMA}IndividualProduct")),
                Triple(CELL, f"{SCHEMA}serialNumber", Literal("S-1")),
            ],
            "test": [Triple(node("test"), TEST_OBJECT, Iri(CELL))],
            "dataset": [Triple(node("dataset"), "http://purl.org/dc/terms/subject", Iri(CELL))],
            "by-number": [Triple(node("by-number"), f"{SCHEMA}serialNumber", Literal("S-1"))],
            "other": [Triple(node("other"), f"{SCHEMA}serialNumber", Literal("S-2"))],
            "no-cell": [Triple(node("no-cell"), f"{SCHEMA}name", Literal("no cell"))],
        },
    )
    assert groups["cell"] == groups["test"] == groups["dataset"] == groups["by-number"]
    assert len(set(groups.values())) == 3


def test_records_about_the_same_substance_or_from_the_same_maker_are_not_one_cell() -> None:
    graphite = Iri("https://w3id.org/emmo/domain/chemical-substance#substance_d53259a7_0d9c_48b9_a6c1_4418169df303")
    maker = "https://maker.example/"
    groups = groups_of(
        GroupKind.CELL,
        {
            name: [
                Triple(node(name), f"{SCHEMA}about", graphite),
                Triple(node(name), f"{SCHEMA}manufacturer", Iri(maker)),
                Triple(maker, RDF_TYPE, Iri(f"{SCHEMA}Organization")),
            ]
            for name in ("one", "two")
        },
    )
    assert groups["one"] != groups["two"]


def test_a_batch_reaches_all_records_of_its_cells_and_no_batch_is_no_group() -> None:
    batch = node("cell", "/schema:identifier")
    groups = groups_of(
        GroupKind.BATCH,
        {
            "cell": [
                Triple(CELL, RDF_TYPE, Iri(f"{SCHEMA}IndividualProduct")),
                Triple(batch, f"{SCHEMA}propertyID", Literal("batch_id")),
                Triple(batch, f"{SCHEMA}value", Literal("P025")),
            ],
            "test": [Triple(node("test"), TEST_OBJECT, Iri(CELL))],
            "second": [Triple(node("second"), "https://w3id.org/battinfo/batchId", Literal("P025"))],
            "other": [Triple(node("other"), f"{SCHEMA}name", Literal("of no batch"))],
        },
    )
    assert groups["cell"] == groups["test"] == groups["second"]
    assert "other" not in groups


def test_a_laboratory_is_told_by_its_name_and_a_cell_does_not_join_two() -> None:
    def tested(record: str, laboratory: str) -> list[Triple]:
        lab = node(record, "/hasLaboratory")
        return [
            Triple(node(record), TEST_OBJECT, Iri(CELL)),
            Triple(node(record), HAS_LABORATORY, Iri(lab)),
            Triple(lab, f"{SCHEMA}name", Literal(laboratory)),
        ]

    groups = groups_of(
        GroupKind.LABORATORY,
        {
            "one": tested("one", "Lab A"),
            "two": tested("two", "Lab B"),
            "again": tested("again", "Lab A"),
            "none": [Triple(node("none"), f"{SCHEMA}name", Literal("nowhere"))],
        },
    )
    assert groups["one"] == groups["again"] != groups["two"]
    assert "none" not in groups
