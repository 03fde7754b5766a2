"""The index on OpenSearch does what every index does (`tests/contract/search_index/`), and what only it has to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from records.errors import CursorExpiredError, StoreBusyError, StoreError
from records.rights import PUBLIC
from search.index import SearchIndex
from search.opensearch import beats, generations
from search.opensearch.index import OpenSearchIndex
from search.opensearch.query_dsl import Asked
from search.query import Query, TextPart
from tests.contract.opensearch_index import an_index
from tests.contract.search_index.examples import a_record, asking, corpora, found, quantity_parts, queries, readers, vectors
from tests.contract.test_search_index import SearchIndexContract
from tests.servers import opensearch

pytestmark = pytest.mark.xdist_group("opensearch")

QUICKLY = (Phase.explicit, Phase.reuse, Phase.generate)
"""No search for the smallest example: it would take an hour."""


def undecorated(test: Any) -> Callable[..., None]:
    """A property without what draws its examples."""
    return cast("Callable[..., None]", test.hypothesis.inner_test)


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

    @settings(max_examples=6, suppress_health_check=list(HealthCheck), phases=QUICKLY)
    @given(corpus=corpora, query=queries, number=quantity_parts, audiences=readers)
    def test_a_click_on_a_bar_finds_as_many_as_it_said(self, index: SearchIndex, **drawn: Any) -> None:
        undecorated(SearchIndexContract.test_a_click_on_a_bar_finds_as_many_as_it_said)(self, index, **drawn)


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
        index._connection.bulk(index._writing.fresh(records, claim.generation, ""), sys.argv[2])
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
    monkeypatch.setattr(beats, "SILENT_SECONDS", 0.5)
    index.apply([a_record("next", title="word")])
    assert found(index, TextPart("word")) == ["bma/kept", "bma/next"]
    assert node.ask(f"/{name}/_count")["count"] <= 4  # two records, the state and the writer


def test_what_a_cluster_refuses_is_told_and_changes_nothing(index: OpenSearchIndex, name: str) -> None:
    index.apply([a_record("a", text="word")])
    index._connection.client.indices.put_settings(index=name, body={"index.blocks.write": True})
    with pytest.raises(StoreError, match="takes no writes"):
        index.apply([a_record("b", text="secretword")])
    index._connection.client.indices.put_settings(index=name, body={"index.blocks.write": False})
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
    index = an_index(node, name, shards=3)
    index.apply([a_record(f"{n}", concepts=tuple(f"urn:{i}" for i in range(n % 10 + 1))) for n in range(50)])
    exact = index.concept_counts(PUBLIC)
    monkeypatch.setattr("search.opensearch.counting.MOST_VALUES", 2)
    index._remembered.clear()
    assert index.concept_counts(PUBLIC) == exact == {f"urn:{i}": 50 - 5 * i for i in range(10)}
    index.close()


def test_a_page_of_an_index_that_is_gone_is_not_followed(index: OpenSearchIndex, node: opensearch.Node, name: str) -> None:
    index.apply([a_record(f"{n}") for n in range(5)])
    after = index.search(asking(), PUBLIC, limit=2).after
    node.ask(f"/{name}*", "DELETE")
    index.apply([a_record(f"other{n}") for n in range(5)])
    with pytest.raises(CursorExpiredError):
        index.search(asking(), PUBLIC, limit=2, after=after)


def test_every_question_is_bound_to_a_generation_and_the_rights_of_its_reader() -> None:
    asked = Asked(Query("", (TextPart("word"),)), frozenset({"any", "bma/x"}), 7).dsl()
    assert {"terms": {"read_metadata": ["any", "bma/x"]}} in asked["bool"]["filter"]
    assert {"range": {"since": {"lte": 7}}} in asked["bool"]["filter"]
