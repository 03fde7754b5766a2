"""Breaches of the JSON grammar in plain words: what stands there, where the fault itself is, and what should stand there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from records.issues import Certainty, Edit, Operation, Suggestion


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
        changes_value: Whether that changes a value, and not just how it is written.
        span: The characters whose place it takes; ``None`` for those of *value*.
    """

    offset: int
    message: str
    remedy: str
    value: str = ""
    replacement: str | None = None
    certainty: Certainty = Certainty.LIKELY
    code: str = "not-json"
    changes_value: bool = False
    span: tuple[int, int] | None = None

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """The exact text, when there is one, with the splice that writes it."""
        if self.replacement is None:
            return ()
        start, end = self.span or (self.offset, self.offset + len(self.value))
        edits = (splice(start, end, self.replacement),)
        return (Suggestion(self.remedy, self.replacement, self.certainty, edits, self.changes_value),)


def splice(start: int, end: int, text: str) -> Edit:
    """The edit that writes another text in the place of some characters."""
    return Edit(Operation.SPLICE, "", text, offset=start, length=end - start)


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
_PLUS_OR_POINT: Final = re.compile(r"(?:\+|(-))?(\d*)(?:\.(\d*))?((?:[eE][+-]?\d+)?)(?=\s*[,}\]])")
_ZEROS: Final = re.compile(r"(-?)0+(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)")
_LAST: Final = re.compile(r'"[^"\n]*"\Z|[^\s,:{}\[\]"]+\Z|[}\]]\Z')
_COMMENTS: Final = {"//": "\n", "#": "\n", "/*": "*/", "<!--": "-->"}
_MEMBER: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"\s*:')
_WHOLE_TEXT: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"\s*[:,}\]]')
_END_OF_TOKEN: Final = re.compile(r"\s*[:,}\]]|[ \t]*\r?\n")
_BRACKET: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|([{}\[\]])')
# A key without its closing quote, as far as its text then goes: `name: ` up to the next quote, `mass: 3,` up to the line's end.
_OPEN_KEY: Final = re.compile(r"([^\s,{}\[\]]+?)\s*:\s*(?:[{\[]|-?\d[\d.eE+-]*(?=[\s,}]|\Z)|(?:true|false|null)\b|\Z)")
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
    closing = _COMMENTS[mark]
    end = text.find(closing, offset + len(mark))
    message, remedy = "this is a comment, which JSON does not have", "leave it out, or say it in rdfs:comment"
    if closing != "\n" and end < 0:
        return Breach(offset, message, remedy, value)
    end = len(text) if end < 0 else end if closing == "\n" else end + len(closing)
    return Breach(offset, message, remedy, value, "", span=_with_line(text, offset, end - text[:end].endswith("\r")))


def _with_line(text: str, start: int, end: int) -> tuple[int, int]:
    """The blanks before it too, and its line where it stands alone there."""
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip(" \t"):
        return len(text[:start].rstrip(" \t")), end
    rest = text.find("\n", end)
    return (line, rest + 1) if rest >= 0 and not text[end:rest].strip() else (start, end)


def _comma_too_many(text: str, offset: int, what: str) -> Breach | None:
    """A comma before the end (``json`` stops at the end, or from Python 3.13 on at the comma), or two."""
    before = text[:offset].rstrip()
    if "trailing comma" in what:
        place = offset
    elif text[offset : offset + 1] in ("]", "}", ",") and before.endswith(",") and what.startswith("Expecting"):
        place = len(before) - 1
    else:
        return None
    # Of two in an array one may stand for a value that is lost.
    is_hole = text[offset : offset + 1] == "," and place < offset and what == "Expecting value"
    certainty = Certainty.LIKELY if is_hole else Certainty.CERTAIN
    return Breach(place, "there is a comma too many", "leave the comma out", ",", "", certainty)


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
    if not _END_OF_TOKEN.match(text, end + 1):
        return Breach(offset, message, 'write " at both ends')  # an apostrophe inside, say
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
        is_lost = word.lower() in ("nan", "na", "inf")
        return Breach(offset, f"{word} is not a JSON value", f"write {new}", word, new, sure, changes_value=is_lost)
    if text.startswith('"', match.end()):
        return Breach(offset, f"{word} has no quote before it", f'write "{word}"', f'{word}"', f'"{word}"')
    if not _END_OF_TOKEN.match(text, match.end()):
        return Breach(offset, f"{word} has no quotes", 'write " at both ends', word)
    return Breach(offset, f"{word} has no quotes", f'write "{word}"', word, f'"{word}"')


def _open_key(text: str, offset: int, what: str) -> Breach | None:
    """``"mass: 3``: the text of a key goes on to the next quote, or to the end of the line."""
    if what == "Expecting ':' delimiter":
        end = len(text[:offset].rstrip()) - 1
        start = text.rfind('"', 0, end)
    elif what == "Invalid control character at":
        end, start = offset, text.rfind('"', 0, offset)
    elif what == "Unterminated string starting at":
        end, start = min(len(text), offset + 1_000), offset
    else:
        return None
    match = _OPEN_KEY.match(text, start + 1, end)
    if match is None or _around(text, start) != "{" or text[:start].rstrip()[-1:] not in ("{", ","):
        return None
    key = f'"{match[1]}'
    is_sure = what == "Expecting ':' delimiter"  # else it may be a text in which a line ends
    certainty = Certainty.CERTAIN if is_sure else Certainty.LIKELY
    return Breach(start, f"{key} has no closing quote", f'write {key}"', key, f'{key}"', certainty)


def _around(text: str, offset: int) -> str:
    """The bracket that is open at a place before which the text is well formed."""
    open_: list[str] = []
    for match in _BRACKET.finditer(text, 0, offset):
        if match[1] in ("{", "["):
            open_.append(match[1])
        elif match[1] and open_:
            open_.pop()
    return open_[-1] if open_ else ""


def _colon(text: str, offset: int, what: str) -> Breach | None:
    if what != "Expecting ':' delimiter":
        return None
    if text[offset] == "=":
        return Breach(offset, "there is a = where a colon belongs", "write a colon there", "=", ":")
    if text[offset] in '"{[-0123456789tfn':
        return Breach(len(text[:offset].rstrip()), "a colon is missing here", "write a colon there", "", ":")
    return None


def _number(text: str, offset: int, what: str) -> Breach | None:
    """A number in a spelling that JSON does not have: ``+1``, ``.5``, ``007``."""
    if what == "Expecting value":
        match = _PLUS_OR_POINT.match(text, offset)
        if match is None or not (match[2] or match[3]):
            return None
        number = f"{match[1] or ''}{match[2].lstrip('0') or '0'}{f'.{match[3]}' if match[3] else ''}{match[4]}"
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
    if not what.startswith("Expecting ','") or text[offset] not in '"{[-0123456789tfn':
        return None
    if end == offset and not _WHOLE_TEXT.match(text, offset):
        return None
    token = _LAST.search(text, max(end - 1_000, 0), end)
    last = token[0] if token and len(token[0]) <= _SHORT else "the value that ends here"
    # On one line a quote inside a text looks the same.
    is_sure = "\n" in text[end:offset] or text[offset] in "{[" or _MEMBER.match(text, offset)
    certainty = Certainty.CERTAIN if is_sure else Certainty.LIKELY
    return Breach(end, f"a comma is missing after {last}", "write a comma there", "", ",", certainty)


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
    _open_key,
    _colon,
    _missing_comma,
    _text_goes_on,
    _more,
)
