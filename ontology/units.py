"""Units: EMMO IRIs, QUDT IRIs, UCUM codes, symbols and words, converted to one base unit per dimension."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from ontology.former import FORMER_STARTS, packaged_former
from ontology.model import Facts, Restriction, UnitFact
from ontology.unit_grammar import MAX_TEXT, from_qudt, from_symbols, from_words, normal, shown
from ontology.unit_measure import Dimension, Measure, measure
from ontology.unit_table import PREFIXES, Expression, read_expression, rows

MAX_CACHED = 8192
"""Texts whose unit is remembered; beyond it the memory is emptied, so foreign texts cannot fill it."""
MAX_RUN = 60
"""Characters of a question that `Units.match_prefix` looks at."""

HAS_MEASUREMENT_UNIT = "https://w3id.org/emmo#EMMO_bed1d005_b04e_4a90_94cf_02bc678a8569"  # hasMeasurementUnit

_EMMO = re.compile(r"(?:https?://(?:w3id\.org/emmo|emmo\.info/)[^#\s]*#|emmo:|electrochemistry:|battery:)(?P<name>[A-Za-z0-9_]+)")
_EMMO_SPACE = "https://w3id.org/emmo#"
_QUDT = re.compile(r"(?:https?://(?:www\.)?qudt\.org/(?:[\d.]+/)?vocab/unit[/#]|unit:)(?P<name>[A-Za-z0-9_-]+)")
_OPAQUE = re.compile(r"(?:EMMO|electrochemistry|battery)_[0-9a-f]{8}_")
_UNIT_RUN = re.compile(r"[A-Za-z0-9%µμΩΩ°℃℉‰Å.·⋅*^/()\[\]⁻⁰¹²³⁴-⁹−' _-]+")
_ENDS = re.compile(r"[A-Za-z%µΩΩ°℃℉‰Å0-9⁰¹²³⁴-⁹)\]]")
_NEGATIVE_ALONE = re.compile(r"[^\W\d]+-\d")
_NUMBER_INSIDE = re.compile(r"(?:^|[\s/.·⋅*(])\d")
_GOES_ON = re.compile(r"\w|[²³°%⁻]|[.,]\d")
_WORDS = re.compile(r"[^\W\d]+(?:[\s_-]+[^\W\d]+)*")
_ATOM = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LETTERS = re.compile(r"[\s_-]+")

_LETTER = ("L", "M", "T", "I", "Θ", "N", "J")
_SI_ORDER = (1, 0, 2, 3, 4, 5, 6)
_SI_SYMBOL = ("m", "kg", "s", "A", "K", "mol", "cd")
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_NONE: Dimension = (0, 0, 0, 0, 0, 0, 0)
_TEMPERATURE: Dimension = (0, 0, 0, 0, 1, 0, 0)
_CHARGE: Dimension = (0, 0, 1, 1, 0, 0, 0)

_BASE_UNITS: dict[Dimension, str] = {
    _NONE: "1",
    (0, 0, 1, 1, 0, 0, 0): "A·s",
    (2, 1, -3, -1, 0, 0, 0): "V",
    (2, 1, -3, -2, 0, 0, 0): "Ω",
    (3, 1, -3, -2, 0, 0, 0): "Ω·m",
    (-2, -1, 3, 2, 0, 0, 0): "S",
    (-3, -1, 3, 2, 0, 0, 0): "S/m",
    (-2, -1, 4, 2, 0, 0, 0): "F",
    (2, 1, -2, -2, 0, 0, 0): "H",
    (2, 1, -2, 0, 0, 0, 0): "J",
    (2, 1, -3, 0, 0, 0, 0): "W",
    (2, 0, -2, 0, 0, 0, 0): "J/kg",
    (2, 0, -3, 0, 0, 0, 0): "W/kg",
    (-1, 1, -3, 0, 0, 0, 0): "W/m³",
    (0, -1, 1, 1, 0, 0, 0): "A·s/kg",
    (-2, 0, 1, 1, 0, 0, 0): "A·s/m²",
    (-3, 0, 1, 1, 0, 0, 0): "A·s/m³",
    (1, 1, -2, 0, 0, 0, 0): "N",
    (-1, 1, -2, 0, 0, 0, 0): "Pa",
    (-1, 1, -1, 0, 0, 0, 0): "Pa·s",
    (2, 1, -4, -1, 0, 0, 0): "V/s",
    (1, 1, -3, -1, 0, 0, 0): "V/m",
    (4, 1, -3, -2, 0, 0, 0): "Ω·m²",
    (1, 1, -3, 0, -1, 0, 0): "W/(m·K)",
    (0, 1, -3, 0, -1, 0, 0): "W/(m²·K)",
    (2, 1, -2, 0, -1, 0, 0): "J/K",
    (2, 0, -2, 0, -1, 0, 0): "J/(kg·K)",
    (2, 1, -2, 0, 0, -1, 0): "J/mol",
    (2, 1, -2, 0, -1, -1, 0): "J/(mol·K)",
    (0, 1, -2, -1, 0, 0, 0): "T",
    (2, 1, -2, -1, 0, 0, 0): "Wb",
    (2, 1, -3, -1, -1, 0, 0): "V/K",
    (-2, -2, 4, 2, 0, 0, 0): "F/kg",
    (3, 0, -1, -1, 0, 0, 0): "m³/(A·s)",
    (0, 1, -1, -1, 0, 0, 0): "kg/(A·s)",
}
"""Readable SI coherent units; every other dimension is written in the seven base units."""

_NOT_AFTER_SPACE = frozenset(
    ("a", "am", "an", "are", "as", "at", "b", "cd", "d", "in", "is", "kn", "m", "min", "mo", "on", "or", "p", "pm", "t", "to", "u")
)
"""Symbols that are words of a sentence, or the next thing said: never the second part of a unit in running text."""
_C_RATE = frozenset(("C", "c", "C-rate", "c-rate", "C rate", "c rate"))
_NOT_ALONE = frozenset(("a", "am", "an", "are", "as", "at", "b", "count", "in", "is", "number", "on", "one", "or", "to"))
"""Symbols and words that alone, in running text, are a word of the sentence."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that converts.

    Args:
        name: For people, e.g. ``mAh``.
        factor: Multiply by it to get the base unit.
        offset: Then add it.
        dimension: Text that is equal for all units that convert to each other, e.g. ``T·I`` (charge); ``1`` for numbers.
        base_unit: Symbol of the base unit of the dimension, e.g. ``A·s``.

    Example:
        >>> Unit("mAh", 3.6, 0.0, "T·I", "A·s").to_base(1000)
        3600.0
    """

    name: str
    factor: float
    offset: float
    dimension: str
    base_unit: str

    def to_base(self, value: float) -> float:
        """The value in the base unit."""
        return value * self.factor + self.offset

    def from_base(self, value: float) -> float:
        """The value in this unit, from the base unit."""
        return (value - self.offset) / self.factor


_UNSEEN = Unit("", 0.0, 0.0, "", "")


def dimension_key(dimension: Dimension) -> str:
    """The text that stands for a dimension (SI Brochure, 2.3.3).

    Example:
        >>> dimension_key((2, 1, -3, -1, 0, 0, 0)), dimension_key((0, 0, 0, 0, 0, 0, 0))
        ('L²·M·T⁻³·I⁻¹', '1')
    """
    return "·".join(_power(letter, n) for letter, n in zip(_LETTER, dimension, strict=True) if n) or "1"


def base_unit(dimension: Dimension) -> str:
    """Symbol of the SI coherent unit of a dimension.

    Example:
        >>> base_unit((2, 1, -3, -1, 0, 0, 0)), base_unit((-3, 0, 0, 0, 0, 1, 0))
        ('V', 'mol/m³')
    """
    known = _BASE_UNITS.get(dimension)
    if known is not None:
        return known
    above = [_power(_SI_SYMBOL[i], dimension[i]) for i in _SI_ORDER if dimension[i] > 0]
    below = [_power(_SI_SYMBOL[i], -dimension[i]) for i in _SI_ORDER if dimension[i] < 0]
    top, bottom = "·".join(above) or "1", "·".join(below)
    if not below:
        return top
    return f"{top}/({bottom})" if len(below) > 1 else f"{top}/{bottom}"


def _power(symbol: str, n: int) -> str:
    return symbol if n == 1 else symbol + str(n).translate(_SUPERSCRIPT)


class Units:
    """Finds the unit that a text means.

    A text is an EMMO or QUDT IRI (or what a context left of one: ``emmo:Volt``, ``unit:MilliA-HR``), a UCUM or UN/CEFACT code, a
    symbol, a label or words. Rules for what is ambiguous:

    - ``C`` is the C-rate, because this is about batteries; with a quantity kind that is a charge it is the coulomb; with a
      temperature it is no unit (Celsius is ``°C``, ``degC`` or ``Cel``). EMMO's programming language C is never a unit.
    - ``CelsiusTemperature`` is a quantity class; where a unit is expected it can mean nothing but degree Celsius, and is read so.
    - Temperatures convert on their scale (25 °C is 298.15 K); inside a product, as in ``V/°C``, a degree is a difference.

    Args:
        facts: The fact table; units and the restrictions of quantity classes are used.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._found: dict[str, Unit | None] = {}
        self._kinds: dict[str, Dimension | None] = {}
        self._index: _Index | None = None
        self._by_dimension: dict[str, list[str]] | None = None

    def find(self, text: str, kind: str | None = None) -> Unit | None:
        """The unit of an EMMO IRI, QUDT IRI, UCUM code, symbol or word; ``None`` when it is none (or not convertible).

        Args:
            text: As the record or the question has it; longer than 128 characters is no unit.
            kind: IRI of the quantity class, which decides what an ambiguous ``C`` is.

        Example:
            >>> Units(Facts((), {}, {}, {})).find("mAh/g")
            Unit(name='mAh/g', factor=3600.0, offset=0.0, dimension='M⁻¹·T·I', base_unit='A·s/kg')
        """
        if text == "C" and kind is not None:
            return self._letter_c(kind)
        found = self._found.get(text, _UNSEEN)
        if found is not _UNSEEN:
            return found
        if len(text) > MAX_TEXT:
            return None
        unit = self._look_up(text)
        if len(self._found) >= MAX_CACHED:
            self._found.clear()
        self._found[text] = unit
        return unit

    def dimension_of_kind(self, kind: str) -> str | None:
        """Dimension that the ontology demands of a quantity class (itself or by inheritance), or ``None`` when it demands none.

        ``None`` too where its parents demand different ones.
        """
        dimension = self._kind_dimension(kind)
        return None if dimension is None else dimension_key(dimension)

    def of_dimension(self, dimension: str) -> Sequence[str]:
        """IRIs of the ontologies' units that measure a dimension and convert."""
        if self._by_dimension is None:
            found: dict[Dimension, list[str]] = {}
            for iri, fact in self._facts.units.items():
                current = self._current(fact)
                if current.expression:
                    found.setdefault(current.dimension, []).append(iri)
            self._by_dimension = {dimension_key(measured): iris for measured, iris in found.items()}
        return self._by_dimension.get(dimension, ())

    def match_prefix(self, text: str, start: int) -> tuple[Unit, int] | None:
        """The longest unit that begins at a position of a question, and where it ends; ``None`` when none begins there.

        Symbols in their right case come first, then words and well-known symbols in any case (``ah``, ``amp hours``,
        ``degrees celsius``). A unit ends where no letter or digit follows; words like ``a``, ``in`` and ``at`` are no units.

        Args:
            text: The question.
            start: Position of the first character of the unit (not of a space before it).

        Example:
            >>> unit, end = Units(Facts((), {}, {}, {})).match_prefix("100 amp hours at 3 V", 4)
            >>> unit.name, end
            ('Ah', 13)
        """
        run = _UNIT_RUN.match(text, start, min(len(text), start + MAX_RUN))
        if run is None or text[start].isspace():
            return None
        for end in range(run.end(), start, -1):
            if _ENDS.fullmatch(text, end - 1, end) and not _GOES_ON.match(text, end):
                unit = self._in_sentence(text[start:end])
                if unit is not None:
                    return unit, end
        return None

    def _in_sentence(self, piece: str) -> Unit | None:
        words = piece.split()
        if piece in _NOT_ALONE or any(word in _NOT_AFTER_SPACE for word in words[1:]):
            return None
        if _NUMBER_INSIDE.search(piece, 2 if piece.startswith("1/") else 0) or _NEGATIVE_ALONE.match(piece):
            return None
        found = self._found.get(piece)
        if found is not None:
            return found
        return self.find("C") if piece in _C_RATE else self._plain(piece)

    def _letter_c(self, kind: str) -> Unit | None:
        dimension = self._kind_dimension(kind)
        if dimension == _TEMPERATURE:
            return None
        return self.find("coulomb" if dimension == _CHARGE else "C")

    def _look_up(self, text: str) -> Unit | None:
        text = text.strip()
        if text == "C":
            return self._unit(from_words("crate"), "C")
        if emmo := _EMMO.fullmatch(text):
            return self._of_emmo(text, emmo["name"])
        if qudt := _QUDT.fullmatch(text):
            return self._of_qudt(qudt["name"])
        if "://" in text:
            return None
        code = self._indexed().unece.get(text)
        return self._plain(text) if code is None else self._unit(code)

    def _of_emmo(self, text: str, name: str) -> Unit | None:
        index = self._indexed()
        fact = self._facts.units.get(text) or index.local.get(name)
        if fact is None and not _OPAQUE.match(name):
            fact = index.labels.get(_letters(name))
        if fact is None:
            return self._of_opaque(text, name) if _OPAQUE.match(name) else self._unit(from_words(name))
        return self._of_fact(self._current(fact))

    def _current(self, fact: UnitFact) -> UnitFact:
        """The unit that took the place of one that does not convert, if there is any."""
        concept = self._facts.concepts.get(fact.iri) if not fact.expression else None
        return self._facts.units.get(concept.replaced_by, fact) if concept is not None and concept.replaced_by else fact

    def _of_opaque(self, text: str, name: str) -> Unit | None:
        """The unit that took the place of an old IRI; of a class of quantities, the unit of that name (`CelsiusTemperature`)."""
        concept = self._facts.concepts.get(_EMMO_SPACE + name)
        former = packaged_former().get(text) if text.startswith(FORMER_STARTS) else None
        for iri in (former.today if former is not None else "", concept.replaced_by if concept is not None else ""):
            if iri in self._facts.units:
                return self._of_fact(self._facts.units[iri])
        if concept is None or self._kind_dimension(concept.iri) is None:
            return None
        return next((unit for label in concept.labels if (unit := self._unit(from_words(label.text))) is not None), None)

    def _of_qudt(self, name: str) -> Unit | None:
        expression = from_qudt(name)  # first, because a few EMMO units refer to a QUDT unit of another size
        if expression is not None:
            return self._unit(expression)
        fact = self._indexed().qudt.get(name)
        return None if fact is None else self._of_fact(fact)

    def _plain(self, text: str) -> Unit | None:
        expression = from_words(text) if len(text) > 2 and _WORDS.fullmatch(text) else None
        if expression is None:
            expression = from_symbols(text)
        if expression is not None:
            return self._unit(expression)
        index = self._indexed()
        fact = index.labels.get(_letters(text)) or index.symbols.get(normal(text))
        return None if fact is None else self._of_fact(fact)

    def _of_fact(self, fact: UnitFact) -> Unit | None:
        if not fact.expression:
            return None
        name = shown(read_expression(fact.expression))
        return Unit(name, fact.factor, fact.offset, dimension_key(fact.dimension), base_unit(fact.dimension))

    def _unit(self, expression: Expression | None, name: str = "") -> Unit | None:
        if expression is None or (not expression.powers and expression.coefficient != 1):
            return None  # a bare number is no unit
        try:
            size = self._measure(expression)
            factor, offset = float(size.factor), float(size.offset)
        except (ValueError, OverflowError):
            return None
        if not factor:
            return None  # too small for a float
        return Unit(name or shown(expression), factor, offset, dimension_key(size.dimension), base_unit(size.dimension))

    def _measure(self, expression: Expression) -> Measure:
        """Product of the sizes of the parts: from facts, else from the unit library (only names of our own table get here)."""
        atoms = self._indexed().atoms
        factor, exponents = expression.coefficient, [0] * len(_LETTER)
        for name, power in expression.powers:
            atom = atoms.get(name)
            if atom is None:
                atom = atoms[name] = _prefixed(name, atoms) or measure(Expression(((name, 1),)))
            if atom.offset and expression.powers == ((name, 1),):
                return atom
            factor *= atom.factor**power
            exponents = [total + power * n for total, n in zip(exponents, atom.dimension, strict=True)]
        length, mass, time, current, temperature, amount, light = exponents
        return Measure(factor, Fraction(0), (length, mass, time, current, temperature, amount, light))

    def _kind_dimension(self, kind: str) -> Dimension | None:
        if kind not in self._facts.concepts:
            return None
        if kind not in self._kinds:
            asked: dict[str, Dimension | None] = {}
            circles: list[str] = []
            self._demanded(kind, asked, set(), circles)
            # What a class in a circle of parents demands depends on where one began to ask.
            self._kinds.update({kind: asked[kind]} if circles else asked)
        return self._kinds[kind]

    def _demanded(self, kind: str, asked: dict[str, Dimension | None], opened: set[str], circles: list[str]) -> Dimension | None:
        """What the class itself demands, else what its parents agree on; circles of parents end, and are told."""
        if kind in self._kinds:
            return self._kinds[kind]
        concept = self._facts.concepts.get(kind)
        if kind in opened:
            circles.append(kind)
        if concept is None or kind in asked or kind in opened:
            return asked.get(kind)
        opened.add(kind)
        demanded = {found for r in concept.restrictions if (found := self._of_restriction(r)) is not None}
        if not demanded:
            parents = (self._demanded(parent, asked, opened, circles) for parent in concept.parents)
            demanded = {found for found in parents if found is not None}
        opened.discard(kind)
        asked[kind] = demanded.pop() if len(demanded) == 1 else None
        return asked[kind]

    def _of_restriction(self, restriction: Restriction) -> Dimension | None:
        fact = self._facts.units.get(restriction.filler) if restriction.property == HAS_MEASUREMENT_UNIT else None
        return None if fact is None else fact.dimension

    def _indexed(self) -> _Index:
        if self._index is None:
            self._index = _Index(self._facts)
        return self._index


