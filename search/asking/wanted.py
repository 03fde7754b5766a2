"""What of a thing is asked for: the properties, the unit and the conditions that the words around its name say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ontology.units import Unit
from search.asking.amounts import amount_of, that_are_there
from search.asking.conditions import ConditionAsked, cut_conditions
from search.asking.form import Form
from search.asking.properties import MAX_WORDS, MaterialAsked, Property, QuantityAsked
from search.asking.property_names import named_by_unit
from search.asking.services import Asking
from search.asking.thing import Thing
from search.asking.wordings import PLAIN, is_carried, said_plainly
from search.names import fold_name

MENTION: Final = re.compile(
    r"(?:\b(?:of|for|in|from|by|does|do|did|has|have|is|are|was|can|on|than)\s+)?(?:\b(?:the|a|an|both|each)\s+)*⟦\d+⟧(?:'s?)?",
    re.IGNORECASE,
)
_SORT: Final = re.compile(
    r"\b(?:what|which) (?:type|kind|sort) of (?:battery|cell)s?\b|\bwhat (?:battery|cell) type\b", re.IGNORECASE
)
_MADE_OF: Final = re.compile(r"\b(?:made (?:up )?of|consists? of|based on|composed of)\b", re.IGNORECASE)
_MATERIAL_OF: Final = re.compile(
    r"\b(?:active )?materials? (?:(?:is|are|was) )?(?:used )?(?:for|in|as|of|on) (?:the )?(?=\w)", re.IGNORECASE
)
_AS_REGARDS: Final = re.compile(
    r"\b(?:in terms of|with (?:regard|respect) to|when it comes to|as regards|regarding|concerning)\b(?: (?:the|their|its))?",
    re.IGNORECASE,
)
_LASTS: Final = re.compile(r"\bhow long\b(?=.*\b(?:last|live|survive)s?\b)", re.IGNORECASE)
_DURATION: Final = re.compile(r"\bhow long (?=(?:can|may|could|should|do|does|did|will|would|must)\b)", re.IGNORECASE)
"""*How long can I store it* asks for no length."""
_CURRENT: Final = re.compile(
    r"\b(?:(?:with|at) )?(?:how many|how much|(?:what|which)(?: is the)? (?:maximum|highest)?) ?(?:amps?|amperes?|A|current)\b"
    r"(?= .*\b(?P<what>(?:dis)?charg)(?:e|ed|ing)\b).*?\b(?:dis)?charg(?:e|ed|ing)\b"
    r"(?: (?:continuously|at most|at maximum|with))*",
    re.IGNORECASE,
)
"""*With how many amperes can it be discharged*."""
_BESIDE: Final = re.compile(
    r"\s(?:next to|besides?|apart from|other than|except(?: for)?|in addition to|along(?:side| with))\s(?P<what>[\w -]+)\Z",
    re.IGNORECASE,
)
"""What is there as well, and not asked for: *which co-solvent is in LP40 next to EC*."""
_FIRST_UNIT: Final = re.compile(r"in (?P<unit>[^,]{1,40}), ?(?P<rest>.+)", re.IGNORECASE)
"""*In grams, what is the mass …*."""
_KILOS: Final = re.compile(r"\bkilos?\b", re.IGNORECASE)
_PERCENT: Final = re.compile(r"\bin (?:mass|weight|wt|volume|vol)[ .-]*(?:percent|per cent|%)", re.IGNORECASE)
_MICRONS: Final = re.compile(r"\bmicrons?\b", re.IGNORECASE)
_UNIT_IN_BRACKETS: Final = re.compile(r"\s*[(\[]\s*(?P<unit>[^()\[\]]{1,20}?)\s*[)\]]\Z")
_BOTH_ENDS: Final = re.compile(
    r"\b(?:min(?:imum)?|lower|lowest) and (?:max(?:imum)?|upper|highest) (?P<what>\w+(?: temperature)?)", re.IGNORECASE
)
_LOWEST: Final = re.compile(r"\b(?:lowest|smallest|least)\b", re.IGNORECASE)
_HIGHEST: Final = re.compile(r"\b(?:highest|largest|greatest)\b", re.IGNORECASE)
"""Of one thing these are limits: *lowest storage temperature*."""
_AND: Final = re.compile(r"\s*(?:,|;|&|\band\b|\bor\b|\s[x×]\s)\s*", re.IGNORECASE)
_WORD: Final = re.compile(r"[^\s,;:?!()]+|[,;]")
_DIMENSIONS: Final = re.compile(r"(?:outer |overall |cell |physical )?dimensions?", re.IGNORECASE)
_EXPLAINED: Final = re.compile(r"\s*\((?P<what>[^()]{3,40})\)[\s?!.,]*\Z")
"""What is asked for once more, in brackets: *how large is it (dimensions)*."""
_BIG: Final = re.compile(r"big|large|small", re.IGNORECASE)
_SIZES: Final = ("length", "width", "height", "thickness", "diameter")
SHORTEST: Final = 3
"""Characters of the name of a property at the end of a question."""
_HAVING: Final = re.compile(
    r"\b(?:have|has|having|with|without|gives?|giving|states?|by|no|not|and|or|any|a|an|of|in|for|high|low|show|list|which)\Z|\A(?:which|list)\b",
    re.IGNORECASE,
)
"""Words before a property that make it part of what is described."""
_LINKED: Final = re.compile(r"(?:\s+(?:of|for|in|from|the|a|an))+[\s?!.,]*\Z", re.IGNORECASE)
"""What may stand before the name of a thing, where none follows."""
_AMOUNT: Final = re.compile(r"\bhow much (?!(?:is|are|does|do)\b)", re.IGNORECASE)
_HOW_MANY: Final = re.compile(r"\bhow (?:many|much)\b", re.IGNORECASE)
_HOW_MUCH: Final = re.compile(r"how much (?:is|are)\b", re.IGNORECASE)
"""The price is asked for."""
_TWICE: Final = re.compile(r"\A(?P<said>.+?)(?: (?P=said))+\Z", re.IGNORECASE)
"""What was said of each thing: *A capacity vs B capacity*."""
_NUMBER_OF: Final = re.compile(r"(?:number of|how many) (?P<what>[\w ]+?)s?", re.IGNORECASE)
"""*Number of layers*, which documents call a count of them."""
_HALVES: Final = {
    "T·I": ("capacity",),
    "M": ("mass",),
    "L²·M·T⁻³·I⁻¹": ("nominal voltage", "voltage"),
    "L²·M·T⁻²": ("energy",),
    "L²·M·T⁻³·I⁻²": ("internal resistance",),
}
"""What a question means that only says a unit, the first that all have: *how many mAh does it have*."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a thing is asked for, and how it shall be told."""

    properties: tuple[Property, ...]
    unit: Unit | None
    conditions: tuple[ConditionAsked, ...]
    not_known: str = ""


