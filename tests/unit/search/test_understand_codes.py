"""Codes with slips, sizes from shops, and makers by another name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from records.record import Entity, EntityKind, Record
from records.rights import ANY, PUBLIC, Rights
from search.service import Readable
from search.understanding.consumer_sizes import consumer_sizes
from search.understanding.name_books import maker_names
from tests.unit.search.asked import Asked, told
from tests.unit.search.plain_index import PlainIndex

OPEN = Rights(PUBLIC, PUBLIC)
TEAM = frozenset({ANY, "bma/community:team"})
RECORDS = {
    "1": ("Panasonic", "NCR18650B"),
    "2": ("Murata", "US18650VTC6"),
    "3": ("Kokam", "SLPB120216216"),
    "4": ("GOTION", "IFR32135-15Ah"),
    "5": ("DURACELL", "MN1500"),
    "6": ("KODAK", "LR1130"),
    "7": ("CATL", "LEP71H3L7-01"),
    "8": ("ATL Amperex Technology", "5080122"),
    "9": ("GeneralElectronics", "GEB 26650"),
    "10": ("General Electronics Battery Co", "GEB32650"),
    "11": ("LECLANCHÉ", "GL65"),
    "12": ("SAMSUNG", "INR18650-35E"),
    "13": ("A123", "ANR26650M1-B"),
}


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    asked = Asked()
    index = PlainIndex(asked.concepts.ancestors)
    index.apply([a_record(number, *names) for number, names in RECORDS.items()])
    index.apply([a_record("secret", "Hidden", "NCR20700Q", Rights(PUBLIC, TEAM - PUBLIC))])
    asked.known = Readable(index, PUBLIC)
    yield asked
    index.close()


def a_record(number: str, maker: str, model: str, rights: Rights = OPEN) -> Record:
    names = ((EntityKind.MANUFACTURER, maker), (EntityKind.MODEL, model))
    entities = tuple(Entity(kind, name, "", "/x", 1) for kind, name in names)
    return Record(f"a/{number}", f"urn:{number}", f"{maker} {model}", "a", number, "", rights, entities=entities)


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Panasonic NCR1860B", ["manufacturer Panasonic", "model NCR18650B"]),  # one left out
        ("NCR186650B", ["model NCR18650B"]),  # one doubled
        ("US18650VCT6", ["model US18650VTC6"]),  # two swapped
        ("SLP120216216", ["model SLPB120216216"]),
        ("ANR2665M1-B", ["model ANR26650M1-B"]),
        ("IFpR32135", ["model IFR32135-15Ah"]),
        ("26560 cells", ["R26650"]),
        # another model, which nobody wrote by a slip
        ("NCR18650C", ["“NCR18650C”"]),
        ("INR18650-53E", ["INR18650"]),
        ("US18650VTC", ["“US18650VTC”"]),
        ("NCR2070Q", ["“NCR2070Q”"]),  # the only one near is of a record that may not be read
    ],
)
def test_slips_in_codes_are_mended_where_nobody_can_mean_another_one(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("alkaline AA battery", ["model MN1500 or LR6"]),
        ("size AA", ["model MN1500 or LR6"]),
        ("Mignon", ["model MN1500 or LR6"]),
        ("Duracell R6", ["manufacturer DURACELL", "model MN1500 or LR6"]),
        ("AG10 button cells", ["model LR1130"]),
        ("LR54", ["model LR1130"]),
        ("D cells", ["LR20"]),
        ("AAA", ["LR03"]),
        ("DL2032", ["CR2032"]),
    ],
)
def test_sizes_from_shops_are_found_by_any_designation(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_a_format_of_which_no_record_of_the_model_tells_is_left_out(asked: Asked) -> None:
    assert asked.query("AG10 button cells").left_out == ("coin cells",)


def test_letters_that_begin_a_company_are_no_size(asked: Asked) -> None:
    assert not any("MN1500" in one for one in told(asked.parts("AA Portable Power Corp")))
    assert "LR14" not in told(asked.parts("5C cells"))


def test_no_designation_is_that_of_two_sizes() -> None:
    codes = [code for size in consumer_sizes() for code in (*size.codes, *size.said)]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("Contemporary Amperex Technology Co. Limited", ["manufacturer CATL"]),
        ("Amperex Technology Limited", ["manufacturer ATL Amperex Technology"]),
        ("Leclanche S.A.", ["manufacturer LECLANCHÉ"]),
        ("Murata Manufacturing Co., Ltd.", ["manufacturer Murata"]),
    ],
)
def test_makers_are_known_by_their_other_names(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_all_spellings_of_a_maker_are_meant(asked: Asked) -> None:
    (part,) = asked.parts("GEB")
    assert set(getattr(part, "names", ())) == {"generalelectronics", "general electronics battery"}


def test_other_names_of_makers_are_folded() -> None:
    assert all(name == name.lower() and name.replace(" ", "").isalnum() for name in maker_names())
