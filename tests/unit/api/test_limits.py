"""How often one address may ask, and which address that is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from api.limits import MAX_ADDRESSES, RateLimit, address_of, networks
from records.errors import RateLimitError


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def allowed(rate: RateLimit, address: str) -> bool:
    try:
        rate.count(address)
    except RateLimitError:
        return False
    return True


@given(per_minute=st.integers(1, 50), waits=st.lists(st.floats(0, 20), max_size=200))
def test_never_more_than_the_burst_and_its_share_of_the_time(per_minute: int, waits: list[float]) -> None:
    clock = Clock()
    rate = RateLimit(per_minute, now=clock)
    passed = 0
    for wait in waits:
        clock.now += wait
        passed += allowed(rate, "a")
        assert passed <= per_minute * (1 + clock.now / 60) + 1e-6


def test_who_waits_as_long_as_told_is_let_in() -> None:
    clock = Clock()
    rate = RateLimit(7, now=clock)
    for _ in range(7):
        rate.count("a")
    for _ in range(20):
        with pytest.raises(RateLimitError) as refused:
            rate.count("a")
        clock.now += refused.value.retry_after
        rate.count("a")
        clock.now -= 0.4  # less than was told in whole seconds, so that the next one is refused


def test_one_address_does_not_use_up_the_share_of_another() -> None:
    rate = RateLimit(1, now=Clock())
    assert [allowed(rate, address) for address in ("a", "a", "b", "b")] == [True, False, True, False]


def test_memory_is_bounded_however_many_addresses_come() -> None:
    rate = RateLimit(1, now=Clock())
    for number in range(MAX_ADDRESSES + 500):
        rate.count(str(number))
    assert len(rate._left) == MAX_ADDRESSES
    assert not allowed(rate, str(MAX_ADDRESSES + 499))


def request(client: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "headers": headers, "client": (client, 1)})


@pytest.mark.parametrize(
    ("proxies", "client", "forwarded", "expected"),
    [
        ("", "1.1.1.1", ["2.2.2.2"], "1.1.1.1"),
        ("1.1.1.1", "1.1.1.1", ["2.2.2.2"], "2.2.2.2"),
        ("1.1.1.1", "1.1.1.2", ["2.2.2.2"], "1.1.1.2"),
        ("1.1.1.1", "1.1.1.1", ["9.9.9.9, 2.2.2.2"], "2.2.2.2"),
        ("1.1.1.1, 10.0.0.0/8", "1.1.1.1", ["9.9.9.9, 2.2.2.2, 10.1.2.3"], "2.2.2.2"),
        ("1.1.1.1, 10.0.0.0/8", "1.1.1.1", ["9.9.9.9", "2.2.2.2", "10.1.2.3"], "2.2.2.2"),
        ("1.1.1.1", "1.1.1.1", ["nonsense"], "1.1.1.1"),
        ("1.1.1.1", "1.1.1.1", [], "1.1.1.1"),
        ("10.0.0.0/8", "10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        ("", "2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("::1", "::1", ["::ffff:2.2.2.2"], "2.2.2.2"),
    ],
)
def test_the_address_is_the_last_one_that_no_trusted_proxy_has(
    proxies: str, client: str, forwarded: Sequence[str], expected: str
) -> None:
    assert address_of(request(client, *forwarded), networks(proxies)) == expected
