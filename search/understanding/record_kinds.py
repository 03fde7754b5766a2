"""What a record shall be: *datasets published in 2019* are no cells, *test protocols at 25 °C* no tests.

Words for a kind of record restrict where readable records are of that kind beside the rest of the question; else they restrict
nothing. *Cells* and *batteries* restrict only hits in an order (*lightest cell*): else cells go first, and what is made for them is
found as well.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from records.record import EntityKind
from search.query import ConceptPart, EitherPart, EntityPart, OrderBy, Part, QuantityPart, Query, TextPart, dated_order
from search.understanding.adjectives import class_of, classes_of
from search.understanding.concepts import FORMATS
from search.understanding.in_words import tests_and_data
from search.understanding.kinds import is_quantity
from search.understanding.question import Question
from search.understanding.told import named_in_text, told_in_text
from search.understanding.vocabulary import Known, Vocabulary

_KINDS: Final = (
    (re.compile(r"(?<![\w-])data[\s-]?sets?(?![\w-])", re.IGNORECASE), terms.DATASET),
    (
        re.compile(
            r"(?<![\w-])(?:(?:tests?|testing|measurement|experimental)[\s-]+(?:protocols?|procedures?)|protocols"
            r"|protocol(?=\s+(?:for|to|that|which|with|using)\b))(?![\w-])",
            re.IGNORECASE,
        ),
        terms.PROCEDURE,
    ),
    (
        re.compile(
            r"(?<![\w-])(?:(?:(?<=\bno )|(?<=\bnot )|(?<=\bwithout )|(?<=\bexcept )|(?<=\bexcluding )|(?<=\bthan ))"
            r"(?:tests|experiments)(?![\w-])"
            r"|(?<=\bnot a )(?:test|experiment)(?=\s*(?:\Z|[,.;?!]))"
            r"|\A\s*(?:(?:finished|performed|completed|executed|conducted|actual|real|all|the|any)\s+)*(?:tests|experiments)\s*\Z"
            r"|(?:tests|experiments)(?=\s+(?:of|on|with|done|made|run|performed|conducted|executed|carried\s+out|that|which|other|except"
            r"|excluding|besides|but|not|without)\b|,\s*(?:no|not|but|except|excluding|without)\b))",
            re.IGNORECASE,
        ),
        terms.BATTERY_TEST,
    ),
    (
        re.compile(
            r"(?<![\w-])(?:parameter[\s-]?sets?|parameteri[sz]ations?|(?:model(?:l?ing)?|simulation)[\s-]+parameters?(?:[\s-]sets?)?)(?![\w-])",
            re.IGNORECASE,
        ),
        terms.BATTINFO_PARAMETER_SET,
    ),
    (re.compile(r"(?<![\w-])(?:cell|battery)[\s-]+instances?(?![\w-])", re.IGNORECASE), terms.BATTINFO_CELL_INSTANCE),
    (
        re.compile(
            r"(?<![\w-])(?:(?:battery[\s-]+)?cyclers?[\s-]+)?(?:csvw|(?:csvw[\s-]+)?(?:data[\s-]+)?table)[\s-]+schem(?:as?|ata)(?![\w-])"
            r"(?:\s+(?:for|of)\s+(?:the\s+)?(?:battery\s+)?cyclers?(?:\s+(?:data|files?|exports?))?(?![\w-]))?",
            re.IGNORECASE,
        ),
        terms.CSVW_TABLE_SCHEMA,
    ),
)
"""Words for a kind of record -> the class that harvesting gives such records (`harvester.normalize`)."""
_HOUSINGS: Final = re.compile(
    r"(?<![\w-])(?:housings?|enclosures?|casings?|(?:cell\s+)?cans?(?=\s+(?:for|of)\s))(?![\w-])", re.IGNORECASE
)
_HAS: Final = re.compile(r"(?<!\w)(?:with|in|has|have|having|using|into)\s+(?:[\w-]+\s+){0,3}\Z", re.IGNORECASE)
"""Before what a cell has: *cells with an aluminium housing* are cells."""
_NO_CELLS: Final = re.compile(
    r"(?<![\w-])(?:(?:not|no|without|except(?:ing|\s+for)?|excluding|never|rather\s+than|instead\s+of|other\s+than|besides|(?:apart|aside)\s+from|save\s+for|leaving\s+out|minus"
    r"|(?:anything|everything|all)\s+but)\s+"
    r"(?:(?:in(?:side)?|within|part|built|assembled|into|as|of|on|about|for|any|an?|the|whole|complete|full|entire|finished|battery)\s+)*"
    r"(?:cells?|batter(?:y|ies))(?=\s*(?:please\b|\Z|[,.;:!?)]|but\b))"
    r"|non[\s-](?:cells?|batter(?:y|ies))(?=\s*(?:\Z|[,.;:!?)]|records?|entries|items|documents?|data\b|files?))"
    r"|(?:(?:on|in)\s+(?:its|their)\s+own|by\s+(?:itself|themselves)|in\s+isolation|alone)(?=\s*(?:\Z|[,.;:!?)])))",
    re.IGNORECASE,
)
"""That what is asked for is meant by itself: *zinc electrodes, no complete cells*, *LiPF6 electrolyte, not inside a cell*."""
_CELLS: Final = re.compile(r"(?<![\w-])(?:cells?|batter(?:y|ies)|accumulators?|zellen?|batterien?)(?![\w-])", re.IGNORECASE)
_DONE: Final = re.compile(
    r"(?<![\w-])(?:(?:dis)?charg(?:e|es|ed|ing)|cycl(?:e|es|ed|ing)|held|hold|rest(?:s|ed|ing)?)\s+(?:it\s+|them\s+|cells?\s+)?(?:up\s+|down\s+)?"
    r"(?:to|until|till|at|with|from|between|for)(?![\w-])|(?<![\w-])(?:until|till)(?![\w-])"
    r"|(?<![\w-])(?:tests|tested|experiments|protocols?|measurements)(?![\w-])"
    r"|(?<![\w-])down\s+to\s+[\d.,]+\s*m?V(?![\w-])",
    re.IGNORECASE,
)
"""What is done in a test, or that one is meant: ``charge to 4.2 V``, ``tests at 40 °C``."""
_ABOUT_RECORDS: Final = re.compile(
    r"(?<![\w-])(?:records?|specifications?|specs?|data\s?sheets?|data\s?sets?|data|entr(?:y|ies)|papers?|publi\w+|articles?|documents?|files?|tests?"
    r"|measurements?|dates?)(?![\w-])",
    re.IGNORECASE,
)
"""Words for what is dated by itself: *newest cell specifications* are no new cells."""
_ANY_MATERIAL: Final = re.compile(
    r"(?:(?<![\w-])(?:which|what|any|all|the|an?|every|each|of|for|find|list|most\s+\w+|\w{3,}est)\s+|\A\s*|(?P<behind>[\w-]+)\s+(?=\w+\s*[?.!]?\s*\Z))"
    r"(?P<thing>materials?|substances?)(?![\w-])",
    re.IGNORECASE,
)
"""What has a quantity, said so that it tells no more than that: *densest material*."""
_POWDERS: Final = re.compile(r"(?<![\w-])(?:powders?|particles|grains)(?![\w-])", re.IGNORECASE)
_OF_CELLS: Final = ("RatedCapacity", "NominalCapacity", "NominalVoltage")
_MOST: Final = 0.5
"""Share of the records with a quantity; where more of them are cells, it is a quantity of cells."""
_CAPACITY: Final = re.compile(r"= (?P<number>[\d.]+) (?P<unit>m?Ah)(?!\w)")
_CELL_CLASSES: Final = ("Battery", "BatteryCell", "ElectrochemicalCell", "BatteryCellSpecification")


def read_record_kinds(question: Question, vocabulary: Vocabulary) -> None:
    """Put a part for every word that says what the records shall be."""
    for pattern, iri in _KINDS:
        for match in pattern.finditer(question.text):
            if question.is_free(*match.span()):
                label = vocabulary.concepts.label(iri)
                question.put(*match.span(), ConceptPart(match.group(), (iri,), (label,), frozenset((iri,))))
    for match in _NO_CELLS.finditer(question.text):
        question.take(*match.span())


def take_any_material(question: Question) -> None:
    """Take *material* beside a quantity, *materials* beside an order, *powders* beside a size of particles: not all say it."""
    _take_powders(question)
    is_measured = any(isinstance(placed.part, QuantityPart) for placed in question.placed)
    for match in _ANY_MATERIAL.finditer(question.text):
        is_asked = question.order is not None or (is_measured and not match["thing"].endswith("s"))
        is_behind = match["behind"] and question.is_free(*match.span("behind"))  # *cathode material* is a name
        if (
            is_asked
            and not is_behind
            and question.is_free(*match.span("thing"))
            and not question.is_inside_name(*match.span("thing"))
        ):
            question.take(*match.span("thing"))


def _take_powders(question: Question) -> None:
    are_grains = any(
        isinstance(one.part, QuantityPart) and any("Particle" in label for label in one.part.labels) for one in question.placed
    )
    for match in _POWDERS.finditer(question.text) if are_grains else ():
        if question.is_free(*match.span()) and not question.is_inside_name(*match.span()):
            question.take(*match.span())


def without_unknown_kinds(query: Query, vocabulary: Vocabulary, known: Known, *, in_texts: bool) -> Query:
    """The query without the kinds of record that no readable record is beside all else: they only go first.

    Data about a material are of the material by itself, in whatever role it stands: *parameter sets for graphite anodes*. With
    *in_texts* the text of such a record may speak of all else: *protocol for the internal resistance*.
    """
    kinds = [part for part in query.parts if is_record_kind(part) and not part.negated]
    if not kinds:
        return query
    concepts = vocabulary.concepts
    of_itself = replace(query, parts=tuple(_in_no_role(part) for part in query.parts))
    measured = replace(of_itself, parts=tuple(part for part in of_itself.parts if not _is_kind_of_quantity(part, vocabulary)))
    told = replace(query, parts=tuple(part if part in kinds else told_in_text(part, concepts) for part in query.parts))
    ways = (query, of_itself, measured, told)
    as_asked, about_it, may_tell, telling = known.count([replace(one, parts=_sure(one)) for one in ways])
    if as_asked:
        return query
    if about_it or (may_tell and measured != of_itself and len(_sure(measured)) > len(kinds)):
        return of_itself
    if in_texts and telling:
        return told
    rest = tuple(part for part in query.parts if part not in kinds)
    first = next(part for part in kinds if isinstance(part, ConceptPart))
    first = replace(first, expanded=first.expanded.union(*map(concepts.narrower, first.concepts)))
    return replace(query, parts=rest, first=first) if any(not part.negated for part in rest) else query


def _is_kind_of_quantity(part: Part, vocabulary: Vocabulary) -> bool:
    """Whether it is a kind of quantity, which a record may tell in words: *graphite diffusivity in parameter sets*."""
    return isinstance(part, ConceptPart) and not part.negated and all(is_quantity(vocabulary, iri) for iri in part.concepts)


def _in_no_role(part: Part) -> Part:
    return replace(part, role="", role_label="", roles=frozenset()) if isinstance(part, ConceptPart) and part.roles else part


def cells_first(text: str, vocabulary: Vocabulary) -> ConceptPart | None:
    """The part for cells, where the question speaks of them."""
    match = _CELLS.search(_NO_CELLS.sub("", text))
    classes, expanded = _cells(vocabulary)
    if match is None or not classes:
        return None
    labels = tuple(vocabulary.concepts.label(iri) for iri in classes)
    return ConceptPart(match.group(), classes, labels, expanded)


def asks_for_no_cells(text: str) -> bool:
    """Whether it says that no cells are meant: *everything but cells*."""
    return _NO_CELLS.search(text) is not None


def denies_cells(part: Part) -> bool:
    """Whether it leaves out what only cells have, a format or a maker: of *LFP, not prismatic* cells are asked for."""
    if not part.negated:
        return False
    if isinstance(part, ConceptPart):
        return not FORMATS.isdisjoint(part.labels)
    return isinstance(part, EntityPart) and part.kind is EntityKind.MANUFACTURER


def only_cells(query: Query, said: ConceptPart | None, vocabulary: Vocabulary, known: Known) -> Query:
    """The query of hits in an order, of cells alone and by what they have themselves: the lightest cell is no electrode.

    Where cells are said, if there are such; else where nothing but cells is asked for, and most that have the quantity are cells.
    """
    if query.order is None and query.first is not None and query.first == said and _is_denied(query):
        whole = replace(query, parts=(with_unnamed(query.first, vocabulary), *query.parts))
        return whole if known.count((whole,))[0] else query
    if query.order is None:
        return _measured_cells(query, said, vocabulary, known) if said else query
    cells = said or cells_first("cells", vocabulary)
    if query.order.roles or cells is None or not (said or _may_mean_cells(query, cells)):
        return query
    query = _by_release(query, known) if said else query
    parts = (*query.parts, with_unnamed(cells, vocabulary))
    asked = replace(query, parts=parts, order=query.order and replace(query.order, own=True), first=None)
    counted = [replace(one, parts=_sure(one)) for one in (query, asked)]
    every, own = known.count(counted)
    if own and (said or own > _MOST * every):
        return asked
    parted = replace(asked, order=query.order)
    return parted if said and known.count([replace(parted, parts=_sure(parted))])[0] else query


def _is_denied(query: Query) -> bool:
    return bool(query.parts) and all(part.negated for part in query.parts)


def _measured_cells(query: Query, cells: ConceptPart, vocabulary: Vocabulary, known: Known) -> Query:
    """The query of nothing but numbers of cells, of cells alone: a housing is none of *cells below 40 g*."""
    if not query.parts or not all(map(_is_number_of_itself, query.parts)):
        return query
    alone = replace(query, parts=(*query.parts, with_unnamed(cells, vocabulary)), first=None)
    every, own = known.count([query, alone])
    return alone if own > _MOST * every else query


def with_first(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query of nothing but numbers, in which tests go first where one does something, else cells if most are: *below 30 g*."""
    cells = cells_first("cells", vocabulary)
    are_numbers = bool(query.parts) and all(map(_is_free_number, query.parts))
    if query.first is not None or query.order is not None or not are_numbers or cells is None:
        return query
    if _DONE.search(query.text):
        return replace(query, first=tests_and_data(vocabulary.concepts))
    every, own = known.count((query, replace(query, parts=(*query.parts, with_unnamed(cells, vocabulary)))))
    return replace(query, first=cells) if _MOST * every < own < every else query


