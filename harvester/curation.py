"""Accepting and revoking corrections of harvested records: who may, what becomes of the record, and what its owner gets.

A correction is tried before it is kept, kept before anything is derived from it, and then the record is read with it. Where the
stores are being written at that moment it stays pending: the harvest that runs, or the next one, reads the record with it.
"""

from __future__ import annotations

import json
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from harvester.correcting import Corrected, Described, changes_of, correct, json_patch, read_corrected
from harvester.corrections import Correction, Corrections, Standing
from harvester.ledger import Entry, Ledger
from harvester.payloads import Payloads
from harvester.reading import Read, Reader
from records.errors import EditConflictError, ForbiddenError, LimitError, NotFoundError, StoreBusyError
from records.issues import Certainty, Edit, Issue, Operation, Suggestion
from records.record import Payload
from records.rights import Audiences
from shapes.diffs import unified_diff
from shapes.edits import apply_edits, edit_content
from shapes.reader import Document, Limits, read_document

MAX_EDITS = 500
"""Most edits of one correction."""

MAX_EDIT_CHARS = 1_000_000
"""Most characters in the pointers and contents of one correction."""

MAX_REASON_CHARS = 1_000
"""Longest reason, in characters."""

MAX_ROUNDS = 10
"""How often the suggestions of one record are taken and its findings looked at again."""


class PatchForm(StrEnum):
    """Forms in which the owner of a document gets its corrections."""

    PATCH = "patch"
    JSON_PATCH = "json-patch"


@dataclass(frozen=True, slots=True)
class Curation:
    """What curating needs.

    Args:
        corrections: Where corrections are kept.
        ledger: What was harvested.
        payloads: The documents as harvested.
        reader: Gives what turns payloads into records; asked at the first correction.
        limits: Size and depth of documents.
        reread: Reads every record anew whose corrections changed; raises `StoreBusyError` while another process writes.
        curators: Audiences whose holders may correct what they may read.
        clock: Tells the time, with its zone.
    """

    corrections: Corrections
    ledger: Ledger
    payloads: Payloads
    reader: Callable[[], Reader]
    limits: Limits
    reread: Callable[[], None]
    curators: Audiences
    clock: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to correct: what a finding suggests, or edits.

    Args:
        finding: Number of the finding, from 1, as the record tells them; 0 when edits are given.
        suggestion: Number of its suggestion, from 1.
        edits: Changes to the document as the record shows it.
    """

    finding: int = 0
    suggestion: int = 1
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """A correction that was accepted or revoked.

    Args:
        correction: The correction as it is now.
        standing: What it does to its record.
        mended: Findings that are gone with it, by code, as counted in places.
        new: Findings that came up with it.
        pending: Whether the record is still to be read anew.
    """

    correction: Correction
    standing: Standing
    mended: dict[str, int]
    new: dict[str, int]
    pending: bool

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it."""
        return {
            **self.correction.to_json(self.standing),
            "mended": self.mended,
            "new_findings": self.new,
            "pending": self.pending,
        }


# Who may


def readable_entry(curation: Curation, record: str, audiences: Audiences) -> Entry:
    """The entry of a record whose files these audiences may read.

    Raises:
        NotFoundError: There is none, or they may not read it; the two look the same.
    """
    entry = curation.ledger.get(record, audiences)
    if entry is None:
        raise NotFoundError("There is no such record, or you may not read its files.", "Check the address, or send a token.")
    return entry


def may_correct(curation: Curation, audiences: Audiences) -> bool:
    """Whether these audiences may correct what they may read."""
    return not audiences.isdisjoint(curation.curators)


def entry_to_correct(curation: Curation, record: str, audiences: Audiences) -> Entry:
    """The entry of a record that these audiences may correct.

    Raises:
        NotFoundError: There is none, or they may not read it.
        ForbiddenError: They may read it and are no curators.
    """
    entry = readable_entry(curation, record, audiences)
    if not may_correct(curation, audiences):
        raise ForbiddenError(
            "You may read this record, but not correct it.", "Ask the operator for one of the audiences of the setting 'curators'."
        )
    return entry


def correction_to_revoke(curation: Curation, correction: str, audiences: Audiences) -> Correction:
    """A correction that these audiences may revoke.

    Raises:
        NotFoundError: There is none, or they may not read its record.
        ForbiddenError: They may read its record and are no curators.
    """
    found = curation.corrections.get(correction)
    unknown = NotFoundError("There is no such correction, or you may not read its record.", "Check its id, or send a token.")
    if found is None:
        raise unknown
    try:
        entry_to_correct(curation, found.record, audiences)
    except NotFoundError:
        raise unknown from None
    return found


# What is done


