"""Records in: sources, payloads, records, quads, findings."""
