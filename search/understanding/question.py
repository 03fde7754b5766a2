"""A question while it is read: its words, the concepts they name, and which stretches of text are understood already."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Final

from ontology.lookup import Span
from search.query import Order, Part
from search.understanding.vocabulary import Vocabulary

WORD: Final = re.compile(
    r"(?=[^\s,;()]*\d|(?:[Dd]is)?[Cc]harg(?:e|ing)/)[^\W_]+(?:['’./+_-]?[^\W_]+)*|[^\W_]+(?:['’.+_-]?[^\W_]+)*"
)
"""A word or a model code in one piece; a slash belongs to codes (and *charge/discharge*), not to *LG/Samsung*."""
_MARKS: Final = re.compile(r"[\s,:;=()\[\]–—-]+")


@dataclass(frozen=True, slots=True)
class Placed:
    """A part and the stretch of text that it stands for."""

    start: int
    end: int
    part: Part


@dataclass(slots=True)
class Question:
    """One question. Each stage takes what it understands, so that no later one reads it again.

    Args:
        text: As asked.
        spans: The stretches that name concepts.
        placed: The parts so far.
        soft: Parts for words about every record: they count only when there is nothing else.
        taken: Stretches that are understood, whether or not they became parts.
        order: The order asked for.
    """

    text: str
    spans: tuple[Span, ...]
    placed: list[Placed] = field(default_factory=list)
    soft: list[Placed] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)
    order: Order | None = None

    @classmethod
    def read(cls, text: str, vocabulary: Vocabulary) -> Question:
        """The question before the first stage."""
        return cls(text, vocabulary.lookup.spans(text))

    def put(self, start: int, end: int, part: Part) -> None:
        """Add a part for this stretch."""
        self.placed.append(Placed(start, end, part))
        self.taken.append((start, end))

    def take(self, start: int, end: int) -> None:
        """Mark a stretch as understood without a part of its own."""
        self.taken.append((start, end))

    def name_rest(self, vocabulary: Vocabulary) -> None:
        """Name what is left of longer names of which a part is understood otherwise: *separator* of *most porous separator*."""
        split = [span for span in self.spans if not self.is_free(span.start, span.end)]
        words = [word for span in split for word in self.words(span.start, span.end) if self.is_free(*word.span())]
        named = [(word, vocabulary.lookup.named(word.group())) for word in words]
        rest = [Span(*word.span(), word.group(), found) for word, found in named if found]
        self.spans = tuple(sorted((*self.spans, *rest), key=lambda span: span.start))

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing of this stretch is understood yet."""
        return not any(first < end and start < last for first, last in self.taken)

    def free_spans(self) -> Iterator[Span]:
        """The spans of which nothing is understood yet, also as the caller goes on."""
        return (span for span in self.spans if self.is_free(span.start, span.end))

    def is_inside_name(self, start: int, end: int) -> bool:
        """Whether it is part of a longer name of a concept: *high-voltage* of *high-voltage spinel*."""
        return any(span.start <= start and end <= span.end and end - start < span.end - span.start for span in self.spans)

    def words(self, start: int = 0, end: int | None = None) -> list[re.Match[str]]:
        """The words that lie in this stretch."""
        return list(WORD.finditer(self.text, start, len(self.text) if end is None else end))

    def only(self, start: int, end: int, allowed: Collection[str]) -> bool:
        """Whether nothing but these words, spaces and marks stand in this stretch.

        >>> Question("mass of the cell", ()).only(4, 12, {"of", "the"})
        True
        """
        return all(not word or word.lower() in allowed for word in _MARKS.split(self.text[start:end]))

    def free_before(self, position: int) -> int:
        """Where the untaken text before a position begins."""
        return max((end for _, end in self.taken if end <= position), default=0)
