"""From the statements of one document to a record: title, concepts with roles, quantities with base values, text.

Read from RDF, not from JSON, so that nested, flattened and referenced nodes are all understood alike and search agrees with SPARQL.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ontology import terms
from ontology.concepts import Concepts
from ontology.model import Kind
from ontology.units import Unit, Units
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from records.record import ConceptUse, Quantity, Record
from records.rights import Rights

MAX_TEXT_CHARS = 200_000
_TITLES = (
    terms.SCHEMA_NAME,
    terms.RDFS_LABEL,
    terms.SKOS_PREF_LABEL,
    terms.SCHEMA_HEADLINE,
    terms.DCTERMS_TITLE,
    terms.DC_TITLE,
    terms.SCHEMA_MODEL,
)
_UNITS = (terms.HAS_MEASUREMENT_UNIT, terms.SCHEMA_UNIT_CODE, terms.SCHEMA_UNIT_TEXT)

_NUMBER = Unit("", 1.0, 0.0, "1", "1")

_Node = dict[str, list[Iri | Literal]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What normalising needs to know of the ontologies."""

    concepts: Concepts
    units: Units


def normalize(
    *,
    record: str,
    iri: str,
    source: str,
    source_file: str,
    title: str,
    digest: str,
    rights: Rights,
    triples: Sequence[Triple],
    pointers: Mapping[str, str],
    line_of: Callable[[str], int],
    vocabulary: Vocabulary,
) -> Record:
    """Describe what the statements of one document say, with the place of each.

    Args:
        record: Record id, ``SOURCE/PATH``.
        iri: The record's IRI.
        source: Name of the source.
        source_file: Path within the source.
        title: Title in the source's own metadata; ``""`` to take it from the document.
        digest: SHA-256 of the payload.
        rights: Who may read it.
        triples: The document's statements.
        pointers: JSON Pointer of each node of the document, by IRI.
        line_of: Line of a JSON Pointer in the document.
        vocabulary: Concepts and units.

    Returns:
        The record in normal form.
    """
    nodes = _nodes(triples)
    root = _root(nodes, pointers)
    roles = _roles(nodes, root)
    return Record(
        id=record,
        iri=iri,
        # Who may read metadata alone learns nothing of what stands in the file.
        title=title
        or (_title(nodes, root) if rights.read_files == rights.read_metadata else "")
        or PurePosixPath(source_file).stem,
        source=source,
        source_file=source_file,
        digest=digest,
        rights=rights,
        concepts=_concept_uses(nodes, roles, pointers, line_of, vocabulary.concepts),
        quantities=_quantities(nodes, pointers, line_of, vocabulary),
        text=_text(triples),
    )


def _nodes(triples: Sequence[Triple]) -> dict[str, _Node]:
    nodes: dict[str, _Node] = {}
    for subject, predicate, value in triples:
        nodes.setdefault(subject, {}).setdefault(predicate, []).append(value)
    return nodes


def _root(nodes: Mapping[str, _Node], pointers: Mapping[str, str]) -> str:
    """The node that stands highest in the document; of several equally high ones, the first."""
    return min(nodes, key=lambda node: (pointers.get(node, "/~").count("/"), pointers.get(node, "/~"), node), default="")


def _roles(nodes: Mapping[str, _Node], root: str) -> dict[str, tuple[str, ...]]:
    """Shortest chain of properties from the root to each node that can be reached."""
    roles: dict[str, tuple[str, ...]] = {root: ()}
    frontier = [root]
    while frontier:
        reached: list[str] = []
        for node in frontier:
            for predicate, values in nodes.get(node, {}).items():
                for value in values:
                    if isinstance(value, Iri) and value in nodes and value not in roles:
                        roles[value] = (*roles[node], predicate)
                        reached.append(value)
        frontier = reached
    return roles


