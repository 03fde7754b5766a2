"""Versioned contexts and what terms mean under them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ontology.active_context import ActiveContext, ContextFault
from ontology.contexts import BATTERY_CONTEXT, Contexts, ContextVersion
from ontology.iris import is_absolute, resolve
from records.errors import OntologyError, SettingsError

EMMO = "https://w3id.org/emmo#"


def a_directory(path: Path, catalogue: Any = None, **files: Any) -> Path:
    for name, context in files.items():
        (path / f"{name}.json").write_text(json.dumps({"@context": context}))
    if catalogue is not None:
        (path / "contexts.json").write_text(json.dumps(catalogue))
    return path


def test_the_catalogue_gives_addresses_versions_and_pins(tmp_path: Path) -> None:
    catalogue = {
        "map": {"https://x.org/c": "new.json"},
        "alternates": {"https://x.org/c": ["new.json", "old-1.2-beta.json"]},
        "recommended_for_source": {"cells": {"https://x.org/c": "old-1.2-beta.json"}},
    }
    a_directory(tmp_path, catalogue, new={"a": "https://x.org/a"})
    (tmp_path / "old-1.2-beta.json").write_text('{"@context": {}}')
    contexts = Contexts.from_directory(tmp_path)
    assert contexts.addresses == ("https://x.org/c",)
    assert [(version.name, version.version) for version in contexts.versions("https://x.org/c")] == [
        ("new.json", ""),
        ("old-1.2-beta.json", "1.2-beta"),
    ]
    assert contexts.pins_for("cells") == {"https://x.org/c": "old-1.2-beta.json"}
    assert contexts.pins_for("others") == {}
    assert contexts.version("https://x.org/c", "1.2-beta").content == {}


def test_an_address_is_the_same_with_http_a_slash_or_a_fragment(tmp_path: Path) -> None:
    contexts = Contexts.from_terms({})
    for address in ("http://w3id.org/emmo/domain/battery/context", f"{BATTERY_CONTEXT}/", f"{BATTERY_CONTEXT}#"):
        assert contexts.versions(address) == contexts.versions(BATTERY_CONTEXT) != ()


def test_without_a_catalogue_known_file_names_are_taken_newest_first(tmp_path: Path) -> None:
    for version in ("0.9.1", "0.20.2", "0.14.0-beta"):
        (tmp_path / f"domain-battery-{version}.json").write_text('{"@context": {}}')
    names = [version.name for version in Contexts.from_directory(tmp_path).versions(BATTERY_CONTEXT)]
    assert names == ["domain-battery-0.20.2.json", "domain-battery-0.14.0-beta.json", "domain-battery-0.9.1.json"]


def test_files_are_read_when_they_are_used_and_not_before(tmp_path: Path) -> None:
    a_directory(tmp_path, {"map": {"https://x.org/c": "c.json"}}, c={})
    contexts = Contexts.from_directory(tmp_path)
    (tmp_path / "c.json").write_text('{"@context": {"late": "https://x.org/late"}}')
    assert contexts.versions("https://x.org/c")[0].content == {"late": "https://x.org/late"}


@pytest.mark.parametrize(
    ("catalogue", "part"),
    [
        ({"map": {"https://x.org/c": "absent.json"}}, "absent.json"),
        ({"map": {"https://x.org/c": "../c.json"}}, "../c.json"),
        ({"map": []}, "does not describe"),
        ([], "does not describe"),
    ],
)
def test_a_catalogue_that_names_what_is_not_there_is_refused(tmp_path: Path, catalogue: Any, part: str) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "c.json").write_text("{}")
    a_directory(tmp_path / "inner", catalogue)
    with pytest.raises(OntologyError, match=part):
        Contexts.from_directory(tmp_path / "inner")


def test_a_directory_without_contexts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="No known context file"):
        Contexts.from_directory(tmp_path)
    with pytest.raises(OntologyError, match="no directory"):
        Contexts.from_directory(tmp_path / "absent")


def test_a_file_that_is_not_the_one_described_is_refused(tmp_path: Path) -> None:
    a_directory(tmp_path, {"map": {"https://x.org/c": "c.json"}, "files": [{"file": "c.json", "sha256": "0" * 64}]}, c={})
    with pytest.raises(OntologyError, match=r"not the one that contexts\.json describes"):
        _ = Contexts.from_directory(tmp_path).versions("https://x.org/c")[0].content


def test_the_fingerprint_changes_with_any_file(tmp_path: Path) -> None:
    a_directory(tmp_path, {"map": {"https://x.org/c": "c.json"}}, c={})
    before = Contexts.from_directory(tmp_path).fingerprint
    assert Contexts.from_directory(tmp_path).fingerprint == before
    a_directory(tmp_path, c={"a": "https://x.org/a"})
    assert Contexts.from_directory(tmp_path).fingerprint != before


def test_a_later_definition_of_a_prefix_does_not_change_terms_defined_before() -> None:
    first = ActiveContext({"p": "https://one.org/", "term": "p:term"})
    both = ActiveContext({"p": "https://two.org/", "late": "p:late"}, first)
    assert both.term("term").iri == "https://one.org/term"
    assert both.term("late").iri == "https://two.org/late"
    assert both.term("p:x").iri == "https://two.org/x"


def test_only_a_text_that_ends_with_a_separator_is_a_prefix() -> None:
    context = ActiveContext(
        {"a": "https://x.org/a", "b": {"@id": "https://x.org/b#"}, "c": {"@id": "https://x.org/c", "@prefix": True}}
    )
    assert context.term("a:x").iri == "a:x"
    assert context.term("b:x").iri == "b:x"
    assert context.term("c:x").iri == "https://x.org/cx"


@pytest.mark.parametrize(
    ("definitions", "code", "iri"),
    [
        ({}, "undefined-prefix", "https://schema.org/name"),
        ({"schema": "https://schema.org"}, "prefix-without-separator", "https://schema.org/name"),
        ({"schema": "https://schema.org/"}, None, "https://schema.org/name"),
        ({"schema": "http://schema.org/"}, None, "http://schema.org/name"),
    ],
)
def test_a_well_known_prefix_is_repaired_and_says_so(definitions: dict[str, Any], code: str | None, iri: str) -> None:
    term = ActiveContext(definitions).term("schema:name")
    assert term.iri == iri
    assert (term.repair.code if term.repair else None) == code


def test_the_https_address_of_qudt_units_is_mended() -> None:
    term = ActiveContext({"unit": "https://qudt.org/vocab/unit/"}).term("unit:PERCENT")
    assert term.iri == "http://qudt.org/vocab/unit/PERCENT"
    assert term.repair is not None
    assert term.repair.code == "mistaken-namespace"


def test_a_unit_prefix_is_known_even_where_unit_is_a_term() -> None:
    context = ActiveContext({"schema": "https://schema.org/", "unit": "schema:unitText"})
    assert context.term("unit").iri == "https://schema.org/unitText"
    assert context.term("unit:A").iri == "http://qudt.org/vocab/unit/A"


def test_a_label_after_the_emmo_prefix_means_the_class_of_that_label() -> None:
    context = ActiveContext({"emmo": EMMO, "RealData": f"{EMMO}EMMO_18d", "Volt": f"{EMMO}Volt"})
    assert context.term("emmo:RealData").iri == f"{EMMO}EMMO_18d"
    assert context.term("emmo:Volt").iri == f"{EMMO}Volt"
    assert context.term("emmo:Volt").repair is None


@pytest.mark.parametrize(
    "definitions", [{"a": "b:x", "b": "a:x"}, {"a": "a:x"}, {f"t{n}": f"t{n + 1}:x" for n in range(1000)} | {"a": "t0:x"}]
)
def test_a_circle_of_definitions_is_a_fault_and_no_endless_loop(definitions: dict[str, str]) -> None:
    with pytest.raises(ContextFault) as caught:
        ActiveContext(definitions).term("a")
    assert caught.value.code == "context-cycle"


def test_null_silences_a_term_and_vocab_gives_the_others_a_meaning() -> None:
    context = ActiveContext({"@vocab": "https://x.org/", "not": None, "alias": "@id"})
    assert context.term("not").iri is None
    assert context.term("not").is_silenced
    assert context.term("any").iri == "https://x.org/any"
    assert context.aliases == {"alias": "@id"}


def test_terms_renamed_between_versions_have_one_iri(shared_data: Path) -> None:
    contexts = Contexts.from_directory(shared_data / "contexts")
    old = ActiveContext(contexts.version(BATTERY_CONTEXT, "0.14.0-beta").content)
    new = ActiveContext(contexts.version(BATTERY_CONTEXT, "0.20.2").content)
    for name in ("Real", "hasNumericalValue", "ThreeElectrodeCell", "TotalCapacity", "hasTemporaryParticipant"):
        assert old.term(name).iri == new.term(name).iri
        assert old.term(name).repair is None
    assert new.term("Real").repair is not None
    assert old.term("hasNumberValue").iri == new.term("hasNumberValue").iri


def test_every_term_of_the_real_contexts_means_an_iri(shared_data: Path) -> None:
    contexts = Contexts.from_directory(shared_data / "contexts")
    meant = 0
    for version in {version for url in contexts.addresses for version in contexts.versions(url)}:
        active = ActiveContext(version.content)
        for name in version.content:
            iri = active.term(name).iri
            meant += 1
            assert name.startswith("@") or (iri is not None and (iri.startswith("@") or is_absolute(iri))), (version.name, name)
    assert meant > 20_000


def test_a_term_map_stands_for_the_whole_battery_family() -> None:
    contexts = Contexts.from_terms({"hasProperty": (f"{EMMO}p", "@id"), "Volt": (f"{EMMO}Volt", "")})
    for address in contexts.addresses:
        active = ActiveContext(contexts.versions(address)[0].content)
        assert active.term("hasProperty").coercion == "@id"
    assert "https://w3id.org/battinfo/context/records/v1.json" in contexts.addresses


@pytest.mark.parametrize(
    ("reference", "iri"),
    [
        ("g:h", "g:h"), ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
        ("//g", "http://g"), ("?y", "http://a/b/c/d;p?y"), ("g?y#s", "http://a/b/c/g?y#s"), ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"), ("..", "http://a/b/"), ("../..", "http://a/"), ("../../../g", "http://a/g"), ("g;x=1/../y", "http://a/b/c/y"),
    ],
)  # fmt: skip
def test_references_resolve_as_in_rfc_3986_section_5_4(reference: str, iri: str) -> None:
    assert resolve("http://a/b/c/d;p?q", reference) == iri


def test_looking_for_the_prefix_that_is_meant_makes_no_circle_of_definitions_that_are_none() -> None:
    context = ActiveContext({"mine": "nobody:x#", "round": "about:#", "about": "round:#", "notes": "https://n.example/"})
    assert context.term("mine").iri == "nobody:x#"
    assert context.term("ntoes:a").iri == "https://n.example/a"
    assert "notes" in context.prefixes


# Pins


def two_versions() -> Contexts:
    versions = (ContextVersion("new-2.0.json", given={"a": "https://x.org/new"}), ContextVersion("old-1.0.json", given={}))
    return Contexts({"https://x.org/c": versions}, {"cells": {"https://x.org/c": "new-2.0.json"}})


@pytest.mark.parametrize("name", ["old-1.0.json", "1.0"])
@pytest.mark.parametrize("address", ["https://x.org/c", "http://x.org/c/"])
def test_a_pin_of_the_settings_goes_before_one_of_the_catalogue(name: str, address: str) -> None:
    contexts = two_versions().with_pins({"cells": {address: name}, "others": {}})
    assert contexts.pins_for("cells") == {"https://x.org/c": "old-1.0.json"}
    assert contexts.pins_for("others") == {}
    assert contexts.fingerprint != two_versions().fingerprint


def test_a_pin_of_a_version_or_address_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(SettingsError, match=r"context_pins.*'cells'.*no version '9\.9'.*new-2\.0\.json, old-1\.0\.json"):
        two_versions().with_pins({"cells": {"https://x.org/c": "9.9"}})
    with pytest.raises(SettingsError, match=r"context_pins.*https://x\.org/d is not configured.*https://x\.org/c"):
        two_versions().with_pins({"cells": {"https://x.org/d": "1.0"}})


def test_the_quick_way_to_an_iri_gives_what_the_term_means(shared_data: Path) -> None:
    compared = 0
    for file in sorted((shared_data / "contexts").glob("*.json")):
        content = json.loads(file.read_bytes()).get("@context")
        if isinstance(content, dict):
            asked, known = ActiveContext(content, is_remote=True), ActiveContext(content, is_remote=True)
            names = [name for name in content if not name.startswith("@")]
            assert {name: asked.iri_of(name) for name in names} == {name: known.term(name).iri for name in names}, file.name
            compared += len(names)
    assert compared > 20_000
