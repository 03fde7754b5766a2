"""What the docs say is so: paths, targets, commands, options, routes, settings, findings and examples, each in both directions."""

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
from harvester.normalize import Vocabulary
from harvester.reading import Reader
from harvester.run import Report
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.facts import packaged_facts
from ontology.units import Units
from records.issues import Issue
from records.record import Payload
from records.rights import DENIED
from shapes.profiles import PROFILES, Checks, always, files_of
from shapes.reader import Limits
from shapes.shacl_validator import ShaclValidator
from shapes.shape_facts import shapes_of

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("access", "api", "app", "graph", "harvester", "ontology", "records", "search", "shapes", "ui")
DOCS = sorted(path.relative_to(REPOSITORY).as_posix() for path in (*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")))

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
_PATH = re.compile(r"\.?[\w-][\w./*-]*")
_CALL = re.compile(r"(?:\.venv/bin/|^|[\s(])voltagraph((?:[ \t]+(?:'[^']*'|\"[^\"]*\"|[^\s|#;&`'\")]+))*)", re.MULTILINE)
_WORD = re.compile(r"'[^']*'|\"[^\"]*\"|\S+")


def _read(name: str) -> str:
    return (REPOSITORY / name).read_text("utf-8")


def _codes(text: str) -> list[str]:
    """What stands in backticks, code blocks left out."""
    return _CODE.findall(_FENCE.sub("", text))


def _all_code(text: str) -> str:
    """What stands in backticks and in code blocks, one piece a line."""
    return "\n".join([*_codes(text), *_FENCE.findall(text)])


# Paths and targets


def _paths(name: str) -> Iterator[tuple[str, str]]:
    """Paths that a document names, each with the folder whose row of a table it stands in."""
    text = _FENCE.sub("", _read(name))
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
    targets = set(re.findall(r"^([a-z]+):", _read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z]+)", _all_code(_read(name)), re.MULTILINE)) <= targets


def test_every_make_target_says_what_it_does() -> None:
    makefile = _read("Makefile")
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
    for call in _CALL.findall(_all_code(_read(name))):
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
    alone = {option for code in _codes(_read(name)) for option in re.findall(r"^(--[a-z][a-z-]*)", code)}
    assert alone <= known


def _section(command: str) -> str:
    """What docs/interfaces.md says of a command: its section, or its row."""
    text = _read("docs/interfaces.md")
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
    assert all(f"`{option}" in _read("docs/interfaces.md") for option in _commands()[""])


def test_exit_codes_are_documented() -> None:
    table = re.findall(r"^\| (\d{1,3}) \|", _read("docs/interfaces.md").partition("## HTTP")[0], re.MULTILINE)
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
    rows = re.findall(r"^\| `([A-Z]+ \S+)` \|([^|]*)\|", _read("docs/interfaces.md"), re.MULTILINE)
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
    table = _read("docs/interfaces.md").partition("| status | when |")[2]
    written = {int(status) for row in re.findall(r"^\| ([\d, ]+) \|", table, re.MULTILINE) for status in row.split(",")}
    assert set(STATUSES.values()) <= written


# Settings


def test_settings_are_documented_with_their_defaults() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", _read("docs/settings.md"), re.MULTILINE))
    defaults = {name: _default(field.default) for name, field in Settings.model_fields.items()}
    assert {name: re.sub(r"[`\s]", "", value) for name, value in rows.items()} == defaults


def _default(value: object) -> str:
    if value is None:
        return "unset"
    return (",".join(value) if isinstance(value, tuple) else str(value)).replace(" ", "")


def test_the_example_file_shows_every_setting_and_no_other() -> None:
    shown = tomllib.loads(
        "\n".join(line.removeprefix("# ") for line in _read("voltagraph.example.toml").splitlines() if " = " in line)
    )
    assert shown.keys() == Settings.model_fields.keys()


@pytest.mark.parametrize("name", [*DOCS, "Dockerfile", "docker-compose.yml"])
def test_variables_of_the_environment_exist(name: str) -> None:
    known = {PREFIX + field.upper() for field in Settings.model_fields} | COMMAND_VARIABLES
    assert set(re.findall(rf"{PREFIX}[A-Z_]+", _read(name))) - {f"{PREFIX}NAME"} <= known


# Architecture, decisions, changes


def test_the_architecture_names_every_package_port_and_decision() -> None:
    text = _read("ARCHITECTURE.md")
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
    assert re.search(r"^## Unreleased$", _read("CHANGELOG.md"), re.MULTILINE)


# Findings


# These take the code of a finding that was made elsewhere.
_SHOW_FINDINGS = (
    *("api/", "app/cli/", "ui/", "shapes/reports/", "shapes/finding_pages.py", "shapes/causes.py", "harvester/sightings.py"),
    *("app/explanation.py", "app/validation.py"),
)


class _Raised:
    """Codes that the program can give a finding, found where they are written.

    Whatever has a parameter or field ``code`` passes it on to a finding in the end: `Issue`, helpers that make one, and values that
    become one. A code is a constant given there, or a key of the table that is asked for its text.
    """

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self.unresolved: set[str] = set()
        paths = [path for package in PACKAGES for path in sorted((REPOSITORY / package).rglob("*.py"))]
        names = {path.relative_to(REPOSITORY).as_posix(): path for path in paths}
        trees = {name: ast.parse(path.read_text("utf-8")) for name, path in names.items() if not name.startswith(_SHOW_FINDINGS)}
        self._takers = {name: place for tree in trees.values() for name, place in _takers(tree)}
        for name, tree in trees.items():
            for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
                self._look(name, tree, function)

    def _look(self, name: str, tree: ast.Module, function: ast.FunctionDef) -> None:
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if called in self._takers and called != "Exit":
                given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
                given += call.args[self._takers[called] : self._takers[called] + 1]
                for code in given:
                    self._take(name, tree, function, code)

    def _take(self, name: str, tree: ast.Module, function: ast.FunctionDef, code: ast.expr) -> None:
        match code:
            case ast.Constant(value=str(value)):
                self.codes |= {value} - {""}
            case ast.IfExp(body=body, orelse=orelse):
                self._take(name, tree, function, body)
                self._take(name, tree, function, orelse)
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue(value=ast.Name(id=parameter))]):
                self.codes |= {start + value for value in _given(tree, function.name, _position(function, parameter))}
            case ast.Name(id="code") | ast.Attribute(attr="code"):
                if any(argument.arg == "code" for argument in function.args.args):
                    return  # handed on
                found = _assigned(function) | _keys_of_tables(tree, function)
                self.codes |= found
                if not found and not isinstance(code, ast.Attribute):
                    self.unresolved.add(f"{name} {function.name}")
            case ast.Call(func=ast.Name(id="code_of")):
                pass  # the shapes' names: see `_shapes`
            case _:
                self.unresolved.add(f"{name} {function.name}")


