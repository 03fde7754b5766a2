"""Fixtures shared by all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.servers import opensearch

# How long an example takes says more of what else the machine does than of the code: benchmarks measure time.
settings.register_profile("voltagraph", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("voltagraph")

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The pack of real ontologies, contexts and documents; tests that need it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real data pack (../shared/data) is not here")
    return SHARED_DATA


@pytest.fixture(scope="session")
def node() -> Iterator[opensearch.Node]:
    """An OpenSearch node that all tests of a process share."""
    with opensearch.cluster() as nodes:
        yield nodes[0]
