"""From a question in free words to visible parts.

What people say around a question is left out (`framing`); sayings in everyday words are read as the names that records have
(`sayings`), the measures of a cell as its size (`sizes`). Then each stage reads what those before left over:

1. What stands in quotation marks, as it stands (`quoted`). Fields that are said outright (`fields`), countries (`countries`) and
   cited papers (`citations`); sizes from shops (`consumer_sizes`), series of models (`series`), names of makers, models, people,
   institutions and instruments that readable records have (`names`, `short_names`), with what is said of them
   (`appositions`).
2. Units that are said without a number (`said_units`); numbers with a unit or a kind, their conditions and what has the quantity
   (`quantities`, by `numbers`, `kinds` and `roles`).
3. The order of the hits (`order`), adjectives with a stated meaning (`adjectives`), years (`years`), everyday phrases
   (`everyday`).
4. Names with typing errors (`names`), formats of files (`file_formats`), kinds of quantity without a number (`named_kinds`),
   what something was measured against (`against`), then concepts, the longest name first, in their roles (`concepts`), what
   brackets only spell out (`spelt_out`); full names of people that no readable record has (`strangers`).
5. Every other word that is no stop word is looked for in titles and texts, model codes in one piece (``INR18650-MJ1``).
6. Typing errors in those words (`spelling`): where one is mended, everything is read once more.
7. What the words between the parts say: negation (`negation`), containing an element (`composition`), being like something
   (`likeness`), two bounds of one quantity (`bounds`), *or* (`alternatives`).
8. Of words with several meanings the best supported one (`senses`); what a size says of the format (`sizes`) and of the
   chemistry (`untold`), volts of a cell (`cell_voltages`), capacities that models are called by (`named_amounts`) and that makers
   declare (`declared`). A question that describes a thing instead of naming it is read as its name (`described`).
9. Words of general English give way to what is named (`loosening`); words that name what nothing has are firm (`unmet`).
10. What shall go first, or be there alone where hits have an order (`record_kinds`); numbers of parts (`part_quantities`) and of
   shapes (`measures`); steps of tests in which numbers hold (`steps`); names, methods and conditions of tests that nothing has
   but that are mentioned (`mentioned`); what else says the same (`widening`); what no record of a maker tells (`untold`); what is
   read less strictly where nothing has all of it (`loosening`), at last as words and numbers of one record (`in_words`); parts
   and materials by themselves (`wholes`); how many of the words are enough (`enough`); parts in an order by what they have
   themselves (`part_order`); cells of which nothing is told (`told_contents`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from ontology.concepts import Concepts
from ontology.lookup import Lookup
from ontology.roles import Roles
from ontology.units import Units
from search.query import ConceptPart, EitherPart, Part, Query, TextPart
from search.understanding.adjectives import read_adjectives
from search.understanding.against import read_against
from search.understanding.alternatives import join_alternatives
from search.understanding.appositions import take_appositions
from search.understanding.bounds import join_bounds
from search.understanding.cell_voltages import with_cell_voltages
from search.understanding.citations import read_citations
from search.understanding.composition import read_composition, read_made_with, read_symbols
from search.understanding.concept_reader import ConceptReader
from search.understanding.concepts import read_longer_names, with_plain_fluorides, with_plain_formulae
from search.understanding.consumer_sizes import read_consumer_sizes
from search.understanding.countries import read_countries, without_untold_countries
from search.understanding.declared import with_declared
from search.understanding.described import described
from search.understanding.enough import with_enough_words
from search.understanding.everyday import is_everyday, is_general, is_talk, read_phrases, with_shared_heads, word_part
from search.understanding.fields import read_fields
from search.understanding.file_formats import read_file_formats
from search.understanding.framing import bare
from search.understanding.identifiers import read_identifiers
from search.understanding.kinds import is_quantity
from search.understanding.likeness import without_likeness
from search.understanding.loosening import as_phrase, loosened, without_general
from search.understanding.measures import with_measures
from search.understanding.mentioned import names_tests, of_what_is_tested, with_mentioned, with_unknown_models
from search.understanding.named_amounts import with_named_amounts
from search.understanding.named_kinds import name_kinds
from search.understanding.named_tests import read_tests
from search.understanding.names import NameReader
from search.understanding.negation import deny, take_free, take_stated, take_untold
from search.understanding.numerals import NUMBER, Numbers
from search.understanding.order import OrderReader
from search.understanding.part_order import with_part_order, with_told_measure
from search.understanding.part_quantities import with_own_classes, with_thin_parts
from search.understanding.plain_numbers import prepared
from search.understanding.quantities import QuantityReader
from search.understanding.question import Placed, Question
from search.understanding.quoted import read_quoted, without_marks
from search.understanding.record_kinds import (
    asks_for_no_cells,
    cells_first,
    denies_cells,
    only_cells,
    read_record_kinds,
    take_any_material,
    with_first,
    without_cells,
    without_unknown_kinds,
)
from search.understanding.said_units import read_said_units
from search.understanding.sayings import in_names
from search.understanding.senses import read_senses
from search.understanding.series import read_beginnings, read_series, read_unknown_sizes
from search.understanding.shapes import take_shapes
from search.understanding.short_names import take_short_names
from search.understanding.sizes import with_plain_sizes, with_sizes
from search.understanding.spelling import respelt, with_singulars
from search.understanding.spelt_out import take_spelt_out
from search.understanding.stems import bases
from search.understanding.steps import with_steps
from search.understanding.strangers import read_strangers
from search.understanding.told import told_in_text
from search.understanding.told_contents import with_told_contents
from search.understanding.unmet import with_unmet_names
from search.understanding.untold import without_implied_chemistry, without_untold
from search.understanding.vocabulary import SILENT, SOFT, Known, Meanings, NothingKnown, Vocabulary
from search.understanding.wholes import with_materials, with_order_of_materials, without_wholes
from search.understanding.widening import widened, with_begun_names
from search.understanding.years import of_records, read_recent_years, read_years

_SHORTENED: Final = re.compile(r"\w+n['’]t|(?:i|we|you|it|what|which|that|there)['’]\w+")
"""*don't* is a negation, which is read after the words; *I'd* says nothing."""
_ROUND_SIZE: Final = re.compile(r"R\d{5}")
"""The size of a round cell, of which records have the number alone too: ``R66160``."""
_WHOLE: Final = re.compile(r"full(?=[\s-](?:cells?|batter(?:y|ies))\b)", re.IGNORECASE)
"""A cell with both electrodes, as cells are that are not called half cells."""
_FIRST: Final = re.compile(r"[A-Z][a-z]{2,}(?=\s+(?![A-Z][a-z]|\S*\d|cells?\b|batter))")
"""The first word, unless a name may begin with it: *Sharp cells*, *General Electronics*, *Tesla 4680*."""
_NAMING: Final = re.compile(
    r"(?!(?:19|20)\d\d\Z)(?:\d{4,6}|(?=(?:\D*\d){3})(?=.*[A-Za-z])[A-Za-z\d]+(?:-[A-Za-z\d]+)*|[A-Z]{2,}\d{2})"
)
"""A size, or the code of a model or a cycle: ``US06``."""
_CAPITALISED: Final = re.compile(r"[A-Z][a-z]+")
"""The words of a label."""
_FEW: Final = frozenset(("one", "two", "three", "four", "several", "both"))
_ABOUT: Final = frozenset(("cell", "cells", "battery", "batteries"))


def understand(
    text: str,
    *,
    lookup: Lookup,
    concepts: Concepts,
    units: Units,
    known: Known | None = None,
    meanings: Meanings | None = None,
    every_word: bool = False,
) -> Query:
    """Turn a question into parts, in the order of the question.

    Args:
        text: The question in free words.
        lookup: Finds concepts by what people write.
        concepts: Labels and narrower concepts.
        units: Finds units in running text.
        known: Names and counts of what the reader may read; without it no name is known.
        meanings: Finds what a question describes; without it what is not named is looked for by its words.
        every_word: Whether words of general English stay parts where other things are named (`loosening.without_general`).

    >>> from ontology.facts import packaged_facts
    >>> facts = packaged_facts()
    >>> concepts = Concepts(facts)
    >>> query = understand("NMC cathode above 100 Ah", lookup=Lookup(concepts), concepts=concepts, units=Units(facts))
    >>> [part.text for part in query.parts], query.parts[0].role_label, query.parts[1].asked
    (['NMC cathode', 'above 100 Ah'], 'PositiveElectrode', '> 100 Ah')
    """
    vocabulary = Vocabulary(lookup, concepts, units, _roles(concepts), meanings)
    return understood(text, vocabulary, known or NothingKnown(), every_word=every_word)


def understood(text: str, vocabulary: Vocabulary, known: Known, *, every_word: bool) -> Query:
    """The same, stage by stage."""
    asked = _as_written(bare(without_marks(text) if every_word else text), vocabulary, known)
    return replace(_understood(asked, vocabulary, known, every_word=every_word), text=text)


def _as_written(text: str, vocabulary: Vocabulary, known: Known) -> str:
    """The question with a small letter at its beginning, where a capital one is there as in every sentence and tells of no name."""
    first = _FIRST.match(text)
    word = first.group().lower() if first else ""
    is_word = (
        word
        and vocabulary.units.find(word) is None
        and (is_talk(word) or is_general(word) or any(map(is_everyday, bases(word))) or vocabulary.lookup.spells(word))
    )
    return word + text[len(word) :] if is_word and not known.named((word,)) else text


def _understood(text: str, vocabulary: Vocabulary, known: Known, *, every_word: bool) -> Query:
    shown = with_plain_fluorides(with_shared_heads(in_names(text)))
    # As long as what is shown, so that places are the same.
    read = with_plain_sizes(prepared(with_plain_formulae(shown)), vocabulary)
    question = _read(read, vocabulary, known)
    mended = respelt(question, vocabulary, known)
    if mended != read:
        shown, question = mended, _read(mended, vocabulary, known)
    deny(question, vocabulary)
    read_composition(question, vocabulary)
    without_likeness(question, vocabulary.concepts, known)
    join_bounds(question)
    join_alternatives(question, vocabulary)
    read_senses(question, vocabulary, known)
    is_told = question.order is not None or asks_for_no_cells(question.text)
    said = question.placed or ([] if is_told else question.soft or _generic(question))
    placed = sorted(said, key=lambda one: one.start)
    parts = [_as_shown(one, shown) for one in placed]
    cells = cells_first(question.text, vocabulary)
    parts = [_required(part, parts, known) for part in parts]
    first = cells or (cells_first("cells", vocabulary) if any(map(denies_cells, parts)) else None)
    query = Query(text, tuple(dict.fromkeys(parts)), question.order, first if question.placed else None)
    if not question.placed and not is_told and not _says_nothing(question):
        query = as_phrase(query, known)
    named = _named(query, vocabulary, known)
    if named is not None:
        return named
    query = with_sizes(without_untold_countries(query, known), vocabulary)
    if cells is not None:
        query = with_cell_voltages(query, vocabulary)
    query = with_unknown_models(with_singulars(with_begun_names(query, vocabulary, known), known), known)
    query = without_implied_chemistry(with_named_amounts(query, known), vocabulary, known)
    query = with_thin_parts(with_own_classes(query, vocabulary, known), vocabulary, known)
    query = with_measures(with_declared(query, vocabulary), vocabulary, known)
    query = query if cells else with_order_of_materials(query, vocabulary, known)
    query = with_steps(with_materials(query, vocabulary, known), vocabulary, known)
    if names_tests(query, or_kinds=not every_word):  # *tests of the ANR26650M1-B* mention it
        query = with_mentioned(query, vocabulary, known)
    query = without_unknown_kinds(of_records(query, known), vocabulary, known, in_texts=not every_word)
    if not every_word:
        query = with_unmet_names(without_general(query, vocabulary, known), vocabulary, known)
    query = of_what_is_tested(with_mentioned(query, vocabulary, known), vocabulary, known)
    query = without_untold(widened(query, vocabulary, known), vocabulary, known)
    query = without_wholes(without_cells(loosened(query, vocabulary, known), vocabulary, known), vocabulary, known)
    query = with_told_measure(with_enough_words(query, vocabulary.concepts, known), vocabulary, known)
    query = only_cells(query if cells else with_part_order(query, vocabulary, known), cells, vocabulary, known)
    query = with_told_contents(query, vocabulary, known) if cells else query
    return with_first(query, vocabulary, known)


def _named(query: Query, vocabulary: Vocabulary, known: Known) -> Query | None:
    """The query for the name of what a question describes; ``None`` where it describes nothing that a readable record has."""
    reading = described(query, vocabulary, known)
    if reading is None:
        return None
    phrases = tuple((TextPart(phrase),) for phrase in re.findall(r'"(.+?)"', reading.name))
    read = (
        Query(reading.name, (EitherPart(reading.name, phrases),))
        if phrases
        else understood(reading.name, replace(vocabulary, meanings=None), known, every_word=False)
    )
    parts = (part if isinstance(part, TextPart) else replace(part, text=query.text) for part in read.parts)
    named = replace(read, text=query.text, parts=tuple(parts))
    told = tuple(told_in_text(part, vocabulary.concepts) for part in reading.beside)
    ways = [replace(named, parts=(*named.parts, *beside)) for beside in dict.fromkeys((reading.beside, told))]
    return next((way for way, count in zip(ways, known.count(ways), strict=True) if count), None)


def _read(text: str, vocabulary: Vocabulary, known: Known) -> Question:
    """A question of which every word is understood, or left as a word to look for."""
    question = Question.read(text, vocabulary)
    read_quoted(question)
    take_untold(question)
    read_fields(question, known)
    read_identifiers(question)
    read_countries(question, known)
    read_recent_years(question)
    read_record_kinds(question, vocabulary)
    read_citations(question, known)
    read_consumer_sizes(question, vocabulary, known)
    read_beginnings(question, known)
    read_series(question, vocabulary, known)
    names = NameReader(question, vocabulary, known)
    names.read()
    take_appositions(question)
    take_short_names(question, known)
    read_unknown_sizes(question, vocabulary, known)
    read_tests(question, vocabulary, known)
    take_stated(question)
    read_said_units(question, vocabulary)
    QuantityReader(question, vocabulary).read()
    OrderReader(question, vocabulary, known).read()
    question.name_rest(vocabulary)
    name_kinds(question, vocabulary)
    take_any_material(question)
    take_shapes(question)
    read_adjectives(question, vocabulary)
    read_years(question)
    read_phrases(question)
    names.mend()
    read_file_formats(question)
    read_against(question, vocabulary)
    read_symbols(question, vocabulary)
    read_made_with(question, vocabulary, known)
    ConceptReader(question, vocabulary).read()
    take_spelt_out(question)
    take_free(question)
    read_strangers(question, vocabulary.lookup, known)
    read_longer_names(question, vocabulary)
    _read_words(question, vocabulary)
    return question


def _as_shown(placed: Placed, shown: str) -> Part:
    """The part with the words of the question; a size that was measured (*32 x 140 mm*) is looked for as records write it."""
    is_size = isinstance(placed.part, TextPart) and placed.part.text.isdigit()
    return placed.part if is_size else replace(placed.part, text=shown[placed.start : placed.end].strip())


def _required(part: Part, parts: Sequence[Part], known: Known) -> Part:
    """A size or model that no readable record mentions, as a part that nothing else makes up for: *4695 cylindrical cells*."""
    if not isinstance(part, TextPart) or part.negated or _NAMING.fullmatch(part.text) is None:
        return part
    rest = tuple(one for one in parts if one != part)
    having, every = known.count([Query(part.text, (part,)), Query("", ())])
    return EitherPart(part.text, ((part,),)) if rest and every and not having else part


@lru_cache(maxsize=4)
def _roles(concepts: Concepts) -> Roles:
    return Roles(concepts)


def _generic(question: Question) -> list[Placed]:
    """Words about every record, as text, where the question says nothing else."""
    return [Placed(*word.span(), TextPart(word.group())) for word in question.words() if word.group().lower() in SOFT]


def _says_nothing(question: Question) -> bool:
    """Whether all of it are words about every record: *battery data* is no name, *battery data commons* may be one."""
    return all((word := match.group().lower()) in SILENT or word in SOFT for match in question.words())


def _is_mistyped(word: str) -> bool:
    """Whether it is a word for what every record is about, a typing error away: *cels*, *batteris*."""
    return word not in _ABOUT and any(OSA.distance(word, about, score_cutoff=1) == 1 for about in _ABOUT)


def _repeats(question: Question, match: re.Match[str], vocabulary: Vocabulary) -> bool:
    """Whether it is a word of the name before it, or a small number before things: *811 oxide*, *two terminals*."""
    word = match.group().lower()
    beside = [one for one in question.placed if isinstance(one.part, ConceptPart)]
    before = next((one.part for one in beside if question.text[one.end : match.start()] == " " and one.end < match.start()), None)
    if before is not None and isinstance(before, ConceptPart) and not is_quantity(vocabulary, before.concepts[0]):
        return word.removesuffix("s") in {part.lower() for part in _CAPITALISED.findall(before.labels[0])}
    return word in _FEW and any(
        match.end() + 1 == one.start and question.text[match.end() : one.end].lower().endswith("s") for one in beside
    )


def _read_words(question: Question, vocabulary: Vocabulary) -> None:
    """Put what is left: numbers with what is said of them (``below 20 %``), then words and model codes that are no stop words."""
    numbers = Numbers(question.text, vocabulary.units)
    for match in NUMBER.finditer(question.text):
        in_code = any(word.start() < match.start() < word.end() for word in question.words())
        amount = None if in_code else numbers.amount(match)
        if amount is not None and not amount.is_bare and question.is_free(amount.start, amount.end):
            question.put(amount.start, amount.end, TextPart(question.text[amount.start : amount.end]))
    for match in question.words():
        word = match.group().lower()
        if _is_mistyped(word) or _SHORTENED.fullmatch(word) or _WHOLE.match(question.text, match.start()):
            continue
        if _repeats(question, match, vocabulary):
            question.take(*match.span())
        if not question.is_free(*match.span()) or word in SILENT or word in SOFT or (len(word) == 1 and not word.isdigit()):
            continue
        if not is_talk(match.group()):
            start = match.start() + (_ROUND_SIZE.fullmatch(match.group()) is not None)
            question.take(match.start(), start)
            question.put(start, match.end(), word_part(question.text[start : match.end()]))
