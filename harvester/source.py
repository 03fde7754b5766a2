"""Port: where records come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from records.issues import Issue
from records.record import Payload
from records.rights import Rights


@dataclass(frozen=True, slots=True)
class Reference:
    """One document that a source offers.

    Args:
        key: Its name within the source: the path of a file, relative, with ``/``.
        marker: Changes whenever the document or its rights may have changed; equal markers mean "not changed".
        rights: Who may read it.
        title: Its title in the source's own metadata; ``""`` when the source has none.
        issues: What was wrong with its description at the source (an unreadable rights file, say).
        communities: The source's communities that it is in, written as the audiences of their members, sorted.
    """

    key: str
    marker: str
    rights: Rights
    title: str = ""
    issues: tuple[Issue, ...] = ()
    communities: tuple[str, ...] = ()


class Source(Protocol):
    """A place that offers documents: gather what there is, fetch one."""

    @property
    def name(self) -> str:
        """Name of the source: first part of its record ids."""

    def gather(self) -> Iterator[Reference]:
        """Every document offered now, in a stable order.

        Raises:
            SourceError: The source cannot be read at all.
        """

    def fetch(self, reference: Reference) -> Payload | Issue:
        """The document's bytes, or why they cannot be had (too large, unreadable)."""
