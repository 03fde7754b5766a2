"""From the statements of one document to a record: title, concepts in their roles, quantities with base values, entities, text.

Read from RDF, not from JSON, so that nested, flattened and referenced nodes are all understood alike and search agrees with SPARQL.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import PurePosixPath

from harvester.cylinders import cylinder
from harvester.dating import Found, country_of, date_of, formula_of, licence_of, release_of
from harvester.entities import EntityReader
from harvester.markup import without_markup
from harvester.naming import NameReader
from harvester.quantities import MAX_CACHED, QuantityReader
from harvester.roles import RoleReader
from ontology import terms
from ontology.concepts import Concepts
from ontology.former import FORMER_STARTS, FormerIris
from ontology.lookup import Lookup
from ontology.model import Kind
from ontology.units import Units
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from records.record import ConceptUse, Quantity, Record, Said
from records.rights import Rights

READING = "17"
"""Changes whenever the same statements give another record, so that what was read before is read anew."""

MAX_TEXT_CHARS = 200_000
MAX_DESCRIPTION_CHARS = 2_000
_TITLES = (
    terms.SCHEMA_NAME,
    terms.RDFS_LABEL,
    terms.SKOS_PREF_LABEL,
    terms.SCHEMA_HEADLINE,
    terms.DCTERMS_TITLE,
    terms.DC_TITLE,
    terms.SCHEMA_MODEL,
)
_DESCRIPTIONS = (
    terms.SCHEMA_DESCRIPTION,
    terms.DCTERMS_DESCRIPTION,
    terms.DC_DESCRIPTION,
    terms.SCHEMA_ABSTRACT,
    terms.RDFS_COMMENT,
    terms.SCHEMA_COMMENT,
)
_JOINED_NAME = re.compile(r"[A-Z]*[A-Za-z][a-z]{2,}(?:[A-Z]+[a-z]{2,})+")
_NAME_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Za-z][a-z]+")
_UNITS = frozenset((terms.HAS_MEASUREMENT_UNIT, terms.HAS_METROLOGICAL_REFERENCE))

_CLASS_NAME = re.compile(r"[A-Z][A-Za-z]{3,99}")

_OLD_SCHEMA = "http://schema.org/"
_CRATES = "https://w3id.org/ro/crate/"
"""What the descriptor of a crate conforms to (https://www.researchobject.org/ro-crate/specification/1.1/root-data-entity.html)."""
_SCHEMAS = (_OLD_SCHEMA, "https://schema.org/")
_PREFIXES = ("schema:", "", "rdfs:", "dcterms:", "dc:", "dct:", "prov:", "http:~1~1schema.org~1", "https:~1~1schema.org~1")
"""How documents begin the names of properties that plain values have: where the line is another one, it is that of the value."""

_Node = dict[str, list[Iri | Literal]]


@dataclass(frozen=True)
class Vocabulary:
    """What normalising needs to know of the ontologies."""

    concepts: Concepts
    units: Units

    @cached_property
    def former(self) -> FormerIris:
        """IRIs of old releases."""
        return FormerIris(self.concepts)

    @cached_property
    def quantities(self) -> QuantityReader:
        """Reads quantities."""
        return QuantityReader(self.concepts, self.units, self.former)

    @cached_property
    def class_of(self) -> Callable[[str], str]:
        """Today's class that an IRI stands for, ``""`` when it is none; remembered, as documents have most classes in common."""
        return lru_cache(maxsize=MAX_CACHED)(self._class_of)

    @cached_property
    def roles(self) -> RoleReader:
        """Reads in what things stand."""
        return RoleReader(self.concepts, self.class_of)

    @cached_property
    def names(self) -> NameReader:
        """Reads concepts that are named in texts."""
        return NameReader(self.concepts, Lookup(self.concepts), self.roles, self.class_of)

    @cached_property
    def entities(self) -> EntityReader:
        """Reads who and what has a name."""
        return EntityReader(self.concepts, self.class_of)

    @cached_property
    def labels(self) -> frozenset[str]:
        """Every name that the ontologies give."""
        return frozenset(label.text for concept in self.concepts.facts.concepts.values() for label in concept.labels)

    @cached_property
    def label(self) -> Callable[[str], str]:
        """The name of a property or class."""
        return lru_cache(maxsize=MAX_CACHED)(self.concepts.label)

    def _class_of(self, iri: str) -> str:
        current = self.quantities.current_class(iri)
        concept = self.concepts.get(current)
        return current if concept is not None and concept.kind is Kind.CLASS else ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What the statements of one document say, before it is a record.

    Args:
        nodes: Its nodes, by IRI.
        root: The node that stands highest in the document.
        subjects: The nodes that it is about, its root first.
        paths: Properties from the root to each node that it leads to.
        within: In what each node stands.
        concepts: Concepts used by their IRIs, with places.
        quantities: Numbers with units, with places.
    """

    nodes: Mapping[str, _Node]
    root: str
    subjects: tuple[str, ...]
    paths: Mapping[str, tuple[str, ...]]
    within: Mapping[str, tuple[str, ...]]
    concepts: tuple[ConceptUse, ...]
    quantities: tuple[Quantity, ...]


def contents_of(
    triples: Sequence[Triple], pointers: Mapping[str, str], line_of: Callable[[str], int], vocabulary: Vocabulary
) -> Contents:
    """Read concepts and quantities out of the statements of one document; arguments as for `normalize`."""
    nodes = _nodes(triples, vocabulary.former)
    root = _root(nodes, pointers)
    subjects = vocabulary.roles.subjects(nodes, root)
    paths = _paths(nodes, root)
    within = vocabulary.roles.within(nodes, root, subjects)
    concepts = _concept_uses(nodes, subjects, paths, within, pointers, line_of, vocabulary)
    quantities = vocabulary.quantities.read(nodes, pointers, line_of, within)
    return Contents(nodes, root, subjects, paths, within, concepts, quantities)


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
    contents: Contents | None = None,
    undefined_types: Sequence[tuple[str, str, str]] = (),
    unread_texts: Iterable[str] = (),
    communities: Iterable[str] = (),
    validation: str = "",
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
        contents: What the statements say, when that was read before.
        undefined_types: JSON Pointers of nodes with the texts in the place of a class that are not read, and pointers of these.
        unread_texts: Texts of the document that no statement has.
        communities: The source's communities that it is in.
        validation: The gravest of its findings, or ``none``; ``""`` when it was not checked.

    Returns:
        The record in normal form.
    """
    contents = contents or contents_of(triples, pointers, line_of, vocabulary)
    nodes, subjects = contents.nodes, contents.subjects

    def place_of(node: str) -> tuple[str, int]:
        pointer = pointers.get(node, "")
        return pointer, line_of(pointer)

    def said(kind: str, found: Found) -> Said:
        pointer, line = place_of(found.node)
        keys = (f"{pointer}/{prefix}{found.label}" for prefix in _PREFIXES)
        own = next((key for key in keys if line_of(key) != line), pointer)
        return Said(kind, found.label, found.text, own, line_of(own))

    date, licence = date_of(nodes, subjects, vocabulary.label), licence_of(nodes, iri, subjects, vocabulary.label)
    released = release_of(nodes, subjects, vocabulary.label)
    stated = {
        "description": _description(nodes, subjects, vocabulary.label),
        "date": date,
        "licence": licence,
        "country": country_of(nodes, subjects, vocabulary.label),
        "formula": formula_of(nodes, subjects, vocabulary.label),
    }
    concepts = contents.concepts
    undefined = _holders(undefined_types, nodes, pointers)
    typed = vocabulary.names.read_types(undefined, nodes, contents.within, contents.paths, line_of)
    named = vocabulary.names.read(nodes, subjects, contents.within, contents.paths, concepts, place_of)
    concepts += vocabulary.roles.added(concepts, chain(typed, named))
    told = [value for value in nodes.get(contents.root, {}).get(RDF_TYPE, ()) if type(value) is Iri]
    is_other = bool(told) and all(value.startswith(_SCHEMAS) and _today(value) not in terms.RECORD_KINDS for value in told)
    concepts += vocabulary.roles.implied(concepts, is_other=is_other)
    concepts += cylinder(concepts, contents.quantities, vocabulary.concepts)
    return Record(
        id=record,
        iri=iri,
        # Who may read metadata alone learns nothing of what stands in the file.
        title=title
        or (_title(contents.nodes, contents.root) if rights.read_files == rights.read_metadata else "")
        or PurePosixPath(source_file).stem,
        source=source,
        source_file=source_file,
        digest=digest,
        rights=rights,
        concepts=concepts,
        quantities=vocabulary.quantities.as_meant(contents.quantities),
        text=_text(
            triples, chain((text for _, text, _ in undefined_types if _CLASS_NAME.fullmatch(text)), unread_texts), vocabulary.labels
        ),
        entities=vocabulary.entities.read(nodes, iri, subjects, place_of),
        date=date.text if date else "",
        licence=licence.text if licence else "",
        communities=tuple(sorted(communities)),
        validation=validation,
        released=released.text if released else "",
        said=tuple(said(kind, one) for kind, one in stated.items() if one is not None),
    )


def _holders(
    texts: Sequence[tuple[str, str, str]], nodes: Mapping[str, _Node], pointers: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """The texts with the nodes that stand at their JSON Pointers."""
    if texts:
        at = {pointers[node]: node for node in nodes if node in pointers}
        yield from ((at[holder], text, pointer) for holder, text, pointer in texts if holder in at)


def _nodes(triples: Sequence[Triple], former: FormerIris) -> dict[str, _Node]:
    """The statements by subject; properties of old releases, and of schema.org with ``http:``, have today's names."""
    nodes: dict[str, _Node] = {}
    last, properties = "", _Node()
    for subject, predicate, value in triples:
        if subject != last:
            last, properties = subject, nodes.setdefault(subject, {})
        if predicate in properties:
            properties[predicate].append(value)
        else:
            properties[predicate] = [value]
    used: set[str] = set().union(*nodes.values())
    renamed = {predicate: former.today(predicate) for predicate in used if predicate.startswith(FORMER_STARTS)}
    renamed |= {predicate: _today(predicate) for predicate in used if predicate.startswith(_OLD_SCHEMA)}
    return {subject: _renamed(properties, renamed) for subject, properties in nodes.items()} if renamed else nodes


def _today(iri: str) -> str:
    """The name that schema.org gives with ``https:`` now."""
    return iri.replace("http:", "https:", 1) if iri.startswith(_OLD_SCHEMA) else iri


def _renamed(properties: _Node, names: Mapping[str, str]) -> _Node:
    found: _Node = {}
    for predicate, values in properties.items():
        found.setdefault(names.get(predicate, predicate), []).extend(values)
    return found


def _root(nodes: Mapping[str, _Node], pointers: Mapping[str, str]) -> str:
    """What an RO-Crate is about; else the node that stands highest in the document, of several equally high ones the first."""
    for properties in nodes.values():
        if any(value.startswith(_CRATES) for value in properties.get(terms.DCTERMS_CONFORMS_TO, ()) if type(value) is Iri):
            for about in properties.get(terms.SCHEMA_ABOUT, ()):
                if about in nodes:
                    return str(about)
    return min(nodes, key=lambda node: (pointers.get(node, "/~").count("/"), pointers.get(node, "/~"), node), default="")


def _paths(nodes: Mapping[str, _Node], root: str) -> dict[str, tuple[str, ...]]:
    """Shortest chain of properties from the root to each node that can be reached."""
    paths: dict[str, tuple[str, ...]] = {root: ()}
    frontier = [root]
    while frontier:
        reached: list[str] = []
        for node in frontier:
            for predicate, values in nodes.get(node, {}).items():
                for value in values:
                    if type(value) is Iri and value in nodes and value not in paths:
                        paths[value] = (*paths[node], predicate)
                        reached.append(value)
        frontier = reached
    return paths


def _title(nodes: Mapping[str, _Node], root: str) -> str:
    node = nodes.get(root, {})
    name = next((text for predicate in _TITLES if (text := _first_text(node, predicate))), "")
    makers = [value for value in node.get(terms.SCHEMA_MANUFACTURER, ()) if value in nodes]
    maker = next((text for value in makers if (text := _first_text(nodes[str(value)], terms.SCHEMA_NAME))), "")
    return f"{maker} {name}" if name and maker and maker.casefold() not in name.casefold() else name


def _description(nodes: Mapping[str, _Node], subjects: Iterable[str], label: Callable[[str], str]) -> Found | None:
    """What a record says of itself in sentences, else of what it is about."""
    for node in subjects:
        for predicate in _DESCRIPTIONS:
            if said := _first_said(nodes.get(node, {}), predicate):
                lines = (" ".join(line.split()) for line in without_markup(said).splitlines())
                text = "\n".join(line for line in lines if line)
                cut = text[:MAX_DESCRIPTION_CHARS].rpartition(" ")[0] or text[:MAX_DESCRIPTION_CHARS]
                return Found(text if len(text) <= MAX_DESCRIPTION_CHARS else f"{cut} …", node, label(predicate))
    return None


def _first_text(node: _Node, predicate: str) -> str:
    return " ".join(without_markup(_first_said(node, predicate)).split())[:500]


def _first_said(node: _Node, predicate: str) -> str:
    texts = [value for value in node.get(predicate, ()) if isinstance(value, Literal) and value.value.strip()]
    best = next((text for text in texts if text.language.startswith("en")), texts[0] if texts else None)
    return best.value if best else ""


def _concept_uses(
    nodes: Mapping[str, _Node],
    subjects: Sequence[str],
    paths: Mapping[str, tuple[str, ...]],
    within: Mapping[str, tuple[str, ...]],
    pointers: Mapping[str, str],
    line_of: Callable[[str], int],
    vocabulary: Vocabulary,
) -> tuple[ConceptUse, ...]:
    """The classes that the document uses, under today's names."""
    class_of, roles = vocabulary.class_of, vocabulary.roles
    about = (str(value) for one in subjects[1:] for value in nodes.get(one, {}).get(RDF_TYPE, ()))
    about_material = not roles.definitions.substances.isdisjoint(map(class_of, about))  # a data set about one has its parameters
    uses = []
    for node, properties in nodes.items():
        pointer = pointers.get(node, "")
        path, inside = paths.get(node, ()), within.get(node, ())
        classes = [class_of(value) for value in properties.get(RDF_TYPE, ()) if type(value) is Iri]
        for predicate, values in properties.items():
            if predicate in _UNITS:
                continue
            for value in values:
                if type(value) is not Iri or (value in nodes and predicate != RDF_TYPE):
                    continue
                iri = class_of(value)
                if not iri and predicate == RDF_TYPE and node == subjects[0]:
                    iri = terms.RECORD_KINDS.get(_today(value), "")
                if not iri:
                    continue
                if iri == terms.DATASET and predicate == RDF_TYPE and about_material:
                    uses.append(ConceptUse(terms.BATTINFO_PARAMETER_SET, path, pointer, line_of(pointer), inside))
                if predicate == RDF_TYPE:
                    place = roles.beside(iri, classes, inside) if len(classes) > 1 else inside
                    uses.append(ConceptUse(iri, path, pointer, line_of(pointer), place))
                else:
                    place = roles.step(node, predicate, nodes, inside, node in subjects)
                    uses.append(ConceptUse(iri, (*path, predicate), pointer, line_of(pointer), place))
    return tuple(uses)


def _text(triples: Sequence[Triple], unread: Iterable[str], labels: frozenset[str]) -> str:
    """Every text of the document once, in order, without markup; numbers and dates are left to the quantities.

    Names that are written without spaces are there in words too, but for those of the ontologies, which concepts tell.
    """
    texts: dict[str, None] = {}
    said = (value.value for _, _, value in triples if isinstance(value, Literal))
    for one in map(without_markup, chain(said, unread)):
        if not one.replace(".", "", 1).replace("-", "", 1).isdigit():
            texts[one] = None
            if one not in labels and (apart := _in_words(one)):
                texts[apart] = None
    return "\n".join(texts)[:MAX_TEXT_CHARS]


def _in_words(text: str) -> str:
    """The words of a name that is written without spaces, ``""`` for any other text.

    >>> _in_words("FlowField"), _in_words("SINTEFBatteryLab"), _in_words("LiFePO4"), _in_words("Aluminium")
    ('Flow Field', 'SINTEF Battery Lab', '', '')
    """
    return " ".join(_NAME_WORDS.findall(text)) if _JOINED_NAME.fullmatch(text) else ""
