"""Findings that the program can give, their pages and the examples there are the same."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.bootstrap import Services
from app.settings import Settings
from harvester.normalize import Vocabulary
from harvester.reading import Reader
from ontology.concepts import Concepts
from ontology.contexts import Contexts
from ontology.facts import packaged_facts
from ontology.units import Units
from records.record import Payload
from records.rights import DENIED
from shapes.profiles import PROFILES, Checks, always, files_of
from shapes.reader import Limits
from shapes.shacl_validator import ShaclValidator
from shapes.shape_facts import shapes_of
from tests.architecture.repository import PACKAGES, REPOSITORY, read

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
    sections = re.split(r"^## ", read("docs/profiles.md"), flags=re.MULTILINE)[1:]
    named = {match[1]: section for section in sections if (match := re.search(r"^`([a-z-]+)`: ", section, re.MULTILINE))}
    assert list(named) == [profile.name for profile in PROFILES]
    for profile in PROFILES:
        row = r"^\| \[([\w-]+)\]\(../shapes/findings/\1\.md\) \| (\w+) \| (.*) \| (.*) \|$"
        rows = re.findall(row, named[profile.name], re.MULTILINE)
        assert rows == [(facts.code, facts.severity.value, facts.message, facts.reason) for facts in shapes_of(profile)]
        assert f"## {profile.title.partition(' (')[0]}" in read("docs/profiles.md")


def test_the_settings_and_shapes_that_the_page_of_the_profiles_shows_can_be_used(tmp_path: Path) -> None:
    shown = read("docs/profiles.md")
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
    listed = re.findall(r"^\| \[([\w-]+)\]\(../shapes/findings/\1\.md\) \| \S", read("docs/findings.md"), re.MULTILINE)
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
    about_documents = read("docs/findings.md").partition("## The folder")[0]
    assert set(re.findall(r"^\| \[([\w-]+)\]", about_documents, re.MULTILINE)) - _documents().keys() == {"too-large"}
