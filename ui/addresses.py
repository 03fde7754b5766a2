"""Addresses of the search page: what is asked, with something added, changed or taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import urlencode

from search.query import Expansion, Facet, Part
from search.ranges import split_range
from search.service import Edits

_Changed = TypeVar("_Changed")


@dataclass(frozen=True, slots=True)
class Address:
    """What the search page is asked.

    Args:
        question: The question in free words.
        edits: What the reader changed of it; positions are those of its parts as understood.
        explain: Whether the parts of the scores are shown.
        start: Position of the first hit.
        after: Where the page begins, as the page before said; ``""`` counts from the first hit.
        saved: Id of a saved search: its query is asked, as it is kept, and no words are.
    """

    question: str
    edits: Edits = field(default_factory=Edits)
    explain: bool = False
    start: int = 0
    after: str = ""
    saved: str = ""

    @property
    def href(self) -> str:
        """The address.

        >>> Address("LFP", Edits(reach={0: Expansion.EXACT})).href
        '/?q=LFP&expand=0%3Aexact'
        """
        return "/?" + urlencode(self.fields())

    def fields(self, *, without: str = "") -> list[tuple[str, str]]:
        """Names and values of its parameters, those of one name left out."""
        edits = self.edits
        given = [
            ("saved", self.saved) if self.saved else ("q", self.question),
            *((facet.value, value) for facet, value in edits.chosen),
            *(("without", str(position)) for position in edits.without),
            *(("expand", f"{position}:{step.value}") for position, step in edits.reach.items()),
            *(("sense", f"{position}:{iri}") for position, iri in edits.senses.items()),
            *(("range", f"{position}:{bounds}") for position, bounds in edits.ranges.items()),
            *(("negate", str(position)) for position in edits.turned),
            *([("sort", edits.sort)] if edits.sort else []),
            *([("explain", "true")] if self.explain else []),
            *([("start", str(self.start))] if self.start else []),
            *([("after", self.after)] if self.after else []),
        ]
        return [(name, value) for name, value in given if name != without]

    def page(self, start: int, after: str = "") -> Address:
        """Another page of the same hits."""
        return replace(self, start=start, after=after)

    def explained(self, explain: bool) -> Address:
        """The same page, with or without the parts of the scores."""
        return replace(self, explain=explain)

    def with_value(self, facet: Facet, value: str) -> Address:
        """A value of a facet chosen as well."""
        chosen = tuple(dict.fromkeys([*self.edits.chosen, (facet, value)]))
        return self._edited(replace(self.edits, chosen=chosen))

    def without_value(self, facet: Facet, value: str) -> Address:
        """A chosen value of a facet taken back."""
        chosen = tuple(one for one in self.edits.chosen if one != (facet, value))
        return self._edited(replace(self.edits, chosen=chosen))

    def without_part(self, position: int, part: Part) -> Address:
        """A part of the question taken out: its words, where they stand there so; the other parts keep their changes.

        The words of a denied part stay, for *not* would then deny what comes after.

        Args:
            position: Its position.
            part: The part as it was understood.
        """
        text = part.text
        if _standing(text).search(self.question) and not part.negated:
            edits = replace(
                self.edits,
                without=_closed(self.edits.without, position),
                reach=_moved(self.edits.reach, position),
                senses=_moved(self.edits.senses, position),
                ranges=_moved(self.edits.ranges, position),
                turned=_closed(self.edits.turned, position),
            )
            return replace(self.without_words(text), edits=edits)
        return self._edited(replace(self.edits, without=(*self.edits.without, position)))

    def without_words(self, text: str) -> Address:
        """Words taken out of the question."""
        return replace(self, question=" ".join(_standing(text).sub(" ", self.question, count=1).split()), start=0, after="")

    def quoting(self, word: str) -> Address:
        """A word in quotation marks, so that it must be there.

        >>> Address("18650 from any maker").quoting("maker").question
        '18650 from any "maker"'
        """
        quoted = _standing(word).sub(lambda match: f'"{match.group()}"', self.question, count=1)
        return replace(self, question=quoted, start=0, after="")

    def without_conditions(self, texts: Iterable[str]) -> Address:
        """Conditions taken out of the question, each with the word before it.

        >>> Address("cycle life above 1000 at 25 °C, 1C").without_conditions(["25 °C", "1C"]).question
        'cycle life above 1000'
        """
        address = self
        for text in texts:
            said = re.search(rf"(?:,\s*|\b(?:and|at|for|in|under|with)\s+|@\s*)*{_standing(text).pattern}", address.question)
            address = address.without_words(said.group() if said else text)
        return address

    def with_reach(self, position: int, step: Expansion) -> Address:
        """Another reach of a concept."""
        kept = {one: reach for one, reach in self.edits.reach.items() if one != position}
        return self._edited(replace(self.edits, reach=kept if step is Expansion.NARROWER else {**kept, position: step}))

    def with_sense(self, position: int, iri: str) -> Address:
        """Another sense of ambiguous words."""
        return self._edited(replace(self.edits, senses={**self.edits.senses, position: iri}))

    def with_range(self, target: str, bounds: str) -> Address:
        """Other bounds for a number.

        Args:
            target: Position of a part of the question, or a chosen value of the facet ``quantity``.
            bounds: ``FROM..TO UNIT`` (`search.ranges`).

        >>> Address("above 1 Ah").with_range("0", "2..3 Ah").href
        '/?q=above+1+Ah&range=0%3A2..3+Ah'
        """
        if target.isascii() and target.isdigit():
            return self._edited(replace(self.edits, ranges={**self.edits.ranges, int(target): bounds}))
        bounded = f"{split_range(target)[0]} {bounds}"
        chosen = ((facet, bounded if (facet, value) == (Facet.QUANTITY, target) else value) for facet, value in self.edits.chosen)
        return self._edited(replace(self.edits, chosen=tuple(chosen)))

    def with_turned(self, position: int) -> Address:
        """A part that must not match instead of must, or the other way round."""
        turned = self.edits.turned
        others = tuple(one for one in turned if one != position)
        return self._edited(replace(self.edits, turned=others if position in turned else (*turned, position)))

    def sorted_by(self, sort: str) -> Address:
        """Hits in the order of a quantity; ``""`` for best first."""
        return self._edited(replace(self.edits, sort=sort))

    def _edited(self, edits: Edits) -> Address:
        return replace(self, edits=edits, start=0, after="")


def _closed(positions: tuple[int, ...], gone: int) -> tuple[int, ...]:
    """These positions once one of them is gone."""
    return tuple(one - (one > gone) for one in positions if one != gone)


def _moved(changes: Mapping[int, _Changed], gone: int) -> dict[int, _Changed]:
    """Changes by position once one position is gone."""
    return {one - (one > gone): change for one, change in changes.items() if one != gone}


def _standing(text: str) -> re.Pattern[str]:
    """These words, not as a piece of others."""
    return re.compile(rf"(?<!\w){re.escape(text)}(?!\w)") if text else re.compile(r"(?!)")
