"""Every way to write a quantity gives the same view; no number of a real document is lost or told twice."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.jsonld import to_triples
from harvester.normalize import Vocabulary, contents_of
from harvester.quantities import MAX_CONDITIONS, MAX_QUANTITIES
from ontology import terms
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.expansion import Expander, Reading
from ontology.facts import packaged_facts
from ontology.former import NAMESPACES
from ontology.units import Units
from records.issues import Issue
from records.rdf import Iri, Literal, Triple
from records.record import Condition, Quantity, Spread
from shapes.reader import Document, read_document

CONTEXT = "https://w3id.org/emmo/domain/battery/context"
PREFIXES = {
    "schema": "https://schema.org/",
    "battinfo": "https://w3id.org/battinfo/",
    "chameo": "https://w3id.org/emmo/domain/characterisation-methodology/chameo#",
}
PLAIN = {
    **PREFIXES,
    "value": "schema:value",
    "unit": "schema:unitText",
    "min_value": "schema:minValue",
    "max_value": "schema:maxValue",
    "standard_deviation": "battinfo:standardDeviation",
    "conditions": "battinfo:conditions",
    "ambient_temperature": "battinfo:ambientTemperature",
    "nominal_capacity": terms.NOMINAL_CAPACITY,
    "c_rate": "https://w3id.org/emmo/domain/electrochemistry#electrochemistry_e1fd84eb_acdb_4b2c_b90c_e899d552a3ee",
    "property": "@nest",
}
"""The terms of BattINFO's plain records, as its context defines them."""


@cache
def vocabulary() -> Vocabulary:
    facts = packaged_facts()
    return Vocabulary(Concepts(facts), Units(facts))


@cache
def expander() -> Expander:
    return Expander(Contexts.from_terms(packaged_facts().terms))


def label(iri: str) -> str:
    return vocabulary().concepts.label(iri)


def quantities(document: Document, reading: Reading) -> tuple[Quantity, ...]:
    statements = to_triples(reading, "https://example.org/a")
    before = list(statements.triples)
    found = contents_of(
        statements.triples, statements.pointers, lambda pointer: document.place(pointer)[0], vocabulary()
    ).quantities
    assert list(statements.triples) == before  # what is asserted stays as it is
    return found


def read(document: dict[str, Any], *, context: object = None) -> tuple[Quantity, ...]:
    whole = {"@context": [CONTEXT, PREFIXES] if context is None else context, "@type": "BatteryCell", **document}
    parsed = read_document(json.dumps(whole, indent=1).encode(), "a.json")
    assert not isinstance(parsed, Issue)
    reading = expander().expand(parsed, "https://example.org/a")
    assert not isinstance(reading, Issue), reading
    return quantities(parsed, reading)


def one(node: dict[str, Any], key: str = "hasProperty", *, context: object = None) -> Quantity:
    [found] = read({key: node}, context=context)
    return found


def emmo(kind: str | list[str], value: object, unit: str | None = None, **more: object) -> dict[str, Any]:
    node: dict[str, Any] = {"@type": kind, "hasNumericalPart": {"@type": "RealData", "hasNumberValue": value}, **more}
    return node if unit is None else {**node, "hasMeasurementUnit": unit}


def kinds(quantity: Quantity | Condition) -> list[str]:
    """Labels of what it is a quantity of."""
    return [label(kind) for kind in quantity.kinds if kind not in terms.PROPERTY_KINDS and "schema.org" not in kind]


# --- the ways to write it


def in_emmo(name: str, value: float, unit: str) -> tuple[Quantity, ...]:
    return read({"hasProperty": emmo([name, "ConventionalProperty"], value, unit)})


def in_older_emmo(name: str, value: float, unit: str) -> tuple[Quantity, ...]:
    part = {"@type": "Real", "hasNumericalValue": value}
    return read({"hasProperty": {"@type": name, "hasNumericalPart": part, "hasMeasurementUnit": unit}})


def with_unit_text(name: str, value: float, unit: str) -> tuple[Quantity, ...]:
    return read({"hasProperty": {**emmo(name, value), "schema:unitText": unit}})


def with_unit_node(name: str, value: float, unit: str) -> tuple[Quantity, ...]:
    return read({"hasProperty": {**emmo(name, value), "hasMeasurementUnit": {"@type": unit}}})


