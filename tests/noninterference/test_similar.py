"""What is similar, why, in which order and with which score is the same to the byte, whether or not forbidden records exist."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

import numpy as np
import pytest

from records.record import EntityKind, Record
from records.rights import PUBLIC, Audiences
from search.aspects import Aspect
from search.columns.index import ColumnIndex
from search.duplicates import Duplicates
from search.similar import Similar
from search.summary import Summaries
from tests.unit.search.test_similar import ASPECTS, CONCEPTS, UNITS, quantity, record, use

READERS = (
    PUBLIC,
    PUBLIC | {"local/community:a"},
    PUBLIC | {"local/community:b"},
    PUBLIC | {"local/community:a", "local/community:b"},
)
RIGHTS = (PUBLIC, frozenset({"local/community:a"}), frozenset({"local/community:b"}), frozenset[str]())
USES = (
    ("Graphite", "NegativeElectrode"),
    ("Graphite", "PositiveElectrode"),
    ("LithiumIronPhosphate", "PositiveElectrode"),
    ("LithiumNickelManganeseCobaltOxide", "PositiveElectrode"),
    ("LithiumNickelCobaltAluminiumOxide", "PositiveElectrode"),
    ("PrismaticBattery",),
    ("CylindricalBattery",),
    ("ConstantCurrentCharging",),
    ("VinyleneCarbonate", "Electrolyte"),
)
NAMES = (
    (EntityKind.MANUFACTURER, "EVE Energy"),
    (EntityKind.MANUFACTURER, "CATL"),
    (EntityKind.MODEL, "LF280K"),
    (EntityKind.MODEL, "LF105"),
    (EntityKind.PERSON, "Ada Lovelace"),
    (EntityKind.IDENTIFIER, "10.1234/abc"),
)
SEEDS = range(20)
LARGE = 3
"""So many of them have more records than are looked at as candidates."""


def corpus(chance: random.Random, count: int) -> list[Record]:
    def some(things: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
        return chance.sample(list(things), chance.randint(0, 4))

    return [
        record(
            f"r{number:02}",
            [use(*map(str, names)) for names in some(USES)],
            [
                quantity("RatedCapacity", chance.choice((280.0, 281.0, 105.0))),
                quantity("Mass", chance.choice((5000.0, 2000.0)), "g"),
            ],
            [(kind, str(name)) for kind, name in some(NAMES) if isinstance(kind, EntityKind)],
            chance.choice(RIGHTS),
        )
        for number in range(count)
    ]


def index_of(records: Sequence[Record]) -> ColumnIndex:
    index = ColumnIndex(None, ancestors=CONCEPTS.ancestors, summary=Summaries(CONCEPTS, UNITS, ASPECTS))
    index.apply(records)
    summaries = index.unembedded("m")
    index.embed("m", {key: vector(text) for key, text in summaries.items()})
    return index


def vector(text: str) -> np.ndarray:
    """A direction that the words decide."""
    made = np.random.default_rng(sum(map(ord, text))).normal(size=8).astype(np.float32)
    return np.asarray(made / np.linalg.norm(made), np.float32)


def answers(index: ColumnIndex, asked: Sequence[Record], reader: Audiences, by: Aspect) -> bytes:
    similar = Similar(index, CONCEPTS, UNITS, ASPECTS)
    found = [similar.find(one.id, reader, by=by, limit=20) for one in asked]
    return json.dumps([one and one.to_json() for one in found]).encode()


def duplicates(index: ColumnIndex, reader: Audiences) -> bytes:
    return json.dumps([pair.to_json() for pair in Duplicates(index, CONCEPTS, ASPECTS).find(reader)]).encode()


@pytest.mark.parametrize("seed", SEEDS)
def test_similar_records_do_not_depend_on_forbidden_ones(seed: int) -> None:
    chance = random.Random(seed)
    records = corpus(chance, 40 if seed < LARGE else 16)
    everything = index_of(records)
    told = b""
    for reader in READERS:
        readable = [one for one in records if one.rights.read_metadata & reader]
        alone = index_of(readable)
        assert duplicates(everything, reader) == duplicates(alone, reader)
        for by in Aspect:
            with_forbidden = answers(everything, records, reader, by)
            assert with_forbidden == answers(alone, records, reader, by)
            told += with_forbidden
    assert b'"reasons"' in told  # the corpus has something to find
