"""One document from bytes to a record with statements and findings: strict JSON, context by fit, statements, lint, SHACL.

Nothing is written here, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final, TypeAlias
from urllib.parse import quote

from graph.jsonld import Statements, to_triples
from harvester.normalize import Contents, Vocabulary, contents_of, normalize
from ontology.contexts import Contexts
from ontology.expansion import Expander, Node, Reading
from ontology.terms import HAS_NUMERICAL_PART
from records.issues import Issue, Severity
from records.rdf import Triple
from records.record import Payload, Record
from records.rights import Rights
from shapes.advice import Advisor
from shapes.consistency import Consistency
from shapes.edits import value_at
from shapes.former import check_former
from shapes.lint import Linter
from shapes.locate import KeyOf, to_issues
from shapes.plausibility import Plausibility
from shapes.profiles import ChecksFor, with_severities
from shapes.reader import Document, Json, Limits, read_document
from shapes.validator import ShaclResult

LineOf: TypeAlias = Callable[[str], int]
"""Line of a JSON Pointer."""
MAX_UNREAD: Final = 1_000
"""Types looked at below one key that means nothing."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a document says and what is wrong with it.

    Args:
        issues: Its findings, in the order of the document.
        document: The JSON with its places; ``None`` when it is no JSON.
        reading: Its nodes in expanded form; ``None`` when it was refused.
        statements: Its statements; ``None`` when it was refused.
        contents: What they say, with lines only where a record was asked for; ``None`` when it was refused.
    """

    issues: tuple[Issue, ...]
    document: Document | None = None
    reading: Reading | None = None
    statements: Statements | None = None
    contents: Contents | None = None


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
        checks: Shapes and severities for a source and the communities of a record.
        limits: Size and depth of documents.
    """

    def __init__(self, *, base_iri: str, contexts: Contexts, vocabulary: Vocabulary, checks: ChecksFor, limits: Limits) -> None:
        self._base_iri = base_iri
        self._contexts = contexts
        self._expander = Expander(contexts, vocabulary.concepts, vocabulary.units)
        self._vocabulary = vocabulary
        self._linter = Linter(vocabulary.concepts, vocabulary.units)
        self._advisor = Advisor(self._linter.words)
        self._consistency = Consistency(self._linter.words)
        self._plausibility = Plausibility(vocabulary.concepts, vocabulary.units)
        self._checks = checks
        self._limits = limits

    def iri_of(self, record: str) -> str:
        """IRI of a record: the base, then its id with everything escaped that an IRI path does not hold."""
        return self._base_iri + quote(record, safe="/:@!$&'()*+,;=-._~")

    @property
    def limits(self) -> Limits:
        """Size and depth of documents."""
        return self._limits

    def read(
        self,
        record: str,
        source: str,
        key: str,
        title: str,
        rights: Rights,
        payload: Payload,
        communities: tuple[str, ...] = (),
    ) -> Read:
        """Read one document.

        Args:
            record: Record id.
            source: Name of the source.
            key: Path within the source; findings name it.
            title: Title in the source's own metadata; ``""`` to take it from the document.
            rights: Who may read it.
            payload: Its bytes.
            communities: The source's communities that it is in, written as the audiences of their members.

        Returns:
            The record with its statements and findings; without a record when the document is unsafe or unreadable.
        """
        iri = self.iri_of(record)
        checked = self._check(payload.content, key, iri, source, communities, _line_of)
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
            line_of=_line_of(document),
            vocabulary=self._vocabulary,
            contents=checked.contents,
            undefined_types=list(undefined_types(document, reading)),
            unread_texts=unread_texts(document, reading),
            communities=communities,
            validation=gravest(checked.issues),
        )
        return Read(checked.issues, described, statements.triples, reading.contexts)

    def check(self, content: bytes, key: str, iri: str, source: str, communities: tuple[str, ...] = ()) -> Checked:
        """Read one document and find what is wrong with it; every finding of every step comes from here.

        Args:
            content: Its bytes.
            key: Path within the source; findings name it.
            iri: The document's IRI.
            source: Name of the source, whose contexts may be pinned.
            communities: The source's communities that it is in, which may choose their own checks.
        """
        return self._check(content, key, iri, source, communities, _no_line_of)

    def _check(
        self, content: bytes, key: str, iri: str, source: str, communities: tuple[str, ...], lines_of: Callable[[Document], LineOf]
    ) -> Checked:
        document = read_document(content, key, self._limits)
        if isinstance(document, Issue):
            return Checked((document,))
        reading = self._expander.expand(document, iri, self._contexts.pins_for(source))
        if isinstance(reading, Issue):
            return Checked((reading,), document)
        statements = to_triples(reading, iri)
        checks = self._checks(source, communities)
        results = checks.validator.validate(statements.triples)
        key_of = _key_of(reading)
        contents = contents_of(statements.triples, statements.pointers, lines_of(document), self._vocabulary)
        issues = (
            *reading.issues,
            *self._linter.lint(document, reading),
            *check_former(document, reading, self._linter.words, self._vocabulary.former),
            *to_issues(results, _pointers(statements, results, key_of), iri, document.place, key, key_of),
            *self._consistency.check(document, reading),
            *self._plausibility.check(document, reading, contents.quantities, contents.concepts),
        )
        advised = sorted(self._advisor.advise(issues, document, reading), key=_place)
        return Checked(with_severities(advised, checks.severities), document, reading, statements, contents)


