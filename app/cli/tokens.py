"""`voltagraph token`: who may read what beyond the public records."""

from __future__ import annotations

from typing import Annotated

import typer

from app.cli.shared import Home, Json, errors, new_console, print_json, services_of

token_app = typer.Typer(help="Tokens: who may read what beyond the public records.", no_args_is_help=True)


@token_app.command("add")
def token_add(
    name: Annotated[str, typer.Argument(help="Whose token it is.", show_default=False)],
    audience: Annotated[
        list[str], typer.Option("--audience", help="An audience it holds, e.g. community:bigmap (repeatable).", show_default=False)
    ],
    home: Home = None,
    json: Json = False,
) -> None:
    """Make a token, print it once, and keep only its hash."""
    from app.tokens import add_token

    with errors(json):
        services = services_of(home)
        services.make_home()
        token = add_token(services.tokens_path, name, audience)
        if json:
            print_json({"name": name, "token": token})
        else:
            new_console().print(f"Token of {name}, shown only now:")
            typer.echo(token)


@token_app.command("remove")
def token_remove(
    name: Annotated[str, typer.Argument(help="Whose token ends.", show_default=False)], home: Home = None, json: Json = False
) -> None:
    """End a token at once."""
    from app.tokens import remove_token

    with errors(json):
        removed = remove_token(services_of(home).tokens_path, name)
        if json:
            print_json({"name": name, "removed": removed})
        else:
            new_console().print(f"The token of {name} has ended." if removed else f"There is no token of {name}.")
