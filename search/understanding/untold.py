"""What records do not tell: the format beside a maker of whom none is told, *lithium-ion* beside the size of such cells.

Like the country beside makers of whom none is told (`countries`), it says nothing by which records can be chosen.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final

from ontology.concepts import Concepts
from records.record import EntityKind
from search.query import ConceptPart, EntityPart, Part, QuantityPart, Query
from search.understanding.adjectives import class_of
from search.understanding.concepts import FORMATS
from search.understanding.designations import so_designated
from search.understanding.sizes import is_round_size
from search.understanding.vocabulary import Known, Vocabulary

_LITHIUM_ION: Final = "LithiumIonBattery"
_OTHER_CHEMISTRIES: Final = (
    "SodiumIonBattery", "NickelMetalHydrideBattery", "NickelCadmiumBattery", "LeadAcidBattery", "AlkalineCell", "PrimaryBattery",
)  # fmt: skip
_TELLING: Final = (EntityKind.MANUFACTURER, EntityKind.MODEL)


def without_untold(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query without the formats and adjectives of which no readable record of the makers or models in it tells anything.

    *Welion cylindrical cell*, *LithiumWerks power cells*: only where nothing has all of the question.
    """
    named = tuple(part for part in query.parts if isinstance(part, EntityPart) and part.kind in _TELLING and not part.negated)
    details = {part: told for part in query.parts if (told := _of_its_sort(part, vocabulary)) is not None}
    if not named or not details or query.order or known.count((query,))[0]:
        return query
    counts = known.count([Query("", (*named, told)) for told in details.values()])
    untold = [part for part, count in zip(details, counts, strict=True) if not count]
    rest = query.with_parts(part for part in query.parts if part not in untold)
    left_out = tuple(dict.fromkeys((*query.left_out, *(part.text for part in untold))))
    return replace(rest, left_out=left_out) if untold and known.count((rest,))[0] else query


def without_implied_chemistry(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query without *lithium-ion* beside the size of round cells, where no readable one of them is of another chemistry."""
    said = [part for part in query.parts if isinstance(part, ConceptPart) and part.labels == (_LITHIUM_ION,) and not part.negated]
    sizes = tuple(part for part in query.parts if is_round_size(part))
    if not said or len(sizes) != 1 or said[0].roles:
        return query
    others = so_designated(_classes(_OTHER_CHEMISTRIES, vocabulary), known)
    every, other = known.count((Query("", sizes), Query("", (*sizes, others))))
    return query.with_parts(part for part in query.parts if part not in said) if every and not other else query


def _of_its_sort(part: Part, vocabulary: Vocabulary) -> Part | None:
    """What is told where anything of the sort is: any format, the quantity within any bounds."""
    if isinstance(part, QuantityPart) and part.rule and not part.negated:
        return replace(part, minimum=None, maximum=None)
    if isinstance(part, ConceptPart) and not (part.negated or part.roles or FORMATS.isdisjoint(part.labels)):
        return _classes(tuple(sorted(FORMATS)), vocabulary)
    return None


def _classes(labels: tuple[str, ...], vocabulary: Vocabulary) -> ConceptPart:
    """Whatever is of one of these classes."""
    iris = tuple(iri for label in labels if (iri := class_of(label, vocabulary)))
    return ConceptPart("", iris, labels, _narrower(iris, vocabulary.concepts))


@lru_cache(maxsize=8)
def _narrower(iris: tuple[str, ...], concepts: Concepts) -> frozenset[str]:
    return frozenset[str]().union(*map(concepts.narrower, iris))
