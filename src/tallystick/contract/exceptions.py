"""Exceptions for refused requests, before an API gives them its own error shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple


class Violation(NamedTuple):
    """A value of a request with the keyword of the contract that it breaks.

    `where` is ``path``, ``query``, ``header``, ``body``, or ``request`` for all of it. `name` is
    the parameter, or the first property of the body (empty for the whole body). `path` leads from
    there to the value. `keyword` is a JSON Schema keyword, or one of ``syntax``, ``charset``,
    ``depth``, ``mediaType``, ``duplicate`` and ``empty``. `code` is the keyword's entry in
    ``x-error-codes``, or None. `message` follows the value's name, such as "is missing".
    """

    where: str
    name: str
    keyword: str
    code: str | None
    message: str
    path: tuple[str | int, ...] = ()


NOTHING = Violation("request", "", "empty", None, "has none of the known parameters")
"""The violation of a request without a single parameter or member of the contract."""


class Problem(Exception):
    """The request could not be served."""

    status: ClassVar[int] = 500
    code: str = ""
    """The key in the contract's ``x-codes``; empty where the status alone decides."""

    def __init__(self, message: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.headers = dict(headers or {})


class Invalid(Problem):
    """The request breaks the contract."""

    status = 400

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(violations[0].message)
        self.violations = tuple(violations)


class Unauthenticated(Problem):
    """No valid credential was given."""

    status = 401

    def __init__(self, message: str = "", *, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing
        """True if the request has no credential at all."""


class Forbidden(Problem):
    """The credential does not allow this call."""

    status = 403

    def __init__(self, message: str = "", *, scopes: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.scopes = tuple(scopes)
        """The scopes of which the call needs one."""


class OutOfBounds(Forbidden):
    """The credential is for other events."""


class NotFound(Problem):
    """There is nothing at this address."""

    status = 404


class MethodNotAllowed(Problem):
    """This address does not know this method."""

    status = 405


class TooLarge(Problem):
    """The request body is over the limit."""

    status = 413


class BadHost(Invalid):
    """The request must have one Host header, and a valid one."""

    def __init__(self, keyword: str = "duplicate", message: str = "must be given once") -> None:
        super().__init__([Violation("header", "Host", keyword, None, message)])


class NotHttp(Invalid):
    """The request has a target, and what follows is not HTTP/1.1."""

    def __init__(self) -> None:
        super().__init__([Violation("header", "", "syntax", None, "is not HTTP/1.1")])


class RequestTimeout(Problem):
    """The request came too slowly."""

    status = 408


class TargetTooLong(Problem):
    """The request target is over the limit."""

    status = 414


class UnknownEncoding(Problem):
    """The Content-Encoding is unknown: send gzip, or none."""

    status = 415


class HeadTooLarge(Problem):
    """The request's headers are over the limit."""

    status = 431


class UnknownTransferCoding(Problem):
    """The Transfer-Encoding is unknown: send chunked alone, or none."""

    status = 501


class TooManyRequests(Problem):
    """The rate limit is reached."""

    status = 429

    def __init__(self, message: str = "", *, limit: int, reset: float, retry_after: int) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after)})
        self.limit = limit
        """The limit: requests a minute, or the quota that is used up."""
        self.reset = reset
        """The time of the next free request, in seconds since the epoch."""


class Unavailable(Problem):
    """The service can't take the request at the moment."""

    status = 503

    def __init__(self, message: str = "", *, retry_after: int = 1) -> None:
        super().__init__(message, headers={"Retry-After": str(retry_after)})


class Failed(Problem):
    """An internal error."""


class Refused(Problem):
    """A rule of an API that no schema can express refuses the request.

    Subclasses live in ``apis/<api>`` and carry their status and code.
    """

    status = 400
