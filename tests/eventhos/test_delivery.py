"""What a contract makes of an event: its run, in its place among the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eventhos_endpoint import Endpoint
from eventhos_world import World, short_live
from tallystick.apis.eventhos.exceptions import NotAbortable, NotRetryable


def test_groups_run_one_after_the_other(world: World, endpoint: Endpoint) -> None:
    endpoint.answers["/second"] = (500, b"")
    world.open()
    for order, path in ((2, "/third"), (0, "/first"), (1, "/second"), (1, "/beside")):
        world.tie("bomb", endpoint.url + path, order=order)
    world.send("bomb", short_live())
    world.deliver()
    assert [run["state"] for run in world.runs()] == ["done", "pending", "done", "waiting"]
    endpoint.answers["/second"] = (200, b"")
    world.deliver(6)
    assert [run["state"] for run in world.runs()] == ["done"] * 4
    assert (endpoint.calls[0].path, endpoint.calls[-1].path) == ("/first", "/third")


def test_what_a_contract_has_to_do_is_held_while_it_is_not_active(
    world: World, endpoint: Endpoint
) -> None:
    world.open()
    id_ = world.tie("bomb", endpoint.url)
    world.send("bomb", short_live())
    world.run(world.service.contracts.update_resource(id_, {"active": False}))
    world.deliver()
    [run] = world.runs()
    assert run["state"] == "held"
    world.run(world.service.contracts.update_resource(id_, {"active": True}))
    world.run(world.service.received.retry_contract(run["detailId"]))
    world.deliver()
    assert world.runs()[0]["state"] == "done"
    assert len(endpoint.calls) == 1


def test_an_endpoint_that_is_gone_is_called_again_once_its_action_is_changed(
    world: World, endpoint: Endpoint
) -> None:
    endpoint.answers["/"] = (410, b"")
    world.open()
    world.tie("bomb", endpoint.url + "/")
    for _ in range(2):
        world.send("bomb", short_live())
        world.deliver()
    assert len(endpoint.calls) == 1
    [action] = world.run(world.service.list_of_system(1, "actions"))
    world.run(world.service.actions.update_resource(action["id"], {"url": endpoint.url + "/new"}))
    world.send("bomb", short_live())
    world.deliver()
    assert world.runs()[0]["state"] == "done"


def test_a_contract_that_another_process_made_is_found(world: World, endpoint: Endpoint) -> None:
    world.open()
    world.tie("bomb", endpoint.url)
    world.send("bomb", short_live())
    world.service._directory._state = type(world.service._directory._state)()
    world.deliver()
    assert world.runs()[0]["state"] == "done"


def test_what_is_delivered_is_neither_run_again_nor_aborted(
    deliver: Callable[..., Any], world: World
) -> None:
    run = deliver()
    with pytest.raises(NotRetryable):
        world.run(world.service.received.retry_contract(run["detailId"]))
    with pytest.raises(NotAbortable):
        world.run(world.service.received.abort_contract(run["detailId"]))
