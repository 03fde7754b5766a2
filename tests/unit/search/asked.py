"""Questions understood with the fact table that comes with the program, for the tests of understanding."""

from __future__ import annotations

from collections.abc import Iterator

from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.lookup import Lookup
from ontology.units import Units
from records.record import ConceptUse, Entity, EntityKind, Quantity, Record
from records.rights import PUBLIC, Rights
from search.query import ConceptPart, EitherPart, EntityPart, Part, QuantityPart, Query, TextPart, ValuePart, YearPart
from search.service import Readable
from search.understanding.understand import understand
from search.understanding.vocabulary import Known
from tests.unit.search.plain_index import PlainIndex

OPEN = Rights(PUBLIC, PUBLIC)


class Asked:
    """Asks, and tells the parts of one class."""

    def __init__(self) -> None:
        facts = packaged_facts()
        self.concepts = Concepts(facts)
        self.lookup = Lookup(self.concepts)
        self.units = Units(facts)
        self.known: Known | None = None

    def query(self, question: str) -> Query:
        return understand(question, lookup=self.lookup, concepts=self.concepts, units=self.units, known=self.known)

    def parts(self, question: str) -> tuple[Part, ...]:
        return self.query(question).parts

    def iri(self, label: str) -> str:
        return self.lookup.find(label)[0].iri

    def concept(self, question: str) -> ConceptPart:
        """The part of a question that is one concept."""
        (part,) = self.parts(question)
        assert isinstance(part, ConceptPart), part
        return part

    def quantity(self, question: str) -> QuantityPart:
        """The part of a question that is one quantity."""
        (part,) = self.parts(question)
        assert isinstance(part, QuantityPart), part
        return part


def told(parts: tuple[Part, ...]) -> list[str]:
    """Each part in short: its first label, its role, what is asked, its words; ``not`` before a negated one."""
    return [("not " if part.negated else "") + " ".join(_told(part)) for part in parts]


def _told(part: Part) -> Iterator[str]:
    match part:
        case ConceptPart():
            yield part.labels[0]
            if part.role_label:
                yield f"as {part.role_label}"
        case QuantityPart():
            yield from part.labels[:1]
            if part.role_label:
                yield f"of {part.role_label}"
            if part.asked:
                yield part.asked
            for condition in part.conditions:
                yield "at " + " ".join(_told(condition))
        case EntityPart():
            yield f"{part.kind.value if part.kind else 'anything'} {part.label}"
        case YearPart():
            yield f"{part.first or ''}-{part.last or ''}"
        case ValuePart():
            yield f"{part.facet.value} {part.value}"
        case TextPart():
            yield f"“{part.text}”"
        case EitherPart():
            yield " or ".join(" & ".join(told(way)) for way in part.ways)


def know(asked: Asked, *records: Record) -> None:
    """Ask from now on what these records answer."""
    index = PlainIndex(asked.concepts.ancestors)
    index.apply(list(records))
    asked.known = Readable(index, PUBLIC)


def a_record(
    asked: Asked,
    title: str,
    *concepts: str,
    text: str = "",
    maker: str = "",
    model: str = "",
    quantities: tuple[Quantity, ...] = (),
    rights: Rights = OPEN,
) -> Record:
    """A record with these concepts, by label or IRI, each at its root."""
    uses = tuple(ConceptUse(one if ":" in one else asked.iri(one), (), "/x", 1) for one in concepts)
    named = ((EntityKind.MANUFACTURER, maker), (EntityKind.MODEL, model))
    entities = tuple(Entity(kind, one, "", "/x", 1) for kind, one in named if one)
    return Record(
        f"a/{title}",
        f"urn:{title}",
        title,
        "a",
        title,
        "",
        rights,
        concepts=uses,
        quantities=quantities,
        text=text,
        entities=entities,
    )