def in_schema_org(name: str, value: float, unit: str) -> tuple[Quantity, ...]:
    node = {"@type": ["schema:PropertyValue", name], "schema:value": value, "schema:unitText": unit}
    return read({"schema:additionalProperty": node})


def by_name(name: str, value: float, unit: str) -> tuple[Quantity, ...]:
    node = {"@type": "schema:PropertyValue", "schema:name": name, "schema:value": value, "schema:unitText": unit}
    return read({"schema:additionalProperty": node})


def in_schema_org_with_http(name: str, value: float, unit: str) -> tuple[Quantity, ...]:
    node = {"@type": name, "http://schema.org/value": value, "http://schema.org/unitText": unit}
    return read({"http://schema.org/additionalProperty": node})


def in_a_quantitative_value(name: str, value: float, unit: str) -> tuple[Quantity, ...]:
    inner = {"@type": "schema:QuantitativeValue", "schema:value": value, "schema:unitText": unit}
    return read({"hasProperty": {"@type": name, "schema:value": inner}})


def in_plain_records(name: str, value: float, unit: str) -> tuple[Quantity, ...]:
    key = packaged_facts().terms[name][0]
    return read({"property": {"key": {"value": value, "unit": unit}}}, context=[CONTEXT, {**PLAIN, "key": key}])


def flattened(name: str, value: float, unit: str) -> tuple[Quantity, ...]:
    nodes = [
        {"@id": "urn:cell", "@type": "BatteryCell", "hasProperty": {"@id": "urn:q"}},
        {"@id": "urn:q", "@type": name, "hasNumericalPart": {"@id": "urn:n"}, "hasMeasurementUnit": unit},
        {"@id": "urn:n", "@type": "RealData", "hasNumberValue": value},
    ]
    return read({"@graph": nodes})


OLD = {
    "emmo": NAMESPACES["emmo-old"],
    "battinfo": NAMESPACES["battinfo-old"],
    "hasProperty": {"@id": "emmo:EMMO_e1097637_70d2_4895_973f_2396f04fa204", "@type": "@id"},
    "hasQuantityValue": {"@id": "emmo:EMMO_8ef3cd6d_ae58_4a8d_9fc0_ad8f49015cd0", "@type": "@id"},
    "hasReferenceUnit": {"@id": "emmo:EMMO_67fc0a36_8dcb_4ffa_9a43_31074efa3296", "@type": "@id"},
    "hasNumericalData": "emmo:EMMO_faf79f53_749d_40b2_807c_d34244c192f4",
    "RatedCapacity": "battinfo:EMMO_df6bdaa9_5275_4a02_a592_adafd4e5c3c3",
    "Mass": "emmo:EMMO_ed4af7ae_63a2_497e_bb88_2309619ea405",
}
"""BattINFO 0.3."""
OLD_UNITS = {
    "Coulomb": "emmo:EMMO_696ed548_9477_45ea_993c_6a8f5271914a",
    "Gram": "emmo:EMMO_f992dc76_f9a6_45f6_8873_c8e20d16fbbe",
    "Kilogram": "emmo:EMMO_9bfd6f1e_b0ce_459c_beb7_8f1f41708bba",
}


def in_battinfo_0_3(name: str, value: float, unit: str) -> tuple[Quantity, ...]:
    node = {"@type": name, "hasQuantityValue": {"hasNumericalData": value}, "hasReferenceUnit": OLD_UNITS[unit]}
    return read({"@type": [], "hasProperty": node}, context=OLD)


IRI = "https://w3id.org/emmo#"
SPELLED = {
    "Coulomb": ("https://w3id.org/emmo#Coulomb", "A.s"),
    "Gram": ("https://w3id.org/emmo#Gram", "g"),
    "Kilogram": ("https://w3id.org/emmo#Kilogram", "kg"),
}
numbers = st.one_of(
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12),
)


