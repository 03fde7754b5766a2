"""Port and rules of saved queries: a name, a text with parameters, and who may see and run it.

Versions never change; a change makes a new one.
A query of somebody is named `OWNER:SLUG`, one that comes with the program `SLUG`. So no name can be taken by a query that one may
not see, and a name tells nothing of other owners. What an actor may not see does not exist for that actor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol
from urllib.parse import quote, unquote

from access.audiences import LOCAL, scope
from access.identity import Actor
from graph.guard import QueryKind, QueryLimits, guard
from graph.parameters import Parameter, Values, check_parameters
from graph.store import Term
from records.errors import BodyError, NotFoundError, QueryError, SettingsError
from records.rights import ANY, NOBODY, PUBLIC, Audiences

MAX_TITLE_CHARS: Final = 200
"""Longest title and keyword, in characters."""
MAX_DESCRIPTION_CHARS: Final = 5_000
"""Longest description of a query or of a parameter, in characters."""
MAX_KEYWORDS: Final = 20
"""Most keywords of a query."""
MAX_AUDIENCES: Final = 50
"""Most audiences that one query is shown to."""

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


class Visibility(StrEnum):
    """Who may see and run a query: its owner, the audiences that it names, or everybody."""

    PRIVATE = "private"
    AUDIENCES = "audiences"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Draft:
    """A query as somebody sends it to be saved.

    Args:
        slug: Its name among those of its owner.
        title: A line for lists.
        text: SPARQL 1.1.
        description: What it answers.
        parameters: Variables whose values are given when it is run.
        keywords: Words that find it.
        visibility: Who may see and run it.
        audiences: Those of ``Visibility.AUDIENCES``; one without a source is of this installation.
    """

    slug: str
    title: str
    text: str
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    keywords: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PRIVATE
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """One version of a saved query.

    Args:
        owner: Name of the account that saved it; ``""`` for one that comes with the program.
        slug: Its name among those of its owner.
        version: From 1.
        title: A line for lists.
        description: What it answers.
        text: SPARQL 1.1.
        kind: What sort of query it is.
        parameters: Variables whose values are given when it is run.
        keywords: Words that find it.
        visibility: Who may see and run it.
        readers: Audiences of those who may, the owner left out.
        created: When it was saved, ISO 8601 in UTC; ``""`` for one that comes with the program.
    """

    owner: str
    slug: str
    version: int
    title: str
    description: str
    text: str
    kind: QueryKind
    parameters: tuple[Parameter, ...] = ()
    keywords: tuple[str, ...] = ()
    visibility: Visibility = Visibility.PRIVATE
    readers: Audiences = NOBODY
    created: str = ""

    @property
    def name(self) -> str:
        """What it is asked for by.

        >>> SavedQuery("M. Müller", "cells", 1, "Cells", "", "ASK {}", QueryKind.ASK).name
        'M.~20M~C3~BCller:cells'
        """
        if not self.owner:
            return self.slug
        # Percent-encoded with another sign: so the name stands in addresses as it is.
        return f"{quote(self.owner, safe='@').replace('~', '%7E').replace('%', '~')}:{self.slug}"

    def says_the_same(self, other: SavedQuery) -> bool:
        """Whether the two differ in nothing but version and time."""
        return replace(self, version=0, created="") == replace(other, version=0, created="")

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it; audiences are for the owner alone."""
        return {
            "name": self.name,
            "version": self.version,
            "title": self.title,
            "description": self.description,
            "kind": self.kind.value.lower(),
            "text": self.text,
            "parameters": [parameter.to_json() for parameter in self.parameters],
            "keywords": list(self.keywords),
            "owner": self.owner,
            "visibility": self.visibility.value,
            "created": self.created,
        }


class Added(NamedTuple):
    """What saving gives: the query with its version, and whether that version is new."""

    query: SavedQuery
    is_new: bool


