"""How values are written: texts that stand for nothing, numbers in quotes, decimal commas."""

from __future__ import annotations

from typing import Final

from ontology.expansion import MISSING, Node
from ontology.terms import HAS_NUMBER_VALUE, HAS_NUMERICAL_PART, SCHEMA_MAX_VALUE, SCHEMA_MIN_VALUE, SCHEMA_VALUE
from records.issues import Certainty, Edit, Operation, Severity, Suggestion
from shapes.lint.page import Page, json_text
from shapes.numerals import LONGEST, Numeral, Spelling, read_numeral

_SCHEMA: Final = (SCHEMA_VALUE, SCHEMA_MIN_VALUE, SCHEMA_MAX_VALUE)
_NUMBERS: Final = frozenset((HAS_NUMBER_VALUE, *_SCHEMA, *(iri.replace("https:", "http:") for iri in _SCHEMA)))
"""Properties whose values are numbers."""
_LONGEST_MISSING: Final = 8
_NOTHING_ELSE: Final = frozenset(("", "nan", "n.a.", "n.a", "n/a", "null"))
"""What can mean nothing but that there is no value: ``na`` is sodium too, ``-`` may be a sign."""


def check_values(page: Page, node: Node) -> None:
    """Find what is wrong with the texts of a node."""
    for key, value in node.source.items():
        kind = type(value)
        if kind is str:
            if len(value) <= LONGEST and key[:1] != "@":
                _check(page, node, key, value, "", "")
        elif kind is list:
            for index, item in enumerate(value):
                if type(item) is str and len(item) <= LONGEST and key[:1] != "@":
                    _check(page, node, key, item, f"/{index}", f"/{index}")
                elif type(item) is dict and type(item.get("@value")) is str:
                    _check(page, node, key, item["@value"], f"/{index}", f"/{index}/@value", "@type" in item)
        elif kind is dict and type(value.get("@value")) is str:
            _check(page, node, key, value["@value"], "", "/@value", "@type" in value)


def _check(page: Page, node: Node, key: str, text: str, member: str, below: str, is_typed: bool = False) -> None:
    """One text: *below* the key's pointer it stands, and *member* below it is what to remove."""
    is_missing = len(text) <= _LONGEST_MISSING and text.strip().lower() in MISSING
    if not is_missing and not (text[-1:].isdecimal() or text[:1].isdecimal()):
        return
    term = page.reading.terms.term(key)
    if term.iri is None or term.iri in ("@id", "@type"):
        return  # told when the document was read
    pointer = node.pointer + term.step
    if is_missing:
        _missing(page, node, key, text, pointer + member, pointer + below, term.iri)
    elif term.iri in _NUMBERS and (numeral := read_numeral(text)) is not None:
        _numeral(page, node, key, text, numeral, pointer + below, term.iri, is_typed)


def _missing(page: Page, node: Node, key: str, text: str, member: str, pointer: str, path: str) -> None:
    sure = Certainty.CERTAIN if text.strip().lower() in _NOTHING_ELSE else Certainty.LIKELY
    is_number = path == HAS_NUMBER_VALUE
    quantity = _quantity_of(page, node) if is_number else ""
    if quantity:
        suggestions = [page.removal(quantity, "leave the quantity out, as its number is not known", Certainty.LIKELY)]
    else:
        suggestions = [page.removal(member, "leave the property out, or write null", sure)]
    page.tell(
        "missing-value",
        f"{text!r} stands for the value of {key!r}" if text.strip() else f"the value of {key!r} is empty",
        pointer,
        node=node,
        remedy="leave the property out, or write null",
        severity=Severity.VIOLATION if is_number else Severity.WARNING,
        path=path,
        value=text,
        expected="a number" if path in _NUMBERS else "",
        suggestions=suggestions,
    )


def _quantity_of(page: Page, part: Node) -> str:
    """Pointer of the quantity that a numerical part belongs to; ``""`` when there is none that can be left out."""
    above = part.pointer.rpartition("/")[0]
    for pointer in (above, above.rpartition("/")[0]):
        node = page.nodes.get(pointer) if pointer else None
        if node is not None and HAS_NUMERICAL_PART in node.expanded:
            return pointer
    return ""


def _numeral(page: Page, node: Node, key: str, text: str, numeral: Numeral, pointer: str, path: str, is_typed: bool) -> None:
    suggestions = [_written(numeral.number, pointer, Certainty.CERTAIN, text)]
    if numeral.spelling is Spelling.PLAIN:
        if is_typed:
            return  # a typed literal is a number, though in quotes
        code, message = "number-as-text", f"the number {text} of {key!r} stands in quotes"
    elif numeral.spelling is Spelling.COMMA:
        code, message = "decimal-comma", f"the number {text} of {key!r} has a comma for the decimal point, and stands in quotes"
    elif numeral.spelling is Spelling.GROUPED:
        code, message = "decimal-comma", f"the number {text} of {key!r} is written in groups of digits, and stands in quotes"
    else:
        code = "decimal-comma"
        message = f"the number {text} of {key!r} has a comma, which may stand for a decimal point or for thousands"
        suggestions = [
            _written(numeral.number, pointer, Certainty.LIKELY, text),
            _written(numeral.other, pointer, Certainty.POSSIBLE, text),
        ]
    page.tell(
        code,
        message,
        pointer,
        node=node,
        remedy="write the number with a decimal point and without quotes",
        severity=Severity.WARNING if code == "number-as-text" else Severity.VIOLATION,
        path=path,
        value=text,
        expected="a JSON number",
        suggestions=suggestions,
    )


def _written(number: str, pointer: str, certainty: Certainty, text: str) -> Suggestion:
    if pointer.endswith("/@value"):  # a value object may have a type that a bare number would contradict
        content = number if number == text else json_text(number)
        return Suggestion(f"write {number}", number, certainty, (Edit(Operation.REPLACE, pointer, content),))
    return Suggestion(f"write {number} without quotes", number, certainty, (Edit(Operation.REPLACE, pointer, number),))
