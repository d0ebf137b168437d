"""Both databases find the events of a state by the runs of contracts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from manual_clock import ManualClock
from tallystick.apis.eventhos import tables
from tallystick.apis.eventhos.received_runs import RunSearch
from tallystick.apis.eventhos.resource import Paging
from tallystick.delivery import DeliveryState, Destination, Outbox, Sender
from tallystick.delivery.addresses import LOOPBACK, Addresses
from tallystick.events import Event
from tallystick.events.ids import lowest_id
from tallystick.events.spans import Span
from tallystick.store import Database
from tallystick.store.partitions import NO_END
from tallystick.store.tables import events

pytestmark = pytest.mark.anyio

EVENTS = 40
KINDS = {"bomb": ["1", "2"], "plane": ["3"]}
"""Kind of event → its contracts."""

DONE, DEAD = DeliveryState.DONE, DeliveryState.DEAD
ALL = Span("", NO_END)


def id_of(number: int) -> str:
    return lowest_id(1_000 + number)


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A database of events, every fourth a plane, whose runs are done; one bomb's are dead."""
    is_sqlite = request.param == "sqlite"
    made = Database("sqlite://" if is_sqlite else request.getfixturevalue("postgres_url"))
    await made.open()
    outbox = Outbox(made, ManualClock(), Sender(Addresses(LOOPBACK)))
    await made.write(lambda connection: fill(connection, outbox))
    yield made
    await outbox.sender.close()
    await made.close()


def fill(connection: Connection, outbox: Outbox) -> None:
    texts = {"name": "", "description": "", "created": 0}
    system = {"system_class": "producer", "identifier": "s", "type": "", **texts}
    connection.execute(insert(tables.systems), [{"id": 1, **system}])
    for event_id, (kind, targets) in enumerate(KINDS.items(), 1):
        row = {"id": event_id, "system_id": 1, "identifier": kind, "operation": "new", **texts}
        connection.execute(insert(tables.events), row)
        for target in targets:
            own = {"id": int(target), "event_id": event_id, "identifier": target, "position": 0}
            own |= {"active": True, "mail_recipients_on_error": "", **texts}
            connection.execute(insert(tables.contracts), own)
    for number in range(EVENTS):
        kind = "bomb" if number % 4 else "plane"
        event = Event(id_of(number), "eventhos", "/s", kind, "", 1_000 + number, b"1", "{}")
        connection.execute(insert(events), event._asdict())
        ties = [Destination(target, "") for target in KINDS[kind]]
        state = DEAD if number == 7 else DONE
        for table, run in outbox.build_deliveries(event, "eventhos", ties):
            row = dict(zip(table.c.keys(), run, strict=True)) | {"state": state.value}
            connection.execute(insert(table), row)


async def found(
    database: Database, states: list[DeliveryState], kind: str | None, bounds: Span, paging: Paging
) -> tuple[Any, int, int]:
    """Return the numbers of a page's events, and their count up to a high and a low limit."""
    types = select(tables.events.c.identifier).where(tables.events.c.identifier == kind)

    def find(connection: Connection) -> tuple[Any, int, int]:
        search = RunSearch(connection, states, types if kind else None, bounds)
        return search.list_ids(paging), search.count(100), search.count(5)

    ids, many, few = await database.read(find)
    numbers = {id_of(number): number for number in range(EVENTS)}
    return [numbers[id_] for id_ in ids], many, few


async def test_a_page_has_the_first_events_of_a_state_once_each(database: Database) -> None:
    newest, oldest = Paging(0, 3, "id", True), Paging(1, 3, "id", False)
    assert await found(database, [DONE], None, ALL, newest) == ([39, 38, 37, 36], 39, 5)
    assert await found(database, [DONE], None, ALL, oldest) == ([3, 4, 5, 6], 39, 5)
    assert await found(database, [DONE], "plane", ALL, oldest) == ([12, 16, 20, 24], 10, 5)
    assert await found(database, [DONE], "bomb", ALL, oldest) == ([5, 6, 9, 10], 29, 5)
    assert await found(database, [DONE, DEAD], "bomb", ALL, oldest) == ([5, 6, 7, 9], 30, 5)


async def test_none_of_a_kind_may_be_in_a_state(database: Database) -> None:
    paging = Paging(0, 3, "id", True)
    assert await found(database, [DEAD], "bomb", ALL, paging) == ([7], 1, 1)
    assert await found(database, [DEAD], "plane", ALL, paging) == ([], 0, 0)
    assert await found(database, [DONE], "train", ALL, paging) == ([], 0, 0)


async def test_a_span_of_time_has_its_own_runs_alone(database: Database) -> None:
    bounds = Span(id_of(4), id_of(9))
    assert await found(database, [DONE], "plane", bounds, Paging(0, 3, "id", False)) == (
        [4, 8],
        2,
        2,
    )


async def test_runs_of_deleted_events_are_left_out(database: Database) -> None:
    await database.write(lambda c: c.execute(events.delete().where(events.c.id < id_of(36))))
    paging = Paging(0, 5, "id", False)
    assert await found(database, [DONE], None, ALL, paging) == ([36, 37, 38, 39], 4, 4)
    await database.write(lambda c: c.execute(events.delete()))
    assert await found(database, [DONE], None, ALL, paging) == ([], 0, 0)


async def test_contracts_without_a_run_hide_none_from_the_number(database: Database) -> None:
    def count(connection: Connection) -> int:
        others = [DeliveryState.HELD, DeliveryState.WAITING, DeliveryState.LEASED]
        return RunSearch(connection, [*others, DEAD], None, ALL).count(1)

    assert await database.read(count) == 1
