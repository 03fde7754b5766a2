"""IRIs of old releases (BattINFO 0.3, EMMO before w3id.org) in a document, and what they are called today."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from ontology.concepts import Concepts
from ontology.expansion import Node, Reading
from ontology.former import FORMER_STARTS, Former, FormerIris, How
from ontology.mends import Spot, rewritten
from records.issues import Certainty, Issue, Severity, Suggestion
from shapes.lint.page import Page, items_of
from shapes.lint.words import Words
from shapes.reader import Document

_MARKS: Final = ("emmo.info", "big-map.github.io")
"""What every old IRI, or the prefix it is written with, has in it."""


class _Use(NamedTuple):
    """One place where an old IRI stands."""

    iri: str
    text: str
    spot: Spot
    node: Node


def check_former(document: Document, reading: Reading, words: Words, former: FormerIris) -> list[Issue]:
    """``former-iri``: classes, properties and units of an old release, each told once with the number of its places.

    Args:
        document: The document.
        reading: What was read from it.
        words: What the ontologies say.
        former: What became of old IRIs.
    """
    if not _may_have_any(document, reading):
        return []
    page = Page(document, reading, words)
    uses: dict[tuple[str, str, str], list[_Use]] = {}
    for use in _uses(page):
        use = _where_defined(page, use)
        uses.setdefault((use.iri, use.text, use.spot.of), []).append(use)
    return [_issue(page, places, found) for places in uses.values() if (found := former.find(places[0].iri)) is not None]


def _may_have_any(document: Document, reading: Reading) -> bool:
    """Whether to look closer: most documents name no old namespace, nor a prefix for one that their contexts have."""
    if any(mark in document.text for mark in _MARKS):
        return True
    prefixes = reading.terms.prefixes
    return any(f'"{name}:' in document.text for name, namespace in prefixes.items() if namespace.startswith(FORMER_STARTS))


def _uses(page: Page) -> Iterator[_Use]:
    for node in page.reading.nodes:
        for key, value in node.source.items():
            term = page.reading.terms.term(key)
            pointer = node.pointer + term.step
            if term.iri is not None and term.iri.startswith(FORMER_STARTS):
                yield _Use(term.iri, key, Spot(pointer, "key"), node)
            if term.iri == "@type" or term.coercion in ("@id", "@vocab"):
                yield from _references(page, node, pointer, value)
            elif type(value) in (list, dict) and key[:1] != "@":
                yield from _references(page, node, pointer, value, only_objects=True)


def _where_defined(page: Page, use: _Use) -> _Use:
    """A word of the document's own context is mended where it is defined: its uses, and what the context says of them, can stay."""
    contexts = page.document.value.get("@context") if type(page.document.value) is dict else None
    for place, context in reversed(list(items_of("/@context", contexts))):
        if type(context) is dict and use.text in context:
            meaning, pointer = context[use.text], place + page.reading.terms.term(use.text).step
            if type(meaning) is dict:
                meaning, pointer = meaning.get("@id"), f"{pointer}/@id"
            return use._replace(text=meaning, spot=Spot(pointer)) if type(meaning) is str else use
    return use


def _references(page: Page, node: Node, pointer: str, value: object, *, only_objects: bool = False) -> Iterator[_Use]:
    """Old IRIs among the values of a key: texts where the key makes them IRIs, and mere references."""
    for place, item in items_of(pointer, value):
        texts = [(place, item)] if type(item) is str and not only_objects else []
        if type(item) is dict and len(item) == 1:
            texts = [(place + page.reading.terms.term(key).step, text) for key, text in item.items() if page.meaning(key) == "@id"]
        for at, text in texts:
            iri = (page.meaning(text) or text) if type(text) is str else ""
            if iri.startswith(FORMER_STARTS):
                yield _Use(iri, text, Spot(at, "value"), node)


def _issue(page: Page, uses: list[_Use], former: Former) -> Issue:
    first, concepts = uses[0], page.words.concepts
    suggestions = _suggestions(page, uses, former)
    line, column = page.document.place(first.spot.pointer, first.spot.of)
    return Issue(
        "former-iri",
        _message(first.text, former, concepts),
        Severity.INFO if former.today else Severity.WARNING,
        page.document.source,
        first.spot.pointer,
        line,
        column,
        suggestions[0].text if suggestions else "name a concept of today's ontologies, if one says what is meant",
        focus_node=first.node.expanded["@id"],
        path=first.iri if first.spot.of == "key" else "",
        value=first.text,
        expected="an IRI of today's ontologies",
        suggestions=suggestions,
        places=len(uses),
    )


def _message(text: str, former: Former, concepts: Concepts) -> str:
    name = f" ({former.label})" if former.label and former.label not in text else ""
    if not former.today:
        reason = f": {former.reason}" if former.reason else ""
        return f"{text}{name} is of an old release, and has no successor{reason}"
    return f"{text}{name} is of an old release; it is read as {concepts.label(former.today)}"


def _suggestions(page: Page, uses: list[_Use], former: Former) -> tuple[Suggestion, ...]:
    if not former.today:
        return ()
    written, terms = uses[0].text, page.reading.terms
    new = page.written_as(former.today, written)
    label = page.words.concepts.label(former.today)
    edits = rewritten(page.document.value, dict.fromkeys(use.spot for use in uses), new)
    if uses[0].spot.of == "key" and terms.term(written).coercion != terms.term(new).coercion:
        edits = ()  # under the new key its values would mean something else
    certainty = Certainty.CERTAIN if former.how is How.LABEL else Certainty.LIKELY
    if not edits:
        certainty = Certainty.POSSIBLE
    return (Suggestion(f"write {new}" if label in new else f"write {new} ({label})", new, certainty, edits),)
