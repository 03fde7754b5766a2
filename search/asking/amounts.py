"""How much of a substance a thing has: *mass fraction of PVDF in the MnO2 cathode*, *how much ethylene carbonate is in LP57*."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from search.asking.properties import MaterialAsked, QuantityAsked
from search.asking.services import Asking
from search.asking.thing import Thing
from search.asking.values import best_reading

_HOW_MUCH: Final = re.compile(
    r"how much (?P<what>.+?)(?: (?:is|are|was|were|do|does|did|there|contain|contained|have|has|hold|include|used|present))*",
    re.IGNORECASE,
)
_OF_WHAT: Final = re.compile(
    r"(?:(?:what|which) (?:is|are) )?(?:the )?(?P<amount>[\w -]+?) (?:of|for) (?:the )?(?P<what>.+)", re.IGNORECASE
)
_SHARE_IS: Final = re.compile(
    r"(?:what|which|how large a|how big a) (?P<amount>\w+)(?: of)? (?:is|are|consists? of|comes? from) (?:the )?(?P<what>.+)",
    re.IGNORECASE,
)
"""*What share of the LNMO cathode is active material*."""
_WHAT_AMOUNT: Final = re.compile(
    r"(?:(?:what|which) (?:is|are) )?(?:the )?(?P<what>[\w -]+?) (?P<amount>content|share|percentage|(?:mass |volume )?fraction)",
    re.IGNORECASE,
)
"""*EC content*."""
_IN_PART: Final = re.compile(
    r" (?:in|of) (?:the |its )?(?:solvent|electrolyte|solution|mixture|coating|electrode|cathode|anode)\Z", re.IGNORECASE
)
"""What the substance is in, which the substance tells already."""
_AMOUNTS: Final = ("mass fraction", "volume fraction", "concentration", "mass", "volume")
"""Quantities that say how much of a substance there is."""
_VAGUE: Final = frozenset(("amount", "content", "share", "percentage", "proportion", "fraction", "quantity"))
"""Words for any of them."""


def amount_of(asking: Asking, text: str, things: Sequence[Thing]) -> QuantityAsked | None:
    """The quantity of a substance that the words around the things ask for; ``None`` where they name no substance.

    Args:
        asking: The question and its reader.
        text: The words, without the names of the things.
        things: What has the substance.
    """
    said = _IN_PART.sub("", text.strip(" ?!.,"))
    found = _HOW_MUCH.fullmatch(said) or _SHARE_IS.fullmatch(said) or _OF_WHAT.fullmatch(said) or _WHAT_AMOUNT.fullmatch(said)
    if found is None:
        return None
    amount = found.groupdict().get("amount", "amount")
    if asking.services.properties.find(said) is not None and found.re in (_OF_WHAT, _WHAT_AMOUNT):
        return None
    part = asking.services.properties.find(found["what"])
    substance = part.role if isinstance(part, MaterialAsked) else asking.services.properties.substance(found["what"])
    named = map(asking.services.properties.find, _AMOUNTS if amount.lower() in _VAGUE else (amount,))
    asked = [_of(asking, one, substance) for one in named if isinstance(one, QuantityAsked) and substance]
    return next(iter((*that_are_there(asking, asked, things), *asked)), None)


def _of(asking: Asking, asked: QuantityAsked, substance: str) -> QuantityAsked:
    """The quantity, of a substance."""
    properties = asking.services.properties
    return replace(
        asked,
        label=f"{asked.label} of {properties.words_of(substance)}",
        role=substance,
        role_label=properties.words_of(substance),
        roles=asking.services.vocabulary.concepts.narrower(substance),
    )


def that_are_there(asking: Asking, asked: Sequence[QuantityAsked], things: Sequence[Thing]) -> tuple[QuantityAsked, ...]:
    """Those of the quantities that some record of the things has."""
    properties, records = asking.services.properties, [record for thing in things for record in thing.records]
    return tuple(one for one in asked if any(best_reading(record, one, (), properties) for record in records))
