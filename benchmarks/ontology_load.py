"""How long the full ontologies take to read from their Turtle files, as the first start does (later ones read the fact table).

python -m benchmarks.ontology_load ../shared/data/ontologies [--rounds 5]
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from ontology.loader import load_ontologies


def seconds_to_load(directory: Path) -> tuple[float, int]:
    """How long one load takes, and how many concepts it gives."""
    started = time.perf_counter()
    facts, _ = load_ontologies(directory)
    return time.perf_counter() - started, len(facts.concepts)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="the ontologies")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rounds = [seconds_to_load(options.directory) for _ in range(options.rounds)]
    seconds = sorted(took for took, _ in rounds)
    print(f"{rounds[0][1]} concepts; median {statistics.median(seconds):.2f} s, from {seconds[0]:.2f} to {seconds[-1]:.2f} s")


if __name__ == "__main__":
    main()
