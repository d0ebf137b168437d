"""How often one credential may call, and one address send a bad one."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from tallystick.clock import Clock
from tallystick.contract.compiled import App
from tallystick.contract.exceptions import TooManyRequests, Unauthenticated
from tallystick.contract.security import Credential

MINUTE_MS = 60_000
MAX_COUNTED = 100_000
"""Callers and addresses that are counted in one minute; of others each is the first call."""

_address: ContextVar[str] = ContextVar("address", default="")


class RateLimit:
    """Lets each caller through `limit` times in each minute of the clock.

    An address may send as many bad credentials; then each is refused as one call too many, so that
    nobody can try on. Good ones from there are let through: others may share the address.
    """

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._minute = 0
        self._calls: dict[tuple[str, str], int] = {}

    def limited(self, credential: Credential) -> Credential:
        """The same credential function, which refuses a caller who calls too often."""

        async def authenticate(*asked: Any) -> Mapping[str, Any]:
            try:
                found = credential(*asked)
                caller = await found if inspect.isawaitable(found) else found
            except Unauthenticated:
                self._count("address", _address.get())
                raise
            self._count("caller", str(caller["sub"]))
            return caller

        return authenticate

    def _count(self, kind: str, name: str) -> None:
        now = self._clock.now_ms()
        if now // MINUTE_MS != self._minute:
            self._minute = now // MINUTE_MS
            self._calls.clear()
        calls = self._calls.get((kind, name), 0) + 1
        if calls > 1 or len(self._calls) < MAX_COUNTED:
            self._calls[kind, name] = calls
        if calls > self._limit:
            reset = (self._minute + 1) * MINUTE_MS
            retry_after = -((now - reset) // 1000)
            raise TooManyRequests(
                limit=self._limit, reset=reset / 1000, retry_after=max(1, retry_after)
            )


def with_address(app: App) -> App:
    """Return the application; a `RateLimit` in it knows the address of each request."""

    async def call(scope: Any, receive: Any, send: Any) -> None:
        client = scope.get("client")
        _address.set(client[0] if client else "")
        await app(scope, receive, send)

    return call
