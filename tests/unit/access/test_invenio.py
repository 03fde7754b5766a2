"""The rights of InvenioRDM records: a table of named states, and an evaluator written another way that must always agree."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from access.invenio import MAX_ENTRIES, Profile, State, explain_rights, rights_of
from records.rights import ANY, DENIED, PUBLIC, Audiences, Rights

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SOURCE = "bma"


PARENT = {
    "access": {
        "owned_by": {"user": "7"},
        "grants": [
            {"subject": {"type": "user", "id": "20"}, "permission": "view", "origin": None},
            {"subject": {"type": "user", "id": "21"}, "permission": "preview"},
            {"subject": {"type": "role", "id": "it staff"}, "permission": "edit"},
            {"subject": {"type": "system_role", "id": "authenticated_user"}, "permission": "manage"},
        ],
        "links": [
            {"id": "v", "permission": "view", "expires_at": None},
            {"id": "p", "permission": "preview", "expires_at": "2026-06-02"},
            {"id": "e", "permission": "edit"},
            {"id": "old", "permission": "view", "expires_at": "2026-06-01T00:00:00+00:00"},
        ],
    },
    "communities": {"ids": ["c1", "c2"], "default": "c1"},
}
OWNER = "bma/user:7"
MEMBERS = {"bma/community:c1", "bma/community:c2"}
CURATORS = {"bma/community:c1#curator", "bma/community:c2#curator"}
GRANTED_PREVIEW = {"bma/user:21", "bma/role:it%20staff", "bma/auth"}
RDM_PREVIEW = {OWNER} | GRANTED_PREVIEW | {"bma/link:p", "bma/link:e"}
RDM_VIEW = RDM_PREVIEW | MEMBERS | {"bma/user:20", "bma/link:v"}
BMA_VIEW = {OWNER, "bma/link:v", "bma/link:p"} | MEMBERS
BMA_DRAFT = {OWNER, "bma/link:p"} | CURATORS
ONLY_OWNER = {OWNER}
NONE: set[str] = set()

RESTRICTED = {"record": "restricted", "files": "restricted"}
OPEN = {"record": "public", "files": "public"}
METADATA_ONLY = {"record": "public", "files": "restricted"}

TABLE: list[tuple[str, dict[str, Any], set[str], set[str], set[str], set[str]]] = [
    # state, fields, rdm metadata, rdm files, bma metadata, bma files
    ("open", {"access": OPEN}, {ANY}, {ANY}, NONE, NONE),
    ("public metadata, restricted files", {"access": METADATA_ONLY}, {ANY}, RDM_VIEW, NONE, NONE),
    ("restricted", {"access": RESTRICTED}, RDM_VIEW, RDM_VIEW, BMA_VIEW, BMA_VIEW),
    (
        "restricted record with files called public",
        {"access": RESTRICTED | {"files": "public"}},
        RDM_VIEW,
        RDM_VIEW,
        BMA_VIEW,
        BMA_VIEW,
    ),
    (
        "embargo still running",
        {"access": RESTRICTED | {"embargo": {"active": True, "until": "2030-01-01"}}},
        RDM_VIEW,
        RDM_VIEW,
        BMA_VIEW,
        BMA_VIEW,
    ),
    (
        "embargo over but not lifted by the source",
        {"access": RESTRICTED | {"embargo": {"active": True, "until": "2020-01-01"}}},
        RDM_VIEW,
        RDM_VIEW,
        BMA_VIEW,
        BMA_VIEW,
    ),
    ("files under embargo", {"access": METADATA_ONLY | {"embargo": {"active": True}}}, {ANY}, RDM_VIEW, NONE, NONE),
    ("embargo lifted", {"access": OPEN | {"embargo": {"active": False, "until": "2020-01-01"}}}, {ANY}, {ANY}, NONE, NONE),
    (
        "inactive embargo does not open",
        {"access": RESTRICTED | {"embargo": {"active": False}}},
        RDM_VIEW,
        RDM_VIEW,
        BMA_VIEW,
        BMA_VIEW,
    ),
    ("active embargo on an open record", {"access": OPEN | {"embargo": {"active": True}}}, ONLY_OWNER, ONLY_OWNER, NONE, NONE),
    (
        "active embargo, unknown files",
        {"access": OPEN | {"files": 1, "embargo": {"active": True}}},
        ONLY_OWNER,
        ONLY_OWNER,
        NONE,
        NONE,
    ),
    ("embargo that does not say", {"access": OPEN | {"embargo": {"until": "2030-01-01"}}}, ONLY_OWNER, ONLY_OWNER, NONE, NONE),
    ("status is for display only", {"access": RESTRICTED | {"status": "open"}}, RDM_VIEW, RDM_VIEW, BMA_VIEW, BMA_VIEW),
    ("no access", {}, ONLY_OWNER, ONLY_OWNER, NONE, NONE),
    ("access is no object", {"access": "public"}, ONLY_OWNER, ONLY_OWNER, NONE, NONE),
    ("unknown record protection", {"access": {"record": "Public", "files": "public"}}, ONLY_OWNER, ONLY_OWNER, NONE, NONE),
    ("missing record protection", {"access": {"files": "public"}}, ONLY_OWNER, ONLY_OWNER, NONE, NONE),
    ("missing files protection", {"access": {"record": "public"}}, {ANY}, ONLY_OWNER, NONE, NONE),
    ("unknown files protection", {"access": RESTRICTED | {"files": True}}, RDM_VIEW, ONLY_OWNER, BMA_VIEW, ONLY_OWNER),
    (
        "published, said in full",
        {"access": OPEN, "is_published": True, "is_draft": False, "status": "published"},
        {ANY},
        {ANY},
        NONE,
        NONE,
    ),
    ("draft", {"access": OPEN, "is_draft": True}, RDM_PREVIEW | CURATORS, RDM_PREVIEW | CURATORS, NONE, NONE),
    (
        "restricted draft",
        {"access": RESTRICTED, "is_draft": True},
        RDM_PREVIEW | CURATORS,
        RDM_PREVIEW | CURATORS,
        BMA_DRAFT,
        BMA_DRAFT,
    ),
    (
        "edited draft of a published record",
        {"access": RESTRICTED, "is_draft": True, "is_published": True, "status": "published"},
        RDM_PREVIEW | CURATORS,
        RDM_PREVIEW | CURATORS,
        BMA_DRAFT,
        BMA_DRAFT,
    ),
    (
        "not published",
        {"access": RESTRICTED, "is_published": False},
        RDM_PREVIEW | CURATORS,
        RDM_PREVIEW | CURATORS,
        BMA_DRAFT,
        BMA_DRAFT,
    ),
    (
        "in review",
        {"access": RESTRICTED, "status": "in_review"},
        RDM_PREVIEW | CURATORS,
        RDM_PREVIEW | CURATORS,
        BMA_DRAFT,
        BMA_DRAFT,
    ),
    (
        "malformed flag",
        {"access": RESTRICTED, "is_draft": None},
        RDM_PREVIEW | CURATORS,
        RDM_PREVIEW | CURATORS,
        BMA_DRAFT,
        BMA_DRAFT,
    ),
    ("draft in doubt", {"is_draft": True}, ONLY_OWNER, ONLY_OWNER, NONE, NONE),
    ("not deleted", {"access": OPEN, "deletion_status": {"is_deleted": False, "status": "P"}}, {ANY}, {ANY}, NONE, NONE),
    (
        "not deleted, as indexed",
        {"access": OPEN, "deletion_status": "P", "is_deleted": False, "tombstone": None},
        {ANY},
        {ANY},
        NONE,
        NONE,
    ),
    ("deleted", {"access": OPEN, "deletion_status": {"is_deleted": True, "status": "D"}}, NONE, NONE, NONE, NONE),
    ("deleted, as indexed", {"access": OPEN, "deletion_status": "D"}, NONE, NONE, NONE, NONE),
    ("marked for deletion", {"access": OPEN, "deletion_status": {"is_deleted": True, "status": "X"}}, NONE, NONE, NONE, NONE),
    ("deleted by one flag", {"access": OPEN, "is_deleted": True}, NONE, NONE, NONE, NONE),
    ("has a tombstone", {"access": OPEN, "tombstone": {"removal_date": "2026-01-01"}}, NONE, NONE, NONE, NONE),
    ("malformed deletion", {"access": OPEN, "deletion_status": 0}, NONE, NONE, NONE, NONE),
    ("empty deletion", {"access": OPEN, "deletion_status": {}}, NONE, NONE, NONE, NONE),
    ("deleted draft", {"access": OPEN, "is_draft": True, "is_deleted": True}, NONE, NONE, NONE, NONE),
]


@pytest.mark.parametrize(("name", "fields", "metadata", "files", "bma_metadata", "bma_files"), TABLE, ids=[row[0] for row in TABLE])
def test_named_states(
    name: str, fields: dict[str, Any], metadata: set[str], files: set[str], bma_metadata: set[str], bma_files: set[str]
) -> None:
    record = fields | {"parent": PARENT}
    assert rights_of(record, source=SOURCE, profile=Profile.RDM, now=NOW)[0] == Rights(frozenset(metadata), frozenset(files))
    assert rights_of(record, source=SOURCE, profile=Profile.BMA, now=NOW)[0] == Rights(
        frozenset(bma_metadata), frozenset(bma_files)
    )


def restricted(parent: object) -> dict[str, object]:
    return {"access": RESTRICTED, "parent": parent}


def read(record: Mapping[str, object], profile: Profile = Profile.RDM, **more: Any) -> Audiences:
    return rights_of(record, source=SOURCE, profile=profile, **more)[0].read_metadata


def test_a_system_role_of_everybody_opens_a_restricted_record() -> None:
    parent = {"access": {"grants": [{"subject": {"type": "system_role", "id": "any_user"}, "permission": "view"}]}}
    assert read(restricted(parent)) == PUBLIC
    assert read(restricted(parent), Profile.BMA) == frozenset()


def test_an_id_that_holds_separators_cannot_be_taken_for_another_audience() -> None:
    parent = {"access": {"owned_by": {"user": "7/../community:c1#curator"}}, "communities": {"ids": ["c#curator"]}}
    assert read(restricted(parent)) == {"bma/user:7%2F..%2Fcommunity%3Ac1%23curator", "bma/community:c%23curator"}


def test_a_number_and_the_same_digits_are_one_user() -> None:
    assert read(restricted({"access": {"owned_by": {"user": 7}}})) == {OWNER}


@pytest.mark.parametrize(
    "parent",
    [
        None,
        [],
        "x",
        {"access": []},
        {"access": {"owned_by": 7}},
        {"access": {"owned_by": [{"user": "7"}]}},
        {"access": {"owned_by": {"user": None}}},
        {"access": {"owned_by": {"user": True}}},
        {"access": {"owned_by": {"user": ""}}},
        {"access": {"owned_by": {"user": "\ud800"}}},
        {"access": {"owned_by": {"user": "x" * 1001}}},
        {"access": {"owned_by": {"user": 10**5000}}},
        {"access": {"grants": {"subject": {"type": "user", "id": "7"}, "permission": "view"}}},
        {"access": {"grants": ["7"]}},
        {"access": {"grants": [{"subject": {"type": "user", "id": "7"}, "permission": "read"}]}},
        {"access": {"grants": [{"subject": {"type": "user", "id": "7"}, "permission": ["view"]}]}},
        {"access": {"grants": [{"subject": {"type": "group", "id": "7"}, "permission": "view"}]}},
        {"access": {"grants": [{"subject": {"type": "system_role", "id": "system_process"}, "permission": "view"}]}},
        {"access": {"grants": [{"subject": {"type": "user"}, "permission": "view"}]}},
        {"access": {"grants": [{"subject": "7", "permission": "view"}]}},
        {"access": {"links": [{"id": "l"}]}},
        {"access": {"links": ["l"]}},
        {"access": {"links": [{"permission": "view"}]}},
        {"access": {"links": [{"id": "l", "permission": "manage"}]}},
        {"access": {"links": [{"id": "l", "permission": "view", "expires_at": "soon"}]}},
        {"access": {"links": [{"id": "l", "permission": "view", "expires_at": 4102444800}]}},
        {"communities": ["c1"]},
        {"communities": {"ids": "c1"}},
        {"communities": {"ids": [None, {}, ""]}},
    ],
)
def test_what_is_malformed_gives_no_right_and_is_told(parent: object) -> None:
    rights, issues = rights_of(restricted(parent), source=SOURCE, profile=Profile.RDM, now=NOW)
    assert rights == DENIED
    if parent is not None:
        assert {issue.code for issue in issues} == {"rights-malformed"}
        assert all(issue.pointer.startswith("/parent") and issue.remedy for issue in issues)


def test_a_well_formed_record_has_no_issues() -> None:
    for profile in Profile:
        assert rights_of(restricted(PARENT), source=SOURCE, profile=profile, now=NOW)[1] == ()


def test_a_link_counts_until_it_expires_and_without_a_time_not_at_all() -> None:
    def with_link(expires: str | None) -> dict[str, object]:
        return restricted({"access": {"links": [{"id": "l", "permission": "view", "expires_at": expires}]}})

    assert read(with_link("2026-06-01T00:00:01"), now=NOW) == {"bma/link:l"}
    assert read(with_link("2026-06-01"), now=NOW) == frozenset()
    assert read(with_link("2026-06-01T03:00:00+05:00"), now=NOW) == frozenset()
    assert read(with_link("2030-01-01")) == frozenset()
    assert read(with_link(None)) == {"bma/link:l"}
    assert read(with_link("0001-01-01T00:00:00+14:00"), now=NOW) == frozenset()
    assert read(with_link("9999-12-31T23:59:59-14:00"), now=NOW) == {"bma/link:l"}


def test_what_the_source_says_of_links_replaces_what_the_record_says() -> None:
    record = restricted({"access": {"links": [{"id": "a"}, {"id": "gone", "permission": "view"}]}})
    told = {"a": {"permission": "view", "expires_at": None}, "b": {"permission": "edit", "expires_at": None}, "c": 7}
    rights, issues = rights_of(record, source=SOURCE, profile=Profile.RDM, links=told)
    assert rights.read_files == {"bma/link:a", "bma/link:b"}
    assert [issue.message for issue in issues] == ["this share link has no known permission"]
    assert read(record, Profile.BMA, links=told) == {"bma/link:a"}
    assert read(record, links={}) == frozenset()


def test_no_token_of_a_link_gets_into_issues_or_reasons() -> None:
    links = [{"id": "l", "permission": "nonsense", "token": "SECRET"}, {"id": "m", "permission": "view", "token": "SECRET"}]
    explanation = explain_rights(restricted({"access": {"links": links}}), source=SOURCE, profile=Profile.RDM)
    assert explanation.reasons
    assert explanation.issues
    assert "SECRET" not in repr(explanation)


def test_entries_beyond_the_limit_give_no_right() -> None:
    ids = [f"c{number}" for number in range(MAX_ENTRIES + 1)]
    rights, issues = rights_of(restricted({"communities": {"ids": ids}}), source=SOURCE, profile=Profile.RDM)
    assert len(rights.read_metadata) == MAX_ENTRIES
    assert [issue.pointer for issue in issues] == ["/parent/communities/ids"]
    told = {name: {"permission": "view"} for name in ids}
    rights, issues = rights_of(restricted({}), source=SOURCE, profile=Profile.RDM, links=told)
    assert len(rights.read_metadata) == MAX_ENTRIES
    assert len(issues) == 1


def test_the_reasons_name_every_audience_and_the_field_that_decides() -> None:
    explanation = explain_rights({"access": METADATA_ONLY, "parent": PARENT}, source=SOURCE, profile=Profile.RDM, now=NOW)
    assert explanation.state is State.PUBLISHED
    by_audience = {reason.audience: reason for reason in explanation.reasons}
    assert by_audience[ANY].because == "the record is public"
    assert (by_audience[ANY].metadata, by_audience[ANY].files) == (True, False)
    assert by_audience[OWNER].pointer == "/parent/access/owned_by/user"
    assert by_audience["bma/link:e"].because == "share link to edit"
    assert by_audience["bma/role:it%20staff"].pointer == "/parent/access/grants/2"
    assert explanation.rights.read_files == {reason.audience for reason in explanation.reasons if reason.files}


def test_nobody_reads_a_deleted_record_and_the_explanation_says_so() -> None:
    explanation = explain_rights({"access": OPEN, "is_deleted": True, "parent": PARENT}, source=SOURCE, profile=Profile.RDM)
    assert (explanation.state, explanation.rights, explanation.reasons) == (State.DELETED, DENIED, ())


def test_a_wrong_source_or_time_is_the_callers_fault() -> None:
    with pytest.raises(ValueError, match="cannot name a source"):
        rights_of({}, source="a/b", profile=Profile.RDM)
    with pytest.raises(ValueError, match="no time zone"):
        rights_of({}, source=SOURCE, profile=Profile.RDM, now=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
