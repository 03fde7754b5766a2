"""Windows: a cell that operates between -20 and 60 °C, or has a voltage window of 2.5 to 4.2 V, has both ends as limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from search.query import QuantityPart
from search.understanding.adjectives import classes_of
from search.understanding.numerals import EQUAL, Amount
from search.understanding.question import Question
from search.understanding.record_kinds import is_record_kind
from search.understanding.vocabulary import Vocabulary

_VOLTAGES: Final = r"(?:voltage|potential)\s+(?:window|range|limits?)"
_MEASURED: Final = re.compile(
    r"[\s,]*(?:and\s+)?(?:when\s+)?(?:(?:cycled|measured|tested|charged|discharged|used)\s*)?(?:(?:in|within|over|with|at|for)\s+)?"
    rf"(?:an?\s+|the\s+)?(?:{_VOLTAGES}\s*(?:of|:|=)?\s*)?",
    re.IGNORECASE,
)
"""Between a quantity and the range of voltages in which it was measured."""
_TO_VOLTAGE: Final = re.compile(r"[\s,]*(?:and\s+)?(?:cycled\s+)?(?:to|until|till)\s*", re.IGNORECASE)
_DOWN: Final = re.compile(r"down|as (?:low|little|cold)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Window:
    """Which limits a range means beside these words.

    Args:
        words: What stands before the range.
        after: What stands after it instead.
        dimension: Dimension of its unit.
        lower: Labels of the classes of its lower end.
        upper: Labels of the classes of its upper end.
        reaches: Whether the limits of a cell may lie beyond the range (it works there too), or are its ends.
    """

    words: re.Pattern[str]
    after: re.Pattern[str]
    dimension: str
    lower: tuple[str, ...]
    upper: tuple[str, ...]
    reaches: bool


_RUNS: Final = (
    r"(?:give|deliver|provide|suppl)\w*\s+(?:any\s+|enough\s+)?(?:power|current|energy)"
    r"|(?:run|start|perform|cope)(?:s|ning|ing)?(?!\s+(?:of|from))|still\s+(?:be\s+)?used?(?:\s+(?:it|them))?(?=\s)"
)
"""What a cell does that works: *still give power at minus 30 degrees*."""
_COOL: Final = 288.15
"""In kelvin: who asks whether a cell works at less asks for its lower limit, at more for its upper one."""
_ABLE: Final = re.compile(
    r"\bcharg\w+\s+(?:at|down|below|above|under|over|even|in)\b"
    rf"|\b(?:usable|work\w*|operat\w*|function\w*|temp(?:eratures?)?|{_RUNS})\b|\b(?:can|may|could)\s+(?:still\s+)?be\s+\w+"
    r"|\b(?:up|down)\s+to\b|\b(?:limits?|allowed|permitted|permissible|possible|safe|rated|suitable|approved|specified|qualified)\b",
    re.IGNORECASE,
)
"""Words that say of a temperature by itself that a limit is meant, not under what something was measured."""
_LIMIT: Final = re.compile(r"\b(?:max(?:imum|imal|\.)?|min(?:imum|imal|\.)?)\s+\Z", re.IGNORECASE)
_ONLY: Final = re.compile(r"\b(?:only|just|merely)\s*\Z", re.IGNORECASE)
"""Before an end beyond which it does not go."""
_LINK: Final = r"\s*(?:(?:only|just|even|still|well|fine)\s+)?(?::|=|of|is|are|at|in|from|between)?\s*\Z"
_RANGE: Final = re.compile(r"(?:in the )?range(?: of)?\s*", re.IGNORECASE)
VOLTAGE_WINDOW: Final = re.compile(r"\s*(?:(?:voltage|potential)\s+)?window(?![\w-])", re.IGNORECASE)
"""After a range of voltages: ``2.5 V - 3.65 V window``."""
_VOLTAGE: Final = "L²·M·T⁻³·I⁻¹"
_TELLS_MORE: Final = r"(?![\w-]|\s+(?:at|of|curves?|data|tests?))"


def _temperatures(does: str, lower: tuple[str, ...], upper: tuple[str, ...]) -> _Window:
    """The temperatures at which a cell does something, which stands before or after them."""
    limits = r"(?:\s+(?:temp(?:eratures?)?|range|window|limits?))*(?:\s+(?:is\s+)?(?:allowed|permitted|permissible|possible|safe))?"
    before = re.compile(rf"(?<!\w){does}{limits}{_LINK}", re.IGNORECASE)
    return _Window(before, re.compile(rf"\s*{does}{limits}{_TELLS_MORE}", re.IGNORECASE), "Θ", lower, upper, reaches=True)


_COLDEST: Final = ("MinimumDischargingTemperature", "MinimumOperatingTemperature")
_HOTTEST: Final = ("MaximumDischargingTemperature", "MaximumOperatingTemperature")
_WINDOWS: Final = (
    _temperatures(
        rf"(?:operat(?:es?|ing|ed|ion(?:al)?)|work(?:s|ing)?|usable|discharg(?:es?|ed?|ing)|functions?|functioning|{_RUNS})",
        _COLDEST,
        _HOTTEST,
    ),
    _temperatures(r"charg(?:es?|ed?|ing)", ("MinimumChargingTemperature",), ("MaximumChargingTemperature",)),
    _temperatures(r"(?:storage|stor(?:ed?|es|ing))", ("MinimumStorageTemperature",), ("MaximumStorageTemperature",)),
    _temperatures(r"temperature\s+(?:range|window)", _COLDEST, _HOTTEST),
    _Window(
        re.compile(
            rf"(?<!\w)(?:(?:(?:operating|working|cycling|cell)\s+)?{_VOLTAGES}|cycled{_LINK[:-2]}"
            rf"|(?:operating|working)\s+voltages?){_LINK}",
            re.IGNORECASE,
        ),
        VOLTAGE_WINDOW,
        _VOLTAGE,
        ("LowerVoltageLimit",),
        ("UpperVoltageLimit", "ChargingVoltage"),
        reaches=False,
    ),
)


def read_window(question: Question, vocabulary: Vocabulary, amount: Amount, part: QuantityPart) -> bool:
    """Put the parts for the ends of a range that the words before it call a window; ``False`` when they do not.

    Args:
        question: The question.
        vocabulary: The ontologies.
        amount: The range, or the temperature by itself.
        part: The part that it is otherwise: any quantity between the two.
    """
    is_range = "–" in amount.asked
    if not is_range and any(is_record_kind(placed.part) for placed in question.placed):
        return False  # a protocol is run at a temperature, which is no limit of it
    said = _RANGE.match(question.text, amount.start)  # "voltage range 2.5-4.2 V": the word belongs to the window
    begins = said.end() if said else amount.start
    for window in _WINDOWS:
        if amount.unit.dimension != window.dimension:
            continue
        before = window.words.search(question.text, question.free_before(amount.start), begins)
        words = before or window.after.match(question.text, amount.end)
        if words is None:
            continue
        if not is_range and _LIMIT.search(question.text, 0, words.start()):
            continue  # the maximum charging temperature is a quantity of its own
        if is_range or (window.reaches and _ABLE.search(question.text, max(0, min(words.start(), amount.start) - 16), amount.end)):
            is_end = _ONLY.search(question.text, 0, amount.start) is not None
            ends = _ends(replace(window, reaches=window.reaches and not is_end), vocabulary, amount, part)
            start, stop = min(words.start(), amount.start), max(words.end(), amount.end)
            for end in ends if is_range else [ends[_is_warm(amount)]]:
                question.put(start, stop, replace(end, text=question.text[start:stop].strip()))
            return True
    return False


def measured_within(
    question: Question, vocabulary: Vocabulary, start: int, amount: Amount, part: QuantityPart
) -> list[QuantityPart]:
    """The limits of the voltages under which a quantity was measured: ``between 2.5 and 3.65 V``, ``to 4.3 V``; else none.

    Args:
        question: The question.
        vocabulary: The ontologies.
        start: Where the words of the quantity end.
        amount: The voltage, or the range of it.
        part: The part that it is otherwise.
    """
    if amount.unit.dimension != _VOLTAGE:
        return []
    lower, upper = _ends(_WINDOWS[-1], vocabulary, amount, part)
    gap = question.text[start : amount.start]
    if "–" in amount.asked and _MEASURED.fullmatch(gap):
        return [lower, upper]
    if amount.asked.startswith("=") and _TO_VOLTAGE.fullmatch(gap):
        return [upper]
    if amount.asked.startswith("≤") and not gap.strip(" ,"):  # "up to 4.3 V", "down to 2.5 V"
        return [lower if _DOWN.match(question.text, amount.start) else upper]
    return []


def limits_of(part: QuantityPart, vocabulary: Vocabulary) -> tuple[QuantityPart, ...]:
    """The lower and the upper limit that a range of voltages of no kind is; none where it is no such range."""
    low, high = part.minimum, part.maximum
    if part.kinds or part.dimension != _VOLTAGE or "–" not in part.asked or low is None or high is None:
        return ()
    unit = vocabulary.units.find(part.unit)
    bounds = ((_WINDOWS[-1].lower, low), (_WINDOWS[-1].upper, high))
    return tuple(
        replace(
            part,
            kinds=classes_of(labels, vocabulary),
            labels=labels,
            minimum=bound - abs(bound) * EQUAL,
            maximum=bound + abs(bound) * EQUAL,
            asked=f"= {bound if unit is None else unit.from_base(bound):g} {part.unit}",
        )
        for labels, bound in bounds
    )


def _is_warm(amount: Amount) -> bool:
    """Whether a temperature by itself is asked for as one that is hot, not cold."""
    low, high = amount.base_bounds
    return (low if low is not None else high or 0.0) > _COOL


def _bound(amount: Amount, *, upper: bool) -> float:
    """The end of a range; of a number by itself (which stands for about as much) the number."""
    low, high = amount.low, amount.high
    if low is None or high is None:
        return (low if low is not None else high) or 0.0
    return (high if upper else low) if "–" in amount.asked else (low + high) / 2


def _ends(window: _Window, vocabulary: Vocabulary, amount: Amount, part: QuantityPart) -> Sequence[QuantityPart]:
    ends = []
    for labels, upper in ((window.lower, False), (window.upper, True)):
        bound = _bound(amount, upper=upper)
        spread = 0.0 if window.reaches else abs(bound) * EQUAL
        low = None if window.reaches and not upper else amount.unit.to_base(bound - spread)
        high = None if window.reaches and upper else amount.unit.to_base(bound + spread)
        is_beyond = window.reaches and amount.asked.startswith(">" if upper else "<")  # *charging below 0 °C* is not down to 0 °C
        sign = (">" if upper else "<") if is_beyond else ("≥" if upper else "≤") if window.reaches else "="
        ends.append(
            replace(
                part,
                kinds=classes_of(labels, vocabulary),
                labels=labels,
                minimum=low,
                maximum=high,
                minimum_included=low is not None and not is_beyond,
                maximum_included=high is not None and not is_beyond,
                asked=f"{sign} {bound:g} {amount.unit_text}",
            )
        )
    return ends
