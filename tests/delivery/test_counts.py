"""Counts of deliveries by state, on every kind of database."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from manual_clock import ManualClock
from store.conftest import database
from tallystick.delivery import (
    Addresses,
    DeliverySelection,
    DeliveryState,
    Outbox,
    Sender,
    counts,
    delivery_id,
)
from tallystick.delivery.tables import deliveries
from tallystick.events.ids import Ids
from tallystick.store import Database

__all__ = ["database"]

pytestmark = pytest.mark.anyio

NINE_MS = 1_764_061_200_000
EVERYTHING = DeliverySelection()


@pytest.fixture
def outbox(database: Database) -> Outbox:  # pytest's way to name a fixture
    return Outbox(database, ManualClock(NINE_MS // 1_000), Sender(Addresses(())))


async def put(outbox: Outbox, *states: str, ms: int = NINE_MS, endpoint: str = "http://a") -> None:
    """Keep a delivery of each state."""
    new = Ids().new
    rows: list[dict[str, Any]] = []
    for state in states:
        event = new(ms)
        rows.append(
            {
                "id": delivery_id(event, "gateway", "t"),
                "event_id": event,
                "kind": "gateway",
                "target": "t",
                "endpoint": endpoint,
                "state": state,
                "due": ms,
                "owner": "",
                "detail": "",
            }
            | dict.fromkeys(("position", "followed", "attempts", "tries", "retried", "until"), 0)
        )
    await outbox._database.write(lambda c: c.execute(insert(deliveries), rows))


async def test_the_deliveries_of_each_state_are_counted(outbox: Outbox) -> None:
    await put(outbox, *["done"] * 3, "dead", "dead", "held", "leased", "pending", "waiting")
    await put(outbox, "pending", "cancelled", ms=NINE_MS + 5)
    assert await outbox.count_deliveries(EVERYTHING) == (
        {"waiting": 1, "pending": 2, "leased": 1, "done": 3, "dead": 2, "held": 1, "cancelled": 1},
        NINE_MS,
        True,
    )


async def test_only_selected_deliveries_are_counted(outbox: Outbox) -> None:
    await put(outbox, "done", "dead", "pending")
    await put(outbox, "dead", "pending", ms=NINE_MS + 5, endpoint="http://b")
    there = DeliverySelection(endpoint="http://b")
    assert await outbox.count_deliveries(there) == ({"pending": 1, "dead": 1}, NINE_MS + 5, True)
    before = DeliverySelection(to_ms=NINE_MS + 5, kind="gateway", target="t")
    found = ({"pending": 1, "done": 1, "dead": 1}, NINE_MS, True)
    assert await outbox.count_deliveries(before) == found
    dead = DeliverySelection(states=frozenset({DeliveryState.DEAD}))
    assert await outbox.count_deliveries(dead) == ({"dead": 2}, None, True)
    assert await outbox.count_deliveries(DeliverySelection(kind="other")) == ({}, None, True)


async def test_old_dead_deliveries_are_counted_where_newer_ones_hide_old_done_ones(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "COUNTED_ROWS", 2)
    await put(outbox, "dead", "done")
    assert await outbox.count_deliveries(EVERYTHING) == ({"done": 1, "dead": 1}, None, True)
    await put(outbox, "cancelled", "cancelled", "cancelled", ms=NINE_MS + 5)
    counted, _, is_complete = await outbox.count_deliveries(EVERYTHING)
    assert (counted[DeliveryState.DEAD], is_complete) == (1, False)
    assert DeliveryState.DONE not in counted
