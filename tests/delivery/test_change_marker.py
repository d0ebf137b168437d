"""The marker of deliveries is another one after each change."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.delivery import DeliverySelection
from tallystick.delivery.change_marker import read_marker

pytestmark = pytest.mark.anyio


async def test_each_step_of_a_delivery_has_a_marker_of_its_own(world: Any, endpoint: Any) -> None:
    markers = [await world.database.read(read_marker)]
    assert await world.database.read(read_marker) == markers[0]
    for path in ("ok", "500"):
        await world.send(f"{endpoint.url}/{path}")
        markers.append(await world.database.read(read_marker))
        await world.deliver()
        markers.append(await world.database.read(read_marker))
    await world.outbox.cancel_deliveries(DeliverySelection())
    markers.append(await world.database.read(read_marker))
    assert len(set(markers)) == len(markers)
