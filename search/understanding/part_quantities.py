"""Quantities of parts.

A *coating thickness* is a class of its own, or the thickness of a coating; of *separator, 25 µm* the length is the separator's.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Final, TypeGuard

from ontology import terms
from search.expansion import concept_part
from search.query import ConceptPart, EitherPart, Part, QuantityPart, Query
from search.understanding.adjectives import class_of
from search.understanding.in_words import is_quantity
from search.understanding.kinds import quantity_classes
from search.understanding.vocabulary import Known, Vocabulary

_LENGTH: Final = "L"
_THIN: Final = 1e-3
"""In metres: lengths below are thicknesses of parts, of no cell."""
_ELECTRODES: Final = frozenset((terms.POSITIVE_ELECTRODE, terms.NEGATIVE_ELECTRODE))
_BESIDE: Final = re.compile(r"\s*,?\s*(?:of\s+|is\s+|with\s+)?")
_NAME_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def with_own_classes(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query in which a number of a part may also be one of the class that is called after both, where records have it so."""
    return replace(query, parts=tuple(_of_own_class(part, vocabulary, known) for part in query.parts))


def _of_own_class(part: Part, vocabulary: Vocabulary, known: Known) -> Part:
    if not isinstance(part, QuantityPart) or not part.role or not part.asked or part.negated or len(part.labels) != 1:
        return part
    label = f"{part.role_label}{part.labels[0]}"
    iri = class_of(label, vocabulary)
    if not iri:
        return part
    own = replace(part, kinds=quantity_classes(vocabulary, iri), labels=(label,), role="", role_label="", roles=frozenset())
    return EitherPart(part.text, ((part,), (own,))) if known.count((Query(part.text, (own,)),))[0] else part


def with_thin_parts(query: Query, vocabulary: Vocabulary, known: Known) -> Query:
    """The query in which a small length behind a part is that of it, where a readable record has it: ``copper foil, 10 µm``."""
    parts = list(query.parts)
    for position, (before, here) in enumerate(pairwise(query.parts), start=1):
        roles = [_role_of(one, vocabulary) for one in query.parts[max(0, position - 2) : position]]
        role = roles[-1] and (roles[0] or roles[-1] if roles[-1] in _ELECTRODES else roles[-1])  # the collector in an electrode
        if role and _is_thin(here) and re.search(re.escape(before.text) + _BESIDE.pattern + re.escape(here.text), query.text):
            label = vocabulary.concepts.label(role)
            parts[position] = replace(here, role=role, role_label=label, roles=vocabulary.roles.expanded(role))
    thin = replace(query, parts=tuple(parts))
    return thin if thin != query and known.count((thin,))[0] else query


def _role_of(part: Part, vocabulary: Vocabulary) -> str:
    """The role in which it stands, or that it is."""
    if not isinstance(part, ConceptPart) or part.negated:
        return ""
    return part.role or next((iri for iri in part.concepts if iri in vocabulary.roles.classes), "")


def _is_thin(part: Part) -> TypeGuard[QuantityPart]:
    if not isinstance(part, QuantityPart) or part.dimension != _LENGTH or part.role or part.negated:
        return False
    return part.maximum is not None and part.maximum < _THIN


def of_its_part(part: Part, vocabulary: Vocabulary) -> Part:
    """The quantity of a part that has a class of its own, as others say it: *separator thickness* is a thickness."""
    concepts, roles = vocabulary.concepts, vocabulary.roles
    if not isinstance(part, ConceptPart) or part.negated or part.roles or not is_quantity(part, concepts):
        return part
    named = _NAME_WORDS.sub(" ", part.labels[0]).lower() if part.labels else ""  # the text may have a slip of the pen
    first, _, rest = next((said for said in (part.text, named) if said.partition(" ")[0].lower() in roles.words), "").partition(" ")
    role, kinds = roles.words.get(first.lower(), ""), vocabulary.lookup.named(rest, limit=1) if rest else ()
    if not role or not kinds:
        return part
    kind = concept_part(kinds[0].iri, concepts, text=part.text)
    return replace(kind, role=role, role_label=concepts.label(role), roles=roles.expanded(role))
