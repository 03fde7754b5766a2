"""Size codes of cells: what 18650, R21700, CR2032 and P16/102/354 say of their dimensions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Side:
    """One dimension that a size code promises, in metres.

    Args:
        labels: What the dimension may be called.
        nominal: What the code says.
        least: Smallest value that still goes with it.
        most: Largest value that still goes with it.
    """

    labels: tuple[str, ...]
    nominal: float
    least: float
    most: float

    def holds(self, value: float) -> bool:
        """Whether a value in metres goes with it."""
        return self.least <= value <= self.most


@dataclass(frozen=True, slots=True)
class Size:
    """A size code and what it promises.

    Args:
        name: The code as it was written, e.g. ``18650``.
        sides: Its dimensions.
    """

    name: str
    sides: tuple[Side, ...]


# Round cells by diameter and height in millimetres (IEC 61960-3: two digits of millimetres, then the height in tenths; where makers
# write a height above 100 mm with three digits, they count whole millimetres).
_CYLINDERS: Final[dict[str, tuple[int, int]]] = {
    "10440": (10, 44), "13500": (13, 50), "14250": (14, 25), "14430": (14, 43), "14500": (14, 50), "14650": (14, 65),
    "16340": (16, 34), "16650": (16, 65), "17340": (17, 34), "17500": (17, 50), "17670": (17, 67), "18350": (18, 35),
    "18490": (18, 49), "18500": (18, 50), "18650": (18, 65), "18700": (18, 70), "20700": (20, 70), "21700": (21, 70),
    "22430": (22, 43), "26500": (26, 50), "26650": (26, 65), "26700": (26, 70), "26800": (26, 80), "32135": (32, 135),
    "32140": (32, 140), "32600": (32, 60), "32650": (32, 65), "32700": (32, 70), "33138": (33, 138), "33140": (33, 140),
    "38120": (38, 120), "40135": (40, 135), "46120": (46, 120), "46135": (46, 135), "46160": (46, 160), "46800": (46, 80),
    "46950": (46, 95),
}  # fmt: skip
_SHORT: Final = {"1865": "18650", "2170": "21700", "2665": "26650", "3270": "32700", "4680": "46800", "4695": "46950"}
_CYLINDER: Final = re.compile(r"(?<!\d)(?:" + "|".join(_CYLINDERS) + r")(?!\d)")
_COIN: Final = re.compile(r"(?<![A-Za-z\d])(?:CR|LIR|BR|ML|MS|MT|VL|SR|LR|DL|R)[ -]?(\d\d)(\d\d)(?!\d)")
_BARE: Final = re.compile(r"\d{4}(?:\d)?")
_PRISM: Final = re.compile(r"P(\d{1,3})/(\d{2,3})/(\d{2,3})")


def size_in(text: str) -> Size | None:
    """The size code that a model or a name holds; ``None`` when there is none, or there are several.

    >>> size_in("INR18650-MJ1").name, size_in("CR2032").sides[0].nominal, size_in("SLPB30205130H"), size_in("18650 or 21700")
    ('18650', 0.02, None, None)
    """
    codes = set(_CYLINDER.findall(text))
    if codes:
        return _cylinder(codes.pop()) if len(codes) == 1 else None
    coin = _COIN.search(text)
    return None if coin is None or coin[1] + coin[2] in _SHORT else _coin(coin[0], coin[1], coin[2])


def size_code(text: str) -> Size | None:
    """As `size_in`, of a text that is a size code and nothing else, such as the label of a class or a value of ``schema:size``.

    Short codes are sure only here: 4680 in a name may be a capacity.

    >>> [size_code(text).sides[0].nominal for text in ("R4680", "2032", "P16/102/354")]
    [0.046, 0.02, 0.016]
    """
    digits = text.removeprefix("R")
    if digits in _SHORT:
        return _cylinder(_SHORT[digits])
    prism = _PRISM.fullmatch(text)
    if prism:
        return _prism(text, *(int(part) for part in prism.groups()))
    return size_in(f"R{text}" if _BARE.fullmatch(text) else text)


def _cylinder(name: str) -> Size:
    diameter, height = _CYLINDERS[name]
    # A sleeve adds a little to the diameter, a protective circuit or a raised pole to the height.
    return _round(name, diameter, height, (1, 1.5), (3, 8))


def _coin(name: str, diameter: str, height: str) -> Size:
    # CR2450 has 24.5 mm: the code gives whole millimetres.
    return _round(name, int(diameter), int(height) / 10, (0.5, 1), (0.5, 0.5))


def _round(name: str, diameter: float, height: float, of_diameter: tuple[float, float], of_height: tuple[float, float]) -> Size:
    return Size(name, (_side(("Diameter",), diameter, *of_diameter), _side(("Height", "Length", "Thickness"), height, *of_height)))


def _prism(name: str, thickness: int, width: int, length: int) -> Size:
    # Pouches swell, and a length is given with the tabs or without.
    sides = ((("Thickness",), thickness), (("Width",), width), (("Length",), length))
    return Size(name, tuple(_side(labels, nominal, 1 + nominal / 5, 1 + nominal / 5) for labels, nominal in sides))


def _side(labels: tuple[str, ...], nominal: float, below: float, above: float) -> Side:
    """From millimetres to metres."""
    return Side(labels, *(round(value / 1000, 6) for value in (nominal, nominal - below, nominal + above)))