def _title(nodes: Mapping[str, _Node], root: str) -> str:
    node = nodes.get(root, {})
    name = next((text for predicate in _TITLES if (text := _first_text(node, predicate))), "")
    makers = [value for value in node.get(terms.SCHEMA_MANUFACTURER, ()) if value in nodes]
    maker = next((text for value in makers if (text := _first_text(nodes[str(value)], terms.SCHEMA_NAME))), "")
    return f"{maker} {name}" if name and maker and maker.casefold() not in name.casefold() else name


def _first_text(node: _Node, predicate: str) -> str:
    texts = [value for value in node.get(predicate, ()) if isinstance(value, Literal) and value.value.strip()]
    best = next((text for text in texts if text.language.startswith("en")), texts[0] if texts else None)
    return " ".join(best.value.split())[:500] if best else ""


def _concept_uses(
    nodes: Mapping[str, _Node],
    roles: Mapping[str, tuple[str, ...]],
    pointers: Mapping[str, str],
    line_of: Callable[[str], int],
    concepts: Concepts,
) -> tuple[ConceptUse, ...]:
    uses = []
    for node, properties in nodes.items():
        pointer = pointers.get(node, "")
        role = roles.get(node, ())
        for predicate, values in properties.items():
            for value in values:
                if not isinstance(value, Iri) or value in nodes or predicate == terms.HAS_MEASUREMENT_UNIT:
                    continue
                concept = concepts.get(value)
                if concept is not None and concept.kind is Kind.CLASS:
                    path = role if predicate == RDF_TYPE else (*role, predicate)
                    uses.append(ConceptUse(concepts.canonical(value), path, pointer, line_of(pointer)))
    return tuple(uses)


def _quantities(
    nodes: Mapping[str, _Node], pointers: Mapping[str, str], line_of: Callable[[str], int], vocabulary: Vocabulary
) -> tuple[Quantity, ...]:
    quantities: list[Quantity] = []
    for node, properties in nodes.items():
        numbers = [
            number
            for part in properties.get(terms.HAS_NUMERICAL_PART, ())
            for number in _numbers(nodes.get(str(part), {}), terms.HAS_NUMBER_VALUE)
        ]
        numbers += _numbers(properties, terms.SCHEMA_VALUE)
        if not numbers:
            continue
        kinds = tuple(str(value) for value in properties.get(RDF_TYPE, ()) if isinstance(value, Iri))
        written = [_written(value) for predicate in _UNITS for value in properties.get(predicate, ())]
        # What "C" means depends on the kind: a C-rate, coulombs, or nothing that is a temperature.
        kind = next((one for one in kinds if vocabulary.units.dimension_of_kind(one) is not None), None)
        unit = next((found for text in written if (found := vocabulary.units.find(text, kind)) is not None), None)
        if not written and kinds and kind is None:
            unit = _NUMBER  # a count or a ratio: no unit is asked of it
        pointer = pointers.get(node, "")
        quantities += [
            Quantity(
                kinds=kinds,
                value=number,
                unit=written[0] if written else "",
                base_value=unit.to_base(number) if unit else None,
                base_unit=unit.base_unit if unit else "",
                dimension=unit.dimension if unit else "",
                pointer=pointer,
                line=line_of(pointer),
            )
            for number in numbers
        ]
    return tuple(quantities)


def _numbers(node: _Node, predicate: str) -> list[float]:
    numbers = []
    for value in node.get(predicate, ()):
        if isinstance(value, Literal):
            try:
                number = float(value.value)
            except ValueError:
                continue
            if math.isfinite(number):
                numbers.append(number)
    return numbers


def _written(value: Iri | Literal) -> str:
    return value.value if isinstance(value, Literal) else str(value)


def _text(triples: Sequence[Triple]) -> str:
    """Every text of the document once, in order; numbers and dates are left to the quantities."""
    texts: dict[str, None] = {}
    for _, _, value in triples:
        if isinstance(value, Literal) and not value.value.replace(".", "", 1).replace("-", "", 1).isdigit():
            texts[value.value] = None
    return "\n".join(texts)[:MAX_TEXT_CHARS]
