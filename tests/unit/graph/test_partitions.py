"""Where a triple stands follows from who may read the graphs that hold it, and from nothing else."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from graph.partitions import RESERVED, Ledger, audiences_of_triple, collapse, held_by, meets, partition_iri
from records.rights import ANY, NOBODY, PUBLIC, Audiences

audience_sets = st.frozensets(st.sampled_from(["any", "a", "b", "c"]), max_size=3)
holder_lists = st.lists(audience_sets.map(collapse), max_size=6)


def test_a_set_with_everyone_is_everyone() -> None:
    assert collapse(frozenset({ANY, "a"})) == PUBLIC
    assert collapse(frozenset({"a"})) == {"a"}
    assert collapse(NOBODY) == NOBODY


@given(first=audience_sets, second=audience_sets)
def test_partitions_have_one_name_for_each_set(first: Audiences, second: Audiences) -> None:
    assert (partition_iri(first) == partition_iri(second)) == (first == second)
    assert partition_iri(first).startswith(RESERVED)


def test_a_name_cannot_be_made_by_joining_audiences() -> None:
    assert partition_iri(frozenset({"a", "b"})) != partition_iri(frozenset({'a","b'}))


@given(holders=holder_lists, reader=audience_sets)
def test_a_triple_is_readable_exactly_when_a_graph_that_holds_it_is(holders: list[Audiences], reader: Audiences) -> None:
    held = held_by(reader)
    stands = audiences_of_triple(Counter(holders))
    assert (stands is not None and meets(stands, held)) == any(meets(audiences, held) for audiences in holders)


@given(before=holder_lists, entering=holder_lists, data=st.data())
def test_a_ledger_moves_a_triple_from_where_it_stood_to_where_it_belongs(
    before: list[Audiences], entering: list[Audiences], data: st.DataObject
) -> None:
    leaving = data.draw(st.lists(st.sampled_from(before), max_size=len(before), unique_by=id)) if before else []
    after = Counter(before) + Counter(entering)
    ledger = Ledger()
    for audiences in entering:
        ledger.enter("t", audiences)
    for audiences in leaving:
        if after[audiences] > 0:
            ledger.leave("t", audiences)
            after[audiences] -= 1
    source, target = audiences_of_triple(Counter(before)), audiences_of_triple(after)
    moves = list(ledger.moves(lambda _: Counter(before)))
    assert [(move.source, move.target) for move in moves] == ([(source, target)] if source != target else [])
