"""A client of charon's API, by Python's own HTTP client, which starts quickly."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, NamedTuple, TypeVar
from urllib.parse import SplitResult, quote, urlsplit

T = TypeVar("T")

CALL_S = 10.0
"""How many seconds to wait for an answer."""

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0

_THROTTLED = 429
_UNAVAILABLE = 503


class Away(Exception):
    """Charon could not be reached, or could not answer."""

    def __init__(self, reason: str, *, had_no_effect: bool) -> None:
        super().__init__(reason)
        self.had_no_effect = had_no_effect
        """True if the call certainly had no effect, so that it may be repeated."""


class CallRefused(Exception):
    """Charon refused the call."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class CanStart(NamedTuple):
    """The answer to a question whether a cron may start."""

    id: int
    is_active: bool


class CharonClient:
    """A client of the API at a URL; every call raises `Away` or `CallRefused`.

    Each call has a connection of its own, so that several threads may call.
    """

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"X-API-KEY": key, "Content-Type": "application/json"}

    def can_start(self, slug: str) -> CanStart:
        """Return the cron's id, and whether it may start."""
        answer = self._call("GET", f"{quote(slug, safe='')}/can-start")
        return CanStart(answer["id"], answer["canStart"])

    def start_execution(self, cron_id: int) -> int:
        """Start an execution and return its id."""
        return int(self._call("GET", f"{cron_id}/start")["id"])

    def send_message(self, execution_id: int, type_: str, message: str) -> None:
        """Add a message to an execution."""
        self._call("POST", f"{execution_id}/message", {"message": message, "type": type_})

    def renew_lease(self, execution_id: int, seconds: int) -> None:
        """Report an execution to be alive for so many seconds."""
        self._call("POST", f"{execution_id}/lease", {"seconds": seconds})

    def end_execution(self, execution_id: int, message: str, exit_code: int) -> None:
        """End an execution; exit code 0 is a success."""
        success = exit_code == 0
        body = {"message": message, "type": "success" if success else "error", "success": success}
        self._call("POST", f"{execution_id}/end", {**body, "exitCode": exit_code})

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        address = self._address()
        connection = _connection(address)
        try:
            self._connect(connection)
            text = None if body is None else json.dumps(body).encode()
            connection.request(method, f"{address.path}/api/{path}", text, self._headers)
            return _answer(connection.getresponse())
        except (HTTPException, OSError) as error:
            reason = str(error) or type(error).__name__
            raise Away(f"{self._url}: {reason}", had_no_effect=False) from error
        except ValueError:  # its text has the key
            raise Away("the API key can't be sent in a header", had_no_effect=True) from None
        finally:
            connection.close()

    def _address(self) -> SplitResult:
        try:
            address = urlsplit(self._url)
            is_usable = address.scheme in {"http", "https"} and address.hostname
            if is_usable and address.port != 0:
                return address
        except ValueError:
            pass
        raise Away(f"{self._url} is not a URL", had_no_effect=True)

    def _connect(self, connection: HTTPConnection) -> None:
        try:
            connection.connect()
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise Away(f"can't reach {self._url}: {reason}", had_no_effect=True) from error


def _connection(address: SplitResult) -> HTTPConnection:
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    return kind(address.hostname or "", address.port, timeout=CALL_S)


def _answer(response: HTTPResponse) -> Any:
    status = response.status
    if status >= 500 or status == _THROTTLED:
        took_nothing = status in {_THROTTLED, _UNAVAILABLE}
        raise Away(f"charon answers {status} {response.reason}", had_no_effect=took_nothing)
    try:
        answer = json.loads(response.read())
        said = answer["message"] if status != 200 else ""
    except (ValueError, KeyError, TypeError):
        raise Away(f"the server is not charon: it answers {status}", had_no_effect=True) from None
    if status != 200:
        raise CallRefused(status, said)
    return answer


def seconds_from_now(seconds: float) -> Callable[[], float]:
    """Return a function that returns a fixed deadline, for `patiently`."""
    deadline = time.monotonic() + seconds
    return lambda: deadline


def patiently(
    call: Callable[[], T], deadline: Callable[[], float], *, only_without_effect: bool = False
) -> T:
    """Repeat a call until the deadline while charon is away; raise the last call's exception.

    `deadline` returns a time of the monotonic clock, and is asked again before each pause.
    """
    pause = FIRST_PAUSE_S
    while True:
        try:
            return call()
        except Away as away:
            is_final = only_without_effect and not away.had_no_effect
            if is_final or time.monotonic() + pause > deadline():
                raise
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)
