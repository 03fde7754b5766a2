"""Training sets: asked for, waited for, and downloaded whole."""

from __future__ import annotations

import csv
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from voltagraph_client.errors import DatasetError, IncompleteAnswerError, NotFoundError
from voltagraph_client.transport import Progress, Transport, save

_FIRST_WAIT = 0.2
_LONGEST_WAIT = 5.0


@dataclass(frozen=True)
class DataFile:
    """A file of a training set.

    Args:
        name: Its name.
        rows: How many rows it has; ``None`` for one that is no data.
        size: How many bytes.
        sha256: Its digest, in hex.
        href: Where it is at the service.
    """

    name: str
    rows: int | None
    size: int
    sha256: str
    href: str


class Dataset:
    """A training set that the service has made.

    Args:
        transport: Where it comes from.
        told: What the service says of it.
    """

    def __init__(self, transport: Transport, told: Mapping[str, Any]) -> None:
        self._transport = transport
        self.told = told
        self.directory: Path | None = None

    @property
    def id(self) -> str:
        """Its name at the service."""
        return str(self.told["id"])

    @property
    def snapshot(self) -> str:
        """Id of the snapshot that it was made from."""
        return str(self.told["snapshot"])

    @property
    def files(self) -> tuple[DataFile, ...]:
        """Its files: data, manifest and descriptions."""
        return tuple(
            DataFile(str(one["name"]), one["rows"], int(one["bytes"]), str(one["sha256"]), str(one["href"]))
            for one in self.told["files"]
        )

    def manifest(self) -> dict[str, Any]:
        """What it holds and where that comes from."""
        [file] = [file for file in self.files if file.name == "manifest.json"]
        with self._transport.ask("GET", file.href, checked=True) as answer:
            found: dict[str, Any] = answer.json()
        return found

    def download(self, directory: str | Path) -> tuple[Path, ...]:
        """Put its files into a folder, each of them whole or not at all; those that are there already and right stay.

        Raises:
            IncompleteAnswerError: A file that came is not what was made.
        """
        folder = Path(directory)
        folder.mkdir(parents=True, exist_ok=True)
        paths = tuple(self._fetched(file, folder) for file in self.files if not file.name.endswith(".zip"))
        self.directory = folder
        return paths

    def delete(self) -> None:
        """Remove it at the service; one that is gone already is no error."""
        try:
            self._transport.ask("DELETE", f"/datasets/{self.id}").close()
        except NotFoundError:
            return

    def _fetched(self, file: DataFile, folder: Path) -> Path:
        # The name comes from the service: it must not lead out of the folder.
        if file.name in {"", ".", ".."} or "/" in file.name or "\\" in file.name:
            raise IncompleteAnswerError(f"{file.name!r} is no name of a file.", "Do not use this training set.")
        path = folder / file.name
        if path.is_file() and path.stat().st_size == file.size and _digest(path) == file.sha256:
            return path
        with self._transport.ask("GET", file.href, accept="*/*", checked=True, name=file.name) as answer:
            if (answer.size, answer.sha256) != (file.size, file.sha256):
                raise IncompleteAnswerError(
                    f"{file.name} has {answer.size:,} bytes with SHA-256 {answer.sha256[:12]}…; {file.size:,} with "
                    f"{file.sha256[:12]}… were made.",
                    "Download it again.",
                )
            save(answer, path)
        found = _rows(path) if file.rows is not None else None
        if found != file.rows:
            path.unlink()
            raise IncompleteAnswerError(f"{file.name} has {found:,} rows; {file.rows:,} were made.", "Download it again.")
        return path


def build(transport: Transport, wish: Mapping[str, Any], timeout: float, sleep: Callable[[float], object] = time.sleep) -> Dataset:
    """Have a training set made, and wait for it.

    Raises:
        DatasetError: It failed, or was not made in time.
    """
    # Sent twice it would be made twice: what became of a broken connection is for the caller to see.
    with transport.ask("POST", "/datasets", body=wish, repeatable=False) as answer:
        told = answer.json()
    until = time.monotonic() + timeout
    wait = _FIRST_WAIT
    while told["state"] not in {"done", "failed"}:
        if time.monotonic() > until:
            raise DatasetError(
                f"The training set {told['id']} was not made within {timeout:g} seconds.", "Wait longer, or ask for less."
            )
        sleep(wait)
        wait = min(_LONGEST_WAIT, wait * 1.5)
        with transport.ask("GET", f"/datasets/{told['id']}") as answer:
            told = answer.json()
        if transport.on_progress:
            transport.on_progress(Progress(str(told["progress"]["stage"]), int(told["progress"]["rows"] or 0), name="training set"))
    if told["state"] == "failed":
        error = told.get("error") or {}
        raise DatasetError(str(error.get("message") or "The training set failed."), str(error.get("remedy") or ""))
    return Dataset(transport, told)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rows(path: Path) -> int | None:
    """How many rows a data file has."""
    try:
        match path.suffix:
            case ".parquet":
                return int(pq.read_metadata(path).num_rows)
            case ".arrow":
                with path.open("rb") as file:
                    batches = pa.ipc.open_file(file)
                    return sum(int(batches.get_batch(place).num_rows) for place in range(batches.num_record_batches))
            case ".csv":
                with path.open(newline="", encoding="utf-8") as text:
                    return sum(1 for _ in csv.reader(text)) - 1
            case ".jsonl":
                with path.open("rb") as file:
                    return sum(1 for line in file if line.strip())
    except (pa.ArrowInvalid, OSError, ValueError, csv.Error) as error:
        raise IncompleteAnswerError(f"{path.name} cannot be read: {error}.", "Download it again.") from error
    return None
