"""Negation: ``without cobalt``, ``not pouch``, ``other than Panasonic``, ``cobalt-free``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from search.query import ConceptPart, EntityPart, Part, QuantityPart
from search.understanding.alternatives import with_kind_of
from search.understanding.composition import contains, is_element
from search.understanding.kinds import is_quantity
from search.understanding.question import Placed, Question
from search.understanding.vocabulary import ARTICLES, SOFT, Vocabulary, word_set

_CUE: Final = re.compile(
    r"(?:≠|!)(?=\s*=?\s*\d)|(?<![\w-])(?:without|w/o|excluding|excludes?|excluded|except(?:\s+for)?|other\s+(?:\w+\s+)?than|differ(?:ent|s|ing)\s+(?:from|than|to)|unequal\s+to|unlike|besides|(?:apart|aside)\s+from|(?:all|everything|anything)\s+but|lacking|lacks?|nothing\s+about|free\s+(?:of|from)"
    r"|nor|neither|not|no|non|never|(?:is|are|do|does|did|has|have|was|were|should|must|can|could|wo|would)n['’]t|rather\s+than|instead\s+of|avoid(?:ing|s)?"
    r"|ohne|kein(?:e|en)?)(?=[\s-])",
    re.IGNORECASE,
)
_NOT: Final = re.compile(r"not|\w+n['’]t", re.IGNORECASE)
_OPPOSITE: Final = {">": "≤", "≥": "<", "<": "≥", "≤": ">"}
_FREE: Final = re.compile(r"[\s-]free(?![\w-])(?!\s+(?:of|from))", re.IGNORECASE)
_BETWEEN: Final = (
    ARTICLES
    | SOFT
    | word_set(
        "of from by in on with made manufactured produced contain contains containing include includes including use uses used "
        "using have has having been be being based is are that which those ones it its type types kind kinds format shape any "
        "about at to for as equal exactly measured tested published recorded created written related concerning dealing built sold"
    )
)
"""Words that may stand between a negation and what it denies."""
_NEXT: Final = frozenset(("or", "nor", "neither", "from", "by", *ARTICLES))
"""Words between several things that are denied together."""


def take_free(question: Question) -> None:
    """Take the *free* of ``cobalt free``, so that it does not become a word to look for."""
    ends = {one.end for one in question.placed}
    for match in _FREE.finditer(question.text):
        if match.start() in ends:
            question.take(*match.span())


def deny(question: Question, vocabulary: Vocabulary) -> None:
    """Negate the parts that stand after a negation, and those before *-free*."""
    denied: set[int] = set()
    placed = sorted(question.placed, key=lambda one: one.start)
    for match in _CUE.finditer(question.text):
        after = _after(question, placed, match.end()) if question.is_free(*match.span()) else set()
        first = min(after, default=-1)
        turned = _turned(placed[first].part) if after and _NOT.fullmatch(match.group()) else None
        if turned is not None:  # "don't weigh more than 50 g": at most 50 g
            placed[first] = replace(placed[first], part=turned)
            after.remove(first)
        denied |= after
    for match in _FREE.finditer(question.text):
        denied |= {position for position, one in enumerate(placed) if one.end in (match.start(), match.end())}
    for position in denied & set(range(1, len(placed))):
        placed[position] = _of_kind_before(question, placed[position - 1], placed[position], vocabulary)
    question.placed = [
        replace(one, part=_denied(one, vocabulary)) if position in denied else one for position, one in enumerate(placed)
    ]


def _of_kind_before(question: Question, before: Placed, here: Placed, vocabulary: Vocabulary) -> Placed:
    """A denied number with the kind that is named before the negation: of ``nominal voltage other than 3.2 V`` no other voltage."""
    part, cue = here.part, _CUE.search(question.text, before.end)
    if not isinstance(part, QuantityPart) or part.kinds or cue is None or cue.end() > here.start:
        return here
    if not question.only(before.end, cue.start(), _BETWEEN):
        return here
    match before.part:
        case QuantityPart(minimum=None, maximum=None) if before.part.dimension in ("", part.dimension):
            return replace(here, part=with_kind_of(part, before.part))
        case ConceptPart() if all(is_quantity(vocabulary, iri) for iri in before.part.concepts):
            return replace(here, part=replace(part, kinds=before.part.expanded, labels=before.part.labels))
    return here


def _turned(part: Part) -> QuantityPart | None:
    """The bound on the other side of a denied one; ``None`` for what has none or two."""
    if not isinstance(part, QuantityPart) or (part.minimum is None) == (part.maximum is None):
        return None
    return replace(
        part,
        minimum=part.maximum,
        maximum=part.minimum,
        minimum_included=part.maximum is not None and not part.maximum_included,
        maximum_included=part.minimum is not None and not part.minimum_included,
        asked=_OPPOSITE[part.asked[0]] + part.asked[1:],
    )


def _after(question: Question, placed: list[Placed], position: int) -> set[int]:
    """The first part after a negation, and those joined to it by *or*."""
    first = next((number for number, one in enumerate(placed) if one.start >= position), None)
    if first is None or not question.only(position, placed[first].start, _BETWEEN):
        return set()
    found = {first}
    for number in range(first + 1, len(placed)):
        before, here = placed[number - 1], placed[number]
        if not _joined(question, before, here):
            break
        found.add(number)
    return found


def _joined(question: Question, before: Placed, here: Placed) -> bool:
    gap = question.text[before.end : here.start]
    if type(before.part) is not type(here.part):
        return {"or", "nor"} & set(gap.lower().split()) != set() and question.only(before.end, here.start, _NEXT | _BETWEEN)
    if gap.strip() in {"/", ","} or (gap.strip() and question.only(before.end, here.start, _NEXT) and "," not in gap):
        return gap.strip() != "," or _goes_on(question, here)
    is_list = isinstance(here.part, EntityPart) or (isinstance(here.part, ConceptPart) and not here.part.role)
    return is_list and gap.strip().lower() == "and" and _same_sort(before, here)


def _goes_on(question: Question, here: Placed) -> bool:
    """Whether *or* follows (of names also *and*), perhaps after more of the list, so that the comma before belongs to one."""
    words = "or|nor|and|&" if isinstance(here.part, EntityPart) else "or|nor"
    return re.match(rf"(?:\s*,\s*\w+)*\s*,?\s*(?:{words})(?!\w)", question.text[here.end :], re.IGNORECASE) is not None


def _same_sort(before: Placed, here: Placed) -> bool:
    if isinstance(before.part, ConceptPart) and isinstance(here.part, ConceptPart):
        return bool(before.part.concepts) and _space(before.part.concepts[0]) == _space(here.part.concepts[0])
    return True


def _space(iri: str) -> str:
    return iri.rpartition("#")[0]


def _denied(placed: Placed, vocabulary: Vocabulary) -> Part:
    part = replace(placed.part, negated=True)
    if isinstance(part, ConceptPart) and any(is_element(iri, vocabulary) for iri in part.concepts):
        is_material = not all(is_element(iri, vocabulary) for iri in part.concepts)  # graphite: titles call it by its name
        return replace(contains(part, vocabulary), words=part.words if is_material else ())
    return part
