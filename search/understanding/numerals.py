"""Numbers with units and what is said of them: ``between 3.2 and 3.7 V``, ``at least 100 Ah``, ``C/10``, ``75 ± 5 g``.

A number without an operator means *about*: within `EQUAL`; ``around`` and ``~`` mean within `APPROXIMATE`. Decimal point or comma;
thousands in groups by comma, space or narrow space (``1,000``, ``1 000``); powers of ten (``2×10^-3``).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from ontology.units import Unit, Units

EQUAL: Final = 0.005
"""A number without an operator matches within this share of itself."""
APPROXIMATE: Final = 0.05
"""A number after *about* matches within this share of itself."""
NUMBERLESS: Final = Unit("", 1.0, 0.0, "1", "1")
"""The unit of a pure number."""

_LEAST_CELSIUS: Final = 12.0
"""``25 C`` is a temperature: no cell takes a current this many times its capacity; what is negative or zero is one as well."""
_DEGREES: Final = frozenset(("°", "deg", "degree", "degrees"))
"""An angle is hardly ever asked for, a temperature often."""
_MORE = "above|over|beyond|exceeding|exceeds?|past|in excess of|upwards? of"
_LESS = "below|under|beneath|within"
_COMPARED_MORE = "more|greater|larger|bigger|higher|heavier|longer|thicker|wider|taller|hotter|warmer|better"
_COMPARED_LESS = "less|fewer|smaller|lower|lighter|shorter|thinner|narrower|colder|cooler"
_EQUAL = r"(?: (?:than )?or equal (?:to|than)| or equals?)"
_NOT_MORE, _NOT_LESS = (
    rf"(?:no|not) (?:{_COMPARED_MORE}) than|not (?:{_MORE})|without exceeding",
    rf"(?:no|not) (?:{_COMPARED_LESS}) than|not (?:{_LESS})",
)
_BEFORE = tuple(
    (sign, re.compile(rf"(?:{symbols}|(?<!\w)(?:{words}))\s*\Z", re.IGNORECASE))
    for sign, symbols, words in (
        (
            ">=",
            ">=|=>|≥|⩾",
            rf"at least|(?:a )?minimum(?: of)?|min\.?|from|starting (?:at|from)|{_NOT_LESS}|(?:{_COMPARED_MORE})(?: than)?{_EQUAL}",
        ),
        (
            "<=",
            "<=|=<|≤|⩽",
            rf"at most|(?:a )?maximum(?: of)?|max\.?|up to|down to|{_NOT_MORE}|(?:{_COMPARED_LESS})(?: than)?{_EQUAL}",
        ),
        (">", ">", rf"(?:{_COMPARED_MORE}) than|{_MORE}"),
        ("<", "<", rf"(?:{_COMPARED_LESS}) than|{_LESS}"),
        ("~", "~|≈|≃|∼", r"about|around|approximately|approx\.?|circa|ca\.?|roughly|nearly|near|close to|some"),
        ("=", "==?", r"exactly|equals?(?: to)?"),
    )
)
_BETWEEN = re.compile(r"(?<!\w)(?:between|from|in the range(?: of)?|range(?: of)?)\s*\Z", re.IGNORECASE)
_AT_END = r"(?=\s*(?:$|[,.;)]))"
_OR_MORE = (
    r"or (?:more|greater|larger|bigger|higher|above|over|longer|heavier|better)|and (?:above|up|over|more)"
    rf"|upwards|minimum{_AT_END}"
)
_OR_LESS = rf"or (?:less|fewer|smaller|lower|below|under|shorter|lighter)|and (?:below|under|less)|at most|max(?:imum)?{_AT_END}"
_AFTER = (
    (">=", re.compile(rf"\s*(?:\+(?!\s*[\d/-])|(?:{_OR_MORE})\b)", re.IGNORECASE)),
    ("<=", re.compile(rf"\s*(?:{_OR_LESS})\b", re.IGNORECASE)),
)
_TO = re.compile(r"\s*(?:-|–|—|\.\.\.?|…|\bto\b|\band\b|\buntil\b)\s*", re.IGNORECASE)
_PLUS_MINUS = re.compile(r"\s*(?:±|\+/-|\+-)\s*")
NUMBER: Final = re.compile(
    r"""(?<![\w,])(?<![\w]\.)(?<![A-Za-z]-)(?:
    (?P<factor>\d+(?:\.\d+)?)\s*[×x·*]\s*10(?:\s*(?:\^|\*\*)\s*\(?(?P<power>[+−-]?\d+)\)?|(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]+))
    | 10(?:(?:\^|\*\*)\(?(?P<bare>[+−-]?\d+)\)?|(?P<above>[⁺⁻]?[⁰¹²³⁴-⁹]+))
    | [+−-]?(?:
        \d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:[\x20\u00a0\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d+,\d{1,2}(?!\d)|\d+(?:\.\d+)?|\.\d+
    )(?:[eE][+−-]?\d+)?)
    |(?<![\w-])(?:(?P<half>half\ )?(?P<one>an?)(?=\s(?:kilo|kg|mm|cm
      |(?:milli|centi|kilo|micro)?(?:gram|volt|amp(?:ere)?|ohm|litre|liter|met(?:re|er)|watt|joule|hertz|hour))s?\b)
      |(?:(?P<times>a|one|two|three|five|ten|twenty|fifty)\s)?(?P<many>hundred|thousand)
      |(?P<few>one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|eighty))(?![\w-])
    |(?<![\w/])(?:C/(?P<hours>\d+(?:\.\d+)?)(?![\w/]))""",
    re.VERBOSE,
)
"""A number, in digits or a plain word, or a C-rate written as a fraction (``C/10``)."""
_IN_WORDS: Final = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "eighty": 80,
    "hundred": 100, "thousand": 1000,
}  # fmt: skip
RATIO: Final = re.compile(
    r"(?<![\w.:])\d+(?:\.\d+)?(?:\s?:\s?\d+(?:\.\d+)?)+(?![\w:])(?:\s*(?:by (?:weight|volume|mass)|[vw]/[vw]|wt\.?%?|vol\.?%?))?"
)
"""A ratio of a mixture (``3:7``): the ontologies have no words for it."""
_THOUSANDS = re.compile(r"[kK](?=\s*(?:\+\s*)?cycles?\b)")
_KILOS = re.compile(r"kilos?(?![\w-])", re.IGNORECASE)
"""A kilogram as people say it."""
_GROUPS = re.compile(r"[ \u00a0\u202f]|,(?=\d{3}(?!\d))")
_SPACE = re.compile(r"\s*")
_SMALL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")


class Number(NamedTuple):
    """A number in the question, with its unit when one follows."""

    start: int
    end: int
    value: float
    unit: Unit | None
    unit_text: str
    or_more: bool


@dataclass(frozen=True, slots=True)
class Amount:
    """What is asked of a number, in the unit as asked.

    Args:
        start: Where it begins in the question, its operator included.
        end: Where it ends.
        low: Lower bound, or ``None``.
        high: Upper bound, or ``None``.
        low_included: Whether the lower bound itself matches.
        high_included: Whether the upper bound itself matches.
        unit: The unit.
        unit_text: The unit as written.
        asked: The condition for people, e.g. ``> 100 Ah``.
    """

    start: int
    end: int
    low: float | None
    high: float | None
    low_included: bool
    high_included: bool
    unit: Unit
    unit_text: str
    asked: str

    @property
    def base_bounds(self) -> tuple[float | None, float | None]:
        """The bounds in the base unit."""
        low, high = (None if bound is None else self.unit.to_base(bound) for bound in (self.low, self.high))
        return low, high


class Numbers:
    """Reads amounts out of a question.

    >>> from ontology.model import Facts
    >>> numbers = Numbers("at most 2.5 V", Units(Facts((), {}, {}, {})))
    >>> numbers.amount(NUMBER.search("at most 2.5 V")).asked
    '≤ 2.5 V'
    """

    def __init__(self, text: str, units: Units) -> None:
        self._text = text
        self._units = units

    def amount(self, match: re.Match[str]) -> Amount | None:
        """The amount of which this is the (first) number; ``None`` for one with neither unit nor operator, or beyond all bounds."""
        first = self._number(match)
        amount = self._range(first) or self._single(first)
        if amount is None or not all(bound is None or math.isfinite(bound) for bound in (amount.low, amount.high)):
            return None
        return amount

    def _range(self, first: Number) -> Amount | None:
        text = self._text
        for link in (_PLUS_MINUS, _TO):
            joint = link.match(text, first.end)
            second_match = NUMBER.match(text, joint.end()) if joint else None
            if joint is None or second_match is None:
                continue
            second = self._number(second_match)
            if second.unit is None or (first.unit is not None and first.unit.dimension != second.unit.dimension):
                continue
            if link is _PLUS_MINUS:
                return _bounded(first.start, second, first.value - second.value, first.value + second.value)
            between = _BETWEEN.search(text, 0, first.start)
            if joint.group().strip().lower() == "and" and between is None:
                continue
            if _is_celsius(first, second):
                first, second = (one._replace(unit=self._units.find("°C"), unit_text="°C") for one in (first, second))
            low = (
                first.value if first.unit is None or second.unit is None else second.unit.from_base(first.unit.to_base(first.value))
            )
            start = between.start() if between else first.start
            return _bounded(start, second, min(low, second.value), max(low, second.value))
        return None

    def _number(self, match: re.Match[str]) -> Number:
        text = self._text
        if match["hours"]:
            rate = 1 / float(match["hours"]) if float(match["hours"]) else math.inf
            return Number(match.start(), match.end(), rate, self._units.find("C"), "C", False)
        value, end = _value(match), match.end()
        if (thousands := _THOUSANDS.match(text, end)) is not None:
            value, end = 1000 * value, thousands.end()
        at = _SPACE.match(text, end)
        start = at.end() if at else end
        or_more = text.startswith("+", start)  # 100+ Ah
        if or_more:
            start += 1 + (text[start + 1 : start + 2] == " ")
        if (kilos := _KILOS.match(text, start)) is not None:
            return Number(match.start(), kilos.end(), value, self._units.find("kg"), "kg", or_more)
        found = self._units.match_prefix(text, start) if start < len(text) else None
        glued = start == end and found is not None and text[found[1] - 1].isdigit()
        if found is None or glued:  # "40ps1" is a model code, not forty per second
            return Number(match.start(), end, value, None, "", or_more)
        return Number(match.start(), found[1], value, found[0], text[start : found[1]], or_more)

    def _single(self, number: Number) -> Amount | None:
        if _is_celsius(number):
            number = number._replace(unit=self._units.find("°C"), unit_text="°C")
        sign, start, end = self._sign(number)
        if number.unit is None and not sign:
            return None
        unit = number.unit or NUMBERLESS
        value, shown = number.value, _shown(number)
        if sign in {"", "=", "~"}:
            share = APPROXIMATE if sign == "~" else EQUAL
            spread = abs(value) * share
            asked = f"{'≈' if sign == '~' else '='} {value:g} {shown} (±{100 * share:g} %)"
            return Amount(start, end, value - spread, value + spread, True, True, unit, number.unit_text, asked)
        asked = f"{sign.replace('>=', '≥').replace('<=', '≤')} {value:g} {shown}".strip()
        low, high = (value, None) if sign.startswith(">") else (None, value)
        return Amount(start, end, low, high, sign == ">=", sign == "<=", unit, number.unit_text, asked)

    def _sign(self, number: Number) -> tuple[str, int, int]:
        """The operator before or after a number (``""`` for none), and the stretch with it."""
        for sign, pattern in _BEFORE:
            found = pattern.search(self._text, 0, number.start)
            if found:
                return sign, found.start(), number.end
        if number.or_more:
            return ">=", number.start, number.end
        for sign, pattern in _AFTER:
            after = pattern.match(self._text, number.end)
            if after:
                return sign, number.start, after.end()
        return "", number.start, number.end


def without_ratios(text: str) -> str:
    """The text with blanks in place of ratios, so that they part nothing.

    >>> without_ratios("EC:EMC 3:7 electrolyte")
    'EC:EMC     electrolyte'
    """
    return RATIO.sub(lambda match: " " * len(match.group()), text)


def is_operator(text: str) -> bool:
    """Whether a text is nothing but an operator before a number, e.g. ``at least``."""
    return any(pattern.fullmatch(text) for _, pattern in _BEFORE) or bool(_BETWEEN.fullmatch(text))


def _bounded(start: int, number: Number, low: float, high: float) -> Amount | None:
    if number.unit is None:
        return None
    asked = f"{low:g}–{high:g} {_shown(number)}".strip()
    return Amount(start, number.end, low, high, True, True, number.unit, number.unit_text, asked)


def _is_celsius(*numbers: Number) -> bool:
    """Whether ``C`` was written for °C, by the size of the numbers, or ``degrees``."""
    last = numbers[-1]
    if last.unit is not None and last.unit_text.lower() in _DEGREES:
        return True
    if last.unit is None or last.unit_text not in {"C", "c"}:
        return False
    return any(one.value >= _LEAST_CELSIUS or one.value <= 0 for one in numbers)


def _value(match: re.Match[str]) -> float:
    power = match["power"] or match["raised"] or match["bare"] or match["above"]
    if match["one"]:
        return 0.5 if match["half"] else 1.0
    if match["many"] or match["few"]:
        return float(_IN_WORDS[match["times"] or "one"] * _IN_WORDS[match["many"] or match["few"]])
    if power is None:
        return float(_GROUPS.sub("", match.group()).replace("−", "-").replace(",", "."))
    exponent = power.translate(_SMALL).replace("−", "-")
    return float(f"{match['factor'] or 1}e{exponent}")


def _shown(number: Number) -> str:
    return number.unit_text if number.unit is not None and (number.unit.dimension != "1" or number.unit.factor != 1) else ""
