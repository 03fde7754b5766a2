"""Changes a JSON document as a person would: only what an edit names; indentation, order and line ends stay the author's.

A text that is no JSON yet is changed by splices: no pointer can name a place in it.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from records.errors import EditConflictError
from records.issues import Edit, Issue, Operation
from shapes.reader import Document, Json, read_document

_END_OF_ARRAY = "-"
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")  # RFC 6901: no sign, no leading zero


def apply_edits(document: Document, edits: Sequence[Edit]) -> str:
    """The document's text with the edits in it; every other character stays.

    All pointers are into the document as it is, so the order of the edits does not matter, but that several members added to one
    object or array stand in the order given. A new member stands last, separated and indented as its siblings are. With a member go
    its comma and, when it stands alone there, its line.

    Args:
        document: The document.
        edits: What to change.

    Raises:
        EditConflictError: Two edits are about the same place or the one inside the other's, a pointer names nothing (or, to add,
            something that is there), a content is no JSON, a key would stand twice in one object, a splice is outside the text, or
            there are splices and pointers.

    >>> from records.issues import Edit, Operation
    >>> from shapes.reader import read_document
    >>> document = read_document(b'{ "mas": "3,4", "unit": null }', "a.json")
    >>> edits = [Edit(Operation.RENAME, "/mas", '"mass"'), Edit(Operation.REPLACE, "/mas", "3.40"), Edit(Operation.REMOVE, "/unit")]
    >>> apply_edits(document, edits)
    '{ "mass": 3.40 }'
    >>> apply_edits(document, [Edit(Operation.ADD, "/size", "[]")])
    '{ "mas": "3,4", "unit": null, "size": [] }'
    """
    return _put_together(document.text, pieces_of(document, edits))


def pieces_of(document: Document, edits: Sequence[Edit]) -> list[Piece]:
    """As `apply_edits`, but only what changes: pieces of the text that do not overlap, from the first to the last.

    Raises:
        EditConflictError: As `apply_edits`.

    >>> from records.issues import Edit, Operation
    >>> from shapes.reader import read_document
    >>> pieces_of(read_document(b'{"mas": 1}', "a.json"), [Edit(Operation.RENAME, "/mas", '"mass"')])
    [Piece(start=1, end=6, text='"mass"')]
    """
    if are_splices(edits):
        return _spliced(document.text, edits)
    _check_apart(edits)
    pieces: list[Piece] = []
    touched: dict[str, list[Edit]] = {}
    for edit in edits:
        if edit.operation is Operation.REPLACE:
            start, end = _span(document, edit)
            pieces.append(Piece(start, end, _content(edit)))
        else:
            touched.setdefault(_parent(edit), []).append(edit)
    for pointer, inside in touched.items():
        pieces += _Container(document, pointer).changed(inside)
    return sorted(pieces, key=lambda piece: (piece.start, piece.end))


def edit_content(content: bytes, document: Document | None, edits: Sequence[Edit]) -> bytes:
    """As `apply_edits`, from bytes to bytes: a byte order mark stays.

    Args:
        content: The bytes that *document* was read from.
        document: The document; ``None`` when they are no JSON, and then only splices fit.
        edits: What to change.

    Raises:
        EditConflictError: As `apply_edits`.

    >>> edit_content(b'{"mass": NaN}', None, [Edit(Operation.SPLICE, "", "null", offset=9, length=3)])
    b'{"mass": null}'
    """
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    return mark + apply_edits(document or _broken(content.removeprefix(mark), edits), edits).encode(errors="surrogatepass")


def are_splices(edits: Sequence[Edit]) -> bool:
    """Whether all of them are splices, which need no JSON.

    Raises:
        EditConflictError: Some are, and some are not.
    """
    splices = [edit.operation is Operation.SPLICE for edit in edits]
    if any(splices) and not all(splices):
        raise _conflict("some name characters of the text, others places of what it says")
    return any(splices)


def value_at(value: Json, pointer: str) -> Json:
    """What a JSON Pointer names.

    Raises:
        KeyError: It names nothing.

    >>> value_at({"a/b": [1, {"c": 2}]}, "/a~1b/1/c")
    2
    """
    for step in _steps(pointer):
        if isinstance(value, dict):
            value = value[step]
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            raise KeyError(pointer)
    return value


@dataclass(frozen=True, slots=True)
class Piece:
    """What takes the place of the characters from *start* to *end*."""

    start: int
    end: int
    text: str


def _broken(content: bytes, edits: Sequence[Edit]) -> Document:
    """What stands for a document that is no JSON: its text."""
    if not are_splices(edits):
        raise _conflict("it is no JSON, so no pointer names anything in it")
    try:
        return Document(None, "", content.decode())
    except UnicodeDecodeError:
        raise _conflict("it is not written in UTF-8") from None


def _spliced(text: str, edits: Sequence[Edit]) -> list[Piece]:
    pieces = sorted((Piece(edit.offset, edit.offset + edit.length, edit.content) for edit in edits), key=lambda piece: piece.start)
    here = 0
    for piece in pieces:
        if not here <= piece.start <= piece.end <= len(text):
            raise _conflict(f"the characters from {piece.start:,} to {piece.end:,} are outside the text, or named twice")
        here = piece.end
    return pieces


def _put_together(text: str, pieces: Sequence[Piece]) -> str:
    parts: list[str] = []
    here = 0
    for piece in pieces:
        parts += text[here : piece.start], piece.text
        here = piece.end
    return "".join([*parts, text[here:]])


def _steps(pointer: str) -> tuple[str, ...]:
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def _step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _parent(edit: Edit) -> str:
    if not edit.pointer.startswith("/"):
        raise _conflict(f"the whole document can only be replaced, and {edit.pointer!r} names no member or item")
    return edit.pointer.rpartition("/")[0]


def _conflict(what: str) -> EditConflictError:
    return EditConflictError(f"The changes do not fit the document: {what}.", "Check the document again, and take its suggestions.")


def _span(document: Document, edit: Edit) -> tuple[int, int]:
    span = document.span(edit.pointer)
    if span is None:
        raise _conflict(f"nothing is at {edit.pointer!r}")
    return span


def _content(edit: Edit) -> str:
    read = read_document(edit.content.encode(errors="surrogatepass"), "")
    if isinstance(read, Issue):
        raise _conflict(f"the new text at {edit.pointer!r} is no JSON, for {read.message}")
    if edit.operation is Operation.RENAME and not isinstance(read.value, str):
        raise _conflict(f"the new key at {edit.pointer!r} is no text in double quotes")
    return edit.content.strip(" \t\r\n")


def _check_apart(edits: Sequence[Edit]) -> None:
    """No two edits may be about the same place, or the one about what the other takes away."""
    at: dict[tuple[str, ...], list[Operation]] = {}
    for edit in edits:
        at.setdefault(_steps(edit.pointer), []).append(edit.operation)
    for steps, operations in at.items():
        name_and_value = sorted(operations) == [Operation.RENAME, Operation.REPLACE]
        several_items = steps[-1:] == (_END_OF_ARRAY,) and set(operations) == {Operation.ADD}
        if len(operations) > 1 and not name_and_value and not several_items:
            raise _conflict(f"several are about {_pointer(steps)!r}")
        for length in range(len(steps)):
            if set(at.get(steps[:length], ())) - {Operation.RENAME}:
                raise _conflict(f"one is about {_pointer(steps[:length])!r}, another about {_pointer(steps)!r} inside it")


def _pointer(steps: Sequence[str]) -> str:
    return "".join(f"/{_step(step)}" for step in steps)


class _Container:
    """An object or array, and where its members stand.

    Args:
        document: The document.
        pointer: Which object or array of it.
    """

    def __init__(self, document: Document, pointer: str) -> None:
        span = document.span(pointer)
        value = value_at(document.value, pointer) if span else None
        if span is None or not isinstance(value, dict | list):
            raise _conflict(f"no object or array is at {pointer!r}")
        self._document, self._text, self._pointer = document, document.text, pointer
        self._open, self._close = span[0] + 1, span[1] - 1
        self._is_object = isinstance(value, dict)
        self._names = list(value) if isinstance(value, dict) else [str(index) for index in range(len(value))]
        self._index = {name: index for index, name in enumerate(self._names)}

    def changed(self, edits: Sequence[Edit]) -> Iterator[Piece]:
        """The pieces that rename, remove and add what the edits say."""
        renamed, removed, added = ([edit for edit in edits if edit.operation is one] for one in _MEMBER_OPERATIONS)
        gone = {self._place_of(edit) for edit in removed}
        self._check_keys(renamed, gone, added)
        for edit in renamed:
            start, end = self._key(self._place_of(edit))
            yield Piece(start, end, _content(edit))
        entries = [self._entry(edit) for edit in added]
        if entries and len(gone) == len(self._names):
            yield self._refilled(entries)
            return
        for first, last in _runs(sorted(gone)):
            yield self._without(first, last)
        if entries:
            end = self._end(next(index for index in reversed(range(len(self._names))) if index not in gone))
            yield Piece(end, end, "".join(self._separator() + entry for entry in entries))

    def _place_of(self, edit: Edit) -> int:
        name = _steps(edit.pointer)[-1]
        if name not in self._index:
            raise _conflict(f"nothing is at {edit.pointer!r}")
        if edit.operation is Operation.RENAME and not self._is_object:
            raise _conflict(f"{edit.pointer!r} is the item of an array and has no key")
        return self._index[name]

    def _check_keys(self, renamed: Sequence[Edit], gone: Collection[int], added: Sequence[Edit]) -> None:
        if not self._is_object:
            if any(_steps(edit.pointer)[-1] != _END_OF_ARRAY for edit in added):
                raise _conflict(f"items of the array at {self._pointer!r} are added at its end, which is called {_END_OF_ARRAY!r}")
            return
        names = {self._names[self._place_of(edit)]: str(json.loads(_content(edit))) for edit in renamed}
        keys = [names.get(name, name) for name in self._names if self._index[name] not in gone]
        keys += [_steps(edit.pointer)[-1] for edit in added]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise _conflict(f"the key {twice!r} would stand twice in the object at {self._pointer!r}")

    def _begin(self, index: int) -> int:
        return self._key(index)[0] if self._is_object else self._value(index)[0]

    def _end(self, index: int) -> int:
        return self._value(index)[1]

    def _key(self, index: int) -> tuple[int, int]:
        return self._document.span(self._member(index), of="key") or (0, 0)

    def _value(self, index: int) -> tuple[int, int]:
        return self._document.span(self._member(index)) or (0, 0)

    def _member(self, index: int) -> str:
        return f"{self._pointer}/{_step(self._names[index])}"

    def _without(self, first: int, last: int) -> Piece:
        """Take members away that follow one another, with one comma, and with their lines when nothing else stands there."""
        before = self._end(first - 1) if first else self._open
        begin, end = self._begin(first), self._end(last)
        if last + 1 == len(self._names):
            return Piece(before, end if first else self._close, "")
        after = self._begin(last + 1)
        line, next_line = self._text.rfind("\n", before, begin) + 1, self._text.rfind("\n", end, after) + 1
        if line and next_line and (self._text[line:begin] + self._text[end:next_line]).count(",") == 1:
            return Piece(line, next_line, "")
        if first and next_line and not line:
            return Piece(before, end, "")  # what follows stays on its own line
        return Piece(begin, after, "")

    def _refilled(self, entries: Sequence[str]) -> Piece:
        """New members where none stay."""
        if self._names:
            return Piece(self._begin(0), self._end(len(self._names) - 1), self._separator().join(entries))
        outer, inner = self._indents()
        return Piece(self._open, self._close, inner + f",{inner or ' '}".join(entries) + outer)

    def _entry(self, edit: Edit) -> str:
        content = _content(edit)
        if not self._is_object:
            return content
        key = json.dumps(_steps(edit.pointer)[-1], ensure_ascii=False)
        return f"{_content(Edit(Operation.RENAME, edit.pointer, key))}{self._colon()}{content}"

    def _colon(self) -> str:
        if self._names:
            last = len(self._names) - 1
            colon = self._text[self._key(last)[1] : self._value(last)[0]]
            if "\n" not in colon:
                return colon
        return ": " if self._is_spaced() else ":"

    def _separator(self) -> str:
        """What stands between two members: as between the last two, else as before the only one."""
        count = len(self._names)
        if count > 1:
            return self._text[self._end(count - 2) : self._begin(count - 1)]
        lead = self._text[self._open : self._begin(0)]
        return f",{lead or (' ' if self._is_spaced() else '')}"

    def _is_spaced(self) -> bool:
        return '": ' in self._text or '":' not in self._text

    def _indents(self) -> tuple[str, str]:
        """What stands before the closing bracket and before each member of what was empty: nothing, or a line of its own."""
        if not self._pointer:
            return "", ""
        above, _, name = self._pointer.rpartition("/")
        parent = _Container(self._document, above)
        here = parent._index[_steps(f"/{name}")[-1]]
        lead = self._text[parent._end(here - 1) if here else parent._open : parent._begin(here)]
        if "\n" not in lead:
            return "", ""
        newline = "\r\n" if "\r\n" in lead else "\n"
        indent = lead.rpartition("\n")[2].replace(",", " ")
        return newline + indent, newline + indent + _unit(self._document)


_MEMBER_OPERATIONS = (Operation.RENAME, Operation.REMOVE, Operation.ADD)


def _unit(document: Document) -> str:
    """By how much the document indents: the first member of its outermost object or array shows it."""
    opening = document.span("")
    lead = document.text[opening[0] + 1 :] if opening else ""
    first = lead[: len(lead) - len(lead.lstrip())]
    return first.rpartition("\n")[2] or "  "


def _runs(indices: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of numbers that follow one another.

    >>> list(_runs([1, 2, 5]))
    [(1, 2), (5, 5)]
    """
    for place, index in enumerate(indices):
        if place == 0 or indices[place - 1] != index - 1:
            first = index
        if place + 1 == len(indices) or indices[place + 1] != index + 1:
            yield first, index
