"""Series of models, sizes and chemistries that only models tell, and amounts that they are called by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from records.record import ConceptUse, Entity, EntityKind, Quantity, Record
from records.rights import PUBLIC, Rights
from search.index import Named
from search.query import ConceptPart, EitherPart, EntityPart, Part
from search.service import Readable
from search.understanding.name_books import Book
from tests.unit.search.asked import Asked, told
from tests.unit.search.plain_index import PlainIndex

OPEN, SECRET = Rights(PUBLIC, PUBLIC), Rights(PUBLIC, frozenset({"bma/community:team"}))
MODELS = {
    "CALB": ("CA100", "CA60", "CAM72", "SE180AHA"),
    "EVE Energy": ("LF280-72174", "LF304-72174"),
    "EVE": ("LF280K alt",),
    "Molicel": ("INR-21700-P42A", "INR21700-P45B", "INR-18650-M35A"),
    "Panasonic": ("NCR20700B", "NCR21700A"),
    "KODAK": ("LR41", "LR1130"),
    "HINA": ("NACR32140-MP10",),
    "Lishen": ("LR2170SA",),
    "Headway": ("HW40152S",),
    "A123": ("20AH", "AMP20M1HD-A", "50AH"),
    "Samsung": ("INR21700-50E",),
    "LG": ("ID.3",),
    "Saft": ("VL 45E",),
}
CAPACITIES = {"20AH": 20.0, "AMP20M1HD-A": 19.6, "50AH": 50.0, "INR21700-50E": 4.9}


def a_record(asked: Asked, maker: str, model: str, *, rights: Rights = OPEN) -> Record:
    entities = (Entity(EntityKind.MANUFACTURER, maker, "", "/x", 1), Entity(EntityKind.MODEL, model, "", "/x", 1))
    value = CAPACITIES.get(model)
    quantities = (
        ()
        if value is None
        else (Quantity((asked.iri("RatedCapacity"),), value, "Ah", 3600 * value, "Ah", "T·I", "/q", 1, within=()),)
    )
    if maker == "Saft":
        quantities = (Quantity((asked.iri("Diameter"),), 54.0, "mm", 0.054, "mm", "L", "/q", 1, within=()),)
    uses = (ConceptUse(asked.iri("PrismaticBattery"), (), "/x", 1),) if maker == "A123" else ()
    return Record(
        f"a/{model}", f"urn:{model}", model, "a", model, "", rights, concepts=uses, quantities=quantities, entities=entities
    )


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    asked = Asked()
    index = PlainIndex(asked.concepts.ancestors)
    index.apply([a_record(asked, maker, model) for maker, models in MODELS.items() for model in models])
    place = Entity(EntityKind.INSTITUTION, "SINTEF", "", "/x", 1)
    index.apply([Record("a/work", "urn:work", "work", "a", "work", "", OPEN, entities=(place,))])
    index.apply([a_record(asked, "CALB", "QZ77", rights=SECRET)])
    asked.known = Readable(index, PUBLIC)
    yield asked
    index.close()


def found(asked: Asked, question: str) -> set[str]:
    assert isinstance(asked.known, Readable)
    return {hit.record.title for hit in asked.known.index.search(asked.query(question), PUBLIC).hits}


@pytest.mark.parametrize(
    ("series", "names"),
    [
        ("LF280", ["lf280 72174", "lf280k"]),
        ("lf28", ["lf280 72174", "lf280k"]),
        ("VTC", ["us18650vtc6"]),
        ("P", ["inr21700 p42a"]),
        ("50", ["inr21700 50e"]),
        ("E", []),
        ("INR21700", ["inr21700 p42a", "inr21700 50e"]),
        ("", []),
    ],
)
def test_models_of_a_series_have_its_runs_of_letters_and_digits(series: str, names: list[str]) -> None:
    models = ["lf280 72174", "lf280k", "us18650vtc6", "inr21700 p42a", "inr21700 50e", "pe1"]
    book = Book(EntityKind.MODEL, [Named(EntityKind.MODEL, name, name, "", 1) for name in models])
    assert [named.name for named in book.of_series(series)] == names


@pytest.mark.parametrize(
    ("question", "models"),
    [
        ("CALB CA series", {"CA100", "CA60"}),
        ("CALB CA cells", {"CA100", "CA60"}),
        ("CALB without the CA series", {"CAM72", "SE180AHA"}),
        ("Molicel cells of the P series", {"INR-21700-P42A", "INR21700-P45B"}),
        ("EVE Energy LF280 family", {"LF280-72174", "LF280K alt"}),
        ("Molicel P42A/P45B", {"INR-21700-P42A", "INR21700-P45B"}),
        ("LR-type cells by Kodak", {"LR41", "LR1130"}),
        ("20700 cells", {"NCR20700B"}),
        ("20700s", {"NCR20700B"}),
        ("Headway 40152S", {"HW40152S"}),
        ("20 mm class (20700)", {"NCR20700B"}),
        ("Molicel P42A drone cells", {"INR-21700-P42A"}),
        ("Molicel P series for electric cars", {"INR-21700-P42A", "INR21700-P45B"}),
        ("Molicel P42As and P45B", {"INR-21700-P42A", "INR21700-P45B"}),
        ("CALB SE 180", {"SE180AHA"}),
        ("CALB CA 100 Ah", {"CA100"}),
        ("Panasonic models starting with NCR2", {"NCR20700B", "NCR21700A"}),
        ("Kodak cells whose names do not begin with LR4", {"LR1130"}),
        ("LR9999, LR41 or LR1130 from Kodak", {"LR41", "LR1130"}),
        ("Kodak LR41, LR1130 or LR9999", {"LR41", "LR1130"}),
    ],
)
def test_series_and_sizes_are_models(asked: Asked, question: str, models: set[str]) -> None:
    assert found(asked, question) == models


@pytest.mark.parametrize("question", ["temperature range", "time series", "18650 series", "QZ series", "lr type", "pouch type"])
def test_what_no_readable_model_begins_with_is_no_series(asked: Asked, question: str) -> None:
    assert not any(isinstance(part, EntityPart) for part in asked.parts(question))


@pytest.mark.parametrize(
    ("question", "models"),
    [
        ("Kodak alkaline cells", {"LR41", "LR1130"}),
        ("HINA sodium", {"NACR32140-MP10"}),
        ("LR44-like alkaline cells by Kodak", {"LR41", "LR1130"}),
        ("Lishen alkaline", set()),
    ],
)
def test_a_designation_tells_the_chemistry_where_nothing_else_does(asked: Asked, question: str, models: set[str]) -> None:
    assert found(asked, question) == models


@pytest.mark.parametrize(
    ("question", "models"),
    [
        ("prismatic A123 cell, 20 Ah", {"20AH", "AMP20M1HD-A"}),
        ("pouch-like prismatic cell of 20 Ah from A123", {"20AH", "AMP20M1HD-A"}),
        ("Samsung 50Ah", set()),
        ("Samsung, 50 Ah", set()),
        ("A123 50Ah", {"50AH"}),
        ("A123 20Ah", {"20AH", "AMP20M1HD-A"}),
        ("A123 20AH", {"20AH"}),
    ],
)
def test_a_capacity_beside_a_maker_may_be_in_the_name(asked: Asked, question: str, models: set[str]) -> None:
    assert found(asked, question) == models


@pytest.mark.parametrize("question", ["SINTEF in Trondheim", "SINTEF, Trondheim"])
def test_where_an_institution_is_need_not_be_told(asked: Asked, question: str) -> None:
    assert told(asked.parts(question)) == ["institution SINTEF"]


@pytest.mark.parametrize("question", ["cells from an electric Volkswagen", "battery of a VW car", "Volkswagen or Kia"])
def test_a_make_of_cars_is_also_found_by_its_models(asked: Asked, question: str) -> None:
    assert found(asked, question) == {"ID.3"}


def test_an_element_before_a_format_is_also_the_battery_called_after_it(asked: Asked) -> None:
    (part, _) = asked.parts("lithium coin cells")
    assert isinstance(part, ConceptPart)
    assert part.labels == ("Lithium", "LithiumBattery")
    assert asked.iri("LithiumIonBattery") in part.expanded
    (part, _) = asked.parts("lithium foil in coin cells")
    assert isinstance(part, ConceptPart)
    assert part.labels == ("Lithium",)


@pytest.mark.parametrize(
    ("question", "models"),
    [
        ("Kodak pouch cells", {"LR41", "LR1130"}),
        ("Kodak power cells", {"LR41", "LR1130"}),
        ("A123 pouch cells", set()),
        ("pouch cells", set()),
        ("20700 lithium-ion cells", {"NCR20700B"}),
        ("32140 lithium-ion cells", set()),
    ],
)
def test_what_no_record_of_a_maker_or_size_tells_is_not_asked_for(asked: Asked, question: str, models: set[str]) -> None:
    assert found(asked, question) == models


@pytest.mark.parametrize(
    "question", ["Farasis cells above 15 Ah", "highest capacity Farasis cell", "Farasis power cells above 15 Ah"]
)
def test_cells_of_a_name_that_nothing_has_are_no_others(asked: Asked, question: str) -> None:
    assert found(asked, question) == set()
    assert found(asked, "Any cells above 15 Ah") == {"20AH", "AMP20M1HD-A", "50AH"}


def test_a_cylinder_is_as_wide_as_its_diameter(asked: Asked) -> None:
    assert found(asked, "wider than 50 mm") == found(asked, "cells with a diameter above 50 mm") == {"VL 45E"}
    assert found(asked, "wider than 60 mm") == set()


def test_what_is_like_a_size_is_of_that_size_where_nothing_else_is_said(asked: Asked) -> None:
    assert told(asked.parts("LR44-like")) == ["LR44"]
    assert told(asked.parts("pouch-like prismatic cells")) == ["PrismaticBattery"]


def test_sizes_in_brackets_are_alternatives(asked: Asked) -> None:
    part = asked.parts("button cells (LR41, LR1130)")[-1]
    assert _names(part) == {"lr41", "lr1130"}
    (part,) = asked.parts("20700/32140")
    assert _names(part) == {"ncr20700b", "nacr32140 mp10"}


@pytest.mark.parametrize(
    ("question", "models"),
    [
        ("EVE LF280K and Kodak LR41", {"LF280K alt", "LR41"}),
        ("Kodak LR41, A123 50AH", {"LR41", "50AH"}),
        ("Kodak LR41 and Panasonic 20700", {"LR41", "NCR20700B"}),
        ("Kodak LR41, A123 50AH and HINA 32140", {"LR41", "50AH", "NACR32140-MP10"}),
    ],
)
def test_makers_with_a_model_each_are_alternatives(asked: Asked, question: str, models: set[str]) -> None:
    assert found(asked, question) == models


def _names(part: Part) -> set[str]:
    """The models that a part names."""
    if isinstance(part, EitherPart):
        return {name for way in part.ways for one in way for name in _names(one)}
    return set(part.names) if isinstance(part, EntityPart) else set()
