"""Answers come whole, and errors are told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from graph.embedded import EmbeddedGraphStore
from graph.queries import Allowance, QueryRequest, StorePlace
from graph.query_processes import Folders, OnePlace, QueryProcesses
from graph.results import ResultFormat, write_answer
from records.errors import LimitError, QueryRefusedError, QuerySyntaxError, StoreError
from records.rdf import Iri
from records.rights import PUBLIC
from tests.unit.graph.query_processes.asking import ALL, LITTLE, POINT, RECORDS, ask, assert_point, children


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
