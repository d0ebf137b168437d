"""Long reads work one after the other, behind all other threads; a slow one holds up no other."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from store_rows import entry, names, put
from tallystick.events import EventLog
from tallystick.store import Database, long_readers
from tallystick.store.long_readers import LONGEST_REST_S, NICENESS, LongReaders

pytestmark = pytest.mark.anyio
WITHIN_S = 30
NEVER_S = 1e6


class Read:
    """A read that works until it is let go."""

    def __init__(self, threads: LongReaders) -> None:
        self.has_begun, self._may_end = threading.Event(), threading.Event()
        self.task = asyncio.create_task(threads.run(self._work))

    def _work(self) -> str:
        self.has_begun.set()
        assert self._may_end.wait(WITHIN_S)
        return threading.current_thread().name

    async def begins(self) -> None:
        assert await asyncio.to_thread(self.has_begun.wait, WITHIN_S)

    async def ends(self) -> str:
        self._may_end.set()
        return await self.task


@pytest.fixture
def threads() -> Iterator[LongReaders]:
    made = LongReaders(lambda: 0)
    yield made
    made.shutdown()


async def test_a_read_begins_when_the_one_before_it_has_ended(
    threads: LongReaders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_readers, "SLOW_S", NEVER_S)
    first, second = Read(threads), Read(threads)
    await first.begins()
    assert not second.has_begun.is_set()
    name = await first.ends()
    await second.begins()
    assert await second.ends() == name


async def test_a_slow_read_holds_up_no_other_and_two_hold_up_a_third(
    threads: LongReaders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_readers, "SLOW_S", 0.01)
    slow = Read(threads)
    await slow.begins()
    second, third = Read(threads), Read(threads)
    await second.begins()
    assert not third.has_begun.is_set()
    assert await slow.ends() != await second.ends()
    await third.begins()
    await third.ends()


async def test_a_read_that_is_cancelled_as_it_waits_never_begins(
    threads: LongReaders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_readers, "SLOW_S", NEVER_S)
    running, waiting, last = (Read(threads) for _ in range(3))
    await running.begins()
    waiting.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting.task
    await running.ends()
    await last.begins()
    await last.ends()
    assert not waiting.has_begun.is_set()


async def test_what_a_read_raises_reaches_its_caller_and_the_next_one_begins(
    threads: LongReaders,
) -> None:
    def fail() -> None:
        raise ValueError("no such row")

    with pytest.raises(ValueError, match="no such row"):
        await threads.run(fail)
    assert await threads.run(lambda: 1) == 1


@pytest.mark.parametrize(("took_s", "rests_s"), [(0.01, [0.03]), (7.0, [LONGEST_REST_S])])
async def test_a_thread_rests_after_a_read_beside_urgent_writes(
    took_s: float, rests_s: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    now_s, urgent = 0.0, 0

    def read(writes: int) -> None:
        nonlocal now_s, urgent
        now_s += took_s
        urgent += writes

    monkeypatch.setattr(long_readers, "monotonic", lambda: now_s)
    monkeypatch.setattr(long_readers, "sleep", rests.append)
    threads = LongReaders(lambda: urgent)
    await threads.run(lambda: read(0))
    await threads.run(lambda: read(2))
    await threads.run(lambda: read(0))
    await asyncio.to_thread(threads.shutdown)
    assert rests == pytest.approx(rests_s)


async def test_a_thread_rests_for_events_and_for_no_other_writes(
    database: Database, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    monkeypatch.setattr(long_readers, "sleep", rests.append)
    monkeypatch.setattr(long_readers, "SLOW_S", NEVER_S)

    async def read_beside(write: Callable[[], Awaitable[Any]]) -> int:
        has_begun, may_end = threading.Event(), threading.Event()

        def read(_connection: Connection) -> None:
            has_begun.set()
            assert may_end.wait(WITHIN_S)

        reading = asyncio.create_task(database.read_long(read))
        assert await asyncio.to_thread(has_begun.wait, WITHIN_S)
        writing = asyncio.ensure_future(write())
        await asyncio.wait({writing}, timeout=0.5)  # in memory it waits for the read
        may_end.set()
        await asyncio.gather(reading, writing)
        await database.read_long(names)  # begins when the rest, if any, is over
        return len(rests)

    assert await read_beside(lambda: database.write(lambda c: put(c, "a digest"))) == 0
    assert await read_beside(lambda: database.append(entry("an event"))) == 1
    assert await read_beside(lambda: log.write(lambda c: put(c, "another one"))) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux prefers one thread to another")
async def test_all_other_threads_go_before_a_long_read(threads: LongReaders) -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert await threads.run(niceness) == min(niceness() + NICENESS, 19)
    assert niceness() == await asyncio.to_thread(niceness)
