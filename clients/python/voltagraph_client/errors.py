"""What can go wrong, as one tree.

VoltagraphError
├── UnreachableError         there was no answer, whatever was tried
├── IncompleteAnswerError    what came is not the whole answer, or not what the service sent
├── ServiceError             the service refused or failed; knows the status
│   ├── QueryError           the query does not parse or is not offered; knows the line and column
│   ├── LimitError           it took more than allowed; knows which bound
│   ├── AuthenticationError  the token is not known, or one is needed
│   ├── NotFoundError        no such thing, or it may not be seen
│   └── BusyError            there was no room for it, whatever was tried
└── DatasetError             a training set could not be made
"""

from __future__ import annotations


class VoltagraphError(Exception):
    """Base of every error that this client raises on purpose.

    Args:
        message: What happened.
        remedy: What to do about it.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UnreachableError(VoltagraphError):
    """There was no answer, whatever was tried."""


class IncompleteAnswerError(VoltagraphError):
    """What came is not the whole answer, or not what the service sent. Nothing of it was given out."""


class DatasetError(VoltagraphError):
    """A training set could not be made."""


class ServiceError(VoltagraphError):
    """The service refused or failed.

    Args:
        message: What happened.
        remedy: What to do about it.
        status: The HTTP status.
        line: Line in the query, from 1; 0 when there is no place.
        column: Column in the query, from 1; 0 when there is no place.
        limit: Which bound was passed: ``seconds``, ``memory_bytes``, ``rows`` or ``bytes``; ``""`` when it was none of these.
        allowed: How much of it is allowed.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        status: int,
        line: int = 0,
        column: int = 0,
        limit: str = "",
        allowed: float = 0,
    ) -> None:
        super().__init__(message, remedy)
        self.status = status
        self.line = line
        self.column = column
        self.limit = limit
        self.allowed = allowed


class QueryError(ServiceError):
    """The query does not parse, is not offered, or a value for it is not allowed."""


class LimitError(ServiceError):
    """It took more than allowed, or is too long; there is no part of an answer."""


class AuthenticationError(ServiceError):
    """The token is not known, or one is needed."""


class NotFoundError(ServiceError):
    """There is no such thing, or it may not be seen."""


class BusyError(ServiceError):
    """There was no room for it, whatever was tried."""


_BY_STATUS: dict[int, type[ServiceError]] = {
    400: QueryError,
    401: AuthenticationError,
    403: QueryError,
    404: NotFoundError,
    413: LimitError,
    422: QueryError,
    429: BusyError,
    503: BusyError,
}


def service_error(status: int, body: object) -> ServiceError:
    """The error of an answer that is none.

    Args:
        status: The HTTP status.
        body: The body as JSON, or ``None`` when it is none.

    >>> error = service_error(400, {"message": "?x is not closed.", "remedy": "Close it.", "errors": [{"line": 2, "column": 7}]})
    >>> type(error).__name__, str(error), error.line, error.column
    ('QueryError', '?x is not closed. Close it.', 2, 7)
    """
    said = body if isinstance(body, dict) else {}
    errors = said.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    message = str(said.get("message") or f"The service answered with status {status}.")
    if isinstance(first.get("messages"), list) and first.get("field") not in (None, "query"):
        message += f" {first['field']}: {', '.join(map(str, first['messages']))}."
    kind = _BY_STATUS.get(status, ServiceError)
    return kind(
        message,
        str(said.get("remedy") or ""),
        status=status,
        line=_number(first.get("line")),
        column=_number(first.get("column")),
        limit=str(first.get("limit") or ""),
        allowed=_number(first.get("allowed")),
    )


def _number(value: object) -> int:
    return int(value) if isinstance(value, int | float) else 0
