"""Random worlds behind the whole application: records with documents and findings, and who may read what."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx2
from fastapi import FastAPI

from api.services import ApiServices
from app.bootstrap import Services
from harvester.correcting import changes_of
from harvester.corrections import Correction
from harvester.ledger import Entry, State
from harvester.memory_payloads import MemoryPayloads
from harvester.sqlite_corrections import SqliteCorrections
from harvester.sqlite_ledger import SqliteLedger
from records.issues import Edit, Issue, Operation, Severity
from records.record import ConceptUse, Entity, EntityKind, Payload, Quantity, Record, Said
from records.rights import PUBLIC, Audiences, Rights
from search.asking.services import AskServices
from search.columns.index import ColumnIndex
from search.duplicates import Duplicates
from search.index import SearchIndex, Vector
from search.opensearch.index import OpenSearchIndex
from search.service import SearchServices
from search.similar import Similar
from search.sqlite_saved_searches import SqliteSavedSearches
from shapes.reader import Document, read_document
from tests.unit.search.random_records import embedding
from tests.unit.search.test_similar import ASPECTS, BY_LABEL, CONCEPTS, UNITS

READERS: Final = {"": (), "ann": ("a",), "ben": ("b",), "both": ("a", "b")}
"""Who asks, and the communities that they are of; the first one has no token."""
AUDIENCES: Final = (PUBLIC, frozenset({"local/community:a"}), frozenset({"local/community:b"}), frozenset[str]())
HOOKS: Final = "https://hooks.example"
"""Where webhooks may be."""
IDS: Final = tuple(f"lab/{number}.jsonld" for number in range(9))
USES: Final = (
    ("BatteryCell",),
    ("PrismaticBattery",),
    ("CylindricalBattery",),
    ("LithiumIronPhosphate", "PositiveElectrode"),
    ("LithiumNickelManganeseCobaltOxide", "PositiveElectrode"),
    ("Graphite", "NegativeElectrode"),
    ("Graphite", "PositiveElectrode"),
    ("ConstantCurrentCharging",),
)
CELLS: Final = (("EVE Energy", "LF280K"), ("CATL", "LF105"), ("A123", "ZR-77"), ("A123 Systems", "ZR-77"))
MAKERS, MODELS = zip(*CELLS, strict=True)
WORDS: Final = ("zirconia", "cycling", "calendar ageing", "LFP", "pouch", "ZR-77", "cell")
MORNING: Final = datetime(2026, 11, 21, 8, tzinfo=UTC)
CODES: Final = ("undefined-term", "missing-unit")


def audiences_of(reader: str) -> Audiences:
    """What a reader holds."""
    return PUBLIC | {f"local/community:{name}" for name in READERS[reader]}


class Near:
    """A model, so that vectors take part."""

    name = "near"
    dimension = 36

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """What is written alike is near."""
        return [embedding(text) for text in texts]


@dataclass(frozen=True)
class Held:
    """A record with what the stores hold of it beside the index."""

    record: Record
    document: bytes
    issues: tuple[Issue, ...]
    correction: Correction | None


class Chance:
    """Random records and changes from one seed.

    Args:
        seed: The same seed gives the same.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def some(self, values: Sequence[Any], most: int) -> list[Any]:
        return self.random.sample(list(values), self.random.randint(0, min(most, len(values))))

    def held(self, most: int = len(IDS)) -> list[Held]:
        """A world of at most so many records."""
        return [self.one(name) for name in IDS[:most] if self.random.random() < 0.8]

    def one(self, name: str) -> Held:
        """A record; who may read its files may read its metadata."""
        metadata = self.random.choice([*AUDIENCES, PUBLIC])
        files = self.random.choice([metadata, metadata, *AUDIENCES]) if metadata == PUBLIC else metadata
        words = " ".join(self.some(WORDS, 3))
        bare = Record(
            name,
            f"https://e.org/{name}",
            f"Cell {words}".strip(),
            "lab",
            name.removeprefix("lab/"),
            "",
            Rights(metadata, files),
            communities=tuple(f"local/community:{one}" for one in self.some("ab", 1)),
        )
        return self.with_content(bare)

    def with_content(self, record: Record) -> Held:
        """The record with other content: what only those know who may read its files."""
        number = self.random.randint(0, 9)
        document = json.dumps({"@type": "BatteryCell", "schema:name": record.title, "number": number}).encode()
        uses = [_use(*names) for names in self.some(USES, 4)]
        numbers = [
            _quantity("RatedCapacity", self.random.choice((280.0, 281.0, 105.0, 2.5)), "Ah", 3600.0, "T·I"),
            _quantity("Mass", self.random.choice((5000.0, 2000.0, 45.0)), "g", 0.001, "M"),
        ]
        filled = replace(
            record,
            digest=Payload(document).digest,
            concepts=tuple(uses),
            quantities=tuple(self.some(numbers, 2)),
            text=" ".join(self.some(WORDS, 3)),
            entities=tuple(self._names()),
            date=self.random.choice(("", "2019", "2021-03")),
            released=("", "2020-05-01")[number % 2],
            licence=self.random.choice(("", "CC0")),
            validation=self.random.choice(("none", "warning")),
            said=((), (Said("country", "countryOfOrigin", "Norway", "/countryOfOrigin", 3),))[number % 2],
        )
        issues = tuple(self._issue() for _ in range(self.random.randint(0, 2)))
        return Held(filled, document, issues, self._correction(filled, document) if self.random.random() < 0.3 else None)

    def _names(self) -> Iterable[Entity]:
        maker, model = self.random.choice(CELLS)
        for kind, name in ((EntityKind.MANUFACTURER, maker), (EntityKind.MODEL, model), (EntityKind.PERSON, "Jane Doe")):
            if self.random.random() < 0.7:
                yield Entity(kind, name, "", "/name", 2)

    def _correction(self, record: Record, document: bytes) -> Correction:
        edits = [Edit(Operation.REPLACE, "/number", str(self.random.randint(10, 19)))]
        read = read_document(document, record.source_file)
        assert isinstance(read, Document)
        changes = changes_of(read, edits)
        number = f"{self.random.getrandbits(64):016x}"
        return Correction(number, record.id, record.digest, changes, (), "curator", "2026-11-21T00:00:00Z", "zirconia")

    def _issue(self) -> Issue:
        value = self.random.choice(("hasMas", "zirconia"))
        return Issue(self.random.choice(CODES), f"'{value}' is not known", self.random.choice(list(Severity)), line=2, value=value)

    def readable(self, whole: Sequence[Held], reader: Audiences) -> list[Held]:
        """What is there without what a reader may not read: other content wherever the reader may not read files."""
        seen = [one for one in whole if one.record.rights.read_metadata & reader]
        return [one if one.record.rights.read_files & reader else self.with_content(one.record) for one in seen]


