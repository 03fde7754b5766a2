"""Classes and properties: what takes the place of the other, what the ontologies have given up, what they do not have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ontology.expansion import Node
from ontology.expansion_findings import short
from ontology.terms import HAS_MEASUREMENT_UNIT, HAS_NUMERICAL_PART, HAS_PROPERTY
from records.issues import Certainty, Edit, Operation, Severity, Suggestion
from shapes.lint.page import Page, items_of, json_text
from shapes.lint.words import Fault, joined


def check_types(page: Page, node: Node) -> None:
    """Find what is wrong with the classes of a node."""
    sound = page.words.sound["type"]
    for iri in node.expanded.get("@type", ()):
        if iri in sound:
            continue
        fault = page.words.fault(iri, "type")
        if fault is Fault.NONE:
            continue
        pointer, text = page.place_of(node, "@type", iri)
        if fault is Fault.DEPRECATED:
            _deprecated(page, node, iri, pointer, text)
        elif fault is Fault.PROPERTY:
            _property_as_class(page, node, iri, pointer, text)
        else:
            tell_unknown(page, node, iri, pointer, text, "type")


def check_key(page: Page, node: Node, iri: str) -> None:
    """Find what is wrong with a property of a node."""
    fault = page.words.fault(iri, "key")
    if fault is Fault.NONE:
        return
    pointer, key, value = next(page.keys_of(node, iri), (node.pointer, "", None))
    if fault is Fault.CLASS:
        _class_as_property(page, node, iri, pointer, key, value)
    elif fault is Fault.UNKNOWN:
        tell_unknown(page, node, iri, pointer, key, "key")
    else:
        suggestions = page.replacing(page.words.successors(iri), pointer, key, is_key=True) if key else []
        page.tell(
            "deprecated-property",
            f"the property {page.words.concepts.label(iri)} is deprecated",
            pointer,
            node=node,
            remedy="see the ontology for what took its place",
            of="key",
            path=iri,
            value=key or iri,
            suggestions=suggestions,
        )


def check_value(page: Page, node: Node, path: str, iri: str) -> bool:
    """Find what is wrong with the IRI of an object; whether anything is."""
    fault = page.words.fault(iri, "value")
    if fault is Fault.NONE:
        return False
    pointer, text = page.place_of(node, path, iri)
    if fault is Fault.DEPRECATED:
        _deprecated(page, node, iri, pointer, text, path)
        return True
    is_unit = path == HAS_MEASUREMENT_UNIT or page.words.units.find(iri) is not None
    tell_unknown(page, node, iri, pointer, text, "unit" if is_unit else "value", path)
    return True


# Given up


def _deprecated(page: Page, node: Node, iri: str, pointer: str, text: str, path: str = "") -> None:
    suggestions = page.replacing(page.words.successors(iri), pointer, text) if text else []
    if suggestions and suggestions[0].certainty is Certainty.POSSIBLE:
        suggestions = [_wider(page, node, suggestion, pointer) for suggestion in suggestions]
    page.tell(
        "deprecated-class",
        f"the class {page.words.concepts.label(iri)} is deprecated",
        pointer,
        node=node,
        remedy="see the ontology for what took its place",
        path=path,
        value=text or iri,
        suggestions=suggestions,
    )


def _wider(page: Page, node: Node, suggestion: Suggestion, pointer: str) -> Suggestion:
    """A parent in the place of a class says less than the class did; where the parent is there already, the class can only go."""
    written = [text for _, text in page.texts_of(node, "@type")]
    if suggestion.replacement in written and "/" in pointer and pointer.rpartition("/")[2].isdecimal():
        text = f"leave it out: {suggestion.replacement}, which is wider, is there already"
        return page.removal(pointer, text, Certainty.POSSIBLE, changes_value=True)
    text = f"{suggestion.text}, which is wider, and say the rest in properties"
    return replace(suggestion, text=text, changes_value=True)


# Unknown


def tell_unknown(page: Page, node: Node, iri: str, pointer: str, text: str, use: str, path: str = "") -> None:
    """An IRI in a namespace of the ontologies that none of them has."""
    unit = page.words.units.find(iri) if use == "unit" else None
    dimension = ""
    if use == "unit":
        kinds = (page.words.units.dimension_of_kind(kind) for kind in node.expanded.get("@type", ()))
        dimension = next((kind for kind in kinds if kind), "")
    near = page.words.nearest(iri, use, dimension) if page.may_search() else ()
    suggestions = page.replacing(near, pointer, text, is_key=use == "key") if text else []
    read_as = f"; it is read as {unit.name}" if unit else ""
    page.tell(
        "unknown-concept",
        f"{short(text or iri)} is in none of the ontologies{read_as}",
        pointer,
        node=node,
        remedy="look up what it is called there",
        severity=Severity.INFO if unit else Severity.WARNING,
        of="key" if use == "key" else "value",
        path=iri if use == "key" else path,
        value=text or iri,
        expected={"type": "a class", "key": "a property", "unit": "a unit"}.get(use, "a term of the ontologies"),
        suggestions=suggestions,
    )


# One for the other


def _property_as_class(page: Page, node: Node, iri: str, pointer: str, text: str) -> None:
    label = page.words.concepts.label(iri)
    bare = label.removeprefix("has")
    near = page.words.classes_like(bare) if page.may_search() else ()
    page.tell(
        "property-as-class",
        f"{label} is a property, and stands where a class should stand",
        pointer,
        node=node,
        remedy="name the class of the thing, or use the property as a key",
        value=text or iri,
        expected="a class",
        suggestions=page.replacing(near, pointer, text) if text else [],
    )


def _class_as_property(page: Page, node: Node, iri: str, pointer: str, key: str, value: Any) -> None:
    label = page.words.concepts.label(iri)
    suggestions = _in_its_place(page, node, iri, pointer, key, value) if key else []
    page.tell(
        "class-as-property",
        f"{label} is a class, and stands where a property should stand",
        pointer,
        node=node,
        remedy=f"write a property, and {label} as @type of its value",
        of="key",
        path=iri,
        value=key or iri,
        expected="a property",
        suggestions=suggestions,
    )


def _in_its_place(page: Page, node: Node, iri: str, pointer: str, key: str, value: Any) -> list[Suggestion]:
    label = page.words.concepts.label(iri)
    lifted = _lifted(page, node, value)
    if lifted is not None:
        return [lifted]
    named = page.words.property_called(f"has{label}")
    if named:
        return _under(page, node, pointer, key, value, named, Certainty.LIKELY)
    if page.words.is_quantity(iri) or _is_quantity(page, value):
        return _under(page, node, pointer, key, value, HAS_PROPERTY, Certainty.LIKELY)
    relations = page.words.relations_to(iri, node.expanded.get("@type", ()))
    return [made for relation in relations[:2] for made in _under(page, node, pointer, key, value, relation, Certainty.POSSIBLE)]


def _is_quantity(page: Page, value: Any) -> bool:
    """Whether a value, as written, has a numerical part."""
    return any(
        type(item) is dict and any(page.meaning(key) == HAS_NUMERICAL_PART for key in item) for _, item in items_of("", value)
    )


def _under(page: Page, node: Node, pointer: str, key: str, value: Any, property_iri: str, certainty: Certainty) -> list[Suggestion]:
    """Put the value under a property: by a new key, or beside what stands under that key already."""
    new = page.written_as(property_iri, key)
    if new not in node.source:
        text = f"write {new}"
        return [Suggestion(text, new, certainty, (Edit(Operation.RENAME, pointer, json_text(new)),))]
    there = node.source[new]
    joint = [*(there if type(there) is list else [there]), *(value if type(value) is list else [value])]
    place = node.pointer + page.reading.terms.term(new).step
    edits = (Edit(Operation.REMOVE, pointer), Edit(Operation.REPLACE, place, json_text(joint)))
    return [Suggestion(f"put it under {new}, beside what stands there", new, certainty, edits)]


def _lifted(page: Page, node: Node, value: Any) -> Suggestion | None:
    """``{"Spring": {"@type": "Spring"}}`` is meant to be the spring itself."""
    if not node.pointer or type(value) is not dict:
        return None
    members = list(node.source.items())
    is_wrapper = all(type(item) is dict and page.words.fault(page.meaning(name), "key") is Fault.CLASS for name, item in members)
    if not is_wrapper:
        return None
    things = [item if _has_type(page, item) else {"@type": name, **item} for name, item in members]
    content = json_text(things[0] if len(things) == 1 else things)
    names = joined([name for name, _ in members]).replace(" or ", " and ")
    above = node.pointer.rpartition("/")[2]
    text = f"let {names} be the value of {above!r} itself" if not above.isdecimal() else f"let {names} be the item itself"
    if above.isdecimal() and len(things) > 1:
        return None
    return Suggestion(text, None, Certainty.LIKELY, (Edit(Operation.REPLACE, node.pointer, content),))


def _has_type(page: Page, item: dict[str, Any]) -> bool:
    return any(page.meaning(key) == "@type" for key in item)
