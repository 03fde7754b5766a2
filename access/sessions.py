"""Sessions of people in browsers: a random secret in a cookie stands for a token for some hours. No I/O.

What is kept is the hash of the secret and the hash of the token, in memory alone: after a restart people log in again. Which actor
a token stands for is asked anew at every question, so a token that was removed ends its sessions at once.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from access.identity import token_digest

SECRET_BYTES = 32
"""Random bytes in a secret."""
MAX_SESSIONS = 10_000
"""How many sessions are kept; of more, those that began first end."""
MAX_OF_TOKEN = 20
"""How many of them stand for one token; of more, those that began first end."""


@dataclass(frozen=True, slots=True)
class _Session:
    token_sha256: str
    ends: float


class Sessions:
    """Knows which token a secret stands for.

    Args:
        seconds: How long a session lasts.
        now: Seconds that only grow.

    >>> sessions = Sessions(60, now=lambda: 0.0)
    >>> secret = sessions.begin(token_digest("vg_alice"))
    >>> sessions.token_of(secret) == token_digest("vg_alice"), sessions.token_of("something else")
    (True, None)
    >>> sessions.end(secret)
    >>> sessions.token_of(secret)
    """

    def __init__(self, seconds: float, *, now: Callable[[], float]) -> None:
        self.seconds = seconds
        self._now = now
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._lock = Lock()

    def begin(self, token_sha256: str) -> str:
        """Begin a session that stands for this token, and give its secret, which is kept nowhere."""
        secret = secrets.token_urlsafe(SECRET_BYTES)
        with self._lock:
            self._forget_ended()
            same = [name for name, session in self._sessions.items() if session.token_sha256 == token_sha256]
            for name in same[: max(0, len(same) - MAX_OF_TOKEN + 1)]:
                del self._sessions[name]
            self._sessions[token_digest(secret)] = _Session(token_sha256, self._now() + self.seconds)
            if len(self._sessions) > MAX_SESSIONS:
                self._sessions.popitem(last=False)
        return secret

    def token_of(self, secret: str) -> str | None:
        """SHA-256 of the token that a secret stands for; ``None`` when it stands for none, or not any more."""
        with self._lock:
            # What is compared is a hash, so how long the look-up takes tells nothing of any secret.
            session = self._sessions.get(token_digest(secret))
            return session.token_sha256 if session is not None and session.ends > self._now() else None

    def end(self, secret: str) -> None:
        """End a session; one that there is not is no error."""
        with self._lock:
            self._sessions.pop(token_digest(secret), None)

    def _forget_ended(self) -> None:
        # They end in the order in which they began.
        while self._sessions and next(iter(self._sessions.values())).ends <= self._now():
            self._sessions.popitem(last=False)
