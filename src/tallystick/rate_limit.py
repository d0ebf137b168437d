"""Limits calls per credential, and bad credentials per address."""

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
"""The most callers and addresses counted in a minute; each call of another counts as its first."""

_address: ContextVar[str] = ContextVar("address", default="")


class RateLimit:
    """A limit of `limit` calls by each caller in each minute of the clock.

    An address may send as many bad credentials a minute. Then each bad one is refused as too many
    requests, so guessing is slow; good ones still pass, because others may share the address.
    """

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._minute = 0
        self._calls: dict[tuple[str, str], int] = {}

    def limited(self, credential: Credential) -> Credential:
        """Return the credential function with the limit: it raises `TooManyRequests`."""

        async def authenticate(*asked: Any) -> Mapping[str, Any]:
            try:
                found = credential(*asked)
                caller = await found if inspect.isawaitable(found) else found
            except Unauthenticated:
                self.count_bad_credential()
                raise
            self._count("caller", str(caller["sub"]))
            return caller

        return authenticate

    def count_bad_credential(self) -> None:
        """Count one for the address of the request at hand; raise `TooManyRequests`."""
        self._count("address", _address.get())

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
    """Return the application with each request's address known to a `RateLimit` inside it."""

    async def call(scope: Any, receive: Any, send: Any) -> None:
        client = scope.get("client")
        _address.set(client[0] if client else "")
        await app(scope, receive, send)

    return call