class SavedQueries(Protocol):
    """Keeps saved queries. Every reading method takes who reads, and knows nothing of what that actor may not see."""

    def add(self, query: SavedQuery, *, at_most: int) -> Added:
        """Keep a new version; on return it would survive a power cut.

        Args:
            query: Its version is not looked at.
            at_most: How many versions its owner may have.

        Returns:
            The query with its version: one more than any that its name ever had; or the newest version, when it says the same.

        Raises:
            LimitError: The owner has that many.
            StoreError: It was not kept.
        """

    def visible(self, reader: Actor) -> tuple[SavedQuery, ...]:
        """Of each query the newest version that this actor may see, in the order of owners and names."""

    def versions(self, owner: str, slug: str, reader: Actor) -> tuple[SavedQuery, ...]:
        """The versions of one query that this actor may see, oldest first; empty when there is none."""

    def remove(self, owner: str, slug: str, version: int | None = None) -> bool:
        """Forget one version or all of them, and say whether there was any. Their numbers are never given again."""

    def close(self) -> None:
        """Let go of the file."""


@dataclass(frozen=True, slots=True)
class QueryCatalogue:
    """Those that come with the program, and those that people saved.

    Args:
        examples: Those that come with the program.
        store: Keeps the others.
        values: Makes terms of what is given for parameters.
        limits: How long and deep a query may be.
        most: Versions that one owner may have.
        clock: The time in UTC.
    """

    examples: tuple[SavedQuery, ...]
    store: SavedQueries
    values: Values
    limits: QueryLimits
    most: int
    clock: Callable[[], datetime] = field(repr=False)


def listed(catalogue: QueryCatalogue, actor: Actor, text: str = "") -> list[SavedQuery]:
    """The newest version of every query that this actor may see, those that come with the program first.

    Args:
        catalogue: All queries.
        actor: Who looks.
        text: Words that must all occur in name, title, description or keywords; empty: no matter.
    """
    words = text.casefold().split()
    return [query for query in (*catalogue.examples, *catalogue.store.visible(actor)) if _has(query, words)]


def versions_of(catalogue: QueryCatalogue, name: str, actor: Actor) -> tuple[SavedQuery, ...]:
    """The versions of one query that this actor may see, oldest first.

    Raises:
        NotFoundError: There is none; unknown and forbidden look the same.
    """
    owner, slug = _parts(name)
    if owner:
        found = catalogue.store.versions(owner, slug, actor)
    else:
        found = tuple(query for query in catalogue.examples if query.slug == slug)
    if not found or found[0].name != name:
        raise _not_found()
    return found


def version_of(catalogue: QueryCatalogue, name: str, version: str, actor: Actor) -> SavedQuery:
    """One version of a query.

    Args:
        catalogue: All queries.
        name: As `SavedQuery.name` has it.
        version: A number, or ``latest``: the newest that this actor may see.
        actor: Who asks.

    Raises:
        NotFoundError: There is none; unknown and forbidden look the same.
    """
    found = versions_of(catalogue, name, actor)
    if version == "latest":
        return found[-1]
    for query in found:
        if str(query.version) == version:
            return query
    raise _not_found()


def bindings(catalogue: QueryCatalogue, query: SavedQuery, given: Mapping[str, str]) -> dict[str, Term]:
    """The terms to bind when the query is run with these values.

    Raises:
        BodyError: A name or a value is not what the parameters of the query allow; says which and what is allowed.
    """
    return catalogue.values.bindings(query.parameters, given)


def save(catalogue: QueryCatalogue, draft: Draft, actor: Actor) -> Added:
    """Keep a query, as a new version when there is one of this name already.

    Args:
        catalogue: All queries.
        draft: The query.
        actor: Its owner, who is somebody.

    Raises:
        BodyError: Something about the draft cannot be; says what and what is allowed.
        QuerySyntaxError: The text does not parse; knows the place.
        QueryRefusedError: It asks for what is not offered.
        LimitError: It is too long or too deep, or its owner has too many.
        StoreError: It was not kept.
    """
    _check_words(draft)
    guarded = guard(draft.text, catalogue.limits)
    check_parameters(draft.parameters, catalogue.values)
    _check_bindable(catalogue, draft)
    query = SavedQuery(
        owner=actor.name,
        slug=draft.slug,
        version=0,
        title=draft.title.strip(),
        description=draft.description.strip(),
        text=draft.text,
        kind=guarded.kind,
        parameters=draft.parameters,
        keywords=draft.keywords,
        visibility=draft.visibility,
        readers=_readers(draft, actor),
        created=catalogue.clock().isoformat(timespec="seconds"),
    )
    return catalogue.store.add(query, at_most=catalogue.most)


