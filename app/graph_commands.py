"""The commands `graph`: what they do and how their results print."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from app.bootstrap import Services
    from app.commands import OnProgress
    from harvester.graph_check import Published

Json = dict[str, Any]


def check_json(services: Services, *, quick: bool, on_progress: OnProgress | None) -> Json:
    """Compare the graph store with itself, and with payloads, corrections and rights.

    Args:
        services: From `app.bootstrap`.
        quick: Derive nothing anew.
        on_progress: Told now and then.

    Raises:
        StoreError: A store cannot be read.
    """
    from harvester.graph_check import check

    checked = check(
        lambda: _published(services), services.truth, quick=quick, outdated=services.is_outdated, on_progress=on_progress
    )
    return checked.to_json()


def print_check(checked: Json, console: Console) -> None:
    """Print one line for each fault, with its remedy."""
    _print_faults(checked, console)
    number = len(checked["faults"])
    console.print(
        f"{checked['records']:,} records, {checked['compared']:,} derived anew and compared, in {checked['seconds']:.1f} s: "
        + (f"{number:,} {'fault' if number == 1 else 'faults'}." if number else "all is well.")
    )
    if checked["waiting"]:
        console.print(f"{checked['waiting']:,} more wait to be read with their corrections: harvest again.")


def rebuild_json(services: Services, on_progress: OnProgress | None) -> Json:
    """Derive all graphs anew beside the live store, then put them in its place.

    Args:
        services: From `app.bootstrap`.
        on_progress: Told after every batch.

    Raises:
        StoreBusyError: A harvest is running.
        StoreError: A store failed; the live one stays as it was.
    """
    from harvester.graph_care import fill
    from harvester.hierarchy import ONTOLOGY_GRAPH, hierarchy

    truth = services.truth
    with services.checkpoints.replacement() as folder:
        writer = services.graph_beside(folder)
        try:
            rebuilt = fill(writer, truth, batch=services.settings.batch_documents, on_progress=on_progress)
            writer.set_public_graph(ONTOLOGY_GRAPH, hierarchy(services.concepts))
        finally:
            writer.close()
    return rebuilt.to_json()


def print_rebuild(rebuilt: Json, console: Console) -> None:
    """Print it for people."""
    _print_faults(rebuilt, console)
    console.print(f"Rebuilt the graphs of {rebuilt['records']:,} records in {rebuilt['seconds']:.1f} s.")


def backup_json(services: Services, target: Path, on_progress: OnProgress | None) -> Json:
    """Copy the newest published state of the graph store.

    Args:
        services: From `app.bootstrap`.
        target: Folder of the backup.
        on_progress: Told after every file.

    Raises:
        StoreError: There is none, or it cannot be written.
    """
    from graph.queries import StorePlace
    from harvester.graph_backup import write_backup
    from records.errors import StoreError

    with services.checkpoints.hold(StorePlace()) as place:
        if place.path is None:
            raise StoreError("There is nothing to back up: no graph was written yet.", "Harvest first.")
        read_as = services.read_as.read_text().strip() if services.read_as.is_file() else ""
        backup = write_backup(place.path, place.generation, read_as, target, on_progress=on_progress)
    size = sum(size for size, _ in backup.files.values())
    return {
        "directory": str(target),
        "generation": backup.generation,
        "time": backup.time,
        "files": len(backup.files),
        "bytes": size,
    }


def restore_json(services: Services, folder: Path, on_progress: OnProgress | None) -> Json:
    """Put a backup in the place of the live store, brought up to what is loaded today and to who may read it today.

    Args:
        services: From `app.bootstrap`.
        folder: The backup.
        on_progress: Told after every file, then after every batch of records that are derived anew.

    Raises:
        StoreBusyError: A harvest is running.
        StoreDamagedError: The backup is damaged; the live store stays as it was.
        StoreError: A store failed; the live one stays as it was.
    """
    from graph.queries import StorePlace
    from harvester.graph_backup import copy_backup, read_backup
    from harvester.graph_care import bring_up
    from harvester.hierarchy import ONTOLOGY_GRAPH, hierarchy

    backup = read_backup(folder)
    # Under other ontologies nothing of it is as it would be derived today.
    since = backup.time if backup.read_as == services.fingerprint else ""
    truth = services.truth
    with services.checkpoints.replacement() as beside:
        copy_backup(folder, backup, beside, on_progress=on_progress)
        store = services.graph_at(StorePlace(beside), read_only=False)
        try:
            restored = bring_up(store, truth, since, batch=services.settings.batch_documents, on_progress=on_progress)
            store.set_public_graph(ONTOLOGY_GRAPH, hierarchy(services.concepts))
        finally:
            store.close()
    return {**restored.to_json(), "time": backup.time}


def print_restore(restored: Json, console: Console) -> None:
    """Print it for people."""
    _print_faults(restored, console)
    console.print(f"Restored the graphs of {restored['records']:,} records, from the backup of {restored['time']}.")
    console.print(
        f"  since then: {restored['removed']:,} taken out, {restored['rights']:,} with other readers, "
        f"{restored['derived']:,} derived anew"
    )


def _print_faults(found: Json, console: Console) -> None:
    for fault in found["faults"]:
        console.print(f"{fault['subject']}: {fault['message']} {fault['remedy']}", markup=False, soft_wrap=True)


@contextmanager
def _published(services: Services) -> Iterator[Published]:
    from graph.queries import StorePlace
    from harvester.graph_check import Published

    if services.has_graph_server:
        server = services.graph_reader
        yield Published("", server, server.all_versions(), list)
        return
    with services.checkpoints.hold(StorePlace()) as place:
        store = services.graph_at(place)
        try:
            yield Published(place.generation, store, store.all_versions(), lambda: services.checkpoints.damage(place))
        finally:
            store.close()
