"""The fact table: what is written is read again, quickly; the packaged one is the ontologies'."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pyoxigraph as px
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontology import facts as module
from ontology.facts import MOST_KEPT, cached_facts, context_terms, packaged_facts, read_facts, write_facts
from ontology.loader import load_ontologies
from ontology.model import Concept, Facts, Kind, Label, LabelKind, Restriction, SourceOntology, UnitFact
from records.errors import OntologyError

# Anything that an ontology may hold.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
lines = texts.map(lambda text: " ".join(text.split())).filter(bool)
iris = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["https://w3id.org/emmo#", "https://w3id.org/battinfo/", "https://schema.org/", "http://e.org/", "urn:x:"]),
        st.text("abcXYZ09_-.%:=@", max_size=8),
    ),
)
label_kinds = st.sampled_from([LabelKind.PREF, LabelKind.ALT, LabelKind.HIDDEN, LabelKind.RDFS])
languages = st.sampled_from(["", "en", "de", "zh-hant"])
quantifiers = st.sampled_from(["some", "only", "value", "exactly 2", "min 1"])
properties = st.builds("".join, st.tuples(st.sampled_from(["", "^"]), iris))
concepts = st.builds(
    Concept,
    iri=iris,
    kind=st.sampled_from(Kind),
    labels=st.lists(st.builds(Label, texts, languages, label_kinds), max_size=4).map(tuple),
    parents=st.lists(iris, max_size=3).map(tuple),
    restrictions=st.lists(st.builds(Restriction, properties, quantifiers, iris), max_size=2).map(tuple),
    deprecated=st.booleans(),
    replaced_by=st.one_of(st.just(""), iris),
    sources=st.lists(st.integers(0, 99), max_size=3).map(tuple),
)
floats = st.floats(allow_nan=False, allow_infinity=False)
exponents = st.integers(-9, 9)
units = st.builds(
    UnitFact,
    iri=iris,
    label=lines,
    symbols=st.lists(texts, max_size=3).map(tuple),
    qudt=st.one_of(st.just(""), iris),
    ucum=st.one_of(st.just(""), texts),
    expression=st.one_of(st.just(""), lines),
    factor=floats,
    offset=floats,
    dimension=st.tuples(*[exponents] * 7),
)
classes = st.lists(iris, min_size=1, max_size=3).map(tuple)
tables = st.builds(
    lambda sources, concepts, units, terms, disjoint, domains, ranges: Facts(
        tuple(sources),
        {concept.iri: concept for concept in concepts},
        {unit.iri: unit for unit in units},
        dict(
            sorted(
                {**terms, **{concept.labels[0].text: (concept.iri, "") for concept in concepts[:2] if concept.labels}}.items(),
            )
        ),
        tuple(disjoint),
        domains,
        ranges,
    ),
    st.lists(st.builds(SourceOntology, iris, st.one_of(st.just(""), lines), st.sampled_from(["", "CC-BY-4.0"])), max_size=2),
    st.lists(concepts, max_size=4),
    st.lists(units, max_size=3),
    st.dictionaries(texts, st.tuples(iris, st.sampled_from(["", "@id", "@vocab"])), max_size=4),
    st.lists(classes, max_size=3),
    st.dictionaries(iris, classes, max_size=3),
    st.dictionaries(iris, classes, max_size=3),
)


@given(tables)
@settings(deadline=None, max_examples=150)
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, facts: Facts) -> None:
    path = tmp_path_factory.getbasetemp() / "facts.tsv"
    write_facts(facts, path)
    again = read_facts(path)
    assert again == facts
    assert list(again.terms) == list(facts.terms)


def a_table(**concepts: Concept) -> Facts:
    return Facts((), {concept.iri: concept for concept in concepts.values()}, {}, {})


def test_a_term_that_is_the_name_of_its_concept_needs_no_line(tmp_path: Path) -> None:
    cell = Concept("https://w3id.org/emmo#1", Kind.CLASS, (Label("Cell", "en", LabelKind.PREF),))
    has = Concept("https://w3id.org/emmo#2", Kind.OBJECT_PROPERTY, (Label("has", "en", LabelKind.PREF),))
    terms = {"Cell": (cell.iri, ""), "has": (has.iri, "@id"), "Zelle": (cell.iri, "")}
    write_facts(Facts((), {cell.iri: cell, has.iri: has}, {}, terms), tmp_path / "facts.tsv")
    lines = (tmp_path / "facts.tsv").read_text().splitlines()
    assert [line for line in lines if line.startswith("term")] == ["term\tZelle\temmo:1"]
    assert read_facts(tmp_path / "facts.tsv").terms == terms


def test_a_failed_write_leaves_the_old_table(tmp_path: Path) -> None:
    path = tmp_path / "facts.tsv"
    write_facts(a_table(), path)
    before = path.read_bytes()
    lone_surrogate = Concept("https://e.org/1", Kind.CLASS, (Label("\ud800", "", LabelKind.PREF),))
    with pytest.raises(UnicodeEncodeError):
        write_facts(a_table(a=lone_surrogate), path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["facts.tsv"]


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (lambda text: text.replace("facts\t2", "facts\t1"), "format 2"),
        (lambda text: text + "concept\temmo:1\tkind-of-magic\n", "Line"),
        (lambda text: text + "concept\tno iri\tclass\n", "Line"),
        (lambda text: text + "concept\temmo:1\tclass\tx\n", "Line"),
        (lambda text: text + "concept\temmo:1\tclass\t\t\tone|two\n", "Line"),
        (lambda text: text + "concept\temmo:1\tclass\t\t\t\t\tq@en=text\n", "Line"),
        (lambda text: text + "concept\temmo:1\tclass*\n", "Line"),
        (lambda text: text + "unit\temmo:1\tVolt\tmany\t0.0\t0 0 0 0 0 0 0\n", "Line"),
        (lambda text: text + "unit\temmo:1\tVolt\t1.0\t0.0\t0 0\n", "Line"),
        (lambda text: text + "prefix\n", "Line"),
        (lambda text: text + "mystery\n", "Line"),
        (lambda text: text + "disjoint\t\tno-iri\n", "Line"),
        (lambda text: text + "disjoint\n", "Line"),
        (lambda text: text + "domain\temmo:1\n", "Line"),
        (lambda text: text + "range\tno-iri\temmo:2\n", "Line"),
        (lambda text: "", "format 2"),
    ],
)
def test_a_spoilt_table_is_refused_with_its_place(spoil: Callable[[str], str], place: str, tmp_path: Path) -> None:
    path = tmp_path / "facts.tsv"
    write_facts(a_table(), path)
    path.write_text(spoil(path.read_text()))
    with pytest.raises(OntologyError, match=place):
        read_facts(path)
    assert gc.isenabled()


def test_a_table_that_is_missing_too_large_or_no_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "facts.tsv"
    with pytest.raises(OntologyError, match="cannot be read"):
        read_facts(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(OntologyError, match="cannot be read"):
        read_facts(path)
    write_facts(a_table(), path)
    monkeypatch.setattr(module, "MAX_FACT_BYTES", 10)
    with pytest.raises(OntologyError, match="larger than 10 bytes"):
        read_facts(path)


# The packaged table.


def test_the_packaged_table_is_small_quick_attributed_and_holds_no_sentences(repository: Path) -> None:
    path = repository / "ontology" / "facts.tsv"
    text = path.read_text()
    assert path.stat().st_size < 2_000_000
    for name in ("EMMO", "BattINFO", "CHAMEO", "CC BY 4.0", "Apache-2.0", "github.com/emmo-repo", "github.com/BIG-MAP/BattINFO"):
        assert name in text[:2_000]
    facts = packaged_facts()
    times = []
    for _ in range(5):
        started = perf_counter()
        packaged_facts()
        times.append(perf_counter() - started)
    assert min(times) < 0.5  # 0.05 s on an idle core
    assert max(len(label.text) for concept in facts.concepts.values() for label in concept.labels) < 200
    assert {source.licence for source in facts.sources} == {"CC-BY-4.0", "Apache-2.0"}


def test_the_packaged_table_knows_what_older_documents_need() -> None:
    terms = packaged_facts().terms
    emmo = "https://w3id.org/emmo#"
    assert terms["Real"] == terms["RealData"] == (emmo + "EMMO_18d180e4_5e3e_42f7_820c_e08951223486", "")
    assert terms["hasNumericalValue"] == terms["hasNumberValue"] == (emmo + "EMMO_faf79f53_749d_40b2_807c_d34244c192f4", "")
    assert terms["emmo"] == (emmo, "")
    assert terms["schema"] == ("https://schema.org/", "")
    assert terms["hasMeasurementUnit"] == (emmo + "EMMO_bed1d005_b04e_4a90_94cf_02bc678a8569", "@vocab")
    assert terms["hasProperty"] == (emmo + "EMMO_e1097637_70d2_4895_973f_2396f04fa204", "@id")


@pytest.fixture(scope="module")
def generated(shared_data: Path) -> Facts:
    facts, _ = load_ontologies(shared_data / "ontologies")
    return replace(facts, terms=context_terms(shared_data / "contexts"))


def test_the_packaged_table_is_the_one_made_from_the_real_ontologies_byte_for_byte(
    generated: Facts, repository: Path, tmp_path: Path
) -> None:
    write_facts(generated, tmp_path / "facts.tsv")
    assert (tmp_path / "facts.tsv").read_bytes() == (repository / "ontology" / "facts.tsv").read_bytes()


def test_the_packaged_table_says_what_the_full_ontologies_say_edge_by_edge_and_label_by_label(shared_data: Path) -> None:
    """By SPARQL over the merged files: another road than the loader's."""
    store = px.Store()
    for name in ("merged.ttl", "merged-extra.ttl"):
        store.bulk_load(path=str(shared_data / "ontologies" / name), format=px.RdfFormat.TURTLE)
    concepts = packaged_facts().concepts

    def rows(pattern: str, *variables: str) -> set[tuple[str, ...]]:
        solutions = store.query(
            f"""PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
                PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
                SELECT DISTINCT * WHERE {{ {pattern} }}"""
        )
        assert isinstance(solutions, px.QuerySolutions)
        values = (tuple(solution[variable] for variable in variables) for solution in solutions)
        return {tuple("" if value is None or isinstance(value, px.Triple) else value.value for value in row) for row in values}

    edges = rows(
        """{ ?a rdfs:subClassOf|rdfs:subPropertyOf ?b }
           UNION { ?a (rdfs:subClassOf|owl:equivalentClass)/owl:intersectionOf/rdf:rest*/rdf:first ?b }
           UNION { ?b owl:equivalentClass/owl:unionOf/rdf:rest*/rdf:first ?a }
           UNION { ?b owl:disjointUnionOf/rdf:rest*/rdf:first ?a }
           FILTER(isIRI(?a) && isIRI(?b) && ?b NOT IN (owl:Thing, owl:topObjectProperty, owl:topDataProperty))""",
        "a",
        "b",
    )
    # Two edges start at what no module declares: rdfs:isDefinedBy and dcat:distribution.
    declared_edges = {edge for edge in edges if edge[0] in concepts}
    assert len(edges - declared_edges) == 2
    assert {(iri, parent) for iri, concept in concepts.items() for parent in concept.parents} == declared_edges

    for kind in (LabelKind.PREF, LabelKind.ALT, LabelKind.HIDDEN, LabelKind.RDFS):
        predicate = "rdfs:label" if kind is LabelKind.RDFS else f"skos:{kind}"
        stated = {
            (iri, " ".join(text.split()), language)
            for iri, text, language in rows(f"?s {predicate} ?o FILTER(isIRI(?s)) BIND(LANG(?o) AS ?l)", "s", "o", "l")
            if iri in concepts and text.strip()
        }
        found = {
            (iri, label.text, label.language) for iri, concept in concepts.items() for label in concept.labels if label.kind is kind
        }
        assert found == stated

    some = rows(
        """{ ?a rdfs:subClassOf ?r } UNION { ?a owl:equivalentClass ?r }
           UNION { ?a (rdfs:subClassOf|owl:equivalentClass)/owl:intersectionOf/rdf:rest*/rdf:first ?r }
           ?r owl:onProperty ?p ; owl:someValuesFrom ?f FILTER(isIRI(?a) && isIRI(?p) && isIRI(?f))""",
        "a",
        "p",
        "f",
    )
    inverse = {name for pair in rows("?p owl:inverseOf ?q FILTER(isIRI(?p) && isIRI(?q))", "p", "q") for name in pair}
    found = {
        (iri, restriction.property, restriction.filler)
        for iri, concept in concepts.items()
        for restriction in concept.restrictions
        if restriction.quantifier == "some" and not restriction.property.startswith("^")
    }
    assert some <= found
    assert {name for _, name, _ in found - some} <= inverse

    facts = packaged_facts()
    pairs = {tuple(sorted(pair)) for pair in rows("?a owl:disjointWith ?b FILTER(isIRI(?a) && isIRI(?b))", "a", "b")}
    members = rows(
        """{ ?u owl:disjointUnionOf/rdf:rest*/rdf:first ?m }
           UNION { ?u a owl:AllDisjointClasses ; owl:members/rdf:rest*/rdf:first ?m }
           FILTER(isIRI(?m))""",
        "u",
        "m",
    )
    wholes: dict[str, set[str]] = {}
    for whole, member in members:
        wholes.setdefault(whole, set()).add(member)
    assert {group for group in facts.disjoint if not any(set(group) <= whole for whole in wholes.values())} <= pairs
    assert {pair for pair in pairs if set(pair) <= concepts.keys()} <= set(facts.disjoint)
    assert {member for _, member in members if member in concepts} <= {iri for group in facts.disjoint for iri in group}
    for name, declared_classes in (("domain", facts.domains), ("range", facts.ranges)):
        told = rows(f"?a a owl:ObjectProperty ; rdfs:{name} ?b FILTER(isIRI(?a) && isIRI(?b))", "a", "b")
        kept = {(iri, one) for iri, several in declared_classes.items() for one in several}
        assert kept == {pair for pair in told if set(pair) <= concepts.keys()}

    kinds = {Kind.CLASS: "owl:Class", Kind.OBJECT_PROPERTY: "owl:ObjectProperty", Kind.DATA_PROPERTY: "owl:DatatypeProperty"}
    for concept_kind, name in kinds.items():
        declared = {iri for (iri,) in rows(f"?a a {name} FILTER(isIRI(?a))", "a")}
        listed = {iri for iri, concept in concepts.items() if concept.kind is concept_kind}
        assert declared <= listed
        untyped = {iri for (iri,) in rows("?a skos:prefLabel ?l FILTER NOT EXISTS { ?a a ?t }", "a")}
        assert listed - declared <= untyped
    assert {iri for iri, concept in concepts.items() if concept.deprecated} == {
        iri for (iri,) in rows("?a owl:deprecated true", "a")
    } & concepts.keys()


