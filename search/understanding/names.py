"""Names in a question: makers, models, people, institutions and instruments that readable records have, and no others.

The longest name goes first. A name that is a concept as well (*Energy*, *Lithium*) is a name only where the words before it say so
(*from*, *made by*) or where it belongs to a longer one (*EVE Energy*); a model that reads like a number with a unit (*20AH*) only
after its maker. Part of a name is enough where it cannot mislead: the beginning of a maker's, one whole word of a person's or an
instrument's, a code inside a model's (*MJ1* of *INR18650-MJ1*); in small letters where it is neither a word of general English nor
of the ontologies, or where two words of the name stand side by side. Typing errors are forgiven in makers and people, never in
models.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA

from ontology.formulae import composition
from ontology.lookup import STOP_WORDS, Lookup, Span
from ontology.units import Units
from records.record import EntityKind
from search.index import Named
from search.names import fold_name
from search.query import EntityPart, Query, TextPart
from search.understanding.countries import names_country
from search.understanding.everyday import is_general, is_talk
from search.understanding.name_books import MAKERS, MAX_SPELLINGS, Book, is_code, maker_names
from search.understanding.numerals import NUMBER
from search.understanding.question import Question
from search.understanding.vocabulary import ARTICLES, SILENT, SOFT, Known, Vocabulary

LONGEST: Final = 6
"""Most words of a name."""
SURE: Final = 0.9
"""Score from which on a word is a concept as it is written, not by mending."""

_PEOPLE: Final = (EntityKind.PERSON, EntityKind.INSTITUTION)
_BY_KIND: Final = (*MAKERS, EntityKind.MODEL, *_PEOPLE, EntityKind.INSTRUMENT)
_NO_PEOPLE: Final = (*MAKERS, EntityKind.INSTITUTION, EntityKind.INSTRUMENT)
_OF_ONE_WORD: Final = (*MAKERS, EntityKind.INSTRUMENT)
"""Kinds of name of which one word in small letters is enough: an institution begins with *german*."""
_SHORTEST_SMALL: Final = 6
"""Letters of part of a name in small letters."""
_SHORTEST_OF_PERSON: Final = 3
"""The same of each word of a person's name, of which one is no name in small letters."""
_DID: Final = "measured|tested|created|authored|written|published|contributed|recorded|characteri[sz]ed|reported"
_OF_IDENTIFIER: Final = r"(?:serial|lot|batch|item|article|catalogue?)(?:\s*(?:numbers?|no\.?|ids?|codes?))?|identifiers?|sku"
_CUES: Final = tuple(
    (re.compile(rf"(?<!\w)(?:{words})\s*:?\s*(?:the\s+|an?\s+)?\Z", re.IGNORECASE), kinds, sure)
    for words, kinds, sure in (
        (_OF_IDENTIFIER, (EntityKind.IDENTIFIER,), True),
        (r"models?(?:\s+number)?|part\s+number|product|called|named", (EntityKind.MODEL,), True),
        (
            r"(?:made|manufactured|produced|sold|supplied|built)\s+by|manufacturers?|makers?|brands?|suppliers?|company",
            MAKERS,
            True,
        ),
        (rf"(?:{_DID})\s+(?:by|at)|authors?|creators?|contributors?|operators?|researchers?", _PEOPLE, True),
        (r"at", (EntityKind.INSTITUTION,), True),
        (r"by", (*MAKERS, *_PEOPLE), False),
        (r"from|of", (*MAKERS, EntityKind.INSTITUTION), False),
        (r"with|using|on|instrument|cycler|potentiostat", (EntityKind.INSTRUMENT,), False),
    )
)
"""Words before a name -> which kinds of name they ask for, and whether they leave no doubt."""
_PLACE: Final = re.compile(r"(?:,\s+|,?\s+(?:in|at)\s+)(?P<place>[A-Z][^\W\d_A-Z]{3,})(?![\w-])")
"""Where an institution is, which its name tells anyway: *SINTEF in Trondheim*."""
COMPANY: Final = re.compile(
    r"(?:,?\s+(?:(?i:systems?|technolog(?:y|ies)|group|gmbh|inc|ltd|limited|llc|plc|corp(?:oration)?|company|groupe|manufacturing|mfg|microbattery|holdings?|joint[\s-]stock)"
    r"|Co|AG|A\.G|AB|AS|SA|S\.A|SAS|SpA|S\.p\.A|BV|B\.V|NV|N\.V|KG|SE(?!\s*\d)|Oy|Batter(?:y|ies)"
    r"|SDI(?!\s*\d+\s*Ah)|(?:New\s+)?Energy(?:\s+Solutions?)?|Electronics|Power|Chem(?:ical)?|International|Industr(?:y|ies))(?![\w-])\.?)*"
)
"""What belongs to the name of a company that records know by a shorter one: *A123 Systems, LLC*."""
_PLACE_OF_PERSON: Final = re.compile(r"(?:,\s+|,?\s(?:in|from|at|of)\s+|\s+\()(?P<place>[A-Z][^\W\d_A-Z]{3,})(?![\w-]|\s+[A-Z])\)?")
"""Where somebody works, which tells who is meant: *Jossen, Munich*, *Sauer (Aachen)*, *Krause from Dresden*."""
_EMPLOYER: Final = re.compile(r"\s*\((?P<name>[A-Z][^()]*)\)")
"""The same as the name of an institution: *Simon Clark (SINTEF)*."""
_FORMER: Final = re.compile(
    r"(?:\s*\(|,\s*|\s+)(?:formerly|previously|formally|ex|now|nowadays|today|later|aka|a\.k\.a\.|also\s+known\s+as|(?:now\s+)?part\s+of|n[ée]e)"
    r"[\s-]+(?P<name>[A-Z][\w-]*(?:\s+[A-Z][\w-]*)*)\)?"
)
"""What a maker was called before, or is now: *Zenlabs (formerly Envia)*."""
_ALIAS: Final = re.compile(r"\s*\((?P<name>[A-Z][\w-]*(?:\s+[A-Z][\w-]*)*)\)")
"""Another name of a maker, or whom it belongs to: *Moli (Molicel)*."""
_SERIES: Final = re.compile(r"(?:[A-Z]{2,5}-)?[A-Z]{2,5}(?:\d{1,3}|[\s-]\d{2,4})?")
"""How the models of a series begin, after their maker: *Saft VES*, *Thunder Sky LYP 400*."""
_LISTED: Final = re.compile(r"\s*(?:/|&|,?\s+(?:and|or)\s)\s*\Z", re.IGNORECASE)
"""Between the models of one maker."""
_BY: Final = re.compile(r"(?:by|from)\s+\Z", re.IGNORECASE)
_SHORTEST_END: Final = 4
"""Letters of the end of a model's name that tell it, after its maker."""
_MAKER: Final = r"(?:maker|manufacturer|producer|brand|make|company|vendor|supplier)s?"
_ANY_MAKER: Final = re.compile(
    rf"(?<![\w-])(?:(?:(?:from|by|of)\s+)?(?:any|all|every|each|whatever|whichever|different|various|several|many)\s+(?:the\s+)?{_MAKER}"
    rf"|(?:no\s+matter\s+(?:what|which|the)|regardless\s+of|irrespective\s+of|independent(?:ly)?\s+of|never\s+mind)\s+(?:the\s+)?{_MAKER}"
    rf"|(?:the\s+)?{_MAKER}\s+(?:does\s?n['’]?t\s+matter|does\s+not\s+matter|is\s+(?:irrelevant|not\s+important|unimportant|open))"
    r"|(?:from|by)\s+(?:someone|somebody|anyone|anybody|others?)(?:\s+else)?(?!\s+(?:(?:else\s+)?but|other|except|apart)\b))(?![\w-])",
    re.IGNORECASE,
)
"""That any maker will do, or any other: ``18650 from any brand``, ``by somebody else``."""
_TITLE_BEFORE: Final = re.compile(r"(?<!\w)(?:(?:prof(?:essor)?|dr|mr|mrs|ms)\.?\s+)+\Z", re.IGNORECASE)
_OF_CELL: Final = re.compile(r"(?<![\w-])[A-Z]{2,}-(?:cell|CELL|Cell)(?![\w-])")
"""A product that is called a cell: ``EL-CELL``."""
_APART: Final = re.compile(r"[<>=≤≥≈~±\[\];]|\.\.")
"""Marks that no name holds."""
_AMOUNTS: Final = re.compile(r"[\d.,]+\s*(?:-|–|to|and|or|,)\s*(?=\d)", re.IGNORECASE)
"""The beginning of a range or list of numbers."""
_INITIALS_BEFORE: Final = re.compile(r"(?<!\w)(?:[A-Z]\.[\s-]*)+\Z")
_INITIALS_AFTER: Final = re.compile(r",?\s+(?:[A-Z]\.[\s-]*)+")
"""Given names around a surname: ``D. U. Sauer``, ``Sauer, D. U.``."""
_SHORT_CODE: Final = re.compile(r"\d{2,3}[bd-fh-uxyz]|[1-6]\d{4}[a-z]")
"""A model, or its end, that reads like an amount in a unit no cell is sold by: *Samsung 40T*, *Headway 40152S*."""
_CODE_AFTER: Final = re.compile(rf"\s(?:{_SHORT_CODE.pattern})(?![\w-])", re.IGNORECASE)
_NAME_BEFORE: Final = re.compile(r"(?<![\w-])(?P<name>[A-Z][a-z]{2,}) \Z")
_NAME_AFTER: Final = re.compile(r" (?P<name>[A-Z][a-z]{2,})(?![\w-])")
_LONG: Final = 8
"""Letters of a name that may have two typing errors."""
_LONG_SURNAME: Final = 10
"""The same of a surname: others are near to a shorter one."""
_SHORT_FORMS: Final = {
    "lab": "laboratory", "labs": "laboratories", "univ": "university", "inst": "institute", "dept": "department",
    "natl": "national", "intl": "international", "tech": "technology", "ctr": "centre",
}  # fmt: skip
"""How words in the names of institutions are shortened."""
_SIZE: Final = re.compile(r"[a-z]{0,4}\d{4,5}")
"""A size of a cell, which models are called by too (``CR2032``): who asks for it means the size."""


