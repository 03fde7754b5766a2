"""`voltagraph ontology check`: what the reasoner finds, as JSON and in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from records.errors import OntologyError

if TYPE_CHECKING:
    from rich.console import Console

Json = dict[str, Any]


def check_json(directory: Path | None, max_seconds: float, on_progress: Callable[[str], None]) -> Json:
    """Find the classes of the ontologies that can have no member.

    Args:
        directory: Where the ontologies are; ``None`` when only the fact table is here.
        max_seconds: How long the reasoner may take.
        on_progress: Called with what is being done.

    Raises:
        OntologyError: As `ontology.release.check_release`, or there are no full ontologies.
        SettingsError: As `ontology.release.check_release`.
        LimitError: As `ontology.release.check_release`.
    """
    from ontology.release import check_release

    if directory is None:
        raise OntologyError("The full ontologies are not here.", "Run `voltagraph ontology fetch`, or name their folder.")
    found = check_release(
        directory,
        max_seconds=max_seconds,
        on_progress=lambda seconds: on_progress(f"Reasoning for {seconds:.0f} s; Ctrl-C ends it"),
    )
    return {
        "folder": str(directory),
        "classes": found.classes,
        "unsatisfiable": list(found.unsatisfiable),
        "seconds": round(found.seconds, 1),
        "left_out": dict(found.left_out),
        "issues": [issue.to_json() for issue in found.issues],
    }


def print_check(found: Json, console: Console) -> None:
    """Print what `check_json` found."""
    for issue in found["issues"]:
        console.print(f"not read: {issue['source']}: {issue['message']}", markup=False, soft_wrap=True)
    left_out = ", ".join(f"{number:,} statements of {what}" for what, number in found["left_out"].items())
    console.print(f"{found['classes']:,} classes in {found['seconds']:.0f} s; left out: {left_out or 'nothing'}.", soft_wrap=True)
    for iri in found["unsatisfiable"]:
        console.print(f"can have no member: {iri}", markup=False, soft_wrap=True)
    if not found["unsatisfiable"]:
        console.print("Every class can have members.")
