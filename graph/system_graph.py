"""The system graph of a store: which rights, versions and partitions its graphs have.

It holds, and nothing else does:

<record graph>   in        <partition>     the partition of the record's own audiences
<record graph>   content   "hex"           SHA-256 of its statements (`graph.canonical.digest_of`)
<public graph>   public    <partition>     a graph that is not a record (an ontology's hierarchy)
<partition>      audience  "audience"      one for each audience
<any graph>      foreign   <subject>       a subject of the graph that is not under its record's IRI
<system>         version   "2"             layout
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from graph.partitions import RESERVED, partition_iri
from records.errors import StoreDamagedError
from records.ntriples import literal_text
from records.rdf import Literal
from records.rights import NOBODY, Audiences

SYSTEM: Final = f"{RESERVED}system"
IN: Final = f"{RESERVED}in"
CONTENT: Final = f"{RESERVED}content"
PUBLIC_GRAPH: Final = f"{RESERVED}public"
AUDIENCE: Final = f"{RESERVED}audience"
FOREIGN: Final = f"{RESERVED}foreign"
VERSION: Final = f"{RESERVED}version"
LAYOUT: Final = "2"
LAYOUT_LINE: Final = f'<{SYSTEM}> <{VERSION}> "{LAYOUT}"'
REBUILD: Final = "Run `voltagraph graph rebuild`: it derives everything in it anew from the payloads."
"""How to mend a store that is a folder."""


def partitions_of(described: Iterable[tuple[str, str]]) -> dict[str, Audiences]:
    """The set of each partition, from what the system graph says of their audiences."""
    sets: defaultdict[str, set[str]] = defaultdict(set)
    for partition, audience in described:
        sets[partition].add(audience)
    return {partition_iri(NOBODY): NOBODY} | {iri: frozenset(audiences) for iri, audiences in sets.items()}


def check_layout(layout: Sequence[str], place: str, remedy: str = REBUILD) -> None:
    """Refuse a layout of another version.

    Raises:
        StoreDamagedError: The store must be made anew.
    """
    if [*layout] != [LAYOUT]:
        raise StoreDamagedError(f"The graph store {place} has a layout that this version does not know.", remedy)


def audience_lines(partition: str, audiences: Audiences) -> Iterator[str]:
    """What is said of a partition."""
    return (f"<{partition}> <{AUDIENCE}> {literal_text(Literal(audience))}" for audience in sorted(audiences))


def content_line(graph_iri: str, digest: str) -> str:
    """What is said of the content of a record graph."""
    return f"<{graph_iri}> <{CONTENT}> {literal_text(Literal(digest))}"
