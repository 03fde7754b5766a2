"""Where the rows of a training set come from: licences, creators, citations and findings of its records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from records.rights import Audiences

Ask = Callable[[str, Collection[str]], Sequence[Sequence[str | None]]]
"""Answers a query whose named graphs are these record graphs and no others; each row begins with the graph."""

MAX_TEXTS: Final = 50
"""Most licences, creators and citations of one record."""

_STATEMENTS: Final = """
PREFIX schema: <https://schema.org/>
PREFIX oldschema: <http://schema.org/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX cc: <http://creativecommons.org/ns#>
PREFIX bibo: <http://purl.org/ontology/bibo/>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT DISTINCT ?g ?role (STR(?value) AS ?text) (STR(?label) AS ?name) {
  VALUES (?p ?role) {
    (schema:license "licence") (oldschema:license "licence") (dcterms:license "licence") (dc:license "licence")
    (cc:license "licence") (dcterms:rights "licence") (dc:rights "licence")
    (schema:creator "creator") (oldschema:creator "creator") (dcterms:creator "creator") (dc:creator "creator")
    (schema:author "creator") (oldschema:author "creator")
    (schema:citation "citation") (oldschema:citation "citation") (dcterms:bibliographicCitation "citation")
  }
  GRAPH ?g {
    ?s ?p ?value
    OPTIONAL {
      VALUES ?n { schema:name oldschema:name schema:headline schema:url bibo:doi <http://xmlns.com/foaf/0.1/name> }
      ?value ?n ?label
    }
    # Licence and author of a work that the record cites are not those of the record.
    FILTER NOT EXISTS {
      VALUES ?cites {
        schema:citation oldschema:citation schema:subjectOf schema:isBasedOn schema:hasPart dcterms:references dcterms:source
        prov:wasDerivedFrom
      }
      ?work ?cites ?s
    }
  }
}
ORDER BY ?g ?role ?text ?name"""

_SPDX: Final = re.compile(
    r"(CC-BY(-NC)?(-SA|-ND)?-\d\.\d|CC0-1\.0|MIT|Apache-2\.0|BSD-[23]-Clause|PDDL-1\.0|ODbL-1\.0|ODC-By-1\.0)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Described:
    """What is known of a record as it is today.

    Args:
        title: For people.
        validation: The gravest of its findings: ``violation``, ``warning``, ``info``, or ``none``.
    """

    title: str
    validation: str


Describe = Callable[[str, Audiences], Described | None]
"""What is known of the record of a graph, as far as these audiences may read it; ``None`` when they may not."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One record behind a table.

    Args:
        graph_iri: Its graph.
        digest: SHA-256 of its content in the snapshot.
        title: For people.
        licences: As it names them; none: unknown.
        creators: Their names, or IRIs.
        citations: What it asks to be cited, or cites.
        validation: The gravest of its findings, or ``none``; ``changed`` when it has another version today, whose findings are not
            those of the version in the snapshot.
    """

    graph_iri: str
    digest: str
    title: str
    licences: tuple[str, ...]
    creators: tuple[str, ...]
    citations: tuple[str, ...]
    validation: str

    @property
    def iri(self) -> str:
        """The record's IRI."""
        return self.graph_iri.removesuffix("#graph")

    def to_json(self) -> dict[str, Any]:
        """As the manifest has it."""
        return {
            "iri": self.iri,
            "graph": self.graph_iri,
            "digest": self.digest,
            "title": self.title,
            "licences": list(self.licences),
            "creators": list(self.creators),
            "citations": list(self.citations),
            "validation": self.validation,
        }


def origins_of(
    versions: Mapping[str, str], today: Mapping[str, str], ask: Ask, describe: Describe, audiences: Audiences
) -> tuple[Origin, ...]:
    """What is told of these records.

    Args:
        versions: Digest of each record graph in the snapshot.
        today: Digest of each record graph that the reader may read today.
        ask: Answers queries over them.
        describe: What is known of them today.
        audiences: What the reader holds.
    """
    said: dict[str, dict[str, list[str]]] = {}
    for graph, role, text, name in ask(_STATEMENTS, versions):
        if graph and role and text:
            told = _licence(graph, text) if role == "licence" else _shown(graph, text, name)
            texts = said.setdefault(graph, {}).setdefault(role, [])
            if told and told not in texts and len(texts) < MAX_TEXTS:
                texts.append(told)
    found = []
    for graph, digest in sorted(versions.items()):
        known = describe(graph, audiences)
        roles = said.get(graph, {})
        licences, creators, citations = (tuple(roles.get(role, ())) for role in ("licence", "creator", "citation"))
        level = known.validation if known is not None and today.get(graph) == digest else "changed"
        title = known.title if known is not None else ""
        found.append(Origin(graph, digest, title, licences, creators, citations, level))
    return tuple(found)


def licences_of(origins: Iterable[Origin]) -> tuple[Mapping[str, int], int]:
    """How many records name each licence, and how many name none."""
    counted = Counter(licence for origin in origins for licence in origin.licences)
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0]))), sum(1 for origin in origins if not origin.licences)


def _licence(graph: str, text: str) -> str:
    """The licence as written; one that was meant as an SPDX name has the address of that.

    >>> _licence("https://a.example/records/lab/1#graph", "https://a.example/records/lab/CC-BY-4.0")
    'https://spdx.org/licenses/CC-BY-4.0'
    """
    near = graph.removesuffix("#graph").rpartition("/")[0] + "/"
    name = text.removeprefix(near)  # a name that was written as a relative IRI
    return f"https://spdx.org/licenses/{name}" if _SPDX.fullmatch(name) else name


def _shown(graph: str, text: str, name: str | None) -> str:
    """A name; else the IRI, unless it is a nameless node of the document."""
    return name or ("" if text.startswith(graph.removesuffix("graph")) else text)
