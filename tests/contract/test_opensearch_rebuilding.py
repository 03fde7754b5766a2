"""An index on OpenSearch that is lost, damaged or of an older form is noticed, and made anew while what there is answers."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opensearchpy.exceptions import ConnectionTimeout

from records.errors import StoreBusyError, StoreDamagedError, StoreError
from records.rights import PUBLIC
from search.opensearch import beats
from search.opensearch.index import OpenSearchIndex
from search.query import TextPart
from tests.contract.opensearch_index import an_index
from tests.contract.search_index.examples import a_record, a_vector, asking, concept, found, summary_hash
from tests.servers import opensearch

pytestmark = pytest.mark.xdist_group("opensearch")

WORD = TextPart("word")


@pytest.fixture
def index(node: opensearch.Node, name: str) -> Iterator[OpenSearchIndex]:
    index = an_index(node, name)
    yield index
    index.close()


@pytest.fixture
def other(node: opensearch.Node, name: str) -> Iterator[OpenSearchIndex]:
    """The same index, as another process sees it."""
    index = an_index(node, name)
    yield index
    index.close()


def indices(node: opensearch.Node, name: str) -> list[str]:
    return sorted(each["index"] for each in node.ask(f"/_cat/indices/{name}*?format=json"))


def rebuild(index: OpenSearchIndex, *names: str) -> None:
    with index.rebuilding() as new:
        new.apply([a_record(name, text="word") for name in names])


# An older form, another model


def test_an_index_of_another_layout_is_noticed_and_made_anew_by_the_next_writer(
    index: OpenSearchIndex, other: OpenSearchIndex, node: opensearch.Node, name: str
) -> None:
    records = [a_record(f"{n}", text="word", concepts=("urn:b",)) for n in range(7)]
    index.apply(records)
    node.ask(f"/{name}/_mapping", "PUT", {"_meta": {"layout": 0}})
    with pytest.raises(StoreDamagedError, match="layout 0"):
        other.search(asking(), PUBLIC)
    assert len(found(index, WORD)) == 7  # a program that knew it before goes on
    other.apply([a_record("new", text="word")])
    for one in (index, other):
        assert len(found(one, WORD, concept("urn:b"))) == 7
        assert len(found(one, WORD)) == 8
    assert indices(node, name) == [f"{name}-v2", f"{name}-vectors"]


def test_the_old_index_answers_while_vectors_of_another_model_come(
    index: OpenSearchIndex, other: OpenSearchIndex, node: opensearch.Node, name: str
) -> None:
    records = [a_record(f"{n}", text=f"word {n}") for n in range(300)]
    index.apply(records)
    totals: set[int] = set()
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            totals.add(other.search(asking(WORD), PUBLIC).total)

    thread = threading.Thread(target=ask)
    thread.start()
    for model in ("one", "two", "three"):
        index.embed(model, {summary_hash(record): a_vector(1, n) for n, record in enumerate(records)})
    ended.set()
    thread.join()
    assert totals == {300}
    assert index.neighbours(a_vector(1, 7), asking(), PUBLIC)[0][0] == "bma/7"
    assert indices(node, name) == [f"{name}-v3", f"{name}-vectors"]


# Lost and damaged


def test_an_index_that_is_gone_is_not_taken_for_an_empty_one(
    index: OpenSearchIndex, other: OpenSearchIndex, node: opensearch.Node, name: str
) -> None:
    index.apply([a_record("a", text="word")])
    node.ask(f"/{name}-v1", "DELETE")
    for use in (lambda: found(index), lambda: index.apply([a_record("b")]), lambda: other.generation):
        with pytest.raises(StoreDamagedError, match=r"is gone\. Run `voltagraph rebuild`"):
            use()
    rebuild(index, "a", "b")
    assert found(other, WORD) == ["bma/a", "bma/b"]


def test_an_index_without_its_state_is_noticed_and_made_anew(index: OpenSearchIndex, node: opensearch.Node, name: str) -> None:
    index.apply([a_record("a", text="word")])
    node.ask(f"/{name}/_doc/state", "DELETE")
    with pytest.raises(StoreDamagedError, match="has lost its state"):
        found(index)
    node.ask(f"/{name}/_doc/state", "PUT", {"state": {"generation": 1}})
    with pytest.raises(StoreDamagedError, match="does not say what state"):
        found(index)
    rebuild(index, "b")
    assert found(index, WORD) == ["bma/b"]
    assert indices(node, name) == [f"{name}-v2", f"{name}-vectors"]


def test_a_record_that_cannot_be_read_is_told_as_damage(index: OpenSearchIndex, node: opensearch.Node, name: str) -> None:
    index.apply([a_record("a", text="word")])
    node.ask(
        f"/{name}/_update_by_query?refresh", "POST", {"script": "ctx._source.body = 'AAAA'", "query": {"term": {"id": "bma/a"}}}
    )
    with pytest.raises(StoreDamagedError, match="cannot be read"):
        found(index)
    assert index.count([asking()], PUBLIC) == (1,)
    rebuild(index, "a")
    assert found(index, WORD) == ["bma/a"]


def test_vectors_that_are_lost_are_asked_for_again_after_a_rebuild(
    index: OpenSearchIndex, node: opensearch.Node, name: str
) -> None:
    record = a_record("a", text="word")
    index.apply([record])
    index.embed("m", {summary_hash(record): a_vector(1)})
    node.ask(f"/{name}-vectors", "DELETE")
    rebuild(index, "a")
    assert set(index.unembedded("m")) == {summary_hash(record)}
    index.embed("m", {summary_hash(record): a_vector(1)})
    assert [each for each, _ in index.neighbours(a_vector(1), asking(), PUBLIC)] == ["bma/a"]


def test_a_rebuild_forgets_vectors_that_no_record_needs(index: OpenSearchIndex, node: opensearch.Node, name: str) -> None:
    def kept() -> int:
        node.ask(f"/{name}-vectors/_refresh", "POST")
        return int(node.ask(f"/{name}-vectors/_count")["count"])

    records = [a_record(each, text="word") for each in ("a", "b")]
    index.apply(records)
    index.embed("m", {summary_hash(record): a_vector(1) for record in records})
    rebuild(index, "a")
    assert kept() == 1
    index.embed("other", {summary_hash(records[0]): a_vector(2)})
    assert kept() == 1
    assert index.vector_of("bma/a", PUBLIC) is not None


def test_an_index_of_somebody_else_is_left_alone(index: OpenSearchIndex, node: opensearch.Node, name: str) -> None:
    node.ask(f"/{name}/_doc/theirs?refresh", "PUT", {"their": "own"})
    for use in (lambda: found(index), lambda: index.apply([a_record("a")]), lambda: rebuild(index, "a")):
        with pytest.raises(StoreError, match="is no search index of Voltagraph"):
            use()
    assert node.ask(f"/{name}/_doc/theirs")["_source"] == {"their": "own"}
    assert indices(node, name) == [name]


# Who rebuilds dies, or is not alone

REBUILD_UNTIL_KILLED = """
import sys
from itertools import count
from records.record import Record
from records.rights import PUBLIC, Rights
from search.opensearch.cluster import Cluster
from search.opensearch.index import OpenSearchIndex

