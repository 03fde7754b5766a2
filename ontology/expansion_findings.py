"""What expansion finds in one document: what is not understood, and what had to be assumed, each with a way to mend it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from typing import Literal as LiteralType

from ontology.active_context import ActiveContext, Repair, Term
from ontology.context_words import WELL_KNOWN_PREFIXES
from ontology.iris import is_language_tag
from ontology.mends import (
    MAX_EDITS,
    Spot,
    define,
    definition,
    leave_out,
    places_in_context,
    places_of_text,
    value_at,
    write,
    write_one_of,
)
from ontology.nearest import Near
from ontology.readings import Json, Located
from ontology.suggester import Place, Suggester, quoted
from records.issues import Certainty, Issue, Severity, Suggestion

MISSING: Final = frozenset(("", "-", "--", "?", "n.a.", "n.a", "n/a", "na", "nan", "null", "tbd"))
"""What people write where there is nothing to write; compare in lower case and without spaces around."""

_MAX_ISSUES: Final = 1_000
_MAX_SUGGESTIONS: Final = 50
_MAX_VALUE: Final = 2_000


@dataclass(slots=True)
class _Assumption:
    """One assumption and the places that it stands for."""

    repair: Repair
    active: ActiveContext
    places: int = 0
    spots: list[Spot] = field(default_factory=list)


class Findings:
    """Collects what expansion finds in one document.

    Args:
        document: The document.
        suggester: Knows what could be meant.
    """

    def __init__(self, document: Located, suggester: Suggester) -> None:
        self._document = document
        self._suggester = suggester
        self._issues: list[Issue] = []
        self._assumed: dict[tuple[str, str], _Assumption] = {}
        self._asked = 0
        self._contexts: list[tuple[str, Json]] = []

    @property
    def issues(self) -> tuple[Issue, ...]:
        """What was found so far."""
        return tuple(self._issues)

    def enter(self, pointer: str, local: Json) -> None:
        """Remember a context of the document, where the definitions that need mending are."""
        self._contexts.append((pointer, local))

    def tell(
        self,
        code: str,
        message: str,
        remedy: str,
        pointer: str,
        *,
        of: LiteralType["value", "key"] = "value",
        severity: Severity = Severity.VIOLATION,
        value: str = "",
        expected: str = "",
        suggestions: tuple[Suggestion, ...] = (),
        places: int = 1,
    ) -> None:
        """Add a finding, unless there are too many."""
        if self._is_full:
            return
        if len(self._issues) == _MAX_ISSUES:
            message = f"there are more than {_MAX_ISSUES:,} issues; no more are listed"
            self._issues.append(issue_at(self._document, pointer, "too-many-issues", message, "mend those above first"))
            return
        issue = issue_at(self._document, pointer, code, message, remedy, of=of)
        self._issues.append(
            replace(issue, severity=severity, value=value[:_MAX_VALUE], expected=expected, suggestions=suggestions, places=places)
        )

    # What is not understood

    def undefined_term(self, term: Term, value: Json, active: ActiveContext, pointer: str) -> None:
        """A key means nothing."""
        if self._is_full:
            return
        numbers = _numbers(value)
        lost = f"; {numbers} number{'s' * (numbers != 1)} below it {'is' if numbers == 1 else 'are'} not read" if numbers else ""
        message = f"{short(term.name)!r} is not defined in {active.origins() or 'any context'}{lost}"
        place = Place.KEYWORD if term.name.startswith("@") else Place.PROPERTY
        near = self._near(term.name, place, active)
        self.tell(
            "undefined-term",
            message,
            _remedy(near),
            pointer,
            of="key",
            value=term.name,
            expected=place.value,
            suggestions=write_one_of(self._document.value, Spot(pointer, "key"), near),
        )

    def undefined_type(self, name: Json, active: ActiveContext, pointer: str) -> None:
        """A class means nothing."""
        if self._is_full:
            return
        text = name if isinstance(name, str) else json.dumps(name)
        if text.strip().lower() in MISSING:
            message = f"{text!r} stands where a type should stand"
            gone = leave_out(self._document.value, pointer)
            remedy = "leave @type out, or name the class"
            self.tell("empty-type", message, remedy, pointer, value=text, expected=Place.CLASS.value, suggestions=(gone,))
            return
        message = f"the type {short(text)!r} is not defined in {active.origins() or 'any context'}; it is not read"
        near = self._near(text, Place.CLASS, active) if isinstance(name, str) else ()
        mends = write_one_of(self._document.value, Spot(pointer), near)
        self.tell("undefined-type", message, _remedy(near), pointer, value=text, expected=Place.CLASS.value, suggestions=mends)

    def undefined_value(self, text: str, term: Term, active: ActiveContext, pointer: str, *, is_unit: bool) -> None:
        """A text where an IRI is asked for means nothing."""
        if self._is_full:
            return
        message = f"{short(text)!r} under {term.name!r} is neither an IRI nor defined in {active.origins()}; it is not read"
        place = Place.UNIT if is_unit else Place.TERM
        if not text.strip():
            return  # `shapes.lint` tells it
        near = self._near(text, place, active)
        if term.coercion != "@vocab":  # there a term is no IRI
            near = tuple(Near(active.term(name).iri or name, certainty) for name, certainty in near)
        mends = write_one_of(self._document.value, Spot(pointer), near)
        expected = place.value if is_unit else "an IRI"
        self.tell("undefined-value", message, _remedy(near), pointer, value=text, expected=expected, suggestions=mends)

    def invalid_iri(self, text: str, iri: str, mended: str, pointer: str) -> None:
        """An IRI has characters that none may have; it was read as *iri*, or not at all when that is empty."""
        if not iri:
            self.tell(
                "invalid-iri", f"{short(text)!r} is no IRI; it is not read", "write an IRI", pointer, value=text, expected="an IRI"
            )
            return
        message = f"{short(text)!r} has characters that no IRI may have; it was read as {short(iri)}"
        mends = (write(self._document.value, [Spot(pointer)], mended, Certainty.CERTAIN),) if mended != text else ()
        remedy = "percent-encode them" if mended != text.strip() else "leave out the space around it"
        self.tell(
            "invalid-iri", message, remedy, pointer, severity=Severity.WARNING, value=text, expected="an IRI", suggestions=mends
        )

    def no_iri(self, text: str, pointer: str) -> None:
        """What stands for nothing stands under ``@id``."""
        mends = (leave_out(self._document.value, pointer),)
        message, remedy = f"{text!r} stands where an IRI should stand; it is not read", "leave @id out, or write an IRI"
        self.tell("invalid-iri", message, remedy, pointer, value=text, expected="an IRI", suggestions=mends)

    def invalid_language(self, tag: Json, pointer: str) -> None:
        """A language tag is none."""
        text = tag if isinstance(tag, str) else json.dumps(tag)
        hyphened = text.strip().replace("_", "-")
        place = f"{pointer}/@language"
        mends = (
            (write(self._document.value, [Spot(place)], hyphened, Certainty.CERTAIN),)
            if hyphened != tag and is_language_tag(hyphened) and value_at(self._document.value, place) == tag
            else ()
        )
        message, remedy = f"{tag!r} is no language tag for a text", "write a tag of BCP 47, e.g. en"
        self.tell("invalid-language", message, remedy, pointer, severity=Severity.WARNING, value=text, suggestions=mends)

    @property
    def _is_full(self) -> bool:
        return len(self._issues) > _MAX_ISSUES

    def _near(self, written: str, place: Place, active: ActiveContext) -> tuple[Near, ...]:
        if self._asked >= _MAX_SUGGESTIONS:
            return ()
        self._asked += 1
        return self._suggester.near(written, place, active)

    # What had to be assumed

    def assume(self, repair: Repair, active: ActiveContext, spot: Spot) -> None:
        """A name was understood by a repair; told once for all its places."""
        key = (repair.code, f"{repair.name} {repair.meant}")
        known = self._assumed.get(key)
        if known is None:
            known = self._assumed[key] = _Assumption(repair, active)
        known.places += 1
        if len(known.spots) < MAX_EDITS:
            known.spots.append(spot)

    def tell_assumptions(self) -> None:
        """Tell each assumption at the first of its places."""
        for assumption in self._assumed.values():
            repair, spot, places = assumption.repair, assumption.spots[0], assumption.places
            kind = repair.code if repair.assumed else f"unknown {repair.code}"
            if repair.code == "undefined-prefix" and repair.meant:
                kind = "mistyped-prefix" if repair.assumed else "perhaps-prefix"
            what, remedy = _ASSUMPTIONS[kind]
            at = self._defined_at(repair) or spot
            value = value_at(self._document.value, at.pointer) if at is not spot else repair.name
            words = {"name": short(repair.name), "assumed": repair.assumed, "meant": repair.meant}
            times = f" (here and in {places - 1} more places)" if places > 1 else ""
            self.tell(
                repair.code,
                what.format(**words) + times,
                remedy.format(**words),
                at.pointer,
                of=at.of,
                severity=Severity.WARNING if repair.assumed else Severity.VIOLATION,
                value=value,
                expected=_EXPECTED.get(repair.code, ""),
                suggestions=self._mends(assumption, at),
                places=places,
            )

    def _defined_at(self, repair: Repair) -> Spot | None:
        """Where the document defines a prefix that is defined badly."""
        if repair.code not in ("prefix-without-separator", "mistaken-namespace"):
            return None
        for pointer, local in reversed(self._contexts):
            for place in places_in_context(local, pointer, repair.name):
                if type(value_at(self._document.value, place)) is str:
                    return Spot(place)
        return None

    def _written_at(self, assumption: _Assumption) -> list[Spot]:
        """Where the name in question is written: where it is used, or where a term that is used is defined by it."""
        document, name = self._document.value, assumption.repair.name
        spots = [spot for spot in assumption.spots if spot.text_in(document) == name]
        if len(spots) < len(assumption.spots):
            spots += [Spot(place) for pointer, local in self._contexts for place in places_of_text(local, pointer, name)]
        return spots

    def _mends(self, assumption: _Assumption, at: Spot) -> tuple[Suggestion, ...]:
        repair, value = assumption.repair, self._document.value
        spots = self._written_at(assumption)
        if repair.meant and repair.assumed:
            return (write(value, spots, repair.meant, Certainty.CERTAIN),)
        if repair.meant:  # a prefix that may have to be defined, too
            prefix = repair.meant.partition(":")[0]
            more = () if prefix in assumption.active.prefixes else definition(value, prefix, WELL_KNOWN_PREFIXES[prefix])
            certainty = Certainty.LIKELY if repair.certainty is Certainty.CERTAIN else repair.certainty
            return (write(value, spots, repair.meant, certainty, more=more),)
        if repair.code == "undefined-prefix":
            return (define(value, repair.name, repair.assumed, Certainty.CERTAIN),) if repair.assumed else ()
        if at is assumption.spots[0]:
            return ()  # a context file defines it
        written = value_at(value, at.pointer)
        namespaces = [repair.assumed] if repair.assumed else [f"{written}#", f"{written}/"] if "//" in written else []
        sure = Certainty.CERTAIN if repair.assumed else Certainty.POSSIBLE
        return tuple(write(value, [at], namespace, sure) for namespace in namespaces)


def _remedy(near: Sequence[Near]) -> str:
    return f"perhaps {quoted(tuple(near))} is meant" if near else "use a term of the context, or define this one in @context"


_ASSUMPTIONS: Final = {
    "undefined-prefix": (
        "the prefix {name!r} is not defined in the context; {assumed} was assumed",
        'add "{name}": "{assumed}" to @context',
    ),
    "mistyped-prefix": ("the prefix of {name!r} is not defined in the context; {meant} was assumed", "write {meant}"),
    "perhaps-prefix": (
        "the prefix of {name!r} is not defined, so this is taken as an IRI as it stands",
        "perhaps {meant!r} is meant",
    ),
    "prefix-without-separator": (
        "the prefix {name!r} is defined without / or # at its end, so it is none; {assumed} was assumed",
        'write "{name}": "{assumed}" in @context',
    ),
    "mistaken-namespace": (
        "the prefix {name!r} is defined as an address that its vocabulary does not have; {assumed} was assumed",
        'write "{name}": "{assumed}" in @context',
    ),
    "label-as-iri": ("{name!r} joins a prefix and a label, which is no IRI; {assumed} was assumed", "write {meant}"),
    "renamed-term": (
        "{name!r} is not defined in this version of the context; what another version means by it was assumed: {assumed}",
        "write {meant}, as this version calls it",
    ),
    "term-as-iri": ("{name!r} is a term where an IRI is asked for; {assumed} was assumed", "write {meant}"),
    "unit-as-text": ("{name!r} is text where the IRI of a unit is asked for; {assumed} was assumed", "write {meant}"),
    "unknown prefix-without-separator": (
        "the prefix {name!r} is defined without / or # at its end, so it is none; this is taken as an IRI as it stands",
        "add the separator to its definition in @context",
    ),
    "unknown undefined-prefix": (
        "the prefix {name!r} is not defined, so this is taken as an IRI as it stands",
        'define "{name}" in @context',
    ),
}
_EXPECTED: Final = {
    "term-as-iri": "an IRI",
    "label-as-iri": "an IRI or a term",
    "unit-as-text": Place.UNIT.value,
    "undefined-prefix": "a prefix that the context defines",
    "mistaken-namespace": "the namespace of the vocabulary",
    "prefix-without-separator": "a namespace that ends with / or #",
    "renamed-term": "a term of this version of the context",
}


def issue_at(
    document: Located,
    pointer: str,
    code: str,
    message: str,
    remedy: str,
    *,
    of: LiteralType["value", "key"] = "value",
) -> Issue:
    """A violation at a place of a document."""
    line, column = document.place(pointer, of)
    return Issue(code, message, Severity.VIOLATION, document.source, pointer, line, column, remedy)


def _numbers(value: Json) -> int:
    if type(value) is dict:
        return sum(_numbers(item) for item in value.values())
    if type(value) is list:
        return sum(_numbers(item) for item in value)
    return 1 if type(value) is float or type(value) is int else 0


def short(text: str) -> str:
    """A text, cut off where it is too long for a sentence."""
    return text if len(text) <= 100 else f"{text[:100]}…"
