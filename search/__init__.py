"""Understand the question, find, rank, explain."""
