"""Mends a document with the suggestions of its own findings, and offers the result only when it is better everywhere.

A text that is no JSON is made JSON first, one breach of the grammar after another, or stays as it is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from harvester.reading import Checked
from records.errors import EditConflictError
from records.issues import Certainty, Edit, Issue, Operation, Suggestion
from shapes.edits import apply_edits, edit_content
from shapes.reader import Document

Check = Callable[[bytes], Checked]
"""What is wrong with a document, from its bytes; `harvester.reading.Reader.check` with all but the bytes given."""

MAX_CHECKS = 500
"""How often one document is checked at most; what is not mended by then stays, and is told."""

MAX_READ = 100_000_000
"""How many bytes of one document are read at most to make it JSON: 2 000 breaches in 50 kB, 100 in 1 MB."""

CHANGES_VALUE = "it changes a value"
ONLY_LIKELY = "its mend is likely and not certain"
LIKELY_CHANGE = "its mend is likely and not certain, and it changes a value"
"""Why a suggestion is not taken that would be if somebody asked for it; a reason may end so."""


@dataclass(frozen=True, slots=True)
class Mend:
    """A finding with the suggestion that was, or was not, taken.

    Args:
        issue: The finding; its place is that in the document as it was when the finding was made.
        suggestion: Its best suggestion.
        reason: Why the suggestion was not taken; ``""`` when it was.
    """

    issue: Issue
    suggestion: Suggestion
    reason: str = ""

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it."""
        issue = self.issue
        shown: dict[str, object] = {
            "code": issue.code,
            "message": issue.message,
            "pointer": issue.pointer,
            "line": issue.line,
            "column": issue.column,
            "value": issue.value,
            "places": issue.places,
            "suggestion": self.suggestion.to_json(),
        }
        return {**shown, "reason": self.reason} if self.reason else shown


@dataclass(frozen=True, slots=True)
class Fixed:
    """A mended document.

    Args:
        content: Its bytes; the same as before when nothing was mended.
        applied: The suggestions that were taken, in the order in which they were.
        left: The findings of the mended document.
        refused: Suggestions that were not taken, each with its reason.
        gone: Findings that nobody mended and that are gone with the others.
        was_json: Whether the document was JSON as it came; else all that is left was hidden behind that, and is no fault of a mend.
    """

    content: bytes
    applied: tuple[Mend, ...] = ()
    left: tuple[Issue, ...] = ()
    refused: tuple[Mend, ...] = ()
    gone: tuple[Issue, ...] = ()
    was_json: bool = True


def fix(
    content: bytes,
    check: Check,
    certainty: Certainty = Certainty.CERTAIN,
    *,
    change_values: bool = False,
    max_checks: int = MAX_CHECKS,
    max_read: int = MAX_READ,
) -> Fixed:
    """Take the first suggestion of each finding that is certain enough, check again, and repeat until nothing more can be mended.

    A set of edits is kept only when, checked anew, each finding that it was for is gone or smaller and no other finding came up but
    at the places that were mended (what stands below a key that was misspelt is read, and checked, for the first time then).
    Otherwise its halves are tried, down to the single suggestion, which is then refused with the reason.

    Of a document that is no JSON nothing but the first breach of the grammar is known. Its breaches are mended first, all or none;
    what is found then was hidden by them, so it counts as no new finding.

    Args:
        content: The document.
        check: Finds what is wrong with it; called again after each change.
        certainty: How sure a suggestion must be at least.
        change_values: Whether suggestions are taken that change a value, and not just how it is written.
        max_checks: How often the document is checked at most, once it is JSON.
        max_read: How many bytes are read at most until it is: all of it again after each breach.
    """
    work = _Work(check, certainty, change_values)
    came = work.checked(content)
    here = came if came.is_json else _made_json(came, work, max_read)
    if not here.is_json:
        return Fixed(content, left=here.checked.issues, refused=tuple(work.refused.values()), was_json=False)
    limit = None
    while batch := _batch(here, work, limit) or _again(here, work):
        if work.checks >= max_checks:
            work.refuse(_batch(here, work, None), f"the document was checked {work.checks} times already; run fix again")
            break
        then = work.mended(here, batch)
        harm = _harm(here, then, batch)
        if harm and len(batch) == 1 and (follow := _new_mends(here, then, work)):
            # What came up may be mended too: a prefix that is defined now is perhaps used with a label that is none.
            after = work.mended(then, follow)
            if not _harm(here, after, [*batch, *follow]):
                then, batch, harm = after, [*batch, *follow], ""
        if not harm:
            work.accept(batch, _unasked(here, then, batch))
            here, limit = then, None
        elif len(batch) > 1:
            limit = len(batch) // 2
        else:
            work.refuse(batch, harm)
            limit = None
    left = {_kind(issue) for issue in here.checked.issues}
    refused = tuple(mend for mend in work.refused.values() if _kind(mend.issue) in left)
    return Fixed(here.content, tuple(work.applied), here.checked.issues, refused, tuple(work.gone), came.is_json)


