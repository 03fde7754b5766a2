"""Reads JSON strictly: one `Issue` with a place for what is not JSON, and the place of every key and value for what is."""

from __future__ import annotations

import codecs
import json
import math
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import islice
from json.decoder import scanstring  # type: ignore[attr-defined]  # undocumented, but what json.loads itself uses
from typing import Any, Literal, NoReturn, TypeAlias

from records.issues import Certainty, Issue, Suggestion
from shapes.grammar import breach, splice

Json: TypeAlias = Any
"""A JSON value as ``json`` gives it: ``dict``, ``list``, ``str``, ``int``, ``float``, ``bool`` or ``None``."""


MAX_EDITS = 1_000
"""Most edits of one suggestion: what stands at more places is mended in more than one go."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may be at most.

    Args:
        max_bytes: Size of the document.
        max_depth: Objects and arrays inside one another; the outermost counts as 1.
    """

    max_bytes: int = 50_000_000
    max_depth: int = 64


@dataclass(slots=True)
class Document:
    """A JSON document and the places of what is in it.

    The places are found in one pass when the first one is asked for.

    Args:
        value: The JSON value.
        source: The document's path within its source.
        text: The document as text, without a byte order mark.

    >>> document = read_document(b'{"a": [1,' + bytes([10]) + b'  {"b": true}]}', "a.json")
    >>> document.place("/a/1/b"), document.place("/a/1/b", of="key")
    ((2, 9), (2, 4))
    """

    value: Json
    source: str
    text: str
    _places: _Node | None = field(default=None, init=False, repr=False)
    _lines: list[int] | None = field(default=None, init=False, repr=False)

    def place(self, pointer: str, of: Literal["value", "key"] = "value") -> tuple[int, int]:
        """Line and column, both from 1, of what the JSON Pointer (RFC 6901) names.

        Args:
            pointer: JSON Pointer; for what is not in the document, the place of the nearest thing around it is given.
            of: The value, or the key of an object's member (an array's item has no key: its value then).
        """
        key, value = self._offsets(pointer)
        return self.place_at(key if of == "key" else value)

    def place_at(self, offset: int) -> tuple[int, int]:
        """Line and column of a character of the text, both from 1."""
        if self._lines is None:
            self._lines = _line_starts(self.text)
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def offset(self, pointer: str) -> int:
        """Position of the value in the text, from 0."""
        return self._offsets(pointer)[1]

    def span(self, pointer: str, of: Literal["value", "key"] = "value") -> tuple[int, int] | None:
        """Where the value that the JSON Pointer names, or the key before it with its quotes, begins and ends in the text.

        ``None`` when nothing in the document is named so. An array's item and the whole document have no key.

        >>> document = read_document(b'{"mass": [1.50, {}]}', "a.json")
        >>> [document.span("/mass/0"), document.span("/mass", of="key"), document.span("/size")]
        [(10, 14), (1, 7), None]
        """
        if self._places is None:
            self._places = _scan(self.text)
        if pointer and pointer[0] != "/":
            return None
        key, value, node = -1, self._places[0], self._places
        for step in pointer.split("/")[1:]:
            member = _member_of(node, step)
            if member is None:
                return None
            key, value, node = member[0] if type(node[1]) is dict else -1, member[1], member[2] or (0, [])
        if of == "key":
            return None if key < 0 else (key, scanstring(self.text, key + 1, True)[1])
        return value, _DECODER.raw_decode(self.text, value)[1]

    def _offsets(self, pointer: str) -> tuple[int, int]:
        if self._places is None:
            self._places = _scan(self.text)
        node: _Node | None = self._places
        key = value = self._places[0]
        if not pointer:
            return key, value
        for step in pointer[1:].split("/"):
            if node is None:
                break
            try:
                if type(node[1]) is dict:
                    if "~" in step:
                        step = step.replace("~1", "/").replace("~0", "~")  # the unescaped step
                    key, value, node = node[1][step]
                else:
                    key, value, node = node[1][int(step) if step.isdecimal() else len(node[1])]  # type: ignore[index]
            except (KeyError, IndexError, ValueError):
                break
        return key, value


# A container's place: its offset, and of each of its members (key offset, value offset, place of the value if it is a container).
_Node: TypeAlias = "tuple[int, dict[str, _Member] | list[_Member]]"
_Member: TypeAlias = "tuple[int, int, _Node | None]"


_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")  # RFC 6901: no sign, no leading zero


def _member_of(node: _Node, step: str) -> _Member | None:
    members = node[1]
    if type(members) is dict:
        return members.get(step.replace("~1", "/").replace("~0", "~"))
    if not _INDEX.fullmatch(step) or int(step) >= len(members):
        return None
    return members[int(step)]  # type: ignore[index]


class _Refused(Exception):  # noqa: N818 # a signal inside this module
    """The text has a fault that ``json`` itself does not name or place."""

    def __init__(self, code: str = "", offset: int = 0, what: str = "", other: int = 0) -> None:
        super().__init__(code)
        self.code, self.offset, self.what, self.other = code, offset, what, other


