"""Writing mended files: whole or not at all, and never over what somebody else wrote meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from app.bootstrap import Services
from app.mending import FixedFile, fix_files, print_fixed, summary
from app.settings import Settings
from records.issues import Certainty

MISSPELT = '{"@context": "https://w3id.org/emmo/domain/battery/context", "@type": "PouchCell", "hasProperety": []}'


class _WithoutOntologies(Services):
    """Services that need no ontologies of this machine: the fact table is enough."""

    ontology_dir = None
    contexts_dir = None


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return _WithoutOntologies(Settings(home=tmp_path_factory.mktemp("home")))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "folder" / "a.jsonld"
    made.parent.mkdir()
    made.write_text(MISSPELT)
    return made


def mending(services: Services, file: Path) -> Iterator[FixedFile]:
    return fix_files(services, [str(file)], Certainty.CERTAIN, apply=True)


def test_a_file_is_written_whole_and_nothing_else_is_left_beside_it(services: Services, file: Path) -> None:
    [done] = mending(services, file)
    assert done.error == ""
    assert file.read_text() == MISSPELT.replace("hasProperety", "hasProperty")
    assert list(file.parent.iterdir()) == [file]


def test_what_somebody_wrote_meanwhile_stays(services: Services, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: b"new" if path == file else read(path))
    [done] = mending(services, file)
    assert done.error == "it was changed meanwhile; run fix again"
    assert file.read_text() == MISSPELT
    assert summary([done], applied=True) == "1 file: 0 changed, 0 findings mended, 1 left, 1 failed."


def test_a_write_that_fails_in_the_middle_leaves_the_file_as_it_was(
    services: Services, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    [done] = mending(services, file)
    assert done.error == "No space left on device"
    assert file.read_text() == MISSPELT
    assert list(file.parent.iterdir()) == [file]


def printed(done: FixedFile) -> list[str]:
    console = Console(file=StringIO(), width=200)
    print_fixed([done], console, diff=False)
    assert isinstance(console.file, StringIO)
    return [line.strip() for line in console.file.getvalue().splitlines()[1:]]


def test_a_number_that_is_none_stays_and_how_to_mend_it_is_told(services: Services, file: Path) -> None:
    file.write_text(MISSPELT.replace("[]", '{"@type": "Mass", "hasNumericalValue": NaN, "hasMeasurementUnit": NaN}'))
    [done] = fix_files(services, [str(file)], Certainty.CERTAIN)
    reason = "its mend is likely and not certain, and it changes a value"
    assert printed(done) == [f"1:139 nan: not done, for {reason}: write null: NaN -> null (2 places)"]
    assert summary([done], applied=False) == (
        "1 file: 0 would change, 0 findings mended, 1 left. 1 more with --certainty likely --allow-value-changes."
    )


def test_what_a_breach_of_the_grammar_hid_is_told_as_such(services: Services, file: Path) -> None:
    file.write_text(MISSPELT.replace("[]", '{"@type": "Mass", "hasNumericalValue": NaN, "xyzzyx": 1}'))
    [done] = fix_files(services, [str(file)], Certainty.LIKELY, change_values=True, apply=True)
    assert '"hasProperty": {"@type": "Mass", "hasNumericalValue": null, "xyzzyx": 1}' in file.read_text()
    assert [mend.issue.code for mend in done.fixed.applied] == ["nan", "undefined-term"]
    assert printed(done)[-1] == "no JSON before; what that hid is left: 1 finding, see `voltagraph validate`"
    assert done.to_json()["was_json"] is False
    assert "(1 value changed)" in summary([done], applied=True)
