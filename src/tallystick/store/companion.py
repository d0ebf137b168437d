"""What a task stores in the transaction of its next write, such as the record of a change."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")


class Companion:
    """Something to store, in the same transaction as the first write of a task within a block."""

    def __init__(self, store: Callable[[Connection], object]) -> None:
        self._store = store
        self._task = asyncio.current_task()
        self.is_stored = False

    async def write(
        self,
        call: Callable[[Callable[[Connection], T]], Awaitable[T]],
        function: Callable[[Connection], T],
    ) -> T:
        """Return the result of a call of the function, and store this with it, once."""
        # A task that was started in the block may write for others.
        if self.is_stored or asyncio.current_task() is not self._task:
            return await call(function)
        result = await call(partial(self._write_both, function))
        self.is_stored = True
        return result

    @contextmanager
    def joining(self) -> Iterator[None]:
        """Let the writes of the block take it along."""
        token = COMPANION.set(self)
        try:
            yield
        finally:
            COMPANION.reset(token)

    def _write_both(self, function: Callable[[Connection], T], connection: Connection) -> T:
        result = function(connection)
        self._store(connection)
        return result


COMPANION: ContextVar[Companion | None] = ContextVar("companion", default=None)
"""What the next write of the task at hand takes along."""
