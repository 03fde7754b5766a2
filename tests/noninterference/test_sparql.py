"""What a reader may not read changes no answer: the store against one that holds only what the reader may read.

The truth is a plain in-memory engine whose default graph is the set of the readable triples and whose named graphs are the
readable records. Corpora, rights, readers, changes and queries are random; answers are compared as multisets.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.embedded import EmbeddedGraphStore
from graph.store import Answer, Boolean, GraphChange, Solutions
from records.rdf import BlankNode, Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC, Audiences

XSD = "http://www.w3.org/2001/XMLSchema#"
HOME = "https://archive.example/"
RECORDS = [f"{HOME}{number}" for number in range(6)]
GRAPHS = [*(f"{record}#graph" for record in RECORDS), "https://nothing.example/"]
ONTOLOGY = "https://onto.example/"
SUBJECTS = [
    *RECORDS[:3],
    *(f"{record}#n" for record in RECORDS[:4]),
    "https://shared.example/a",
    "https://shared.example/b#x",
    f"{ONTOLOGY}C",
]
PREDICATES = ["https://p.example/p", "https://p.example/q", "http://www.w3.org/2000/01/rdf-schema#subClassOf"]
LITERALS = [
    Literal("1", f"{XSD}integer"),
    Literal("01", f"{XSD}int"),
    Literal("1.0", f"{XSD}decimal"),
    Literal("2", f"{XSD}integer"),
    Literal("x"),
    Literal("x", language="en"),
    Literal('a "quoted"\n\\line'),
]
AUDIENCES = ["any", "bma/community:1", "bma/community:2", "bma/user:7"]

Corpus = dict[str, tuple[frozenset[Triple], Audiences]]

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


@dataclass(frozen=True)
class Query:
    """A query in parts, so that the truth need not read the dataset clause."""

    head: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    body: str

    def text(self) -> str:
        clauses = [f"FROM <{iri}>" for iri in self.default_graphs or ()] + [
            f"FROM NAMED <{iri}>" for iri in self.named_graphs or ()
        ]
        return "\n".join([self.head, *clauses, self.body])


class Writer:
    """Writes random queries of a small grammar; variables are few, so that patterns join."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.fresh = 0

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def variable(self) -> str:
        return self.one("?a", "?b", "?c", "?d")

    def iri(self) -> str:
        return f"<{self.random.choice(SUBJECTS)}>"

    def graph(self) -> str:
        return f"<{self.random.choice([*GRAPHS, ONTOLOGY, 'urn:voltagraph:system'])}>"

    def predicate(self) -> str:
        return f"<{self.random.choice(PREDICATES)}>"

    def value(self) -> str:
        return self.one(self.iri(), "1", "2", "1.0", '"x"', '"x"@en')

    def path(self) -> str:
        p, q = self.predicate(), self.predicate()
        return self.one(f"{p}*", f"{p}+", f"{p}?", f"({p}|{q})*", f"{p}/{q}", f"^{p}", f"!{p}", f"!(^{p}|{q})", f"{p}/{q}*")

    def pattern(self) -> str:
        subject = self.one(self.variable(), self.variable(), self.iri())
        verb = self.one(self.predicate(), self.predicate(), self.variable(), self.path())
        return f"{subject} {verb} {self.one(self.variable(), self.variable(), self.value())} ."

    def condition(self, depth: int) -> str:
        v, w = self.variable(), self.variable()
        return self.one(
            f"FILTER({v} = {self.value()})",
            f"FILTER({v} != {w})",
            f"FILTER(isIRI({v}) || BOUND({w}))",
            f"FILTER({v} > 1)",
            f"FILTER NOT EXISTS {self.group(depth - 1)}",
            f"FILTER EXISTS {self.group(depth - 1)}",
            f"FILTER(STRSTARTS(STR({v}), '{HOME}'))",
        )

    def part(self, depth: int) -> str:
        if depth <= 0:
            return self.pattern()
        self.fresh += 1
        inner = self.group(depth - 1)
        return self.one(
            self.pattern(),
            self.pattern(),
            f"OPTIONAL {inner}",
            f"MINUS {inner}",
            f"{inner} UNION {self.group(depth - 1)}",
            f"GRAPH ?g {inner}",
            f"GRAPH {self.variable()} {inner}",
            f"GRAPH {self.graph()} {inner}",
            self.condition(depth),
            f"BIND({self.one(self.value(), 'STR(?a)', 'IF(BOUND(?b), 1, 2)')} AS ?e{self.fresh})",
            f"VALUES {self.variable()} {{ {self.value()} {self.iri()} UNDEF }}",
            f"{{ SELECT ?a (COUNT(*) AS ?e{self.fresh}) {inner} GROUP BY ?a }}",
            f"{{ SELECT (COUNT(DISTINCT {self.variable()}) AS ?e{self.fresh}) {inner} }}",
            f"{{ SELECT DISTINCT * {inner} }}",
        )

    def group(self, depth: int) -> str:
        return (
            "{ "
            + " ".join(
                [
                    self.pattern() if self.random.random() < 0.7 else "",
                    *(self.part(depth) for _ in range(self.random.choice([0, 1, 1, 2]))),
                ]
            )
            + " }"
        )

    def query(self) -> Query:
        group = self.group(2)
        v, w = self.random.sample(["?a", "?b", "?c", "?d"], 2)
        head, body = self.random.choice(
            [
                ("SELECT *", group),
                ("SELECT DISTINCT *", group),
                (f"SELECT {v} {w}", group),
                ("SELECT (COUNT(*) AS ?n)", group),
                (f"SELECT {v} (COUNT(*) AS ?n) (COUNT(DISTINCT {w}) AS ?m)", f"{group} GROUP BY {v}"),
                (f"SELECT {v} (SUM(1) AS ?n)", f"{group} GROUP BY {v} HAVING (COUNT(*) > 1)"),
                ("SELECT ?g (COUNT(*) AS ?n)", f"{{ GRAPH ?g {group} }} GROUP BY ?g"),
                ("SELECT ?g", "{ GRAPH ?g {} }"),
                (f"CONSTRUCT {{ {v} <https://p.example/made> {w} }}", f"WHERE {group}"),
                ("CONSTRUCT", "WHERE { ?s ?p ?o }"),
                ("ASK", group),
                (f"DESCRIBE {self.iri()}", ""),
                (f"DESCRIBE {v}", f"WHERE {group}"),
            ]
        )
        default = named = None
        if self.random.random() < 0.35:
            default = tuple(self.random.sample(GRAPHS, self.random.choice([0, 1, 2, 4])))
            named = tuple(self.random.sample(GRAPHS, self.random.choice([0, 1, 2, 4])))
            if not default and not named:
                default = named = None
        return Query(head, default, named, body)


