"""What the commands `embed` and `duplicates` do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import structlog

from records.errors import StoreError

if TYPE_CHECKING:
    from rich.console import Console

    from access.identity import Actor
    from app.bootstrap import Services
    from harvester.embedding import OnProgress

CORRECTED: Final = 100
"""Most summaries that are embedded while a curator waits for a correction."""

_log = structlog.get_logger("embedding")


def embed_all(services: Services, on_progress: OnProgress | None) -> dict[str, Any]:
    """Embed what has no vector yet.

    Raises:
        StoreError: There is no model, or it cannot be used.
    """
    from harvester.embedding import embed_new

    if services.embedder is None:
        raise StoreError(
            "There is no embedding model: search works without, by concepts, numbers and words.",
            "docs/embeddings.md says how to install one.",
        )
    started = time.perf_counter()
    done = embed_new(services.index, services.embedder, batch=services.settings.embedding_batch, on_progress=on_progress)
    return {
        "model": services.embedder.name,
        "dimension": services.embedder.dimension,
        "embedded": done,
        "seconds": round(time.perf_counter() - started, 3),
    }


def print_embedded(done: Mapping[str, Any], console: Console) -> None:
    """Print it for people."""
    console.print(f"{done['embedded']:,} summaries embedded with {done['model']} in {done['seconds']:.2f} s", highlight=False)


def embed_harvested(services: Services, on_progress: OnProgress | None = None) -> None:
    """Embed what was harvested, where there is a model, and leave the index so that others open it at once."""
    if services.embedder is not None:
        embed_all(services, on_progress)
    services.index.keep()


def embed_corrected(services: Services) -> None:
    """Embed what a correction changed. Where more is missing, or the model cannot be used, that is left to a harvest or `embed`."""
    from harvester.embedding import embed_new

    try:
        embedder = services.embedder
        if embedder is not None and len(services.index.unembedded(embedder.name, limit=CORRECTED + 1)) <= CORRECTED:
            embed_new(services.index, embedder)
    except StoreError as error:  # the correction itself is kept and can be read
        _log.warning("a corrected record was not embedded", reason=str(error))


def duplicates_json(services: Services, actor: Actor) -> dict[str, Any]:
    """Records that may describe the same cell, of those that the actor may read."""
    return {"duplicates": [one.to_json() for one in services.duplicates.find(actor.audiences)]}


def print_duplicates(found: Mapping[str, Any], console: Console) -> None:
    """Print candidates with their evidence."""
    for one in found["duplicates"]:
        console.print(" = ".join(one["records"]), markup=False, soft_wrap=True)
        console.print(f"  {'; '.join(evidence['text'] for evidence in one['evidence'])}", markup=False, soft_wrap=True)
        if one["differing"]:
            console.print(f"  but not the same {', '.join(one['differing'])}", markup=False, soft_wrap=True)
    console.print(f"{len(found['duplicates']):,} candidates; nothing was merged.", highlight=False)
