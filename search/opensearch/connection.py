"""What is asked of the cluster and written to it: whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from records.errors import StoreError
from search.opensearch.cluster import WRITE_SECONDS, Cluster, Json, connected, patiently, told

BULK_BYTES: Final = 5_000_000
"""One request of many documents has at most so many bytes."""
RETRIES: Final = 6
"""How often documents are sent again that the cluster had no room for."""


class Connection:
    """A cluster and a client that speaks to it, for use by many threads. Nothing is sent before the first use.

    Args:
        cluster: Where it is.

    Raises:
        SettingsError: The client is not installed, or cannot be made with these settings.
    """

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.client = connected(cluster)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turns what the client raises into the errors of `records.errors`."""
        with told(self.cluster):
            yield

    def ask(self, body: Json, index: str = "") -> Mapping[str, Any]:
        """The answer to a search: of all parts of the index (ours, if none is named), or none."""
        search = partial(self.client.search, index=index or self.cluster.name, body=body, allow_partial_search_results=False)
        answer: Mapping[str, Any] = patiently(search)
        if answer["timed_out"] or answer["_shards"]["failed"]:
            raise StoreError(f"The search index {self.cluster.place} answered in part.", "Look at the health of the cluster.")
        return answer

    def every(self, query: Json, fields: Sequence[str], index: str = "", size: int = 500) -> Iterator[list[Json]]:
        """All documents that a query finds, in batches, in the order of ``id``; of those with the same one, at least one."""
        body: Json = {"query": query, "size": size, "_source": list(fields), "sort": [{"id": "asc"}]}
        while hits := self.ask(body, index)["hits"]["hits"]:
            yield hits
            body = {**body, "search_after": hits[-1]["sort"]}

    def totals(self, queries: Sequence[Json]) -> list[int]:
        """How many documents each of these finds."""
        if not queries:
            return []
        asked = {"filters": {"filters": queries}}
        answer = self.ask({"size": 0, "query": {"bool": {"should": queries}}, "aggs": {"totals": asked}})
        return [int(bucket["doc_count"]) for bucket in answer["aggregations"]["totals"]["buckets"]]

    def bulk(self, actions: Iterable[Json], index: str, *, is_alias: bool = True) -> None:
        """Send many documents; what the cluster has no room for is sent again after a while.

        Args:
            actions: The documents, as `opensearchpy.helpers` wants them. Removing one that is not there is no fault.
            index: Where they go.
            is_alias: Whether that must be an alias: one that is gone is then not taken for an index to be made.

        Raises:
            StoreError: Some were refused.
        """
        from opensearchpy.helpers import streaming_bulk

        sent = streaming_bulk(
            self.client,
            actions,
            index=index,
            max_chunk_bytes=BULK_BYTES,
            raise_on_error=False,
            max_retries=RETRIES,
            initial_backoff=1,
            max_backoff=10,
            yield_ok=False,
            request_timeout=WRITE_SECONDS,
            require_alias=is_alias,
        )
        kinds = [_kind_of(answer) for _, answer in sent if answer.get("delete", {}).get("result") != "not_found"]
        if kinds:
            message = f"{len(kinds)} documents were not taken by {self.cluster.place}: {', '.join(sorted(set(kinds)))}."
            raise StoreError(f"{message} Nothing was changed.", "Look at the health and the log of the cluster, then try again.")

    def refresh(self, index: str = "") -> None:
        """Let questions find what was written.

        Raises:
            StoreError: A part of the index could not.
        """
        named = index or self.cluster.name
        answer = patiently(lambda: self.client.indices.refresh(index=named, request_timeout=WRITE_SECONDS))
        if answer["_shards"]["failed"]:
            message = f"The search index {self.cluster.place} could not show what was written. Nothing was changed."
            raise StoreError(message, "Look at the health of the cluster, then try again.")


def _kind_of(answer: Json) -> str:
    found: dict[str, Any] = next(iter(answer.values()))
    error = found.get("error")
    return str(error.get("type")) if isinstance(error, dict) else f"status {found.get('status')}"
