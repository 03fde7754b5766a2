"""How units are written: UCUM codes, QUDT names, symbols and words become one expression in the names of the unit library (pint).

Only names of our own table (`unit_words.tsv`) ever come out, so no foreign text reaches the unit library.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

from ontology.unit_table import ONE, PREFIXES, Expression, Row, rows, tables

MAX_TEXT = 128
MAX_EXPONENT = 12
MAX_FACTORS = 16
MAX_DEPTH = 3
MAX_NUMBER = 10**12


_POWERS = {"square": 2, "cubic": 3, "cube": 3, "quartic": 4, "quintic": 5, "sextic": 6}
_POWERS_AFTER = {"squared": 2, "cubed": 3}
_OTHER_SIZE = frozenset(("uk", "us", "imp", "dry", "petroleum", "long", "short", "troy", "gross", "it", "th", "mean"))
"""Annotations (``t{long}``, ``gal{UK}``) that, against UCUM's rule, mean another size: such a text is not read."""
_INVERSE = frozenset({"reciprocal", "inverse"})
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<times>[.*·])|(?P<over>/)|(?P<open>\()|(?P<close>\))(?:\^?(?P<all>[+-]?\d{1,2})(?!\d))?"
    r"|(?P<ten>10[*^](?P<tens>[+-]?\d{1,2}))(?!\d)"
    r"|(?P<symbol>(?:\[[A-Za-z0-9_']{1,20}\]|[A-Za-z_µΩ°%‰Å℧ℓ′″'])+(?:\[[A-Za-z0-9_']{1,20}\])?)"
    r"(?:\^?(?P<power>[+-]?\d{1,2})|\^\((?P<power2>[+-]?\d{1,2})\))?(?![\d^])"
    r"|(?P<number>\d{1,9})(?![\d^])"
)


class _NotAUnitError(Exception):
    """The text is not a unit."""


def normal(text: str) -> str:
    """The text with one sign per meaning: ``µ``, ``Ω``, ``·``, ``-`` and plain digits."""
    text = text.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.replace("º", "°")).translate(_ONE_SIGN)
    return text.replace("**", "^")


_ONE_SIGN = str.maketrans({"μ": "µ", "Ω": "Ω", "⋅": "·", "×": "·", "∙": "·", "•": "·", "∗": "*", "−": "-", "–": "-", "‐": "-"})


def _checked(expression: Expression) -> Expression:
    number = expression.coefficient
    if (
        len(expression.powers) > MAX_FACTORS
        or any(abs(power) > MAX_EXPONENT for _, power in expression.powers)
        or not 0 < number.numerator <= MAX_NUMBER
        or number.denominator > MAX_NUMBER
    ):
        raise _NotAUnitError
    return expression


def _symbol(text: str, exact: bool) -> Expression:
    known = tables()
    row = known.symbols.get(text)
    if row is not None:
        return row.expression
    for symbol, name in known.prefix_symbols:
        if text.startswith(symbol):
            row = known.symbols.get(text[len(symbol) :])
            if row is not None and row.prefixes:
                return row.expression.prefixed(name)
    expression = from_words(text) if len(text) > 2 else None
    if expression is None and not exact:
        expression = any_case().get(text.lower())
    if expression is None:
        raise _NotAUnitError
    return expression


@cache
def any_case() -> dict[str, Expression]:
    """Symbols that are understood in any case, by their lower-case form: ``mah`` is mAh, ``kwh`` is kWh."""
    found: dict[str, Expression] = {}
    for row in rows():
        for text in row.anycase:
            expression = from_symbols(text, exact=True)
            if expression is not None:
                found[text.lower()] = expression
    return found


