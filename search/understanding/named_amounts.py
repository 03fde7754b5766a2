"""Capacities that models are called by: the *A123 20 Ah* cell is also the AMP20M1HD-A, of which its maker tells 19.6 Ah.

A record that tells no capacity is meant as well, where another one of the same model does (FREY36130290-100PF of *FREY 100Ah*), or
where its model is called by the amount with its unit (*YLE-LTO-66160-45Ah*).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from records.record import EntityKind
from search.query import EitherPart, EntityPart, Part, QuantityPart, Query
from search.understanding.name_books import MAKERS, Book
from search.understanding.vocabulary import Known

_CHARGE: Final = "T·I"
_WHOLE: Final = re.compile(r"= (?P<number>\d{2,4}) m?Ah(?!\w)")
_CALLED: Final = re.compile(r"(?P<number>\d{2,4})\s?(?P<milli>m)?Ah", re.IGNORECASE)
_AMPERE_HOUR: Final = 3600.0
_MILLI: Final = 3.6
_NEAR: Final = 0.05
"""How far from the number in its name the capacity of a model may be, relatively."""
_MOST: Final = 50
"""Most models of which it is counted whether they have about that capacity."""


def with_named_amounts(query: Query, known: Known) -> Query:
    """The query in which a capacity beside a maker may be that by which the maker calls a model."""
    makers = [part for part in query.parts if isinstance(part, EntityPart) and part.kind in MAKERS and not part.negated]
    if len(makers) != 1:
        return query
    return replace(query, parts=tuple(_or_so_called(part, makers[0], known) for part in query.parts))


def _or_so_called(part: Part, maker: EntityPart, known: Known) -> Part:
    amount = _amount(part)
    if amount is None or part.negated:
        return part
    number, low, high = amount
    models = Book.of(EntityKind.MODEL, known.names(EntityKind.MODEL)).of_series(number)
    names = tuple(named.name for named in models)[:_MOST]
    near = QuantityPart("", frozenset(), (), low * (1 - _NEAR), high * (1 + _NEAR), True, True, "Ah", _CHARGE)
    ways = [Query("", (maker, EntityPart("", EntityKind.MODEL, one, ""), near)) for one in (names, *((name,) for name in names))]
    if not names:
        return part
    whole, *each = known.count(ways)
    untold = frozenset(_untold((name for name, count in zip(names, each, strict=True) if not count), number, maker, known))
    called = tuple(name for name, count in zip(names, each, strict=True) if count or name in untold)
    if not whole and not untold:
        return part
    if isinstance(part, EntityPart):
        return replace(part, names=tuple(dict.fromkeys((*part.names, *called))))
    model = EntityPart(part.text, EntityKind.MODEL, called, part.text)
    return EitherPart(part.text, ((part,), (model,))) if isinstance(part, QuantityPart) else part


def _untold(names: Iterable[str], number: str, maker: EntityPart, known: Known) -> Iterator[str]:
    """Of these models of a maker those that are called by the amount with its unit, and of which no capacity is told."""
    called = re.compile(rf"(?<!\d){number}\s?ah(?!\w)")
    models = [name for name in names if called.search(name)]
    of_charge = QuantityPart("", frozenset(), (), None, None, False, False, "", _CHARGE)
    for name in models:
        model = (maker, EntityPart("", EntityKind.MODEL, (name,), ""))
        there, told = known.count((Query("", model), Query("", (*model, of_charge))))
        if there and not told:
            yield name


def _amount(part: Part) -> tuple[str, float, float] | None:
    """The number that a part says, and its bounds in the base unit; ``None`` for what is no single capacity."""
    if isinstance(part, EntityPart):  # a model that is called by nothing else, as an amount: *20Ah* of 20AH
        called = _CALLED.fullmatch(part.text) if part.kind is EntityKind.MODEL and part.text != part.label else None
        value = float(called["number"]) * (_MILLI if called["milli"] else _AMPERE_HOUR) if called else 0.0
        return (called["number"], value, value) if called else None
    if not isinstance(part, QuantityPart) or part.kinds or part.role or part.dimension != _CHARGE:
        return None
    said = _WHOLE.match(part.asked)
    return None if said is None or part.minimum is None or part.maximum is None else (said["number"], part.minimum, part.maximum)
