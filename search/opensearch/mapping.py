"""What the indices of the cluster are made of: their settings and fields, and what documents are called.

``since`` and ``until`` are numbers of generations: a document counts from the first up to, without, the second.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from records.record import EntityKind
from search.bodies import clean
from search.opensearch.cluster import Cluster, Json

LAYOUT: Final = 3
"""Number of this form of the index; another one is made anew from the bodies."""
OPEN: Final = 2**62
"""``until`` of a document that nothing has replaced yet."""
PREFIX_LENGTHS: Final = (3, 19)
"""Beginnings of words of these lengths stand in the index; longer ones are looked for among its words."""
VECTOR_FIELD: Final = "vector_"
"""So the name of a field of vectors begins."""
JOINT: Final = "\x1f"
"""Between the parts of a value that is put together."""

_LONGEST: Final = 8_000
"""Longer values are not found by: a term has at most 32 766 bytes."""
_KEYWORD: Final[Json] = {"type": "keyword", "ignore_above": _LONGEST}
_WORDS: Final[Json] = {
    "type": "text",
    "analyzer": "whitespace",
    "norms": False,
    "index_prefixes": {"min_chars": PREFIX_LENGTHS[0], "max_chars": PREFIX_LENGTHS[1]},
}
_NUMBER: Final[Json] = {"type": "double"}
_BY_KIND: Final[Json] = {"properties": {str(kind): _KEYWORD for kind in EntityKind}}
_AMOUNT: Final[Json] = {"kinds": _KEYWORD, "dimension": _KEYWORD, "values": _NUMBER}

_FIELDS: Final[Json] = {
    # what the record is, and until when
    "id": {"type": "keyword"},
    "since": {"type": "long"},
    "until": {"type": "long"},
    "read_metadata": _KEYWORD,
    "read_files": _KEYWORD,
    # who of those that could read a form that has been replaced may still read the record
    "left_metadata": _KEYWORD,
    "left_files": _KEYWORD,
    # metadata
    "title": _WORDS,
    "title_codes": _KEYWORD,
    "source": _KEYWORD,
    "community": _KEYWORD,
    # content
    "text": _WORDS,
    "text_codes": _KEYWORD,
    "concept": _KEYWORD,
    "role": _KEYWORD,
    "quantity": _KEYWORD,
    "year": {"type": "integer"},
    "released": {"type": "integer"},
    "date": {"type": "integer"},
    "release_date": {"type": "integer"},
    "country": _KEYWORD,
    "licence": _KEYWORD,
    "validation": _KEYWORD,
    "names": _BY_KIND,
    "iris": _BY_KIND,
    "told": _BY_KIND,
    "uses": {
        "type": "nested",
        "properties": {"concept": _KEYWORD, "within": _KEYWORD, "implied": {"type": "boolean"}, "near": _NUMBER},
    },
    "quantities": {
        "type": "nested",
        "properties": {
            **_AMOUNT,
            "within": _KEYWORD,
            "low": _NUMBER,
            "high": _NUMBER,
            "near": _NUMBER,
            "conditions": {"type": "nested", "properties": _AMOUNT},
        },
    },
    "summary": _KEYWORD,
    # kept, and not looked at
    "body": {"type": "binary"},
    "state": {"type": "object", "enabled": False},
}


def index_body(cluster: Cluster) -> Json:
    """Settings and mapping of a new index."""
    return {
        "settings": {
            "number_of_shards": cluster.shards,
            "number_of_replicas": cluster.replicas,
            "refresh_interval": "-1",  # every commit refreshes
            "codec": "best_compression",
            "max_regex_length": 200_000,  # the names of a facet, in one expression
            "mapping": {"nested_objects": {"limit": 1_000_000}},
        },
        "mappings": {"dynamic": "strict", "_meta": {"layout": LAYOUT}, "properties": _FIELDS},
    }


def vectors_body(cluster: Cluster) -> Json:
    """Settings and mapping of the index that keeps vectors by the hash of their summary."""
    return {
        "settings": {"number_of_shards": cluster.shards, "number_of_replicas": cluster.replicas, "codec": "best_compression"},
        "mappings": {"dynamic": "strict", "properties": {"numbers": {"type": "binary"}}},
    }


def vectors_index(name: str) -> str:
    """Name of the index that keeps vectors."""
    return f"{name}-vectors"


def vector_field(model: str) -> str:
    """Name of the field of a model's vectors: two models never meet in one."""
    return f"{VECTOR_FIELD}{_hash(model)[:12]}"


def vector_id(model: str, summary: str) -> str:
    """Where the vector of a summary is kept."""
    return f"{_hash(model)[:12]}-{summary}"


def document_id(record_id: str, since: int) -> str:
    """Where this form of a record is kept."""
    return f"{_hash(record_id)[:32]}-{since}"


def summary_hash(summary: str) -> str:
    """By what a summary and its vector are known."""
    return sha256(clean(summary).encode()).hexdigest()


def _hash(text: str) -> str:
    return sha256(clean(text).encode()).hexdigest()
