"""The whole program over a search index on a cluster: it stops, hangs and comes back, and is rebuilt while it serves."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.settings import Settings
from tests.flow.conftest import Run
from tests.servers import opensearch
from tests.serving import served

pytestmark = pytest.mark.xdist_group("opensearch")

QUESTION = "LFP cells above 100 Ah"


@pytest.fixture(scope="module")
def node() -> Iterator[opensearch.Node]:
    """A node that these tests stop."""
    with opensearch.cluster() as nodes:
        yield nodes[0]


@pytest.fixture
def index_name() -> str:
    return f"t{uuid4().hex[:12]}"


@pytest.fixture
def environment(environment: dict[str, str], node: opensearch.Node, index_name: str) -> dict[str, str]:
    """As for every command, with an empty search index on the cluster."""
    return environment | {
        "VOLTAGRAPH_SEARCH_STORE_URLS": json.dumps([node.url]),
        "VOLTAGRAPH_SEARCH_STORE_NAME": index_name,
        "VOLTAGRAPH_SEARCH_STORE_REPLICAS": "0",
    }


@pytest.fixture
def settings(home: Path, node: opensearch.Node, index_name: str) -> Settings:
    return Settings(
        home=home,
        search_store_urls=(node.url,),
        search_store_name=index_name,
        search_store_replicas=0,
        search_store_timeout_seconds=1.5,
        embedding_model="none",
    )


def asked(url: str, accept: str = "application/json") -> tuple[int, str]:
    """Status and body of an answer, whatever it is."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_cluster_that_hangs_or_stops_is_told_and_the_server_answers_again_when_it_is_back(
    run: Run, run_json: Callable[..., Any], repository: Path, settings: Settings, node: opensearch.Node
) -> None:
    run("harvest", str(repository / "app" / "samples" / "cells"), "--name", "cells")
    found = run_json("search", QUESTION)["total"]
    assert found > 0
    with served(settings) as server:
        question = urllib.parse.urlencode({"q": QUESTION})
        search, page = f"{server.address}/api/search?{question}", f"{server.address}/?{question}"

        def answers() -> list[tuple[int, str]]:
            return [asked(search), asked(page, "text/html"), asked(f"{server.address}/ready")]

        def check_that_it_answers() -> None:
            api, shown, ready = answers()
            assert (api[0], json.loads(api[1])["total"], shown[0], ready[0]) == (200, found, 200, 200)

        def check_that_it_says_so() -> None:
            api, shown, ready = answers()
            assert (api[0], shown[0], ready[0]) == (503, 503, 503)
            body = json.loads(api[1])
            assert (body["message"], body["remedy"]) == (
                "The service cannot answer just now.",
                "Try again later, or tell its operator.",
            )
            assert body["message"] in shown[1]
            assert body["remedy"] in shown[1]
            assert "127.0.0.1" not in api[1] + shown[1].replace(server.address, ""), "where the cluster is concerns nobody"
            assert asked(f"{server.address}/health")[0] == 200

        check_that_it_answers()
        node.pause()
        try:
            check_that_it_says_so()
            hanging = run("search", QUESTION, code=5, env={"VOLTAGRAPH_SEARCH_STORE_TIMEOUT_SECONDS": "1"})
            assert "did not answer within its time. Look at the load of the cluster" in hanging.stderr
        finally:
            node.resume()
        check_that_it_answers()

        node.kill()
        check_that_it_says_so()
        gone = run("search", QUESTION, code=5)
        assert "cannot be reached. Start the cluster, or check search_store_urls." in gone.stderr
        node.start()
        node.wait()
        node.ask("/_cluster/health?wait_for_status=yellow&timeout=60s")
        check_that_it_answers()


def test_a_question_in_the_middle_of_which_the_cluster_stops_ends_in_an_error(
    run: Run, repository: Path, settings: Settings, node: opensearch.Node
) -> None:
    run("harvest", str(repository / "app" / "samples" / "cells"), "--name", "cells")
    with served(settings) as server:
        url = f"{server.address}/api/search?{urllib.parse.urlencode({'q': QUESTION})}"
        statuses: list[int] = []
        ended = threading.Event()

        def ask() -> None:
            while not ended.is_set():
                statuses.append(asked(url)[0])

        askers = [threading.Thread(target=ask) for _ in range(3)]
        for asker in askers:
            asker.start()
        while 200 not in statuses:
            time.sleep(0.01)
        node.kill()
        while 503 not in statuses:
            time.sleep(0.01)
        node.start()
        node.wait()
        node.ask("/_cluster/health?wait_for_status=yellow&timeout=60s")
        before = len(statuses)
        while statuses[-1] != 200 or len(statuses) < before + 10:
            time.sleep(0.01)
        ended.set()
        for asker in askers:
            asker.join()
        assert set(statuses) == {200, 503}
        assert set(statuses[-3:]) == {200}


def test_the_old_index_answers_until_the_new_one_is_whole_and_a_lost_one_is_told(
    run: Run, run_json: Callable[..., Any], repository: Path, settings: Settings, node: opensearch.Node, index_name: str
) -> None:
    report = run_json("harvest", str(repository / "app" / "samples"), "--name", "samples")
    found = run_json("search", QUESTION)["total"]
    with served(settings) as server:
        totals: set[object] = set()
        ended = threading.Event()

        def ask() -> None:
            while not ended.is_set():
                status, body = asked(f"{server.address}/api/search?q=")
                totals.add(json.loads(body)["total"] if status == 200 else status)

        asker = threading.Thread(target=ask)
        asker.start()
        assert run_json("rebuild")["documents"] == report["loaded"]
        ended.set()
        asker.join()
        assert totals == {report["loaded"]}
    node.ask(f"/{index_name}-v2", "DELETE")
    assert "is gone. Run `voltagraph rebuild`" in run("search", QUESTION, code=5).stderr
    assert run_json("rebuild")["documents"] == report["loaded"]
    assert run_json("search", QUESTION)["total"] == found > 0
