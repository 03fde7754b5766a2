"""Fields of the forms of our own pages."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl

from fastapi import Request

from api.limits import body_of
from records.errors import BodyError

MAX_FIELDS: Final = 100
"""Most fields of a form."""

_KIND = "application/x-www-form-urlencoded"


async def fields_of(request: Request, limit: int) -> dict[str, str]:
    """The fields of a form by name; line ends are made alike, as browsers send each as CRLF.

    Args:
        request: The request.
        limit: Most bytes.

    Raises:
        BodyError: It is no form of our pages.
        LimitError: It is too long, or slow.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
        raise BodyError("This is no form.", "Use the form of this page.")
    body = await body_of(request, limit)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise BodyError("The form cannot be read.", "Use the form of this page.") from error
    return {name: value.replace("\r\n", "\n") for name, value in pairs}
