"""Findings that others make superfluous: what says the same less exactly, and what follows from a misspelt key or class."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ontology.mends import value_at
from ontology.terms import HAS_CONVENTIONAL_PROPERTY, HAS_MEASURED_PROPERTY, HAS_NUMERICAL_PART, HAS_PROPERTY
from records.issues import Issue, Operation
from shapes.lint.page import Page, items_of

_LOST_TYPES: Final = frozenset(("undefined-type", "empty-type", "property-as-class", "unknown-concept"))
"""Findings about a class that says nothing, so that what depends on the class is missing too."""
_OF_TYPES: Final = _LOST_TYPES | {"deprecated-class"}
_LOST, _GIVEN_UP = "@type lost", "@type given up"
"""What stands for the codes above where the finding is about a class in ``@type``."""
_NOT_NUMBERS: Final = frozenset(("missing-value", "number-as-text", "decimal-comma", "invalid-value"))
_WRONG_NUMBERS: Final = _NOT_NUMBERS | {"not-a-number", "several-values", "several-numerical-parts", "negative-size"}
_WRONG_UNITS: Final = frozenset(("several-units", "wrong-dimension", "language-as-unit", "not-a-unit"))
_SAID_BETTER: Final[Mapping[str, tuple[int, frozenset[str]]]] = {
    "not-a-number": (1, _NOT_NUMBERS),
    "missing-number": (1, _NOT_NUMBERS),
    "unit-not-iri": (1, frozenset(("unit-as-text", "term-as-iri", "undefined-value", "missing-value", "invalid-value"))),
    "missing-unit": (1, frozenset((_LOST, "unit-as-text", "undefined-value", "missing-value", "invalid-iri", "invalid-value"))),
    "several-units": (1, frozenset(("unit-as-text",))),
    "unit-as-text": (0, frozenset(("wrong-dimension",))),
    "undefined-value": (0, frozenset(("missing-value",))),
    "invalid-iri": (0, frozenset(("missing-value",))),
    "unknown-quantity-kind": (1, frozenset((_LOST, _GIVEN_UP))),
    "voltage-limit-in-volt": (2, _WRONG_NUMBERS | _WRONG_UNITS | {"implausible-value"}),
    "implausible-value": (2, _WRONG_NUMBERS | _WRONG_UNITS),
    "size-against-format": (2, _WRONG_NUMBERS | _WRONG_UNITS),
    "energy-against-capacity": (2, _WRONG_NUMBERS | _WRONG_UNITS),
    "limits-reversed": (2, _WRONG_NUMBERS | _WRONG_UNITS),
}
"""Code -> codes that say more exactly what is wrong at the same place, where the general one is then left out.

