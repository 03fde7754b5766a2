"""From a question in free words to visible parts: quantities with units, concepts, and what stays text.

Steps, each on what the steps before left over:

1. Numbers with a unit (or with the name of a pure number, such as *cycle life*), the condition beside them and the kind of quantity
   they belong to: ``nominal voltage between 3.2 and 3.7 V``.
2. Concepts, the longest name first; a broader word after a name only repeats it (*LP30 electrolyte*, *NMC cathode*).
3. Every other word that is no stop word is looked for in titles and texts, model codes in one piece (``INR18650-MJ1``).

A number without a condition means *about*: within `EQUAL`; ``around`` and ``~`` mean within `APPROXIMATE`. Decimal point or comma;
thousands in groups by comma, space or narrow space (``1,000``, ``1 000``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ontology import terms
from ontology.concepts import Concepts
from ontology.lookup import STOP_WORDS, Candidate, Lookup, Span
from ontology.model import Kind
from ontology.units import Unit, Units
from search.query import ConceptPart, Part, QuantityPart, Query, TextPart

EQUAL = 0.005
"""A number without a condition matches within this share of itself."""
APPROXIMATE = 0.05
"""A number after *about* matches within this share of itself."""
SAME_STANDING = 0.03
"""Candidates whose score is this near to the best one's are meant as well."""

_ABOUT_ALL = (
    "cell cells battery batteries accumulator accumulators record records device devices electrochemical specification "
    "specifications manufacturer manufacturers brand company supplier"
)
_ABOUT_NOTHING = (
    "available based called chemistry chemistries contain containing contains format formats go having include including kind "
    "kinds manufactured named please produced rated search shape shaped size sized some something sort sorts type types value "
    "values want"
)
_BETWEEN_KIND_AND_NUMBER = "a an are as at be being equals has have having is of that the their to was were which whose with"
_SOFT = frozenset(_ABOUT_ALL.split())
"""Words for what every record is about: they count only when there is nothing else in the question."""
_SILENT = STOP_WORDS | frozenset(_ABOUT_NOTHING.split())
"""Words that are never looked for in texts."""
_FILLERS = frozenset(_BETWEEN_KIND_AND_NUMBER.split())
"""Words that may stand between the name of a kind and its number."""
_NAMES = {
    "current": "electric current",
    "potential": "voltage",
    **dict.fromkeys(("weigh", "weighs", "weighing", "lighter", "heavier", "heavy", "light"), "mass"),
    **dict.fromkeys(("long", "longer", "shorter"), "length"),
    **dict.fromkeys(("thick", "thicker", "thinner", "thin"), "thickness"),
    **dict.fromkeys(("wide", "wider", "narrower"), "width"),
    **dict.fromkeys(("tall", "taller", "high"), "height"),
    **dict.fromkeys(("hotter", "warmer", "colder", "cooler"), "temperature"),
    **dict.fromkeys(("cycle", "cycles"), "cycle life"),
}
"""What a single word beside a number says about its kind, as a name that the ontology knows."""
_VARIANTS = {"max": "maximum", "min": "minimum", "discharge": "discharging", "charge": "charging"}
"""How the ontology writes words of longer names."""

