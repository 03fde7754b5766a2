"""A question with plain numbers: ``minus thirty``, ``3 % by weight``, ``2000 full cycles`` as `numerals` reads them."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from search.understanding.numerals import IN_WORDS

_ONES: Final = [word for word, value in IN_WORDS.items() if 1 <= value < 10 and word != "a"]
_MORE_WORDS: Final = {
    **IN_WORDS,
    "eleven": 11,
    "thirteen": 13,
    "fourteen": 14,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
    "seventy": 70,
    "ninety": 90,
    "million": 1_000_000,
}
_ROUND: Final = [word for word, value in _MORE_WORDS.items() if 20 <= value < 100]
_SMALL: Final = [word for word, value in _MORE_WORDS.items() if value < 20]
_BELOW_HUNDRED: Final = rf"(?:(?:{'|'.join(_ROUND)})(?:[\s-](?:{'|'.join(_ONES)}))?|{'|'.join(_SMALL)})"
_BELOW_THOUSAND: Final = rf"(?:(?:{_BELOW_HUNDRED}\s+)?hundred(?:\s+(?:and\s+)?{_BELOW_HUNDRED})?|{_BELOW_HUNDRED})"
_SPELT_OUT: Final = re.compile(
    rf"(?<![\w-])(?:{_BELOW_THOUSAND}\s+(?:thousand|million)(?:\s+(?:and\s+)?{_BELOW_THOUSAND})?|{_BELOW_THOUSAND})(?:\s+and\s+a\s+half)?(?![\w-])",
    re.IGNORECASE,
)
"""A number in words, perhaps several: ``two hundred and fifty``, ``three and a half``."""
_TENS: Final = [word for word, value in IN_WORDS.items() if 5 <= value < 100]
_RATIO: Final = re.compile(
    r"(?<![\w.:])\d+(?:\.\d+)?(?:\s?:\s?\d+(?:\.\d+)?)+(?![\w:])(?:\s*(?:by (?:weight|volume|mass)|[vw]/[vw]|wt\.?%?|vol\.?%?))?"
)
"""A ratio of a mixture (``3:7``): the ontologies have no words for it."""
_MINUS: Final = re.compile(r"(?<![\w-])minus\s+(?=\d)", re.IGNORECASE)
_NO_UNIT: Final = r"(?=\s*(?:$|[,;?!]|(?:or|and)\s))"
_BELOW_ZERO: Final = re.compile(
    rf"(?<![\w-])minus\s+(?:(?P<digits>\d{{1,2}}){_NO_UNIT}|(?P<ten>{'|'.join(_TENS)})(?:[\s-](?P<one>{'|'.join(_ONES)}))?"
    rf"(?:\s+(?:degrees?(?:\s+(?:celsius|centigrade))?|celsius|centigrade)(?!\s+F|\w)|{_NO_UNIT}))",
    re.IGNORECASE,
)
"""A temperature in words, of which nobody need say the unit: ``minus thirty``."""
_ABBREVIATED: Final = re.compile(r"\b(max|min)\.(?=\s*[a-z])", re.IGNORECASE)
_POSSESSIVE: Final = re.compile(r"(?<=\w)['’]s(?!\w)")
_REPEATED_UNIT: Final = re.compile(r"(?<=\d)(?P<unit>\s?[a-z%°]{1,5})-(?=\d+(?:\.\d+)?(?P=unit)(?!\w))", re.IGNORECASE)
"""The unit of the first end of a range: ``2Ah-3Ah``."""
_TIMES: Final = re.compile(r"(?<=\d)x(?=\d+(?:\.\d+)?(?:x\d+(?:\.\d+)?)*\s*mm\b)")
"""Between lengths: ``34x50 mm``."""
_INTERVAL: Final = re.compile(r"\[(?P<low>\s*\d+(?:\.\d+)?\s*)[,;–-](?P<high>\s*\d+(?:\.\d+)?\s*)\]")
"""An interval as mathematicians write it: ``[3, 5] Ah``."""
_BY_MASS: Final = re.compile(
    r"(?<=\d)(?P<space>\s?)(?:%|percent|per cent)\s+by\s+(?P<what>mass|weight|vol(?:ume)?)(?!\w)", re.IGNORECASE
)
"""A share as words: ``3 % by weight``."""
_LONG_OR_LONGER: Final = re.compile(
    r"(?<![\w-])(?P<is>long|thick|wide|tall|high|heavy)\s+or\s+(?:long|thick|wid|tall|high|heavi)er(?!\w)", re.IGNORECASE
)
"""A bound after the kind: ``50 cm long or longer``."""
_KIND_BEFORE_BOUND: Final = re.compile(
    r"(?<=\w)\s+(?P<is>across|long|thick|wide|tall|high|deep|in\s+(?:diameter|length|height|width|thickness))"
    r"(?P<bound>\s+(?:or|and)\s+(?:more|less|above|below|over|under|greater|larger|smaller|bigger|up))(?![\w-])(?!\s+than)",
    re.IGNORECASE,
)
"""A kind between a number and its bound: ``60 mm across or more``."""
_SMALL_UNITS: Final = (
    r"g|kg|mg|mm|cm|[mµ]?A|[mk]?V|m?Ah|[mk]?Wh?|[mkµ]?m|(?:milli|kilo|micro|centi)?(?:grams?|met(?:re|er)s?|volts?|watts?|amp(?:ere)?s?|ohms?)"
    r"|amp(?:ere)?[ -]hours?|kilos?|hours?|minutes?|seconds?"
)
_VOLTAGES: Final = re.compile(r"(?<=\d)/(?=\d\.\d+\s*V\b)")
"""Between the ends of a range of voltages: ``2.5/4.2 V``."""
_OF_CYCLES: Final = re.compile(
    r"(?<=\d)\s+(?:(?:full|deep|complete|equivalent|charge|discharge|charging|discharging|and)[\s/-]+)+(?=cycles?(?![\w-]))",
    re.IGNORECASE,
)
"""Between a number and the cycles that it counts: ``2000 full charge cycles``."""
_SO_MANY_TIMES: Final = re.compile(
    r"(?:(?<=\d)|(?<=hundred)|(?<=thousand))\s+times(?!\s+(?:the|as|more|less|higher)\b)(?![\w-])", re.IGNORECASE
)
"""After a number of repetitions: ``500 times``."""
_EVERYDAY: Final = tuple(
    (re.compile(rf"(?<![\w-])(?:{'|'.join(said)})(?![\w-])", re.IGNORECASE), meant)
    for meant, said in {
        "0 °C": (
            r"(?:the\s+)?freezing\s+point(?:\s+of\s+water)?",
            r"freezing(?:\s+temperature)?(?=\s+(?:or|and)\s+(?:below|under|less|lower|colder))",
            r"(?<=at\s)freezing(?:\s+temperature)?",
            r"(?<=below\s)freezing(?:\s+temperature)?",
        ),
        "50 % SOC": (
            r"half[\s-](?:charged?|full|empty)(?=\s*(?:$|[?.,;]|and\b|at\b))",
            r"half\s+(?:of\s+)?(?:its\s+|the\s+)?charge(?=\s*(?:$|[?.,;]|and\b|at\b))",
        ),
        "continuously": (r"all\s+the\s+time",),
        "continuous": (r"constantly",),
    }.items()
)
"""What people say for an amount or a kind: ``at half charge``."""
_ROOM: Final = re.compile(
    r"(?<![\w-])(?<!°C )(?P<at>(?:at|under)\s+(?=room|ambient)|(?=room))(?P<room>(?:room|ambient)[\s-]+temperature)(?![\w-])"
    r"(?!\s*[(,:=]?\s*(?:of|is|above|below|about)?\s*-?\d+(?:\.\d+)?\s*(?:°|deg|[CK]\b|[),]|\Z))",
    re.IGNORECASE,
)
"""What laboratories call 25 °C, where no number says otherwise."""


_A_FEW: Final = re.compile(
    rf"(?<![\w-])(?:(?:only|just)\s+)?a\s+few(?=\s+(?:{_SMALL_UNITS})(?!\w))",
    re.IGNORECASE,
)
"""An amount that is small for its unit: ``a few grams``."""


def prepared(text: str) -> str:
    """The text, as long as before, with blanks in place of ratios (they part nothing), and signs as signs.

    >>> prepared("EC:EMC 3:7 electrolyte at minus 20 °C, 2.5/4.2 V")
    'EC:EMC     electrolyte at      -20 °C, 2.5–4.2 V'
    >>> prepared("3 % by mass of binder")
    '3 wt%       of binder'
    >>> prepared("EIS at room temperature")
    'EIS at 25            °C'
    >>> prepared("works at minus thirty-five")
    'works at -35 °C           '
    >>> prepared("sixteen thousand cycles, three and a half volts")
    '16000            cycles, 3.5              volts'
    >>> prepared("a few grams")
    '<10   grams'
    >>> prepared("2000 full cycles")
    '2000      cycles'
    """
    text = _SPELT_OUT.sub(_in_digits, _BELOW_ZERO.sub(_degrees, text))
    text = _MINUS.sub(lambda match: " " * (len(match.group()) - 1) + "-", text)
    text = _POSSESSIVE.sub("  ", _ABBREVIATED.sub(r"\g<1> ", text))
    text = _REPEATED_UNIT.sub(r"\g<unit>–", _TIMES.sub("×", text))
    text = _INTERVAL.sub(lambda match: f" {match['low']}–{match['high']} ", text)
    text = _ROOM.sub(lambda match: f"{match['at']}25{'°C'.rjust(len(match['room']) - 2)}", text)
    text = _LONG_OR_LONGER.sub(lambda match: "or more" + match["is"].rjust(len(match.group()) - len("or more")), text)
    text = _KIND_BEFORE_BOUND.sub(lambda match: f"{match['bound']} {match['is']}", text)
    text = _BY_MASS.sub(_share_of_mass, _VOLTAGES.sub("–", text))
    text = _A_FEW.sub(lambda match: "<10".ljust(len(match.group())), text)
    for said, meant in _EVERYDAY:
        text = said.sub(partial(_as_long, meant), text)
    text = _OF_CYCLES.sub(lambda match: " " * len(match.group()), text)
    text = _SO_MANY_TIMES.sub(lambda match: " " * len(match.group()), text)
    return _RATIO.sub(lambda match: " " * len(match.group()), text)


def _as_long(meant: str, said: re.Match[str]) -> str:
    """An amount that takes as much space as the words for it."""
    number, space, unit = meant.partition(" ")
    return number + space * (len(said.group()) - len(number + unit)) + unit if space else meant


def _in_digits(said: re.Match[str]) -> str:
    """A number of several words, or of one that `numerals` does not know, in digits."""
    words = re.split(r"[\s-]+", said.group().lower())
    if len(words) == 1 and words[0] in IN_WORDS:
        return said.group()
    thousands, number = 0, 0.0
    for word in words:
        if word == "half":
            number -= 1 / 2  # *and a half*: the article counted as one
        elif word != "and":
            value = _MORE_WORDS[word]
            if value >= 1000:
                thousands, number = thousands + int(number or 1) * value, 0
            else:
                number = (number or 1) * value if value == 100 else number + value
    return f"{thousands + number:.10g}".ljust(len(said.group()))


def _degrees(said: re.Match[str]) -> str:
    below = int(said["digits"]) if said["digits"] else sum(IN_WORDS[said[part].lower()] for part in ("ten", "one") if said[part])
    return f"-{below} °C".ljust(len(said.group()))


def _share_of_mass(said: re.Match[str]) -> str:
    unit = "vol%" if said["what"].lower().startswith("vol") else "wt%"
    return f"{said['space']}{unit}".ljust(len(said.group()))
