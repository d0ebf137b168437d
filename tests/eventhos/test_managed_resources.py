"""Each kind of resource has its members, and names others that have to be there."""

from __future__ import annotations

from typing import Any

import pytest

from eventhos_world import World
from tallystick.apis.eventhos.clients import ROWS as CLIENTS
from tallystick.apis.eventhos.exceptions import BadField, InUse
from tallystick.apis.eventhos.managed_resources import EVENTS, SYSTEMS, contract_resource
from tallystick.apis.eventhos.resource import Paging, Resource
from tallystick.contract.document import read_api

CONTRACT: dict[str, Any] = {
    "eventId": 1,
    "actionId": 1,
    "identifier": "c",
    "name": "c",
    "order": 0,
    "active": True,
    "mailRecipientsOnError": "",
}


CONTRACTS = contract_resource(numbers=False)


def write(world: World, function: Any, *arguments: Any) -> Any:
    return world.run(world.database.write(lambda connection: function(connection, *arguments)))


def test_a_contract_ties_an_event_to_an_action_and_keeps_both(world: World) -> None:
    world.open()
    id_ = world.tie("bomb", "tallystick:sink")
    [shown] = write(world, CONTRACTS.list_all)
    assert (shown["id"], shown["eventId"], shown["active"]) == (id_, 1, True)
    with pytest.raises(InUse):
        write(world, EVENTS.delete_row, shown["eventId"], 1)
    write(world, CONTRACTS.delete_row, id_, 1)
    write(world, EVENTS.delete_row, shown["eventId"], 2)


def test_each_contract_names_the_systems_of_its_own_event_and_action(world: World) -> None:
    world.open()
    world.tie("bomb", "tallystick:sink")
    other = {"systemClass": "hybrid", "type": "x", "identifier": "other", "name": "Other"}
    system = write(world, SYSTEMS.create_row, other, 1)
    event = {"system_id": system, "identifier": "e", "name": "e", "operation": "new"}
    tied = {"eventId": write(world, EVENTS.create_row, event, 1), "identifier": "d"}
    write(world, CONTRACTS.create_row, {**CONTRACT, **tied}, 1)
    first, second = write(world, CONTRACTS.list_all)
    assert (second["producerName"], second["consumerName"]) == ("Other", first["consumerName"])
    assert first["producerName"] != "Other"


@pytest.mark.parametrize("member", ["eventId", "actionId"])
def test_a_contract_of_nothing_is_refused_with_its_member(world: World, member: str) -> None:
    world.open()
    world.tie("bomb", "tallystick:sink")
    with pytest.raises(BadField, match=rf"^{member} is an unknown id"):
        write(world, CONTRACTS.create_row, {**CONTRACT, member: 99}, 1)


def test_what_a_contract_ties_stays_and_the_rest_changes(world: World) -> None:
    world.open()
    id_ = world.tie("bomb", "tallystick:sink")
    change = {"eventId": 99, "actionId": 99, "order": 7, "active": False}
    write(world, CONTRACTS.update_row, id_, change)
    [shown] = write(world, CONTRACTS.list_all)
    assert (shown["eventId"], shown["order"], shown["active"]) == (1, 7, False)


def test_a_system_stays_while_it_has_events(world: World) -> None:
    world.open()
    with pytest.raises(InUse):
        write(world, SYSTEMS.delete_row, 1, 1)
    write(world, EVENTS.delete_row, 1, 1)
    write(world, SYSTEMS.delete_row, 1, 2)


@pytest.mark.parametrize("resource", [SYSTEMS, EVENTS, CONTRACTS], ids=lambda r: r.table.name)
def test_every_member_has_a_column(resource: Resource) -> None:
    assert {field.column for field in resource._fields} <= set(resource.table.c.keys())


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        (SYSTEMS, "EventhosSystemSort"),
        (EVENTS, "EventhosEventSort"),
        (CONTRACTS, "EventhosContractSort"),
        (CLIENTS, "EventhosClientSort"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_list_is_sorted_by_each_word_that_the_contract_allows(
    world: World, resource: Resource, words: str
) -> None:
    for word in read_api("eventhos").schema(words)["enum"]:
        page = write(world, resource.list_page, Paging(0, 5, word, True))
        assert len(page["items"]) == page["totalItems"], word
