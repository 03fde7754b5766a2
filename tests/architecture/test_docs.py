"""What the docs say is so: paths, targets, commands, options, routes and settings, each in both directions."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from api.errors import STATUSES
from app.asgi import create_app
from app.bootstrap import Services
from app.cli import Exit, app
from app.settings import COMMAND_VARIABLES, PREFIX, Settings
from harvester.run import Report
from records.issues import Issue
from tests.architecture.repository import PACKAGES, REPOSITORY, read

DOCS = sorted(path.relative_to(REPOSITORY).as_posix() for path in (*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")))

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
_PATH = re.compile(r"\.?[\w-][\w./*-]*")
_CALL = re.compile(r"(?:\.venv/bin/|^|[\s(])voltagraph((?:[ \t]+(?:'[^']*'|\"[^\"]*\"|[^\s|#;&`'\")]+))*)", re.MULTILINE)
_WORD = re.compile(r"'[^']*'|\"[^\"]*\"|\S+")


def _codes(text: str) -> list[str]:
    """What stands in backticks, code blocks left out."""
    return _CODE.findall(_FENCE.sub("", text))


def _all_code(text: str) -> str:
    """What stands in backticks and in code blocks, one piece a line."""
    return "\n".join([*_codes(text), *_FENCE.findall(text)])


# Paths and targets


def _paths(name: str) -> Iterator[tuple[str, str]]:
    """Paths that a document names, each with the folder whose row of a table it stands in."""
    text = _FENCE.sub("", read(name))
    for target in _LINK.findall(text):
        yield "", target
    suffixes = (".py", ".md", ".toml", ".ttl", ".tsv", ".yml", ".txt", "Dockerfile", "Makefile", "/")
    for line in text.splitlines():
        row = re.match(r"\| `([\w/]+)` \|", line)
        folder = row[1] if row and (REPOSITORY / row[1]).is_dir() else ""
        for code in _CODE.findall(line):
            begins_here = (REPOSITORY / code.split("/")[0]).exists() and "/" in code
            if _PATH.fullmatch(code) and (begins_here or code.endswith(suffixes)):
                yield folder, code


# Files of a home directory, of an archive of documents or of a user's own; the docs say so where they name them.
_ELSEWHERE = re.compile(
    r".*[A-Z]{3,}.*(?<!\.md)|voltagraph\.toml|(.*\.)?rights\.json|tokens\.json|(payloads|graph|checkpoints|cache|ontologies|contexts|snapshots|datasets|views|models)/|some/.*|.*\*.*"
)


@pytest.mark.parametrize("name", DOCS)
def test_paths_that_a_document_names_exist(name: str) -> None:
    missing = {
        code
        for folder, code in _paths(name)
        if not any((REPOSITORY / base / code).exists() for base in (folder, "", Path(name).parent.as_posix()))
        and not _ELSEWHERE.fullmatch(code)
    }
    assert not missing


@pytest.mark.parametrize("name", DOCS)
def test_make_targets_that_a_document_names_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", _all_code(read(name)), re.MULTILINE)) <= targets


def test_every_make_target_says_what_it_does() -> None:
    makefile = read("Makefile")
    [phony] = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert set(phony.split()) == set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))


# Commands


@lru_cache
def _commands() -> dict[str, set[str]]:
    """Every command, groups written out, with the options it takes; "" is the program itself."""

    def walk(name: str, command: Any) -> Iterator[tuple[str, set[str]]]:
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        yield name, {option for option in options if option.startswith("-")} | {"--help", "-h"}
        for inner, child in getattr(command, "commands", {}).items():
            yield from walk(f"{name} {inner}".strip(), child)

    return dict(walk("", typer.main.get_command(app)))


def _called(words: list[str]) -> tuple[str, list[str]]:
    """The command that a line calls, and the options it gives, those before the command left out."""
    for start in range(len(words)):
        for end in (start + 2, start + 1):
            if " ".join(words[start:end]) in _commands():
                return " ".join(words[start:end]), [word for word in words[end:] if re.match(r"-\D", word)]
    return "", [word for word in words if word.startswith("-")]


@pytest.mark.parametrize("name", DOCS)
def test_commands_and_options_that_a_document_names_exist(name: str) -> None:
    wrong = []
    for call in _CALL.findall(_all_code(read(name))):
        words = _WORD.findall(call)
        command, options = _called(words)
        if not command and words and re.match(r"[a-z]", words[0]):
            wrong.append(call)
        wrong += [f"{command} {option}" for option in options if option not in _commands()[command]]
    assert not wrong


@pytest.mark.parametrize("name", DOCS)
def test_options_that_a_document_names_belong_to_a_command(name: str) -> None:
    """Also where an option stands alone: `--audience`."""
    known = set().union(*_commands().values())
    alone = {option for code in _codes(read(name)) for option in re.findall(r"^(--[a-z][a-z-]*)", code)}
    assert alone <= known


def _section(command: str) -> str:
    """What docs/interfaces.md says of a command: its section, or its row."""
    text = read("docs/interfaces.md")
    for section in re.split(r"^## ", text, flags=re.MULTILINE):
        if re.match(rf"`voltagraph {command}[ `]", section):
            return section
    return next((line for line in text.splitlines() if re.match(rf"\| `voltagraph {command}[ `]", line)), "")


@pytest.mark.parametrize("command", [name for name in _commands() if name and name not in ("ontology", "token")])
def test_every_command_is_documented_with_all_its_options(command: str) -> None:
    section = _section(command)
    assert section
    written = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", section))
    assert {option for option in _commands()[command] if option.startswith("--")} - {"--help"} <= written


def test_options_of_the_program_itself_are_documented() -> None:
    assert all(f"`{option}" in read("docs/interfaces.md") for option in _commands()[""])


def test_exit_codes_are_documented() -> None:
    table = re.findall(r"^\| (\d{1,3}) \|", read("docs/interfaces.md").partition("## HTTP")[0], re.MULTILINE)
    assert [int(code) for code in table] == sorted(Exit)


def test_keys_of_a_harvest_are_documented() -> None:
    keys = set(re.findall(r"^\| `(\w+)` \|", _section("harvest"), re.MULTILINE))
    assert keys == {field.name for field in fields(Report)} | {"note"}


def test_keys_of_a_finding_are_documented() -> None:
    assert all(f'"{field.name}":' in _section("validate") for field in fields(Issue))


# Routes


class _WithoutOntologies(Services):
    """Services that need no ontologies of this machine: the fact table is enough."""

    ontology_dir = None
    contexts_dir = None


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return create_app(_WithoutOntologies(Settings(home=tmp_path_factory.mktemp("docs"))))


def _documented_routes() -> dict[str, set[str]]:
    """Routes of docs/interfaces.md with their method, each with the parameters named in its second column."""
    rows = re.findall(r"^\| `([A-Z]+ \S+)` \|([^|]*)\|", read("docs/interfaces.md"), re.MULTILINE)
    return {route: set(_CODE.findall(parameters)) for route, parameters in rows}


def test_every_route_is_documented_and_every_documented_route_exists(application: Any) -> None:
    from fastapi.routing import iter_route_contexts

    there = {
        f"{method} {(context.path or '').replace(':path', '')}"
        for context in iter_route_contexts(application.routes)
        for method in (context.methods or {"GET"}) - {"HEAD"}
    }
    assert {route.replace("/static/{file}", "/static") for route in _documented_routes()} == there


def test_parameters_of_the_api_are_documented(application: Any) -> None:
    documented = _documented_routes()
    for path, methods in application.openapi()["paths"].items():
        for method, described in methods.items():
            parameters = {parameter["name"] for parameter in described.get("parameters", []) if parameter["in"] == "query"}
            assert documented[f"{method.upper()} {path}"] == parameters, path


def test_every_status_of_an_error_is_documented() -> None:
    table = read("docs/interfaces.md").partition("| status | when |")[2]
    written = {int(status) for row in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE) for status in row.split(",")}
    assert set(STATUSES.values()) <= written


# Settings


def test_settings_are_documented_with_their_defaults() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", read("docs/settings.md"), re.MULTILINE))
    defaults = {name: _default(field.default) for name, field in Settings.model_fields.items()}
    assert {name: re.sub(r"[`\s]", "", value) for name, value in rows.items()} == defaults


def _default(value: object) -> str:
    if value is None:
        return "unset"
    return (",".join(value) if isinstance(value, tuple) else str(value)).replace(" ", "")


def test_the_example_file_shows_every_setting_and_no_other() -> None:
    shown = tomllib.loads(
        "\n".join(line.removeprefix("# ") for line in read("voltagraph.example.toml").splitlines() if " = " in line)
    )
    assert shown.keys() == Settings.model_fields.keys()


@pytest.mark.parametrize("name", [*DOCS, "Dockerfile", "docker-compose.yml"])
def test_variables_of_the_environment_exist(name: str) -> None:
    known = {PREFIX + field.upper() for field in Settings.model_fields} | COMMAND_VARIABLES
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", read(name))) - {f"{PREFIX}NAME"} <= known


# Architecture, decisions, changes


def test_the_architecture_names_every_package_port_and_decision() -> None:
    text = read("ARCHITECTURE.md")
    packages = {path.parent.name for path in REPOSITORY.glob("*/__init__.py")}
    ports = {
        path.relative_to(REPOSITORY).as_posix()
        for package in PACKAGES
        for path in (REPOSITORY / package).rglob("*.py")
        if _is_port(path)
    }
    decisions = {path.relative_to(REPOSITORY).as_posix() for path in REPOSITORY.glob("docs/adr/*.md")}
    table = text.partition("## Ports")[2].partition("## ")[0]
    assert packages >= set(PACKAGES)
    assert not {package for package in packages if f"| `{package}` |" not in text}
    assert set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)) == ports
    assert not {decision for decision in decisions if f"`{decision}`" not in text}


def _is_port(path: Path) -> bool:
    tree = ast.parse(path.read_text("utf-8"))
    has_protocol = any(
        isinstance(node, ast.ClassDef) and any(isinstance(base, ast.Name) and base.id == "Protocol" for base in node.bases)
        for node in tree.body
    )
    return has_protocol and bool(re.search(r"\b[Pp]ort\b", (ast.get_docstring(tree) or "").partition("\n")[0]))


def test_the_changelog_has_room_for_the_next_release() -> None:
    assert re.search(r"^## Unreleased$", read("CHANGELOG.md"), re.MULTILINE)


# The container


def _compose() -> dict[str, str]:
    """docker-compose.yml as key path -> text; it uses block mappings, and JSON for lists, and nothing else of YAML."""
    found: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in read("docker-compose.yml").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.fullmatch(r"( *)([\w-]+):(?: (.+))?", line)
        assert match, line
        path = [one for one in path if one[0] < len(match[1])]
        path.append((len(match[1]), match[2]))
        found["/".join(key for _, key in path)] = match[3] or ""
    return found


@pytest.mark.parametrize("service", ["voltagraph", "harvest"])
def test_the_container_runs_a_command_that_exists(service: str) -> None:
    compose = _compose()
    command, options = _called(json.loads(compose[f"services/{service}/command"]))
    assert command == ("serve" if service == "voltagraph" else "harvest")
    assert set(options) <= _commands()[command]


@pytest.mark.parametrize("service", ["voltagraph", "harvest"])
def test_the_container_has_no_more_rights_than_it_needs(service: str) -> None:
    compose = _compose()
    assert compose[f"services/{service}/read_only"] == "true"
    assert json.loads(compose[f"services/{service}/cap_drop"]) == ["ALL"]
    assert "home:/var/lib/voltagraph" in json.loads(compose[f"services/{service}/volumes"])
    assert all(port.startswith("127.0.0.1:") for port in json.loads(compose.get(f"services/{service}/ports", "[]")))
    assert re.search(r"^USER (?!root)\w+$", read("Dockerfile"), re.MULTILINE)


def test_the_health_check_asks_a_route_that_exists_at_the_port_that_is_served(application: Any) -> None:
    compose = _compose()
    [(port, route)] = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", compose["services/voltagraph/healthcheck/test"])
    assert int(port) == Settings.model_fields["port"].default
    assert route in application.openapi()["paths"]
    assert json.loads(compose["services/voltagraph/ports"]) == [f"127.0.0.1:{port}:{port}"]
    assert f"EXPOSE {port}" in read("Dockerfile")


def test_the_image_copies_what_exists_and_all_that_is_installed() -> None:
    copied = [word for line in re.findall(r"^COPY (?!--from)(.+)$", read("Dockerfile"), re.MULTILINE) for word in line.split()[:-1]]
    assert all((REPOSITORY / word).exists() for word in copied)
    assert set(PACKAGES) <= set(copied)
    allowed = {line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")}
    assert {word.split("/")[0] for word in copied} == allowed


def test_the_folder_that_is_harvested_unless_told_exists() -> None:
    volumes = json.loads(_compose()["services/harvest/volumes"])
    [folder] = [found[1] for volume in volumes if (found := re.match(r"\$\{FOLDER:-\./([^}]+)\}:/data:ro", volume))]
    assert (REPOSITORY / folder).is_dir()
    assert "/data" in json.loads(_compose()["services/harvest/command"])
