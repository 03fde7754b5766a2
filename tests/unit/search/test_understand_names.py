"""Names in questions: only those of records that the reader may read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from records.record import Entity, EntityKind, Record
from records.rights import ANY, PUBLIC, Rights
from search.query import EntityPart
from search.service import Readable
from tests.unit.search.asked import Asked, told
from tests.unit.search.plain_index import PlainIndex

OPEN = Rights(PUBLIC, PUBLIC)
TEAM = frozenset({ANY, "bma/community:team"})
MAKER, MODEL, PERSON, PLACE = EntityKind.MANUFACTURER, EntityKind.MODEL, EntityKind.PERSON, EntityKind.INSTITUTION

RECORDS: dict[str, list[tuple[EntityKind, str]]] = {
    "1": [(MAKER, "Panasonic"), (MODEL, "NCR18650B")],
    "2": [(MAKER, "Panasonic Energy Co., Ltd."), (MODEL, "NCR20700A")],
    "3": [(MAKER, "SAMSUNG"), (MODEL, "INR18650-35E")],
    "13": [(MAKER, "SAMSUNG"), (MODEL, "INR21700-40T")],
    "14": [(PERSON, "Sarah Hartmann"), (PERSON, "https://ml-evs.science/")],
    "4": [(MAKER, "EVE Energy"), (MODEL, "LF280K-72174")],
    "5": [(MAKER, "A123"), (MODEL, "20AH")],
    "6": [(MAKER, "LG"), (MODEL, "INR18650-MJ1")],
    "7": [(PERSON, "Simon Clark"), (PLACE, "SINTEF"), (EntityKind.INSTRUMENT, "Biologic VMP-300")],
    "8": [(PERSON, "Simon Clark"), (PLACE, "SINTEF")],
    "9": [(MAKER, "SINTEF"), (MODEL, "CR2032")],
    "12": [(MAKER, "Murata"), (MODEL, "US18650VTC6")],
    "11": [(MAKER, "CATL"), (MODEL, "280Ah CATL LiFePO4")],
    "15": [(PERSON, "Kylie Cooper"), (EntityKind.SUPPLIER, "Dioxide Materials")],
    "10": [(MAKER, "Advanced Electronics Energy")],
}


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    asked = Asked()
    index = PlainIndex(asked.concepts.ancestors)
    index.apply([a_record(number, names) for number, names in RECORDS.items()])
    index.apply([a_record("secret", [(MAKER, "Hidden Volt Works")], Rights(PUBLIC, TEAM - PUBLIC))])
    asked.known = Readable(index, PUBLIC)
    yield asked
    index.close()


def a_record(number: str, names: list[tuple[EntityKind, str]], rights: Rights = OPEN) -> Record:
    entities = tuple(Entity(kind, name, "", "/x", 1) for kind, name in names)
    return Record(f"a/{number}", f"urn:{number}", number, "a", number, "", rights, entities=entities)


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("cells from Samsung", ["manufacturer SAMSUNG"]),
        ("cells made by samsung", ["manufacturer SAMSUNG"]),
        ("Samsng cells", ["manufacturer SAMSUNG"]),
        ("Advanced-Electronic-Energy", ["manufacturer Advanced Electronics Energy"]),
        ("INR18650-MJ1", ["model INR18650-MJ1"]),
        ("INR18650 MJ1", ["model INR18650-MJ1"]),
        ("INR18650MJ1", ["model INR18650-MJ1"]),
        ("INR 18650 MJ1", ["model INR18650-MJ1"]),
        ("NCR 18650 B", ["model NCR18650B"]),
        ("A123 Systems, LLC", ["manufacturer A123"]),
        ("Samsung SDI Co., Ltd.", ["manufacturer SAMSUNG"]),
        ("LG Energy Solution cells", ["manufacturer LG"]),
        ("Clark Simon", ["person Simon Clark"]),
        ("US 18650 VTC6", ["model US18650VTC6"]),
        ("VTC6", ["model US18650VTC6"]),
        ("LG MJ1", ["manufacturer LG", "model INR18650-MJ1"]),
        ("Samsung 35E", ["manufacturer SAMSUNG", "model INR18650-35E"]),
        ("Samsung 40T", ["manufacturer SAMSUNG", "model INR21700-40T"]),
        ("40T", ["= 40 T (±0.5 %)"]),
        ("Samsung 40 A", ["manufacturer SAMSUNG", "= 40 A (±0.5 %)"]),
        ("LG HG2", ["manufacturer LG", "model HG2"]),
        ("Sarah Hartman", ["“Sarah”", "person Sarah Hartmann"]),
        ("Birger Hartman", ["“Birger”", "“Hartman”"]),
        ("Horstmann", ["“Horstmann”"]),
        ("Science", ["“Science”"]),
        ("EVE 72174", ["manufacturer EVE Energy", "“72174”"]),
        ("LiFePO4 cells", ["LithiumIronPhosphate"]),
        ("EVE Energy LF280K", ["manufacturer EVE Energy", "model LF280K-72174"]),
        ("A123 20AH", ["manufacturer A123", "model 20AH"]),
        ("A123 cells of 20 Ah", ["manufacturer A123", "= 20 Ah (±0.5 %)"]),
        ("20Ah", ["= 20 Ah (±0.5 %)"]),
        ("measured by Simon Clark", ["person Simon Clark"]),
        ("simon clarke", ["“simon”", "person Simon Clark"]),
        ("data by Clark", ["person Simon Clark"]),
        ("experiments at SINTEF", ["institution SINTEF"]),
        ("cells made by SINTEF", ["manufacturer SINTEF"]),
        ("SINTEF", ["anything SINTEF"]),
        ("measured with Biologic", ["instrument Biologic VMP-300"]),
        ("CR2032 cells", ["CR2032"]),
        ("stored energy", ["StoredEnergy"]),
        ("advanced cells", ["“advanced”"]),
        ("other than Panasonic", ["not manufacturer Panasonic"]),
        ("not from Samsung or LG", ["not manufacturer SAMSUNG", "not manufacturer LG"]),
        ("Samsung or LG", ["manufacturer SAMSUNG or LG"]),
        ("all but Samsung", ["not manufacturer SAMSUNG"]),
    ],
)
def test_names_that_records_have_are_understood(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_the_beginning_of_a_makers_name_stands_for_all_of_them(asked: Asked) -> None:
    (part,) = asked.parts("Panasonic")
    assert isinstance(part, EntityPart)
    assert set(part.names) == {"panasonic", "panasonic energy"}


def test_a_name_that_only_forbidden_records_have_is_no_name(asked: Asked) -> None:
    assert not any(isinstance(part, EntityPart) for part in asked.parts("Hidden Volt Works"))
    open_to_all = asked.known
    assert isinstance(open_to_all, Readable)
    asked.known = Readable(open_to_all.index, TEAM)
    try:
        assert told(asked.parts("Hidden Volt Works")) == ["manufacturer Hidden Volt Works"]
    finally:
        asked.known = open_to_all


def test_a_model_is_never_guessed(asked: Asked) -> None:
    assert told(asked.parts("A123 21AH")) == ["manufacturer A123", "= 21 AH (±0.5 %)"]
    assert told(asked.parts("Samsung INR18650-36E"))[0] == "manufacturer SAMSUNG"
    assert not any(isinstance(part, EntityPart) and part.kind is MODEL for part in asked.parts("Samsung INR18650-36E"))


@pytest.mark.parametrize("question", ["coper current colector", "manganese dioxyde"])
def test_a_word_of_the_ontologies_with_a_typing_error_is_no_name(asked: Asked, question: str) -> None:
    assert not any(isinstance(part, EntityPart) for part in asked.parts(question))
    assert any(isinstance(part, EntityPart) for part in asked.parts("measured by Coper"))
