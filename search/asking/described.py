"""The records that a question describes, and what of the words was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ontology import terms
from records.record import EntityKind, Record
from search.asking.properties import Properties, QuantityAsked
from search.asking.services import MAX_RECORDS, Asking
from search.asking.telling import listed, part_text
from search.asking.values import Reading
from search.matching import matches, stands_in
from search.names import fold_name
from search.query import ConceptPart, EitherPart, EntityPart, Part, QuantityPart, Query, TextPart
from search.understanding.countries import country_of
from search.understanding.record_kinds import cells_first, is_record_kind
from search.understanding.vocabulary import SOFT

MAX_SOURCES: Final = 1_000
"""Most records whose places are given."""

_CELLS: Final = re.compile(r"\b(?:cells?|batter(?:y|ies)|accumulators?)\b", re.IGNORECASE)
_JOINED: Final = re.compile(r"\band\b|&|,", re.IGNORECASE)
_NO_CELL: Final = (
    r"(?:data ?sets?|data|protocols?|tests?|testing|procedures?|parameter sets?|papers?|publications?|articles?|records?|documents?"
    r"|files?|schem(?:as?|ata)|cyclers?|measurements?|electrodes?|electrolytes?|separators?|housings?|materials?)\b"
)
_NO_CELLS: Final = re.compile(rf"\b{_NO_CELL}|\b(?:cell|battery)(?:\s+[\w-]+)?\s+{_NO_CELL}", re.IGNORECASE)
"""What is no cell, also where it is about one: *electrodes of cells*, *cell cycling data*."""
_THERE: Final = re.compile(
    r"\s+(?:(?:are|is) there|there (?:are|is)|exists?|(?:are|is) available|do you (?:have|know))[\s?!.]*\Z", re.IGNORECASE
)
"""What ends such a question and says nothing."""
_DELIVERS: Final = r"(?:(?:can|could) )?(?:deliver|supply|supplies|provide|put out)s?(?: currents? of)?"
_AMPERES: Final = r"[^,;?!\d]{0,20}\d[\d.,]* ?(?:A|amps?|amperes?)\b"
"""A current, with the word of a bound before it."""
_COLLECTION: Final = (
    r"(?:the|this|that|your|our|these|those) (?:whole |entire |present |current |open |public )?"
    r"(?:databases?|data ?base|collections?|archives?|catalog(?:ue)?s?|librar(?:y|ies)|repositor(?:y|ies)|registr(?:y|ies)"
    r"|inventory|holdings|corpus|index|portal|platform|store|system|website|site|records|data)\b"
)
"""All that there is to ask about."""
_HOLD: Final = r"(?:contains?|holds?|has|have|knows?|lists?|includes?|stores?|offers?|covers?|describes?)"
_HELD: Final = r"(?:contained|held|known|listed|included|stored|offered|covered|described|present|available|found)"
_RELEASED: Final = r"(?:released?|launch(?:ed)?|introduced?|brought out|put on the market)"
_WHEN: Final = r"(?:in|since|before|after|between|from|during)"
_ONE: Final = r"(?:(?:an?|any|some|new|the|another) )*"
_PERFORMED: Final = r"(?:runs?|running|performed|carried out|conducted|executed)"
_SAID_OTHERWISE: Final = tuple(
    (re.compile(rf"\b(?:{pattern})", re.IGNORECASE), meant)
    for pattern, meant in (
        (r"(?:com(?:es?|ing)|came|originat(?:es?|ing)|stem(?:s|ming)?) (?=from\b)", ""),
        (r"(?:came|comes?) (?:out|on(?:to)? the market)\b|(?:launched|introduced|put on the market)\b", "released"),
        (
            rf"{_DELIVERS} (?P<bound>{_AMPERES})(?: continuous(?:ly)?| permanently)",
            r"with maximum continuous discharging current \g<bound>",
        ),
        (rf"{_DELIVERS} continuously (?={_AMPERES})", "with maximum continuous discharging current "),
        (rf"{_DELIVERS} (?={_AMPERES})", "with maximum discharging current "),
        (
            rf"(?:can |could )?be (?P<dis>dis)?charged continuously (?:with|at) (?={_AMPERES})",
            r"with maximum continuous \g<dis>charging current ",
        ),
        (r"(?:deal(?:s|ing)?|concerned) with\b|concern(?:s|ing)?\b|relat(?:es?|ed|ing) to\b", "on"),
        (r"on (?:file|record)\b", ""),
        (r"(?:(?:that|which) )?(?:(?:is|are|was|were) )?(?:curated|compiled|collected) (?=by\b)", ""),
        (r"processed (?:with|in|using|from) ", "with "),
        (r"(?P<what>\w+)[ -]processed\b", r"with \g<what>"),
        (rf"(?P<kind>tests|experiments) (?:(?:that|which) )?(?:are|were) (?=(?:{_PERFORMED}|done|made) )", r"\g<kind> "),
        (rf"(?<!tests )(?<!experiments ){_PERFORMED} (?=at\b)", ""),
        (r"(?:according to|as per|as stated in) (?:the |your |our |these |its |all )*\w+\Z", ""),
        (rf"(?:{_HELD} )?(?:in|on|by|to|within|from) (?:here|{_COLLECTION})", ""),
        (rf"(?:do|does) {_COLLECTION} (?:actually )?{_HOLD}\b", ""),
        (rf"(?:that )?{_COLLECTION} {_HOLD}\b", ""),
        (
            rf"{_RELEASED} (?P<what>{_ONE}[\w -]{{1,40}}?) (?P<when>{_WHEN} (?:the year )?\d{{4}})",
            r"\g<what> released \g<when>",
        ),
    )
)
"""What says nothing of the records, or is understood in other words."""
_MADE_BY: Final = re.compile(r"\b(?:from|by)\s+(?:the\s+)?([^\s,;?!.]+)", re.IGNORECASE)
"""Who made it: a word here that is no name of a maker is an unknown one, and never a concept."""
_SEVERAL_SETS: Final = re.compile(r"\b(?:vs\b\.?|versus\b|compared (?:to|with)\b)", re.IGNORECASE)
"""Two sets beside each other are not one."""
_NAMELESS: Final = re.compile(
    r"\b(?:no|without|lack(?:s|ing)?|missing|unknown|undefined) (?:(?:a|an|any|known|given) )*"
    r"(?:maker|manufacturer|producer|brand|company|chemistry|format|date|licen[cs]e|model|author)s?\b",
    re.IGNORECASE,
)
"""That a name is missing cannot be asked for."""
_CALLED: Final = re.compile(
    r"\b(?:(?:start|begin|end)(?:n?ing|s)? (?:in|on|with)|names? (?:start|begin|end)(?:n?ing|s)?)"
    r"(?: the)?(?: letters?| words?)? \S+",
    re.IGNORECASE,
)
"""How a name begins or ends cannot be asked for."""
_NUMBERED: Final = re.compile(r"(?<![\w-])[A-Z]+(?:-\d+){2,}(?![\w-])")
"""The number that somebody gave to a record: *LAB-2026-0001* means no laboratory."""
_SHORT_NAME: Final = 4
"""Letters of a name that is too short for an error of spelling in it."""
_PARTS: Final = r"\b(?:electrodes?|cathodes?|anodes?|electrolytes?|separators?|housings?|casings?|current collectors?|materials?)"
_BEFORE_NUMBER: Final = re.compile(r"[^\W\d_][^\W\d]*(?: [^\W\d]+)*")
_SIZE: Final = re.compile(r"[1-7]\d{4}")
"""The size of a round cell."""
_MATERIALS: Final = re.compile(
    r"\A(?:(?:which|what|all|the|are|there|list|any|active|battery) )*materials\b|\bmaterials[\s?.!]*\Z"
    r"|\bmaterials (?:are|do|have|exist|known|in the)\b",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(rf"{_PARTS}\Z|\A{_PARTS}(?= )", re.IGNORECASE)
"""Things that are also parts of others: *which electrolytes* asks for electrolytes, and not for the cells that have one."""
_SAID: Final = frozenset(
    """
    across all among available build builds built carries carry cell cells collection currently data database deliver delivers
    different document documents done else entries ever exist existing exists hold holds know known last lasts list listed
    lists made make makes manufacture manufactured manufactures many mentioned model models most name number offer offered
    offers overall please possible produce produced produces provide provides recorded records reported sell sells sold
    stored stores supplied supplies supply survive survives there total unique
    """.split()  # noqa: SIM905 - a list of words reads better than quoted ones
)
"""Words of such questions that describe no record."""


@dataclass(frozen=True, slots=True)
class DescribedSet:
    """The records that are described.

    Args:
        query: What finds them.
        told: The same in words.
        not_understood: Words that nothing is known about.
        only_cells: Whether the words say *cells*: then the mass of a material is not meant.
        subject: What the records shall be, where that is also a part of others.
    """

    query: Query
    told: str
    not_understood: tuple[str, ...]
    only_cells: bool = False
    subject: frozenset[str] = frozenset()


def described_set(asking: Asking, text: str, *, is_measured: bool = False) -> DescribedSet:
    """What the words say of the records.

    Args:
        asking: The question and its reader.
        text: The words.
        is_measured: Whether the records must have a quantity: then *cells* says nothing more.
    """
    text = said_otherwise(text)
    found = asking.services.understand(_THERE.sub("", text), asking.audiences)
    parts = _one_of_several_makers(
        _of_size(asking, part)
        for part in found.parts
        if not (is_measured or isinstance(part, TextPart | ConceptPart))
        or part.text.lower() not in _SAID | SOFT
        or is_record_kind(part)
    )
    made_by = {match[1].lower() for match in _MADE_BY.finditer(text)}
    words = tuple(
        part.text
        for part in parts
        if isinstance(part, TextPart) or (isinstance(part, ConceptPart) and part.text.split()[0].lower() in made_by)
    )
    words += tuple(part.text for part in parts if isinstance(part, EitherPart) and is_in_words(part))
    words += tuple(match.group() for pattern in (_SEVERAL_SETS, _NAMELESS, _CALLED) for match in pattern.finditer(text))
    words += tuple(part.text for part in parts if isinstance(part, EntityPart) and _is_another_name(part))
    words += tuple(part.text for part in parts if isinstance(part, QuantityPart) and _is_of_another_kind(asking, part))
    words += tuple(match.group() for match in _NUMBERED.finditer(text) if not any(match.group() in part.text for part in parts))
    words += (found.first.text,) if found.first is not None and is_record_kind(found.first) else ()
    told = listed([part_text(part) for part in parts]) or "all records"
    only_cells = _says_cells(text)
    told = "all cells" if told == "all records" and only_cells else told
    if found.order is not None:
        told += f", {found.order.text}"
    subject = frozenset() if only_cells else _subject(asking, parts) or _materials(asking, parts, text)
    return DescribedSet(Query(asking.question, parts, found.order, found.first), told, words, only_cells, subject)


def _of_size(asking: Asking, part: Part) -> Part:
    """A size that no ontology has is that of the models that are called by it: *20700 cells*."""
    if not isinstance(part, TextPart) or not _SIZE.fullmatch(part.text):
        return part
    called = re.compile(rf"(?<!\d){part.text}(?!\d)")
    models = asking.services.index.names(EntityKind.MODEL, asking.audiences)
    names = tuple(one.name for one in models if called.search(one.name))
    return EntityPart(part.text, EntityKind.MODEL, names, part.text, negated=part.negated) if names else part


def said_otherwise(text: str) -> str:
    """The words without what says nothing of the records, and with what is understood instead of other words."""
    for pattern, meant in _SAID_OTHERWISE:
        text = pattern.sub(meant, text)
    return text


def _subject(asking: Asking, parts: Sequence[Part]) -> frozenset[str]:
    """Classes of the first thing that is named, where it is one that is also a part of others."""
    named = next((part for part in parts if isinstance(part, ConceptPart)), None)
    if named is None or named.negated or not _SUBJECT.search(named.text):
        return frozenset()
    if named.roles and not _SUBJECT.search(named.text, len(named.text.split()[0])):  # *electrolytes with LiPF6*
        return named.roles
    return named.expanded | (asking.services.properties.materials if named.text.lower().startswith("material") else frozenset())


def _is_of_another_kind(asking: Asking, part: QuantityPart) -> bool:
    """Whether a number is not measured in what is said before it: *conductivity, 1M LiPF6*."""
    said = _BEFORE_NUMBER.match(part.text)
    asked = asking.services.properties.find(said.group()) if said and not part.kinds else None
    return isinstance(asked, QuantityAsked) and bool(part.dimension) and asked.dimension not in ("", part.dimension)


def _materials(asking: Asking, parts: Sequence[Part], text: str) -> frozenset[str]:
    """*LFP materials* are no cells with LFP in them."""
    if not _MATERIALS.search(text) or any(map(is_record_kind, parts)):
        return frozenset()
    properties = asking.services.properties
    named = [part.expanded for part in parts if isinstance(part, ConceptPart) and not part.negated and not is_record_kind(part)]
    return frozenset().union(*named) - properties.components - properties.cells


def _is_another_name(part: EntityPart) -> bool:
    """Whether no word of a person or an institution is as it was asked for: *Germany* is no German Aerospace Centre.

    Of a maker with a short name neither: *Freyr* is not FREY.
    """
    is_short = part.kind is EntityKind.MANUFACTURER and len(part.label) <= _SHORT_NAME
    if not is_short and part.kind not in (EntityKind.PERSON, EntityKind.INSTITUTION):
        return False
    return set(fold_name(part.text).split()).isdisjoint(
        word for name in (part.label, *part.names) for word in fold_name(name).split()
    )


def is_in_words(part: EitherPart) -> bool:
    """Whether it is only looked for as words of a text, which is too little for an answer; a country is what records say."""
    return not country_of(part) and any(isinstance(one, TextPart) for way in part.ways for one in way)


def _says_cells(text: str) -> bool:
    """Whether the records shall be cells: *LFP cells*, but not *datasets of LFP cells* and *cell test data*."""
    cells, other = _CELLS.search(text), _NO_CELLS.search(text)
    return cells is not None and (other is None or other.start() > cells.start())


def _one_of_several_makers(found: Iterable[Part]) -> tuple[Part, ...]:
    """*Kokam and Saft cells* are those of either: nothing has two makers."""
    parts = tuple(found)
    makers = [part for part in parts if isinstance(part, EntityPart) and part.kind is EntityKind.MANUFACTURER and not part.negated]
    if len(makers) < 2:
        return parts
    names = tuple(dict.fromkeys(name for part in makers for name in part.names))
    either = EntityPart(
        listed([part.text for part in makers]), EntityKind.MANUFACTURER, names, listed([part.label for part in makers], last="or")
    )
    return (either, *(part for part in parts if part not in makers))


def records_meant(asking: Asking, described: DescribedSet, most: int = MAX_RECORDS) -> tuple[int, list[Record]]:
    """How many records are described, and as many of them as are looked at; only those of cells where cells are asked for.

    Electrolytes are records of electrolytes, if there are any, and else what has such an electrolyte. So many that they are not
    looked at one by one are counted by the index: those that have a cell at all.
    """
    total, records = asking.records(described.query, most)
    countries = {country for part in described.query.parts if (country := country_of(part))}
    if not described.only_cells and not described.subject and not countries:
        return total, records
    if total > MAX_RECORDS:
        return asking.records(with_cells(asking, described), most)
    every = records if len(records) == total else asking.records(described.query)[1]
    properties = asking.services.properties
    if described.only_cells:
        bounds = [part for part in described.query.parts if isinstance(part, QuantityPart) and not part.negated and not part.roles]
        meant = [record for record in every if properties.is_cell(record) and _is_own(properties, record, bounds)]
    elif described.subject:
        meant = [record for record in every if is_subject(asking, described, record)] or every
    else:
        meant = every
    meant = [record for record in meant if is_from(record, countries)]
    return len(meant), meant[:most]


def _is_own(properties: Properties, record: Record, bounds: Sequence[QuantityPart]) -> bool:
    """Whether quantities of the thing itself are as they shall be: a cell with a thin separator is no thin cell."""
    own = replace(record, quantities=tuple(one for one in record.quantities if properties.is_own(record, one)))
    return all(matches(part, own) for part in bounds)


def is_from(record: Record, countries: Iterable[str]) -> bool:
    """Whether the record says of itself that it is from these countries: the title of a paper that it cites does not."""
    said = {fold_name(one.text) for one in record.said if one.kind == "country"}
    return said.issuperset(map(fold_name, countries))


def is_released(record: Record) -> bool:
    """Whether its date is that of its release, and not that of a paper about it."""
    return any(one.kind == "date" and one.label == "releaseDate" for one in record.said)


def is_subject(asking: Asking, described: DescribedSet, record: Record) -> bool:
    """Whether the record is itself what is asked about, and not a cell that has it as a part."""
    properties = asking.services.properties
    return properties.is_one_of(record, described.subject) and not properties.is_one_of(record, properties.cells)


def with_cells(asking: Asking, described: DescribedSet) -> Query:
    """The query, with a cell where cells are asked for: how the index tells them, which looks into no record."""
    cells = cells_first("cells", asking.services.vocabulary) if described.only_cells else None
    return replace(described.query, parts=(*described.query.parts, cells)) if cells else described.query


def why_none(asking: Asking, described: DescribedSet) -> str:
    """Why it may be wrong that there is none: two things were joined by *and*, or titles say what no record has as a concept."""
    parts = [part for part in described.query.parts if isinstance(part, ConceptPart) and not part.negated]
    if len(parts) > 1 and _JOINED.search(asking.question):
        return " No record has all of these."
    wanted = {word for part in parts for word in fold_name(part.text).split()} - _SAID - SOFT - {"batteries", "battery"}
    if not wanted or len(parts) != len(described.query.parts):
        return ""
    page = asking.services.index.search(Query("", tuple(map(TextPart, sorted(wanted)))), asking.audiences, limit=100)
    fitting = [hit.record for hit in page.hits if wanted <= set(fold_name(hit.record.title).split())]
    is_cell = (
        asking.services.properties.is_cell
    )  # that a cathode is called LNMO leaves it open whether a dataset is of it, but no cell
    titles = [record.title for record in fitting if is_cell(record) or not described.only_cells]
    return f" No record says so of itself but in its title: {listed(titles)}." if titles else ""


def is_meant(asking: Asking, described: DescribedSet, reading: Reading) -> bool:
    """Whether a value is that of a cell, where cells are asked for; of an electrode, where electrodes are; of no other part."""
    if not is_from(reading.record, filter(None, map(country_of, described.query.parts))):
        return False
    if described.subject:
        return is_subject(asking, described, reading.record)
    if not described.only_cells:
        return not is_of_another_part(asking, described, reading.record)
    return asking.services.properties.is_cell(reading.record)


def is_of_another_part(asking: Asking, described: DescribedSet, record: Record) -> bool:
    """Whether the record only has in it what is described: no electrode is an aluminium foil, and no cell is graphite.

    Cells are called by what is in their positive electrode: the nominal voltage of NMC is that of such cells.
    """
    properties = asking.services.properties
    parts = [part for part in described.query.parts if isinstance(part, ConceptPart) and not part.negated]
    if not parts or any(properties.is_one_of(record, part.expanded | part.roles) for part in parts):
        return False
    if properties.is_one_of(record, properties.components):
        return True
    positive = properties.roles_of(terms.POSITIVE_ELECTRODE)
    inside = [part for part in parts if part.roles and positive.isdisjoint(part.roles)]
    substances = [part for part in parts if not part.roles and not properties.materials.isdisjoint(part.expanded)]
    return properties.is_cell(record) and bool(
        inside
        or any(
            all(
                one.concept not in properties.cells and not stands_in(positive, one.within)
                for one in record.concepts
                if one.concept in part.expanded
            )
            for part in substances
        )
    )
