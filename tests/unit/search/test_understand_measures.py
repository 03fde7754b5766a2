"""Measures that are called otherwise of other shapes, parts cut to a shape, foils of electrodes, and what is told of no cell."""

from __future__ import annotations

import pytest

from records.record import ConceptUse, Entity, EntityKind, Quantity, Record
from records.rights import DENIED, PUBLIC, Rights
from search.service import Readable
from tests.unit.search.asked import Asked, know, told

OPEN = Rights(PUBLIC, PUBLIC)
CYLINDER, BOX = "CylindricalBattery", "PrismaticBattery"


def a_record(
    asked: Asked,
    title: str,
    *concepts: tuple[str, ...],
    mm: dict[str, float] | None = None,
    maker: str = "",
    model: str = "",
    rights: Rights = OPEN,
) -> Record:
    """A record with concepts (label, then the labels of what it stands in) and measures in millimetres."""
    uses = tuple(
        ConceptUse(asked.iri(one), tuple(map(asked.iri, within)), "/x", 1, tuple(map(asked.iri, within)))
        for one, *within in concepts
    )
    named = ((EntityKind.MANUFACTURER, maker), (EntityKind.MODEL, model))
    return Record(
        title,
        f"urn:{title}",
        title,
        "a",
        title,
        "",
        rights,
        concepts=uses,
        quantities=tuple(
            Quantity((asked.iri(kind),), value, "mm", value / 1e3, "", "L", "/x", 1) for kind, value in (mm or {}).items()
        ),
        entities=tuple(Entity(kind, one, "", "/x", 1) for kind, one in named if one),
    )


def found(asked: Asked, question: str) -> list[str]:
    assert isinstance(asked.known, Readable)
    return [hit.record.id for hit in asked.known.index.search(asked.query(question), PUBLIC).hits]


@pytest.mark.parametrize(
    "question",
    [
        "round cells wider than 50 mm",
        "cylindrical cells thicker than 50 mm",
        "cylindrical cells longer than 100 mm",
        "widest cylindrical cell",
        "thickest round cell",
    ],
)
def test_a_round_cell_is_as_wide_as_its_diameter_and_as_long_as_it_is_high(asked: Asked, question: str) -> None:
    know(
        asked,
        a_record(asked, "big", (CYLINDER,), mm={"Diameter": 60, "Height": 300}),
        a_record(asked, "small", (CYLINDER,), mm={"Diameter": 18, "Height": 65}),
    )
    assert found(asked, question)[0] == "big"
    assert ("small" in found(asked, question)) == ("est " in question)


def test_a_coin_cell_is_as_thick_as_it_is_high(asked: Asked) -> None:
    know(asked, a_record(asked, "coin", ("CoinCell",), mm={"Height": 3.2, "Diameter": 20}))
    assert found(asked, "coin cells 3.2 mm thick") == ["coin"]


def test_a_box_of_which_no_thickness_is_told_is_as_thick_as_high(asked: Asked) -> None:
    know(
        asked,
        a_record(asked, "told", (BOX,), mm={"Thickness": 27, "Width": 148, "Length": 91}),
        a_record(asked, "high", (BOX,), mm={"Height": 27.1, "Width": 148, "Length": 91}),
        a_record(asked, "standing", (BOX,), mm={"Height": 27, "Thickness": 10, "Width": 148, "Length": 91}),
        a_record(asked, "round", (CYLINDER,), mm={"Height": 27, "Diameter": 20}),
        a_record(asked, "thicker", (BOX,), mm={"Height": 40, "Width": 148, "Length": 91}),
    )
    assert sorted(found(asked, "27 mm thick")) == ["high", "told"]
    assert found(asked, "thinnest prismatic cell") == ["told", "high", "thicker"]
    assert found(asked, "thickest prismatic cell") == ["thicker", "high", "told"]


