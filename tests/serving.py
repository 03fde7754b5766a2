"""A real server over real sockets, in a thread of the test, over a home that the test fills."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn

from api.services import ApiServices
from app.asgi import create_app
from app.bootstrap import Services, build_services
from app.settings import Settings
from graph.process import GraphProcess
from graph.store import GraphChange
from records.rdf import Triple
from records.rights import Audiences

Graphs = Mapping[str, tuple[Sequence[Triple], Audiences]]


@dataclass(frozen=True)
class Served:
    """A running server.

    Args:
        host: Where it listens.
        port: Where it listens.
        services: What it is made of.
        app: The application.
    """

    host: str
    port: int
    services: Services
    app: Any

    @property
    def address(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    @property
    def sparql(self) -> str:
        """Where queries are answered."""
        return f"{self.address}/sparql"

    @contextmanager
    def changed(self, **services: Any) -> Iterator[None]:
        """The routes see other services meanwhile."""
        before: ApiServices = self.app.state.services
        self.app.state.services = replace(before, **services)
        try:
            yield
        finally:
            self.app.state.services = before


def fill(home: Path, graphs: Graphs) -> None:
    """Write these record graphs to the store of a home as a harvest does, each with who may read it."""
    home.mkdir(parents=True, exist_ok=True)
    store = GraphProcess(home / "graph", home=home)
    store.apply([GraphChange(iri, triples, audiences) for iri, (triples, audiences) in graphs.items()])
    store.close()


@contextmanager
def served(settings: Settings) -> Iterator[Served]:
    """A server with these settings on a free port."""
    services = build_services(settings)
    app = create_app(services)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Served("127.0.0.1", listener.getsockname()[1], services, app)
    finally:
        server.should_exit = True
        thread.join(60)
        listener.close()
        for part in (services.queries, services.checking, services.index, services.ledger, services.corrections):
            part.close()