def read_document(content: bytes, source: str, limits: Limits = Limits()) -> Document | Issue:  # frozen
    """Read JSON (RFC 8259) strictly.

    Refused, each with one issue that says where and how to mend it: ``too-large``, ``empty-file``, ``not-utf8``, ``not-json``,
    ``decimal-comma``, ``nan``, ``duplicate-key``, ``number-range`` (no double can hold it), ``lone-surrogate`` and ``too-deep``. A
    byte order mark is read over.

    Args:
        content: The document.
        source: Its path within its source, for issues.
        limits: Its largest size and depth.

    >>> print(read_document(b'{"mass": NaN}', "a.json"))
    a.json:1:10: violation [nan] NaN is not a JSON value; leave the property out, or write null
    """
    if len(content) > limits.max_bytes:
        message = f"the document has {len(content):,} bytes; at most {limits.max_bytes:,} are read"
        return Issue("too-large", message, source=source, line=1, column=1, remedy="split it, or raise the limit")
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        return _not_utf8(content.removeprefix(codecs.BOM_UTF8), error.start, source)
    try:
        value = _DECODER.decode(text)
        if ("\\u" in text and _SURROGATE.search(text)) or _deeper_than(value, limits.max_depth):
            _scan(text, limits.max_depth, strict=True)
        return Document(value, source, text)
    except json.JSONDecodeError as error:
        fault = _Refused("not-json", error.pos, error.msg)
    except (_Refused, RecursionError):
        fault = _Refused("not-json", 0, "Expecting value")
    try:
        # Whatever comes first in the text is told: NaN in line 2 rather than a missing comma in line 9.
        _scan(text[: fault.offset] if fault.offset else text, limits.max_depth, strict=True)
    except _Refused as first:
        fault = first
    return _issue(fault, text, source, limits)


def _issue(fault: _Refused, text: str, source: str, limits: Limits) -> Issue:
    document = Document(None, source, text)
    if fault.code == "not-json":
        if not text.strip(" \t\r\n"):
            message, remedy = "the file is empty", "remove it, or write the document into it"
            return Issue("empty-file", message, source=source, line=1, column=1, remedy=remedy)
        found = breach(text, fault.offset, fault.what)
        line, column = document.place_at(found.offset)
        return Issue(
            found.code,
            found.message,
            source=source,
            line=line,
            column=column,
            remedy=found.remedy,
            value=found.value,
            suggestions=found.suggestions,
        )
    line, column = document.place_at(fault.offset)
    message, remedy = _FAULTS[fault.code]
    message = message.format(what=fault.what, depth=limits.max_depth, before=document.place_at(fault.other)[0])
    suggestions = _suggestions(fault, text)
    return Issue(
        fault.code,
        message,
        source=source,
        line=line,
        column=column,
        remedy=remedy if fault.code == "nan" or not suggestions else suggestions[0].text,
        value=fault.what,
        suggestions=suggestions,
        places=max(len(suggestions[0].edits), 1) if suggestions else 1,
    )


_FAULTS = {
    "nan": ("{what} is not a JSON value", "leave the property out, or write null"),
    "duplicate-key": (
        "the key {what} stands twice in one object, in line {before} for the first time",
        "keep one of them, or write both values as an array",
    ),
    "number-range": ("the number {what} is larger than a double can hold", "check the exponent"),
    "lone-surrogate": ("the text {what} has half a surrogate pair, which is no character", "write the character itself, in UTF-8"),
    "too-deep": ("objects and arrays are nested more than {depth} deep", "flatten the document"),
}


def _suggestions(fault: _Refused, text: str) -> tuple[Suggestion, ...]:
    """What exact text would do, as far as that is clear."""
    if fault.code == "nan":
        certainty = Certainty.LIKELY if fault.what == "NaN" else Certainty.POSSIBLE
        edits = tuple(splice(start, start + len(fault.what), "null") for start in _same_words(fault, text))
        return (Suggestion("write null", "null", certainty, edits, changes_value=True),)
    if fault.code == "duplicate-key" and (end := _same_member(fault, text)):
        start = len(text[: fault.offset].rstrip(" \t\r\n").removesuffix(","))
        return (Suggestion("leave one of them out, as both say the same", "", Certainty.CERTAIN, (splice(start, end, ""),)),)
    return ()


def _same_words(fault: _Refused, text: str) -> list[int]:
    """Where the word stands as a value, as far as the text is well formed but for such words."""
    end = len(text)
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        end = error.pos
    except (RecursionError, ValueError):
        return [fault.offset]
    found = _TOKEN.finditer(text, fault.offset, end)
    kinds = (_MEMBER_SCALAR, _ITEM_SCALAR)
    starts = (match.start(match.lastindex) for match in found if match.lastindex in kinds and match[match.lastindex] == fault.what)
    return list(dict.fromkeys([fault.offset, *islice(starts, MAX_EDITS)]))[:MAX_EDITS]


def _same_member(fault: _Refused, text: str) -> int:
    """Where the second of two members with one key ends; 0 when they do not say the same, to the letter of their values."""
    (first, _), (second, end) = _value_of(text, fault.other), _value_of(text, fault.offset)
    return end if first == second != "" else 0


