"""Payloads in memory, for tests and trials."""

from __future__ import annotations

from records.errors import StoreDamagedError
from records.record import Payload


class MemoryPayloads:
    """Keeps payloads as long as it lives.

    >>> payloads = MemoryPayloads()
    >>> payloads.read(payloads.keep(Payload(b"{}")))
    Payload(content=b'{}')
    """

    def __init__(self) -> None:
        self._payloads: dict[str, Payload] = {}

    def keep(self, payload: Payload) -> str:
        """Keep the payload and return its digest."""
        digest = payload.digest
        self._payloads[digest] = payload
        return digest

    def read(self, digest: str) -> Payload:
        """The payload of this digest.

        Raises:
            StoreDamagedError: It is missing.
        """
        try:
            return self._payloads[digest]
        except KeyError:
            raise StoreDamagedError(f"There is no payload {digest[:80]!r}.", "Harvest its source again.") from None

    def sync(self) -> None:
        """Nothing to do: memory does not survive a power cut."""