@given(
    value=numbers,
    measure=st.sampled_from([("RatedCapacity", "Coulomb"), ("Mass", "Gram"), ("Mass", "Kilogram")]),
)
def test_every_dialect_gives_the_same_view(value: float, measure: tuple[str, str]) -> None:
    name, unit = measure
    iri, text = SPELLED[unit]
    [expected] = in_emmo(name, value, iri)
    assert expected.value == value
    for dialect, written in [
        *((dialect, iri) for dialect in (in_older_emmo, with_unit_node, flattened)),
        *(
            (dialect, text)
            for dialect in (
                with_unit_text,
                in_schema_org,
                in_schema_org_with_http,
                by_name,
                in_a_quantitative_value,
                in_plain_records,
            )
        ),
        (in_battinfo_0_3, unit),
    ]:
        [found] = dialect(name, value, written)
        assert kinds(found) == [name], dialect.__name__
        assert (found.value, found.base_unit, found.dimension) == (value, expected.base_unit, expected.dimension), dialect.__name__
        assert found.base_value is not None
        assert expected.base_value is not None
        assert math.isclose(found.base_value, expected.base_value, rel_tol=1e-12), dialect.__name__


# --- numbers


@pytest.mark.parametrize(
    "node",
    [
        emmo("Mass", "5", "Gram"),
        emmo("Mass", [5], "Gram"),
        emmo("Mass", {"@list": [5]}, "Gram"),
        emmo("Mass", {"@value": "5", "@type": "http://www.w3.org/2001/XMLSchema#double"}, "Gram"),
        {"@type": "Mass", "hasNumberValue": 5, "hasMeasurementUnit": "Gram"},
        {"@type": "Mass", "hasStringValue": "5", "hasMeasurementUnit": "Gram"},
        {"@type": "Mass", "hasNumericalPart": {"hasStringValue": "5"}, "hasMeasurementUnit": "Gram"},
        {"@type": "Mass", "hasNumericalPart": {"hasNumberValue": 5, "hasMeasurementUnit": "Gram"}},
        {**emmo("Mass", 5, "Gram"), "schema:value": 5},
        {**emmo("Mass", 5, "Gram"), "schema:value": "about 5 g"},
    ],
)
def test_a_number_is_read_once_wherever_it_stands(node: dict[str, Any]) -> None:
    assert (one(node).value, one(node).base_value) == (5.0, 0.005)


def test_the_numbers_of_a_list_are_quantities_in_their_order() -> None:
    found = read({"hasProperty": emmo("Mass", {"@list": [3, 1, 2]}, "Gram")})
    assert [quantity.value for quantity in found] == [3.0, 1.0, 2.0]


def test_a_list_that_comes_back_to_itself_ends() -> None:
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    circle = {"@id": "urn:l", f"{rdf}first": 4, f"{rdf}rest": {"@id": "urn:l"}}
    document = {"hasProperty": {"@type": "Mass", "schema:value": {"@id": "urn:l"}}, "schema:about": circle}
    assert [quantity.value for quantity in read(document)] == [4.0]


@pytest.mark.parametrize(
    "document",
    [
        {"schema:identifier": {"@type": "schema:PropertyValue", "schema:propertyID": "batch_id", "schema:value": "025"}},
        {"hasProperty": {"@type": "Mass", "hasStringValue": "5"}},
        {"hasProperty": {"@type": "Mass", "schema:value": "5-8 (1 kHz)"}},
        {"hasProperty": {"@type": "Mass", "schema:value": "1_000"}},
        {"hasProperty": {"@type": "Mass", "schema:value": True}},
        {"hasProperty": {"@type": "Mass", "schema:minValue": "NaN"}},
    ],
)
def test_what_is_a_name_or_no_number_is_no_quantity(document: dict[str, Any]) -> None:
    assert read(document) == ()


# --- kinds


def test_a_deprecated_class_is_read_as_its_replacement() -> None:
    facts = packaged_facts()
    old, new = next(
        (iri, concept.replaced_by)
        for iri, concept in facts.concepts.items()
        if concept.deprecated and concept.replaced_by and concept.replaced_by != iri and iri.endswith("#Ampere") is False
    )
    [found] = read({"hasProperty": emmo(old, 1)})
    assert found.kinds == (new,)


def test_the_key_tells_the_kind_when_the_class_does_not() -> None:
    found = one({"value": 2.5, "unit": "Ah"}, "nominal_capacity", context=[CONTEXT, PLAIN])
    assert (kinds(found), found.base_value) == (["NominalCapacity"], 9000.0)


