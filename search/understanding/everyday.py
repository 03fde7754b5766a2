"""Everyday words: other forms of them and other words for the same (``everyday_words.toml``), and those that name nothing.

A question *from whichever vendor* is about no vendor: words of general English (``plain_words.toml``) are looked for only where
nothing else is named, words of talk never.
"""

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
from search.understanding.question import WORD, Question
from search.understanding.stems import bases, forms_of, plural, spelt_otherwise, stem
from search.understanding.vocabulary import word_set
from search.words import words_of

_FORMED: Final = ("ing", "ed")
"""Ends of words that stand for themselves: *flying* is no *fly*."""
_OR: Final = re.compile(r"(?<=\w)\s+(?:or|and/or)\s+(?=\w)", re.IGNORECASE)
_HEADS: Final = ((2, 1, 2), (1, 1, 2), (2, 1, 1), (1, 1, 1), (1, 2, 1), (2, 2, 1))
"""Words of the first alternative, words of the second one, and words that follow and are of both."""


@lru_cache(maxsize=1)
def _plain_words() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Words of talk, all words of general English, and of these the nouns and adjectives."""
    content = tomllib.loads(files(__package__).joinpath("plain_words.toml").read_text(encoding="utf-8"))
    talk, general = word_set(content["talk"]), content["general"]
    describing = word_set(general["nouns"]) | word_set(general["adjectives"])
    return talk, talk.union(*map(word_set, general.values())), describing


def is_talk(word: str) -> bool:
    """Whether it is a word of talk in any form, which says nothing about a record.

    >>> is_talk("happened"), is_talk("brick")
    (True, False)
    """
    talk = _plain_words()[0]
    return word.lower() in talk or (word.islower() and not talk.isdisjoint(bases(word)) and word not in _others())


def is_general(word: str) -> bool:
    """Whether it is a word of general English in any form, which names nothing: *regardless of vendor*, *bricks*, *whoever*.

    >>> [is_general(word) for word in ("vendors", "regardless", "roughly", "splitting", "separator", "argyrodite")]
    [True, True, True, True, False, False]
    """
    return word.islower() and not _plain_words()[1].isdisjoint(bases(word)) and word not in _others()


def may_describe(word: str) -> bool:
    """Whether a word of general English may be part of a name of several words: *equivalent* circuit, coin cell *assembly*."""
    return not _plain_words()[2].isdisjoint(bases(word))


@lru_cache(maxsize=1)
def _content() -> Mapping[str, list[list[str]]]:
    text = files(__package__).joinpath("everyday_words.toml").read_text(encoding="utf-8")
    content: dict[str, list[list[str]]] = tomllib.loads(text)
    return content


@lru_cache(maxsize=1)
def _car_names() -> Mapping[str, list[str]]:
    text = files(__package__).joinpath("car_names.toml").read_text(encoding="utf-8")
    makes: dict[str, list[str]] = tomllib.loads(text)
    return makes


def is_car_make(word: str) -> bool:
    """Whether it is a make of cars, which says that a car is meant."""
    return word in _car_names()


def _groups() -> list[list[str]]:
    return _content()["groups"]


@lru_cache(maxsize=1)
def _others() -> Mapping[str, tuple[str, ...]]:
    """For each way to say something, the other ways."""
    said: dict[str, dict[str, None]] = {}
    for group in _groups():
        for member in group:
            for form in (member, *_forms(member)):
                said.setdefault(_key(form), {}).update(dict.fromkeys(group))
    for make, models in _car_names().items():
        said.setdefault(_key(make), {}).update(dict.fromkeys(models))
    return {key: tuple(ways) for key, ways in said.items()}


def _key(said: str) -> str:
    return " ".join(words_of(said))


def _of_word(said: str) -> tuple[str, ...]:
    forms = forms_of(said) if said.islower() else ()
    return (*forms, *(other for form in (said.lower(), *forms) for other in spelt_otherwise(form)))


def _forms(said: str) -> tuple[str, ...]:
    """Other forms in which people say it: of several words their plural."""
    first, _, last = said.rpartition(" ")
    return (f"{first} {plural(last)}",) if first and said.islower() else _of_word(said)


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    """Ways to say something with more than one word."""
    several = sorted(
        {member for group in _groups() for member in group if len(words_of(member)) > 1}, key=lambda one: (-len(one), one)
    )
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(phrase, several))})s?(?![\w-])", re.IGNORECASE)


def with_shared_heads(text: str) -> str:
    """The text with what two alternatives share said of both, where that is a way to say something with several words.

    >>> with_shared_heads("support vector or PSO"), with_shared_heads("internal or external short circuit tests")
    ('support vector or PSO', 'internal short circuit or external short circuit tests')
    """
    for said in reversed([*_OR.finditer(text)]):
        before, after = [*WORD.finditer(text, 0, said.start())], [*WORD.finditer(text, said.end())]
        for start, first, length in _HEADS:
            if len(before) < start or len(after) < first + length:
                continue
            one = text[before[-start].start() : said.start()]
            head = text[after[first].start() : after[first + length - 1].end()]
            if _phrases().fullmatch(f"{one} {head}") and not _phrases().fullmatch(one):
                text = f"{text[: said.start()]} {head}{text[said.start() :]}"
                break
    return text


def word_part(text: str) -> TextPart:
    """The part for a word, or several, with its other forms and other words for it.

    >>> word_part("squashed").forms[:4]
    ('squash', 'squashes', 'squashing', 'crush')
    """
    ways = _others().get(_key(text), ())
    others = [one for way in ways for one in (way, *(() if way.endswith(_FORMED) else _of_word(way)))]
    forms = [one for one in dict.fromkeys([*_of_word(text), *others]) if _key(one) != _key(text)]
    return TextPart(text, forms=tuple(forms[:MAX_FORMS]))


def is_everyday(word: str) -> bool:
    """Whether there are other words for it, or it tells nothing."""
    return is_talk(word) or word in _others()


def alike(word: str) -> tuple[str, ...]:
    """The stem of a word, and those of words that say the same of a test.

    >>> alike("scans"), alike("anode")
    (('scan', 'sweep'), ('anod',))
    """
    own = stem(word)
    return tuple(dict.fromkeys((own, *_stems().get(own, ()))))


@lru_cache(maxsize=1)
def _stems() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for group in _content()["of_tests"]:
        stems = tuple(word if " " in word else stem(word) for word in group)
        for one in stems:
            found[one] = (*found.get(one, ()), *stems)
    return found


def read_phrases(question: Question) -> None:
    """Put a part for every everyday phrase of several words of which nothing is understood yet."""
    for match in _phrases().finditer(question.text):
        if question.is_free(*match.span()) and not question.is_inside_name(*match.span()) and not _is_name(question, match):
            question.put(*match.span(), word_part(match.group()))


def _is_name(question: Question, match: re.Match[str]) -> bool:
    """Whether it is the name of a concept."""
    return any((span.start, span.end) == match.span() for span in question.spans)
