"""What every graph store does; a subclass only says how to make one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from graph.embedded import EmbeddedGraphStore
from graph.process import GraphProcess
from graph.remote import RemoteGraphStore
from graph.sparql_http import Endpoints
from graph.store import Answer, Boolean, Graph, GraphChange, GraphStore, Solutions, Term
from records.errors import LimitError, QueryRefusedError, QuerySyntaxError, StoreError
from records.rdf import RDF_TYPE, BlankNode, Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC, Audiences
from tests.servers import sparql

ONE: Audiences = frozenset({"bma/community:1"})
TWO: Audiences = frozenset({"bma/community:2"})
BOTH = ONE | TWO
NAME = "https://schema.org/name"
SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
PERSON = "https://orcid.org/0000-0000-0000-0001"
EVERYTHING = "SELECT ?s ?p ?o { ?s ?p ?o }"


def record(number: int) -> str:
    return f"https://archive.example/{number}"


def graph(number: int) -> str:
    return f"{record(number)}#graph"


def named(number: int, name: str = "") -> Triple:
    return Triple(f"{record(number)}#cell", NAME, Literal(name or f"cell {number}"))


AUTHOR = Triple(PERSON, NAME, Literal("A. Author"))


def rows(store: GraphStore, query: str, audiences: Audiences) -> list[tuple[Term | None, ...]]:
    answer = store.query(query, audiences)
    assert isinstance(answer, Solutions)
    return list(answer.rows)


def names(store: GraphStore, audiences: Audiences, query: str = f"SELECT ?n {{ ?s <{NAME}> ?n }}") -> list[str]:
    return sorted(value.value for (value,) in rows(store, query, audiences) if isinstance(value, Literal))


def yes(store: GraphStore, query: str, audiences: Audiences) -> bool:
    answer = store.query(query, audiences)
    assert isinstance(answer, Boolean)
    return answer.value


class GraphStoreContract:
    """The behaviour of `graph.store.GraphStore`."""

    def make(self, folder: Path) -> GraphStore:
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[GraphStore]:
        store = self.make(tmp_path)
        yield store
        store.close()

    # reading within audiences

    def test_a_record_is_read_by_its_audiences_alone(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [named(1)], ONE), GraphChange(graph(2), [named(2)], TWO)])
        assert names(store, ONE) == ["cell 1"]
        assert names(store, TWO) == ["cell 2"]
        assert names(store, BOTH) == ["cell 1", "cell 2"]
        assert names(store, frozenset({"bma/community:3"})) == []

    def test_what_is_public_is_read_by_every_reader_but_not_by_none(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [named(1)], PUBLIC | ONE)])
        assert names(store, TWO) == ["cell 1"]
        assert names(store, NOBODY) == []

    def test_a_record_for_nobody_is_kept_and_read_by_nobody(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [named(1)], NOBODY)])
        assert store.audiences_of() == {graph(1): NOBODY}
        assert store.count() == 1
        assert names(store, PUBLIC | BOTH) == []
        assert rows(store, "SELECT ?g { GRAPH ?g {} }", PUBLIC | BOTH) == []

    def test_a_triple_of_several_records_is_one_triple(self, store: GraphStore) -> None:
        store.apply(
            [GraphChange(graph(1), [AUTHOR], ONE), GraphChange(graph(2), [AUTHOR], TWO), GraphChange(graph(3), [AUTHOR], BOTH)]
        )
        for reader in (ONE, TWO, BOTH):
            assert names(store, reader) == ["A. Author"]
        assert names(store, frozenset({"bma/community:3"})) == []
        assert store.count() == 3

    def test_a_shared_triple_goes_only_with_the_last_record_that_the_reader_may_read(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [AUTHOR], ONE), GraphChange(graph(2), [AUTHOR], BOTH)])
        store.apply([GraphChange(graph(2), [], NOBODY)])
        assert names(store, ONE) == ["A. Author"]
        assert names(store, TWO) == []
        store.apply([GraphChange(graph(1), [], NOBODY)])
        assert names(store, BOTH) == []
        assert store.check() == []

    def test_what_one_record_says_about_another_is_shared_with_it(self, store: GraphStore) -> None:
        """Order makes no difference: the statement about record 1 comes first, last, or in the same batch."""
        about = named(1)
        for first, last in ((1, 2), (2, 1)):
            store.apply([GraphChange(graph(first), [about], ONE)])
            store.apply([GraphChange(graph(last), [about], TWO)])
            assert names(store, BOTH) == ["cell 1"]
            assert names(store, ONE) == names(store, TWO) == ["cell 1"]
            store.apply([GraphChange(graph(1), [], NOBODY), GraphChange(graph(2), [], NOBODY)])
            assert names(store, BOTH) == []
        store.apply([GraphChange(graph(2), [about], TWO), GraphChange(graph(1), [about], ONE)])
        assert names(store, BOTH) == ["cell 1"]
        assert store.check() == []

    def test_literals_that_are_one_value_to_the_store_are_one_triple(self, store: GraphStore) -> None:
        prefix = "http://www.w3.org/2001/XMLSchema#"
        store.apply([GraphChange(graph(1), [Triple(PERSON, NAME, Literal("01", f"{prefix}int"))], ONE)])
        store.apply([GraphChange(graph(2), [Triple(PERSON, NAME, Literal("1", f"{prefix}integer"))], TWO)])
        assert rows(store, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", BOTH) == [(Literal("1", INTEGER),)]
        assert store.check() == []

    # changing

    def test_a_graph_is_replaced_whole(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [named(1), named(1, "old")], ONE)])
        store.apply([GraphChange(graph(1), [named(1), named(1, "new")], ONE)])
        assert names(store, ONE) == ["cell 1", "new"]
        assert store.count() == 2

    def test_changed_rights_hold_at_once(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [named(1), AUTHOR], ONE)])
        store.apply([GraphChange(graph(1), [named(1), AUTHOR], TWO)])
        assert names(store, ONE) == []
        assert names(store, TWO) == ["A. Author", "cell 1"]
        assert rows(store, f"SELECT * {{ GRAPH <{graph(1)}> {{ ?s ?p ?o }} }}", ONE) == []
        assert rows(store, "SELECT ?g { GRAPH ?g {} }", TWO) == [(Iri(graph(1)),)]

    def test_of_several_changes_of_one_graph_the_last_counts(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [named(1, "first")], ONE), GraphChange(graph(1), [named(1, "last")], TWO)])
        assert names(store, BOTH) == ["last"]
        assert store.audiences_of() == {graph(1): TWO}

    def test_a_record_without_statements_is_a_record(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [], ONE)])
        assert store.audiences_of() == {graph(1): ONE}
        store.apply([GraphChange(graph(1), [named(1)], ONE)])
        assert names(store, ONE) == ["cell 1"]

    def test_a_cleared_store_is_empty_and_goes_on(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [named(1)], ONE), GraphChange(graph(2), [named(1), named(2)], TWO)])
        store.set_public_graph("https://a.example/ontology", [named(3)])
        store.clear()
        assert names(store, BOTH) == []
        assert (store.audiences_of(), store.count(), store.check()) == ({}, 0, [])
        store.apply([GraphChange(graph(1), [named(1)], TWO)])
        assert (names(store, TWO), names(store, ONE), store.check()) == (["cell 1"], [], [])

    def test_removing_what_is_not_there_changes_nothing(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [], NOBODY)])
        assert store.audiences_of() == {}
        assert store.count() == 0

    def test_nothing_to_apply_changes_nothing(self, store: GraphStore) -> None:
        store.apply([])
        assert store.count() == 0

    @pytest.mark.parametrize(
        "bad",
        [
            Triple("no iri", NAME, Literal("x")),
            Triple("relative", NAME, Literal("x")),
            Triple(f"{record(1)}> <urn:p> <urn:o> <urn:voltagraph:system> .\n<urn:x", NAME, Literal("x")),
            Triple(record(1), NAME, Iri("https://a.example/\\u003E")),
            Triple(record(1), NAME, Literal("x", "no datatype")),
            Triple(record(1), NAME, Literal("x", language="en us")),
            Triple(record(1), NAME, Literal("x", language="en--ltr")),
            Triple(record(1), NAME, Literal("half \ud800")),
        ],
        ids=["space", "relative", "injection", "escape", "datatype", "language", "direction", "surrogate"],
    )
    def test_what_is_no_rdf_is_refused_and_nothing_of_the_batch_stored(self, store: GraphStore, bad: Triple) -> None:
        store.apply([GraphChange(graph(2), [named(2)], ONE)])
        for changes in (
            [GraphChange(graph(1), [named(1), bad], ONE)],
            [GraphChange(graph(3), [named(3)], ONE), GraphChange(graph(2), [named(2), bad], ONE)],
        ):
            with pytest.raises(StoreError):
                store.apply(changes)
            assert names(store, ONE) == ["cell 2"]
            assert store.check() == []

    @pytest.mark.parametrize(
        "name", ["urn:voltagraph:system", "urn:voltagraph:partition:0", "no iri", "https://a.example/a#b#graph"]
    )
    def test_a_graph_name_that_is_reserved_or_no_iri_is_refused(self, store: GraphStore, name: str) -> None:
        with pytest.raises(StoreError):
            store.apply([GraphChange(name, [named(1)], PUBLIC)])
        assert names(store, PUBLIC) == []
        assert store.check() == []

    @pytest.mark.parametrize(
        "value",
        [
            Literal(' a "b"\n\r\t\\u0041 \\ µ 😀 \x00 \x07 \x7f \uffff '),
            Literal("Zelle", LANG_STRING, "de-de"),
            Literal("1", INTEGER),
            Literal("many words", "https://a.example/type"),
            Iri("https://a.example/µ?q=1&r=%20#x"),
        ],
        ids=["text", "language", "integer", "datatype", "iri"],
    )
    def test_what_was_stored_comes_back(self, store: GraphStore, value: Iri | Literal) -> None:
        triple = Triple(f"{record(1)}#x", NAME, value)
        store.apply([GraphChange(graph(1), [triple], ONE)])
        for audiences in (ONE, TWO):  # first written as new, then moved
            store.apply([GraphChange(graph(1), [triple], audiences)])
            ((found,),) = rows(store, f"SELECT ?n {{ ?s <{NAME}> ?n }}", audiences)
            assert (type(found), found) == (type(value), value)
            assert store.check() == []

    def test_a_large_batch_of_new_records_is_as_many_small_ones(self, store: GraphStore) -> None:
        """Some stores take another way for it."""
        sets = (ONE, TWO, BOTH, PUBLIC, NOBODY)
        changes = [GraphChange(graph(n), [AUTHOR, *(named(n, f"{n} {k}") for k in range(40))], sets[n % 5]) for n in range(60)]
        store.apply(changes[:50])
        for change in changes[50:]:
            store.apply([change])
        assert store.check() == []
        assert store.count() == 60 * 41
        assert len(names(store, ONE)) == 36 * 40 + 1

    # rights alone

    def test_rights_alone_move_what_a_record_says_and_leave_the_record_as_it_is(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [named(1), AUTHOR], ONE), GraphChange(graph(2), [AUTHOR], ONE)])
        before = store.versions(ONE)
        store.set_rights({graph(1): TWO})
        assert (names(store, ONE), names(store, TWO)) == (["A. Author"], ["A. Author", "cell 1"])
        assert rows(store, f"SELECT * {{ GRAPH <{graph(1)}> {{ ?s ?p ?o }} }}", ONE) == []
        assert len(rows(store, f"SELECT * {{ GRAPH <{graph(1)}> {{ ?s ?p ?o }} }}", TWO)) == 2
        assert {**store.versions(ONE), **store.versions(TWO)} == before
        assert store.audiences_of() == {graph(1): TWO, graph(2): ONE}
        assert store.check() == []

    def test_rights_of_many_records_change_at_once(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(n), [named(n), AUTHOR, named(0)], (ONE, TWO, BOTH, NOBODY)[n % 4]) for n in range(1, 30)])
        store.set_rights({graph(n): (TWO, PUBLIC | ONE, NOBODY)[n % 3] for n in range(1, 30)})
        assert store.check() == []
        assert len(names(store, PUBLIC)) == 10 + 2
        assert len(names(store, TWO)) == 19 + 2
        assert store.audiences_of()[graph(1)] == PUBLIC
        store.set_rights(dict.fromkeys(store.audiences_of(), NOBODY))
        assert names(store, BOTH) == []
        assert store.count() == 29 * 3
        assert store.check() == []

    def test_rights_that_are_already_so_change_nothing(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [named(1)], PUBLIC), GraphChange(graph(2), [], ONE)])
        store.set_rights({graph(1): PUBLIC | ONE, graph(2): ONE})
        store.set_rights({})
        assert store.audiences_of() == {graph(1): PUBLIC, graph(2): ONE}
        assert store.check() == []

    def test_a_record_without_statements_has_rights_too(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [], ONE)])
        store.set_rights({graph(1): NOBODY})
        assert store.audiences_of() == {graph(1): NOBODY}
        store.set_rights({graph(1): TWO})
        assert list(store.versions(TWO)) == [graph(1)]
        assert store.check() == []

    @pytest.mark.parametrize("name", [graph(2), "urn:onto", "urn:voltagraph:system", "no iri"])
    def test_rights_of_what_is_no_record_are_refused_and_nothing_is_changed(self, store: GraphStore, name: str) -> None:
        store.apply([GraphChange(graph(1), [named(1)], ONE)])
        store.set_public_graph("urn:onto", [AUTHOR])
        with pytest.raises(StoreError):
            store.set_rights({graph(1): TWO, name: TWO})
        assert names(store, ONE) == ["A. Author", "cell 1"]
        assert store.check() == []

    # versions

    def test_the_digest_of_a_record_is_that_of_its_sorted_canonical_lines(self, store: GraphStore) -> None:
        number = Literal("07", "http://www.w3.org/2001/XMLSchema#int")
        zelle = Literal('Zelle "A"\n\t', LANG_STRING, "de-AT")
        store.apply([GraphChange(graph(1), [Triple(f"{record(1)}#n", NAME, value) for value in (zelle, number, zelle)], ONE)])
        lines = [
            f'<{record(1)}#n> <{NAME}> "7"^^<{INTEGER}> .\n',
            f'<{record(1)}#n> <{NAME}> "Zelle \\"A\\"\\n\\t"@de-at .\n',
        ]
        assert store.versions(ONE) == {graph(1): sha256("".join(lines).encode()).hexdigest()}
        assert store.check() == []

    def test_versions_are_of_what_the_reader_may_read(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(n), [named(n)], (ONE, TWO, PUBLIC, NOBODY)[n]) for n in range(4)])
        store.set_public_graph("urn:onto", [AUTHOR])
        assert set(store.versions(ONE)) == {graph(0), graph(2)}
        assert set(store.versions(BOTH)) == {graph(0), graph(1), graph(2)}
        assert store.versions(NOBODY) == {}

    def test_a_digest_changes_with_the_content_alone(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [named(1), AUTHOR], ONE), GraphChange(graph(2), [named(2)], ONE)])
        first = store.versions(ONE)
        store.apply([GraphChange(graph(1), [AUTHOR, named(1)], TWO)])
        assert store.versions(TWO) == {graph(1): first[graph(1)]}
        store.apply([GraphChange(graph(1), [AUTHOR], ONE)])
        assert store.versions(ONE)[graph(1)] != first[graph(1)]
        assert store.versions(ONE)[graph(2)] == first[graph(2)]
        store.apply([GraphChange(graph(1), [], NOBODY), GraphChange(graph(2), [], ONE)])
        assert store.versions(ONE) == {graph(2): sha256(b"").hexdigest()}
        store.apply([GraphChange(graph(1), [AUTHOR, named(1)], ONE)])
        assert store.versions(ONE)[graph(1)] == first[graph(1)]
        assert store.check() == []

    def test_the_digest_of_a_record_is_the_same_in_every_store(self, store: GraphStore) -> None:
        """Of values of every datatype that some engine writes in its own way: new, replaced, and read back."""
        xsd = "http://www.w3.org/2001/XMLSchema#"
        values = [
            *(Literal(text, f"{xsd}integer") for text in ("1", "+01", "-0", "99999999999999999999999")),
            *(Literal(text, f"{xsd}decimal") for text in ("1", "1.0", "-0.50", ".5", "1.0000000000000000000001")),
            *(Literal(text, f"{xsd}double") for text in ("3.7E0", "1", "1e21", "-0", "NaN", "INF", "1e-7", "0.1")),
            *(Literal(text, f"{xsd}float") for text in ("3.7", "1E10", "-INF")),
            *(Literal(text, f"{xsd}boolean") for text in ("1", "false")),
            *(
                Literal(text, f"{xsd}dateTime")
                for text in ("2020-01-01T00:00:00.000Z", "2020-01-01T24:00:00", "2020-01-01T00:00:00.1+02:00")
            ),
            *(Literal(text, f"{xsd}date") for text in ("2020-01-01", "2020-01-01Z", "2020-01-01+02:00")),
            *(Literal("5", f"{xsd}{name}") for name in ("int", "long", "short", "byte", "unsignedInt", "positiveInteger")),
            Literal("P1Y12M", f"{xsd}duration"),
            Literal("PT60S", f"{xsd}dayTimeDuration"),
            Literal("10:00:00.0", f"{xsd}time"),
            Literal("2020", f"{xsd}gYear"),
            Literal("no number", f"{xsd}integer"),
            Literal("<p>µ</p>", "http://www.w3.org/1999/02/22-rdf-syntax-ns#HTML"),
            Literal("x", LANG_STRING, "EN-gb"),
            Literal("\x00\x07\x7f\uffff"),
        ]
        home = EmbeddedGraphStore(None)
        before = [Triple(f"{record(1)}#{n}", NAME, value) for n, value in enumerate(values)]
        after = [*before[1:], named(1), AUTHOR]
        for triples in (before, after):
            for one in (store, home):
                one.apply([GraphChange(graph(1), triples, ONE), GraphChange(graph(2), [named(2), AUTHOR], TWO)])
            assert store.versions(BOTH) == home.versions(BOTH)
            assert store.check() == []

    # the public graph

    def test_a_public_graph_is_in_everyones_default_graph_and_has_no_name(self, store: GraphStore) -> None:
        edges = [Triple("urn:c:LFP", SUBCLASS, Iri("urn:c:Cathode")), Triple("urn:c:Cathode", SUBCLASS, Iri("urn:c:Material"))]
        store.set_public_graph("urn:onto", edges)
        store.apply([GraphChange(graph(1), [Triple(f"{record(1)}#m", RDF_TYPE, Iri("urn:c:LFP"))], ONE)])
        query = f"SELECT ?s {{ ?s a/<{SUBCLASS}>* <urn:c:Material> }}"
        assert rows(store, query, ONE) == [(Iri(f"{record(1)}#m"),)]
        assert rows(store, query, TWO) == []
        assert rows(store, "SELECT ?g { GRAPH ?g {} }", ONE) == [(Iri(graph(1)),)]
        assert not yes(store, "ASK { GRAPH <urn:onto> { ?s ?p ?o } }", ONE)
        assert not yes(store, "ASK FROM <urn:onto> { ?s ?p ?o }", ONE)
        assert store.count() == 1
        assert store.audiences_of() == {graph(1): ONE}

    def test_a_public_graph_is_replaced_without_taking_what_records_say(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [AUTHOR], ONE)])
        store.set_public_graph("urn:onto", [AUTHOR, named(1)])
        assert names(store, TWO) == ["A. Author", "cell 1"]
        store.set_public_graph("urn:onto", [])
        assert names(store, TWO) == []
        assert names(store, ONE) == ["A. Author"]
        assert store.check() == []

    def test_a_name_is_a_records_or_a_public_graphs(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [named(1)], ONE)])
        store.set_public_graph("urn:onto", [AUTHOR])
        with pytest.raises(StoreError):
            store.set_public_graph(graph(1), [AUTHOR])
        with pytest.raises(StoreError):
            store.apply([GraphChange("urn:onto", [named(2)], ONE)])
        assert names(store, PUBLIC) == ["A. Author"]

    # the dataset clause

    @pytest.fixture
    def three(self, store: GraphStore) -> GraphStore:
        store.apply(
            [
                GraphChange(graph(1), [named(1), AUTHOR], ONE),
                GraphChange(graph(2), [named(2), AUTHOR], ONE),
                GraphChange(graph(3), [named(3), AUTHOR], TWO),
            ]
        )
        return store

    def test_from_names_the_default_graph(self, three: GraphStore) -> None:
        assert names(three, ONE, f"SELECT ?n FROM <{graph(1)}> {{ ?s <{NAME}> ?n }}") == ["A. Author", "cell 1"]

    def test_several_from_are_merged_without_duplicates(self, three: GraphStore) -> None:
        query = f"SELECT ?n FROM <{graph(1)}> FROM <{graph(2)}> FROM <{graph(3)}> {{ ?s <{NAME}> ?n }}"
        assert names(three, ONE, query) == ["A. Author", "cell 1", "cell 2"]

    def test_only_from_leaves_no_named_graphs(self, three: GraphStore) -> None:
        assert rows(three, f"SELECT ?g FROM <{graph(1)}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", ONE) == []

    def test_only_from_named_leaves_an_empty_default_graph(self, three: GraphStore) -> None:
        assert rows(three, f"SELECT * FROM NAMED <{graph(1)}> {{ ?s ?p ?o }}", ONE) == []
        found = rows(
            three, f"SELECT DISTINCT ?g FROM NAMED <{graph(1)}> FROM NAMED <{graph(3)}> {{ GRAPH ?g {{ ?s ?p ?o }} }}", ONE
        )
        assert found == [(Iri(graph(1)),)]

    def test_a_merged_default_graph_and_named_graphs_go_together(self, three: GraphStore) -> None:
        query = (
            f"SELECT ?n ?m FROM <{graph(1)}> FROM <{graph(2)}> FROM NAMED <{graph(2)}> "
            f"{{ ?s <{NAME}> ?n GRAPH ?g {{ ?s <{NAME}> ?m FILTER(?m != 'A. Author') }} }}"
        )
        assert rows(three, query, ONE) == [(Literal("cell 2"), Literal("cell 2"))]

    def test_the_protocols_dataset_takes_the_place_of_the_querys(self, three: GraphStore) -> None:
        query = f"SELECT ?n FROM <{graph(1)}> {{ ?s <{NAME}> ?n }}"
        answer = three.query(query, ONE, default_graphs=[graph(2), graph(3)])
        assert isinstance(answer, Solutions)
        assert sorted(str(row[0]) for row in answer.rows) == sorted(str(Literal(name)) for name in ("A. Author", "cell 2"))
        answer = three.query("SELECT ?g { GRAPH ?g {} }", ONE, named_graphs=[graph(1), graph(3)])
        assert isinstance(answer, Solutions)
        assert list(answer.rows) == [(Iri(graph(1)),)]

    def test_what_is_forbidden_is_answered_as_what_is_not_there(self, three: GraphStore) -> None:
        for template in (
            "SELECT * FROM <%s> { ?s ?p ?o }",
            "SELECT * FROM <%s> FROM <" + graph(1) + "> { ?s ?p ?o }",
            "SELECT * FROM NAMED <%s> { GRAPH ?g { ?s ?p ?o } }",
            "SELECT * FROM NAMED <%s> { GRAPH ?g {} }",
            "SELECT * { GRAPH <%s> { ?s ?p ?o } }",
            "SELECT ?s { VALUES ?g { <%s> } GRAPH ?g { ?s ?p ?o } }",
            "SELECT ?s { BIND(IRI('%s') AS ?g) GRAPH ?g { ?s ?p ?o } }",
        ):
            missing = rows(three, template % graph(9), ONE)
            assert rows(three, template % graph(3), ONE) == missing
            assert rows(three, template % "urn:voltagraph:system", ONE) == missing

    @pytest.mark.parametrize("name", ["urn:x-arq:UnionGraph", "urn:x-arq:DefaultGraph", "urn:x-arq:DefaultGraphNode"])
    def test_names_that_mean_all_graphs_to_a_server_show_nothing_more(self, three: GraphStore, name: str) -> None:
        for query in (
            f"SELECT ?n {{ GRAPH <{name}> {{ ?s <{NAME}> ?n }} }}",
            f"SELECT ?n {{ VALUES ?g {{ <{name}> }} GRAPH ?g {{ ?s <{NAME}> ?n }} }}",
            f"SELECT ?n {{ BIND(IRI('{name}') AS ?g) GRAPH ?g {{ ?s <{NAME}> ?n }} }}",
            f"SELECT ?n FROM <{name}> {{ ?s <{NAME}> ?n }}",
            f"SELECT ?n FROM NAMED <{name}> {{ GRAPH ?g {{ ?s <{NAME}> ?n }} }}",
        ):
            assert not {"cell 3"} & set(names(three, ONE, query))
            assert names(three, NOBODY, query) == []

    def test_a_graph_with_a_variable_is_any_readable_record_even_nested(self, three: GraphStore) -> None:
        found = rows(three, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g", ONE)
        assert found == [(Iri(graph(1)),), (Iri(graph(2)),)]
        query = f"SELECT DISTINCT ?g ?h {{ GRAPH ?g {{ ?s <{NAME}> ?o GRAPH ?h {{ ?s <{NAME}> ?o }} }} FILTER(?g != ?h) }}"
        assert len(rows(three, query, ONE)) == 2
        assert len(rows(three, query, BOTH)) == 6

    def test_paths_follow_what_may_be_read(self, store: GraphStore) -> None:
        steps = [Triple(f"urn:n:{n}", SUBCLASS, Iri(f"urn:n:{n + 1}")) for n in range(4)]
        store.apply([GraphChange(graph(n), [step], (ONE, ONE, TWO, ONE)[n]) for n, step in enumerate(steps)])
        path = f"SELECT ?o {{ <urn:n:0> <{SUBCLASS}>* ?o }}"
        assert sorted(map(str, (value for (value,) in rows(store, path, ONE)))) == ["urn:n:0", "urn:n:1", "urn:n:2"]
        assert len(rows(store, path, BOTH)) == 5
        assert len(rows(store, f"SELECT ?o {{ <urn:n:0> <{SUBCLASS}>+ ?o }}", ONE)) == 2
        assert rows(store, f"SELECT ?s {{ ?s ^<{SUBCLASS}>/^<{SUBCLASS}> <urn:n:0> }}", ONE) == [(Iri("urn:n:2"),)]
        assert rows(store, "SELECT ?o { <urn:n:3> !<urn:p> ?o }", ONE) == [(Iri("urn:n:4"),)]

    # bindings

    def test_a_bound_variable_is_a_value_and_nothing_else(self, three: GraphStore) -> None:
        query = f"SELECT ?s {{ ?s <{NAME}> ?name }}"
        answer = three.query(query, ONE, bindings={"name": Literal("cell 1")})
        assert isinstance(answer, Solutions)
        assert list(answer.rows) == [(Iri(f"{record(1)}#cell"),)]
        answer = three.query(query, ONE, bindings={"name": Literal('x" } UNION { ?s ?p ?o } #')})
        assert isinstance(answer, Solutions)
        assert list(answer.rows) == []
        answer = three.query("SELECT ?n { GRAPH ?g { ?s ?p ?n } }", ONE, bindings={"g": Iri(graph(3))})
        assert isinstance(answer, Solutions)
        assert list(answer.rows) == []

    def test_blank_nodes_of_a_repeatable_answer_are_named_by_their_order(self, three: GraphStore) -> None:
        for _ in range(2):
            answer = three.query(f"SELECT (BNODE() AS ?b) {{ ?s <{NAME}> ?n }} ORDER BY ?n", ONE, repeatable=True)
            assert isinstance(answer, Solutions)
            assert [str(value) for (value,) in answer.rows] == ["b0", "b1", "b2"]
        with pytest.raises(QueryRefusedError):
            three.query("SELECT (NOW() AS ?now) {}", ONE, repeatable=True)

    # answers

    def test_a_graph_has_each_statement_once(self, three: GraphStore) -> None:
        answer = three.query(f"CONSTRUCT {{ <urn:s> <{NAME}> 'x' }} {{ ?s <{NAME}> ?o }}", BOTH)
        assert isinstance(answer, Graph)
        assert list(answer.triples) == [("urn:s", NAME, Literal("x"))]

    def test_rows_are_in_the_order_of_the_variables_with_none_for_the_unbound(self, store: GraphStore) -> None:
        answer = store.query("SELECT ?b ?a ?c { VALUES (?a ?b) { (1 <urn:x>) } }", PUBLIC)
        assert isinstance(answer, Solutions)
        assert answer.variables == ("b", "a", "c")
        assert list(answer.rows) == [(Iri("urn:x"), Literal("1", INTEGER), None)]

    def test_blank_nodes_that_a_query_makes_are_blank_nodes(self, store: GraphStore) -> None:
        ((found,),) = rows(store, "SELECT (BNODE() AS ?b) {}", PUBLIC)
        assert type(found) is BlankNode
        answer = store.query("CONSTRUCT { [] <urn:p> 1 } {}", PUBLIC)
        assert isinstance(answer, Graph)
        (statement,) = answer.triples
        assert type(statement.subject) is BlankNode
        assert (statement.predicate, statement.object) == ("urn:p", Literal("1", INTEGER))

    def test_describe_gives_what_the_reader_may_know(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(1), [Triple(PERSON, NAME, Literal("one"))], ONE)])
        store.apply([GraphChange(graph(2), [Triple(PERSON, NAME, Literal("two"))], TWO)])
        answer = store.query(f"DESCRIBE <{PERSON}>", ONE)
        assert isinstance(answer, Graph)
        assert list(answer.triples) == [(PERSON, NAME, Literal("one"))]

    def test_an_answer_is_of_the_moment_it_was_asked(self, store: GraphStore) -> None:
        store.apply([GraphChange(graph(n), [named(n)], ONE) for n in range(50)])
        answer = store.query(EVERYTHING, ONE)
        assert isinstance(answer, Solutions)
        next(answer.rows)
        store.apply([GraphChange(graph(n), [], NOBODY) for n in range(50)])
        assert len(list(answer.rows)) == 49
        assert names(store, ONE) == []

    # refusing

    @pytest.mark.parametrize(
        ("query", "error", "line", "column"),
        [
            ("SELECT * {\n  SERVICE <https://b.example> { ?s ?p ?o } }", QueryRefusedError, 2, 3),
            ("INSERT DATA { <urn:a> <urn:b> 1 }", QueryRefusedError, 1, 1),
            ("SELECT * {\n  ?s ?p ?o FILTER(<urn:f>(?o)) }", QueryRefusedError, 2, 19),
            ("SELECT * {\n  ?s ?p }", QuerySyntaxError, 2, 8),
            ("SELECT * {\n  ?s ?p no:x }", QuerySyntaxError, 2, 9),
            ("SELECT (?a AS ?b)\nFROM <relative> {}", QuerySyntaxError, 2, 6),
        ],
        ids=["service", "update", "function", "syntax", "prefix", "relative"],
    )
    def test_what_is_not_offered_is_refused_with_its_place(
        self, store: GraphStore, query: str, error: type[QuerySyntaxError], line: int, column: int
    ) -> None:
        with pytest.raises(error) as caught:
            store.query(query, PUBLIC)
        assert (caught.value.line, caught.value.column) == (line, column)
        assert caught.value.remedy

    def test_too_long_a_query_is_refused(self, store: GraphStore) -> None:
        with pytest.raises(LimitError):
            store.query("ASK {} #" + "x" * 64_000, PUBLIC)


class TestInMemory(GraphStoreContract):
    def make(self, folder: Path) -> GraphStore:
        return EmbeddedGraphStore(None)


class TestOnDisk(GraphStoreContract):
    def make(self, folder: Path) -> GraphStore:
        return EmbeddedGraphStore(folder / "store")


class _WrittenByAProcess:
    """Writes through `GraphProcess` and reads what it left: the two never hold the store at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reader: EmbeddedGraphStore | None = None
        self._write(lambda process: process.apply([]))

    def apply(self, changes: Sequence[GraphChange]) -> None:
        self._write(lambda process: process.apply(changes))

    def set_public_graph(self, graph_iri: str, triples: Iterable[Triple]) -> None:
        self._write(lambda process: process.set_public_graph(graph_iri, triples))

    def set_rights(self, rights: Mapping[str, Audiences]) -> None:
        self._write(lambda process: process.set_rights(rights))

    def clear(self) -> None:
        self._write(lambda process: process.clear())

    def query(
        self,
        text: str,
        audiences: Audiences,
        *,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        bindings: Mapping[str, Term] | None = None,
        repeatable: bool = False,
    ) -> Answer:
        return self._read().query(
            text, audiences, default_graphs=default_graphs, named_graphs=named_graphs, bindings=bindings, repeatable=repeatable
        )

    def versions(self, audiences: Audiences) -> Mapping[str, str]:
        return self._read().versions(audiences)

    def audiences_of(self) -> Mapping[str, Audiences]:
        return self._read().audiences_of()

    def count(self) -> int:
        return self._read().count()

    def check(self) -> list[str]:
        return self._read().check()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _read(self) -> EmbeddedGraphStore:
        self._reader = self._reader or EmbeddedGraphStore(self._folder, read_only=True)
        return self._reader

    def _write(self, work: Callable[[GraphProcess], None]) -> None:
        self.close()
        process = GraphProcess(self._folder)
        try:
            work(process)
        finally:
            process.close()


