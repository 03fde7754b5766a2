"""Strict reading with places, lint and SHACL: findings with a place and a remedy."""
