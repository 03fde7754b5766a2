"""N-Triples lines as the embedded engine gives them back, so that one text stands for one triple in every store.

The engine normalises typed literals (``"01"^^xsd:int`` becomes ``"1"^^xsd:integer``) and language tags, and escapes control
characters. Of a line that `records.ntriples.lines_of` wrote only the object can differ from what comes back, and only in these
cases: all other lines are taken as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

import pyoxigraph as ox

CACHE: Final = 50_000
"""Number of objects whose canonical text is kept in memory; the same numbers and units come again and again."""
CACHED_CHARACTERS: Final = 100
"""Longer objects are not kept."""


class Canonical:
    r"""Makes lines canonical; asks the engine once for each object that may have two texts.

    >>> Canonical().graphs([['<urn:a> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#int>', '<urn:a> <urn:p> "x"']])
    [['<urn:a> <urn:p> "1"^^<http://www.w3.org/2001/XMLSchema#integer>', '<urn:a> <urn:p> "x"']]
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def graphs(self, graphs: Sequence[Sequence[str]]) -> list[list[str]]:
        """The lines of each of these graphs, canonical, sorted, each once.

        Raises:
            SyntaxError: An object is none; nothing is told of the other parts of a line.
        """
        doubtful = [[line for line in lines if _is_doubtful(line)] for lines in graphs]
        texts = self._texts({_object(line) for lines in doubtful for line in lines})

        def mended(line: str) -> str:
            text = _object(line)
            return line[: -len(text)] + texts[text]

        return [
            sorted({*lines}.difference(unsure).union(map(mended, unsure)) if unsure else {*lines})
            for lines, unsure in zip(graphs, doubtful, strict=True)
        ]

    def _texts(self, objects: set[str]) -> dict[str, str]:
        """The canonical text of each of these objects."""
        found = {text: self._known[text] for text in objects if text in self._known}
        unknown = [text for text in objects if text not in found]
        if len(self._known) > CACHE:
            self._known.clear()
        for line in through_engine(f"<urn:n:{number}> <urn:p> {text}" for number, text in enumerate(unknown)):
            subject, _, canonical = line.split(" ", 2)
            text = unknown[int(subject[7:-1])]
            found[text] = canonical
            if len(text) <= CACHED_CHARACTERS:
                self._known[text] = canonical
        return found


def through_engine(lines: Iterable[str]) -> set[str]:
    """The lines as an empty store of the engine gives them back.

    Raises:
        SyntaxError: One is not N-Triples.
    """
    text = "".join(f"{line} .\n" for line in lines)
    if not text:
        return set()
    store = ox.Store()
    store.load(text.encode(), ox.RdfFormat.N_TRIPLES)
    return split(store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph()) or b"")


def split(ntriples: bytes) -> set[str]:
    """The lines of an N-Triples document, without the final dots."""
    return {line[:-2] for line in ntriples.decode().split("\n") if line}


def digest_of(lines: Sequence[str]) -> str:
    """SHA-256 of the N-Triples document of these canonical lines, which are sorted, each once."""
    return sha256((" .\n".join(lines) + " .\n" if lines else "").encode()).hexdigest()


def _is_doubtful(line: str) -> bool:
    """Whether the line may come back otherwise: a typed literal, a language in capitals, a control character."""
    end = line[-1:]
    if end == ">":
        return '"^^<' in line
    return not line.isprintable() or (end != '"' and not line.rpartition("@")[2].islower())


def _object(line: str) -> str:
    return line.split(" ", 2)[2]
