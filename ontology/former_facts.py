"""Makes the table of old IRIs (`former.tsv`) from BattINFO 0.3 and today's facts.

An old concept is today's concept when the prefLabels are equal; of several with that label, the one that has the same identifier,
else the one that is not deprecated. Where no label is equal, it is the concept that kept the identifier under another label. In
both cases the kind (class, property) must be the same, and the dimension wherever both sides have one. What maps to none stands in
the table too, with the reason.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from ontology import terms
from ontology.concepts import PREFIXES, Concepts
from ontology.former import FORMAT_VERSION, NAMESPACES, Former, How, uuid_of
from ontology.model import Facts, Kind, LabelKind
from ontology.unit_facts import QUDT_REFERENCE, read_dimension
from ontology.units import Units, dimension_key
from records.errors import OntologyError
from records.rdf import RDF_TYPE

_ATTRIBUTION: Final = """\
# Old IRIs, how they are mapped, today's IRIs (or why there is none), old labels; no definitions. Made by ontology/former_facts.py;
# do not edit by hand. Identifiers and labels come from works of:
#   BattINFO 0.3.0 by its authors, with its EMMO, by EMMC ASBL and its authors (CC BY 4.0), github.com/BIG-MAP/BattINFO,
#   and from the works named in facts.tsv. CC BY 4.0: https://creativecommons.org/licenses/by/4.0/
# Changed by us: selected, compared by label, identifier and dimension, arranged as a table.
"""
_OLD: Final = NAMESPACES["emmo-old"]
_HAS_DIMENSION: Final = _OLD + "EMMO_bed1d005_b04e_4a90_94cf_02bc678a8569"  # hasPhysicalDimension
_OWL: Final = "http://www.w3.org/2002/07/owl#"
_KINDS: Final = {
    _OWL + "Class": Kind.CLASS,
    _OWL + "ObjectProperty": Kind.OBJECT_PROPERTY,
    _OWL + "DatatypeProperty": Kind.DATA_PROPERTY,
    _OWL + "AnnotationProperty": Kind.ANNOTATION_PROPERTY,
}
_MOVED: Final = {"hasReferenceUnit": terms.HAS_MEASUREMENT_UNIT}
"""Labels of what kept its identifier and became wider (hasMetrologicalReference), with what says the same today."""
_MEANT_OTHERWISE: Final = frozenset({"hasPhysicalDimension"})
"""Labels of what kept its identifier and means something else today (hasMeasurementUnit); so do all names of dimensions."""


def former_rows(directory: Path, facts: Facts) -> tuple[Former, ...]:
    """What became of every IRI of BattINFO 0.3, by IRI in sorted order.

    Args:
        directory: The folder with ``battinfo-merged.ttl``.
        facts: Today's facts.

    Raises:
        OntologyError: The file cannot be read.
    """
    old = _Old(directory / "battinfo-merged.ttl")
    today = _Today(facts)
    return tuple(_row(iri, old, today) for iri in old.iris())


def write_former(directory: Path, facts: Facts, path: Path) -> None:
    """Write the table: the same bytes for the same facts, replaced in one step; arguments as for `former_rows`."""
    body = "\n".join(_lines(former_rows(directory, facts), Concepts(facts))) + "\n"
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "wb") as file:
        file.write(body.encode())
    Path(name).chmod(0o644)
    Path(name).replace(path)


def _lines(rows: Iterable[Former], concepts: Concepts) -> Iterator[str]:
    yield f"voltagraph-former\t{FORMAT_VERSION}"
    yield from _ATTRIBUTION.splitlines()
    for row in rows:
        yield "\t".join((_compact(row.iri), row.how, row.reason or concepts.compact(row.today), row.label))


def _compact(iri: str) -> str:
    prefix, space = next((prefix, space) for prefix, space in NAMESPACES.items() if iri.startswith(space))
    return f"{prefix}:{iri[len(space) :]}"


class _Match(NamedTuple):
    """A concept of today that may be meant, or why it is not."""

    iri: str
    reason: str


def _row(iri: str, old: _Old, today: _Today) -> Former:
    label, kind = old.label(iri), old.kind(iri)
    if label in _MOVED:
        return Former(iri, How.MEANING, _MOVED[label], label)
    by_label = _chosen([one for one in today.by_label.get(label, ()) if today.kind(one) is kind], uuid_of(iri), today)
    match = _checked(by_label, iri, old, today)
    if match.iri:
        return Former(iri, How.LABEL, match.iri, label)
    same = today.by_identifier.get(uuid_of(iri), "")
    if by_label.iri or by_label.reason or not same or today.kind(same) is not kind:
        return Former(iri, How.NONE, "", label, match.reason or "no concept of today has this label")
    if label in _MEANT_OTHERWISE or label.endswith("Dimension"):
        return Former(iri, How.NONE, "", label, "its identifier means something else today")
    match = _checked(_Match(today.concepts.replacement(same) or same, ""), iri, old, today)
    return Former(iri, How.IDENTIFIER if match.iri else How.NONE, match.iri, label, match.reason)


def _chosen(candidates: list[str], uuid: str, today: _Today) -> _Match:
    """Of several concepts with one label: the one with this identifier, else the only one that is not deprecated."""
    live = [one for one in candidates if not today.facts.concepts[one].deprecated]
    for choice in ([one for one in candidates if uuid and uuid_of(one) == uuid], live, candidates):
        if len(choice) == 1:
            return _Match(today.concepts.replacement(choice[0]) or choice[0], "")
    return _Match("", "several concepts of today have this label" if candidates else "")


def _checked(match: _Match, iri: str, old: _Old, today: _Today) -> _Match:
    """The match, unless both sides have a dimension and these differ."""
    before, after = old.dimension(iri, today.units), today.dimension(match.iri)
    if match.iri and before is not None and after is not None and before != after:
        return _Match("", f"the dimension differs: {before} then, {after} today")
    return match


class _Today:
    """Today's concepts by label and by identifier."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.concepts = Concepts(facts)
        self.units = Units(facts)
        self.by_label: dict[str, list[str]] = {}
        self.by_identifier: dict[str, str] = {}
        for iri, concept in facts.concepts.items():
            self.by_identifier.setdefault(uuid_of(iri), iri)
            for text in dict.fromkeys(label.text for label in concept.labels if label.kind is LabelKind.PREF):
                self.by_label.setdefault(text, []).append(iri)

    def kind(self, iri: str) -> Kind:
        return self.facts.concepts[iri].kind

    def dimension(self, iri: str) -> str | None:
        unit = self.facts.units.get(iri)
        return dimension_key(unit.dimension) if unit is not None else self.units.dimension_of_kind(iri) if iri else None