def _made_json(came: _State, work: _Work, max_read: int) -> _State:
    """The document with every breach of the grammar mended; as it came, with the reason told, when one of them stays."""
    here, mends, seen, why = came, list[Mend](), set[_Breach](), ""
    while not here.is_json:
        issue = here.checked.issues[0]
        best = issue.suggestions[0] if issue.suggestions else Suggestion(issue.remedy)
        left = _breach(here, issue, best)
        why = "" if best.edits else "somebody must look at it"
        why = why or _hindrance(best, work) or ("it cannot be mended so" if left in seen else "")
        why = why or (f"over {max_read:,} bytes were read already" if len(here.content) * (len(mends) + 1) > max_read else "")
        if why:
            break
        seen.add(left)
        mends.append(Mend(issue, best))
        content = edit_content(here.content, None, best.edits)
        here = _State(content, work.check(content))
    if not why:
        work.accept(mends, ())
        return here
    if mends:
        work.refuse(mends[:1], f"line {issue.line} is no JSON either ({issue.message}), and {why}")
    elif best.edits:
        work.refuse([Mend(issue, best)], why)
    return came


_Breach = tuple[str, str, int]


def _breach(here: _State, issue: Issue, best: Suggestion) -> _Breach:
    """Names a breach by how much of the text is behind it, which no mend before it changes."""
    offset = best.edits[0].offset if best.edits else 0
    return issue.code, issue.value, len(here.content.decode(errors="replace")) - offset


def _hindrance(suggestion: Suggestion, work: _Work) -> str:
    """Why a suggestion is not taken unless somebody asks for it."""
    changes = suggestion.changes_value and not work.change_values
    if _SURENESS[suggestion.certainty] <= _SURENESS[work.certainty]:
        return CHANGES_VALUE if changes else ""
    if suggestion.certainty is Certainty.POSSIBLE:
        return "its mend is only one of several that are possible"
    return LIKELY_CHANGE if changes else ONLY_LIKELY


@dataclass(frozen=True, slots=True)
class _State:
    content: bytes
    checked: Checked

    @property
    def is_json(self) -> bool:
        return self.checked.document is not None

    @property
    def document(self) -> Document:
        assert self.checked.document is not None  # noqa: S101 - what is no JSON was told before
        return self.checked.document


_RefusedKey = tuple[str, str, tuple[Edit, ...]]


@dataclass(slots=True)
class _Work:
    """What is asked for, and what was done so far."""

    check: Check
    certainty: Certainty
    change_values: bool
    checks: int = 0
    applied: list[Mend] = field(default_factory=list)
    refused: dict[_RefusedKey, Mend] = field(default_factory=dict)
    gone: list[Issue] = field(default_factory=list)
    accepted_since: bool = False

    def checked(self, content: bytes) -> _State:
        self.checks += 1
        return _State(content, self.check(content))

    def mended(self, state: _State, mends: Iterable[Mend]) -> _State:
        return self.checked(edit_content(state.content, state.document, _edits(mends)))

    def accept(self, mends: Iterable[Mend], gone: Iterable[Issue]) -> None:
        self.applied += mends
        self.gone += gone
        self.accepted_since = bool(self.refused)

    def refuse(self, mends: Iterable[Mend], reason: str) -> None:
        for mend in mends:
            self.refused.setdefault(_key(mend), Mend(mend.issue, mend.suggestion, reason))


def _key(mend: Mend) -> _RefusedKey:
    return mend.issue.code, mend.issue.value, mend.suggestion.edits


_SURENESS = {certainty: position for position, certainty in enumerate(Certainty)}


def _batch(here: _State, work: _Work, limit: int | None) -> list[Mend]:
    """The mends to try together: certain enough, not refused before, and about different places."""
    wanted = []
    for issue in here.checked.issues:
        best = issue.suggestions[0] if issue.suggestions else None
        if best is None or not best.edits or _SURENESS[best.certainty] > _SURENESS[work.certainty]:
            continue
        mend = Mend(issue, best)
        if best.changes_value and not work.change_values:
            work.refuse([mend], CHANGES_VALUE)
        elif _key(mend) not in work.refused:
            wanted.append(mend)
    wanted = wanted[:limit]
    return wanted if not wanted or _fits(here.document, wanted) else _apart(here.document, wanted, work)


