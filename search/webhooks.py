"""Events of saved searches sent to an address that the operator allows, signed (https://www.standardwebhooks.com).

Only what its owner may read at the moment of sending is sent. What was not taken is sent again, later and later, in order.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from records.errors import BodyError, NotOfferedError
from search.saved_searches import Event, SavedSearch, Sending, Watching, readable

MAX_EVENTS: Final = 100
"""Events in one message."""
MAX_ADDRESS_CHARS: Final = 2_000
"""Longest address of a webhook, in characters."""
PAUSES: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400)
"""Seconds before each further try of a message that was not taken; after the last one nothing is sent any more."""

Post = Callable[[str, bytes, Mapping[str, str]], int]
"""Sends a body with headers to an address and gives the status; raises OSError when there is no answer."""


def check_webhook(address: str, origins: Sequence[str]) -> str:
    """The address, if the operator allows its origin.

    Args:
        address: Where events are to be sent.
        origins: What the setting ``webhook_origins`` allows.

    Raises:
        NotOfferedError: No webhooks are allowed at all.
        BodyError: This one is not.

    >>> check_webhook("https://hooks.example.org/battery?x=1", ["https://hooks.example.org"])
    'https://hooks.example.org/battery?x=1'
    """
    if not origins:
        raise NotOfferedError("This service sends no webhooks.", "Follow the feed, or ask the operator for `webhook_origins`.")
    if len(address) > MAX_ADDRESS_CHARS or not address.isprintable() or not _is_at(address, origins):
        remedy = f"Allowed are: {', '.join(origins)}."
        raise BodyError("The webhook is not at a place that is allowed here.", remedy, field="webhook")
    return address


def _is_at(address: str, origins: Sequence[str]) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:  # brackets that are not closed
        return False
    return f"{parts.scheme}://{parts.netloc}" in origins and not parts.fragment


def signed(secrets: Sequence[str], identifier: str, time: int, body: bytes) -> dict[str, str]:
    """Headers that let the receiver check who sent a body, and when.

    Args:
        secrets: Secrets of which the receiver knows one, in hex.
        identifier: Of the message: the same when it is sent again.
        time: Seconds since 1970.
        body: What is sent.

    >>> signed(["00" * 32], "m1", 1614265330, b'{"test": 2432232314}')["webhook-signature"][:10]
    'v1,cGVXVU7'
    """
    text = f"{identifier}.{time}.".encode() + body
    digests = [hmac.new(bytes.fromhex(secret), text, hashlib.sha256).digest() for secret in secrets]
    signatures = " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
    return {"webhook-id": identifier, "webhook-timestamp": str(time), "webhook-signature": signatures}


def shown_secret(secret: str) -> str:
    """The secret as the libraries of Standard Webhooks take it.

    >>> shown_secret("00ff")
    'whsec_AP8='
    """
    return f"whsec_{base64.b64encode(bytes.fromhex(secret)).decode()}"


def deliver(watching: Watching, search: SavedSearch, post: Post) -> Sending:
    """Send what was not sent yet, if it is time, and note how far that went.

    Raises:
        IdentityError: The token with which it was saved is worth nothing any more.
        StoreError: A store cannot be used.
    """
    sending = watching.store.sending(search.id)
    now = watching.now().timestamp()
    if not search.webhook or sending.problem or now < sending.next_try:
        return sending
    audiences = watching.holder_of(search.token_sha256).audiences
    while events := watching.store.events(search.id, after=sending.sent, limit=MAX_EVENTS):
        last = events[-1].number
        told = readable(watching, events, audiences)
        status = _sent(search, told, f"{search.id}.{sending.sent + 1}-{last}", int(now), post) if told else 200
        sending = _after(sending, last, status, now)
        watching.store.set_sending(search.id, sending)
        if sending.tries or sending.problem:
            break
    return sending


def event_json(event: Event) -> dict[str, object]:
    """An event as messages and the API have it."""
    return {
        "number": event.number,
        "time": event.time,
        "kind": event.kind.value,
        "record": event.record,
        "title": event.title,
        "reasons": list(event.reasons),
    }


def _sent(search: SavedSearch, events: Sequence[Event], identifier: str, now: int, post: Post) -> int:
    data = {"search": search.id, "title": search.title, "events": [event_json(event) for event in events]}
    body = json.dumps({"type": "search.events", "timestamp": now, "data": data}, ensure_ascii=False).encode()
    old = [search.old_secret] if search.old_secret and now < search.old_secret_until else []
    headers = {"Content-Type": "application/json", **signed([search.webhook_secret, *old], identifier, now, body)}
    try:
        return post(search.webhook, body, headers)
    except OSError:
        return 0


def _after(sending: Sending, last: int, status: int, now: float) -> Sending:
    if 200 <= status < 300:
        return Sending(sent=last)
    if status == 410:
        return replace(sending, problem="The receiver says that it is gone (410).")
    if sending.tries >= len(PAUSES):
        told = f"status {status}" if status else "no answer"
        return replace(sending, problem=f"It was tried {sending.tries + 1} times in vain; the last time: {told}.")
    return replace(sending, tries=sending.tries + 1, next_try=now + PAUSES[sending.tries])
