"""Superlatives and ``sorted by``: in which order the hits are wanted, ``lightest``, ``highest capacity``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from ontology.lookup import Candidate
from ontology.units import Units
from search.query import Order, OrderBy, QuantityPart, Query, dated_order
from search.understanding.adjectives import Superlative, class_of, classes_of, measured, phrase, superlatives
from search.understanding.kinds import Kind, KindReader, common_dimension
from search.understanding.question import Question
from search.understanding.roles import RoleReader
from search.understanding.said_units import said_units
from search.understanding.vocabulary import Known, Vocabulary

_COUNT: Final = (
    r"(?:(?:single|very|absolute|overall|all-time)\s+)?"
    r"(?:(?:\d+(?:st|nd|rd|th)?|second|third|fourth|two|three|four|five|six|ten|twenty)\s+)?"
)
_HOW_MANY: Final = rf"(?<![\w-])(?:the\s+)?(?:top\s+)?{_COUNT}"
_HIGH: Final = r"highest|greatest|largest|biggest|longest|widest|tallest|strongest|hottest|warmest|heaviest"
_LOW: Final = r"lowest|smallest|least|shortest|narrowest|fewest|weakest|coldest|coolest|deepest|lightest"
_MOST: Final = rf"(?<!at )most|(?P<best>best)|{_HIGH}|maximal|top(?:\s+(?:\d+|three|four|five|six|ten|twenty))?"
_LEAST: Final = rf"{_LOW}|minimal"
_SAID_OF_LIMITS: Final = (
    r"(?:permitted|permissible|allowed|allowable|admissible|possible|stated|specified|reported|recommended|given|known)"
)
"""Between a superlative and its kind: ``highest permitted discharge temperature``."""
_SUPERLATIVE: Final = re.compile(
    r"(?<![\w-])(?:(?P<the>the\s+)?(?:(?P<maximum>maximum|max)|(?P<minimum>minimum|min))"
    rf"|(?:the\s+)?{_COUNT}(?:(?P<most>{_MOST})|(?P<least>{_LEAST}|(?P<worst>worst|poorest))))"
    rf"(?:\s+(?:first\s+)?to\s+(?:the\s+)?(?:{_LEAST}|{_HIGH}))?(?:\s+\((?:(?P<high>{_HIGH})|(?P<low>{_LOW}))\))?"
    rf"(?:\s+{_SAID_OF_LIMITS})?[\s-]+(?=\w)",
    re.IGNORECASE,
)
_SORTED: Final = re.compile(
    r"(?<!\w)(?:(?:sort(?:ed|ing)?|order(?:ed|ing)?|rank(?:ed|ing)?|arranged?|list(?:ed)?)\s+(?:[\w-]+\s+){0,3}?(?:by|on|after)"
    r"|(?:in\s+)?order\s+of|by)\s+"
    r"(?:the\s+)?(?P<way>(?:descending|decreasing|ascending|increasing)\s+)?",
    re.IGNORECASE,
)
_WAY: Final = re.compile(
    r"[\s,(]*(?:(?P<down>desc(?:ending)?|decreasing|(?:best|most|highest|largest|greatest|biggest|longest|heaviest) first"
    r"|(?:from )?high(?:est)? to low(?:est)?)"
    r"|(?P<up>asc(?:ending)?|increasing|(?:least|lowest|smallest|shortest|lightest) first"
    r"|(?:from )?low(?:est)? to high(?:est)?))\b\)?",
    re.IGNORECASE,
)
_WAY_AFTER: Final = re.compile(
    r"[\s,(]+(?:descending|desc|ascending|asc|decreasing|increasing|high to low|low to high)\b", re.IGNORECASE
)
"""A way that stands after a kind without *by*: ``capacity, descending``."""
_ENDS: Final = re.compile(r"[\s,(]+(?:to\s+(?:the\s+)?\w+est|(?:\w+est\s+)?first|ones?)(?![\w-])\)?", re.IGNORECASE)
"""After a superlative: ``from lightest to heaviest``, ``heaviest first``."""
_DOES: Final = re.compile(
    r"(?<![\w-])(?:stor|accept|tak|withstand|tolerat|endur|surviv|stand|sustain|support|handl|achiev|reach|provid|giv|allow|permit|cop)"
    r"(?:es|e|s|ing|ed)?\s+(?:with\s+)?\Z",
    re.IGNORECASE,
)
"""Before a superlative, what a cell does with the quantity: ``storing the most watt hours``."""
_LATER: Final = re.compile(
    r"[,(:]\s*|(?<!\w)(?:in\s+terms\s+of|regarding|with\s+(?:respect|regard)\s+to|as\s+to|in)\s+(?:the\s+|mm\s+|cm\s+)?",
    re.IGNORECASE,
)
"""Before the kind that follows what it is of: ``highest cell, height in mm``, ``biggest coin cell (diameter)``."""
_OF_ITS_OWN: Final = re.compile(r"heavi|light", re.IGNORECASE)
"""Superlatives that name their kind themselves, unless one follows at once: *the heaviest loading*."""
_HEAT: Final = re.compile(r"(?:hott|warm|cold|cool)est", re.IGNORECASE)
_OF_DOING: Final = re.compile(r"\s*(?P<kind>temperature|voltage)s?(?![\w-])", re.IGNORECASE)
"""Kinds of which there are several, by what is done with a cell."""
_DONE: Final = re.compile(
    r"(?<![\w-])(?:(?:which\s+|that\s+)?(?:can|may|could)\s+(?:still\s+)?be\s+|(?:when|while|during|on|for|in)\s+)?"
    r"(?:(?P<discharging>discharg\w+)|(?P<charging>(?:re)?charg\w+)|(?P<storage>stor(?:ed?|age|ing|able)(?!\w))"
    r"|(?P<operating>operat\w+|work(?:s|ing|able)?(?!\w)|us(?:ed|age|able|e)(?!\w)|runs?(?!\w)))(?:\s+(?:up|down)(?=\s+to))?",
    re.IGNORECASE,
)
"""What is done with a cell: ``charged at the lowest temperature``, ``highest temperature while discharging``."""
_ENDS_OF_RANGE: Final = (("Minimum", "Maximum"), ("Lower", "Upper"))
"""How classes of the two ends of a range begin."""
_BEST_IS_LEAST: Final = frozenset(("M", "L²·M·T⁻³·I⁻²"))
"""Dimensions of masses and resistances."""
_TOP: Final = re.compile(rf"(?<![\w-])(?:the\s+)?top\s+{_COUNT}(?=\w)", re.IGNORECASE)
_NUMBER_OF: Final = re.compile(r"(?:number|amount|count)\s+of\s+(?=\w)", re.IGNORECASE)
"""Before what is counted: *the greatest number of ampere hours*."""
_SPAN: Final = re.compile(
    r"(?<![\w-])(?:the\s+)?(?:widest|broadest|largest|biggest|greatest|narrowest|smallest)\s+(?=(?:\w+\s+){1,2}(?:range|window|span)s?(?!\w))",
    re.IGNORECASE,
)
"""How far a range reaches, of which no record has a number: *widest temperature range* is no order by width."""
_OUT: Final = r"(?=\s+(?:published|released?|launched|introduced)(?![\w-]))"
_NEWEST: Final = rf"newest|latest|youngest|most\s+recent(?:ly)?|last{_OUT}"
_OLDEST: Final = rf"oldest|earliest|least\s+recent(?:ly)?|first{_OUT}"
_DATED: Final = re.compile(
    rf"{_HOW_MANY}(?:(?P<newest>{_NEWEST})|{_OLDEST})(?:\s+(?:published|made|created|added|dated|(?P<released>released?|launched|introduced)))?"
    r"(?:\s+(?:first|ones?))?(?![\w-])",
    re.IGNORECASE,
)
_BY_DATE: Final = re.compile(
    r"(?<![\w-])(?:(?:(?:sort(?:ed|ing)?|order(?:ed|ing)?|rank(?:ed|ing)?|arranged)\s+)?by\s+(?:the\s+)?(?:(?P<released>release)\s+|publication\s+)?"
    r"(?:date|year|age)(?:\s+of\s+(?:publication|(?P<of_release>release)))?|(?:in\s+)?(?P<turned>reverse\s+)?chronological(?:ly)?(?:\s+order)?)"
    r"(?:[\s,(]*(?P<up>asc(?:ending)?|increasing|oldest\s+first|earliest\s+first)\b\)?"
    r"|[\s,(]*(?:desc(?:ending)?|decreasing|newest\s+first|latest\s+first)\b\)?)?(?![\w-])",
    re.IGNORECASE,
)
_SORT_VERB: Final = re.compile(r"sort|order|rank|arrang|list", re.IGNORECASE)


SAYS_MOST: Final = re.compile(r"est(?!\w)|most|least|first", re.IGNORECASE)
"""What every superlative has."""


class _Said(NamedTuple):
    """Where a superlative stands, and whether the greatest comes first."""

    start: int
    end: int
    greatest: bool


class OrderReader:
    """Reads the order that a question asks for: the first one it names."""

    def __init__(self, question: Question, vocabulary: Vocabulary, known: Known) -> None:
        self._question = question
        self._vocabulary = vocabulary
        self._known = known
        self._kinds = KindReader(question, vocabulary, RoleReader(question, vocabulary))
        self._patterns = _patterns() if SAYS_MOST.search(question.text) else ()

    def read(self) -> None:
        """Set the order of the question."""
        for span in _SPAN.finditer(self._question.text):
            self._question.take(*span.span())
        order = (
            self._sorted() or self._kind_and_way() or self._superlative() or self._of_later_kind() or self._named() or self._dated()
        )
        self._question.order = order
        if order is not None and order.by is OrderBy.QUANTITY:
            self._take_repeated(order)

    def _superlative(self) -> Order | None:
        """``highest capacity``: the superlative, then the kind."""
        for match in _SUPERLATIVE.finditer(self._question.text):
            if not self._question.is_free(*match.span()):
                continue
            done = self._of_doing(match)
            kind = done or self._kind_after(match.end())
            is_limit = match["the"] is None and (match["maximum"] or match["minimum"])  # "maximum capacity" is a kind of its own
            if kind is None or not kind.candidates or (not done and self._names_its_kind(match, kind)):
                continue
            if not (is_limit and self._is_kept(match.start(), kind.end)):
                ends = _ENDS.match(self._question.text, kind.end)
                does = _DOES.search(self._question.text, 0, match.start())
                self._question.take(does.start() if does else match.start(), ends.end() if ends else kind.end)
                return self._directed(match, kind)
        return None

    def _directed(self, match: re.Match[str], kind: Kind) -> Order:
        """The order by a kind in the direction that a superlative says."""
        maxima = tuple(one for one in kind.candidates if match["maximum"] and one.label.startswith("Maximum"))
        kind = replace(kind, candidates=maxima or kind.candidates)
        order = self._order(match.start(), kind, descending=bool(match["most"] or match["maximum"]))
        if match["high"] or match["low"]:
            return replace(order, descending=match["high"] is not None)
        if (match["best"] or match["worst"]) and order.dimension in _BEST_IS_LEAST:
            return replace(order, descending=not order.descending)
        return order

    def _kind_after(self, position: int) -> Kind | None:
        """The kind that begins here, of the unit that is said (``highest pulse in amps``), or that is measured in a unit."""
        dimensions = [unit.dimension for unit in said_units(self._question.text, self._vocabulary)]
        kinds = (self._kinds.after(position, dimension, fillers=False) for dimension in (*dimensions, ""))
        named = next((kind for kind in kinds if kind is not None and kind.candidates), None)
        counted = self._counted(position)
        return counted if named is None or (counted is not None and counted.end >= named.end) else named

    def _of_doing(self, match: re.Match[str]) -> Kind | None:
        """The kind by what is done: ``coldest charging``, ``charged to the highest voltage``."""
        text, said = self._question.text, _OF_DOING.match(self._question.text, match.end())
        if said is None and _HEAT.search(match.group()) is None:
            return None
        after = [one for one in _DONE.finditer(text, said.end() if said else match.end()) if self._question.is_free(*one.span())]
        before = [one for one in _DONE.finditer(text, 0, match.start()) if said and self._question.is_free(*one.span())]
        done = before[-1] if before else next(iter(after), None)
        if done is None or (said is None and done.start() != match.end()):
            return None
        said = said or _OF_DOING.match(text, done.end())
        listed = self._kinds.listed(f"{done.lastgroup} {said['kind'].lower() if said else 'temperature'}")
        if not listed:
            return None
        self._question.take(*done.span())
        return Kind(match.end(), (said or done).end(), listed)

    def _of_later_kind(self) -> Order | None:
        """``highest cell, height in mm``: the superlative, then what has the quantity, then its kind."""
        for match in _SUPERLATIVE.finditer(self._question.text):
            if not self._question.is_free(*match.span()) or _OF_ITS_OWN.search(match.group()):
                continue
            for later in _LATER.finditer(self._question.text, match.end()):
                kind = self._kinds.after(later.end(), "", fillers=False)
                if kind is not None and kind.candidates:
                    self._question.take(*match.span())
                    self._question.take(later.start(), kind.end)
                    return self._directed(match, replace(kind, start=match.start()))
        return None

    def _take_repeated(self, order: Order) -> None:
        """Take what says once more by what hits are ordered: ``slimmest cell (thickness)``, ``most powerful: highest current``."""
        for pattern, superlative in self._patterns:
            for match in pattern.finditer(self._question.text):
                if self._question.is_free(*match.span()) and self._dimension(superlative) == order.dimension:
                    self._question.take(*match.span())
        for word in self._question.words():
            kind = self._kinds.after(word.start(), "", fillers=False) if self._question.is_free(*word.span()) else None
            if kind is not None and kind.role is None and {one.label for one in kind.candidates}.intersection(order.labels):
                self._question.take(word.start(), kind.end)

    def _counted(self, position: int) -> Kind | None:
        """The kind that is measured in the unit that begins here: ``most ampere hours``, ``greatest number of cycles``."""
        number = _NUMBER_OF.match(self._question.text, position)
        start = number.end() if number else position
        kind = self._kinds.after(start, "", fillers=False) if number else None
        if kind is not None:
            return kind
        unit = self._vocabulary.units.match_prefix(self._question.text, start)
        if unit is None or not self._question.is_free(start, unit[1]):
            return None
        labels = _measured(self._vocabulary.units).get(unit[0].dimension, ())
        candidates = tuple(one for label in labels if (one := self._kinds.of_label(label, label)) is not None)
        return Kind(position, unit[1], candidates) if candidates else None

    def _names_its_kind(self, match: re.Match[str], kind: Kind) -> bool:
        """Whether it is rather one of those that `_named` reads, with no fewer words: ``fewest charge cycles``."""
        said = (pattern.match(self._question.text, match.start()) for pattern, _ in self._patterns)
        return any(one is not None and one.end() >= kind.end for one in said)

    def _is_kept(self, start: int, end: int) -> bool:
        """Whether readable records have a kind of quantity that the ontologies call so."""
        if not any((span.start, span.end) == (start, end) for span in self._question.spans):
            return False
        kind = self._kinds.named(start, end, "")
        return kind is not None and self._known.count([Query("", (_any_of(self._kinds.classes(kind), ""),))])[0] > 0

    def _sorted(self) -> Order | None:
        for match in _SORTED.finditer(self._question.text):
            kind = self._kinds.after(match.end(), "", fillers=False)
            if kind is None or not kind.candidates:
                continue
            way = _WAY.match(self._question.text, kind.end)
            said = (match["way"] or "").lower()
            top = self._superlative_before(match.start())
            if _SORT_VERB.search(match.group()) is None and way is None and not said and top is None:
                continue
            is_up = said.startswith(("asc", "incr")) or (way is not None and way["up"] is not None)
            is_down = said.startswith(("desc", "decr")) or (way is not None and way["down"] is not None)
            descending = is_down or (match.group().lower().startswith("rank") and not is_up)
            if top is not None:
                self._question.take(top.start, top.end)
                descending = is_down or (top.greatest and not is_up)
            end = way.end() if way else kind.end
            self._question.take(match.start(), end)
            return self._order(match.start(), Kind(kind.start, end, kind.candidates), descending=descending)
        return None

    def _superlative_before(self, position: int) -> _Said | None:
        """The superlative whose kind follows later: ``top 5 cells by capacity``, ``biggest coin cell by diameter``."""
        top = _TOP.search(self._question.text, 0, position)
        if top is not None:
            return _Said(*top.span(), greatest=True)
        for pattern, superlative in self._patterns:
            named = pattern.search(self._question.text, 0, position)
            if named is not None and self._question.is_free(*named.span()):
                return _Said(*named.span(), superlative.greatest)
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
        for pattern, superlative in self._patterns:
            for match in pattern.finditer(self._question.text):
                if self._question.is_free(*match.span()):
                    end = self._end_of_kind(match.end(), superlative)
                    ends = _ENDS.match(self._question.text, end)
                    self._question.take(match.start(), ends.end() if ends else end)
                    classes = classes_of(superlative.kinds, self._vocabulary)
                    return Order(match.group(), classes, superlative.kinds, self._dimension(superlative), "", superlative.greatest)
        return None

    def _dimension(self, superlative: Superlative) -> str:
        firsts = (iri for label in superlative.kinds if (iri := class_of(label, self._vocabulary)))
        return common_dimension(self._vocabulary, firsts)

    def _dated(self) -> Order | None:
        """``newest``, ``sorted by date``: the newest first, where nothing else is said."""
        text = self._question.text
        by_date = _BY_DATE.search(text)
        if by_date is not None and self._question.is_free(*by_date.span()):
            is_oldest = by_date["up"] or (by_date["turned"] is None and "chronological" in by_date.group().lower())
            return self._by_date(by_date, is_release=bool(by_date["released"] or by_date["of_release"]), descending=not is_oldest)
        said = _DATED.search(text)
        if said is None or not self._question.is_free(*said.span()):
            return None
        return self._by_date(said, is_release=bool(said["released"]), descending=said["newest"] is not None)

    def _by_date(self, said: re.Match[str], *, is_release: bool, descending: bool) -> Order:
        self._question.take(*said.span())
        by = OrderBy.RELEASED if is_release else OrderBy.DATE
        return dated_order(by, said.group().strip(), descending=descending)

    def _end_of_kind(self, end: int, superlative: Superlative) -> int:
        """Where the words after a superlative end that only repeat its kind: ``lightest weight``."""
        kind = self._kinds.after(end, "", fillers=False)
        labels = {candidate.label for candidate in kind.candidates} if kind is not None else set()
        return kind.end if kind is not None and not labels.isdisjoint(superlative.kinds) else end

    def _order(self, start: int, kind: Kind, *, descending: bool) -> Order:
        candidates, dimension = self._of_one_dimension(_of_end(kind.candidates, descending=descending))
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


def _of_end(candidates: tuple[Candidate, ...], *, descending: bool) -> tuple[Candidate, ...]:
    """Of the two ends of a range the one that is meant: the highest discharge temperature is a maximum."""
    for ends in _ENDS_OF_RANGE:
        found = [[one for one in candidates if one.label.startswith(end)] for end in ends]
        if all(found):
            return tuple(one for one in candidates if one not in found[not descending])
    return candidates


def _any_of(kinds: frozenset[str], dimension: str) -> QuantityPart:
    return QuantityPart("", kinds, (), None, None, False, False, "", dimension)


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], Superlative], ...]:
    said = sorted(((words, one) for one in superlatives() for words in one.words), key=lambda row: -len(row[0]))
    return tuple((re.compile(rf"{_HOW_MANY}{phrase(words)}(?![\w-])", re.IGNORECASE), one) for words, one in said)


@lru_cache(maxsize=4)
def _measured(units: Units) -> Mapping[str, tuple[str, ...]]:
    """By dimension, the kinds that are meant where a unit alone says by what."""
    found = ((units.find(one.unit), one.kinds) for one in measured())
    return {unit.dimension: kinds for unit, kinds in found if unit is not None}
