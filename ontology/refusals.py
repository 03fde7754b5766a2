"""Findings for which a document is refused: it is no JSON-LD, or its context cannot be used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from rapidfuzz.distance import OSA

from ontology.active_context import ContextFault
from ontology.contexts import BATTERY_CONTEXT, Contexts
from ontology.expansion_findings import issue_at
from ontology.mends import Spot, places_of_text, text_of, value_at, write
from ontology.readings import Json, Located
from records.issues import Certainty, Edit, Issue, Operation, Suggestion

_MAX_SLIPS: Final = 3
_LETTERS_A_SLIP: Final = 8
_BEGINNING: Final = re.compile(r"(?:https?:)?/*(?:www\.)?")
_MAX_KEYS: Final = 1_000


def not_json_ld(document: Located, contexts: Contexts) -> Issue:
    """The document is JSON, but nothing says what its keys mean; the context that defines most of them is suggested."""
    message, remedy = (
        "this JSON is not JSON-LD: it has no @context, no keyword and no IRI as a key",
        'add an "@context", or use IRIs as keys',
    )
    issue = issue_at(document, "", "not-json-ld", message, remedy)
    if type(document.value) is not dict:
        return issue
    suggestion = _bare_keyword(document.value) or _fitting_context(document.value, contexts)
    return replace(issue, expected="a document with an @context", suggestions=(suggestion,) if suggestion else ())


def _bare_keyword(value: dict[str, Json]) -> Suggestion | None:
    """``context`` written without its sign."""
    if type(value.get("context")) not in (str, dict, list):
        return None
    return Suggestion("write @context", None, Certainty.LIKELY, (Edit(Operation.RENAME, "/context", text_of("@context")),))


def _fitting_context(value: dict[str, Json], contexts: Contexts) -> Suggestion | None:
    keys = set(_keys(value))
    best, most = "", 0
    for address in (BATTERY_CONTEXT, *contexts.addresses):
        versions = contexts.versions(address)
        content = versions[0].content if versions else None
        known = len(keys & content.keys()) if isinstance(content, dict) else 0
        if known > most:
            best, most = address, known
    if not best:
        return None
    member = f'"@context": {text_of(best)}'
    certainty = Certainty.LIKELY if most * 2 > len(keys) else Certainty.POSSIBLE
    return Suggestion(f"add {member}", member, certainty, (Edit(Operation.ADD, "/@context", text_of(best)),))


def _keys(value: Json) -> Iterator[str]:
    stack, count = [value], 0
    while stack and count < _MAX_KEYS:
        here = stack.pop()
        if type(here) is dict:
            yield from here
            count += len(here)
            stack += here.values()
        elif type(here) is list:
            stack += here


def refused_context(document: Located, pointer: str, fault: ContextFault, contexts: Contexts) -> Issue:
    """A context of the document cannot be used; for an address that is not known, the configured ones like it are suggested."""
    if not fault.address:
        return issue_at(document, pointer, fault.code, fault.message, fault.remedy, of="key")
    local = value_at(document.value, pointer)
    place = next(places_of_text(local, pointer, fault.address), "")
    issue = issue_at(document, place or pointer, fault.code, fault.message, fault.remedy, of="value" if place else "key")
    near = _near_addresses(fault.address, contexts)
    certainty = _certainty(fault.address, near)
    mends = tuple(write(document.value, [Spot(place)], address, certainty) for address in near) if place else ()
    return replace(issue, value=fault.address, expected="the address of a configured context", suggestions=mends)


def _near_addresses(address: str, contexts: Contexts) -> list[str]:
    """Configured addresses that a slip of the pen, or another ending, could have made this one of."""
    slips = {known: _slips(address, known) for known in contexts.addresses}
    near = (known for known in slips if slips[known] <= min(_MAX_SLIPS, len(_bare(known)) // _LETTERS_A_SLIP))
    return sorted(near, key=lambda known: (slips[known], known))[:3]


def _slips(address: str, known: str) -> int:
    """How many letters apart two addresses are, with the ending or without: a slip can be in it, or it can be another."""
    one, other = _written(address), _written(known)
    return min(OSA.distance(one, other, score_cutoff=_MAX_SLIPS), OSA.distance(_bare(one), _bare(other), score_cutoff=_MAX_SLIPS))


def _certainty(address: str, near: list[str]) -> Certainty:
    if len(near) != 1 or _is_other_version(address, near[0]):
        return Certainty.POSSIBLE
    return Certainty.CERTAIN if _slips(address, near[0]) <= 1 else Certainty.LIKELY


def _is_other_version(address: str, known: str) -> bool:
    """Whether the two differ in the figures of a number, which is no slip: ``records/v2`` beside ``records/v1``."""
    figures = re.sub(r"\D", "", address), re.sub(r"\D", "", known)
    return len(figures[0]) == len(figures[1]) and figures[0] != figures[1]


def _written(address: str) -> str:
    """Without what does not matter: the scheme, www, a slash at the end, capital letters."""
    return _BEGINNING.sub("", address.strip().lower()).rstrip("/")


def _bare(address: str) -> str:
    return _written(address).removesuffix(".jsonld").removesuffix(".json")
