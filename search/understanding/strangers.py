"""Full names of people that no readable record has: *John B. Goodenough* finds nothing, and no texts with some *John*."""

from __future__ import annotations

import re
from typing import Final

from ontology.lookup import Lookup
from records.record import EntityKind
from search.names import fold_name
from search.query import EntityPart, Query, TextPart
from search.understanding.everyday import is_everyday, is_general
from search.understanding.question import Question
from search.understanding.vocabulary import SILENT, SOFT, Known, word_set

_NAME: Final = r"[A-Z][a-zà-öø-ÿ]+(?:['’-][A-Z][a-zà-öø-ÿ]+)*"
_FULL_NAME: Final = re.compile(
    rf"(?<![\w.-])(?P<initials>(?:[A-Z]\.\s?)*)(?P<given>{_NAME})\s+(?P<middle>(?:[A-Z]\.?\s+)*)(?P<family>{_NAME})(?![\w-])(?:['’]s(?!\w))?"
)
_SMALL_NAME: Final = re.compile(
    r"(?:\A|(?<=\bby )|(?<=\bof )|(?<=\bfrom ))(?P<given>[a-zà-öø-ÿ]{4,}) (?P<family>[a-zà-öø-ÿ]{4,})(?![\w-])"
)
"""Where a full name in small letters may stand."""
_GIVEN: Final = word_set(
    """
    aaron adam adrian agnes ahmed akira alan albert alberto alejandro aleksander alessandro alex alexander alexandra alfred
    ali alice alison amanda amy ana anders andre andrea andreas andrew andrzej angela anita anja ann anna anne annette antoine
    anton antonio arthur ashley astrid barbara beatrice ben benjamin bernd bernard bill birgit bjorn bob boris brian bruno
    camille carl carla carlos carmen caroline catherine cecilia charles charlotte chen chiara chloe chris christian christina
    christine christoph christopher claire clara claudia craig cristina daniel daniela dave david deborah denis dennis diana
    diego dirk dmitri dominik donald doris dorothy edith edward elena eleanor elias elisabeth elizabeth ella ellen emil emily
    emma enrico eric erik ernest eugene eva fatima felix fernando florian frances francesca francesco francisco frank franz
    fred frederic gabriel gary george gerald gerhard giovanni giulia giuseppe gordon grace graham greg gregory guido gustav
    hannah hans harald harry heather heinrich heinz helen helena henri henrik henry herbert hiroshi hugo ian igor ilse ingrid
    irene isaac isabel ivan jack jacob jacques jakob james jan jane janet jean jeff jennifer jens jeremy jessica jim joachim
    joan johann johannes john jonas jonathan jorge jose josef joseph joshua juan judith julia julian julie jurgen karen karin
    karl katharina katherine kathleen keith kenji kenneth kevin kim klaus kristina kurt lars laura laurent lea leo leon
    leonardo lisa lorenzo louis louise luca lucas lucia luigi luis luisa lukas maria marc marco marcus margaret margarita
    mario marie mark markus martha martin martina mary mathias matteo matthew matthias maurice max maximilian maya michael
    michel michelle miguel mike mohammed monica monika nadia natalie natasha nathan neil nicholas nick nicola nicolas niels
    nikola nina noah nora norbert norman oliver olga olivia oscar oskar otto pablo paolo pascal patricia patrick paul paula
    pedro peter petra philip philipp philippe pierre rachel rafael ralf ralph raymond rebecca regina renate rene ricardo
    richard rita robert roberta roberto robin roger roland rolf roman ronald rosa rosalind ruth ryan sabine sabrina sally
    samuel sandra sara sarah sebastian sergei sharon silvia simon simone sofia sonia sophie stanley stefan stefano stella
    stephan stephanie stephen steve steven stuart susan sven sylvia tanja tatiana ted teresa theodor theresa thomas tim
    timothy tobias tom tony ulrich ursula vera veronica victor victoria viktor vincent virginia vladimir walter wei werner
    wilhelm william wolfgang xavier yan yuki yves zoe
    """
)
"""Common given names."""
_NAMED: Final = (
    *(EntityKind.MANUFACTURER, EntityKind.SUPPLIER, EntityKind.PERSON),
    *(EntityKind.INSTITUTION, EntityKind.INSTRUMENT),
)
_NO_PERSON: Final = re.compile(
    r"academy|agency|aviation|centre|center|club|college|company|corporation|council|department|foundation|group|institut\w*|"
    r"laborator\w*|ministry|motors?|project|school|universit\w*|union",
    re.IGNORECASE,
)


