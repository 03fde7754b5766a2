"""What came of the injections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.mutations.places import Injected, Source
from records.issues import Issue


@dataclass(slots=True)
class Score:
    """What came of the injections of one kind."""

    injected: int = 0
    code: int = 0
    line: int = 0
    asked: int = 0
    first: int = 0
    elsewhere: int = 0
    misses: list[str] = field(default_factory=list)


def judge(made: Injected, source: Source, issues: Sequence[Issue], score: Score) -> None:
    """Add one injection to the score."""
    found = Counter((issue.code, issue.line) for issue in issues)
    new = found - source.before
    lines = {made.line} if made.line > 0 else {-made.line // 100_000, -made.line % 100_000}
    score.injected += 1
    hits = [issue for issue in issues if issue.code in made.codes and new[(issue.code, issue.line)]]
    at_line = [issue for issue in hits if issue.line in lines]
    score.code += bool(hits)
    score.line += bool(at_line)
    others = [key for key in new if not (key[0] in made.codes and key[1] in lines)]
    score.elsewhere += bool(others)
    if made.right is not None:
        score.asked += 1
        offered = [issue.suggestions[0].replacement for issue in (at_line or hits) if issue.suggestions]
        score.first += made.right in offered[:1]
        if made.right not in offered[:1]:
            score.misses.append(f"{source.name}: suggestion {offered[:1]} instead of {made.right!r}")
    if not at_line or others:
        score.misses.append(f"{source.name}: line {sorted(lines)} got {sorted(new)}")


def rows(scores: dict[str, Score]) -> Iterator[str]:
    """A table for benchmarks/RESULTS.md."""
    yield "| kind of error | injected | right code | right line | right correction first | something new elsewhere |"
    yield "|---|---|---|---|---|---|"
    total = Score()
    for name, score in scores.items():
        yield row(name, score)
        for part in ("injected", "code", "line", "asked", "first", "elsewhere"):
            setattr(total, part, getattr(total, part) + getattr(score, part))
    yield row("**all**", total)


def row(name: str, score: Score) -> str:
    code, line, elsewhere = (_share(part, score.injected) for part in (score.code, score.line, score.elsewhere))
    first = f"{_share(score.first, score.asked)} of {score.asked}" if score.asked else "not determined"
    return f"| {name} | {score.injected} | {code} | {line} | {first} | {elsewhere} |"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"
