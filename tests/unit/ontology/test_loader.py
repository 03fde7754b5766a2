"""Reading full ontologies: what is found, from which layout, and what a broken module does."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as px
import pytest

from ontology import ontology_files
from ontology.loader import load_ontologies
from ontology.model import Concept, Facts, Kind, Label, LabelKind, Restriction, SourceOntology
from records.errors import OntologyError
from records.issues import Issue, Severity

PREFIXES = """
    PREFIX owl: <http://www.w3.org/2002/07/owl#>  PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
    PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>  PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
    PREFIX dcterms: <http://purl.org/dc/terms/>
"""
TURTLE = """
    @prefix : <https://e.org/o#> .  @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .  @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix dcterms: <http://purl.org/dc/terms/> .  @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""


def written(folder: Path, **modules: str) -> Path:
    """A folder of small modules."""
    for name, text in modules.items():
        (folder / f"{name}.ttl").write_text(TURTLE + text)
    return folder


def loaded(folder: Path, **modules: str) -> dict[str, Concept]:
    """The concepts of small modules, by the last part of their IRIs."""
    facts, issues = load_ontologies(written(folder, **modules))
    assert issues == []
    return {iri.removeprefix("https://e.org/o#"): concept for iri, concept in facts.concepts.items()}


def names(*local: str) -> tuple[str, ...]:
    return tuple(f"https://e.org/o#{name}" for name in local)


# Small modules: one rule each.


def test_labels_of_every_language_and_without_one_are_kept_preferred_first(tmp_path: Path) -> None:
    concepts = loaded(
        tmp_path,
        a=""":A a owl:Class ; skos:altLabel "x" ; skos:hiddenLabel "h"@en ; rdfs:label "r"@de ;
             skos:prefLabel "A"@en , "Ah"@fr , "B" .""",
    )
    assert concepts["A"].labels == (
        Label("B", "", LabelKind.PREF),
        Label("A", "en", LabelKind.PREF),
        Label("Ah", "fr", LabelKind.PREF),
        Label("x", "", LabelKind.ALT),
        Label("h", "en", LabelKind.HIDDEN),
        Label("r", "de", LabelKind.RDFS),
    )


def test_white_space_in_a_label_is_one_space_and_an_empty_label_is_none(tmp_path: Path) -> None:
    concepts = loaded(tmp_path, a=':A a owl:Class ; skos:prefLabel " two\\n\\twords " , "" , "  "@en .')
    assert concepts["A"].labels == (Label("two words", "", LabelKind.PREF),)


def test_every_kind_is_told_apart_and_a_class_wins_over_an_annotation_property(tmp_path: Path) -> None:
    concepts = loaded(
        tmp_path,
        a=""":c a owl:Class , owl:AnnotationProperty . :o a owl:ObjectProperty . :d a owl:DatatypeProperty .
             :n a owl:AnnotationProperty .
             :p a rdf:Property . :i a owl:NamedIndividual , :c ; skos:prefLabel "i" .""",
    )
    assert {name: concept.kind for name, concept in concepts.items()} == {
        "c": Kind.CLASS,
        "o": Kind.OBJECT_PROPERTY,
        "d": Kind.DATA_PROPERTY,
        "n": Kind.ANNOTATION_PROPERTY,
        "p": Kind.PROPERTY,
        "i": Kind.INDIVIDUAL,
    }


def test_people_and_individuals_of_other_namespaces_are_no_concepts(tmp_path: Path) -> None:
    concepts = loaded(
        tmp_path,
        a=""":c a owl:Class . :who a owl:NamedIndividual , <http://xmlns.com/foaf/0.1/Person> ; skos:prefLabel "Somebody" .
             :unlabelled a owl:NamedIndividual . <https://elsewhere.org/1> a owl:NamedIndividual ; skos:prefLabel "Elsewhere" .""",
    )
    assert list(concepts) == ["c"]


def test_a_label_without_a_type_makes_a_class_where_the_namespace_has_classes(tmp_path: Path) -> None:
    concepts = loaded(
        tmp_path, a=':c a owl:Class . :later skos:prefLabel "Later"@en . <https://units.org/W> skos:prefLabel "Watt"@en .'
    )
    assert {name: concept.kind for name, concept in concepts.items()} == {
        "c": Kind.CLASS,
        "later": Kind.CLASS,
        "https://units.org/W": Kind.INDIVIDUAL,
    }


def test_parents_are_sorted_and_thing_and_the_concept_itself_are_left_out(tmp_path: Path) -> None:
    concepts = loaded(
        tmp_path, a=":c a owl:Class ; rdfs:subClassOf :b , :a , :c , owl:Thing . :q a rdf:Property ; rdfs:subPropertyOf :p ."
    )
    assert concepts["c"].parents == names("a", "b")
    assert concepts["q"].parents == names("p")


