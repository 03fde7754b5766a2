"""What `fix` does: mends documents with the suggestions of their findings, shows the change, and writes it when told to."""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.documents import STDIN, Sent, check, documents
from harvester.address import is_address
from harvester.fixing import CHANGES_VALUE, LIKELY_CHANGE, ONLY_LIKELY, Fixed, Mend, fix
from records.errors import SourceError
from records.issues import Certainty
from shapes.diffs import unified_diff
from shapes.reports.report import best_first, number, visible

if TYPE_CHECKING:
    from rich.console import Console

    from app.bootstrap import Services
    from app.documents import OnProgress
    from harvester.reading import Reader


@dataclass(frozen=True, slots=True)
class FixedFile:
    """One file and what would become of it.

    Args:
        sent: The file as it is.
        fixed: The file as it would be.
        error: Why it was not written; ``""`` when it was, or was not asked to be.
    """

    sent: Sent
    fixed: Fixed
    error: str = ""

    @property
    def before(self) -> bytes:
        """Its content as it is."""
        return self.sent.content or b""

    @property
    def is_changed(self) -> bool:
        """Whether anything is mended."""
        return self.fixed.content != self.before

    def diff(self) -> bytes:
        """The change, with the path from the working directory, or from the folder that was named where that is elsewhere."""
        path = Path(os.path.normpath(Path.cwd() / self.sent.file))
        name = path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else self.sent.key
        return unified_diff(name, self.before, self.fixed.content)

    def to_json(self) -> dict[str, object]:
        """What ``fix --json`` prints of it."""
        return {
            "file": self.sent.file,
            "changed": self.is_changed,
            "error": self.error,
            "applied": [mend.to_json() for mend in self.fixed.applied],
            "refused": [mend.to_json() for mend in self.fixed.refused],
            "gone": [issue.to_json() for issue in self.fixed.gone],
            "was_json": self.fixed.was_json,
            "left": [issue.to_json() for issue in self.fixed.left],
            "diff": self.diff().decode(errors="backslashreplace"),
        }


def fix_files(
    services: Services,
    targets: Sequence[str],
    certainty: Certainty,
    *,
    profiles: tuple[str, ...] = (),
    change_values: bool = False,
    apply: bool = False,
    on_progress: OnProgress | None = None,
) -> Iterator[FixedFile]:
    """Mend files, and write them when *apply* is set; a file that cannot be written is told, and the others are.

    Args:
        services: From `app.bootstrap`.
        targets: Files and folders.
        certainty: How sure a suggestion must be at least.
        profiles: Profiles to check against; none: those of the settings.
        change_values: Whether suggestions are taken that change a value.
        apply: Whether to write.
        on_progress: Told after every document.

    Raises:
        SourceError: A file or folder is not there, or something else was named.
        SettingsError: There is no such profile.
    """
    for target in targets:
        if target == STDIN or is_address(target):
            raise SourceError(f"{target} cannot be mended in place.", "Name files or folders.")
    reader = services.reader_for(profiles)
    for sent in documents(services, targets, on_progress):
        done = _mended(reader, sent, certainty, change_values)
        if apply and done.is_changed:
            yield FixedFile(done.sent, done.fixed, _written(done))
        else:
            yield done


def _mended(reader: Reader, sent: Sent, certainty: Certainty, change_values: bool) -> FixedFile:
    if sent.content is None:
        return FixedFile(sent, Fixed(b"", left=sent.issues), error=sent.issues[-1].message)
    fixed = fix(sent.content, lambda content: check(reader, sent, content), certainty, change_values=change_values)
    return FixedFile(sent, fixed)


def _written(done: FixedFile) -> str:
    """Write a file whole or not at all; why not, or nothing."""
    assert done.sent.path is not None  # noqa: S101 - only files are mended
    path = Path(os.path.realpath(done.sent.path))  # what a link leads to, and not the link
    part: Path | None = None
    try:
        if not os.access(path, os.W_OK):
            return "it is not writable"
        if path.read_bytes() != done.before:
            return "it was changed meanwhile; run fix again"
        mode = path.stat().st_mode & 0o7777
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part", delete=False) as file:
            part = Path(file.name)
            file.write(done.fixed.content)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(mode)
        part.replace(path)
    except OSError as error:
        return error.strerror or str(error)
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
    return ""


