"""What the SPARQL service is and holds, for one reader, as statements: service description and VoID.

See https://www.w3.org/TR/sparql11-service-description/ and https://www.w3.org/TR/void/. Every number is the answer of a query
within the reader's own rights, so it tells of nothing else.
"""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from graph.guard import CASTS
from graph.queries import Allowance, QueryRequest, QueryRunner
from graph.results import ResultFormat
from graph.store import Statement, Term
from records.errors import BusyError, QueryLimitError
from records.rdf import RDF_TYPE, BlankNode, Iri, Literal
from records.rights import Audiences

MAX_LISTED: Final = 1_000
"""Properties, and classes, that are listed with their counts: the most frequent."""

MAX_EXAMPLES: Final = 3
"""Records that are named as examples."""

MAX_KEPT: Final = 64
"""Descriptions that are kept, one for each set of audiences; of more, those that were asked for longest ago are forgotten."""

ALLOWANCE: Final = Allowance(seconds=5, memory_bytes=500_000_000, rows=20_000, bytes=10_000_000, concurrent=2)
"""What counting may take. Beyond it a description has no counts."""

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
VOID: Final = "http://rdfs.org/ns/void#"
_FORMATS: Final = "http://www.w3.org/ns/formats/"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_COMMENT: Final = "http://www.w3.org/2000/01/rdf-schema#comment"
_TITLE: Final = "http://purl.org/dc/terms/title"

_WRITTEN = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "RDF_XML", "JSON-LD"),
)
_OWN_TYPES = ("boolean", "double", "float", "decimal", "integer", "dateTime", "string")  # casts of SPARQL 1.1 itself

# The counts come from one query, so that they belong together.
_GRAPHS = f"""SELECT ?graph ?n {{
  {{ SELECT (COUNT(?g) AS ?n) {{ GRAPH ?g {{}} }} }}
  {{ SELECT ?graph {{ GRAPH ?graph {{}} }} ORDER BY ?graph LIMIT {MAX_EXAMPLES} }}
}} ORDER BY ?graph"""
_COUNTS = """SELECT ?kind ?term ?n {
  { SELECT ("property" AS ?kind) ?term (COUNT(*) AS ?n) { ?s ?term ?o } GROUP BY ?term }
  UNION { SELECT ("class" AS ?kind) ?term (COUNT(*) AS ?n) { ?s a ?term } GROUP BY ?term }
}"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many statements a reader may read.

    Args:
        properties: Statements, by property.
        classes: Instances, by class.
    """

    properties: Mapping[str, int]
    classes: Mapping[str, int]

    @property
    def triples(self) -> int:
        """All statements of the reader's default graph."""
        return sum(self.properties.values())

    @property
    def vocabularies(self) -> tuple[str, ...]:
        """Namespaces of the properties and classes, each once."""
        return tuple(sorted({namespace_of(iri) for iri in (*self.properties, *self.classes)} - {""}))


@dataclass(frozen=True, slots=True)
class Contents:
    """What a reader may read of the service's data.

    Args:
        generation: State of the graphs that was looked at.
        graphs: Number of record graphs; ``None`` when it could not be counted in time.
        examples: IRIs of a few records.
        counts: ``None`` when it took too long to count.
    """

    generation: str
    graphs: int | None = None
    examples: tuple[str, ...] = ()
    counts: Counts | None = None


def namespace_of(iri: str) -> str:
    """The namespace of a property or class: up to its last ``#`` or ``/``.

    >>> namespace_of("https://w3id.org/emmo#Volt"), namespace_of("https://schema.org/name"), namespace_of("urn:x")
    ('https://w3id.org/emmo#', 'https://schema.org/', '')
    """
    end = iri.find("#") + 1 or iri.rfind("/") + 1
    return iri[:end]


@dataclass
class Descriptions:
    """Contents for each reader, counted once for each state of the graphs.

    Args:
        runner: Answers the counting queries.
        allowance: What each of them may take.
    """

    runner: QueryRunner
    allowance: Allowance = ALLOWANCE
    _kept: OrderedDict[Audiences, Contents] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, audiences: Audiences) -> Contents:
        """What these audiences may read now.

        Counts that take longer than allowed are left out, and not tried again before the graphs change.

        Raises:
            StoreError: The graphs cannot be read.
        """
        generation = self._generation(audiences)
        with self._lock:
            kept = self._kept.get(audiences)
            if kept is not None and generation and kept.generation == generation:
                self._kept.move_to_end(audiences)
                return kept
        contents, is_final = self._counted(audiences, generation)
        if is_final:
            with self._lock:
                self._kept[audiences] = contents
                self._kept.move_to_end(audiences)
                if len(self._kept) > MAX_KEPT:
                    self._kept.popitem(last=False)
        return contents

    def _generation(self, audiences: Audiences) -> str:
        try:
            with self.runner.run(self._request("ASK {}", audiences), self.allowance, actor="description") as answer:
                return answer.generation
        except (QueryLimitError, BusyError):
            return ""

    def _counted(self, audiences: Audiences, generation: str) -> tuple[Contents, bool]:
        """The contents, and whether another try would give the same."""
        try:
            rows = self._rows(_GRAPHS, audiences)
            contents = Contents(generation, int(rows[0][1]) if rows else 0, tuple(_record(row[0]) for row in rows))
        except QueryLimitError:
            return Contents(generation), True
        except BusyError:
            return Contents(generation), False
        try:
            found: dict[str, Counter[str]] = {"property": Counter(), "class": Counter()}
            for kind, term, number in self._rows(_COUNTS, audiences):
                found[kind][term] = int(number)
        except QueryLimitError:
            return contents, True
        except BusyError:
            return contents, False
        counts = Counts(found["property"], found["class"])
        return Contents(generation, contents.graphs, contents.examples, counts), True

    def _rows(self, text: str, audiences: Audiences) -> list[list[str]]:
        with self.runner.run(self._request(text, audiences), self.allowance, actor="description") as answer:
            table = json.loads(answer.read())
        names = table["head"]["vars"]
        return [[row[name]["value"] for name in names] for row in table["results"]["bindings"]]

    def _request(self, text: str, audiences: Audiences) -> QueryRequest:
        return QueryRequest(text, audiences, ResultFormat.JSON)