_FEWEST_ELEMENTS: Final = 3
"""Elements of a formula that is no code of a model."""


class _Gram(NamedTuple):
    """Some words of the question that stand side by side."""

    first: int
    last: int
    start: int
    end: int
    folded: str


@dataclass(frozen=True, slots=True)
class _Found:
    """Names that a stretch of the question means."""

    start: int
    end: int
    names: tuple[Named, ...]


class NameReader:
    """Reads the names of a question."""

    def __init__(self, question: Question, vocabulary: Vocabulary, known: Known) -> None:
        self._question = question
        self._lookup: Lookup = vocabulary.lookup
        self._units: Units = vocabulary.units
        self._known = known
        self._books: dict[EntityKind, Book] = {}
        self._maker_end = self._model_end = -1
        self._plain: dict[str, bool] = {}

    def read(self) -> None:
        """Put a part for every name that is written as records have it, or for a part of it that cannot mislead."""
        for match in _ANY_MAKER.finditer(self._question.text):
            self._question.take(*match.span())
        grams = self._grams()
        exact: dict[str, list[Named]] = {}
        for named in self._known.named({one for gram in grams for one in (gram.folded, _spelled_out(gram.folded))}):
            exact.setdefault(named.name, []).append(named)
        position = -1
        for gram in grams:
            if gram.first <= position or not self._question.is_free(gram.start, gram.end):
                continue
            whole = exact.get(gram.folded) or exact.get(_spelled_out(gram.folded), [])
            names = (
                self._allowed(gram, [*whole, *self._partial(gram, whole)]) or self._misspelt_pair(gram) or self._before_code(gram)
            )
            names = tuple(dict.fromkeys([*names, *self._called(gram)]))
            if names:
                self._put(_Found(gram.start, gram.end, names))
                position = gram.last
        for match in _OF_CELL.finditer(self._question.text):
            is_known = any(span.start == match.start() for span in self._question.spans)
            if self._question.is_free(*match.span()) and not is_known:
                self._question.put(*match.span(), TextPart(match.group()))

    def mend(self) -> None:
        """Put a part for words that are a typing error or two away from the name of a maker or a person, and are nothing else."""
        for word in self._question.words():
            written = fold_name(word.group())
            is_open = self._question.is_free(*word.span()) and not self._in_name(*word.span())
            shortest = 5 if _BY.search(self._question.text, 0, word.start()) is None else 4
            if len(written) < shortest or not written.replace(" ", "").isalpha() or not is_open:
                continue
            near = self._nearest(written, self._beside(word))
            if near and not self._is_word(word.group()) and not names_country(word.group()) and not self._is_misspelt(word, near):
                self._put(_Found(word.start(), word.end(), near))

    # What a stretch can mean

    def _grams(self) -> list[_Gram]:
        """Runs of words, from left to right, the longest first."""
        words = self._question.words()
        grams = []
        for first in range(len(words)):
            for last in range(min(len(words), first + LONGEST) - 1, first - 1, -1):
                start, end = words[first].start(), words[last].end()
                folded = fold_name(self._question.text[start:end])
                ends = words[first].group(), words[last].group()
                # In capitals *US* is no *us*: US 18650 VTC6.
                is_plain = not STOP_WORDS.isdisjoint(end if end.isupper() else end.lower() for end in ends)
                if folded and not is_plain and _APART.search(self._question.text, start, end) is None:
                    grams.append(_Gram(first, last, start, end, folded))
        return grams

    def _partial(self, gram: _Gram, whole: Sequence[Named]) -> list[Named]:
        """Names of which this is a telling part, beside those of which it is all."""
        is_plain = gram.folded in SILENT or gram.folded in SOFT
        is_amount = self._is_amount(gram) and not (self._is_after_maker(gram) and _SHORT_CODE.fullmatch(gram.folded))
        if (is_plain and not self._is_surname(gram)) or len(gram.folded) < 2 or is_amount or self._is_described(gram):
            return []
        is_said = self._question.text[gram.start].isupper() or _wanted(self._question.text[: gram.start])[0] or is_code(gram.folded)
        if not is_said:
            return self._partial_in_small(gram, whole)
        found = [named for kind in _BY_KIND for named in self._book(kind).having(gram.folded)]
        after_maker = self._is_after_maker(gram)
        if not found and is_code(gram.folded) and len(gram.folded) >= _SHORTEST_END:
            models = self._book(EntityKind.MODEL)
            found = models.ending(gram.folded, after_size=not after_maker) or models.beginning(gram.folded)
        if not found and after_maker and self._begins_series(gram):
            found = self._book(EntityKind.MODEL).of_series(gram.folded)
            found = found if len(found) <= MAX_SPELLINGS else []
        return found

    def _begins_series(self, gram: _Gram) -> bool:
        """Whether it is written as a series; a number in it is none of a unit behind it."""
        text, end = self._question.text, gram.end
        behind = end + len(text[end:]) - len(text[end:].lstrip())
        is_amount = text[end - 1].isdigit() and self._units.match_prefix(text, behind) is not None
        return not is_amount and _SERIES.fullmatch(text, gram.start, end) is not None

    def _partial_in_small(self, gram: _Gram, whole: Sequence[Named]) -> list[Named]:
        """The same of what is written in small letters: *thundersky*, *general electronics*, *zhao yan*; *advanced* is none."""
        if any(named.kind in MAKERS for named in whole):
            return [named for kind in MAKERS for named in self._book(kind).having(gram.folded)]
        words = gram.folded.split()
        strange = [word for word in words if not self._is_plain(word)]
        if len(gram.folded) < _SHORTEST_SMALL or (len(words) == 1 and not strange):
            return []
        kinds = _NO_PEOPLE if len(words) > 1 else _OF_ONE_WORD
        found = [named for kind in kinds for named in self._book(kind).having(gram.folded)]
        if not strange and not any(named.name.startswith(f"{gram.folded} ") for named in found):
            return []  # "cells that keep power" are no *KeepPower*
        if len(words) > 1 and strange == words and min(map(len, words)) >= _SHORTEST_OF_PERSON:
            found += self._book(EntityKind.PERSON).having(gram.folded)
        return found

    def _misspelt_pair(self, gram: _Gram) -> tuple[Named, ...]:
        """Makers whose name begins with two words of which one is a typing error away: *wuhan lysun*."""
        words = gram.folded.split()
        if gram.last != gram.first + 1 or len(words) != 2 or not all(word.isalpha() for word in words):
            return ()
        found = [(word, named) for kind in MAKERS for word, named in self._book(kind).near_pair(words[0], words[1])]
        return tuple(dict.fromkeys(named for word, named in found if not self._is_plain(word)))

    def _before_code(self, gram: _Gram) -> tuple[Named, ...]:
        """Makers a typing error away, where the code of a model follows that else were an amount: *samsugn 50e*."""
        after = _CODE_AFTER.match(self._question.text, gram.end) if gram.first == gram.last and gram.folded.isalpha() else None
        if after is None or len(gram.folded) < _SHORTEST_SMALL or self._is_plain(gram.folded):
            return ()
        return tuple(named for named in self._nearest(gram.folded, ()) if named.kind in MAKERS)

    def _called(self, gram: _Gram) -> list[Named]:
        """Makers that records know by another name: *Contemporary Amperex Technology*, *Winston Battery*."""
        return [named for name in maker_names().get(gram.folded, ()) for kind in MAKERS for named in self._book(kind).having(name)]

    def _is_plain(self, word: str) -> bool:
        """Whether it is a word of general English, or some name in the ontologies has it."""
        if word not in self._plain:
            self._plain[word] = word in SILENT or word in SOFT or is_general(word) or self._lookup.spells(word)
        return self._plain[word]

    def _book(self, kind: EntityKind) -> Book:
        if kind not in self._books:
            self._books[kind] = Book.of(kind, self._known.names(kind))
        return self._books[kind]

    def _allowed(self, gram: _Gram, names: Sequence[Named]) -> tuple[Named, ...]:
        """Of these names those that the stretch can mean here."""
        if not names:
            return ()
        before = self._question.text[: gram.start]
        wanted, _ = _wanted(before)
        chosen = [named for named in names if named.kind in wanted] or list(names)
        after_maker = self._is_after_maker(gram)
        if self._is_amount(gram) and not after_maker and not {EntityKind.MODEL, EntityKind.IDENTIFIER}.intersection(wanted):
            return ()
        if self._is_amount(gram) and after_maker and not self._makes(names):
            return ()
        words = gram.folded.split()
        if all(word in SILENT or word in SOFT or word in ARTICLES for word in words) and not self._is_surname(gram):
            return ()
        squashed = gram.folded.replace(" ", "")
        is_part = after_maker and not _is_formula(self._question.text[gram.start : gram.end])
        is_model = (
            any(named.kind is EntityKind.MODEL and (is_part or named.name.replace(" ", "") == squashed) for named in names)
            and is_code(squashed)
            and _SIZE.fullmatch(squashed) is None
        )
        if self._is_concept(gram) and not is_model and not (wanted and any(named.kind in wanted for named in names)):
            return ()
        return tuple(dict.fromkeys(chosen))

    def _is_after_maker(self, gram: _Gram) -> bool:
        """Whether it stands after a maker, or in a list that begins there: ``Samsung 40T and 30T``."""
        before = self._question.text[: gram.start]
        listed = _LISTED.search(before) if gram.first == gram.last else None
        return self._maker_end == _end_of_words(before) or (listed is not None and self._model_end == listed.start())

    def _makes(self, names: Sequence[Named]) -> bool:
        """Whether readable records have one of these models of the maker before: *A123 20AH*; *Kokam 50Ah* is an amount."""
        models = EntityPart("", EntityKind.MODEL, tuple(named.name for named in names if named.kind is EntityKind.MODEL), "")
        makers = [one.part for one in self._question.placed if one.end == self._maker_end]
        return any(self._known.count([Query("", (maker, models)) for maker in makers]))

    def _is_surname(self, gram: _Gram) -> bool:
        """Whether a word of a sentence is rather a person's name: *papers by Offer*."""
        before = self._question.text[: gram.start]
        wanted, is_sure = _wanted(before)
        asked = re.search(r"\bby\s+\Z", before, re.IGNORECASE) is not None or (is_sure and EntityKind.PERSON in wanted)
        return asked and self._question.text[gram.start].isupper()

    def _is_amount(self, gram: _Gram) -> bool:
        """Whether it reads like a number with or without a unit."""
        begun = _AMOUNTS.match(self._question.text, gram.start)
        starts = [gram.start, begun.end()] if begun else [gram.start]
        return any(self._ends_amount(start, gram.end) for start in starts)

    def _is_described(self, gram: _Gram) -> bool:
        """Whether it is a description that ends with an amount, though a model may hold it too: *LTO 66160 40Ah*."""
        words = self._question.words(gram.start, gram.end)
        return (
            len(words) > 1
            and self._ends_amount(words[-1].start(), gram.end)
            and all(_SIZE.fullmatch(word.group().lower()) or self._in_name(*word.span()) for word in words[:-1])
        )

    def _ends_amount(self, start: int, end: int) -> bool:
        """Whether a number with or without a unit begins and ends here."""
        number = NUMBER.match(self._question.text, start)
        if number is None or number.end() > end:
            return False
        after = self._question.text[number.end() : end]
        unit = self._units.match_prefix(self._question.text[:end], end - len(after.lstrip())) if after.strip() else None
        return not after.strip() or (unit is not None and unit[1] == end)

    def _is_concept(self, gram: _Gram) -> bool:
        """Whether all of it are names of concepts as the ontologies write them."""
        words = self._question.words(gram.start, gram.end)
        return all(word.group().lower() in SILENT or self._in_name(*word.span()) for word in words)

    def _in_name(self, start: int, end: int) -> bool:
        """Whether it belongs to the name of a concept as the ontologies write it."""
        spans = self._question.spans
        return any(span.start <= start and end <= span.end and _score(span) >= SURE for span in spans)

    def _is_word(self, word: str) -> bool:
        """Whether it is rather a word of a sentence or of the ontologies."""
        lower = word.lower()
        if lower in SILENT or lower in SOFT or is_talk(word) or is_general(word):
            return True
        return any(one.score >= SURE for one in self._lookup.find(word, limit=1))

    def _is_misspelt(self, word: re.Match[str], near: Sequence[Named]) -> bool:
        """Whether it is rather a word of the ontologies with a typing error: *coper* is no *Cooper*; *simon clarke* is."""
        is_said = word.group()[0].isupper() or _BY.search(self._question.text, 0, word.start()) is not None
        if is_said or not self._lookup.respelt(word.group().lower()):
            return False
        others = {fold_name(other.group()) for other in self._question.words() if other.start() != word.start()}
        return not any(others.intersection(named.name.split()) for named in near)

    def _is_free_place(self, word: str, kinds: Collection[EntityKind] = _BY_KIND) -> bool:
        """Whether a word can be a place: neither a word of the ontologies nor a name of these kinds."""
        folded = fold_name(word)
        return not self._is_word(word) and not any(self._book(kind).having(folded) for kind in kinds)

    def _beside(self, word: re.Match[str]) -> list[str]:
        """The other words of a full name: capitalised ones beside it that are nothing else."""
        text = self._question.text
        found = [
            one for one in (_NAME_BEFORE.search(text, 0, word.start()), _NAME_AFTER.match(text, word.end())) if one is not None
        ]
        free = [one["name"] for one in found if self._question.is_free(*one.span("name"))]
        return [fold_name(name) for name in free if not self._is_word(name)]

    def _nearest(self, written: str, beside: Sequence[str]) -> tuple[Named, ...]:
        """The nearest names; of people only those with the other words too: *Birger Horstmann* is no *Sarah Hartmann*."""
        most = 1 if len(written) < _LONG else 2
        best: list[Named] = []
        for kind in (*MAKERS, *_PEOPLE):
            for distance, named in self._book(kind).near(written, most):
                is_short = distance > 1 and len(written) < _LONG_SURNAME
                if kind is EntityKind.PERSON and (is_short or not _has_all(named.name, beside)):
                    continue
                if distance < most:
                    most, best = distance, []
                best.append(named)
        return tuple(dict.fromkeys(best))

    # The part

    def _put(self, found: _Found) -> None:
        kind = _kind_of(found.names, self._question.text[: found.start])
        company = COMPANY.match(self._question.text, found.end) if kind in MAKERS else None
        end = company.end() if company else found.end
        place = _PLACE.match(self._question.text, end) if any(one.kind is EntityKind.INSTITUTION for one in found.names) else None
        if place and self._is_free_place(place["place"]):
            self._question.take(*place.span())
        names = sorted((named for named in found.names if kind in (None, named.kind)), key=lambda named: -named.count)
        best = names[0]
        former = _FORMER.match(self._question.text, end) if kind in MAKERS else None
        if former is not None:
            end = former.end()
            names += [other for other in self._book(best.kind).having(fold_name(former["name"])) if other not in names]
        alias = _ALIAS.match(self._question.text, end) if kind in MAKERS else None
        if alias is not None and (others := self._book(best.kind).having(fold_name(alias["name"]))):
            end = alias.end()
            names += [other for other in others if other not in names]
        if best.kind is EntityKind.PERSON:
            names += self._book(EntityKind.PERSON).same_person(best.name)
            work = _PLACE_OF_PERSON.match(self._question.text, end)
            if work and self._is_free_place(work["place"], (*MAKERS, EntityKind.MODEL, EntityKind.PERSON)):
                self._question.take(*work.span())
            employer = _EMPLOYER.match(self._question.text, end)
            if employer and self._book(EntityKind.INSTITUTION).having(fold_name(employer["name"])):
                self._question.take(*employer.span())
        elif best.kind in MAKERS:
            names += [other for one in list(names) for other in self._book(best.kind).misspelt(one.name)]
        irises = {named.iri for named in names if named.name == best.name and named.iri}
        part = EntityPart(
            self._question.text[found.start : end],
            kind,
            tuple(dict.fromkeys(named.name for named in names))[:MAX_SPELLINGS],
            best.label,
            irises.pop() if len(irises) == 1 else "",
            mentioned=_shortened(best.label) if kind is EntityKind.INSTITUTION else (),
        )
        self._question.put(found.start, end, part)
        if kind in (*MAKERS, None):
            self._maker_end = end
        elif kind is EntityKind.MODEL and self._maker_end >= 0:
            self._model_end = end
        if best.kind is EntityKind.IDENTIFIER and (cue := _CUES[0][0].search(self._question.text, 0, found.start)):
            self._question.take(*cue.span())
        for beside in (
            _INITIALS_BEFORE.search(self._question.text, 0, found.start),
            _INITIALS_AFTER.match(self._question.text, found.end),
            _TITLE_BEFORE.search(self._question.text, 0, found.start),
        ):
            if best.kind is EntityKind.PERSON and beside is not None:
                self._question.take(*beside.span())


