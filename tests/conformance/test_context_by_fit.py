"""Real documents under the context that fits: what `docs/reading.md` says is no longer lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.context_loss import Loss, by_fit, by_folder, documents, rows
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from ontology.mends import value_at
from ontology.terms import REAL_DATA

BASE = "https://archive.example/a.jsonld"


@pytest.fixture(scope="module")
def after(shared_data: Path) -> dict[str, Loss]:
    return by_folder(shared_data, by_fit(Contexts.from_directory(shared_data / "contexts")))


def test_no_number_is_lost_unsaid_no_unit_left_with_a_prefix_and_no_type_hangs_on_the_document(after: dict[str, Loss]) -> None:
    total = after["all"]
    assert total.documents > 1_100
    assert (total.lost_numbers, total.broken_units, total.relative_types, total.undefined_prefixes) == (0, 0, 0, 0)


def test_keys_that_no_version_defines_are_few_and_told(after: dict[str, Loss]) -> None:
    assert {name: one.dropped_keys for name, one in after.items() if one.dropped_keys} == {
        "battinfo-converter": 4,
        "battinfo-examples": 2,
        "battinfo-native": 14,
        "domain-battery": 3,
        "domain-electrochemistry": 3,
        "all": 26,
    }


@pytest.mark.parametrize(
    "folder", ["cellinfo", "domain-electrochemistry", "battinfo-examples", "battinfo-records", "battinfo-converter"]
)
def test_real_numbers_are_understood_in_the_documents_of_each_time(folder: str, shared_data: Path) -> None:
    expander = Expander(Contexts.from_directory(shared_data / "contexts"))
    written = understood = 0
    for document in documents(shared_data):
        if document.source.startswith(f"{folder}/"):
            reading = expander.expand(document, BASE)
            assert isinstance(reading, Reading)
            told = [value_at(document.value, issue.pointer) for issue in reading.issues if issue.code == "undefined-term"]
            written += reals(document.value) - sum(map(reals, told))
            understood += sum(node.expanded.get("@type", []).count(REAL_DATA) for node in reading.nodes)
    assert understood == written > 50


def reals(value: Any) -> int:
    return sum(json.dumps(value).count(f'"{name}"') for name in ("Real", "RealData", "emmo:RealData"))


def test_the_table_of_the_docs_is_what_is_measured(after: dict[str, Loss], repository: Path) -> None:
    """Its columns *after*; those *before* are made by `python -m benchmarks.context_loss`."""
    table = (repository / "docs" / "reading.md").read_text()
    for line in list(rows(after, after))[2:]:
        name, documents_, *pairs = [cell.strip() for cell in line.strip("|").split("|")]
        written = next(row for row in table.splitlines() if row.startswith(f"| {name} |"))
        cells = [cell.strip() for cell in written.strip("|").split("|")]
        assert cells[1] == documents_
        assert [cell.split(" → ")[1] for cell in cells[2:]] == [pair.split(" → ")[1] for pair in pairs]
