"""Roles: ``NMC cathode`` is NMC where it stands as the positive electrode, not wherever it occurs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from search.understanding.question import Question
from search.understanding.vocabulary import Vocabulary

_MORE_WORDS: Final[Mapping[str, str]] = {
    "positive": "cathode",
    "negative": "anode",
    "cathode material": "cathode",
    "cathode active material": "cathode",
    "cathode chemistry": "cathode",
    "cathode side": "cathode",
    "positive active material": "cathode",
    "positive electrode material": "cathode",
    "positive electrode active material": "cathode",
    "anode material": "anode",
    "anode active material": "anode",
    "anode chemistry": "anode",
    "anode side": "anode",
    "cathode powder": "cathode",
    "cathode active powder": "cathode",
    "anode powder": "anode",
    "anode active powder": "anode",
    "cathode particle": "cathode",
    "anode particle": "anode",
    "foil substrate": "substrate",
    "collect current": "current collector",
    "collect the current": "current collector",
    "collects current": "current collector",
    "collects the current": "current collector",
    "collecting current": "current collector",
    "collecting the current": "current collector",
    "current collecting foil": "current collector",
    "current collection": "current collector",
    "negative active material": "anode",
    "negative electrode material": "anode",
    "negative electrode active material": "anode",
    "kathode": "cathode",
    "pluspol": "cathode",
    "minuspol": "anode",
    "elektrolyt": "electrolyte",
    "separatormembran": "separator",
    "electrode material": "electrode",
    "electrode binder": "binder",
    "foil": "current collector",
    "lithium salt": "salt",
    "li salt": "salt",
    "co solvent": "solvent",
    "cosolvent": "solvent",
    "supporting electrolyte": "electrolyte",
    "background electrolyte": "electrolyte",
    "base electrolyte": "electrolyte",
    "electrolyte solution": "electrolyte",
    "electrolyte system": "electrolyte",
    "supporting salt": "salt",
    "solvent mixture": "solvent",
    "solvent blend": "solvent",
    "solvent system": "solvent",
    "electron conductor": "conductive additive",
    "electronic conductor": "conductive additive",
    "binder system": "binder",
    "binder material": "binder",
    "polymer binder": "binder",
    "polymeric binder": "binder",
    "binder polymer": "binder",
    "separator material": "separator",
    "separator membrane": "separator",
    "separator film": "separator",
    "separator foil": "separator",
    "current collector foil": "current collector",
    "collector foil": "current collector",
    "anode foil": "current collector",
    "cathode foil": "current collector",
    "current collector material": "current collector",
    "substrate foil": "current collector",
    "case material": "case",
    "casing material": "case",
    "housing material": "case",
    "can material": "case",
    "cell casing": "case",
    "counter": "counter electrode",
    "counterelectrode": "counter electrode",
    "auxiliary electrode": "counter electrode",
    "pseudo reference electrode": "reference electrode",
    "quasi reference electrode": "reference electrode",
    "electrolyte solvent": "solvent",
    "coating solvent": "solvent",
    "processing solvent": "solvent",
    "process solvent": "solvent",
    "slurry solvent": "solvent",
    "casting solvent": "solvent",
    "electrolyte salt": "salt",
    "electrolyte solute": "salt",
    "conducting salt": "salt",
    "dissolved salt": "salt",
    "conductive salt": "salt",
    "glue": "binder",
    "binding agent": "binder",
    "bound": "binder",
    "bonded": "binder",
    "positive side": "cathode",
    "negative side": "anode",
    "positive pole": "cathode",
    "negative pole": "anode",
    "plus pole": "cathode",
    "minus pole": "anode",
}
"""What people call a role besides the words of `ontology.roles.Roles`."""
_MADE_FOR: Final[Mapping[str, tuple[str, str]]] = {
    "additive": (
        (
            "electrolyte,film,film forming,interphase,interphase forming,solid electrolyte interphase,surface film,passivation,"
            "passivating,sei,sei forming,sei building,sei stabilizing,sei stabilising,cei,cei forming"
        ),
        "additive,agent,former,builder,stabilizer,stabiliser,improver,modifier",
    ),
    "conductive additive": (
        (
            "conductive,conducting,conductivity,conduction,conductive carbon,carbon,electronic,electronic conductivity,"
            "electron conducting,electrically conductive,electrically conducting,electronically conductive"
        ),
        "additive,agent,aid,filler,enhancer,booster,improver",
    ),
}
"""Roles, what things in them are for, and words for such a thing: ``SEI additive``, ``conductivity booster``."""
_ALL_WORDS: Final[Mapping[str, str]] = {
    f"{purpose} {thing}": role
    for role, (purposes, things) in _MADE_FOR.items()
    for purpose in purposes.split(",")
    for thing in things.split(",")
} | dict(_MORE_WORDS)
_NO_ROLES: Final = frozenset(("can", "container"))
"""Labels of roles that are rather other words of a sentence."""
_MENDED_LENGTH: Final = 7
"""Letters of a word in which a typing error is forgiven."""
_LONGEST: Final = 4
"""Most words that name a role."""
_SPLIT: Final = re.compile(r"[\s_-]+")


def plain_role(words: str) -> str:
    """A name of a role as the ontology has it: ``salt`` for what people call *lithium salt*."""
    return _ALL_WORDS.get(words, words)


@dataclass(frozen=True, slots=True)
class Role:
    """A role that the question names: where, and the class that it is."""

    start: int
    end: int
    iri: str
    label: str
    expanded: frozenset[str]


class RoleReader:
    """Finds the words of a question that name roles."""

    def __init__(self, question: Question, vocabulary: Vocabulary) -> None:
        self._question = question
        self._roles = vocabulary.roles
        self._concepts = vocabulary.concepts
        self._lookup = vocabulary.lookup

    def at(self, start: int, limit: int | None = None) -> Role | None:
        """The longest role whose words begin here and end before a limit."""
        words = self._question.words(start, limit)[:_LONGEST]
        if not words or words[0].start() != start:
            return None
        for count in range(len(words), 0, -1):
            end = words[count - 1].end()
            iri = self._named(self._question.text[start:end])
            if iri:
                return self._role(start, end, iri)
        return None

    def of(self, iri: str) -> Role:
        """A role by its class, said without words of its own."""
        return self._role(0, 0, iri)

    def by_label(self, word: str) -> Role:
        """A role by one of its words."""
        return self._role(0, 0, self._roles.words[word])

    def _role(self, start: int, end: int, iri: str) -> Role:
        return Role(start, end, iri, self._concepts.label(iri), self._roles.expanded(iri))

    def _named(self, text: str) -> str:
        said = " ".join(_SPLIT.split(text.lower()))
        for word in (said, said.removesuffix("s")):
            if word in _NO_ROLES:
                return ""
            iri = self._roles.words.get(plain_role(word), "")
            if iri:
                return iri
        return self._mended(said)

    def _mended(self, said: str) -> str:
        """The role of a word with a typing error, which no concept is called by (*eletrode*)."""
        if len(said) < _MENDED_LENGTH or " " in said or self._lookup.named(said, limit=1):
            return ""
        return next((iri for word, iri in self._roles.words.items() if OSA.distance(said, word, score_cutoff=1) == 1), "")
