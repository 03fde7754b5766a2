"""Breaches of the JSON grammar in plain words: what stands there, where the fault itself is, and what should stand there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from records.issues import Certainty, Suggestion


@dataclass(frozen=True, slots=True)
class Breach:
    """One breach of the grammar.

    Args:
        offset: Where it is in the text, from 0.
        message: What is wrong.
        remedy: How to mend it.
        value: What stands there, to the letter; ``""`` when something is missing.
        replacement: What takes its place, to the letter; ``None`` when that is not certain enough to be written.
        certainty: How sure that is.
        code: Code of the finding.
    """

    offset: int
    message: str
    remedy: str
    value: str = ""
    replacement: str | None = None
    certainty: Certainty = Certainty.LIKELY
    code: str = "not-json"

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """The exact text, when there is one; text that is no JSON has no pointers, so there are no edits."""
        return () if self.replacement is None else (Suggestion(self.remedy, self.replacement, self.certainty),)


_SYNTAX: Final = {
    "Expecting value": "a value is missing here",
    "Expecting ',' delimiter": "a comma, or the end of the object or array, is missing here",
    "Expecting ':' delimiter": "a colon is missing here",
    "Expecting property name enclosed in double quotes": "a key in double quotes is missing here",
    "Illegal trailing comma before end of object": "there is a comma too many",
    "Illegal trailing comma before end of array": "there is a comma too many",
    "Extra data": "there is more text after the end of the document",
    "Unterminated string starting at": "the text that begins here has no closing quote",
    "Invalid control character at": "a line break or a tab stands inside a text, or the text before it has no closing quote",
    "Invalid \\escape": "this is not an escape that JSON knows; a backslash itself is written \\\\",
    "Invalid \\uXXXX escape": "four hexadecimal digits must follow \\u",
}
_REMEDY: Final = "mend it there; any JSON linter shows the same place"

_WORD: Final = re.compile(r"[A-Za-z_$][\w$.-]{0,99}")
_QUOTES: Final = {"'": "'", "\u2018": "\u2019", "\u201c": "\u201d", "\u201e": "\u201c", "\u00ab": "\u00bb", "`": "`"}
_WORDS: Final = {
    "True": "true", "TRUE": "true", "False": "false", "FALSE": "false",
    "None": "null", "Null": "null", "NULL": "null", "nil": "null", "undefined": "null",
    "nan": "null", "NAN": "null", "Nan": "null", "NA": "null", "inf": "null", "INF": "null",
}  # fmt: skip
_DECIMAL_COMMA: Final = re.compile(r"(-?\d{1,15}),\Z")
_DIGITS: Final = re.compile(r"\d{1,17}(?:[eE][+-]?\d+)?(?=\s*[,}\]])")
_PLUS_OR_POINT: Final = re.compile(r"\+?(\d*)(?:\.(\d*))?((?:[eE][+-]?\d+)?)(?=\s*[,}\]])")
_ZEROS: Final = re.compile(r"(-?)0+(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)")
_LAST: Final = re.compile(r'"[^"\n]*"\Z|[^\s,:{}\[\]"]+\Z|[}\]]\Z')
_COMMENTS: Final = ("//", "/*", "#", "<!--")
_SHORT: Final = 40


def breach(text: str, offset: int, what: str) -> Breach:
    """What is wrong where `json` stopped.

    Args:
        text: The document.
        offset: Where `json` stopped.
        what: Its message.

    >>> found = breach('{"a": 1' + chr(10) + ' "b": 2}', 9, "Expecting ',' delimiter")
    >>> found.offset, found.message, found.replacement
    (7, 'a comma is missing after 1', ',')
    >>> breach('{"a": True}', 6, "Expecting value").replacement
    'true'
    """
    for rule in _RULES:
        found = rule(text, offset, what)
        if found is not None:
            return found
    return Breach(offset, _SYNTAX.get(what, f"this is not JSON: {what}"), _REMEDY)


def _cut_off(text: str, offset: int, what: str) -> Breach | None:
    """The text ends too early."""
    end = len(text.rstrip())
    if offset < end or what == "Extra data":
        return None
    return Breach(max(end - 1, 0), "the file ends before everything that was opened is closed", "is it cut off? put the rest back")


def _comment(text: str, offset: int, what: str) -> Breach | None:
    mark = next((mark for mark in _COMMENTS if text.startswith(mark, offset)), "")
    if not mark or what.startswith(("Invalid", "Unterminated")):
        return None
    line = text[offset:].partition("\n")[0].rstrip()
    value = line if len(line) <= _SHORT else f"{line[:_SHORT]}…"
    return Breach(offset, "this is a comment, which JSON does not have", "leave it out, or say it in rdfs:comment", value, "")


def _comma_too_many(text: str, offset: int, what: str) -> Breach | None:
    """A comma before the end (``json`` stops at the end, or from Python 3.13 on at the comma), or two."""
    before = text[:offset].rstrip()
    if "trailing comma" in what:
        place = offset
    elif text[offset : offset + 1] in ("]", "}", ",") and before.endswith(",") and what.startswith("Expecting"):
        place = len(before) - 1
    else:
        return None
    return Breach(place, "there is a comma too many", "leave the comma out", ",", "", Certainty.CERTAIN)


def _decimal_comma(text: str, offset: int, what: str) -> Breach | None:
    """``"mass": 3,4``: where a key should stand there are digits, and before it a whole number and a comma."""
    whole, rest = _DECIMAL_COMMA.search(text[max(offset - 20, 0) : offset]), _DIGITS.match(text, offset)
    if not what.startswith("Expecting property name") or whole is None or rest is None:
        return None
    number = f"{whole[1]}.{rest[0]}"
    message = f"the number {whole[1]},{rest[0]} has a comma for the decimal point"
    is_thousands = len(rest[0]) == 3 and whole[1].lstrip("-") != "0"
    certainty = Certainty.LIKELY if is_thousands else Certainty.CERTAIN
    start = offset - len(whole[0])
    return Breach(start, message, f"write {number}", f"{whole[1]},{rest[0]}", number, certainty, code="decimal-comma")


def _wrong_quotes(text: str, offset: int, what: str) -> Breach | None:
    opening = text[offset : offset + 1]
    if opening not in _QUOTES or not what.startswith("Expecting"):
        return None
    end = text.find(_QUOTES[opening], offset + 1, offset + 1_000)
    line_end = text.find("\n", offset)
    message = f"{opening} is no quote of JSON, which has double quotes only"
    if end < 0 or 0 <= line_end < end or any(sign in text[offset + 1 : end] for sign in '"\\'):
        return Breach(offset, message, 'write " at both ends')
    inside = text[offset + 1 : end]
    value = text[offset : end + 1]
    return Breach(offset, message, f'write "{inside}"', value, f'"{inside}"', Certainty.CERTAIN)


def _word(text: str, offset: int, what: str) -> Breach | None:
    """A word without quotes."""
    match = _WORD.match(text, offset)
    if match is None or what not in ("Expecting value", "Expecting property name enclosed in double quotes"):
        return None
    word = match[0]
    if what == "Expecting value" and word in _WORDS:
        new = _WORDS[word]
        sure = Certainty.CERTAIN if word.lower() == new or word == "None" else Certainty.LIKELY
        return Breach(offset, f"{word} is not a JSON value", f"write {new}", word, new, sure)
    return Breach(offset, f"{word} has no quotes", f'write "{word}"', word, f'"{word}"')


def _number(text: str, offset: int, what: str) -> Breach | None:
    """A number in a spelling that JSON does not have: ``+1``, ``.5``, ``007``."""
    if what == "Expecting value":
        match = _PLUS_OR_POINT.match(text, offset)
        if match is None or not (match[1] or match[2]):
            return None
        number = f"{match[1].lstrip('0') or '0'}{f'.{match[2]}' if match[2] else ''}{match[3]}"
        message = f"the number {match[0]} is not written as JSON writes numbers"
        return Breach(offset, message, f"write {number}", match[0], number, Certainty.CERTAIN)
    start = offset - 1 if text[offset - 1 : offset] == "0" else -1
    match = (
        _ZEROS.match(text, start - (text[start - 1 : start] == "-")) if start >= 0 and what.startswith("Expecting ','") else None
    )
    if match is None or match.end() <= offset:
        return None
    number = match[1] + match[2]
    return Breach(match.start(), f"the number {match[0]} begins with 0", f"write {number}", match[0], number, Certainty.LIKELY)


def _missing_comma(text: str, offset: int, what: str) -> Breach | None:
    """The place is the end of the value before, where the comma belongs."""
    end = len(text[:offset].rstrip())
    if not what.startswith("Expecting ','") or text[offset] not in '"{[-0123456789tfn' or end == offset:
        return None
    token = _LAST.search(text, max(end - 1_000, 0), end)
    last = token[0] if token and len(token[0]) <= _SHORT else "the value that ends here"
    sure = Certainty.CERTAIN if text[offset] in '"{[' else Certainty.LIKELY
    return Breach(end, f"a comma is missing after {last}", "write a comma there", "", ",", sure)


def _text_goes_on(text: str, offset: int, what: str) -> Breach | None:
    """Something stands right behind a value: a quote inside a text, or a unit behind a number."""
    if not what.startswith("Expecting ',"):
        return None
    if text[offset - 1 : offset] == '"' and not text[offset].isspace() and text[offset] not in ":}]":
        message = (
            'a text ends here and something follows at once: a quote inside it is not written \\", or its closing quote is missing'
        )
        return Breach(offset - 1, message, 'write \\" for a quote inside a text', '"', '\\"', Certainty.POSSIBLE)
    if text[offset] == ";":
        return Breach(offset, "there is a ; where a comma belongs", "write a comma there", ";", ",")
    is_apart = text[offset - 1 : offset].isspace() or text[offset] not in "eExX"
    if is_apart and text[:offset].rstrip()[-1:].isdecimal() and (match := _WORD.match(text, offset)):
        message = f"{match[0]} stands behind a number"
        return Breach(offset, message, "leave a unit to hasMeasurementUnit, or put quotes around the whole", match[0])
    return None


def _more(text: str, offset: int, what: str) -> Breach | None:
    """Text after the end of the document."""
    if what != "Extra data":
        return None
    if text[offset] in "}]":
        return Breach(offset, f"there is one {text[offset]} too many", "leave it out", text[offset], "", Certainty.LIKELY)
    if text[offset] in "{[":
        return Breach(offset, "a second JSON document begins here", "put each document into a file of its own")
    return None


_RULES: Final[Sequence[Callable[[str, int, str], Breach | None]]] = (
    _comma_too_many,
    _cut_off,
    _comment,
    _decimal_comma,
    _wrong_quotes,
    _number,
    _word,
    _missing_comma,
    _text_goes_on,
    _more,
)