def _is_free_number(part: Part) -> bool:
    """Whether it is a number of nothing that is named."""
    if isinstance(part, EitherPart):
        return not part.negated and all(_is_free_number(way[0]) for way in part.ways)
    return isinstance(part, QuantityPart) and part.asked != "" and not part.negated and not part.role


def _is_number_of_itself(part: Part) -> bool:
    return _is_free_number(part) or (isinstance(part, QuantityPart) and not part.role and not part.negated)


def with_unnamed(cells: ConceptPart, vocabulary: Vocabulary) -> EitherPart:
    """What is a cell, or has what only cells have: not all sources say what their records are."""
    kinds = classes_of(_OF_CELLS, vocabulary)
    rated = QuantityPart(cells.text, kinds, _OF_CELLS, None, None, False, False, "", "")
    return EitherPart(cells.text, ((cells,), (rated,)))


def _by_release(query: Query, known: Known) -> Query:
    """The query of the newest cells in the order in which they came on the market, where records say it."""
    order = query.order
    if order is None or order.by is not OrderBy.DATE or _ABOUT_RECORDS.search(query.text):
        return query
    released = replace(query, order=dated_order(OrderBy.RELEASED, order.text, descending=order.descending))
    return released if known.count([replace(released, parts=_sure(released))])[0] else query


