from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.lookup import Lookup
from ontology.terms import HAS_ACTIVE_MATERIAL, HAS_CASE, HAS_POSITIVE_ELECTRODE, RATED_CAPACITY, REAL_DATA
from ontology.units import Units
from records.errors import LimitError
from records.record import ConceptUse, Condition, Quantity, Record, Spread
from records.rights import ANY, NOBODY, PUBLIC, Rights
from search.embedded_text import SqliteTextIndex
from search.query import Query, TextPart
from search.service import MAX_LIMIT, MAX_OFFSET, MAX_PARTS, Answer, SearchServices, bookkeeping, search, suggest

TEAM = frozenset({ANY, "bma/community:team"})
OPEN = Rights(PUBLIC, PUBLIC)


@pytest.fixture(scope="module")
def concepts() -> Concepts:
    return Concepts(packaged_facts())


@pytest.fixture(scope="module")
def services(concepts: Concepts) -> Iterator[SearchServices]:
    index = SqliteTextIndex(None, ubiquitous=bookkeeping(concepts))
    services = SearchServices(index, Lookup(concepts), concepts, Units(concepts.facts))
    index.apply(
        [
            a_cell(services, "big", 280.0, "Ah", 1_008_000.0, title="CATL 280Ah"),
            a_cell(services, "milli", 120_000.0, "mAh", 432_000.0, title="EVE LF120"),
            a_cell(services, "small", 20.0, "Ah", 72_000.0, title="A123 20Ah", text="Sold with warranty."),
            a_cell(services, "secret", 500.0, "Ah", 1_800_000.0, title="Secret", rights=Rights(TEAM - PUBLIC, TEAM - PUBLIC)),
        ]
    )
    yield services
    index.close()


def iri(services: SearchServices, label: str) -> str:
    return services.lookup.find(label)[0].iri


def a_cell(
    services: SearchServices, name: str, value: float, unit: str, base: float, *, title: str, text: str = "", rights: Rights = OPEN
) -> Record:
    uses = (
        ConceptUse(iri(services, "PrismaticCase"), (HAS_CASE,), "/hasCase", 14),
        ConceptUse(
            iri(services, "LithiumIronPhosphate"),
            (HAS_POSITIVE_ELECTRODE, HAS_ACTIVE_MATERIAL),
            "/hasPositiveElectrode/hasActiveMaterial",
            9,
        ),
        ConceptUse(REAL_DATA, (), "/x", 3),
    )
    capacity = Quantity((RATED_CAPACITY,), value, unit, base, "A·s", services.units.find("Ah").dimension, "/hasProperty/0", 32)  # type: ignore[union-attr]
    return Record(f"bma/{name}", f"https://example.org/{name}", title, "bma", f"{name}.json", "d", rights, uses, (capacity,), text)


def sentences(answer: Answer) -> dict[str, list[str]]:
    return {hit.record: [reason.text for reason in hit.reasons] for hit in answer.hits}


def test_every_hit_says_why_it_was_found(services: SearchServices) -> None:
    answer = search(services, "prismatic LFP cell above 100 Ah", PUBLIC)
    assert sentences(answer) == {
        "bma/big": [
            "PrismaticCase via hasCase (line 14)",
            "LithiumIronPhosphate via hasPositiveElectrode / hasActiveMaterial (line 9)",
            "RatedCapacity 280 Ah > 100 Ah (line 32)",
        ],
        "bma/milli": [
            "PrismaticCase via hasCase (line 14)",
            "LithiumIronPhosphate via hasPositiveElectrode / hasActiveMaterial (line 9)",
            "RatedCapacity 120000 mAh = 120 Ah > 100 Ah (line 32)",
        ],
    }
    quantity = answer.hits[0].reasons[2]
    assert (quantity.kind, quantity.value, quantity.unit, quantity.pointer, quantity.source_file) == (
        "quantity",
        280.0,
        "Ah",
        "/hasProperty/0",
        "big.json",
    )


@pytest.mark.parametrize(
    ("question", "record", "sentence"),
    [
        ("A123", "bma/small", "“A123” in the title"),
        ("warranty", "bma/small", "“warranty” in the text: … Sold with warranty. …"),
        ("capacity between 100 and 200 Ah", "bma/milli", "RatedCapacity 120000 mAh = 120 Ah within 100–200 Ah (line 32)"),
        ("charge about 20 Ah", "bma/small", "RatedCapacity 20 Ah ≈ 20 Ah (±5 %) (line 32)"),
    ],
)
def test_reasons_are_plain_sentences(services: SearchServices, question: str, record: str, sentence: str) -> None:
    (texts,) = [texts for name, texts in sentences(search(services, question, PUBLIC)).items() if name == record]
    assert texts == [sentence]


