"""Errors that are injected into real documents, and whether they are found; begin at `benchmarks/mutations/__main__.py`."""
