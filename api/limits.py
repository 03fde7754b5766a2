"""What a stranger may ask how often, and how much may come: limits at the edge."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Lock

from starlette.requests import Request

from records.errors import LimitError, RateLimitError

BODY_SECONDS = 30
"""How long a body may take to arrive."""

MAX_ADDRESSES = 10_000
"""How many addresses are remembered; of more, those that asked longest ago are forgotten."""

_PER_NETWORK = 64  # a household or an office has a whole IPv6 network of this length

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class ValidationLimits:
    """What checking a sent document may take at the edge.

    Args:
        bytes: Size of a body.
        per_minute: Requests of one address in a minute.
        proxies: Reverse proxies whose ``X-Forwarded-For`` is believed.
    """

    bytes: int
    per_minute: int
    proxies: tuple[Network, ...] = ()


def networks(text: str) -> tuple[Network, ...]:
    """Networks and addresses from a text with commas between them.

    >>> networks("10.0.0.0/8, ::1")
    (IPv4Network('10.0.0.0/8'), IPv6Network('::1/128'))
    """
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


class RateLimit:
    """So many requests a minute for each address, as many of them at once as one likes (a token bucket for each).

    Args:
        per_minute: How many.
        what: Of what, for the message.
        now: Seconds that only grow.

    >>> clock = iter((0.0, 0.0, 0.0, 31.0))
    >>> rate = RateLimit(2, now=lambda: next(clock))
    >>> rate.count("10.0.0.1"), rate.count("10.0.0.1")
    (None, None)
    >>> rate.count("10.0.0.1")
    Traceback (most recent call last):
    records.errors.RateLimitError: Only 2 documents a minute are checked for one address. Wait 30 seconds.
    >>> rate.count("10.0.0.1")
    """

    def __init__(
        self, per_minute: int, what: str = "documents a minute are checked", *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._what = what
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def count(self, address: str) -> None:
        """Count one request.

        Raises:
            RateLimitError: It is one too many.
        """
        with self._lock:
            now = self._now()
            left, since = self._left.pop(address, (float(self._per_minute), now))
            left = min(self._per_minute, left + (now - since) * self._per_minute / 60)
            self._left[address] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > MAX_ADDRESSES:
                self._left.popitem(last=False)
        if left < 1:
            wait = math.ceil((1 - left) * 60 / self._per_minute)
            raise RateLimitError(
                f"Only {self._per_minute} {self._what} for one address.",
                f"Wait {wait} seconds.",
                retry_after=wait,
            )


def address_of(request: Request, proxies: Sequence[Network]) -> str:
    """The network address that a request is counted for.

    The last address that no trusted proxy has; what stands before it in ``X-Forwarded-For`` anybody can write.

    Args:
        request: The request.
        proxies: Reverse proxies whose ``X-Forwarded-For`` is believed.
    """
    hops = ",".join(request.headers.getlist("x-forwarded-for")).split(",") if proxies else []
    address = request.client.host if request.client else ""
    while hops and _is_in(address, proxies):
        forwarded = hops.pop().strip()
        if not _is_address(forwarded):
            break
        address = forwarded
    return _network(address)


def is_secure(request: Request, proxies: Sequence[Network]) -> bool:
    """Whether the client speaks HTTPS: with this server, or with a trusted proxy that says so.

    Args:
        request: The request.
        proxies: Reverse proxies whose ``X-Forwarded-Proto`` is believed.
    """
    if request.url.scheme == "https":
        return True
    address = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().lower()
    return forwarded == "https" and _is_in(address, proxies)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    return _is_address(address) and any(ip_address(address) in network for network in networks)


def _network(address: str) -> str:
    if not _is_address(address):
        return address
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Network((int(parsed), _PER_NETWORK), strict=False))
    return address


async def body_of(request: Request, limit: int) -> bytes:
    """The body of a request, read only as far as it may be long.

    Args:
        request: The request.
        limit: Most bytes.

    Raises:
        LimitError: It is longer, or takes longer than `BODY_SECONDS` to arrive.
    """
    too_long = LimitError(f"The body has more than {limit:,} bytes.", "Send a smaller document, or check it with the command line.")
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit:
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > limit:
                    raise too_long
    except TimeoutError as exc:
        raise LimitError(
            f"The body took longer than {BODY_SECONDS} seconds to arrive.", "Send it over a faster connection."
        ) from exc
    return bytes(body)