def read_wanted(asking: Asking, form: Form, things: Sequence[Thing]) -> Wanted:
    """The properties, unit and conditions that the words around the things name."""
    find = asking.services.properties.find
    text = _plainly(asking, form, things)
    if form.property:
        asked = find(form.property)
        return Wanted(_ends(asking, asked, things) if asked else (), cut_unit(asking, MENTION.sub(" ", text))[1], ())
    text, unit = cut_unit(asking, MENTION.sub(" ", text))
    text, conditions = cut_conditions(text, asking.services.vocabulary.units)
    text, unit = (text, unit) if unit is not None else _cut_bare_unit(asking, text)
    text = _unexplained(asking, text)
    phrase = _TWICE.sub(r"\g<said>", _stripped(text))
    if not phrase and _HOW_MUCH.match(form.rest):
        return Wanted((), unit, conditions, form.rest[:8])
    if not phrase or (unit is not None and is_carried(phrase)):  # *how many Ah more does X hold than Y*
        asked = _meant_by(asking, unit, things) if unit is not None else None
        left = f"in {unit.name}" if unit is not None else " and ".join(one.text for one in conditions)
        return Wanted(
            (asked,) if asked else (), unit, conditions, left if asked is None and (unit is not None or len(things) == 1) else ""
        )
    is_only_phrase = phrase == text.strip(" ?!.,")
    of_unit = _by_unit(asking, phrase, things, how_many=bool(_HOW_MANY.search(form.rest)), is_whole=is_only_phrase)
    if of_unit is not None:
        return replace(of_unit, conditions=conditions)
    amount = amount_of(asking, text, things)
    found = _sizes(asking, phrase, things) or ((amount,) if amount else ()) or _by_names(asking, phrase, text, things)
    return Wanted(found, unit, conditions, "" if found else _not_known(asking, phrase))


def _unexplained(asking: Asking, text: str) -> str:
    """The words without a property in brackets behind them; the property alone, where they name none: *how large (height)*."""
    explained = _EXPLAINED.search(text)
    find = asking.services.properties.find
    if explained is None or not (find(explained["what"]) or _DIMENSIONS.fullmatch(explained["what"])):
        return text
    rest = text[: explained.start()]
    return rest if find(_stripped(rest)) or _AMOUNT.search(rest) else explained["what"]