# The term map.


def contexts(folder: Path, **files: object) -> Path:
    """A folder of contexts; the battery context is ``battery.json``, an older one ``old.json``, another one ``other.json``."""
    battery = "https://w3id.org/emmo/domain/battery/context"
    index = {
        "map": {battery: "battery.json"},
        "alternates": {battery: ["battery.json", "old.json"]},
        "files": [{"file": f"{name}.json"} for name in ("battery", "old", "other")],
    }
    for name in ("battery", "old", "other"):
        (folder / f"{name}.json").write_text(json.dumps({"@context": files.get(name, {})}))
    (folder / "contexts.json").write_text(json.dumps(index))
    return folder


def test_the_current_context_wins_and_older_ones_add_what_it_has_lost(tmp_path: Path) -> None:
    terms = context_terms(
        contexts(
            tmp_path,
            battery={"A": "https://e.org/new"},
            old={"A": "https://e.org/old", "B": {"@id": "https://e.org/b", "@type": "@id"}},
        )
    )
    assert terms == {"A": ("https://e.org/new", ""), "B": ("https://e.org/b", "@id")}


def test_other_contexts_give_their_prefixes_alone(tmp_path: Path) -> None:
    terms = context_terms(contexts(tmp_path, other={"spdx": "http://spdx.org/rdf/terms#", "name": "https://schema.org/name"}))
    assert terms == {"spdx": ("http://spdx.org/rdf/terms#", "")}


