"""Documents that somebody sends to be checked or mended, and gets back: nothing of them is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from harvester.fixing import fix
from harvester.reading import Checked, Reader
from records.issues import Edit, Issue, Severity
from shapes.edits import are_splices, edit_content

SOURCE = "validate"
"""Name of the source in the IRIs of documents that are only checked."""

MAX_FINDINGS = 1_000
"""Most findings that are told of one question: the gravest, then the first."""

_GRAVITY = {severity: position for position, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class SentFile:
    """One document as it came.

    Args:
        name: What its sender calls it; findings name it.
        content: Its bytes.
    """

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """What to check.

    Args:
        files: The documents.
        profiles: Names of the profiles to check against; none: those of the settings.
        edits: Changes to make first; then there is one file.
        certain: Whether to take every certain suggestion first that changes no value.
    """

    files: tuple[SentFile, ...]
    profiles: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    certain: bool = False


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """One document with its findings.

    Args:
        file: The document, with the changes in it when there were any.
        iri: IRI that the document was read with.
        issues: Its findings, by place.
        left_out: How many more there are.
        taken: How many certain suggestions were taken.
    """

    file: SentFile
    iri: str
    issues: tuple[Issue, ...]
    left_out: int = 0
    taken: int = 0


ReaderFor = Callable[[tuple[str, ...]], Reader]
"""The reader that checks against the named profiles."""

Answer = tuple[CheckedFile, ...]


def checker(reader_for: ReaderFor) -> Callable[[Question], Answer]:
    """The function that answers such questions.

    Args:
        reader_for: Gives the reader for the profiles asked for.
    """

    def check(question: Question) -> Answer:
        reader = reader_for(question.profiles)
        return _gravest([_checked(reader, file, question) for file in question.files])

    return check


def _checked(reader: Reader, file: SentFile, question: Question) -> CheckedFile:
    iri = reader.iri_of(f"{SOURCE}/{file.name}")

    def check(content: bytes) -> Checked:
        return reader.check(content, file.name, iri, SOURCE)

    content, taken = file.content, 0
    if question.edits:
        document = check(content).document
        if document is not None or are_splices(question.edits):
            content = edit_content(content, document, question.edits)
    if question.certain:
        fixed = fix(content, check)
        content, issues, taken = fixed.content, fixed.left, len(fixed.applied)
    else:
        issues = check(content).issues
    return CheckedFile(replace(file, content=content), iri, issues, taken=taken)


def _gravest(files: Sequence[CheckedFile]) -> Answer:
    """The files with `MAX_FINDINGS` of all their findings, each file's by place."""
    found = [(_GRAVITY[issue.severity], number, issue) for number, file in enumerate(files) for issue in file.issues]
    told: list[list[Issue]] = [[] for _ in files]
    for _, number, issue in sorted(found, key=lambda one: one[0])[:MAX_FINDINGS]:
        told[number].append(issue)
    return tuple(
        replace(
            file,
            issues=tuple(sorted(issues, key=lambda issue: (issue.line, issue.column))),
            left_out=len(file.issues) - len(issues),
        )
        for file, issues in zip(files, told, strict=True)
    )
