"""The suite that each kind of destination passes, against a real place on loopback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tallystick.contract.document import read_api
from tallystick.delivery import DeliverySelection, DeliveryState
from tallystick.delivery.destinations.destination_kind import DestinationKind, DestinationRefused
from tallystick.delivery.destinations.registry import list_kinds
from tallystick.events import Event

from .conftest import PLACES, SECRET, DestinationAdapter, Place

pytestmark = pytest.mark.anyio

DATA = b'{"message": "the disk is full", "host": "a.example"}'


async def deliver(world: Any, kind: DestinationKind, place: Place, data: bytes = DATA) -> Event:
    """Deliver an event to the place, as far as it goes now."""
    world.outbox.register_adapter("test", DestinationAdapter(kind, place.options))
    endpoint = kind.endpoint(place.options, "target-1")
    event: Event = await world.send_to_target("target-1", endpoint, data)
    await world.deliver()
    return event


def test_every_folder_is_a_kind_with_a_case_here_and_a_schema_in_the_contract() -> None:
    schema = read_api("gateway").content["components"]["schemas"]["GatewayDestination"]
    assert set(list_kinds()) == set(PLACES) == set(schema["discriminator"]["mapping"])


def test_no_kind_is_loaded_with_the_registry() -> None:
    source = Path(__file__).parents[3] / "src/tallystick/delivery/destinations/registry.py"
    assert not any(f"destinations.{kind}" in source.read_text() for kind in list_kinds())


async def test_an_event_arrives(small_world: Any, kind: DestinationKind, place: Place) -> None:
    kind.check_options(place.options)
    event = await deliver(small_world, kind, place)
    assert await small_world.states(event) == [DeliveryState.DONE]
    [arrived] = place.received()
    assert "the disk is full" in arrived
    assert "a.example" in arrived


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b'"\\ud800 and \\u0000"',
        b'{"\\ud800": "\\ud800\\u0000", "message": "\\ud800"}',
        b'{"n": 123456789012345678901234567890}',
        b"[" * 300 + b"]" * 300,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"message": "a\\r\\nBcc: someone@example.com\\r\\n\\r\\n.\\r\\n"}',
        b'"' + b"x" * 500_000 + b'"',
    ],
    ids=range(9),
)
async def test_whatever_an_event_has_in_it_it_is_told(
    small_world: Any, kind: DestinationKind, place: Place, data: bytes
) -> None:
    event = await deliver(small_world, kind, place, data)
    assert await small_world.states(event) == [DeliveryState.DONE]
    assert len(place.received()) == 1


async def test_a_place_that_refuses_is_tried_again(
    small_world: Any, kind: DestinationKind, place: Place
) -> None:
    place.refuse()
    event = await deliver(small_world, kind, place)
    delivery = await small_world.only(event)
    assert delivery.state == DeliveryState.PENDING
    assert await small_world.outcomes(event) == ["server_error"]
    assert delivery.detail
    await small_world.pass_time(6)
    assert await small_world.outcomes(event) == ["server_error"] * 2


async def test_a_place_that_is_away_is_tried_again(
    small_world: Any, kind: DestinationKind, place: Place
) -> None:
    await place.close()
    event = await deliver(small_world, kind, place)
    assert await small_world.states(event) == [DeliveryState.PENDING]
    assert await small_world.outcomes(event) == ["unreachable"]


async def test_no_secret_is_in_a_record_or_an_address(
    small_world: Any, kind: DestinationKind, place: Place
) -> None:
    await deliver(small_world, kind, place)
    await place.close()
    await deliver(small_world, kind, place)
    deliveries = await small_world.outbox.list_deliveries(DeliverySelection())
    attempts = await small_world.outbox.list_attempts([d.id for d in deliveries])
    assert len(attempts) == 2
    assert SECRET not in f"{deliveries} {attempts} {kind.shown_address(place.options)}"


async def test_options_that_can_t_work_are_refused(kind: DestinationKind, place: Place) -> None:
    for options in place.invalid:
        with pytest.raises(DestinationRefused) as refused:
            kind.check_options(options)
        assert refused.value.option in {*options, "url"}
        assert str(refused.value)
