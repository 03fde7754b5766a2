"""Findings about numbers, each with its place and the edits that would mend it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ontology.expansion import Node, Reading
from ontology.terms import HAS_NUMBER_VALUE
from records.issues import Certainty, Edit, Issue, Operation, Severity, Suggestion
from records.record import Quantity
from shapes.reader import Document
from shapes.things import Value
from shapes.written import Written, shifted


class Fit(NamedTuple):
    """What would make a number fit.

    Args:
        powers: Powers of ten, best first.
        is_sure: Whether there is one alone, and it lands in the middle of what is usual.
        instead: The number that should stand there when no power of ten fits.
    """

    powers: Sequence[int] = ()
    is_sure: bool = False
    instead: str = ""


class Told:
    """Takes findings down: one for each quantity, with its place and the edits that would mend it."""

    def __init__(self, document: Document, reading: Reading, written: Written) -> None:
        self.issues: list[Issue] = []
        self._document = document
        self._reading = reading
        self._written = written
        self._quantities: set[int] = set()

    def has(self, value: Value) -> bool:
        """Whether there is a finding about this quantity already."""
        return id(value.quantity) in self._quantities

    def is_empty(self) -> bool:
        """Whether there is no finding yet."""
        return not self._quantities

    def node(self, pointer: str) -> Node | None:
        """The node of the document at a pointer."""
        return next((node for node in self._reading.nodes if node.pointer == pointer), None)

    def tell(self, code: str, message: str, quantity: Quantity, fit: Fit, expected: str = "") -> None:
        """Take a finding down.

        Args:
            code: Its code.
            message: What is wrong.
            quantity: What it is about.
            fit: What would make the number fit.
            expected: What should stand there.
        """
        pointer = self._written.number_pointer(self._reading, quantity)
        numbers = [shifted(quantity.value or 0.0, power) for power in fit.powers[:2]]
        numbers = numbers or ([fit.instead] if fit.instead else [])
        unit = self._written.other_unit(self._reading, quantity, fit.powers[0]) if fit.powers else None
        if quantity.base_unit == "K" and (celsius := self._written.as_celsius(self._reading, quantity)):
            numbers, unit = [celsius[0]], celsius[1]
        certainty = Certainty.LIKELY if fit.is_sure else Certainty.POSSIBLE
        mends = [_write(number, pointer, quantity, certainty) for number in numbers if math.isfinite(float(number))]
        if unit is not None:
            text, edit = unit
            mends.insert(1, Suggestion(f"write the unit as {text}", None, certainty, (edit,), changes_value=True))
        self._add_finding(code, message, quantity, pointer, "check the number and its unit", expected, tuple(mends))

    def tell_swap(self, message: str, low: Quantity, high: Quantity) -> None:
        """Take down that two limits are the wrong way round."""
        places = [self._written.number_pointer(self._reading, quantity) for quantity in (low, high)]
        mends: tuple[Suggestion, ...] = ()
        if low.unit == high.unit and all(place != one.pointer for place, one in zip(places, (low, high), strict=True)):
            numbers = [shifted(quantity.value or 0.0, 0) for quantity in (high, low)]
            edits = tuple(Edit(Operation.REPLACE, place, number) for place, number in zip(places, numbers, strict=True))
            text = f"write {numbers[0]} here and {numbers[1]} there"
            mends = (Suggestion(text, numbers[0], Certainty.LIKELY, edits, changes_value=True),)
        self._quantities.add(id(high))
        self._add_finding("limits-reversed", message, low, places[0], "check which of the two is meant", "", mends)

    def _add_finding(
        self, code: str, message: str, quantity: Quantity, pointer: str, remedy: str, expected: str, mends: tuple[Suggestion, ...]
    ) -> None:
        self._quantities.add(id(quantity))
        if mends:
            remedy = " or ".join(mend.text for mend in mends)
        line, column = self._document.place(pointer)
        self.issues.append(
            Issue(
                code,
                message,
                Severity.WARNING,
                self._document.source,
                pointer,
                line,
                column,
                remedy,
                focus_node=self._iri(quantity),
                path=HAS_NUMBER_VALUE,
                value=shifted(quantity.value or 0.0, 0),
                expected=expected,
                suggestions=mends,
            )
        )

    def _iri(self, quantity: Quantity) -> str:
        node = self.node(quantity.pointer)
        return str(node.expanded["@id"]) if node is not None else ""


def _write(number: str, pointer: str, quantity: Quantity, certainty: Certainty) -> Suggestion:
    edits = (Edit(Operation.REPLACE, pointer, number),) if pointer != quantity.pointer else ()
    return Suggestion(f"write {number}", number, certainty, edits, changes_value=True)