def _sure(query: Query) -> tuple[Part, ...]:
    return tuple(part for part in query.parts if part.negated or not isinstance(part, TextPart))


def _may_mean_cells(query: Query, cells: ConceptPart) -> bool:
    """Whether each concept can be that of a cell: a format or a chemistry, no part and no material alone."""
    if query.order is not None and query.order.by is not OrderBy.QUANTITY:
        return False
    asked = (part for part in query.parts if isinstance(part, ConceptPart) and not part.negated)
    return all(not part.roles and not cells.expanded.isdisjoint(part.concepts) for part in asked)


def without_cells(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query without cells, where they are denied, or housings are asked for, and there is such a thing by itself."""
    classes, expanded = _cells(vocabulary)
    if not classes or not (asks_for_no_cells(query.text) or _asks_for_housings(query, vocabulary)):
        return query
    labels = tuple(vocabulary.concepts.label(iri) for iri in classes)
    cells = with_unnamed(ConceptPart("cells", classes, labels, expanded), vocabulary)
    alone = replace(query, parts=(*query.parts, replace(cells, negated=True)), first=None)
    told = replace(alone, parts=tuple(map(named_in_text, alone.parts)))  # tests tell whose cells they are of
    called = replace(told, parts=tuple(map(_called_by_amount, told.parts)))
    ways = tuple(dict.fromkeys((alone, told, called)))
    return next((way for way, count in zip(ways, known.count(ways), strict=True) if count), query)


def _called_by_amount(part: Part) -> Part:
    """A capacity, also where a title or text tells for which one something is that has none itself: *housing for 100 Ah*."""
    if not isinstance(part, QuantityPart) or part.kinds or part.negated or (said := _CAPACITY.match(part.asked)) is None:
        return part
    written = TextPart(f"{said['number']}{said['unit']}", forms=(f"{said['number']} {said['unit']}",))
    return EitherPart(part.text, ((part,), (written,)))


def _asks_for_housings(query: Query, vocabulary: Vocabulary) -> bool:
    """Whether housings are meant and not the cells that have one: *housing for 21700 cells*."""
    said = _HOUSINGS.search(query.text)
    of_material = any(_is_of_material(part, vocabulary) for part in query.parts)
    return said is not None and not of_material and _HAS.search(query.text, 0, said.start()) is None


def _is_of_material(part: Part, vocabulary: Vocabulary) -> bool:
    """Whether a housing is asked for by what it is made of, and not by its format: *aluminium housing*."""
    if not isinstance(part, ConceptPart) or part.role != terms.CASE:
        return False
    return not any(terms.CASE in vocabulary.concepts.ancestors(iri) for iri in part.concepts)


def is_record_kind(part: object) -> bool:
    """Whether the part says of what kind a record shall be."""
    return isinstance(part, ConceptPart) and len(part.concepts) == 1 and part.concepts[0] in {iri for _, iri in _KINDS}


def _cells(vocabulary: Vocabulary) -> tuple[tuple[str, ...], frozenset[str]]:
    return _cell_classes(vocabulary.concepts, tuple(iri for label in _CELL_CLASSES if (iri := class_of(label, vocabulary))))


@lru_cache(maxsize=4)
def _cell_classes(concepts: Concepts, classes: tuple[str, ...]) -> tuple[tuple[str, ...], frozenset[str]]:
    return classes, frozenset[str]().union(*map(concepts.narrower, classes))
