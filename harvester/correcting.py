"""Reads a payload with the corrections of its record: those that still fit are applied to its text, the others are told.

Nothing is written here, and the payload stays as it is. Corrections are applied one after another, each to what those before it
made of the document, because that is what its curator looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from harvester.corrections import Change, Correction, Standing
from harvester.reading import Read, Reader
from records.errors import EditConflictError
from records.issues import Edit, Issue, Operation, Severity
from records.record import Payload
from records.rights import Rights
from shapes.edits import edit_content, value_at
from shapes.reader import Document, Json, Limits, read_document

_REMEDY = "revoke the correction, or make it again for the document as it is now"
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Described:
    """What a source says of a document; with its payload all that is needed to read it.

    Args:
        record: Record id.
        source: Name of the source.
        key: Path within the source.
        title: Title in the source's own metadata.
        rights: Who may read it.
        communities: The source's communities that it is in.
    """

    record: str
    source: str
    key: str
    title: str
    rights: Rights
    communities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Corrected:
    """A document with those of its corrections in it that fit.

    Args:
        content: Its bytes.
        standings: What each correction does, by id.
        issues: Findings about those that fit no more.
        steps: What was done to it, in order.
    """

    content: bytes
    standings: dict[str, Standing]
    issues: tuple[Issue, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One correction, as far as it still changes something.

    Args:
        before: The document before it.
        edits: Its edits, with pointers into that document.
    """

    before: Document
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class CorrectedRead:
    """What came of a payload with its corrections.

    Args:
        read: The record with its statements and findings.
        standings: What each correction did, by id, in the order in which they were applied.
    """

    read: Read
    standings: tuple[tuple[str, Standing], ...] = ()


def read_corrected(reader: Reader, of: Described, payload: Payload, corrections: Sequence[Correction]) -> CorrectedRead:
    """Read a payload with the corrections that hold.

    A document that would be refused with them is read without: a correction never takes a record away.

    Args:
        reader: Turns payloads into records.
        of: What the source says of the document.
        payload: Its bytes.
        corrections: Those that hold, in the order in which they were accepted.
    """
    if not corrections:
        return CorrectedRead(_read(reader, of, payload))
    corrected = correct(payload.content, of.key, corrections, reader.limits)
    read = _read(reader, of, Payload(corrected.content))
    if read.record is None and Standing.APPLIED in corrected.standings.values():
        plain = _read(reader, of, payload)
        applied = [one for one in corrections if corrected.standings[one.id] is Standing.APPLIED]
        outdated = {one.id: Standing.OUTDATED for one in applied}
        because = f"with it the document would be refused: {read.issues[0].message}" if read.issues else "it is refused with it"
        issues = (*corrected.issues, *(_outdated(one, because, of.key) for one in applied))
        corrected, read = Corrected(payload.content, corrected.standings | outdated, issues), plain
    # The digest is that of the payload: what lies there is what the source gave.
    record = replace(read.record, digest=payload.digest) if read.record else None
    return CorrectedRead(replace(read, record=record, issues=(*corrected.issues, *read.issues)), tuple(corrected.standings.items()))


def correct(content: bytes, key: str, corrections: Sequence[Correction], limits: Limits) -> Corrected:
    """Apply those corrections to a document that still fit it.

    Args:
        content: Its bytes as harvested.
        key: Path within the source; findings name it.
        corrections: Those that hold, in the order in which they were accepted.
        limits: Size and depth of documents.

    >>> made = Change(Edit(Operation.REPLACE, "/mass", "45"), '"45"')
    >>> mended = Correction("c1", "s/a.json", "", (made,), (), "alice", "2026-01-01T00:00:00+00:00", "a number")
    >>> correct(b'{"mass": "45"}', "a.json", [mended], Limits()).content
    b'{"mass": 45}'
    >>> [correct(changed, "a.json", [mended], Limits()).standings["c1"].value for changed in (b'{"mass": 45}', b'{"mass": "46"}')]
    ['adopted', 'outdated']
    """
    standings: dict[str, Standing] = {}
    issues: list[Issue] = []
    steps: list[Step] = []
    document = read_document(content, key, limits)
    for correction in corrections:
        if isinstance(document, Issue):
            # Its own finding tells that it is no JSON any more.
            standings[correction.id] = Standing.OUTDATED
            continue
        try:
            edits = _edits_left(document, correction)
            after = edit_content(content, document, edits) if edits else content
            made = read_document(after, key, limits) if edits else document
            if isinstance(made, Issue):
                raise EditConflictError(f"with it {made.message}")
        except EditConflictError as conflict:
            standings[correction.id] = Standing.OUTDATED
            issues.append(_outdated(correction, conflict.message.rstrip("."), key, document))
        else:
            standings[correction.id] = Standing.APPLIED if edits else Standing.ADOPTED
            if edits:
                steps.append(Step(document, tuple(edits)))
            content, document = after, made
    return Corrected(content, standings, tuple(issues), tuple(steps))


