"""Substances by their composition: ``LiNi0.8Co0.1Mn0.1O2`` is the NMC811 that our table writes ``LiNi0.8Mn0.1Co0.1O2``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import Final

from ontology.abbreviations import load_abbreviations
from ontology.definitions import Definitions
from ontology.model import LabelKind

MAX_FORMULA: Final = 100
"""Letters and digits of the longest formula that is read."""
_AMOUNT: Final = r"(?P<amount>\d+(?:\.\d+)?(?:/[1-9]\d*)?)?"
_PIECE: Final = re.compile(rf"(?:(?P<element>[A-Z][a-z]?)|(?P<opened>[(\[])|(?P<closed>[)\]])){_AMOUNT}")
"""An element or a bracket; an amount after a closing one is that of the group."""
_FAMILY_SIZE: Final = 4
"""Elements from which on a formula that differs in its fractions alone is of the same family: LiNi0.7Mn0.15Co0.15O2 is an NMC."""


class Formulae:
    """The substances of our table by their composition; remembered, so one instance serves many formulae.

    Args:
        definitions: Which substances there are, and of which family.

    >>> from ontology.concepts import Concepts
    >>> from ontology.facts import packaged_facts
    >>> from ontology.roles import Roles
    >>> concepts = Concepts(packaged_facts())
    >>> formulae = Formulae(Definitions(concepts, Roles(concepts)))
    >>> concepts.label(formulae.substance("LiNi0.8Co0.1Mn0.1O2"))
    'LithiumNickelManganeseCobaltOxide811'
    """

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def substance(self, formula: str) -> str:
        """IRI of the substance of this composition, or of the family; ``""`` when there is none or it is no plain formula."""
        amounts = composition(formula)
        if not amounts:
            return ""
        exact = self._by_composition.get(frozenset(amounts.items())) or self._by_metals.get(frozenset(amounts.items()))
        if exact:
            return exact
        is_fractional = any(amount.denominator != 1 for amount in amounts.values())
        return self._by_elements.get(frozenset(amounts), "") if is_fractional and len(amounts) >= _FAMILY_SIZE else ""

    @cached_property
    def _formulae(self) -> tuple[tuple[dict[str, Fraction], str], ...]:
        """The formulae of our table as compositions, each with its first substance."""
        substances = self._definitions.substances
        rows = [row for row in load_abbreviations() if row.kind is LabelKind.FORMULA and row.iri in substances]
        return tuple((amounts, row.iri) for row in rows if (amounts := composition(row.text)))

    @cached_property
    def _by_composition(self) -> Mapping[frozenset[tuple[str, Fraction]], str]:
        found: dict[frozenset[tuple[str, Fraction]], str] = {}
        for amounts, iri in self._formulae:
            found.setdefault(frozenset(amounts.items()), iri)
        return found

    @cached_property
    def _by_metals(self) -> Mapping[frozenset[tuple[str, Fraction]], str]:
        """Oxides of many metals by these alone, as they are often written: ``LiNi0.6Mn0.2Co0.2``."""
        found: dict[frozenset[tuple[str, Fraction]], set[str]] = {}
        for amounts, iri in self._by_composition.items():
            metals = frozenset(one for one in amounts if one[0] != "O")
            if len(amounts) > _FAMILY_SIZE and metals != amounts:
                found.setdefault(metals, set()).add(iri)
        return {metals: next(iter(iris)) for metals, iris in found.items() if len(iris) == 1}

    @cached_property
    def _by_elements(self) -> Mapping[frozenset[str], str]:
        """Elements -> the one family that is made of them; compositions of a family (NMC622) stand for it."""
        found: dict[frozenset[str], set[str]] = {}
        for amounts, iri in self._formulae:
            family = next((one.concept for one in self._definitions.implied(iri) if not one.properties), iri)
            found.setdefault(frozenset(amounts), set()).add(family)
        return {elements: next(iter(iris)) for elements, iris in found.items() if len(iris) == 1}


def composition(formula: str) -> dict[str, Fraction] | None:
    """Element -> amount; ``None`` for what is no formula.

    >>> composition("LiNi0.5Mn1.5O4")["Mn"]
    Fraction(3, 2)
    >>> composition("Li[Ni0.8Mn0.1Co0.1]O2") == composition("LiNi0.8Mn0.1Co0.1O2")
    True
    """
    groups: list[dict[str, Fraction]] = [{}]
    position = 0
    while position < len(formula):
        match = _PIECE.match(formula, position)
        if match is None or len(formula) > MAX_FORMULA or (match["opened"] and match["amount"]):
            return None
        if match["opened"]:
            groups.append({})
        else:
            if match["closed"] and len(groups) == 1:
                return None
            piece = groups.pop() if match["closed"] else {match["element"]: Fraction(1)}
            for element, amount in piece.items():
                groups[-1][element] = groups[-1].get(element, Fraction()) + amount * _amount(match["amount"] or "1")
        position = match.end()
    return groups[0] if len(groups) == 1 else None


def _amount(text: str) -> Fraction:
    above, _, below = text.partition("/")
    return Fraction(above) / Fraction(below or 1)
