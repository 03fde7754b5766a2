"""From settings to what is asked of a record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Services, build_services
from app.settings import Settings, load_settings
from records.errors import SettingsError
from records.issues import Severity
from shapes.profiles import OWN

OURS = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <https://example.org/lab#> .
@prefix schema: <https://schema.org/> .
e:SerialNumber a sh:NodeShape ; sh:targetSubjectsOf schema:serialNumber ;
    sh:property [ sh:path schema:serialNumber ; sh:pattern "^LAB-" ] ; sh:message "Not one of ours; look at the label." .
"""
DOCUMENT = {
    "@context": "https://w3id.org/emmo/domain/battery/context",
    "@type": "BatteryTest",
    "schema:name": "A test",
    "schema:serialNumber": "17",
}


class _WithFactTable(Services):
    """Services that need no ontologies of this machine."""

    ontology_dir = None
    contexts_dir = None


def services(tmp_path: Path, **settings: Any) -> Services:
    return _WithFactTable(Settings(home=tmp_path / "home", **settings))


def severities(made: Services, source: str = "s", communities: tuple[str, ...] = ()) -> dict[str, str]:
    checked = made.reader.check(json.dumps(DOCUMENT).encode(), "x.jsonld", "http://e/x", source, communities)
    return {issue.code: issue.severity.value for issue in checked.issues}


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    file = tmp_path / "lab.ttl"
    file.write_text(OURS)
    return file


ASKED = {
    "missing-test-object": "warning",
    "missing-procedure": "warning",
    "missing-instrument": "warning",
    "missing-output": "warning",
    "missing-time": "info",
}


def test_the_default_profiles_are_asked_unless_told_otherwise(tmp_path: Path) -> None:
    assert severities(services(tmp_path)) == ASKED
    assert severities(services(tmp_path, profiles=["readable"])) == {}


def test_severities_hold_for_every_step_and_off_leaves_out(tmp_path: Path) -> None:
    made = services(tmp_path, severities={"missing-time": "off", "missing-output": "violation", "undefined-term": "info"})
    kept = {code: grade for code, grade in ASKED.items() if code != "missing-time"}
    assert severities(made) == kept | {"missing-output": "violation"}
    broken = json.dumps(DOCUMENT | {"hasTestObjekt": 1}).encode()
    found = {issue.code: issue.severity for issue in made.reader.check(broken, "x.jsonld", "http://e/x", "s").issues}
    assert found["undefined-term"] is Severity.INFO


def test_what_makes_a_document_unreadable_is_told_even_when_it_is_off(tmp_path: Path) -> None:
    made = services(tmp_path, severities={"not-json": "off"})
    [issue] = made.reader.check(b"{,}", "x.jsonld", "http://e/x", "s").issues
    assert (issue.code, issue.severity) == ("not-json", Severity.VIOLATION)


def test_a_source_and_a_community_choose_for_themselves(tmp_path: Path) -> None:
    made = services(
        tmp_path,
        source_checks={"plain": {"profiles": ["readable"]}},
        community_checks={
            "community:strict": {"severities": {"missing-time": "violation"}},
            "archive/community:plans": {"profiles": ["experiment"]},
        },
    )
    assert severities(made, "plain") == {}
    assert severities(made, "s", ("local/community:strict",)) == ASKED | {"missing-time": "violation"}
    assert "missing-place" in severities(made, "plain", ("archive/community:plans",))


def test_shapes_of_ones_own_are_asked_beside_the_profiles(tmp_path: Path, ours: Path) -> None:
    assert severities(services(tmp_path, shapes_file=ours)) == ASKED | {"serial-number": "violation"}
    assert severities(services(tmp_path, shapes_file=ours, profiles=[])) == {"serial-number": "violation"}


