"""The W3C SHACL test suite (core and SPARQL) through both adapters of `shapes.validator.Validator`.

Each test gives shapes, data and the report that is due; results are compared by focus node, path, value, shape, constraint
component and severity. What fails is named with its reason for each engine, and a test that passes although it is named fails too.

Two things stand between the suite and the adapters. Statements of Voltagraph hold no blank nodes, so those of the data are given
IRIs first. And the description of a test, with the report that is due, stands in the same file as its shapes: it is taken out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, NamedNode

from records.errors import SettingsError, VoltagraphError
from records.rdf import Iri, Literal, Triple
from shapes.pyshacl_validator import PyshaclValidator
from shapes.shacl_validator import ShaclValidator
from shapes.shapes_file import SH, ShapesFile, Term, plain_path
from shapes.validator import Validator

SUITE = Path(__file__).resolve().parents[3] / "shared" / "data" / "w3c" / "shacl" / "tests"
BASE = "http://www.w3.org/shacl-tests/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ENGINES: dict[str, Callable[[ShapesFile], Validator]] = {"shacl": ShaclValidator, "pyshacl": PyshaclValidator}

_BLANK = "expects a result for a blank node because it has no text; here it has the IRI that it was given"
_SEVERITY = "has a severity of its own; Voltagraph has SHACL's three, and takes another one for a violation"
KNOWN_FAILURES: dict[tuple[str, str], str] = {
    ("shacl", "core/misc/severity-002"): _SEVERITY,
    ("shacl", "core/node/minLength-001"): _BLANK,
    (
        "shacl",
        "sparql/pre-binding/unsupported-sparql-004",
    ): "the engine takes a subquery that does not return $this",
    ("pyshacl", "core/misc/severity-002"): _SEVERITY,
    ("pyshacl", "core/node/minLength-001"): _BLANK,
    ("pyshacl", "core/property/uniqueLang-002"): "the engine takes 1 for true in sh:uniqueLang",
    ("pyshacl", "sparql/node/prefixes-001"): "the engine does not follow owl:imports from sh:prefixes",
    ("pyshacl", "sparql/pre-binding/shapesGraph-001"): "the engine has no $shapesGraph",
}
"""Where an engine's report differs from what is due, and why."""

UNCHECKED = {
    "core/complex/shacl-shacl": "names property shapes without a path as a check of them",
    "core/property/qualifiedValueShape-001": "has sh:nodeShape, a word that SHACL does not know and that changes nothing",
}
"""Tests whose shapes Voltagraph refuses as a settings error, and why; these checks are left out for them, and for them alone."""

Found = tuple[str, str, str, str, str, str]
"""Focus node, path, value, shape (``""`` when it has no name), component and severity of a result."""


class Graph:
    """The statements of one file, by subject and predicate."""

    def __init__(self, path: Path) -> None:
        base = BASE + path.relative_to(SUITE).as_posix()
        self.name = NamedNode(base)
        self.triples = [quad.triple for quad in pyoxigraph.parse(path=path, base_iri=base, rename_blank_nodes=True)]
        self._values: dict[Term, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for triple in self.triples:
            self._values[triple.subject][triple.predicate.value].append(triple.object)

    def values(self, node: Term, predicate: str) -> list[Term]:
        return self._values[node][predicate] if node in self._values else []

    def value(self, node: Term, predicate: str) -> Term | None:
        values = self.values(node, predicate)
        return values[0] if values else None

    def members(self, head: Term | None) -> Iterator[Term]:
        while head is not None and (item := self.value(head, RDF + "first")) is not None:
            yield item
            head = self.value(head, RDF + "rest")

    def shapes(self, test: Term) -> bytes:
        """Everything but the description of this test."""
        described: set[Term] = {self.name}
        open_nodes = [test]
        while open_nodes:
            node = open_nodes.pop()
            if node not in described:
                described.add(node)
                open_nodes += [value for predicate in _DESCRIBES for value in self.values(node, predicate)]
        kept = (
            triple
            for triple in self.triples
            if triple.subject not in described or (triple.subject == self.name and not triple.predicate.value.startswith(MF))
        )
        return pyoxigraph.serialize(kept, format=pyoxigraph.RdfFormat.N_TRIPLES) or b""


_DESCRIBES = (MF + "action", MF + "result", SH + "result")


@dataclass(frozen=True)
class Case:
    """One test: its shapes, its data and what is due; ``None`` is a failure."""

    shapes: bytes
    data: tuple[Triple, ...]
    due: frozenset[Found] | None


@lru_cache(maxsize=8)
def graph(path: Path) -> Graph:
    return Graph(path)


def entries_of(manifest: Path) -> Iterator[tuple[str, Path]]:
    """Names of the tests of a manifest and of those that it includes, each with its file."""
    here = graph(manifest)
    for included in here.values(here.name, MF + "include"):
        yield from entries_of(file_of(included))
    for head in here.values(here.name, MF + "entries"):
        for test in here.members(head):
            assert isinstance(test, NamedNode)
            yield test.value.removeprefix(BASE), manifest


def file_of(node: Term | None) -> Path:
    assert isinstance(node, NamedNode)
    return SUITE / node.value.removeprefix(BASE)


def case(name: str, file: Path) -> Case:
    here, test = graph(file), NamedNode(BASE + name)
    action, result = here.value(test, MF + "action"), here.value(test, MF + "result")
    assert action is not None
    assert result is not None
    shapes, data = graph(file_of(here.value(action, SHT + "shapesGraph"))), graph(file_of(here.value(action, SHT + "dataGraph")))
    due = None if result == NamedNode(SHT + "Failure") else frozenset(due_results(here, result))
    return Case(shapes.shapes(test), tuple(map(statement, data.triples)), due)


def due_results(here: Graph, report: Term) -> Iterator[Found]:
    for result in here.values(report, SH + "result"):
        shape = here.value(result, SH + "sourceShape")
        path = here.value(result, SH + "resultPath")
        yield (
            text(here.value(result, SH + "focusNode")),
            plain_path(path_text(here, path)) if path is not None else "",
            text(here.value(result, SH + "value")),
            shape.value if isinstance(shape, NamedNode) else "",
            text(here.value(result, SH + "sourceConstraintComponent")),
            text(here.value(result, SH + "resultSeverity")).removeprefix(SH).lower(),
        )


_SUFFIXES = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}


