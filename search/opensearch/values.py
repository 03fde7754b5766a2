"""How the values of a kind of quantity spread over what a question finds."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final, NamedTuple

from search.index import Cut, Histogram
from search.opensearch.cluster import Json
from search.opensearch.counting import Ask
from search.opensearch.query_dsl import amount, both
from search.query import QuantityPart

_RECORDS: Final[Json] = {"records": {"reverse_nested": {}}}


class Spread(NamedTuple):
    """The least and the greatest value, and how many records have one."""

    low: float
    high: float
    records: int


def spread_of(quantity: QuantityPart, found: Json, ask: Ask) -> Spread | None:
    """How far the values reach, whatever the bounds of the part; ``None`` when there is none."""
    ends = {"low": {"min": {"field": "quantities.low"}}, "high": {"max": {"field": "quantities.high"}}}
    answer = _asked(quantity, found, {**ends, **_RECORDS}, ask)
    records = answer["records"]["doc_count"]
    return Spread(answer["low"]["value"], answer["high"]["value"], records) if records else None


def histogram_of(quantity: QuantityPart, found: Json, spread: Spread, cut: Cut, ask: Ask) -> Histogram:
    """How many records have a value in each bin between the ends."""
    low, high, records = spread
    starts = cut(low, high)[:-1]
    ranges = [{"from": start, "to": end} for start, end in pairwise(starts)] + [{"from": starts[-1]}]
    asked = {"bins": {"range": {"field": "quantities.values", "ranges": ranges}, "aggs": _RECORDS}}
    buckets = _asked(quantity, found, asked, ask)["bins"]["buckets"]
    return Histogram(low, high, tuple(bucket["records"]["doc_count"] for bucket in buckets), records)


def nearest_of(quantity: QuantityPart, found: Json, ask: Ask) -> tuple[float, ...]:
    """The values nearest below and above the bounds of the part."""
    low, high = quantity.bounds
    # A range without a value is found by either of its ends, so both are looked at.
    sides = [("lt", low, "max", end) for end in ("low", "high")] + [("gt", high, "min", end) for end in ("low", "high")]
    asked = {
        f"{outside}_{end}": {
            "filter": {"range": {f"quantities.{end}": {outside: edge}}},
            "aggs": {"value": {best: {"field": f"quantities.{end}"}}},
        }
        for outside, edge, best, end in sides
        if math.isfinite(edge)
    }
    if not asked:
        return ()
    answer = _asked(quantity, found, asked, ask)
    told = {name: answer[name]["value"]["value"] for name in asked}
    below = [value for name, value in told.items() if name.startswith("lt") and value is not None]
    above = [value for name, value in told.items() if name.startswith("gt") and value is not None]
    return (*([max(below)] if below else []), *([min(above)] if above else []))


def _asked(quantity: QuantityPart, found: Json, aggregations: Json, ask: Ask) -> Any:
    """Aggregations over the nodes with a value of this kind, whatever the bounds."""
    anything = replace(quantity, minimum=None, maximum=None)
    wanted = both(*amount("quantities", anything), {"exists": {"field": "quantities.values"}})
    nodes = {"nested": {"path": "quantities"}, "aggs": {"wanted": {"filter": wanted, "aggs": aggregations}}}
    answer = ask({"query": found, "size": 0, "aggs": {"nodes": nodes}})
    return answer["aggregations"]["nodes"]["wanted"]
