"""When a record was published or made, and under which licence."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from typing import Final

from harvester.entities import relative_to
from harvester.quantities import Nodes
from records.rdf import Iri, Literal

_DATES: Final = (
    ("datePublished", "issued", "available", "releaseDate"),
    ("dateCreated", "created", "date", "generatedAtTime"),
    ("dateModified", "modified"),
)
"""Labels of properties: when it was published, else made, else changed."""
_LICENCES: Final = ("license", "licence")
_NAMES: Final = ("url", "name", "identifier")
_PROVENANCE: Final = frozenset({"source", "wasGeneratedBy"})
"""Labels of what leads to a node that says how the record was made."""
_ABOUT_IT: Final = frozenset({"subjectOf"})
"""Labels of what leads to a work about the thing: its date counts when the record has none."""

_ISO: Final = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?(?=$|[T ])")
_DAY_FIRST: Final = re.compile(r"(?P<first>\d{1,2})[./-](?P<second>\d{1,2})[./-](?P<year>\d{4})")
_YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def date_of(nodes: Nodes, subjects: Iterable[str], label: Callable[[str], str]) -> str:
    """When a record was published, else made, else changed; ``""`` when it says nothing of it.

    What the record and the thing that it describes say themselves counts first, then what is said of how it was made, then the date
    of a work about it.

    Args:
        nodes: The nodes of the document.
        subjects: Those that the record is about, its root first.
        label: Name of a property.
    """
    about = [node for node in subjects if node in nodes]
    made = [str(value) for value in _values(nodes, about, _PROVENANCE, label) if value in nodes]
    works = [str(value) for value in _values(nodes, about, _ABOUT_IT, label) if value in nodes]
    for holders in (about, made, works):
        for labels in _DATES:
            for value in _values(nodes, holders, labels, label):
                if isinstance(value, Literal) and (found := as_date(value.value)):
                    return found
    return ""


def licence_of(nodes: Nodes, iri: str, subjects: Iterable[str], label: Callable[[str], str]) -> str:
    """The licence as written, an IRI where there is one; ``""`` when there is none.

    Args:
        nodes: The nodes of the document.
        iri: IRI of the document.
        subjects: Those that the record is about, its root first.
        label: Name of a property.
    """
    found = list(_values(nodes, [node for node in subjects if node in nodes], _LICENCES, label))
    iris = [str(value) for value in found if isinstance(value, Iri) and "#/" not in value]
    texts = [value.value.strip() for value in found if isinstance(value, Literal)]
    described = [str(value) for value in found if value in nodes]
    named = [value.value if isinstance(value, Literal) else str(value) for value in _values(nodes, described, _NAMES, label)]
    return relative_to(iri, next((one for one in (*iris, *texts, *named) if one), ""))


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


def _values(nodes: Nodes, holders: Iterable[str], wanted: Collection[str], label: Callable[[str], str]) -> Iterator[Iri | Literal]:
    for holder in holders:
        for predicate, values in nodes[holder].items():
            if label(predicate) in wanted:
                yield from values
