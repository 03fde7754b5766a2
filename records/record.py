"""What is known of one record after reading it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from records.rights import Rights


@dataclass(frozen=True, slots=True)
class Payload:
    """The bytes as harvested.

    >>> Payload(b"{}").digest[:8]
    '44136fa3'
    """

    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hex: the name under which it is kept."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class ConceptUse:
    """A concept that a record uses, and where.

    Args:
        concept: IRI of the class.
        role: IRIs of the properties from the record's root node to the node that has this type.
        pointer: JSON Pointer of the node in the source document.
        line: Line in the source document, from 1.
    """

    concept: str
    role: tuple[str, ...]
    pointer: str
    line: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit, as written and in the base unit of its dimension.

    Args:
        kinds: IRIs of the classes of the quantity, e.g. RatedCapacity (ConventionalProperty and the like left in).
        value: The number as written.
        unit: The unit as written (IRI, UCUM code or word); ``""`` when there is none.
        base_value: The number in ``base_unit``; ``None`` when the unit is missing or cannot be converted.
        base_unit: Symbol of the base unit, e.g. ``A·s``; ``""`` when ``base_value`` is ``None``.
        dimension: Dimension symbol, e.g. ``[current] * [time]``; equal for units that convert to each other.
        pointer: JSON Pointer of the quantity's node in the source document.
        line: Line in the source document, from 1.
    """

    kinds: tuple[str, ...]
    value: float
    unit: str
    base_value: float | None
    base_unit: str
    dimension: str
    pointer: str
    line: int


@dataclass(frozen=True, slots=True)
class Record:
    """One described thing in normal form.

    Args:
        id: ``SOURCE/PATH``, unique in this installation.
        iri: The persistent address; its named graph is ``graph_iri``.
        title: For people.
        source: Name of the source.
        source_file: Path of the document within the source.
        digest: SHA-256 of the payload.
        rights: Who may read what.
        concepts: Concepts used, with places.
        quantities: Numbers with units, with places.
        text: Text of the files, for full-text search.
    """

    id: str
    iri: str
    title: str
    source: str
    source_file: str
    digest: str
    rights: Rights
    concepts: tuple[ConceptUse, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    text: str = ""

    @property
    def graph_iri(self) -> str:
        """Name of the record's graph in the RDF dataset."""
        return f"{self.iri}#graph"
