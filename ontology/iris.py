"""IRIs and language tags as texts: what is one, what a reference means, how a pointer stands in one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

_IRI_PARTS: Final = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_USUAL_SCHEMES: Final = frozenset(("http", "https", "_"))
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
# What needs no closer look; the rest is left to the parser of the RDF library.
_PLAIN_IRI: Final = re.compile(
    r"https?://[A-Za-z0-9.-]++(?:/[\w\-.~!$&'()*+,;=:@/]*+)?(?:\?[\w\-.~!$&'()*+,;=:@/?]*+)?(?:#[\w\-.~!$&'()*+,;=:@/?]*+)?",
    re.ASCII,
)
_NOT_IN_IRI: Final = re.compile(r'[\x00-\x20<>"{}|\\^`\x7f-\x9f]')


def to_fragment(pointer: str) -> str:
    """A JSON Pointer as it stands in a URI fragment (RFC 6901 section 6).

    >>> to_fragment("/a b/~1")
    '/a%20b/~1'
    """
    return quote(pointer, safe="/~:@!$&'()*+,;=?-._")


def is_valid_iri(text: str) -> bool:
    """Whether a text is an absolute IRI (RFC 3987).

    >>> is_valid_iri("https://a.org/b#c"), is_valid_iri("https://a.org/b c"), is_valid_iri("b")
    (True, False, False)
    """
    if _PLAIN_IRI.fullmatch(text):
        return True
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def without_forbidden(text: str) -> str:
    """A text with the characters that no IRI may have percent-encoded (RFC 3987 section 3.1).

    >>> without_forbidden("https://a.org/b c")
    'https://a.org/b%20c'
    """
    return _NOT_IN_IRI.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), text)


@lru_cache(maxsize=256)
def is_language_tag(tag: str) -> bool:
    """Whether a text is a well-formed language tag (BCP 47).

    >>> is_language_tag("de-CH"), is_language_tag("deutsch (DE)")
    (True, False)
    """
    try:
        Literal("", language=tag)
    except ValueError:
        return False
    return True


def is_absolute(text: str) -> bool:
    """Whether a text begins with a scheme, as an IRI does (RFC 3987), or is a blank node's name.

    >>> is_absolute("urn:x"), is_absolute("./a:b"), is_absolute("Volt")
    (True, False, False)
    """
    scheme, colon, _ = text.partition(":")
    return bool(colon) and (scheme in _USUAL_SCHEMES or _SCHEME.fullmatch(scheme) is not None)


def resolve(base: str, reference: str) -> str:
    """The IRI that a reference means (RFC 3986 section 5.2).

    >>> resolve("https://a.org/b/c?d", "../e#f"), resolve("https://a.org/b", "#g"), resolve("urn:x", "#g")
    ('https://a.org/e#f', 'https://a.org/b#g', 'urn:x#g')
    """
    scheme, authority, path, query, fragment = _parts(reference)
    base_scheme, base_authority, base_path, base_query, _ = _parts(base)
    if scheme is not None:
        path = _without_dots(path)
    else:
        scheme = base_scheme
        if authority is not None:
            path = _without_dots(path)
        else:
            authority = base_authority
            if not path:
                path = base_path
                query = base_query if query is None else query
            else:
                if not path.startswith("/"):
                    head = "/" if base_authority is not None and not base_path else base_path[: base_path.rfind("/") + 1]
                    path = head + path
                path = _without_dots(path)
    return "".join(
        (
            "" if scheme is None else f"{scheme}:",
            "" if authority is None else f"//{authority}",
            path,
            "" if query is None else f"?{query}",
            "" if fragment is None else f"#{fragment}",
        )
    )


def _parts(iri: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    match = _IRI_PARTS.fullmatch(iri)
    assert match is not None  # noqa: S101 # the expression matches every text
    scheme, authority, path, query, fragment = match.groups()
    return scheme, authority, path or "", query, fragment


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for position, segment in enumerate(segments):
        is_last = position == len(segments) - 1
        if segment == "." or segment == "..":
            if segment == ".." and len(kept) > (1 if path.startswith("/") else 0):
                kept.pop()
            if is_last:
                kept.append("")
        else:
            kept.append(segment)
    return "/".join(kept)
