"""Sayings in everyday words for what records have a name for: *drawn in short bursts*, *glue that holds the powder together*."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Final

_QUOTED: Final = re.compile(r'("[^"]*")')
_SPACE: Final = re.compile(r" (\?)?")
"""A space of a pattern, which may be missing or not."""
_WORDS: Final = re.compile(r"\{([a-z ]+)\}")


def in_names(text: str) -> str:
    """The text with the names of what it says in everyday words (``sayings.toml``); what is quoted stays.

    >>> in_names("cells that survive charging and discharging more than 3000 times")
    'cells that cycle life more than 3000 times'
    >>> in_names("the glue that holds the powder together")
    'binder'
    """
    return "".join(piece if number % 2 else _named(piece) for number, piece in enumerate(_QUOTED.split(text)))


def _named(text: str) -> str:
    for pattern, name in _sayings():
        text = pattern.sub(name, text)
    return text


@lru_cache(maxsize=1)
def _sayings() -> tuple[tuple[re.Pattern[str], str], ...]:
    """One pattern for each name, in the order of the file."""
    content = tomllib.loads(files(__package__).joinpath("sayings.toml").read_text(encoding="utf-8"))
    words: dict[str, str] = content["words"]
    names: dict[str, list[str]] = content["names"]
    return tuple((_pattern(_WORDS.sub(lambda one: words[one[1]], way) for way in said), name) for name, said in names.items())


def _pattern(said: Iterable[str]) -> re.Pattern[str]:
    ways = "|".join(_SPACE.sub(lambda space: r"[\s-]*" if space[1] else r"[\s-]+", one) for one in said)
    return re.compile(rf"(?<![\w-])(?:{ways})(?:(?<=\s)|(?![\w-]))", re.IGNORECASE)
