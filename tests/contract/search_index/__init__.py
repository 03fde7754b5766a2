"""What every search index does, by subject: the same as `PlainIndex`, which looks at every record for every question."""