The number says how many keys further down (or up) the other may stand and still be about the same thing: 1 is a value of the same
node, 2 the number of a quantity.
"""
_FROM_PROPERTIES: Final = frozenset(
    ("no-properties", "missing-capacity", "missing-nominal-voltage", "missing-cell-format", "missing-conditions")
)
"""What is missing when ``hasProperty`` is misspelt, or the kind of a quantity."""
_FROM_TYPES: Final = frozenset(("missing-cell-format", "missing-chemistry"))
"""What is missing when a class says nothing."""
_MISSING: Final = ("missing-", "no-", "unit-without-number", "unknown-quantity-kind")
_PROPERTIES: Final = frozenset((HAS_PROPERTY, HAS_CONVENTIONAL_PROPERTY, HAS_MEASURED_PROPERTY))
_WORD: Final = re.compile(r"[A-Za-z][\w-]*(?::[A-Za-z][\w-]*)?")
_ALL: Final = 1_000


def may_be_superfluous(issue: Issue) -> bool:
    """Whether others can make a finding superfluous."""
    return issue.code in _SAID_BETTER or _is_missing(issue)


def without_superfluous(issues: Sequence[Issue], page: Page) -> list[Issue]:
    """The findings that are left, in the given order.

    Args:
        issues: All findings about a document.
        page: The document.
    """
    return _not_following(_once(issues, page), page)


def _once(issues: Sequence[Issue], page: Page) -> list[Issue]:
    """Without what a more exact finding says of the same place."""
    places: dict[str, set[str]] = {}
    for issue in issues:
        places.setdefault(issue.code, set()).add(issue.pointer)
        if issue.code in _OF_TYPES and _is_type(issue.pointer, page):
            places.setdefault(_LOST if issue.code in _LOST_TYPES else _GIVEN_UP, set()).add(issue.pointer)
    reach: dict[tuple[str, int], set[str]] = {}
    return [issue for issue in issues if not _is_said_better(issue, places, reach)]


def _is_said_better(issue: Issue, places: Mapping[str, set[str]], reach: dict[tuple[str, int], set[str]]) -> bool:
    if issue.code not in _SAID_BETTER:
        return False
    keys, better = _SAID_BETTER[issue.code]
    near = set(around(issue.pointer, keys))
    for code in better & places.keys():
        if (code, keys) not in reach:
            reach[code, keys] = {above for place in places[code] for above in around(place, keys)}
        if issue.pointer in reach[code, keys] or not near.isdisjoint(places[code]):
            return True
    return False


def around(pointer: str, keys: int) -> Iterator[str]:
    """A pointer, and what it leads through on its last so many keys (items do not count).

    >>> list(around("/a/b/0/c", 1))
    ['/a/b/0/c', '/a/b/0', '/a/b']
    """
    yield pointer
    while pointer:
        pointer, _, step = pointer.rpartition("/")
        keys -= not step.isdecimal()
        if keys < 0:
            return
        yield pointer


def _is_type(pointer: str, page: Page) -> bool:
    """Whether a pointer is that of a value of ``@type``."""
    above, _, step = pointer.rpartition("/")
    return page.meaning(above.rpartition("/")[2] if step.isdecimal() else step) == "@type"


def _not_following(issues: list[Issue], page: Page) -> list[Issue]:
    """Without what is missing only because a key or class is misspelt that is told already, at the node or below it."""
    if not any(_is_missing(issue) for issue in issues):
        return issues
    following = _Following(issues, page)
    return [issue for issue in issues if not (_is_missing(issue) and following.includes(issue))]


def _is_missing(issue: Issue) -> bool:
    """Whether a shape asks for what is not there."""
    return bool(issue.shape) and issue.code.startswith(_MISSING)


class _Following:
    """What would be there if keys and classes were spelt right.

    Args:
        issues: All findings.
        page: The document.
    """

    def __init__(self, issues: Sequence[Issue], page: Page) -> None:
        self._page = page
        self._meant: dict[str, set[str]] = {}
        self._below: dict[str, set[str]] = {}
        for node, iri in _meant(issues, page):
            self._meant.setdefault(node, set()).add(iri)
            for above in around(node, _ALL):
                self._below.setdefault(above, set()).add(iri)
        faults = {one.pointer: one for one in issues if one.code in _OF_TYPES and _is_type(one.pointer, page)}
        of_quantities = {place for place in faults if _is_of_quantity(place, page)}
        # Nobody knows which kind these quantities should have; what the others should be, a suggestion says.
        kindless = {place for place in of_quantities if faults[place].code != "undefined-type" or not faults[place].suggestions}
        lost = {place for place, one in faults.items() if one.code in _LOST_TYPES} - of_quantities
        self._above_kindless = {above for place in kindless for above in around(place, _ALL)}
        self._near_lost = {above for place in lost for above in around(place, 2)}
        self._with_lost_nodes = {
            one.pointer.rpartition("/")[0]
            for one in issues
            if one.code == "undefined-term"
            and any(type(item) is dict for _, item in items_of("", value_at(page.document.value, one.pointer)))
        }

    def includes(self, issue: Issue) -> bool:
        """Whether what the finding misses is among it."""
        asked = {self._page.meaning(word) for word in _WORD.findall(issue.remedy)}
        if self._below.get(issue.pointer, set()) & asked:
            return True
        if issue.code in _FROM_TYPES and (issue.pointer in self._near_lost or issue.pointer in self._with_lost_nodes):
            return True
        return issue.code in _FROM_PROPERTIES and (
            issue.pointer in self._above_kindless
            or issue.pointer in self._with_lost_nodes
            or bool(self._meant.get(issue.pointer, set()) & _PROPERTIES)
        )


def _is_of_quantity(pointer: str, page: Page) -> bool:
    """Whether a pointer to a class leads into a node with a number."""
    node = page.nodes.get(_node_of(pointer.rpartition("/")[0], pointer))
    return node is not None and HAS_NUMERICAL_PART in node.expanded


def _meant(issues: Sequence[Issue], page: Page) -> Iterator[tuple[str, str]]:
    """What the first suggestions would write: pointer of the node, IRI."""
    for issue in issues:
        for edit in issue.suggestions[0].edits if issue.suggestions else ():
            if edit.content[:1] == '"' and edit.operation in (Operation.RENAME, Operation.REPLACE):
                text = json.loads(edit.content)
                iri = page.meaning(text)
                if iri:
                    node = edit.pointer.rpartition("/")[0]
                    yield (node if edit.operation is Operation.RENAME else _node_of(node, edit.pointer)), iri


def _node_of(above: str, pointer: str) -> str:
    """Pointer of the node whose member has an item at a pointer."""
    return above.rpartition("/")[0] if pointer.rpartition("/")[2].isdecimal() else above
