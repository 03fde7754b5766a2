"""Does a curator get the right finding, at the right line, with the right correction first? Errors injected into real documents.

    python -m benchmarks.mutations ../shared/data [--documents 500] [--seed 1] [--kind NAME]

Every kind of error is injected into up to 500 real documents, one error a document, at a random place among those where the
kind makes sense. The text is changed by this program's own scanner, so nothing that is measured takes part in making the question.
For each injection the findings are compared with those of the untouched document:

- **code**: a new finding has the code (or one of the codes) that the error should have;
- **line**: such a finding stands on the line of the error;
- **first**: where the error leaves exactly one right correction, the first suggestion's replacement is it, to the letter;
- **elsewhere**: injections that raised any other new finding (code and line), anywhere in the document.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from app.bootstrap import Services, build_services
from app.settings import load_settings
from benchmarks.mutations import classes, names, numbers, units, writing
from benchmarks.mutations.places import Injected, Make, Source, World
from benchmarks.mutations.scanning import scan
from benchmarks.mutations.scoring import Score, judge, row, rows
from harvester.reading import Checked

KINDS: Final[dict[str, Make]] = {
    make.__name__.replace("_", "-"): make for make in (*names.KINDS, *units.KINDS, *numbers.KINDS, *classes.KINDS, *writing.KINDS)
}


def sources(data: Path, check: Callable[[str, bytes], Checked], rng: random.Random) -> list[Source]:
    """Real documents that can be read, in random order."""
    paths = sorted(path for path in (data / "jsonld").glob("*/*") if path.suffix in (".json", ".jsonld"))
    rng.shuffle(paths)
    found = []
    for path in paths:
        content = path.read_bytes()
        try:
            text = content.decode()
            tokens = scan(text)
        except ValueError:
            continue
        checked = check(path.name, content)
        if checked.statements is None:
            continue  # refused: nothing else can be told of it
        issues = checked.issues
        unread = tuple(f"{one.pointer}/" for one in issues if one.code == "undefined-term")  # nothing is told of what is below
        tokens = [token for token in tokens if not f"{token.pointer}/".startswith(unread)] if unread else tokens
        found.append(Source(f"{path.parent.name}/{path.name}", text, tokens, Counter((one.code, one.line) for one in issues)))
    return found


def world_of(services: Services, contexts: Path, rng: random.Random) -> World:
    """What the injections need, of the ontologies and contexts."""
    concepts, units = services.concepts, services.units
    by_label: dict[str, str] = {}
    for iri, concept in concepts.facts.concepts.items():
        for label in concept.labels:
            by_label.setdefault(label.text, iri)
    classes = {iri: concept for iri, concept in concepts.facts.concepts.items() if concept.kind.value == "class"}
    by_label |= {concepts.label(iri): iri for iri in classes}

    def dimension_of(name: str) -> Any:
        unit = units.find(f"https://w3id.org/emmo#{name}", None)
        return unit.dimension if unit else units.dimension_of_kind(by_label.get(name, ""))

    deprecated = {iri: concepts.replacement(iri) for iri, concept in classes.items() if concept.deprecated}
    batteries = sorted(iri for iri in deprecated if concepts.label(iri).endswith("Battery"))
    return World(terms_of(contexts), deprecated, batteries, dimension_of, rng)


def terms_of(contexts: Path) -> frozenset[str]:
    """The terms that the contexts of a folder define."""
    terms: set[str] = set()
    for path in contexts.glob("*.json*"):
        content = json.loads(path.read_text())
        context = content.get("@context", {}) if isinstance(content, dict) else {}
        for part in context if isinstance(context, list) else [context]:
            terms.update(part if isinstance(part, dict) else ())
    return frozenset(terms)


def injections(make: Make, documents: Sequence[Source], world: World, most: int) -> Iterator[tuple[Source, Injected]]:
    """At most so many documents with one error of a kind each, where there was no such finding before."""
    count = 0
    for source in documents:
        if count >= most:
            return
        made = make(source, world)
        if made is not None and not any((code, made.line) in source.before for code in made.codes):
            count += 1
            yield source, made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--documents", type=int, default=500, help="documents a kind of error is injected into")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", action="append", help="only these kinds")
    parser.add_argument("--misses", type=int, default=0, help="show so many misses of each kind")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    services = build_services(load_settings(ontology_dir=options.data / "ontologies", contexts_dir=options.data / "contexts"))

    def check(name: str, content: bytes) -> Checked:
        return services.reader.check(content, name, services.reader.iri_of(f"mutations/{name}"), "mutations")

    world = world_of(services, options.data / "contexts", rng)
    documents = sources(options.data, check, rng)
    scores: dict[str, Score] = {}
    started = time.perf_counter()
    for name, make in KINDS.items():
        if options.kind and name not in options.kind:
            continue
        score = scores[name] = Score()
        for source, made in injections(make, documents, world, options.documents):
            judge(made, source, check(source.name.rpartition("/")[2], made.text.encode()).issues, score)
        print(row(name, score), file=sys.stderr)
        for miss in score.misses[: options.misses]:
            print("   ", miss[:300], file=sys.stderr)
    print(f"{len(documents)} documents, seed {options.seed}, {time.perf_counter() - started:.0f} s\n")
    print("\n".join(rows(scores)))


if __name__ == "__main__":
    main()
