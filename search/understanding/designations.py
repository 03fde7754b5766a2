"""What the designation of a cell says of its chemistry, where its record says no more: LR41 is alkaline (``designations.toml``)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Final

from records.record import EntityKind
from search.query import ConceptPart, EitherPart, EntityPart, Part
from search.understanding.vocabulary import Known

_MOST: Final = 200
"""Most models that one part names."""


def so_designated(part: Part, known: Known) -> Part:
    """A chemistry, or a model whose designation says it: *Kodak alkaline* finds LR41, *HINA sodium* NACR32140-MP10."""
    if not isinstance(part, ConceptPart) or part.negated or part.roles:
        return part
    letters = [letters for letters, labels in _designations().items() if not labels.isdisjoint(part.labels)]
    if not letters:
        return part
    said = re.compile(rf"(?:{'|'.join(map(_with_size, letters))})(?: .*)?", re.IGNORECASE)
    names = tuple(named.name for named in known.names(EntityKind.MODEL) if said.fullmatch(named.name))[:_MOST]
    return EitherPart(part.text, ((part,), (EntityPart(part.text, EntityKind.MODEL, names, part.text),))) if names else part


def _with_size(letters: str) -> str:
    """The letters with the size behind them; some only before the six digits of a flat cell: thickness, width and length."""
    return rf"{letters}\d{{1,5}}" if letters.isalpha() else letters


@lru_cache(maxsize=1)
def _designations() -> Mapping[str, frozenset[str]]:
    content = tomllib.loads(files(__package__).joinpath("designations.toml").read_text(encoding="utf-8"))
    return {letters: frozenset(labels) for letters, labels in content.items()}