def test_iris_are_given_in_full_and_keywords_are_no_terms(tmp_path: Path) -> None:
    battery = [
        {"e": "https://e.org/", "A": "e:a", "id": "@id", "@vocab": "https://e.org/", "n": None, "relative": "a"},
        "https://other.org/",
    ]
    assert context_terms(contexts(tmp_path, battery=battery)) == {"A": ("https://e.org/a", ""), "e": ("https://e.org/", "")}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"map": {}}', '{"map": 1, "files": []}', '{"map": {}, "files": [1]}'])
def test_an_unusable_list_of_contexts_is_refused(text: str, tmp_path: Path) -> None:
    contexts(tmp_path)
    (tmp_path / "contexts.json").write_text(text)
    with pytest.raises(OntologyError, match=r"contexts\.json"):
        context_terms(tmp_path)


def test_a_missing_or_too_large_context_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contexts(tmp_path)
    (tmp_path / "old.json").unlink()
    with pytest.raises(OntologyError, match=r"old\.json"):
        context_terms(tmp_path)
    monkeypatch.setattr(module, "MAX_CONTEXT_BYTES", 5)
    with pytest.raises(OntologyError, match="larger than 5 bytes"):
        context_terms(tmp_path)


def test_names_of_people_are_no_terms(tmp_path: Path) -> None:
    assert context_terms(contexts(tmp_path, battery={"Name": "https://orcid.org/0"}, old={"Name": "https://e.org/Name"})) == {}