def _use(concept: str, *within: str) -> ConceptUse:
    return ConceptUse(BY_LABEL[concept], (), f"/{concept}", 2, tuple(BY_LABEL[name] for name in within))


def _quantity(kind: str, value: float, unit: str, factor: float, dimension: str) -> Quantity:
    return Quantity((BY_LABEL[kind],), value, unit, value * factor, {"Ah": "A·s", "g": "kg"}[unit], dimension, f"/{kind}", 3)


class World:
    """The stores of one world, and the services over them.

    Args:
        services: The services of the application, of which this world takes over everything that holds records.
        routes: What the routes call, over the same.
        folder: Where saved searches are kept.
        now: The time.
        index: The search index; what it holds is withdrawn by the first writing. ``None`` for a new one in memory.
    """

    def __init__(
        self,
        services: Services,
        routes: ApiServices,
        folder: Path | None = None,
        now: Callable[[], datetime] = lambda: MORNING,
        index: SearchIndex | None = None,
    ) -> None:
        self.index = index or ColumnIndex(
            None, ancestors=CONCEPTS.ancestors, summary=services.summaries, bookkeeping=services.bookkeeping
        )
        self.ledger = SqliteLedger(None, clock=now)
        self.payloads = MemoryPayloads()
        self.corrections = SqliteCorrections(None)
        search = SearchServices(self.index, services.lookup, services.concepts, services.units, Near())
        self.searches = SqliteSavedSearches(None if folder is None else folder / "searches.sqlite")
        self.services = replace(
            routes,
            search=search,
            asking=AskServices(search),
            similar=Similar(self.index, CONCEPTS, UNITS, ASPECTS),
            ledger=self.ledger,
            payloads=self.payloads,
            curation=replace(services.curation, ledger=self.ledger, payloads=self.payloads, corrections=self.corrections),
            watching=replace(routes.watching, store=self.searches, index=self.index, now=now),
        )
        self.duplicates = Duplicates(self.index, CONCEPTS, ASPECTS)
        self._before = set(self.index.ids())

    def write(self, held: Sequence[Held]) -> None:
        """Make this what the world holds; what it held before is withdrawn."""
        records = [one.record for one in held]
        self.index.apply(records, removed=self._before - {record.id for record in records})
        self._before = {record.id for record in records}
        self.index.embed("near", {key: embedding(text) for key, text in self.index.unembedded("near").items()})
        self.ledger.write([self._entry(one) for one in held])
        for one in held:
            if one.correction is not None and self.corrections.get(one.correction.id) is None:
                self.corrections.add(one.correction)

    def _entry(self, one: Held) -> Entry:
        record, digest = one.record, self.payloads.keep(Payload(one.document))
        key = record.source_file
        return Entry(
            *(record.id, record.source, key, digest, digest, digest, State.LOADED, record.rights),
            title=record.title,
            issues=one.issues,
            communities=record.communities,
        )

    @property
    def cursor_head(self) -> bytes:
        """How cursors of the present state begin."""
        return cursor_head(self.index.generation, is_number=isinstance(self.index, OpenSearchIndex))

    def without_state(self, body: bytes) -> bytes:
        """A body with one word in the place of the name of the index's state, which every cursor begins with."""
        return body.replace(self.cursor_head, b"STATE")

    def close(self) -> None:
        """Let go of everything."""
        for one in (self.index, self.ledger, self.corrections, self.searches):
            one.close()