def read_strangers(question: Question, lookup: Lookup, known: Known) -> None:
    """Put a part for every full name that no readable record has, in whatever order or with an initial; nothing has it."""
    if _is_title(question.text):
        return
    for match in _FULL_NAME.finditer(_with_capitals(question, lookup)):
        given, family = match["given"], match["family"]
        is_of_another = _is_of_another(question, match)
        is_full = match["initials"] or match["middle"] or _is_given(given, known) or _is_all(question, match, known)
        is_name = is_of_another or is_full
        is_read = not is_of_another and not question.is_free(*match.span("family"))
        if not is_name or is_read or not all(map(_may_name, (given, family))):
            continue
        within = [one for one in question.placed if match.start() <= one.start and one.end <= match.end()]
        if any(not isinstance(one.part, EntityPart) or one.part.kind is not EntityKind.PERSON for one in within):
            continue
        start, end = match.start(), match.end("family")
        name = question.text[start:end]
        written = (name, f"{given} {family}", f"{given[0]} {family}", f"{family} {given}", f"{family} {given[0]}")
        if any(known.count([Query(one, (TextPart(one),), enough=1) for one in written])):
            if is_of_another:  # in a text, though a person of the same family is known
                question.placed[:] = [one for one in question.placed if one not in within]
                question.put(start, match.end(), TextPart(name, forms=written[1:]))
            continue
        question.placed[:] = [one for one in question.placed if one not in within]
        question.put(start, match.end(), EntityPart(name, EntityKind.PERSON, (fold_name(name),), name))


def _with_capitals(question: Question, lookup: Lookup) -> str:
    """The question with capital letters in a full name that it has in small ones: a common given name before a strange word."""
    text = question.text
    for match in _SMALL_NAME.finditer(text):
        is_told = match.start() > 0 or match.group() == text.strip()
        is_plain = any(is_general(word) or lookup.named(word) or (lookup.spells(word) and not is_told) for word in match.groups())
        if match["given"] in _GIVEN and not is_plain and question.is_free(*match.span()):
            text = f"{text[: match.start()]}{match.group().title()}{text[match.end() :]}"
    return text


def _is_of_another(question: Question, match: re.Match[str]) -> bool:
    """Whether the last word was taken for others of that family, whose given names begin otherwise: *Jingyu* Feng."""
    people = [
        one.part
        for one in question.placed
        if isinstance(one.part, EntityPart) and one.part.kind is EntityKind.PERSON and (one.start, one.end) == match.span("family")
    ]
    initial = fold_name(match["given"])[:1]
    others = [word for part in people for name in part.names for word in name.split() if word != fold_name(match["family"])]
    is_other = bool(others) and not any(word.startswith(initial) for word in others)
    is_named = any(span.start <= match.start("given") < span.end for span in question.spans)
    return is_other and not is_named and question.is_free(*match.span("given"))


def _is_all(question: Question, match: re.Match[str], known: Known) -> bool:
    """Whether nothing else is asked, nothing of it is understood, and no name has a word of it: *Elon Musk*."""
    words = {fold_name(match["given"]), fold_name(match["family"])}
    is_known = any(not words.isdisjoint(one.name.split()) for kind in _NAMED for one in known.names(kind))
    return match.group().strip() == question.text.strip() and question.is_free(*match.span()) and not is_known


def _is_given(word: str, known: Known) -> bool:
    """Whether people are called so, here or elsewhere."""
    return fold_name(word) in _GIVEN or any(one.name.startswith(f"{fold_name(word)} ") for one in known.names(EntityKind.PERSON))


def _may_name(word: str) -> bool:
    """Whether it is no word of a sentence or of an institution."""
    lower = word.lower()
    return not (lower in SILENT or lower in SOFT or is_everyday(lower) or _NO_PERSON.fullmatch(lower))


def _is_title(text: str) -> bool:
    """Whether all of several words begin with a capital letter, names or not."""
    words = re.findall(r"[^\W\d_]{3,}", text)
    return len(words) > 3 and all(word[0].isupper() for word in words)
