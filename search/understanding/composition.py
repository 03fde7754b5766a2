"""What contains an element: *without cobalt* means without NMC, NCA and LCO too.

The rule: a class contains an element when the element's name is a word of one of the class's labels (LithiumCobaltOxideElectrode).
It is used where something is denied (*cobalt-free*), and where the question says *containing*, *-based* or *-rich*.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from ontology.model import Kind
from search.query import ConceptPart, Query
from search.understanding.adjectives import class_of
from search.understanding.concept_reader import in_role
from search.understanding.concepts import FORMATS
from search.understanding.question import Placed, Question
from search.understanding.roles import RoleReader
from search.understanding.vocabulary import Known, Vocabulary

_ELEMENTS: Final = "ElementalSubstance"
_WORDS: Final = re.compile(r"[A-Z][a-z]+|[a-z]+")
_SPELLINGS: Final = {"Aluminium": ("Aluminum",), "Sulfur": ("Sulphur",), "Caesium": ("Cesium",)}
_STEMS: Final = {"Fluorine": "fluor", "Chlorine": "chlor", "Sulfur": "sul[fp]|thio", "Phosphorus": "phosph", "Boron": "bor[ao]"}
"""How names of compounds begin a word for an element that is not called so in them."""
_SYMBOLS: Final = {
    "Al": "Aluminium",
    "Co": "Cobalt",
    "Cu": "Copper",
    "Fe": "Iron",
    "Li": "Lithium",
    "Mn": "Manganese",
    "Na": "Sodium",
    "Ni": "Nickel",
    "Si": "Silicon",
    "Ti": "Titanium",
    "Zn": "Zinc",
}
_BARE: Final = frozenset(("Cobalt", "Iron", "Manganese", "Nickel"))
"""Elements that no positive electrode is made of as such: *manganese in the cathode* is an oxide or phosphate with it."""
_SYMBOL: Final = re.compile(
    rf"(?<![\w-])(?P<symbol>{'|'.join(_SYMBOLS)})(?=[\s-](?:free|rich|based|containing|bearing)(?!\w))"
    rf"|(?<![\w-])(?:without|no|contain(?:s|ing)?)\s+(?P<after>{'|'.join(_SYMBOLS)})(?![\w/:-])"
)
_MADE_WITH: Final = {"fluorinated": "Fluorine", "chlorinated": "Chlorine", "sulfonated": "Sulfur", "sulphonated": "Sulfur"}
_MADE: Final = re.compile(rf"(?<![\w-])(?P<made>{'|'.join(_MADE_WITH)})\s+", re.IGNORECASE)
"""What something with an element in it is called before its role: ``fluorinated binder``."""
_SAYS_SO: Final = re.compile(r"(?<!\w)contain(?:s|ing|ed)?\s+(?:an?\s+|any\s+|some\s+)?\Z", re.IGNORECASE)
_SAYS_SO_AFTER: Final = re.compile(r"[\s-]*(?:based|containing|rich|bearing)(?!\w)", re.IGNORECASE)


def is_element(iri: str, vocabulary: Vocabulary) -> bool:
    """Whether a class is a chemical element."""
    return iri in _elements(vocabulary.concepts)


def contains(part: ConceptPart, vocabulary: Vocabulary) -> ConceptPart:
    """The part for what contains the element, told in its label."""
    concepts = vocabulary.concepts
    names = [concepts.label(iri) for iri in part.concepts if is_element(iri, vocabulary)]
    with_it = frozenset().union(*(_with_element(name, concepts) for name in names))
    labels = tuple(f"{label} or what contains it" if label in names else label for label in part.labels)
    return replace(part, labels=labels, expanded=part.expanded | with_it, words=())


def read_symbols(question: Question, vocabulary: Vocabulary) -> None:
    """Put a part for every symbol of an element that is not one of the ontologies' names: ``Co-free``, ``without Ni``."""
    for match in _SYMBOL.finditer(question.text):
        group = "symbol" if match["symbol"] else "after"
        iri = class_of(_SYMBOLS[match[group]], vocabulary)
        if iri and question.is_free(*match.span(group)) and not question.is_inside_name(*match.span(group)):
            part = ConceptPart(match[group], (iri,), (vocabulary.concepts.label(iri),), vocabulary.concepts.narrower(iri))
            question.put(*match.span(group), contains(part, vocabulary))


