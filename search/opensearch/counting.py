"""Exact counts of values, with the cluster's aggregations.

An aggregation of terms is exact where it says so itself: each part of the index told all its values. Where it was not, all
values are asked for in pages. See https://docs.opensearch.org/docs/latest/aggregations/bucket/terms/ and ``composite`` beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from records.record import EntityKind
from search.index import CLASS_FACET_SIZE, FACET_SIZE, FacetCount, Named
from search.opensearch.cluster import Json
from search.opensearch.mapping import JOINT
from search.opensearch.query_dsl import METADATA_FACETS, both
from search.query import Facet

Ask = Callable[[Json], Mapping[str, Any]]
"""Sends the body of a search and gives the answer."""

MOST_VALUES: Final = 20_000
"""So many values each part of the index tells at once."""
_PAGE: Final = 10_000

ENTITY_FACETS: Final[Mapping[Facet, EntityKind]] = {
    Facet.MANUFACTURER: EntityKind.MANUFACTURER,
    Facet.MODEL: EntityKind.MODEL,
    Facet.PERSON: EntityKind.PERSON,
    Facet.INSTITUTION: EntityKind.INSTITUTION,
    Facet.INSTRUMENT: EntityKind.INSTRUMENT,
}


@dataclass(frozen=True, slots=True)
class Values:
    """Which values of a field are counted: the ``size`` commonest, or all.

    Args:
        field: The field.
        size: How many.
        left_out: Values that are not counted.
        only: Values that alone are counted; ``None`` for any.
        names: Folded names whose spellings and IRIs alone are counted (fields ``told``).
    """

    field: str
    size: int = MOST_VALUES
    left_out: Collection[str] = ()
    only: Collection[str] | None = None
    names: Collection[str] | None = None

    @property
    def aggregation(self) -> Json:
        """The commonest first, then by value."""
        terms: Json = {
            "field": self.field,
            "size": self.size,
            "shard_size": max(self.size, MOST_VALUES),
            "order": [{"_count": "desc"}, {"_key": "asc"}],
        }
        if self.left_out:
            terms["exclude"] = sorted(self.left_out)
        if self.only is not None:
            terms["include"] = sorted(self.only)
        if self.names is not None:  # letters, digits and spaces alone (`fold_name`): nothing of the syntax can be in it
            # The brackets keep OpenSearch 2.19 from a short cut for ".*" that fails where no document has a value.
            terms["include"] = f"({'|'.join(sorted(self.names))}){JOINT}(.*)"
        return {"terms": terms}

    def counts(self, value: str) -> bool:
        """Whether this value is counted."""
        return (
            value not in self.left_out
            and (self.only is None or value in self.only)
            and (self.names is None or value.split(JOINT)[0] in self.names)
        )


def facet_values(facet: Facet, ubiquitous: Collection[str]) -> Values:
    """The values that a facet counts."""
    if facet in ENTITY_FACETS:
        return Values(f"names.{ENTITY_FACETS[facet]}", FACET_SIZE)
    if facet is Facet.CONCEPT:
        return Values("concept", CLASS_FACET_SIZE, ubiquitous)
    return Values(str(facet), CLASS_FACET_SIZE if facet is Facet.QUANTITY else FACET_SIZE)


def facet_aggregations(facets: Collection[Facet], ubiquitous: Collection[str], content: Json) -> Json:
    """Aggregations that count hits by these facets, content only where it may be read."""
    return {
        str(facet): {
            "filter": {"match_all": {}} if facet in METADATA_FACETS else content,
            "aggs": {"values": facet_values(facet, ubiquitous).aggregation},
        }
        for facet in facets
    }


def counted(found: Mapping[str, Any], values: Values, query: Json, ask: Ask) -> list[tuple[str, int]]:
    """The counts of an aggregation of `Values`, the commonest first; where it was not exact, asked for once more, in pages."""
    is_whole = not found["sum_other_doc_count"] or values.size < MOST_VALUES
    if is_whole and not found["doc_count_error_upper_bound"]:
        return [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in found["buckets"]]
    every = [(value, count) for value, count in _every(values.field, query, ask) if values.counts(value)]
    every.sort(key=lambda one: (-one[1], one[0]))
    return every[: values.size] if values.size < MOST_VALUES else every


def all_counts(values: Values, query: Json, ask: Ask) -> list[tuple[str, int]]:
    """The counts of all values among what a query finds."""
    answer = ask({"query": query, "size": 0, "aggs": {"values": values.aggregation}})
    return counted(answer["aggregations"]["values"], values, query, ask)


def _every(field: str, query: Json, ask: Ask) -> Iterable[tuple[str, int]]:
    page: Json = {"size": _PAGE, "sources": [{"value": {"terms": {"field": field}}}]}
    while True:
        answer = ask({"query": query, "size": 0, "aggs": {"values": {"composite": page}}})["aggregations"]["values"]
        for bucket in answer["buckets"]:
            yield str(bucket["key"]["value"]), int(bucket["doc_count"])
        if "after_key" not in answer:
            return
        page = {**page, "after": answer["after_key"]}


def facet_counts(facet: Facet, counts: Sequence[tuple[str, int]], spelled: Sequence[tuple[str, int]]) -> tuple[FacetCount, ...]:
    """The counts of a facet; names with their commonest spelling."""
    if facet is Facet.YEAR:
        return tuple(FacetCount(f"{int(year):04}", count) for year, count in counts)
    labels = commonest(spelled, "L")
    return tuple(FacetCount(value, count, labels.get(value, "")) for value, count in counts)


def named(kind: EntityKind, counts: Sequence[tuple[str, int]], spelled: Sequence[tuple[str, int]]) -> list[Named]:
    """Names with their commonest spelling and IRI."""
    labels, iris = commonest(spelled, "L"), commonest(spelled, "I")
    return [Named(kind, name, labels.get(name, ""), iris.get(name, ""), count) for name, count in counts]


def commonest(spelled: Iterable[tuple[str, int]], what: str) -> dict[str, str]:
    """For each folded name the spelling (or IRI) that most records have, the first by alphabet among equals."""
    found: dict[str, str] = {}
    for value, _ in sorted(spelled, key=lambda one: (-one[1], one[0])):
        name, kind, text = value.split(JOINT, 2)
        if kind == what:
            found.setdefault(name, text)
    return found


def among(query: Json, content: Json) -> Json:
    """What a query finds of which the content may be read."""
    return both(query, content)