def truth_term(value: str | Iri | Literal) -> ox.NamedNode | ox.Literal:
    if isinstance(value, Literal):
        if value.language:
            return ox.Literal(value.value, language=value.language)
        return ox.Literal(value.value, datatype=ox.NamedNode(value.datatype))
    return ox.NamedNode(value)


def quad(triple: Triple, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Quad:
    return ox.Quad(ox.NamedNode(triple.subject), ox.NamedNode(triple.predicate), truth_term(triple.object), graph)


def truth(corpus: Corpus, public: frozenset[Triple], reader: Audiences, query: Query) -> Counter[Hashable]:
    held = reader | PUBLIC if reader else reader
    readable = {iri: content for iri, (content, audiences) in corpus.items() if audiences & held}
    store = ox.Store()
    named = [ox.NamedNode(iri) for iri in readable if query.named_graphs is None or iri in query.named_graphs]
    if query.default_graphs is None:
        default = [*readable.values(), *([public] if reader else [])]
    else:
        default = [readable[iri] for iri in query.default_graphs if iri in readable]
    for content in default:
        store.extend(quad(triple, ox.DefaultGraph()) for triple in content)
    for graph in named:
        store.add_graph(graph)
        store.extend(quad(triple, graph) for triple in readable[graph.value])
    answer = store.query(f"{query.head}\n{query.body}", default_graph=[ox.DefaultGraph()], named_graphs=[*named])
    if isinstance(answer, ox.QueryBoolean):
        return Counter([bool(answer)])
    if isinstance(answer, ox.QuerySolutions):
        names = [variable.value for variable in answer.variables]
        return Counter(
            tuple(sorted((name, str(term)) for name, term in zip(names, row, strict=True) if term is not None)) for row in answer
        )
    return Counter(tuple(map(str, (triple.subject, triple.predicate, triple.object))) for triple in answer)


def text_of(term: Iri | BlankNode | Literal) -> str:
    return str(truth_term(term))


def multiset(answer: Answer) -> Counter[Hashable]:
    if isinstance(answer, Boolean):
        return Counter([answer.value])
    if isinstance(answer, Solutions):
        return Counter(
            tuple(sorted((name, text_of(term)) for name, term in zip(answer.variables, row, strict=True) if term is not None))
            for row in answer.rows
        )
    return Counter(tuple(map(text_of, statement)) for statement in answer.triples)


def change(corpus: Corpus, batch: list[GraphChange]) -> None:
    for one in batch:
        if one.triples or one.audiences:
            corpus[one.graph_iri] = (frozenset(one.triples), one.audiences)
        else:
            corpus.pop(one.graph_iri, None)


def size(corpus: Mapping[str, tuple[frozenset[Triple], Audiences]]) -> int:
    store = ox.Store()
    for iri, (content, _) in corpus.items():
        store.extend(quad(triple, ox.NamedNode(iri)) for triple in content)
    return len(store)


def collapsed(audiences: Audiences) -> Audiences:
    return PUBLIC if "any" in audiences else audiences


def compare(store: EmbeddedGraphStore, corpus: Corpus, public: frozenset[Triple], seed: int, readers: list[Audiences]) -> None:
    assert store.check() == []
    assert store.audiences_of() == {iri: collapsed(audiences) for iri, (_, audiences) in corpus.items()}
    assert store.count() == size(corpus)
    writer = Writer(seed)
    for reader in readers:
        query = writer.query()
        assert multiset(store.query(query.text(), reader)) == truth(corpus, public, reader, query), query.text()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
