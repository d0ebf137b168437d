"""A name that stalls keeps none of the others waiting."""

from __future__ import annotations

import asyncio
import socket
from threading import Event
from typing import Any

import pytest

from tallystick.delivery import daemon_threads, dispatcher, resolver
from tallystick.delivery.resolver import NameResolver

pytestmark = pytest.mark.anyio


@pytest.fixture
def stalled(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the lookups of some names stall until the test ends."""
    ended = Event()

    def look_up(host: str, port: int, *_: object) -> Any:
        if host.startswith("stalled"):
            ended.wait(60)
        if host.startswith("unknown"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr("tallystick.delivery.resolver.socket.getaddrinfo", look_up)
    yield
    ended.set()


@pytest.mark.usefixtures("stalled")
async def test_a_name_is_looked_up_beside_many_that_stall() -> None:
    names = NameResolver()
    waiting = [asyncio.create_task(names.resolve(f"stalled{n}.example")) for n in range(100)]
    [found] = await names.resolve("known.example", 80)
    assert (found["host"], found["port"], found["family"]) == ("127.0.0.1", 80, socket.AF_INET)
    assert not any(task.done() for task in waiting)
    for task in waiting:
        task.cancel()


@pytest.mark.usefixtures("stalled")
async def test_a_name_that_is_not_known_raises() -> None:
    with pytest.raises(socket.gaierror, match="not known"):
        await NameResolver().resolve("unknown.example")


@pytest.mark.usefixtures("stalled")
async def test_a_lookup_for_which_nobody_waits_takes_a_place_until_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(resolver, "LOOKUPS", 1)
    names = NameResolver()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(names.resolve("stalled.example"), 0.05)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(names.resolve("known.example"), 0.05)


@pytest.mark.usefixtures("stalled")
async def test_a_lookup_that_no_thread_can_be_made_for_is_a_local_failure(
    small_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(daemon_threads, "Thread", fail)
    event = await small_world.send("http://known.example/")
    await small_world.deliver()
    assert await small_world.outcomes(event) == ["local"]


@pytest.mark.usefixtures("stalled")
async def test_a_healthy_name_is_served_beside_stalled_ones(
    small_world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "GRACE_S", 0)
    for number in range(20):
        await small_world.send(f"http://stalled{number}.example:{endpoint.port}/ok")
    healthy = await small_world.send(f"http://known.example:{endpoint.port}/ok")
    async with asyncio.timeout(30):
        while await small_world.states(healthy) != ["done"]:
            await asyncio.sleep(0.01)
    await small_world.dispatcher.close()
