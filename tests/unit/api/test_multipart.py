"""Forms with files: what was sent comes out byte for byte."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.multipart import MAX_PARTS, is_form, parts_of
from records.errors import BodyError, LimitError

KIND = "multipart/form-data; boundary=----x1"


def form(*parts: tuple[str, bytes]) -> bytes:
    pieces = [
        b"------x1\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in parts
    ]
    return b"".join(pieces) + b"------x1--\r\n"


@given(contents=st.lists(st.binary(max_size=50).filter(lambda content: b"------x1" not in content), min_size=1, max_size=5))
def test_every_byte_of_a_file_comes_out(contents: list[bytes]) -> None:
    body = form(*((f'name="file"; filename="{number}"', content) for number, content in enumerate(contents)))
    assert [(part.filename, part.content) for part in parts_of(KIND, body)] == [(str(n), one) for n, one in enumerate(contents)]


def test_names_are_read_as_browsers_write_them() -> None:
    [part] = parts_of(KIND, form(('name="file"; filename="é %22x%22.jsonld"\r\nContent-Type: application/ld+json', b"{}")))
    assert (part.field, part.filename, part.content) == ("file", 'é "x".jsonld', b"{}")
    [field] = parts_of(KIND, form(('name="profile"', b"readable")))
    assert field.filename is None


def test_a_boundary_may_stand_in_quotes() -> None:
    [part] = parts_of('Multipart/Form-Data; charset=utf-8; Boundary="----x1"', form(('name="a"', b"1")))
    assert part.content == b"1"
    assert is_form("Multipart/Form-Data; x=y")
    assert not is_form("multipart/mixed")


@given(body=st.binary(max_size=100), kind=st.sampled_from([KIND, "multipart/form-data", "multipart/form-data; boundary="]))
def test_whatever_comes_is_split_or_refused(body: bytes, kind: str) -> None:
    with suppress(BodyError):
        assert all(part.field is not None for part in parts_of(kind, body))


def test_too_many_parts_are_refused() -> None:
    assert len(parts_of(KIND, form(*[('name="a"', b"")] * MAX_PARTS))) == MAX_PARTS
    with pytest.raises(LimitError):
        parts_of(KIND, form(*[('name="a"', b"")] * (MAX_PARTS + 1)))
