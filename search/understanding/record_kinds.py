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
from search.query import ConceptPart, EitherPart, OrderBy, Part, QuantityPart, Query, TextPart, dated_order
from search.understanding.adjectives import class_of, classes_of
from search.understanding.question import Question
from search.understanding.vocabulary import Known, Vocabulary

_KINDS: Final = (
    (re.compile(r"(?<![\w-])data[\s-]?sets?(?![\w-])", re.IGNORECASE), terms.DATASET),
    (
        re.compile(
            r"(?<![\w-])(?:(?:tests?|testing|measurement|experimental)[\s-]+(?:protocols?|procedures?)|protocols)(?![\w-])",
            re.IGNORECASE,
        ),
        terms.PROCEDURE,
    ),
    (re.compile(r"(?<![\w-])tests\s+(?=(?:of|on|with|done|made|run|performed)\b)", re.IGNORECASE), terms.BATTERY_TEST),
    (re.compile(r"(?<![\w-])parameter[\s-]?sets?(?![\w-])", re.IGNORECASE), terms.BATTINFO_PARAMETER_SET),
    (re.compile(r"(?<![\w-])(?:cell|battery)[\s-]+instances?(?![\w-])", re.IGNORECASE), terms.BATTINFO_CELL_INSTANCE),
)
"""Words for a kind of record -> the class that harvesting gives such records (`harvester.normalize`)."""
_HOUSINGS: Final = re.compile(
    r"(?<![\w-])(?:housings?|enclosures?|casings?|(?:cell\s+)?cans?(?=\s+(?:for|of)\s))(?![\w-])", re.IGNORECASE
)
_HAS: Final = re.compile(r"(?<!\w)(?:with|in|has|have|having|using|into)\s+(?:[\w-]+\s+){0,3}\Z", re.IGNORECASE)
"""Before what a cell has: *cells with an aluminium housing* are cells."""
_CELLS: Final = re.compile(r"(?<![\w-])(?:cells?|batter(?:y|ies)|accumulators?|zellen?|batterien?)(?![\w-])", re.IGNORECASE)
_ABOUT_RECORDS: Final = re.compile(
    r"(?<![\w-])(?:records?|specifications?|specs?|data\s?sheets?|data\s?sets?|data|entr(?:y|ies)|papers?|publi\w+|articles?|documents?|files?|tests?"
    r"|measurements?|dates?)(?![\w-])",
    re.IGNORECASE,
)
"""Words for what is dated by itself: *newest cell specifications* are no new cells."""
_OF_CELLS: Final = ("RatedCapacity", "NominalCapacity", "NominalVoltage")
_MOST: Final = 0.5
"""Share of the records with a quantity; where more of them are cells, it is a quantity of cells."""
_CELL_CLASSES: Final = ("Battery", "BatteryCell", "ElectrochemicalCell", "BatteryCellSpecification")


def read_record_kinds(question: Question, vocabulary: Vocabulary) -> None:
    """Put a part for every word that says what the records shall be."""
    for pattern, iri in _KINDS:
        for match in pattern.finditer(question.text):
            if question.is_free(*match.span()):
                label = vocabulary.concepts.label(iri)
                question.put(*match.span(), ConceptPart(match.group(), (iri,), (label,), frozenset((iri,))))


def without_unknown_kinds(query: Query, known: Known) -> Query:
    """The query without the kinds of record that no readable record is beside all else: they only go first."""
    kinds = [part for part in query.parts if is_record_kind(part) and not part.negated]
    if not kinds:
        return query
    parts = tuple(part for part in query.parts if part.negated or not isinstance(part, TextPart))
    if known.count([replace(query, parts=parts)])[0]:
        return query
    rest = tuple(part for part in query.parts if part not in kinds)
    first = next(part for part in kinds if isinstance(part, ConceptPart))
    return replace(query, parts=rest, first=first) if rest else query


def cells_first(text: str, vocabulary: Vocabulary) -> ConceptPart | None:
    """The part for cells, where the question speaks of them."""
    match = _CELLS.search(text)
    classes, expanded = _cells(vocabulary)
    if match is None or not classes:
        return None
    labels = tuple(vocabulary.concepts.label(iri) for iri in classes)
    return ConceptPart(match.group(), classes, labels, expanded)


def only_cells(query: Query, said: ConceptPart | None, vocabulary: Vocabulary, known: Known) -> Query:
    """The query of hits in an order, of cells alone and by what they have themselves: the lightest cell is no electrode.

    Where cells are said, if there are such; else where nothing but cells is asked for, and most that have the quantity are cells.
    """
    cells = said or cells_first("cells", vocabulary)
    if query.order is None or cells is None or not (said or _may_mean_cells(query, cells)):
        return query
    query = _by_release(query, known) if said else query
    parts = (*query.parts, _with_unnamed(cells, vocabulary))
    asked = replace(query, parts=parts, order=query.order and replace(query.order, own=True), first=None)
    counted = [replace(one, parts=_sure(one)) for one in (query, asked)]
    every, own = known.count(counted)
    if own and (said or own > _MOST * every):
        return asked
    parted = replace(asked, order=query.order)
    return parted if said and known.count([replace(parted, parts=_sure(parted))])[0] else query


def _with_unnamed(cells: ConceptPart, vocabulary: Vocabulary) -> EitherPart:
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
    """The query of housings without the cells that have one, where there are housings by themselves: *housing for 21700 cells*."""
    said = _HOUSINGS.search(query.text)
    classes, expanded = _cells(vocabulary)
    if (
        said is None
        or not classes
        or any(_is_of_material(part, vocabulary) for part in query.parts)
        or _HAS.search(query.text, 0, said.start())
    ):
        return query
    labels = tuple(vocabulary.concepts.label(iri) for iri in classes)
    cells = ConceptPart("cells", classes, labels, expanded, negated=True)
    alone = replace(query, parts=(*query.parts, cells), first=None)
    return alone if known.count([alone])[0] else query


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
