"""SHACL by the `shacl` engine (Rust): the default validator, and what every engine needs before and after it runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import pyoxigraph
import shacl

from records.errors import SettingsError, VoltagraphError
from records.issues import Severity
from records.rdf import RDF_TYPE, XSD_STRING, Iri, Triple
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
_SEVERITIES = {"Violation": Severity.VIOLATION, "Warning": Severity.WARNING, "Info": Severity.INFO}
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_STEP = re.compile(r"<[^>]*>")
_LONE_STEP = re.compile(r"\((\^?<[^>]*>)\)")
_WRAPPED = re.compile(r"\([^()]*(\([^()]*\)[^()]*)*\)")
_TO_ESCAPE = re.compile(r'["\\\n\r]')
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"})


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
        return "".join(sorted(f"{_iri(child)} {_iri(RDFS_SUBCLASS_OF)} {_iri(parent)} .\n" for child, parent in self.edges(types)))

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


def to_ntriples(triples: Iterable[Triple]) -> str:
    r"""The statements in N-Triples (https://www.w3.org/TR/n-triples/), one a line.

    Raises:
        VoltagraphError: An IRI has a character that no IRI may have.

    >>> from records.rdf import Literal
    >>> print(to_ntriples([Triple("http://e/a", "http://e/p", Literal('say "Ah"', language="en"))]), end="")
    <http://e/a> <http://e/p> "say \"Ah\""@en .
    """
    lines = []
    for subject, predicate, value in triples:
        if isinstance(value, str):
            lines.append(f"{_iri(subject)} {_iri(predicate)} {_iri(value)} .\n")
            continue
        text, datatype, language = value
        if _TO_ESCAPE.search(text):
            text = text.translate(_ESCAPES)
        if language:
            lines.append(f'{_iri(subject)} {_iri(predicate)} "{text}"@{language} .\n')
        elif datatype == XSD_STRING:
            lines.append(f'{_iri(subject)} {_iri(predicate)} "{text}" .\n')
        else:
            lines.append(f'{_iri(subject)} {_iri(predicate)} "{text}"^^{_iri(datatype)} .\n')
    return "".join(lines)


@lru_cache(MEMORY)
def _iri(text: str) -> str:
    if _NOT_IN_IRI.search(text):
        raise VoltagraphError(f"{text!r} is not an IRI.", "A JSON-LD reader drops such names: report this.")
    return f"<{text}>"


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


class ShaclValidator:
    """Validates one document in a fraction of a millisecond with the `shacl` package; thread-safe.

    Args:
        shapes: The shapes file (Turtle), or its content.
        parents: Named direct super-classes of a class, so that ``sh:class`` and ``sh:targetClass`` hold for sub-classes.

    Raises:
        SettingsError: The shapes cannot be used; see `ShapesFile`.

    >>> shapes = b'''@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://e/> .
    ... e:Cell a sh:NodeShape ; sh:targetClass e:Battery ; sh:property e:Name .
    ... e:Name a sh:PropertyShape ; sh:path e:name ; sh:minCount 1 ; sh:message "No name; add one." .'''
    >>> validator = ShaclValidator(shapes, lambda iri: ["http://e/Battery"] if iri == "http://e/CoinCell" else [])
    >>> [result] = validator.validate([Triple("http://e/x", RDF_TYPE, Iri("http://e/CoinCell"))])
    >>> result.focus_node, result.path, result.message
    ('http://e/x', 'http://e/name', 'No name; add one.')
    """

    def __init__(self, shapes: Path | bytes = DEFAULT_SHAPES, parents: Parents | None = None) -> None:
        file = ShapesFile(shapes)
        try:
            with _engine_errors(file.name):
                self._shapes = shacl.Shapes.from_text(file.content.decode(), "turtle", "http://localhost/shapes")
        except VoltagraphError as exc:
            raise SettingsError(exc.message, "Mend the constraint that the message names.") from exc.__cause__
        if len(self._shapes) < len(file.declared):
            raise SettingsError(
                f"The engine took {len(self._shapes)} of the {len(file.declared)} shapes of {file.name}.",
                "Look for a shape that is written twice or not in full.",
            )
        self._hierarchy = Hierarchy(parents, file.mentioned)

    def validate(self, triples: Sequence[Triple]) -> tuple[ShaclResult, ...]:
        """Every result, in a stable order; no result means that the statements conform.

        Raises:
            VoltagraphError: The engine refused the statements (an IRI that is none); the message carries its words.
        """
        with _engine_errors("the statements"):
            report = self._shapes.validate_text(to_ntriples(triples) + self._hierarchy.text(used_types(triples)), "ntriples")
            return in_order(map(_result, report.results)) if len(report) else ()


def _result(found: shacl.Result) -> ShaclResult:
    shape = found.source_shape or ""
    if not shape.startswith("<"):  # a shape without a name of its own is told by the one that it is part of
        shape = found.root_shape or ""
    return ShaclResult(
        severity=_SEVERITIES.get(found.severity, Severity.VIOLATION),
        message=min(found.messages, default="") or default_message(found.component_iri),
        focus_node=_plain(found.focus_node),
        path=plain_path(found.path or ""),
        value=found.value_plain or "",
        shape=_plain(shape),
        component=found.component_iri,
    )


def _plain(term: str) -> str:
    return term[1:-1] if term.startswith("<") else term


@contextmanager
def _engine_errors(where: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as exc:
        raise VoltagraphError(f"The SHACL engine cannot use {where}: {exc}.") from exc
    except BaseException as exc:
        # A panic of Rust code arrives as an exception that is no `Exception`; its class cannot be imported.
        if type(exc).__name__ != "PanicException":
            raise
        raise VoltagraphError(f"The SHACL engine broke down over {where}: {exc}.", "Report the record to the maintainers.") from exc
