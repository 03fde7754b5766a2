"""Events of a saved search as an Atom feed (https://www.rfc-editor.org/rfc/rfc4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from search.saved_searches import Event, EventKind, SavedSearch

MEDIA_TYPE: Final = "application/atom+xml"
_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
_NOT_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot have (https://www.w3.org/TR/xml/#charsets)."""
_WORDS: Final = {EventKind.NEW: "New", EventKind.CHANGED: "Changed", EventKind.GONE: "Gone"}


def atom_feed(search: SavedSearch, events: Sequence[Event], base: str) -> bytes:
    """The feed, newest events first.

    Args:
        search: Whose feed it is.
        events: Those that its reader may be told, oldest first.
        base: Address of the service, without a slash at its end.
    """
    feed = Element("feed", xmlns=_NAMESPACE)
    _text(feed, "id", f"urn:voltagraph:search:{search.id}")
    _text(feed, "title", search.title)
    _text(feed, "updated", events[-1].time if events else search.created)
    _text(SubElement(feed, "author"), "name", "Voltagraph")
    SubElement(feed, "link", rel="self", type=MEDIA_TYPE, href=f"{base}/api/searches/{search.id}/feed")
    for event in reversed(events):
        entry = SubElement(feed, "entry")
        _text(entry, "id", f"urn:voltagraph:search:{search.id}:event:{event.number}")
        _text(entry, "title", f"{_WORDS[event.kind]}: {event.title or event.record}")
        _text(entry, "updated", event.time)
        SubElement(entry, "category", term=event.kind.value)
        SubElement(entry, "link", rel="alternate", type="text/html", href=f"{base}/records/{quote(event.record)}")
        _text(entry, "summary", " ".join(event.reasons) or _WORDS[event.kind])
    content: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return content


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _NOT_XML.sub("", text)
