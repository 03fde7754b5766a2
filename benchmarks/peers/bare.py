"""The engine's own limit: pyoxigraph alone parses the same bytes and loads them into a store on disk.

No checks, no places, no index.

    python -m benchmarks.peers.bare DIRECTORY --contexts DIR --context pruned --json

The JSON-LD context is put into each document before the clock starts, because pyoxigraph loads none: either whole (``full``), or
cut down to the terms that the document uses (``pruned``), which no program gets for free.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import pyoxigraph

from benchmarks.peers.classic import Result, documents


def strings(value: Any, found: set[str]) -> set[str]:
    """Every key and every text of a JSON value: any of them may be a term."""
    if isinstance(value, dict):
        for key, item in value.items():
            found.add(key)
            strings(item, found)
    elif isinstance(value, list):
        for item in value:
            strings(item, found)
    elif isinstance(value, str):
        found.add(value)
    return found


def pruned(context: dict[str, Any], document: Any) -> dict[str, Any]:
    """The part of the context that the document can refer to, directly or through a prefix."""
    kept = {key: value for key, value in context.items() if key.startswith("@")}
    waiting = strings(document, set())
    while waiting:
        name = waiting.pop()
        if ":" in name:
            waiting.add(name.partition(":")[0])
        if name in context and name not in kept:
            definition = kept[name] = context[name]
            waiting |= strings(definition, set()) - kept.keys()
    return kept


def inlined(content: bytes, contexts: Path, files: dict[str, str], loaded: dict[str, Any], *, prune: bool) -> bytes:
    """The document with its contexts inside.

    Raises:
        ValueError: It is no JSON.
        KeyError: It names a context that is not there.
    """
    document = json.loads(content, parse_constant=lambda _: None)
    inside = []
    for entry in document["@context"] if isinstance(document["@context"], list) else [document["@context"]]:
        if isinstance(entry, str):
            if entry not in loaded:
                loaded[entry] = json.loads((contexts / files[entry]).read_text())["@context"]
            whole = loaded[entry]
            inside += [pruned(part, document) if prune else part for part in (whole if isinstance(whole, list) else [whole])]
        else:
            inside.append(entry)
    return json.dumps({**document, "@context": inside}).encode()


def harvest(files: list[Path], contexts: Path, out: Path, *, prune: bool) -> Result:
    """Parse and load every file; the clock runs while pyoxigraph works."""
    known = json.loads((contexts / "contexts.json").read_text())["map"]
    loaded: dict[str, Any] = {}
    prepared: list[tuple[str, bytes]] = []
    for file in files:
        try:
            content = inlined(file.read_bytes(), contexts, known, loaded, prune=prune)
        except (ValueError, KeyError, TypeError):
            continue
        prepared.append((f"http://localhost:8000/records/{file.parent.name}/{file.name}".replace(" ", "%20"), content))
    store = pyoxigraph.Store(out / "store")
    result = Result(documents=len(files))
    start = time.perf_counter()
    for iri, content in prepared:
        graph = pyoxigraph.NamedNode(f"{iri}#graph")
        try:
            with result.step("json-ld (pyoxigraph)"):
                quads = [
                    pyoxigraph.Quad(quad.subject, quad.predicate, quad.object, graph)
                    for quad in pyoxigraph.parse(content, format=pyoxigraph.RdfFormat.JSON_LD, base_iri=iri)
                ]
        except SyntaxError:
            continue
        with result.step("store (pyoxigraph)"):
            store.extend(quads)
        result.loaded += 1
        result.triples += len(quads)
    with result.step("store (pyoxigraph)"):
        store.flush()
    result.seconds = time.perf_counter() - start
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--contexts", type=Path, required=True)
    parser.add_argument("--context", choices=["full", "pruned"], default="pruned")
    parser.add_argument("--limit", type=int, default=0, help="take this many documents, evenly spread")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as out:
        files = documents(arguments.directory, arguments.limit)
        result = harvest(files, arguments.contexts, Path(out), prune=arguments.context == "pruned")
    print(result.to_json() if arguments.json else result.table())


if __name__ == "__main__":
    main()
