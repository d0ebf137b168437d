"""Attempts are counted by kind, class of endpoint and outcome."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.delivery import AttemptOutcome, Delivery
from tallystick.delivery.attempt_counts import AttemptCounts
from tallystick.delivery.schedule import SCHEDULE_MS


def delivery(endpoint: str) -> Delivery:
    return Delivery(
        "1_gateway_a", "1", "gateway", "a", endpoint, 0, 0, "leased", 1, 1, 0, 0, "", 0, "", ""
    )


def test_an_endpoint_s_class_is_its_scheme() -> None:
    counts = AttemptCounts()
    for endpoint in ("https://a", "https://b", "smtp://c:25"):
        counts.add(delivery(endpoint), AttemptOutcome.TIMEOUT)
    attempts, lost, _ = counts.families()
    assert attempts.samples == {
        ("gateway", "https", "timeout"): 2,
        ("gateway", "smtp", "timeout"): 1,
    }
    assert lost.samples == {(): 0}


@pytest.mark.anyio
async def test_the_dispatcher_counts_its_attempts(world: Any, endpoint: Any) -> None:
    for path in ("/ok", "/500"):
        await world.send(endpoint.url + path)
    await world.dispatcher.settle()
    attempts, *_ = world.dispatcher.counts.families()
    assert attempts.samples == {
        ("test", "http", "delivered"): 1,
        ("test", "http", "server_error"): 1,
    }


@pytest.mark.anyio
async def test_the_dispatcher_counts_what_it_gives_up(world: Any, endpoint: Any) -> None:
    await world.send(endpoint.url + "/ok")
    await world.send(endpoint.url + "/500")
    await world.dispatcher.settle()
    assert world.dispatcher.counts.dead == 0
    for wait_ms in SCHEDULE_MS:
        await world.pass_time(wait_ms // 900 + 1)
    assert world.dispatcher.counts.dead == 1