_MORE = "above|over|beyond|exceeding|exceeds?|past"
_LESS = "below|under|beneath|within"
_COMPARED_MORE = "more|greater|larger|bigger|higher|heavier|longer|thicker|wider|taller|hotter|warmer|better"
_COMPARED_LESS = "less|fewer|smaller|lower|lighter|shorter|thinner|narrower|colder|cooler"
_NOT_MORE, _NOT_LESS = (
    rf"(?:no|not) (?:{_COMPARED_MORE}) than|not (?:{_MORE})",
    rf"(?:no|not) (?:{_COMPARED_LESS}) than|not (?:{_LESS})",
)
_BEFORE = tuple(
    (sign, re.compile(rf"(?:{symbols}|(?<!\w)(?:{words}))\s*\Z", re.IGNORECASE))
    for sign, symbols, words in (
        (">=", ">=|=>|≥", rf"at least|minimum(?: of)?|min\.?|from|starting (?:at|from)|{_NOT_LESS}"),
        ("<=", "<=|=<|≤", rf"at most|maximum(?: of)?|max\.?|up to|{_NOT_MORE}"),
        (">", ">", rf"(?:{_COMPARED_MORE}) than|{_MORE}"),
        ("<", "<", rf"(?:{_COMPARED_LESS}) than|{_LESS}"),
        ("~", "~|≈|≃", r"about|around|approximately|approx\.?|circa|ca\.?|roughly|nearly|near"),
        ("=", "==?", r"exactly|equals?(?: to)?"),
    )
)
_BETWEEN = re.compile(r"(?<!\w)(?:between|from|in the range(?: of)?|range(?: of)?)\s*\Z", re.IGNORECASE)
_OR_MORE = r"or (?:more|greater|larger|bigger|higher|above|over|longer|heavier|better)|and (?:above|up|over)|minimum"
_OR_LESS = r"or (?:less|fewer|smaller|lower|below|under|shorter|lighter)|and (?:below|under)|at most|maximum|max"
_AFTER = (
    (">=", re.compile(rf"\s*(?:\+(?!\s*[\d/-])|(?:{_OR_MORE})\b)", re.IGNORECASE)),
    ("<=", re.compile(rf"\s*(?:{_OR_LESS})\b", re.IGNORECASE)),
)
_TO = re.compile(r"\s*(?:-|–|—|\.\.\.?|…|\bto\b|\band\b|\buntil\b)\s*", re.IGNORECASE)
_PLUS_MINUS = re.compile(r"\s*(?:±|\+/-|\+-)\s*")
_NUMBER = re.compile(
    r"""(?<![\w.,])(?<![A-Za-z]-)[+−-]?
    (?:\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:[\x20\u00a0\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d+,\d{1,2}(?!\d)|\d+(?:\.\d+)?|\.\d+)
    (?:[eE][+−-]?\d+)?""",
    re.VERBOSE,
)
_MODEL = re.compile(r"(?<!\w)[A-Za-z]+\d\w*(?:[-/.]\w+)*")
"""A model code: a number inside it is no quantity (``LP71173207-272Ah``)."""
_GROUPS = re.compile(r"[ \u00a0\u202f]|,(?=\d{3}(?!\d))")
_WORD = re.compile(r"[^\W_]+(?:['’./+_-]?[^\W_]+)*")
_SPACE = re.compile(r"\s*")
_REACH = 5
"""Most words that name the kind of a quantity."""


class _Number(NamedTuple):
    """A number in the question, with its unit when one follows."""

    start: int
    end: int
    value: float
    unit: Unit | None
    unit_text: str
    or_more: bool


@dataclass(frozen=True, slots=True)
class _Amount:
    """A condition on a number as the question has it: bounds in the unit as asked."""

    start: int
    end: int
    low: float | None
    high: float | None
    low_included: bool
    high_included: bool
    unit: Unit
    unit_text: str
    asked: str


class _Kind(NamedTuple):
    """The kind of a quantity, and which words of the question name it."""

    start: int
    end: int
    candidates: tuple[Candidate, ...]


_Placed = tuple[int, Part]


def understand(text: str, *, lookup: Lookup, concepts: Concepts, units: Units) -> Query:
    """Turn a question into parts, in the order of the question.

    Args:
        text: The question in free words.
        lookup: Finds concepts by what people write.
        concepts: Labels and narrower concepts.
        units: Finds units in running text.

    >>> from ontology.model import Facts
    >>> nothing = Concepts(Facts((), {}, {}, {}))
    >>> units = Units(nothing.facts)
    >>> query = understand("A123 above 100 Ah", lookup=Lookup(nothing, abbreviations=()), concepts=nothing, units=units)
    >>> [part.text for part in query.parts], query.parts[1].asked
    (['A123', 'above 100 Ah'], '> 100 Ah')
    """
    return _Reading(text, lookup, concepts, units).query()


def concept_part(iri: str, concepts: Concepts) -> ConceptPart:
    """The part that a click on this concept in a facet adds: this concept alone, without narrower ones."""
    label = concepts.label(iri)
    return ConceptPart(label, (iri,), (label,), frozenset({iri}))


