"""Large corpora for the SPARQL measurements: real documents, read once, then copied with fresh IRIs and varied values.

Every copy has IRIs of its own for all that it describes, its numbers are scaled at random, and its names carry its number; people,
organisations and concepts stay what they are, so copies share subjects as real records do. Who may read a copy is drawn as well:
42 % are public, the others belong to one of twelve communities or to two neighbouring ones. `READER` is in six of them and may read
71 %.
"""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from app.bootstrap import Services
from app.settings import Settings
from graph.embedded import EmbeddedGraphStore
from graph.lattice import GraphLines
from harvester.hierarchy import hierarchy
from records.ntriples import lines_of
from records.rdf import Triple
from records.record import Payload
from records.rights import PUBLIC, Audiences, Rights

BASE: Final = "https://archive.example/records/"
HIERARCHY: Final = "urn:benchmark:hierarchy"
COMMUNITIES: Final = tuple(f"bma/community:{number}" for number in range(12))
READER: Final = frozenset({"any", "bma/user:1", *COMMUNITIES[:6]})
SHARED: Final = re.compile(r"<https?://(?:orcid\.org|ror\.org|www\.wikidata\.org)/")
BATCH: Final = 500

_NUMBER = re.compile(r'"(-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)"\^\^<http://www\.w3\.org/2001/XMLSchema#(\w+)>$', re.MULTILINE)
_NAME = re.compile(r'(?<=#name> )"([^"\\]*)"$|(?<=schema\.org/name> )"([^"\\]*)"$', re.MULTILINE)
_MARK = re.compile("\x00(.)([^\x00]*)\x00")


@dataclass(frozen=True, slots=True)
class Template:
    """A document as text to fill in: what stays, and between that what changes, each with a letter for how."""

    constant: tuple[str, ...]
    changing: tuple[tuple[str, str], ...]

    def copy(self, number: int, chance: random.Random) -> list[str]:
        """The statements of one copy as N-Triples lines."""
        parts = [self.constant[0]]
        for (how, text), constant in zip(self.changing, self.constant[1:], strict=True):
            if how == "i":
                parts.append(str(number))
            elif how == "n":
                parts.append(str(int(float(text) * chance.lognormvariate(0, 0.5))))
            else:
                parts.append(f"{float(text) * chance.lognormvariate(0, 0.5):.6g}")
            parts.append(constant)
        return "".join(parts).split("\n")


def template_of(iri: str, triples: Sequence[Triple]) -> Template:
    """What of a document changes from copy to copy: its own IRIs, its numbers and its names."""
    text = "\n".join(lines_of(triples))
    text = text.replace(f"<{iri}", f"<{BASE}\x00i\x00")
    own = {
        subject for subject in re.findall(r"^<[^>]+>", text, re.MULTILINE) if "\x00" not in subject and not SHARED.match(subject)
    }
    for subject in sorted(own, key=len, reverse=True):
        text = text.replace(subject, f"{subject[:-1]}/copy-\x00i\x00>")
    text = _NUMBER.sub(_mark_of_number, text)
    text = _NAME.sub(lambda name: f'"{name[1] or name[2]} \x00i\x00"', text)
    marks = list(_MARK.finditer(text))
    ends = [0, *(mark.end() for mark in marks)]
    starts = [*(mark.start() for mark in marks), len(text)]
    constant = tuple(text[end:start] for end, start in zip(ends, starts, strict=True))
    return Template(constant, tuple((mark[1], mark[2]) for mark in marks))


def _mark_of_number(number: re.Match[str]) -> str:
    kind = number[2]
    if kind not in {"double", "float", "decimal", "integer"}:
        return number[0]
    datatype = "double" if kind == "float" else kind
    how = "n" if kind == "integer" else "x"
    return f'"\x00{how}{number[1]}\x00"^^<http://www.w3.org/2001/XMLSchema#{"double" if datatype == "decimal" else datatype}>'


def templates(data: Path, most: int = 150, seed: int = 1) -> tuple[list[Template], list[Triple]]:
    """Templates of the real documents under ``data/jsonld``, and the hierarchy of the concepts they use."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(
            home=Path(home), base_iri="https://template.example/", contexts_dir=data / "contexts", ontology_dir=data / "ontologies"
        )
        services = Services(settings)
        paths = sorted(path for path in (data / "jsonld").glob("*/*.json*") if path.parent.name != "malformed")
        random.Random(seed).shuffle(paths)
        found: list[Template] = []
        for path in paths:
            read = services.reader.read(path.stem, "bench", path.name, "", Rights(PUBLIC, PUBLIC), Payload(path.read_bytes()))
            if read.record is not None and 60 <= len(read.triples) <= 400:
                found.append(template_of(read.record.iri, read.triples))
            if len(found) == most:
                break
        return found, list(hierarchy(services.concepts))


def audiences(chance: random.Random) -> Audiences:
    """Who may read a copy."""
    if chance.random() < 0.42:
        return PUBLIC
    community = chance.randrange(len(COMMUNITIES))
    if chance.random() < 0.8:
        return frozenset({COMMUNITIES[community]})
    return frozenset({COMMUNITIES[community - community % 2], COMMUNITIES[community - community % 2 + 1]})


def records(made_from: Sequence[Template], count: int, seed: int = 1) -> Iterator[GraphLines]:
    """So many copies, the same for the same seed."""
    chance = random.Random(seed)
    for number in range(count):
        template = made_from[number % len(made_from)]
        yield GraphLines(f"{BASE}{number}#graph", template.copy(number, chance), audiences(chance))


def build(store: EmbeddedGraphStore, data: Path, count: int) -> None:
    """Fill a store with that many records and the hierarchy."""
    made_from, edges = templates(data)
    store.set_public_graph(HIERARCHY, edges)
    copies = records(made_from, count)
    while batch := list(islice(copies, BATCH)):
        store.apply_lines(batch)


def build_truth(path: Path, data: Path, count: int, reader: Audiences = READER) -> None:
    """A bare store of the same engine that holds what the reader may read and nothing else: each triple once, and each graph."""
    made_from, edges = templates(data)
    store = ox.Store(path)
    store.bulk_load("".join(f"{line} .\n" for line in lines_of(edges)).encode(), ox.RdfFormat.N_TRIPLES)
    copies = (copy for copy in records(made_from, count) if copy.audiences & reader)
    while batch := list(islice(copies, BATCH)):
        text = "".join(f"{line} .\n{line} <{graph.graph_iri}> .\n" for graph in batch for line in graph.lines)
        store.bulk_load(text.encode(), ox.RdfFormat.N_QUADS)
    store.flush()
    store.optimize()