class _Old:
    """BattINFO 0.3: the texts and IRIs that its nodes (blank ones too) have for a property."""

    def __init__(self, path: Path) -> None:
        self._values: dict[tuple[str, str], list[str]] = {}
        try:
            for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri="https://example.org/"):
                if not isinstance(quad.subject, ox.Triple) and not isinstance(quad.object, ox.Triple):
                    self._values.setdefault((quad.subject.value, quad.predicate.value), []).append(quad.object.value)
        except (OSError, SyntaxError, ValueError) as error:
            raise OntologyError(f"'{path}' cannot be read: {error}.", "See that it is the merged BattINFO 0.3.") from error

    def iris(self) -> list[str]:
        """Every class and property with a label in one of the old namespaces, sorted."""
        starts = tuple(NAMESPACES.values())
        labelled = (iri for iri, predicate in self._values if predicate == terms.SKOS_PREF_LABEL)
        return sorted(iri for iri in labelled if iri.startswith(starts) and self.kind(iri) is not None)

    def label(self, iri: str) -> str:
        return min(self._of(iri, terms.SKOS_PREF_LABEL)).strip()

    def kind(self, iri: str) -> Kind | None:
        found = self._of(iri, RDF_TYPE)
        return next((kind for name, kind in _KINDS.items() if name in found), None)

    def dimension(self, iri: str, units: Units) -> str | None:
        """What its own or an inherited restriction demands, else that of the QUDT unit it refers to."""
        demanded = {found for node in self._above(iri) if (found := self._demanded(node)) is not None}
        if demanded:
            return demanded.pop() if len(demanded) == 1 else None
        found_units = (units.find(qudt) for qudt in self._of(iri, QUDT_REFERENCE.replace(PREFIXES["emmo"], _OLD)))
        return next((unit.dimension for unit in found_units if unit is not None), None)

    def _demanded(self, node: str) -> str | None:
        """The dimension that a restriction demands."""
        if _HAS_DIMENSION not in self._of(node, _OWL + "onProperty"):
            return None
        for filler in self._of(node, _OWL + "someValuesFrom"):
            for same in self._of(filler, _OWL + "equivalentClass"):
                for value in self._of(same, _OWL + "hasValue"):
                    return dimension_key(read_dimension(value))
        return None

    def _above(self, start: str) -> Iterator[str]:
        """A class and everything above it, restrictions included."""
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                yield node
                waiting += self._of(node, terms.RDFS_SUB_CLASS_OF)

    def _of(self, node: str, predicate: str) -> list[str]:
        return self._values.get((node, predicate), [])
