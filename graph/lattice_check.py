"""What is wrong between record graphs, digests, rights and partitions of a store."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from graph.canonical import digest_of
from graph.lattice import Backend, foreign_in, subject_of
from graph.partitions import collapse, partition_iri
from graph.system_graph import AUDIENCE, CONTENT, FOREIGN, IN, PUBLIC_GRAPH, SYSTEM, partitions_of
from records.rights import NOBODY, Audiences


def check(backend: Backend) -> list[str]:
    """What is wrong between record graphs, digests, rights and partitions; reads all, 100 bytes of memory a triple."""
    return _Check(backend).problems()


class _Check:
    """What each triple's graphs and partition are, by digest."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._partitions = partitions_of(backend.system(AUDIENCE))
        self._described = [*backend.system(IN), *backend.system(PUBLIC_GRAPH)]
        self._graphs = {graph: self._partitions.get(partition, NOBODY) for graph, partition in self._described}
        self._holders: dict[bytes, Audiences] = {}
        self._stands: dict[bytes, Audiences] = {}

    def problems(self) -> list[str]:
        """One sentence each."""
        return [*self._wrong_names(), *self._unknown_graphs(), *self._wrong_records(), *self._wrong_partitions()]

    def _wrong_names(self) -> Iterator[str]:
        for iri, audiences in self._partitions.items():
            if partition_iri(audiences) != iri:
                yield f"A partition's name is not its set's: <{iri}>"
        for graph, partition in self._described:
            if partition not in self._partitions:
                yield f"A graph is in a partition that is not described: <{graph}>"
        for graph, number in Counter(graph for graph, _ in self._described).items():
            if number > 1:
                yield f"A graph has two sets: <{graph}>"

    def _unknown_graphs(self) -> Iterator[str]:
        for graph in self._backend.graphs():
            if graph not in self._graphs and graph not in self._partitions and graph != SYSTEM:
                yield f"The store holds a graph that nothing describes: <{graph}>"

    def _wrong_records(self) -> Iterator[str]:
        digests = _by_subject(self._backend.system(CONTENT))
        foreign = _by_subject(self._backend.system(FOREIGN))
        public = {graph for graph, _ in self._backend.system(PUBLIC_GRAPH)}
        unmarked = bool(foreign.keys() - self._graphs.keys())
        for graph, audiences in self._graphs.items():
            lines = self._backend.lines_of(graph)
            for line in lines:
                name = _short(line)
                held = self._holders.get(name)
                self._holders[name] = audiences if held is None else collapse(held | audiences)
            unmarked |= foreign.get(graph, set()) != foreign_in(graph, map(subject_of, lines))
            if graph not in public and digests.get(graph) != {digest_of(sorted(lines))}:
                yield f"A graph's digest is not that of its content: <{graph}>"
        for graph in digests.keys() - self._graphs.keys():
            yield f"There is a digest of a graph that nothing describes: <{graph}>"
        if unmarked:
            yield "The foreign subjects written down are not those of the graphs."

    def _wrong_partitions(self) -> Iterator[str]:
        twice: list[str] = []
        for partition, audiences in self._partitions.items():

            def take(line: str, audiences: Audiences = audiences) -> None:
                name = _short(line)
                if name in self._stands:
                    twice.append(line)
                self._stands[name] = audiences

            self._backend.each_line(partition, take)
        yield from (f"A triple stands in two partitions: {line}" for line in dict.fromkeys(twice))
        wrong = sum(1 for name, held in self._holders.items() if self._stands.get(name) != held)
        if wrong:
            yield f"{wrong} triples of record graphs do not stand in the partition of their audiences."
        extra = len(self._stands.keys() - self._holders.keys())
        if extra:
            yield f"{extra} triples stand in a partition but in no record graph."


def _short(line: str) -> bytes:
    return blake2b(line.encode(), digest_size=16).digest()


def _by_subject(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for subject, value in pairs:
        found[subject].add(value)
    return dict(found)
