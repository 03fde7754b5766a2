"""What the records of a thing say of a property, in values and in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from ontology import terms
from ontology.units import Unit
from records.record import ConceptUse, Record, Said
from search.asking.properties import (
    FormatAsked,
    MaterialAsked,
    NameAsked,
    Property,
    QuantityAsked,
    SaidAsked,
)
from search.asking.property_names import OPERATORS, plain_words
from search.asking.reply import Source
from search.asking.services import Asking
from search.asking.telling import MAX_PROPERTIES, listed
from search.asking.thing import Thing
from search.asking.values import Reading, Shown, agreeing, best_reading, shown
from search.asking.wanted import Wanted
from search.matching import stands_in
from search.quantity_text import condition_texts

_WROTE: Final = re.compile(r"/(?:\w+:)?(?:creator|author|publisher|contributor|contactPoint|contacts?)(?:/|$)")
"""Where those stand who made a record, and need not have measured anything."""
_CITED: Final = re.compile(r"/(?:\w+:)?(?:subjectOf|citation|source)(?:/|$)")
"""Who wrote a work that a record cites did not write the record."""


def readings_of(asking: Asking, asked: QuantityAsked, wanted: Wanted, thing: Thing) -> list[Reading]:
    """What each record of the thing says of a quantity, where it says something."""
    found = (best_reading(record, asked, wanted.conditions, asking.services.properties) for record in thing.records)
    return [one for one in found if one is not None]


def value_in(asking: Asking, reading: Reading, unit: Unit | None) -> Shown:
    """The value, in a unit or as it is written."""
    return shown(reading, unit, asking.services.vocabulary.units)


def with_conditions(asking: Asking, reading: Reading, value: Shown) -> str:
    """The value with what it holds under."""
    vocabulary = asking.services.vocabulary
    under = condition_texts(reading.quantity, vocabulary.concepts, vocabulary.units)
    return f"{value.text} (at {', '.join(under)})" if under else value.in_full


def note_text(asking: Asking, readings: Iterable[Reading]) -> str:
    """A note where a value lies far outside of what is usual: it is told as it stands, and may be a mistake of the document."""
    notes = []
    for reading in readings:
        usual = asking.services.plausibility.unusual(reading.record.quantities, reading.record.concepts)
        if reading.quantity.pointer in usual:
            value = value_in(asking, reading, None).text
            notes.append(f"{value} may be a mistake of the document: {usual[reading.quantity.pointer]}")
    return f" Note: {listed(notes)}." if notes else ""


def table_of(asking: Asking, thing: Thing) -> dict[str, Reading]:
    """Label of each quantity of the thing itself -> the value that most records give."""
    properties = asking.services.properties
    found: dict[str, list[Reading]] = {}
    for record in thing.records:
        for quantity in record.quantities:
            label = properties.label_of(quantity)
            if label and (quantity.value is not None or quantity.spread) and properties.is_own(record, quantity):
                found.setdefault(label, []).append(Reading(record, quantity, label))
    return {label: agreeing(readings)[0][0] for label, readings in found.items()}


def has_text(asking: Asking, thing: Thing) -> str:
    """The properties that the thing has."""
    properties = asking.services.properties
    labels = [
        properties.label_of(quantity)
        for record in thing.records
        for quantity in record.quantities
        if properties.is_own(record, quantity)
    ]
    unique = [label for label in dict.fromkeys(labels) if label]
    return f" Known of it: {listed(unique, MAX_PROPERTIES)}." if unique else ""


def named_text(thing: Thing) -> str:
    """The name in the records, and that in the question where it is another one."""
    return thing.label if thing.text.lower() == thing.label.lower() else f"{thing.label} (“{thing.text}”)"


def names_of(asking: Asking, asked: Property, record: Record) -> list[tuple[str, Source]]:
    """What a record says of a property that is no number, and where."""
    match asked:
        case NameAsked():
            return [
                (one.name, Source(record.id, record.source_file, one.pointer, max(1, one.line)))
                for one in record.entities
                if one.kind is asked.kind
                and not _CITED.search(one.pointer)
                and not (asked.label in OPERATORS and _WROTE.search(one.pointer))
                and (not asked.roles or _is_at(record, one.pointer, asked.roles))
            ]
        case MaterialAsked():
            found = standing_in(asking, asked.roles, record, asked.outside) or _kinds_of_cell(asking, asked, record)
            return _uses(asking, record, [one for one in found if _is_wanted(asked, one)])
        case FormatAsked():
            return _uses(asking, record, [one for one in record.concepts if one.concept in asking.services.properties.formats])
        case SaidAsked() if asked.label == "release date":
            told = next((one for one in record.said if one.kind == "date" and one.text == record.released), None)
            place = _where(record, told) if told else Source(record.id, record.source_file)
            return [(record.released, place)] if record.released else []
        case SaidAsked():
            return [(one.text, _where(record, one)) for one in record.said if one.kind == asked.label]
        case QuantityAsked():
            return []


def _is_wanted(asked: MaterialAsked, use: ConceptUse) -> bool:
    return (not asked.substances or use.concept in asked.substances) and use.concept not in asked.besides


def _is_at(record: Record, pointer: str, roles: frozenset[str]) -> bool:
    """Whether what is said here is said of a part in one of these roles."""
    of_what = pointer.rpartition("/")[0]
    return any(one.pointer == of_what and (one.concept in roles or stands_in(roles, one.within)) for one in record.concepts)


def _where(record: Record, said: Said) -> Source:
    return Source(record.id, record.source_file, said.pointer, said.line)


def standing_in(asking: Asking, roles: frozenset[str], record: Record, outside: Sequence[frozenset[str]] = ()) -> list[ConceptUse]:
    """The record's materials in a role, in these parts; where it names none, what else it says of the role."""
    properties = asking.services.properties
    placed = [one for one in record.concepts if all(stands_in(part, one.within) for part in outside)]
    inside = [one for one in placed if stands_in(roles, one.within) or one.concept in roles]
    telling = [one for one in inside if one.concept not in properties.generic]
    materials = [one for one in telling if one.concept in properties.materials]
    active = [one for one in materials if terms.ACTIVE_MATERIAL in one.within]
    said = [one for one in telling if one.concept in properties.components and not one.implied_by]
    return active or materials or said


def _kinds_of_cell(asking: Asking, asked: MaterialAsked, record: Record) -> list[ConceptUse]:
    """The chemistry where no electrode tells it: solvents and salts of an electrolyte, else the kind of battery."""
    if asked.label != "chemistry":
        return []
    if asking.services.properties.is_electrolyte(record):
        roles = asking.services.properties.dissolved
        return [use for one in roles for use in standing_in(asking, one.roles, record) if use.concept in one.substances]
    kinds = asking.services.properties.chemistries
    return [one for one in record.concepts if one.concept in kinds and not one.implied_by]


def _uses(asking: Asking, record: Record, uses: Sequence[ConceptUse]) -> list[tuple[str, Source]]:
    """The labels of the narrowest of these concepts; said before implied."""
    concepts = asking.services.vocabulary.concepts
    said = [one for one in uses if not one.implied_by] or list(uses)
    broader = frozenset().union(*(concepts.ancestors(one.concept) - {one.concept} for one in said)) if said else frozenset()
    return [
        (plain_words(concepts.label(one.concept)), Source(record.id, record.source_file, one.pointer, one.line))
        for one in said
        if one.concept not in broader
    ]
