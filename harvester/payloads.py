"""Port: the bytes as harvested, content-addressed. They are the truth; everything else is derived."""

from __future__ import annotations

from typing import Protocol

from records.record import Payload


class Payloads(Protocol):
    """Keeps payloads under their digest."""

    def keep(self, payload: Payload) -> str:
        """Keep the payload (once, however often it comes) and return its digest.

        Raises:
            StoreFullError: The disk is full; nothing half-written stays.
        """

    def read(self, digest: str) -> Payload:
        """The payload of this digest.

        Raises:
            StoreDamagedError: It is missing or its bytes do not give this digest.
        """

    def sync(self) -> None:
        """Return once everything kept so far would survive a power cut."""
