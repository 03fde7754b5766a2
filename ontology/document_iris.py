"""The IRIs that texts of a document stand for, with a finding for each that had to be mended or means nothing."""

from __future__ import annotations

import re
from typing import Final

from ontology.active_context import NO_BASE, ActiveContext, Repair, Term
from ontology.context_words import is_like_keyword
from ontology.expansion_findings import MISSING, Findings
from ontology.iris import is_absolute, is_valid_iri, resolve, to_fragment, without_forbidden
from ontology.mends import Spot, value_at
from ontology.readings import Json, Located, keyed, listed
from ontology.suggester import Suggester
from ontology.terms import HAS_MEASUREMENT_UNIT

_WORD: Final = re.compile(r"[A-Za-z][\w-]*")


class DocumentIris:
    """Reads the IRIs of one document.

    Args:
        document: The document.
        base_iri: Its IRI.
        suggester: Knows what could be meant.
        findings: Takes down what was mended.
    """

    def __init__(self, document: Located, base_iri: str, suggester: Suggester, findings: Findings) -> None:
        self._document = document
        self._base = base_iri
        self._stem = base_iri.partition("#")[0] + "#"
        self._suggester = suggester
        self._findings = findings

    def identity(self, value: Json, active: ActiveContext, pointer: str) -> str:
        """The IRI that a value of ``@id`` gives; ``""`` when it gives none."""
        if type(value) is str and not (value and value.strip().lower() in MISSING):
            return self.of(value, active, pointer)
        if type(value) is str:
            self._findings.no_iri(value, pointer)
        else:
            self._findings.tell("invalid-iri", "@id must be an IRI in quotes", "write the IRI as text", pointer)
        return ""

    def reference(self, text: str, term: Term, active: ActiveContext, pointer: str) -> Json:
        """What a text refers to under a property whose values are IRIs; ``None`` for nothing."""
        iri = self.unit(text, term, active, pointer) if term.iri == HAS_MEASUREMENT_UNIT else ""
        if not iri:
            iri = self.of(text, active, pointer) if is_absolute(text) else self._named(text, term, active, pointer)
        return {"@id": iri} if iri else None

    def unit(self, text: str, term: Term, active: ActiveContext, pointer: str) -> str:
        """The IRI of a unit whose symbol or word stands where its IRI should; ``""`` when the text is not such a one."""
        if text.startswith(("http://", "https://")):
            return ""
        found = active.term(text)
        is_curie = is_absolute(text)
        if is_curie and (found.repair is None or found.repair.code != "label-as-iri"):
            return ""
        if found.iri is not None and self._suggester.is_unit(found.iri):
            return ""
        iri, name = self._suggester.unit(text, self._kind_around(pointer, active))
        if iri and is_curie:
            self._findings.assume(Repair("label-as-iri", text, iri, active.compact(iri, text)), active, Spot(pointer))
        elif iri:
            meant = name if term.coercion == "@vocab" and active.term(name).iri == iri else iri
            self._findings.assume(Repair("unit-as-text", text, iri, meant), active, Spot(pointer))
        return iri

    def of(self, text: str, active: ActiveContext, pointer: str) -> str:
        """The absolute IRI of a text under ``@id``; ``""`` when it cannot be made one."""
        if text != text.strip():
            mended = without_forbidden(text.strip())
            iri = self.of(mended, active, pointer)
            self._findings.invalid_iri(text, iri, mended, pointer)
            return iri
        if text.startswith(("http://", "https://")):
            return self.valid(text, text, pointer)
        if text.startswith("_:"):
            return self.skolem(text)
        if is_absolute(text):
            term = active.term(text)
            repair = term.repair
            if repair is not None:
                if repair.code == "label-as-iri":  # here the label alone would be no IRI either
                    repair = repair._replace(meant=active.compact(repair.assumed, text))
                self._findings.assume(repair, active, Spot(pointer))
            return self.valid(term.iri if term.iri is not None and ":" in term.iri else text, text, pointer)
        if is_like_keyword(text):
            self._findings.invalid_iri(text, "", "", pointer)
            return ""
        return self.valid(resolve(self._base_of(active), text), text, pointer)

    def in_full(self, iri: str | None, active: ActiveContext) -> str:
        """The IRI of a term, for which ``@vocab`` may be relative to the document; ``""`` when it has none."""
        if iri is None or iri[:1] == "@":
            return ""
        if is_absolute(iri):
            return iri
        if active.vocabulary is None or is_absolute(active.vocabulary) or not iri.startswith(active.vocabulary):
            return ""
        return resolve(self._base_of(active), active.vocabulary) + iri[len(active.vocabulary) :]

    def valid(self, iri: str, text: str, pointer: str) -> str:
        """An IRI that stands in a document as *text*, made valid if need be; ``""`` when it cannot be."""
        if is_valid_iri(iri):
            return iri
        valid = without_forbidden(iri)
        if not is_valid_iri(valid):
            valid = ""
        self._findings.invalid_iri(text, valid, without_forbidden(text), pointer)
        return valid

    def skolem(self, label: str) -> str:
        """The IRI of a blank node."""
        return self._stem + to_fragment(label)

    def _named(self, text: str, term: Term, active: ActiveContext, pointer: str) -> str:
        """The IRI of a text without a scheme: a term, or a reference relative to the document; ``""`` when it means nothing."""
        if text and text.strip().lower() in MISSING:
            return ""  # `shapes.lint` tells it, as of every value
        is_vocabulary = term.coercion == "@vocab"
        found = active.term(text) if is_vocabulary or _WORD.fullmatch(text) else None
        iri = self.in_full(found.iri, active) if found is not None and (is_vocabulary or found.is_defined) else ""
        if found is not None and iri:
            if not is_vocabulary:
                self._findings.assume(Repair("term-as-iri", text, iri, iri), active, Spot(pointer))
            elif found.repair is not None:
                self._findings.assume(found.repair, active, Spot(pointer))
            return self.valid(iri, text, pointer)
        is_unit = term.iri == HAS_MEASUREMENT_UNIT
        if is_vocabulary or is_unit:
            self._findings.undefined_value(text, term, active, pointer, is_unit=is_unit)
            return ""
        return self.of(text, active, pointer)

    def _kind_around(self, pointer: str, active: ActiveContext) -> str | None:
        """IRI of the kind of quantity whose unit stands at a pointer."""
        for _ in range(3):
            pointer = pointer.rpartition("/")[0]
            around = value_at(self._document.value, pointer)
            key = keyed(around, "@type", active) if type(around) is dict else ""
            for name in listed(around[key]) if key else ():
                iri = active.term(name).iri if type(name) is str else None
                if iri is not None and self._suggester.is_dimensional(iri):
                    return iri
        return None

    def _base_of(self, active: ActiveContext) -> str:
        if active.base is None:
            return self._base
        return active.base if active.base == NO_BASE or is_absolute(active.base) else resolve(self._base, active.base)
