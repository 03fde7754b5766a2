"""When a record was published or made, under which licence, from which country it is, and which formula it gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from harvester.entities import relative_to
from harvester.nodes import Nodes
from records.rdf import Iri, Literal

_DATES: Final = (
    ("datePublished", "issued", "available", "releaseDate"),
    ("dateCreated", "created", "date", "generatedAtTime"),
    ("dateModified", "modified"),
)
"""Labels of properties: when it was published, else made, else changed."""
_RELEASED: Final = ("releaseDate",)
_COUNTRIES: Final = ("countryOfOrigin", "countryOfAssembly")
_LICENCES: Final = ("license", "licence")
_FORMULAE: Final = ("molecularFormula", "chemicalFormula")
_NAMES: Final = ("url", "name", "identifier")
_PROVENANCE: Final = frozenset({"source", "wasGeneratedBy"})
"""Labels of what leads to a node that says how the record was made."""
_ABOUT_IT: Final = frozenset({"subjectOf"})
"""Labels of what leads to a work about the thing: its date counts when the record has none."""

_ISO: Final = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?(?=$|[T ])")
_DAY_FIRST: Final = re.compile(r"(?P<first>\d{1,2})[./-](?P<second>\d{1,2})[./-](?P<year>\d{4})")
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Found:
    """A value with the node that has it and the name of the property."""

    text: str
    node: str
    label: str


def date_of(nodes: Nodes, subjects: Iterable[str], label: Callable[[str], str]) -> Found | None:
    """When a record was published, else made, else changed; ``None`` when it says nothing of it.

    What the record and the thing that it describes say themselves counts first, then what is said of how it was made, then the date
    of a work about it.

    Args:
        nodes: The nodes of the document.
        subjects: Those that the record is about, its root first.
        label: Name of a property.
    """
    about = [node for node in subjects if node in nodes]
    made = [str(value) for value, _, _ in _values(nodes, about, _PROVENANCE, label) if value in nodes]
    works = [str(value) for value, _, _ in _values(nodes, about, _ABOUT_IT, label) if value in nodes]
    dates = (_first_date(nodes, holders, labels, label) for holders in (about, made, works) for labels in _DATES)
    return next(filter(None, dates), None)


def release_of(nodes: Nodes, subjects: Iterable[str], label: Callable[[str], str]) -> Found | None:
    """When the product that a record describes came on the market; ``None`` when it says nothing of it.

    Args:
        nodes: The nodes of the document.
        subjects: Those that the record is about, its root first.
        label: Name of a property.
    """
    return _first_date(nodes, [node for node in subjects if node in nodes], _RELEASED, label)


def licence_of(nodes: Nodes, iri: str, subjects: Iterable[str], label: Callable[[str], str]) -> Found | None:
    """The licence as written, an IRI where there is one; ``None`` when there is none.

    Args:
        nodes: The nodes of the document.
        iri: IRI of the document.
        subjects: Those that the record is about, its root first.
        label: Name of a property.
    """
    found = list(_values(nodes, [node for node in subjects if node in nodes], _LICENCES, label))
    iris = [(str(value), *place) for value, *place in found if isinstance(value, Iri) and "#/" not in value]
    texts = [(value.value.strip(), *place) for value, *place in found if isinstance(value, Literal)]
    named = [
        (name.value if isinstance(name, Literal) else str(name), *place)
        for value, *place in found
        if value in nodes
        for name, _, _ in _values(nodes, [str(value)], _NAMES, label)
    ]
    first = next((one for one in (*iris, *texts, *named) if one[0]), None)
    return Found(relative_to(iri, first[0]), *first[1:]) if first else None


def country_of(nodes: Nodes, subjects: Iterable[str], label: Callable[[str], str]) -> Found | None:
    """The country that the described thing is from; arguments as for `date_of`."""
    for value, node, name in _values(nodes, [one for one in subjects if one in nodes], _COUNTRIES, label):
        named = [one for one, _, _ in _values(nodes, [str(value)], _NAMES, label)] if value in nodes else [value]
        text = next((one.value.strip() for one in named if isinstance(one, Literal) and one.value.strip()), "")
        if text:
            return Found(text, node, name)
    return None


def formula_of(nodes: Nodes, subjects: Iterable[str], label: Callable[[str], str]) -> Found | None:
    """The chemical formula of the described thing itself; arguments as for `date_of`."""
    found = _values(nodes, [one for one in subjects if one in nodes], _FORMULAE, label)
    texts = (Found(value.value.strip(), node, name) for value, node, name in found if isinstance(value, Literal))
    return next((one for one in texts if one.text), None)


def as_date(text: str) -> str:
    """A date as an ISO 8601 date, or as much of it as is certain; ``""`` when there is no year.

    >>> [as_date(one) for one in ("2024-06-16T10:00:00Z", "16/6/2024", "2024-05", "2021", "5/6/2024", "in May 2020", "soon")]
    ['2024-06-16', '2024-06-16', '2024-05', '2021', '2024', '2020', '']
    """
    text = text.strip()[:100]
    iso = _ISO.match(text)
    if iso:
        return _valid(iso["year"], iso["month"], iso["day"])
    written = _DAY_FIRST.fullmatch(text)
    if written:
        first, second = int(written["first"]), int(written["second"])
        day, month = (second, first) if second > 12 else (first, second)
        # 5/6/2024 is in May or in June, as people come from one country or another.
        is_certain = first == second or max(first, second) > 12
        return _valid(written["year"], f"{month:02}" if is_certain else None, f"{day:02}")
    year = _YEAR.search(text)
    return year[0] if year else ""


def _valid(year: str, month: str | None, day: str | None) -> str:
    """As much of year, month and day as is a date."""
    if month is None or not 1 <= int(month) <= 12:
        return year
    try:
        return date.fromisoformat(f"{year}-{month}-{day}").isoformat()
    except ValueError:
        return f"{year}-{month}"


def _first_date(nodes: Nodes, holders: Iterable[str], labels: Collection[str], label: Callable[[str], str]) -> Found | None:
    for value, node, name in _values(nodes, holders, labels, label):
        if isinstance(value, Literal) and (found := as_date(value.value)):
            return Found(found, node, name)
    return None


def _values(
    nodes: Nodes, holders: Iterable[str], wanted: Collection[str], label: Callable[[str], str]
) -> Iterator[tuple[Iri | Literal, str, str]]:
    """The values of such properties, each with the node that has it and the name of the property."""
    for holder in holders:
        for predicate, values in nodes[holder].items():
            if label(predicate) in wanted:
                yield from ((value, holder, label(predicate)) for value in values)
