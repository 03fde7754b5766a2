"""The files of a folder of ontologies (Turtle), and their statements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import pyoxigraph as px

from records.errors import OntologyError
from records.issues import Issue, Severity

MAX_FILES: Final = 2_000
"""More Turtle files than this in one directory are not ontologies but a mistake."""

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""A larger file is skipped; the largest real one, all of EMMO and its battery domain merged, has 9 MB."""


@dataclass(frozen=True, slots=True)
class OntologyFile:
    """One Turtle file to read: its name for people, and what a catalogue tells of it."""

    name: str
    path: Path
    origin: str = ""
    version: str = ""
    licence: str = ""


def parse_ontologies(directory: Path) -> tuple[set[px.Triple], list[Issue]]:
    """Every statement of the ontologies of a directory, chosen as by `ontology_files`, and an issue for every file left out.

    Raises:
        OntologyError: The directory holds no ontology that can be read.
    """
    issues: list[Issue] = []
    triples = {quad.triple for file in ontology_files(directory, issues) for quad in statements_of(file, issues)}
    if not triples:
        raise OntologyError(f"There is no ontology (.ttl) that can be read in '{directory}'.", "Run 'voltagraph ontology fetch'.")
    return triples, issues


def ontology_files(directory: Path, issues: list[Issue]) -> Iterator[OntologyFile]:
    """The files to read, in a stable order: what ``catalog.json`` lists, else ``merged*.ttl``, else every Turtle file.

    Args:
        directory: Where they are.
        issues: Gets what is wrong with the catalogue.

    Raises:
        OntologyError: There are too many of them.
    """
    catalog = directory / "catalog.json"
    if catalog.is_file():
        listed = list(_catalogued(directory, catalog, issues))
        if listed:
            yield from listed
            return
    if (directory / "merged.ttl").is_file():
        for name in ("merged.ttl", "merged-extra.ttl"):
            if (directory / name).is_file():
                yield OntologyFile(name, directory / name)
        return
    paths = sorted(path for path in directory.rglob("*.ttl") if "alternates" not in path.relative_to(directory).parts)
    if len(paths) > MAX_FILES:
        raise OntologyError(f"'{directory}' holds more than {MAX_FILES} Turtle files.", "Name the folder of the ontologies.")
    for path in paths:
        yield OntologyFile(path.relative_to(directory).as_posix(), path)


def _catalogued(directory: Path, catalog: Path, issues: list[Issue]) -> Iterator[OntologyFile]:
    """The files that a catalogue lists and that are there; nothing when none of them is."""
    try:
        entries = json.loads(catalog.read_bytes())["files"]
        listed = [
            OntologyFile(
                entry["path"],
                directory / entry["path"],
                origin=f"{entry['source_repo']}/blob/{entry['commit']}/{entry['source_path']}",
                version=entry["commit"],
                licence=entry["licence"],
            )
            for entry in entries
            if "alternates" not in PurePosixPath(entry["path"]).parts
        ]
    except (ValueError, KeyError, TypeError) as exc:
        issues.append(
            Issue(
                "catalogue-unreadable",
                f"the catalogue cannot be used ({type(exc).__name__}: {exc})",
                source=catalog.name,
                remedy="fetch the ontologies again: 'voltagraph ontology fetch'",
            )
        )
        return
    inside = [file for file in listed if file.path.resolve().is_relative_to(directory.resolve())]
    if not any(file.path.is_file() for file in inside):
        return
    for file in sorted(inside[:MAX_FILES], key=lambda file: file.name):
        if file.path.is_file():
            yield file
        else:
            issues.append(
                Issue(
                    "ontology-missing",
                    "the catalogue lists this file, but it is not there",
                    source=file.name,
                    remedy="fetch the ontologies again: 'voltagraph ontology fetch'",
                )
            )


def statements_of(file: OntologyFile, issues: list[Issue]) -> list[px.Quad]:
    """The statements of a file; none, and an issue, when it cannot be read."""
    try:
        size = file.path.stat().st_size
        if size > MAX_FILE_BYTES:
            message = f"the file has {size} bytes, more than the limit of {MAX_FILE_BYTES}"
            issues.append(Issue("ontology-too-large", message, source=file.name, remedy="split it, or leave it out"))
            return []
        # Renamed, because `_:b0` of one file is not `_:b0` of the next.
        return list(px.parse(path=str(file.path), format=px.RdfFormat.TURTLE, rename_blank_nodes=True))
    except SyntaxError as exc:
        issues.append(
            Issue(
                "ontology-invalid",
                f"not valid Turtle, skipped: {_first_line(exc.msg)}",
                severity=Severity.WARNING,
                source=file.name,
                line=exc.lineno or 1,
                column=exc.offset or 1,
                remedy="mend the file at this place or tell its publisher; everything else is loaded",
            )
        )
    except OSError as exc:
        message = f"the file cannot be read: {exc.strerror or exc}"
        issues.append(Issue("ontology-unreadable", message, source=file.name, remedy="check the file and its permissions"))
    return []


def _first_line(message: str) -> str:
    """A parser may quote whole paragraphs of the file: the first line and what was expected are enough."""
    lines = message.splitlines() or [""]
    text = lines[0] if len(lines) == 1 else f"{lines[0]} … {lines[-1]}"
    return text if len(text) <= 300 else text[:300] + " …"
