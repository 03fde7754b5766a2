"""From the statements of a document to a record: title, concepts with roles, quantities, text."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from harvester.normalize import MAX_DESCRIPTION_CHARS, MAX_TEXT_CHARS, Vocabulary, normalize
from harvester.reading import Reader
from ontology import terms
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.facts import packaged_facts
from ontology.units import Units
from records.rdf import RDF_TYPE, Iri, Literal, Triple
from records.record import Condition, Payload, Quantity, Record
from records.rights import NOBODY, PUBLIC, Audiences, Rights
from shapes.profiles import Checks, always
from shapes.reader import Limits
from shapes.shacl_validator import ShaclValidator

CONTEXT = "https://w3id.org/emmo/domain/battery/context"
COMMUNITY: Audiences = frozenset({"local/community:bigmap"})
XSD = "http://www.w3.org/2001/XMLSchema#"


@cache
def vocabulary() -> Vocabulary:
    facts = packaged_facts()
    return Vocabulary(Concepts(facts), Units(facts))


@cache
def reader() -> Reader:
    return Reader(
        base_iri="https://example.org/records/",
        contexts=Contexts.from_terms(packaged_facts().terms),
        vocabulary=vocabulary(),
        checks=always(Checks(ShaclValidator(parents=lambda _: ()))),
        limits=Limits(),
    )


def label(iri: str) -> str:
    return vocabulary().concepts.label(iri)


def described(
    document: dict[str, Any], *, key: str = "folder/file.jsonld", title: str = "", rights: Rights | None = None, indent: int = 1
) -> Record:
    """The record of a document under the battery context."""
    content = json.dumps({"@context": CONTEXT, **document}, indent=indent).encode()
    read = reader().read(f"source/{key}", "source", key, title, rights or Rights(PUBLIC, PUBLIC), Payload(content))
    assert read.record is not None, read.issues
    return read.record


# --- titles


MAKER = {"@type": "schema:Organization", "schema:name": "Maker"}


@pytest.mark.parametrize(
    ("document", "title"),
    [
        ({"schema:name": "X1"}, "X1"),
        ({"schema:name": "X1", "schema:manufacturer": MAKER}, "Maker X1"),
        ({"schema:name": "maker X1", "schema:manufacturer": MAKER}, "maker X1"),
        ({"schema:manufacturer": MAKER}, "file"),
        ({"schema:name": "X1", "schema:manufacturer": {"@type": "schema:Organization"}}, "X1"),
        ({"schema:name": "X1", "schema:manufacturer": {"@id": "https://example.org/maker"}}, "X1"),
        ({"rdfs:label": "by label"}, "by label"),
        ({"skos:prefLabel": "by prefLabel"}, "by prefLabel"),
        ({"schema:headline": "by headline"}, "by headline"),
        ({"schema:model": "by model"}, "by model"),
        ({"schema:model": "M", "schema:name": "before the model"}, "before the model"),
        ({"schema:name": "  much \n  space "}, "much space"),
        ({"schema:name": ["   ", "second"]}, "second"),
        ({"schema:name": ""}, "file"),
        ({"schema:name": [{"@value": "Zelle", "@language": "de"}, {"@value": "cell", "@language": "en-GB"}]}, "cell"),
        ({"schema:name": [{"@value": "Zelle", "@language": "de"}, {"@value": "cellule", "@language": "fr"}]}, "Zelle"),
        ({"hasCase": {"@type": "PrismaticCase", "schema:name": "of the case"}}, "file"),
        ({"schema:name": "x" * 600}, "x" * 500),
    ],
)
def test_a_title_is_the_maker_and_the_name_of_the_outermost_thing(document: dict[str, Any], title: str) -> None:
    prefixes = {"rdfs": "http://www.w3.org/2000/01/rdf-schema#", "skos": "http://www.w3.org/2004/02/skos/core#"}
    context = [CONTEXT, {"schema": "https://schema.org/", **prefixes}]
    assert described({"@context": context, "@type": "BatteryCell", **document}).title == title


def test_the_source_says_the_title_when_it_has_one() -> None:
    assert described({"schema:name": "inner"}, title="outer").title == "outer"


@pytest.mark.parametrize("files", [COMMUNITY, NOBODY])
def test_a_title_that_more_people_may_read_than_the_file_does_not_come_from_the_file(files: Audiences) -> None:
    record = described({"schema:name": "secret", "schema:manufacturer": MAKER}, rights=Rights(PUBLIC, files))
    assert record.title == "file"
    assert described({"schema:name": "shared"}, rights=Rights(COMMUNITY, COMMUNITY)).title == "shared"


CRATE = {
    "@context": [
        CONTEXT,
        {"about": "http://schema.org/about", "name": "http://schema.org/name", "Dataset": "http://schema.org/Dataset"},
        {"conformsTo": "http://purl.org/dc/terms/conformsTo", "hasPart": "http://schema.org/hasPart"},
    ],
    "@graph": [
        {"@id": "ro-crate-metadata.json", "about": {"@id": "./"}, "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"}},
        {"@id": "./a/", "@type": ["Dataset", "CoinCell"], "name": "A cell"},
        {"@id": "./", "@type": "Dataset", "name": "Coin cells of May", "hasPart": [{"@id": "./a/"}]},
    ],
}


def test_a_crate_is_the_data_set_that_its_descriptor_is_about() -> None:
    record = described(CRATE)
    assert record.title == "Coin cells of May"
    found = {label(use.concept): use.pointer for use in record.concepts}
    assert found["Dataset"] == "/@graph/2"
    assert found["CoinCell"] == "/@graph/1"
    of_nothing = json.loads(json.dumps(CRATE).replace('"./"}, "conformsTo"', '"./lost/"}, "conformsTo"'))
    assert described(of_nothing).title == "file"


# --- concepts


NESTED = {
    "@type": ["BatteryCell", "PrismaticBattery"],
    "hasPositiveElectrode": {
        "@type": "LithiumIronPhosphateElectrode",
        "hasActiveMaterial": [{"@type": "Graphite"}, {"@type": "LithiumIronPhosphate"}],
    },
}


def test_each_concept_has_its_role_and_place() -> None:
    record = described(NESTED)
    uses = {label(use.concept): use for use in record.concepts if not use.implied_by}
    assert set(uses) == {"BatteryCell", "PrismaticBattery", "LithiumIronPhosphateElectrode", "Graphite", "LithiumIronPhosphate"}
    assert (uses["BatteryCell"].role, uses["BatteryCell"].pointer) == ((), "")
    assert uses["LithiumIronPhosphateElectrode"].role == (terms.HAS_POSITIVE_ELECTRODE,)
    material = uses["LithiumIronPhosphate"]
    assert material.role == (terms.HAS_POSITIVE_ELECTRODE, terms.HAS_ACTIVE_MATERIAL)
    assert material.pointer == "/hasPositiveElectrode/hasActiveMaterial/1"
    lines = json.dumps({"@context": CONTEXT, **NESTED}, indent=1).splitlines()
    assert lines[uses["LithiumIronPhosphateElectrode"].line - 1].strip() == '"hasPositiveElectrode": {'
    assert '"LithiumIronPhosphate"' in lines[material.line]


def test_a_concept_that_is_named_as_a_value_counts_too() -> None:
    lfp = packaged_facts().terms["LithiumIronPhosphate"][0]
    record = described({"@type": "PositiveElectrode", "hasActiveMaterial": {"@id": lfp}})
    [use] = [use for use in record.concepts if use.concept == lfp]
    assert use.role == (terms.HAS_ACTIVE_MATERIAL,)
    assert use.pointer == ""


def test_units_and_unknown_types_are_no_concepts() -> None:
    record = described({"@type": ["BatteryCell", "https://example.org/Unknown"], "hasProperty": quantity("Mass", 1.0, "Gram")})
    assert {label(use.concept) for use in record.concepts} == {"BatteryCell", "Mass", "RealData"}


def test_a_graph_document_is_read_from_its_first_node() -> None:
    record = described(
        {
            "@graph": [
                {"@id": "urn:cell", "@type": "BatteryCell", "schema:name": "in a graph", "hasPositiveElectrode": {"@id": "urn:pe"}},
                {"@id": "urn:pe", "@type": "LithiumIronPhosphateElectrode"},
                {"@id": "urn:other", "@type": "PouchCell"},
            ]
        }
    )
    assert record.title == "in a graph"
    uses = {label(use.concept): use for use in record.concepts}
    assert uses["BatteryCell"].pointer == "/@graph/0"
    assert uses["LithiumIronPhosphateElectrode"].role == (terms.HAS_POSITIVE_ELECTRODE,)
    assert uses["LithiumIronPhosphateElectrode"].pointer == "/@graph/1"
    assert uses["PouchCell"].role == ()


def test_flattened_and_nested_say_the_same() -> None:
    parts = {"@type": "BatteryCell", "schema:name": "same"}
    mass = quantity("Mass", 1.0, "Gram")
    nested = described({**parts, "@id": "urn:c", "hasProperty": {"@id": "urn:m", **mass}})
    flat = described({"@graph": [{**parts, "@id": "urn:c", "hasProperty": {"@id": "urn:m"}}, {"@id": "urn:m", **mass}]})

    def told(record: Record) -> Any:
        return (
            record.title,
            {(use.concept, use.role) for use in record.concepts},
            [(one.kinds, one.base_value, one.dimension) for one in record.quantities],
        )

    assert told(nested) == told(flat)
    assert flat.quantities[0].pointer == "/@graph/1"


def test_a_circle_of_nodes_ends() -> None:
    record = described(
        {
            "@id": "urn:a",
            "@type": "BatteryCell",
            "hasPositiveElectrode": {"@id": "urn:b", "@type": "Electrode", "hasComponent": {"@id": "urn:a"}},
        }
    )
    assert {(label(use.concept), len(use.role)) for use in record.concepts} == {("BatteryCell", 0), ("Electrode", 1)}


# --- quantities


def quantity(kind: str | list[str], value: object, unit: object = None, *, key: str = "hasNumberValue") -> dict[str, Any]:
    made: dict[str, Any] = {"@type": kind, "hasNumericalPart": {"@type": "RealData", key: value}}
    return made if unit is None else {**made, "hasMeasurementUnit": unit}


def only(document: dict[str, Any]) -> Quantity:
    [found] = described({"@type": "BatteryCell", "hasProperty": document}).quantities
    return found


@pytest.mark.parametrize("key", ["hasNumericalValue", "hasNumberValue"])
def test_both_names_of_the_number_are_read(key: str) -> None:
    found = only(quantity(["RatedCapacity", "ConventionalProperty"], 2500, "https://w3id.org/emmo#MilliAmpereHour", key=key))
    assert [label(kind) for kind in found.kinds] == ["RatedCapacity", "ConventionalProperty"]
    assert (found.value, found.unit) == (2500.0, "https://w3id.org/emmo#MilliAmpereHour")
    assert found.base_value == pytest.approx(9000.0)
    assert (found.base_unit, found.dimension) == ("A·s", "T·I")
    assert found.pointer == "/hasProperty"


@pytest.mark.parametrize(
    ("kind", "value", "unit", "base", "dimension"),
    [
        ("Mass", 50, "Gram", 0.05, "M"),
        ("Mass", 50, "https://w3id.org/emmo#Gram", 0.05, "M"),
        ("Mass", 0.05, "http://qudt.org/vocab/unit/KiloGM", 0.05, "M"),
        ("CellTemperature", 25, "https://w3id.org/emmo#DegreeCelsius", 298.15, "Θ"),
        ("NominalVoltage", 3.2, "Volt", 3.2, None),
        ("NominalVoltage", -3200, "emmo:MilliVolt", -3.2, None),
    ],
)
def test_units_are_understood_in_every_spelling(kind: str, value: float, unit: str, base: float, dimension: str | None) -> None:
    found = only(quantity(kind, value, unit))
    assert found.base_value == pytest.approx(base)
    assert dimension is None or found.dimension == dimension
    assert found.base_unit


def test_schema_org_quantities_are_read() -> None:
    value = {"@type": ["schema:PropertyValue", "Mass"], "schema:value": 45, "schema:unitText": "g"}
    found = only(value)
    assert (found.value, found.unit) == (45.0, "g")
    assert found.base_value == pytest.approx(0.045)
    coded = only({**value, "schema:unitCode": "KGM", "schema:unitText": "nonsense"})
    assert coded.value == 45.0
    assert coded.unit == "KGM"


def test_of_several_units_the_first_that_converts_counts() -> None:
    found = only(quantity("Mass", 2, ["https://example.org/unknown", "https://w3id.org/emmo#Gram"]))
    assert found.base_value == pytest.approx(0.002)
    assert found.unit == "https://example.org/unknown"


@pytest.mark.parametrize(("text", "value"), [("12.5", 12.5), (" 12.5 ", 12.5), ("1e3", 1000.0), ("-4", -4.0)])
def test_a_number_that_is_written_as_text_is_a_number(text: str, value: float) -> None:
    found = only(quantity("Mass", text, "Gram"))
    assert found.value == value
    assert found.base_value == pytest.approx(value / 1000)


@pytest.mark.parametrize("value", ["", "about 3", "nan", "inf", "-Infinity", True, None, {"@id": "urn:three"}])
def test_what_is_no_number_gives_no_quantity(value: object) -> None:
    record = described({"@type": "BatteryCell", "hasProperty": quantity("Mass", value, "Gram")})
    assert record.quantities == ()


def test_several_numbers_of_one_node_are_several_quantities() -> None:
    record = described({"@type": "BatteryCell", "hasProperty": quantity("Mass", [1, 2, 3], "Gram")})
    assert [found.value for found in record.quantities] == [1.0, 2.0, 3.0]
    assert len({found.pointer for found in record.quantities}) == 1


def test_a_count_without_unit_is_dimensionless() -> None:
    found = only(quantity("CycleLife", 3000))
    assert (found.value, found.unit, found.base_value, found.dimension) == (3000.0, "", 3000.0, "1")


def test_a_measure_without_unit_is_kept_and_not_converted() -> None:
    found = only(quantity("Mass", 3000))
    assert (found.value, found.unit, found.base_value, found.base_unit, found.dimension) == (3000.0, "", None, "", "")


def test_an_unknown_unit_is_kept_as_written_and_not_converted() -> None:
    found = only(quantity("Mass", 3, "https://example.org/unknown"))
    assert (found.value, found.unit, found.base_value) == (3.0, "https://example.org/unknown", None)


@pytest.mark.parametrize(
    ("kind", "base"),
    [("MinimumStorageTemperature", 253.15), ("CelsiusTemperature", 253.15), ("Mass", None), ("ElectricCharge", None)],
)
def test_a_temperature_in_the_programming_language_is_meant_in_degrees_celsius(kind: str, base: float | None) -> None:
    found = only(quantity(kind, -20, terms.C))
    assert (found.value, found.unit) == (-20.0, terms.C)
    assert found.base_value == (None if base is None else pytest.approx(base))
    assert found.dimension == ("" if base is None else "Θ")
    whole = quantity("RatedCapacity", 2, "AmpereHour") | {"hasMeasurementParameter": quantity(kind, -20, terms.C)}
    [condition] = only_conditions(described({"@type": "BatteryCell", "hasProperty": whole}))
    assert condition.base_value == (None if base is None else pytest.approx(base))


def only_conditions(record: Record) -> list[Condition]:
    return [condition for one in record.quantities for condition in one.conditions]


def test_a_number_without_kind_and_unit_is_kept_and_not_converted() -> None:
    document = {"@type": "BatteryCell", "hasProperty": {"hasNumericalPart": {"hasNumberValue": 5}}}
    [found] = described(document).quantities
    assert (found.kinds, found.value, found.base_value) == ((), 5.0, None)


def test_a_quantity_says_where_it_stands() -> None:
    document = {"@type": "BatteryCell", "hasProperty": [quantity("Mass", 1, "Gram"), quantity("Mass", 2, "Gram")]}
    second = described(document).quantities[1]
    assert second.pointer == "/hasProperty/1"
    lines = json.dumps({"@context": CONTEXT, **document}, indent=1).splitlines()
    assert [number for number, line in enumerate(lines, 1) if line.strip() == "{"][2] == second.line  # after the document's own


# --- text


def test_the_text_holds_every_text_once_and_no_numbers() -> None:
    record = described(
        {
            "@type": "BatteryCell",
            "schema:name": "A name",
            "schema:description": ["said twice", "12.5"],
            "hasCase": {"@type": "PrismaticCase", "schema:description": "said twice"},
            "hasProperty": quantity("Mass", 7, "Gram"),
        }
    )
    assert sorted(record.text.splitlines()) == ["A name", "said twice"]


def test_the_text_of_html_is_what_a_reader_sees_of_it() -> None:
    html = '<p>LiPF<sub>6</sub> &amp; <b>VC</b></p><p>see <a href="https://example.org/x">there</a></p><script>var hidden</script>'
    record = described({"schema:name": "A name", "schema:description": html})
    assert record.text.splitlines()[1:] == ["LiPF6 & VC", "see there (https://example.org/x)"]
    record = described({"schema:name": "A name", "schema:description": "x < 3 & y > 4"})
    assert record.text.splitlines()[1:] == ["x < 3 & y > 4"]


@pytest.mark.parametrize(
    ("document", "text", "label", "line"),
    [
        ({"schema:description": "A <b>cell</b> for <p>tests</p>"}, "A cell for\ntests", "description", 3),
        ({"dcterms:description": " of  Dublin Core "}, "of Dublin Core", "description", 3),
        ({"rdfs:comment": ["", "a comment"], "schema:name": "X1"}, "a comment", "comment", 3),
        ({"isDescriptionFor": {"@type": "BatteryCell", "schema:description": "of the cell"}}, "of the cell", "description", 5),
        ({"schema:description": "x" * 3000}, "x" * MAX_DESCRIPTION_CHARS + " …", "description", 3),
        ({"schema:description": "much " * 1000}, "much " * (MAX_DESCRIPTION_CHARS // 5 - 1) + "much …", "description", 3),
    ],
)
def test_a_record_says_what_it_is(document: dict[str, Any], text: str, label: str, line: int) -> None:
    record = described(document)
    assert [(one.text, one.label, one.line) for one in record.said] == [(text, label, line)]


def test_what_a_part_is_described_as_is_no_description_of_the_record() -> None:
    assert described({"hasCase": {"@type": "PrismaticCase", "schema:description": "of the case"}}).said == ()


def test_the_text_has_a_limit() -> None:
    record = described({"@type": "BatteryCell", "schema:description": ["a" * 150_000, "b" * 150_000]})
    assert len(record.text) == MAX_TEXT_CHARS


# --- statements as such


def normalized(triples: list[Triple], pointers: dict[str, str] | None = None) -> Record:
    return normalize(
        record="s/a",
        iri="urn:r",
        source="s",
        source_file="a.json",
        title="",
        digest="d",
        rights=Rights(PUBLIC, PUBLIC),
        triples=triples,
        pointers=pointers or {},
        line_of=lambda pointer: 1 + pointer.count("/"),
        vocabulary=vocabulary(),
    )


def test_no_statements_make_an_empty_record() -> None:
    record = normalized([])
    assert (record.title, record.concepts, record.quantities, record.text) == ("a", (), (), "")
    assert record.graph_iri == "urn:r#graph"


def test_a_node_without_a_place_is_read_as_well() -> None:
    root, inner = Iri("urn:root"), Iri("urn:inner")
    record = normalized(
        [
            Triple(root, Iri(terms.SCHEMA_NAME), Literal("root")),
            Triple(root, Iri(terms.HAS_CASE), inner),
            Triple(inner, Iri(RDF_TYPE), Iri(terms.BATTERY)),
        ],
        {"urn:root": ""},
    )
    assert record.title == "root"
    [use] = record.concepts
    assert (use.concept, use.role, use.pointer) == (terms.BATTERY, (terms.HAS_CASE,), "")


def test_a_chain_of_a_thousand_nodes_is_no_trouble() -> None:
    triples = [Triple(Iri(f"urn:{n}"), Iri(terms.HAS_CASE), Iri(f"urn:{n + 1}")) for n in range(1000)]
    triples.append(Triple(Iri("urn:1000"), Iri(RDF_TYPE), Iri(terms.BATTERY)))
    [use] = normalized(triples, {"urn:0": ""}).concepts
    assert len(use.role) == 1000