@pytest.mark.parametrize(
    ("name", "unit", "kind"),
    [
        ("state_of_charge", "%", "StateOfCharge"),
        ("State of charge", "%", "StateOfCharge"),
        ("nominal voltage", "mV", "NominalVoltage"),
        ("ambient temperature", "degC", "AmbientCelsiusTemperature"),
        ("temperature", "degC", "ThermodynamicTemperature"),
    ],
)
def test_a_name_tells_the_kind_when_the_class_does_not(name: str, unit: str, kind: str) -> None:
    [found] = by_name(name, 3, unit)
    assert kinds(found) == [kind]
    assert found.name == ""


@pytest.mark.parametrize(("name", "unit"), [("mass", "V"), ("mass of the whole lot", "g"), ("voltage", "no unit of anything")])
def test_a_name_that_is_no_label_or_contradicts_the_unit_stays_a_name(name: str, unit: str) -> None:
    [found] = by_name(name, 3, unit)
    assert (kinds(found), found.name) == ([], name)


def test_a_key_that_no_ontology_has_is_a_name() -> None:
    found = one(
        {"value": 25, "unit": "degC"},
        "ambient_temp",
        context=[CONTEXT, {**PLAIN, "ambient_temp": "https://example.org/ambientTemp"}],
    )
    assert (kinds(found), found.name, found.base_value) == ([], "ambientTemp", 298.15)


# --- spread


def spread(node: dict[str, Any]) -> Spread:
    found = one(node, context=[CONTEXT, PLAIN]).spread
    assert found is not None
    return found


GRAMS = {"@type": "Mass", "schema:value": 70, "schema:unitText": "g"}


def reference(name: str, value: object, unit: str | None = None) -> dict[str, Any]:
    node = {"@type": "schema:PropertyValue", "schema:propertyID": name, "schema:value": value}
    return {"schema:valueReference": node if unit is None else {**node, "schema:unitText": unit}}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"schema:minValue": 60, "schema:maxValue": 80}, Spread(60, 80, None, 0.06, 0.08)),
        ({"min_value": "60"}, Spread(60, None, None, 0.06)),
        ({"standard_deviation": 2}, Spread(deviation=2, base_deviation=0.002)),
        (reference("standard_deviation", 2, "g"), Spread(deviation=2, base_deviation=0.002)),
        (reference("standard_deviation", 2), Spread(deviation=2, base_deviation=0.002)),
        (reference("standard_deviation", 0.002, "kg"), Spread(deviation=2, base_deviation=0.002)),
        (reference("max_value", 0.08, "kg"), Spread(maximum=80, base_maximum=0.08)),
        (
            {"schema:marginOfError": {"@type": "schema:QuantitativeValue", "schema:value": 2}},
            Spread(deviation=2, base_deviation=0.002),
        ),
        (
            {"hasMetrologicalUncertainty": emmo("MetrologicalUncertainty", 2, "Gram")},
            Spread(deviation=2, base_deviation=0.002),
        ),
    ],
)
def test_a_spread_is_read_in_every_spelling(more: dict[str, Any], expected: Spread) -> None:
    found = spread({**GRAMS, **more})
    for name in Spread.__dataclass_fields__:
        assert getattr(found, name) == pytest.approx(getattr(expected, name)), name


def test_a_deviation_of_a_temperature_is_a_difference() -> None:
    node = {"@type": "CelsiusTemperature", "schema:value": 25, "schema:unitText": "degC", "standard_deviation": 2, "min_value": 20}
    assert (spread(node).base_deviation, spread(node).base_minimum) == (2.0, 293.15)


def test_a_deviation_in_another_dimension_is_no_spread() -> None:
    assert one({**GRAMS, **reference("standard_deviation", 5, "%")}).spread is None


def test_a_range_without_a_value_is_a_quantity_found_by_its_ends() -> None:
    found = one({"@type": "Mass", "schema:minValue": 60, "schema:maxValue": 80, "schema:unitText": "g"})
    assert (found.value, found.base_value, found.base_unit, found.dimension) == (None, None, "kg", "M")
    assert found.base_values == pytest.approx((0.06, 0.08))


