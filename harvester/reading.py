"""One document from bytes to a record with statements and findings: strict JSON, context by fit, statements, lint, SHACL.

Nothing is written here, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from graph.jsonld import Statements, to_triples
from harvester.normalize import Vocabulary, normalize
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from records.issues import Issue
from records.rdf import Triple
from records.record import Payload, Record
from records.rights import Rights
from shapes.lint import lint
from shapes.locate import to_issues
from shapes.reader import Document, Limits, read_document
from shapes.validator import Validator


@dataclass(frozen=True, slots=True)
class Checked:
    """What a document says and what is wrong with it.

    Args:
        issues: Its findings, in the order of the steps.
        document: The JSON with its places; ``None`` when it is no JSON.
        reading: Its nodes in expanded form; ``None`` when it was refused.
        statements: Its statements; ``None`` when it was refused.
    """

    issues: tuple[Issue, ...]
    document: Document | None = None
    reading: Reading | None = None
    statements: Statements | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What came of one document.

    Args:
        issues: Its findings.
        record: The record; ``None`` when the document was refused, and then the findings say why.
        triples: Its statements.
        contexts: JSON-LD contexts it was read with, as (address, version).
    """

    issues: tuple[Issue, ...]
    record: Record | None = None
    triples: Sequence[Triple] = ()
    contexts: tuple[tuple[str, str], ...] = ()


class Reader:
    """Turns payloads into records.

    Args:
        base_iri: Start of every record IRI.
        contexts: JSON-LD contexts that may be used.
        vocabulary: Concepts and units.
        validator: SHACL engine with its shapes.
        limits: Size and depth of documents.
    """

    def __init__(self, *, base_iri: str, contexts: Contexts, vocabulary: Vocabulary, validator: Validator, limits: Limits) -> None:
        self._base_iri = base_iri
        self._contexts = contexts
        self._expander = Expander(contexts)
        self._vocabulary = vocabulary
        self._validator = validator
        self._limits = limits

    def iri_of(self, record: str) -> str:
        """IRI of a record: the base, then its id with everything escaped that an IRI path does not hold."""
        return self._base_iri + quote(record, safe="/:@!$&'()*+,;=-._~")

    def read(self, record: str, source: str, key: str, title: str, rights: Rights, payload: Payload) -> Read:
        """Read one document.

        Args:
            record: Record id.
            source: Name of the source.
            key: Path within the source; findings name it.
            title: Title in the source's own metadata; ``""`` to take it from the document.
            rights: Who may read it.
            payload: Its bytes.

        Returns:
            The record with its statements and findings; without a record when the document is unsafe or unreadable.
        """
        iri = self.iri_of(record)
        checked = self.check(payload.content, key, iri, source)
        document, reading, statements = checked.document, checked.reading, checked.statements
        if document is None or reading is None or statements is None:
            return Read(checked.issues)
        described = normalize(
            record=record,
            iri=iri,
            source=source,
            source_file=key,
            title=title,
            digest=payload.digest,
            rights=rights,
            triples=statements.triples,
            pointers=statements.pointers,
            line_of=lru_cache(None)(lambda pointer: document.place(pointer)[0]),
            vocabulary=self._vocabulary,
        )
        return Read(checked.issues, described, statements.triples, reading.contexts)

    def check(self, content: bytes, key: str, iri: str, source: str) -> Checked:
        """Read one document and find what is wrong with it; every finding of every step comes from here.

        Args:
            content: Its bytes.
            key: Path within the source; findings name it.
            iri: The document's IRI.
            source: Name of the source, whose contexts may be pinned.
        """
        document = read_document(content, key, self._limits)
        if isinstance(document, Issue):
            return Checked((document,))
        reading = self._expander.expand(document, iri, self._contexts.pins_for(source))
        if isinstance(reading, Issue):
            return Checked((reading,), document)
        statements = to_triples(reading, iri)
        results = self._validator.validate(statements.triples)
        issues = (
            *reading.issues,
            *lint(document, reading, self._vocabulary.concepts),
            *to_issues(results, statements.pointers, iri, document.place, key, _key_of(reading)),
        )
        return Checked(issues, document, reading, statements)


def _key_of(reading: Reading) -> Callable[[str, str], str | None]:
    """By which key the node at a pointer writes a property; computed only when a finding asks."""

    def key_of(pointer: str, path: str) -> str | None:
        node = next((node for node in reading.nodes if node.pointer == pointer), None)
        return next((key for key in node.source if reading.terms.term(key).iri == path), None) if node else None

    return key_of
