"""The files of the repository."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("access", "api", "app", "graph", "harvester", "ontology", "records", "search", "shapes", "ui")


def read(name: str) -> str:
    """The text of a file."""
    return (REPOSITORY / name).read_text("utf-8")