def test_a_box_that_may_not_be_read_changes_nothing(asked: Asked) -> None:
    know(asked, a_record(asked, "box", (BOX,), mm={"Height": 27, "Width": 148, "Length": 91}, rights=DENIED))
    assert told(asked.parts("27 mm thick")) == ["Thickness = 27 mm (±0.5 %)"]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("electrode discs 15 mm in diameter", ["Electrode", "Diameter = 15 mm (±0.5 %)"]),
        ("separator sheets, 25 µm", ["Separator", "= 25 µm (±0.5 %)"]),
        ("copper as the anode foil", ["Copper as CurrentCollector"]),
        ("cathode foil made of aluminium", ["Aluminium as CurrentCollector"]),
        ("pore volume fraction 35 %", ["Porosity = 35 % (±0.5 %)"]),
    ],
)
def test_parts_in_other_words(asked: Asked, question: str, parts: list[str]) -> None:
    assert told(asked.parts(question)) == parts


def test_the_foil_that_is_all_of_an_electrode(asked: Asked) -> None:
    know(asked, a_record(asked, "metal", ("Lithium", "NegativeElectrode")))
    assert told(asked.parts("lithium as the anode foil")) == ["Lithium as NegativeElectrode"]


def test_a_material_of_one_side_may_be_told_of_the_other(asked: Asked) -> None:
    nmc, lto = "LithiumNickelManganeseCobaltOxide", "LithiumTitanate"
    know(asked, a_record(asked, "both", (nmc, "PositiveElectrode"), (lto, "PositiveElectrode")))
    assert found(asked, "cell with NMC cathode and lithium titanate anode") == ["both"]
    assert found(asked, "LTO cathode, NMC anode") == []


def test_material_behind_what_it_has_asks_for_nothing_more(asked: Asked) -> None:
    assert told(asked.parts("highest specific capacity material")) == []
    assert told(asked.parts("lowest specific capacity of a cathode material")) != []


def test_cells_of_which_nothing_is_told_are_not_without_what_most_have(asked: Asked) -> None:
    lithium = [a_record(asked, f"li{number}", ("BatteryCell",), ("LithiumIronPhosphate",)) for number in range(4)]
    graphite = a_record(asked, "no lithium", ("BatteryCell",), ("Zinc",))
    know(asked, *lithium, graphite, a_record(asked, "untold", ("BatteryCell",)))
    assert found(asked, "batteries that contain no lithium") == ["no lithium"]
    assert sorted(found(asked, "cells without zinc")) == ["li0", "li1", "li2", "li3", "untold"]
    know(asked, graphite, a_record(asked, "untold", ("BatteryCell",)))
    assert sorted(found(asked, "batteries that contain no lithium")) == ["no lithium", "untold"]


def test_substances_that_are_called_after_an_element_in_them(asked: Asked) -> None:
    electrode = ("Electrode",)
    know(
        asked,
        a_record(asked, "pvdf", electrode, ("PolyvinylideneFluoride", "Binder")),
        a_record(asked, "cmc", electrode, ("CarboxymethylCellulose", "Binder")),
    )
    assert found(asked, "fluorinated binders") == ["pvdf"]
    assert found(asked, "electrodes free of fluorinated binder") == ["cmc"]
    assert "fluorinated solvent" not in told(asked.parts("fluorinated solvent"))  # no record has one


def test_how_models_do_not_begin(asked: Asked) -> None:
    know(asked, *(a_record(asked, f"Acme {model}", maker="Acme", model=model) for model in ("XYZ18650A", "QR18650B")))
    assert found(asked, "Acme models not starting with XYZ") == ["Acme QR18650B"]
    assert found(asked, "Acme cells whose name does not begin with XYZ") == ["Acme QR18650B"]


def test_flat_cells_are_designated_as_polymer_cells(asked: Asked) -> None:
    know(asked, *(a_record(asked, model, maker="Acme", model=model) for model in ("LP656194-PCM", "LP32975", "INR18650-35E")))
    assert found(asked, "Acme lithium polymer") == ["LP656194-PCM"]
