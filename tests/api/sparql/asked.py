"""What is asked of three records for different readers, and what they are."""

from __future__ import annotations

from collections.abc import Callable

import httpx2 as httpx

from records.rdf import RDF_TYPE, Iri, Literal, Triple

BASE = "http://localhost:8000/records/"
NAME = "https://schema.org/name"
OPEN = f"{BASE}lab/open"
SHARED = f"{BASE}lab/shared"
SECRET = f"{BASE}lab/secret"
MISSING = f"{BASE}lab/nowher"  # as long as SECRET
LAB = frozenset({"local/community:lab"})
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
JSON = "application/sparql-results+json"
# Seconds. A long query gives way to everything else on the machine, also to other tests: it may take a hundred times as long.
PATIENCE = 240
# All pairs of four thousand numbers in three places: nobody waits for its end.
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HUGE = f"SELECT ?a ?b ?c {{ ?a <{BASE}number> ?b . ?c <{BASE}number> ?d }} LIMIT 150000"


def record(iri: str, name: str) -> list[Triple]:
    return [Triple(iri, RDF_TYPE, Iri("https://schema.org/Dataset")), Triple(iri, NAME, Literal(name))]


Get = Callable[..., httpx.Response]


def names(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return sorted(row["n"]["value"] for row in response.json()["results"]["bindings"])


ALL_NAMES = f"SELECT ?n {{ ?s <{NAME}> ?n }}"
CONSTRUCT = f"CONSTRUCT {{ ?s <{NAME}> ?n }} WHERE {{ ?s <{NAME}> ?n }}"
