"""What understanding knows before it reads a question: the ontologies, the names that readable records have, and plain words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from ontology.concepts import Concepts
from ontology.lookup import STOP_WORDS, Lookup
from ontology.roles import Roles
from ontology.units import Units
from records.record import EntityKind
from search.index import Named
from search.query import Query


class Known(Protocol):
    """What one reader may know of the records: names and counts of no other record ever get into a query."""

    def named(self, names: Collection[str]) -> Sequence[Named]:
        """Which of these folded names readable records have, as what."""

    def names(self, kind: EntityKind) -> Sequence[Named]:
        """The names of this kind that readable records have, most records first."""

    def count(self, queries: Sequence[Query]) -> Sequence[int]:
        """How many readable records match each query."""


class NothingKnown:
    """No records at all: names stay text, and no sense of a word is better supported than another.

    >>> NothingKnown().named(["a123"]), NothingKnown().count([Query("", ())])
    ((), (0,))
    """

    def named(self, names: Collection[str]) -> Sequence[Named]:  # noqa: ARG002
        """No name is known."""
        return ()

    def names(self, kind: EntityKind) -> Sequence[Named]:  # noqa: ARG002
        """No name is known."""
        return ()

    def count(self, queries: Sequence[Query]) -> Sequence[int]:
        """No record matches."""
        return (0,) * len(queries)


class Met(Enum):
    """What readable records have of a question as it is.

    Nothing that names a thing; nothing that is plain words; these in one record, in other forms; words; names.
    """

    NOTHING = "nothing"
    NO_WORDS = "no words"
    OTHER_FORMS = "other forms"
    WORDS = "words"
    NAMES = "names"


class Meanings(Protocol):
    """Compares what texts mean."""

    def name(self, text: str, met: Met) -> str:
        """The name of what this text describes; ``""`` where it describes nothing that is known, or more than one thing."""

    def tells(self, name: str, text: str, *, denied: bool = False) -> bool:
        """Whether the descriptions of this name have all words of a text, in any form; denied, one that denies something."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The ontologies as understanding uses them, and what compares meanings, if there is a model."""

    lookup: Lookup
    concepts: Concepts
    units: Units
    roles: Roles
    meanings: Meanings | None = None


def word_set(words: str) -> frozenset[str]:
    """The words of a text.

    >>> sorted(word_set("a of the"))
    ['a', 'of', 'the']
    """
    return frozenset(words.split())


_ABOUT_ALL = """
    cell cells battery batteries accumulator accumulators record records device devices electrochemical specification specifications
    spec specs datasheet datasheets data sheet sheets manufacturer manufacturers maker makers brand brands company companies
    supplier suppliers experiment experiments instrument instruments equipment project projects
    measurement measurements test tests testing protocol protocols investigation investigations zelle zellen batterie batterien
    models description descriptions
"""
_ABOUT_NOTHING = """
    ones those higher greater larger smaller either somewhere known given ranked ordered order arranged faster slower dimensions
    must citing cites quote usable versus vs able am another anything author authors available based called capable
    carried characterised
    characterized chemistry chemistries compare contain contained containing contains creator creators curve curves cycled
    deliver delivered delivering delivers described designed dataset datasets during everything example examples featuring figure
    figures format formats go having help here image images include includes including intended interested kind kinds looking
    manufactured named need needed offer offering offers operate operated operates operating
    overview paper papers publication publications article articles literature
    performed determine determines determined determining obtain obtained people persons person
    please plot plots possible produced provide provides providing rated recorded results search searching seen several shape
    shaped size sized somebody something sort sorted sorts studies study suitable tested thanks today type types typical value
    values various view want wanted whatever work working works exported extracted studied
    measure measures measuring create creates created contribute contributed upload uploaded submit submitted
    cited mention mentions mentioned mentioning makes produces
    someone somewhere anyone anybody anywhere everyone everybody everywhere nobody noone
    newest latest recent recently oldest earliest et al
    still everyday usually normally actually exactly
    large small big solution solutions
    taken aus bei das der die ein eine für mit oder und von
"""
_BETWEEN_KIND_AND_NUMBER = "a an are as at be being equal equals has have having is of that the their to was were which whose with"
SOFT: Final = word_set(_ABOUT_ALL)
"""Words for what every record is about: they count only when there is nothing else in the question."""
_DENYING = """
    nothing apart aside besides different differing differs unequal unlike avoid avoiding except exclude excluded excludes
    excluding free instead lack lacking lacks neither never non nor rather
"""
SILENT: Final = STOP_WORDS | word_set(_ABOUT_NOTHING) | word_set(_DENYING)
"""Words that are never looked for in texts."""
FILLERS: Final = word_set(_BETWEEN_KIND_AND_NUMBER)
"""Words that may stand between the name of a kind and its number."""
ARTICLES: Final = frozenset(("a", "an", "any", "the", "some"))