def test_the_term_map_holds_every_term_of_the_current_battery_context(shared_data: Path) -> None:
    context = json.loads((shared_data / "contexts" / "domain-battery-0.20.2.json").read_text())["@context"]
    terms = context_terms(shared_data / "contexts")
    for term, value in context.items():
        expected = (value["@id"], value["@type"]) if isinstance(value, dict) else (value, "")
        assert terms.get(term) == (None if expected[0].startswith("https://orcid.org/") else expected)


def test_real_documents_lose_no_key_and_no_type_to_the_term_map(shared_data: Path) -> None:
    """Every key and type of CellInfo documents is a term, has a prefix that is one, or is a keyword or plain text by mistake."""
    terms = packaged_facts().terms
    unknown: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, list):
            for item in value:
                walk(item)
        if isinstance(value, dict):
            types = value.get("@type", [])
            for name in [*value, *(types if isinstance(types, list) else [types])]:
                if not name.startswith("@") and name not in terms and name.partition(":")[0] not in terms:
                    unknown.add(name)
            for key, item in value.items():
                if key != "@context":
                    walk(item)

    files = sorted((shared_data / "jsonld" / "cellinfo").iterdir())
    for path in files:
        walk(json.loads(path.read_text()))
    assert len(files) > 200
    # Faults of the documents, not of the term map.
    assert unknown <= {
        "NaN",
        "LCO",
        "LNCAO",
        "ambigious - LCO",
        "LithiumNickelManganeseCobaltOxide and LithiumNickelCobaltAluminiumOxide",
        "LithiumNickelManganeseCobaltOxide / LithiumTitanate",
    }


