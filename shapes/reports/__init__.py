"""Findings of files, told to people and in the forms that other programs read: every renderer is a pure function of a `Report`."""
