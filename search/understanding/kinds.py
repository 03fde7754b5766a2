"""Which kind of quantity words name: ``nominal voltage``, ``weigh``, ``discharge cut-off voltage``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Final

from ontology import terms
from ontology.lookup import STOP_WORDS, Candidate
from ontology.model import Kind as ConceptKind
from ontology.model import Label, LabelKind
from search.understanding.numerals import Amount
from search.understanding.question import Question
from search.understanding.roles import Role, RoleReader
from search.understanding.vocabulary import FILLERS, SOFT, Vocabulary

SAME_STANDING: Final = 0.03
"""Candidates whose score is this near to the best one's are meant as well."""
REACH: Final = 6
"""Most words that name the kind of a quantity."""

GIVEN_FOR: Final = (
    r"(?:given|stated|quoted|reported|specified|listed|tabulated|valid|known|told|taken|determined|recorded|measured)"
    r"\s+(?:at|for|under)"
)
"""Between a kind and what its number holds under, besides *at*: ``density given for 20 °C``."""

_BESIDE = {
    "current": "electric current",
    "potential": "voltage",
    "temp": "temperature",
    **dict.fromkeys(("weigh", "weighs", "weighing", "lighter", "heavier", "heavy", "light", "weight"), "mass"),
    **dict.fromkeys(("long", "longer", "shorter"), "length"),
    **dict.fromkeys(("thick", "thicker", "thinner", "thin"), "thickness"),
    **dict.fromkeys(("wide", "wider", "narrower"), "width"),
    **dict.fromkeys(("tall", "taller", "high"), "height"),
    **dict.fromkeys(("hotter", "warmer", "colder", "cooler"), "temperature"),
    **dict.fromkeys(
        ("cycle", "cycles", "last", "lasts", "lasting", "survive", "survives", "withstand", "withstands", "endure", "endures"),
        "cycle life",
    ),
}
"""What a single word beside a number says about its kind, as a name that the ontology knows."""
_VARIANTS = {
    "max": "maximum",
    "min": "minimum",
    "discharge": "discharging",
    "charge": "charging",
    "maximal": "maximum",
    "temp": "temperature",
}
"""How the ontology writes words of longer names."""
_SAYS_NO_MORE: Final = frozenset(("value", "values", "factor", "level", "rating", "figure", "number"))
"""After the name of a kind: ``tortuosity factor``, where the whole is no name itself."""
_LINK = frozenset(("of", "in", "for", "the", "a", "an", "its", "their"))
"""Words between a kind and what has it: ``thickness of the cathode``."""
_BETWEEN_WORDS: Final = frozenset(("of", "to", "for", "the", "a", "on", "by", "per", "in"))
"""Words in the name of a kind that change nothing: ``time to charge``."""
_OWN_NAME: Final = frozenset(("Length", "Diameter"))
"""Kinds of which only those narrower ones are meant that are called so."""
_METHODS: Final = frozenset((terms.CHARACTERISATION_TECHNIQUE, terms.PROCEDURE, terms.BATTERY_TEST))
_LABELS_LINK: Final = re.compile(r"[\s_-]+")

_JOINING: Final = frozenset(("and", "or", "but", "plus", "with", "having"))
"""Words between two things, so that what stands before them is no part of the name: ``LiPF6 and conductivity``."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of quantity: where the question names it, and the classes that are meant.

    Args:
        start: Where its words begin.
        end: Where they end.
        candidates: The classes; none where the words fit no class of the dimension, and the dimension alone decides.
        role: What has the quantity, when the question says so.
    """

    start: int
    end: int
    candidates: tuple[Candidate, ...]
    role: Role | None = None


