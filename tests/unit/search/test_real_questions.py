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
from search.columns.index import ColumnIndex
from search.facets import bookkeeping
from search.service import SearchServices, search

FOLDERS = ("cellinfo", "battinfo-records")


@pytest.fixture(scope="module")
def documents(shared_data: Path) -> dict[str, bytes]:
    paths = [path for folder in FOLDERS for path in sorted((shared_data / "jsonld" / folder).iterdir())]
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in paths}


@pytest.fixture(scope="module")
def services(documents: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchServices]:
    made = Services(load_settings(home=tmp_path_factory.mktemp("home")))
    index = ColumnIndex(None, ancestors=made.concepts.ancestors, summary=made.summaries, bookkeeping=bookkeeping(made.concepts))
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


def counts(document: Any, kind: str) -> list[float]:
    """Values of nodes of this type, whatever their unit."""
    fitting = (node["hasNumericalPart"] for node in nodes(document) if kind in types_of(node) and "hasNumericalPart" in node)
    return [float(part.get("hasNumericalValue", part.get("hasNumberValue", "nan"))) for part in fitting]


def is_lfp(document: Any) -> bool:
    return any(
        kind in {"LithiumIronPhosphate", "LithiumIronPhosphateElectrode", "LithiumIonIronPhosphateBattery"}
        for kind in types(document)
    )


def is_prismatic(document: Any) -> bool:
    return bool({"PrismaticCase", "PrismaticBattery"} & types(document))


def named_types(document: Any, word: str) -> bool:
    """Whether a type anywhere has this word in its name."""
    return any(word in kind for kind in types(document))


def is_nmc(document: Any) -> bool:
    return any(kind.startswith("LithiumNickelManganeseCobaltOxide") for kind in types(document)) or (
        "LithiumIonNickelManganeseCobaltOxideBattery" in types(document)
    )


def is_nca(document: Any) -> bool:
    return named_types(document, "NickelCobaltAlumin")


def maker(document: Any) -> str:
    """The maker of the cell in small letters; both folders write it at the top."""
    made_by = document.get("schema:manufacturer", {})
    return str(made_by.get("schema:name", "")).lower() if isinstance(made_by, dict) else ""


def grams(document: Any) -> list[float]:
    return [*numbers(document, "Mass", "Gram"), *(1000 * value for value in numbers(document, "Mass", "Kilogram"))]


NOTHING = "NMC anode"
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
    "NMC cathode": lambda d: is_nmc(d) and "schema:Dataset" not in types(d),
    NOTHING: lambda d: False,
    "NCA as positive electrode": is_nca,
    "cells from Panasonic": lambda d: "panasonic" in maker(d),
    "Samsng cells lighter than 50 g": lambda d: maker(d) == "samsung" and any(value < 50 for value in grams(d)),
    "prismatic cells that are not from Kokam": lambda d: is_prismatic(d) and maker(d) != "kokam",
    "cobalt-free cells above 100 Ah": lambda d: (
        not named_types(d, "Cobalt")
        and "LCO" not in types(d)
        and any(value > 100 for value in numbers(d, ".*Capacity", "AmpereHour"))
    ),
    "NMC or NCA cells heavier than 1 kg": lambda d: (is_nmc(d) or is_nca(d)) and any(value > 1000 for value in grams(d)),
    "LFP cells made by CALB or CATL": lambda d: is_lfp(d) and maker(d) in {"calb", "catl"},
    "long life prismatic cells": lambda d: is_prismatic(d) and any(value >= 2000 for value in counts(d, "CycleLife")),
    "LFP from CATL or NMC from Kokam": lambda d: (is_lfp(d) and maker(d) == "catl") or (is_nmc(d) and maker(d) == "kokam"),
    "lighter than 50 g or made by Kokam": lambda d: maker(d) == "kokam" or any(value < 50 for value in grams(d)),
    "nominal voltage 3.2 or 3.3 V": lambda d: any(value in {3.2, 3.3} for value in numbers(d, "NominalVoltage", "Volt")),
    "nominal voltage over 2 V but under 3 V": lambda d: any(2 < value < 3 for value in numbers(d, "NominalVoltage", "Volt")),
    "Kokam, EVE and CALB cells that don't weigh more than 1 kg": lambda d: (
        maker(d) in {"kokam", "eve", "eve energy", "calb"} and any(value <= 1000 for value in grams(d))
    ),
    "voltage window 2.5 to 3.65 V": lambda d: (
        any(value == 2.5 for value in numbers(d, "LowerVoltageLimit", "Volt"))
        and any(value == 3.65 for value in numbers(d, "UpperVoltageLimit|ChargingVoltage", "Volt"))
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_finds_exactly_what_the_documents_say(
    services: SearchServices, documents: dict[str, bytes], question: str
) -> None:
    expected = {key for key, content in documents.items() if QUESTIONS[question](json.loads(content))}
    assert len(expected) >= 5 or question == NOTHING
    assert found(services, question) == expected


def test_a_model_code_finds_its_cell_first(services: SearchServices) -> None:
    answer = search(services, "Panasonic NCR18650B", PUBLIC)
    assert answer.hits[0].title == "Panasonic NCR18650B"


def test_the_lightest_comes_first(services: SearchServices, documents: dict[str, bytes]) -> None:
    answer = search(services, "lightest prismatic cell", PUBLIC)
    masses = {key: grams(document) for key, content in documents.items() if is_prismatic(document := json.loads(content))}
    least = min(value for values in masses.values() for value in values)
    assert least in masses[answer.hits[0].record]
