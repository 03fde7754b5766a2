"""Settings: where values come from, and what is refused."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from app.settings import COMMAND_VARIABLES, PREFIX, Settings, load_settings
from records.errors import SettingsError


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("VOLTAGRAPH_HOME", str(tmp_path))


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "voltagraph.toml").write_text("port = 1001\nbatch_documents = 11\nmax_document_depth = 31\n")
    monkeypatch.setenv("VOLTAGRAPH_PORT", "1002")
    monkeypatch.setenv("VOLTAGRAPH_BATCH_DOCUMENTS", "12")
    settings = load_settings(port=1003)
    assert (settings.port, settings.batch_documents, settings.max_document_depth) == (1003, 12, 31)


def test_a_file_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.toml").write_text("port = 1001\n")
    assert load_settings(config=tmp_path / "other.toml").port == 1001
    monkeypatch.setenv("VOLTAGRAPH_CONFIG", str(tmp_path / "other.toml"))
    assert load_settings().port == 1001


def test_an_unknown_key_in_the_file_is_named_with_the_file(tmp_path: Path) -> None:
    (tmp_path / "voltagraph.toml").write_text("prot = 1001\n")
    with pytest.raises(SettingsError, match=r"Unknown setting 'prot' in .*voltagraph\.toml.*allowed: .*port"):
        load_settings()


def test_an_unknown_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTAGRAPH_PROT", "1")
    with pytest.raises(SettingsError, match=r"VOLTAGRAPH_PROT.*Allowed: .*VOLTAGRAPH_PORT"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("port", "99999", "less than or equal to 65535"),
        ("base_iri", "ftp://example.org/", "must be an http"),
        ("base_iri", "http://example.org/records", "ends with '/'"),
        ("ontology_dir", "/does/not/exist", "is not a directory"),
        ("shapes_file", "/does/not/exist", "is not a file"),
        ("max_document_depth", "100000", "less than or equal to 128"),
        ("log_level", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("default_audience", "", "at least 1 character"),
    ],
)
def test_an_impossible_value_is_refused_with_its_name_and_reason(name: str, value: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=f"Setting '{name}'.*{reason}"):
        load_settings(config=None, **{name: value})


def test_a_file_that_is_no_toml_is_refused_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "voltagraph.toml").write_text("port = \n")
    with pytest.raises(SettingsError, match=r"not valid TOML.*line 1"):
        load_settings()


def test_a_named_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        load_settings(config=tmp_path / "none.toml")


def test_the_example_file_names_every_setting_with_its_default(repository: Path) -> None:
    lines = (repository / "voltagraph.example.toml").read_text().splitlines()
    shown = tomllib.loads("\n".join(line.removeprefix("# ") for line in lines if line.startswith("# ") and " = " in line))
    assert set(shown) == set(Settings.model_fields)
    defaults = {name: field.default for name, field in Settings.model_fields.items() if field.default is not None}
    assert {name: as_text(shown[name]) for name in defaults} == {name: as_text(value) for name, value in defaults.items()}


def test_every_setting_is_documented_with_its_default(repository: Path) -> None:
    rows = {
        cells[0].strip(" `"): cells[1].strip(" `").replace(" ", "")
        for line in (repository / "docs" / "settings.md").read_text().splitlines()
        if line.startswith("| `") and (cells := line.strip("|").split("|"))
    }
    assert rows == {name: as_text(field.default).replace(" ", "") for name, field in Settings.model_fields.items()}


def as_text(value: object) -> str:
    """A default as the documentation writes it."""
    if value is None:
        return "unset"
    return ",".join(value) if isinstance(value, list | tuple) else str(value)


def test_the_variables_of_the_command_line_are_documented(repository: Path) -> None:
    text = (repository / "docs" / "settings.md").read_text()
    assert all(name in text for name in COMMAND_VARIABLES)
