"""What every SHACL engine has to do (`shapes.validator.Validator`), and that the two engines agree on real documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from app.bootstrap import Services, build_services
from app.settings import Settings
from records.errors import SettingsError, VoltagraphError
from records.issues import Severity
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from shapes.finding_pages import FindingPages
from shapes.locate import code_of
from shapes.profiles import PROFILES, Profile, files_of
from shapes.pyshacl_validator import PyshaclValidator
from shapes.shacl_validator import ShaclValidator
from shapes.shape_facts import shapes_of
from shapes.shapes_file import ShapesFile
from shapes.validator import ShaclResult, Validator

E = "http://e/"
SH = "http://www.w3.org/ns/shacl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = (
    f"@prefix sh: <{SH}> . @prefix e: <{E}> . @prefix xsd: <{XSD}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
)
CAPACITY = """
e:Cell a sh:NodeShape ; sh:targetClass e:Battery ; sh:property e:Capacity .
e:Capacity a sh:PropertyShape ; sh:path e:capacity ; sh:minCount 1 ; sh:datatype xsd:double ; sh:severity sh:Warning ;
    sh:message "No capacity; add one." .
"""
TREE = {
    E + "CoinCell": [E + "Cell"],
    E + "Cell": [E + "Battery", E + "Thing"],
    E + "Battery": [E + "Thing"],
    E + "Loop": [E + "Loop"],
}

Make = Callable[..., Validator]


def parents(iri: str) -> Iterable[str]:
    return TREE.get(iri, ())


def a(name: str, kind: str) -> Triple:
    return Triple(E + name, RDF_TYPE, Iri(E + kind))


def says(name: str, prop: str, value: str, datatype: str = "string") -> Triple:
    return Triple(E + name, E + prop, Literal(value, XSD + datatype))


def points(name: str, prop: str, to: str) -> Triple:
    return Triple(E + name, E + prop, Iri(E + to))


class ValidatorContract:
    """Subclasses say how to make the engine."""

    make: Make

    def check(
        self, shapes: str, *triples: Triple, parents: Callable[[str], Iterable[str]] | None = None
    ) -> tuple[ShaclResult, ...]:
        return type(self).make((PREFIXES + shapes).encode(), parents).validate(triples)

    def test_statements_that_conform_give_no_result(self) -> None:
        assert self.check(CAPACITY, a("x", "Battery"), says("x", "capacity", "2.5", "double")) == ()

    def test_a_missing_value_tells_node_path_shape_severity_and_message(self) -> None:
        assert self.check(CAPACITY, a("x", "Battery")) == (
            ShaclResult(
                severity=Severity.WARNING,
                message="No capacity; add one.",
                focus_node=E + "x",
                path=E + "capacity",
                value="",
                shape=E + "Capacity",
                component=SH + "MinCountConstraintComponent",
            ),
        )

    def test_a_wrong_value_is_told_in_its_lexical_form(self) -> None:
        [result] = self.check(CAPACITY, a("x", "Battery"), says("x", "capacity", 'about "3"\n\\Ah µ'))
        assert result.value == 'about "3"\n\\Ah µ'
        assert result.component == SH + "DatatypeConstraintComponent"

    def test_a_language_tagged_value_is_told_without_its_tag(self) -> None:
        [result] = self.check(CAPACITY, a("x", "Battery"), Triple(E + "x", E + "capacity", Literal("viel", language="de")))
        assert result.value == "viel"

    def test_a_value_that_is_a_node_is_told_by_its_iri(self) -> None:
        [result] = self.check(CAPACITY, a("x", "Battery"), points("x", "capacity", "y"))
        assert result.value == E + "y"

    def test_a_target_class_reaches_instances_of_distant_sub_classes(self) -> None:
        assert [r.focus_node for r in self.check(CAPACITY, a("x", "CoinCell"), parents=parents)] == [E + "x"]

    def test_without_an_ontology_only_the_class_itself_counts(self) -> None:
        assert self.check(CAPACITY, a("x", "CoinCell")) == ()

    def test_a_shape_that_is_a_class_is_its_own_target(self) -> None:
        shapes = "e:Battery a sh:NodeShape , rdfs:Class ; sh:property [ sh:path e:p ; sh:minCount 1 ] ."
        assert [r.focus_node for r in self.check(shapes, a("x", "CoinCell"), parents=parents)] == [E + "x"]

    def test_a_class_constraint_accepts_sub_classes_and_refuses_others(self) -> None:
        shapes = "e:S a sh:NodeShape ; sh:targetSubjectsOf e:part ; sh:property [ sh:path e:part ; sh:class e:Thing ] ."
        triples = (points("x", "part", "y"), points("x", "part", "z"), a("y", "CoinCell"), a("z", "Loop"))
        assert [r.value for r in self.check(shapes, *triples, parents=parents)] == [E + "z"]

    def test_edges_that_shapes_follow_by_path_are_all_there(self) -> None:
        shapes = """e:S a sh:NodeShape ; sh:targetSubjectsOf e:named ;
            sh:property [ sh:path ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> rdfs:subClassOf ) ; sh:maxCount 0 ] ."""
        [result] = self.check(shapes, a("x", "CoinCell"), says("x", "named", "n"), parents=parents)
        assert result.path == "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>/<http://www.w3.org/2000/01/rdf-schema#subClassOf>"

    def test_a_shape_without_a_name_is_told_by_the_shape_it_is_part_of(self) -> None:
        shapes = "e:S a sh:NodeShape ; sh:targetClass e:Battery ; sh:property [ sh:path e:p ; sh:minCount 1 ] ."
        assert [r.shape for r in self.check(shapes, a("x", "Battery"))] == [E + "S"]

    def test_a_shape_without_a_message_gets_the_same_words_from_every_engine(self) -> None:
        shapes = "e:S a sh:NodeShape ; sh:targetClass e:Battery ; sh:property [ sh:path e:p ; sh:minCount 1 ] ."
        assert [r.message for r in self.check(shapes, a("x", "Battery"))] == ["The constraint MinCount does not hold."]

    @pytest.mark.parametrize(
        ("path", "told"),
        [
            ("e:p", "http://e/p"),
            ("[ sh:inversePath e:p ]", "^<http://e/p>"),
            ("( e:p e:q )", "<http://e/p>/<http://e/q>"),
            ("[ sh:alternativePath ( e:p e:q ) ]", "<http://e/p>|<http://e/q>"),
            ("[ sh:oneOrMorePath e:p ]", "<http://e/p>+"),
        ],
    )
    def test_a_path_is_told_in_one_spelling(self, path: str, told: str) -> None:
        shapes = f"e:S a sh:NodeShape ; sh:targetClass e:Battery ; sh:property [ sh:path {path} ; sh:minCount 1 ] ."
        assert [r.path for r in self.check(shapes, a("x", "Battery"))] == [told]

    def test_a_choice_that_fails_is_one_result_about_the_node(self) -> None:
        shapes = """e:S a sh:NodeShape ; sh:targetClass e:Battery ; sh:severity sh:Info ; sh:message "m" ;
            sh:or ( [ sh:path e:p ; sh:minCount 1 ] [ sh:path e:q ; sh:minCount 1 ] ) ."""
        [result] = self.check(shapes, a("x", "Battery"))
        assert (result.severity, result.path, result.value, result.shape) == (Severity.INFO, "", E + "x", E + "S")

    def test_results_come_once_and_in_a_stable_order(self) -> None:
        twice = CAPACITY + "e:Other a sh:NodeShape ; sh:targetSubjectsOf e:name ; sh:property e:Capacity ."
        triples = [a(n, "Battery") for n in "cab"] + [says("a", "name", "n")]
        forward, backward = self.check(twice, *triples), self.check(twice, *reversed(triples))
        assert [r.focus_node for r in forward] == [E + "a", E + "b", E + "c"]
        assert forward == backward

    def test_a_cycle_of_classes_ends(self) -> None:
        assert self.check(CAPACITY, a("x", "Loop"), parents=parents) == ()

    def test_no_statement_conforms(self) -> None:
        assert self.check(CAPACITY) == ()

    @pytest.mark.parametrize(
        ("shapes", "says"),
        [
            ("", "no sh:NodeShape"),
            ("e:x e:p e:y .", "no sh:NodeShape"),
            ("e:S a sh:NodeShape .", "no target"),
            ("e:S a sh:NodeShape ; sh:targetClass e:C ; sh:minCuont 1 .", "minCuont"),
            ("e:S a sh:NodeShape ; sh:targetClass e:C ; sh:property e:Gone .", "<http://e/Gone> is not in the file"),
            ("e:S a sh:NodeShape ; sh:targetClass e:C ; sh:property e:P . e:P sh:minCount 1 .", "<http://e/P> has no sh:path"),
        ],
    )
    def test_shapes_that_would_check_nothing_or_cannot_work_are_refused(self, shapes: str, says: str) -> None:
        with pytest.raises(SettingsError, match=says):
            type(self).make((PREFIXES + shapes).encode())

    def test_shapes_that_do_not_parse_are_refused_with_the_place(self, tmp_path: Path) -> None:
        file = tmp_path / "broken.ttl"
        file.write_text(PREFIXES + "e:S a sh:NodeShape ;\n  sh:targetClass nobody:Knows .\n")
        with pytest.raises(SettingsError, match=r"broken\.ttl:3:"):
            type(self).make(file)

    def test_a_shapes_file_that_is_not_there_is_refused_with_its_path(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=r"none\.ttl cannot be read"):
            type(self).make(tmp_path / "none.ttl")

    @pytest.mark.parametrize("profile", PROFILES, ids=[profile.name for profile in PROFILES])
    def test_every_profile_is_accepted_alone(self, profile: Profile) -> None:
        assert type(self).make(files_of([profile])).validate(()) == ()

    def test_a_node_that_is_a_literal_is_told_in_its_lexical_form(self) -> None:
        shapes = "e:S a sh:NodeShape ; sh:targetObjectsOf e:part ; sh:nodeKind sh:IRI ."
        [result] = self.check(shapes, says("x", "part", 'say "Ah"\n\\ \t µ'))
        assert result.focus_node == 'say "Ah"\n\\ \t µ'

    def test_several_files_are_one_graph_and_their_blank_nodes_stay_apart(self, tmp_path: Path) -> None:
        first, second = tmp_path / "first.ttl", tmp_path / "second.ttl"
        target = " a sh:NodeShape ; sh:targetClass e:C ; sh:property _:a . _:a sh:minCount 1 ; sh:path "
        first.write_text(f"{PREFIXES} e:S {target} e:p . e:S sh:property e:P .")
        second.write_text(f"{PREFIXES} e:T {target} e:r . e:P sh:minCount 1 ; sh:path e:q .")
        results = type(self).make((first, second)).validate([a("x", "C")])
        assert [result.path for result in results] == [E + "p", E + "q", E + "r"]

    def test_a_closed_shape_sees_properties_that_no_shape_names(self) -> None:
        shapes = "e:Cell a sh:NodeShape ; sh:targetClass e:Battery ; sh:closed true ; sh:ignoredProperties ( <" + RDF_TYPE + "> ) ."
        [result] = self.check(shapes, a("x", "Battery"), says("x", "unheard", "1"))
        assert result.path == E + "unheard"

    def test_a_hierarchy_in_the_document_counts(self) -> None:
        own = Triple(E + "Own", "http://www.w3.org/2000/01/rdf-schema#subClassOf", Iri(E + "Battery"))
        assert [result.focus_node for result in self.check(CAPACITY, a("x", "Own"), own)] == [E + "x"]

    def test_a_path_may_lead_over_types(self) -> None:
        path = f"sh:property [ sh:path <{RDF_TYPE}> ; sh:maxCount 1 ]"
        shapes = f"e:Typed a sh:NodeShape ; sh:targetSubjectsOf e:capacity ; {path} ."
        assert len(self.check(shapes, says("x", "capacity", "1"), a("x", "One"), a("x", "Other"))) == 1


class TestShacl(ValidatorContract):
    make = ShaclValidator

    def test_what_is_no_iri_is_an_error_and_injects_no_statement(self) -> None:
        injected = Iri(f'{E}y> .\n<{E}x> <{E}capacity> "1"^^<{XSD}double> . #')
        with pytest.raises(VoltagraphError, match="is not an IRI"):
            self.check(CAPACITY, a("x", "Battery"), Triple(E + "x", E + "capacity", injected))

    def test_what_is_no_iri_where_no_shape_looks_injects_no_statement(self) -> None:
        injected = Iri(f'{E}y> .\n<{E}x> <{E}capacity> "1"^^<{XSD}double> . #')
        [result] = self.check(CAPACITY, a("x", "Battery"), Triple(E + "x", E + "p", injected))
        assert result.component.endswith("MinCountConstraintComponent")

    def test_a_relative_name_is_refused_in_the_words_of_the_engine(self) -> None:
        with pytest.raises(VoltagraphError, match="No scheme"):
            self.check(CAPACITY, Triple("x", RDF_TYPE, Iri(E + "Battery")))

    def test_a_pattern_that_is_none_is_refused_at_once(self) -> None:
        shapes = PREFIXES + "e:S a sh:NodeShape ; sh:targetClass e:C ; sh:property [ sh:path e:p ; sh:pattern '(' ] ."
        with pytest.raises(SettingsError, match="sh:pattern"):
            ShaclValidator(shapes.encode())


class TestPyshacl(ValidatorContract):
    make = PyshaclValidator


@pytest.fixture(scope="module")
def services(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Services:
    home = tmp_path_factory.mktemp("contract")
    return build_services(Settings(home=home, ontology_dir=shared_data / "ontologies", contexts_dir=shared_data / "contexts"))


@pytest.fixture(scope="module")
def engines(services: Services) -> tuple[Validator, Validator]:
    """The default engine and the reference, with the shapes of all profiles."""
    shapes, parents = files_of(PROFILES), services.concepts.parents
    return ShaclValidator(shapes, parents), PyshaclValidator(shapes, parents)


def statements(services: Services, content: bytes, folder: str, name: str) -> Sequence[Triple] | None:
    """What a document says; nothing when it cannot be read."""
    found = services.reader.check(content, name, f"http://localhost/records/{folder}/x", folder).statements
    return found.triples if found else None


def codes(engines: tuple[Validator, Validator], triples: Sequence[Triple], document: str) -> set[str]:
    """Codes of what both engines find in a document; what they find has to be the same to the last letter."""
    default, reference = (engine.validate(triples) for engine in engines)
    assert default == reference, document
    return {code_of(result.shape) for result in default}


def test_what_no_shape_can_look_at_changes_no_result(shared_data: Path, services: Services) -> None:
    file = ShapesFile(files_of(PROFILES))
    in_part = ShaclValidator(file, services.concepts.parents)
    file.predicates = None
    whole = ShaclValidator(file, services.concepts.parents)
    count = 0
    for path in sorted((shared_data / "jsonld").glob("*/*.json*")):
        triples = statements(services, path.read_bytes(), path.parent.name, path.name) or ()
        results = whole.validate(triples)
        assert in_part.validate(triples) == results, path.name
        count += len(results)
    assert count > 500, "without findings nothing is compared"


PARTS = 24


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, PARTS))])
def test_both_engines_say_the_same_about_every_real_document(
    part: int, shared_data: Path, services: Services, engines: tuple[Validator, Validator]
) -> None:
    """All profiles together; no difference is known."""
    files = sorted(path for path in (shared_data / "jsonld").glob("*/*.json*"))[part::PARTS]
    found: set[str] = set()
    for file in files:
        triples = statements(services, file.read_bytes(), file.parent.name, file.name)
        if triples is not None:
            found |= codes(engines, triples, f"{file.parent.name}/{file.name}")
    assert len(files) > 40
    assert len(found) > 5, "without findings nothing is compared"


def test_both_engines_say_the_same_about_the_samples(
    repository: Path, services: Services, engines: tuple[Validator, Validator]
) -> None:
    for file in sorted((repository / "app" / "samples").rglob("*.jsonld")):
        triples = statements(services, file.read_bytes(), "samples", file.name)
        assert triples is not None
        codes(engines, triples, file.name)


def test_both_engines_find_every_shape_that_the_pages_of_findings_show(
    repository: Path, services: Services, engines: tuple[Validator, Validator]
) -> None:
    found: set[str] = set()
    for page in FindingPages().values():
        triples = statements(services, page.document.encode(), "validate", page.code) if page.document else None
        if triples is not None:
            found |= codes(engines, triples, page.code)
    assert found >= {facts.code for profile in PROFILES for facts in shapes_of(profile)}
