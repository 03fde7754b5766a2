"""What `voltagraph snapshot` and `voltagraph export` do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from records.errors import BodyError, SettingsError

if TYPE_CHECKING:
    from rich.console import Console

    from app.bootstrap import Services
    from records.rights import Audiences
    from search.datasets.provenance import Described
    from search.datasets.wishes import DatasetWish


def create_json(services: Services, token: str | None, visibility: str, note: str) -> dict[str, Any]:
    """Freeze what the holder of a token may read now."""
    from graph.snapshot_file import Visibility, snapshot_json

    actor = services.identity.resolve(token)
    made, is_new = services.snapshots.create(actor, Visibility(visibility), note)
    return {**snapshot_json(made, actor), "new": is_new}


def list_json(services: Services, token: str | None) -> dict[str, Any]:
    """The snapshots of the holder of a token."""
    from graph.snapshot_file import snapshot_json

    actor = services.identity.resolve(token)
    return {"snapshots": [snapshot_json(one, actor) for one in services.snapshots.own(actor)]}


def show_json(services: Services, snapshot: str, token: str | None) -> dict[str, Any]:
    """A snapshot with its records, those that may not be read now left out."""
    from graph.snapshot_file import snapshot_json

    actor = services.identity.resolve(token)
    found = services.snapshots.get(snapshot, actor)
    records = services.snapshots.records(snapshot, actor)
    shown = snapshot_json(found, actor, found.records - len(records))
    return {**shown, "versions": [{"graph": one.graph_iri, "digest": one.digest} for one in records]}


def delete_json(services: Services, snapshot: str, token: str | None) -> dict[str, Any]:
    """Remove a snapshot of the holder of a token."""
    services.snapshots.delete(snapshot, services.identity.resolve(token))
    return {"id": snapshot, "removed": True}


def print_snapshot(shown: dict[str, Any], console: Console) -> None:
    """One snapshot, a line for each fact."""
    told = ("id", "visibility", "note", "created", "expires", "records", "withheld", "digest")
    for name in (name for name in told if shown.get(name) not in (None, "")):
        console.print(f"{name:<10} {shown[name]}", markup=False, soft_wrap=True)
    for one in shown.get("versions", ()):
        console.print(f"  {one['digest'][:12]}  {one['graph']}", markup=False, soft_wrap=True)


def print_list(found: dict[str, Any], console: Console) -> None:
    """A line for each snapshot."""
    for one in found["snapshots"]:
        line = f"{one['id']}  {one['created']}  {one['records']:>7,} records  {one['visibility']:<7}  {one['note']}"
        console.print(line.rstrip(), markup=False, soft_wrap=True)
    if not found["snapshots"]:
        console.print("You have no snapshots.")


def export_json(
    services: Services, wish: DatasetWish, token: str | None, output: Path, on_stage: Callable[[str, int], None]
) -> dict[str, Any]:
    """Build a training set in a folder that is not there yet; after an error it is not there, either.

    Raises:
        SettingsError: There is something at that place already.
    """
    from search.datasets.build import build_dataset
    from search.datasets.services import Watch
    from search.datasets.wishes import check_wish

    if output.exists():
        raise SettingsError(f"There is something at {output} already.", "Name a folder that is not there yet.")
    actor = services.identity.resolve(token)
    recipe = check_wish(services.dataset_services, wish, actor)
    part = output.with_name(f"{output.name}.part")
    try:
        part.mkdir(parents=True)
        built = build_dataset(services.dataset_services, recipe, actor, part, name=output.name, watch=Watch(on_stage))
        part.rename(output)
    except OSError as error:
        raise SettingsError(f"{output} cannot be written: {error.strerror}.", "Choose another folder with --output.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
        services.queries.close()
    files = [{"name": file.name, "rows": file.rows or None, "bytes": file.size, "sha256": file.sha256} for file in built.files]
    return {"directory": str(output), "rows": built.rows, "snapshot": built.snapshot, "files": files}


def print_export(made: dict[str, Any], console: Console) -> None:
    """What was written, a line for each file."""
    for file in made["files"]:
        rows = f"{file['rows']:,} rows" if file["rows"] else ""
        console.print(f"{file['name']:<24} {file['bytes']:>12,} bytes  {rows}".rstrip(), markup=False, soft_wrap=True)
    console.print(f"{made['rows']:,} rows of snapshot {made['snapshot']} in {made['directory']}", markup=False, soft_wrap=True)


def described_today(services: Services, graph_iri: str, audiences: Audiences) -> Described | None:
    """Title and gravest finding of the record of a graph, as these readers find it today."""
    from records.issues import Severity
    from search.datasets.provenance import Described

    record = unquote(graph_iri.removeprefix(services.settings.base_iri).removesuffix("#graph"))
    entry = services.ledger.get(record, audiences)
    found = services.index.get(record, audiences) if entry is not None else None
    if entry is None or found is None:
        return None
    levels = {issue.severity for issue in entry.issues}
    return Described(found.title, next((level.value for level in Severity if level in levels), "none"))


def pairs_of(given: Sequence[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` as often as given.

    Raises:
        BodyError: One has another form.

    >>> pairs_of(["train=0.8", "test=0.2"], "--fraction")
    {'train': '0.8', 'test': '0.2'}
    """
    pairs = {}
    for one in given:
        name, sign, value = one.partition("=")
        if not name or not sign or name in pairs:
            raise BodyError(f"{option} {one!r} is not NAME=VALUE, each name once.", f"Write for example {option} name=value.")
        pairs[name] = value
    return pairs


def fractions_of(given: Sequence[str]) -> dict[str, float]:
    """Fractions of the parts of a split.

    Raises:
        BodyError: One is no number.
    """
    try:
        return {name: float(value) for name, value in pairs_of(given, "--fraction").items()}
    except ValueError:
        raise BodyError("A fraction is a number.", "Write for example --fraction train=0.8 --fraction test=0.2.") from None