def remove(catalogue: QueryCatalogue, name: str, version: int | None, actor: Actor) -> None:
    """Forget a query of one's own, or one version of it.

    Raises:
        NotFoundError: The actor owns no such query.
    """
    owner, slug = _parts(name)
    if not owner or owner != actor.name or not catalogue.store.remove(owner, slug, version):
        raise _not_found()


def _check_words(draft: Draft) -> None:
    if not _SLUG.fullmatch(draft.slug):
        raise BodyError(
            f"{draft.slug[:80]!r} cannot be the name of a query.",
            "Small letters, digits and hyphens, at most 64, such as cells-above-100-ah.",
        )
    if not draft.title.strip() or len(draft.title) > MAX_TITLE_CHARS:
        raise BodyError(f"The title of a query has 1 to {MAX_TITLE_CHARS} characters.", "Say in a line what it answers.")
    if any(len(text) > MAX_DESCRIPTION_CHARS for text in (draft.description, *(one.description for one in draft.parameters))):
        raise BodyError(f"A description has at most {MAX_DESCRIPTION_CHARS:,} characters.", "Shorten it.")
    if len(draft.keywords) > MAX_KEYWORDS or any(not word.strip() or len(word) > MAX_TITLE_CHARS for word in draft.keywords):
        raise BodyError(f"A query has at most {MAX_KEYWORDS} keywords of 1 to {MAX_TITLE_CHARS} characters.", "Give fewer.")


def _check_bindable(catalogue: QueryCatalogue, draft: Draft) -> None:
    """Refuse a parameter that is no variable of the query, or stands where no value can, such as ``AS ?x``."""
    for parameter in draft.parameters:
        try:
            guard(draft.text, catalogue.limits, bindings={parameter.name: catalogue.values.sample(parameter)})
        except QueryError as error:
            raise BodyError(
                f"The parameter '{parameter.name}' cannot be given: {error.message}",
                "Name parameters after variables that a value can replace.",
            ) from error


def _readers(draft: Draft, actor: Actor) -> Audiences:
    """Who may see it besides its owner; only audiences that the owner holds, so that nobody can guess at those of others."""
    if draft.visibility is not Visibility.AUDIENCES:
        if draft.audiences:
            raise BodyError(
                "Audiences are named, and the visibility is another.", f"Set the visibility to {Visibility.AUDIENCES.value}."
            )
        return PUBLIC if draft.visibility is Visibility.PUBLIC else NOBODY
    if not 0 < len(draft.audiences) <= MAX_AUDIENCES:
        raise BodyError(f"A query is shown to 1 to {MAX_AUDIENCES} audiences.", "Name those who may see it.")
    try:
        readers = frozenset(scope(audience, LOCAL) for audience in draft.audiences)
    except SettingsError as error:
        raise BodyError(error.message, error.remedy) from error
    if ANY in readers:
        raise BodyError("The audience 'any' is everybody.", f"Set the visibility to {Visibility.PUBLIC.value}.")
    for audience in sorted(readers - actor.audiences):
        raise BodyError(f"You do not hold the audience '{audience}'.", "Name audiences that you hold.")
    return readers


def _has(query: SavedQuery, words: Sequence[str]) -> bool:
    searched = " ".join((query.name, query.title, query.description, *query.keywords)).casefold()
    return all(word in searched for word in words)


def _parts(name: str) -> tuple[str, str]:
    owner, _, slug = name.rpartition(":")
    return unquote(owner.replace("~", "%")), slug


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such query, or you may not see it.", "`GET /queries` lists those that you may see.")
