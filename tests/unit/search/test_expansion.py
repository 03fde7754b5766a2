from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.lookup import Lookup
from search.expansion import MAX_WORDS, concept_part, expanded
from search.query import ConceptPart, Expansion


@pytest.fixture(scope="module")
def concepts() -> Concepts:
    return Concepts(packaged_facts())


@pytest.fixture(scope="module")
def lookup(concepts: Concepts) -> Lookup:
    return Lookup(concepts)


def part(name: str, lookup: Lookup, concepts: Concepts) -> ConceptPart:
    return concept_part(lookup.find(name)[0].iri, concepts, text=name)


def reached(one: ConceptPart, step: Expansion, concepts: Concepts) -> set[str]:
    return {concepts.label(iri) for iri in expanded(one, step, concepts).expanded}


def test_each_step_says_what_it_adds(lookup: Lookup, concepts: Concepts) -> None:
    lfp = part("LithiumIronPhosphate", lookup, concepts)
    assert reached(lfp, Expansion.EXACT, concepts) == reached(lfp, Expansion.NARROWER, concepts) == {"LithiumIronPhosphate"}
    assert "LFP" in expanded(lfp, Expansion.SYNONYMS, concepts).words
    assert "Lithium Iron Phosphate" in expanded(lfp, Expansion.SYNONYMS, concepts).words
    assert "LithiumIronPhosphateElectrode" in reached(lfp, Expansion.PARTS, concepts)
    assert "GraphiteElectrode" not in reached(lfp, Expansion.PARTS, concepts)
    assert "LithiumCobaltOxide" in reached(lfp, Expansion.RELATED, concepts)
    prismatic = part("PrismaticCase", lookup, concepts)
    assert {"CellLid", "CellCan", "PrismaticBattery"} <= reached(prismatic, Expansion.PARTS, concepts)
    assert "PouchCase" in reached(prismatic, Expansion.RELATED, concepts)


@pytest.mark.parametrize("name", ["LithiumIronPhosphate", "Case", "Electrode", "LithiumIonBattery", "Graphite", "BatteryCell"])
def test_each_step_includes_those_before_it(name: str, lookup: Lookup, concepts: Concepts) -> None:
    steps = [expanded(part(name, lookup, concepts), step, concepts) for step in Expansion]
    for before, after in pairwise(steps):
        assert before.expanded <= after.expanded
        assert set(before.words) <= set(after.words)
        assert len(after.words) <= MAX_WORDS


def test_a_step_and_back_is_the_part_as_before(lookup: Lookup, concepts: Concepts) -> None:
    case = part("Case", lookup, concepts)
    for step in Expansion:
        back = expanded(expanded(case, step, concepts), Expansion.NARROWER, concepts)
        assert back == case


def test_what_understanding_found_besides_is_kept_but_where_exactly_this_is_wanted(lookup: Lookup, concepts: Concepts) -> None:
    case = part("Case", lookup, concepts)
    understood = replace(case, expanded=case.expanded | {"urn:more"}, words=("LFP",))
    assert expanded(understood, Expansion.NARROWER, concepts) == understood
    wider = expanded(understood, Expansion.SYNONYMS, concepts)
    assert "urn:more" in wider.expanded
    assert wider.words[0] == "LFP"
    exact = expanded(understood, Expansion.EXACT, concepts)
    assert (exact.expanded, exact.words) == (frozenset(case.concepts), ())


def test_a_concept_that_no_ontology_has_reaches_itself(concepts: Concepts) -> None:
    unknown = concept_part("urn:unknown", concepts)
    assert all(expanded(unknown, step, concepts).expanded == {"urn:unknown"} for step in Expansion)
