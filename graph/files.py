"""What the stores that keep files share: files that are replaced whole, and errors of the disk turned into ours."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from records.errors import StoreError, StoreFullError

T = TypeVar("T")

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""Error numbers that say that no space is left."""


def write_whole(path: Path, text: str) -> None:
    """Replace a file: whoever reads it, even after a loss of power, finds the old text or the new one, whole.

    Raises:
        OSError: It cannot be written; the old text is there.
    """
    unfinished = path.with_name(f"{path.name}.tmp")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def read_whole(path: Path, what: str, make: Callable[[Any], T]) -> T | None:
    """What a JSON file tells, where it is the one file of its folder that says what the folder holds.

    Args:
        path: The file.
        what: What the folder holds, for the message.
        make: Makes it of the JSON value.

    Returns:
        ``None``: there is no such file.

    Raises:
        StoreError: The file cannot be read, or is not what `make` needs.
    """
    try:
        return make(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{what} in {path.parent} cannot be read: {error}.", "Remove its folder.") from error


def sync(path: Path) -> None:
    """What was written to a file, or made and renamed in a folder, stays so after a loss of power.

    Raises:
        OSError: The disk refused.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn errors of the file system into ours.

    Args:
        path: What is written, for the message.

    Raises:
        StoreFullError: No space is left.
        StoreError: It cannot be written for another reason.
    """
    try:
        yield
    except OSError as exc:
        if exc.errno in FULL:
            raise StoreFullError(f"No space is left for {path}.", "Make room, then try again.") from exc
        raise StoreError(f"{path} cannot be written: {exc.strerror}.", "Check the folder and its permissions.") from exc
