"""Fixtures shared by the contract tests."""

from __future__ import annotations

from uuid import uuid4

import pytest


@pytest.fixture
def name() -> str:
    """Of an index that no other test has."""
    return f"t{uuid4().hex[:12]}"
