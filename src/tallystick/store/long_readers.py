"""The threads of long reads: one works, and a second one while the first is held up.

A thread rests after a read beside urgent writes for three times as long as the read took.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from time import monotonic, sleep
from typing import Any, TypeVar

T = TypeVar("T")

LONG_READERS = 2
"""The number of threads, and of connections that an engine opens for them beside the others."""

SLOW_S = 0.1
"""A read of more seconds than this holds up the others."""

RESTS = 3
"""How many times as long as its read a rest takes."""

LONGEST_REST_S = 0.05
"""The longest rest, in seconds: most of a longer read was a wait for writes."""

NICENESS = 10
"""How far they stand back: they get a tenth of what others get where all compete."""

NAME = "tallystick-long-reader"


class LongReaders:
    """Two threads for long reads, which all other threads go before.

    `urgent` returns another number after each write that somebody waits for.
    """

    def __init__(self, urgent: Callable[[], int]) -> None:
        self._urgent = urgent
        self._waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._first, self._second = (
            ThreadPoolExecutor(1, f"{NAME}-{number}", initializer=stand_back)
            for number in range(LONG_READERS)
        )
        self._since = 0.0
        """When the first thread began its read, or its rest."""

    async def run(self, read: Callable[[], T]) -> T:
        """Return the result of a read, in its turn; a cancelled one that waits never begins."""
        future: Future[T] = Future()
        self._waiting.append((future, read))
        self._first.submit(self._run_next, is_first=True)
        look = asyncio.create_task(self._look_after(future))
        try:
            return await asyncio.wrap_future(future)
        finally:
            look.cancel()

    async def _look_after(self, future: Future[Any]) -> None:
        """Let the second thread begin a read that waits behind a slow one."""
        while not (future.running() or future.done()):
            await asyncio.sleep(SLOW_S)
            if monotonic() - self._since >= SLOW_S:
                self._second.submit(self._run_next)
                return

    def _run_next(self, *, is_first: bool = False) -> None:
        with suppress(IndexError):  # the other thread may have begun the last one
            future, read = self._waiting.popleft()
            if is_first:
                self._since = monotonic()
            if future.set_running_or_notify_cancel():
                began, urgent = monotonic(), self._urgent()
                try:
                    future.set_result(read())
                except BaseException as error:
                    future.set_exception(error)
                if self._urgent() != urgent:
                    ended = monotonic()
                    if is_first:
                        self._since = ended
                    sleep(min(RESTS * (ended - began), LONGEST_REST_S))

    def shutdown(self) -> None:
        """Wait for the reads that have begun."""
        for threads in (self._first, self._second):
            threads.shutdown()


def stand_back() -> None:
    """Let the kernel prefer all other threads to this one, where it can do so for one thread."""
    if sys.platform == "linux":
        with suppress(OSError):  # a container may forbid it
            thread = threading.get_native_id()
            before = os.getpriority(os.PRIO_PROCESS, thread)
            os.setpriority(os.PRIO_PROCESS, thread, before + NICENESS)
