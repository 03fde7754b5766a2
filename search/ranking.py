"""The one place that says what counts how much when hits are put in order. All indexes use it; `docs/ranking.md` explains it.

A score is a sum of these constants. Every hit matches every part of the question, so parts that are concepts, numbers and names
only say how well; words weigh more, for a record may have few of them; nearness of the vectors comes last.
Nothing here is a statistic of the corpus, but `rarity`: it is counted over public records alone, which every reader may see.
"""

from __future__ import annotations

import math
from typing import Final

EXACT_CONCEPT: Final = 3.0
"""A use of a concept that was asked for."""
NARROWER_CONCEPT: Final = 2.0
"""A use of another one that matches."""
IMPLIED_CONCEPT: Final = 1.0
"""A use that follows from a definition alone."""
QUANTITY: Final = 3.0
"""A quantity within the bounds."""
NARROWER_QUANTITY: Final = 2.0
"""The same of a narrower kind than the one that was asked for."""
NAME: Final = 3.0
"""A name or a value that was asked for."""
MENTIONED: Final = 2.0
"""A name that is only mentioned in title or text, where that counts."""
NEAR_ROOT: Final = 1.0
"""Divided by 1 + steps from the root, for concepts and quantities: what the record itself is goes before what a part of it is."""
WORD: Final = 10.0
"""For every word that occurs, so that more words always go before better ones."""
TITLE_WORD: Final = 4.0
"""The word stands in the title as it was asked for."""
TEXT_WORD: Final = 2.0
"""The word stands in the text as it was asked for."""
PREFIX: Final = 1.0
"""A word that begins so stands in title or text."""
RARITY: Final = 2.0
"""Times `rarity` of a word that occurs."""
SIMILARITY: Final = 8.0
"""Times the cosine of question and record, where it is above 0 and the question has words that were not understood."""
NEAR: Final = 0.6
"""Cosine above which a record is found by its vector alone, where no record has any of the words."""

PARTS: Final = ("concept", "quantity", "name", "word", "similarity")
"""Names of the parts of a score."""


def rarity(with_word: int, records: int) -> float:
    """How rare a word is among public records: 0 when all have it, 1 when none has.

    >>> rarity(0, 100), rarity(100, 100), round(rarity(10, 100), 2)
    (1.0, 0.0, 0.48)
    """
    return 1.0 if records == 0 else 1 - math.log1p(min(with_word, records)) / math.log1p(records) if with_word else 1.0
