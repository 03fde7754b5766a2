"""What the HTTP edge needs from below; `app.bootstrap` fills it in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from access.identity import Identity
from api.limits import ValidationLimits
from harvester.checking import Answer, Question
from harvester.curation import Curation
from harvester.ledger import Ledger
from harvester.payloads import Payloads
from ontology.concepts import Concepts
from ontology.lookup import Lookup
from search.service import SearchServices
from shapes.finding_pages import FindingPages


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
        curation: Accepting and revoking corrections.
        base_iri: Start of every record IRI.
        max_question_chars: Longer questions are refused.
        check: Finds what is wrong with documents that somebody sends.
        validation: What that may take at the edge.
        profiles: Profiles that may be asked for: name and one line about each.
        finding_pages: What each kind of finding means.
        problems: Everything that keeps the service from answering, as plain sentences; empty when ready.
    """

    identity: Identity
    search: SearchServices
    lookup: Lookup
    concepts: Concepts
    bookkeeping: frozenset[str]
    ledger: Ledger
    payloads: Payloads
    curation: Curation
    base_iri: str
    max_question_chars: int
    check: Callable[[Question], Answer]
    validation: ValidationLimits
    profiles: Mapping[str, str]
    finding_pages: FindingPages
    problems: Callable[[], list[str]]
