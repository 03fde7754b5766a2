"""How units are written: UCUM codes, QUDT names, symbols and words become one expression in the names of the unit library (pint).

Only names of our own table (`unit_words.tsv`) ever come out, so no foreign text reaches the unit library.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pint import UnitRegistry

MAX_TEXT = 128
MAX_EXPONENT = 12
MAX_FACTORS = 16
MAX_DEPTH = 3
MAX_NUMBER = 10**12

PREFIXES: dict[str, tuple[str, int]] = {
    "quetta": ("Q", 30),
    "ronna": ("R", 27),
    "yotta": ("Y", 24),
    "zetta": ("Z", 21),
    "exa": ("E", 18),
    "peta": ("P", 15),
    "tera": ("T", 12),
    "giga": ("G", 9),
    "mega": ("M", 6),
    "kilo": ("k", 3),
    "hecto": ("h", 2),
    "deca": ("da", 1),
    "deci": ("d", -1),
    "centi": ("c", -2),
    "milli": ("m", -3),
    "micro": ("µ", -6),
    "nano": ("n", -9),
    "pico": ("p", -12),
    "femto": ("f", -15),
    "atto": ("a", -18),
    "zepto": ("z", -21),
    "yocto": ("y", -24),
    "ronto": ("r", -27),
    "quecto": ("q", -30),
}
"""SI prefixes (SI Brochure, table 7): name -> symbol and power of ten."""

Dimension = tuple[int, int, int, int, int, int, int]
"""Exponents of length, mass, time, current, temperature, amount of substance and luminous intensity."""

_PINT_ORDER = ("[length]", "[mass]", "[time]", "[current]", "[temperature]", "[substance]", "[luminosity]")
_OFFSET_NAMES = frozenset({"degree_Celsius", "degree_Fahrenheit"})
_POWERS = {"square": 2, "cubic": 3, "cube": 3, "quartic": 4, "quintic": 5, "sextic": 6}
_POWERS_AFTER = {"squared": 2, "cubed": 3}
_OTHER_SIZE = frozenset(("uk", "us", "imp", "dry", "petroleum", "long", "short", "troy", "gross", "it", "th", "mean"))
"""Annotations (``t{long}``, ``gal{UK}``) that, against UCUM's rule, mean another size: such a text is not read."""
_INVERSE = frozenset({"reciprocal", "inverse"})
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?: \*\* (-?\d{1,2}))?")
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<times>[.*·])|(?P<over>/)|(?P<open>\()|(?P<close>\))(?:\^?(?P<all>[+-]?\d{1,2})(?!\d))?"
    r"|(?P<ten>10[*^](?P<tens>[+-]?\d{1,2}))(?!\d)"
    r"|(?P<symbol>(?:\[[A-Za-z0-9_']{1,20}\]|[A-Za-z_µΩ°%‰Å℧ℓ′″'])+(?:\[[A-Za-z0-9_']{1,20}\])?)"
    r"(?:\^?(?P<power>[+-]?\d{1,2})|\^\((?P<power2>[+-]?\d{1,2})\))?(?![\d^])"
    r"|(?P<number>\d{1,9})(?![\d^])"
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A product of powers of named units, in the order in which they were written.

    Args:
        powers: Name in the unit library (with its prefix, e.g. ``milliampere``) and exponent.
        coefficient: A number in front, ``1`` nearly always.

    Example:
        >>> str(Expression((("milliampere", 1), ("hour", 1), ("gram", -1))))
        'milliampere * hour / gram'
    """

    powers: tuple[tuple[str, int], ...]
    coefficient: Fraction = Fraction(1)

    def __str__(self) -> str:
        above = [_written(name, power) for name, power in self.powers if power > 0]
        below = [_written(name, -power) for name, power in self.powers if power < 0]
        if self.coefficient.numerator != 1 or not above:
            above.insert(0, str(self.coefficient.numerator))
        if self.coefficient.denominator != 1:
            below.insert(0, str(self.coefficient.denominator))
        return " / ".join([" * ".join(above), *below])

    def to(self, power: int) -> Expression:
        """This expression raised to a whole power."""
        return Expression(tuple((name, n * power) for name, n in self.powers), self.coefficient**power)

    def prefixed(self, prefix: str) -> Expression:
        """This expression with a prefix on its first unit."""
        (name, power), *rest = self.powers
        return Expression(((prefix + name, power), *rest), self.coefficient)

    def __mul__(self, other: Expression) -> Expression:
        return Expression(self.powers + other.powers, self.coefficient * other.coefficient)


ONE = Expression(())


class Row(NamedTuple):
    """One row of `unit_words.tsv`: a unit of the unit library and how others write it."""

    expression: Expression
    prefixes: bool
    ucum: tuple[str, ...]
    symbols: tuple[str, ...]
    words: tuple[str, ...]
    qudt: tuple[str, ...]
    anycase: tuple[str, ...]
    unece: tuple[str, ...]


class _NotAUnitError(Exception):
    """The text is not a unit."""


@dataclass(frozen=True, slots=True)
class _Tables:
    rows: tuple[Row, ...]
    symbols: dict[str, Row]
    words: dict[str, dict[str, Row]]
    qudt: dict[str, Row]
    shown: dict[str, str]
    prefix_symbols: tuple[tuple[str, str], ...]


def _written(name: str, power: int) -> str:
    return name if power == 1 else f"{name} ** {power}"


def read_expression(text: str) -> Expression:
    """The expression of its own text form (as in a `UnitFact` or the table).

    Raises:
        ValueError: It is not in that form.

    Example:
        >>> read_expression("1 / metre ** 2").powers
        (('metre', -2),)
    """
    coefficient, powers = Fraction(1), []
    for number, part in enumerate(text.split(" / ")):
        sign = -1 if number else 1
        for item in part.split(" * "):
            if item.isdecimal():
                coefficient *= Fraction(int(item)) ** sign
            elif match := _NAME.fullmatch(item):
                powers.append((match[1], sign * int(match[2] or 1)))
            else:
                raise ValueError(f"{item!r} is not a unit name")
    return Expression(tuple(item for item in powers if item[0] != "dimensionless"), coefficient)


@cache
def _tables() -> _Tables:
    rows = []
    lines = (Path(__file__).parent / "unit_words.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines[1:]:
        name, prefixes, ucum, symbols, words, qudt, anycase, unece, _source = line.split("\t")
        rows.append(
            Row(
                read_expression(name),
                prefixes == "metric",
                tuple(ucum.split()),
                tuple(symbols.split()),
                tuple(words.split()),
                tuple(qudt.split()),
                tuple(anycase.split()),
                tuple(unece.split()),
            )
        )
    by_symbol: dict[str, Row] = {}
    by_word: dict[str, dict[str, Row]] = {}
    by_qudt: dict[str, Row] = {}
    shown: dict[str, str] = {}
    for row in rows:
        for symbol in (*row.ucum, *row.symbols):
            by_symbol.setdefault(symbol, row)
        for word in row.words:
            by_word.setdefault(word[0], {}).setdefault(word, row)
        for code in row.qudt:
            by_qudt.setdefault(code, row)
        if len(row.expression.powers) == 1 and row.expression.coefficient == 1:
            candidates = row.symbols or row.ucum
            shown.setdefault(row.expression.powers[0][0], candidates[0] if candidates else row.words[0] if row.words else "")
    prefix_symbols = [(symbol, name) for name, (symbol, _) in PREFIXES.items()] + [("u", "micro")]
    return _Tables(tuple(rows), by_symbol, by_word, by_qudt, shown, tuple(sorted(prefix_symbols, key=lambda p: -len(p[0]))))


def rows() -> tuple[Row, ...]:
    """The rows of our table of unit names."""
    return _tables().rows


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
    tables = _tables()
    row = tables.symbols.get(text)
    if row is not None:
        return row.expression
    for symbol, name in tables.prefix_symbols:
        if text.startswith(symbol):
            row = tables.symbols.get(text[len(symbol) :])
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
    row = _tables().symbols.get(text)
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
        self._words = _tables().words
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
    codes = _tables().qudt
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
    known = _tables().shown
    text = known.get(name)
    if text is None:
        prefix = next((p for p in PREFIXES if name.startswith(p) and name[len(p) :] in known), "")
        text = (PREFIXES[prefix][0] + known[name[len(prefix) :]]) if prefix else name
    return text if power == 1 else text + str(power).translate(_SUPERSCRIPTS)


class Measure(NamedTuple):
    """Size and dimension of an expression, exactly as the unit library computes them."""

    factor: Fraction
    offset: Fraction
    dimension: Dimension


@cache
def _registry() -> UnitRegistry[Fraction]:
    import pint  # heavy, and not needed where the fact table has every factor

    return pint.UnitRegistry(non_int_type=Fraction, cache_folder=None)


def measure(expression: Expression) -> Measure:
    """The size of an expression in SI coherent units, computed by pint with exact fractions.

    Temperatures on a scale keep their offset when they stand alone; inside a product they are differences.

    Raises:
        ValueError: The unit library does not know a name, or an exponent of the dimension is not whole.

    Example:
        >>> float(measure(read_expression("milliampere * hour")).factor)
        3.6
    """
    import pint

    registry = _registry()
    offset = Fraction(0)
    try:
        quantity = registry.Quantity(expression.coefficient, "")
        for name, power in expression.powers:
            scale = next((n for n in _OFFSET_NAMES if name.endswith(n)), None)
            if scale is None:
                quantity = quantity * registry.Quantity(Fraction(1), name) ** power
                continue
            quantity = quantity * registry.Quantity(Fraction(1), "delta_" + name) ** power
            if expression.powers == ((name, 1),) and name == scale:
                offset = _exact(registry.Quantity(Fraction(0), name).to_base_units().magnitude)
        factor = _exact(quantity.to_base_units().magnitude)
        exponents = {key: _exact(value) for key, value in quantity.dimensionality.items()}
    except (pint.PintError, TypeError, OverflowError, ZeroDivisionError) as exc:
        raise ValueError(f"the unit library cannot resolve {expression}") from exc
    if any(value.denominator != 1 for value in exponents.values()) or not exponents.keys() <= set(_PINT_ORDER):
        raise ValueError(f"{expression} has a dimension outside the SI")
    length, mass, time, current, temperature, amount, light = (int(exponents.get(key, 0)) for key in _PINT_ORDER)
    return Measure(factor, offset, (length, mass, time, current, temperature, amount, light))


def _exact(magnitude: object) -> Fraction:
    return magnitude if isinstance(magnitude, Fraction) else Fraction(str(magnitude))
