"""Check of an ontology release: which classes can have no member, by the reasoner HermiT. Minutes, so never for a record.

HermiT is a Java program that the Python package owlready2 carries; nothing else of that package is used. It runs in a process of
its own, over the logical statements of the ontologies without data properties, because it refuses datatypes that EMMO uses.
Figures, and what is left out: ``docs/ontology-release.md``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pyoxigraph as px

from ontology.ontology_files import parse_ontologies
from records.errors import LimitError, OntologyError, SettingsError
from records.issues import Issue

MEMORY_MB: Final = 4_000
"""Memory that the reasoner may take."""

MAX_SECONDS: Final = 3_600.0
"""How long the reasoner may take, unless told otherwise."""

_MAX_OUTPUT: Final = 16 * 1024 * 1024

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
_OWL: Final = "http://www.w3.org/2002/07/owl#"


def _names(space: str, names: str) -> frozenset[px.NamedNode]:
    return frozenset(px.NamedNode(space + name) for name in names.split())


_TYPE: Final = px.NamedNode(_RDF + "type")
_FIRST: Final = px.NamedNode(_RDF + "first")
_THING: Final = px.NamedNode(_OWL + "Thing")
_CLASS: Final = px.NamedNode(_OWL + "Class")
_OBJECT_PROPERTY: Final = px.NamedNode(_OWL + "ObjectProperty")
_ON_PROPERTY: Final = px.NamedNode(_OWL + "onProperty")
_DATATYPES: Final = _names(_OWL, "DatatypeProperty") | _names(_RDFS, "Datatype")
_CARDINALITIES: Final = _names(
    _OWL, "cardinality minCardinality maxCardinality qualifiedCardinality minQualifiedCardinality maxQualifiedCardinality"
)
_OF_PROPERTIES: Final = _names(_RDFS, "subPropertyOf domain range") | _names(
    _OWL, "equivalentProperty inverseOf propertyDisjointWith propertyChainAxiom"
)
_LOGICAL: Final = (
    _names(_RDF, "type first rest")
    | _names(_RDFS, "subClassOf")
    | _names(
        _OWL,
        "equivalentClass disjointWith unionOf intersectionOf complementOf oneOf disjointUnionOf onProperty someValuesFrom "
        "allValuesFrom hasValue hasSelf onClass members distinctMembers sameAs differentFrom hasKey",
    )
    | _OF_PROPERTIES
    | _CARDINALITIES
)
_LOGICAL_TYPES: Final = _names(_RDF, "List") | _names(
    _OWL,
    "Class ObjectProperty Restriction AllDisjointClasses AllDisjointProperties AllDifferent FunctionalProperty "
    "InverseFunctionalProperty TransitiveProperty SymmetricProperty AsymmetricProperty ReflexiveProperty IrreflexiveProperty "
    "NamedIndividual",
)
_NOTHING: Final = re.compile(r"^\s+(?:<([^>]+)>|(\S+))\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Release:
    """What the reasoner found.

    Args:
        classes: How many named classes it was given.
        unsatisfiable: IRIs of those that can have no member, sorted.
        seconds: How long it took.
        left_out: What it was not given, and how many statements each.
        issues: Files that could not be read.
    """

    classes: int
    unsatisfiable: tuple[str, ...]
    seconds: float
    left_out: Mapping[str, int]
    issues: tuple[Issue, ...]


def check_release(
    directory: Path, *, max_seconds: float = MAX_SECONDS, on_progress: Callable[[float], None] | None = None
) -> Release:
    """Find the classes of the ontologies of a directory that can have no member.

    Args:
        directory: Where they are, as for `ontology.ontology_files.ontology_files`.
        max_seconds: How long the reasoner may take.
        on_progress: Called about once a second with the seconds that the reasoner has taken; what it raises ends the reasoner.

    Raises:
        SettingsError: HermiT or Java is not here.
        OntologyError: There are no ontologies, or HermiT refuses them (as when they contradict themselves as a whole).
        LimitError: The reasoner took too long.
    """
    command = reasoner()
    triples, issues = parse_ontologies(directory)
    kept, left_out = logical(triples)
    with tempfile.TemporaryDirectory(prefix="voltagraph-release-") as folder:
        path = Path(folder, "release.rdf")
        px.serialize(kept, str(path), format=px.RdfFormat.RDF_XML)
        started = time.monotonic()
        answer = _run([*command, "--no-prefixes", "--unsatisfiable", path.as_uri()], max_seconds, on_progress)
        seconds = time.monotonic() - started
    classes = sum(triple.predicate == _TYPE and triple.object == _CLASS and _is_named(triple.subject) for triple in kept)
    return Release(classes, _unsatisfiable(answer), seconds, left_out, tuple(issues))


def reasoner() -> list[str]:
    """The command that starts HermiT.

    Raises:
        SettingsError: HermiT or Java is not here; says how to get it.
    """
    package = find_spec("owlready2")
    jar = Path(package.origin).parent / "hermit" / "HermiT.jar" if package is not None and package.origin else None
    if jar is None or not jar.is_file():
        raise SettingsError(
            "The reasoner HermiT is not installed.", "Run 'pip install -r requirements/release.txt'; it is for this command alone."
        )
    java = shutil.which("java")
    if java is None:
        raise SettingsError(
            "HermiT needs Java, and there is none on the search path.",
            "Install a Java runtime, version 8 or later; on Debian 'apt install default-jre-headless'.",
        )
    return [java, f"-Xmx{MEMORY_MB}m", "-cp", str(jar), "org.semanticweb.HermiT.cli.CommandLine"]


def logical(triples: Iterable[px.Triple]) -> tuple[list[px.Triple], dict[str, int]]:
    """The statements that HermiT reasons over, and how many are left out, by what they are.

    Annotations, rules (SWRL) and facts about individuals are left out. Data properties and datatypes go with every restriction on
    them; where such a restriction is one of the members of a list, the whole of things takes its place.

    Args:
        triples: The statements of ontologies.
    """
    triples = list(triples)
    data: set[object] = {triple.subject for triple in triples if triple.predicate == _TYPE and triple.object in _DATATYPES}
    data |= {triple.subject for triple in triples if triple.predicate == _ON_PROPERTY and triple.object in data}
    classes = {triple.subject for triple in triples if triple.predicate == _TYPE and triple.object == _CLASS}
    properties = {triple.subject for triple in triples if triple.predicate == _TYPE and triple.object == _OBJECT_PROPERTY}
    left_out: Counter[str] = Counter()
    kept: dict[px.Triple, None] = {}
    for triple in triples:
        subject, predicate, value = triple.subject, triple.predicate, triple.object
        is_annotation = isinstance(value, px.Literal) and predicate not in _CARDINALITIES
        is_fact = predicate == _TYPE and value not in _LOGICAL_TYPES and value not in classes
        if subject in data or (value in data and predicate != _FIRST):
            left_out["data properties"] += 1
        elif predicate not in _LOGICAL or is_annotation or is_fact:
            left_out["annotations, rules and facts"] += 1
        elif predicate in _OF_PROPERTIES and _is_named(subject) and subject not in properties:
            left_out["properties that are not object properties"] += 1
        else:
            kept[px.Triple(subject, predicate, _THING) if value in data else triple] = None
    return list(kept), dict(left_out)


def _is_named(node: object) -> bool:
    return isinstance(node, px.NamedNode)


def _run(command: list[str], max_seconds: float, on_progress: Callable[[float], None] | None) -> str:
    """What the reasoner prints; whatever ends the wait ends the reasoner."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)  # noqa: S603 # our own words
        try:
            while process.poll() is None:
                taken = time.monotonic() - started
                if taken > max_seconds:
                    raise LimitError(f"The reasoner took longer than {max_seconds:g} s.", "Give it more time with --max-seconds.")
                if on_progress is not None:
                    on_progress(taken)
                try:
                    process.wait(timeout=1)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode:
            errors.seek(0)
            raise _refused(errors.read(_MAX_OUTPUT).decode(errors="replace"))
        output.seek(0)
        return output.read(_MAX_OUTPUT).decode(errors="replace")


def _refused(text: str) -> OntologyError:
    """The first line of what the reasoner said that tells something."""
    said = next((line for line in text.splitlines() if "xception" in line), text.strip()[:300])
    reason = said.rpartition("xception:")[2].strip() or said
    if "InconsistentOntology" in text:
        return OntologyError("The ontologies contradict themselves as a whole: nothing at all can be.", "Check the latest changes.")
    if "OutOfMemory" in text:
        return OntologyError(f"The reasoner needs more than its {MEMORY_MB} MB of memory.", "Check fewer ontologies at once.")
    return OntologyError(f"HermiT refuses the ontologies: {reason[:300]}.", "Check the file that is named, or tell its publisher.")


def _unsatisfiable(answer: str) -> tuple[str, ...]:
    """The classes that the reasoner lists as equal to the empty one, without that one itself."""
    found = {full or name for full, name in _NOTHING.findall(answer)}
    return tuple(sorted(found - {"owl:Nothing", _OWL + "Nothing"}))
