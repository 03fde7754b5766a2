"""How many records there are of what is described; how many parts something has is no number of records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from records.record import EntityKind, Record
from search.asking.described import (
    MAX_SOURCES,
    DescribedSet,
    is_subject,
    records_meant,
    said_otherwise,
    why_none,
)
from search.asking.form import Form
from search.asking.phrases import OF_ONE, PARTS_OF
from search.asking.reply import Answer, Reply
from search.asking.services import MAX_RECORDS, Asking, evidence
from search.asking.telling import counted
from search.asking.thing import label_of
from search.query import ConceptPart, EntityPart
from search.understanding.record_kinds import is_record_kind

ALL: Final = re.compile(r"\b(?:records?|documents?|data|all|every|everything|entries|database|known)\b", re.IGNORECASE)
"""Words that say that no record is left out."""
AS_PART: Final = " No record that you may read is one; it is a part in {}."
"""Why electrolytes are not counted where only cells have them."""


def count_of_set(asking: Asking, form: Form, described: DescribedSet, *, is_different: bool) -> Reply:
    """How many records there are, or how many different things they tell of.

    Args:
        asking: The question and its reader.
        form: Its rest has the words that describe them.
        described: The records.
        is_different: Whether different things are counted.
    """
    total, records = records_meant(asking, described, MAX_RECORDS if is_different else MAX_SOURCES)
    understood = f"Asked how many {'different things' if is_different else 'records'} there are: {described.told}."
    if not total and (why := why_none(asking, described)):
        return asking.unknown(f"{understood}{why}", described.query)
    if not described.query.parts and not described.only_cells and not ALL.search(asking.question):
        return asking.unknown("Asked how many, and nothing was understood that says of what.", described.query)
    if _is_of_one(described, form) or not (total or _is_of_records(asking, described)):
        return asking.unknown(f"{understood} Records are counted here, and nothing else.", described.query)
    if is_only_part(asking, described, records):
        return asking.unknown(f"{understood}{AS_PART.format(counted(total))}", described.query)
    if is_different and total > len(records):
        return asking.unknown(f"{understood} {matched(total)}, and at most {MAX_RECORDS} are looked at.", described.query)
    value = len(_labels(records)) if is_different else total
    text = f"{matched(total)}: {described.told}."
    sources = evidence(described.query, records[:MAX_SOURCES])
    return Reply(understood, Answer(value, "", text + different(total, records)), sources, described.query)


def _is_of_one(described: DescribedSet, form: Form) -> bool:
    """Whether the parts of one thing are counted: *how many tabs does a pouch cell have*. What a maker has are records."""
    words = said_otherwise(form.rest)
    makers = any(isinstance(part, EntityPart) and part.kind is EntityKind.MANUFACTURER for part in described.query.parts)
    return bool(PARTS_OF.match(words) or (not makers and OF_ONE.match(words)))


def _is_of_records(asking: Asking, described: DescribedSet) -> bool:
    """Whether records are what is counted: a protein is none, a cell that nobody has would be one."""
    head = next(iter(described.query.parts), None)
    if described.only_cells or not isinstance(head, ConceptPart) or is_record_kind(head):
        return True
    properties = asking.services.properties
    of_cells = properties.formats | properties.cells
    return not of_cells.isdisjoint(head.concepts) or asking.records(asking.query((head,)), 1)[0] > 0


def is_only_part(asking: Asking, described: DescribedSet, records: Sequence[Record]) -> bool:
    """Whether what is asked about stands in the records as a part of something else alone."""
    return bool(described.subject and records) and not is_subject(asking, described, records[0])


def matched(total: int) -> str:
    """How many records match, as a sentence."""
    return f"{counted(total)} that you may read {'matches' if total == 1 else 'match'}"


def different(total: int, records: Sequence[Record]) -> str:
    """How many different things the records tell of, where it is another number and all were looked at."""
    things = len(_labels(records))
    return f" They tell of {counted(things, 'different thing')}." if total == len(records) and 0 < things < total else ""


def _labels(records: Sequence[Record]) -> set[str]:
    return {label_of(record).lower() for record in records}
