"""Negation: ``without cobalt``, ``not pouch``, ``other than Panasonic``, ``cobalt-free``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from search.query import ConceptPart, EntityPart, Part, QuantityPart
from search.understanding.adjectives import class_of
from search.understanding.alternatives import with_kind_of
from search.understanding.composition import contains, is_element
from search.understanding.concept_reader import in_role
from search.understanding.kinds import is_quantity
from search.understanding.question import Placed, Question
from search.understanding.roles import Role, RoleReader
from search.understanding.vocabulary import ARTICLES, SOFT, Vocabulary, word_set

_CUE: Final = re.compile(
    r"(?:≠|!)(?=\s*=?\s*\d)|(?<![\w-])(?:without|w/o|sans|excluding|excludes?|excluded|except(?:\s+for)?|(?:(?:some|any|every)(?:one|body)\s+)?(?:an)?other\s+(?:\w+\s+)?than|differ(?:ent|s|ing)\s+(?:from|than|to)|unequal\s+to|unlike|besides|(?:apart|aside)\s+from|(?:all|everything|anything|anyone|anybody|everyone|everybody|anywhere)\s+but|lacking|lacks?|nothing\s+about|free\s+(?:of|from)"
    r"|nor|neither|not|no|non|never|(?:is|are|do|does|did|has|have|was|were|should|must|can|could|wo|would)n['’]t|rather\s+than|instead\s+of|avoid(?:ing|s)?"
    r"|ohne|kein(?:e|en)?)(?=[\s-])",
    re.IGNORECASE,
)
_NOT: Final = re.compile(r"not|\w+n['’]t", re.IGNORECASE)
_ROUND: Final = re.compile(r"\bround\b", re.IGNORECASE)
_OPPOSITE: Final = {">": "≤", "≥": "<", "<": "≥", "≤": ">"}
_OTHER: Final = re.compile(
    r"not|(?:is|are|was|were)n['’]t|never|other\s+than|differ(?:ent|s|ing)\s+(?:from|than|to)|unlike|anything\s+but|rather\s+than|instead\s+of",
    re.IGNORECASE,
)
"""Negations behind a role that deny what stands in it: ``anode not graphite``; an *electrolyte without EC* is one."""
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
    said = {position: _role_before(question, placed, position, vocabulary) for position in denied - {0}}
    for position in denied & set(range(1, len(placed))):
        placed[position] = _of_kind_before(question, placed[position - 1], placed[position], vocabulary)
    told = {position - 1 for position, role in said.items() if role is not None and len(placed) > len(denied) + 1}
    question.placed = [
        replace(one, part=_denied(one, said.get(position), vocabulary)) if position in denied else one
        for position, one in enumerate(placed)
        if position not in told
    ]
    question.placed += [replace(one, part=_diameter(one.part, vocabulary)) for one in question.placed if _is_no_round(one.part)]


def _is_no_round(part: Part) -> bool:
    """Whether nothing round is asked for: by that word, what has a diameter is round, whatever it calls its format."""
    said = isinstance(part, ConceptPart) and part.negated and "CylindricalBattery" in part.labels
    return said and _ROUND.search(part.text) is not None


def _diameter(part: Part, vocabulary: Vocabulary) -> QuantityPart:
    diameter = class_of("Diameter", vocabulary)
    kinds = vocabulary.concepts.narrower(diameter)
    named = frozenset({diameter})
    return QuantityPart(part.text, kinds, ("Diameter",), None, None, False, False, "", "", negated=True, named=named)


def _role_before(question: Question, placed: list[Placed], position: int, vocabulary: Vocabulary) -> Role | None:
    """The role before the negation in which a substance shall not stand: ``NMC cathode, anode not graphite``."""
    before, here = placed[position - 1].part, placed[position].part
    if not isinstance(before, ConceptPart) or before.roles or not isinstance(here, ConceptPart) or here.roles:
        return None
    role = next((iri for iri in before.concepts if iri in vocabulary.roles.classes), "")
    if not role or not vocabulary.roles.expanded(role).isdisjoint(here.concepts):
        return None  # a kind of the same: *electrolytes that are not aqueous*
    cue = _CUE.search(question.text, placed[position - 1].end)
    if cue is None or cue.end() > placed[position].start or _OTHER.fullmatch(cue.group()) is None:
        return None
    is_beside = question.only(placed[position - 1].end, cue.start(), _BETWEEN)
    return RoleReader(question, vocabulary).of(role) if is_beside else None


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
        if not _joined(question, before, here, is_list=len(found) > 1):
            break
        found.add(number)
    return found


def _joined(question: Question, before: Placed, here: Placed, *, is_list: bool) -> bool:
    """Whether what stands here is denied as what stands before, perhaps as the last one of a list: ``Kokam, Saft, and CATL``."""
    gap = question.text[before.end : here.start]
    if gap.lstrip().startswith(",") and (is_list or _are_names_of_one_kind(before, here)):
        gap = gap.lstrip(", ") or gap
    if type(before.part) is not type(here.part):
        return {"or", "nor"} & set(gap.lower().split()) != set() and question.only(before.end, here.start, _NEXT | _BETWEEN)
    if gap.strip() in {"/", ","} or (gap.strip() and question.only(before.end, here.start, _NEXT) and "," not in gap):
        return gap.strip() != "," or _goes_on(question, here)
    may_be_list = isinstance(here.part, EntityPart) or (isinstance(here.part, ConceptPart) and not here.part.role)
    return may_be_list and gap.strip().lower() in {"and", "&"} and _same_sort(before, here)


def _are_names_of_one_kind(before: Placed, here: Placed) -> bool:
    return isinstance(before.part, EntityPart) and isinstance(here.part, EntityPart) and before.part.kind == here.part.kind


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


def _denied(placed: Placed, role: Role | None, vocabulary: Vocabulary) -> Part:
    part = replace(placed.part, negated=True)
    if isinstance(part, ConceptPart) and role is not None:
        part = in_role(part, role)
    if isinstance(part, ConceptPart) and any(is_element(iri, vocabulary) for iri in part.concepts):
        is_material = not all(is_element(iri, vocabulary) for iri in part.concepts)  # graphite: titles call it by its name
        return replace(contains(part, vocabulary), words=part.words if is_material else ())
    return part
