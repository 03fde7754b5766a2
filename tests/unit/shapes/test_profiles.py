"""Profiles: what there is, who chooses what, and how grave findings become."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from records.errors import SettingsError
from records.issues import Issue, Severity
from shapes.profiles import (
    COMMON,
    DEFAULT_PROFILES,
    PROFILES,
    Choice,
    Choices,
    Profile,
    files_of,
    named_profiles,
    with_severities,
)
from shapes.shape_facts import shapes_of
from shapes.shapes_file import ShapesFile

BOTH = Choices(
    Choice(("readable",), {"missing-name": Severity.INFO, "missing-unit": None}),
    {
        "archive": Choice(("readable", "battinfo-cell")),
        "strict": Choice(None, {"missing-name": Severity.VIOLATION}),
    },
    {
        "archive/community:a": Choice(("experiment",), {"missing-unit": Severity.WARNING, "missing-time": None}),
        "archive/community:b": Choice(("computation", "experiment"), {"missing-unit": Severity.VIOLATION}),
        "archive/community:c": Choice(None, {"missing-time": Severity.INFO}),
    },
)


@pytest.mark.parametrize(
    ("source", "communities", "profiles"),
    [
        ("other", (), ("readable",)),
        ("archive", (), ("readable", "battinfo-cell")),
        ("strict", (), ("readable",)),
        ("archive", ("archive/community:unknown",), ("readable", "battinfo-cell")),
        ("archive", ("archive/community:a",), ("experiment",)),
        ("archive", ("archive/community:a", "archive/community:b"), ("experiment", "computation")),
        ("archive", ("archive/community:c",), ("readable", "battinfo-cell")),
        ("archive", ("archive/community:a", "archive/community:c"), ("experiment", "readable", "battinfo-cell")),
    ],
)
def test_the_community_has_the_last_word_then_the_source(
    source: str, communities: tuple[str, ...], profiles: tuple[str, ...]
) -> None:
    assert BOTH.of(source, communities).profiles == profiles


def test_severities_of_the_source_and_the_community_come_on_top() -> None:
    assert BOTH.of("other").severities == {"missing-name": Severity.INFO, "missing-unit": None}
    assert BOTH.of("strict").severities == {"missing-name": Severity.VIOLATION, "missing-unit": None}
    assert BOTH.of("archive", ("archive/community:a",)).severities["missing-unit"] is Severity.WARNING


def test_of_the_severities_of_two_communities_the_gravest_holds() -> None:
    both = BOTH.of("archive", ("archive/community:a", "archive/community:b", "archive/community:c"))
    assert both.severities == {"missing-name": Severity.INFO, "missing-unit": Severity.VIOLATION, "missing-time": Severity.INFO}


def test_severities_change_findings_of_every_step_and_nothing_else_of_them() -> None:
    unit, term = Issue("missing-unit", "no unit", Severity.WARNING, line=3), Issue("undefined-term", "what is this?")
    assert with_severities([unit, term], {}) == (unit, term)
    assert with_severities([unit, term], {"missing-unit": Severity.WARNING}) == (unit, term)
    changed = with_severities([unit, term], {"missing-unit": Severity.INFO, "undefined-term": None})
    assert changed == (Issue("missing-unit", "no unit", Severity.INFO, line=3),)


def test_an_unknown_profile_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SettingsError, match="no profile 'cell'") as refused:
        named_profiles(["readable", "cell"])
    assert all(profile.name in (refused.value.remedy or "") for profile in PROFILES)


def test_the_default_profiles_are_those_of_batteries_and_of_every_record() -> None:
    assert DEFAULT_PROFILES == ("readable", "battinfo-cell", "battinfo-test", "measurement")


def test_every_file_of_shapes_belongs_to_a_profile() -> None:
    assert set(COMMON.parent.iterdir()) == set(files_of(PROFILES))


def test_a_shape_stands_in_one_file_only() -> None:
    declared = [name for file in files_of(PROFILES) for name in re.findall(r"^(vs:\w+) a ", file.read_text(), re.MULTILINE)]
    assert len(declared) == len(set(declared)) > 50


def test_a_missing_thing_is_a_violation_in_the_plans_alone() -> None:
    """A curator of cells is not told that a record is wrong because something was never known."""
    for profile in named_profiles(DEFAULT_PROFILES):
        grave = {
            facts.code for facts in shapes_of(profile) if facts.severity is Severity.VIOLATION and facts.code.startswith("missing")
        }
        assert grave <= {"missing-number"}


def test_shapes_of_a_community_are_described_too(tmp_path: Path) -> None:
    file = tmp_path / "lab.ttl"
    file.write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://e/#> . @prefix vs: <https://w3id.org/voltagraph/shapes#> .
        e:Cell a sh:NodeShape ; sh:targetClass e:C ; sh:property e:OurNumber , vs:MissingTime , e:Other .
        e:OurNumber sh:path e:n ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "No number; add one." .
        e:Other sh:path e:o ; sh:minCount 1 ."""
    )
    found = shapes_of(Profile("lab", "Lab", "Ours.", file))
    assert [(facts.code, facts.severity, facts.message, facts.remedy) for facts in found] == [
        ("missing-time", Severity.INFO, "Nothing says when it was done", found[0].remedy),
        ("other", Severity.VIOLATION, "", ""),
        ("our-number", Severity.WARNING, "No number", "add one."),
    ]


NODE_SHAPE = "@prefix sh: <http://www.w3.org/ns/shacl#> . <http://e/S> a sh:NodeShape"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("not turtle", r"lab\.ttl:1:"),
        ("@prefix sh: <http://www.w3.org/ns/shacl#> .", "lab.ttl declares no sh:NodeShape"),
        (f"{NODE_SHAPE} .", "lab.ttl has shapes but no target"),
        (f"{NODE_SHAPE} ; sh:targetNdoe <http://e/x> .", "no target"),
        (f"{NODE_SHAPE} ; sh:targetNode <http://e/x> ; sh:minCuont 1 .", r"lab\.ttl uses <http://www.w3.org/ns/shacl#minCuont>"),
    ],
)
def test_a_file_that_would_check_nothing_is_refused_beside_good_ones(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "lab.ttl"
    file.write_text(text)
    with pytest.raises(SettingsError, match=says):
        ShapesFile((*files_of(PROFILES), file))
