"""Who reads what was written, replaced, moved to other readers and removed, and its versions."""

from __future__ import annotations

from hashlib import sha256

import pytest

from graph.embedded import EmbeddedGraphStore
from graph.store import GraphChange, GraphStore
from records.errors import StoreError
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from records.rights import NOBODY, PUBLIC
from tests.contract.graph_store.examples import (
    AUTHOR,
    BOTH,
    INTEGER,
    LANG_STRING,
    NAME,
    ONE,
    PERSON,
    SUBCLASS,
    TWO,
    graph,
    named,
    names,
    record,
    rows,
    yes,
)


class Writing:
    """Behaviours of `graph.store.GraphStore` when it is written."""

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
        assert store.sizes() == {graph(1): 1}
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
        assert store.sizes() == {graph(1): 1, graph(2): 1, graph(3): 1}
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