def _value_of(text: str, key: int) -> tuple[str, int]:
    """The value behind the key at an offset, as JSON, and where it ends; nothing when it cannot be read."""
    try:
        end = scanstring(text, key + 1, True)[1]
        start = re.compile(r"\s*:\s*").match(text, end)
        value, end = _DECODER.raw_decode(text, start.end()) if start else (None, 0)
        return (json.dumps(value), end) if end else ("", 0)
    except (ValueError, RecursionError, _Refused):
        return "", 0


def _not_utf8(content: bytes, start: int, source: str) -> Issue:
    before = content[:start].decode()
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Issue(
        "not-utf8",
        f"byte 0x{content[start]:02x} does not belong to UTF-8",
        source=source,
        line=line,
        column=column,
        remedy="save the file in the encoding UTF-8",
    )


# The fast way: json's own scanner, with hooks that refuse what it would let pass.


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Refused
    return members


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Refused
    return number


def _int(text: str) -> int:
    if len(text) > 300:
        _float(text)
    return int(text)


def _constant(_text: str) -> NoReturn:
    raise _Refused


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def _deeper_than(value: Json, limit: int) -> bool:
    level = [value] if type(value) is dict or type(value) is list else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            child
            for container in level
            for child in (container.values() if type(container) is dict else container)
            if type(child) is dict or type(child) is list
        ]
    return bool(level)


# The places: one match for each "key: value", item, beginning and end.

_SPACE = r"[ \t\n\r]*+"
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SCALAR = r'[^ \t\n\r,:\]}{\["]++'
_TOKEN = re.compile(
    # What is no JSON is matched too (a colon, a text without end, nothing): else each of a million spaces before it is tried.
    rf"[ \t\n\r,]*+(?:({_STRING})(?:{_SPACE}:{_SPACE}(?:([{{\[])|({_STRING}|{_SCALAR})))?|([{{\[])|([}}\]])|({_SCALAR})|:|\".*|\Z)",
    re.DOTALL,
)
_TEXT, _MEMBER_BEGIN, _MEMBER_SCALAR, _BEGIN, _END, _ITEM_SCALAR = range(1, 7)
_MEMBERS = (_MEMBER_BEGIN, _MEMBER_SCALAR)


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _scan(text: str, max_depth: int = 0, *, strict: bool = False) -> _Node:
    """Find all places; with *strict*, raise `_Refused` for the first fault that `json` would let pass.

    Without *strict* the text must be JSON. No recursion: the depth of the text does not matter.
    """
    top: list[_Member] = []
    stack: list[tuple[_Node, Any]] = []
    node: _Node = (0, top)
    members: Any = top
    for match in _TOKEN.finditer(text):
        kind = match.lastindex
        if kind == _END:
            if stack:
                node, members = stack.pop()
            continue
        if kind is None:
            continue
        if strict:
            _check(match, members)
        child: _Node | None = None
        offset = match.start(kind)
        if kind in _MEMBERS:
            start = match.start(1)
            key = match[1][1:-1]
            if "\\" in key:
                key = _unescape(text, start)
            if kind == _MEMBER_BEGIN:
                child = (offset, {} if text[offset] == "{" else [])
            if type(members) is dict:
                members[key] = (start, offset, child)
        else:
            if kind == _BEGIN:
                child = (offset, {} if text[offset] == "{" else [])
            if type(members) is list:
                members.append((offset, offset, child))
        if child is not None:
            stack.append((node, members))
            node, members = child, child[1]
            if strict and len(stack) > max_depth:
                raise _Refused("too-deep", offset)
    _, offset, root = top[0] if top else (0, 0, None)
    return root if root is not None else (offset, [])


def _check(match: re.Match[str], members: Any) -> None:
    kind = match.lastindex or 0
    if kind in (_TEXT, _MEMBER_BEGIN, _MEMBER_SCALAR):
        text = _unescape(match.string, match.start(1))
        if _is_lone(text):
            raise _Refused("lone-surrogate", match.start(1), match[1])
        if kind != _TEXT and type(members) is dict and text in members:
            raise _Refused("duplicate-key", match.start(1), match[1], members[text][0])
    if kind in (_MEMBER_SCALAR, _ITEM_SCALAR):
        scalar, start = match[kind], match.start(kind)
        if scalar[0] == '"':
            if _is_lone(_unescape(match.string, start)):
                raise _Refused("lone-surrogate", start, scalar)
        elif scalar in ("NaN", "Infinity", "-Infinity"):
            raise _Refused("nan", start, scalar)
        elif _NUMBER.fullmatch(scalar) and math.isinf(float(scalar)):
            raise _Refused("number-range", start, scalar if len(scalar) < 40 else f"{scalar[:40]}…")


_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def _unescape(text: str, start: int) -> str:
    try:
        value: str = scanstring(text, start + 1, True)[0]
    except json.JSONDecodeError:
        return ""  # told as not-json
    return value


def _is_lone(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)
