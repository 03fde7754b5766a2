"""Alternatives: ``NMC or NCA`` is one part that either of them matches."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from search.query import ConceptPart, EntityPart, Part
from search.understanding.question import Placed, Question
from search.understanding.vocabulary import ARTICLES

_OR: Final = frozenset(("or", "versus", "vs", "vs.", "oder"))
_BETWEEN: Final = _OR | ARTICLES | frozenset(("from", "by", "either", "and/or"))


def join_alternatives(question: Question) -> None:
    """Make one part of those that stand side by side with *or* between them."""
    placed = sorted(question.placed, key=lambda one: one.start)
    joined: list[Placed] = []
    for here in reversed(placed):
        after = joined[-1] if joined else None
        both = _either(here.part, after.part) if after is not None and _says_or(question, here, after) else None
        if after is None or both is None:
            joined.append(here)
        else:
            joined[-1] = Placed(here.start, after.end, replace(both, text=question.text[here.start : after.end]))
    question.placed = joined[::-1]


def _says_or(question: Question, here: Placed, after: Placed) -> bool:
    gap = question.text[here.end : after.start].lower()
    if gap.strip() == ",":
        return any(f" {word} " in question.text[after.start : after.end].lower() for word in _OR)
    words = gap.replace(",", " ").split()
    return not _OR.isdisjoint(words) and set(words) <= _BETWEEN


def _either(one: Part, other: Part) -> ConceptPart | EntityPart | None:
    if one.negated or other.negated:
        return None
    if isinstance(one, ConceptPart) and isinstance(other, ConceptPart) and one.roles == other.roles:
        return replace(
            one,
            concepts=(*one.concepts, *(iri for iri in other.concepts if iri not in one.concepts)),
            labels=(
                *one.labels,
                *(label for iri, label in zip(other.concepts, other.labels, strict=True) if iri not in one.concepts),
            ),
            expanded=one.expanded | other.expanded,
            words=tuple(dict.fromkeys([*one.words, *other.words])),
            score=min(one.score, other.score),
            senses=(*one.senses, *other.senses),
        )
    if isinstance(one, EntityPart) and isinstance(other, EntityPart) and one.kind == other.kind and not (one.iri and other.iri):
        names = tuple(dict.fromkeys([*one.names, *other.names]))
        return replace(one, names=names, label=f"{one.label} or {other.label}", iri=one.iri or other.iri)
    return None
