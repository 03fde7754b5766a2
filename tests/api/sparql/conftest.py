"""Three records for different readers, served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from app.settings import Settings
from app.tokens import add_token
from graph.queries import Allowance
from records.rdf import Literal, Triple
from records.rights import NOBODY, PUBLIC
from tests.api.sparql.asked import BASE, LAB, OPEN, PATIENCE, SECRET, SHARED, record
from tests.serving import Served, fill, served


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("sparql") / "home"
    numbers = [Triple(f"{OPEN}#{n}", f"{BASE}number", Literal(str(n))) for n in range(600)]
    fill(
        home,
        {
            f"{OPEN}#graph": ([*record(OPEN, "Offen für alle"), *numbers], PUBLIC),
            f"{SHARED}#graph": (
                [*record(SHARED, "Shared"), Triple(SHARED, "https://only.example/p", Literal("x"))],
                LAB,
            ),
            f"{SECRET}#graph": ([*record(SECRET, "Secret"), Triple(SECRET, "https://secret.example/p", Literal("x"))], NOBODY),
        },
    )
    return home


@pytest.fixture(scope="module")
def token(home: Path) -> str:
    return add_token(home / "tokens.json", "alice", ["community:lab"])


@pytest.fixture(scope="module")
def server(home: Path, token: str) -> Iterator[Served]:
    with served(Settings(home=home)) as running:
        allowance = Allowance(seconds=PATIENCE, rows=200_000, bytes=100_000_000, concurrent=150)
        with running.changed(allowance_of=lambda _actor: allowance):
            yield running


@pytest.fixture
def get(server: Served) -> Callable[..., httpx.Response]:
    def ask(query: str, headers: dict[str, str] | None = None, **parameters: str) -> httpx.Response:
        return httpx.get(server.sparql, params={"query": query, **parameters}, headers=headers, timeout=PATIENCE)

    return ask
