"""Training sets: any query or search over a snapshot as data files, with a manifest of what they hold and where it comes from.

Begin at `search.datasets.build`.
"""
