"""The last look at a document's findings: one a place, in the document's own words, and with what would mend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ontology.expansion import Node, Reading
from ontology.mends import value_at
from ontology.terms import (
    HAS_MEASUREMENT_UNIT,
    HAS_NUMBER_VALUE,
    HAS_NUMERICAL_PART,
    PROPERTY_KINDS,
    RDFS_LABEL,
    SCHEMA_MANUFACTURER,
    SCHEMA_MODEL,
    SCHEMA_NAME,
    SCHEMA_UNIT_CODE,
    SCHEMA_UNIT_TEXT,
    SKOS_PREF_LABEL,
)
from records.issues import Certainty, Edit, Issue, Operation, Suggestion
from shapes.lint.page import Page, iris_of, items_of, json_text, remedy_of
from shapes.lint.units import best_units, expected_unit
from shapes.lint.words import Near, Words, is_opaque, name_of, with_article
from shapes.numerals import read_phrase
from shapes.reader import Document
from shapes.superfluous import around, may_be_superfluous, without_superfluous

_NAMES: Final = (SCHEMA_NAME, RDFS_LABEL, SKOS_PREF_LABEL)
_IDENTIFYING: Final = (SCHEMA_MODEL, "https://schema.org/productID", "https://schema.org/serialNumber")
_MOST: Final = 3

_Advice = Callable[["_Case"], "Issue"]


class Advisor:
    """Gives findings their last form; one instance serves a whole harvest, thread-safe.

    A finding that only repeats what a more exact one says of the same place is left out, and so is one that follows from a
    misspelt key or class: it goes when that is mended. Findings of shapes get the words of the document, what was expected, and
    suggestions with their edits. A code that is not known here stays as it is.

    Args:
        words: What the ontologies say.
    """

    def __init__(self, words: Words) -> None:
        self._words = words

    def advise(self, issues: Sequence[Issue], document: Document, reading: Reading) -> tuple[Issue, ...]:
        """The findings of all steps, in their last form and in the given order.

        Args:
            issues: What the steps before found.
            document: The document.
            reading: What was read from it.
        """
        if not any(issue.code in _ADVICE or may_be_superfluous(issue) for issue in issues):
            return tuple(issues)
        page = Page(document, reading, self._words)
        kept = without_superfluous(issues, page)
        return tuple(_ADVICE[issue.code](_Case(issue, page)) if issue.code in _ADVICE else issue for issue in kept)


class _Case:
    """One finding with what it is about."""

    def __init__(self, issue: Issue, page: Page) -> None:
        self.issue = issue
        self.page = page
        self.words = page.words
        self.node = page.nodes.get(issue.pointer) or page.described.get(issue.focus_node)

    @property
    def quantity(self) -> Node | None:
        """The quantity that the finding is about, be its focus node the quantity or its numerical part."""
        node = self.node
        if node is None or HAS_NUMERICAL_PART in node.expanded or HAS_MEASUREMENT_UNIT in node.expanded:
            return node
        above = (self.page.nodes.get(pointer) for pointer in around(node.pointer, 1))
        return next((one for one in above if one is not None and HAS_NUMERICAL_PART in one.expanded), None)

    @property
    def kinds(self) -> list[str]:
        """Classes of the quantity that say what it is of."""
        types = self.quantity.expanded.get("@type", ()) if self.quantity else ()
        return [iri for iri in types if iri not in PROPERTY_KINDS]

    @property
    def name(self) -> str:
        """What the document calls the kind of the quantity; ``""`` when it has none."""
        return self.words.concepts.label(self.kinds[0]) if self.kinds else ""

    @property
    def dimension(self) -> tuple[str, str]:
        """Kind and dimension of the quantity; empty when nothing is demanded."""
        for kind in self.kinds:
            found = self.words.dimension_of_kind(kind)
            if found:
                return kind, found
        return (self.kinds[0] if self.kinds else ""), ""

    def said(
        self,
        message: str = "",
        suggestions: Sequence[Suggestion] = (),
        *,
        expected: str = "",
        pointer: str = "",
        value: str = "",
    ) -> Issue:
        """The finding with more to it; what is not given stays."""
        issue = self.issue
        if pointer and pointer != issue.pointer:
            line, column = self.page.document.place(pointer)
            issue = replace(issue, pointer=pointer, line=line, column=column)
        return replace(
            issue,
            message=message or issue.message,
            remedy=remedy_of([one for one in suggestions if one.replacement]) or issue.remedy,
            expected=expected or issue.expected,
            value=value or issue.value,
            suggestions=tuple(suggestions) or issue.suggestions,
        )

    def numbers(self) -> list[tuple[str, Any]]:
        """Values of the numerical part, as written, each with its pointer."""
        quantity = self.quantity
        places = (
            [
                place
                for pointer, _, value in self.page.keys_of(quantity, HAS_NUMERICAL_PART)
                for place, _ in items_of(pointer, value)
            ]
            if quantity
            else []
        )
        parts = [part for place in places if (part := self.page.nodes.get(place)) is not None]
        found = [
            item
            for part in ([self.node] if self.node in parts else parts)
            if part
            for pointer, _, value in self.page.keys_of(part, HAS_NUMBER_VALUE)
            for item in items_of(pointer, value)
        ]
        return [
            (f"{place}/@value", item["@value"]) if type(item) is dict and "@value" in item else (place, item)
            for place, item in found
        ]

    def raw(self, pointer: str) -> str:
        """What stands at a pointer, to the letter."""
        span = self.page.document.span(pointer)
        return self.page.document.text[slice(*span)] if span else ""

    def without_quantity(self, text: str = "leave the quantity out, when its number is not known") -> list[Suggestion]:
        """To leave the whole quantity out."""
        quantity = self.quantity
        if quantity is None or not quantity.pointer:
            return []
        return [self.page.removal(quantity.pointer, text, Certainty.POSSIBLE, changes_value=True)]


def _missing_unit(case: _Case) -> Issue:
    quantity = case.quantity
    if quantity is None or not case.name:
        return case.issue
    kind, dimension = case.dimension
    near = best_units(case.page, kind, dimension, "")
    key = case.page.key_for(HAS_MEASUREMENT_UNIT)
    suggestions = [_member(quantity, key, _unit_value(case.page, key, one.iri), one.certainty) for one in near]
    expected = expected_unit(case.page, kind, near)
    return case.said(f"The {case.name} has no unit", suggestions, expected=expected)


def _member(node: Node, key: str, value: Any, certainty: Certainty) -> Suggestion:
    """To add a member to an object, or to write it anew where it says nothing."""
    member = f"{json_text(key)}: {json_text(value)}"
    place = f"{node.pointer}/{key.replace('~', '~0').replace('/', '~1')}"
    verb, operation = ("write", Operation.REPLACE) if key in node.source else ("add", Operation.ADD)
    return Suggestion(f"{verb} {member}", member, certainty, (Edit(operation, place, json_text(value)),))


def _unit_value(page: Page, key: str, iri: str) -> Any:
    """A unit as the document writes units: an IRI or CURIE alone where that is understood, else in an object."""
    for place, text in page.unit_texts[:1]:
        written = page.written_as(iri, text)
        return {"@id": written} if place.endswith("/@id") else written
    coercion = page.reading.terms.term(key).coercion
    if coercion == "@vocab" and is_opaque(name_of(iri)) and (term := page.term_for(iri)):
        return term
    return iri if coercion in ("@id", "@vocab") else {"@id": iri}


def _unit_not_iri(case: _Case) -> Issue:
    page, text = case.page, case.issue.value
    kind, _ = case.dimension
    pointer = _place_of_text(page, case.issue.pointer, text)
    near = [Near(iri, Certainty.LIKELY) for iri in case.words.same_size(text, kind or None)[:1]] or best_units(
        page, *case.dimension, ""
    )
    key = page.key_for(HAS_MEASUREMENT_UNIT)
    whole = pointer.removesuffix("/@value")
    suggestions = []
    for one in near:
        content = json_text(_unit_value(page, key, one.iri))
        suggestions.append(Suggestion(f"write {one.iri}", one.iri, one.certainty, (Edit(Operation.REPLACE, whole, content),)))
    return case.said(
        f"The unit {text!r} is text, not an IRI", suggestions, expected=expected_unit(page, kind, near), pointer=pointer
    )


def _place_of_text(page: Page, pointer: str, text: str) -> str:
    """Pointer of the text among the values at a pointer."""
    for place, item in items_of(pointer, value_at(page.document.value, pointer)):
        if item == text:
            return place
        if type(item) is dict and item.get("@value") == text:
            return f"{place}/@value"
    return pointer


def _several_units(case: _Case) -> Issue:
    written = list(case.page.texts_of(case.quantity, HAS_MEASUREMENT_UNIT)) if case.quantity else []
    _, dimension = case.dimension
    iris = iris_of(case.quantity.expanded.get(HAS_MEASUREMENT_UNIT)) if case.quantity else []
    fits = [case.words.dimension_of_unit(iri) == dimension for iri in iris] if dimension else [False] * len(iris)
    order = sorted(range(min(len(written), len(iris))), key=lambda place: not fits[place])
    suggestions = []
    for place in order[:_MOST]:
        pointer, text = written[place]
        kept = value_at(case.page.document.value, pointer.removesuffix("/@id"))
        certainty = Certainty.LIKELY if fits[place] and sum(fits) == 1 else Certainty.POSSIBLE
        edits = (Edit(Operation.REPLACE, case.issue.pointer, json_text(kept)),)
        suggestions.append(Suggestion(f"keep {text}", text, certainty, edits))
    what = f"The {case.name}" if case.name else "The quantity"
    units = f" ({', '.join(text for _, text in written[:_MOST])})" if written else ""
    return case.said(f"{what} has more than one unit{units}", suggestions, expected="one unit")


def _several_values(case: _Case) -> Issue:
    suggestions = []
    for pointer, _ in case.numbers()[:_MOST]:
        text = case.raw(pointer)
        edits = (Edit(Operation.REPLACE, case.issue.pointer, text),)
        suggestions.append(Suggestion(f"keep {text}", text, Certainty.POSSIBLE, edits, changes_value=True))
    return case.said(f"The {case.name} has several numbers" if case.name else "", suggestions, expected="one number")


def _not_a_number(case: _Case) -> Issue:
    text = case.issue.value
    phrase = read_phrase(text)
    pointer = _place_of_text(case.page, case.issue.pointer, text)
    message = f"{text!r} is not a number"
    if phrase is None:
        return case.said(message, case.without_quantity(), expected="a number", pointer=pointer)
    unit, own = case.words.units.find(phrase.unit, case.dimension[0] or None) if phrase.unit else None, ""
    if case.quantity:
        own = next(iter(iris_of(case.quantity.expanded.get(HAS_MEASUREMENT_UNIT))), "")
    is_same = unit is not None and own in case.words.same_size(phrase.unit)
    is_exact = not phrase.qualifier and not phrase.upper
    certainty = Certainty.LIKELY if is_exact and is_same else Certainty.POSSIBLE
    known = not phrase.unit or unit is not None
    numbers = [phrase.number, *([phrase.upper] if phrase.upper else [])] if known else []
    suggestions = [
        Suggestion(f"write {number}", number, certainty, (Edit(Operation.REPLACE, pointer, number),), changes_value=not is_exact)
        for number in numbers
    ]
    if phrase.upper and suggestions:
        suggestions = [
            replace(one, text=f"{one.text}, and the other end of the range as a quantity of its own") for one in suggestions
        ]
    return case.said(message, suggestions or case.without_quantity(), expected="a number", pointer=pointer)


def _missing_number(case: _Case) -> Issue:
    return case.said(f"The {case.name} has no number" if case.name else "", case.without_quantity())


def _unit_without_number(case: _Case) -> Issue:
    return case.said(f"The {case.name} has a unit but no number" if case.name else "", case.without_quantity())


def _negative_size(case: _Case) -> Issue:
    negative = [(pointer, value) for pointer, value in case.numbers() if type(value) in (int, float) and value < 0]
    if not negative:
        return case.issue
    pointer = negative[0][0]
    raw = case.raw(pointer)
    amount = raw.removeprefix("-")
    suggestion = Suggestion(
        f"write {amount}", amount, Certainty.POSSIBLE, (Edit(Operation.REPLACE, pointer, amount),), changes_value=True
    )
    message = f"The {case.name} is below zero" if case.name else ""
    return case.said(message, [suggestion], expected="a number that is not below zero", pointer=pointer, value=raw)


def _voltage_limit_in_volt(case: _Case) -> Issue:
    quantity, millivolt = case.quantity, case.words.unit_called("MilliVolt")
    iris = iris_of(quantity.expanded.get(HAS_MEASUREMENT_UNIT)) if quantity else []
    if quantity is None or len(iris) != 1 or not millivolt:
        return case.issue
    pointer, text = case.page.place_of(quantity, HAS_MEASUREMENT_UNIT, iris[0])
    suggestions = case.page.replacing([Near(millivolt, Certainty.POSSIBLE)], pointer, text) if text else []
    number = next((case.raw(place) for place, _ in case.numbers()), "")
    message = f"The {case.name} of {number} cannot be in volt" if case.name and number else ""
    return case.said(message, [replace(one, changes_value=True) for one in suggestions], pointer=pointer, value=text)


def _unknown_quantity_kind(case: _Case) -> Issue:
    quantity = case.quantity
    if quantity is None:
        return case.issue
    types = [(pointer, text) for pointer, text in case.page.texts_of(quantity, "@type")]
    unit = _unit_of(case.page, quantity)
    dimension = case.words.dimension_of_unit(unit) if unit else ""
    named = [text for iri in _NAMES for _, text in case.page.texts_of(quantity, iri)] + [name_of(kind) for kind in case.kinds]
    kinds = case.words.kinds_called(named[:_MOST], dimension) if case.page.may_search() else []
    own = [(pointer, text) for pointer, text in types if case.page.meaning(text) in case.kinds]
    suggestions = []
    for kind, certainty in kinds[:_MOST]:
        new = case.page.term_for(kind) or kind
        made = _as_type(quantity, own, types, new, certainty)
        suggestions.append(replace(made, text=made.text.replace(new, case.page.named(new, kind))))
    if case.kinds:
        message = f"{with_article(case.name)} is no physical quantity that the ontologies have"
        return case.said(f"{message[0].upper()}{message[1:]}", suggestions, expected="a kind of physical quantity", value=case.name)
    return case.said("", suggestions, expected="a kind of physical quantity")


def _unit_of(page: Page, quantity: Node) -> str:
    """IRI of the first unit of a quantity, or what it writes for one; ``""`` for none."""
    texts = (text for iri in (SCHEMA_UNIT_TEXT, SCHEMA_UNIT_CODE) for _, text in page.texts_of(quantity, iri))
    return next(iter(iris_of(quantity.expanded.get(HAS_MEASUREMENT_UNIT))), "") or next(texts, "")


def _as_type(
    node: Node, own: Sequence[tuple[str, str]], types: Sequence[tuple[str, str]], new: str, certainty: Certainty
) -> Suggestion:
    """To name a class: in the place of the one that says nothing, beside those that say something else, or anew."""
    if own:
        pointer, text = own[0]
        edits = (Edit(Operation.REPLACE, pointer, json_text(new)),)
        return Suggestion(f"write {new} instead of {text}", new, certainty, edits)
    if not types:
        return _member(node, "@type", new, certainty)
    pointer = types[0][0]
    if pointer.rpartition("/")[2].isdecimal():
        edits = (Edit(Operation.ADD, f"{pointer.rpartition('/')[0]}/-", json_text(new)),)
    else:
        edits = (Edit(Operation.REPLACE, pointer, json_text([new, types[0][1]])),)
    return Suggestion(f"add the type {new}", new, certainty, edits)


def _missing_name(case: _Case) -> Issue:
    node = case.node
    if node is None:
        return case.issue
    maker = _name_of(case.page, _first(node, SCHEMA_MANUFACTURER))
    model = next((text for iri in _IDENTIFYING if (text := _name_of(case.page, _first(node, iri)))), "")
    kind = next((case.words.concepts.label(iri) for iri in node.expanded.get("@type", ())), "")
    name = " ".join(part for part in (maker, model or kind) if part)
    key = _name_key(case.page)
    message = f"The {kind} has nothing to call it by" if kind else ""
    if not maker and not model:
        return case.said(message)
    certainty = Certainty.LIKELY if maker and model else Certainty.POSSIBLE
    return case.said(message, [_member(node, key, name, certainty)], expected="a name")


def _name_key(page: Page) -> str:
    key = page.key_for(SCHEMA_NAME)
    old = SCHEMA_NAME.replace("https:", "http:")
    return "schema:name" if key == SCHEMA_NAME and page.meaning("schema:name") in (SCHEMA_NAME, old) else key


def _first(node: Node, iri: str) -> Any:
    value = node.expanded.get(iri, node.expanded.get(iri.replace("https:", "http:")))
    return value[0] if type(value) is list and value else value


def _name_of(page: Page, value: Any) -> str:
    """A text, or the name of a thing."""
    if type(value) is dict:
        if "@value" in value:
            return value["@value"] if type(value["@value"]) is str else ""
        described = page.described.get(value.get("@id", ""))
        named = described.expanded if described else value
        return next((text for iri in _NAMES if type(text := named.get(iri, named.get(iri.replace("https:", "http:")))) is str), "")
    return value.strip() if type(value) is str and len(value) < 100 else ""


_ADVICE: Final[Mapping[str, _Advice]] = {
    "missing-unit": _missing_unit,
    "unit-not-iri": _unit_not_iri,
    "several-units": _several_units,
    "several-values": _several_values,
    "not-a-number": _not_a_number,
    "missing-number": _missing_number,
    "unit-without-number": _unit_without_number,
    "negative-size": _negative_size,
    "unknown-quantity-kind": _unknown_quantity_kind,
    "missing-name": _missing_name,
    "voltage-limit-in-volt": _voltage_limit_in_volt,
}
"""Code of a shape -> what more there is to say of its findings."""
