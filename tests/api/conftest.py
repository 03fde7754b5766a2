"""Homes with records of every kind of right, made by the installed command, and clients of the application over them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.environment import plain_environment

CONTEXT = "https://w3id.org/emmo/domain/battery/context"
PUBLIC = {"access": {"record": "public", "files": "public"}}
BIGMAP = {"ids": ["bigmap"]}
COMMUNITY = {"access": {"record": "restricted", "files": "restricted"}, "parent": {"communities": BIGMAP}}
METADATA = {
    "metadata": {"title": "A title for everybody"},
    "access": {"record": "public", "files": "restricted"},
    "parent": {"communities": BIGMAP},
}
ABOUT: dict[str, object] = {
    "schema:description": "Large and flat",
    "schema:creator": "Ada Volt",
}
NOBODY = {"access": {"record": "restricted", "files": "restricted"}}


def cell(name: str, ampere_hours: float, **more: object) -> dict[str, Any]:
    """A document about a prismatic cell."""
    return {
        "@context": CONTEXT,
        "@type": ["PrismaticBattery", "BatteryCell"],
        "schema:name": name,
        "hasPositiveElectrode": {"@type": "LithiumIronPhosphateElectrode"},
        "hasProperty": {
            "@type": ["RatedCapacity", "ConventionalProperty"],
            "hasNumericalPart": {"@type": "RealData", "hasNumberValue": ampere_hours},
            "hasMeasurementUnit": "https://w3id.org/emmo#AmpereHour",
        },
        **more,
    }


Documents = Mapping[str, tuple[object, Mapping[str, object]]]

WORLD: Documents = {
    "public.jsonld": (cell("Cell of everybody", 120.0, hasActiveMateral="misspelt", **ABOUT), PUBLIC),
    "community.jsonld": (cell("Cell of the zirconia community", 150.0), COMMUNITY),
    "metadata.jsonld": (cell("Cell with a zirconia secret", 180.0), METADATA),
    "nobody.jsonld": (cell("Cell of nobody, zirconia", 200.0), NOBODY),
    "odd names/a b#c?d%41&é.jsonld": (cell("Cell in an odd file", 20.0), PUBLIC),
    "broken.jsonld": ("this is no JSON", PUBLIC),
}


@dataclass(frozen=True)
class Home:
    """A home with its tokens by name."""

    path: Path
    tokens: dict[str, str]


Build = Callable[..., Home]


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    """The environment without settings of whoever runs the tests; vectors take time, and have tests of their own."""
    return plain_environment() | {"VOLTAGRAPH_EMBEDDING_MODEL": "none"}


@pytest.fixture(scope="session")
def command(environment: dict[str, str], repository: Path) -> Callable[..., Any]:
    """Run a command with ``--json`` over a home, and give what it printed."""

    def run(home: Path, *arguments: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "--home", str(home), *arguments, "--json"],
            capture_output=True,
            text=True,
            env=environment,
            cwd=repository,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory, command: Callable[..., Any]) -> Build:
    """Make a home from documents, each with its rights file; alice is of the community, carol of another."""

    def make(documents: Documents) -> Home:
        place = tmp_path_factory.mktemp("world")
        home, folder = place / "home", place / "lab"
        for name, (document, rights) in documents.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(document if isinstance(document, str) else json.dumps(document, indent=2))
            file.with_name(f"{file.name}.rights.json").write_text(json.dumps(rights))
        home.mkdir(exist_ok=True)
        command(home, "harvest", str(folder))
        tokens = {
            name: command(home, "token", "add", name, "--audience", audience)["token"]
            for name, audience in (("alice", "community:bigmap"), ("carol", "community:other"))
        }
        return Home(home, tokens)

    return make


@pytest.fixture(scope="session")
def documents() -> Documents:
    """The documents of `world`, each with its rights."""
    return WORLD


@pytest.fixture(scope="session")
def world(build: Build) -> Home:
    """A home with one record of every kind of right. Read only: tests that change a home make their own."""
    return build(WORLD)


Client = Callable[..., TestClient]


@pytest.fixture(scope="session")
def client_of() -> Iterator[Client]:
    """A client of the application over a home, in this process, perhaps with other settings."""
    from app.asgi import create_app
    from app.bootstrap import build_services
    from app.settings import Settings

    opened: list[Any] = []

    def make(home: Home, **settings: Any) -> TestClient:
        services = build_services(Settings(home=home.path, **settings))
        client = TestClient(create_app(services), raise_server_exceptions=False)
        opened.extend(
            (client, services.checking, services.datasets, services.queries, services.index, services.ledger, services.corrections)
        )
        return client

    yield make
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def client(world: Home, client_of: Client) -> TestClient:
    return client_of(world)
