"""Reads full ontologies (Turtle files in a directory) into facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as px

from ontology.model import Concept, Facts, Kind, Label, LabelKind, Restriction, SourceOntology
from ontology.ontology_files import OntologyFile, ontology_files, statements_of
from ontology.unit_facts import extract_units
from records.errors import OntologyError
from records.issues import Issue

_MAX_LIST: Final = 10_000  # members of one RDF list; also ends a list that runs in a circle

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_DCTERMS = "http://purl.org/dc/terms/"
_FOAF = "http://xmlns.com/foaf/0.1/"

# One thing may have several types (punning); the first that applies is its kind.
_KINDS: Final = {
    _OWL + "Class": Kind.CLASS,
    _RDFS + "Class": Kind.CLASS,
    _OWL + "ObjectProperty": Kind.OBJECT_PROPERTY,
    _OWL + "DatatypeProperty": Kind.DATA_PROPERTY,
    _OWL + "AnnotationProperty": Kind.ANNOTATION_PROPERTY,
    _RDF + "Property": Kind.PROPERTY,
    _OWL + "NamedIndividual": Kind.INDIVIDUAL,
    _SKOS + "Concept": Kind.INDIVIDUAL,
}
_KIND_ORDER: Final = {kind: place for place, kind in enumerate(dict.fromkeys(_KINDS.values()))}
_LABELS: Final = {
    _SKOS + "prefLabel": LabelKind.PREF,
    _SKOS + "altLabel": LabelKind.ALT,
    _SKOS + "hiddenLabel": LabelKind.HIDDEN,
    _RDFS + "label": LabelKind.RDFS,
}
_LABEL_ORDER: Final = {kind: place for place, kind in enumerate(LabelKind)}
# "Everything is a Thing" tells nothing.
_TOPS: Final = frozenset({_OWL + "Thing", _RDFS + "Resource", _OWL + "topObjectProperty", _OWL + "topDataProperty"})
_QUANTIFIERS: Final = {_OWL + "someValuesFrom": "some", _OWL + "allValuesFrom": "only", _OWL + "hasValue": "value"}
_CARDINALITIES: Final = {
    _OWL + "qualifiedCardinality": "exactly",
    _OWL + "minQualifiedCardinality": "min",
    _OWL + "maxQualifiedCardinality": "max",
}
_ALL_DISJOINT: Final = px.NamedNode(_OWL + "AllDisjointClasses")
_PEOPLE: Final = frozenset({_FOAF + "Person", _FOAF + "Organization", _FOAF + "Agent", "https://schema.org/Person"})
_IRI: Final = re.compile(r"https?://[^\s|\"<>{}^`\\]+")


_Term = px.NamedNode | px.BlankNode | px.Literal | px.Triple
_Statements = dict[_Term, list[tuple[str, _Term]]]


@dataclass(slots=True)
class _Found:
    """What was read so far, over all files."""

    types: dict[str, set[str]] = field(default_factory=dict)
    labels: dict[str, set[Label]] = field(default_factory=dict)
    parents: dict[str, set[str]] = field(default_factory=dict)
    restrictions: dict[str, set[Restriction]] = field(default_factory=dict)
    deprecated: set[str] = field(default_factory=set)
    replaced_by: dict[str, str] = field(default_factory=dict)
    inverses: dict[str, set[str]] = field(default_factory=dict)
    disjoint: set[tuple[str, ...]] = field(default_factory=set)
    domains: dict[str, set[str]] = field(default_factory=dict)
    ranges: dict[str, set[str]] = field(default_factory=dict)
    described_in: dict[str, set[SourceOntology]] = field(default_factory=dict)
    sources: set[SourceOntology] = field(default_factory=set)


def load_ontologies(directory: Path, *, on_progress: Callable[[int, int], None] | None = None) -> tuple[Facts, list[Issue]]:
    """Read the ontologies of a directory: what its ``catalog.json`` lists, else ``merged*.ttl``, else every Turtle file in it.

    Folders called ``alternates`` hold other versions of the same modules and are left out. Besides what is stated, what definitions
    entail becomes an edge: named members of an ``owl:equivalentClass`` intersection are parents, those of a union
    (``owl:unionOf``, ``owl:disjointUnionOf``) are children. Two named classes that are equivalent stay as they are, so that the
    hierarchy has no circle. Edges to ``owl:Thing`` are left out. Spec: https://www.w3.org/TR/owl2-mapping-to-rdf/.

    Args:
        directory: Where the Turtle files are.
        on_progress: Called with the number of files that are read, and of all.

    Returns:
        The facts (without a term map, which contexts give), and an issue for every file that could not be used.

    Raises:
        OntologyError: The directory holds no ontology that can be read.
    """
    issues: list[Issue] = []
    files = list(ontology_files(directory, issues))
    if not files:
        raise OntologyError(
            f"There is no ontology (.ttl) in '{directory}'.", "Run 'voltagraph ontology fetch', or name another folder."
        )
    found = _Found()
    store = px.Store()
    for number, file in enumerate(files, start=1):
        quads = statements_of(file, issues)
        if quads:
            store.extend(quads)
            _read(file, quads, found)
        if on_progress is not None:
            on_progress(number, len(files))
    if not found.types:
        raise OntologyError(f"No ontology in '{directory}' could be read: {issues[0].message if issues else 'all are empty'}.")
    sources = tuple(sorted(found.sources))
    concepts = _concepts(found, sources)
    return (
        Facts(
            sources,
            concepts,
            extract_units(store),
            {},
            tuple(sorted(group for group in found.disjoint if concepts.keys() >= set(group))),
            _of_properties(found.domains, concepts),
            _of_properties(found.ranges, concepts),
        ),
        issues,
    )


def _read(file: OntologyFile, quads: Iterable[px.Quad], found: _Found) -> None:
    """Take the facts out of the statements of one file."""
    statements: _Statements = {}
    for subject, predicate, obj, _ in quads:
        statements.setdefault(subject, []).append((predicate.value, obj))
    sources = [
        _source(file, node.value, about)
        for node, about in statements.items()
        if isinstance(node, px.NamedNode) and _is_ontology(about)
    ]
    if not sources:
        sources = [SourceOntology(file.origin or file.name, file.version, file.licence)]
    found.sources.update(sources)
    # A merged file names many ontologies: which of them describes a concept can no longer be told.
    source = sources[0] if len(sources) == 1 else None
    for node, about in statements.items():
        if isinstance(node, px.NamedNode) and _describe(node.value, about, statements, found) and source:
            found.described_in.setdefault(node.value, set()).add(source)
        elif isinstance(node, px.BlankNode):
            members = dict(about).get(_OWL + "members")
            if members is not None and (_RDF + "type", _ALL_DISJOINT) in about:
                _disjoint(_members(members, statements), found)


def _is_ontology(about: list[tuple[str, _Term]]) -> bool:
    return any(
        predicate == _RDF + "type" and isinstance(obj, px.NamedNode) and obj.value == _OWL + "Ontology" for predicate, obj in about
    )


def _source(file: OntologyFile, iri: str, about: list[tuple[str, _Term]]) -> SourceOntology:
    values = {predicate: obj.value for predicate, obj in about if isinstance(obj, px.NamedNode | px.Literal)}
    version = values.get(_OWL + "versionIRI") or values.get(_OWL + "versionInfo") or file.version
    return SourceOntology(iri, version, _licence(values.get(_DCTERMS + "license", "")) or file.licence)


def _licence(address: str) -> str:
    """The SPDX identifier of a licence address (https://spdx.org/licenses/), or the address itself."""
    lowered = address.lower()
    if "creativecommons.org/licenses/by/4.0" in lowered:
        return "CC-BY-4.0"
    if "apache.org/licenses/license-2.0" in lowered:
        return "Apache-2.0"
    return address


def _describe(iri: str, about: list[tuple[str, _Term]], statements: _Statements, found: _Found) -> bool:
    """Keep what these statements say of one IRI; whether they said anything that is kept."""
    said = False
    for predicate, obj in about:
        if predicate == _RDF + "type":
            if isinstance(obj, px.NamedNode):
                found.types.setdefault(iri, set()).add(obj.value)
                said = said or obj.value in _KINDS
        elif predicate in _LABELS:
            if isinstance(obj, px.Literal) and (text := " ".join(obj.value.split())):
                found.labels.setdefault(iri, set()).add(Label(text, obj.language or "", _LABELS[predicate]))
                said = True
        elif predicate in _KEEPERS:
            _KEEPERS[predicate](iri, obj, statements, found)
            said = True
    return said


def _keep_parent(iri: str, obj: _Term, statements: _Statements, found: _Found) -> None:
    _super(iri, obj, statements, found, equivalent=False)


def _keep_equivalent(iri: str, obj: _Term, statements: _Statements, found: _Found) -> None:
    _super(iri, obj, statements, found, equivalent=True)


def _keep_union(iri: str, obj: _Term, statements: _Statements, found: _Found) -> None:
    for member in _members(obj, statements):
        _edge(member, iri, found)


def _keep_disjoint_union(iri: str, obj: _Term, statements: _Statements, found: _Found) -> None:
    _keep_union(iri, obj, statements, found)
    _disjoint(_members(obj, statements), found)


def _keep_disjoint(iri: str, obj: _Term, _: _Statements, found: _Found) -> None:
    if isinstance(obj, px.NamedNode):
        _disjoint((iri, obj.value), found)


def _disjoint(classes: Iterable[str], found: _Found) -> None:
    group = tuple(sorted(set(classes)))
    if len(group) > 1:
        found.disjoint.add(group)


def _keep_domain(iri: str, obj: _Term, _: _Statements, found: _Found) -> None:
    if isinstance(obj, px.NamedNode):
        found.domains.setdefault(iri, set()).add(obj.value)


def _keep_range(iri: str, obj: _Term, _: _Statements, found: _Found) -> None:
    if isinstance(obj, px.NamedNode):
        found.ranges.setdefault(iri, set()).add(obj.value)


def _keep_inverse(iri: str, obj: _Term, _: _Statements, found: _Found) -> None:
    if isinstance(obj, px.NamedNode):
        found.inverses.setdefault(iri, set()).add(obj.value)
        found.inverses.setdefault(obj.value, set()).add(iri)


def _keep_deprecated(iri: str, obj: _Term, _: _Statements, found: _Found) -> None:
    if isinstance(obj, px.Literal) and obj.value in ("true", "1"):
        found.deprecated.add(iri)


def _keep_replacement(iri: str, obj: _Term, _: _Statements, found: _Found) -> None:
    # EMMO writes the IRI as a string. The smallest, if several are named: the same at every load.
    if isinstance(obj, px.NamedNode | px.Literal) and _IRI.fullmatch(obj.value):
        found.replaced_by[iri] = min(obj.value, found.replaced_by.get(iri, obj.value))


_KEEPERS: Final[dict[str, Callable[[str, _Term, _Statements, _Found], None]]] = {
    _RDFS + "subClassOf": _keep_parent,
    _RDFS + "subPropertyOf": _keep_parent,
    _OWL + "equivalentClass": _keep_equivalent,
    _OWL + "unionOf": _keep_union,
    _OWL + "disjointUnionOf": _keep_disjoint_union,
    _OWL + "disjointWith": _keep_disjoint,
    _RDFS + "domain": _keep_domain,
    _RDFS + "range": _keep_range,
    _OWL + "inverseOf": _keep_inverse,
    _OWL + "deprecated": _keep_deprecated,
    _DCTERMS + "isReplacedBy": _keep_replacement,
    "http://purl.obolibrary.org/obo/IAO_0100001": _keep_replacement,
}


def _super(iri: str, above: _Term, statements: _Statements, found: _Found, *, equivalent: bool, depth: int = 0) -> None:
    """Keep what follows from ``iri`` being below (or equal to) a class expression."""
    if isinstance(above, px.NamedNode):
        if not equivalent:
            _edge(iri, above.value, found)
        return
    about = dict(statements.get(above, ()))
    restriction = _restriction(about, statements)
    if restriction is not None:
        found.restrictions.setdefault(iri, set()).add(restriction)
    intersection = about.get(_OWL + "intersectionOf")
    if intersection is not None and depth < 8:
        for member in _nodes(intersection, statements):
            _super(iri, member, statements, found, equivalent=False, depth=depth + 1)
    union = about.get(_OWL + "unionOf")
    if union is not None and equivalent:
        for name in _members(union, statements):
            _edge(name, iri, found)


def _edge(child: str, parent: str, found: _Found) -> None:
    if parent not in _TOPS and child != parent:
        found.parents.setdefault(child, set()).add(parent)


def _restriction(about: dict[str, _Term], statements: _Statements) -> Restriction | None:
    """The restriction that a blank node describes, when its property and its filler have names."""
    on = about.get(_OWL + "onProperty")
    inverted = dict(statements.get(on, ())).get(_OWL + "inverseOf") if isinstance(on, px.BlankNode) else None
    if isinstance(on, px.NamedNode):
        name = on.value
    elif isinstance(inverted, px.NamedNode):
        name = f"^{inverted.value}"
    else:
        return None
    for predicate, quantifier in _QUANTIFIERS.items():
        filler = about.get(predicate)
        if isinstance(filler, px.NamedNode):
            return Restriction(name, quantifier, filler.value)
    filler = about.get(_OWL + "onClass")
    if isinstance(filler, px.NamedNode):
        for predicate, quantifier in _CARDINALITIES.items():
            number = about.get(predicate)
            if isinstance(number, px.Literal):
                return Restriction(name, f"{quantifier} {number.value}", filler.value)
    return None


def _nodes(first: _Term, statements: _Statements) -> Iterator[_Term]:
    """The members of an RDF list."""
    here = first
    for _ in range(_MAX_LIST):
        about = dict(statements.get(here, ()))
        member, rest = about.get(_RDF + "first"), about.get(_RDF + "rest")
        if member is None:
            return
        yield member
        if rest is None:
            return
        here = rest


def _members(first: _Term, statements: _Statements) -> Iterator[str]:
    """The named members of an RDF list."""
    return (node.value for node in _nodes(first, statements) if isinstance(node, px.NamedNode))


def _concepts(found: _Found, sources: tuple[SourceOntology, ...]) -> dict[str, Concept]:
    """Every concept, by IRI in sorted order."""
    kinds = _kinds(found)
    place = {source: number for number, source in enumerate(sources)}
    concepts = {}
    for iri in sorted(kinds):
        labels = sorted(found.labels.get(iri, ()), key=lambda label: (_LABEL_ORDER[label.kind], label.language, label.text))
        concepts[iri] = Concept(
            iri,
            kinds[iri],
            tuple(labels),
            tuple(sorted(found.parents.get(iri, ()))),
            tuple(sorted({_named(restriction, found) for restriction in found.restrictions.get(iri, ())})),
            iri in found.deprecated,
            found.replaced_by.get(iri, ""),
            tuple(sorted(place[source] for source in found.described_in.get(iri, ()))),
        )
    return concepts


def _of_properties(found: dict[str, set[str]], concepts: dict[str, Concept]) -> dict[str, tuple[str, ...]]:
    """Domains or ranges of object properties that are concepts, as far as they are classes that are; by IRI in sorted order."""
    kept = {
        iri: tuple(sorted(name for name in classes if name in concepts))
        for iri, classes in sorted(found.items())
        if iri in concepts and concepts[iri].kind is Kind.OBJECT_PROPERTY
    }
    return {iri: classes for iri, classes in kept.items() if classes}


def _kinds(found: _Found) -> dict[str, Kind]:
    """What is a concept, and of which kind.

    Classes and properties are. Individuals are when they have a prefLabel, are no person or organisation, and belong to a
    namespace of the ontologies. A prefLabel without any type (companion vocabularies label what a later version defines) makes a
    class where the namespace has classes, else an individual.
    """
    kinds = {}
    for iri, types in found.types.items():
        known = [_KINDS[name] for name in types if name in _KINDS]
        if known and iri not in _TOPS:
            kinds[iri] = min(known, key=_KIND_ORDER.__getitem__)
    spaces: dict[str, bool] = {}
    for iri, kind in kinds.items():
        if kind is not Kind.INDIVIDUAL:
            space = _namespace(iri)
            spaces[space] = spaces.get(space, False) or kind is Kind.CLASS
    preferred = {iri for iri, labels in found.labels.items() if any(label.kind is LabelKind.PREF for label in labels)}
    for iri in [iri for iri, kind in kinds.items() if kind is Kind.INDIVIDUAL]:
        if iri not in preferred or found.types[iri] & _PEOPLE or not iri.startswith(tuple(spaces)):
            del kinds[iri]
    for iri in preferred - kinds.keys() - found.types.keys():
        kinds[iri] = Kind.CLASS if spaces.get(_namespace(iri)) else Kind.INDIVIDUAL
    return kinds


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _named(restriction: Restriction, found: _Found) -> Restriction:
    """An inverse property by its own name, when it has one."""
    if restriction.property.startswith("^"):
        names = found.inverses.get(restriction.property[1:])
        if names:
            return restriction._replace(property=min(names))
    return restriction
