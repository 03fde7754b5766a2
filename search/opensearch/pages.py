"""Where a page ends and the next one begins, as a text that readers hand back."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Final

from records.errors import CursorExpiredError
from search.opensearch.generations import State

_LONGEST: Final = 16_000


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the hits of one state of the index.

    Args:
        generation: The state.
        seen: How many hits are before.
        sort: What the last of them is ordered by: its score or value, and its id.
    """

    generation: int
    seen: int
    sort: tuple[float, str]

    def __str__(self) -> str:
        told = json.dumps([self.generation, self.seen, *self.sort], ensure_ascii=False)
        return base64.urlsafe_b64encode(told.encode()).decode()


def cursor_of(after: str, state: State) -> Cursor | None:
    """The place that `Page.after` tells; ``None`` for the first page.

    Raises:
        CursorExpiredError: It is of a state that is not kept, or was never told.
    """
    if not after:
        return None
    try:
        generation, seen, place, record = json.loads(base64.urlsafe_b64decode(after[:_LONGEST]))
    except (ValueError, TypeError, binascii.Error):
        generation, seen, place, record = 0, 0, 0, ""
    is_told = (
        all(type(number) is int for number in (generation, seen)) and isinstance(place, int | float) and isinstance(record, str)
    )
    if not is_told or not state.oldest <= generation <= state.generation:
        raise CursorExpiredError("The state that this page belongs to is no longer kept.", "Ask again from the first page.")
    return Cursor(generation, seen, (place, record))
