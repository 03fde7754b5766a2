"""Saved searches: what is told of what happened, to whom, and how it is sent."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import feedparser
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from access.identity import Actor
from app.watching import look_at_all
from records.errors import BodyError, IdentityError, LimitError, NotFoundError, NotOfferedError, StoreDamagedError
from records.record import Quantity, Record
from records.rights import PUBLIC, Audiences, Rights
from search.atom import atom_feed
from search.columns.index import ColumnIndex
from search.http_post import http_post
from search.query import Query, TextPart
from search.saved_searches import (
    EVENTS_KEPT,
    MAX_OF_OWNER,
    Change,
    Event,
    EventKind,
    Saved,
    Watching,
    Wish,
    change,
    feed_of,
    look,
    readable,
    save,
    search_of,
)
from search.sqlite_saved_searches import SqliteSavedSearches
from search.webhooks import PAUSES, check_webhook, deliver, shown_secret
from tests.unit.search.plain_index import PlainIndex

TEAM: Audiences = frozenset({"local/community:team"})
ALICE = Actor("alice", PUBLIC | TEAM)
BOB = Actor("bob", PUBLIC)
LFP = Query("LFP", (TextPart("LFP"),))


def record(number: int, text: str = "LFP cell", who: Audiences = PUBLIC, grams: float = 45.0) -> Record:
    mass = Quantity(("urn:Mass",), grams, "g", grams / 1000, "kg", "M", "/mass", 3)
    rights = Rights(who, who)
    return Record(
        f"lab/{number}", f"urn:{number}", f"Cell {number}", "lab", f"{number}.json", f"d{grams}", rights, (), (mass,), text
    )


@dataclass
class World:
    """Everything around a saved search; time stands still unless it is moved."""

    watching: Watching
    tokens: dict[str, Actor]
    clock: list[datetime] = field(default_factory=lambda: [datetime(2026, 11, 21, tzinfo=UTC)])

    def apply(self, *records: Record, removed: tuple[str, ...] = ()) -> None:
        self.watching.index.apply(records, removed)

    def save(self, actor: Actor = ALICE, **wish: Any) -> Saved:
        return save(self.watching, Wish(**{"title": "Iron", "query": LFP, **wish}), actor, f"token of {actor.name}")

    def change(self, saved: Saved, wanted: Change) -> Saved:
        return change(self.watching, saved.search, wanted, saved.search.token_sha256)

    def told(self, saved: Saved) -> list[tuple[str, str]]:
        return [(event.kind.value, event.record) for event in look(self.watching, saved.search)]

    def pass_seconds(self, seconds: float) -> None:
        self.clock[0] += timedelta(seconds=seconds)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    tokens = {"token of alice": ALICE, "token of bob": BOB}

    def holder_of(token: str) -> Actor:
        if token not in tokens:
            raise IdentityError("The token is not known.", "Make a new one.")
        return tokens[token]

    clock = [datetime(2026, 11, 21, tzinfo=UTC)]
    store = SqliteSavedSearches(tmp_path / "searches.sqlite")
    watching = Watching(
        store=store,
        index=PlainIndex(),
        reasons=lambda query, found: [f"{query.text} in {found.title}"],
        facts=lambda found: {"title": found.title, "Mass": f"{found.quantities[0].value:g} g"} if found.quantities else {},
        holder_of=holder_of,
        now=lambda: clock[0],
    )
    yield World(watching, tokens, clock)
    store.close()


def test_what_is_there_already_is_no_event(world: World) -> None:
    world.apply(record(1))
    saved = world.save()
    assert world.told(saved) == []


def test_new_and_changed_matches_are_told_once_with_a_reason(world: World) -> None:
    world.apply(record(1))
    saved = world.save()
    world.apply(record(2), record(3, "graphite"), record(1, grams=46))
    events = look(world.watching, saved.search)
    assert {(event.kind, event.record, event.reasons) for event in events} == {
        (EventKind.NEW, "lab/2", ("LFP in Cell 2",)),
        (EventKind.CHANGED, "lab/1", ("Mass: 46 g (was 45 g).",)),
    }
    assert world.told(saved) == []
    assert [event.number for event in world.watching.store.events(saved.search.id)] == [1, 2]


def test_a_record_that_does_not_match_any_more_may_come_back(world: World) -> None:
    world.apply(record(1))
    saved = world.save()
    world.apply(record(1, "graphite"))
    assert world.told(saved) == []
    world.apply(record(1))
    assert world.told(saved) == [("new", "lab/1")]


def test_watched_records_are_told_when_they_change_or_go(world: World) -> None:
    world.apply(record(1), record(2))
    saved = world.save(query=None, records=("lab/1", "lab/2"))
    world.apply(record(1, grams=50), removed=("lab/2",))
    assert set(world.told(saved)) == {("changed", "lab/1"), ("gone", "lab/2")}
    world.apply(record(2))
    assert world.told(saved) == [("new", "lab/2")]


def test_withdrawn_and_forbidden_are_told_alike(world: World) -> None:
    world.apply(record(1), record(2))
    saved = world.save(BOB, query=None, records=("lab/1", "lab/2"))
    world.apply(record(1, who=TEAM), removed=("lab/2",))
    events = sorted(readable(world.watching, look(world.watching, saved.search), BOB.audiences), key=lambda event: event.record)
    assert replace(events[0], number=0, record="") == replace(events[1], number=0, record="")


def test_nothing_is_told_of_what_the_owner_may_not_read(world: World) -> None:
    saved = world.save(BOB)
    world.apply(record(1, who=TEAM))
    assert world.told(saved) == []
    world.tokens["token of bob"] = replace(BOB, audiences=PUBLIC | TEAM)
    assert world.told(saved) == [("new", "lab/1")]


def test_an_event_is_told_only_while_its_record_may_be_read(world: World) -> None:
    saved = world.save()
    world.apply(record(1, who=TEAM))
    look(world.watching, saved.search)
    kept = world.watching.store.events(saved.search.id)
    assert [event.record for event in readable(world.watching, kept, ALICE.audiences)] == ["lab/1"]
    assert readable(world.watching, kept, PUBLIC) == ()


def test_words_that_no_record_has_are_not_watched_for_less(world: World) -> None:
    saved = world.save(query=Query("LFP pouch", (TextPart("LFP"), TextPart("pouch"))))
    world.apply(record(1, "LFP cylinder"))
    assert world.told(saved) == []
    world.apply(record(2, "LFP pouch"))
    assert world.told(saved) == [("new", "lab/2")]


def test_the_search_of_a_removed_token_sleeps(world: World) -> None:
    saved = world.save()
    del world.tokens["token of alice"]
    world.apply(record(1))
    with pytest.raises(IdentityError):
        look(world.watching, saved.search)


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        ({"title": " "}, BodyError),
        ({"title": "x" * 201}, BodyError),
        ({"records": ("lab/1",)}, BodyError),
        ({"query": None}, BodyError),
        ({"query": None, "records": ("lab/9",)}, NotFoundError),
        ({"query": None, "records": ("lab/2",)}, NotFoundError),
    ],
)
def test_what_cannot_be_saved_is_refused(world: World, wish: dict[str, Any], error: type[Exception]) -> None:
    world.apply(record(1), record(2, who=frozenset({"local/user:carol"})))
    with pytest.raises(error):
        world.save(**wish)


def test_an_owner_may_have_so_many(world: World) -> None:
    for _ in range(MAX_OF_OWNER):
        world.save()
    with pytest.raises(LimitError):
        world.save()
    world.save(BOB)


def test_a_search_is_its_owners_alone(world: World) -> None:
    saved = world.save()
    assert search_of(world.watching, saved.search.id, ALICE) == saved.search
    with pytest.raises(NotFoundError) as theirs:
        search_of(world.watching, saved.search.id, BOB)
    with pytest.raises(NotFoundError) as unknown:
        search_of(world.watching, "0" * 32, BOB)
    assert str(theirs.value) == str(unknown.value)
    assert not world.watching.store.remove(saved.search.id, "bob")
    assert world.watching.store.remove(saved.search.id, "alice")
    assert world.watching.store.of_owner("alice") == ()


def test_the_key_opens_the_feed_with_the_owners_rights_of_now(world: World) -> None:
    saved = world.save()
    search, reader = feed_of(world.watching, saved.search.id, saved.feed_key)
    assert (search, reader) == (saved.search, ALICE)
    world.tokens["token of alice"] = replace(ALICE, audiences=PUBLIC)
    assert feed_of(world.watching, saved.search.id, saved.feed_key)[1].audiences == PUBLIC
    with pytest.raises(NotFoundError):
        feed_of(world.watching, saved.search.id, "another")
    assert saved.feed_key not in repr(saved)


def test_the_feed_is_one_that_readers_understand(world: World) -> None:
    saved = world.save()
    events = [
        Event(1, "2026-11-21T10:00:00Z", EventKind.NEW, "lab/1", "Cell <1> &\x0b more", ("LFP.", "Mass 45 g.")),
        Event(2, "2026-11-21T11:00:00Z", EventKind.GONE, "lab/ö 2", "", ("It was withdrawn.",)),
    ]
    feed = feedparser.parse(atom_feed(saved.search, events, "https://search.example"))
    assert (feed.version, feed.bozo, feed.feed.title) == ("atom10", False, "Iron")
    assert [(entry.title, entry.summary, entry.link) for entry in feed.entries] == [
        ("Gone: lab/ö 2", "It was withdrawn.", "https://search.example/records/lab/%C3%B6%202"),
        ("New: Cell <1> & more", "LFP. Mass 45 g.", "https://search.example/records/lab/1"),
    ]
    assert feed.entries[0].updated_parsed > feed.entries[1].updated_parsed
    assert len({entry.id for entry in feed.entries}) == 2


def test_a_paused_search_tells_later_what_happened_meanwhile(world: World) -> None:
    paused = world.change(world.save(), Change(paused=True))
    world.apply(record(1))
    looked = look_at_all(world.watching, no_post)
    assert (looked.paused, looked.events) == (1, 0)
    world.change(paused, Change(paused=False))
    assert look_at_all(world.watching, no_post).events == 1


def test_a_search_is_changed_and_the_rest_stays(world: World) -> None:
    saved = world.save()
    changed = world.change(saved, Change(title=" Iron  cells ", new_feed_key=True))
    assert changed.search == replace(saved.search, title="Iron cells", feed_key_sha256=changed.search.feed_key_sha256)
    assert world.watching.store.get(saved.search.id) == changed.search
    assert feed_of(world.watching, saved.search.id, changed.feed_key)[0] == changed.search
    with pytest.raises(NotFoundError):
        feed_of(world.watching, saved.search.id, saved.feed_key)
    with pytest.raises(BodyError):
        world.change(saved, Change(title=" "))
    with pytest.raises(BodyError):
        world.change(saved, Change(new_secret=True))


def test_a_change_with_another_token_wakes_a_search_whose_token_is_gone(world: World) -> None:
    saved = world.save()
    world.tokens["another token of alice"] = world.tokens.pop("token of alice")
    world.apply(record(1))
    assert look_at_all(world.watching, no_post).asleep == 1
    change(world.watching, saved.search, Change(), "another token of alice")
    assert look_at_all(world.watching, no_post).events == 1


def test_of_too_many_events_those_of_the_best_matches_are_kept(world: World) -> None:
    index = ColumnIndex(None, ancestors=lambda _: (), summary=lambda one: one.title)
    watching = replace(world.watching, index=index)
    saved = save(watching, Wish("Iron", LFP), ALICE, "token of alice")
    index.apply([record(number) for number in range(1_500)])
    assert len(look(watching, saved.search)) == 1_500
    kept = watching.store.events(saved.search.id)
    best = index.search(LFP, ALICE.audiences, limit=EVENTS_KEPT).hits
    assert [event.record for event in reversed(kept)] == [hit.record.id for hit in best]
    assert (kept[0].number, kept[-1].number) == (501, 1_500)


def no_post(address: str, body: bytes, headers: Mapping[str, str]) -> int:
    raise AssertionError(f"nothing is to be sent to {address}: {body!r} {headers}")


# --- webhooks


class Receiver:
    """A real server that takes messages, and answers with the statuses it is given, 204 when there is none left."""

    def __init__(self) -> None:
        self.messages: list[tuple[dict[str, str], bytes]] = []
        self.statuses: list[int] = []
        self.location = ""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the name that http.server asks for
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.messages.append((dict(self.headers.items()), body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def listening(self) -> Iterator[Receiver]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().listening() as one:
        yield one


def events_of(message: tuple[dict[str, str], bytes]) -> list[str]:
    return [event["record"] for event in json.loads(message[1])["data"]["events"]]


def test_events_are_sent_signed_as_the_standard_says(world: World, receiver: Receiver) -> None:
    saved = world.save(webhook=f"{receiver.origin}/hook")
    world.clock[0] = datetime.now(UTC)
    world.apply(record(1))
    look(world.watching, saved.search)
    assert deliver(world.watching, saved.search, http_post(5)).sent == 1
    headers, body = receiver.messages[0]
    told = Webhook(shown_secret(saved.search.webhook_secret)).verify(body, headers)
    assert told["data"]["search"] == saved.search.id
    assert events_of(receiver.messages[0]) == ["lab/1"]
    deliver(world.watching, saved.search, http_post(5))
    assert len(receiver.messages) == 1


def test_with_a_new_secret_both_sign_for_a_day(world: World, receiver: Receiver) -> None:
    world.clock[0] = datetime.now(UTC)  # the library refuses old messages
    before = world.save(webhook=f"{receiver.origin}/hook")
    after = world.change(before, Change(new_secret=True))
    old, new = (Webhook(shown_secret(one.search.webhook_secret)) for one in (before, after))
    world.apply(record(1))
    look_at_all(world.watching, http_post(5))
    headers, body = receiver.messages[0]
    assert old.verify(body, headers) == new.verify(body, headers)
    world.watching.store.replace(replace(after.search, old_secret_until=world.clock[0].timestamp() - 1))
    world.apply(record(2))
    look_at_all(world.watching, http_post(5))
    headers, body = receiver.messages[1]
    assert new.verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        old.verify(body, headers)


def test_a_webhook_that_comes_later_begins_with_what_happens_then(world: World, receiver: Receiver) -> None:
    saved = world.save()
    world.apply(record(1))
    look_at_all(world.watching, no_post)
    hooked = world.change(saved, Change(webhook=f"{receiver.origin}/hook"))
    assert hooked.search.webhook_secret
    world.apply(record(2))
    look_at_all(world.watching, http_post(5))
    assert [events_of(message) for message in receiver.messages] == [["lab/2"]]
    world.change(hooked, Change(webhook=""))
    world.apply(record(3))
    look_at_all(world.watching, no_post)


def test_what_was_given_up_is_tried_again_when_its_owner_says_so(world: World, receiver: Receiver) -> None:
    saved = world.save(webhook=f"{receiver.origin}/hook")
    receiver.statuses = [410]
    world.apply(record(1))
    look_at_all(world.watching, http_post(5))
    assert "410" in world.watching.store.sending(saved.search.id).problem
    again = world.change(saved, Change(webhook=saved.search.webhook))
    assert again.search.webhook_secret == saved.search.webhook_secret
    look_at_all(world.watching, http_post(5))
    assert [events_of(message) for message in receiver.messages] == [["lab/1"], ["lab/1"]]


def test_many_matches_at_once_are_sent_in_messages_of_a_hundred(world: World, receiver: Receiver) -> None:
    world.save(webhook=f"{receiver.origin}/hook")
    world.apply(*(record(number) for number in range(250)))
    look_at_all(world.watching, http_post(5))
    told = [events_of(message) for message in receiver.messages]
    assert [len(one) for one in told] == [100, 100, 50]
    assert len({name for one in told for name in one}) == 250


def test_what_was_not_taken_is_sent_again_later_and_in_order(world: World, receiver: Receiver) -> None:
    saved = world.save(webhook=f"{receiver.origin}/hook")
    receiver.statuses = [500, 500]
    world.apply(record(1))
    look(world.watching, saved.search)
    post = http_post(5)
    assert deliver(world.watching, saved.search, post).tries == 1
    world.apply(record(2))
    look(world.watching, saved.search)
    deliver(world.watching, saved.search, post)
    assert len(receiver.messages) == 1  # not before it is time
    world.pass_seconds(PAUSES[0])
    assert deliver(world.watching, saved.search, post).tries == 2
    world.pass_seconds(PAUSES[1])
    assert deliver(world.watching, saved.search, post).sent == 2
    assert [events_of(message) for message in receiver.messages] == [["lab/1"], ["lab/1", "lab/2"], ["lab/1", "lab/2"]]


def test_a_receiver_that_is_gone_or_never_answers_is_left_alone(world: World, receiver: Receiver) -> None:
    saved = world.save(webhook=f"{receiver.origin}/hook")
    receiver.statuses = [410]
    world.apply(record(1))
    look(world.watching, saved.search)
    assert "410" in deliver(world.watching, saved.search, http_post(5)).problem
    silent = world.save(webhook="http://127.0.0.1:1/hook")
    world.apply(record(2))
    look(world.watching, silent.search)
    for pause in (*PAUSES, 0):
        sending = deliver(world.watching, silent.search, http_post(5))
        world.pass_seconds(pause)
    assert "no answer" in sending.problem
    deliver(world.watching, saved.search, http_post(5))
    assert len(receiver.messages) == 1


def test_a_redirect_is_not_followed(world: World, receiver: Receiver) -> None:
    with Receiver().listening() as other:
        saved = world.save(webhook=f"{receiver.origin}/hook")
        receiver.statuses, receiver.location = [307], f"{other.origin}/stolen"
        world.apply(record(1))
        look(world.watching, saved.search)
        assert deliver(world.watching, saved.search, http_post(5)).tries == 1
        assert other.messages == []


def test_what_may_not_be_read_at_the_time_of_sending_is_not_sent(world: World, receiver: Receiver) -> None:
    saved = world.save(webhook=f"{receiver.origin}/hook")
    world.apply(record(1, who=TEAM), record(2))
    look(world.watching, saved.search)
    world.tokens["token of alice"] = replace(ALICE, audiences=PUBLIC)
    assert deliver(world.watching, saved.search, http_post(5)).sent == 2
    assert events_of(receiver.messages[0]) == ["lab/2"]


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example/hook",
        "http://hooks.example/hook",
        "https://hooks.example:8443/hook",
        "https://user@hooks.example/hook",
        "https://hooks.example.evil.example/",
        "file:///etc/passwd",
        "https://hooks.example/" + "x" * 2_000,
        "",
    ],
)
def test_webhooks_go_only_where_the_operator_allows(address: str) -> None:
    with pytest.raises(BodyError):
        check_webhook(address, ["https://hooks.example"])
    with pytest.raises(NotOfferedError):
        check_webhook("https://hooks.example/", [])


def test_a_damaged_or_other_file_is_told(tmp_path: Path) -> None:
    damaged = tmp_path / "searches.sqlite"
    damaged.write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreDamagedError, match="saved searches"):
        SqliteSavedSearches(damaged)
    newer = tmp_path / "newer.sqlite"
    store = SqliteSavedSearches(newer)
    store._connection.execute("PRAGMA user_version=99")
    store.close()
    with pytest.raises(StoreDamagedError, match="99"):
        SqliteSavedSearches(newer)
    assert newer.stat().st_mode & 0o077 == 0


def test_searches_of_an_earlier_version_are_kept(world: World, tmp_path: Path) -> None:
    saved = world.save()
    file = tmp_path / "searches.sqlite"
    with closing(sqlite3.connect(file)) as connection:  # what version 1 had not
        for column in ("old_secret", "old_secret_until", "paused"):
            connection.execute(f"ALTER TABLE search DROP COLUMN {column}")
        connection.execute("PRAGMA user_version=1")
        connection.commit()
    for _ in range(2):
        store = SqliteSavedSearches(file)
        assert list(store.all()) == [saved.search]
        store.close()
