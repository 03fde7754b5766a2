"""What a question is answered with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from search.query import Query
from search.query_json import Json, query_to_json

Value: TypeAlias = float | int | str | tuple[float | str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """Where in the documents an answer stands.

    Args:
        record: Id of the record.
        file: Path of the document within its source.
        pointer: JSON Pointer into the document; ``""`` is all of it.
        line: Line in the document, from 1.
    """

    record: str
    file: str
    pointer: str = ""
    line: int = 1

    def to_json(self) -> Json:
        """``{record, file, pointer, line}``."""
        return {"record": self.record, "file": self.file, "pointer": self.pointer, "line": self.line}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer itself.

    Args:
        value: A number, a text (a name, ``yes``, ``no``), or several of them.
        unit: The unit of the number; ``""`` for counts and texts.
        text: The answer in full sentences.
    """

    value: Value
    unit: str
    text: str

    def to_json(self) -> Json:
        """``{value, unit, text}``."""
        value: Json = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"value": value, "unit": self.unit, "text": self.text}


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a question.

    Args:
        understood: In plain words what was taken from the question; where there is no answer, also why and what is near.
        answer: ``None`` when it is not known.
        sources: Where the answer stands; those of the value that is given first.
        query: What the records were found by.
    """

    understood: str
    answer: Answer | None
    sources: tuple[Source, ...]
    query: Query

    def to_json(self) -> dict[str, Json]:
        """``{question, understood, answer, abstained, sources, query}``."""
        return {
            "question": self.query.text,
            "understood": self.understood,
            "answer": None if self.answer is None else self.answer.to_json(),
            "abstained": self.answer is None,
            "sources": [source.to_json() for source in self.sources],
            "query": query_to_json(self.query),
        }