class KindReader:
    """Finds the kinds of quantity that a question names."""

    def __init__(self, question: Question, vocabulary: Vocabulary, roles: RoleReader) -> None:
        self._question = question
        self._vocabulary = vocabulary
        self._roles = roles

    def classes(self, kind: Kind) -> frozenset[str]:
        """The classes with their narrower ones."""
        return frozenset().union(*(quantity_classes(self._vocabulary, candidate.iri) for candidate in kind.candidates))

    def before(self, position: int, dimension: str) -> Kind | None:
        """The kind whose name ends at a position, but for filler words; ``dimension`` is ``""`` where no number says it."""
        words = self._question.words(self._question.free_before(position), position)
        while words and words[-1].group().lower() in FILLERS:
            words.pop()
        if not words or not self._question.only(words[-1].end(), position, FILLERS):
            return None
        found = self._of_role(words, dimension) or self._last(words, dimension)
        is_name = found is not None and self._is_inside_name(found, dimension)
        return None if is_name else found  # *formation cycles* are a method, not how many there are

    def _is_inside_name(self, kind: Kind, dimension: str) -> bool:
        """Whether it is part of a longer name; beside a number, of one that is no quantity: *constant voltage step at 4.2 V*."""
        if not dimension:
            return self._question.is_inside_name(kind.start, kind.end)
        names = [
            span for span in self._question.spans if span.start <= kind.start and kind.end == span.end and span.start < kind.start
        ]
        return any(not any(is_quantity(self._vocabulary, one.iri) for one in span.candidates) for span in names)

    def inside(self, amount: Amount, dimension: str) -> Kind | None:
        """A kind named by the operator itself (``lighter than``) or by the unit (``3000 cycles``)."""
        for word in self._question.words(amount.start, amount.end):
            if word.group().lower() in _BESIDE:
                found = self.named(word.start(), word.end(), dimension)
                if found is not None:
                    return found
        return None

    def after(self, position: int, dimension: str, *, fillers: bool = True) -> Kind | None:
        """The kind whose name begins at a position, but for filler words."""
        words = self._run(position)
        while fillers and words and words[0].group().lower() in FILLERS:
            words.pop(0)
        for count in range(len(words), 0, -1):
            found = self.with_role(words[:count], dimension)
            if found is not None:
                return found
        return None

    def with_role(self, words: Sequence[re.Match[str]], dimension: str) -> Kind | None:
        """The kind that exactly these words name, with what has it in front (``cathode thickness``)."""
        start, end = words[0].start(), words[-1].end()
        listed = self._listed_here(start, end, dimension)
        if listed:
            return Kind(start, end, listed)
        role = self._roles.at(start, end)
        if role is not None and role.end < end:
            rest = next((word.start() for word in words if word.start() >= role.end), end)
            kind = self.named(rest, end, dimension)
            if kind is not None and kind.candidates:
                return Kind(start, end, kind.candidates, role)
        return self.named(start, end, dimension)

    def named(self, start: int, end: int, dimension: str) -> Kind | None:
        """The quantity classes that exactly this stretch names, and that can have this dimension."""
        written = self._question.text[start:end]
        words = written.lower().split()
        is_stopped = words[0] in STOP_WORDS and not (words[0] == "lower" and self._vocabulary.lookup.named(written, limit=1))
        if is_stopped or words[-1] in STOP_WORDS or words[-1] in FILLERS:
            return None
        candidates = self._listed_here(start, end, dimension) or self._looked_up(written, words, dimension)
        if not candidates and words[-1] in _SAYS_NO_MORE and (before := self._question.words(start, end)[:-1]):
            shorter = self.named(start, before[-1].end(), dimension)
            return None if shorter is None else replace(shorter, end=end)
        return Kind(start, end, candidates) if candidates else None

    def _run(self, position: int) -> list[re.Match[str]]:
        """The words that follow, as far as nothing but spaces stands between them."""
        words: list[re.Match[str]] = []
        for word in self._question.words(position):
            gap_start = words[-1].end() if words else position
            if len(words) == REACH or not self._question.only(gap_start, word.start(), FILLERS):
                break
            if not self._question.is_free(word.start(), word.end()) or (
                words and "," in self._question.text[gap_start : word.start()]
            ):
                break
            words.append(word)
        return words

    def _last(self, words: Sequence[re.Match[str]], dimension: str) -> Kind | None:
        """The longest run of words up to the last one that names a kind."""
        end = words[-1].end()
        for count in range(min(REACH, len(words)), 0, -1):
            run = words[-count:]
            if all(self._is_gap(one.end(), other.start()) for one, other in pairwise(run)):
                found = self.with_role(run, dimension)
                if found is not None:
                    return found
        return self._misfit(words, end, dimension)

    def _is_gap(self, start: int, end: int) -> bool:
        """Whether two words belong to one name: filler words may part them, a comma does."""
        return self._question.only(start, end, FILLERS) and not {",", ";"} & set(self._question.text[start:end])

    def _misfit(self, words: Sequence[re.Match[str]], end: int, dimension: str) -> Kind | None:
        """A kind of another dimension (``capacity above 150 mAh/g``): its words are understood, and the dimension decides."""
        if not dimension or dimension == "1":
            return None
        said = {one.group().lower() for one in words}
        for word in words[-REACH:]:
            is_name = "," not in self._question.text[word.start() : end] and self._question.only(word.start(), end, said)
            if is_name and not self._question.is_inside_name(word.start(), end) and self.named(word.start(), end, ""):
                return Kind(word.start(), end, ())
        return None

    def _of_role(self, words: Sequence[re.Match[str]], dimension: str) -> Kind | None:
        """``thickness of the cathode``: the kind, then what has it."""
        for count in (3, 2, 1):
            if len(words) <= count:
                continue
            role = self._roles.at(words[-count].start(), words[-1].end())
            if role is None or role.end != words[-1].end():
                continue
            rest = list(words[:-count])
            linked = False
            while rest and rest[-1].group().lower() in _LINK:
                linked = True
                rest.pop()
            kind = self._last(rest, dimension) if rest and linked else None
            if kind is not None and kind.candidates and kind.role is None:
                return Kind(kind.start, role.end, kind.candidates, role)
        return None

    def _listed_here(self, start: int, end: int, dimension: str) -> tuple[Candidate, ...]:
        """Classes that our own table has for a stretch; inside a name only as it is written: *constant current discharge*."""
        said = " ".join(self._question.text[start:end].lower().split())
        is_turned = self._question.is_inside_name(start, end) and not any(" ".join(one) in kind_names() for one in _written(said))
        return () if is_turned else self.listed(said, dimension)

    def listed(self, said: str, dimension: str = "") -> tuple[Candidate, ...]:
        """Classes that our own table has for these words, in any order."""
        labels = next((found for one in _written(said) if (found := _any_order().get(_told(one)))), ())
        candidates = [self.of_label(label, said) for label in labels]
        return tuple(one for one in candidates if one is not None and self._fits(one, dimension, sure=True))

    def of_label(self, label: str, said: str) -> Candidate | None:
        """The class with this label, as these words say it; ``None`` when these ontologies have none."""
        known = next(iter(self._vocabulary.lookup.find(label, limit=1)), None)
        if known is None or known.label != label:
            return None
        return Candidate(known.iri, label, 1.0, Label(said, "en", LabelKind.ABBREVIATION), known.deprecated)

    def _looked_up(self, written: str, words: Sequence[str], dimension: str) -> tuple[Candidate, ...]:
        single = len(words) == 1
        said = _BESIDE.get(words[0], written) if single else " ".join(_VARIANTS.get(word, word) for word in words)
        find = self._vocabulary.lookup.find
        known = [find(one, limit=8) for one in dict.fromkeys((said, written))]
        limit = next((word for word in ("Maximum", "Minimum") if said.startswith(f"{word.lower()} ")), "")
        if not _JOINING.isdisjoint(words) and any(self._is_thing(one) for one in known[0]):
            return ()
        for least in (0.8, 0.5) if not single and dimension not in {"", "1"} and SOFT.isdisjoint(words) else (0.8,):
            for candidates in known:
                begun = [one for one in candidates if one.score >= least and one.label.startswith(limit)]
                fitting = [one for one in begun if self._fits(one, dimension, sure=least > 0.5)]
                if fitting:
                    best = max(one.score for one in fitting)
                    return tuple(one for one in fitting if one.score >= best - SAME_STANDING)
        return ()

    def _is_thing(self, candidate: Candidate) -> bool:
        things = (terms.CHEMICAL_SUBSTANCE, terms.MATTER, terms.DEVICE)
        return not self._vocabulary.concepts.ancestors(candidate.iri).isdisjoint(things)

    def _fits(self, candidate: Candidate, dimension: str, *, sure: bool) -> bool:
        """Whether it is a class of quantities that has this dimension; one that demands none must be named surely."""
        concept = self._vocabulary.concepts.get(candidate.iri)
        if concept is None or concept.kind is not ConceptKind.CLASS:
            return False
        if not dimension:
            return is_quantity(self._vocabulary, candidate.iri)
        demanded = "1" if candidate.label == "CycleLife" else self._vocabulary.units.dimension_of_kind(candidate.iri)
        if demanded is not None:
            return demanded == dimension
        return (sure or dimension == "1") and is_quantity(self._vocabulary, candidate.iri)