def _takers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Functions and classes that take a ``code``, and at which position."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            names = [item.target.id for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)]
            if "code" in names:
                yield node.name, names.index("code")
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and _position(item, "code") >= 0:
                    yield (node.name if item.name == "__init__" else item.name), _position(item, "code") - 1
        elif isinstance(node, ast.Module):
            yield from (
                (item.name, _position(item, "code"))
                for item in node.body
                if isinstance(item, ast.FunctionDef) and _position(item, "code") >= 0
            )


def _position(function: ast.FunctionDef, parameter: str) -> int:
    return next((place for place, argument in enumerate(function.args.args) if argument.arg == parameter), -1)


def _given(tree: ast.Module, function: str, position: int) -> set[str]:
    """Constants that a module gives a function at a position."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function)
    return {call.args[position].value for call in calls if isinstance(call.args[position], ast.Constant)}  # type: ignore[attr-defined]


def _assigned(function: ast.FunctionDef) -> set[str]:
    """Constants that a function assigns to ``code``."""
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = (
                    zip(target.elts, node.value.elts, strict=False)
                    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                    else [(target, node.value)]
                )
                found |= {
                    str(value.value) for one, value in pairs if getattr(one, "id", "") == "code" and isinstance(value, ast.Constant)
                }
    return found


def _keys_of_tables(tree: ast.Module, function: ast.FunctionDef) -> set[str]:
    """Keys of the module's tables that a function asks by code, but for those that it names itself, which stand for no code."""
    asked = [node for node in ast.walk(function) if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)]
    by_code = {node.value.id for node in asked if getattr(node.slice, "attr", getattr(node.slice, "id", "")) == "code"}  # type: ignore[attr-defined]
    by_name = {str(node.slice.value) for node in asked if isinstance(node.slice, ast.Constant)}
    found = set()
    for node in tree.body:
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
        if (
            getattr(target, "id", "") in by_code
            and isinstance(node, ast.Assign | ast.AnnAssign)
            and isinstance(node.value, ast.Dict)
        ):
            found |= {str(key.value) for key in node.value.keys if isinstance(key, ast.Constant)}
    return found - by_name


