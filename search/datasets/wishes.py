"""What somebody wants as a training set, and whether that can be built at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from access.identity import Actor
from graph.guard import QueryKind, guard
from graph.saved_queries import bindings, version_of
from graph.store import Term
from records.errors import BodyError, QueryRefusedError
from search.datasets.search_table import SearchWish
from search.datasets.services import DatasetServices
from search.datasets.splits import check_fractions
from search.datasets.table_files import DataForm

MAX_TITLE_CHARS: Final = 200
"""Longest title of a training set."""
MAX_PAIRS: Final = 50
"""Most pairs of a value and its unit."""


@dataclass(frozen=True, slots=True)
class UnitPair:
    """A column of numbers and the column of their units.

    Args:
        value: Name of the one.
        unit: Name of the other.
        kind: IRI of the kind of quantity, which decides what an ambiguous ``C`` is; ``""``: the C-rate.
    """

    value: str
    unit: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class SplitWish:
    """How the rows are split.

    Args:
        by: A column, or ``cell``, ``batch`` or ``laboratory``: what its rows are kept together by. A column of such a name is
            written ``?cell``.
        fractions: Fraction of the rows of each part.
        seed: Another seed gives another split.
    """

    by: str
    fractions: Mapping[str, float] = field(default_factory=lambda: {"train": 0.8, "validation": 0.1, "test": 0.1})
    seed: int = 0


@dataclass(frozen=True, slots=True)
class DatasetWish:
    """What somebody wants as a training set; exactly one of ``query``, ``saved`` and ``search`` is given.

    Args:
        query: A SELECT query.
        saved: Name and version of a saved one.
        parameters: Values of its parameters.
        search: A search: one row for each record.
        snapshot: Over which snapshot; ``""`` makes one.
        form: Form of the data files.
        units: Columns of values with units; ``None`` finds ``?x`` with ``?xUnit`` or ``?x_unit``.
        split: How the rows are split; ``None``: they are not.
        title: A name for people.
    """

    query: str = ""
    saved: tuple[str, str] | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    search: SearchWish | None = None
    snapshot: str = ""
    form: DataForm = DataForm.PARQUET
    units: tuple[UnitPair, ...] | None = None
    split: SplitWish | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A wish that was checked.

    Args:
        wish: The wish.
        text: The query; ``""`` for a search.
        terms: Values that are bound in it.
        saved_version: Which version of a saved query it is.
    """

    wish: DatasetWish
    text: str = ""
    terms: Mapping[str, Term] = field(default_factory=dict)
    saved_version: int = 0


def check_wish(services: DatasetServices, wish: DatasetWish, actor: Actor) -> Recipe:
    """Refuse at once what can never be built.

    Args:
        services: What the building uses.
        wish: What is wanted.
        actor: Who wants it.

    Raises:
        BodyError: The wish contradicts itself; says how.
        QueryError: The query does not parse, or is no SELECT.
        NotFoundError: There is no such saved query or snapshot for this actor.
        LimitError: The query is too long or too deep.
    """
    if sum((bool(wish.query), wish.saved is not None, wish.search is not None)) != 1:
        raise BodyError("A training set is made from one of: a query, a saved query, a search.", "Give exactly one of them.")
    if len(wish.title) > MAX_TITLE_CHARS:
        raise BodyError(f"The title has {len(wish.title)} characters.", f"Write at most {MAX_TITLE_CHARS}.")
    if wish.units is not None and len(wish.units) > MAX_PAIRS:
        raise BodyError(f"{len(wish.units)} columns have units.", f"Name at most {MAX_PAIRS}.")
    if wish.split is not None:
        check_fractions(wish.split.fractions)
    if wish.snapshot:
        services.snapshots.get(wish.snapshot, actor)
    if wish.search is not None:
        if wish.units:
            raise BodyError("The quantities of a search are in base units already.", "Leave `units` out.")
        return Recipe(wish)
    text, terms, version = wish.query, dict[str, Term](), 0
    if wish.saved is not None:
        saved = version_of(services.catalogue, *wish.saved, actor)
        text, terms, version = saved.text, bindings(services.catalogue, saved, wish.parameters), saved.version
    elif wish.parameters:
        raise BodyError("Parameters are values of a saved query.", "Name the saved query, or leave them out.")
    if guard(text, services.limits, bindings=terms, repeatable=True).kind is not QueryKind.SELECT:
        raise QueryRefusedError("Only a SELECT query gives rows.", "Name the columns after SELECT.")
    return Recipe(wish, text, terms, version)
