"""Forms of English words, in one place: *pulse*, *pulses*, *pulsed*; *interrupt*, *interruption*, *interrupted*.

`forms_of` are whole words that stand in texts instead of one (`everyday`). `stem` is the beginning that all forms of a word have
in common: words of a question match the beginnings of words in texts (`search.words.find_word`), so it finds every form, those of
other kinds of word too. `bases` tells what a word can be a form of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_LONG: Final = 4
"""Letters of a long ending."""
_LEAST: Final = 4
_LEAST_OF_LONG: Final = 5
"""Letters of a stem, and of one before a long ending: fewer begin too many other words."""
_ENDINGS: Final = (
    *("isation", "ization", "ations", "ements", "ities", "ation", "ement", "ings", "ions", "ally"),
    *("ing", "ion", "ies", "ers", "ity", "ed", "es", "er", "ly", "al", "s", "e", "y"),
)
"""The longest first."""
_PLAIN: Final = re.compile(r"[A-Za-z]?[a-z]+")
_DOUBLED: Final = re.compile(r"(?<=\w\w\w)([bdgmnprt])\1\Z")
"""A consonant that is doubled before an ending: *stopped*."""
_LABEL_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")

_ENGLISHES: Final = tuple(
    (re.compile(rf"\A(?P<before>{before}){written}(?P<after>{after})\Z"), other)
    for before, british, american, after in (
        (r"\w{3,}", "is", "iz", r"e[sdr]?|ers|ing|ations?"),
        (r"\w{2,}", "ys", "yz", r"e[sdr]?|ers|ing"),
        ("col|vap|od|lab|fav|flav|behavi|neighb", "our", "or", r"s?|ed|ing|able|less|al"),
        (r"\w*(?:met|lit|cent|fib)", "re", "er", "s?"),
        (r"\w{2,}", "ell", "el", r"ed|ing|ers?"),
        (r"\w{2,}", "ogue", "og", "s?"),
        ("lic|def|off", "ence", "ense", "s?"),
        ("", "grey", "gray", r"\w*"),
        ("", "disc", "disk", "s?"),
        ("", "age", "ag", "ing"),
        ("", "sulph", "sulf", r"\w*"),
        ("", "aluminium", "aluminum", "s?"),
        ("anti|micro|multi|nano|non|post|semi|ultra", "-", "", r"\w{3,}"),
    )
    for written, other in ((british, american), (american, british))
)
"""How British and American English spell the same, in both directions."""
_SHORTEST_FORMED: Final = 4
_SHORTEST_BASE: Final = 3
_HISSING: Final = re.compile(r"(?:s|x|z|ch|sh)\Z")
_HISSED: Final = re.compile(r"(?:ss|x|ch|sh|\A[^aeiou]+[aeiou]s)\Z")
"""What *-es* is left off of: *processes*, *boxes*, *gases*, but *sizes*."""
_OF_METHODS: Final = (("metry", "meter", "metric"), ("scopy", "scope", "scopic"), ("graphy", "graph", "graphic"))
"""Endings of methods, their instruments and their adjectives."""
_SHORTEST_METHOD: Final = 8
"""Letters beyond which a word is no mere *meter* or *graph*."""
_SHORT: Final = re.compile(r"[^aeiou]*[aeiou][^aeiouwxy]")
"""A word whose last letter is doubled: *stop*, *stopped*."""
_SHORT_PLURAL: Final = re.compile(r"[^aeiou]+[aeiou]ses")
"""*Gases*."""
_CONSONANT_Y: Final = re.compile(r"[^aeiou]y\Z")
_NOUN: Final = re.compile(
    r"(?:[ai]ty|logy|phy|ery|[aeo]ry|ncy|acy|omy|try|[st]ion|ment|ness|ship|[ae]nce|ism|ist|hood|\w{3}age|[dlnr]ite|sis)\Z"
)
"""Endings of words that are no verbs: *university*, of which there is a plural alone."""
_ENDS_WITH_E: Final = re.compile(r"[^aeiou]*[aeiou][^aeiouwxy]|\w+(?:(?<!s)s|[cuvz]|(?<!g|n)g|[^aeioulrw]l)")
"""What is left of a word with *e* at its end before *-ing* and *-ed*: *rac*, *pierc*, *charg*, *cycl*."""
_WHOLE: Final = re.compile(r"\w*(?:[aeiou]{2}[^aeiou]|[^aeiou]{2}|[wxy])")
"""What is a whole word before them, else: *heat*, *test*, *squash*; of *limit* and *dilut* nobody can tell."""


def bases(word: str) -> Iterator[str]:
    """Every word that this one can be a form of, itself first; some are no words.

    >>> list(bases("carried"))
    ['carried', 'carrie', 'carri', 'carry']
    """
    yield word
    for ending in ("s", "es", "d", "ed", "ing", "r", "er", "st", "est", "ly"):
        base = word.removesuffix(ending)
        if base == word or len(base) < _SHORTEST_BASE:
            continue
        yield base
        if ending == "ing":
            yield f"{base}e"
        if ending in ("es", "ed", "er", "est", "ly") and base.endswith("i"):
            yield f"{base[:-1]}y"
        if ending in ("ed", "ing", "er", "est") and base[-1] == base[-2]:
            yield base[:-1]


def forms_of(word: str) -> tuple[str, ...]:
    """Other forms of an English word that may stand in a text instead of it.

    >>> forms_of("racing"), forms_of("squashed"), forms_of("universities")
    (('race', 'races', 'raced'), ('squash', 'squashes', 'squashing'), ('university',))
    """
    word = word.lower()
    if len(word) < _SHORTEST_FORMED or not (word.isascii() and word.isalpha()):
        return ()
    return tuple(dict.fromkeys(form for base in _bases(word) for form in _inflected(base) if form != word))


def spelt_otherwise(word: str) -> tuple[str, ...]:
    """The word as it is spelt on the other side of the Atlantic; what is no word finds nothing.

    >>> [spelt_otherwise(word) for word in ("parameterisation", "modeling", "fibres", "colour", "gray", "cells")]
    [('parameterization',), ('modelling',), ('fibers',), ('color',), ('grey',), ()]
    """
    matches = ((pattern.match(word), other) for pattern, other in _ENGLISHES)
    return tuple(dict.fromkeys(f"{match['before']}{other}{match['after']}" for match, other in matches if match))


def _bases(word: str) -> tuple[str, ...]:
    """The likeliest words that it is a form of; itself, where it has no such ending."""
    if word.endswith(("ies", "ied")):
        return (f"{word[:-3]}y",)
    for ending in ("ing", "ed"):
        left = word.removesuffix(ending)
        if left != word and len(left) >= _SHORTEST_BASE - (ending == "ing") and re.search("[aeiouy]", left):
            return _whole(left)
    left = word.removesuffix("es")
    if left != word and len(left) >= _SHORTEST_BASE and _HISSED.search(left):
        return (left,)
    is_plural = word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return (word.removesuffix("s") if is_plural else word,)


def _whole(left: str) -> tuple[str, ...]:
    """What is left before *-ing* or *-ed* as a word: with its *e*, or one letter instead of two; both, where that is not sure."""
    if left[-1] == left[-2] and left[-1] not in "lsz":
        return (left[:-1],)
    if left.endswith("e"):
        return (left,)
    if _ENDS_WITH_E.fullmatch(left):
        return (f"{left}e",)
    return (left,) if _WHOLE.fullmatch(left) else (left, f"{left}e")


def of_method(word: str) -> tuple[str, ...]:
    """The instrument and the adjective of a method, or the method of these.

    >>> of_method("calorimetry"), of_method("microscope"), of_method("battery")
    (('calorimeter', 'calorimetric'), ('microscopy', 'microscopic'), ())
    """
    lower = word.lower()
    endings = next((group for group in _OF_METHODS if lower.endswith(group) and len(lower) > _SHORTEST_METHOD), ())
    base = lower.removesuffix(next((one for one in endings if lower.endswith(one)), ""))
    return tuple(base + one for one in endings if base + one != lower)


def plural(word: str) -> str:
    """The plural of a noun.

    >>> [plural(word) for word in ("mission", "battery", "process", "analysis")]
    ['missions', 'batteries', 'processes', 'analyses']
    """
    if word.endswith("sis"):
        return f"{word[:-2]}es"
    return f"{word[:-1]}ies" if _CONSONANT_Y.search(word) else f"{word}es" if _HISSING.search(word) else f"{word}s"


def _inflected(word: str) -> tuple[str, ...]:
    """A word with the endings of English."""
    several = plural(word)
    if _NOUN.search(word):
        return (word, several)
    if word.endswith("e"):
        return (word, several, f"{word}d", f"{word[:-1]}ing")
    if _SHORT.fullmatch(word):
        return (word, several, f"{word}{word[-1]}ed", f"{word}{word[-1]}ing")
    return (word, several, f"{word[:-1]}ied" if _CONSONANT_Y.search(word) else f"{word}ed", f"{word}ing")


def stem(word: str) -> str:
    """The stem of a word; codes, abbreviations and short words are their own.

    >>> [stem(word) for word in ("pulses", "charging", "Interruption", "measurement", "stopped", "rest", "EIS", "NMC811")]
    ['puls', 'charg', 'interrupt', 'measur', 'stop', 'rest', 'EIS', 'NMC811']
    """
    if _PLAIN.fullmatch(word) is None:
        return word
    said = word.lower()
    if _SHORT_PLURAL.fullmatch(said):
        return said.removesuffix("es")
    ending = next((one for one in _ENDINGS if said.endswith(one) and len(said) - len(one) >= _least(one)), "")
    return _DOUBLED.sub(r"\1", said.removesuffix(ending)) if ending in ("ed", "ing", "er", "ers") else said.removesuffix(ending)


def _least(ending: str) -> int:
    return _LEAST if len(ending) < _LONG else _LEAST_OF_LONG


def label_words(label: str) -> list[str]:
    """The words of a label in one piece.

    >>> label_words("GasSampling"), label_words("EISMeasurement")
    (['Gas', 'Sampling'], ['EIS', 'Measurement'])
    """
    return _LABEL_WORD.findall(label)
