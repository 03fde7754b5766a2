"""Every setting: name, default, reason, and what is allowed. Read once, by `app.bootstrap`."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from records.errors import SettingsError

PREFIX = "VOLTAGRAPH_"
CONFIG_VARIABLE = "VOLTAGRAPH_CONFIG"
# Read by the command line itself, not by this module.
COMMAND_VARIABLES = frozenset({CONFIG_VARIABLE, "VOLTAGRAPH_TOKEN"})


class Settings(BaseSettings):
    """All settings; `voltagraph.example.toml` shows each with its default.

    A value comes from the command line, else ``VOLTAGRAPH_NAME``, else the settings file, else its default.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, toml_file=None, validate_default=True)

    home: Path = Field(Path("~/.voltagraph"), description="Directory where everything is kept.")
    base_iri: str = Field(
        "http://localhost:8000/records/",
        description="Start of every record IRI; set it once, to an address that will last, before the first harvest.",
    )
    ontology_dir: Path | None = Field(
        None,
        description="Ontology files. Unset: what `voltagraph ontology fetch` brought, else the fact table of the program.",
    )
    contexts_dir: Path | None = Field(
        None,
        description="JSON-LD contexts. Unset: what `voltagraph ontology fetch` brought, else the term map of the fact table.",
    )
    shapes_file: Path | None = Field(
        None, description="SHACL shapes to check records with. Unset: the shapes that come with the program."
    )
    tokens_file: Path | None = Field(None, description="File that maps tokens to audiences. Unset: HOME/tokens.json.")
    default_audience: Annotated[str, Field(min_length=1)] = Field(
        "any",
        description="Who may read documents when neither `--audience` nor a rights file says so: `any`, `nobody` or an audience.",
    )
    host: str = Field("127.0.0.1", description="Address to serve on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to serve on; 0 takes a free one.")
    max_document_bytes: int = Field(
        50_000_000, ge=1_000, le=2_000_000_000, description="Larger documents are refused before they are read."
    )
    max_document_depth: int = Field(64, ge=8, le=128, description="More deeply nested documents are refused.")
    max_query_bytes: int = Field(65_536, ge=100, le=10_000_000, description="Longer SPARQL queries are refused.")
    max_question_chars: int = Field(1_000, ge=10, le=100_000, description="Longer search questions are refused.")
    batch_documents: int = Field(200, ge=1, le=10_000, description="Documents written in one transaction during a harvest.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least grave log lines that are written.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people, or one JSON object a line.")

    @field_validator("home", "ontology_dir", "contexts_dir", "shapes_file", "tokens_file", mode="after")
    @classmethod
    def _expand_home(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value else value

    @field_validator("ontology_dir", "contexts_dir", mode="after")
    @classmethod
    def _is_directory(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("is not a directory that can be read")
        return value

    @field_validator("shapes_file", mode="after")
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("is not a file that can be read")
        return value

    @field_validator("base_iri", mode="after")
    @classmethod
    def _is_base(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or not value.endswith("/") or parts.query or parts.fragment:
            raise ValueError("must be an http or https address that ends with '/', e.g. https://search.example.org/records/")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line over environment over file; no .env and no secrets directory."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(*, config: Path | None = None, **given: Any) -> Settings:
    """Read the settings once.

    Args:
        config: The settings file; unset: ``VOLTAGRAPH_CONFIG``, else ``voltagraph.toml`` in the home directory when there is one.
        given: Values from the command line; ``None`` means "not given".

    Raises:
        SettingsError: A key is unknown or a value impossible: says which, why and what is allowed.
    """
    given = {name: value for name, value in given.items() if value is not None}
    _refuse_unknown_variables()
    path = _settings_file(config, given.get("home"))
    try:
        return _settings_class(path)(**given)
    except ValidationError as error:
        raise SettingsError(
            _explain(error, path), f"All settings are listed in voltagraph.example.toml; allowed: {_names()}."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"The settings file {path} is not valid TOML: {error}.", "Mend that line, or start from voltagraph.example.toml."
        ) from error
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.", "Check its permissions.") from error


def _settings_class(path: Path | None) -> type[Settings]:
    if path is None:
        return Settings

    class FileSettings(Settings):
        model_config = SettingsConfigDict(toml_file=path)

    return FileSettings


def _settings_file(config: Path | None, home: Path | None) -> Path | None:
    named = config or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    if named is not None:
        if not named.is_file():
            raise SettingsError(
                f"The settings file {named} does not exist.", "Name an existing file, or leave it out to use the defaults."
            )
        return named
    directory = Path(home or os.environ.get(f"{PREFIX}HOME") or Settings.model_fields["home"].default).expanduser()
    beside = directory / "voltagraph.toml"
    return beside if beside.is_file() else None


def _refuse_unknown_variables() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | COMMAND_VARIABLES
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise SettingsError(f"Unknown setting in the environment: {', '.join(unknown)}.", f"Allowed: {', '.join(sorted(known))}.")


def _explain(error: ValidationError, path: Path | None) -> str:
    lines = []
    for problem in error.errors():
        name = ".".join(str(part) for part in problem["loc"])
        if problem["type"] == "extra_forbidden":
            lines.append(f"Unknown setting '{name}'{f' in {path}' if path else ''}.")
        else:
            lines.append(f"Setting '{name}' cannot be {problem['input']!r}: {problem['msg'].removeprefix('Value error, ')}.")
    return " ".join(lines)


def _names() -> str:
    return ", ".join(sorted(Settings.model_fields))
