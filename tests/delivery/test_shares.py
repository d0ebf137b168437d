"""The first to come leave something for those who come later."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text

from reliability import IS_FULL, ROOT, Figures, scaled
from sqlite_steps import count_steps
from tallystick.delivery import dispatcher, sql
from tallystick.delivery.leases import claim_deliveries
from tallystick.delivery.shares import Lane, SharedPool
from tallystick.delivery.tables import deliveries

CAPACITY = 256


def lane(tenant: int, endpoint: int = 0) -> Lane:
    return Lane(f"tenant {tenant}", f"http://{endpoint}.example:80")


def fill(pool: SharedPool, *lanes: Lane) -> Counter[Lane]:
    """Let lanes that always want more take all that they may get, one after the other."""
    taken: Counter[Lane] = Counter()
    while admitted := [each for each in lanes if pool.admits_share(each, 1)]:
        for each in admitted:
            if pool.admits_share(each, 1):
                pool.take_share(each, 1)
                taken[each] += 1
    return taken


def test_one_lane_alone_may_have_half_of_what_is_no_reserve() -> None:
    pool = SharedPool(CAPACITY)
    assert fill(pool, lane(0)) == {lane(0): 96}


def test_twenty_greedy_tenants_have_equal_shares_and_leave_one_as_large() -> None:
    pool = SharedPool(CAPACITY)
    taken = fill(pool, *map(lane, range(20)))
    assert set(taken.values()) <= {9, 10}
    assert fill(pool, lane(20))[lane(20)] >= 5


def test_twenty_endpoints_of_one_tenant_leave_a_place_for_its_next_one() -> None:
    pool = SharedPool(CAPACITY)
    taken = fill(pool, *(lane(0, endpoint) for endpoint in range(20)))
    assert max(taken.values()) <= 7
    assert pool.admits_share(lane(0, 20), 1)


def test_a_tenant_with_endpoints_without_number_leaves_the_reserve_to_others() -> None:
    pool = SharedPool(CAPACITY)
    fill(pool, *(lane(0, endpoint) for endpoint in range(300)))
    assert pool.held == CAPACITY * 3 // 4
    others = fill(pool, *(lane(tenant) for tenant in range(1, 300)))
    assert set(others.values()) == {1}
    assert pool.held == CAPACITY


def test_what_came_one_after_the_other_is_shared_anew_as_it_ends() -> None:
    pool = SharedPool(CAPACITY)
    first = [lane(tenant) for tenant in range(10)]
    taken: Counter[Lane] = Counter()
    for each in first:
        taken += fill(pool, each)
    assert taken[first[0]] > 10 * taken[first[-1]]
    for _ in range(3 * CAPACITY):  # whichever has most ends one, and all want more
        pool.return_share(taken.most_common(1)[0][0], 1)
        taken[taken.most_common(1)[0][0]] -= 1
        taken += fill(pool, *first)
    assert max(taken.values()) - min(taken.values()) <= 2


def test_the_first_of_all_may_be_larger_than_the_pool_and_nothing_comes_beside_it() -> None:
    pool = SharedPool(100)
    assert pool.admits_share(lane(0), 1_000)
    pool.take_share(lane(0), 1_000)
    assert not pool.admits_share(lane(1), 1)


def test_the_room_is_how_often_one_more_is_admitted() -> None:
    pool = SharedPool(CAPACITY)
    for taken in range(120):
        pool.take_share(lane(taken % 7, taken % 3), 1)
        for each in (lane(0), lane(1, 1), lane(99)):
            expected = fill(pool.copy(), each)[each]
            assert abs(pool.count_free(each) - expected) <= 1
            assert bool(pool.count_free(each)) == pool.admits_share(each, 1)


def test_what_is_given_back_is_forgotten() -> None:
    pool = SharedPool(CAPACITY)
    pool.take_share(lane(0), 3)
    pool.return_share(lane(0), 3)
    assert (pool.held, pool._tenants, pool._lanes) == (0, Counter(), Counter())


@pytest.mark.reliability("A slow endpoint among many")
@pytest.mark.anyio
async def test_a_healthy_endpoint_is_served_beside_twenty_that_never_answer(
    small_world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "GRACE_S", 0)
    # Other addresses of this machine are other endpoints.
    for address in range(2, 22):
        for _ in range(20):
            await small_world.send(f"http://127.0.0.{address}:{endpoint.port}/hang")
    while endpoint.paths.count("/hang") < 40:
        await asyncio.sleep(0.01)
    served = [await small_world.send(f"{endpoint.url}/ok") for _ in range(10)]
    async with asyncio.timeout(30):
        while [await small_world.states(event) for event in served] != [["done"]] * 10:
            await asyncio.sleep(0.01)
    # Three quarters of 64, and one of the reserve for each that came too late.
    assert endpoint.paths.count("/hang") < 64
    await small_world.dispatcher.close()


@pytest.mark.reliability("A slow endpoint among many")
def test_a_healthy_endpoint_hardly_notices_twenty_slow_ones(figures: Figures) -> None:
    command = [sys.executable, "-m", "benchmarks.fairness", "--events", str(EVENTS)]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    alone, beside = ([float(word) for word in line.split()] for line in printed.splitlines()[1:])
    figures.note(
        slow_endpoints=int(beside[0]),
        events=EVENTS,
        p99=f"{alone[2]} ms without and {beside[2]} ms with them",
    )
    assert not IS_FULL or beside[2] <= 2 * alone[2]


EVENTS = scaled(50, 1_000)
BACKLOG = scaled(5_000, 300_000)
PART = 10_000
"""Deliveries that a database stores before anybody would take it for away."""


@pytest.mark.reliability("A dead endpoint with a backlog")
@pytest.mark.anyio
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_claim_takes_no_more_steps_however_much_waits_for_one_endpoint(
    world: Any, figures: Figures
) -> None:
    await world.dispatcher.close()

    def claim(connection: Connection) -> None:
        claims, _ = claim_deliveries(connection, world.demand(), world.clock.now_ms())
        assert len(claims) == 17

    def steps(connection: Connection) -> int:
        counted = count_steps(connection, claim)
        connection.execute(text("UPDATE deliveries SET state = 'pending'"))
        return counted

    await _store_in_parts(world, 100)
    few = await world.database.write(steps)
    await _store_in_parts(world, BACKLOG)
    many = await world.database.write(steps)
    figures.note(backlog=BACKLOG, steps=f"{many * 10:,}, and {few * 10:,} for a backlog of 100")
    assert many < 1.2 * few


@pytest.mark.reliability("A dead endpoint with a backlog")
@pytest.mark.anyio
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_claim_reads_no_more_rows_than_it_may_take(world: Any, figures: Figures) -> None:
    await world.dispatcher.close()
    await _store_in_parts(world, BACKLOG)

    def read(connection: Connection) -> list[int]:
        dialect = sql.dialect_of(connection)
        lanes = [[*_SLOW, 0, sql.EVER, 16], [*_FAST, 0, sql.EVER, 16]]
        given = {"rows": sql.given_rows(lanes), "cap": 16, "free": 64}
        return [
            _rows_read(connection, dialect.due_lanes(), {"now": world.clock.now_ms()}),
            _rows_read(connection, dialect.claimable(), given),
        ]

    lanes, claimed = await world.database.write(read)
    figures.note(backlog=BACKLOG, rows=f"{lanes} to find who waits, {claimed} to claim 17")
    assert lanes <= 10
    assert claimed <= 60


_SLOW = ("tenant/slow", "http://slow.example:80")
_FAST = ("tenant/fast", "http://fast.example:80")


async def _store_in_parts(world: Any, count: int) -> None:
    """Store deliveries to a slow endpoint, and one to a fast one."""
    await world.database.write(lambda c: c.execute(text("DELETE FROM deliveries")).rowcount)
    rows = [*(_row(number, *_SLOW) for number in range(count)), _row(count, *_FAST)]
    for start in range(0, len(rows), PART):
        part = rows[start : start + PART]
        await world.database.write(
            lambda c, part=part: c.execute(insert(deliveries), part).rowcount
        )


def _put(connection: Connection, rows: list[dict[str, Any]]) -> int:
    return connection.execute(insert(deliveries), rows).rowcount


def _row(number: int, tenant: str, endpoint: str) -> dict[str, Any]:
    id_ = f"{number:08}"
    return dict.fromkeys(deliveries.c.keys(), 0) | {
        "id": f"{id_}_test_1", "event_id": id_, "kind": "test", "target": "1", "owner": "",
        "detail": "", "state": "pending", "tenant": tenant, "endpoint": endpoint, "due": number,
    }  # fmt: skip


def _rows_read(connection: Connection, statement: Any, parameters: Any) -> int:
    """Count the rows that were read of the table and its indexes."""
    explain = text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}")
    [found] = connection.scalar(explain, parameters)
    return _scanned(found["Plan"])


def _scanned(plan: dict[str, Any]) -> int:
    own = 0
    if plan.get("Relation Name") == "deliveries":
        removed = plan.get("Rows Removed by Filter", 0)
        own = int((plan["Actual Rows"] + removed) * plan["Actual Loops"])
    return own + sum(_scanned(child) for child in plan.get("Plans", []))
