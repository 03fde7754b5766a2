"""The form of a question: what is wanted of what. Only words and patterns; what they mean is looked up elsewhere.

Names of things are recognised before and stand here as ``⟦0⟧``, ``⟦1⟧``, … (`marked`), so that *the A123 20AH* is one word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from search.asking import phrases


class Ask(StrEnum):
    """What is wanted."""

    VALUE = "value"
    """A property of a thing, or of a set of records."""
    KNOWN = "known"
    """All that is known of a thing."""
    CHECK = "check"
    """Whether something is so: of a thing, or whether there is one."""
    COMPARE = "compare"
    """A property of several things."""
    DIFFERENCE = "difference"
    """How far two things are apart in a property."""
    MORE = "more"
    """Which of several things has more (or less) of a property, or whether the first one has."""
    COUNT = "count"
    """How many records there are."""
    LIST = "list"
    """Which records there are."""
    BEYOND = "beyond"
    """Which records have more (or less) of a property than a thing."""
    MAKERS = "makers"
    """Who makes the things of a set."""
    MAKER_COUNT = "maker count"
    """How many they are."""
    SUPERLATIVE = "superlative"
    """The record with most (or least) of a property."""
    STATISTIC = "statistic"
    """A number over a set: mean, median, range."""


@dataclass(frozen=True, slots=True)
class Form:
    """A question taken apart.

    Args:
        ask: What is wanted.
        rest: What describes the property (things) or the records (sets).
        property: Words that name the property, where they stand apart from the rest.
        descending: For `Ask.SUPERLATIVE` and `Ask.MORE`: whether more is wanted.
        count: How many records a superlative wants.
        statistic: ``mean``, ``median``, ``minimum``, ``maximum`` or ``range``.
        is_question: For `Ask.MORE`: whether *yes* or *no* is wanted.
        of_it: For `Ask.SUPERLATIVE`: words for a property of the record that is found, *the capacity of the lightest cell*.
    """

    ask: Ask
    rest: str
    property: str = ""
    descending: bool = True
    count: int = 1
    statistic: str = ""
    is_question: bool = False
    of_it: str = ""


THING: Final = re.compile(r"⟦(\d+)⟧")


def marked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with each of these stretches replaced by its number in brackets.

    >>> marked("mass of the A123 20AH?", [(12, 21)])
    'mass of the ⟦0⟧?'
    """
    pieces, position = [], 0
    for number, (start, end) in enumerate(spans):
        pieces += [text[position:start], f"⟦{number}⟧"]
        position = end
    return "".join([*pieces, text[position:]])


def form_of(text: str, named: Callable[[str], int]) -> Form:
    """Take a question apart; things in it are marked.

    Args:
        text: The question.
        named: How many characters at the beginning of a text name a property.

    >>> form_of("What is the rated capacity of the ⟦0⟧?", lambda text: 0).rest
    'What is the rated capacity of the ⟦0⟧'
    >>> form_of("lightest prismatic cell", lambda text: 0).property
    'weight'
    """
    asked = _cleaned(text)
    things = len(set(THING.findall(asked)))
    if things > 1:
        return _of_several(asked)
    return _of_one(asked) if things == 1 else _of_a_set(asked, named)


def name_of(text: str) -> str:
    """What may be the title of a thing, in a question for all that is known of it.

    >>> name_of("What do you know about LP30?"), name_of("LP30")
    ('LP30', 'LP30')
    """
    asked = _cleaned(text)
    found = phrases.KNOWN_OF.fullmatch(asked)
    return found["name"] if found else asked


def _cleaned(text: str) -> str:
    """Without greetings, and without the signs at the end."""
    asked = phrases.END.sub("", " ".join(text.replace("’", "'").split()))
    while True:
        lead = phrases.LEAD.match(asked)
        if lead is None or not asked[lead.end() :].strip():
            return asked
        asked = asked[lead.end() :].lstrip()


def _of_one(asked: str) -> Form:
    if phrases.KNOWN.fullmatch(asked):
        return Form(Ask.KNOWN, "")
    if phrases.HOW_MANY_RECORDS.match(asked):
        return Form(Ask.COUNT, asked)
    if phrases.WHO_MADE.search(asked):
        return Form(Ask.VALUE, phrases.WHO_MADE.sub(" manufacturer ", asked))
    beyond = phrases.BEYOND.search(asked)
    if beyond and not phrases.CHECK.match(asked):
        word = beyond["word"].lower()
        name, descending = phrases.ADJECTIVES.get(word, (beyond["property"].strip(), word not in phrases.LESS))
        return Form(Ask.BEYOND, _joined(asked[: beyond.start()], asked[beyond.end() :]), name, descending)
    there = phrases.EXISTS.match(asked) if phrases.THERE.match(asked) else None
    if there and phrases.ONLY_IT.fullmatch(asked, there.end()):
        return Form(Ask.KNOWN, "")
    return Form(Ask.CHECK if there or phrases.CHECK.match(asked) else Ask.VALUE, asked)


