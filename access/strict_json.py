"""JSON from outside where a doubtful text must not be guessed at: rights files and token files."""

from __future__ import annotations

import json
from typing import NoReturn


class JsonFault(ValueError):  # noqa: N818 - it becomes an issue or a SettingsError before anybody sees it
    """The text is not one unambiguous JSON value.

    Args:
        message: What is wrong.
        line: Line, from 1; 0 when there is no place.
        column: Column, from 1; 0 when there is no place.
    """

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def loads(content: bytes) -> object:
    """Read JSON (RFC 8259, UTF-8), refusing repeated keys, NaN and what is nested too deep.

    Raises:
        JsonFault: It is not one unambiguous JSON value; knows the place where there is one.

    >>> loads(b'{"a": [1]}')
    {'a': [1]}
    >>> loads(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    access.strict_json.JsonFault: the key 'a' stands twice in one object
    """
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_unique_keys, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise JsonFault(f"it is not JSON: {error.msg}", error.lineno, error.colno) from None
    except UnicodeDecodeError as error:
        raise JsonFault(f"it is not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise JsonFault("it is nested too deep") from None
    except JsonFault:
        raise
    except ValueError:  # a number with too many digits for the interpreter's limit
        raise JsonFault("it holds a number that cannot be read") from None


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        keys = [key for key, _ in pairs]
        raise JsonFault(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in one object")
    return unique


def _no_constant(name: str) -> NoReturn:
    raise JsonFault(f"{name} is not a JSON number")
