from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.lookup import Lookup
from ontology.terms import HAS_ACTIVE_MATERIAL, HAS_CASE, HAS_POSITIVE_ELECTRODE, RATED_CAPACITY, REAL_DATA
from ontology.units import Units
from records.errors import BodyError, CursorExpiredError, LimitError
from records.record import ConceptUse, Condition, Entity, EntityKind, Quantity, Record, Said, Spread
from records.rights import ANY, NOBODY, PUBLIC, Rights
from search.answer import Answer
from search.facets import bookkeeping
from search.index import Vector
from search.query import ConceptPart, Expansion, Facet, Query, Sense, TextPart
from search.service import MAX_LIMIT, MAX_OFFSET, MAX_PARTS, Edits, SearchServices, Wish, search, suggest
from tests.unit.search.plain_index import PlainIndex

TEAM = frozenset({ANY, "bma/community:team"})
OPEN = Rights(PUBLIC, PUBLIC)


@pytest.fixture(scope="module")
def concepts() -> Concepts:
    return Concepts(packaged_facts())


@pytest.fixture(scope="module")
def services(concepts: Concepts) -> Iterator[SearchServices]:
    index = PlainIndex(concepts.ancestors, bookkeeping(concepts))
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
    counts = {one.label: (one.value, one.count, one.section) for one in answer.facets["concept"]}
    assert counts["LithiumIronPhosphate"][1:] == (3, "material")
    assert counts["PrismaticCase"][1:] == counts["Case"][1:] == (3, "format")
    assert "RealData" not in counts
    assert [(facet.value, facet.count) for facet in answer.facets["source"]] == [("bma", 3)]
    chosen = ((Facet.CONCEPT, counts["Case"][0]), (Facet.SOURCE, "bma"))
    clicked = search(services, "above 10 Ah", PUBLIC, edits=Edits(chosen=chosen))
    assert clicked.total == 3
    assert [part.text for part in clicked.query.parts] == ["above 10 Ah", "Case", "bma"]
    assert search(services, "above 10 Ah", PUBLIC, edits=Edits(chosen=((Facet.SOURCE, "elsewhere"),))).total == 0


def test_quantities_are_counted_by_what_is_measured(services: SearchServices) -> None:
    labels = {one.label for one in search(services, "", PUBLIC).facets["quantity"]}
    assert "RatedCapacity" in labels
    assert labels.isdisjoint({"PhysicalQuantity", "Quantity", "Property", "Objective", "DerivedQuantity", "EMMO"})


def test_a_part_can_be_left_out(services: SearchServices) -> None:
    assert search(services, "LFP above 100 Ah", PUBLIC).total == 2
    assert search(services, "LFP above 100 Ah", PUBLIC, edits=Edits(without=(1,))).total == 3


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
    assert set(told) == {
        *(
            "total",
            "offset",
            "limit",
            "after",
            "query",
            "relaxed",
            "note",
            "model",
            "hits",
            "facets",
            "histograms",
            "expansions",
            "loosened",
        ),
    }
    assert [part["text"] for part in told["query"]["parts"]] == ["LFP", "warranty", "above 100 Ah"]
    assert told["relaxed"] == [1]
    assert set(told["hits"][0]) == {"record", "iri", "title", "source", "source_file", "score", "reasons"}
    assert told["hits"][0]["reasons"][0]["line"] == 9
    assert told["facets"]["source"] == [{"value": "bma", "label": "bma", "count": 2}]


def test_scores_are_told_in_parts_that_sum_up_to_them(services: SearchServices) -> None:
    answer = search(services, "LFP A123 above 10 Ah", PUBLIC, wish=Wish(score_parts=True))
    [told, *_] = json.loads(json.dumps(answer.to_json()))["hits"]
    assert set(told["score_parts"]) == {"concept", "word", "quantity"}
    assert sum(told["score_parts"].values()) == pytest.approx(told["score"])


def test_every_step_of_a_reach_finds_as_many_as_it_says(services: SearchServices) -> None:
    answer = search(services, "case above 10 Ah", PUBLIC, wish=Wish(reaches=True))
    assert [one.expansion for one in answer.reaches] == list(Expansion)
    counts = {}
    for one in answer.reaches:
        edits = Edits(reach={one.part: one.expansion})
        clicked = search(services, "case above 10 Ah", PUBLIC, edits=edits, wish=Wish(reaches=True))
        assert clicked.total == one.count
        assert clicked.reaches == answer.reaches  # so that every step leads back
        counts[one.expansion] = one.count
    assert (counts[Expansion.EXACT], counts[Expansion.NARROWER]) == (0, 3)


