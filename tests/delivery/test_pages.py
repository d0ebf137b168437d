"""A page of deliveries looks at a bounded number of them, on every kind of database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from noted_statements import noted_statements
from store.conftest import database, lasting_url
from tallystick.delivery import DeliverySelection, DeliveryState, delivery_id, pages
from tallystick.delivery.pages import DeliveryPage, read_page
from tallystick.delivery.tables import deliveries
from tallystick.events.ids import derived_id
from tallystick.store import Database

__all__ = ["database", "lasting_url"]

pytestmark = pytest.mark.anyio

NINE_MS = 1_764_061_200_000
LIMIT = 5
SCANNED = 50
MANY = 500
STEPS_A_ROW = 100
"""More than SQLite's instructions for a row of these statements."""


@pytest.fixture(autouse=True)
def scanned_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "SCANNED_ROWS", SCANNED)


def row(number: int, state: str, target: str) -> dict[str, Any]:
    event = derived_id(NINE_MS + number, str(number).encode())
    names = ("position", "followed", "attempts", "tries", "retried", "until")
    return dict.fromkeys(names, 0) | {
        "id": delivery_id(event, "gateway", target), "event_id": event, "kind": "gateway",
        "target": target, "endpoint": f"http://{target}", "state": state, "due": NINE_MS,
        "owner": "", "detail": "",
    }  # fmt: skip


@pytest.fixture
def url(lasting_url: str) -> str:
    """Return the URL of an empty database in a file or a server."""
    return lasting_url


async def fill(database: Database) -> dict[str, list[str]]:
    """Store many deliveries of each state, the oldest of each to a rare target.

    Return their ids by state, the newest first.
    """
    states = [state.value for state in DeliveryState]
    numbers = range(MANY * len(states))
    rows = [row(n, states[n % len(states)], "a" if n >= len(states) else "rare") for n in numbers]
    await database.write(lambda c: c.execute(insert(deliveries), rows).rowcount)
    return {s: [each["id"] for each in reversed(rows) if each["state"] == s] for s in states}


def selected(state: str, **more: Any) -> DeliverySelection:
    return DeliverySelection(states=frozenset({DeliveryState(state)}), **more)


async def test_a_page_of_a_state_reads_what_it_shows(database: Database) -> None:
    for state, ids in (await fill(database)).items():
        for before, expected in ((None, ids[:LIMIT]), (ids[399], ids[400 : 400 + LIMIT])):
            page, looked_at = await measured(database, selected(state), before)
            assert [delivery.id for delivery in page.deliveries] == expected
            assert page.next == expected[-1]
            assert looked_at <= 4 * LIMIT, (state, before)


async def test_a_page_by_a_rare_filter_ends_early_and_the_last_one_has_it(
    database: Database,
) -> None:
    times = {"from_ms": NINE_MS, "to_ms": NINE_MS + 8 * MANY}
    for state, ids in (await fill(database)).items():
        for more in ({"target": "rare"}, {"endpoint": "http://rare", "kind": "gateway", **times}):
            page, looked_at = await measured(database, selected(state, **more), None)
            assert (page.deliveries, page.next) == ([], ids[SCANNED - 1])
            assert looked_at <= 4 * SCANNED, (state, more)
            while page.next is not None:
                assert not page.deliveries
                page, _ = await measured(database, selected(state, **more), page.next)
            assert [delivery.id for delivery in page.deliveries] == ids[-1:]


async def measured(
    database: Database, selection: DeliverySelection, before: str | None
) -> tuple[DeliveryPage, float]:
    """Return a page, and the number of deliveries that the database looked at for it."""
    read = partial(read_page, selection=selection, limit=LIMIT, before=before)
    return await database.read(partial(_measured, read=read))


def _measured(
    connection: Connection, read: Callable[[Connection], DeliveryPage]
) -> tuple[DeliveryPage, float]:
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        return _in_steps(connection, driver, read)
    with noted_statements() as noted:
        page = read(connection)
    # What was set for the transaction is in force for the plans too.
    asked = [each for each in noted if each[0].startswith("SELECT")]
    explain = "EXPLAIN (ANALYZE, FORMAT JSON) "
    plans: list[Any] = [
        connection.exec_driver_sql(explain + text, values).scalar() for text, values in asked
    ]
    return page, sum(_rows_read(plan[0]["Plan"]) for plan in plans)


def _in_steps(
    connection: Connection, driver: sqlite3.Connection, read: Callable[[Connection], DeliveryPage]
) -> tuple[DeliveryPage, float]:
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    driver.set_progress_handler(count, STEPS_A_ROW)
    try:
        return read(connection), steps
    finally:
        driver.set_progress_handler(None, 0)


def _rows_read(plan: dict[str, Any]) -> float:
    own = 0.0
    if plan.get("Relation Name") == "deliveries":
        removed = plan.get("Rows Removed by Filter", 0)
        own = (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    return own + sum(_rows_read(child) for child in plan.get("Plans", []))
