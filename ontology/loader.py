"""Reads full ontologies (Turtle files in a directory) into a fact table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as px

from ontology.model import Concept, Facts, Kind, Label, LabelKind, Restriction
from records.issues import Issue

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"
_KINDS = {_OWL + "Class": Kind.CLASS, _OWL + "ObjectProperty": Kind.OBJECT_PROPERTY, _OWL + "DatatypeProperty": Kind.DATA_PROPERTY,
          _OWL + "AnnotationProperty": Kind.ANNOTATION_PROPERTY}
_LABELS = {_SKOS + "prefLabel": LabelKind.PREF, _SKOS + "altLabel": LabelKind.ALT, _SKOS + "hiddenLabel": LabelKind.HIDDEN, _RDFS + "label": LabelKind.RDFS}


def load_ontologies(directory: Path, *, on_progress: Callable[[str], None] | None = None) -> tuple[Facts, list[Issue]]:
    """Rough first form."""
    store = px.Store()
    for name in ("merged.ttl", "merged-extra.ttl"):
        store.bulk_load(path=str(directory / name), format=px.RdfFormat.TURTLE)
    kind = {}
    labels: dict[str, set[Label]] = {}
    parents: dict[str, set[str]] = {}
    restr: dict[str, set[Restriction]] = {}
    dep = set()
    repl = {}
    bn: dict[object, dict[str, object]] = {}
    for s, p, o, _ in store:
        if isinstance(s, px.BlankNode):
            bn.setdefault(s, {})[p.value] = o
    for s, p, o, _ in store:
        if not isinstance(s, px.NamedNode):
            continue
        if p.value.endswith("#type") and isinstance(o, px.NamedNode) and o.value in _KINDS:
            kind[s.value] = _KINDS[o.value]
        elif p.value in _LABELS and isinstance(o, px.Literal):
            labels.setdefault(s.value, set()).add(Label(o.value, o.language or "", _LABELS[p.value]))
        elif p.value in (_RDFS + "subClassOf", _RDFS + "subPropertyOf"):
            if isinstance(o, px.NamedNode):
                parents.setdefault(s.value, set()).add(o.value)
            elif isinstance(o, px.BlankNode):
                d = bn.get(o, {})
                prop = d.get(_OWL + "onProperty")
                for q in ("someValuesFrom", "allValuesFrom", "hasValue"):
                    f = d.get(_OWL + q)
                    if isinstance(prop, px.NamedNode) and isinstance(f, px.NamedNode):
                        restr.setdefault(s.value, set()).add(Restriction(prop.value, q, f.value))
        elif p.value == _OWL + "deprecated":
            dep.add(s.value)
        elif p.value.endswith("isReplacedBy"):
            repl[s.value] = o.value
    concepts = {
        i: Concept(i, kind[i], tuple(sorted(labels.get(i, ()), key=lambda x: (list(LabelKind).index(x.kind), x))),
                   tuple(sorted(parents.get(i, ()))), tuple(sorted(restr.get(i, ()))), i in dep, repl.get(i, ""))
        for i in sorted(kind)
    }
    return Facts((), concepts, {}, {}), []