def test_another_sense_can_be_chosen_and_only_one_that_was_offered(services: SearchServices) -> None:
    lfp, case = iri(services, "LithiumIronPhosphate"), iri(services, "PouchCase")
    senses = (Sense(case, "PouchCase", 0), Sense(lfp, "LithiumIronPhosphate", 3))
    query = Query("it", (ConceptPart("it", (case,), ("PouchCase",), frozenset({case}), senses=senses), TextPart("A123")))
    assert search(services, query, PUBLIC).total == 0
    [hit] = (chosen := search(services, query, PUBLIC, edits=Edits(senses={0: lfp}))).hits
    assert hit.record == "bma/small"
    assert [sense.iri for sense in chosen.query.parts[0].senses] == [lfp, case]  # type: ignore[union-attr]
    for wrong in (Edits(senses={0: RATED_CAPACITY}), Edits(senses={1: lfp}), Edits(senses={2: lfp}), Edits(without=(9,))):
        with pytest.raises(BodyError):
            search(services, query, PUBLIC, edits=wrong)


def test_hits_can_be_put_in_order_of_a_quantity(services: SearchServices) -> None:
    up = search(services, "LFP", PUBLIC, edits=Edits(sort=RATED_CAPACITY))
    down = search(services, "LFP", PUBLIC, edits=Edits(sort=f"-{RATED_CAPACITY}"))
    assert [hit.record for hit in up.hits] == ["bma/small", "bma/milli", "bma/big"] == [hit.record for hit in down.hits][::-1]
    assert [hit.ordered_by.text for hit in up.hits if hit.ordered_by] == [
        "RatedCapacity 20 Ah (line 32)",
        "RatedCapacity 120000 mAh = 120 Ah (line 32)",
        "RatedCapacity 280 Ah (line 32)",
    ]


def test_hits_can_be_put_in_order_of_a_date(services: SearchServices) -> None:
    index = PlainIndex()
    here = (
        Said("date", "datePublished", "1 May 2019", "/datePublished", 4),
        Said("country", "countryOfOrigin", "China", "/country", 5),
    )
    early = Record("bma/early", "urn:early", "early", "bma", "early", "", OPEN, date="2019-05-01", said=here)
    index.apply([early, replace(early, id="bma/late", date="2023", released="2020", said=())])
    dated = [search(replace(services, index=index), "", PUBLIC, edits=Edits(sort=by)) for by in ("-date", "date", "-released")]
    [made] = search(replace(services, index=index), "made in China", PUBLIC).hits
    index.close()
    assert [(one.text, one.pointer) for one in made.reasons] == [("made in China (line 5)", "/country")]
    told = [[hit.ordered_by.text for hit in answer.hits if hit.ordered_by] for answer in dated]
    assert told == [["Date 2023", "Date 2019-05-01 (line 4)"], ["Date 2019-05-01 (line 4)", "Date 2023"], ["Date of release 2020"]]
    with pytest.raises(BodyError, match="no IRI"):
        search(services, "", PUBLIC, edits=Edits(sort="age"))


def test_values_spread_over_what_the_other_parts_find(services: SearchServices) -> None:
    [spread] = search(services, "LFP rated capacity above 100 Ah", PUBLIC).spreads
    assert (spread.part, spread.label, spread.unit, spread.records) == (1, "RatedCapacity", "Ah", 3)
    assert (spread.edges[0], spread.edges[-1], spread.minimum, spread.maximum) == (20, 280, 100, None)
    assert sum(spread.counts) == 3
    assert search(services, "LFP", PUBLIC).spreads == ()


def test_where_nothing_is_found_each_part_says_what_it_takes_away(services: SearchServices) -> None:
    answer = search(services, "LFP A123 between 130 and 200 Ah", PUBLIC)
    assert answer.total == 0
    assert [(one.text, one.count, one.nearest) for one in answer.loosened] == [
        ("LFP", 0, ()),
        ("A123", 0, ()),
        ("between 130 and 200 Ah", 1, ("20 Ah",)),
    ]
    [_, number] = search(services, "LFP between 130 and 200 Ah", PUBLIC).loosened
    assert number.nearest == ("120 Ah", "280 Ah")
    [_, number] = search(services, "LFP between 300 and 600 Ah", PUBLIC).loosened
    assert number.nearest == ("280 Ah",), "the secret one of 500 Ah is not near to who may not read it"
    assert search(services, "LFP", PUBLIC).loosened == ()


def test_where_nothing_is_found_each_condition_says_what_it_takes_away(services: SearchServices) -> None:
    answer = search(services, "rated capacity above 100 Ah at 25 °C and 1C", PUBLIC)
    assert [(one.part, one.text, one.count, one.conditions) for one in answer.loosened] == [
        (0, "25 °C", 0, (0,)),
        (0, "1C", 0, (1,)),
        (0, "25 °C and 1C", 2, (0, 1)),
        (0, "rated capacity above 100 Ah at 25 °C and 1C", 3, ()),
    ]


def test_pages_follow_each_other_by_cursor_though_records_come_meanwhile(services: SearchServices) -> None:
    whole = [hit.record for hit in search(services, "LFP", PUBLIC).hits]
    first = search(services, "LFP", PUBLIC, limit=2)
    services.index.apply([a_cell(services, "aaa", 1, "Ah", 3600, title="aaa")])
    try:
        second = search(services, "LFP", PUBLIC, limit=2, after=first.after)
    finally:
        services.index.apply([], ["bma/aaa"])
    assert [hit.record for hit in (*first.hits, *second.hits)] == whole
    assert (second.after, second.total) == ("", len(whole))
    for _ in range(9):
        services.index.apply([])
    with pytest.raises(CursorExpiredError):
        search(services, "LFP", PUBLIC, limit=2, after=first.after)


