"""The beginning that all forms of a word have in common: *pulse*, *pulses*, *pulsed*; *interrupt*, *interruption*, *interrupted*.

Words of a question match the beginnings of words in texts (`search.words.find_word`), so a stem finds every form.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
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


def stem(word: str) -> str:
    """The stem of a word; codes, abbreviations and short words are their own.

    >>> [stem(word) for word in ("pulses", "charging", "Interruption", "measurement", "stopped", "rest", "EIS", "NMC811")]
    ['puls', 'charg', 'interrupt', 'measur', 'stop', 'rest', 'EIS', 'NMC811']
    """
    if _PLAIN.fullmatch(word) is None:
        return word
    said = word.lower()
    ending = next((one for one in _ENDINGS if said.endswith(one) and len(said) - len(one) >= _least(one)), "")
    return _DOUBLED.sub(r"\1", said.removesuffix(ending)) if ending in ("ed", "ing", "er", "ers") else said.removesuffix(ending)


def alike(word: str) -> tuple[str, ...]:
    """The stem of a word, and those of words that say the same of a test (``alike.toml``).

    >>> alike("scans"), alike("anode")
    (('scan', 'sweep'), ('anod',))
    """
    own = stem(word)
    return tuple(dict.fromkeys((own, *_groups().get(own, ()))))


@lru_cache(maxsize=1)
def _groups() -> Mapping[str, tuple[str, ...]]:
    groups: list[list[str]] = tomllib.loads(files(__package__).joinpath("alike.toml").read_text(encoding="utf-8"))["groups"]
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        stems = tuple(word if " " in word else stem(word) for word in group)
        for one in stems:
            found[one] = (*found.get(one, ()), *stems)
    return found


def _least(ending: str) -> int:
    return _LEAST if len(ending) < _LONG else _LEAST_OF_LONG


def label_words(label: str) -> list[str]:
    """The words of a label in one piece.

    >>> label_words("GasSampling"), label_words("EISMeasurement")
    (['Gas', 'Sampling'], ['EIS', 'Measurement'])
    """
    return _LABEL_WORD.findall(label)