def _of_several(asked: str) -> Form:
    if phrases.DIFFERENCE.search(asked):
        found = phrases.COMPARED.search(asked)
        word = found["word"].lower() if found else ""
        return Form(Ask.DIFFERENCE, phrases.DIFFERENCE.sub(" ", asked), phrases.ADJECTIVES.get(word, ("", True))[0])
    if phrases.SAME.search(asked) and phrases.CHECK.match(asked):
        return Form(Ask.MORE, phrases.SAME.sub(" ", asked), "", is_question=True, statistic="same")
    found = phrases.COMPARED.search(asked) or phrases.SUPERLATIVE.search(asked)
    if found:
        word = found["word"].lower()
        name, descending = phrases.ADJECTIVES.get(word, ("", word not in phrases.LESS))
        rest = _joined(asked[: found.start()], asked[found.end() :])
        return Form(Ask.MORE, rest, name, descending, is_question=bool(phrases.CHECK.match(asked)))
    return Form(Ask.COMPARE, phrases.COMPARE.sub(" ", asked))


def _of_a_set(asked: str, named: Callable[[str], int]) -> Form:
    counted_makers = phrases.HOW_MANY_MAKERS.match(asked)
    if counted_makers:
        return Form(Ask.MAKER_COUNT, asked[counted_makers.end() :].strip())
    counted = phrases.HOW_MANY.match(asked)
    if counted:
        return Form(Ask.COUNT, asked[counted.end() :].strip())
    made = phrases.MAKERS.match(asked)
    if made:
        return Form(Ask.MAKERS, asked[made.end() :].strip())
    found = _statistic(asked, named) or _superlative(asked, named)
    if found:
        return found
    exists = phrases.EXISTS.match(asked)
    if exists:
        return Form(Ask.CHECK, asked[exists.end() :].strip())
    checked = phrases.CHECK.match(asked)
    if checked:
        return Form(Ask.CHECK, asked[checked.end() :].strip())
    split = _property_and_set(asked, named)
    return Form(Ask.STATISTIC, split[1], split[0]) if split else Form(Ask.LIST, asked)


def _statistic(asked: str, named: Callable[[str], int]) -> Form | None:
    found = phrases.STATISTIC.search(asked)
    if found is None:
        return None
    split = _property_and_set(_joined(asked[: found.start()], asked[found.end() :]), named)
    return Form(Ask.STATISTIC, split[1], split[0], statistic=phrases.STATISTICS[found["word"].lower()]) if split else None


def _superlative(asked: str, named: Callable[[str], int]) -> Form | None:
    start = phrases.ASKING.match(asked)
    text = asked[start.end() :] if start else asked
    length = named(text)
    link = phrases.OF_IT.match(text, length) if length else None
    if link and phrases.SUPERLATIVE.match(text, link.end()):
        found = _most(text[link.end() :], named)
        if found is not None:
            return replace(found, of_it=text[:length])
    return _most(asked, named)


def _most(asked: str, named: Callable[[str], int]) -> Form | None:
    ranked = phrases.TOP_BY.fullmatch(asked)
    if ranked and ranked["word"] and named(ranked["property"]) == len(ranked["property"]):
        number = (ranked["number"] or "").lower()
        is_count = number.isdigit() or number in phrases.NUMBERS
        described = ranked["set"] if is_count else _joined(number, ranked["set"])
        descending = ranked["word"].lower() not in phrases.LESS
        return Form(Ask.SUPERLATIVE, described, ranked["property"], descending, _count(number) if is_count else 1)
    for found in phrases.SUPERLATIVE.finditer(asked):
        word, before, after = found["word"].lower(), asked[: found.start()], asked[found.end() :].lstrip()
        count = _count(found["number"] or found["top"] or "1")
        nested = phrases.SUPERLATIVE.match(after) if word == "top" else None
        if nested:
            word, after = nested["word"].lower(), after[nested.end() :].lstrip()
        weighed = phrases.WEIGHED.search(before) if word in ("most", "least") else None
        if weighed:
            return Form(Ask.SUPERLATIVE, _joined(before[: weighed.start()], after), "weight", word == "most", count)
        if word in phrases.LIMITS and (after[:1].isdigit() or after.startswith("of ") or named(f"{word} {after}")):
            continue  # a bound (maximum 2 kg), or the name of a property (maximum charging current)
        name, descending = phrases.ADJECTIVES.get(word, ("", word not in phrases.LESS))
        length = named(after)
        if length:
            return Form(Ask.SUPERLATIVE, _joined(before, after[length:]), after[:length], descending, count)
        if name:
            return Form(Ask.SUPERLATIVE, _joined(before, after), name, descending, count)
    return None


def _property_and_set(asked: str, named: Callable[[str], int]) -> tuple[str, str] | None:
    """The words for a property and those for the set, of *PROPERTY of SET*, *how heavy is SET*, *how much does SET weigh*."""
    how = phrases.HOW.fullmatch(asked) or phrases.HOW_MUCH.fullmatch(asked)
    if how:
        return how["word"].lower(), how["set"]
    start = phrases.ASKING.match(asked)
    text = asked[start.end() :] if start else asked
    length = named(text)
    link = phrases.OF.match(text, length) if length else None
    return (text[:length], text[link.end() :]) if link and link.end() < len(text) else None


def _count(written: str) -> int:
    return max(1, int(written) if written.isdigit() else phrases.NUMBERS[written.lower()])


def _joined(before: str, after: str) -> str:
    return " ".join(f"{before} {after}".split())
