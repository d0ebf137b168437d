"""A client of charon's API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar
from urllib.parse import quote

import aiohttp

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
    """A client of the API at a URL; every call raises `Away` or `CallRefused`."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"X-API-KEY": key}
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=CALL_S)
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def can_start(self, slug: str) -> CanStart:
        """Return the cron's id, and whether it may start."""
        answer = await self._call("GET", f"{quote(slug, safe='')}/can-start")
        return CanStart(answer["id"], answer["canStart"])

    async def start_execution(self, cron_id: int) -> int:
        """Start an execution and return its id."""
        return int((await self._call("GET", f"{cron_id}/start"))["id"])

    async def send_message(self, execution_id: int, type_: str, message: str) -> None:
        """Add a message to an execution."""
        await self._call("POST", f"{execution_id}/message", {"message": message, "type": type_})

    async def end_execution(self, execution_id: int, message: str, *, success: bool) -> None:
        """End an execution."""
        body = {"message": message, "type": "success" if success else "error", "success": success}
        await self._call("POST", f"{execution_id}/end", body)

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self._url}/api/{path}"
        try:
            async with self._session.request(
                method, url, json=body, allow_redirects=False
            ) as response:
                return await _answer(response)
        except aiohttp.ClientConnectorError as error:
            raise Away(f"can't reach {self._url}: {error.strerror}", had_no_effect=True) from error
        except aiohttp.InvalidURL as error:
            raise Away(f"{self._url} is not a URL", had_no_effect=True) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise Away(f"{self._url}: {reason}", had_no_effect=False) from error


async def _answer(response: aiohttp.ClientResponse) -> Any:
    status = response.status
    if status >= 500 or status == _THROTTLED:
        took_nothing = status in {_THROTTLED, _UNAVAILABLE}
        raise Away(f"charon answers {status} {response.reason}", had_no_effect=took_nothing)
    try:
        answer = await response.json(content_type=None)
        said = answer["message"] if status != 200 else ""
    except (ValueError, KeyError, TypeError):
        raise Away(f"the server is not charon: it answers {status}", had_no_effect=True) from None
    if status != 200:
        raise CallRefused(status, said)
    return answer


async def patiently(
    call: Callable[[], Awaitable[T]], seconds: float, *, only_without_effect: bool = False
) -> T:
    """Repeat a call for up to `seconds` while charon is away; raise the last call's exception."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    pause = FIRST_PAUSE_S
    while True:
        try:
            return await call()
        except Away as away:
            is_final = only_without_effect and not away.had_no_effect
            if is_final or loop.time() + pause > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_S)
