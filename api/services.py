"""What the HTTP edge needs from below; `app.bootstrap` fills it in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from access.identity import Actor, Identity
from access.sessions import Sessions
from api.limits import RateLimit, ValidationLimits
from graph.queries import Allowance, QueryRunner
from graph.saved_queries import QueryCatalogue
from graph.snapshots import Snapshots
from harvester.checking import Answer, Question
from harvester.curation import Curation
from harvester.ledger import Ledger
from harvester.payloads import Payloads
from ontology.concepts import Concepts
from ontology.lookup import Lookup
from search.asking.services import AskServices
from search.datasets.jobs import Datasets
from search.saved_searches import Watching
from search.service import SearchServices
from search.similar import Similar
from shapes.finding_pages import FindingPages


@dataclass(frozen=True, slots=True)
class ApiServices:
    """Functions and stores behind the routes.

    Args:
        identity: Who a token stands for.
        sessions: Which token the cookie of a browser stands for.
        logins: How often one address may try to log in.
        search: The search flow's services.
        asking: What questions are answered from.
        similar: Records that are like a record.
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
        queries: Answers SPARQL.
        allowance_of: What one query of an actor may take.
        snapshots: What was frozen.
        datasets: Training sets.
        saved_queries: Queries with a name.
        watching: Saved searches, and what looking at them uses.
        webhook_origins: Where events of saved searches may be sent.
        max_query_bytes: Longer queries are refused.
        cors_origins: Sites whose pages may read answers of ``/sparql`` and ``/api/``; ``*`` is every one.
        problems: Everything that keeps the service from answering, as plain sentences; empty when ready.
    """

    identity: Identity
    sessions: Sessions
    logins: RateLimit
    search: SearchServices
    asking: AskServices
    similar: Similar
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
    queries: QueryRunner
    allowance_of: Callable[[Actor], Allowance]
    snapshots: Snapshots
    datasets: Datasets
    saved_queries: QueryCatalogue
    watching: Watching
    webhook_origins: tuple[str, ...]
    max_query_bytes: int
    cors_origins: tuple[str, ...]
    problems: Callable[[], list[str]]
