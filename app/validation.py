"""What `validate` does: findings of files, folders and addresses, in the form that was asked for. Nothing is stored."""

from __future__ import annotations

import codecs
import gc
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from app.documents import Sent, check, documents, iri_of
from harvester.address import is_address
from records.errors import SettingsError
from records.issues import Severity
from shapes.finding_pages import FindingPages
from shapes.reports.report import SNIPPET_WIDTH, FileFindings, Report

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from app.bootstrap import Services
    from app.documents import OnProgress
    from harvester.reading import Reader


class Form(StrEnum):
    """Forms in which findings are told."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    SHACL = "shacl"
    JUNIT = "junit"
    HTML = "html"


def validate(
    services: Services,
    targets: Sequence[str],
    *,
    profiles: tuple[str, ...] = (),
    threshold: Severity = Severity.VIOLATION,
    on_progress: OnProgress | None = None,
) -> Report:
    """Findings of documents.

    Args:
        services: From `app.bootstrap`.
        targets: Files, folders, http or https addresses, or ``-`` for standard input.
        profiles: Profiles to check against; none: those of the settings.
        threshold: The least grave finding that counts as a failure.
        on_progress: Told after every document.

    Raises:
        SourceError: A file or folder is not there.
        FetchError: An address does not give its document.
        SettingsError: There is no such profile.
    """
    reader = services.reader_for(profiles)
    gc.freeze()  # the ontologies stay to the end: no use in looking through them again and again
    files = [findings_of(reader, sent) for sent in documents(services, targets, on_progress)]
    return Report(files, threshold, version("voltagraph"), FindingPages(), pages_address(services.settings.base_iri))


def findings_of(reader: Reader, sent: Sent) -> FileFindings:
    """The findings of one document, with its text when there are any."""
    issues = sent.issues
    if sent.content is not None:
        issues = (*issues, *check(reader, sent, sent.content).issues)
    return FileFindings(sent.file, issues, _text(sent.content) if issues else "", sent.key, iri_of(reader, sent))


def _text(content: bytes | None) -> str:
    return (content or b"").removeprefix(codecs.BOM_UTF8).decode(errors="replace")


def pages_address(base_iri: str) -> str:
    """Where this installation serves the pages of the findings.

    >>> pages_address("https://data.example.org/records/")
    'https://data.example.org/findings/'
    """
    return base_iri.removesuffix("records/") + "findings/"


def write_report(report: Report, form: Form, console: Console, output: Path | None) -> None:
    """Print the report, or write it to a file.

    Args:
        report: The findings.
        form: How they are told.
        console: Where text for people goes.
        output: File to write instead.

    Raises:
        SettingsError: The file cannot be written.
    """
    if form is Form.TEXT and output is None:
        from shapes.reports.text_report import to_text

        width = console.width if console.is_terminal else SNIPPET_WIDTH
        for line in to_text(report, min(width, 2 * SNIPPET_WIDTH)):
            console.print(line, soft_wrap=True)
        return
    text = _RENDERERS[form](report)
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        return
    try:
        output.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{output} cannot be written: {error.strerror}.", "Name another file with --output.") from error


def _plain_text(report: Report) -> str:
    from shapes.reports.text_report import to_text

    lines: Iterable[Text] = to_text(report)
    return "\n".join(line.plain.rstrip() for line in lines)


def _json(report: Report) -> str:
    from shapes.reports.json_report import to_json

    return to_json(report)


def _sarif(report: Report) -> str:
    from shapes.reports.sarif_report import to_sarif

    return to_sarif(_linked(report), partial(uri_of, Path.cwd()))


def _shacl(report: Report) -> str:
    from shapes.reports.shacl_report import to_shacl

    return to_shacl(report)


def _junit(report: Report) -> str:
    from shapes.reports.junit_report import to_junit

    return to_junit(report)


def _html(report: Report) -> str:
    from shapes.reports.html_report import to_html

    return to_html(_linked(report))


_RENDERERS: Mapping[Form, Callable[[Report], str]] = {
    Form.TEXT: _plain_text,
    Form.JSON: _json,
    Form.SARIF: _sarif,
    Form.SHACL: _shacl,
    Form.JUNIT: _junit,
    Form.HTML: _html,
}


def _linked(report: Report) -> Report:
    """The report without addresses that only this machine knows: others read it elsewhere."""
    if urlsplit(report.address).hostname not in ("localhost", "127.0.0.1", "::1"):
        return report
    return Report(report.files, report.threshold, report.version, report.pages)


def uri_of(root: Path, file: str) -> str:
    """A file as URI: relative when it lies in the root, so that whoever has the same folder elsewhere finds it.

    >>> uri_of(Path("/repository"), "/repository/cells/größe 1.jsonld"), uri_of(Path("/repository"), "/data/a.jsonld")
    ('cells/gr%C3%B6%C3%9Fe%201.jsonld', 'file:///data/a.jsonld')
    """
    if is_address(file):
        return quote(file, safe="/:@!$&'()*+,;=-._~?#%[]")
    path = Path(os.path.normpath(root / file))
    if path.is_relative_to(root):
        return quote(os.fsencode(path.relative_to(root).as_posix()))
    return path.as_uri()
