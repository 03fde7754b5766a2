"""How fast documents are checked: Voltagraph, the classic Python way, and the bare engines; prints Markdown.

    python -m benchmarks.validate ../shared/data --rounds 3

Every contestant reads the same files in a fresh process, one after the other and round by round. The clock of each starts when
contexts, ontologies and shapes are loaded; it stops when the last finding is there. Times are CPU time of the process, so that a
noisy neighbour counts less; `voltagraph validate` is timed as a whole command by the clock on the wall. What was loaded before is
exempt from garbage collection for every contestant, as the commands of Voltagraph have it.

- **Voltagraph**: strict JSON, context by fit, statements, quantities, lint, SHACL, plausibility, consistency, places, suggestions.
- **PyLD + rdflib + pySHACL**: JSON, expansion, graph, SHACL with the same shapes; neither places nor lint.
- **pyoxigraph + shacl**: parse with the context already pruned (outside the clock), N-Triples, SHACL with the same shapes: what the
  engines cost when nothing is told but "violation at this node".
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pyoxigraph
import shacl

from benchmarks.harvest import machine
from benchmarks.peers import bare, classic
from benchmarks.peers.classic import FAULTS, documents

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("pyoxigraph", "shacl", "rdflib", "PyLD", "pyshacl")


def iri_of(file: Path) -> str:
    return f"http://localhost:8000/records/{file.parent.name}/{file.name}".replace(" ", "%20")


def voltagraph(files: list[Path], data: Path) -> tuple[float, int]:
    """CPU seconds and findings of the whole check."""
    from app.bootstrap import build_services
    from app.settings import load_settings

    services = build_services(load_settings(ontology_dir=data / "ontologies", contexts_dir=data / "contexts"))
    reader = services.reader
    gc.freeze()
    started, findings = time.process_time(), 0
    for file in files:
        findings += len(reader.check(file.read_bytes(), file.name, iri_of(file), "bench").issues)
    return time.process_time() - started, findings


def peer(files: list[Path], data: Path) -> tuple[float, int]:
    """CPU seconds and results of PyLD, rdflib and pySHACL."""
    import pyshacl
    from pyld import ContextResolver, jsonld
    from rdflib import RDF, Graph
    from rdflib.namespace import SH

    loader = classic.context_loader(data / "contexts")
    options = {"documentLoader": loader, "contextResolver": ContextResolver({}, loader)}
    edges = classic.subclass_edges(data / "ontologies")
    shapes = Graph().parse(data=classic.SHAPES, format="turtle")
    gc.freeze()
    started, findings = time.process_time(), 0
    for file in files:
        try:
            statements = jsonld.to_rdf(json.loads(file.read_bytes()), {**options, "base": iri_of(file)})
            graph = Graph()
            classic.to_graph(statements, graph)
        except FAULTS:
            continue
        graph += classic.reachable(graph.objects(None, RDF.type), edges)
        _, report, _ = pyshacl.validate(graph, shacl_graph=shapes, inference="none", inplace=True)
        findings += len(set(report.subjects(RDF.type, SH.ValidationResult))) if isinstance(report, Graph) else 0
    return time.process_time() - started, findings


def engines(files: list[Path], data: Path) -> tuple[float, int]:
    """CPU seconds and results of pyoxigraph and shacl."""
    known = json.loads((data / "contexts" / "contexts.json").read_text())["map"]
    loaded: dict[str, object] = {}
    edges = {
        str(child): [str(parent) for parent in parents] for child, parents in classic.subclass_edges(data / "ontologies").items()
    }
    shapes = shacl.Shapes.from_text(classic.SHAPES, "turtle", "http://localhost/shapes")
    prepared: list[tuple[str, bytes]] = []
    for file in files:
        try:
            prepared.append((iri_of(file), bare.inlined(file.read_bytes(), data / "contexts", known, loaded, prune=True)))
        except (ValueError, KeyError, TypeError):
            continue
    gc.freeze()
    started, findings = time.process_time(), 0
    remembered: dict[frozenset[str], bytes] = {}
    for iri, content in prepared:
        try:
            triples = list(pyoxigraph.parse(content, format=pyoxigraph.RdfFormat.JSON_LD, base_iri=iri))
        except SyntaxError:
            continue
        text = pyoxigraph.serialize((quad.triple for quad in triples), format=pyoxigraph.RdfFormat.N_TRIPLES)
        types = frozenset(
            quad.object.value
            for quad in triples
            if quad.predicate.value == "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
            and isinstance(quad.object, pyoxigraph.NamedNode)
        )
        if types not in remembered:
            remembered[types] = hierarchy(types, edges)
        findings += len(shapes.validate_text(((text or b"") + remembered[types]).decode(), "ntriples").results)
    return time.process_time() - started, findings


def hierarchy(types: frozenset[str], edges: dict[str, list[str]]) -> bytes:
    """The class hierarchy above these types, as N-Triples."""
    lines, seen, waiting = [], set(types), list(types)
    while waiting:
        child = waiting.pop()
        for parent in edges.get(child, ()):
            lines.append(f"<{child}> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <{parent}> .\n")
            if parent not in seen:
                seen.add(parent)
                waiting.append(parent)
    return "".join(lines).encode()


CONTESTANTS: dict[str, Callable[[list[Path], Path], tuple[float, int]]] = {
    "Voltagraph": voltagraph,
    "PyLD + rdflib + pySHACL": peer,
    "pyoxigraph + shacl": engines,
}


def one(name: str, data: Path) -> None:
    """Run one contestant in this process and print what it took."""
    files = documents(data / "jsonld")
    seconds, findings = CONTESTANTS[name](files, data)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({"ms": 1000 * seconds / len(files), "findings": findings, "megabytes": memory}))


def command(data: Path) -> dict[str, float]:
    """The whole command, from its start to its end."""
    environment = {
        **os.environ,
        "VOLTAGRAPH_CONTEXTS_DIR": str(data / "contexts"),
        "VOLTAGRAPH_ONTOLOGY_DIR": str(data / "ontologies"),
    }
    call = [sys.executable, "-c", "from app.cli import main; main()", "validate", str(data / "jsonld"), "--format", "json"]
    started = time.perf_counter()
    done = subprocess.run(call, cwd=REPOSITORY, env=environment, capture_output=True, check=False)
    seconds = time.perf_counter() - started
    report = json.loads(done.stdout)
    return {
        "ms": 1000 * seconds / len(report["files"]),
        "findings": sum(len(file["findings"]) for file in report["files"]),
        # Of the largest child so far: true for the first child alone, so this command runs first and its first round counts.
        "megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with jsonld/, contexts/ and ontologies/")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=CONTESTANTS, help="run this one alone and print JSON")
    arguments = parser.parse_args()
    data = arguments.data.resolve()
    if arguments.one:
        sys.setrecursionlimit(5000)
        one(arguments.one, data)
        return
    measured: dict[str, list[dict[str, float]]] = {name: [] for name in [*CONTESTANTS, "voltagraph validate"]}
    for _ in range(arguments.rounds):
        measured["voltagraph validate"].append(command(data))
        for name in CONTESTANTS:
            call = [sys.executable, "-m", "benchmarks.validate", str(data), "--one", name]
            done = subprocess.run(call, cwd=REPOSITORY, capture_output=True, text=True, check=True)
            measured[name].append(json.loads(done.stdout))
    ours = statistics.median(run["ms"] for run in measured["Voltagraph"])
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}. {versions}. Median of {arguments.rounds} rounds.\n")
    print("| checked by | ms/document | spread | relative to Voltagraph | peak memory, MB | findings |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, runs in measured.items():
        times = [run["ms"] for run in runs]
        median = statistics.median(times)
        relative = f"{median / ours:.2f}"
        print(
            f"| {name} | {median:.2f} | {min(times):.2f}-{max(times):.2f} | {relative} "
            f"| {runs[0]['megabytes']:.0f} | {runs[0]['findings']:,.0f} |"
        )


if __name__ == "__main__":
    main()
