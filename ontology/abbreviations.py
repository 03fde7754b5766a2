"""Field abbreviations, formulae and everyday words, each with the concepts it can mean and where that is written.

The facts are in `abbreviations.tsv`, one target a line, best target first. A target is an IRI with its label beside it,
so that a reader can check it and a test can compare it with the ontologies.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ontology.model import LabelKind
from records.errors import OntologyError

TABLE = Path(__file__).with_name("abbreviations.tsv")
"""The table that comes with the package."""

_COLUMNS = ["text", "kind", "iri", "label", "source"]
_KINDS = frozenset({LabelKind.ABBREVIATION, LabelKind.FORMULA})


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """One thing that a text can mean.

    Args:
        text: As it is written, e.g. ``LFP``.
        kind: ``abbreviation`` or ``formula``.
        iri: IRI of the concept it can mean.
        label: prefLabel of this concept, for the reader of the table.
        source: Where it is written: a DOI, the number of a standard, or the ontology itself.
    """

    text: str
    kind: LabelKind
    iri: str
    label: str
    source: str


def load_abbreviations(path: Path = TABLE) -> tuple[Abbreviation, ...]:
    """Read the table; the lines of one text keep their order, which is best first.

    Args:
        path: A UTF-8 file of tab-separated values with the header ``text kind iri label source``.

    Raises:
        OntologyError: The table cannot be read or a line is not complete.

    >>> [entry.label for entry in load_abbreviations() if entry.text == "LiPF6"]
    ['LithiumHexafluorophosphate']
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return tuple(_parse(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True), path.name))
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise OntologyError(f"The table of abbreviations {path.name} cannot be read: {exc}.", "Restore the file.") from exc


@lru_cache(maxsize=1)
def texts_of() -> Mapping[str, tuple[str, ...]]:
    """IRI -> what our table has for this concept, in its order.

    >>> "pouch cell" in next(texts for texts in texts_of().values() if "soft-pack" in texts)
    True
    """
    found: dict[str, dict[str, None]] = {}
    for row in load_abbreviations():
        found.setdefault(row.iri, {})[row.text] = None
    return {iri: tuple(texts) for iri, texts in found.items()}


def _parse(rows: Iterable[list[str]], name: str) -> Iterable[Abbreviation]:
    for number, row in enumerate(rows, start=1):
        if number == 1 and row == _COLUMNS:
            continue
        if len(row) != len(_COLUMNS) or not all(row) or row[1] not in _KINDS:
            raise OntologyError(f"Line {number} of {name} is not text, kind, IRI, label and source.", "Mend the line.")
        text, kind, iri, label, source = row
        yield Abbreviation(text, LabelKind(kind), iri, label, source)
