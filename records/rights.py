"""Who may read: audiences, as strings, and the two sets of them that a record carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Audiences: TypeAlias = frozenset[str]
"""A set of audiences: ``any``, or scoped by source ``bma/auth``, ``bma/user:ID``, ``bma/role:NAME``,
``bma/community:UUID``, ``bma/link:ID``."""

ANY = "any"
NOBODY: Audiences = frozenset()
PUBLIC: Audiences = frozenset({ANY})


@dataclass(frozen=True, slots=True)
class Rights:
    """Who may read one record: its metadata, and what was read from its files.

    Whoever reads files reads metadata too: ``read_files`` is a subset of ``read_metadata``, or metadata is public.
    """

    read_metadata: Audiences
    read_files: Audiences


DENIED = Rights(NOBODY, NOBODY)
