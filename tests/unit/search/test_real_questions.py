"""Questions over real documents; the expected answers are read from the JSON, not through our own reading."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.bootstrap import Services
from app.settings import load_settings
from records.record import Payload
from records.rights import PUBLIC, Rights
from search.embedded_text import SqliteTextIndex
from search.service import SearchServices, bookkeeping, search

FOLDERS = ("cellinfo", "battinfo-records")


@pytest.fixture(scope="module")
def documents(shared_data: Path) -> dict[str, bytes]:
    paths = [path for folder in FOLDERS for path in sorted((shared_data / "jsonld" / folder).iterdir())]
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def services(documents: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchServices]:
    made = Services(load_settings(home=tmp_path_factory.mktemp("home")))
    index = SqliteTextIndex(None, ubiquitous=bookkeeping(made.concepts))
    read = (
        made.reader.read(key, key.split("/")[0], key, "", Rights(PUBLIC, PUBLIC), Payload(content))
        for key, content in documents.items()
    )
    index.apply([each.record for each in read if each.record is not None])
    yield SearchServices(index, made.lookup, made.concepts, made.units)
    index.close()


def found(services: SearchServices, question: str) -> set[str]:
    hits: set[str] = set()
    while True:
        answer = search(services, question, PUBLIC, offset=len(hits), limit=100)
        hits |= {hit.record for hit in answer.hits}
        if len(hits) == answer.total:
            return hits


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(child)


def types_of(node: dict[str, Any]) -> set[str]:
    kinds = node.get("@type", [])
    return {kinds} if isinstance(kinds, str) else set(kinds)


def types(document: Any) -> set[str]:
    return {kind for node in nodes(document) for kind in types_of(node)}


def numbers(document: Any, kind: str, unit: str) -> list[float]:
    """Values of nodes one of whose types fits this pattern, in this unit."""
    fitting = (
        node["hasNumericalPart"]
        for node in nodes(document)
        if isinstance(node.get("hasNumericalPart"), dict)
        and any(re.fullmatch(kind, each) for each in types_of(node))
        and re.fullmatch(rf".*[#:]{unit}", str(node.get("hasMeasurementUnit")))
    )
    return [float(part.get("hasNumericalValue", part.get("hasNumberValue", "nan"))) for part in fitting]


def is_lfp(document: Any) -> bool:
    return any(
        kind in {"LithiumIronPhosphate", "LithiumIronPhosphateElectrode", "LithiumIonIronPhosphateBattery"}
        for kind in types(document)
    )


def is_prismatic(document: Any) -> bool:
    return bool({"PrismaticCase", "PrismaticBattery"} & types(document))


QUESTIONS: dict[str, Callable[[Any], bool]] = {
    "prismatic LFP cell above 100 Ah": lambda d: (
        is_prismatic(d) and is_lfp(d) and any(value > 100 for value in numbers(d, ".*Capacity", "AmpereHour"))
    ),
    "prismatic lithium iron phosphate cells with less than 100 Ah": lambda d: (
        is_prismatic(d) and is_lfp(d) and any(value < 100 for value in numbers(d, ".*Capacity", "AmpereHour"))
    ),
    "rated capacity of at least 50 Ah": lambda d: any(value >= 50 for value in numbers(d, "(Rated|Nominal)Capacity", "AmpereHour")),
    "nominal voltage between 2.2 and 2.5 V": lambda d: any(2.2 <= value <= 2.5 for value in numbers(d, "NominalVoltage", "Volt")),
    "cells lighter than 0.5 kg": lambda d: any(
        value < 0.5 for value in (*numbers(d, "Mass", "Kilogram"), *(gram / 1000 for gram in numbers(d, "Mass", "Gram")))
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_finds_exactly_what_the_documents_say(
    services: SearchServices, documents: dict[str, bytes], question: str
) -> None:
    expected = {key for key, content in documents.items() if QUESTIONS[question](json.loads(content))}
    assert len(expected) >= 5
    assert found(services, question) == expected


def test_a_model_code_finds_its_cell_first(services: SearchServices) -> None:
    answer = search(services, "Panasonic NCR18650B", PUBLIC)
    assert answer.hits[0].title == "Panasonic NCR18650B"
