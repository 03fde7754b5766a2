"""`voltagraph ontology`: look at the ontologies, fetch them, make the fact table, check them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.shared import Exit, Home, Json, errors, new_console, print_json, progress, services_of

ontology_app = typer.Typer(help="Ontologies: look at them, fetch them, make the fact table.", no_args_is_help=True)


@ontology_app.command("tree")
def ontology_tree(
    concept: Annotated[str, typer.Argument(help="Label, IRI or CURIE of the concept to start from.", show_default=False)],
    home: Home = None,
    depth: Annotated[int, typer.Option("--depth", min=1, max=30, help="Levels below it.")] = 2,
    json: Json = False,
) -> None:
    """Print a concept with what stands above and below it."""
    from app.commands import print_tree, tree_json

    with errors(json):
        tree = tree_json(services_of(home), concept, depth)
        if json:
            print_json(tree)
        else:
            print_tree(tree, new_console())


@ontology_app.command("show")
def ontology_show(
    concept: Annotated[str, typer.Argument(help="Label, IRI or CURIE of the concept.", show_default=False)],
    home: Home = None,
    json: Json = False,
) -> None:
    """Print everything that is known of one concept."""
    from app.commands import concept_json, print_concept

    with errors(json):
        shown = concept_json(services_of(home), concept)
        if json:
            print_json(shown)
        else:
            print_concept(shown, new_console())


@ontology_app.command("fetch")
def ontology_fetch(
    home: Home = None,
    mirror: Annotated[
        str | None,
        typer.Option(
            "--mirror",
            help="Directory or address that holds the same files, instead of the official addresses.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Fetch the full ontologies and contexts from their official, pinned addresses, and check every checksum."""
    from app.commands import fetch_json

    with errors(json):
        services = services_of(home)
        with progress("Fetching", "files") as on_progress:
            fetched = fetch_json(services, mirror, on_progress=on_progress)
        if json:
            print_json(fetched)
        else:
            new_console().print(
                f"{fetched['fetched']} files fetched, {fetched['present']} were there; they are in {fetched['directory']}."
            )


@ontology_app.command("facts")
def ontology_facts(
    output: Annotated[Path, typer.Argument(help="File to write the fact table to.", show_default=False)],
    home: Home = None,
    json: Json = False,
) -> None:
    """Make the fact table from the full ontologies and contexts: identifiers, labels, edges, units; no definitions."""
    from app.commands import facts_json

    with errors(json):
        written = facts_json(services_of(home), output)
        if json:
            print_json(written)
        else:
            new_console().print(
                f"{written['concepts']} concepts, {written['units']} units and {written['terms']} terms"
                f" in {written['bytes']:,} bytes: {output}"
            )


@ontology_app.command("check")
def ontology_check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of the ontologies; unset: the one of the settings.", show_default=False)
    ] = None,
    max_seconds: Annotated[float, typer.Option("--max-seconds", min=1, help="How long the reasoner may take.")] = 3600,
    home: Home = None,
    json: Json = False,
) -> None:
    """Find classes that can have no member, with the reasoner HermiT: minutes, before a release (needs Java)."""
    from rich.console import Console

    from app.ontology_check import check_json, print_check

    with errors(json):
        with Console(stderr=True).status("Reading the ontologies") as status:
            found = check_json(folder or services_of(home).ontology_dir, max_seconds, lambda text: status.update(text))
        if json:
            print_json(found)
        else:
            print_check(found, new_console())
        if found["unsatisfiable"]:
            raise typer.Exit(Exit.FINDINGS)