def path_text(here: Graph, path: Term) -> str:
    """A SHACL path as a SPARQL property path."""
    if isinstance(path, NamedNode):
        return f"<{path.value}>"
    if (inverse := here.value(path, SH + "inversePath")) is not None:
        return f"^{path_text(here, inverse)}"
    if (choices := here.value(path, SH + "alternativePath")) is not None:
        return "(" + "|".join(path_text(here, choice) for choice in here.members(choices)) + ")"
    for word, sign in _SUFFIXES.items():
        if (repeated := here.value(path, SH + word)) is not None:
            return f"({path_text(here, repeated)}){sign}"
    return "(" + "/".join(path_text(here, step) for step in here.members(path)) + ")"


def text(node: Term | None) -> str:
    """A node as results of the port carry it; a blank node by the IRI that it was given."""
    if node is None:
        return ""
    assert not isinstance(node, pyoxigraph.Triple)
    return f"urn:blank:{node.value}" if isinstance(node, BlankNode) else node.value


def statement(triple: pyoxigraph.Triple) -> Triple:
    value = triple.object
    if isinstance(value, pyoxigraph.Literal):
        return Triple(
            text(triple.subject), triple.predicate.value, Literal(value.value, value.datatype.value, value.language or "")
        )
    return Triple(text(triple.subject), triple.predicate.value, Iri(text(value)))


def found_results(engine: Validator, one: Case) -> frozenset[Found]:
    return frozenset(
        (result.focus_node, result.path, result.value, result.shape, result.component, result.severity.value)
        for result in engine.validate(one.data)
    )


def compared(due: Iterable[Found], found: Iterable[Found]) -> tuple[set[Found], set[Found]]:
    """What is missing, and what is too much; a shape without a name is told by the one it is part of, so it is not compared."""
    unnamed = {(*result[:3], "", *result[4:]) for result in due if not result[3]}
    mapped = {
        (*result[:3], "", *result[4:]) if (*result[:3], "", *result[4:]) in unnamed and result not in due else result
        for result in found
    }
    return set(due) - mapped, mapped - set(due)


def shapes_of(name: str, one: Case) -> ShapesFile:
    """The shapes with the checks that those of a user pass, but for the few that are named above."""
    if name in UNCHECKED:
        with pytest.raises(SettingsError):
            ShapesFile(one.shapes)
        return ShapesFile.unchecked(one.shapes)
    return ShapesFile(one.shapes)


def differs(engine: str, name: str, file: Path) -> str:
    """How the report of an engine differs from what is due; ``""`` when it does not."""
    one = case(name, file)
    try:
        found = found_results(ENGINES[engine](shapes_of(name, one)), one)
    except VoltagraphError as error:
        return "" if one.due is None else str(error)
    if one.due is None:
        return "the shapes should have been refused"
    missing, extra = compared(one.due, found)
    return f"missing {missing}, too much {extra}" if missing or extra else ""


TESTS = dict(entries_of(SUITE / "manifest.ttl")) if SUITE.is_dir() else {}


def test_the_suite_is_whole(shared_data: Path) -> None:
    assert sum(name.startswith("core/") for name in TESTS) == 98
    assert sum(name.startswith("sparql/") for name in TESTS) == 22
    assert {name for _, name in KNOWN_FAILURES} | UNCHECKED.keys() <= TESTS.keys()


# rdflib warns of literals that are none, and pySHACL of constraints in unusual places: the suite has both on purpose.
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("name", TESTS)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_report_is_the_one_that_is_due(engine: str, name: str) -> None:
    assert bool(differs(engine, name, TESTS[name])) == ((engine, name) in KNOWN_FAILURES), differs(engine, name, TESTS[name])