def write_patch(files: Sequence[FixedFile]) -> None:
    """Print the changes of all files as one patch."""
    for done in files:
        sys.stdout.buffer.write(done.diff())
    sys.stdout.buffer.flush()


def print_fixed(files: Sequence[FixedFile], console: Console, *, diff: bool) -> None:
    """Tell what is mended, what is not and why, and how the files change.

    Args:
        files: Every file that was looked at.
        console: Where to print.
        diff: Whether to show the changes themselves.
    """
    for done in files:
        if done.fixed.applied or done.fixed.refused or done.error:
            _print_file(done, console)
        if diff:
            _print_diff(done.diff().decode(errors="replace"), console)


def _print_file(done: FixedFile, console: Console) -> None:
    counts = f"{number(len(done.fixed.applied), 'finding')} mended, {len(done.fixed.left):,} left"
    console.print(f"{visible(done.sent.file)}: {counts}", style="bold", markup=False, highlight=False, soft_wrap=True)
    if done.error:
        console.print(f"  left as it is: {visible(done.error)}", style="red", markup=False, highlight=False, soft_wrap=True)
    for mend in done.fixed.applied:
        _print_line(mend, "changes the value, " if mend.suggestion.changes_value else "", console)
    for mend in done.fixed.refused:
        _print_line(mend, f"not done, for {mend.reason}: ", console, style="yellow")
    for issue in done.fixed.gone:
        console.print(f"  gone with it: {visible(str(issue))}", style="dim", markup=False, highlight=False, soft_wrap=True)
    if done.is_changed and done.fixed.left and not done.fixed.was_json:
        told = f"  no JSON before; what that hid is left: {number(len(done.fixed.left), 'finding')}, see `voltagraph validate`"
        console.print(told, style="dim", markup=False, highlight=False, soft_wrap=True)


def _print_line(mend: Mend, what: str, console: Console, style: str = "") -> None:
    issue = mend.issue
    places = f" ({number(issue.places, 'place')})" if issue.places > 1 else ""
    line = f"  {issue.line}:{issue.column} {issue.code}: {visible(what)}{best_first(issue)}{places}"
    console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)


_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def _print_diff(diff: str, console: Console) -> None:
    for line in diff.split("\n")[:-1]:
        style = "bold" if line.startswith(("+++", "---")) else _DIFF_STYLES.get(line[:1], "")
        console.print(visible(line.removesuffix("\r")), style=style, markup=False, highlight=False, soft_wrap=True)


def summary(files: Sequence[FixedFile], *, applied: bool) -> str:
    """What came of it in a sentence or two."""
    changed = [done for done in files if done.is_changed and not done.error]
    mended = sum(len(done.fixed.applied) for done in changed)
    left = sum(len(done.fixed.left) + (len(done.fixed.applied) if done.error else 0) for done in files)
    values = sum(mend.issue.places for done in changed for mend in done.fixed.applied if mend.suggestion.changes_value)
    failed = sum(bool(done.error) for done in files)
    verb = "changed" if applied else "would change"
    told = f"{number(len(files), 'file')}: {len(changed):,} {verb}, {number(mended, 'finding')} mended"
    told += f" ({number(values, 'value')} changed)" if values else ""
    told += f", {left:,} left" + (f", {failed:,} failed" if failed else "") + "."
    reasons = Counter(_offered(mend.reason) for done in files for mend in done.fixed.refused)
    told += "".join(f" {count:,} more {_OFFERS[reason]}." for reason, count in reasons.items() if reason)
    if changed and not applied:
        told += " Nothing was written: --apply does it."
    return told


_OFFERS = {
    LIKELY_CHANGE: "with --certainty likely --allow-value-changes",
    ONLY_LIKELY: "with --certainty likely",
    CHANGES_VALUE: "would change a value: --allow-value-changes",
}


def _offered(reason: str) -> str:
    """For want of which option something was not done; nothing when no option does it."""
    return next((known for known in _OFFERS if reason.endswith(known)), "")
