"""Numbers as people write them: with a comma, in groups, with a sign of another keyboard, among words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

LONGEST: Final = 60
"""A longer text is prose, and is not looked at."""

_MINUS: Final = "\u2212\u2013\u2012\ufe63\uff0d"
_SPACES: Final = " \u00a0\u2009\u202f'\u2019"
_SIGN: Final = rf"[+\-{_MINUS}]?"
_EXPONENT: Final = rf"(?:\s?[eE]\s?{_SIGN}\d+|\s?[x×·*]\s?10(?:\^|\*\*)?{_SIGN}\d+)?"
_PLAIN: Final = re.compile(rf"({_SIGN})(\d*)(?:\.(\d*))?({_EXPONENT})")
_COMMA: Final = re.compile(rf"({_SIGN})(\d*),(\d+)({_EXPONENT})")
_GROUPED: Final = re.compile(rf"({_SIGN})(\d{{1,3}}(?:([{_SPACES}.,])\d{{3}})(?:\3\d{{3}})*)(?:([.,])(\d+))?({_EXPONENT})")
_TEN: Final = re.compile(rf"\s?[x×·*]\s?10(?:\^|\*\*)?({_SIGN})(\d+)")
_JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)

_ONE: Final = rf"[+\-{_MINUS}]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:[eE][+-]?\d+)?"
_AMONG: Final = re.compile(
    rf"(?P<before>[^\d]*?)\s*(?P<number>(?<![\w.,]){_ONE})"
    rf"(?:\s*(?:-|{'|'.join(_MINUS)}|\.\.\.?|…|to|bis|\.\.)\s*(?P<upper>{_ONE}(?![\w.,]))|\s*(?:±|\+/-|\+-)\s*(?P<spread>{_ONE}))?"
    r"\s*(?P<unit>[^\d\s].{0,20})?",
    re.IGNORECASE,
)
_QUALIFIERS: Final = re.compile(
    r"(?:(?:approx(?:imately|\.)?|about|around|ca\.?|circa|etwa|roughly|nearly|typ(?:ical|\.)?|nom(?:inal|\.)?|max(?:imum|\.)?"
    r"|min(?:imum|\.)?|up to|at least|at most|less than|more than|over|under|below|above|[~≈≃<>≤≥=:±]|<=|>=)\s*)*",
    re.IGNORECASE,
)


class Spelling(StrEnum):
    """How a text that is a number, and nothing else, is written."""

    PLAIN = "plain"
    COMMA = "comma"
    GROUPED = "grouped"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number found in a text.

    Args:
        number: As JSON writes it, with the digits that were written.
        spelling: How it was written.
        other: What else it may be, where two readings are possible (``1,000``): as JSON; ``""`` when there is none.
    """

    number: str
    spelling: Spelling
    other: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text that holds a number among other things.

    Args:
        number: The number (the lower one of a range), as JSON.
        upper: The upper end of a range, as JSON; ``""`` for none.
        unit: What follows the number; ``""`` for nothing.
        qualifier: What stands before it (``approx.``, ``>``); ``""`` for nothing.
    """

    number: str
    upper: str = ""
    unit: str = ""
    qualifier: str = ""


def read_numeral(text: str) -> Numeral | None:
    """The number that a text is, in any of the usual spellings; ``None`` when it is none.

    >>> read_numeral("3,4").number, read_numeral("1.234,5").number, read_numeral("1 000").number
    ('3.4', '1234.5', '1000')
    >>> read_numeral("1,000")
    Numeral(number='1.000', spelling=<Spelling.AMBIGUOUS: 'ambiguous'>, other='1000')
    >>> read_numeral("2032-A") is None
    True
    """
    text = text.strip()
    if not text or len(text) > LONGEST or not any(character.isdecimal() for character in text):
        return None
    if match := _PLAIN.fullmatch(text):
        number = _joined(*match.groups())
        return None if number is None else Numeral(number, Spelling.PLAIN)
    if match := _COMMA.fullmatch(text):
        sign, whole, fraction, exponent = match.groups()
        number = _joined(sign, whole, fraction, exponent)
        if number is None:
            return None
        if len(fraction) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0":
            return Numeral(number, Spelling.AMBIGUOUS, _joined(sign, whole + fraction, None, exponent) or "")
        return Numeral(number, Spelling.COMMA)
    if match := _GROUPED.fullmatch(text):
        sign, groups, separator, point, fraction, exponent = match.groups()
        if separator == point:
            return None
        number = _joined(sign, groups.replace(separator, ""), fraction, exponent)
        return None if number is None else Numeral(number, Spelling.GROUPED)
    return None


def read_phrase(text: str) -> Phrase | None:
    """The number that stands among words, a unit or another number; ``None`` when there is no number, or more than a range.

    >>> read_phrase("approx. 3.4 V")
    Phrase(number='3.4', upper='', unit='V', qualifier='approx.')
    >>> read_phrase("3,0-3,4"), read_phrase("> 100")
    (Phrase(number='3.0', upper='3.4', unit='', qualifier=''), Phrase(number='100', upper='', unit='', qualifier='>'))
    """
    text = text.strip()
    match = _AMONG.fullmatch(text) if len(text) <= LONGEST else None
    if match is None or _QUALIFIERS.fullmatch(match["before"].strip()) is None:
        return None
    number, upper = read_numeral(match["number"]), read_numeral(match["upper"] or "")
    if number is None or (match["upper"] and upper is None):
        return None
    return Phrase(number.number, upper.number if upper else "", (match["unit"] or "").strip(), match["before"].strip())


def _joined(sign: str, whole: str, fraction: str | None, exponent: str) -> str | None:
    if not (whole or fraction):
        return None
    power = _TEN.fullmatch(exponent)
    if power:
        exponent = f"e{'-' if power[1] not in ('', '+') else ''}{power[2]}"
    exponent = "".join("-" if character in _MINUS else character for character in exponent if not character.isspace())
    whole = whole.lstrip("0") or "0"
    number = ("" if sign in ("", "+") else "-") + whole + (f".{fraction}" if fraction else "") + exponent
    if not number.isascii() or not _JSON_NUMBER.fullmatch(number):
        return None
    try:
        value = json.loads(number)
    except ValueError:
        return None  # more digits than Python reads at once
    return number if abs(value) != float("inf") else None
