"""Words with typing errors: *puch cells*, *galvanostatic intermitent titration*.

Only words are mended of which nothing was understood. One error in a word, two in a long one. A word that the ontologies have or
that begins a word of a readable record is never touched; nor is what is written in capitals. Codes with digits are another matter
(`codes`). Where no word of the
ontologies is near, that of a readable record is meant that is one slip away: *Univeristy of Marylnad*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from string import ascii_lowercase
from typing import Final

from ontology.lookup import STOP_WORDS
from search.query import Part, Query, TextPart
from search.understanding.codes import meant_code
from search.understanding.everyday import is_everyday, is_general, word_part
from search.understanding.question import Question
from search.understanding.stems import bases
from search.understanding.vocabulary import FILLERS, SILENT, SOFT, Known, Vocabulary

_WORD: Final = re.compile(r"[^\W\d_]+")
_SHORTEST_PLAIN: Final = 5
"""Letters of a word of sentences that somebody can have meant: *betwen*."""
_SHORTEST_TOLD: Final = 6
"""Letters of a word that only texts of records have."""
_MOST_TOLD: Final = 3
"""Words of a question that are compared with those of records: several hundred are counted for each."""
_FULL_NAME: Final = re.compile(r"(?<![\w-])(?P<given>[A-Z][a-z]+) (?P<family>[A-Z][a-z]+)(?![\w-])")
"""Two capitalised words, which are a name where neither is understood."""
_SOUNDS: Final = (("f", "ph"), ("ph", "f"), ("y", "i"), ("i", "y"), ("k", "c"), ("c", "k"), ("z", "s"), ("s", "z"))
"""Letters that are written one for the other."""
_PLURAL: Final = re.compile(r"[a-z]{5,}[a-hj-rtv-z]s")
"""The plural of a plain word; names keep theirs."""
_PLAIN: Final = frozenset(word for word in STOP_WORDS | SILENT | SOFT | FILLERS if len(word) >= _SHORTEST_PLAIN)


def respelt(question: Question, vocabulary: Vocabulary, known: Known) -> str:
    """The text of a question that was read, with the typing errors mended in the words that are left."""
    text = question.text
    words = {(one.start, one.end) for one in question.placed if isinstance(one.part, TextPart)}
    pairs = [{match.span("given"), match.span("family")} for match in _FULL_NAME.finditer(text)]
    names = {span for pair in pairs if pair <= words for span in pair}
    tries = _MOST_TOLD
    for placed in sorted(question.placed, key=lambda one: -one.start):
        is_name = (placed.start, placed.end) in names
        if isinstance(placed.part, TextPart) and not placed.part.negated and not is_name:
            written = text[placed.start : placed.end]
            meant = _meant(meant_code(written, vocabulary, known), vocabulary, known)
            if meant == written and tries and _is_unknown(written, vocabulary, known):
                tries -= 1
                meant = _told(written.lower(), known) or written
            text = text[: placed.start] + meant + text[placed.end :]
    return text


def with_singulars(query: Query, known: Known) -> Query:
    """The query with the singular of words that more readable records have so: *batteries for satellites* find *a satellite*."""
    return replace(query, parts=tuple(_singular(part, known) for part in query.parts))


def _singular(part: Part, known: Known) -> Part:
    if not isinstance(part, TextPart) or part.negated or _PLURAL.fullmatch(part.text) is None:
        return part
    one = replace(part, text=part.text[:-1])
    as_said, singular = known.count([Query(text.text, (text,)) for text in (part, one)])
    return one if singular > as_said else part


def _meant(written: str, vocabulary: Vocabulary, known: Known) -> str:
    """The word that was meant: the same one, unless nothing has it and another is near."""
    word = written.lower()
    if written.isupper() or _WORD.fullmatch(word) is None or vocabulary.lookup.spells(word) or is_general(word):
        return written
    meant = _heard(word, vocabulary) or vocabulary.lookup.respelt(word, _PLAIN)
    if not meant:
        return written
    # *oxid* is the beginning of *oxide*, so that every record with that seems to have it.
    having, as_meant = known.count([Query(one, (word_part(one),)) for one in (word, meant)])
    return meant if not having or (meant.startswith(word) and having == as_meant) else written


def _heard(word: str, vocabulary: Vocabulary) -> str:
    """The word that sounds the same: *grafite*, *fosphate*, *zync*, *silikon*; ``""`` where no name has it."""
    heard = sorted({word.replace(written, spoken) for written, spoken in _SOUNDS} - {word})
    return next((one for one in heard if vocabulary.lookup.spells(one)), "")


def _is_unknown(written: str, vocabulary: Vocabulary, known: Known) -> bool:
    """Whether it is a plain word that neither the ontologies nor a readable record have."""
    word = written.lower()
    if len(word) < _SHORTEST_TOLD or written.isupper() or _WORD.fullmatch(written) is None or vocabulary.lookup.spells(word):
        return False
    if is_general(word) or any(map(is_everyday, bases(word))):
        return False
    return not known.count([Query(word, (TextPart(word),))])[0]


def _told(word: str, known: Known) -> str:
    """The word of a readable record that is one slip away, the most used one; ``""`` where there is none."""
    near = sorted(set(_one_slip_away(word)) - {word})
    counts = known.count([Query(one, (TextPart(one),)) for one in near])
    return near[counts.index(max(counts))] if max(counts) else ""


def _one_slip_away(word: str) -> Iterator[str]:
    """What fast fingers make such a word of: a letter left out or doubled, two swapped. Another letter is rather another word."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield from (before + letter + after for letter in ascii_lowercase)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
            if after[0] == after[1]:
                yield before + after[1:]
