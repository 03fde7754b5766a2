"""Which documents answer a question: predicates over the rows of `documents.py`, as the question files write them.

A predicate is a Python expression over the names of one row, e.g. ``cell and cathode('LFP') and capacity > 100 * Ah``. The question
files are ours, so they are evaluated as they stand. `Row` has the functions, `tables.PROPERTIES` the quantities (those of the thing
itself; ``of('separator', 'thickness')`` has those of a part), `tables.SYMBOLS` the units.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.relevance.documents import Document, Node, Number, fold, listed, local, texts
from benchmarks.relevance.tables import (
    ANODES_BY_BATTERY,
    BUTTON_SIZES,
    CATHODES_BY_BATTERY,
    CELLS,
    COBALT,
    FORMATS,
    MATERIALS,
    METHODS,
    MIXED,
    PROPERTIES,
    ROUND_SIZES,
    SYMBOLS,
    UNITS,
)

TOLERANCE = 1e-6
"""Relative: so far apart two numbers that are written alike can be after conversion."""
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_TOP = ((), ("@graph",), ("isDescriptionFor",))
"""Paths of the nodes that are the described thing itself; in an RO-Crate it is the crate."""
ROLES: dict[str, tuple[str, ...]] = {
    "positive": ("hasPositiveElectrode", "PositiveElectrode"),
    "negative": ("hasNegativeElectrode", "NegativeElectrode"),
    "reference": ("hasReferenceElectrode",),
    "electrolyte": ("hasElectrolyte", "Electrolyte", "OrganicElectrolyte", "AqueousElectrolyte", "ElectrolyteSolution"),
    "separator": ("hasSeparator", "Separator"),
    "binder": ("hasBinder", "Binder"),
    "conductive additive": ("hasConductiveAdditive", "ConductiveAdditive"),
    "additive": ("hasAdditive", "ElectrolyteAdditive", "Additive"),
    "solvent": ("hasSolvent", "Solvent"),
    "solute": ("hasSolute", "Solute"),
    "collector": ("hasCurrentCollector", "CurrentCollector"),
    "case": ("hasCase",),
    "spacer": ("Spacer",),
    "active": ("hasActiveMaterial", "ActiveMaterial"),
}
"""Properties that lead into a role, and classes that are it."""


@dataclass(frozen=True)
class Measure:
    """A number with a dimension, in its base unit: ``100 * Ah``."""

    value: float
    dimension: str

    def __rmul__(self, factor: float) -> Measure:
        return Measure(factor * self.value, self.dimension)

    def __neg__(self) -> Measure:
        return Measure(-self.value, self.dimension)


@dataclass(frozen=True)
class Values:
    """The values of one kind of quantity in a document. A comparison holds if it holds for one of them."""

    numbers: tuple[Number, ...]

    def _of(self, bound: Measure) -> list[float]:
        return [number.value for number in self.numbers if number.dimension == bound.dimension]

    def __gt__(self, bound: Measure) -> bool:
        return any(value > bound.value + TOLERANCE * abs(bound.value) for value in self._of(bound))

    def __lt__(self, bound: Measure) -> bool:
        return any(value < bound.value - TOLERANCE * abs(bound.value) for value in self._of(bound))

    def __ge__(self, bound: Measure) -> bool:
        return any(value >= bound.value - TOLERANCE * abs(bound.value) for value in self._of(bound))

    def __le__(self, bound: Measure) -> bool:
        return any(value <= bound.value + TOLERANCE * abs(bound.value) for value in self._of(bound))

    def within(self, low: Measure, high: Measure) -> bool:
        """One value from *low* to *high*, both included."""
        slack = TOLERANCE * max(abs(low.value), abs(high.value))
        return any(low.value - slack <= value <= high.value + slack for value in self._of(low))

    def equals(self, bound: Measure, share: float = TOLERANCE) -> bool:
        """One value that is this one, give or take this share of it."""
        return any(abs(value - bound.value) <= share * abs(bound.value) for value in self._of(bound))

    def at(self, condition: str, value: Measure) -> Values:
        """Those whose own node says this condition."""
        return Values(tuple(one for one in self.numbers if Values(_named(one.conditions, condition)).equals(value)))

    def __bool__(self) -> bool:
        return bool(self.numbers)


def _named(numbers: Sequence[Number], name: str) -> tuple[Number, ...]:
    return tuple(number for number in numbers if not number.node.types.isdisjoint(PROPERTIES[name]))


class Row(Mapping[str, Any]):
    """The names that a predicate may use, for one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        crate = any(node.content.get("@id") == "ro-crate-metadata.json" for node in document.nodes)
        self._tops = [node for node in document.nodes if node.path in _TOP and (not crate or node.content.get("@id") == "./")]
        self._by_class = _by_class(document.nodes)
        self._own = () if crate else tuple(number for number in document.numbers if _own(number.node))
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            if name in PROPERTIES:
                self._made[name] = Values(_named(self._own, name))
            elif name in SYMBOLS:
                self._made[name] = Measure(*UNITS[SYMBOLS[name]])
            elif name.startswith("_") or not hasattr(Row, name):
                raise KeyError(name)
            else:
                self._made[name] = getattr(self, name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter((*PROPERTIES, *SYMBOLS))

    def __len__(self) -> int:
        return len(PROPERTIES) + len(SYMBOLS)

    # What the document describes

    @property
    def cell(self) -> bool:
        """A cell: its specification, its kind, or one piece. CellInfo has nothing else and gives it no class."""
        return self.folder == "cellinfo" or any(node.types & CELLS for node in self._tops)

    @property
    def folder(self) -> str:
        return self.document.id.split("/")[0]

    @property
    def dataset(self) -> bool:
        return any("Dataset" in node.types for node in self._tops)

    @property
    def test(self) -> bool:
        """A test that was made, or a description of how to make one."""
        return any(node.types & {"BatteryTest", "Plan", "HowTo"} for node in self._tops) or any(
            node.types & names for node in self._tops for names in METHODS.values()
        )

    @property
    def protocol(self) -> bool:
        return "Plan" in self.document.root.types

    def root(self, *types: str) -> bool:
        """The document itself is of one of these classes."""
        return any(node.types & set(types) for node in self._tops)

    def has(self, *types: str) -> bool:
        """One of these classes, anywhere."""
        return any(name in self._by_class for name in types)

    # Materials and parts

    def uses(self, material: str, *roles: str) -> bool:
        """A material (or a class of this name) that stands in all of these roles."""
        return any(all(_in_role(node, role) for role in roles) for node in self._of_material(material))

    def cathode(self, material: str) -> bool:
        """The positive electrode is of this material, or the kind of battery says so."""
        return self.has(*MATERIALS[material] & CATHODES_BY_BATTERY) or self._electrode(material, "positive")

    def anode(self, material: str) -> bool:
        """The negative electrode is of this material, or the kind of battery says so."""
        return self.has(*MATERIALS[material] & ANODES_BY_BATTERY) or self._electrode(material, "negative")

    def _electrode(self, material: str, role: str) -> bool:
        found = [node for node in self._of_material(material) if _in_role(node, role)]
        return any(not _in_role(node, "collector") and not _in_role(node, "reference") for node in found)

    def _of_material(self, material: str) -> list[Node]:
        """The nodes of its classes, and those that are named so where no class says it."""
        names = [*MATERIALS.get(material, (material,)), *([fold(material)] if material in MATERIALS else ())]
        return [node for name in names for node in self._by_class.get(name, ())]

    def perhaps(self, material: str) -> bool:
        """It may have this material (`tables.MIXED`)."""
        return self.has(*MIXED.get(material, ()))

    def about(self, material: str) -> bool:
        """It has to do with the material: in any place, perhaps, by its title, or by a word where it describes no cell."""
        word = f"{material}*"
        return self.uses(material) or self.perhaps(material) or self.titled(word) or (not self.cell and self.says(word))

    @property
    def cobalt(self) -> bool:
        """Some material with cobalt, sure or not."""
        return any(self.uses(material) or self.perhaps(material) for material in COBALT)

    def format(self, name: str) -> bool:
        return self.has(*FORMATS[name]) or (name == "coin" and self.titled(*BUTTON_SIZES))

    @property
    def round(self) -> bool:
        """Perhaps a cylinder: it has a diameter or the size code of one, and nothing is said of its format."""
        is_round = bool(self["diameter"]) or any(self.size(code) for code in ROUND_SIZES)
        return is_round and not any(self.format(name) for name in FORMATS)

    def size(self, code: str) -> bool:
        """The size code of a cell: its case, its ``size``, or its name."""
        coded = self.has(f"R{code}", f"CR{code}") or any(fold(one) in (code, f"r{code}") for one in self._top_texts("size"))
        return coded or re.search(rf"(?<!\d){code}(?!\d)", self.name) is not None

    # Names

    @cached_property
    def name(self) -> str:
        """Title and model, folded."""
        return fold(" ".join([self.document.title, *self._top_texts("model", "productID")]))

    def named(self, *names: str) -> bool:
        """It is the thing of this name: a model, with or without its maker."""
        return any(_tight(name) in self._names for name in names)

    @cached_property
    def _names(self) -> set[str]:
        titles = {self.document.title, *self._top_texts("model", "name")}
        return {_tight(one) for title in titles for one in (title, *(f"{maker} {title}" for maker in self._makers))}

    @property
    def identity(self) -> str:
        """Maker and model: the same for every record of the same cell."""
        maker = _tight(next(iter(self._makers), ""))
        model = _tight(next(iter(self._top_texts("model")), self.document.title))
        return f"{maker} {model.removeprefix(maker) or model}"

    @cached_property
    def _makers(self) -> list[str]:
        return self._top_texts("manufacturer")

    def maker(self, *names: str) -> bool:
        """Made by a company whose name begins with these words."""
        return any(f"{fold(made)} ".startswith(f"{fold(name)} ") for made in self._makers for name in names)

    def supplier(self, name: str, role: str) -> bool:
        """A part in this role comes from this company."""
        return any(
            f"{fold(made)} ".startswith(f"{fold(name)} ")
            for node in self.document.nodes
            if _in_role(node, role)
            for made in texts(node.content, "manufacturer")
        )

    def person(self, last: str, initial: str = "") -> bool:
        """Somebody of this name wrote, made or did it."""
        return any(one.endswith(f" {fold(last)}") and one.startswith(initial.casefold()) for one in self._people)

    @cached_property
    def _people(self) -> list[str]:
        keys = ("author", "creator", "contributor", "hasOperator")
        return [fold(one) for node in self.document.nodes for text in texts(node.content, *keys) for one in text.split(" and ")]

    def says(self, *phrases: str) -> bool:
        """One of these words or phrases stands somewhere in the document; ``word*`` finds what begins so."""
        return any(f" {fold(one)}{'' if one.endswith('*') else ' '}" in self.document.words for one in phrases)

    def titled(self, *phrases: str) -> bool:
        """The same, in title or model."""
        return any(f" {fold(one)}{'' if one.endswith('*') else ' '}" in f" {self.name} " for one in phrases)

    # Methods and dates

    def method(self, name: str) -> bool:
        """It describes, or used, this method of testing: by class, by kind, or by keyword."""
        long = {fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", one)) for one in METHODS.get(name, ())}
        return self.has(*METHODS.get(name, ())) or not self._methods.isdisjoint({fold(name), *long})

    @cached_property
    def _methods(self) -> set[str]:
        """What it calls its methods."""
        named = [one for node in self.document.nodes for one in texts(node.content, "additionalType", "measurementTechnique")]
        return {fold(one) for one in [*named, *self._top_texts("subject", "keyword")]}

    def released(self, year: int, last: int = 0) -> bool:
        """In this year, or from it to the last one."""
        return self._dated(year, last, "releaseDate")

    def published(self, year: int, last: int = 0) -> bool:
        return self._dated(year, last, "datePublished", "issued")

    def made(self, year: int, last: int = 0) -> bool:
        """Whatever is described was made or written then."""
        return self._dated(year, last, "dateCreated", "created", "productionDate", "datePublished", "issued", "releaseDate")

    def _dated(self, year: int, last: int, *keys: str) -> bool:
        years = (int(found) for one in self._top_texts(*keys) for found in _YEAR.findall(one))
        return any(year <= one <= (last or year) for one in years)

    def country(self, name: str) -> bool:
        return any(fold(one) == fold(name) for one in self._top_texts("countryOfOrigin"))

    def licence(self, name: str) -> bool:
        given = [
            one.get("@id", "")
            for node in self._tops
            for key in node.content
            if local(key) == "license"
            for one in listed(node.content[key])
            if isinstance(one, dict)
        ]
        return any(fold(name) in fold(one) for one in given)

    # Quantities of parts

    def of(self, role: str, name: str) -> Values:
        """The quantities of what stands in this role."""
        return Values(_named([one for one in self.document.numbers if _in_role(one.node, role)], name))

    def anywhere(self, name: str) -> Values:
        """The quantities of this kind, wherever they stand."""
        return Values(_named(self.document.numbers, name))

    def _top_texts(self, *keys: str) -> list[str]:
        return [one for node in self._tops for one in texts(node.content, *keys)]


def _own(node: Node) -> bool:
    """Whether a quantity is one of the described thing itself."""
    path = tuple(key for key in node.path if key not in ("@graph", "isDescriptionFor"))
    return len(path) == 1 and path[0] in ("hasProperty", "hasMeasuredProperty")


def _by_class(nodes: Sequence[Node]) -> dict[str, list[Node]]:
    """Nodes by their classes, their folded names, and formulae and comments as they stand."""
    found: dict[str, list[Node]] = {}
    for node in nodes:
        written = {text.strip() for text in texts(node.content, "molecularFormula", "hasStringValue", "comment")}
        for name in {*node.types, *map(fold, texts(node.content, "name", "prefLabel")), *written}:
            found.setdefault(name, []).append(node)
    return found


def _in_role(node: Node, role: str) -> bool:
    return any(name in node.path or name in node.around or name in node.types for name in ROLES[role])


def _tight(text: str) -> str:
    return fold(text).replace(" ", "")


@dataclass(frozen=True)
class Question:
    """A question for the search.

    Args:
        id: Its name.
        group: The class of question, e.g. ``roles``.
        text: As somebody would type it.
        answers: Predicate of the right answers.
        near: Predicate of documents that nobody would mind among them; ``""`` for none.
        twins: Whether other records of a cell that is right are near too.
    """

    id: str
    group: str
    text: str
    answers: str
    near: str = ""
    twins: bool = False

    def grades(self, rows: Sequence[Row]) -> dict[str, int]:
        """2 for what answers, 1 for what is near, by id of the document."""
        exact = matching(self.answers, rows)
        near = matching(self.near, rows) if self.near else []
        cells = {row.identity for row in exact if row.cell} if self.twins else set()
        near += [row for row in rows if cells and row.cell and row.identity in cells]
        return {**dict.fromkeys((row.document.id for row in near), 1), **dict.fromkeys((row.document.id for row in exact), 2)}


def matching(predicate: str, rows: Sequence[Row]) -> list[Row]:
    """The rows for which the predicate holds."""
    code = compile(predicate, "<predicate>", "eval")
    return [row for row in rows if eval(code, {"__builtins__": {}}, row)]  # the question files are ours


def read_questions(path: Path) -> list[Question]:
    """The questions of a file, in its order."""
    listed_ = tomllib.loads(path.read_text("utf-8"))["question"]
    return [
        Question(one["id"], one["class"], one["text"], one["answers"], one.get("near", ""), one.get("twins", False))
        for one in listed_
    ]
