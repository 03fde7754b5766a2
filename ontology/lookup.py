"""Concept look-up: from what people write to the concepts it can mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, zip_longest
from typing import NamedTuple

from rapidfuzz.distance import OSA

from ontology.abbreviations import Abbreviation, load_abbreviations, texts_of
from ontology.concepts import PREFIXES, Concepts
from ontology.definitions import Definitions
from ontology.formulae import Formulae
from ontology.label_index import (
    KEPT,
    MIN_MENDED,
    Completion,
    Entry,
    Nearest,
    Words,
    entries_of,
    entry_of,
    kind_of_term,
    names_a_thing,
    nearest_among,
)
from ontology.model import Kind, Label, LabelKind
from ontology.roles import Roles
from ontology.spelling import fold, normal, squash, starts_with_words, stems_of

MAX_TEXT = 256
"""Longest text that `Lookup.find` and `Lookup.complete` look at, in characters; longer ones match nothing."""
MAX_QUESTION = 1_000
"""`Lookup.spans` reads this many characters of a question and leaves the rest alone."""

MIN_COMPLETED = 3
"""Letters from which on `Lookup.find` adds names that only begin with the text."""
MAX_MEANINGS = 8
"""Most candidates of one `Span`."""

STOP_WORDS = frozenset(
    """
    a about above after all also an and any are as at be been before below best between both but by can could data did do does
    each equal every exactly find for found from get give greater had has have having her higher his how i if in into is it
    its larger least less let like list look lower made make many may me measured more most much my near no not of off on one
    only or other our out over per please published record records she show since smaller so some such tell than that the
    their them there these they this those to under until up us use used using was we were what when where which while who
    whose why will with within without would you your
    """.split()  # noqa: SIM905 - a list of words reads better than 150 quoted ones
)
"""Words of a question that never stand for a concept on their own."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One concept that a text can mean.

    Args:
        iri: Its IRI.
        label: Its prefLabel, for people.
        score: How sure it is: 1 as written, above 0.9 but for case, plural, spelling or a table entry, below it by guess.
        matched: The label that matched.
        deprecated: Whether the ontology gave the concept up.
    """

    iri: str
    label: str
    score: float
    matched: Label
    deprecated: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text that names concepts: ``question[start:end] == text``; candidates best first."""

    start: int
    end: int
    text: str
    candidates: tuple[Candidate, ...]


class _Token(NamedTuple):
    start: int
    end: int
    text: str
    key: str
    stem: str
    mended: bool


_Ranked = list[tuple[float, Entry]]
_Step = Callable[[str], Iterable[tuple[float, Entry]]]


