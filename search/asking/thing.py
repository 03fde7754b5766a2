"""Something that a question names, and what records call it."""

from __future__ import annotations

from dataclasses import dataclass

from records.record import EntityKind, Record
from search.names import fold_name
from search.query import Part


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that the question names.

    Args:
        start: Where its name begins in the question.
        end: Where its name ends.
        text: Its name as asked.
        label: Its name as the records write it; as asked when none has it.
        parts: What finds its records; none when no readable record has the name.
        records: Its records, as the reader may see them.
        near: Names that are like it, where none has it.
    """

    start: int
    end: int
    text: str
    label: str
    parts: tuple[Part, ...] = ()
    records: tuple[Record, ...] = ()
    near: tuple[str, ...] = ()


def label_of(record: Record) -> str:
    """Maker and model of a record, else its title."""
    names = {kind: next((one.name for one in record.entities if one.kind is kind), "") for kind in EntityKind}
    maker, model = names[EntityKind.MANUFACTURER], names[EntityKind.MODEL]
    if not model:
        return record.title
    return model if fold_name(model).startswith(fold_name(maker)) else f"{maker} {model}"


def makers_of(record: Record) -> tuple[str, ...]:
    """The folded names of its makers."""
    return tuple(fold_name(one.name) for one in record.entities if one.kind is EntityKind.MANUFACTURER)
