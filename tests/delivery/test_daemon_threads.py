from __future__ import annotations

import asyncio
from threading import Event, current_thread

import pytest

from tallystick.delivery.daemon_threads import DaemonThreads

pytestmark = pytest.mark.anyio


async def test_a_call_runs_in_a_thread_that_no_end_waits_for() -> None:
    made = await DaemonThreads(1).run(current_thread)
    assert made.daemon


async def test_the_exception_of_a_call_is_raised() -> None:
    def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        await DaemonThreads(1).run(fail)


async def test_a_call_that_was_abandoned_keeps_its_place_until_it_ends() -> None:
    threads, ended = DaemonThreads(1), Event()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(threads.run(ended.wait), 0.05)
    waiting = asyncio.create_task(threads.run(lambda: 2))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    ended.set()
    assert await waiting == 2
