"""The shapes of the profiles (`shapes/profiles/`): each finds what it is there for, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph
import pytest

from records.rdf import RDF_TYPE, Iri, Literal, Triple
from shapes.locate import code_of
from shapes.profiles import DEFAULT_SHAPES, PROFILES, Profile, files_of
from shapes.shacl_validator import ShaclValidator
from shapes.shape_facts import shapes_of

SH = "http://www.w3.org/ns/shacl#"
VS = "https://w3id.org/voltagraph/shapes#"
SCHEMA = "https://schema.org/"
EMMO = "https://w3id.org/emmo#"
ECHEM = "https://w3id.org/emmo/domain/electrochemistry#electrochemistry_"
XSD = "http://www.w3.org/2001/XMLSchema#"
DCAT_DATASET = "http://www.w3.org/ns/dcat#Dataset"
SPECIFICATION = "https://w3id.org/emmo/domain/battery#battery_1cfbba6c_8824_4932_a23e_2141483acef7"
HAS_PROPERTY = EMMO + "EMMO_e1097637_70d2_4895_973f_2396f04fa204"
HAS_NUMERICAL_PART = EMMO + "EMMO_8ef3cd6d_ae58_4a8d_9fc0_ad8f49015cd0"
HAS_NUMBER_VALUE = EMMO + "EMMO_faf79f53_749d_40b2_807c_d34244c192f4"
HAS_UNIT = EMMO + "EMMO_bed1d005_b04e_4a90_94cf_02bc678a8569"
RATED_CAPACITY = ECHEM + "9b3b4668_0795_4a35_9965_2af383497a26"
CAPACITY = ECHEM + "791c1915_a791_4450_acd8_7f94764743b5"
CYCLE_LIFE = ECHEM + "ae782b14_88ce_4cdd_9418_12aca00be937"
UPPER_VOLTAGE_LIMIT = ECHEM + "6dcd5baf_58cd_43f5_a692_51508e036c88"
NOMINAL_VOLTAGE = ECHEM + "639b844a_e801_436b_985d_28926129ead6"
HAS_POSITIVE_ELECTRODE = ECHEM + "8e9cf965_9f92_46e8_b678_b50410ce3616"
BATTERY = "https://w3id.org/emmo/domain/battery#battery_"
BATTERY_TEST = BATTERY + "dca7729a_421a_4921_90cf_9692bb9eb081"
HAS_TEST_OBJECT = BATTERY + "da3b3f28_aaad_4d67_b674_df47e109fb8b"
POUCH_CELL = BATTERY + "392b3f47_d62a_4bd4_a819_b58b09b8843a"
LITHIUM_ION = BATTERY + "96addc62_ea04_449a_8237_4cd541dd8e5f"
LITHIUM = BATTERY + "d63c6483_4b0c_4966_b152_976ab02a45ef"
IS_DESCRIPTION_FOR = EMMO + "EMMO_f702bad4_fc77_41f0_a26d_79f6444fd4f3"
MEASURED_PROPERTY = EMMO + "EMMO_873b0ab3_88e6_4054_b901_5531e01f14a4"
HAS_OUTPUT = EMMO + "EMMO_c4bace1d_4db0_4cd3_87e9_18122bae2840"
HAS_TASK = EMMO + "EMMO_70da982d_1810_4b01_9630_a28e216ecd9a"
MASS = EMMO + "EMMO_ed4af7ae_63a2_497e_bb88_2309619ea405"
PHYSICAL_QUANTITY = EMMO + "EMMO_02c0621e_a527_4790_8a0f_2bb51973c819"
PURE_NUMBER = EMMO + "EMMO_ba882f34_0d71_4e4f_9d92_0c076c633a2c"
PARENTS = {
    RATED_CAPACITY: [CAPACITY],
    CAPACITY: [PHYSICAL_QUANTITY],
    NOMINAL_VOLTAGE: [PHYSICAL_QUANTITY],
    MASS: [PHYSICAL_QUANTITY],
    LITHIUM_ION: [LITHIUM],
    CYCLE_LIFE: [PURE_NUMBER],
    PURE_NUMBER: [PHYSICAL_QUANTITY],
    UPPER_VOLTAGE_LIMIT: [PHYSICAL_QUANTITY],
}
Node = dict[str, object]


@pytest.fixture(scope="module")
def validator() -> ShaclValidator:
    return ShaclValidator(DEFAULT_SHAPES, lambda iri: PARENTS.get(iri, ()))


def a_quantity(kind: str = RATED_CAPACITY, number: object = 2.5, unit: object = Iri(EMMO + "AmpereHour")) -> Node:
    quantity: Node = {RDF_TYPE: Iri(kind), HAS_NUMERICAL_PART: {HAS_NUMBER_VALUE: number}}
    return quantity | ({HAS_UNIT: unit} if unit else {})


def a_specification(**changes: object) -> Node:
    """A specification that says all that is asked of one; *changes* are names of schema.org."""
    properties = [a_quantity(), a_quantity(NOMINAL_VOLTAGE, 3.6, Iri(EMMO + "Volt"))]
    described = {RDF_TYPE: [Iri(POUCH_CELL), Iri(LITHIUM_ION)]}
    whole = {RDF_TYPE: Iri(SPECIFICATION), HAS_PROPERTY: properties, IS_DESCRIPTION_FOR: described}
    return whole | {SCHEMA + name: value for name, value in ({"name": "X1", "manufacturer": "Maker"} | changes).items()}


def a_test(**changes: object) -> Node:
    """A battery test that says all that is asked of one."""
    whole = {"instrument": "Cycler 3", "startTime": "2026-03-01", "measurementTechnique": "cycling", "result": Iri("http://e/data")}
    named = {SCHEMA + name: value for name, value in ({"name": "A test"} | whole | changes).items() if value is not None}
    return {RDF_TYPE: Iri(BATTERY_TEST), HAS_TEST_OBJECT: Iri("http://e/cell"), **named}


def without(node: Node, *keys: str) -> Node:
    return {key: value for key, value in node.items() if key not in keys}


def triples(node: Node, subject: str = "http://e/x") -> list[Triple]:
    """The statements of nested dictionaries; lists are several values."""
    found: list[Triple] = []
    for predicate, value in node.items():
        for position, one in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(one, dict):
                part = f"{subject}/{len(predicate)}{predicate[-4:]}{position}"
                found += [Triple(subject, predicate, Iri(part)), *triples(one, part)]
            elif isinstance(one, Iri | Literal):
                found.append(Triple(subject, predicate, one))
            elif isinstance(one, float):
                found.append(Triple(subject, predicate, Literal(repr(one), XSD + "double")))
            else:
                found.append(Triple(subject, predicate, Literal(str(one))))
    return found


def findings(validator: ShaclValidator, node: Node) -> list[str]:
    return sorted({code_of(result.shape) for result in validator.validate(triples(node))})


def test_a_good_specification_has_no_finding(validator: ShaclValidator) -> None:
    assert findings(validator, a_specification()) == []


@pytest.mark.parametrize(
    ("node", "codes"),
    [
        ({RDF_TYPE: Iri(DCAT_DATASET)}, ["missing-name"]),
        ({SCHEMA + "manufacturer": {SCHEMA + "name": "Maker"}}, ["missing-name"]),
        (without(a_specification(), HAS_PROPERTY), ["no-properties"]),
        (without(a_specification(), SCHEMA + "manufacturer"), ["missing-manufacturer"]),
        (a_specification() | {HAS_PROPERTY: a_quantity()}, ["missing-nominal-voltage"]),
        (a_specification() | {HAS_PROPERTY: a_quantity(NOMINAL_VOLTAGE, 3.6, Iri(EMMO + "Volt"))}, ["missing-capacity"]),
        (a_specification() | {IS_DESCRIPTION_FOR: {RDF_TYPE: Iri(LITHIUM_ION)}}, ["missing-cell-format"]),
        (a_specification() | {IS_DESCRIPTION_FOR: {RDF_TYPE: Iri(POUCH_CELL)}}, ["missing-chemistry"]),
        ({SCHEMA + "name": "X", HAS_POSITIVE_ELECTRODE: Iri("http://e/p")}, ["missing-cell-format", "missing-manufacturer"]),
        (without(a_test(), HAS_TEST_OBJECT), ["missing-test-object"]),
        (a_test(measurementTechnique=None), ["missing-procedure"]),
        (a_test(instrument=None), ["missing-instrument"]),
        (a_test(startTime=None), ["missing-time"]),
        (a_test(result=None), ["missing-output"]),
        (a_quantity() | {RDF_TYPE: [Iri(RATED_CAPACITY), Iri(MEASURED_PROPERTY)]}, ["missing-conditions"]),
        ({SCHEMA + "value": 2.5}, ["value-without-unit"]),
        (a_quantity() | {HAS_NUMERICAL_PART: [{HAS_NUMBER_VALUE: 1.0}, {HAS_NUMBER_VALUE: 2.0}]}, ["several-numerical-parts"]),
        (a_quantity(unit="Ah"), ["unit-not-iri"]),
        (a_quantity(unit=[Iri(EMMO + "AmpereHour"), Iri(EMMO + "Coulomb")]), ["several-units"]),
        (a_quantity(unit=None), ["missing-unit"]),
        (a_quantity("http://localhost/Misspelt"), ["unknown-quantity-kind"]),
        ({RDF_TYPE: Iri(RATED_CAPACITY), HAS_UNIT: Iri(EMMO + "AmpereHour")}, ["unit-without-number"]),
        (a_quantity() | {HAS_NUMERICAL_PART: {RDF_TYPE: Iri(EMMO + "RealData")}}, ["missing-number"]),
        (a_quantity(number=[1.0, 2.0]), ["several-values"]),
        (a_quantity(number="2.5"), ["not-a-number"]),
        (a_quantity(number="NaN"), ["not-a-number"]),
        (a_quantity(number=Literal("INF", XSD + "double")), ["not-a-number"]),
        (a_quantity(number=""), ["not-a-number"]),
        (a_quantity(number=-2.5), ["negative-size"]),
        (a_quantity(UPPER_VOLTAGE_LIMIT, 4200.0, Iri(EMMO + "Volt")), ["voltage-limit-in-volt"]),
    ],
)
def test_each_fault_gives_its_finding_and_no_other(validator: ShaclValidator, node: Node, codes: list[str]) -> None:
    assert findings(validator, node) == codes


@pytest.mark.parametrize(
    "node",
    [
        a_quantity(CYCLE_LIFE, 1000.0, None),
        a_quantity(unit=None) | {SCHEMA + "unitText": "Ah"},
        a_quantity(unit=None) | {SCHEMA + "unitCode": "AMH"},
        a_quantity(number=0.0),
        a_quantity(number=Literal("1E-3", XSD + "double")),
        a_quantity(number=Literal("120000", XSD + "integer")),
        a_quantity(UPPER_VOLTAGE_LIMIT, 4.2, Iri(EMMO + "Volt")),
        a_quantity(UPPER_VOLTAGE_LIMIT, 4200.0, Iri(EMMO + "MilliVolt")),
        {RDF_TYPE: Iri(DCAT_DATASET), "http://purl.org/dc/terms/title": "T"},
        {RDF_TYPE: Iri("http://www.w3.org/ns/csvw#Column"), HAS_UNIT: Iri(EMMO + "Volt")},
        {RDF_TYPE: Iri(RATED_CAPACITY), SCHEMA + "value": 2.5, HAS_UNIT: Iri(EMMO + "AmpereHour")},
        {SCHEMA + "value": "a text"},
        {SCHEMA + "value": 2.5, SCHEMA + "unitText": "V"},
        a_specification(size="R18650") | {IS_DESCRIPTION_FOR: {RDF_TYPE: Iri(LITHIUM_ION)}},
        a_specification()
        | {IS_DESCRIPTION_FOR: {RDF_TYPE: Iri(POUCH_CELL)}, HAS_POSITIVE_ELECTRODE: {RDF_TYPE: Iri("http://e/LFP")}},
        a_test(),
        a_test(result=None) | {HAS_TASK: {HAS_OUTPUT: Iri("http://e/data")}},
        {HAS_TASK: {RDF_TYPE: Iri(BATTERY_TEST), SCHEMA + "name": "A step"}},
        {HAS_OUTPUT: a_quantity() | {RDF_TYPE: [Iri(RATED_CAPACITY), Iri(MEASURED_PROPERTY)]}},
        a_quantity(MASS, 0.07, Iri(EMMO + "Kilogram")) | {RDF_TYPE: [Iri(MASS), Iri(MEASURED_PROPERTY)]},
    ],
)
def test_what_is_right_in_another_way_has_no_finding(validator: ShaclValidator, node: Node) -> None:
    assert findings(validator, node) == []


@pytest.mark.parametrize("profile", PROFILES, ids=[profile.name for profile in PROFILES])
def test_every_shape_says_what_is_wrong_how_to_mend_it_why_and_how_grave_it_is(profile: Profile) -> None:
    found = shapes_of(profile)
    assert found
    for facts in found:
        assert facts.iri.startswith(VS)
        assert facts.message, facts.code
        assert facts.remedy.endswith("."), facts.code
        assert facts.reason.endswith("."), facts.code
        assert facts.group, facts.code


def test_every_shape_of_a_profile_has_a_message_or_is_a_part_of_one_that_has() -> None:
    """A shape without a message would tell the curator the name of a constraint."""
    graph = [quad.triple for file in files_of(PROFILES) for quad in pyoxigraph.parse(path=file)]
    named = {triple.subject.value for triple in graph if isinstance(triple.subject, pyoxigraph.NamedNode)}
    told = {facts.iri for profile in PROFILES for facts in shapes_of(profile)}
    shapes = {
        iri for iri in named if iri.startswith(VS) and any(t.predicate.value == SH + "or" and t.subject.value == iri for t in graph)
    }
    assert {iri.removeprefix(VS) for iri in shapes - told} == PARTS


PARTS = {"IsOfFormat", "IsOfChemistry", "DependsOnConditions", "IsMaterial", "IsAssembly"}
"""Shapes that only others ask."""


_OPAQUE = r"(\w+):((?:EMMO|electrochemistry|battery)_[\w-]+)"


def test_the_iris_in_the_files_are_what_their_comments_say(shared_data: Path) -> None:
    """``prefix:local ... # Term``: the IRI of a term of that label in the ontologies; each has such a comment somewhere."""
    labels: dict[str, set[str]] = {}
    for source in ("merged.ttl", "merged-extra.ttl"):
        for quad in pyoxigraph.parse(path=shared_data / "ontologies" / source):
            if quad.predicate.value.endswith("#prefLabel") and isinstance(quad.object, pyoxigraph.Literal):
                labels.setdefault(str(quad.subject), set()).add(quad.object.value)
    named, commented = set(), set()
    for file in files_of(PROFILES):
        text = file.read_text()
        prefixes = dict(re.findall(r"@prefix (\S+): <(\S+)>", text))
        named |= {f"<{prefixes[prefix]}{local}>" for prefix, local in re.findall(_OPAQUE, text)}
        for prefix, local, label in re.findall(_OPAQUE + r"[ .,;)\]]+# (\w+)$", text, re.MULTILINE):
            assert label in labels[f"<{prefixes[prefix]}{local}>"], (file.name, local, label)
            commented.add(f"<{prefixes[prefix]}{local}>")
    assert len(named) > 50
    assert named == commented