def changes_of(document: Document, edits: Sequence[Edit]) -> tuple[Change, ...]:
    """The edits, each with what stands there now, so that it can be told later whether it still fits.

    >>> document = read_document(b'{"mas": 1.50}', "a.json")
    >>> [change.before for change in changes_of(document, [
    ...     Edit(Operation.RENAME, "/mas", '"mass"'), Edit(Operation.REPLACE, "/mas", "2")])]
    ['"mas"', '1.50']
    """
    return tuple(Change(edit, _before(document, edit)) for edit in edits)


def _before(document: Document, edit: Edit) -> str:
    if edit.operation is Operation.ADD:
        return ""
    span = document.span(edit.pointer, of="key" if edit.operation is Operation.RENAME else "value")
    return document.text[span[0] : span[1]] if span else ""


def _read(reader: Reader, of: Described, payload: Payload) -> Read:
    return reader.read(of.record, of.source, of.key, of.title, of.rights, payload, of.communities)


def _outdated(correction: Correction, because: str, key: str, document: Document | None = None) -> Issue:
    pointer = correction.changes[0].edit.pointer if correction.changes else ""
    line, column = document.place(pointer) if document else (0, 0)
    return Issue(
        "correction-outdated",
        f"the correction that {correction.by} made on {correction.at[:10]} is left out: {because}",
        Severity.INFO,
        source=key,
        pointer=pointer,
        line=line,
        column=column,
        remedy=_REMEDY,
    )


# The same as a JSON Patch.


def json_patch(steps: Sequence[Step]) -> list[dict[str, Json]]:
    """What the corrections do, as a JSON Patch (RFC 6902) that says first what it expects to find.

    >>> edits = Edit(Operation.RENAME, "/mas", '"mass"'), Edit(Operation.REPLACE, "/mas", "45")
    >>> for operation in json_patch([Step(read_document(b'{"mas": "45"}', "a.json"), edits)]): print(operation)
    {'op': 'test', 'path': '/mas', 'value': '45'}
    {'op': 'replace', 'path': '/mas', 'value': 45}
    {'op': 'move', 'from': '/mas', 'path': '/mass'}
    """
    return [operation for step in steps for operation in _operations(step)]


def _operations(step: Step) -> Iterator[dict[str, Json]]:
    # All edits speak of the document before them, and operations of what those before them left: from the inside to the outside,
    # and from the end of an array to its beginning, the two mean the same.
    for edit in sorted(step.edits, key=_inner_first):
        here = _at(step.before.value, edit.pointer)
        if edit.operation in (Operation.REPLACE, Operation.REMOVE):
            yield {"op": "test", "path": edit.pointer, "value": here}
        if edit.operation is Operation.RENAME:
            yield {"op": "move", "from": edit.pointer, "path": _renamed(edit)}
        elif edit.operation is Operation.REMOVE:
            yield {"op": "remove", "path": edit.pointer}
        else:
            yield {"op": edit.operation.value, "path": edit.pointer, "value": json.loads(edit.content)}


_OPERATION_ORDER = (Operation.REPLACE, Operation.REMOVE, Operation.RENAME, Operation.ADD)


def _inner_first(edit: Edit) -> tuple[int, int, int]:
    name = edit.pointer.rpartition("/")[2]
    index = int(name) if edit.operation is Operation.REMOVE and name.isdecimal() else 0
    return -edit.pointer.count("/"), _OPERATION_ORDER.index(edit.operation), -index


# Whether a correction still fits: each of its changes finds what it found, or what it would make.


class _Fit(Enum):
    FITS = "what stood there still does"
    ADOPTED = "the document says so by itself"
    OUTDATED = "it says something else"


