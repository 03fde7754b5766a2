"""Sizes of cells in questions: what they say of the format, and codes that are more than a size."""

from __future__ import annotations

import pytest

from records.record import ConceptUse, Record
from records.rights import PUBLIC, Rights
from search.query import ConceptPart
from search.query_json import query_from_json, query_to_json
from search.service import Readable
from tests.unit.search.asked import Asked, told
from tests.unit.search.plain_index import PlainIndex


@pytest.fixture(scope="module")
def asked() -> Asked:
    return Asked()


@pytest.mark.parametrize("question", ["cylindrical 26650", "round 26650 cells", "26650 form factor", "26650 from any maker"])
def test_a_round_size_says_that_the_cell_is_a_cylinder(asked: Asked, question: str) -> None:
    assert told(asked.parts(question)) == ["R26650"]


def test_a_size_that_the_ontologies_do_not_know_is_one_too(asked: Asked) -> None:
    query = asked.query("cylindrical 66160")
    assert told(query.parts) == ["“66160”"]
    assert query.first is not None
    assert "CylindricalBattery" in query.first.labels
    assert told(asked.parts("cylindrical cell with the largest diameter")) == []
    assert told(asked.parts("cylindrical LFP")) == ["CylindricalBattery", "LithiumIronPhosphate"]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("26 x 65 mm", ["R26650"]),
        ("cells of 26 by 65 mm", ["R26650"]),
        ("Ø 26 mm x 65 mm", ["R26650"]),
        ("cylindrical 32 mm by 140 mm", ["“32140”"]),
        ("size 2032", ["R2032"]),
        ("coin cells, format 2016", ["CoinCell", "R2016"]),
        ("26650 or 66160", ["R26650 or “66160”"]),
        ("32140 or 66160", ["“32140” or “66160”"]),
        ("26 x 65 x 7 mm", ["= 26 mm (±0.5 %)", "= 65 mm (±0.5 %)", "= 7 mm (±0.5 %)"]),
    ],
)
def test_a_size_may_be_said_in_several_ways(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_what_is_called_by_a_code_goes_before_others_of_its_size(asked: Asked) -> None:
    index = PlainIndex(asked.concepts.ancestors)
    rights = Rights(PUBLIC, PUBLIC)
    uses = (ConceptUse(asked.iri("R18650"), (), "", 1),)
    for name, title in (("a", "INR18650-29E"), ("b", "ICR18650-26V")):
        index.apply([Record(name, f"urn:{name}", title, "s", name, "", rights, concepts=uses)])
    query = asked.query("ICR18650 cells")
    assert [hit.record.id for hit in index.search(query, PUBLIC).hits] == ["b", "a"]
    assert query_from_json(query_to_json(query)) == query
    index.close()


def test_what_is_no_cr2032_may_have_its_size(asked: Asked) -> None:
    (asked_for,), (left_out,) = asked.parts("CR2032"), asked.parts("not CR2032")
    assert isinstance(asked_for, ConceptPart)
    assert isinstance(left_out, ConceptPart)
    assert asked.iri("R2032") in asked_for.expanded
    assert asked.iri("R2032") not in left_out.expanded


def test_any_maker_will_do(asked: Asked) -> None:
    index = PlainIndex(asked.concepts.ancestors)
    known = Asked()
    known.known = Readable(index, PUBLIC)
    for question in ("LFP from any manufacturer", "LFP whatever the brand", "LFP, brand doesn't matter", "LFP by various makers"):
        assert told(known.parts(question)) == ["LithiumIronPhosphate"], question
    index.close()