def test_definitions_give_parents_children_and_restrictions(tmp_path: Path) -> None:
    concepts = loaded(
        tmp_path,
        a=""":both a owl:Class ; owl:equivalentClass
                 [ owl:intersectionOf ( :a [ owl:onProperty :p ; owl:someValuesFrom :f ] :b ) ] .
             :x a owl:Class . :y a owl:Class . :z a owl:Class .
             :either a owl:Class ; owl:equivalentClass [ owl:unionOf ( :x :y ) ] .
             :whole a owl:Class ; owl:disjointUnionOf ( :z ) .""",
    )
    assert concepts["both"].parents == names("a", "b")
    assert concepts["both"].restrictions == (Restriction("https://e.org/o#p", "some", "https://e.org/o#f"),)
    assert (concepts["x"].parents, concepts["y"].parents, concepts["z"].parents) == (
        names("either"),
        names("either"),
        names("whole"),
    )


def test_being_below_a_union_says_nothing_of_its_members(tmp_path: Path) -> None:
    concepts = loaded(tmp_path, a=":x a owl:Class . :c a owl:Class ; rdfs:subClassOf [ owl:unionOf ( :x :y ) ] .")
    assert (concepts["x"].parents, concepts["c"].parents) == ((), ())


def test_equivalent_named_classes_make_no_circle(tmp_path: Path) -> None:
    concepts = loaded(tmp_path, a=":x a owl:Class ; owl:equivalentClass :y . :y a owl:Class .")
    assert (concepts["x"].parents, concepts["y"].parents) == ((), ())


@pytest.mark.parametrize(
    ("turtle", "quantifier"),
    [
        ("owl:someValuesFrom :f", "some"),
        ("owl:allValuesFrom :f", "only"),
        ("owl:hasValue :f", "value"),
        ("owl:onClass :f ; owl:qualifiedCardinality 2", "exactly 2"),
        ("owl:onClass :f ; owl:minQualifiedCardinality 1", "min 1"),
        ("owl:onClass :f ; owl:maxQualifiedCardinality 3", "max 3"),
    ],
)
def test_every_quantifier_over_a_named_filler_is_a_restriction(turtle: str, quantifier: str, tmp_path: Path) -> None:
    concepts = loaded(tmp_path, a=f":c a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :p ; {turtle} ] .")
    assert concepts["c"].restrictions == (Restriction("https://e.org/o#p", quantifier, "https://e.org/o#f"),)


def test_an_inverse_property_has_its_own_name_or_a_caret(tmp_path: Path) -> None:
    concepts = loaded(
        tmp_path,
        a=""":c a owl:Class ; rdfs:subClassOf [ owl:onProperty [ owl:inverseOf :hasPart ] ; owl:someValuesFrom :f ] ,
             [ owl:onProperty [ owl:inverseOf :nameless ] ; owl:someValuesFrom :f ] .""",
        b=":isPartOf a owl:ObjectProperty ; owl:inverseOf :hasPart .",
    )
    assert {restriction.property for restriction in concepts["c"].restrictions} == {
        "https://e.org/o#isPartOf",
        "^https://e.org/o#nameless",
    }


def test_a_filler_without_a_name_and_a_literal_value_are_left_out(tmp_path: Path) -> None:
    concepts = loaded(
        tmp_path,
        a=""":c a owl:Class ; rdfs:subClassOf [ owl:onProperty :p ; owl:someValuesFrom [ owl:unionOf ( :x :y ) ] ] ,
             [ owl:onProperty :p ; owl:hasValue "1.0" ] .""",
    )
    assert concepts["c"].restrictions == ()


def test_a_list_that_runs_in_a_circle_ends(tmp_path: Path) -> None:
    concepts = loaded(
        tmp_path, a=":c a owl:Class ; owl:equivalentClass [ owl:intersectionOf _:l ] . _:l rdf:first :a ; rdf:rest _:l ."
    )
    assert concepts["c"].parents == names("a")


def test_replacements_are_read_as_iri_and_as_text_but_never_as_prose(tmp_path: Path) -> None:
    concepts = loaded(
        tmp_path,
        a=""":a a owl:Class ; owl:deprecated true ; dcterms:isReplacedBy :n .
             :b a owl:Class ; dcterms:isReplacedBy "https://e.org/o#n" .
             :c a owl:Class ; owl:deprecated false ; dcterms:isReplacedBy "https://e.org/o#n or another" .""",
    )
    assert [(concepts[name].deprecated, concepts[name].replaced_by) for name in "abc"] == [
        (True, "https://e.org/o#n"),
        (False, "https://e.org/o#n"),
        (False, ""),
    ]


