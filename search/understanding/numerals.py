"""Numbers with units and what is said of them: ``between 3.2 and 3.7 V``, ``at least 100 Ah``, ``C/10``, ``75 ± 5 g``.

A number without an operator means *about*: within `EQUAL`; ``around`` and ``~`` mean within `APPROXIMATE`. Decimal point or comma;
thousands in groups by comma, space or narrow space (``1,000``, ``1 000``); powers of ten (``2×10^-3``).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
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
_MORE = "über|mehr als|größer als|plus de|above|over|beyond|exceeding|exceeds?|past|in excess of|upwards? of"
_LESS = "unter|weniger als|kleiner als|moins de|below|under|beneath"
_COMPARED_MORE = "more|greater|larger|bigger|higher|heavier|longer|thicker|wider|taller|hotter|warmer|better"
_COMPARED_LESS = "less|fewer|smaller|lower|lighter|shorter|thinner|narrower|colder|cooler"
_THAN = "(?:than|then|as)"
_PLAIN_MORE, _PLAIN_LESS = "big|large|high|great|heavy|long|thick|wide|tall", "small|low|light|short|thin|narrow|little"
"""Comparisons as those say them for whom English is not the first language: ``big than 50 Ah``."""
_EQUAL = r"(?: (?:than )?or equal (?:to|than)| or equals?)"
_EQUAL_OR_MORE = rf"equal(?:s| to)? or (?:{_COMPARED_MORE}|above|over)(?: than)?"
_EQUAL_OR_LESS = rf"equal(?:s| to)? or (?:{_COMPARED_LESS}|below|under)(?: than)?"
_LEAST = r"at ?least|mindestens|au moins|(?:a )?minimum(?: of)?|min\.?"
_LASTING = r"surviv(?:es?|ing)|withstand(?:s|ing)?|endur(?:es?|ing)|last(?:s|ing)?(?: for)?"
_AS_FAR = r"as (?:high|low|much|little|many|few|far|large|small|big|heavy|light|long|short|hot|cold|thin|thick) as"
_MOST = r"at ?most|höchstens|au plus|(?:a )?maximum(?: of)?|max\.?|within"
_FROM = "(?<!different )(?<!differing )(?<!differs )(?<!apart )(?<!aside )from|starting (?:at|from)"
_NOT_MORE, _NOT_LESS = (
    rf"(?:no|not)(?: be)? (?:{_COMPARED_MORE}) {_THAN}|not (?:{_MORE})|(?:without|not|n['’]t) (?:exceed(?:ing)?|surpass(?:ing)?)",
    rf"(?:no|not)(?: be)? (?:{_COMPARED_LESS}) {_THAN}|not (?:{_LESS})",
)
_BEFORE = tuple(
    (sign, re.compile(rf"(?:{symbols}|(?<!\w)(?:{words}))\s*\Z", re.IGNORECASE))
    for sign, symbols, words in (
        (
            ">=",
            ">=|=>|≥|⩾",
            rf"{_LEAST}|{_LASTING}|{_FROM}|{_NOT_LESS}|(?:{_COMPARED_MORE})(?: than)?{_EQUAL}|{_EQUAL_OR_MORE}",
        ),
        (
            "<=",
            "<=|=<|≤|⩽",
            rf"{_MOST}|up ?to|down to|{_AS_FAR}|{_NOT_MORE}|(?:{_COMPARED_LESS})(?: than)?{_EQUAL}|{_EQUAL_OR_LESS}",
        ),
        (">", ">", rf"(?:{_COMPARED_MORE})(?: {_THAN})?|(?:{_PLAIN_MORE}) {_THAN}|superior (?:to|at|than)|{_MORE}"),
        ("<", "<", rf"(?:{_COMPARED_LESS})(?: {_THAN})?|(?:{_PLAIN_LESS}) {_THAN}|inferior (?:to|at|than)|{_LESS}"),
        ("~", "~|≈|≃|∼", r"about|around|approximately|approx\.?|circa|ca\.?|roughly|nearly|near|close to|some"),
        ("=", "==?", r"exactly|equals?(?: to)?"),
    )
)
_ABOUT: Final = next(pattern for sign, pattern in _BEFORE if sign == "~")
_APART = re.compile(
    rf"(?<!\w)(?:(?P<more>{_COMPARED_MORE})|(?:{_COMPARED_LESS}))\s+(?:[\w-]+\s+){{1,3}}(?P<than>{_THAN})\s*\Z", re.IGNORECASE
)
"""A comparison around the kind: ``a higher capacity than 3 Ah``."""
_BETWEEN = re.compile(r"(?<!\w)(?:between|from|in the range(?: of)?|range(?: of)?)\s*\Z", re.IGNORECASE)
_AT_END = r"(?=\s*(?:$|[,.;)]))"
_OR_MORE = (
    rf"(?:or|and) (?:even )?(?:up|{_COMPARED_MORE}|above|over|faster|beyond)"
    rf"|(?:and |or )?(?:upwards?|onwards?)|min(?:imum)?{_AT_END}"
)
_OR_LESS = rf"(?:or|and) (?:even )?(?:{_COMPARED_LESS}|below|under|down)|at most|max(?:imum)?{_AT_END}"
_AFTER = (
    (">=", re.compile(rf"\s*(?:\+(?!\s*[\d/-])|(?:{_OR_MORE})\b(?!\s+than\b|\s*\d))", re.IGNORECASE)),
    ("<=", re.compile(rf"\s*(?:{_OR_LESS})\b(?!\s+than\b|\s*\d)", re.IGNORECASE)),
)
_OR_MORE_UNIT = re.compile(r" or (?:more|above) (?=[A-Za-z%°])", re.IGNORECASE)
_TO = re.compile(r"\s*(?:-|–|—|~|～|\.\.\.?|…|\b(?:up |down )?to\b|\band\b|&|\buntil\b|\btill\b|\bbis\b)\s*", re.IGNORECASE)
_UP = re.compile(r"\s*up", re.IGNORECASE)
_PLUS_MINUS = re.compile(r"\s*,?\s*(?:±|\+/-|\+-|\bplus(?: or |/)minus\b|\bgive or take\b)\s*", re.IGNORECASE)
_WITHIN = re.compile(r"(?<!\w)(?:to )?within\s*\Z", re.IGNORECASE)
_SHARE_OF = re.compile(r"\s*(?:of|from|around)\s+(?:an?\s+|the\s+)?(?=[\d.])", re.IGNORECASE)
_LISTED = re.compile(r"\s*(?:,?\s*(?:\bor\b|\bor else\b|\band/or\b|\boder\b)|[x×*]|,)\s*", re.IGNORECASE)
"""Between numbers that share the unit of the last one: ``3.6 or 3.7 V``, ``27 x 173 x 200 mm``."""
_SIZE: Final = re.compile(r"\d{5}")
_LEAST_AFTER_SIZE: Final = 1000
_NEXT_BOUND = re.compile(r"\s*,?\s*(?:\b(?:and|but|yet)\b|&)\s*", re.IGNORECASE)
"""Between two bounds that share a unit: ``at least 3 but no more than 5 Ah``."""
_BELOW_WHAT = re.compile(r"\s*(?P<sign><=|=<|≤|⩽|<)(?=\s*[A-Za-z])")
"""After the lower bound of what is named next: ``3 Ah < capacity``."""
_BELOW_BOTH: Final = re.compile(r"\s*(?:<=|=<|≤|⩽|<)\s*[A-Za-z][^<≤⩽=\d]*(?:<=|=<|≤|⩽|<)\s*")
"""Between two bounds around what they are of: ``155 < capacity < 185 mAh/g``."""
NUMBER: Final = re.compile(
    r"""(?<![\w,])(?<!\d/)(?<![\w]\.)(?<![A-Za-z]-)(?:
    (?P<factor>\d+(?:\.\d+)?)\s*[×x·*]\s*10(?:\s*(?:\^|\*\*)\s*\(?(?P<power>[+−-]?\d+)\)?|(?P<raised>[⁺⁻]?[⁰¹²³⁴-⁹]+))
    | 10(?:(?:\^|\*\*)\(?(?P<bare>[+−-]?\d+)\)?|(?P<above>[⁺⁻]?[⁰¹²³⁴-⁹]+))
    | (?P<over>\d)/(?P<under>[248])(?![\w.]*\d)
    | [+−-]?(?:
        \d{1,3}(?:[,'’]\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:[\x20\u00a0\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d+,\d{1,2}(?!\d)|\d+(?:\.\d+)?|\.\d+
    )(?:[eE][+−-]?\d+)?)
    |(?<![\w-])(?i:(?P<part>(?:half|(?:an?|one)\ (?:half|third|quarter|fifth|tenth)\ of)\ )?(?P<one>an?)(?=\s(?:kilo|kg|mm|cm
      |(?:milli|centi|kilo|micro)?(?:gram|volt|amp(?:ere)?|ohm|litre|liter|met(?:re|er)|watt|joule|hertz|hour))s?\b)
      |(?:(?P<times>a|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|eighty)\s)?
      (?P<many>hundred|thousand)
      |(?P<few>one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|fifty|sixty|eighty))(?![\w-])
    |(?<![\w/])(?:C/(?P<hours>\d+(?:\.\d+)?)(?![\w/]))""",
    re.VERBOSE,
)
"""A number, in digits or a plain word, or a C-rate written as a fraction (``C/10``)."""
IN_WORDS: Final = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "eighty": 80,
    "hundred": 100, "thousand": 1000,
}  # fmt: skip
_PARTS: Final = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
_LONG_UNITS = "Wh/kg|Wh/[Ll]|mAh/g|mAh|Ah|Wh|kWh|mOhm|mΩ|kg|mm"
_UNIT_BEFORE = re.compile(
    rf"(?:(?<![\w/])(?P<unit>{_LONG_UNITS})|[(\[]\s*(?:in\s+)?(?P<within>{_LONG_UNITS}|g|V|A|W|µm|°C)\s*[)\]])\s*\Z"
)
"""A unit before its operator: ``Wh/kg > 200``, ``mass (g) below 50``."""
ROUNDED: Final = 0.02
"""No rate is rounded by a greater share of itself."""
_DECIMALS: Final = re.compile(r"[+−-]?\d*[.,](?P<after>\d{1,3})(?![\d.,eE×x·*]|\s*[×x·*]\s*10)")
_THOUSANDS = re.compile(r"[kK](?=\s*(?:\+\s*)?cycles?\b)")
SPOKEN: Final = {
    "amper": "A",
    "ampers": "A",
    "kilo": "kg",
    "kilos": "kg",
    "micron": "µm",
    "microns": "µm",
    "g/cc": "g/cm3",
    "cc": "cm3",
    "ah's": "Ah",
}
"""Units as people say them."""
_SPOKEN_UNIT: Final = re.compile(rf"(?:{'|'.join(map(re.escape, SPOKEN))})(?![\w/-])", re.IGNORECASE)
_CODE_END: Final = re.compile(r"^[^/·*^]*[0-9]$")
"""What a unit right after its number does not end with, unless it is made of several: ``5g/cm3``, but not ``40ps1``."""
_RATE_OF_CYCLES: Final = re.compile(r"C(?=\s+cycl)")
"""The rate of cycles, which are no unit: ``1C cycles``."""
_GROUPS = re.compile(r"[ \u00a0\u202f'’]|,(?=\d{3}(?!\d))")
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
        is_bare: Whether it has neither a unit nor an operator.
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
    is_bare: bool = False

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
        """The amount of which this is the (first) number; ``None`` for one beyond all bounds."""
        first = self._number(match)
        amount = self._share(first) or self._range(first) or self._single(self._with_shared_unit(first))
        return amount if all(bound is None or math.isfinite(bound) for bound in (amount.low, amount.high)) else None

    def alone(self, match: re.Match[str]) -> Number:
        """The number as it stands, whatever is said of it, with the unit that it shares with the next one."""
        number = self._number(match)
        following = NUMBER.search(self._text, number.end) if number.unit is None else None
        if following is not None and _TO.fullmatch(self._text, number.end, following.start()):
            shared = self._number(following)
            number = number._replace(unit=shared.unit, unit_text=shared.unit_text)
        else:
            number = self._with_shared_unit(number)
        if _is_celsius(number):
            number = number._replace(unit=self._units.find("°C"), unit_text="°C")
        return number

    def _share(self, first: Number) -> Amount | None:
        """``within 5 % of 3.2 V``."""
        within, of = _WITHIN.search(self._text, 0, first.start), _SHARE_OF.match(self._text, first.end)
        second_match = NUMBER.match(self._text, of.end()) if of and within and _is_percent(first) else None
        if within is None or second_match is None:
            return None
        second = self._number(second_match)
        spread = abs(second.value) * first.value / 100
        return _bounded(within.start(), second, second.value - spread, second.value + spread) if second.unit else None

    def _range(self, first: Number) -> Amount | None:
        text = self._text
        for link in (_PLUS_MINUS, _TO):
            joint = link.match(text, first.end)
            second_match = NUMBER.match(text, joint.end()) if joint else None
            if joint is None or second_match is None:
                continue
            second = self._number(second_match)
            if link is _PLUS_MINUS:
                amount = _around(first, second)
                if amount is None:
                    continue
                about = _ABOUT.search(text, 0, first.start)
                return replace(amount, start=about.start()) if about else amount
            between = _BETWEEN.search(text, 0, first.start)
            if joint.group().strip().lower() in {"and", "&"} and between is None:
                continue
            if not _is_one_unit(first, second) or (first.unit is not None and _UP.match(joint.group())):
                continue  # "from 3 Ah up to 5 Ah" are two bounds
            if _is_celsius(first, second):
                first, second = (one._replace(unit=self._units.find("°C"), unit_text="°C") for one in (first, second))
            low = (
                first.value if first.unit is None or second.unit is None else second.unit.from_base(first.unit.to_base(first.value))
            )
            start = between.start() if between else first.start
            return _bounded(start, second, min(low, second.value), max(low, second.value))
        return None

    def _with_shared_unit(self, first: Number) -> Number:
        """The number with the unit of the last one of its list, where it has none of its own."""
        end = first.end
        if first.unit is None and (both := _BELOW_BOTH.match(self._text, end)) and (upper := NUMBER.match(self._text, both.end())):
            bound = self._number(upper)
            return first._replace(unit=bound.unit, unit_text=bound.unit_text)
        while first.unit is None and not first.or_more:
            link = _LISTED.match(self._text, end) or _NEXT_BOUND.match(self._text, end)
            following = NUMBER.search(self._text, link.end()) if link else None
            if link is None or following is None or not self._may_follow(link, following):
                break
            number = self._number(following)
            if self._is_size_before(first, number):
                break
            if number.unit is not None and number.unit_text:
                if _is_size(self._text[first.start : first.end], first.value, number.value):
                    break
                return first._replace(unit=number.unit, unit_text=number.unit_text)
            end = number.end
        return first

    def _is_size_before(self, first: Number, number: Number) -> bool:
        """Whether the first of two numbers is a size like 18650, which the second one does not go on with."""
        return _SIZE.fullmatch(self._text, first.start, first.end) is not None and number.value < _LEAST_AFTER_SIZE

    def _may_follow(self, link: re.Match[str], number: re.Match[str]) -> bool:
        """Whether a number goes on with a list, or is the second of two bounds."""
        between = self._text[link.end() : number.start()]
        return is_operator(between.strip()) if _NEXT_BOUND.fullmatch(link.group()) else not between.strip()

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
        elif (said := _OR_MORE_UNIT.match(text, end)) is not None:  # 100 or more Ah
            or_more, start = True, said.end()
        if (cycled := _RATE_OF_CYCLES.match(text, start)) is not None:
            return Number(match.start(), cycled.end(), value, self._units.find("C"), "C", or_more)
        if (spoken := _SPOKEN_UNIT.match(text, start)) is not None:
            unit = SPOKEN[spoken.group().lower()]
            return Number(match.start(), spoken.end(), value, self._units.find(unit), unit, or_more)
        found = self._units.match_prefix(text, start) if start < len(text) else None
        glued = start == end and found is not None and _CODE_END.search(text[start : found[1]]) is not None
        if found is None or glued:  # "40ps1" is a model code, not forty per second
            return Number(match.start(), end, value, None, "", or_more)
        return Number(match.start(), found[1], value, found[0], text[start : found[1]].lstrip("-"), or_more)

    def _single(self, number: Number) -> Amount:
        if _is_celsius(number):
            number = number._replace(unit=self._units.find("°C"), unit_text="°C")
        sign, start, end = self._sign(number)
        if number.unit is None and sign and (before := _UNIT_BEFORE.search(self._text, 0, start)) is not None:
            unit_text = before["unit"] or before["within"]
            number, start = number._replace(unit=self._units.find(unit_text), unit_text=unit_text), before.start()
        unit = number.unit or NUMBERLESS
        value, shown = number.value, _shown(number)
        if sign in {"", "=", "~"}:
            spread = abs(value) * APPROXIMATE if sign == "~" else self._spread(number)
            share = spread / abs(value) if value else EQUAL
            asked = " ".join(filter(None, ("≈" if sign == "~" else "=", f"{value:g}", shown, f"(±{100 * share:.2g} %)")))
            is_bare = number.unit is None and not sign
            return Amount(start, end, value - spread, value + spread, True, True, unit, number.unit_text, asked, is_bare)
        asked = f"{sign.replace('>=', '≥').replace('<=', '≤')} {value:g} {shown}".strip()
        low, high = (value, None) if sign.startswith(">") else (None, value)
        return Amount(start, end, low, high, sign == ">=", sign == "<=", unit, number.unit_text, asked)

    def _spread(self, number: Number) -> float:
        """How far a number may be off: of one with decimals no more than half of its last digit, of a rate as much (0.33C)."""
        decimals = _DECIMALS.match(self._text, number.start)
        spread = abs(number.value) * EQUAL
        if decimals is None:
            return spread
        rounded = 10.0 ** -len(decimals["after"]) / 2
        return rounded if number.unit_text == "C" and rounded <= abs(number.value) * ROUNDED else min(spread, rounded)

    def _sign(self, number: Number) -> tuple[str, int, int]:
        """The operator before or after a number (``""`` for none), and the stretch with it."""
        for sign, pattern in _BEFORE:
            found = pattern.search(self._text, 0, number.start)
            if found:
                other, _, end = self._sign_after(number)
                if {sign, other} == {"<=", ">="}:  # discharge current max. 100 A or more: the first names the kind
                    return other, found.start(), end
                return sign, found.start(), number.end
        apart = _APART.search(self._text, 0, number.start)
        if apart is not None:
            return ">" if apart["more"] else "<", apart.start("than"), number.end
        after = self._sign_after(number)
        if after[0]:
            return after
        below = _BELOW_WHAT.match(self._text, number.end)
        if below is not None:
            return ">" if below["sign"] == "<" else ">=", number.start, below.end()
        return "", number.start, number.end

    def _sign_after(self, number: Number) -> tuple[str, int, int]:
        if number.or_more:
            return ">=", number.start, number.end
        for sign, pattern in _AFTER:
            after = pattern.match(self._text, number.end)
            if after:
                return sign, number.start, after.end()
        return "", number.start, number.end


def _is_size(written: str, value: float, next_value: float) -> bool:
    """Whether a number is rather the size of a cell than one of a list of amounts: ``18650, 2.5 Ah``."""
    return written.isdigit() and len(written) in (4, 5) and value > 100 * next_value


def is_operator(text: str) -> bool:
    """Whether a text is nothing but an operator before a number, e.g. ``at least``."""
    return any(pattern.fullmatch(text) for _, pattern in _BEFORE) or bool(_BETWEEN.fullmatch(text))


def _bounded(start: int, number: Number, low: float, high: float) -> Amount:
    asked = f"{low:g}–{high:g} {_shown(number)}".strip()
    return Amount(start, number.end, low, high, True, True, number.unit or NUMBERLESS, number.unit_text, asked)


def _around(first: Number, second: Number) -> Amount | None:
    """``5 ± 0.5 Ah``, ``5 Ah ± 0.5``, ``5 Ah ± 10 %``."""
    if first.unit is None and second.unit is None:
        return None
    if _is_percent(second) and first.unit is not None and not _is_percent(first):
        spread = abs(first.value) * second.value / 100
    elif not _is_one_unit(first, second) and second.unit is not None:
        return None
    else:
        spread = second.value
    said = (first if second.unit is None or _is_percent(second) else second)._replace(end=second.end)
    return _bounded(first.start, said, first.value - spread, first.value + spread)


def _is_one_unit(first: Number, second: Number) -> bool:
    """Whether two numbers can be the ends of one range: in comparable units, said once or twice, or both without."""
    if first.unit is None or second.unit is None:
        return first.unit is None
    return first.unit.dimension == second.unit.dimension and _is_percent(first) == _is_percent(second)


def _is_percent(number: Number) -> bool:
    return number.unit_text.strip() == "%"


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
    if match["over"]:
        return int(match["over"]) / int(match["under"])
    if match["one"]:
        part = (match["part"] or "").lower().split()
        return _PARTS[part[0] if part[0] == "half" else part[1]] if part else 1.0
    if match["many"] or match["few"]:
        return float(IN_WORDS[(match["times"] or "one").lower()] * IN_WORDS[(match["many"] or match["few"]).lower()])
    if power is None:
        return float(_GROUPS.sub("", match.group()).replace("−", "-").replace(",", "."))
    exponent = power.translate(_SMALL).replace("−", "-")
    return float(f"{match['factor'] or 1}e{exponent}")


def _shown(number: Number) -> str:
    return number.unit_text if number.unit is not None and (number.unit.dimension != "1" or number.unit.factor != 1) else ""
