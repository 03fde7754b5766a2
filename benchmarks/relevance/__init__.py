"""How well the search answers real questions over real documents, beside BM25, vectors and hybrids of them.

`python -m benchmarks.relevance` (`__main__.py`) measures. The truth is computed from the JSON-LD documents alone: nothing of
`search`, `ontology` or `harvester` is used for it, so a fault of theirs cannot hide in it. `README.md` says how.
"""
