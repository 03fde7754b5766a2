"""From an InvenioRDM record's fields to the audiences that may read it; default deny, no clock, no I/O.

The rule of InvenioRDM (invenio-rdm-records, ``services/permissions.py``), as far as it can be told from a record:

    manage  = owner | curator, manager or owner of one of the record's communities | grant(manage)
    curate  = manage  | grant(edit)    | link(edit)
    preview = curate  | grant(preview) | link(preview)
    view    = preview | grant(view)    | link(view) | member of one of the record's communities

    metadata of a published record   access.record == "public" ? anyone : view
    files of a published record      access.files == "public" ? anyone : view; a restricted record has restricted files
    a draft and its files            preview
    a deleted record                 nobody

Profile ``bma`` (the policy of the BIG-MAP Archive): grants count for nothing; a record that is not restricted is read by nobody;
a published record is read by manage | link(view) | link(preview) | member, a draft by manage | link(preview). An edit link works
there only together with membership, which no single audience can say; so it gives nothing here.

Superusers, moderators and reviewers of open requests hold no audience: what they may do at the archive is not reading by search.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum
from itertools import islice

from access.audiences import Audience, Kind, collapse, is_source_name
from records.issues import Issue, Severity
from records.rights import DENIED, Rights

MAX_ENTRIES = 10_000
"""Most grants, links or communities read of one record; what comes after is not read and so gives no right."""


class Profile(StrEnum):
    """Whose policy the source follows."""

    RDM = "rdm"
    BMA = "bma"


class State(StrEnum):
    """What of a record's life decides who may read it."""

    PUBLISHED = "published"
    DRAFT = "draft"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one audience may read.

    Args:
        audience: Who.
        because: The rule, in plain words.
        pointer: JSON Pointer of the field of the record that decides.
        metadata: Whether it holds for the metadata.
        files: Whether it holds for the files.
    """

    audience: str
    because: str
    pointer: str
    metadata: bool
    files: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who may read a record and why.

    Args:
        state: Published, draft or deleted.
        rights: Who may read what.
        reasons: Why, for every audience; several may stand for one audience, and some beside ``any``, which makes them needless.
        issues: Values that were malformed or unknown, and so gave no right.
    """

    state: State
    rights: Rights
    reasons: tuple[Reason, ...]
    issues: tuple[Issue, ...]


def rights_of(
    record: Mapping[str, object],
    *,
    source: str,
    profile: Profile,
    links: Mapping[str, object] | None = None,
    now: datetime | None = None,
) -> tuple[Rights, tuple[Issue, ...]]:
    """Who may read an InvenioRDM record's metadata and files.

    Args:
        record: The record as the REST API gives it to a manager, or any part of it; what is missing gives no right.
        source: Name of the source; it scopes the audiences.
        profile: Whose policy the source follows.
        links: What the source says of its share links, by id: ``{"permission": ..., "expires_at": ...}``.
            ``None``: take what the record itself says of them.
        now: The time, with its zone. Links that expired by then give no right; without it no link with an expiry does.

    Returns:
        The rights, and what was malformed: it never gives a right, and closes what it leaves in doubt.

    Raises:
        ValueError: ``source`` cannot name a source, or ``now`` has no zone.

    See https://inveniordm.docs.cern.ch/reference/metadata/#access-information

    >>> rights, issues = rights_of(
    ...     {"access": {"record": "public", "files": "restricted"}, "parent": {"access": {"owned_by": {"user": "7"}}}},
    ...     source="bma", profile=Profile.RDM)
    >>> sorted(rights.read_metadata), sorted(rights.read_files), issues
    (['any'], ['bma/user:7'], ())
    """
    explanation = explain_rights(record, source=source, profile=profile, links=links, now=now)
    return explanation.rights, explanation.issues


