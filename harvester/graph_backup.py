"""Backups of the graph store: a published state with a manifest, whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from graph.files import FULL, sync
from harvester.run import OnProgress
from records.errors import StoreDamagedError, StoreError, StoreFullError

MANIFEST: Final = "manifest.json"
"""The file of a backup that tells what else is in it."""
FORMAT: Final = 1
"""Layout of a backup."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself.

    Args:
        generation: The state it was made from.
        time: When it was made, ISO 8601 in UTC.
        read_as: Under which ontologies, contexts and shapes its records were read.
        files: Size and SHA-256 of each file, by name.
    """

    generation: str
    time: str
    read_as: str
    files: Mapping[str, tuple[int, str]]

    def to_json(self) -> dict[str, object]:
        """As it stands in the manifest."""
        files = {name: {"bytes": size, "sha256": digest} for name, (size, digest) in sorted(self.files.items())}
        return {"format": FORMAT, "generation": self.generation, "time": self.time, "read_as": self.read_as, "files": files}


def write_backup(store: Path, generation: str, read_as: str, target: Path, *, on_progress: OnProgress | None = None) -> Backup:
    """Copy a published state with a manifest; the folder is whole or not there.

    Args:
        store: Folder of the state; held by the caller.
        generation: Its name.
        read_as: Under which ontologies, contexts and shapes its records were read.
        target: Where to; not there yet, or empty.
        on_progress: Told after every file.

    Raises:
        StoreError: It cannot be written.
    """
    if target.is_dir() and any(target.iterdir()):
        raise StoreError(f"{target} is not empty.", "Name a folder that is not there yet.")
    unfinished = target.with_name(f"{target.name}.tmp")
    with _file_errors(target):
        shutil.rmtree(unfinished, ignore_errors=True)
        (unfinished / "graph").mkdir(parents=True)
        files = {}
        found = sorted(store.iterdir())
        for done, file in enumerate(found, 1):
            files[f"graph/{file.name}"] = _copy(file, unfinished / "graph" / file.name)
            if on_progress:
                on_progress(done, len(found))
        backup = Backup(generation, datetime.now(UTC).isoformat(timespec="seconds"), read_as, files)
        (unfinished / MANIFEST).write_text(json.dumps(backup.to_json(), indent=1) + "\n", encoding="utf-8")
        for folder in (unfinished / MANIFEST, unfinished / "graph", unfinished):
            sync(folder)
        unfinished.replace(target)
    return backup


def read_backup(folder: Path) -> Backup:
    """What a backup says of itself.

    Raises:
        StoreError: It is none, or of another version of the program.
        StoreDamagedError: Its manifest cannot be read, or files are missing or too many.
    """
    manifest = folder / MANIFEST
    try:
        told = json.loads(manifest.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise StoreError(f"{manifest} has format {told['format']}.", f"This program reads format {FORMAT}.")
        files = {str(name): (int(file["bytes"]), str(file["sha256"])) for name, file in told["files"].items()}
        backup = Backup(str(told["generation"]), str(told["time"]), str(told["read_as"]), files)
        datetime.fromisoformat(backup.time)
    except OSError as error:
        raise StoreError(
            f"{manifest} cannot be read: {error.strerror}.", "Name a folder that `voltagraph graph backup` made."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreDamagedError(f"{manifest} is damaged.", "Use another backup, or run `voltagraph graph rebuild`.") from error
    there = {f"graph/{file.name}" for file in (folder / "graph").glob("*")}
    if there != files.keys():
        name = min(there ^ files.keys())
        raise StoreDamagedError(
            f"The backup is damaged: {folder / name} {'does not belong to it' if name in there else 'is missing'}.",
            "Use another backup, or run `voltagraph graph rebuild`.",
        )
    return backup


def copy_backup(folder: Path, backup: Backup, target: Path, *, on_progress: OnProgress | None = None) -> None:
    """Copy the store of a backup; what is copied is what the manifest tells.

    Args:
        folder: The backup.
        backup: Its manifest.
        target: Folder of the store; not there yet.
        on_progress: Told after every file.

    Raises:
        StoreDamagedError: A file has other bytes.
        StoreError: It cannot be read or written.
    """
    with _file_errors(target):
        target.mkdir(parents=True)
        for done, (name, known) in enumerate(backup.files.items(), 1):
            if _copy(folder / name, target / Path(name).name) != known:
                raise StoreDamagedError(
                    f"The backup is damaged: {folder / name} has other bytes than were written.",
                    "Use another backup, or run `voltagraph graph rebuild`.",
                )
            if on_progress:
                on_progress(done, len(backup.files))


def _copy(source: Path, target: Path) -> tuple[int, str]:
    """Copy a file; its size and SHA-256 as they were read."""
    digest = hashlib.sha256()
    size = 0
    with source.open("rb") as read, target.open("xb") as write:
        while piece := read.read(1_000_000):
            digest.update(piece)
            size += len(piece)
            write.write(piece)
        write.flush()
        os.fsync(write.fileno())
    return size, digest.hexdigest()


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    """Turn errors of the file system into ours."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise StoreFullError(f"No space is left for {path}.", "Make room, then run the command again.") from error
        raise StoreError(
            f"{error.filename or path} cannot be read or written: {error.strerror}.", "Check the path and its permissions."
        ) from error
