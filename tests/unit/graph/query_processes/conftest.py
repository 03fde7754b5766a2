"""A store and processes that answer queries over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.queries import StorePlace
from graph.query_processes import QueryProcesses
from tests.unit.graph.query_processes.asking import RECORDS, children, fill, others, processes


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> StorePlace:
    """A store of 300 records that point at each other."""
    path = tmp_path_factory.mktemp("store") / "graph"
    fill(path, RECORDS)
    return StorePlace(path, "g1")


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
def queries(place: StorePlace, spool: Path) -> Iterator[QueryProcesses]:
    made = processes(place, spool, processes=4)
    yield made
    made.close()
    assert not children(), "closing leaves no process"


@pytest.fixture(autouse=True)
def _not_of_other_tests() -> None:
    """Services that other tests keep have processes too."""
    others.clear()
    others.update(children())
