"""Which documents of a segment match a part of a query, and how well: what `search.matching` says of a record, for all at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from records.record import EntityKind
from search.columns.arrays import Ints, Mask
from search.columns.columns import FIELDS
from search.columns.segment import Segment, rows_with
from search.matching import day_of
from search.query import (
    ConceptPart,
    EitherPart,
    EntityPart,
    Facet,
    Order,
    OrderBy,
    Part,
    QuantityPart,
    TextPart,
    ValuePart,
    YearPart,
)
from search.ranking import (
    EXACT_CONCEPT,
    IMPLIED_CONCEPT,
    MENTIONED,
    NAME,
    NARROWER_CONCEPT,
    NARROWER_QUANTITY,
    NEAR_ROOT,
    PREFIX,
    QUANTITY,
    TEXT_WORD,
    TITLE_WORD,
    WORD,
)
from search.words import prefix_counts, words_of

Points: TypeAlias = NDArray[np.float64]
OF_METADATA = frozenset({Facet.SOURCE, Facet.COMMUNITY})


@dataclass(frozen=True, slots=True)
class View:
    """What a reader may see of a segment.

    Args:
        segment: The segment.
        metadata: Documents whose metadata may be read.
        content: Documents whose content may be read; a subset of these.
    """

    segment: Segment
    metadata: Mask
    content: Mask


@dataclass(frozen=True, slots=True)
class Evidence:
    """Documents that match a part.

    Args:
        group: What its points count as (`search.ranking.PARTS`).
        mask: Which documents match.
        points: Points of some documents among these.
    """

    group: str
    mask: Mask
    points: Callable[[Ints], Points]


def evidence(part: Part, view: View) -> Evidence:
    """Which documents have what a part asks for, whether it is negated or not; a word's rarity is left out of the points."""
    match part:
        case ConceptPart():
            return _concept(part, view)
        case QuantityPart():
            return _quantity(part, view)
        case EntityPart():
            own = _entity(part, view.segment) & view.content
            mentioned = [word_places(word, view).anywhere for word in part.mentioned]
            found = np.logical_or.reduce([own, *mentioned])
            return Evidence("name", found, lambda docs: np.select([own[docs], found[docs]], [NAME, MENTIONED], 0.0))
        case ValuePart():
            readable = view.metadata if part.facet in OF_METADATA else view.content
            rows = _rows(view.segment, part.facet.value, [view.segment.term(part.value)] if part.value else [])
            return _named(rows & readable)
        case YearPart():
            return _named(_year(part, view.segment) & view.content)
        case TextPart():
            places = text_places(part, view)
            return Evidence("word", places.anywhere, lambda docs: WORD + places.points(docs))
        case EitherPart():
            ways = [_all_of([evidence(one, view).mask ^ one.negated for one in way], view) for way in part.ways]
            return _named(np.logical_or.reduce([np.zeros(view.segment.size, bool), *ways]))


def _all_of(masks: Sequence[Mask], view: View) -> Mask:
    found: Mask = np.logical_and.reduce([view.metadata, *masks])
    return found


def _named(mask: Mask) -> Evidence:
    return Evidence("name", mask, lambda docs: np.full(len(docs), NAME))


def _rows(segment: Segment, column: str, terms: Sequence[int]) -> Mask:
    """Documents of which the row in a column has one of these terms."""
    found: Mask = rows_with(segment.columns.tables[column], terms)[segment.columns.arrays[column]]
    return found


def _concept(part: ConceptPart, view: View) -> Evidence:
    segment = view.segment
    of_row = _points_of_uses(part, segment)
    codes = segment.columns.arrays["uses"]
    used = (of_row > 0)[codes] & view.content
    if part.roles or not part.words:  # a word stands in no role
        return Evidence("concept", used, lambda docs: of_row[codes[docs]])
    words = [word_places(word, view, fields=FIELDS if part.reads_text else ("title",)) for word in part.words]

    def points(docs: Ints) -> Points:
        worded = np.max([found.points(docs) for found in words], axis=0)
        best: Points = np.maximum(np.where(used[docs], of_row[codes[docs]], 0.0), np.minimum(worded, NARROWER_CONCEPT))
        return best

    return Evidence("concept", np.logical_or.reduce([used, *(found.anywhere for found in words)]), points)


def _points_of_uses(part: ConceptPart, segment: Segment) -> Points:
    """For each row of the table ``uses``, the points of its best use; 0 when none matches."""
    uses = segment.uses
    points = np.zeros(len(segment.columns.tables["uses"]))
    in_role = segment.within_one_of(part.roles) if part.roles else None
    known = uses.of.keys() & part.expanded if len(part.expanded) > len(uses.of) else part.expanded
    for concept in known:
        place = uses.of.get(concept)
        if place is None:
            continue
        said = EXACT_CONCEPT if concept in part.concepts else NARROWER_CONCEPT
        worth = np.where(uses.implied[place], IMPLIED_CONCEPT, said) + NEAR_ROOT / (1 + uses.depth[place])
        rows = uses.row[place]
        if in_role is not None:
            stands = in_role[uses.within[place]]
            rows, worth = rows[stands], worth[stands]
        np.maximum.at(points, rows, worth)
    return points