def _shapes() -> set[str]:
    """Codes of the shapes of all profiles."""
    return {facts.code for profile in PROFILES for facts in shapes_of(profile)}


def test_the_page_of_the_profiles_names_exactly_the_shapes_with_what_they_say() -> None:
    sections = re.split(r"^## ", _read("docs/profiles.md"), flags=re.MULTILINE)[1:]
    named = {match[1]: section for section in sections if (match := re.search(r"^`([a-z-]+)`: ", section, re.MULTILINE))}
    assert list(named) == [profile.name for profile in PROFILES]
    for profile in PROFILES:
        row = r"^\| \[([\w-]+)\]\(../shapes/findings/\1\.md\) \| (\w+) \| (.*) \| (.*) \|$"
        rows = re.findall(row, named[profile.name], re.MULTILINE)
        assert rows == [(facts.code, facts.severity.value, facts.message, facts.reason) for facts in shapes_of(profile)]
        assert f"## {profile.title.partition(' (')[0]}" in _read("docs/profiles.md")


def test_the_settings_and_shapes_that_the_page_of_the_profiles_shows_can_be_used(tmp_path: Path) -> None:
    shown = _read("docs/profiles.md")
    [settings] = re.findall(r"^```toml\n(.*?)\n```$", shown, re.MULTILINE | re.DOTALL)
    [shapes] = re.findall(r"^```turtle\n(.*?)\n```$", shown, re.MULTILINE | re.DOTALL)
    (tmp_path / "our-lab.ttl").write_text(shapes)
    services = Services(Settings(home=tmp_path, profile_files={"our-lab": tmp_path / "our-lab.ttl"}, **tomllib.loads(settings)))
    assert services.choices.of("cellinfo").profiles == ("readable", "battinfo-cell")
    assert [facts.code for facts in shapes_of(services.profiles[-1])] == ["missing-time", "serial-number-form"]


PAGES = REPOSITORY / "shapes" / "findings"


def _finding_codes() -> set[str]:
    return {path.stem for path in PAGES.glob("*.md")}


