"""The application over random worlds; its stores hold nothing: each test puts worlds in their place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import FastAPI

from access.identity import token_digest
from api.services import ApiServices
from app.asgi import create_app
from app.bootstrap import Services, build_services
from app.settings import Settings
from tests.noninterference.worlds import HOOKS, READERS
from tests.unit.search.test_similar import CONCEPTS, FACTS, UNITS


def write_tokens(home: Path, readers: Mapping[str, Sequence[str]]) -> None:
    """Who has a token, the name itself, and which communities that name is of."""
    accounts = [
        {"name": name, "token_sha256": token_digest(name), "audiences": [f"community:{one}" for one in communities]}
        for name, communities in readers.items()
        if name
    ]
    file = home / "tokens.json"
    file.write_text(json.dumps({"tokens": accounts}))
    file.chmod(0o600)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """The services of the application, with the packaged facts."""
    home = tmp_path_factory.mktemp("home")
    write_tokens(home, READERS)
    made = build_services(Settings(home=home, embedding_model="none", curators=("community:a",), webhook_origins=(HOOKS,)))
    vars(made).update(_loaded=(FACTS, []), concepts=CONCEPTS, units=UNITS)
    return made


@pytest.fixture(scope="module")
def app(services: Services) -> Iterator[FastAPI]:
    made = create_app(services)
    yield made
    kept = (services.index, services.ledger, services.corrections, services.watching.store)
    for one in (services.datasets, services.queries, *kept):
        one.close()


@pytest.fixture(scope="module")
def routes(app: FastAPI) -> ApiServices:
    """What the routes call, as the application made it."""
    found: ApiServices = app.state.services
    return found


@pytest.fixture(autouse=True)
def counted_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of a request is the same each time."""
    monkeypatch.setattr("api.app.uuid4", lambda: SimpleNamespace(hex="0" * 32))
