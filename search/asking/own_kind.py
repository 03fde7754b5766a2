"""What a question says that a thing is, beside its name: *the LG E101A pouch cell*, *cycle life of the CATL 280Ah LiFePO4*."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from records.rights import Audiences
from search.asking.phrases import CHECK
from search.asking.services import AskServices
from search.asking.thing import Thing
from search.matching import matches
from search.query import ConceptPart, EntityPart

_WORD: Final = r"[\w/+-]+"
_BEHIND: Final = re.compile(rf"\s+(?P<kind>{_WORD}(?: {_WORD}){{0,2}}?)(?= (?:cell|battery|accumulator)\b)", re.IGNORECASE)
_AT_END: Final = re.compile(rf"\s+(?P<kind>{_WORD})(?=[\s?.!,]*\Z)")
_IN_BRACKETS: Final = re.compile(r"\s*\((?:i\.?e\.? |aka |also )?(?P<name>[^()]{3,60})\)", re.IGNORECASE)
_BEFORE: Final = re.compile(
    rf"(?:\A|\b(?:the|an?|my|does|is) )(?P<kind>{_WORD}(?: (?!and |or ){_WORD})?)(?: (?:cell|battery))? \Z", re.IGNORECASE
)


def with_own_kind(services: AskServices, audiences: Audiences, text: str, things: Sequence[Thing]) -> tuple[Thing, ...]:
    """The things with the words beside their names that say of what kind they are, where their records say so too.

    Args:
        services: Understand the words.
        audiences: What the reader holds.
        text: The question.
        things: The things, in its order.
    """
    found: list[Thing] = []
    for thing in with_brackets(services, audiences, text, things):
        behind = _BEHIND.match(text, thing.end) or (_AT_END.match(text, thing.end) if _is_asked_for(text, thing) else None)
        if behind is not None and _has_kind(services, audiences, behind["kind"], thing):
            thing = replace(thing, end=behind.end())
        before = _BEFORE.search(text, found[-1].end if found else 0, thing.start)
        if before is not None and _has_kind(services, audiences, before["kind"], thing):
            thing = replace(thing, start=before.start("kind"))
        found.append(thing)
    return tuple(found)


def with_brackets(services: AskServices, audiences: Audiences, text: str, things: Sequence[Thing]) -> tuple[Thing, ...]:
    """The things with what they are called once more, in brackets behind their names: *EC (ethylene carbonate)*."""
    brackets = [_IN_BRACKETS.match(text, thing.end) for thing in things]
    return tuple(
        replace(thing, end=found.end()) if found and _is_called(services, audiences, found["name"], thing) else thing
        for thing, found in zip(things, brackets, strict=True)
    )


def _is_called(services: AskServices, audiences: Audiences, words: str, thing: Thing) -> bool:
    """Whether the words name what a record of the thing is or has."""
    parts = services.understand(words, audiences).parts
    is_named = bool(parts) and all(isinstance(part, ConceptPart | EntityPart) and not part.negated for part in parts)
    return is_named and any(all(matches(part, one) for part in parts) for one in thing.records)


def _is_asked_for(text: str, thing: Thing) -> bool:
    """Whether something is asked of the thing before its name; what stands behind it is not what is asked then."""
    return bool(text[: thing.start].strip()) and CHECK.match(text.lstrip()) is None


def _has_kind(services: AskServices, audiences: Audiences, words: str, thing: Thing) -> bool:
    """Whether the words name formats, chemistries or materials, and a record of the thing has all of them."""
    properties = services.properties
    kinds = properties.formats | properties.materials | properties.chemistries
    parts = services.understand(f"{words} cell", audiences).parts
    named = [part for part in parts if isinstance(part, ConceptPart) and not part.negated and not kinds.isdisjoint(part.concepts)]
    return bool(named) and len(named) == len(parts) and any(all(matches(part, one) for part in named) for one in thing.records)
