"""Units without a number: ``capacity in mAh/g`` says which capacity is meant, ``largest cell in Ah`` says nothing more."""

from __future__ import annotations

import re
from typing import Final

from ontology.units import Unit
from search.query import QuantityPart
from search.understanding.adjectives import classes_of
from search.understanding.kinds import KindReader
from search.understanding.numerals import SPOKEN
from search.understanding.question import Question
from search.understanding.roles import RoleReader
from search.understanding.vocabulary import Vocabulary

_UNIT: Final = (
    r"mAh/(?:g|cm[2²])|Ah/kg|m?Ah|[km]?Wh|Wh/kg|Wh/[lL]|W/kg|W|m?V|m?A|kg|g|mg/cm[2²]|mg|g/cm[3³]|mm|cm|[µu]m|m(?:Ω|[Oo]hm)|Ω|[Oo]hm|°C|degC"
    r"|mS/cm|S/cm|mol/[lL]|m?Pa[·.*]?s"
    r"|g/mol|(?:kilo|milli)?grams?|volts?|amperes?|amps?|amp(?:ere)?[ -]hours?|watt[ -]hours?|millimet(?:re|er)s?|degrees"
)
_OF_SEVERAL: Final = r"[A-Za-zµμΩ°]{1,4}[23²³]?(?:/[A-Za-zµμΩ°]{1,4}[23²³]?){1,2}"
"""Several symbols with strokes between, of which the least are units that people say alone: ``kg/m3``."""
_SAID: Final = re.compile(
    rf"(?<!\w)in\s+(?P<unit>{_UNIT}|{_OF_SEVERAL})(?![\w/-])|[(\[]\s*(?:in\s+)?(?P<within>{_UNIT})\s*[)\]]|,\s*(?P<last>{_UNIT})\s*[?.!]?\Z"
)
_PLAIN: Final = re.compile(_UNIT)
_NUMBER_NEXT: Final = re.compile(
    r"[\s:]*(?:[<>=≤≥~±]|\d|above|below|over|under|between|from|at least|at most|more|less|up to)", re.IGNORECASE
)
_MEANT: Final = {
    "M⁻¹·T·I": ("SpecificCapacity",),
    "L⁻²·T·I": ("AreicCapacity",),
    "L²·T⁻²": ("SpecificEnergy",),
    "L⁻¹·M·T⁻²": ("EnergyDensity",),
    "L²·T⁻³": ("SpecificPower",),
}
"""What a capacity, an energy or a power is that is given for a mass, an area or a volume."""
_ORDER: Final = re.compile(
    r"(?<!\w)(?:\w{2,}est\)?|top(?:\s+\d+)?|sort\w*|order\w*|rank\w*|by|best|worst|most|least|max\w*|min\w*)\s+(?:[\w-]+[\s,(]+){0,3}\Z",
    re.IGNORECASE,
)
"""Before a kind that the hits are wanted in the order of."""


_LIMIT: Final = re.compile(r"(?:max|min)\w*\s", re.IGNORECASE)
"""At the beginning of a kind that hits may be wanted in the order of."""


def said_units(text: str, vocabulary: Vocabulary) -> list[Unit]:
    """The units that are said without a number."""
    found = (vocabulary.units.find(_written(match)) for match in _SAID.finditer(text))
    return [unit for unit in found if unit is not None]


def _written(said: re.Match[str]) -> str:
    """The unit as it is written: ``g/cm3`` where *g/cc* was said."""
    unit = said[said.lastgroup or 0]
    return SPOKEN.get(unit.lower(), unit)


def read_said_units(question: Question, vocabulary: Vocabulary) -> None:
    """Put a part for every kind of quantity whose unit is said without a number, and take other such units as understood."""
    kinds = KindReader(question, vocabulary, RoleReader(question, vocabulary))
    for match in _SAID.finditer(question.text):
        written = _written(match)
        unit = vocabulary.units.find(written)
        if unit is None or not question.is_free(*match.span()) or _NUMBER_NEXT.match(question.text, match.end()):
            continue
        kind = kinds.before(match.start(), unit.dimension)
        is_plain = _PLAIN.fullmatch(match[match.lastgroup or 0]) is not None
        if not is_plain and (kind is None or not kind.candidates):
            continue  # its words may stand in a text
        if kind is None or _LIMIT.match(question.text, kind.start) or _ORDER.search(question.text, 0, kind.start):
            question.take(*match.span())
            continue
        role = kind.role
        labels = tuple(dict.fromkeys(one.label for one in kind.candidates)) or _MEANT.get(unit.dimension, ())
        if not labels:
            question.take(*match.span())
            continue
        part = QuantityPart(
            text=question.text[kind.start : match.end()],
            kinds=kinds.classes(kind) or classes_of(labels, vocabulary),
            labels=labels,
            minimum=None,
            maximum=None,
            minimum_included=False,
            maximum_included=False,
            unit=written,
            dimension=unit.dimension,
            role=role.iri if role else "",
            role_label=role.label if role else "",
            roles=role.expanded if role else frozenset(),
        )
        question.put(kind.start, match.end(), part)
