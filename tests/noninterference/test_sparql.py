"""What a reader may not read changes no answer: the store against one that holds only what the reader may read.

Corpora, rights, readers, changes and queries are random (`sparql_grammar`); answers are compared as multisets. Ten thousand pairs
of a query and a reader here; `python -m benchmarks.noninterference` asks a million.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.embedded import EmbeddedGraphStore
from graph.store import GraphChange
from records.rdf import Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC, Audiences
from tests.noninterference.sparql_grammar import (
    AUDIENCES,
    HOME,
    LITERALS,
    ONTOLOGY,
    PREDICATES,
    RECORDS,
    SUBJECTS,
    Corpus,
    Question,
    Suite,
    Truth,
    Writer,
    change,
    multiset,
    quad,
    suites,
)
from tests.noninterference.sparql_pairs import Tally, tallies

BATCHES = 10
CORPORA = 12

triples = st.builds(
    Triple,
    st.sampled_from(SUBJECTS),
    st.sampled_from(PREDICATES),
    st.one_of(st.sampled_from(SUBJECTS).map(Iri), st.sampled_from(LITERALS)),
)
audience_sets = st.frozensets(st.sampled_from(AUDIENCES), max_size=3)
changes = st.builds(
    lambda record, some, audiences: GraphChange(f"{record}#graph", some, audiences),
    st.sampled_from(RECORDS),
    st.lists(triples, max_size=8),
    audience_sets,
)
batches = st.lists(st.lists(changes, min_size=1, max_size=5), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def w3c(shared_data: Path) -> list[Suite]:
    return suites(shared_data / "w3c" / "sparql11")


def test_the_suite_of_the_w3c_is_asked_too(w3c: list[Suite]) -> None:
    assert sum(len(suite.questions) for suite in w3c) > 300
    assert all(suite.triples for suite in w3c)


@pytest.mark.parametrize("part", range(BATCHES))
def test_ten_thousand_pairs_of_query_and_reader_answer_as_the_truth_does(w3c: list[Suite], part: int) -> None:
    whole = Tally()
    for tally in tallies(part * CORPORA, CORPORA, w3c):
        whole.add(tally)
    assert whole.differing == []
    assert whole.pairs >= 10_000 / BATCHES
    assert whole.withheld > whole.pairs / 2
    assert whole.rows > whole.pairs
    assert whole.errors > 20
    assert {"Solutions", "Graph", "Boolean"} <= whole.kinds.keys()


def size(corpus: Mapping[str, tuple[frozenset[Triple], Audiences]]) -> int:
    store = ox.Store()
    for iri, (content, _) in corpus.items():
        store.extend(quad(triple, ox.NamedNode(iri)) for triple in content)
    return len(store)


def collapsed(audiences: Audiences) -> Audiences:
    return PUBLIC if "any" in audiences else audiences


def answered(writer: Writer, truth: Truth) -> tuple[Question, Counter[Hashable]]:
    """A random question that the engine reads; few are those that assign a variable twice."""
    while True:
        question = writer.question()
        with suppress(SyntaxError):
            return question, truth.answer(question)


def compare(store: EmbeddedGraphStore, corpus: Corpus, public: frozenset[Triple], seed: int, readers: list[Audiences]) -> None:
    assert store.check() == []
    assert store.audiences_of() == {iri: collapsed(audiences) for iri, (_, audiences) in corpus.items()}
    assert store.count() == size(corpus)
    writer = Writer(random.Random(seed))
    for reader in readers:
        question, right = answered(writer, Truth(corpus, public, reader))
        answer = store.query(
            question.text(),
            reader,
            default_graphs=question.default_graphs if question.by_protocol else None,
            named_graphs=question.named_graphs if question.by_protocol else None,
            bindings=question.bindings,
        )
        assert multiset(answer) == right, question.text()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    batches=batches,
    public=st.frozensets(triples, max_size=4),
    seed=st.integers(0, 2**32),
    readers=st.lists(audience_sets, min_size=6, max_size=10),
)
def test_the_answer_is_that_of_a_store_with_only_what_the_reader_may_read(
    batches: list[list[GraphChange]], public: frozenset[Triple], seed: int, readers: list[Audiences]
) -> None:
    store = EmbeddedGraphStore(None)
    corpus: Corpus = {}
    middle = len(batches) // 2
    for number, batch in enumerate(batches):
        if number == middle:
            store.set_public_graph(ONTOLOGY, public)
        store.apply(batch)
        change(corpus, batch)
    compare(store, corpus, public, seed, readers)
    store.set_public_graph(ONTOLOGY, [])
    compare(store, corpus, frozenset(), seed + 1, readers[:2])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batches=batches, seed=st.integers(0, 2**32), readers=st.lists(audience_sets, min_size=4, max_size=4))
def test_the_same_holds_on_disk_with_the_store_opened_anew_between_batches(
    batches: list[list[GraphChange]], seed: int, readers: list[Audiences]
) -> None:
    with TemporaryDirectory() as folder:
        corpus: Corpus = {}
        for number, batch in enumerate(batches):
            store = EmbeddedGraphStore(Path(folder) / "store")
            store.apply(batch)
            change(corpus, batch)
            compare(store, corpus, frozenset(), seed + number, readers)
            store.close()


SECRET = Triple(f"{HOME}9#n", "https://p.example/p", Literal("secret"))


def answers_of(store: EmbeddedGraphStore, query: str) -> tuple[str, object]:
    answer = store.query(query, frozenset({"any", "bma/community:1"}))
    return type(answer).__name__, multiset(answer)


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * FROM <{HOME}9#graph> {{ ?s ?p ?o }}",
        f"SELECT * FROM NAMED <{HOME}9#graph> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        f"ASK {{ GRAPH <{HOME}9#graph> {{}} }}",
        f"SELECT * {{ GRAPH <{HOME}9#graph> {{ ?s ?p ?o }} }}",
        f"SELECT * {{ <{HOME}9#n> <https://p.example/p>* ?o }}",
        f"DESCRIBE <{HOME}9#n>",
        "SELECT ?g { GRAPH ?g {} }",
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT ?x ?y { ?x !<urn:no> ?y }",
        "SELECT * { GRAPH <urn:voltagraph:system> { ?s ?p ?o } }",
        "SELECT * FROM <urn:voltagraph:system> { ?s ?p ?o }",
        f"SELECT * FROM <{HOME}1#graph> FROM <{HOME}9#graph> {{ ?s ?p ?o }}",
    ],
)
def test_a_forbidden_graph_is_as_if_it_did_not_exist(query: str) -> None:
    seen = GraphChange(
        f"{HOME}1#graph", [Triple(f"{HOME}1#n", "https://p.example/p", Literal("seen"))], frozenset({"bma/community:1"})
    )
    with_secret, without = EmbeddedGraphStore(None), EmbeddedGraphStore(None)
    with_secret.apply([seen, GraphChange(f"{HOME}9#graph", [SECRET], frozenset({"bma/user:7"}))])
    without.apply([seen])
    assert answers_of(with_secret, query) == answers_of(without, query)


def partitions_of(store: EmbeddedGraphStore) -> Iterator[str]:
    yield from store._partitions


def test_partitions_are_no_named_graphs() -> None:
    """Nobody learns a partition's name, and who guesses it gets nothing."""
    store = EmbeddedGraphStore(None)
    store.apply([GraphChange(f"{HOME}9#graph", [SECRET], PUBLIC), GraphChange(f"{HOME}8#graph", [SECRET], NOBODY)])
    for iri in partitions_of(store):
        assert multiset(store.query(f"SELECT * {{ GRAPH <{iri}> {{ ?s ?p ?o }} }}", PUBLIC)) == Counter()
        assert multiset(store.query(f"SELECT * FROM <{iri}> {{ ?s ?p ?o }}", PUBLIC)) == Counter()
        assert multiset(store.query(f"SELECT * FROM NAMED <{iri}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", PUBLIC)) == Counter()
