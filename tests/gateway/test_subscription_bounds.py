"""All subscriptions together have a bound, whoever makes them and wherever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway_world import GatewayWorld
from tallystick.apis.gateway import subscription_bounds
from tallystick.apis.gateway.exceptions import SubscriptionsFull

pytestmark = pytest.mark.anyio

SINK = "http://127.0.0.1:9/"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["memory", "postgresql"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[GatewayWorld]:
    is_memory = request.param == "memory"
    url = "sqlite://" if is_memory else request.getfixturevalue("postgres_url")
    async with GatewayWorld(url) as made:
        yield made


def allow(monkeypatch: pytest.MonkeyPatch, **most: int) -> None:
    wanted = {name.replace("_", " "): number for name, number in most.items()}
    monkeypatch.setattr(subscription_bounds, "MOST", {**subscription_bounds.MOST, **wanted})


async def listed(world: GatewayWorld) -> list[str]:
    page = await world.subscriptions.list_subscriptions(1000, None)
    return [subscription["id"] for subscription in page["subscriptions"]]


async def test_one_more_than_there_may_be_is_refused_until_one_is_deleted(
    world: GatewayWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, subscriptions=2)
    made = [await world.subscribe(SINK) for _ in range(2)]
    with pytest.raises(
        SubscriptionsFull, match=r"^There are at most 2 subscriptions: delete one first\.$"
    ):
        await world.subscribe(SINK)
    assert sorted(await listed(world)) == sorted(made)
    await world.subscriptions.delete_subscription(made[0])
    await world.subscribe(SINK)


async def test_two_processes_at_once_make_no_more_than_there_may_be(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    allow(monkeypatch, subscriptions=3)
    async with GatewayWorld(postgres_url) as one, GatewayWorld(postgres_url, one.clock) as other:
        calls = [world.subscribe(SINK) for _ in range(4) for world in (one, other)]
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert len([end for end in ends if isinstance(end, SubscriptionsFull)]) == 5
        assert len([end for end in ends if isinstance(end, str)]) == 3


@pytest.mark.parametrize(
    ("most", "measure"),
    [
        ({"bytes_of_filters": 1_000}, "1,000 bytes of filters together"),
        ({"bytes": 2_000}, "2,000 bytes together"),
    ],
    ids=["filters", "all"],
)
async def test_long_ones_are_refused_and_those_that_are_there_may_get_shorter(
    world: GatewayWorld,
    monkeypatch: pytest.MonkeyPatch,
    most: dict[str, int],
    measure: str,
) -> None:
    # Two bytes each in UTF-8.
    long: dict[str, Any] = {"sink": SINK, "filters": [{"exact": {"type": "é" * 1_000}}]}
    made = await world.subscriptions.create_subscription(long)
    allow(monkeypatch, **most)
    with pytest.raises(SubscriptionsFull, match=f"^Subscriptions have at most {measure}: "):
        await world.subscriptions.create_subscription(long)
    longer = {**long, "filters": [{"exact": {"type": "é" * 1_001}}]}
    with pytest.raises(SubscriptionsFull):
        await world.subscriptions.replace_subscription(made["id"], longer)
    shown = await world.subscriptions.get_subscription(made["id"])
    assert shown["filters"] == long["filters"]
    shorter = {**long, "filters": [{"exact": {"type": "é" * 999}}], "active": False}
    await world.subscriptions.replace_subscription(made["id"], shorter)


async def test_pages_follow_each_other_though_the_end_of_one_is_deleted(
    world: GatewayWorld,
) -> None:
    made = []
    for n in range(5):  # the last two within a millisecond
        made.append(await world.subscribe(SINK))
        world.clock.seconds += int(n < 3)
    found, cursor = [], None
    while True:
        page = await world.subscriptions.list_subscriptions(2, cursor)
        found += [subscription["id"] for subscription in page["subscriptions"]]
        cursor = page["next"]
        if cursor is None:
            break
        if len(found) == 2:
            await world.subscriptions.delete_subscription(found[-1])
    assert len(found) == 5
    assert sorted(found[:2]) == sorted(made[3:])
    assert found[2:] == made[2::-1]
