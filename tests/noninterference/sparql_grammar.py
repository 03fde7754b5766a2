"""Random corpora with rights, random queries, and the truth: what a store answers that holds only what the reader may read.

The truth is a plain in-memory engine whose default graph is the set of the readable triples and whose named graphs are the readable
records. It knows nothing of partitions, of cutting FROM out of a text, or of leaving graphs out for speed.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from graph.guard import guard
from graph.store import Answer, Boolean, GraphChange, Solutions, Term
from records.errors import VoltagraphError
from records.rdf import BlankNode, Iri, Literal, Triple
from records.rights import PUBLIC, Audiences

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
HOME: Final = "https://archive.example/"
RECORDS: Final = [f"{HOME}{number}" for number in range(6)]
NOTHING: Final = "https://nothing.example/"
ONTOLOGY: Final = "https://onto.example/"
GRAPHS: Final = [*(f"{record}#graph" for record in RECORDS), NOTHING]
SUBJECTS: Final = [
    *RECORDS[:3],
    *(f"{record}#n" for record in RECORDS[:4]),
    "https://shared.example/a",
    "https://shared.example/b#x",
    f"{ONTOLOGY}C",
]
PREDICATES: Final = ["https://p.example/p", "https://p.example/q", "http://www.w3.org/2000/01/rdf-schema#subClassOf"]
LITERALS: Final = [
    Literal("1", f"{XSD}integer"),
    Literal("01", f"{XSD}int"),
    Literal("1.0", f"{XSD}decimal"),
    Literal("2", f"{XSD}integer"),
    Literal("0.1", f"{XSD}double"),
    Literal("0.1", f"{XSD}decimal"),
    Literal("0.7", f"{XSD}double"),
    Literal("x"),
    Literal("x", language="en"),
    Literal('a "quoted"\n\\line'),
]
AUDIENCES: Final = ["any", "bma/community:1", "bma/community:2", "bma/user:7"]

Corpus = dict[str, tuple[frozenset[Triple], Audiences]]


@dataclass(frozen=True)
class Question:
    """A query with what is sent beside it.

    Args:
        head: Its text up to the dataset clause.
        body: Its text after that.
        default_graphs: Of the dataset; ``None`` with ``named_graphs``: there is none.
        named_graphs: Of the dataset.
        by_protocol: Whether the dataset is sent beside the query, in the place of one that it names.
        bindings: Values of variables.
    """

    head: str
    body: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    by_protocol: bool = False
    bindings: Mapping[str, Term] = field(default_factory=dict)

    def text(self) -> str:
        """The query as it is sent."""
        clauses = [f"FROM <{NOTHING}ignored> FROM NAMED <{NOTHING}>"] if self.by_protocol else self._clauses()
        return "\n".join([self.head, *clauses, self.body])

    def plain(self) -> str:
        """The query without a dataset clause, and with its values."""
        return guard("\n".join([self.head, self.body]), bindings=self.bindings).text

    def has_dataset(self) -> bool:
        """Whether the query is asked over a dataset of its own."""
        return self.default_graphs is not None or self.named_graphs is not None

    def instead(self, forbidden: str) -> Question:
        """The same about a graph that does not exist."""

        def mend(text: str) -> str:
            return text.replace(f"<{forbidden}>", f"<{NOTHING}>")

        def others(graphs: tuple[str, ...] | None) -> tuple[str, ...] | None:
            return None if graphs is None else tuple(NOTHING if graph == forbidden else graph for graph in graphs)

        return Question(
            mend(self.head),
            mend(self.body),
            others(self.default_graphs),
            others(self.named_graphs),
            self.by_protocol,
            self.bindings,
        )

    def _clauses(self) -> list[str]:
        return [
            *(f"FROM <{iri}>" for iri in self.default_graphs or ()),
            *(f"FROM NAMED <{iri}>" for iri in self.named_graphs or ()),
        ]


class Writer:
    """Writes random queries; variables are few, so that patterns join.

    Args:
        chance: Where the choices come from.
    """

    def __init__(self, chance: random.Random) -> None:
        self.random = chance
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
        return self.one(
            *(f"{p}*", f"{p}+", f"{p}?", f"({p}|{q})*", f"{p}/{q}", f"^{p}", f"!{p}", f"!(^{p}|{q})", f"{p}/{q}*", f"{p}*/{q}"),
            *(f"({p}/^{q})+", f"({p}?/{q}?)", f"!({p}|{q})*", f"^({p}/{q}*)"),
        )

    def pattern(self) -> str:
        self.fresh += 1
        label = f"_:x{self.fresh}"  # a label may stand in one group alone
        subject = self.one(self.variable(), self.variable(), self.iri(), "[]", label, f"[ {self.predicate()} {self.variable()} ]")
        verb = self.one(self.predicate(), self.predicate(), self.variable(), self.path())
        value = self.one(self.variable(), self.variable(), self.value(), f"[ {self.predicate()} {self.variable()} ]")
        return f"{subject} {verb} {value} ."

    def condition(self, depth: int) -> str:
        v, w = self.variable(), self.variable()
        return self.one(
            f"FILTER({v} = {self.value()})",
            f"FILTER({v} != {w})",
            f"FILTER(isIRI({v}) || BOUND({w}))",
            f"FILTER({v} > 1)",
            f"FILTER({v} IN ({self.value()}, {w}))",
            f"FILTER NOT EXISTS {self.group(depth - 1)}",
            f"FILTER EXISTS {self.group(depth - 1)}",
            f"FILTER(EXISTS {{ GRAPH ?g {self.group(depth - 1)} }} || {v} = 1)",
            f"FILTER(STRSTARTS(STR({v}), '{HOME}'))",
            f"FILTER(COALESCE({v} + 1, 2) > 1)",
        )

    def part(self, depth: int) -> str:
        if depth <= 0:
            return self.pattern()
        self.fresh += 1
        e = f"?e{self.fresh}"
        inner = self.group(depth - 1)
        parts: list[Callable[[], str]] = [
            self.pattern,
            self.pattern,
            lambda: f"OPTIONAL {inner}",
            lambda: f"MINUS {inner}",
            lambda: f"{inner} UNION {self.group(depth - 1)}",
            lambda: f"GRAPH ?g {inner}",
            lambda: f"GRAPH ?g {inner}",
            lambda: f"GRAPH {self.variable()} {inner}",
            lambda: f"GRAPH {self.graph()} {inner}",
            lambda: f"GRAPH ?g {{ {self.pattern()} GRAPH {self.one('?h', self.graph())} {inner} }}",
            lambda: f"GRAPH ?g {{ SELECT (COUNT(*) AS {e}) {inner} }}",
            lambda: f"GRAPH ?g {{ SELECT * {inner} LIMIT 0 }}",
            lambda: f"GRAPH ?g {{ ?a {self.path()} ?b }}",
            lambda: self.condition(depth),
            lambda: self.condition(depth),
            lambda: f"BIND({self.one(self.value(), 'STR(?a)', 'IF(BOUND(?b), 1, 2)')} AS {e})",
            lambda: f"VALUES {self.variable()} {{ {self.value()} {self.iri()} UNDEF }}",
            lambda: f"VALUES ?g {{ {self.graph()} {self.graph()} }}",
            lambda: f"{{ SELECT ?a (COUNT(*) AS {e}) {inner} GROUP BY ?a }}",
            lambda: f"{{ SELECT (COUNT(DISTINCT {self.variable()}) AS {e}) {inner} }}",
            lambda: f"{{ SELECT DISTINCT * {inner} }}",
            lambda: f"{{ SELECT ?a ?b {inner} {self.total_order('?a', '?b')} LIMIT 2 }}",
        ]
        return self.random.choice(parts)()

    def group(self, depth: int) -> str:
        first = self.pattern() if self.random.random() < 0.7 else ""
        return f"{{ {' '.join([first, *(self.part(depth) for _ in range(self.random.choice([0, 1, 1, 2])))])} }}"

    def total_order(self, *variables: str) -> str:
        """An order in which only equal rows are equal: values that are compared as numbers are told apart by their text."""
        keys = (f"isIRI({v}) STR({v}) LANG({v}) STR(DATATYPE({v}))" for v in variables)
        return f"ORDER BY {' '.join(keys)}"

    def aggregate(self, variable: str) -> str:
        """One whose value may hang on the order of rows, see `sparql_choices`."""
        kind = self.one("MIN", "MAX", "SUM", "AVG", "SAMPLE", "GROUP_CONCAT")
        value = f'STR({variable}); SEPARATOR="|"' if kind == "GROUP_CONCAT" else variable
        return f"({kind}({self.one('', 'DISTINCT ')}{value}) AS ?m)"

    def question(self) -> Question:
        group = self.group(2)
        v, w = self.random.sample(["?a", "?b", "?c", "?d"], 2)
        value = self.aggregate(w)
        many = self.one(f"{{ {v} ?p {w} }}", f"{{ ?s ?p {w} OPTIONAL {{ ?s {self.predicate()} {v} }} }}", group)
        head, body = self.random.choice(
            [
                ("SELECT *", group),
                ("SELECT *", f"{{ GRAPH ?g {group} }}"),
                ("SELECT DISTINCT *", group),
                (f"SELECT {v} {w}", group),
                (f"SELECT {v} {w}", f"{group} {self.total_order(v, w)} LIMIT 3 OFFSET {self.one('0', '1')}"),
                ("SELECT (COUNT(*) AS ?n)", group),
                (f"SELECT {v} (COUNT(*) AS ?n) (COUNT(DISTINCT {w}) AS ?m)", f"{group} GROUP BY {v}"),
                (f"SELECT {v} (SUM(1) AS ?n) (MAX(STR({w})) AS ?m)", f"{group} GROUP BY {v} HAVING (COUNT(*) > 1)"),
                (f"SELECT (AVG(STRLEN(STR({w}))) AS ?n) (MIN(STR({v})) AS ?m)", group),
                (f"SELECT {value}", many),
                (f"SELECT {v} {value}", f"{many} GROUP BY {v}"),
                (f"SELECT {v} {w}", f"{many} LIMIT 3"),
                ("SELECT ?g (COUNT(*) AS ?n)", f"{{ GRAPH ?g {group} }} GROUP BY ?g"),
                ("SELECT ?g", "{ GRAPH ?g {} }"),
                (f"CONSTRUCT {{ {v} <https://p.example/made> {w} . {w} <https://p.example/made> [] }}", f"WHERE {group}"),
                ("CONSTRUCT", "WHERE { ?s ?p ?o }"),
                ("ASK", group),
                (f"DESCRIBE {self.iri()} {self.iri()}", ""),
                (f"DESCRIBE {v} {w}", f"WHERE {group}"),
                ("DESCRIBE *", f"WHERE {group}"),
            ]
        )
        default = named = None
        if self.random.random() < 0.35:
            default = tuple(self.random.sample(GRAPHS, self.random.choice([0, 1, 2, 4])))
            named = tuple(self.random.sample(GRAPHS, self.random.choice([0, 1, 2, 4])))
            if not default and not named:
                default = named = None
        by_protocol = default is not None and self.random.random() < 0.4
        question = Question(head, body, default, named, by_protocol)
        if self.random.random() < 0.15:
            return self.bound(question)
        return question

    def bound(self, question: Question) -> Question:
        """The same with a value for a variable that may have one."""
        name = self.random.choice(["a", "b", "c", "d", "g"])
        values: list[Iri | Literal] = [*map(Iri, [*SUBJECTS, *GRAPHS]), *LITERALS] if name != "g" else [*map(Iri, GRAPHS)]
        chosen = Question(
            question.head,
            question.body,
            question.default_graphs,
            question.named_graphs,
            question.by_protocol,
            {name: self.random.choice(values)},
        )
        try:
            chosen.plain()
        except VoltagraphError:
            return question
        return chosen


def random_triple(chance: random.Random) -> Triple:
    value = Iri(chance.choice(SUBJECTS)) if chance.random() < 0.6 else chance.choice(LITERALS)
    return Triple(chance.choice(SUBJECTS), chance.choice(PREDICATES), value)


def random_audiences(chance: random.Random) -> Audiences:
    return frozenset(chance.sample(AUDIENCES, chance.choice([0, 1, 1, 1, 2, 3])))


def random_changes(chance: random.Random) -> list[GraphChange]:
    return [
        GraphChange(
            f"{chance.choice(RECORDS)}#graph", [random_triple(chance) for _ in range(chance.randrange(9))], random_audiences(chance)
        )
        for _ in range(chance.randrange(1, 6))
    ]


# --- the suite of the W3C


@dataclass(frozen=True)
class Suite:
    """Queries and data of one folder of the suite.

    Args:
        questions: Its queries that are answered.
        refused: Texts of its queries that are not.
        triples: Its data; blank nodes are IRIs.
        graphs: Names of graphs that its queries know.
        left_out: How many of its queries are not asked: those of `LEFT_OUT`.
    """

    questions: tuple[Question, ...]
    refused: tuple[str, ...]
    triples: tuple[Triple, ...]
    graphs: tuple[str, ...]
    left_out: int

    @property
    def all(self) -> Sequence[Question | str]:
        """Those that are answered and those that are not."""
        return [*self.questions, *self.refused]

    def changes(self, chance: random.Random) -> list[GraphChange]:
        """Records made of its data, some of it in several of them."""
        names = [*self.graphs, *GRAPHS[:4]]
        return [
            GraphChange(
                name, chance.sample(self.triples, min(len(self.triples), chance.randrange(1, 25))), random_audiences(chance)
            )
            for name in chance.sample(names, min(len(names), 6))
        ]


BASE: Final = "http://example.org/"
LEFT_OUT: Final = {
    "aggregates/agg-sample-01.rq": "asks whether SAMPLE gave one of three values, where any other of the group is right as well",
    "aggregates/agg-sample-distinct.rq": "the same",
    "grouping/group04.rq": "SAMPLE of groups by an expression; group03 and the grammar ask it of groups by a variable",
}
"""Queries of the suite whose right answers are not known to `sparql_choices`, and why."""
_FROM = re.compile(r"FROM\s+(?:NAMED\s+)?<[^>]*>")
_FORMATS: Final = {".ttl": ox.RdfFormat.TURTLE, ".nt": ox.RdfFormat.N_TRIPLES, ".rdf": ox.RdfFormat.RDF_XML}


def suites(folder: Path) -> list[Suite]:
    """The folders of the SPARQL 1.1 suite that hold queries."""
    found = []
    for place in sorted({path.parent for path in folder.glob("**/*.rq")}):
        paths = [path for path in sorted(place.glob("*.rq")) if path.relative_to(folder).as_posix() not in LEFT_OUT]
        texts = [path.read_text(encoding="utf-8") for path in paths]
        questions, refused = [], []
        for text in (f"BASE <{BASE}>\n{text}" if "BASE" not in text else text for text in texts):
            question = question_of(text)
            if question is None:
                refused.append(text)
            else:
                questions.append(question)
        triples = tuple(dict.fromkeys(triple for path in sorted(place.iterdir()) for triple in _triples_of(path)))
        graphs = {graph for one in questions for graph in (*(one.default_graphs or ()), *(one.named_graphs or ()))}
        for question in questions:
            graphs.update(guard(question.text()).graphs)
        left_out = len(list(place.glob("*.rq"))) - len(paths)
        found.append(Suite(tuple(questions), tuple(refused), triples, tuple(sorted(graphs)), left_out))
    data = tuple(triple for suite in found for triple in suite.triples)
    return [replace(suite, triples=suite.triples or data) for suite in found]


def question_of(text: str) -> Question | None:
    """A query of the suite in parts; ``None`` when it is refused."""
    try:
        guarded = guard(text, repeatable=True)
    except VoltagraphError:
        return None
    dataset = guarded.dataset
    if dataset is None:
        return Question(text, "")
    head, *_, body = _FROM.split(text)
    return Question(head, body, dataset.default_graphs, dataset.named_graphs)


def _triples_of(path: Path) -> list[Triple]:
    if path.suffix not in _FORMATS or path.name.startswith("manifest"):
        return []
    try:
        quads = list(ox.parse(path=str(path), format=_FORMATS[path.suffix], base_iri=BASE))
    except SyntaxError:
        return []
    names: dict[str, Iri] = {}

    def named(term: object) -> Iri | Literal:
        """Blank nodes get names by their order, for the parser gives others each time."""
        if isinstance(term, ox.Literal):
            return Literal(term.value, term.datatype.value, term.language or "")
        if isinstance(term, ox.BlankNode):
            return names.setdefault(term.value, Iri(f"urn:blank:{path.stem}:{len(names)}"))
        return Iri(getattr(term, "value", ""))

    return [
        Triple(str(named(quad.subject)), quad.predicate.value, named(quad.object))
        for quad in quads
        if isinstance(quad.subject, ox.NamedNode | ox.BlankNode)
    ]


# --- the truth


def truth_term(value: str | Iri | Literal) -> ox.NamedNode | ox.Literal:
    if isinstance(value, Literal):
        if value.language:
            return ox.Literal(value.value, language=value.language)
        return ox.Literal(value.value, datatype=ox.NamedNode(value.datatype))
    return ox.NamedNode(value)


def quad(triple: Triple, graph: ox.NamedNode | ox.DefaultGraph) -> ox.Quad:
    return ox.Quad(ox.NamedNode(triple.subject), ox.NamedNode(triple.predicate), truth_term(triple.object), graph)


class Truth:
    """What a reader may read of a corpus, and nothing else.

    Args:
        corpus: Records with their rights.
        public: What everyone may read besides.
        reader: What the reader holds.
    """

    def __init__(self, corpus: Corpus, public: frozenset[Triple], reader: Audiences) -> None:
        held = reader | PUBLIC if reader else reader
        self.readable = {iri: content for iri, (content, audiences) in corpus.items() if audiences & held}
        self.forbidden = [iri for iri in corpus if iri not in self.readable]
        self._whole = self._store([*self.readable.values(), *([public] if reader else [])], list(self.readable))

    def answer(self, question: Question) -> Counter[Hashable]:
        """The answer of a plain engine; ``SyntaxError`` when it does not read the query."""
        if question.has_dataset():
            default = [self.readable[iri] for iri in question.default_graphs or () if iri in self.readable]
            named = [iri for iri in question.named_graphs or () if iri in self.readable]
            store = self._store(default, named)
        else:
            store, named = self._whole, list(self.readable)
        return _multiset_of(
            store.query(question.plain(), default_graph=[ox.DefaultGraph()], named_graphs=[*map(ox.NamedNode, named)])
        )

    def _store(self, default: Sequence[frozenset[Triple]], named: Sequence[str]) -> ox.Store:
        store = ox.Store()
        for content in default:
            store.extend(quad(triple, ox.DefaultGraph()) for triple in content)
        for iri in named:
            store.add_graph(ox.NamedNode(iri))
            store.extend(quad(triple, ox.NamedNode(iri)) for triple in self.readable[iri])
        return store


def _multiset_of(answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> Counter[Hashable]:
    if isinstance(answer, ox.QueryBoolean):
        return Counter([bool(answer)])
    if isinstance(answer, ox.QuerySolutions):
        names = [variable.value for variable in answer.variables]
        return Counter(
            tuple(sorted((name, _text(term)) for name, term in zip(names, row, strict=True) if term is not None)) for row in answer
        )
    statements = {(triple.subject, triple.predicate, triple.object) for triple in answer}
    return Counter(tuple(map(_text, statement)) for statement in statements)


def _text(term: object) -> str:
    """Blank nodes have no names outside of their answer."""
    return "_:" if isinstance(term, ox.BlankNode) else str(term)


def text_of(term: Term) -> str:
    return "_:" if isinstance(term, BlankNode) else str(truth_term(term))


def multiset(answer: Answer) -> Counter[Hashable]:
    """An answer as the bag of its rows or statements."""
    if isinstance(answer, Boolean):
        return Counter([answer.value])
    if isinstance(answer, Solutions):
        return Counter(
            tuple(sorted((name, text_of(term)) for name, term in zip(answer.variables, row, strict=True) if term is not None))
            for row in answer.rows
        )
    return Counter(tuple(map(text_of, statement)) for statement in answer.triples)


def change(corpus: Corpus, batch: Sequence[GraphChange]) -> None:
    """Do to a plain corpus what a store is asked to do."""
    for one in batch:
        if one.triples or one.audiences:
            corpus[one.graph_iri] = (frozenset(one.triples), one.audiences)
        else:
            corpus.pop(one.graph_iri, None)
