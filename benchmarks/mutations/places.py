"""What an error is made of: a document, a place in it at random, and what stands there instead."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.mutations.scanning import Token

C_LANGUAGE = "https://w3id.org/emmo#EMMO_36a9bf69_483b_42fd_8a0c_7ac9206320bc"
"""The programming language, mistaken for degrees Celsius by people who write ``C``."""
NUMBER_KEYS = frozenset(("hasNumericalValue", "hasNumberValue"))
UNIT_KEY = "hasMeasurementUnit"


@dataclass(slots=True)
class Source:
    """A real document with what the untouched form is found to have."""

    name: str
    text: str
    tokens: list[Token]
    before: Counter[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Injected:
    """A document with one error."""

    text: str
    line: int
    codes: frozenset[str]
    right: str | None = None
    """The one right correction, as a replacement of the finding's value: ``""`` when that is too much; where something is missing,
    and the value ``""``, what is missing; ``None`` when the text does not determine it."""


@dataclass(slots=True)
class World:
    """What the injections need to know of the vocabularies."""

    terms: frozenset[str]
    deprecated: dict[str, str | None]
    """IRI of a deprecated class -> IRI of the class that replaces it."""
    deprecated_batteries: list[str]
    """IRIs of deprecated classes of batteries."""
    dimension_of: Callable[[str], Any]
    """Dimension of a unit, or of a kind of quantity, by the last part of its name."""
    random: random.Random = field(default_factory=random.Random)


Make = Callable[[Source, World], "Injected | None"]


def injected(
    source: Source, start: int, end: int, new: str, codes: str, right: str | None = None, at: int | None = None
) -> Injected:
    """The document with ``text[start:end]`` replaced; the error is on the line of ``at`` (unset: of ``start``)."""
    text = source.text[:start] + new + source.text[end:]
    return Injected(text, text.count("\n", 0, start if at is None else at) + 1, frozenset(codes.split()), right)


def pick(source: Source, world: World, wanted: Callable[[Token], bool]) -> Token | None:
    """One place of the document, at random."""
    found = [token for token in source.tokens if wanted(token)]
    return world.random.choice(found) if found else None


def pick_number(source: Source, world: World, kinds: set[str]) -> Token | None:
    """The number of a quantity of one of these kinds, at random; above zero."""
    nodes = [token for token in source.tokens if kinds & set(types_of(token.value))]
    numbers = [
        token
        for node in nodes
        for token in source.tokens
        if is_number(token) and token.pointer.startswith(f"{node.pointer}/") and token.value > 0
    ]
    return world.random.choice(numbers) if numbers else None


def typo(word: str, world: World) -> str:
    """A slip of the fingers: two letters swapped, one left out, one doubled or one mistaken; never another term."""
    for _ in range(50):
        place = world.random.randrange(1, len(word) - 1)
        slip = world.random.choice(["swap", "drop", "double", "mistake"])
        if slip == "swap":
            wrong = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        elif slip == "drop":
            wrong = word[:place] + word[place + 1 :]
        elif slip == "double":
            wrong = word[:place] + word[place] + word[place:]
        else:
            wrong = word[:place] + world.random.choice("aeionrst") + word[place + 1 :]
        if wrong != word and wrong not in world.terms:
            return wrong
    raise ValueError(word)


def in_context(token: Token) -> bool:
    """Whether the place is inside a context, which is another matter."""
    return "@context" in token.pointer


def is_term_key(token: Token, world: World) -> bool:
    """A key that is a term of a context."""
    return token.key_start >= 0 and len(token.key) > 4 and token.key in world.terms and not in_context(token)


def is_number(token: Token) -> bool:
    """The number of a quantity."""
    return token.key in NUMBER_KEYS and type(token.value) in (int, float) and token.key_start >= 0


def is_unit(token: Token) -> bool:
    """The one unit of a quantity, written as a text."""
    is_one = token.key == UNIT_KEY and isinstance(token.value, str) and token.key_start >= 0
    return is_one and token.value != C_LANGUAGE and not in_context(token)


def is_type(token: Token) -> bool:
    """A class named in @type."""
    return token.key == "@type" and isinstance(token.value, str) and not in_context(token)


def types_of(node: Any) -> list[str]:
    """What @type of an object says."""
    found = node.get("@type", []) if isinstance(node, dict) else []
    return [found] if isinstance(found, str) else [one for one in found if isinstance(one, str)]


def local(name: str) -> str:
    """The last part of a name: of an IRI or CURIE what stands after its namespace."""
    return name.replace("#", ":").replace("/", ":").rpartition(":")[2]


def node_start(source: Source, token: Token) -> int:
    """Where the object around a member begins."""
    above = token.pointer.rpartition("/")[0]
    return next(other.start for other in source.tokens if other.pointer == above)


def without_member(text: str, token: Token) -> str:
    """The text without a member of an object; line breaks stay, so that every other line keeps its number."""
    start, end = token.key_start, token.end
    after = text[end:].lstrip()
    if after.startswith(","):
        end = text.index(",", end) + 1
    else:
        start = text.rindex(",", 0, start)
    gone = text[start:end]
    return text[:start] + "\n" * gone.count("\n") + text[end:]
