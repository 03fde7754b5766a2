"""The peer: what a Python user writes today with PyLD, rdflib and pySHACL for the same work, in one process.

    python -m benchmarks.peers.classic DIRECTORY --contexts DIR --ontologies DIR --json

For each document: read the bytes, keep a copy under its SHA-256, parse the JSON, expand it with PyLD (contexts are read from
files, once; nothing is fetched), put the statements into a named graph of an in-memory rdflib Dataset, validate them with pySHACL
against the shapes of the default profiles together with the ``rdfs:subClassOf`` edges reachable from their types, and write one row
to an SQLite index. Contexts, ontologies and shapes are loaded before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyshacl
from pyld import ContextResolver, jsonld
from rdflib import RDF, RDFS, BNode, Dataset, Graph, Literal, URIRef
from rdflib.namespace import SH, XSD
from rdflib.term import Node

from shapes.profiles import DEFAULT_SHAPES

SHAPES = "\n".join(file.read_text() for file in DEFAULT_SHAPES)
HAS_NUMERICAL_PART = URIRef("https://w3id.org/emmo#EMMO_8ef3cd6d_ae58_4a8d_9fc0_ad8f49015cd0")
HAS_NUMBER_VALUE = URIRef("https://w3id.org/emmo#EMMO_faf79f53_749d_40b2_807c_d34244c192f4")
HAS_MEASUREMENT_UNIT = URIRef("https://w3id.org/emmo#EMMO_bed1d005_b04e_4a90_94cf_02bc678a8569")
NAMES = (URIRef("https://schema.org/name"), RDFS.label, URIRef("http://purl.org/dc/terms/title"))
# Faults of one document, by what json, PyLD and rdflib raise for them; such a document is counted and left out.
FAULTS = (ValueError, TypeError, KeyError, RecursionError, jsonld.JsonLdError)


@dataclass
class Result:
    """What one run did: ``seconds`` in all, and by step."""

    documents: int = 0
    loaded: int = 0
    findings: int = 0
    triples: int = 0
    seconds: float = 0.0
    steps: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.steps[name] += time.perf_counter() - start

    def to_json(self) -> str:
        described = {**vars(self), "ms_per_document": 1000 * self.seconds / max(1, self.documents)}
        described["steps"] = {name: round(1000 * seconds / max(1, self.documents), 3) for name, seconds in self.steps.items()}
        return json.dumps(described)

    def table(self) -> str:
        per_document = 1000 / max(1, self.documents)
        lines = [f"{name:20} {seconds * per_document:8.2f} ms/document" for name, seconds in self.steps.items()]
        lines.append(f"{'all':20} {self.seconds * per_document:8.2f} ms/document, {self.loaded} of {self.documents} loaded")
        return "\n".join(lines)


def context_loader(directory: Path) -> Callable[[str, Any], dict[str, Any]]:
    """A PyLD document loader that knows the contexts of the directory, each read once, and refuses everything else."""
    files = json.loads((directory / "contexts.json").read_text())["map"]
    read: dict[str, dict[str, Any]] = {}

    def load(url: str, _options: Any = None) -> dict[str, Any]:
        if url not in files:
            raise jsonld.JsonLdError(f"unknown context {url}", "jsonld.LoadDocumentError", code="loading document failed")
        if url not in read:
            document = json.loads((directory / files[url]).read_text())
            read[url] = {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": document}
        return read[url]

    return load


def subclass_edges(directory: Path) -> dict[URIRef, list[URIRef]]:
    """Named super-classes of every class of the merged ontologies."""
    edges: dict[URIRef, list[URIRef]] = defaultdict(list)
    for name in ("merged.ttl", "merged-extra.ttl"):
        for child, parent in Graph().parse(directory / name).subject_objects(RDFS.subClassOf):
            if isinstance(child, URIRef) and isinstance(parent, URIRef):
                edges[child].append(parent)
    return edges


def to_graph(dataset: Any, graph: Graph) -> None:
    """Add PyLD's statements to an rdflib graph."""

    def term(node: dict[str, str]) -> Node:
        if node["type"] == "IRI":
            return URIRef(node["value"])
        if node["type"] == "blank node":
            return BNode(node["value"].removeprefix("_:"))
        language = node.get("language")
        return Literal(node["value"], lang=language, datatype=None if language else URIRef(node["datatype"]))

    for statement in dataset["@default"]:
        graph.add((term(statement["subject"]), term(statement["predicate"]), term(statement["object"])))