def edits_of(entry: Entry, wanted: Wanted) -> tuple[Edit, ...]:
    """The edits that somebody wants.

    Raises:
        EditConflictError: There is no such finding or suggestion, it has no edits, or they are splices.
        LimitError: They are more, or longer, than one correction may have.
    """
    edits = wanted.edits or _suggestion(entry.issues, wanted).edits
    if not edits:
        raise EditConflictError("This suggestion says in words what to do; only a person can carry it out.", "Send edits instead.")
    if any(edit.operation is Operation.SPLICE for edit in edits):
        # Characters are no place that could be found again when the document changes.
        raise EditConflictError("A correction names places by JSON Pointer, and a splice by characters.", "Send other edits.")
    if len(edits) > MAX_EDITS or sum(len(edit.pointer) + len(edit.content) for edit in edits) > MAX_EDIT_CHARS:
        raise LimitError(
            f"One correction has at most {MAX_EDITS} edits and {MAX_EDIT_CHARS:,} characters.", "Make several corrections of it."
        )
    return edits


def _suggestion(issues: Sequence[Issue], wanted: Wanted) -> Suggestion:
    remedy = "Look at the record again: it may have been read anew."
    if not 1 <= wanted.finding <= len(issues):
        raise EditConflictError(f"There is no finding {wanted.finding}: the record has {len(issues)}.", remedy)
    suggestions = issues[wanted.finding - 1].suggestions
    if not 1 <= wanted.suggestion <= len(suggestions):
        raise EditConflictError(f"Finding {wanted.finding} has no suggestion {wanted.suggestion}.", remedy)
    return suggestions[wanted.suggestion - 1]


def accept(curation: Curation, entry: Entry, edits: Sequence[Edit], *, by: str, reason: str) -> Kept:
    """Keep edits as a correction of a record, and read it with them.

    Args:
        curation: What it needs.
        entry: The record's entry; whoever asks has been looked at (`entry_to_correct`).
        edits: Changes to the document as the record shows it: the payload with the corrections that hold.
        by: Who accepts them.
        reason: Why.

    Raises:
        EditConflictError: They do not fit the document, change nothing, or would make it unreadable; nothing was kept.
        LimitError: The reason is too long.
    """
    why = checked_reason(reason)
    correction, mended, new = _tried(curation, entry, edits, by, why)
    curation.corrections.add(correction)
    return _kept(curation, correction, mended, new)


def accept_certain(curation: Curation, entry: Entry, *, by: str, reason: str) -> list[Kept]:
    """Keep what is certain of all that the findings of a record suggest, and changes no value.

    Suggestions that can be carried out together are one correction; those that come up when the document is read with them are the
    next one. An empty list: nothing is certain.

    Raises:
        LimitError: The reason is too long.
    """
    why = checked_reason(reason)
    tried: list[tuple[Correction, dict[str, int], dict[str, int]]] = []
    for _ in range(MAX_ROUNDS):
        edits = _certain_edits(*_now(curation, entry))
        if not edits:
            break
        found = _tried(curation, entry, edits, by, why)
        if not found[1]:
            break  # nothing is mended by it: it would come up again and again
        curation.corrections.add(found[0])
        tried.append(found)
    return [_kept(curation, *found) for found in tried]


def revoke(curation: Curation, correction: Correction, *, by: str, reason: str) -> Kept:
    """Take a correction back, and read its record without it; one that was revoked before stays as it was.

    Raises:
        NotFoundError: It is not there any more.
        LimitError: The reason is too long.
    """
    revoked = curation.corrections.revoke(correction.id, by=by, at=_time(curation), reason=checked_reason(reason))
    if revoked is None:
        raise NotFoundError("There is no such correction.", "Check its id.")
    return _kept(curation, revoked, {}, {})


def checked_reason(reason: str) -> str:
    """The reason, on one line, if it is one.

    Raises:
        EditConflictError: It says nothing, or holds half a character.
        LimitError: It is too long.
    """
    text = " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", reason).split())
    if not text or any("\ud800" <= character <= "\udfff" for character in text):
        raise EditConflictError("A correction needs a reason.", "Say why, for those who read the record and for its owner.")
    if len(text) > MAX_REASON_CHARS:
        raise LimitError(f"The reason has {len(text)} characters; at most {MAX_REASON_CHARS:,} are kept.", "Say it in fewer words.")
    return text


def _tried(
    curation: Curation, entry: Entry, edits: Sequence[Edit], by: str, reason: str
) -> tuple[Correction, dict[str, int], dict[str, int]]:
    """The correction, the findings that go and those that come with it; nothing is kept yet."""
    document, before = _now(curation, entry)
    if document is None:
        raise EditConflictError("The document is no JSON, so nothing in it can be named.", "Ask its owner to mend it.")
    content = document.text.encode()
    after = edit_content(content, document, edits)
    if after == content:
        raise EditConflictError("These edits change nothing.", "Look at the record again: it may have been corrected already.")
    read = _read(curation, entry, after)
    if read.record is None:
        why = read.issues[0].message if read.issues else "it cannot be read"
        raise EditConflictError(f"With these edits the document would be refused: {why}.", "Nothing was kept.")
    had, has = _places(before.issues), _places(read.issues)
    correction = Correction(
        id=secrets.token_hex(8),
        record=entry.record,
        digest=_digest(entry),
        changes=changes_of(document, edits),
        codes=tuple(sorted(had - has)),
        by=by,
        at=_time(curation),
        reason=reason,
    )
    made = corrected(curation, entry, [*_holding(curation, entry.record), correction])
    if made.standings[correction.id] is not Standing.APPLIED:
        # Two keys that change places, say: whether that was done already could not be told at the next reading.
        raise EditConflictError("These edits cannot be told from their own result.", "Make several corrections of them.")
    return correction, dict(had - has), dict(has - had)


