"""What every SHACL engine needs before and after it runs: a shapes file that was checked, the classes above, results in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import pyoxigraph

from records.errors import SettingsError
from records.ntriples import iri_text
from records.rdf import RDF_TYPE, Iri, Triple
from shapes.validator import ShaclResult

Parents: TypeAlias = Callable[[str], Iterable[str]]
"""IRIs of the named direct super-classes of a class."""

SH = "http://www.w3.org/ns/shacl#"
RDFS_SUBCLASS_OF = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
DEFAULT_SHAPES = Path(__file__).with_name("core.ttl")

MEMORY = 4096
"""How many sets of types, and how many IRIs, are remembered between documents."""

# https://www.w3.org/TR/shacl/ appendix A: a misspelt property of a shape would be ignored by every engine without a word.
_VOCABULARY = """
alternativePath and ask class closed construct datatype deactivated declare defaultValue description disjoint entailment equals
flags group hasValue ignoredProperties in inversePath labelTemplate languageIn lessThan lessThanOrEquals maxCount maxExclusive
maxInclusive maxLength message minCount minExclusive minInclusive minLength name namespace node nodeKind nodeValidator not
oneOrMorePath optional or order parameter path pattern prefix prefixes property propertyValidator qualifiedMaxCount
qualifiedMinCount qualifiedValueShape qualifiedValueShapesDisjoint select severity shapesGraph sparql targetClass targetNode
targetObjectsOf targetSubjectsOf uniqueLang update validator xone zeroOrMorePath zeroOrOnePath
"""
_TARGETS = frozenset(SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf"))
_QUERIES = frozenset(SH + name for name in ("select", "ask", "construct"))
_NODE_SHAPE = pyoxigraph.NamedNode(SH + "NodeShape")
_PROPERTY_SHAPE = pyoxigraph.NamedNode(SH + "PropertyShape")
_CLASSES = (
    pyoxigraph.NamedNode("http://www.w3.org/2000/01/rdf-schema#Class"),
    pyoxigraph.NamedNode("http://www.w3.org/2002/07/owl#Class"),
)
_STEP = re.compile(r"<[^>]*>")
_LONE_STEP = re.compile(r"\((\^?<[^>]*>)\)")
_WRAPPED = re.compile(r"\([^()]*(\([^()]*\)[^()]*)*\)")


class ShapesFile:
    """A shapes graph that was read and checked, for any engine.

    An engine says "conforms" when it has nothing to check, so a file that is empty, misspelt or has no target is refused here.

    Args:
        shapes: The Turtle file, or its content.

    Attributes:
        name: Path of the file, or ``<shapes>``.
        content: The file's bytes.
        declared: Subjects that the file calls a node shape or a property shape, as N-Triples terms.
        mentioned: The only classes that the shapes can ask for: every IRI in object position, and shapes that are classes. ``None``
            when shapes hold a query or follow ``rdfs:subClassOf`` themselves, because then they may look at any class.

    Raises:
        SettingsError: The file cannot be read, does not parse (with line and column), declares no node shape or no target, uses a
            property that SHACL does not know, or names a property shape that is not there.

    >>> ShapesFile(b"@prefix sh: <http://www.w3.org/ns/shacl#> .")
    Traceback (most recent call last):
    records.errors.SettingsError: <shapes> declares no sh:NodeShape. No shapes let every record pass: check the file.
    """

    def __init__(self, shapes: Path | bytes) -> None:
        self.name = "<shapes>" if isinstance(shapes, bytes) else str(shapes)
        try:
            self.content = shapes if isinstance(shapes, bytes) else shapes.read_bytes()
            triples = list(pyoxigraph.parse(self.content, format=pyoxigraph.RdfFormat.TURTLE, base_iri="http://localhost/shapes"))
        except OSError as exc:
            raise SettingsError(
                f"The shapes file {self.name} cannot be read: {exc.strerror}.", "Check its path and rights."
            ) from exc
        except SyntaxError as exc:
            place = f"{self.name}:{exc.lineno or 0}:{exc.offset or 0}"
            raise SettingsError(f"{place}: the shapes do not parse: {exc.msg}.", "The file has to be Turtle in UTF-8.") from exc
        predicates = {triple.predicate.value for triple in triples}
        subjects = {triple.subject for triple in triples}
        node_shapes = {triple.subject for triple in triples if triple.object == _NODE_SHAPE}
        property_shapes = {triple.subject for triple in triples if triple.object == _PROPERTY_SHAPE}
        property_shapes |= {triple.object for triple in triples if triple.predicate.value == SH + "property"}
        with_path = {triple.subject for triple in triples if triple.predicate.value == SH + "path"}
        if not node_shapes:
            raise SettingsError(f"{self.name} declares no sh:NodeShape.", "No shapes let every record pass: check the file.")
        # A shape that is a class is its own target (https://www.w3.org/TR/shacl/#implicit-targetClass).
        classes = {triple.subject for triple in triples if triple.object in _CLASSES} & node_shapes
        if not predicates & _TARGETS and not classes:
            raise SettingsError(
                f"{self.name} has shapes but no target.", "Say with sh:targetClass or the like what they are about."
            )
        vocabulary = set(_VOCABULARY.split())
        if unknown := sorted(p for p in predicates if p.startswith(SH) and p.removeprefix(SH) not in vocabulary):
            raise SettingsError(f"{self.name} uses <{unknown[0]}>, which SHACL does not define.", "Check the spelling.")
        if missing := sorted(str(shape) for shape in property_shapes - with_path):
            what = "has no sh:path" if any(str(subject) == missing[0] for subject in subjects) else "is not in the file"
            raise SettingsError(f"{self.name}: the property shape {missing[0]} {what}.", "Add it or mend its name.")
        self.declared = frozenset(str(shape) for shape in node_shapes | property_shapes)
        terms = [*(triple.object for triple in triples), *classes]
        mentioned = frozenset(term.value for term in terms if isinstance(term, pyoxigraph.NamedNode))
        self.mentioned = None if predicates & _QUERIES or RDFS_SUBCLASS_OF in mentioned else mentioned


class Hierarchy:
    """The ``rdfs:subClassOf`` statements that a document needs beside its own, remembered per set of types.

    Args:
        parents: Named direct super-classes of a class; ``None`` when no ontology is known.
        wanted: Classes that matter. Each is stated to be a direct super-class of the types below it, which gives the same SHACL
            instances as the whole chain in a tenth of the statements. ``None`` states every edge that can be reached.

    >>> tree = {"http://e/Car": ["http://e/Vehicle"], "http://e/Vehicle": ["http://e/Thing"]}
    >>> sorted(Hierarchy(lambda iri: tree.get(iri, ()), None).edges(frozenset({"http://e/Car"})))
    [('http://e/Car', 'http://e/Vehicle'), ('http://e/Vehicle', 'http://e/Thing')]
    >>> sorted(Hierarchy(lambda iri: tree.get(iri, ()), frozenset({"http://e/Thing"})).edges(frozenset({"http://e/Car"})))
    [('http://e/Car', 'http://e/Thing')]
    """

    def __init__(self, parents: Parents | None, wanted: frozenset[str] | None) -> None:
        self._parents = parents
        self._wanted = wanted
        self._of_type = lru_cache(MEMORY)(self._edges_of_type)
        self.text = lru_cache(MEMORY)(self._text)

    def edges(self, types: frozenset[str]) -> frozenset[tuple[str, str]]:
        """Pairs of class and super-class for these types."""
        return frozenset().union(*map(self._of_type, types)) if self._parents else frozenset()

    def _text(self, types: frozenset[str]) -> str:
        return "".join(
            sorted(f"{iri_text(child)} {iri_text(RDFS_SUBCLASS_OF)} {iri_text(parent)} .\n" for child, parent in self.edges(types))
        )

    def _edges_of_type(self, start: str) -> frozenset[tuple[str, str]]:
        parents = self._parents or (lambda _: ())
        seen = {start}
        open_classes = [start]
        edges: set[tuple[str, str]] = set()
        while open_classes:
            child = open_classes.pop()
            for parent in parents(child):
                edges.add((child, parent))
                if parent not in seen:
                    seen.add(parent)
                    open_classes.append(parent)
        if self._wanted is None:
            return frozenset(edges)
        return frozenset((start, ancestor) for ancestor in seen & self._wanted if ancestor != start)


def used_types(triples: Iterable[Triple]) -> frozenset[str]:
    """IRIs that some node of the document has as ``rdf:type``."""
    return frozenset([triple[2] for triple in triples if triple[1] == RDF_TYPE and isinstance(triple[2], Iri)])


def default_message(component: str) -> str:
    """What to say for a shape without ``sh:message``.

    >>> default_message("http://www.w3.org/ns/shacl#MinCountConstraintComponent")
    'The constraint MinCount does not hold.'
    """
    return f"The constraint {component.rpartition('#')[2].removesuffix('ConstraintComponent')} does not hold."


def plain_path(path: str) -> str:
    """A SPARQL property path in the one spelling that results carry; a single predicate is its bare IRI.

    >>> plain_path("<http://e/p>"), plain_path("((<http://e/p>)+ / <http://e/q>)")
    ('http://e/p', '<http://e/p>+/<http://e/q>')
    """
    path = _LONE_STEP.sub(r"\1", path.replace(" ", ""))
    if _WRAPPED.fullmatch(path):
        path = path[1:-1]
    return path[1:-1] if _STEP.fullmatch(path) else path


def in_order(results: Iterable[ShaclResult]) -> tuple[ShaclResult, ...]:
    """The distinct results in the order that the port promises: by node, path, shape, value."""
    return tuple(sorted(set(results), key=lambda r: (r.focus_node, r.path, r.shape, r.component, r.value, r.severity, r.message)))
