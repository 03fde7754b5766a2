"""Negation: ``without cobalt``, ``not pouch``, ``other than Panasonic``, ``cobalt-free``, ``cathode not given``."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile
from typing import Final

from ontology import terms
from search.query import ConceptPart, EitherPart, EntityPart, Part, QuantityPart, TextPart
from search.understanding.adjectives import class_of
from search.understanding.alternatives import with_kind_of
from search.understanding.composition import contains, is_element
from search.understanding.concept_reader import in_role
from search.understanding.concepts import expanded
from search.understanding.kinds import is_quantity
from search.understanding.question import Placed, Question
from search.understanding.roles import Role, RoleReader
from search.understanding.vocabulary import ARTICLES, SOFT, Vocabulary, word_set

_CUE: Final = re.compile(
    r"(?:≠|!)(?=\s*=?\s*\d)|(?<![\w-])(?:without|w/o|sans|excluding|excludes?|excluded|except(?:\s+for)?|(?:(?:some|any|every)(?:one|body|thing)\s+)?(?:(?:an)?other\s+(?:\w+\s+)?|else\s+)than|differ(?:ent|s|ing)\s+(?:from|than|to)|unequal\s+to|unlike|besides|(?:apart|aside)\s+from|save\s+for|omit(?:s|ting)?|leav(?:e|ing)\s+out|ignor(?:e|ing)|skip(?:ping)?|exclusive\s+of|outside(?:\s+of)?(?=\s+the\s)|(?:(?:any|every|all)(?:\s+\w+){1,2}|all|everything|anything|anyone|anybody|everyone|everybody|anywhere)\s+but(?!\s+(?:not|no|without|also|only|with)\b)|lacking|lacks?|nothing\s+about|free\s+(?:of|from)"
    r"|nor|neither|not|no|non|never|(?:is|are|do|does|did|has|have|was|were|should|must|can|could|wo|would)n['’]t|rather\s+than|instead\s+of|avoid(?:ing|s)?"
    r"|ohne|kein(?:e|en)?)(?=[\s-])",
    re.IGNORECASE,
)
_NOT: Final = re.compile(r"not|\w+n['’]t", re.IGNORECASE)
_ABOUT: Final = re.compile(r"\b(?:about|on|of|concerning|regarding|dealing\s+with|related\s+to)\b", re.IGNORECASE)
_ON: Final = re.compile(r"\b(?:about|on|concerning|regarding)\s+\Z", re.IGNORECASE)
_ROUND: Final = re.compile(r"\bround\b", re.IGNORECASE)
_ELECTRODES: Final = frozenset((terms.POSITIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE))
_OPPOSITE: Final = {">": "≤", "≥": "<", "<": "≥", "≤": ">"}
_OTHER: Final = re.compile(
    r"not|(?:is|are|was|were)n['’]t|never|other\s+than|differ(?:ent|s|ing)\s+(?:from|than|to)|unlike|anything\s+but|rather\s+than|instead\s+of",
    re.IGNORECASE,
)
"""Negations behind a role that deny what stands in it: ``anode not graphite``; an *electrolyte without EC* is one."""
_FREE: Final = re.compile(r"[\s-]free(?![\w-])(?!\s+(?:of|from))", re.IGNORECASE)
_LEFT_OUT: Final = re.compile(
    r"\s+(?:(?:is|are|to\s+be|(?:should|must|shall)\s+be|being)\s+)?(?:excluded|left\s+out|omitted|ruled\s+out|not\s+(?:included|wanted)|unwanted)"
    r"(?=\s*(?:[,.;:)?!]|\Z))",
    re.IGNORECASE,
)
"""After what is denied: ``LFP excluded``."""
_BETWEEN: Final = (
    ARTICLES
    | SOFT
    | word_set(
        "of from by in on with made manufactured produced contain contains containing include includes including use uses used "
        "using have has having been be being based is are that which those ones it its their type types kind kinds format shape "
        "any about at to for as equal exactly both measured tested published recorded "
        "created written related concerning dealing built sold "
        "run done performed carried out conducted operated held kept executed "
        "stated given known reported specified documented declared indicated listed available explicit "
        "starting starts start beginning begins begin whose name names called "
        "mention mentions mentioning state tell tells give gives report reports specify specifies list lists quote quotes"
    )
)
"""Words that may stand between a negation and what it denies."""
_METAL: Final = re.compile(r"\b(?:metal|metallic|elemental|foil|sheet|plate)\b", re.IGNORECASE)
_STATED: Final = re.compile(
    r"(?<![\w-])(?:without|w/o|no|not|lacking|lacks?|missing|never)\s+(?:(?:an?|any|the|have|having)\s+){0,2}"
    r"(?P<said>(?:stated|given|known|reported|specified|documented|declared|indicated|listed|recorded|published|available|explicit)\s+)",
    re.IGNORECASE,
)
"""Words after a negation that say no more than that it is not told: ``without a stated cycle life``."""
_STATED_LAST: Final = re.compile(
    r"(?<![\w-])(?:without|w/o|no|lacking|missing)\s+(?:[\w-]+\s+){1,4}?"
    r"(?P<said>(?:stated|given|known|reported|specified|documented|declared|indicated|listed|recorded|available)(?=\s*(?:$|[,.;?])))",
    re.IGNORECASE,
)
"""The same at the end: ``no cycle life stated``."""
_STATING: Final = re.compile(
    r"(?<![\w-])(?P<said>(?:stat(?:es?|ing)|giv(?:es?|ing)|report(?:s|ing)?|specif(?:y|ies|ying)|mention(?:s|ing)?|tell(?:s|ing)?"
    r"|declar(?:es?|ing)|indicat(?:es?|ing)|document(?:s|ing)?|record(?:s|ing)?|nam(?:es?|ing)|list(?:s|ing)?)\s+)(?=no\s)",
    re.IGNORECASE,
)
"""The same before it: ``protocols that state no temperature``."""
_DONE: Final = re.compile(
    r"(?<![\w-])not\s+(?P<said>(?:run|done|performed|made|carried\s+out|conducted|measured|tested|operated|held|kept|executed)\s+)"
    r"(?=(?:at|under|above|below|between|with|for)(?![\w-]))",
    re.IGNORECASE,
)
"""What is done under a condition that is denied: ``not run at 25 °C``."""
_NEXT: Final = frozenset(("or", "nor", "neither", "from", "by", *ARTICLES))
"""Words between several things that are denied together."""
_UNTOLD: Final = re.compile(
    r"\s+(?:(?:is|are|was|were|has|have)\s+(?:been\s+)?)?(?:(?:not|never)(?:\s+been)?\s+|(?:is|are|was|were)n['’]t\s+)"
    r"(?:given|told|stated|known|disclosed|specified|documented|reported|named|listed|mentioned|recorded|declared|available)(?![\w-])"
    r"|\s+(?:(?:is|are|was|were|has|have)\s+(?:been\s+)?)?(?:missing|unknown|unspecified|undisclosed|unstated|untold|undocumented)(?![\w-])",
    re.IGNORECASE,
)
"""That records do not tell what stands before: ``whose cathode is not given``."""
_UNKNOWN: Final = re.compile(r"(?<![\w-])(?:unknown|unspecified|undisclosed|unstated|undocumented)\s+", re.IGNORECASE)
"""The same of what stands after: ``of unknown cathode chemistry``."""


def take_free(question: Question) -> None:
    """Take the *free* of ``cobalt free`` and the *excluded* of ``LFP excluded``, so that they do not become words to look for."""
    ends = {one.end for one in question.placed}
    for pattern in (_FREE, _LEFT_OUT):
        for match in pattern.finditer(question.text):
            if match.start() in ends:
                question.take(*match.span())


def take_stated(question: Question) -> None:
    """Take the words after a negation that say that something is told, which may be names of concepts."""
    for pattern in (_STATED, _STATED_LAST, _STATING, _DONE):
        for match in pattern.finditer(question.text):
            question.take(*match.span("said"))


def take_untold(question: Question) -> None:
    """Take *is not given* and the like, which are neither names nor words to look for, and deny nothing that follows."""
    for pattern in (_UNTOLD, _UNKNOWN):
        for match in pattern.finditer(question.text):
            if question.is_free(*match.span()):
                question.take(*match.span())


def deny(question: Question, vocabulary: Vocabulary) -> None:
    """Negate the parts that stand after a negation, and those before *-free*."""
    denied: set[int] = set()
    placed = _with_phrases(question, sorted(question.placed, key=lambda one: one.start), vocabulary)
    heads: list[Placed] = []
    for match in _CUE.finditer(question.text):
        after = _after(question, placed, match.end()) if _is_said(question, match) else set()
        first = min(after, default=-1)
        turned = _turned(placed[first].part) if after and _NOT.fullmatch(match.group()) else None
        if turned is not None:  # "don't weigh more than 50 g": at most 50 g
            placed[first] = replace(placed[first], part=turned)
            after.remove(first)
        if match.group().lower() == "non" and after:
            heads += _head(question, placed[first], vocabulary)
        denied |= after
        is_about = _ABOUT.search(question.text, match.end(), placed[first].start if after else match.end())
        if is_about or _ON.search(question.text, 0, match.start()):
            for position in after:
                placed[position] = replace(placed[position], part=_mentioned(placed[position].part))
    for match in _FREE.finditer(question.text):
        denied |= {position for position, one in enumerate(placed) if one.end in (match.start(), match.end())}
    for match in _LEFT_OUT.finditer(question.text):
        denied |= _before(question, placed, match.start())
    untold = {position for position, one in enumerate(placed) if _is_untold(question, one)}
    for position in untold:
        placed[position] = replace(placed[position], part=_whatever(placed[position].part, vocabulary))
    denied |= untold
    said = {position: _role_before(question, placed, position, vocabulary) for position in denied - {0}}
    amounts = {position for position in denied - {0} if isinstance(placed[position].part, QuantityPart)}
    inside = {position - 1 for position in amounts if _is_inside_cue(question, placed[position - 1])}
    for position in denied & set(range(1, len(placed))):
        placed[position] = _of_kind_before(question, placed[position - 1], placed[position], vocabulary)
    told = {position - 1 for position, role in said.items() if role is not None and len(placed) > len(denied) + 1} | inside
    for position in _electrodes_beside(question, placed, denied, vocabulary) - told:
        placed[position] = replace(placed[position], part=_whatever(placed[position].part, vocabulary))
    question.placed = [
        replace(one, part=_denied(one, said.get(position), vocabulary)) if position in denied else one
        for position, one in enumerate(placed)
        if position not in told
    ]
    question.placed += [replace(one, part=_diameter(one.part, vocabulary)) for one in question.placed if _is_no_round(one.part)]
    question.placed += heads


def _with_phrases(question: Question, placed: list[Placed], vocabulary: Vocabulary) -> list[Placed]:
    """The parts, of which words side by side after a negation are denied together: ``without a constant voltage step``."""
    for cue in _CUE.finditer(question.text):
        first = next((number for number, one in enumerate(placed) if one.start >= cue.end()), len(placed))
        run = placed[first : first + 1]
        for one in placed[first + 1 :]:
            if question.text[run[-1].end : one.start].strip(" -"):
                break
            run.append(one)
        run = list(takewhile(lambda one: _is_wordy(one.part, vocabulary), run))
        if len(run) > 1:
            text = question.text[run[0].start : run[-1].end]
            ways = (tuple(one.part for one in run if not isinstance(one.part, EitherPart)), (TextPart(text),))
            placed[first : first + len(run)] = [Placed(run[0].start, run[-1].end, EitherPart(text, ways))]
    return placed


def _is_wordy(part: Part, vocabulary: Vocabulary) -> bool:
    """Whether it is a word, a kind of quantity or another word of every science: no name, no thing."""
    if isinstance(part, ConceptPart):
        return not part.roles and all(terms.is_of_every_science(iri) or is_quantity(vocabulary, iri) for iri in part.concepts)
    return isinstance(part, TextPart) and part.text.islower()


def _head(question: Question, denied: Placed, vocabulary: Vocabulary) -> list[Placed]:
    """What a *non-alkaline electrolyte* is: an electrolyte."""
    last = question.words(denied.start, denied.end)[-1]
    role = RoleReader(question, vocabulary).at(last.start())
    if role is None or role.start == denied.start:
        return []
    return [Placed(role.start, role.end, ConceptPart("", (role.iri,), (role.label,), role.expanded))]


def _is_said(question: Question, cue: re.Match[str]) -> bool:
    """Whether the negation itself belongs to nothing else; a kind may stand within: *another temperature than 25 °C*."""
    words = question.words(*cue.span()) or [cue]
    return question.is_free(*words[0].span()) and question.is_free(*words[-1].span())


def _is_inside_cue(question: Question, before: Placed) -> bool:
    return any(cue.start() < before.start and before.end < cue.end() for cue in _CUE.finditer(question.text))


def _mentioned(part: Part) -> Part:
    """A name, also where it is only mentioned: data are *about LG cells* when their title says so."""
    return replace(part, mentioned=(part.text, part.label)) if isinstance(part, EntityPart) else part


def _names_element(part: Part, vocabulary: Vocabulary) -> bool:
    return isinstance(part, ConceptPart) and any(is_element(iri, vocabulary) for iri in part.concepts)


def _electrodes_beside(question: Question, placed: list[Placed], denied: set[int], vocabulary: Vocabulary) -> set[int]:
    """The electrodes without an element that is denied, of which something must be told: ``a cathode free of nickel``."""
    found: set[int] = set()
    for position in denied:
        for beside in {position - 1, position + 1} & set(range(len(placed))) - denied:
            first, second = sorted((position, beside))
            part = placed[beside].part
            is_electrode = isinstance(part, ConceptPart) and not part.role and not _ELECTRODES.isdisjoint(part.concepts)
            is_free = not {",", ";"} & set(question.text[placed[first].end : placed[second].start])
            if is_electrode and is_free and _names_element(placed[position].part, vocabulary):
                found.add(beside)
    return found


def _is_untold(question: Question, placed: Placed) -> bool:
    """Whether the words around it say that records do not tell it."""
    is_before = any(match.end() == placed.start for match in _UNKNOWN.finditer(question.text))
    return is_before or _UNTOLD.match(question.text, placed.end) is not None


def _whatever(part: Part, vocabulary: Vocabulary) -> Part:
    """Of a role, whatever stands in it: a cathode is told by its material."""
    role = next((iri for iri in part.concepts if iri in vocabulary.roles.classes), "") if isinstance(part, ConceptPart) else ""
    if not role or not isinstance(part, ConceptPart) or part.role:
        return part
    electrodes = (class_of(label, vocabulary) for label in ("ActiveElectrode", "GasDiffusionElectrode"))
    things = (terms.CHEMICAL_SUBSTANCE, *(iri for iri in electrodes if iri))
    labels = tuple(map(vocabulary.concepts.label, things))
    return ConceptPart(
        part.text,
        things,
        labels,
        expanded(things, vocabulary),
        role=role,
        role_label=vocabulary.concepts.label(role),
        roles=vocabulary.roles.expanded(role),
    )


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
    if not isinstance(part, QuantityPart) or part.kinds:
        return here
    is_named = cue is not None and cue.end() <= here.start and question.only(before.end, cue.start(), _BETWEEN)
    if not is_named and not _is_inside_cue(question, before):
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


def _before(question: Question, placed: list[Placed], position: int) -> set[int]:
    """The part that ends here, and those joined to it before: ``LFP and LTO excluded``."""
    last = next((number for number, one in enumerate(placed) if one.end == position), None)
    if last is None:
        return set()
    first = last
    while first and _joined(question, placed[first - 1], placed[first], is_list=False):
        first -= 1
    return set(range(first, last + 1))


def _joined(question: Question, before: Placed, here: Placed, *, is_list: bool) -> bool:
    """Whether what stands here is denied as what stands before, perhaps as the last one of a list: ``Kokam, Saft, and CATL``."""
    gap = question.text[before.end : here.start]
    if gap.lstrip().startswith(",") and (is_list or _are_names_of_one_kind(before, here)):
        gap = gap.lstrip(", ") or gap
    if type(before.part) is not type(here.part):
        return {"or", "nor"} & set(gap.lower().split()) != set() and question.only(before.end, here.start, _NEXT | _BETWEEN)
    if gap.strip() in {"/", ","} or (gap.strip() and question.only(before.end, here.start, _NEXT) and "," not in gap):
        return gap.strip() != "," or _goes_on(question, before, here)
    may_be_list = isinstance(here.part, EntityPart) or (isinstance(here.part, ConceptPart) and not here.part.role)
    return may_be_list and gap.strip().lower() in {"and", "&"} and _same_sort(before, here)


def _are_names_of_one_kind(before: Placed, here: Placed) -> bool:
    return isinstance(before.part, EntityPart) and isinstance(here.part, EntityPart) and before.part.kind == here.part.kind


def _goes_on(question: Question, before: Placed, here: Placed) -> bool:
    """Whether *or* follows, perhaps after more of the list, so that the comma before belongs to one.

    Of names and of things of one sort also *and*: ``other than 18650, 21700 and 26650``.
    """
    is_list = isinstance(here.part, EntityPart) or (isinstance(here.part, ConceptPart) and _same_sort(before, here))
    words = "or|nor|and|&" if is_list else "or|nor"
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
    is_metal = _METAL.search(part.text) is not None  # *no lithium metal*: compounds of it are none
    if isinstance(part, ConceptPart) and not is_metal and _names_element(part, vocabulary):
        is_material = not all(is_element(iri, vocabulary) for iri in part.concepts)  # graphite: titles call it by its name
        return replace(contains(part, vocabulary), words=part.words if is_material else ())
    return part
