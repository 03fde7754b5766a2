"""When two records may describe the same cell, and when not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ontology import terms
from records.record import Entity, EntityKind, Quantity, Record
from records.rights import PUBLIC
from search.duplicates import PAGE, Duplicate, Duplicates
from tests.unit.search.plain_index import PlainIndex
from tests.unit.search.test_similar import ASPECTS, CONCEPTS, GROUP, quantity, record, use

EVE = (EntityKind.MANUFACTURER, "EVE Energy")
LF280 = (EntityKind.MODEL, "LF280K")


def found(*records: Record) -> list[Duplicate]:
    index = PlainIndex(CONCEPTS.ancestors)
    index.apply(records)
    return Duplicates(index, CONCEPTS, ASPECTS).find(PUBLIC)


def numbers(capacity: float = 280.0, mass: float = 5420.0) -> list[Quantity]:
    sizes = [quantity("Height", 204.0, "mm"), quantity("Width", 174.0, "mm"), quantity("Thickness", 72.0, "mm")]
    return [quantity("RatedCapacity", capacity), quantity("Mass", mass, "g"), quantity("NominalVoltage", 3.2, "V"), *sizes]


@pytest.mark.parametrize(
    ("maker", "model"),
    [
        ("EVE Energy", "LF280K"),
        ("Eve Energy Co., Ltd.", "LF-280-K"),
        ("EVE", "lf280k"),
        ("EVE Energy", "EVE Energy LF280K"),
    ],
)
def test_the_same_maker_and_model_however_spelled(maker: str, model: str) -> None:
    other = record("b", names=[(EntityKind.MANUFACTURER, maker), (EntityKind.MODEL, model)])
    (one,) = found(record("a", names=[EVE, LF280]), other)
    assert one.records == ("s/a", "s/b")
    assert one.to_json()["relation"] == "http://www.w3.org/2002/07/owl#sameAs"


@pytest.mark.parametrize(("maker", "model"), [("CATL", "LF280K"), ("EVE Energy", "LF280N"), ("EVE Energy", "LF28")])
def test_another_maker_or_model_is_another_cell(maker: str, model: str) -> None:
    other = record("b", names=[(EntityKind.MANUFACTURER, maker), (EntityKind.MODEL, model)])
    assert not found(record("a", names=[EVE, LF280]), other)


def test_evidence_and_what_contradicts_it_are_told() -> None:
    mine = [quantity("RatedCapacity", 280.0), quantity("NominalVoltage", 3.2, "V"), quantity("Mass", 5000.0, "g")]
    theirs = [quantity("RatedCapacity", 281.0), quantity("NominalVoltage", 3.2, "V"), quantity("Mass", 6000.0, "g")]
    (one,) = found(record("a", quantities=mine, names=[EVE, LF280]), record("b", quantities=theirs, names=[EVE, LF280]))
    texts = [evidence.text for evidence in one.evidence]
    assert texts[:2] == ["the same model: LF280K", "the same manufacturer: EVE Energy"]
    assert sorted(texts[2:]) == ["the same NominalVoltage", "the same RatedCapacity"]
    assert one.differing == ("Mass",)
    assert one.evidence[-1].lines == (3, 3)


def test_more_that_contradicts_than_agrees_is_another_cell() -> None:
    assert not found(
        record("a", quantities=[quantity("RatedCapacity", 280.0)], names=[EVE, LF280]),
        record("b", quantities=[quantity("RatedCapacity", 2.8)], names=[EVE, LF280]),
    )


def test_many_equal_numbers_of_one_maker_whatever_the_model_is_called() -> None:
    a = record("a", quantities=numbers(), names=[EVE, LF280])
    b = record("b", quantities=numbers(280.5), names=[EVE, (EntityKind.MODEL, "MB31")])
    assert len(found(a, b)) == 1


def test_one_number_that_contradicts_makes_it_another_variant() -> None:
    a = record("a", quantities=numbers(), names=[EVE, LF280])
    b = record("b", quantities=numbers(306.0), names=[EVE, (EntityKind.MODEL, "LF306")])
    assert not found(a, b)


def test_equal_numbers_of_different_makers_are_a_standard_and_no_evidence() -> None:
    a = record("a", quantities=numbers(), names=[EVE])
    b = record("b", quantities=numbers(), names=[(EntityKind.MANUFACTURER, "CATL")])
    assert not found(a, b)


def _identified(name: str, pointer: str) -> Record:
    return replace(record(name), entities=(Entity(EntityKind.IDENTIFIER, "10.1234/abc", "", pointer, 1),))


def test_an_identifier_of_its_own_in_common() -> None:
    (one,) = found(_identified("a", ""), _identified("b", "/schema:identifier"))
    assert [evidence.kind for evidence in one.evidence] == ["identifier"]


def test_the_same_publication_cited_is_no_evidence() -> None:
    assert not found(_identified("a", "/schema:citation"), _identified("b", "/schema:citation"))


def test_a_test_of_a_cell_is_not_the_cell() -> None:
    cell, test = record("a", names=[EVE, LF280]), record("b", [use("ConstantCurrentCharging")], names=[EVE, LF280])
    assert not found(cell, test)


def test_a_property_that_is_called_as_a_process_makes_no_test() -> None:
    charging = replace(use("ConstantCurrentCharging"), role=(terms.HAS_PROPERTY,))
    assert found(record("a", names=[EVE, LF280]), record("b", [charging], names=[EVE, LF280]))


def test_what_the_reader_may_not_read_is_in_no_pair() -> None:
    assert not found(record("a", names=[EVE, LF280]), record("b", names=[EVE, LF280], readers=GROUP))


def test_all_pages_of_the_index_are_looked_at() -> None:
    many = [record(f"n{number:03}", names=[EVE, (EntityKind.MODEL, f"M{number}")]) for number in range(PAGE + 30)]
    last = record("z", names=[EVE, (EntityKind.MODEL, "M0")])
    assert [one.records for one in found(*many, last)] == [("s/n000", "s/z")]
