"""Port: SHACL validation of one record's statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from records.issues import Severity
from records.rdf import Triple


@dataclass(frozen=True, slots=True)
class ShaclResult:
    """One SHACL validation result (https://www.w3.org/TR/shacl/#results-validation-result), without a place yet.

    Values are IRIs or lexical forms; ``""`` where the result has none.
    """

    severity: Severity
    message: str
    focus_node: str
    path: str
    value: str
    shape: str
    component: str


class Validator(Protocol):
    """A SHACL engine with its shapes compiled."""

    def validate(self, triples: Sequence[Triple]) -> tuple[ShaclResult, ...]:
        """Every result, in a stable order; no result means that the statements conform."""
