"""The document of a record: as fields, by which it is found and counted, and whole (``body``), as readers get it.

Words are taken apart here and not by an analyzer of the cluster, so that they are the same as everywhere (`search.words`).
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from records.record import ConceptUse, Condition, Quantity, Record
from search.bodies import decoded, encoded
from search.matching import day_of, nesting, values_of, year_of
from search.names import fold_name
from search.opensearch.cluster import Json
from search.opensearch.mapping import JOINT, OPEN, summary_hash
from search.query import Facet
from search.ranking import NEAR_ROOT
from search.words import plain, words_of

Element = TypeVar("Element")

WORD_LENGTH: Final = 200
"""Words are cut to so many characters."""

_CODE: Final = re.compile(r"\d{4,}")


class Documents:
    """Makes documents of records.

    Args:
        ancestors: Everything broader than a concept.
        ubiquitous: Concepts left out of the facet ``role``.
        summary: What is embedded of a record.
    """

    def __init__(
        self, ancestors: Callable[[str], Collection[str]], ubiquitous: Collection[str], summary: Callable[[Record], str]
    ) -> None:
        self._ancestors = ancestors
        self._ubiquitous = frozenset(ubiquitous)
        self._summary = summary

    def summary(self, record: Record) -> str:
        """What is embedded of a record."""
        return self._summary(record)

    def document(self, record: Record, since: int) -> Json:
        """The document of a record that counts from this generation on; its vector is not in it."""
        return {
            "id": record.id,
            "since": since,
            "until": OPEN,
            "read_metadata": sorted(record.rights.read_metadata),
            "read_files": sorted(record.rights.read_files),
            "title": _words(record.title),
            "title_codes": _codes(record.title),
            "source": record.source,
            "community": list(record.communities),
            "text": _words(record.text),
            "text_codes": _codes(record.text),
            "concept": self._with_broader(use.concept for use in record.concepts),
            "role": self._roles(record.concepts),
            "quantity": self._with_broader(kind for quantity in record.quantities for kind in quantity.kinds),
            "year": year_of(record.date),
            "released": year_of(record.released),
            "date": day_of(record.date),
            "release_date": day_of(record.released),
            "country": sorted(set(values_of(Facet.COUNTRY, record))),
            "licence": record.licence or None,
            "validation": record.validation or None,
            **_entities(record),
            "uses": [_use(use) for use in record.concepts],
            "quantities": [_quantity(quantity) for quantity in record.quantities],
            "summary": summary_hash(self._summary(record)),
            "body": base64.b64encode(encoded(record)).decode(),
        }

    def _with_broader(self, iris: Iterable[str]) -> list[str]:
        used = set(iris)
        return sorted(used.union(*map(self._ancestors, used)))

    def _roles(self, uses: Sequence[ConceptUse]) -> list[str]:
        counted = (use for use in uses if use.concept not in self._ubiquitous)
        return sorted({f"{role} {use.concept}" for use in counted for role in use.within if role not in self._ubiquitous})


def record_of(source: Mapping[str, Any]) -> Record:
    """The record of a document."""
    return decoded(base64.b64decode(source["body"]))


def batches(every: Iterable[Element], size: int) -> Iterator[list[Element]]:
    """All of them, so many at once."""
    iterator = iter(every)
    while some := list(islice(iterator, size)):
        yield some


def told(name: str, what: str, text: str) -> str:
    """A spelling (``L``) or an IRI (``I``) of a folded name, as one value."""
    return f"{name}{JOINT}{what}{JOINT}{text}"


def _words(text: str) -> str:
    return " ".join(word[:WORD_LENGTH] for word in words_of(text))


def _codes(text: str) -> list[str]:
    """Runs of four and more digits: a size is found within a model name too (`search.words.find_word`)."""
    return sorted({code[:WORD_LENGTH] for code in _CODE.findall(plain(text))})


def _use(use: ConceptUse) -> Json:
    return {
        "concept": use.concept,
        "within": sorted(set(use.within)),
        "implied": bool(use.implied_by),
        "near": NEAR_ROOT / (1 + len(use.role)),
    }


def _quantity(quantity: Quantity) -> Json:
    values = [value for value in quantity.base_values if math.isfinite(value)]
    return {
        "kinds": list(quantity.kinds),
        "dimension": quantity.dimension,
        "values": values,
        "low": min(values, default=None),
        "high": max(values, default=None),
        "within": sorted(set(quantity.within)),
        "near": NEAR_ROOT / (1 + nesting(quantity.pointer)),
        "conditions": [_condition(condition) for condition in quantity.conditions],
    }


def _condition(condition: Condition) -> Json:
    value = condition.base_value
    return {
        "kinds": list(condition.kinds),
        "dimension": condition.dimension,
        "values": [] if value is None or not math.isfinite(value) else [value],
    }


def _entities(record: Record) -> Json:
    names: dict[str, set[str]] = {}
    iris: dict[str, set[str]] = {}
    spelled: dict[str, set[str]] = {}
    for entity in record.entities:
        if entity.iri:
            iris.setdefault(entity.kind, set()).add(entity.iri)
        name = fold_name(entity.name)
        if name:
            names.setdefault(entity.kind, set()).add(name)
            forms = {told(name, "L", entity.name), *([told(name, "I", entity.iri)] if entity.iri else [])}
            spelled.setdefault(entity.kind, set()).update(forms)
    by_kind = {"names": names, "iris": iris, "told": spelled}
    return {field: {kind: sorted(values) for kind, values in each.items()} for field, each in by_kind.items()}
