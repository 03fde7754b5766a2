"""Units of our own table (`unit_words.tsv`) and expressions made of them, in the names of the unit library (pint)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

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
_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?: \*\* (-?\d{1,2}))?")


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


@dataclass(frozen=True, slots=True)
class Tables:
    """Our table, by each of the ways in which a unit is written.

    Args:
        rows: All rows.
        symbols: By UCUM code or symbol.
        words: By word, under its first letter.
        qudt: By QUDT code.
        shown: Name in the unit library -> symbol for people.
        prefix_symbols: Symbols of SI prefixes with their names, the longest first.
    """

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
def tables() -> Tables:
    """Our table; read once."""
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
    return Tables(tuple(rows), by_symbol, by_word, by_qudt, shown, tuple(sorted(prefix_symbols, key=lambda p: -len(p[0]))))


def rows() -> tuple[Row, ...]:
    """The rows of our table of unit names."""
    return tables().rows
