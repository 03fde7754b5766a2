"""A record as it is kept: compressed JSON."""

from __future__ import annotations

import json
import zlib
from typing import Any, Final

from records.record import ConceptUse, Condition, Entity, EntityKind, Quantity, Record, Said, Spread
from records.rights import Rights

_LEVEL: Final = 1
_dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class BodyDamagedError(ValueError):
    """Bytes are no record."""


def clean(text: str) -> str:
    """The text, with what is no Unicode scalar value (a lone surrogate from a JSON escape) replaced."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def encoded(record: Record) -> bytes:
    """The record as bytes.

    >>> from records.rights import DENIED
    >>> decoded(encoded(Record("lab/a", "urn:a", "A", "lab", "a.json", "", DENIED))).title
    'A'
    """
    row = [
        *(record.id, record.iri, record.title, record.source, record.source_file, record.digest),
        [sorted(record.rights.read_metadata), sorted(record.rights.read_files)],
        [[use.concept, use.role, use.pointer, use.line, use.within, use.implied_by] for use in record.concepts],
        [_quantity_row(quantity) for quantity in record.quantities],
        record.text,
        [[one.kind, one.name, one.iri, one.pointer, one.line] for one in record.entities],
        *(record.date, record.licence, record.communities, record.validation, record.released),
        [[one.kind, one.label, one.text, one.pointer, one.line] for one in record.said],
    ]
    return zlib.compress(clean(_dump(row)).encode(), _LEVEL)


def decoded(body: bytes) -> Record:
    """The record that was encoded.

    Raises:
        BodyDamagedError: These are not such bytes.
    """
    try:
        row: list[Any] = json.loads(zlib.decompress(body))
    except (zlib.error, ValueError) as error:
        raise BodyDamagedError from error
    identifier, iri, title, source, source_file, digest, rights, uses, quantities, text, entities, *rest = row
    date, licence, communities, validation, released, said = rest
    return Record(
        *(identifier, iri, title, source, source_file, digest),
        Rights(frozenset(rights[0]), frozenset(rights[1])),
        tuple(
            ConceptUse(concept, tuple(role), pointer, line, tuple(within), implied)
            for concept, role, pointer, line, within, implied in uses
        ),
        tuple(map(_quantity, quantities)),
        text,
        tuple(Entity(EntityKind(kind), *told) for kind, *told in entities),
        date,
        licence,
        tuple(communities),
        validation,
        released,
        tuple(Said(*one) for one in said),
    )


def _quantity_row(one: Quantity) -> list[Any]:
    spread = one.spread
    return [
        *(one.kinds, one.value, one.unit, one.base_value, one.base_unit, one.dimension, one.pointer, one.line),
        None
        if spread is None
        else [spread.minimum, spread.maximum, spread.deviation, spread.base_minimum, spread.base_maximum, spread.base_deviation],
        [[c.kinds, c.value, c.unit, c.base_value, c.base_unit, c.dimension, c.pointer, c.line, c.name] for c in one.conditions],
        one.name,
        one.within,
    ]


def _quantity(row: list[Any]) -> Quantity:
    kinds, value, unit, base_value, base_unit, dimension, pointer, line, spread, conditions, name, within = row
    return Quantity(
        *(tuple(kinds), value, unit, base_value, base_unit, dimension, pointer, line),
        None if spread is None else Spread(*spread),
        tuple(Condition(tuple(of), *told) for of, *told in conditions),
        name,
        tuple(within),
    )