# The cache.


@pytest.fixture
def ontology(tmp_path: Path) -> Path:
    """A folder with one small ontology and one broken one."""
    folder = tmp_path / "ontologies"
    folder.mkdir()
    (folder / "a.ttl").write_text("<https://e.org/o#c> a <http://www.w3.org/2002/07/owl#Class> .")
    (folder / "broken.ttl").write_text("]")
    return folder


def refuse(*_: object, **__: object) -> None:
    raise AssertionError("the ontologies are read again")


def test_the_second_call_reads_the_cache_and_tells_the_same(
    ontology: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cached_facts(ontology, tmp_path / "cache")
    monkeypatch.setattr(module, "load_ontologies", refuse)
    assert cached_facts(ontology, tmp_path / "cache") == first
    assert list(first[0].concepts) == ["https://e.org/o#c"]
    assert [issue.code for issue in first[1]] == ["ontology-invalid"]
    assert first[0].terms == packaged_facts().terms


def test_a_changed_new_or_removed_file_makes_a_new_cache(ontology: Path, tmp_path: Path) -> None:
    cached_facts(ontology, tmp_path / "cache")
    (ontology / "a.ttl").write_text("<https://e.org/o#changed> a <http://www.w3.org/2002/07/owl#Class> .")
    assert list(cached_facts(ontology, tmp_path / "cache")[0].concepts) == ["https://e.org/o#changed"]
    (ontology / "b.ttl").write_text("<https://e.org/o#new> a <http://www.w3.org/2002/07/owl#Class> .")
    assert len(cached_facts(ontology, tmp_path / "cache")[0].concepts) == 2
    (ontology / "broken.ttl").unlink()
    assert cached_facts(ontology, tmp_path / "cache")[1] == []


def test_the_caches_that_were_made_last_stay(ontology: Path, tmp_path: Path) -> None:
    made = []
    for number in range(MOST_KEPT + 2):
        (ontology / "a.ttl").write_text(f"<https://e.org/o#{number}> a <http://www.w3.org/2002/07/owl#Class> .")
        cached_facts(ontology, tmp_path / "cache")
        made += [file for file in (tmp_path / "cache").iterdir() if file not in made]
    assert set((tmp_path / "cache").iterdir()) == set(made[2:])


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-20], lambda b: b[:100], lambda b: b"", lambda b: b.replace(b"o#c", b"o#d"), lambda b: b"\xff" + b]
)
def test_a_damaged_cache_is_made_again(damage: Callable[[bytes], bytes], ontology: Path, tmp_path: Path) -> None:
    first = cached_facts(ontology, tmp_path / "cache")
    (cache,) = (tmp_path / "cache").iterdir()
    whole = cache.read_bytes()
    cache.write_bytes(damage(whole))
    assert cached_facts(ontology, tmp_path / "cache") == first
    assert cache.read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_an_issue_not_a_failure(ontology: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, no folder")
    facts, issues = cached_facts(ontology, tmp_path / "cache")
    assert list(facts.concepts) == ["https://e.org/o#c"]
    assert [issue.code for issue in issues] == ["ontology-invalid", "cache-unwritable"]


def test_the_term_map_of_the_cache_comes_from_the_contexts_when_they_are_there(ontology: Path, tmp_path: Path) -> None:
    folder = tmp_path / "contexts"
    folder.mkdir()
    contexts(folder, battery={"A": "https://e.org/a"})
    assert cached_facts(ontology, tmp_path / "cache", contexts_dir=folder)[0].terms == {"A": ("https://e.org/a", "")}
    contexts(folder, battery={"A": "https://e.org/other"})
    assert cached_facts(ontology, tmp_path / "cache", contexts_dir=folder)[0].terms == {"A": ("https://e.org/other", "")}
