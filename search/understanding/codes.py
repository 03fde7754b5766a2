"""Slips of the pen in codes of models and sizes: *NCR1860B* for NCR18650B, *US18650VCT6* for US18650VTC6, *26560* for 26650.

Other than a word, a code with another sign in it is mostly another product: *INR18650-35E* is no INR18650-25R with errors. So only
what nobody means is mended: two signs swapped, one doubled, and one left out of the letters and digits that a series begins with.
And only where no readable record has the code as it was written, and just one model is that near.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from records.record import EntityKind
from search.names import fold_name
from search.query import Query, TextPart
from search.understanding.name_books import is_code
from search.understanding.vocabulary import Known, Vocabulary

_SIZE: Final = re.compile(r"\d{5}")
_SERIES: Final = re.compile(r"[a-z]*\d{4,}")
"""How a model begins: its series and its size, of which no sign is left out to name another model."""
_SHORTEST: Final = 7
"""Signs of a code that can be a model's with a slip."""
_PHOSPHATE: Final = re.compile(r"IFpR", re.IGNORECASE)
"""Iron phosphate in a code of IEC 61960, which most write IFR."""


def meant_code(written: str, vocabulary: Vocabulary, known: Known) -> str:
    """The code that was meant: the same one, unless no readable record has it and just one is a slip away."""
    folded = fold_name(written).replace(" ", "")
    is_size = _SIZE.fullmatch(folded) is not None
    if not is_size and (not is_code(folded) or len(folded) < _SHORTEST or _SERIES.match(folded) is None):
        return written
    if _has(written, known):
        return written
    if is_size:
        near = [one for one in sorted(set(_swapped(folded))) if vocabulary.lookup.named(one, limit=1) and _has(one, known)]
        return near[0] if len(near) == 1 else written
    plain = _PHOSPHATE.sub("IFR", written)
    if plain != written and _has(plain, known):
        return plain
    labels = {
        (squashed, named.label)
        for named in known.names(EntityKind.MODEL)
        if abs(len(squashed := named.name.replace(" ", "")) - len(folded)) <= 1 and _is_slip(folded, squashed)
    }
    return min(labels)[1] if len({squashed for squashed, _ in labels}) == 1 else written


def _has(text: str, known: Known) -> bool:
    return known.count([Query(text, (TextPart(text),))])[0] > 0


def _is_slip(written: str, name: str) -> bool:
    """Whether a code is a model's name with two signs swapped, one doubled, or one left out of its series."""
    if len(written) == len(name):
        return name in _swapped(written)
    if len(written) > len(name):
        return any(written[at] == written[at - 1] and written[:at] + written[at + 1 :] == name for at in range(1, len(written)))
    series = _SERIES.match(name)
    return series is not None and any(name[:at] + name[at + 1 :] == written for at in range(1, series.end()))


def _swapped(text: str) -> Iterator[str]:
    """The text with two neighbours swapped: both letters or both digits."""
    for at in range(1, len(text)):
        one, other = text[at - 1], text[at]
        if one != other and one.isdigit() == other.isdigit():
            yield text[: at - 1] + other + one + text[at + 1 :]
