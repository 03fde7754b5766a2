"""What a batch writes: no more than it must, the same whichever way a state came about, and lines that are as the engine's."""

from __future__ import annotations

from hashlib import sha256

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.canonical import CACHED_CHARACTERS, Canonical, digest_of, through_engine
from graph.embedded import EmbeddedGraphStore
from graph.lattice import Batch, GraphLines, lines_to_store
from graph.partitions import collapse
from graph.store import GraphChange
from graph.system_graph import CONTENT, SYSTEM
from records.ntriples import lines_of
from records.rdf import Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC, Audiences

XSD = "http://www.w3.org/2001/XMLSchema#"
ONE: Audiences = frozenset({"bma/community:1"})
TWO: Audiences = frozenset({"bma/community:2"})
NAME = "https://schema.org/name"
PERSON = "https://orcid.org/0000-0000-0000-0001"
AUTHOR = Triple(PERSON, NAME, Literal("A. Author"))

texts = st.text(max_size=12) | st.sampled_from(
    ["1", "01", "1.0", "1e3", "-0", "true", "2020-01-01T00:00:00.0Z", "P1Y12M", "\x7f", "\ufffe\t"]
)
datatypes = st.sampled_from(
    ["integer", "int", "decimal", "double", "float", "boolean", "dateTime", "date", "duration", "string", "anyURI"]
)
values = st.one_of(
    texts.map(Literal),
    st.builds(lambda text, name: Literal(text, f"{XSD}{name}"), texts, datatypes),
    st.builds(lambda text, tag: Literal(text, language=tag), texts, st.sampled_from(["en", "EN", "de-AT", "de-at", "zh-Hant-TW"])),
    st.sampled_from(["urn:a", "https://a.example/µ?q=%20#x"]).map(Iri),
)
triples = st.builds(Triple, st.sampled_from(["urn:s", "urn:t"]), st.just("urn:p"), values)


@given(graphs=st.lists(st.lists(triples, max_size=6), max_size=4))
def test_lines_are_made_as_the_engine_gives_them_back(graphs: list[list[Triple]]) -> None:
    lines = [lines_of(some) for some in graphs]
    canonical = Canonical()
    for _ in range(2):  # first asked of the engine, then known
        assert canonical.graphs(lines) == [sorted(through_engine(some)) for some in lines]


@given(some=st.lists(triples, max_size=6))
def test_what_is_canonical_stays_so(some: list[Triple]) -> None:
    (once,) = Canonical().graphs([lines_of(some)])
    assert Canonical().graphs([once]) == [once]


def test_long_objects_are_made_canonical_too() -> None:
    line = f'<urn:s> <urn:p> "{"0" * 2 * CACHED_CHARACTERS}1"^^<{XSD}integer>'
    canonical = Canonical()
    for _ in range(2):
        assert canonical.graphs([[line]]) == [[f'<urn:s> <urn:p> "1"^^<{XSD}integer>']]


def test_what_is_no_literal_is_an_error_and_nothing_else() -> None:
    with pytest.raises(SyntaxError):
        Canonical().graphs([['<urn:s> <urn:p> "x"^^<relative>']])


