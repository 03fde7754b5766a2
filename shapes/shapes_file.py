"""What every SHACL engine needs before and after it runs: a shapes file that was checked, the classes above, results in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import pyoxigraph

from records.errors import SettingsError
from records.ntriples import iri_text, lines_of
from records.rdf import RDF_TYPE, Iri, Triple
from shapes.profiles import COMMON
from shapes.validator import ShaclResult

Parents: TypeAlias = Callable[[str], Iterable[str]]
"""IRIs of the named direct super-classes of a class."""

Shapes: TypeAlias = Path | bytes | Sequence[Path]
"""Files of shapes (Turtle), or the content of one."""

Term: TypeAlias = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple

SH = "http://www.w3.org/ns/shacl#"
RDFS_SUBCLASS_OF = "http://www.w3.org/2000/01/rdf-schema#subClassOf"

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


@dataclass(frozen=True, slots=True)
class _Source:
    """One file of shapes, parsed."""

    name: str
    triples: tuple[pyoxigraph.Triple, ...]


class ShapesFile:
    """A shapes graph that was read and checked, for any engine.

    An engine says "conforms" when it has nothing to check, so a file that is empty, misspelt or has no target is refused here.

    Args:
        shapes: The Turtle file or files, or the content of one. `shapes.profiles.COMMON` alone needs no target.

    Attributes:
        name: Paths of the files, or ``<shapes>``.
        content: All statements as N-Triples, which is Turtle too.
        declared: Subjects that are called a node shape or a property shape, as N-Triples terms.
        mentioned: The only classes that the shapes can ask for: every IRI in object position, and shapes that are classes. ``None``
            when shapes hold a query or follow ``rdfs:subClassOf`` themselves, because then they may look at any class.
        predicates: The only predicates that the shapes can look at besides ``rdf:type``: paths, targets and pairs of properties
            name theirs. ``None`` when they may look at any: where a shape is closed, or where `mentioned` is ``None``.

    Raises:
        SettingsError: A file cannot be read, does not parse (with line and column), declares no node shape or no target, uses a
            property that SHACL does not know, or names a property shape that is not there.

    >>> ShapesFile(b"@prefix sh: <http://www.w3.org/ns/shacl#> .")
    Traceback (most recent call last):
    records.errors.SettingsError: <shapes> declares no sh:NodeShape. No shapes let every record pass: check the file.
    """

    def __init__(self, shapes: Shapes) -> None:
        sources = [_parsed(source) for source in ([shapes] if isinstance(shapes, Path | bytes) else shapes)]
        for source in sources:
            if source.name != str(COMMON):
                _refuse_without_target(source)
        _refuse_unknown_words(sources)
        self._take(sources)
        _refuse_lost_property_shapes(self.name, self._triples)

    @classmethod
    def unchecked(cls, content: bytes) -> ShapesFile:
        """A shapes graph as it is, even when it checks nothing: for test suites of SHACL, never for records."""
        file = cls.__new__(cls)
        file._take([_parsed(content)])
        file.declared = frozenset()
        return file

    def _take(self, sources: Sequence[_Source]) -> None:
        self.name = ", ".join(source.name for source in sources)
        self._triples = list(dict.fromkeys(triple for source in sources for triple in source.triples))
        self.content = pyoxigraph.serialize(self._triples, format=pyoxigraph.RdfFormat.N_TRIPLES) or b""
        self.declared = frozenset(map(str, _node_shapes(self._triples) | _property_shapes(self._triples)))
        terms = [*(triple.object for triple in self._triples), *_classes(self._triples)]
        mentioned = frozenset(term.value for term in terms if isinstance(term, pyoxigraph.NamedNode))
        used = _predicates(self._triples)
        self.mentioned = None if used & _QUERIES or RDFS_SUBCLASS_OF in mentioned else mentioned
        is_open = SH + "closed" not in used and not _unknown_words(used)
        self.predicates = self.mentioned if is_open else None


def _parsed(source: Path | bytes) -> _Source:
    name = "<shapes>" if isinstance(source, bytes) else str(source)
    try:
        content = source if isinstance(source, bytes) else source.read_bytes()
        # Renamed, because a blank node `_:a` of one file is not that of another.
        parsed = pyoxigraph.parse(
            content, format=pyoxigraph.RdfFormat.TURTLE, base_iri="http://localhost/shapes", rename_blank_nodes=True
        )
        return _Source(name, tuple(quad.triple for quad in parsed))
    except OSError as exc:
        raise SettingsError(f"The shapes file {name} cannot be read: {exc.strerror}.", "Check its path and rights.") from exc
    except SyntaxError as exc:
        place = f"{name}:{exc.lineno or 0}:{exc.offset or 0}"
        raise SettingsError(f"{place}: the shapes do not parse: {exc.msg}.", "The file has to be Turtle in UTF-8.") from exc


def _refuse_without_target(source: _Source) -> None:
    if not _node_shapes(source.triples) and not _predicates(source.triples) & _TARGETS:
        raise SettingsError(f"{source.name} declares no sh:NodeShape.", "No shapes let every record pass: check the file.")
    if not _predicates(source.triples) & _TARGETS and not _classes(source.triples):
        raise SettingsError(f"{source.name} has shapes but no target.", "Say with sh:targetClass or the like what they are about.")


def _refuse_unknown_words(sources: Sequence[_Source]) -> None:
    for source in sources:
        if unknown := _unknown_words(_predicates(source.triples)):
            raise SettingsError(f"{source.name} uses <{unknown[0]}>, which SHACL does not define.", "Check the spelling.")


def _unknown_words(predicates: Iterable[str]) -> list[str]:
    """Those in the namespace of SHACL that it does not define."""
    known = _VOCABULARY.split()
    return sorted(word for word in predicates if word.startswith(SH) and word.removeprefix(SH) not in known)


def _refuse_lost_property_shapes(name: str, triples: Sequence[pyoxigraph.Triple]) -> None:
    with_path = {triple.subject for triple in triples if triple.predicate.value == SH + "path"}
    subjects = {triple.subject for triple in triples}
    for shape in sorted(_property_shapes(triples) - with_path, key=str):
        owners = sorted(str(triple.subject) for triple in triples if triple.object == shape)
        which = f"a property shape of {owners[0]}" if isinstance(shape, pyoxigraph.BlankNode) else f"the property shape {shape}"
        what = "has no sh:path" if shape in subjects else "is not in the file"
        raise SettingsError(f"{name}: {which} {what}.", "Add it or mend its name.")


def _predicates(triples: Iterable[pyoxigraph.Triple]) -> set[str]:
    return {triple.predicate.value for triple in triples}


def _node_shapes(triples: Iterable[pyoxigraph.Triple]) -> set[Term]:
    return {triple.subject for triple in triples if triple.object == _NODE_SHAPE}


def _property_shapes(triples: Sequence[pyoxigraph.Triple]) -> set[Term]:
    declared: set[Term] = {triple.subject for triple in triples if triple.object == _PROPERTY_SHAPE}
    return declared | {triple.object for triple in triples if triple.predicate.value == SH + "property"}


def _classes(triples: Sequence[pyoxigraph.Triple]) -> set[Term]:
    """Shapes that are classes: each is its own target (https://www.w3.org/TR/shacl/#implicit-targetClass)."""
    classes: set[Term] = {triple.subject for triple in triples if triple.object in _CLASSES}
    return classes & _node_shapes(triples)


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


class Excerpt:
    """The part of a document that shapes can look at, with the hierarchy above it, as N-Triples: half of what there is to parse.

    Args:
        file: The shapes.
        parents: Named direct super-classes of a class; ``None`` when no ontology is known.

    >>> shapes = ShapesFile(b'''@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://e/> .
    ... e:Cell a sh:NodeShape ; sh:targetClass e:Battery ; sh:property [ sh:path e:name ; sh:minCount 1 ] .''')
    >>> statements = [Triple("http://e/x", RDF_TYPE, Iri("http://e/Coin")), Triple("http://e/x", "http://e/note", Iri("http://e/n"))]
    >>> print(Excerpt(shapes, lambda iri: ["http://e/Battery"] if iri == "http://e/Coin" else []).text(statements), end="")
    <http://e/x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/Coin> .
    <http://e/Coin> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <http://e/Battery> .
    """

    def __init__(self, file: ShapesFile, parents: Parents | None) -> None:
        self._hierarchy = Hierarchy(parents, file.mentioned)
        self._mentioned = file.mentioned or frozenset()
        self._predicates = None if file.predicates is None else file.predicates | {RDFS_SUBCLASS_OF}
        self._is_asked_for = lru_cache(MEMORY)(self._is_class_asked_for)

    def text(self, triples: Sequence[Triple]) -> str:
        """The statements that matter.

        Raises:
            ValueError: An IRI or a language tag among them is none.
        """
        kept = triples if self._predicates is None else self._kept(triples, self._predicates)
        return "".join([f"{line} .\n" for line in lines_of(kept)]) + self._hierarchy.text(used_types(kept))

    def _kept(self, triples: Sequence[Triple], predicates: frozenset[str]) -> Sequence[Triple]:
        asked = self._is_asked_for
        kept = [triple for triple in triples if triple[1] in predicates or (triple[1] == RDF_TYPE and asked(triple[2]))]
        # A document with a hierarchy of its own may make any class one that is asked for.
        return triples if any(triple[1] == RDFS_SUBCLASS_OF for triple in kept) else kept

    def _is_class_asked_for(self, iri: str) -> bool:
        """Whether the shapes can tell a thing of this class from a thing of none."""
        return iri in self._mentioned or bool(self._hierarchy.edges(frozenset((iri,))))


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
