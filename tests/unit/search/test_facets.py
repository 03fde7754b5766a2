from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ontology import terms
from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.lookup import Lookup
from ontology.model import Concept, Facts, Kind, Label, LabelKind, Restriction
from ontology.units import Units
from records.errors import BodyError
from records.record import ConceptUse, EntityKind
from records.rights import ANY
from search.columns.index import ColumnIndex
from search.facets import SECTIONS, bookkeeping, facet_label, facet_part, section_of, trees
from search.index import FacetCount, SearchIndex
from search.query import EntityPart, Facet, Query, TextPart
from search.service import Edits, SearchServices, search
from tests.unit.search.plain_index import PlainIndex
from tests.unit.search.random_records import ABOVE, CONCEPTS, KINDS, Choice, ancestors, embedding, summary

WORLDS = 100
METRE = "https://w3id.org/emmo#Metre"
MAKERS: dict[str, Callable[[], SearchIndex]] = {
    "plain": lambda: PlainIndex(ancestors, summary=summary),
    "columns": lambda: ColumnIndex(None, ancestors=ancestors, summary=summary),
}


@pytest.fixture(scope="module")
def concepts() -> Concepts:
    return Concepts(packaged_facts())


@pytest.fixture(scope="module")
def small() -> Concepts:
    """An ontology of the concepts that random records use."""
    metre = packaged_facts().units[METRE]
    measured = (Restriction(terms.HAS_MEASUREMENT_UNIT, "some", METRE),)
    made = {iri: Concept(iri, Kind.CLASS, (Label(iri, "en", LabelKind.PREF),), parents=ABOVE.get(iri, ())) for iri in CONCEPTS}
    made[terms.PHYSICAL_QUANTITY] = Concept(terms.PHYSICAL_QUANTITY, Kind.CLASS, (Label("PhysicalQuantity", "en", LabelKind.PREF),))
    for iri in KINDS:
        parents = (terms.PHYSICAL_QUANTITY, *ABOVE.get(iri, ()))
        made[iri] = Concept(iri, Kind.CLASS, (Label(iri, "en", LabelKind.PREF),), parents=parents, restrictions=measured)
    return Concepts(Facts((), made, {METRE: metre}, {}))


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_a_click_finds_as_many_as_were_counted(maker: Callable[[], SearchIndex], small: Concepts) -> None:
    """For every value of every facet, whatever was asked, also where words had to be relaxed or hits are put in order."""
    services = SearchServices(maker(), Lookup(small), small, Units(small.facts))
    clicked: dict[str, int] = {}
    for world in range(WORLDS):
        choice = Choice(world)
        reader = choice.audiences() | {ANY}
        with services.index.rebuilding() as index:
            index.apply([replace(record, rights=choice.rights()) for record in choice.records()])
        missing = services.index.unembedded("near")
        services.index.embed("near", {key: embedding(text) for key, text in missing.items()})
        words = choice.random.choice([(), (TextPart("cell"), TextPart("lithium")), (TextPart("pana"), TextPart("nowhere"))])
        for query in (Query("", ()), Query("", words), choice.query()):
            answer = search(services, query, reader, limit=0)
            for name, values in answer.facets.items():
                assert [one.count for one in values] == sorted((one.count for one in values), reverse=True)
                for one in values:
                    narrowed = search(services, query, reader, edits=Edits(chosen=((Facet(name), one.value),)), limit=0)
                    assert (narrowed.total, name, one.value, world) == (one.count, name, one.value, world)
                    clicked[name] = clicked.get(name, 0) + 1
    assert set(clicked) == set(Facet) - {Facet.INSTITUTION, Facet.INSTRUMENT}
    assert min(clicked.values()) > 20


def test_a_value_that_no_facet_has_is_refused(concepts: Concepts) -> None:
    for facet, value in ((Facet.ROLE, "urn:x"), (Facet.YEAR, "20"), (Facet.YEAR, "２０２０")):
        with pytest.raises(BodyError):
            facet_part(facet, value, concepts)