def _quantity(part: QuantityPart, view: View) -> Evidence:
    segment = view.segment
    arrays = segment.columns.arrays
    nodes = matching_nodes(part, segment)
    best = np.zeros(segment.size)
    worth: float | Points = QUANTITY
    if part.named:
        named = segment.families_of(part.dimension, part.named)[arrays["node_family"][nodes]]
        worth = np.where(named, QUANTITY, NARROWER_QUANTITY)
    np.maximum.at(best, arrays["node_doc"][nodes], worth + NEAR_ROOT / (1.0 + arrays["node_depth"][nodes]))
    return Evidence("quantity", (best > 0) & view.content, lambda docs: best[docs])


def matching_nodes(part: QuantityPart, segment: Segment) -> Ints:
    """The nodes that are such a quantity; perhaps some of them twice."""
    families = segment.families_of(part.dimension, part.kinds)
    if part.minimum is None and part.maximum is None:
        nodes = segment.nodes_of(families)
    else:
        nodes, _ = segment.values_of(families, *part.bounds)
    return nodes[_fitting(part, segment, nodes)]


def matching_values(part: QuantityPart, segment: Segment) -> tuple[Ints, Points]:
    """Document and number of every value of such a quantity, whatever its bounds."""
    nodes, numbers = segment.values_of(segment.families_of(part.dimension, part.kinds), -math.inf, math.inf)
    fits = _fitting(part, segment, nodes)
    return segment.columns.arrays["node_doc"][nodes[fits]], numbers[fits]


def _fitting(part: QuantityPart, segment: Segment, nodes: Ints) -> Mask:
    """Which of these nodes stand in the role and under the conditions that are asked for."""
    arrays = segment.columns.arrays
    fits = np.ones(len(nodes), bool)
    if part.roles:
        fits &= segment.within_one_of(part.roles)[arrays["node_within"][nodes]]
    for condition in part.conditions:
        families, values = arrays["condition_family"], arrays["condition_value"]
        holds = segment.families_of(condition.dimension, condition.kinds)[families]
        if condition.minimum is not None or condition.maximum is not None:
            low, high = condition.bounds
            holds &= np.isfinite(values) & (low <= values) & (values <= high)
        under = np.zeros(len(arrays["node_doc"]), bool)
        under[arrays["condition_node"][holds]] = True
        fits &= under[nodes]
    return fits


def order_values(order: Order, segment: Segment) -> Points:
    """For each document the value it is put in order by; NaN for those without one."""
    if order.by is not OrderBy.QUANTITY:
        return _days("date" if order.by is OrderBy.DATE else "release_date", segment)
    asked = order.dimension, order.kinds, order.descending, order.own, order.roles
    return segment.orders.get(asked, lambda: _order_values(order, segment))


def _days(column: str, segment: Segment) -> Points:
    """For each document the day that its date is (`day_of`)."""
    dates = segment.columns.tables[column]
    days = np.full(len(dates), np.nan)
    found = [day_of(segment.columns.terms[term]) for term in dates.members.tolist()]
    days[np.diff(dates.starts) > 0] = [np.nan if day is None else day for day in found]
    return days[segment.columns.arrays[column]]


def _order_values(order: Order, segment: Segment) -> Points:
    nodes, numbers = segment.values_of(segment.families_of(order.dimension, order.kinds), -math.inf, math.inf)
    if not order.kinds:
        nodes, numbers = nodes[:0], numbers[:0]
    if order.own:
        is_own = np.diff(segment.columns.tables["within"].starts) == 0
        own = is_own[segment.columns.arrays["node_within"][nodes]]
        nodes, numbers = nodes[own], numbers[own]
    if order.roles:
        in_role = segment.within_one_of(order.roles)[segment.columns.arrays["node_within"][nodes]]
        nodes, numbers = nodes[in_role], numbers[in_role]
    best = np.full(segment.size, np.nan)
    better = np.fmax if order.descending else np.fmin
    better.at(best, segment.columns.arrays["node_doc"][nodes], numbers)
    return best


def _entity(part: EntityPart, segment: Segment) -> Mask:
    found = np.zeros(segment.size, bool)
    folded = [segment.term(name) for name in part.names if name]
    iri = segment.term(part.iri) if part.iri else -1
    for kind in EntityKind if part.kind is None else (part.kind,):
        names = segment.names(kind)
        rows = np.zeros(len(segment.columns.tables[kind.value]), bool)
        rows[names.row[names.with_folded(folded)]] = True
        rows[names.row[names.with_iri(iri)]] = True
        if rows.any():
            found |= rows[segment.columns.arrays[kind.value]]
    return found


