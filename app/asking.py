"""The command `ask`: one question, or one a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from records.errors import LimitError, SourceError

if TYPE_CHECKING:
    from rich.console import Console

    from access.identity import Actor
    from app.bootstrap import Services

Json = dict[str, Any]


def ask_json(services: Services, question: str, actor: Actor) -> Json:
    """The answer as JSON.

    Args:
        services: Everything.
        question: In plain words.
        actor: Who asks.
    """
    from search.asking import ask

    return ask.ask_json(services.asking, writable(question), actor.audiences)


def answers(services: Services, lines: Iterable[bytes], actor: Actor) -> Iterator[Json]:
    """One answer for every line, in the same order; to a line that is no question there is none, and it says why.

    Args:
        services: Everything.
        lines: A question each, as plain words, a JSON string, or a JSON object with ``question``.
        actor: Who asks.
    """
    from search.asking.reply import Reply
    from search.query import Query

    for line in lines:
        question = writable(question_of(line.decode("utf-8", errors="replace").strip()))
        try:
            yield ask_json(services, question, actor)
        except LimitError as error:
            yield Reply(f"{error.message} {error.remedy}", None, (), Query(question, ())).to_json()


def question_of(line: str) -> str:
    """The question on a line.

    >>> question_of('{"id": 1, "question": "How many?"}'), question_of('"How many?"'), question_of("How many?")
    ('How many?', 'How many?', 'How many?')
    """
    if not line.startswith(("{", '"')):
        return line
    try:
        sent = json.loads(line)
    except (ValueError, RecursionError):
        return line
    asked = sent.get("question") if isinstance(sent, dict) else sent
    return asked if isinstance(asked, str) else line


def writable(question: str) -> str:
    r"""The question with ``?`` for what no text can hold: half a pair of surrogates, bytes that are no UTF-8.

    >>> writable("20 \ud800 Ah")
    '20 ? Ah'
    """
    return question.encode("utf-8", errors="replace").decode("utf-8")


@contextmanager
def opened(file: str | None) -> Iterator[BinaryIO]:
    """The lines of a file; of standard input for ``-`` or none.

    Raises:
        SourceError: The file cannot be read.
    """
    if file in (None, "", "-"):
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            content = stack.enter_context(Path(file or "").open("rb"))
        except OSError as exc:
            raise SourceError(f"{file} cannot be read: {exc.strerror}.", "Name a file with one question a line.") from exc
        yield content


def print_answer(answer: Json, console: Console) -> None:
    """The answer for people."""
    console.print(answer["answer"]["text"] if answer["answer"] else "I do not know.", markup=False, soft_wrap=True, style="bold")
    console.print(answer["understood"], markup=False, soft_wrap=True)
    for source in answer["sources"][:10]:
        console.print(
            f"  {source['record']}, line {source['line']}  {source['pointer']}", markup=False, highlight=False, soft_wrap=True
        )
    if len(answer["sources"]) > 10:
        console.print(f"  and {len(answer['sources']) - 10} more", markup=False)
