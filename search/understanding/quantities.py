"""Quantities of a question: a number, its kind, what has it, and under what it holds.

``cathode thickness above 50 µm``, ``at least 3000 cycles at 25 °C``, ``capacity at C/10``. A condition is a number after *at* that
follows a quantity; it must stand on the same node of the document as the quantity does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from ontology import terms
from ontology.lookup import Span
from search.query import Part, QuantityPart
from search.understanding.adjectives import class_of
from search.understanding.ends import last_words, reached, read_charging_time
from search.understanding.kinds import GIVEN_FOR, Kind, KindReader, common_dimension, quantity_classes
from search.understanding.names import SURE
from search.understanding.numerals import NUMBER, Amount, Numbers, is_operator
from search.understanding.question import Placed, Question
from search.understanding.roles import Role, RoleReader
from search.understanding.vocabulary import FILLERS, Vocabulary, word_set
from search.understanding.windows import VOLTAGE_WINDOW, measured_within, read_window

_MODEL: Final = re.compile(r"(?<!\w)[A-Za-z]+\d\w*(?:[-/.]\w+)*")
"""A model code: a number inside it is no quantity (``LP71173207-272Ah``)."""
_COUNTED: Final = re.compile(
    r"(?<![\w-])(?:top|first|best)\s+(?:\d+|two|three|four|five|six|ten|twenty)(?!\w)|(?:19|20)\d0s(?!\w)", re.IGNORECASE
)
"""Numbers of hits and decades: ``top 5 cycle life``, ``2010s``."""
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_AT: Final = re.compile(
    rf"""(?<!\w)(?:@|{GIVEN_FOR}|(?:when\s+)?(?:dis)?charged\s+(?:up\s+|down\s+)?to|(?:measured|tested|cycled|charged|discharged|operated|stored|kept|when|if|and|even)\s+at|at|and|under|with|,|/|for)
    \s*(?:an?\s+|the\s+)?(?:(?:ambient|room|cell|test|constant|charging|discharging|charge|discharge|operating)\s+)?
    (?:(?:temperatures?|c-?\s?rates?|rates?|currents?|soc|state\ of\ charge|frequency|frequencies|pressure|voltage)\s*)?
    (?:(?:of|from|=|is)\s*)?\Z""",
    re.VERBOSE | re.IGNORECASE,
)
"""What stands before a condition; *and*, a comma or a slash only after another one."""
_NEXT: Final = re.compile(r",\s*(?:an?\s+|the\s+)?\Z")
"""Between two conditions whose unit tells what they are: ``at 0.1C, 25 °C``."""
_SURE_AT: Final = re.compile(rf"(?<!\w)(?:@|at|{GIVEN_FOR})(?!\w)", re.IGNORECASE)
_CHARGED_TO: Final = re.compile(r"(?<!\w)(?:dis)?charged", re.IGNORECASE)
"""A condition of a kind without a number of its own; else the cell is charged so: ``above 3 Ah, charged to 4.2 V``."""
_CHARGED: Final = re.compile(r"(?:dis)?(?:charge[sd]?|charging)", re.IGNORECASE)
_VOLTAGE: Final = "L²·M·T⁻³·I⁻¹"
_RATE_WORDS: Final = re.compile(
    r"\s*-?\s*(?:(?:constant[\s-]+current|continuous|charge|charging|discharge|discharging|cycling)\b\s*)*(?:c-?rates?|rates?|currents?)?\b",
    re.IGNORECASE,
)
"""Words after a C-rate that only say so again: ``0.5C discharge rate``."""
_RATE_BEFORE: Final = re.compile(
    r"(?<!\w)(?:(?:dis)?charg(?:e|ed|ing)|cycl(?:ed|ing)|(?:c-?)?rate)\s+(?:(?:c-?)?rate\s+)?(?:at|with|of)\s+(?:a\s+)?(?:rate\s+of\s+)?\Z",
    re.IGNORECASE,
)
_BETWEEN: Final = FILLERS | word_set(
    "measured tested cycled charged discharged operated stored kept when if even and cell cells life cycle cycles"
)
"""Words that may stand between a quantity and its condition."""
_SAID_AFTER: Final = re.compile(r"\s*(?:(?:across|each|apiece)?\s*\((?:in\s+)?|in\s+)(?=\w)", re.IGNORECASE)
"""Between a number and its kind: ``40 to 60 cm in length``, ``32 mm (diameter)``."""
_SUPERLATIVE_BEFORE: Final = re.compile(r"(?<![\w-])(?:\w{3,}est|most|least)\s+\Z", re.IGNORECASE)
"""Before a kind by which hits are put in order, of which no other number is one: ``highest capacity below 50 g``."""
_FRACTIONS: Final = {
    "wt": "MassFraction",
    "mass": "MassFraction",
    "w%": "MassFraction",
    "vol": "VolumeFraction",
    "v%": "VolumeFraction",
}
_LIMIT_BEFORE: Final = re.compile(r"(?<![\w-])(?:(?P<most>max(?:imum|imal|\.)?)|min(?:imum|imal|\.)?)\s+\Z", re.IGNORECASE)
"""Before a kind: ``max weight 50 g`` asks for 50 g or less."""
_LIMIT_AFTER: Final = re.compile(
    r"\s+(?:(?P<most>max(?:imum|imal|\.)?)|min(?:imum|imal|\.)?)(?=\s*(?:$|[,.;)]|and\b|at\b))", re.IGNORECASE
)
"""The same after its number and kind: ``12 A pulse discharge minimum``."""
_GIVES: Final = re.compile(
    r"(?<![\w-])(?:(?:able|need\w*|has|have)\s+to\s+|(?:can|must|should|could|will)\s+)?(?P<does>deliver|suppl|provid|sustain|source|handl)"
    r"(?:y|ies|e|ing|es|s)?\s+(?:me\s+|a\s+current\s+of\s+)?\Z",
    re.IGNORECASE,
)
"""Before a current or a power that a cell must be good for: ``needs to supply 500 A``."""
_GIVEN: Final = frozenset(("I", "L²·M·T⁻³"))
"""Dimensions of currents and powers."""
_ITERATIONS: Final = "NumberOfIterations"
_ASSUMED: Final = {
    "L²·M·T⁻³·I⁻¹": (("V", 0, 1000),),
    "T·I": (("Ah", 0, 300), ("mAh", 1000, 100_000)),
    "M": (("g", 10, 10_000),),
    "L": (("mm", 1, 1000),),
    "Θ": (("°C", 0, 150),),
    "I": (("A", 0, 1000),),
    "L²·T⁻²": (("Wh/kg", 20, 1000),),
    "L⁻¹·M·T⁻²": (("Wh/L", 50, 2000),),
}
"""Dimension -> units that people leave out, each with the numbers of which it is meant; of others it could be another unit."""
_NO_UNIT: Final = "no unit was given, so this one is meant"
_LAST_DIGIT: Final = re.compile(r"(?<=\d)(?=$| \()")
_OWN_SHARE: Final = re.compile(r"\s*:?\s*\d+(?:\.\d+)?\s*(?:%|wt)")
"""After a substance that has its own share: of ``LFP 90 % PVDF 5 %`` the first one is that of LFP."""
_MEASURED: Final = frozenset(("T·I", "M⁻¹·T·I", "L²·M·T⁻²", "L²·T⁻²", "L²·M·T⁻³·I⁻²"))
"""Dimensions of capacities, energies and resistances: what is measured at some rate, frequency or temperature."""
_CHARGES: Final = frozenset(("T·I", "M⁻¹·T·I"))
"""Dimensions of capacities, which depend on the voltages between which they are measured."""
_TO: Final = re.compile(r"[\s,]*\b(?:cycled\s+)?(?:to|until|till)\s*\Z", re.IGNORECASE)
_CAPACITY: Final = "Capacity"
_SPECIFIC_CAPACITY: Final = "SpecificCapacity"
_TELLS_ITSELF: Final = frozenset(("Θ", "T⁻¹"))
"""Dimensions of conditions whose unit tells what they are (temperature; C-rate and frequency), whatever a document calls them."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A number with its kind."""

    amount: Amount
    kind: Kind | None
    rule: str = ""

    @property
    def start(self) -> int:
        return min(self.amount.start, self.kind.start) if self.kind else self.amount.start

    @property
    def end(self) -> int:
        return max(self.amount.end, self.kind.end, self.kind.role.end if self.kind.role else 0) if self.kind else self.amount.end