def test_a_profile_of_ones_own_can_be_chosen_and_its_findings_be_graded(tmp_path: Path, ours: Path) -> None:
    made = services(tmp_path, profile_files={"lab": ours}, profiles=["lab"], severities={"serial-number": "info"})
    assert severities(made) == {"serial-number": "info"}
    assert [profile.name for profile in made.profiles][-1] == "lab"


def test_a_reader_can_be_made_for_given_profiles(tmp_path: Path, ours: Path) -> None:
    made = services(tmp_path, shapes_file=ours)
    content = json.dumps(DOCUMENT).encode()
    for names, codes in [(("readable",), set()), ((OWN,), {"serial-number"}), ((), ASKED.keys() | {"serial-number"})]:
        found = made.reader_for(names).check(content, "x.jsonld", "http://e/x", "s").issues
        assert {issue.code for issue in found} == codes
    with pytest.raises(SettingsError, match="no profile 'cells'"):
        made.reader_for(("cells",))


def test_records_are_outdated_when_shapes_or_choices_change(tmp_path: Path, ours: Path) -> None:
    prints = {
        services(tmp_path, **settings).fingerprint
        for settings in (
            {},
            {"profiles": ["readable"]},
            {"severities": {"missing-time": "off"}},
            {"profile_files": {"lab": ours}},
            {"source_checks": {"s": {"profiles": ["readable"]}}},
        )
    }
    assert len(prints) == 5


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"profiles": ["cells"]}, "'profiles' cannot be .*no profile 'cells'; choose from readable"),
        ({"profiles": []}, "no profile lets every record pass"),
        ({"source_checks": {"s": {"profiles": ["x"]}}}, "'source_checks' cannot be .*no profile 'x'"),
        (
            {"community_checks": {"community:c": {"profile": ["readable"]}}},
            "Unknown setting .community_checks.community:c.profile",
        ),
        ({"severities": {"missing-unit": "grave"}}, "'severities.missing-unit' cannot be 'grave'"),
        ({"profile_files": {"Our Lab": "lab.ttl"}}, "'Our Lab' is no name of a profile"),
        ({"profile_files": {"readable": "lab.ttl"}}, "there is a profile 'readable' already"),
        ({"profile_files": {"lab": "/does/not/exist"}}, "is not a file"),
    ],
)
def test_what_cannot_be_is_refused_at_start(tmp_path: Path, settings: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load_settings(home=tmp_path, **settings)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"severities": {"missing-units": "off"}}, "'missing-units', and no finding is called that. Did you mean missing-unit"),
        ({"community_checks": {"bigmap": {}}}, "local/bigmap"),
    ],
)
def test_a_code_or_a_community_that_is_none_is_refused_with_what_is_meant(
    tmp_path: Path, settings: dict[str, Any], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        _ = build_services(Settings(home=tmp_path, **settings)).choices


def test_a_broken_profile_that_one_community_chose_ends_the_program_at_start(tmp_path: Path) -> None:
    (tmp_path / "broken.ttl").write_text("no turtle")
    made = services(
        tmp_path, profile_files={"lab": tmp_path / "broken.ttl"}, community_checks={"community:c": {"profiles": ["lab"]}}
    )
    with pytest.raises(SettingsError, match=r"broken\.ttl:1:"):
        _ = made.reader


def test_a_file_of_settings_can_hold_all_of_it(tmp_path: Path, ours: Path) -> None:
    (tmp_path / "voltagraph.toml").write_text(
        f"""profiles = ["readable", "lab"]
        profile_files = {{ lab = "{ours}" }}
        severities = {{ missing-unit = "violation", serial-number = "off" }}
        [community_checks."community:bigmap"]
        profiles = ["experiment"]
        severities = {{ missing-place = "info" }}
        """
    )
    choice = build_services(load_settings(home=tmp_path)).choices.of("local", ("local/community:bigmap",))
    assert choice.profiles == ("experiment",)
    assert choice.severities == {"missing-unit": Severity.VIOLATION, "serial-number": None, "missing-place": Severity.INFO}
