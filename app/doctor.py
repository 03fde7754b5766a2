"""`voltagraph doctor`: checks the installation, and says what is missing and how to mend it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from app.graph_commands import check_json
from records.errors import VoltagraphError

if TYPE_CHECKING:
    from rich.console import Console

    from app.bootstrap import Services

_LITTLE_SPACE = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Args:
        name: What was looked at.
        ok: Whether it is as it should be.
        found: What was found.
        remedy: How to mend it; ``""`` when nothing needs mending.
    """

    name: str
    ok: bool
    found: str
    remedy: str = ""

    def to_json(self) -> dict[str, object]:
        """The check as one JSON object."""
        return asdict(self)


def examine(services: Services) -> list[Check]:
    """Look at everything the service needs; a check that fails does not stop the others.

    Args:
        services: From `app.bootstrap`.
    """
    checks: list[Callable[[Services], Iterator[Check]]] = [_program, _home, _ontologies, _contexts, _profiles]
    is_harvested = (services.home / "ledger.sqlite").is_file()
    checks += [_records, _corrections, _index, _graph, _embeddings, _tokens] if is_harvested else [_nothing, _tokens]
    found: list[Check] = []
    for check in checks:
        try:
            found.extend(check(services))
        except VoltagraphError as error:
            if error.message in {one.found for one in found}:
                continue  # of a store that several checks need
            found.append(Check(check.__name__.removeprefix("_").capitalize(), False, error.message, error.remedy))
    return found


def print_checks(checks: list[Check], console: Console) -> None:
    """Print one line a check, and the remedy below what failed."""
    for check in checks:
        console.print(f"[{'green' if check.ok else 'red'}]{'ok  ' if check.ok else 'FAIL'}[/] ", end="")
        console.print(f"{check.name}: {check.found}", markup=False, soft_wrap=True)
        if check.remedy:
            console.print(f"       {check.remedy}", markup=False, soft_wrap=True)


def _program(_services: Services) -> Iterator[Check]:
    version = sys.version_info[:2]
    yield Check(
        "Python",
        (3, 11) <= version <= (3, 13),
        platform.python_version(),
        "" if (3, 11) <= version <= (3, 13) else "Use Python 3.11 to 3.13.",
    )
    has_fts = "ENABLE_FTS5" in {row[0] for row in sqlite3.connect(":memory:").execute("PRAGMA compile_options")}
    yield Check(
        "SQLite",
        has_fts,
        f"{sqlite3.sqlite_version}{'' if has_fts else ' without full-text search'}",
        "" if has_fts else "Use a Python whose SQLite has FTS5.",
    )
    engines = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in ("voltagraph", "pyoxigraph", "shacl", "rapidfuzz", "pint")
    )
    yield Check("Program", True, engines)


def _home(services: Services) -> Iterator[Check]:
    home = services.home
    exists = home.is_dir()
    writable = os.access(home if exists else _nearest(home), os.W_OK)
    state = str(home) if exists else f"{home} (will be made)"
    yield Check("Home", writable, state, "" if writable else "Choose a directory that you may write, with --home.")
    free = shutil.disk_usage(_nearest(home)).free
    yield Check(
        "Disk",
        free >= _LITTLE_SPACE,
        f"{free / 1e9:.1f} GB free",
        "" if free >= _LITTLE_SPACE else "Free some space before the next harvest.",
    )


def _nearest(path: os.PathLike[str]) -> str:
    place = os.fspath(path)
    while not os.path.exists(place):  # noqa: PTH110 - walks up plain strings
        place = os.path.dirname(place)  # noqa: PTH120
    return place


def _ontologies(services: Services) -> Iterator[Check]:
    number = len(services.facts.concepts)
    where = services.ontology_dir or "the fact table of the program"
    yield Check("Ontologies", number > 0, f"{number} concepts and {len(services.facts.units)} units from {where}")
    for issue in services.ontology_issues:
        yield Check("Ontology module", True, str(issue))
    if services.ontology_dir is None:
        yield Check("Full ontologies", True, "not here; the fact table stands in", "Optional: run `voltagraph ontology fetch`.")


def _contexts(services: Services) -> Iterator[Check]:
    where = services.contexts_dir or "the term map of the fact table"
    yield Check("Contexts", True, f"{len(services.contexts.addresses)} addresses from {where}")


