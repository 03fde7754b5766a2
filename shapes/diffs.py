"""What changes in a file, as a unified diff that ``git apply`` and ``patch -p1`` take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

CONTEXT_LINES = 3
"""Unchanged lines around a change."""

_FARTHEST = 400  # lines to look ahead for a place where both agree again; none so near: all that follows is one change
_LINES_THAT_AGREE = 30  # where none of them stands only once
_NO_NEWLINE = b"\n\\ No newline at end of file\n"


def unified_diff(path: str, before: bytes, after: bytes) -> bytes:
    r"""The change from *before* to *after* as a unified diff; ``b""`` when there is none.

    Lines end at ``\n`` alone, as in ``git``: a carriage return before it is part of the line, and stays.

    Args:
        path: The file, relative to where the diff will be applied.
        before: Its content.
        after: Its new content.

    >>> print(unified_diff("a.json", b'{"mas": 1}\n', b'{"mass": 1}\n').decode(), end="")
    --- a/a.json
    +++ b/a.json
    @@ -1 +1 @@
    -{"mas": 1}
    +{"mass": 1}
    """
    if before == after:
        return b""
    old, new = _lines(before), _lines(after)
    head = f"--- {_name('a/' + path)}\n+++ {_name('b/' + path)}\n".encode(errors="surrogateescape")
    return b"".join([head, *_hunks(old, new)])


def _lines(content: bytes) -> list[bytes]:
    lines = content.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _name(path: str) -> str:
    """As git writes it: quoted when a character would be misread, and with a tab after a name with spaces."""
    if any(character < " " or character in '"\\\x7f' for character in path):
        quoted = "".join(
            _ESCAPES.get(character) or (f"\\{ord(character):03o}" if character < " " else character) for character in path
        )
        return f'"{quoted}"'
    return f"{path}\t" if " " in path else path


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\x7f": "\\177"}


@dataclass(frozen=True, slots=True)
class _Change:
    """Lines from *old_start* to *old_end* become those from *new_start* to *new_end*."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def _changes(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[_Change]:
    """Where the lines differ, from the first place to the last.

    Changes of ours are small and far apart, so the two are walked side by side; where they differ, the nearest place is looked for
    at which they agree again. `difflib` compares each line with each, and most lines of these documents are a bracket.
    """
    rare = {line for line, count in Counter(old).items() if count == 1}
    here, there = 0, 0
    while here < len(old) or there < len(new):
        if here < len(old) and there < len(new) and old[here] == new[there]:
            here, there = here + 1, there + 1
            continue
        old_end, new_end = _agree_again(old, here, new, there, rare)
        if old_end - here == new_end - there:
            yield from _line_by_line(old, here, old_end, new, there)
        else:
            yield _Change(here, old_end, there, new_end)
        here, there = old_end, new_end


def _agree_again(old: Sequence[bytes], here: int, new: Sequence[bytes], there: int, rare: Collection[bytes]) -> tuple[int, int]:
    for distance in range(1, _FARTHEST):
        # Equally many lines first: most often some are changed, and not added or removed.
        for skipped in sorted(range(distance + 1), key=lambda skipped: abs(2 * skipped - distance)):
            one, other = here + skipped, there + distance - skipped
            if one <= len(old) and other <= len(new) and _agree(old, one, new, other, rare):
                return one, other
    return len(old), len(new)


def _agree(old: Sequence[bytes], here: int, new: Sequence[bytes], there: int, rare: Collection[bytes]) -> bool:
    """Whether the same lines follow, up to one that stands only once: brackets alone say nothing."""
    for line, other in zip(old[here : here + _LINES_THAT_AGREE], new[there : there + _LINES_THAT_AGREE], strict=False):
        if line != other:
            return False
        if line in rare:
            return True
    return len(old) - here == len(new) - there or min(len(old) - here, len(new) - there) >= _LINES_THAT_AGREE


def _line_by_line(old: Sequence[bytes], here: int, end: int, new: Sequence[bytes], there: int) -> Iterator[_Change]:
    start = here
    while start < end:
        if old[start] == new[there + start - here]:
            start += 1
            continue
        stop = start
        while stop < end and old[stop] != new[there + stop - here]:
            stop += 1
        yield _Change(start, stop, there + start - here, there + stop - here)
        start = stop


def _hunks(old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[bytes]:
    group: list[_Change] = []
    for change in _changes(old, new):
        if group and change.old_start - group[-1].old_end > 2 * CONTEXT_LINES:
            yield from _hunk(old, new, group)
            group = []
        group.append(change)
    if group:
        yield from _hunk(old, new, group)


def _hunk(old: Sequence[bytes], new: Sequence[bytes], group: Sequence[_Change]) -> Iterator[bytes]:
    before = min(CONTEXT_LINES, group[0].old_start)
    after = min(CONTEXT_LINES, len(old) - group[-1].old_end)
    here = group[0].old_start - before
    old_range = _range(here, group[-1].old_end + after)
    yield f"@@ -{old_range} +{_range(group[0].new_start - before, group[-1].new_end + after)} @@\n".encode()
    for change in group:
        yield from (_line(b" ", line) for line in old[here : change.old_start])
        yield from (_line(b"-", line) for line in old[change.old_start : change.old_end])
        yield from (_line(b"+", line) for line in new[change.new_start : change.new_end])
        here = change.old_end
    yield from (_line(b" ", line) for line in old[here : here + after])


def _range(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _line(mark: bytes, line: bytes) -> bytes:
    return mark + line if line.endswith(b"\n") else mark + line + _NO_NEWLINE
