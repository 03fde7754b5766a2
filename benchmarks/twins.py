"""How often the same cell of another source is among the first three that are similar (`docs/similar.md`).

Twins are found by this script alone, from the files: the same maker and model, small letters and digits only. Each is asked for
from both sides, with both sources harvested and nothing else.

    python -m benchmarks.twins ../shared/data [--by all]
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.bootstrap import build_services
from app.commands import harvest_folder
from app.embedding import embed_harvested
from app.settings import Settings
from records.rights import PUBLIC
from search.aspects import Aspect

SOURCES = ("cellinfo", "battinfo-records")
FIRST = 3


def main() -> None:
    parser = argparse.ArgumentParser(description="Ranks of known twins.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--by", choices=[aspect.value for aspect in Aspect], default="all")
    parser.add_argument("--model", default="auto", help="setting embedding_model")
    given = parser.parse_args()
    folders = [given.data / "jsonld" / source for source in SOURCES]
    twins = list(_twins(*folders))
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(
            home=Path(home),
            ontology_dir=given.data / "ontologies",
            contexts_dir=given.data / "contexts",
            embedding_model=given.model,
        )
        services = build_services(settings)
        for folder in folders:
            harvest_folder(services, folder, name=None, audience=["any"], on_progress=None)
        embed_harvested(services)
        ranks: Counter[int] = Counter()
        times = []
        for record, twin in twins:
            started = time.perf_counter()
            found = services.similar.find(record, PUBLIC, by=Aspect(given.by), limit=10)
            times.append((time.perf_counter() - started) * 1000)
            listed = [one.record.id for one in found.similar] if found else []
            rank = listed.index(twin) + 1 if twin in listed else 0
            ranks[rank] += 1
            if not 0 < rank <= FIRST:
                print(f"rank {rank or '-'}: {record} -> {twin}; first: {listed[:1]}")
        candidates = {one.records for one in services.duplicates.find(PUBLIC)}
    pairs = {tuple(sorted(pair)) for pair in twins}
    good = sum(count for rank, count in ranks.items() if 0 < rank <= FIRST)
    times.sort()
    print(f"twins: {len(pairs)}, asked for from both sides: {len(twins)}; by {given.by}, model {given.model}")
    print(f"rank 1: {ranks[1] / len(twins):.1%}; rank 1 to {FIRST}: {good / len(twins):.1%}; not among ten: {ranks[0]}")
    print(f"p50 {times[len(times) // 2]:.1f} ms, p95 {times[int(len(times) * 0.95)]:.1f} ms")
    print(f"duplicates: {len(candidates)} candidates, {len(candidates & pairs)} of the twins among them")


def _twins(*folders: Path) -> Iterator[tuple[str, str]]:
    """Pairs of record ids, both ways round."""
    named = [{_cell(path): f"{folder.name}/{path.name}" for path in sorted(folder.iterdir())} for folder in folders]
    for cell in sorted(named[0].keys() & named[1].keys()):
        if all(cell):
            yield named[0][cell], named[1][cell]
            yield named[1][cell], named[0][cell]


def _cell(path: Path) -> tuple[str, str]:
    document = json.loads(path.read_text(encoding="utf-8"))
    return _folded(document, "schema:manufacturer"), _folded(document, "schema:model") or _folded(document, "schema:name")


def _folded(document: Any, key: str) -> str:
    value = document.get(key, "") if isinstance(document, dict) else ""
    value = value.get("schema:name", "") if isinstance(value, dict) else value
    return re.sub(r"[^a-z0-9]", "", str(value).lower())


if __name__ == "__main__":
    main()
