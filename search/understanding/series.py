"""Series of models: ``EVE LF280 series``, ``LG cells of the E series``, ``models starting with NCR``; sizes that only models tell.

Which models belong to one says `name_books.Book.of_series`. A size that the ontologies do not have (*20700*) is a series too: in
the texts of cells it is mostly that of another one.
"""

from __future__ import annotations

import re
from typing import Final

from records.record import EntityKind
from search.names import fold_name
from search.query import EntityPart, Part, TextPart
from search.understanding.everyday import is_general, is_talk
from search.understanding.name_books import MAKERS, MAX_SPELLINGS, Book
from search.understanding.question import Question
from search.understanding.vocabulary import SILENT, SOFT, Known, Vocabulary

_SERIES: Final = r"(?:family|series|range|line(?:-?up)?|variants?|versions?|(?P<type>types?))(?![\w-])"
_CODE: Final = r"(?P<{}>(?:[A-Za-z]+|\d)[\w/-]*?)"
_SAID: Final = re.compile(
    rf"(?<![\w-])(?:the\s+)?(?:{_CODE.format('before')}[\s-]+{_SERIES}|(?:series|family)\s+{_CODE.format('after')}(?![\w-]))",
    re.IGNORECASE,
)
_LETTERS: Final = re.compile(r"[A-Z]{2}")
"""What models of a type begin with, too short for the beginning of a word: *CR-type coin cells*."""
_DESIGNATED: Final = re.compile(
    r"(?<![\w-])(?P<called>[BCEFHKLPS]R)(?=\s+(?:(?:button|coin|round|primary|lithium|alkaline|mercury)\s+)*(?:cells?|batter(?:y|ies))(?![\w-]))"
)
"""The letters of IEC 60086 and 61951 before the cells that are called so: *LR button cells*."""
_ROUND: Final = re.compile(r"(?<![\w.-])(?P<size>[1-6]\d{4})s?(?!\w|[.,]\d{1,3}(?!\d))")
"""The size of a round cell."""
_BEGINNING: Final = re.compile(
    r"(?<![\w-])(?:models?|cells?|batteries|names?|codes?|designations?|numbers?|types?|ones|anything|everything|those)\s+"
    r"(?:(?:that|which|whose|model|names?|codes?|designations?|do(?:es)?|not|don['’]t|doesn['’]t)\s+)*"
    r"(?P<said>(?i:(?:start|begin)(?:s|n?ing)?\s+(?:with|in))\s+(?:the\s+)?(?:letters?\s+)?(?P<called>[A-Z][A-Z\d]*))(?![\w])"
)
"""The first letters of models: *Panasonic models not starting with NCR*."""
_LONGEST_NUMBER: Final = 3
"""Digits of a number that is no size."""


def read_series(question: Question, vocabulary: Vocabulary, known: Known) -> None:
    """Put a part for every series of which readable records have a model."""
    for said in _SAID.finditer(question.text):
        called = said["before"] or said["after"]
        if said["type"] and not _LETTERS.fullmatch(called):
            continue
        if question.is_free(*said.span()) and _may_be_called(called, question, vocabulary, known):
            part = _part(said.group().strip(), called, known)
            if part is not None:
                question.put(*said.span(), part)
    for said in _DESIGNATED.finditer(question.text):
        part = _part(said.group(), said["called"], known) if question.is_free(*said.span()) else None
        if part is not None:
            question.put(*said.span(), part)


def read_beginnings(question: Question, known: Known) -> None:
    """Put a part for the models that begin as the question says."""
    for said in _BEGINNING.finditer(question.text):
        names = tuple(named.name for named in Book.of(EntityKind.MODEL, known.names(EntityKind.MODEL)).begun(said["called"]))
        if names and question.is_free(*said.span("said")):
            question.put(*said.span("said"), EntityPart(said["said"], EntityKind.MODEL, names, said["called"]))


def read_unknown_sizes(question: Question, vocabulary: Vocabulary, known: Known) -> None:
    """Put a part for every size of a round cell that is no concept, but by which models are called."""
    for said in _ROUND.finditer(question.text):
        if question.is_free(*said.span()) and not vocabulary.lookup.named(said["size"], limit=1):
            part = _part(said["size"], said["size"], known)
            if part is not None:
                question.put(*said.span(), part)


def _may_be_called(called: str, question: Question, vocabulary: Vocabulary, known: Known) -> bool:
    """Whether it can be a series: no plain word; what is something else too, and bare digits, only where a maker is named."""
    folded = fold_name(called)
    is_size = called.isdigit() and len(called) > _LONGEST_NUMBER
    if not folded or is_size or (called.isalpha() and not called.isupper() and _is_plain(folded, vocabulary)):
        return False
    is_sure = not called.isdigit() and len(folded) > 1 and not vocabulary.lookup.named(called, limit=1)
    return is_sure or any(
        Book.of(kind, known.names(kind)).having(fold_name(word.group())) for word in question.words() for kind in MAKERS
    )


def _is_plain(word: str, vocabulary: Vocabulary) -> bool:
    return word in SILENT or word in SOFT or is_talk(word) or is_general(word) or vocabulary.lookup.spells(word)


def _part(text: str, called: str, known: Known) -> Part | None:
    """Any of the models of the series; ``None`` where there is none."""
    names = tuple(named.name for named in Book.of(EntityKind.MODEL, known.names(EntityKind.MODEL)).of_series(called))
    if len(names) > MAX_SPELLINGS:
        return TextPart(called)
    return EntityPart(text, EntityKind.MODEL, names, called) if names else None
