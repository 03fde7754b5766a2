"""Signs of life of a process that writes: it changes a document every few seconds.

Nobody compares clocks: who waits looks whether the document changes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from search.opensearch.cluster import patiently

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

BEATING: Final = "writer"
"""Id of the document."""
BEAT_SECONDS: Final = 3.0
"""How often it is changed."""
SILENT_SECONDS: Final = 15.0
"""Who has not been heard of for so long has died."""


@contextmanager
def beating(client: OpenSearch, alias: str, who: str) -> Iterator[None]:
    """Meanwhile others are told now and then that we live."""
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(client, alias, who, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(client: OpenSearch, alias: str, who: str, ended: threading.Event) -> None:
    from opensearchpy.exceptions import OpenSearchException

    beats = 0
    while not ended.wait(BEAT_SECONDS):
        beats += 1
        try:
            client.index(index=alias, id=BEATING, body={"state": {"beat": f"{who} {beats}"}}, require_alias=True)
        except OpenSearchException:
            continue


def last_beat(client: OpenSearch, index: str) -> str:
    """What the document says now; ``""`` for none."""
    found = patiently(lambda: client.get(index=index, id=BEATING, ignore=[404]))
    return str(found["_source"]["state"]["beat"]) if found.get("found") else ""


def is_alive(client: OpenSearch, index: str) -> bool:
    """Whether somebody writes to an index, watched for `SILENT_SECONDS` at most."""
    first, since = last_beat(client, index), time.monotonic()
    while time.monotonic() - since <= SILENT_SECONDS:
        time.sleep(0.1)
        if last_beat(client, index) != first:
            return True
    return False