def _plainly(asking: Asking, form: Form, things: Sequence[Thing]) -> str:
    """The words around the things, with the names of properties for what people say instead."""
    text = _MATERIAL_OF.sub(" ", _AS_REGARDS.sub(" ", form.rest))
    text = _BOTH_ENDS.sub(r"\g<what> range", text)
    if len(things) == 1:
        text = _HIGHEST.sub("maximum", _LOWEST.sub("minimum", text))
    is_of_part = any(isinstance(asking.services.properties.find(word), MaterialAsked) for word in _WORD.findall(text))
    for pattern, meant in ((_SORT, " format "), (_MADE_OF, " " if is_of_part else " chemistry "), (_LASTS, " cycle life ")):
        text = pattern.sub(meant, text)
    text = _DURATION.sub("duration ", text)
    return _CURRENT.sub(lambda found: f" maximum continuous {found['what'].lower()}ing current ", text)


def _by_unit(asking: Asking, phrase: str, things: Sequence[Thing], *, how_many: bool, is_whole: bool) -> Wanted | None:
    """What a unit alone means, or a unit before a property: *how many mAh does it have*, *how many grams does it weigh*."""
    units, find = asking.services.vocabulary.units, asking.services.properties.find
    first, _, rest = phrase.partition(" ")
    named = (units.find(phrase) or (units.find(first) if is_carried(rest) else None)) if how_many or is_whole else None
    meant = _meant_by(asking, named, things) if named is not None else None
    if meant is not None:
        return Wanted((meant,), named, ())
    rest = _stripped(rest)
    asked = (find(rest) or find(said_plainly(rest)[-1:][0] if said_plainly(rest) else "")) if how_many and rest else None
    unit = units.find(first) if isinstance(asked, QuantityAsked) else None
    if unit is None or not isinstance(asked, QuantityAsked) or asked.dimension != unit.dimension:
        return None
    return Wanted(_ends(asking, asked, things), unit, ())


def _meant_by(asking: Asking, unit: Unit, things: Sequence[Thing]) -> QuantityAsked | None:
    """What a unit means by itself: of several properties the first that all things have."""
    names = _HALVES.get(unit.dimension) or tuple(filter(None, (named_by_unit(unit),)))
    meant = [one for one in map(asking.services.properties.find, names) if isinstance(one, QuantityAsked)]
    of_all = (one for one in meant if all(that_are_there(asking, (one,), (thing,)) for thing in things))
    return next(of_all, meant[0] if meant else None)


def _sizes(asking: Asking, phrase: str, things: Sequence[Thing]) -> tuple[Property, ...]:
    """What of a thing tells how big it is: *dimensions*, and *how big* where there is no volume."""
    find = asking.services.properties.find
    volume = find("volume")
    is_big = _BIG.fullmatch(phrase) and isinstance(volume, QuantityAsked) and not that_are_there(asking, (volume,), things)
    if not is_big and not _DIMENSIONS.fullmatch(phrase):
        return ()
    return that_are_there(asking, [one for name in _SIZES if isinstance(one := find(name), QuantityAsked)], things)


def _by_names(asking: Asking, phrase: str, text: str, things: Sequence[Thing]) -> tuple[Property, ...]:
    """The properties that the words name: one after another, as a whole, or carried by verbs."""
    find = asking.services.properties.find
    beside = _BESIDE.search(phrase)
    other = asking.services.properties.substance(beside["what"].strip()) if beside else ""
    asked = find(_stripped(phrase[: beside.start()])) if beside and other else None
    if isinstance(asked, MaterialAsked):
        return (replace(asked, besides=asking.services.vocabulary.concepts.narrower(other)),)
    found = [find(piece) for piece in _pieces(phrase)]
    known = [one for one in found if one is not None]
    whole = find(phrase) if len(known) < len(found) else None
    if whole is not None or len(known) == len(found):
        return tuple(end for one in ((whole,) if whole else dict.fromkeys(known)) for end in _ends(asking, one, things))
    said = next((one for each in said_plainly(text) if (one := find(each)) is not None), None)
    carried = said or _by_its_name(asking, phrase, text, things)
    return _ends(asking, carried, things) if carried else ()


def _pieces(phrase: str) -> list[str]:
    return [piece for piece in map(_stripped, _AND.split(phrase)) if piece]


def _not_known(asking: Asking, phrase: str) -> str:
    """The first of the pieces that names no property."""
    return next((piece for piece in _pieces(phrase) if asking.services.properties.find(piece) is None), phrase)


