"""The documents that `validate` and `fix` are given: files, folders, addresses, standard input."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harvester.address import fetch_document, is_address
from harvester.checking import SOURCE
from records.errors import SourceError
from records.issues import Issue

if TYPE_CHECKING:
    from app.bootstrap import Services
    from harvester.reading import Checked, Reader

STDIN = "-"
"""What stands for standard input among the documents."""

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Sent:
    """One document to look at.

    Args:
        file: What its user calls it.
        key: Path within what was named; findings name it.
        content: Its bytes; ``None`` when they cannot be had, and then the issues say why.
        issues: What was found before it was read.
        path: Where it lies, when it lies on this machine.
    """

    file: str
    key: str
    content: bytes | None
    issues: tuple[Issue, ...] = ()
    path: Path | None = None


def check(reader: Reader, sent: Sent, content: bytes) -> Checked:
    """What is wrong with a content of this document."""
    return reader.check(content, sent.key, iri_of(reader, sent), SOURCE)


def iri_of(reader: Reader, sent: Sent) -> str:
    """IRI of the document in findings; nothing is kept under it."""
    return reader.iri_of(f"{SOURCE}/{sent.key}")


def documents(services: Services, targets: Sequence[str], on_progress: OnProgress | None = None) -> Iterator[Sent]:
    """Each document, read when its turn comes.

    Args:
        services: From `app.bootstrap`.
        targets: Files, folders, addresses, or ``-`` for standard input.
        on_progress: Told after every document how many are done, and of how many.

    Raises:
        SourceError: A file or folder is not there.
        FetchError: An address does not give its document.
    """
    counted = [_counted(services, target) for target in targets]
    total = sum(count for count, _ in counted)
    done = 0
    for _, offered in counted:
        for sent in offered:
            yield sent
            done += 1
            if on_progress is not None:
                on_progress(done, total)


def _counted(services: Services, target: str) -> tuple[int, Iterator[Sent]]:
    most = services.settings.max_document_bytes
    if target == STDIN:
        return 1, _read_stdin(most)
    if is_address(target):
        return 1, _fetched(target, most)
    path = Path(target)
    if not path.exists():
        raise SourceError(f"There is no file or folder {path}.", "Name JSON-LD files, folders of them, or http addresses.")
    source = services.folder_source(path, SOURCE, None)
    references = list(source.gather())

    def each() -> Iterator[Sent]:
        for reference in references:
            fetched = source.fetch(reference)
            file = path / reference.key if path.is_dir() else path
            issues = reference.issues
            if isinstance(fetched, Issue):
                yield Sent(str(file), reference.key, None, issues if fetched in issues else (*issues, fetched), file)
            else:
                yield Sent(str(file), reference.key, fetched.content, issues, file)

    return len(references), each()


def _read_stdin(most: int) -> Iterator[Sent]:
    yield Sent("stdin", "stdin", sys.stdin.buffer.read(most + 1))


def _fetched(address: str, most: int) -> Iterator[Sent]:
    yield Sent(address, address, fetch_document(address, most))
