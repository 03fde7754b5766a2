"""Queries in processes that can be killed: answers whole, every runaway ended in time, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from graph import query_pool
from graph.embedded import EmbeddedGraphStore
from graph.queries import Allowance, QueryRequest, StorePlace, WrittenAnswer
from graph.query_processes import SHORT, SPOOLED_BYTES, Folders, OnePlace, QueryProcesses
from graph.results import ResultFormat, write_answer
from graph.store import GraphChange
from records.errors import (
    BusyError,
    CancelledError,
    LimitError,
    QueryLimitError,
    QueryRefusedError,
    QuerySyntaxError,
    RateLimitError,
    StoreError,
)
from records.rdf import Iri, Literal, Triple
from records.rights import PUBLIC

RECORDS = 300
POINT = "SELECT ?n { <urn:r7> <urn:name> ?n }"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"
ALL = "SELECT * { ?a ?p ?b }"

# What nobody should ask, by name. Each would run for hours, or make gigabytes.
TWO = "?a ?p ?b . ?c ?q ?d"


def doubled(times: int) -> str:
    """A text of sixteen letters, doubled so many times."""
    binds = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(times))
    return f"SELECT (STRLEN(?x{times}) AS ?n) {{ BIND('0123456789abcdef' AS ?x0) {binds} }}"


RUNAWAYS = {
    "a count over a cross product": CROSS,
    "a path of any length over a dense graph": "SELECT (COUNT(*) AS ?n) "
    "{ ?a (<urn:p0>|<urn:p1>|<urn:p2>|<urn:p3>)+ ?b . ?c (<urn:p0>|<urn:p2>|<urn:p3>)+ ?d . FILTER(STR(?a) < STR(?d)) }",
    "a cross product sorted": f"SELECT * {{ {TWO} }} ORDER BY ?d ?a",
    "one text of everything": "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?b), STR(?c), STR(?d)); SEPARATOR=', ') AS ?t) "
    f"{{ {TWO} }}",
    "a text that doubles": doubled(28),
    "a text that grows eightfold": "SELECT (STRLEN(?x9) AS ?n) { BIND('0123456789abcdef' AS ?x0) "
    + " ".join(f"BIND(REPLACE(?x{i}, '.', '$0$0$0$0$0$0$0$0') AS ?x{i + 1})" for i in range(9))
    + " }",
    "a regular expression that repeats repetitions": "SELECT (COUNT(*) AS ?n) "
    f"{{ {TWO} FILTER REGEX(CONCAT(STR(?a), STR(?c)), '^(([a-z0-9:#]+)+)*(x+x+)+y$', 'i') }}",
    "another regular expression for each row": "SELECT (COUNT(*) AS ?n) "
    f"{{ {TWO} . ?e ?r ?f FILTER REGEX(STR(?a), CONCAT('^(a|b|ab|', STR(?d), '){{1,50}}', STR(?f))) }}",
    "OPTIONAL in OPTIONAL": "SELECT (COUNT(*) AS ?n) "
    "{ ?a ?p ?b OPTIONAL { ?c ?q ?d OPTIONAL { ?e ?r ?f OPTIONAL { ?g ?s ?h } } } }",
    "NOT EXISTS in NOT EXISTS": "SELECT (COUNT(*) AS ?n) { ?a ?p ?b FILTER NOT EXISTS { ?c ?q ?d FILTER(?d = ?nothing) "
    "FILTER NOT EXISTS { ?e ?r ?f FILTER(?e = ?a && ?f = ?d && ?c = ?nothing) } } }",
    "a path of length zero over everything": "SELECT (COUNT(*) AS ?n) "
    "{ ?a <urn:none>* ?b . ?c <urn:none>* ?d . ?e <urn:none>* ?f }",
    "VALUES times VALUES": "SELECT (SUM(?a + ?b + ?c + ?d + ?e + ?f + ?g + ?h) AS ?n) { "
    + " ".join(f"VALUES ?{name} {{ {' '.join(map(str, range(40)))} }}" for name in "abcdefgh")
    + " }",
    "distinct rows of a cross product, counted": f"SELECT (COUNT(DISTINCT *) AS ?n) {{ {TWO} }}",
    "distinct rows of a cross product": f"SELECT DISTINCT ?a ?b ?c ?d {{ {TWO} }}",
    "a graph made of a cross product": f"CONSTRUCT {{ ?a ?p ?d . ?c ?q ?b }} WHERE {{ {TWO} }}",
    "a description of everything, again and again": f"DESCRIBE * {{ {TWO} }}",
    "sub-selects that multiply": "SELECT (COUNT(*) AS ?n) "
    "{ { SELECT ?a ?b { ?a ?p ?b } } { SELECT ?c ?d { ?c ?q ?d } } { SELECT ?e ?f { ?e ?r ?f } } }",
    "MINUS between cross products": f"SELECT (COUNT(*) AS ?n) {{ {TWO} MINUS {{ ?a ?r ?d . ?c ?s ?b }} }}",
    "a UNION of cross products": "SELECT (COUNT(*) AS ?n) "
    "{ { ?a ?p ?b . ?c ?q ?d . ?e ?x ?f } UNION { ?a ?p ?b . ?e ?q ?d . ?g ?y ?h } UNION { ?x ?y ?z . ?u ?v ?w . ?r ?s ?t } }",
    "digests of many texts": "SELECT (MAX(SHA512(CONCAT(?t, SHA512(CONCAT(?t, STR(?c)))))) AS ?m) "
    f"{{ {TWO} BIND(CONCAT(STR(?a), STR(?b), STR(?c), STR(?d)) AS ?t) }}",
    "IN with many": f"SELECT (COUNT(*) AS ?n) {{ {TWO} FILTER(CONCAT(STR(?a), STR(?d)) NOT IN ("
    + ", ".join(f"'{i}'" for i in range(200))
    + ")) }",
    "groups without number": f"SELECT ?a ?d (COUNT(*) AS ?n) (GROUP_CONCAT(STR(?b)) AS ?t) {{ {TWO} }} GROUP BY ?a ?b ?c ?d",
    "sorting by a digest, for one row": f"SELECT ?a ?d {{ {TWO} }} ORDER BY SHA512(CONCAT(STR(?a), STR(?d), STR(?b))) LIMIT 1",
    "a negated path over everything": "SELECT (COUNT(*) AS ?n) "
    "{ ?a !<urn:none>+ ?b . ?b (!<urn:none>|^<urn:none>)+ ?c . ?c !<urn:p1>+ ?d }",
    "a path there and back": "SELECT (COUNT(*) AS ?n) "
    "{ ?a (<urn:p0>/^<urn:p0>)* ?b . ?c (<urn:p1>/^<urn:p2>)* ?d . ?e (^<urn:p1>/<urn:p3>)* ?f }",
    "arithmetic over a cross product": "SELECT (AVG(STRLEN(STR(?a)) * STRLEN(STR(?d)) / (1 + STRLEN(STR(?b)))) AS ?n) "
    f"{{ {TWO} . ?e ?r ?f }}",
    "a join on computed values": f"SELECT (COUNT(*) AS ?n) {{ {TWO} . ?e ?r ?f "
    "FILTER(SUBSTR(STR(?a), 5, 9) = SUBSTR(STR(?d), 6, 9)) FILTER(STRAFTER(STR(?f), '#') < STRAFTER(STR(?b), '#')) }",
    "a yes or no that looks at everything": f"ASK {{ {TWO} FILTER(STRLEN(CONCAT(STR(?a), STR(?b), STR(?d))) > 1000) . ?e ?r ?f }}",
    "an offset that is never reached": f"SELECT * {{ {TWO} . ?e ?r ?f }} OFFSET 9000000000 LIMIT 1",
    "more rows than allowed": f"SELECT * {{ {TWO} }}",
    "an answer that is longer than allowed": f"SELECT ?a (CONCAT(?t, ?t, ?t, ?t, ?t, ?t, ?t, ?t) AS ?u) {{ {TWO} "
    "BIND(REPLACE(REPLACE(REPLACE(STR(?d), '.', '$0$0$0$0$0$0$0$0'), '.', '$0$0$0$0$0$0$0$0'), '.', '$0$0$0$0$0$0$0$0') AS ?t) }",
}
LITTLE = Allowance(seconds=1.5, memory_bytes=200_000_000, rows=100_000, bytes=20_000_000, concurrent=12)

Ask = Callable[..., WrittenAnswer]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> StorePlace:
    """A store of 300 records that point at each other."""
    path = tmp_path_factory.mktemp("store") / "graph"
    _fill(path, RECORDS)
    return StorePlace(path, "g1")


def _fill(path: Path, records: int) -> None:
    store = EmbeddedGraphStore(path)
    store.apply([GraphChange(f"urn:r{number}#graph", list(_record(number, records)), PUBLIC) for number in range(records)])
    store.close()


def _record(number: int, records: int) -> Iterator[Triple]:
    yield Triple(f"urn:r{number}", "urn:name", Literal(f"record {number}"))
    for part in range(20):
        target = Iri(f"urn:r{(number * 7 + part * part) % records}#{(number + part * 3) % 20}")
        yield Triple(f"urn:r{number}#{part}", f"urn:p{(number + part) % 4}", target)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def _processes(place: StorePlace, spool: Path, **options: Any) -> QueryProcesses:
    return QueryProcesses(Folders(EmbeddedGraphStore), OnePlace(place), spool, **options)


@pytest.fixture
def queries(place: StorePlace, spool: Path) -> Iterator[QueryProcesses]:
    made = _processes(place, spool, processes=4)
    yield made
    made.close()
    assert not children(), "closing leaves no process"


def ask(
    queries: QueryProcesses, text: str, allowance: Allowance = LITTLE, *, form: ResultFormat | None = None, **more: Any
) -> WrittenAnswer:
    made = form or (ResultFormat.N_TRIPLES if text.startswith(("CONSTRUCT", "DESCRIBE")) else ResultFormat.JSON)
    asked = {name: more.pop(name) for name in ("place", "bindings", "default_graphs", "named_graphs", "repeatable") if name in more}
    return queries.run(QueryRequest(text, PUBLIC, made, **asked), allowance, actor=more.pop("actor", "ada"), **more)


def assert_point(queries: QueryProcesses) -> None:
    assert b'"record 7"' in ask(queries, POINT, Allowance()).read()


_others: set[int] = set()


@pytest.fixture(autouse=True)
def _not_of_other_tests() -> None:
    """Services that other tests keep have processes too."""
    _others.clear()
    _others.update(children())


def children(of: int | None = None) -> dict[int, str]:
    """Processes that this test made, or whose parent is another process, with their state."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, rest = path.read_text().partition("(")[2].rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = rest.split()[:2]
        if int(parent) == (of or os.getpid()) and int(path.parent.name) not in _others:
            found[int(path.parent.name)] = state
    return found


def at_work(queries: QueryProcesses) -> set[int]:
    return {process._child.pid for process in queries._pool._at_work}


def until(condition: Callable[[], object], what: str) -> None:
    for _ in range(1500):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError(what)


@contextmanager
def asking(queries: QueryProcesses, text: str, allowance: Allowance, **more: Any) -> Iterator[Any]:
    """A query that another thread asks; it is at work when this begins."""
    before = len(at_work(queries))
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, queries, text, allowance, **more)
        until(lambda: len(at_work(queries)) > before or asked.done(), "the query is not at work")
        yield asked


