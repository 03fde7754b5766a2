"""Everyday words: other forms and other words for what a text may say (``everyday_words.toml``), and words that tell nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final

from search.query import TextPart
from search.query_json import MAX_FORMS
from search.understanding.adjectives import phrase
from search.understanding.question import Question
from search.understanding.vocabulary import word_set
from search.words import forms_of, words_of

_EMPTY: Final = """
    again allow allows almost already although always among another around arrive arrives ask away back bad badly became
    because become becomes begin begins behave behaves big bit briefly bring brings brought came care chance choose clearly
    close come comes coming common commonly consider considered depend depends differently difficult directly easily easy end
    ended ends enough ever every everyone exist exists explain explained explanation far feel felt few fine fully further gave
    general generally get gets getting give gives go goes going gone good great grew grow happen happened happening happens
    hard hardly help helps hold holding huge idea ideas immediately important indeed inside interesting just keep keeping
    keeps kept kind know knowing known knows large lately later learn least leave leaves left lets lie lies little long longer
    look looked looks lot lots lying main mainly matter matters maybe mean means meant merely might mostly move moved much
    must nearly never new nice nobody normal normally nowadays obvious off often old once ones outside overall own part
    particular particularly parts people perhaps place places plain popular possibly prefer pretty probably promise promised
    promises properly proposed put puts putting quick quickly quite raise raised rarely rather ready real really reason
    reasons recently related relevant require required requires researcher researchers right said same saw say says scientist
    scientists see seem seems seen separate set sets several short shortly should simple simply sit sits slightly slowly sold
    somebody sometimes soon special specifically start started starting starts stay stays still stop stopped story strange
    stuff sure take taken takes taking talk talks tell tells thing things think though thought through throughout time tiny
    together told too took top total totally toward towards tried tries true try trying turn turned turns typical typically
    under understand unusual useful uses usual usually very way ways well went whether while whole wish without wonder worth
    write writes written wrote yet
"""
EMPTY: Final = word_set(_EMPTY)
"""Words of talk, which say nothing about a record."""


@lru_cache(maxsize=1)
def _groups() -> tuple[tuple[str, ...], ...]:
    content = tomllib.loads(files(__package__).joinpath("everyday_words.toml").read_text(encoding="utf-8"))
    return tuple(tuple(group) for group in content["groups"])


@lru_cache(maxsize=1)
def _others() -> Mapping[str, tuple[str, ...]]:
    """For each way to say something, the other ways."""
    said: dict[str, dict[str, None]] = {}
    for group in _groups():
        for member in group:
            for form in (member, *_forms(member)):
                said.setdefault(_key(form), {}).update(dict.fromkeys(group))
    return {key: tuple(ways) for key, ways in said.items()}


def _key(said: str) -> str:
    return " ".join(words_of(said))


def _forms(said: str) -> tuple[str, ...]:
    return forms_of(said) if said.islower() else ()


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    """Ways to say something with more than one word."""
    several = sorted(
        {member for group in _groups() for member in group if len(words_of(member)) > 1}, key=lambda one: (-len(one), one)
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(phrase, several))})s?(?![\w-])", re.IGNORECASE)


def word_part(text: str) -> TextPart:
    """The part for a word, or several, with its other forms and other words for it.

    >>> word_part("squashed").forms[:4]
    ('squash', 'squashes', 'squashing', 'squashe')
    """
    others = [one for way in _others().get(_key(text), ()) for one in (way, *_forms(way))]
    forms = [one for one in dict.fromkeys([*_forms(text), *others]) if _key(one) != _key(text)]
    return TextPart(text, forms=tuple(forms[:MAX_FORMS]))


def is_everyday(word: str) -> bool:
    """Whether there are other words for it, or it tells nothing."""
    return word in EMPTY or word in _others()


def read_phrases(question: Question) -> None:
    """Put a part for every everyday phrase of several words of which nothing is understood yet."""
    for match in _phrases().finditer(question.text):
        if question.is_free(*match.span()) and not question.is_inside_name(*match.span()) and not _is_name(question, match):
            question.put(*match.span(), word_part(match.group()))


def _is_name(question: Question, match: re.Match[str]) -> bool:
    """Whether it is the name of a concept."""
    return any((span.start, span.end) == match.span() for span in question.spans)
