"""A subscription may bring its events to another channel, each event once."""

from __future__ import annotations

import json
from itertools import pairwise, permutations

import pytest

from eventgrid_hook import Hook
from eventgrid_world import EventgridWorld, channel_target, http_target
from tallystick.apis.eventgrid.dev_world import CHANNEL, PROJECT


def test_another_channel_gets_the_event_and_delivers_it(world: EventgridWorld, hook: Hook) -> None:
    other = world.create_channel("other")
    world.subscribe_to(channel_target(other))
    world.subscribe_to(http_target(hook.url), other, "other")
    world.publish({"n": 1.50})
    world.wait()
    assert world.states() == ["done", "done"]
    [(_, body)] = hook.received
    assert json.loads(body) == {
        "specversion": "1.0",
        "id": "1",
        "source": "shop",
        "type": "t",
        "data": {"n": 1.5},
    }


@pytest.mark.parametrize("own", [{}, {"eventgridhops": -100}, {"eventgridhops": 100}])
def test_a_chain_of_channels_ends_after_five_hops_whatever_was_published(
    world: EventgridWorld, own: dict[str, int]
) -> None:
    names = [f"c{number}" for number in range(6)]
    channels = [CHANNEL, *map(world.create_channel, names)]
    for name, (channel, following) in zip(["shop", *names], pairwise(channels), strict=False):
        world.subscribe_to(channel_target(following), channel, name)
    world.publish(**own)
    for _ in range(8):
        world.wait()
    assert sorted(world.states()) == ["dead", *["done"] * 5]
    assert "it has passed through 5 channels already" in world.details()


@pytest.mark.parametrize("own", [{}, {"eventgridroot": "forged"}])
def test_an_event_reaches_each_of_its_channels_once(
    world: EventgridWorld, own: dict[str, str]
) -> None:
    named = {CHANNEL: "shop"} | {world.create_channel(name): name for name in ("a", "b", "c")}
    for channel, following in [*permutations(named, 2), *permutations(named, 2)][:18]:
        world.subscribe_to(channel_target(following), channel, named[channel])
    for number in (1, 2):
        world.publish(**own)
        for _ in range(8):
            world.wait()
        assert set(world.states()) == {"done"}
        assert world.reached() == dict.fromkeys(named, number)


def test_what_goes_to_a_channel_that_is_deleted_is_held(world: EventgridWorld) -> None:
    other = world.create_channel("other")
    world.subscribe_to(channel_target(other))
    world.run(world.service.delete_channel(PROJECT, other))
    world.publish()
    world.wait()
    assert (world.states(), world.details()) == (["held"], ["the target's channel is deleted"])
