"""A question as understood: visible, removable parts."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from records.record import EntityKind

SAME: Final = 1e-9
"""Numbers closer than this, relatively, are the same number: 100000 mAh is not more than 100 Ah by a rounding error."""


class Expansion(StrEnum):
    """What else matches where a concept is asked for; each step includes those before it.

    ``exact``: the concept alone. ``narrower``: its narrower ones too, and what they imply by definition. ``synonyms``: its other
    names where they stand in the text. ``parts``: what has it as a part, or is a part of it, by definition. ``related``: its
    siblings under the nearest broader concept.
    """

    EXACT = "exact"
    NARROWER = "narrower"
    SYNONYMS = "synonyms"
    PARTS = "parts"
    RELATED = "related"


@dataclass(frozen=True, slots=True)
class Sense:
    """One of several meanings of the same words, with how many records of the reader use it."""

    iri: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class ConceptPart:
    """The record uses one of these concepts (or a narrower one), in this role.

    Args:
        text: The words of the question it stands for.
        concepts: IRIs of the candidate concepts, best first; any of them matches.
        labels: Their labels, same order.
        expanded: IRIs that match: the concepts and what `expansion` adds.
        score: How sure the look-up is, 0 to 1.
        words: Words that match as well when they stand in the title, e.g. ``18650`` beside the class ``R18650``; from the expansion
            ``synonyms`` on also in the text, which may only mention them.
        role: IRI of the class in whose place it must stand, e.g. PositiveElectrode; ``""`` for anywhere.
        role_label: Its label.
        roles: IRIs of which one must be among `ConceptUse.within`: the role and its narrower ones; empty for anywhere.
        expansion: How far ``expanded`` reaches.
        senses: Where the words have several meanings: all of them, the chosen ones first.
        negated: Whether the record must not match.
    """

    text: str
    concepts: tuple[str, ...]
    labels: tuple[str, ...]
    expanded: frozenset[str]
    score: float = 1.0
    words: tuple[str, ...] = ()
    role: str = ""
    role_label: str = ""
    roles: frozenset[str] = frozenset()
    expansion: Expansion = Expansion.NARROWER
    senses: tuple[Sense, ...] = ()
    negated: bool = False

    @property
    def reads_text(self) -> bool:
        """Whether its words count in the text too, not in the title alone."""
        return self.expansion not in (Expansion.EXACT, Expansion.NARROWER)


@dataclass(frozen=True, slots=True)
class QuantityPart:
    """The record has a quantity of one of these kinds within bounds, on one node; without bounds, any such quantity.

    Args:
        text: The words of the question it stands for.
        kinds: IRIs of the matching quantity classes, narrower ones included; empty means any of this dimension.
        labels: Labels of the kinds the reader sees.
        minimum: Lower bound in the base unit, or ``None``.
        maximum: Upper bound in the base unit, or ``None``.
        minimum_included: Whether the lower bound itself matches.
        maximum_included: Whether the upper bound itself matches.
        unit: The unit as asked, for display.
        dimension: Dimension of the unit: only quantities of this dimension match; ``""`` for any, where kinds are named.
        asked: The condition in plain words and the unit as asked, e.g. ``> 100 Ah``.
        role: IRI of the class of what has the quantity, e.g. PositiveElectrode; ``""`` for whatever has it.
        role_label: Its label.
        roles: IRIs of which one must be among `Quantity.within`; empty for whatever has it.
        conditions: What must hold on the same node, e.g. *at 25 °C*: a `Quantity.conditions` within the bounds of each of these.
        rule: The visible definition of an adjective that this part stands for, e.g. ``high power: …``; ``""`` for none.
        named: Of ``kinds`` those that the question names itself: they go before their narrower ones. None: all are the same.
        negated: Whether the record must not match.
    """

    text: str
    kinds: frozenset[str]
    labels: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    minimum_included: bool
    maximum_included: bool
    unit: str
    dimension: str
    asked: str = field(default="", compare=False)
    role: str = ""
    role_label: str = ""
    roles: frozenset[str] = frozenset()
    conditions: tuple[QuantityPart, ...] = ()
    rule: str = ""
    named: frozenset[str] = frozenset()
    negated: bool = False

    @property
    def bounds(self) -> tuple[float, float]:
        """The bounds as one closed interval in the base unit, rounding errors forgiven (`SAME`).

        >>> QuantityPart("> 1 A", frozenset(), (), 1.0, None, False, False, "A", "I").bounds
        (1.000000001, inf)
        """
        low = -math.inf if self.minimum is None else _edge(self.minimum, -1 if self.minimum_included else 1)
        high = math.inf if self.maximum is None else _edge(self.maximum, 1 if self.maximum_included else -1)
        return low, high


def _edge(bound: float, direction: int) -> float:
    """The bound moved a hair up (1) or down (-1); zero has no relative hair, so it moves to the next number."""
    if not bound or math.isinf(bound):
        return bound or math.nextafter(0.0, direction)
    return bound + direction * SAME * abs(bound)


@dataclass(frozen=True, slots=True)
class EntityPart:
    """The record speaks of somebody or something of this name.

    Args:
        text: The words of the question it stands for.
        kind: What it must be to the record; ``None`` for anything.
        names: Names that match, folded (`fold_name`); any of them.
        label: Its name for people, as most records write it.
        iri: Its IRI; a record that has it matches too. ``""`` when it has none.
        negated: Whether the record must not match.
        mentioned: Words that match as well where they stand in the title or text; empty when the name must be that of a thing.
    """

    text: str
    kind: EntityKind | None
    names: tuple[str, ...]
    label: str
    iri: str = ""
    negated: bool = False
    mentioned: tuple[str, ...] = ()


class Facet(StrEnum):
    """What hits are counted by; `search.facets` tells which part a click on a value adds."""

    CONCEPT = "concept"
    ROLE = "role"
    QUANTITY = "quantity"
    MANUFACTURER = "manufacturer"
    MODEL = "model"
    PERSON = "person"
    INSTITUTION = "institution"
    INSTRUMENT = "instrument"
    COMMUNITY = "community"
    YEAR = "year"
    COUNTRY = "country"
    LICENCE = "licence"
    VALIDATION = "validation"
    SOURCE = "source"


VALUE_FACETS: Final = frozenset({Facet.COMMUNITY, Facet.COUNTRY, Facet.LICENCE, Facet.VALIDATION, Facet.SOURCE})
"""Facets whose values stand in the record as they are."""


@dataclass(frozen=True, slots=True)
class ValuePart:
    """The record has this source, community, country of origin, licence or validation level.

    Args:
        text: The words of the question it stands for, or the label of what was clicked.
        facet: One of `VALUE_FACETS`.
        value: The value as the record has it.
        negated: Whether the record must not match.
    """

    text: str
    facet: Facet
    value: str
    negated: bool = False


@dataclass(frozen=True, slots=True)
class YearPart:
    """The record's date lies within these years, both included; ``None`` is open.

    Args:
        text: The words of the question it stands for.
        first: The first year.
        last: The last year.
        negated: Whether it must not.
        released: Whether the date is that on which the product came on the market.
    """

    text: str
    first: int | None
    last: int | None
    negated: bool = False
    released: bool = False


@dataclass(frozen=True, slots=True)
class TextPart:
    """What was not understood stays text: the word must occur (prefix of a word counts for less).

    Args:
        text: The word, or several next to each other.
        negated: Whether the record must not have it.
        forms: What counts as the same word, as whole words: other forms of it, and other words for it.
        weight: How much it counts where only some words must be there (`Query.enough`).
    """

    text: str
    negated: bool = False
    forms: tuple[str, ...] = ()
    weight: int = 1


@dataclass(frozen=True, slots=True)
class EitherPart:
    """The record matches all parts of one of several ways: ``prismatic LFP or pouch NMC``, ``below 1 Ah or above 100 Ah``.

    Args:
        text: The words of the question it stands for.
        ways: The alternatives, each with the parts that must all match (or, negated, must not); none is an ``EitherPart``.
        negated: Whether the record must match none of them.
    """

    text: str
    ways: tuple[tuple[SinglePart, ...], ...]
    negated: bool = False


SinglePart = ConceptPart | QuantityPart | EntityPart | ValuePart | YearPart | TextPart
Part = SinglePart | EitherPart


class OrderBy(StrEnum):
    """What hits are put in order by: a quantity, the date of the record, or the date on which its product came on the market."""

    QUANTITY = "quantity"
    DATE = "date"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Order:
    """Hits in the order of a quantity, its least (or greatest) value of each record, or of a date; those without one are no hits.

    Args:
        text: The words of the question it stands for, e.g. ``lightest``.
        kinds: IRIs of the quantity classes, narrower ones included.
        labels: Their labels.
        dimension: Only quantities of this dimension count; ``""`` for any.
        unit: The unit in which readers see it; ``""`` for the one in which each value is written.
        descending: Whether the greatest comes first.
        own: Whether only what the record itself has counts, not what a part of it has.
        role: IRI of the class of the parts by whose quantities it goes (*thinnest separator*); ``""`` for any.
        role_label: Its label.
        roles: IRIs of which one must be among `Quantity.within`: the role and its narrower ones; empty for any.
        by: What decides; of a date, ``kinds`` and ``dimension`` are empty.
    """

    text: str
    kinds: frozenset[str]
    labels: tuple[str, ...]
    dimension: str = ""
    unit: str = ""
    descending: bool = False
    own: bool = False
    by: OrderBy = OrderBy.QUANTITY
    role: str = ""
    role_label: str = ""
    roles: frozenset[str] = frozenset()


def dated_order(by: OrderBy, text: str, *, descending: bool) -> Order:
    """The order by a date.

    >>> dated_order(OrderBy.DATE, "newest", descending=True).labels
    ('Date',)
    """
    label = "Date of release" if by is OrderBy.RELEASED else "Date"
    return Order(text, frozenset(), (label,), descending=descending, by=by)


@dataclass(frozen=True, slots=True)
class Query:
    """The question and its parts; every part must match (or, negated, must not).

    Args:
        text: The question.
        parts: What is asked.
        order: The order asked for; ``None`` for the best first.
        first: What a record should rather be (``cells``): those go first, others are found as well.
        enough: What the weights of the words that a record has, as whole words, must come to; 0: all words must be there.
        left_out: Words of the question that are not looked for, for what is named beside them decides.
    """

    text: str
    parts: tuple[Part, ...]
    order: Order | None = None
    first: ConceptPart | None = None
    enough: int = 0
    left_out: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[TextPart, ...]:
        """The words that were not understood."""
        return tuple(part for part in self.parts if isinstance(part, TextPart) and not part.negated)

    def with_parts(self, parts: Iterable[Part]) -> Query:
        """The query with these parts instead; where words are fewer than before, fewer are enough."""
        changed = replace(self, parts=tuple(parts))
        fewer = sum(word.weight for word in self.words) - sum(word.weight for word in changed.words)
        return replace(changed, enough=max(0, self.enough - max(0, fewer)))


def merged(query: Query, added: Iterable[Part], without: Iterable[int] = ()) -> Query:
    """The query without the parts at these positions, and with these parts added."""
    left_out = set(without)
    kept = [part for position, part in enumerate(query.parts) if position not in left_out]
    return query.with_parts(dict.fromkeys([*kept, *added]))
