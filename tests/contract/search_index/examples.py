"""Records and questions for tests of search indexes: made by hand, and drawn at random."""

from __future__ import annotations

import math
from collections.abc import Collection
from hashlib import sha256

import numpy as np
from hypothesis import strategies as st

from records.record import ConceptUse, Condition, Entity, EntityKind, Quantity, Record, Said, Spread
from records.rights import ANY, NOBODY, PUBLIC, Audiences, Rights
from search.index import Page, SearchIndex, Vector
from search.query import (
    VALUE_FACETS,
    ConceptPart,
    EitherPart,
    EntityPart,
    Facet,
    Order,
    OrderBy,
    Part,
    QuantityPart,
    Query,
    TextPart,
    ValuePart,
    YearPart,
    dated_order,
)

FACETS = tuple(Facet)
OPEN = Rights(PUBLIC, PUBLIC)
TEAM = frozenset({ANY, "bma/community:team"})
CHARGE = "T·I"
PARENTS = {"urn:a": ("urn:top",), "urn:b": ("urn:a", "urn:top"), "urn:k": ("urn:quantity",), "urn:l": ("urn:k", "urn:quantity")}
"""Everything above some concepts."""
BOOKKEEPING = frozenset({"urn:formal"})
DIMENSION = 8


def ancestors(iri: str) -> Collection[str]:
    return PARENTS.get(iri, ())


def narrower(iri: str) -> frozenset[str]:
    return frozenset({iri, *(below for below, above in PARENTS.items() if iri in above)})


def summary(record: Record) -> str:
    return f"{record.title}\n{record.text}".strip()


def summary_hash(record: Record) -> str:
    return sha256(summary(record).encode("utf-8", "replace")).hexdigest()


def a_record(
    name: str,
    *,
    title: str = "",
    text: str = "",
    concepts: tuple[ConceptUse | str, ...] = (),
    quantities: tuple[Quantity, ...] = (),
    entities: tuple[Entity, ...] = (),
    rights: Rights = OPEN,
    source: str = "bma",
    date: str = "",
) -> Record:
    uses = tuple(ConceptUse(use, ("urn:hasPart",), "/part", 7) if isinstance(use, str) else use for use in concepts)
    return Record(
        *(f"{source}/{name}", f"https://example.org/{name}", title or name, source, f"{name}.json", "ab" * 32, rights),
        *(uses, quantities, text, entities, date),
    )


def a_capacity(ampere_hours: float, *kinds: str, pointer: str = "/hasProperty/0", line: int = 9) -> Quantity:
    return Quantity(kinds or ("urn:RatedCapacity",), ampere_hours, "Ah", ampere_hours * 3600, "A·s", CHARGE, pointer, line)


def at(kelvin: float) -> Condition:
    return Condition(("urn:Temperature",), kelvin, "K", kelvin, "K", "Θ", "/hasProperty/0/at", 12)


def concept(
    *iris: str, below: tuple[str, ...] = (), words: tuple[str, ...] = (), roles: frozenset[str] = frozenset()
) -> ConceptPart:
    return ConceptPart(iris[0], iris, iris, frozenset({*iris, *below}), words=words, roles=roles)


def capacity(low: float | None = None, high: float | None = None, *kinds: str, included: bool = False) -> QuantityPart:
    bounds = [None if bound is None else bound * 3600 for bound in (low, high)]
    return QuantityPart("capacity", frozenset(kinds), (), bounds[0], bounds[1], included, included, "Ah", CHARGE)


def warmer_than(kelvin: float) -> QuantityPart:
    return QuantityPart("warm", frozenset({"urn:Temperature"}), (), kelvin, None, True, True, "K", "Θ")


def asking(*parts: Part, order: Order | None = None) -> Query:
    return Query("", parts, order)


def found(index: SearchIndex, *parts: Part, audiences: Audiences = PUBLIC) -> list[str]:
    return [hit.record.id for hit in index.search(asking(*parts), audiences, limit=100).hits]


def a_vector(*numbers: float) -> Vector:
    whole = np.zeros(DIMENSION, np.float32)
    whole[: len(numbers)] = numbers
    return whole / np.float32(np.linalg.norm(whole))


# Random records and questions