def _edits_left(document: Document, correction: Correction) -> list[Edit]:
    """The edits that still change something; none when the document says all of it by itself.

    Raises:
        EditConflictError: One of them finds neither what it found nor what it would make.
    """
    renamed: dict[str, str] = {}
    removed = frozenset(change.edit.pointer for change in correction.changes if change.edit.operation is Operation.REMOVE)
    left = []
    # Names first, the outer ones before the inner: where the source took over a new name, what lies below it has moved there.
    for change in sorted(correction.changes, key=_outer_names_first):
        edit = replace(change.edit, pointer=_moved(change.edit.pointer, renamed))
        if edit.operation is Operation.RENAME:
            fit = _fit_of_rename(document.value, edit, removed)
        else:
            fit = _FITS[edit.operation](document.value, edit, change.before)
        if fit is _Fit.OUTDATED:
            raise EditConflictError(_told(document, edit, change.before))
        if fit is _Fit.FITS:
            left.append(edit)
        elif edit.operation is Operation.RENAME:
            renamed[edit.pointer] = _renamed(edit)
    return left


def _outer_names_first(change: Change) -> tuple[bool, int]:
    return change.edit.operation is not Operation.RENAME, change.edit.pointer.count("/")


def _moved(pointer: str, renamed: dict[str, str]) -> str:
    for old, new in renamed.items():
        if pointer == old or pointer.startswith(f"{old}/"):
            pointer = new + pointer[len(old) :]
    return pointer


def _renamed(edit: Edit) -> str:
    key = json.loads(edit.content).replace("~", "~0").replace("/", "~1")
    return f"{edit.pointer.rpartition('/')[0]}/{key}"


def _at(value: Json, pointer: str) -> Json:
    try:
        return value_at(value, pointer)
    except KeyError:
        return _ABSENT


def _same(value: Json, text: str) -> bool:
    """Whether a value is what a JSON text says, however it is written."""
    return value is not _ABSENT and json.dumps(value, sort_keys=True) == json.dumps(json.loads(text), sort_keys=True)


def _fit_of_replace(value: Json, edit: Edit, before: str) -> _Fit:
    here = _at(value, edit.pointer)
    if _same(here, edit.content):
        return _Fit.ADOPTED
    return _Fit.FITS if _same(here, before) else _Fit.OUTDATED


def _fit_of_rename(value: Json, edit: Edit, removed: frozenset[str]) -> _Fit:
    target = _renamed(edit)
    old, new = _at(value, edit.pointer) is not _ABSENT, _at(value, target) is not _ABSENT
    if old and (not new or target in removed):
        return _Fit.FITS
    return _Fit.ADOPTED if new and not old else _Fit.OUTDATED


def _fit_of_add(value: Json, edit: Edit, _before: str) -> _Fit:
    above, _, name = edit.pointer.rpartition("/")
    around = _at(value, above)
    if isinstance(around, list) and name == "-":
        return _Fit.ADOPTED if any(_same(item, edit.content) for item in around) else _Fit.FITS
    if not isinstance(around, dict):
        return _Fit.OUTDATED
    here = _at(value, edit.pointer)
    if here is _ABSENT:
        return _Fit.FITS
    return _Fit.ADOPTED if _same(here, edit.content) else _Fit.OUTDATED


def _fit_of_remove(value: Json, edit: Edit, before: str) -> _Fit:
    here = _at(value, edit.pointer)
    if _same(here, before):
        return _Fit.FITS
    around = _at(value, edit.pointer.rpartition("/")[0])
    if isinstance(around, list):
        return _Fit.OUTDATED if any(_same(item, before) for item in around) else _Fit.ADOPTED
    return _Fit.ADOPTED if isinstance(around, dict) and here is _ABSENT else _Fit.OUTDATED


_FITS = {
    Operation.REPLACE: _fit_of_replace,
    Operation.ADD: _fit_of_add,
    Operation.REMOVE: _fit_of_remove,
}


def _told(document: Document, edit: Edit, before: str) -> str:
    span = document.span(edit.pointer)
    here = document.text[span[0] : span[1]] if span else ""
    place = f"at '{edit.pointer}'"
    if edit.operation is Operation.RENAME:
        return f"{place} and under its new name {'both stand something' if here else 'stands nothing'}"
    if not here:
        return f"nothing stands {place} any more"
    return f"{place} stands {_short(here)}, and it was made for {_short(before) if before else 'nothing'}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else f"{flat[:59]}…"
