"""Chooses once: makes every adapter from the settings. The only module that names adapters."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from access.audiences import LOCAL, scope
from app.settings import Settings
from app.tokens import TokenFile
from records.errors import StoreError, StoreFullError
from records.issues import Issue
from records.rights import ANY, NOBODY, Audiences

if TYPE_CHECKING:
    from graph.embedded import EmbeddedGraphStore
    from graph.guard import QueryLimits
    from graph.process import GraphProcess
    from harvester.file_payloads import FilePayloads
    from harvester.normalize import Vocabulary
    from harvester.reading import Reader
    from harvester.run import Stores
    from harvester.sources.folder import FolderSource
    from harvester.sqlite_ledger import SqliteLedger
    from ontology.concepts import Concepts
    from ontology.contexts import Contexts
    from ontology.lookup import Lookup
    from ontology.model import Facts
    from ontology.units import Units
    from search.embedded_text import SqliteTextIndex
    from search.service import SearchServices
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

        return Contexts.from_terms(self.facts.terms) if self.contexts_dir is None else Contexts.from_directory(self.contexts_dir)

    @cached_property
    def validator(self) -> ShaclValidator:
        """The SHACL engine with its shapes."""
        from shapes.shacl_validator import ShaclValidator

        return ShaclValidator(self._shapes, parents=self._parents)

    @property
    def _shapes(self) -> Path:
        return self.settings.shapes_file or CHECKOUT / "shapes" / "core.ttl"

    @cached_property
    def reader(self) -> Reader:
        """From payloads to records."""
        from harvester.reading import Reader
        from shapes.reader import Limits

        return Reader(
            base_iri=self.settings.base_iri,
            contexts=self.contexts,
            vocabulary=self.vocabulary,
            validator=self.validator,
            limits=Limits(self.settings.max_document_bytes, self.settings.max_document_depth),
        )

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
    def bookkeeping(self) -> frozenset[str]:
        """Concepts that nearly every record uses and that tell nobody anything: left out of facets and pages."""
        from search.service import bookkeeping

        return bookkeeping(self.concepts)

    @cached_property
    def index(self) -> SqliteTextIndex:
        """The search index."""
        from search.embedded_text import SqliteTextIndex

        return SqliteTextIndex(self._made(".") / "index.sqlite", ubiquitous=self.bookkeeping)

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

    @property
    def stores(self) -> Stores:
        """Everything a harvest writes to."""
        from harvester.run import Stores

        return Stores(self.payloads, self.graph, self.index, self.ledger)

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
        decides = (
            self.facts.sources,
            len(self.facts.concepts),
            self.contexts.fingerprint,
            self.settings.base_iri,
            self._shapes.read_bytes(),
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


def _first_directory(*candidates: Path) -> Path | None:
    return next((path for path in candidates if path.is_dir()), None)
