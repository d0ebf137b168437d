"""Calls name the addresses of RabbitMQ instances, and not without end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway_world import GatewayWorld
from tallystick.apis.gateway import rabbitmq_addresses
from tallystick.apis.gateway.exceptions import InstancesFull
from tallystick.apis.gateway.rabbitmq_addresses import RabbitmqAddresses

pytestmark = pytest.mark.anyio

ADDRESS = "amqp://127.0.0.1:5672"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["memory", "postgresql"])
async def addresses(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[RabbitmqAddresses]:
    monkeypatch.setattr(rabbitmq_addresses, "MOST", 2)
    is_memory = request.param == "memory"
    url = "sqlite://" if is_memory else request.getfixturevalue("postgres_url")
    async with GatewayWorld(url) as world:
        yield RabbitmqAddresses(world.context)


async def names(addresses: RabbitmqAddresses) -> list[str]:
    return [each["id"] for each in (await addresses.list_instances())["instances"]]


async def test_one_more_instance_than_may_be_is_refused_until_one_is_deleted(
    addresses: RabbitmqAddresses,
) -> None:
    for name in ("a", "b", "b"):
        await addresses.put_instance(name, ADDRESS)
    with pytest.raises(InstancesFull):
        await addresses.put_instance("c", ADDRESS)
    assert await names(addresses) == ["a", "b"]
    await addresses.delete_instance("a")
    await addresses.put_instance("c", ADDRESS)
    assert await names(addresses) == ["b", "c"]


async def test_calls_at_once_name_no_more_instances_than_may_be(
    addresses: RabbitmqAddresses,
) -> None:
    calls = [addresses.put_instance(name, ADDRESS) for name in "abcdef"]
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert len([end for end in ends if isinstance(end, InstancesFull)]) == 4
    assert len(await names(addresses)) == 2
