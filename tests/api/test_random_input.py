"""Whatever is asked of search, suggestions, answers, similar records and saved searches: an answer, or what is wrong with it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import pytest

from ontology.terms import RATED_CAPACITY
from search.query import Facet
from tests.api.conftest import WORLD, Build, Client, Home

PRISMATIC: Final = "https://w3id.org/emmo/domain/battery#battery_86c9ca80_de6f_417f_afdc_a7e52fa6322d"
ODD: Final = (
    *("", " ", "x", "0", "-1", "1", "2", "007", "9" * 30, "1e999", "-1e-999", "nan", "inf", "true", "null", "²", "٣", "½"),
    *("\x00", "\x1b[31m", "\u200b", "\ud7ff", "\U0001f50b", "é" * 30, "a\nb", "'\"<b>&%", "\\", "../..", "*", "(", ")" * 40),
    *("urn:x", PRISMATIC, f"{PRISMATIC} {PRISMATIC}", RATED_CAPACITY, f"-{RATED_CAPACITY}", f"{RATED_CAPACITY} 1..200 Ah"),
    *("LFP", "LFP above 100 Ah", "prismatic not pouch", "lightest LFP or NMC cell", "capacity ±", "between and V", "> < = Ah"),
    *("how many", "What is the mass of", "3 or or", "not not", "none", "concept", "exact", "lab", "2024", "0000", "a" * 1200),
    *(
        "0:",
        ":0",
        "0:exact",
        "0:related",
        "9:exact",
        "1:1..2 Ah",
        "1:2..1 Ah",
        "1:..",
        "1:..<5 Ah",
        "1:1e300..1e308 Ah",
        "1:1..2 kg",
    ),
    *("0:1..2", "1:nan..", f"0:{PRISMATIC}", "WyI3NSJd", "eyJhIjoxfQ==", "lab/public.jsonld", "lab/community.jsonld"),
)
"""Texts that parameters and bodies are tried with."""
NUMBERS: Final = (0, 1, -1, 2, 10**30, 1.5, 1e308, -0.0, 5e-324)
QUESTIONS: Final = (
    "",
    "LFP",
    "LFP above 100 Ah",
    "prismatic LFP cell above 100 Ah",
    "zirconia",
    "rated capacity above 1 Ah, not pouch",
)
EDITS: Final = (*Facet, "without", "expand", "sense", "range", "negate", "sort")
WISHES: Final = ("explain", "expansions", "expanded", "facets", "snapshot", "limit", "offset", "after")


Params = list[tuple[str, str | int | float | bool | None]]


@dataclass(frozen=True)
class Sent:
    """A request."""

    method: str
    path: str
    params: Params = field(default_factory=list)
    body: bytes | None = None


class Draw:
    """Draws requests.

    Args:
        random: Where chance comes from.
        query: `query` of an answer.
        searches: Addresses of saved searches.
    """

    def __init__(self, random: Random, query: Any, searches: list[str]) -> None:
        self._random = random
        self._query = query
        self._searches = searches

    def request(self) -> Sent:
        """Any request."""
        made = (self._search, self._search, self._page, self._body, self._suggest, self._ask, self._similar, self._saved)
        return self._random.choice(made)()

    def _search(self) -> Sent:
        return Sent("GET", "/api/search", [("q", self._question()), *self._some(EDITS), *self._some(WISHES)])

    def _page(self) -> Sent:
        names = (*EDITS, "explain", "start", "after", "of", "least", "most", "unit", "below", "saved")
        return Sent("GET", "/", [("q", self._question()), *self._some(names)])

    def _body(self) -> Sent:
        good = self._random.choice([{"text": self._question()}, {"query": self._query}])
        return Sent("POST", "/api/search", body=self._spoilt(good | {"limit": 3, "facets": ["year"], "expansions": True}))

    def _suggest(self) -> Sent:
        return Sent("GET", "/api/suggest", [("prefix", self._text()), *self._some(("limit",))])

    def _ask(self) -> Sent:
        return Sent("POST", "/api/ask", body=self._spoilt({"question": self._text()}))

    def _similar(self) -> Sent:
        record = self._random.choice(["lab/public.jsonld", "lab/nobody.jsonld", "lab/none", "%00", "..%2F..", "a" * 3000])
        return Sent("GET", f"/api/records/{record}/similar", self._some(("by", "limit")))

    def _saved(self) -> Sent:
        place = self._random.choice([*self._searches, "/api/searches/none", "/api/searches/%00"])
        good = self._random.choice(
            [{"title": "t", "q": "LFP"}, {"title": "t", "query": self._query}, {"title": "t", "records": ["x"]}]
        )
        change = {"title": "t", "paused": False, "webhook": "", "new_secret": False, "new_feed_key": False}
        return self._random.choice(
            [
                Sent("POST", "/api/searches", body=self._spoilt(good)),
                Sent("PATCH", place, body=self._spoilt(change)),
                Sent("GET", f"{place}/events", self._some(("after", "limit"))),
                Sent("GET", f"{place}/feed", self._some(("key",))),
                Sent("GET", place),
            ]
        )

    def _question(self) -> str:
        return self._random.choice(QUESTIONS) if self._random.random() < 0.8 else self._text()

    def _text(self) -> str:
        return " ".join(self._random.choice(ODD) for _ in range(self._random.choice((1, 1, 2, 4))))

    def _some(self, names: tuple[str, ...]) -> Params:
        return [(self._random.choice(names), self._random.choice(ODD)) for _ in range(self._random.choice((0, 1, 1, 2, 3)))]

    def _spoilt(self, good: Any) -> bytes:
        """The body with some of its values replaced, left out or doubled."""
        value = copy.deepcopy(good)
        for _ in range(self._random.choice((0, 1, 1, 2, 4))):
            holder = self._random.choice([*_holders(value)] or [{"more": 1}])
            place = self._random.choice(list(holder) if isinstance(holder, dict) else list(range(len(holder))))
            if self._random.random() < 0.2:
                del holder[place]
            else:
                holder[place] = self._odd()
        whole = json.dumps(value).encode()
        return whole if self._random.random() < 0.95 else whole[: self._random.randrange(len(whole) + 1)]

    def _odd(self) -> Any:
        plain: tuple[Any, ...] = (None, True, [], {}, [[]], {"x": 1}, *NUMBERS)
        return self._random.choice([self._random.choice(plain), self._random.choice(ODD), [self._random.choice(ODD)] * 3])


def _holders(value: Any) -> Iterator[Any]:
    """Every object and list within that has something."""
    if isinstance(value, dict | list) and value:
        yield value
        for one in value.values() if isinstance(value, dict) else value:
            yield from _holders(one)


def check(sent: Sent, status: int, content: bytes) -> None:
    """What is wrong is told with a remedy, and where it is."""
    assert status in {200, 201, 204, 303, 400, 404, 410, 413, 501}, (sent, status, content[:500])
    if sent.path == "/" or status < 400:
        return
    told = json.loads(content)
    assert told["message"], sent
    assert told["remedy"], (sent, told)
    assert status != 400 or (told["errors"] and all(one["field"] for one in told["errors"])), (sent, told)


@pytest.fixture(scope="module")
def home(build: Build) -> Home:
    return build({name: WORLD[name] for name in ("public.jsonld", "community.jsonld", "nobody.jsonld")})


@pytest.mark.parametrize("seed", range(4))
def test_odd_input_is_answered_or_told_what_is_wrong(home: Home, client_of: Client, seed: int) -> None:
    client = client_of(home)
    alice = {"Authorization": f"Bearer {home.tokens['alice']}"}
    query = client.get("/api/search", params={"q": QUESTIONS[3]}).json()["query"]
    made = client.post("/api/searches", headers=alice, json={"title": "t", "q": "LFP"})
    draw = Draw(Random(seed), query, [made.headers["location"]])
    for _ in range(150):
        sent = draw.request()
        answer = client.request(
            sent.method, sent.path, params=sent.params, content=sent.body, headers=alice, follow_redirects=False
        )
        check(sent, answer.status_code, answer.content)
