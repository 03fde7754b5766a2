"""Saved queries: who sees what, versions that never change, and values that are typed and never pasted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.identity import ANONYMOUS, Actor
from graph.guard import QueryKind, QueryLimits, guard
from graph.parameters import MAX_PARAMETERS, MAX_VALUE_CHARS, Parameter, Values, ValueType
from graph.saved_queries import (
    Draft,
    QueryCatalogue,
    SavedQuery,
    Visibility,
    bindings,
    listed,
    remove,
    save,
    version_of,
    versions_of,
)
from graph.sqlite_saved_queries import SqliteSavedQueries
from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.lookup import Lookup
from ontology.model import Facts
from records.errors import (
    BodyError,
    LimitError,
    NotFoundError,
    QueryRefusedError,
    QuerySyntaxError,
    StoreDamagedError,
    StoreError,
)
from records.rdf import Iri, Literal
from records.rights import ANY

XSD = "http://www.w3.org/2001/XMLSchema#"
ALICE = Actor("alice", frozenset({ANY, "local/auth", "local/user:alice", "local/community:bigmap"}))
ANNA = Actor("anna", frozenset({ANY, "local/auth", "local/user:anna", "local/community:bigmap"}))
CAROL = Actor("carol", frozenset({ANY, "local/auth", "local/user:carol", "local/community:other"}))
TEXT = "SELECT ?cell WHERE { ?cell a ?class ; ?p ?value FILTER(?value >= ?minimum) }"
MINIMUM = Parameter("minimum", ValueType.DECIMAL, "At least.", default="100")
DRAFT = Draft("cells", "Cells", TEXT, parameters=(MINIMUM,))


@pytest.fixture(scope="module")
def values() -> Values:
    concepts = Concepts(packaged_facts())
    return Values(Lookup(concepts), concepts)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteSavedQueries]:
    opened = SqliteSavedQueries(tmp_path / "queries.sqlite")
    yield opened
    opened.close()


EXAMPLE = SavedQuery("", "example", 1, "An example", "", "ASK {}", QueryKind.ASK, visibility=Visibility.PUBLIC)


@pytest.fixture
def catalogue(store: SqliteSavedQueries, values: Values) -> QueryCatalogue:
    return QueryCatalogue((EXAMPLE,), store, values, QueryLimits(), 10, lambda: datetime(2026, 11, 21, tzinfo=UTC))


def names(found: list[SavedQuery]) -> list[str]:
    return [query.name for query in found]


# Who sees what


@pytest.mark.parametrize(
    ("visibility", "audiences", "seen_by"),
    [
        (Visibility.PRIVATE, (), {"alice"}),
        (Visibility.AUDIENCES, ("community:bigmap",), {"alice", "anna"}),
        (Visibility.PUBLIC, (), {"alice", "anna", "carol", "anonymous"}),
    ],
)
def test_a_query_is_seen_by_those_it_is_for(
    catalogue: QueryCatalogue, visibility: Visibility, audiences: tuple[str, ...], seen_by: set[str]
) -> None:
    save(catalogue, replace(DRAFT, visibility=visibility, audiences=audiences), ALICE)
    for actor in (ALICE, ANNA, CAROL, ANONYMOUS):
        sees = actor.name in seen_by
        assert names(listed(catalogue, actor)) == ["example", *(["alice:cells"] if sees else [])], actor.name
        if sees:
            assert version_of(catalogue, "alice:cells", "latest", actor).text == TEXT
        else:
            with pytest.raises(NotFoundError) as hidden:
                version_of(catalogue, "alice:cells", "1", actor)
            with pytest.raises(NotFoundError) as absent:
                version_of(catalogue, "alice:nothing", "1", actor)
            assert str(hidden.value) == str(absent.value)


def test_a_name_that_somebody_else_uses_tells_nothing(catalogue: QueryCatalogue) -> None:
    save(catalogue, DRAFT, ALICE)
    saved = save(catalogue, DRAFT, CAROL)
    assert (saved.query.name, saved.query.version, saved.is_new) == ("carol:cells", 1, True)


def test_an_example_cannot_be_taken_over_or_deleted(catalogue: QueryCatalogue) -> None:
    assert save(catalogue, replace(DRAFT, slug="example"), ALICE).query.name == "alice:example"
    assert version_of(catalogue, "example", "1", ALICE) == EXAMPLE
    with pytest.raises(NotFoundError):
        remove(catalogue, "example", None, ALICE)


def test_only_its_owner_deletes_a_query(catalogue: QueryCatalogue) -> None:
    save(catalogue, replace(DRAFT, visibility=Visibility.PUBLIC), ALICE)
    for actor in (ANNA, ANONYMOUS):
        with pytest.raises(NotFoundError):
            remove(catalogue, "alice:cells", None, actor)
    remove(catalogue, "alice:cells", None, ALICE)
    with pytest.raises(NotFoundError):
        versions_of(catalogue, "alice:cells", ALICE)


@pytest.mark.parametrize("owner", ["M. Müller", "a/b:c", "latest", "ann@lab.example", "%3A", "~3A", "~", "a:b"])
def test_any_account_can_own_queries(catalogue: QueryCatalogue, owner: str) -> None:
    actor = Actor(owner, frozenset({ANY}))
    name = save(catalogue, DRAFT, actor).query.name
    assert not set(name) & set("/%?# ")
    assert version_of(catalogue, name, "latest", actor).owner == owner
    with pytest.raises(NotFoundError):
        version_of(catalogue, name + "-2", "latest", actor)


def test_a_name_is_found_as_it_is_written_alone(catalogue: QueryCatalogue) -> None:
    actor = Actor("M. Müller", frozenset({ANY}))
    save(catalogue, DRAFT, actor)
    with pytest.raises(NotFoundError):
        version_of(catalogue, "M. Müller:cells", "latest", actor)


def test_an_owner_shows_queries_only_to_audiences_it_holds(catalogue: QueryCatalogue) -> None:
    for audience, said in (("community:other", "do not hold"), ("any", "everybody"), ("nonsense:x", "nonsense")):
        with pytest.raises(BodyError, match=said):
            save(catalogue, replace(DRAFT, visibility=Visibility.AUDIENCES, audiences=(audience,)), ALICE)
    with pytest.raises(BodyError, match="visibility is another"):
        save(catalogue, replace(DRAFT, audiences=("community:bigmap",)), ALICE)
    with pytest.raises(BodyError, match="1 to 50 audiences"):
        save(catalogue, replace(DRAFT, visibility=Visibility.AUDIENCES), ALICE)


# Versions


def test_a_change_makes_a_version_and_leaves_those_before(catalogue: QueryCatalogue) -> None:
    first = save(catalogue, DRAFT, ALICE).query
    second = save(catalogue, replace(DRAFT, text="ASK { ?cell ?p ?minimum }"), ALICE).query
    assert (first.version, second.version, second.kind) == (1, 2, QueryKind.ASK)
    assert versions_of(catalogue, "alice:cells", ALICE) == (first, second)
    assert version_of(catalogue, "alice:cells", "latest", ALICE) == second
    assert listed(catalogue, ALICE)[-1] == second


def test_saving_the_same_again_makes_no_version(catalogue: QueryCatalogue) -> None:
    first = save(catalogue, DRAFT, ALICE)
    again = save(replace(catalogue, clock=lambda: datetime(2027, 1, 1, tzinfo=UTC)), DRAFT, ALICE)
    assert again == (first.query, False)


def test_readers_see_the_newest_version_that_is_for_them(catalogue: QueryCatalogue) -> None:
    save(catalogue, replace(DRAFT, visibility=Visibility.PUBLIC), ALICE)
    save(catalogue, replace(DRAFT, title="Hidden again"), ALICE)
    assert [query.version for query in versions_of(catalogue, "alice:cells", CAROL)] == [1]
    assert listed(catalogue, CAROL)[-1].title == "Cells"
    assert version_of(catalogue, "alice:cells", "latest", ALICE).version == 2


def test_a_number_is_never_given_twice(catalogue: QueryCatalogue) -> None:
    save(catalogue, DRAFT, ALICE)
    save(catalogue, replace(DRAFT, title="Two"), ALICE)
    remove(catalogue, "alice:cells", 2, ALICE)
    assert save(catalogue, replace(DRAFT, title="Three"), ALICE).query.version == 3
    remove(catalogue, "alice:cells", None, ALICE)
    assert save(catalogue, DRAFT, ALICE).query.version == 4


@pytest.mark.parametrize("version", ["0", "01", "2", "-1", "newest", "", "1 "])
def test_a_version_that_is_none_is_not_found(catalogue: QueryCatalogue, version: str) -> None:
    save(catalogue, DRAFT, ALICE)
    with pytest.raises(NotFoundError):
        version_of(catalogue, "alice:cells", version, ALICE)


def test_an_owner_has_only_so_many_versions(catalogue: QueryCatalogue) -> None:
    for number in range(10):
        save(catalogue, replace(DRAFT, title=f"Number {number}"), ALICE)
    with pytest.raises(LimitError, match="10 are kept"):
        save(catalogue, replace(DRAFT, title="One more"), ALICE)
    assert save(catalogue, DRAFT, CAROL).is_new


def test_versions_that_come_at_once_are_numbered_one_after_another(tmp_path: Path, values: Values) -> None:
    def saved(number: int) -> int:
        own = SqliteSavedQueries(tmp_path / "queries.sqlite")
        try:
            mine = QueryCatalogue((), own, values, QueryLimits(), 100, lambda: datetime.now(UTC))
            return save(mine, replace(DRAFT, title=f"Number {number}"), ALICE).query.version
        finally:
            own.close()

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(saved, range(16))) == list(range(1, 17))


# What can be saved


@pytest.mark.parametrize("slug", ["", "Cells", "a b", "-a", "a-", "a/b", "a:b", "é", "a" * 65, "..", "a\n"])
def test_a_name_that_is_none_is_refused(catalogue: QueryCatalogue, slug: str) -> None:
    with pytest.raises(BodyError, match="cannot be the name"):
        save(catalogue, replace(DRAFT, slug=slug), ALICE)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "title"),
        ({"title": "a" * 201}, "title"),
        ({"description": "a" * 5001}, "description"),
        ({"keywords": ("a",) * 21}, "keywords"),
        ({"keywords": (" ",)}, "keywords"),
        ({"parameters": (MINIMUM, MINIMUM)}, "there twice"),
        ({"parameters": (replace(MINIMUM, name="format"),)}, "cannot be the name"),
        ({"parameters": (replace(MINIMUM, name="?minimum"),)}, "cannot be the name"),
        ({"parameters": (replace(MINIMUM, name="nothing"),)}, "'nothing' cannot be given"),
        ({"parameters": (replace(MINIMUM, default="many"),)}, "'many' is none"),
        ({"parameters": (replace(MINIMUM, allowed=("1", "x")),)}, "'x' is none"),
        ({"parameters": (replace(MINIMUM, allowed=("1", "2")),)}, "'100' is not allowed"),
        ({"parameters": (replace(MINIMUM, allowed=("1",) * 101),)}, "allows 101 values"),
        ({"parameters": (replace(MINIMUM, required=True),)}, "required and has a default"),
        ({"parameters": (MINIMUM,) * (MAX_PARAMETERS + 1)}, "parameters"),
        ({"text": "SELECT ?cell (1 AS ?minimum) {}"}, "'minimum' cannot be given"),
    ],
)
def test_what_could_never_run_is_refused_when_it_is_saved(catalogue: QueryCatalogue, changes: dict[str, object], said: str) -> None:
    with pytest.raises(BodyError, match=said):
        save(catalogue, replace(DRAFT, **changes), ALICE)  # type: ignore[arg-type]
    assert names(listed(catalogue, ALICE)) == ["example"]


def test_a_text_that_is_no_query_is_refused_with_its_place(catalogue: QueryCatalogue) -> None:
    with pytest.raises(QuerySyntaxError) as error:
        save(catalogue, replace(DRAFT, text="SELECT *\nWHERE { ?s ?p }", parameters=()), ALICE)
    assert error.value.line == 2
    with pytest.raises(QueryRefusedError):
        save(catalogue, replace(DRAFT, text="DROP ALL", parameters=()), ALICE)
    with pytest.raises(LimitError):
        save(catalogue, replace(DRAFT, text=f"ASK {{}} # {'x' * 70_000}", parameters=()), ALICE)


def test_words_find_queries(catalogue: QueryCatalogue) -> None:
    save(catalogue, replace(DRAFT, description="What lasts long", keywords=("ageing",)), ALICE)
    for words in ("cells", "LASTS long", "ageing cells", "alice:"):
        assert names(listed(catalogue, ALICE, words)) == ["alice:cells"], words
    assert listed(catalogue, ALICE, "ageing example") == []


# Values


@pytest.mark.parametrize(
    ("kind", "text", "term"),
    [
        (ValueType.IRI, "https://example.org/a", Iri("https://example.org/a")),
        (ValueType.STRING, ' "} UNION { ?s ?p ?o ', Literal(' "} UNION { ?s ?p ?o ')),
        (ValueType.INTEGER, "+007", Literal("7", f"{XSD}integer")),
        (ValueType.INTEGER, " -12 ", Literal("-12", f"{XSD}integer")),
        (ValueType.DECIMAL, "1e3", Literal("1000", f"{XSD}decimal")),
        (ValueType.DECIMAL, ".5", Literal("0.5", f"{XSD}decimal")),
        (ValueType.BOOLEAN, "1", Literal("true", f"{XSD}boolean")),
        (ValueType.DATE, "2024-02-29", Literal("2024-02-29", f"{XSD}date")),
        (ValueType.DATE_TIME, "2026-03-01T12:00:00+01:00", Literal("2026-03-01T12:00:00+01:00", f"{XSD}dateTime")),
    ],
)
def test_a_value_becomes_the_term_of_its_type(values: Values, kind: ValueType, text: str, term: object) -> None:
    assert values.term(Parameter("x", kind), text) == term


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (ValueType.IRI, "a"),
        (ValueType.IRI, "https://example.org/a> } #"),
        (ValueType.STRING, "\ud800"),
        (ValueType.STRING, "a\x00b"),
        (ValueType.INTEGER, "1.5"),
        (ValueType.INTEGER, "1" * 19),
        (ValueType.INTEGER, "٣"),
        (ValueType.DECIMAL, "1 || true"),
        (ValueType.DECIMAL, "NaN"),
        (ValueType.DECIMAL, "1e40"),
        (ValueType.DECIMAL, "1e-40"),
        (ValueType.BOOLEAN, "yes"),
        (ValueType.DATE, "2023-02-29"),
        (ValueType.DATE, "20240101"),
        (ValueType.DATE_TIME, "2026-03-01"),
        (ValueType.DATE_TIME, "2026-03-01T25:00:00Z"),
        (ValueType.CONCEPT, "no such thing at all"),
        (ValueType.INTEGER, "1" * (MAX_VALUE_CHARS + 1)),
    ],
)
def test_a_value_that_is_not_of_its_type_is_refused_by_name(values: Values, kind: ValueType, text: str) -> None:
    with pytest.raises(BodyError, match="'x'") as error:
        values.term(Parameter("x", kind), text)
    assert error.value.remedy


CELL = "https://w3id.org/emmo/domain/battery#battery_96addc62_ea04_449a_8237_4cd541dd8e5f"


@pytest.mark.parametrize(
    "text", ["LithiumIonBattery", "lithium ion battery", CELL, "battery:battery_96addc62_ea04_449a_8237_4cd541dd8e5f"]
)
def test_a_concept_is_found_by_label_curie_or_iri(values: Values, text: str) -> None:
    assert values.term(Parameter("x", ValueType.CONCEPT), text) == Iri(CELL)


def test_a_text_that_can_mean_several_concepts_is_refused_with_their_names(values: Values) -> None:
    with pytest.raises(BodyError, match="can mean several") as error:
        values.term(Parameter("x", ValueType.CONCEPT), "LFP")
    assert "LithiumIronPhosphate (" in error.value.remedy
    assert "LithiumIronPhosphateElectrode (" in error.value.remedy


def test_a_typing_error_is_told_and_not_guessed(values: Values) -> None:
    with pytest.raises(BodyError, match="not known as one") as error:
        values.term(Parameter("x", ValueType.CONCEPT), "LithiumIonBatery")
    assert "LithiumIonBattery" in error.value.remedy


def test_what_is_allowed_is_compared_as_values(values: Values) -> None:
    parameter = Parameter("x", ValueType.DECIMAL, allowed=("1.0", "2"))
    assert values.term(parameter, "2") == Literal("2", f"{XSD}decimal")
    with pytest.raises(BodyError, match="not allowed for the parameter 'x'") as error:
        values.term(parameter, "3")
    assert error.value.remedy == "Give 1.0 or 2."


def test_defaults_needed_and_free_parameters(catalogue: QueryCatalogue) -> None:
    parameters = (MINIMUM, Parameter("class", ValueType.IRI), Parameter("p", ValueType.IRI, "A property.", required=True))
    query = save(catalogue, replace(DRAFT, parameters=parameters), ALICE).query
    bound = bindings(catalogue, query, {"p": "https://example.org/p", "class": ""})
    assert bound == {"p": Iri("https://example.org/p"), "minimum": Literal("100", f"{XSD}decimal")}
    with pytest.raises(BodyError, match=r"'p' \(A property\) is needed"):
        bindings(catalogue, query, {})
    with pytest.raises(BodyError, match="no parameter 'P'") as error:
        bindings(catalogue, query, {"P": "1"})
    assert error.value.remedy == "It takes minimum, class or p."


@given(st.text(max_size=60))
def test_no_text_that_is_given_changes_what_a_query_asks(text: str) -> None:
    """Whatever stands for a string, the query with it has one literal more and is else the same."""
    concepts = Concepts(Facts((), {}, {}, {}))
    try:
        bound = Values(Lookup(concepts, abbreviations=()), concepts).bindings([Parameter("name", ValueType.STRING)], {"name": text})
    except BodyError:
        return
    guarded = guard("SELECT ?s WHERE { ?s ?p ?name FILTER(?name != ?s) }", bindings=bound)
    assert guarded.kind is QueryKind.SELECT
    assert guarded.variables == ("s",)
    assert guarded.dataset is None
    assert not guarded.graphs
    assert not guarded.any_graph


# The file


def test_queries_survive_the_program(tmp_path: Path, values: Values) -> None:
    path = tmp_path / "queries.sqlite"
    parameter = replace(MINIMUM, allowed=("100", "200"))
    draft = replace(
        DRAFT, parameters=(parameter,), keywords=("a", "ü"), visibility=Visibility.AUDIENCES, audiences=("community:bigmap",)
    )
    first = SqliteSavedQueries(path)
    kept = save(QueryCatalogue((), first, values, QueryLimits(), 10, lambda: datetime(2026, 1, 1, tzinfo=UTC)), draft, ALICE).query
    first.close()
    second = SqliteSavedQueries(path)
    assert second.versions("alice", "cells", ANNA) == (kept,)
    assert kept.created == "2026-01-01T00:00:00+00:00"
    second.close()


def test_a_damaged_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "queries.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreDamagedError, match="damaged"):
        SqliteSavedQueries(path)


def test_a_file_of_another_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "queries.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StoreDamagedError, match="version 99"):
        SqliteSavedQueries(path)


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        SqliteSavedQueries(tmp_path / "absent" / "queries.sqlite")
