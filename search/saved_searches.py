"""Saved searches and the port that keeps them: what is new, changed or gone, told within the owner's rights of that moment.

A saved search watches either the answer of a query or records that its owner uses. Looking compares what the owner may read now
with what the owner could read at the last look, so an event never tells more than two searches by the owner would; an event about
a record is told only while the owner may still read it. Forbidden and withdrawn are the same here.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Protocol

from access.identity import Actor, token_digest
from ontology.concepts import Concepts
from ontology.units import Units
from records.errors import BodyError, NotFoundError
from records.record import Record
from records.rights import Audiences
from search.index import SearchIndex
from search.quantity_text import condition_texts, label_of, value_text
from search.query import Query

MAX_TITLE_CHARS: Final = 200
"""Longest title of a saved search, in characters."""
MAX_RECORDS: Final = 1_000
"""Most records that one saved search watches."""
MAX_MATCHES: Final = 10_000
"""Of a query with more matches, those after these (in its own order) are not watched."""
MAX_OF_OWNER: Final = 100
"""Saved searches that one owner may have."""
MAX_FACTS: Final = 40
"""Values that are kept of a watched record, so that a change of one can be told."""
MAX_REASONS: Final = 5
"""Reasons told with one event."""
EVENTS_KEPT: Final = 1_000
"""Events that are kept of one saved search."""
OLD_SECRET_SECONDS: Final = 86_400.0
"""So long the secret of a webhook still signs when there is a new one: its receiver can change over in between."""
_PAGE: Final = 100


class EventKind(StrEnum):
    """What happened to a record, as its watcher sees it."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """What somebody wants to be told of.

    Args:
        id: Random, for addresses.
        owner: Name of the account that owns it.
        token_sha256: The token with which it was saved: what its holder may read decides what is told.
        title: A line for lists and feeds.
        query: The query that is watched; ``None`` when records are.
        records: Ids of the records that are watched; empty when a query is.
        created: When it was saved, ISO 8601.
        feed_key_sha256: What is kept of the key in the address of the feed.
        webhook: Address that events are sent to; ``""`` for none.
        webhook_secret: Signs what is sent.
        old_secret: The secret before, which signs as well for a while; ``""`` for none.
        old_secret_until: How long it does, in seconds since 1970.
        paused: Whether nothing is looked at until its owner says so.
    """

    id: str
    owner: str
    token_sha256: str = field(repr=False)
    title: str
    query: Query | None
    records: tuple[str, ...]
    created: str
    feed_key_sha256: str = field(default="", repr=False)
    webhook: str = ""
    webhook_secret: str = field(default="", repr=False)
    old_secret: str = field(default="", repr=False)
    old_secret_until: float = 0.0
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as its watcher last saw it.

    Args:
        version: Changes whenever what may be read of it changes.
        facts: What of it people would miss: title, values by their names, concepts.
    """

    version: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a watched record.

    Args:
        number: Position among the events of its search, from 1; 0 until it is kept.
        time: When it was noticed, ISO 8601.
        kind: What happened.
        record: Id of the record.
        title: Its title then.
        reasons: Why it is told: what of it matches, or what changed.
    """

    number: int
    time: str
    kind: EventKind
    record: str
    title: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """How far the events of a search were sent to its webhook.

    Args:
        sent: Number of the last event that was.
        tries: How often the next one was tried in vain.
        next_try: Not before this time, in seconds since 1970.
        problem: Why nothing is sent any more; ``""`` while it is.
    """

    sent: int = 0
    tries: int = 0
    next_try: float = 0.0
    problem: str = ""


class SavedSearches(Protocol):
    """Port: keeps saved searches with what their owners have seen. Nothing of it can be derived: it belongs in the backup."""

    def add(self, search: SavedSearch, seen: Mapping[str, Seen], state: str, *, at_most: int) -> None:
        """Keep a search, with what its owner sees now.

        Raises:
            LimitError: The owner has *at_most* of them.
            StoreError: Nothing was changed.
        """

    def get(self, search: str) -> SavedSearch | None:
        """The search with this id."""

    def of_owner(self, owner: str) -> tuple[SavedSearch, ...]:
        """The searches of an account, oldest first."""

    def all(self) -> tuple[SavedSearch, ...]:
        """Every search: for watching them."""

    def replace(self, search: SavedSearch) -> None:
        """Keep what was changed of a search: all but its id, owner, query, records and time.

        Raises:
            StoreError: Nothing was changed.
        """

    def remove(self, search: str, owner: str) -> bool:
        """Forget a search of this owner, and whether there was one."""

    def seen(self, search: str) -> tuple[str, dict[str, Seen]]:
        """In which state its owner last looked, and what the owner saw, by record id."""

    def keep(self, search: str, state: str, seen: Mapping[str, Seen | None], events: Sequence[Event]) -> None:
        """Keep what was seen since (``None``: not any more) and the events of it, all or nothing.

        Raises:
            StoreError: Nothing was changed.
        """

    def events(self, search: str, *, after: int = 0, limit: int = EVENTS_KEPT) -> tuple[Event, ...]:
        """Its events after this number, oldest first."""

    def sending(self, search: str) -> Sending:
        """How far its webhook is."""

    def set_sending(self, search: str, sending: Sending) -> None:
        """Note how far its webhook is."""

    def close(self) -> None:
        """Let go of the files."""


@dataclass(frozen=True, slots=True)
class Watching:
    """What looking at saved searches uses; `app.bootstrap` makes it.

    Args:
        store: Keeps them.
        index: What is searched.
        reasons: Why a record matches a query, in sentences.
        facts: What of a record people would miss.
        holder_of: Whose token this is, by its SHA-256; raises IdentityError when there is no such token any more.
        now: The time.
    """

    store: SavedSearches
    index: SearchIndex
    reasons: Callable[[Query, Record], Sequence[str]]
    facts: Callable[[Record], Mapping[str, str]]
    holder_of: Callable[[str], Actor]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be saved; either a query or records."""

    title: str
    query: Query | None = None
    records: tuple[str, ...] = ()
    webhook: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What its owner wants to be different; ``None`` stays as it is.

    Args:
        title: Another title.
        paused: Whether nothing is looked at. What happened meanwhile is told when it goes on.
        webhook: Another address; ``""`` ends it. The one it has: what was given up is tried again.
        new_secret: Whether the webhook gets another secret.
        new_feed_key: Whether the feed gets another key; the one before is worth nothing then.
    """

    title: str | None = None
    paused: bool | None = None
    webhook: str | None = None
    new_secret: bool = False
    new_feed_key: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """A search that was saved, with its secrets, which are told this once.

    Args:
        search: The search.
        feed_key: Key for the address of its feed; ``""`` when it is the one before.
    """

    search: SavedSearch
    feed_key: str = field(repr=False)


def save(watching: Watching, wish: Wish, actor: Actor, token_sha256: str) -> Saved:
    """Save a search of this actor; what it finds now is what its owner has seen.

    Raises:
        BodyError: The wish names neither or both of query and records, or has no title.
        NotFoundError: The actor may not read one of the records, or there is none: the same.
        LimitError: The actor has too many of them.
    """
    title = _checked_title(wish.title)
    if (wish.query is None) == (not wish.records):
        raise BodyError("A saved search has a query or records, one of the two.", "Send `q`, `query` or `records`.", field="query")
    key = secrets.token_urlsafe(32)
    search = SavedSearch(
        id=secrets.token_hex(16),
        owner=actor.name,
        token_sha256=token_sha256,
        title=title,
        query=wish.query,
        records=tuple(dict.fromkeys(wish.records)),
        created=_text(watching.now()),
        feed_key_sha256=token_digest(key),
        webhook=wish.webhook,
        webhook_secret=secrets.token_hex(32) if wish.webhook else "",
    )
    state = _state(watching, actor.audiences)
    found = dict(_watched(watching, search, actor.audiences))
    if missing := [record for record in search.records if record not in found]:
        raise NotFoundError(f"There is no record {missing[0]!r}.", "Watch records that you may read.")
    watching.store.add(search, {id_: _seen(watching, record) for id_, record in found.items()}, state, at_most=MAX_OF_OWNER)
    return Saved(search, key)


def change(watching: Watching, search: SavedSearch, wanted: Change, token_sha256: str) -> Saved:
    """Change a search of this actor; from now on the token that asks for it decides what is told.

    Raises:
        BodyError: The title is none, or there is no webhook that could have a secret.
    """
    webhook = search.webhook if wanted.webhook is None else wanted.webhook
    if wanted.new_secret and not webhook:
        raise BodyError("There is no webhook, so there is no secret.", "Send `webhook` too.", field="new_secret")
    key = secrets.token_urlsafe(32) if wanted.new_feed_key else ""
    changed = replace(
        search,
        token_sha256=token_sha256,
        title=search.title if wanted.title is None else _checked_title(wanted.title),
        paused=search.paused if wanted.paused is None else wanted.paused,
        feed_key_sha256=token_digest(key) if key else search.feed_key_sha256,
        webhook=webhook,
    )
    if not webhook:
        changed = replace(changed, webhook_secret="", old_secret="")
    elif wanted.new_secret or not search.webhook_secret:
        until = watching.now().timestamp() + OLD_SECRET_SECONDS
        changed = replace(changed, webhook_secret=secrets.token_hex(32), old_secret=search.webhook_secret, old_secret_until=until)
    watching.store.replace(changed)
    if wanted.webhook:
        watching.store.set_sending(search.id, Sending(sent=_sent_before(watching, search)))
    return Saved(changed, key)


def _sent_before(watching: Watching, search: SavedSearch) -> int:
    """Number of the event after which a webhook begins: a first one begins with what happens from now on."""
    if search.webhook:
        return watching.store.sending(search.id).sent
    events = watching.store.events(search.id)
    return events[-1].number if events else 0


def look(watching: Watching, search: SavedSearch) -> tuple[Event, ...]:
    """Look what happened since the last look, keep it, and tell the events.

    Raises:
        IdentityError: The token with which it was saved is worth nothing any more.
        StoreError: A store cannot be used; the next look finds the same.
    """
    audiences = watching.holder_of(search.token_sha256).audiences
    state = _state(watching, audiences)
    before, seen = watching.store.seen(search.id)
    if before == state:
        return ()
    found = dict(_watched(watching, search, audiences))
    now = _text(watching.now())
    events, changes = [], dict[str, Seen | None]()
    for id_, record in reversed(found.items()):  # the best match is told last: of too many events the last ones are kept
        last, new = seen.get(id_), _seen(watching, record)
        if last is None:
            reasons = watching.reasons(search.query, record) if search.query is not None else ("It can be read again.",)
            events.append(Event(0, now, EventKind.NEW, id_, record.title, tuple(reasons)[:MAX_REASONS]))
        elif last.version != new.version:
            events.append(Event(0, now, EventKind.CHANGED, id_, record.title, differences(last.facts, new.facts)))
        if last != new:
            changes[id_] = new
    for id_ in sorted(seen.keys() - found.keys()):
        changes[id_] = None
        if search.records:
            why = "It was withdrawn, or is not shared with you any more."
            events.append(Event(0, now, EventKind.GONE, id_, seen[id_].facts.get("title", ""), (why,)))
    watching.store.keep(search.id, state, changes, events)
    return tuple(events)


def readable(watching: Watching, events: Collection[Event], audiences: Audiences) -> tuple[Event, ...]:
    """Those events that may be told now: of records that can be read, and of records that are gone without their titles."""
    told = []
    for event in events:
        record = watching.index.get(event.record, audiences)
        if event.kind is EventKind.GONE and record is None:
            told.append(Event(event.number, event.time, event.kind, event.record, "", event.reasons))
        elif event.kind is not EventKind.GONE and record is not None:
            told.append(event)
    return tuple(told)


def search_of(watching: Watching, search: str, actor: Actor) -> SavedSearch:
    """A search of this actor.

    Raises:
        NotFoundError: There is none, or it is somebody else's: the same.
    """
    found = watching.store.get(search)
    if found is None or found.owner != actor.name:
        raise _no_search()
    return found


def feed_of(watching: Watching, search: str, key: str) -> tuple[SavedSearch, Actor]:
    """The search whose feed has this key, and its owner as the owner is now.

    Raises:
        NotFoundError: There is none, the key is another one, or the owner's token is worth nothing any more: the same.
        IdentityError: The same.
    """
    found = watching.store.get(search)
    # Hashes are compared, so how long it takes tells nothing of the key.
    if found is None or not secrets.compare_digest(found.feed_key_sha256, token_digest(key)):
        raise _no_search()
    return found, watching.holder_of(found.token_sha256)


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """What changed, in sentences; never empty.

    >>> differences({"Mass": "45 g", "Width": "1 mm"}, {"Mass": "46 g", "Height": "2 mm"})
    ('Mass: 46 g (was 45 g).', 'Height: 2 mm (new).', 'Width: not said any more (was 1 mm).')
    >>> differences({}, {})
    ('Its document changed.',)
    """
    told = [f"{name}: {now[name]} (was {before[name]})." for name in now if name in before and now[name] != before[name]]
    told += [f"{name}: {now[name]} (new)." for name in now if name not in before]
    told += [f"{name}: not said any more (was {before[name]})." for name in before if name not in now]
    return tuple(told[:MAX_REASONS]) or ("Its document changed.",)


def facts_of(record: Record, concepts: Concepts, units: Units) -> dict[str, str]:
    """What of a record people would miss: its title, its first `MAX_FACTS` values by name, and what it says it is."""
    facts = {"title": record.title}
    for quantity in record.quantities:
        label, value = label_of(quantity, concepts), value_text(quantity, units)
        if len(facts) <= MAX_FACTS and label and value:
            conditions = ", ".join(condition_texts(quantity, concepts, units))
            facts.setdefault(f"{label} at {conditions}" if conditions else label, value)
    said = {concepts.label(use.concept) for use in record.concepts if not use.role and not use.implied_by}
    return {**facts, "concepts": ", ".join(sorted(said))} if said else facts


def _watched(watching: Watching, search: SavedSearch, audiences: Audiences) -> Iterator[tuple[str, Record]]:
    """The records that it watches, as these audiences may see them."""
    for id_ in search.records:
        record = watching.index.get(id_, audiences)
        if record is not None:
            yield id_, record
    if search.query is None:
        return
    after, count = "", 0
    while count < MAX_MATCHES:
        page = watching.index.search(search.query, audiences, limit=_PAGE, after=after)
        if page.relaxed:  # who watches for words wants those words
            return
        yield from ((hit.record.id, hit.record) for hit in page.hits)
        after, count = page.after, count + len(page.hits)
        if not after:
            return


def _seen(watching: Watching, record: Record) -> Seen:
    facts = watching.facts(record)
    version = hashlib.sha256(repr((record.digest, record.title)).encode()).hexdigest()[:32]
    return Seen(version, facts)


def _state(watching: Watching, audiences: Audiences) -> str:
    """Changes whenever another look could find something else."""
    return hashlib.sha256(repr((watching.index.generation, sorted(audiences))).encode()).hexdigest()[:32]


def _checked_title(text: str) -> str:
    title = " ".join(text.split())
    if not title or len(title) > MAX_TITLE_CHARS:
        raise BodyError(f"The title has {len(title)} characters.", f"Give one of 1 to {MAX_TITLE_CHARS}.", field="title")
    return title


def _no_search() -> NotFoundError:
    return NotFoundError("There is no saved search of this name.", "Look at /api/searches for yours.")


def _text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
