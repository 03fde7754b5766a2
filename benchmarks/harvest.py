"""How fast documents come in: Voltagraph against the classic Python pipeline and against pyoxigraph alone; prints Markdown.

    python -m benchmarks.harvest ../shared/data --documents 200 --rounds 3

All run over the same files, each in a fresh process and a fresh folder, one after the other and round by round, so that a noisy
moment hits all of them. The clock of each starts when contexts, ontologies and shapes are loaded and stops when all is written.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.peers.classic import documents

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("pyoxigraph", "shacl", "rdflib", "PyLD", "pyshacl")


@dataclass(frozen=True)
class Contestant:
    """A pipeline: what it does, and its command line for a folder of documents and an empty folder to write to."""

    name: str
    does: str
    command: Callable[[Path, Path], list[str]]


def contestants(data: Path) -> list[Contestant]:
    contexts, ontologies = str(data / "contexts"), str(data / "ontologies")

    def voltagraph(folder: Path, out: Path) -> list[str]:
        start = "from app.cli import main; main()"
        return [sys.executable, "-c", start, "harvest", str(folder), "--home", str(out), "--json"]

    def classic(folder: Path, _out: Path) -> list[str]:
        return [
            sys.executable,
            "-m",
            "benchmarks.peers.classic",
            str(folder),
            "--contexts",
            contexts,
            "--ontologies",
            ontologies,
            "--json",
        ]

    def bare(context: str) -> Callable[[Path, Path], list[str]]:
        return lambda folder, _out: [
            *(sys.executable, "-m", "benchmarks.peers.bare", str(folder)),
            *("--contexts", contexts, "--context", context, "--json"),
        ]

    whole = "copy, JSON-LD, SHACL, graph, index"
    return [
        Contestant("Voltagraph", f"{whole} (all on disk), findings with places", voltagraph),
        Contestant("PyLD + rdflib + pySHACL", f"{whole} (graph in memory)", classic),
        Contestant("pyoxigraph, whole context", "JSON-LD, graph (on disk)", bare("full")),
        Contestant("pyoxigraph, pruned context", "JSON-LD, graph (on disk)", bare("pruned")),
    ]


def run(contestant: Contestant, folder: Path, data: Path) -> float:
    """Milliseconds per document by the contestant's own clock."""
    settings = {"VOLTAGRAPH_CONTEXTS_DIR": str(data / "contexts"), "VOLTAGRAPH_ONTOLOGY_DIR": str(data / "ontologies")}
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run(
            contestant.command(folder, Path(out)),
            cwd=REPOSITORY,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"{contestant.name} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    report = json.loads(done.stdout.splitlines()[-1])
    return float(1000 * report["seconds"] / report["documents"])


def sample(data: Path, count: int, folder: Path) -> int:
    """Copy evenly spread documents into the folder, source by source; returns their size in bytes."""
    size = 0
    for file in documents(data / "jsonld", count):
        target = folder / file.parent.name / file.name
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(file, target)
        size += target.stat().st_size
    return size


def machine() -> str:
    cpu = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), platform.processor()
    )
    return f"{os.cpu_count()} x {cpu or platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.is_file() else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with jsonld/, contexts/ and ontologies/")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    data = arguments.data.resolve()
    field = contestants(data)
    times: dict[str, list[float]] = {contestant.name: [] for contestant in field}
    with tempfile.TemporaryDirectory() as folder:
        size = sample(data, arguments.documents, Path(folder))
        for _ in range(arguments.rounds):
            for contestant in field:
                times[contestant.name].append(run(contestant, Path(folder), data))
    ours = statistics.median(times[field[0].name])
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    kilobytes = size / arguments.documents / 1000
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}. {versions}.")
    print(f"{arguments.documents} real documents of {kilobytes:.1f} kB, median of {arguments.rounds} rounds.\n")
    print("| pipeline | does | ms/document | spread | time relative to Voltagraph |")
    print("|---|---|---:|---:|---:|")
    for contestant in field:
        measured = times[contestant.name]
        median, spread = statistics.median(measured), f"{min(measured):.2f}-{max(measured):.2f}"
        print(f"| {contestant.name} | {contestant.does} | {median:.2f} | {spread} | {median / ours:.2f} |")


if __name__ == "__main__":
    main()
