"""The sample records that come with the program: they read cleanly, but for what their README names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

from harvester.normalize import Vocabulary
from harvester.reading import Read, Reader
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.facts import packaged_facts
from ontology.units import Units
from records.record import Payload, Record
from records.rights import PUBLIC, Rights
from shapes.profiles import DEFAULT_PROFILES, PROFILES, Checks, Profile, always, files_of, named_profiles
from shapes.reader import Limits
from shapes.shacl_validator import ShaclValidator
from shapes.shape_facts import shapes_of

REPOSITORY = Path(__file__).resolve().parents[3]
SAMPLES = REPOSITORY / "app" / "samples"
FILES = sorted(path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*.jsonld"))
MISTAKES = {
    "materials/silicon-graphite-half-cell.jsonld": "hasActiveMateral",
    "cells/yinlong-lto-40ah.jsonld": "unit",
}
INCOMPLETE = {"cells/catl-sodium-ion-gen1.jsonld": {"missing-capacity", "missing-nominal-voltage"}}
PLANNED = {
    "experiment": "experiments/nmc-graphite-coin-cell-ageing.jsonld",
    "computation": "computations/dfn-discharge.jsonld",
    "ml-model": "models/remaining-life-network.jsonld",
}
"""The complete record for each profile of a data management plan."""
NEEDS_MORE = {"material-without-identifier", "missing-assembly", "output-without-type", "code-without-version", "missing-procedure"}
"""Findings about a part of it, or that its types answer."""


@cache
def packaged_contexts() -> Contexts:
    return Contexts.from_terms(packaged_facts().terms)


@cache
def reader(contexts: Contexts, profiles: tuple[Profile, ...] = named_profiles(DEFAULT_PROFILES)) -> Reader:
    facts = packaged_facts()

    def parents(iri: str) -> Iterable[str]:
        concept = facts.concepts.get(iri)
        return concept.parents if concept else ()

    return Reader(
        base_iri="http://localhost:8000/records/",
        contexts=contexts,
        vocabulary=Vocabulary(Concepts(facts), Units(facts)),
        checks=always(Checks(ShaclValidator(files_of(profiles), parents=parents))),
        limits=Limits(),
    )


def read(file: str, contexts: Contexts) -> Read:
    payload = Payload((SAMPLES / file).read_bytes())
    return reader(contexts).read(f"samples/{file}", "samples", file, "", Rights(PUBLIC, PUBLIC), payload)


def record_of(file: str) -> Record:
    record = read(file, packaged_contexts()).record
    assert record is not None, file
    return record


@pytest.fixture(scope="module", params=["packaged", "full"])
def contexts(request: pytest.FixtureRequest) -> Contexts:
    """The contexts of a machine without any download, and the real ones."""
    if request.param == "packaged":
        return packaged_contexts()
    data: Path = request.getfixturevalue("shared_data")
    return Contexts.from_directory(data / "contexts")


def test_there_are_enough_to_search_in() -> None:
    assert len(FILES) >= 40


@pytest.mark.parametrize("file", FILES)
def test_a_sample_has_a_title_concepts_and_no_finding_but_the_deliberate_one(file: str, contexts: Contexts) -> None:
    result = read(file, contexts)
    assert result.record is not None, result.issues
    assert result.record.title.endswith(json.loads((SAMPLES / file).read_text())["schema:name"])
    assert result.record.concepts
    if file in MISTAKES:
        [issue] = result.issues
        assert MISTAKES[file] in f"{issue.message} {issue.remedy}"
        assert issue.line > 1
    else:
        assert {issue.code for issue in result.issues} == INCOMPLETE.get(file, set()), result.issues


@pytest.mark.parametrize(("profile", "file"), PLANNED.items())
def test_a_sample_of_a_data_management_plan_has_all_that_the_plan_asks(profile: str, file: str, contexts: Contexts) -> None:
    [asked] = named_profiles([profile])
    content = (SAMPLES / file).read_bytes()
    with_all = reader(contexts, PROFILES).check(content, file, "http://localhost:8000/records/samples/x", "samples")
    assert with_all.issues == ()
    empty = json.loads(content)
    empty = {key: empty[key] for key in ("@context", "@type", "schema:name")}
    missing = reader(contexts, (asked,)).check(
        json.dumps(empty).encode(), file, "http://localhost:8000/records/samples/x", "samples"
    )
    assert {issue.code for issue in missing.issues} == {facts.code for facts in shapes_of(asked)} - NEEDS_MORE


@pytest.mark.parametrize("file", FILES)
def test_every_quantity_of_a_sample_converts(file: str, contexts: Contexts) -> None:
    record = read(file, contexts).record
    assert record is not None
    unconverted = [quantity for quantity in record.quantities if quantity.base_value is None and quantity.unit]
    assert unconverted == []


def test_the_readme_names_the_mistakes_and_the_descriptions_do_not() -> None:
    readme = (SAMPLES / "README.md").read_text()
    assert all(file in readme for file in INCOMPLETE)
    for file in MISTAKES:
        assert file in readme
        description = json.loads((SAMPLES / file).read_text())["schema:description"]
        assert not any(word in description.lower() for word in ("mistake", "misspel", "wrong", "unit"))


def matching(condition: Callable[[Record], bool]) -> list[str]:
    return [file for file in FILES if condition(record_of(file))]


def test_at_least_four_prismatic_lfp_cells_have_more_than_100_ah_in_several_spellings() -> None:
    facts = packaged_facts()
    lfp, prismatic = facts.terms["LithiumIronPhosphate"][0], facts.terms["PrismaticCase"][0]
    spellings: set[str] = set()

    def fits(record: Record) -> bool:
        used = {use.concept for use in record.concepts}
        large = [q.unit for q in record.quantities if q.dimension == "T·I" and q.base_value is not None and q.base_value > 360_000]
        if {lfp, prismatic} <= used and large:
            spellings.update(large)
            return True
        return False

    assert len(matching(fits)) >= 4
    assert len(spellings) >= 3


@pytest.mark.parametrize("file", FILES)
def test_a_sample_is_laid_out_with_two_spaces(file: str) -> None:
    text = (SAMPLES / file).read_text()
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