def cursor_head(generation: str, *, is_number: bool = False) -> bytes:
    """How a cursor of this state of the index begins.

    >>> cursor_head("0123456789abcdef")
    b'WyIwMTIzNDU2Nzg5YWJjZGVm'
    >>> cursor_head("1795316774123", is_number=True)
    b'WzE3OTUzMTY3NzQxMjMs'
    """
    return base64.urlsafe_b64encode((f"[{generation}," if is_number else f'["{generation}').encode())


class Both:
    """One application over two worlds in turn."""

    def __init__(self, app: FastAPI, worlds: Sequence[World], client: httpx2.AsyncClient, reader: str) -> None:
        self.app = app
        self.worlds = worlds
        self.client = client
        self.headers = {"Authorization": f"Bearer {reader}"} if reader else {}

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> list[httpx2.Response]:
        """What each of them answers."""
        answers = []
        for world in self.worlds:
            self.app.state.services = world.services
            own = path.replace("after=STATE", f"after={world.cursor_head.decode()}")
            answers.append(await self.client.request(method, own, json=body, headers={**self.headers, **headers}))
        return answers

    def seen(self, answers: Sequence[httpx2.Response]) -> list[tuple[int, list[tuple[bytes, bytes]], bytes]]:
        """All of the answers, each without the name of its world's state."""
        return [_seen(world, answer) for world, answer in zip(self.worlds, answers, strict=True)]


def _seen(world: World, answer: httpx2.Response) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body; an ``ETag`` that is the digest of the body is that of the body without the state's name."""
    body = world.without_state(answer.content)
    headers = [
        (name, _etag(body) if name == b"etag" and value == _etag(answer.content) else value) for name, value in answer.headers.raw
    ]
    return answer.status_code, sorted(headers), body


def _etag(body: bytes) -> bytes:
    return b'"%s"' % sha256(body).hexdigest().encode()
