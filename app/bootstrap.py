"""Chooses once: makes every adapter from the settings. The only module that names adapters."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin

from access.audiences import LOCAL, scope
from app.settings import Settings
from app.tokens import TokenFile
from records.errors import NotOfferedError, StoreDamagedError, StoreError, StoreFullError
from records.issues import Issue
from records.rights import ANY, NOBODY, Audiences

if TYPE_CHECKING:
    from access.identity import Actor
    from app.allowances import Allowances
    from app.watching import Watcher
    from graph.checkpoints import Checkpoints
    from graph.embedded import EmbeddedGraphStore
    from graph.guard import QueryLimits
    from graph.process import GraphProcess
    from graph.queries import Allowance, StorePlace
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
    from harvester.normalize import Vocabulary
    from harvester.reading import Reader
    from harvester.run import Stores
    from harvester.sources.folder import FolderSource
    from harvester.sqlite_corrections import SqliteCorrections
    from harvester.sqlite_ledger import SqliteLedger
    from harvester.workers import Workers
    from ontology.concepts import Concepts
    from ontology.contexts import Contexts
    from ontology.lookup import Lookup
    from ontology.model import Facts
    from ontology.units import Units
    from search.asking.services import AskServices
    from search.aspects import Aspects
    from search.dataset_jobs import Datasets
    from search.datasets import DatasetServices
    from search.duplicates import Duplicates
    from search.embeddings import Embedder
    from search.index import SearchIndex
    from search.provenance import Described
    from search.saved_searches import Watching
    from search.service import SearchServices
    from search.similar import Similar
    from search.summary import Summaries
    from search.webhooks import Post
    from shapes.profiles import Checks, ChecksFor, Choice, Choices, Profile
    from shapes.reader import Limits
    from shapes.shacl_validator import ShaclValidator

SENTENCE_TRANSFORMERS = "sentence-transformers:"
"""Begins the setting ``embedding_model`` where it names a model of that library."""
CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Services:
    """Everything that commands and routes use; each part is made at first use and once.

    Args:
        settings: The settings.
    """

    settings: Settings

    @property
    def home(self) -> Path:
        """Where everything is kept."""
        return self.settings.home

    def make_home(self) -> None:
        """Make the directory where everything is kept.

        Raises:
            StoreError: It cannot be made.
        """
        self._made(".")

    @property
    def tokens_path(self) -> Path:
        """The file that maps tokens to audiences."""
        return self.settings.tokens_file or self.home / "tokens.json"

    @property
    def ontology_dir(self) -> Path | None:
        """Directory of full ontologies, or ``None`` when the fact table stands in."""
        return self.settings.ontology_dir or _first_directory(
            self.home / "ontologies", CHECKOUT.parent / "shared" / "data" / "ontologies"
        )

    @property
    def contexts_dir(self) -> Path | None:
        """Directory of JSON-LD contexts, or ``None`` when the term map of the fact table stands in."""
        return self.settings.contexts_dir or _first_directory(
            self.home / "contexts", CHECKOUT.parent / "shared" / "data" / "contexts"
        )

    @cached_property
    def identity(self) -> TokenFile:
        """Who a token stands for."""
        return TokenFile(self.tokens_path)

    @cached_property
    def _loaded(self) -> tuple[Facts, list[Issue]]:
        from ontology.facts import cached_facts, packaged_facts

        if self.ontology_dir is None:
            return packaged_facts(), []
        return cached_facts(self.ontology_dir, self._made("cache"), contexts_dir=self.contexts_dir)

    @property
    def facts(self) -> Facts:
        """The fact table: from the full ontologies, else the one that comes with the program."""
        return self._loaded[0]

    @property
    def ontology_issues(self) -> list[Issue]:
        """Modules of the ontologies that could not be read."""
        return self._loaded[1]

    @cached_property
    def concepts(self) -> Concepts:
        """Concepts by IRI."""
        from ontology.concepts import Concepts

        return Concepts(self.facts)

    @cached_property
    def lookup(self) -> Lookup:
        """Concepts by label."""
        from ontology.lookup import Lookup

        return Lookup(self.concepts)

    @cached_property
    def units(self) -> Units:
        """Units by every name they go by."""
        from ontology.units import Units

        return Units(self.facts)

    @cached_property
    def contexts(self) -> Contexts:
        """JSON-LD contexts; never fetched."""
        from ontology.contexts import Contexts

        found = Contexts.from_terms(self.facts.terms) if self.contexts_dir is None else Contexts.from_directory(self.contexts_dir)
        return found.with_pins(self.settings.context_pins)

    @cached_property
    def profiles(self) -> tuple[Profile, ...]:
        """Every profile that can be chosen, those of the settings after those of the program."""
        from shapes.profiles import OWN, PROFILES, Profile

        own = dict(self.settings.profile_files)
        if self.settings.shapes_file is not None:
            own[OWN] = self.settings.shapes_file
        return (*PROFILES, *(Profile(name, name, f"Shapes of {file}.", file) for name, file in own.items()))

    @cached_property
    def choices(self) -> Choices:
        """Who chose which profiles and severities.

        Raises:
            SettingsError: A severity is set for a kind of finding that there is not.
        """
        from app.checks import choices

        return choices(self.settings, self.profiles)

    @cached_property
    def checks_for(self) -> ChecksFor:
        """What is asked of a record of a source and some communities."""
        return lru_cache(maxsize=1024)(self._checks_for)

    def _checks_for(self, source: str, communities: tuple[str, ...]) -> Checks:
        return self._checks_of(self.choices.of(source, communities))

    def _checks_of(self, choice: Choice) -> Checks:
        from shapes.profiles import OWN, Checks

        own = () if self.settings.shapes_file is None else (OWN,)
        return Checks(self._validator((*(choice.profiles or ()), *own)), choice.severities)

    def _validator(self, names: tuple[str, ...]) -> ShaclValidator:
        """The SHACL engine with the shapes of these profiles, in one graph: that is faster than an engine for each of them."""
        from shapes.profiles import files_of, named_profiles
        from shapes.shacl_validator import ShaclValidator

        chosen = named_profiles(names, self.profiles)
        if chosen not in self._validators:
            self._validators[chosen] = ShaclValidator(files_of(chosen), parents=self._parents)
        return self._validators[chosen]

    @cached_property
    def _validators(self) -> dict[tuple[Profile, ...], ShaclValidator]:
        return {}

    @cached_property
    def reader(self) -> Reader:
        """From payloads to records."""
        for choice in self.choices.all():
            self._checks_of(choice)  # shapes that cannot be used end the program now, and not in the middle of a harvest
        return self._reader(self.checks_for)

    def _reader(self, checks: ChecksFor) -> Reader:
        from harvester.reading import Reader

        return Reader(
            base_iri=self.settings.base_iri,
            contexts=self.contexts,
            vocabulary=self.vocabulary,
            checks=checks,
            limits=self._document_limits,
        )

    @property
    def _document_limits(self) -> Limits:
        from shapes.reader import Limits

        return Limits(self.settings.max_document_bytes, self.settings.max_document_depth)

    def reader_for(self, profiles: tuple[str, ...]) -> Reader:
        """The reader that checks against these profiles; none: those of the settings.

        Raises:
            SettingsError: There is no such profile.
        """
        from shapes.profiles import Checks, always

        if not profiles:
            return self.reader
        return self._reader(always(Checks(self._validator(profiles), self.choices.default.severities)))

    @cached_property
    def checking(self) -> Workers[Question, Answer]:
        """Finds what is wrong with documents that strangers send, in processes of its own."""
        from harvester.workers import Workers, WorkLimits

        settings = self.settings
        limits = WorkLimits(settings.max_validation_seconds, settings.max_validation_memory_bytes, settings.validation_processes)
        return Workers(partial(_make_checker, settings.model_dump()), limits)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Concepts and units."""
        from harvester.normalize import Vocabulary

        return Vocabulary(self.concepts, self.units)

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
    def bookkeeping(self) -> frozenset[str]:
        """Concepts that nearly every record uses and that tell nobody anything: left out of facets and pages."""
        from search.facets import bookkeeping

        return bookkeeping(self.concepts)

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
            _password(settings.search_store_password_file, "search_store_password_file"),
            settings.search_store_ca_file,
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
        return MiniLm(self.home / "models", directory, threads=self.settings.embedding_threads)

    @cached_property
    def aspects(self) -> Aspects:
        """What concepts and numbers tell of a record."""
        from search.aspects import Aspects

        return Aspects(self.concepts)

    @cached_property
    def summaries(self) -> Summaries:
        """The text that is embedded of a record."""
        from search.summary import Summaries

        return Summaries(self.concepts, self.units, self.aspects)

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

    def drop_unusable_index(self) -> None:
        """Remove an index that is damaged or of another version, so that it can be derived anew."""
        from search.columns.index import ColumnIndex

        if self.has_search_cluster:  # there, emptying it makes it anew
            return
        try:
            self.index.ids()
        except StoreDamagedError:
            if "index" in vars(self):
                vars(self).pop("index").close()
            ColumnIndex.drop(self.home / "index.sqlite")

    @cached_property
    def graph(self) -> GraphProcess | RemoteGraphStore:
        """The RDF store, for writing: one process at a time."""
        return self._graph_writer()

    def _graph_writer(self) -> GraphProcess | RemoteGraphStore:
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
        password = _password(settings.graph_store_password_file, "graph_store_password_file")
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
    def _allowances(self) -> Allowances:
        from app.allowances import Allowances

        return Allowances(self.settings.query_allowances)

    def allowance_of(self, actor: Actor) -> Allowance:
        """What one query of an actor may take."""
        return self._allowances.of(actor)

    @cached_property
    def snapshots(self) -> Snapshots:
        """What was frozen."""
        from graph.embedded import EmbeddedGraphStore
        from graph.snapshots import SnapshotPolicy, Snapshots

        settings = self.settings
        policy = SnapshotPolicy(settings.snapshot_days, settings.snapshots_per_actor)
        checkpoints = None if self.has_graph_server else self.checkpoints
        return Snapshots(self._made("."), checkpoints, EmbeddedGraphStore, policy, vocabulary=self._vocabulary_read)

    def _vocabulary_read(self) -> str:
        """Under which ontologies the records were read: everyone reads these beside the records."""
        return self.read_as.read_text() if self.read_as.is_file() else ""

    @cached_property
    def dataset_services(self) -> DatasetServices:
        """What building a training set uses."""
        from search.datasets import DatasetServices

        return DatasetServices(
            snapshots=self.snapshots,
            queries=self.queries,
            allowance_of=self.allowance_of,
            catalogue=self.saved_queries,
            search=self.search,
            describe=self._described,
            limits=self._query_limits,
            address=urljoin(self.settings.base_iri, "/"),
            program=f"voltagraph {version('voltagraph')}",
        )

    @cached_property
    def datasets(self) -> Datasets:
        """Training sets."""
        from search.dataset_jobs import DatasetPolicy, Datasets

        settings = self.settings
        policy = DatasetPolicy(settings.dataset_days, settings.datasets_per_actor, settings.dataset_builders)
        return Datasets(self._made("."), self.dataset_services, policy)

    def _described(self, graph_iri: str, audiences: Audiences) -> Described | None:
        """Title and gravest finding of the record of a graph today."""
        from records.issues import Severity
        from search.provenance import Described

        record = unquote(graph_iri.removeprefix(self.settings.base_iri).removesuffix("#graph"))
        entry = self.ledger.get(record, audiences)
        found = self.index.get(record, audiences) if entry is not None else None
        if entry is None or found is None:
            return None
        levels = {issue.severity for issue in entry.issues}
        return Described(found.title, next((level.value for level in Severity if level in levels), "none"))

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
    def _query_limits(self) -> QueryLimits:
        from graph.guard import QueryLimits

        return QueryLimits(bytes=self.settings.max_query_bytes)

    @property
    def truth(self) -> Truth:
        """What the RDF store is derived from."""
        from harvester.graph_care import Truth

        return Truth(self.ledger, self.payloads, self.corrections, self.reader)

    @cached_property
    def curation(self) -> Curation:
        """Accepting and revoking corrections."""
        from harvester.curation import Curation

        return Curation(
            corrections=self.corrections,
            ledger=self.ledger,
            payloads=self.payloads,
            reader=lambda: self.reader,
            reread=self._reread,
            limits=self._document_limits,
            curators=frozenset(scope(one, LOCAL) for one in self.settings.curators),
            clock=lambda: datetime.now(UTC),
        )

    @cached_property
    def _one_rereads(self) -> Lock:
        """Corrections that are accepted at once are read one after another: the graph store has one writer."""
        return Lock()

    def _reread(self) -> None:
        """Read the records anew whose corrections changed. The graph store is open only meanwhile: a server keeps on serving."""
        from harvester.run import pending, reread_corrected

        with self._one_rereads:
            if not pending(self.corrections, self.ledger):
                return
            graph = self._graph_writer()
            try:
                reread_corrected(self.reader, self._stores(graph), batch=self.settings.batch_documents)
            finally:
                graph.close()

    @property
    def stores(self) -> Stores:
        """Everything a harvest writes to."""
        return self._stores(self.graph)

    def _stores(self, graph: GraphProcess | RemoteGraphStore) -> Stores:
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

    @property
    def default_audience(self) -> Audiences:
        """Who may read documents of a folder that says nothing of it."""
        named = self.settings.default_audience
        return NOBODY if named == "nobody" else frozenset({ANY if named == ANY else scope(named, LOCAL)})

    @property
    def fingerprint(self) -> str:
        """A short name of everything that decides how a payload is read."""
        from harvester.normalize import READING
        from shapes.profiles import files_of

        decides = (
            READING,
            self.facts.sources,
            len(self.facts.concepts),
            self.contexts.fingerprint,
            self.settings.base_iri,
            *(file.read_bytes() for file in files_of(self.profiles)),
            self.choices,
        )
        return hashlib.sha256(repr(decides).encode()).hexdigest()[:16]

    @property
    def read_as(self) -> Path:
        """Keeps the `fingerprint` under which the records were read."""
        return self.home / "read-as"

    @property
    def is_outdated(self) -> bool:
        """Whether records were read under other ontologies, contexts or shapes than today's."""
        return self.read_as.is_file() and self.read_as.read_text().strip() != self.fingerprint

    def _parents(self, iri: str) -> tuple[str, ...]:
        return self.concepts.parents(iri)

    def _made(self, name: str) -> Path:
        directory = self.home / name
        try:
            # Restricted records are kept here: no other user of this machine may look in.
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.mkdir(exist_ok=True)
        except OSError as error:
            kind = StoreFullError if error.errno == 28 else StoreError
            raise kind(f"The directory {directory} cannot be made: {error.strerror}.", "Choose another one with --home.") from error
        return directory


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


def _password(file: Path | None, setting: str) -> str:
    """What a password file holds."""
    try:
        return file.read_text("utf-8").rstrip("\r\n") if file is not None else ""
    except (OSError, UnicodeDecodeError) as exc:
        raise StoreError(f"The password file {file} cannot be read.", f"Check {setting}.") from exc


def _first_directory(*candidates: Path) -> Path | None:
    return next((path for path in candidates if path.is_dir()), None)
