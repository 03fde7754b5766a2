"""Faults of the system, as one tree. Faults of one record are values: `records.issues.Issue`.

    VoltagraphError
    ├── SettingsError            a setting is unknown or impossible
    ├── SourceError              a source cannot be read at all
    ├── LimitError               something from outside is larger, deeper or slower than allowed
    ├── BodyError                what was sent is not what it says it is
    │   └── MediaTypeError       it is of a kind that is not read here
    ├── BusyError                there is no room for it just now
    │   └── RateLimitError       one address asks more often than allowed
    ├── OntologyError            the ontologies or contexts cannot be used
    ├── FetchError               a configured address did not give what was promised
    ├── IdentityError            a token is not known
    ├── EditConflictError        changes to a document contradict each other, or name nothing in it
    ├── ForbiddenError           the actor may see it, and may not do this to it
    ├── NotAcceptableError       there is an answer, and in no form that is welcome
    ├── NotFoundError            no such record for this actor (unknown and forbidden look the same)
    ├── CursorExpiredError       the pages that follow are no longer kept
    ├── QueryError               a query cannot be answered; knows its line and column where there is one
    │   ├── QuerySyntaxError     it does not parse
    │   └── QueryRefusedError    it asks for what is not offered (update, SERVICE, ...)
    └── StoreError               a store cannot be read or written
        ├── StoreBusyError       another process is writing
        ├── StoreDamagedError    it must be rebuilt
        └── StoreFullError       no space is left on the disk

Every message says what happened, where, and how to mend it.
"""

from __future__ import annotations


class VoltagraphError(Exception):
    """Base of every error that Voltagraph raises on purpose.

    Args:
        message: What happened and where.
        remedy: What the reader of the message can do about it.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class SettingsError(VoltagraphError):
    """A setting is unknown or has an impossible value."""


class SourceError(VoltagraphError):
    """A source cannot be read at all."""


class LimitError(VoltagraphError):
    """Something from outside is larger, deeper or slower than allowed."""


class QueryLimitError(LimitError):
    """A query took more than it may; nothing of its answer is kept.

    Args:
        message: What happened.
        remedy: How to ask for less.
        limit: Which bound it was: ``seconds``, ``memory_bytes``, ``rows`` or ``bytes``.
        allowed: How much of it was allowed.
    """

    def __init__(self, message: str, remedy: str = "", *, limit: str = "", allowed: float = 0) -> None:
        super().__init__(message, remedy)
        self.limit = limit
        self.allowed = allowed


class CancelledError(VoltagraphError):
    """Nobody waits for the answer any more."""


class BodyError(VoltagraphError):
    """What was sent is not what it says it is.

    Args:
        message: What is wrong.
        remedy: What to send instead.
        field: The parameter or the key of the body that is wrong; ``""`` when it is no single one.
    """

    def __init__(self, message: str, remedy: str = "", *, field: str = "") -> None:
        super().__init__(message, remedy)
        self.field = field


class MediaTypeError(BodyError):
    """What was sent is of a kind that is not read here."""


class BusyError(VoltagraphError):
    """There is no room for it just now.

    Args:
        message: What happened.
        remedy: What to do.
        retry_after: Seconds after which it may be asked again.
    """

    def __init__(self, message: str, remedy: str = "", *, retry_after: int = 1) -> None:
        super().__init__(message, remedy)
        self.retry_after = retry_after


class RateLimitError(BusyError):
    """One address asks more often than allowed."""


class OntologyError(VoltagraphError):
    """The ontologies or contexts cannot be used."""


class NotOfferedError(VoltagraphError):
    """This installation does not do that."""


class FetchError(VoltagraphError):
    """A configured address did not give what was promised."""


class IdentityError(VoltagraphError):
    """A token is not known."""


class EditConflictError(VoltagraphError):
    """Changes to a document contradict each other, or name nothing in it."""


class ForbiddenError(VoltagraphError):
    """The actor may see it, and may not do this to it."""


class NotAcceptableError(VoltagraphError):
    """There is an answer, and in no form that is welcome; the remedy names those that are offered."""


class NotFoundError(VoltagraphError):
    """No such record for this actor; unknown and forbidden look the same."""


class CursorExpiredError(VoltagraphError):
    """The state of the index that a page belongs to is no longer kept."""


class QueryError(VoltagraphError):
    """A query cannot be answered.

    Args:
        message: What is wrong.
        remedy: How to mend it.
        line: Line in the query, from 1; 0 when there is no place.
        column: Column in the query, from 1; 0 when there is no place.
    """

    def __init__(self, message: str, remedy: str = "", *, line: int = 0, column: int = 0) -> None:
        super().__init__(message, remedy)
        self.line = line
        self.column = column


class QuerySyntaxError(QueryError):
    """The query does not parse."""


class QueryRefusedError(QueryError):
    """The query asks for something that is not offered."""


class StoreError(VoltagraphError):
    """A store cannot be read or written."""


class StoreBusyError(StoreError):
    """Another process is writing."""


class StoreDamagedError(StoreError):
    """The store must be rebuilt."""


class StoreFullError(StoreError):
    """No space is left on the disk."""
