"""Alternatives: ``NMC or NCA`` is one part that either of them matches, ``lighter than 50 g or thinner than 5 mm`` is one of two.

*Or* joins what is alike (two materials, two makers, two sizes); where what stands right before and after it is not, it joins all
that stands together on either side: ``prismatic LFP or pouch NMC`` is *(prismatic and LFP) or (pouch and NMC)*. *And* says the same
between makers, models and formats, of which a cell has but one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from ontology.concepts import Concepts
from records.record import EntityKind
from search.query import ConceptPart, EitherPart, EntityPart, Part, QuantityPart, SinglePart, TextPart, YearPart
from search.understanding.concepts import FORMATS
from search.understanding.file_formats import is_file_format
from search.understanding.kinds import is_method, is_quantity
from search.understanding.question import Placed, Question
from search.understanding.sides import are_opposite
from search.understanding.vocabulary import ARTICLES, SOFT, Vocabulary, word_set

_OR: Final = frozenset(("or", "versus", "vs", "vs.", "oder", "and/or"))
_AGAINST: Final = frozenset(("versus", "vs", "vs."))
"""Between two electrodes these say that both are there: ``LFP cathode vs graphite anode``, ``LFP vs graphite``."""
_AND: Final = frozenset(("and", "&", "und"))
_BETWEEN: Final = (
    _OR
    | _AND
    | ARTICLES
    | SOFT
    | word_set("from by either else with in of having made manufactured produced published measured that are is which those ones")
)
"""Words that may stand around *or*."""
_OF_ONE: Final = frozenset(("manufacturer", "model", "format", "size"))
"""What a record has but one of."""
_TOGETHER: Final = ARTICLES | SOFT | word_set("with from by of in")
"""Words between the parts of one alternative."""
_SIZE: Final = re.compile(r"[A-Z]{0,3}\d{4,5}")
_SIZES_OF_MODELS: Final = re.compile(
    r"(?:\d{4,5}|[A-Z]{1,4}\d{2,5})(?:(?:\s*[,/|]\s*|,?\s+(?:or|and)\s+)(?:\d{4,5}|[A-Z]{1,4}\d{2,5}))*"
)
"""What models are called by, one of them or a list: *LR41*, *LR626 or LR1130*."""
_CODE: Final = re.compile(r"[A-Z]{2,4}\d{2,5}")
_SIZE_OF_LABEL: Final = re.compile(r"[A-Z]{0,3}\d{4,5}|[BCLPS]R\d{1,3}")
_SUCH_AS: Final = re.compile(r"(?<!\w)(?:such\s+as|e\.\s?g\.?,?|for\s+(?:example|instance),?|like)\s+\Z", re.IGNORECASE)
"""Before examples of what is asked for."""
_BRACKET_BEFORE: Final = re.compile(r"\([^()]*\Z")
_BRACKET_AFTER: Final = re.compile(r"[^()]*\)")
_MAX_WAYS: Final = 8


def join_alternatives(question: Question, vocabulary: Vocabulary) -> None:
    """Make one part of those that stand side by side with *or* between them."""
    placed = sorted(question.placed, key=lambda one: one.start)
    position = len(placed) - 1
    while position > 0:
        word = _joining(question, placed, position, vocabulary)
        if word and (joined := _join(question, placed, position, word, vocabulary)) is not None:
            first, last, both = joined
            placed[first : last + 1] = [both]
            position = first
        else:
            position -= 1
    question.placed = placed


def _joining(question: Question, placed: list[Placed], position: int, vocabulary: Vocabulary) -> str:
    """``or`` or ``and``, where nothing but that stands before a part; a comma says what the list goes on with."""
    gap = question.text[placed[position - 1].end : placed[position].start].lower()
    words = set(gap.replace(",", " ").split())
    if gap.strip() in {"/", "|"}:
        return "and"
    if not words <= _BETWEEN:
        return ""
    if not words.isdisjoint(_OR):
        before, after = placed[position - 1].part, placed[position].part
        is_both = (
            _role(before) != _role(after)
            or _is_kind(before, vocabulary) != _is_kind(after, vocabulary)
            or are_opposite(before, after, vocabulary.concepts)
        )
        against = words.isdisjoint(_OR - _AGAINST) and is_both
        return "and" if against else "or"
    if not words.isdisjoint(_AND):
        return "or" if _are_examples(question, placed, position) else "and"
    if gap.strip() != ",":
        return ""
    inside = question.text[placed[position].start : placed[position].end].lower().split()
    is_or = (
        not _OR.isdisjoint(inside) or _are_examples(question, placed, position) or _are_ways(question, placed, position, vocabulary)
    )
    return "or" if is_or else "and"


def _are_ways(question: Question, placed: list[Placed], position: int, vocabulary: Vocabulary) -> bool:
    """Whether these are two methods in brackets, or what they are called by: ``pulse tests (GITT, ICI)``."""
    before, after = placed[position - 1], placed[position]
    is_bracketed = _BRACKET_BEFORE.search(question.text, 0, before.start) and _BRACKET_AFTER.match(question.text, after.end)
    return bool(is_bracketed) and all(_is_way(one.part, vocabulary) for one in (before, after))


def _is_way(part: Part, vocabulary: Vocabulary) -> bool:
    part = _first(part)
    if isinstance(part, ConceptPart):
        return any(is_method(vocabulary, iri) for iri in part.concepts)
    return isinstance(part, TextPart) and " " in part.text


def _are_examples(question: Question, placed: list[Placed], position: int) -> bool:
    """Whether this ends a list of examples, of which each is one: ``cathodes such as LFP, LMFP and LNMO``."""
    first = position - 1
    while first and question.text[placed[first - 1].end : placed[first].start].strip() == ",":
        first -= 1
    return _SUCH_AS.search(question.text, 0, placed[first].start) is not None


def _join(
    question: Question, placed: list[Placed], position: int, word: str, vocabulary: Vocabulary
) -> tuple[int, int, Placed] | None:
    """Which parts become one, and that one; ``None`` where *and* says that both must match."""
    before, after = placed[position - 1], placed[position]
    if before.part.negated or after.part.negated or _are_words(word, before.part, after.part):
        return None
    sorts = sort_of(before.part, vocabulary.concepts), sort_of(after.part, vocabulary.concepts)
    if all(isinstance(one.part, EntityPart) and one.part.kind is EntityKind.MODEL for one in (before, after)):
        sorts = (EntityKind.MODEL.value, EntityKind.MODEL.value)  # *MJ1 and M50*, of which one reads like a size
    pairs = _pairs(question, placed, position, vocabulary.concepts)
    is_list = question.text[before.end : after.start].strip() == "," and pairs is None
    if is_list and sorts[0] != sorts[1] and sorts[0] != sort_of(_first(after.part), vocabulary.concepts):
        return None
    is_of_one = sorts[0] == sorts[1] and sorts[0] in _OF_ONE
    if word == "and" and not is_of_one and pairs is None:
        return None
    beside = (position - 1, position) if is_list else _sides(question, placed, position, vocabulary.concepts)
    left, right = pairs or beside
    text = question.text[placed[left].start : placed[right].end]
    if left == position - 1 and right == position:
        part = _either(before.part, after.part) or _ways(tuple((one,) for one in _of_one_kind(before.part, after.part)))
    else:
        part = _ways((_parts(placed[left:position]), _parts(placed[position : right + 1])))
    return None if part is None else (left, right, Placed(placed[left].start, placed[right].end, replace(part, text=text)))


def _pairs(question: Question, placed: list[Placed], position: int, concepts: Concepts) -> tuple[int, int] | None:
    """The first and last part of two makers with what is of each: ``Samsung 35E and LG MJ1``; ``None`` where these are none."""
    left, after = _run(question, placed, position - 1, -1), placed[position].part
    longest = len(after.ways[0]) if isinstance(after, EitherPart) else _run(question, placed, position, 1) - position + 1
    for length in range(min(position - left, longest), 1, -1):
        others = after.ways[0] if isinstance(after, EitherPart) else _parts(placed[position : position + length])
        sides = [
            sorted(_of_maker(part, concepts) for part in side) for side in (_parts(placed[position - length : position]), others)
        ]
        if sides[0] == sides[1] and EntityKind.MANUFACTURER.value in sides[0]:
            return position - length, position if isinstance(after, EitherPart) else position + length - 1
    return None


def _of_maker(part: Part, concepts: Concepts) -> str:
    """What a part is one of beside a maker: some call models by their size."""
    sort = sort_of(part, concepts)
    return EntityKind.MODEL.value if sort == "size" else sort


def _are_words(word: str, *parts: Part) -> bool:
    """Whether these are words, of which all are looked for, and no unknown sizes or names (``BattMo or PyBaMM``)."""
    texts = [part.text for part in parts if isinstance(part, TextPart)]
    are_names = word == "or" and all(map(_is_name, parts))
    return len(texts) == len(parts) and not are_names and all(_SIZE.fullmatch(text) is None for text in texts)


def _is_name(part: Part) -> bool:
    """Whether a word is written like a name, or one of several words, for which there are others (*incremental capacity*)."""
    return not part.text.islower() or is_file_format(part) or (" " in part.text and isinstance(part, TextPart) and part.forms != ())


def _is_kind(part: Part, vocabulary: Vocabulary) -> bool:
    """Whether it is a kind of quantity: ``specific capacity vs Li metal``."""
    return isinstance(part, ConceptPart) and any(is_quantity(vocabulary, iri) for iri in part.concepts)


def _role(part: Part) -> str:
    return part.role if isinstance(part, ConceptPart) else ""


def _first(part: Part) -> Part:
    """The part, or the first alternative of one: of ``LFP, NCA or made by CATL`` the list goes on with NCA."""
    return part.ways[0][0] if isinstance(part, EitherPart) else part


def _parts(placed: list[Placed]) -> tuple[Part, ...]:
    return tuple(one.part for one in placed)


def _sides(question: Question, placed: list[Placed], position: int, concepts: Concepts) -> tuple[int, int]:
    """The first part of the left and the last one of the right alternative."""
    sorts = [sort_of(one.part, concepts) for one in placed]
    left = _run(question, placed, position - 1, -1)
    right = _run(question, placed, position, 1)
    for length in range(min(position - left, right - position + 1), 1, -1):
        if sorted(sorts[position - length : position]) == sorted(sorts[position : position + length]):
            return position - length, position + length - 1
    one, other = sorts[position - 1], sorts[position]
    is_pair = one == other or "word" in (one, other) or one.partition(" ")[0] == other.partition(" ")[0] == "quantity"
    return (position - 1 if is_pair else left), position


def _run(question: Question, placed: list[Placed], start: int, step: int) -> int:
    """The furthest part that stands together with this one, in one direction."""
    here = start
    while not isinstance(placed[here].part, EitherPart) and 0 <= here + step < len(placed):
        first, second = sorted((here, here + step))
        gap = question.text[placed[first].end : placed[second].start]
        is_together = not {",", ";"} & set(gap) and set(gap.lower().replace("/", " ").replace("|", " ").split()) <= _TOGETHER
        if not is_together or placed[here + step].part.negated or isinstance(placed[here + step].part, EitherPart):
            break
        here += step
    return here


def sort_of(part: Part, concepts: Concepts) -> str:
    """What a part is one of: parts of one sort are alternatives to each other."""
    match part:
        case ConceptPart():
            if any(_SIZE_OF_LABEL.fullmatch(label) for label in part.labels):
                return "size"
            return "format" if not FORMATS.isdisjoint(part.labels) else f"concept {part.role}"
        case EntityPart(kind=EntityKind.MODEL) if _SIZES_OF_MODELS.fullmatch(
            part.text
        ):  # models that are called by their size: LR41 and LIR2032
            return "size"
        case EntityPart():
            return part.kind.value if part.kind else "name"
        case QuantityPart():
            return f"quantity {part.dimension}"
        case YearPart():
            return "year"
        case TextPart():  # a code that no record has, in a list of others
            return "size" if _CODE.fullmatch(part.text) else "word"
        case EitherPart():
            sorts = {sort_of(way[0], concepts) for way in part.ways if len(way) == 1}
            return sorts.pop() if len(sorts) == 1 else "either"
        case _:
            return "value"


def _either(one: Part, other: Part) -> Part | None:
    """One part of the same class for both, where there is one."""
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


def _of_one_kind(one: Part, other: Part) -> tuple[Part, Part]:
    """Two quantities, of which one says the kind for both: ``capacity of 2.5 Ah or 3 Ah``."""
    if isinstance(one, QuantityPart) and isinstance(other, QuantityPart) and one.dimension == other.dimension:
        if one.kinds and not other.kinds:
            return one, with_kind_of(other, one)
        if other.kinds and not one.kinds:
            return with_kind_of(one, other), other
    return one, other


def with_kind_of(part: QuantityPart, told: QuantityPart) -> QuantityPart:
    """The quantity with the kind, and what has it, of another one."""
    return replace(
        part,
        kinds=told.kinds,
        labels=told.labels,
        named=told.named,
        role=told.role,
        role_label=told.role_label,
        roles=told.roles,
        conditions=part.conditions or told.conditions,
    )


def _ways(ways: tuple[tuple[Part, ...], ...]) -> EitherPart | None:
    """A part with these alternatives; those of a part within go up."""
    found: list[tuple[SinglePart, ...]] = []
    for way in ways:
        if len(way) == 1 and isinstance(way[0], EitherPart):
            found += way[0].ways
        else:
            found.append(tuple(one for one in way if not isinstance(one, EitherPart)))
    return EitherPart("", tuple(found)) if len(found) <= _MAX_WAYS else None