def is_quantity(vocabulary: Vocabulary, iri: str) -> bool:
    """Whether a class is one of quantities."""
    return terms.QUANTITY in vocabulary.concepts.ancestors(iri)


def is_method(vocabulary: Vocabulary, iri: str) -> bool:
    """Whether a class is one of tests, or of methods to measure something."""
    return not _METHODS.isdisjoint(vocabulary.concepts.ancestors(iri))


def quantity_classes(vocabulary: Vocabulary, iri: str) -> frozenset[str]:
    """A class of quantities and its narrower ones.

    To EMMO, height, width and diameter are lengths, and the size of particles is a diameter; who asks for length or diameter does
    not mean them.
    """
    narrower = vocabulary.concepts.narrower(iri)
    label = vocabulary.concepts.label(iri)
    return narrower if label not in _OWN_NAME else frozenset(one for one in narrower if label in vocabulary.concepts.label(one))


def common_dimension(vocabulary: Vocabulary, iris: Iterable[str]) -> str:
    """The dimension that all these classes demand; ``""`` when they demand none or different ones."""
    demanded = {vocabulary.units.dimension_of_kind(iri) for iri in iris}
    return (demanded.pop() or "") if len(demanded) == 1 else ""


def _written(said: str) -> Iterator[list[str]]:
    """Words as our own table writes them, as they are and in the singular; none where they begin or end with a little word."""
    words = [_VARIANTS.get(word, word) for word in _LABELS_LINK.split(said)]
    if _BETWEEN_WORDS.isdisjoint((words[0], words[-1])):
        yield from (words, [*words[:-1], words[-1].removesuffix("s")])


def _told(words: Iterable[str]) -> frozenset[str]:
    """The words of a kind's name that tell it: *pulse of discharging* is a discharging pulse."""
    return frozenset(words) - _BETWEEN_WORDS


@lru_cache(maxsize=1)
def _any_order() -> Mapping[frozenset[str], tuple[str, ...]]:
    """The same by the words of the name, in whatever order they stand."""
    return {_told(name.split()): labels for name, labels in kind_names().items()}


@lru_cache(maxsize=1)
def kind_names() -> Mapping[str, tuple[str, ...]]:
    """Our own names for kinds of quantities -> labels of the classes."""
    content = tomllib.loads(files(__package__).joinpath("kind_names.toml").read_text(encoding="utf-8"))
    return {name: tuple(labels) for name, labels in content.items()}
