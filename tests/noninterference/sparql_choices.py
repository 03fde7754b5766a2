"""What SPARQL leaves to the engine: where a query has several right answers, which of them are right.

Everything else is compared exactly. Each choice is described by the rows that it is made from, and those are asked of the truth:
what is chosen is always something that the reader may read.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, cast

import pyoxigraph as ox

from graph.store import Solutions
from tests.noninterference.sparql_grammar import XSD, Question

DIGITS: Final = 1e-9
"""So much, relative to the number, the order of additions may change a double."""
SEPARATOR: Final = "|"
"""Between the parts of GROUP_CONCAT, in the queries where their order is open."""

_GROUPED = re.compile(
    r"""(?P<before>[^{]*?) \b SELECT \s+ (?P<key>\?\w+\s+)?
    \( (?P<kind>MIN|MAX|SUM|AVG|SAMPLE|GROUP_CONCAT)
        \( (?:DISTINCT\s+)? (?: (?P<variable>\?\w+) | STR\((?P<text>\?\w+)\);[ ]SEPARATOR="\|" ) \)
        \s+ AS \s+ \?(?P<column>\w+) \)
    \s* (?P<where>(?:WHERE\s*)? \{.*\}) \s* (?:GROUP\s+BY\s+\?\w+\s*)? (?:HAVING[^{}]*)?""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_CUT = re.compile(r"(?P<whole>[^{]*\{.*\}) LIMIT \d+", re.DOTALL)
_DOUBLE = re.compile(rf'"([^"]+)"\^\^<{re.escape(XSD)}double>')

Bag = Counter[Hashable]
Row = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Choice:
    """What of the answer to a query is open.

    Args:
        kind: The aggregate, or LIMIT.
        whole: The query for all rows that the choice is made from.
        column: Where the chosen value stands.
        variable: Where the values stand in the rows that it is made from.
    """

    kind: str
    whole: Question
    column: str = ""
    variable: str = ""


def choice_of(question: Question) -> Choice | None:
    """What is open in the answer of a query; ``None`` when it has one answer."""
    text = "\n".join([question.head, question.body])
    found = _CUT.fullmatch(text)
    if found is not None:
        return Choice("LIMIT", replace(question, head=found["whole"], body=""))
    found = _GROUPED.fullmatch(text)
    if found is None:
        return None
    variable = found["variable"] or found["text"]
    whole = replace(question, head=f"{found['before']}SELECT {found['key'] or ''} {variable}", body=found["where"])
    return Choice(found["kind"].upper(), whole, found["column"], variable[1:])


def chosen(question: Question, found: Bag, right: Bag, ask: Callable[[Question], Bag]) -> str | None:
    """How an answer differs from a right one and is right as well.

    Args:
        question: What was asked.
        found: The answer.
        right: A right answer.
        ask: Asks the truth.

    Returns:
        ``""`` when it does not differ, the kind of choice when another one is as right, ``None`` when it is wrong.
    """
    if found == right:
        return ""
    choice = choice_of(question)
    if choice is None or found.total() != right.total():
        return None
    rows = ask(choice.whole)
    if choice.kind == "LIMIT":
        return choice.kind if found <= rows else None
    others = {_key(row, choice): row for row in _rows(right - found)}
    pairs = [(row, others.pop(_key(row, choice), ())) for row in _rows(found - right)]
    values = _values(rows, choice)
    is_right = not others and all(
        _is_right(choice.kind, dict(row).get(choice.column), dict(other).get(choice.column), values[_key(row, choice)])
        for row, other in pairs
    )
    return choice.kind if is_right else None


def without_choice(answer: Solutions, choice: Choice) -> Solutions:
    """The same answer without the values that were chosen; the number of rows stays."""
    return Solutions(
        answer.variables,
        (
            tuple(None if choice.column in ("", name) else term for name, term in zip(answer.variables, row, strict=True))
            for row in answer.rows
        ),
    )


def _rows(bag: Bag) -> list[Row]:
    return [cast(Row, row) for row in bag.elements()]


def _key(row: Row, choice: Choice) -> Row:
    return tuple(cell for cell in row if cell[0] not in (choice.column, choice.variable))


def _values(rows: Bag, choice: Choice) -> dict[Row, set[str]]:
    """The values that each group has."""
    values: dict[Row, set[str]] = defaultdict(set)
    for row in rows:
        cells = cast(Row, row)
        values[_key(cells, choice)].update(text for name, text in cells if name == choice.variable)
    return values


def _is_right(kind: str, found: str | None, right: str | None, values: set[str]) -> bool:
    """Whether a value is as right as another one."""
    if found is None or right is None:
        return False
    match kind:
        case "SAMPLE":
            return found in values
        case "GROUP_CONCAT":
            return sorted(found[1:-1].split(SEPARATOR)) == sorted(right[1:-1].split(SEPARATOR))
        case "MIN" | "MAX":
            return found in values and _is_first_in_some_order(kind, found, right, values)
        case _:
            return _is_close(found, right)


def _is_first_in_some_order(kind: str, found: str, right: str, values: set[str]) -> bool:
    """Whether the engine may choose the one value where it chose the other.

    It compares each value with the best so far: numbers by value, and the first of equal ones stays; values of unlike types by
    their text, so that 3 > "22" > 2000 > 3. What can come out is what leads to the other by steps to a value that is no better.
    Where there is no such circle, that is a value as good.
    """
    reached, left = {found}, [found]
    while left and right not in reached:
        one = left.pop()
        steps = {other for other in values - reached if _may_stay(kind, one, other)}
        reached |= steps
        left += steps
    return right in reached


@cache
def _may_stay(kind: str, one: str, other: str) -> bool:
    """Whether the engine chooses the first when both are compared, in one order or the other."""
    orders = (f"{one} {other}", f"{other} {one}")
    answers = [ox.Store().query(f"SELECT ({kind}(?v) AS ?m) {{ VALUES ?v {{ {both} }} }}") for both in orders]
    return one in [str(row[0]) for answer in answers if isinstance(answer, ox.QuerySolutions) for row in answer]


def _is_close(one: str, other: str) -> bool:
    """Whether two sums are doubles that differ in their last digits; integers and decimals are exact in any order."""
    first, second = _double(one), _double(other)
    return first is not None and second is not None and math.isclose(first, second, rel_tol=DIGITS)


def _double(text: str) -> float | None:
    match = _DOUBLE.fullmatch(text)
    return None if match is None else float(match[1])
