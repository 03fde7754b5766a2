"""How good a ranking and a set are against graded answers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

EXACT, NEAR = 2, 1
"""Grades: what answers the question, and what nobody would mind among the answers."""


@dataclass(frozen=True)
class Score:
    """One question, or the mean over several.

    Args:
        ndcg: nDCG@10. Near ones may be left out: the ideal has all exact ones, and of the near ones those among the first ten,
            after the exact ones. Where nothing answers, 1 for finding nothing and 0 otherwise.
        precision: Share of what was found that is exact or near.
        recall: Share of the exact ones that was found.
        f1: Their harmonic mean.
        exact: 1 when all exact ones were found and nothing that is neither exact nor near.
    """

    ndcg: float
    precision: float
    recall: float
    f1: float
    exact: float


def score(found: Sequence[str], grades: Mapping[str, int], ranking: Sequence[str] | None = None) -> Score:
    """Of one question: *found* as a set, *ranking* (else *found*) by its order."""
    ranking = found if ranking is None else ranking
    exact = {name for name, grade in grades.items() if grade == EXACT}
    right = sum(name in grades for name in found)
    if not exact:
        empty = float(right == len(found))
        return Score(empty, empty, 1.0, empty, empty)
    precision = right / len(found) if found else 0.0
    recall = len(exact.intersection(found)) / len(exact)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Score(_ndcg(ranking, grades), precision, recall, f1, float(precision == recall == 1))


def mean(scores: Iterable[Score]) -> Score:
    """The mean over questions."""
    listed = list(scores)
    return Score(*(fmean(getattr(one, name) for one in listed) for name in ("ndcg", "precision", "recall", "f1", "exact")))


def _ndcg(ranking: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    given = [grades.get(name, 0) for name in ranking[:depth]]
    exact = [grade for grade in grades.values() if grade == EXACT]
    near = [grade for grade in given if grade == NEAR]
    return _gain(given) / _gain([*exact, *near][:depth])


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(place + 2) for place, grade in enumerate(grades))