def test_the_digest_is_that_of_a_sorted_file_of_n_triples() -> None:
    store = ox.Store()
    store.load(b'<urn:s> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#int> .\n<urn:a> <urn:p> "x" .', ox.RdfFormat.N_TRIPLES)
    text = store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b""
    lines = [line[:-2] for line in sorted(text.decode().splitlines())]
    assert digest_of(lines) == sha256(b"".join(sorted(text.splitlines(keepends=True)))).hexdigest()
    assert digest_of([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def graph(number: int) -> str:
    return f"https://archive.example/{number}#graph"


def change(number: int, audiences: Audiences, *names: str) -> GraphChange:
    own = [Triple(f"https://archive.example/{number}#n", NAME, Literal(name)) for name in names]
    return GraphChange(graph(number), [*own, AUTHOR], audiences)


def planned(store: EmbeddedGraphStore, changed: GraphChange) -> Batch:
    return store._lattice.apply([lines_to_store(changed)])


def written(batch: Batch) -> dict[str, tuple[int, int]]:
    """How many lines come and go, by graph."""
    return {
        graph: (len(batch.inserts[graph]), len(batch.deletes[graph]))
        for graph in {*batch.inserts, *batch.deletes}
        if batch.inserts[graph] or batch.deletes[graph]
    }


def test_what_is_already_so_writes_nothing() -> None:
    store = EmbeddedGraphStore(None)
    store.apply([change(1, ONE, "a", "b"), change(2, TWO)])
    assert planned(store, change(1, ONE, "b", "a")).is_empty()
    assert store._lattice.set_rights({graph(1): ONE}).is_empty()


def test_a_change_of_rights_alone_leaves_graph_and_digest_however_it_comes() -> None:
    store = EmbeddedGraphStore(None)
    store.apply([change(1, ONE, "a", "b"), change(2, TWO)])
    for batch in (planned(store, change(1, TWO, "a", "b")), store._lattice.set_rights({graph(1): TWO})):
        assert graph(1) not in written(batch)
        assert written(batch)[SYSTEM] == (1, 1)
        assert not [line for line in (*batch.inserts[SYSTEM], *batch.deletes[SYSTEM]) if CONTENT in line]
        assert batch.revokes
        assert batch.withdraws


def test_a_change_of_content_writes_what_differs_and_one_digest() -> None:
    store = EmbeddedGraphStore(None)
    store.apply([change(1, ONE, "a", "b")])
    batch = planned(store, change(1, ONE, "a", "c"))
    assert written(batch)[graph(1)] == (1, 1)
    assert written(batch)[SYSTEM] == (1, 1)
    assert len(written(batch)) == 3
    assert not batch.changes_layout


@pytest.mark.parametrize(
    ("before", "after", "is_less"),
    [
        (ONE, TWO, True),
        (ONE, ONE | TWO, False),
        (ONE | TWO, ONE, True),
        (PUBLIC, ONE, True),
        (ONE, PUBLIC, False),
        (NOBODY, ONE, False),
    ],
)
def test_whether_something_is_taken_from_a_reader_is_told(before: Audiences, after: Audiences, is_less: bool) -> None:
    store = EmbeddedGraphStore(None)
    store.apply([change(1, before, "a")])
    assert store._lattice.set_rights({graph(1): after}).withdraws is is_less
    assert planned(store, change(1, after, "b")).withdraws is is_less


def test_a_second_digest_of_a_damaged_store_goes_with_the_next_change() -> None:
    store = EmbeddedGraphStore(None)
    store.apply([change(1, ONE, "a")])
    line = f'<{graph(1)}> <{CONTENT}> "{"0" * 64}"'
    store._store.update(f"INSERT DATA {{ GRAPH <{SYSTEM}> {{ {line} }} }}")
    assert store.check() != []
    store.apply([change(1, ONE, "b")])
    assert store.check() == []


audience_sets = st.frozensets(st.sampled_from(["any", "a", "b", "c"]), max_size=3)
subjects = st.sampled_from([f"https://archive.example/{n}#n" for n in range(3)] + [PERSON])
small = st.builds(Triple, subjects, st.just(NAME), st.sampled_from(["x", "y"]).map(Literal) | st.just(Literal("01", f"{XSD}int")))
steps = st.one_of(
    st.lists(st.tuples(st.integers(0, 2), st.lists(small, max_size=4), audience_sets), min_size=1, max_size=3),
    st.dictionaries(st.integers(0, 2), audience_sets, min_size=1),
)


@given(steps=st.lists(steps, min_size=1, max_size=8))
def test_whichever_way_a_state_came_about_it_is_the_same(
    steps: list[list[tuple[int, list[Triple], Audiences]] | dict[int, Audiences]],
) -> None:
    """Contents and rights changed in any order, against a store into which the outcome was written at once."""
    store = EmbeddedGraphStore(None)
    state: dict[int, tuple[list[Triple], Audiences]] = {}
    for step in steps:
        if isinstance(step, dict):
            rights = {number: audiences for number, audiences in step.items() if number in state}
            store.set_rights({graph(number): audiences for number, audiences in rights.items()})
            state |= {number: (state[number][0], audiences) for number, audiences in rights.items()}
            continue
        store.apply([GraphChange(graph(number), some, audiences) for number, some, audiences in step])
        for number, some, audiences in step:
            state.pop(number, None)
            if some or audiences:
                state[number] = (some, audiences)
        assert store.check() == []
    other = EmbeddedGraphStore(None)
    other.apply_lines(
        [GraphLines(graph(number), lines_of(some), audiences) for number, (some, audiences) in state.items() if some or audiences]
    )
    for number, (some, audiences) in state.items():
        if not some and not audiences:  # a record can be left with neither by a change of rights alone
            other.apply([GraphChange(graph(number), [], ONE)])
            other.set_rights({graph(number): NOBODY})
    assert store.check() == other.check() == []
    assert store.audiences_of() == {graph(number): collapse(audiences) for number, (_, audiences) in state.items()}
    assert store.all_versions() == other.all_versions()
    assert partitions(store) == partitions(other)


def partitions(store: EmbeddedGraphStore) -> dict[str, set[str]]:
    return {iri: lines for iri in store._partitions if (lines := store.lines_of(iri))}