class QuantityReader:
    """Reads the quantities of a question, from left to right."""

    def __init__(self, question: Question, vocabulary: Vocabulary) -> None:
        self._question = question
        self._vocabulary = vocabulary
        self._roles = RoleReader(question, vocabulary)
        self._kinds = KindReader(question, vocabulary, self._roles)
        self._numbers = Numbers(question.text, vocabulary.units)
        named = ((span.start, span.end) for span in question.spans if not NUMBER.fullmatch(span.text))
        codes = (match.span() for pattern in (_MODEL, _COUNTED) for match in pattern.finditer(question.text))
        self._names = sorted([*named, *codes])

    def read(self) -> None:
        """Put a part for every quantity, conditions included."""
        position = 0
        while (match := NUMBER.search(self._question.text, position)) is not None:
            name_end = self._inside_name(match)
            position = name_end or match.end()  # of "NMC 811 200 Wh/kg" the number goes on after the name
            if name_end is not None or not self._question.is_free(*match.span()):
                continue
            amount = self._numbers.amount(match)
            end = self._place(amount) if amount is not None else None
            position = max(position, end or 0)

    def _inside_name(self, match: re.Match[str]) -> int | None:
        """Where the name ends that this number is a part of; ``C/10`` and ``1C`` are no names."""
        if match["hours"]:
            return None
        return max((end for start, end in self._names if start <= match.start() < end), default=None)

    def _place(self, amount: Amount) -> int | None:
        """Put the part for an amount, or add it to the one that it is a condition of; where it ends."""
        if amount.unit.name == "C":
            words = _RATE_WORDS.match(self._question.text, amount.end)
            amount = replace(amount, end=words.end() if words else amount.end)
        if amount.unit.name == "C" or last_words(self._question, amount):
            amount = reached(self._question, amount)
        return (
            self._add_to_last(amount)
            or self._add_window(amount)
            or self._place_window(amount)
            or self._place_charging_time(amount)
            or self._begin_with(amount)
            or self._begin_within(amount)
            or self._place_quantity(self._with_rate_words(amount))
        )

    def _place_window(self, amount: Amount) -> int | None:
        is_window = read_window(self._question, self._vocabulary, amount, self._part(_Found(amount, None)))
        return amount.end if is_window else None

    def _place_charging_time(self, amount: Amount) -> int | None:
        return read_charging_time(self._question, self._vocabulary, amount, self._part(_Found(amount, None)))

    def _with_rate_words(self, amount: Amount) -> Amount:
        """A C-rate with the words before it that say no more: ``discharge at 3C``."""
        words = _RATE_BEFORE.search(self._question.text, self._question.free_before(amount.start), amount.start)
        if words is None or amount.unit.name != "C":
            return amount
        is_named = self._question.is_inside_name(*self._question.words(words.start(), words.end())[0].span())
        return amount if is_named else replace(amount, start=words.start())

    def _place_quantity(self, amount: Amount) -> int | None:
        found = self._with_kind(amount)
        if found is None:
            return None
        part = self._part(found)
        last = self._question.placed[-1] if self._question.placed else None
        follows = last is not None and self._question.only(last.end, found.start, FILLERS)
        whole = _completed(last.part, part) if last is not None and follows else None
        if last is None or whole is None:
            self._question.put(found.start, found.end, part)
        else:
            self._question.placed.pop()
            self._question.put(last.start, found.end, replace(whole, text=self._question.text[last.start : found.end]))
        return found.end

    def _with_kind(self, amount: Amount) -> _Found | None:
        """The amount with the kind that the words around it name; ``None`` for a bare number."""
        question, dimension = self._question, amount.unit.dimension
        is_year = dimension == "1" and not amount.unit_text and _YEAR.search(question.text, amount.start, amount.end) is not None
        kind = self._kinds.before(amount.start, dimension) or self._kinds.inside(amount, dimension)
        if kind is not None and not kind.candidates and _SUPERLATIVE_BEFORE.search(question.text, 0, kind.start):
            kind = None
        is_bare = amount.is_bare or (not amount.unit_text and "–" in amount.asked)  # 18650 cells, 3-5 cells
        if not is_bare and (kind is None or not kind.candidates):
            said = _SAID_AFTER.match(question.text, amount.end)
            after = self._kinds.after(said.end() if said else amount.end, dimension, fillers=not is_year)
            if after is not None and not self._belongs_to_next(after):
                kind = after if kind is None else replace(after, start=kind.start)
        if kind is None and is_bare and dimension == "1" and (counted := self._kinds.after(amount.end, dimension, fillers=False)):
            kind = counted if any(one.label == _ITERATIONS for one in counted.candidates) else None
        if kind is None and dimension == "1":
            kind = self._fraction(amount)
        if kind is None and dimension == "1":
            return self._assumed(amount)
        if kind is not None and _CHARGED.fullmatch(self._question.text, kind.start, kind.end) and dimension == _VOLTAGE:
            amount = reached(self._question, amount)
        found = self._limited(_Found(amount, kind))
        return self._of_something(found) if kind is None or kind.role is None else found

    def _assumed(self, amount: Amount) -> _Found | None:
        """A number without a unit after a kind that has one: in the unit that people mean, where there is no doubt."""
        is_year = amount.is_bare and _YEAR.fullmatch(self._question.text, amount.start, amount.end) is not None
        is_size = any(span.start <= amount.start and amount.end <= span.end for span in self._question.spans)
        if amount.unit_text or is_year or is_size:
            return None
        kind = self._kinds.before(amount.start, "") or self._kinds.inside(amount, "")
        dimension = common_dimension(self._vocabulary, (one.iri for one in kind.candidates)) if kind is not None else ""
        numbers = [abs(bound) for bound in (amount.low, amount.high) if bound is not None]
        name = next((name for name, least, most in _ASSUMED.get(dimension, ()) if all(least <= one < most for one in numbers)), "")
        unit = self._vocabulary.units.find(name) if name else None
        if unit is None:
            return None
        asked = _LAST_DIGIT.sub(rf" {name}", amount.asked, count=1)
        return self._limited(_Found(replace(amount, unit=unit, unit_text=name, asked=asked, is_bare=False), kind, _NO_UNIT))

    def _limited(self, found: _Found) -> _Found:
        """The amount as a bound where *max* or *min* stands before its kind and belongs to no name of a kind."""
        amount, text = found.amount, self._question.text
        free = self._question.free_before(found.start)
        before = _LIMIT_BEFORE.search(text, free, found.start) or (
            _GIVES.search(text, free, found.start) if amount.unit.dimension in _GIVEN else None
        )
        limit = before or _LIMIT_AFTER.match(text, found.end)
        if limit is None or not amount.asked.startswith("="):
            return found
        if limit.re is not _GIVES and (found.kind is None or not found.kind.candidates):
            return found
        middle = (amount.low or 0.0) / 2 + (amount.high or 0.0) / 2
        said = amount.asked[2:].partition(" (")[0]
        if limit.groupdict().get("most"):
            bounded = replace(amount, low=None, low_included=False, high=middle, asked=f"≤ {said}")
        else:
            bounded = replace(amount, high=None, high_included=False, low=middle, asked=f"≥ {said}")
        bounded = replace(bounded, start=min(amount.start, limit.start()), end=max(amount.end, limit.end()))
        return replace(found, amount=bounded)

    def _fraction(self, amount: Amount) -> Kind | None:
        """What a percentage by weight or volume is one of."""
        unit = amount.unit_text.lower().replace(" ", "")
        labels = [label for start, label in _FRACTIONS.items() if unit.startswith(start)]
        share = self._substance_beside(amount) if labels or unit == "%" else None
        if share is not None and unit == "%":
            labels = list(dict.fromkeys(_FRACTIONS.values()))
        candidates = tuple(named for label in labels for named in self._vocabulary.lookup.named(label, limit=1))
        if not candidates:
            return None
        start, end = (min(amount.start, share.start), max(amount.end, share.end)) if share else (amount.start, amount.end)
        return Kind(start, end, candidates, share)

    def _substance_beside(self, amount: Amount) -> Role | None:
        """The substance, or what has a role, that is named right after or before an amount: ``2 % VC``, ``PVDF 2 %``."""
        text = self._question.text
        for span in sorted(self._question.free_spans(), key=lambda span: span.start < amount.start):
            is_after = amount.end <= span.start and text[amount.end : span.start].strip().lower() in {"", "of"}
            is_after = is_after and _OWN_SHARE.match(text, span.end) is None
            if (is_after or (span.end <= amount.start and not text[span.end : amount.start].strip(" :"))) and (
                found := self._substances(span)
            ):
                label = self._vocabulary.concepts.label(found[0])
                return Role(
                    span.start, span.end, found[0], label, frozenset().union(*map(self._vocabulary.concepts.narrower, found))
                )
        return None

    def _substances(self, span: Span) -> list[str]:
        concepts, roles = self._vocabulary.concepts, self._vocabulary.roles.classes
        sure = [one.iri for one in span.candidates if one.score >= SURE]
        return [iri for iri in sure if terms.CHEMICAL_SUBSTANCE in concepts.ancestors(iri) or iri in roles]

    def _of_something(self, found: _Found) -> _Found:
        """Add the role that follows: ``50 µm thick cathode``, ``100 µl of electrolyte``."""
        words = self._question.words(found.end)
        while words and words[0].group().lower() in {"of", "for", "the", "in"}:
            words.pop(0)
        if not words or not self._question.only(found.end, words[0].start(), {"of", "for", "the", "in"}):
            return found
        role = self._roles.at(words[0].start())
        if role is None or self._names_more(role.start, role.end) or found.amount.unit.dimension not in {"L", "L³", "L⁻²·M", "M"}:
            return found
        kind = found.kind or Kind(found.start, found.end, ())
        return replace(found, kind=replace(kind, end=role.end, role=role))

    def _names_more(self, start: int, end: int) -> bool:
        """Whether a longer concept than the role stands here (``electrolyte filling``)."""
        return any(span.start <= start and end < span.end for span in self._question.spans)

    def _belongs_to_next(self, kind: Kind) -> bool:
        """Whether an operator or a number follows: then the words before it name the kind of that one."""
        end = kind.end
        following = NUMBER.search(self._question.text, end)
        if following is None:
            return False
        gap = self._question.text[end : following.start()]
        amount = self._numbers.amount(following)
        whole = self._kinds.named(kind.start, end + len(gap.rstrip()), amount.unit.dimension) if amount and gap.strip() else None
        if whole is not None and whole.candidates:
            return True  # 40 Ah with nominal voltage 3.6 V
        if not gap.strip(" :"):
            return (
                amount is None or self._kinds.after(amount.end, amount.unit.dimension) is None
            )  # 4.2 V charge voltage 2.5 V cutoff
        return is_operator(gap.lstrip())

    def _part(self, found: _Found) -> QuantityPart:
        amount, kind = found.amount, found.kind
        low, high = amount.base_bounds
        role = kind.role if kind is not None else None
        return QuantityPart(
            text=" ".join(self._question.text[found.start : found.end].split()),
            kinds=self._kinds.classes(kind) if kind is not None else frozenset(),
            labels=tuple(dict.fromkeys(candidate.label for candidate in kind.candidates)) if kind is not None else (),
            named=self._named(kind),
            minimum=low,
            maximum=high,
            minimum_included=amount.low_included,
            maximum_included=amount.high_included,
            unit=amount.unit_text if amount.unit.dimension != "1" else "",
            dimension=amount.unit.dimension,
            asked=amount.asked,
            role=role.iri if role else "",
            role_label=role.label if role else "",
            roles=role.expanded if role else frozenset(),
            rule=found.rule and f"{found.rule}: {amount.unit_text}",
        )

    def _named(self, kind: Kind | None) -> frozenset[str]:
        """The classes that the words name, where they are more than *capacity*: that means the rated one as well as any."""
        words = 0 if kind is None else len(self._question.words(kind.role.end if kind.role else kind.start, kind.end))
        return frozenset(one.iri for one in kind.candidates[:1]) if kind is not None and words > 1 else frozenset()

    # Conditions

    def _at(self, amount: Amount) -> re.Match[str] | None:
        begin = max(0, amount.start - 60)
        at = _AT.search(self._question.text, begin, amount.start)
        is_next = at is None and amount.unit.dimension in _TELLS_ITSELF and amount.asked.startswith("=")
        return _NEXT.search(self._question.text, begin, amount.start) if is_next else at

    def _add_to_last(self, amount: Amount) -> int | None:
        """Add an amount after *at* to the quantity before it; ``None`` when it is no condition of it."""
        at, last = self._at(amount), self._question.placed[-1] if self._question.placed else None
        if at is None or last is None or not isinstance(last.part, QuantityPart):
            return None
        follows = last.part.conditions or _SURE_AT.search(at.group())
        if not follows or not self._question.only(last.end, at.start(), _BETWEEN) or not self._may_be_condition(amount, last.part):
            return None
        return self._add_condition(last, last.part, amount)

    def _add_window(self, amount: Amount) -> int | None:
        """Add the voltages between which a quantity was measured to it: ``specific capacity at C/10 between 2.5 and 3.65 V``."""
        last = self._question.placed[-1] if self._question.placed else None
        if last is None or not isinstance(last.part, QuantityPart):
            return None
        if last.part.dimension not in {"", *_MEASURED} or not (last.part.conditions or _SPECIFIC_CAPACITY in last.part.labels):
            return None
        ends = measured_within(self._question, self._vocabulary, last.end, amount, self._part(_Found(amount, None)))
        if not ends:
            return None
        said = VOLTAGE_WINDOW.match(self._question.text, amount.end)
        end = said.end() if said else amount.end
        text = self._question.text[last.start : end]
        part = replace(last.part, text=text, conditions=(*last.part.conditions, *ends))
        self._question.placed[-1] = Placed(last.start, end, part)
        self._question.take(last.end, end)
        return end

    def _begin_with(self, amount: Amount) -> int | None:
        """A kind without a number of its own (yet) under this condition: ``capacity at C/10``, ``C/10 capacity``."""
        at = self._at(amount)
        if at is not None and (_SURE_AT.search(at.group()) or _CHARGED_TO.search(at.group())):
            kind = self._kinds.before(at.start(), "")
            is_own = (
                kind is not None
                and common_dimension(self._vocabulary, (one.iri for one in kind.candidates)) == amount.unit.dimension
            )
            return None if kind is None or is_own or self._is_of_several(kind) else self._begin(kind, amount)
        own = self._kinds.before(amount.start, amount.unit.dimension)
        if amount.unit.dimension not in _TELLS_ITSELF or not amount.asked.startswith("=") or (own is not None and own.candidates):
            return None
        for kind in (self._kinds.after(amount.end, "", fillers=False), self._kinds.before(amount.start, "")):
            dimension = "" if kind is None else common_dimension(self._vocabulary, (one.iri for one in kind.candidates))
            if kind is not None and dimension in _MEASURED:
                return self._begin(kind, amount)
        return None

    def _begin_within(self, amount: Amount) -> int | None:
        """A kind without a number of its own, measured up to a voltage or within two: ``specific capacity to 4.2 V``."""
        to = _TO.search(self._question.text, self._question.free_before(amount.start), amount.start)
        kind = self._kinds.before(to.start() if to else amount.start, "")
        if kind is None or common_dimension(self._vocabulary, (one.iri for one in kind.candidates)) not in _CHARGES:
            return None
        if to is None and _SPECIFIC_CAPACITY not in {one.label for one in kind.candidates}:
            return None
        ends = measured_within(self._question, self._vocabulary, kind.end, amount, self._part(_Found(amount, None)))
        return self._begin_under(kind, kind.start, amount.end, tuple(ends)) if ends else None

    def _is_of_several(self, kind: Kind) -> bool:
        """Whether it means quantities of several dimensions, as *charged* does, and is none by itself, as *viscosity* is."""
        said = self._question.text[kind.start : kind.end].lower()
        dimensions = {self._vocabulary.units.dimension_of_kind(candidate.iri) for candidate in kind.candidates}
        return len(dimensions) > 1 and not all(candidate.label.lower().endswith(said) for candidate in kind.candidates)

    def _may_be_condition(self, amount: Amount, part: QuantityPart) -> bool:
        taken = {part.dimension, *(condition.dimension for condition in part.conditions)}
        if amount.unit.dimension == "1":
            return self._kinds.after(amount.end, "1") is not None or self._kinds.before(amount.start, "1") is not None
        return amount.unit.dimension not in taken

    def _add_condition(self, last: Placed, part: QuantityPart, amount: Amount) -> int:
        condition, end = self._condition(amount)
        text = self._question.text[last.start : end].strip()
        self._question.placed[-1] = Placed(last.start, end, replace(part, text=text, conditions=(*part.conditions, condition)))
        self._question.take(last.start, end)
        return end

    def _begin(self, kind: Kind, amount: Amount) -> int:
        """A kind without a number of its own (yet), under a condition: ``capacity at C/10``."""
        condition, end = self._condition(amount)
        return self._begin_under(kind, min(kind.start, amount.start), max(kind.end, end), (condition,))

    def _begin_under(self, kind: Kind, start: int, end: int, conditions: tuple[QuantityPart, ...]) -> int:
        classes, labels, dimension = self._measured(kind)
        role = kind.role
        part = QuantityPart(
            text=self._question.text[start:end].strip(),
            kinds=classes,
            labels=labels,
            minimum=None,
            maximum=None,
            minimum_included=False,
            maximum_included=False,
            unit="",
            dimension=dimension,
            role=role.iri if role else "",
            role_label=role.label if role else "",
            roles=role.expanded if role else frozenset(),
            conditions=conditions,
        )
        self._question.put(start, end, part)
        return end

    def _measured(self, kind: Kind) -> tuple[frozenset[str], tuple[str, ...], str]:
        """Classes, labels and dimension of a kind without a number: of *capacity* a material's, for its mass, is meant as well."""
        classes, labels = self._kinds.classes(kind), tuple(dict.fromkeys(candidate.label for candidate in kind.candidates))
        if _CAPACITY in labels and (specific := class_of(_SPECIFIC_CAPACITY, self._vocabulary)):
            return classes | quantity_classes(self._vocabulary, specific), (*labels, _SPECIFIC_CAPACITY), ""
        return classes, labels, common_dimension(self._vocabulary, (candidate.iri for candidate in kind.candidates))

    def _condition(self, amount: Amount) -> tuple[QuantityPart, int]:
        """The part for a condition, and where its words end: a percentage is one of something (``80 % SOC``)."""
        dimension = amount.unit.dimension
        part = self._part(_Found(amount, None))
        if dimension in _TELLS_ITSELF:
            return part, amount.end
        kind = self._kinds.after(amount.end, dimension) if dimension == "1" else None
        kind = kind or self._kinds.before(amount.start, dimension)
        if kind is None:
            return part, amount.end
        return replace(self._part(_Found(amount, kind)), text=part.text), max(amount.end, kind.end)


def _completed(waiting: Part, part: QuantityPart) -> QuantityPart | None:
    """The quantity without bounds (``capacity at C/10``) with those of the number that follows it (``above 2 Ah``)."""
    if (
        not isinstance(waiting, QuantityPart)
        or (waiting.minimum, waiting.maximum) != (None, None)
        or part.kinds
        or waiting.dimension not in {"", part.dimension}
    ):
        return None
    return replace(
        part,
        kinds=waiting.kinds,
        named=waiting.named,
        labels=waiting.labels,
        conditions=waiting.conditions,
        role=waiting.role,
        role_label=waiting.role_label,
        roles=waiting.roles,
    )
