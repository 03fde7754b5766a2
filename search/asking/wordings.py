"""A property of a thing in a sentence's own words: *up to what temperature can it be discharged*, *what current does it allow*."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_][\w'-]*|\S+")

PLAIN: Final = frozenset(
    """
    a about according accumulator actual an and approximate approximately are at available average batteries battery be been between
    both by can cell cells compare compared comparison could data datasheet did do document does deliver delivers each entry
    everything exact exactly find for found from get give given gives got go had has have having hold holds how i if in information
    is it its kind last lasts less list listed many may me more much need of on one or out overall please provide provides record
    records said say shall should show sort specification specified stated store stores supply supplies survive survives tell than
    that the their there these they this those to type typical under up us use used uses using value values versus vs was we were
    what what's when which who whose will with would you your characteristics details facts features info properties specifications
    specs spec expected quoted declared claimed guaranteed usual usually normal normally official reported allowed permitted
    permissible admissible recommended single
    """.split()  # noqa: SIM905 - a list of words reads better than 150 quoted ones
)
"""Words at the beginning or the end of what is asked that say nothing of it."""
_CARRIERS: Final = PLAIN - {"less", "more", "average", "than", "between", "under"} | frozenset(
    """
    accept accepts achieve achieves act acting acts admissible against allow allowed allows applied applies apply as attain
    attains boast boasts bring brings chosen cite claimed come comes comprise comprises consist consists cope copes cover
    covers carried conducted done executed performed declared dissolved dissolves drop drops employ employed employs endure
    endures equipped ever exactly expect
    expected fall falls feature functions go goes good governs guarantee guaranteed guarantees handle handles him holding
    implements include included includes including inside just kind kinds legally licensed lists make makes making manage
    manages must nominal nominally normally offer offers officially own permissible permit permits permitted play plays
    possess possesses possible present printed prints published quoted rated reach reaches really recommended redistribute
    relies rely remain reported republish require required requires reuse reused role roughly run runs safe safely serve
    served serves show shows side single sort sorts spec'd specifies specify standard still sustain sustains take takes
    made measure measured measures obtained recorded taken tolerate tolerates typically
    usual usually utilise utilised utilises while within withstand withstands work works worn
    """.split()  # noqa: SIM905
)
"""Words that carry a property from the thing to the reader, wherever they stand: what it allows, sustains, is good for."""

_MEASURES: Final = {
    **dict.fromkeys(("voltage", "voltages", "volt", "volts", "potential"), "voltage"),
    **dict.fromkeys(("current", "currents", "amp", "amps", "ampere", "amperes", "amperage"), "current"),
    **dict.fromkeys(("temperature", "temperatures", "temp", "temps", "degrees", "cold", "hot", "warm"), "temperature"),
}
_DEEDS: Final = {
    **dict.fromkeys(("charge", "charged", "charging", "charges", "recharge", "recharged", "recharging", "full"), "charging"),
    **dict.fromkeys(
        ("discharge", "discharged", "discharging", "discharges", "drained", "drawn", "draw", "drain", "empty"), "discharging"
    ),
    **dict.fromkeys(("stored", "storage", "storing", "kept", "store"), "storage"),
    **dict.fromkeys(
        ("operate", "operated", "operates", "operating", "operation", "work", "works", "working", "run", "runs", "used", "use"),
        "operating",
    ),
}
_BOUNDS: Final = {
    **dict.fromkeys(
        (
            "up",
            "maximum",
            "max",
            "maximal",
            "highest",
            "hottest",
            "warmest",
            "most",
            "largest",
            "greatest",
            "biggest",
            "hot",
            "warm",
            "upper",
        ),
        "maximum",
    ),
    **dict.fromkeys(("down", "minimum", "min", "minimal", "lowest", "coldest", "least", "smallest", "cold", "lower"), "minimum"),
}
_MANNERS: Final = {
    **dict.fromkeys(("continuous", "continuously", "constantly", "constant", "sustained", "permanently"), "continuous"),
    **dict.fromkeys(("pulse", "pulsed", "pulses", "peak", "burst", "bursts", "briefly", "short"), "pulse"),
    "standard": "standard",
}
_LINKS: Final = frozenset(
    (
        *("stop", "stops", "stopped", "end", "ends", "ended", "terminated", "finished"),
        *(
            "be",
            "can",
            "could",
            "might",
            "must",
            "should",
            "till",
            "to",
            "until",
            "while",
            "without",
            "fully",
            "completely",
            "state",
        ),
    )
)
_KNOWN: Final = _CARRIERS.union(_MEASURES, _DEEDS, _BOUNDS, _MANNERS, _LINKS)
_DELIVERING: Final = frozenset(("deliver", "delivers", "supply", "supplies", "output", "provide", "provides", "give", "gives"))
"""What a cell does with a current that it is discharged with."""
_VOLTAGES: Final = {"charging": ("charging voltage", "maximum"), "discharging": ("lower voltage limit", "minimum")}
"""What is done -> the voltage at which it ends, and which bound that is."""


def said_plainly(phrase: str) -> tuple[str, ...]:
    """Names of properties that the phrase may say in other words, best first.

    >>> said_plainly("Up to what temperature can be discharged")
    ('maximum discharging temperature', 'temperature discharged')
    >>> said_plainly("maximum pulse discharging current does allow")
    ('maximum pulse discharging current', 'maximum pulse discharging current')
    """
    words = [word.lower().strip(".,?!'") for word in _WORD.findall(phrase)]
    limit = _limit(words)
    carried = " ".join(word for word in words if word and word not in _CARRIERS)
    return tuple(filter(None, (limit, carried)))


def is_carried(phrase: str) -> bool:
    """Whether all words only carry a property to the reader: *offer*, *measure in*."""
    return _CARRIERS.issuperset(word.lower().strip(".,?!'") for word in _WORD.findall(phrase))


def _limit(words: Sequence[str]) -> str:
    """The limit of a voltage, a current or a temperature that the words describe by what is done: *down to which voltage*."""
    slots = [{table[word] for word in words if word in table} for table in (_MEASURES, _DEEDS, _BOUNDS, _MANNERS)]
    if slots[1] >= {"operating"} and len(slots[1]) > 1:
        slots[1].discard("operating")  # *used for charging*
    if slots[0] == {"current"} and not slots[1] and not _DELIVERING.isdisjoint(words):
        slots[1] = {"discharging"}
    if not slots[0] or not slots[1] or any(len(slot) > 1 for slot in slots) or not _KNOWN.issuperset(words):
        return ""
    measure, deed, bound, manner = ("".join(slot) for slot in slots)
    if measure == "temperature":
        return "" if manner else f"{bound} {deed} {measure}".strip()
    if measure == "voltage":
        name, usual = _VOLTAGES.get(deed, ("", ""))
        return name if not manner and bound in ("", usual) else ""
    if deed not in _VOLTAGES or bound == "minimum":
        return ""
    return f"standard {deed} current" if manner == "standard" else f"maximum {manner} {deed} current".replace("  ", " ")