def _spelled_out(folded: str) -> str:
    """A name of several words with no word shortened: *SINTEF battery lab*."""
    words = folded.split()
    return " ".join(_SHORT_FORMS.get(word, word) for word in words) if len(words) > 1 else folded


def _shortened(label: str) -> tuple[str, ...]:
    """How texts shorten the name of an institution."""
    short = {long: word.capitalize() for word, long in _SHORT_FORMS.items()}
    said = " ".join(short.get(word.lower(), word) for word in label.split())
    return (said,) if said != label else ()


def _has_all(name: str, words: Sequence[str]) -> bool:
    """Whether a name has words that are these ones, perhaps with a typing error."""
    return all(any(OSA.distance(word, one, score_cutoff=1) <= 1 for one in name.split()) for word in words)


def _wanted(before: str) -> tuple[Collection[EntityKind], bool]:
    """Which kinds of name the words before ask for (none when they say nothing), and whether they leave no doubt."""
    return next(((kinds, sure) for pattern, kinds, sure in _CUES if pattern.search(before)), ((), False))


def _kind_of(names: Sequence[Named], before: str) -> EntityKind | None:
    """What the name must be to the record: what the words before say, else the maker, else the only thing it can be.

    A name that is rather a laboratory than a maker may be anything to the record.
    """
    counts: dict[EntityKind, int] = {}
    for named in names:
        counts[named.kind] = counts.get(named.kind, 0) + named.count
    wanted, sure = _wanted(before)
    if sure and not counts.keys().isdisjoint(wanted):
        return next(kind for kind in wanted if kind in counts)
    made = counts.get(EntityKind.MANUFACTURER, 0)
    if made and made >= sum(counts.get(kind, 0) for kind in _PEOPLE):
        return EntityKind.MANUFACTURER
    return next(iter(counts)) if len(counts) == 1 else None


def _is_formula(text: str) -> bool:
    """Whether it is written like the formula of a compound, with which a model may end: *Thunder Sky LiFePO4*."""
    elements = composition(text)
    return elements is not None and len(elements) >= _FEWEST_ELEMENTS and not text.isupper()


def _score(span: Span) -> float:
    return max(candidate.score for candidate in span.candidates)


def _end_of_words(before: str) -> int:
    return len(before.rstrip(" -_/:"))
