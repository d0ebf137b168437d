"""Resources of one kind are changed together, and everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from eventhos_endpoint import Endpoint
from eventhos_world import World
from tallystick.apis.eventhos.tables import contracts


def test_orders_are_changed_together_or_not_at_all(world: World, endpoint: Endpoint) -> None:
    world.open()
    first, second = (world.tie("bomb", endpoint.url) for _ in range(2))
    orders = [{"contractId": first, "order": 7}, {"contractId": second, "order": 5}]
    world.run(world.service.order_contracts(orders))
    assert _orders(world) == [7, 5]
    with pytest.raises(Exception, match="nothing at this address"):
        world.run(
            world.service.order_contracts(
                [{"contractId": first, "order": 1}, {"contractId": 9, "order": 1}]
            )
        )
    assert _orders(world) == [7, 5]


def _orders(world: World) -> list[int]:
    def found(connection: Any) -> list[int]:
        return list(connection.execute(contracts.select().order_by(contracts.c.id)).mappings())

    rows: Any = world.run(world.database.read(found))
    return [row["position"] for row in rows]