def _kept(curation: Curation, correction: Correction, mended: dict[str, int], new: dict[str, int]) -> Kept:
    with suppress(StoreBusyError):  # then it is told as pending
        curation.reread()
    entry = curation.ledger.entry(correction.record)
    return Kept(correction, standing_of(correction, entry), mended, new, entry is not None and is_pending(curation, entry))


def _certain_edits(document: Document | None, read: Read) -> list[Edit]:
    chosen: list[Edit] = []
    for issue in read.issues if document else ():
        best = issue.suggestions[0] if issue.suggestions else None
        if best is None or best.certainty is not Certainty.CERTAIN or best.changes_value:
            continue
        wider = list(dict.fromkeys([*chosen, *best.edits]))
        if len(wider) <= MAX_EDITS and _go_together(document, wider):
            chosen = wider
    return chosen


def _go_together(document: Document | None, edits: Sequence[Edit]) -> bool:
    try:
        return document is not None and apply_edits(document, edits) != document.text
    except EditConflictError:
        return False


def _now(curation: Curation, entry: Entry) -> tuple[Document | None, Read]:
    """The document with the corrections that hold, and what is read of it."""
    content = corrected(curation, entry, _holding(curation, entry.record)).content
    document = read_document(content, entry.key, curation.limits)
    return (None if isinstance(document, Issue) else document), _read(curation, entry, content)


def _read(curation: Curation, entry: Entry, content: bytes) -> Read:
    of = Described(entry.record, entry.source, entry.key, entry.title, entry.rights, entry.communities)
    return read_corrected(curation.reader(), of, Payload(content), ()).read


def _places(issues: Iterable[Issue]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for issue in issues:
        counts[issue.code] += issue.places
    return counts


def _digest(entry: Entry) -> str:
    return entry.digest or entry.seen


def _holding(curation: Curation, record: str) -> list[Correction]:
    return [correction for correction in curation.corrections.of(record) if correction.holds]


def _time(curation: Curation) -> str:
    return curation.clock().isoformat(timespec="seconds")


# What is told


def standing_of(correction: Correction, entry: Entry | None) -> Standing:
    """What a correction does to its record, by the record's entry."""
    if not correction.holds:
        return Standing.REVOKED
    return dict(entry.corrections if entry else ()).get(correction.id, Standing.PENDING)


def is_pending(curation: Curation, entry: Entry) -> bool:
    """Whether a record was read with other corrections than those that hold."""
    return [correction.id for correction in _holding(curation, entry.record)] != [correction for correction, _ in entry.corrections]


def corrections_json(curation: Curation, entry: Entry) -> dict[str, object]:
    """The corrections of a record as the interfaces print them."""
    return {
        "record": entry.record,
        "pending": is_pending(curation, entry),
        "corrections": [correction.to_json(standing_of(correction, entry)) for correction in curation.corrections.of(entry.record)],
    }


def corrected(curation: Curation, entry: Entry, corrections: Sequence[Correction]) -> Corrected:
    """The payload of a record with some of its corrections.

    Raises:
        StoreDamagedError: The payload is missing or spoilt.
    """
    content = curation.payloads.read(_digest(entry)).content
    return correct(content, entry.key, corrections, curation.limits)


def as_read(curation: Curation, entry: Entry) -> Corrected:
    """The document as the record was read: with the corrections that were applied then."""
    applied = {correction for correction, standing in entry.corrections if standing is Standing.APPLIED}
    return corrected(
        curation, entry, [one for one in curation.corrections.of(entry.record) if one.id in applied] if applied else []
    )


def patch(curation: Curation, entry: Entry, form: PatchForm) -> bytes:
    """The corrections that hold, for the owner of the document: a unified diff of it, or a JSON Patch (RFC 6902).

    Both are against the document as harvested, and leave out what does not fit it any more or what it says by itself.
    """
    made = corrected(curation, entry, _holding(curation, entry.record))
    if form is PatchForm.JSON_PATCH:
        return json.dumps(json_patch(made.steps), ensure_ascii=False, indent=1).encode() + b"\n"
    return unified_diff(entry.key, curation.payloads.read(_digest(entry)).content, made.content)


def changed_lines(before: bytes, after: bytes) -> set[int]:
    r"""Numbers of the lines, from 1, that are in *after* and were not in *before*.

    >>> sorted(changed_lines(b'{"a": 1,\n "b": 2}', b'{"a": 1,\n "b": 3}'))
    [2]
    """
    changed: set[int] = set()
    line = 0
    for row in unified_diff("", before, after).split(b"\n")[2:]:
        if head := re.match(rb"@@ -\S+ \+(\d+)", row):
            line = int(head[1])
        elif row.startswith(b"+"):
            changed.add(line)
            line += 1
        elif row.startswith(b" "):
            line += 1
    return changed