def _profiles(services: Services) -> Iterator[Check]:
    names = [*services.settings.profiles, *([str(services.settings.shapes_file)] if services.settings.shapes_file else [])]
    _ = services.reader  # reads and compiles every profile that somebody chose
    yield Check("Profiles", True, ", ".join(names))


def _nothing(_services: Services) -> Iterator[Check]:
    yield Check("Records", True, "none yet", "Run `voltagraph harvest FOLDER`.")


def _records(services: Services) -> Iterator[Check]:
    refused = [entry.record for entry in services.ledger.all_entries() if entry.state == "refused"]
    found = f"{len(_loaded(services))} loaded" + (f", {len(refused)} refused" if refused else "")
    lost = sum(_has_lost_its_payload(services, record) for record in refused)
    if lost:
        remedy = "Restore `payloads/` from the backup, then run `voltagraph rebuild`; or harvest the sources again."
        yield Check("Records", False, f"{found}; the documents of {lost} are damaged or gone", remedy)
    elif services.is_outdated:
        outdated = "read under other ontologies, contexts or shapes than today's"
        yield Check("Records", False, f"{found}; {outdated}", "Run `voltagraph rebuild`.")
    else:
        yield Check("Records", True, found)


def _has_lost_its_payload(services: Services, record: str) -> bool:
    entry = services.ledger.entry(record)
    return entry is not None and any(issue.code == "payload-damaged" for issue in entry.issues)


def _index(services: Services) -> Iterator[Check]:
    _ = services.index.generation  # reads records and vectors, as the next question would
    differ = _differ(services)
    settings = services.settings
    place = f" in {settings.search_store_name} on {', '.join(settings.search_store_urls)}" if services.has_search_cluster else ""
    yield Check(
        "Index",
        not differ,
        f"{len(services.index.ids())} records{place}" + (f"; {len(differ)} differ from the ledger" if differ else ""),
        "Harvest again, or run `voltagraph rebuild`." if differ else "",
    )


def _embeddings(services: Services) -> Iterator[Check]:
    if services.embedder is None:
        yield Check("Embeddings", True, "no model; search goes by concepts, numbers and words", "Optional: docs/embeddings.md.")
        return
    waiting = len(services.index.unembedded(services.embedder.name))
    state = f"; {waiting} summaries at least have no vector" if waiting else ""
    yield Check("Embeddings", True, services.embedder.name + state, "Optional: run `voltagraph embed`." if waiting else "")


def _differ(services: Services) -> set[str]:
    """Records that are loaded and not in the index, or the other way round; what a harvest is just writing is none of them."""
    differ: set[str] | None = None
    for pause in (0, 1, 2):
        time.sleep(pause)
        now = _loaded(services) ^ services.index.ids()
        differ = now if differ is None else differ & now
        if not differ:
            break
    return differ or set()


def _loaded(services: Services) -> set[str]:
    return {entry.record for entry in services.ledger.all_entries() if entry.state == "loaded"}


def _graph(services: Services) -> Iterator[Check]:
    services.probe_graph()
    checked = check_json(services, quick=True, on_progress=None)
    faults = [fault for fault in checked["faults"] if fault["subject"] != "records"]  # `_records` tells of those
    first = f"; {len(faults)} differ from the ledger, first {faults[0]['subject']}: {faults[0]['message']}" if faults else ""
    yield Check("Graph", not faults, f"{checked['records']} record graphs{first}", faults[0]["remedy"] if faults else "")


def _corrections(services: Services) -> Iterator[Check]:
    from harvester.run import pending

    number = sum(map(len, services.corrections.holding().values()))
    waiting = len(pending(services.corrections, services.ledger) & _loaded(services))
    state = f"; {waiting} {'record waits' if waiting == 1 else 'records wait'} to be read with them" if waiting else ""
    yield Check("Corrections", not waiting, f"{number} hold{state}", "Harvest again." if waiting else "")


def _tokens(services: Services) -> Iterator[Check]:
    from access.identity import ANONYMOUS

    yield Check(
        "Tokens",
        services.identity.resolve(None) == ANONYMOUS,
        f"{services.tokens_path}{'' if services.tokens_path.is_file() else ' (none yet)'}",
    )
    for issue in services.identity.issues():
        yield Check("Token file", False, issue.message, issue.remedy)
