"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

from tests.environment import CACHE
from tests.servers import opensearch

# How long an example takes says more of what else the machine does than of the code: benchmarks measure time.
settings.register_profile("voltagraph", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("voltagraph")

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED_DATA = REPOSITORY.parent / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    """One cache for all homes: the facts of the full ontologies and the network of the model take seconds to make."""
    if not hasattr(config, "workerinput"):  # the processes that run tests side by side have it from the one that starts them
        os.environ[CACHE] = tempfile.mkdtemp(prefix="voltagraph-cache-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop(CACHE), ignore_errors=True)


class ByFile(LoadGroupScheduling):  # type: ignore[misc]  # it publishes no types
    """Tests of a file run in one process, one after another: what the file's fixtures start is started once."""

    def _split_scope(self, nodeid: str) -> str:
        group: str = super()._split_scope(nodeid)
        return nodeid.partition("::")[0] if group == nodeid else group


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile | None:
    """Who shares the tests out, where `--dist loadgroup` was asked for."""
    return ByFile(config, log) if config.getvalue("dist") == "loadgroup" else None


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
