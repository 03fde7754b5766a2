"""Names of concepts: every label with what breaks ties, found by how it begins, by typing errors, and by the words in it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import nsmallest
from typing import NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from ontology.concepts import PREFIXES, Concepts
from ontology.model import Concept, Kind, Label, LabelKind
from ontology.spelling import stems_of, words_of

KEPT = 4096
"""Answers that are kept: people ask for the same again, and one question asks for its words many times."""

MIN_MENDED = 4
"""Letters from which on `Lookup.respelt` mends a word."""
LONG_WORD = 9
"""Letters from which on `Lookup.respelt` mends two errors in a word."""
_COMMON = 10
"""Labels with a word of which another one is the slip."""


class Entry(NamedTuple):
    """A label of a concept with what breaks ties: deprecated, not a class, hidden label, how far from batteries, kind of label."""

    order: tuple[bool, bool, bool, int, int]
    iri: str
    label: Label


class Completion:
    """Every label under every word of it, in order, so that a prefix is one range; a rank for each says which is better."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = sorted(set(entries), key=lambda entry: (entry.order[:3], len(entry.label.text), entry.order, entry))
        count = len(self._entries)
        rows = sorted(
            ("".join(words[start:]), position + count * (2 * entry.order[0] + (start > 0)))
            for position, entry in enumerate(self._entries)
            for words in [words_of(entry.label.text)]
            for start in range(len(words))
        )
        self._keys = [key for key, _ in rows]
        self._ranks = [rank for _, rank in rows]
        self._short: dict[str, list[int]] = {}

    def begin_with(self, key: str) -> Iterator[Entry]:
        """Entries with a word that begins like this, best first."""
        ranks = self._short.get(key)
        if ranks is None:
            low = bisect_left(self._keys, key)
            ranks = sorted(self._ranks[low : bisect_left(self._keys, key + "\U0010ffff", low)])
            if len(key) <= 2 and ranks:  # The widest ranges, and there are few of them: kept.
                self._short[key] = ranks
        return (self._entries[rank % len(self._entries)] for rank in ranks)


class Nearest:
    """Names by length, to find those a few typing errors away (insert, delete, substitute, transpose neighbours)."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_length: dict[int, list[str]] = {}
        for name in sorted(names):
            self._by_length.setdefault(len(name), []).append(name)
        self.near = lru_cache(maxsize=KEPT)(self._near)
        """Names at the smallest distance at which there is any, 1 to *most*, with this distance."""

    def _near(self, key: str, most: int) -> Sequence[tuple[str, int]]:
        for distance in range(1, most + 1):
            lengths = range(len(key) - distance, len(key) + distance + 1)
            choices = [self._by_length.get(length, ()) for length in lengths]
            found = [
                name
                for names in choices
                for name, _, _ in extract(key, names, scorer=OSA.distance, score_cutoff=distance, limit=None)
            ]
            if found:
                return [(name, distance) for name in found]
        return []


class Words:
    """Labels by the words in them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_word: dict[str, list[Entry]] = {}
        for entry in entries:
            for word in set(stems_of(entry.label.text)):
                self._by_word.setdefault(word, []).append(entry)
        self._slips = frozenset(slip for word in self._by_word for slip in self._slips_of(word))
        self._nearest = Nearest(word for word in self._by_word if len(word) >= 4 and word not in self._slips)

    def __contains__(self, word: str) -> bool:
        return word in self._by_word and word not in self._slips

    def _slips_of(self, word: str) -> Iterator[str]:
        """Words of a single label that are a slip of the pen for a long common one: *Grueneisen paramter*."""
        if len(word) < LONG_WORD or len(self._by_word[word]) < _COMMON:
            return
        for at in range(1, len(word)):
            for slip in (word[:at] + word[at + 1 :], word[:at] + word[at : at + 2][::-1] + word[at + 2 :]):
                if slip != word and len(self._by_word.get(slip, ())) == 1:
                    yield slip

    def mend(self, word: str) -> str:
        """The commonest word of labels that is one typing error away (two in long words) and begins alike; empty when none."""
        if len(word) < 5 or word in self._by_word:
            return ""
        near = [name for name, _ in self._nearest.near(word, 1 if len(word) < 10 else 2) if name[0] == word[0]]
        return max(near, key=lambda name: (len(self._by_word[name]), name), default="")

    def respelt(self, word: str) -> str:
        """The commonest word of labels that is one typing error away (two in long words) and begins alike; empty when none."""
        near = [name for name, distance in self._nearest.near(word, _errors(word)) if _is_slip(word, name)]
        return max(near, key=lambda name: (len(self._by_word[name]), name), default="")

    def containing(self, words: Sequence[str]) -> list[Entry]:
        """Labels that contain all these words, those with the fewest others first."""
        if not words or not all(word in self._by_word for word in words):
            return []
        rarest, *others = sorted((self._by_word[word] for word in set(words)), key=len)
        wanted = set(words)
        found = [entry for entry in rarest if not others or wanted <= set(stems_of(entry.label.text))]
        return nsmallest(50, found, key=lambda entry: (entry.order[:2], len(entry.label.text), entry))


