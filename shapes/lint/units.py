"""Units: of the wrong dimension, no unit at all, or a programming language; and which unit is usual for what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ontology.expansion import Node
from ontology.terms import HAS_MEASUREMENT_UNIT, PROPERTY_KINDS
from ontology.terms import C as PROGRAMMING_LANGUAGE_C
from records.issues import Certainty, Edit, Operation, Severity, Suggestion
from shapes.lint.page import Page, json_text
from shapes.lint.terms import tell_unknown
from shapes.lint.words import Near, Words, name_of, with_article

_EMMO: Final = "https://w3id.org/emmo#"
_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "T·I": ("AmpereHour", "MilliAmpereHour"),
    "I": ("Ampere", "MilliAmpere"),
    "L²·M·T⁻³·I⁻¹": ("Volt", "MilliVolt"),
    "L²·M·T⁻³·I⁻²": ("Ohm", "MilliOhm"),
    "L²·M·T⁻³": ("Watt", "MilliWatt"),
    "M": ("Kilogram", "Gram", "MilliGram"),
    "L": ("Metre", "MilliMetre", "MicroMetre"),
    "L²": ("SquareMetre", "SquareCentiMetre"),
    "L³": ("Litre", "MilliLitre"),
    "Θ": ("DegreeCelsius", "Kelvin"),
    "T": ("Second", "Minute", "Hour"),
    "T⁻¹": ("AmperePerAmpereHour", "Hertz"),
    "1": ("UnitOne", "Percent"),
    "L²·M·T⁻²": ("WattHour", "Joule"),
    "L²·T⁻²": ("WattHourPerKilogram", "JoulePerKilogram"),
    "L⁻¹·M·T⁻²": ("Pascal", "WattHourPerLitre"),
    "M⁻¹·T·I": ("MilliAmpereHourPerGram", "AmpereHourPerKilogram"),
    "L⁻²·T·I": ("MilliAmpereHourPerSquareCentiMetre", "CoulombPerSquareCentiMetre"),
    "L⁻²·I": ("MilliAmperePerSquareCentiMetre", "AmperePerSquareMetre"),
    "L⁻²·M": ("MilliGramPerSquareCentiMetre", "GramPerSquareMetre"),
    "L⁻³·M": ("GramPerCubicCentiMetre", "KilogramPerCubicMetre"),
    "L⁻³·N": ("MolePerLitre", "MolePerCubicMetre"),
    "M·N⁻¹": ("GramPerMole", "KilogramPerMole"),
    "L⁻³·M⁻¹·T³·I²": ("SiemensPerMetre", "MilliSiemensPerCentiMetre"),
    "L⁻¹·M·T⁻¹": ("PascalSecond", "MilliPascalSecond"),
    "L²·M·T⁻⁴·I⁻¹": ("VoltPerSecond", "MilliVoltPerSecond"),
}
"""Dimension -> names of the units that battery people write it in, the most frequent in the public records of 2026 first."""
_LETTER_C: Final = {
    "Θ": ("DegreeCelsius", Certainty.CERTAIN),
    "T·I": ("Coulomb", Certainty.LIKELY),
    "T⁻¹": ("AmperePerAmpereHour", Certainty.LIKELY),
    "": ("DegreeCelsius", Certainty.POSSIBLE),
}
_USUAL_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "energy density": ("WattHourPerLitre",),
    "frequency": ("Hertz",),
}
"""The same for what is measured, where things of one dimension are written in different units."""


def check_units(page: Page, node: Node, iris: Sequence[str]) -> None:
    """Find what is wrong with the unit of a quantity; *iris* are those that stand under ``hasMeasurementUnit``."""
    if len(iris) != 1:
        return  # several units are a shape's finding
    iri, types = iris[0], node.expanded.get("@type", ())
    if (iri, *types) in page.words.fitting:
        return
    kinds = tuple(kind for kind in types if kind not in PROPERTY_KINDS)
    if not page.words.is_unit(iri) and page.words.concepts.get(iri) is not None:
        _no_unit(page, node, iri, kinds)
        return
    if page.words.is_no_qudt_unit(iri):
        tell_unknown(page, node, iri, *page.unit_place(node, iri), "unit", HAS_MEASUREMENT_UNIT)
        return
    wanted = wrong_dimension(page.words, iri, kinds)
    if wanted:
        _wrong_dimension(page, node, iri, wanted)
    else:
        page.words.remember_fitting((iri, *types))


def wrong_dimension(words: Words, unit: str, kinds: tuple[str, ...]) -> str:
    """The kind whose dimension the unit should have but has not; ``""`` when it fits one of them, or nothing is known."""
    key = (unit, kinds)
    found = words.fits.get(key)
    if found is None:
        if len(words.fits) > 20_000:
            words.fits.clear()
        dimensions = {kind: words.units.dimension_of_kind(kind) for kind in kinds}
        known = {kind: dimension for kind, dimension in dimensions.items() if dimension}
        own = words.dimension_of_unit(unit) if known else ""
        found = words.fits[key] = next(iter(known)) if own and own not in known.values() else ""
    return found


def _wrong_dimension(page: Page, node: Node, iri: str, kind: str) -> None:
    words = page.words
    dimension = words.units.dimension_of_kind(kind) or ""
    pointer, text = page.unit_place(node, iri)
    near = best_units(page, kind, dimension, iri)
    suggestions = [_as_unit(made) for made in page.replacing(near, pointer, text)] if text else []
    others = _other_kinds(page, node, iri, kind)
    suggestions = suggestions + others if suggestions[:1] and suggestions[0].certainty is Certainty.LIKELY else others + suggestions
    page.tell(
        "wrong-dimension",
        f"{with_article(words.concepts.label(kind))} is not measured in {_name(page, iri)}",
        pointer,
        node=node,
        remedy=f"write {expected_unit(page, kind, near)}",
        severity=Severity.VIOLATION,
        path=HAS_MEASUREMENT_UNIT,
        value=text or iri,
        expected=expected_unit(page, kind, near),
        suggestions=suggestions,
    )


def _other_kinds(page: Page, node: Node, iri: str, kind: str) -> list[Suggestion]:
    """Perhaps the unit is right and the kind is not: a capacity in mAh/g is a specific capacity."""
    words = page.words
    pointer, text = page.place_of(node, "@type", kind)
    others = words.kinds_like(kind, words.dimension_of_unit(iri)) if text else ()
    made = []
    for other in others[:2]:
        new = page.written_as(other, text)
        edits = (Edit(Operation.REPLACE, pointer, json_text(new)),)
        made.append(Suggestion(f"call it {new} instead of {text}", None, Certainty.POSSIBLE, edits, changes_value=True))
    return made


def _no_unit(page: Page, node: Node, iri: str, kinds: tuple[str, ...]) -> None:
    """A class of the ontologies that is no unit."""
    words = page.words
    pointer, text = page.unit_place(node, iri)
    kind, dimension = next(((kind, found) for kind in kinds if (found := words.units.dimension_of_kind(kind))), ("", ""))
    if iri == PROGRAMMING_LANGUAGE_C:
        code, message = "language-as-unit", "this is the programming language C, and no unit"
        near = _letter_c(words, dimension)
    else:
        code, message = "not-a-unit", f"{words.concepts.label(iri)} is no unit"
        near = [Near(same, Certainty.CERTAIN) for same in words.same_size(f"{_EMMO}{words.concepts.label(iri)}")[:1]]
    near = near or best_units(page, kind, dimension, "")
    suggestions = page.replacing(near, pointer, text, like=_like(page, text)) if text else []
    page.tell(
        code,
        message,
        pointer,
        node=node,
        remedy=f"write {expected_unit(page, kind, near)}",
        severity=Severity.VIOLATION,
        path=HAS_MEASUREMENT_UNIT,
        value=text or iri,
        expected=expected_unit(page, kind, near),
        suggestions=suggestions,
    )


def _like(page: Page, text: str) -> str:
    """How the document writes its other units: a class in the place of a unit was not written by hand."""
    return next((other for _, other in page.unit_texts if other != text), text)


def _letter_c(words: Words, dimension: str) -> list[Near]:
    """What people mean by C where a unit is asked for: by the dimension, the one beyond doubt for temperatures."""
    name, certainty = _LETTER_C.get(dimension, ("", Certainty.POSSIBLE))
    iri = words.unit_called(name)
    return [Near(iri, certainty)] if iri else []


# Which unit is meant


def best_units(page: Page, kind: str, dimension: str, written: str) -> list[Near]:
    """Units of a dimension, the one that is most likely meant first.

    First comes the one that was written but for its ``Hour`` (``Ampere`` for ``AmpereHour``); then what the document writes for
    the same kind, and for the same dimension; then what is usual.

    Args:
        page: The document.
        kind: IRI of the kind of quantity; ``""`` when there is none.
        dimension: What the unit should be of; ``""`` when that is not known.
        written: IRI of the unit that stands there; ``""`` for none.
    """
    if not dimension:
        return []
    own, of_dimension = page.counts.get((kind, dimension), []), page.counts.get(("", dimension), [])
    slips = _slips(page.words, dimension, written)
    usual = usual_units(page.words, dimension, page.words.measure_of(kind) if kind else "")
    found = list(dict.fromkeys([*slips[:1], *own, *of_dimension, *usual]))[:3]
    is_sure = bool(slips) or len(own) == 1
    return [Near(iri, Certainty.LIKELY if place == 0 and is_sure else Certainty.POSSIBLE) for place, iri in enumerate(found)]


def usual_units(words: Words, dimension: str, measure: str = "") -> list[str]:
    """Units that are usual for a dimension, or for what is measured, as far as the ontologies have them."""
    names = (*_USUAL_FOR.get(measure, ()), *_USUAL.get(dimension, ()))
    named = [iri for name in names if (iri := words.unit_called(name))]
    return named or list(words.units_of(dimension)[:3])


def _slips(words: Words, dimension: str, written: str) -> list[str]:
    """Units that are the written one with ``Hour`` forgotten, or too much."""
    name = name_of(written).lower()
    wanted = {f"{name}hour", name.removesuffix("hour")} - {name}
    return [iri for iri in words.units_of(dimension) if name_of(iri).lower() in wanted]


def expected_unit(page: Page, kind: str, near: Sequence[Near]) -> str:
    """What should stand there, in words: ``a unit of electric charge, e.g. AmpereHour``."""
    measure = page.words.measure_of(kind) if kind else ""
    article = f"a unit of {measure}" if measure else "a unit"
    return f"{article}, e.g. {_name(page, near[0].iri)}" if near else article


def _name(page: Page, iri: str) -> str:
    """A unit as a sentence names it."""
    if page.words.is_unit(iri):
        return page.words.concepts.label(iri)
    unit = page.words.units.find(iri)
    return unit.name if unit else iri


def _as_unit(made: Suggestion) -> Suggestion:
    """Another unit makes another value of the number."""
    return Suggestion(made.text, made.replacement, made.certainty, made.edits, changes_value=True)
