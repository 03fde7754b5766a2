"""Whether a thing may be used at a temperature: *can it be discharged at 60 °C* is told by the limits that its records give."""

from __future__ import annotations

import re
from typing import Final

from search.asking.conditions import ConditionAsked, cut_conditions
from search.asking.facts import named_text, readings_of, value_in
from search.asking.properties import QuantityAsked
from search.asking.reply import Answer, Reply
from search.asking.services import Asking
from search.asking.telling import listed
from search.asking.thing import Thing
from search.asking.values import Reading, agreeing
from search.asking.wanted import Wanted
from search.asking.wordings import is_carried

_TEMPERATURE: Final = "Θ"
_DEED: Final = re.compile(
    r"\b(?:(?P<discharging>discharg(?:e|ed|ing))|(?P<charging>(?:re)?charg(?:e|ed|ing))|(?P<storage>stor(?:e|ed|ing|age)|kept))\b",
    re.IGNORECASE,
)
_SAID_OF_IT: Final = re.compile(
    r"\b(?:be|still|safely|allowed|ok(?:ay)?|fine|possible|to|it|i|we|you|one|a temperature of)\b", re.IGNORECASE
)


def within_limits(asking: Asking, text: str, thing: Thing) -> Reply | None:
    """The answer to whether something may be done with a thing at a temperature; ``None`` where that is not asked.

    Args:
        asking: The question and its reader.
        text: The words around the name of the thing.
        thing: The thing.
    """
    rest, conditions = cut_conditions(text, asking.services.vocabulary.units)
    deeds = list(_DEED.finditer(rest))
    if len(deeds) != 1 or len(conditions) != 1 or conditions[0].dimension != _TEMPERATURE:
        return None
    if not is_carried(_SAID_OF_IT.sub(" ", _DEED.sub(" ", rest))):
        return None
    deed = deeds[0].lastgroup or ""
    understood = f"Asked whether {named_text(thing)} may be used so at {conditions[0].text}: {deed} temperature."
    limits = {bound: _limit(asking, f"{bound} {deed} temperature", thing) for bound in ("minimum", "maximum")}
    known = {bound: one for bound, one in limits.items() if one is not None}
    is_outside = any(_is_beyond(conditions[0], bound, one) for bound, one in known.items())
    if not is_outside and len(known) < len(limits):
        return asking.unknown(f"{understood} No record that you may read gives both limits.", asking.query(thing.parts))
    told = listed([f"{bound} {deed} temperature {value_in(asking, one, None).text}" for bound, one in known.items()])
    text = f"{'No' if is_outside else 'Yes'}: {thing.label} has {told}."
    sources = tuple(one.source for one in known.values())
    return Reply(understood, Answer("no" if is_outside else "yes", "", text), sources, asking.query(thing.parts))


def _limit(asking: Asking, name: str, thing: Thing) -> Reading | None:
    asked = asking.services.properties.find(name)
    found = readings_of(asking, asked, Wanted((asked,), None, ()), thing) if isinstance(asked, QuantityAsked) else []
    exact = [one for one in found if one.base is not None and one.label == name]
    return agreeing(exact)[0][0] if exact else None


def _is_beyond(asked: ConditionAsked, bound: str, limit: Reading) -> bool:
    base = limit.base or 0.0
    return asked.base_value < base if bound == "minimum" else asked.base_value > base
