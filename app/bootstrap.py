"""Chooses once: makes every adapter from the settings. The only module that names adapters."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from access.audiences import LOCAL, scope
from app.settings import Settings
from app.tokens import TokenFile
from records.errors import StoreDamagedError, StoreError, StoreFullError
from records.issues import Issue
from records.rights import ANY, NOBODY, Audiences

if TYPE_CHECKING:
    from graph.embedded import EmbeddedGraphStore
    from graph.guard import QueryLimits
    from graph.process import GraphProcess
    from harvester.checking import Answer, Question
    from harvester.curation import Curation
    from harvester.file_payloads import FilePayloads
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
    from search.embedded_text import SqliteTextIndex
    from search.service import SearchServices
    from shapes.profiles import Checks, ChecksFor, Choice, Choices, Profile
    from shapes.reader import Limits
    from shapes.shacl_validator import ShaclValidator

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
        from search.service import bookkeeping

        return bookkeeping(self.concepts)

    @cached_property
    def index(self) -> SqliteTextIndex:
        """The search index."""
        from search.embedded_text import SqliteTextIndex

        return SqliteTextIndex(self._made(".") / "index.sqlite", ubiquitous=self.bookkeeping)

    def drop_unusable_index(self) -> None:
        """Remove an index that is damaged or of another version, so that it can be derived anew."""
        from search.embedded_text import SqliteTextIndex

        try:
            _ = self.index
        except StoreDamagedError:
            SqliteTextIndex.drop(self.home / "index.sqlite")

    @cached_property
    def graph(self) -> GraphProcess:
        """The RDF store, for writing: one process at a time."""
        from graph.process import GraphProcess

        return GraphProcess(self._made("graph"))

    @cached_property
    def graph_reader(self) -> EmbeddedGraphStore:
        """The RDF store, for reading."""
        from graph.embedded import EmbeddedGraphStore

        if not (self.home / "graph").is_dir():
            return EmbeddedGraphStore(None, limits=self._query_limits)  # nothing was harvested yet
        return EmbeddedGraphStore(self.home / "graph", read_only=True, limits=self._query_limits)

    @property
    def _query_limits(self) -> QueryLimits:
        from graph.guard import QueryLimits

        return QueryLimits(bytes=self.settings.max_query_bytes)

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
        from graph.process import GraphProcess
        from harvester.run import pending, reread_corrected

        with self._one_rereads:
            if not pending(self.corrections, self.ledger):
                return
            graph = GraphProcess(self._made("graph"))
            try:
                reread_corrected(self.reader, self._stores(graph), batch=self.settings.batch_documents)
            finally:
                graph.close()

    @property
    def stores(self) -> Stores:
        """Everything a harvest writes to."""
        return self._stores(self.graph)

    def _stores(self, graph: GraphProcess) -> Stores:
        from harvester.run import Stores

        return Stores(self.payloads, graph, self.index, self.ledger, self.corrections)

    @cached_property
    def search(self) -> SearchServices:
        """What the search flow uses."""
        from search.service import SearchServices

        return SearchServices(index=self.index, lookup=self.lookup, concepts=self.concepts, units=self.units)

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
        from shapes.profiles import files_of

        decides = (
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


def _make_checker(settings: dict[str, Any]) -> Callable[[Question], Answer]:
    """Called in a process that checks documents."""
    from harvester.checking import checker

    services = build_services(Settings.model_construct(None, **settings))
    check = checker(services.reader_for)
    _ = services.reader  # now, and not within the time of the first document
    return check


def _first_directory(*candidates: Path) -> Path | None:
    return next((path for path in candidates if path.is_dir()), None)
