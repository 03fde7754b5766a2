"""What lies behind many findings: one word, one prefix, one habit of a program, found in thousands of places and mended once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from records.issues import Issue, Severity


@dataclass(frozen=True, slots=True)
class Cause:
    """What findings of several places and documents have in common.

    Args:
        code: Kind of finding.
        subject: What it is about: the prefix, the term, the IRI of the class, the text that stands for a number; ``""`` when all
            findings of the kind have one cause.
        title: The cause in a few plain words.
    """

    code: str
    subject: str
    title: str

    @property
    def key(self) -> str:
        """Names the cause, in any document and at any time.

        >>> Cause("undefined-prefix", "emmo", "the prefix 'emmo' is not defined").key
        'undefined-prefix:emmo'
        """
        return f"{self.code}:{self.subject}" if self.subject else self.code

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it, of files and of records alike."""
        return {"key": self.key, "code": self.code, "subject": self.subject, "title": self.title}


@dataclass(frozen=True, slots=True)
class CauseSummary:
    """How far a cause reaches.

    Args:
        cause: The cause.
        severity: The gravest of its findings.
        places: In how many places it shows.
        findings: How many findings that are.
        files: In how many documents they are.
        example_file: The first document.
        example: The first finding.
        fix: What to do, when the same suggestion mends all of them; else ``""``.
    """

    cause: Cause
    severity: Severity
    places: int
    findings: int
    files: int
    example_file: str
    example: Issue
    fix: str = ""

    def to_json(self) -> dict[str, object]:
        """As the interfaces print it."""
        return {
            **self.cause.to_json(),
            "severity": self.severity.value,
            "places": self.places,
            "findings": self.findings,
            "files": self.files,
            "fix": self.fix or None,
            "example": {
                "file": self.example_file,
                "message": self.example.message,
                "pointer": self.example.pointer,
                "line": self.example.line,
                "column": self.example.column,
            },
        }

    def __str__(self) -> str:
        told = f"{self.cause.title}: {_number(self.places, 'place')} in {_number(self.files, 'file')}"
        return f"{told}; one fix: {self.fix}" if self.fix else told


def cause_of(issue: Issue) -> Cause:
    """The cause of a finding.

    >>> cause_of(Issue("undefined-prefix", "the prefix 'emmo' is not defined in the context; no", value="emmo")).title
    "the prefix 'emmo' is not defined"
    >>> cause_of(Issue("decimal-comma", "'3,4' has a comma", pointer="/hasProperty/0/hasNumberValue", value="3,4")).key
    'decimal-comma:hasNumberValue'
    """
    if issue.code in _BY_VALUE:
        title = _BY_VALUE[issue.code].format(f"'{issue.value}'" if issue.value else "an empty text")
        return Cause(issue.code, issue.value, title or _first_clause(issue.message))
    if issue.code in _BY_KEY:
        subject = _key(issue.pointer)
        return Cause(issue.code, subject, _BY_KEY[issue.code].format(f"'{subject}'" if subject else "the document"))
    return Cause(issue.code, "", issue.code.replace("-", " "))


def causes(findings: Iterable[tuple[str, Iterable[Issue]]]) -> tuple[CauseSummary, ...]:
    """Findings grouped by cause, what shows in most places first.

    Args:
        findings: Of each file its name and its findings; read once.

    >>> undefined = Issue("undefined-prefix", "the prefix 'emmo' is not defined", value="emmo", places=12)
    >>> [summary] = causes([("a.jsonld", [undefined]), ("b.jsonld", [undefined])])
    >>> print(summary)
    the prefix 'emmo' is not defined: 24 places in 2 files
    """
    tallies: dict[str, _Tally] = {}
    for file, issues in findings:
        for issue in issues:
            cause = cause_of(issue)
            tally = tallies.get(cause.key)
            if tally is None:
                tally = tallies[cause.key] = _Tally(cause, file, issue)
            tally.add(file, issue)
    return tuple(sorted((tally.summary() for tally in tallies.values()), key=_most_places_first))


@dataclass(slots=True)
class _Tally:
    cause: Cause
    file: str
    issue: Issue
    last_file: str | None = None
    places: int = 0
    findings: int = 0
    files: int = 0
    severity: Severity = Severity.INFO
    fixes: set[str] = field(default_factory=set)

    def add(self, file: str, issue: Issue) -> None:
        self.places += issue.places
        self.findings += 1
        self.files += file != self.last_file
        self.last_file = file
        self.severity = min(self.severity, issue.severity, key=_GRAVITY.__getitem__)
        if len(self.fixes) < 2:
            best = issue.suggestions[0] if issue.suggestions else None
            self.fixes.add(best.text if best and best.replacement is not None else "")

    def summary(self) -> CauseSummary:
        fix = next(iter(self.fixes)) if len(self.fixes) == 1 else ""
        return CauseSummary(self.cause, self.severity, self.places, self.findings, self.files, self.file, self.issue, fix)


_GRAVITY: Mapping[Severity, int] = {severity: position for position, severity in enumerate(Severity)}


def _most_places_first(summary: CauseSummary) -> tuple[int, int, str]:
    return -summary.places, _GRAVITY[summary.severity], summary.cause.key


# What a finding's cause is about: the value itself (a word that stands in many documents) or the key at which it stands (where the
# values differ but the habit is one). An empty title takes the words of the finding.
_BY_VALUE: Mapping[str, str] = {
    "class-as-property": "",
    "context-not-configured": "the context {} is not configured",
    "deprecated-class": "",
    "deprecated-property": "",
    "empty-type": "{} stands where a type should stand",
    "former-iri": "",
    "invalid-iri": "{} is no IRI",
    "label-as-iri": "{} joins a prefix and a label",
    "language-as-unit": "",
    "missing-value": "{} stands for a value",
    "mistaken-namespace": "the prefix {} is defined as an address that its vocabulary does not have",
    "nan": "{} is not a JSON value",
    "not-a-unit": "",
    "prefix-without-separator": "the prefix {} is defined without / or # at its end",
    "property-as-class": "",
    "renamed-term": "{} has another name in this version of the context",
    "term-as-iri": "",
    "undefined-prefix": "the prefix {} is not defined",
    "undefined-term": "the key {} is not defined",
    "undefined-type": "the type {} is not defined",
    "undefined-value": "{} is neither an IRI nor a defined word",
    "unit-as-text": "the unit {} is text",
    "unknown-concept": "",
    "wrong-dimension": "",
}
_BY_KEY: Mapping[str, str] = {
    "decimal-comma": "numbers of {} have a comma",
    "not-a-number": "values of {} are no numbers",
    "number-as-text": "numbers of {} are written as text",
}
_PLACES = re.compile(r" \(here and in [\d,]+ more places?\)")


def _first_clause(message: str) -> str:
    return _PLACES.sub("", message).partition("; ")[0]


def _key(pointer: str) -> str:
    """The last step of a pointer that is no number: the key as the author wrote it."""
    steps = [step for step in pointer.split("/")[1:] if not step.isdecimal()]
    return steps[-1].replace("~1", "/").replace("~0", "~") if steps else ""


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
