"""The report as a SHACL validation report in Turtle (https://www.w3.org/TR/shacl/#validation-report)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from records.issues import Issue, Severity
from records.ntriples import iri_text, literal_text
from records.rdf import Literal
from shapes.reports.report import FileFindings, Report, visible

FINDINGS = "https://w3id.org/voltagraph/findings#"
"""Namespace of the kinds of findings, and of what a report says beyond SHACL: file, line, column, pointer."""

_PREFIXES = f"""@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix vf: <{FINDINGS}> .
"""
_SEVERITIES = {Severity.VIOLATION: "sh:Violation", Severity.WARNING: "sh:Warning", Severity.INFO: "sh:Info"}
# Narrower than RFC 3987 where a parser may disagree: what does not fit is written as text.
_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2}|[\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef])"
_IRI = re.compile(
    rf"(?:https?://[A-Za-z0-9.-]+(?::[0-9]{{1,5}})?(?:/{_CHARACTER}*)?|urn:[A-Za-z0-9-]+:{_CHARACTER}+)(?:[?](?:{_CHARACTER}|[?])*)?(?:#(?:{_CHARACTER}|[?])*)?"
)


def to_shacl(report: Report) -> str:
    """One ``sh:ValidationReport``; each finding is a result, whatever step it comes from.

    A finding about no node of the data (a misspelt key is not read) has its place as focus node: the IRI of the document with the
    JSON Pointer as fragment. Its constraint component is its code. File, line, column and pointer stand beside.

    >>> print(to_shacl(Report([])).splitlines()[-1])
    [] a sh:ValidationReport ; sh:conforms true .
    """
    results = [_result(file, issue) for file in report.files for issue in file.findings]
    if not results:
        return f"{_PREFIXES}\n[] a sh:ValidationReport ; sh:conforms true .\n"
    return f"{_PREFIXES}\n[] a sh:ValidationReport ; sh:conforms false ;\n  sh:result {' , '.join(results)} .\n"


def _result(file: FileFindings, issue: Issue) -> str:
    return "[\n    " + " ;\n    ".join(_statements(file, issue)) + "\n  ]"


def _statements(file: FileFindings, issue: Issue) -> Iterator[str]:
    yield "a sh:ValidationResult"
    yield f"sh:resultSeverity {_SEVERITIES[issue.severity]}"
    yield f"sh:focusNode {iri_text(issue.focus_node if _is_iri(issue.focus_node) else _place(file, issue))}"
    if _is_iri(issue.path):
        yield f"sh:resultPath {iri_text(issue.path)}"
    if issue.value:
        yield f"sh:value {iri_text(issue.value) if _is_iri(issue.value) else _text(issue.value)}"
    yield f"sh:resultMessage {_text(issue.message)}"
    yield f"sh:sourceConstraintComponent {iri_text(FINDINGS + quote(issue.code))}"
    if _is_iri(issue.shape):
        yield f"sh:sourceShape {iri_text(issue.shape)}"
    yield f"vf:file {_text(file.path_of(issue))}"
    if issue.line:
        yield f"vf:line {issue.line} ; vf:column {issue.column} ; vf:pointer {_text(issue.pointer)}"


def _is_iri(text: str) -> bool:
    return _IRI.fullmatch(text) is not None


def _place(file: FileFindings, issue: Issue) -> str:
    document = file.iri if _is_iri(file.iri) else "urn:voltagraph:" + quote(visible(file.path_of(issue)), safe="/")
    return f"{document}#{quote(visible(issue.pointer), safe='/:@!$&()*+,;=-._~')}"


def _text(text: str) -> str:
    return literal_text(Literal(visible(text)))