class Lookup:
    """Finds concepts by IRI, CURIE, label, abbreviation, formula, and by what was meant with one or two typing errors.

    Args:
        concepts: The concepts and their labels.
        abbreviations: Our table of what people write, by default the one of this package. Its order decides when it knows a text.

    >>> from ontology.model import Concept, Facts
    >>> cell = Concept("https://w3id.org/emmo/domain/battery#cell", Kind.CLASS, (Label("BatteryCell", "en", LabelKind.PREF),))
    >>> lookup = Lookup(Concepts(Facts((), {cell.iri: cell}, {}, {})), abbreviations=())
    >>> [candidate.label for text in ("battery cells", "BATTERY_CELL", "batery cell") for candidate in lookup.find(text)]
    ['BatteryCell', 'BatteryCell', 'BatteryCell']
    >>> [span.text for span in lookup.spans("all the battery cells above 100 Ah")]
    ['battery cells']
    """

    def __init__(self, concepts: Concepts, abbreviations: Iterable[Abbreviation] | None = None) -> None:
        self._concepts = concepts
        self._by_key: dict[str, list[Entry]] = {}
        self._by_stem: dict[str, list[Entry]] = {}
        self._table: dict[str, list[Entry]] = {}
        self._table_words: set[str] = set()
        self._terms = {iri: term for term, (iri, _) in concepts.facts.terms.items() if names_a_thing(iri)}
        self._widest = 1
        for entry in entries_of(concepts):
            self._add(entry)
        for row in load_abbreviations() if abbreviations is None else abbreviations:
            self._add_row(row)
        self._completion: Completion | None = None
        self._typos: Nearest | None = None
        self._words: Words | None = None
        self._kept = lru_cache(maxsize=KEPT)(self._find)
        self._formulae: Formulae | None = None

    def _add(self, entry: Entry) -> None:
        key, stem, count = normal(entry.label.text)
        self._by_key.setdefault(key, []).append(entry)
        if stem != key:
            self._by_stem.setdefault(stem, []).append(entry)
        if entry.label.kind is LabelKind.PREF and stem.endswith("battery"):  # whoever says *zinc air cell* means ZincAirBattery
            self._by_stem.setdefault(f"{stem.removesuffix('battery')}cell", []).append(entry)
        self._widest = max(self._widest, count)

    def _add_row(self, row: Abbreviation) -> None:
        concept = self._concepts.get(row.iri)
        if concept is None and row.iri not in self._terms:
            return  # A smaller fact table, or other versions of the ontologies.
        entry = Entry((concept is not None and concept.deprecated, False, False, 0, 0), row.iri, Label(row.text, "", row.kind))
        if " " in row.text:
            self._table_words.update(row.text.casefold().split())
        said = [row.text]
        if row.text.endswith(" cell") and not row.text.endswith("half cell"):  # a round cell is a round battery
            said.append(f"{row.text.removesuffix('cell')}battery")
        for key, stem, count in map(normal, said):
            for name in {key, stem}:
                self._table.setdefault(name, []).append(entry)
            self._widest = max(self._widest, count)

    def find(self, text: str, *, limit: int = 5, kinds: Collection[Kind] | None = None) -> tuple[Candidate, ...]:
        """The concepts that a whole text can mean, best first; empty when nothing comes near.

        Tried in this order, the first that gives anything answers: IRI or CURIE; our table and labels, whatever their case,
        spacing, number or spelling; a mixture of several (``EC:EMC``); labels that begin with all its words when these are known;
        labels one or two typing errors away; labels that contain all its words; labels of which a word begins so; the concepts
        that parts of it name. Labels of which a word begins so then fill up what is left of *limit*, with a score below 0.5.

        Args:
            text: What somebody wrote, at most `MAX_TEXT` characters.
            limit: Most candidates to give.
            kinds: Kinds of concepts to look among; ``None`` for all.
        """
        text = text.strip()
        if not text or len(text) > MAX_TEXT:
            return ()
        return self._kept(text, limit, None if kinds is None else frozenset(kinds))

    def _find(self, text: str, limit: int, kinds: frozenset[Kind] | None) -> tuple[Candidate, ...]:
        names: tuple[_Step, ...] = (self._identified, self._labelled, self._mixed)
        guesses: tuple[_Step, ...] = (self._begun, self._mistyped, self._worded, self._longer, self._in_parts)
        for step in (*names, *guesses):
            found = self._candidates(step(text), limit, kinds)
            if len(found) == limit:
                return found
            if found:  # "lithium" is Lithium, and perhaps the beginning of more: what goes on from the text fills the rest.
                known = {candidate.iri for candidate in found}
                more = (ranked for ranked in self._longer(text) if ranked[1].iri not in known)
                return found + self._candidates(more, limit - len(found), kinds)
        return ()

    def named(self, text: str, *, limit: int = 5) -> tuple[Candidate, ...]:
        """The classes of which a whole text is a name, best first: no guesses, no typing errors, no parts of names.

        Args:
            text: What somebody wrote, at most `MAX_TEXT` characters.
            limit: Most candidates to give.
        """
        text = text.strip()
        return self._candidates(self._labelled(text), limit, {Kind.CLASS}) if 0 < len(text) <= MAX_TEXT else ()

    def complete(self, prefix: str, *, limit: int = 10) -> tuple[Candidate, ...]:
        """Concepts with a label of which a word begins so: whole labels first, then short before long, deprecated ones last.

        Args:
            prefix: What has been typed so far, at most `MAX_TEXT` characters; it may run over several words.
            limit: Most candidates to give.
        """
        key = squash(fold(prefix)) if len(prefix) <= MAX_TEXT else ""
        if not key:
            return ()
        return self._candidates(((1.0, entry) for entry in self._completed(key)), limit, None)

    def _completed(self, key: str) -> Iterator[Entry]:
        if self._completion is None:
            self._completion = Completion(chain.from_iterable(chain(self._by_key.values(), self._table.values())))
        return self._completion.begin_with(key)

    def spans(self, text: str, *, kinds: Collection[Kind] | None = frozenset({Kind.CLASS})) -> tuple[Span, ...]:
        """The parts of a question that name concepts: from left to right, always the longest, never overlapping.

        A word is taken for a typing error only when it has five letters or more and no label or word of a label is spelt so.

        Args:
            text: A question in free words; what follows after `MAX_QUESTION` characters is not read.
            kinds: Kinds of concepts to look among; ``None`` for all.
        """
        formulae = self._formulae_in(text[:MAX_QUESTION]) if kinds is None or Kind.CLASS in kinds else []
        spans = [span for span in formulae if not {"(", "["}.isdisjoint(span.text)]
        tokens = [token for token in self._tokens(text[:MAX_QUESTION]) if not _meets(spans, token.start, token.end)]
        position = 0
        while position < len(tokens):
            count, ranked = self._longest(text, tokens, position)
            candidates = self._candidates(ranked, MAX_MEANINGS, kinds)
            if candidates:
                start, end = tokens[position].start, tokens[position + count - 1].end
                spans.append(Span(start, end, text[start:end], candidates))
            position += count
        spans += [span for span in formulae if not _meets(spans, span.start, span.end)]
        return tuple(sorted(spans, key=lambda span: span.start))

    def _formulae_in(self, text: str) -> list[Span]:
        """Formulae of substances, also as our table does not write them: ``Li[Ni0.8Co0.1Mn0.1]O2``."""
        found = []
        for written in _FORMULA.finditer(text):
            if self._formulae is None:
                self._formulae = Formulae(Definitions(self._concepts, Roles(self._concepts)))
            called = texts_of().get(self._formulae.substance(written.group()))
            if called and (named := self.named(called[0])):
                found.append(Span(*written.span(), written.group(), named))
        return found

    def spells(self, word: str) -> bool:
        """Whether a name, or each word of a joined one, is spelt so."""
        key, stem, _ = normal(word)
        return self._knows(key, stem) or all(part in self._word_index() for part in stems_of(word))

    def respelt(self, word: str, among: Collection[str] = ()) -> str:
        """The word of a name that was meant by one that no name has: one typing error away, or two in a long word.

        Of a short word only a letter left out or two letters swapped are mended: too many others are one letter away.

        Args:
            word: One word; of what is more or less than a word nothing is known.
            among: Other words that can be meant.
        """
        key = squash(fold(word))
        if len(key) < MIN_MENDED or not key.isalpha():
            return ""
        if near := nearest_among(key, among):
            return near
        return self._word_index().respelt(key)

    def _candidates(
        self, ranked: Iterable[tuple[float, Entry]], limit: int, kinds: Collection[Kind] | None
    ) -> tuple[Candidate, ...]:
        found: dict[str, Candidate] = {}
        for score, entry in ranked:
            if len(found) >= limit:
                break
            if entry.iri in found:
                continue
            concept = self._concepts.get(entry.iri)
            if kinds is not None and (concept.kind if concept else kind_of_term(self._terms[entry.iri])) not in kinds:
                continue
            label = self._concepts.label(entry.iri) if concept else self._terms[entry.iri]
            found[entry.iri] = Candidate(entry.iri, label, score, entry.label, entry.order[0])
        return tuple(found.values())

    def _identified(self, text: str) -> _Ranked:
        iri = text[1:-1] if text.startswith("<") and text.endswith(">") else text
        prefix, colon, local = iri.partition(":")
        concept = self._concepts.get(iri) if colon else None
        if concept is not None:
            return [(1.0, entry_of(concept, Label(iri, "", LabelKind.IRI)))]
        namespace = PREFIXES.get(prefix) if colon else None
        if namespace is None:
            return []
        concept = self._concepts.get(namespace + local)
        if concept is not None:
            return [(1.0, entry_of(concept, Label(text, "", LabelKind.CURIE)))]
        return [ranked for ranked in self._labelled(local) if ranked[1].iri.startswith(namespace)]

    def _labelled(self, text: str) -> _Ranked:
        key, stem, _ = normal(text)
        return self._named(text, key, stem)

    def _named(self, text: str, key: str, stem: str) -> _Ranked:
        """Every concept with this name: our table first, then labels as written, but for case, but for number and spelling."""
        table = self._table.get(key) or self._table.get(stem) or []
        if len(key) == 1:  # Of ``C``, ``c``, ``C#`` and ``C++`` only the first is carbon.
            table = [entry for entry in table if entry.label.text == text]
        ranked = [(1.0, entry) for entry in table]
        labelled = [(int(entry.label.text != text), entry) for entry in self._by_key.get(key, ())]
        if stem != key:
            labelled += [(2, entry) for entry in self._by_key.get(stem, ())]
        labelled += [(2, entry) for entry in self._by_stem.get(stem, ())]
        if len(labelled) > 1:
            called = {entry.iri for _, entry in labelled if entry.label.kind is LabelKind.PREF}
            labelled.sort(key=lambda found: (found[1].order[0], found[0], found[1].order, found[1].iri not in called, found[1]))
        ceiling = 0.98 if table else 1.0
        return ranked + [(min(ceiling, _SCORES[tier]), entry) for tier, entry in labelled]

    def _mixed(self, text: str) -> _Ranked:
        """``EC:EMC`` and the like: the best of every part, then the second of every part."""
        parts = [part.strip() for part in _MIXTURE.split(text)]
        names = [part for part in parts if part and not part.isdigit()]
        if not 2 <= len(names) <= 8:
            return []
        found = [self._labelled(name) for name in names]
        if not all(found):
            return []
        return [(min(0.95, ranked[0]), ranked[1]) for row in zip_longest(*found) for ranked in row if ranked is not None]

    def _mistyped(self, text: str) -> _Ranked:
        key = squash(fold(text))
        if not key:
            return []
        if self._typos is None:
            self._typos = Nearest(self._by_key.keys() | self._table.keys())
        near = self._typos.near(key, 1 if len(key) < 5 or self._spells_known_words(text) else 2)
        ranked = [
            (_likeliness(text, key, name, distance, entry), entry)
            for name, distance in near
            for entry in chain(self._table.get(name, ()), self._by_key.get(name, ()))
        ]
        ranked.sort()
        return [(0.9 - 0.15 * likeliness[0], entry) for likeliness, entry in ranked]

    def _longer(self, text: str) -> Iterator[tuple[float, Entry]]:
        """Names of which some word begins so; nothing for a text that is too short to say anything."""
        key = squash(fold(text))
        return ((0.3, entry) for entry in self._completed(key) if len(key) >= MIN_COMPLETED)

    def _begun(self, text: str) -> _Ranked:
        """When all words are known: names that begin with them, then what is a typing error away, then names that hold them.

        ``lithium iron`` is rather the beginning of a longer name than a slip.
        """
        if not self._spells_known_words(text):
            return []
        begun = [(0.78, entry) for entry in self._completed(squash(fold(text))) if starts_with_words(entry.label.text, text)]
        return [*begun, *self._mistyped(text), *self._worded(text)] if begun else []

    def _spells_known_words(self, text: str) -> bool:
        """Several words, all known: that two errors led from one name to another (``NMC``, ``LMO battery``) is unlikely."""
        words = _TOKEN.findall(text)
        return len(words) > 1 and all(word in self._word_index() or self._knows(*normal(word)[:2]) for word in words)

    def _worded(self, text: str) -> _Ranked:
        words = self._word_index()
        stems = [words.mend(stem) or stem for stem in stems_of(text) if stem not in STOP_WORDS]
        return [(0.5, entry) for entry in words.containing(stems)]

    def _in_parts(self, text: str) -> _Ranked:
        found = [[(0.4, candidate) for candidate in self._named(span.text, *normal(span.text)[:2])] for span in self.spans(text)]
        return [(score, entry) for row in zip_longest(*found) for score, (_, entry) in filter(None, row)]

    def _word_index(self) -> Words:
        if self._words is None:
            self._words = Words(chain.from_iterable(self._by_key.values()))
        return self._words

    def _tokens(self, text: str) -> list[_Token]:
        tokens = []
        for match in _TOKEN.finditer(text):
            written = match.group()
            key, stem, _ = normal(written)
            mended = self._mend(written, key, stem)
            if mended:
                tokens.append(_Token(*match.span(), written, mended, mended, True))
            else:
                tokens.append(_Token(*match.span(), written, key, stem, False))
        return tokens

    def _mend(self, written: str, key: str, stem: str) -> str:
        """What was meant, when no label and no word of a label is spelt like this; else the empty text."""
        if len(key) < 5 or not key.isalpha() or key in STOP_WORDS or key in self._table_words or self._knows(key, stem):
            return ""
        words = self._word_index()
        if all(part in words for part in stems_of(written)):
            return ""
        mended = words.mend(stem)
        if mended or len(key) < 8:
            return mended
        if self._typos is None:
            self._typos = Nearest(self._by_key.keys() | self._table.keys())
        near = sorted((distance, name) for name, distance in self._typos.near(key, 1) if name[0] == key[0])
        return near[0][1] if near else ""

    def _knows(self, key: str, stem: str) -> bool:
        return key in self._by_key or key in self._table or stem in self._by_key or stem in self._by_stem or stem in self._table

    def _longest(self, text: str, tokens: Sequence[_Token], position: int) -> tuple[int, _Ranked]:
        """How many tokens the longest name that begins here has, and what it can mean; one token and nothing when there is none."""
        if tokens[position].key in STOP_WORDS and not self._is_acronym(tokens[position]):
            return 1, []
        end = position + 1
        while end < len(tokens) and end - position < self._widest and _GAP.fullmatch(text, tokens[end - 1].end, tokens[end].start):
            end += 1
        for last in range(end, position, -1):
            window = tokens[position:last]
            if len(window) > 1 and (
                self._cuts(text, tokens[last - 1 : last + 1]) or self._leaves_rest(text, window, tokens[last : last + 1])
            ):
                continue
            key = "".join([token.key for token in window])
            stem = "".join([token.stem for token in window])
            written = text[window[0].start : window[-1].end]
            if not self._knows(key, stem) or not (self._may_name(window, key) or self._is_in_table(written, key)):
                continue
            mended = any(token.mended for token in window)
            ranked = self._named(written, key, stem)
            return len(window), [(score - 0.15, entry) for score, entry in ranked] if mended else ranked
        return 1, []

    def _cuts(self, text: str, tokens: Sequence[_Token]) -> bool:
        """Whether a name is cut between these two: *rechargeable lithium* is no name in *rechargeable lithium-ion*."""
        if len(tokens) < 2 or text[tokens[0].end : tokens[1].start] != "-":
            return False
        return self._knows(tokens[0].key + tokens[1].key, tokens[0].stem + tokens[1].stem)

    def _leaves_rest(self, text: str, window: Sequence[_Token], after: Sequence[_Token]) -> bool:
        """Whether two words are a name, but what follows makes two of them: *rechargeable lithium* before *metal*."""
        is_next = len(window) == 2 and bool(after) and _GAP.fullmatch(text, window[-1].end, after[0].start) is not None
        if not is_next or self._knows(after[0].key, after[0].stem):
            return False
        first, second = window
        return self._knows(first.key, first.stem) and self._knows(second.key + after[0].key, second.stem + after[0].stem)

    def _may_name(self, window: Sequence[_Token], key: str) -> bool:
        """Short names must be written as the label is, and words must not meet by chance (``in 2`` is not indium)."""
        if len(window) > 1:
            return len(key) >= 5 and window[-1].key not in STOP_WORDS
        return len(key) > 2 or self._is_acronym(window[0])

    def _is_in_table(self, written: str, key: str) -> bool:
        """Whether our table has exactly this, short as it may be (``Si/C``)."""
        return any(entry.label.text == written for entry in self._table.get(key, ()))

    def _is_acronym(self, token: _Token) -> bool:
        if len(token.text) < 2 or token.text.islower() or (token.key in STOP_WORDS and not token.text.isupper()):
            return False
        entries = chain(self._table.get(token.key, ()), self._by_key.get(token.key, ()))
        return any(entry.label.text == token.text for entry in entries)


