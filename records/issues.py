"""Findings: what is wrong with one record, where, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How grave a finding is, in SHACL's own words (https://www.w3.org/TR/shacl/#severity)."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about one record, from any step.

    Args:
        code: Stable kebab-case name of the kind of finding, e.g. ``undefined-term``.
        message: What is wrong, in plain words.
        severity: How grave it is.
        source: The document it is about: the path within its source.
        pointer: JSON Pointer (RFC 6901) into the source document; ``""`` is the whole document.
        line: Line in the source document, from 1; 0 when there is no place.
        column: Column in the source document, from 1; 0 when there is no place.
        remedy: How to mend it.
        focus_node: IRI of the node it is about, as in a SHACL result.
        path: IRI of the property it is about, as in a SHACL result.
        value: The offending value as text.
        shape: IRI of the SHACL shape that raised it.

    >>> str(Issue("undefined-term", "'hasProperety' is not defined", line=4, column=5, source="a.jsonld"))
    "a.jsonld:4:5: violation [undefined-term] 'hasProperety' is not defined"
    """

    code: str
    message: str
    severity: Severity = Severity.VIOLATION
    source: str = ""
    pointer: str = ""
    line: int = 0
    column: int = 0
    remedy: str = ""
    focus_node: str = ""
    path: str = ""
    value: str = ""
    shape: str = ""

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}:{self.column}" if self.line else self.source
        text = f"{place}: {self.severity} [{self.code}] {self.message}"
        return f"{text}; {self.remedy}" if self.remedy else text
