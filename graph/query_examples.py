"""The queries that come with the program: Turtle files in the vocabulary of SHACL (https://www.w3.org/TR/shacl/#sparql-constraints).

Each is an `sh:SPARQLExecutable` with `rdfs:label`, `rdfs:comment`, `schema:keywords`, its text under `sh:select`, `sh:ask` or
`sh:construct`, and an `sh:parameter` for each variable whose value is given when it is run, as in SHACL-SPARQL and in published
collections of examples. A value of `sh:class owl:Class` is a concept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from graph.guard import QueryKind
from graph.parameters import Parameter, ValueType
from graph.saved_queries import SavedQuery, Visibility
from records.errors import StoreDamagedError
from records.rights import PUBLIC

FOLDER: Final = Path(__file__).parent / "examples"
"""Where they are."""

NAMESPACE: Final = "https://w3id.org/voltagraph/query/"
"""Their IRIs begin so; the name follows."""

_SH: Final = "http://www.w3.org/ns/shacl#"
_RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_OWL_CLASS: Final = "http://www.w3.org/2002/07/owl#Class"
_TEXTS: Final = {"select": QueryKind.SELECT, "ask": QueryKind.ASK, "construct": QueryKind.CONSTRUCT}

_Subject = ox.NamedNode | ox.BlankNode
_Object = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def load_examples(folder: Path = FOLDER) -> tuple[SavedQuery, ...]:
    """Every example, by name.

    Raises:
        StoreDamagedError: A file cannot be read as an example.
    """
    return tuple(_loaded(file) for file in sorted(folder.glob("*.ttl"), key=lambda file: file.stem))


def _loaded(file: Path) -> SavedQuery:
    try:
        graph = _Graph(ox.parse(file.read_bytes(), format=ox.RdfFormat.TURTLE))
        return graph.query(ox.NamedNode(NAMESPACE + file.stem))
    except (SyntaxError, OSError, LookupError, ValueError) as error:
        raise StoreDamagedError(f"The example {file} cannot be read: {error}.", "Install the program again.") from error


class _Graph:
    """The statements of one file."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._objects: dict[tuple[_Subject, str], list[_Object]] = {}
        for quad in quads:
            if isinstance(quad.subject, ox.NamedNode | ox.BlankNode):
                self._objects.setdefault((quad.subject, quad.predicate.value), []).append(quad.object)

    def query(self, iri: ox.NamedNode) -> SavedQuery:
        form = next((form for form in _TEXTS if (iri, _SH + form) in self._objects), "select")
        parameters = sorted(self._nodes(iri, f"{_SH}parameter"), key=lambda node: int(self._text(node, f"{_SH}order")))
        return SavedQuery(
            owner="",
            slug=iri.value.removeprefix(NAMESPACE),
            version=1,
            title=self._text(iri, f"{_RDFS}label"),
            description=self._text(iri, f"{_RDFS}comment"),
            text=self._text(iri, _SH + form).strip() + "\n",
            kind=_TEXTS[form],
            parameters=tuple(self._parameter(node) for node in parameters),
            keywords=tuple(sorted(self._texts(iri, "https://schema.org/keywords"))),
            visibility=Visibility.PUBLIC,
            readers=PUBLIC,
        )

    def _parameter(self, node: _Subject) -> Parameter:
        default = self._texts(node, f"{_SH}defaultValue")
        return Parameter(
            name=self._text(node, f"{_SH}path").removeprefix(NAMESPACE),
            type=self._type(node),
            description=self._text(node, f"{_SH}description"),
            default=default[0] if default else None,
            required=self._texts(node, f"{_SH}optional") != ["true"],
            allowed=tuple(self._listed(node, f"{_SH}in")),
        )

    def _type(self, node: _Subject) -> ValueType:
        datatype = self._texts(node, f"{_SH}datatype")
        if datatype:
            return ValueType(datatype[0].removeprefix(_XSD))
        return ValueType.CONCEPT if self._texts(node, f"{_SH}class") == [_OWL_CLASS] else ValueType.IRI

    def _listed(self, node: _Subject, predicate: str) -> Iterator[str]:
        for head in self._nodes(node, predicate):
            rest = head
            while (rest, f"{_RDF}first") in self._objects:
                yield self._text(rest, f"{_RDF}first")
                rest = self._nodes(rest, f"{_RDF}rest")[0]

    def _nodes(self, subject: _Subject, predicate: str) -> list[_Subject]:
        return [one for one in self._objects.get((subject, predicate), ()) if isinstance(one, ox.NamedNode | ox.BlankNode)]

    def _texts(self, subject: _Subject, predicate: str) -> list[str]:
        return [one.value for one in self._objects.get((subject, predicate), ()) if isinstance(one, ox.NamedNode | ox.Literal)]

    def _text(self, subject: _Subject, predicate: str) -> str:
        texts = self._texts(subject, predicate)
        if not texts:
            raise LookupError(f"{predicate} is missing")
        return texts[0]
