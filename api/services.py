"""What the HTTP edge needs from below; `app.bootstrap` fills it in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from access.identity import Identity
from harvester.ledger import Ledger
from harvester.payloads import Payloads
from ontology.concepts import Concepts
from ontology.lookup import Lookup
from search.service import SearchServices


@dataclass(frozen=True, slots=True)
class ApiServices:
    """Functions and stores behind the routes.

    Args:
        identity: Who a token stands for.
        search: The search flow's services.
        lookup: Concepts by label.
        concepts: Concepts by IRI.
        bookkeeping: Concepts that tell a reader nothing, such as RealData.
        ledger: What was harvested, with findings.
        payloads: The documents as harvested.
        base_iri: Start of every record IRI.
        max_question_chars: Longer questions are refused.
        problems: Everything that keeps the service from answering, as plain sentences; empty when ready.
    """

    identity: Identity
    search: SearchServices
    lookup: Lookup
    concepts: Concepts
    bookkeeping: frozenset[str]
    ledger: Ledger
    payloads: Payloads
    base_iri: str
    max_question_chars: int
    problems: Callable[[], list[str]]
