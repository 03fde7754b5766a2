"""The report as JUnit XML: each file is a test case, which fails from the chosen severity on."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET

from records.issues import Issue
from shapes.reports.report import FileFindings, Report, best_first, visible


def to_junit(report: Report) -> str:
    """One ``testsuite`` in the form that GitLab, Jenkins and others read (https://github.com/testmoapp/junitxml).

    >>> from shapes.reports.report import FileFindings
    >>> "failures" in to_junit(Report([FileFindings("a.jsonld", ())]))
    True
    """
    failed = [file for file in report.files if any(map(report.is_failure, file.findings))]
    counts = {"tests": str(len(report.files)), "failures": str(len(failed)), "errors": "0"}
    suites = ET.Element("testsuites", counts | {"name": "voltagraph validate"})
    suite = ET.SubElement(suites, "testsuite", counts | {"name": "voltagraph validate"})
    for file in report.files:
        case = ET.SubElement(suite, "testcase", {"name": visible(file.file), "classname": "voltagraph", "file": visible(file.file)})
        failures = [issue for issue in file.findings if report.is_failure(issue)]
        others = [issue for issue in file.findings if not report.is_failure(issue)]
        if failures:
            about = {"message": visible(failures[0].message), "type": failures[0].code}
            ET.SubElement(case, "failure", about).text = _lines(file, failures)
        if others:
            ET.SubElement(case, "system-out").text = _lines(file, others)
    ET.indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suites, encoding="unicode")}\n'


def _lines(file: FileFindings, issues: Iterable[Issue]) -> str:
    lines = []
    for issue in issues:
        place = f"{file.path_of(issue)}:{issue.line}:{issue.column}" if issue.line else file.path_of(issue)
        lines.append(visible(f"{place}: {issue.severity} [{issue.code}] {issue.message}"))
        if advice := best_first(issue):
            lines.append(f"    {advice}")
    return "\n".join(lines)
