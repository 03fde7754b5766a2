"""What documents lose under the newest context alone, and what under the context that fits; prints the table of docs/reading.md.

    python -m benchmarks.context_loss ../shared/data

*Alone* is a standard processor (PyLD) with one version of every context. *By fit* is our own reading path. Both give the expanded
form of JSON-LD, and what is lost is counted in it in the same way. A number below a key that a finding names is not counted as
lost: the curator is told. A second table has one row for each version of the battery context, alone.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ontology.concepts import Concepts
from ontology.context_words import WELL_KNOWN_PREFIXES
from ontology.contexts import BATTERY_CONTEXT, Contexts
from ontology.expansion import Expander, Reading
from ontology.facts import packaged_facts
from ontology.mends import value_at
from ontology.terms import HAS_MEASUREMENT_UNIT, HAS_NUMBER_VALUE
from ontology.units import Units
from shapes.reader import Document, read_document

BASE = "https://archive.example/documents/"
KINDS = "dropped keys | undefined prefixes | relative types | numbers lost unsaid | units left as `<emmo:...>`"
NUMBER_KEYS = frozenset(("hasNumericalValue", "hasNumberValue"))


@dataclass(slots=True)
class Loss:
    """What one document, or a folder of them, loses: places in documents."""

    documents: int = 0
    dropped_keys: int = 0
    undefined_prefixes: int = 0
    relative_types: int = 0
    lost_numbers: int = 0
    broken_units: int = 0

    def add(self, other: Loss) -> None:
        """Add the losses of another document."""
        for field in fields(Loss):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


def documents(data: Path) -> Iterator[Document]:
    """The real documents that are JSON."""
    for path in sorted((data / "jsonld").glob("*/*")):
        document = read_document(path.read_bytes(), f"{path.parent.name}/{path.name}")
        if isinstance(document, Document):
            yield document


def loss(document: Document, expanded: Any, dropped_keys: int, told: Iterable[str] = ()) -> Loss:
    """What the expanded form of a document has lost of it; *told* are pointers of the keys that findings name."""
    written = _numbers(document.value) - sum(_numbers(value_at(document.value, pointer)) for pointer in told)
    kept = sum(1 for key, value in _members(expanded) if key == HAS_NUMBER_VALUE and type(_plain(value)) in (int, float))
    units = [_identified(value) for key, value in _members(expanded) if key == HAS_MEASUREMENT_UNIT]
    types = [value for key, value in _members(expanded) if key == "@type" and isinstance(value, str)]
    names = [value for key, value in _members(expanded) if key in ("@id", "@type") and isinstance(value, str)]
    names += [key for key, _ in _members(expanded)]
    return Loss(
        1,
        dropped_keys,
        sum(name.partition(":")[0] in WELL_KNOWN_PREFIXES for name in names if "://" not in name),
        sum(name.startswith(BASE) or ":" not in name for name in types),
        max(0, written - kept),
        sum("://" not in unit for unit in units if unit),
    )


def alone(contexts: Contexts, version: int = 0) -> Callable[[Document], Loss]:
    """A standard processor with one version of every context: the newest, or an older one of the battery context."""
    from pyld import jsonld

    loaded: dict[str, Any] = {}

    def load(url: str, _: Any = None) -> dict[str, Any]:
        if url not in loaded:
            loaded[url] = {"@context": contexts.versions(url)[version if url == BATTERY_CONTEXT else 0].content}
        return {"contextUrl": None, "documentUrl": url, "contentType": "application/ld+json", "document": loaded[url]}

    def read(document: Document) -> Loss:
        dropped: list[str | None] = []
        with warnings.catch_warnings(action="ignore"):
            options = {"base": BASE + document.source, "documentLoader": load}
            expanded = jsonld.expand(document.value, options, on_property_dropped=dropped.append)
        return loss(document, expanded, len(dropped))

    return read


def by_fit(contexts: Contexts) -> Callable[[Document], Loss]:
    """Our own reading path."""
    facts = packaged_facts()
    expander = Expander(contexts, Concepts(facts), Units(facts))

    def read(document: Document) -> Loss:
        reading = expander.expand(document, BASE + document.source)
        assert isinstance(reading, Reading), reading
        dropped = [issue.pointer for issue in reading.issues if issue.code == "undefined-term"]
        return loss(document, reading.value, len(dropped), dropped)

    return read


def by_folder(data: Path, read: Callable[[Document], Loss]) -> dict[str, Loss]:
    """Losses of every folder, and of all under ``all``."""
    found: dict[str, Loss] = {}
    for document in documents(data):
        one = read(document)
        for name in (document.source.partition("/")[0], "all"):
            found.setdefault(name, Loss()).add(one)
    return dict(sorted(found.items(), key=lambda item: (item[0] == "all", item[0])))


def rows(before: dict[str, Loss], after: dict[str, Loss]) -> Iterator[str]:
    """The table."""
    yield f"| source | documents | {KINDS} |"
    yield "|---|---|---|---|---|---|---|"
    for name in before:
        pairs = [f"{getattr(before[name], field.name):,} → {getattr(after[name], field.name):,}" for field in fields(Loss)[1:]]
        yield f"| {name} | {before[name].documents:,} | {' | '.join(pairs)} |"


def row(name: str, lost: Loss) -> str:
    """One line of the second table."""
    return f"| {name} | {' | '.join(f'{getattr(lost, field.name):,}' for field in fields(Loss)[1:])} |"


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    """Every key with each of its values, at every depth; lists are their items."""
    if isinstance(value, list):
        for item in value:
            yield from _members(item)
    elif isinstance(value, dict):
        for key, child in value.items():
            for item in child if isinstance(child, list) else [child]:
                yield key, item
            yield from _members(child)


def _numbers(value: Any) -> int:
    return sum(1 for key, item in _members(value) if key in NUMBER_KEYS and type(item) in (int, float))


def _plain(value: Any) -> Any:
    return value.get("@value") if isinstance(value, dict) else value


def _identified(value: Any) -> str:
    return value.get("@id", "") if isinstance(value, dict) and "@type" not in value else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    contexts = Contexts.from_directory(data / "contexts")
    after = by_folder(data, by_fit(contexts))
    print("\n".join(rows(by_folder(data, alone(contexts)), after)))
    print(f"\n| battery context | {KINDS} |")
    print("|---|---|---|---|---|---|")
    for index, version in enumerate(contexts.versions(BATTERY_CONTEXT)):
        print(row(f"{version.version} alone", by_folder(data, alone(contexts, index))["all"]))
    print(row("by fit", after["all"]))


if __name__ == "__main__":
    main()
