"""What is like a record, why, and what does not count: over made records, so that every reason can be seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.units import Units
from records.record import ConceptUse, Entity, EntityKind, Quantity, Record
from records.rights import PUBLIC, Audiences, Rights
from search.aspects import Aspect, Aspects
from search.similar import Alike, Similar
from tests.unit.search.plain_index import PlainIndex

FACTS = packaged_facts()
CONCEPTS = Concepts(FACTS)
UNITS = Units(FACTS)
ASPECTS = Aspects(CONCEPTS)
BY_LABEL = {CONCEPTS.label(iri): iri for iri in FACTS.concepts}
GROUP = frozenset({"local/community:cells"})


def use(concept: str, *within: str, implied: bool = False) -> ConceptUse:
    whole = tuple(BY_LABEL[name] for name in within)
    return ConceptUse(BY_LABEL[concept], (), f"/{concept}", 2, whole, BY_LABEL["BatteryCell"] if implied else "")


def quantity(kind: str, value: float, unit: str = "Ah") -> Quantity:
    dimension, factor = {"Ah": ("T·I", 3600.0), "g": ("M", 0.001), "V": ("L²·M·T⁻³·I⁻¹", 1.0), "mm": ("L", 0.001)}[unit]
    return Quantity((BY_LABEL[kind],), value, unit, value * factor, "", dimension, f"/{kind}", 3)


def record(
    name: str,
    uses: Sequence[ConceptUse] = (),
    quantities: Sequence[Quantity] = (),
    names: Sequence[tuple[EntityKind, str]] = (),
    readers: Audiences = PUBLIC,
) -> Record:
    entities = tuple(Entity(kind, text, "", "", 1) for kind, text in names)
    return Record(
        f"s/{name}",
        f"https://e.org/{name}",
        name,
        "s",
        name,
        name,
        Rights(readers, readers),
        tuple(uses),
        tuple(quantities),
        "",
        entities,
    )


OTHERS = [record(f"other{n}", [use("Zinc")]) for n in range(20)]
"""So that not everything is common."""


def similar_to(*records: Record, by: Aspect = Aspect.ALL, audiences: Audiences = PUBLIC) -> tuple[Alike, ...]:
    """What is like the first of them."""
    index = PlainIndex(CONCEPTS.ancestors)
    index.apply([*records, *OTHERS])
    found = Similar(index, CONCEPTS, UNITS, ASPECTS).find(records[0].id, audiences, by=by)
    assert found is not None
    return found.similar


def ids(found: Sequence[Alike]) -> list[str]:
    return [one.record.id for one in found]


def texts(one: Alike) -> list[str]:
    return [reason.text for reason in one.reasons]


def test_a_shared_concept_tells_where_it_stands_in_both() -> None:
    first, *_ = similar_to(
        record("a", [use("Graphite", "NegativeElectrode")]),
        record("b", [use("Graphite", "NegativeElectrode")]),
        record("c", [use("Graphite", "PositiveElectrode")]),
    )
    assert first.record.id == "s/b"
    assert texts(first) == ["both have Graphite in the NegativeElectrode"]
    assert (first.reasons[0].pointers, first.reasons[0].lines) == (("/Graphite", "/Graphite"), (2, 2))


def test_the_same_concept_in_another_part_counts_for_less() -> None:
    found = similar_to(
        record("a", [use("Graphite", "NegativeElectrode")]),
        record("b", [use("Graphite", "PositiveElectrode")]),
        record("c", [use("Graphite", "NegativeElectrode")]),
    )
    assert ids(found) == ["s/c", "s/b"]
    assert texts(found[1]) == ["both have Graphite in another part"]
    assert found[1].score == pytest.approx(found[0].score / 2)


def test_what_is_rare_says_more_than_what_is_common() -> None:
    common, rare = [use("Copper")], [use("VinyleneCarbonate")]
    found = similar_to(
        record("a", [*common, *rare]), record("b", common), record("c", rare), *(record(f"copper{n}", common) for n in range(8))
    )
    assert ids(found)[0] == "s/c"
    assert found[0].score > found[1].score


def test_a_concept_that_follows_from_a_definition_says_less() -> None:
    told, implied = use("LithiumIronPhosphate"), use("LithiumIronPhosphate", implied=True)
    found = similar_to(record("a", [told]), record("b", [implied]), record("c", [told]))
    assert ids(found) == ["s/c", "s/b"]


def test_concepts_that_are_near_in_the_ontology_count_with_their_distance() -> None:
    found = similar_to(
        record("a", [use("LithiumNickelManganeseCobaltOxide", "PositiveElectrode"), use("Graphite")]),
        record("b", [use("LithiumNickelCobaltAluminiumOxide", "PositiveElectrode"), use("Graphite")]),
        record("c", [use("Graphite")]),
    )
    assert ids(found) == ["s/b", "s/c"]
    (related,) = [reason for reason in found[0].reasons if reason.kind == "related"]
    assert related.text.startswith("LithiumNickelManganeseCobaltOxide and, there, LithiumNickelCobaltAluminiumOxide: both ")
    assert related.text.endswith("2 steps apart")


def test_near_numbers_count_by_their_distance_in_one_unit() -> None:
    found = similar_to(
        record("a", quantities=[quantity("RatedCapacity", 100.0)]),
        record("b", quantities=[quantity("RatedCapacity", 101.0)]),
        record("c", quantities=[quantity("RatedCapacity", 100.0)]),
        record("d", quantities=[quantity("RatedCapacity", 150.0)]),
    )
    assert ids(found) == ["s/c", "s/b"]
    assert texts(found[1]) == ["RatedCapacity 100 Ah, there 101 Ah (1.0% apart)"]


def test_a_number_of_another_kind_is_no_reason() -> None:
    assert not similar_to(
        record("a", quantities=[quantity("Mass", 50.0, "g")]), record("b", quantities=[quantity("RatedCapacity", 50.0)])
    )


def test_ten_authors_of_one_article_are_not_ten_reasons() -> None:
    authors = [(EntityKind.PERSON, f"Author {n}") for n in range(10)]
    model = [(EntityKind.MODEL, "LF280K")]
    found = similar_to(record("a", names=[*authors, *model]), record("b", names=authors), record("c", names=model))
    assert ids(found) == ["s/c", "s/b"]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (Aspect.CHEMISTRY, "s/chemistry"),
        (Aspect.DESIGN, "s/design"),
        (Aspect.PERFORMANCE, "s/performance"),
        (Aspect.PROTOCOL, "s/protocol"),
        (Aspect.PEOPLE, "s/people"),
    ],
)
def test_each_respect_looks_at_its_own_traits_alone(by: Aspect, expected: str) -> None:
    chemistry, design, protocol = [use("Graphite")], [use("PrismaticBattery")], [use("ConstantCurrentCharging")]
    mass, capacity = [quantity("Mass", 50.0, "g")], [quantity("RatedCapacity", 5.0)]
    people = [(EntityKind.PERSON, "Ada Lovelace")]
    found = similar_to(
        record("a", [*chemistry, *design, *protocol], [*mass, *capacity], people),
        record("chemistry", chemistry),
        record("design", design, mass),
        record("performance", quantities=capacity),
        record("protocol", protocol),
        record("people", names=people),
        by=by,
    )
    assert ids(found) == [expected]


def test_other_data_of_the_same_cell_are_offered_as_such() -> None:
    cell = [(EntityKind.MANUFACTURER, "EVE Energy"), (EntityKind.MODEL, "LF280K")]
    spec = record("a", quantities=[quantity("RatedCapacity", 280.0)], names=cell)
    test = record("b", [use("ConstantCurrentCharging")], names=cell)
    first, *_ = similar_to(spec, test, by=Aspect.PROTOCOL)
    assert "the same cell by another method: ConstantCurrentCharging" in texts(first)
    assert "the same cell by another method: ConstantCurrentCharging" in texts(similar_to(spec, test)[0])


def test_nearness_of_summaries_is_one_signal_and_finds_what_shares_nothing_else() -> None:
    a, b = record("a"), record("b")
    index = PlainIndex(CONCEPTS.ancestors, summary=lambda one: one.title)
    index.apply([a, b, *OTHERS])
    near = np.array([1, 0], np.float32)
    vectors = {key: near if text in "ab" else -near for key, text in index.unembedded("m").items()}
    index.embed("m", vectors)
    found = Similar(index, CONCEPTS, UNITS, ASPECTS).find("s/a", PUBLIC)
    assert found is not None
    assert found.vectors
    assert ids(found.similar) == ["s/b"]
    assert texts(found.similar[0]) == ["their summaries are near: 1.00"]


def test_a_record_is_never_like_itself_and_an_empty_one_like_nothing() -> None:
    assert similar_to(record("a")) == ()
    assert "s/a" not in ids(similar_to(record("a", [use("Graphite")]), record("b", [use("Graphite")])))


def test_forbidden_and_unknown_look_alike() -> None:
    index = PlainIndex(CONCEPTS.ancestors)
    index.apply([record("a", readers=GROUP)])
    similar = Similar(index, CONCEPTS, UNITS, ASPECTS)
    assert similar.find("s/a", PUBLIC) is None
    assert similar.find("s/nothing", PUBLIC) is None
    assert similar.find("s/a", GROUP) is not None


def test_the_answer_says_where_everything_stands() -> None:
    index = PlainIndex(CONCEPTS.ancestors)
    index.apply([record("a", [use("Graphite")]), record("b", [use("Graphite")]), *OTHERS])
    found = Similar(index, CONCEPTS, UNITS, ASPECTS).find("s/a", PUBLIC, by=Aspect.CHEMISTRY)
    assert found is not None
    shown = found.to_json()
    assert (shown["record"], shown["by"], shown["vectors"], shown["same_as"]) == ("s/a", "chemistry", False, [])
    (one,) = found.similar
    assert one.to_json() == {
        "record": "s/b",
        "iri": "https://e.org/b",
        "title": "b",
        "source": "s",
        "source_file": "b",
        "score": round(one.score, 4),
        "reasons": [
            {
                "kind": "concept",
                "text": "both have Graphite",
                "score": round(one.score, 4),
                "pointers": ["/Graphite", "/Graphite"],
                "lines": [2, 2],
            }
        ],
    }