def undefined_types(document: Document, reading: Reading) -> Iterator[tuple[str, str, str]]:
    """Texts in the place of a class that are not read: pointer of the node that holds them, the text, pointer of what it is about.

    No context defines them, or the key above them: what a test was done with is told even where *hasEquipment* means nothing.
    """
    for issue in reading.issues:
        if issue.code == "undefined-type":
            node = issue.pointer.rpartition("/@type")[0]
            yield node, issue.value, node
        elif issue.code == "undefined-term":
            below = _types_below(value_at(document.value, issue.pointer), issue.pointer)
            yield from ((issue.pointer.rpartition("/")[0], text, pointer) for text, pointer in islice(below, MAX_UNREAD))


def unread_texts(document: Document, reading: Reading) -> Iterator[str]:
    """Texts below keys that no context defines, and classes that none defines: whoever looks for their words finds the record."""
    for issue in reading.issues:
        if issue.code == "undefined-type":
            yield issue.value
        elif issue.code == "undefined-term":
            yield from islice(_texts_below(value_at(document.value, issue.pointer)), MAX_UNREAD)


def _texts_below(value: Json) -> Iterator[str]:
    """Every text below a value that is no IRI or address of its own."""
    if isinstance(value, str) and ":" not in value and any(map(str.isalpha, value)):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts_below(one)


def _types_below(value: Json, pointer: str) -> Iterator[tuple[str, str]]:
    """Every type below a value, with the pointer of what has it."""
    if isinstance(value, list):
        for position, one in enumerate(value):
            yield from _types_below(one, f"{pointer}/{position}")
    elif isinstance(value, dict):
        types = value.get("@type")
        yield from ((text, pointer) for text in (types if isinstance(types, list) else [types]) if isinstance(text, str))
        for key, one in value.items():
            if isinstance(one, dict | list):
                yield from _types_below(one, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")


def gravest(issues: Iterable[Issue]) -> str:
    """The gravest of the findings of a record: ``violation``, ``warning``, ``info``, or ``none``."""
    found = {issue.severity for issue in issues}
    return next((severity.value for severity in Severity if severity in found), "none")


def _place(issue: Issue) -> tuple[int, int]:
    return issue.line, issue.column


def _line_of(document: Document) -> LineOf:
    return lru_cache(None)(lambda pointer: document.place(pointer)[0])


def _no_line_of(_document: Document) -> LineOf:
    """For whoever wants the findings alone: to know a line, the whole text is looked through."""
    return lambda _pointer: 0


def _pointers(statements: Statements, results: Sequence[ShaclResult], key_of: KeyOf) -> Mapping[str, str]:
    """Where the nodes are that results are about; of what is only referred to, where that is done first."""
    elsewhere = {result.focus_node for result in results} - statements.pointers.keys()
    if not elsewhere:
        return statements.pointers
    found = dict(statements.pointers)
    for subject, predicate, target in statements.triples:
        # A bare number in the place of a numerical part is a node to SHACL; the same number elsewhere is not the one.
        text = target if isinstance(target, str) else target.value if predicate == HAS_NUMERICAL_PART else ""
        if text in elsewhere and (pointer := statements.pointers.get(subject)) is not None:
            key = key_of(pointer, predicate)
            step = "" if key is None else f"/{key.replace('~', '~0').replace('/', '~1')}"
            found.setdefault(text, pointer + step)
    return found


def _key_of(reading: Reading) -> Callable[[str, str], str | None]:
    """By which key the node at a pointer writes a property; computed only when a finding asks."""
    nodes: dict[str, Node] = {}

    def key_of(pointer: str, path: str) -> str | None:
        if not nodes:
            nodes.update((node.pointer, node) for node in reversed(reading.nodes))
        node = nodes.get(pointer)
        return next((key for key in node.source if reading.terms.term(key).iri == path), None) if node else None

    return key_of
