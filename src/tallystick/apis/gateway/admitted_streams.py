"""Ends a stream soon after the key or the session of its reader has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from contextvars import Context
from typing import Any

from tallystick.apis.gateway.sessions import GatewaySessions
from tallystick.contract.streaming import next_piece

INTERVAL_S = 1.0


class AdmittedStreams:
    """The streams of one process, whose readers are looked up once a second while there are any."""

    def __init__(self, sessions: GatewaySessions) -> None:
        self._sessions = sessions
        self._readers: dict[asyncio.Future[None], Mapping[str, Any]] = {}
        self._task: asyncio.Task[None] | None = None

    async def hold(
        self, pieces: AsyncGenerator[bytes, None], caller: Mapping[str, Any]
    ) -> AsyncGenerator[bytes, None]:
        """Yield each piece while the caller's credential is in force."""
        over = self._begin(caller)
        try:
            while (piece := await next_piece(pieces, over)) is not None:
                yield piece
        finally:
            self._end(over)
            await pieces.aclose()

    def _begin(self, caller: Mapping[str, Any]) -> asyncio.Future[None]:
        over = asyncio.get_running_loop().create_future()
        self._readers[over] = caller
        if self._task is None:
            # A new context: it goes on when the call that began it is over.
            self._task = asyncio.create_task(self._look(), context=Context())
        return over

    def _end(self, over: asyncio.Future[None]) -> None:
        del self._readers[over]
        if not self._readers and self._task:
            self._task.cancel()
            self._task = None

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_S)
            with suppress(Exception):  # the store has logged it; the next look tells
                await self._end_streams()

    async def _end_streams(self) -> None:
        readers = list(self._readers.items())
        in_force = await self._sessions.are_in_force([caller for _, caller in readers])
        for (over, _), is_in_force in zip(readers, in_force, strict=True):
            if not (is_in_force or over.done()):
                over.set_result(None)
