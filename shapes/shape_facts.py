"""What the shapes of a profile say of themselves: for the list of profiles, and for the documentation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pyoxigraph

from records.issues import Severity
from shapes.locate import code_of
from shapes.profiles import COMMON, Profile
from shapes.shapes_file import SH, ShapesFile, Term

_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_NOT_A_CONSTRAINT = frozenset(
    SH + word
    for word in (
        "path", "group", "severity", "message", "name", "description", "order", "deactivated", "defaultValue",
        "targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShapeFacts:
    """One shape, and so one kind of finding.

    Args:
        code: Code of its findings.
        iri: Its IRI.
        severity: How grave they are, unless the settings say otherwise.
        message: What is wrong.
        remedy: How to mend it.
        reason: Why it is asked, in one sentence.
        group: What it is about.
    """

    code: str
    iri: str
    severity: Severity
    message: str
    remedy: str
    reason: str
    group: str

    def to_json(self) -> dict[str, str]:
        """As the interfaces print it."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "remedy": self.remedy,
            "reason": self.reason,
            "group": self.group,
            "shape": self.iri,
        }


@lru_cache(maxsize=64)
def shapes_of(profile: Profile) -> tuple[ShapeFacts, ...]:
    """The shapes of a profile that raise findings, those that it shares with others included, in the order of their codes.

    Raises:
        SettingsError: Its file cannot be used.

    >>> from shapes.profiles import named_profiles
    >>> [facts] = [facts for facts in shapes_of(*named_profiles(["readable"])) if facts.code == "missing-unit"]
    >>> facts.severity.value, facts.message
    ('warning', 'The number has no unit')
    """
    graph = _Graph(ShapesFile((COMMON, profile.file)).content)
    used = _Graph(_content(profile.file)).nodes
    found = {shape for shape in graph.raising() if shape.value in used}
    return tuple(sorted((graph.facts(shape) for shape in found), key=lambda facts: facts.code))


def _content(file: Path) -> bytes:
    quads = pyoxigraph.parse(path=file, format=pyoxigraph.RdfFormat.TURTLE, base_iri="http://localhost/shapes")
    return pyoxigraph.serialize((quad.triple for quad in quads), format=pyoxigraph.RdfFormat.N_TRIPLES) or b""


class _Graph:
    """The statements of a shapes graph, by subject."""

    def __init__(self, content: bytes) -> None:
        self._values: dict[Term, dict[str, list[Term]]] = {}
        for quad in pyoxigraph.parse(content, format=pyoxigraph.RdfFormat.N_TRIPLES):
            self._values.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad.object)

    @property
    def nodes(self) -> set[str]:
        """IRIs of everything that it names."""
        objects = (value for values in self._values.values() for several in values.values() for value in several)
        return {node.value for node in (*self._values, *objects) if isinstance(node, pyoxigraph.NamedNode)}

    def raising(self) -> Iterable[pyoxigraph.NamedNode]:
        """Named shapes whose results become findings: with a message, or with constraints of their own."""
        parts = {value for values in self._values.values() for value in values.get(SH + "property", ())}
        for shape, values in self._values.items():
            is_asked = shape in parts or any(word.startswith(SH + "target") for word in values)
            if isinstance(shape, pyoxigraph.NamedNode) and (SH + "message" in values or (is_asked and self._constrains(values))):
                yield shape

    def _constrains(self, values: dict[str, list[Term]]) -> bool:
        own = {word for word in values if word.startswith(SH)} - _NOT_A_CONSTRAINT - {SH + "property"}
        return bool(own) or any(isinstance(part, pyoxigraph.BlankNode) for part in values.get(SH + "property", ()))

    def facts(self, shape: pyoxigraph.NamedNode) -> ShapeFacts:
        """What a shape says of itself."""
        message, _, remedy = self._text(shape, SH + "message").partition("; ")
        groups = self._values[shape].get(SH + "group", [])
        severity = self._text(shape, SH + "severity").removeprefix(SH).lower()
        return ShapeFacts(
            code=code_of(shape.value),
            iri=shape.value,
            severity=Severity(severity) if severity in {*Severity} else Severity.VIOLATION,
            message=message,
            remedy=remedy,
            reason=self._text(shape, _RDFS + "comment"),
            group=self._text(groups[0], _RDFS + "label") if groups else "",
        )

    def _text(self, node: Term, predicate: str) -> str:
        values = self._values.get(node, {}).get(predicate, [])
        return min((value.value for value in values if not isinstance(value, pyoxigraph.Triple)), default="")
