"""Two bounds of one quantity: ``at least 3 but no more than 5 Ah`` is one range, and one quantity of the record must lie in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from search.query import Part, QuantityPart
from search.understanding.alternatives import with_kind_of
from search.understanding.question import Placed, Question

_BETWEEN: Final = frozenset(("and", "but", "yet", "also", "with", "is", "&", "und"))


def join_bounds(question: Question) -> None:
    """Make one part of a lower and an upper bound that stand side by side."""
    joined: list[Placed] = []
    for here in sorted(question.placed, key=lambda one: one.start):
        last = joined[-1] if joined else None
        both = None if last is None or not question.only(last.end, here.start, _BETWEEN) else _range(last.part, here.part)
        if last is None or both is None:
            joined.append(here)
        else:
            joined[-1] = Placed(last.start, here.end, replace(both, text=question.text[last.start : here.end]))
    question.placed = joined


def _range(one: Part, other: Part) -> QuantityPart | None:
    """The range between two bounds of quantities that can be the same; ``None`` where they are no such bounds."""
    if not isinstance(one, QuantityPart) or not isinstance(other, QuantityPart) or one.negated or other.negated:
        return None
    lower, upper = (one, other) if one.minimum is not None else (other, one)
    if lower.maximum is not None or upper.minimum is not None or lower.minimum is None or upper.maximum is None:
        return None
    is_same = one.dimension == other.dimension and (one.kinds == other.kinds or not one.kinds or not other.kinds)
    if not is_same or lower.minimum >= upper.maximum or one.rule or other.rule or one.roles != other.roles:
        return None
    whole = replace(
        lower,
        maximum=upper.maximum,
        maximum_included=upper.maximum_included,
        asked=f"{lower.asked}, {upper.asked}",
        conditions=tuple(dict.fromkeys((*lower.conditions, *upper.conditions))),
    )
    return with_kind_of(whole, upper) if upper.kinds and not lower.kinds else whole
