"""The check of a release: the reasoner finds classes that can have no member; without it the command says what is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pyoxigraph as px
import pytest

from ontology import release as module
from ontology.release import check_release, logical, reasoner
from records.errors import LimitError, OntologyError, SettingsError

TURTLE = """
    @prefix : <https://e.org/o#> .  @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .  @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    <https://e.org/o> a owl:Ontology ; owl:imports <https://e.org/elsewhere> ; rdfs:label "An ontology" .
    :Solid a owl:Class ; rdfs:label "Solid"@en . :Liquid a owl:Class ; owl:disjointWith :Solid .
    :hasPart a owl:ObjectProperty ; rdfs:range :Solid . :hasNumber a owl:DatatypeProperty ; rdfs:range xsd:dateTimeStamp .
    :Counted a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :hasNumber ; owl:someValuesFrom xsd:string ] .
    :Defined a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf (
        :Solid [ a owl:Restriction ; owl:onProperty :hasNumber ; owl:someValuesFrom xsd:string ] ) ] .
"""
IMPOSSIBLE = """
    :Slush a owl:Class ; rdfs:subClassOf :Solid , :Liquid .
    :Cup a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :hasPart ; owl:someValuesFrom :Liquid ] .
    :Puddle a owl:Class ; rdfs:subClassOf :Liquid .
"""


def written(folder: Path, text: str) -> Path:
    (folder / "a.ttl").write_text(TURTLE + text)
    return folder


@pytest.fixture
def with_reasoner() -> None:
    try:
        reasoner()
    except SettingsError as error:
        pytest.skip(f"the reasoner is not here: {error}")


@pytest.mark.usefixtures("with_reasoner")
def test_classes_that_can_have_no_member_are_found(tmp_path: Path) -> None:
    seconds: list[float] = []
    found = check_release(written(tmp_path, IMPOSSIBLE), on_progress=seconds.append)
    assert found.unsatisfiable == ("https://e.org/o#Cup", "https://e.org/o#Slush")
    assert (found.classes, found.issues) == (7, ())
    assert found.left_out["data properties"] > 0
    assert seconds


@pytest.mark.usefixtures("with_reasoner")
def test_sound_ontologies_have_none_and_a_broken_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text("]")
    found = check_release(written(tmp_path, ""))
    assert found.unsatisfiable == ()
    assert [issue.code for issue in found.issues] == ["ontology-invalid"]


@pytest.mark.usefixtures("with_reasoner")
def test_ontologies_that_contradict_themselves_as_a_whole_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="contradict"):
        check_release(written(tmp_path, ":slush a owl:NamedIndividual , :Solid , :Liquid ."))


@pytest.mark.usefixtures("with_reasoner")
def test_the_reasoner_is_ended_when_the_time_is_up_or_somebody_interrupts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Watched(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, **kwargs)  # type: ignore[call-overload]
            started.append(self)

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ontology.release.subprocess.Popen", Watched)
    folder = written(tmp_path, IMPOSSIBLE)
    with pytest.raises(LimitError, match="longer than 0"):
        check_release(folder, max_seconds=0)
    with pytest.raises(KeyboardInterrupt):
        check_release(folder, on_progress=interrupt)
    assert [process.poll() for process in started] == [-9, -9]


def test_without_the_reasoner_or_java_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="HermiT is not installed") as missing:
        check_release(tmp_path)
    assert "requirements/release.txt" in str(missing.value.remedy)
    jar = tmp_path / "hermit" / "HermiT.jar"
    jar.parent.mkdir()
    jar.touch()
    monkeypatch.setattr(module, "find_spec", lambda name: type("Spec", (), {"origin": str(tmp_path / "__init__.py")}))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SettingsError, match="needs Java"):
        check_release(tmp_path)


def test_what_is_left_out_is_counted_and_the_rest_stays_whole() -> None:
    triples = [quad.triple for quad in px.parse(TURTLE, format=px.RdfFormat.TURTLE)]
    kept, left_out = logical(triples)
    text = "\n".join(str(triple) for triple in kept)
    assert "hasNumber" not in text
    assert "string" not in text
    assert "imports" not in text
    assert text.count("#rest>") == 2  # the list of the definition is whole
    assert "<http://www.w3.org/2002/07/owl#Thing>" in text
    assert set(left_out) == {"data properties", "annotations, rules and facts"}
    assert sum(left_out.values()) + len(kept) == len(triples)
