"""Reading records anew once their corrections changed."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.bootstrap import Services


class Rereading:
    """Reads the records anew whose corrections changed, one request after another: the graph store has one writer.

    The graph store is open only meanwhile, so a server keeps on serving.

    Args:
        services: The parts that reading uses.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._alone = Lock()

    def __call__(self) -> None:
        """Read them; at once when there are none.

        Raises:
            StoreError: A store failed.
        """
        from app.embedding import embed_corrected
        from harvester.run import pending, reread_corrected

        services = self._services
        with self._alone:
            if not pending(services.corrections, services.ledger):
                return
            graph = services.graph_writer()
            try:
                reread_corrected(services.reader, services.stores_with(graph), batch=services.settings.batch_documents)
            finally:
                graph.close()
            embed_corrected(services)
