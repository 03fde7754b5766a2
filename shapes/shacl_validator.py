"""SHACL by the `shacl` engine (Rust): the default validator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import shacl

from records.errors import SettingsError, VoltagraphError
from records.issues import Severity
from records.ntriples import lines_of
from records.rdf import Triple
from shapes.shapes_file import DEFAULT_SHAPES, Hierarchy, Parents, ShapesFile, default_message, in_order, plain_path, used_types
from shapes.validator import ShaclResult

_SEVERITIES = {"Violation": Severity.VIOLATION, "Warning": Severity.WARNING, "Info": Severity.INFO}


class ShaclValidator:
    """Validates one document in a fraction of a millisecond with the `shacl` package; thread-safe.

    Args:
        shapes: The shapes file (Turtle), or its content.
        parents: Named direct super-classes of a class, so that ``sh:class`` and ``sh:targetClass`` hold for sub-classes.

    Raises:
        SettingsError: The shapes cannot be used; see `ShapesFile`.

    >>> from records.rdf import RDF_TYPE, Iri
    >>> shapes = b'''@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <http://e/> .
    ... e:Cell a sh:NodeShape ; sh:targetClass e:Battery ; sh:property e:Name .
    ... e:Name a sh:PropertyShape ; sh:path e:name ; sh:minCount 1 ; sh:message "No name; add one." .'''
    >>> validator = ShaclValidator(shapes, lambda iri: ["http://e/Battery"] if iri == "http://e/CoinCell" else [])
    >>> [result] = validator.validate([Triple("http://e/x", RDF_TYPE, Iri("http://e/CoinCell"))])
    >>> result.focus_node, result.path, result.message
    ('http://e/x', 'http://e/name', 'No name; add one.')
    """

    def __init__(self, shapes: Path | bytes = DEFAULT_SHAPES, parents: Parents | None = None) -> None:
        file = ShapesFile(shapes)
        try:
            with _engine_errors(file.name):
                self._shapes = shacl.Shapes.from_text(file.content.decode(), "turtle", "http://localhost/shapes")
        except VoltagraphError as exc:
            raise SettingsError(exc.message, "Mend the constraint that the message names.") from exc.__cause__
        if len(self._shapes) < len(file.declared):
            raise SettingsError(
                f"The engine took {len(self._shapes)} of the {len(file.declared)} shapes of {file.name}.",
                "Look for a shape that is written twice or not in full.",
            )
        self._hierarchy = Hierarchy(parents, file.mentioned)

    def validate(self, triples: Sequence[Triple]) -> tuple[ShaclResult, ...]:
        """Every result, in a stable order; no result means that the statements conform.

        Raises:
            VoltagraphError: The engine refused the statements (an IRI that is none); the message carries its words.
        """
        with _engine_errors("the statements"):
            data = "".join(f"{line} .\n" for line in lines_of(triples))
            report = self._shapes.validate_text(data + self._hierarchy.text(used_types(triples)), "ntriples")
            return in_order(map(_result, report.results)) if len(report) else ()


def _result(found: shacl.Result) -> ShaclResult:
    shape = found.source_shape or ""
    if not shape.startswith("<"):  # a shape without a name of its own is told by the one that it is part of
        shape = found.root_shape or ""
    return ShaclResult(
        severity=_SEVERITIES.get(found.severity, Severity.VIOLATION),
        message=min(found.messages, default="") or default_message(found.component_iri),
        focus_node=_plain(found.focus_node),
        path=plain_path(found.path or ""),
        value=found.value_plain or "",
        shape=_plain(shape),
        component=found.component_iri,
    )


def _plain(term: str) -> str:
    return term[1:-1] if term.startswith("<") else term


@contextmanager
def _engine_errors(where: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, OSError) as exc:
        raise VoltagraphError(f"The SHACL engine cannot use {where}: {exc}.") from exc
    except BaseException as exc:
        # A panic of Rust code arrives as an exception that is no `Exception`; its class cannot be imported.
        if type(exc).__name__ != "PanicException":
            raise
        raise VoltagraphError(f"The SHACL engine broke down over {where}: {exc}.", "Report the record to the maintainers.") from exc
