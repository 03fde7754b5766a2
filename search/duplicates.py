"""Records that seem to describe the same cell: candidates with evidence, for people to judge. Nothing is ever merged.

Two records are candidates when they have an identifier in common, or the same maker and model, or the same maker and many equal
numbers and none that contradicts. `docs/similar.md`
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from records.record import EntityKind, Record
from records.rights import Audiences
from search.aspects import Aspect, Aspects
from search.index import SearchIndex
from search.query import Query
from search.traits import Traits, TraitsOf, is_own

SAME_AS: Final = "http://www.w3.org/2002/07/owl#sameAs"
EQUAL: Final = 0.01
"""Numbers that differ by less are equal: makers round."""
CONTRADICTS: Final = 0.05
"""Numbers that differ by more are of different things."""
MANY: Final = 6
"""So many kinds of equal numbers make two cells of one maker the same, whatever they are called."""
MOST_ALIKE: Final = 50
"""Where more records have the same model or number, that tells nothing, and they are not compared in pairs."""
PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that both records say, and where.

    Args:
        kind: ``identifier``, ``name`` or ``value``.
        text: One sentence for people.
        pointers: Where the two records say so.
        lines: The lines of these places.
    """

    kind: str
    text: str
    pointers: tuple[str, str]
    lines: tuple[int, int]

    def to_json(self) -> dict[str, object]:
        """Kind, text, pointers and lines."""
        return {"kind": self.kind, "text": self.text, "pointers": list(self.pointers), "lines": list(self.lines)}


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two records that may be about the same cell.

    Args:
        records: Their ids, sorted.
        titles: Their titles.
        evidence: Why: identifiers first, then names, then numbers.
        differing: Kinds of quantity that contradict it.
    """

    records: tuple[str, str]
    titles: tuple[str, str]
    evidence: tuple[Evidence, ...]
    differing: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[bool, int, tuple[str, str]]:
        """What nothing contradicts goes first, then what has most evidence."""
        return bool(self.differing), -len(self.evidence), self.records

    def to_json(self) -> dict[str, object]:
        """Records, titles, the relation that may hold, evidence, and what speaks against it."""
        return {
            "records": list(self.records),
            "titles": list(self.titles),
            "relation": SAME_AS,
            "evidence": [one.to_json() for one in self.evidence],
            "differing": list(self.differing),
        }


class Duplicates:
    """Finds candidates.

    Args:
        index: The search index.
        concepts: The ontologies.
        aspects: What concepts and numbers tell.
    """

    def __init__(self, index: SearchIndex, concepts: Concepts, aspects: Aspects) -> None:
        self._index = index
        self._concepts = concepts
        self._aspects = aspects
        self._traits_of = TraitsOf(concepts, aspects)

    def find(self, audiences: Audiences) -> list[Duplicate]:
        """All candidates among the records that these audiences may read, most evidence first.

        Raises:
            StoreError: The index cannot be read.
        """
        traits = {record.id: self._traits_of(record) for record in self._readable(audiences)}
        found = [self.compare(traits[one], traits[other]) for one, other in _pairs(traits.values())]
        return sorted((one for one in found if one), key=lambda one: one.order)

    def compare(self, one: Traits, other: Traits) -> Duplicate | None:
        """Whether two records may describe the same cell, and why."""
        if self._is_of_a_test(one) or self._is_of_a_test(other) or one.record == other.record:
            return None
        one, other = sorted((one, other), key=lambda traits: traits.record)
        equal, differing = self._values(one, other)
        named = _same_names(one, other)
        is_identified = any(evidence.kind == "identifier" for evidence in named)
        is_like = is_identified or (len(equal) >= MANY and _alike(*_makers(one, other)))
        if len(differing) > len(equal) if is_same_model(one, other) else differing or not is_like:
            return None
        return Duplicate((one.record, other.record), (one.title, other.title), (*named, *equal), differing)

    def _is_of_a_test(self, traits: Traits) -> bool:
        """A test of a cell names it as well, and is not it; a property that is called *Charging* makes no test."""
        return any(
            self._aspects.of_concept(concept) is Aspect.PROTOCOL and use.role[-1:] != (terms.HAS_PROPERTY,)
            for (concept, _), use in traits.concepts.items()
        )

    def _values(self, one: Traits, other: Traits) -> tuple[tuple[Evidence, ...], tuple[str, ...]]:
        """Numbers that are equal, and kinds of those that contradict."""
        equal, differing = [], []
        for place in sorted(one.values.keys() & other.values.keys()):
            pairs = [(mine.distance(their), mine, their) for mine in one.values[place] for their in other.values[place]]
            distance, mine, their = min(pairs, key=lambda pair: pair[0])
            label = self._concepts.label(place[0])
            places = (mine.quantity.pointer, their.quantity.pointer), (mine.quantity.line, their.quantity.line)
            if distance <= EQUAL:
                equal.append(Evidence("value", f"the same {label}", *places))
            elif distance > CONTRADICTS:
                differing.append(label)
        return tuple(equal), tuple(differing)

    def _readable(self, audiences: Audiences) -> Iterator[Record]:
        after = ""
        while True:
            page = self._index.search(Query("", ()), audiences, limit=PAGE, after=after)
            yield from (hit.record for hit in page.hits)
            after = page.after
            if not after:
                return


def is_same_model(one: Traits, other: Traits) -> bool:
    """Whether both name the same model, of makers that may be the same."""
    makers = _makers(one, other)
    return _alike(*makers) and not _models(one, makers[0]).isdisjoint(_models(other, makers[1]))


def _makers(one: Traits, other: Traits) -> tuple[frozenset[str], frozenset[str]]:
    return one.named(EntityKind.MANUFACTURER), other.named(EntityKind.MANUFACTURER)


def _alike(makers: Collection[str], others: Collection[str]) -> bool:
    """Whether one name holds all the words of another: *A123* and *A123 Systems*."""
    return any({*maker.split()} <= {*other.split()} or {*other.split()} <= {*maker.split()} for maker in makers for other in others)


def _models(traits: Traits, makers: Collection[str]) -> frozenset[str]:
    """Models without spaces and without the maker's name before them."""
    found = set()
    for model in traits.named(EntityKind.MODEL):
        starts = (model.removeprefix(maker) for maker in makers if model.startswith(f"{maker} "))
        found.add(next(starts, model).replace(" ", ""))
    return frozenset(found)


