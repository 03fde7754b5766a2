"""Plausibility over real documents: what is found, the slips that are found when they are put in, and the table of what is usual.

python -m benchmarks.plausibility DATA           what is found in the documents as they are, and how many put-in slips are found
python -m benchmarks.plausibility DATA --write   makes shapes/ranges.tsv anew
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from time import process_time
from typing import NamedTuple

from graph.jsonld import to_triples
from harvester.normalize import Contents, Vocabulary, contents_of
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from ontology.facts import packaged_facts
from ontology.units import Units
from records.issues import Issue
from records.record import Quantity
from shapes.plausibility import Plausibility
from shapes.ranges import Ranges, make_ranges, read_ranges
from shapes.reader import Document, read_document

TABLE = Path(__file__).resolve().parents[1] / "shapes" / "ranges.tsv"
DOCUMENTS = 300
SEED = 20261121


@dataclass(frozen=True, slots=True)
class Read:
    """One document, read."""

    key: str
    document: Document
    reading: Reading
    contents: Contents


class Corpus:
    """The documents of a data pack and what is needed to read one."""

    def __init__(self, data: Path) -> None:
        self.concepts = Concepts(packaged_facts())
        self.units = Units(self.concepts.facts)
        self._vocabulary = Vocabulary(self.concepts, self.units)
        self._expander = Expander(Contexts.from_directory(data / "contexts"), self.concepts, self.units)
        self._folder = data / "jsonld"

    def read_all(self) -> Iterator[Read]:
        """Every document that can be read, in order."""
        for path in sorted(self._folder.rglob("*.json*")):
            if path.name != "origins.json":
                read = self.read(path.read_bytes(), path.relative_to(self._folder).as_posix())
                if read is not None:
                    yield read

    def read(self, content: bytes, key: str) -> Read | None:
        """One document."""
        document = read_document(content, key)
        if isinstance(document, Issue):
            return None
        iri = "http://localhost:8000/records/" + key
        reading = self._expander.expand(document, iri, {})
        if isinstance(reading, Issue):
            return None
        statements = to_triples(reading, iri)
        contents = contents_of(statements.triples, statements.pointers, lambda _: 0, self._vocabulary)
        return Read(key, document, reading, contents)

    def plausibility(self, ranges: Ranges | None = None) -> Plausibility:
        """The check."""
        return Plausibility(self.concepts, self.units, ranges)


def table(data: Path) -> str:
    """The table of what is usual, out of the documents of a data pack."""
    corpus = Corpus(data)
    check = corpus.plausibility({})
    return make_ranges(
        observation
        for read in corpus.read_all()
        for observation in check.observe(
            read.key.rpartition("/")[2], read.reading, read.contents.quantities, read.contents.concepts
        )
    )


def held_out(corpus: Corpus, reads: list[Read]) -> tuple[int, int, int]:
    """Findings in each half of the documents by a table made from the other half: how many, with the whole table, and in both.

    A cell is in one half with all its documents: records and drafts of one name, and CellInfo documents by maker.
    """
    observe = corpus.plausibility({}).observe
    halves: tuple[list[Read], list[Read]] = ([], [])
    for read in reads:
        name = re.split(r"--|_", read.key.rpartition("/")[2].removeprefix("cell-spec__"))[0].lower()
        halves[int(sha256(name.encode()).hexdigest(), 16) % 2].append(read)
    apart: set[tuple[str, str, str]] = set()
    whole: set[tuple[str, str, str]] = set()
    for here, there in (halves, halves[::-1]):
        seen = (
            observation
            for read in there
            for observation in observe(read.key.rpartition("/")[2], read.reading, read.contents.quantities, read.contents.concepts)
        )
        for check, kept in ((corpus.plausibility(read_ranges(make_ranges(seen))), apart), (corpus.plausibility(), whole)):
            kept |= {(read.key, issue.code, issue.pointer) for read in here for issue in findings(check, read)}
    return len(apart), len(whole), len(apart & whole)


class Slip(NamedTuple):
    """A fault to put in: its name and by what power of ten the number changes."""

    name: str
    power: int
    units: tuple[str, ...]


SLIPS = (
    Slip("x 1000", 3, ()),
    Slip("/ 1000", -3, ()),
    Slip("x 10", 1, ()),
    Slip("/ 10", -1, ()),
    Slip("x 100", 2, ()),
    Slip("m as mm", 3, ("m",)),
    Slip("mAh as Ah", 3, ("A·s",)),
    Slip("Ah as mAh", -3, ("A·s",)),
    Slip("g as kg", 3, ("kg",)),
    Slip("kg as g", -3, ("kg",)),
    Slip("mV as V", 3, ("V",)),
)


def inject(read: Read, quantity: Quantity, slip: Slip) -> Read:
    """The document as it would be read if this number were wrong by a power of ten; where it stands is as before."""
    factor = 10.0**slip.power
    wrong = replace(
        quantity, value=_digits((quantity.value or 0.0) * factor), base_value=_digits((quantity.base_value or 0.0) * factor)
    )
    quantities = tuple(wrong if one is quantity else one for one in read.contents.quantities)
    return replace(read, contents=replace(read.contents, quantities=quantities))


def _digits(value: float) -> float:
    return float(f"{value:.12g}")


def findings(check: Plausibility, read: Read) -> list[Issue]:
    """What is found in a document."""
    return check.check(read.document, read.reading, read.contents.quantities, read.contents.concepts)


def candidates(read: Read, slip: Slip) -> list[Quantity]:
    """The numbers of cells into which a slip may be put."""
    return [
        quantity
        for quantity in read.contents.quantities
        if quantity.base_value and quantity.base_value > 0 and quantity.base_unit not in ("1", "K")
        if not slip.units or quantity.base_unit in slip.units
        if quantity.pointer.count("/") <= 2  # a property of the cell itself
    ]


class Outcome(NamedTuple):
    """What came of one slip: found at that number, and set right by the first suggestion."""

    slip: str
    unit: str
    found: bool
    right: bool
    elsewhere: int


def slip_outcomes(corpus: Corpus, reads: list[Read], seed: int, documents: int) -> list[Outcome]:
    """Put each kind of slip into a number of documents, chosen by the seed, and see what is found."""
    check = corpus.plausibility()
    outcomes = []
    for slip in SLIPS:
        chance = random.Random(f"{seed} {slip.name}")
        able = [read for read in reads if candidates(read, slip) and not findings(check, read)]
        for read in chance.sample(able, min(documents, len(able))):
            quantity = chance.choice(candidates(read, slip))
            outcomes.append(_outcome(findings(check, inject(read, quantity, slip)), quantity, slip))
    return outcomes


def _outcome(issues: list[Issue], quantity: Quantity, slip: Slip) -> Outcome:
    here = [issue for issue in issues if issue.pointer.startswith(quantity.pointer + "/") or issue.pointer == quantity.pointer]
    first = here[0].suggestions[0].replacement if here and here[0].suggestions else None
    right = first is not None and math.isclose(float(first), quantity.value or 0.0, rel_tol=1e-9)
    return Outcome(slip.name, quantity.base_unit, bool(here), right, len(issues) - len(here))


def main() -> int:
    """Print the figures, or write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    if arguments.write:
        TABLE.write_text(table(arguments.data))
        return 0
    corpus = Corpus(arguments.data)
    reads = list(corpus.read_all())
    check = corpus.plausibility()
    found = [(read.key, issue) for read in reads for issue in findings(check, read)]
    start = process_time()
    for read in reads:  # again, as the first time looks up what the classes mean
        findings(check, read)
    spent = process_time() - start
    for key, issue in found:
        print(f"{key}: [{issue.code}] {issue.message}; {issue.remedy}")
    print(json.dumps({"documents": len(reads), "findings": Counter(issue.code for _, issue in found)}))
    print(f"{spent / len(reads) * 1000:.4f} ms a document")
    print("held out: {} findings, {} with the whole table, {} in both".format(*held_out(corpus, reads)))
    outcomes = slip_outcomes(corpus, reads, arguments.seed, arguments.documents)
    for label, of in (("slip", 0), ("unit", 1)):
        print(f"| {label} | put in | found | first suggestion right | findings elsewhere |\n|---|---|---|---|---|")
        for name in dict.fromkeys(one[of] for one in outcomes):
            some = [one for one in outcomes if one[of] == name]
            hits = sum(one.found for one in some)
            rights = sum(one.right for one in some)
            elsewhere = sum(one.elsewhere for one in some)
            print(f"| {name} | {len(some)} | {hits / len(some):.0%} | {rights / max(hits, 1):.0%} | {elsewhere} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
