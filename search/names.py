"""Names of makers, models, people and institutions, brought to one form so that spellings of the same name are equal."""

from __future__ import annotations

from typing import Final

from search.words import words_of

_LEGAL_FORMS: Final = (
    "ab ag as bv co company corp corporation gmbh inc incorporated kg kk limited llc ltd nv oy oyj plc pte pty sa sas spa srl"
)
LEGAL_FORMS: Final = frozenset(_LEGAL_FORMS.split())
"""Words at the end of a company's name that say what sort of company it is."""


def fold_name(name: str) -> str:
    """The name in small letters without diacritics, punctuation and the legal form at its end; ``""`` without letter or digit.

    >>> fold_name("Samsung SDI Co., Ltd."), fold_name("INR18650-MJ1"), fold_name("Öko AG")
    ('samsung sdi', 'inr18650 mj1', 'oko')
    """
    words = words_of(name.replace(".", " "))
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return " ".join(words)
