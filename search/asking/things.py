"""Which things a question names: cells and others, by maker and model or by title, within what its reader may know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from records.record import EntityKind, Record
from records.rights import Audiences
from search.asking.thing import Thing, label_of, makers_of
from search.index import Named, SearchIndex
from search.names import fold_name
from search.query import EntityPart, Part, Query, TextPart
from search.understanding.vocabulary import SOFT, Vocabulary

MAX_WORDS: Final = 7
"""Most words of a name."""
MAX_RECORDS: Final = 50
"""Most records of one thing that are looked at."""
SHORT: Final = 3
"""Letters and digits of a model that is not taken for one without its maker."""
LONGEST_SIZE: Final = 8
"""Letters and digits of the longest size that is a class of the ontologies too, such as CR2032."""
LONGEST_NUMBER: Final = 5
"""Digits of a number that is no model without its maker: a size, a year, a count."""
LONG_NAME: Final = 6
"""Letters of a maker's name that is recognised when its words are written together."""
LONGEST_CODE: Final = 4
"""Most words of a code that is written apart: ``INR 18650 35 E``."""
NEAR: Final = 75.0
"""Least likeness (0 to 100) of a name that is told as near."""
NEAREST: Final = 3
"""Most names that are told as near."""

_TOKEN: Final = re.compile(r"[^\s,;?!\"“”()⟦⟧]+")
_TRIMMED: Final = ".:'’"
_QUOTED: Final = re.compile(r"[\"“]([^\"“”]{2,120})[\"”]")
_BRACKETS: Final = re.compile(r"\s*\([^()]*\)\s*\Z")
_GOES_ON: Final = re.compile(r",\s|\s[-–—]\s|:\s|\sin\s")
_NUMBERED: Final = re.compile(r"[A-Za-z]+(?:[-_/][A-Za-z]+)*(?:[-_/]\d+){2,}")
"""The number that somebody gave to a record of theirs."""
_POSSESSIVE: Final = re.compile(r"['’]s?\Z")
_SIZE: Final = re.compile(r"\A[a-z]{0,6}\d{5}")
"""The designation of IEC 61960 before the maker's own name of a model: ``INR21700`` of ``INR21700-M50``."""
_SIZED: Final = re.compile(r"[A-Za-z]{2,6}\d{5}[-_/]?(?:\w*\d[\w/+-]*|[A-Z]{1,3})")
"""A model's name that begins with a size: *INR18650-35X*."""
_SIGNS: Final = "<>=~≥≤±"
"""Before a number, and no code: *a Kokam cell >200Ah*."""
_OF_CELLS: Final = re.compile(r"\s*(?:\w+\s+){0,2}(?:cells|batteries|accumulators)\b", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[\s\"“'‘(-]*(?:(?:cell|battery|model|type|the|'s|’s)[\s\"“-]*)*", re.IGNORECASE)
_AFTER: Final = re.compile(
    r"[\s\"”'’]*(?:(?:cell|battery|model)\s+)?(?:\(|(?:made |manufactured |produced )?(?:by|from)\s+|of\s+)", re.IGNORECASE
)
_IS_IT: Final = re.compile(r"\s*(?:is|was|are|were)\b", re.IGNORECASE)
"""A question of this beginning may ask who made it."""
_COMPANY_WORDS: Final = frozenset(
    ["sdi", "chem", "energy", "solution", "solutions", "technology", "technologies", "battery", "batteries", "power", "group"]
)
"""Words that may follow a maker's name without changing who is meant."""


@dataclass(frozen=True, slots=True)
class _Window:
    start: int
    end: int
    name: str


class Things:
    """Finds the things that one question names.

    Args:
        text: The question.
        index: Where the names and records are.
        vocabulary: Tells names from concepts and quantities.
        audiences: What the reader holds.
    """

    def __init__(self, text: str, index: SearchIndex, vocabulary: Vocabulary, audiences: Audiences) -> None:
        self._text = text
        self._index = index
        self._vocabulary = vocabulary
        self._audiences = audiences
        self._windows = _windows(text)
        named = index.named({window.name for window in self._windows}, audiences)
        self._models = {one.name: one for one in named if one.kind is EntityKind.MODEL}
        self._makers = {one.name: one for one in named if one.kind is EntityKind.MANUFACTURER}
        self._maker_beginnings = _beginnings(one.name for one in index.names(EntityKind.MANUFACTURER, audiences))
        self._all_models: tuple[Named, ...] | None = None
        self._all_makers: frozenset[str] | None = None
        self._found: list[Thing] = []

    def find(self) -> tuple[Thing, ...]:
        """The things, in the order of the question; those that nobody readable has among them."""
        for find in (self._quoted, self._by_model, self._by_short_name, self._by_spelling, self._by_part_of_title, self._unknown):
            find()
        return tuple(sorted(self._found, key=lambda one: one.start))

    def titled(self, text: str) -> Thing | None:
        """The thing whose title is this text, or has the same words, for what has no model: ``Chen2020 (PyBaMM) - graphite``."""
        text = text.strip()
        wanted = fold_name(text)
        if not wanted:
            return None
        words = wanted.split()[:20]
        for parts in _title_parts(words):
            page = self._index.search(Query(text, parts), self._audiences, limit=MAX_RECORDS)
            titles = [(hit.record, fold_name(hit.record.title)) for hit in page.hits]
            records = tuple(record for record, title in titles if _squashed(title) == _squashed(wanted)) or tuple(
                record for record, title in titles if sorted(title.split()) == sorted(words)
            )
            if records:
                break
            heads = {record.title for record, _ in titles if _is_head(text, record.title)}
            if len(heads) == 1:
                records = tuple(record for record, _ in titles if record.title in heads)
                break
        start = self._text.find(text)
        return Thing(start, start + len(text), text, records[0].title, parts, records) if records else None

    def is_mentioned(self, text: str) -> bool:
        """Whether some readable record has all the words, as what has them as its title must: asked first, as it takes little."""
        queries = [Query(text, parts) for parts in _title_parts(fold_name(text).split())]
        return any(self._index.count(queries, self._audiences))

    def partly_titled(self, text: str) -> Thing | None:
        """The thing, or the few things, whose titles have all of these words and more: ``reference anchors silicon``."""
        words = fold_name(text).split()
        parts = tuple(map(TextPart, words))
        page = self._index.search(Query(text, parts), self._audiences, limit=MAX_RECORDS) if words else None
        records = [hit.record for hit in page.hits if set(words) <= set(fold_name(hit.record.title).split())] if page else []
        titles = dict.fromkeys(record.title for record in records)
        start = self._text.find(text)
        is_enough = not SOFT.issuperset(words) and 0 < len(titles) <= (NEAREST if len(words) > 1 else 1)
        return Thing(start, start + len(text), text, " / ".join(titles), parts, tuple(records)) if is_enough else None

    def near(self, text: str, maker: Named | None = None) -> tuple[str, ...]:
        """Names of readable things that are like this one."""
        if maker is not None:
            page = self._index.search(Query("", (self._maker_part(maker.label, [maker.name]),)), self._audiences, limit=1000)
            labels = list(dict.fromkeys(label_of(hit.record) for hit in page.hits))
        else:
            likely = process.extract(_squashed(text), {one.name: _squashed(one.name) for one in self._models_all()}, limit=8)
            parts = [EntityPart(name, EntityKind.MODEL, (name,), name) for _, _, name in likely]
            pages = [self._index.search(Query("", (part,)), self._audiences, limit=1) for part in parts]
            labels = list(dict.fromkeys(label_of(hit.record) for page in pages for hit in page.hits))
        folded = {label: fold_name(label) for label in labels}
        likest = process.extract(fold_name(text), folded, scorer=fuzz.WRatio, limit=NEAREST, score_cutoff=NEAR)
        return tuple(label for _, _, label in likest)

    def makers_like(self, text: str) -> tuple[str, ...]:
        """The makers in readable records whose names are like this one, or have it in them."""
        wanted = _squashed(text)
        makers = (one.name for one in self._index.names(EntityKind.MANUFACTURER, self._audiences))
        return tuple(one for one in makers if wanted in _squashed(one) or fuzz.ratio(wanted, _squashed(one)) >= NEAR)

    def _is_free(self, start: int, end: int) -> bool:
        return not any(start < one.end and one.start < end for one in self._found)

    def _quoted(self) -> None:
        """Titles in quotation marks."""
        for match in _QUOTED.finditer(self._text):
            thing = self.titled(match[1]) if fold_name(match[1]) not in self._models else None
            if thing is not None:
                self._found.append(replace(thing, start=match.start(), end=match.end()))

    def _by_model(self) -> None:
        """Names of models, the longest first, each with its maker beside it."""
        for window in self._windows:
            model = self._models.get(window.name)
            if model is None or not self._is_free(window.start, window.end):
                continue
            before, after = self._maker_before(window), self._maker_after(window)
            if before is None and after is None and not self._is_only_a_name(window):
                continue
            start, end = before.start if before else window.start, after.end if after and not before else window.end
            if end > window.end and self._text[end : end + 1] == ")":
                end += 1
            self._found.append(self._thing(start, end, self._spelt_like(model), before or after))

    def _by_short_name(self) -> None:
        """The maker's own name of a model, without the size before it: *LG M50* for INR21700-M50."""
        for window in self._windows:
            is_short = any(map(str.isdigit, window.name)) and len(window.name.split()) <= 2 and window.name not in self._makers
            maker = self._maker_before(window) if is_short and self._is_free(window.start, window.end) else None
            if maker is None:
                continue
            wanted = _squashed(window.name)
            models = [one for one in self._models_all() if wanted in (_squashed(one.name), _short(one.name))]
            thing = self._thing(maker.start, window.end, models, maker) if models else None
            if thing is not None and thing.records:
                self._found.append(thing)

    def _by_spelling(self) -> None:
        """Models written together or apart from their maker and size: *a123-20ah*, *lgm50*, *INR 18650 35E*, *VTC6*."""
        for window in self._windows:
            if not self._is_free(window.start, window.end) or not self._may_be_spelt(window):
                continue
            spelt = _squashed(window.name)
            is_size = len(spelt) <= LONGEST_SIZE and self._means_concept(self._text[window.start : window.end])
            makers = sorted((maker for maker in self._makers_all() if spelt.startswith(maker)), key=len, reverse=True)
            for maker in ("", *makers):
                rest = spelt.removeprefix(maker)
                models = self._spelt(rest) if len(rest) >= SHORT else []
                models = [one for one in models if not is_size or _short(one.name) == rest]
                before = _Window(window.start, window.end, maker) if maker else None
                thing = self._thing(window.start, window.end, models, before) if models else None
                if thing is not None and thing.records and (maker or _has_one_maker(thing)):
                    self._found.append(thing)
                    break

    def _by_part_of_title(self) -> None:
        """A maker and a name that stands in one title alone: *BYD Blade* for *BYD Blade 138 Ah*, *Molicel P42A*."""
        makers = {one.start: one for one in reversed(self._windows) if self._names_maker(one.name)}
        for window in self._windows:
            maker = makers.get(window.start)
            if maker is None or maker.end >= window.end or not self._is_free(window.start, window.end):
                continue
            rest = self._text[maker.end : window.end]
            if self._text[maker.start].isupper() and any(word[0].islower() for word in rest.split()):
                continue  # an ordinary word: only who writes all in small letters writes names so
            if not self._may_be_name(rest) or not self.is_mentioned(window.name):
                continue
            found = self.partly_titled(self._text[window.start : window.end])
            records = () if found is None else tuple(record for record in found.records if _is_made_by(record, maker.name))
            if found is not None and records and len({record.title for record in records}) == 1:
                self._found.append(replace(found, start=window.start, end=window.end, label=records[0].title, records=records))

    def _may_be_name(self, text: str) -> bool:
        """Whether each word may be a name of its own: no class, no quantity, no word of companies or of any title."""
        words = text.split()
        return bool(words) and not any(
            len(fold_name(word)) < SHORT
            or fold_name(word) in _COMPANY_WORDS | SOFT
            or self._means_concept(word)
            or self._means_quantity(word)
            for word in words
        )

    def _may_be_spelt(self, window: _Window) -> bool:
        """Whether it is a code of letters and digits, and no quantity."""
        text, spelt = self._text[window.start : window.end], _squashed(window.name)
        is_code = any(map(str.isdigit, spelt)) and any(map(str.isalpha, spelt)) and len(window.name.split()) <= LONGEST_CODE
        return is_code and len(spelt) >= SHORT and not self._means_quantity(text)

    def _spelt(self, spelt: str) -> list[Named]:
        """Models that are spelt so without spaces and signs, the size before them left out or not."""
        return [one for one in self._models_all() if spelt in (_squashed(one.name), _short(one.name))]

    def _makers_all(self) -> frozenset[str]:
        """What the makers' names begin with, without spaces."""
        if self._all_makers is None:
            self._all_makers = frozenset(map(_squashed, self._maker_beginnings)) - {""}
        return self._all_makers

    def _unknown(self) -> None:
        """A maker followed by a code that no readable record has as its model; a code that begins with a size."""
        for window in self._windows:
            text = self._text[window.start : window.end]
            is_code = " " not in text and any(map(str.isdigit, text)) and not text.isdigit() and window.name not in self._makers
            if not is_code or not self._is_free(window.start, window.end):
                continue
            maker = self._maker_before(window)
            begun = self._begun(window, maker) if maker else None
            if begun is not None:
                self._found.append(begun)
                continue
            if maker is None and not _SIZED.fullmatch(text):
                continue
            if (
                text[0] in _SIGNS
                or self._means_concept(text)
                or (self._means_quantity(text) and _OF_CELLS.match(self._text, window.end))
            ):
                continue
            start = maker.start if maker else window.start
            self._found.append(self._unread(start, window.end, self._makers.get(maker.name) if maker else None))

    def _begun(self, window: _Window, maker: _Window) -> Thing | None:
        """The one model of the maker that goes on in words after this code: *CATL 280Ah* for *280Ah CATL LiFePO4*."""
        models = [one for one in self._models_all() if one.name.startswith(f"{window.name} ")]
        models = [one for one in models if all(len(word) > SHORT for word in one.name.removeprefix(window.name).split())]
        thing = self._thing(maker.start, window.end, models, maker) if models else None
        return thing if thing is not None and len({label_of(record).lower() for record in thing.records}) == 1 else None

    def _thing(self, start: int, end: int, models: Sequence[Named], maker: _Window | None) -> Thing:
        text = self._text[start:end]
        parts: tuple[Part, ...] = (EntityPart(text, EntityKind.MODEL, tuple(one.name for one in models), models[0].label),)
        page = self._index.search(Query(text, parts), self._audiences, limit=MAX_RECORDS)
        records = tuple(hit.record for hit in page.hits)
        if maker is not None:
            names = tuple(dict.fromkeys(name for record in records for name in makers_of(record) if _same_maker(maker.name, name)))
            records = tuple(record for record in records if not set(names).isdisjoint(makers_of(record)))
            parts = (self._maker_part(self._text[maker.start : maker.end], names), *parts)
        if not records:
            return self._unread(start, end, self._makers.get(maker.name) if maker else None)
        return Thing(start, end, text, label_of(records[0]), parts, records)

    def _unread(self, start: int, end: int, maker: Named | None) -> Thing:
        """What has no such model: a record with that title, else a thing without records, and what is near."""
        text = self._text[start:end]
        titled = self.titled(text)
        if titled is not None:
            return replace(titled, start=start, end=end)
        return Thing(start, end, text, text, near=(self.near(text, maker) if maker else ()) or self.near(text))

    def _spelt_like(self, model: Named) -> list[Named]:
        """The model with its other spellings: *INR21700-M50T* and *INR21700M50T*."""
        wanted = _squashed(model.name)
        return [model, *(one for one in self._models_all() if one.name != model.name and _squashed(one.name) == wanted)]

    def _maker_part(self, text: str, names: Sequence[str]) -> EntityPart:
        return EntityPart(text, EntityKind.MANUFACTURER, tuple(names), text)

    def _maker_before(self, window: _Window) -> _Window | None:
        """The maker's name that stands directly before, other words of a company between."""
        before = [one for one in self._windows if one.end <= window.start and self._names_maker(one.name)]
        for one in sorted(before, key=lambda each: (-each.end, each.start)):
            between = self._text[one.end : window.start]
            left = [word for word in between.split() if word.lower() not in _COMPANY_WORDS]
            if _BETWEEN.fullmatch(" ".join(left)):
                return one
        return None

    def _names_maker(self, name: str) -> bool:
        """Whether makers have this name or begin with it, however it is spaced: *thundersky* for *Thunder-Sky*."""
        return name in self._maker_beginnings or (len(name) >= LONG_NAME and _squashed(name) in self._makers_all())

    def _maker_after(self, window: _Window) -> _Window | None:
        """The maker's name in brackets or after *by* or *from*."""
        if _IS_IT.match(self._text):
            return None
        after = [one for one in self._windows if one.start >= window.end and one.name in self._maker_beginnings]
        for one in sorted(after, key=lambda each: (each.start, -each.end)):
            if _AFTER.fullmatch(self._text[window.end : one.start]):
                return one
        return None

    def _is_only_a_name(self, window: _Window) -> bool:
        """Whether the words mean the model without its maker: *20Ah* is a number, and *CR2032* is a size."""
        text = self._text[window.start : window.end]
        squashed = _squashed(text)
        if squashed.isdigit():
            return len(squashed) > LONGEST_NUMBER
        is_code = any(map(str.isdigit, text)) and len(squashed) > SHORT
        is_size = len(squashed) <= LONGEST_SIZE and self._means_concept(text)
        return is_code and not is_size and not self._means_quantity(text)

    def _means_quantity(self, text: str) -> bool:
        match = re.match(r"[<>=~≥≤±]*[CcDd]?/?\d+(?:[.,]\d+)?(?:[-–]\d+(?:[.,]\d+)?)?\s*", text)
        return match is not None and (match.end() == len(text) or self._vocabulary.units.find(text[match.end() :]) is not None)

    def _means_concept(self, text: str) -> bool:
        return any(one.score >= 0.9 for one in self._vocabulary.lookup.find(text, limit=1))

    def _models_all(self) -> tuple[Named, ...]:
        if self._all_models is None:
            self._all_models = self._index.names(EntityKind.MODEL, self._audiences)
        return self._all_models


def _title_parts(words: Sequence[str]) -> tuple[tuple[TextPart, ...], ...]:
    """What finds a title of these words; file names are titles too: ``varta_cr2032``."""
    return tuple(map(TextPart, words)), (TextPart("_".join(words)),)


def _is_head(text: str, title: str) -> bool:
    """Whether a title goes on behind the text in brackets, behind a dash or a comma, or with what it is in: *7M KOH in H2O*.

    Of a title that begins with a number of its own, that is enough: *LAB-2026-0001*.
    """
    wanted = _squashed(text)
    if _squashed(_BRACKETS.sub("", title)) == wanted or (_NUMBERED.fullmatch(text) and title.split()[0].lower() == text.lower()):
        return True
    is_name = " " in text or not text.islower()
    return is_name and any(_squashed(title[: found.start()]) == wanted for found in _GOES_ON.finditer(title))


def _windows(text: str) -> list[_Window]:
    """Every run of up to `MAX_WORDS` words with its folded name: the longest first, then from left to right."""
    tokens = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        written = match.group()
        end -= len(written) - len(_POSSESSIVE.sub("", written).rstrip(_TRIMMED))
        start += len(written) - len(written.lstrip(_TRIMMED))
        if start < end:
            tokens.append((start, end))
    found = [
        _Window(first, last, fold_name(text[first:last]))
        for length in range(min(MAX_WORDS, len(tokens)), 0, -1)
        for (first, _), (_, last) in zip(tokens, tokens[length - 1 :], strict=False)
    ]
    return [window for window in found if window.name and not text[: window.end].endswith(" as")]  # no company of Norway


def _beginnings(names: Iterable[str]) -> frozenset[str]:
    """The names and what they begin with, word by word: *samsung* for *samsung sdi*."""
    return frozenset(" ".join(words[:count]) for words in map(str.split, names) for count in range(1, len(words) + 1))


@lru_cache(maxsize=100_000)
def _squashed(name: str) -> str:
    return "".join(re.findall(r"[^\W_]+", name.lower()))


@lru_cache(maxsize=100_000)
def _short(name: str) -> str:
    """The maker's own name of a model: ``m50`` of ``inr21700 m50``; ``""`` where nothing tells it from the size."""
    short = _SIZE.sub("", _squashed(name))
    return short if len(short) >= 2 and len(short) < len(_squashed(name)) else ""


def _has_one_maker(thing: Thing) -> bool:
    """Whether all its records name the same maker, however spelt: *LG* and *LG Chem*."""
    makers = [makers_of(record) for record in thing.records]
    return any(all(any(_same_maker(one, name) for name in names) for names in makers) for one in makers[0])


def _is_made_by(record: Record, maker: str) -> bool:
    return any(_same_maker(maker, name) for name in makers_of(record))


def _same_maker(asked: str, written: str) -> bool:
    """Whether one name is the beginning of the other, word by word: *LG* and *LG Chem*; or spelt without spaces."""
    one, other = asked.split(), written.split()
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared] or _squashed(asked) == _squashed(written)