class TestAnswers:
    def test_a_short_answer_comes_whole_with_what_is_known_of_it(self, queries: QueryProcesses) -> None:
        answer = ask(queries, POINT, Allowance())
        expected = b'{"head":{"vars":["n"]},"results":{"bindings":[{"n":{"type":"literal","value":"record 7"}}]}}'
        assert answer.read() == b"".join(answer.pieces()) == expected
        assert (answer.rows, answer.size, answer.sha256) == (1, len(expected), sha256(expected).hexdigest())
        assert (answer.form, answer.generation, answer.file) == (ResultFormat.JSON, "g1", None)
        assert 0 < answer.seconds < 60

    @pytest.mark.parametrize("form", ResultFormat)
    @pytest.mark.parametrize("is_long", [False, True])
    def test_size_rows_and_digest_are_those_of_what_is_read_in_every_form(
        self, form: ResultFormat, is_long: bool, queries: QueryProcesses, place: StorePlace
    ) -> None:
        limit = "" if is_long else " LIMIT 10"
        graph_forms = {ResultFormat.N_TRIPLES, ResultFormat.TURTLE, ResultFormat.RDF_XML, ResultFormat.JSON_LD}
        text = "CONSTRUCT { ?a ?p ?b }" if form in graph_forms else "SELECT ?a ?p ?b"
        text += " { ?a <urn:name> ?b ; ?p ?b }" + limit if form is ResultFormat.RDF_XML else " { ?a ?p ?b }" + limit
        with ask(queries, text, Allowance(), form=form) as answer:
            content = answer.read()
            assert b"".join(answer.pieces()) == content
            assert (answer.size, answer.sha256) == (len(content), sha256(content).hexdigest())
            rows = 10 if not is_long else RECORDS if form is ResultFormat.RDF_XML else RECORDS * 21
            assert answer.rows == rows
            assert (answer.file is not None) == (answer.size > 256_000)

    @pytest.mark.parametrize("form", [ResultFormat.JSON, ResultFormat.XML])
    def test_a_yes_or_no_is_one_row(self, form: ResultFormat, queries: QueryProcesses) -> None:
        answer = ask(queries, "ASK { <urn:r7> ?p ?o }", form=form)
        assert answer.rows == 1
        assert b"true" in answer.read()

    def test_it_is_what_the_store_itself_answers(self, queries: QueryProcesses, place: StorePlace) -> None:
        text = "SELECT ?a ?b { ?a <urn:p1> ?b } ORDER BY ?a ?b"
        store = EmbeddedGraphStore(place.path, read_only=True)
        expected = b"".join(write_answer(store.query(text, PUBLIC), ResultFormat.CSV))
        store.close()
        with ask(queries, text, Allowance(), form=ResultFormat.CSV) as answer:
            assert answer.read() == expected

    def test_a_long_answer_is_a_file_that_nobody_else_can_read_and_that_goes_when_it_is_closed(
        self, queries: QueryProcesses, spool: Path
    ) -> None:
        with ask(queries, ALL, Allowance()) as answer:
            assert answer.file is not None
            assert answer.file.is_relative_to(spool)
            assert answer.file.stat().st_mode & 0o777 == 0o600
            assert answer.file.parent.stat().st_mode & 0o077 == 0
            assert answer.file.stat().st_size == answer.size
        assert not list(spool.glob("*/*.answer"))

    def test_bindings_datasets_and_rights_reach_the_store(self, queries: QueryProcesses) -> None:
        text = "SELECT ?n { ?s <urn:name> ?n }"
        assert ask(queries, text, bindings={"s": Iri("urn:r3")}).rows == 1
        assert ask(queries, text, default_graphs=("urn:r3#graph",)).rows == 1
        named = "SELECT ?n { GRAPH ?g { ?s <urn:name> ?n } }"
        assert ask(queries, named, named_graphs=("urn:r3#graph", "urn:r4#graph")).rows == 2
        nobody = QueryRequest(text, frozenset(), ResultFormat.JSON)
        assert queries.run(nobody, LITTLE, actor="ada").rows == 0
        with pytest.raises(QueryRefusedError):
            ask(queries, "SELECT (NOW() AS ?n) { }", repeatable=True)

    def test_many_threads_get_each_its_own_answer(self, queries: QueryProcesses) -> None:
        texts = [f"SELECT ?n {{ <urn:r{number}> <urn:name> ?n }}" for number in range(200)]
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda text: ask(queries, text, Allowance(concurrent=16)).read(), texts))
        assert all(f'"record {number}"'.encode() in answer for number, answer in enumerate(answers))

    def test_short_queries_are_answered_by_the_same_process(self, queries: QueryProcesses) -> None:
        seen: set[int] = set()
        for _ in range(20):
            ask(queries, POINT)
            seen.add(queries._pool._idle[-1]._child.pid)
        assert len(seen) <= 2


