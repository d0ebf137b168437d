"""Threads for blocking calls, each of which delays only its own caller."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class DaemonThreads:
    """A limited number of daemon threads, one for each call.

    The executor of an event loop has few threads, and the loop waits for them when it ends. A
    thread of this class that hangs keeps its place alone, and ends with the process.
    """

    def __init__(self, limit: int) -> None:
        """`limit` counts the calls at a time, including abandoned ones."""
        self._places = asyncio.Semaphore(limit)

    async def run(self, call: Callable[[], T]) -> T:
        """Return the result of a blocking call; raise its exception, or `OSError` without threads.

        A caller that is cancelled abandons the call.
        """
        await self._places.acquire()
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            Thread(target=self._run, args=(call, answer), daemon=True).start()
        except RuntimeError as error:
            self._places.release()
            raise OSError(errno.ENOMEM, str(error)) from None
        return await answer

    def _run(self, call: Callable[[], T], answer: asyncio.Future[T]) -> None:
        end: Callable[..., None]
        result: Any
        try:
            end, result = answer.set_result, call()
        except Exception as error:
            end, result = answer.set_exception, error
        with suppress(RuntimeError):  # the event loop is closed
            answer.get_loop().call_soon_threadsafe(self._end, answer, end, result)

    def _end(self, answer: asyncio.Future[T], end: Callable[..., None], result: Any) -> None:
        self._places.release()
        if not answer.done():  # it was not cancelled
            end(result)
