"""Sets of more records than are looked at one by one: the index answers what it can, and the rest is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bootstrap import Services
from app.settings import load_settings
from ontology import terms
from records.record import ConceptUse, Entity, EntityKind, Quantity, Record
from records.rights import PUBLIC, Rights
from search.asking.ask import ask
from search.asking.services import MAX_RECORDS, AskServices
from search.columns.index import ColumnIndex
from search.facets import bookkeeping
from search.service import SearchServices

MANY = MAX_RECORDS + 20
MAKERS = ("Kokam", "Saft", "Zirconia Power")
OPEN = Rights(PUBLIC, PUBLIC)
SECRET = Rights(frozenset({"community:secret"}), frozenset({"community:secret"}))


def cell(number: int, capacity: float, rights: Rights = OPEN) -> Record:
    """A cell of one of three makers; the first one makes half of them."""
    maker = MAKERS[0] if number % 2 else MAKERS[1 + number % 4 // 2]
    return Record(
        f"lab/{number:05}",
        f"urn:{number}",
        f"{maker} {number}",
        "lab",
        f"{number}.json",
        "",
        rights,
        concepts=(ConceptUse(terms.BATTERY_CELL, (), "", 1),),
        quantities=(Quantity((terms.RATED_CAPACITY,), capacity, "Ah", capacity * 3600, "A·s", "T·I", "/hasProperty/0", 5),),
        entities=(Entity(EntityKind.MANUFACTURER, maker, "", "/m", 2), Entity(EntityKind.MODEL, f"ZX-{number}", "", "/n", 3)),
    )


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AskServices]:
    made = Services(load_settings(home=Path(tmp_path_factory.mktemp("home"))))
    index = ColumnIndex(
        None, ancestors=made.concepts.ancestors, summary=lambda record: record.title, bookkeeping=bookkeeping(made.concepts)
    )
    index.apply([*(cell(number, 1 + number / 1000) for number in range(MANY)), cell(99_999, 900.0, SECRET)])
    yield AskServices(SearchServices(index, made.lookup, made.concepts, made.units))
    index.close()


@pytest.mark.parametrize(
    ("question", "value", "unit"),
    [
        ("How many cells are there?", MANY, ""),
        ("How many cells does Kokam make?", MANY // 2, ""),
        ("How many manufacturers are there?", 3, ""),
        ("Who makes the most cells?", "Kokam", ""),
        ("What is the range of rated capacities of all cells?", (1, 1 + (MANY - 1) / 1000), "Ah"),
        ("Which cell has the highest rated capacity?", 1 + (MANY - 1) / 1000, "Ah"),
        ("second highest rated capacity", 1 + (MANY - 2) / 1000, "Ah"),
    ],
)
def test_the_index_answers(asking: AskServices, question: str, value: object, unit: str) -> None:
    reply = ask(asking, question, PUBLIC)
    assert reply.answer is not None, reply.understood
    assert (reply.answer.value, reply.answer.unit) == (value, unit)


def test_what_needs_every_value_is_not_answered_and_says_why(asking: AskServices) -> None:
    reply = ask(asking, "average rated capacity of all cells", PUBLIC)
    assert reply.answer is None
    assert f"{MANY} records match" in reply.understood
