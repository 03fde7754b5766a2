"""`voltagraph sparql`, and `voltagraph query` for saved queries."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.shared import Home, Json, SnapshotOption, Token, errors, new_console, print_json, services_of


class Form(StrEnum):
    """Forms in which `sparql` and `query run` print an answer; but for the first, named as in `graph.results.ResultFormat`."""

    TABLE = "table"
    JSON = "json"
    XML = "xml"
    CSV = "csv"
    TSV = "tsv"
    ARROW = "arrow"
    PARQUET = "parquet"
    JSON_LINES = "jsonl"
    TURTLE = "turtle"
    N_TRIPLES = "ntriples"
    RDF_XML = "rdfxml"
    JSON_LD = "jsonld"


class Visibility(StrEnum):
    """Who may see a query that `query save` keeps."""

    PRIVATE = "private"
    AUDIENCES = "audiences"
    PUBLIC = "public"


query_app = typer.Typer(help="Saved queries: find, show, run, save and delete them.", no_args_is_help=True)
QueryName = Annotated[str, typer.Argument(help="Name of the query; `voltagraph query list` tells them.", show_default=False)]
Version = Annotated[str, typer.Option("--version", help="Number of its version, or latest.")]


def sparql(
    query: Annotated[str, typer.Argument(help="A SPARQL 1.1 query, or - to read it from standard input.", show_default=False)],
    home: Home = None,
    format: Annotated[Form, typer.Option("--format", help="Form of the answer.")] = Form.TABLE,  # noqa: A002
    snapshot: SnapshotOption = "",
    token: Token = None,
    json: Json = False,
) -> None:
    """Ask the loaded graphs in SPARQL, within your rights."""
    import signal

    from app.commands import write_sparql

    with errors(json or format is Form.JSON):
        services = services_of(home)
        actor = services.identity.resolve(token)
        # A running query does not come back to Python: let Ctrl-C end the process.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        text = sys.stdin.read() if query == "-" else query
        write_sparql(services, text, actor, (Form.JSON if json else format).name, new_console(), snapshot=snapshot)


@query_app.command("list")
def query_list(
    text: Annotated[str, typer.Argument(help="Words that occur in them; none: all.")] = "",
    home: Home = None,
    token: Token = None,
    json: Json = False,
) -> None:
    """List the saved queries that you may see."""
    from app.saving import list_json, print_list

    with errors(json):
        found = list_json(services_of(home), text, token)
        if json:
            print_json(found)
        else:
            print_list(found, new_console())


@query_app.command("show")
def query_show(name: QueryName, home: Home = None, version: Version = "latest", token: Token = None, json: Json = False) -> None:
    """Show a saved query; what `--json` prints can be saved again."""
    from app.saving import print_query, show_json

    with errors(json):
        found = show_json(services_of(home), name, version, token)
        if json:
            print_json(found)
        else:
            print_query(found, new_console())


@query_app.command("run")
def query_run(
    name: QueryName,
    home: Home = None,
    version: Version = "latest",
    value: Annotated[
        list[str] | None,
        typer.Option("--value", help="NAME=VALUE for a parameter of the query (repeatable).", show_default=False),
    ] = None,
    format: Annotated[Form, typer.Option("--format", help="Form of the answer.")] = Form.TABLE,  # noqa: A002
    token: Token = None,
    json: Json = False,
) -> None:
    """Run a saved query over the loaded graphs, within your rights."""
    import signal

    from app.saving import run

    with errors(json or format is Form.JSON):
        services = services_of(home)
        actor = services.identity.resolve(token)
        # A running query does not come back to Python: let Ctrl-C end the process.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        run(services, name, version, value or (), actor, (Form.JSON if json else format).name, new_console())


@query_app.command("save")
def query_save(
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits and hyphens.", show_default=False)],
    file: Annotated[
        Path, typer.Argument(help="Its text, or its definition as .json; - is standard input.", show_default=False, allow_dash=True)
    ],
    home: Home = None,
    title: Annotated[str, typer.Option("--title", help="A line for lists.", show_default=False)] = "",
    description: Annotated[str, typer.Option("--description", help="What it answers.", show_default=False)] = "",
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", help="NAME:TYPE, NAME:TYPE=DEFAULT, or NAME:TYPE! (repeatable).", show_default=False),
    ] = None,
    keyword: Annotated[
        list[str] | None, typer.Option("--keyword", help="A word that finds it (repeatable).", show_default=False)
    ] = None,
    visibility: Annotated[
        Visibility | None, typer.Option("--visibility", help="Who may see and run it; unset: you alone.", show_default=False)
    ] = None,
    audience: Annotated[
        list[str] | None,
        typer.Option("--audience", help="An audience of the visibility `audiences` (repeatable).", show_default=False),
    ] = None,
    token: Token = None,
    json: Json = False,
) -> None:
    """Save a query under your name; what changed becomes its next version."""
    from app.saving import draft_of, save_json
    from graph.parameters import parameter_of
    from graph.saved_queries import Visibility as Visible

    with errors(json):
        draft = draft_of(
            name,
            file,
            title=title,
            description=description,
            parameters=tuple(map(parameter_of, parameter or ())),
            keywords=tuple(keyword or ()),
            visibility=visibility and Visible(visibility.value),
            audiences=tuple(audience or ()),
        )
        kept = save_json(services_of(home), draft, token)
        if json:
            print_json(kept)
        else:
            said = "Saved" if kept["new"] else "It says the same as before:"
            new_console().print(f"{said} {kept['name']} version {kept['version']}.", markup=False)


@query_app.command("delete")
def query_delete(
    name: QueryName,
    home: Home = None,
    version: Annotated[int | None, typer.Option("--version", help="This version alone; unset: all.", show_default=False)] = None,
    token: Token = None,
    json: Json = False,
) -> None:
    """Delete a saved query of yours; numbers of its versions are never given again."""
    from app.saving import delete_json

    with errors(json):
        gone = delete_json(services_of(home), name, version, token)
        if json:
            print_json(gone)
        else:
            new_console().print(f"Deleted {name}{f' version {version}' if version else ''}.", markup=False)
