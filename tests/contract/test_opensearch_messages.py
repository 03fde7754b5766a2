"""How the cluster is spoken to: what is told of its errors, and what is never told."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType

import pytest

from records.errors import StoreError
from records.rights import PUBLIC
from search.opensearch.cluster import Cluster
from search.opensearch.index import OpenSearchIndex
from search.query import TextPart
from tests.contract.opensearch_index import an_index
from tests.contract.search_index.examples import a_record, asking, found
from tests.servers import opensearch

pytestmark = pytest.mark.xdist_group("opensearch")


@pytest.fixture
def index(node: opensearch.Node, name: str) -> Iterator[OpenSearchIndex]:
    index = an_index(node, name)
    yield index
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
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
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
    shown = "".join(traceback.format_exception(raised.value)) + repr(index._connection.cluster)
    assert "SECRET" not in shown
    assert "PASSWORD" not in shown


def test_what_people_ask_stays_out_of_logs(index: OpenSearchIndex, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        index.apply([a_record("a", text="confidential")])
        assert found(index, TextPart("confidential")) == ["bma/a"]
        index._connection.client.indices.put_settings(index=index._connection.cluster.name, body={"index.blocks.write": True})
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
