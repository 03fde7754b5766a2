"""Questions that describe a thing are read as its name, with the real model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ontology.concepts import Concepts
from ontology.facts import packaged_facts
from ontology.lookup import Lookup
from ontology.units import Units
from records.record import ConceptUse, Record
from records.rights import PUBLIC, Rights
from search.minilm import MiniLm
from search.query import EitherPart, TextPart
from search.service import SearchServices, understood
from search.understanding.described import Described
from tests.unit.search.asked import told
from tests.unit.search.plain_index import PlainIndex

OPEN = Rights(PUBLIC, PUBLIC)
TEAM = Rights(frozenset({"team"}), frozenset({"team"}))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> MiniLm:
    return MiniLm(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def services(model: MiniLm) -> SearchServices:
    facts = packaged_facts()
    concepts = Concepts(facts)
    lookup = Lookup(concepts)
    index = PlainIndex(concepts.ancestors)
    uses = {
        "film": ("Separator",),
        "bag": ("PouchCell",),
        "sheet": ("CurrentCollector", "NegativeElectrode"),
        "secret": ("CalendarAgeing",),
    }
    found = {name: tuple(ConceptUse(lookup.find(label)[0].iri, (), "/x", 1) for label in labels) for name, labels in uses.items()}
    rights = {"secret": TEAM}
    index.apply(
        [Record(name, f"urn:{name}", name, "s", "x.json", "", rights.get(name, OPEN), used) for name, used in found.items()]
    )
    text = "Experiments with wax as a phase change material. Strange robots came near the plus side, apart from that."
    index.apply([Record("paper", "urn:paper", "Kokam", "s", "p.json", "", OPEN, text=text)])
    return SearchServices(index, lookup, concepts, Units(facts), model)


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("thin plastic layer that keeps anode and cathode from touching", "Separator"),
        ("bendable flat cell in soft foil", "PouchCell or Pouch"),
    ],
)
def test_what_is_described_is_read_as_its_name(services: SearchServices, question: str, read: str) -> None:
    query = understood(services, question, PUBLIC)
    assert told(query.parts)[0].split(" ")[0] == read.split(" ")[0]
    assert {part.text for part in query.parts} == {question}
    assert services.index.count([query], PUBLIC) == (1,)


def test_the_name_of_a_concept_describes_nothing_else(services: SearchServices) -> None:
    index = PlainIndex(services.concepts.ancestors)
    electrolyte = ConceptUse(services.lookup.find("Electrolyte")[0].iri, (), "/x", 1)
    index.apply([Record("liquid", "urn:liquid", "LP30", "s", "l.json", "", OPEN, (electrolyte,))])
    services = replace(services, index=index)
    query = understood(services, "ionic liquid", PUBLIC)
    assert told(query.parts) == ["IonicLiquidElectrolyte"]
    assert index.count([query], PUBLIC) == (0,)


def test_topics_of_papers_are_phrases(services: SearchServices) -> None:
    query = understood(services, "cooling with materials that melt", PUBLIC)
    assert query.parts == (EitherPart("cooling with materials that melt", ((TextPart("phase change material"),),)),)


@pytest.fixture(scope="module")
def papers(services: SearchServices) -> SearchServices:
    """Cells, of which one is cited by papers."""
    index = PlainIndex(services.concepts.ancestors)
    cell, graphite, lithium, pouch, oxide = (
        ConceptUse(services.lookup.find(label)[0].iri, (), "/x", 1)
        for label in ("CylindricalBattery", "Graphite", "Lithium", "PouchCell", "LithiumNickelManganeseCobaltOxide")
    )
    sets = ConceptUse(services.lookup.find("ParameterSet")[0].iri, (), "/x", 1)
    index.apply(
        [
            Record("chen", "urn:chen", "Chen2020 (PyBaMM)", "s", "c.json", "", OPEN, (sets,)),
            Record("others", "urn:others", "Others", "s", "o.json", "", OPEN, (sets,)),
        ]
    )
    text = "Crushing of cells. Detecting lithium plating. Small lunar systems. Forklifts. Scanning acoustic tomography."
    index.apply([Record("paper", "urn:paper", "Rod", "s", "p.json", "", OPEN, (cell, oxide), text=text)])
    index.apply([Record("bag", "urn:bag", "Bag", "s", "b.json", "", OPEN, (pouch, graphite, lithium))])
    return replace(services, index=index)


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("metallic lithium depositing on the graphite during charging", ["lithium plating"]),  # names what the description names
        ("getting through the night on the Moon", ["lunar"]),  # and so is a capital letter no name
        ("looking inside a cell without opening it", ["tomography"]),  # and no negation
        ("what happens if one crushes a cylindrical cell", ["crush", "CylindricalBattery"]),  # the cell stays
        ("pallet movers and similar industrial trucks", ["forklift"]),  # plain words alone need not come that near
        ("lifts heavy pallets", ["forklift"]),  # a rare word tells more than what the sentence is like
        ("numbers to feed a PyBaMM model", ["Parameter", "PyBaMM"]),  # a name stays
        ("NMC crushed by a heavy press, what happens", ["crush", "LithiumNickelManganeseCobaltOxide"]),  # and so does a chemistry
    ],
)
def test_what_the_description_says_itself_is_no_more_than_that(papers: SearchServices, question: str, read: list[str]) -> None:
    query = understood(papers, question, PUBLIC)
    assert len(query.parts) == len(read)
    assert all(words in str(part) for words, part in zip(read, query.parts, strict=True))
    assert papers.index.count([query], PUBLIC) == (1,)


@pytest.mark.parametrize(
    "question",
    [
        "what happens if one crushes a pouch cell",  # of which no paper tells
        "metallic lithium depositing on titanium during charging",
        "batteries for submarines",  # told apart from other uses, though nothing has it
        "impedance spectrum at 300 kHz",
        "scanning acoustic tomography",  # stands in a text as it is
    ],
)
def test_what_a_description_leaves_out_is_not_given_up(papers: SearchServices, question: str) -> None:
    assert understood(papers, question, PUBLIC).parts == understood(replace(papers, embedder=None), question, PUBLIC).parts


def test_without_a_model_the_words_are_looked_for(services: SearchServices) -> None:
    query = understood(replace(services, embedder=None), "cooling with materials that melt", PUBLIC)
    assert "“melt”" in told(query.parts)


def test_what_only_others_may_read_is_not_what_a_question_means(services: SearchServices) -> None:
    question = "leaving a battery on the shelf for months to see how it ages"
    mine = understood(replace(services, index=PlainIndex(services.concepts.ancestors)), question, PUBLIC)
    assert understood(services, question, PUBLIC).parts == mine.parts


@pytest.mark.parametrize(
    "question",
    [
        "thin plastic layer of 25 µm between anode and cathode",  # says more than what it is
        "plastic film from Kokam that keeps anode and cathode apart",
        "bendable flat cell, not in soft foil",
        "hard carbon under the coating that conducts the current",  # names what nothing has
        "separator",
        "experiments",
        "robots came near",  # is no description, and stands in a text
    ],
)
def test_what_is_no_description_is_read_as_it_is(services: SearchServices, question: str) -> None:
    query = understood(services, question, PUBLIC)
    assert query.parts == understood(replace(services, embedder=None), question, PUBLIC).parts


def test_every_description_is_nearest_to_its_own_name(model: MiniLm) -> None:
    meanings = Described(model)
    names, vectors = meanings._descriptions
    nearness = vectors @ vectors.T
    for number, name in enumerate(names):
        assert all(another == name or nearness[number, other] < 0.9 for other, another in enumerate(names)), name
    assert meanings.name("porous plastic film between the two electrodes") == "separator"
    assert meanings.name("film") == ""
    assert meanings.name("who wrote the record about the weather in Rome") == ""