def _examples() -> dict[str, str]:
    """The example line on the page of every finding."""
    pages = {
        path.stem: re.search(r"^```text\n(.*?)\n```$", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        for path in PAGES.iterdir()
    }
    return {code: found[1] for code, found in pages.items() if found}


def _documents() -> dict[str, bytes]:
    """The document on the page of a finding; those that a page cannot show are written here."""
    pages = {
        path.stem: re.search(r"^```json\n(.*?)\n```$", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        for path in PAGES.iterdir()
    }
    return _UNSHOWABLE | {code: found[1].encode() for code, found in pages.items() if found}


def test_every_finding_has_a_page_and_every_page_a_finding() -> None:
    raised = _Raised()
    listed = re.findall(r"^\| \[([\w-]+)\]\(../shapes/findings/\1\.md\) \| \S", _read("docs/findings.md"), re.MULTILINE)
    assert not raised.unresolved - {"harvester/sqlite_ledger.py _issue"}  # which reads back what was stored
    assert len(_shapes()) > 10
    assert len(listed) == len(set(listed))
    assert set(listed) == _finding_codes() == raised.codes | _shapes()


def test_every_finding_has_an_example_that_names_it() -> None:
    examples = _examples()
    assert examples.keys() == _finding_codes()
    for code, line in examples.items():
        assert re.match(rf"[\w./-]*(:\d+:\d+)?: (violation|warning|info) \[{code}\] \S.*; \S", line), line


_UNSHOWABLE: dict[str, bytes] = {
    "empty-file": b"",
    "not-utf8": b'{"schema:name": "Z\xfcrich"}',
    "lone-surrogate": b'{"schema:name": "\\ud800"}',
    "too-deep": b"[" * 70 + b"]" * 70,
    "too-many-contexts": json.dumps({"@graph": [{"@context": {"a": "https://example.org/a"}, "a": 1}] * 100}).encode(),
    "too-many-issues": json.dumps(
        {
            "@context": "https://w3id.org/emmo/domain/battery/context",
            "schema:name": "A cell",
            **{f"wrong{i}": 1 for i in range(1100)},
        },
        indent=1,
    ).encode(),
}


@pytest.fixture(scope="module")
def reader() -> Reader:
    """Reads with the fact table alone, so that the examples are the same on every machine."""
    facts = packaged_facts()
    concepts = Concepts(facts)
    return Reader(
        base_iri="http://localhost:8000/records/",
        contexts=Contexts.from_terms(facts.terms),
        vocabulary=Vocabulary(concepts, Units(facts)),
        checks=always(Checks(ShaclValidator(files_of(PROFILES), parents=concepts.parents))),
        limits=Limits(),
    )


@pytest.mark.parametrize("code", sorted(_documents()))
def test_the_example_of_a_finding_is_what_the_program_says(code: str, reader: Reader) -> None:
    issues = reader.read("validate/cell.jsonld", "validate", "cell.jsonld", "", DENIED, Payload(_documents()[code])).issues
    assert _examples()[code] in [str(issue) for issue in issues]


def test_every_finding_about_a_document_is_shown_by_a_real_document() -> None:
    about_documents = _read("docs/findings.md").partition("## The folder")[0]
    assert set(re.findall(r"^\| \[([\w-]+)\]", about_documents, re.MULTILINE)) - _documents().keys() == {"too-large"}


# The container


def _compose() -> dict[str, str]:
    """docker-compose.yml as key path -> text; it uses block mappings, and JSON for lists, and nothing else of YAML."""
    found: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in _read("docker-compose.yml").splitlines():
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
    assert re.search(r"^USER (?!root)\w+$", _read("Dockerfile"), re.MULTILINE)


def test_the_health_check_asks_a_route_that_exists_at_the_port_that_is_served(application: Any) -> None:
    compose = _compose()
    [(port, route)] = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", compose["services/voltagraph/healthcheck/test"])
    assert int(port) == Settings.model_fields["port"].default
    assert route in application.openapi()["paths"]
    assert json.loads(compose["services/voltagraph/ports"]) == [f"127.0.0.1:{port}:{port}"]
    assert f"EXPOSE {port}" in _read("Dockerfile")


def test_the_image_copies_what_exists_and_all_that_is_installed() -> None:
    copied = [
        word for line in re.findall(r"^COPY (?!--from)(.+)$", _read("Dockerfile"), re.MULTILINE) for word in line.split()[:-1]
    ]
    assert all((REPOSITORY / word).exists() for word in copied)
    assert set(PACKAGES) <= set(copied)
    allowed = {line[1:] for line in _read(".dockerignore").splitlines() if line.startswith("!")}
    assert {word.split("/")[0] for word in copied} == allowed


def test_the_folder_that_is_harvested_unless_told_exists() -> None:
    volumes = json.loads(_compose()["services/harvest/volumes"])
    [folder] = [found[1] for volume in volumes if (found := re.match(r"\$\{FOLDER:-\./([^}]+)\}:/data:ro", volume))]
    assert (REPOSITORY / folder).is_dir()
    assert "/data" in json.loads(_compose()["services/harvest/command"])
