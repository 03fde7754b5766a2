"""Our package names are generic: no other distribution may claim them, and no module of ours may hide a standard one."""

from __future__ import annotations

import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PACKAGES = ("access", "api", "app", "graph", "harvester", "ontology", "records", "search", "shapes", "ui")


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_name_is_ours_alone(package: str) -> None:
    claimed_by = {name.lower() for name in packages_distributions().get(package, [])}
    assert claimed_by <= {"voltagraph"}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_imported_from_this_checkout(package: str, repository: Path) -> None:
    module = __import__(package)
    assert Path(module.__path__[0]).resolve() == repository / package


def test_every_top_level_package_is_in_the_list(repository: Path) -> None:
    found = {path.parent.name for path in repository.glob("*/__init__.py")} - {"tests", "benchmarks"}
    assert found == set(PACKAGES)


def test_no_module_has_the_name_of_a_standard_module(repository: Path) -> None:
    ours = {path.stem for package in PACKAGES for path in (repository / package).rglob("*.py")} - {"__init__"}
    assert not ours & sys.stdlib_module_names