class TestErrors:
    def test_a_query_that_does_not_parse_is_told_with_its_place(self, queries: QueryProcesses) -> None:
        with pytest.raises(QuerySyntaxError) as told:
            ask(queries, "SELECT * {\n  ?s ?p }")
        assert (told.value.line, told.value.column) == (2, 8)
        assert told.value.remedy

    def test_a_query_that_is_refused_is_told_with_its_place(self, queries: QueryProcesses) -> None:
        with pytest.raises(QueryRefusedError) as told:
            ask(queries, "SELECT * {\n SERVICE <http://localhost/> { ?s ?p ?o } }")
        assert told.value.line == 2

    def test_a_form_that_the_answer_cannot_have_is_refused(self, queries: QueryProcesses) -> None:
        with pytest.raises(QueryRefusedError, match="cannot be written as"):
            ask(queries, "ASK { }", form=ResultFormat.TURTLE)

    def test_a_query_that_is_too_deep_is_told(self, queries: QueryProcesses) -> None:
        with pytest.raises(LimitError):
            ask(queries, "SELECT * " + "{" * 300 + "}" * 300)

    def test_an_error_leaves_its_process_for_the_next(self, queries: QueryProcesses) -> None:
        ask(queries, POINT)
        before = queries._pool._idle[-1]._child.pid
        for _ in range(5):
            with pytest.raises(QuerySyntaxError):
                ask(queries, "SELECT")
        assert queries._pool._idle[-1]._child.pid == before

    def test_a_store_that_is_not_there_is_told_and_one_that_is_there_still_answers(
        self, queries: QueryProcesses, tmp_path: Path
    ) -> None:
        with pytest.raises(StoreError, match="no graph store at"):
            ask(queries, POINT, place=StorePlace(tmp_path / "nowhere", "g0"))
        assert_point(queries)

    def test_a_disk_that_cannot_be_written_is_told(self, queries: QueryProcesses, spool: Path) -> None:
        ask(queries, POINT)
        for folder in spool.iterdir():
            if folder.is_dir():
                folder.rename(folder.with_name("elsewhere"))
        with pytest.raises(StoreError, match="cannot be kept"):
            ask(queries, ALL, Allowance())

    def test_what_nobody_foresaw_is_told_without_its_message(self, place: StorePlace, spool: Path) -> None:
        broken = QueryProcesses(Folders(partial(int, "zircaloy")), OnePlace(place), spool)  # type: ignore[arg-type]
        with pytest.raises(RuntimeError, match=r"the query failed with \w+ at \w+\.py:\d+") as told:
            ask(broken, POINT)
        assert "zircaloy" not in str(told.value)
        broken.close()

    def test_processes_that_cannot_start_are_told(self, place: StorePlace, spool: Path) -> None:
        broken = QueryProcesses(_Unreadable(), OnePlace(place), spool)  # type: ignore[arg-type]
        with pytest.raises(StoreError, match="No process for queries can be started"):
            ask(broken, POINT)
        broken.close()
        assert not children()


