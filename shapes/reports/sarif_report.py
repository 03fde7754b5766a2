"""The report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/): what GitHub and GitLab show beside the lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from records.errors import EditConflictError
from records.issues import Issue, Severity, Suggestion
from shapes.edits import are_splices, pieces_of
from shapes.finding_pages import FindingPage
from shapes.reader import Document, read_document
from shapes.reports.report import FileFindings, Report, best_first, visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
"""Where the schema is published."""

_LEVELS: Mapping[Severity, str] = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}

UriOf = Callable[[str], str]
"""A file's name as URI: relative to the root of the repository where it lies there."""

Json = dict[str, Any]


def to_sarif(report: Report, uri_of: UriOf) -> str:
    """One run with one result a finding; columns count characters (Unicode code points).

    Args:
        report: The findings.
        uri_of: Gives the URI under which a reader of the report finds a file.

    >>> json.loads(to_sarif(Report([]), str))["runs"][0]["results"]
    []
    """
    codes = sorted(report.codes)
    rule_index = {code: index for index, code in enumerate(codes)}
    results = [
        {"ruleIndex": rule_index[issue.code], **result}
        for file in report.files
        for issue, result in zip(file.findings, _results(file, uri_of), strict=True)
    ]
    driver: Json = {"name": "Voltagraph", "rules": [_rule(code, report) for code in codes]}
    if report.version:
        driver["semanticVersion"] = report.version
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rule(code: str, report: Report) -> Json:
    page = report.pages.get(code)
    severities = {issue.severity for file in report.files for issue in file.findings if issue.code == code}
    gravest = min(severities, key=list(Severity).index)
    rule: Json = {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": {"text": page.summary if page else code.replace("-", " ")},
        "defaultConfiguration": {"level": _LEVELS[gravest]},
    }
    if page:
        rule["help"] = {"text": _plain(page), "markdown": page.text}
    if report.address:
        rule["helpUri"] = report.address + code
    return rule


def _plain(page: FindingPage) -> str:
    return page.text.partition("\n")[2].partition("```")[0].strip().replace("**", "")


def _results(file: FileFindings, uri_of: UriOf) -> list[Json]:
    needed = any(issue.suggestions and issue.suggestions[0].edits for issue in file.findings)
    read = read_document(file.text.encode(errors="surrogatepass"), file.key) if needed and file.text else None
    document = read if isinstance(read, Document) else None
    return [_result(file, issue, document, uri_of) for issue in file.findings]


def _result(file: FileFindings, issue: Issue, document: Document | None, uri_of: UriOf) -> Json:
    uri = uri_of(file.path_of(issue))
    physical: Json = {"artifactLocation": {"uri": uri}}
    if region := file.region(issue):
        physical["region"] = {
            "startLine": region.line,
            "startColumn": region.column,
            "endLine": region.line,
            "endColumn": region.column + region.length,
        }
    location: Json = {"physicalLocation": physical}
    if issue.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(issue.pointer), "kind": "value"}]
    advice = best_first(issue)
    result: Json = {
        "ruleId": issue.code,
        "level": _LEVELS[issue.severity],
        "message": {"text": visible(issue.message) + (f"; {advice}" if advice else "")},
        "locations": [location],
        "partialFingerprints": {"voltagraph/v1": _fingerprint(uri, issue)},
    }
    if issue.places > 1:
        result["occurrenceCount"] = issue.places
    if fix := _fix(document or Document(None, file.key, file.text), issue, uri):
        result["fixes"] = [fix]
    return result


def _fingerprint(uri: str, issue: Issue) -> str:
    """The same finding has the same name in the next run, also when lines above it come or go."""
    return hashlib.sha256("\n".join((uri, issue.code, issue.pointer, issue.value)).encode(errors="surrogatepass")).hexdigest()[:32]


def _fix(document: Document, issue: Issue, uri: str) -> Json | None:
    best: Suggestion | None = issue.suggestions[0] if issue.suggestions else None
    if best is None or not best.edits or not document.text:
        return None
    try:
        if document.value is None and not are_splices(best.edits):
            return None  # in what is no JSON only splices have a place
        pieces = pieces_of(document, best.edits)
    except EditConflictError:
        return None
    replacements = []
    for piece in pieces:
        line, column = document.place_at(piece.start)
        end_line, end_column = document.place_at(piece.end)
        deleted = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
        replacements.append({"deletedRegion": deleted, "insertedContent": {"text": piece.text}})
    changes = [{"artifactLocation": {"uri": uri}, "replacements": replacements}]
    return {"description": {"text": visible(best.text)}, "artifactChanges": changes}
