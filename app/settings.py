"""Every setting: name, default, reason, and what is allowed. Read once, by `app.bootstrap`."""

from __future__ import annotations

import os
import re
import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource
from typing_extensions import TypedDict

from access.audiences import LOCAL, is_audience
from records.errors import SettingsError
from records.rights import ANY
from shapes.profiles import DEFAULT_PROFILES, OWN, PROFILES

PREFIX = "VOLTAGRAPH_"
CONFIG_VARIABLE = "VOLTAGRAPH_CONFIG"
# Read by the command line itself, not by this module.
COMMAND_VARIABLES = frozenset({CONFIG_VARIABLE, "VOLTAGRAPH_TOKEN"})


Grade = Literal["violation", "warning", "info", "off"]


class ChosenChecks(TypedDict, total=False):
    """What a source or a community chose; what it leaves out stays as it is for every record."""

    profiles: tuple[str, ...]
    severities: dict[str, Grade]


class QueryBounds(TypedDict, total=False):
    """What one query of the holders of an audience may take, and how many of them run at once."""

    seconds: Annotated[float, Field(ge=0.1, le=86_400)]
    memory_bytes: Annotated[int, Field(ge=100_000_000, le=1_000_000_000_000)]
    rows: Annotated[int, Field(ge=1, le=1_000_000_000)]
    bytes: Annotated[int, Field(ge=1_000, le=1_000_000_000_000)]
    concurrent: Annotated[int, Field(ge=1, le=1_000)]


