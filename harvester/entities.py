"""Who and what has a name in a document: makers, models, people, institutions, instruments, identifiers.

By the names of properties, whatever vocabulary they are of: ``creator`` is one in schema.org, Dublin Core and DCTERMS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Final

from harvester.nodes import Nodes, Properties
from harvester.quantities import MAX_CACHED
from ontology import terms
from ontology.concepts import Concepts
from records.rdf import RDF_TYPE, Iri, Literal
from records.record import Entity, EntityKind

MAX_ENTITIES: Final = 2_000
"""Entities kept of one document."""
MAX_LENGTH: Final = 200
"""A longer text is no name."""

_MAKERS: Final = frozenset({"manufacturer", "brand"})
_MODELS: Final = frozenset({"model", "mpn"})
_PEOPLE: Final = frozenset({"creator", "author", "contributor", "editor", "maintainer", "hasOperator"})
_WORKS: Final = frozenset(
    {"citation", "subjectOf", "isBasedOn", "hadPrimarySource", "accessURL", "references", "sameAs", "hasPeerReviewedArticle"}
)
"""What leads to a work: its DOI is an identifier, another address is none."""
_KINDS: Final[Mapping[str, EntityKind]] = {
    **dict.fromkeys(_MAKERS, EntityKind.MANUFACTURER),
    **dict.fromkeys(("supplier", "vendor", "seller"), EntityKind.SUPPLIER),
    **dict.fromkeys(_MODELS, EntityKind.MODEL),
    **dict.fromkeys(_PEOPLE, EntityKind.PERSON),
    **dict.fromkeys(
        (
            *("affiliation", "publisher", "sdPublisher", "sourceOrganization", "worksFor", "memberOf", "funder", "hasLaboratory"),
            "includedInDataCatalog",
        ),
        EntityKind.INSTITUTION,
    ),
    **dict.fromkeys(
        ("instrument", "hasCharacterisationMeasurementInstrument", "hasTestEquipment", "isParticipatedBy"), EntityKind.INSTRUMENT
    ),
    **dict.fromkeys(_WORKS, EntityKind.IDENTIFIER),
    **dict.fromkeys(("identifier", "serialNumber", "productID", "sku", "doi", "batchNumber"), EntityKind.IDENTIFIER),
}
"""Label of a property -> what its value is."""

_NAMES: Final = ("name", "legalName", "label", "prefLabel", "title")
_VALUES: Final = ("value", *_NAMES)
"""Labels of what a node is called by, best first; of an identifier the value comes first, its name says what it is."""
_ORGANISATIONS: Final = re.compile(r"Organi[sz]ation$|Corporation$|University$|Laboratory$|Consortium$")
_NOTHING: Final = frozenset({"", "-", "?", "nan", "none", "null", "n/a", "na", "unknown", "tbd"})
_SEVERAL: Final = re.compile(r"\s*;\s*|\s+and\s+|\s+&\s+")
_DOI: Final = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_BATCH: Final = re.compile(r"(?:batch|lot)(?:[ _-]?(?:id|number|no))?", re.IGNORECASE)


class EntityReader:
    """Reads entities; remembers what properties mean, so one instance serves a whole harvest.

    Args:
        concepts: For the names of properties and classes.
        class_of: Today's class that an IRI stands for, ``""`` when it is none.
    """

    def __init__(self, concepts: Concepts, class_of: Callable[[str], str]) -> None:
        self._label = lru_cache(maxsize=MAX_CACHED)(concepts.label)
        self._kind = lru_cache(maxsize=MAX_CACHED)(lambda predicate: _KINDS.get(concepts.label(predicate)))
        self._class_of = class_of
        # Batteries are devices too; no potentiostat is below an electrochemical cell.
        self._devices = concepts.narrower(terms.DEVICE) - concepts.narrower(terms.ELECTROCHEMICAL_DEVICE)

    def read(
        self, nodes: Nodes, iri: str, subjects: Iterable[str], place_of: Callable[[str], tuple[str, int]]
    ) -> tuple[Entity, ...]:
        """The entities of a document, in its order, each once.

        Args:
            nodes: Its nodes.
            iri: Its IRI.
            subjects: Those that the record is about.
            place_of: JSON Pointer and line of a node.
        """
        about = frozenset(subjects)
        kinds = {predicate: kind for predicate in set().union(*nodes.values()) if (kind := self._kind(predicate))}
        found: dict[tuple[EntityKind, str], Entity] = {}
        for node, properties in nodes.items():
            for kind, name, own, holder in self._of_node(properties, kinds, nodes, node in about):
                # What is written relative to the document has no IRI of its own.
                is_own = own.startswith(iri.rpartition("/")[0] + "/")
                written = relative_to(iri, name)
                known = found.get((kind, written.casefold()))
                if known is None and len(found) < MAX_ENTITIES:
                    found[kind, written.casefold()] = Entity(kind, written, "" if is_own else own, *place_of(holder or node))
                elif known is not None and own and not known.iri and not is_own:
                    found[kind, written.casefold()] = replace(known, iri=own)
        return tuple(found.values())

    def _of_node(
        self, properties: Properties, kinds: Mapping[str, EntityKind], nodes: Nodes, is_subject: bool
    ) -> Iterator[tuple[EntityKind, str, str, str]]:
        """Kind, name, IRI of what the statements of a node name, and the node that stands for it."""
        for predicate, values in properties.items():
            if predicate not in kinds:
                continue
            is_work = self._label(predicate) in _WORKS
            for value in values:
                if is_work:
                    if "doi.org/10." in str(value):
                        yield EntityKind.IDENTIFIER, _as_identifier(str(value)), str(value), _as_node(value, nodes)
                    continue
                kind = self._fitting(kinds[predicate], predicate, value, nodes, is_subject)
                if kind is not None:
                    yield from ((kind, name, iri, _as_node(value, nodes)) for name, iri in self._named(value, nodes, kind))
        if is_subject and terms.SCHEMA_MANUFACTURER in properties and terms.SCHEMA_MODEL not in properties:
            # A product is called by its model where nothing else says it.
            yield from ((EntityKind.MODEL, name, "", "") for name in _texts(properties, terms.SCHEMA_NAME))
        if any(_BATCH.fullmatch(text) for text in _texts(properties, terms.SCHEMA_PROPERTY_ID)):
            yield from ((EntityKind.IDENTIFIER, text, "", "") for text in _texts(properties, terms.SCHEMA_VALUE))

    def _fitting(self, kind: EntityKind, predicate: str, value: Iri | Literal, nodes: Nodes, is_subject: bool) -> EntityKind | None:
        """What a value is to the record: who makes a part is a supplier, a creator may be an institution."""
        if kind is EntityKind.MANUFACTURER:
            return kind if is_subject else EntityKind.SUPPLIER
        if kind is EntityKind.MODEL:
            return kind if is_subject else EntityKind.IDENTIFIER
        types = [str(one) for one in nodes.get(str(value), {}).get(RDF_TYPE, ())] if type(value) is Iri else []
        if kind is EntityKind.PERSON and ("ror.org/" in str(value) or any(_ORGANISATIONS.search(one) for one in types)):
            return EntityKind.INSTITUTION
        if self._label(predicate) == "isParticipatedBy":
            return kind if any(self._class_of(one) in self._devices for one in types) else None
        return kind

    def _named(self, value: Iri | Literal, nodes: Nodes, kind: EntityKind) -> Iterator[tuple[str, str]]:
        """Name and IRI of a value; a text may name several people; what has no name goes by its IRI."""
        if isinstance(value, Literal):
            parts = _SEVERAL.split(value.value[: MAX_LENGTH * 20]) if kind is EntityKind.PERSON else [value.value]
            yield from ((name, _resolver(name)) for part in parts if (name := _as_name(part)))
            return
        iri = "" if _is_of_document(value) else str(value)
        properties = nodes.get(value, {})
        labels = {self._label(predicate): predicate for predicate in properties}
        called = _VALUES if kind is EntityKind.IDENTIFIER else _NAMES
        name = next((text for label in called if label in labels for text in _texts(properties, labels[label])), "")
        if not name and "familyName" in labels:
            parts = [next(_texts(properties, labels[label]), "") for label in ("givenName", "familyName") if label in labels]
            name = " ".join(filter(None, parts))
        if name or iri:
            yield name or _as_identifier(iri), iri or _resolver(name)


def relative_to(document: str, text: str) -> str:
    """An IRI that was written relative to the document as it was written, any other text as it is.

    >>> relative_to("https://example.org/records/lab/a.jsonld", "https://example.org/records/lab/cc-by-4.0")
    'cc-by-4.0'
    """
    return text.removeprefix(document).removeprefix(document.rpartition("/")[0] + "/").removeprefix("#")


def _resolver(name: str) -> str:
    """The address of a DOI, ``""`` for any other name."""
    return f"https://doi.org/{name}" if name.startswith("10.") and _DOI.fullmatch(name) else ""


def _as_node(value: Iri | Literal, nodes: Nodes) -> str:
    """The node of the document that a value is, ``""`` when it is none."""
    return str(value) if isinstance(value, Iri) and value in nodes else ""


def _is_of_document(iri: str) -> bool:
    """Whether it is the name that we gave a node without one (`graph.jsonld`)."""
    return "#/" in iri or "#_:" in iri


def _as_identifier(text: str) -> str:
    """A DOI without its resolver, another IRI as it is."""
    doi = _DOI.fullmatch(text)
    return doi[1] if doi else text


def _texts(properties: Properties, predicate: str) -> Iterator[str]:
    values = properties.get(predicate, ())
    return (name for value in islice(values, MAX_ENTITIES) if type(value) is Literal and (name := _as_name(value.value)))


def _as_name(text: str) -> str:
    """A text as a name, ``""`` for what is none; addresses of people are not kept."""
    name = " ".join(text[: MAX_LENGTH + 1].split())
    is_none = len(name) > MAX_LENGTH or name.casefold() in _NOTHING or "@" in name
    return "" if is_none else _as_identifier(name)
