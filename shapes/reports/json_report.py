"""The report as JSON: the form that scripts rely on."""

from __future__ import annotations

import json

from shapes.reports.report import Report


def to_value(report: Report) -> dict[str, object]:
    """``{files: [{file, findings: [{code, severity, message, pointer, line, column, value, suggestions}]}], causes: [...]}``.

    >>> from shapes.reports.report import FileFindings
    >>> to_value(Report([FileFindings("a.jsonld", ())]))
    {'files': [{'file': 'a.jsonld', 'findings': []}], 'causes': []}
    """
    return {
        "files": [{"file": file.file, "findings": [issue.to_json() for issue in file.findings]} for file in report.files],
        "causes": [summary.to_json() for summary in report.causes],
    }


def to_json(report: Report) -> str:
    """See `to_value`; half characters, which UTF-8 cannot hold, are escaped."""
    text = json.dumps(to_value(report), ensure_ascii=False)
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()
