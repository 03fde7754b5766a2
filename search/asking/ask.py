"""From a question to an answer, in one place: the names in it, its form, and who answers that form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final
from unicodedata import category

from records.errors import LimitError
from records.rights import Audiences
from search.asking.about_sets import answer_beyond, answer_of_set
from search.asking.about_things import answer_about
from search.asking.chatter import with_unit_last, with_unit_signs, without_chatter
from search.asking.described import described_set
from search.asking.form import THING, Ask, Form, marked
from search.asking.forms import form_of, name_of
from search.asking.own_kind import with_brackets, with_own_kind
from search.asking.phrases import THERE
from search.asking.properties import QuantityAsked
from search.asking.reply import Reply
from search.asking.services import Asking, AskServices
from search.asking.telling import near_text
from search.asking.thing import Thing
from search.asking.things import Things
from search.asking.titles import titled, titles_in
from search.asking.wanted import read_wanted
from search.expansion import brief
from search.query_json import Json
from search.understanding.question import WORD
from search.understanding.record_kinds import is_record_kind

_LINKS: Final = frozenset(("of", "for", "in", "the", "a", "an", "do", "does", "is", "are", "was", "were", "has", "have"))
"""Words with which no name of a property ends."""
_OF_THINGS: Final = (Ask.VALUE, Ask.COMPARE, Ask.DIFFERENCE, Ask.MORE, Ask.RATIO, Ask.COMBINED)
"""What is asked of a property of things."""
_BESIDE: Final = re.compile(r",|;|&|\b(?:and|or|than|vs|versus|compared|against|to|from)\b", re.IGNORECASE)
"""Between things that are asked about alike."""
_SIZES: Final = re.compile(r"\b(?P<size>(?:[CL]R|LIR|INR|ICR)?[1-7]\d{3,4})['’]?s\b")
"""Several of a size: *Samsung 18650s*."""
MAX_QUESTION: Final = 1_000
"""Most characters of a question."""


def ask(services: AskServices, question: str, audiences: Audiences) -> Reply:
    """Answer a question with a value, a count, names or yes and no, or say what is not known.

    Args:
        services: What it is answered from.
        question: The question in plain words.
        audiences: What the reader holds: nothing else is known, not even as near.

    Raises:
        LimitError: The question is too long.
        StoreError: The index cannot be read.
    """
    if len(question) > MAX_QUESTION:
        raise LimitError(f"The question has {len(question)} characters; at most {MAX_QUESTION} are read.", "Ask in fewer words.")
    asking = Asking(services, question, audiences)
    if not any(map(str.isalnum, question)):
        return asking.unknown("Nothing was asked.")
    said = _SIZES.sub(r"\g<size> cells", without_chatter(_shown(question)))
    units = services.vocabulary.units
    text = THING.sub(" ", with_unit_last(with_unit_signs(said, units), units))
    finder = Things(text, services.index, services.vocabulary, audiences)
    things = finder.find()
    unknown = [thing for thing in things if not thing.records]
    if unknown:
        names = " and ".join(f"“{thing.text}”" for thing in unknown)
        near = tuple(dict.fromkeys(name for thing in unknown for name in thing.near))
        return asking.unknown(f"Asked about {names}. No record that you may read has that name.{near_text(near)}")
    things = with_own_kind(services, audiences, text, things)
    form = _form_of(services, marked(text, [(thing.start, thing.end) for thing in things]))
    if form.ask is Ask.BEYOND:
        return answer_beyond(asking, form, things[0], finder)
    reply = answer_about(asking, form, things) if things else None
    if reply is not None and reply.answer is not None:
        return reply
    about = _of_titles(asking, finder, text, things)
    if about is not None and about.answer is not None:
        return about
    if reply is not None:
        return _records_about(asking, finder, text) or reply
    of_set = answer_of_set(asking, form, finder)
    if of_set.answer is not None:
        return of_set
    return about or _of_titles(asking, finder, text, things, in_part=True) or of_set


def _records_about(asking: Asking, finder: Things, text: str) -> Reply | None:
    """The answer about records of a kind that are about a thing: *which tests were done on the A123 ANR26650M1-B*."""
    form = _form_of(asking.services, text)
    described = described_set(asking, form.rest)
    is_of_kind = any(map(is_record_kind, described.query.parts)) and not described.not_understood
    if not is_of_kind or form.ask not in (Ask.COUNT, Ask.LIST, Ask.CHECK):
        return None
    reply = answer_of_set(asking, form, finder)
    return reply if reply.answer is not None else None


def _of_titles(asking: Asking, finder: Things, text: str, things: Sequence[Thing], *, in_part: bool = False) -> Reply | None:
    """The answer about things that have no model, by their titles, in which names of models may be.

    *Density of NMC811*, *licence of the LIR2032 EIS dataset*, *what do you know about LP30*.
    """
    known = titled(finder, name_of(text))
    named = [known] if known else titles_in(finder, text, lambda words: _measured(asking.services, words), in_part=in_part)
    named = list(with_brackets(asking.services, asking.audiences, text, named))
    is_longer = all(any(one.start <= thing.start and thing.end < one.end for one in named) for thing in things)
    if not is_longer:
        named = _with_models(text, named, things)
    if not named or THERE.match(text):
        return None
    if known:
        return answer_about(asking, Form(Ask.KNOWN, ""), named)
    reply = _of_named(asking, text, named)
    if (
        len(named) > 1 and not _is_one_beside_other(text, named) and (reply is None or reply.answer is None)
    ):  # *concentration of KOH in 7M KOH in H2O*
        return _of_named(asking, text, [max(named, key=lambda one: one.end - one.start)]) or reply
    return reply


def _with_models(text: str, titled: Sequence[Thing], things: Sequence[Thing]) -> list[Thing]:
    """What has a title beside what has a model, if they are asked about alike: *is the ⟦model⟧ heavier than the ⟦title⟧*."""
    more = [one for one in titled if not any(one.start < thing.end and thing.start < one.end for thing in things)]
    named = sorted((*more, *things), key=lambda one: one.start)
    is_beside = all(_BESIDE.search(text, one.end, other.start) for one, other in pairwise(named))
    return named if more and is_beside else []


def _is_one_beside_other(text: str, named: Sequence[Thing]) -> bool:
    """Whether some of the things are asked about alike: *EC and PVDF*, but not *KOH in 7M KOH*."""
    return any(_BESIDE.search(text, one.end, other.start) for one, other in pairwise(named))


def _of_named(asking: Asking, text: str, named: Sequence[Thing]) -> Reply | None:
    form = _form_of(asking.services, marked(text, [(one.start, one.end) for one in named]))
    wanted = read_wanted(asking, form, named).properties if form.ask in _OF_THINGS else ()
    if any(len({record.title for record in one.records}) > 1 for one in named):
        return _same_of_all(asking, form, named) if not any(isinstance(one, QuantityAsked) for one in wanted) else None
    return answer_about(asking, form, named) if wanted or form.ask in (Ask.CHECK, Ask.PLACE) else None


def _same_of_all(asking: Asking, form: Form, things: Sequence[Thing]) -> Reply | None:
    """The name that several records have in common, of which each may be meant: *licence of the MJ1 GITT dataset*."""
    each = [answer_about(asking, form, [replace(thing, records=(one,))]) for thing in things for one in thing.records]
    said = {reply.answer.value if reply.answer else "" for reply in each}
    is_same = form.ask is Ask.VALUE and len(things) == 1 and len(said) == 1 and "" not in said
    return answer_about(asking, form, things) if is_same else None


def ask_json(services: AskServices, question: str, audiences: Audiences) -> dict[str, Json]:
    """The reply as JSON; its query names concepts and how far they reach, and not all that follows from that.

    Args:
        services: What it is answered from.
        question: The question in plain words.
        audiences: What the reader holds.
    """
    reply = ask(services, question, audiences)
    return replace(reply, query=brief(reply.query, services.search.concepts, services.search.roles)).to_json()


def _shown(question: str) -> str:
    """What people see of the question: without control characters and marks of no width."""
    kinds = {character: category(character) for character in set(question)}
    return "".join("" if kinds[one] == "Cf" else " " if kinds[one] == "Cc" else one for one in question)


def _form_of(services: AskServices, text: str) -> Form:
    return form_of(text, lambda words: _named(services, words), lambda words: _measured(services, words))


def _measured(services: AskServices, text: str) -> int:
    """How many characters at the beginning of a text name a quantity."""
    length = _named(services, text)
    return length if isinstance(services.properties.find(text[:length]), QuantityAsked) else 0


def _named(services: AskServices, text: str) -> int:
    """How many characters at the beginning of a text name a property: as many words as can."""
    words = list(WORD.finditer(text))[:6]
    if not words or text[: words[0].start()].strip():
        return 0
    ends = [word.end() for word in reversed(words) if word.group().lower() not in _LINKS]
    return next((end for end in ends if services.properties.find(text[:end]) is not None), 0)
