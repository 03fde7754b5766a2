"""Commands that serve the page and the API, show them, and see that all is well."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.shared import Exit, Home, Json, errors, new_console, print_json, progress, services_of, show


def serve(
    home: Home = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to serve on.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to serve on; 0 takes a free one.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Serve the page and the API until Ctrl-C."""
    from app.asgi import run_server

    with errors(json):
        run_server(services_of(home, host=host, port=port), as_json=json)


def demo(
    home: Home = None,
    samples: Annotated[
        Path | None,
        typer.Option("--samples", help="Folder to harvest instead of the samples that come with the program.", show_default=False),
    ] = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the page afterwards, until Ctrl-C.")] = True,
    host: Annotated[str | None, typer.Option("--host", help="Address to serve on.", show_default=False)] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to serve on; 0 takes a free one.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Show the whole service on sample records: harvest, three searches, the page."""
    from app.asgi import run_server
    from app.commands import demo_json, print_demo

    with errors(json):
        services = services_of(home, host=host, port=port)
        with progress("Harvesting", "documents") as on_progress:
            shown = demo_json(services, samples, on_progress=on_progress)
        if json:
            print_json(shown)
        else:
            print_demo(shown, new_console())
        if serve:
            run_server(services, as_json=json)


def watch(home: Home = None, json: Json = False) -> None:
    """Look at saved searches once: keep what happened, and send what is due. A server does so by itself."""
    from app.watching import look_at_all, print_looked

    with errors(json):
        services = services_of(home)
        looked = look_at_all(services.watching, services.webhook_post)
        show(looked.to_json(), json, print_looked)


def doctor(home: Home = None, json: Json = False) -> None:
    """Check the installation, and say what is missing and how to mend it."""
    from app.doctor import examine, print_checks

    with errors(json):
        checks = examine(services_of(home))
        if json:
            print_json([check.to_json() for check in checks])
        else:
            print_checks(checks, new_console())
        if any(not check.ok for check in checks):
            raise typer.Exit(Exit.FAILED)
