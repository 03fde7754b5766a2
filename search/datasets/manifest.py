"""What is told of a training set: the manifest, its descriptions for other programs, and everything in one archive."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from graph.snapshots import SnapshotView
from search.datasets.croissant import croissant
from search.datasets.provenance import Origin, licences_of
from search.datasets.rocrate import rocrate
from search.datasets.splits import UNGROUPED, Split
from search.datasets.table_files import Column, DataFile, DataForm, digest_of
from search.datasets.wishes import DatasetWish, Recipe, SplitWish

MANIFEST: Final = "manifest.json"
CROISSANT: Final = "croissant.json"
RO_CRATE: Final = "ro-crate-metadata.json"
ARCHIVE: Final = "dataset.zip"


def question_json(recipe: Recipe) -> dict[str, Any]:
    """What was asked."""
    wish = recipe.wish
    if wish.search is not None:
        return {"query": None, "search": wish.search.to_json()}
    saved = {"name": wish.saved[0], "version": recipe.saved_version} if wish.saved else None
    return {"query": recipe.text, "saved_query": saved, "parameters": dict(wish.parameters)}


def meant(columns: Sequence[Column], wish: DatasetWish) -> list[Column]:
    """The columns of the answer, each with what it means."""
    if wish.search is not None:
        return list(columns)
    return [replace(column, meaning=f"?{column.name} of the query") for column in columns]


def snapshot_json(view: SnapshotView) -> dict[str, Any]:
    """The snapshot that was read."""
    snapshot = view.snapshot
    return {
        "id": snapshot.id,
        "digest": snapshot.digest,
        "created": snapshot.created.isoformat().replace("+00:00", "Z"),
        "records": snapshot.records,
        "withheld": view.withheld,
    }


def split_json(wish: SplitWish | None, split: Split | None, files: Sequence[DataFile]) -> dict[str, Any] | None:
    """How the rows were split; ``None``: they were not."""
    if wish is None or split is None:
        return None
    grouped = sum(part.rows for part in split.parts)
    parts = [
        {
            "name": one.name,
            "asked": one.fraction,
            "fraction": one.rows / grouped if grouped else 0.0,
            "rows": one.rows,
            "groups": one.groups,
        }
        for one in split.parts
    ]
    return {"by": wish.by, "seed": wish.seed, "parts": parts, UNGROUPED: sum(file.rows for file in files) - grouped}


def file_json(file: DataFile, form: DataForm) -> dict[str, Any]:
    """One data file."""
    return {"name": file.name, "media_type": form.media_type, "rows": file.rows, "bytes": file.size, "sha256": file.sha256}


def records_json(origins: Sequence[Origin], *, named: bool) -> dict[str, Any]:
    """Where the rows come from."""
    licences, unknown = licences_of(origins)
    return {
        "scope": "the records that the rows name" if named else "all records that could be read, because the rows name none",
        "count": len(origins),
        "licences": dict(licences),
        "licence_unknown": unknown,
        "validation": dict(sorted(Counter(origin.validation for origin in origins).items())),
        "list": [origin.to_json() for origin in origins],
    }


def describe_files(
    folder: Path, manifest: Mapping[str, Any], columns: Sequence[Column], origins: Sequence[Origin], form: DataForm, address: str
) -> list[DataFile]:
    """Write the manifest, Croissant and RO-Crate; the files that were written."""
    _write_json(folder / MANIFEST, manifest)
    _write_json(folder / CROISSANT, croissant(manifest, columns, origins, form, address))
    described = [*manifest["files"], *(_told(folder / name) for name in (MANIFEST, CROISSANT))]
    _write_json(folder / RO_CRATE, rocrate(manifest, described, origins, address))
    return [DataFile(name, 0, (folder / name).stat().st_size, digest_of(folder / name)) for name in (MANIFEST, CROISSANT, RO_CRATE)]


def _told(path: Path) -> dict[str, Any]:
    return {"name": path.name, "media_type": "application/json", "bytes": path.stat().st_size, "sha256": digest_of(path)}


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def archive_of(folder: Path, names: Sequence[str]) -> DataFile:
    """All files as one; the parts of a ZIP are checked by their own sums when it is opened."""
    path = folder / ARCHIVE
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in names:
            archive.write(folder / name, name)
    return DataFile(ARCHIVE, 0, path.stat().st_size, digest_of(path))
