"""Records that are like a record, with reasons: what they share, how rare that is, which numbers are near.

Candidates are found by questions to the index; then each is compared trait by trait. How telling a concept, a name or a number is
follows from how few *public* records have it: no answer depends on records that its reader may not read. `docs/similar.md`
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import Final

from ontology.concepts import Concepts
from ontology.units import Units
from records.record import Entity, EntityKind, Record
from records.rights import PUBLIC, Audiences
from search.aspects import Aspect, Aspects
from search.duplicates import Duplicate, Duplicates, is_same_model
from search.index import SearchIndex, Vector
from search.quantity_text import value_text
from search.query import ConceptPart, EntityPart, Part, QuantityPart, Query
from search.ranking import rarity
from search.traits import FAR, Traits, TraitsOf, Value, is_own, nearest

CONCEPT: Final = 2.0
"""For a concept in the same part of the cell, times how rare it is."""
ELSEWHERE: Final = 0.5
"""Times this where it stands in another part."""
IMPLIED: Final = 0.5
"""Times this where it follows from a definition alone."""
RELATED: Final = 0.5
"""Times this for two concepts that are alike, times how alike they are."""
ALIKE: Final = 0.5
"""How alike concepts must be: twice what their nearest common broader concept tells, divided by what both tell (Lin 1998)."""
VALUE: Final = 1.5
"""For equal numbers of one kind, times how rare the number is; less the further apart they are, none at `FAR`."""
NAME: Final[Mapping[EntityKind, float]] = {
    EntityKind.IDENTIFIER: 10.0,
    EntityKind.MODEL: 10.0,
    EntityKind.MANUFACTURER: 1.5,
    EntityKind.SUPPLIER: 1.0,
    EntityKind.PERSON: 2.0,
    EntityKind.INSTITUTION: 1.5,
    EntityKind.INSTRUMENT: 1.5,
}
"""For a name in common, times how rare it is."""
MENTIONED: Final = 2.0
"""The same for an identifier that is not the record's own: a publication, the batch of a part."""
FURTHER: Final = 0.5
"""Times this for every further name of the same kind."""
COMPLEMENT: Final = 3.0
"""For data of the same cell that the record itself does not have."""
VECTOR: Final = 3.0
"""Times the cosine of the summaries; only where all aspects count."""

