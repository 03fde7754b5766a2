"""Old IRIs: the packaged table is what the ontologies of then and now give, and every row of it holds."""

from __future__ import annotations

from collections import Counter
from functools import cache
from importlib import resources
from pathlib import Path

import pytest

from ontology import terms
from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.former import FORMER_STARTS, NAMESPACES, Former, FormerIris, How, packaged_former, read_former
from ontology.former_facts import former_rows, write_former
from ontology.model import Kind, LabelKind
from ontology.units import Units
from records.errors import OntologyError

OLD = NAMESPACES["emmo-old"]
REAL = "EMMO_18d180e4_5e3e_42f7_820c_e08951223486"
ROWS = tuple({former.iri: former for former in packaged_former().values()}.values())


@cache
def concepts() -> Concepts:
    return Concepts(packaged_facts())


@cache
def former() -> FormerIris:
    return FormerIris(concepts())


@pytest.fixture(scope="module")
def old(shared_data: Path) -> Path:
    return shared_data / "ontologies" / "alternates" / "battinfo-0.3.0"


def test_the_packaged_table_is_made_of_the_ontologies(old: Path, tmp_path: Path) -> None:
    write_former(old, packaged_facts(), tmp_path / "former.tsv")
    assert (tmp_path / "former.tsv").read_bytes() == resources.files("ontology").joinpath("former.tsv").read_bytes()


def test_reading_the_table_gives_what_was_written(old: Path) -> None:
    assert sorted(ROWS) == sorted(former_rows(old, packaged_facts()))


def test_every_old_concept_maps_or_has_a_reason() -> None:
    assert Counter(row.how for row in ROWS) == {How.LABEL: 1360, How.IDENTIFIER: 121, How.MEANING: 1, How.NONE: 542}
    assert all(bool(row.today) != bool(row.reason) for row in ROWS)
    reasons = Counter(row.reason.partition(":")[0] for row in ROWS if row.reason)
    assert reasons == {
        "no concept of today has this label": 489,
        "its identifier means something else today": 47,
        "the dimension differs": 5,
        "several concepts of today have this label": 1,
    }


@pytest.mark.parametrize("how", [How.LABEL, How.IDENTIFIER, How.MEANING])
def test_what_a_row_says_of_today_holds(how: How) -> None:
    facts = packaged_facts()
    for row in ROWS:
        if row.how is how:
            concept = facts.concepts[row.today]
            assert not concept.deprecated or concepts().replacement(row.today) is None, row
            labels = {label.text for label in concept.labels if label.kind is LabelKind.PREF}
            assert (row.label in labels) == (how is How.LABEL), row


def test_every_old_unit_that_maps_converts_like_that_of_today() -> None:
    facts = packaged_facts()
    units = Units(facts)
    old_units = [row for row in ROWS if row.today in facts.units and facts.units[row.today].expression]
    assert len(old_units) > 40
    for row in old_units:
        assert units.find(row.iri) == units.find(row.today), row
        assert units.find(row.iri) is not None


@pytest.mark.parametrize(
    ("iri", "how", "today"),
    [
        (f"{OLD}{REAL}", How.IDENTIFIER, terms.REAL_DATA),
        (f"{OLD}EMMO_8ef3cd6d_ae58_4a8d_9fc0_ad8f49015cd0", How.IDENTIFIER, terms.HAS_NUMERICAL_PART),
        (f"{OLD}EMMO_67fc0a36_8dcb_4ffa_9a43_31074efa3296", How.MEANING, terms.HAS_MEASUREMENT_UNIT),
        (f"{OLD}EMMO_db5dd38d_ac79_4af6_8782_fee7e7150ae8", How.LABEL, "https://w3id.org/emmo#Ampere"),
        ("http://emmo.info/battery#battery_68ed592a_7924_45d0_a108_94d6275d57f0", How.LABEL, terms.BATTERY_CELL),
        (
            "http://emmo.info/electrochemistry#electrochemistry_9b3b4668_0795_4a35_9965_2af383497a26",
            How.IDENTIFIER,
            terms.RATED_CAPACITY,
        ),
        ("http://emmo.info/emmo/top/somewhere#" + REAL, How.IDENTIFIER, terms.REAL_DATA),
        (f"{OLD}EMMO_bed1d005_b04e_4a90_94cf_02bc678a8569", How.NONE, ""),  # hasPhysicalDimension then, hasMeasurementUnit today
        (f"{OLD}EMMO_498d80ae_9339_49c7_8c74_44aa704e0395", How.NONE, ""),  # DiffusionCoefficient, of another dimension then
        (f"{OLD}EMMO_00000000_0000_0000_0000_000000000000", How.NONE, ""),
        ("http://emmo.info/emmo#", How.NONE, ""),
    ],
)
def test_an_old_iri_is_looked_up_by_table_and_identifier(iri: str, how: How, today: str) -> None:
    found = former().find(iri)
    assert found is not None
    assert (found.iri, found.how, found.today) == (iri, how, today)
    assert former().today(iri) == (today or iri)


@pytest.mark.parametrize("iri", [terms.REAL_DATA, "https://schema.org/name", "", "urn:x", "https://example.org/emmo.info/"])
def test_any_other_iri_is_left_alone(iri: str) -> None:
    assert former().find(iri) is None
    assert former().today(iri) == iri


def test_every_row_begins_as_an_old_iri_does() -> None:
    assert all(row.iri.startswith(FORMER_STARTS) for row in ROWS)
    known = packaged_facts().concepts
    assert all(known[row.today].kind is not Kind.INDIVIDUAL for row in ROWS if row.today)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["voltagraph-former\t0"],
        ["voltagraph-former\t1", "emmo-old:X\tlabel\temmo:Y"],
        ["voltagraph-former\t1", "nothing:X\tlabel\temmo:Y\tZ"],
        ["voltagraph-former\t1", "emmo-old:X\tguessed\temmo:Y\tZ"],
    ],
)
def test_a_damaged_table_is_refused(lines: list[str]) -> None:
    with pytest.raises(OntologyError):
        read_former(lines)


def test_a_line_of_the_table_is_read_with_its_comment_left_out() -> None:
    read = read_former(["voltagraph-former\t1", "# a comment", "emmo-old:X\tnone\tgone\tOld"])
    assert read == {f"{OLD}X": Former(f"{OLD}X", How.NONE, "", "Old", "gone")}


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="battinfo-merged"):
        former_rows(tmp_path, packaged_facts())
