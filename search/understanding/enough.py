"""How many of the words a record must have, where no readable record has all of them.

*Cells that ended up in a solar racing car* finds what speaks of a solar car, not everything that speaks of a car. Each word weighs
the more the fewer readable records have it; a record must come near to the best one. The query says so (`Query.enough`), so that
every index finds the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from search.query import ConceptPart, EitherPart, Part, Query, TextPart
from search.ranking import rarity
from search.understanding.everyday import is_general, word_part
from search.understanding.loosening import is_open
from search.understanding.told import told_in_text
from search.understanding.vocabulary import Known

_HEAVIEST: Final = 10
"""Weight of a word that no record has; whole numbers, so that sums are exact."""
_HEAVIEST_GENERAL: Final = 1
"""The same of a word of general English, which tells less than a name."""
_VALUE: Final = re.compile(r"\d+\.\d+")
"""A number that was asked for, of which a record has that one or is no answer: *a negative-to-positive ratio of 1.5*."""
_NEARLY: Final = 0.75
"""Share of what the best record has that is enough."""
_MOST: Final = 0.5
"""Share of all words by which a record answers the question."""


def with_enough_words(query: Query, concepts: Concepts, known: Known) -> Query:
    """The query that says how many of its words are enough; as it is where a record has all of them, or none has any.

    Where no record has most words beside the rest of the question, words of every science (*power for mobile robots*) are looked
    for in texts as well, then all concepts that a text may speak of, if more is found so.
    """
    if not query.words or known.count((query,))[0]:
        return query
    firm = replace(query, parts=tuple(map(_firm, query.parts)))
    query = firm if firm.words else query
    plain = replace(query, parts=tuple(_as_word(part, concepts) for part in query.parts))
    told = replace(plain, parts=tuple(_told(part, concepts) for part in plain.parts)) if is_open(query) else plain
    strict, most = _with_best(query, known)
    if most >= _MOST:
        return strict
    ways = [way for way in dict.fromkeys((plain, told)) if way != query]
    return next((found for found, share in (_with_best(way, known) for way in ways) if share >= _MOST and share > most), strict)


def _with_best(query: Query, known: Known) -> tuple[Query, float]:
    """The query with what is enough, and which share of its words the best readable record has."""
    weighed = _weighed(query, known)
    weights = [word.weight for word in weighed.words]
    telling = [word.weight for word in weighed.words if not is_general(word.text)]
    best = _best(weighed, _sums(weights), known)
    if best >= min(telling, default=1):  # words of general English alone tell nothing: *techno-economic analysis*
        enough = -int(-best * _NEARLY // 1)
    elif query.order is None and (_has_value(query) or (query.words == query.parts and (best or _are_begun(query.words, known)))):
        enough = sum(weights)
    else:
        return query, 0.0
    return replace(weighed, enough=enough), best / sum(weights)


def _are_begun(words: Sequence[TextPart], known: Known) -> bool:
    """Whether one of several words begins another that records have, which tells nothing: *Elon* is no *elongation*."""
    return len(words) > 1 and any(known.count([Query(word.text, (word,)) for word in words]))


def _weighed(query: Query, known: Known) -> Query:
    """The query with the weight of each word: rare ones tell more."""
    words = query.words
    every, *having = known.count([Query("", ()), *(Query(word.text, (replace(word, weight=1),), enough=1) for word in words)])
    weight = {word: max(1, round(_heaviest(word) * rarity(count, every))) for word, count in zip(words, having, strict=True)}
    return replace(query, parts=tuple(replace(part, weight=weight[part]) if part in weight else part for part in query.parts))


def _heaviest(word: TextPart) -> int:
    return _HEAVIEST_GENERAL if is_general(word.text) else _HEAVIEST


def _sums(weights: Sequence[int]) -> list[int]:
    """What some of these weights can come to, in ascending order."""
    sums = {0}
    for weight in weights:
        sums |= {one + weight for one in sums}
    return sorted(sums - {0})


def _best(query: Query, sums: Sequence[int], known: Known) -> int:
    """The greatest of these sums that a readable record comes to; 0 for none."""
    low, high = 0, len(sums)  # a record comes to all sums below low, and none to those from high on
    while low < high:
        middle = (low + high) // 2
        if known.count((replace(query, enough=sums[middle]),))[0]:
            low = middle + 1
        else:
            high = middle
    return sums[low - 1] if low else 0


def _firm(part: Part) -> Part:
    is_value = isinstance(part, TextPart) and not part.negated and _VALUE.fullmatch(part.text) is not None
    return EitherPart(part.text, ((part,),)) if isinstance(part, TextPart) and is_value else part


def _has_value(query: Query) -> bool:
    return any(isinstance(part, EitherPart) and _VALUE.fullmatch(part.text) is not None for part in query.parts)


def _as_word(part: Part, concepts: Concepts) -> Part:
    """A general concept or a kind of quantity that is one plain word, as that word."""
    if not isinstance(part, ConceptPart) or part.negated or part.roles or not (part.text.isalpha() and part.text.islower()):
        return part
    is_general = all(terms.is_of_every_science(iri) for iri in part.concepts)
    return word_part(part.text) if is_general or _is_quantity(part, concepts) else part


def _told(part: Part, concepts: Concepts) -> Part:
    """A kind of quantity as its words, other concepts also where a text speaks of them."""
    if not isinstance(part, ConceptPart) or part.negated or part.roles:
        return part
    return word_part(part.text) if _is_quantity(part, concepts) else told_in_text(part, concepts)


def _is_quantity(part: ConceptPart, concepts: Concepts) -> bool:
    return not concepts.narrower(terms.PROPERTY).isdisjoint(part.concepts)