class _Reading:
    """One question while it is read; ``taken`` are the stretches of text that are understood."""

    def __init__(self, text: str, lookup: Lookup, concepts: Concepts, units: Units) -> None:
        self._text = text
        self._lookup = lookup
        self._concepts = concepts
        self._units = units
        self._spans = lookup.spans(text)
        self._taken: list[tuple[int, int]] = []
        named = ((span.start, span.end) for span in self._spans if not _NUMBER.fullmatch(span.text))
        self._names = sorted([*named, *(match.span() for match in _MODEL.finditer(text))])

    def query(self) -> Query:
        placed = self._quantities()
        soft, concepts = self._concept_parts()
        placed += concepts
        placed += self._words()
        parts = [part for _, part in sorted(placed or soft, key=lambda one: one[0])]
        return Query(self._text, tuple(dict.fromkeys(parts)))

    # Quantities

    def _quantities(self) -> list[_Placed]:
        placed: list[_Placed] = []
        position = 0
        while (match := _NUMBER.search(self._text, position)) is not None:
            position = match.end()
            name_end = max((end for start, end in self._names if start <= match.start() < end), default=0)
            if name_end:
                position = name_end
                continue
            amount = self._amount(match)
            if amount is None or not all(bound is None or math.isfinite(bound) for bound in (amount.low, amount.high)):
                continue
            part = self._quantity(amount)
            if part is not None:
                placed.append(part)
                position = max(position, self._taken[-1][1])
        return placed

    def _amount(self, match: re.Match[str]) -> _Amount | None:
        """The condition of which this is the (first) number; ``None`` when it has no unit and names no count."""
        text = self._text
        first = self._number(match)
        for link in (_PLUS_MINUS, _TO):
            joint = link.match(text, first.end)
            second_match = _NUMBER.match(text, joint.end()) if joint else None
            if joint is None or second_match is None:
                continue
            second = self._number(second_match)
            if second.unit is None or (first.unit is not None and first.unit.dimension != second.unit.dimension):
                continue
            if link is _PLUS_MINUS:
                return self._bounded(first.start, second.end, first.value - second.value, first.value + second.value, second)
            between = _BETWEEN.search(text, 0, first.start)
            if joint.group().strip().lower() == "and" and between is None:
                continue
            low = first.value if first.unit is None else second.unit.from_base(first.unit.to_base(first.value))
            start = between.start() if between else first.start
            return self._bounded(start, second.end, min(low, second.value), max(low, second.value), second)
        return self._single(first)

    def _number(self, match: re.Match[str]) -> _Number:
        value = float(_decimal(match.group()))
        at = _SPACE.match(self._text, match.end())
        start = at.end() if at else match.end()
        or_more = self._text.startswith("+", start)  # 100+ Ah
        if or_more:
            start += 1 + (self._text[start + 1 : start + 2] == " ")
        found = self._units.match_prefix(self._text, start) if start < len(self._text) else None
        glued = start == match.end() and found is not None and self._text[found[1] - 1].isdigit()
        if found is None or glued:  # "40ps1" is a model code, not forty per second
            return _Number(match.start(), match.end(), value, None, "", or_more)
        return _Number(match.start(), found[1], value, found[0], self._text[start : found[1]], or_more)

    def _bounded(self, start: int, end: int, low: float, high: float, number: _Number) -> _Amount | None:
        if number.unit is None:
            return None
        asked = f"{low:g}–{high:g} {_shown(number)}".strip()
        return _Amount(start, end, low, high, True, True, number.unit, number.unit_text, asked)

    def _single(self, number: _Number) -> _Amount | None:
        text, unit = self._text, number.unit
        sign, start, end = "", number.start, number.end
        for before_sign, pattern in _BEFORE:
            found = pattern.search(text, 0, number.start)
            if found:
                sign, start = before_sign, found.start()
                break
        if not sign:
            sign = ">=" if number.or_more else ""
            for after_sign, pattern in _AFTER:
                after = pattern.match(text, number.end)
                if after and not sign:
                    sign, end = after_sign, after.end()
        if unit is None:
            if not sign:
                return None
            unit = Unit("", 1.0, 0.0, "1", "1")
        value, shown = number.value, _shown(number)
        if sign in {"", "=", "~"}:
            share = APPROXIMATE if sign == "~" else EQUAL
            spread = abs(value) * share
            asked = f"{'≈' if sign == '~' else '='} {value:g} {shown} (±{100 * share:g} %)"
            return _Amount(start, end, value - spread, value + spread, True, True, unit, number.unit_text, asked)
        asked = f"{sign.replace('>=', '≥').replace('<=', '≤')} {value:g} {shown}".strip()
        low, high = (value, None) if sign.startswith(">") else (None, value)
        return _Amount(start, end, low, high, sign == ">=", sign == "<=", unit, number.unit_text, asked)

    def _quantity(self, amount: _Amount) -> _Placed | None:
        """The part for a condition, with the kind that the words around it name; ``None`` for a bare number."""
        kind = self._kind_before(amount) or self._kind_in(amount) or self._kind_after(amount)
        if kind is None and amount.unit.dimension == "1":
            return None
        start, end = amount.start, amount.end
        kinds: frozenset[str] = frozenset()
        labels: tuple[str, ...] = ()
        if kind is not None:
            start, end = min(start, kind.start), max(end, kind.end)
            kinds = frozenset().union(*(self._concepts.narrower(candidate.iri) for candidate in kind.candidates))
            labels = tuple(dict.fromkeys(candidate.label for candidate in kind.candidates))
        self._taken.append((start, end))
        low, high = amount.low, amount.high
        part = QuantityPart(
            text=self._text[start:end].strip(),
            kinds=kinds,
            labels=labels,
            minimum=None if low is None else amount.unit.to_base(low),
            maximum=None if high is None else amount.unit.to_base(high),
            minimum_included=amount.low_included,
            maximum_included=amount.high_included,
            unit=amount.unit_text if amount.unit.dimension != "1" else "",
            dimension=amount.unit.dimension,
            asked=amount.asked,
        )
        return start, part

    def _kind_before(self, amount: _Amount) -> _Kind | None:
        free = max((end for _, end in self._taken if end <= amount.start), default=0)
        words = list(_WORD.finditer(self._text, free, amount.start))
        while words and words[-1].group().lower() in _FILLERS:
            words.pop()
        if not words or not self._only_filled(words[-1].end(), amount.start):
            return None
        for count in range(min(_REACH, len(words)), 0, -1):
            if self._only_filled(words[-count].start(), amount.start, words[-count:]):
                found = self._kind(words[-count].start(), words[-1].end(), amount)
                if found is not None:
                    return found
        return None

    def _kind_in(self, amount: _Amount) -> _Kind | None:
        """A kind named by the condition itself (``lighter than``) or by the unit (``3000 cycles``)."""
        for word in _WORD.finditer(self._text, amount.start, amount.end):
            if word.group().lower() in _NAMES:
                found = self._kind(word.start(), word.end(), amount)
                if found is not None:
                    return found
        return None

    def _kind_after(self, amount: _Amount) -> _Kind | None:
        words: list[re.Match[str]] = []
        for word in _WORD.finditer(self._text, amount.end):
            if not self._only_filled(words[-1].end() if words else amount.end, word.start()) or len(words) == _REACH:
                break
            words.append(word)
        while words and words[0].group().lower() in _FILLERS:
            words.pop(0)
        for count in range(len(words), 0, -1):
            found = self._kind(words[0].start(), words[count - 1].end(), amount)
            if found is not None and not self._belongs_to_next(words[count - 1].end()):
                return found
        return None

    def _belongs_to_next(self, end: int) -> bool:
        """Whether a condition or a number follows: then the words before it name the kind of that one."""
        following = _NUMBER.search(self._text, end)
        if following is None:
            return False
        gap = self._text[end : following.start()]
        return (
            not gap.strip(" :")
            or any(pattern.fullmatch(gap.lstrip()) for _, pattern in _BEFORE)
            or bool(_BETWEEN.fullmatch(gap.lstrip()))
        )

    def _only_filled(self, start: int, end: int, words: Sequence[re.Match[str]] = ()) -> bool:
        """Whether nothing but filler words, spaces and these words stand in this stretch."""
        rest = "".join(" " if any(w.start() <= i < w.end() for w in words) else self._text[i] for i in range(start, end))
        return not re.sub(r"[\s:=(]", "", " ".join(word for word in rest.split() if word.lower().strip(":=(") not in _FILLERS))

    def _kind(self, start: int, end: int, amount: _Amount) -> _Kind | None:
        """The quantity classes that exactly this stretch names, and that can have this dimension."""
        written = self._text[start:end]
        words = written.lower().split()
        if words[0] in _SILENT or words[-1] in _SILENT:
            return None
        said = _NAMES.get(words[0], written) if len(words) == 1 else " ".join(_VARIANTS.get(word, word) for word in words)
        exact = next((span.candidates for span in self._spans if (span.start, span.end) == (start, end)), ())
        known = (self._lookup.find(said, limit=8) if len(words) == 1 else exact, self._lookup.find(written, limit=8))
        found = (*known, self._lookup.find(said, limit=8))
        for least in (0.8, 0.5) if len(words) > 1 and _SOFT.isdisjoint(words) else (0.8,):
            for candidates in found:
                fitting = [
                    one for one in candidates if one.score >= least and self._fits(one, amount.unit.dimension, sure=least > 0.5)
                ]
                if fitting:
                    best = max(one.score for one in fitting)
                    return _Kind(start, end, tuple(one for one in fitting if one.score >= best - SAME_STANDING))
        return None

    def _fits(self, candidate: Candidate, dimension: str, *, sure: bool) -> bool:
        """Whether it is a class of quantities that has this dimension; one that demands none must be named surely."""
        concept = self._concepts.get(candidate.iri)
        if concept is None or concept.kind is not Kind.CLASS:
            return False
        demanded = self._units.dimension_of_kind(candidate.iri)
        return demanded == dimension if demanded is not None else (sure or dimension == "1") and self._is_quantity(candidate.iri)

    def _is_quantity(self, iri: str) -> bool:
        return terms.QUANTITY in self._concepts.ancestors(iri)

    # Concepts

    def _concept_parts(self) -> tuple[list[_Placed], list[_Placed]]:
        """Parts for generic words (only wanted when there is nothing else), and parts for all other concepts."""
        soft: list[_Placed] = []
        firm: list[_Placed] = []
        previous: Span | None = None
        for span in self._spans:
            if any(start < span.end and span.start < end for start, end in self._taken):
                continue
            part = self._concept(span)
            if part is None:
                continue
            self._taken.append((span.start, span.end))
            if (
                previous is not None
                and firm
                and not self._text[previous.end : span.start].strip(" -")
                and self._repeats(span, previous)
            ):
                start, before = firm[-1]
                firm[-1] = start, _renamed(before, self._text[start : span.end])
            elif all(word.lower() in _SOFT for word in re.split(r"[\s_-]+", span.text)):
                soft.append((span.start, part))
            else:
                firm.append((span.start, part))
            previous = span
        return soft, firm

    def _concept(self, span: Span) -> ConceptPart | None:
        best = max(candidate.score for candidate in span.candidates)
        meant: dict[str, Candidate] = {}
        for candidate in sorted(span.candidates, key=lambda one: one.deprecated):
            concept = self._concepts.get(candidate.iri)
            if concept is not None and concept.kind is Kind.CLASS and candidate.score >= best - SAME_STANDING:
                meant.setdefault(candidate.iri, candidate)
        if not meant:
            return None
        expanded = frozenset(meant).union(*(self._concepts.narrower(iri) for iri in meant))
        labels = tuple(self._concepts.label(iri) for iri in meant)
        return ConceptPart(span.text, tuple(meant), labels, expanded, round(best, 3), self._literally(span, meant.values()))

    def _literally(self, span: Span, meant: Iterable[Candidate]) -> tuple[str, ...]:
        """Words that mean the same in a title: sizes, abbreviations (``LFP``), quantities (*Energy* may be part of a company)."""
        if any(self._is_quantity(candidate.iri) for candidate in meant):
            return (span.text,)
        written = [_codes(span.text), *(_codes(candidate.matched.text) for candidate in meant)]
        return next(((codes,) for codes in written if codes), ())

    def _repeats(self, head: Span, name: Span) -> bool:
        """Whether the head is broader than the name before it (*LP30 electrolyte*); an electrode's sign counts as electrode."""
        broader = {candidate.iri for candidate in head.candidates}
        if any(terms.ELECTRODE in self._concepts.ancestors(iri) for iri in broader):
            broader.add(terms.ELECTRODE)
        return any(not broader.isdisjoint(self._concepts.ancestors(candidate.iri)) for candidate in name.candidates)

    # Text

    def _words(self) -> list[_Placed]:
        """What is left: words and model codes that are no stop words."""
        placed: list[_Placed] = []
        for match in _WORD.finditer(self._text):
            word = match.group().lower()
            if any(start < match.end() and match.start() < end for start, end in self._taken):
                continue
            if word in _SILENT or word in _SOFT or (len(word) == 1 and not word.isdigit()):
                continue
            placed.append((match.start(), TextPart(match.group())))
        return placed


def _renamed(part: Part, text: str) -> Part:
    return replace(part, text=text) if isinstance(part, ConceptPart) else part


def _codes(text: str) -> str:
    """Its abbreviations, formulae, sizes and models, without its plain words."""
    codes = (word for word in _WORD.findall(text) if (word.isupper() and len(word) > 1) or any(letter.isdigit() for letter in word))
    return " ".join(codes)


def _decimal(written: str) -> str:
    return _GROUPS.sub("", written).replace("−", "-").replace(",", ".")


def _shown(number: _Number) -> str:
    return number.unit_text if number.unit is not None and (number.unit.dimension != "1" or number.unit.factor != 1) else ""


def merged(query: Query, added: Iterable[Part], without: Iterable[int] = ()) -> Query:
    """The query without the parts at these positions, and with these parts added."""
    left_out = set(without)
    kept = [part for position, part in enumerate(query.parts) if position not in left_out]
    return Query(query.text, tuple(dict.fromkeys([*kept, *added])))