def explain_rights(
    record: Mapping[str, object],
    *,
    source: str,
    profile: Profile,
    links: Mapping[str, object] | None = None,
    now: datetime | None = None,
) -> Explanation:
    """Who may read an InvenioRDM record, and for each audience why: `rights_of` with its reasons.

    >>> explanation = explain_rights(
    ...     {"access": {"record": "restricted", "files": "restricted"}, "parent": {"communities": {"ids": ["c1"]}}},
    ...     source="bma", profile=Profile.BMA)
    >>> [(reason.audience, reason.because) for reason in explanation.reasons]
    [('bma/community:c1', "member of one of the record's communities")]
    """
    if not is_source_name(source):
        raise ValueError(f"{source!r} cannot name a source")
    if now is not None and now.tzinfo is None:
        raise ValueError("now has no time zone")
    reading = _Reading(source, profile, now, [])
    state = reading.state(record)
    metadata, files = reading.protections(record)
    if state is State.DELETED or (profile is Profile.BMA and metadata is not _Protection.RESTRICTED):
        return Explanation(state, DENIED, (), tuple(reading.issues))
    parent = reading.mapping(record, "parent", "")
    entitlements = [
        *reading.owner(parent),
        *reading.communities(parent),
        *(reading.grants(parent) if profile is Profile.RDM else ()),
        *reading.links(parent, links),
    ]
    reasons = tuple(_reasons(state, metadata, files, entitlements))
    rights = Rights(
        collapse(frozenset(reason.audience for reason in reasons if reason.metadata)),
        collapse(frozenset(reason.audience for reason in reasons if reason.files)),
    )
    return Explanation(state, rights, reasons, tuple(reading.issues))


def communities_of(record: Mapping[str, object], *, source: str) -> tuple[str, ...]:
    """The communities that an InvenioRDM record is in, written as the audiences of their members, sorted.

    What is malformed is left out; `explain_rights` tells of it.

    Args:
        record: The record, or any part of it.
        source: Name of the source; it scopes the communities.

    >>> communities_of({"parent": {"communities": {"ids": ["c2", "c1"]}}}, source="bma")
    ('bma/community:c1', 'bma/community:c2')
    """
    reading = _Reading(source, Profile.RDM, None, [])
    members = {one.audience for one in reading.communities(reading.mapping(record, "parent", "")) if one.level is _Level.VIEW}
    return tuple(sorted(members))


class _Protection(Enum):
    PUBLIC = "anyone"
    RESTRICTED = "those with a right"
    OWNER = "in doubt: the owner alone"


class _Level(Enum):
    OWNER = "reads always"
    PREVIEW = "reads drafts and what is published"
    CURATOR = "reads drafts; of what is published it reads as a member"
    VIEW = "reads what is published"


@dataclass(frozen=True, slots=True)
class _Entitlement:
    audience: str
    level: _Level
    because: str
    pointer: str


_GRANT_LEVELS = {"manage": _Level.PREVIEW, "edit": _Level.PREVIEW, "preview": _Level.PREVIEW, "view": _Level.VIEW}
_LINK_LEVELS = {
    Profile.RDM: {"edit": _Level.PREVIEW, "preview": _Level.PREVIEW, "view": _Level.VIEW},
    Profile.BMA: {"preview": _Level.PREVIEW, "view": _Level.VIEW},
}
_LINK_PERMISSIONS = frozenset({"edit", "preview", "view"})
_READS = {
    State.PUBLISHED: frozenset({_Level.OWNER, _Level.PREVIEW, _Level.VIEW}),
    State.DRAFT: frozenset({_Level.OWNER, _Level.PREVIEW, _Level.CURATOR}),
}