def _new_mends(before: _State, after: _State, work: _Work) -> list[Mend]:
    """Mends for what came up with a change."""
    had = {_kind(issue) for issue in before.checked.issues}
    return [mend for mend in _batch(after, work, None) if _kind(mend.issue) not in had]


def _again(here: _State, work: _Work) -> list[Mend]:
    """What was refused before other mends were made: it may do no harm now."""
    if not work.accepted_since:
        return []
    work.refused.clear()
    work.accepted_since = False
    return _batch(here, work, None)


def _fits(document: Document, mends: Sequence[Mend]) -> bool:
    try:
        apply_edits(document, _edits(mends))
    except EditConflictError:
        return False
    return True


def _apart(document: Document, mends: Sequence[Mend], work: _Work) -> list[Mend]:
    """Those that can be done together; the others wait for the next round."""
    chosen: list[Mend] = []
    for mend in mends[:_TOGETHER]:
        if _fits(document, [*chosen, mend]):
            chosen.append(mend)
        elif not _fits(document, [mend]):
            work.refuse([mend], "its edits do not fit the document")
    return chosen


_TOGETHER = 100  # of many that hinder each other: each is tried with all before it


def _edits(mends: Iterable[Mend]) -> list[Edit]:
    """The edits of all, each once: two findings may ask for the same definition."""
    return list(dict.fromkeys(edit for mend in mends for edit in mend.suggestion.edits))


_Kind = tuple[str, str, str]


def _kind(issue: Issue) -> _Kind:
    return issue.code, issue.value, issue.path


def _counts(issues: Iterable[Issue]) -> Counter[_Kind]:
    counts: Counter[_Kind] = Counter()
    for issue in issues:
        counts[_kind(issue)] += issue.places
    return counts


def _harm(before: _State, after: _State, batch: Sequence[Mend]) -> str:
    """Why the change is none to offer; ``""`` when it is."""
    if after.checked.statements is None and before.checked.statements is not None:
        [refusal] = after.checked.issues[:1]
        return f"the document could not be read afterwards: {refusal.message}"
    had, has = _counts(before.checked.issues), _counts(after.checked.issues)
    still = {(_kind(issue), issue.pointer) for issue in after.checked.issues}
    for mend in batch:
        kind = _kind(mend.issue)
        if has[kind] >= had[kind] and (kind, mend.issue.pointer) in still:
            return "the finding is still there afterwards"
    more = {kind for kind, number in has.items() if number > had[kind]}
    if more and before.checked.statements is not None:  # else everything is read for the first time
        known = {(_kind(issue), issue.pointer) for issue in before.checked.issues}
        places = [_Mended(edit) for edit in _edits(batch)]
        for issue in after.checked.issues:
            if _kind(issue) in more and (_kind(issue), issue.pointer) not in known and not any(one.covers(issue) for one in places):
                return f"line {issue.line} would have a new finding: {issue.message}"
    return ""


class _Mended:
    """A place that an edit changed, by the pointers of the changed document."""

    def __init__(self, edit: Edit) -> None:
        self._node, _, key = edit.pointer.rpartition("/")
        self._at = edit.pointer
        self._is_context = "@context" in (key, self._node.rpartition("/")[2])
        if edit.operation is Operation.RENAME:
            self._at = f"{self._node}/{json.loads(edit.content).replace('~', '~0').replace('/', '~1')}"

    def covers(self, issue: Issue) -> bool:
        """Whether the finding is about the value, what is inside it, or the node of which it is a member, or another member."""
        pointer = issue.pointer
        if pointer == self._at or pointer.startswith(f"{self._at}/"):
            return True
        return not self._is_context and self._node in (pointer, pointer.rpartition("/")[0])


def _unasked(before: _State, after: _State, batch: Sequence[Mend]) -> list[Issue]:
    """Findings that are gone although nothing in the batch was for them."""
    asked: Collection[_Kind] = {_kind(mend.issue) for mend in batch}
    had, has = _counts(before.checked.issues), _counts(after.checked.issues)
    return [issue for issue in before.checked.issues if _kind(issue) not in asked and has[_kind(issue)] < had[_kind(issue)]]
