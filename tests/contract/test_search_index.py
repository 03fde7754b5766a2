"""What every search index does (`tests/contract/search_index/`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search.columns.index import ColumnIndex
from search.index import SearchIndex
from tests.contract.search_index.counting import Counting
from tests.contract.search_index.defining import Defining
from tests.contract.search_index.examples import BOOKKEEPING, ancestors, summary
from tests.contract.search_index.finding import Finding
from tests.contract.search_index.reading import Reading
from tests.contract.search_index.rebuilding import Rebuilding
from tests.contract.search_index.writing import Writing


class SearchIndexContract(Writing, Rebuilding, Finding, Reading, Counting, Defining):
    """Behaviours of every `SearchIndex`; a subclass makes one with `ancestors`, `BOOKKEEPING` and `summary`."""

    @pytest.fixture
    def index(self) -> Iterator[SearchIndex]:
        raise NotImplementedError


class TestColumnsInMemory(SearchIndexContract):
    @pytest.fixture
    def index(self) -> Iterator[SearchIndex]:
        index = ColumnIndex(None, ancestors=ancestors, summary=summary, bookkeeping=BOOKKEEPING)
        yield index
        index.close()


class TestColumnsOnDisk(SearchIndexContract):
    @pytest.fixture
    def index(self, tmp_path: Path) -> Iterator[SearchIndex]:
        index = ColumnIndex(tmp_path / "index.sqlite", ancestors=ancestors, summary=summary, bookkeeping=BOOKKEEPING)
        yield index
        index.close()