def description(contents: Contents, endpoint: str) -> Iterator[Statement]:
    """The service and its data, for one reader.

    Args:
        contents: What the reader may read.
        endpoint: Address of the SPARQL service.

    >>> [value for _, verb, value in description(Contents("1"), "https://a.example/sparql") if verb.endswith("#endpoint")]
    ['https://a.example/sparql']
    """
    service, dataset, default = (Iri(f"{endpoint}#{name}") for name in ("service", "dataset", "default-graph"))
    yield from _service(service, endpoint, dataset)
    yield _typed(dataset, f"{SD}Dataset")
    yield _typed(dataset, f"{VOID}Dataset")
    yield Statement(dataset, Iri(_TITLE), Literal("Records of Voltagraph that you may read", language="en"))
    yield Statement(dataset, Iri(f"{VOID}sparqlEndpoint"), Iri(endpoint))
    yield Statement(dataset, Iri(f"{SD}defaultGraph"), default)
    yield Statement(
        dataset,
        Iri(_COMMENT),
        Literal(
            "Each record has a named graph. The default graph is the union of those that you may read, and of the hierarchies of "
            "the ontologies; each statement is there once.",
            language="en",
        ),
    )
    if contents.graphs is not None:
        yield Statement(dataset, Iri(f"{VOID}documents"), _integer(contents.graphs))
    for example in contents.examples:
        yield Statement(dataset, Iri(f"{VOID}exampleResource"), Iri(example))
    yield _typed(default, f"{SD}Graph")
    yield _typed(default, f"{VOID}Dataset")
    if contents.counts is None:
        yield Statement(
            default, Iri(_COMMENT), Literal("Counting took longer than allowed: the counts are left out.", language="en")
        )
    else:
        yield from _counts(contents.counts, dataset, default)


def _service(service: Iri, endpoint: str, dataset: Iri) -> Iterator[Statement]:
    yield _typed(service, f"{SD}Service")
    yield Statement(service, Iri(f"{SD}endpoint"), Iri(endpoint))
    yield Statement(service, Iri(f"{SD}supportedLanguage"), Iri(f"{SD}SPARQL11Query"))
    for name in _WRITTEN:
        yield Statement(service, Iri(f"{SD}resultFormat"), Iri(_FORMATS + name))
    functions = sorted(CASTS - {f"{_XSD}{name}" for name in _OWN_TYPES})
    for function in functions:
        yield Statement(service, Iri(f"{SD}extensionFunction"), Iri(function))
    yield Statement(service, Iri(f"{SD}defaultDataset"), dataset)
    for function in functions:
        yield _typed(Iri(function), f"{SD}Function")


def _counts(counts: Counts, dataset: Iri, default: Iri) -> Iterator[Statement]:
    for vocabulary in counts.vocabularies:
        yield Statement(dataset, Iri(f"{VOID}vocabulary"), Iri(vocabulary))
    yield Statement(default, Iri(f"{VOID}triples"), _integer(counts.triples))
    yield Statement(default, Iri(f"{VOID}properties"), _integer(len(counts.properties)))
    yield Statement(default, Iri(f"{VOID}classes"), _integer(len(counts.classes)))
    yield from _partitions(default, "property", counts.properties, "triples")
    yield from _partitions(default, "class", counts.classes, "entities")


def _partitions(default: Iri, kind: str, counted: Mapping[str, int], what: str) -> Iterator[Statement]:
    """The most frequent first; equally frequent ones by name, so that the same contents give the same bytes."""
    listed = sorted(counted.items(), key=lambda one: (-one[1], one[0]))[:MAX_LISTED]
    for number in range(len(listed)):
        yield Statement(default, Iri(f"{VOID}{kind}Partition"), BlankNode(f"{kind}{number}"))
    for number, (term, count) in enumerate(listed):
        part = BlankNode(f"{kind}{number}")
        yield Statement(part, Iri(f"{VOID}{kind}"), Iri(term))
        yield Statement(part, Iri(f"{VOID}{what}"), _integer(count))


def _typed(subject: Iri, kind: str) -> Statement:
    return Statement(subject, Iri(RDF_TYPE), Iri(kind))


def _integer(number: int) -> Term:
    return Literal(str(number), f"{_XSD}integer")


def _record(graph: str) -> str:
    return graph.removesuffix("#graph")
