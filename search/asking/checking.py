"""Yes and no: whether something is so of a thing. *No* needs something that the records say instead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ontology import terms
from records.record import ConceptUse, Record
from search.asking.facts import has_text, named_text, standing_in
from search.asking.form import Form
from search.asking.limits import within_limits
from search.asking.phrases import COMPARED
from search.asking.properties import QuantityAsked
from search.asking.property_names import plain_words
from search.asking.reply import Answer, Reply, Source
from search.asking.services import Asking, evidence
from search.asking.telling import listed, part_text
from search.asking.thing import Thing
from search.asking.values import best_reading
from search.asking.wanted import MENTION
from search.matching import matches
from search.quantity_text import value_text
from search.query import ConceptPart, EntityPart, Part, QuantityPart, TextPart, YearPart

_OF_ONE_KIND: Final = frozenset(("T·I", "M", "L²·M·T⁻²"))
"""Dimensions of which a thing has one kind of quantity: *does it exceed 60 Ah*."""


def check_thing(asking: Asking, form: Form, thing: Thing) -> Reply:
    """Answer whether something is so of a thing: *yes* with the place, *no* with what stands there instead, else nothing."""
    text = MENTION.sub(" ", re.sub(r"^\w+\b", "", form.rest))
    limited = within_limits(asking, text, thing)
    if limited is not None:
        return limited
    asked = asking.services.understand(text, asking.audiences)
    words = [part.text for part in asked.parts if isinstance(part, TextPart)]
    understood = f"Asked whether {thing.label} has: {listed([part_text(part) for part in asked.parts])}."
    query = asking.query((*thing.parts, *asked.parts))
    is_beyond = COMPARED.search(text) is not None and not any(map(_is_bound, asked.parts))
    if words or not asked.parts or is_beyond:
        return asking.unknown(
            f"Asked about {named_text(thing)}. Not understood: {listed(words) or text.strip()}.{has_text(asking, thing)}", query
        )
    positive = [replace(part, negated=False) for part in asked.parts]
    fitting = [record for record in thing.records if all(matches(part, record) for part in positive)]
    denying = [record for record in thing.records if any(denies(asking, part, record) for part in positive)]
    if not fitting and not denying:
        return asking.unknown(f"{understood} No record that you may read says so, nor anything against it.", query)
    if len(positive) == 1 and fitting and all(_is_of_other_kind(asking, positive[0], record) for record in fitting):
        return asking.unknown(f"{understood} Of several values that may be meant only some are so.", query)
    is_so = bool(fitting) != any(part.negated for part in asked.parts)
    said = asking.query(positive)
    telling = positive[0] if fitting else next(part for part in positive if denies(asking, part, denying[0]))
    told = _told_by(asking, telling, (fitting or denying)[0])
    shown_by = evidence(said, fitting) if fitting else tuple(against(asking, positive, record) for record in denying)
    differ = f" The sources differ: {listed([one.id for one in denying])} says otherwise." if fitting and denying else ""
    if fitting and isinstance(telling, ConceptPart) and " or " in telling.text:
        uses = [one for one in fitting[0].concepts if one.concept in telling.expanded and not one.implied_by]
        value = plain_words(asking.services.vocabulary.concepts.label(uses[0].concept)) if uses else "yes"
        return Reply(understood, Answer(value, "", f"{thing.label}{told}.{differ}"), shown_by, query)
    if fitting and isinstance(telling, EntityPart) and " or " in telling.text and (name := _name_of(telling, fitting[0])):
        return Reply(understood, Answer(name, "", f"{thing.label}{told}.{differ}"), shown_by, query)
    text = f"{'Yes' if is_so else 'No'}: {thing.label}{told}.{differ}"
    return Reply(understood, Answer("yes" if is_so else "no", "", text), shown_by, query)


def _is_of_other_kind(asking: Asking, part: Part, record: Record) -> bool:
    """Whether a bound holds for a wider value alone: a limit above 4.8 V does not make a voltage of 4.7 V higher."""
    if not isinstance(part, QuantityPart) or not part.kinds or not _is_bound(part):
        return False
    named = [asking.services.properties.find(plain_words(label)) for label in part.labels[:1]]
    asked = next((one for one in named if isinstance(one, QuantityAsked)), None)
    best = best_reading(record, asked, (), asking.services.properties) if asked else None
    return best is not None and not matches(part, replace(record, quantities=(best.quantity,)))


def _name_of(part: EntityPart, record: Record) -> str:
    """The name that a record has of several: *made by Panasonic or Sanyo*."""
    named = (one for one in record.entities if matches(part, replace(record, entities=(one,))))
    return next((one.name for one in named), "")


def _is_bound(part: Part) -> bool:
    """Whether a part says how much or when: *heavier than 1 kg*; *the heavier one* is one of several things."""
    return isinstance(part, YearPart) or (isinstance(part, QuantityPart) and not part.minimum is part.maximum is None)


def denies(asking: Asking, part: Part, record: Record) -> bool:
    """Whether the record says something else in the place of what is asked; that it is silent denies nothing."""
    if matches(part, record):
        return False
    match part:
        case QuantityPart():
            is_of_a_kind = part.kinds or part.dimension in _OF_ONE_KIND
            return bool(is_of_a_kind) and matches(replace(part, minimum=None, maximum=None), record)
        case ConceptPart():
            return bool(_instead(asking, part, record))
        case EntityPart():
            return any(one.kind is part.kind for one in record.entities)
        case YearPart():
            return bool(record.released if part.released else record.date)
        case _:
            return False


def _instead(asking: Asking, part: ConceptPart, record: Record) -> list[ConceptUse]:
    """What the record has in the place of a concept: another format, chemistry, or electrode material.

    That a cathode is of iron phosphate denies cobalt; it denies neither graphite nor the copper of a foil.
    """
    properties = asking.services.properties
    if part.roles:
        return standing_in(asking, part.roles, record)
    if not properties.formats.isdisjoint(part.concepts):
        return [one for one in record.concepts if one.concept in properties.formats]
    for role in (terms.POSITIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE):
        if not properties.materials_in(role).isdisjoint(part.expanded) and properties.collectors.isdisjoint(part.concepts):
            return standing_in(asking, properties.roles_of(role), record)
    for asked in properties.dissolved if properties.is_electrolyte(record) else ():
        if asked.substances.issuperset(part.concepts):
            return [one for one in standing_in(asking, asked.roles, record) if one.concept in asked.substances]
    others = frozenset().union(*map(properties.apart_from, part.concepts))
    return [one for one in record.concepts if one.concept in others]


def against(asking: Asking, parts: Sequence[Part], record: Record) -> Source:
    """Where the record says something else."""
    part = next(part for part in parts if denies(asking, part, record))
    if isinstance(part, ConceptPart):
        use = _instead(asking, part, record)[0]
        return Source(record.id, record.source_file, use.pointer, use.line)
    if isinstance(part, QuantityPart):
        return evidence(asking.query((replace(part, minimum=None, maximum=None),)), (record,))[0]
    if isinstance(part, EntityPart):
        other = next(one for one in record.entities if one.kind is part.kind)
        return Source(record.id, record.source_file, other.pointer, max(1, other.line))
    return Source(record.id, record.source_file)


def _told_by(asking: Asking, part: Part, record: Record) -> str:
    """What the record says in the place of the part, for the sentence."""
    vocabulary = asking.services.vocabulary
    if isinstance(part, QuantityPart):
        open_part = replace(part, minimum=None, maximum=None)
        fitting = [one for one in record.quantities if matches(open_part, replace(record, quantities=(one,)))]
        told = [f"{asking.services.properties.label_of(one)} {value_text(one, vocabulary.units)}" for one in fitting]
        return f" has {listed(told, 3)}"
    if isinstance(part, ConceptPart):
        uses = [one for one in record.concepts if one.concept in part.expanded] or _instead(asking, part, record)
        return f" has {listed([plain_words(vocabulary.concepts.label(one.concept)) for one in uses], 3)}" if uses else ""
    if isinstance(part, EntityPart):
        names = [one.name for one in record.entities if one.kind is part.kind]
        return f" names {listed(names, 3)} as its {part.kind.value}" if part.kind and names else ""
    if isinstance(part, YearPart):
        return f" is dated {record.date}"
    return ""