def _reasons(state: State, metadata: _Protection, files: _Protection, entitlements: Sequence[_Entitlement]) -> Iterator[Reason]:
    # Files that are called public are public only where the record is: a restricted record has restricted files.
    if state is State.PUBLISHED and metadata is _Protection.PUBLIC:
        yield Reason(str(Audience(Kind.ANY)), "the record is public", "/access/record", metadata=True, files=False)
        if files is _Protection.PUBLIC:
            yield Reason(str(Audience(Kind.ANY)), "the files are public", "/access/files", metadata=False, files=True)
    for one in entitlements:
        if one.level in _READS[state]:
            always = one.level is _Level.OWNER
            in_metadata = always or metadata is not _Protection.OWNER
            in_files = always or files is not _Protection.OWNER
            if in_metadata or in_files:
                yield Reason(one.audience, one.because, one.pointer, in_metadata, in_files)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads one record's fields; whatever is malformed becomes an issue and gives no right."""

    source: str
    profile: Profile
    now: datetime | None
    issues: list[Issue]

    def doubt(self, pointer: str, message: str, value: object = None) -> None:
        self.issues.append(
            Issue(
                "rights-malformed",
                message,
                Severity.WARNING,
                pointer=pointer,
                value=value[:80] if isinstance(value, str) else "",
                remedy="correct the value at the source; until then it gives no right",
            )
        )

    def mapping(self, of: Mapping[str, object], key: str, pointer: str) -> Mapping[str, object]:
        value = of.get(key)
        if isinstance(value, Mapping):
            return value
        if value is not None:
            self.doubt(f"{pointer}/{key}", f"'{key}' is not an object")
        return {}

    def entries(self, of: Mapping[str, object], key: str, pointer: str) -> Sequence[object]:
        value = of.get(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            self.doubt(f"{pointer}/{key}", f"'{key}' is not a list")
            return ()
        if len(value) > MAX_ENTRIES:
            self.doubt(f"{pointer}/{key}", f"'{key}' has {len(value)} entries; only the first {MAX_ENTRIES} are read")
        return value[:MAX_ENTRIES]

    def audience(self, kind: Kind, identifier: object, pointer: str, *, curators: bool = False) -> str:
        """The audience of this id; ``""`` and an issue when that is no id."""
        if kind is Kind.USER and type(identifier) is int and 0 <= identifier < 2**63:
            identifier = str(identifier)  # some versions write users' ids as numbers
        if isinstance(identifier, str) and identifier:
            try:
                return str(Audience(kind, self.source, identifier, curators))
            except ValueError as error:
                self.doubt(pointer, f"this id of a {kind} is malformed: {error}")
                return ""
        self.doubt(pointer, f"this is not the id of a {kind}")
        return ""

    def state(self, record: Mapping[str, object]) -> State:
        if record.get("tombstone") is not None or self._deleted(record):
            return State.DELETED
        draft = self._flag(record, "is_draft", expected=False, closed="a draft")
        unpublished = self._flag(record, "is_published", expected=True, closed="a draft")
        status = record.get("status", "published")
        if not isinstance(status, str):
            self.doubt("/status", "'status' is not a text; the record counts as a draft")
        return State.DRAFT if draft or unpublished or status != "published" else State.PUBLISHED

    def _deleted(self, record: Mapping[str, object]) -> bool:
        deleted = self._flag(record, "is_deleted", expected=False, closed="deleted")
        status = record.get("deletion_status", "P")
        if isinstance(status, Mapping):
            deleted = self._flag(status, "is_deleted", expected=False, closed="deleted", pointer="/deletion_status") or deleted
            status = status.get("status", "P" if "is_deleted" in status else None)
        if not isinstance(status, str):
            self.doubt("/deletion_status", "'deletion_status' is malformed; the record counts as deleted")
        return deleted or status != "P"

    def _flag(self, of: Mapping[str, object], key: str, *, expected: bool, closed: str, pointer: str = "") -> bool:
        """Whether a flag is there and is not as *expected*."""
        value = of.get(key, expected)
        if not isinstance(value, bool):
            self.doubt(f"{pointer}/{key}", f"'{key}' is neither true nor false; the record counts as {closed}")
            return True
        return value is not expected

    def protections(self, record: Mapping[str, object]) -> tuple[_Protection, _Protection]:
        access = record.get("access")
        if not isinstance(access, Mapping):
            self.doubt("/access", "the record does not say who may read it; only its owner may")
            return _Protection.OWNER, _Protection.OWNER
        metadata = self._protection(access, "record")
        files = self._protection(access, "files")
        embargo = self._embargo(access)
        if embargo is None or metadata is _Protection.OWNER:
            return _Protection.OWNER, _Protection.OWNER
        if embargo and metadata is _Protection.PUBLIC and files is not _Protection.RESTRICTED:
            self.doubt("/access/embargo", "an embargo is active but nothing is restricted; only the owner may read")
            return _Protection.OWNER, _Protection.OWNER
        return metadata, files

    def _protection(self, access: Mapping[str, object], key: str) -> _Protection:
        value = access.get(key)
        if value == "public":
            return _Protection.PUBLIC
        if value == "restricted":
            return _Protection.RESTRICTED
        self.doubt(f"/access/{key}", f"'{key}' is neither 'public' nor 'restricted'; only the owner may read", value)
        return _Protection.OWNER

    def _embargo(self, access: Mapping[str, object]) -> bool | None:
        """Whether an embargo is active; its end is not looked at: the source lifts it. ``None`` when in doubt."""
        embargo = access.get("embargo")
        if embargo is None or embargo == {}:
            return False
        active = embargo.get("active") if isinstance(embargo, Mapping) else None
        if isinstance(active, bool):
            return active
        self.doubt("/access/embargo", "the embargo does not say whether it is active; only the owner may read")
        return None

    def owner(self, parent: Mapping[str, object]) -> Iterator[_Entitlement]:
        access = self.mapping(parent, "access", "/parent")
        owned_by = self.mapping(access, "owned_by", "/parent/access")
        pointer = "/parent/access/owned_by/user"
        if "user" in owned_by and (audience := self.audience(Kind.USER, owned_by["user"], pointer)):
            yield _Entitlement(audience, _Level.OWNER, "owner of the record", pointer)

    def communities(self, parent: Mapping[str, object]) -> Iterator[_Entitlement]:
        communities = self.mapping(parent, "communities", "/parent")
        for place, identifier in enumerate(self.entries(communities, "ids", "/parent/communities")):
            pointer = f"/parent/communities/ids/{place}"
            audience = self.audience(Kind.COMMUNITY, identifier, pointer)
            if not audience:
                continue
            yield _Entitlement(audience, _Level.VIEW, "member of one of the record's communities", pointer)
            curators = self.audience(Kind.COMMUNITY, identifier, pointer, curators=True)
            yield _Entitlement(curators, _Level.CURATOR, "curator of one of the record's communities", pointer)

    def grants(self, parent: Mapping[str, object]) -> Iterator[_Entitlement]:
        access = self.mapping(parent, "access", "/parent")
        for place, grant in enumerate(self.entries(access, "grants", "/parent/access")):
            pointer = f"/parent/access/grants/{place}"
            permission = grant.get("permission") if isinstance(grant, Mapping) else None
            subject = grant.get("subject") if isinstance(grant, Mapping) else None
            level = _GRANT_LEVELS.get(permission) if isinstance(permission, str) else None
            if level is None or not isinstance(subject, Mapping):
                self.doubt(pointer, "this grant has no subject or no known permission")
            elif audience := self._subject(subject, pointer):
                yield _Entitlement(audience, level, f"grant to {permission}", pointer)

    def _subject(self, subject: Mapping[str, object], pointer: str) -> str:
        kind, identifier = subject.get("type"), subject.get("id")
        if kind == "user":
            return self.audience(Kind.USER, identifier, f"{pointer}/subject/id")
        if kind == "role":
            return self.audience(Kind.ROLE, identifier, f"{pointer}/subject/id")
        if kind == "system_role" and identifier == "any_user":
            return str(Audience(Kind.ANY))
        if kind == "system_role" and identifier == "authenticated_user":
            return str(Audience(Kind.AUTH, self.source))
        self.doubt(f"{pointer}/subject", "this is not a user, a role or a known system role")
        return ""

    def links(self, parent: Mapping[str, object], told: Mapping[str, object] | None) -> Iterator[_Entitlement]:
        for pointer, identifier, link in self._links(parent, told):
            permission = link.get("permission") if isinstance(link, Mapping) else None
            if not isinstance(link, Mapping) or not isinstance(permission, str) or permission not in _LINK_PERMISSIONS:
                self.doubt(pointer, "this share link has no known permission")
                continue
            level = _LINK_LEVELS[self.profile].get(permission)
            if level is None or not self._valid(link, pointer):
                continue
            if audience := self.audience(Kind.LINK, identifier, pointer):
                yield _Entitlement(audience, level, f"share link to {permission}", pointer)

    def _links(self, parent: Mapping[str, object], told: Mapping[str, object] | None) -> Iterator[tuple[str, object, object]]:
        """Pointer, id and description of each link; what was told by the source has no pointer into the record."""
        if told is not None:
            if len(told) > MAX_ENTRIES:
                self.doubt("", f"there are {len(told)} share links; only the first {MAX_ENTRIES} are read")
            for identifier, link in islice(told.items(), MAX_ENTRIES):
                yield "", identifier, link
            return
        access = self.mapping(parent, "access", "/parent")
        for place, entry in enumerate(self.entries(access, "links", "/parent/access")):
            yield f"/parent/access/links/{place}", entry.get("id") if isinstance(entry, Mapping) else None, entry

    def _valid(self, link: Mapping[str, object], pointer: str) -> bool:
        expires = link.get("expires_at")
        if expires is None:
            return True
        try:
            end = datetime.fromisoformat(expires) if isinstance(expires, str) else None
        except ValueError:
            end = None
        if end is None:
            self.doubt(pointer, "this share link's 'expires_at' is not a date")
            return False
        end = end if end.tzinfo else end.replace(tzinfo=UTC)
        return self.now is not None and self.now < end