index = OpenSearchIndex(Cluster((sys.argv[1],), sys.argv[2], replicas=0))
with index.rebuilding() as new:
    for n in count():
        new.apply([Record(f"bma/{n}-{i}", "urn:x", "word", "bma", "x.json", "", Rights(PUBLIC, PUBLIC)) for i in range(100)])
        print(n, flush=True)
"""


def test_what_a_killed_process_was_building_never_counts_and_is_removed_by_the_next_one(
    index: OpenSearchIndex, node: opensearch.Node, name: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.apply([a_record("kept", text="word")])
    command = [sys.executable, "-c", REBUILD_UNTIL_KILLED, node.url, name]
    with subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE) as builder:
        assert builder.stdout
        for _ in range(3):
            builder.stdout.readline()
        with pytest.raises(StoreBusyError, match="being rebuilt by another process"):
            rebuild(index, "b")
        builder.kill()
    index.apply([a_record("meanwhile", text="word")])
    assert found(index, WORD) == ["bma/kept", "bma/meanwhile"]
    assert indices(node, name) == [f"{name}-v1", f"{name}-v2", f"{name}-vectors"]
    monkeypatch.setattr(beats, "SILENT_SECONDS", 0.5)
    rebuild(index, "kept")
    assert found(index, WORD) == ["bma/kept"]
    assert indices(node, name) == [f"{name}-v3", f"{name}-vectors"]


def test_of_two_that_rebuild_one_is_refused_and_the_other_goes_on(
    index: OpenSearchIndex, other: OpenSearchIndex, node: opensearch.Node, name: str
) -> None:
    index.apply([a_record("old", text="word")])
    with index.rebuilding() as new:
        new.apply([a_record("a", text="word")])
        with pytest.raises(StoreBusyError):
            rebuild(other, "b")
        new.apply([a_record("c", text="word")])
    assert found(other, WORD) == ["bma/a", "bma/c"]
    assert indices(node, name) == [f"{name}-v2", f"{name}-vectors"]


def test_who_was_taken_for_dead_changes_nothing_afterwards(
    index: OpenSearchIndex, other: OpenSearchIndex, node: opensearch.Node, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.apply([a_record("old", text="word")])
    monkeypatch.setattr(beats, "SILENT_SECONDS", 0.3)

    def outlived() -> None:
        with index.rebuilding() as new:
            rebuild(other, "b")
            new.apply([a_record("a", text="word")])

    with pytest.raises(StoreError):
        outlived()
    assert found(index, WORD) == ["bma/b"]
    assert indices(node, name) == [f"{name}-v3", f"{name}-vectors"]


def test_a_change_of_indices_whose_answer_is_lost_is_found_to_be_done(
    index: OpenSearchIndex, node: opensearch.Node, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.apply([a_record("old", text="word")])
    client = index._connection.client
    change = client.indices.update_aliases

    def lost(**arguments: Any) -> None:
        change(**arguments)
        raise ConnectionTimeout("TIMEOUT", "", None)

    monkeypatch.setattr(client.indices, "update_aliases", lost)
    rebuild(index, "new")
    assert found(index, WORD) == ["bma/new"]

    def never_sent(**_: Any) -> None:
        raise ConnectionTimeout("TIMEOUT", "", None)

    monkeypatch.setattr(client.indices, "update_aliases", never_sent)
    with pytest.raises(StoreError, match="did not answer within its time"):
        rebuild(index, "never")
    assert found(index, WORD) == ["bma/new"]
    assert indices(node, name) == [f"{name}-v2", f"{name}-vectors"]


def test_notes_of_what_is_written_are_kept_only_while_an_index_is_built(
    index: OpenSearchIndex, node: opensearch.Node, name: str
) -> None:
    def notes() -> int:
        query = {"query": {"bool": {"filter": {"exists": {"field": "id"}}, "must_not": {"exists": {"field": "until"}}}}}
        return int(node.ask(f"/{name}/_count", "POST", query)["count"])

    index.apply([a_record("a", text="word")])
    assert notes() == 0
    with index.rebuilding() as new:
        index.apply([a_record("b", text="word")], ["bma/never-there"])
        assert notes() == 2
        new.apply([a_record("never-there", text="word"), a_record("a", text="word")])
    assert notes() == 0
    assert found(index, WORD) == ["bma/a", "bma/b"]
    with pytest.raises(ZeroDivisionError), index.rebuilding():
        raise ZeroDivisionError
    index.apply([a_record("c", text="word")])
    assert notes() == 0
