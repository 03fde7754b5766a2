"""Questions about records that are described, not named: how many, which, is there one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ontology.units import Unit
from records.record import Record
from search.asking.conditions import cut_conditions
from search.asking.described import MAX_SOURCES, DescribedSet, described_set, is_subject, records_meant, why_none
from search.asking.extremes import extreme, first_in_order
from search.asking.forms import Ask, Form
from search.asking.listing import latest, makers_of_set, names_in_set
from search.asking.phrases import ADJECTIVES, LESS, LIMIT, LIMITS, SUPERLATIVE
from search.asking.properties import MaterialAsked, Property, QuantityAsked
from search.asking.reply import Answer, Reply, Source
from search.asking.services import MAX_RECORDS, Asking, evidence
from search.asking.sets_beside import compare_sets, share_of_set
from search.asking.statistic import statistic_of
from search.asking.telling import counted, listed, near_text, part_text
from search.asking.things import Thing, Things, label_of
from search.asking.values import agreeing, best_reading, shown
from search.asking.wanted import cut_unit, property_at_end
from search.names import fold_name
from search.query import ConceptPart, EntityPart, QuantityPart, TextPart
from search.understanding.vocabulary import SOFT

_ALL: Final = re.compile(r"\b(?:records?|documents?|data|all|every|everything|entries|database|known)\b", re.IGNORECASE)
"""Words that say that no record is left out."""
_ANY: Final = re.compile(r"(?:are |is )?there|(?:you|we)(?: have| know(?: of)?| hold)?|exist|available", re.IGNORECASE)
"""What is left of *which chemistries are there*."""
_CURRENT: Final = re.compile(r"(?:dis)?charg(?:e|ing) current", re.IGNORECASE)
"""The highest one is the limit, and not what is usual."""
_AS_PART: Final = " No record that you may read is one; it is a part in {}."
"""Why electrolytes are not counted where only cells have them."""
_RESTRICTED: Final = re.compile(
    rf"(?:{'|'.join(ADJECTIVES)}|above|below|under|over|more|less|at|made|between|not|without)\b", re.IGNORECASE
)
"""*Which separators are thinner than 20 µm* asks for separators, and not for those of a set."""


def answer_of_set(asking: Asking, form: Form, things: Things) -> Reply:
    """Answer a question about a set of records.

    Args:
        asking: The question and its reader.
        form: What is wanted.
        things: Tells what is near a name that is not known.
    """
    if form.ask is Ask.SHARE:
        return share_of_set(asking, form)
    if form.ask is Ask.SETS:
        return compare_sets(asking, form)
    rest, unit = cut_unit(asking, form.rest)
    if form.ask is Ask.LIST:
        measured = property_at_end(asking, rest)
        if measured is not None and not measured[0]:
            return asking.unknown(f"Asked for “{measured[1]}”, and not of what.")
        form = replace(form, ask=Ask.STATISTIC, property=measured[1]) if measured else form
        form = replace(form, ask=Ask.UNCLEAR) if unit is not None and not measured else form
        rest = measured[0] if measured else rest
    if form.ask is Ask.SUPERLATIVE and form.descending and _CURRENT.fullmatch(form.property):
        form = replace(form, property=f"maximum {form.property}")
    asked = asking.services.properties.find(form.property) if form.property else None
    if isinstance(asked, MaterialAsked) and form.ask is Ask.STATISTIC and _RESTRICTED.match(form.rest):
        form, asked = replace(form, ask=Ask.LIST, rest=f"{form.property} {form.rest}", property=""), None
    rest, conditions = cut_conditions(rest, asking.services.vocabulary.units) if form.ask is Ask.STATISTIC else (rest, ())
    described = described_set(asking, rest, is_measured=True) if asked else described_set(asking, form.rest)
    if described.not_understood:
        return _titled_so(asking, form, described) or _not_understood(asking, described, things)
    is_reckoned = form.ask in (Ask.SUPERLATIVE, Ask.STATISTIC) and asked is not None
    if is_reckoned and described.query.order is not None:
        return asking.unknown(f"Asked for {form.property}, and for another order: {described.told}.", described.query)
    is_of_all = _ALL.search(rest) or (_ANY.fullmatch(rest) and not isinstance(asked, QuantityAsked))
    if form.ask is Ask.STATISTIC and rest and not described.query.parts and not described.only_cells and not is_of_all:
        return asking.unknown(f"Asked for {form.property}, and not understood of what: “{rest}”.", described.query)
    if not isinstance(asked, QuantityAsked):
        return _of_records(asking, form, described, asked, unit)
    if form.ask is Ask.SUPERLATIVE:
        found = extreme(asking, described, form, asked, unit)
        height = asking.services.properties.find("height") if found.answer is None and asked.label == "length" else None
        return extreme(asking, described, form, height, unit) if isinstance(height, QuantityAsked) else found  # of cylinders
    found = statistic_of(asking, described, form.statistic, asked, unit, conditions)
    limit = LIMIT.match(form.property)
    if found.answer is None and limit and not form.statistic:
        most = replace(
            form, ask=Ask.SUPERLATIVE, property=form.property[limit.end() :], descending=limit["word"].lower() not in LESS
        )
        of_most = answer_of_set(asking, most, things)
        return of_most if of_most.answer is not None else found
    return found


def _of_records(asking: Asking, form: Form, described: DescribedSet, asked: Property | None, unit: Unit | None) -> Reply:
    """What is no matter of a quantity: how many, which, whose, is there one, are all so."""
    match form.ask:
        case Ask.COUNT:
            return _count(asking, described, is_different=form.statistic == "different")
        case Ask.CHECK:
            return _exists(asking, described)
        case Ask.EVERY:
            return _every(asking, described)
        case Ask.MAKERS | Ask.MAKER_COUNT:
            return makers_of_set(asking, described, is_count=form.ask is Ask.MAKER_COUNT, is_most=form.property == "most")
        case Ask.LATEST:
            return latest(asking, described, is_newest=form.descending, is_when=form.property == "date")
        case Ask.STATISTIC if asked is not None and not form.statistic:
            return names_in_set(asking, described, asked)
        case _ if described.query.order is not None:
            return first_in_order(asking, described, described.query.order, unit)
        case Ask.LIST if all(found["word"].lower() in LIMITS for found in SUPERLATIVE.finditer(form.rest)):
            return _list(asking, described)
        case _:
            return asking.unknown(f"Not understood what is asked of: {described.told}.", described.query)


def answer_beyond(asking: Asking, form: Form, thing: Thing, things: Things) -> Reply:
    """Answer which records have more (or less) of a property than a thing.

    Args:
        asking: The question and its reader.
        form: What is wanted; its rest describes the records.
        thing: What they are compared with.
        things: Tells what is near a name that is not known.
    """
    asked = asking.services.properties.find(form.property)
    described = described_set(asking, form.rest)
    if described.not_understood:
        return _not_understood(asking, described, things)
    found = (
        [best_reading(record, asked, (), asking.services.properties) for record in thing.records]
        if isinstance(asked, QuantityAsked)
        else []
    )
    groups = agreeing(one for one in found if one is not None)
    base = groups[0][0].base if groups else None
    if not isinstance(asked, QuantityAsked) or base is None:
        return asking.unknown(
            f"Asked to compare with {thing.label}. No record that you may read gives its “{form.property}”.",
            asking.query(thing.parts),
        )
    sign = ">" if form.descending else "<"
    value = shown(groups[0][0], None, asking.services.vocabulary.units)
    part = replace(
        asked.part(),
        minimum=base if form.descending else None,
        maximum=None if form.descending else base,
        minimum_included=False,
        maximum_included=False,
        unit=value.unit,
        dimension=groups[0][0].quantity.dimension,
        asked=f"{sign} {value.text}",
    )
    others = (one for one in described.query.parts if one.text.lower() not in SOFT)
    query = replace(described.query, parts=(*others, part))
    told = f"{described.told}, {asked.label} {sign} {value.text} ({thing.label})"
    return _list(asking, replace(described, query=query, told=told))


def _titled_so(asking: Asking, form: Form, described: DescribedSet) -> Reply | None:
    """How many records, or which, have words in their titles that say what they are: *how many table schemas*."""
    words = [part.text for part in described.query.parts if isinstance(part, TextPart | ConceptPart | QuantityPart)]
    is_only_words = len(words) == len(described.query.parts) and not described.only_cells and not described.query.order
    is_only_words &= not any(part.negated for part in described.query.parts)
    wanted = _words(" ".join(words))
    if form.ask not in (Ask.COUNT, Ask.LIST) or form.statistic or not is_only_words or len(wanted) < 2:
        return None
    query = asking.query(TextPart(word) for word in sorted(wanted))
    total, found = asking.records(query)
    records = [record for record in found if wanted <= _words(record.title)]
    if not records or total > len(found):
        return None
    told = f"“{' '.join(words)}” in the title"
    names = f": {listed([label_of(record) for record in records])}."
    return Reply(
        f"Asked for records with {told}.",
        Answer(
            len(records), "", f"{counted(len(records))} that you may read {'has' if len(records) == 1 else 'have'} {told}{names}"
        ),
        tuple(Source(record.id, record.source_file) for record in records[:MAX_SOURCES]),
        query,
    )


def _words(text: str) -> set[str]:
    """The words of a text, those of several in the singular."""
    return {word.removesuffix("s") for word in fold_name(text).split()}


def _not_understood(asking: Asking, described: DescribedSet, things: Things) -> Reply:
    words = " ".join(described.not_understood)
    likely = things.titled(words) or None
    near = (likely.label,) if likely else things.near(words)
    understood = [part_text(part) for part in described.query.parts if not isinstance(part, TextPart)]
    known = f" Understood: {listed(understood)}." if understood else ""
    return asking.unknown(f"Nothing is known here of “{words}”.{known}{near_text(near)}", described.query)


def _count(asking: Asking, described: DescribedSet, *, is_different: bool) -> Reply:
    total, records = records_meant(asking, described, MAX_RECORDS if is_different else MAX_SOURCES)
    understood = f"Asked how many {'different things' if is_different else 'records'} there are: {described.told}."
    if not total and (why := why_none(asking, described)):
        return asking.unknown(f"{understood}{why}", described.query)
    if not described.query.parts and not described.only_cells and not _ALL.search(asking.question):
        return asking.unknown("Asked how many, and nothing was understood that says of what.", described.query)
    if _is_only_part(asking, described, records):
        return asking.unknown(f"{understood}{_AS_PART.format(counted(total))}", described.query)
    if is_different and total > len(records):
        return asking.unknown(f"{understood} {_match(total)}, and at most {MAX_RECORDS} are looked at.", described.query)
    value = len(_labels(records)) if is_different else total
    text = f"{_match(total)}: {described.told}."
    sources = evidence(described.query, records[:MAX_SOURCES])
    return Reply(understood, Answer(value, "", text + _different(total, records)), sources, described.query)


def _list(asking: Asking, described: DescribedSet) -> Reply:
    if not described.query.parts and described.query.order is None and not described.only_cells:
        return asking.unknown("Asked for a list, and nothing was understood that says of what.", described.query)
    total, records = records_meant(asking, described, MAX_SOURCES)
    if not total and (why := why_none(asking, described)):
        return asking.unknown(f"Asked for: {described.told}.{why}", described.query)
    if not total and any(isinstance(part, QuantityPart) and part.minimum is part.maximum is None for part in described.query.parts):
        return asking.unknown(f"Asked for: {described.told}. No record that you may read gives such a value.", described.query)
    if _is_only_part(asking, described, records):
        return asking.unknown(f"Asked for: {described.told}.{_AS_PART.format(counted(total))}", described.query)
    names = f": {listed([label_of(record) for record in records])}." if records else "."
    text = f"{_match(total)} ({described.told}){names}"
    return Reply(
        f"Asked which records have: {described.told}.",
        Answer(total, "", text + _different(total, records)),
        evidence(described.query, records),
        described.query,
    )


def _every(asking: Asking, described: DescribedSet) -> Reply:
    """Whether all of a set are so: *are LTO cells rechargeable*. What some say and others do not is no answer."""
    understood = f"Asked whether all are so: {described.told}."
    if len(described.query.parts) != 2 or not isinstance(described.query.parts[0], ConceptPart | EntityPart):
        return asking.unknown(f"{understood} Not understood of what it is asked.", described.query)
    subject = replace(described, query=replace(described.query, parts=described.query.parts[:1]))
    every, _ = records_meant(asking, subject, MAX_SOURCES)
    so, shown_by = records_meant(asking, described, MAX_SOURCES)
    if so < every or not every:
        return asking.unknown(f"{understood} {so} of {counted(every)} that you may read say so.", described.query)
    text = f"Yes: all {counted(every)} that you may read say so ({described.told})."
    return Reply(understood, Answer("yes", "", text), evidence(described.query, shown_by), described.query)


def _is_only_part(asking: Asking, described: DescribedSet, records: Sequence[Record]) -> bool:
    """Whether what is asked about stands in the records as a part of something else alone."""
    return bool(described.subject and records) and not is_subject(asking, described, records[0])


def _match(total: int) -> str:
    return f"{counted(total)} that you may read {'matches' if total == 1 else 'match'}"


def _different(total: int, records: Sequence[Record]) -> str:
    """How many different things the records tell of, where it is another number and all were looked at."""
    things = len(_labels(records))
    return f" They tell of {counted(things, 'different thing')}." if total == len(records) and 0 < things < total else ""


def _labels(records: Sequence[Record]) -> set[str]:
    return {label_of(record).lower() for record in records}


def _exists(asking: Asking, described: DescribedSet) -> Reply:
    if not described.query.parts and not described.only_cells:
        return asking.unknown("Asked whether there is one, and nothing was understood that says of what.", described.query)
    total, records = records_meant(asking, described, MAX_SOURCES)
    if not total and (why := why_none(asking, described)):
        return asking.unknown(f"Asked whether there is: {described.told}.{why}", described.query)
    names = f", such as {listed([label_of(record) for record in records], 3)}" if records else ""
    text = f"{'Yes' if total else 'No'}: {_match(total)} ({described.told}){names}."
    return Reply(
        f"Asked whether a record has: {described.told}.",
        Answer("yes" if total else "no", "", text),
        evidence(described.query, records),
        described.query,
    )
