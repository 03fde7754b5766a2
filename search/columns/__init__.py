"""The embedded search index: records in SQLite, answers from columns in memory-mapped files that are derived from them."""
