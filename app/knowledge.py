"""What is known before any record is read: ontologies, units, contexts and profiles; and where everything is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from access.audiences import LOCAL, scope
from app.settings import Settings
from graph.files import FULL
from records.errors import StoreError, StoreFullError
from records.issues import Issue
from records.rights import ANY, NOBODY, Audiences

if TYPE_CHECKING:
    from access.identity import Actor
    from app.allowances import Allowances
    from graph.guard import QueryLimits
    from graph.queries import Allowance
    from harvester.normalize import Vocabulary
    from ontology.concepts import Concepts
    from ontology.contexts import Contexts
    from ontology.lookup import Lookup
    from ontology.model import Facts
    from ontology.units import Units
    from search.aspects import Aspects
    from search.summary import Summaries
    from shapes.profiles import Choices, Profile
    from shapes.reader import Limits

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Knowledge:
    """What follows from the settings, the ontologies and the files of the program; each part is made at first use and once.

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

    def _made(self, name: str) -> Path:
        directory = self.home / name
        try:
            # Restricted records are kept here: no other user of this machine may look in.
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.mkdir(exist_ok=True)
        except OSError as error:
            kind = StoreFullError if error.errno in FULL else StoreError
            raise kind(f"The directory {directory} cannot be made: {error.strerror}.", "Choose another one with --home.") from error
        return directory

    @property
    def cache_dir(self) -> Path:
        """Where that is kept which is made again when it is missing."""
        return self.settings.cache_dir or self._made("cache")

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
    def _loaded(self) -> tuple[Facts, list[Issue]]:
        from ontology.facts import cached_facts, packaged_facts

        if self.ontology_dir is None:
            return packaged_facts(), []
        return cached_facts(self.ontology_dir, self.cache_dir, contexts_dir=self.contexts_dir)

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

    def parents(self, iri: str) -> tuple[str, ...]:
        """Classes right above a concept; the concepts are read when this is first asked."""
        return self.concepts.parents(iri)

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
    def vocabulary(self) -> Vocabulary:
        """Concepts and units."""
        from harvester.normalize import Vocabulary

        return Vocabulary(self.concepts, self.units)

    @cached_property
    def contexts(self) -> Contexts:
        """JSON-LD contexts; never fetched."""
        from ontology.contexts import Contexts

        found = Contexts.from_terms(self.facts.terms) if self.contexts_dir is None else Contexts.from_directory(self.contexts_dir)
        return found.with_pins(self.settings.context_pins)

    @cached_property
    def bookkeeping(self) -> frozenset[str]:
        """Concepts that nearly every record uses and that tell nobody anything: left out of facets and pages."""
        from search.facets import bookkeeping

        return bookkeeping(self.concepts)

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

    def _vocabulary_read(self) -> str:
        """Under which ontologies the records were read: everyone reads these beside the records."""
        return self.read_as.read_text() if self.read_as.is_file() else ""

    @property
    def _document_limits(self) -> Limits:
        from shapes.reader import Limits

        return Limits(self.settings.max_document_bytes, self.settings.max_document_depth)

    @property
    def _query_limits(self) -> QueryLimits:
        from graph.guard import QueryLimits

        return QueryLimits(bytes=self.settings.max_query_bytes)

    @cached_property
    def _allowances(self) -> Allowances:
        from app.allowances import Allowances

        return Allowances(self.settings.query_allowances)

    def allowance_of(self, actor: Actor) -> Allowance:
        """What one query of an actor may take."""
        return self._allowances.of(actor)


def _first_directory(*candidates: Path) -> Path | None:
    return next((path for path in candidates if path.is_dir()), None)


def password_in(file: Path | None, setting: str) -> str:
    """What a password file holds; ``""`` without one.

    Args:
        file: The file.
        setting: What names it.

    Raises:
        StoreError: It cannot be read.
    """
    try:
        return file.read_text("utf-8").rstrip("\r\n") if file is not None else ""
    except (OSError, UnicodeDecodeError) as exc:
        raise StoreError(f"The password file {file} cannot be read.", f"Check {setting}.") from exc
