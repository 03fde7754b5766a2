"""Makers by the short form of their name, beside a model: *EVE Energy LF280K* is also among what records say that EVE makes."""

from __future__ import annotations

from dataclasses import replace

from records.record import EntityKind
from search.names import fold_name
from search.query import EntityPart
from search.understanding.name_books import MAKERS, Book
from search.understanding.names import COMPANY
from search.understanding.question import Placed, Question
from search.understanding.vocabulary import Known


def take_short_names(question: Question, known: Known) -> None:
    """Take makers also by their names without the last words of a company's, where a model decides which cells are meant."""
    if any(isinstance(one.part, EntityPart) and one.part.kind is EntityKind.MODEL for one in question.placed):
        question.placed = [_with_short_name(one, question, known) for one in question.placed]


def _with_short_name(placed: Placed, question: Question, known: Known) -> Placed:
    part = placed.part
    if not isinstance(part, EntityPart) or part.kind not in MAKERS:
        return placed
    ends = [word.end() for word in question.words(placed.start, placed.end)[:-1]]
    short = [fold_name(question.text[placed.start : end]) for end in ends if COMPANY.fullmatch(question.text, end, placed.end)]
    book = Book.of(part.kind, known.names(part.kind))
    names = (named.name for name in short for named in book.called(name))
    return replace(placed, part=replace(part, names=tuple(dict.fromkeys((*part.names, *names)))))
