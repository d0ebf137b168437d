"""Deliveries are counted by the partial indexes, up to a bound."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, text

from tallystick.delivery import backlog
from tallystick.delivery.backlog import counting, read_backlog
from tallystick.delivery.delivery import Delivery, DeliveryState
from tallystick.delivery.tables import deliveries, targets
from tallystick.events.ids import lowest_id
from tallystick.store import Database

pytestmark = pytest.mark.anyio

NOW_MS = 1_767_268_800_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["file", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    if request.param == "file":
        url = f"sqlite:///{tmp_path / 'tallystick.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    made = Database(url)
    await made.open()
    yield made
    await made.close()


def row(number: int, state: str, kind: str = "gateway") -> dict[str, Any]:
    event = lowest_id(NOW_MS - 1_000 * number)
    return Delivery(
        f"{event}_{kind}_a", event, kind, "a", "http://a", 0, 0, state, 0, 0, 0, 0, "", 0, "", ""
    )._asdict()


async def store(database: Database, table: Table, rows: list[dict[str, Any]]) -> None:
    await database.write(lambda connection: connection.execute(insert(table), rows).rowcount)


async def read(database: Database) -> dict[str, Any]:
    families = await database.read(lambda c: list(read_backlog(c, ["eventhos", "gateway"], NOW_MS)))
    return {family.name: family.samples for family in families}


async def test_deliveries_are_counted_by_kind_and_state(database: Database) -> None:
    rows = [row(1, "pending"), row(7, "pending"), row(3, "dead"), row(4, "dead", "eventhos")]
    rows += [row(n, "done") for n in range(10, 20)]
    await store(database, deliveries, rows)
    found = await read(database)
    counts = found["tallystick_deliveries"]
    assert {labels: count for labels, count in counts.items() if count} == {
        ("gateway", "pending"): 2,
        ("gateway", "dead"): 1,
        ("eventhos", "dead"): 1,
    }
    assert counts["eventhos", "held"] == 0
    assert found["tallystick_deliveries_pending"] == {(): 2}
    assert found["tallystick_oldest_pending_delivery_age_seconds"] == {(): 7}


async def test_a_count_ends_at_the_bound(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backlog, "COUNTED", 5)
    rows = [row(n, "dead") for n in range(9)]
    await store(database, deliveries, rows)
    assert (await read(database))["tallystick_deliveries"]["gateway", "dead"] == 5


async def test_endpoints_that_fail_or_are_off_are_counted(database: Database) -> None:
    failing = {"kind": "gateway", "failing_since": 1, "reason": ""}
    rows = [failing | {"target": "a", "off": None}, failing | {"target": "b", "off": 2}]
    await store(database, targets, rows)
    found = (await read(database))["tallystick_endpoints"]
    assert (found["gateway", "failing"], found["gateway", "off"]) == (1, 1)
    assert found["eventhos", "off"] == 0


@pytest.mark.parametrize(("state", "index"), [("pending", "pending"), ("dead", "kept")])
async def test_a_count_reads_the_partial_index_and_not_the_deliveries(
    database: Database, state: str, index: str
) -> None:
    rows = [row(n, "done") for n in range(5_000)]
    await store(database, deliveries, rows)

    def plan(connection: Connection) -> str:
        query = counting(DeliveryState(state)).compile(
            connection, compile_kwargs={"literal_binds": True}
        )
        explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
        return str(connection.execute(text(f"{explain} {query}")).all())

    assert f"deliveries_{index}" in await database.read(plan)