def test_names_of_readable_records_are_known_suggested_and_counted(services: SearchServices) -> None:
    made_by = (Entity(EntityKind.MANUFACTURER, "Zirkonia Werke GmbH", "", "/maker", 7),)
    open_cell, secret = (a_cell(services, name, 1, "Ah", 3600, title=name) for name in ("open", "closed"))
    secret_maker = (Entity(EntityKind.MANUFACTURER, "Zirkular AG"),)
    services.index.apply(
        [
            replace(open_cell, entities=made_by, date="2021-04"),
            replace(secret, entities=secret_maker, rights=Rights(TEAM - PUBLIC, TEAM - PUBLIC)),
        ]
    )
    try:
        [suggestion] = [one for one in suggest(services, "zirk", PUBLIC) if one.kind == "manufacturer"]
        answer = search(services, "cells from Zirkonia Werke", PUBLIC)
        clicked = search(services, "", PUBLIC, edits=Edits(chosen=((Facet.MANUFACTURER, "zirkonia werke"), (Facet.YEAR, "2021"))))
        team = {one.label for one in suggest(services, "zirk", TEAM)}
    finally:
        services.index.apply([], ["bma/open", "bma/closed"])
    assert (suggestion.label, suggestion.count) == ("Zirkonia Werke GmbH", 1)
    assert {"Zirkonia Werke GmbH", "Zirkular AG"} <= team
    assert sentences(answer) == {"bma/open": ["“Zirkonia Werke GmbH” is its manufacturer (line 7)"]}
    assert sentences(clicked) == {"bma/open": ["“Zirkonia Werke GmbH” is its manufacturer (line 7)", "dated 2021"]}


def test_a_concept_in_a_role_and_by_definition_says_so(services: SearchServices) -> None:
    lfp, positive, battery = (iri(services, name) for name in ("LithiumIronPhosphate", "PositiveElectrode", "LithiumIonBattery"))
    use = ConceptUse(lfp, (HAS_POSITIVE_ELECTRODE,), "/type", 3, within=(positive,), implied_by=battery)
    services.index.apply([replace(a_cell(services, "typed", 1, "Ah", 3600, title="typed"), concepts=(use,))])
    try:
        answer = search(services, "", PUBLIC, edits=Edits(chosen=((Facet.ROLE, f"{positive} {lfp}"),)))
    finally:
        services.index.apply([], ["bma/typed"])
    assert sentences(answer) == {
        "bma/typed": [
            "LithiumIronPhosphate as PositiveElectrode by definition of LithiumIonBattery via hasPositiveElectrode (line 3)"
        ]
    }


class Letters:
    """An embedder by letters: enough to be near to what is written alike."""

    name = "letters"
    dimension = 26

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        counts = [[text.lower().count(chr(ord("a") + n)) + 1e-3 for n in range(26)] for text in texts]
        return [np.array(row, dtype=np.float32) / np.float32(np.linalg.norm(row)) for row in counts]


def test_words_that_no_record_has_find_what_is_near_by_its_vector(services: SearchServices) -> None:
    model = Letters()
    near = replace(services, embedder=model)
    services.index.apply([replace(a_cell(services, "near", 1, "Ah", 3600, title="xylophone xylophone"), text="")])
    missing = services.index.unembedded("letters")
    services.index.embed("letters", dict(zip(missing, model.embed(list(missing.values())), strict=True)))
    try:
        found = search(near, "xylophonexylophone", PUBLIC, wish=Wish(score_parts=True))
        without = search(services, "xylophonexylophone", PUBLIC)
        not_asked = search(near, "LFP", PUBLIC)
        other = Letters()
        other.name = "letters of another kind"  # as many numbers, and none of them means the same
        strange = search(replace(services, embedder=other), "xylophonexylophone", PUBLIC)
    finally:
        services.index.apply([], ["bma/near"])
    assert (found.hits[0].record, found.model, found.relaxed) == ("bma/near", "letters", (0,))
    assert set(found.hits[0].score_parts) == {"similarity"}
    assert (without.total, without.model, not_asked.model) == (0, "", "")
    assert (strange.total, strange.model) == (0, "")


@pytest.mark.parametrize(("offset", "limit"), [(-1, 10), (0, -1), (0, MAX_LIMIT + 1), (MAX_OFFSET + 1, 10)])
def test_a_page_out_of_bounds_is_refused(services: SearchServices, offset: int, limit: int) -> None:
    with pytest.raises(LimitError, match="Choose one from 0 to"):
        search(services, "LFP", PUBLIC, offset=offset, limit=limit)


def test_too_many_parts_are_refused(services: SearchServices) -> None:
    search(services, " ".join(f"word{n}x" for n in range(MAX_PARTS)), PUBLIC)
    with pytest.raises(LimitError, match="number of parts"):
        search(services, " ".join(f"word{n}x" for n in range(MAX_PARTS + 1)), PUBLIC)
