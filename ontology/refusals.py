"""Findings for which a document is refused: it is no JSON-LD, or its context cannot be used."""

from __future__ import annotations

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
    is_sure = len(near) == 1 and OSA.distance(_bare(near[0]), _bare(fault.address)) <= 1
    certainty = Certainty.CERTAIN if is_sure else Certainty.LIKELY if len(near) == 1 else Certainty.POSSIBLE
    mends = tuple(write(document.value, [Spot(place)], address, certainty) for address in near) if place else ()
    return replace(issue, value=fault.address, expected="the address of a configured context", suggestions=mends)


def _near_addresses(address: str, contexts: Contexts) -> list[str]:
    """Configured addresses that a slip of the pen, or another ending, could have made this one of."""
    found = {known: OSA.distance(_bare(address), _bare(known), score_cutoff=_MAX_SLIPS) for known in contexts.addresses}
    return sorted((known for known, slips in found.items() if slips <= _MAX_SLIPS), key=lambda known: (found[known], known))[:3]


def _bare(address: str) -> str:
    text = address.partition("//")[2].lower().removeprefix("www.").rstrip("/")
    return text.removesuffix(".jsonld").removesuffix(".json")
