"""What is known of one record after reading it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
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
        within: What it is a part of, from the record's root inwards: for every step of ``role`` the class that the property stands
            for (``hasPositiveElectrode``: PositiveElectrode) and the classes of the node reached, its own left out.
        implied_by: IRI of the class whose definition says so; ``""`` when the document itself does.
    """

    concept: str
    role: tuple[str, ...]
    pointer: str
    line: int
    within: tuple[str, ...] = ()
    implied_by: str = ""


class EntityKind(StrEnum):
    """What a named thing is to the record."""

    MANUFACTURER = "manufacturer"
    SUPPLIER = "supplier"
    MODEL = "model"
    PERSON = "person"
    INSTITUTION = "institution"
    INSTRUMENT = "instrument"
    IDENTIFIER = "identifier"


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody or something with a name that a record speaks of.

    Args:
        kind: ``manufacturer`` and ``model`` are those of the thing that the record is about; who made a part is a ``supplier``.
        name: Its name as written.
        iri: Its ORCID, ROR or other IRI; ``""`` when there is none.
        pointer: JSON Pointer of its node (or of the node that names it) in the source document.
        line: Line in the source document, from 1.
    """

    kind: EntityKind
    name: str
    iri: str = ""
    pointer: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says of itself in plain values: what it is, its date, its licence, its country, its chemical formula.

    Args:
        kind: ``description``, ``date``, ``licence``, ``country`` or ``formula``.
        label: Name of the property, e.g. ``releaseDate``.
        text: What it says, as in the record.
        pointer: JSON Pointer in the source document: of the value, else of the node that has it.
        line: Line in the source document, from 1.
    """

    kind: str
    label: str
    text: str
    pointer: str
    line: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How far a quantity reaches, as written (in the unit of the quantity) and in its base unit; ``None`` is what is not said.

    Args:
        minimum: The least value.
        maximum: The greatest value.
        deviation: Uncertainty, margin of error or standard deviation: the value plus and minus this.
        base_minimum: The least value in the base unit.
        base_maximum: The greatest value in the base unit.
        base_deviation: The deviation in the base unit; a difference, so 1 °C is 1 K.
    """

    minimum: float | None = None
    maximum: float | None = None
    deviation: float | None = None
    base_minimum: float | None = None
    base_maximum: float | None = None
    base_deviation: float | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Under what a quantity holds: a number that stands on the quantity's own node, such as its temperature or C-rate.

    Args:
        kinds: IRIs of its classes.
        value: The number as written.
        unit: The unit as written; ``""`` when there is none.
        base_value: The number in ``base_unit``; ``None`` when the unit is missing or cannot be converted.
        base_unit: Symbol of the base unit; ``""`` when ``base_value`` is ``None``.
        dimension: Dimension symbol.
        pointer: JSON Pointer of the condition's node in the source document.
        line: Line in the source document, from 1.
        name: What the document calls it, where no class says what it is.
    """

    kinds: tuple[str, ...]
    value: float
    unit: str
    base_value: float | None
    base_unit: str
    dimension: str
    pointer: str
    line: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit, as written and in the base unit of its dimension.

    Args:
        kinds: IRIs of the classes of the quantity, e.g. RatedCapacity (ConventionalProperty and the like left in).
        value: The number as written; ``None`` when only a range is given, and then ``spread`` has it.
        unit: The unit as written (IRI, UCUM code or word); ``""`` when there is none.
        base_value: The number in ``base_unit``; ``None`` when there is no number, or its unit is missing or cannot be converted.
        base_unit: Symbol of the base unit, e.g. ``A·s``; ``""`` when nothing could be converted.
        dimension: Dimension symbol, e.g. ``T·I``; equal for units that convert to each other.
        pointer: JSON Pointer of the quantity's node in the source document.
        line: Line in the source document, from 1.
        spread: How far it reaches, when the document says so.
        conditions: Under what it holds; each of them is a quantity of the record too.
        name: What the document calls it, where no class says what it is.
        within: What has it, from the record's root inwards, as for `ConceptUse`: the thickness of a cell is not that of its anode.
    """

    kinds: tuple[str, ...]
    value: float | None
    unit: str
    base_value: float | None
    base_unit: str
    dimension: str
    pointer: str
    line: int
    spread: Spread | None = None
    conditions: tuple[Condition, ...] = ()
    name: str = ""
    within: tuple[str, ...] = ()

    @property
    def base_values(self) -> tuple[float, ...]:
        """The numbers by which it is found: its value, or the ends of its range when it has none.

        >>> Quantity((), None, "g", None, "kg", "M", "", 1, Spread(60, 80, None, 0.06, 0.08)).base_values
        (0.06, 0.08)
        """
        if self.base_value is not None:
            return (self.base_value,)
        if self.value is not None or self.spread is None:
            return ()
        return tuple(end for end in (self.spread.base_minimum, self.spread.base_maximum) if end is not None)


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
        entities: Makers, models, people, institutions and instruments, with places.
        date: When it was published, else made: an ISO 8601 date, perhaps only its year or month; ``""`` when it says neither.
        licence: Its licence as written (an IRI where there is one).
        communities: The source's communities that it is in, written as the audiences of their members, sorted.
        validation: The gravest of its findings: ``violation``, ``warning``, ``info``, or ``none``; ``""`` when it was not checked.
        released: When the product that it describes came on the market, written as `date`; ``""`` when it does not say.
        said: Its description, where its date and its licence stand, and the country that it is from.
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
    entities: tuple[Entity, ...] = ()
    date: str = ""
    licence: str = ""
    communities: tuple[str, ...] = ()
    validation: str = ""
    released: str = ""
    said: tuple[Said, ...] = ()

    @property
    def graph_iri(self) -> str:
        """Name of the record's graph in the RDF dataset."""
        return f"{self.iri}#graph"