def test_the_number_of_a_spread_is_no_quantity_of_its_own() -> None:
    assert len(read({"hasProperty": {**GRAMS, **reference("standard_deviation", 2)}})) == 1


# --- conditions


def conditions(document: dict[str, Any], *, context: object = None) -> list[tuple[list[str], float, float | None]]:
    found = next(quantity for quantity in read(document, context=context) if quantity.conditions)
    return [(kinds(condition), condition.value, condition.base_value) for condition in found.conditions]


AT_25 = emmo("CelsiusTemperature", 25, "https://w3id.org/emmo#DegreeCelsius")
AT_25_READ = (["CelsiusTemperature"], 25.0, 298.15)


@pytest.mark.parametrize("key", ["hasMeasurementParameter", "hasProperty", "hasControlParameter", "schema:valueReference"])
def test_conditions_stand_on_the_same_node(key: str) -> None:
    assert conditions({"hasProperty": emmo("RatedCapacity", 2.5, "AmpereHour", **{key: AT_25})}) == [AT_25_READ]


def test_a_condition_is_a_quantity_of_its_own_too_with_its_place() -> None:
    capacity, temperature = read({"hasProperty": emmo("RatedCapacity", 2.5, "AmpereHour", hasMeasurementParameter=AT_25)})
    [condition] = capacity.conditions
    assert (condition.pointer, condition.line) == (temperature.pointer, temperature.line)
    assert condition.pointer == "/hasProperty/hasMeasurementParameter"
    assert temperature.conditions == ()


def test_what_stands_beside_a_quantity_is_no_condition_of_it() -> None:
    found = read({"hasProperty": [emmo("RatedCapacity", 2.5, "AmpereHour"), AT_25], "hasMeasurementParameter": AT_25})
    assert [quantity.conditions for quantity in found] == [(), (), ()]


def test_the_parameters_of_the_process_that_gave_a_quantity_are_its_conditions() -> None:
    process = {"@type": "ConstantCurrentDischarging", "hasMeasurementParameter": AT_25, "hasTestObject": {"@type": "BatteryCell"}}
    assert conditions({"hasProperty": emmo("RatedCapacity", 2.5, "AmpereHour", isOutputOf=process)}) == [AT_25_READ]
    forward = {"@id": "urn:p", **process, "hasOutput": {"@id": "urn:q"}}
    assert conditions({"@graph": [forward, {"@id": "urn:q", **emmo("RatedCapacity", 2.5, "AmpereHour")}]}) == [AT_25_READ]
    named = {"@id": "urn:q", **emmo("RatedCapacity", 2.5, "AmpereHour"), terms.IS_OUTPUT_OF: {"@id": "urn:p"}}
    assert conditions({"@graph": [{"@id": "urn:p", **process}, named]}) == [AT_25_READ]


def test_conditions_of_plain_records_are_read() -> None:
    group = {"ambient_temperature": {"value": 25, "unit": "degC"}, "c_rate": {"value": 0.2, "unit": "C"}}
    node = {"value": 2.5, "unit": "Ah", "conditions": group, "c_rate": {"value": 0.5, "unit": "C"}}
    found = conditions({"property": {"nominal_capacity": node}}, context=[CONTEXT, PLAIN])
    assert [(names, value) for names, value, _ in found] == [
        (["AmbientCelsiusTemperature"], 25.0),
        (["CRate"], 0.2),
        (["CRate"], 0.5),
    ]


def test_quantities_that_name_each_other_end() -> None:
    nodes = [
        {"@id": "urn:a", **emmo("Mass", 1, "Gram"), "hasProperty": {"@id": "urn:b"}},
        {
            "@id": "urn:b",
            **emmo("Volume", 2, "Litre"),
            "hasProperty": [{"@id": "urn:a"}, {"@id": "urn:b"}],
            "isOutputOf": {"@id": "urn:b"},
        },
    ]
    found = read({"@graph": nodes})
    assert [[condition.value for condition in quantity.conditions] for quantity in found] == [[2.0], [1.0]]


# --- limits


