"""Fixtures shared by the contract tests."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.servers import opensearch


@pytest.fixture(scope="session")
def node() -> Iterator[opensearch.Node]:
    """An OpenSearch node that all tests of a process share."""
    with opensearch.cluster() as nodes:
        yield nodes[0]


@pytest.fixture
def name() -> str:
    """Of an index that no other test has."""
    return f"t{uuid4().hex[:12]}"
