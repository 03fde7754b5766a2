"""Questions asked of the ontologies alone, or of a few records (`know`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.search.asked import Asked


@pytest.fixture(scope="module")
def ontologies() -> Asked:
    return Asked()


@pytest.fixture
def asked(ontologies: Asked) -> Iterator[Asked]:
    """What is known of records is forgotten after each test."""
    yield ontologies
    ontologies.known = None
