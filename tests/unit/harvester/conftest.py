"""Records of documents that a test writes, read as a harvest reads them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harvester.normalize import Vocabulary
from harvester.reading import Reader
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.facts import packaged_facts
from ontology.units import Units
from records.record import Payload, Record
from records.rights import PUBLIC, Rights
from shapes.profiles import Checks, always
from shapes.reader import Limits
from shapes.shacl_validator import ShaclValidator

ReadRecord = Callable[..., Record]
"""Document and communities -> record."""


@pytest.fixture(scope="session")
def read_record() -> ReadRecord:
    """Reads a document under the battery context."""
    facts = packaged_facts()
    concepts = Concepts(facts)
    reader = Reader(
        base_iri="https://example.org/records/",
        contexts=Contexts.from_terms(facts.terms),
        vocabulary=Vocabulary(concepts, Units(facts)),
        checks=always(Checks(ShaclValidator(parents=concepts.parents))),
        limits=Limits(),
    )

    def read(document: dict[str, Any], communities: tuple[str, ...] = ()) -> Record:
        context = {
            "schema": "https://schema.org/",
            "dcterms": "http://purl.org/dc/terms/",
            "dc": "http://purl.org/dc/elements/1.1/",
        }
        whole = {"@context": ["https://w3id.org/emmo/domain/battery/context", context], **document}
        payload = Payload(json.dumps(whole, indent=1).encode())
        found = reader.read("lab/a.jsonld", "lab", "a.jsonld", "", Rights(PUBLIC, PUBLIC), payload, communities)
        assert found.record is not None, found.issues
        return found.record

    return read
