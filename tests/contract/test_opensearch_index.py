"""The index on OpenSearch does what every index does (`test_search_index.py`), and what only it has to do."""

from __future__ import annotations

import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from records.errors import StoreBusyError, StoreDamagedError, StoreError
from records.rights import PUBLIC
from search.index import SearchIndex
from search.opensearch import generations
from search.opensearch.cluster import Cluster
from search.opensearch.index import OpenSearchIndex
from search.opensearch.query_dsl import Asked
from search.query import Query, TextPart
from tests.contract.test_search_index import (
    BOOKKEEPING,
    SearchIndexContract,
    a_record,
    a_vector,
    ancestors,
    asking,
    concept,
    corpora,
    found,
    queries,
    readers,
    summary,
    summary_hash,
    vectors,
)
from tests.servers import opensearch

QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate)
"""No search for the smallest example: it would take an hour."""


def undecorated(test: Any) -> Callable[..., None]:
    """A property without what draws its examples."""
    return cast("Callable[..., None]", test.hypothesis.inner_test)


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[opensearch.Node]:
    with opensearch.cluster(tmp_path_factory.mktemp("opensearch")) as nodes:
        yield nodes[0]


def an_index(node: opensearch.Node, name: str) -> OpenSearchIndex:
    return OpenSearchIndex(Cluster((node.url,), name, replicas=0), ancestors=ancestors, bookkeeping=BOOKKEEPING, summary=summary)


class TestOpenSearch(SearchIndexContract):
    @pytest.fixture
    def index(self, node: opensearch.Node) -> Iterator[SearchIndex]:
        index = an_index(node, f"t{uuid4().hex[:12]}")
        yield index
        index.close()

    # A cluster takes a second for an example, so there are fewer.

    @settings(max_examples=7, suppress_health_check=list(HealthCheck), phases=QUICKLY)
    @given(
        corpus=corpora,
        changed=corpora,
        gone=st.lists(st.sampled_from([f"bma/{n}" for n in range(12)]), max_size=3),
        query=queries,
        audiences=readers,
        vector=st.one_of(st.none(), vectors),
        drawn=st.lists(vectors, min_size=3, max_size=3),
        cut=st.integers(1, 4),
    )
    def test_every_answer_is_what_its_definition_says(self, index: SearchIndex, **drawn: Any) -> None:
        undecorated(SearchIndexContract.test_every_answer_is_what_its_definition_says)(self, index, **drawn)

    @settings(max_examples=6, suppress_health_check=list(HealthCheck), phases=QUICKLY)
    @given(corpus=corpora, query=queries, audiences=readers)
    def test_a_click_on_a_facet_finds_as_many_as_it_said(self, index: SearchIndex, **drawn: Any) -> None:
        undecorated(SearchIndexContract.test_a_click_on_a_facet_finds_as_many_as_it_said)(self, index, **drawn)


@pytest.fixture
def name() -> str:
    return f"t{uuid4().hex[:12]}"


@pytest.fixture
def index(node: opensearch.Node, name: str) -> Iterator[OpenSearchIndex]:
    index = an_index(node, name)
    yield index
    index.close()


def test_what_fails_half_way_never_counts(index: OpenSearchIndex) -> None:
    index.apply([a_record("kept", text="word"), a_record("gone", text="word")])
    before = index.generation
    broken = a_record("broken")
    object.__setattr__(broken, "title", None)  # no document can be made of it
    with pytest.raises(AttributeError):
        index.apply([*(a_record(f"new{n}", text="word") for n in range(1_200)), a_record("kept"), broken], ["bma/gone"])
    assert index.generation == before
    assert found(index, TextPart("word")) == ["bma/gone", "bma/kept"]
    index.apply([a_record("next", text="word")])
    assert found(index, TextPart("word")) == ["bma/gone", "bma/kept", "bma/next"]


WRITE_UNTIL_KILLED = """
import sys
from itertools import count
from records.record import Record
from records.rights import PUBLIC, Rights
from search.opensearch.cluster import Cluster
from search.opensearch.index import OpenSearchIndex

index = OpenSearchIndex(Cluster((sys.argv[1],), sys.argv[2]))
with index._generations.writing() as claim:
    for n in count():
        records = [Record(f"bma/{n}-{i}", "urn:x", "word", "bma", "x.json", "", Rights(PUBLIC, PUBLIC)) for i in range(100)]
        index._generations.bulk(index._fresh(records, claim.generation, claim.state), sys.argv[2])
        print(n, flush=True)
"""


