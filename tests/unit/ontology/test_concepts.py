"""The concept index: labels, hierarchy, parts and roles."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology import terms
from ontology.concepts import APART, PREFIXES, Concepts, Disjointness, Role
from ontology.facts import packaged_facts
from ontology.model import Concept, Facts, Kind, Label, LabelKind, Restriction, SourceOntology

E = "https://e.org/o#"


def a_concept(
    name: str, *parents: str, kind: Kind = Kind.CLASS, replaced_by: str = "", has: tuple[tuple[str, str], ...] = ()
) -> Concept:
    return Concept(
        E + name,
        kind,
        (Label(name, "en", LabelKind.PREF),),
        tuple(E + parent for parent in parents),
        tuple(Restriction(E + relation, "some", E + part) for relation, part in has),
        replaced_by=E + replaced_by if replaced_by else "",
    )


def index(*concepts: Concept) -> Concepts:
    return Concepts(Facts((), {concept.iri: concept for concept in concepts}, {}, {}))


def local(iris: tuple[str, ...] | frozenset[str]) -> str:
    """The names of IRIs in one word, in order (sets sorted)."""
    found = sorted(iris) if isinstance(iris, frozenset) else iris
    return "".join(iri.removeprefix(E) for iri in found)


@pytest.mark.parametrize(
    ("labels", "language", "expected"),
    [
        ([("Zelle", "de", "prefLabel"), ("Cell", "en", "prefLabel")], "en", "Cell"),
        ([("Zelle", "de", "prefLabel"), ("Cell", "en", "prefLabel")], "de", "Zelle"),
        ([("Cell", "en", "prefLabel"), ("Plain", "", "prefLabel")], "fr", "Plain"),
        ([("Zelle", "de", "prefLabel"), ("Cell", "en", "prefLabel")], "fr", "Cell"),
        ([("Zelle", "de", "prefLabel"), ("other", "en", "altLabel")], "en", "Zelle"),
        ([("other", "en", "altLabel"), ("r", "", "label")], "en", "r"),
        ([("other", "en", "altLabel")], "en", "other"),
        ([], "en", "x"),
    ],
)
def test_the_label_is_the_best_there_is(labels: list[tuple[str, str, str]], language: str, expected: str) -> None:
    concept = Concept(E + "x", Kind.CLASS, tuple(Label(text, tag, LabelKind(kind)) for text, tag, kind in labels))
    assert index(concept).label(E + "x", language) == expected


@pytest.mark.parametrize(
    ("iri", "expected"), [("https://e.org/a/B", "B"), ("https://e.org/a#B", "B"), ("https://e.org/a/", "a"), ("urn:x", "urn:x")]
)
def test_the_label_of_the_unknown_is_the_last_part_of_its_iri(iri: str, expected: str) -> None:
    assert index().label(iri) == expected


def test_a_diamond_is_walked_once_in_every_direction() -> None:
    concepts = index(a_concept("A"), a_concept("B", "A"), a_concept("C", "A"), a_concept("D", "B", "C"))
    assert local(concepts.roots()) == "A"
    assert local(concepts.children(E + "A")) == "BC"
    assert local(concepts.narrower(E + "A")) == "ABCD"
    assert local(concepts.ancestors(E + "D")) == "ABC"
    assert local(concepts.path_to_root(E + "D")) == "DBA"


def test_the_shortest_path_is_taken() -> None:
    concepts = index(a_concept("A"), a_concept("B", "A"), a_concept("C", "B"), a_concept("D", "C", "Z"), a_concept("Z"))
    assert local(concepts.path_to_root(E + "D")) == "DZ"


def test_what_is_not_known_has_no_surroundings() -> None:
    concepts = index(a_concept("A", "elsewhere"))
    assert concepts.get(E + "x") is None
    assert local(concepts.narrower(E + "x")) == "x"
    assert concepts.ancestors(E + "x") == frozenset()
    assert local(concepts.path_to_root(E + "x")) == "x"
    assert (concepts.children(E + "x"), concepts.parts(E + "x"), concepts.roles_of(E + "x"), concepts.source_of(E + "x")) == (
        (),
    ) * 4
    assert concepts.replacement(E + "x") is None


def test_a_parent_that_no_module_describes_does_not_hide_a_root() -> None:
    concepts = index(a_concept("A", "elsewhere"))
    assert local(concepts.roots()) == "A"
    assert concepts.ancestors(E + "A") == frozenset()
    assert local(concepts.path_to_root(E + "A")) == "A"


def test_a_circle_does_no_harm() -> None:
    concepts = index(a_concept("A", "B", has=(("p", "A"),)), a_concept("B", "A"), a_concept("C", "B"))
    assert local(concepts.narrower(E + "A")) == "ABC"
    assert local(concepts.ancestors(E + "A")) == "B"
    assert local(concepts.path_to_root(E + "C")) == "C"
    assert concepts.roots() == ()
    assert concepts.parts(E + "B") == (Role(E + "A", E + "p", "some", E + "A"),)
    assert concepts.roles_of(E + "B") == (Role(E + "A", E + "p", "some", E + "A"),)


def test_roots_are_told_by_kind() -> None:
    concepts = index(a_concept("b"), a_concept("a"), a_concept("p", kind=Kind.OBJECT_PROPERTY))
    assert (local(concepts.roots()), local(concepts.roots(Kind.OBJECT_PROPERTY)), concepts.roots(Kind.INDIVIDUAL)) == (
        "ab",
        "p",
        (),
    )


def test_a_deprecated_concept_is_no_root() -> None:
    assert index(Concept(E + "old", Kind.CLASS, deprecated=True)).roots() == ()


def test_parts_are_inherited_nearest_first_and_roles_are_told_of_the_part() -> None:
    concepts = index(
        a_concept("Device", has=(("hasPart", "Case"),)),
        a_concept("Cell", "Device", has=(("hasElectrode", "Electrode"), ("hasPart", "Case"))),
        a_concept("Electrode"),
        a_concept("Anode", "Electrode"),
        a_concept("Case"),
    )
    electrode = Role(E + "Cell", E + "hasElectrode", "some", E + "Electrode")
    assert concepts.parts(E + "Cell") == (electrode, Role(E + "Cell", E + "hasPart", "some", E + "Case"))
    assert concepts.parts(E + "Device") == (Role(E + "Device", E + "hasPart", "some", E + "Case"),)
    assert concepts.roles_of(E + "Anode") == concepts.roles_of(E + "Electrode") == (electrode,)
    assert (local(concepts.used_by(E + "Case")), concepts.used_by(E + "Anode")) == ("CellDevice", ())


def test_a_replacement_is_followed_to_the_last_known_concept() -> None:
    concepts = index(
        a_concept("a", replaced_by="b"), a_concept("b", replaced_by="c"), a_concept("c"), a_concept("d", replaced_by="gone"),
        a_concept("e", replaced_by="f"), a_concept("f", replaced_by="e"), a_concept("g", replaced_by="d"),
    )  # fmt: skip
    found = {name: concepts.replacement(E + name) for name in "abcdefg"}
    assert found == {"a": E + "c", "b": E + "c", "c": None, "d": None, "e": E + "f", "f": E + "e", "g": E + "d"}


def test_sources_are_given_in_full() -> None:
    one, two = SourceOntology("https://e.org/1", "1.0", "CC-BY-4.0"), SourceOntology("https://e.org/2", "2.0", "MIT")
    concept = Concept(E + "a", Kind.CLASS, sources=(1,))
    assert Concepts(Facts((one, two), {concept.iri: concept}, {}, {})).source_of(E + "a") == (two,)


@pytest.mark.parametrize(
    ("curie", "iri"),
    [
        ("emmo:Volt", "https://w3id.org/emmo#Volt"),
        ("electrochemistry:C", "https://w3id.org/emmo/domain/electrochemistry#C"),
        ("battinfo:x", "https://w3id.org/battinfo#x"),
        ("battinfo-record:x", "https://w3id.org/battinfo/x"),
        ("unit:V", "http://qudt.org/vocab/unit/V"),
        ("chameo:Sample", "https://w3id.org/emmo/domain/characterisation-methodology/chameo#Sample"),
    ],
)
def test_curies_go_both_ways(curie: str, iri: str) -> None:
    assert index().compact(iri) == curie
    assert index().expand(curie) == iri


@pytest.mark.parametrize("text", ["https://e.org/o#a", "nothing", "unknown:a", "", ":a"])
def test_what_is_no_curie_is_not_expanded(text: str) -> None:
    assert index().expand(text) is None


@pytest.mark.parametrize("iri", ["https://e.org/o#a", "https://schema.org/", "urn:x"])
def test_an_iri_without_a_well_known_namespace_stays_as_it_is(iri: str) -> None:
    assert index().compact(iri) == iri


def test_other_common_prefixes_are_understood() -> None:
    concepts = index()
    assert concepts.expand("echem:x") == concepts.expand("electrochemistry:x")
    assert concepts.expand("chem:x") == concepts.expand("chemical-substance:x")


def test_no_prefix_is_also_the_scheme_of_an_iri() -> None:
    assert not PREFIXES.keys() & {"http", "https", "urn", "doi", "mailto", "file"}
    assert len(set(PREFIXES.values())) == len(PREFIXES)


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_narrower_and_ancestors_agree_on_any_graph(edges: list[tuple[int, int]]) -> None:
    concepts = index(*(a_concept(str(n), *(str(parent) for child, parent in sorted(set(edges)) if child == n)) for n in range(8)))
    for low in map(str, range(8)):
        for high in map(str, range(8)):
            if low != high:
                assert (E + high in concepts.ancestors(E + low)) == (E + low in concepts.narrower(E + high))
        path = concepts.path_to_root(E + low)
        assert path[0] == E + low
        assert all(above in (concepts.get(below) or a_concept("")).parents for below, above in pairwise(path))


# The packaged facts.


@pytest.fixture(scope="module")
def real() -> Concepts:
    return Concepts(packaged_facts())


def test_a_battery_cell_is_below_battery_and_leads_to_the_root_of_emmo(real: Concepts) -> None:
    assert terms.BATTERY in real.ancestors(terms.BATTERY_CELL)
    assert terms.BATTERY_CELL in real.narrower(terms.BATTERY)
    path = [real.label(iri) for iri in real.path_to_root(terms.BATTERY_CELL)]
    assert (path[0], path[-1]) == ("BatteryCell", "EMMO")


def test_a_coin_cell_is_what_has_a_coin_case(real: Concepts) -> None:
    (coin_case,) = (iri for iri in real.facts.concepts if real.label(iri) == "CoinCase")
    (coin_cell,) = (iri for iri in real.facts.concepts if real.label(iri) == "CoinCell")
    assert Role(coin_cell, terms.HAS_CASE, "some", coin_case) in real.parts(coin_cell)
    assert coin_cell in real.used_by(coin_case)


def test_a_positive_electrode_has_a_role_in_a_cell(real: Concepts) -> None:
    wholes = {role.property for role in real.roles_of(terms.POSITIVE_ELECTRODE)}
    assert terms.HAS_POSITIVE_ELECTRODE in wholes


def test_every_concept_has_a_label_a_path_and_a_curie_that_comes_back(real: Concepts) -> None:
    for iri in real.facts.concepts:
        assert real.label(iri)
        assert real.path_to_root(iri)[0] == iri
        curie = real.compact(iri)
        assert curie == iri or real.expand(curie) == iri


def test_the_index_is_made_quickly() -> None:
    facts = packaged_facts()
    started = perf_counter()
    concepts = Concepts(facts)
    concepts.children(terms.BATTERY_CELL)
    concepts.roles_of(terms.POSITIVE_ELECTRODE)
    assert perf_counter() - started < 0.5  # 0.02 s on an idle core


def test_replacements_of_the_real_ontologies_are_known_concepts_but_for_three_misspelt_upstream(
    real: Concepts, shared_data: Path
) -> None:
    lost = [
        concept.replaced_by for concept in real.facts.concepts.values() if concept.replaced_by and not real.replacement(concept.iri)
    ]
    assert sorted(lost) == [f"https://w3id.org/emmo#{name}" for name in ("ArcMinute", "ArcSecond", "AstromicalUnit")]


# What excludes what.


def excluding(*groups: str, domains: dict[str, str] | None = None, ranges: dict[str, str] | None = None) -> Concepts:
    """A and B are below Top; A1 is below A, B1 below B, and Both is below A and B. q is below p."""
    concepts = [a_concept("Top"), a_concept("A", "Top"), a_concept("B", "Top"), a_concept("A1", "A"), a_concept("B1", "B")]
    concepts += [a_concept("Both", "A", "B"), a_concept("p", kind=Kind.OBJECT_PROPERTY)]
    concepts.append(a_concept("q", "p", kind=Kind.OBJECT_PROPERTY))
    return Concepts(
        Facts(
            (),
            {concept.iri: concept for concept in concepts},
            {},
            {},
            tuple(tuple(E + name for name in group.split()) for group in groups),
            {E + name: (E + one,) for name, one in (domains or {}).items()},
            {E + name: (E + one,) for name, one in (ranges or {}).items()},
        )
    )


@pytest.mark.parametrize(("one", "other"), [("A", "B"), ("A1", "B"), ("A", "B1"), ("A1", "B1")])
def test_what_is_below_disjoint_classes_is_disjoint_and_says_why(one: str, other: str) -> None:
    concepts = excluding("A B")
    assert concepts.disjoint(E + one, E + other) == Disjointness(E + "A", E + "B")
    assert concepts.disjoint(E + other, E + one) == Disjointness(E + "B", E + "A")


@pytest.mark.parametrize(("one", "other"), [("A", "A"), ("A", "A1"), ("Top", "A"), ("A", "Elsewhere"), ("Elsewhere", "Nowhere")])
def test_a_class_is_not_disjoint_with_itself_what_is_above_or_the_unknown(one: str, other: str) -> None:
    assert excluding("A B").disjoint(E + one, E + other) is None


def test_a_class_that_can_have_no_member_by_the_ontologys_own_fault_excludes_nothing() -> None:
    concepts = excluding("A B")
    assert concepts.disjoint(E + "Both", E + "A1") is None
    assert concepts.disjoint(E + "Both", E + "B1") is None


def test_domains_and_ranges_are_inherited_from_the_properties_above() -> None:
    concepts = excluding(domains={"p": "A"}, ranges={"p": "Top", "q": "B"})
    assert concepts.ranges(E + "q") == (E + "B", E + "Top")
    assert concepts.ranges(E + "p") == (E + "Top",)
    assert concepts.domains(E + "q") == (E + "A",)
    assert concepts.domains(E + "unknown") == ()


def test_no_class_of_the_ontologies_is_two_that_are_held_apart_here() -> None:
    concepts = Concepts(packaged_facts())
    for group in APART:
        for one, other in combinations(group, 2):
            assert not concepts.narrower(one) & concepts.narrower(other)
            assert concepts.disjoint(one, other) is not None
