"""A million pairs of a query and a reader: no answer depends on what the reader may not read. Prints a line for RESULTS.md.

    python -m benchmarks.noninterference --pairs 1000000 --seed 1 --state noninterference.json

The pairs are those of `tests/noninterference/sparql_pairs.py`: random corpora and rights, queries of the grammar and of the W3C
suite, answers compared as multisets with a plain store that holds only what the reader may read. What SPARQL leaves to the engine
(`tests/noninterference/sparql_choices.py`) is counted where it differs. It may be interrupted at any time; called again with the
same seed and state file it goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from itertools import islice
from pathlib import Path

from tests.noninterference.sparql_grammar import LEFT_OUT, Suite, suites
from tests.noninterference.sparql_pairs import Tally, tallies

CORPORA = 50
"""Corpora, of some hundred pairs each, between two lines of progress."""
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SEEDS = 10**7
"""Seeds of corpora between two seeds of a run, so that runs share none."""


@cache
def _suites(data: Path) -> list[Suite]:
    return suites(data / "w3c" / "sparql11")


def part(first: int, data: Path) -> Tally:
    """The tally of `CORPORA` corpora."""
    whole = Tally()
    for tally in tallies(first, CORPORA, _suites(data)):
        whole.add(tally)
    return whole


def firsts(seed: int, done: int) -> Iterator[int]:
    """The first seed of each part that is left."""
    number = done
    while True:
        yield seed * SEEDS + number * CORPORA
        number += 1


def main() -> int:
    """Ask until there are enough pairs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--state", type=Path, default=None, help="file that keeps what is done")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    whole, done, seconds = _read(options.state, options.seed)
    started = time.monotonic()
    left = firsts(options.seed, done)
    with ProcessPoolExecutor(options.processes) as pool:
        try:
            while whole.pairs < options.pairs:
                chosen = list(islice(left, options.processes))
                for tally in pool.map(part, chosen, [options.data] * len(chosen)):
                    whole.add(tally)
                done += len(chosen)
                elapsed = seconds + time.monotonic() - started
                _keep(options.state, options.seed, whole, done, elapsed)
                _say(f"{whole.pairs:,} of {options.pairs:,} pairs, {len(whole.differing)} differ, {elapsed:.0f} s")
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            _say("Interrupted; call it again with the same --state to go on.")
            return 130
    for difference in whole.differing:
        _say(difference)
    elapsed = seconds + time.monotonic() - started
    print(_summary(whole, options.seed, elapsed))
    return 1 if whole.differing else 0


def _summary(whole: Tally, seed: int, seconds: float) -> str:
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(whole.kinds.items()))
    choices = ", ".join(f"{count:,} {kind}" for kind, count in sorted(whole.chosen.items())) or "none"
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, seed {seed}, pyoxigraph {version('pyoxigraph')}, Python {platform.python_version()}, "
        f"{os.cpu_count()} CPUs, {seconds / 60:.0f} min: {whole.pairs:,} pairs of query and reader ({kinds}; {whole.rows:,} rows), "
        f"{whole.withheld:,} of them with records that the reader may not read; {len(whole.differing)} answers differ. "
        f"Another choice than the truth's, as right: {choices}. {len(LEFT_OUT)} queries of the W3C are not asked. "
        f"Besides, {whole.errors:,} spoilt or refused queries: the same error, text and place as without those records."
    )


def _read(state: Path | None, seed: int) -> tuple[Tally, int, float]:
    if state is None or not state.exists():
        return Tally(), 0, 0.0
    kept = json.loads(state.read_text(encoding="utf-8"))
    if kept.pop("seed") != seed:
        sys.exit(f"{state} was made with another seed; name another file.")
    done, seconds = kept.pop("done"), kept.pop("seconds")
    whole = Tally(**kept)
    return _counted(whole), done, seconds


def _counted(tally: Tally) -> Tally:
    """The same with its kinds as a counter again, after JSON."""
    fresh = Tally()
    fresh.add(tally)
    return fresh


def _keep(state: Path | None, seed: int, whole: Tally, done: int, seconds: float) -> None:
    if state is None:
        return
    text = json.dumps({"seed": seed, "done": done, "seconds": seconds, **vars(whole)})
    fresh = state.with_suffix(".tmp")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(state)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