_SCORES = {0: 1.0, 1: 0.99, 2: 0.97}
_MIXTURE = re.compile(r"[:/+|&,]|\s+and\s+|\s+-\s+")
_TOKEN = re.compile(r"[^\W_]+")
_FORMULA = re.compile(
    r"(?<![\w.])(?=[^\W\d]*[\d(\[])[A-Z](?:[A-Za-z0-9]|[./](?=\d)|[(\[](?=[A-Z])|[)\]])*(?<=[\w)\]])(?![\w.]\w|\w)"
)
_GAP = re.compile(r"[\s_/'’·⋅()+:‐-―-]{1,3}")


def _meets(spans: Iterable[Span], start: int, end: int) -> bool:
    return any(span.start < end and start < span.end for span in spans)


def _likeliness(text: str, key: str, name: str, distance: int, entry: Entry) -> tuple[float, ...]:
    """Smaller is likelier: that one writes *text* when one means the label.

    A letter left out and two letters swapped can happen in few ways, a letter added or replaced in 25 times as many, so that each
    single one of these is less likely. Digits are rarely mistyped and mean another size or compound.
    """
    written = entry.label.text
    if text.islower():
        text, written = text.casefold(), written.casefold()
    swapped_or_omitted = len(key) < len(name) or sorted(key) == sorted(name)
    return (
        distance,
        _digits(key) != _digits(name),
        OSA.distance(text, written),
        not swapped_or_omitted,
        *entry.order,
        key[0] != name[0],
    )


def _digits(text: str) -> str:
    return "".join([char for char in text if char.isdigit()])
