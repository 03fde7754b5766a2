"""Random records, rights and queries over a few words, concepts, numbers and names, so that they meet often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np

from records.record import ConceptUse, Condition, Entity, EntityKind, Quantity, Record, Said, Spread
from records.rights import ANY, Audiences, Rights
from search.index import Vector
from search.query import (
    ConceptPart,
    EitherPart,
    EntityPart,
    Expansion,
    Facet,
    Order,
    Part,
    QuantityPart,
    Query,
    SinglePart,
    TextPart,
    ValuePart,
    YearPart,
)

AUDIENCES = (ANY, "bma/auth", "bma/user:1", "bma/community:x", "bma/link:s")
ABOVE = {"urn:a": ("urn:top",), "urn:b": ("urn:top",), "urn:Rated": ("urn:Capacity",)}
"""Concept -> everything broader."""
CONCEPTS = ("urn:a", "urn:b", "urn:c", "urn:top")
ROLES = ("urn:Positive", "urn:Negative")
KINDS = ("urn:Capacity", "urn:Rated", "urn:Mass")
WORDS = ("panasonic", "pana", "lithium", "18650", "INR18650-MJ1", "US18650VTC", "cell", "Größe")
NAMES = ("Panasonic Corp.", "panasonic", "LG", "Öko-Zelle 5", "-")
DATES = ("", "2019", "2019-05-01", "2021-03", "later")
IDS = tuple(f"bma/{n}" for n in range(6))


def ancestors(iri: str) -> tuple[str, ...]:
    return ABOVE.get(iri, ())


def narrower(iri: str) -> frozenset[str]:
    return frozenset({iri, *(below for below, above in ABOVE.items() if iri in above)})


def summary(record: Record) -> str:
    """What is embedded."""
    return f"{record.title} {record.text}"


def embedding(text: str) -> Vector:
    """Near to what is written alike."""
    counts = np.array([text.lower().count(letter) + 1e-3 for letter in "abcdefghijklmnopqrstuvwxyz0123456789"], dtype=np.float32)
    return counts / np.float32(np.linalg.norm(counts))


class Choice:
    """Random values from one seed.

    Args:
        seed: The same seed gives the same values.
    """

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def some(self, values: tuple[Any, ...], most: int) -> list[Any]:
        return [self.random.choice(values) for _ in range(self.random.randint(0, most))]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def audiences(self) -> Audiences:
        return frozenset(self.some(AUDIENCES, 3))

    def rights(self) -> Rights:
        """Any pair of sets that `Rights` allows, and some it does not: an index must stand those too."""
        metadata = self.audiences()
        return Rights(metadata, self.random.choice([metadata, self.audiences(), frozenset()]))

    def use(self) -> ConceptUse:
        role = ("urn:p",) * self.random.randint(0, 2)
        implied_by = "urn:Defined" if self.chance(0.2) else ""
        return ConceptUse(self.random.choice(CONCEPTS), role, "/x", self.random.randint(1, 3), self.within(), implied_by)

    def within(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.some(ROLES, 2)))

    def quantity(self) -> Quantity:
        value = self.random.choice([1.0, 5.0, 100.0])
        kinds = (self.random.choice(KINDS),)
        quantity = Quantity(kinds, value, "Ah", value * 3600, "A·s", "T·I", self.random.choice(["/p/0", "/p/q/0"]), 4)
        more: dict[str, Any] = self.random.choice(
            [
                {},
                {"within": self.within()},
                {"conditions": (self.condition(),), "spread": Spread(1.0, 2.0, None, 3600.0, 7200.0)},
                {"value": None, "base_value": None, "spread": Spread(1.0, 100.0, None, 3600.0, 360_000.0)},
                {"unit": "", "base_value": None, "base_unit": "", "dimension": ""},
            ]
        )
        return replace(quantity, **more)

    def condition(self) -> Condition:
        celsius = self.random.choice([25.0, 60.0])
        return Condition(("urn:Temperature",), celsius, "degC", celsius + 273.15, "K", "Θ", "/p/at", 5, "ambient")

    def entity(self) -> Entity:
        kind = self.random.choice([EntityKind.MANUFACTURER, EntityKind.SUPPLIER, EntityKind.MODEL, EntityKind.PERSON])
        return Entity(kind, self.random.choice(NAMES), self.random.choice(["", "urn:orcid"]), "/m", 2)

    def content(self) -> dict[str, Any]:
        """What only readers of files may know."""
        return {
            "concepts": tuple(self.use() for _ in range(self.random.randint(0, 3))),
            "quantities": tuple(self.quantity() for _ in range(self.random.randint(0, 3))),
            "text": " ".join(self.some(WORDS, 4)),
            "digest": self.random.choice(["d1", "d2"]),
            "entities": tuple(self.entity() for _ in range(self.random.randint(0, 2))),
            "date": self.random.choice(DATES),
            "licence": self.random.choice(["", "CC0", "CC-BY"]),
            "validation": self.random.choice(["", "none", "warning"]),
            "released": self.random.choice(DATES),
            "said": self.random.choice([(), (Said("country", "countryOfOrigin", "Norway", "/countryOfOrigin", 3),)]),
        }

    def record(self, record_id: str) -> Record:
        return Record(
            record_id,
            f"urn:{record_id}",
            " ".join(self.some(WORDS, 3)),
            self.random.choice(["bma", "lab"]),
            f"{record_id}.json",
            rights=self.rights(),
            communities=tuple(sorted(set(self.some(("bma/community:x", "bma/community:y"), 2)))),
            **self.content(),
        )

    def records(self, most: int = 6) -> list[Record]:
        return [self.record(record_id) for record_id in IDS[:most] if self.chance(0.8)]

    def query(self) -> Query:
        parts = tuple(dict.fromkeys(self.part() for _ in range(self.random.randint(0, 3))))
        order = (
            Order("by", narrower("urn:Capacity"), ("Capacity",), descending=self.chance(0.5), own=self.chance(0.5))
            if self.chance(0.2)
            else None
        )
        if order is not None and not order.own and self.chance(0.3):
            order = replace(order, role=ROLES[0], roles=frozenset(ROLES[:1]))
        first = self._concept() if self.chance(0.3) else None
        enough = self.random.randint(1, 4) if self.chance(0.2) else 0
        return Query(" ".join(part.text for part in parts), parts, order, first, enough)

    def part(self) -> Part:
        return self._either() if self.chance(0.1) else self._single()

    def _either(self) -> EitherPart:
        ways = tuple(tuple(self._single() for _ in range(self.random.randint(1, 2))) for _ in range(2))
        return EitherPart("e", ways, self.chance(0.2))

    def _single(self) -> SinglePart:
        negated = self.chance(0.2)
        makers: list[Callable[[], SinglePart]] = [
            self._concept,
            self._quantity,
            self._entity,
            self._value,
            self._year,
            self._text,
            self._text,
        ]
        return replace(self.random.choice(makers)(), negated=negated)

    def _concept(self) -> ConceptPart:
        iris = tuple(dict.fromkeys([self.random.choice(CONCEPTS), *self.some(CONCEPTS, 1)]))
        role = self.random.choice(["", "", *ROLES])
        return ConceptPart(
            "c",
            iris,
            iris,
            frozenset().union(*map(narrower, iris)),
            words=tuple(self.some(WORDS, 1)),
            role=role,
            role_label=role,
            roles=frozenset({role} if role else ()),
            expansion=self.random.choice([Expansion.NARROWER, Expansion.SYNONYMS]),
        )

    def _quantity(self) -> QuantityPart:
        kinds = frozenset().union(*map(narrower, self.some(KINDS, 1)))
        low, high = self.random.choice([(3600.0, None), (18000.0, 400_000.0), (400_000.0, None), (None, 18000.0), (None, None)])
        warm = QuantityPart("at 25 °C", frozenset(), (), 298.0, 299.0, True, True, "°C", "Θ")
        role = self.random.choice(["", "", "", *ROLES])
        return QuantityPart(
            "q",
            kinds,
            tuple(sorted(kinds)),
            low,
            high,
            self.chance(0.5),
            True,
            "Ah",
            self.random.choice(["T·I", "T·I", "T·I", ""]),
            role=role,
            roles=frozenset({role} if role else ()),
            conditions=(warm,) if self.chance(0.2) else (),
            named=frozenset(self.some(KINDS, 1)),
        )

    def _entity(self) -> EntityPart:
        kind = self.random.choice([None, EntityKind.MANUFACTURER, EntityKind.MODEL])
        names = self.random.choice([("panasonic",), ("lg", "oko zelle 5"), ("nobody",), ()])
        mentioned = tuple(self.some(WORDS, 1)) if self.chance(0.3) else ()
        return EntityPart("n", kind, names, "N", iri=self.random.choice(["", "urn:orcid"]), mentioned=mentioned)

    def _value(self) -> ValuePart:
        facet, value = self.random.choice(
            [
                (Facet.SOURCE, "bma"),
                (Facet.SOURCE, "elsewhere"),
                (Facet.LICENCE, "CC0"),
                (Facet.COMMUNITY, "bma/community:x"),
                (Facet.VALIDATION, "warning"),
            ]
        )
        return ValuePart(value, facet, value)

    def _year(self) -> YearPart:
        first, last = self.random.choice([(2019, 2019), (2020, None), (None, 2020), (None, None)])
        return YearPart("y", first, last, released=self.random.random() < 0.3)

    def _text(self) -> TextPart:
        forms = tuple(self.random.sample(WORDS, self.random.choice((0, 0, 1, 2))))
        return TextPart(self.random.choice([*WORDS, "nowhere", "lit", "1865"]), forms=forms, weight=self.random.randint(1, 3))
