"""Sends the messages of webhooks over HTTP: no redirects, bounded in time, nothing of the answer read but its status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.webhooks import Post


def http_post(seconds: float) -> Post:
    """A `Post` that gives up after so many seconds."""
    import urllib3  # only where something is sent

    pool = urllib3.PoolManager(num_pools=10, maxsize=1, retries=False, timeout=urllib3.Timeout(total=seconds))

    def post(address: str, body: bytes, headers: Mapping[str, str]) -> int:
        try:
            response = pool.request("POST", address, body=body, headers=dict(headers), redirect=False, preload_content=False)
        except urllib3.exceptions.HTTPError as error:
            raise OSError(f"No answer: {type(error).__name__}") from None
        status = int(response.status)
        response.close()
        return status

    return post
