"""Names in questions: only those of records that the reader may read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from records.record import Entity, EntityKind, Record, Said
from records.rights import ANY, PUBLIC, Rights
from search.query import EitherPart, EntityPart, TextPart
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
    "16": [(MAKER, "Eagle Picher Technologies LLC"), (MODEL, "LP 33037")],
    "18": [(EntityKind.IDENTIFIER, "100000030")],
    "19": [(PLACE, "German Aerospace Centre")],
    "17": [(MAKER, "ENERTECH"), (MODEL, "SPB 58253172P4")],
    "20": [(MAKER, "Thunder Sky"), (PERSON, "Yan Zhao")],
    "21": [(MAKER, "LithiumWerks")],
    "22": [(MAKER, "Hefei Guoxuan Power")],
    "23": [(MAKER, "GeneralElectronics")],
    "24": [(MAKER, "General Electronics Battery")],
    "25": [(MAKER, "Headway Group")],
    "26": [(MAKER, "KeepPower")],
    "27": [(MAKER, "Optimum Battery")],
    "28": [(MAKER, "Amita")],
    "29": [(MAKER, "Amita Technologies")],
    "30": [(MODEL, "WB-LYP90")],
    "joint": [(MAKER, "BMZ_Sony")],
    "31": [(MODEL, "WB-LYP90AHA")],
    "32": [(MAKER, "GOTION")],
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
    made_in = (Said("country", "countryOfOrigin", "China", "/country", 1),) if (MAKER, "GOTION") in names else ()
    return Record(f"a/{number}", f"urn:{number}", number, "a", number, "", rights, entities=entities, said=made_in)


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("cells from Samsung", ["manufacturer SAMSUNG"]),
        ("cells made by samsung", ["manufacturer SAMSUNG"]),
        ("Samsng cells", ["manufacturer SAMSUNG"]),
        ("samsnug 35e", ["manufacturer SAMSUNG", "model INR18650-35E"]),
        ("Samsung, the big Korean battery makers", ["manufacturer SAMSUNG"]),
        ("LG (Samsung) cells", ["manufacturer LG"]),
        ("what did Simon Clark create", ["person Simon Clark"]),
        ("Samsung (the phone company) cells", ["manufacturer SAMSUNG"]),
        ("Advanced-Electronic-Energy", ["manufacturer Advanced Electronics Energy"]),
        ("EaglePicher cells", ["manufacturer Eagle Picher Technologies LLC"]),
        ("Eaglepitcher cells", ["manufacturer Eagle Picher Technologies LLC"]),
        ("Enertech SPB58253172", ["manufacturer ENERTECH", "model SPB 58253172P4"]),
        ("Prof. Dr. Simon Clark", ["person Simon Clark"]),
        ("group by Sim Clark", ["person Simon Clark"]),
        ("serial number 100000030", ["identifier 100000030"]),
        ("PAT-Cell", ["“PAT-Cell”"]),
        ("LFP-cell", ["LithiumIronPhosphate"]),
        ("LFP by someone other than Samsung", ["LithiumIronPhosphate", "not manufacturer SAMSUNG"]),
        ("Wuhan Samsung cells", ["“Wuhan”", "manufacturer SAMSUNG"]),
        ("Samsung Lysun", ["manufacturer SAMSUNG", "“Lysun”"]),
        ("Elon Musk", ["person Elon Musk"]),
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
        ("Samsung 40T and 35E", ["manufacturer SAMSUNG", "model INR21700-40T or INR18650-35E"]),
        ("40T", ["= 40 T (±0.5 %)"]),
        ("Samsung 40 A", ["manufacturer SAMSUNG", "= 40 A (±0.5 %)"]),
        ("LG HG2", ["manufacturer LG", "model HG2"]),
        ("Sarah Hartman", ["“Sarah”", "person Sarah Hartmann"]),
        ("Birger Hartman", ["person Birger Hartman"]),
        ("Horstmann", ["“Horstmann”"]),
        ("cells from Germany", ["“Germany”"]),
        ("german aerospace centre", ["institution German Aerospace Centre"]),
        ("Science", ["“Science”"]),
        ("EVE 72174", ["manufacturer EVE Energy", "“72174”"]),
        ("LiFePO4 cells", ["LithiumIronPhosphate"]),
        ("EVE Energy LF280K", ["manufacturer EVE Energy", "model LF280K-72174"]),
        ("A123 20AH", ["manufacturer A123", "model 20AH"]),
        ("A123 cells of 20 Ah", ["manufacturer A123", "= 20 Ah (±0.5 %) or model 20 Ah"]),
        ("20Ah", ["= 20 Ah (±0.5 %)"]),
        ("measured by Simon Clark", ["person Simon Clark"]),
        ("data of Simon Clark (German Aerospace Centre)", ["person Simon Clark"]),
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


@pytest.mark.parametrize("question", ["WB-LYP90 family", "the WB-LYP90 series"])
def test_a_family_of_models_is_what_begins_so(asked: Asked, question: str) -> None:
    (part,) = asked.parts(question)
    assert isinstance(part, EntityPart)
    assert part.names == ("wb lyp90", "wb lyp90aha")


@pytest.mark.parametrize("question", ["EVE and LG cells from China", "the Chinese makers EVE and LG"])
def test_a_country_is_not_asked_for_where_no_record_of_the_makers_tells_one(asked: Asked, question: str) -> None:
    assert told(asked.parts(question)) == ["manufacturer EVE Energy or LG"]


def test_a_country_is_asked_for_where_a_record_of_the_maker_tells_one(asked: Asked) -> None:
    assert told(asked.parts("GOTION cells made in Japan")) == ["manufacturer GOTION", "country Japan"]


def test_data_that_mention_a_maker_are_about_it(asked: Asked) -> None:
    about, made = asked.parts("not about LG")[0], asked.parts("not LG")[0]
    assert isinstance(about, EntityPart)
    assert isinstance(made, EntityPart)
    assert (about.mentioned, made.mentioned) == (("LG", "LG"), ())


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


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("lithium werks", ["manufacturer LithiumWerks"]),
        ("thundersky cells", ["manufacturer Thunder Sky"]),
        ("headway NMC", ["manufacturer Headway Group", "LithiumNickelManganeseCobaltOxide"]),
        ("hefei guoxan", ["manufacturer Hefei Guoxuan Power"]),
        ("Hefei Guoxan", ["manufacturer Hefei Guoxuan Power"]),
        ("eagle pitcher batteries", ["manufacturer Eagle Picher Technologies LLC"]),
        ("zhao yan", ["person Yan Zhao"]),
        ("giulia rossi's impedance data", ["person giulia rossi", "ElectrochemicalImpedanceSpectroscopy"]),
        ("john newman", ["person john newman"]),
        ("papers by john newman", ["person john newman"]),
    ],
)
def test_a_name_in_small_letters_is_a_name(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


@pytest.mark.parametrize(("question", "names"), [("general electronics", 2), ("amita", 2), ("Amita", 2)])
def test_a_name_in_small_letters_stands_for_all_that_begin_so(asked: Asked, question: str, names: int) -> None:
    (part,) = asked.parts(question)
    assert isinstance(part, EntityPart)
    assert len(part.names) == names


@pytest.mark.parametrize(
    "question",
    [
        "lithium",
        "cells that keep power",
        "optimum capacity",
        "electronics",
        "general power",
        "german cells",
        "max discharge current",
    ],
)
def test_plain_words_in_small_letters_are_no_name(asked: Asked, question: str) -> None:
    assert not any(isinstance(part, EntityPart) for part in asked.parts(question))


@pytest.mark.parametrize(
    ("question", "denied"),
    [
        ("excluding Panasonic, and Samsung", 2),
        ("except Panasonic, Samsung, and LG", 3),
        ("without Panasonic, Samsung, or LG", 3),
        ("neither Panasonic nor Samsung", 2),
        ("not Panasonic, pouch", 1),
    ],
)
def test_a_comma_before_the_last_of_a_list_denies_it_as_well(asked: Asked, question: str, denied: int) -> None:
    assert sum(part.negated for part in asked.parts(question)) == denied


def test_either_of_two_firms_under_one_name_is_known(asked: Asked) -> None:
    assert told(asked.parts("Sony cells")) == ["manufacturer BMZ_Sony"]
    assert told(asked.parts("cells by Sony/Murata")) == ["manufacturer BMZ_Sony or Murata"]


@pytest.mark.parametrize("question", ["Samsung, LG, and Panasonic", "Samsung, LG and Panasonic", "Samsung and LG"])
def test_makers_in_a_list_are_alternatives(asked: Asked, question: str) -> None:
    (part,) = asked.parts(question)
    assert isinstance(part, EntityPart)
    assert {"samsung", "lg"} <= set(part.names)


@pytest.mark.parametrize("question", ["data by Bereket (SINTEF)", "work on Samsung cells by D. Bereket"])
def test_who_made_it_is_no_detail_that_may_be_missing(asked: Asked, question: str) -> None:
    assert any(isinstance(part, EitherPart) and part.text == "Bereket" for part in asked.parts(question))


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("SAMSUNG (formerly Murata)", {"samsung", "murata"}),
        ("Murata, now part of SAMSUNG", {"samsung", "murata"}),
        ("Murata (formerly Qzvolt)", {"murata"}),
    ],
)
def test_what_a_maker_was_called_before_is_another_name_of_it(asked: Asked, question: str, names: set[str]) -> None:
    (part,) = asked.parts(question)
    assert isinstance(part, EntityPart)
    assert set(part.names) == names


@pytest.mark.parametrize(
    "question",
    [
        "Prof. Hartmann, Munich",
        "Hartmann (Munich)",
        "Sarah Hartmann in Munich",
        "Sarah Hartmann from Dresden",
        "Hartmann of Dresden",
        "records by Sarah Hartmann at Graz",
    ],
)
def test_where_a_person_works_need_not_be_told(asked: Asked, question: str) -> None:
    assert [type(part) for part in asked.parts(question)] == [EntityPart]


@pytest.mark.parametrize(
    "question",
    ["cells from the big Japanese battery maker Murata", "the electronics giant Samsung", "cells by a firm called Murata"],
)
def test_what_a_maker_is_tells_no_more_than_its_name(asked: Asked, question: str) -> None:
    assert not any(isinstance(part, TextPart) for part in asked.parts(question))
    assert any(isinstance(part, EntityPart) for part in asked.parts(question))


def test_after_a_person_another_name_stays(asked: Asked) -> None:
    assert len(asked.parts("Hartmann, Murata")) == 2


@pytest.mark.parametrize("question", ["Samsung cells from Korea", "cells by Wuhan Samsung", "cells made by the Koreans at Samsung"])
def test_where_a_maker_is_may_be_missing(asked: Asked, question: str) -> None:
    assert not any(isinstance(part, EitherPart) for part in asked.parts(question))
    assert any(isinstance(part, TextPart) for part in asked.parts(question))
