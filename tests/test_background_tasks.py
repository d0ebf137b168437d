"""Tasks beside the calls end, also where a cancellation gets lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tallystick import background_tasks
from tallystick.background_tasks import end_tasks

pytestmark = pytest.mark.anyio


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


async def lose_a_cancellation() -> None:
    with suppress(asyncio.CancelledError):
        await wait_for_ever()
    await wait_for_ever()


async def fail() -> None:
    raise OSError


async def test_all_have_ended_but_those_that_never_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background_tasks, "AGAIN_S", 0.01)
    tasks = [asyncio.create_task(work()) for work in (wait_for_ever, lose_a_cancellation, fail)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end_tasks(None, *tasks)
    assert [task.cancelled() for task in tasks] == [True, True, False]
    assert isinstance(tasks[2].exception(), OSError)
