"""What every graph store does (`tests/contract/graph_store/`); a subclass only says how to make one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from graph.embedded import EmbeddedGraphStore
from graph.process import GraphProcess
from graph.remote import RemoteGraphStore
from graph.sparql_http import Endpoints
from graph.store import Answer, GraphChange, GraphStore, Term
from records.errors import StoreError
from records.rdf import Triple
from records.rights import Audiences
from tests.contract.graph_store.asking import Asking
from tests.contract.graph_store.examples import ONE, graph, named, names
from tests.contract.graph_store.writing import Writing
from tests.servers import sparql


class GraphStoreContract(Writing, Asking):
    """The behaviour of `graph.store.GraphStore`."""

    def make(self, folder: Path) -> GraphStore:
        raise NotImplementedError

    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[GraphStore]:
        store = self.make(tmp_path)
        yield store
        store.close()


class TestInMemory(GraphStoreContract):
    def make(self, folder: Path) -> GraphStore:
        return EmbeddedGraphStore(None)


class TestOnDisk(GraphStoreContract):
    def make(self, folder: Path) -> GraphStore:
        return EmbeddedGraphStore(folder / "store")


class _WrittenByAProcess:
    """Writes through `GraphProcess` and reads what it left: the two never hold the store at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reader: EmbeddedGraphStore | None = None
        self._write(lambda process: process.apply([]))

    def apply(self, changes: Sequence[GraphChange]) -> None:
        self._write(lambda process: process.apply(changes))

    def set_public_graph(self, graph_iri: str, triples: Iterable[Triple]) -> None:
        self._write(lambda process: process.set_public_graph(graph_iri, triples))

    def set_rights(self, rights: Mapping[str, Audiences]) -> None:
        self._write(lambda process: process.set_rights(rights))

    def clear(self) -> None:
        self._write(lambda process: process.clear())

    def query(
        self,
        text: str,
        audiences: Audiences,
        *,
        default_graphs: Sequence[str] | None = None,
        named_graphs: Sequence[str] | None = None,
        bindings: Mapping[str, Term] | None = None,
        repeatable: bool = False,
    ) -> Answer:
        return self._read().query(
            text, audiences, default_graphs=default_graphs, named_graphs=named_graphs, bindings=bindings, repeatable=repeatable
        )

    def versions(self, audiences: Audiences) -> Mapping[str, str]:
        return self._read().versions(audiences)

    def audiences_of(self) -> Mapping[str, Audiences]:
        return self._read().audiences_of()

    def sizes(self) -> Mapping[str, int]:
        return self._read().sizes()

    def count(self) -> int:
        return self._read().count()

    def check(self) -> list[str]:
        return self._read().check()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _read(self) -> EmbeddedGraphStore:
        self._reader = self._reader or EmbeddedGraphStore(self._folder, read_only=True)
        return self._reader

    def _write(self, work: Callable[[GraphProcess], None]) -> None:
        self.close()
        process = GraphProcess(self._folder)
        try:
            work(process)
        finally:
            process.close()


class TestWrittenByAProcess(GraphStoreContract):
    def make(self, folder: Path) -> GraphStore:
        return _WrittenByAProcess(folder / "store")

    def test_a_process_that_is_killed_is_told_and_leaves_no_lock(self, tmp_path: Path) -> None:
        process = GraphProcess(tmp_path / "store")
        process.apply([GraphChange(graph(1), [named(1)], ONE)])
        process._child.kill()
        with pytest.raises(StoreError, match="ended by itself"):
            process.apply([GraphChange(graph(2), [named(2)], ONE)])
        process.close()
        again = EmbeddedGraphStore(tmp_path / "store")
        assert names(again, ONE) == ["cell 1"]
        again.close()


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    with sparql.oxigraph(tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture(scope="module")
def fuseki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    with sparql.fuseki(tmp_path_factory.mktemp("fuseki")) as server:
        yield server


class TestOnOxigraphServer(GraphStoreContract):
    @pytest.fixture
    def store(self, oxigraph: Endpoints) -> Iterator[GraphStore]:
        sparql.clear(oxigraph)
        store = RemoteGraphStore(oxigraph)
        yield store
        store.close()


class TestOnFuseki(GraphStoreContract):
    @pytest.fixture
    def store(self, fuseki: Endpoints) -> Iterator[GraphStore]:
        sparql.clear(fuseki)
        store = RemoteGraphStore(fuseki)
        yield store
        store.close()


class TestOnAServerWithoutTheGraphStoreProtocol(GraphStoreContract):
    @pytest.fixture
    def store(self, oxigraph: Endpoints) -> Iterator[GraphStore]:
        sparql.clear(oxigraph)
        store = RemoteGraphStore(replace(oxigraph, data=None))
        yield store
        store.close()
