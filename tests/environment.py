"""The environment that commands have in tests."""

from __future__ import annotations

import os
from typing import Final

CACHE: Final = "VOLTAGRAPH_CACHE_DIR"
"""What takes seconds to make is made once for all homes of a session (`tests/conftest.py`)."""


def plain_environment() -> dict[str, str]:
    """That of this process without the settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if name == CACHE or not name.startswith("VOLTAGRAPH_")}
