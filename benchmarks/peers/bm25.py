"""Plain BM25 over labels: tantivy, one document per label, default tokenizer."""

from __future__ import annotations

import re
from collections.abc import Sequence

import tantivy

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")


class Bm25:
    """An index in memory.

    Args:
        labels: Pairs of a label and the IRI of its class.
    """

    def __init__(self, labels: Sequence[tuple[str, str]]) -> None:
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("label", stored=False)
        schema.add_text_field("iri", stored=True, tokenizer_name="raw")
        self._index = tantivy.Index(schema.build())
        writer = self._index.writer(heap_size=64_000_000, num_threads=1)
        for label, iri in labels:
            writer.add_document(tantivy.Document(label=" ".join(_split(label)), iri=iri))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def find(self, text: str) -> list[str]:
        """At most five IRIs, best first."""
        words = _split(text)
        if not words:
            return []
        query = self._index.parse_query(" ".join(words), ["label"])
        found: dict[str, None] = {}
        for _, address in self._searcher.search(query, limit=20).hits:
            found.setdefault(self._searcher.doc(address)["iri"][0])
        return list(found)[:5]


def _split(text: str) -> list[str]:
    """Lower-case words, camel case taken apart, beside the words as written (so that formulae stay whole too)."""
    words = [word.casefold() for word in _WORD.findall(text)]
    parts = [word.casefold() for word in _WORD.findall(_CAMEL.sub(" ", text))]
    return list(dict.fromkeys([*words, *parts]))
