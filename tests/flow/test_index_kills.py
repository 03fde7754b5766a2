"""The process that writes the search index is killed again and again: the index opens by itself and equals a fresh one."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Collection
from multiprocessing.synchronize import Event
from pathlib import Path

from records.record import ConceptUse, Entity, EntityKind, Quantity, Record
from records.rights import PUBLIC, Rights
from search.columns import files
from search.columns.index import ColumnIndex
from search.index import Page, SearchIndex
from search.query import ConceptPart, Facet, Query, TextPart

KILLS = 50
BATCH = 20
IDS = 200
TEAM = frozenset({"any", "bma/community:team"})


def ancestors(iri: str) -> Collection[str]:
    return ("urn:top",) if iri.startswith("urn:c") else ()


def summary(record: Record) -> str:
    return record.text


def form(number: int, turn: int) -> Record:
    """A record as it is written in a turn: everything of it says which."""
    rights = Rights(PUBLIC, PUBLIC) if turn % 3 else Rights(TEAM - PUBLIC, TEAM - PUBLIC)
    quantity = Quantity(("urn:mass",), turn, "g", turn / 1000, "kg", "M", "/p", 3)
    maker = Entity(EntityKind.MANUFACTURER, f"Maker {turn % 5}")
    uses = (ConceptUse("urn:x", (), "", 1), ConceptUse(f"urn:c{turn % 4}", ("urn:p",), "/c", 2))
    text = f"cell turn{turn}"
    return Record(f"bma/{number}", "urn:r", f"cell {number}", "bma", "x.json", "d", rights, uses, (quantity,), text, (maker,))


def opened(path: Path) -> ColumnIndex:
    return ColumnIndex(path, ancestors=ancestors, summary=summary)


def write_for_ever(path: Path, first_turn: int, begun: Event) -> None:
    """Write batches, each of one turn, with questions and files of columns in between."""
    files.WORTH_KEEPING = 50  # type: ignore[misc]  # so that files are written all the time
    index = opened(path)
    turn = first_turn
    while True:
        start = turn * BATCH % IDS
        gone = [f"bma/{(start + BATCH) % IDS}"] if turn % 2 else []
        index.apply([form(start + n, turn) for n in range(BATCH)], gone)
        begun.set()
        if turn % 4 == 0:
            index.search(Query("", ()), PUBLIC)
        if turn % 7 == 0:
            index.keep()
        turn += 1


def told(index: SearchIndex) -> list[Page]:
    parts = (
        (),
        (TextPart("cell"),),
        (ConceptPart("x", ("urn:x",), (), frozenset({"urn:x"})),),
        (ConceptPart("top", ("urn:top",), (), frozenset({f"urn:c{n}" for n in range(4)})), TextPart("cell")),
    )
    pages = [index.search(Query("", some), TEAM, facets=tuple(Facet), limit=IDS) for some in parts]
    return [Page(page.total, page.hits, page.facets, page.relaxed) for page in pages]


def test_fifty_kills_while_indexing_leave_an_index_that_equals_a_fresh_one(tmp_path: Path) -> None:
    path = tmp_path / "index.sqlite"
    context = multiprocessing.get_context("spawn")
    wait = random.Random(5)
    for kill in range(KILLS):
        begun = context.Event()
        process = context.Process(target=write_for_ever, args=(path, 1000 * kill, begun))
        process.start()
        assert begun.wait(60)
        time.sleep(wait.random() * 0.15)
        os.kill(process.pid or 0, signal.SIGKILL)
        process.join()
        index = opened(path)
        records = [record for name in sorted(index.ids()) if (record := index.get(name, TEAM)) is not None]
        assert len(records) == len(index.ids())
        turns = [int(record.text.removeprefix("cell turn")) for record in records]
        newest = [record for record, turn in zip(records, turns, strict=True) if turn == max(turns)]
        assert len(newest) == BATCH  # the last batch is whole
        if kill % 5 == 4:
            fresh = ColumnIndex(None, ancestors=ancestors, summary=summary)
            fresh.apply(records)
            assert told(index) == told(fresh)
            fresh.close()
        index.close()
