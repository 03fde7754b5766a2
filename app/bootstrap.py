"""Chooses once: makes every adapter from the settings. The only module that names adapters.

What needs no adapter: `app.knowledge`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from access.audiences import LOCAL, scope
from app.knowledge import Knowledge, password_in
from app.settings import Settings
from app.tokens import TokenFile
from records.errors import NotOfferedError
from records.rights import Audiences

if TYPE_CHECKING:
    from app.checks import ProfileChecks
    from app.watching import Watcher
    from graph.checkpoints import Checkpoints
    from graph.embedded import EmbeddedGraphStore
    from graph.guard import QueryLimits
    from graph.process import GraphProcess
    from graph.queries import StorePlace
    from graph.query_processes import QueryProcesses
    from graph.remote import RemoteGraphStore
    from graph.saved_queries import QueryCatalogue
    from graph.snapshots import Snapshots
    from graph.sparql_http import Endpoints
    from graph.sqlite_saved_queries import SqliteSavedQueries
    from harvester.checking import Answer, Question
    from harvester.curation import Curation
    from harvester.file_payloads import FilePayloads
    from harvester.graph_care import Truth
    from harvester.reading import Reader
    from harvester.run import Stores
    from harvester.sources.folder import FolderSource
    from harvester.sqlite_corrections import SqliteCorrections
    from harvester.sqlite_ledger import SqliteLedger
    from harvester.workers import Workers
    from search.asking.services import AskServices
    from search.datasets.jobs import Datasets
    from search.datasets.services import DatasetServices
    from search.duplicates import Duplicates
    from search.embeddings import Embedder
    from search.index import SearchIndex
    from search.saved_searches import Watching
    from search.service import SearchServices
    from search.similar import Similar
    from search.webhooks import Post
    from shapes.profiles import ChecksFor

SENTENCE_TRANSFORMERS = "sentence-transformers:"
"""Begins the setting ``embedding_model`` where it names a model of that library."""


@dataclass(frozen=True)
class Services(Knowledge):
    """Everything that commands and routes use; each part is made at first use and once.

    Args:
        settings: The settings.
    """

    @cached_property
    def identity(self) -> TokenFile:
        """Who a token stands for."""
        return TokenFile(self.tokens_path)

    @cached_property
    def checks(self) -> ProfileChecks:
        """What is asked of records, as the settings choose it."""
        from app.checks import ProfileChecks
        from shapes.shacl_validator import ShaclValidator

        return ProfileChecks(self.choices, self.profiles, partial(ShaclValidator, parents=self.parents))

    @cached_property
    def reader(self) -> Reader:
        """From payloads to records."""
        self.checks.prepare()
        return self._reader(self.checks.of)

    def _reader(self, checks: ChecksFor) -> Reader:
        from harvester.reading import Reader

        return Reader(
            base_iri=self.settings.base_iri,
            contexts=self.contexts,
            vocabulary=self.vocabulary,
            checks=checks,
            limits=self._document_limits,
        )

    def reader_for(self, profiles: tuple[str, ...]) -> Reader:
        """The reader that checks against these profiles; none: those of the settings.

        Raises:
            SettingsError: There is no such profile.
        """
        from shapes.profiles import always

        return self._reader(always(self.checks.named(profiles))) if profiles else self.reader

    @cached_property
    def checking(self) -> Workers[Question, Answer]:
        """Finds what is wrong with documents that strangers send, in processes of its own."""
        from harvester.workers import Workers, WorkLimits

        settings = self.settings
        limits = WorkLimits(settings.max_validation_seconds, settings.max_validation_memory_bytes, settings.validation_processes)
        return Workers(partial(_make_checker, settings.model_dump()), limits)

    @cached_property
    def payloads(self) -> FilePayloads:
        """The bytes as harvested."""
        from harvester.file_payloads import FilePayloads

        return FilePayloads(self._made("payloads"))

    @cached_property
    def ledger(self) -> SqliteLedger:
        """What was harvested."""
        from harvester.sqlite_ledger import SqliteLedger

        return SqliteLedger(self._made(".") / "ledger.sqlite")

    @cached_property
    def corrections(self) -> SqliteCorrections:
        """What curators accepted; derived from nothing."""
        from harvester.sqlite_corrections import SqliteCorrections

        return SqliteCorrections(self._made(".") / "corrections.sqlite")

    @cached_property
    def index(self) -> SearchIndex:
        """The search index: embedded, or on the cluster that the settings name."""
        if self.has_search_cluster:
            return self._index_on_cluster()
        from search.columns.index import ColumnIndex

        return ColumnIndex(
            self._made(".") / "index.sqlite",
            ancestors=self.concepts.ancestors,
            summary=self.summaries,
            bookkeeping=self.bookkeeping,
            is_expected=lambda: any(entry.state == "loaded" for entry in self.ledger.all_entries()),
        )

    @property
    def has_search_cluster(self) -> bool:
        """Whether the search index is on a cluster."""
        return bool(self.settings.search_store_urls)

    def _index_on_cluster(self) -> SearchIndex:
        from search.opensearch.cluster import Cluster
        from search.opensearch.index import OpenSearchIndex

        settings = self.settings
        cluster = Cluster(
            settings.search_store_urls,
            settings.search_store_name,
            settings.search_store_user or "",
            password_in(settings.search_store_password_file, "search_store_password_file"),
            settings.search_store_ca_file,
            settings.search_store_certificate_file,
            settings.search_store_key_file,
            settings.search_store_timeout_seconds,
            settings.search_store_shards,
            settings.search_store_replicas,
        )
        return OpenSearchIndex(cluster, ancestors=self.concepts.ancestors, summary=self.summaries, bookkeeping=self.bookkeeping)

    @cached_property
    def embedder(self) -> Embedder | None:
        """The model that makes vectors of texts; ``None`` for none."""
        from search.minilm import MiniLm, is_installed

        chosen = self.settings.embedding_model
        if chosen == "none" or (chosen == "auto" and not is_installed()):
            return None
        if chosen.startswith(SENTENCE_TRANSFORMERS):
            from search.sentence_models import SentenceModel

            return SentenceModel(chosen.removeprefix(SENTENCE_TRANSFORMERS))
        directory = None if chosen in ("auto", "minilm") else Path(chosen).expanduser()
        return MiniLm(self.cache_dir, directory, threads=self.settings.embedding_threads)

    @cached_property
    def similar(self) -> Similar:
        """Finds records that are like a record."""
        from search.similar import Similar

        return Similar(self.index, self.concepts, self.units, self.aspects)

    @cached_property
    def duplicates(self) -> Duplicates:
        """Finds records that may describe the same cell."""
        from search.duplicates import Duplicates

        return Duplicates(self.index, self.concepts, self.aspects)

    @cached_property
    def graph(self) -> GraphProcess | RemoteGraphStore:
        """The RDF store, for writing: one process at a time."""
        return self.graph_writer()

    def graph_writer(self) -> GraphProcess | RemoteGraphStore:
        """The RDF store, for writing; the caller closes it."""
        from graph.process import GraphProcess

        return self._graph_server() if self.has_graph_server else GraphProcess(self._made("graph"), home=self.home)

    @property
    def has_graph_server(self) -> bool:
        """Whether the RDF store is a server of its own."""
        return self.settings.graph_store_url is not None

    def _graph_server(self) -> RemoteGraphStore:
        from graph.remote import RemoteGraphStore

        return RemoteGraphStore(self._endpoints, limits=self._query_limits)

    @property
    def _endpoints(self) -> Endpoints:
        from graph.sparql_http import Endpoints

        settings = self.settings
        password = password_in(settings.graph_store_password_file, "graph_store_password_file")
        return Endpoints(
            settings.graph_store_url or "",
            settings.graph_store_update_url,
            settings.graph_store_data_url,
            settings.graph_store_user or "",
            password,
            settings.graph_store_timeout_seconds,
        )

    def close_graph(self) -> None:
        """Publish what was written to the RDF store, and let others write it."""
        if "graph" in vars(self):
            vars(self).pop("graph").close()

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """What of the RDF store is published.

        Raises:
            NotOfferedError: It is a server of its own.
        """
        from graph.checkpoints import Checkpoints

        if self.has_graph_server:
            message = "The triple store is a server of its own: it is backed up and mended by its own means."
            raise NotOfferedError(message, "`voltagraph rebuild` derives all that it holds anew.")
        return Checkpoints(self.home)

    def probe_graph(self) -> None:
        """Look whether the RDF store can be read.

        Raises:
            StoreError: It cannot.
        """
        if self.has_graph_server:
            self._graph_server().probe()
        else:
            self.checkpoints.probe()

    @cached_property
    def graph_reader(self) -> EmbeddedGraphStore | RemoteGraphStore:
        """The RDF store as it was published when this was first used, for reading; somebody may write it meanwhile."""
        from graph.queries import StorePlace

        if self.has_graph_server:
            return self._graph_server()
        with self.checkpoints.hold(StorePlace()) as place:
            return self.graph_at(place)

    def graph_beside(self, path: Path) -> GraphProcess:
        """Another RDF store, for writing: nobody reads it yet."""
        from graph.process import GraphProcess

        return GraphProcess(path)

    def graph_at(self, place: StorePlace, *, read_only: bool = True) -> EmbeddedGraphStore:
        """An RDF store of its own, or a published state of ours; it stays until it is closed."""
        from graph.embedded import EmbeddedGraphStore

        return EmbeddedGraphStore(place.path, read_only=read_only and place.path is not None, limits=self._query_limits)

    @cached_property
    def queries(self) -> QueryProcesses:
        """Answers SPARQL in processes that can be killed."""
        from graph.embedded import EmbeddedGraphStore
        from graph.queries import StorePlace
        from graph.query_processes import Folders, OnePlace, QueryProcesses
        from graph.view_store import ViewStore
        from graph.views import Views

        settings, limits = self.settings, self._query_limits
        asked = partial(QueryProcesses, processes=settings.query_processes, wait_seconds=settings.query_wait_seconds)
        spool = self.home / "spool"
        if self.has_graph_server:
            return asked(partial(_ask_server, self._endpoints, limits), OnePlace(StorePlace()), spool)
        make = Folders(partial(EmbeddedGraphStore, limits=limits), partial(ViewStore, limits=limits))
        views = Views(self.home / "views", self.checkpoints, most=settings.query_views, most_bytes=settings.query_view_bytes)
        return asked(make, self.checkpoints, spool, views=views)

    @cached_property
    def snapshots(self) -> Snapshots:
        """What was frozen."""
        from graph.embedded import EmbeddedGraphStore
        from graph.snapshots import SnapshotPolicy, Snapshots

        settings = self.settings
        policy = SnapshotPolicy(settings.snapshot_days, settings.snapshots_per_actor)
        checkpoints = None if self.has_graph_server else self.checkpoints
        return Snapshots(self._made("."), checkpoints, EmbeddedGraphStore, policy, vocabulary=self._vocabulary_read)

    @cached_property
    def dataset_services(self) -> DatasetServices:
        """What building a training set uses."""
        from app.freezing import described_today
        from search.datasets.services import DatasetServices

        return DatasetServices(
            snapshots=self.snapshots,
            queries=self.queries,
            allowance_of=self.allowance_of,
            catalogue=self.saved_queries,
            search=self.search,
            describe=partial(described_today, self),
            limits=self._query_limits,
            address=urljoin(self.settings.base_iri, "/"),
            program=f"voltagraph {version('voltagraph')}",
        )

    @cached_property
    def datasets(self) -> Datasets:
        """Training sets."""
        from search.datasets.jobs import DatasetPolicy, Datasets

        settings = self.settings
        policy = DatasetPolicy(settings.dataset_days, settings.datasets_per_actor, settings.dataset_builders)
        return Datasets(self._made("."), self.dataset_services, policy)

    @cached_property
    def query_store(self) -> SqliteSavedQueries:
        """What people saved; derived from nothing."""
        from graph.sqlite_saved_queries import SqliteSavedQueries

        return SqliteSavedQueries(self._made(".") / "queries.sqlite")

    @cached_property
    def watching(self) -> Watching:
        """Saved searches, and what looking at them uses."""
        from search.reasons import Teller
        from search.saved_searches import Watching, facts_of
        from search.sqlite_saved_searches import SqliteSavedSearches

        teller = Teller(self.concepts, self.units)
        return Watching(
            store=SqliteSavedSearches(self._made(".") / "searches.sqlite"),
            index=self.index,
            reasons=lambda query, record: [reason.text for reason in teller.reasons(query, record)],
            facts=partial(facts_of, concepts=self.concepts, units=self.units),
            holder_of=self.identity.holder_of,
        )

    @cached_property
    def watcher(self) -> Watcher:
        """Looks at saved searches again and again."""
        from app.watching import Watcher

        return Watcher(self.watching, self.webhook_post, seconds=self.settings.watch_seconds)

    @cached_property
    def webhook_post(self) -> Post:
        """Sends events of saved searches."""
        from search.http_post import http_post

        return http_post(self.settings.webhook_seconds)

    @cached_property
    def saved_queries(self) -> QueryCatalogue:
        """Queries with a name: those that come with the program, and those that people saved."""
        from graph.parameters import Values
        from graph.query_examples import load_examples
        from graph.saved_queries import QueryCatalogue

        return QueryCatalogue(
            examples=load_examples(),
            store=self.query_store,
            values=Values(self.lookup, self.concepts),
            limits=self._query_limits,
            most=self.settings.max_saved_queries,
            clock=lambda: datetime.now(UTC),
        )

    @property
    def truth(self) -> Truth:
        """What the RDF store is derived from."""
        from harvester.graph_care import Truth

        return Truth(self.ledger, self.payloads, self.corrections, self.reader)

    @cached_property
    def curation(self) -> Curation:
        """Accepting and revoking corrections."""
        from app.rereading import Rereading
        from harvester.curation import Curation

        return Curation(
            corrections=self.corrections,
            ledger=self.ledger,
            payloads=self.payloads,
            reader=lambda: self.reader,
            reread=Rereading(self),
            limits=self._document_limits,
            curators=frozenset(scope(one, LOCAL) for one in self.settings.curators),
            clock=lambda: datetime.now(UTC),
        )

    @property
    def stores(self) -> Stores:
        """Everything a harvest writes to."""
        return self.stores_with(self.graph)

    def stores_with(self, graph: GraphProcess | RemoteGraphStore) -> Stores:
        """The same with an RDF store that is open for writing."""
        from harvester.run import Stores

        return Stores(self.payloads, graph, self.index, self.ledger, self.corrections)

    @cached_property
    def search(self) -> SearchServices:
        """What the search flow uses."""
        from search.service import SearchServices

        return SearchServices(self.index, self.lookup, self.concepts, self.units, self.embedder)

    @cached_property
    def asking(self) -> AskServices:
        """What questions are answered from."""
        from search.asking.services import AskServices

        return AskServices(self.search)

    def folder_source(self, path: Path, name: str, audience: Audiences | None) -> FolderSource:
        """A folder as source.

        Args:
            path: The folder or file.
            name: Name of the source.
            audience: Who may read documents without a rights file; ``None`` takes the setting ``default_audience``.
        """
        from harvester.sources.folder import FolderLimits, FolderSource

        limits = FolderLimits(document_bytes=self.settings.max_document_bytes)
        return FolderSource(path, name=name, audience=audience, default=self.default_audience, limits=limits)


def build_services(settings: Settings) -> Services:
    """Choose every adapter once; nothing is opened yet."""
    return Services(settings)


def _ask_server(endpoints: Endpoints, limits: QueryLimits, _place: StorePlace) -> RemoteGraphStore:
    """Called in a process that answers queries."""
    from graph.remote import RemoteGraphStore

    return RemoteGraphStore(endpoints, limits=limits)


def _make_checker(settings: dict[str, Any]) -> Callable[[Question], Answer]:
    """Called in a process that checks documents."""
    from harvester.checking import checker

    services = build_services(Settings.model_construct(None, **settings))
    check = checker(services.reader_for)
    _ = services.reader  # now, and not within the time of the first document
    return check
