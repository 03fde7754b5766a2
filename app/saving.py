"""What the commands about saved queries do and how their results print; `app.cli` only parses."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from access.identity import ANONYMOUS, Actor
from graph.parameters import Parameter, ValueType
from graph.saved_queries import Draft, SavedQuery, Visibility, bindings, listed, remove, save, version_of
from records.errors import BodyError, IdentityError

if TYPE_CHECKING:
    from rich.console import Console

    from app.bootstrap import Services

Json = dict[str, Any]


def signed_in(services: Services, token: str | None) -> Actor:
    """Whose token it is.

    Raises:
        IdentityError: There is none, or it is not known.
    """
    actor = services.identity.resolve(token)
    if actor is ANONYMOUS:
        raise IdentityError("This needs a token: a saved query has an owner.", "Give yours with --token or VOLTAGRAPH_TOKEN.")
    return actor


def list_json(services: Services, text: str, token: str | None) -> list[Json]:
    """The queries that the holder of a token may see, without their texts."""
    found = listed(services.saved_queries, services.identity.resolve(token), text)
    return [{name: value for name, value in query.to_json().items() if name != "text"} for query in found]


def show_json(services: Services, name: str, version: str, token: str | None) -> Json:
    """One version of a query; what it prints can be saved again."""
    return version_of(services.saved_queries, name, version, services.identity.resolve(token)).to_json()


def save_json(services: Services, draft: Draft, token: str | None) -> Json:
    """Keep a query, and tell its version."""
    kept, is_new = save(services.saved_queries, draft, signed_in(services, token))
    return {**kept.to_json(), "new": is_new}


def delete_json(services: Services, name: str, version: int | None, token: str | None) -> Json:
    """Forget a query of one's own, or one version."""
    remove(services.saved_queries, name, version, signed_in(services, token))
    return {"name": name, "version": version, "deleted": True}


def run(services: Services, name: str, version: str, given: Sequence[str], actor: Actor, form: str, console: Console) -> None:
    """Write the answer to a saved query on standard output.

    Args:
        services: From `app.bootstrap`.
        name: Name of the query.
        version: A number, or ``latest``.
        given: ``NAME=VALUE`` for parameters.
        actor: Who asks.
        form: As `app.commands.write_sparql` takes it.
        console: Where a table goes.
    """
    from app.commands import write_sparql

    query: SavedQuery = version_of(services.saved_queries, name, version, actor)
    bound = bindings(services.saved_queries, query, values_of(given))
    write_sparql(services, query.text, actor, form, console, bindings=bound)


def draft_of(slug: str, file: Path, **changes: Any) -> Draft:
    """A query from a file: its text, or its definition when the file is called ``.json``; ``-`` is a text on standard input.

    Args:
        slug: Its name.
        file: The file.
        changes: What the command line says of it; what is ``None`` or empty stays as the file says.

    Raises:
        BodyError: The file cannot be read or is no definition.
    """
    try:
        text = sys.stdin.read() if file == Path("-") else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BodyError(f"{file} cannot be read: {error}.", "Name a text file in UTF-8.") from error
    draft = _defined(slug, text, file) if file.suffix == ".json" else Draft(slug, slug.replace("-", " ").capitalize(), text)
    return replace(draft, **{name: value for name, value in changes.items() if value})


def values_of(given: Sequence[str]) -> dict[str, str]:
    """Values by name, from texts such as ``minimum=100``.

    Raises:
        BodyError: One of them has no ``=``, or a name is there twice.
    """
    values: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or name in values:
            raise BodyError(f"{one!r} is no value of a parameter, or its second.", "Write --value NAME=VALUE, once for each.")
        values[name] = value
    return values


def print_list(queries: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Print a line for each query."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("name", "version", "title", "parameters", "visibility"):
        table.add_column(column, overflow="fold")
    for query in queries:
        parameters = ", ".join(parameter["name"] for parameter in query["parameters"])
        table.add_row(*map(escape, (query["name"], str(query["version"]), query["title"], parameters, query["visibility"])))
    console.print(table)


def print_query(query: Mapping[str, Any], console: Console) -> None:
    """Print what a query is, and its text as it is."""
    from rich.markup import escape

    console.print(f"[bold]{escape(query['name'])}[/] version {query['version']}: {escape(query['title'])}", soft_wrap=True)
    if query["description"]:
        console.print(query["description"], markup=False, soft_wrap=True)
    for parameter in query["parameters"]:
        state = (
            "needed"
            if parameter["required"]
            else f"else {parameter['default']}"
            if parameter["default"] is not None
            else "may be left out"
        )
        about = f"  {parameter['name']} ({parameter['type']}, {state}) {parameter['description']}"
        console.print(about, markup=False, soft_wrap=True)
    sys.stdout.write("\n" + query["text"].rstrip("\n") + "\n")


def _defined(slug: str, text: str, file: Path) -> Draft:
    try:
        sent = json.loads(text)
        parameters = tuple(
            Parameter(**{**one, "type": ValueType(one["type"]), "allowed": tuple(one.get("allowed", ()))})
            for one in sent.get("parameters", ())
        )
        return Draft(
            slug=slug,
            title=str(sent["title"]),
            text=str(sent["text"]),
            description=str(sent.get("description", "")),
            parameters=parameters,
            keywords=tuple(map(str, sent.get("keywords", ()))),
            visibility=Visibility(sent.get("visibility", Visibility.PRIVATE)),
            audiences=tuple(map(str, sent.get("audiences", ()))),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BodyError(
            f"{file} is no definition of a query: {error}.", "`voltagraph query show NAME --json` prints one."
        ) from error
