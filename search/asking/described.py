"""The records that a question describes, and what of the words was not understood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from records.record import EntityKind
from search.asking.services import Asking
from search.asking.telling import listed, part_text
from search.asking.values import Reading
from search.query import ConceptPart, Query, TextPart
from search.understanding.vocabulary import SOFT

MAX_SOURCES: Final = 1_000
"""Most records whose places are given."""

_CELLS: Final = re.compile(r"\b(?:cells?|batter(?:y|ies)|accumulators?)\b", re.IGNORECASE)
_MADE_BY: Final = re.compile(r"\b(?:from|by)\s+(?:the\s+)?([^\s,;?!.]+)", re.IGNORECASE)
"""Who made it: a word here that is no name of a maker is an unknown one, and never a concept."""
_SEVERAL_SETS: Final = re.compile(r"\b(?:vs\b\.?|versus\b|compared (?:to|with)\b)", re.IGNORECASE)
"""Two sets beside each other are not one."""
_SAID: Final = frozenset(
    """
    across all among available cell cells currently data database different document documents else entries ever exist existing
    exists know known made make makes manufactured many mentioned most number overall please possible recorded records reported
    stored there total unique
    """.split()  # noqa: SIM905 - a list of words reads better than quoted ones
)
"""Words of such questions that describe no record."""


@dataclass(frozen=True, slots=True)
class DescribedSet:
    """The records that are described.

    Args:
        query: What finds them.
        told: The same in words.
        not_understood: Words that nothing is known about.
        only_cells: Whether the words say *cells*: then the mass of a material is not meant.
    """

    query: Query
    told: str
    not_understood: tuple[str, ...]
    only_cells: bool = False


def described_set(asking: Asking, text: str, *, is_measured: bool = False) -> DescribedSet:
    """What the words say of the records.

    Args:
        asking: The question and its reader.
        text: The words.
        is_measured: Whether the records must have a quantity: then *cells* says nothing more.
    """
    found = asking.services.understand(text, asking.audiences)
    parts = tuple(
        part for part in found.parts if not (is_measured or isinstance(part, TextPart)) or part.text.lower() not in _SAID | SOFT
    )
    made_by = {match[1].lower() for match in _MADE_BY.finditer(text)}
    words = tuple(
        part.text
        for part in parts
        if isinstance(part, TextPart) or (isinstance(part, ConceptPart) and part.text.split()[0].lower() in made_by)
    )
    words += tuple(match.group() for match in _SEVERAL_SETS.finditer(text))
    told = listed([part_text(part) for part in parts]) or "all records"
    if found.order is not None:
        told += f", {found.order.text}"
    return DescribedSet(Query(asking.question, parts, found.order), told, words, bool(_CELLS.search(text)))


def is_meant(asking: Asking, described: DescribedSet, reading: Reading) -> bool:
    """Whether a value is that of a cell, where cells are asked for: its node is in one, or the record has a maker and a model."""
    if not described.only_cells:
        return True
    record, pointer = reading.record, reading.quantity.pointer
    in_cell = any(
        one.concept in asking.services.properties.cells and pointer.startswith(f"{one.pointer}/") for one in record.concepts
    )
    return in_cell or {EntityKind.MANUFACTURER, EntityKind.MODEL} <= {one.kind for one in record.entities}
