"""Commands that find records and concepts, and answer questions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from app.cli.shared import Home, Json, Token, errors, new_console, print_json, services_of

Batch = Annotated[bool, typer.Option("--batch", help="One question a line on standard input; one line of JSON out for each.")]


def search(
    text: Annotated[
        str | None, typer.Argument(help='The question, e.g. "prismatic LFP cell above 100 Ah".', show_default=False)
    ] = None,
    home: Home = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="Hits to print.")] = 10,
    offset: Annotated[int, typer.Option("--offset", min=0, max=10_000, help="Hits to leave out first.")] = 0,
    token: Token = None,
    json: Json = False,
    batch: Batch = False,
) -> None:
    """Search records by concept, number and text."""
    from app.commands import print_search, search_json

    with errors(json or batch):
        services = services_of(home)
        actor = services.identity.resolve(token)
        if batch:
            _answer_lines(lambda line: search_json(services, line, actor, limit=limit, offset=offset))
            return
        answer = search_json(services, _one(text), actor, limit=limit, offset=offset)
        if json:
            print_json(answer)
        else:
            print_search(answer, new_console())


def ask(
    text: Annotated[
        str | None,
        typer.Argument(
            help='The question, e.g. "What is the rated capacity of the A123 20AH?"; with --batch a file of questions, or - for '
            "standard input.",
            show_default=False,
        ),
    ] = None,
    home: Home = None,
    token: Token = None,
    json: Json = False,
    batch: Annotated[bool, typer.Option("--batch", help="Answer one question a line; one line of JSON out for each.")] = False,
) -> None:
    """Answer a question with a value, a count, names or yes and no, and say where it stands."""
    from app.asking import answers, ask_json, opened, print_answer

    with errors(json or batch):
        services = services_of(home)
        actor = services.identity.resolve(token)
        if batch:
            with opened(text) as lines:
                for answer in answers(services, lines, actor):
                    print_json(answer)
                    sys.stdout.flush()
            return
        answer = ask_json(services, _one(text), actor)
        if json:
            print_json(answer)
        else:
            print_answer(answer, new_console())


def concepts(
    text: Annotated[
        str | None, typer.Argument(help='A label, abbreviation, formula, IRI or CURIE, e.g. "lithium iron".', show_default=False)
    ] = None,
    home: Home = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="Candidates to print.")] = 10,
    json: Json = False,
    batch: Batch = False,
) -> None:
    """Find concepts of the battery ontologies."""
    from app.commands import concepts_json, print_concepts

    with errors(json or batch):
        services = services_of(home)
        if batch:
            _answer_lines(lambda line: concepts_json(services, line, limit=limit))
            return
        found = concepts_json(services, _one(text), limit=limit)
        if json:
            print_json(found)
        else:
            print_concepts(found, _one(text), new_console())


def duplicates(home: Home = None, token: Token = None, json: Json = False) -> None:
    """Find records that may describe the same cell, with evidence. Nothing is merged."""
    from app.embedding import duplicates_json, print_duplicates

    with errors(json):
        services = services_of(home)
        found = duplicates_json(services, services.identity.resolve(token))
        if json:
            print_json(found)
        else:
            print_duplicates(found, new_console())


def _one(text: str | None) -> str:
    if text is None or not text.strip():
        raise typer.BadParameter("say what to look for, or use --batch", param_hint="TEXT")
    return text


def _answer_lines(answer: Callable[[str], object]) -> None:
    """Answer each line of standard input with one line of JSON; a line that cannot be answered gives ``{"error": ...}``."""
    from records.errors import VoltagraphError

    for line in sys.stdin.buffer:  # only "\\n" ends a line, and bytes that are no UTF-8 end nothing
        question = line.decode("utf-8", errors="replace").strip()
        try:
            print_json(answer(question))
        except VoltagraphError as error:
            print_json({"error": {"message": error.message, "remedy": error.remedy}})
        sys.stdout.flush()