class Settings(BaseSettings):
    """All settings; `voltagraph.example.toml` shows each with its default.

    A value comes from the command line, else ``VOLTAGRAPH_NAME``, else the settings file, else its default.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, toml_file=None, validate_default=True)

    home: Path = Field(Path("~/.voltagraph"), description="Directory where everything is kept.")
    cache_dir: Path | None = Field(
        None,
        description="Where that is kept which is made again when it is missing: facts of the full ontologies, the network of the "
        "embedding model. Homes may share it. Unset: `cache` in the home.",
    )
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
    context_pins: dict[str, dict[str, str]] = Field(
        {},
        description="Versions of JSON-LD contexts to read the records of a source with, by its name and the context's address. "
        "Others are read with the version under which they lose least.",
    )
    shapes_file: Path | None = Field(
        None, description="Your own SHACL shapes: asked of every record beside the profiles, as the profile `own`."
    )
    profile_files: dict[str, Path] = Field({}, description="Profiles of your own: a name and a file of SHACL shapes for each.")
    profiles: tuple[str, ...] = Field(
        DEFAULT_PROFILES, description="Profiles that records are checked against; `voltagraph profiles` lists them."
    )
    severities: dict[str, Grade] = Field(
        {}, description="How grave kinds of findings are, by code: `violation`, `warning`, `info` or `off`."
    )
    source_checks: dict[str, ChosenChecks] = Field(
        {}, description="Profiles and severities of the records of a source, by its name, where they differ."
    )
    community_checks: dict[str, ChosenChecks] = Field(
        {}, description="Profiles and severities that a community chose for its records, by the audience of its members."
    )
    tokens_file: Path | None = Field(None, description="File that maps tokens to audiences. Unset: HOME/tokens.json.")
    default_audience: Annotated[str, Field(min_length=1)] = Field(
        "any",
        description="Who may read documents when neither `--audience` nor a rights file says so: `any`, `nobody` or an audience.",
    )
    curators: tuple[str, ...] = Field(
        ("role:curator",), description="Audiences whose holders may correct the records that they may read the files of."
    )
    host: str = Field("127.0.0.1", description="Address to serve on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to serve on; 0 takes a free one.")
    max_document_bytes: int = Field(
        50_000_000, ge=1_000, le=2_000_000_000, description="Larger documents are refused before they are read."
    )
    max_document_depth: int = Field(64, ge=8, le=128, description="More deeply nested documents are refused.")
    max_query_bytes: int = Field(65_536, ge=100, le=10_000_000, description="Longer SPARQL queries are refused.")
    query_allowances: dict[str, QueryBounds] = Field(
        {},
        description="What one SPARQL query may take, by audience: `any`, `auth` for every account, or another. An actor has the "
        "most generous of each bound; what is left out stays as it is.",
    )
    query_processes: int = Field(
        12, ge=1, le=256, description="SPARQL queries that are answered at once, each in a process of its own."
    )
    query_wait_seconds: float = Field(
        5, ge=0, le=600, description="How long a SPARQL query waits when all processes are at work, before it is refused."
    )
    query_views: int = Field(
        4,
        ge=0,
        le=64,
        description="Copies of what one kind of reader may read, made for those who ask SPARQL often; so many at most, 0 for none.",
    )
    query_view_bytes: int = Field(
        20_000_000_000, ge=1_000_000, le=1_000_000_000_000, description="What these copies may take of the disk together."
    )
    max_question_chars: int = Field(1_000, ge=10, le=100_000, description="Longer search questions are refused.")
    max_validation_bytes: int = Field(
        5_000_000, ge=1_000, le=1_000_000_000, description="Larger bodies sent to be checked are refused before they are read."
    )
    max_validation_seconds: float = Field(10, ge=0.1, le=600, description="Checking a sent document is stopped after this time.")
    max_validation_memory_bytes: int = Field(
        1_000_000_000, ge=50_000_000, le=1_000_000_000_000, description="Checking a sent document may take this much memory."
    )
    validations_per_minute: int = Field(
        60, ge=1, le=1_000_000, description="Documents that one network address may have checked in a minute."
    )
    validation_processes: int = Field(2, ge=1, le=64, description="Sent documents that are checked at once.")
    cors_origins: tuple[str, ...] = Field(
        ("*",), description="Sites whose pages may read answers of `/sparql` and `/api/`, without credentials; `*`: every one."
    )
    webhook_origins: tuple[str, ...] = Field(
        (), description="Where events of saved searches may be sent, such as `https://hooks.example.org`; empty: nowhere."
    )
    webhook_seconds: float = Field(10, ge=0.1, le=600, description="How long a receiver of events may take to answer.")
    watch_seconds: float = Field(30, ge=0.1, le=86_400, description="Pause between two looks at saved searches.")
    snapshot_days: int = Field(365, ge=1, le=36_500, description="Snapshots go when nobody has used them for so many days.")
    snapshots_per_actor: int = Field(
        100, ge=1, le=100_000, description="Snapshots of one account; of more, those that were used longest ago go."
    )
    dataset_days: int = Field(30, ge=1, le=36_500, description="Training sets go so many days after they were asked for.")
    datasets_per_actor: int = Field(20, ge=1, le=10_000, description="Training sets of one account; of more, the oldest go.")
    dataset_builders: int = Field(1, ge=1, le=64, description="Training sets that are built at once.")
    session_hours: float = Field(12, ge=0.01, le=1_000, description="How long somebody who logged in stays so, in hours.")
    logins_per_minute: int = Field(30, ge=1, le=100_000, description="Tries to log in that one network address has in a minute.")
    max_saved_queries: int = Field(1_000, ge=1, le=1_000_000, description="Versions of saved queries that one account may have.")
    trusted_proxies: str | None = Field(
        None,
        description="Reverse proxies whose X-Forwarded-For is believed: addresses or networks, with commas between. Unset: none.",
    )
    graph_store_url: str | None = Field(
        None, description="Where another triple store answers SPARQL queries. Unset: the embedded store."
    )
    graph_store_update_url: str | None = Field(
        None, description="Where the other triple store takes SPARQL Update; without it nothing can be harvested."
    )
    graph_store_data_url: str | None = Field(
        None, description="Where the other triple store speaks the Graph Store Protocol. Unset: whole graphs are read by queries."
    )
    graph_store_user: str | None = Field(None, description="User at the other triple store.")
    graph_store_password_file: Path | None = Field(None, description="File that holds the password of that user.")
    graph_store_timeout_seconds: float = Field(
        30, ge=0.1, le=3_600, description="How long the other triple store may take for one answer; ten minutes for a transaction."
    )
    embedding_model: str = Field(
        "auto",
        min_length=1,
        description="What makes vectors of texts: `minilm`, a directory of its files, `sentence-transformers:NAME`, `none`; "
        "`auto` is `minilm` where it is installed, else `none`.",
    )
    embedding_threads: int = Field(2, ge=1, le=256, description="Texts that are embedded at once, on one core each.")
    embedding_batch: int = Field(256, ge=1, le=100_000, description="Vectors written in one transaction.")
    search_store_urls: tuple[str, ...] = Field(
        (), description="Nodes of an OpenSearch cluster that keeps the search index. Unset: the embedded index."
    )
    search_store_name: str = Field("voltagraph", description="Name of the index there; everything of ours begins so.")
    search_store_user: str | None = Field(None, description="User at the OpenSearch cluster.")
    search_store_password_file: Path | None = Field(None, description="File that holds the password of that user.")
    search_store_ca_file: Path | None = Field(
        None, description="Certificates that sign those of the cluster. Unset: those that come with Python's certifi."
    )
    search_store_certificate_file: Path | None = Field(None, description="Our certificate, for a cluster that asks for one.")
    search_store_key_file: Path | None = Field(
        None, description="Key of that certificate, not encrypted. Unset: it is in the same file."
    )
    search_store_timeout_seconds: float = Field(
        30, ge=0.1, le=3_600, description="How long the cluster may take to answer a question; three minutes to write."
    )
    search_store_shards: int = Field(1, ge=1, le=1_000, description="Parts of a new index; one holds millions of records.")
    search_store_replicas: int = Field(
        1, ge=0, le=100, description="Copies of each part on other nodes: so many nodes can be lost without losing anything."
    )
    batch_documents: int = Field(200, ge=1, le=10_000, description="Documents written in one transaction during a harvest.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least grave log lines that are written.")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people, or one JSON object a line.")

    @field_validator(
        "home",
        "cache_dir",
        "ontology_dir",
        "contexts_dir",
        "shapes_file",
        "tokens_file",
        "graph_store_password_file",
        "search_store_password_file",
        "search_store_ca_file",
        "search_store_certificate_file",
        "search_store_key_file",
        mode="after",
    )
    @classmethod
    def _expand_home(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value else value

    @field_validator("ontology_dir", "contexts_dir", mode="after")
    @classmethod
    def _is_directory(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("is not a directory that can be read")
        return value

    @field_validator(
        "shapes_file",
        "graph_store_password_file",
        "search_store_password_file",
        "search_store_ca_file",
        "search_store_certificate_file",
        "search_store_key_file",
        mode="after",
    )
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("is not a file that can be read")
        return value

    @field_validator("trusted_proxies", mode="after")
    @classmethod
    def _are_networks(cls, value: str | None) -> str | None:
        for network in (value or "").split(","):
            if value is not None:
                ip_network(network.strip())
        return value

    @field_validator("webhook_origins", mode="after")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
                raise ValueError(f"{origin!r} is no origin: write scheme and host, e.g. https://hooks.example.org")
            if parts.username is not None:
                raise ValueError("an origin holds no user or password")
        return value

    @field_validator("profile_files", mode="after")
    @classmethod
    def _are_profiles(cls, value: dict[str, Path]) -> dict[str, Path]:
        for name, file in value.items():
            if not re.fullmatch("[a-z][a-z0-9-]*", name):
                raise ValueError(f"{name!r} is no name of a profile: small letters, digits and hyphens")
            if name in {OWN, *(profile.name for profile in PROFILES)}:
                raise ValueError(f"there is a profile {name!r} already")
            cls._is_file(file.expanduser())
        return {name: file.expanduser().absolute() for name, file in value.items()}

    @field_validator("profiles", mode="after")
    @classmethod
    def _are_known(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        _refuse_unknown_profiles(value, info)
        return value

    @field_validator("source_checks", "community_checks", mode="after")
    @classmethod
    def _choose_known(cls, value: dict[str, ChosenChecks], info: ValidationInfo) -> dict[str, ChosenChecks]:
        for chosen in value.values():
            if "profiles" in chosen:
                _refuse_unknown_profiles(chosen["profiles"], info)
        return value

    @field_validator("query_allowances", mode="after")
    @classmethod
    def _are_of_audiences(cls, value: dict[str, QueryBounds]) -> dict[str, QueryBounds]:
        for audience in value:
            if audience != "auth" and not is_audience(audience if audience == ANY or "/" in audience else f"{LOCAL}/{audience}"):
                raise ValueError(f"{audience!r} is no audience: write any, auth, role:NAME, or as docs/rights.md says")
        return value

    @field_validator("graph_store_url", "graph_store_update_url", "graph_store_data_url", mode="after")
    @classmethod
    def _is_endpoint(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        _refuse_no_address(value, "graph_store", "http://127.0.0.1:3030/ds")
        if info.field_name != "graph_store_url" and info.data.get("graph_store_url") is None:
            raise ValueError("goes with graph_store_url")
        return value

    @field_validator("search_store_urls", mode="after")
    @classmethod
    def _are_nodes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for url in value:
            _refuse_no_address(url, "search_store", "https://127.0.0.1:9200")
        return value

    @field_validator("search_store_name", mode="after")
    @classmethod
    def _is_index(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9._-]{0,99}", value):
            raise ValueError("is no name of an index: a small letter, then small letters, digits, '.', '_' and '-'")
        return value

    @field_validator("graph_store_user", "search_store_user", mode="after")
    @classmethod
    def _is_user(cls, value: str | None) -> str | None:
        if value is not None and (not value or ":" in value or not value.isprintable()):
            raise ValueError("is no name of a user")
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


def _refuse_no_address(value: str, store: str, example: str) -> None:
    """Refuse what is no address of a server, or holds a secret."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment or not value.isascii() or " " in value:
        raise ValueError(f"must be an http or https address, e.g. {example}")
    if parts.username is not None:
        raise ValueError(f"must not hold a user or password; set {store}_user and {store}_password_file")


def _refuse_unknown_profiles(names: tuple[str, ...], info: ValidationInfo) -> None:
    has_own = info.data.get("shapes_file") is not None
    known = [*(profile.name for profile in PROFILES), *info.data.get("profile_files", ()), *([OWN] if has_own else ())]
    if unknown := [name for name in names if name not in known]:
        raise ValueError(f"there is no profile {unknown[0]!r}; choose from {', '.join(known)}")
    if not names and not has_own:
        raise ValueError(f"no profile lets every record pass; choose from {', '.join(known)}")


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
            given = re.sub(r"//[^/@]*@", "//...@", repr(problem["input"]))  # a password in an address is shown to nobody
            lines.append(f"Setting '{name}' cannot be {given}: {problem['msg'].removeprefix('Value error, ')}.")
    return " ".join(lines)


def _names() -> str:
    return ", ".join(sorted(Settings.model_fields))
