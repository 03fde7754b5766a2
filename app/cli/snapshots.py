"""`voltagraph snapshot` freezes what can be read; `voltagraph export` writes it as a training set."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.shared import Home, Json, SnapshotOption, Token, errors, new_console, print_json, services_of, show


class DataForm(StrEnum):
    """Forms of the data files that `export` writes."""

    PARQUET = "parquet"
    ARROW = "arrow"
    CSV = "csv"
    JSONL = "jsonl"


snapshot_app = typer.Typer(help="Snapshots: freeze what you may read now, and ask it again later.", no_args_is_help=True)
SnapshotName = Annotated[str, typer.Argument(help="Name of the snapshot.", show_default=False)]


@snapshot_app.command("create")
def snapshot_create(
    home: Home = None,
    public: Annotated[bool, typer.Option("--public", help="The public records alone, for everyone who has the name.")] = False,
    note: Annotated[str, typer.Option("--note", help="A few words for whoever may use it.", show_default=False)] = "",
    token: Token = None,
    json: Json = False,
) -> None:
    """Freeze what you may read now; the same state twice is the same snapshot."""
    from app.freezing import create_json, print_snapshot

    with errors(json):
        show(create_json(services_of(home), token, "public" if public else "private", note), json, print_snapshot)


@snapshot_app.command("list")
def snapshot_list(home: Home = None, token: Token = None, json: Json = False) -> None:
    """List your snapshots, newest first."""
    from app.freezing import list_json, print_list

    with errors(json):
        show(list_json(services_of(home), token), json, print_list)


@snapshot_app.command("show")
def snapshot_show(snapshot: SnapshotName, home: Home = None, token: Token = None, json: Json = False) -> None:
    """Show a snapshot with the versions of its records."""
    from app.freezing import print_snapshot, show_json

    with errors(json):
        show(show_json(services_of(home), snapshot, token), json, print_snapshot)


@snapshot_app.command("delete")
def snapshot_delete(snapshot: SnapshotName, home: Home = None, token: Token = None, json: Json = False) -> None:
    """Remove a snapshot of yours."""
    from app.freezing import delete_json

    with errors(json):
        removed = delete_json(services_of(home), snapshot, token)
        if json:
            print_json(removed)
        else:
            new_console().print(f"The snapshot {snapshot} is removed.", soft_wrap=True)


def export(
    query: Annotated[
        str | None, typer.Argument(help="A SPARQL SELECT query, or - to read it from standard input.", show_default=False)
    ] = None,
    home: Home = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write to; not there yet.", show_default=False)] = Path(
        "training-set"
    ),
    search: Annotated[
        str | None,
        typer.Option("--search", help="Instead of a query: a search; one row for each record.", show_default=False),
    ] = None,
    saved: Annotated[
        str | None, typer.Option("--saved", help="Instead of a query: the name of a saved one.", show_default=False)
    ] = None,
    version: Annotated[str, typer.Option("--version", help="Version of the saved query.")] = "latest",
    value: Annotated[
        list[str] | None,
        typer.Option("--value", help="NAME=VALUE for a parameter of the saved query (repeatable).", show_default=False),
    ] = None,
    snapshot: SnapshotOption = "",
    format: Annotated[DataForm, typer.Option("--format", help="Form of the data files.")] = DataForm.PARQUET,  # noqa: A002
    unit: Annotated[
        list[str] | None,
        typer.Option(
            "--unit", help="VALUE=UNIT: a column of numbers and that of their units (repeatable); unset: found.", show_default=False
        ),
    ] = None,
    split_by: Annotated[
        str | None,
        typer.Option("--split-by", help="Keep rows together by a column, or by cell, batch or laboratory.", show_default=False),
    ] = None,
    fraction: Annotated[
        list[str] | None,
        typer.Option(
            "--fraction", help="PART=FRACTION (repeatable); unset: train 0.8, validation 0.1, test 0.1.", show_default=False
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed gives another split.")] = 0,
    title: Annotated[str, typer.Option("--title", help="A name for people.", show_default=False)] = "",
    token: Token = None,
    json: Json = False,
) -> None:
    """Write a training set: data files, manifest, Croissant and RO-Crate. It is complete, or not there."""
    from app.freezing import export_json, fractions_of, pairs_of, print_export
    from search.datasets.search_table import SearchWish
    from search.datasets.table_files import DataForm as Written
    from search.datasets.wishes import DatasetWish, SplitWish, UnitPair

    with errors(json):
        services = services_of(home)
        split = None
        if split_by is not None:
            split = SplitWish(split_by, fractions_of(fraction), seed) if fraction else SplitWish(split_by, seed=seed)
        wish = DatasetWish(
            query=sys.stdin.read() if query == "-" else query or "",
            saved=None if saved is None else (saved, version),
            parameters=pairs_of(value or (), "--value"),
            search=None if search is None else SearchWish(search),
            snapshot=snapshot,
            form=Written(format.value),
            units=None if unit is None else tuple(UnitPair(*pair) for pair in pairs_of(unit, "--unit").items()),
            split=split,
            title=title,
        )
        made = export_json(services, wish, token, output, lambda stage, _rows: typer.echo(f"{stage} …", err=True))
        show(made, json, print_export)