def _year(part: YearPart, segment: Segment) -> Mask:
    name = "released" if part.released else "year"
    years = segment.columns.tables[name]
    terms = np.unique(years.members).tolist()
    asked = [term for term in terms if (part.first or 0) <= int(segment.columns.terms[term]) <= (part.last or math.inf)]
    return _rows(segment, name, asked)


@dataclass(frozen=True, slots=True)
class WordPlaces:
    """Where a word stands: as a whole in the title or the text, or as the beginning of a word in one of them."""

    title: Mask
    text: Mask
    begun: Mask

    @property
    def whole(self) -> Mask:
        """Documents that have it as a whole word."""
        return self.title | self.text

    @property
    def anywhere(self) -> Mask:
        """Documents that have it anywhere."""
        return self.title | self.text | self.begun

    def points(self, docs: Ints) -> Points:
        """Points for the best place; 0 where there is none."""
        return np.select([self.title[docs], self.text[docs], self.begun[docs]], [TITLE_WORD, TEXT_WORD, PREFIX], 0.0)


def word_places(asked: str, view: View, fields: Sequence[str] = FIELDS) -> WordPlaces:
    """Where the reader can see a word, or several next to each other, in these fields."""
    words = words_of(asked)
    seen = {"title": view.metadata, "text": view.content}
    nowhere = np.zeros(view.segment.size, bool)
    whole, begun = dict.fromkeys(FIELDS, nowhere), nowhere
    for field in fields if words else ():
        in_field, begun_in_field = _having(view.segment, field, words)
        whole[field] = in_field & seen[field]
        begun = begun | (begun_in_field & seen[field])
    return WordPlaces(whole["title"], whole["text"], begun)


def text_places(part: TextPart, view: View) -> WordPlaces:
    """Where the reader can see the word of a part, or as a whole word another form of it."""
    found = word_places(part.text, view)
    forms = [word_places(form, view) for form in part.forms]
    title = np.logical_or.reduce([found.title, *(one.title for one in forms)])
    return WordPlaces(title, np.logical_or.reduce([found.text, *(one.text for one in forms)]), found.begun)


def is_nowhere(part: TextPart, segment: Segment) -> bool:
    """Whether no document has the words of a part, in any form: told by the words alone, without looking for documents."""
    return not any(_are_all_there(words_of(text), segment) for text in (part.text, *part.forms))


def _are_all_there(words: Sequence[str], segment: Segment) -> bool:
    ranges = [*(_word(segment, word) for word in words[:-1]), *(_beginning(segment, word) for word in words[-1:])]
    return bool(ranges) and all(first < end for first, end in ranges)


def _having(segment: Segment, field: str, words: Sequence[str]) -> tuple[Mask, Mask]:
    """Documents with these words next to each other in a field; and those where the last is a word or, if long, begins one."""
    if len(words) == 1:
        return _with_word(segment, field, words[0])
    # Names of concepts are asked for again and again, and it takes long to see which words are neighbours.
    packed = segment.phrases.get((field, *words), lambda: tuple(map(np.packbits, _with_phrase(segment, field, words))))
    whole, begun = (np.unpackbits(one, count=segment.size).view(bool) for one in packed)
    return whole, begun


def _with_word(segment: Segment, field: str, word: str) -> tuple[Mask, Mask]:
    whole = _mask(segment, segment.posted(field, *_word(segment, word)))
    return whole, _mask(segment, segment.posted(field, *_beginning(segment, word)))


def _with_phrase(segment: Segment, field: str, words: Sequence[str]) -> tuple[Mask, Mask]:
    """It is looked at where the rarest of the words stands, and nowhere else."""
    ranges = [*(_word(segment, word) for word in words[:-1]), _beginning(segment, words[-1])]
    stream = segment.columns.stream(field)
    places, shift = min(((segment.places(field, *one), shift) for shift, one in enumerate(ranges)), key=lambda one: len(one[0]))
    starts = places - shift
    starts = starts[(starts >= 0) & (starts + len(words) <= len(stream.members))]
    for shift, (first, end) in enumerate(ranges):
        at = stream.members[starts + shift]
        starts = starts[(at >= first) & (at < end)]
    docs = np.searchsorted(stream.starts, starts, "right") - 1
    in_one = starts + len(words) <= stream.starts[docs + 1]
    first, end = _word(segment, words[-1])
    last = stream.members[starts + len(words) - 1]
    return _mask(segment, docs[in_one & (last >= first) & (last < end)]), _mask(segment, docs[in_one])


def _word(segment: Segment, word: str) -> tuple[int, int]:
    """The range of this word among all words, empty where nothing has it."""
    place = segment.columns.words.find(word)
    return (place, place + 1) if place >= 0 else (0, 0)


def _beginning(segment: Segment, word: str) -> tuple[int, int]:
    """The range of the words that this one begins; of a short one itself alone."""
    return segment.columns.words.beginning_with(word) if prefix_counts((word,)) else _word(segment, word)


def _mask(segment: Segment, docs: Ints) -> Mask:
    mask: Mask = np.zeros(segment.size, bool)
    mask[docs] = True
    return mask
