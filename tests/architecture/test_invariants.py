"""What must be absent: vendor imports outside their adapters, adapters named outside the bootstrap, work at import time."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGES = ("access", "api", "app", "graph", "harvester", "ontology", "records", "search", "shapes", "ui")

# Vendor -> files that may import it.
VENDORS: dict[str, set[str]] = {
    "rdflib": {"shapes/pyshacl_validator.py"},
    "pyshacl": {"shapes/pyshacl_validator.py"},
    "shacl": {"shapes/shacl_validator.py"},
    "pyoxigraph": {
        "ontology/former_facts.py",
        "ontology/iris.py",
        "graph/answering.py",
        "graph/canonical.py",
        "graph/embedded.py",
        "graph/engine.py",
        "graph/guard.py",
        "graph/query_bindings.py",
        "graph/query_examples.py",
        "graph/remote.py",
        "graph/sparql_http.py",
        "graph/view_store.py",
        "ontology/loader.py",
        "ontology/ontology_files.py",
        "ontology/release.py",
        "ontology/unit_facts.py",
        "shapes/shape_facts.py",
        "shapes/shapes_file.py",
    },
    "tree_sitter": {"graph/guard.py", "graph/query_bindings.py", "graph/query_shape.py", "graph/query_text.py"},
    "sqlite3": {
        "search/columns/store.py",
        "graph/sqlite_file.py",
        "harvester/sqlite_ledger.py",
        "app/doctor.py",
    },
    "onnx": {"search/minilm_graph.py"},
    "onnxruntime": {"search/minilm.py", "search/minilm_graph.py"},
    "tokenizers": {"search/minilm.py"},
    "sentence_transformers": {"search/sentence_models.py"},
    "pyarrow": {"graph/tables.py", "search/datasets/table_files.py"},
    "pint": {"ontology/unit_measure.py"},
    "fastapi": {"api/", "ui/", "app/asgi.py"},
    "uvicorn": {"app/asgi.py"},
    "typer": {"app/cli/"},
    "markdown_it": {"ui/markdown.py"},
    "opensearchpy": {"search/opensearch/"},
    "urllib3": {"graph/sparql_http.py", "search/http_post.py"},
    "urllib.request": {"ontology/fetch.py", "harvester/address.py"},
    "requests": set(),
    "httpx": set(),
}

ADAPTERS = {
    "graph.embedded",
    "graph.remote",
    "search.columns.index",
    "search.minilm",
    "search.opensearch.index",
    "search.sentence_models",
    "shapes.shacl_validator",
    "shapes.pyshacl_validator",
    "graph.sqlite_saved_queries",
    "search.sqlite_saved_searches",
    "search.http_post",
    "harvester.sqlite_ledger",
    "harvester.sqlite_corrections",
    "harvester.file_payloads",
    "harvester.sources.folder",
    "app.tokens",
}


def _modules(repository: Path) -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((repository / package).rglob("*.py")):
            yield path.relative_to(repository).as_posix(), ast.parse(path.read_text())


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_is_imported_only_by_its_adapters(vendor: str, repository: Path) -> None:
    users = {
        name
        for name, tree in _modules(repository)
        if any(found == vendor or found.startswith(vendor + ".") for found in _imported(tree))
    }
    allowed = VENDORS[vendor]
    assert not {
        user for user in users if not any(user == place or (place.endswith("/") and user.startswith(place)) for place in allowed)
    }


def test_only_the_bootstrap_names_adapters(repository: Path) -> None:
    users = {
        (name, found)
        for name, tree in _modules(repository)
        for found in _imported(tree)
        if found in ADAPTERS and name != "app/bootstrap.py"
    }
    # The commands that manage tokens work on the file itself; the process of its own runs the embedded store, and
    # checkpoints publish it.
    assert users == {
        ("app/cli/tokens.py", "app.tokens"),
        ("graph/process.py", "graph.embedded"),
        ("graph/checkpoints.py", "graph.embedded"),
    }


def test_importing_everything_does_no_work(repository: Path) -> None:
    """No file is opened for writing, no socket made and no thread started by importing every module."""
    names = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name, _ in _modules(repository)
        if name != "shapes/pyshacl_validator.py"  # needs development dependencies
    ]
    program = (
        "import sys, threading\n"
        "bad = []\n"
        "def watch(event, args):\n"
        "    if event == 'open' and isinstance(args[1], str) and set(args[1]) & set('wax+'): bad.append((event, args[0]))\n"
        "    if event in ('socket.connect', 'socket.bind', 'sqlite3.connect', 'subprocess.Popen'): bad.append((event, args))\n"
        "sys.addaudithook(watch)\n"
        f"for name in {names!r}: __import__(name)\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "assert not bad, bad\n"
    )
    subprocess.run([sys.executable, "-B", "-c", program], check=True, cwd=repository, timeout=60)


def test_no_sql_or_sparql_is_made_from_user_text_by_formatting(repository: Path) -> None:
    """Functions that build queries by formatting live in the adapters alone; what users typed goes through parameters there."""
    offenders = []
    for name, tree in _modules(repository):
        if name.startswith(("api/", "ui/", "app/")):
            offenders += [
                name
                for node in ast.walk(tree)
                if isinstance(node, ast.JoinedStr)
                and any(
                    isinstance(part, ast.Constant)
                    and str(part.value).lstrip().upper().startswith(("SELECT ", "INSERT ", "DELETE ", "ASK ", "CONSTRUCT "))
                    for part in node.values
                )
            ]
    assert not offenders