def test_what_a_killed_writer_began_never_counts(
    index: OpenSearchIndex, node: opensearch.Node, name: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.apply([a_record("kept", title="word")])
    command = [sys.executable, "-c", WRITE_UNTIL_KILLED, node.url, name]
    with subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        for _ in range(3):
            writer.stdout.readline()
        assert found(index, TextPart("word")) == ["bma/kept"]
        monkeypatch.setattr(generations, "BUSY_SECONDS", 1.0)
        with pytest.raises(StoreBusyError):
            index.apply([a_record("next", title="word")])
        writer.kill()
    monkeypatch.setattr(generations, "SILENT_SECONDS", 0.5)
    index.apply([a_record("next", title="word")])
    assert found(index, TextPart("word")) == ["bma/kept", "bma/next"]
    assert node.ask(f"/{name}/_count")["count"] <= 4  # two records, the state and the writer


def test_an_index_of_another_layout_is_noticed_and_made_anew_by_the_next_writer(
    index: OpenSearchIndex, node: opensearch.Node, name: str
) -> None:
    records = [a_record(f"{n}", text="word", concepts=("urn:b",)) for n in range(7)]
    index.apply(records)
    other = an_index(node, name)
    index._client.indices.put_mapping(index=name, body={"_meta": {"layout": 0}})
    with pytest.raises(StoreDamagedError, match="layout 0"):
        other.search(asking(), PUBLIC)
    assert len(found(index, TextPart("word"))) == 7  # a program that knew it before goes on
    other.apply([a_record("new", text="word")])
    for one in (index, other):
        assert len(found(one, TextPart("word"), concept("urn:b"))) == 7
        assert len(found(one, TextPart("word"))) == 8
    assert list(node.ask(f"/{name}")) == [f"{name}-v2"]
    assert len(node.ask(f"/_cat/indices/{name}*?format=json")) == 1
    other.close()


def test_an_index_is_made_anew_while_it_answers(index: OpenSearchIndex, node: opensearch.Node, name: str) -> None:
    records = [a_record(f"{n}", text=f"word {n}") for n in range(300)]
    index.apply(records)
    index.embed("model", {summary_hash(record): a_vector(1, n) for n, record in enumerate(records)})
    totals: set[int] = set()
    ended = threading.Event()

    def ask() -> None:
        reader = an_index(node, name)
        while not ended.is_set():
            totals.add(reader.search(asking(TextPart("word")), PUBLIC).total)
        reader.close()

    thread = threading.Thread(target=ask)
    thread.start()
    nearest = index.neighbours(a_vector(1, 7), asking(), PUBLIC)
    for _ in range(3):
        index.renew()
    ended.set()
    thread.join()
    assert totals == {300}
    assert index.neighbours(a_vector(1, 7), asking(), PUBLIC) == nearest
    assert nearest[0][0] == "bma/7"


def test_what_a_cluster_refuses_is_told_and_changes_nothing(index: OpenSearchIndex, name: str) -> None:
    index.apply([a_record("a", text="word")])
    index._client.indices.put_settings(index=name, body={"index.blocks.write": True})
    with pytest.raises(StoreError, match="takes no writes"):
        index.apply([a_record("b", text="secretword")])
    index._client.indices.put_settings(index=name, body={"index.blocks.write": False})
    assert index.ids() == {"bma/a"}
    index.apply([a_record("b")])
    assert index.ids() == {"bma/a", "bma/b"}


def test_more_hits_than_the_cluster_skips_at_once_are_skipped(index: OpenSearchIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    index.apply([a_record(f"{n:03}") for n in range(60)])
    monkeypatch.setattr("search.opensearch.index.WINDOW", 25)
    assert [hit.record.id for hit in index.search(asking(), PUBLIC, offset=57, limit=5).hits] == ["bma/057", "bma/058", "bma/059"]
    assert index.search(asking(), PUBLIC, offset=70, limit=5).hits == ()


def test_counts_are_exact_where_a_part_of_the_index_cannot_tell_all_values(
    node: opensearch.Node, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = OpenSearchIndex(Cluster((node.url,), name, replicas=0, shards=3), ancestors=ancestors, summary=summary)
    index.apply([a_record(f"{n}", concepts=tuple(f"urn:{i}" for i in range(n % 10 + 1))) for n in range(50)])
    exact = index.concept_counts(PUBLIC)
    monkeypatch.setattr("search.opensearch.counting.MOST_VALUES", 2)
    index._remembered.clear()
    assert index.concept_counts(PUBLIC) == exact == {f"urn:{i}": 50 - 5 * i for i in range(10)}
    index.close()


@contextmanager
def answering(status: int, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> Iterator[tuple[str, list[str]]]:
    """A server that always answers so; its address, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            for header, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(header, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("status", "told"), [(401, "search_store_user"), (403, "Let the user"), (500, "500"), (418, "418")])
def test_what_the_cluster_says_of_content_and_who_we_are_stay_out_of_messages(status: int, told: str) -> None:
    body = b'{"error": {"type": "some_kind", "reason": "SECRET CONTENT"}, "status": 500}'
    with answering(status, body, {"Content-Type": "application/json"}) as (url, _):
        index = OpenSearchIndex(Cluster((url,), user="somebody", password="PASSWORD"))
        with pytest.raises(StoreError, match=told) as raised:
            index.search(asking(), PUBLIC)
        index.close()
    shown = "".join(traceback.format_exception(raised.value)) + repr(index._cluster)
    assert "SECRET" not in shown
    assert "PASSWORD" not in shown


def test_what_people_ask_stays_out_of_logs(index: OpenSearchIndex, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        index.apply([a_record("a", text="confidential")])
        assert found(index, TextPart("confidential")) == ["bma/a"]
        index._client.indices.put_settings(index=index._cluster.name, body={"index.blocks.write": True})
        with pytest.raises(StoreError):
            index.apply([a_record("b", text="confidential")])
    assert "confidential" not in caplog.text


def test_redirects_are_not_followed() -> None:
    with answering(200, b"{}") as (elsewhere, asked), answering(302, b"", {"Location": elsewhere}) as (url, _):
        index = OpenSearchIndex(Cluster((url,)))
        with pytest.raises(StoreError, match="302"):
            index.search(asking(), PUBLIC)
        index.close()
        assert asked == []


def test_where_nobody_listens_the_message_says_what_to_do() -> None:
    index = OpenSearchIndex(Cluster(("http://127.0.0.1:9",)))
    with pytest.raises(StoreError, match=r"cannot be reached\. Start the cluster"):
        index.search(asking(), PUBLIC)
    index.close()


def test_every_question_is_bound_to_a_generation_and_the_rights_of_its_reader() -> None:
    asked = Asked(Query("", (TextPart("word"),)), frozenset({"any", "bma/x"}), 7).dsl()
    assert {"terms": {"read_metadata": ["any", "bma/x"]}} in asked["bool"]["filter"]
    assert {"range": {"since": {"lte": 7}}} in asked["bool"]["filter"]
