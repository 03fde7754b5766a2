"""What is read out of the real documents; the figures were counted in their JSON by other means."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from graph.jsonld import to_triples
from harvester.normalize import Vocabulary, normalize
from harvester.reading import undefined_types
from ontology import terms
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.expansion import Expander
from ontology.facts import packaged_facts
from ontology.units import Units
from records.issues import Issue
from records.record import EntityKind, Record
from records.rights import PUBLIC, Rights
from shapes.reader import read_document

CELLS = ("cellinfo", "battinfo-records", "battinfo-records-staging")


@cache
def vocabulary() -> Vocabulary:
    facts = packaged_facts()
    return Vocabulary(Concepts(facts), Units(facts))


@cache
def records(folder: Path) -> dict[str, Record]:
    """The records of a folder, by file name."""
    contexts = Contexts.from_directory(folder.parent.parent / "contexts")
    expander = Expander(contexts, vocabulary().concepts, vocabulary().units)
    found = {}
    for path in sorted(folder.iterdir()):
        iri = f"https://example.org/records/{folder.name}/{path.name}"
        document = read_document(path.read_bytes(), path.name)
        reading = document if isinstance(document, Issue) else expander.expand(document, iri, contexts.pins_for(folder.name))
        if isinstance(document, Issue) or isinstance(reading, Issue):
            continue  # refused, and the finding says why
        statements = to_triples(reading, iri)
        found[path.name] = normalize(
            record=f"{folder.name}/{path.name}",
            iri=iri,
            source=folder.name,
            source_file=path.name,
            title="",
            digest="",
            rights=Rights(PUBLIC, PUBLIC),
            triples=statements.triples,
            pointers=statements.pointers,
            line_of=lambda _pointer: 1,
            vocabulary=vocabulary(),
            undefined_types=list(undefined_types(document, reading)),
        )
    return found


def label(iri: str) -> str:
    return vocabulary().concepts.label(iri)


@cache
def formats() -> frozenset[str]:
    cells = (terms.PRISMATIC_BATTERY, terms.CYLINDRICAL_BATTERY, terms.COIN_CELL, terms.POUCH_CELL)
    return frozenset(iri for cell in cells for iri in vocabulary().concepts.narrower(cell))


def materials(record: Record, electrode: str) -> set[str]:
    """Active materials of an electrode."""
    standing = {electrode, terms.ACTIVE_MATERIAL}
    substances = vocabulary().roles.definitions.substances
    return {label(use.concept) for use in record.concepts if standing <= {*use.within} and use.concept in substances}


def format_of(record: Record) -> set[str]:
    return {label(use.concept) for use in record.concepts if use.concept in formats()}


@pytest.mark.parametrize(
    ("folder", "documents", "makers", "models", "cell_formats", "chemistries"),
    [
        # 189 prismatic and 23 round cases, INR26700 and three NCR20700 in names;
        # 60 NMC, 52 LFP, 25 NCA, 9 LTO, 39 "NMC and NCA", LCO, "NMC / LTO".
        ("cellinfo", 256, 256, 256, 256, 187),
        # 320 with a class of format, INR21700-P45B, 32700Fe5400, NCR20700 and LR41; 175 with a class of chemistry or electrode.
        ("battinfo-records", 384, 375, 375, 359, 175),
        # 313, the same four models, and four datasets by their keywords; 161, and seven electrodes that are called LTO.
        ("battinfo-records-staging", 373, 369, 369, 356, 168),
        # The ten descriptions of cells; three housings by themselves are no cells; three electrodes tell theirs by name.
        ("battinfo-examples", 71, 10, 10, 10, 20),
        ("battinfo-converter", 14, 14, 0, 12, 14),
    ],
)
def test_how_many_records_have_a_maker_a_model_a_format_and_a_chemistry(
    folder: str, documents: int, makers: int, models: int, cell_formats: int, chemistries: int, shared_data: Path
) -> None:
    found = records(shared_data / "jsonld" / folder).values()
    kinds = Counter(kind for record in found for kind in {entity.kind for entity in record.entities})
    assert len(found) == documents
    assert kinds[EntityKind.MANUFACTURER] == makers
    assert kinds[EntityKind.MODEL] == models
    assert sum(bool(format_of(record)) for record in found) == cell_formats
    assert sum(any(terms.ACTIVE_MATERIAL in use.within for use in record.concepts) for record in found) == chemistries


def test_every_maker_and_model_of_the_cells_is_the_one_that_is_written(shared_data: Path) -> None:
    for folder in CELLS:
        for name, record in records(shared_data / "jsonld" / folder).items():
            document = json.loads((shared_data / "jsonld" / folder / name).read_bytes())
            maker, model = maker_of(document), document.get("schema:model") or document.get("schema:name")
            entities = {(entity.kind, entity.name) for entity in record.entities}
            if maker:
                assert (EntityKind.MANUFACTURER, " ".join(maker.split())) in entities, name
                assert (EntityKind.MODEL, " ".join(str(model).split())) in entities, name


@pytest.mark.parametrize("folder", ["battinfo-records", "battinfo-records-staging"])
def test_two_sources_say_the_same_of_the_same_cell(folder: str, shared_data: Path) -> None:
    """Where both say something of a format or of a positive electrode, they say the same, however they write it."""
    ours, theirs = (cells(shared_data / "jsonld" / name) for name in ("cellinfo", folder))
    pairs = [(ours[key], theirs[key]) for key in ours.keys() & theirs.keys()]
    both_formats = [(format_of(one), format_of(other)) for one, other in pairs if format_of(one) and format_of(other)]
    positive = [(materials(one, terms.POSITIVE_ELECTRODE), materials(other, terms.POSITIVE_ELECTRODE)) for one, other in pairs]
    both_positive = [(one, other) for one, other in positive if one and other]
    assert len(pairs) == 197
    assert len(both_formats) == 197
    assert len(both_positive) >= 108
    assert all(one == other for one, other in both_formats)
    assert all(one == other for one, other in both_positive)


def cells(folder: Path) -> dict[tuple[str, str], Record]:
    """The cells of a folder by maker and model, without what spelling may differ in."""
    found = {}
    for name, record in records(folder).items():
        document = json.loads((folder / name).read_bytes())
        model = document.get("schema:model") or document.get("schema:name") or ""
        found[letters(maker_of(document)), letters(str(model))] = record
    return found


def maker_of(document: dict[str, Any]) -> str:
    maker = document.get("schema:manufacturer")
    return str(maker.get("schema:name", "")) if isinstance(maker, dict) else ""


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