IRIS = ["urn:a", "urn:b", "urn:c", "urn:formal"]
ROLES = ["urn:anode", "urn:cathode"]
WORDS = ["alpha", "alphabet", "beta", "gamma", "18650", "INR18650-MJ1", "LiFePO₄"]
NAMES = ["Acme GmbH", "ACME", "acme inc", "Öko AG", "B-12", ""]
AUDIENCES = [ANY, "bma/auth", "bma/community:team"]
phrases = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
withins = st.lists(st.sampled_from(ROLES), max_size=2).map(tuple)
uses = st.builds(
    ConceptUse,
    st.sampled_from(IRIS),
    st.lists(st.just("urn:p"), max_size=3).map(tuple),
    st.just("/x"),
    st.just(3),
    withins,
    st.sampled_from(["", "", "urn:definition"]),
)
numbers = st.sampled_from([None, -1.0, 0.0, 1.0, 1.0 + 1e-12, 2.0, 500.0, math.inf, math.nan])
kinds = st.lists(st.sampled_from(["urn:k", "urn:l", "urn:m"]), min_size=1, max_size=2, unique=True).map(tuple)
conditions = st.builds(
    Condition,
    st.sampled_from([("urn:t",), ("urn:c",)]),
    st.just(1.0),
    st.just("K"),
    numbers,
    st.just("K"),
    st.just("Θ"),
    st.just(""),
    st.just(1),
)
quantities = st.builds(
    Quantity,
    kinds=kinds,
    value=st.sampled_from([1.0, None]),
    unit=st.just("Ah"),
    base_value=numbers,
    base_unit=st.just("A·s"),
    dimension=st.sampled_from([CHARGE, "L"]),
    pointer=st.sampled_from(["/p/0", "/p/0/q", "/p/1"]),
    line=st.just(5),
    spread=st.sampled_from([None, Spread(0, 2, None, 0.0, 2.0)]),
    conditions=st.lists(conditions, max_size=2).map(tuple),
    within=withins,
)
entities = st.builds(Entity, st.sampled_from(EntityKind), st.sampled_from(NAMES), st.sampled_from(["", "urn:acme"]))
audience_sets = st.frozensets(st.sampled_from(AUDIENCES), max_size=2)
records = st.builds(
    Record,
    id=st.sampled_from([f"bma/{n}" for n in range(12)]),
    iri=st.just("urn:x"),
    title=phrases,
    source=st.sampled_from(["bma", "lab"]),
    source_file=st.just("x.json"),
    digest=st.just("d"),
    rights=st.one_of(st.just(OPEN), st.builds(Rights, audience_sets, audience_sets)),
    concepts=st.lists(uses, max_size=4).map(tuple),
    quantities=st.lists(quantities, max_size=3).map(tuple),
    text=phrases,
    entities=st.lists(entities, max_size=3).map(tuple),
    date=st.sampled_from(["", "2021", "2022-03", "2022-03-04", "soon"]),
    licence=st.sampled_from(["", "CC-BY-4.0"]),
    communities=st.sampled_from([(), ("bma/community:team",), ("bma/community:other", "bma/community:team")]),
    validation=st.sampled_from(["", "none", "warning"]),
    released=st.sampled_from(["", "", "2021-05", "2022"]),
    said=st.sampled_from([(), (), (Said("country", "countryOfOrigin", "Norway", "/countryOfOrigin", 3),)]),
)
corpora = st.lists(records, unique_by=lambda record: record.id, max_size=10)
bounds = st.sampled_from([None, -1.0, 0.0, 1.0, 2.0])
role_sets = st.sampled_from([frozenset[str](), frozenset(ROLES[:1]), frozenset(ROLES)])
negations = st.sampled_from([False, False, False, True])
concept_parts = st.builds(
    lambda iri, words, roles, negated: ConceptPart(
        iri, (iri,), (iri,), narrower(iri), words=words, role=min(roles, default=""), roles=roles, negated=negated
    ),
    st.sampled_from([*IRIS, "urn:top"]),
    st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
    role_sets,
    negations,
)
amounts = (st.frozensets(st.sampled_from(["urn:k", "urn:l"])), st.just(()), bounds, bounds, st.booleans(), st.booleans())
condition_parts = st.builds(
    QuantityPart,
    *(st.just("c"), st.frozensets(st.sampled_from(["urn:t", "urn:c"])), *amounts[1:], st.just("K"), st.sampled_from(["Θ", ""])),
)
quantity_parts = st.builds(
    QuantityPart,
    *(st.just("q"), *amounts, st.just("Ah"), st.sampled_from([CHARGE, ""])),
    roles=role_sets,
    conditions=st.lists(condition_parts, max_size=1).map(tuple),
    negated=negations,
)
entity_parts = st.builds(
    EntityPart,
    *(st.just("e"), st.sampled_from([None, *EntityKind]), st.sampled_from([(), ("acme",), ("oko", "b 12")]), st.just("Acme")),
    st.sampled_from(["", "urn:acme"]),
    negations,
)
value_parts = st.builds(
    ValuePart,
    st.just("v"),
    st.sampled_from(sorted(VALUE_FACETS)),
    st.sampled_from(["bma", "CC-BY-4.0", "none", "bma/community:team", "Norway", ""]),
    negations,
)
years = st.sampled_from([None, 2021, 2022])
some_words = st.sampled_from([*WORDS, "alp", "186", "alpha beta", "zeta", "???"])
text_parts = st.builds(TextPart, some_words, negations, st.lists(some_words, max_size=2).map(tuple), st.integers(0, 3))
single_parts = st.one_of(
    concept_parts,
    quantity_parts,
    entity_parts,
    value_parts,
    st.builds(YearPart, st.just("y"), years, years, negations, st.booleans()),
    text_parts,
)
ways = st.lists(st.lists(single_parts, max_size=2).map(tuple), max_size=3).map(tuple)
parts = st.lists(st.one_of(single_parts, st.builds(EitherPart, st.just("e"), ways, negations)), max_size=3)
orders = st.one_of(
    st.none(),
    st.none(),
    st.builds(
        Order,
        st.just("o"),
        st.frozensets(st.sampled_from(["urn:k", "urn:l"])),
        st.just(()),
        st.sampled_from([CHARGE, ""]),
        descending=st.booleans(),
        own=st.booleans(),
    ),
    st.builds(dated_order, st.sampled_from([OrderBy.DATE, OrderBy.RELEASED]), st.just("o"), descending=st.booleans()),
)
enough = st.one_of(st.just(0), st.integers(1, 5))
queries = st.builds(lambda chosen, order, least: Query("", tuple(chosen), order, enough=least), parts, orders, enough)
readers = st.sampled_from([PUBLIC, TEAM, frozenset({"bma/auth"}), NOBODY])
vectors = (
    st.lists(st.sampled_from([-1.0, 0.0, 0.5, 1.0]), min_size=3, max_size=3).filter(any).map(lambda numbers: a_vector(*numbers))
)


