"""Sizes of cells: a round one says that the cell is a cylinder, and a code with letters is more than its size (``ICR18650``)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from search.query import ConceptPart, EitherPart, EntityPart, Part, QuantityPart, Query, TextPart
from search.understanding.record_kinds import cells_first
from search.understanding.vocabulary import Vocabulary

_SIZES: Final = re.compile(
    r"(?<![\w.,-])(?P<size>\d{4,5})(?P<after>s|[\s-](?:type|style|class|sized?|format|form[\s-]factor))(?!\w)", re.IGNORECASE
)
"""Cells of a size, which are no seconds: *the 18650s*, *32700-type round cells*."""
_CODES: Final = re.compile(r"(?<![\w.-])(?P<code>(?=[A-Z-]*\d)(?!\d+[ACFHJKVW]s)(?=[\d-]*[A-Z])[A-Z\d][A-Z\d-]{2,})s(?![\w-])")
"""Several cells of one code: *INR18650s*, *MJ1s*; *30As* is an amount."""
_COIN_OF_MAKER: Final = re.compile(r"(?<![\w-])DL(?P<size>\d{4})(?!\w)")
"""A lithium coin cell as makers call it: ``DL2032``."""
_SAID_SIZE: Final = re.compile(r"(?<![\w-])(?:size|format|form[\s-]factor)\s+(?P<size>\d{4,5})(?!\w)", re.IGNORECASE)
"""``coin cells of size 2016``, which is no year."""
_MEASURED: Final = re.compile(
    r"(?<![\w.,x×-])(?:[ØøΦφ]\s?)?(?P<diameter>[1-7]\d)\s?(?:mm\s?)?(?:x|×|by)\s?(?P<height>\d{2,3})"
    r"(?:\s?mm|(?=\s+(?:cells?|batter|cylind|round)))(?!\w|\s?[x×*]|\s+by\b)",
    re.IGNORECASE,
)
"""Diameter and height of a round cell in millimetres: *18 x 65 mm*; what is no cylinder has three measures."""
_OTHER_FORMAT: Final = re.compile(
    r"\b(?:prismatic\w*|pouch\w*|coin|button|electrodes?|separators?|foils?|discs?|disks?)\b", re.IGNORECASE
)
_ROUND: Final = re.compile(r"\d{5}")
"""The size of a round cell: its diameter and height."""
_ROUNDS: Final = re.compile(r"\d{5}(?:\W+(?:(?:and|or)\W+)?\d{5})*")
_DIAMETER: Final = "Diameter"
_MM: Final = re.compile(r"= (?P<value>\d\d)(?P<more>\.\d+)? mm(?!\w)")
_LISTED: Final = re.compile(
    r"(?<![\w./-])(?P<one>(?P<letters>[A-Z]{1,4})\d{1,5}[A-Z]?|\d{4,5})\s?/\s?(?=(?(letters)(?P=letters)\d{1,5}[A-Z]?|\d{4,5})(?![\w./-]))"
)
"""A size or code before another one: ``32650/32700``, ``LR41/LR44``, ``P42A/P45B``."""
_COMPARED: Final = re.compile(
    r"(?<![\w-])(?:(?P<more>bigger|larger|wider|fatter|thicker)|smaller|thinner|slimmer|narrower)\s+than\s+(?:an?\s+|the\s+)?"
    r"(?:(?:CR|LR|SR|LIR)(?P<coin>\d\d)\d\d|(?P<round>[1-7]\d)\d{3})(?!\w)(?=\s*(?:[,.;:)?!]|\Z|(?:cells?|batter|one|size|format|and|or|but|not|with|from|by)\b))",
    re.IGNORECASE,
)
"""A comparison with the size of a cell: ``larger than 18650``."""
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_CYLINDER: Final = "CylindricalBattery"
_CASES: Final = frozenset(("case", "cases"))
_ROUND_WORDS: Final = frozenset(("round", "rounds"))
_OF_LABEL: Final = re.compile(r"C?R(?P<size>\d{4,5})")
_CODE: Final = re.compile(
    r"(?<![\w-])(?P<letters>I[CFMN]R|IFpR|ANR|APR|NCR|NACR|UR|US|CR|LIR|LR|SR|BR|PR|ML|VL)[\s-]?(?P<size>\d{4,5})(?!\w)",
    re.IGNORECASE,
)
"""A size with the letters of a chemistry or a maker."""


def with_plain_sizes(text: str, vocabulary: Vocabulary) -> str:
    """The text, as long as before, with sizes by themselves: *18650s*, *32700-type*, *size 2016*, *18 x 65 mm*."""

    def plain(said: re.Match[str]) -> str:
        is_size = len(said["after"]) > 1 or vocabulary.lookup.named(said["size"], limit=1)
        return said["size"].ljust(len(said.group())) if is_size else said.group()

    def named(said: re.Match[str]) -> str:
        name = f"R{said['size']}"
        return name.ljust(len(said.group())) if vocabulary.lookup.named(name, limit=1) else said.group()

    def measured(said: re.Match[str]) -> str:
        code = f"{said['diameter']}{said['height']}".ljust(5, "0")
        return code.ljust(len(said.group())) if len(code) <= len(said.group()) else said.group()

    def listed(said: re.Match[str]) -> str:
        return said.group() if _YEAR.fullmatch(said["one"]) else f"{said['one']},".ljust(len(said.group()))

    def compared(said: re.Match[str]) -> str:
        diameter = int(said["coin"] or said["round"])
        bound = f">{diameter + 1}" if said["more"] else f"<{diameter}"  # cells are up to 0.7 mm wider than their size says
        return f"diameter {bound} mm".ljust(len(said.group()))

    text = _COMPARED.sub(compared, text)
    text = _LISTED.sub(listed, _CODES.sub(r"\g<code> ", text))
    text = _COIN_OF_MAKER.sub(lambda said: f"CR{said['size']}".ljust(len(said.group())), text)
    text = _SAID_SIZE.sub(named, _SIZES.sub(plain, text))
    return text if _OTHER_FORMAT.search(text) else _MEASURED.sub(measured, text)


def with_sizes(query: Query, vocabulary: Vocabulary) -> Query:
    """The query where a size stands for the format too, and what is called by the very code goes first.

    Not all records of round cells say that they are cylinders. ``not CR2032`` leaves out what is one, and not all of that size.
    """
    parts = tuple(_of_code_alone(part, vocabulary) if part.negated else part for part in query.parts)
    sized = [part for part in parts if not part.negated and _size_of(part)]
    by_diameter = query.order is not None and query.order.labels == (_DIAMETER,)
    is_round = by_diameter or any(_ROUND.fullmatch(_size_of(part)) for part in sized)
    sizes = {size for part in sized for size in _sizes_of(part)}
    formats = [part for part in parts if (is_round and _repeats(part)) or _is_class(part, sizes)]
    codes = tuple(f"{code['letters']}{code['size']}" for part in sized for code in _CODE.finditer(part.text))
    cylinder = next((part for part in formats if isinstance(part, ConceptPart) and _CYLINDER in part.labels), query.first)
    if cylinder is None and any(isinstance(part, QuantityPart) for part in formats):
        cylinder = cells_first("cells", vocabulary)
    first = ConceptPart(" ".join(codes), (), (), frozenset(), words=codes) if codes else cylinder
    return replace(query, parts=tuple(part for part in parts if part not in formats), first=first)


def is_round_size(part: Part) -> bool:
    """Whether it asks for the size of a round cell."""
    return not part.negated and _ROUND.fullmatch(_size_of(part)) is not None


def _sizes_of(part: Part) -> Iterator[str]:
    """All sizes that a part asks for."""
    if isinstance(part, EitherPart):
        yield from (_size_of(one) for way in part.ways for one in way)
    elif isinstance(part, ConceptPart):
        yield from (label["size"] for one in part.labels if (label := _OF_LABEL.fullmatch(one)))
    elif isinstance(part, TextPart | EntityPart) and _ROUNDS.fullmatch(part.text):
        yield from _ROUND.findall(part.text)


def _is_class(part: Part, sizes: Collection[str]) -> bool:
    """Whether it is the diameter that the sizes begin with: ``32 mm class (32650, 32700)``, ``24.5 mm coin, CR2450``."""
    if not isinstance(part, QuantityPart) or part.negated or (part.labels and _DIAMETER not in part.labels):
        return False
    said = _MM.match(part.asked)
    if said is None or not sizes:
        return False  # no round cell has it to the tenth
    return all(size.startswith(said["value"]) and not (said["more"] and _ROUND.fullmatch(size)) for size in sizes)


def _size_of(part: Part) -> str:
    """The size that a part asks for; ``""`` where it asks for something else."""
    if isinstance(part, TextPart | EntityPart):
        return next(_sizes_of(part), "")
    if isinstance(part, EitherPart):
        return next((size for way in part.ways for one in way if (size := _size_of(one))), "")
    label = _OF_LABEL.fullmatch(part.labels[0]) if isinstance(part, ConceptPart) and part.labels else None
    return label["size"] if label else ""


def _repeats(part: Part) -> bool:
    """Whether it says no more than a round size does: a cylinder, a case."""
    if isinstance(part, TextPart):
        return part.text.lower() in _ROUND_WORDS and not part.negated
    if not isinstance(part, ConceptPart) or part.negated or part.role:
        return False
    return _CYLINDER in part.labels or part.text.lower() in _CASES


def _of_code_alone(part: Part, vocabulary: Vocabulary) -> Part:
    """A part for what is called by this code, where the ontologies have it: not for all of the same size."""
    if not isinstance(part, ConceptPart) or not _size_of(part):
        return part
    iris = [iri for iri, label in zip(part.concepts, part.labels, strict=True) if label.upper() == part.text.upper()]
    return replace(part, expanded=vocabulary.concepts.narrower(iris[0])) if iris else part
