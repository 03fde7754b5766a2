"""What the search benchmark is made of: many records like real ones, their vectors, and questions.

The records are real ones, read as a harvest reads them, over and over: each with an id, a title and a model name of its own, its
numbers moved by a few percent, and one or two of 12 audiences; the reader holds 3 of these. Vectors are drawn around one for each
real record.
"""

from __future__ import annotations

import pickle
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from app.bootstrap import Services
from records.record import Entity, EntityKind, Payload, Quantity, Record
from records.rights import ANY, PUBLIC, Audiences, Rights
from search.index import Vector
from search.query import ConceptPart, EntityPart, Order, QuantityPart, Query, TextPart

AUDIENCES = [ANY, *(f"bma/community:{n}" for n in range(11))]
READER = frozenset({ANY, "bma/community:1", "bma/community:2"})
READERS: dict[str, Audiences] = {
    "all 12": frozenset(AUDIENCES),
    "3 of 12": READER,
    "1 of 12": frozenset({"bma/community:1"}),
    "a rare one": frozenset({"bma/link:rare"}),
}
DIMENSION = 384
BATCH = 2_000


def real_records(services: Services, folder: Path, kept: Path) -> list[Record]:
    """The records of the documents of a folder, as a harvest reads them; read once and kept in a file."""
    if kept.is_file():
        found: list[Record] = pickle.loads(kept.read_bytes())  # our own, of just now
        return found
    found = []
    for path in sorted(folder.rglob("*.json*")):
        name = path.relative_to(folder).as_posix()
        read = services.reader.read(f"real/{name}", "real", name, "", Rights(PUBLIC, PUBLIC), Payload(path.read_bytes()))
        if read.record is not None:
            found.append(read.record)
    kept.write_bytes(pickle.dumps(found))
    return found


def made_records(real: Sequence[Record], count: int, draw: random.Random) -> Iterator[Record]:
    """So many records like the real ones."""
    for n in range(count):
        like = real[draw.randrange(len(real))]
        audiences = frozenset(draw.sample(AUDIENCES, draw.choice((1, 1, 2))) if n % 1000 else ["bma/link:rare"])
        yield replace(
            like,
            id=f"made/{n:08}",
            iri=f"https://example.org/made/{n}",
            title=f"{like.title} no. {n}",
            rights=Rights(audiences, audiences),
            quantities=tuple(_moved(one, 1 + 0.05 * draw.uniform(-1, 1)) for one in like.quantities),
            text=f"{like.text}\nsample S{n}",
            entities=(*like.entities, Entity(EntityKind.MODEL, f"M-{n % 50_000}")),
            date=f"{2010 + n % 16}-01-01",
        )


def _moved(one: Quantity, factor: float) -> Quantity:
    value = None if one.value is None else one.value * factor
    return replace(one, value=value, base_value=None if one.base_value is None else one.base_value * factor)


def made_vectors(real: int, draw: np.random.Generator) -> Callable[[int], Vector]:
    """Vectors around one for each real record; a number gives always the same one."""
    centres = draw.standard_normal((real, DIMENSION)).astype(np.float32)

    def vector(number: int) -> Vector:
        around = np.random.default_rng(number).standard_normal(DIMENSION).astype(np.float32)
        moved = centres[number % real] + 0.7 * around
        whole: Vector = moved / np.float32(np.linalg.norm(moved))
        return whole

    return vector


def questions(services: Services, real: Sequence[Record], draw: random.Random, count: int) -> dict[str, list[Query]]:
    """Questions of each class: concepts by how many records use them, numbers, words, names, and several of these."""
    uses = Counter(use.concept for record in real for use in record.concepts).most_common(400)
    kinds = Counter((one.dimension, kind) for record in real for one in record.quantities for kind in one.kinds if one.base_values)
    words = Counter(word for record in real for word in {*record.text.split()} if word.isalpha()).most_common(500)
    makers = [one.name.lower() for record in real for one in record.entities if one.kind is EntityKind.MANUFACTURER]

    def concept() -> ConceptPart:
        iri = draw.choice(uses)[0]
        return ConceptPart("", (iri,), (services.concepts.label(iri),), services.concepts.narrower(iri))

    def quantity() -> QuantityPart:
        (dimension, kind), _ = draw.choice(kinds.most_common(20))
        values = [
            value
            for record in real
            for one in record.quantities
            if kind in one.kinds and one.dimension == dimension
            for value in one.base_values
        ]
        return QuantityPart("", frozenset({kind}), (), draw.choice(values), None, True, False, "", dimension)

    def order() -> Order:
        (dimension, kind), _ = draw.choice(kinds.most_common(10))
        return Order("", frozenset({kind}), (), dimension)

    def word() -> TextPart:
        return TextPart(draw.choice(words)[0])

    made: dict[str, Callable[[], Query]] = {
        "two concepts": lambda: Query("", (concept(), concept())),
        "concept and number": lambda: Query("", (concept(), quantity())),
        "concept, but not another": lambda: Query("", (concept(), replace(concept(), negated=True))),
        "maker": lambda: Query("", (EntityPart("", EntityKind.MANUFACTURER, (draw.choice(makers),), ""),)),
        "a word": lambda: Query("", (word(),)),
        "two words, concept, number": lambda: Query("", (word(), word(), concept(), quantity())),
        "a rare word": lambda: Query("", (TextPart(f"S{draw.randrange(1000)}"),)),
        "in order of a number": lambda: Query("", (concept(),), order()),
        "everything": lambda: Query("", ()),
    }
    return {name: [make() for _ in range(count)] for name, make in made.items()}


TYPED = (
    "prismatic LFP cell above 100 Ah",
    "NMC811 graphite pouch cell",
    "18650 cells from Panasonic between 2.5 and 3.5 Ah",
    "rated capacity at 25 °C above 2 Ah",
    "coin cell without cobalt",
    "lightest cylindrical cell",
    "LiPF6 in EC:EMC electrolyte",
    "sodium-ion cycling data since 2020",
    "cells by A123 or CATL",
    "electrochemical impedance spectroscopy of NCA cells",
)
"""Questions as people type them."""
BEGUN = ("l", "li", "lfp", "nm", "pris", "cyl", "gra", "pan", "ca", "elec", "volt", "cap", "sam", "m 12", "sod", "coin")
"""What has been typed when something is suggested."""
