"""Bodies of forms with files (``multipart/form-data``, RFC 7578), split in memory: nothing of them touches the disk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from records.errors import BodyError, LimitError

MAX_PARTS = 100
"""Most fields and files of one form."""

_MAX_HEAD = 8_192
_PARAMETER = re.compile(rb';\s*(name|filename|boundary)=(?:"([^"]*)"|([^\s;"]+))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form.

    Args:
        field: Its name.
        filename: Name of the file, or ``None`` when it is no file.
        content: Its bytes.
    """

    field: str
    filename: str | None
    content: bytes


def is_form(content_type: str) -> bool:
    """Whether a ``Content-Type`` says that this is such a form."""
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def parts_of(content_type: str, body: bytes) -> Sequence[Part]:
    r"""The fields of a form, in order.

    Args:
        content_type: The header, with the boundary.
        body: The whole body.

    Raises:
        BodyError: There is no boundary, or it is not where it should be.
        LimitError: There are more than `MAX_PARTS` parts.

    >>> body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jsonld"\r\n\r\n{}\r\n--x--\r\n'
    >>> parts_of("multipart/form-data; boundary=x", body)
    [Part(field='file', filename='a.jsonld', content=b'{}')]
    """
    boundary = _parameters(content_type.encode("latin-1", "replace")).get(b"boundary")
    if not boundary:
        raise BodyError("The Content-Type of the form names no boundary.", "Leave the header to the program that makes the form.")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary, MAX_PARTS + 2)
    if len(pieces) > MAX_PARTS + 2:
        raise LimitError(f"The form has more than {MAX_PARTS} parts.", "Send fewer files at once.")
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise BodyError("The form is cut off, or its boundary is another one.", "Send it again.")
    return [_part(piece) for piece in pieces[1:-1]]


def _part(piece: bytes) -> Part:
    head, found, content = piece.partition(b"\r\n\r\n")
    if not found or len(head) > _MAX_HEAD:
        raise BodyError("A part of the form has no head, or one that is too long.", "Send it again.")
    lines = head.split(b"\r\n")
    disposition = next((line for line in lines if line.lower().startswith(b"content-disposition:")), b"")
    parameters = _parameters(disposition)
    if b"name" not in parameters:
        raise BodyError("A part of the form has no name.", "Send it again.")
    filename = parameters.get(b"filename")
    return Part(_text(parameters[b"name"]), None if filename is None else _text(filename), content)


def _parameters(header: bytes) -> dict[bytes, bytes]:
    return {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(header)}


def _text(name: bytes) -> str:
    # What the form encoding of browsers escapes, and no more: https://html.spec.whatwg.org/#multipart-form-data
    return name.decode("utf-8", "replace").replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")