def _same_names(one: Traits, other: Traits) -> tuple[Evidence, ...]:
    """Identifiers, makers and models that both have, spelled as the first one does."""
    found = []
    for kind in (EntityKind.IDENTIFIER, EntityKind.MODEL, EntityKind.MANUFACTURER):
        for mine in sorted(one.named(kind) & other.named(kind)):
            entities = one.names[kind, mine], other.names[kind, mine]
            if kind is EntityKind.IDENTIFIER and not all(map(is_own, entities)):
                continue
            places = (entities[0].pointer, entities[1].pointer), (entities[0].line, entities[1].line)
            said = "identifier" if kind is EntityKind.IDENTIFIER else "name"
            found.append(Evidence(said, f"the same {kind.value}: {entities[0].name}", *places))
    return tuple(found)


def _pairs(all_traits: Iterable[Traits]) -> list[tuple[str, str]]:
    """Pairs worth comparing: an identifier or a model in common, or a number of cells whose makers' names begin alike."""
    groups: dict[tuple[object, ...], list[str]] = {}
    for traits in all_traits:
        for key in set(_keys(traits)):
            groups.setdefault(key, []).append(traits.record)
    return sorted({pair for group in groups.values() if len(group) <= MOST_ALIKE for pair in combinations(sorted(group), 2)})


def _keys(traits: Traits) -> Iterator[tuple[object, ...]]:
    makers = traits.named(EntityKind.MANUFACTURER)
    yield from ((kind, name) for (kind, name), entity in traits.names.items() if kind is EntityKind.IDENTIFIER and is_own(entity))
    for model in _models(traits, makers):
        yield "model", model
    beginnings: Sequence[str] = sorted({maker.split()[0] for maker in makers})
    for place, values in traits.values.items():
        for value in values:
            if value.base > 0:
                step = math.log(value.base) / EQUAL
                yield from (("value", maker, place, math.floor(step) + up) for maker in beginnings for up in (0, 1))