class TestWrittenByAProcess(GraphStoreContract):
    def make(self, folder: Path) -> GraphStore:
        return _WrittenByAProcess(folder / "store")

    def test_a_process_that_is_killed_is_told_and_leaves_no_lock(self, tmp_path: Path) -> None:
        process = GraphProcess(tmp_path / "store")
        process.apply([GraphChange(graph(1), [named(1)], ONE)])
        process._child.kill()
        with pytest.raises(StoreError, match="ended by itself"):
            process.apply([GraphChange(graph(2), [named(2)], ONE)])
        process.close()
        again = EmbeddedGraphStore(tmp_path / "store")
        assert names(again, ONE) == ["cell 1"]
        again.close()


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    with sparql.oxigraph(tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture(scope="module")
def fuseki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    with sparql.fuseki(tmp_path_factory.mktemp("fuseki")) as server:
        yield server


class TestOnOxigraphServer(GraphStoreContract):
    @pytest.fixture
    def store(self, oxigraph: Endpoints) -> Iterator[GraphStore]:
        sparql.clear(oxigraph)
        store = RemoteGraphStore(oxigraph)
        yield store
        store.close()


class TestOnFuseki(GraphStoreContract):
    @pytest.fixture
    def store(self, fuseki: Endpoints) -> Iterator[GraphStore]:
        sparql.clear(fuseki)
        store = RemoteGraphStore(fuseki)
        yield store
        store.close()


class TestOnAServerWithoutTheGraphStoreProtocol(GraphStoreContract):
    @pytest.fixture
    def store(self, oxigraph: Endpoints) -> Iterator[GraphStore]:
        sparql.clear(oxigraph)
        store = RemoteGraphStore(replace(oxigraph, data=None))
        yield store
        store.close()