MOST_TRAITS: Final = 12
"""So many of the most telling traits are used to find candidates."""
NAMES_OF_A_KIND: Final = 2
"""Of these, names of one kind."""
CHAINS: Final = 3
"""Candidates are sought from the most telling trait on, from the next, and from the one after."""
CANDIDATES: Final = 18
"""When so many records are found, no more are sought."""
PER_QUESTION: Final = 8
"""Records that one question to the index gives."""
_NAMES_OF: Final[Mapping[Aspect, frozenset[EntityKind]]] = {
    Aspect.PEOPLE: frozenset((EntityKind.PERSON, EntityKind.INSTITUTION)),
    Aspect.DESIGN: frozenset((EntityKind.MANUFACTURER, EntityKind.MODEL)),
    Aspect.PROTOCOL: frozenset((EntityKind.INSTRUMENT, EntityKind.MODEL)),  # other data of the same cell
    Aspect.ALL: frozenset(EntityKind),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing because of which two records are alike.

    Args:
        kind: ``concept``, ``related``, ``value``, ``name``, ``complement`` or ``vector``.
        text: One sentence for people.
        score: What it adds.
        pointers: Where the record and the other one say so; empty where there is no place.
        lines: The lines of these places.
    """

    kind: str
    text: str
    score: float
    pointers: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()

    def to_json(self) -> dict[str, object]:
        """Kind, text, score and, where there are any, pointers and lines."""
        places = {"pointers": list(self.pointers), "lines": list(self.lines)} if self.pointers else {}
        return {"kind": self.kind, "text": self.text, "score": round(self.score, 4), **places}


@dataclass(frozen=True, slots=True)
class Alike:
    """A record that is like the one asked for.

    Args:
        record: As the reader may see it.
        score: Sum over the reasons.
        reasons: Why, the most telling first.
    """

    record: Record
    score: float
    reasons: tuple[Reason, ...]

    def to_json(self) -> dict[str, object]:
        """Record, score and reasons."""
        return {
            "record": self.record.id,
            "iri": self.record.iri,
            "title": self.record.title,
            "source": self.record.source,
            "source_file": self.record.source_file,
            "score": round(self.score, 4),
            "reasons": [reason.to_json() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What is like a record.

    Args:
        record: Its id.
        by: In which respect.
        similar: The most alike first.
        same_as: Records that may describe the same cell.
        vectors: Whether embeddings were used.
    """

    record: str
    by: Aspect
    similar: tuple[Alike, ...]
    same_as: tuple[Duplicate, ...]
    vectors: bool

    def to_json(self) -> dict[str, object]:
        """``{record, by, vectors, similar, same_as}``."""
        return {
            "record": self.record,
            "by": self.by.value,
            "vectors": self.vectors,
            "similar": [one.to_json() for one in self.similar],
            "same_as": [one.to_json() for one in self.same_as],
        }


@dataclass(frozen=True, slots=True)
class _Told:
    """A trait of the record: the question that finds others with it, and how telling it is (0 to 1)."""

    part: Part
    weight: float


@dataclass(frozen=True, slots=True)
class _Own:
    """The record that others are compared with: its traits in the asked respect, how telling each is, and any concept."""

    traits: Traits
    concepts: Mapping[tuple[str, str], float]
    values: Mapping[Value, float]
    names: Mapping[tuple[EntityKind, str], float]
    vector: Vector | None
    rare: Callable[[str], float]


class Similar:
    """Finds what is like a record.

    Args:
        index: The search index.
        concepts: The ontologies.
        units: For numbers as people write them.
        aspects: What concepts and numbers tell.
    """

    def __init__(self, index: SearchIndex, concepts: Concepts, units: Units, aspects: Aspects) -> None:
        self._index = index
        self._concepts = concepts
        self._units = units
        self._aspects = aspects
        self._traits_of = TraitsOf(concepts, aspects)
        self._duplicates = Duplicates(index, concepts, aspects)

    def find(self, record: str, audiences: Audiences, *, by: Aspect = Aspect.ALL, limit: int = 10) -> Answer | None:
        """What is like a record, within the rights of its reader.

        Args:
            record: Its id.
            audiences: What the reader holds.
            by: In which respect.
            limit: Most records to give.

        Returns:
            The most alike first; ``None`` when the reader may not see the record.

        Raises:
            StoreError: The index cannot be read.
        """
        found = self._index.get(record, audiences)
        if found is None:
            return None
        traits = self._traits_of(found)
        vector = self._index.vector_of(record, audiences) if by is Aspect.ALL else None
        own, told = self._weighed(traits, vector, by)
        others = [(other, self._traits_of(other)) for other in self._candidates(record, told, vector, audiences)]
        alike = [self._compared(own, its_traits, other, by, audiences) for other, its_traits in others]
        best = sorted((one for one in alike if one.score > 0), key=lambda one: (-one.score, one.record.id))
        compared = (self._duplicates.compare(traits, its_traits) for _, its_traits in others)
        same = sorted((one for one in compared if one), key=lambda one: one.order)
        return Answer(record, by, tuple(best[:limit]), tuple(same), vector is not None)

    # How telling the traits of the record are

    def _weighed(self, traits: Traits, vector: Vector | None, by: Aspect) -> tuple[_Own, list[_Told]]:
        """The record's traits in this respect with how telling each is, and those that candidates are found by."""
        public, all_public = self._index.concept_counts(PUBLIC), self._index.count([Query("", ())], PUBLIC)[0]

        def rare(iri: str) -> float:
            return rarity(public.get(iri, 0), all_public)

        in_respect = [place for place in traits.concepts if by in (Aspect.ALL, self._aspects.of_concept(place[0]))]
        concepts = {(iri, side): rare(iri) for iri, side in in_respect}
        values = [value for same in traits.values.values() for value in same if by in (Aspect.ALL, value.aspect)]
        names = [key for key in traits.names if key[0] in _NAMES_OF.get(by, ())]
        value_parts = [_value_part(value, self._concepts) for value in values]
        name_parts = [EntityPart("", kind, (name,), name) for kind, name in names]
        asked: list[Part] = [*value_parts, *name_parts]
        counts = self._index.count([Query("", (part,)) for part in asked], PUBLIC)
        telling = [rarity(count, all_public) for count in counts]
        of_values = dict(zip(values, telling[: len(values)], strict=True))
        of_names = dict(zip(names, telling[len(values) :], strict=True))
        told = [
            *(_Told(self._concept_part(*place), CONCEPT * weight) for place, weight in concepts.items()),
            *(_Told(part, VALUE * of_values[value]) for part, value in zip(value_parts, values, strict=True)),
            *(_Told(part, _name_points(traits.names[name]) * of_names[name]) for part, name in zip(name_parts, names, strict=True)),
        ]
        own = _Own(traits, concepts, of_values, of_names, vector, rare)
        return own, _first_traits(told)

    def _concept_part(self, iri: str, side: str) -> ConceptPart:
        roles = self._aspects.classes_of(side)
        return ConceptPart("", (iri,), (self._concepts.label(iri),), frozenset((iri,)), role=side, roles=roles)

    # Who may be like it

    def _candidates(self, record: str, told: Sequence[_Told], vector: Vector | None, audiences: Audiences) -> list[Record]:
        """Records that share many of the most telling traits, or whose summaries are near."""
        found: dict[str, Record] = {}
        parts = [one.part for one in told]
        for query in self._together(parts, audiences):
            found.update(self._read(query, audiences))
            if len(found) > CANDIDATES:
                break
        for query in self._beside(parts):
            if len(found) > PER_QUESTION:
                break
            found.update(self._read(query, audiences))
        if vector is not None:
            for near, _ in self._index.neighbours(vector, Query("", ()), audiences, limit=PER_QUESTION):
                if near not in found and (read := self._index.get(near, audiences)) is not None:
                    found[near] = read
        found.pop(record, None)
        return list(found.values())

    def _read(self, query: Query, audiences: Audiences) -> dict[str, Record]:
        return {hit.record.id: hit.record for hit in self._index.search(query, audiences, limit=PER_QUESTION).hits}

    def _together(self, parts: Sequence[Part], audiences: Audiences) -> Iterator[Query]:
        """Questions for traits that some other record has together: first as many as possible, then fewer and fewer."""
        pairs = list(combinations_with_replacement(range(len(parts)), 2))
        counts = self._index.count([Query("", (parts[one], parts[other])) for one, other in pairs], audiences)
        go_together = {pair for pair, count in zip(pairs, counts, strict=True) if count > 1}
        shared = [number for number in range(len(parts)) if (number, number) in go_together]
        chains = [_chain(first, shared, go_together) for first in shared[:CHAINS]]
        beginnings = [tuple(parts[number] for number in chain[:end]) for chain in chains for end in range(len(chain), 0, -1)]
        totals = self._index.count([Query("", beginning) for beginning in beginnings], audiences)
        before = 0
        for beginning, total in zip(beginnings, totals, strict=True):
            if total > max(before, 1) and before <= PER_QUESTION:
                yield Query("", beginning)
                before = total
            if len(beginning) == 1:  # the next chain
                before = 0

    def _beside(self, parts: Sequence[Part]) -> Iterator[Query]:
        """Where few share anything: the concepts in any part of the cell, then those that stand beside them in the ontology."""
        concepts = [part for part in parts if isinstance(part, ConceptPart)]
        for part in concepts:
            yield Query("", (replace(part, role="", roles=frozenset()),))
        for part in concepts:
            beside = frozenset().union(*map(self._concepts.children, self._concepts.parents(part.concepts[0])))
            yield Query("", (replace(part, expanded=beside),))

    # How alike they are

    def _compared(self, own: _Own, other: Traits, record: Record, by: Aspect, audiences: Audiences) -> Alike:
        reasons = [
            *self._shared_names(own, other),
            *self._shared_concepts(own, other),
            *self._related_concepts(own, other),
            *self._near_values(own, other),
            *(self._complement(own.traits, other) if by in (Aspect.ALL, Aspect.PROTOCOL) else ()),
            *self._near_summary(own, other, audiences),
        ]
        reasons.sort(key=lambda reason: (-reason.score, reason.kind, reason.text))
        return Alike(record, sum(reason.score for reason in reasons), tuple(reasons))

    def _shared_names(self, own: _Own, other: Traits) -> Iterator[Reason]:
        """The rarest name of each kind, and less and less for further ones: the authors of one article are one reason, not ten."""
        points = {
            key: weight * min(_name_points(own.traits.names[key]), _name_points(other.names[key]))
            for key, weight in own.names.items()
            if key in other.names
        }
        before: Counter[EntityKind] = Counter()
        for key in sorted(points, key=lambda key: (-points[key], key)):
            mine, their = own.traits.names[key], other.names[key]
            score = points[key] * FURTHER ** before[mine.kind]
            before[mine.kind] += 1
            if score:
                text = f"the same {mine.kind.value}: {mine.name}"
                yield Reason("name", text, score, (mine.pointer, their.pointer), (mine.line, their.line))

    def _shared_concepts(self, own: _Own, other: Traits) -> Iterator[Reason]:
        elsewhere = {iri: use for (iri, _), use in other.concepts.items()}
        for (iri, side), weight in own.concepts.items():
            their = other.concepts.get((iri, side)) or elsewhere.get(iri)
            if weight and their is not None:
                is_there = (iri, side) in other.concepts
                mine = own.traits.concepts[iri, side]
                place = f" in the {self._concepts.label(side)}" if side and is_there else " in another part" if not is_there else ""
                score = CONCEPT * weight * (1 if is_there else ELSEWHERE) * (IMPLIED if mine.implied_by or their.implied_by else 1)
                text = f"both have {self._concepts.label(iri)}{place}"
                yield Reason("concept", text, score, (mine.pointer, their.pointer), (mine.line, their.line))

    def _related_concepts(self, own: _Own, other: Traits) -> Iterator[Reason]:
        """For what they do not share: what stands in the same part and is near in the ontology."""
        shared = {iri for iri, _ in other.concepts}
        for (iri, side), weight in own.concepts.items():
            if not weight or iri in shared:
                continue
            theirs = (concept for concept, there in other.concepts if there == side)
            related = (self._related(own, iri, concept) for concept in theirs)
            best = max((one for one in related if one is not None), default=None)
            if best is not None:
                score, broader, concept = best
                steps = self._aspects.steps(iri, broader) + self._aspects.steps(concept, broader)
                labels = [self._concepts.label(one) for one in (iri, concept, broader)]
                text = f"{labels[0]} and, there, {labels[1]}: both {labels[2]}, {steps} steps apart"
                mine, their = own.traits.concepts[iri, side], other.concepts[concept, side]
                yield Reason("related", text, score, (mine.pointer, their.pointer), (mine.line, their.line))

    def _related(self, own: _Own, iri: str, concept: str) -> tuple[float, str, str] | None:
        """What two concepts add by the most telling one that is broader than both, if they are alike enough."""
        told, broader = max(((own.rare(one), one) for one in self._aspects.common(iri, concept)), default=(0.0, ""))
        alike = 2 * told / (own.rare(iri) + own.rare(concept)) if told else 0.0
        return (CONCEPT * RELATED * told * alike, broader, concept) if alike >= ALIKE else None

    def _near_values(self, own: _Own, other: Traits) -> Iterator[Reason]:
        for mine, weight in own.values.items():
            near = nearest(mine, other.values.get((mine.kind, mine.side), ()))
            if near is not None and weight:
                distance, their = near
                numbers = f"{value_text(mine.quantity, self._units)}, there {value_text(their.quantity, self._units)}"
                text = f"{self._concepts.label(mine.kind)} {numbers}" + (f" ({distance:.1%} apart)" if distance >= 0.001 else "")
                score = VALUE * weight * (1 - distance / FAR)
                places = (mine.quantity.pointer, their.quantity.pointer), (mine.quantity.line, their.quantity.line)
                yield Reason("value", text, score, *places)

    def _complement(self, mine: Traits, other: Traits) -> Iterator[Reason]:
        """The same cell, and methods or kinds of numbers that the record itself does not have."""
        if not is_same_model(mine, other):
            return
        methods = {
            iri for iri, _ in other.concepts.keys() - mine.concepts.keys() if self._aspects.of_concept(iri) is Aspect.PROTOCOL
        }
        kinds = {kind for kind, _ in other.values} - {kind for kind, _ in mine.values}
        if added := sorted(map(self._concepts.label, methods or kinds)):
            what = "by another method" if methods else "with other numbers"
            yield Reason("complement", f"the same cell {what}: {', '.join(added)}", COMPLEMENT if methods else COMPLEMENT / 3)

    def _near_summary(self, own: _Own, other: Traits, audiences: Audiences) -> Iterator[Reason]:
        vector = self._index.vector_of(other.record, audiences) if own.vector is not None else None
        if own.vector is not None and vector is not None and (cosine := float(own.vector @ vector)) > 0:
            yield Reason("vector", f"their summaries are near: {cosine:.2f}", VECTOR * cosine)


def _chain(first: int, shared: Sequence[int], go_together: Collection[tuple[int, int]]) -> list[int]:
    """Of the traits from the first on those that each go together with all before, the most telling first."""
    chain: list[int] = []
    for number in shared:
        if number >= first and all((before, number) in go_together for before in chain):
            chain.append(number)
    return chain


def _first_traits(told: Sequence[_Told]) -> list[_Told]:
    """The most telling ones, of the names of one kind only a few: an article has ten authors and they say the same."""
    kept: list[_Told] = []
    names: Counter[EntityKind | None] = Counter()
    for one in sorted(told, key=lambda one: -one.weight):
        if isinstance(one.part, EntityPart):
            names[one.part.kind] += 1
            if names[one.part.kind] > NAMES_OF_A_KIND:
                continue
        kept.append(one)
    return kept[:MOST_TRAITS]


def _name_points(entity: Entity) -> float:
    return MENTIONED if entity.kind is EntityKind.IDENTIFIER and not is_own(entity) else NAME[entity.kind]


def _value_part(value: Value, concepts: Concepts) -> QuantityPart:
    """Finds numbers that are about the same."""
    margin = abs(value.base) * FAR / 4
    return QuantityPart(
        "",
        concepts.narrower(value.kind),
        (concepts.label(value.kind),),
        value.base - margin,
        value.base + margin,
        True,
        True,
        "",
        value.quantity.dimension,
    )
