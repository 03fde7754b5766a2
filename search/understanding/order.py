"""Superlatives and ``sorted by``: in which order the hits are wanted, ``lightest``, ``highest capacity``."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ontology.lookup import Candidate
from search.query import Order, QuantityPart, Query
from search.understanding.adjectives import Superlative, class_of, classes_of, phrase, superlatives
from search.understanding.kinds import Kind, KindReader, common_dimension
from search.understanding.question import Question
from search.understanding.roles import RoleReader
from search.understanding.vocabulary import Known, Vocabulary

_COUNT: Final = r"(?:(?:\d+(?:st|nd|rd|th)?|second|third|fourth|two|three|four|five|six|ten|twenty)\s+)?"
_MOST: Final = r"(?<!at )most|(?P<best>best)|highest|greatest|largest|biggest|longest|maximal|top(?:\s+\d+)?"
_LEAST: Final = r"lowest|smallest|least|shortest|fewest|minimal"
_SUPERLATIVE: Final = re.compile(
    r"(?<![\w-])(?:(?P<the>the\s+)?(?:(?P<maximum>maximum|max)|(?P<minimum>minimum|min))"
    rf"|(?:the\s+)?{_COUNT}(?:(?P<most>{_MOST})|(?P<least>{_LEAST}|(?P<worst>worst|poorest))))"
    rf"(?:\s+(?:first\s+)?to\s+(?:the\s+)?(?:{_LEAST}|highest|greatest|largest|biggest|longest))?\s+(?=\w)",
    re.IGNORECASE,
)
_SORTED: Final = re.compile(
    r"(?<!\w)(?:(?:sort(?:ed|ing)?|order(?:ed|ing)?|rank(?:ed|ing)?|arranged)\s+(?:by|on|after)|(?:in\s+)?order\s+of|by)\s+"
    r"(?:the\s+)?(?P<way>(?:descending|decreasing|ascending|increasing)\s+)?",
    re.IGNORECASE,
)
_WAY: Final = re.compile(
    r"[\s,(]*(?:(?P<down>desc(?:ending)?|decreasing|(?:highest|largest|greatest|heaviest) first"
    r"|(?:from )?high(?:est)? to low(?:est)?)"
    r"|(?P<up>asc(?:ending)?|increasing|(?:lowest|smallest|lightest) first|(?:from )?low(?:est)? to high(?:est)?))\b\)?",
    re.IGNORECASE,
)
_WAY_AFTER: Final = re.compile(
    r"[\s,(]+(?:descending|desc|ascending|asc|decreasing|increasing|high to low|low to high)\b", re.IGNORECASE
)
"""A way that stands after a kind without *by*: ``capacity, descending``."""
_ENDS: Final = re.compile(r"\s+(?:to\s+(?:the\s+)?\w+est|first|ones?)(?![\w-])", re.IGNORECASE)
"""After a superlative: ``from lightest to heaviest``, ``heaviest first``."""
_BEST_IS_LEAST: Final = frozenset(("M", "L²·M·T⁻³·I⁻²"))
"""Dimensions of masses and resistances."""
_HOW_MANY: Final = rf"(?<![\w-])(?:the\s+)?(?:top\s+)?{_COUNT}"
_TOP: Final = re.compile(r"(?<![\w-])(?:the\s+)?top(?:\s+\d+)?(?![\w-])", re.IGNORECASE)
_SORT_VERB: Final = re.compile(r"sort|order|rank|arrang", re.IGNORECASE)


class OrderReader:
    """Reads the order that a question asks for: the first one it names."""

    def __init__(self, question: Question, vocabulary: Vocabulary, known: Known) -> None:
        self._question = question
        self._vocabulary = vocabulary
        self._known = known
        self._kinds = KindReader(question, vocabulary, RoleReader(question, vocabulary))

    def read(self) -> None:
        """Set the order of the question."""
        self._question.order = self._sorted() or self._kind_and_way() or self._superlative() or self._named()

    def _superlative(self) -> Order | None:
        """``highest capacity``: the superlative, then the kind."""
        for match in _SUPERLATIVE.finditer(self._question.text):
            if not self._question.is_free(*match.span()) or self._names_its_kind(match):
                continue
            kind = self._kinds.after(match.end(), "", fillers=False)
            is_limit = match["the"] is None and (match["maximum"] or match["minimum"])  # "maximum capacity" is a kind of its own
            if kind is not None and kind.candidates and not (is_limit and self._is_kept(match.start(), kind.end)):
                ends = _ENDS.match(self._question.text, kind.end)
                self._question.take(match.start(), ends.end() if ends else kind.end)
                order = self._order(match.start(), kind, descending=bool(match["most"] or match["maximum"]))
                if (match["best"] or match["worst"]) and order.dimension in _BEST_IS_LEAST:
                    return replace(order, descending=not order.descending)
                return order
        return None

    def _names_its_kind(self, match: re.Match[str]) -> bool:
        """Whether the superlative is one of those that `_named` reads: ``most light``."""
        is_plain = match.group().lower().strip().endswith(("most", "least"))
        return is_plain and any(pattern.match(self._question.text, match.start()) for pattern, _ in _patterns())

    def _is_kept(self, start: int, end: int) -> bool:
        """Whether readable records have a kind of quantity of this name."""
        kind = self._kinds.named(start, end, "")
        return kind is not None and self._known.count([Query("", (_any_of(self._kinds.classes(kind), ""),))])[0] > 0

    def _sorted(self) -> Order | None:
        for match in _SORTED.finditer(self._question.text):
            kind = self._kinds.after(match.end(), "", fillers=False)
            if kind is None or not kind.candidates:
                continue
            way = _WAY.match(self._question.text, kind.end)
            said = (match["way"] or "").lower()
            top = _TOP.search(self._question.text, 0, match.start())
            if _SORT_VERB.search(match.group()) is None and way is None and not said and top is None:
                continue
            is_up = said.startswith(("asc", "incr")) or (way is not None and way["up"] is not None)
            is_down = said.startswith(("desc", "decr")) or (way is not None and way["down"] is not None) or top is not None
            descending = is_down or (match.group().lower().startswith("rank") and not is_up)
            if top is not None:
                self._question.take(*top.span())
            end = way.end() if way else kind.end
            self._question.take(match.start(), end)
            return self._order(match.start(), Kind(kind.start, end, kind.candidates), descending=descending)
        return None

    def _kind_and_way(self) -> Order | None:
        """``capacity, descending``: the kind, then the way."""
        for match in _WAY_AFTER.finditer(self._question.text):
            kind = self._kinds.before(match.start(), "")
            way = _WAY.match(self._question.text, match.start())
            if kind is not None and kind.candidates and way is not None:
                self._question.take(kind.start, way.end())
                return self._order(kind.start, Kind(kind.start, way.end(), kind.candidates), descending=way["down"] is not None)
        return None

    def _named(self) -> Order | None:
        """``lightest``: a superlative that names its kind itself."""
        for pattern, superlative in _patterns():
            for match in pattern.finditer(self._question.text):
                if self._question.is_free(*match.span()):
                    ends = _ENDS.match(self._question.text, match.end())
                    self._question.take(match.start(), ends.end() if ends else match.end())
                    classes = classes_of(superlative.kinds, self._vocabulary)
                    firsts = [iri for label in superlative.kinds if (iri := class_of(label, self._vocabulary))]
                    dimension = common_dimension(self._vocabulary, firsts)
                    return Order(match.group(), classes, superlative.kinds, dimension, "", superlative.greatest)
        return None

    def _order(self, start: int, kind: Kind, *, descending: bool) -> Order:
        candidates, dimension = self._of_one_dimension(kind.candidates)
        classes = self._kinds.classes(Kind(kind.start, kind.end, candidates))
        labels = tuple(dict.fromkeys(candidate.label for candidate in candidates))
        return Order(self._question.text[start : kind.end].strip(), classes, labels, dimension, "", descending)

    def _of_one_dimension(self, candidates: tuple[Candidate, ...]) -> tuple[tuple[Candidate, ...], str]:
        """The candidates that can be compared; of several dimensions (energy density) the one that most records have."""
        groups: dict[str, list[Candidate]] = {}
        for candidate in candidates:
            groups.setdefault(self._vocabulary.units.dimension_of_kind(candidate.iri) or "", []).append(candidate)
        if len(groups) == 1:
            dimension, group = groups.popitem()
            return tuple(group), dimension
        asked = {
            dimension: Query("", (_any_of(self._kinds.classes(Kind(0, 0, tuple(group))), dimension),))
            for dimension, group in groups.items()
        }
        counts = dict(zip(asked, self._known.count(list(asked.values())), strict=True))
        dimension = max(groups, key=lambda one: counts[one])  # the first of equals
        return tuple(groups[dimension]), dimension


def _any_of(kinds: frozenset[str], dimension: str) -> QuantityPart:
    return QuantityPart("", kinds, (), None, None, False, False, "", dimension)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Superlative], ...]:
    said = sorted(((words, one) for one in superlatives() for words in one.words), key=lambda row: -len(row[0]))
    return tuple((re.compile(rf"{_HOW_MANY}{phrase(words)}(?![\w-])", re.IGNORECASE), one) for words, one in said)