class _Index:
    """Ways into the facts; the first in the order of IRIs wins, and one that converts before one that does not.

    A symbol that stands for units of different size (``D`` is denier and debye) leads to none of them.
    """

    def __init__(self, facts: Facts) -> None:
        self.atoms: dict[str, Measure] = {}
        self.local: dict[str, UnitFact] = {}
        self.labels: dict[str, UnitFact] = {}
        self.symbols: dict[str, UnitFact] = {}
        self.qudt: dict[str, UnitFact] = {}
        ambiguous: set[str] = set()
        for fact in sorted(facts.units.values(), key=lambda fact: (not fact.expression, fact.iri)):
            if _ATOM.fullmatch(fact.expression):
                size = Measure(Fraction(repr(fact.factor)), Fraction(repr(fact.offset)), fact.dimension)
                self.atoms.setdefault(fact.expression, size)
            self.local.setdefault(fact.iri.rpartition("#")[2], fact)
            self.labels.setdefault(_letters(fact.label), fact)
            if fact.qudt:
                self.qudt.setdefault(fact.qudt.rpartition("/")[2], fact)
            for symbol in (*fact.symbols, fact.ucum):
                if symbol:
                    known = self.symbols.setdefault(normal(symbol), fact)
                    if (known.factor, known.dimension) != (fact.factor, fact.dimension):
                        ambiguous.add(normal(symbol))
        for symbol in ambiguous:
            del self.symbols[symbol]
        self.unece = {code: row.expression for row in rows() for code in row.unece}


def _prefixed(name: str, atoms: dict[str, Measure]) -> Measure | None:
    for prefix, (_, ten) in PREFIXES.items():
        atom = atoms.get(name[len(prefix) :]) if name.startswith(prefix) else None
        if atom is not None and not atom.offset:
            return Measure(atom.factor * Fraction(10) ** ten, Fraction(0), atom.dimension)
    return None


def _letters(text: str) -> str:
    return _LETTERS.sub("", text).lower()