def in_thirds(low: float, high: float) -> list[float]:
    """Bins for a histogram, with values on their bounds."""
    return [low, (2 * low + high) / 3, (low + 2 * high) / 3, high] if low < high else [low, high]


def clicked(facet: Facet, value: str) -> Part:
    """What a click on a value asks for, as `FacetCount` says."""
    match facet:
        case Facet.CONCEPT:
            return ConceptPart(value, (value,), (), narrower(value))
        case Facet.ROLE:
            role, _, iri = value.partition(" ")
            return ConceptPart(value, (iri,), (), frozenset({iri}), role=role, roles=frozenset({role}))
        case Facet.QUANTITY:
            return QuantityPart(value, narrower(value), (), None, None, False, False, "", "")
        case Facet.YEAR:
            return YearPart(value, int(value), int(value))
        case facet if facet in VALUE_FACETS:
            return ValuePart(value, facet, value)
        case _:
            return EntityPart(value, EntityKind(facet.value), (value,), value)


def told(page: Page) -> tuple[object, ...]:
    """Everything of a page that does not name the state of the index; numbers up to rounding errors."""
    hits = [(hit.record, round(hit.score, 4), {name: round(hit.parts[name], 4) for name in sorted(hit.parts)}) for hit in page.hits]
    facets = {facet: [(one.value, one.count, one.label) for one in counts] for facet, counts in page.facets.items()}
    return page.total, repr(hits), facets, page.relaxed, bool(page.after)
