"""One document from bytes to a record with statements and findings: strict JSON, context by fit, lint, statements, SHACL.

Nothing is written here, and nothing is fetched.
"""
