"""Deliveries that have waited too long are found however many others wait."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from sqlite_steps import count_steps
from tallystick.delivery import overdue
from tallystick.delivery.delivery import Delivery
from tallystick.delivery.overdue import Overdue, find_overdue
from tallystick.delivery.tables import deliveries
from tallystick.events.ids import lowest_id
from tallystick.store import Database

pytestmark = pytest.mark.anyio

NOW_MS = 1_767_268_800_000
BEFORE_MS = NOW_MS - 60_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["file", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    is_file = request.param == "file"
    made = Database(
        f"sqlite:///{tmp_path}/x.db" if is_file else request.getfixturevalue("postgres_url")
    )
    await made.open()
    yield made
    await made.close()


def row(
    number: int, age_s: int, *, attempts: int = 0, due_s: int | None = None, state: str = "pending"
) -> dict[str, Any]:
    """Return a delivery of an event of some age, due so many seconds ago, by default at once."""
    event = lowest_id(NOW_MS - 1_000 * age_s)[:-6] + f"{number:06d}"
    due = NOW_MS - 1_000 * (age_s if due_s is None else due_s)
    retried, endpoint = int(attempts > 0 or due > NOW_MS), f"http://{number % 3}"
    texts = f"{event}_gateway_a", event, "gateway", "a", endpoint, 0, 0, state
    return Delivery(*texts, attempts, attempts, retried, due, "", 0, "", "t")._asdict()


def id_of(number: int, age_s: int) -> str:
    return str(row(number, age_s)["id"])


async def found(database: Database, *rows: dict[str, Any]) -> Overdue | None:
    await database.write(lambda connection: connection.execute(insert(deliveries), rows))
    return await database.read(lambda connection: find_overdue(connection, BEFORE_MS))


async def test_none_is_overdue(database: Database) -> None:
    tomorrow = row(1, 70, due_s=-86_400)
    ended = row(2, 70, attempts=1, state="done"), row(3, 70, state="waiting")
    young = row(4, 50), row(5, 50, attempts=1), row(6, 50, attempts=1, due_s=-5)
    replayed = row(7, 7_000, due_s=5)
    assert await found(database, tomorrow, *ended, *young, replayed) is None


async def test_what_is_overdue_stays_so_while_it_is_attempted(database: Database) -> None:
    first = row(1, 70, state="leased"), row(2, 70, state="leased", due_s=5)
    further = (
        row(3, 80, attempts=2, due_s=5, state="leased"),
        row(4, 50, attempts=2, state="leased"),
    )
    assert await found(database, *first, *further) == Overdue(2, True, id_of(3, 80))


async def test_first_attempts_and_further_ones_are_overdue(database: Database) -> None:
    first, later_on = row(1, 70), row(2, 80, attempts=2, due_s=-300)
    both, other_lane = row(3, 90, attempts=1), row(4, 65)
    expected = Overdue(4, True, id_of(3, 90))
    assert await found(database, first, later_on, both, other_lane, row(5, 10)) == expected


async def test_of_many_a_part_is_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overdue, "COUNTED", 3)
    assert await found(database, *(row(n, 70 + n) for n in range(3))) == Overdue(
        3, False, id_of(2, 72)
    )


def steps_of(connection: Connection) -> int:
    """Return how many tens of steps the search takes."""
    return count_steps(connection, lambda connection: find_overdue(connection, BEFORE_MS))


@pytest.mark.parametrize("database", ["file"], indirect=True)
async def test_deliveries_in_time_cost_nothing(database: Database) -> None:
    async def steps(first: int, number: int) -> int:
        young = [row(first + n, 5, attempts=n % 2) for n in range(number)]
        # Those of a used quota are old, and wait for their day.
        waiting = [row(first + number + n, 70, due_s=-86_400) for n in range(number)]
        await found(database, *young, *waiting, row(first + 2 * number, 80))
        return await database.read(steps_of)

    few = await steps(0, 100)
    assert await steps(1_000, 3_000) < 2 * few
