"""Keys are rotated, and nobody gives themselves more of the gateway's scopes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway_world import GatewayWorld
from tallystick.apis.key_management import DevKey, KeyManagement
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Forbidden, NotFound
from tallystick.encryption import Encryptor

GATEWAY = read_api("gateway")


async def find_encryptor() -> Encryptor:
    return Encryptor(["a key of the tests"])


def run(work: Callable[[GatewayWorld, KeyManagement], Awaitable[None]]) -> None:
    """Run `work` in a world with a database in memory."""

    async def main() -> None:
        async with GatewayWorld("sqlite://") as world:
            made = KeyManagement(world.database, world.keys, world.clock, find_encryptor)
            await work(world, made)

    asyncio.run(main())


def test_a_rotated_key_is_valid_until_the_overlap_ends() -> None:
    async def work(world: GatewayWorld, management: KeyManagement) -> None:
        old, secret = await management.create_key(GATEWAY, name="ci", scopes=["events:read"])
        new, successor = await management.rotate_key(old.id, 60_000)
        assert (new.name, new.scopes, new.expires) == ("ci", old.scopes, None)
        assert world.keys.get_key("gateway", secret)
        world.clock.seconds += 60
        assert world.keys.get_key("gateway", secret) is None
        assert world.keys.get_key("gateway", successor) == new

    run(work)


def test_a_rotated_key_lives_as_long_as_the_old_one_was_to() -> None:
    async def work(world: GatewayWorld, management: KeyManagement) -> None:
        scopes = ["events:read"]
        old, _ = await management.create_key(GATEWAY, name="ci", scopes=scopes, expires="90d")
        world.clock.seconds += 86_400
        new, _ = await management.rotate_key(old.id, 0)
        assert old.expires
        assert new.expires == old.expires + 86_400_000
        with pytest.raises(NotFound):
            await management.rotate_key(old.id, 0)

    run(work)


@pytest.mark.parametrize("wanted", [["*"], ["events:read", "mock:write"]])
def test_nobody_makes_or_rotates_a_key_of_more_scopes(wanted: list[str]) -> None:
    async def work(_world: GatewayWorld, management: KeyManagement) -> None:
        own = ["events:read", "keys:write"]
        creator, _ = await management.create_key(GATEWAY, name="own", scopes=own)
        other, _ = await management.create_key(GATEWAY, name="other", scopes=wanted)
        with pytest.raises(Forbidden):
            await management.create_key(GATEWAY, name="more", scopes=wanted, creator=creator)
        with pytest.raises(Forbidden):
            await management.rotate_key(other.id, 0, creator=creator)
        await management.create_key(GATEWAY, name="less", scopes=own[:1], creator=creator)

    run(work)


def test_a_key_of_the_dev_world_stays() -> None:
    async def work(world: GatewayWorld, management: KeyManagement) -> None:
        key, _ = await world.keys.create_key("gateway", "dev", ["*"], secret="public")
        with pytest.raises(DevKey):
            await management.revoke_key(key.id)

    run(work)
