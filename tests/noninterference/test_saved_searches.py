"""What a saved search tells its owner is the same to the byte, whether or not there is what the owner may not read.

Worlds and rights change again and again, the owner gains and loses communities, receivers of webhooks fail; what is compared is
all that goes out: messages of webhooks with their signatures, feeds, events, lists, pages, statuses and headers.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, Final

import httpx2
import pytest
from fastapi import FastAPI

from api.services import ApiServices
from app.bootstrap import Services
from app.watching import look_at_all
from tests.noninterference.conftest import write_tokens
from tests.noninterference.worlds import HOOKS, IDS, MORNING, READERS, Both, Chance, World, audiences_of

PARTS: Final = 2
WORLDS: Final = 15
"""Pairs of worlds in each part."""
STEPS: Final = 5
"""How often the worlds change."""
WATCHED: Final = ("cells", "graphite", "above 100 Ah", "zirconia", "from CATL", "not prismatic")
OWNER: Final = "ann"

Message = tuple[str, bytes, tuple[tuple[str, str], ...]]


class Receiver:
    """Takes messages, or says as often that it cannot.

    Args:
        seed: The same seed takes and refuses the same messages.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.messages: list[Message] = []

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Keep the message."""
        self.messages.append((address, body, tuple(sorted(headers.items()))))
        return self.random.choice((200, 200, 204, 500))


class Story:
    """Two worlds over time.

    Args:
        seed: The same seed tells the same.
        both: The application over the two.
        now: The time, in a list of one.
        home: Where the tokens are.
    """

    def __init__(self, seed: int, both: Both, now: list[Any], home: Path) -> None:
        self.seed = seed
        self.chance = Chance(seed)
        self.both = both
        self.now = now
        self.home = home
        self.receivers = [Receiver(seed), Receiver(seed)]
        self.read = 0
        self.audiences = audiences_of(OWNER)
        self.cases = 0
        self.withheld = 0
        self.kinds: Counter[str] = Counter()

    async def told(self) -> None:
        """Begin, change the worlds, look, and compare all that is told."""
        self.step(set(READERS[OWNER]))
        made = [await self.compared("POST", "/api/searches", body) for body in self.wishes()]
        feeds = [answer.json()["feed"] for answer in made if answer.status_code == 201]
        for _ in range(STEPS):
            self.step({"a", "b"} if self.chance.random.random() < 0.3 else set(self.chance.some("ab", 1)))
            self.now[0] += timedelta(seconds=400)
            looked = [
                look_at_all(world.services.watching, receiver.post)
                for world, receiver in zip(self.both.worlds, self.receivers, strict=True)
            ]
            assert looked[0] == looked[1]
            assert self.receivers[0].messages == self.receivers[1].messages
            sent = [json.loads(body)["data"] for _, body, _ in self.receivers[0].messages[self.read :]]
            self.read = len(self.receivers[0].messages)
            self.only_of_readable(event for one in sent for event in one["events"])
            for answer in made:
                await self.all_of(answer)
            for feed in feeds:
                read = await self.compared("GET", feed)
                await self.compared("GET", feed, **{"If-None-Match": read.headers["etag"]})
            await self.compared("GET", "/api/searches")
            await self.compared("GET", "/searches")
        self.kinds["message"] += self.read

    async def all_of(self, answer: httpx2.Response) -> None:
        """All that is told of one saved search."""
        if answer.status_code == 201:
            place = answer.headers["location"]
            events = await self.compared("GET", f"{place}/events")
            await self.compared("GET", place)
            feed = await self.compared("GET", f"{place}/feed")
            assert feed.content.count(b"<entry>") == len(events.json()["events"])
            self.only_of_readable(events.json()["events"])

    def only_of_readable(self, events: Iterable[Mapping[str, Any]]) -> None:
        """What is told now is of what can be read now: what was told before the owner lost a right is told no more."""
        for event in events:
            self.kinds[event["kind"]] += 1
            is_there = self.both.worlds[0].index.get(event["record"], self.audiences) is not None
            assert is_there == (event["kind"] != "gone"), (self.seed, event)
            assert is_there or not event["title"], (self.seed, event)

    def step(self, communities: set[str]) -> None:
        """Another state of both worlds, and of the owner's rights."""
        write_tokens(self.home, {**READERS, OWNER: sorted(communities)})
        self.audiences = audiences_of("") | {f"local/community:{one}" for one in communities}
        whole = self.chance.held()
        alone = self.chance.readable(whole, self.audiences)
        self.both.worlds[0].write(whole)
        self.both.worlds[1].write(alone)
        self.withheld += whole != alone

    def wishes(self) -> list[dict[str, Any]]:
        """What its owner saves: searches, and records of which some may not be there."""
        random = self.chance.random
        hook = {"webhook": f"{HOOKS}/here"}
        return [
            *({"title": text, "q": text, **(hook if random.random() < 0.5 else {})} for text in random.sample(WATCHED, 2)),
            *({"title": name, "records": [name], **hook} for name in random.sample(IDS, 3)),
        ]

    async def compared(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """What is answered, the same in both worlds."""
        answers = await self.both.ask(method, path, body, **headers)
        seen = self.both.seen(answers)
        assert seen[0] == seen[1], (self.seed, method, path)
        self.cases += 1
        self.kinds[f"{method} {answers[0].status_code}"] += 1
        return answers[0]


@pytest.fixture
def counted_secrets(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids and keys are counted for each world, so that they are the same in both."""
    numbers: dict[int, itertools.count[int]] = {}

    def number(_size: int) -> str:
        of_world = numbers.setdefault(id(app.state.services.watching.store), itertools.count())
        return f"{next(of_world):064x}"

    counted = SimpleNamespace(token_hex=number, token_urlsafe=number, compare_digest=secrets.compare_digest)
    monkeypatch.setattr("search.saved_searches.secrets", counted)


@pytest.mark.usefixtures("counted_secrets")
@pytest.mark.parametrize("part", range(PARTS))
def test_feeds_events_and_webhooks_do_not_depend_on_what_is_forbidden(
    app: FastAPI, services: Services, routes: ApiServices, part: int
) -> None:
    stories: list[Story] = []

    async def all_of_them() -> None:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://testserver") as client:
            for seed in range(part * WORLDS, (part + 1) * WORLDS):
                now = [MORNING]
                worlds = [World(services, routes, now=lambda now=now: now[0]) for _ in range(2)]  # type: ignore[misc]
                story = Story(seed, Both(app, worlds, client, OWNER), now, services.home)
                await story.told()
                stories.append(story)
                for world in worlds:
                    world.close()

    asyncio.run(all_of_them())
    write_tokens(services.home, READERS)
    kinds = sum((story.kinds for story in stories), Counter[str]())
    assert {"new", "changed", "gone", "message", "POST 201", "POST 404", "GET 200", "GET 304"} <= kinds.keys()
    assert sum(story.cases for story in stories) >= 1_000
    assert sum(story.withheld for story in stories) > WORLDS * STEPS / 2
