"""Commands that bring records in, and derive anew what comes from them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.shared import Exit, Home, Json, errors, new_console, print_json, progress, services_of

if TYPE_CHECKING:
    from app.bootstrap import Services


def harvest(
    path: Annotated[Path, typer.Argument(help="A folder of JSON-LD files, or one file.", show_default=False)],
    home: Home = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the source; unset: the folder's name.", show_default=False)
    ] = None,
    audience: Annotated[
        list[str] | None,
        typer.Option(
            "--audience",
            help="Who may read documents without a rights file: any, community:NAME, user:ID, ... (repeatable).",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when a document is refused.")] = False,
) -> None:
    """Bring a folder of JSON-LD files in: new, changed and withdrawn ones.

    Interrupted runs go on where they stopped. Unchanged documents are left alone.
    """
    from app.commands import harvest_folder

    with errors(json):
        services = services_of(home)
        with progress("Harvesting", "documents") as on_progress:
            report = harvest_folder(services, path, name=name, audience=audience, on_progress=on_progress)
        _embed_harvested(services)
        if json:
            print_json(report.to_json())
        else:
            report.print(new_console())
        if strict and report.harvest.refused:
            raise typer.Exit(Exit.FINDINGS)


def embed(home: Home = None, json: Json = False) -> None:
    """Make vectors of what has none yet; a harvest does so by itself. Interrupted, it goes on where it stopped."""
    from app.embedding import embed_all, print_embedded

    with errors(json):
        services = services_of(home)
        with progress("Embedding", "summaries") as on_progress:
            done = embed_all(services, on_progress)
        if json:
            print_json(done)
        else:
            print_embedded(done, new_console())


def rebuild(home: Home = None, json: Json = False) -> None:
    """Derive graph, index and findings anew from the kept payloads."""
    from app.commands import rebuild_all

    with errors(json):
        services = services_of(home)
        with progress("Rebuilding", "documents") as on_progress:
            done = rebuild_all(services, on_progress=on_progress)
        _embed_harvested(services)
        if json:
            print_json(done)
        else:
            console = new_console()
            console.print(f"Rebuilt {done['documents']} documents in {done['seconds']:.1f} s.")
            if done["refused"]:
                console.print(f"{done['refused']} of them gave no record: `voltagraph findings` says why.")


def revalidate(
    home: Home = None,
    apply: Annotated[bool, typer.Option("--apply", help="Then do it, as `rebuild` does.")] = False,
    json: Json = False,
) -> None:
    """Say which records today's shapes, contexts and ontologies would break or repair. Nothing is written without --apply."""
    from app.commands import rebuild_all
    from app.curating import print_revalidation, revalidate_json

    with errors(json):
        services = services_of(home)
        with progress("Reading", "documents") as on_progress:
            found = revalidate_json(services, on_progress)
        if not json:
            print_revalidation(found, new_console())
        if apply:
            with progress("Rebuilding", "documents") as on_progress:
                found["rebuilt"] = rebuild_all(services, on_progress=on_progress)
            _embed_harvested(services)
        if json:
            print_json(found)
        elif apply:
            new_console().print(f"Rebuilt {found['rebuilt']['documents']} documents in {found['rebuilt']['seconds']:.1f} s.")


def _embed_harvested(services: Services) -> None:
    from app.embedding import embed_harvested

    with progress("Embedding", "summaries") as on_progress:
        embed_harvested(services, on_progress)
