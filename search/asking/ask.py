"""From a question to an answer, in one place: the names in it, its form, and who answers that form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from unicodedata import category

from records.errors import LimitError
from records.rights import Audiences
from search.asking.about_sets import answer_beyond, answer_of_set
from search.asking.about_things import answer_about
from search.asking.conditions import AT
from search.asking.forms import THING, Ask, Form, form_of, marked, name_of
from search.asking.phrases import PLACED, SORT, WHERE
from search.asking.reply import Reply
from search.asking.services import Asking, AskServices
from search.asking.telling import near_text
from search.asking.things import Thing, Things
from search.expansion import brief
from search.query_json import Json
from search.understanding.question import WORD

_LINKS: Final = frozenset(("of", "for", "in", "the", "a", "an", "do", "does", "is", "are", "was", "were", "has", "have"))
"""Words with which no name of a property ends."""
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
    if not question.strip():
        return asking.unknown("Nothing was asked.")
    text = THING.sub(" ", _shown(question))
    finder = Things(text, services.index, services.vocabulary, audiences)
    things = finder.find()
    unknown = [thing for thing in things if not thing.records]
    if unknown:
        names = " and ".join(f"“{thing.text}”" for thing in unknown)
        near = tuple(dict.fromkeys(name for thing in unknown for name in thing.near))
        return asking.unknown(f"Asked about {names}. No record that you may read has that name.{near_text(near)}")
    form = form_of(marked(text, [(thing.start, thing.end) for thing in things]), lambda words: _named(services, words))
    if form.ask is Ask.BEYOND:
        return answer_beyond(asking, form, things[0], finder)
    if things:
        reply = answer_about(asking, form, things)
        of_title = _of_longer_title(asking, finder, text, things) if reply.answer is None else None
        return of_title if of_title is not None and of_title.answer is not None else reply
    titled = _titled(finder, form, text)
    if titled is None:
        return answer_of_set(asking, form, finder)
    of_thing = answer_about(asking, *titled)
    of_set = answer_of_set(asking, form, finder) if of_thing.answer is None else of_thing
    return of_set if of_set.answer is not None else of_thing


def _of_longer_title(asking: Asking, finder: Things, text: str, things: Sequence[Thing]) -> Reply | None:
    """The answer about a title that has the name of a model in it: *licence of the LIR2032 EIS dataset*."""
    titled = _titled(finder, form_of(text, lambda words: _named(asking.services, words)), text)
    is_longer = titled is not None and titled[1][0].label not in {thing.label for thing in things}
    return answer_about(asking, *titled) if titled is not None and is_longer else None


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


def _titled(finder: Things, form: Form, text: str) -> tuple[Form, list[Thing]] | None:
    """The question as one about a thing that has no model, where its title is all that the question names."""
    if form.ask is Ask.STATISTIC and not form.statistic:
        name, *condition = AT.split(form.rest, maxsplit=1)
        title, link, unit = form.rest.rpartition(" in ")
        thing = _of_title(finder, form.rest) or _of_title(finder, name)
        if thing is None and link and (in_unit := _of_title(finder, title)) is not None:
            return Form(Ask.VALUE, f"{form.property} in {unit}"), [in_unit]
        condition = condition if thing is not None and thing.text in name else []
        return (Form(Ask.VALUE, " at ".join([form.property, *condition])), [thing]) if thing else None
    if form.ask is Ask.SETS:  # *compare the density of NMC622 and NMC811*
        named = [_of_title(finder, one) for one in form.others]
        each = [thing for thing in named if thing is not None]
        return (Form(Ask.COMPARE, form.property), each) if len(each) == len(named) else None
    if form.ask is Ask.LIST and (placed := WHERE.match(text)):
        thing = _of_title(finder, PLACED.sub(" ", text[placed.end() :]))
        return (Form(Ask.PLACE, ""), [thing]) if thing else None
    thing = _of_title(finder, name_of(text))
    return (Form(Ask.KNOWN, ""), [thing]) if thing else None


def _of_title(finder: Things, text: str) -> Thing | None:
    """The thing of this title, with or without what it is said to be: *the LP30 electrolyte*."""
    name = text.strip(" ?!.,")
    found = finder.titled(name)
    return found or (finder.titled(SORT.sub("", name)) if SORT.search(name) else None)


def _named(services: AskServices, text: str) -> int:
    """How many characters at the beginning of a text name a property: as many words as can."""
    words = list(WORD.finditer(text))[:6]
    if not words or text[: words[0].start()].strip():
        return 0
    ends = [word.end() for word in reversed(words) if word.group().lower() not in _LINKS]
    return next((end for end in ends if services.properties.find(text[:end]) is not None), 0)