class _Reader:
    """Recursive descent over the tokens of one text: ``.`` and ``/`` from left to right, a space binds tighter than ``/``."""

    def __init__(self, text: str, exact: bool) -> None:
        self._exact = exact
        self._tokens = list(self._split(text))
        self._at = 0

    @staticmethod
    def _split(text: str) -> Iterator[tuple[str, re.Match[str]]]:
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise _NotAUnitError
            kind = next(k for k in ("space", "times", "over", "open", "close", "ten", "symbol", "number") if match[k] is not None)
            if kind == "symbol" and match["symbol"].lower() == "per" and match.end() == match.end("symbol"):
                kind = "over"
            yield kind, match
            at = match.end()

    def read(self) -> Expression:
        expression = self._product(0)
        if self._at != len(self._tokens):
            raise _NotAUnitError
        return expression

    def _kind(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at][0] if at < len(self._tokens) else ""

    def _skip_space(self) -> bool:
        if self._kind() == "space":
            self._at += 1
            return True
        return False

    def _product(self, depth: int) -> Expression:
        self._skip_space()
        result = ONE
        sign = 1
        if self._kind() == "over":
            self._at += 1
            sign = -1
        while True:
            self._skip_space()
            result = _checked(result * self._spaced(depth).to(sign))
            self._skip_space()
            if self._kind() not in ("times", "over"):
                return result
            sign = -1 if self._kind() == "over" else 1
            self._at += 1

    def _spaced(self, depth: int) -> Expression:
        result = self._atom(depth)
        while self._kind() == "space" and self._kind(1) in ("symbol", "open"):
            self._at += 1
            result = result * self._atom(depth)
        if self._kind() in ("symbol", "open", "number", "ten"):
            raise _NotAUnitError
        return result

    def _atom(self, depth: int) -> Expression:
        if self._at >= len(self._tokens):
            raise _NotAUnitError
        kind, match = self._tokens[self._at]
        self._at += 1
        if kind == "symbol" and match["symbol"].lower() in _POWERS and self._kind() == "space" and self._kind(1) == "symbol":
            self._at += 1
            return self._atom(depth).to(_POWERS[match["symbol"].lower()])
        if kind == "symbol":
            return _symbol(match["symbol"], self._exact).to(int(match["power"] or match["power2"] or 1))
        if kind == "ten":
            return Expression((), Fraction(10) ** int(match["tens"]))
        if kind == "number":
            return Expression((), Fraction(int(match["number"])))
        if kind == "open" and depth < MAX_DEPTH:
            inside = self._product(depth + 1)
            if self._kind() != "close":
                raise _NotAUnitError
            power = self._tokens[self._at][1]["all"]
            self._at += 1
            return inside.to(int(power or 1))
        raise _NotAUnitError


def from_symbols(text: str, *, exact: bool = False) -> Expression | None:
    """The expression of a UCUM code or of symbols as people write them; ``None`` when it is none.

    Spec: https://ucum.org/ucum (codes; annotations in braces say nothing of the size and are left out; a few that do are refused).

    Args:
        text: The code or the symbols.
        exact: Whether upper and lower case must be right (as in UCUM); else ``MAH`` and ``kwh`` are understood too.

    Example:
        >>> str(from_symbols("mol.m-2.s-1")), str(from_symbols("mAh/cm^2")), from_symbols("dog")
        ('mole / metre ** 2 / second', 'milliampere * hour / centimetre ** 2', None)
    """
    if not text or len(text) > MAX_TEXT:
        return None
    text = normal(text)
    row = tables().symbols.get(text)
    if row is not None:
        return row.expression
    if "{" in text:
        text = re.sub(r"\^\{([+-]?\d{1,2})\}", r"^\1", text)
        if any(word.lower() in _OTHER_SIZE for word in re.findall(r"[A-Za-z]+", " ".join(re.findall(r"\{([^{}]*)\}", text)))):
            return None
        text = re.sub(r"(^|[./(])\{[^{}]*\}", r"\g<1>1", text)  # alone it is a number of something
        text = re.sub(r"\{[^{}]*\}", "", text)
    try:
        return _Reader(text, exact).read()
    except (_NotAUnitError, ZeroDivisionError):
        return None


def from_words(text: str) -> Expression | None:
    """The expression of a label or of unit words, in any case and with or without spaces; ``None`` when it is none.

    Example:
        >>> str(from_words("MilliAmperePerSquareCentiMetre")), str(from_words("amp hours"))
        ('milliampere / centimetre ** 2', 'ampere * hour')
    """
    if not text or len(text) > MAX_TEXT:
        return None
    letters = "".join(c for c in text.lower() if c not in " _-")
    try:
        return _checked(_Words(letters).read())
    except _NotAUnitError:
        return None