def test_blank_nodes_of_two_files_with_one_name_are_two(tmp_path: Path) -> None:
    module = ":{0} a owl:Class ; rdfs:subClassOf _:r . _:r owl:onProperty :p ; owl:someValuesFrom :f{0} ."
    concepts = loaded(tmp_path, a=module.format("a"), b=module.format("b"))
    assert [restriction.filler for restriction in concepts["a"].restrictions] == list(names("fa"))
    assert [restriction.filler for restriction in concepts["b"].restrictions] == list(names("fb"))


def test_a_concept_knows_the_modules_that_describe_it(tmp_path: Path) -> None:
    facts, _ = load_ontologies(
        written(
            tmp_path,
            a="<https://e.org/a> a owl:Ontology ; owl:versionIRI <https://e.org/1.0/a> ; "
            'dcterms:license "https://creativecommons.org/licenses/by/4.0/legalcode" . :c a owl:Class .',
            b="<https://e.org/b> a owl:Ontology ; owl:versionInfo '2' . :c skos:altLabel 'see' .",
            c=":d a owl:Class .",
        )
    )
    assert facts.sources == (
        SourceOntology("c.ttl", "", ""),
        SourceOntology("https://e.org/a", "https://e.org/1.0/a", "CC-BY-4.0"),
        SourceOntology("https://e.org/b", "2", ""),
    )
    assert facts.concepts["https://e.org/o#c"].sources == (1, 2)
    assert facts.concepts["https://e.org/o#d"].sources == (0,)


# What is wrong with a folder.


def test_a_broken_module_is_named_with_its_place_and_the_rest_is_loaded(tmp_path: Path) -> None:
    facts, issues = load_ontologies(written(tmp_path, good=":c a owl:Class .", broken="\n:d a owl:Class ;\n   rdfs:subClassOf ] ."))
    assert list(facts.concepts) == ["https://e.org/o#c"]
    (issue,) = issues
    assert (issue.code, issue.source, issue.severity) == ("ontology-invalid", "broken.ttl", Severity.WARNING)
    assert issue.line == TURTLE.count("\n") + 3
    assert issue.column > 1
    assert issue.remedy


def test_a_file_that_is_too_large_is_named_and_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ontology_files, "MAX_FILE_BYTES", 600)
    _, issues = load_ontologies(written(tmp_path, small=":c a owl:Class .", large="#" * 600))
    assert [(issue.code, issue.source) for issue in issues] == [("ontology-too-large", "large.ttl")]


@pytest.mark.parametrize("modules", [{}, {"broken": "]"}, {"empty": ""}])
def test_a_folder_without_a_readable_ontology_is_refused(modules: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="ontology"):
        load_ontologies(written(tmp_path, **modules))


def test_other_versions_in_alternates_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "alternates").mkdir()
    written(tmp_path / "alternates", old=":old a owl:Class .")
    assert list(loaded(tmp_path, new=":new a owl:Class .")) == ["new"]


def test_progress_counts_the_files(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    load_ontologies(
        written(tmp_path, a=":c a owl:Class .", b=":d a owl:Class ."), on_progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 2), (2, 2)]


def entry(path: str) -> dict[str, str]:
    return {"path": path, "source_repo": "https://github.com/x/y", "source_path": path, "commit": "abc", "licence": "MIT"}


def test_a_catalogue_gives_origin_and_licence_and_tells_what_is_missing(tmp_path: Path) -> None:
    files = [entry(path) for path in ("a.ttl", "gone.ttl", "alternates/old.ttl", "../outside.ttl")]
    (tmp_path / "o").mkdir()
    written(tmp_path, outside=":no a owl:Class .")
    (tmp_path / "o" / "catalog.json").write_text(json.dumps({"files": files}))
    facts, issues = load_ontologies(written(tmp_path / "o", a=":c a owl:Class .", unlisted=":no a owl:Class ."))
    assert list(facts.concepts) == ["https://e.org/o#c"]
    assert facts.sources == (SourceOntology("https://github.com/x/y/blob/abc/a.ttl", "abc", "MIT"),)
    assert [(issue.code, issue.source) for issue in issues] == [("ontology-missing", "gone.ttl")]


@pytest.mark.parametrize("text", ["{", "[]", '{"files": [{}]}', '{"files": 3}', '{"files": [{"path": 1}]}'])
def test_an_unusable_catalogue_is_named_and_every_file_is_read(text: str, tmp_path: Path) -> None:
    (tmp_path / "catalog.json").write_text(text)
    facts, issues = load_ontologies(written(tmp_path, a=":c a owl:Class ."))
    assert len(facts.concepts) == 1
    assert [issue.code for issue in issues] == ["catalogue-unreadable"]


