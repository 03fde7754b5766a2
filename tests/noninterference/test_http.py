"""What a reader may not read changes no byte that the service sends: bodies, statuses and headers, of pages and of the API.

Two worlds behind one application: one holds everything, the other only what the reader may read, and other content wherever the
reader may not read files. Both get the same requests. Of the answers only one word is left aside: the name of the index's state,
with which a cursor begins; it is a hash (`docs/adr/0011-search-index.md`). The number of a request is random by nature; here it is
counted.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from api.services import ApiServices
from app.bootstrap import Services
from search.aspects import Aspect
from search.datasets.search_table import SearchWish, search_table
from search.opensearch.cluster import Cluster
from search.opensearch.index import OpenSearchIndex
from search.query import Expansion, Facet
from tests.noninterference.worlds import IDS, MAKERS, MODELS, READERS, WORDS, Both, Chance, World, audiences_of
from tests.servers import opensearch
from tests.unit.search.test_similar import BY_LABEL, CONCEPTS

PARTS: Final = 4
WORLDS: Final = 40
"""Pairs of worlds in each part."""
REQUESTS: Final = 30
"""Requests to each of them; a few are followed by more."""
CLUSTER_WORLDS: Final = 14
CLUSTER_REQUESTS: Final = 30
"""The same on a cluster, where an answer takes longer."""
ASKED: Final = (
    *("prismatic", "not prismatic", "graphite anode", "NMC cathode", "without graphite", "cells", "LFP", "LFP or NMC"),
    *("above 100 Ah", "below 50 g", "about 280 Ah", "rated capacity between 1 and 3 Ah", "lightest", "highest capacity"),
    *("from CATL", "from A123", "LF280K", "ZR-77", "by Jane Doe", "since 2020", "2019", "zirconia", "calendar ageing", "lithum"),
)
QUESTIONS: Final = (
    *("What is the rated capacity of the {0}?", "How heavy is the {1} {0}?", "Who makes the {0}?", "Is the {0} prismatic?"),
    *("What do you know about {0}?", "Which {2} cells above 100 Ah?", "How many {2} cells from {1}?", "lightest {2} cell"),
    *("average mass of {2} cells", "Compare the mass of LF280K and {0}", "Does the {0} contain graphite?", "Who published {2}?"),
)
PREFIXES: Final = ("lith", "cat", "a1", "lf", "zr", "gra", "jane", "z")
RECORD_ROUTES: Final = ("api/records", "similar", "records/lab", "api/files", "api/corrections", "api/patches")
EXPORTED: Final = ("", "cells above 100 Ah", "graphite", "zirconia")
"""Searches whose tables, as training sets have them, are compared."""
ODD: Final = (
    "after=none",
    "after=none",
    "without=9",
    "expand=0:all",
    "sense=0:urn:x",
    "sort=nonsense",
    "limit=0",
    "offset=99999",
    "year=x",
)


def addressed(chance: Random) -> str:
    """A question with clicks, as `/api/search` and the page take it."""
    parts = [f"q={quote(' '.join(chance.sample(ASKED, chance.randint(0, 3))))}"]
    clicks = {
        Facet.CONCEPT: BY_LABEL["Graphite"],
        Facet.MANUFACTURER: "catl",
        Facet.MODEL: "zr 77",
        Facet.YEAR: "2019",
        Facet.COMMUNITY: "local/community:a",
        Facet.VALIDATION: "warning",
        Facet.LICENCE: "CC0",
    }
    if chance.random() < 0.25:
        facet = chance.choice(list(clicks))
        is_country = facet is Facet.LICENCE and len(parts[0]) % 2 == 0
        parts.append("country=Norway" if is_country else f"{facet.value}={quote(clicks[facet])}")
    if chance.random() < 0.2:
        parts.append(f"sort={chance.choice(('', '-'))}{quote(BY_LABEL['Mass'])}")
    if chance.random() < 0.2:
        parts.append(chance.choice(("without=0", f"expand=0:{chance.choice(list(Expansion))}")))
    if chance.random() < 0.1:
        parts.append(chance.choice(ODD))
    return "&".join(parts)


def request(chance: Random) -> tuple[str, str, Any]:
    """Method, path and body of a random request."""
    record = quote(chance.choice((*IDS, "lab/none.jsonld")))
    question = chance.choice(QUESTIONS).format(chance.choice(MODELS), chance.choice(MAKERS), chance.choice(WORDS))
    by = chance.choice(list(Aspect))
    paths = (
        (7, f"/api/search?{addressed(chance)}&explain=true&expansions=true&limit={chance.choice((1, 2, 10))}"),
        (2, f"/?{addressed(chance)}"),
        (2, f"/api/suggest?prefix={chance.choice(PREFIXES)}"),
        (4, "/api/ask"),
        (5, f"/api/records/{record}/similar?by={by}"),
        (3, f"/api/records/{record}"),
        (1, f"/records/{record}"),
        (1, f"/api/files/{record}"),
        (1, f"/api/corrections/{record}"),
        (1, f"/api/patches/{record}"),
        (1, f"/api/findings?limit={chance.choice((1, 20))}&community={chance.choice(('', 'community:a'))}"),
        (1, "/causes"),
    )
    (path,) = chance.choices([path for _, path in paths], [weight for weight, _ in paths])
    return ("POST", path, {"question": question}) if path == "/api/ask" else ("GET", path, None)


def followed(chance: Random, path: str, answer: httpx2.Response) -> tuple[str, str, Any] | None:
    """What a client asks next: the next page, or the query of the answer sent back."""
    if not path.startswith("/api/search") or answer.status_code != 200:
        return None
    told = answer.json()
    if told["after"] and "?" in path and "after=" not in path:
        return "GET", f"{path}&after={told['after']}", None
    if chance.random() < 0.2:
        return "POST", "/api/search", {"query": told["query"], "explain": True, "limit": 3}
    return None


MARKS: Final = tuple(
    mark.encode()
    for mark in (
        *('"hits":[{', '"facets":{"', '"reasons":[{', '"score_parts":{', '"histograms":[{', '"expansions":[{', '"loosened":[{'),
        *('"nearest":["', '"ordered_by":{', '"suggestions":[{', '"abstained":false', '"abstained":true', '"similar":[{'),
        *('"same_as":[{', '"complement"', '"vector"', '"findings":[{', '"corrections":[{', '"causes":[{', '"number": 1'),
    )
)
"""What the answers must have told, so that something was compared."""


@dataclass
class Tally:
    """What was compared.

    Args:
        cases: Answers that were compared.
        withheld: Of these, how many come from worlds that differ.
        kinds: How often each route and status came.
        marks: How many answers told what.
    """

    cases: int = 0
    withheld: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    marks: Counter[bytes] = field(default_factory=Counter)

    def add(self, path: str, answer: httpx2.Response, differ: bool) -> None:
        """Count an answer that was the same in both worlds."""
        self.cases += 1
        self.withheld += differ
        route = "/".join(path.partition("?")[0].split("/")[1:3])
        self.kinds[f"{'similar' if path.partition('?')[0].endswith('/similar') else route} {answer.status_code}"] += 1
        self.marks.update(mark for mark in MARKS if mark in answer.content)


def fill(whole: World, alone: World, chance: Chance, reader: str) -> bool:
    """Put everything into one world, what the reader may read into the other, and tell whether they differ."""
    audiences = audiences_of(reader)
    present = chance.held()
    forbidden = {one.record.id for one in present if not one.record.rights.read_files & audiences}
    if chance.random.random() < 0.5:  # what could be read once, and cannot any more
        whole.write([one for one in chance.held() if one.record.id in forbidden])
    readable = chance.readable(present, audiences)
    whole.write(present)
    alone.write(readable)
    return readable != present


async def ask_both(both: Both, random: Random, requests: int, differ: bool, tally: Tally) -> None:
    """Ask both worlds, with what a client asks next, and compare their answers."""
    for _ in range(requests):
        asked: tuple[str, str, Any] | None = request(random)
        while asked is not None:
            method, path, body = asked
            answers = await both.ask(method, path, body)
            seen = both.seen(answers)
            assert seen[0] == seen[1], (both.headers, asked)
            tally.add(path, answers[0], differ)
            asked = followed(random, path, answers[0])
            if asked is not None:
                asked = (asked[0], both.worlds[0].without_state(asked[1].encode()).decode(), asked[2])


def a_client(app: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://testserver")


def an_index_on(node: opensearch.Node, services: Services) -> OpenSearchIndex:
    cluster = Cluster((node.url,), f"t{uuid4().hex[:12]}", replicas=0)
    return OpenSearchIndex(cluster, ancestors=CONCEPTS.ancestors, summary=services.summaries, bookkeeping=services.bookkeeping)


def exported(world: World, reader: str, folder: Path) -> list[bytes]:
    """The tables of training sets over searches, and the candidates for the same cell."""
    audiences = audiences_of(reader)
    readable = {f"https://e.org/{name}#graph" for name in IDS if world.ledger.get(name, audiences) is not None}
    path = folder / "table"
    told = [json.dumps([pair.to_json() for pair in world.duplicates.find(audiences)]).encode()]
    for text in EXPORTED:
        found = search_table(world.services.search, SearchWish(text), audiences, readable, 1_000, path)
        told.append(b"%d %s" % (found, path.read_bytes()))
    return told


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_forbidden_changes_a_byte_of_what_is_sent(
    app: FastAPI, services: Services, routes: ApiServices, tmp_path: Path, part: int
) -> None:
    tally = Tally()

    async def compare(number: int, client: httpx2.AsyncClient) -> None:
        chance = Chance(number)
        reader = chance.random.choice(list(READERS))
        whole, alone = World(services, routes), World(services, routes)
        differ = fill(whole, alone, chance, reader)
        await ask_both(Both(app, (whole, alone), client, reader), chance.random, REQUESTS, differ, tally)
        assert exported(whole, reader, tmp_path) == exported(alone, reader, tmp_path), (number, reader)
        tally.cases += len(EXPORTED) + 1
        tally.withheld += differ * (len(EXPORTED) + 1)
        whole.close()
        alone.close()

    async def all_of_them() -> None:
        async with a_client(app) as client:
            for number in range(part * WORLDS, (part + 1) * WORLDS):
                await compare(number, client)

    asyncio.run(all_of_them())
    assert tally.cases >= 1_250
    assert tally.withheld > tally.cases / 2
    assert [mark for mark in MARKS if not tally.marks[mark]] == []
    routes_asked = set(tally.kinds)
    assert {"api/search 200", "api/search 400", "api/search 410", "api/ask 200", "api/suggest 200"} <= routes_asked
    assert {f"{route} {status}" for route in RECORD_ROUTES for status in (200, 404)} <= routes_asked


@pytest.mark.xdist_group("opensearch")
def test_nothing_forbidden_changes_a_byte_of_what_is_sent_when_the_index_is_on_a_cluster(
    app: FastAPI, services: Services, routes: ApiServices, tmp_path: Path, node: opensearch.Node
) -> None:
    """Two indices hold one pair of worlds after another, so that withdrawn records are in them too."""
    tally = Tally()
    indices = [an_index_on(node, services) for _ in range(2)]

    async def all_of_them() -> None:
        async with a_client(app) as client:
            for number in range(CLUSTER_WORLDS):
                chance = Chance(10_000 + number)
                reader = chance.random.choice(list(READERS))
                whole, alone = (World(services, routes, index=index) for index in indices)
                differ = fill(whole, alone, chance, reader)
                await ask_both(Both(app, (whole, alone), client, reader), chance.random, CLUSTER_REQUESTS, differ, tally)
                assert exported(whole, reader, tmp_path) == exported(alone, reader, tmp_path), (number, reader)

    asyncio.run(all_of_them())
    for index in indices:
        index.close()
    assert tally.cases >= 400
    assert tally.withheld > tally.cases / 2
    assert [mark for mark in MARKS if not tally.marks[mark]] == []
    assert {"api/search 200", "api/search 400", "api/search 410", "api/ask 200", "api/suggest 200"} <= set(tally.kinds)