def _by_its_name(asking: Asking, phrase: str, text: str, things: Sequence[Thing]) -> QuantityAsked | None:
    """What a record of the things calls so itself, and no ontology knows: *rest period before measurement*."""
    label_of, wanted = asking.services.properties.label_of, fold_name(phrase)
    counted = _NUMBER_OF.fullmatch(f"how many {phrase}" if _HOW_MANY.search(text) else phrase)
    wanted = fold_name(f"{counted['what']} count") if counted else wanted
    labels = (label_of(quantity) for thing in things for record in thing.records for quantity in record.quantities)
    found = next((label for label in labels if fold_name(label) == wanted), "")
    return QuantityAsked(found, (), frozenset(), "", called=frozenset((found,))) if found else None


def _ends(asking: Asking, asked: Property, things: Sequence[Thing]) -> tuple[Property, ...]:
    """Both ends of what has a least and a greatest value, as far as they are there: *storage temperature*, *cut-off voltage*.

    What has no length may be a cylinder, whose length is called its height.
    """
    ends = asking.services.properties.ends(asked) if isinstance(asked, QuantityAsked) else ()
    if isinstance(asked, QuantityAsked) and asked.label == "length" and not that_are_there(asking, (asked,), things):
        height = asking.services.properties.find("height")
        ends = (height,) if isinstance(height, QuantityAsked) else ()
    return that_are_there(asking, ends, things) or (asked,)


def cut_unit(asking: Asking, text: str) -> tuple[str, Unit | None]:
    """The text without *in grams* at its end, and that unit."""
    rest, unit = _cut_unit(asking, _MICRONS.sub("µm", _KILOS.sub("kg", _PERCENT.sub("in %", text))))
    return rest, replace(unit, name="") if unit is not None and unit.name == "1" else unit


def _cut_unit(asking: Asking, text: str) -> tuple[str, Unit | None]:
    written = " ".join(text.split()).rstrip(" ?!.,")
    bracket = _UNIT_IN_BRACKETS.search(written)
    if bracket is not None and (unit := asking.services.vocabulary.units.find(bracket["unit"])) is not None:
        return written[: bracket.start()], unit
    first = _FIRST_UNIT.fullmatch(written)
    if first is not None and (unit := asking.services.vocabulary.units.find(first["unit"])) is not None:
        return first["rest"], unit
    for link in reversed(list(re.finditer(r"(?:\(|\b)in (?:units? of )?", written, re.IGNORECASE))):
        end = len(written) - (1 if written.endswith(")") and link.group().startswith("(") else 0)
        unit = asking.services.vocabulary.units.find(written[link.end() : end])
        found = (
            (unit, end)
            if unit
            else asking.services.vocabulary.units.match_prefix(written, link.end())
            if link.end() < end
            else None
        )
        if found is not None and found[1] == end:
            return written[: link.start()].rstrip(), found[0]
    return written, None


def _cut_bare_unit(asking: Asking, text: str) -> tuple[str, Unit | None]:
    """The text without a unit that stands behind what is measured in it: *mass g*."""
    before, _, last = text.rstrip(" ?!.,").rpartition(" ")
    unit = asking.services.vocabulary.units.find(last)
    asked = asking.services.properties.find(_stripped(before)) if unit is not None else None
    is_of_it = unit is not None and isinstance(asked, QuantityAsked) and asked.dimension in ("", unit.dimension)
    return (before, unit) if is_of_it else (text, None)


def property_at_end(asking: Asking, text: str) -> tuple[str, str] | None:
    """What the words before say and a kind of quantity at the end of them, of *18650 cells mass*, *what is the mass*.

    ``None`` where the records shall have it: *cells with a cycle life*.
    """
    text = _LINKED.sub("", text)
    words = list(_WORD.finditer(text))
    for first in range(max(0, len(words) - MAX_WORDS), len(words)):
        said = text[words[first].start() :].rstrip(" ?!.,")
        is_unit = asking.services.vocabulary.units.find(said) is not None
        if is_unit or len(said) < SHORTEST or not isinstance(asking.services.properties.find(said), QuantityAsked):
            continue
        before = text[: words[first].start()].strip()
        return None if _HAVING.search(before) else (before if _stripped(before) else "", said)
    return None


def _stripped(text: str) -> str:
    """The text without words that say nothing at its beginning and end."""
    words = list(_WORD.finditer(text))
    while words and (words[0].group().lower() in PLAIN or not words[0].group()[0].isalnum()):
        words.pop(0)
    while words and (words[-1].group().lower() in PLAIN or not words[-1].group()[-1].isalnum()):
        words.pop()
    return text[words[0].start() : words[-1].end()] if words else ""
