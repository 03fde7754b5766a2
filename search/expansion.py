"""How far a concept of a question reaches: itself, its narrower ones, its other names, its parts and wholes, its siblings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from ontology import terms
from ontology.concepts import Concepts
from ontology.roles import Roles
from search.query import ConceptPart, EitherPart, Expansion, Part, QuantityPart, Query, SinglePart
from search.words import PREFIX_LENGTH, words_of

MAX_WORDS: Final = 24
"""Most other names of a concept that are looked for in texts."""

_STEPS: Final = tuple(Expansion)
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def concept_part(iri: str, concepts: Concepts, *, text: str = "") -> ConceptPart:
    """The part that asks for a concept and its narrower ones.

    Args:
        iri: IRI of the class.
        concepts: The ontologies.
        text: The words that it stands for; its label when there are none.
    """
    label = concepts.label(iri)
    return ConceptPart(text or label, (iri,), (label,), concepts.narrower(iri))


def expanded(part: ConceptPart, expansion: Expansion, concepts: Concepts) -> ConceptPart:
    """The part with another reach; each step includes those before it (`Expansion`).

    Args:
        part: A part, best as it was understood: words that stand for the concept cannot be had back once they are given up.
        expansion: How far it shall reach.
        concepts: The ontologies.

    >>> from ontology.facts import packaged_facts
    >>> concepts = Concepts(packaged_facts())
    >>> case = concept_part(terms.CASE, concepts)
    >>> [len(expanded(case, step, concepts).expanded) for step in (Expansion.EXACT, Expansion.NARROWER)]
    [1, 101]
    """
    if expansion is part.expansion:
        return part
    if expansion is Expansion.EXACT:
        return replace(part, expanded=frozenset(part.concepts), words=(), expansion=expansion)
    as_understood = part.expansion is Expansion.NARROWER
    reached = set(part.expanded if as_understood else ()).union(*(concepts.narrower(iri) for iri in part.concepts))
    words = part.words if as_understood else ()
    if _includes(expansion, Expansion.SYNONYMS):
        words = tuple(dict.fromkeys([*words, *_names(part.concepts, concepts)]))[:MAX_WORDS]
    if _includes(expansion, Expansion.PARTS):
        reached.update(_with_narrower(_parts_and_wholes(part.concepts, concepts), concepts))
    if _includes(expansion, Expansion.RELATED):
        reached.update(_with_narrower(_siblings(part.concepts, concepts), concepts))
    return replace(part, expanded=frozenset(reached), words=words, expansion=expansion)


def brief(query: Query, concepts: Concepts, roles: Roles) -> Query:
    """The query without what follows from its concepts, their reach and its roles: `completed` gives it back as it was.

    Args:
        query: A query.
        concepts: The ontologies.
        roles: As what things stand in other things.

    >>> from ontology.facts import packaged_facts
    >>> concepts = Concepts(packaged_facts())
    >>> query = Query("case", (concept_part(terms.CASE, concepts),))
    >>> [len(part.expanded) for part in brief(query, concepts, Roles(concepts)).parts]
    [0]
    >>> completed(brief(query, concepts, Roles(concepts)), concepts, Roles(concepts)) == query
    True
    """
    parts = tuple(_brief(part, concepts, roles) for part in query.parts)
    return replace(query, parts=parts, first=query.first and _brief_concept(query.first, concepts, roles))


def _brief(part: Part, concepts: Concepts, roles: Roles) -> Part:
    if isinstance(part, EitherPart):
        return replace(part, ways=tuple(tuple(_brief_one(one, concepts, roles) for one in way) for way in part.ways))
    return _brief_one(part, concepts, roles)


def _brief_one(part: SinglePart, concepts: Concepts, roles: Roles) -> SinglePart:
    match part:
        case ConceptPart():
            return _brief_concept(part, concepts, roles)
        case QuantityPart():
            without = replace(part, roles=frozenset())
            return without if _completed_quantity(without, roles) == part else part
        case _:
            return part


def _brief_concept(part: ConceptPart, concepts: Concepts, roles: Roles) -> ConceptPart:
    without_roles = replace(part, roles=frozenset())
    kept = without_roles if _completed_concept(without_roles, concepts, roles) == part else part
    without_both = replace(kept, expanded=frozenset())
    return without_both if _completed_concept(without_both, concepts, roles) == part else kept


def completed(query: Query, concepts: Concepts, roles: Roles) -> Query:
    """The query with all that its concepts and roles reach, where who wrote it named the concepts and roles alone.

    Args:
        query: A query that was written or edited by hand, or is `brief`.
        concepts: The ontologies.
        roles: As what things stand in other things.
    """
    parts = tuple(_completed(part, concepts, roles) for part in query.parts)
    return replace(query, parts=parts, first=query.first and _completed_concept(query.first, concepts, roles))


def _completed(part: Part, concepts: Concepts, roles: Roles) -> Part:
    if isinstance(part, EitherPart):
        return replace(part, ways=tuple(tuple(_completed_one(one, concepts, roles) for one in way) for way in part.ways))
    return _completed_one(part, concepts, roles)


def _completed_one(part: SinglePart, concepts: Concepts, roles: Roles) -> SinglePart:
    match part:
        case ConceptPart():
            return _completed_concept(part, concepts, roles)
        case QuantityPart():
            return _completed_quantity(part, roles)
        case _:
            return part


def _completed_quantity(part: QuantityPart, roles: Roles) -> QuantityPart:
    conditions = tuple(_completed_quantity(condition, roles) for condition in part.conditions)
    reached = roles.expanded(part.role) if part.role and not part.roles else part.roles
    return replace(part, roles=reached, conditions=conditions)


def _completed_concept(part: ConceptPart, concepts: Concepts, roles: Roles) -> ConceptPart:
    if part.role and not part.roles:
        part = replace(part, roles=roles.expanded(part.role))
    if part.expanded:
        return part
    if part.expansion is Expansion.EXACT:
        return replace(part, expanded=frozenset(part.concepts))
    narrower = frozenset[str]().union(*map(concepts.narrower, part.concepts))
    return expanded(replace(part, expanded=narrower, expansion=Expansion.NARROWER), part.expansion, concepts)


def _includes(expansion: Expansion, step: Expansion) -> bool:
    return _STEPS.index(expansion) >= _STEPS.index(step)


def _with_narrower(iris: Iterable[str], concepts: Concepts) -> Iterator[str]:
    for iri in iris:
        yield from concepts.narrower(iri)


def _names(iris: Iterable[str], concepts: Concepts) -> Iterator[str]:
    """Labels in every language, joined names in words too; short ones are words of too many texts."""
    for iri in iris:
        concept = concepts.get(iri)
        for label in concept.labels if concept else ():
            for name in (label.text, _CAPITAL.sub(" ", label.text)):
                if len("".join(words_of(name))) >= PREFIX_LENGTH:
                    yield name


def _parts_and_wholes(iris: Iterable[str], concepts: Concepts) -> Iterator[str]:
    """What has the concept by its own definition, and what the concept has by its own: what every battery has is not meant."""
    constituting = concepts.narrower(terms.HAS_CONSTITUENT)
    for iri in iris:
        yield from (role.part for role in concepts.parts(iri) if role.whole == iri and role.property in constituting)
        yield from (role.whole for role in concepts.roles_of(iri) if role.part == iri and role.property in constituting)


def _siblings(iris: Iterable[str], concepts: Concepts) -> Iterator[str]:
    for iri in iris:
        for parent in concepts.parents(iri):
            yield from concepts.children(parent)
