"""What JSON-LD 1.1 forbids in a context that a document brings along: each fault with its place and what is wrong.

Reading goes on with what can be made of the definitions, so these are findings and no refusals.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from ontology.active_context import UNSET, ActiveContext, ContextFault, protecting
from ontology.context_words import CONTAINERS, KEYWORDS, is_like_keyword
from ontology.iris import is_absolute
from ontology.readings import Json

_KEYS: Final = frozenset(
    (
        "@container", "@context", "@direction", "@id", "@index", "@language", "@nest", "@prefix", "@protected", "@reverse", "@type",
    )
)  # fmt: skip
_ENTRIES: Final = frozenset(
    ("@base", "@direction", "@import", "@language", "@propagate", "@protected", "@version", "@vocab", "@type")
)
_DIRECTIONS: Final = ("ltr", "rtl", None)
_FREE: Final = frozenset(("@set", "@index"))
_MAX_DEPTH: Final = 8


class Fault(NamedTuple):
    """One thing that a context may not have: a JSON Pointer from the context on, and what is wrong there."""

    pointer: str
    message: str


def faults(local: Json, before: ActiveContext | None, after: ActiveContext) -> Iterator[Fault]:
    """What is wrong with a value of ``@context``, protected terms of earlier contexts included.

    Args:
        local: The value.
        before: The context that held so far; ``None`` for none.
        after: The context that holds with it.
    """
    protected = dict(_protected(before))
    entries = enumerate(local) if type(local) is list else ((-1, local),)
    for index, entry in entries:
        place = f"/{index}" if index >= 0 else ""
        if entry is None and protected:
            yield Fault(place, "null may not take away terms that a context before it protects")
        elif type(entry) is dict:
            for fault in _of_definitions(entry, protected, after, 0):
                yield Fault(place + fault.pointer, fault.message)
            protected.update(protecting(entry))


def _of_definitions(entry: dict[str, Json], protected: Mapping[str, Json], after: ActiveContext, depth: int) -> Iterator[Fault]:
    yield from _of_entries(entry)
    for name, raw in entry.items():
        if not name.startswith("@"):
            if name in protected and _same(protected[name]) != _same(raw):
                yield Fault(_step(name), f"{name!r} is protected by a context before it and may not be defined anew")
            for message in _of_term(name, raw, after if depth == 0 else None):
                yield Fault(_step(name), message)
            below = raw.get("@context") if type(raw) is dict else None
            if type(below) is dict and depth < _MAX_DEPTH:
                yield from (
                    Fault(f"{_step(name)}/@context{fault.pointer}", fault.message)
                    for fault in _of_definitions(below, {}, after, depth + 1)
                )


def _of_entries(entry: dict[str, Json]) -> Iterator[Fault]:
    """Entries of a context that are keywords."""
    for name, raw in entry.items():
        if name in KEYWORDS and name not in _ENTRIES:
            yield Fault(_step(name), f"the keyword {name!r} may not be defined anew")
        elif name == "@type" and not (type(raw) is dict and raw and _only_set(raw)):
            yield Fault("/@type", 'of "@type" a context may only say {"@container": "@set"}')
        elif name in ("@propagate", "@protected") and type(raw) is not bool:
            yield Fault(_step(name), f"{name} must be true or false")
        elif name == "@version" and raw != 1.1:
            yield Fault("/@version", "@version must be the number 1.1")
        elif name == "@import" and type(raw) is not str:
            yield Fault("/@import", "@import must be an address in quotes")
        elif name == "@language" and raw is not None and type(raw) is not str:
            yield Fault("/@language", "@language must be a language tag in quotes, or null")
        elif name == "@direction" and raw not in _DIRECTIONS:
            yield Fault("/@direction", '@direction must be "ltr", "rtl" or null')
        elif name == "":
            yield Fault("/", "a term must have at least one character")


def _only_set(raw: dict[str, Json]) -> bool:
    return raw.get("@container", "@set") in ("@set", ["@set"]) and raw.keys() <= {"@container", "@protected"}


def _of_term(name: str, raw: Json, after: ActiveContext | None) -> Iterator[str]:
    """What is wrong with one definition; *after* is ``None`` where its meaning cannot be asked for."""
    if type(raw) is str:
        if raw == "@context":
            yield "no term may stand for @context"
    elif type(raw) is dict:
        yield from _of_members(raw)
        yield from _of_reverse(raw)
        yield from _of_containers(raw)
        if raw.get("@prefix") is True and (":" in name or "/" in name or _is_keyword(raw.get("@id"))):
            yield f"{name!r} cannot be a prefix"
    elif raw is not None:
        yield f"a definition must be an IRI in quotes, an object or null, and {json.dumps(raw)} is none of these"
        return
    if after is not None and after.definition(name) == raw:  # not replaced by a later one
        yield from _of_meaning(name, raw, after)


def _of_members(raw: dict[str, Json]) -> Iterator[str]:
    for key, value in raw.items():
        if key not in _KEYS:
            yield f"a definition may have no {key!r}"
        elif key == "@id" and value is not None and type(value) is not str:
            yield "@id must be an IRI in quotes, or null"
        elif key == "@id" and value == "@context":
            yield "no term may stand for @context"
        elif key == "@type" and type(value) is not str:
            yield "@type must be an IRI, @id, @vocab, @json or @none, in quotes"
        elif key == "@language" and value is not None and type(value) is not str:
            yield "@language must be a language tag in quotes, or null"
        elif key == "@direction" and value not in _DIRECTIONS:
            yield '@direction must be "ltr", "rtl" or null'
        elif key in ("@prefix", "@protected") and type(value) is not bool:
            yield f"{key} must be true or false"
        elif key == "@nest" and (type(value) is not str or (value != "@nest" and is_like_keyword(value))):
            yield "@nest must be a term or @nest"
        elif key == "@index" and (type(value) is not str or is_like_keyword(value)):
            yield "@index must be a term or an IRI"


def _of_reverse(raw: dict[str, Json]) -> Iterator[str]:
    if "@reverse" in raw:
        if raw.keys() & {"@id", "@nest"}:
            yield "@reverse may not stand beside @id or @nest"
        if type(raw["@reverse"]) is not str:
            yield "@reverse must be an IRI in quotes"


def _of_containers(raw: dict[str, Json]) -> Iterator[str]:
    value = raw.get("@container")
    named = value if type(value) is list else [] if value is None else [value]
    containers = frozenset(item for item in named if type(item) is str)
    alone = containers - {"@set"}
    if len(containers) < len(named) or not containers <= CONTAINERS or (alone and not _may_stand_together(alone, containers)):
        yield f"@container may not be {json.dumps(value)}"
    elif "@reverse" in raw and not containers <= _FREE:
        yield "with @reverse, @container may only be @set or @index"
    if "@index" in raw and "@index" not in containers:
        yield '@index in a definition needs "@container": "@index"'


def _may_stand_together(alone: frozenset[str], containers: frozenset[str]) -> bool:
    if "@graph" in alone:
        return len(alone) <= 2 and alone <= {"@graph", "@id", "@index"}
    return len(alone) == 1 and not ("@list" in alone and len(containers) > 1)


def _of_meaning(name: str, raw: Json, after: ActiveContext) -> Iterator[str]:
    """What is wrong with what a definition comes to."""
    try:
        term = after.term(name)
    except ContextFault as fault:
        yield fault.message
        return
    if term.iri is None:
        meaning = raw.get("@id", raw.get("@reverse")) if type(raw) is dict else raw
        is_told = type(raw) is dict and meaning is not None and type(meaning) is not str
        if not term.is_silenced and not is_told and not (type(meaning) is str and is_like_keyword(meaning)):
            yield f"{name!r} comes to no IRI"
        return
    coercion = raw.get("@type") if type(raw) is dict else None
    is_datatype = type(coercion) is str and coercion not in ("@id", "@vocab", "@json", "@none")
    if is_datatype and (not is_absolute(term.coercion) or term.coercion.startswith("_:")):
        yield f"the @type {coercion!r} of {name!r} comes to no IRI"
    if (":" in name[1:-1] or "/" in name) and term.iri != _of_name(name, after):
        yield f"{name!r} reads as an IRI and may not be defined as another one"


def _of_name(name: str, after: ActiveContext) -> str:
    """The IRI that a name with a colon has by itself."""
    prefix, colon, local = name.partition(":")
    if not colon:
        return ""
    if local.startswith("//") or after.definition(prefix) is UNSET:
        return name
    return f"{after.term(prefix).iri}{local}"


def _protected(before: ActiveContext | None) -> Iterator[tuple[str, Json]]:
    """Terms that may not be defined anew, with their definitions."""
    for layer in reversed(list(before.layers())) if before is not None else ():
        yield from layer.protecting.items()


def _same(raw: Json) -> Json:
    """A definition without what does not matter when two are compared."""
    if type(raw) is str:
        return {"@id": raw}
    return {key: value for key, value in raw.items() if key != "@protected"} if type(raw) is dict else {"@id": None}


def _is_keyword(value: Json) -> bool:
    return type(value) is str and value in KEYWORDS


def _step(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")