def read_made_with(question: Question, vocabulary: Vocabulary, known: Known) -> None:
    """Put a part for what stands in a role and is said to have an element in it, where records have it: ``fluorinated binder``."""
    for match in _MADE.finditer(question.text):
        iri = class_of(_MADE_WITH[match["made"].lower()], vocabulary)
        role = RoleReader(question, vocabulary).at(match.end())
        if iri and role is not None and question.is_free(match.start(), role.end):
            label = vocabulary.concepts.label(iri)
            part = ConceptPart(question.text[match.start() : role.end], (iri,), (label,), vocabulary.concepts.narrower(iri))
            made = in_role(contains(part, vocabulary), role)
            if known.count([Query(made.text, (made,))])[0]:
                question.put(match.start(), role.end, made)


def read_composition(question: Question, vocabulary: Vocabulary) -> None:
    """Widen the elements of which the question says that something contains them."""
    for position, placed in enumerate(question.placed):
        part = placed.part
        if not isinstance(part, ConceptPart) or not all(is_element(iri, vocabulary) for iri in part.concepts):
            continue
        if not part.role and _is_before_format(question, placed):
            question.placed[position] = replace(placed, part=_or_battery(part, vocabulary))
            continue
        text = question.text
        is_of_compounds = part.role == terms.POSITIVE_ELECTRODE and not _BARE.isdisjoint(part.labels)
        if (
            is_of_compounds
            or _SAYS_SO.search(text, 0, placed.start)
            or _SAYS_SO_AFTER.search(text[placed.start : placed.end + len(" containing")])
        ):
            question.placed[position] = replace(placed, part=contains(part, vocabulary))


def _is_before_format(question: Question, placed: Placed) -> bool:
    """Whether the next word is the format of a cell: *lithium coin cells*."""
    after = (one for one in question.placed if one.start > placed.end and not question.text[placed.end : one.start].strip())
    return any(isinstance(one.part, ConceptPart) and not FORMATS.isdisjoint(one.part.labels) for one in after)


def _or_battery(part: ConceptPart, vocabulary: Vocabulary) -> ConceptPart:
    """An element, or the batteries that are called after it."""
    named = (class_of(f"{vocabulary.concepts.label(iri)}Battery", vocabulary) for iri in part.concepts)
    batteries = tuple(iri for iri in named if iri)
    labels = tuple(map(vocabulary.concepts.label, batteries))
    with_it = part.expanded.union(*map(vocabulary.concepts.narrower, batteries))
    return replace(part, concepts=(*part.concepts, *batteries), labels=(*part.labels, *labels), expanded=with_it)


@lru_cache(maxsize=4)
def _elements(concepts: Concepts) -> frozenset[str]:
    named = (iri for iri, concept in concepts.facts.concepts.items() if concepts.label(iri) == _ELEMENTS)
    return frozenset().union(*(concepts.narrower(iri) for iri in named))


@lru_cache(maxsize=256)
def _with_element(name: str, concepts: Concepts) -> frozenset[str]:
    """The classes that have the element in their name; kinds of quantity and units are none."""
    names = {name, *_SPELLINGS.get(name, ())}
    stem = re.compile(rf"(?:{_STEMS[name]})") if name in _STEMS else None
    apart = concepts.narrower(terms.QUANTITY) | concepts.narrower(terms.MEASUREMENT_UNIT)
    return frozenset(
        iri
        for iri, concept in concepts.facts.concepts.items()
        if concept.kind is Kind.CLASS
        and iri not in apart
        and any(
            not names.isdisjoint(_WORDS.findall(label.text)) or (stem is not None and stem.search(label.text.lower()))
            for label in concept.labels
        )
    )
