"""An event is received once its sender may send it, and is in the log."""

from __future__ import annotations

import pytest

from eventhos_world import World, short_live
from tallystick.apis.eventhos.exceptions import EventNotFound
from tallystick.apis.eventhos.tables import contracts, events, systems
from tallystick.contract.exceptions import Unauthenticated
from tallystick.events import EventSelection

RECEIVED = {"code": 200000, "message": "success"}
NO_CONTRACTS = {"code": 200310, "message": "Success, but no contracts exists for this event"}


def test_an_event_without_contracts_is_received_and_says_so(world: World) -> None:
    world.open()
    assert world.send("bomb", short_live()) == NO_CONTRACTS


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, RECEIVED),
        ({"active": False}, NO_CONTRACTS),
        ({"deleted": 1}, NO_CONTRACTS),
    ],
)
def test_only_active_contracts_count(
    world: World, change: dict[str, object], answer: dict[str, object]
) -> None:
    world.open()
    world.tie("bomb", "tallystick:sink")
    world.change(contracts, **(change or {"active": True}))
    world.open()
    assert world.send("bomb", short_live()) == answer


def test_a_sent_event_is_in_the_log(world: World) -> None:
    world.open()
    world.send("bomb", short_live(), b' {"n": 1.10}')
    [event], _ = world.run(world.log.list_events(EventSelection(api="eventhos")))
    assert (event.source, event.type, event.data) == ("/eventhos/plane", "bomb", b' {"n": 1.10}')


def test_an_unknown_or_deleted_event_does_not_exist(world: World) -> None:
    service = world.open()
    for identifier in ("", "BOMB", "bomb\n", "\0"):
        with pytest.raises(EventNotFound):
            service.find_event(identifier, {"sub": "bomber"})
    world.change(events, deleted=1)
    world.pass_seconds(1)
    with pytest.raises(EventNotFound):
        service.find_event("bomb", {"sub": "bomber"})


def test_an_event_of_a_deleted_system_does_not_exist(world: World) -> None:
    world.change(systems, deleted=1)
    with pytest.raises(EventNotFound):
        world.open().find_event("bomb", {"sub": "bomber"})


def test_an_event_of_anothers_system_is_not_for_this_token(world: World) -> None:
    service = world.open()
    with pytest.raises(Unauthenticated):
        service.find_event("bomb", {"sub": "somebody"})
