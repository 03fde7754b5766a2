"""Rights of an archive against an evaluator that was written another way, over random records, and over malformed ones."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access.audiences import Audience, Kind, is_audience, member_audiences, readable, with_implied
from access.invenio import Profile, rights_of
from records.rights import ANY, PUBLIC, Audiences

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SOURCE = "bma"
RESTRICTED = {"record": "restricted", "files": "restricted"}
OPEN = {"record": "public", "files": "public"}
METADATA_ONLY = {"record": "public", "files": "restricted"}

Need = tuple[str, ...]


class Evaluator:
    """May this identity read this record? Asked of well-formed records, of which parts may be missing.

    It follows the permission generators of the policy: needs of the caller against fields of the record.
    """

    def __init__(self, needs: frozenset[Need], record: dict[str, Any], profile: Profile) -> None:
        self.needs = needs
        self.record = record
        self.bma = profile is Profile.BMA
        parent = record.get("parent", {})
        self.parent_access = parent.get("access", {})
        self.community_ids = parent.get("communities", {}).get("ids", [])

    def owner(self) -> bool:
        return ("user", self.parent_access.get("owned_by", {}).get("user", "nobody at all")) in self.needs

    def member(self, *roles: str) -> bool:
        return any(need[0] == "community" and need[1] in self.community_ids and need[2] in roles for need in self.needs)

    def grant(self, permission: str) -> bool:
        if self.bma:
            return False
        for grant in self.parent_access.get("grants", []):
            subject = grant["subject"]
            if grant["permission"] == permission and (subject["type"], subject["id"]) in self.needs:
                return True
        return False

    def link(self, permission: str) -> bool:
        for link in self.parent_access.get("links", []):
            live = link.get("expires_at") is None or datetime.fromisoformat(link["expires_at"] + "T00:00:00+00:00") > NOW
            if live and link["permission"] == permission and ("link", link["id"]) in self.needs:
                return True
        return False

    def manage(self) -> bool:
        return self.owner() or self.member("curator", "manager", "owner") or self.grant("manage")

    def curate(self) -> bool:
        return self.manage() or self.grant("edit") or self.link("edit")

    def preview(self) -> bool:
        if self.bma:
            return self.manage() or self.link("preview")
        return self.curate() or self.grant("preview") or self.link("preview")

    def view(self) -> bool:
        if self.bma:
            return (
                self.manage() or self.link("view") or self.link("preview") or self.member("reader", "curator", "manager", "owner")
            )
        return self.preview() or self.grant("view") or self.link("view") or self.member("reader", "curator", "manager", "owner")

    def deleted(self) -> bool:
        status = self.record.get("deletion_status", "P")
        if isinstance(status, dict):
            status = status["status"]
        return status != "P" or bool(self.record.get("is_deleted")) or bool(self.record.get("tombstone"))

    def draft(self) -> bool:
        return (
            bool(self.record.get("is_draft")) or not self.record.get("is_published", True) or self.record.get("status") == "draft"
        )

    def may_read(self, part: str) -> bool:
        access = self.record.get("access", {})
        protection = {"metadata": access.get("record"), "files": access.get("files")}
        active = (access.get("embargo") or {"active": False})["active"]
        if self.deleted() or (self.bma and protection["metadata"] != "restricted"):
            return False
        if protection["metadata"] not in ("public", "restricted") or protection[part] not in ("public", "restricted"):
            return self.owner()
        if active and "restricted" not in protection.values():
            return self.owner()
        if self.draft():
            return self.preview()
        if "restricted" in (protection["metadata"], protection[part]):
            return self.view()
        return True


def audiences_of(needs: frozenset[Need]) -> Audiences:
    held = {ANY}
    for kind, value, *role in needs:
        if kind == "system_role" and value == "authenticated_user":
            held.add(f"{SOURCE}/auth")
        elif kind == "community":
            held |= member_audiences(SOURCE, value, role[0])
        elif kind != "system_role":
            held.add(str(Audience(Kind(kind), SOURCE, value)))
    return frozenset(held)


def assert_agrees(needs: frozenset[Need], record: dict[str, Any], profile: Profile) -> None:
    rights, _ = rights_of(record, source=SOURCE, profile=profile, now=NOW)
    evaluator = Evaluator(needs, record, profile)
    held = audiences_of(needs)
    assert readable(rights.read_metadata, held) == evaluator.may_read("metadata")
    assert readable(rights.read_files, held) == evaluator.may_read("files")


USERS = ["7", "20", "21", "a/b c@x"]
ROLES = ["it staff", "ops"]
COMMUNITIES = ["c1", "c2", "c#curator"]
LINKS = ["v", "p", "e"]
PERMISSIONS = ["view", "preview", "edit", "manage"]
SUBJECTS = (
    st.builds(lambda one: {"type": "user", "id": one}, st.sampled_from(USERS))
    | st.builds(lambda one: {"type": "role", "id": one}, st.sampled_from(ROLES))
    | st.builds(lambda one: {"type": "system_role", "id": one}, st.sampled_from(["any_user", "authenticated_user"]))
)
EMBARGOES = st.sampled_from(
    [None, {}, {"active": False}, {"active": True, "until": "2020-01-01"}, {"active": True, "until": "2030-01-01"}]
)
PARENTS = st.fixed_dictionaries(
    {},
    optional={
        "access": st.fixed_dictionaries(
            {},
            optional={
                "owned_by": st.fixed_dictionaries({"user": st.sampled_from(USERS)}),
                "grants": st.lists(
                    st.fixed_dictionaries({"subject": SUBJECTS, "permission": st.sampled_from(PERMISSIONS)}), max_size=3
                ),
                "links": st.lists(
                    st.fixed_dictionaries(
                        {"id": st.sampled_from(LINKS), "permission": st.sampled_from(["view", "preview", "edit"])},
                        optional={"expires_at": st.sampled_from([None, "2026-05-31", "2026-06-01", "2026-06-02"])},
                    ),
                    max_size=3,
                ),
            },
        ),
        "communities": st.fixed_dictionaries({"ids": st.lists(st.sampled_from(COMMUNITIES), max_size=2)}),
    },
)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "access": st.fixed_dictionaries(
            {},
            optional={
                "record": st.sampled_from(["public", "restricted", "closed"]),
                "files": st.sampled_from(["public", "restricted", "closed"]),
                "embargo": EMBARGOES,
            },
        ),
        "parent": PARENTS,
        "is_draft": st.booleans(),
        "is_published": st.sampled_from([True, True, False]),
        "status": st.sampled_from(["published", "published", "draft"]),
        "deletion_status": st.sampled_from(
            ["P", "P", "D", {"is_deleted": False, "status": "P"}, {"is_deleted": True, "status": "X"}]
        ),
        "is_deleted": st.sampled_from([False, False, True]),
        "tombstone": st.sampled_from([None, None, {"note": "gone"}]),
    },
)
PLAIN_RECORDS = st.fixed_dictionaries(  # so that most examples are not closed for a reason that has nothing to do with the identity
    {"access": st.sampled_from([OPEN, METADATA_ONLY, RESTRICTED]), "parent": PARENTS}, optional={"is_draft": st.booleans()}
)


@st.composite
def identities(draw: st.DrawFn) -> frozenset[Need]:
    needs: set[Need] = {("system_role", "any_user")}
    if draw(st.booleans()):
        needs |= {("system_role", "authenticated_user"), ("user", draw(st.sampled_from(USERS)))}
        needs |= {("role", role) for role in draw(st.sets(st.sampled_from(ROLES)))}
        for community in draw(st.sets(st.sampled_from(COMMUNITIES))):
            needs.add(("community", community, draw(st.sampled_from(["reader", "curator", "manager", "owner"]))))
    needs |= {("link", link) for link in draw(st.sets(st.sampled_from(LINKS), max_size=2))}
    return frozenset(needs)


@settings(max_examples=1500, deadline=None)
@given(identities(), RECORDS | PLAIN_RECORDS, st.sampled_from(Profile))
def test_the_audiences_let_exactly_those_read_whom_the_policy_lets(
    needs: frozenset[Need], record: dict[str, Any], profile: Profile
) -> None:
    assert_agrees(needs, record, profile)


def every_state() -> Iterator[dict[str, Any]]:
    """The cross product of everything that decides."""
    protections = ["public", "restricted", "closed"]
    embargoes = [None, {"active": False}, {"active": True, "until": "2020-01-01"}]
    states: list[dict[str, Any]] = [
        {},
        {"is_draft": True},
        {"is_deleted": True},
        {"deletion_status": {"is_deleted": True, "status": "D"}},
    ]
    grants: list[list[Any]] = [[]] + [
        [{"subject": {"type": "user", "id": "20"}, "permission": permission}] for permission in PERMISSIONS
    ]
    grants += [
        [{"subject": {"type": "system_role", "id": role}, "permission": "view"}] for role in ("any_user", "authenticated_user")
    ]
    links: list[list[Any]] = [[]] + [[{"id": "l", "permission": permission}] for permission in ("view", "preview", "edit")]
    links += [[{"id": "l", "permission": "view", "expires_at": "2026-01-01"}]]
    for metadata, files, embargo, state, grant, link, communities in itertools.product(
        protections, protections, embargoes, states, grants, links, [[], ["c1"]]
    ):
        yield {
            "access": {"record": metadata, "files": files, "embargo": embargo},
            "parent": {
                "access": {"owned_by": {"user": "7"}, "grants": grant, "links": link},
                "communities": {"ids": communities},
            },
        } | state


IDENTITIES: dict[str, frozenset[Need]] = {
    "anonymous": frozenset({("system_role", "any_user")}),
    "stranger": frozenset({("system_role", "any_user"), ("system_role", "authenticated_user"), ("user", "99")}),
    "owner": frozenset({("system_role", "any_user"), ("system_role", "authenticated_user"), ("user", "7")}),
    "granted": frozenset({("system_role", "any_user"), ("system_role", "authenticated_user"), ("user", "20")}),
    "with a link": frozenset({("system_role", "any_user"), ("link", "l")}),
    "reader": frozenset(
        {("system_role", "any_user"), ("system_role", "authenticated_user"), ("user", "8"), ("community", "c1", "reader")}
    ),
    "curator": frozenset(
        {("system_role", "any_user"), ("system_role", "authenticated_user"), ("user", "9"), ("community", "c1", "curator")}
    ),
    "elsewhere": frozenset(
        {("system_role", "any_user"), ("system_role", "authenticated_user"), ("user", "5"), ("community", "c2", "owner")}
    ),
}


@pytest.mark.parametrize("profile", list(Profile))
def test_every_combination_of_states_for_every_kind_of_actor(profile: Profile) -> None:
    states = list(every_state())
    assert len(states) == 3 * 3 * 3 * 4 * 7 * 5 * 2
    for record in states:
        for needs in IDENTITIES.values():
            assert_agrees(needs, record, profile)


JUNK = st.sampled_from([3.5, float("nan"), [], [1], {"x": 1}, [[]], "", "\ud800"])


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*path, key))


def wider(new: Audiences, old: Audiences) -> set[str]:
    """Audiences whose holders may read by *new* but could not by *old*."""
    return {audience for audience in new if not readable(old, with_implied({audience, ANY}))}


@settings(max_examples=1500, deadline=None)
@given(st.data(), RECORDS | PLAIN_RECORDS, st.sampled_from(Profile))
def test_a_value_that_becomes_malformed_never_lets_more_actors_read(
    data: st.DataObject, record: dict[str, Any], profile: Profile
) -> None:
    before, _ = rights_of(record, source=SOURCE, profile=profile, now=NOW)
    known = sorted(places(record), key=repr)
    if not known:
        return
    *path, last = data.draw(st.sampled_from(known))
    broken: Any = copy.deepcopy(record)
    holder = broken
    for key in path:
        holder = holder[key]
    holder[last] = data.draw(JUNK)
    after, _ = rights_of(broken, source=SOURCE, profile=profile, now=NOW)
    assert not wider(after.read_files, before.read_files)
    owner = record.get("parent", {}).get("access", {}).get("owned_by", {}).get("user")
    only_owner = frozenset() if owner is None else frozenset({str(Audience(Kind.USER, SOURCE, owner))})
    assert not wider(after.read_metadata, before.read_metadata | only_owner)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["public", "restricted", "7", "view"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["access", "parent", "record", "files", "embargo", "active", "owned_by", "user", "grants", "links", "communities"]
            )
            | st.sampled_from(
                ["ids", "id", "subject", "type", "permission", "expires_at", "deletion_status", "status", "is_draft"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@settings(max_examples=500, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["access", "parent", "status", "is_draft", "deletion_status", "tombstone"]), ANYTHING),
    st.sampled_from(Profile),
)
def test_any_json_gives_rights_that_hang_together(record: dict[str, Any], profile: Profile) -> None:
    rights, _ = rights_of(record, source=SOURCE, profile=profile, now=NOW)
    assert all(is_audience(audience) for audience in rights.read_metadata | rights.read_files)
    assert rights.read_metadata == PUBLIC or rights.read_files <= rights.read_metadata