class _Unreadable:
    """Cannot be made again where it goes."""

    def __reduce__(self) -> tuple[object, ...]:
        return eval, ("1 / 0",)


class TestLimits:
    @pytest.mark.parametrize("name", RUNAWAYS)
    def test_a_runaway_is_ended_leaves_nothing_and_the_next_is_answered(
        self, name: str, queries: QueryProcesses, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        assert_point(queries)
        before = set(children())
        seen: set[int] = set()

        def is_cancelled() -> bool:
            seen.update(at_work(queries))
            return False

        started = time.monotonic()
        with pytest.raises(QueryLimitError) as told:
            ask(queries, RUNAWAYS[name], is_cancelled=is_cancelled)
        assert time.monotonic() - started < LITTLE.seconds + 30
        assert told.value.limit in {"seconds", "memory_bytes", "rows", "bytes"}
        assert told.value.allowed == getattr(LITTLE, told.value.limit)
        assert told.value.message
        assert told.value.remedy
        left = children()
        assert seen <= before
        assert not seen & set(left)
        assert "Z" not in left.values()
        assert not list(queries._spool._folder.glob("*/*.answer"))
        assert_point(queries)

    def test_there_are_enough_kinds_of_them(self) -> None:
        assert len(set(RUNAWAYS.values())) >= 24

    @pytest.mark.parametrize(
        ("allowance", "limit", "allowed"),
        [
            (Allowance(rows=100), "rows", 100),
            (Allowance(bytes=300_000), "bytes", 300_000),
            (Allowance(bytes=3_000), "bytes", 3_000),
        ],
    )
    def test_an_answer_beyond_a_bound_is_an_error_and_no_file(
        self, allowance: Allowance, limit: str, allowed: int, queries: QueryProcesses, spool: Path
    ) -> None:
        with pytest.raises(QueryLimitError) as told:
            ask(queries, ALL, allowance)
        assert (told.value.limit, told.value.allowed) == (limit, allowed)
        assert not list(spool.glob("*/*.answer"))

    def test_an_answer_up_to_its_bounds_is_whole(self, queries: QueryProcesses) -> None:
        size = ask(queries, "SELECT * { ?a <urn:name> ?b }", Allowance()).size
        exact = Allowance(rows=RECORDS, bytes=size)
        assert ask(queries, "SELECT * { ?a <urn:name> ?b }", exact).rows == RECORDS
        for tighter in (Allowance(rows=RECORDS - 1, bytes=size), Allowance(rows=RECORDS, bytes=size - 1)):
            with pytest.raises(QueryLimitError):
                ask(queries, "SELECT * { ?a <urn:name> ?b }", tighter)

    def test_the_memory_bound_holds(self, queries: QueryProcesses) -> None:
        """The most that a process ever had is what it had before, and what it was allowed."""
        ask(queries, POINT)
        before = max(map(_most_memory, children()))
        most = [0]

        def is_cancelled() -> bool:
            most[0] = max([most[0], *map(_most_memory, at_work(queries))])
            return False

        allowed = 400_000_000
        with pytest.raises(QueryLimitError) as told:
            ask(
                queries, RUNAWAYS["a cross product sorted"], Allowance(memory_bytes=allowed, seconds=120), is_cancelled=is_cancelled
            )
        assert told.value.limit == "memory_bytes"
        assert allowed / 4 < most[0] < before + allowed

    def test_memory_within_the_bound_is_given(self, queries: QueryProcesses) -> None:
        text = doubled(22)  # 64 MB, with the half of it and a copy
        with pytest.raises(QueryLimitError):
            ask(queries, text, Allowance(memory_bytes=60_000_000))
        assert b"67108864" in ask(queries, text, Allowance(memory_bytes=300_000_000)).read()

    def test_the_bound_counts_from_what_a_process_has_so_that_a_second_query_has_as_much(self, queries: QueryProcesses) -> None:
        text = doubled(22)
        for _ in range(4):
            assert ask(queries, text, Allowance(memory_bytes=300_000_000)).rows == 1

    def test_a_process_that_the_system_kills_for_its_memory_counts_as_too_much(self, queries: QueryProcesses) -> None:
        text = RUNAWAYS["distinct rows of a cross product, counted"]
        with asking(queries, text, Allowance(memory_bytes=200_000_000, seconds=120)) as asked:
            (pid,) = at_work(queries)
            until(lambda: asked.done() or _memory(pid) > 160_000_000, "it takes no memory")
            time.sleep(0.1)
            if pid in children():
                os.kill(pid, signal.SIGKILL)
            with pytest.raises(QueryLimitError) as told:
                asked.result()
            assert told.value.limit == "memory_bytes"


def _most_memory(pid: int) -> int:
    return _of_status(pid, "VmHWM:")


def _memory(pid: int) -> int:
    return _of_status(pid, "VmRSS:")


def _of_status(pid: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)


class TestCancelling:
    def test_a_query_that_nobody_waits_for_is_killed(self, queries: QueryProcesses, spool: Path) -> None:
        gone = threading.Event()
        with asking(queries, CROSS, Allowance(seconds=300), is_cancelled=gone.is_set) as asked:
            (pid,) = at_work(queries)
            gone.set()
            assert isinstance(asked.exception(), CancelledError)
        assert pid not in children()
        assert_point(queries)
        assert not list(spool.glob("*/*.answer"))

    def test_one_that_waits_for_a_process_is_given_up(self, place: StorePlace, spool: Path) -> None:
        queries = _processes(place, spool, processes=1, wait_seconds=300)
        with asking(queries, CROSS, Allowance(seconds=300), actor="ada"):
            with pytest.raises(CancelledError):
                ask(queries, POINT, actor="bob", is_cancelled=lambda: True)
            queries.close()

    def test_an_error_of_who_asks_ends_the_query_too(self, queries: QueryProcesses) -> None:
        def is_cancelled() -> bool:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ask(queries, CROSS, Allowance(seconds=300), is_cancelled=is_cancelled)
        assert not at_work(queries)
        assert_point(queries)

    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
    def test_a_process_that_is_killed_from_outside_is_an_error_and_the_next_is_answered(
        self, number: signal.Signals, queries: QueryProcesses
    ) -> None:
        with asking(queries, CROSS, Allowance(seconds=300)) as asked:
            (pid,) = at_work(queries)
            # One that dies before it began is not missed: another process answers.
            until(lambda: any(process.is_long for process in queries._pool._at_work), "it does not begin")
            os.kill(pid, number)
            assert isinstance(asked.exception(), StoreError)
            assert "Ask again" in str(asked.exception())
        assert pid not in children()
        assert_point(queries)

    def test_a_process_that_dies_while_it_waits_is_replaced(self, queries: QueryProcesses) -> None:
        ask(queries, POINT)
        for _ in range(3):
            until(lambda: not queries._pool._preparing, "they do not start")
            killed = children()
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            until(lambda: {children().get(pid, "Z") for pid in killed} <= {"Z"}, "they did not die")  # noqa: B023
            assert_point(queries)


class TestSharing:
    def test_an_actor_has_no_more_than_its_share_and_others_have_theirs(self, queries: QueryProcesses) -> None:
        one = Allowance(seconds=300, concurrent=1)
        gone = threading.Event()
        with asking(queries, CROSS, one, actor="ada", is_cancelled=gone.is_set) as asked:
            with pytest.raises(RateLimitError, match="1 of your queries") as told:
                ask(queries, POINT, one, actor="ada")
            assert told.value.retry_after >= 1
            assert ask(queries, POINT, one, actor="bob").rows == 1
            gone.set()
            assert isinstance(asked.exception(), CancelledError)
        assert ask(queries, POINT, one, actor="ada").rows == 1

    def test_when_all_are_at_work_a_query_waits_its_turn(self, place: StorePlace, spool: Path) -> None:
        queries = _processes(place, spool, processes=1, wait_seconds=60)
        with asking(queries, CROSS, Allowance(seconds=1), actor="ada") as asked:
            assert ask(queries, POINT, Allowance(), actor="bob").rows == 1
            assert isinstance(asked.exception(), QueryLimitError)
        queries.close()

    def test_and_is_told_when_it_waited_long_enough(self, place: StorePlace, spool: Path) -> None:
        queries = _processes(place, spool, processes=1, wait_seconds=0.2)
        ask(queries, POINT)
        gone = threading.Event()
        with asking(queries, CROSS, Allowance(seconds=300), actor="ada", is_cancelled=gone.is_set):
            with pytest.raises(BusyError, match="Too many queries") as told:
                ask(queries, POINT, actor="bob")
            assert told.value.retry_after >= 1
            assert not isinstance(told.value, RateLimitError)
            gone.set()
        queries.close()

    def test_without_waiting_the_first_query_is_still_answered(self, place: StorePlace, spool: Path) -> None:
        queries = _processes(place, spool, processes=2, wait_seconds=0)
        assert_point(queries)
        queries.close()

    def test_there_are_never_more_processes_than_allowed(self, place: StorePlace, spool: Path) -> None:
        queries = _processes(place, spool, processes=3, wait_seconds=60)
        most = 0
        with ThreadPoolExecutor(12) as pool:
            asked = [pool.submit(ask, queries, POINT, Allowance(concurrent=20)) for _ in range(300)]
            while not all(one.done() for one in asked):
                most = max(most, len(children()))
                time.sleep(0.001)
        assert all(one.result().rows == 1 for one in asked)
        assert 1 < most <= 3
        queries.close()

    def test_long_queries_leave_room_for_short_ones(self, place: StorePlace, spool: Path) -> None:
        queries = _processes(place, spool, processes=4, wait_seconds=60)
        gone = threading.Event()
        long = Allowance(seconds=300, concurrent=10)
        with ThreadPoolExecutor(5) as pool:
            asked = [pool.submit(ask, queries, CROSS, long, is_cancelled=gone.is_set) for _ in range(5)]
            until(lambda: sum(one.done() for one in asked) == 3, "more than two long ones go on")
            assert ask(queries, POINT, actor="bob").rows == 1
            gone.set()
            ended = [type(one.exception()) for one in asked]
        assert sorted(ended, key=str) == [BusyError] * 3 + [CancelledError] * 2
        queries.close()

    @pytest.mark.skipif(sys.platform != "linux", reason="reads the threads of a process as Linux tells them")
    def test_a_long_query_gives_way_with_all_its_threads_and_its_process_is_not_used_again(self, queries: QueryProcesses) -> None:
        gone = threading.Event()
        with asking(queries, CROSS, Allowance(seconds=300), is_cancelled=gone.is_set):
            (pid,) = at_work(queries)
            threads = [int(thread.name) for thread in Path(f"/proc/{pid}/task").iterdir()]
            until(lambda: all(os.getpriority(os.PRIO_PROCESS, thread) == 19 for thread in threads), "it does not give way")
            gone.set()
        assert pid not in children()
        quick = ask(queries, "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?b ?q ?d }", Allowance(seconds=300))
        assert quick.seconds < SHORT or pid not in children()

    def test_spare_processes_wait_and_those_beyond_end_after_a_while(
        self, place: StorePlace, spool: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(query_pool, "IDLE_SECONDS", 0.1)
        queries = _processes(place, spool, processes=8, wait_seconds=60)
        queries.warm()
        until(lambda: len(queries._pool._idle) == query_pool.SPARE, "no spare processes")
        gone = threading.Event()
        with ThreadPoolExecutor(6) as pool:
            asked = [
                pool.submit(ask, queries, CROSS, Allowance(seconds=0.2, concurrent=6), is_cancelled=gone.is_set) for _ in range(6)
            ]
            assert {type(one.exception()) for one in asked} == {QueryLimitError}
        until(lambda: len(children()) == query_pool.SPARE, "they do not end")
        assert_point(queries)
        queries.close()


class TestPlaces:
    def test_the_next_query_reads_what_is_newest(self, place: StorePlace, spool: Path, tmp_path: Path) -> None:
        second = StorePlace(tmp_path / "second", "g2")
        _fill(tmp_path / "second", 20)
        places = _Places(place)
        queries = QueryProcesses(Folders(EmbeddedGraphStore), places, spool)
        text = "SELECT (COUNT(*) AS ?n) { ?s <urn:name> ?n }"
        first = ask(queries, text)
        places.newest = second
        then = ask(queries, text)
        assert (first.generation, then.generation) == ("g1", "g2")
        assert (b'"300"' in first.read(), b'"20"' in then.read()) == (True, True)
        until(lambda: set(places.held) == {second}, "the old one is still held by processes that nobody asks")
        queries.close()
        assert not places.held

    def test_another_place_is_read_when_asked_for_and_held_meanwhile(self, place: StorePlace, spool: Path, tmp_path: Path) -> None:
        _fill(tmp_path / "snapshot", 20)
        snapshot = StorePlace(tmp_path / "snapshot", "s1")
        places = _Places(place)
        queries = QueryProcesses(Folders(EmbeddedGraphStore), places, spool, processes=1)
        answer = ask(queries, ALL, Allowance(), place=snapshot)
        assert (answer.generation, answer.rows) == ("s1", 20 * 21)
        assert set(places.held) == {place, snapshot}
        assert ask(queries, POINT).generation == "g1"
        queries.close()
        assert not places.held

    def test_no_more_than_a_few_places_stay_open(self, place: StorePlace, spool: Path, tmp_path: Path) -> None:
        places = _Places(place)
        queries = QueryProcesses(Folders(EmbeddedGraphStore), places, spool, processes=1)
        for number in range(query_pool.PLACES + 3):
            _fill(tmp_path / str(number), 3)
            ask(queries, ALL, place=StorePlace(tmp_path / str(number), str(number)))
        assert len(places.held) == query_pool.PLACES
        open_here = {str(file.readlink()) for pid in children() for file in Path(f"/proc/{pid}/fd").iterdir()}
        assert {Path(name).parent.name for name in open_here if name.endswith(".sst")} <= {held.generation for held in places.held}
        assert ask(queries, POINT).generation == "g1"
        queries.close()

    def test_a_store_that_nobody_has_written_is_empty(self, spool: Path) -> None:
        queries = _processes(StorePlace(None, "empty"), spool)
        answer = ask(queries, ALL)
        assert (answer.rows, answer.generation) == (0, "empty")
        queries.close()

    def test_places_that_cannot_be_told_are_an_error_of_the_query_alone(self, place: StorePlace, spool: Path) -> None:
        places = _Places(place)
        places.fails = True
        queries = QueryProcesses(Folders(EmbeddedGraphStore), places, spool)
        with pytest.raises(StoreError, match="not today"):
            ask(queries, POINT)
        places.fails = False
        assert_point(queries)
        queries.close()


class _Places:
    """States that a test chooses, and who holds them."""

    def __init__(self, newest: StorePlace) -> None:
        self.newest = newest
        self.held: dict[StorePlace, int] = {}
        self.fails = False
        self._lock = threading.Lock()

    def current(self) -> StorePlace:
        if self.fails:
            raise StoreError("not today")
        return self.newest

    @contextmanager
    def hold(self, place: StorePlace) -> Iterator[StorePlace]:
        with self._lock:
            self.held[place] = self.held.get(place, 0) + 1
        yield place
        with self._lock:
            self.held[place] -= 1
            if not self.held[place]:
                del self.held[place]


class TestEnd:
    def test_closing_ends_everything_at_once_and_tells_those_who_wait(self, place: StorePlace, spool: Path) -> None:
        queries = _processes(place, spool, processes=2, wait_seconds=300)
        kept = ask(queries, ALL, Allowance())
        endless = Allowance(seconds=3000, concurrent=10)
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(ask, queries, CROSS, endless) for _ in range(4)]
            until(lambda: len(at_work(queries)) == 2 and queries._pool._waiting, "they are not at work")
            queries.close()
            assert {type(one.exception()) for one in asked} == {BusyError}
        assert not children()
        assert kept.file is not None
        assert not kept.file.exists()
        kept.close()
        with pytest.raises(BusyError, match="stopping"):
            ask(queries, POINT)
        queries.close()

    def test_what_was_never_asked_starts_and_leaves_nothing(self, place: StorePlace, spool: Path) -> None:
        queries = _processes(place, spool)
        assert not children()
        assert not spool.exists()
        queries.close()

    def test_answers_that_a_killed_server_left_are_removed_and_those_of_a_living_one_stay(
        self, queries: QueryProcesses, place: StorePlace, spool: Path
    ) -> None:
        living = ask(queries, ALL, Allowance())
        dead = spool / "of-a-killed-one"
        dead.mkdir()
        (dead / "lock").touch()
        (dead / "1.answer").write_bytes(b"left")
        other = _processes(place, spool)
        ask(other, POINT)
        assert not dead.exists()
        assert living.file is not None
        assert living.file.is_file()
        other.close()
        living.close()

    def test_new_queries_are_refused_while_too_much_waits_to_be_fetched(self, queries: QueryProcesses, spool: Path) -> None:
        answer = ask(queries, ALL, Allowance())
        assert answer.file is not None
        os.truncate(answer.file, SPOOLED_BYTES + 1)  # a hole takes no space
        with pytest.raises(BusyError, match="wait to be fetched"):
            ask(queries, POINT)
        answer.close()
        assert_point(queries)

    @pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux to end the child")
    def test_a_killed_server_takes_its_queries_with_it(self, place: StorePlace, spool: Path) -> None:
        program = (
            "import sys; sys.path[:] = sys.argv[3:]\n"
            "import threading, time\nfrom pathlib import Path\n"
            "from graph.embedded import EmbeddedGraphStore\nfrom graph.queries import *\nfrom graph.query_processes import *\n"
            "from graph.results import ResultFormat\nfrom records.rights import PUBLIC\n"
            "place = OnePlace(StorePlace(Path(sys.argv[1]), 'g'))\n"
            "queries = QueryProcesses(Folders(EmbeddedGraphStore), place, Path(sys.argv[2]))\n"
            f"request = QueryRequest({CROSS!r}, PUBLIC, ResultFormat.JSON)\n"
            "threading.Thread(target=lambda: queries.run(request, Allowance(seconds=600), actor='a'), daemon=True).start()\n"
            "while not any(process.is_long for process in queries._pool._at_work): time.sleep(0.01)\n"
            "print(*[process._child.pid for process in [*queries._pool._at_work, *queries._pool._idle]], flush=True)\n"
            "time.sleep(600)\n"
        )
        server = subprocess.Popen(
            [sys.executable, "-c", program, str(place.path), str(spool), *sys.path], stdout=subprocess.PIPE, text=True
        )
        assert server.stdout is not None
        pids = [int(pid) for pid in server.stdout.readline().split()]
        server.kill()
        server.wait(60)
        server.stdout.close()
        assert pids
        until(lambda: not any(_is_there(pid) for pid in pids), "processes stay behind")

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
    def test_a_server_that_ends_leaves_no_process(self, number: signal.Signals, tmp_path: Path) -> None:
        """The real command, with a query at work."""
        _fill(tmp_path / "graph", 100)
        server = subprocess.Popen(
            [sys.executable, "-c", "from app.cli import main; main()", "--home", str(tmp_path), "serve", "--port", "0", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert server.stdout is not None
        url = json.loads(server.stdout.readline())["url"]
        asked = threading.Thread(target=_swallow, args=(f"{url}sparql?{urlencode({'query': CROSS})}",))
        asked.start()
        until(lambda: any(_niceness(pid) == 19 for pid in children(server.pid)), "the query is not at work")
        pids = set(children(server.pid))
        # Ctrl-C reaches the whole group.
        os.killpg(server.pid, number) if number is signal.SIGINT else server.send_signal(number)
        server.wait(60)
        server.stdout.close()
        asked.join()
        until(lambda: not any(_is_there(pid) for pid in pids), "processes stay behind")


def _swallow(url: str) -> None:
    with suppress(OSError, HTTPException), urlopen(url, timeout=120) as answer:
        answer.read()


def _niceness(pid: int) -> int:
    try:
        return os.getpriority(os.PRIO_PROCESS, pid)
    except ProcessLookupError:
        return 0


def _is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
