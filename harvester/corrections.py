"""Port: corrections of harvested records, which their curators accepted without write access to the archive.

A correction lies beside the payload, never in it: whenever the payload is read, the corrections that hold are applied to its text
first. Who made it, when and why stays with it, also after it was revoked. Corrections are not derived from anything: they must be
backed up.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from records.issues import Edit


class Standing(StrEnum):
    """What a correction does to its record now.

    ``applied``: the record is read with it. ``outdated``: the document changed where it was made, so it is left out until somebody
    makes it again or revokes it. ``adopted``: the document says by itself what it would change. ``revoked``: taken back.
    ``pending``: accepted, and not read with yet, because the stores were being written.
    """

    APPLIED = "applied"
    OUTDATED = "outdated"
    ADOPTED = "adopted"
    REVOKED = "revoked"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of a correction, and what stood there when it was made.

    Args:
        edit: The edit; its pointer leads into the document as it was read then, with the corrections before it.
        before: JSON text of the value (to replace or remove), or of the key (to rename); ``""`` for what was added.
    """

    edit: Edit
    before: str = ""

    def to_json(self) -> dict[str, str]:
        """As the interfaces print it.

        >>> from records.issues import Operation
        >>> Change(Edit(Operation.RENAME, "/hasProperety", '"hasProperty"'), '"hasProperety"').to_json()
        {'operation': 'rename', 'pointer': '/hasProperety', 'before': '"hasProperety"', 'after': '"hasProperty"'}
        """
        return {
            "operation": self.edit.operation.value,
            "pointer": self.edit.pointer,
            "before": self.before,
            "after": self.edit.content,
        }


@dataclass(frozen=True, slots=True)
class Correction:
    """An annotated, revocable patch of one record.

    Args:
        id: Unique, and telling nothing of other corrections.
        record: Record id, ``SOURCE/KEY``.
        digest: SHA-256 of the payload that it was made for.
        changes: What it changes.
        codes: Codes of the findings that it mended when it was made.
        by: Who accepted it.
        at: When, ISO 8601 in UTC.
        reason: Why, in that person's words.
        revoked_by: Who took it back; ``""`` while it holds.
        revoked_at: When, ISO 8601 in UTC.
        revoked_reason: Why.
    """

    id: str
    record: str
    digest: str
    changes: tuple[Change, ...]
    codes: tuple[str, ...]
    by: str
    at: str
    reason: str
    revoked_by: str = ""
    revoked_at: str = ""
    revoked_reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether nobody took it back."""
        return not self.revoked_at

    def to_json(self, standing: Standing) -> dict[str, object]:
        """As the interfaces print it.

        Args:
            standing: What it does to its record now.
        """
        revoked = {"by": self.revoked_by, "at": self.revoked_at, "reason": self.revoked_reason}
        return {
            "id": self.id,
            "record": self.record,
            "standing": standing.value,
            "codes": list(self.codes),
            "by": self.by,
            "at": self.at,
            "reason": self.reason,
            "changes": [change.to_json() for change in self.changes],
            "digest": self.digest,
            "revoked": None if self.holds else revoked,
        }


class Corrections(Protocol):
    """Keeps corrections. It knows nothing of rights: who asks for those of a record has looked it up in the ledger first."""

    def add(self, correction: Correction) -> None:
        """Keep a new correction; on return it would survive a power cut.

        Raises:
            StoreError: It was not kept; one with this id is there already, for instance.
        """

    def revoke(self, correction: str, *, by: str, at: str, reason: str) -> Correction | None:
        """Take a correction back, and return it as it is now: one that was revoked before stays as it was.

        Returns:
            ``None`` when there is none with this id.
        """

    def get(self, correction: str) -> Correction | None:
        """The correction with this id."""

    def of(self, record: str) -> tuple[Correction, ...]:
        """Every correction of a record, revoked ones too, in the order in which they were accepted."""

    def holding(self) -> dict[str, tuple[str, ...]]:
        """Ids of the corrections that hold, in the order in which they were accepted, by record: for harvests."""

    def all(self) -> tuple[Correction, ...]:
        """Every correction, in the order of the records: for the operator."""

    def close(self) -> None:
        """Let go of the file."""
