"""SHACL by the `shacl` engine (Rust): the default validator."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import shacl

from records.errors import SettingsError, VoltagraphError
from records.issues import Severity
from records.rdf import Triple
from shapes.profiles import DEFAULT_SHAPES
from shapes.shapes_file import Excerpt, Parents, Shapes, ShapesFile, default_message, in_order, plain_path
from shapes.validator import ShaclResult

_ESCAPE = re.compile(r'\\(?:([tbnrf"\'\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))')
_ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_SEVERITIES = {"Violation": Severity.VIOLATION, "Warning": Severity.WARNING, "Info": Severity.INFO}


class ShaclValidator:
    """Validates one document in a fraction of a millisecond with the `shacl` package; thread-safe.

    Args:
        shapes: The shapes; files are read and checked first.
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

    def __init__(self, shapes: Shapes | ShapesFile = DEFAULT_SHAPES, parents: Parents | None = None) -> None:
        file = shapes if isinstance(shapes, ShapesFile) else ShapesFile(shapes)
        try:
            with _engine_errors(file.name):
                self._shapes = shacl.Shapes.from_text(file.content.decode(), "ntriples", "http://localhost/shapes")
        except VoltagraphError as exc:
            raise SettingsError(exc.message, "Mend the constraint that the message names.") from exc.__cause__
        if len(self._shapes) < len(file.declared):
            raise SettingsError(
                f"The engine took {len(self._shapes)} of the {len(file.declared)} shapes of {file.name}.",
                "Look for a shape that is written twice or not in full.",
            )
        self._excerpt = Excerpt(file, parents)

    def validate(self, triples: Sequence[Triple]) -> tuple[ShaclResult, ...]:
        """Every result, in a stable order; no result means that the statements conform.

        Raises:
            VoltagraphError: The engine refused the statements (an IRI that is none); the message carries its words.
        """
        with _engine_errors("the statements"):
            report = self._shapes.validate_text(self._excerpt.text(triples), "ntriples")
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
    """An IRI without its brackets; a literal (a number where a node should stand, say) as its lexical form."""
    if term.startswith('"'):
        return _ESCAPE.sub(_unescaped, term[1 : term.rindex('"')])
    return term[1:-1] if term.startswith("<") else term


def _unescaped(match: re.Match[str]) -> str:
    letter, short, long = match.groups()
    return _ESCAPES[letter] if letter else chr(int(short or long, 16))


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
