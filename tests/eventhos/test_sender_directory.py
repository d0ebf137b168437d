"""What is in force is read anew by as few reads as can be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from eventhos_world import World
from tallystick.apis.eventhos.sender_directory import SenderDirectory
from tallystick.apis.eventhos.tables import events
from tallystick.contract.exceptions import Unavailable


class Reads:
    """The world's database, as the registry reads it: counted, and away when told so."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.count = 0
        self.is_away = False

    async def read(self, function: Callable[[Any], Any]) -> Any:
        self.count += 1
        if self.is_away:
            raise Unavailable("The database is away.")
        return await self._world.database.read(function)


@pytest.fixture
def reads(world: World) -> Reads:
    return Reads(world)


@pytest.fixture
def directory(reads: Reads) -> SenderDirectory:
    return SenderDirectory(reads, dev=False)  # type: ignore[arg-type]  # it asks for nothing else


def test_many_who_ask_at_once_are_served_by_two_reads(
    world: World, reads: Reads, directory: SenderDirectory
) -> None:
    async def ask() -> None:
        await asyncio.gather(*(directory.load() for _ in range(20)))

    world.run(ask())
    # The first one began before the others asked, and might have missed what they know of.
    assert reads.count == 2
    assert directory.get_event_type("bomb") is not None


def test_who_waits_behind_a_read_that_fails_reads_again(
    world: World, reads: Reads, directory: SenderDirectory
) -> None:
    reads.is_away = True

    async def ask() -> list[Any]:
        return await asyncio.gather(*(directory.load() for _ in range(3)), return_exceptions=True)

    assert [type(problem) for problem in world.run(ask())] == [Unavailable] * 3
    reads.is_away = False
    world.change(events, name="other")
    world.run(directory.load())
    assert directory.get_event_type("bomb") is not None