class _Words:
    """Cuts letters into known words, the longest first, and steps back where that leads nowhere."""

    def __init__(self, letters: str) -> None:
        self._letters = letters
        self._words = tables().words
        self._dead: set[tuple[int, bool, bool]] = set()

    def read(self) -> Expression:
        found = self._from(0, 1, "start", 0)
        if found is None:
            raise _NotAUnitError
        return found

    def _from(self, at: int, sign: int, before: str, depth: int) -> Expression | None:
        """What the letters from here mean; ``before`` is what kind of word came last."""
        if at == len(self._letters):
            return ONE if before == "unit" else None
        key = (at, sign < 0, before == "unit")
        if key in self._dead or depth > 2 * MAX_FACTORS:
            return None
        found = self._unit(at, sign, 1, depth) or self._operator(at, sign, before, depth)
        if found is None:
            self._dead.add(key)
        return found

    def _operator(self, at: int, sign: int, before: str, depth: int) -> Expression | None:
        letters = self._letters
        if letters.startswith("per", at) and before != "per" and sign >= 0:
            return self._from(at + 3, -1, "per", depth + 1)
        if before == "start":
            for word in _INVERSE:
                if letters.startswith(word, at):
                    return self._from(at + len(word), -1, "per", depth + 1)
        for word, power in _POWERS.items():
            if letters.startswith(word, at):
                found = self._unit(at + len(word), sign, power, depth)
                if found is not None:
                    return found
        return None

    def _unit(self, at: int, sign: int, power: int, depth: int) -> Expression | None:
        for expression, end in self._units(at):
            total = power
            for word, more in _POWERS_AFTER.items():
                if power == 1 and self._letters.startswith(word, end):
                    total, end = more, end + len(word)
            rest = self._from(end, sign, "unit", depth + 1)
            if rest is not None:
                return expression.to(sign * total) * rest
        return None

    def _units(self, at: int) -> Iterator[tuple[Expression, int]]:
        letters = self._letters
        for word, row in self._starting(at):
            yield row.expression, at + len(word)
        for prefix in PREFIXES:
            if letters.startswith(prefix, at):
                inner = at + len(prefix)
                for word, row in self._starting(inner):
                    if row.prefixes:
                        yield row.expression.prefixed(prefix), inner + len(word)

    def _starting(self, at: int) -> list[tuple[str, Row]]:
        letters = self._letters
        if at >= len(letters):
            return []
        known = self._words.get(letters[at], {})
        return sorted(((w, row) for w, row in known.items() if letters.startswith(w, at)), key=lambda item: -len(item[0]))


def from_qudt(name: str) -> Expression | None:
    """The expression of the last part of a QUDT unit IRI, by QUDT's naming rules; ``None`` when it is none.

    Spec: https://github.com/qudt/qudt-public-repo/wiki/Unit-Naming (prefix, code, exponent; ``-`` multiplies, ``PER`` divides).

    Example:
        >>> str(from_qudt("MilliA-HR-PER-GM")), str(from_qudt("PER-M2"))
        ('milliampere * hour / gram', '1 / metre ** 2')
    """
    if not name or len(name) > MAX_TEXT:
        return None
    result, sign, waiting = ONE, 1, True
    for part in name.split("-"):
        if part == "PER" and sign > 0:
            sign, waiting = -1, True
            continue
        found = _qudt_part(part)
        if found is None:
            return None
        result, waiting = result * found.to(sign), False
    try:
        return None if waiting else _checked(result)
    except _NotAUnitError:
        return None


def _qudt_part(part: str) -> Expression | None:
    codes = tables().qudt
    if part in codes:
        return codes[part].expression
    digits = len(part) - 1 if part[-1:].isdecimal() and part[-1] in "23456789" else 0
    power, code = (int(part[-1]), part[:-1]) if digits else (1, part)
    if code in codes:
        return codes[code].expression.to(power)
    for prefix in PREFIXES:
        if code.lower().startswith(prefix):
            row = codes.get(code[len(prefix) :])
            if row is not None and row.prefixes:
                return row.expression.prefixed(prefix).to(power)
    return None


def shown(expression: Expression) -> str:
    """The expression in symbols for people.

    Example:
        >>> shown(Expression((("milliampere", 1), ("hour", 1), ("centimetre", -2))))
        'mAh/cm²'
    """
    above = [_shown(name, power) for name, power in expression.powers if power > 0]
    below = [_shown(name, -power) for name, power in expression.powers if power < 0]
    number = expression.coefficient
    if number.numerator != 1 or not above:
        above.insert(0, str(number.numerator))
    if number.denominator != 1:
        below.insert(0, str(number.denominator))
    top, bottom = _joined(above), _joined(below)
    if not below:
        return top
    return f"{top}/({bottom})" if "·" in bottom else f"{top}/{bottom}"


def _joined(parts: list[str]) -> str:
    text = "·".join(parts)
    return re.sub(r"([AW])·h(?!\w)", r"\1h", text)


def _shown(name: str, power: int) -> str:
    known = tables().shown
    text = known.get(name)
    if text is None:
        prefix = next((p for p in PREFIXES if name.startswith(p) and name[len(p) :] in known), "")
        text = (PREFIXES[prefix][0] + known[name[len(prefix) :]]) if prefix else name
    return text if power == 1 else text + str(power).translate(_SUPERSCRIPTS)
