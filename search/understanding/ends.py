"""Ends that something reaches, and how long it takes to reach them: ``charged up to 4.35 V``, ``charges in an hour``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from search.query import QuantityPart
from search.understanding.adjectives import class_of
from search.understanding.kinds import quantity_classes
from search.understanding.numerals import EQUAL, Amount
from search.understanding.question import Question
from search.understanding.vocabulary import Vocabulary

_UP_TO: Final = re.compile(r"(?:up|down)\s?to\b", re.IGNORECASE)
"""Before an end that something reaches: ``charged up to 4.35 V``, ``rates up to 5C``."""
_UNTIL: Final = re.compile(
    r"(?<!\w)(?:until|till|(?:and\s+)?(?:end(?:s|ing|ed)?|stop(?:s|ping|ped)?|terminat(?:es?|ing|ed))\s+(?:at|when|once|as\s+soon\s+as))\s+"
    r"(?:(?:the|its|a)\s+)?(?:(?:charg(?:e|ing)|discharg(?:e|ing)|cell|limit|cut-?\s?off|end)\s+)?"
    r"(?:(?:current|c-?rate|rate|voltage|potential|it)\s+)?"
    r"(?:(?:has\s+)?(?:is|gets|drop(?:s|ped)?|falls?|fallen|goes|sinks?|decays?|decayed|declines?|tapers?|decreases?|reache[sd])(?:\s+to)?\s+)?\Z",
    re.IGNORECASE,
)
"""The same of a step that ends there: ``until the current is below C/50``."""
_CHARGED_IN: Final = re.compile(
    r"(?<![\w-])(?<!state of )(?:(?:full|fully|fast|quick|quickly|rapid|completely)[\s-]+)?(?:re)?charg(?:e|es|ed|ing)"
    r"(?:\s+(?:fully|full|up|completely|it|them|cells?|batter(?:y|ies)|times?))*\s+(?P<in>in|takes?|taking|needs?)?\s*\Z",
    re.IGNORECASE,
)
"""Before the time that it takes: ``charges in an hour``; not ``state of charge after two hours of rest``."""
_TO_CHARGE: Final = re.compile(
    r"\s*(?:(?:to|until|till|for)\s+(?:a\s+|be\s+)?)(?:full(?:y)?\s+)?(?:re)?charg(?:e|ed|ing)(?:\s+(?:fully|up))?(?![\w-])",
    re.IGNORECASE,
)
"""After it: ``three hours to a full charge``."""
_CHARGING_TIME: Final = "ChargingTime"
_TIME: Final = "T"


def last_words(question: Question, amount: Amount) -> re.Match[str] | None:
    """The words that say that a step ends there: ``until the current is below C/50``."""
    return _UNTIL.search(question.text, question.free_before(amount.start), amount.start)


def reached(question: Question, amount: Amount) -> Amount:
    """What something goes up or down to as that amount, for it is an end, no bound of what is asked for."""
    last = last_words(question, amount)
    amount = replace(amount, start=last.start()) if last else amount
    bound = amount.high if amount.asked.startswith(("≤", "<")) else None
    if bound is None or not (last or _UP_TO.match(question.text, amount.start)):
        return amount
    low, high = sorted((bound * (1 - EQUAL), bound * (1 + EQUAL)))
    asked = f"= {amount.asked.lstrip('≤< ')} (±{100 * EQUAL:g} %)"
    return replace(amount, low=low, high=high, low_included=True, high_included=True, asked=asked)


def read_charging_time(question: Question, vocabulary: Vocabulary, amount: Amount, part: QuantityPart) -> int | None:
    """Put the part for the time that it takes to charge, where a verb says so; where it ends.

    Args:
        question: The question.
        vocabulary: The ontologies.
        amount: The time.
        part: The part that it is otherwise: any such time.
    """
    if amount.unit.dimension != _TIME:
        return None
    before = _CHARGED_IN.search(question.text, question.free_before(amount.start), amount.start)
    after = _TO_CHARGE.match(question.text, amount.end)
    is_bound = not amount.asked.startswith("=")
    kind = class_of(_CHARGING_TIME, vocabulary)
    if not kind or not (after or (before and (before["in"] or is_bound))):
        return None
    start, end = before.start() if before else amount.start, after.end() if after else amount.end
    kinds = quantity_classes(vocabulary, kind)
    text = question.text[start:end].strip()
    question.put(start, end, replace(part, text=text, kinds=kinds, labels=(_CHARGING_TIME,), named=frozenset((kind,))))
    return end
