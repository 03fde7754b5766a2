"""What chips say of the parts of a question."""

from __future__ import annotations

from search.query import EitherPart, Query, TextPart, YearPart
from ui.chip_view import told


def test_words_that_may_be_said_otherwise_are_shown_as_asked() -> None:
    pulses = EitherPart("10 s", ((TextPart("10 sec"),), (TextPart("10s"),)))
    years = EitherPart("2015 or 2018", ((YearPart("2015", 2015, 2015),), (YearPart("2018", 2018, 2018),)))
    assert told(Query("", (pulses, years))) == "10 s · 2015 or 2018"
