"""What tests ask of which store, whom they watch, and what nobody should ask."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graph.embedded import EmbeddedGraphStore
from graph.queries import Allowance, QueryRequest, StorePlace, WrittenAnswer
from graph.query_processes import Folders, OnePlace, QueryProcesses
from graph.results import ResultFormat
from graph.store import GraphChange
from records.rdf import Iri, Literal, Triple
from records.rights import PUBLIC

RECORDS = 300
POINT = "SELECT ?n { <urn:r7> <urn:name> ?n }"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"
ALL = "SELECT * { ?a ?p ?b }"
TWO = "?a ?p ?b . ?c ?q ?d"


def doubled(times: int) -> str:
    """A text of sixteen letters, doubled so many times."""
    binds = " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(times))
    return f"SELECT (STRLEN(?x{times}) AS ?n) {{ BIND('0123456789abcdef' AS ?x0) {binds} }}"


# What nobody should ask, by name. Each would run for hours, or make gigabytes.
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


def fill(path: Path, records: int) -> None:
    store = EmbeddedGraphStore(path)
    store.apply([GraphChange(f"urn:r{number}#graph", list(_record(number, records)), PUBLIC) for number in range(records)])
    store.close()


def _record(number: int, records: int) -> Iterator[Triple]:
    yield Triple(f"urn:r{number}", "urn:name", Literal(f"record {number}"))
    for part in range(20):
        target = Iri(f"urn:r{(number * 7 + part * part) % records}#{(number + part * 3) % 20}")
        yield Triple(f"urn:r{number}#{part}", f"urn:p{(number + part) % 4}", target)


def processes(place: StorePlace, spool: Path, **options: Any) -> QueryProcesses:
    return QueryProcesses(Folders(EmbeddedGraphStore), OnePlace(place), spool, **options)


def ask(
    queries: QueryProcesses, text: str, allowance: Allowance = LITTLE, *, form: ResultFormat | None = None, **more: Any
) -> WrittenAnswer:
    made = form or (ResultFormat.N_TRIPLES if text.startswith(("CONSTRUCT", "DESCRIBE")) else ResultFormat.JSON)
    asked = {name: more.pop(name) for name in ("place", "bindings", "default_graphs", "named_graphs", "repeatable") if name in more}
    return queries.run(QueryRequest(text, PUBLIC, made, **asked), allowance, actor=more.pop("actor", "ada"), **more)


def assert_point(queries: QueryProcesses) -> None:
    assert b'"record 7"' in ask(queries, POINT, Allowance()).read()


others: set[int] = set()
"""Processes of services that other tests keep."""


def children(of: int | None = None) -> dict[int, str]:
    """Processes that this test made, or whose parent is another process, with their state."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, rest = path.read_text().partition("(")[2].rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, parent = rest.split()[:2]
        if int(parent) == (of or os.getpid()) and int(path.parent.name) not in others:
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
