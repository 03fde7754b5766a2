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
from tests.noninterference.sparql_choices import Bag, Row, choice_of, chosen
from tests.noninterference.sparql_grammar import (
    AUDIENCES,
    HOME,
    LEFT_OUT,
    LITERALS,
    ONTOLOGY,
    PREDICATES,
    RECORDS,
    SUBJECTS,
    XSD,
    Corpus,
    Question,
    Suite,
    Truth,
    Writer,
    change,
    multiset,
    quad,
    suites,
    text_of,
)
from tests.noninterference.sparql_pairs import Tally, tallies

BATCHES = 10
CORPORA = 13

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
    assert sum(len(suite.questions) for suite in w3c) > 350
    assert sum(suite.left_out for suite in w3c) == len(LEFT_OUT)
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


S = "https://s.example/s"
NUMBERS = {
    name: Literal(value, f"{XSD}{kind}")
    for name, value, kind in [
        *[("2", "2", "integer"), ("2.0", "2", "decimal"), ("2e0", "2", "double"), ("3", "3", "integer")],
        *[("22", "22", "string"), ("2000e0", "2000", "double")],
        *[("0.1", "0.1", "double"), ("2.6", "2.6", "double"), ("2.6~", "2.6000000000000005", "double"), ("2.61", "2.61", "double")],
        *[
            ("d2.6", "2.6", "decimal"),
            ("d2.7", "2.7", "decimal"),
            ("x", "x", "string"),
            ("xy", "x|y", "string"),
            ("yx", "y|x", "string"),
        ],
        *[("xx", "x|x", "string")],
    ]
}


@pytest.mark.parametrize(
    ("aggregate", "right", "found", "verdict"),
    [
        ("MIN(?b)", "2", "2", ""),
        ("MIN(?b)", "2", "2.0", "MIN"),
        ("MIN(?b)", "2", "2e0", None),
        ("MIN(?b)", "2", "3", None),
        ("MAX(?b)", "3", "2", None),
        ("SAMPLE(?b)", "2", "3", "SAMPLE"),
        ("SAMPLE(?b)", "2", "0.1", None),
        ("SUM(?b)", "2.6", "2.6~", "SUM"),
        ("SUM(?b)", "2.6", "2.61", None),
        ("SUM(?b)", "2.6", "d2.6", None),
        ("AVG(?b)", "d2.6", "d2.7", None),
        ("AVG(DISTINCT ?b)", "2", "2.0", None),
        ('GROUP_CONCAT(STR(?b); SEPARATOR="|")', "xy", "yx", "GROUP_CONCAT"),
        ('GROUP_CONCAT(STR(?b); SEPARATOR="|")', "xy", "xx", None),
        ("COUNT(?b)", "2", "3", None),
        ("COUNT(?b)", "2", "2.0", None),
    ],
)
def test_another_answer_is_right_only_as_far_as_sparql_leaves_the_choice_to_the_engine(
    aggregate: str, right: str, found: str, verdict: str | None
) -> None:
    """The group has the values 2, 2.0, 3 and x."""
    assert verdict_on(aggregate, right, found, "2", "2.0", "3", "x") == verdict


def test_of_unlike_types_the_engine_may_choose_any_that_is_best_in_some_order_of_rows() -> None:
    """By their texts 3 > "22" > 2000, and by their values 2000 > 3."""
    group = ("22", "2000e0", "3", "2")
    right = [name for name in group if verdict_on("MAX(?b)", "22", name, *group) is not None]
    assert right == ["22", "2000e0", "3"]
    assert verdict_on("MAX(?b)", "3", "2", "3", "2", "2.0") is None


def verdict_on(aggregate: str, right: str, found: str, *group: str) -> str | None:
    truth = Truth({S: (frozenset(Triple(S, PREDICATES[0], NUMBERS[name]) for name in group), PUBLIC)}, frozenset(), PUBLIC)
    question = Question(f"SELECT ?a ({aggregate} AS ?m)", "{ ?a ?p ?b } GROUP BY ?a")
    rows = [Counter[Hashable]([row(a=Iri(S), m=NUMBERS[name])]) for name in (found, right)]
    return chosen(question, rows[0], rows[1], truth.answer)


def row(**cells: Iri | Literal) -> Row:
    return tuple(sorted((name, text_of(term)) for name, term in cells.items()))


def test_without_an_order_a_limit_may_leave_other_rows_but_no_others_than_there_are() -> None:
    values = [NUMBERS[name] for name in ("2", "2.0", "3")]
    truth = Truth({S: (frozenset(Triple(S, PREDICATES[0], value) for value in values), PUBLIC)}, frozenset(), PUBLIC)
    question = Question("SELECT ?b", "{ ?a ?p ?b } LIMIT 2")

    def verdict(*names: str) -> str | None:
        bag: Bag = Counter(row(b=NUMBERS[name]) for name in names)
        return chosen(question, bag, Counter([row(b=values[0]), row(b=values[1])]), truth.answer)

    assert verdict("2", "2.0") == ""
    assert verdict("2", "3") == "LIMIT"
    assert [verdict("2", "x"), verdict("2", "2"), verdict("2"), verdict("2", "2.0", "3")] == [None] * 4


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?b { ?a ?p ?b } ORDER BY ?b LIMIT 2",
        "SELECT ?a (COUNT(?b) AS ?m) { ?a ?p ?b } GROUP BY ?a",
        "SELECT (MIN(STR(?b)) AS ?m) { ?a ?p ?b }",
        "SELECT ?a { { SELECT (MIN(?b) AS ?m) { ?a ?p ?b } } ?a ?p ?m }",
        "SELECT ?a { ?a ?p ?b }",
    ],
)
def test_all_other_answers_are_compared_exactly(text: str) -> None:
    assert choice_of(Question(text, "")) is None


def size(corpus: Mapping[str, tuple[frozenset[Triple], Audiences]]) -> int:
    store = ox.Store()
    for iri, (content, _) in corpus.items():
        store.extend(quad(triple, ox.NamedNode(iri)) for triple in content)
    return len(store)


def collapsed(audiences: Audiences) -> Audiences:
    return PUBLIC if "any" in audiences else audiences


def answered(writer: Writer, truth: Truth) -> tuple[Question, Bag]:
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
        truth = Truth(corpus, public, reader)
        question, right = answered(writer, truth)
        answer = store.query(
            question.text(),
            reader,
            default_graphs=question.default_graphs if question.by_protocol else None,
            named_graphs=question.named_graphs if question.by_protocol else None,
            bindings=question.bindings,
        )
        assert chosen(question, multiset(answer), right, truth.answer) is not None, question.text()


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