def reachable(types: Iterable[Node], edges: dict[URIRef, list[URIRef]]) -> Graph:
    """The part of the class hierarchy above these types."""
    graph = Graph()
    seen = {node for node in types if isinstance(node, URIRef)}
    open_classes = list(seen)
    while open_classes:
        child = open_classes.pop()
        for parent in edges.get(child, ()):
            graph.add((child, RDFS.subClassOf, parent))
            if parent not in seen:
                seen.add(parent)
                open_classes.append(parent)
    return graph


def index_row(graph: Graph, key: str) -> tuple[str, str, str, str, str]:
    """Title, types, numbers and text of one document."""
    title = next((str(name) for predicate in NAMES for name in graph.objects(None, predicate)), key)
    types = sorted({str(kind) for kind in graph.objects(None, RDF.type)})
    numbers = []
    for quantity, part in graph.subject_objects(HAS_NUMERICAL_PART):
        value = graph.value(part, HAS_NUMBER_VALUE)
        kinds = [str(kind) for kind in graph.objects(quantity, RDF.type)]
        numbers.append((kinds, str(value), str(graph.value(quantity, HAS_MEASUREMENT_UNIT))))
    text = " ".join(str(value) for value in graph.objects() if isinstance(value, Literal) and value.datatype in (None, XSD.string))
    return key, title, " ".join(types), json.dumps(numbers), text


def harvest(files: list[Path], contexts: Path, ontologies: Path, out: Path) -> Result:
    """Run the whole pipeline over the files; the clock starts when contexts, ontologies and shapes are loaded."""
    loader = context_loader(contexts)
    # One resolver for all documents lets PyLD keep processed contexts between them: twice as fast as its default.
    options = {"documentLoader": loader, "contextResolver": ContextResolver({}, loader)}
    edges = subclass_edges(ontologies)
    shapes = Graph().parse(data=SHAPES, format="turtle")
    dataset = Dataset()
    payloads = out / "payloads"
    payloads.mkdir(parents=True)
    index = sqlite3.connect(out / "index.sqlite")
    index.execute("CREATE VIRTUAL TABLE records USING fts5(key, title, types, numbers, text)")
    result = Result(documents=len(files))
    start = time.perf_counter()
    for file in files:
        with result.step("read and keep"):
            content = file.read_bytes()
            (payloads / sha256(content).hexdigest()).write_bytes(content)
        iri = f"http://localhost:8000/records/{file.parent.name}/{file.name}".replace(" ", "%20")
        try:
            with result.step("json"):
                document = json.loads(content)
            with result.step("json-ld (PyLD)"):
                statements = jsonld.to_rdf(document, {**options, "base": iri})
            graph = dataset.graph(URIRef(f"{iri}#graph"))
            with result.step("graph (rdflib)"):
                to_graph(statements, graph)
        except FAULTS:
            continue
        result.loaded += 1
        result.triples += len(graph)
        with result.step("shacl (pySHACL)"):
            data = graph + reachable(graph.objects(None, RDF.type), edges)
            _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", inplace=True)
            result.findings += len(set(report.subjects(RDF.type, SH.ValidationResult))) if isinstance(report, Graph) else 0
        with result.step("index (SQLite)"):
            index.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?)", index_row(graph, iri))
    with result.step("index (SQLite)"):
        index.commit()
    result.seconds = time.perf_counter() - start
    index.close()
    return result


def documents(directory: Path, limit: int = 0) -> list[Path]:
    """JSON-LD files below a directory; with a limit, evenly spread over all of them."""
    files = sorted(path for path in directory.rglob("*") if path.suffix in {".jsonld", ".json"} and path.name != "origins.json")
    step = max(1, len(files) // limit) if limit else 1
    return files[::step][: limit or None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--contexts", type=Path, required=True)
    parser.add_argument("--ontologies", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=0, help="take this many documents, evenly spread")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as out:
        result = harvest(documents(arguments.directory, arguments.limit), arguments.contexts, arguments.ontologies, Path(out))
    print(result.to_json() if arguments.json else result.table())


if __name__ == "__main__":
    sys.setrecursionlimit(5000)
    main()
