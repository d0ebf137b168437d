"""How often one credential may call."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from tallystick.clock import Clock
from tallystick.contract.exceptions import TooManyRequests
from tallystick.contract.security import Credential

MINUTE_MS = 60_000


class RateLimit:
    """Lets each caller through `limit` times in each minute of the clock."""

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._minute = 0
        self._calls: dict[str, int] = {}

    def limited(self, credential: Credential) -> Credential:
        """The same credential function, which refuses a caller who calls too often."""

        async def authenticate(*asked: Any) -> Mapping[str, Any]:
            found = credential(*asked)
            caller = await found if inspect.isawaitable(found) else found
            self._count(str(caller["sub"]))
            return caller

        return authenticate

    def _count(self, caller: str) -> None:
        now = self._clock.now_ms()
        if now // MINUTE_MS != self._minute:
            self._minute = now // MINUTE_MS
            self._calls.clear()
        self._calls[caller] = calls = self._calls.get(caller, 0) + 1
        if calls > self._limit:
            reset = (self._minute + 1) * MINUTE_MS
            retry_after = -((now - reset) // 1000)
            raise TooManyRequests(
                limit=self._limit, reset=reset / 1000, retry_after=max(1, retry_after)
            )
