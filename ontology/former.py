"""IRIs of BattINFO 0.3 and its EMMO, and what they are called today.

The table `former.tsv` is made by `ontology.former_facts`; it holds identifiers and labels alone. Statements are never changed by
it: it says what an old IRI is to be read as.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final, NamedTuple

from ontology.concepts import PREFIXES, Concepts
from records.errors import OntologyError

FORMAT_VERSION: Final = 1
"""Changes whenever the format of the table does."""

NAMESPACES: Final[Mapping[str, str]] = {
    "emmo-old": "http://emmo.info/emmo#",
    "periodic-old": "http://emmo.info/emmo/domain/periodic-table#",
    "manufacturing-old": "http://emmo.info/emmo/middle/manufacturing#",
    "battinfo-old": "https://big-map.github.io/BattINFO/ontology/BattINFO#",
    "electrochemistry-old": "https://big-map.github.io/BattINFO/ontology/electrochemistry#",
}
"""Prefix -> namespace of BattINFO 0.3, for the table."""

FORMER_STARTS: Final = ("http://emmo.info/", "https://big-map.github.io/BattINFO/ontology/")
"""How every old IRI begins; also those between 0.3 and today, such as ``http://emmo.info/battery#``."""

_UUID: Final = re.compile(r"[0-9a-f]{8}[_-][0-9a-f]{4}[_-][0-9a-f]{4}[_-][0-9a-f]{4}[_-][0-9a-f]{12}$")


class How(StrEnum):
    """By what an old IRI is known to be today's concept.

    ``label``: the prefLabels are equal, and so is the dimension where both have one. ``identifier``: the identifier is the same,
    the label has changed. ``meaning``: what it was used for has a concept of its own today. ``none``: today's ontologies have no
    such concept; the column of the table for its IRI says why.
    """

    LABEL = "label"
    IDENTIFIER = "identifier"
    MEANING = "meaning"
    NONE = "none"


class Former(NamedTuple):
    """What became of one old IRI.

    Args:
        iri: The old IRI.
        how: By what it is mapped.
        today: Today's IRI; ``""`` when there is none.
        label: Its old prefLabel; ``""`` for an IRI that is not of BattINFO 0.3.
        reason: Why it maps to none.
    """

    iri: str
    how: How
    today: str = ""
    label: str = ""
    reason: str = ""


class FormerIris:
    """Looks old IRIs up; the table is read when the first one is asked for.

    Args:
        concepts: Today's concepts.

    >>> from ontology.facts import packaged_facts
    >>> former = FormerIris(Concepts(packaged_facts()))
    >>> former.find("http://emmo.info/emmo#EMMO_18d180e4_5e3e_42f7_820c_e08951223486")[1:4]
    (<How.IDENTIFIER: 'identifier'>, 'https://w3id.org/emmo#EMMO_18d180e4_5e3e_42f7_820c_e08951223486', 'Real')
    >>> former.find("https://w3id.org/emmo#Volt") is None
    True
    """

    def __init__(self, concepts: Concepts) -> None:
        self._concepts = concepts
        self._identifiers: dict[str, str] | None = None

    def find(self, iri: str) -> Former | None:
        """What became of an IRI; ``None`` when it is not an old one.

        Later releases have the same identifiers in other namespaces, so an IRI that is not in the table is looked up by these.

        Raises:
            OntologyError: The table that comes with the program is damaged.
        """
        if not iri.startswith(FORMER_STARTS):
            return None
        table = packaged_former()
        uuid = uuid_of(iri)
        known = table.get(iri) or (table.get(uuid) if uuid else None)
        if known is not None:
            return known._replace(iri=iri)
        today = self._by_identifier(uuid or iri.rpartition("#")[2])
        return Former(iri, How.IDENTIFIER, today) if today else Former(iri, How.NONE)

    def today(self, iri: str) -> str:
        """The IRI that an IRI is to be read as: today's for an old one that has one, else itself."""
        found = self.find(iri)
        return found.today if found is not None and found.today else iri

    def _by_identifier(self, identifier: str) -> str:
        if self._identifiers is None:
            self._identifiers = {}
            for iri in self._concepts.facts.concepts:
                self._identifiers.setdefault(uuid_of(iri) or iri.rpartition("#")[2], iri)
        found = self._identifiers.get(identifier, "") if identifier else ""
        return self._concepts.replacement(found) or found


def uuid_of(iri: str) -> str:
    """The opaque identifier at the end of an IRI, with ``_`` between its parts; ``""`` when it has none.

    >>> uuid_of("http://emmo.info/emmo#EMMO_18d180e4_5e3e_42f7_820c_e08951223486")
    '18d180e4_5e3e_42f7_820c_e08951223486'
    """
    found = _UUID.search(iri)
    return found[0].replace("-", "_") if found else ""


@cache
def packaged_former() -> Mapping[str, Former]:
    """The table that comes with the program: old IRI (and its identifier alone) -> what became of it.

    Raises:
        OntologyError: It is damaged.
    """
    text = resources.files("ontology").joinpath("former.tsv").read_bytes().decode()
    return read_former(text.splitlines())


def read_former(lines: Iterable[str]) -> dict[str, Former]:
    r"""The table of these lines; see `packaged_former`.

    Raises:
        OntologyError: A line is none of the table.

    >>> sorted(read_former(["voltagraph-former\t1", "emmo-old:X\tlabel\temmo:Y\tVolt"]))
    ['http://emmo.info/emmo#X']
    """
    rows = iter(lines)
    if next(rows, "") != f"voltagraph-former\t{FORMAT_VERSION}":
        raise OntologyError(f"The table of old IRIs is not of format {FORMAT_VERSION}.", "Install the program again.")
    found: dict[str, Former] = {}
    for row in rows:
        if row.startswith("#"):
            continue
        try:
            old, how, today, label = row.split("\t")
            iri = _expand(old)
            kind = How(how)
            former = Former(iri, kind, "" if kind is How.NONE else _expand(today), label, today if kind is How.NONE else "")
        except (ValueError, KeyError) as error:
            raise OntologyError(f"A line of the table of old IRIs cannot be read: {row[:80]!r}.", "Install it again.") from error
        found[iri] = former
        if uuid := uuid_of(iri):
            found.setdefault(uuid, former)
    return found


def _expand(curie: str) -> str:
    prefix, _, name = curie.partition(":")
    return (NAMESPACES.get(prefix) or PREFIXES[prefix]) + name
