"""Date, licence, communities and validation of a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.dating import as_date
from harvester.reading import gravest
from records.issues import Issue, Severity
from records.record import Record
from search.bodies import decoded, encoded

ReadRecord = Callable[..., Record]
CC_BY = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("document", "date"),
    [
        ({"schema:datePublished": "2024-05-06", "schema:dateCreated": "2023-01-01"}, "2024-05-06"),
        ({"schema:dateModified": "2025", "schema:dateCreated": "2023-01-01T00:00:00Z"}, "2023-01-01"),
        ({"dcterms:issued": "2026-02-22T00:00:00Z"}, "2026-02-22"),
        ({"dc:created": "2023-06-26"}, "2023-06-26"),
        ({"schema:dateModified": "2025"}, "2025"),
        ({"schema:datePublished": 2021}, "2021"),
        ({"isDescriptionFor": {"@type": "PouchCell", "schema:releaseDate": "2020-01-01"}}, "2020-01-01"),
        ({"dcterms:source": {"http://www.w3.org/ns/prov#generatedAtTime": "2026-03-24T19:27:19+00:00"}}, "2026-03-24"),
        ({"schema:subjectOf": [{"schema:headline": "x"}, {"schema:datePublished": "2019"}]}, "2019"),
        ({"schema:dateCreated": "2023", "schema:subjectOf": {"schema:datePublished": "2019"}}, "2023"),
        ({"hasCase": {"@type": "PouchCase", "schema:dateCreated": "2023"}}, ""),
        ({}, ""),
    ],
)
def test_a_date_is_when_it_was_published_else_made_else_changed(
    read_record: ReadRecord, document: dict[str, Any], date: str
) -> None:
    assert read_record({"@type": "schema:Dataset", **document}).date == date


def test_a_release_is_the_products_own(read_record: ReadRecord) -> None:
    cell = {"@type": "schema:Dataset", "schema:releaseDate": "2019-01-01", "schema:datePublished": "2026-03"}
    assert read_record(cell).released == "2019-01-01"
    assert read_record({"@type": "schema:Dataset", "schema:datePublished": "2026-03"}).released == ""


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2024-06-16", "2024-06-16"),
        ("2024-06-16 10:00", "2024-06-16"),
        ("2024-06", "2024-06"),
        ("2024-13", "2024"),
        ("2024-02-30", "2024-02"),
        ("16/6/2024", "2024-06-16"),
        ("6/16/2024", "2024-06-16"),
        ("01.05.2026", "2026"),
        ("05/05/2026", "2026-05-05"),
        ("May 2020", "2020"),
        ("12345", ""),
        ("", ""),
    ],
)
def test_as_much_of_a_date_as_is_certain(text: str, date: str) -> None:
    assert as_date(text) == date


@given(st.text(alphabet="0123456789-/.T: ", max_size=20))
def test_a_date_begins_with_its_year(text: str) -> None:
    found = as_date(text)
    assert len(found) in (0, 4, 7, 10)
    assert found[:4].isdigit() or not found


@pytest.mark.parametrize(
    ("document", "licence"),
    [
        ({"schema:license": {"@id": CC_BY}}, CC_BY),
        ({"dcterms:license": "CC-BY-4.0"}, "CC-BY-4.0"),
        ({"dc:license": {"schema:name": "MIT"}}, "MIT"),
        ({"schema:license": ["MIT", {"@id": CC_BY}]}, CC_BY),
        ({"schema:license": {"@id": "cc-by-4.0"}}, "cc-by-4.0"),
        ({"schema:citation": {"schema:license": {"@id": CC_BY}}}, ""),
    ],
)
def test_a_licence_is_the_records_own(read_record: ReadRecord, document: dict[str, Any], licence: str) -> None:
    assert read_record({"@type": "schema:Dataset", **document}).licence == licence


def test_communities_are_those_of_the_source_sorted(read_record: ReadRecord) -> None:
    record = read_record({"@type": "PouchCell"}, communities=("lab/community:b", "lab/community:a"))
    assert record.communities == ("lab/community:a", "lab/community:b")


def test_validation_is_the_gravest_finding(read_record: ReadRecord) -> None:
    issues = [Issue("a", "m", severity=severity) for severity in (Severity.INFO, Severity.WARNING)]
    assert [gravest(issues), gravest(issues[:1]), gravest(())] == ["warning", "info", "none"]
    assert read_record({"@type": "PouchCell", "hasProperety": {"@type": "Mass"}}).validation == "violation"


@pytest.mark.parametrize(
    ("document", "kind", "label", "text", "key"),
    [
        ({"schema:releaseDate": "2020-01-01"}, "date", "releaseDate", "2020-01-01", "/schema:releaseDate"),
        (
            {"schema:subjectOf": {"@type": "schema:Article", "schema:datePublished": "2019"}},
            "date",
            "datePublished",
            "2019",
            "/schema:subjectOf/schema:datePublished",
        ),
        ({"dcterms:license": {"@id": CC_BY}}, "licence", "license", CC_BY, "/dcterms:license"),
        (
            {"schema:countryOfOrigin": {"@type": "schema:Country", "schema:name": "Vietnam"}},
            "country",
            "countryOfOrigin",
            "Vietnam",
            "/schema:countryOfOrigin",
        ),
        ({"schema:countryOfOrigin": "China"}, "country", "countryOfOrigin", "China", "/schema:countryOfOrigin"),
        ({"schema:molecularFormula": "Al2O3"}, "formula", "molecularFormula", "Al2O3", "/schema:molecularFormula"),
    ],
)
def test_what_a_record_says_of_itself_has_its_place(
    read_record: ReadRecord, document: dict[str, Any], kind: str, label: str, text: str, key: str
) -> None:
    record = read_record({"@type": "schema:Dataset", "schema:name": "A", **document})
    (said,) = (one for one in record.said if one.kind == kind)
    assert (said.label, said.text, said.pointer) == (label, text, key)
    assert said.line > 1
    assert decoded(encoded(record)).said == record.said