def test_a_name_is_asked_for_as_what_it_was_counted_as(concepts: Concepts) -> None:
    part = facet_part(Facet.MODEL, "inr18650 mj1", concepts, label="INR18650-MJ1")
    assert part == EntityPart("INR18650-MJ1", EntityKind.MODEL, ("inr18650 mj1",), "INR18650-MJ1")


@pytest.mark.parametrize(
    ("facet", "value", "label"),
    [
        (Facet.LICENCE, "https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        (Facet.LICENCE, "https://spdx.org/licenses/MIT", "MIT"),
        (Facet.LICENCE, "ask me", "ask me"),
        (Facet.COMMUNITY, "somebody", "somebody"),
        (Facet.VALIDATION, "warning", "with warnings"),
        (Facet.YEAR, "2021", "2021"),
    ],
)
def test_values_are_shown_in_words(facet: Facet, value: str, label: str, concepts: Concepts) -> None:
    assert facet_label(facet, value, concepts) == label


def test_what_everything_is_has_no_count_and_what_is_shown_has_a_section(concepts: Concepts) -> None:
    left_out = bookkeeping(concepts)
    named = {concepts.label(iri) for iri in left_out}
    assert {"RealData", "RatedCapacity", "Item", "Object", "Quantity"} <= named
    assert left_out.isdisjoint(iri for roots in SECTIONS.values() for iri in roots)
    assert section_of(terms.POUCH_CELL, concepts) == section_of(terms.CASE, concepts) == "format"
    assert section_of(terms.BATTERY_CELL, concepts) == "kind"
    assert section_of(terms.POSITIVE_ELECTRODE, concepts) == "component"
    assert section_of("urn:unknown", concepts) == ""


def test_counted_concepts_stand_once_under_the_nearest_counted_broader_one(concepts: Concepts) -> None:
    lookup = Lookup(concepts)
    r18650, coin, round_case = (lookup.find(name)[0].iri for name in ("R18650", "CoinCase", "RoundCase"))
    counts = [
        FacetCount(terms.CASE, 9),
        FacetCount(round_case, 9),
        FacetCount(r18650, 5),
        FacetCount(coin, 4),
        FacetCount("urn:x", 1),
    ]
    found = trees(counts, concepts)
    assert list(found) == ["format", ""]
    [top] = found["format"]
    assert (top.label, top.count) == ("RoundCase", 9), "Case tells nothing that RoundCase does not"
    assert [(child.label, child.count) for child in top.children] == [("R18650", 5), ("CoinCase", 4)]
    assert [branch.value for branch in found[""]] == ["urn:x"]


def test_a_concept_within_a_circle_is_no_endless_tree(small: Concepts) -> None:
    facts = small.facts.concepts
    circle = {iri: replace(concept, parents=("urn:b" if iri == "urn:a" else "urn:a",)) for iri, concept in facts.items()}
    found = trees([FacetCount("urn:a", 2), FacetCount("urn:b", 2), FacetCount("urn:c", 1)], Concepts(Facts((), circle, {}, {})))
    assert sum(len(branches) for branches in found.values()) <= 3


def test_bookkeeping_concepts_of_a_record_are_not_counted(concepts: Concepts) -> None:
    index = PlainIndex(concepts.ancestors, bookkeeping(concepts))
    record = replace(
        Choice(3).record("bma/0"), concepts=(ConceptUse(terms.REAL_DATA, (), "", 1), ConceptUse(terms.CASE, (), "", 1))
    )
    index.apply([record])
    page = index.search(Query("", ()), record.rights.read_files, facets=[Facet.CONCEPT])
    values = {one.value for one in page.facets[Facet.CONCEPT]}
    assert terms.REAL_DATA not in values
    assert terms.CASE in values or not record.rights.read_files
