"""Makes indices on OpenSearch for tests."""

from __future__ import annotations

from search.opensearch.cluster import Cluster
from search.opensearch.index import OpenSearchIndex
from tests.contract.search_index.examples import BOOKKEEPING, ancestors, summary
from tests.servers import opensearch


def an_index(node: opensearch.Node, name: str, *, shards: int = 1) -> OpenSearchIndex:
    """An index on one node, as the contract wants it."""
    cluster = Cluster((node.url,), name, replicas=0, shards=shards)
    return OpenSearchIndex(cluster, ancestors=ancestors, bookkeeping=BOOKKEEPING, summary=summary)
