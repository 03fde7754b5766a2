"""Which of several media types a client gets: the Accept header (RFC 9110, 12.5.1), or a short name in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

MAX_RANGES = 100
"""Media ranges of an Accept header that are looked at; real ones have up to twenty."""


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One part of an Accept header.

    Args:
        type: ``text``, or ``*``.
        subtype: ``csv``, or ``*``.
        quality: How welcome it is, from 0 (not at all) to 1.
    """

    type: str
    subtype: str
    quality: float

    @property
    def specificity(self) -> int:
        """Of several ranges that fit, the one that says most counts."""
        return (self.type != "*") + (self.subtype != "*")

    def fits(self, media_type: str) -> bool:
        """Whether the range has this media type in it."""
        kind, _, subtype = media_type.partition("/")
        return self.type in {"*", kind} and self.subtype in {"*", subtype}


def media_ranges(accept: str) -> tuple[MediaRange, ...]:
    """The parts of an Accept header; parts that are none are left out.

    >>> media_ranges("text/csv;q=0.5, */*;q=0.1, nonsense")
    (MediaRange(type='text', subtype='csv', quality=0.5), MediaRange(type='*', subtype='*', quality=0.1))
    """
    ranges = []
    for part in accept.split(",")[:MAX_RANGES]:
        name, *parameters = (one.strip().lower() for one in part.split(";"))
        kind, slash, subtype = name.partition("/")
        if not slash or not kind or not subtype or (kind == "*" and subtype != "*"):
            continue
        ranges.append(MediaRange(kind, subtype, _quality(parameters)))
    return tuple(ranges)


def negotiate(accept: str, offers: Sequence[tuple[str, T]]) -> T | None:
    """The offer that is most welcome; of equally welcome ones the first; ``None`` when none is welcome.

    Args:
        accept: The Accept header; an empty one welcomes everything.
        offers: Media types with what they stand for, best first. One thing may have several.

    >>> offers = [("application/json", "json"), ("text/csv", "csv")]
    >>> negotiate("text/*, application/json;q=0.9", offers), negotiate("*/*", offers), negotiate("image/png", offers)
    ('csv', 'json', None)
    """
    ranges = media_ranges(accept)
    if not ranges:
        return offers[0][1] if offers and not accept.strip() else None
    best: T | None = None
    most = 0.0
    for media_type, offer in offers:
        quality = _welcome(ranges, media_type)
        if quality > most:
            best, most = offer, quality
    return best


def prefers(accept: str, media_type: str, others: Sequence[str]) -> bool:
    """Whether a client names this media type itself, and would rather have it than any of the others.

    >>> prefers("text/html,application/xml;q=0.9,*/*;q=0.8", "text/html", ["text/turtle"]), prefers("*/*", "text/html", [])
    (True, False)
    """
    ranges = media_ranges(accept)
    named = max((one.quality for one in ranges if one.specificity == 2 and one.fits(media_type)), default=0.0)
    return named > max((_welcome(ranges, other) for other in others), default=0.0)


def named(name: str, short_names: Mapping[str, T], offers: Sequence[tuple[str, T]]) -> T | None:
    """The offer of this short name or media type; ``None`` when it is not offered.

    >>> named("csv", {"csv": 1}, [("text/csv", 1)]), named("text/csv", {}, [("text/csv", 1)]), named("csv", {"csv": 1}, [])
    (1, 1, None)
    """
    wanted = name.strip().lower()
    meant = short_names.get(wanted)
    return next((offer for media_type, offer in offers if offer == meant or media_type == wanted), None)


def _welcome(ranges: Sequence[MediaRange], media_type: str) -> float:
    fitting = [one for one in ranges if one.fits(media_type)]
    return max(fitting, key=lambda one: (one.specificity, one.quality)).quality if fitting else 0.0


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0
