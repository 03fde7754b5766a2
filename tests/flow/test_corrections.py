"""Curating harvested records from the command line: findings, corrections beside the payload, and what becomes of them."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cell = Callable[..., str]
RunJson = Callable[..., Any]
RECORD = "cells/a.jsonld"
BY = ("--reason", "as in the datasheet", "--by", "alice")


@pytest.fixture
def folder(tmp_path: Path, a_cell: Cell) -> Path:
    made = tmp_path / "cells"
    made.mkdir()
    (made / "a.jsonld").write_text(a_cell(schema__name="Cell a", hasProperety=misspelt("Mass", 45.0, "Gram")))
    (made / "b.jsonld").write_text(a_cell(schema__name="Cell b"))
    return made


def misspelt(kind: str, value: float, unit: str) -> dict[str, Any]:
    return {
        "@type": [kind, "ConventionalProperty"],
        "hasNumericalPart": {"@type": "RealData", "hasNumberValue": value},
        "hasMeasurementUnit": f"https://w3id.org/emmo#{unit}",
    }


def numbers(run_json: RunJson) -> list[str]:
    """Names of the cells that are found by their mass."""
    found = run_json("search", "mass below 50 g")
    return [hit["title"] for hit in found["hits"]]


def codes(run_json: RunJson) -> list[str]:
    return [finding["code"] for finding in run_json("correct", RECORD)["findings"]]


def mend(run_json: RunJson) -> dict[str, Any]:
    """Accept what is suggested for the misspelt key; its value takes the place of the other one, as an object has a key once."""
    [kept] = run_json("correct", RECORD, "--edits", "-", *BY, stdin=json.dumps(EDITS))["corrections"]
    return dict(kept)


# The misspelt key cannot be renamed, as the right one is there already: its value goes to the end of the other array.
EDITS = [
    {"operation": "add", "pointer": "/hasProperty/-", "content": json.dumps(misspelt("Mass", 45.0, "Gram"))},
    {"operation": "remove", "pointer": "/hasProperety"},
]


def test_a_record_is_read_with_its_correction_and_the_payload_stays(run_json: RunJson, folder: Path, home: Path) -> None:
    run_json("harvest", str(folder))
    assert numbers(run_json) == []
    assert "undefined-term" in codes(run_json)
    kept = mend(run_json)
    assert (kept["standing"], kept["pending"], kept["by"], kept["reason"]) == ("applied", False, "alice", "as in the datasheet")
    assert kept["codes"] == ["undefined-term"]
    assert kept["mended"] == {"undefined-term": 1}
    assert numbers(run_json) == ["Cell a"]
    assert "undefined-term" not in codes(run_json)
    digest = kept["digest"]
    payload = home / "payloads" / digest[:2] / digest[2:]
    assert payload.read_bytes() == (folder / "a.jsonld").read_bytes()


def test_a_suggestion_is_taken_by_the_number_of_its_finding(run_json: RunJson, folder: Path, a_cell: Cell) -> None:
    (folder / "a.jsonld").write_text(a_cell(schema__name="Cell a", hasPositiveElectrod={"@type": "Electrode"}))
    run_json("harvest", str(folder))
    findings = run_json("correct", RECORD)["findings"]
    [number] = [place for place, finding in enumerate(findings, 1) if finding["value"] == "hasPositiveElectrod"]
    assert findings[number - 1]["suggestions"][0]["replacement"] == "hasPositiveElectrode"
    [kept] = run_json("correct", RECORD, "--finding", str(number), *BY)["corrections"]
    assert kept["changes"] == [
        {
            "operation": "rename",
            "pointer": "/hasPositiveElectrod",
            "before": '"hasPositiveElectrod"',
            "after": '"hasPositiveElectrode"',
        }
    ]
    assert "hasPositiveElectrod" not in [finding["value"] for finding in run_json("correct", RECORD)["findings"]]


def test_revoking_reads_the_record_without_it_at_once(run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    kept = mend(run_json)
    [revoked] = run_json("correct", "--revoke", kept["id"], "--reason", "the datasheet was wrong", "--by", "bob")["corrections"]
    assert (revoked["standing"], revoked["revoked"]["by"], revoked["pending"]) == ("revoked", "bob", False)
    assert numbers(run_json) == []
    assert "undefined-term" in codes(run_json)
    [listed] = run_json("corrections", RECORD)["corrections"]
    assert listed["revoked"]["reason"] == "the datasheet was wrong"


def test_a_correction_survives_harvests_rebuilds_and_the_loss_of_all_that_is_derived(
    run_json: RunJson, folder: Path, home: Path
) -> None:
    run_json("harvest", str(folder))
    mend(run_json)
    run_json("harvest", str(folder))
    assert numbers(run_json) == ["Cell a"]
    (home / "index.sqlite").unlink()
    run_json("rebuild")
    assert numbers(run_json) == ["Cell a"]
    for left in home.glob("ledger.sqlite*"):
        left.unlink()
    run_json("rebuild")
    run_json("harvest", str(folder))
    assert numbers(run_json) == ["Cell a"]
    assert [one["standing"] for one in run_json("corrections")["corrections"]] == ["applied"]


def test_a_document_that_changed_elsewhere_keeps_its_correction(run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    mend(run_json)
    document = json.loads((folder / "a.jsonld").read_text())
    (folder / "a.jsonld").write_text(json.dumps({"schema:description": "new", **document}, indent=4))
    assert run_json("harvest", str(folder))["changed"] == 1
    assert numbers(run_json) == ["Cell a"]
    assert run_json("corrections", RECORD)["corrections"][0]["standing"] == "applied"


def test_a_document_that_changed_at_that_place_is_read_without_and_says_so(run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    mend(run_json)
    document = json.loads((folder / "a.jsonld").read_text())
    (folder / "a.jsonld").write_text(json.dumps({**document, "hasProperety": misspelt("Mass", 4500.0, "Gram")}, indent=2))
    report = run_json("harvest", str(folder))
    assert report["finding_counts"]["correction-outdated"] == 1
    assert numbers(run_json) == []
    assert run_json("corrections", RECORD)["corrections"][0]["standing"] == "outdated"
    # The owner takes the change back: the correction fits again.
    (folder / "a.jsonld").write_text(json.dumps(document, indent=2))
    run_json("harvest", str(folder))
    assert numbers(run_json) == ["Cell a"]


def test_what_the_owner_took_over_is_told_as_adopted(run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    mend(run_json)
    document = json.loads((folder / "a.jsonld").read_text())
    document["hasProperty"].append(document.pop("hasProperety"))
    (folder / "a.jsonld").write_text(json.dumps(document, indent=2))
    run_json("harvest", str(folder))
    assert run_json("corrections", RECORD)["corrections"][0]["standing"] == "adopted"
    assert numbers(run_json) == ["Cell a"]
    assert "correction-outdated" not in codes(run_json)


def test_the_patch_for_the_owner_makes_the_document_what_the_record_shows(
    run: Callable[..., Any], run_json: RunJson, folder: Path, tmp_path: Path
) -> None:
    run_json("harvest", str(folder))
    mend(run_json)
    patch = run("corrections", RECORD, "--export", "patch").stdout
    subprocess.run(["git", "apply", "-"], cwd=folder, input=patch.encode(), check=True, env={"PATH": "/usr/bin:/bin"})
    operations = json.loads(run("corrections", RECORD, "--export", "json-patch").stdout)
    assert [operation["op"] for operation in operations] == ["add", "test", "remove"]
    run_json("harvest", str(folder))
    assert run_json("corrections", RECORD)["corrections"][0]["standing"] == "adopted"
    assert run("corrections", RECORD, "--export", "patch").stdout == ""
    assert json.loads(run("corrections", RECORD, "--export", "json-patch").stdout) == []


def test_while_another_process_writes_a_correction_is_pending_and_the_next_harvest_reads_it(
    run_json: RunJson, home: Path, folder: Path, repository: Path, environment: dict[str, str]
) -> None:
    run_json("harvest", str(folder))
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom graph.embedded import EmbeddedGraphStore\n"
        "store = EmbeddedGraphStore(Path(sys.argv[1]))\nprint('open', flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(home / "graph")], stdout=subprocess.PIPE, text=True, env=environment, cwd=repository
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        kept = mend(run_json)
        assert (kept["standing"], kept["pending"]) == ("pending", True)
        assert run_json("corrections", RECORD)["pending"] is True
        assert numbers(run_json) == []
        other.kill()
    report = run_json("harvest", str(folder))
    assert (report["new"], report["changed"], report["unchanged"]) == (0, 0, 2)
    assert numbers(run_json) == ["Cell a"]
    assert run_json("corrections", RECORD)["pending"] is False


def test_everything_certain_is_taken_at_once(run_json: RunJson, folder: Path, a_cell: Cell) -> None:
    (folder / "a.jsonld").write_text(
        a_cell(schema__name="Cell a", hasPositiveElectrod={"@type": "Electrode"}, hasNegativeElectrod={"@type": "Electrode"})
    )
    run_json("harvest", str(folder))
    certain = [
        finding["value"]
        for finding in run_json("correct", RECORD)["findings"]
        if finding["suggestions"] and finding["suggestions"][0]["certainty"] == "certain"
    ]
    assert len(certain) == 2
    [kept] = run_json("correct", RECORD, "--all-certain", *BY)["corrections"]
    assert (kept["standing"], kept["mended"]) == ("applied", {"undefined-term": 2})
    assert run_json("correct", RECORD, "--all-certain", *BY)["corrections"] == []


CANNOT_BE: list[tuple[Any, str]] = [
    ([{"operation": "replace", "pointer": "/none", "content": "1"}], "nothing is at '/none'"),
    ([{"operation": "replace", "pointer": "/schema:name", "content": "no JSON"}], "is no JSON"),
    ([{"operation": "replace", "pointer": "/schema:name", "content": '"Cell a"'}], "change nothing"),
    ([{"operation": "replace", "pointer": "/@context", "content": '"https://example.org/unknown"'}], "would be refused"),
    ([{"operation": "replace", "pointer": ""}], "is no JSON"),
    ([{"operation": "shred", "pointer": ""}], "'shred' is not a valid Operation"),
    ({"operation": "remove"}, "no edits"),
]


def test_edits_that_cannot_be_are_refused_and_nothing_is_kept(run: Callable[..., Any], run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    for edits, message in CANNOT_BE:
        refused = run("correct", RECORD, "--edits", "-", *BY, stdin=json.dumps(edits), code=7)
        assert message in " ".join(refused.stderr.split())
    assert run_json("corrections")["corrections"] == []


WRONG_USE = [
    ["correct", RECORD, "--finding", "1"],
    ["correct", RECORD, "--finding", "1", "--all-certain", "--reason", "x"],
    ["correct", RECORD, "--finding", "0", "--reason", "x"],
    ["correct", "--reason", "x"],
    ["correct", RECORD, "--revoke", "x", "--reason", "x"],
    ["corrections", "--export", "patch"],
]


def test_a_call_that_says_too_little_or_too_much_is_wrong_use(run: Callable[..., Any]) -> None:
    for arguments in WRONG_USE:
        run(*arguments, code=2)


NOT_THERE = [
    ["correct", "cells/none.jsonld", "--finding", "1", "--reason", "x"],
    ["correct", RECORD, "--finding", "99", "--reason", "x"],
    ["correct", RECORD, "--finding", "1", "--suggestion", "99", "--reason", "x"],
    ["correct", RECORD, "--finding", "1", "--reason", " "],
    ["correct", "--revoke", "none", "--reason", "x"],
    ["corrections", "cells/none.jsonld"],
]


def test_what_is_not_there_is_told(run: Callable[..., Any], run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    for arguments in NOT_THERE:
        assert run(*arguments, code=7).stderr.startswith("Error: ")


def test_causes_are_told_over_all_records_and_go_with_what_is_mended(run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder), "--audience", "community:bigmap")
    found = run_json("findings", "--code", "undefined-term")
    [cause] = found["causes"]
    assert (cause["key"], cause["records"], cause["unblocks"], cause["examples"]) == (
        "undefined-term:hasProperety",
        1,
        1,
        [RECORD],
    )
    # Whoever may not read the record's files is told nothing of it.
    token = run_json("token", "add", "eve", "--audience", "community:other")["token"]
    assert run_json("findings", "--token", token)["total"] == 0
    member = run_json("token", "add", "alice", "--audience", "community:bigmap")["token"]
    assert run_json("findings", "--code", "undefined-term", "--token", member) == found
    mend(run_json)
    assert run_json("findings", "--code", "undefined-term")["total"] == 0


def test_communities_come_from_rights_files(run_json: RunJson, folder: Path) -> None:
    rights = {"access": {"record": "public", "files": "public"}, "parent": {"communities": {"ids": ["bigmap"]}}}
    (folder / "a.jsonld.rights.json").write_text(json.dumps(rights))
    run_json("harvest", str(folder))
    assert run_json("findings", "--community", "community:bigmap")["records"] == 1
    assert run_json("findings", "--community", "bma/community:bigmap")["records"] == 0
    [cause] = run_json("findings", "--code", "undefined-term")["causes"]
    assert cause["communities"]["local/community:bigmap"]["records"] == 1
    # Another community alone makes the document be read again.
    (folder / "a.jsonld.rights.json").write_text(json.dumps(rights | {"parent": {"communities": {"ids": ["other"]}}}))
    assert run_json("harvest", str(folder))["changed"] == 1
    assert run_json("findings", "--community", "community:other")["records"] == 1


def test_what_the_source_said_of_a_document_is_still_told_after_a_rebuild(run_json: RunJson, folder: Path) -> None:
    rights = {
        "access": {"record": "public", "files": "public", "embargo": {"active": True}},
        "parent": {"communities": {"ids": [7]}},
    }
    (folder / "b.jsonld.rights.json").write_text(json.dumps(rights))
    run_json("harvest", str(folder))
    before = run_json("findings", "--limit", "100")
    assert "rights-malformed" in {cause["code"] for cause in before["causes"]}
    run_json("rebuild")
    assert run_json("findings", "--limit", "100") == before


def test_a_home_of_the_first_version_is_read_and_corrected(run_json: RunJson, folder: Path, home: Path) -> None:
    """Its ledger has no column for corrections, communities and causes; and there is no file of corrections."""
    run_json("harvest", str(folder))
    connection = sqlite3.connect(home / "ledger.sqlite")
    connection.executescript(
        "DROP TABLE sighting; DROP INDEX entry_corrected;"
        + "".join(f"ALTER TABLE entry DROP COLUMN {column};" for column in ("told", "communities", "corrections"))
        + "".join(f"ALTER TABLE finding DROP COLUMN {column};" for column in ("expected", "suggestions", "places"))
        + "PRAGMA user_version=1;"
    )
    connection.close()
    for left in home.glob("corrections.sqlite*"):
        left.unlink()
    assert run_json("findings", "--code", "undefined-term")["records"] == 1
    mend(run_json)
    assert numbers(run_json) == ["Cell a"]
    assert run_json("harvest", str(folder))["unchanged"] == 2


def test_corrections_are_kept_under_the_digest_of_the_payload(run_json: RunJson, folder: Path) -> None:
    run_json("harvest", str(folder))
    assert mend(run_json)["digest"] == hashlib.sha256((folder / "a.jsonld").read_bytes()).hexdigest()
