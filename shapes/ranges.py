"""What values are usual: quartiles of quantities and of their ratios in comparable things, carried as a table.

The table (``ranges.tsv``) is made by `make_ranges` from public documents and comes with the program, so the same document gets the
same findings everywhere, and nothing about the records of an installation can be read from a finding (``docs/plausibility.md``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final

from records.errors import OntologyError

LEAST: Final = 20
"""Fewer different values than this do not tell what is usual."""

FENCE: Final = 3.0
"""Values this many interquartile distances outside the quartiles are far out (J. W. Tukey, Exploratory Data Analysis, 1977)."""

_NARROWEST: Final = 0.15
_NARROWEST_SIZE: Final = 0.35
_NARROWEST_RATE: Final = 0.8
_NARROWEST_PART: Final = 0.7
"""Least interquartile distances in decades: of voltages and ratios, of what grows with the size of a cell, of currents for a
capacity, and of parts and materials, which are less alike than cells. Where all values known are nearly equal, one that is a few
times as large is no slip yet."""

_MARGIN: Final = (2.0, 2.0)
_MARGIN_RATIO: Final = (1.0, 1.0)
_MARGIN_DISCHARGE: Final = (2.5, 1.7)
"""Decades below and above nine tenths of all values beyond which a value is implausible whatever the quartiles say: where values
are spread over many decades, these alone would let everything pass. Some cells are discharged in a month, some in seconds."""

_HARDLY: Final = 0.06
"""Decades that hardly count: a factor of 1.15, from the voltage of one chemistry to that of the next."""

PART: Final = "part"
"""Group of everything that is neither a cell nor made of cells."""

_FORMAT: Final = "voltagraph-ranges\t1"
_HEADER: Final = """\
# Quartiles of quantities and of their ratios in public battery documents, each in its base unit: figures only, made by
# `python -m benchmarks.plausibility DATA --write`; do not edit by hand. Columns: name, group of things, unit, number of different
# values, quantiles 0.05, 0.25, 0.5, 0.75 and 0.95. They come from the documents of:
#   github.com/phdechent/CellInfoRepository (BSD-3-Clause), which derives from the TUM truck battery design cell database
#   github.com/battery-genome/battinfo-records (MIT)
#   github.com/BIG-MAP/BattINFO (Apache-2.0)
#   github.com/EmpaEconversion/BattInfoConverter (MIT)
#   github.com/emmo-repo/domain-battery and github.com/emmo-repo/domain-electrochemistry (CC BY 4.0)
"""
_QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True, slots=True)
class Range:
    """What is usual of one quantity, or of one ratio, in one group of things; logarithms to base 10 of the value in its unit.

    Args:
        low: Anything below is implausible.
        high: Anything above is implausible.
        median: The middle of what is usual; halfway between the bounds where no distribution is known.
        spread: Interquartile distance; a sixth of the way between the bounds where no distribution is known.
        usual: The quartiles as values, or the bounds where no distribution is known.
        count: Number of different values it comes from; 0 for bounds of physics.
    """

    low: float
    high: float
    median: float
    spread: float
    usual: tuple[float, float]
    count: int

    @classmethod
    def between(cls, low: float, high: float) -> Range:
        """Bounds without a distribution.

        >>> Range.between(0.01, 100).median
        0.0
        """
        a, b = math.log10(low), math.log10(high)
        return cls(a, b, (a + b) / 2, max((b - a) / 6, _NARROWEST), (low, high), 0)

    def excess(self, logarithm: float) -> float:
        """How many decades a value is outside; 0 inside."""
        return max(self.low - logarithm, logarithm - self.high, 0.0)

    def is_common(self, logarithm: float) -> bool:
        """Whether a value is in the middle half of what is usual, or hardly outside."""
        low, high = self.usual
        return math.log10(low) - _HARDLY <= logarithm <= math.log10(high) + _HARDLY

    def distance(self, logarithm: float) -> float:
        """How many interquartile distances a value is from the median."""
        return abs(logarithm - self.median) / self.spread


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one document, for the table.

    Args:
        document: Which document it is of; drafts and their final form have one name, so that they count once.
        name: Label of the quantity, or ``A/B`` of a ratio.
        group: Group of the thing it is of.
        unit: Base unit.
        value: In that unit; positive.
    """

    document: str
    name: str
    group: str
    unit: str
    value: float


Ranges = dict[tuple[str, str, str], Range]
"""(name, group, unit) -> what is usual."""


def make_ranges(observations: Iterable[Observation]) -> str:
    """The table of what is usual; the same text for the same observations, in whatever order.

    >>> cells = [Observation(f"{n}.json", "Mass", "cell", "kg", n / 1000) for n in range(40, 61)]
    >>> print(make_ranges(cells).splitlines()[-1].replace(chr(9), " "))
    range Mass cell kg 21 0.041 0.045 0.05 0.055 0.059
    """
    values: dict[tuple[str, str, str], set[tuple[str, float]]] = {}
    for one in observations:
        values.setdefault((one.name, one.group, one.unit), set()).add((one.document, float(f"{one.value:.6g}")))
    lines = [_FORMAT, *_HEADER.splitlines()]
    for (name, group, unit), seen in sorted(values.items()):
        if len(seen) >= LEAST:
            numbers = sorted(value for _, value in seen)
            quantiles = (f"{_quantile(numbers, part):.3g}" for part in _QUANTILES)
            lines.append("\t".join(("range", name, group, unit, str(len(seen)), *quantiles)))
    return "\n".join(lines) + "\n"


def _quantile(numbers: Sequence[float], part: float) -> float:
    """The smallest number that at least this part of all does not exceed."""
    return numbers[max(math.ceil(part * len(numbers)) - 1, 0)]


def read_ranges(text: str) -> Ranges:
    """Read the table.

    Raises:
        OntologyError: It is no table of this format; names the line.
    """
    lines = text.split("\n")
    if lines[0] != _FORMAT:
        raise OntologyError(f"This is no table of ranges (its first line is '{lines[0][:60]}').", "Install the program again.")
    found: Ranges = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line or line.startswith("#"):
            continue
        try:
            what, name, group, unit, count, *figures = line.split("\t")
            if what != "range" or len(figures) != len(_QUANTILES):
                raise ValueError(what)
            found[name, group, unit] = _range(name, group, unit, int(count), [float(figure) for figure in figures])
        except ValueError as exc:
            raise OntologyError(
                f"Line {number} of the table of ranges cannot be read: {exc}.", "Install the program again."
            ) from exc
    return found


def _range(name: str, group: str, unit: str, count: int, quantiles: Sequence[float]) -> Range:
    least, lower, middle, upper, most = (math.log10(quantile) for quantile in quantiles)
    spread = max(upper - lower, _narrowest(name, group, unit))
    below, above = _MARGIN_DISCHARGE if "Discharging" in name else _MARGIN_RATIO if "/" in name else _MARGIN
    low, high = max(lower - FENCE * spread, least - below), min(upper + FENCE * spread, most + above)
    return Range(low, high, middle, spread, (quantiles[1], quantiles[3]), count)


def _narrowest(name: str, group: str, unit: str) -> float:
    if group == PART:
        return _NARROWEST_PART
    if unit == "1/s":
        return _NARROWEST_RATE
    return _NARROWEST if unit == "V" or "/" in name else _NARROWEST_SIZE


@lru_cache(maxsize=1)
def packaged_ranges() -> Ranges:
    """The table that comes with the program.

    >>> packaged_ranges()["NominalVoltage", "cell", "V"].usual[0] > 1
    True
    """
    return read_ranges(resources.files("shapes").joinpath("ranges.tsv").read_bytes().decode())