def test_many_nodes_that_share_many_numbers_give_so_many_quantities_and_no_more() -> None:
    part = Iri("urn:part")
    triples = [Triple(Iri(f"urn:{n}"), Iri(terms.HAS_NUMERICAL_PART), part) for n in range(400)]
    triples += [Triple(part, Iri(terms.HAS_NUMBER_VALUE), Literal(str(n))) for n in range(400)]
    assert len(contents_of(triples, {}, lambda _: 1, vocabulary()).quantities) == MAX_QUANTITIES


def test_a_quantity_keeps_so_many_conditions_and_no_more() -> None:
    many = [emmo("Mass", number, "Gram") for number in range(MAX_CONDITIONS + 10)]
    first, *others = read({"hasProperty": emmo("RatedCapacity", 2.5, "AmpereHour", hasMeasurementParameter=many)})
    assert (len(first.conditions), len(others)) == (MAX_CONDITIONS, MAX_CONDITIONS + 10)


# --- real documents


FOLDERS = (
    *("battinfo-converter", "battinfo-examples", "battinfo-native", "battinfo-records", "battinfo-records-staging"),
    *("cellinfo", "domain-battery", "domain-electrochemistry"),
)
NUMBER_KEYS = frozenset(("hasNumberValue", "hasNumericalValue", "schema:value"))


def numbers_of(value: Any, pointer: str = "", holder: str = "") -> Iterator[tuple[str, str, float]]:
    """Every number in a position where a quantity has it: pointer, pointer of the quantity's node, number."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "@context":
                continue
            place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            if key in NUMBER_KEYS and isinstance(item, int | float) and not isinstance(item, bool):
                yield place, holder or pointer, float(item)
            elif key in NUMBER_KEYS and isinstance(item, str) and holder and item.replace(".", "", 1).isdigit():
                yield place, holder, float(item)
            else:
                yield from numbers_of(item, place, pointer if key == "hasNumericalPart" else "")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from numbers_of(item, f"{pointer}/{index}")


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_number_of_a_real_document_is_in_the_view_exactly_once(folder: str, shared_data: Path) -> None:
    seen = 0
    for path in sorted((shared_data / "jsonld" / folder).iterdir()):
        document = read_document(path.read_bytes(), path.name)
        reading = document if isinstance(document, Issue) else expander().expand(document, "https://example.org/a")
        if isinstance(document, Issue) or isinstance(reading, Issue):
            continue  # refused, and the finding says why
        lost = [issue.pointer for issue in reading.issues if issue.code == "undefined-term"]
        written = Counter(
            (holder, number)
            for pointer, holder, number in numbers_of(document.value)
            if not any(pointer.startswith(f"{above}/") for above in lost)
        )
        found = Counter((quantity.pointer, quantity.value) for quantity in quantities(document, reading))
        assert found == written, path.name
        seen += sum(found.values())
    assert seen > 0


def test_the_conditions_of_real_documents_are_read(shared_data: Path) -> None:
    found = Counter[str]()
    for folder in ("battinfo-examples", "domain-electrochemistry"):
        for path in sorted((shared_data / "jsonld" / folder).iterdir()):
            document = read_document(path.read_bytes(), path.name)
            reading = document if isinstance(document, Issue) else expander().expand(document, "https://example.org/a")
            assert not isinstance(document, Issue)
            assert not isinstance(reading, Issue)
            for quantity in quantities(document, reading):
                found.update(name for condition in quantity.conditions for name in kinds(condition))
    assert found == {"CRate": 9, "CelsiusTemperature": 7, "LowerVoltageLimit": 7, "UpperVoltageLimit": 7}


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_of_real_documents_does_not_convert_has_a_reason(folder: str, shared_data: Path) -> None:
    language_c = "https://w3id.org/emmo#EMMO_36a9bf69_483b_42fd_8a0c_7ac9206320bc"
    reasons = Counter[str]()
    for path in sorted((shared_data / "jsonld" / folder).iterdir()):
        document = read_document(path.read_bytes(), path.name)
        reading = document if isinstance(document, Issue) else expander().expand(document, "https://example.org/a")
        if isinstance(document, Issue) or isinstance(reading, Issue):
            continue
        for quantity in quantities(document, reading):
            if quantity.base_value is None:
                reasons[{language_c: "programming language", "": "no unit"}.get(quantity.unit, quantity.unit)] += 1
    assert reasons.keys() <= {"programming language", "no unit"}
