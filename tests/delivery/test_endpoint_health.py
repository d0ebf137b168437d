"""Endpoints are told with their counts, their last success and their last failure."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.delivery import endpoint_health

pytestmark = pytest.mark.anyio


async def test_an_endpoint_is_told_with_its_last_success_and_failure(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await world.outbox.list_endpoints() == ([], True)
    await world.send(f"{endpoint.url}/ok")
    await world.deliver()
    success_ms = world.clock.now_ms()
    world.clock.seconds += 10
    await world.send(f"{endpoint.url}/500")
    await world.deliver()
    [health], is_complete = await world.outbox.list_endpoints()
    assert (health.endpoint, health.kind, is_complete) == (endpoint.url, "test", True)
    assert (health.counts, health.state) == ({"done": 1, "pending": 1}, "resting")
    assert health.last_success == success_ms
    assert health.last_failure == (world.clock.now_ms(), "server_error", 500)
    monkeypatch.setattr(endpoint_health, "SCANNED_ROWS", 1)
    [health], is_complete = await world.outbox.list_endpoints()
    assert (health.counts, is_complete) == ({"pending": 1}, False)


async def test_an_endpoint_that_is_gone_is_off(world: Any, endpoint: Any) -> None:
    await world.send(f"{endpoint.url}/410")
    await world.deliver()
    [health], _ = await world.outbox.list_endpoints()
    assert health.state == "off"


async def test_endpoints_of_another_day_are_left_out(world: Any, endpoint: Any) -> None:
    await world.send(f"{endpoint.url}/ok")
    world.clock.seconds += 2 * 86_400
    assert await world.outbox.list_endpoints() == ([], True)