def nearest_among(word: str, among: Collection[str]) -> str:
    """The word that was meant by a mistyped one; ``""`` when none is near."""
    near = [(OSA.distance(word, one, score_cutoff=_errors(word)), one) for one in among if _is_slip(word, one)]
    return min((found for found in near if found[0] <= _errors(word)), default=(0, ""))[1]


def _errors(word: str) -> int:
    """Typing errors that are forgiven in a word."""
    return 1 if len(word) < LONG_WORD else 2


def _is_slip(word: str, meant: str) -> bool:
    """Whether a word can be a slip of the pen: it begins alike, and in a short one a letter is left out or two are swapped."""
    return word[0] == meant[0] and (len(word) > MIN_MENDED or len(meant) > len(word) or sorted(meant) == sorted(word))


_BEST_KIND_FIRST = (LabelKind.PREF, LabelKind.ALT, LabelKind.RDFS, LabelKind.TERM, LabelKind.HIDDEN)
_KIND_ORDER = {kind: position for position, kind in enumerate(_BEST_KIND_FIRST)}
_NAMESPACES = tuple(PREFIXES.values())
_NEAREST_FIRST = ("battery", "electrochemistry", "chemical-substance", "chameo", "emmo")
_NEAR_BATTERIES = {PREFIXES[prefix]: position for position, prefix in enumerate(_NEAREST_FIRST)}


def entry_of(concept: Concept, label: Label) -> Entry:
    """A label of a concept."""
    namespace = concept.iri[: max(concept.iri.rfind("#"), concept.iri.rfind("/")) + 1]
    order = (
        concept.deprecated,
        concept.kind is not Kind.CLASS,
        label.kind is LabelKind.HIDDEN,
        _NEAR_BATTERIES.get(namespace, 9),
        _KIND_ORDER.get(label.kind, 9),
    )
    return Entry(order, concept.iri, label)


def entries_of(concepts: Concepts) -> Iterator[Entry]:
    """Every label of every concept, then the terms of the context that say something new."""
    facts = concepts.facts
    for concept in facts.concepts.values():
        texts = set()
        for label in concept.labels:
            if label.text not in texts:
                texts.add(label.text)
                yield entry_of(concept, label)
    for term, (iri, _) in facts.terms.items():
        known = facts.concepts.get(iri)
        if known is not None and all(label.text != term for label in known.labels):
            yield entry_of(known, Label(term, "", LabelKind.TERM))
        elif known is None and names_a_thing(iri):
            yield entry_of(Concept(iri, kind_of_term(term)), Label(term, "", LabelKind.TERM))


def names_a_thing(iri: str) -> bool:
    """Whether a term of a context stands for something of the ontologies: not for a namespace, a person, a keyword."""
    return iri.startswith(_NAMESPACES) and not iri.endswith(("#", "/"))


def kind_of_term(term: str) -> Kind:
    """Of a term that only the context knows: EMMO and schema.org write classes with a capital and properties without."""
    return Kind.CLASS if term[:1].isupper() else Kind.OBJECT_PROPERTY
