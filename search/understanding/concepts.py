"""What a stretch of a question means: the concepts that it names, with their narrower ones, and words for them in titles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rapidfuzz.distance import OSA

from ontology import terms
from ontology.abbreviations import texts_of
from ontology.concepts import Concepts
from ontology.lookup import Candidate, Span
from ontology.model import Kind
from search.query import ConceptPart
from search.understanding.adjectives import class_of
from search.understanding.kinds import SAME_STANDING, is_quantity, quantity_classes
from search.understanding.question import WORD, Question
from search.understanding.vocabulary import SILENT, SOFT, Vocabulary

_LONGEST: Final = 5
"""Most words of a name that goes on."""
_ABBREVIATION: Final = re.compile(r"[A-Z]{3,}")
_BEGUN: Final = 0.78
"""The score of a name that begins with all the words."""
_MOST_ERRORS: Final = 2
"""Typing errors in a name of several words."""
_PLURAL: Final = re.compile(r"(?<=[a-z]{4})(?<![su])s\Z")
"""What a title leaves out of what is asked for in the plural: *zinc electrodes*."""
_CAPITALS: Final = re.compile(r"[A-Z][a-z]+|[A-Z]+(?![a-z])")
MENDED: Final = 0.9
"""Below this score a word was not written as a label is."""
FORMATS: Final = frozenset(("PouchCell", "CylindricalBattery", "PrismaticBattery", "CoinCell"))
_SOLUTION: Final = "Solution"
_RATIO: Final = re.compile(r"(?P<of>[A-Z]\w+Oxide)\d{3}")
_STATE: Final = re.compile(r"(?<=[A-Za-z0-9\])])\((?:s|l|g|aq)\)")
"""How a formula tells whether it is solid, liquid, a gas or dissolved in water."""
_FLUORIDE: Final = re.compile(r"\(CF\)\s?_?[xn]\b|\bCF_?[xn]\b|\bCF\([xn]\)")
"""Carbon monofluoride, of which formulae put the share in many ways."""
_OF_TEN: Final = 10
"""What the metals of a mixed oxide add up to, where they are not equal."""
_METALS: Final = re.compile(
    r"(?P<before>\b(?:N[MC][CM]|nickel|manganese|cobalt|oxide)[\s,(-]*(?:in (?:the |a )?ratio (?:of )?)?)"
    r"(?P<ratio>\d(?P<mark>[:/–-])\d(?P=mark)\d)(?![\w:/-])",
    re.IGNORECASE,
)
"""A mixed oxide and how much it has of its three metals."""
_SIZE: Final = re.compile(r"\b([A-Z]{2,3})(\d{4,5})\b")
_SIZE_APART: Final = re.compile(r"\b([A-Z]{2,3})[\s-](\d{4,5})\b")
"""A size with its letters, which titles also write apart: ``INR-21700``."""
_MIXED_OXIDE: Final = re.compile(r"N[MC][CM][\s-]?(?P<ratio>\d{3})", re.IGNORECASE)
"""An oxide with its ratio, of which models have the ratio alone: ``CATL 811``."""


def with_plain_fluorides(text: str) -> str:
    """The text with carbon monofluoride written in one way.

    >>> with_plain_fluorides("Li/(CF)n cells")
    'Li/CFx cells'
    """
    return _FLUORIDE.sub("CFx", text)


def with_plain_formulae(text: str) -> str:
    """The text, as long as before, with the metals of a mixed oxide as its name has them, and without states of matter.

    >>> with_plain_formulae("NMC 8:1:1 in KOH(aq)")
    'NMC 811   in KOH    '
    """

    def joined(said: re.Match[str]) -> str:
        digits = said["ratio"].replace(said["mark"], "")
        is_ratio = sum(map(int, digits)) == _OF_TEN or len(set(digits)) == 1
        return said["before"] + digits.ljust(len(said["ratio"])) if is_ratio else said.group()

    return _STATE.sub(lambda said: " " * len(said.group()), _METALS.sub(joined, text))


def read_longer_names(question: Question, vocabulary: Vocabulary) -> None:
    """Put a part for words that begin a name which goes on by one word, and for a formula that holds a point.

    ``galvanostatic intermittent titration``, ``LiNi0.8Mn0.1Co0.1O2``.
    """
    words = [word for word in question.words() if question.is_free(*word.span())]
    first = 0
    while first < len(words):
        for last in range(min(len(words), first + _LONGEST), first, -1):
            span = _begun(question, words[first:last], vocabulary)
            part = concept_of(span, vocabulary) if span is not None else None
            if span is not None and part is not None:
                question.put(span.start, span.end, part)
                first = last - 1
                break
        first += 1


def _begun(question: Question, words: Sequence[re.Match[str]], vocabulary: Vocabulary) -> Span | None:
    start, end = words[0].start(), words[-1].end()
    text = question.text[start:end]
    ends = {words[0].group().lower(), words[-1].group().lower()}
    if not ends.isdisjoint(SILENT) or any(question.text[one.end() : other.start()].strip() for one, other in pairwise(words)):
        return None
    if len(words) == 1:
        named = vocabulary.lookup.named(text) if codes_of(text) else ()
        return Span(start, end, text, named) if named else None
    found = vocabulary.lookup.find(text, limit=1, kinds=frozenset({Kind.CLASS}))
    if not found:
        return None
    more = len(_CAPITALS.findall(found[0].label)) - len(words)
    misspelt = OSA.distance("".join(text.lower().split()), found[0].label.lower(), score_cutoff=_MOST_ERRORS)
    is_sure = found[0].score >= _BEGUN and more == 1
    return Span(start, end, text, found) if is_sure or (not more and misspelt <= _MOST_ERRORS) else None


def concept_of(span: Span, vocabulary: Vocabulary) -> ConceptPart | None:
    """The part for a stretch that names concepts: the best candidates with their narrower ones; ``None`` when none is a class."""
    concepts = vocabulary.concepts
    best = max(candidate.score for candidate in span.candidates)
    units = concepts.narrower(terms.MEASUREMENT_UNIT)  # *Tesla* is rather a company
    meant: dict[str, Candidate] = {}
    for candidate in sorted(span.candidates, key=lambda one: one.deprecated):
        concept = concepts.get(candidate.iri)
        is_thing = concept is not None and concept.kind is Kind.CLASS and candidate.iri not in units
        if is_thing and candidate.score >= best - SAME_STANDING:
            meant.setdefault(candidate.iri, candidate)
    kept = _without_broader(list(meant), concepts)
    if not kept:
        return None
    words = _literally(span, [meant[iri] for iri in kept], vocabulary)
    # Whoever writes CR2032 means that first; LR2032 is of the same size.
    coded = [iri for iri in kept if codes_of(span.text) == concepts.label(iri)]
    first = coded or kept
    labels = tuple(concepts.label(iri) for iri in first)
    return ConceptPart(span.text, tuple(first), labels, expanded(kept, vocabulary), round(best, 3), words)


def expanded(iris: Iterable[str], vocabulary: Vocabulary) -> frozenset[str]:
    """The concepts, their narrower ones, and those that differ from one of them by a ratio in the name (NMC811 of NMC)."""
    reached: set[str] = set()
    for iri in iris:
        reached |= quantity_classes(vocabulary, iri)
        reached |= _dissolved(iri, vocabulary)
        reached.update(_by_ratio(vocabulary.concepts).get(vocabulary.concepts.label(iri), ()))
    return frozenset(reached)


def _dissolved(iri: str, vocabulary: Vocabulary) -> frozenset[str]:
    """What a solution is of: records tell of *KOH solution* by the substance in it."""
    label = vocabulary.concepts.label(iri)
    substance = class_of(label.removesuffix(_SOLUTION), vocabulary) if label.endswith(_SOLUTION) else ""
    return vocabulary.concepts.narrower(substance) if substance else frozenset()


def _without_broader(iris: list[str], concepts: Concepts) -> list[str]:
    """Where the first one is a special form of another one (NMC811 of NMC), without that one and what is made of it."""
    if not iris:
        return []
    broader = {iri for iri in iris[1:] if iris[0] in _by_ratio(concepts).get(concepts.label(iri), ())}
    made_of = broader
    while made_of:
        made_of = {iri for iri in iris if iri not in broader and any(role.part in made_of for role in concepts.parts(iri))}
        broader |= made_of
    return [iri for iri in iris if iri not in broader]


@lru_cache(maxsize=4)
def _by_ratio(concepts: Concepts) -> Mapping[str, tuple[str, ...]]:
    """Label of a material -> the materials that are it in a certain ratio, which the ontologies do not put below it."""
    labels = {concepts.label(iri) for iri, concept in concepts.facts.concepts.items() if concept.kind is Kind.CLASS}
    found: dict[str, list[str]] = {}
    for iri in concepts.facts.concepts:
        ratio = _RATIO.fullmatch(concepts.label(iri))
        if ratio is not None and ratio["of"] in labels:
            found.setdefault(ratio["of"], []).append(iri)
    return {label: tuple(iris) for label, iris in found.items()}


def _literally(span: Span, meant: Iterable[Candidate], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Words that mean the same in a title: sizes and abbreviations (``LFP``), else what is written."""
    candidates = list(meant)
    if any(is_quantity(vocabulary, candidate.iri) for candidate in candidates):
        return (span.text,)
    written = [codes_of(span.text), *(codes_of(candidate.matched.text) for candidate in candidates)]
    codes = next((one for one in written if one), "")
    named = {one.iri for one in vocabulary.lookup.named(codes)} if codes else set()
    if codes and (not named or any(one.iri in named for one in candidates)):  # *NMC* is not what *nickel-rich NMC* says
        ratio = _MIXED_OXIDE.fullmatch(codes)
        sizes = (_SIZE.sub(r"\1 \2", codes), _SIZE_APART.sub(r"\1\2", codes))
        spelt = (f"nmc{ratio['ratio']}", f"ncm{ratio['ratio']}", ratio["ratio"]) if ratio else ()
        return tuple(dict.fromkeys((codes, *(one for one in spelt if one != codes.lower()), *sizes)))
    if max(one.score for one in candidates) < MENDED:
        return ()
    is_format = any(one.label in FORMATS for one in candidates)  # a *pouch cell* is more than something with a pouch
    if is_format:
        return (span.text,)
    said = _without_soft(span.text)
    singular = (_PLURAL.sub("", said),) if " " in said and _PLURAL.search(said) else ()
    return (said, *singular, *_abbreviations(candidates))


def _abbreviations(candidates: Iterable[Candidate]) -> Iterator[str]:
    """What titles call a thing that is written in full: *LTO* of *lithium titanate*."""
    named = (text for one in candidates for text in texts_of().get(one.iri, ()))
    return (text for text in dict.fromkeys(named) if _ABBREVIATION.fullmatch(text))


def _without_soft(text: str) -> str:
    """A name without words for what every record is about at its end: of ``alkaline batteries`` titles have *alkaline*."""
    words = text.split()
    while len(words) > 1 and words[-1].lower() in SOFT:
        words.pop()
    return " ".join(words)


def codes_of(text: str) -> str:
    """Its abbreviations, formulae, sizes and models, without its plain words."""
    found = (word for word in WORD.findall(text) if (word.isupper() and len(word) > 1) or any(letter.isdigit() for letter in word))
    return " ".join(found)
