"""Concepts, labels, units and contexts."""
