"""What every group of commands shares: exit codes, options, services, progress, errors and printing."""

from __future__ import annotations

import json as jsonlib
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from app.bootstrap import Services


class Exit(IntEnum):
    """What the exit code of every command means."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    SETTINGS = 3
    SOURCE = 4
    STORE = 5
    QUERY = 6
    FAILED = 7
    INTERRUPTED = 130


Home = Annotated[
    Path | None, typer.Option("--home", help="Directory where everything is kept (VOLTAGRAPH_HOME).", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Token = Annotated[
    str | None,
    typer.Option("--token", envvar="VOLTAGRAPH_TOKEN", help="Your token; without one you read public records.", show_default=False),
]
SnapshotOption = Annotated[
    str, typer.Option("--snapshot", help="Name of a snapshot to ask instead of today's records.", show_default=False)
]

# What stands before the command: `voltagraph --home DIRECTORY --config FILE COMMAND`.
common_options: dict[str, Path | None] = {"home": None, "config": None}


def services_of(home: Path | None, **given: Any) -> Services:
    """Everything that commands work with, for these settings; ``given`` goes before files and environment."""
    from app.bootstrap import build_services
    from app.logs import configure_logs
    from app.settings import load_settings

    settings = load_settings(config=common_options["config"], home=home or common_options["home"], **given)
    configure_logs(settings.log_level, settings.log_format)
    return build_services(settings)


def new_console() -> Console:
    """A console for standard output."""
    from rich.console import Console

    return Console(highlight=False)


def print_json(value: object) -> None:
    """Print a line of JSON."""
    typer.echo(jsonlib.dumps(value, ensure_ascii=False))


def show(found: dict[str, Any], as_json: bool, print_: Callable[[dict[str, Any], Console], None]) -> None:
    """Print what was found or done."""
    if as_json:
        print_json(found)
    else:
        print_(found, new_console())


@contextmanager
def progress(verb: str, things: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar with rate and remaining time on standard error; nothing when that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn(verb),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        MofNCompleteColumn(),
        TextColumn(things),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task(verb, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def errors(as_json: bool) -> Iterator[None]:
    """Every expected fault ends in one clear line (or one JSON object) on standard error and a telling exit code."""
    from records.errors import FetchError, OntologyError, QueryError, SettingsError, SourceError, StoreError, VoltagraphError

    codes: Iterable[tuple[type[VoltagraphError], Exit]] = (
        (SettingsError, Exit.SETTINGS),
        (SourceError, Exit.SOURCE),
        (StoreError, Exit.STORE),
        (QueryError, Exit.QUERY),
        (FetchError, Exit.SOURCE),
        (OntologyError, Exit.SOURCE),
    )
    try:
        yield
    except VoltagraphError as error:
        if as_json:
            typer.echo(jsonlib.dumps({"error": {"message": error.message, "remedy": error.remedy}}, ensure_ascii=False), err=True)
        else:
            typer.secho("Error: ", fg="red", bold=True, err=True, nl=False)
            typer.echo(str(error), err=True)
        raise typer.Exit(next((code for kind, code in codes if isinstance(error, kind)), Exit.FAILED)) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted. What was written stays whole; the same command goes on from there.", err=True)
        raise typer.Exit(Exit.INTERRUPTED) from None
