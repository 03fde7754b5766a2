"""The shapes of the project (`shapes/core.ttl`): each finds what it is there for, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyoxigraph
import pytest

from records.rdf import RDF_TYPE, Iri, Literal, Triple
from shapes.locate import code_of
from shapes.shacl_validator import ShaclValidator
from shapes.shapes_file import DEFAULT_SHAPES

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
PHYSICAL_QUANTITY = EMMO + "EMMO_02c0621e_a527_4790_8a0f_2bb51973c819"
PURE_NUMBER = EMMO + "EMMO_ba882f34_0d71_4e4f_9d92_0c076c633a2c"
PARENTS = {
    RATED_CAPACITY: [CAPACITY],
    CAPACITY: [PHYSICAL_QUANTITY],
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
    return {RDF_TYPE: Iri(SPECIFICATION), SCHEMA + "name": "X1", HAS_PROPERTY: a_quantity(), **changes}


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
        ({RDF_TYPE: Iri(SPECIFICATION), SCHEMA + "model": "X1"}, ["no-properties"]),
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
    ],
)
def test_what_is_right_in_another_way_has_no_finding(validator: ShaclValidator, node: Node) -> None:
    assert findings(validator, node) == []


def shapes_with_message() -> dict[str, dict[str, str]]:
    by_shape: dict[str, dict[str, str]] = {}
    for quad in pyoxigraph.parse(path=DEFAULT_SHAPES):
        if isinstance(quad.subject, pyoxigraph.NamedNode) and isinstance(quad.object, pyoxigraph.NamedNode | pyoxigraph.Literal):
            by_shape.setdefault(quad.subject.value, {})[quad.predicate.value] = quad.object.value
    return {iri: facts for iri, facts in by_shape.items() if SH + "message" in facts}


def test_every_finding_says_what_is_wrong_how_to_mend_it_and_how_grave_it_is() -> None:
    shapes = shapes_with_message()
    assert len(shapes) > 10
    for iri, facts in shapes.items():
        what, separator, remedy = facts[SH + "message"].partition("; ")
        assert what, iri
        assert separator, iri
        assert remedy.endswith("."), iri
        assert facts[SH + "severity"].startswith(SH), iri
        assert facts["http://www.w3.org/2000/01/rdf-schema#comment"], iri
        assert facts[SH + "group"].startswith(VS), iri


def test_the_iris_in_the_file_are_what_their_comments_say(shared_data: Path) -> None:
    """``prefix:local ... # Term``: the term of the current battery context with this IRI."""
    terms = json.loads((shared_data / "contexts" / "domain-battery-0.20.2.json").read_text())["@context"]
    text = DEFAULT_SHAPES.read_text()
    prefixes = dict(re.findall(r"@prefix (\S+): <(\S+)>", text))
    checked = 0
    for prefix, local, term in re.findall(r"(\w+):((?:EMMO|electrochemistry|battery)_\w+)[ ,;\])]+# (\w+)", text):
        known = terms.get(term)
        if term == "PhysicalQuantity" or known:
            assert (known["@id"] if isinstance(known, dict) else known) == prefixes[prefix] + local
            checked += 1
    assert checked > 10