def test_a_reason_tells_range_and_conditions(services: SearchServices) -> None:
    charge = services.units.find("Ah").dimension  # type: ignore[union-attr]
    at = Condition((), 25.0, "degC", 298.15, "K", "Θ", "/hasProperty/0/at", 40)
    capacity = Quantity((RATED_CAPACITY,), 2.5, "Ah", 9000.0, "A·s", charge, "/hasProperty/0", 32, Spread(2.4, 2.6), (at,))
    wide = replace(capacity, value=None, base_value=None, spread=Spread(7, 9, None, 25_200.0, 32_400.0), conditions=())
    record = a_cell(services, "told", 1, "Ah", 3600, title="told")
    services.index.apply([replace(record, quantities=(capacity,)), replace(record, id="bma/wide", quantities=(wide,))])
    try:
        told = search(services, "rated capacity from 2.4 to 2.6 Ah", PUBLIC).hits[0].reasons[0]
        [ranged] = search(services, "rated capacity from 8 to 9 Ah", PUBLIC).hits
    finally:
        services.index.apply([], ["bma/told", "bma/wide"])
    assert told.text == "RatedCapacity 2.5 Ah within 2.4–2.6 Ah, at 25 °C (line 32)"
    assert (told.spread, told.conditions) == ("2.4 to 2.6 Ah", ("25 °C",))
    assert (ranged.record, ranged.reasons[0].text) == ("bma/wide", "RatedCapacity 7 to 9 Ah within 8–9 Ah (line 32)")


def test_a_narrower_concept_says_what_it_is_narrower_than(services: SearchServices) -> None:
    answer = search(services, "case", PUBLIC, limit=1)
    assert answer.hits[0].reasons[0].text == "PrismaticCase (narrower than Case) via hasCase (line 14)"


def test_a_click_on_a_facet_is_one_more_part_and_finds_what_it_counted(services: SearchServices) -> None:
    answer = search(services, "above 10 Ah", PUBLIC)
    assert [(facet.label, facet.count) for facet in answer.facets["concept"]] == [("LithiumIronPhosphate", 3), ("PrismaticCase", 3)]
    assert [(facet.value, facet.count) for facet in answer.facets["source"]] == [("bma", 3)]
    clicked = search(services, "above 10 Ah", PUBLIC, concepts=[answer.facets["concept"][1].value], sources=["bma"])
    assert clicked.total == 3
    assert [part.text for part in clicked.query.parts] == ["above 10 Ah", "PrismaticCase", "bma"]
    assert search(services, "above 10 Ah", PUBLIC, sources=["elsewhere"]).total == 0


def test_a_part_can_be_left_out(services: SearchServices) -> None:
    assert search(services, "LFP above 100 Ah", PUBLIC).total == 2
    assert search(services, "LFP above 100 Ah", PUBLIC, without=[1]).total == 3


def test_a_query_that_was_understood_before_is_taken_as_it_is(services: SearchServices) -> None:
    assert search(services, Query("whatever", (TextPart("A123"),)), PUBLIC).total == 1


def test_who_may_not_read_a_record_gets_no_trace_of_it(services: SearchServices) -> None:
    assert search(services, "above 400 Ah", PUBLIC).total == 0
    assert search(services, "above 400 Ah", TEAM).total == 1
    assert search(services, "", NOBODY).total == 0
    assert {one.label: one.count for one in suggest(services, "PrismaticC", PUBLIC)}["PrismaticCase"] == 3
    assert {one.label: one.count for one in suggest(services, "PrismaticC", TEAM)}["PrismaticCase"] == 4


def test_suggestions_that_find_something_go_first(services: SearchServices) -> None:
    counts = [one.count for one in suggest(services, "pri", PUBLIC, limit=8)]
    assert counts[0] == 3
    assert counts == sorted(counts, reverse=True)


def test_the_answer_as_json_shows_the_question_as_understood(services: SearchServices) -> None:
    told = json.loads(json.dumps(search(services, "LFP warranty above 100 Ah", PUBLIC).to_json()))
    assert set(told) == {"total", "offset", "limit", "query", "hits", "facets"}
    assert [(part["type"], part["text"]) for part in told["query"]["parts"]] == [
        ("concept", "LFP"),
        ("text", "warranty"),
        ("quantity", "above 100 Ah"),
    ]
    assert told["query"]["parts"][1]["relaxed"] is True
    assert told["query"]["parts"][2]["condition"] == "> 100 Ah"
    assert told["query"]["parts"][0]["concepts"][0]["label"] == "LithiumIronPhosphate"
    assert {"record", "title", "source_file", "score", "reasons"} <= set(told["hits"][0])
    assert told["hits"][0]["reasons"][0]["line"] == 9
    assert told["facets"]["source"] == [{"value": "bma", "label": "bma", "count": 2}]


@pytest.mark.parametrize(("offset", "limit"), [(-1, 10), (0, -1), (0, MAX_LIMIT + 1), (MAX_OFFSET + 1, 10)])
def test_a_page_out_of_bounds_is_refused(services: SearchServices, offset: int, limit: int) -> None:
    with pytest.raises(LimitError, match="Choose one from 0 to"):
        search(services, "LFP", PUBLIC, offset=offset, limit=limit)


def test_too_many_parts_are_refused(services: SearchServices) -> None:
    search(services, " ".join(f"word{n}x" for n in range(MAX_PARTS)), PUBLIC)
    with pytest.raises(LimitError, match="number of parts"):
        search(services, " ".join(f"word{n}x" for n in range(MAX_PARTS + 1)), PUBLIC)
