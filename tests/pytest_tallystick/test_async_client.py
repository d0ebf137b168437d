"""A test that is a coroutine has the same calls, each to be awaited."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable

import pytest
import requests
from tallystick.pytest_tallystick import AsyncTallystick

from tallystick.mock.client import MockRefused, Tallystick

pytestmark = pytest.mark.anyio


async def test_every_call_is_there_and_is_awaited(
    mock: Tallystick, create: Callable[..., requests.Response]
) -> None:
    waiting = AsyncTallystick(mock)
    assert waiting.url == mock.url
    await waiting.fail_next("createEvent", 503)
    verified = asyncio.create_task(waiting.verify("createEvent", times=1, within="20s"))
    assert (await asyncio.to_thread(create)).status_code == 503
    assert [request.status for request in await verified] == [503]
    assert len(await waiting.requests()) == 1
    await waiting.reset()
    assert await waiting.search(operation="createEvent") == []
    with pytest.raises(MockRefused):
        await waiting.restore("none")


async def test_it_has_all_that_the_other_has() -> None:
    public = {name for name in vars(Tallystick) if not name.startswith("_")}
    missing = public - {name for name, _ in inspect.getmembers(AsyncTallystick)}
    assert missing == set()
