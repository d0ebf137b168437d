"""Deliveries of all APIs are listed, shown and made again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from manual_clock import ManualClock
from stored import Stored
from tallystick.apis.gateway import deliveries
from tallystick.contract.exceptions import NotFound
from tallystick.delivery import Addresses, DeliverySelection, Outbox, Sender
from tallystick.delivery.tables import attempts
from tallystick.delivery.tables import deliveries as table

NOON = 1_767_268_800_000
EVERYTHING = DeliverySelection()


@pytest.fixture
def outbox(stored: Stored) -> Iterator[Outbox]:
    made = Outbox(stored.database, ManualClock(NOON // 1_000), Sender(Addresses(())))
    yield made
    stored.run(made.sender.close())


def put(connection: Connection, event: str, state: str = "pending", target: str = "t") -> str:
    """Keep a delivery, and return its id."""
    id_ = f"{event}_gateway_{target}"
    row = {"id": id_, "event_id": event, "kind": "gateway", "target": target, "position": 0}
    row |= {"endpoint": "http://h", "followed": 0, "state": state, "attempts": 0, "tries": 0}
    row |= {"retried": 0, "due": NOON, "owner": "", "until": 0, "detail": ""}
    connection.execute(insert(table).values(row))
    return id_


def replayed(stored: Stored, outbox: Outbox, **body: Any) -> int:
    return stored.run(deliveries.replay_deliveries(outbox, body))


def states(stored: Stored, outbox: Outbox) -> list[str]:
    found = stored.run(deliveries.list_deliveries(outbox, EVERYTHING, 10, None))
    return [delivery["state"] for delivery in found["deliveries"]]


def test_the_newest_comes_first_page_by_page(stored: Stored, outbox: Outbox) -> None:
    ids = [stored.write(put, f"e{n}") for n in range(3)]
    first = stored.run(deliveries.list_deliveries(outbox, EVERYTHING, 2, None))
    assert [delivery["id"] for delivery in first["deliveries"]] == [ids[2], ids[1]]
    second = stored.run(deliveries.list_deliveries(outbox, EVERYTHING, 2, first["next"]))
    assert [delivery["id"] for delivery in second["deliveries"]] == [ids[0]]
    assert second["next"] is None


def test_only_what_is_pending_is_due(stored: Stored, outbox: Outbox) -> None:
    stored.write(put, "e1", "done")
    stored.write(put, "e2")
    found = stored.run(deliveries.list_deliveries(outbox, EVERYTHING, 10, None))
    assert [delivery["due"] for delivery in found["deliveries"]] == [
        "2026-01-01T12:00:00.000Z",
        None,
    ]


def test_one_is_shown_with_its_attempts(stored: Stored, outbox: Outbox) -> None:
    id_ = stored.write(put, "e1", "done")
    row = {"delivery_id": id_, "number": 1, "started": NOON, "ended": NOON + 5}
    row |= {"outcome": "delivered", "status": 204, "record": json.dumps({"request": {"a": 1}})}
    stored.write(lambda connection: connection.execute(insert(attempts).values(row)))
    shown = stored.run(deliveries.get_delivery(outbox, id_))
    assert (shown["id"], shown["api"], shown["target"]) == (id_, "gateway", "t")
    assert shown["attemptList"] == [
        {
            "number": 1,
            "started": "2026-01-01T12:00:00.000Z",
            "ended": "2026-01-01T12:00:00.005Z",
            "outcome": "delivered",
            "status": 204,
            "record": {"request": {"a": 1}},
        }
    ]


def test_one_that_is_not_there_is_not_found(stored: Stored, outbox: Outbox) -> None:
    with pytest.raises(NotFound, match="No delivery has this id"):
        stored.run(deliveries.get_delivery(outbox, "none"))


def test_unless_named_only_what_did_not_arrive_is_delivered_again(
    stored: Stored, outbox: Outbox
) -> None:
    for number, state in enumerate(("done", "dead", "held", "cancelled")):
        stored.write(put, f"e{number}", state)
    assert replayed(stored, outbox, target="t") == 2
    assert states(stored, outbox) == ["cancelled", "pending", "pending", "done"]


@pytest.mark.parametrize(
    "body",
    [{"ids": ["e1_gateway_t"]}, {"event": "e1"}, {"states": ["done"], "api": "gateway"}],
    ids=["ids", "event", "states"],
)
def test_what_is_named_is_delivered_again_whatever_became_of_it(
    stored: Stored, outbox: Outbox, body: dict[str, Any]
) -> None:
    stored.write(put, "e1", "done")
    stored.write(put, "e2", "dead")
    assert replayed(stored, outbox, **body) == 1
    assert states(stored, outbox) == ["dead", "pending"]


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ({"endpoint": "http://h"}, 1),
        ({"endpoint": "http://other"}, 0),
        ({"target": "other"}, 0),
        ({"api": "eventhos"}, 0),
        ({"from": "2026-01-01", "to": "2026-01-02"}, 0),
    ],
)
def test_all_that_is_given_must_match(
    stored: Stored, outbox: Outbox, body: dict[str, str], count: int
) -> None:
    # An id of version 7 tells its time: this one is none of that day.
    stored.write(put, "0", "dead")
    assert replayed(stored, outbox, **body) == count


def test_the_counts_tell_of_the_oldest_pending_delivery(stored: Stored, outbox: Outbox) -> None:
    event = "019b796d-d600-7000-8000-000000000000"
    assert stored.run(deliveries.count_deliveries(outbox, EVERYTHING)) == {
        "counts": [],
        "complete": True,
    }
    stored.write(put, event)
    stored.write(put, event, "dead", "other")
    assert stored.run(deliveries.count_deliveries(outbox, EVERYTHING)) == {
        "counts": [{"state": "pending", "count": 1}, {"state": "dead", "count": 1}],
        "oldest_pending": "2026-01-01T12:00:00.000Z",
        "complete": True,
    }


def test_a_dry_run_counts_what_a_replay_takes_and_changes_nothing(
    stored: Stored, outbox: Outbox
) -> None:
    for number, state in enumerate(["dead", "held", "done", "leased", "pending"]):
        stored.write(put, f"e{number}", state)
    before = states(stored, outbox)
    assert replayed(stored, outbox, api="gateway", dry_run=True) == 2
    assert replayed(stored, outbox, api="gateway", states=["done"], dry_run=True) == 1
    assert replayed(stored, outbox, event="e3", dry_run=True) == 0
    assert states(stored, outbox) == before
    assert replayed(stored, outbox, api="gateway", dry_run=False) == 2
    assert states(stored, outbox) != before