# The real ontologies.


@pytest.fixture(scope="module")
def ontologies(shared_data: Path) -> Path:
    return shared_data / "ontologies"


@pytest.fixture(scope="module")
def from_files(ontologies: Path) -> tuple[Facts, list[Issue]]:
    return load_ontologies(ontologies)


@pytest.fixture(scope="module")
def merged(ontologies: Path, tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """The facts of ``merged.ttl`` alone."""
    folder = tmp_path_factory.mktemp("merged")
    shutil.copy(ontologies / "merged.ttl", folder)
    return load_ontologies(folder)[0]


@pytest.fixture(scope="module")
def store(ontologies: Path) -> px.Store:
    """The statements of ``merged.ttl``, to be asked by SPARQL: another way than the loader's."""
    store = px.Store()
    store.bulk_load(path=str(ontologies / "merged.ttl"), format=px.RdfFormat.TURTLE)
    return store


def asked(store: px.Store, pattern: str) -> Iterator[tuple[str, str]]:
    solutions = store.query(f"{PREFIXES} SELECT DISTINCT ?a ?b WHERE {{ {pattern} }}")
    assert isinstance(solutions, px.QuerySolutions)
    for solution in solutions:
        a, b = solution["a"], solution["b"]
        assert not isinstance(a, px.Triple | None)
        assert not isinstance(b, px.Triple | None)
        yield a.value, b.value


def test_merged_files_and_single_files_give_the_same_facts_but_for_the_sources(
    ontologies: Path, from_files: tuple[Facts, list[Issue]], tmp_path: Path
) -> None:
    for name in ("merged.ttl", "merged-extra.ttl"):
        (tmp_path / name).symlink_to(ontologies / name)
    facts, issues = load_ontologies(tmp_path)
    assert issues == []
    assert facts.units == from_files[0].units
    assert facts.concepts == {iri: replace(concept, sources=()) for iri, concept in from_files[0].concepts.items()}


def test_the_one_module_that_is_invalid_upstream_is_named_with_its_place(from_files: tuple[Facts, list[Issue]]) -> None:
    (issue,) = from_files[1]
    assert (issue.code, issue.source, issue.line, issue.column) == (
        "ontology-invalid",
        "emmo-1.0.2/disciplines/units/units.ttl",
        23,
        60,
    )
    assert "predicate" in issue.message


def test_every_concept_of_the_single_files_has_a_source_with_version_and_licence(from_files: tuple[Facts, list[Issue]]) -> None:
    facts, _ = from_files
    assert all(concept.sources for concept in facts.concepts.values())
    assert all(source.version and source.licence in ("CC-BY-4.0", "Apache-2.0") for source in facts.sources)


def test_a_module_broken_by_hand_leaves_the_others(ontologies: Path, tmp_path: Path) -> None:
    folder = tmp_path / "domain-battery-0.20.1"
    shutil.copytree(ontologies / folder.name, folder)
    path = folder / "battery.ttl"
    path.write_text(path.read_text() + "\n:broken")
    facts, issues = load_ontologies(tmp_path)
    assert [(issue.source, issue.line > 10) for issue in issues] == [("domain-battery-0.20.1/battery.ttl", True)]
    assert "https://w3id.org/emmo/domain/battery#battery_68ed592a_7924_45d0_a108_94d6275d57f0" in facts.concepts


def test_classes_of_the_merged_ontology(merged: Facts, store: px.Store) -> None:
    declared = {iri for iri, _ in asked(store, "?a a ?b FILTER(?b = owl:Class && isIRI(?a))")}
    found = {iri for iri, concept in merged.concepts.items() if concept.kind is Kind.CLASS}
    assert len(declared) == 4_694
    # One deprecated class of the chemical substances has lost its type upstream.
    assert found - declared == {"https://w3id.org/emmo#material_c5c9cf9f_252e_4b28_90f6_56b500db67fc"}
    assert declared <= found


def test_edges_of_the_merged_ontology(merged: Facts, store: px.Store) -> None:
    found = {(iri, parent) for iri, concept in merged.concepts.items() if concept.kind is Kind.CLASS for parent in concept.parents}
    stated = set(asked(store, "?a rdfs:subClassOf ?b FILTER(isIRI(?a) && isIRI(?b))"))
    entailed = set(
        asked(
            store,
            """{ ?a owl:equivalentClass/owl:intersectionOf/rdf:rest*/rdf:first ?b }
               UNION { ?b owl:equivalentClass/owl:unionOf/rdf:rest*/rdf:first ?a }
               UNION { ?b owl:disjointUnionOf/rdf:rest*/rdf:first ?a }
               UNION { ?a rdfs:subClassOf/owl:intersectionOf/rdf:rest*/rdf:first ?b }
               FILTER(isIRI(?a) && isIRI(?b))""",
        )
    )
    assert len(stated) == 6_542
    assert sum(1 for count in Counter(child for child, _ in stated).values() if count > 1) == 1_409
    assert found == {edge for edge in stated | entailed if not edge[1].endswith("owl#Thing")}


def test_labels_of_the_merged_ontology(merged: Facts, store: px.Store) -> None:
    preferred = list(store.quads_for_pattern(None, px.NamedNode("http://www.w3.org/2004/02/skos/core#prefLabel"), None))
    alternative = list(store.quads_for_pattern(None, px.NamedNode("http://www.w3.org/2004/02/skos/core#altLabel"), None))
    assert (len(preferred), len(alternative)) == (5_066, 1_929)
    assert sum(1 for quad in preferred if isinstance(quad.object, px.Literal) and not quad.object.language) == 503
    for quads, kind in ((preferred, LabelKind.PREF), (alternative, LabelKind.ALT)):
        stated = {
            (quad.subject.value, Label(" ".join(quad.object.value.split()), quad.object.language or "", kind))
            for quad in quads
            if isinstance(quad.object, px.Literal)
            and isinstance(quad.subject, px.NamedNode)
            and quad.subject.value in merged.concepts
        }
        found = {(iri, label) for iri, concept in merged.concepts.items() for label in concept.labels if label.kind is kind}
        assert found == stated
    shared = Counter(
        text
        for concept in merged.concepts.values()
        if concept.kind is Kind.CLASS
        for text in {label.text for label in concept.labels if label.kind is LabelKind.PREF}
    )
    assert sum(1 for count in shared.values() if count > 1) == 17


def test_deprecated_and_replaced_concepts_of_the_merged_ontology(merged: Facts, store: px.Store) -> None:
    deprecated = {iri for iri, concept in merged.concepts.items() if concept.deprecated}
    assert deprecated == {iri for iri, _ in asked(store, "?a owl:deprecated ?b FILTER(?b = true)")}
    assert len(deprecated) == 90
    replaced = {iri: concept.replaced_by for iri, concept in merged.concepts.items() if concept.replaced_by}
    assert replaced == dict(asked(store, "?a dcterms:isReplacedBy ?b"))
    assert len(replaced) == 6


def test_the_hierarchy_has_no_circle(from_files: tuple[Facts, list[Issue]]) -> None:
    concepts = from_files[0].concepts
    left = {iri: {parent for parent in concept.parents if parent in concepts} for iri, concept in concepts.items()}
    while roots := [iri for iri, parents in left.items() if not parents & left.keys()]:
        for iri in roots:
            del left[iri]
    assert left == {}


# What excludes what, and what properties are for.


def test_disjoint_classes_are_kept_however_they_are_declared(tmp_path: Path) -> None:
    text = """:A a owl:Class ; owl:disjointWith :B . :B a owl:Class . :C a owl:Class . :D a owl:Class . :E a owl:Class .
        [] a owl:AllDisjointClasses ; owl:members ( :C :B :A ) .
        :E owl:disjointUnionOf ( :D :C ) ; owl:disjointWith [ a owl:Class ] , :Elsewhere ."""
    facts, _ = load_ontologies(written(tmp_path, a=text))
    assert facts.disjoint == (names("A", "B"), names("A", "B", "C"), names("C", "D"))


def test_a_class_that_excludes_itself_is_no_pair(tmp_path: Path) -> None:
    facts, _ = load_ontologies(written(tmp_path, a=":A a owl:Class ; owl:disjointWith :A ."))
    assert facts.disjoint == ()


def test_domains_and_ranges_of_object_properties_are_kept_as_far_as_they_are_named_classes(tmp_path: Path) -> None:
    text = """:A a owl:Class . :B a owl:Class .
        :p a owl:ObjectProperty ; rdfs:domain :B , :A ; rdfs:range :B , :Elsewhere , [ owl:unionOf ( :A :B ) ] .
        :d a owl:DatatypeProperty ; rdfs:domain :A . :q a owl:ObjectProperty ; rdfs:range :Elsewhere ."""
    facts, _ = load_ontologies(written(tmp_path, a=text))
    assert (facts.domains, facts.ranges) == ({names("p")[0]: names("A", "B")}, {names("p")[0]: names("B")})
