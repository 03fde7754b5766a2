"""What a reader may not read changes no answer of a view: the pairs of `sparql_pairs`, asked of a view for each reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.noninterference.sparql_grammar import Suite, suites
from tests.noninterference.sparql_pairs import Tally, tallies

BATCHES = 4
CORPORA = 10
SEEDS = 500_000
"""Other corpora than those of the partitions."""


@pytest.fixture(scope="module")
def w3c(shared_data: Path) -> list[Suite]:
    return suites(shared_data / "w3c" / "sparql11")


@pytest.mark.parametrize("part", range(BATCHES))
def test_thousands_of_pairs_of_query_and_reader_answer_from_a_view_as_the_truth_does(
    w3c: list[Suite], tmp_path: Path, part: int
) -> None:
    whole = Tally()
    for tally in tallies(SEEDS + part * CORPORA, CORPORA, w3c, tmp_path):
        whole.add(tally)
    assert whole.differing == []
    assert whole.pairs >= 3_000 / BATCHES
    assert whole.withheld > whole.pairs / 2
    assert whole.rows > whole.pairs
    assert whole.errors > 10
    assert {"Solutions", "Graph", "Boolean"} <= whole.kinds.keys()
