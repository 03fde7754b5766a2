"""`voltagraph graph`: check the graph store, make it anew, back it up, bring it back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.shared import Exit, Home, Json, errors, new_console, print_json, progress, services_of

if TYPE_CHECKING:
    from rich.console import Console

graph_app = typer.Typer(help="The graph store: check it, make it anew, back it up, bring it back.", no_args_is_help=True)


@graph_app.command("check")
def graph_check(
    home: Home = None,
    quick: Annotated[
        bool,
        typer.Option("--quick", help="Compare only rights, which graphs are there, and how many statements each has."),
    ] = False,
    json: Json = False,
) -> None:
    """Compare the graphs with themselves, and with payloads, corrections and rights. Nothing is written; a harvest may run."""
    from app.graph_commands import check_json, print_check

    with errors(json):
        services = services_of(home)
        with progress("Checking", "records") as on_progress:
            checked = check_json(services, quick=quick, on_progress=on_progress)
        _tell(checked, json, print_check)


@graph_app.command("rebuild")
def graph_rebuild(home: Home = None, json: Json = False) -> None:
    """Derive all graphs anew beside the live store, then put them in its place. Readers go on; a harvest is kept out."""
    from app.graph_commands import print_rebuild, rebuild_json

    with errors(json):
        services = services_of(home)
        with progress("Rebuilding", "records") as on_progress:
            rebuilt = rebuild_json(services, on_progress)
        _tell(rebuilt, json, print_rebuild)


@graph_app.command("backup")
def graph_backup(
    directory: Annotated[Path, typer.Argument(help="Folder of the backup; not there yet.", show_default=False)],
    home: Home = None,
    json: Json = False,
) -> None:
    """Copy the newest published state of the graphs, with a manifest. Everything may run meanwhile."""
    from app.graph_commands import backup_json

    with errors(json):
        services = services_of(home)
        with progress("Copying", "files") as on_progress:
            made = backup_json(services, directory, on_progress)
        if json:
            print_json(made)
        else:
            new_console().print(f"Copied {made['files']} files, {made['bytes'] / 1e6:,.1f} MB, to {directory}.", soft_wrap=True)


@graph_app.command("restore")
def graph_restore(
    directory: Annotated[Path, typer.Argument(help="A folder that `voltagraph graph backup` made.", show_default=False)],
    home: Home = None,
    json: Json = False,
) -> None:
    """Put a backup of the graphs in the place of the live store, for those who may read them today. Readers go on."""
    from app.graph_commands import print_restore, restore_json

    with errors(json):
        services = services_of(home)
        with progress("Restoring", "files and records") as on_progress:
            restored = restore_json(services, directory, on_progress)
        _tell(restored, json, print_restore)


def _tell(found: dict[str, Any], as_json: bool, print_: Callable[[dict[str, Any], Console], None]) -> None:
    """Print what was found; its faults end the command with a code of their own."""
    if as_json:
        print_json(found)
    else:
        print_(found, new_console())
    if found["faults"]:
        raise typer.Exit(Exit.FAILED)
