"""SHACL by pySHACL: the reference that the default engine is compared with.

The one file that imports rdflib and pyshacl, which are there for development alone: nothing but tests and benchmarks imports it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyshacl
from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError
from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, RDFS, BNode, Graph, Literal, URIRef
from rdflib.namespace import SH
from rdflib.term import Node

from records.errors import SettingsError, VoltagraphError
from records.issues import Severity
from records.rdf import XSD_STRING, Triple
from shapes.profiles import DEFAULT_SHAPES
from shapes.shapes_file import Hierarchy, Parents, Shapes, ShapesFile, default_message, in_order, plain_path, used_types
from shapes.validator import ShaclResult

_SEVERITIES = {SH.Violation: Severity.VIOLATION, SH.Warning: Severity.WARNING, SH.Info: Severity.INFO}


class PyshaclValidator:
    """Validates one document with pySHACL, about a hundred times slower than `shapes.shacl_validator.ShaclValidator`.

    Args:
        shapes: The shapes; files are read and checked first.
        parents: Named direct super-classes of a class, so that ``sh:class`` and ``sh:targetClass`` hold for sub-classes.

    Raises:
        SettingsError: The shapes cannot be used; see `shapes.shacl_validator.ShapesFile`.
    """

    def __init__(self, shapes: Shapes | ShapesFile = DEFAULT_SHAPES, parents: Parents | None = None) -> None:
        file = shapes if isinstance(shapes, ShapesFile) else ShapesFile(shapes)
        self._shapes = Graph().parse(data=file.content, format="nt")
        self._hierarchy = Hierarchy(parents, wanted=None)
        try:
            self.validate(())
        except VoltagraphError as exc:
            raise SettingsError(exc.message, "Mend the constraint that the message names.") from exc.__cause__

    def validate(self, triples: Sequence[Triple]) -> tuple[ShaclResult, ...]:
        """Every result, in a stable order; no result means that the statements conform.

        Raises:
            VoltagraphError: The engine broke down over the statements.
        """
        data = Graph()
        for subject, predicate, value in triples:
            node: Node
            if isinstance(value, str):
                node = URIRef(value)
            else:
                # rdflib tells "a" from "a"^^xsd:string; RDF 1.1 does not.
                datatype = None if value.language or value.datatype == XSD_STRING else URIRef(value.datatype)
                node = Literal(value.value, value.language or None, datatype, normalize=False)
            data.add((URIRef(subject), URIRef(predicate), node))
        for child, parent in self._hierarchy.edges(used_types(triples)):
            data.add((URIRef(child), RDFS.subClassOf, URIRef(parent)))
        with _engine_errors():
            _, report, _ = pyshacl.validate(data, shacl_graph=self._shapes, inference="none", meta_shacl=False, advanced=False)
        if not isinstance(report, Graph):
            raise VoltagraphError(f"pySHACL gave no report: {report!r}.")
        # Details of a result are results too; only what hangs on the report itself is a finding.
        found = [result for top in report.subjects(RDF.type, SH.ValidationReport) for result in report.objects(top, SH.result)]
        return in_order(self._result(report, result) for result in found)

    def _result(self, report: Graph, result: Node) -> ShaclResult:
        shape = report.value(result, SH.sourceShape)
        component = str(report.value(result, SH.sourceConstraintComponent) or "")
        messages = list(self._shapes.objects(shape, SH.message))
        if "SPARQL" in component:
            messages = list(report.objects(result, SH.resultMessage))
        severity = report.value(result, SH.resultSeverity)
        value = report.value(result, SH.value)
        return ShaclResult(
            severity=_SEVERITIES.get(severity, Severity.VIOLATION) if isinstance(severity, URIRef) else Severity.VIOLATION,
            message=min(map(str, messages), default=default_message(component)),
            focus_node=str(report.value(result, SH.focusNode) or ""),
            path=self._path(report.value(result, SH.resultPath), shape),
            value="" if value is None else str(value),
            shape=self._named_shape(shape),
            component=component,
        )

    def _path(self, path: Node | None, shape: Node | None) -> str:
        if isinstance(path, BNode):
            return plain_path(shacl_path_to_sparql_path(ShapesGraph(self._shapes), self._shapes.value(shape, SH.path)))
        return str(path or "")

    def _named_shape(self, shape: Node | None) -> str:
        seen = set()
        while isinstance(shape, BNode) and shape not in seen:
            seen.add(shape)
            shape = self._shapes.value(predicate=SH.property, object=shape)
        return str(shape or "")


@contextmanager
def _engine_errors() -> Iterator[None]:
    try:
        yield
    except (ShapeLoadError, ConstraintLoadError, ReportableRuntimeError, NotImplementedError) as exc:
        raise VoltagraphError(f"The SHACL engine cannot use the shapes: {exc}.") from exc
    except Exception as exc:
        if type(exc) is not Exception:  # what rdflib raises for a prefix that a query does not know
            raise
        raise VoltagraphError(f"The SHACL engine cannot use the shapes: {exc}.") from exc
